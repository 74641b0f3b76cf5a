-- What each witness outside has signed last, and what it said when it did not.
CREATE TABLE audit_witness (
    log BIGINT NOT NULL,
    name TEXT NOT NULL,
    size BIGINT NOT NULL,
    cosigned_at_us BIGINT NULL,
    tried_at_us BIGINT NOT NULL,
    problem TEXT NULL,
    said TEXT NULL,
    problem_at_us BIGINT NULL,
    alarmed_at_us BIGINT NULL,
    PRIMARY KEY (log, name)
);
-- Checkpoints with the signatures of witnesses; the newest few.
CREATE TABLE audit_cosigned (
    log BIGINT NOT NULL,
    size BIGINT NOT NULL,
    note TEXT NOT NULL,
    cosigned_at_us BIGINT NOT NULL,
    PRIMARY KEY (log, size)
);
