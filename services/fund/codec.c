#include "fund/codec.h"

#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"

typedef Disputes__Case__V1__Entry entry_message;

#define TYPE(name) DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_##name
#define STAGE(name) DISPUTES__COMMON__V1__STAGE__STAGE_##name

_Static_assert((int)FUND_RAIL_ADVANCE_REFUND == (int)DISPUTES__FUND__V1__RAIL__RAIL_ADVANCE_REFUND,
               "fund_rail follows disputes.fund.v1.Rail");
_Static_assert((int)FUND_DUTY_REPAIR == (int)DISPUTES__CASE__V1__DUTY_KIND__DUTY_KIND_REPAIR,
               "duty kinds follow disputes.case.v1.DutyKind");
#define SAME_TYPE(name) \
    _Static_assert((int)FUND_ENTRY_##name == (int)TYPE(name), "fund_entry_type follows disputes.case.v1.EntryType")
SAME_TYPE(COMPLAINT_WITHDRAWN);
SAME_TYPE(CLAIM_ACCEPTED);
SAME_TYPE(OFFER_ACCEPTED);
SAME_TYPE(DEFAULT_JUDGMENT_ENTERED);
SAME_TYPE(RULE_FOUND);
SAME_TYPE(DECISION_FINAL);
SAME_TYPE(APPEAL_DECIDED);
SAME_TYPE(APPEAL_REMANDED);
SAME_TYPE(AWARD_RECEIVED);
SAME_TYPE(SETTLED_IN_ARBITRATION);
SAME_TYPE(SETTLEMENT_DEFAULTED);
SAME_TYPE(SETTLEMENT_RESCINDED);
SAME_TYPE(PERFORMANCE_MISSED);
SAME_TYPE(REMEDY_LAPSED);
_Static_assert((int)FUND_SIDE_MERCHANT == (int)DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT,
               "sides follow disputes.common.v1.Role");

const char FUND_INBOUND_TYPE[] = "cn.example.disputes.fund.inbound.v1";
const char FUND_INBOUND_SCHEMA[] = "urn:proto:disputes.fund.v1.Inbound";

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "fund message");
}

static int64_t minor(const Disputes__Common__V1__Money *money)
{
    return money ? money->amount_minor : 0;
}

/* --- entries --- */

static struct dsp_err read_filing(struct dsp_turn *turn, const entry_message *entry, struct fund_entry *input)
{
    const Disputes__Gateway__V1__FileComplaint *filing = NULL;
    if (entry->content_case == DISPUTES__CASE__V1__ENTRY__CONTENT_GATEWAY_COMMAND &&
        entry->gateway_command->act_case == DISPUTES__GATEWAY__V1__COMMAND__ACT_FILE_COMPLAINT) {
        filing = entry->gateway_command->file_complaint;
    } else if (entry->content_case == DISPUTES__CASE__V1__ENTRY__CONTENT_CONSOLE_COMMAND &&
               entry->console_command->act_case == DISPUTES__CONSOLE__V1__COMMAND__ACT_FILE_COMPLAINT) {
        filing = entry->console_command->file_complaint;
    }
    const Disputes__Case__V1__Claim *claim = entry->claim;
    if (!claim) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a filing without a claim");
    }
    input->filed = true;
    input->merchant_id = dsp_message_str(claim->merchant_id);
    input->consumer_id = dsp_message_str(claim->consumer_id);
    input->order_line = claim->order_line;
    input->paid_in_minor = minor(claim->paid);
    if (filing && filing->order) {
        input->transaction_id = dsp_message_str(filing->order->transaction_id);
        if (filing->order->consumer_openid) {
            return dsp_message_pack(turn->arena, &filing->order->consumer_openid->base, &input->openid_sealed);
        }
    }
    return dsp_ok();
}

static struct dsp_err read_duties(struct dsp_turn *turn, const entry_message *entry, struct fund_entry *input)
{
    input->duties = dsp_arena_alloc(turn->arena, (entry->n_duties + 1) * sizeof *input->duties);
    if (!input->duties) {
        return full();
    }
    for (size_t i = 0; i < entry->n_duties; i++) {
        const Disputes__Case__V1__Duty *duty = entry->duties[i];
        if (!duty->duty_id[0] || minor(duty->amount) < 0) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "duty %zu", i);
        }
        input->duties[input->duty_count++] = (struct fund_new_duty){.duty_id = dsp_message_str(duty->duty_id),
                                                                    .kind = (int32_t)duty->kind,
                                                                    .side = (int32_t)duty->side,
                                                                    .amount_minor = minor(duty->amount),
                                                                    .due = duty->due};
    }
    return dsp_ok();
}

