-- migrate:up
-- What a person has decided about a record in quarantine (docs/OPERATIONS.md, "Held cases"). The instance that
-- owns the lane carries a wish out, whichever instance took it down; both survive any crash.
SET LOCAL lock_timeout = '5s';

ALTER TABLE quarantine
    ADD COLUMN wish      int NOT NULL DEFAULT 0,    -- 0 none, 2 replay, 3 skip: the state that is asked for
    ADD COLUMN wished_by text NOT NULL DEFAULT '',  -- who asked, as the tool said it
    ADD COLUMN reason    text NOT NULL DEFAULT '',  -- why
    ADD COLUMN wished_ms bigint NOT NULL DEFAULT 0, -- when, real time
    ADD COLUMN replays   int NOT NULL DEFAULT 0;    -- how often it was tried again

CREATE INDEX quarantine_open ON quarantine (lane, topic, case_id, record_offset) WHERE state < 2;
