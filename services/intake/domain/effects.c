/* What a row does beside moving the stage: clocks, duties, windows, facts of the docket. */
#include "common/base/clock.h"
#include "intake/domain/rooms.h"

#define EFFECT(constant, text, function) const struct intake_effect constant = {.name = (text), .apply = (function)}

struct intake_clock *intake_clock_live(struct intake_case *c, int32_t kind, int32_t side)
{
    for (size_t i = 0; i < c->clock_count; i++) {
        struct intake_clock *clock = &c->clocks[i];
        if (clock->kind == kind && (!side || clock->side == side) && clock->state != MIRROR_ENDED) {
            return clock;
        }
    }
    return NULL;
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

static void start(struct intake_case *c, struct intake_draft *draft, int32_t kind, int32_t side, int64_t from_ms,
                  int64_t paper, bool short_budget)
{
    if (c->clock_count == INTAKE_CLOCKS_MAX || draft->clock_count == INTAKE_CLOCKS_MAX) {
        return; /* a case has at most a few dozen clocks; the oldest have ended long before */
    }
    c->clocks[c->clock_count++] = (struct intake_clock){
        .kind = kind, .side = side, .cause = draft->sequence, .state = MIRROR_LIVE, .paper = paper};
    draft->clocks[draft->clock_count++] = (struct intake_clock_effect){.op = OP_START,
                                                                       .kind = kind,
                                                                       .side = side,
                                                                       .cause = draft->sequence,
                                                                       .from_ms = from_ms,
                                                                       .paper = paper,
                                                                       .short_budget = short_budget};
}

static void end_clock(struct intake_clock *clock, struct intake_draft *draft, int32_t op)
{
    clock->state = MIRROR_ENDED;
    add_effect(draft, clock, op);
}

static void end_kind(struct intake_case *c, struct intake_draft *draft, int32_t kind, int32_t side, int32_t op)
{
    struct intake_clock *clock = intake_clock_live(c, kind, side);
    if (clock) {
        end_clock(clock, draft, op);
    }
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

/* A paper of a stage that is left for CLOSED is no longer waited for; those that close it are started after. */
static bool ends_with(const struct intake_clock *clock, int32_t to)
{
    uint32_t home = home_of(clock->kind);
    if (clock->kind == CLOCK_SERVICE) {
        return to == STAGE_CLOSED;
    }
    return home && !(home & AT(to));
}

void intake_leave_stage(struct intake_case *c, int32_t to, struct intake_draft *draft)
{
    for (size_t i = 0; i < c->clock_count; i++) {
        struct intake_clock *clock = &c->clocks[i];
        if (clock->state != MIRROR_ENDED && clock->cause != draft->sequence && ends_with(clock, to)) {
            end_clock(clock, draft, OP_CANCEL);
        }
    }
}

void intake_take_breach(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    for (size_t i = 0; i < c->clock_count; i++) {
        struct intake_clock *clock = &c->clocks[i];
        if (clock->kind == input->clock.kind && clock->side == input->clock.side &&
            clock->cause == input->clock.cause) {
            end_clock(clock, draft, OP_BREACH);
        }
    }
}

/* R2: a clock started by a breach counts from its due instant, any other from the instant of its entry. */
static int64_t from_of(const struct intake_input *input)
{
    return input->trigger == TRIGGER_CLOCK_BREACHED ? input->clock.due_ms : input->time_ms;
}

/* --- filing and screening --- */

static void open_case(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)draft;
    int64_t seq = c->docket.seq;
    c->docket = *input->filing;
    c->docket.seq = seq;
    c->docket.generation = 1;
    c->docket.filed_ms = input->time_ms;
}
EFFECT(EFFECT_OPEN_CASE, "docket opened, policy, calendar and rules pinned", open_case);

static void start_ack(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    start(c, draft, CLOCK_ACK, ROLE_SYSTEM, input->time_ms, draft->sequence, false);
}
EFFECT(EFFECT_START_ACK, "start K_ack", start_ack);

static void try_triage(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)c;
    (void)input;
    draft->next[draft->next_count++] = FOLLOW_UP_TRIAGE;
}
EFFECT(EFFECT_TRY_TRIAGE, "follow-up TriageStarted", try_triage);

