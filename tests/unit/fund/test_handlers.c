/* services/fund/handlers.c and what it calls: what fund does with the entries of each path of a case. */
#include "docket.h"

/* --- agreements --- */

static void an_agreement_reserves_nothing_and_ends_with_its_proof(void **state) /* SC02 */
{
    (void)state;
    file(false);
    move(RULING(OFFER_ACCEPTED, SETTLED, 18000, "d1", true));
    SAYS("");
    assert_string_equal(duty_state("d1"), "DUE");
    perform("d1", "R260416SC02");
    refund_succeeds("R260416SC02", 18000);
    SAYS("duty_verified:18000 duty_discharged!");
    assert_int_equal(stage, STAGE(CLOSED));
    assert_int_equal(balance(FUND_ACCOUNT_FREE), OPENING);
    nothing_is_held();
}

static void an_agreement_before_enforcement_keeps_the_reservation_until_it_is_performed(void **state) /* T47, T62 */
{
    (void)state;
    file(false);
    move(RULING(DECISION_FINAL, DECIDED, 71920, "d1", false));
    SAYS("fund_reserved:71920");
    move(RULING(OFFER_ACCEPTED, SETTLED, 50000, "d2", true));
    SAYS("");
    assert_string_equal(duty_state("d1"), "WAIVED");
    assert_int_equal(balance(FUND_ACCOUNT_RESERVED), 71920);
    perform("d2", "R1");
    refund_succeeds("R1", 50000);
    SAYS("duty_verified:50000 duty_discharged! reservation_voided:71920");
    nothing_is_held();
}

static void an_agreement_that_is_not_kept_is_enforced_as_if_decided(void **state) /* T63, T66 */
{
    (void)state;
    file(false);
    move(RULING(OFFER_ACCEPTED, SETTLED, 18000, "d1", true));
    SAYS("");
    move(MOVE(SETTLEMENT_DEFAULTED, ENFORCING));
    SAYS("fund_reserved:18000");
    assert_string_equal(duty_state("d1"), "DUE");
    move(MOVE(PERFORMANCE_MISSED, UNSPECIFIED));
    SAYS("payout_sent:18000 recovery_opened:18000 sanction_applied");
    transfer_succeeds(18000);
    SAYS("payout_confirmed:18000 duty_substituted duty_discharged! recovery_demanded:18000");
    assert_int_equal(stage, STAGE(CLOSED));
    assert_int_equal(balance(FUND_ACCOUNT_RESERVED), 0);
    assert_int_equal(balance(FUND_ACCOUNT_COMMITTED), 18000);
}

static void a_default_after_a_decision_sets_aside_what_the_agreement_owes(void **state) /* T47, T63 */
{
    (void)state;
    file(false);
    move(RULING(RULE_FOUND, DECIDED, 26800, "d1", false));
    SAYS("fund_reserved:26800");
    move(RULING(OFFER_ACCEPTED, SETTLED, 20000, "d2", true));
    SAYS("");
    move(MOVE(SETTLEMENT_DEFAULTED, ENFORCING));
    SAYS("reservation_voided:6800");
    assert_int_equal(balance(FUND_ACCOUNT_RESERVED), 20000);
}

static void a_rescinded_agreement_owes_nothing(void **state) /* T64 */
{
    (void)state;
    file(false);
    move(RULING(OFFER_ACCEPTED, SETTLED, 18000, "d1", true));
    move(MOVE(SETTLEMENT_RESCINDED, INVESTIGATION));
    SAYS("");
    assert_string_equal(duty_state("d1"), "WAIVED");
}

/* --- decisions --- */

static void decisions_reserve_and_a_dismissal_frees(void **state) /* T24 T39 T51 T50 */
{
    (void)state;
    file(false);
    move(RULING(RULE_FOUND, DECIDED, 12800, "d1", false));
    SAYS("fund_reserved:12800");
    assert_string_equal(duty_state("d1"), "NOTED");
    move(MOVE(SET_ASIDE_REQUESTED, APPEAL));
    SAYS("");
    move((struct step){TYPE(APPEAL_DECIDED), STAGE(DECIDED), REMEDY(NONE), 0, NULL, 0, false});
    SAYS("reservation_voided:12800");
    assert_string_equal(duty_state("d1"), "WAIVED");
    move(MOVE(DECISION_BINDING, CLOSED));
    SAYS("");
    nothing_is_held();
}

