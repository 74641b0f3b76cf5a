-- The look-up digest of the customer that a kept answer is about, so that erasure takes the answer too.
ALTER TABLE idempotency ADD COLUMN subject BYTEA NULL;
CREATE INDEX idempotency_subject ON idempotency (subject)