/* Stage, type and ruling: what the machine did. */
static void read_move(const entry_message *entry, struct fund_entry *input)
{
    const Disputes__Common__V1__Ruling *ruling = entry->ruling;
    input->enforcing = entry->stage_after == STAGE(ENFORCING) && entry->stage_before != STAGE(ENFORCING);
    input->closes = entry->stage_after == STAGE(CLOSED) && entry->stage_before != STAGE(CLOSED);
    input->binds = input->enforcing;
    input->rule = fund_entry_rule((int)entry->type);
    if (ruling && ruling->remedy != DISPUTES__COMMON__V1__REMEDY__REMEDY_NONE) {
        input->ruling_minor = minor(ruling->amount);
        input->statutory = ruling->remedy == DISPUTES__COMMON__V1__REMEDY__REMEDY_STATUTORY_MULTIPLE;
    }
}

static void read_gateway(const Disputes__Gateway__V1__Command *command, struct fund_entry *input)
{
    switch ((int)command->act_case) {
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_DUTY_PERFORMED:
        input->performed = true; /* T48, T65, and E10 in SETTLED */
        input->performed_side = command->actor ? (int32_t)command->actor->role : 0;
        input->duty_id = dsp_message_str(command->duty_performed->duty_id);
        input->payment_number = dsp_message_str(command->duty_performed->payment_number);
        input->tracking_number = dsp_message_str(command->duty_performed->tracking_number);
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_REPORT_FACT:
        if (command->report_fact->fact_case == DISPUTES__GATEWAY__V1__REPORT_FACT__FACT_REFUND_NUMBER) {
            input->performed = true;
            input->seen = true;
            input->performed_side = FUND_SIDE_MERCHANT;
            input->payment_number = dsp_message_str(command->report_fact->refund_number);
        }
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_INSPECT_RETURN:
        input->binds = command->inspect_return->condition ==
                       DISPUTES__GATEWAY__V1__RETURN_CONDITION__RETURN_CONDITION_IN_ORDER;
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_CONTEST_RECOVERY:
        input->contests = true;
        break;
    default:
        break;
    }
}

static void read_console(const Disputes__Console__V1__Command *command, struct fund_entry *input)
{
    switch ((int)command->act_case) {
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_RELEASE_PAYOUT:
        input->release_number = dsp_message_str(command->release_payout->payout_number);
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_WRITE_OFF_RECOVERY:
        input->writes_off = true;
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_CHECK_RETURN:
        input->binds = true;
        input->cut = command->check_return->verdict != DISPUTES__CONSOLE__V1__RETURN_VERDICT__RETURN_VERDICT_STANDS;
        if (command->check_return->verdict == DISPUTES__CONSOLE__V1__RETURN_VERDICT__RETURN_VERDICT_CUT) {
            input->cut_minor = minor(command->check_return->amount);
        }
        break;
    default:
        break;
    }
}

/* E29: nobody has looked at the goods in time, so they count as received in order. E30: enforcement takes too long. */
static void read_sla(const entry_message *entry, const Disputes__Sla__V1__Finding *finding, struct fund_entry *input)
{
    if (finding->finding_case == DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED && finding->clock_breached->clock &&
        finding->clock_breached->clock->clock) {
        Disputes__Common__V1__ClockKind kind = finding->clock_breached->clock->clock->kind;
        input->hold_over = kind == DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_HOLD && entry->type == TYPE(FINDING);
        input->ask_now = kind == DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_ENFORCE_HARD &&
                         entry->type == TYPE(FINDING);
        input->binds = input->binds || kind == DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_RETURN_INSPECT ||
                       kind == DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_RETURN_CHECK;
    }
}

