#include "support/cmocka_all.h"

#include <string.h>

#include "fund/domain/ledger.h"

static const struct fund_parties PARTIES = {{"case-1", 6}, {"m2012", 5}, {"c1012", 5}};

/* All accounts that one case may touch, with the opening balance of the stories. */
enum {
    BANK,
    FREE,
    PSP,
    RESERVED,
    COMMITTED_M,
    MERCHANT_M,
    FEE_M,
    CONSUMER_M,
    COMMITTED_C,
    MERCHANT_C,
    CONSUMER_C,
    FEE_C,
    ALL,
};

static void open_books(struct fund_balance *books)
{
    const struct dsp_str none = {NULL, 0};
    const struct fund_balance start[ALL] = {
        [BANK] = {FUND_ACCOUNT_BANK, none, 10000000},
        [FREE] = {FUND_ACCOUNT_FREE, none, 10000000},
        [PSP] = {FUND_ACCOUNT_PSP_PAYABLE, none, 0},
        [RESERVED] = {FUND_ACCOUNT_RESERVED, PARTIES.case_id, 0},
        [COMMITTED_M] = {FUND_ACCOUNT_COMMITTED, PARTIES.party, 0},
        [MERCHANT_M] = {FUND_ACCOUNT_MERCHANT_RECOVERABLE, PARTIES.party, 0},
        [FEE_M] = {FUND_ACCOUNT_FEE_RECOVERABLE, PARTIES.party, 0},
        [CONSUMER_M] = {FUND_ACCOUNT_CONSUMER_RECOVERABLE, PARTIES.party, 0},
        [COMMITTED_C] = {FUND_ACCOUNT_COMMITTED, PARTIES.other, 0},
        [MERCHANT_C] = {FUND_ACCOUNT_MERCHANT_RECOVERABLE, PARTIES.other, 0},
        [CONSUMER_C] = {FUND_ACCOUNT_CONSUMER_RECOVERABLE, PARTIES.other, 0},
        [FEE_C] = {FUND_ACCOUNT_FEE_RECOVERABLE, PARTIES.other, 0},
    };
    memcpy(books, start, sizeof start);
}

static void post(struct fund_balance *books, enum fund_step step, int64_t amount_minor)
{
    struct fund_group group;
    int64_t difference = 1;
    assert_ok(fund_ledger_build(step, &PARTIES, amount_minor, &group));
    assert_ok(fund_ledger_apply(&group, books, ALL));
    assert_ok(fund_ledger_difference(books, ALL, &difference));
    assert_int_equal(difference, 0); /* V1, V9 after every group */
    assert_true(fund_ledger_covers(books, ALL, PARTIES.party));
    assert_true(fund_ledger_covers(books, ALL, PARTIES.other)); /* V11 */
}

static void an_advance_that_is_set_off_leaves_the_books_as_they_were(void **state)
{
    (void)state;
    struct fund_balance books[ALL];
    struct fund_balance start[ALL];
    open_books(books);
    open_books(start);
    post(books, FUND_STEP_RESERVE, 36800);
    assert_int_equal(books[FREE].balance_minor, 9963200);
    post(books, FUND_STEP_ADVANCE_SENT, 36800);
    assert_int_equal(books[MERCHANT_M].balance_minor, 36800);
    assert_int_equal(books[COMMITTED_M].balance_minor, 36800);
    assert_int_equal(books[RESERVED].balance_minor, 0);
    post(books, FUND_STEP_CONFIRMED, 36800);
    assert_int_equal(books[BANK].balance_minor, 9963200);
    post(books, FUND_STEP_SET_OFF, 36800);
    assert_memory_equal(books, start, sizeof books);
}

static void every_step_keeps_the_trial_balance_and_what_is_owed_covered(void **state)
{
    (void)state;
    struct fund_balance books[ALL];
    open_books(books);
    post(books, FUND_STEP_CONTRIBUTION, 500);
    post(books, FUND_STEP_RESERVE, 1000);
    post(books, FUND_STEP_VOID, 100);
    post(books, FUND_STEP_ADVANCE_SENT, 900);
    post(books, FUND_STEP_ADVANCE_FAILED, 300);
    post(books, FUND_STEP_CONFIRMED, 600);
    post(books, FUND_STEP_RECOVERY, 100);
    post(books, FUND_STEP_WRITE_OFF, 50);
    post(books, FUND_STEP_TAKEN_BACK, 200);
    post(books, FUND_STEP_REOPENED, 100);
    post(books, FUND_STEP_REOPENED_REPAID, 100);
    post(books, FUND_STEP_ANNULLED, 50);
    post(books, FUND_STEP_ANNULLED_FRAUD, 100);
    post(books, FUND_STEP_ANNULLED_REPAID, 10);
    post(books, FUND_STEP_FEE_ADVANCED, 70);
    post(books, FUND_STEP_FEE_CONFIRMED, 40);
    post(books, FUND_STEP_FEE_SHIFTED, 30);
    post(books, FUND_STEP_FEE_PAID, 10);
    post(books, FUND_STEP_FEE_BORNE, 10);
    post(books, FUND_STEP_FEE_FAILED, 20);
    for (int step = 1; step < FUND_STEP_COUNT; step++) {
        assert_non_null(fund_step_name(step));
    }
}

