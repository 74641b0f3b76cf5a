-- When a session was last used and how long it may rest; how the person signed in; a keyed digest of the browser and network, which names neither.
ALTER TABLE session ADD COLUMN last_seen_us BIGINT NULL;
ALTER TABLE session ADD COLUMN idle_us BIGINT NULL;
ALTER TABLE session ADD COLUMN method TEXT NULL;
ALTER TABLE session ADD COLUMN client_hash BYTEA NULL;
