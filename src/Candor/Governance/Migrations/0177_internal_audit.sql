-- How often internal audits are drawn, and how large. Without a row: the usual.
CREATE TABLE internal_audit_plan (
    id BIGINT NOT NULL PRIMARY KEY,
    every TEXT NOT NULL,
    sample BIGINT NOT NULL
);
-- An audit: which stretch of the log it was drawn from, and the seed with which the draw can be made again.
CREATE TABLE internal_audit (
    audit_id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    from_idx BIGINT NOT NULL,
    to_idx BIGINT NOT NULL,
    seed TEXT NOT NULL,
    sample BIGINT NOT NULL,
    populations TEXT NOT NULL,
    drawn_at_us BIGINT NOT NULL,
    due_us BIGINT NOT NULL,
    closed_at_us BIGINT NULL
);
CREATE UNIQUE INDEX internal_audit_number ON internal_audit (number);
-- A drawn access by its place in the log, and what was found. Words stay here; their digest is in the log.
CREATE TABLE internal_audit_item (
    audit_id TEXT NOT NULL,
    idx BIGINT NOT NULL,
    stratum TEXT NOT NULL,
    verdict TEXT NULL,
    note TEXT NULL,
    reviewed_by TEXT NULL,
    reviewed_at_us BIGINT NULL,
    owner TEXT NULL,
    due_us BIGINT NULL,
    closed_by TEXT NULL,
    closed_at_us BIGINT NULL,
    closed_reason TEXT NULL,
    PRIMARY KEY (audit_id, idx)
){clustered};
-- What was done about a finding.
CREATE TABLE internal_audit_note (
    audit_id TEXT NOT NULL,
    idx BIGINT NOT NULL,
    position BIGINT NOT NULL,
    by_name TEXT NOT NULL,
    said TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (audit_id, idx, position)
){clustered};
