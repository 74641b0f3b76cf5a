-- Up to which change nodes are no longer told one by one: a node that has not looked since makes its models anew.
ALTER TABLE suggestion_clock ADD COLUMN cleaned BIGINT NOT NULL DEFAULT 0;
