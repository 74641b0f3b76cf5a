-- From where a key may be used (networks separated by blanks; NULL: from anywhere), and the last day on which it was, in days since 1970.
ALTER TABLE api_key ADD COLUMN networks TEXT NULL;
ALTER TABLE api_key ADD COLUMN last_used_day BIGINT NULL;
