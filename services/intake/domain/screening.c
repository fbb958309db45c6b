/* Guards and effects of filings that are asked back, abandoned, refused and filed again. */
#include "intake/domain/rooms.h"

/* --- asked back --- */

PREDICATE(facts_missing)
{
    (void)input;
    return !c->docket.file_complete;
}
GUARD(GUARD_FACTS_MISSING, "minimum facts for the reason are missing", REFUSAL_GUARD_FAILED, facts_missing);

PREDICATE(supplement_once)
{
    (void)input;
    return !c->docket.supplement_used;
}
GUARD(GUARD_SUPPLEMENT_ONCE, "once", REFUSAL_LIMIT_REACHED, supplement_once);

PREDICATE(list_given)
{
    (void)c;
    return input->reasoned;
}
CONTENT_GUARD(GUARD_LIST_GIVEN, "what is missing is named", REFUSAL_GUARD_FAILED, list_given);

APPLY(asked_back)
{
    c->docket.supplement_used = true;
    intake_pause(c, draft, CLOCK_SCREEN, 0);
    intake_start_plain(c, draft, CLOCK_SUPPLEMENT, ROLE_CONSUMER, input->time_ms);
    intake_start_clock(
        c, draft,
        &(struct intake_clock_effect){
            .kind = CLOCK_SERVICE, .side = ROLE_CONSUMER, .from_ms = input->time_ms, .paper = draft->sequence});
}
EFFECT(EFFECT_ASKED_BACK, "pause K_screen, start K_supplement; served on C: start K_service", asked_back);

/* Words or items complete a file, but for goods that never came: what is missing there are times of the order, which
 * the gateway vouches for. */
static void complete_file(struct intake_case *c, const struct intake_input *input)
{
    bool supplied = input->reasoned || input->items > 0;
    c->docket.file_complete = c->docket.file_complete || (supplied && c->docket.reason != REASON_NOT_RECEIVED);
}

/* A paper of a stage that is left is no longer waited for. */
static void drop_papers(struct intake_case *c, struct intake_draft *draft)
{
    while (intake_clock_live(c, CLOCK_SERVICE, 0)) {
        intake_end(c, draft, CLOCK_SERVICE, 0, OP_CANCEL);
    }
}

APPLY(supplied)
{
    complete_file(c, input);
    drop_papers(c, draft);
    intake_end(c, draft, CLOCK_SUPPLEMENT, 0, OP_MEET);
    (void)intake_resume(c, draft, CLOCK_SCREEN, 0);
}
EFFECT(EFFECT_SUPPLIED, "facts kept; meet K_supplement, K_screen resumes with its used time", supplied);

APPLY(outcome_abandoned)
{
    c->docket.outcome = draft->outcome = OUTCOME_ABANDONED;
    intake_start_plain(c, draft, CLOCK_REFILE, ROLE_CONSUMER, intake_from(input));
}
EFFECT(EFFECT_OUTCOME_ABANDONED, "outcome ABANDONED, start K_refile", outcome_abandoned);

/* --- refused --- */

APPLY(rejected)
{
    c->docket.outcome = draft->outcome = OUTCOME_INADMISSIBLE;
    c->docket.rejected_seq = draft->sequence;
    intake_end(c, draft, CLOCK_SCREEN, 0, OP_MEET);
    intake_start_clock(
        c, draft,
        &(struct intake_clock_effect){
            .kind = CLOCK_SERVICE, .side = ROLE_CONSUMER, .from_ms = input->time_ms, .paper = draft->sequence});
}
EFFECT(EFFECT_REJECTED, "outcome INADMISSIBLE, meet K_screen; served on C: start K_service", rejected);

static bool is_refused(const struct intake_case *c)
{
    return c->docket.stage == STAGE_CLOSED && c->docket.outcome == OUTCOME_INADMISSIBLE;
}

bool intake_review_waits(const struct intake_case *c)
{
    for (size_t i = 0; is_refused(c) && i < c->clock_count; i++) {
        const struct intake_clock *clock = &c->clocks[i];
        if (clock->kind == CLOCK_SERVICE && clock->paper == c->docket.rejected_seq && clock->state != MIRROR_ENDED) {
            return true;
        }
    }
    return false;
}

void intake_start_review(struct intake_case *c, struct intake_draft *draft, int64_t paper, int64_t from_ms)
{
    bool started = false;
    for (size_t i = 0; i < c->clock_count; i++) {
        started = started || (c->clocks[i].kind == CLOCK_REVIEW && c->clocks[i].paper == paper);
    }
    if (is_refused(c) && paper == c->docket.rejected_seq && !started) {
        intake_start_clock(c, draft,
                           &(struct intake_clock_effect){
                               .kind = CLOCK_REVIEW, .side = ROLE_CONSUMER, .from_ms = from_ms, .paper = paper});
    }
}

/* --- filed again --- */

PREDICATE(inadmissible)
{
    (void)input;
    return c->docket.outcome == OUTCOME_INADMISSIBLE;
}
GUARD(GUARD_INADMISSIBLE, "outcome INADMISSIBLE", REFUSAL_GUARD_FAILED, inadmissible);

PREDICATE(in_review)
{
    return !inadmissible(c, input) || intake_review_waits(c) || intake_clock_running(c, CLOCK_REVIEW, 0);
}
GUARD(GUARD_IN_REVIEW, "inside K_review", REFUSAL_DEADLINE_PASSED, in_review);

/* Only an early withdrawal has started K_refile. */
PREDICATE(may_refile)
{
    (void)input;
    bool early = false;
    for (size_t i = 0; i < c->clock_count; i++) {
        early = early || c->clocks[i].kind == CLOCK_REFILE;
    }
    return c->docket.outcome == OUTCOME_ABANDONED || (c->docket.outcome == OUTCOME_WITHDRAWN && early);
}
GUARD(GUARD_MAY_REFILE, "ABANDONED or early WITHDRAWN", REFUSAL_GUARD_FAILED, may_refile);

PREDICATE(in_refile)
{
    return !may_refile(c, input) || intake_clock_running(c, CLOCK_REFILE, 0);
}
GUARD(GUARD_IN_REFILE, "inside K_refile", REFUSAL_DEADLINE_PASSED, in_refile);

PREDICATE(refiled_once)
{
    (void)input;
    return !c->docket.refiled;
}
GUARD(GUARD_REFILED_ONCE, "once", REFUSAL_LIMIT_REACHED, refiled_once);

APPLY(refiled)
{
    complete_file(c, input);
    drop_papers(c, draft);
    c->docket.refiled = true;
    c->docket.acted_before = (int32_t)c->acted_count;
    c->docket.assignee = (struct dsp_str){NULL, 0};
    c->docket.outcome = OUTCOME_NONE;
    c->docket.consumer_feedback = c->docket.merchant_feedback = false;
}
EFFECT(EFFECT_REFILED, "refiling used, the outcome and feedback are taken back, another A", refiled);

/* Whoever had acted before it was filed again does not screen it a second time. */
PREDICATE(another_agent)
{
    for (size_t i = 0; c->docket.refiled && i < (size_t)c->docket.acted_before && i < c->acted_count; i++) {
        if (dsp_str_equal(c->acted[i], input->actor_id)) {
            return false;
        }
    }
    return true;
}
GUARD(GUARD_ANOTHER_AGENT, "another A after a refiling", REFUSAL_CONFLICT_OF_INTEREST, another_agent);
