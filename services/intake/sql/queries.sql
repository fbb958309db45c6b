-- Statements of intake. Columns stand in the order of the lists in store.c.

-- name: docket_load
SELECT case_id, generation, ver, log_seq, finding_seq, stage, file_complete, m_replied, m_position, m_refused,
       c_spoke, m_first_breached, adverse, basis, outcome, ruling_seq, liability, merchant_percent, ruling_remedy,
       ruling_minor, window_consumer, window_merchant, referral_used, m_answered_there, duties_open, payouts_sent,
       consumer_feedback, merchant_feedback, enforce_rearmed, platform_breaches, performed, sla_seq,
       investigation_seq, arbitration_seq, fund_seq, notification_seq, waits, last_hash, lane, order_id,
       platform_id, policy_version, calendar_version, rules_version, consumer_id, merchant_id, order_line, reason,
       remedy, amount_minor, paid_minor, filed_ms, received_ms, promised_ms, consumer_clause, merchant_clause,
       wrapped_key
  FROM docket WHERE case_id = ANY ($1::uuid[]);

-- name: docket_add
WITH u AS (
    INSERT INTO docket (case_id, generation, ver, log_seq, finding_seq, stage, file_complete, m_replied, m_position,
                        m_refused, c_spoke, m_first_breached, adverse, basis, outcome, ruling_seq, liability,
                        merchant_percent, ruling_remedy, ruling_minor, window_consumer, window_merchant,
                        referral_used, m_answered_there, duties_open, payouts_sent, consumer_feedback,
                        merchant_feedback, enforce_rearmed, platform_breaches, performed, sla_seq,
                        investigation_seq, arbitration_seq, fund_seq, notification_seq, waits, last_hash, lane,
                        order_id, platform_id, policy_version, calendar_version, rules_version, consumer_id,
                        merchant_id, order_line, reason, remedy, amount_minor, paid_minor, filed_ms, received_ms,
                        promised_ms, consumer_clause, merchant_clause, wrapped_key)
    SELECT case_id, generation, ver + 1, log_seq, finding_seq, stage, file_complete, m_replied, m_position,
           m_refused, c_spoke, m_first_breached, adverse, basis, outcome, ruling_seq, liability, merchant_percent,
           ruling_remedy, ruling_minor, window_consumer, window_merchant, referral_used, m_answered_there,
           duties_open, payouts_sent, consumer_feedback, merchant_feedback, enforce_rearmed, platform_breaches,
           performed, sla_seq, investigation_seq, arbitration_seq, fund_seq, notification_seq, waits, last_hash,
           lane, order_id, platform_id, policy_version, calendar_version, rules_version, consumer_id, merchant_id,
           order_line, reason, remedy, amount_minor, paid_minor, filed_ms, received_ms, promised_ms,
           consumer_clause, merchant_clause, wrapped_key
      FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::bool[],
                  $8::bool[], $9::bool[], $10::bool[], $11::bool[], $12::bool[], $13::bool[], $14::int[],
                  $15::int[], $16::bigint[], $17::int[], $18::int[], $19::int[], $20::bigint[], $21::int[],
                  $22::int[], $23::bool[], $24::bool[], $25::int[], $26::int[], $27::bool[], $28::bool[],
                  $29::int[], $30::int[], $31::bool[], $32::bigint[], $33::bigint[], $34::bigint[], $35::bigint[],
                  $36::bigint[], $37::text[], $38::bytea[], $39::int[], $40::text[], $41::text[], $42::bigint[],
                  $43::bigint[], $44::bigint[], $45::text[], $46::text[], $47::int[], $48::int[], $49::int[],
                  $50::bigint[], $51::bigint[], $52::bigint[], $53::bigint[], $54::bigint[], $55::text[],
                  $56::text[], $57::bytea[])
           AS i (case_id, generation, ver, log_seq, finding_seq, stage, file_complete, m_replied, m_position,
                 m_refused, c_spoke, m_first_breached, adverse, basis, outcome, ruling_seq, liability,
                 merchant_percent, ruling_remedy, ruling_minor, window_consumer, window_merchant, referral_used,
                 m_answered_there, duties_open, payouts_sent, consumer_feedback, merchant_feedback, enforce_rearmed,
                 platform_breaches, performed, sla_seq, investigation_seq, arbitration_seq, fund_seq,
                 notification_seq, waits, last_hash, lane, order_id, platform_id, policy_version, calendar_version,
                 rules_version, consumer_id, merchant_id, order_line, reason, remedy, amount_minor, paid_minor,
                 filed_ms, received_ms, promised_ms, consumer_clause, merchant_clause, wrapped_key)
    ON CONFLICT (case_id) DO NOTHING
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: docket_save
WITH u AS (
    UPDATE docket c
       SET generation = i.generation, ver = i.ver + 1, log_seq = i.log_seq, finding_seq = i.finding_seq,
           stage = i.stage, file_complete = i.file_complete, m_replied = i.m_replied, m_position = i.m_position,
           m_refused = i.m_refused, c_spoke = i.c_spoke, m_first_breached = i.m_first_breached, adverse = i.adverse,
           basis = i.basis, outcome = i.outcome, ruling_seq = i.ruling_seq, liability = i.liability,
           merchant_percent = i.merchant_percent, ruling_remedy = i.ruling_remedy, ruling_minor = i.ruling_minor,
           window_consumer = i.window_consumer, window_merchant = i.window_merchant,
           referral_used = i.referral_used, m_answered_there = i.m_answered_there, duties_open = i.duties_open,
           payouts_sent = i.payouts_sent, consumer_feedback = i.consumer_feedback,
           merchant_feedback = i.merchant_feedback, enforce_rearmed = i.enforce_rearmed,
           platform_breaches = i.platform_breaches, performed = i.performed, sla_seq = i.sla_seq,
           investigation_seq = i.investigation_seq, arbitration_seq = i.arbitration_seq, fund_seq = i.fund_seq,
           notification_seq = i.notification_seq, waits = i.waits, last_hash = i.last_hash
      FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[], $6::int[], $7::bool[],
                  $8::bool[], $9::bool[], $10::bool[], $11::bool[], $12::bool[], $13::bool[], $14::int[],
                  $15::int[], $16::bigint[], $17::int[], $18::int[], $19::int[], $20::bigint[], $21::int[],
                  $22::int[], $23::bool[], $24::bool[], $25::int[], $26::int[], $27::bool[], $28::bool[],
                  $29::int[], $30::int[], $31::bool[], $32::bigint[], $33::bigint[], $34::bigint[], $35::bigint[],
                  $36::bigint[], $37::text[], $38::bytea[])
           AS i (case_id, generation, ver, log_seq, finding_seq, stage, file_complete, m_replied, m_position,
                 m_refused, c_spoke, m_first_breached, adverse, basis, outcome, ruling_seq, liability,
                 merchant_percent, ruling_remedy, ruling_minor, window_consumer, window_merchant, referral_used,
                 m_answered_there, duties_open, payouts_sent, consumer_feedback, merchant_feedback, enforce_rearmed,
                 platform_breaches, performed, sla_seq, investigation_seq, arbitration_seq, fund_seq,
                 notification_seq, waits, last_hash)
     WHERE c.case_id = i.case_id AND c.ver = i.ver
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: hearing_load
SELECT case_id, offers_consumer, offers_merchant, assignee, rounds_opened, rounds_sealed, seal_result, rule_signed,
       round_signed, draft_signed, invest_breached, draft_seq, draft_author, draft_id, draft_liability,
       draft_percent, draft_remedy, draft_minor, comment_consumer, comment_merchant, comment_reopened,
       finalise_breaches, ruling_id, appellant, joined, remand_used, election_only, consent_consumer,
       consent_merchant, arb_ack_breaches, prior_seq, rescind_consumer, rescind_merchant, rescission_used,
       hold_breaches, return_leg, perform_ms, supplement_used, refiled, acted_before, rejected_seq,
       declared_consumer, declared_merchant, acted, panel, appealed_consumer, appealed_merchant
  FROM hearing WHERE case_id = ANY ($1::uuid[]);

