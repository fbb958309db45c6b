-- migrate:up
-- Offers, settlements, what was paid out on an order line, and the act that holds a breach back.
SET LOCAL lock_timeout = '5s';

ALTER TABLE sla_case
    ADD COLUMN order_line int NOT NULL DEFAULT 0,
    ADD COLUMN paid_minor bigint NOT NULL DEFAULT 0,
    ADD COLUMN final_seq  bigint NOT NULL DEFAULT 0; -- entry by which a decision became final

ALTER TABLE clock
    ADD COLUMN act_seq bigint NOT NULL DEFAULT 0, -- last act that may hold its breach back
    ADD COLUMN act_ms  bigint NOT NULL DEFAULT 0;

CREATE TABLE offer (
    case_id      uuid NOT NULL,
    offer_id     text NOT NULL, -- made by its sender
    generation   int NOT NULL,
    state        int NOT NULL, -- with what was found since
    log_state    int NOT NULL, -- as the log has it; 0: not in the log yet
    maker        int NOT NULL,
    receiver     int NOT NULL,
    due_ms       bigint NOT NULL,
    remedy       int NOT NULL,
    amount_minor bigint NOT NULL,
    perform_ms   bigint NOT NULL,
    made_seq     bigint NOT NULL,
    opened_seq   bigint NOT NULL,
    ended_seq    bigint NOT NULL,
    PRIMARY KEY (case_id, offer_id)
) WITH (fillfactor = 50);

CREATE TABLE settlement (
    case_id   uuid NOT NULL,
    begun_seq bigint NOT NULL, -- log entry that made the agreement
    offer_id  text NOT NULL,
    state     int NOT NULL,
    ended_seq bigint NOT NULL,
    PRIMARY KEY (case_id, begun_seq)
) WITH (fillfactor = 50);

-- Over all cases of an order: they lie in one lane.
CREATE TABLE order_line (
    order_id       text NOT NULL,
    order_line     int NOT NULL,
    paid_out_minor bigint NOT NULL,
    PRIMARY KEY (order_id, order_line)
) WITH (fillfactor = 50);
