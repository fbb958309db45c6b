-- Statements of the lane protocol; tables are found through the role's search_path.

-- name: own
INSERT INTO lane AS l (lane, owner_epoch)
SELECT l.lane, 1 FROM unnest($1::int[]) AS l (lane) ORDER BY l.lane
ON CONFLICT (lane) DO UPDATE SET owner_epoch = l.owner_epoch + 1
RETURNING lane, owner_epoch, out_seq, published_seq;

-- name: own_again
UPDATE lane l SET owner_epoch = l.owner_epoch + 1
  FROM unnest($1::int[], $2::bigint[]) AS i (lane, epoch)
 WHERE l.lane = i.lane AND l.owner_epoch = i.epoch
RETURNING l.lane, l.owner_epoch, l.out_seq, l.published_seq;

-- name: own_cursors
SELECT lane, topic, next_offset, last_lanesequence FROM lane_cursor WHERE lane = ANY ($1::int[]);

-- name: own_out
SELECT lane, topic, last_lanesequence FROM lane_out WHERE lane = ANY ($1::int[]);

-- name: leftovers
SELECT o.lane, o.first_seq, o.last_seq, o.created_ms, o.records
  FROM unnest($1::int[], $2::bigint[]) AS i (lane, after)
 CROSS JOIN LATERAL (SELECT * FROM outbox WHERE outbox.lane = i.lane AND outbox.last_seq > i.after
                      ORDER BY outbox.last_seq LIMIT $3::bigint) o
 ORDER BY o.lane, o.last_seq;

-- name: own_held
SELECT DISTINCT lane, topic, case_id FROM quarantine
 WHERE lane = ANY ($1::int[]) AND state < 2 AND case_id <> '00000000-0000-0000-0000-000000000000';

-- name: own_jobs
SELECT case_id, number, kind, lane, state, attempts, mode, order_id, reference, argument
  FROM job WHERE lane = ANY ($1::int[]) AND state = 0;

-- name: timers_from
SELECT lane, case_id, name, cause, generation, due_ms FROM timer
 WHERE lane = $1::int AND due_ms >= $2::bigint
   AND (due_ms, case_id, name, cause) > ($2::bigint, $3::uuid, $4::text, $5::bigint)
 ORDER BY due_ms, case_id, name, cause LIMIT 1000;

-- name: begin
BEGIN;

-- name: commit
COMMIT;

-- name: rollback
ROLLBACK;

-- name: fence
SELECT lane_fence($1::int[], $2::bigint[], $3::bigint[], $4::bigint[]);

-- name: fence_absent
UPDATE lane l SET out_seq = l.out_seq + i.add, published_seq = greatest(l.published_seq, i.pub)
  FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[]) AS i (lane, epoch, add, pub)
 WHERE l.lane = i.lane;

-- name: cursor
INSERT INTO lane_cursor (lane, topic, next_offset, last_lanesequence)
SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[], $4::bigint[])
ON CONFLICT (lane, topic) DO UPDATE
   SET next_offset = excluded.next_offset, last_lanesequence = excluded.last_lanesequence;

-- name: out
INSERT INTO lane_out (lane, topic, last_lanesequence)
SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[])
ON CONFLICT (lane, topic) DO UPDATE SET last_lanesequence = excluded.last_lanesequence;

-- name: outbox
INSERT INTO outbox (lane, last_seq, first_seq, created_ms, records)
SELECT * FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[]);

-- name: outbox_trim
DELETE FROM outbox o
 USING lane l
 CROSS JOIN LATERAL (SELECT f.last_seq, f.created_ms FROM outbox f
                      WHERE f.lane = l.lane AND f.last_seq <= l.published_seq
                      ORDER BY f.last_seq LIMIT 2000) oldest
 WHERE l.lane = ANY ($1::int[]) AND oldest.created_ms < $2::bigint AND o.lane = l.lane
   AND o.last_seq = oldest.last_seq;

-- name: timer_done
DELETE FROM timer t
 USING unnest($1::uuid[], $2::text[], $3::bigint[], $4::int[], $5::bigint[]) AS i (case_id, name, cause, generation, due_ms)
 WHERE t.case_id = i.case_id AND t.name = i.name AND t.cause = i.cause AND t.generation <= i.generation
   AND (i.due_ms = 9223372036854775807 OR t.due_ms = i.due_ms);

