/* Offers, settlements and payments in entries; findings about offers. */
#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputes/sla/v1/finding.pb-c.h"
#include "sla/codec.h"

_Static_assert((int)DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER == 1 &&
                   (int)DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT == 2 &&
                   (int)DISPUTES__COMMON__V1__REMEDY__REMEDY_NONE == 1 &&
                   (int)DISPUTES__COMMON__V1__REMEDY__REMEDY_STATUTORY_MULTIPLE == 7,
               "domain/offer.c names these");

#define GATEWAY(act) DISPUTES__GATEWAY__V1__COMMAND__ACT_##act
#define CONSOLE(act) DISPUTES__CONSOLE__V1__COMMAND__ACT_##act
#define SLA(finding) DISPUTES__SLA__V1__FINDING__FINDING_##finding
#define FUND(finding) DISPUTES__FUND__V1__FINDING__FINDING_##finding
#define INVESTIGATION(finding) DISPUTES__INVESTIGATION__V1__FINDING__FINDING_##finding
#define CONTENT(kind) DISPUTES__CASE__V1__ENTRY__CONTENT_##kind
#define ENTRY(type) DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_##type
#define KIND(clock) ((int32_t)DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_##clock)
#define SIDE(role) ((int32_t)DISPUTES__COMMON__V1__ROLE__ROLE_##role)
#define STAGE(stage) DISPUTES__COMMON__V1__STAGE__STAGE_##stage

static char CNY[] = "CNY"; /* generated messages want it writable */

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "sla offer");
}

/* --- acts --- */

static struct sla_terms terms_of(const Disputes__Gateway__V1__OfferTerms *terms)
{
    if (!terms) {
        return (struct sla_terms){0};
    }
    struct sla_terms read = {
        .remedy = (int32_t)terms->remedy, .life_ms = terms->life_millis, .perform_ms = terms->perform_millis};
    if (terms->amount) {
        read.amount_minor = terms->amount->amount_minor;
        read.other_currency = !dsp_str_is(dsp_message_str(terms->amount->currency), "CNY");
    }
    return read;
}

static bool deed_of(const Disputes__Gateway__V1__Command *command, struct sla_offer_deed *ret_deed)
{
    struct sla_offer_deed deed = {.side = command->actor ? (int32_t)command->actor->role : 0};
    switch ((int)command->act_case) {
    case GATEWAY(MAKE_OFFER):
        deed.offer_id = dsp_message_str(command->make_offer->offer_id);
        deed.new_offer_id = deed.offer_id;
        deed.terms = terms_of(command->make_offer->terms);
        break;
    case GATEWAY(COUNTER_OFFER):
        deed.input = SLA_OFFER_INPUT_COUNTER;
        deed.offer_id = dsp_message_str(command->counter_offer->offer_id);
        deed.new_offer_id = dsp_message_str(command->counter_offer->new_offer_id);
        deed.terms = terms_of(command->counter_offer->terms);
        break;
    case GATEWAY(ACCEPT_OFFER):
        deed.input = SLA_OFFER_INPUT_ACCEPT;
        deed.offer_id = dsp_message_str(command->accept_offer->offer_id);
        break;
    case GATEWAY(REJECT_OFFER):
        deed.input = SLA_OFFER_INPUT_REJECT;
        deed.offer_id = dsp_message_str(command->reject_offer->offer_id);
        break;
    case GATEWAY(RETRACT_OFFER):
        deed.input = SLA_OFFER_INPUT_RETRACT;
        deed.offer_id = dsp_message_str(command->retract_offer->offer_id);
        break;
    default:
        return false;
    }
    *ret_deed = deed;
    return true;
}

/* --- our own findings, read back --- */

static bool news_of(const Disputes__Sla__V1__Finding *finding, struct sla_offer_news *ret_news)
{
    struct sla_offer_news news = {0};
    switch ((int)finding->finding_case) {
    case SLA(OFFER_OPENED):
        news.state = SLA_OFFER_OPEN;
        news.offer_id = dsp_message_str(finding->offer_opened->offer_id);
        break;
    case SLA(OFFER_COUNTERED):
        news.state = SLA_OFFER_COUNTERED;
        news.offer_id = dsp_message_str(finding->offer_countered->offer_id);
        news.new_offer_id = dsp_message_str(finding->offer_countered->new_offer_id);
        break;
    case SLA(OFFER_REJECTED):
        news.state = SLA_OFFER_REJECTED;
        news.offer_id = dsp_message_str(finding->offer_rejected->offer_id);
        break;
    case SLA(OFFER_RETRACTED):
        news.state = SLA_OFFER_RETRACTED;
        news.offer_id = dsp_message_str(finding->offer_retracted->offer_id);
        break;
    case SLA(OFFER_EXPIRED):
        news.state = SLA_OFFER_EXPIRED;
        news.offer_id = dsp_message_str(finding->offer_expired->offer_id);
        break;
    case SLA(OFFER_ACCEPTED):
        news.state = SLA_OFFER_ACCEPTED;
        news.offer_id = dsp_message_str(finding->offer_accepted->offer_id);
        break;
    default: /* clocks; OfferRefused changes no offer */
        return false;
    }
    *ret_news = news;
    return true;
}

