-- Guesses at an account: by a keyed digest of the address typed, known here or not, and of who guesses.
CREATE TABLE staff_attempt (
    attempt_id TEXT NOT NULL PRIMARY KEY,
    account BYTEA NOT NULL,
    asker BYTEA NOT NULL,
    is_known BIGINT NOT NULL,
    at_us BIGINT NOT NULL
);
CREATE INDEX staff_attempt_account ON staff_attempt (account, at_us);
-- What is under way between two requests: a passkey's challenge, or a password that was right and waits for its code. Each counts once.
CREATE TABLE staff_step (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    staff_id TEXT NULL,
    state TEXT NOT NULL,
    expires_at_us BIGINT NOT NULL
);
-- Who a member of staff is at the OpenID provider.
CREATE TABLE staff_identity (
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    linked_at_us BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);
CREATE INDEX staff_identity_staff ON staff_identity (staff_id);
