-- Mail to members of staff. The values may hold a link that lets somebody in, so they are sealed, and go when the mail is sent.
CREATE TABLE staff_mail (
    message_id TEXT NOT NULL PRIMARY KEY,
    staff_id TEXT NOT NULL,
    role TEXT NULL,
    template TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    state TEXT NOT NULL,
    not_before_us BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    lease_until_us BIGINT NULL,
    outcome TEXT NULL,
    created_at_us BIGINT NOT NULL,
    changed_at_us BIGINT NOT NULL
){clustered};
CREATE INDEX staff_mail_due ON staff_mail (state, not_before_us);
