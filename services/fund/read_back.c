#include "fund/read_back.h"

#include "common/base/codes.h"
#include "common/base/log.h"
#include "fund/read_back_internal.h"

struct dsp_err fund_missing(const struct fund_entry *entry)
{
    return dsp_reject(DSP_CODE_FIELD_INVALID, "entry %lld names nothing that fund has said",
                      (long long)entry->sequence);
}

void fund_log_change(const struct fund_case_row *row, const char *what, const char *state)
{
    dsp_log(DSP_LOG_DEBUG, what, DSP_F_UUID("dispute.case_id", &row->head.case_id),
            DSP_F_INT("dispute.sequence", row->head.log_seq), DSP_F_TEXT("dispute.state", state));
}

struct fund_posting fund_posting_of(const struct fund_case_row *row, const struct fund_entry *entry,
                                    enum fund_step step, int64_t amount_minor)
{
    bool owed = step != FUND_STEP_VOID && step != FUND_STEP_CONFIRMED && step != FUND_STEP_TAKEN_BACK;
    return (struct fund_posting){.step = step,
                                 .party = owed ? row->merchant_id : (struct dsp_str){NULL, 0},
                                 .amount_minor = amount_minor,
                                 .group_id = fund_books_id(row, "entry", entry->sequence),
                                 .sequence = entry->sequence,
                                 .time_ms = entry->time_ms};
}

struct dsp_err fund_post_entry(struct dsp_turn *turn, const struct fund_case_row *row, const struct fund_entry *entry,
                               enum fund_step step, int64_t amount_minor)
{
    struct fund_posting posting = fund_posting_of(row, entry, step, amount_minor);
    return fund_books_post(turn, row, &posting);
}

/* --- duties --- */

static struct dsp_err change_duty(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry,
                                  enum fund_duty_input input, struct fund_duty_row **ret_duty)
{
    struct fund_duty_row *duty = fund_store_duty(turn, &row->head.case_id, entry->own.duty_id);
    if (!duty) {
        return fund_missing(entry);
    }
    enum fund_duty_state next = fund_duty_decide((enum fund_duty_state)duty->state, input, duty->due_seq > 0);
    duty->said = 0;
    duty->row.dirty = true;
    if (next != FUND_DUTY_NONE) {
        duty->state = (int32_t)next;
        fund_log_change(row, "duty", fund_duty_state_name((int)next));
    }
    *ret_duty = duty;
    return dsp_ok();
}

/* One refund proves one duty, and the claim key counts it. */
static struct dsp_err count_refund(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry,
                                   const struct fund_duty_row *duty)
{
    struct fund_claim_row *claim = fund_claim_of(turn, row);
    struct dsp_str key = fund_store_claim_key(turn, row->head.platform_id, row->head.order_id);
    struct fund_proof_row *proof = claim ? dsp_rows_add(turn->rows, &FUND_TABLES[FUND_TABLE_PROOF], key) : NULL;
    if (!proof) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "proof");
    }
    claim->sum.refunded_minor += entry->own.amount_minor;
    claim->row.dirty = true;
    proof->claim_key = key;
    proof->payment_number = entry->own.number;
    proof->case_id = row->head.case_id;
    proof->duty_id = duty->duty_id;
    return dsp_ok();
}

static struct dsp_err duty_read(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry)
{
    struct fund_duty_row *duty;
    switch ((int)entry->own.kind) {
    case FUND_FINDING_DUTY_VERIFIED:
        DSP_TRY(change_duty(turn, row, entry, FUND_DUTY_VERIFY, &duty));
        duty->verified_seq = entry->sequence;
        return duty->kind == FUND_DUTY_PAY ? count_refund(turn, row, entry, duty) : dsp_ok();
    case FUND_FINDING_DUTY_REJECTED:
        return change_duty(turn, row, entry, FUND_DUTY_REJECT, &duty);
    case FUND_FINDING_DUTY_SUBSTITUTED:
        DSP_TRY(change_duty(turn, row, entry, FUND_DUTY_SUBSTITUTE, &duty));
        duty->substituted_seq = entry->sequence;
        return dsp_ok();
    case FUND_FINDING_DUTY_DISCHARGED:
        duty = fund_store_duty(turn, &row->head.case_id, entry->own.duty_id);
        if (!duty) {
            return fund_missing(entry);
        }
        duty->discharged_seq = entry->sequence;
        duty->row.dirty = true;
        return dsp_ok();
    default:
        return dsp_ok();
    }
}

/* --- reservations --- */

