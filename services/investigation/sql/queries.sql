-- Statements of investigation. Columns stand in the order of the lists in store.c.

-- name: case_load
SELECT case_id, generation, ver, log_seq, finding_seq, agent_generation, received_ms, last_scan_ms, refund_ms,
       gone_ms, given_minor, lane, order_id, platform_id, policy_version, calendar_version, rules_version,
       consumer_id, merchant_id, reason, remedy, amount_minor, paid_minor, vouched, durable, filed_ms, ordered_ms,
       shipped_ms, promised_ms
  FROM investigation_case WHERE case_id = ANY ($1::uuid[]);

-- name: case_add
WITH u AS (
    INSERT INTO investigation_case (case_id, generation, ver, log_seq, finding_seq, agent_generation, received_ms,
                                    last_scan_ms, refund_ms, gone_ms, given_minor, lane, order_id, platform_id,
                                    policy_version, calendar_version, rules_version, consumer_id, merchant_id,
                                    reason, remedy, amount_minor, paid_minor, vouched, durable, filed_ms,
                                    ordered_ms, shipped_ms, promised_ms)
    SELECT case_id, generation, ver + 1, log_seq, finding_seq, agent_generation, received_ms, last_scan_ms,
           refund_ms, gone_ms, given_minor, lane, order_id, platform_id, policy_version, calendar_version,
           rules_version, consumer_id, merchant_id, reason, remedy, amount_minor, paid_minor, vouched, durable,
           filed_ms, ordered_ms, shipped_ms, promised_ms
      FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::bigint[],
                  $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::int[], $13::text[], $14::text[],
                  $15::bigint[], $16::bigint[], $17::bigint[], $18::text[], $19::text[], $20::int[], $21::int[],
                  $22::bigint[], $23::bigint[], $24::bool[], $25::bool[], $26::bigint[], $27::bigint[],
                  $28::bigint[], $29::bigint[])
           AS i (case_id, generation, ver, log_seq, finding_seq, agent_generation, received_ms, last_scan_ms,
                 refund_ms, gone_ms, given_minor, lane, order_id, platform_id, policy_version, calendar_version,
                 rules_version, consumer_id, merchant_id, reason, remedy, amount_minor, paid_minor, vouched,
                 durable, filed_ms, ordered_ms, shipped_ms, promised_ms)
    ON CONFLICT (case_id) DO NOTHING
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: case_save
WITH u AS (
    UPDATE investigation_case c
       SET generation = i.generation, ver = i.ver + 1, log_seq = i.log_seq, finding_seq = i.finding_seq,
           agent_generation = i.agent_generation, received_ms = i.received_ms, last_scan_ms = i.last_scan_ms,
           refund_ms = i.refund_ms, gone_ms = i.gone_ms, given_minor = i.given_minor
      FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::bigint[],
                  $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])
           AS i (case_id, generation, ver, log_seq, finding_seq, agent_generation, received_ms, last_scan_ms,
                 refund_ms, gone_ms, given_minor)
     WHERE c.case_id = i.case_id AND c.ver = i.ver
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: item_load
SELECT case_id, item_id, sha256, size_bytes, media_type, reference, side, state, time_ms, entry_seq, kind, result,
       stated_ms, verified_by
  FROM item WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, entry_seq, item_id;

-- name: item_save
INSERT INTO item (case_id, item_id, sha256, size_bytes, media_type, reference, side, state, time_ms, entry_seq,
                  kind, result, stated_ms, verified_by)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::bytea[], $4::bigint[], $5::text[], $6::text[], $7::int[], $8::int[],
                     $9::bigint[], $10::bigint[], $11::int[], $12::int[], $13::bigint[], $14::text[])
ON CONFLICT (case_id, item_id) DO UPDATE SET state = excluded.state;

-- name: round_load
SELECT case_id, generation, round, state, asked, answered, missed, final, opened_seq, sealed_seq, result, rule_id
  FROM round WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, generation, round;

-- name: round_save
INSERT INTO round (case_id, generation, round, state, asked, answered, missed, final, opened_seq, sealed_seq,
                   result, rule_id)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::bool[],
                     $9::bigint[], $10::bigint[], $11::int[], $12::text[])
ON CONFLICT (case_id, generation, round) DO UPDATE
   SET state = excluded.state, answered = excluded.answered, missed = excluded.missed,
       sealed_seq = excluded.sealed_seq, result = excluded.result, rule_id = excluded.rule_id;

-- name: decision_load
SELECT case_id, decision_id, generation, basis, state, liability, merchant_percent, remedy, amount_minor, by_machine,
       review, facts, evidence, rules_version, entry_seq, rule_id, author, decided_by, cosigner
  FROM decision WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, entry_seq;

-- name: decision_save
INSERT INTO decision (case_id, decision_id, generation, basis, state, liability, merchant_percent, remedy,
                      amount_minor, by_machine, review, facts, evidence, rules_version, entry_seq, rule_id, author,
                      decided_by, cosigner)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::int[], $6::int[], $7::int[], $8::int[],
                     $9::bigint[], $10::bool[], $11::text[], $12::text[], $13::text[], $14::bigint[], $15::bigint[],
                     $16::text[], $17::text[], $18::text[], $19::text[])
ON CONFLICT (case_id, entry_seq) DO UPDATE
   SET decision_id = excluded.decision_id, basis = excluded.basis, state = excluded.state,
       liability = excluded.liability, merchant_percent = excluded.merchant_percent, remedy = excluded.remedy,
       amount_minor = excluded.amount_minor, by_machine = excluded.by_machine, review = excluded.review,
       facts = excluded.facts, evidence = excluded.evidence, rule_id = excluded.rule_id, author = excluded.author,
       decided_by = excluded.decided_by, cosigner = excluded.cosigner;

-- name: snapshot_load
SELECT case_id, entry_seq, sha256, content
  FROM snapshot WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, entry_seq;

-- name: snapshot_save
INSERT INTO snapshot (case_id, entry_seq, sha256, content)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bytea[], $4::text[])
ON CONFLICT (case_id, entry_seq) DO NOTHING;

-- name: person_load
SELECT case_id, staff_id, role, standing, generation, entry_seq
  FROM person WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, entry_seq, staff_id;

-- name: person_save
INSERT INTO person (case_id, staff_id, role, standing, generation, entry_seq)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::int[], $6::bigint[])
ON CONFLICT (case_id, staff_id) DO UPDATE
   SET role = excluded.role, standing = excluded.standing, generation = excluded.generation,
       entry_seq = excluded.entry_seq;

-- name: pending_load
SELECT case_id, entry_seq, generation, subject, author, state, signer, finding
  FROM pending WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, entry_seq;

-- name: pending_save
INSERT INTO pending (case_id, entry_seq, generation, subject, author, state, signer, finding)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::int[], $7::text[], $8::bytea[])
ON CONFLICT (case_id, entry_seq) DO UPDATE SET state = excluded.state, signer = excluded.signer;
