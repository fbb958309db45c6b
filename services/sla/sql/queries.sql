-- Statements of sla. Columns stand in the order of the lists in store.c.

-- name: case_load
SELECT case_id, lane, generation, ver, log_seq, finding_seq, order_id, platform_id, policy_version,
       calendar_version, rules_version, order_line, paid_minor, final_seq
  FROM sla_case WHERE case_id = ANY ($1::uuid[]);

-- name: case_save
WITH i AS (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
                         $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::int[], $13::bigint[],
                         $14::bigint[])
           AS i (case_id, lane, generation, ver, log_seq, finding_seq, order_id, platform_id, policy_version,
                 calendar_version, rules_version, order_line, paid_minor, final_seq)
), u AS (
    INSERT INTO sla_case AS c
    SELECT case_id, lane, generation, ver + 1, log_seq, finding_seq, order_id, platform_id, policy_version,
           calendar_version, rules_version, order_line, paid_minor, final_seq
      FROM i
    ON CONFLICT (case_id) DO UPDATE
       SET generation = excluded.generation, ver = excluded.ver, log_seq = excluded.log_seq,
           finding_seq = excluded.finding_seq, final_seq = excluded.final_seq
     WHERE c.ver = excluded.ver - 1
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: clock_load
SELECT case_id, kind, side, cause, state, time_kind, budget_ms, used_ms, running_ms, due_ms, generation, rungs,
       retry_ms, ended_seq, act_seq, act_ms
  FROM clock WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, cause, kind, side;

-- name: clock_save
INSERT INTO clock (case_id, kind, side, cause, state, time_kind, budget_ms, used_ms, running_ms, due_ms, generation,
                   rungs, retry_ms, ended_seq, act_seq, act_ms)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::int[], $6::int[], $7::bigint[],
                     $8::bigint[], $9::bigint[], $10::bigint[], $11::int[], $12::int[], $13::bigint[], $14::bigint[],
                     $15::bigint[], $16::bigint[])
ON CONFLICT (case_id, kind, side, cause) DO UPDATE
   SET state = excluded.state, used_ms = excluded.used_ms, running_ms = excluded.running_ms,
       due_ms = excluded.due_ms, generation = excluded.generation, rungs = excluded.rungs,
       retry_ms = excluded.retry_ms, ended_seq = excluded.ended_seq, act_seq = excluded.act_seq,
       act_ms = excluded.act_ms;

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
