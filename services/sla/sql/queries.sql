-- Statements of sla. Columns stand in the order of the lists in store.c.

-- name: case_load
SELECT case_id, generation, ver, log_seq, finding_seq, final_seq, lane, order_id, platform_id, policy_version,
       calendar_version, rules_version, order_line, paid_minor
  FROM sla_case WHERE case_id = ANY ($1::uuid[]);

-- name: case_add
WITH u AS (
    INSERT INTO sla_case (case_id, generation, ver, log_seq, finding_seq, final_seq, lane, order_id, platform_id,
                          policy_version, calendar_version, rules_version, order_line, paid_minor)
    SELECT case_id, generation, ver + 1, log_seq, finding_seq, final_seq, lane, order_id, platform_id,
           policy_version, calendar_version, rules_version, order_line, paid_minor
      FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::int[],
                  $8::text[], $9::text[], $10::bigint[], $11::bigint[], $12::bigint[], $13::int[], $14::bigint[])
           AS i (case_id, generation, ver, log_seq, finding_seq, final_seq, lane, order_id, platform_id,
                 policy_version, calendar_version, rules_version, order_line, paid_minor)
    ON CONFLICT (case_id) DO NOTHING
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: case_save
WITH u AS (
    UPDATE sla_case c
       SET generation = i.generation, ver = i.ver + 1, log_seq = i.log_seq, finding_seq = i.finding_seq,
           final_seq = i.final_seq
      FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
           AS i (case_id, generation, ver, log_seq, finding_seq, final_seq)
     WHERE c.case_id = i.case_id AND c.ver = i.ver
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: clock_load
SELECT case_id, kind, side, cause, state, used_ms, running_ms, due_ms, generation, rungs, retry_ms, ended_seq,
       act_seq, act_ms, time_kind, budget_ms
  FROM clock WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, cause, kind, side;

-- name: clock_add
INSERT INTO clock (case_id, kind, side, cause, state, used_ms, running_ms, due_ms, generation, rungs, retry_ms,
                   ended_seq, act_seq, act_ms, time_kind, budget_ms)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::int[], $6::bigint[], $7::bigint[],
                     $8::bigint[], $9::int[], $10::int[], $11::bigint[], $12::bigint[], $13::bigint[],
                     $14::bigint[], $15::int[], $16::bigint[]);

-- name: clock_save
WITH u AS (
    UPDATE clock c
       SET state = i.state, used_ms = i.used_ms, running_ms = i.running_ms, due_ms = i.due_ms,
           generation = i.generation, rungs = i.rungs, retry_ms = i.retry_ms, ended_seq = i.ended_seq,
           act_seq = i.act_seq, act_ms = i.act_ms
      FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::int[], $6::bigint[], $7::bigint[],
                  $8::bigint[], $9::int[], $10::int[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[])
           AS i (case_id, kind, side, cause, state, used_ms, running_ms, due_ms, generation, rungs, retry_ms,
                 ended_seq, act_seq, act_ms)
     WHERE c.case_id = i.case_id AND c.kind = i.kind AND c.side = i.side AND c.cause = i.cause
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: offer_load
SELECT case_id, offer_id, generation, state, log_state, maker, receiver, due_ms, remedy, amount_minor, perform_ms,
       made_seq, opened_seq, ended_seq
  FROM offer WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, made_seq;

-- name: offer_save
INSERT INTO offer (case_id, offer_id, generation, state, log_state, maker, receiver, due_ms, remedy, amount_minor,
                   perform_ms, made_seq, opened_seq, ended_seq)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::bigint[],
                     $9::int[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[])
ON CONFLICT (case_id, offer_id) DO UPDATE
   SET state = excluded.state, log_state = excluded.log_state, opened_seq = excluded.opened_seq,
       ended_seq = excluded.ended_seq;

-- For people: who decides must not know what was offered until a decision is final.
-- name: offer_view
SELECT o.case_id, o.offer_id, o.generation, o.state, o.log_state, o.maker, o.receiver, o.due_ms,
       CASE WHEN c.final_seq > 0 THEN 'SHOWN' ELSE 'HIDDEN' END,
       CASE WHEN c.final_seq > 0 THEN o.remedy END,
       CASE WHEN c.final_seq > 0 THEN o.amount_minor END,
       CASE WHEN c.final_seq > 0 THEN o.perform_ms END,
       o.made_seq, o.opened_seq, o.ended_seq
  FROM offer o JOIN sla_case c USING (case_id)
 WHERE o.case_id = ANY ($1::uuid[]) ORDER BY o.case_id, o.made_seq;

-- name: settlement_load
SELECT case_id, begun_seq, offer_id, state, ended_seq
  FROM settlement WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, begun_seq;

-- name: settlement_save
INSERT INTO settlement (case_id, begun_seq, offer_id, state, ended_seq)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::int[], $5::bigint[])
ON CONFLICT (case_id, begun_seq) DO UPDATE SET state = excluded.state, ended_seq = excluded.ended_seq;

-- name: line_load
SELECT order_id, order_line, paid_out_minor
  FROM order_line WHERE order_id = ANY ($1::text[]) ORDER BY order_id, order_line;

-- name: line_save
INSERT INTO order_line (order_id, order_line, paid_out_minor)
SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[])
ON CONFLICT (order_id, order_line) DO UPDATE SET paid_out_minor = excluded.paid_out_minor;
