#include "fund/outside.h"

#include <jansson.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "common/base/log.h"
#include "fund/rails/wechat_json.h"
#include "fund/rails/wechat_refund.h"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "fund job");
}

static struct dsp_str hex_of(struct dsp_arena *arena, struct dsp_str bytes)
{
    char *text = dsp_arena_alloc(arena, 2 * bytes.len + 1);
    if (text) {
        dsp_hex((const uint8_t *)bytes.ptr, bytes.len, text);
    }
    return dsp_str_from(text);
}

/* --- what a job keeps --- */

static struct dsp_err plan_transfer(const struct fund *fund, struct dsp_turn *turn, const struct fund_case_row *row,
                                    const struct fund_payout_row *payout, struct dsp_str notify_url,
                                    struct dsp_str *ret_argument)
{
    enum fund_rail rails[FUND_RAIL_COUNT];
    struct fund_transfer transfer = {.appid = dsp_str_from(fund->settings.appid),
                                     .number = payout->payout_number,
                                     .notify_url = notify_url,
                                     .amount_minor = payout->amount_minor};
    struct dsp_str plan;
    fund_rails_at(dsp_service_platforms(fund->service), row->head.platform_id, payout->sent_ms, rails,
                  &transfer.scene_id);
    if (!transfer.scene_id.len) {
        transfer.scene_id = DSP_STR_LITERAL("1011");
    }
    DSP_TRY(fund_transfer_plan(turn->arena, &transfer, &plan));
    struct dsp_str openid = hex_of(turn->arena, row->openid_sealed);
    json_t *argument = json_pack("{s:s%, s:s%}", "plan", plan.ptr, plan.len, "openid_sealed", openid.ptr, openid.len);
    return fund_json_text(turn->arena, argument, ret_argument);
}

struct dsp_err fund_outside_plan(const struct fund *fund, struct dsp_turn *turn, const struct fund_case_row *row,
                                 const struct fund_payout_row *payout, struct dsp_str *ret_argument)
{
    char id[DSP_UUID_TEXT_BYTES];
    struct dsp_str notify_url;
    dsp_uuid_format(&row->head.case_id, id);
    DSP_TRY(fund_notify_url(turn->arena, dsp_str_from(fund->settings.notify_url), dsp_str_from(id), row->head.order_id,
                            &notify_url));
    if (payout->rail != FUND_RAIL_REFUND) {
        return plan_transfer(fund, turn, row, payout, notify_url, ret_argument);
    }
    struct fund_refund refund = {.number = payout->payout_number,
                                 .transaction_id = row->transaction_id,
                                 .notify_url = notify_url,
                                 .amount_minor = payout->amount_minor,
                                 .total_minor = row->paid_in_minor};
    return fund_refund_body(turn->arena, &refund, ret_argument);
}

struct dsp_err fund_outside_prove(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_duty_row *duty,
                                  struct dsp_str payment_number, bool seen, int64_t sequence)
{
    struct dsp_job *job = fund_store_add(turn, FUND_TABLE_JOB, &row->head.case_id);
    if (!job) {
        return full();
    }
    job->number = dsp_arena_format(turn->arena, "proof%lld", (long long)sequence);
    job->kind = DSP_STR_LITERAL("verify");
    job->lane = row->head.lane;
    job->state = DSP_JOB_READY;
    job->mode = FUND_MODE_QUERY;
    job->order_id = row->head.order_id;
    job->reference = sequence;
    return fund_json_text(turn->arena,
                          json_pack("{s:s%, s:s%, s:b}", "number", payment_number.ptr, payment_number.len, "duty_id",
                                    duty->duty_id.ptr, duty->duty_id.len, "seen", seen),
                          &job->argument);
}

/* --- waiting --- */

static struct dsp_err call_now(struct dsp_job *job, enum fund_mode mode)
{
    job->mode = (int32_t)mode;
    job->state = DSP_JOB_READY;
    job->row.dirty = true;
    return dsp_ok();
}

static struct dsp_timer timer_of(struct dsp_turn *turn, const struct dsp_job *job, int64_t due_ms)
{
    return (struct dsp_timer){.case_id = job->case_id,
                              .name = dsp_arena_format(turn->arena, "job:%.*s", DSP_STR_ARG(job->number)),
                              .generation = job->attempts,
                              .due_ms = due_ms};
}

