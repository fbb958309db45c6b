-- migrate:up
-- The docket, its mirror of clocks, the case log, and what was answered to whom.
SET LOCAL lock_timeout = '5s';

CREATE TABLE docket (
    case_id           uuid PRIMARY KEY,
    lane              int NOT NULL,
    generation        int NOT NULL,
    ver               bigint NOT NULL,
    log_seq           bigint NOT NULL,
    finding_seq       bigint NOT NULL,
    order_id          text NOT NULL,
    platform_id       text NOT NULL,
    policy_version    bigint NOT NULL,
    calendar_version  bigint NOT NULL,
    rules_version     bigint NOT NULL,
    stage             int NOT NULL,
    consumer_id       text NOT NULL,
    merchant_id       text NOT NULL,
    order_line        int NOT NULL,
    reason            int NOT NULL,
    remedy            int NOT NULL,
    amount_minor      bigint NOT NULL,
    paid_minor        bigint NOT NULL,
    filed_ms          bigint NOT NULL,
    received_ms       bigint NOT NULL,
    promised_ms       bigint NOT NULL,
    consumer_clause   text NOT NULL,
    merchant_clause   text NOT NULL,
    file_complete     boolean NOT NULL,
    m_replied         boolean NOT NULL,
    m_position        boolean NOT NULL,
    m_refused         boolean NOT NULL,
    c_spoke           boolean NOT NULL,
    m_first_breached  boolean NOT NULL,
    adverse           boolean NOT NULL,
    basis             int NOT NULL,
    outcome           int NOT NULL,
    ruling_seq        bigint NOT NULL,
    liability         int NOT NULL,
    ruling_remedy     int NOT NULL,
    ruling_minor      bigint NOT NULL,
    window_consumer   int NOT NULL,
    window_merchant   int NOT NULL,
    referral_used     boolean NOT NULL,
    m_answered_there  boolean NOT NULL,
    duties_open       int NOT NULL,
    payouts_sent      int NOT NULL,
    consumer_feedback boolean NOT NULL,
    merchant_feedback boolean NOT NULL,
    enforce_rearmed   int NOT NULL,
    platform_breaches int NOT NULL,
    sla_seq           bigint NOT NULL, -- last finding taken from each source
    investigation_seq bigint NOT NULL,
    arbitration_seq   bigint NOT NULL,
    fund_seq          bigint NOT NULL,
    notification_seq  bigint NOT NULL,
    last_hash         bytea NOT NULL,  -- of the newest entry's value
    wrapped_key       bytea NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE docket_clock (
    case_id    uuid NOT NULL,
    kind       int NOT NULL,
    side       int NOT NULL,
    cause      bigint NOT NULL,
    state      int NOT NULL, -- 1 live, 2 paused, 3 ended
    due_ms     bigint NOT NULL,
    generation int NOT NULL,
    paper      bigint NOT NULL,
    PRIMARY KEY (case_id, kind, side, cause)
) WITH (fillfactor = 50);

-- The log as it was published: insert-only.
CREATE TABLE case_log (
    case_id      uuid NOT NULL,
    sequence     bigint NOT NULL,
    entry_type   int NOT NULL,
    machine_row  text NOT NULL,
    stage_before int NOT NULL,
    stage_after  int NOT NULL,
    time_ms      bigint NOT NULL,
    hash         bytea NOT NULL,
    value        bytea NOT NULL,
    PRIMARY KEY (case_id, sequence)
);

-- First answer to every command, by (sender, id).
CREATE TABLE command (
    command_key text PRIMARY KEY,
    case_id     uuid NOT NULL,
    value_hash  bytea NOT NULL,
    sequence    bigint NOT NULL, -- of its entry, accepted or refused; 0: it made none
    refusal     int NOT NULL,    -- 0: accepted
    guard       text NOT NULL,
    stage       int NOT NULL
);
