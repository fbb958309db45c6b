-- Statements of notification. Columns stand in the order of the lists in store.c.

-- name: case_load
SELECT case_id, lane, generation, ver, log_seq, finding_seq, order_id, platform_id, policy_version,
       calendar_version, rules_version, consumer_id, merchant_id, openid, order_line, reason, stage,
       merchant_knows, dead_consumer, dead_merchant
  FROM notification_case WHERE case_id = ANY ($1::uuid[]);

-- name: case_save
WITH i AS (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
                         $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[], $13::text[],
                         $14::bytea[], $15::int[], $16::int[], $17::int[], $18::bool[], $19::int[], $20::int[])
           AS i (case_id, lane, generation, ver, log_seq, finding_seq, order_id, platform_id, policy_version,
                 calendar_version, rules_version, consumer_id, merchant_id, openid, order_line, reason, stage,
                 merchant_knows, dead_consumer, dead_merchant)
), u AS (
    INSERT INTO notification_case AS c
    SELECT case_id, lane, generation, ver + 1, log_seq, finding_seq, order_id, platform_id, policy_version,
           calendar_version, rules_version, consumer_id, merchant_id, openid, order_line, reason, stage,
           merchant_knows, dead_consumer, dead_merchant
      FROM i
    ON CONFLICT (case_id) DO UPDATE
       SET generation = excluded.generation, ver = excluded.ver, log_seq = excluded.log_seq,
           finding_seq = excluded.finding_seq, openid = excluded.openid, stage = excluded.stage,
           merchant_knows = excluded.merchant_knows, dead_consumer = excluded.dead_consumer,
           dead_merchant = excluded.dead_merchant
     WHERE c.ver = excluded.ver - 1
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: delivery_load
SELECT case_id, sequence, side, kind, generation, paper, acknowledgement, reminder, rung, state, message_id,
       told_ms, sent_ms, served_ms, due_ms, title, body, hint
  FROM delivery WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, sequence, side;

-- name: delivery_save
INSERT INTO delivery (case_id, sequence, side, kind, generation, paper, acknowledgement, reminder, rung, state,
                      message_id, told_ms, sent_ms, served_ms, due_ms, title, body, hint)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::int[], $5::int[], $6::bool[], $7::bool[], $8::bool[],
                     $9::int[], $10::int[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[],
                     $16::text[], $17::text[], $18::text[])
ON CONFLICT (case_id, sequence, side) DO UPDATE
   SET rung = excluded.rung, state = excluded.state, message_id = excluded.message_id,
       sent_ms = excluded.sent_ms, served_ms = excluded.served_ms;

-- name: act_load
SELECT case_id, sequence, side FROM act WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, sequence;

-- name: act_save
INSERT INTO act (case_id, sequence, side)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::int[])
ON CONFLICT (case_id, sequence) DO NOTHING;

-- name: inbound_load
SELECT case_id, source, message_id, order_id, kind, sequence, side, rung, time_ms, applied
  FROM inbound WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, time_ms, source, message_id;

-- name: inbound_save
INSERT INTO inbound (case_id, source, message_id, order_id, kind, sequence, side, rung, time_ms, applied)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::int[], $8::int[],
                     $9::bigint[], $10::bool[])
ON CONFLICT (case_id, source, message_id) DO UPDATE SET applied = excluded.applied;

-- name: consent_load
SELECT case_id, template_id, quota, until_ms
  FROM consent WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, template_id;

-- name: consent_save
INSERT INTO consent (case_id, template_id, quota, until_ms)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::bigint[])
ON CONFLICT (case_id, template_id) DO UPDATE SET quota = excluded.quota, until_ms = excluded.until_ms;

-- name: sibling_load
SELECT order_id, case_id, order_line, merchant_knows, open
  FROM sibling WHERE order_id = ANY ($1::text[]) ORDER BY order_id, case_id;

-- name: sibling_save
INSERT INTO sibling (order_id, case_id, order_line, merchant_knows, open)
SELECT * FROM unnest($1::text[], $2::uuid[], $3::int[], $4::bool[], $5::bool[])
ON CONFLICT (order_id, case_id) DO UPDATE SET merchant_knows = excluded.merchant_knows, open = excluded.open;
