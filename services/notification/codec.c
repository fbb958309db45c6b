#include "notification/codec.h"

#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputes/notification/v1/finding.pb-c.h"

#define SAME(ours, theirs) _Static_assert((int)(ours) == (int)(theirs), #ours " follows the contract")
SAME(NTF_SIDE_MERCHANT, DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT);
SAME(NTF_RUNG_DOCKET, DISPUTES__NOTIFICATION__V1__RUNG__RUNG_DOCKET);
SAME(NTF_RUNG_CALL, DISPUTES__NOTIFICATION__V1__RUNG__RUNG_CALL);
SAME(NTF_KIND_COMPLAINT_FILED, DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_COMPLAINT_FILED);
SAME(NTF_KIND_ROUND_OPENED, DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_ROUND_OPENED);
SAME(NTF_KIND_AWARD_RECEIVED, DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_AWARD_RECEIVED);
SAME(NTF_KIND_CASE_REOPENED, DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_CASE_REOPENED);

static const struct dsp_follower NOTIFICATION = {
    .topic = "disputes.notification.finding.v1",
    .source = "/disputes/notification",
    .type = "cn.example.disputes.notification.finding.v1",
    .schema = "urn:proto:disputes.notification.v1.Finding",
};

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "notification message");
}

/* --- what an entry is: members of the oneofs that somebody is told of --- */

#define GW(name) DISPUTES__GATEWAY__V1__COMMAND__ACT_##name
#define CON(name) DISPUTES__CONSOLE__V1__COMMAND__ACT_##name
#define SLA(name) DISPUTES__SLA__V1__FINDING__FINDING_##name
#define ARB(name) DISPUTES__ARBITRATION__V1__FINDING__FINDING_##name
#define INV(name) DISPUTES__INVESTIGATION__V1__FINDING__FINDING_##name
#define FND(name) DISPUTES__FUND__V1__FINDING__FINDING_##name

struct member {
    int content; /* member of Entry.content */
    int which;   /* member of the command or finding */
    enum ntf_kind kind;
};
#define GATEWAY DISPUTES__CASE__V1__ENTRY__CONTENT_GATEWAY_COMMAND
#define CONSOLE DISPUTES__CASE__V1__ENTRY__CONTENT_CONSOLE_COMMAND
#define OF_SLA DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING
#define OF_ARBITRATION DISPUTES__CASE__V1__ENTRY__CONTENT_ARBITRATION_FINDING
#define OF_INVESTIGATION DISPUTES__CASE__V1__ENTRY__CONTENT_INVESTIGATION_FINDING
#define OF_FUND DISPUTES__CASE__V1__ENTRY__CONTENT_FUND_FINDING

static const struct member MEMBERS[] = {
    {GATEWAY, GW(JOIN_APPEAL), NTF_KIND_JOIN_APPEAL},
    {GATEWAY, GW(INSPECT_RETURN), NTF_KIND_INSPECT_RETURN},
    {GATEWAY, GW(DUTY_PERFORMED), NTF_KIND_DUTY_PERFORMED},
    {CONSOLE, CON(CHECK_RETURN), NTF_KIND_CHECK_RETURN},
    {OF_SLA, SLA(CLOCK_MOVED), NTF_KIND_CLOCK_MOVED},
    {OF_SLA, SLA(CLOCK_RUNG_REACHED), NTF_KIND_CLOCK_RUNG_REACHED},
    {OF_SLA, SLA(OFFER_OPENED), NTF_KIND_OFFER_OPENED},
    {OF_SLA, SLA(OFFER_COUNTERED), NTF_KIND_OFFER_COUNTERED},
    {OF_SLA, SLA(OFFER_REJECTED), NTF_KIND_OFFER_REJECTED},
    {OF_SLA, SLA(OFFER_RETRACTED), NTF_KIND_OFFER_RETRACTED},
    {OF_SLA, SLA(OFFER_EXPIRED), NTF_KIND_OFFER_EXPIRED},
    {OF_SLA, SLA(OFFER_REFUSED), NTF_KIND_OFFER_REFUSED},
    {OF_ARBITRATION, ARB(REFERRAL_SENT), NTF_KIND_REFERRAL_SENT},
    {OF_ARBITRATION, ARB(FEE_MOVED), NTF_KIND_FEE_MOVED},
    {OF_FUND, FND(DUTY_REJECTED), NTF_KIND_DUTY_REJECTED},
    {OF_FUND, FND(PAYOUT_SENT), NTF_KIND_PAYOUT_SENT},
    {OF_FUND, FND(PAYOUT_HELD), NTF_KIND_PAYOUT_HELD},
    {OF_FUND, FND(PAYOUT_CONFIRMED), NTF_KIND_PAYOUT_CONFIRMED},
    {OF_FUND, FND(PAYOUT_FAILED), NTF_KIND_PAYOUT_FAILED},
    {OF_FUND, FND(RECOVERY_OPENED), NTF_KIND_RECOVERY_OPENED},
    {OF_FUND, FND(RECOVERY_DEMANDED), NTF_KIND_RECOVERY_DEMANDED},
    {OF_FUND, FND(RECOVERY_RECEIVED), NTF_KIND_RECOVERY_RECEIVED},
    {OF_FUND, FND(RECOVERY_CLOSED), NTF_KIND_RECOVERY_CLOSED},
    {OF_FUND, FND(SANCTION_APPLIED), NTF_KIND_SANCTION_APPLIED},
    {OF_FUND, FND(SANCTION_LIFTED), NTF_KIND_SANCTION_LIFTED},
};

