/* Effects of offers, evidence, decisions, appeals and arbitration. */
#include "intake/domain/rooms.h"

static int32_t *comment_window(struct intake_case *c, int32_t side)
{
    return side == ROLE_CONSUMER ? &c->docket.comment_consumer : &c->docket.comment_merchant;
}

/* --- talk --- */

/* An act that only a person does is a reply as good as any (E01). */
APPLY(m_acted)
{
    if (input->role == ROLE_MERCHANT) {
        c->docket.m_replied = true;
        intake_end(c, draft, CLOCK_M_FIRST, 0, OP_MEET);
    }
}
EFFECT(EFFECT_M_ACTED, "M's act meets K_m_first", m_acted);

/* Whose it is, is who sent the act that the finding answers. One that is refused was none: it does not count. */
APPLY(offer_made)
{
    (void)draft;
    if (intake_wait_side(c, input->answers) == ROLE_CONSUMER) {
        c->docket.offers_consumer++;
    } else {
        c->docket.offers_merchant++;
    }
}
EFFECT(EFFECT_OFFER_MADE, "offer counted", offer_made);

APPLY(offer_ended)
{
    if (input->trigger != TRIGGER_OFFER_EXPIRED) { /* its breach is taken like any other */
        intake_end(c, draft, CLOCK_OFFER, 0, OP_MEET);
    }
}
EFFECT(EFFECT_OFFER_ENDED, "end K_offer", offer_ended);

APPLY(start_offer)
{
    bool by_consumer = intake_wait_side(c, input->answers) == ROLE_CONSUMER;
    intake_start_clock(c, draft,
                       &(struct intake_clock_effect){.kind = CLOCK_OFFER,
                                                     .side = by_consumer ? ROLE_MERCHANT : ROLE_CONSUMER,
                                                     .from_ms = input->time_ms,
                                                     .budget_ms = input->offer_due_ms - input->time_ms});
}
EFFECT(EFFECT_START_OFFER, "start K_offer on the receiver", start_offer);

APPLY(agreement)
{
    intake_rule(c, draft, BASIS_AGREEMENT, &input->ruling);
    intake_add_duty(c, draft, true);
    c->docket.performed = c->docket.rescind_consumer = c->docket.rescind_merchant = false;
    c->docket.perform_ms = input->perform_ms;
    intake_start_performance(c, draft, input->time_ms);
    if (!c->docket.return_leg) {
        c->docket.perform_ms = 0; /* nothing waits for it */
    }
}
EFFECT(EFFECT_AGREEMENT, "basis AGREEMENT, duties due, start K_perform; goods to come back: K_return_ship first",
       agreement);

APPLY(pause_invest)
{
    (void)input;
    intake_pause(c, draft, CLOCK_INVEST, 0);
    intake_pause(c, draft, CLOCK_INVEST_HARD, 0);
}
EFFECT(EFFECT_PAUSE_INVEST, "pause K_invest, K_invest_hard", pause_invest);

/* --- rounds --- */

APPLY(round_on_consumer)
{
    c->docket.rounds_opened++;
    intake_start_plain(c, draft, CLOCK_ROUND, ROLE_CONSUMER, intake_from(input));
}
EFFECT(EFFECT_ROUND_ON_CONSUMER, "start K_round of C", round_on_consumer);

APPLY(round_asked)
{
    c->docket.rounds_opened++;
    c->docket.round_signed = false;
    for (int32_t side = ROLE_CONSUMER; side <= ROLE_MERCHANT; side++) {
        if (input->asked & (1u << side)) {
            intake_start_plain(c, draft, CLOCK_ROUND, side, input->time_ms);
        }
    }
}
EFFECT(EFFECT_ROUND_ASKED, "start K_round of the sides asked", round_asked);

APPLY(meet_next_round)
{
    (void)input;
    intake_end(c, draft, CLOCK_NEXT_ROUND, 0, OP_MEET);
}
EFFECT(EFFECT_MEET_NEXT_ROUND, "meet K_next_round", meet_next_round);

