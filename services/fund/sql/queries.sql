-- Statements of fund. Columns stand in the order of the lists in store.c.

-- name: case_load
SELECT case_id, generation, ver, log_seq, finding_seq, payout_count, fee_consumer_minor, fee_merchant_minor, lane,
       order_id, platform_id, policy_version, calendar_version, rules_version, merchant_id, consumer_id, order_line,
       paid_in_minor, transaction_id, openid_sealed
  FROM fund_case WHERE case_id = ANY ($1::uuid[]);

-- name: case_add
WITH u AS (
    INSERT INTO fund_case (case_id, generation, ver, log_seq, finding_seq, payout_count, fee_consumer_minor,
                           fee_merchant_minor, lane, order_id, platform_id, policy_version, calendar_version,
                           rules_version, merchant_id, consumer_id, order_line, paid_in_minor, transaction_id,
                           openid_sealed)
    SELECT case_id, generation, ver + 1, log_seq, finding_seq, payout_count, fee_consumer_minor, fee_merchant_minor,
           lane, order_id, platform_id, policy_version, calendar_version, rules_version, merchant_id, consumer_id,
           order_line, paid_in_minor, transaction_id, openid_sealed
      FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::bigint[],
                  $8::bigint[], $9::int[], $10::text[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[],
                  $15::text[], $16::text[], $17::int[], $18::bigint[], $19::text[], $20::bytea[])
           AS i (case_id, generation, ver, log_seq, finding_seq, payout_count, fee_consumer_minor,
                 fee_merchant_minor, lane, order_id, platform_id, policy_version, calendar_version, rules_version,
                 merchant_id, consumer_id, order_line, paid_in_minor, transaction_id, openid_sealed)
    ON CONFLICT (case_id) DO NOTHING
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: case_save
WITH u AS (
    UPDATE fund_case c
       SET generation = i.generation, ver = i.ver + 1, log_seq = i.log_seq, finding_seq = i.finding_seq,
           payout_count = i.payout_count, fee_consumer_minor = i.fee_consumer_minor,
           fee_merchant_minor = i.fee_merchant_minor
      FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::bigint[],
                  $8::bigint[])
           AS i (case_id, generation, ver, log_seq, finding_seq, payout_count, fee_consumer_minor,
                 fee_merchant_minor)
     WHERE c.case_id = i.case_id AND c.ver = i.ver
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: duty_load
SELECT case_id, duty_id, amount_minor, state, said, due_seq, done_seq, verified_seq, overdue_seq, substituted_seq,
       waived_seq, discharged_seq, kind, side, noted_seq
  FROM duty WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, noted_seq, duty_id;

-- name: duty_add
INSERT INTO duty (case_id, duty_id, amount_minor, state, said, due_seq, done_seq, verified_seq, overdue_seq,
                  substituted_seq, waived_seq, discharged_seq, kind, side, noted_seq)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::int[], $5::int[], $6::bigint[], $7::bigint[],
                     $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::int[],
                     $14::int[], $15::bigint[]);

-- name: duty_save
WITH u AS (
    UPDATE duty d
       SET amount_minor = i.amount_minor, state = i.state, said = i.said, due_seq = i.due_seq,
           done_seq = i.done_seq, verified_seq = i.verified_seq, overdue_seq = i.overdue_seq,
           substituted_seq = i.substituted_seq, waived_seq = i.waived_seq, discharged_seq = i.discharged_seq
      FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::int[], $5::int[], $6::bigint[], $7::bigint[],
                  $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[])
           AS i (case_id, duty_id, amount_minor, state, said, due_seq, done_seq, verified_seq, overdue_seq,
                 substituted_seq, waived_seq, discharged_seq)
     WHERE d.case_id = i.case_id AND d.duty_id = i.duty_id
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: reservation_load
SELECT case_id, generation, state, amount_minor, posted_minor, voided_minor, voiding_minor, held_seq, posted_seq,
       voided_seq
  FROM reservation WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, generation;

-- name: reservation_add
INSERT INTO reservation (case_id, generation, state, amount_minor, posted_minor, voided_minor, voiding_minor,
                         held_seq, posted_seq, voided_seq)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                     $8::bigint[], $9::bigint[], $10::bigint[]);

