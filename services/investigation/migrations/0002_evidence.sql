-- migrate:up
-- Cases as investigation sees them: evidence in custody, rounds, decisions, snapshots and people.
SET LOCAL lock_timeout = '5s';

CREATE TABLE investigation_case (
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
    rules_version    bigint NOT NULL,
    consumer_id      text NOT NULL,
    merchant_id      text NOT NULL,
    reason           int NOT NULL,
    remedy           int NOT NULL,
    amount_minor     bigint NOT NULL,
    paid_minor       bigint NOT NULL,
    agent_generation int NOT NULL -- generation for which an agent has been drawn, 0 = none
) WITH (fillfactor = 50);

CREATE TABLE item (
    case_id    uuid NOT NULL,
    item_id    text NOT NULL,
    sha256     bytea NOT NULL,
    size_bytes bigint NOT NULL,
    media_type text NOT NULL,
    reference  text NOT NULL,
    side       int NOT NULL,
    state      int NOT NULL,
    time_ms    bigint NOT NULL, -- of the entry that brought it
    entry_seq  bigint NOT NULL,
    PRIMARY KEY (case_id, item_id)
);

CREATE TABLE round (
    case_id    uuid NOT NULL,
    generation int NOT NULL,
    round      int NOT NULL,    -- in its generation, from 1
    state      int NOT NULL,
    asked      int NOT NULL,    -- sides as bits: 1 consumer, 2 merchant
    answered   int NOT NULL,
    missed     int NOT NULL,
    final      boolean NOT NULL,
    opened_seq bigint NOT NULL,
    sealed_seq bigint NOT NULL,
    PRIMARY KEY (case_id, generation, round)
);

CREATE TABLE decision (
    case_id          uuid NOT NULL,
    decision_id      text NOT NULL,
    generation       int NOT NULL,
    basis            int NOT NULL,
    state            int NOT NULL,
    liability        int NOT NULL,
    merchant_percent int NOT NULL,
    remedy           int NOT NULL,
    amount_minor     bigint NOT NULL,
    by_machine       boolean NOT NULL,
    review           text NOT NULL, -- commands that have people look at it
    facts            text NOT NULL, -- JSON
    evidence         text NOT NULL, -- JSON
    rules_version    bigint NOT NULL,
    entry_seq        bigint NOT NULL,
    PRIMARY KEY (case_id, entry_seq)
);

CREATE TABLE snapshot (
    case_id   uuid NOT NULL,
    entry_seq bigint NOT NULL,
    sha256    bytea NOT NULL, -- of content
    content   text NOT NULL,  -- JSON
    PRIMARY KEY (case_id, entry_seq)
);

CREATE TABLE person (
    case_id    uuid NOT NULL,
    staff_id   text NOT NULL,
    role       int NOT NULL,
    standing   int NOT NULL,
    generation int NOT NULL,
    entry_seq  bigint NOT NULL,
    PRIMARY KEY (case_id, staff_id)
);