static void an_appeal_cuts_or_raises_the_reservation_at_once(void **state) /* R10 */
{
    (void)state;
    file(false);
    move(RULING(DECISION_FINAL, DECIDED, 71920, "d1", false));
    SAYS("fund_reserved:71920");
    move(RULING(APPEAL_DECIDED, DECIDED, 60000, "d2", false));
    SAYS("reservation_voided:11920");
    move(RULING(AWARD_RECEIVED, ENFORCING, 90000, "d3", true));
    SAYS("fund_reserved:30000");
    assert_string_equal(duty_state("d2"), "WAIVED");
    assert_string_equal(duty_state("d3"), "DUE");
    assert_int_equal(balance(FUND_ACCOUNT_RESERVED), 90000);
}

static void stays_remands_and_ended_referrals_keep_what_is_held(void **state) /* T44 T46 T52 T53 T54 T60 */
{
    (void)state;
    static const struct step STEPS[] = {
        {.type = TYPE(APPEAL_FILED), .to = STAGE(APPEAL)},
        {.type = TYPE(APPEAL_WITHDRAWN), .to = STAGE(DECIDED)},
        {.type = TYPE(APPEAL_FILED), .to = STAGE(APPEAL)},
        {.type = TYPE(APPEAL_LAPSED), .to = STAGE(DECIDED)},
        {.type = TYPE(CASE_REFERRED), .to = STAGE(ARBITRATION)},
        {.type = TYPE(REFERRAL_ENDED), .to = STAGE(DECIDED)},
        {.type = TYPE(APPEAL_REMANDED), .to = STAGE(INVESTIGATION)},
    };
    file(false);
    move(RULING(DECISION_FINAL, DECIDED, 71920, "d1", false));
    SAYS("fund_reserved:71920");
    for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
        move(STEPS[i]);
        SAYS("");
        assert_int_equal(balance(FUND_ACCOUNT_RESERVED), 71920);
    }
    move(RULING(DECISION_FINAL, DECIDED, 70000, "d2", false)); /* the next decision replaces it */
    SAYS("reservation_voided:1920");
    assert_string_equal(duty_state("d1"), "WAIVED");
}

static void a_withdrawal_in_arbitration_frees_the_money(void **state) /* T61 */
{
    (void)state;
    file(false);
    move(RULING(RULE_FOUND, DECIDED, 12800, "d1", false));
    move(MOVE(CASE_REFERRED, ARBITRATION));
    SAYS("fund_reserved:12800");
    move(MOVE(COMPLAINT_WITHDRAWN, CLOSED));
    SAYS("reservation_voided:12800");
    nothing_is_held();
}

/* --- performance before the windows end --- */

static void performed_before_it_binds_is_discharged_and_the_close_frees_the_money(void **state) /* SC06 */
{
    (void)state;
    file(false);
    move(RULING(RULE_FOUND, DECIDED, 26800, "d1", false));
    SAYS("fund_reserved:26800");
    perform("d1", "R260625SC06");
    refund_succeeds("R260625SC06", 26800);
    SAYS("duty_verified:26800 duty_discharged!");
    assert_int_equal(stage, STAGE(DECIDED));
    move(MOVE(DECISION_BINDING, ENFORCING));
    move(MOVE(ALL_DUTIES_DISCHARGED, CLOSED));
    SAYS("reservation_voided:26800");
    nothing_is_held();
}

static void a_proof_rejected_before_it_binds_leaves_the_duty_noted(void **state)
{
    (void)state;
    file(false);
    move(RULING(RULE_FOUND, DECIDED, 26800, "d1", false));
    perform("d1", "R1");
    refund_succeeds("R1", 100);
    SAYS("fund_reserved:26800 duty_rejected:TOO_SMALL");
    assert_string_equal(duty_state("d1"), "NOTED");
}

