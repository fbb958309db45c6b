/* Conditions in their three values, amounts, and who bears the burden of proof. */
#include "investigation/domain/rules.h"

#include "support/cmocka_all.h"

#define DAY_MS (24LL * 60 * 60 * 1000)
#define T0 1767225600000LL

static struct inv_facts order(void)
{
    return (struct inv_facts){.vouched = true,
                              .reason = INV_REASON_QUALITY,
                              .remedy = INV_REMEDY_REFUND,
                              .asked_minor = 10000,
                              .paid_minor = 10000,
                              .unpaid_minor = 10000,
                              .times = {[INV_FACT_PAID] = T0,
                                        [INV_FACT_SHIPPED] = T0 + DAY_MS,
                                        [INV_FACT_FILED] = T0 + 9 * DAY_MS,
                                        [INV_FACT_NOW] = T0 + 12 * DAY_MS}};
}

static void a_fact_has_happened_or_not_or_nobody_knows(void **state)
{
    (void)state;
    struct inv_facts facts = order();
    struct inv_condition happened = {.test = INV_TEST_HAPPENED};
    struct inv_condition negated = {.test = INV_TEST_NOT_HAPPENED};
    static const struct {
        int32_t fact;
        enum inv_truth happened;
    } WHEN_VOUCHED[] = {
        {INV_FACT_PAID, INV_TRUE},      {INV_FACT_SHIPPED, INV_TRUE},    {INV_FACT_PROMISED, INV_FALSE},
        {INV_FACT_RECEIVED, INV_FALSE}, {INV_FACT_LAST_SCAN, INV_FALSE}, {INV_FACT_FILED, INV_TRUE},
        {INV_FACT_NOW, INV_TRUE},       {INV_FACT_REFUND, INV_UNKNOWN},  {INV_FACT_MERCHANT_GONE, INV_UNKNOWN},
        {INV_FACT_STATED, INV_UNKNOWN}, {INV_FACT_NONE, INV_UNKNOWN},    {INV_FACT_COUNT, INV_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof WHEN_VOUCHED / sizeof *WHEN_VOUCHED; i++) {
        enum inv_truth truth = WHEN_VOUCHED[i].happened;
        happened.fact = negated.fact = WHEN_VOUCHED[i].fact;
        assert_int_equal(inv_condition_try(&happened, &facts), truth);
        assert_int_equal(inv_condition_try(&negated, &facts), truth == INV_TRUE    ? INV_FALSE
                                                              : truth == INV_FALSE ? INV_TRUE
                                                                                   : INV_UNKNOWN);
    }
    facts.vouched = false;
    happened.fact = INV_FACT_SHIPPED;
    assert_int_equal(inv_condition_try(&happened, &facts), INV_UNKNOWN);
}

static void later_leaves_the_limit_itself_in_time(void **state)
{
    (void)state;
    struct inv_facts facts = order();
    struct inv_condition later = {
        .test = INV_TEST_LATER, .fact = INV_FACT_SHIPPED, .than = INV_FACT_PAID, .plus_ms = DAY_MS};
    struct inv_condition not_later = later;
    not_later.test = INV_TEST_NOT_LATER;
    assert_int_equal(inv_condition_try(&later, &facts), INV_FALSE);
    assert_int_equal(inv_condition_try(&not_later, &facts), INV_TRUE);
    facts.times[INV_FACT_SHIPPED]++;
    assert_int_equal(inv_condition_try(&later, &facts), INV_TRUE);
    later.than = not_later.than = INV_FACT_PROMISED; /* none was promised */
    assert_int_equal(inv_condition_try(&later, &facts), INV_UNKNOWN);
    assert_int_equal(inv_condition_try(&not_later, &facts), INV_UNKNOWN);
    later.than = INV_FACT_PAID;
    later.plus_ms = INT64_MAX;
    assert_int_equal(inv_condition_try(&later, &facts), INV_UNKNOWN); /* does not fit: nothing is proved */
}

static void sides_answer_or_let_a_round_pass(void **state)
{
    (void)state;
    struct inv_facts facts = order();
    struct inv_condition missing = {.test = INV_TEST_MISSING, .side = INV_MERCHANT};
    struct inv_condition answered = {.test = INV_TEST_ANSWERED, .side = INV_MERCHANT};
    assert_int_equal(inv_condition_try(&missing, &facts), INV_FALSE);
    assert_int_equal(inv_condition_try(&answered, &facts), INV_TRUE);
    facts.missed = INV_MERCHANT;
    assert_int_equal(inv_condition_try(&missing, &facts), INV_TRUE);
    assert_int_equal(inv_condition_try(&answered, &facts), INV_FALSE);
}

static void a_test_of_a_later_version_proves_nothing(void **state)
{
    (void)state;
    struct inv_facts facts = order();
    struct inv_condition unknown = {.test = INV_TEST_COUNT};
    struct inv_rule rule = {.rule_id = DSP_STR_LITERAL("X"),
                            .reasons = 1u << INV_REASON_QUALITY,
                            .conditions = &unknown,
                            .condition_count = 1};
    struct inv_found found = {.relied = NULL};
    inv_rules_try(&facts, &rule, 1, &found);
    assert_null(found.rule);
    assert_int_equal(found.trials[0].truth, INV_UNKNOWN);
    rule.condition_count = 0; /* and a rule without conditions neither */
    inv_rules_try(&facts, &rule, 1, &found);
    assert_null(found.rule);
}

static void false_outweighs_unknown(void **state)
{
    (void)state;
    struct inv_facts facts = order();
    struct inv_condition conditions[2] = {{.test = INV_TEST_NONE},
                                          {.test = INV_TEST_NOT_HAPPENED, .fact = INV_FACT_PAID}};
    struct inv_rule rule = {.reasons = 1u << INV_REASON_QUALITY, .conditions = conditions, .condition_count = 2};
    struct inv_found found = {.relied = NULL};
    inv_rules_try(&facts, &rule, 1, &found);
    assert_int_equal(found.trials[0].truth, INV_FALSE);
    assert_int_equal(found.trials[0].conditions[0], INV_UNKNOWN);
}

static void shares_and_parts_are_rounded_once(void **state)
{
    (void)state;
    struct inv_facts facts = order();
    struct inv_ruling ruling;
    struct inv_rule rule = {.amount = INV_AMOUNT_SHARE, .share_per_mille = 375};
    facts.paid_minor = facts.unpaid_minor = facts.asked_minor = 46800; /* SC09: lessons 6 to 8 of 8 */
    assert_true(inv_rule_grants(&rule, &facts, &ruling));
    assert_int_equal(ruling.amount_minor, 17550);
    rule.share_per_mille = 1001;
    assert_false(inv_rule_grants(&rule, &facts, &ruling));
    rule = (struct inv_rule){.liability = INV_LIABILITY_BOTH, .merchant_percent = 70};
    facts.paid_minor = facts.unpaid_minor = facts.asked_minor = 89900;
    assert_true(inv_rule_grants(&rule, &facts, &ruling));
    assert_int_equal(ruling.amount_minor, 62930);
    assert_int_equal(ruling.merchant_percent, 70);
    rule.merchant_percent = 100; /* that is no share */
    assert_false(inv_rule_grants(&rule, &facts, &ruling));
    rule = (struct inv_rule){.amount = INV_AMOUNT_MULTIPLE, .multiple = INT32_MAX};
    facts.paid_minor = INT64_MAX / 2;
    assert_false(inv_rule_grants(&rule, &facts, &ruling));
}

static void who_must_prove_is_told_by_the_reason(void **state)
{
    (void)state;
    struct inv_facts facts = order();
    assert_int_equal(inv_burden_of(&facts).bearer, INV_CONSUMER);
    facts.durable = true;
    assert_int_equal(inv_burden_of(&facts).bearer, INV_CONSUMER); /* never received */
    facts.times[INV_FACT_RECEIVED] = T0 + 3 * DAY_MS;
    assert_string_equal(inv_burden_of(&facts).law, "CP23-PROOF");
    facts.times[INV_FACT_FILED] = facts.times[INV_FACT_RECEIVED] + INV_PROOF_TERM_MS;
    assert_int_equal(inv_burden_of(&facts).bearer, INV_MERCHANT);
    facts.times[INV_FACT_FILED]++;
    assert_int_equal(inv_burden_of(&facts).bearer, INV_CONSUMER);
    facts.missed = INV_MERCHANT; /* asked, and silent */
    assert_string_equal(inv_burden_of(&facts).law, "EC62-RECORDS");
    facts.missed = INV_BOTH;
    assert_int_equal(inv_burden_of(&facts).bearer, INV_CONSUMER);
    facts.reason = INV_REASON_NOT_RECEIVED;
    assert_true(inv_burden_of(&facts).met); /* the record says it was received */
    facts.times[INV_FACT_RECEIVED] = 0;
    assert_false(inv_burden_of(&facts).met);
    assert_int_equal(inv_burden_of(&facts).bearer, INV_MERCHANT);
}

static void the_burden_decides_what_stays_unclear(void **state)
{
    (void)state;
    struct inv_exhibit exhibits[2] = {{.side = INV_CONSUMER, .usable = true}, {.side = INV_MERCHANT, .usable = true}};
    struct inv_facts facts = order();
    facts.exhibits = exhibits;
    struct inv_burden burden = inv_burden_of(&facts); /* C bears it and has nothing */
    assert_int_equal(inv_burden_ruling(&facts, &burden).remedy, INV_REMEDY_NONE);
    facts.exhibit_count = 1;
    burden = inv_burden_of(&facts);
    assert_int_equal(inv_burden_ruling(&facts, &burden).liability, INV_LIABILITY_MERCHANT);
    assert_int_equal(inv_burden_ruling(&facts, &burden).amount_minor, 10000);
    facts.exhibit_count = 2; /* both have something: unclear */
    burden = inv_burden_of(&facts);
    assert_int_equal(inv_burden_ruling(&facts, &burden).liability, INV_LIABILITY_NONE);
    facts.reason = INV_REASON_FOOD_SAFETY;
    facts.remedy = INV_REMEDY_STATUTORY_MULTIPLE;
    facts.asked_minor = 110000;
    burden = inv_burden_of(&facts);
    assert_int_equal(inv_burden_ruling(&facts, &burden).remedy, INV_REMEDY_REFUND); /* the price, no damages */
    assert_int_equal(inv_burden_ruling(&facts, &burden).amount_minor, 10000);
    exhibits[1].comment = true; /* words prove nothing */
    exhibits[0].usable = false;
    assert_false(inv_burden_of(&facts).met);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fact_has_happened_or_not_or_nobody_knows),
        cmocka_unit_test(later_leaves_the_limit_itself_in_time),
        cmocka_unit_test(sides_answer_or_let_a_round_pass),
        cmocka_unit_test(a_test_of_a_later_version_proves_nothing),
        cmocka_unit_test(false_outweighs_unknown),
        cmocka_unit_test(shares_and_parts_are_rounded_once),
        cmocka_unit_test(who_must_prove_is_told_by_the_reason),
        cmocka_unit_test(the_burden_decides_what_stays_unclear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
