#include "fund/handlers.h"

#include <string.h>

#include "common/base/codes.h"
#include "fund/duties.h"
#include "fund/rails/wechat_refund.h"
#include "fund/read_back.h"

enum { TOPIC_LOG, TOPIC_INBOUND };

/* --- decode --- */

/* The claims of the order are small and of this lane alone. */
static struct dsp_err want_claims(struct dsp_turn *turn, const struct dsp_record *record, const char *platform_id)
{
    struct dsp_str key = fund_store_claim_key(turn, dsp_str_from(platform_id), record->key);
    DSP_TRY(dsp_rows_want(turn->rows, &FUND_TABLES[FUND_TABLE_CLAIM], key));
    return dsp_rows_want(turn->rows, &FUND_TABLES[FUND_TABLE_PROOF], key);
}

static struct dsp_err decode_entry(const struct fund *fund, struct dsp_turn *turn, struct dsp_record *record)
{
    struct fund_limits limits;
    DSP_TRY(fund_decode_entry(turn, record));
    const struct fund_entry *input = record->input;
    if (!input) {
        return dsp_ok();
    }
    if (input->entry->versions) { /* an entry that pins a version waits until that version has been read */
        DSP_TRY(fund_limits_find(dsp_service_platforms(fund->service), dsp_str_from(input->entry->platform_id),
                                 (int64_t)input->entry->versions->policy, &limits));
    }
    if (input->filed) {
        DSP_TRY(fund_store_begin(turn, &record->case_id, dsp_str_from(input->entry->platform_id), input->merchant_id,
                                 input->consumer_id));
    }
    if (fund_entry_posts(input)) {
        bool fees = input->fee_advanced || input->fee_borne || input->own.fee;
        DSP_TRY(fund_store_want_accounts(turn, &record->case_id, fees));
    }
    return want_claims(turn, record, input->entry->platform_id);
}

struct dsp_err fund_decode(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct fund *fund = self;
    if (record->kind != DSP_RECORD_MESSAGE) {
        return dsp_ok();
    }
    return record->topic == TOPIC_LOG ? decode_entry(fund, turn, record) : fund_decode_inbound(turn, record);
}

/* --- what an entry makes fund do --- */

static struct dsp_err pay_duties(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                                 const struct fund_entry *entry, const struct fund_cause *cause)
{
    struct fund_duty_row *duty;
    bool missed = false;
    for (size_t i = 0; (duty = fund_store_at(turn, FUND_TABLE_DUTY, &row->head.case_id, i)); i++) {
        if (duty->side != FUND_SIDE_MERCHANT || fund_pays_already(turn, row, duty->duty_id)) {
            continue;
        }
        if (entry->rule->missed && fund_decide_duty(duty, FUND_DUTY_MISS)) {
            duty->overdue_seq = entry->sequence;
            missed = true;
            DSP_TRY(fund_pay(fund, turn, row, cause, duty)); /* no deposit to set off: straight on */
        } else if (!entry->rule->missed && duty->kind == FUND_DUTY_PAY &&
                   fund_duty_open((enum fund_duty_state)duty->state)) {
            DSP_TRY(fund_pay(fund, turn, row, cause, duty)); /* at_award */
        }
    }
    return missed ? fund_sanction(turn, row, cause) : dsp_ok();
}

static struct fund_duty_row *duty_meant(struct dsp_turn *turn, const struct fund_case_row *row,
                                        const struct fund_entry *entry)
{
    struct fund_duty_row *found = NULL;
    struct fund_duty_row *duty;
    for (size_t i = 0; (duty = fund_store_at(turn, FUND_TABLE_DUTY, &row->head.case_id, i)); i++) {
        bool named = entry->duty_id.len ? dsp_str_equal(duty->duty_id, entry->duty_id)
                                        : duty->side == entry->performed_side;
        bool can = entry->seen ? duty->kind == FUND_DUTY_PAY && fund_duty_open((enum fund_duty_state)duty->state)
                               : fund_duty_decide((enum fund_duty_state)duty->state, FUND_DUTY_PERFORM, false) !=
                                     FUND_DUTY_NONE;
        if (named && can && !duty->said) {
            found = duty;
            break;
        }
    }
    return found;
}

static bool counted_before(struct dsp_turn *turn, const struct fund_case_row *row, struct dsp_str payment_number)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &FUND_TABLES[FUND_TABLE_PROOF],
                                        fund_store_claim_key(turn, row->head.platform_id, row->head.order_id));
    for (size_t i = 0; i < list->count; i++) {
        if (dsp_str_equal(((const struct fund_proof_row *)list->items[i])->payment_number, payment_number)) {
            return true;
        }
    }
    return false;
}