static void what_was_paid_before_an_appeal_counts_towards_its_decision(void **state)
{
    (void)state;
    file(false);
    move(RULING(RULE_FOUND, DECIDED, 26800, "d1", false));
    perform("d1", "R1");
    refund_succeeds("R1", 26800);
    SAYS("fund_reserved:26800 duty_verified:26800 duty_discharged!");
    move(MOVE(APPEAL_FILED, APPEAL));
    move(RULING(APPEAL_DECIDED, DECIDED, 36800, "d2", false));
    SAYS("reservation_voided:16800");
    assert_int_equal(balance(FUND_ACCOUNT_RESERVED), 10000);
    move(MOVE(DECISION_BINDING, ENFORCING));
    move(MOVE(PERFORMANCE_MISSED, UNSPECIFIED));
    SAYS("payout_sent:10000 recovery_opened:10000 sanction_applied");
}

static void a_claim_accepted_after_a_remand_sets_aside_what_is_accepted(void **state) /* T52, T32 */
{
    (void)state;
    file(false);
    move(RULING(DECISION_FINAL, DECIDED, 71920, "d1", false));
    move(MOVE(APPEAL_REMANDED, INVESTIGATION));
    SAYS("fund_reserved:71920");
    move(RULING(CLAIM_ACCEPTED, ENFORCING, 89900, "d2", true));
    SAYS("fund_reserved:17980");
    move(MOVE(PERFORMANCE_MISSED, UNSPECIFIED));
    SAYS("payout_sent:89900 recovery_opened:89900 sanction_applied");
}

static void what_was_paid_before_a_remand_counts_towards_the_claim_accepted(void **state) /* T48, T52, T32 */
{
    (void)state;
    file(false);
    move(RULING(DECISION_FINAL, DECIDED, 26800, "d1", false));
    perform("d1", "R1");
    refund_succeeds("R1", 26800);
    SAYS("fund_reserved:26800 duty_verified:26800 duty_discharged!");
    move(MOVE(APPEAL_REMANDED, INVESTIGATION));
    SAYS("");
    move(RULING(CLAIM_ACCEPTED, ENFORCING, 89900, "d2", true));
    SAYS("fund_reserved:36300"); /* 89,900 less 26,800 paid, of which 26,800 were held already */
    assert_int_equal(balance(FUND_ACCOUNT_RESERVED), 63100);
}

static void an_appeal_that_affirms_what_was_paid_asks_for_nothing_more(void **state)
{
    (void)state;
    file(false);
    move(RULING(RULE_FOUND, DECIDED, 26800, "d1", false));
    perform("d1", "R1");
    refund_succeeds("R1", 26800);
    SAYS("fund_reserved:26800 duty_verified:26800 duty_discharged!");
    move(MOVE(APPEAL_FILED, APPEAL));
    move(RULING(APPEAL_DECIDED, DECIDED, 26800, "d2", false));
    SAYS("reservation_voided:26800 duty_discharged!");
    assert_string_equal(duty_state("d2"), "VERIFIED");
    nothing_is_held();
}

/* --- the fund pays at once --- */

static void an_award_is_paid_at_once_in_the_order_of_the_stories(void **state) /* SC11, R9 */
{
    (void)state;
    file(true);
    move(MOVE(CASE_REFERRED, ARBITRATION));
    move(RULING(AWARD_RECEIVED, ENFORCING, 168000, "d1", true));
    SAYS("fund_reserved:168000 payout_sent:168000 recovery_opened:168000");
    transfer_succeeds(168000);
    SAYS("payout_confirmed:168000 duty_substituted duty_discharged! recovery_demanded:168000");
    assert_string_equal(duty_state("d1"), "SUBSTITUTED");
    assert_int_equal(stage, STAGE(CLOSED));
    assert_int_equal(balance(FUND_ACCOUNT_FREE), OPENING - 168000);
    assert_int_equal(balance(FUND_ACCOUNT_BANK), OPENING - 168000);
    assert_int_equal(balance(FUND_ACCOUNT_MERCHANT_RECOVERABLE), 168000);
}

