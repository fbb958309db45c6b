/* What a row does beside moving the stage: clocks, duties, windows, facts of the docket. */
#include "common/base/clock.h"
#include "intake/domain/rooms.h"

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
    intake_start_clock(
        c, draft,
        &(struct intake_clock_effect){
            .kind = CLOCK_ACK, .side = ROLE_SYSTEM, .from_ms = input->time_ms, .paper = draft->sequence});
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
    intake_start_plain(c, draft, CLOCK_SCREEN, ROLE_SYSTEM, input->time_ms);
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
    intake_end(c, draft, CLOCK_SCREEN, 0, OP_MEET);
}
EFFECT(EFFECT_MEET_SCREEN, "meet K_screen", meet_screen);

/* NOT_RECEIVED, LATE_SHIPPING, RETURN_7D, REFUND_REFUSED: 48 h instead of 72 h for a position. */
static bool refund_reason(int32_t reason)
{
    return reason >= 1 && reason <= 4;
}

static void start_merchant_clocks(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    intake_start_plain(c, draft, CLOCK_M_FIRST, ROLE_MERCHANT, intake_from(input));
    intake_start_clock(c, draft,
                       &(struct intake_clock_effect){.kind = CLOCK_M_POSITION,
                                                     .side = ROLE_MERCHANT,
                                                     .from_ms = intake_from(input),
                                                     .short_budget = refund_reason(c->docket.reason)});
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
    intake_end(c, draft, CLOCK_M_FIRST, 0, OP_MEET);
    intake_end(c, draft, CLOCK_M_POSITION, 0, OP_MEET);
    c->docket.m_replied = true;
    c->docket.m_position = true;
}
EFFECT(EFFECT_MEET_MERCHANT_CLOCKS, "meet K_m_first, K_m_position", meet_merchant_clocks);

void intake_rule(struct intake_case *c, struct intake_draft *draft, int32_t basis, const struct intake_ruling *ruling)
{
    c->docket.basis = basis;
    c->docket.liability = ruling->liability;
    c->docket.merchant_percent = ruling->merchant_percent;
    c->docket.ruling_remedy = ruling->remedy;
    c->docket.ruling_minor = ruling->amount_minor;
    c->docket.ruling_id = ruling->id;
    c->docket.ruling_seq = draft->sequence;
    draft->basis = basis;
    draft->has_ruling = true;
    draft->ruling = *ruling;
}

/* What a merchant who is liable alone owes. */
static struct intake_ruling against_merchant(int32_t remedy, int64_t amount_minor)
{
    return (struct intake_ruling){
        .liability = LIABILITY_MERCHANT, .merchant_percent = 100, .remedy = remedy, .amount_minor = amount_minor};
}

static void basis_accepted(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    struct intake_ruling ruling = against_merchant(input->remedy, input->amount_minor);
    intake_rule(c, draft, BASIS_MERCHANT_ACCEPTED, &ruling);
}
EFFECT(EFFECT_BASIS_ACCEPTED, "basis MERCHANT_ACCEPTED", basis_accepted);

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
    struct intake_ruling ruling = against_merchant(c->docket.remedy, c->docket.amount_minor);
    intake_rule(c, draft, BASIS_DEFAULT, &ruling);
    intake_add_duty(c, draft, false);
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
    intake_start_plain(c, draft, CLOCK_ROUND, ROLE_CONSUMER, intake_from(input));
    intake_start_plain(c, draft, CLOCK_ROUND, ROLE_MERCHANT, intake_from(input));
    c->docket.rounds_opened++;
}
EFFECT(EFFECT_START_ROUND_BOTH, "start K_round of both", start_round_both);