APPLY(side_done)
{
    if (input->done) {
        intake_end(c, draft, CLOCK_ROUND, input->side, OP_MEET);
    }
}
EFFECT(EFFECT_SIDE_DONE, "a side that is done meets its K_round", side_done);

static void start_next_round(struct intake_case *c, struct intake_draft *draft, int64_t from_ms)
{
    if (c->docket.stage == STAGE_EVIDENCE && !intake_clock_live(c, CLOCK_ROUND, 0) &&
        !intake_clock_live(c, CLOCK_NEXT_ROUND, 0)) {
        intake_start_plain(c, draft, CLOCK_NEXT_ROUND, ROLE_AGENT, from_ms);
    }
}

APPLY(round_missed)
{
    start_next_round(c, draft, input->clock.due_ms);
}
EFFECT(EFFECT_ROUND_MISSED, "last K_round of the round: start K_next_round", round_missed);

APPLY(sealed)
{
    c->docket.rounds_sealed++;
    c->docket.seal_result = input->rule_result;
    if (!input->last || input->rule_result != RULE_NONE) {
        start_next_round(c, draft, input->time_ms);
    }
}
EFFECT(EFFECT_SEALED, "seal counted, start K_next_round", sealed);

/* --- investigation --- */

APPLY(start_invest)
{
    static const int32_t KINDS[] = {CLOCK_INVEST, CLOCK_INVEST_HARD};
    for (size_t i = 0; i < 2; i++) {
        if (!intake_resume(c, draft, KINDS[i], 0) && !intake_clock_live(c, KINDS[i], 0)) {
            intake_start_plain(c, draft, KINDS[i], ROLE_AGENT, intake_from(input));
        }
    }
}
EFFECT(EFFECT_START_INVEST, "K_invest and K_invest_hard armed, or resumed with their used time", start_invest);

APPLY(invest_anew)
{
    intake_end(c, draft, CLOCK_INVEST, 0, OP_CANCEL);
    intake_end(c, draft, CLOCK_INVEST_HARD, 0, OP_CANCEL);
    c->docket.invest_breached = c->docket.draft_signed = false;
    start_invest(c, input, draft);
}
EFFECT(EFFECT_INVEST_ANEW, "K_invest and K_invest_hard anew", invest_anew);

APPLY(invest_breached)
{
    (void)input;
    (void)draft;
    c->docket.invest_breached = true;
}
EFFECT(EFFECT_INVEST_BREACHED, "both may elect arbitration", invest_breached);

APPLY(signs)
{
    (void)draft;
    if (input->about_round) { /* it counts from either stage: the third round is sealed into INVESTIGATION */
        c->docket.round_signed = c->docket.round_signed || input->role == ROLE_REVIEWER;
    } else if (c->docket.stage == STAGE_INVESTIGATION) {
        c->docket.draft_signed = true;
    } else {
        c->docket.rule_signed = true;
    }
}
EFFECT(EFFECT_SIGNED, "signature kept", signs);

APPLY(rule_found)
{
    intake_rule(c, draft, BASIS_RULE, &input->ruling);
    intake_add_duty(c, draft, false);
}
EFFECT(EFFECT_RULE_FOUND, "basis RULE, duties noted", rule_found);

/* --- drafts --- */

APPLY(keep_draft)
{
    intake_end(c, draft, CLOCK_INVEST, 0, OP_MEET);
    intake_end(c, draft, CLOCK_INVEST_HARD, 0, OP_MEET);
    c->docket.draft = input->ruling;
    c->docket.draft_seq = draft->sequence;
    c->docket.draft_author = input->people_count ? input->people[0].id : (struct dsp_str){NULL, 0};
    c->docket.comment_consumer = c->docket.comment_merchant = WINDOW_WAITING;
    c->docket.finalise_breaches = 0;
    draft->has_ruling = true;
    draft->ruling = input->ruling;
}
EFFECT(EFFECT_DRAFT, "draft kept; meet K_invest, K_invest_hard; comments wait for service", keep_draft);

