CREATE TABLE audit_entry (
    log BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    entry_id TEXT NOT NULL,
    customer_ref BYTEA NULL,
    bucket BIGINT NOT NULL,
    time_us BIGINT NOT NULL,
    entry BYTEA NOT NULL,
    PRIMARY KEY (log, idx)
){clustered};
CREATE INDEX audit_entry_id ON audit_entry (entry_id);
-- By customer within a run of entries, so that appending touches the same few pages of the index again and again,
-- and not one page somewhere for each entry.
CREATE INDEX audit_entry_customer ON audit_entry (bucket, customer_ref);
-- PostgreSQL: entries that are durable and wait for their place in the tree.
CREATE TABLE audit_pending (
    log BIGINT NOT NULL,
    arrived_us BIGINT NOT NULL,
    entry_id TEXT NOT NULL,
    customer_ref BYTEA NULL,
    time_us BIGINT NOT NULL,
    entry BYTEA NOT NULL,
    PRIMARY KEY (log, entry_id)
);
CREATE INDEX audit_pending_customer ON audit_pending (customer_ref);
-- Full tiles only; the right edge is computed from the entries and from the roots of the tiles below.
CREATE TABLE audit_tile (
    log BIGINT NOT NULL,
    level BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    hashes BYTEA NOT NULL,
    root BYTEA NOT NULL,
    PRIMARY KEY (log, level, idx)
);
CREATE TABLE audit_head (
    log BIGINT NOT NULL PRIMARY KEY,
    origin TEXT NOT NULL,
    size BIGINT NOT NULL,
    root BYTEA NOT NULL,
    signed_size BIGINT NOT NULL,
    signed_root BYTEA NULL,
    signed_note TEXT NULL
);
