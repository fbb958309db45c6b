/* What the table asks before a row is taken. Each guard reads only the docket and the input. */
#include "common/base/clock.h"
#include "intake/domain/rooms.h"

const struct intake_policy INTAKE_START_POLICY = {
    .default_cap_minor = 50000, /* docs/MACHINE.md 6.4: 500 yuan */
    .rule_cosign_minor = 50000,
    .high_value_minor = 500000,
    .finalise_limit_minor = 500000,
    .filing_window_ms = 90 * DSP_DAY_MS,
    .fast_track_reasons = 0,
};

/* A filing is judged by the facts that came with it: there is no docket yet. */
static bool order_of_consumer(const struct intake_case *c, const struct intake_input *input)
{
    (void)c;
    const struct intake_docket *filing = input->filing;
    if (!filing || filing->consumer_id.len == 0) {
        return false;
    }
    return input->role != ROLE_CONSUMER || dsp_str_equal(filing->consumer_id, input->actor_id);
}
CONTENT_GUARD(GUARD_ORDER_OF_CONSUMER, "order line belongs to C", REFUSAL_NOT_YOUR_ORDER, order_of_consumer);

/* docs/MACHINE.md 6.2. Seven calendar days by the Civil Code for returns without reason and quality faults,
 * when a calendar is published; the policy's window for all else and from the promised date when nothing came. */
static bool filing_window(const struct intake_case *c, const struct intake_input *input)
{
    const struct intake_docket *filing = input->filing;
    int64_t from_ms = filing->received_ms ? filing->received_ms : filing->promised_ms;
    if (!from_ms || input->time_ms <= from_ms) {
        return true;
    }
    if (filing->reason == REASON_RETURN_7D && filing->received_ms && c->policy->calendar) {
        struct dsp_period period = {.unit = DSP_PERIOD_DAY, .count = 7};
        struct dsp_period_end end;
        if (!dsp_failed(dsp_calendar_period_end(c->policy->calendar, from_ms, &period, &end))) {
            return input->time_ms < end.due.due_ms;
        }
    }
    return input->time_ms <= from_ms + c->policy->filing_window_ms;
}
CONTENT_GUARD(GUARD_FILING_WINDOW, "inside the filing window", REFUSAL_OUTSIDE_FILING_WINDOW, filing_window);

/* Goods and work are asked for with their value: it is what the fund pays in their place. */
static bool claim_valid(const struct intake_case *c, const struct intake_input *input)
{
    (void)c;
    const struct intake_docket *filing = input->filing;
    bool bounded = filing->remedy == REMEDY_STATUTORY_MULTIPLE || filing->amount_minor <= filing->paid_minor;
    bool asks = filing->remedy > REMEDY_NONE && filing->amount_minor > 0;
    return filing->reason && asks && filing->merchant_id.len && filing->order_line > 0 && input->currency_cny &&
           filing->paid_minor >= 0 && bounded;
}
CONTENT_GUARD(GUARD_CLAIM_VALID, "reason, remedy and a sum within what was paid", REFUSAL_GUARD_FAILED, claim_valid);

static bool facts_present(const struct intake_case *c, const struct intake_input *input)
{
    (void)input;
    return c->docket.file_complete;
}
CONTENT_GUARD(GUARD_FACTS_PRESENT, "minimum facts present", REFUSAL_GUARD_FAILED, facts_present);

/* By rule, unless an agent is asked for: by the policy, by a fast-track reason, or because both standing terms
 * hold an arbitration clause, which only an agent may act on. */
static bool rule_admits(const struct intake_case *c, const struct intake_input *input)
{
    (void)input;
    bool both_clauses = c->docket.consumer_clause.len && c->docket.merchant_clause.len;
    return !c->policy->agent_admits && !both_clauses && !(c->policy->fast_track_reasons & (1u << c->docket.reason));
}
CONTENT_GUARD(GUARD_RULE_ADMITS, "admitted by rule", REFUSAL_GUARD_FAILED, rule_admits);

static bool clauses_of_both(const struct intake_case *c, const struct intake_input *input)
{
    return input->consumer_clause.len && input->merchant_clause.len && !c->docket.referral_used &&
           dsp_str_equal(input->consumer_clause, c->docket.consumer_clause) &&
           dsp_str_equal(input->merchant_clause, c->docket.merchant_clause);
}
CONTENT_GUARD(GUARD_CLAUSES_OF_BOTH, "arbitration agreement of both in force", REFUSAL_CONSENT_MISSING,
              clauses_of_both);

static bool remedy_asked(const struct intake_case *c, const struct intake_input *input)
{
    return input->remedy == c->docket.remedy && input->amount_minor == c->docket.amount_minor && input->currency_cny;
}
CONTENT_GUARD(GUARD_REMEDY_ASKED, "remedy asked, or a listed equal", REFUSAL_GUARD_FAILED, remedy_asked);