/* Acts whose answer is told to one side: the side must be known then. */
static const int REMEMBERED[] = {GW(MAKE_OFFER),   GW(COUNTER_OFFER), GW(ACCEPT_OFFER),
                                 GW(REJECT_OFFER), GW(RETRACT_OFFER), GW(DUTY_PERFORMED)};

static int member_of(const Disputes__Case__V1__Entry *entry)
{
    switch ((int)entry->content_case) {
    case GATEWAY:
        return (int)entry->gateway_command->act_case;
    case CONSOLE:
        return (int)entry->console_command->act_case;
    case OF_SLA:
        return (int)entry->sla_finding->finding_case;
    case OF_ARBITRATION:
        return (int)entry->arbitration_finding->finding_case;
    case OF_FUND:
        return (int)entry->fund_finding->finding_case;
    default:
        return 0;
    }
}

static enum ntf_kind kind_of(const Disputes__Case__V1__Entry *entry)
{
    int type = (int)entry->type;
    if (type <= (int)DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_CASE_REOPENED) {
        return (enum ntf_kind)type;
    }
    if (type != (int)DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_ACT &&
        type != (int)DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING) {
        return NTF_KIND_NONE; /* refusals concern their sender, who reads them in the log */
    }
    int which = member_of(entry);
    for (size_t i = 0; i < sizeof MEMBERS / sizeof *MEMBERS; i++) {
        if (MEMBERS[i].content == (int)entry->content_case && MEMBERS[i].which == which) {
            return MEMBERS[i].kind;
        }
    }
    return NTF_KIND_NONE;
}

static enum ntf_side side_of(Disputes__Common__V1__Role role)
{
    return role == DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER   ? NTF_SIDE_CONSUMER
           : role == DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT ? NTF_SIDE_MERCHANT
                                                               : NTF_SIDE_NONE;
}

static bool remembered(const Disputes__Case__V1__Entry *entry)
{
    if ((int)entry->content_case != GATEWAY ||
        entry->type == DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_COMMAND_REFUSED) {
        return false;
    }
    for (size_t i = 0; i < sizeof REMEMBERED / sizeof *REMEMBERED; i++) {
        if (REMEMBERED[i] == (int)entry->gateway_command->act_case) {
            return true;
        }
    }
    return false;
}

static int64_t fen(const Disputes__Common__V1__Money *money)
{
    return money ? money->amount_minor : 0;
}

static void news_of_clock(const Disputes__Sla__V1__ClockDue *due, struct ntf_news *news)
{
    if (due) {
        news->due_ms = due->due_time_millis;
        news->concerned = due->clock ? side_of(due->clock->side) : NTF_SIDE_NONE;
    }
}

