-- migrate:up
-- What rules need: times of the order, what has been paid back, kinds of items; what a seal found; who wrote and
-- signed a decision; findings that wait for a signature.
SET LOCAL lock_timeout = '5s';

ALTER TABLE investigation_case
    ADD COLUMN vouched          boolean NOT NULL DEFAULT false,
    ADD COLUMN durable          boolean NOT NULL DEFAULT false,
    ADD COLUMN filed_ms         bigint NOT NULL DEFAULT 0,
    ADD COLUMN ordered_ms       bigint NOT NULL DEFAULT 0, -- paid
    ADD COLUMN shipped_ms       bigint NOT NULL DEFAULT 0,
    ADD COLUMN promised_ms      bigint NOT NULL DEFAULT 0,
    ADD COLUMN received_ms      bigint NOT NULL DEFAULT 0,
    ADD COLUMN last_scan_ms     bigint NOT NULL DEFAULT 0,
    ADD COLUMN refund_ms        bigint NOT NULL DEFAULT 0,
    ADD COLUMN gone_ms          bigint NOT NULL DEFAULT 0,
    ADD COLUMN given_minor      bigint NOT NULL DEFAULT 0; -- paid back on the order line, as the log shows it

ALTER TABLE item
    ADD COLUMN kind        int NOT NULL DEFAULT 0,
    ADD COLUMN result      int NOT NULL DEFAULT 0,
    ADD COLUMN stated_ms   bigint NOT NULL DEFAULT 0,
    ADD COLUMN verified_by text NOT NULL DEFAULT '';

ALTER TABLE round
    ADD COLUMN result  int NOT NULL DEFAULT 0, -- what the rules said at the seal
    ADD COLUMN rule_id text NOT NULL DEFAULT '';

ALTER TABLE decision
    ADD COLUMN rule_id    text NOT NULL DEFAULT '',
    ADD COLUMN author     text NOT NULL DEFAULT '', -- staff id; empty: a rule or a clock
    ADD COLUMN decided_by text NOT NULL DEFAULT '', -- who made it final, or the panel
    ADD COLUMN cosigner   text NOT NULL DEFAULT '';

-- A finding that is ready to be said once somebody signs.
CREATE TABLE pending (
    case_id    uuid NOT NULL,
    entry_seq  bigint NOT NULL, -- the act or seal that it comes from
    generation int NOT NULL,
    subject    text NOT NULL,   -- rule id, or ruling id of a draft
    author     text NOT NULL,   -- may not sign; empty: a rule
    state      int NOT NULL,
    signer     text NOT NULL,   -- who signed, or refused to
    finding    bytea NOT NULL,  -- packed
    PRIMARY KEY (case_id, entry_seq)
);
