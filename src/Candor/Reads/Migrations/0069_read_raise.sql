-- When a staff member met the end of their read budget, and when a second factor after that raised it once.
CREATE TABLE read_raise (
    staff_id TEXT NOT NULL PRIMARY KEY,
    over_at_us BIGINT NOT NULL,
    raised_at_us BIGINT NULL
);
