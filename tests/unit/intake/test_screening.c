/* Filings that are asked back, abandoned, refused, and filed again. */
#include "unit/intake/world.h"

/* Nothing was said and nothing shown: an agent is asked. */
static const struct intake_docket THIN = {
    .consumer_id = {"c1", 2},
    .merchant_id = {"m1", 2},
    .order_line = 1,
    .reason = REASON_QUALITY,
    .remedy = REMEDY_REFUND,
    .amount_minor = 4500,
    .paid_minor = 4500,
    .received_ms = NOON - DSP_DAY_MS,
};

#define assert_row(expected, got) assert_string_equal(got, expected)

static const char *consumer(struct world *w, enum intake_trigger trigger)
{
    struct intake_input input = of_party(trigger, ROLE_CONSUMER);
    return decide(w, &input);
}

static const char *supply(struct world *w, enum intake_trigger trigger, size_t items)
{
    struct intake_input input = of_party(trigger, ROLE_CONSUMER);
    input.items = items;
    return decide(w, &input);
}

static const char *agent(struct world *w, enum intake_trigger trigger, const char *who)
{
    struct intake_input input = {
        .trigger = trigger, .source = SOURCE_CON, .role = ROLE_AGENT, .actor_id = dsp_str_from(who), .reasoned = true};
    return decide(w, &input);
}

static const char *served(struct world *w, int64_t paper)
{
    struct intake_input input = {.trigger = TRIGGER_SERVICE_PROVED,
                                 .source = SOURCE_NTF,
                                 .role = ROLE_SYSTEM,
                                 .paper = paper,
                                 .side = ROLE_CONSUMER,
                                 .served_ms = w->now_ms};
    return decide(w, &input);
}

static const struct intake_clock_effect *clock_of(const struct world *w, int32_t op, int32_t kind)
{
    for (size_t i = 0; i < w->drafts[0].clock_count; i++) {
        if (w->drafts[0].clocks[i].op == op && w->drafts[0].clocks[i].kind == kind) {
            return &w->drafts[0].clocks[i];
        }
    }
    return NULL;
}

static void file(struct world *w, const struct intake_docket *filing)
{
    struct intake_input input = of_party(TRIGGER_FILE_COMPLAINT, ROLE_CONSUMER);
    memset(w, 0, sizeof *w);
    w->now_ms = NOON;
    input.filing = filing;
    assert_row("T01", decide(w, &input));
    w->now_ms += HOUR;
}

static void ask_back(struct world *w)
{
    file(w, &THIN);
    assert_int_equal(w->c.docket.stage, STAGE_SCREENING);
    assert_row("T06", agent(w, TRIGGER_INFO_REQUESTED, "a1"));
}

static void refuse(struct world *w)
{
    file(w, &THIN);
    assert_row("T11", agent(w, TRIGGER_REJECT_FILING, "a1"));
}

static bool anything_runs(const struct world *w, int32_t kind)
{
    for (size_t i = 0; i < w->c.clock_count; i++) {
        if (w->c.clocks[i].kind == kind && w->c.clocks[i].state != MIRROR_ENDED) {
            return true;
        }
    }
    return false;
}

/* --- asked back --- */

