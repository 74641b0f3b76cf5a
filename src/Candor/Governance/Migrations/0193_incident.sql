-- Incidents with personal data (GDPR article 33(5)). What was done about one is in its steps, which are only ever added to.
CREATE TABLE incident (
    incident_id TEXT NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL,
    opened_at_us BIGINT NOT NULL,
    closed_at_us BIGINT NULL,
    -- How far privacy officers were reminded of the clock: 1 at once, 2 a day before its end, 3 at its end.
    reminded BIGINT NOT NULL
);
CREATE TABLE incident_step (
    incident_id TEXT NOT NULL,
    step BIGINT NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    done_by TEXT NOT NULL,
    done_at_us BIGINT NOT NULL,
    PRIMARY KEY (incident_id, step)
);
