-- Look-ups that found nobody, for an hour: they count in the read budget, so that guessing does not pay.
CREATE TABLE missed_look_up (
    staff_id TEXT NOT NULL,
    look_up_id TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (staff_id, look_up_id)
){clustered};
