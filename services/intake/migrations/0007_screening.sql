-- migrate:up
-- What guards of asked back, refused and refiled complaints read, and the terms that a side has declared in arbitration.
-- Of an acting agent they need a row anyhow, so they stand beside what a hearing writes.
SET LOCAL lock_timeout = '5s';

ALTER TABLE hearing
    ADD COLUMN supplement_used boolean NOT NULL DEFAULT false,
    ADD COLUMN refiled boolean NOT NULL DEFAULT false,
    ADD COLUMN acted_before int NOT NULL DEFAULT 0,
    ADD COLUMN rejected_seq bigint NOT NULL DEFAULT 0,
    ADD COLUMN declared_consumer text NOT NULL DEFAULT '',
    ADD COLUMN declared_merchant text NOT NULL DEFAULT '';