static void start_screen(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    start(c, draft, CLOCK_SCREEN, ROLE_SYSTEM, input->time_ms, 0, false);
}
EFFECT(EFFECT_START_SCREEN, "start K_screen", start_screen);

static void try_admission(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)c;
    (void)input;
    draft->next[draft->next_count++] = FOLLOW_UP_ADMISSION;
}
EFFECT(EFFECT_TRY_ADMISSION, "follow-up admission by rule", try_admission);

static void meet_screen(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    end_kind(c, draft, CLOCK_SCREEN, 0, OP_MEET);
}
EFFECT(EFFECT_MEET_SCREEN, "meet K_screen", meet_screen);

/* NOT_RECEIVED, LATE_SHIPPING, RETURN_7D, REFUND_REFUSED: 48 h instead of 72 h for a position. */
static bool refund_reason(int32_t reason)
{
    return reason >= 1 && reason <= 4;
}

static void start_merchant_clocks(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    start(c, draft, CLOCK_M_FIRST, ROLE_MERCHANT, from_of(input), 0, false);
    start(c, draft, CLOCK_M_POSITION, ROLE_MERCHANT, from_of(input), 0, refund_reason(c->docket.reason));
}
EFFECT(EFFECT_START_MERCHANT_CLOCKS, "start K_m_first, K_m_position", start_merchant_clocks);

static void platform_breach(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    (void)draft;
    c->docket.platform_breaches++;
}
EFFECT(EFFECT_PLATFORM_BREACH, "platform breach recorded", platform_breach);

/* --- negotiation --- */

static void meet_merchant_clocks(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    end_kind(c, draft, CLOCK_M_FIRST, 0, OP_MEET);
    end_kind(c, draft, CLOCK_M_POSITION, 0, OP_MEET);
    c->docket.m_replied = true;
    c->docket.m_position = true;
}
EFFECT(EFFECT_MEET_MERCHANT_CLOCKS, "meet K_m_first, K_m_position", meet_merchant_clocks);

static void rule(struct intake_case *c, struct intake_draft *draft, int32_t basis, int32_t liability, int32_t remedy,
                 int64_t amount_minor)
{
    c->docket.basis = basis;
    c->docket.liability = liability;
    c->docket.ruling_remedy = remedy;
    c->docket.ruling_minor = amount_minor;
    c->docket.ruling_seq = draft->sequence;
    draft->basis = basis;
    draft->has_ruling = true;
    draft->liability = liability;
    draft->ruling_remedy = remedy;
    draft->ruling_minor = amount_minor;
}

static void basis_accepted(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    rule(c, draft, BASIS_MERCHANT_ACCEPTED, LIABILITY_MERCHANT, input->remedy, input->amount_minor);
}
EFFECT(EFFECT_BASIS_ACCEPTED, "basis MERCHANT_ACCEPTED", basis_accepted);

static void add_duty(struct intake_case *c, struct intake_draft *draft, bool due)
{
    if (c->docket.ruling_minor > 0) {
        draft->duties[draft->duty_count++] = (struct intake_duty){
            .kind = DUTY_PAY, .side = ROLE_MERCHANT, .amount_minor = c->docket.ruling_minor, .due = due};
        c->docket.duties_open++;
    }
}

static void duties_due(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    add_duty(c, draft, true);
}
EFFECT(EFFECT_DUTIES_DUE, "duties due", duties_due);

