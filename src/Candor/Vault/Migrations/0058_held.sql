-- What the law makes the business keep of an erased customer: a fresh key for each, found by a keyed digest, with no link to who they were here.
CREATE TABLE held_key (
    held_id TEXT NOT NULL PRIMARY KEY,
    digest BYTEA NOT NULL,
    audit_ref BYTEA NOT NULL,
    wrapped BYTEA NOT NULL,
    kek_version BIGINT NOT NULL,
    commitment BYTEA NOT NULL
){clustered};
-- Not unique: the reference may have belonged to one customer after another.
CREATE INDEX held_key_digest ON held_key (digest);
CREATE INDEX held_key_kek ON held_key (kek_version);
CREATE TABLE held_record (
    held_id TEXT NOT NULL,
    data_point TEXT NOT NULL,
    record_id TEXT NOT NULL,
    time_us BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (held_id, data_point, record_id)
){clustered};
CREATE INDEX held_record_until ON held_record (until_us)
