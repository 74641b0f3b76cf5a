-- The first consent record that a confirmation tells of; it is no personal data, and must be known before anything is open.
ALTER TABLE outbox ADD COLUMN about BIGINT NULL;
CREATE INDEX outbox_ended ON outbox (state, changed_at_us);
