#include "sla/domain/offer.h"

#include <stddef.h>

#include "common/base/clock.h"

/* disputes.common.v1: Role and Remedy; the codec checks that they agree. */
enum { CONSUMER = 1, MERCHANT = 2 };
enum { REMEDY_NONE = 1, REMEDY_STATUTORY_MULTIPLE = 7 };

#define LIFE_MIN_MS (24 * DSP_HOUR_MS)
#define LIFE_MAX_MS (7 * DSP_DAY_MS)

const struct sla_offer_refusal_text SLA_OFFER_REFUSAL_TEXTS[SLA_OFFER_REFUSALS] = {
    [SLA_OFFER_TAKEN] = {"", ""},
    [SLA_OFFER_NOT_YOURS] = {"NOT_YOUR_ROLE", ""},
    [SLA_OFFER_TOO_LATE] = {"DEADLINE_PASSED", ""},
    [SLA_OFFER_LIMIT] = {"LIMIT_REACHED", ""},
    [SLA_OFFER_UNKNOWN] = {"GUARD_FAILED", "the offer is known"},
    [SLA_OFFER_CLOSED] = {"GUARD_FAILED", "the offer is open"},
    [SLA_OFFER_ANOTHER_OPEN] = {"GUARD_FAILED", "no other offer is open"},
    [SLA_OFFER_ID_USED] = {"GUARD_FAILED", "the offer id is new"},
    [SLA_OFFER_TERMS] = {"GUARD_FAILED", "the terms are complete"},
    [SLA_OFFER_AMOUNT] = {"GUARD_FAILED", "the amount is within what is unpaid"},
    [SLA_OFFER_LIFE] = {"GUARD_FAILED", "the life of the offer is within bounds"},
    [SLA_OFFER_PERFORM] = {"GUARD_FAILED", "the term of performance is within bounds"},
};

/* An empty cell is forbidden: what has ended stays so. */
static const enum sla_offer_state NEXT[SLA_OFFER_STATES][SLA_OFFER_INPUTS] = {
    [SLA_OFFER_OPEN] =
        {
            [SLA_OFFER_INPUT_COUNTER] = SLA_OFFER_COUNTERED,
            [SLA_OFFER_INPUT_ACCEPT] = SLA_OFFER_ACCEPTED,
            [SLA_OFFER_INPUT_REJECT] = SLA_OFFER_REJECTED,
            [SLA_OFFER_INPUT_RETRACT] = SLA_OFFER_RETRACTED,
            [SLA_OFFER_INPUT_EXPIRE] = SLA_OFFER_EXPIRED,
            [SLA_OFFER_INPUT_LEAVE] = SLA_OFFER_EXPIRED,
        },
};

enum sla_offer_state sla_offer_next(enum sla_offer_state from, enum sla_offer_input input)
{
    return NEXT[from][input];
}

int32_t sla_other_side(int32_t side)
{
    return side == CONSUMER ? MERCHANT : CONSUMER;
}

/* In the order of docs/MACHINE.md 1.2, so that an act that fails more than one check gets one answer. */
enum sla_offer_refusal sla_offer_would(const struct sla_offer *offer, enum sla_offer_input act, int32_t side,
                                       int64_t time_ms)
{
    if (!offer) {
        return SLA_OFFER_UNKNOWN;
    }
    if (side != (act == SLA_OFFER_INPUT_RETRACT ? offer->maker : offer->receiver)) {
        return SLA_OFFER_NOT_YOURS;
    }
    if (act == SLA_OFFER_INPUT_ACCEPT && time_ms > offer->due_ms) {
        return SLA_OFFER_TOO_LATE;
    }
    if (offer->log_state != SLA_OFFER_OPEN || !NEXT[offer->state][act]) {
        return SLA_OFFER_CLOSED;
    }
    return SLA_OFFER_TAKEN;
}

enum sla_offer_refusal sla_offer_act(struct sla_offer *offer, enum sla_offer_input act, int32_t side, int64_t time_ms)
{
    enum sla_offer_refusal refusal = sla_offer_would(offer, act, side, time_ms);
    if (refusal == SLA_OFFER_TAKEN) {
        offer->state = NEXT[offer->state][act];
    }
    return refusal;
}

/* The maker's choice lies between 24 h and 7 d; a platform whose own life is outside widens that. */
static bool life_in_bounds(int64_t life_ms, int64_t policy_ms)
{
    int64_t least = policy_ms < LIFE_MIN_MS ? policy_ms : LIFE_MIN_MS;
    int64_t most = policy_ms > LIFE_MAX_MS ? policy_ms : LIFE_MAX_MS;
    return life_ms == 0 || (life_ms >= least && life_ms <= most);
}

