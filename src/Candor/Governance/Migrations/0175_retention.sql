-- How far the removal of what is older than its retention has come: after which customer, and null for the end while it is on its way.
CREATE TABLE retention_walk (
    id BIGINT NOT NULL PRIMARY KEY,
    started_at_us BIGINT NOT NULL,
    finished_at_us BIGINT NULL,
    after_customer TEXT NOT NULL,
    removed BIGINT NOT NULL,
    failed BIGINT NOT NULL
);
-- What was found to be older than its retention when it was last counted, with nobody in it.
CREATE TABLE retention_found (
    data_point TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    customers BIGINT NOT NULL,
    waiting BIGINT NOT NULL,
    oldest_us BIGINT NOT NULL
);
-- When that was.
CREATE TABLE retention_count (
    id BIGINT NOT NULL PRIMARY KEY,
    counted_at_us BIGINT NOT NULL
);
