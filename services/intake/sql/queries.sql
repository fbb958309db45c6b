-- Statements of intake. Columns stand in the order of the lists in store.c.

-- name: docket_load
SELECT case_id, lane, generation, ver, log_seq, finding_seq, order_id, platform_id, policy_version, calendar_version,
       rules_version, stage, consumer_id, merchant_id, order_line, reason, remedy, amount_minor, paid_minor,
       filed_ms, received_ms, promised_ms, consumer_clause, merchant_clause, file_complete, m_replied,
       m_position, m_refused, c_spoke, m_first_breached, adverse, basis, outcome, ruling_seq, liability,
       ruling_remedy, ruling_minor, window_consumer, window_merchant, referral_used, m_answered_there,
       duties_open, payouts_sent, consumer_feedback, merchant_feedback, enforce_rearmed, platform_breaches,
       sla_seq, investigation_seq, arbitration_seq, fund_seq, notification_seq, offers_consumer,
       offers_merchant, assignee, rounds_opened, rounds_sealed, seal_result, rule_signed, round_signed,
       draft_signed, invest_breached, draft_seq, draft_author, draft_id, draft_liability, draft_percent,
       draft_remedy, draft_minor, comment_consumer, comment_merchant, comment_reopened, finalise_breaches,
       ruling_id, merchant_percent, appellant, joined, remand_used, election_only, consent_consumer,
       consent_merchant, arb_ack_breaches, prior_seq, performed, rescind_consumer, rescind_merchant,
       rescission_used, hold_breaches, waits, acted, panel, last_hash, wrapped_key
  FROM docket WHERE case_id = ANY ($1::uuid[]);

