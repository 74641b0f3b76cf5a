-- What evaluations of suggestions found, as JSON, and since when the models use the settings of one: the newest of those that were applied. Nothing in it is about a person.
CREATE TABLE suggestion_evaluation (
    number BIGINT NOT NULL PRIMARY KEY,
    at_us BIGINT NOT NULL,
    applied_us BIGINT,
    report TEXT NOT NULL
);