static void try_finalise(struct intake_case *c, struct intake_draft *draft, int64_t from_ms)
{
    if (intake_is_shut(c->docket.comment_consumer) && intake_is_shut(c->docket.comment_merchant) &&
        !intake_clock_live(c, CLOCK_FINALISE, 0)) {
        intake_start_plain(c, draft, CLOCK_FINALISE, ROLE_REVIEWER, from_ms);
    }
}

APPLY(commented)
{
    *comment_window(c, input->role) = WINDOW_USED;
    intake_end(c, draft, CLOCK_COMMENT, input->role, OP_MEET);
    try_finalise(c, draft, input->time_ms);
}
EFFECT(EFFECT_COMMENTED, "meet K_comment; both over: start K_finalise", commented);

APPLY(comment_lapsed)
{
    *comment_window(c, input->clock.side) = WINDOW_LAPSED;
    try_finalise(c, draft, input->clock.due_ms);
}
EFFECT(EFFECT_COMMENT_LAPSED, "comment lapsed; both over: start K_finalise", comment_lapsed);

APPLY(draft_reopened)
{
    (void)input;
    (void)draft;
    c->docket.comment_reopened = true;
    c->docket.draft_seq = 0;
}
EFFECT(EFFECT_DRAFT_REOPENED, "draft set aside, once", draft_reopened);

APPLY(finalise_again)
{
    c->docket.finalise_breaches++;
    c->docket.platform_breaches++;
    intake_start_plain(c, draft, CLOCK_FINALISE, ROLE_REVIEWER, input->clock.due_ms);
}
EFFECT(EFFECT_FINALISE_AGAIN, "platform breach recorded, start K_finalise once more", finalise_again);

APPLY(decision_final)
{
    intake_end(c, draft, CLOCK_FINALISE, 0, OP_MEET);
    intake_rule(c, draft, BASIS_PLATFORM, &input->ruling);
    intake_add_duty(c, draft, false);
}
EFFECT(EFFECT_DECISION_FINAL, "basis PLATFORM, duties noted, meet K_finalise", decision_final);

APPLY(draft_stands)
{
    (void)input;
    struct intake_ruling ruling = c->docket.draft;
    intake_rule(c, draft, BASIS_PLATFORM, &ruling);
    intake_add_duty(c, draft, false);
}
EFFECT(EFFECT_DRAFT_STANDS, "the draft stands as it is: basis PLATFORM, duties noted", draft_stands);

/* --- appeals --- */

static void use_appeal(struct intake_case *c, int32_t side)
{
    *intake_window_of(c, side) = WINDOW_USED;
    *(side == ROLE_CONSUMER ? &c->docket.appealed_consumer : &c->docket.appealed_merchant) = true;
}

APPLY(appeal)
{
    use_appeal(c, input->role);
    c->docket.appellant = input->role;
    c->docket.joined = false;
    intake_end(c, draft, CLOCK_APPEAL, input->role, OP_MEET);
    intake_pause(c, draft, CLOCK_APPEAL, 0);
    intake_start_plain(c, draft, CLOCK_APPEAL_DECIDE, ROLE_PANEL, input->time_ms);
    intake_start_plain(c, draft, CLOCK_APPEAL_HARD, ROLE_PANEL, input->time_ms);
}
EFFECT(EFFECT_APPEAL, "own K_appeal met, the other's paused; start K_appeal_decide, K_appeal_hard", appeal);

APPLY(joined)
{
    (void)draft;
    c->docket.joined = true;
    use_appeal(c, input->role);
}
EFFECT(EFFECT_JOINED, "appeal of the other side joined", joined);

static void end_panel_clocks(struct intake_case *c, struct intake_draft *draft)
{
    intake_end(c, draft, CLOCK_APPEAL_DECIDE, 0, OP_MEET);
    intake_end(c, draft, CLOCK_APPEAL_HARD, 0, OP_MEET);
}

