-- Answers to writes that came with an Idempotency-Key, for a day: a repeated request gets the answer of the first.
CREATE TABLE idempotency (
    caller TEXT NOT NULL,
    idem_key TEXT NOT NULL,
    request_digest BYTEA NOT NULL,
    status BIGINT NULL,
    body BYTEA NULL,
    created_at_us BIGINT NOT NULL,
    PRIMARY KEY (caller, idem_key)
);
CREATE INDEX idempotency_age ON idempotency (created_at_us);
