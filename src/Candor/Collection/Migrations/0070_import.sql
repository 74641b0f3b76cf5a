-- How far a file has been imported, committed together with its rows.
CREATE TABLE import_state (
    file_digest TEXT NOT NULL,
    map_digest TEXT NOT NULL,
    rows_done BIGINT NOT NULL,
    updated_at_us BIGINT NOT NULL,
    PRIMARY KEY (file_digest, map_digest)
);
