-- How often each data point was read, by day, purpose and kind of reader, counted from the log. The empty data point counts the reads themselves. Nobody is in it.
CREATE TABLE use_count (
    day BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    data_point TEXT NOT NULL,
    reader TEXT NOT NULL,
    number BIGINT NOT NULL,
    PRIMARY KEY (day, purpose, data_point, reader)
){clustered};
-- What is stored of each data point, as it was last counted; the row of the empty one is always there once it was.
CREATE TABLE stock_count (
    data_point TEXT NOT NULL PRIMARY KEY,
    records BIGINT NOT NULL,
    customers BIGINT NOT NULL,
    oldest_us BIGINT NOT NULL,
    newest_us BIGINT NOT NULL,
    same_instant BIGINT NOT NULL,
    counted_at_us BIGINT NOT NULL
);
