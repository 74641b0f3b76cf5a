-- Keys of AI assistants: the name under which customers see it (NULL: no assistant), and how many different customers it may open in an hour.
ALTER TABLE api_key ADD COLUMN assistant TEXT NULL;
ALTER TABLE api_key ADD COLUMN customers_per_hour BIGINT NULL;
