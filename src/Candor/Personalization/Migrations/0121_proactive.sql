-- When a customer is to be looked at for a rule that writes to customers. The row says nothing of why. While there is one of left carts, a cart is open.
CREATE TABLE proactive_due (
    customer_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    due_at_us BIGINT NOT NULL,
    mark TEXT NOT NULL,
    is_told BIGINT NOT NULL,
    PRIMARY KEY (customer_id, rule)
){clustered};
CREATE INDEX proactive_due_at ON proactive_due (due_at_us);
-- What a customer was written to about, so that nobody is written to twice or too often: a keyed mark, and when.
CREATE TABLE proactive_message (
    customer_id TEXT NOT NULL,
    rule TEXT NOT NULL,
    about TEXT NOT NULL,
    message_id TEXT NOT NULL,
    queued_at_us BIGINT NOT NULL,
    PRIMARY KEY (customer_id, rule, about)
){clustered};
CREATE INDEX proactive_message_age ON proactive_message (queued_at_us);
-- How far the look at all customers has come that a new catalog makes necessary.
CREATE TABLE proactive_walk (
    id BIGINT NOT NULL PRIMARY KEY,
    catalog_version BIGINT NOT NULL,
    after_customer TEXT NULL
);