static struct dsp_err take_proof(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry,
                                 const struct fund_cause *cause)
{
    struct fund_duty_row *duty = duty_meant(turn, row, entry);
    if (!duty) {
        return dsp_ok(); /* a proof of nothing that is open */
    }
    if (!entry->seen) {
        fund_decide_duty(duty, FUND_DUTY_PERFORM);
        duty->done_seq = entry->sequence;
    }
    if (duty->kind != FUND_DUTY_PAY) { /* a carrier has the goods: its waybill is the proof */
        return entry->tracking_number.len ? fund_verified(turn, row, cause, duty, entry->tracking_number, 0)
                                          : fund_rejected(turn, row, cause, duty, "NO_WAYBILL");
    }
    bool good = fund_refund_number_good(entry->payment_number);
    bool fresh = !counted_before(turn, row, entry->payment_number);
    if (good && fresh) {
        return fund_outside_prove(turn, row, duty, entry->payment_number, entry->seen, entry->sequence);
    }
    return entry->seen ? dsp_ok() : fund_rejected(turn, row, cause, duty, good ? "ALREADY_COUNTED" : "NOT_FOUND");
}

static struct dsp_err by_people(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                                const struct fund_entry *entry, const struct fund_cause *cause)
{
    struct fund_recovery_row *recovery;
    struct fund_payout_row *payout = entry->release_number.len
                                         ? fund_store_payout(turn, &row->head.case_id, entry->release_number)
                                         : NULL;
    if (payout) {
        return fund_release(fund, turn, row, cause, payout);
    }
    for (size_t i = 0; (recovery = fund_store_at(turn, FUND_TABLE_RECOVERY, &row->head.case_id, i)); i++) {
        enum fund_recovery_state state = (enum fund_recovery_state)recovery->state;
        if (entry->contests && fund_recovery_decide(state, FUND_RECOVERY_CONTEST) != FUND_RECOVERY_NONE) {
            recovery->state = FUND_RECOVERY_DISPUTED;
            recovery->row.dirty = true;
        } else if (entry->writes_off && !recovery->said && fund_recovery_live(state)) {
            DSP_TRY(fund_close_recovery(turn, row, cause, recovery, FUND_END_WRITTEN_OFF));
        }
    }
    return dsp_ok();
}

/* --- fees of an arbitration --- */

static struct dsp_err post_fee(struct dsp_turn *turn, const struct fund_case_row *row, const struct fund_entry *entry,
                               enum fund_step step, struct dsp_str party, struct dsp_str other, int64_t amount_minor)
{
    struct fund_posting posting = {.step = step,
                                   .party = party,
                                   .other = other,
                                   .amount_minor = amount_minor,
                                   .sequence = entry->sequence,
                                   .time_ms = entry->time_ms};
    char name[64];
    snprintf(name, sizeof name, "fee:%d:%.40s", (int)step, party.len ? party.ptr : "");
    posting.group_id = fund_books_id(row, name, entry->sequence);
    return amount_minor > 0 ? fund_books_post(turn, row, &posting) : dsp_ok();
}

static struct dsp_err move_fees(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry)
{
    static const struct dsp_str NOBODY;
    if (entry->fee_advanced) {
        row->fee_consumer_minor += entry->fee_consumer_minor;
        row->fee_merchant_minor += entry->fee_merchant_minor;
        DSP_TRY(
            post_fee(turn, row, entry, FUND_STEP_FEE_ADVANCED, row->consumer_id, NOBODY, entry->fee_consumer_minor));
        DSP_TRY(
            post_fee(turn, row, entry, FUND_STEP_FEE_ADVANCED, row->merchant_id, NOBODY, entry->fee_merchant_minor));
        return post_fee(turn, row, entry, FUND_STEP_FEE_CONFIRMED, NOBODY, NOBODY,
                        entry->fee_consumer_minor + entry->fee_merchant_minor);
    }
    /* Borne: what a side owes the fund beyond its part goes to the other side. */
    int64_t to_merchant_minor = row->fee_consumer_minor - entry->fee_consumer_minor;
    int64_t to_consumer_minor = row->fee_merchant_minor - entry->fee_merchant_minor;
    if (to_merchant_minor > 0) {
        row->fee_consumer_minor -= to_merchant_minor;
        row->fee_merchant_minor += to_merchant_minor;
        return post_fee(turn, row, entry, FUND_STEP_FEE_SHIFTED, row->consumer_id, row->merchant_id, to_merchant_minor);
    }
    if (to_consumer_minor > 0) {
        row->fee_merchant_minor -= to_consumer_minor;
        row->fee_consumer_minor += to_consumer_minor;
        return post_fee(turn, row, entry, FUND_STEP_FEE_SHIFTED, row->merchant_id, row->consumer_id, to_consumer_minor);
    }
    return dsp_ok();
}

/* The duty that the fund has paid for is done with, or the case is over with a part of it paid: the merchant is asked
 * for the money (R9: last of all). */
