-- Where a staff member is written to, and their name at sign-in; lower case.
ALTER TABLE staff ADD COLUMN email TEXT NULL;
CREATE UNIQUE INDEX staff_email ON staff (email);