static void m_replied(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    if (!input->by_person) {
        return; /* an automatic text never meets or stops a clock */
    }
    c->docket.m_replied = true;
    c->docket.m_refused = c->docket.m_refused || input->refuses;
    intake_end(c, draft, CLOCK_M_FIRST, 0, OP_MEET);
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
    intake_start_clock(
        c, draft,
        &(struct intake_clock_effect){
            .kind = CLOCK_SERVICE, .side = ROLE_CONSUMER, .from_ms = intake_from(input), .paper = draft->sequence});
    intake_start_clock(
        c, draft,
        &(struct intake_clock_effect){
            .kind = CLOCK_SERVICE, .side = ROLE_MERCHANT, .from_ms = intake_from(input), .paper = draft->sequence});
}
EFFECT(EFFECT_SERVE_BOTH, "served on both: start K_service", serve_both);

static void open_windows(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)input;
    (void)draft;
    c->docket.window_consumer = c->docket.window_merchant = WINDOW_WAITING;
}
EFFECT(EFFECT_OPEN_WINDOWS, "appeal windows wait for service", open_windows);

int32_t *intake_window_of(struct intake_case *c, int32_t side)
{
    return side == ROLE_CONSUMER ? &c->docket.window_consumer : &c->docket.window_merchant;
}

/* While the case is with a panel or an institution, a window that service opens stands still (6.3). */
static void open_appeal(struct intake_case *c, struct intake_draft *draft, int64_t paper, int32_t side, int64_t from_ms)
{
    *intake_window_of(c, side) = WINDOW_OPEN;
    intake_start_clock(c, draft,
                       &(struct intake_clock_effect){.kind = CLOCK_APPEAL,
                                                     .side = side,
                                                     .from_ms = from_ms,
                                                     .paper = paper,
                                                     .short_budget = c->docket.basis == BASIS_DEFAULT});
    if (c->docket.stage != STAGE_DECIDED) {
        intake_pause(c, draft, CLOCK_APPEAL, side);
    }
}

static void served_on(struct intake_case *c, struct intake_draft *draft, int64_t paper, int32_t side, int64_t from_ms)
{
    int32_t *comment = side == ROLE_CONSUMER ? &c->docket.comment_consumer : &c->docket.comment_merchant;
    bool stands = c->docket.stage == STAGE_DECIDED || c->docket.stage == STAGE_APPEAL ||
                  c->docket.stage == STAGE_ARBITRATION;
    if (paper == c->docket.ruling_seq && *intake_window_of(c, side) == WINDOW_WAITING && stands) {
        open_appeal(c, draft, paper, side, from_ms);
    }
    if (paper == c->docket.draft_seq && *comment == WINDOW_WAITING && c->docket.stage == STAGE_PROPOSED) {
        *comment = WINDOW_OPEN;
        intake_start_clock(
            c, draft,
            &(struct intake_clock_effect){.kind = CLOCK_COMMENT, .side = side, .from_ms = from_ms, .paper = paper});
    }
    intake_start_review(c, draft, paper, from_ms);
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
        intake_end(c, draft, CLOCK_ACK, 0, OP_MEET);
        return;
    }
    struct intake_clock *clock = service_clock(c, input->paper, input->side);
    if (clock) {
        intake_end_clock(clock, draft, OP_MEET);
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
    intake_start_clock(
        c, draft,
        &(struct intake_clock_effect){
            .kind = CLOCK_SERVICE, .side = ROLE_MERCHANT, .from_ms = input->time_ms, .paper = draft->sequence});
}
EFFECT(EFFECT_SERVE_DEMAND, "a demand is served on who owes: start K_service", serve_demand);

static void window_lapsed(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)draft;
    *intake_window_of(c, input->clock.side) = WINDOW_LAPSED;
}
EFFECT(EFFECT_WINDOW_LAPSED, "window lapsed", window_lapsed);

static void window_waived(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    if (*intake_window_of(c, input->role) == WINDOW_WAITING || *intake_window_of(c, input->role) == WINDOW_OPEN) {
        *intake_window_of(c, input->role) = WINDOW_WAIVED;
        intake_end(c, draft, CLOCK_APPEAL, input->role, OP_MEET);
    }
}
EFFECT(EFFECT_WINDOW_WAIVED, "window waived: meet K_appeal", window_waived);

/* --- arbitration --- */

