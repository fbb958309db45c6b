/* The docket's clocks: how a row starts, ends, pauses and resumes them, and which of them a stage takes along. */
#include "intake/domain/rooms.h"

const struct intake_clock *intake_clock_running(const struct intake_case *c, int32_t kind, int32_t side)
{
    for (size_t i = 0; i < c->clock_count; i++) {
        const struct intake_clock *clock = &c->clocks[i];
        if (clock->kind == kind && (!side || clock->side == side) && clock->state != MIRROR_ENDED) {
            return clock;
        }
    }
    return NULL;
}

struct intake_clock *intake_clock_live(struct intake_case *c, int32_t kind, int32_t side)
{
    const struct intake_clock *found = intake_clock_running(c, kind, side);
    return found ? &c->clocks[found - c->clocks] : NULL;
}

const struct intake_clock *intake_clock_find(const struct intake_case *c, int32_t kind, int32_t side, int64_t cause)
{
    for (size_t i = 0; i < c->clock_count; i++) {
        const struct intake_clock *clock = &c->clocks[i];
        if (clock->kind == kind && clock->side == side && clock->cause == cause) {
            return clock;
        }
    }
    return NULL;
}

static void add_effect(struct intake_draft *draft, const struct intake_clock *clock, int32_t op)
{
    if (draft->clock_count < INTAKE_CLOCKS_MAX) {
        draft->clocks[draft->clock_count++] = (struct intake_clock_effect){
            .op = op, .kind = clock->kind, .side = clock->side, .cause = clock->cause};
    }
}

void intake_start_clock(struct intake_case *c, struct intake_draft *draft, const struct intake_clock_effect *clock)
{
    if (c->clock_count == INTAKE_CLOCKS_MAX || draft->clock_count == INTAKE_CLOCKS_MAX) {
        return; /* a case has at most a few dozen clocks; the oldest have ended long before */
    }
    c->clocks[c->clock_count++] = (struct intake_clock){.kind = clock->kind,
                                                        .side = clock->side,
                                                        .cause = draft->sequence,
                                                        .state = MIRROR_LIVE,
                                                        .paper = clock->paper};
    struct intake_clock_effect *effect = &draft->clocks[draft->clock_count++];
    *effect = *clock;
    effect->op = OP_START;
    effect->cause = draft->sequence;
}

void intake_start_plain(struct intake_case *c, struct intake_draft *draft, int32_t kind, int32_t side, int64_t from_ms)
{
    intake_start_clock(c, draft, &(struct intake_clock_effect){.kind = kind, .side = side, .from_ms = from_ms});
}

void intake_end_clock(struct intake_clock *clock, struct intake_draft *draft, int32_t op)
{
    clock->state = MIRROR_ENDED;
    add_effect(draft, clock, op);
}

void intake_end(struct intake_case *c, struct intake_draft *draft, int32_t kind, int32_t side, int32_t op)
{
    struct intake_clock *clock = intake_clock_live(c, kind, side);
    if (clock) {
        intake_end_clock(clock, draft, op);
    }
}

/* All running clocks of a kind: one side's, or (0) of all sides. */
void intake_pause(struct intake_case *c, struct intake_draft *draft, int32_t kind, int32_t side)
{
    for (size_t i = 0; i < c->clock_count; i++) {
        struct intake_clock *clock = &c->clocks[i];
        if (clock->kind == kind && (!side || clock->side == side) && clock->state == MIRROR_LIVE) {
            clock->state = MIRROR_PAUSED;
            add_effect(draft, clock, OP_PAUSE);
        }
    }
}

/* Whether there was one to resume. Its due time is known again when sla has said it. */
bool intake_resume(struct intake_case *c, struct intake_draft *draft, int32_t kind, int32_t side)
{
    bool any = false;
    for (size_t i = 0; i < c->clock_count; i++) {
        struct intake_clock *clock = &c->clocks[i];
        if (clock->kind == kind && (!side || clock->side == side) && clock->state == MIRROR_PAUSED) {
            clock->state = MIRROR_LIVE;
            clock->due_ms = 0;
            add_effect(draft, clock, OP_RESUME);
            any = true;
        }
    }
    return any;
}

