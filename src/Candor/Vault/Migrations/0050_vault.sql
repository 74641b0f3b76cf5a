-- Key-encryption keys, wrapped by the root key, which is never in the database.
CREATE TABLE kek (
    version BIGINT NOT NULL PRIMARY KEY,
    wrapped BYTEA NULL,
    state TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    destroyed_at_us BIGINT NULL
);
CREATE TABLE secret (
    name TEXT NOT NULL PRIMARY KEY,
    wrapped BYTEA NOT NULL,
    kek_version BIGINT NOT NULL
);
CREATE TABLE customer_key (
    customer_id TEXT NOT NULL PRIMARY KEY,
    audit_ref BYTEA NOT NULL,
    wrapped BYTEA NOT NULL,
    kek_version BIGINT NOT NULL,
    commitment BYTEA NOT NULL,
    created_at_us BIGINT NOT NULL
){clustered};
CREATE INDEX customer_key_kek ON customer_key (kek_version);
-- Keyed digests under which a customer is found. Pseudonymous personal data: gone with the customer.
CREATE TABLE customer_lookup (
    kind TEXT NOT NULL,
    digest BYTEA NOT NULL,
    customer_id TEXT NOT NULL,
    PRIMARY KEY (kind, digest)
){clustered};
CREATE INDEX customer_lookup_customer ON customer_lookup (customer_id);
CREATE TABLE sealed_field (
    customer_id TEXT NOT NULL,
    data_point TEXT NOT NULL,
    record_version BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    source TEXT NOT NULL,
    changed_at_us BIGINT NOT NULL,
    PRIMARY KEY (customer_id, data_point)
){clustered};
CREATE TABLE sealed_record (
    customer_id TEXT NOT NULL,
    data_point TEXT NOT NULL,
    record_id TEXT NOT NULL,
    time_us BIGINT NOT NULL,
    sealed BYTEA NOT NULL,
    source TEXT NOT NULL,
    stored_at_us BIGINT NOT NULL,
    PRIMARY KEY (customer_id, data_point, record_id)
){clustered};
