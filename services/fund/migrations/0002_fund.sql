-- migrate:up
-- Cases as fund sees them; duties, money set aside, payouts, recoveries; the books.
SET LOCAL lock_timeout = '5s';

CREATE TABLE fund_case (
    case_id            uuid PRIMARY KEY,
    lane               int NOT NULL,
    generation         int NOT NULL,
    ver                bigint NOT NULL,
    log_seq            bigint NOT NULL,
    finding_seq        bigint NOT NULL,
    order_id           text NOT NULL,
    platform_id        text NOT NULL,
    policy_version     bigint NOT NULL,
    calendar_version   bigint NOT NULL,
    rules_version      bigint NOT NULL,
    merchant_id        text NOT NULL,
    consumer_id        text NOT NULL,
    order_line         int NOT NULL,
    paid_in_minor      bigint NOT NULL,
    transaction_id     text NOT NULL,
    openid_sealed      bytea NOT NULL, -- under the case's data key, as it came
    payout_count       int NOT NULL,
    fee_consumer_minor bigint NOT NULL, -- fees that the fund has advanced for a side and not got back
    fee_merchant_minor bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE duty (
    case_id         uuid NOT NULL,
    duty_id         text NOT NULL,
    kind            int NOT NULL,
    side            int NOT NULL,
    amount_minor    bigint NOT NULL,
    state           int NOT NULL,
    said            int NOT NULL, -- state that a finding of ours has named and the log not yet shown; 0 = none
    noted_seq       bigint NOT NULL,
    due_seq         bigint NOT NULL,
    done_seq        bigint NOT NULL,
    verified_seq    bigint NOT NULL,
    overdue_seq     bigint NOT NULL,
    substituted_seq bigint NOT NULL,
    waived_seq      bigint NOT NULL,
    discharged_seq  bigint NOT NULL,
    PRIMARY KEY (case_id, duty_id)
) WITH (fillfactor = 50);

CREATE TABLE reservation (
    case_id       uuid NOT NULL,
    generation    int NOT NULL,
    state         int NOT NULL,
    amount_minor  bigint NOT NULL,
    posted_minor  bigint NOT NULL,
    voided_minor  bigint NOT NULL,
    voiding_minor bigint NOT NULL,
    held_seq      bigint NOT NULL,
    posted_seq    bigint NOT NULL,
    voided_seq    bigint NOT NULL,
    PRIMARY KEY (case_id, generation),
    CHECK (posted_minor + voided_minor + voiding_minor <= amount_minor)
) WITH (fillfactor = 50);

CREATE TABLE payout (
    case_id       uuid NOT NULL,
    payout_number text NOT NULL,
    duty_id       text NOT NULL,
    rail          int NOT NULL,
    amount_minor  bigint NOT NULL,
    state         int NOT NULL,
    said          int NOT NULL,
    attempts      int NOT NULL,
    refusal_code  text NOT NULL, -- of the payment side, when it did not take the request
    consumer_key  text NOT NULL, -- platform and consumer, for the 90-day sum
    sent_ms       bigint NOT NULL,
    sent_seq      bigint NOT NULL,
    held_seq      bigint NOT NULL,
    confirmed_seq bigint NOT NULL,
    failed_seq    bigint NOT NULL,
    PRIMARY KEY (case_id, payout_number)
) WITH (fillfactor = 50);
CREATE INDEX payout_consumer ON payout (consumer_key);
CREATE UNIQUE INDEX payout_once ON payout (payout_number);

CREATE TABLE recovery (
    case_id        uuid NOT NULL,
    duty_id        text NOT NULL,
    generation     int NOT NULL,
    state          int NOT NULL,
    said           int NOT NULL,
    amount_minor   bigint NOT NULL,
    received_minor bigint NOT NULL,
    coming_minor   bigint NOT NULL, -- said to be received, not yet read back
    day            int NOT NULL,    -- of the last demand
    demand_ms      bigint NOT NULL, -- of day 0
    opened_seq     bigint NOT NULL,
    demanded_seq   bigint NOT NULL,
    closed_seq     bigint NOT NULL,
    PRIMARY KEY (case_id, duty_id, generation),
    CHECK (received_minor + coming_minor <= amount_minor)
) WITH (fillfactor = 50);

CREATE TABLE sanction (
    case_id     uuid NOT NULL,
    rung        int NOT NULL,
    state       int NOT NULL,
    applied_seq bigint NOT NULL,
    lifted_seq  bigint NOT NULL,
    PRIMARY KEY (case_id, rung)
) WITH (fillfactor = 50);

-- What was let in, so that the same callback or settlement counts once.
CREATE TABLE inbound (
    case_id    uuid NOT NULL,
    source     text NOT NULL,
    message_id text NOT NULL,
    time_ms    bigint NOT NULL,
    PRIMARY KEY (case_id, source, message_id)
);

-- One per order line, for all cases and channels: never more out than was paid in.
CREATE TABLE claim (
    claim_key      text NOT NULL, -- platform|order
    order_line     int NOT NULL,
    remedy_minor   bigint NOT NULL,
    paid_in_minor  bigint NOT NULL,
    statutory      boolean NOT NULL,
    reserved_minor bigint NOT NULL CHECK (reserved_minor >= 0),
    paid_minor     bigint NOT NULL CHECK (paid_minor >= 0),
    refunded_minor bigint NOT NULL CHECK (refunded_minor >= 0),
    PRIMARY KEY (claim_key, order_line)
) WITH (fillfactor = 50);

-- Refunds of merchants that have proved a duty: one refund proves one duty.
CREATE TABLE proof (
    claim_key      text NOT NULL,
    payment_number text NOT NULL,
    case_id        uuid NOT NULL,
    duty_id        text NOT NULL,
    PRIMARY KEY (claim_key, payment_number)
);

-- Balances, on their own side, changed by deltas under a row lock: several lanes use them.
CREATE TABLE account (
    account_key   text PRIMARY KEY, -- platform|ACCOUNT or platform|ACCOUNT[sub]
    platform_id   text NOT NULL,
    account       text NOT NULL,
    debit         boolean NOT NULL,
    balance_minor bigint NOT NULL CHECK (balance_minor >= 0),
    book_version  bigint NOT NULL -- BANK: last opening book that has posted
) WITH (fillfactor = 20);
CREATE INDEX account_platform ON account (platform_id);

-- The journal. Append-only: the service's role may neither change nor delete a row.
CREATE TABLE posting_group (
    group_id    uuid PRIMARY KEY,
    case_id     uuid NOT NULL, -- zero: an opening book
    platform_id text NOT NULL,
    sequence    bigint NOT NULL, -- log entry it belongs to; 0: see posting_entry
    step        int NOT NULL,
    time_ms     bigint NOT NULL
);
CREATE INDEX posting_group_case ON posting_group (case_id);

CREATE TABLE leg (
    group_id     uuid NOT NULL,
    leg          int NOT NULL,
    case_id      uuid NOT NULL,
    debit        text NOT NULL,
    credit       text NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    PRIMARY KEY (group_id, leg)
);
CREATE INDEX leg_case ON leg (case_id);

-- Reservations post before the log shows them: the entry is named when it is read.
CREATE TABLE posting_entry (
    group_id uuid PRIMARY KEY,
    case_id  uuid NOT NULL,
    sequence bigint NOT NULL
);

-- The accounts that cases may touch. A key is "case:<id>" for a stored case, "parties:" and platform, case, merchant,
-- consumer between unit separators for one that begins in the same batch; "fees:" asks for those of fees too.
CREATE FUNCTION case_accounts(keys text[])
RETURNS TABLE (account_key text, platform_id text, account text, debit boolean, needed boolean)
LANGUAGE sql STABLE AS $$
    WITH k AS (
        SELECT DISTINCT unnest(keys) AS k
    ), p AS (
        SELECT c.platform_id, c.case_id::text AS case_id, c.merchant_id, c.consumer_id, k.k LIKE 'fees:%' AS fees
          FROM k JOIN fund_case c
            ON c.case_id = CASE WHEN k.k LIKE 'case:%' OR k.k LIKE 'fees:%' THEN substr(k.k, 6)::uuid END
        UNION
        SELECT split_part(substr(k.k, 9), chr(31), 1), split_part(k.k, chr(31), 2), split_part(k.k, chr(31), 3),
               split_part(k.k, chr(31), 4), false
          FROM k WHERE k.k LIKE 'parties:%'
    )
    SELECT p.platform_id || '|' || v.name, p.platform_id, v.name, v.debit, bool_or(v.needed)
      FROM p, LATERAL (VALUES
            ('BANK', true, true),
            ('FUND_FREE', false, true),
            ('PSP_PAYABLE', false, true),
            ('FUND_RESERVED[' || p.case_id || ']', false, true),
            ('FUND_COMMITTED[' || p.merchant_id || ']', false, true),
            ('MERCHANT_RECOVERABLE[' || p.merchant_id || ']', true, true),
            ('FEE_RECOVERABLE[' || p.merchant_id || ']', true, p.fees),
            ('FUND_COMMITTED[' || p.consumer_id || ']', false, p.fees),
            ('FEE_RECOVERABLE[' || p.consumer_id || ']', true, p.fees),
            ('CONSUMER_RECOVERABLE[' || p.consumer_id || ']', true, false)
           ) AS v (name, debit, needed)
     GROUP BY 1, 2, 3, 4
$$;
