/* The other half of codec.c: findings, said and read back. */
#include "common/base/codes.h"
#include "common/service/message.h"
#include "fund/codec.h"

typedef Disputes__Fund__V1__Finding finding_message;

#define CASE(name) DISPUTES__FUND__V1__FINDING__FINDING_##name

_Static_assert((int)FUND_FINDING_INTERIM_ADVANCE_DECIDED == (int)CASE(INTERIM_ADVANCE_DECIDED),
               "fund_finding_kind follows disputes.fund.v1.Finding");

static const struct dsp_follower FUND = {
    .topic = "disputes.fund.finding.v1",
    .source = "/disputes/fund",
    .type = "cn.example.disputes.fund.finding.v1",
    .schema = "urn:proto:disputes.fund.v1.Finding",
};

static int64_t minor(const Disputes__Common__V1__Money *money)
{
    return money ? money->amount_minor : 0;
}

static void read_payout(const finding_message *from, struct fund_finding *into)
{
    switch ((int)from->finding_case) {
    case CASE(PAYOUT_SENT):
        into->number = dsp_message_str(from->payout_sent->payout_number);
        into->rail = (int32_t)from->payout_sent->rail;
        into->amount_minor = minor(from->payout_sent->amount);
        into->duty_id = dsp_message_str(from->payout_sent->duty_id);
        break;
    case CASE(PAYOUT_HELD):
        into->number = dsp_message_str(from->payout_held->payout_number);
        into->code = dsp_message_str(from->payout_held->code);
        break;
    case CASE(PAYOUT_CONFIRMED):
        into->number = dsp_message_str(from->payout_confirmed->payout_number);
        into->amount_minor = minor(from->payout_confirmed->amount);
        break;
    case CASE(PAYOUT_FAILED):
        into->number = dsp_message_str(from->payout_failed->payout_number);
        into->code = dsp_message_str(from->payout_failed->code);
        break;
    case CASE(PAYMENT_REVERSED):
        into->number = dsp_message_str(from->payment_reversed->payout_number);
        break;
    default:
        break;
    }
}

static void read_recovery(const finding_message *from, struct fund_finding *into)
{
    switch ((int)from->finding_case) {
    case CASE(RECOVERY_OPENED):
        into->amount_minor = minor(from->recovery_opened->amount);
        break;
    case CASE(RECOVERY_DEMANDED):
        into->amount_minor = minor(from->recovery_demanded->amount);
        into->day = from->recovery_demanded->day;
        break;
    case CASE(RECOVERY_RECEIVED):
        into->amount_minor = minor(from->recovery_received->amount);
        into->payment = (int32_t)from->recovery_received->payment;
        into->fee = from->recovery_received->fee;
        if (from->recovery_received->payer) {
            into->payer_side = (int32_t)from->recovery_received->payer->role;
            into->payer_id = dsp_message_str(from->recovery_received->payer->id);
        }
        break;
    case CASE(RECOVERY_CLOSED):
        into->end = (int32_t)from->recovery_closed->end;
        break;
    case CASE(SANCTION_APPLIED):
        into->rung = from->sanction_applied->rung;
        break;
    case CASE(SANCTION_LIFTED):
        into->rung = from->sanction_lifted->rung;
        break;
    default:
        break;
    }
}

void fund_finding_read(const finding_message *from, struct fund_finding *ret_finding)
{
    *ret_finding = (struct fund_finding){.kind = (enum fund_finding_kind)from->finding_case};
    switch ((int)from->finding_case) {
    case CASE(DUTY_VERIFIED):
        ret_finding->duty_id = dsp_message_str(from->duty_verified->duty_id);
        ret_finding->amount_minor = minor(from->duty_verified->amount);
        ret_finding->number = dsp_message_str(from->duty_verified->payment_number);
        break;
    case CASE(DUTY_REJECTED):
        ret_finding->duty_id = dsp_message_str(from->duty_rejected->duty_id);
        ret_finding->code = dsp_message_str(from->duty_rejected->code);
        break;
    case CASE(DUTY_SUBSTITUTED):
        ret_finding->duty_id = dsp_message_str(from->duty_substituted->duty_id);
        break;
    case CASE(DUTY_DISCHARGED):
        ret_finding->duty_id = dsp_message_str(from->duty_discharged->duty_id);
        ret_finding->last = from->duty_discharged->last;
        break;
    case CASE(FUND_RESERVED):
        ret_finding->amount_minor = minor(from->fund_reserved->amount);
        ret_finding->group_id = dsp_message_str(from->fund_reserved->group_id);
        break;
    case CASE(RESERVE_REFUSED):
        ret_finding->amount_minor = minor(from->reserve_refused->amount);
        ret_finding->code = dsp_message_str(from->reserve_refused->code);
        break;
    case CASE(RESERVATION_VOIDED):
        ret_finding->amount_minor = minor(from->reservation_voided->amount);
        ret_finding->group_id = dsp_message_str(from->reservation_voided->group_id);
        break;
    default:
        read_payout(from, ret_finding);
        read_recovery(from, ret_finding);
        break;
    }
}

