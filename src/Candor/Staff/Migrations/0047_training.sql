-- Which training counts, from when, and for whom. The audience is a role, or * for everybody.
CREATE TABLE training_module (
    module TEXT NOT NULL PRIMARY KEY,
    validity TEXT NOT NULL,
    roles TEXT NOT NULL
);
-- Whoever passed an earlier edition keeps it until grace_until_us; whoever worked here before the module came has until came_grace_until_us.
CREATE TABLE training_edition (
    module TEXT NOT NULL,
    audience TEXT NOT NULL,
    edition TEXT NOT NULL,
    since_us BIGINT NOT NULL,
    grace_until_us BIGINT NULL,
    came_at_us BIGINT NOT NULL,
    came_grace_until_us BIGINT NULL,
    PRIMARY KEY (module, audience)
);
CREATE TABLE training_attempt (
    attempt_id TEXT NOT NULL PRIMARY KEY,
    staff_id TEXT NOT NULL,
    module TEXT NOT NULL,
    editions TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    taken_at_us BIGINT NOT NULL,
    questions BIGINT NOT NULL,
    right_answers BIGINT NOT NULL,
    passed BIGINT NOT NULL
);
CREATE INDEX training_attempt_staff ON training_attempt (staff_id, module);
-- Training done elsewhere; module * is every module.
CREATE TABLE training_certificate (
    certificate_id TEXT NOT NULL PRIMARY KEY,
    staff_id TEXT NOT NULL,
    module TEXT NOT NULL,
    until_us BIGINT NOT NULL,
    evidence TEXT NOT NULL,
    recorded_by TEXT NOT NULL,
    recorded_at_us BIGINT NOT NULL
);
CREATE INDEX training_certificate_staff ON training_certificate (staff_id);
-- A sheet of questions in the order of one attempt. It is handed in once; the answers stay a day, to be shown with what was right.
CREATE TABLE training_sheet (
    sheet_id TEXT NOT NULL PRIMARY KEY,
    staff_id TEXT NOT NULL,
    module TEXT NOT NULL,
    language TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    made_at_us BIGINT NOT NULL,
    attempt_id TEXT NULL,
    answers TEXT NULL
);
CREATE INDEX training_sheet_staff ON training_sheet (staff_id, module);
