CREATE TABLE staff (
    staff_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    training_until_us BIGINT NULL,
    disabled_at_us BIGINT NULL,
    created_at_us BIGINT NOT NULL
);
-- The token itself is not kept; it has 256 random bits, so its plain digest tells nothing.
CREATE TABLE session (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    session_ref TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    mfa_at_us BIGINT NULL,
    created_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    revoked_at_us BIGINT NULL
);
CREATE INDEX session_subject ON session (subject);
CREATE TABLE api_key (
    key_id TEXT NOT NULL PRIMARY KEY,
    secret_hash BYTEA NOT NULL,
    service TEXT NOT NULL,
    purposes TEXT NOT NULL,
    may TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    revoked_at_us BIGINT NULL
);