-- name: hearing_add
INSERT INTO hearing (case_id, offers_consumer, offers_merchant, assignee, rounds_opened, rounds_sealed, seal_result,
                     rule_signed, round_signed, draft_signed, invest_breached, draft_seq, draft_author, draft_id,
                     draft_liability, draft_percent, draft_remedy, draft_minor, comment_consumer, comment_merchant,
                     comment_reopened, finalise_breaches, ruling_id, appellant, joined, remand_used, election_only,
                     consent_consumer, consent_merchant, arb_ack_breaches, prior_seq, rescind_consumer,
                     rescind_merchant, rescission_used, hold_breaches, return_leg, perform_ms, supplement_used,
                     refiled, acted_before, rejected_seq, declared_consumer, declared_merchant, acted, panel,
                     appealed_consumer, appealed_merchant)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::int[], $6::int[], $7::int[], $8::bool[],
                     $9::bool[], $10::bool[], $11::bool[], $12::bigint[], $13::text[], $14::text[], $15::int[],
                     $16::int[], $17::int[], $18::bigint[], $19::int[], $20::int[], $21::bool[], $22::int[],
                     $23::text[], $24::int[], $25::bool[], $26::bool[], $27::bool[], $28::text[], $29::text[],
                     $30::int[], $31::bigint[], $32::bool[], $33::bool[], $34::bool[], $35::int[], $36::int[],
                     $37::bigint[], $38::bool[], $39::bool[], $40::int[], $41::bigint[], $42::text[], $43::text[],
                     $44::text[], $45::text[], $46::bool[], $47::bool[]);

