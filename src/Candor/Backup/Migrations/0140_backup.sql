-- Backups that were made, and what became of them.
CREATE TABLE backup (
    backup_id TEXT NOT NULL PRIMARY KEY,
    path TEXT NOT NULL,
    state TEXT NOT NULL,
    made_by TEXT NOT NULL,
    began_at_us BIGINT NOT NULL,
    ended_at_us BIGINT NULL,
    bytes BIGINT NULL,
    log_size BIGINT NULL,
    kek_versions TEXT NULL,
    every TEXT NULL,
    kept BIGINT NULL,
    reason TEXT NULL
);
CREATE INDEX backup_began ON backup (began_at_us);
-- A database that comes from a backup says so itself. Nothing is read from it until what happened since was done again.
CREATE TABLE restored (
    restored_id TEXT NOT NULL PRIMARY KEY,
    made_at_us BIGINT NOT NULL,
    log_size BIGINT NOT NULL,
    log_root BYTEA NOT NULL,
    ledger_size BIGINT NULL,
    finished_at_us BIGINT NULL
);