static void read_arbitration(const Disputes__Arbitration__V1__Finding *finding, struct fund_entry *input)
{
    if (finding->finding_case == DISPUTES__ARBITRATION__V1__FINDING__FINDING_FEE_MOVED) {
        Disputes__Arbitration__V1__FeeMove move = finding->fee_moved->move;
        input->fee_advanced = move == DISPUTES__ARBITRATION__V1__FEE_MOVE__FEE_MOVE_ADVANCED;
        input->fee_borne = move == DISPUTES__ARBITRATION__V1__FEE_MOVE__FEE_MOVE_BORNE;
        input->fee_consumer_minor = minor(finding->fee_moved->consumer);
        input->fee_merchant_minor = minor(finding->fee_moved->merchant);
    }
}

static void read_content(const entry_message *entry, struct fund_entry *input)
{
    bool refused = entry->type == TYPE(FINDING_REFUSED) || entry->type == TYPE(COMMAND_REFUSED);
    input->refused = refused;
    if (entry->content_case == DISPUTES__CASE__V1__ENTRY__CONTENT_FUND_FINDING) {
        fund_finding_read(entry->fund_finding, &input->own);
        return;
    }
    if (refused) {
        return;
    }
    switch ((int)entry->content_case) {
    case DISPUTES__CASE__V1__ENTRY__CONTENT_GATEWAY_COMMAND:
        read_gateway(entry->gateway_command, input);
        break;
    case DISPUTES__CASE__V1__ENTRY__CONTENT_CONSOLE_COMMAND:
        read_console(entry->console_command, input);
        break;
    case DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING:
        read_sla(entry, entry->sla_finding, input);
        break;
    case DISPUTES__CASE__V1__ENTRY__CONTENT_ARBITRATION_FINDING:
        read_arbitration(entry->arbitration_finding, input);
        break;
    default:
        break;
    }
}

struct dsp_err fund_decode_entry(struct dsp_turn *turn, struct dsp_record *record)
{
    const entry_message *entry;
    DSP_TRY(dsp_entry_read(turn, record, &entry));
    if (!entry || dsp_entry_tells_time(entry)) {
        return dsp_ok();
    }
    struct fund_entry *input = dsp_arena_alloc(turn->arena, sizeof *input);
    if (!input) {
        return full();
    }
    *input = (struct fund_entry){.entry = entry, .sequence = (int64_t)entry->sequence, .time_ms = entry->time_millis};
    if (entry->sequence == 1) {
        DSP_TRY(read_filing(turn, entry, input));
    }
    DSP_TRY(read_duties(turn, entry, input));
    read_move(entry, input);
    read_content(entry, input);
    record->input = input;
    return dsp_ok();
}

bool fund_entry_posts(const struct fund_entry *entry)
{
    switch (entry->own.kind) {
    case FUND_FINDING_RESERVATION_VOIDED:
    case FUND_FINDING_PAYOUT_SENT:
    case FUND_FINDING_PAYOUT_CONFIRMED:
    case FUND_FINDING_PAYOUT_FAILED:
    case FUND_FINDING_PAYMENT_REVERSED:
    case FUND_FINDING_RECOVERY_RECEIVED:
    case FUND_FINDING_RECOVERY_CLOSED:
        return true;
    case FUND_FINDING_FUND_RESERVED:
        return entry->refused;
    case FUND_FINDING_NONE:
    case FUND_FINDING_DUTY_VERIFIED:
    case FUND_FINDING_DUTY_REJECTED:
    case FUND_FINDING_DUTY_SUBSTITUTED:
    case FUND_FINDING_DUTY_DISCHARGED:
    case FUND_FINDING_RESERVE_REFUSED:
    case FUND_FINDING_PAYOUT_HELD:
    case FUND_FINDING_RECOVERY_OPENED:
    case FUND_FINDING_RECOVERY_DEMANDED:
    case FUND_FINDING_SANCTION_APPLIED:
    case FUND_FINDING_SANCTION_LIFTED:
    case FUND_FINDING_INTERIM_ADVANCE_DECIDED:
    default:
        return entry->rule->aside || entry->enforcing || entry->rule->missed || entry->fee_advanced ||
               entry->fee_borne || entry->release_number.len || (entry->rule->replaces && entry->duty_count);
    }
}

/* --- inbound --- */