static struct dsp_err call_later(struct dsp_turn *turn, struct dsp_job *job, enum fund_mode mode)
{
    struct dsp_timer timer = timer_of(turn, job, turn->now_ms + fund_backoff_ms(job->attempts));
    job->mode = (int32_t)mode;
    job->state = DSP_JOB_WAITING;
    job->row.dirty = true;
    return timer.name.ptr ? dsp_timer_set(turn, job->lane, &timer) : full();
}

static struct dsp_err call_done(struct dsp_turn *turn, struct dsp_job *job)
{
    struct dsp_timer timer = timer_of(turn, job, 0);
    dsp_job_end(job);
    return timer.name.ptr ? dsp_timer_drop(turn, &timer) : full();
}

void fund_ask_now(struct dsp_turn *turn, const struct fund_case_row *row)
{
    struct dsp_job *job;
    for (size_t i = 0; (job = fund_store_at(turn, FUND_TABLE_JOB, &row->head.case_id, i)); i++) {
        if (job->state == DSP_JOB_WAITING) { /* its timer then finds other attempts and does nothing */
            job->state = DSP_JOB_READY;
            job->row.dirty = true;
        }
    }
}

/* --- proofs --- */

struct dsp_err fund_verified(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_cause *cause,
                             struct fund_duty_row *duty, struct dsp_str number, int64_t amount_minor)
{
    duty->said = FUND_DUTY_VERIFIED;
    duty->row.dirty = true;
    struct fund_finding finding = {
        .kind = FUND_FINDING_DUTY_VERIFIED, .duty_id = duty->duty_id, .number = number, .amount_minor = amount_minor};
    DSP_TRY(fund_say(turn, row, &finding, cause->sequence, cause->time_ms));
    return fund_discharge(turn, row, cause, duty);
}

struct dsp_err fund_rejected(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_cause *cause,
                             struct fund_duty_row *duty, const char *code)
{
    duty->said = duty->due_seq ? FUND_DUTY_DUE : FUND_DUTY_NOTED;
    duty->row.dirty = true;
    struct fund_finding finding = {
        .kind = FUND_FINDING_DUTY_REJECTED, .duty_id = duty->duty_id, .code = dsp_str_from(code)};
    return fund_say(turn, row, &finding, cause->sequence, cause->time_ms);
}

static struct dsp_err on_proof(struct dsp_turn *turn, struct fund_case_row *row, struct dsp_job *job,
                               const struct fund_told *told)
{
    const char *code;
    json_t *argument = fund_json_object(job->argument);
    struct dsp_str number = fund_json_str(turn->arena, argument, "number");
    struct dsp_str duty_id = fund_json_str(turn->arena, argument, "duty_id");
    bool seen = json_is_true(json_object_get(argument, "seen"));
    json_decref(argument);
    struct fund_duty_row *duty = fund_store_duty(turn, &job->case_id, duty_id);
    struct fund_cause cause = {job->reference, turn->now_ms};
    bool waits = duty && !duty->said &&
                 (seen ? fund_duty_open((enum fund_duty_state)duty->state)
                       : duty->state == FUND_DUTY_DONE && duty->done_seq == job->reference);
    if (!waits) {
        return call_done(turn, job); /* missed, waived or proved otherwise meanwhile */
    }
    switch (fund_refund_prove(told, row->transaction_id, duty->amount_minor, &code)) {
    case FUND_PROOF_HOLDS:
        DSP_TRY(call_done(turn, job));
        return fund_verified(turn, row, &cause, duty, number, told->amount_minor);
    case FUND_PROOF_FAILS:
        DSP_TRY(call_done(turn, job));
        return seen ? dsp_ok() : fund_rejected(turn, row, &cause, duty, code);
    case FUND_PROOF_ASK_AGAIN:
    default:
        return call_later(turn, job, FUND_MODE_QUERY);
    }
}

/* --- payouts --- */

/* Another part of the same duty that has not arrived yet. */
static bool others_out(struct dsp_turn *turn, const struct fund_case_row *row, const struct fund_payout_row *payout)
{
    const struct fund_payout_row *other;
    for (size_t i = 0; (other = fund_store_at(turn, FUND_TABLE_PAYOUT, &row->head.case_id, i)); i++) {
        bool out = other->state == FUND_PAYOUT_SENT && other->said != FUND_PAYOUT_CONFIRMED;
        if (other != payout && out && dsp_str_equal(other->duty_id, payout->duty_id)) {
            return true;
        }
    }
    return false;
}