/* What stood still for the appeal does not run again: the windows open anew. */
static void cancel_windows(struct intake_case *c, struct intake_draft *draft)
{
    intake_end(c, draft, CLOCK_APPEAL, ROLE_CONSUMER, OP_CANCEL);
    intake_end(c, draft, CLOCK_APPEAL, ROLE_MERCHANT, OP_CANCEL);
}

APPLY(appeal_decided)
{
    end_panel_clocks(c, draft);
    cancel_windows(c, draft);
    intake_rule(c, draft, BASIS_APPEAL, &input->ruling);
    intake_add_duty(c, draft, false);
    c->docket.election_only = true;
}
EFFECT(EFFECT_APPEAL_DECIDED, "basis APPEAL, duties replaced; meet K_appeal_*; windows for ElectArbitration only",
       appeal_decided);

APPLY(remanded)
{
    (void)input;
    end_panel_clocks(c, draft);
    c->docket.remand_used = true;
    c->docket.assignee = (struct dsp_str){NULL, 0};
    c->docket.window_consumer = c->docket.window_merchant = WINDOW_NONE;
}
EFFECT(EFFECT_REMANDED, "remand used, another A", remanded);

APPLY(resume_windows)
{
    (void)input;
    (void)intake_resume(c, draft, CLOCK_APPEAL, 0);
}
EFFECT(EFFECT_RESUME_WINDOWS, "K_appeal resumes with what is left", resume_windows);

APPLY(appeal_withdrawn)
{
    (void)input;
    intake_end(c, draft, CLOCK_APPEAL_DECIDE, 0, OP_CANCEL);
    intake_end(c, draft, CLOCK_APPEAL_HARD, 0, OP_CANCEL);
}
EFFECT(EFFECT_APPEAL_WITHDRAWN, "cancel K_appeal_*", appeal_withdrawn);

APPLY(appeal_lapsed)
{
    static const int32_t SIDES[] = {ROLE_CONSUMER, ROLE_MERCHANT};
    intake_end(c, draft, CLOCK_APPEAL_DECIDE, 0, OP_CANCEL);
    cancel_windows(c, draft);
    c->docket.election_only = true;
    for (size_t i = 0; i < 2; i++) {
        *intake_window_of(c, SIDES[i]) = WINDOW_OPEN;
        intake_start_clock(c, draft,
                           &(struct intake_clock_effect){.kind = CLOCK_APPEAL,
                                                         .side = SIDES[i],
                                                         .from_ms = input->clock.due_ms,
                                                         .paper = c->docket.ruling_seq,
                                                         .short_budget = c->docket.basis == BASIS_DEFAULT});
    }
}
EFFECT(EFFECT_APPEAL_LAPSED, "K_appeal anew, for ElectArbitration only", appeal_lapsed);

APPLY(try_windows_shut)
{
    (void)input;
    if (intake_is_shut(c->docket.window_consumer) && intake_is_shut(c->docket.window_merchant)) {
        draft->next[draft->next_count++] = FOLLOW_UP_WINDOWS_SHUT;
    }
}
EFFECT(EFFECT_TRY_WINDOWS_SHUT, "the last window shut: T49 or T50 follows", try_windows_shut);

/* --- arbitration --- */

APPLY(consent)
{
    (void)draft;
    *(input->role == ROLE_CONSUMER ? &c->docket.consent_consumer : &c->docket.consent_merchant) = input->clause;
}
EFFECT(EFFECT_CONSENT, "consent kept", consent);

APPLY(revoke_consent)
{
    (void)draft;
    *(input->role == ROLE_CONSUMER ? &c->docket.consent_consumer : &c->docket.consent_merchant) = (struct dsp_str){NULL,
                                                                                                                   0};
}
EFFECT(EFFECT_REVOKE_CONSENT, "consent taken back", revoke_consent);