static void start_arbitration(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    c->docket.referral_used = true;
    c->docket.prior_seq = c->docket.stage == STAGE_DECIDED ? c->docket.ruling_seq : 0;
    intake_pause(c, draft, CLOCK_INVEST, 0);
    intake_pause(c, draft, CLOCK_INVEST_HARD, 0);
    intake_pause(c, draft, CLOCK_APPEAL, 0);
    intake_start_plain(c, draft, CLOCK_ARB_ACK, ROLE_INSTITUTION, input->time_ms);
    intake_start_plain(c, draft, CLOCK_ARB_HARD, ROLE_INSTITUTION, input->time_ms);
}
EFFECT(EFFECT_START_ARBITRATION, "referral used, start K_arb_ack, K_arb_hard", start_arbitration);

static void institution_status(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    intake_end(c, draft, CLOCK_ARB_ACK, 0, OP_MEET);
    intake_end(c, draft, CLOCK_ARB_STALE, 0, OP_MEET);
    intake_start_plain(c, draft, CLOCK_ARB_STALE, ROLE_INSTITUTION, input->time_ms);
    c->docket.m_answered_there = c->docket.m_answered_there || input->institution_status == 3; /* STATUS_ANSWERED */
}
EFFECT(EFFECT_STATUS, "meet K_arb_ack, K_arb_stale; start K_arb_stale", institution_status);

static void arm_stale_again(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    intake_start_plain(c, draft, CLOCK_ARB_STALE, ROLE_INSTITUTION, input->clock.due_ms);
}
EFFECT(EFFECT_ARM_STALE_AGAIN, "start K_arb_stale again", arm_stale_again);

static void award(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    bool merchant = input->award_for == 2;
    intake_end(c, draft, CLOCK_ARB_ACK, 0, OP_MEET);
    intake_end(c, draft, CLOCK_ARB_STALE, 0, OP_MEET);
    intake_end(c, draft, CLOCK_ARB_HARD, 0, OP_MEET);
    struct intake_ruling ruling = merchant ? (struct intake_ruling){.liability = LIABILITY_NONE, .remedy = REMEDY_NONE}
                                           : against_merchant(input->remedy, input->amount_minor);
    if (!merchant && input->has_ruling && input->ruling.liability) {
        ruling = input->ruling;
    }
    intake_rule(c, draft, merchant ? BASIS_NONE : BASIS_AWARD, &ruling);
}
EFFECT(EFFECT_AWARD, "the award stands; meet K_arb_*", award);

/* --- performance --- */

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
    intake_start_clock(
        c, draft,
        &(struct intake_clock_effect){
            .kind = CLOCK_ENFORCE_HARD, .side = ROLE_SYSTEM, .from_ms = input->clock.due_ms, .short_budget = true});
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
    intake_end(c, draft, CLOCK_ENFORCE_HARD, 0, OP_MEET);
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
    bool early = c->docket.stage == STAGE_SCREENING || c->docket.stage == STAGE_SUPPLEMENT ||
                 (c->docket.stage == STAGE_NEGOTIATION && !c->docket.m_replied && !c->docket.m_first_breached);
    outcome(c, draft, OUTCOME_WITHDRAWN);
    if (early) { /* not counted against M, one refiling */
        intake_start_plain(c, draft, CLOCK_REFILE, ROLE_CONSUMER, input->time_ms);
    }
}
EFFECT(EFFECT_OUTCOME_WITHDRAWN, "outcome WITHDRAWN; early: start K_refile", outcome_withdrawn);

static void start_feedback(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    intake_start_plain(c, draft, CLOCK_FEEDBACK, ROLE_SYSTEM, intake_from(input));
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
        intake_end(c, draft, CLOCK_FEEDBACK, 0, OP_MEET);
    }
}
EFFECT(EFFECT_FEEDBACK, "feedback kept; both: meet K_feedback", feedback);

static void start_retain(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    intake_start_plain(c, draft, CLOCK_RETAIN, ROLE_SYSTEM, intake_from(input));
}
EFFECT(EFFECT_START_RETAIN, "start K_retain", start_retain);