static struct dsp_err confirm(struct dsp_turn *turn, struct fund_case_row *row, struct fund_payout_row *payout)
{
    struct fund_cause cause = {payout->sent_seq, turn->now_ms};
    struct fund_duty_row *duty = fund_store_duty(turn, &row->head.case_id, payout->duty_id);
    payout->said = FUND_PAYOUT_CONFIRMED;
    payout->row.dirty = true;
    struct fund_finding confirmed = {
        .kind = FUND_FINDING_PAYOUT_CONFIRMED, .number = payout->payout_number, .amount_minor = payout->amount_minor};
    DSP_TRY(fund_say(turn, row, &confirmed, cause.sequence, cause.time_ms));
    if (!duty || fund_duty_decide((enum fund_duty_state)duty->state, FUND_DUTY_SUBSTITUTE, false) == FUND_DUTY_NONE) {
        return dsp_ok(); /* paid and performed both: the claim key has let it through only once before */
    }
    if (fund_sent_for(turn, row, duty->duty_id) < duty->amount_minor || others_out(turn, row, payout)) {
        return dsp_ok(); /* a part of it: the rest waits for people, or is on its way */
    }
    duty->said = FUND_DUTY_SUBSTITUTED;
    duty->row.dirty = true;
    struct fund_finding substituted = {.kind = FUND_FINDING_DUTY_SUBSTITUTED, .duty_id = duty->duty_id};
    DSP_TRY(fund_say(turn, row, &substituted, cause.sequence, cause.time_ms));
    return fund_discharge(turn, row, &cause, duty);
}

static struct dsp_err fail(struct dsp_turn *turn, struct fund_case_row *row, struct fund_payout_row *payout,
                           struct dsp_str code)
{
    payout->said = FUND_PAYOUT_FAILED;
    payout->row.dirty = true;
    struct fund_finding failed = {.kind = FUND_FINDING_PAYOUT_FAILED,
                                  .number = payout->payout_number,
                                  .code = code.len ? code : payout->refusal_code};
    return fund_say(turn, row, &failed, payout->sent_seq, turn->now_ms);
}

/* What an answer says about another number or another sum says nothing about ours. */
static void doubt(const struct fund_payout_row *payout, struct fund_told *told)
{
    bool other = told->number.len && !dsp_str_equal(told->number, payout->payout_number);
    bool sum = told->amount_minor && told->amount_minor != payout->amount_minor;
    if (other || sum) {
        dsp_log(DSP_LOG_ERROR, "the payment side answers about another payout",
                DSP_F_TEXT("error.code", DSP_CODE_OUTSIDE_UNKNOWN), DSP_F_STR("dispute.number", payout->payout_number));
        *told = (struct fund_told){.fate = FUND_FATE_UNKNOWN};
    }
}

static struct dsp_err on_payout(struct dsp_turn *turn, struct fund_case_row *row, struct dsp_job *job,
                                enum fund_mode mode, struct fund_told *told)
{
    struct fund_payout_row *payout = fund_store_payout(turn, &job->case_id, job->number);
    if (!payout || payout->state != FUND_PAYOUT_SENT || payout->said) {
        return call_done(turn, job);
    }
    doubt(payout, told);
    if (mode == FUND_MODE_CREATE) {
        payout->refusal_code = told->fate != FUND_FATE_REFUSED ? (struct dsp_str){NULL, 0}
                               : told->code.len                ? told->code
                                                               : DSP_STR_LITERAL("REFUSED");
        if (told->fate == FUND_FATE_REFUSED || told->fate == FUND_FATE_BUSY) {
            dsp_log(DSP_LOG_ERROR, "the payment side did not take a payout",
                    DSP_F_TEXT("error.code", DSP_CODE_OUTSIDE_REFUSED), DSP_F_STR("error.message", told->code),
                    DSP_F_STR("dispute.number", payout->payout_number));
        }
    }
    payout->attempts = job->attempts;
    payout->row.dirty = true;
    switch (fund_payout_next(mode, told->fate, payout->refusal_code.len > 0)) {
    case FUND_ACTION_ASK_NOW:
        return call_now(job, FUND_MODE_QUERY);
    case FUND_ACTION_CREATE_NOW:
        return call_now(job, FUND_MODE_CREATE);
    case FUND_ACTION_CREATE_LATER:
        return call_later(turn, job, FUND_MODE_CREATE);
    case FUND_ACTION_CONFIRM:
        DSP_TRY(call_done(turn, job));
        return confirm(turn, row, payout);
    case FUND_ACTION_FAIL:
        DSP_TRY(call_done(turn, job));
        return fail(turn, row, payout, told->fate == FUND_FATE_ABSENT ? payout->refusal_code : told->code);
    case FUND_ACTION_NONE:
    case FUND_ACTION_ASK_LATER:
    default:
        return call_later(turn, job, FUND_MODE_QUERY);
    }
}

