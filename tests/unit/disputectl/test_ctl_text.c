#include "support/cmocka_all.h"

#include "common/base/clock.h"
#include "disputectl/ctl_text.h"

static void assert_amount(const char *text, int64_t minor)
{
    int64_t value = -1;
    assert_true(ctl_parse_amount(text, &value));
    assert_int_equal(value, minor);
}

static void assert_no_amount(const char *text)
{
    int64_t value = -1;
    assert_false(ctl_parse_amount(text, &value));
    assert_int_equal(value, -1);
}

static void yuan_have_two_decimals(void **state)
{
    (void)state;
    assert_amount("129.00", 12900);
    assert_amount("0.01", 1);
    assert_amount("0.00", 0);
    assert_amount("92233720368547758.07", INT64_MAX);
}

static void fen_say_so(void **state)
{
    (void)state;
    assert_amount("12900fen", 12900);
    assert_amount("0fen", 0);
}

static void an_amount_that_may_be_misread_is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {"",
                                      "129",
                                      "129.0",
                                      "129.000",
                                      "129.",
                                      ".50",
                                      "-1.00",
                                      "+1.00",
                                      "1,000.00",
                                      "1.00 ",
                                      " 1.00",
                                      "129.00fen",
                                      "1.0a",
                                      "fen",
                                      "1 fen",
                                      "1.00元",
                                      "0x10fen",
                                      "9223372036854775808fen",
                                      "92233720368547758.08"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        assert_no_amount(BAD[i]);
    }
}

static void assert_duration(const char *text, int64_t ms)
{
    int64_t value = -1;
    assert_true(ctl_parse_duration(text, &value));
    assert_int_equal(value, ms);
}

static void durations_go_from_large_units_to_small(void **state)
{
    (void)state;
    assert_duration("48h", 48 * DSP_HOUR_MS);
    assert_duration("1d12h", 36 * DSP_HOUR_MS);
    assert_duration("90m", 90 * DSP_MINUTE_MS);
    assert_duration("0s", 0);
    assert_duration("250ms", 250);
    assert_duration("1d2h3m4s5ms", DSP_DAY_MS + 2 * DSP_HOUR_MS + 3 * DSP_MINUTE_MS + 4 * DSP_SECOND_MS + 5);
}

static void a_wrong_duration_is_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "", "48", "h", "12h1d", "1h1h", "-1h", "1.5h", "1 h", "1w", "1hh", "1H", "5mss", "9223372036854775807d"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        int64_t value = -1;
        assert_false(ctl_parse_duration(BAD[i], &value));
        assert_int_equal(value, -1);
    }
}

static void times_need_a_zone_and_may_lack_seconds(void **state)
{
    (void)state;
    int64_t full = 0;
    int64_t shorter = 0;
    assert_true(ctl_parse_time("2026-04-13T10:00:00+08:00", &full));
    assert_true(ctl_parse_time("2026-04-13T10:00+08:00", &shorter));
    assert_int_equal(full, shorter);
    assert_true(ctl_parse_time("2026-04-13T02:00Z", &shorter));
    assert_int_equal(full, shorter);
    assert_false(ctl_parse_time("2026-04-13T10:00", &shorter));
    assert_false(ctl_parse_time("2026-04-13", &shorter));
    assert_false(ctl_parse_time("", &shorter));
}

static void local_time_is_shanghai(void **state)
{
    (void)state;
    char text[CTL_TIME_TEXT_BYTES];
    int64_t at = 0;
    assert_true(ctl_parse_time("2026-04-13T02:00:00Z", &at));
    ctl_format_local(at, text);
    assert_string_equal(text, "2026-04-13 10:00:00");
    ctl_format_local(at + 1, text);
    assert_string_equal(text, "2026-04-13 10:00:00.001");
    ctl_format_local(-1, text);
    assert_string_equal(text, "1970-01-01 07:59:59.999");
}

static void assert_shown(int64_t ms, const char *expected)
{
    char text[CTL_TIME_TEXT_BYTES];
    ctl_format_duration(ms, text);
    assert_string_equal(text, expected);
}

static void durations_show_two_units(void **state)
{
    (void)state;
    assert_shown(0, "0s");
    assert_shown(51 * DSP_HOUR_MS, "2d 3h");
    assert_shown(DSP_HOUR_MS + DSP_SECOND_MS, "1h");
    assert_shown(12 * DSP_SECOND_MS, "12s");
    assert_shown(1001, "1s 1ms");
    assert_shown(-90 * DSP_MINUTE_MS, "-1h 30m");
}

static void names_change_their_case(void **state)
{
    (void)state;
    char text[64];
    ctl_snake_case("AcceptClaim", text, sizeof text);
    assert_string_equal(text, "accept_claim");
    ctl_snake_case("accept_claim", text, sizeof text);
    assert_string_equal(text, "accept_claim");
    ctl_snake_case("orderLine", text, sizeof text);
    assert_string_equal(text, "order_line");
    ctl_pascal_case("accept_claim", text, sizeof text);
    assert_string_equal(text, "AcceptClaim");
    ctl_pascal_case("CLAIM_ACCEPTED", text, sizeof text);
    assert_string_equal(text, "ClaimAccepted");
    ctl_pascal_case("AcceptClaim", text, sizeof text);
    assert_string_equal(text, "AcceptClaim");
    ctl_pascal_case("long_name", text, 6);
    assert_string_equal(text, "LongN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yuan_have_two_decimals),
        cmocka_unit_test(fen_say_so),
        cmocka_unit_test(an_amount_that_may_be_misread_is_refused),
        cmocka_unit_test(durations_go_from_large_units_to_small),
        cmocka_unit_test(a_wrong_duration_is_refused),
        cmocka_unit_test(times_need_a_zone_and_may_lack_seconds),
        cmocka_unit_test(local_time_is_shanghai),
        cmocka_unit_test(durations_show_two_units),
        cmocka_unit_test(names_change_their_case),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
