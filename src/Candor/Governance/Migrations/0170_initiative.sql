-- Who decides on new uses of data. Each change is a new row; the newest counts.
CREATE TABLE committee_setup (
    version BIGINT NOT NULL PRIMARY KEY,
    mode TEXT NOT NULL,
    quorum BIGINT NOT NULL,
    seats TEXT NOT NULL,
    set_at_us BIGINT NOT NULL,
    set_by TEXT NOT NULL
);
-- A proposed new use. Its words are fixed once it is open.
CREATE TABLE initiative (
    initiative_id TEXT NOT NULL PRIMARY KEY,
    title TEXT NOT NULL,
    what TEXT NOT NULL,
    why TEXT NOT NULL,
    data TEXT NOT NULL,
    helps TEXT NOT NULL,
    harms TEXT NOT NULL,
    purpose TEXT NULL,
    catalog_text TEXT NULL,
    based_on BIGINT NOT NULL,
    proposed_by TEXT NOT NULL,
    created_at_us BIGINT NOT NULL,
    state TEXT NOT NULL,
    round BIGINT NOT NULL,
    round_begun_at_us BIGINT NULL,
    decided_at_us BIGINT NULL,
    conditions TEXT NULL,
    review_at_us BIGINT NULL
);
CREATE INDEX initiative_time ON initiative (created_at_us);
-- Everything that happened to it, in order; never changed.
CREATE TABLE initiative_step (
    initiative_id TEXT NOT NULL,
    position BIGINT NOT NULL,
    round BIGINT NOT NULL,
    kind TEXT NOT NULL,
    by_name TEXT NOT NULL,
    seat TEXT NULL,
    said TEXT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (initiative_id, position)
);