struct dsp_err fund_on_answer(const struct fund *fund, struct dsp_turn *turn, struct dsp_record *record)
{
    (void)fund;
    const struct dsp_answer *answer = &record->answer;
    struct fund_case_row *row = fund_store_case(turn, &record->case_id);
    struct dsp_job *job = fund_store_job(turn, &record->case_id, answer->number);
    if (!row || !job || job->state == DSP_JOB_DONE) {
        return dsp_ok();
    }
    /* An answer that is not theirs is none. */
    int status = answer->authentic ? answer->status : 0;
    if (!answer->authentic) {
        dsp_log(DSP_LOG_ERROR, "an answer of the payment side does not verify",
                DSP_F_TEXT("error.code", DSP_CODE_SIGNATURE_INVALID), DSP_F_STR("dispute.number", job->number));
    }
    struct fund_told told = dsp_str_is(job->kind, "transfer") ? fund_transfer_read(turn->arena, status, answer->body)
                                                              : fund_refund_read(turn->arena, status, answer->body);
    job->attempts++;
    job->row.dirty = true;
    return dsp_str_is(job->kind, "verify") ? on_proof(turn, row, job, &told)
                                           : on_payout(turn, row, job, (enum fund_mode)answer->mode, &told);
}

/* --- timers --- */

struct dsp_err fund_wait_for_demand(struct dsp_turn *turn, const struct fund_case_row *row,
                                    const struct fund_recovery_row *recovery)
{
    int32_t day = fund_demand_after(recovery->day);
    struct dsp_timer timer = {.case_id = row->head.case_id,
                              .name = dsp_arena_format(turn->arena, "demand:%.*s", DSP_STR_ARG(recovery->duty_id)),
                              .generation = day,
                              .due_ms = recovery->demand_ms + day * DSP_DAY_MS};
    bool waits = day && fund_recovery_live((enum fund_recovery_state)recovery->state);
    return waits ? dsp_timer_set(turn, row->head.lane, &timer) : dsp_timer_drop(turn, &timer);
}

struct dsp_err fund_on_timer(struct dsp_turn *turn, struct dsp_record *record)
{
    const struct dsp_str job_prefix = DSP_STR_LITERAL("job:");
    const struct dsp_str demand_prefix = DSP_STR_LITERAL("demand:");
    const struct dsp_timer *timer = &record->timer;
    struct fund_case_row *row = fund_store_case(turn, &record->case_id);
    if (row && dsp_str_starts(timer->name, job_prefix.ptr)) {
        struct dsp_str number = {timer->name.ptr + job_prefix.len, timer->name.len - job_prefix.len};
        struct dsp_job *job = fund_store_job(turn, &record->case_id, number);
        return job && job->state == DSP_JOB_WAITING && dsp_timer_ends(turn, timer, job->attempts, 0)
                   ? call_now(job, (enum fund_mode)job->mode)
                   : dsp_ok();
    }
    if (row && dsp_str_starts(timer->name, demand_prefix.ptr)) {
        struct dsp_str duty_id = {timer->name.ptr + demand_prefix.len, timer->name.len - demand_prefix.len};
        struct fund_recovery_row *recovery = fund_store_recovery(turn, &record->case_id, duty_id);
        if (recovery && dsp_timer_ends(turn, timer, fund_demand_after(recovery->day), 0)) {
            struct fund_cause cause = {recovery->demanded_seq, turn->now_ms};
            return fund_demand(turn, row, &cause, recovery, timer->generation);
        }
    }
    return dsp_ok();
}

/* --- doors --- */

static bool known(struct dsp_turn *turn, const struct dsp_record *record)
{
    const struct fund_inbound_row *seen;
    for (size_t i = 0; (seen = fund_store_at(turn, FUND_TABLE_INBOUND, &record->case_id, i)); i++) {
        if (dsp_str_equal(seen->source, record->envelope.source) &&
            dsp_str_equal(seen->message_id, record->envelope.id)) {
            return true;
        }
    }
    return false;
}

