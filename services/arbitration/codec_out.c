/* The other half of codec.h: inbound records and findings. */
#include <string.h>

#include "arbitration/codec.h"
#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputes/arbitration/v1/finding.pb-c.h"

static const struct dsp_follower ARBITRATION = {
    .topic = "disputes.arbitration.finding.v1",
    .source = "/disputes/arbitration",
    .type = "cn.example.disputes.arbitration.finding.v1",
    .schema = "urn:proto:disputes.arbitration.v1.Finding",
};

static char CURRENCY[] = "CNY";

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "arbitration message");
}

static ProtobufCBinaryData binary(struct dsp_str bytes)
{
    return (ProtobufCBinaryData){bytes.len, (uint8_t *)(uintptr_t)bytes.ptr};
}

static struct dsp_str bytes_of(ProtobufCBinaryData data)
{
    return (struct dsp_str){(const char *)data.data, data.len};
}

static int64_t minor_of(const Disputes__Common__V1__Money *money)
{
    return money ? money->amount_minor : 0;
}

static void fill_money(Disputes__Common__V1__Money *money, int64_t amount_minor)
{
    disputes__common__v1__money__init(money);
    money->amount_minor = amount_minor;
    money->currency = CURRENCY;
}

/* Terminated texts for generated structs. */
static char *text_of(struct dsp_arena *arena, struct dsp_str from)
{
    struct dsp_str copy = dsp_arena_copy(arena, from);
    return (char *)(uintptr_t)copy.ptr;
}

/* --- what a message of the institution says, for both topics --- */

/* Everything a message may need; the generated members point in here. */
struct parts {
    Disputes__Arbitration__V1__InstitutionStatus status;
    Disputes__Arbitration__V1__ReferralDeclined declined;
    Disputes__Arbitration__V1__AwardReceived award;
    Disputes__Arbitration__V1__SettledInArbitration settled;
    Disputes__Arbitration__V1__AwardSetAside set_aside;
    Disputes__Common__V1__Ruling ruling;
    Disputes__Common__V1__Money amount, consumer_fee, merchant_fee;
};

static Disputes__Arbitration__V1__Status status_of(enum arb_input kind)
{
    static const Disputes__Arbitration__V1__Status STATUS[ARB_INPUT_COUNT] = {
        [ARB_INPUT_ACKNOWLEDGED] = DISPUTES__ARBITRATION__V1__STATUS__STATUS_ACKNOWLEDGED,
        [ARB_INPUT_ACCEPTED] = DISPUTES__ARBITRATION__V1__STATUS__STATUS_ACCEPTED,
        [ARB_INPUT_ANSWERED] = DISPUTES__ARBITRATION__V1__STATUS__STATUS_ANSWERED,
        [ARB_INPUT_HEARING] = DISPUTES__ARBITRATION__V1__STATUS__STATUS_HEARING,
    };
    return STATUS[kind];
}

static enum arb_input input_of_status(Disputes__Arbitration__V1__Status status)
{
    for (int kind = ARB_INPUT_ACKNOWLEDGED; kind <= ARB_INPUT_HEARING; kind++) {
        if (status_of((enum arb_input)kind) == status) {
            return (enum arb_input)kind;
        }
    }
    return ARB_INPUT_NONE;
}

static void fill_ruling(const struct arb_message *message, int32_t merchant_percent, char *ruling_id,
                        struct parts *parts)
{
    const struct arb_award *award = &message->award;
    bool owed = award->amount_minor > 0;
    disputes__common__v1__ruling__init(&parts->ruling);
    fill_money(&parts->amount, award->amount_minor);
    parts->ruling.ruling_id = ruling_id;
    parts->ruling.liability = !owed                               ? DISPUTES__COMMON__V1__LIABILITY__LIABILITY_NONE
                              : award->award_for == ARB_FOR_SPLIT ? DISPUTES__COMMON__V1__LIABILITY__LIABILITY_BOTH
                                                                  : DISPUTES__COMMON__V1__LIABILITY__LIABILITY_MERCHANT;
    parts->ruling.merchant_percent = merchant_percent;
    parts->ruling.remedy = owed ? DISPUTES__COMMON__V1__REMEDY__REMEDY_REFUND
                                : DISPUTES__COMMON__V1__REMEDY__REMEDY_NONE;
    parts->ruling.amount = &parts->amount;
}