/* R8: where every duty is discharged already, no K_perform is started. Money: the short budget of 48 h. */
static void start_enforcement(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    if (c->docket.duties_open) {
        start(c, draft, CLOCK_PERFORM, ROLE_MERCHANT, from_of(input), 0, true);
        start(c, draft, CLOCK_ENFORCE_HARD, ROLE_SYSTEM, from_of(input), 0, false);
    }
}
EFFECT(EFFECT_START_ENFORCEMENT, "start K_perform, K_enforce_hard", start_enforcement);

static void m_first_breached(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    (void)draft;
    c->docket.m_first_breached = true;
}
EFFECT(EFFECT_M_FIRST_BREACHED, "C may call the platform", m_first_breached);

static void default_judgment(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    rule(c, draft, BASIS_DEFAULT, LIABILITY_MERCHANT, c->docket.remedy, c->docket.amount_minor);
    add_duty(c, draft, false);
}
EFFECT(EFFECT_DEFAULT_JUDGMENT, "basis DEFAULT, remedy and amount as claimed, duties noted", default_judgment);

static void adverse(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    (void)draft;
    c->docket.adverse = true;
}
EFFECT(EFFECT_ADVERSE, "adverse-inference flag on M", adverse);

static void start_round_both(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    start(c, draft, CLOCK_ROUND, ROLE_CONSUMER, from_of(input), 0, false);
    start(c, draft, CLOCK_ROUND, ROLE_MERCHANT, from_of(input), 0, false);
}
EFFECT(EFFECT_START_ROUND_BOTH, "start K_round of both", start_round_both);

static void m_replied(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    if (!input->by_person) {
        return; /* an automatic text never meets or stops a clock */
    }
    c->docket.m_replied = true;
    c->docket.m_refused = c->docket.m_refused || input->refuses;
    end_kind(c, draft, CLOCK_M_FIRST, 0, OP_MEET);
}
EFFECT(EFFECT_M_REPLIED, "a person's reply meets K_m_first", m_replied);

static void c_spoke(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    (void)draft;
    c->docket.c_spoke = true;
}
EFFECT(EFFECT_C_SPOKE, "C has spoken", c_spoke);

/* --- papers and windows --- */

static void serve_both(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    start(c, draft, CLOCK_SERVICE, ROLE_CONSUMER, from_of(input), draft->sequence, false);
    start(c, draft, CLOCK_SERVICE, ROLE_MERCHANT, from_of(input), draft->sequence, false);
}
EFFECT(EFFECT_SERVE_BOTH, "served on both: start K_service", serve_both);

static void open_windows(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    (void)draft;
    c->docket.window_consumer = c->docket.window_merchant = WINDOW_WAITING;
}
EFFECT(EFFECT_OPEN_WINDOWS, "appeal windows wait for service", open_windows);

static int32_t *window_of(struct intake_case *c, int32_t side)
{
    return side == ROLE_CONSUMER ? &c->docket.window_consumer : &c->docket.window_merchant;
}

static void served_on(struct intake_case *c, struct intake_draft *draft, int64_t paper, int32_t side, int64_t from_ms)
{
    if (paper == c->docket.ruling_seq && *window_of(c, side) == WINDOW_WAITING && c->docket.stage == STAGE_DECIDED) {
        *window_of(c, side) = WINDOW_OPEN;
        start(c, draft, CLOCK_APPEAL, side, from_ms, paper, c->docket.basis == BASIS_DEFAULT);
    }
}

static struct intake_clock *service_clock(struct intake_case *c, int64_t paper, int32_t side)
{
    for (size_t i = 0; i < c->clock_count; i++) {
        struct intake_clock *clock = &c->clocks[i];
        if (clock->kind == CLOCK_SERVICE && clock->paper == paper && clock->side == side &&
            clock->state == MIRROR_LIVE) {
            return clock;
        }
    }
    return NULL;
}

