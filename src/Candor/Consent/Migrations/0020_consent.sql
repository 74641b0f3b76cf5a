CREATE TABLE consent_state (
    customer_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    state TEXT NOT NULL,
    version BIGINT NOT NULL,
    catalog_version BIGINT NOT NULL,
    notice_hash TEXT NOT NULL,
    changed_at_us BIGINT NOT NULL,
    expires_at_us BIGINT,
    PRIMARY KEY (customer_id, purpose)
) {clustered};

CREATE INDEX consent_state_due ON consent_state (expires_at_us) WHERE state = 'given';

CREATE TABLE consent_record (
    customer_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    record_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    event TEXT NOT NULL,
    catalog_version BIGINT NOT NULL,
    notice_hash TEXT NOT NULL,
    language TEXT NOT NULL,
    method TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    expires_at_us BIGINT,
    PRIMARY KEY (customer_id, version)
) {clustered};

CREATE TABLE notice (
    hash TEXT NOT NULL PRIMARY KEY,
    language TEXT NOT NULL,
    catalog_version BIGINT NOT NULL,
    text TEXT NOT NULL,
    created_at_us BIGINT NOT NULL
);

CREATE TABLE notice_purpose (
    catalog_version BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (catalog_version, hash, purpose)
) {clustered};