/* --- which breach waits for which act (docs/MACHINE.md, 1.2) --- */

static void hold_of(const Disputes__Case__V1__Entry *entry, struct sla_entry *input)
{
    static const struct {
        int content, act;
        int32_t by; /* 0 = whoever */
        int32_t kind, side;
    } HOLDS[] = {
        {CONTENT(GATEWAY_COMMAND), GATEWAY(ADD_EVIDENCE), SIDE(CONSUMER), KIND(ROUND), SIDE(CONSUMER)},
        {CONTENT(GATEWAY_COMMAND), GATEWAY(ADD_EVIDENCE), SIDE(MERCHANT), KIND(ROUND), SIDE(MERCHANT)},
        {CONTENT(GATEWAY_COMMAND), GATEWAY(DUTY_PERFORMED), SIDE(MERCHANT), KIND(PERFORM), SIDE(MERCHANT)},
        {CONTENT(GATEWAY_COMMAND), GATEWAY(DUTY_PERFORMED), SIDE(CONSUMER), KIND(RETURN_SHIP), SIDE(CONSUMER)},
        {CONTENT(CONSOLE_COMMAND), CONSOLE(PROPOSE_DECISION), 0, KIND(INVEST_HARD), 0},
        {CONTENT(CONSOLE_COMMAND), CONSOLE(FINALISE), 0, KIND(FINALISE), 0},
        {CONTENT(CONSOLE_COMMAND), CONSOLE(DECIDE_APPEAL), 0, KIND(APPEAL_HARD), 0},
        {CONTENT(CONSOLE_COMMAND), CONSOLE(REMAND), 0, KIND(APPEAL_HARD), 0},
    };
    int act = 0;
    int32_t by = 0;
    if (entry->content_case == CONTENT(GATEWAY_COMMAND) && entry->gateway_command->act_case == GATEWAY(ADD_EVIDENCE) &&
        !entry->gateway_command->add_evidence->done) {
        return; /* the side goes on, and so does its clock */
    }
    if (entry->content_case == CONTENT(GATEWAY_COMMAND)) {
        act = (int)entry->gateway_command->act_case;
        by = entry->gateway_command->actor ? (int32_t)entry->gateway_command->actor->role : 0;
    } else if (entry->content_case == CONTENT(CONSOLE_COMMAND)) {
        act = (int)entry->console_command->act_case;
    }
    for (size_t i = 0; i < sizeof HOLDS / sizeof *HOLDS; i++) {
        if (HOLDS[i].content == (int)entry->content_case && HOLDS[i].act == act &&
            (!HOLDS[i].by || HOLDS[i].by == by)) {
            input->hold_kind = HOLDS[i].kind;
            input->hold_side = HOLDS[i].side;
        }
    }
}

/* Findings that refuse the act they answer. */
static int64_t released_by(const Disputes__Case__V1__Entry *entry)
{
    switch ((int)entry->content_case) {
    case CONTENT(SLA_FINDING):
        return entry->sla_finding->finding_case == SLA(OFFER_REFUSED) ? (int64_t)entry->sla_finding->answers_sequence
                                                                      : 0;
    case CONTENT(FUND_FINDING):
        return entry->fund_finding->finding_case == FUND(DUTY_REJECTED) ? (int64_t)entry->fund_finding->answers_sequence
                                                                        : 0;
    case CONTENT(INVESTIGATION_FINDING):
        return entry->investigation_finding->finding_case == INVESTIGATION(EVIDENCE_REFUSED) ||
                       entry->investigation_finding->finding_case == INVESTIGATION(DRAFT_REFUSED)
                   ? (int64_t)entry->investigation_finding->answers_sequence
                   : 0;
    default:
        return 0;
    }
}

/* --- settlements, payments, where the case stands --- */

