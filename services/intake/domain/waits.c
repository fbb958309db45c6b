/* Acts that wait for a finding: each gets exactly one, and until it comes the breach of its own clock is held back
 * for at most a day (docs/MACHINE.md 1.2). */
#include "intake/domain/rooms.h"

/* The clock whose breach an act holds back; CLOCK_NONE: the act waits all the same. */
static bool waits(const struct intake_case *c, const struct intake_input *input, int32_t *ret_kind)
{
    int32_t kind = intake_bound_by(input->trigger, input->role);
    *ret_kind = CLOCK_NONE;
    switch (input->trigger) {
    case TRIGGER_COUNTER_OFFER:
    case TRIGGER_ACCEPT_OFFER:
    case TRIGGER_REJECT_OFFER:
    case TRIGGER_RETRACT_OFFER:
    case TRIGGER_FINALISE:
    case TRIGGER_DECIDE_APPEAL:
    case TRIGGER_REMAND:
    case TRIGGER_DUTY_PERFORMED:
        *ret_kind = kind;
        return true;
    case TRIGGER_ADD_EVIDENCE:
        *ret_kind = input->done ? kind : CLOCK_NONE;
        return true;
    case TRIGGER_PROPOSE_DECISION: /* one that waits for another person's signature holds nothing back */
        *ret_kind = input->ruling.amount_minor > c->policy->high_value_minor ? CLOCK_NONE : kind;
        return true;
    case TRIGGER_MAKE_OFFER:
    case TRIGGER_ASSIGN:
    case TRIGGER_TAKE_OVER:
    case TRIGGER_SEAT_OBSERVER:
    case TRIGGER_ADMIT_LATE_ITEM:
        return true;
    default:
        return input->source <= SOURCE_CON && input->items > 0;
    }
}

bool intake_waits_full(const struct intake_case *c, const struct intake_input *input)
{
    int32_t kind;
    return c->wait_count == INTAKE_WAITS_MAX && input->source <= SOURCE_CON && waits(c, input, &kind);
}

void intake_wait(struct intake_case *c, const struct intake_input *input, int64_t sequence)
{
    int32_t kind;
    if (input->source <= SOURCE_CON && c->wait_count < INTAKE_WAITS_MAX && waits(c, input, &kind)) {
        const struct intake_clock *clock = kind ? intake_clock_live(c, kind, kind == CLOCK_ROUND ? input->role : 0)
                                                : NULL;
        c->waits[c->wait_count++] = (struct intake_wait){
            .sequence = sequence, .time_ms = input->time_ms, .kind = kind, .side = clock ? clock->side : input->role};
    }
}

/* Findings that exist only as the answer of an act. */
static bool is_answer(const struct intake_input *input)
{
    switch (input->trigger) {
    case TRIGGER_OFFER_OPENED:
    case TRIGGER_OFFER_COUNTERED:
    case TRIGGER_OFFER_REJECTED:
    case TRIGGER_OFFER_RETRACTED:
    case TRIGGER_OFFER_REFUSED:
    case TRIGGER_OFFER_ACCEPTED:
    case TRIGGER_EVIDENCE_REGISTERED:
    case TRIGGER_EVIDENCE_REFUSED:
    case TRIGGER_LATE_ITEM_ADMITTED:
    case TRIGGER_DRAFT_REFUSED:
    case TRIGGER_DECISION_FINAL:
    case TRIGGER_APPEAL_DECIDED:
    case TRIGGER_APPEAL_REMANDED:
    case TRIGGER_OBSERVER_SEATED:
    case TRIGGER_ASSIGNMENT_BLOCKED:
        return true;
    case TRIGGER_DECISION_PROPOSED:
        return !input->engine;
    default:
        return false;
    }
}

/* What ends a wait beside those: the same findings are also said on a service's own account. */
static bool may_answer(const struct intake_input *input)
{
    return is_answer(input) || input->trigger == TRIGGER_AGENT_ASSIGNED || input->trigger == TRIGGER_AGENT_REPLACED ||
           input->trigger == TRIGGER_DUTY_VERIFIED || input->trigger == TRIGGER_DUTY_REJECTED;
}

/* Its place in the list; wait_count: it does not wait. */
static size_t find(const struct intake_case *c, int64_t sequence)
{
    size_t i = 0;
    while (i < c->wait_count && c->waits[i].sequence != sequence) {
        i++;
    }
    return i;
}

int32_t intake_wait_side(const struct intake_case *c, int64_t sequence)
{
    size_t at = find(c, sequence);
    return at < c->wait_count ? c->waits[at].side : ROLE_NONE;
}

bool intake_answered_before(const struct intake_case *c, const struct intake_input *input)
{
    return is_answer(input) && find(c, input->answers) == c->wait_count;
}

void intake_answer(struct intake_case *c, const struct intake_input *input)
{
    size_t at = find(c, input->answers);
    if (may_answer(input) && at < c->wait_count) {
        c->waits[at] = c->waits[--c->wait_count];
    }
}

bool intake_holds_back(const struct intake_case *c, const struct intake_input *input)
{
    for (size_t i = 0; i < c->wait_count; i++) {
        const struct intake_wait *wait = &c->waits[i];
        if (wait->kind == input->clock.kind && wait->side == input->clock.side && wait->kind != CLOCK_NONE &&
            input->time_ms <= wait->time_ms + INTAKE_WAIT_MS) {
            return true;
        }
    }
    return false;
}
