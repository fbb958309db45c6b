/* What ends a hearing: drafts, decisions, appeals, referrals, and the acts that wait for a finding. */
#include "unit/intake/hearing.h"

static const char *served(struct world *w, int64_t paper, int32_t side)
{
    struct intake_input input = of_service(TRIGGER_SERVICE_PROVED, SOURCE_NTF, paper);
    input.paper = paper;
    input.side = side;
    input.served_ms = w->now_ms;
    return decide(w, &input);
}

static void propose(struct world *w, int64_t amount_minor)
{
    struct intake_input input = of_staff(TRIGGER_PROPOSE_DECISION, ROLE_AGENT, "a11");
    assert_row("E13", decide(w, &input));
    assert_row("T33", ruled(w, TRIGGER_DECISION_PROPOSED, w->c.docket.seq, amount_minor));
    assert_clock(w, OP_MEET, CLOCK_INVEST);
}

static void decided(struct world *w, int64_t amount_minor)
{
    investigate(w);
    propose(w, amount_minor);
    int64_t draft = w->c.docket.seq;
    served(w, draft, ROLE_CONSUMER);
    assert_clock(w, OP_START, CLOCK_COMMENT);
    served(w, draft, ROLE_MERCHANT);
    assert_row("T37", party(w, TRIGGER_COMMENT, ROLE_CONSUMER));
    assert_row("T37", party(w, TRIGGER_COMMENT, ROLE_MERCHANT));
    assert_clock(w, OP_START, CLOCK_FINALISE);
    assert_row("E14", staff(w, TRIGGER_FINALISE, ROLE_REVIEWER, "r02"));
    assert_row("T39", ruled(w, TRIGGER_DECISION_FINAL, w->c.docket.seq, amount_minor));
    assert_clock(w, OP_MEET, CLOCK_FINALISE);
    int64_t decision = w->c.docket.seq;
    served(w, decision, ROLE_CONSUMER);
    served(w, decision, ROLE_MERCHANT);
}

/* --- drafts, decisions, appeals --- */

static void two_people_make_a_decision(void **state)
{
    (void)state;
    struct world w;
    investigate(&w);
    propose(&w, 62930);
    assert_row("NOT_YOUR_ROLE", staff(&w, TRIGGER_FINALISE, ROLE_AGENT, "a11"));
    assert_row("CONFLICT_OF_INTEREST", staff(&w, TRIGGER_FINALISE, ROLE_REVIEWER, "a11"));
    assert_row("WINDOW_NOT_OPEN", staff(&w, TRIGGER_FINALISE, ROLE_REVIEWER, "r02"));
    served(&w, w.c.docket.draft_seq, ROLE_MERCHANT);
    assert_row("T37", party(&w, TRIGGER_COMMENT, ROLE_CONSUMER));
    assert_row("LIMIT_REACHED", party(&w, TRIGGER_COMMENT, ROLE_CONSUMER));
    assert_row("E27", breach(&w, CLOCK_COMMENT, ROLE_MERCHANT));
    assert_clock(&w, OP_START, CLOCK_FINALISE);
    assert_row("DEADLINE_PASSED", party(&w, TRIGGER_COMMENT, ROLE_MERCHANT));
    assert_row("E14", staff(&w, TRIGGER_FINALISE, ROLE_REVIEWER, "r02"));
    assert_row("CLOCK_STOPPED", breach(&w, CLOCK_FINALISE, ROLE_REVIEWER)); /* the final is being made */
    assert_row("T39", ruled(&w, TRIGGER_DECISION_FINAL, w.c.docket.seq - 1, 71920));
    assert_int_equal(w.drafts[0].ruling.amount_minor, 71920);
}

