-- Members of staff who asked for the figures of trust by mail, and the last day of the period that they were told of.
CREATE TABLE trust_digest (
    staff_id TEXT NOT NULL PRIMARY KEY,
    how_often TEXT NOT NULL,
    told_day BIGINT NOT NULL
){clustered};