static void other_decisions_wait_for_the_merchant_under_at_award_too(void **state)
{
    (void)state;
    file(true);
    move(RULING(DECISION_FINAL, DECIDED, 12800, "d1", false));
    SAYS("fund_reserved:12800");
    move(MOVE(DECISION_BINDING, ENFORCING));
    SAYS("");
}

static void a_default_judgment_paid_at_once_and_annulled_is_the_funds_loss(void **state)
{
    (void)state;
    file(true);
    move(RULING(DEFAULT_JUDGMENT_ENTERED, DECIDED, 12800, "d1", false));
    SAYS("fund_reserved:12800 payout_sent:12800 recovery_opened:12800");
    transfer_succeeds(12800);
    SAYS("payout_confirmed:12800 duty_substituted duty_discharged! recovery_demanded:12800");
    move(MOVE(SET_ASIDE_REQUESTED, APPEAL));
    move((struct step){TYPE(APPEAL_DECIDED), STAGE(DECIDED), REMEDY(NONE), 0, NULL, 0, false});
    SAYS("recovery_closed");
    assert_int_equal(balance(FUND_ACCOUNT_MERCHANT_RECOVERABLE), 0);
    assert_int_equal(balance(FUND_ACCOUNT_FREE), OPENING - 12800);
    assert_int_equal(balance(FUND_ACCOUNT_BANK), OPENING - 12800);
}

static void a_default_judgment_annulled_while_its_payout_is_on_the_way(void **state)
{
    (void)state;
    file(true);
    move(RULING(DEFAULT_JUDGMENT_ENTERED, DECIDED, 12800, "d1", false));
    SAYS("fund_reserved:12800 payout_sent:12800 recovery_opened:12800");
    move((struct step){TYPE(APPEAL_DECIDED), STAGE(DECIDED), REMEDY(NONE), 0, NULL, 0, false});
    SAYS("");
    transfer_succeeds(12800);
    SAYS("payout_confirmed:12800 recovery_closed");
    assert_int_equal(balance(FUND_ACCOUNT_MERCHANT_RECOVERABLE), 0);
}

/* --- E30, refusals --- */

static void when_enforcement_takes_too_long_the_payment_side_is_asked_at_once(void **state)
{
    (void)state;
    file(true);
    move(RULING(AWARD_RECEIVED, ENFORCING, 168000, "d1", true));
    SAYS("fund_reserved:168000 payout_sent:168000 recovery_opened:168000");
    answer("{\"state\":\"WAIT_USER_CONFIRM\"}");
    assert_int_equal(job_waiting()->state, DSP_JOB_WAITING);
    breach(DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_ENFORCE_HARD);
    assert_int_equal(job_waiting()->state, DSP_JOB_READY);
    assert_int_equal(job_waiting()->mode, FUND_MODE_QUERY);
}

/* A statutory multiple of 3,000 yuan, its payout held. */
static void hold(void)
{
    file(false);
    move((struct step){TYPE(RULE_FOUND), STAGE(DECIDED), REMEDY(STATUTORY_MULTIPLE), 300000, "d1", 300000, false});
    move(MOVE(DECISION_BINDING, ENFORCING));
    move(MOVE(PERFORMANCE_MISSED, UNSPECIFIED));
    SAYS("fund_reserved:300000 payout_held:FOUR_EYES sanction_applied");
}

static void a_held_payout_that_nobody_releases_leaves_in_part_once(void **state) /* E30 */
{
    (void)state;
    hold();
    breach(DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_HOLD);
    SAYS("payout_sent:199999 recovery_opened:199999"); /* the most that a transfer carries without a name */
    breach(DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_HOLD);
    SAYS("");
    transfer_succeeds(199999);
    SAYS("payout_confirmed:199999");
    assert_string_equal(duty_state("d1"), "OVERDUE"); /* the rest is still owed */
    assert_int_equal(balance(FUND_ACCOUNT_RESERVED), 100001);
    release();
    SAYS("payout_sent:100001");
    assert_int_equal(balance(FUND_ACCOUNT_COMMITTED), 300000);
    transfer_succeeds(100001);
    SAYS("payout_confirmed:100001 duty_substituted duty_discharged! recovery_demanded:300000");
    assert_int_equal(balance(FUND_ACCOUNT_RESERVED), 0);
}