static struct dsp_err demand_first(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry,
                                   const struct fund_cause *cause)
{
    struct fund_recovery_row *recovery;
    for (size_t i = 0; (recovery = fund_store_at(turn, FUND_TABLE_RECOVERY, &row->head.case_id, i)); i++) {
        bool meant = entry->closes || dsp_str_equal(recovery->duty_id, entry->own.duty_id);
        if (meant && recovery->state == FUND_RECOVERY_OPENED && fund_arrived(turn, row, recovery->duty_id)) {
            DSP_TRY(fund_demand(turn, row, cause, recovery, 0));
        }
    }
    return dsp_ok();
}

/* A ruling grants nothing after all: what the fund had paid under the one before is its own loss (8.2). */
static struct dsp_err annul_recoveries(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_cause *cause)
{
    struct fund_recovery_row *recovery;
    for (size_t i = 0; (recovery = fund_store_at(turn, FUND_TABLE_RECOVERY, &row->head.case_id, i)); i++) {
        enum fund_recovery_state state = (enum fund_recovery_state)recovery->state;
        bool on_its_way = state == FUND_RECOVERY_OPENED; /* annulled when its payout has arrived */
        if (!recovery->said && fund_recovery_live(state) && !on_its_way) {
            DSP_TRY(fund_close_recovery(turn, row, cause, recovery, FUND_END_ANNULLED));
        }
    }
    return dsp_ok();
}

static struct dsp_err act(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                          const struct fund_entry *entry, const struct fund_cause *cause)
{
    struct fund_limits limits;
    DSP_TRY(fund_limits_find(dsp_service_platforms(fund->service), row->head.platform_id, row->head.policy_version,
                             &limits));
    DSP_TRY(fund_change_duties(fund, turn, row, entry, cause));
    if (entry->rule->ends_recovery && !entry->ruling_minor) {
        DSP_TRY(annul_recoveries(turn, row, cause));
    }
    if (entry->rule->missed || (entry->rule->pays_at_once && limits.at_award && entry->ruling_minor)) {
        DSP_TRY(pay_duties(fund, turn, row, entry, cause));
    }
    if (entry->hold_over) {
        DSP_TRY(fund_pay_parts(fund, turn, row, cause));
    }
    if (entry->ask_now) {
        fund_ask_now(turn, row);
    }
    if (entry->performed) {
        DSP_TRY(take_proof(turn, row, entry, cause));
    }
    if (entry->release_number.len || entry->contests || entry->writes_off) {
        DSP_TRY(by_people(fund, turn, row, entry, cause));
    }
    return entry->fee_advanced || entry->fee_borne ? move_fees(turn, row, entry) : dsp_ok();
}

static void file_case(const struct fund_entry *entry, struct fund_case_row *row)
{
    row->merchant_id = entry->merchant_id;
    row->consumer_id = entry->consumer_id;
    row->order_line = entry->order_line;
    row->paid_in_minor = entry->paid_in_minor;
    row->transaction_id = entry->transaction_id;
    row->openid_sealed = entry->openid_sealed;
}

static struct dsp_err on_entry(const struct fund *fund, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct fund_entry *entry = record->input;
    struct fund_cause cause = {entry->sequence, entry->time_ms};
    struct fund_case_row *row;
    DSP_TRY(dsp_head_advance(turn, &FUND_TABLES[FUND_TABLE_CASE], record, entry->entry, &row));
    if (!row) {
        return dsp_ok();
    }
    if (entry->filed) {
        file_case(entry, row);
    }
    DSP_TRY(fund_books_open(turn, dsp_service_platforms(fund->service), row, entry->time_ms));
    if (entry->refused) {
        return entry->own.kind ? fund_take_back(turn, row, entry) : dsp_ok();
    }
    DSP_TRY(fund_read_back(fund, turn, row, entry));
    DSP_TRY(act(fund, turn, row, entry, &cause));
    if (entry->closes) {
        DSP_TRY(fund_void(turn, row, &cause, fund_held(turn, row)));
    }
    return entry->own.kind == FUND_FINDING_DUTY_DISCHARGED || entry->closes ? demand_first(turn, row, entry, &cause)
                                                                            : dsp_ok();
}

struct dsp_err fund_handle(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct fund *fund = self;
    switch (record->kind) {
    case DSP_RECORD_MESSAGE:
        if (!record->input) {
            return dsp_ok();
        }
        return record->topic == TOPIC_LOG ? on_entry(fund, turn, record) : fund_on_inbound(turn, record);
    case DSP_RECORD_TIMER:
        return fund_on_timer(turn, record);
    case DSP_RECORD_ANSWER:
        return fund_on_answer(fund, turn, record);
    default:
        return dsp_ok();
    }
}
