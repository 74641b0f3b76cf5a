CREATE TABLE catalog_version (
    version BIGINT NOT NULL PRIMARY KEY,
    text TEXT NOT NULL,
    digest TEXT NOT NULL,
    applied_at_us BIGINT NOT NULL,
    applied_by TEXT NOT NULL,
    decision TEXT NULL
);
CREATE TABLE catalog_active (
    id BIGINT NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL
);
-- The first version whose consents still count, by purpose.
CREATE TABLE catalog_consent_since (
    version BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (version, purpose)
);
