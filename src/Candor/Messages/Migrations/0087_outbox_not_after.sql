-- After which instant a message is of no use any more; it is dropped then, not sent late.
ALTER TABLE outbox ADD COLUMN not_after_us BIGINT NULL;
