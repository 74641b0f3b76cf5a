-- What customers corrected or want corrected. Both values are sealed under the customer's key and go with it.
CREATE TABLE correction (
    customer_id TEXT NOT NULL,
    correction_id TEXT NOT NULL,
    data_point TEXT NOT NULL,
    state TEXT NOT NULL,
    proposed BYTEA NOT NULL,
    former BYTEA NULL,
    former_version BIGINT NULL,
    reason BYTEA NULL,
    decided_by TEXT NULL,
    asked_at_us BIGINT NOT NULL,
    decided_at_us BIGINT NULL,
    PRIMARY KEY (customer_id, correction_id)
){clustered};
CREATE INDEX correction_waiting ON correction (state, asked_at_us);
