-- In which value something was found that should not be there: where and what kind, never what. An empty data point: the customer could not be looked at and is looked at again.
CREATE TABLE value_mark (
    customer_id TEXT NOT NULL,
    data_point TEXT NOT NULL,
    record_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    time_us BIGINT NOT NULL,
    PRIMARY KEY (customer_id, data_point, record_id, kind)
){clustered};
CREATE INDEX value_mark_kind ON value_mark (data_point, kind, customer_id);
-- How far the look into values has come. Null for the end while it is on its way; since: who has nothing newer, and no mark, is passed over.
CREATE TABLE value_check (
    id BIGINT NOT NULL PRIMARY KEY,
    started_at_us BIGINT NOT NULL,
    finished_at_us BIGINT NULL,
    since_us BIGINT NOT NULL,
    rules TEXT NOT NULL,
    after_customer TEXT NOT NULL,
    seen BIGINT NOT NULL,
    looked BIGINT NOT NULL
);
-- Cleanings that two people agreed to, and how far each has come.
CREATE TABLE value_cleaning (
    cleaning_id TEXT NOT NULL PRIMARY KEY,
    data_point TEXT NOT NULL,
    kind TEXT NOT NULL,
    approved_at_us BIGINT NOT NULL,
    finished_at_us BIGINT NULL,
    after_customer TEXT NOT NULL,
    changed BIGINT NOT NULL,
    passed BIGINT NOT NULL
);