-- name: timer_set
INSERT INTO timer (case_id, name, cause, generation, due_ms, lane)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::int[], $5::bigint[], $6::int[])
ON CONFLICT (case_id, name, cause) DO UPDATE
   SET generation = excluded.generation, lane = excluded.lane, due_ms = excluded.due_ms;

-- name: timer_sweep
SELECT lane, case_id, name, cause, generation, due_ms FROM timer
 WHERE lane = ANY ($1::int[]) AND due_ms < $2::bigint ORDER BY due_ms LIMIT 500;

-- name: timer_next
SELECT coalesce(min(due_ms), 0) FROM timer WHERE lane = ANY ($1::int[]);

-- name: quarantine
INSERT INTO quarantine (lane, topic, record_offset, case_id, code, detail, stamp_ms, record_key, headers, payload,
                        state, created_ms)
SELECT * FROM unnest($1::int[], $2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::text[], $7::bigint[],
                     $8::bytea[], $9::bytea[], $10::bytea[], $11::int[], $12::bigint[])
ON CONFLICT (lane, topic, record_offset) DO NOTHING;

-- name: held_next
SELECT q.lane, q.topic, q.record_offset, q.case_id, q.code, q.stamp_ms, q.record_key, q.headers, q.payload, q.state,
       q.wish
  FROM quarantine q
 WHERE q.lane = ANY ($1::int[]) AND q.state < 2 AND q.case_id <> '00000000-0000-0000-0000-000000000000'
   AND (q.wish <> 0 OR q.state = 1)
   AND NOT EXISTS (SELECT FROM quarantine p
                    WHERE p.lane = q.lane AND p.topic = q.topic AND p.case_id = q.case_id AND p.state < 2
                      AND p.record_offset < q.record_offset)
 ORDER BY q.lane, q.topic, q.record_offset OFFSET $2::bigint LIMIT 1;

-- name: held_end
UPDATE quarantine SET state = $4::int, wish = 0, replays = replays + (CASE WHEN $4::int = 2 THEN 1 ELSE 0 END)
 WHERE lane = $1::int AND topic = $2::text AND record_offset = $3::bigint AND state < 2;

-- name: held_again
UPDATE quarantine SET state = 0, wish = 0, code = $4::text, detail = $5::text, replays = replays + 1
 WHERE lane = $1::int AND topic = $2::text AND record_offset = $3::bigint AND state < 2;

-- name: held_left
SELECT count(*) FROM quarantine
 WHERE lane = $1::int AND topic = $2::text AND case_id = $3::uuid AND state < 2;

-- name: held_wish
UPDATE quarantine
   SET wish = CASE WHEN case_id = '00000000-0000-0000-0000-000000000000' THEN 0 ELSE $4::int END,
       state = CASE WHEN case_id = '00000000-0000-0000-0000-000000000000' THEN $4::int ELSE state END,
       wished_by = $5::text, reason = $6::text, wished_ms = $7::bigint
 WHERE lane = $1::int AND topic = $2::text AND record_offset = $3::bigint AND state = 0
RETURNING case_id;

-- name: held_list
SELECT q.lane, q.topic, q.record_offset, q.case_id, q.code, q.detail, q.state, q.wish, q.wished_by, q.reason,
       q.created_ms, q.wished_ms, q.replays,
       (SELECT count(*) FROM quarantine p
         WHERE p.lane = q.lane AND p.topic = q.topic AND p.case_id = q.case_id AND p.state = 1
           AND q.case_id <> '00000000-0000-0000-0000-000000000000')
  FROM quarantine q WHERE q.state <> 1 AND (q.state = 0 OR $1::bool)
 ORDER BY q.created_ms, q.lane, q.topic, q.record_offset LIMIT 1000;

-- name: job_load
SELECT case_id, number, state, attempts, mode, argument, kind, lane, order_id, reference
  FROM job WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, number;

-- A call may be made again under its number.
-- name: job_add
INSERT INTO job (case_id, number, state, attempts, mode, argument, kind, lane, order_id, reference)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::int[], $6::bytea[], $7::text[], $8::int[],
                     $9::text[], $10::bigint[])
ON CONFLICT (case_id, number) DO UPDATE
   SET state = excluded.state, attempts = excluded.attempts, mode = excluded.mode, argument = excluded.argument;

-- name: job_save
WITH u AS (
    UPDATE job j
       SET state = i.state, attempts = i.attempts, mode = i.mode, argument = i.argument
      FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::int[], $6::bytea[])
           AS i (case_id, number, state, attempts, mode, argument)
     WHERE j.case_id = i.case_id AND j.number = i.number
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));
