-- When a customer was last reminded, and when to look at them again. One row a customer who has made a choice.
CREATE TABLE reminder (
    customer_id TEXT NOT NULL PRIMARY KEY,
    due_at_us BIGINT NULL,
    sent_at_us BIGINT NULL,
    refusals_asked_at_us BIGINT NULL,
    expiry_asked_at_us BIGINT NULL
){clustered};
CREATE INDEX reminder_due ON reminder (due_at_us);
-- How far the look at all customers has come that a new catalog, or an older installation, makes necessary.
CREATE TABLE reminder_walk (
    id BIGINT NOT NULL PRIMARY KEY,
    catalog_version BIGINT NOT NULL,
    after_customer TEXT NULL
);