static enum sla_settlement_input settlement_of(Disputes__Case__V1__EntryType type)
{
    switch ((int)type) {
    case ENTRY(OFFER_ACCEPTED):
    case ENTRY(SETTLED_IN_ARBITRATION):
        return SLA_SETTLEMENT_INPUT_BEGIN;
    case ENTRY(SETTLEMENT_PERFORMED):
        return SLA_SETTLEMENT_INPUT_PERFORM;
    case ENTRY(SETTLEMENT_DEFAULTED):
        return SLA_SETTLEMENT_INPUT_DEFAULT;
    case ENTRY(SETTLEMENT_RESCINDED):
        return SLA_SETTLEMENT_INPUT_RESCIND;
    case ENTRY(REMEDY_LAPSED):
        return SLA_SETTLEMENT_INPUT_LAPSE;
    default:
        return SLA_SETTLEMENT_INPUT_NONE;
    }
}

static bool is_final(Disputes__Case__V1__EntryType type)
{
    return type == ENTRY(DEFAULT_JUDGMENT_ENTERED) || type == ENTRY(RULE_FOUND) || type == ENTRY(DECISION_FINAL) ||
           type == ENTRY(APPEAL_DECIDED);
}

/* A merchant's refund that the payment side has confirmed, or a payout that arrived. */
static int64_t paid_out(const Disputes__Case__V1__Entry *entry)
{
    const Disputes__Common__V1__Money *amount = NULL;
    if (entry->content_case == CONTENT(FUND_FINDING)) {
        if (entry->fund_finding->finding_case == FUND(DUTY_VERIFIED)) {
            amount = entry->fund_finding->duty_verified->amount;
        } else if (entry->fund_finding->finding_case == FUND(PAYOUT_CONFIRMED)) {
            amount = entry->fund_finding->payout_confirmed->amount;
        }
    }
    return amount && amount->amount_minor > 0 ? amount->amount_minor : 0;
}

static bool offers_allowed(Disputes__Common__V1__Stage stage)
{
    return stage == STAGE(NEGOTIATION) || stage == STAGE(EVIDENCE) || stage == STAGE(INVESTIGATION) ||
           stage == STAGE(PROPOSED) || stage == STAGE(DECIDED);
}

static struct dsp_err read_content(struct dsp_turn *turn, struct sla_entry *input)
{
    const Disputes__Case__V1__Entry *entry = input->entry;
    struct sla_offer_deed *deed = dsp_arena_alloc(turn->arena, sizeof *deed);
    struct sla_offer_news *news = dsp_arena_alloc(turn->arena, sizeof *news);
    if (!deed || !news) {
        return full();
    }
    if (entry->content_case == CONTENT(GATEWAY_COMMAND) && deed_of(entry->gateway_command, deed)) {
        input->deed = deed;
    }
    if (entry->content_case == CONTENT(SLA_FINDING) && news_of(entry->sla_finding, news)) {
        news->refused = entry->type == ENTRY(FINDING_REFUSED);
        input->news = news;
    }
    return dsp_ok();
}

struct dsp_err sla_decode_offers(struct dsp_turn *turn, struct sla_entry *input)
{
    const Disputes__Case__V1__Entry *entry = input->entry;
    input->offers_allowed = offers_allowed(entry->stage_after);
    input->settlement = settlement_of(entry->type);
    input->decided = is_final(entry->type);
    input->undecided = entry->stage_after == STAGE(INVESTIGATION) && entry->stage_before != STAGE(INVESTIGATION);
    if (entry->type == ENTRY(COMMAND_REFUSED)) {
        return dsp_ok();
    }
    DSP_TRY(read_content(turn, input));
    if (entry->type == ENTRY(FINDING_REFUSED)) {
        return dsp_ok();
    }
    hold_of(entry, input);
    input->released_seq = released_by(entry);
    input->paid_out_minor = paid_out(entry);
    bool measured = input->deed && input->deed->new_offer_id.ptr;
    return measured || input->paid_out_minor
               ? dsp_rows_want(turn->rows, &SLA_TABLES[SLA_TABLE_LINE], dsp_message_str(entry->order_id))
               : dsp_ok();
}

void sla_read_claim(const struct sla_entry *input, struct sla_case_row *row)
{
    const Disputes__Case__V1__Claim *claim = input->entry->claim;
    if (claim) {
        row->order_line = claim->order_line;
        row->paid_minor = claim->paid ? claim->paid->amount_minor : 0;
    }
}

/* --- findings --- */

static struct dsp_err answer(struct dsp_turn *turn, struct sla_case_row *row, Disputes__Sla__V1__Finding *finding,
                             const struct sla_entry *act)
{
    return sla_say(turn, row, finding, act->sequence, act->time_ms);
}

