/* Duties and goods that come back before money is paid. */
#include "unit/intake/world.h"

static const struct intake_docket CLAIM = {
    .consumer_id = {"c1", 2},
    .merchant_id = {"m1", 2},
    .order_line = 1,
    .reason = REASON_QUALITY,
    .remedy = REMEDY_RETURN_AND_REFUND,
    .amount_minor = 39900,
    .paid_minor = 39900,
    .received_ms = NOON - DSP_DAY_MS,
    .file_complete = true,
};

#define assert_row(expected, got) assert_string_equal(got, expected)

static const char *found(struct world *w, enum intake_trigger trigger, bool last)
{
    struct intake_input input = {
        .trigger = trigger, .source = SOURCE_FND, .role = ROLE_SYSTEM, .answers = w->c.docket.seq, .last = last};
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

static void file(struct world *w, int32_t reason)
{
    struct intake_docket claim = CLAIM;
    struct intake_input filing = of_party(TRIGGER_FILE_COMPLAINT, ROLE_CONSUMER);
    memset(w, 0, sizeof *w);
    w->now_ms = NOON;
    claim.reason = reason;
    filing.filing = &claim;
    assert_row("T01", decide(w, &filing));
}

static void accept(struct world *w, int32_t reason)
{
    struct intake_input accepts = of_party(TRIGGER_ACCEPT_CLAIM, ROLE_MERCHANT);
    file(w, reason);
    accepts.remedy = REMEDY_RETURN_AND_REFUND;
    accepts.amount_minor = 39900;
    assert_row("T16", decide(w, &accepts));
}

static const char *send(struct world *w, bool waybill)
{
    struct intake_input input = of_party(TRIGGER_DUTY_PERFORMED, ROLE_CONSUMER);
    input.waybill = input.proof = waybill;
    return decide(w, &input);
}

static void send_back(struct world *w)
{
    assert_row("GUARD_FAILED", send(w, false));
    w->now_ms += HOUR;
    const char *row = w->c.docket.stage == STAGE_SETTLED ? "E10" : "T65";
    assert_row(row, send(w, true));
    assert_row("E34", found(w, TRIGGER_DUTY_VERIFIED, false));
    assert_non_null(clock_of(w, OP_MEET, CLOCK_RETURN_SHIP));
    assert_row("E34", found(w, TRIGGER_DUTY_DISCHARGED, false));
    assert_int_equal(w->c.docket.duties_open, 1);
}

static const char *inspect(struct world *w, int32_t condition, bool proof)
{
    struct intake_input input = of_party(TRIGGER_INSPECT_RETURN, ROLE_MERCHANT);
    input.condition = condition;
    input.proof = proof;
    return decide(w, &input);
}

static const char *check(struct world *w, const char *who, int32_t verdict, int64_t amount_minor)
{
    struct intake_input input = {.trigger = TRIGGER_CHECK_RETURN,
                                 .source = SOURCE_CON,
                                 .role = ROLE_AGENT,
                                 .actor_id = dsp_str_from(who),
                                 .reasoned = true,
                                 .verdict = verdict,
                                 .amount_minor = amount_minor};
    return decide(w, &input);
}

static void dispute(struct world *w)
{
    struct intake_input named = {.trigger = TRIGGER_AGENT_ASSIGNED, .source = SOURCE_INV, .role = ROLE_SYSTEM};
    accept(w, REASON_QUALITY);
    send_back(w);
    assert_row("GUARD_FAILED", inspect(w, CONDITION_IN_ORDER + 2, false));
    assert_row("E10", inspect(w, CONDITION_IN_ORDER + 2, true));
    assert_non_null(clock_of(w, OP_MEET, CLOCK_RETURN_INSPECT));
    assert_int_equal(clock_of(w, OP_START, CLOCK_RETURN_CHECK)->side, ROLE_AGENT);
    assert_null(intake_clock_live(&w->c, CLOCK_PERFORM, 0));
    named.people[0] = (struct intake_person){ROLE_AGENT, {"a1", 2}};
    named.people_count = 1;
    assert_row("E33", decide(w, &named));
}

static void money_waits_for_the_goods_and_enforcement_stands_still(void **state)
{
    (void)state;
    struct world w;
    accept(&w, REASON_QUALITY);
    assert_int_equal(w.drafts[0].duty_count, 2);
    assert_int_equal(w.drafts[0].duties[0].kind, DUTY_RETURN_GOODS);
    assert_true(w.drafts[0].duties[0].due);
    assert_int_equal(w.drafts[0].duties[1].amount_minor, 39900);
    assert_false(w.drafts[0].duties[1].due);
    assert_null(clock_of(&w, OP_START, CLOCK_PERFORM));
    assert_non_null(clock_of(&w, OP_START, CLOCK_RETURN_SHIP));
    assert_non_null(clock_of(&w, OP_PAUSE, CLOCK_ENFORCE_HARD));
    assert_row("WINDOW_NOT_OPEN", inspect(&w, CONDITION_IN_ORDER, false));
    send_back(&w);
    assert_row("GUARD_FAILED", send(&w, true)); /* once */
    assert_row("E10", inspect(&w, CONDITION_IN_ORDER, false));
    assert_true(clock_of(&w, OP_START, CLOCK_PERFORM)->short_budget);
    assert_non_null(clock_of(&w, OP_RESUME, CLOCK_ENFORCE_HARD));
    assert_row("DEADLINE_PASSED", inspect(&w, CONDITION_IN_ORDER, false));
    assert_row("T67", found(&w, TRIGGER_DUTY_DISCHARGED, true));
}

static void a_consumer_who_keeps_the_goods_loses_the_remedy(void **state)
{
    (void)state;
    struct world w;
    accept(&w, REASON_QUALITY);
    w.now_ms += 7 * DSP_DAY_MS;
    assert_row("T68", breach(&w, CLOCK_RETURN_SHIP, ROLE_CONSUMER));
    assert_int_equal(w.drafts[0].outcome, OUTCOME_REMEDY_LAPSED);
    assert_int_equal(w.c.docket.stage, STAGE_CLOSED);
    assert_non_null(clock_of(&w, OP_CANCEL, CLOCK_ENFORCE_HARD));
}

static void a_dispatch_in_time_holds_the_lapse_back(void **state)
{
    (void)state;
    struct world w;
    accept(&w, REASON_QUALITY);
    assert_row("T65", send(&w, true));
    w.now_ms += HOUR;
    assert_row("CLOCK_STOPPED", breach(&w, CLOCK_RETURN_SHIP, ROLE_CONSUMER));
}

static void a_proof_that_does_not_hold_puts_the_goods_back_on_the_consumer(void **state)
{
    (void)state;
    struct world w;
    accept(&w, REASON_QUALITY);
    assert_row("T65", send(&w, true));
    assert_row("E34", found(&w, TRIGGER_DUTY_REJECTED, false));
    assert_non_null(clock_of(&w, OP_CANCEL, CLOCK_RETURN_INSPECT));
    assert_row("T65", send(&w, true));
}

static void a_merchant_who_does_not_look_has_received_in_order(void **state)
{
    (void)state;
    struct world w;
    accept(&w, REASON_QUALITY);
    send_back(&w);
    w.now_ms += 10 * DSP_DAY_MS;
    assert_row("E29", breach(&w, CLOCK_RETURN_INSPECT, ROLE_MERCHANT));
    assert_int_equal(clock_of(&w, OP_START, CLOCK_PERFORM)->from_ms, w.now_ms - 1);
    assert_row("DEADLINE_PASSED", inspect(&w, CONDITION_IN_ORDER + 2, true));
    w.now_ms += 48 * HOUR;
    assert_row("T66", breach(&w, CLOCK_PERFORM, ROLE_MERCHANT));
}

static void a_return_without_reason_is_refunded_within_seven_days_of_dispatch(void **state)
{
    (void)state;
    struct world w;
    accept(&w, REASON_RETURN_7D);
    assert_row("T65", send(&w, true));
    assert_int_equal(clock_of(&w, OP_START, CLOCK_RETURN_INSPECT)->budget_ms + 48 * HOUR, 7 * DSP_DAY_MS);
}

static void only_the_assignee_checks_and_a_cut_is_less_than_what_is_owed(void **state)
{
    (void)state;
    struct world w;
    dispute(&w);
    assert_row("NOT_ASSIGNED", check(&w, "a2", VERDICT_STANDS, 0));
    assert_row("GUARD_FAILED", check(&w, "a1", 0, 0));
    assert_row("GUARD_FAILED", check(&w, "a1", VERDICT_CUT, 39900));
    assert_row("GUARD_FAILED", check(&w, "a1", VERDICT_CUT, 0));
    assert_row("E19", check(&w, "a1", VERDICT_CUT, 29900));
    assert_non_null(clock_of(&w, OP_MEET, CLOCK_RETURN_CHECK));
    assert_non_null(clock_of(&w, OP_START, CLOCK_PERFORM));
    assert_row("DEADLINE_PASSED", check(&w, "a1", VERDICT_STANDS, 0));
}

static void a_waiver_ends_the_case_without_a_term_of_payment(void **state)
{
    (void)state;
    struct world w;
    dispute(&w);
    assert_row("E19", check(&w, "a1", VERDICT_WAIVED, 0));
    assert_null(clock_of(&w, OP_START, CLOCK_PERFORM));
    assert_row("T67", found(&w, TRIGGER_DUTY_DISCHARGED, true));
}

static void a_silent_platform_does_not_hold_the_money_back(void **state)
{
    (void)state;
    struct world w;
    dispute(&w);
    w.now_ms += 72 * HOUR;
    assert_row("E29", breach(&w, CLOCK_RETURN_CHECK, ROLE_AGENT));
    assert_non_null(clock_of(&w, OP_START, CLOCK_PERFORM));
    assert_int_equal(w.c.docket.platform_breaches, 1);
}

static void agree(struct world *w)
{
    struct intake_input act = of_party(TRIGGER_ACCEPT_OFFER, ROLE_CONSUMER);
    file(w, REASON_QUALITY);
    assert_row("E05", decide(w, &act));
    struct intake_input accepted = {.trigger = TRIGGER_OFFER_ACCEPTED,
                                    .source = SOURCE_SLA,
                                    .role = ROLE_SYSTEM,
                                    .answers = w->c.docket.seq,
                                    .has_ruling = true,
                                    .perform_ms = 72 * HOUR};
    accepted.ruling = (struct intake_ruling){
        .liability = LIABILITY_MERCHANT, .remedy = REMEDY_RETURN_AND_REFUND, .amount_minor = 20000};
    assert_row("T17", decide(w, &accepted));
    assert_null(clock_of(w, OP_START, CLOCK_PERFORM));
    assert_non_null(clock_of(w, OP_START, CLOCK_RETURN_SHIP));
}

static void an_agreements_own_term_begins_when_the_goods_are_in(void **state)
{
    (void)state;
    struct world w;
    agree(&w);
    send_back(&w);
    assert_row("E10", inspect(&w, CONDITION_IN_ORDER, false));
    assert_int_equal(clock_of(&w, OP_START, CLOCK_PERFORM)->budget_ms, 72 * HOUR);
    w.now_ms += 72 * HOUR;
    assert_row("T63", breach(&w, CLOCK_PERFORM, ROLE_MERCHANT));
    assert_int_equal(clock_of(&w, OP_START, CLOCK_PERFORM)->budget_ms, 0); /* anew, by the policy */
    assert_null(clock_of(&w, OP_PAUSE, CLOCK_ENFORCE_HARD));               /* the goods are in */
    assert_int_equal(w.c.docket.return_leg, RETURN_OVER);
}

static void an_agreement_lapses_with_the_goods(void **state)
{
    (void)state;
    struct world w;
    agree(&w);
    w.now_ms += 7 * DSP_DAY_MS;
    assert_row("T74", breach(&w, CLOCK_RETURN_SHIP, ROLE_CONSUMER));
    assert_int_equal(w.drafts[0].outcome, OUTCOME_REMEDY_LAPSED);
}

static void a_decision_asks_for_the_goods_once_it_binds(void **state)
{
    (void)state;
    struct world w;
    file(&w, REASON_QUALITY);
    w.now_ms += 72 * HOUR;
    assert_row("T20", breach(&w, CLOCK_M_POSITION, ROLE_MERCHANT));
    assert_int_equal(w.drafts[0].duty_count, 2);
    assert_false(w.drafts[0].duties[0].due);
    assert_row("NOT_YOUR_ROLE", send(&w, true)); /* not before it binds */
    struct intake_input waives = of_party(TRIGGER_WAIVE_APPEAL, ROLE_MERCHANT);
    assert_row("E24", decide(&w, &waives));
    waives = of_party(TRIGGER_WAIVE_APPEAL, ROLE_CONSUMER);
    assert_row("T49", decide(&w, &waives));
    assert_non_null(clock_of(&w, OP_START, CLOCK_RETURN_SHIP));
    assert_non_null(clock_of(&w, OP_PAUSE, CLOCK_ENFORCE_HARD));
    assert_null(clock_of(&w, OP_START, CLOCK_PERFORM));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(money_waits_for_the_goods_and_enforcement_stands_still),
        cmocka_unit_test(a_consumer_who_keeps_the_goods_loses_the_remedy),
        cmocka_unit_test(a_dispatch_in_time_holds_the_lapse_back),
        cmocka_unit_test(a_proof_that_does_not_hold_puts_the_goods_back_on_the_consumer),
        cmocka_unit_test(a_merchant_who_does_not_look_has_received_in_order),
        cmocka_unit_test(a_return_without_reason_is_refunded_within_seven_days_of_dispatch),
        cmocka_unit_test(only_the_assignee_checks_and_a_cut_is_less_than_what_is_owed),
        cmocka_unit_test(a_waiver_ends_the_case_without_a_term_of_payment),
        cmocka_unit_test(a_silent_platform_does_not_hold_the_money_back),
        cmocka_unit_test(an_agreements_own_term_begins_when_the_goods_are_in),
        cmocka_unit_test(an_agreement_lapses_with_the_goods),
        cmocka_unit_test(a_decision_asks_for_the_goods_once_it_binds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