static void fill_award(const struct arb_message *message, struct parts *parts)
{
    disputes__arbitration__v1__award_received__init(&parts->award);
    fill_money(&parts->consumer_fee, message->award.consumer_fee_minor);
    fill_money(&parts->merchant_fee, message->award.merchant_fee_minor);
    parts->award.award_for = (Disputes__Arbitration__V1__AwardFor)message->award.award_for;
    parts->award.ruling = &parts->ruling;
    parts->award.consumer_fee = message->award.consumer_fee_minor ? &parts->consumer_fee : NULL;
    parts->award.merchant_fee = message->award.merchant_fee_minor ? &parts->merchant_fee : NULL;
    parts->award.document_sha256 = binary(message->document_sha256);
}

static struct dsp_err fill_parts(struct dsp_arena *arena, const struct arb_message *message, int32_t merchant_percent,
                                 char *ruling_id, struct parts *parts)
{
    char *date = text_of(arena, message->hearing_date);
    char *reason = text_of(arena, message->reason_code);
    char *docket = text_of(arena, message->court_docket);
    if (!date || !reason || !docket) {
        return full();
    }
    fill_ruling(message, merchant_percent, ruling_id, parts);
    fill_award(message, parts);
    disputes__arbitration__v1__institution_status__init(&parts->status);
    parts->status.status = status_of(message->kind);
    parts->status.hearing_date = date;
    disputes__arbitration__v1__referral_declined__init(&parts->declined);
    parts->declined.reason_code = reason;
    disputes__arbitration__v1__settled_in_arbitration__init(&parts->settled);
    parts->settled.ruling = message->has_award ? &parts->ruling : NULL;
    disputes__arbitration__v1__award_set_aside__init(&parts->set_aside);
    parts->set_aside.court_docket = docket;
    return dsp_ok();
}

/* --- inbound --- */

static struct dsp_err inbound_of(const struct arb_message *message, struct parts *parts,
                                 Disputes__Arbitration__V1__Inbound *inbound)
{
    if (status_of(message->kind)) {
        inbound->message_case = DISPUTES__ARBITRATION__V1__INBOUND__MESSAGE_INSTITUTION_STATUS;
        inbound->institution_status = &parts->status;
    } else if (message->kind == ARB_INPUT_DECLINED) {
        inbound->message_case = DISPUTES__ARBITRATION__V1__INBOUND__MESSAGE_REFERRAL_DECLINED;
        inbound->referral_declined = &parts->declined;
    } else if (message->kind == ARB_INPUT_AWARD) {
        inbound->message_case = DISPUTES__ARBITRATION__V1__INBOUND__MESSAGE_AWARD_RECEIVED;
        inbound->award_received = &parts->award;
    } else if (message->kind == ARB_INPUT_SETTLEMENT) {
        inbound->message_case = DISPUTES__ARBITRATION__V1__INBOUND__MESSAGE_SETTLED_IN_ARBITRATION;
        inbound->settled_in_arbitration = &parts->settled;
    } else if (message->kind == ARB_INPUT_SET_ASIDE) {
        inbound->message_case = DISPUTES__ARBITRATION__V1__INBOUND__MESSAGE_AWARD_SET_ASIDE;
        inbound->award_set_aside = &parts->set_aside;
    } else {
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "no message of an institution");
    }
    return dsp_ok();
}

struct dsp_err arb_message_pack(struct dsp_arena *arena, const struct arb_message *message, struct dsp_str *ret_value)
{
    static char NO_ID[] = ""; /* made where the message is said */
    Disputes__Arbitration__V1__Inbound inbound = DISPUTES__ARBITRATION__V1__INBOUND__INIT;
    struct parts parts;
    DSP_TRY(fill_parts(arena, message, 0, NO_ID, &parts));
    DSP_TRY(inbound_of(message, &parts, &inbound));
    inbound.institution = text_of(arena, message->institution);
    inbound.referral = (uint32_t)message->referral;
    inbound.sequence = (uint64_t)message->sequence;
    inbound.body_sha256 = binary(message->body_sha256);
    return inbound.institution ? dsp_message_pack(arena, &inbound.base, ret_value) : full();
}

static void read_terms(const Disputes__Common__V1__Ruling *ruling, struct arb_message *message)
{
    message->has_award = true;
    message->award.amount_minor = minor_of(ruling->amount);
    if (ruling->liability == DISPUTES__COMMON__V1__LIABILITY__LIABILITY_BOTH) {
        message->award.award_for = ARB_FOR_SPLIT;
    } else {
        message->award.award_for = message->award.amount_minor ? ARB_FOR_CONSUMER : ARB_FOR_MERCHANT;
    }
}