-- name: reservation_save
WITH u AS (
    UPDATE reservation r
       SET state = i.state, amount_minor = i.amount_minor, posted_minor = i.posted_minor,
           voided_minor = i.voided_minor, voiding_minor = i.voiding_minor, held_seq = i.held_seq,
           posted_seq = i.posted_seq, voided_seq = i.voided_seq
      FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
                  $8::bigint[], $9::bigint[], $10::bigint[])
           AS i (case_id, generation, state, amount_minor, posted_minor, voided_minor, voiding_minor, held_seq,
                 posted_seq, voided_seq)
     WHERE r.case_id = i.case_id AND r.generation = i.generation
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: payout_load
SELECT case_id, payout_number, rail, amount_minor, state, said, attempts, refusal_code, sent_ms, sent_seq, held_seq,
       confirmed_seq, failed_seq, duty_id, consumer_key
  FROM payout WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, sent_ms, payout_number;

-- name: payout_add
INSERT INTO payout (case_id, payout_number, rail, amount_minor, state, said, attempts, refusal_code, sent_ms,
                    sent_seq, held_seq, confirmed_seq, failed_seq, duty_id, consumer_key)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::int[], $6::int[], $7::int[], $8::text[],
                     $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::text[],
                     $15::text[]);

-- name: payout_save
WITH u AS (
    UPDATE payout p
       SET rail = i.rail, amount_minor = i.amount_minor, state = i.state, said = i.said, attempts = i.attempts,
           refusal_code = i.refusal_code, sent_ms = i.sent_ms, sent_seq = i.sent_seq, held_seq = i.held_seq,
           confirmed_seq = i.confirmed_seq, failed_seq = i.failed_seq
      FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[], $5::int[], $6::int[], $7::int[], $8::text[],
                  $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])
           AS i (case_id, payout_number, rail, amount_minor, state, said, attempts, refusal_code, sent_ms, sent_seq,
                 held_seq, confirmed_seq, failed_seq)
     WHERE p.case_id = i.case_id AND p.payout_number = i.payout_number
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: recovery_load
SELECT case_id, duty_id, generation, state, said, amount_minor, received_minor, coming_minor, day, demand_ms,
       opened_seq, demanded_seq, closed_seq
  FROM recovery WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, generation, opened_seq, duty_id;

-- name: recovery_save
INSERT INTO recovery (case_id, duty_id, generation, state, said, amount_minor, received_minor, coming_minor, day,
                      demand_ms, opened_seq, demanded_seq, closed_seq)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::int[], $6::bigint[], $7::bigint[],
                     $8::bigint[], $9::int[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[])
ON CONFLICT (case_id, duty_id, generation) DO UPDATE
   SET state = excluded.state, said = excluded.said, amount_minor = excluded.amount_minor,
       received_minor = excluded.received_minor, coming_minor = excluded.coming_minor, day = excluded.day, demand_ms = excluded.demand_ms,
       opened_seq = excluded.opened_seq, demanded_seq = excluded.demanded_seq, closed_seq = excluded.closed_seq;

-- name: sanction_load
SELECT case_id, rung, state, applied_seq, lifted_seq
  FROM sanction WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, rung;

-- name: sanction_save
INSERT INTO sanction (case_id, rung, state, applied_seq, lifted_seq)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::bigint[])
ON CONFLICT (case_id, rung) DO UPDATE
   SET state = excluded.state, applied_seq = excluded.applied_seq, lifted_seq = excluded.lifted_seq;

-- name: inbound_load
SELECT case_id, source, message_id, time_ms
  FROM inbound WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, time_ms, source, message_id;

-- name: inbound_save
INSERT INTO inbound (case_id, source, message_id, time_ms)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[]);

-- name: claim_load
SELECT claim_key, order_line, remedy_minor, paid_in_minor, statutory, reserved_minor, paid_minor, refunded_minor
  FROM claim WHERE claim_key = ANY ($1::text[]) ORDER BY claim_key, order_line;

-- name: claim_save
INSERT INTO claim (claim_key, order_line, remedy_minor, paid_in_minor, statutory, reserved_minor, paid_minor,
                   refunded_minor)
SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[], $5::bool[], $6::bigint[], $7::bigint[],
                     $8::bigint[])
ON CONFLICT (claim_key, order_line) DO UPDATE
   SET remedy_minor = excluded.remedy_minor, paid_in_minor = excluded.paid_in_minor,
       statutory = excluded.statutory, reserved_minor = excluded.reserved_minor,
       paid_minor = excluded.paid_minor, refunded_minor = excluded.refunded_minor;

-- name: proof_load
SELECT claim_key, payment_number, case_id, duty_id
  FROM proof WHERE claim_key = ANY ($1::text[]) ORDER BY claim_key, payment_number;

-- name: proof_save
INSERT INTO proof (claim_key, payment_number, case_id, duty_id)
SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[], $4::text[])
ON CONFLICT (claim_key, payment_number) DO NOTHING;

-- name: account_ensure
INSERT INTO account (account_key, platform_id, account, debit, balance_minor, book_version)
SELECT account_key, platform_id, account, debit, 0, 0
  FROM case_accounts($1::text[]) WHERE needed ORDER BY account_key
ON CONFLICT (account_key) DO NOTHING;

-- name: account_load
SELECT account_key, 0::bigint, book_version, balance_minor, debit
  FROM account WHERE account_key IN (SELECT account_key FROM case_accounts($1::text[]))
 ORDER BY account_key FOR UPDATE;

-- name: account_save
WITH u AS (
    UPDATE account a
       SET balance_minor = a.balance_minor + i.delta_minor, book_version = greatest(a.book_version, i.book_version)
      FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS i (account_key, delta_minor, book_version)
     WHERE a.account_key = i.account_key
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::text[]));

-- name: consumer_load
SELECT p.consumer_key, p.case_id, p.payout_number, p.amount_minor, p.sent_ms
  FROM payout p
 WHERE (p.state IN (1, 3) OR p.said = 1)
   AND p.consumer_key IN (SELECT c.platform_id || '|' || c.consumer_id
                            FROM unnest($1::text[]) AS k JOIN fund_case c ON c.case_id = substr(k, 6)::uuid);

-- name: group_add
INSERT INTO posting_group (case_id, group_id, platform_id, sequence, step, time_ms)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::bigint[], $5::int[], $6::bigint[]);

-- name: leg_add
INSERT INTO leg (case_id, group_id, leg, debit, credit, amount_minor)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[], $6::bigint[]);

-- name: entry_add
INSERT INTO posting_entry (case_id, group_id, sequence)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bigint[])
ON CONFLICT (group_id) DO NOTHING;

-- name: group_view
SELECT g.case_id, g.group_id, g.platform_id, coalesce(e.sequence, g.sequence) AS sequence, g.step, g.time_ms
  FROM posting_group g LEFT JOIN posting_entry e USING (group_id)
 WHERE g.case_id = ANY ($1::uuid[]) ORDER BY g.case_id, g.time_ms, sequence;

-- name: leg_view
SELECT l.case_id, l.group_id, l.leg, l.debit, l.credit, l.amount_minor
  FROM leg l JOIN posting_group g USING (group_id)
 WHERE l.case_id = ANY ($1::uuid[]) ORDER BY l.case_id, g.time_ms, l.group_id, l.leg;

-- name: balance_view
SELECT platform_id, account, balance_minor, CASE WHEN debit THEN 1 ELSE 2 END AS side
  FROM account WHERE platform_id = ANY ($1::text[]) AND balance_minor <> 0 ORDER BY platform_id, account;

-- name: fund_view
SELECT account, 'CNY', sum(balance_minor)::bigint
  FROM account WHERE account NOT LIKE '%[%' AND 0 = ANY ($1::int[]) GROUP BY account;

-- name: trial_view
SELECT platform_id, coalesce(sum(balance_minor) FILTER (WHERE debit), 0)::bigint AS debit_minor,
       coalesce(sum(balance_minor) FILTER (WHERE NOT debit), 0)::bigint AS credit_minor,
       coalesce(sum(CASE WHEN debit THEN balance_minor ELSE -balance_minor END), 0)::bigint AS difference_minor
  FROM account WHERE platform_id = ANY ($1::text[]) GROUP BY platform_id;
