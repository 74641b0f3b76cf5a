-- What members of staff did in the log, one row an entry, for 30 days: what anomalies are judged by. The customer is the first 8 bytes of the log's random reference.
CREATE TABLE audit_act (
    log BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    actor TEXT NOT NULL,
    time_us BIGINT NOT NULL,
    act TEXT NOT NULL,
    customer BIGINT NULL,
    purpose TEXT NULL,
    PRIMARY KEY (log, idx)
);
CREATE INDEX audit_act_actor ON audit_act (actor, time_us);
-- Of programs, how many reads and denials an hour.
CREATE TABLE audit_act_hour (
    log BIGINT NOT NULL,
    actor TEXT NOT NULL,
    hour BIGINT NOT NULL,
    reads BIGINT NOT NULL,
    denials BIGINT NOT NULL,
    first_idx BIGINT NOT NULL,
    last_idx BIGINT NOT NULL,
    PRIMARY KEY (log, actor, hour)
);
-- What was found, with the entries that show it, and what a privacy officer said about it.
CREATE TABLE audit_finding (
    finding_id TEXT NOT NULL PRIMARY KEY,
    log BIGINT NOT NULL,
    rule TEXT NOT NULL,
    actor TEXT NOT NULL,
    from_us BIGINT NOT NULL,
    to_us BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    usual BIGINT NOT NULL,
    entries TEXT NOT NULL,
    found_at_us BIGINT NOT NULL,
    mailed_at_us BIGINT NULL,
    state TEXT NOT NULL,
    reviewed_by TEXT NULL,
    reviewed_at_us BIGINT NULL,
    words TEXT NULL
);
CREATE INDEX audit_finding_found ON audit_finding (found_at_us, finding_id);
