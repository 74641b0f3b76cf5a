-- What a full run of 2,048 entries is about, so that a search passes over runs that hold nothing it looks for. Made after the fact, never on the path of a read.
CREATE TABLE audit_run (
    log BIGINT NOT NULL,
    bucket BIGINT NOT NULL,
    first_us BIGINT NOT NULL,
    last_us BIGINT NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (log, bucket)
);
-- How far each kind of look at the log has come: making the runs above, checking hashes, watching for anomalies.
CREATE TABLE audit_walk (
    log BIGINT NOT NULL,
    walk TEXT NOT NULL,
    idx BIGINT NOT NULL,
    changed_at_us BIGINT NOT NULL,
    since_us BIGINT NULL,
    finished_at_us BIGINT NULL,
    finding TEXT NULL,
    found_at_us BIGINT NULL,
    PRIMARY KEY (log, walk)
);
-- The checkpoints of each day, which were mailed.
CREATE TABLE audit_checkpoint (
    log BIGINT NOT NULL,
    day TEXT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    note TEXT NOT NULL,
    made_at_us BIGINT NOT NULL,
    PRIMARY KEY (log, day)
);
