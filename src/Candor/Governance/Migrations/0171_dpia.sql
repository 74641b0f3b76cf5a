-- Impact assessments. A version is written once, signed once, and never changed.
CREATE TABLE dpia (
    subject TEXT NOT NULL,
    version BIGINT NOT NULL,
    catalog_version BIGINT NOT NULL,
    digest TEXT NOT NULL,
    settings TEXT NOT NULL,
    content TEXT NOT NULL,
    written_by TEXT NOT NULL,
    written_at_us BIGINT NOT NULL,
    signed_by TEXT NULL,
    signed_at_us BIGINT NULL,
    PRIMARY KEY (subject, version)
);
