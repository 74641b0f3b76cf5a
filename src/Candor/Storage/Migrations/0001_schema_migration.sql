-- Which schema steps this database has; an unknown one means a newer Candor made it.
CREATE TABLE schema_migration (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    applied_at_us BIGINT NOT NULL
);