static void served(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    if (input->acknowledgement) {
        end_kind(c, draft, CLOCK_ACK, 0, OP_MEET);
        return;
    }
    struct intake_clock *clock = service_clock(c, input->paper, input->side);
    if (clock) {
        end_clock(clock, draft, OP_MEET);
    }
    served_on(c, draft, input->paper, input->side, input->served_ms);
}
EFFECT(EFFECT_SERVED, "meet K_ack or K_service, start what runs from service", served);

static void service_deemed(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    const struct intake_clock *clock = intake_clock_find(c, CLOCK_SERVICE, input->clock.side, input->clock.cause);
    if (clock) {
        served_on(c, draft, clock->paper, clock->side, input->clock.due_ms);
    }
}
EFFECT(EFFECT_SERVICE_DEEMED, "service is deemed, start what runs from it", service_deemed);

static void serve_demand(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    start(c, draft, CLOCK_SERVICE, ROLE_MERCHANT, input->time_ms, draft->sequence, false);
}
EFFECT(EFFECT_SERVE_DEMAND, "a demand is served on who owes: start K_service", serve_demand);

static void window_lapsed(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)draft;
    *window_of(c, input->clock.side) = WINDOW_LAPSED;
}
EFFECT(EFFECT_WINDOW_LAPSED, "window lapsed", window_lapsed);

static void window_waived(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    *window_of(c, input->role) = WINDOW_WAIVED;
    end_kind(c, draft, CLOCK_APPEAL, input->role, OP_MEET);
}
EFFECT(EFFECT_WINDOW_WAIVED, "window waived: meet K_appeal", window_waived);

/* --- arbitration --- */

static void start_arbitration(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    c->docket.referral_used = true;
    start(c, draft, CLOCK_ARB_ACK, ROLE_INSTITUTION, input->time_ms, 0, false);
    start(c, draft, CLOCK_ARB_HARD, ROLE_INSTITUTION, input->time_ms, 0, false);
}
EFFECT(EFFECT_START_ARBITRATION, "referral used, start K_arb_ack, K_arb_hard", start_arbitration);

static void institution_status(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    end_kind(c, draft, CLOCK_ARB_ACK, 0, OP_MEET);
    end_kind(c, draft, CLOCK_ARB_STALE, 0, OP_MEET);
    start(c, draft, CLOCK_ARB_STALE, ROLE_INSTITUTION, input->time_ms, 0, false);
    c->docket.m_answered_there = c->docket.m_answered_there || input->institution_status == 3; /* STATUS_ANSWERED */
}
EFFECT(EFFECT_STATUS, "meet K_arb_ack, K_arb_stale; start K_arb_stale", institution_status);

static void arm_stale_again(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    start(c, draft, CLOCK_ARB_STALE, ROLE_INSTITUTION, input->clock.due_ms, 0, false);
}
EFFECT(EFFECT_ARM_STALE_AGAIN, "start K_arb_stale again", arm_stale_again);

static void award(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    bool merchant = input->award_for == 2;
    end_kind(c, draft, CLOCK_ARB_ACK, 0, OP_MEET);
    end_kind(c, draft, CLOCK_ARB_STALE, 0, OP_MEET);
    end_kind(c, draft, CLOCK_ARB_HARD, 0, OP_MEET);
    rule(c, draft, merchant ? BASIS_NONE : BASIS_AWARD, merchant ? LIABILITY_NONE : LIABILITY_MERCHANT,
         merchant ? REMEDY_NONE : input->remedy, merchant ? 0 : input->amount_minor);
}
EFFECT(EFFECT_AWARD, "the award stands; meet K_arb_*", award);

/* --- performance --- */

static void duty_met(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    end_kind(c, draft, CLOCK_PERFORM, ROLE_MERCHANT, OP_MEET);
}
EFFECT(EFFECT_DUTY_MET, "verified proof meets K_perform", duty_met);

static void duty_discharged(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)draft;
    c->docket.duties_open = input->last ? 0 : c->docket.duties_open - (c->docket.duties_open > 0);
}
EFFECT(EFFECT_DUTY_DISCHARGED, "duty counted as discharged", duty_discharged);