static void news_of_sla(const Disputes__Sla__V1__Finding *finding, struct ntf_news *news)
{
    switch ((int)finding->finding_case) {
    case SLA(CLOCK_MOVED):
        news_of_clock(finding->clock_moved->clock, news);
        break;
    case SLA(CLOCK_RUNG_REACHED):
        news_of_clock(finding->clock_rung_reached->clock, news);
        news->percent = finding->clock_rung_reached->percent;
        break;
    case SLA(OFFER_OPENED):
        news->due_ms = finding->offer_opened->due_time_millis;
        break;
    case SLA(OFFER_COUNTERED):
        news->due_ms = finding->offer_countered->due_time_millis;
        break;
    default:
        break;
    }
}

static void news_of_fund(const Disputes__Fund__V1__Finding *finding, struct ntf_news *news)
{
    switch ((int)finding->finding_case) {
    case FND(PAYOUT_SENT):
        news->amount_minor = fen(finding->payout_sent->amount);
        break;
    case FND(PAYOUT_CONFIRMED):
        news->amount_minor = fen(finding->payout_confirmed->amount);
        break;
    case FND(RECOVERY_OPENED):
        news->amount_minor = fen(finding->recovery_opened->amount);
        break;
    case FND(RECOVERY_DEMANDED):
        news->amount_minor = fen(finding->recovery_demanded->amount);
        break;
    case FND(RECOVERY_RECEIVED):
        news->amount_minor = fen(finding->recovery_received->amount);
        news->concerned = finding->recovery_received->fee && finding->recovery_received->payer
                              ? side_of(finding->recovery_received->payer->role)
                              : NTF_SIDE_MERCHANT;
        break;
    default:
        break;
    }
}

static unsigned bits_of(const Disputes__Common__V1__Role *roles, size_t count)
{
    unsigned sides = 0;
    for (size_t i = 0; i < count; i++) {
        enum ntf_side side = side_of(roles[i]);
        sides |= side ? NTF_BIT(side) : 0;
    }
    return sides;
}

static void news_of_gateway(const Disputes__Case__V1__Entry *entry, struct ntf_news *news)
{
    const Disputes__Gateway__V1__Command *command = entry->gateway_command;
    if ((int)command->act_case == GW(DUTY_PERFORMED) &&
        entry->stage_before != DISPUTES__COMMON__V1__STAGE__STAGE_SETTLED) {
        news->amount_minor = fen(command->duty_performed->amount);
    }
}

static void news_of_people(const Disputes__Case__V1__Entry *entry, struct ntf_news *news)
{
    const Disputes__Console__V1__Command *command = entry->console_command;
    if ((int)command->act_case == CON(NEXT_ROUND)) {
        news->asked = bits_of(command->next_round->sides, command->next_round->n_sides);
    }
    if ((int)command->act_case == CON(INFO_REQUESTED)) {
        news->missing = command->info_requested->fields;
        news->missing_count = command->info_requested->n_fields;
    }
}

static void news_of_institution(const Disputes__Arbitration__V1__Finding *finding, struct ntf_news *news)
{
    if ((int)finding->finding_case == ARB(INSTITUTION_STATUS)) {
        news->status = (int32_t)finding->institution_status->status;
        news->date = dsp_message_str(finding->institution_status->hearing_date);
    }
}

/* Terms of an offer stand in no message: deliveries are shown to staff, who must not know them before a decision
 * (docs/MACHINE.md, 1.2). The sides read them in their timeline. */
static bool hidden_terms(const Disputes__Case__V1__Entry *entry)
{
    return entry->type == DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_OFFER_ACCEPTED;
}

static struct ntf_news news_of(const Disputes__Case__V1__Entry *entry)
{
    struct ntf_news news = {
        .kind = kind_of(entry),
        .moved = entry->stage_before != entry->stage_after,
        .before_admission = entry->stage_before == DISPUTES__COMMON__V1__STAGE__STAGE_SCREENING ||
                            entry->stage_before == DISPUTES__COMMON__V1__STAGE__STAGE_SUPPLEMENT,
        .closed = entry->stage_after == DISPUTES__COMMON__V1__STAGE__STAGE_CLOSED,
        .actor = entry->origin && entry->origin->actor ? side_of(entry->origin->actor->role) : NTF_SIDE_NONE,
        .amount_minor = entry->ruling && !hidden_terms(entry) ? fen(entry->ruling->amount) : 0,
    };
    switch ((int)entry->content_case) {
    case OF_SLA:
        news_of_sla(entry->sla_finding, &news);
        news.by_machine = true; /* T20, T40: a clock has made the docket's draft or claim a decision */
        break;
    case OF_FUND:
        news_of_fund(entry->fund_finding, &news);
        break;
    case OF_ARBITRATION:
        news_of_institution(entry->arbitration_finding, &news);
        break;
    case OF_INVESTIGATION:
        news.by_machine = (int)entry->investigation_finding->finding_case == INV(DECISION_PROPOSED) &&
                          entry->investigation_finding->decision_proposed->engine;
        break;
    case CONSOLE:
        news_of_people(entry, &news);
        break;
    case GATEWAY:
        news_of_gateway(entry, &news);
        break;
    default:
        break;
    }
    return news;
}

