#include "support/cmocka_all.h"

#include "common/base/money.h"

static void sums_and_differences_are_exact(void **state)
{
    (void)state;
    int64_t result = 0;
    assert_ok(dsp_money_add(12900, 100, &result));
    assert_true(result == 13000);
    assert_ok(dsp_money_sub(100, 12900, &result));
    assert_true(result == -12800);
    assert_ok(dsp_money_add(INT64_MAX, INT64_MIN, &result));
    assert_true(result == -1);
}

static void overflow_is_rejected_and_changes_nothing(void **state)
{
    (void)state;
    int64_t result = 42;
    assert_err(dsp_money_add(INT64_MAX, 1, &result), DSP_ERR_REJECT, "OVERFLOW");
    assert_err(dsp_money_add(INT64_MIN, -1, &result), DSP_ERR_REJECT, "OVERFLOW");
    assert_err(dsp_money_sub(INT64_MIN, 1, &result), DSP_ERR_REJECT, "OVERFLOW");
    assert_err(dsp_money_sub(0, INT64_MIN, &result), DSP_ERR_REJECT, "OVERFLOW");
    assert_true(result == 42);
}

static void percent_rounds_half_a_fen_up(void **state)
{
    (void)state;
    int64_t result = 0;
    assert_ok(dsp_money_percent(74600, 70, &result));
    assert_true(result == 52220); /* SC16 */
    assert_ok(dsp_money_percent(89900, 80, &result));
    assert_true(result == 71920); /* SC02 */
    assert_ok(dsp_money_percent(50, 1, &result));
    assert_true(result == 1);
    assert_ok(dsp_money_percent(49, 1, &result));
    assert_true(result == 0);
    assert_ok(dsp_money_percent(101, 50, &result));
    assert_true(result == 51);
}

static void percent_of_the_largest_amount_does_not_overflow(void **state)
{
    (void)state;
    int64_t result = 0;
    assert_ok(dsp_money_percent(INT64_MAX, 100, &result));
    assert_true(result == INT64_MAX);
    assert_ok(dsp_money_percent(INT64_MAX, 0, &result));
    assert_true(result == 0);
    assert_ok(dsp_money_percent(INT64_MAX, 99, &result));
    assert_true(result == INT64_C(9131138316486228049));
}

static void percent_outside_its_range_is_rejected(void **state)
{
    (void)state;
    int64_t result = 42;
    assert_err(dsp_money_percent(-1, 50, &result), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_err(dsp_money_percent(1, -1, &result), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_err(dsp_money_percent(1, 101, &result), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_true(result == 42);
}

static void amounts_are_shown_in_yuan(void **state)
{
    (void)state;
    static const struct {
        int64_t amount;
        const char *text;
    } CASES[] = {{12900, "129.00"},
                 {0, "0.00"},
                 {5, "0.05"},
                 {-5, "-0.05"},
                 {-12901, "-129.01"},
                 {INT64_MAX, "92233720368547758.07"},
                 {INT64_MIN, "-92233720368547758.08"}};
    char text[32];
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        dsp_money_format(CASES[i].amount, text);
        assert_string_equal(text, CASES[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_differences_are_exact),
        cmocka_unit_test(overflow_is_rejected_and_changes_nothing),
        cmocka_unit_test(percent_rounds_half_a_fen_up),
        cmocka_unit_test(percent_of_the_largest_amount_does_not_overflow),
        cmocka_unit_test(percent_outside_its_range_is_rejected),
        cmocka_unit_test(amounts_are_shown_in_yuan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