static void asking_back_stops_the_platforms_clock_and_starts_the_consumers(void **state)
{
    (void)state;
    struct world w;
    ask_back(&w);
    assert_int_equal(w.c.docket.stage, STAGE_SUPPLEMENT);
    assert_non_null(clock_of(&w, OP_PAUSE, CLOCK_SCREEN));
    assert_int_equal(clock_of(&w, OP_START, CLOCK_SUPPLEMENT)->side, ROLE_CONSUMER);
    assert_int_equal(clock_of(&w, OP_START, CLOCK_SERVICE)->paper, w.drafts[0].sequence);
    assert_row("NOT_IN_THIS_STAGE", agent(&w, TRIGGER_ADMIT, "a1"));
    w.now_ms += 22 * HOUR;
    assert_row("T07", supply(&w, TRIGGER_INFO_SUPPLIED, 1));
    assert_int_equal(w.count, 1); /* an agent admits after a supplement */
    assert_int_equal(w.c.docket.stage, STAGE_SCREENING);
    assert_non_null(clock_of(&w, OP_MEET, CLOCK_SUPPLEMENT));
    assert_non_null(clock_of(&w, OP_RESUME, CLOCK_SCREEN));
    assert_non_null(clock_of(&w, OP_CANCEL, CLOCK_SERVICE)); /* the request was not opened before it was answered */
    assert_true(w.c.docket.file_complete);
    assert_int_equal(w.c.wait_count, 1); /* for EvidenceRegistered */
    assert_row("T12", agent(&w, TRIGGER_ADMIT, "a1"));
    assert_non_null(clock_of(&w, OP_MEET, CLOCK_SCREEN));
}

static void asking_back_needs_a_list_a_gap_and_happens_once(void **state)
{
    (void)state;
    struct world w;
    struct intake_docket complete = THIN;
    struct intake_docket lost = THIN;
    complete.file_complete = true;
    complete.consumer_clause = complete.merchant_clause = dsp_str_from("A-7"); /* an agent is asked */
    file(&w, &complete);
    assert_row("GUARD_FAILED", agent(&w, TRIGGER_INFO_REQUESTED, "a1"));
    file(&w, &THIN);
    struct intake_input bare = {
        .trigger = TRIGGER_INFO_REQUESTED, .source = SOURCE_CON, .role = ROLE_AGENT, .actor_id = dsp_str_from("a1")};
    assert_row("GUARD_FAILED", decide(&w, &bare));
    lost.reason = REASON_NOT_RECEIVED; /* words do not say when it was promised */
    lost.received_ms = 0;
    file(&w, &lost);
    assert_row("T06", agent(&w, TRIGGER_INFO_REQUESTED, "a1"));
    assert_row("T07", supply(&w, TRIGGER_INFO_SUPPLIED, 1));
    assert_false(w.c.docket.file_complete);
    assert_row("LIMIT_REACHED", agent(&w, TRIGGER_INFO_REQUESTED, "a1"));
    w.now_ms += 24 * HOUR;
    assert_row("T13", breach(&w, CLOCK_SCREEN, ROLE_SYSTEM)); /* the platform's silence never blocks the claimant */
}

static void a_request_that_nobody_answers_is_abandoned_and_archived(void **state)
{
    (void)state;
    struct world w;
    ask_back(&w);
    w.now_ms += 72 * HOUR;
    assert_row("T08", breach(&w, CLOCK_SUPPLEMENT, ROLE_CONSUMER));
    assert_int_equal(w.drafts[0].outcome, OUTCOME_ABANDONED);
    assert_non_null(clock_of(&w, OP_CANCEL, CLOCK_SCREEN));
    assert_non_null(clock_of(&w, OP_CANCEL, CLOCK_SERVICE));
    assert_int_equal(clock_of(&w, OP_START, CLOCK_REFILE)->from_ms, w.now_ms - 1); /* from the due instant */
    w.now_ms += 7 * DSP_DAY_MS;
    assert_row("E27", breach(&w, CLOCK_FEEDBACK, ROLE_SYSTEM));
    assert_row("T70", breach(&w, CLOCK_REFILE, ROLE_CONSUMER));
}

static void a_withdrawal_while_asked_back_is_early(void **state)
{
    (void)state;
    struct world w;
    ask_back(&w);
    assert_row("T10", consumer(&w, TRIGGER_WITHDRAW));
    assert_int_equal(w.drafts[0].outcome, OUTCOME_WITHDRAWN);
    assert_non_null(clock_of(&w, OP_START, CLOCK_REFILE));
    assert_false(anything_runs(&w, CLOCK_SUPPLEMENT));
    assert_false(anything_runs(&w, CLOCK_SCREEN));
}

/* --- refused --- */

