-- How it went with and without a use: counts of a day, with no customer in them.
CREATE TABLE outcome_count (
    day BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    held_out BIGINT NOT NULL,
    outcome TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (day, purpose, held_out, outcome)
);