static struct dsp_err move_claim(struct dsp_turn *turn, struct fund_case_row *row, int64_t reserved_minor,
                                 int64_t paid_minor)
{
    struct fund_claim_row *claim = fund_claim_of(turn, row);
    if (!claim) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "claim");
    }
    claim->sum.reserved_minor += reserved_minor;
    claim->sum.paid_minor += paid_minor;
    claim->row.dirty = true;
    return dsp_ok();
}

static struct dsp_err reservation_read(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry)
{
    struct fund_reservation_row *reservation = fund_store_reservation(turn, row);
    if (entry->own.kind == FUND_FINDING_RESERVE_REFUSED) {
        return dsp_ok();
    }
    if (!reservation) {
        return fund_missing(entry);
    }
    reservation->row.dirty = true;
    if (entry->own.kind == FUND_FINDING_FUND_RESERVED) {
        reservation->held_seq = reservation->held_seq ? reservation->held_seq : entry->sequence;
        return fund_books_name(turn, row, entry->own.group_id, entry->sequence);
    }
    DSP_TRY(fund_reservation_decide(&reservation->sum, FUND_VOID, entry->own.amount_minor));
    reservation->voided_seq = entry->sequence;
    fund_log_change(row, "reservation", fund_reservation_state_name((int)reservation->sum.state));
    DSP_TRY(move_claim(turn, row, -entry->own.amount_minor, 0));
    struct fund_posting posting = fund_posting_of(row, entry, FUND_STEP_VOID, entry->own.amount_minor);
    if (!dsp_uuid_parse(entry->own.group_id, &posting.group_id)) { /* the finding has named it */
        return fund_missing(entry);
    }
    return fund_books_post(turn, row, &posting);
}

/* --- payouts --- */

/* What the merchant will owe for a duty is all that has been sent for it, be it in parts. */
static void count_recovery(struct dsp_turn *turn, const struct fund_case_row *row, const struct fund_payout_row *payout)
{
    struct fund_recovery_row *recovery = fund_store_recovery(turn, &row->head.case_id, payout->duty_id);
    int64_t sum_minor = fund_sent_for(turn, row, payout->duty_id);
    if (recovery && sum_minor && recovery->amount_minor != sum_minor) {
        recovery->amount_minor = sum_minor;
        recovery->row.dirty = true;
    }
}

static struct dsp_err sent(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                           const struct fund_entry *entry, struct fund_payout_row *payout)
{
    struct fund_reservation_row *reservation = fund_store_reservation(turn, row);
    if (!reservation) {
        return fund_missing(entry);
    }
    payout->sent_seq = entry->sequence;
    payout->sent_ms = entry->time_ms;
    DSP_TRY(fund_reservation_decide(&reservation->sum, FUND_POST, payout->amount_minor));
    reservation->posted_seq = entry->sequence;
    reservation->row.dirty = true;
    DSP_TRY(move_claim(turn, row, -payout->amount_minor, payout->amount_minor));
    DSP_TRY(fund_post_entry(turn, row, entry, FUND_STEP_ADVANCE_SENT, payout->amount_minor));
    struct fund_payout_row *rest = fund_held_for(turn, row, payout->duty_id);
    if (rest) { /* this one was a part of it */
        rest->amount_minor -= payout->amount_minor;
        rest->row.dirty = true;
    }
    count_recovery(turn, row, payout);
    return fund_call_out(fund, turn, row, payout, entry->sequence);
}

static struct dsp_err failed(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                             const struct fund_entry *entry, struct fund_payout_row *payout)
{
    struct fund_reservation_row *reservation = fund_store_reservation(turn, row);
    struct fund_duty_row *duty = fund_store_duty(turn, &row->head.case_id, payout->duty_id);
    struct fund_cause cause = {entry->sequence, entry->time_ms};
    if (!reservation) {
        return fund_missing(entry);
    }
    payout->failed_seq = entry->sequence;
    DSP_TRY(fund_post_entry(turn, row, entry, FUND_STEP_ADVANCE_FAILED, payout->amount_minor));
    DSP_TRY(fund_reservation_decide(&reservation->sum, FUND_POST_BACK, payout->amount_minor));
    reservation->row.dirty = true;
    DSP_TRY(move_claim(turn, row, payout->amount_minor, -payout->amount_minor));
    count_recovery(turn, row, payout);
    struct fund_payout_row *rest = fund_held_for(turn, row, payout->duty_id);
    if (rest) { /* this one was a part of it: people look at all of it now */
        rest->amount_minor += payout->amount_minor;
        rest->row.dirty = true;
        return dsp_ok();
    }
    return duty && fund_duty_open((enum fund_duty_state)duty->state) ? fund_pay(fund, turn, row, &cause, duty)
                                                                     : dsp_ok();
}

