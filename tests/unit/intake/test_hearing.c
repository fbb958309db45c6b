/* The hearing: offers, rounds, rules, people, and that it ends. */
#include "unit/intake/hearing.h"

/* --- offers --- */

static struct intake_input opened(struct world *w)
{
    struct intake_input input = of_service(TRIGGER_OFFER_OPENED, SOURCE_SLA, w->c.docket.seq);
    input.offer_due_ms = w->now_ms + 48 * HOUR;
    return input;
}

static const char *offer(struct world *w, enum intake_trigger trigger, int32_t role)
{
    struct intake_input input = of_party(trigger, role);
    input.offer_id = dsp_str_from("F1");
    return decide(w, &input);
}

static void an_offer_countered_and_accepted_settles_the_case(void **state)
{
    (void)state;
    struct world w;
    file(&w);
    assert_row("E04", offer(&w, TRIGGER_MAKE_OFFER, ROLE_MERCHANT));
    assert_clock(&w, OP_MEET, CLOCK_M_FIRST);
    struct intake_input input = opened(&w);
    assert_row("E31", decide(&w, &input));
    assert_int_equal(w.drafts[0].clocks[0].side, ROLE_CONSUMER);
    assert_int_equal(w.drafts[0].clocks[0].budget_ms, 48 * HOUR);
    assert_row("NOT_YOUR_ROLE", offer(&w, TRIGGER_ACCEPT_OFFER, ROLE_MERCHANT)); /* its own offer */
    assert_row("E04", offer(&w, TRIGGER_COUNTER_OFFER, ROLE_CONSUMER));
    input = opened(&w);
    input.trigger = TRIGGER_OFFER_COUNTERED;
    assert_row("E31", decide(&w, &input));
    assert_clock(&w, OP_MEET, CLOCK_OFFER);
    assert_int_equal(intake_clock_live(&w.c, CLOCK_OFFER, 0)->side, ROLE_MERCHANT);
    assert_row("E05", offer(&w, TRIGGER_ACCEPT_OFFER, ROLE_MERCHANT));
    input = of_service(TRIGGER_OFFER_ACCEPTED, SOURCE_SLA, w.c.docket.seq);
    input.has_ruling = true;
    input.ruling = (struct intake_ruling){
        .liability = LIABILITY_MERCHANT, .remedy = REMEDY_REFUND, .amount_minor = 18000};
    input.perform_ms = 36 * HOUR;
    assert_row("T17", decide(&w, &input));
    assert_int_equal(w.c.docket.stage, STAGE_SETTLED);
    assert_int_equal(w.drafts[0].basis, BASIS_AGREEMENT);
    assert_int_equal(clock_of(&w.drafts[0], OP_START, CLOCK_PERFORM)->budget_ms, 36 * HOUR);
    assert_clock(&w, OP_CANCEL, CLOCK_M_POSITION);
    assert_row("STALE", decide(&w, &input)); /* the act has had its answer */
    input = of_service(TRIGGER_DUTY_DISCHARGED, SOURCE_FND, w.c.docket.seq);
    input.last = true;
    assert_row("T62", decide(&w, &input));
    assert_int_equal(w.drafts[0].outcome, OUTCOME_SETTLED);
}

static void an_acceptance_in_time_holds_the_expiry_back_for_a_day(void **state)
{
    (void)state;
    struct world w;
    file(&w);
    offer(&w, TRIGGER_MAKE_OFFER, ROLE_MERCHANT);
    struct intake_input input = opened(&w);
    decide(&w, &input);
    struct intake_clock *clock = intake_clock_live(&w.c, CLOCK_OFFER, 0);
    clock->due_ms = w.now_ms + 1;
    clock->generation = 1;
    assert_row("E05", offer(&w, TRIGGER_ACCEPT_OFFER, ROLE_CONSUMER));
    input = of_service(TRIGGER_OFFER_EXPIRED, SOURCE_SLA, 0);
    input.clock = *clock;
    w.now_ms += 2;
    assert_row("CLOCK_STOPPED", decide(&w, &input));
    w.now_ms += 24 * HOUR;
    assert_row("E31", decide(&w, &input));
    assert_null(intake_clock_live(&w.c, CLOCK_OFFER, 0));
}