static void a_silent_reviewer_lets_the_draft_stand(void **state)
{
    (void)state;
    struct world w;
    investigate(&w);
    propose(&w, 62930);
    party(&w, TRIGGER_COMMENT, ROLE_CONSUMER);
    party(&w, TRIGGER_COMMENT, ROLE_MERCHANT);
    struct world high = w;
    assert_row("T40", breach(&w, CLOCK_FINALISE, ROLE_REVIEWER));
    assert_int_equal(w.drafts[0].ruling.amount_minor, 62930);
    assert_int_equal(w.c.docket.platform_breaches, 1);
    high.c.docket.draft.amount_minor = 600000;
    assert_row("E28", breach(&high, CLOCK_FINALISE, ROLE_REVIEWER));
    assert_row("T40", breach(&high, CLOCK_FINALISE, ROLE_REVIEWER));
}

static void the_engine_drafts_when_nobody_does(void **state)
{
    (void)state;
    struct world w;
    investigate(&w);
    assert_row("E27", breach(&w, CLOCK_INVEST_HARD, ROLE_AGENT));
    struct intake_input input = of_service(TRIGGER_DECISION_PROPOSED, SOURCE_INV, w.c.docket.seq);
    input.engine = input.has_ruling = true;
    input.ruling = (struct intake_ruling){
        .liability = LIABILITY_MERCHANT, .remedy = REMEDY_REFUND, .amount_minor = 89900};
    assert_row("T35", decide(&w, &input));
    assert_int_equal(w.c.docket.platform_breaches, 1);
}

static void an_appeal_stays_the_other_window_and_ends_in_a_new_ruling(void **state)
{
    (void)state;
    struct world w;
    decided(&w, 46000);
    struct intake_input input = of_party(TRIGGER_APPEAL, ROLE_MERCHANT);
    assert_row("GUARD_FAILED", decide(&w, &input)); /* no ground */
    input.reasoned = true;
    assert_row("T44", decide(&w, &input));
    assert_clock(&w, OP_MEET, CLOCK_APPEAL);
    assert_clock(&w, OP_PAUSE, CLOCK_APPEAL);
    input = of_staff(TRIGGER_DECIDE_APPEAL, ROLE_PANEL, "p01");
    input.votes_for = 1;
    assert_row("NOT_ASSIGNED", decide(&w, &input)); /* no panel yet */
    assign(&w, "p01", ROLE_PANEL);
    assert_row("E16", decide(&w, &input));
    assert_row("T51", ruled(&w, TRIGGER_APPEAL_DECIDED, w.c.docket.seq, 0));
    assert_clock(&w, OP_CANCEL, CLOCK_APPEAL);
    assert_int_equal(w.drafts[0].duty_count, 0);
    int64_t decision = w.c.docket.seq;
    served(&w, decision, ROLE_MERCHANT);
    served(&w, decision, ROLE_CONSUMER);
    input = of_party(TRIGGER_APPEAL, ROLE_CONSUMER);
    input.reasoned = true;
    assert_row("LIMIT_REACHED", decide(&w, &input)); /* the windows are for arbitration only */
    assert_row("E27", breach(&w, CLOCK_APPEAL, ROLE_MERCHANT));
    assert_row("T50", breach(&w, CLOCK_APPEAL, ROLE_CONSUMER));
    assert_int_equal(w.drafts[0].outcome, OUTCOME_DISMISSED);
}

static void an_appeal_is_each_sides_once_though_the_case_was_sent_back(void **state)
{
    (void)state;
    struct world w;
    decided(&w, 46000);
    struct intake_input input = of_party(TRIGGER_APPEAL, ROLE_MERCHANT);
    input.reasoned = true;
    assert_row("T44", decide(&w, &input));
    assign(&w, "p01", ROLE_PANEL);
    assert_row("E16", staff(&w, TRIGGER_REMAND, ROLE_PANEL, "p01"));
    struct intake_input remanded = of_service(TRIGGER_APPEAL_REMANDED, SOURCE_INV, w.c.docket.seq);
    assert_row("T52", decide(&w, &remanded));
    assign(&w, "a11", ROLE_AGENT);
    propose(&w, 40000);
    party(&w, TRIGGER_COMMENT, ROLE_CONSUMER);
    party(&w, TRIGGER_COMMENT, ROLE_MERCHANT);
    assert_row("E14", staff(&w, TRIGGER_FINALISE, ROLE_REVIEWER, "r02"));
    assert_row("T39", ruled(&w, TRIGGER_DECISION_FINAL, w.c.docket.seq, 40000));
    assert_row("LIMIT_REACHED", decide(&w, &input));
    input.role = ROLE_CONSUMER;
    input.actor_id = dsp_str_from("c1");
    assert_row("T44", decide(&w, &input));
    assert_row("GUARD_FAILED", party(&w, TRIGGER_JOIN_APPEAL, ROLE_MERCHANT)); /* its own is used */
}

