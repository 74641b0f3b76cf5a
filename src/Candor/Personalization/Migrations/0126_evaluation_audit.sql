-- What the audits of an evaluation's settings found, as numbers by group, in the words of Fairness; and whether a limit of the catalog is broken, without and with a part for rarer items. Null: no audit was made.
ALTER TABLE suggestion_evaluation ADD COLUMN audit TEXT;
ALTER TABLE suggestion_evaluation ADD COLUMN is_broken BIGINT NOT NULL DEFAULT 0;
ALTER TABLE suggestion_evaluation ADD COLUMN is_rare_broken BIGINT NOT NULL DEFAULT 0;
-- Settings that were to be used and wait for a decision, or waited.
ALTER TABLE suggestion_evaluation ADD COLUMN held_us BIGINT;
ALTER TABLE suggestion_evaluation ADD COLUMN decided_us BIGINT;
ALTER TABLE suggestion_evaluation ADD COLUMN decided_by TEXT;
ALTER TABLE suggestion_evaluation ADD COLUMN decision TEXT;
ALTER TABLE suggestion_evaluation ADD COLUMN reason TEXT;
