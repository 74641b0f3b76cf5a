-- One-time links: to set up an account, or to set it up anew. Only the digest of 256 random bits is kept.
-- Without a staff_id it is for the first administrator, who says who they are.
CREATE TABLE staff_invitation (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    staff_id TEXT NULL,
    made_by TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    used_at_us BIGINT NULL
);
CREATE INDEX staff_invitation_staff ON staff_invitation (staff_id);
CREATE TABLE staff_passkey (
    credential_id BYTEA NOT NULL PRIMARY KEY,
    passkey_ref TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    name TEXT NOT NULL,
    public_key BYTEA NOT NULL,
    sign_count BIGINT NOT NULL,
    transports TEXT NOT NULL,
    is_backup_eligible BIGINT NOT NULL,
    is_backed_up BIGINT NOT NULL,
    created_at_us BIGINT NOT NULL,
    last_used_us BIGINT NULL
);
CREATE INDEX staff_passkey_staff ON staff_passkey (staff_id);
-- Password and authenticator of a member of staff; either may be missing. What the authenticator shares is sealed.
CREATE TABLE staff_secret (
    staff_id TEXT NOT NULL PRIMARY KEY,
    password_hash TEXT NULL,
    totp_sealed BYTEA NULL,
    totp_pending BYTEA NULL,
    totp_last_step BIGINT NOT NULL,
    changed_at_us BIGINT NOT NULL
);
-- Keyed digests of codes that each count once.
CREATE TABLE staff_recovery_code (
    code_mark BYTEA NOT NULL PRIMARY KEY,
    staff_id TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    used_at_us BIGINT NULL
);
CREATE INDEX staff_recovery_code_staff ON staff_recovery_code (staff_id);
