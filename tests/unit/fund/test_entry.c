/* services/fund/domain/entry.c: what the name of an entry asks of fund. */
#include "fund/domain/entry.h"

#include "support/cmocka_all.h"

enum { REPLACES = 1, RULES = 2, AT_ONCE = 4, MISSED = 8, ENDS = 16 };

static const struct {
    int type;
    unsigned flags;
    enum fund_aside aside;
} EXPECTED[] = {
    {FUND_ENTRY_COMPLAINT_WITHDRAWN, REPLACES, FUND_ASIDE_AS_IT_IS},
    {FUND_ENTRY_CLAIM_ACCEPTED, REPLACES | RULES, FUND_ASIDE_RULING},
    {FUND_ENTRY_OFFER_ACCEPTED, REPLACES, FUND_ASIDE_AS_IT_IS},
    {FUND_ENTRY_DEFAULT_JUDGMENT_ENTERED, REPLACES | RULES | AT_ONCE, FUND_ASIDE_RULING},
    {FUND_ENTRY_RULE_FOUND, REPLACES | RULES, FUND_ASIDE_RULING},
    {FUND_ENTRY_DECISION_FINAL, REPLACES | RULES, FUND_ASIDE_RULING},
    {FUND_ENTRY_APPEAL_DECIDED, REPLACES | RULES | ENDS, FUND_ASIDE_RULING},
    {FUND_ENTRY_APPEAL_REMANDED, REPLACES, FUND_ASIDE_AS_IT_IS},
    {FUND_ENTRY_AWARD_RECEIVED, REPLACES | RULES | AT_ONCE | ENDS, FUND_ASIDE_RULING},
    {FUND_ENTRY_SETTLED_IN_ARBITRATION, REPLACES, FUND_ASIDE_AS_IT_IS},
    {FUND_ENTRY_SETTLEMENT_DEFAULTED, 0, FUND_ASIDE_OWED},
    {FUND_ENTRY_SETTLEMENT_RESCINDED, REPLACES, FUND_ASIDE_AS_IT_IS},
    {FUND_ENTRY_PERFORMANCE_MISSED, MISSED, FUND_ASIDE_AS_IT_IS},
    {FUND_ENTRY_REMEDY_LAPSED, REPLACES, FUND_ASIDE_AS_IT_IS},
};

static void every_entry_asks_what_the_machine_says_and_others_nothing(void **state)
{
    (void)state;
    for (int type = -1; type <= FUND_ENTRY_TYPE_COUNT; type++) {
        unsigned flags = 0;
        enum fund_aside aside = FUND_ASIDE_AS_IT_IS;
        for (size_t i = 0; i < sizeof EXPECTED / sizeof *EXPECTED; i++) {
            flags = EXPECTED[i].type == type ? EXPECTED[i].flags : flags;
            aside = EXPECTED[i].type == type ? EXPECTED[i].aside : aside;
        }
        const struct fund_entry_rule *rule = fund_entry_rule(type);
        assert_int_equal(rule->aside, aside);
        assert_int_equal(rule->replaces, !!(flags & REPLACES));
        assert_int_equal(rule->rules, !!(flags & RULES));
        assert_int_equal(rule->pays_at_once, !!(flags & AT_ONCE));
        assert_int_equal(rule->missed, !!(flags & MISSED));
        assert_int_equal(rule->ends_recovery, !!(flags & ENDS));
    }
}

static void what_was_paid_before_is_not_set_aside_again(void **state)
{
    (void)state;
    assert_int_equal(fund_entry_target(36800, 0), 36800);
    assert_int_equal(fund_entry_target(36800, 26800), 10000);
    assert_int_equal(fund_entry_target(20000, 26800), 0);
    assert_int_equal(fund_entry_target(0, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_asks_what_the_machine_says_and_others_nothing),
        cmocka_unit_test(what_was_paid_before_is_not_set_aside_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