struct dsp_err fund_decode_inbound(struct dsp_turn *turn, struct dsp_record *record)
{
    Disputes__Fund__V1__Inbound *message;
    struct fund_inbound *input = dsp_arena_alloc(turn->arena, sizeof *input);
    if (!input) {
        return full();
    }
    if (!record->value.ptr) {
        return dsp_reject(DSP_CODE_TOMBSTONE, "inbound records have a value");
    }
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__fund__v1__inbound__descriptor, record->value, &message));
    switch (message->message_case) {
    case DISPUTES__FUND__V1__INBOUND__MESSAGE_PAYMENT_REPORTED:
        *input = (struct fund_inbound){.payment = true,
                                       .number = dsp_message_str(message->payment_reported->payout_number)};
        break;
    case DISPUTES__FUND__V1__INBOUND__MESSAGE_SET_OFF_REPORTED:
        *input = (struct fund_inbound){.set_off = true,
                                       .payer_side = FUND_SIDE_MERCHANT,
                                       .payer_id = dsp_message_str(message->set_off_reported->merchant_id),
                                       .amount_minor = minor(message->set_off_reported->amount)};
        break;
    case DISPUTES__FUND__V1__INBOUND__MESSAGE_CASH_REPORTED:
        *input = (struct fund_inbound){.fee = message->cash_reported->fee,
                                       .amount_minor = minor(message->cash_reported->amount)};
        if (message->cash_reported->payer) {
            input->payer_side = (int32_t)message->cash_reported->payer->role;
            input->payer_id = dsp_message_str(message->cash_reported->payer->id);
        }
        break;
    case DISPUTES__FUND__V1__INBOUND__MESSAGE__NOT_SET:
    case _DISPUTES__FUND__V1__INBOUND__MESSAGE__CASE_IS_INT_SIZE:
    default:
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "an inbound message of no kind");
    }
    if (dsp_uuid_is_zero(&record->envelope.subject) || !record->envelope.id.len) {
        return dsp_reject(DSP_CODE_HEADER_MISSING, "ce_subject or ce_id");
    }
    record->case_id = record->envelope.subject;
    record->input = input;
    record->type = dsp_message_name(turn->arena, message->base.descriptor, (unsigned)message->message_case);
    return dsp_ok();
}

static struct dsp_err own(struct dsp_arena *arena, struct dsp_str text, char **ret_text)
{
    struct dsp_str copy = dsp_arena_copy(arena, text); /* terminated, as generated code wants it */
    if (!copy.ptr) {
        return full();
    }
    *ret_text = (char *)(uintptr_t)copy.ptr;
    return dsp_ok();
}

struct dsp_err fund_pack_payment(struct dsp_arena *arena, struct dsp_str number, struct dsp_str state,
                                 struct dsp_str payment_side_number, struct dsp_str *ret_value)
{
    Disputes__Fund__V1__Inbound message = DISPUTES__FUND__V1__INBOUND__INIT;
    Disputes__Fund__V1__PaymentReported payment = DISPUTES__FUND__V1__PAYMENT_REPORTED__INIT;
    DSP_TRY(own(arena, number, &payment.payout_number));
    DSP_TRY(own(arena, state, &payment.state));
    DSP_TRY(own(arena, payment_side_number, &payment.payment_side_number));
    message.message_case = DISPUTES__FUND__V1__INBOUND__MESSAGE_PAYMENT_REPORTED;
    message.payment_reported = &payment;
    return dsp_message_pack(arena, &message.base, ret_value);
}

struct dsp_err fund_pack_settlement(struct dsp_arena *arena, const struct fund_inbound *inbound,
                                    struct dsp_str currency, struct dsp_str *ret_value)
{
    Disputes__Fund__V1__Inbound message = DISPUTES__FUND__V1__INBOUND__INIT;
    Disputes__Fund__V1__SetOffReported set_off = DISPUTES__FUND__V1__SET_OFF_REPORTED__INIT;
    Disputes__Fund__V1__CashReported cash = DISPUTES__FUND__V1__CASH_REPORTED__INIT;
    Disputes__Common__V1__Actor payer = DISPUTES__COMMON__V1__ACTOR__INIT;
    Disputes__Common__V1__Money amount = DISPUTES__COMMON__V1__MONEY__INIT;
    amount.amount_minor = inbound->amount_minor;
    DSP_TRY(own(arena, currency, &amount.currency));
    DSP_TRY(own(arena, inbound->payer_id, inbound->set_off ? &set_off.merchant_id : &payer.id));
    if (inbound->set_off) {
        set_off.amount = &amount;
        message.message_case = DISPUTES__FUND__V1__INBOUND__MESSAGE_SET_OFF_REPORTED;
        message.set_off_reported = &set_off;
    } else {
        payer.role = (Disputes__Common__V1__Role)inbound->payer_side;
        cash.payer = &payer;
        cash.amount = &amount;
        cash.fee = inbound->fee;
        message.message_case = DISPUTES__FUND__V1__INBOUND__MESSAGE_CASH_REPORTED;
        message.cash_reported = &cash;
    }
    return dsp_message_pack(arena, &message.base, ret_value);
}

