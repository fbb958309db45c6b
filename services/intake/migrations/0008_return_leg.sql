-- migrate:up
-- Goods that are to come back before money is paid, and the term of the agreement that says so.
SET LOCAL lock_timeout = '5s';

ALTER TABLE hearing
    ADD COLUMN return_leg int NOT NULL DEFAULT 0, -- whom they wait for: 1 C sends, 2 M inspects, 3 A checks, 4 over
    ADD COLUMN perform_ms bigint NOT NULL DEFAULT 0;