static void the_sixth_offer_of_a_side_is_one_too_many(void **state)
{
    (void)state;
    struct world w;
    file(&w);
    for (int i = 0; i < INTAKE_OFFERS_MAX; i++) {
        assert_row("E04", offer(&w, TRIGGER_MAKE_OFFER, ROLE_CONSUMER));
        struct intake_input refused = of_service(TRIGGER_OFFER_REFUSED, SOURCE_SLA, w.c.docket.seq);
        assert_row("E31", decide(&w, &refused)); /* one that never opened does not count */
        assert_row("E04", offer(&w, TRIGGER_MAKE_OFFER, ROLE_CONSUMER));
        struct intake_input input = opened(&w);
        assert_row("E31", decide(&w, &input));
        assert_row("E06", offer(&w, TRIGGER_REJECT_OFFER, ROLE_MERCHANT));
        input = of_service(TRIGGER_OFFER_REJECTED, SOURCE_SLA, w.c.docket.seq);
        assert_row("E31", decide(&w, &input));
    }
    assert_row("LIMIT_REACHED", offer(&w, TRIGGER_MAKE_OFFER, ROLE_CONSUMER));
    assert_row("E04", offer(&w, TRIGGER_MAKE_OFFER, ROLE_MERCHANT));
}

/* --- rounds, rules, people --- */

static void the_platform_is_called_only_after_a_refusal_or_silence(void **state)
{
    (void)state;
    struct world w;
    file(&w);
    assert_row("GUARD_FAILED", party(&w, TRIGGER_REQUEST_PLATFORM, ROLE_CONSUMER));
    struct intake_input reply = of_party(TRIGGER_REPLY, ROLE_MERCHANT);
    reply.by_person = reply.refuses = true;
    assert_row("E01", decide(&w, &reply));
    assert_row("T19", party(&w, TRIGGER_REQUEST_PLATFORM, ROLE_CONSUMER));
    assert_non_null(intake_clock_live(&w.c, CLOCK_ROUND, ROLE_CONSUMER));
    assert_non_null(intake_clock_live(&w.c, CLOCK_ROUND, ROLE_MERCHANT));
}

static void a_missed_round_is_sealed_and_a_rule_decides(void **state)
{
    (void)state;
    struct world w;
    the_platform_is_called_only_after_a_refusal_or_silence(state);
    file(&w);
    w.c.docket.m_refused = true;
    party(&w, TRIGGER_REQUEST_PLATFORM, ROLE_CONSUMER);
    assign(&w, "a07", ROLE_AGENT);
    assert_row("NOT_ASSIGNED", staff(&w, TRIGGER_CLOSE_ROUNDS, ROLE_AGENT, "a05"));
    assert_row("GUARD_FAILED", staff(&w, TRIGGER_CLOSE_ROUNDS, ROLE_AGENT, "a07")); /* no seal yet */
    party(&w, TRIGGER_ADD_EVIDENCE, ROLE_CONSUMER);
    done(&w, ROLE_CONSUMER, w.c.docket.seq);
    assert_row("E27", breach(&w, CLOCK_ROUND, ROLE_MERCHANT));
    assert_clock(&w, OP_START, CLOCK_NEXT_ROUND);
    assert_row("E32", sealed(&w, RULE_FOUND, false));
    assert_row("GUARD_FAILED", staff(&w, TRIGGER_CLOSE_ROUNDS, ROLE_AGENT, "a07")); /* a rule was found */
    struct world above = w;
    assert_row("GUARD_FAILED", ruled(&above, TRIGGER_RULE_FOUND, 0, 89900)); /* above rule_cosign, not signed */
    assert_row("E15", staff(&above, TRIGGER_CO_SIGN, ROLE_AGENT, "a07"));
    assert_row("T24", ruled(&above, TRIGGER_RULE_FOUND, 0, 89900));
    assert_row("T24", ruled(&w, TRIGGER_RULE_FOUND, 0, 26800));
    assert_int_equal(w.drafts[0].basis, BASIS_RULE);
    assert_int_equal(w.drafts[0].duties[0].amount_minor, 26800);
    assert_false(w.drafts[0].duties[0].due);
}

static void rounds_end_with_the_third_unless_a_reviewer_signs_a_fourth(void **state)
{
    (void)state;
    struct world w;
    file(&w);
    w.c.docket.m_refused = true;
    party(&w, TRIGGER_REQUEST_PLATFORM, ROLE_CONSUMER);
    assign(&w, "a07", ROLE_AGENT);
    struct intake_input next = of_staff(TRIGGER_NEXT_ROUND, ROLE_AGENT, "a07");
    next.asked = 1u << ROLE_CONSUMER;
    assert_row("GUARD_FAILED", decide(&w, &next)); /* the first is not sealed */
    for (int round = 2; round <= INTAKE_ROUNDS_MAX; round++) {
        sealed(&w, RULE_COSIGN, false);
        assert_row("T23", decide(&w, &next));
    }
    sealed(&w, RULE_COSIGN, true);
    assert_row("LIMIT_REACHED", decide(&w, &next));
    struct intake_input sign = of_staff(TRIGGER_CO_SIGN, ROLE_REVIEWER, "r01");
    sign.about_round = true;
    assert_row("E15", decide(&w, &sign));
    assert_row("T23", decide(&w, &next));
    assert_row("T26", sealed(&w, RULE_NONE, true));
}