static void the_right_of_review_runs_from_service(void **state)
{
    (void)state;
    struct world w;
    refuse(&w);
    int64_t paper = w.c.docket.seq;
    assert_int_equal(w.drafts[0].outcome, OUTCOME_INADMISSIBLE);
    assert_int_equal(w.c.docket.stage, STAGE_CLOSED);
    assert_non_null(clock_of(&w, OP_START, CLOCK_SERVICE));
    assert_row("E27", breach(&w, CLOCK_FEEDBACK, ROLE_SYSTEM)); /* the paper is not served yet */
    assert_row("E39", served(&w, paper));
    assert_non_null(clock_of(&w, OP_MEET, CLOCK_SERVICE));
    assert_int_equal(clock_of(&w, OP_START, CLOCK_REVIEW)->from_ms, w.now_ms);
    assert_row("E39", served(&w, paper)); /* once more */
    assert_null(clock_of(&w, OP_START, CLOCK_REVIEW));
    w.now_ms += 72 * HOUR;
    assert_row("T70", breach(&w, CLOCK_REVIEW, ROLE_CONSUMER));
}

static void a_refusal_that_nobody_opens_is_deemed_served(void **state)
{
    (void)state;
    struct world w;
    refuse(&w);
    w.now_ms += 24 * HOUR;
    assert_row("E27", breach(&w, CLOCK_SERVICE, ROLE_CONSUMER));
    assert_non_null(clock_of(&w, OP_START, CLOCK_REVIEW));
    w.now_ms += 72 * HOUR;
    assert_row("E27", breach(&w, CLOCK_REVIEW, ROLE_CONSUMER)); /* K_feedback still runs */
    assert_row("DEADLINE_PASSED", consumer(&w, TRIGGER_ASK_REVIEW));
    assert_row("T70", breach(&w, CLOCK_FEEDBACK, ROLE_SYSTEM));
}

static void a_refusal_states_its_reasons(void **state)
{
    (void)state;
    struct world w;
    file(&w, &THIN);
    struct intake_input bare = {
        .trigger = TRIGGER_REJECT_FILING, .source = SOURCE_CON, .role = ROLE_AGENT, .actor_id = dsp_str_from("a1")};
    assert_row("GUARD_FAILED", decide(&w, &bare));
}

/* --- filed again --- */

static void a_review_is_for_another_agent_and_happens_once(void **state)
{
    (void)state;
    struct world w;
    refuse(&w);
    assert_row("GUARD_FAILED", supply(&w, TRIGGER_REFILE, 1)); /* that is for what was abandoned or withdrawn */
    assert_row("T71", consumer(&w, TRIGGER_ASK_REVIEW));       /* also before the paper is served */
    assert_int_equal(w.c.docket.stage, STAGE_SCREENING);
    assert_int_equal(w.c.docket.outcome, OUTCOME_NONE);
    assert_non_null(clock_of(&w, OP_CANCEL, CLOCK_FEEDBACK));
    assert_non_null(clock_of(&w, OP_CANCEL, CLOCK_SERVICE));
    assert_non_null(clock_of(&w, OP_START, CLOCK_SCREEN));
    assert_int_equal(w.count, 1); /* an agent admits */
    assert_row("CONFLICT_OF_INTEREST", agent(&w, TRIGGER_ADMIT, "a1"));
    assert_row("CONFLICT_OF_INTEREST", agent(&w, TRIGGER_REJECT_FILING, "a1"));
    assert_row("T06", agent(&w, TRIGGER_INFO_REQUESTED, "a2"));
    assert_row("T07", supply(&w, TRIGGER_INFO_SUPPLIED, 1));
    assert_row("T11", agent(&w, TRIGGER_REJECT_FILING, "a2")); /* who has acted since is the other one */
    assert_row("LIMIT_REACHED", consumer(&w, TRIGGER_ASK_REVIEW));
}

