-- What people answered to a survey: counts of a day, with no customer, no number of an answer and no time in them.
-- Five digits for the statements about trust, one number for the recommendation.
CREATE TABLE survey_answer (
    day BIGINT NOT NULL,
    kind TEXT NOT NULL,
    answers TEXT NOT NULL,
    people BIGINT NOT NULL,
    PRIMARY KEY (day, kind, answers)
){clustered};
-- How many were asked on a day, by which way: what the share of those who answered is counted from.
CREATE TABLE survey_asked_count (
    day BIGINT NOT NULL,
    channel TEXT NOT NULL,
    people BIGINT NOT NULL,
    PRIMARY KEY (day, channel)
){clustered};
