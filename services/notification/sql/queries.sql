-- Statements of notification. Columns stand in the order of the lists in store.c.

-- name: case_load
SELECT case_id, generation, ver, log_seq, finding_seq, openid, stage, merchant_knows, dead_consumer, dead_merchant,
       lane, order_id, platform_id, policy_version, calendar_version, rules_version, consumer_id, merchant_id,
       order_line, reason
  FROM notification_case WHERE case_id = ANY ($1::uuid[]);

-- name: case_add
WITH u AS (
    INSERT INTO notification_case (case_id, generation, ver, log_seq, finding_seq, openid, stage, merchant_knows,
                                   dead_consumer, dead_merchant, lane, order_id, platform_id, policy_version,
                                   calendar_version, rules_version, consumer_id, merchant_id, order_line, reason)
    SELECT case_id, generation, ver + 1, log_seq, finding_seq, openid, stage, merchant_knows, dead_consumer,
           dead_merchant, lane, order_id, platform_id, policy_version, calendar_version, rules_version, consumer_id,
           merchant_id, order_line, reason
      FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[], $7::int[],
                  $8::bool[], $9::int[], $10::int[], $11::int[], $12::text[], $13::text[], $14::bigint[],
                  $15::bigint[], $16::bigint[], $17::text[], $18::text[], $19::int[], $20::int[])
           AS i (case_id, generation, ver, log_seq, finding_seq, openid, stage, merchant_knows, dead_consumer,
                 dead_merchant, lane, order_id, platform_id, policy_version, calendar_version, rules_version,
                 consumer_id, merchant_id, order_line, reason)
    ON CONFLICT (case_id) DO NOTHING
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: case_save
WITH u AS (
    UPDATE notification_case c
       SET generation = i.generation, ver = i.ver + 1, log_seq = i.log_seq, finding_seq = i.finding_seq,
           openid = i.openid, stage = i.stage, merchant_knows = i.merchant_knows, dead_consumer = i.dead_consumer,
           dead_merchant = i.dead_merchant
      FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[], $7::int[],
                  $8::bool[], $9::int[], $10::int[])
           AS i (case_id, generation, ver, log_seq, finding_seq, openid, stage, merchant_knows, dead_consumer,
                 dead_merchant)
     WHERE c.case_id = i.case_id AND c.ver = i.ver
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: delivery_load
SELECT case_id, sequence, side, rung, state, message_id, sent_ms, served_ms, kind, generation, paper,
       acknowledgement, reminder, told_ms, due_ms, title, body, hint
  FROM delivery WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, sequence, side;

-- name: delivery_add
INSERT INTO delivery (case_id, sequence, side, rung, state, message_id, sent_ms, served_ms, kind, generation, paper,
                      acknowledgement, reminder, told_ms, due_ms, title, body, hint)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::int[], $5::int[], $6::text[], $7::bigint[],
                     $8::bigint[], $9::int[], $10::int[], $11::bool[], $12::bool[], $13::bool[], $14::bigint[],
                     $15::bigint[], $16::text[], $17::text[], $18::text[]);

-- name: delivery_save
WITH u AS (
    UPDATE delivery d
       SET rung = i.rung, state = i.state, message_id = i.message_id, sent_ms = i.sent_ms, served_ms = i.served_ms
      FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::int[], $5::int[], $6::text[], $7::bigint[], $8::bigint[])
           AS i (case_id, sequence, side, rung, state, message_id, sent_ms, served_ms)
     WHERE d.case_id = i.case_id AND d.sequence = i.sequence AND d.side = i.side
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

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
