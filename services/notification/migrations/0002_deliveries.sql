-- migrate:up
-- Cases as notification sees them, who was told of what, and what came back.
SET LOCAL lock_timeout = '5s';

CREATE TABLE notification_case (
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
    openid           bytea NOT NULL, -- sealed under the case's data key; empty: none
    order_line       int NOT NULL,
    reason           int NOT NULL,
    stage            int NOT NULL,
    merchant_knows   boolean NOT NULL,
    dead_consumer    int NOT NULL,   -- papers in a row that reached nobody
    dead_merchant    int NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE delivery (
    case_id         uuid NOT NULL,
    sequence        bigint NOT NULL, -- of the log entry
    side            int NOT NULL,
    kind            int NOT NULL,
    generation      int NOT NULL,
    paper           boolean NOT NULL,
    acknowledgement boolean NOT NULL,
    reminder        boolean NOT NULL,
    rung            int NOT NULL,
    state           int NOT NULL,
    message_id      text NOT NULL,   -- number of the job that pushes it; several reminders may share one
    told_ms         bigint NOT NULL,
    sent_ms         bigint NOT NULL,
    served_ms       bigint NOT NULL,
    due_ms          bigint NOT NULL,
    title           text NOT NULL,
    body            text NOT NULL,
    hint            text NOT NULL,
    PRIMARY KEY (case_id, sequence, side)
) WITH (fillfactor = 50);

CREATE TABLE act (
    case_id  uuid NOT NULL,
    sequence bigint NOT NULL,
    side     int NOT NULL,
    PRIMARY KEY (case_id, sequence)
);

CREATE TABLE inbound (
    case_id    uuid NOT NULL,
    source     text NOT NULL,
    message_id text NOT NULL,
    order_id   text NOT NULL,
    kind       int NOT NULL,
    sequence   bigint NOT NULL,
    side       int NOT NULL,
    rung       int NOT NULL,
    time_ms    bigint NOT NULL,
    applied    boolean NOT NULL, -- false: the entry it names has not been read yet
    PRIMARY KEY (case_id, source, message_id)
);

CREATE TABLE consent (
    case_id     uuid NOT NULL,
    template_id text NOT NULL,
    quota       int NOT NULL, -- -1: not counted
    until_ms    bigint NOT NULL,
    PRIMARY KEY (case_id, template_id)
);

CREATE TABLE sibling (
    order_id       text NOT NULL,
    case_id        uuid NOT NULL,
    order_line     int NOT NULL,
    merchant_knows boolean NOT NULL,
    open           boolean NOT NULL,
    PRIMARY KEY (order_id, case_id)
);
