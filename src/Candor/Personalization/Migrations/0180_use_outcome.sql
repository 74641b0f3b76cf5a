-- How a use came out for a customer in one week: yes or no, never with what. Counted by group when the week is over, and removed then; gone with the consent to the use.
CREATE TABLE use_outcome (
    customer_id TEXT NOT NULL,
    week BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    outcome TEXT NOT NULL,
    is_yes BIGINT NOT NULL,
    PRIMARY KEY (customer_id, week, purpose, outcome)
){clustered};
CREATE INDEX use_outcome_week ON use_outcome (week);
-- Uses that are paused, or were. There is no customer in it.
CREATE TABLE use_pause (
    pause_id TEXT NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,
    week BIGINT NOT NULL,
    paused_at_us BIGINT NOT NULL,
    ended_at_us BIGINT NULL,
    ended_by TEXT NULL,
    reason TEXT NULL
);
