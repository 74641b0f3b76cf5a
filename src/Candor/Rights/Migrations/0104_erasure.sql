-- Who was erased, until no backup that still holds them can be put back. The id is ours and random; nothing else links it to anybody.
CREATE TABLE erasure (
    erased_id TEXT NOT NULL PRIMARY KEY,
    erased_at_us BIGINT NOT NULL,
    keep_until_us BIGINT NOT NULL,
    entry_id TEXT NOT NULL
);
CREATE INDEX erasure_keep ON erasure (keep_until_us)