/* Nobody owes it any more, but it had left: the fund bears it (8.2). */
static struct dsp_err annul_if_waived(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry,
                                      const struct fund_payout_row *payout)
{
    const struct fund_duty_row *duty = fund_store_duty(turn, &row->head.case_id, payout->duty_id);
    struct fund_recovery_row *recovery = fund_store_recovery(turn, &row->head.case_id, payout->duty_id);
    struct fund_cause cause = {entry->sequence, entry->time_ms};
    bool annuls = duty && duty->state == FUND_DUTY_WAIVED && recovery && !recovery->said &&
                  recovery->state == FUND_RECOVERY_OPENED;
    return annuls ? fund_close_recovery(turn, row, &cause, recovery, FUND_END_ANNULLED) : dsp_ok();
}

static const struct dsp_metric PAYOUTS = {
    "dispute_payouts_total",
    DSP_METRIC_COUNTER,
    "Payouts as the log has them; result: sent, held (for people), confirmed, failed, reversed.",
    {"currency", "result"}};
static const struct dsp_metric PAYOUT_AMOUNT = {"dispute_payout_amount_minor_units_total",
                                                DSP_METRIC_COUNTER,
                                                "What these payouts were about.",
                                                {"currency", "result"}};

static void count_payout(struct dsp_turn *turn, enum fund_finding_kind kind, const struct fund_payout_row *payout)
{
    static const char *const RESULTS[] = {
        [FUND_FINDING_PAYOUT_SENT] = "sent",           [FUND_FINDING_PAYOUT_HELD] = "held",
        [FUND_FINDING_PAYOUT_CONFIRMED] = "confirmed", [FUND_FINDING_PAYOUT_FAILED] = "failed",
        [FUND_FINDING_PAYMENT_REVERSED] = "reversed",
    };
    const struct dsp_str labels[] = {DSP_STR_LITERAL("CNY"), dsp_str_from(RESULTS[kind])};
    dsp_count(turn, &PAYOUTS, 1, labels);
    dsp_count(turn, &PAYOUT_AMOUNT, payout->amount_minor, labels);
}

static struct dsp_err payout_read(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                                  const struct fund_entry *entry)
{
    static const enum fund_payout_input INPUTS[] = {
        [FUND_FINDING_PAYOUT_SENT] = FUND_PAYOUT_SEND,         [FUND_FINDING_PAYOUT_HELD] = FUND_PAYOUT_HOLD,
        [FUND_FINDING_PAYOUT_CONFIRMED] = FUND_PAYOUT_CONFIRM, [FUND_FINDING_PAYOUT_FAILED] = FUND_PAYOUT_FAIL,
        [FUND_FINDING_PAYMENT_REVERSED] = FUND_PAYOUT_REVERSE,
    };
    struct fund_payout_row *payout = fund_store_payout(turn, &row->head.case_id, entry->own.number);
    enum fund_payout_state next =
        payout ? fund_payout_decide((enum fund_payout_state)payout->state, INPUTS[entry->own.kind]) : FUND_PAYOUT_NEW;
    if (next == FUND_PAYOUT_NEW) {
        return fund_missing(entry);
    }
    payout->state = (int32_t)next;
    payout->said = 0;
    payout->row.dirty = true;
    fund_log_change(row, "payout", fund_payout_state_name((int)next));
    count_payout(turn, entry->own.kind, payout);
    switch ((int)entry->own.kind) {
    case FUND_FINDING_PAYOUT_SENT:
        return sent(fund, turn, row, entry, payout);
    case FUND_FINDING_PAYOUT_HELD:
        payout->held_seq = entry->sequence;
        return dsp_ok();
    case FUND_FINDING_PAYOUT_CONFIRMED:
        payout->confirmed_seq = entry->sequence;
        DSP_TRY(fund_post_entry(turn, row, entry, FUND_STEP_CONFIRMED, payout->amount_minor));
        return annul_if_waived(turn, row, entry, payout);
    case FUND_FINDING_PAYOUT_FAILED:
        return failed(fund, turn, row, entry, payout);
    default: /* taken back after the confirmation: owed again */
        payout->failed_seq = entry->sequence;
        return fund_post_entry(turn, row, entry, FUND_STEP_TAKEN_BACK, payout->amount_minor);
    }
}

/* --- sanctions, and which is which --- */