static const Disputes__Gateway__V1__FileComplaint *filing_of(const Disputes__Case__V1__Entry *entry)
{
    if ((int)entry->content_case == GATEWAY && (int)entry->gateway_command->act_case == GW(FILE_COMPLAINT)) {
        return entry->gateway_command->file_complaint;
    }
    if ((int)entry->content_case == CONSOLE && (int)entry->console_command->act_case == CON(FILE_COMPLAINT)) {
        return entry->console_command->file_complaint; /* by phone */
    }
    return NULL;
}

static struct dsp_err read_filed(struct dsp_turn *turn, const Disputes__Case__V1__Entry *entry,
                                 const struct ntf_filed **ret_filed)
{
    const Disputes__Gateway__V1__FileComplaint *filing = filing_of(entry);
    const Disputes__Case__V1__Claim *claim = entry->claim;
    struct ntf_filed *filed = dsp_arena_alloc(turn->arena, sizeof *filed);
    if (!filed) {
        return full();
    }
    if (!claim) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a filing without a claim");
    }
    *filed = (struct ntf_filed){.consumer_id = dsp_message_str(claim->consumer_id),
                                .merchant_id = dsp_message_str(claim->merchant_id),
                                .order_line = claim->order_line,
                                .reason = (int32_t)claim->reason};
    if (filing && filing->order && filing->order->consumer_openid) {
        DSP_TRY(dsp_message_pack(turn->arena, &filing->order->consumer_openid->base, &filed->openid));
    }
    *ret_filed = filed;
    return dsp_ok();
}

static bool open_stage(Disputes__Common__V1__Stage stage)
{
    return stage != DISPUTES__COMMON__V1__STAGE__STAGE_MERGED && stage != DISPUTES__COMMON__V1__STAGE__STAGE_CLOSED &&
           stage != DISPUTES__COMMON__V1__STAGE__STAGE_ARCHIVED;
}

static bool tells_nobody(const struct ntf_news *news)
{
    return news->kind == NTF_KIND_NONE ||
           (news->kind == NTF_KIND_CLOCK_RUNG_REACHED && news->concerned == NTF_SIDE_NONE);
}

struct dsp_err ntf_decode_entry(struct dsp_turn *turn, struct dsp_record *record)
{
    const Disputes__Case__V1__Entry *entry;
    DSP_TRY(dsp_entry_read(turn, record, &entry));
    if (!entry) {
        return dsp_ok();
    }
    struct ntf_entry *input = dsp_arena_alloc(turn->arena, sizeof *input);
    if (!input) {
        return full();
    }
    *input = (struct ntf_entry){.entry = entry,
                                .sequence = (int64_t)entry->sequence,
                                .time_ms = entry->time_millis,
                                .stage = (int32_t)entry->stage_after,
                                .open = open_stage(entry->stage_after),
                                .answers = entry->origin ? (int64_t)entry->origin->answers_sequence : 0,
                                .news = news_of(entry)};
    if (dsp_entry_tells_time(entry) && tells_nobody(&input->news)) {
        return dsp_ok();
    }
    input->remember = input->news.actor != NTF_SIDE_NONE && remembered(entry);
    if (entry->sequence == 1) {
        DSP_TRY(read_filed(turn, entry, &input->filed));
    }
    record->input = input;
    return dsp_ok();
}

/* --- inbound --- */