static enum arb_input read_member(const Disputes__Arbitration__V1__Inbound *inbound, struct arb_message *message)
{
    switch ((int)inbound->message_case) {
    case DISPUTES__ARBITRATION__V1__INBOUND__MESSAGE_INSTITUTION_STATUS:
        message->hearing_date = dsp_message_str(inbound->institution_status->hearing_date);
        return input_of_status(inbound->institution_status->status);
    case DISPUTES__ARBITRATION__V1__INBOUND__MESSAGE_REFERRAL_DECLINED:
        message->reason_code = dsp_message_str(inbound->referral_declined->reason_code);
        return ARB_INPUT_DECLINED;
    case DISPUTES__ARBITRATION__V1__INBOUND__MESSAGE_AWARD_RECEIVED: {
        const Disputes__Arbitration__V1__AwardReceived *from = inbound->award_received;
        message->has_award = true;
        message->award = (struct arb_award){.award_for = (enum arb_award_for)from->award_for,
                                            .amount_minor = from->ruling ? minor_of(from->ruling->amount) : 0,
                                            .consumer_fee_minor = minor_of(from->consumer_fee),
                                            .merchant_fee_minor = minor_of(from->merchant_fee)};
        message->document_sha256 = bytes_of(from->document_sha256);
        return ARB_INPUT_AWARD;
    }
    case DISPUTES__ARBITRATION__V1__INBOUND__MESSAGE_SETTLED_IN_ARBITRATION:
        if (inbound->settled_in_arbitration->ruling) {
            read_terms(inbound->settled_in_arbitration->ruling, message);
        }
        return ARB_INPUT_SETTLEMENT;
    case DISPUTES__ARBITRATION__V1__INBOUND__MESSAGE_AWARD_SET_ASIDE:
        message->court_docket = dsp_message_str(inbound->award_set_aside->court_docket);
        return ARB_INPUT_SET_ASIDE;
    default:
        return ARB_INPUT_NONE;
    }
}

struct dsp_err arb_message_read(struct dsp_arena *arena, struct dsp_str value, struct arb_message *ret_message)
{
    Disputes__Arbitration__V1__Inbound *inbound;
    DSP_TRY(dsp_message_unpack(arena, &disputes__arbitration__v1__inbound__descriptor, value, &inbound));
    struct arb_message message = {
        .name = dsp_message_name(arena, inbound->base.descriptor, (unsigned)inbound->message_case),
        .institution = dsp_message_str(inbound->institution),
        .body_sha256 = bytes_of(inbound->body_sha256),
        .referral = (int32_t)inbound->referral,
        .sequence = (int64_t)inbound->sequence};
    message.kind = read_member(inbound, &message);
    if (message.kind == ARB_INPUT_NONE) {
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "no message of an institution");
    }
    if (message.referral < 1 || message.sequence < 1) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "referral and sequence count from 1");
    }
    *ret_message = message;
    return dsp_ok();
}

struct dsp_err arb_decode_inbound(struct dsp_turn *turn, struct dsp_record *record)
{
    struct arb_message *message = dsp_arena_alloc(turn->arena, sizeof *message);
    if (!message) {
        return full();
    }
    if (!record->value.ptr) {
        return dsp_reject(DSP_CODE_TOMBSTONE, "an institution's messages have no tombstones");
    }
    if (dsp_uuid_is_zero(&record->envelope.subject)) {
        return dsp_reject(DSP_CODE_HEADER_MISSING, "ce_subject is the case");
    }
    DSP_TRY(arb_message_read(turn->arena, record->value, message));
    message->message_id = record->envelope.id;
    record->case_id = record->envelope.subject;
    record->input = message;
    record->type = message->name;
    return dsp_ok();
}

/* --- findings --- */

static struct dsp_err say(struct dsp_turn *turn, struct arb_case_row *row, Disputes__Arbitration__V1__Finding *finding,
                          int64_t answers, int64_t time_ms)
{
    finding->answers_sequence = (uint64_t)answers;
    finding->generation = (uint32_t)row->head.generation;
    return dsp_finding_emit(turn, &ARBITRATION, &row->head, &finding->base, time_ms);
}

