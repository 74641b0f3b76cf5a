-- Requests for a link by e-mail. The address is a keyed digest, the token and the browser's secret are plain digests of 256 random bits.
CREATE TABLE sign_in_link (
    request_id TEXT NOT NULL PRIMARY KEY,
    address BYTEA NOT NULL,
    asker BYTEA NOT NULL,
    is_known BIGINT NOT NULL,
    browser_hash BYTEA NOT NULL,
    language TEXT NOT NULL,
    go_to TEXT NOT NULL,
    state TEXT NOT NULL,
    token_hash BYTEA NULL,
    subject TEXT NULL,
    asked_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL
);
CREATE UNIQUE INDEX sign_in_link_token ON sign_in_link (token_hash);
CREATE INDEX sign_in_link_due ON sign_in_link (state, asked_at_us);
CREATE INDEX sign_in_link_address ON sign_in_link (address, asked_at_us);
CREATE INDEX sign_in_link_subject ON sign_in_link (subject);
-- Signed tokens that have been used, until they would have run out anyway.
CREATE TABLE sign_in_token_used (
    token_hash BYTEA NOT NULL PRIMARY KEY,
    expires_at_us BIGINT NOT NULL
);
CREATE INDEX sign_in_token_used_end ON sign_in_token_used (expires_at_us);
-- Browsers that were sent to the OpenID provider and are expected back.
CREATE TABLE sign_in_flow (
    state_hash BYTEA NOT NULL PRIMARY KEY,
    browser_hash BYTEA NOT NULL,
    go_to TEXT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    used_at_us BIGINT NULL
);
CREATE INDEX sign_in_flow_end ON sign_in_flow (expires_at_us);