static struct dsp_err receive_fee(struct dsp_turn *turn, struct fund_case_row *row, const struct dsp_record *record,
                                  const struct fund_inbound *in)
{
    int64_t owed_minor = in->payer_side == FUND_SIDE_CONSUMER ? row->fee_consumer_minor : row->fee_merchant_minor;
    if (in->amount_minor <= 0 || in->amount_minor > owed_minor) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "no fee of %lld is owed", (long long)in->amount_minor);
    }
    struct fund_finding finding = {.kind = FUND_FINDING_RECOVERY_RECEIVED,
                                   .amount_minor = in->amount_minor,
                                   .payment = FUND_PAYMENT_CASH,
                                   .fee = true,
                                   .payer_side = in->payer_side,
                                   .payer_id = in->payer_id};
    return fund_say(turn, row, &finding, row->head.log_seq, record->time_ms);
}

/* The recovery that money of the merchant goes to: collected only once it is demanded. */
static struct fund_recovery_row *owed(struct dsp_turn *turn, const struct dsp_uuid *case_id, int64_t amount_minor)
{
    struct fund_recovery_row *recovery;
    for (size_t i = 0; (recovery = fund_store_at(turn, FUND_TABLE_RECOVERY, case_id, i)); i++) {
        int64_t open_minor = recovery->amount_minor - recovery->received_minor - recovery->coming_minor;
        enum fund_recovery_state state = (enum fund_recovery_state)(recovery->said ? recovery->said : recovery->state);
        if (amount_minor <= open_minor &&
            fund_recovery_decide(state, FUND_RECOVERY_RECEIVE_PART) != FUND_RECOVERY_NONE) {
            return recovery;
        }
    }
    return NULL;
}

static struct dsp_err receive(struct dsp_turn *turn, struct fund_case_row *row, const struct dsp_record *record,
                              const struct fund_inbound *in)
{
    struct fund_recovery_row *recovery = in->amount_minor > 0 ? owed(turn, &record->case_id, in->amount_minor) : NULL;
    if (!recovery || in->payer_side != FUND_SIDE_MERCHANT || !dsp_str_equal(in->payer_id, row->merchant_id)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "no debt of this payer that %lld fits into",
                          (long long)in->amount_minor);
    }
    struct fund_cause cause = {recovery->demanded_seq ? recovery->demanded_seq : recovery->opened_seq, record->time_ms};
    recovery->coming_minor += in->amount_minor;
    recovery->row.dirty = true;
    struct fund_finding finding = {.kind = FUND_FINDING_RECOVERY_RECEIVED,
                                   .amount_minor = in->amount_minor,
                                   .payment = in->set_off ? FUND_PAYMENT_SET_OFF : FUND_PAYMENT_CASH,
                                   .payer_side = in->payer_side,
                                   .payer_id = in->payer_id};
    DSP_TRY(fund_say(turn, row, &finding, cause.sequence, cause.time_ms));
    bool all = recovery->received_minor + recovery->coming_minor == recovery->amount_minor;
    return all ? fund_close_recovery(turn, row, &cause, recovery, FUND_END_RECOVERED) : dsp_ok();
}

/* A callback is a hint: the payment side is asked at once, and what it then says counts. */
static struct dsp_err hint(struct dsp_turn *turn, const struct dsp_record *record, const struct fund_inbound *in)
{
    const struct fund_payout_row *payout = fund_store_payout(turn, &record->case_id, in->number);
    struct dsp_job *job = payout ? fund_store_job(turn, &record->case_id, in->number) : NULL;
    bool waits = job && job->state != DSP_JOB_DONE && payout->state == FUND_PAYOUT_SENT && !payout->said;
    return waits ? call_now(job, FUND_MODE_QUERY) : dsp_ok();
}

struct dsp_err fund_on_inbound(struct dsp_turn *turn, struct dsp_record *record)
{
    const struct fund_inbound *in = record->input;
    struct fund_case_row *row = fund_store_case(turn, &record->case_id);
    if (!row || !dsp_str_equal(row->head.order_id, record->key)) {
        return dsp_reject(DSP_CODE_WRONG_KEY, "no such case of this order");
    }
    if (known(turn, record)) {
        record->duplicate = true;
        return dsp_ok();
    }
    struct fund_inbound_row *seen = fund_store_add(turn, FUND_TABLE_INBOUND, &record->case_id);
    if (!seen) {
        return full();
    }
    seen->source = record->envelope.source;
    seen->message_id = record->envelope.id;
    seen->time_ms = record->time_ms;
    row->head.row.dirty = true;
    if (in->payment) {
        return hint(turn, record, in);
    }
    return in->fee ? receive_fee(turn, row, record, in) : receive(turn, row, record, in);
}