static struct dsp_err read_inbound(const Disputes__Notification__V1__Inbound *message, struct ntf_inbound *ret_inbound)
{
    switch ((int)message->message_case) {
    case DISPUTES__NOTIFICATION__V1__INBOUND__MESSAGE_OPENED:
        *ret_inbound = (struct ntf_inbound){.kind = NTF_INBOUND_READ,
                                            .sequence = (int64_t)message->opened->sequence,
                                            .side = (int32_t)side_of(message->opened->side),
                                            .rung = NTF_RUNG_DOCKET};
        break;
    case DISPUTES__NOTIFICATION__V1__INBOUND__MESSAGE_MERCHANT_ACKNOWLEDGED:
        *ret_inbound = (struct ntf_inbound){.kind = NTF_INBOUND_READ,
                                            .sequence = (int64_t)message->merchant_acknowledged->sequence,
                                            .side = NTF_SIDE_MERCHANT,
                                            .rung = NTF_RUNG_WEBHOOK};
        break;
    case DISPUTES__NOTIFICATION__V1__INBOUND__MESSAGE_CONSENT_GRANTED:
        *ret_inbound = (struct ntf_inbound){.kind = NTF_INBOUND_CONSENT,
                                            .consumer_id = dsp_message_str(message->consent_granted->consumer_id),
                                            .template_id = dsp_message_str(message->consent_granted->template_id),
                                            .count = message->consent_granted->count};
        break;
    case DISPUTES__NOTIFICATION__V1__INBOUND__MESSAGE_WINDOW_OPENED:
        *ret_inbound = (struct ntf_inbound){.kind = NTF_INBOUND_WINDOW,
                                            .consumer_id = dsp_message_str(message->window_opened->consumer_id),
                                            .template_id = DSP_STR_LITERAL(NTF_WINDOW),
                                            .until_ms = message->window_opened->until_time_millis};
        break;
    default:
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "no inbound message that this version knows");
    }
    if (ret_inbound->kind == NTF_INBOUND_READ && (ret_inbound->side == NTF_SIDE_NONE || ret_inbound->sequence <= 0)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "side and sequence are required");
    }
    if (ret_inbound->kind != NTF_INBOUND_READ &&
        (ret_inbound->consumer_id.len == 0 || ret_inbound->template_id.len == 0 || ret_inbound->count < 0)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "consumer, template and a count from 0 are required");
    }
    return dsp_ok();
}

struct dsp_err ntf_decode_inbound(struct dsp_turn *turn, struct dsp_record *record)
{
    Disputes__Notification__V1__Inbound *message;
    struct ntf_inbound *input = dsp_arena_alloc(turn->arena, sizeof *input);
    if (!input) {
        return full();
    }
    if (!record->value.ptr) {
        return dsp_reject(DSP_CODE_TOMBSTONE, "inbound has no tombstones");
    }
    if (dsp_uuid_is_zero(&record->envelope.subject)) {
        return dsp_reject(DSP_CODE_HEADER_MISSING, "ce_subject names the case");
    }
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__notification__v1__inbound__descriptor, record->value, &message));
    DSP_TRY(read_inbound(message, input));
    record->case_id = record->envelope.subject;
    record->input = input;
    record->type = dsp_message_name(turn->arena, message->base.descriptor, (unsigned)message->message_case);
    return dsp_ok();
}

/* --- policy and keys --- */

static void take_budget(const Disputes__Platform__V1__ClockBudget *from, bool refund, struct ntf_deadlines *deadlines)
{
    int64_t budget_ms = from->budget_millis;
    if (budget_ms <= 0) {
        return;
    }
    if (from->kind == DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_SCREEN) {
        deadlines->screen_ms = budget_ms;
    } else if (from->kind == DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_M_FIRST) {
        deadlines->m_first_ms = budget_ms;
    } else if (from->kind == DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_M_POSITION) {
        deadlines->m_position_ms = refund && from->short_budget_millis > 0 ? from->short_budget_millis : budget_ms;
    }
}

struct dsp_err ntf_deadlines_find(const struct dsp_platforms *platforms, struct dsp_str platform_id,
                                  int64_t policy_version, int32_t reason, struct ntf_deadlines *ret_deadlines)
{
    bool refund = ntf_is_refund_reason(reason);
    struct ntf_deadlines deadlines = ntf_start_deadlines(refund);
    if (policy_version) {
        const Disputes__Platform__V1__State *state = dsp_platforms_version(
            platforms, platform_id, DISPUTES__PLATFORM__V1__STATE__PART_POLICY, (uint64_t)policy_version);
        if (!state) {
            return dsp_retry(DSP_CODE_NOT_READY, "policy %lld has not been read yet", (long long)policy_version);
        }
        for (size_t i = 0; i < state->policy->n_budgets; i++) {
            take_budget(state->policy->budgets[i], refund, &deadlines);
        }
        if (state->policy->rule_cosign_minor) {
            deadlines.rule_cosign_minor = state->policy->rule_cosign_minor;
        }
    }
    *ret_deadlines = deadlines;
    return dsp_ok();
}

