-- Messages that wait to be sent. The texts' values are sealed under the customer's key and go with it.
CREATE TABLE outbox (
    customer_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    template TEXT NOT NULL,
    purpose TEXT NULL,
    sealed BYTEA NOT NULL,
    state TEXT NOT NULL,
    not_before_us BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_until_us BIGINT NULL,
    outcome TEXT NULL,
    created_at_us BIGINT NOT NULL,
    changed_at_us BIGINT NOT NULL,
    PRIMARY KEY (customer_id, message_id)
){clustered};
CREATE INDEX outbox_due ON outbox (state, not_before_us);
