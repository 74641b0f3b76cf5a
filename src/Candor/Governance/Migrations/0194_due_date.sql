-- What somebody was told of before its day: what and the day in one word, and how near it was, 1 a month, 2 a week, 3 over.
CREATE TABLE due_date_told (
    what TEXT NOT NULL,
    stage BIGINT NOT NULL,
    told_at_us BIGINT NOT NULL,
    PRIMARY KEY (what, stage)
);
