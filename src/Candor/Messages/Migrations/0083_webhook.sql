-- Where other systems of the business are told. The secret is sealed.
CREATE TABLE webhook (
    webhook_id TEXT NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    types TEXT NOT NULL,
    secret BYTEA NOT NULL,
    allow_private BIGINT NOT NULL,
    created_at_us BIGINT NOT NULL,
    disabled_at_us BIGINT NULL
);
-- What they are told: one row an event and webhook. The customer's id is empty where the customer's key is gone; the body is then sealed under a secret of the platform.
CREATE TABLE webhook_delivery (
    customer_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    webhook_id TEXT NOT NULL,
    type TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    state TEXT NOT NULL,
    not_before_us BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_until_us BIGINT NULL,
    outcome TEXT NULL,
    created_at_us BIGINT NOT NULL,
    changed_at_us BIGINT NOT NULL,
    PRIMARY KEY (customer_id, event_id, webhook_id)
){clustered};
CREATE INDEX webhook_delivery_due ON webhook_delivery (state, not_before_us);