static void try_discharged(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    if (c->docket.duties_open == 0) {
        draft->next[draft->next_count++] = FOLLOW_UP_ALL_DISCHARGED;
    }
}
EFFECT(EFFECT_TRY_DISCHARGED, "all discharged already: T67 follows", try_discharged);

static void payout_out(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    (void)draft;
    c->docket.payouts_sent++;
}
EFFECT(EFFECT_PAYOUT_OUT, "a payout is on its way", payout_out);

static void payout_ended(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    (void)draft;
    c->docket.payouts_sent -= c->docket.payouts_sent > 0;
}
EFFECT(EFFECT_PAYOUT_ENDED, "a payout has ended", payout_ended);

static void arm_enforce_again(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    c->docket.enforce_rearmed++;
    start(c, draft, CLOCK_ENFORCE_HARD, ROLE_SYSTEM, input->clock.due_ms, 0, true);
}
EFFECT(EFFECT_ARM_ENFORCE_AGAIN, "start K_enforce_hard again for 72 h", arm_enforce_again);

/* --- the end --- */

static void outcome(struct intake_case *c, struct intake_draft *draft, int32_t value)
{
    c->docket.outcome = value;
    draft->outcome = value;
}

/* Outcomes 1 to 8 are the bases under the same numbers (disputes.common.v1). */
static void outcome_basis(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    end_kind(c, draft, CLOCK_ENFORCE_HARD, 0, OP_MEET);
    outcome(c, draft, c->docket.basis);
}
EFFECT(EFFECT_OUTCOME_BASIS, "outcome = basis; meet K_enforce_hard", outcome_basis);

static void outcome_dismissed(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    outcome(c, draft, OUTCOME_DISMISSED);
}
EFFECT(EFFECT_OUTCOME_DISMISSED, "outcome DISMISSED", outcome_dismissed);

static void outcome_unsatisfied(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    outcome(c, draft, OUTCOME_UNSATISFIED);
}
EFFECT(EFFECT_OUTCOME_UNSATISFIED, "outcome UNSATISFIED", outcome_unsatisfied);

static void outcome_award_merchant(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    outcome(c, draft, OUTCOME_AWARD_MERCHANT);
}
EFFECT(EFFECT_OUTCOME_AWARD_MERCHANT, "outcome AWARD_MERCHANT", outcome_award_merchant);

static void outcome_withdrawn(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    bool early = c->docket.stage == STAGE_SCREENING ||
                 (c->docket.stage == STAGE_NEGOTIATION && !c->docket.m_replied && !c->docket.m_first_breached);
    outcome(c, draft, OUTCOME_WITHDRAWN);
    if (early) { /* not counted against M, one refiling */
        start(c, draft, CLOCK_REFILE, ROLE_CONSUMER, input->time_ms, 0, false);
    }
}
EFFECT(EFFECT_OUTCOME_WITHDRAWN, "outcome WITHDRAWN; early: start K_refile", outcome_withdrawn);

static void start_feedback(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    start(c, draft, CLOCK_FEEDBACK, ROLE_SYSTEM, from_of(input), 0, false);
}
EFFECT(EFFECT_START_FEEDBACK, "start K_feedback", start_feedback);

static void feedback(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    if (input->role == ROLE_CONSUMER) {
        c->docket.consumer_feedback = true;
    } else {
        c->docket.merchant_feedback = true;
    }
    if (c->docket.consumer_feedback && c->docket.merchant_feedback) {
        end_kind(c, draft, CLOCK_FEEDBACK, 0, OP_MEET);
    }
}
EFFECT(EFFECT_FEEDBACK, "feedback kept; both: meet K_feedback", feedback);

static void start_retain(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    start(c, draft, CLOCK_RETAIN, ROLE_SYSTEM, from_of(input), 0, false);
}
EFFECT(EFFECT_START_RETAIN, "start K_retain", start_retain);