static void an_abandoned_complaint_is_filed_again_with_what_was_missing(void **state)
{
    (void)state;
    struct world w;
    ask_back(&w);
    w.now_ms += 72 * HOUR;
    assert_row("T08", breach(&w, CLOCK_SUPPLEMENT, ROLE_CONSUMER));
    assert_row("GUARD_FAILED", consumer(&w, TRIGGER_ASK_REVIEW));
    assert_row("T71", supply(&w, TRIGGER_REFILE, 1));
    assert_true(w.c.docket.file_complete);
    assert_non_null(clock_of(&w, OP_CANCEL, CLOCK_REFILE));
    assert_row("T09", consumer(&w, TRIGGER_WITHDRAW));
    assert_row("LIMIT_REACHED", supply(&w, TRIGGER_REFILE, 1));
}

static void only_an_early_withdrawal_is_filed_again_and_in_time(void **state)
{
    (void)state;
    struct world w;
    file(&w, &THIN);
    assert_row("T12", agent(&w, TRIGGER_ADMIT, "a1"));
    struct world late = w;
    late.c.docket.m_replied = true;
    assert_row("T22", consumer(&late, TRIGGER_WITHDRAW));
    assert_row("GUARD_FAILED", supply(&late, TRIGGER_REFILE, 0));
    assert_row("T22", consumer(&w, TRIGGER_WITHDRAW));
    struct world missed = w;
    assert_row("E27", breach(&missed, CLOCK_REFILE, ROLE_CONSUMER));
    assert_row("DEADLINE_PASSED", supply(&missed, TRIGGER_REFILE, 0));
    assert_row("T71", supply(&w, TRIGGER_REFILE, 0));
    assert_row("CONFLICT_OF_INTEREST", agent(&w, TRIGGER_ADMIT, "a1"));
    assert_row("T12", agent(&w, TRIGGER_ADMIT, "a2"));
    assert_non_null(clock_of(&w, OP_START, CLOCK_M_FIRST));
}

/* L3: from here, too, everybody silent ends in the archive. */
static void what_is_asked_back_or_refiled_drains_to_the_archive(void **state)
{
    (void)state;
    struct world w;
    refuse(&w);
    assert_row("T71", consumer(&w, TRIGGER_ASK_REVIEW));
    assert_row("T06", agent(&w, TRIGGER_INFO_REQUESTED, "a2"));
    for (int step = 0; step < 12 && w.c.docket.stage != STAGE_ARCHIVED; step++) {
        const struct intake_clock *next = NULL;
        for (size_t i = 0; i < w.c.clock_count; i++) {
            const struct intake_clock *clock = &w.c.clocks[i];
            next = !next && clock->state == MIRROR_LIVE && clock->kind != CLOCK_ACK ? clock : next;
        }
        if (!next) {
            fail_msg("nothing runs in stage %d", (int)w.c.docket.stage);
            return;
        }
        w.now_ms += DSP_DAY_MS;
        breach(&w, next->kind, next->side);
        assert_int_equal(w.drafts[0].refusal, REFUSAL_NONE);
    }
    assert_int_equal(w.c.docket.stage, STAGE_ARCHIVED);
    assert_int_equal(w.c.docket.outcome, OUTCOME_ABANDONED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asking_back_stops_the_platforms_clock_and_starts_the_consumers),
        cmocka_unit_test(asking_back_needs_a_list_a_gap_and_happens_once),
        cmocka_unit_test(a_request_that_nobody_answers_is_abandoned_and_archived),
        cmocka_unit_test(a_withdrawal_while_asked_back_is_early),
        cmocka_unit_test(the_right_of_review_runs_from_service),
        cmocka_unit_test(a_refusal_that_nobody_opens_is_deemed_served),
        cmocka_unit_test(a_refusal_states_its_reasons),
        cmocka_unit_test(a_review_is_for_another_agent_and_happens_once),
        cmocka_unit_test(an_abandoned_complaint_is_filed_again_with_what_was_missing),
        cmocka_unit_test(only_an_early_withdrawal_is_filed_again_and_in_time),
        cmocka_unit_test(what_is_asked_back_or_refiled_drains_to_the_archive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