struct dsp_err ntf_openid_open(struct dsp_arena *arena, const struct dsp_keys *keys, const struct dsp_uuid *case_id,
                               struct dsp_str packed, struct dsp_str *ret_openid)
{
    Disputes__Common__V1__Text *text;
    const struct dsp_key *key;
    DSP_TRY(dsp_keys_find(keys, case_id, &key));
    DSP_TRY(dsp_message_unpack(arena, &disputes__common__v1__text__descriptor, packed, &text));
    return dsp_text_open(arena, key, case_id, &text->base, ret_openid);
}

/* --- findings --- */

/* A paper belongs to the generation in which it was told: after a reopening its service is stale. */
static struct dsp_err say(struct dsp_turn *turn, struct ntf_case_row *row, Disputes__Notification__V1__Finding *finding,
                          const struct ntf_delivery_row *delivery, int64_t time_ms)
{
    finding->answers_sequence = (uint64_t)delivery->sequence;
    finding->generation = (uint32_t)delivery->generation;
    return dsp_finding_emit(turn, &NOTIFICATION, &row->head, &finding->base, time_ms);
}

struct dsp_err ntf_say_proved(struct dsp_turn *turn, struct ntf_case_row *row, const struct ntf_delivery_row *delivery,
                              int64_t time_ms)
{
    Disputes__Notification__V1__Finding finding = DISPUTES__NOTIFICATION__V1__FINDING__INIT;
    Disputes__Notification__V1__ServiceProved proved = DISPUTES__NOTIFICATION__V1__SERVICE_PROVED__INIT;
    proved.paper_sequence = (uint64_t)delivery->sequence;
    proved.side = (Disputes__Common__V1__Role)delivery->is.side;
    proved.rung = (Disputes__Notification__V1__Rung)delivery->is.rung;
    proved.served_time_millis = delivery->is.served_ms;
    proved.acknowledgement = delivery->is.acknowledgement;
    finding.finding_case = DISPUTES__NOTIFICATION__V1__FINDING__FINDING_SERVICE_PROVED;
    finding.service_proved = &proved;
    return say(turn, row, &finding, delivery, time_ms);
}

struct dsp_err ntf_say_failed(struct dsp_turn *turn, struct ntf_case_row *row, const struct ntf_delivery_row *delivery,
                              int64_t time_ms)
{
    Disputes__Notification__V1__Finding finding = DISPUTES__NOTIFICATION__V1__FINDING__INIT;
    Disputes__Notification__V1__ServiceFailed failed = DISPUTES__NOTIFICATION__V1__SERVICE_FAILED__INIT;
    failed.paper_sequence = (uint64_t)delivery->sequence;
    failed.side = (Disputes__Common__V1__Role)delivery->is.side;
    finding.finding_case = DISPUTES__NOTIFICATION__V1__FINDING__FINDING_SERVICE_FAILED;
    finding.service_failed = &failed;
    return say(turn, row, &finding, delivery, time_ms);
}

struct dsp_err ntf_say_unreachable(struct dsp_turn *turn, struct ntf_case_row *row,
                                   const struct ntf_delivery_row *delivery, int64_t time_ms)
{
    Disputes__Notification__V1__Finding finding = DISPUTES__NOTIFICATION__V1__FINDING__INIT;
    Disputes__Notification__V1__PartyUnreachable unreachable = DISPUTES__NOTIFICATION__V1__PARTY_UNREACHABLE__INIT;
    unreachable.side = (Disputes__Common__V1__Role)delivery->is.side;
    finding.finding_case = DISPUTES__NOTIFICATION__V1__FINDING__FINDING_PARTY_UNREACHABLE;
    finding.party_unreachable = &unreachable;
    return say(turn, row, &finding, delivery, time_ms);
}
