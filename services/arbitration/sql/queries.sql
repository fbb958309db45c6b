-- Statements of arbitration. Columns stand in the order of the lists in store.c.

-- name: case_load
SELECT case_id, generation, ver, log_seq, finding_seq, lane, order_id, platform_id, policy_version,
       calendar_version, rules_version
  FROM arbitration_case WHERE case_id = ANY ($1::uuid[]);

-- name: case_add
WITH u AS (
    INSERT INTO arbitration_case (case_id, generation, ver, log_seq, finding_seq, lane, order_id, platform_id,
                                  policy_version, calendar_version, rules_version)
    SELECT case_id, generation, ver + 1, log_seq, finding_seq, lane, order_id, platform_id, policy_version,
           calendar_version, rules_version
      FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::text[],
                  $8::text[], $9::bigint[], $10::bigint[], $11::bigint[])
           AS i (case_id, generation, ver, log_seq, finding_seq, lane, order_id, platform_id, policy_version,
                 calendar_version, rules_version)
    ON CONFLICT (case_id) DO NOTHING
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: case_save
WITH u AS (
    UPDATE arbitration_case c
       SET generation = i.generation, ver = i.ver + 1, log_seq = i.log_seq, finding_seq = i.finding_seq
      FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[])
           AS i (case_id, generation, ver, log_seq, finding_seq)
     WHERE c.case_id = i.case_id AND c.ver = i.ver
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: referral_load
SELECT case_id, referral, generation, entry_seq, state, said_state, bundle_sha256, receipt_id, last_sequence,
       claimed_minor, fee_move, fee_consumer_minor, fee_merchant_minor, merchant_answered, hearing_date
  FROM referral WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, referral;

-- name: referral_save
INSERT INTO referral (case_id, referral, generation, entry_seq, state, said_state, bundle_sha256, receipt_id,
                      last_sequence, claimed_minor, fee_move, fee_consumer_minor, fee_merchant_minor,
                      merchant_answered, hearing_date)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::int[], $6::int[], $7::bytea[], $8::text[],
                     $9::bigint[], $10::bigint[], $11::int[], $12::bigint[], $13::bigint[], $14::bool[], $15::text[])
ON CONFLICT (case_id, referral) DO UPDATE
   SET state = excluded.state, said_state = excluded.said_state, receipt_id = excluded.receipt_id,
       last_sequence = excluded.last_sequence, fee_move = excluded.fee_move,
       fee_consumer_minor = excluded.fee_consumer_minor, fee_merchant_minor = excluded.fee_merchant_minor,
       merchant_answered = excluded.merchant_answered, hearing_date = excluded.hearing_date;

-- name: item_load
SELECT case_id, item_id, side, state, sha256, size_bytes, media_type, reference, entry_seq
  FROM item WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, entry_seq, item_id;

-- name: item_save
INSERT INTO item (case_id, item_id, side, state, sha256, size_bytes, media_type, reference, entry_seq)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[], $4::int[], $5::bytea[], $6::bigint[], $7::text[], $8::text[],
                     $9::bigint[])
ON CONFLICT (case_id, item_id) DO UPDATE
   SET side = excluded.side, state = excluded.state, sha256 = excluded.sha256, size_bytes = excluded.size_bytes,
       media_type = excluded.media_type, reference = excluded.reference, entry_seq = excluded.entry_seq;

-- name: message_load
SELECT case_id, referral, sequence, message_id, kind, body_sha256, received_ms, taken, content
  FROM message WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, referral, sequence;

-- name: message_save
INSERT INTO message (case_id, referral, sequence, message_id, kind, body_sha256, received_ms, taken, content)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[], $5::int[], $6::bytea[], $7::bigint[],
                     $8::bool[], $9::bytea[])
ON CONFLICT (case_id, referral, sequence) DO UPDATE SET taken = excluded.taken;

-- name: timeline_load
SELECT case_id::text, sequence, type, time_ms, hash
  FROM timeline WHERE case_id = ANY ($1::text[]::uuid[]) ORDER BY timeline.case_id, sequence;

-- name: timeline_view
SELECT case_id::text, sequence, type, time_ms, hash
  FROM timeline WHERE case_id = ANY ($1::uuid[]) ORDER BY timeline.case_id, sequence;

-- name: timeline_save
INSERT INTO timeline (case_id, sequence, type, time_ms, hash)
SELECT * FROM unnest($1::text[]::uuid[], $2::bigint[], $3::int[], $4::bigint[], $5::bytea[])
ON CONFLICT (case_id, sequence) DO NOTHING;

-- name: paper_load
SELECT case_id::text, sequence, kind, side, basis, time_ms, content
  FROM paper WHERE case_id = ANY ($1::text[]::uuid[]) ORDER BY paper.case_id, sequence, kind;

-- name: paper_view
SELECT case_id::text, sequence, kind, side, basis, time_ms, content
  FROM paper WHERE case_id = ANY ($1::uuid[]) ORDER BY paper.case_id, sequence, kind;

-- name: paper_save
INSERT INTO paper (case_id, sequence, kind, side, basis, time_ms, content)
SELECT * FROM unnest($1::text[]::uuid[], $2::bigint[], $3::int[], $4::int[], $5::int[], $6::bigint[], $7::bytea[])
ON CONFLICT (case_id, sequence, kind) DO NOTHING;
