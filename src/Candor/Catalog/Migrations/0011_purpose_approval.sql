-- Whether a purpose may be used, and until when: the gate looks here in every read. What has no row is refused.
CREATE TABLE purpose_approval (
    purpose TEXT NOT NULL PRIMARY KEY,
    ground TEXT NOT NULL,
    initiative TEXT NULL,
    since_us BIGINT NOT NULL,
    until_us BIGINT NULL
);
-- What counted before there were approvals counts as adopted.
INSERT INTO purpose_approval (purpose, ground, since_us)
SELECT s.purpose, 'adoption', v.applied_at_us
FROM catalog_active a JOIN catalog_consent_since s ON s.version = a.version JOIN catalog_version v ON v.version = a.version;
