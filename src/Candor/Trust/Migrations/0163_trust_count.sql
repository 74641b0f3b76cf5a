-- Who did what in a month that is not over yet, so that everybody is counted once: a keyed mark of the month, and the day on which it was first seen. Gone when the month is closed.
CREATE TABLE trust_seen (
    month BIGINT NOT NULL,
    measure TEXT NOT NULL,
    about TEXT NOT NULL,
    person TEXT NOT NULL,
    day BIGINT NOT NULL,
    PRIMARY KEY (month, measure, about, person)
){clustered};
-- Counts of a day, with nobody in them.
CREATE TABLE trust_count (
    day BIGINT NOT NULL,
    measure TEXT NOT NULL,
    about TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (day, measure, about)
){clustered};
-- Days that are closed: what was to be counted of them is.
CREATE TABLE trust_day (
    day BIGINT NOT NULL PRIMARY KEY,
    closed_at_us BIGINT NOT NULL
);
