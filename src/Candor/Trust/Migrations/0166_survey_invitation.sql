-- When a customer was last asked, by the day: at most once a quarter. Answering does not touch it.
CREATE TABLE survey_asked (
    customer_id TEXT NOT NULL PRIMARY KEY,
    asked_day BIGINT NOT NULL
){clustered};
-- Questions that wait for an answer. The secret of the link is kept as its digest. What is answered, put aside or stopped is deleted, so nothing here tells which it was.
CREATE TABLE survey_invitation (
    customer_id TEXT NOT NULL PRIMARY KEY,
    secret_hash BYTEA NOT NULL,
    asked_day BIGINT NOT NULL,
    channel TEXT NOT NULL
){clustered};
CREATE UNIQUE INDEX survey_invitation_secret ON survey_invitation (secret_hash);
CREATE INDEX survey_invitation_end ON survey_invitation (asked_day);
-- What people wrote, sealed under a key of the platform: with a random id, the month, and no customer. Ten come out together.
CREATE TABLE survey_text (
    text_id TEXT NOT NULL PRIMARY KEY,
    month BIGINT NOT NULL,
    shown BIGINT NOT NULL,
    sealed BYTEA NOT NULL
){clustered};
-- How far the mails of a day have come.
CREATE TABLE survey_walk (
    id BIGINT NOT NULL PRIMARY KEY,
    day BIGINT NOT NULL,
    after_customer TEXT NOT NULL
);
