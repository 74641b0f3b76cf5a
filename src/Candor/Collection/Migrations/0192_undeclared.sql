-- Names of fields that were sent and that the catalog does not declare, counted by day (UTC, days since 0001-01-01) and sender. Never a value; the empty name stands for all that are no field's name, or one too many that day.
CREATE TABLE undeclared_count (
    day BIGINT NOT NULL,
    sender TEXT NOT NULL,
    name TEXT NOT NULL,
    number BIGINT NOT NULL,
    last_us BIGINT NOT NULL,
    PRIMARY KEY (day, sender, name)
){clustered};
