-- How far somebody was reminded of the training that ends at until_us (0: there is none).
CREATE TABLE training_reminder (
    staff_id TEXT NOT NULL PRIMARY KEY,
    until_us BIGINT NOT NULL,
    anchor_us BIGINT NOT NULL,
    last_day BIGINT NULL,
    mailed_at_us BIGINT NULL
);
-- Before training was recorded, a date stood at the person alone; it is kept as what it was.
INSERT INTO training_certificate (certificate_id, staff_id, module, until_us, evidence, recorded_by, recorded_at_us)
SELECT 'before-' || staff_id, staff_id, '*', training_until_us, 'Set when the account was made.', 'system:migration', created_at_us FROM staff WHERE training_until_us IS NOT NULL;