struct dsp_err arb_say_sent(struct dsp_turn *turn, struct arb_case_row *row, const struct arb_referral_row *referral,
                            int32_t number, int64_t time_ms)
{
    Disputes__Arbitration__V1__Finding finding = DISPUTES__ARBITRATION__V1__FINDING__INIT;
    Disputes__Arbitration__V1__ReferralSent sent = DISPUTES__ARBITRATION__V1__REFERRAL_SENT__INIT;
    sent.referral = (uint32_t)number;
    sent.bundle_sha256 = binary(referral->bundle_sha256);
    sent.receipt_id = text_of(turn->arena, referral->receipt_id);
    if (!sent.receipt_id) {
        return full();
    }
    finding.finding_case = DISPUTES__ARBITRATION__V1__FINDING__FINDING_REFERRAL_SENT;
    finding.referral_sent = &sent;
    return say(turn, row, &finding, referral->entry_seq, time_ms);
}

struct dsp_err arb_say_fee(struct dsp_turn *turn, struct arb_case_row *row, int64_t answers, const struct arb_fee *fee,
                           int64_t time_ms)
{
    Disputes__Arbitration__V1__Finding finding = DISPUTES__ARBITRATION__V1__FINDING__INIT;
    Disputes__Arbitration__V1__FeeMoved moved = DISPUTES__ARBITRATION__V1__FEE_MOVED__INIT;
    Disputes__Common__V1__Money consumer;
    Disputes__Common__V1__Money merchant;
    fill_money(&consumer, fee->consumer_minor);
    fill_money(&merchant, fee->merchant_minor);
    moved.move = (Disputes__Arbitration__V1__FeeMove)fee->move;
    moved.consumer = fee->consumer_minor ? &consumer : NULL;
    moved.merchant = fee->merchant_minor ? &merchant : NULL;
    finding.finding_case = DISPUTES__ARBITRATION__V1__FINDING__FINDING_FEE_MOVED;
    finding.fee_moved = &moved;
    return say(turn, row, &finding, answers, time_ms);
}

static struct dsp_err finding_of(const struct arb_message *message, struct parts *parts,
                                 Disputes__Arbitration__V1__Finding *finding)
{
    if (status_of(message->kind)) {
        finding->finding_case = DISPUTES__ARBITRATION__V1__FINDING__FINDING_INSTITUTION_STATUS;
        finding->institution_status = &parts->status;
    } else if (message->kind == ARB_INPUT_DECLINED) {
        finding->finding_case = DISPUTES__ARBITRATION__V1__FINDING__FINDING_REFERRAL_DECLINED;
        finding->referral_declined = &parts->declined;
    } else if (message->kind == ARB_INPUT_AWARD) {
        finding->finding_case = DISPUTES__ARBITRATION__V1__FINDING__FINDING_AWARD_RECEIVED;
        finding->award_received = &parts->award;
    } else if (message->kind == ARB_INPUT_SETTLEMENT) {
        finding->finding_case = DISPUTES__ARBITRATION__V1__FINDING__FINDING_SETTLED_IN_ARBITRATION;
        finding->settled_in_arbitration = &parts->settled;
    } else if (message->kind == ARB_INPUT_SET_ASIDE) {
        finding->finding_case = DISPUTES__ARBITRATION__V1__FINDING__FINDING_AWARD_SET_ASIDE;
        finding->award_set_aside = &parts->set_aside;
    } else {
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "no message of an institution");
    }
    return dsp_ok();
}

struct dsp_err arb_say_message(struct dsp_turn *turn, struct arb_case_row *row, const struct arb_referral_row *referral,
                               const struct arb_message *message, int64_t time_ms)
{
    Disputes__Arbitration__V1__Finding finding = DISPUTES__ARBITRATION__V1__FINDING__INIT;
    struct parts parts;
    char ruling_id[DSP_UUID_TEXT_BYTES];
    struct dsp_str name = dsp_arena_format(turn->arena, "arbitration:%d:%lld", message->referral,
                                           (long long)message->sequence);
    if (!name.ptr) {
        return full();
    }
    /* The same paper has the same id, however often it is read. */
    struct dsp_uuid id = dsp_uuid_derive(&row->head.case_id, name);
    dsp_uuid_format(&id, ruling_id);
    DSP_TRY(fill_parts(turn->arena, message, arb_merchant_percent(&message->award, referral->claimed_minor), ruling_id,
                       &parts));
    DSP_TRY(finding_of(message, &parts, &finding));
    return say(turn, row, &finding, referral->entry_seq, time_ms);
}