/* --- saying --- */

/* Room for any one finding. */
struct parts {
    Disputes__Common__V1__Money amount;
    Disputes__Common__V1__Actor payer;
    union {
        Disputes__Fund__V1__DutyVerified verified;
        Disputes__Fund__V1__DutyRejected rejected;
        Disputes__Fund__V1__DutySubstituted substituted;
        Disputes__Fund__V1__DutyDischarged discharged;
        Disputes__Fund__V1__FundReserved reserved;
        Disputes__Fund__V1__ReserveRefused refused;
        Disputes__Fund__V1__ReservationVoided voided;
        Disputes__Fund__V1__PayoutSent sent;
        Disputes__Fund__V1__PayoutHeld held;
        Disputes__Fund__V1__PayoutConfirmed confirmed;
        Disputes__Fund__V1__PayoutFailed failed;
        Disputes__Fund__V1__RecoveryOpened opened;
        Disputes__Fund__V1__RecoveryDemanded demanded;
        Disputes__Fund__V1__RecoveryReceived received;
        Disputes__Fund__V1__RecoveryClosed closed;
        Disputes__Fund__V1__SanctionApplied applied;
        Disputes__Fund__V1__SanctionLifted lifted;
        Disputes__Fund__V1__InterimAdvanceDecided interim;
    } of;
    char *duty_id, *number, *code, *group_id;
};

static void fill_duty(const struct fund_finding *from, struct parts *parts, finding_message *into)
{
    switch ((int)from->kind) {
    case FUND_FINDING_DUTY_VERIFIED:
        disputes__fund__v1__duty_verified__init(&parts->of.verified);
        parts->of.verified.duty_id = parts->duty_id;
        parts->of.verified.payment_number = parts->number;
        parts->of.verified.amount = &parts->amount;
        into->duty_verified = &parts->of.verified;
        break;
    case FUND_FINDING_DUTY_REJECTED:
        disputes__fund__v1__duty_rejected__init(&parts->of.rejected);
        parts->of.rejected.duty_id = parts->duty_id;
        parts->of.rejected.code = parts->code;
        into->duty_rejected = &parts->of.rejected;
        break;
    case FUND_FINDING_DUTY_SUBSTITUTED:
        disputes__fund__v1__duty_substituted__init(&parts->of.substituted);
        parts->of.substituted.duty_id = parts->duty_id;
        into->duty_substituted = &parts->of.substituted;
        break;
    case FUND_FINDING_DUTY_DISCHARGED:
        disputes__fund__v1__duty_discharged__init(&parts->of.discharged);
        parts->of.discharged.duty_id = parts->duty_id;
        parts->of.discharged.last = from->last;
        into->duty_discharged = &parts->of.discharged;
        break;
    default:
        break;
    }
}

static void fill_reservation(const struct fund_finding *from, struct parts *parts, finding_message *into)
{
    switch ((int)from->kind) {
    case FUND_FINDING_FUND_RESERVED:
        disputes__fund__v1__fund_reserved__init(&parts->of.reserved);
        parts->of.reserved.amount = &parts->amount;
        parts->of.reserved.group_id = parts->group_id;
        into->fund_reserved = &parts->of.reserved;
        break;
    case FUND_FINDING_RESERVE_REFUSED:
        disputes__fund__v1__reserve_refused__init(&parts->of.refused);
        parts->of.refused.amount = &parts->amount;
        parts->of.refused.code = parts->code;
        into->reserve_refused = &parts->of.refused;
        break;
    case FUND_FINDING_RESERVATION_VOIDED:
        disputes__fund__v1__reservation_voided__init(&parts->of.voided);
        parts->of.voided.amount = &parts->amount;
        parts->of.voided.group_id = parts->group_id;
        into->reservation_voided = &parts->of.voided;
        break;
    default:
        break;
    }
}