static void a_window_after_a_silent_panel_is_as_long_as_the_first(void **state)
{
    (void)state;
    struct world w;
    for (int32_t basis = BASIS_DEFAULT; basis <= BASIS_PLATFORM; basis += BASIS_PLATFORM - BASIS_DEFAULT) {
        decided(&w, 46000);
        w.c.docket.basis = basis;
        struct intake_input input = of_party(TRIGGER_APPEAL, ROLE_CONSUMER);
        input.reasoned = true;
        assert_row("T44", decide(&w, &input));
        assert_row("T54", breach(&w, CLOCK_APPEAL_HARD, ROLE_PANEL));
        size_t windows = 0;
        for (size_t i = 0; i < w.drafts[0].clock_count; i++) {
            const struct intake_clock_effect *clock = &w.drafts[0].clocks[i];
            if (clock->op == OP_START && clock->kind == CLOCK_APPEAL) {
                assert_int_equal(clock->short_budget, basis == BASIS_DEFAULT);
                windows++;
            }
        }
        assert_int_equal(windows, 2);
    }
}

static void a_paper_is_waited_for_in_its_own_stage_only(void **state)
{
    (void)state;
    struct world w;
    investigate(&w);
    propose(&w, 46000); /* served on nobody yet */
    party(&w, TRIGGER_COMMENT, ROLE_CONSUMER);
    party(&w, TRIGGER_COMMENT, ROLE_MERCHANT);
    assert_row("E14", staff(&w, TRIGGER_FINALISE, ROLE_REVIEWER, "r02"));
    assert_row("T39", ruled(&w, TRIGGER_DECISION_FINAL, w.c.docket.seq, 46000));
    assert_clock(&w, OP_CANCEL, CLOCK_SERVICE); /* the draft's */
    assert_clock(&w, OP_START, CLOCK_SERVICE);
    struct intake_input input = of_party(TRIGGER_APPEAL, ROLE_CONSUMER);
    input.reasoned = true;
    assert_row("T44", decide(&w, &input)); /* a decision's runs on under a stay */
    assert_int_equal(intake_clock_live(&w.c, CLOCK_SERVICE, ROLE_MERCHANT) != NULL, 1);
    assert_row("T53", party(&w, TRIGGER_WITHDRAW_APPEAL, ROLE_CONSUMER));
    assert_row("T49", party(&w, TRIGGER_WAIVE_APPEAL, ROLE_MERCHANT));
    assert_clock(&w, OP_CANCEL, CLOCK_SERVICE);
    assert_null(intake_clock_live(&w.c, CLOCK_SERVICE, 0));
}

static void a_withdrawn_appeal_shuts_what_is_shut(void **state)
{
    (void)state;
    struct world w;
    decided(&w, 46000);
    party(&w, TRIGGER_WAIVE_APPEAL, ROLE_CONSUMER);
    struct intake_input input = of_party(TRIGGER_APPEAL, ROLE_MERCHANT);
    input.reasoned = true;
    assert_row("T44", decide(&w, &input));
    assert_row("NOT_YOUR_ROLE", party(&w, TRIGGER_WITHDRAW_APPEAL, ROLE_CONSUMER));
    assert_row("T53", party(&w, TRIGGER_WITHDRAW_APPEAL, ROLE_MERCHANT));
    assert_int_equal(w.count, 2); /* the binding follows in the same transaction */
    assert_string_equal(w.drafts[1].row->id, "T49");
    assert_int_equal(w.c.docket.stage, STAGE_ENFORCING);
}