-- name: hearing_save
WITH u AS (
    UPDATE hearing h
       SET offers_consumer = i.offers_consumer, offers_merchant = i.offers_merchant, assignee = i.assignee,
           rounds_opened = i.rounds_opened, rounds_sealed = i.rounds_sealed, seal_result = i.seal_result,
           rule_signed = i.rule_signed, round_signed = i.round_signed, draft_signed = i.draft_signed,
           invest_breached = i.invest_breached, draft_seq = i.draft_seq, draft_author = i.draft_author,
           draft_id = i.draft_id, draft_liability = i.draft_liability, draft_percent = i.draft_percent,
           draft_remedy = i.draft_remedy, draft_minor = i.draft_minor, comment_consumer = i.comment_consumer,
           comment_merchant = i.comment_merchant, comment_reopened = i.comment_reopened,
           finalise_breaches = i.finalise_breaches, ruling_id = i.ruling_id, appellant = i.appellant,
           joined = i.joined, remand_used = i.remand_used, election_only = i.election_only,
           consent_consumer = i.consent_consumer, consent_merchant = i.consent_merchant,
           arb_ack_breaches = i.arb_ack_breaches, prior_seq = i.prior_seq, rescind_consumer = i.rescind_consumer,
           rescind_merchant = i.rescind_merchant, rescission_used = i.rescission_used,
           hold_breaches = i.hold_breaches, return_leg = i.return_leg, perform_ms = i.perform_ms,
           supplement_used = i.supplement_used, refiled = i.refiled,
           acted_before = i.acted_before, rejected_seq = i.rejected_seq, declared_consumer = i.declared_consumer,
           declared_merchant = i.declared_merchant, acted = i.acted, panel = i.panel,
           appealed_consumer = i.appealed_consumer, appealed_merchant = i.appealed_merchant
      FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::int[], $6::int[], $7::int[], $8::bool[],
                  $9::bool[], $10::bool[], $11::bool[], $12::bigint[], $13::text[], $14::text[], $15::int[],
                  $16::int[], $17::int[], $18::bigint[], $19::int[], $20::int[], $21::bool[], $22::int[],
                  $23::text[], $24::int[], $25::bool[], $26::bool[], $27::bool[], $28::text[], $29::text[],
                  $30::int[], $31::bigint[], $32::bool[], $33::bool[], $34::bool[], $35::int[], $36::int[],
                  $37::bigint[], $38::bool[], $39::bool[], $40::int[], $41::bigint[], $42::text[], $43::text[],
                  $44::text[], $45::text[], $46::bool[], $47::bool[])
           AS i (case_id, offers_consumer, offers_merchant, assignee, rounds_opened, rounds_sealed, seal_result,
                 rule_signed, round_signed, draft_signed, invest_breached, draft_seq, draft_author, draft_id,
                 draft_liability, draft_percent, draft_remedy, draft_minor, comment_consumer, comment_merchant,
                 comment_reopened, finalise_breaches, ruling_id, appellant, joined, remand_used, election_only,
                 consent_consumer, consent_merchant, arb_ack_breaches, prior_seq, rescind_consumer,
                 rescind_merchant, rescission_used, hold_breaches, return_leg, perform_ms, supplement_used, refiled,
                 acted_before, rejected_seq, declared_consumer, declared_merchant, acted, panel,
                 appealed_consumer, appealed_merchant)
     WHERE h.case_id = i.case_id
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: clock_load
SELECT case_id, kind, side, cause, state, due_ms, generation, paper
  FROM docket_clock WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, cause, kind, side;

-- name: clock_add
INSERT INTO docket_clock (case_id, kind, side, cause, state, due_ms, generation, paper)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::int[], $6::bigint[], $7::int[],
                     $8::bigint[]);

-- name: clock_save
WITH u AS (
    UPDATE docket_clock c
       SET state = i.state, due_ms = i.due_ms, generation = i.generation
      FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::int[], $6::bigint[], $7::int[])
           AS i (case_id, kind, side, cause, state, due_ms, generation)
     WHERE c.case_id = i.case_id AND c.kind = i.kind AND c.side = i.side AND c.cause = i.cause
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: log_view
SELECT case_id, sequence, entry_type, machine_row, stage_before, stage_after, time_ms, hash
  FROM case_log WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, sequence;

-- name: log_save
INSERT INTO case_log (case_id, sequence, entry_type, machine_row, stage_before, stage_after, time_ms, hash, value)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::text[], $5::int[], $6::int[], $7::bigint[],
                     $8::bytea[], $9::bytea[]);

-- name: open_view
SELECT stage, count(*) FROM docket
 WHERE stage NOT IN (4, 14, 15) AND lane = ANY ($1::int[]) GROUP BY stage;

-- name: command_load
SELECT command_key, case_id, value_hash, sequence, refusal, guard, stage
  FROM command WHERE command_key = ANY ($1::text[]);

-- name: command_save
INSERT INTO command (command_key, case_id, value_hash, sequence, refusal, guard, stage)
SELECT * FROM unnest($1::text[], $2::uuid[], $3::bytea[], $4::bigint[], $5::int[], $6::text[], $7::int[]);