-- name: docket_save
WITH i AS (
    SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[], $7::text[], $8::text[],
                         $9::bigint[], $10::bigint[], $11::bigint[], $12::int[], $13::text[], $14::text[],
                         $15::int[], $16::int[], $17::int[], $18::bigint[], $19::bigint[], $20::bigint[],
                         $21::bigint[], $22::bigint[], $23::text[], $24::text[], $25::bool[], $26::bool[],
                         $27::bool[], $28::bool[], $29::bool[], $30::bool[], $31::bool[], $32::int[],
                         $33::int[], $34::bigint[], $35::int[], $36::int[], $37::bigint[], $38::int[],
                         $39::int[], $40::bool[], $41::bool[], $42::int[], $43::int[], $44::bool[],
                         $45::bool[], $46::int[], $47::int[], $48::bigint[], $49::bigint[], $50::bigint[],
                         $51::bigint[], $52::bigint[], $53::int[], $54::int[], $55::text[], $56::int[],
                         $57::int[], $58::int[], $59::bool[], $60::bool[], $61::bool[], $62::bool[],
                         $63::bigint[], $64::text[], $65::text[], $66::int[], $67::int[], $68::int[],
                         $69::bigint[], $70::int[], $71::int[], $72::bool[], $73::int[], $74::text[],
                         $75::int[], $76::int[], $77::bool[], $78::bool[], $79::bool[], $80::text[],
                         $81::text[], $82::int[], $83::bigint[], $84::bool[], $85::bool[], $86::bool[],
                         $87::bool[], $88::int[], $89::text[], $90::text[], $91::text[], $92::bytea[],
                         $93::bytea[])
           AS i (case_id, lane, generation, ver, log_seq, finding_seq, order_id, platform_id, policy_version, calendar_version,
                 rules_version, stage, consumer_id, merchant_id, order_line, reason, remedy, amount_minor,
                 paid_minor, filed_ms, received_ms, promised_ms, consumer_clause, merchant_clause,
                 file_complete, m_replied, m_position, m_refused, c_spoke, m_first_breached, adverse, basis,
                 outcome, ruling_seq, liability, ruling_remedy, ruling_minor, window_consumer,
                 window_merchant, referral_used, m_answered_there, duties_open, payouts_sent,
                 consumer_feedback, merchant_feedback, enforce_rearmed, platform_breaches, sla_seq,
                 investigation_seq, arbitration_seq, fund_seq, notification_seq, offers_consumer,
                 offers_merchant, assignee, rounds_opened, rounds_sealed, seal_result, rule_signed,
                 round_signed, draft_signed, invest_breached, draft_seq, draft_author, draft_id,
                 draft_liability, draft_percent, draft_remedy, draft_minor, comment_consumer,
                 comment_merchant, comment_reopened, finalise_breaches, ruling_id, merchant_percent,
                 appellant, joined, remand_used, election_only, consent_consumer, consent_merchant,
                 arb_ack_breaches, prior_seq, performed, rescind_consumer, rescind_merchant, rescission_used,
                 hold_breaches, waits, acted, panel, last_hash, wrapped_key)
), u AS (
    INSERT INTO docket AS c (case_id, lane, generation, ver, log_seq, finding_seq, order_id, platform_id, policy_version, calendar_version,
                             rules_version, stage, consumer_id, merchant_id, order_line, reason, remedy,
                             amount_minor, paid_minor, filed_ms, received_ms, promised_ms, consumer_clause,
                             merchant_clause, file_complete, m_replied, m_position, m_refused, c_spoke,
                             m_first_breached, adverse, basis, outcome, ruling_seq, liability, ruling_remedy,
                             ruling_minor, window_consumer, window_merchant, referral_used, m_answered_there,
                             duties_open, payouts_sent, consumer_feedback, merchant_feedback, enforce_rearmed,
                             platform_breaches, sla_seq, investigation_seq, arbitration_seq, fund_seq,
                             notification_seq, offers_consumer, offers_merchant, assignee, rounds_opened,
                             rounds_sealed, seal_result, rule_signed, round_signed, draft_signed,
                             invest_breached, draft_seq, draft_author, draft_id, draft_liability,
                             draft_percent, draft_remedy, draft_minor, comment_consumer, comment_merchant,
                             comment_reopened, finalise_breaches, ruling_id, merchant_percent, appellant,
                             joined, remand_used, election_only, consent_consumer, consent_merchant,
                             arb_ack_breaches, prior_seq, performed, rescind_consumer, rescind_merchant,
                             rescission_used, hold_breaches, waits, acted, panel, last_hash, wrapped_key)
    SELECT case_id, lane, generation, ver + 1, log_seq, finding_seq, order_id, platform_id, policy_version,
           calendar_version, rules_version, stage, consumer_id, merchant_id, order_line, reason, remedy,
           amount_minor, paid_minor, filed_ms, received_ms, promised_ms, consumer_clause, merchant_clause,
           file_complete, m_replied, m_position, m_refused, c_spoke, m_first_breached, adverse, basis,
           outcome, ruling_seq, liability, ruling_remedy, ruling_minor, window_consumer, window_merchant,
           referral_used, m_answered_there, duties_open, payouts_sent, consumer_feedback, merchant_feedback,
           enforce_rearmed, platform_breaches, sla_seq, investigation_seq, arbitration_seq, fund_seq,
           notification_seq, offers_consumer, offers_merchant, assignee, rounds_opened, rounds_sealed,
           seal_result, rule_signed, round_signed, draft_signed, invest_breached, draft_seq, draft_author,
           draft_id, draft_liability, draft_percent, draft_remedy, draft_minor, comment_consumer,
           comment_merchant, comment_reopened, finalise_breaches, ruling_id, merchant_percent, appellant,
           joined, remand_used, election_only, consent_consumer, consent_merchant, arb_ack_breaches,
           prior_seq, performed, rescind_consumer, rescind_merchant, rescission_used, hold_breaches, waits,
           acted, panel, last_hash, wrapped_key
      FROM i
    ON CONFLICT (case_id) DO UPDATE
       SET ver = excluded.ver, generation = excluded.generation, log_seq = excluded.log_seq, finding_seq =
           excluded.finding_seq, stage = excluded.stage, reason = excluded.reason, remedy = excluded.remedy,
           amount_minor = excluded.amount_minor, paid_minor = excluded.paid_minor, received_ms =
           excluded.received_ms, promised_ms = excluded.promised_ms, consumer_clause =
           excluded.consumer_clause, merchant_clause = excluded.merchant_clause, file_complete =
           excluded.file_complete, m_replied = excluded.m_replied, m_position = excluded.m_position, m_refused
           = excluded.m_refused, c_spoke = excluded.c_spoke, m_first_breached = excluded.m_first_breached,
           adverse = excluded.adverse, basis = excluded.basis, outcome = excluded.outcome, ruling_seq =
           excluded.ruling_seq, liability = excluded.liability, ruling_remedy = excluded.ruling_remedy,
           ruling_minor = excluded.ruling_minor, window_consumer = excluded.window_consumer, window_merchant =
           excluded.window_merchant, referral_used = excluded.referral_used, m_answered_there =
           excluded.m_answered_there, duties_open = excluded.duties_open, payouts_sent =
           excluded.payouts_sent, consumer_feedback = excluded.consumer_feedback, merchant_feedback =
           excluded.merchant_feedback, enforce_rearmed = excluded.enforce_rearmed, platform_breaches =
           excluded.platform_breaches, sla_seq = excluded.sla_seq, investigation_seq =
           excluded.investigation_seq, arbitration_seq = excluded.arbitration_seq, fund_seq =
           excluded.fund_seq, notification_seq = excluded.notification_seq, offers_consumer =
           excluded.offers_consumer, offers_merchant = excluded.offers_merchant, assignee = excluded.assignee,
           rounds_opened = excluded.rounds_opened, rounds_sealed = excluded.rounds_sealed, seal_result =
           excluded.seal_result, rule_signed = excluded.rule_signed, round_signed = excluded.round_signed,
           draft_signed = excluded.draft_signed, invest_breached = excluded.invest_breached, draft_seq =
           excluded.draft_seq, draft_author = excluded.draft_author, draft_id = excluded.draft_id,
           draft_liability = excluded.draft_liability, draft_percent = excluded.draft_percent, draft_remedy =
           excluded.draft_remedy, draft_minor = excluded.draft_minor, comment_consumer =
           excluded.comment_consumer, comment_merchant = excluded.comment_merchant, comment_reopened =
           excluded.comment_reopened, finalise_breaches = excluded.finalise_breaches, ruling_id =
           excluded.ruling_id, merchant_percent = excluded.merchant_percent, appellant = excluded.appellant,
           joined = excluded.joined, remand_used = excluded.remand_used, election_only =
           excluded.election_only, consent_consumer = excluded.consent_consumer, consent_merchant =
           excluded.consent_merchant, arb_ack_breaches = excluded.arb_ack_breaches, prior_seq =
           excluded.prior_seq, performed = excluded.performed, rescind_consumer = excluded.rescind_consumer,
           rescind_merchant = excluded.rescind_merchant, rescission_used = excluded.rescission_used,
           hold_breaches = excluded.hold_breaches, waits = excluded.waits, acted = excluded.acted, panel =
           excluded.panel, last_hash = excluded.last_hash
     WHERE c.ver = excluded.ver - 1
    RETURNING 1
)
SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]));

