-- Customers that an agent found today, under a random name that stands in the address of the page. Case and emergency are sealed; gone after a day.
CREATE TABLE desk_visit (
    customer_id TEXT NOT NULL,
    visit_id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    opened_at_us BIGINT NOT NULL,
    PRIMARY KEY (customer_id, visit_id)
){clustered};
CREATE INDEX desk_visit_id ON desk_visit (visit_id);
CREATE INDEX desk_visit_age ON desk_visit (opened_at_us);
-- Questions for consent that an agent had put to a customer. The answer is what the customer's ledger says, and nowhere else.
CREATE TABLE consent_question (
    customer_id TEXT NOT NULL,
    question_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    asked_at_us BIGINT NOT NULL,
    PRIMARY KEY (customer_id, question_id)
){clustered};
-- Reads in an emergency, for a privacy officer to look into. Reason and finding are sealed under the customer's key and go with it; the log keeps that it was.
CREATE TABLE emergency_read (
    customer_id TEXT NOT NULL,
    emergency_id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    reason BYTEA NOT NULL,
    at_us BIGINT NOT NULL,
    checked_at_us BIGINT NULL,
    checked_by TEXT NULL,
    was_justified BIGINT NULL,
    finding BYTEA NULL,
    PRIMARY KEY (customer_id, emergency_id)
){clustered};
CREATE INDEX emergency_read_at ON emergency_read (at_us);
CREATE INDEX emergency_read_id ON emergency_read (emergency_id);