static struct dsp_err sanction_read(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry)
{
    struct fund_sanction_row *sanction;
    for (size_t i = 0; (sanction = fund_store_at(turn, FUND_TABLE_SANCTION, &row->head.case_id, i)); i++) {
        if (sanction->rung == entry->own.rung) {
            bool applied = entry->own.kind == FUND_FINDING_SANCTION_APPLIED && !entry->refused;
            sanction->state = applied ? FUND_SANCTION_APPLIED : FUND_SANCTION_LIFTED;
            *(applied ? &sanction->applied_seq : &sanction->lifted_seq) = entry->sequence;
            sanction->row.dirty = true;
            return dsp_ok();
        }
    }
    return fund_missing(entry);
}

struct dsp_err fund_read_back(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                              const struct fund_entry *entry)
{
    switch (entry->own.kind) {
    case FUND_FINDING_DUTY_VERIFIED:
    case FUND_FINDING_DUTY_REJECTED:
    case FUND_FINDING_DUTY_SUBSTITUTED:
    case FUND_FINDING_DUTY_DISCHARGED:
        return duty_read(turn, row, entry);
    case FUND_FINDING_FUND_RESERVED:
    case FUND_FINDING_RESERVE_REFUSED:
    case FUND_FINDING_RESERVATION_VOIDED:
        return reservation_read(turn, row, entry);
    case FUND_FINDING_PAYOUT_SENT:
    case FUND_FINDING_PAYOUT_HELD:
    case FUND_FINDING_PAYOUT_CONFIRMED:
    case FUND_FINDING_PAYOUT_FAILED:
    case FUND_FINDING_PAYMENT_REVERSED:
        return payout_read(fund, turn, row, entry);
    case FUND_FINDING_RECOVERY_OPENED:
    case FUND_FINDING_RECOVERY_DEMANDED:
    case FUND_FINDING_RECOVERY_RECEIVED:
    case FUND_FINDING_RECOVERY_CLOSED:
        return fund_recovery_read(turn, row, entry);
    case FUND_FINDING_SANCTION_APPLIED:
    case FUND_FINDING_SANCTION_LIFTED:
        return sanction_read(turn, row, entry);
    case FUND_FINDING_NONE:
    case FUND_FINDING_INTERIM_ADVANCE_DECIDED:
    default:
        return dsp_ok();
    }
}

/* --- refused --- */

static struct dsp_err unreserve(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry)
{
    struct fund_reservation_row *reservation = fund_store_reservation(turn, row);
    if (!reservation) {
        return fund_missing(entry);
    }
    if (entry->own.kind == FUND_FINDING_RESERVATION_VOIDED) {
        reservation->row.dirty = true;
        return fund_reservation_decide(&reservation->sum, FUND_VOID_BACK, entry->own.amount_minor);
    }
    DSP_TRY(fund_books_name(turn, row, entry->own.group_id, entry->sequence));
    DSP_TRY(fund_reservation_decide(&reservation->sum, FUND_HOLD_BACK, entry->own.amount_minor));
    reservation->voided_seq = entry->sequence;
    reservation->row.dirty = true;
    DSP_TRY(move_claim(turn, row, -entry->own.amount_minor, 0));
    return fund_post_entry(turn, row, entry, FUND_STEP_VOID, entry->own.amount_minor);
}

/* What was provisional is as before; a payout that was to leave has not left. */
struct dsp_err fund_take_back(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry)
{
    struct fund_duty_row *duty = fund_store_duty(turn, &row->head.case_id, entry->own.duty_id);
    struct fund_payout_row *payout = fund_store_payout(turn, &row->head.case_id, entry->own.number);
    dsp_log(DSP_LOG_WARN, "a finding of fund was refused", DSP_F_UUID("dispute.case_id", &row->head.case_id),
            DSP_F_INT("dispute.sequence", entry->sequence), DSP_F_INT("dispute.finding", (int)entry->own.kind));
    if (payout) {
        payout->said = 0;
        payout->row.dirty = true;
    } else if (duty) {
        duty->said = 0;
        duty->row.dirty = true;
    }
    switch ((int)entry->own.kind) {
    case FUND_FINDING_FUND_RESERVED:
    case FUND_FINDING_RESERVATION_VOIDED:
        return unreserve(turn, row, entry);
    case FUND_FINDING_RECOVERY_OPENED:
    case FUND_FINDING_RECOVERY_DEMANDED:
    case FUND_FINDING_RECOVERY_RECEIVED:
    case FUND_FINDING_RECOVERY_CLOSED:
        return fund_recovery_take_back(turn, row, entry);
    case FUND_FINDING_SANCTION_APPLIED:
        return sanction_read(turn, row, entry);
    default:
        return dsp_ok();
    }
}