static void fill_payout(const struct fund_finding *from, struct parts *parts, finding_message *into)
{
    switch ((int)from->kind) {
    case FUND_FINDING_PAYOUT_SENT:
        disputes__fund__v1__payout_sent__init(&parts->of.sent);
        parts->of.sent.payout_number = parts->number;
        parts->of.sent.rail = (Disputes__Fund__V1__Rail)from->rail;
        parts->of.sent.amount = &parts->amount;
        parts->of.sent.duty_id = parts->duty_id;
        into->payout_sent = &parts->of.sent;
        break;
    case FUND_FINDING_PAYOUT_HELD:
        disputes__fund__v1__payout_held__init(&parts->of.held);
        parts->of.held.payout_number = parts->number;
        parts->of.held.code = parts->code;
        into->payout_held = &parts->of.held;
        break;
    case FUND_FINDING_PAYOUT_CONFIRMED:
        disputes__fund__v1__payout_confirmed__init(&parts->of.confirmed);
        parts->of.confirmed.payout_number = parts->number;
        parts->of.confirmed.amount = &parts->amount;
        into->payout_confirmed = &parts->of.confirmed;
        break;
    case FUND_FINDING_PAYOUT_FAILED:
        disputes__fund__v1__payout_failed__init(&parts->of.failed);
        parts->of.failed.payout_number = parts->number;
        parts->of.failed.code = parts->code;
        into->payout_failed = &parts->of.failed;
        break;
    case FUND_FINDING_INTERIM_ADVANCE_DECIDED:
        disputes__fund__v1__interim_advance_decided__init(&parts->of.interim);
        parts->of.interim.granted = from->granted;
        parts->of.interim.amount = &parts->amount;
        into->interim_advance_decided = &parts->of.interim;
        break;
    default:
        break;
    }
}

static void fill_recovery(const struct fund_finding *from, struct parts *parts, finding_message *into)
{
    switch ((int)from->kind) {
    case FUND_FINDING_RECOVERY_OPENED:
        disputes__fund__v1__recovery_opened__init(&parts->of.opened);
        parts->of.opened.amount = &parts->amount;
        into->recovery_opened = &parts->of.opened;
        break;
    case FUND_FINDING_RECOVERY_DEMANDED:
        disputes__fund__v1__recovery_demanded__init(&parts->of.demanded);
        parts->of.demanded.amount = &parts->amount;
        parts->of.demanded.day = from->day;
        into->recovery_demanded = &parts->of.demanded;
        break;
    case FUND_FINDING_RECOVERY_RECEIVED:
        disputes__fund__v1__recovery_received__init(&parts->of.received);
        parts->of.received.amount = &parts->amount;
        parts->of.received.payment = (Disputes__Fund__V1__Payment)from->payment;
        parts->of.received.fee = from->fee;
        parts->of.received.payer = &parts->payer;
        into->recovery_received = &parts->of.received;
        break;
    case FUND_FINDING_RECOVERY_CLOSED:
        disputes__fund__v1__recovery_closed__init(&parts->of.closed);
        parts->of.closed.end = (Disputes__Fund__V1__RecoveryEnd)from->end;
        into->recovery_closed = &parts->of.closed;
        break;
    case FUND_FINDING_SANCTION_APPLIED:
        disputes__fund__v1__sanction_applied__init(&parts->of.applied);
        parts->of.applied.rung = from->rung;
        into->sanction_applied = &parts->of.applied;
        break;
    case FUND_FINDING_SANCTION_LIFTED:
        disputes__fund__v1__sanction_lifted__init(&parts->of.lifted);
        parts->of.lifted.rung = from->rung;
        into->sanction_lifted = &parts->of.lifted;
        break;
    default:
        break;
    }
}

static bool own(struct dsp_arena *arena, struct dsp_str text, char **ret_text)
{
    struct dsp_str copy = dsp_arena_copy(arena, text); /* terminated, as generated code wants it */
    *ret_text = (char *)(uintptr_t)copy.ptr;
    return copy.ptr != NULL;
}

struct dsp_err fund_say(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_finding *finding,
                        int64_t answers, int64_t time_ms)
{
    static char currency[] = "CNY";
    finding_message message = DISPUTES__FUND__V1__FINDING__INIT;
    struct parts parts = {0};
    disputes__common__v1__money__init(&parts.amount);
    disputes__common__v1__actor__init(&parts.payer);
    parts.amount.amount_minor = finding->amount_minor;
    parts.amount.currency = currency;
    parts.payer.role = (Disputes__Common__V1__Role)finding->payer_side;
    if (!own(turn->arena, finding->duty_id, &parts.duty_id) || !own(turn->arena, finding->number, &parts.number) ||
        !own(turn->arena, finding->code, &parts.code) || !own(turn->arena, finding->group_id, &parts.group_id) ||
        !own(turn->arena, finding->payer_id, &parts.payer.id)) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "finding");
    }
    message.answers_sequence = (uint64_t)answers;
    message.generation = (uint32_t)row->head.generation;
    message.finding_case = (Disputes__Fund__V1__Finding__FindingCase)finding->kind;
    fill_duty(finding, &parts, &message);
    fill_reservation(finding, &parts, &message);
    fill_payout(finding, &parts, &message);
    fill_recovery(finding, &parts, &message);
    return dsp_finding_emit(turn, &FUND, &row->head, &message.base, time_ms);
}