static bool no_person_replied(const struct intake_case *c, const struct intake_input *input)
{
    (void)input;
    return !c->docket.m_replied;
}
GUARD(GUARD_NO_PERSON_REPLIED, "no first reply by a person", REFUSAL_GUARD_FAILED, no_person_replied);

GUARD(GUARD_FILE_COMPLETE, "prima facie file complete", REFUSAL_GUARD_FAILED, facts_present);

static bool within_default_cap(const struct intake_case *c, const struct intake_input *input)
{
    (void)input;
    return c->docket.amount_minor <= c->policy->default_cap_minor;
}
GUARD(GUARD_WITHIN_DEFAULT_CAP, "amount <= default_cap", REFUSAL_GUARD_FAILED, within_default_cap);

static bool not_default_judgment(const struct intake_case *c, const struct intake_input *input)
{
    return !no_person_replied(c, input) || !facts_present(c, input) || !within_default_cap(c, input);
}
GUARD(GUARD_NOT_DEFAULT_JUDGMENT, "every other case", REFUSAL_GUARD_FAILED, not_default_judgment);

/* --- windows --- */

bool intake_is_shut(int32_t window)
{
    return window == WINDOW_WAIVED || window == WINDOW_LAPSED || window == WINDOW_USED;
}

int32_t intake_appeal_window(const struct intake_case *c, int32_t side)
{
    return side == ROLE_CONSUMER ? c->docket.window_consumer : c->docket.window_merchant;
}

/* The side whose window an input is about: the actor's, or the breached clock's. */
static int32_t side_of(const struct intake_input *input)
{
    return input->trigger == TRIGGER_CLOCK_BREACHED ? input->clock.side : input->role;
}

static bool other_shut(const struct intake_case *c, const struct intake_input *input)
{
    return intake_is_shut(intake_appeal_window(c, side_of(input) == ROLE_CONSUMER ? ROLE_MERCHANT : ROLE_CONSUMER));
}
GUARD(GUARD_OTHER_WINDOW_SHUT, "windows of both sides shut", REFUSAL_GUARD_FAILED, other_shut);

static bool other_open(const struct intake_case *c, const struct intake_input *input)
{
    return !other_shut(c, input);
}
GUARD(GUARD_OTHER_WINDOW_OPEN, "the other side's window is open", REFUSAL_GUARD_FAILED, other_open);

/* A window whose due time has not come yet counts as open, also while service is not proved. */
static bool window_open(const struct intake_case *c, const struct intake_input *input)
{
    return !intake_is_shut(intake_appeal_window(c, side_of(input)));
}
GUARD(GUARD_WINDOW_OPEN, "inside its K_appeal", REFUSAL_DEADLINE_PASSED, window_open);

static bool remedy_owed(const struct intake_case *c, const struct intake_input *input)
{
    (void)input;
    return c->docket.ruling_remedy != REMEDY_NONE;
}
GUARD(GUARD_REMEDY_OWED, "remedy not NONE", REFUSAL_GUARD_FAILED, remedy_owed);

static bool nothing_owed(const struct intake_case *c, const struct intake_input *input)
{
    return !remedy_owed(c, input);
}
GUARD(GUARD_NOTHING_OWED, "remedy NONE", REFUSAL_GUARD_FAILED, nothing_owed);

/* --- performance --- */

static bool proof_attached(const struct intake_case *c, const struct intake_input *input)
{
    (void)c;
    return input->proof && input->amount_minor > 0 && input->currency_cny;
}
CONTENT_GUARD(GUARD_PROOF_ATTACHED, "proof attached", REFUSAL_GUARD_FAILED, proof_attached);

static bool last_duty(const struct intake_case *c, const struct intake_input *input)
{
    return input->last || c->docket.duties_open <= 1;
}
GUARD(GUARD_LAST_DUTY, "no duty left open", REFUSAL_GUARD_FAILED, last_duty);

static bool duties_left(const struct intake_case *c, const struct intake_input *input)
{
    return !last_duty(c, input);
}
GUARD(GUARD_DUTIES_LEFT, "others still open", REFUSAL_GUARD_FAILED, duties_left);

static bool all_discharged(const struct intake_case *c, const struct intake_input *input)
{
    (void)input;
    return c->docket.duties_open == 0;
}
GUARD(GUARD_ALL_DISCHARGED, "no duty left open", REFUSAL_GUARD_FAILED, all_discharged);

static bool payout_out(const struct intake_case *c, const struct intake_input *input)
{
    (void)input;
    return c->docket.payouts_sent > 0 && c->docket.enforce_rearmed < 10;
}
GUARD(GUARD_PAYOUT_OUT, "a payout is SENT, armed again fewer than ten times", REFUSAL_GUARD_FAILED, payout_out);