static void a_part_that_fails_goes_back_to_what_is_held(void **state)
{
    (void)state;
    hold();
    breach(DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_HOLD);
    SAYS("payout_sent:199999 recovery_opened:199999");
    const struct dsp_job *job = job_waiting();
    assert_true(job->argument.len > 0);
    answer("{\"state\":\"FAIL\",\"fail_reason\":\"PAYEE_ACCOUNT_ABNORMAL\"}");
    assert_int_equal(job->state, DSP_JOB_DONE);
    assert_int_equal(job->argument.len, 0); /* its number stays, its body is of no use any more */
    SAYS("payout_failed:PAYEE_ACCOUNT_ABNORMAL");
    assert_int_equal(balance(FUND_ACCOUNT_RESERVED), 300000);
    assert_int_equal(balance(FUND_ACCOUNT_COMMITTED), 0);
    assert_int_equal(fund_held_for(&turn_world.turn, the_case(), DSP_STR_LITERAL("d1"))->amount_minor, 300000);
}

static void a_part_paid_is_demanded_when_the_case_closes_without_the_rest(void **state) /* T69, T75 */
{
    (void)state;
    hold();
    breach(DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_HOLD);
    SAYS("payout_sent:199999 recovery_opened:199999");
    transfer_succeeds(199999);
    SAYS("payout_confirmed:199999");
    move(MOVE(DECLARED_UNCOLLECTABLE, CLOSED));
    SAYS("reservation_voided:100001 recovery_demanded:199999");
}

static void a_refused_reservation_leaves_no_trace_in_the_books(void **state)
{
    (void)state;
    file(false);
    move(RULING(RULE_FOUND, DECIDED, 26800, "d1", false));
    assert_int_equal(balance(FUND_ACCOUNT_RESERVED), 26800);
    refuse_next();
    SAYS("");
    nothing_is_held();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_agreement_reserves_nothing_and_ends_with_its_proof),
        TEST(an_agreement_before_enforcement_keeps_the_reservation_until_it_is_performed),
        TEST(an_agreement_that_is_not_kept_is_enforced_as_if_decided),
        TEST(a_default_after_a_decision_sets_aside_what_the_agreement_owes),
        TEST(a_rescinded_agreement_owes_nothing),
        TEST(decisions_reserve_and_a_dismissal_frees),
        TEST(an_appeal_cuts_or_raises_the_reservation_at_once),
        TEST(stays_remands_and_ended_referrals_keep_what_is_held),
        TEST(a_withdrawal_in_arbitration_frees_the_money),
        TEST(performed_before_it_binds_is_discharged_and_the_close_frees_the_money),
        TEST(a_proof_rejected_before_it_binds_leaves_the_duty_noted),
        TEST(what_was_paid_before_an_appeal_counts_towards_its_decision),
        TEST(a_claim_accepted_after_a_remand_sets_aside_what_is_accepted),
        TEST(what_was_paid_before_a_remand_counts_towards_the_claim_accepted),
        TEST(an_appeal_that_affirms_what_was_paid_asks_for_nothing_more),
        TEST(an_award_is_paid_at_once_in_the_order_of_the_stories),
        TEST(other_decisions_wait_for_the_merchant_under_at_award_too),
        TEST(a_default_judgment_paid_at_once_and_annulled_is_the_funds_loss),
        TEST(a_default_judgment_annulled_while_its_payout_is_on_the_way),
        TEST(when_enforcement_takes_too_long_the_payment_side_is_asked_at_once),
        TEST(a_held_payout_that_nobody_releases_leaves_in_part_once),
        TEST(a_part_that_fails_goes_back_to_what_is_held),
        TEST(a_part_paid_is_demanded_when_the_case_closes_without_the_rest),
        TEST(a_refused_reservation_leaves_no_trace_in_the_books),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
