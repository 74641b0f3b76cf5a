-- Rights requests. After an erasure the row stays 24 months without a customer: type, dates and outcome, nothing that tells who.
-- asked_digest: keyed digest of a reference that nobody is known by, so that a program cannot tell strangers from customers.
CREATE TABLE rights_request (
    customer_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    channel TEXT NOT NULL,
    law TEXT NOT NULL,
    purpose TEXT NULL,
    filed_by TEXT NOT NULL,
    asked_digest BYTEA NULL,
    received_at_us BIGINT NOT NULL,
    acknowledge_by_us BIGINT NOT NULL,
    gdpr_due_us BIGINT NOT NULL,
    ccpa_due_us BIGINT NOT NULL,
    due_us BIGINT NOT NULL,
    extended_at_us BIGINT NULL,
    run_at_us BIGINT NULL,
    ready_until_us BIGINT NULL,
    closed_at_us BIGINT NULL,
    outcome TEXT NULL,
    steps BIGINT NOT NULL,
    PRIMARY KEY (customer_id, request_id)
){clustered};
CREATE INDEX rights_request_id ON rights_request (request_id);
CREATE INDEX rights_request_due ON rights_request (closed_at_us, due_us);
-- What happened to a request, in order; the note is sealed under the customer's key.
CREATE TABLE rights_request_step (
    customer_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    step BIGINT NOT NULL,
    state TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NULL,
    note BYTEA NULL,
    PRIMARY KEY (customer_id, request_id, step)
){clustered};
