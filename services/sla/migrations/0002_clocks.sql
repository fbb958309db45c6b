-- migrate:up
-- Cases as sla sees them, and the clock ledger.
SET LOCAL lock_timeout = '5s';

CREATE TABLE sla_case (
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

CREATE TABLE clock (
    case_id    uuid NOT NULL,
    kind       int NOT NULL,
    side       int NOT NULL,
    cause      bigint NOT NULL, -- sequence of the log entry that it runs from
    state      int NOT NULL,
    time_kind  int NOT NULL,
    budget_ms  bigint NOT NULL,
    used_ms    bigint NOT NULL,
    running_ms bigint NOT NULL,
    due_ms     bigint NOT NULL,
    generation int NOT NULL,
    rungs      int NOT NULL,
    retry_ms   bigint NOT NULL,
    ended_seq  bigint NOT NULL, -- log entry that ended it, 0 while it lives
    PRIMARY KEY (case_id, kind, side, cause)
) WITH (fillfactor = 50);