struct dsp_err sla_say_opened(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_offer_row *offer,
                              const struct sla_entry *act)
{
    Disputes__Sla__V1__Finding finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Sla__V1__OfferOpened opened = DISPUTES__SLA__V1__OFFER_OPENED__INIT;
    opened.offer_id = sla_text(turn, offer->offer_id);
    opened.due_time_millis = offer->offer.due_ms;
    finding.finding_case = SLA(OFFER_OPENED);
    finding.offer_opened = &opened;
    return opened.offer_id ? answer(turn, row, &finding, act) : full();
}

struct dsp_err sla_say_countered(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_offer_row *old,
                                 const struct sla_offer_row *offer, const struct sla_entry *act)
{
    Disputes__Sla__V1__Finding finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Sla__V1__OfferCountered countered = DISPUTES__SLA__V1__OFFER_COUNTERED__INIT;
    countered.offer_id = sla_text(turn, old->offer_id);
    countered.new_offer_id = sla_text(turn, offer->offer_id);
    countered.due_time_millis = offer->offer.due_ms;
    finding.finding_case = SLA(OFFER_COUNTERED);
    finding.offer_countered = &countered;
    return countered.offer_id && countered.new_offer_id ? answer(turn, row, &finding, act) : full();
}

/* An agreement finds nobody liable. */
static struct dsp_err say_accepted(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_offer_row *offer,
                                   const struct sla_entry *act)
{
    Disputes__Sla__V1__Finding finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Sla__V1__OfferAccepted accepted = DISPUTES__SLA__V1__OFFER_ACCEPTED__INIT;
    Disputes__Common__V1__Ruling ruling = DISPUTES__COMMON__V1__RULING__INIT;
    Disputes__Common__V1__Money amount = DISPUTES__COMMON__V1__MONEY__INIT;
    amount.amount_minor = offer->amount_minor;
    amount.currency = CNY;
    ruling.liability = DISPUTES__COMMON__V1__LIABILITY__LIABILITY_NONE;
    ruling.remedy = (Disputes__Common__V1__Remedy)offer->remedy;
    ruling.amount = &amount;
    accepted.offer_id = sla_text(turn, offer->offer_id);
    accepted.ruling = &ruling;
    accepted.perform_millis = offer->perform_ms;
    finding.finding_case = SLA(OFFER_ACCEPTED);
    finding.offer_accepted = &accepted;
    return accepted.offer_id ? answer(turn, row, &finding, act) : full();
}

struct dsp_err sla_say_answered(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_offer_row *offer,
                                const struct sla_entry *act)
{
    Disputes__Sla__V1__Finding finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Sla__V1__OfferRejected rejected = DISPUTES__SLA__V1__OFFER_REJECTED__INIT;
    Disputes__Sla__V1__OfferRetracted retracted = DISPUTES__SLA__V1__OFFER_RETRACTED__INIT;
    if (offer->offer.state == SLA_OFFER_ACCEPTED) {
        return say_accepted(turn, row, offer, act);
    }
    char *offer_id = sla_text(turn, offer->offer_id);
    if (offer->offer.state == SLA_OFFER_REJECTED) {
        rejected.offer_id = offer_id;
        finding.finding_case = SLA(OFFER_REJECTED);
        finding.offer_rejected = &rejected;
    } else {
        retracted.offer_id = offer_id;
        finding.finding_case = SLA(OFFER_RETRACTED);
        finding.offer_retracted = &retracted;
    }
    return offer_id ? answer(turn, row, &finding, act) : full();
}

struct dsp_err sla_say_refused(struct dsp_turn *turn, struct sla_case_row *row, struct dsp_str offer_id,
                               enum sla_offer_refusal refusal, const struct sla_entry *act)
{
    Disputes__Sla__V1__Finding finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Sla__V1__OfferRefused refused = DISPUTES__SLA__V1__OFFER_REFUSED__INIT;
    refused.offer_id = sla_text(turn, offer_id);
    refused.code = sla_text(turn, dsp_str_from(SLA_OFFER_REFUSAL_TEXTS[refusal].code));
    refused.guard = sla_text(turn, dsp_str_from(SLA_OFFER_REFUSAL_TEXTS[refusal].guard));
    finding.finding_case = SLA(OFFER_REFUSED);
    finding.offer_refused = &refused;
    return refused.offer_id && refused.code && refused.guard ? answer(turn, row, &finding, act) : full();
}