enum sla_offer_refusal sla_offer_check(const struct sla_board *board, const struct sla_terms *terms)
{
    if (board->made >= SLA_OFFERS_A_SIDE) {
        return SLA_OFFER_LIMIT;
    }
    if (board->another_open) {
        return SLA_OFFER_ANOTHER_OPEN;
    }
    if (board->id_used) {
        return SLA_OFFER_ID_USED;
    }
    if (terms->remedy <= REMEDY_NONE || terms->amount_minor <= 0 || terms->other_currency) {
        return SLA_OFFER_TERMS;
    }
    if (terms->amount_minor > board->unpaid_minor && terms->remedy != REMEDY_STATUTORY_MULTIPLE) {
        return SLA_OFFER_AMOUNT;
    }
    if (!life_in_bounds(terms->life_ms, board->policy_life_ms)) {
        return SLA_OFFER_LIFE;
    }
    if (terms->perform_ms < 0 || terms->perform_ms > SLA_OFFER_PERFORM_MAX_MS) {
        return SLA_OFFER_PERFORM;
    }
    return SLA_OFFER_TAKEN;
}

struct sla_offer sla_offer_open(const struct sla_board *board, const struct sla_terms *terms, int32_t maker,
                                int64_t time_ms)
{
    return (struct sla_offer){.state = SLA_OFFER_OPEN,
                              .log_state = SLA_OFFER_NONE,
                              .maker = maker,
                              .receiver = sla_other_side(maker),
                              .due_ms = time_ms + (terms->life_ms ? terms->life_ms : board->policy_life_ms)};
}

bool sla_offer_confirmed(struct sla_offer *offer, enum sla_offer_state state)
{
    bool changed = offer->state != state || offer->log_state != state;
    offer->state = state;
    offer->log_state = state;
    return changed;
}

void sla_offer_undone(struct sla_offer *offer)
{
    if (offer->log_state == SLA_OFFER_NONE) { /* it never came to be */
        offer->log_state = SLA_OFFER_EXPIRED;
    }
    offer->state = offer->log_state;
}

bool sla_offer_left(struct sla_offer *offer)
{
    if (offer->log_state != SLA_OFFER_OPEN && offer->log_state != SLA_OFFER_NONE) {
        return false;
    }
    offer->log_state = NEXT[SLA_OFFER_OPEN][SLA_OFFER_INPUT_LEAVE];
    if (NEXT[offer->state][SLA_OFFER_INPUT_LEAVE]) { /* an answer that was found stands until the log refuses it */
        offer->state = NEXT[offer->state][SLA_OFFER_INPUT_LEAVE];
    }
    return true;
}

const char *sla_offer_state_name(int state)
{
    static const char *const NAMES[SLA_OFFER_STATES] = {"NONE",      "OPEN",    "ACCEPTED", "REJECTED",
                                                        "COUNTERED", "EXPIRED", "RETRACTED"};
    return state >= 0 && state < SLA_OFFER_STATES ? NAMES[state] : NULL;
}

/* --- settlements: every state comes from the log, nothing is provisional --- */

static const enum sla_settlement_state SETTLED[SLA_SETTLEMENT_STATES][SLA_SETTLEMENT_INPUTS] = {
    [SLA_SETTLEMENT_PERFORMING] =
        {
            [SLA_SETTLEMENT_INPUT_PERFORM] = SLA_SETTLEMENT_PERFORMED,
            [SLA_SETTLEMENT_INPUT_DEFAULT] = SLA_SETTLEMENT_DEFAULTED,
            [SLA_SETTLEMENT_INPUT_RESCIND] = SLA_SETTLEMENT_RESCINDED,
            [SLA_SETTLEMENT_INPUT_LAPSE] = SLA_SETTLEMENT_LAPSED,
        },
};

bool sla_settlement_decide(enum sla_settlement_state *state, enum sla_settlement_input input)
{
    enum sla_settlement_state next = SETTLED[*state][input];
    if (!next) {
        return false;
    }
    *state = next;
    return true;
}

const char *sla_settlement_state_name(int state)
{
    static const char *const NAMES[SLA_SETTLEMENT_STATES] = {NULL,        "PERFORMING", "PERFORMED",
                                                             "DEFAULTED", "RESCINDED",  "LAPSED"};
    return state > 0 && state < SLA_SETTLEMENT_STATES ? NAMES[state] : NULL;
}