-- name: clock_load
SELECT case_id, kind, side, cause, state, due_ms, generation, paper
  FROM docket_clock WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, cause, kind, side;

-- name: clock_save
INSERT INTO docket_clock (case_id, kind, side, cause, state, due_ms, generation, paper)
SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::bigint[], $5::int[], $6::bigint[], $7::int[], $8::bigint[])
ON CONFLICT (case_id, kind, side, cause) DO UPDATE
   SET state = excluded.state, due_ms = excluded.due_ms, generation = excluded.generation;

-- name: log_view
SELECT case_id, sequence, entry_type, machine_row, stage_before, stage_after, time_ms, hash
  FROM case_log WHERE case_id = ANY ($1::uuid[]) ORDER BY case_id, sequence;

-- name: log_save
INSERT INTO case_log (case_id, sequence, entry_type, machine_row, stage_before, stage_after, time_ms, hash, value)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::int[], $4::text[], $5::int[], $6::int[], $7::bigint[],
                     $8::bytea[], $9::bytea[]);

-- name: command_load
SELECT command_key, case_id, value_hash, sequence, refusal, guard, stage
  FROM command WHERE command_key = ANY ($1::text[]);

-- name: command_save
INSERT INTO command (command_key, case_id, value_hash, sequence, refusal, guard, stage)
SELECT * FROM unnest($1::text[], $2::uuid[], $3::bytea[], $4::bigint[], $5::int[], $6::text[], $7::int[]);
