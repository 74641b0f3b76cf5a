-- Requests that came by OpenDSR: under which id the other side knows them. Who the customer is stands with the request alone.
CREATE TABLE open_dsr_request (
    key_id TEXT NOT NULL,
    subject_request_id TEXT NOT NULL,
    request_id TEXT NOT NULL,
    controller TEXT NOT NULL,
    regulation TEXT NOT NULL,
    callbacks TEXT NOT NULL,
    received_at_us BIGINT NOT NULL,
    PRIMARY KEY (key_id, subject_request_id)
);
CREATE INDEX open_dsr_request_id ON open_dsr_request (request_id);
-- Changes of state that wait to be told. The text is made and signed when it is sent.
CREATE TABLE open_dsr_callback (
    callback_id TEXT NOT NULL PRIMARY KEY,
    key_id TEXT NOT NULL,
    subject_request_id TEXT NOT NULL,
    url TEXT NOT NULL,
    status TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at_us BIGINT NOT NULL,
    created_at_us BIGINT NOT NULL,
    outcome TEXT NULL
);
CREATE INDEX open_dsr_callback_due ON open_dsr_callback (state, next_at_us);