static bool no_payout_out(const struct intake_case *c, const struct intake_input *input)
{
    return !payout_out(c, input);
}
GUARD(GUARD_NO_PAYOUT_OUT, "none SENT, or armed again ten times", REFUSAL_GUARD_FAILED, no_payout_out);

/* --- arbitration --- */

static bool award_merchant(const struct intake_case *c, const struct intake_input *input)
{
    (void)c;
    return input->award_for == 2;
}
GUARD(GUARD_AWARD_MERCHANT, "award for the merchant, signature verified", REFUSAL_GUARD_FAILED, award_merchant);

static bool award_consumer(const struct intake_case *c, const struct intake_input *input)
{
    (void)c;
    return input->award_for != 2 && input->amount_minor > 0;
}
GUARD(GUARD_AWARD_CONSUMER, "award for the consumer or split, signature verified", REFUSAL_GUARD_FAILED,
      award_consumer);

/* --- the end --- */

static bool feedback_due(const struct intake_case *c, const struct intake_input *input)
{
    bool answered = input->role == ROLE_CONSUMER ? c->docket.consumer_feedback : c->docket.merchant_feedback;
    return !answered;
}
GUARD(GUARD_FEEDBACK_DUE, "not answered yet", REFUSAL_LIMIT_REACHED, feedback_due);

static bool score_valid(const struct intake_case *c, const struct intake_input *input)
{
    (void)c;
    return input->score >= 1 && input->score <= 5;
}
CONTENT_GUARD(GUARD_SCORE_VALID, "a score from 1 to 5", REFUSAL_GUARD_FAILED, score_valid);

static bool feedback_full(const struct intake_case *c, const struct intake_input *input)
{
    return input->role == ROLE_CONSUMER ? c->docket.merchant_feedback : c->docket.consumer_feedback;
}
GUARD(GUARD_FEEDBACK_FULL, "the other side has answered", REFUSAL_GUARD_FAILED, feedback_full);

/* A right that is about to end by this very breach does not run any more. */
static bool right_runs(const struct intake_clock *clock, const struct intake_input *input)
{
    bool ends_now = input->trigger == TRIGGER_CLOCK_BREACHED && clock->kind == input->clock.kind &&
                    clock->side == input->clock.side && clock->cause == input->clock.cause;
    return (clock->kind == CLOCK_REVIEW || clock->kind == CLOCK_REFILE) && clock->state != MIRROR_ENDED && !ends_now;
}

static bool rights_run(const struct intake_case *c, const struct intake_input *input)
{
    if (intake_review_waits(c)) {
        return true;
    }
    for (size_t i = 0; i < c->clock_count; i++) {
        if (right_runs(&c->clocks[i], input)) {
            return true;
        }
    }
    return false;
}
GUARD(GUARD_RIGHTS_RUN, "a right of review or refiling still runs", REFUSAL_GUARD_FAILED, rights_run);

static bool rights_over(const struct intake_case *c, const struct intake_input *input)
{
    return !rights_run(c, input);
}
GUARD(GUARD_RIGHTS_OVER, "no review or refiling right still runs", REFUSAL_GUARD_FAILED, rights_over);

static bool feedback_over(const struct intake_case *c, const struct intake_input *input)
{
    (void)input;
    return !intake_clock_running(c, CLOCK_FEEDBACK, 0);
}
GUARD(GUARD_FEEDBACK_OVER, "both answered or K_feedback lapsed", REFUSAL_GUARD_FAILED, feedback_over);

static bool another_runs(const struct intake_case *c, const struct intake_input *input)
{
    return rights_run(c, input) || !feedback_over(c, input);
}
GUARD(GUARD_ANOTHER_RUNS, "another of these clocks still runs", REFUSAL_GUARD_FAILED, another_runs);

/* E24 as long as T70 is not complete by it. */
static bool feedback_part(const struct intake_case *c, const struct intake_input *input)
{
    return !feedback_full(c, input) || rights_run(c, input);
}
GUARD(GUARD_FEEDBACK_PART, "T70 is not complete by it", REFUSAL_GUARD_FAILED, feedback_part);

static bool reply_marked(const struct intake_case *c, const struct intake_input *input)
{
    (void)c;
    return input->by_person || input->done; /* done: marked as a bot's, see the codec */
}
CONTENT_GUARD(GUARD_REPLY_MARKED, "marked PERSON or BOT", REFUSAL_GUARD_FAILED, reply_marked);

static bool clock_live(const struct intake_case *c, const struct intake_input *input)
{
    const struct intake_clock *clock = intake_clock_find(c, input->clock.kind, input->clock.side, input->clock.cause);
    return clock && clock->state == MIRROR_LIVE && !intake_holds_back(c, input);
}
GUARD(GUARD_CLOCK_LIVE, "the clock still runs, no act waits for its finding", REFUSAL_CLOCK_STOPPED, clock_live);