struct dsp_err fund_openid_open(struct dsp_arena *arena, const struct dsp_key *key, const struct dsp_uuid *case_id,
                                struct dsp_str sealed, struct dsp_str *ret_openid)
{
    void *text;
    if (!sealed.len) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "the filing has no openid");
    }
    DSP_TRY(dsp_message_unpack(arena, &disputes__common__v1__text__descriptor, sealed, &text));
    return dsp_text_open(arena, key, case_id, text, ret_openid);
}

/* --- platform state --- */

static int64_t or_start(int64_t value, int64_t start)
{
    return value ? value : start;
}

struct dsp_err fund_limits_find(const struct dsp_platforms *platforms, struct dsp_str platform_id,
                                int64_t policy_version, struct fund_limits *ret_limits)
{
    struct fund_limits limits = FUND_START_LIMITS;
    if (policy_version) {
        const Disputes__Platform__V1__State *state = dsp_platforms_version(
            platforms, platform_id, DISPUTES__PLATFORM__V1__STATE__PART_POLICY, (uint64_t)policy_version);
        if (!state) {
            return dsp_retry(DSP_CODE_NOT_READY, "policy %lld has not been read yet", (long long)policy_version);
        }
        const Disputes__Platform__V1__Policy *policy = state->policy;
        limits.four_eyes_minor = or_start(policy->four_eyes_minor, limits.four_eyes_minor);
        limits.order_minor = or_start(policy->fund_order_limit_minor, limits.order_minor);
        limits.consumer_minor = or_start(policy->fund_consumer_limit_minor, limits.consumer_minor);
        limits.merchant_minor = or_start(policy->fund_merchant_limit_minor, limits.merchant_minor);
        limits.reserve_percent = (int32_t)or_start(policy->reserve_ratio_percent, limits.reserve_percent);
        limits.at_award = policy->advance == DISPUTES__PLATFORM__V1__ADVANCE__ADVANCE_AT_AWARD;
    }
    *ret_limits = limits;
    return dsp_ok();
}

size_t fund_rails_at(const struct dsp_platforms *platforms, struct dsp_str platform_id, int64_t time_ms,
                     enum fund_rail *ret_rails, struct dsp_str *ret_scene)
{
    const Disputes__Platform__V1__State *state = dsp_platforms_at(platforms, platform_id,
                                                                  DISPUTES__PLATFORM__V1__STATE__PART_RAILS, time_ms);
    size_t count = 0;
    *ret_scene = (struct dsp_str){NULL, 0};
    for (size_t i = 0; state && i < state->rails->n_rails && count < FUND_RAIL_COUNT; i++) {
        ret_rails[count++] = (enum fund_rail)state->rails->rails[i];
    }
    if (state) {
        *ret_scene = dsp_message_str(state->rails->transfer_scene_id);
    }
    return count;
}

bool fund_book_after(const struct dsp_platforms *platforms, struct dsp_str platform_id, int64_t version,
                     int64_t time_ms, int64_t *ret_version, int64_t *ret_minor)
{
    const Disputes__Platform__V1__State *state;
    bool found = false;
    for (size_t i = 0; (state = dsp_platforms_each(platforms, platform_id, i)); i++) {
        if (state->part_case == DISPUTES__PLATFORM__V1__STATE__PART_OPENING_BOOK && (int64_t)state->version > version &&
            state->effective_time_millis <= time_ms && minor(state->opening_book->amount) > 0 &&
            (!found || (int64_t)state->version < *ret_version)) {
            *ret_version = (int64_t)state->version;
            *ret_minor = minor(state->opening_book->amount);
            found = true;
        }
    }
    return found;
}
