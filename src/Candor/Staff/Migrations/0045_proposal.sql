-- Changes that wait for a second pair of eyes. The parameters are those of the proposal and never change; what is approved is what is applied.
CREATE TABLE proposal (
    proposal_id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    parameters TEXT NOT NULL,
    digest TEXT NOT NULL,
    proposed_by TEXT NOT NULL,
    proposed_at_us BIGINT NOT NULL,
    expires_at_us BIGINT NOT NULL,
    alone_since_us BIGINT NULL,
    state TEXT NOT NULL,
    decided_by TEXT NULL,
    decided_at_us BIGINT NULL,
    reason TEXT NULL
);
CREATE INDEX proposal_time ON proposal (proposed_at_us);
