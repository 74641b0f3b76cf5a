-- What a customer said about their suggestions: items not to suggest, and items of which nothing is used. Sealed under the customer's key.
CREATE TABLE suggestion_wish (
    customer_id TEXT NOT NULL,
    wish_id TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_at_us BIGINT NOT NULL,
    PRIMARY KEY (customer_id, wish_id)
){clustered};

-- Whose choices changed, in the order in which the changes were committed, so that other nodes forget before they answer. Kept for a day.
-- An erased customer is named by a digest of their id: the id itself is nowhere any more.
CREATE TABLE suggestion_change (
    number BIGINT NOT NULL PRIMARY KEY,
    who TEXT NOT NULL,
    node TEXT NOT NULL,
    at_us BIGINT NOT NULL
);
CREATE INDEX suggestion_change_who ON suggestion_change (who);

-- One row. Whoever raises it holds it until the commit, so that numbers are seen in order.
CREATE TABLE suggestion_clock (
    id BIGINT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL
);
INSERT INTO suggestion_clock (id, number) VALUES (1, 0);
