-- Weeks that are counted by group, or are being counted.
CREATE TABLE fairness_week (
    week BIGINT NOT NULL PRIMARY KEY,
    claimed_until_us BIGINT NOT NULL,
    closed_at_us BIGINT NULL
);
-- How uses came out for groups of customers in a week. There is no customer in it, and no group of 1 to 9. The group '' is everybody without one.
CREATE TABLE fairness_count (
    week BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    outcome TEXT NOT NULL,
    attribute TEXT NOT NULL,
    group_value TEXT NOT NULL,
    whole BIGINT NOT NULL,
    part BIGINT NOT NULL,
    is_few BIGINT NOT NULL,
    PRIMARY KEY (week, purpose, outcome, attribute, group_value)
);
-- What an audit found, as the limits stood then.
CREATE TABLE fairness_finding (
    week BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    outcome TEXT NOT NULL,
    attribute TEXT NOT NULL,
    group_value TEXT NOT NULL,
    kind TEXT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    bound DOUBLE PRECISION NOT NULL,
    low DOUBLE PRECISION NOT NULL,
    high DOUBLE PRECISION NOT NULL,
    is_sure BIGINT NOT NULL,
    PRIMARY KEY (week, purpose, outcome, attribute, group_value, kind)
);
