-- Which customers a staff member opened lately: the read budget counts distinct ones.
CREATE TABLE recent_read (
    customer_id TEXT NOT NULL,
    staff_id TEXT NOT NULL,
    last_us BIGINT NOT NULL,
    PRIMARY KEY (customer_id, staff_id)
){clustered};
CREATE INDEX recent_read_staff ON recent_read (staff_id, last_us);
