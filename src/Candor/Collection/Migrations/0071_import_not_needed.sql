-- Rows of an interrupted import that were not needed, so that the report of the run that ends it counts them.
ALTER TABLE import_state ADD COLUMN not_needed BIGINT NOT NULL DEFAULT 0;