static void payment_before_the_windows_end_waives_only_the_payers(void **state)
{
    (void)state;
    struct world w;
    decided(&w, 26800);
    struct intake_input input = of_party(TRIGGER_DUTY_PERFORMED, ROLE_MERCHANT);
    input.proof = true;
    input.amount_minor = 26800;
    assert_row("T48", decide(&w, &input));
    assert_clock(&w, OP_MEET, CLOCK_APPEAL);
    input = of_service(TRIGGER_DUTY_VERIFIED, SOURCE_FND, w.c.docket.seq);
    assert_row("E34", decide(&w, &input));
    input = of_service(TRIGGER_DUTY_DISCHARGED, SOURCE_FND, w.c.docket.seq);
    input.last = true;
    assert_row("E34", decide(&w, &input));
    assert_row("T49", party(&w, TRIGGER_WAIVE_APPEAL, ROLE_CONSUMER));
    assert_int_equal(w.count, 2);
    assert_string_equal(w.drafts[1].row->id, "T67");
    assert_null(clock_of(&w.drafts[0], OP_START, CLOCK_PERFORM));
}

/* --- arbitration --- */

static void a_referral_needs_the_consent_of_both_and_stops_the_clocks(void **state)
{
    (void)state;
    struct world w;
    investigate(&w);
    assert_row("CONSENT_MISSING", staff(&w, TRIGGER_ESCALATE, ROLE_AGENT, "a11"));
    for (int32_t role = ROLE_CONSUMER; role <= ROLE_MERCHANT; role++) {
        struct intake_input consent = of_party(TRIGGER_CONSENT, role);
        consent.clause = dsp_str_from("A-7");
        assert_row("E07", decide(&w, &consent));
    }
    assert_row("WINDOW_NOT_OPEN", party(&w, TRIGGER_ESCALATE, ROLE_CONSUMER)); /* the platform is not late */
    assert_row("T34", staff(&w, TRIGGER_ESCALATE, ROLE_AGENT, "a11"));
    assert_clock(&w, OP_PAUSE, CLOCK_INVEST_HARD);
    assert_row("E30", breach(&w, CLOCK_ARB_ACK, ROLE_INSTITUTION));
    assert_row("T59", breach(&w, CLOCK_ARB_ACK, ROLE_INSTITUTION));
    assert_int_equal(w.c.docket.stage, STAGE_INVESTIGATION);
    assert_clock(&w, OP_RESUME, CLOCK_INVEST_HARD);
    assert_row("LIMIT_REACHED", staff(&w, TRIGGER_ESCALATE, ROLE_AGENT, "a11"));
}

static void a_declined_election_revives_the_decision(void **state)
{
    (void)state;
    struct world w;
    decided(&w, 46000);
    w.c.docket.consumer_clause = w.c.docket.merchant_clause = dsp_str_from("A-7");
    assert_row("T46", party(&w, TRIGGER_ELECT_ARBITRATION, ROLE_CONSUMER));
    struct intake_input input = of_service(TRIGGER_REFERRAL_DECLINED, SOURCE_ARB, w.c.docket.seq);
    input.role = ROLE_INSTITUTION;
    assert_row("T60", decide(&w, &input));
    assert_int_equal(w.c.docket.stage, STAGE_DECIDED);
    assert_clock(&w, OP_RESUME, CLOCK_APPEAL);
    assert_row("LIMIT_REACHED", party(&w, TRIGGER_ELECT_ARBITRATION, ROLE_CONSUMER));
}

static const char *declare(struct world *w, int32_t role, const char *terms, int64_t amount_minor)
{
    struct intake_input input = of_party(TRIGGER_DECLARE_SETTLEMENT, role);
    input.terms = dsp_str_from(terms);
    input.has_ruling = true;
    input.ruling = (struct intake_ruling){.liability = LIABILITY_MERCHANT,
                                          .merchant_percent = 100,
                                          .remedy = amount_minor ? REMEDY_REFUND : REMEDY_NONE,
                                          .amount_minor = amount_minor};
    return decide(w, &input);
}

