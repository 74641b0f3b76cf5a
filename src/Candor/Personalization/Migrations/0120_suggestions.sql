-- What a customer said about their suggestions: items not to suggest, and items of which nothing is used. Sealed under the customer's key.
CREATE TABLE suggestion_wish (
    customer_id TEXT NOT NULL,
    wish_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at_us BIGINT NOT NULL,
    PRIMARY KEY (customer_id, wish_id)
){clustered};

-- Customers whose choices changed, in the order in which the changes were committed, so that other nodes forget before they answer. Kept for a day.
CREATE TABLE suggestion_change (
    customer_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    node TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (customer_id, number)
){clustered};
CREATE INDEX suggestion_change_number ON suggestion_change (number);

-- One row. Whoever raises it holds it until the commit, so that numbers are seen in order.
CREATE TABLE suggestion_clock (
    id BIGINT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL
);
INSERT INTO suggestion_clock (id, number) VALUES (1, 0);