static void a_consumer_who_pays_back_frees_what_was_committed_for_him(void **state)
{
    (void)state;
    struct fund_balance books[ALL];
    struct fund_group group;
    const struct fund_parties consumer = {PARTIES.case_id, PARTIES.other, {NULL, 0}};
    open_books(books);
    post(books, FUND_STEP_RESERVE, 100);
    post(books, FUND_STEP_ADVANCE_SENT, 100);
    post(books, FUND_STEP_CONFIRMED, 100);
    post(books, FUND_STEP_ANNULLED_FRAUD, 100);
    assert_int_equal(books[CONSUMER_C].balance_minor, 100);
    assert_ok(fund_ledger_build(FUND_STEP_CONSUMER_REPAID, &consumer, 100, &group));
    assert_ok(fund_ledger_apply(&group, books, ALL));
    assert_int_equal(books[CONSUMER_C].balance_minor, 0);
    assert_int_equal(books[COMMITTED_C].balance_minor, 0);
    assert_int_equal(books[FREE].balance_minor, 10000000);
}

static void no_account_falls_below_its_floor_and_then_nothing_posts(void **state)
{
    (void)state;
    struct fund_balance books[ALL];
    struct fund_balance start[ALL];
    struct fund_group group;
    open_books(books);
    open_books(start);
    assert_ok(fund_ledger_build(FUND_STEP_RESERVE, &PARTIES, 10000001, &group));
    assert_err(fund_ledger_apply(&group, books, ALL), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_memory_equal(books, start, sizeof books);
    /* The first leg would do, the second has nothing reserved: both fail. */
    assert_ok(fund_ledger_build(FUND_STEP_ADVANCE_SENT, &PARTIES, 1, &group));
    assert_err(fund_ledger_apply(&group, books, ALL), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_memory_equal(books, start, sizeof books);
}

static void a_group_over_an_account_that_is_not_at_hand_is_refused(void **state)
{
    (void)state;
    struct fund_balance books[ALL];
    struct fund_group group;
    open_books(books);
    assert_ok(fund_ledger_build(FUND_STEP_RESERVE, &PARTIES, 1, &group));
    assert_err(fund_ledger_apply(&group, books, RESERVED), DSP_ERR_REJECT, "FIELD_INVALID");
}

static void sums_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct fund_balance books[ALL];
    struct fund_group group;
    int64_t difference = 42;
    open_books(books);
    assert_ok(fund_ledger_build(FUND_STEP_CONTRIBUTION, &PARTIES, INT64_MAX, &group));
    assert_err(fund_ledger_apply(&group, books, ALL), DSP_ERR_REJECT, "OVERFLOW");
    books[BANK].balance_minor = INT64_MAX;
    books[MERCHANT_M].balance_minor = INT64_MAX;
    books[FREE].balance_minor = 0;
    assert_err(fund_ledger_difference(books, ALL, &difference), DSP_ERR_REJECT, "OVERFLOW");
    assert_int_equal(difference, 42);
}

static void a_step_needs_a_positive_sum_and_its_parties(void **state)
{
    (void)state;
    struct fund_group group;
    const struct fund_parties nobody = {0};
    assert_err(fund_ledger_build(FUND_STEP_RESERVE, &PARTIES, 0, &group), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_err(fund_ledger_build(FUND_STEP_RESERVE, &PARTIES, -1, &group), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_err(fund_ledger_build(FUND_STEP_RESERVE, &nobody, 1, &group), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_err(fund_ledger_build((enum fund_step)0, &PARTIES, 1, &group), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_err(fund_ledger_build(FUND_STEP_COUNT, &PARTIES, 1, &group), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_ok(fund_ledger_build(FUND_STEP_CONFIRMED, &nobody, 1, &group));
}

static void an_uncovered_debt_is_seen(void **state)
{
    (void)state;
    struct fund_balance books[ALL];
    open_books(books);
    books[MERCHANT_M].balance_minor = 1;
    assert_false(fund_ledger_covers(books, ALL, PARTIES.party));
    books[COMMITTED_M].balance_minor = 1;
    assert_true(fund_ledger_covers(books, ALL, PARTIES.party));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_advance_that_is_set_off_leaves_the_books_as_they_were),
        cmocka_unit_test(every_step_keeps_the_trial_balance_and_what_is_owed_covered),
        cmocka_unit_test(a_consumer_who_pays_back_frees_what_was_committed_for_him),
        cmocka_unit_test(no_account_falls_below_its_floor_and_then_nothing_posts),
        cmocka_unit_test(a_group_over_an_account_that_is_not_at_hand_is_refused),
        cmocka_unit_test(sums_that_do_not_fit_are_refused),
        cmocka_unit_test(a_step_needs_a_positive_sum_and_its_parties),
        cmocka_unit_test(an_uncovered_debt_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
