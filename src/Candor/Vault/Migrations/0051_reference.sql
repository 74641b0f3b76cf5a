-- The business's own id of the customer, sealed under the customer's key: the look-up holds only its digest, and other systems are told by it.
ALTER TABLE customer_key ADD COLUMN reference BYTEA NULL;
