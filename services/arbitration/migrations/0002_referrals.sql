-- migrate:up
-- Cases as arbitration sees them: what a bundle needs, referrals, and the institution's messages.
SET LOCAL lock_timeout = '5s';

CREATE TABLE arbitration_case (
    case_id          uuid PRIMARY KEY,
    lane             int NOT NULL,
    generation       int NOT NULL,
    ver              bigint NOT NULL,
    log_seq          bigint NOT NULL,
    finding_seq      bigint NOT NULL,
    order_id         text NOT NULL,
    platform_id      text NOT NULL,
    policy_version   bigint NOT NULL,
    calendar_version bigint NOT NULL,
    rules_version    bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE referral (
    case_id            uuid NOT NULL,
    referral           int NOT NULL,    -- counts in the case, from 1
    generation         int NOT NULL,
    entry_seq          bigint NOT NULL, -- CaseReferred
    state              int NOT NULL,    -- as the log has it
    said_state         int NOT NULL,    -- once the log has taken what was said
    bundle_sha256      bytea NOT NULL,
    receipt_id         text NOT NULL,   -- empty until the institution has confirmed
    last_sequence      bigint NOT NULL, -- of its messages, taken in order
    claimed_minor      bigint NOT NULL,
    fee_move           int NOT NULL,
    fee_consumer_minor bigint NOT NULL,
    fee_merchant_minor bigint NOT NULL,
    merchant_answered  boolean NOT NULL,
    hearing_date       text NOT NULL,
    PRIMARY KEY (case_id, referral)
);

CREATE TABLE item (
    case_id    uuid NOT NULL,
    item_id    text NOT NULL,
    side       int NOT NULL,
    state      int NOT NULL,
    sha256     bytea NOT NULL,
    size_bytes bigint NOT NULL,
    media_type text NOT NULL,
    reference  text NOT NULL,
    entry_seq  bigint NOT NULL,
    PRIMARY KEY (case_id, item_id)
);

CREATE TABLE message (
    case_id     uuid NOT NULL,
    referral    int NOT NULL,
    sequence    bigint NOT NULL,  -- the institution's own, per referral
    message_id  text NOT NULL,
    kind        int NOT NULL,
    body_sha256 bytea NOT NULL,
    received_ms bigint NOT NULL,
    taken       boolean NOT NULL, -- false: one before it is missing
    content     bytea NOT NULL,
    PRIMARY KEY (case_id, referral, sequence)
);

CREATE TABLE timeline (
    case_id  uuid NOT NULL,
    sequence bigint NOT NULL,
    type     int NOT NULL,
    time_ms  bigint NOT NULL,
    hash     bytea NOT NULL, -- SHA-256 of the entry as published
    PRIMARY KEY (case_id, sequence)
);

CREATE TABLE paper (
    case_id  uuid NOT NULL,
    sequence bigint NOT NULL,
    kind     int NOT NULL,   -- 1 act of a side, texts sealed; 2 ruling
    side     int NOT NULL,
    basis    int NOT NULL,
    time_ms  bigint NOT NULL,
    content  bytea NOT NULL,
    PRIMARY KEY (case_id, sequence, kind)
);