static void refer(struct world *w)
{
    investigate(w);
    w->c.docket.consumer_clause = w->c.docket.merchant_clause = dsp_str_from("A-7");
    assert_row("NOT_IN_THIS_STAGE", declare(w, ROLE_CONSUMER, "h1", 30000));
    assert_row("T34", staff(w, TRIGGER_ESCALATE, ROLE_AGENT, "a11"));
}

static void the_same_terms_declared_by_both_settle_the_case(void **state)
{
    (void)state;
    struct world w;
    refer(&w);
    assert_row("E24", declare(&w, ROLE_CONSUMER, "h1", 30000));
    assert_row("T58", declare(&w, ROLE_MERCHANT, "h1", 30000));
    assert_int_equal(w.c.docket.stage, STAGE_SETTLED);
    assert_int_equal(w.drafts[0].entry, ENTRY_SETTLED_IN_ARBITRATION);
    assert_int_equal(w.drafts[0].basis, BASIS_AGREEMENT);
    assert_int_equal(w.drafts[0].duties[0].amount_minor, 30000);
    assert_true(w.drafts[0].duties[0].due);
    assert_clock(&w, OP_START, CLOCK_PERFORM);
    assert_clock(&w, OP_CANCEL, CLOCK_ARB_HARD);
}

static void one_side_twice_is_not_both_and_the_newest_terms_count(void **state)
{
    (void)state;
    struct world w;
    refer(&w);
    assert_row("E24", declare(&w, ROLE_CONSUMER, "h1", 30000));
    assert_row("E24", declare(&w, ROLE_CONSUMER, "h1", 30000));
    assert_row("E24", declare(&w, ROLE_MERCHANT, "h2", 20000));
    assert_row("E24", declare(&w, ROLE_MERCHANT, "h3", 10000));
    assert_row("E24", declare(&w, ROLE_CONSUMER, "h2", 20000)); /* not what M stands by now */
    assert_int_equal(w.c.docket.stage, STAGE_ARBITRATION);
    assert_row("T58", declare(&w, ROLE_MERCHANT, "h2", 20000));
    assert_int_equal(w.drafts[0].ruling.amount_minor, 20000);
}

static void terms_need_a_hash_and_a_sum_within_what_was_paid(void **state)
{
    (void)state;
    struct world w;
    refer(&w);
    assert_row("GUARD_FAILED", declare(&w, ROLE_CONSUMER, "", 30000));
    assert_row("GUARD_FAILED", declare(&w, ROLE_CONSUMER, "h1", 89901));
    assert_row("GUARD_FAILED", declare(&w, ROLE_CONSUMER, "h1", 0)); /* remedy NONE: that is a withdrawal */
    assert_row("E24", declare(&w, ROLE_CONSUMER, "h1", 89900));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_people_make_a_decision),
        cmocka_unit_test(a_silent_reviewer_lets_the_draft_stand),
        cmocka_unit_test(the_engine_drafts_when_nobody_does),
        cmocka_unit_test(an_appeal_stays_the_other_window_and_ends_in_a_new_ruling),
        cmocka_unit_test(a_withdrawn_appeal_shuts_what_is_shut),
        cmocka_unit_test(an_appeal_is_each_sides_once_though_the_case_was_sent_back),
        cmocka_unit_test(a_window_after_a_silent_panel_is_as_long_as_the_first),
        cmocka_unit_test(a_paper_is_waited_for_in_its_own_stage_only),
        cmocka_unit_test(payment_before_the_windows_end_waives_only_the_payers),
        cmocka_unit_test(a_referral_needs_the_consent_of_both_and_stops_the_clocks),
        cmocka_unit_test(a_declined_election_revives_the_decision),
        cmocka_unit_test(the_same_terms_declared_by_both_settle_the_case),
        cmocka_unit_test(one_side_twice_is_not_both_and_the_newest_terms_count),
        cmocka_unit_test(terms_need_a_hash_and_a_sum_within_what_was_paid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
