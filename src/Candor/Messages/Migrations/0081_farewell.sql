-- The last messages to people whose key was destroyed in the same transaction. Sealed under a secret of the platform; gone when sent, and after a week.
CREATE TABLE farewell (
    message_id TEXT NOT NULL PRIMARY KEY,
    template TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    not_before_us BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_until_us BIGINT NULL,
    outcome TEXT NULL,
    delete_at_us BIGINT NOT NULL
){clustered};
CREATE INDEX farewell_due ON farewell (not_before_us);
