-- Keyed digests of order numbers, under which a customer is found at the desk. Two customers may share a number: then neither is found by it.
CREATE TABLE order_look_up (
    customer_id TEXT NOT NULL,
    data_point TEXT NOT NULL,
    record_id TEXT NOT NULL,
    digest BYTEA NOT NULL,
    PRIMARY KEY (customer_id, data_point, record_id)
){clustered};
CREATE INDEX order_look_up_digest ON order_look_up (digest);