static void a_fourth_round_is_signed_in_investigation_too(void **state)
{
    (void)state;
    struct world w;
    investigate(&w);
    w.c.docket.rounds_opened = w.c.docket.rounds_sealed = INTAKE_ROUNDS_MAX;
    struct intake_input more = of_staff(TRIGGER_MORE_EVIDENCE_NEEDED, ROLE_AGENT, "a11");
    more.asked = 1u << ROLE_CONSUMER;
    struct intake_input sign = of_staff(TRIGGER_CO_SIGN, ROLE_REVIEWER, "r01");
    assert_row("E15", decide(&w, &sign)); /* of a draft */
    assert_row("LIMIT_REACHED", decide(&w, &more));
    w.c.docket.draft_signed = false;
    sign.about_round = true;
    assert_row("E15", decide(&w, &sign));
    assert_false(w.c.docket.draft_signed);
    assert_row("T30", decide(&w, &more));
    assert_row("T26", sealed(&w, RULE_NONE, true));
    assert_row("LIMIT_REACHED", decide(&w, &more)); /* one signature, one round */
}

static void whoever_has_acted_may_not_be_assigned(void **state)
{
    (void)state;
    struct world w;
    file(&w);
    struct intake_input input = of_staff(TRIGGER_ASSIGN, ROLE_REVIEWER, "r01");
    input.named = dsp_str_from("a07");
    assert_row("E12", decide(&w, &input));
    input.named = dsp_str_from("r01");
    assert_row("CONFLICT_OF_INTEREST", decide(&w, &input));
    assert_row("CONFLICT_OF_INTEREST", staff(&w, TRIGGER_TAKE_OVER, ROLE_REVIEWER, "r01"));
}

/* --- over the whole table --- */

/* L3: everybody silent, every clock breached as it comes due: the case drains to the archive. */
static void a_case_that_everybody_leaves_alone_ends(void **state)
{
    (void)state;
    struct world w;
    investigate(&w);
    for (int step = 0; step < 60 && w.c.docket.stage != STAGE_ARCHIVED; step++) {
        struct intake_clock *next = NULL;
        w.now_ms += DSP_DAY_MS;
        for (size_t i = 0; i < w.c.clock_count; i++) {
            struct intake_clock *clock = &w.c.clocks[i];
            bool passive = clock->kind == CLOCK_ACK || clock->kind == CLOCK_RETAIN;
            next = !next && clock->state == MIRROR_LIVE && !passive ? clock : next;
        }
        if (!next) {
            struct intake_input paid = of_service(TRIGGER_DUTY_DISCHARGED, SOURCE_FND, w.c.docket.seq);
            paid.last = true;
            decide(&w, &paid);
            continue;
        }
        int32_t kind = next->kind;
        int64_t before = w.c.docket.seq;
        breach(&w, kind, next->side);
        assert_int_equal(w.drafts[0].refusal, REFUSAL_NONE);
        if (kind == CLOCK_INVEST_HARD) {
            struct intake_input engine = of_service(TRIGGER_DECISION_PROPOSED, SOURCE_INV, before + 1);
            engine.engine = engine.has_ruling = true;
            engine.ruling = (struct intake_ruling){
                .liability = LIABILITY_MERCHANT, .remedy = REMEDY_REFUND, .amount_minor = 89900};
            assert_row("T35", decide(&w, &engine));
        }
    }
    assert_int_equal(w.c.docket.stage, STAGE_ARCHIVED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_countered_and_accepted_settles_the_case),
        cmocka_unit_test(an_acceptance_in_time_holds_the_expiry_back_for_a_day),
        cmocka_unit_test(the_sixth_offer_of_a_side_is_one_too_many),
        cmocka_unit_test(the_platform_is_called_only_after_a_refusal_or_silence),
        cmocka_unit_test(a_missed_round_is_sealed_and_a_rule_decides),
        cmocka_unit_test(rounds_end_with_the_third_unless_a_reviewer_signs_a_fourth),
        cmocka_unit_test(a_fourth_round_is_signed_in_investigation_too),
        cmocka_unit_test(whoever_has_acted_may_not_be_assigned),
        cmocka_unit_test(a_case_that_everybody_leaves_alone_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