/* Stages in which a clock may live: leaving them all cancels it (docs/MACHINE.md 1.2, "Stage effects"). */
static uint32_t home_of(int32_t kind)
{
#define AT(stage) (1u << (stage))
    static const uint32_t HOME[CLOCK_COUNT] = {
        [CLOCK_SCREEN] = AT(STAGE_SCREENING) | AT(STAGE_SUPPLEMENT),
        [CLOCK_SUPPLEMENT] = AT(STAGE_SUPPLEMENT),
        [CLOCK_M_FIRST] = AT(STAGE_NEGOTIATION),
        [CLOCK_M_POSITION] = AT(STAGE_NEGOTIATION),
        [CLOCK_OFFER] = AT(STAGE_NEGOTIATION) | AT(STAGE_EVIDENCE) | AT(STAGE_INVESTIGATION) | AT(STAGE_PROPOSED) |
                        AT(STAGE_DECIDED),
        [CLOCK_ROUND] = AT(STAGE_EVIDENCE),
        [CLOCK_NEXT_ROUND] = AT(STAGE_EVIDENCE),
        [CLOCK_INVEST] = AT(STAGE_INVESTIGATION) | AT(STAGE_EVIDENCE) | AT(STAGE_ARBITRATION) | AT(STAGE_SETTLED),
        [CLOCK_INVEST_HARD] = AT(STAGE_INVESTIGATION) | AT(STAGE_EVIDENCE) | AT(STAGE_ARBITRATION) | AT(STAGE_SETTLED),
        [CLOCK_COMMENT] = AT(STAGE_PROPOSED),
        [CLOCK_FINALISE] = AT(STAGE_PROPOSED),
        [CLOCK_APPEAL] = AT(STAGE_DECIDED) | AT(STAGE_APPEAL) | AT(STAGE_ARBITRATION),
        [CLOCK_APPEAL_DECIDE] = AT(STAGE_APPEAL),
        [CLOCK_APPEAL_HARD] = AT(STAGE_APPEAL),
        [CLOCK_ARB_ACK] = AT(STAGE_ARBITRATION),
        [CLOCK_ARB_STALE] = AT(STAGE_ARBITRATION),
        [CLOCK_ARB_HARD] = AT(STAGE_ARBITRATION),
        [CLOCK_PERFORM] = AT(STAGE_SETTLED) | AT(STAGE_ENFORCING),
        [CLOCK_RETURN_SHIP] = AT(STAGE_SETTLED) | AT(STAGE_ENFORCING),
        [CLOCK_RETURN_INSPECT] = AT(STAGE_SETTLED) | AT(STAGE_ENFORCING),
        [CLOCK_RETURN_CHECK] = AT(STAGE_SETTLED) | AT(STAGE_ENFORCING),
        [CLOCK_HOLD] = AT(STAGE_ENFORCING),
        [CLOCK_ENFORCE_HARD] = AT(STAGE_ENFORCING),
        [CLOCK_FEEDBACK] = AT(STAGE_CLOSED),
        [CLOCK_REVIEW] = AT(STAGE_CLOSED),
        [CLOCK_REFILE] = AT(STAGE_CLOSED),
    };
    return HOME[kind];
}

/* A paper is waited for in its own stage, a decision also while a panel or an institution looks at it (6.3); an award
 * for the merchant and a demand are served after the end. */
static bool service_goes_on(int32_t from, int32_t to)
{
    static const uint32_t OF_DECISION = AT(STAGE_DECIDED) | AT(STAGE_APPEAL) | AT(STAGE_ARBITRATION);
    return from == STAGE_CLOSED || ((OF_DECISION & AT(from)) && (OF_DECISION & AT(to)));
}

/* What the entry that leaves a stage starts itself, a paper among it, belongs to the next one. */
static bool ends_with(const struct intake_clock *clock, int32_t from, int32_t to)
{
    uint32_t home = home_of(clock->kind);
    if (clock->kind == CLOCK_SERVICE) {
        return !service_goes_on(from, to);
    }
    return home && !(home & AT(to));
}

void intake_leave_stage(struct intake_case *c, int32_t to, struct intake_draft *draft)
{
    for (size_t i = 0; i < c->clock_count; i++) {
        struct intake_clock *clock = &c->clocks[i];
        if (clock->state != MIRROR_ENDED && clock->cause != draft->sequence && ends_with(clock, c->docket.stage, to)) {
            intake_end_clock(clock, draft, OP_CANCEL);
        }
    }
}

void intake_take_breach(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    for (size_t i = 0; i < c->clock_count; i++) {
        struct intake_clock *clock = &c->clocks[i];
        if (clock->kind == input->clock.kind && clock->side == input->clock.side &&
            clock->cause == input->clock.cause) {
            intake_end_clock(clock, draft, OP_BREACH);
        }
    }
}

/* R2: a clock started by a breach counts from its due instant, any other from the instant of its entry. */
int64_t intake_from(const struct intake_input *input)
{
    return intake_is_breach(input) ? input->clock.due_ms : input->time_ms;
}
