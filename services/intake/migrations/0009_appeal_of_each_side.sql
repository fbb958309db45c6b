-- migrate:up
-- An appeal is each side's once, also when the first decision was sent back and there is a new one to appeal against.
SET LOCAL lock_timeout = '5s';

ALTER TABLE hearing
    ADD COLUMN appealed_consumer boolean NOT NULL DEFAULT false,
    ADD COLUMN appealed_merchant boolean NOT NULL DEFAULT false;

UPDATE hearing
   SET appealed_consumer = appellant = 1 OR joined,
       appealed_merchant = appellant = 2 OR joined
 WHERE appellant <> 0;
