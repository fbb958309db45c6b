-- Statements of sla. Columns stand in the order of the lists in store.c.

-- name: case_load
SELECT case_id, lane, generation, ver, log_seq, finding_seq, order_id, platform_id, policy_version,
       calendar_version, rules_version
  FROM sla_case WHERE case_id = ANY ($1::uuid[]);

-- name: case_save
WITH i AS (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[],
                         $8::text[], $9::bigint[], $10::bigint[], $11::bigint[])
           AS i (case_id, lane, generation, ver, log_seq, finding_seq, order_id, platform_id, policy_version,
                 calendar_version, rules_version)
), u AS (
    INSERT INTO sla_case AS c
    SELECT case_id, lane, generation, ver + 1, log_seq, finding_seq, order_id, platform_id, policy_version,
           calendar_version, rules_version
      FROM i
    ON CONFLICT (case_id) DO UPDATE
       SET generation = excluded.generation, ver = excluded.ver, log_seq = excluded.log_seq,
           finding_seq = excluded.finding_seq
     WHERE c.ver = excluded.ver - 1
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: clock_load
SELECT case_id, kind, side, cause, state, time_kind, budget_ms, used_ms, running_ms, due_ms, generation, rungs,
       retry_ms, ended_seq
  FROM clock WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, cause, kind, side;

-- name: clock_save
INSERT INTO clock (case_id, kind, side, cause, state, time_kind, budget_ms, used_ms, running_ms, due_ms, generation,
                   rungs, retry_ms, ended_seq)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::int[], $6::int[], $7::bigint[],
                     $8::bigint[], $9::bigint[], $10::bigint[], $11::int[], $12::int[], $13::bigint[], $14::bigint[])
ON CONFLICT (case_id, kind, side, cause) DO UPDATE
   SET state = excluded.state, used_ms = excluded.used_ms, running_ms = excluded.running_ms,
       due_ms = excluded.due_ms, generation = excluded.generation, rungs = excluded.rungs,
       retry_ms = excluded.retry_ms, ended_seq = excluded.ended_seq;