APPLY(arb_ack_again)
{
    c->docket.arb_ack_breaches++;
    intake_start_plain(c, draft, CLOCK_ARB_ACK, ROLE_INSTITUTION, input->clock.due_ms);
}
EFFECT(EFFECT_ARB_ACK_AGAIN, "start K_arb_ack again", arb_ack_again);

APPLY(declared)
{
    (void)draft;
    *(input->role == ROLE_CONSUMER ? &c->docket.declared_consumer : &c->docket.declared_merchant) = input->terms;
}
EFFECT(EFFECT_DECLARED, "terms kept, waits for the other side", declared);

APPLY(referral_ended)
{
    (void)draft;
    c->docket.platform_breaches += input->trigger == TRIGGER_CLOCK_BREACHED;
}
EFFECT(EFFECT_REFERRAL_ENDED, "referral used up", referral_ended);

/* --- settlement, payout --- */

APPLY(outcome_settled)
{
    (void)input;
    c->docket.outcome = draft->outcome = OUTCOME_SETTLED;
}
EFFECT(EFFECT_OUTCOME_SETTLED, "outcome SETTLED", outcome_settled);

/* The agreement is enforced as if decided: the same duty, under another basis. */
APPLY(settlement_defaulted)
{
    (void)input;
    c->docket.basis = draft->basis = BASIS_SETTLEMENT_DEFAULT;
}
EFFECT(EFFECT_SETTLEMENT_DEFAULTED, "basis SETTLEMENT_DEFAULT", settlement_defaulted);

APPLY(rescinded)
{
    (void)input;
    (void)draft;
    c->docket.rescission_used = true;
    c->docket.duties_open = 0;
    c->docket.return_leg = RETURN_NONE;
    c->docket.basis = BASIS_NONE;
}
EFFECT(EFFECT_RESCINDED, "rescission used, duties waived", rescinded);

APPLY(rescission_asked)
{
    (void)draft;
    *(input->role == ROLE_CONSUMER ? &c->docket.rescind_consumer : &c->docket.rescind_merchant) = true;
}
EFFECT(EFFECT_RESCISSION_ASKED, "waits for the other side", rescission_asked);

APPLY(start_hold)
{
    intake_start_plain(c, draft, CLOCK_HOLD, ROLE_FUND_OFFICER, input->time_ms);
}
EFFECT(EFFECT_START_HOLD, "start K_hold", start_hold);

APPLY(hold_ended)
{
    (void)input;
    intake_end(c, draft, CLOCK_HOLD, 0, OP_MEET);
}
EFFECT(EFFECT_HOLD_ENDED, "meet K_hold", hold_ended);

/* Once more with deputies; what comes after it is K_enforce_hard's. */
APPLY(hold_again)
{
    if (c->docket.hold_breaches++ == 0) {
        intake_start_plain(c, draft, CLOCK_HOLD, ROLE_FUND_OFFICER, input->clock.due_ms);
    }
}
EFFECT(EFFECT_HOLD_AGAIN, "start K_hold again with deputies, once", hold_again);

/* --- people --- */

APPLY(assigned)
{
    (void)draft;
    size_t members = 0;
    for (size_t i = 0; i < input->people_count; i++) {
        if (input->people[i].role == ROLE_AGENT) {
            c->docket.assignee = input->people[i].id;
        } else if (input->people[i].role == ROLE_PANEL) {
            c->panel[members++] = input->people[i].id;
        }
    }
    c->panel_count = members ? members : c->panel_count;
}
EFFECT(EFFECT_ASSIGNED, "assignee or panel kept", assigned);

APPLY(replaced)
{
    (void)draft;
    for (size_t i = 0; i < c->panel_count; i++) {
        if (input->people_count && dsp_str_equal(c->panel[i], input->named)) {
            c->panel[i] = input->people[0].id;
            return;
        }
    }
    if (input->people_count && input->people[0].role == ROLE_AGENT) {
        c->docket.assignee = input->people[0].id;
    }
}
EFFECT(EFFECT_REPLACED, "assignee or member of the panel replaced", replaced);
