#include "support/cmocka_all.h"

#include <string.h>

#include "common/base/clock.h"
#include "support/fake_time.h"

static void without_pairs_domain_time_is_real_time(void **state)
{
    (void)state;
    struct dsp_clock *clock = dsp_clock_new();
    fake_time_ms = INT64_C(1775008800123);
    assert_true(dsp_real_ms() == fake_time_ms);
    assert_true(dsp_clock_now_ms(clock) == fake_time_ms);
    assert_true(dsp_clock_map_ms(clock, 77) == 77);
    assert_int_equal(dsp_clock_pairs(clock), 0);
    fake_time_ms = -1;
    dsp_clock_free(clock);
}

static void monotonic_time_never_falls(void **state)
{
    (void)state;
    int64_t before = dsp_monotonic_ms();
    assert_true(dsp_monotonic_ms() >= before);
}

static void now_stands_still_at_the_newest_pair(void **state)
{
    (void)state;
    struct dsp_clock *clock = dsp_clock_new();
    assert_ok(dsp_clock_add_pair(clock, 100, 5000));
    assert_true(dsp_clock_now_ms(clock) == 5000);
    assert_ok(dsp_clock_add_pair(clock, 200, 9000));
    assert_true(dsp_clock_now_ms(clock) == 9000);
    assert_int_equal(dsp_clock_pairs(clock), 2);
    dsp_clock_free(clock);
}

static void a_stamp_maps_to_the_newest_pair_at_or_before_it(void **state)
{
    (void)state;
    struct dsp_clock *clock = dsp_clock_new();
    assert_ok(dsp_clock_add_pair(clock, 100, 5000));
    assert_ok(dsp_clock_add_pair(clock, 200, 9000));
    assert_true(dsp_clock_map_ms(clock, 99) == 99);
    assert_true(dsp_clock_map_ms(clock, 100) == 5000);
    assert_true(dsp_clock_map_ms(clock, 199) == 5000);
    assert_true(dsp_clock_map_ms(clock, 200) == 9000);
    assert_true(dsp_clock_map_ms(clock, INT64_MAX) == 9000);
    dsp_clock_free(clock);
}

static void of_pairs_with_equal_stamps_the_last_counts(void **state)
{
    (void)state;
    struct dsp_clock *clock = dsp_clock_new();
    assert_ok(dsp_clock_add_pair(clock, 100, 1));
    assert_ok(dsp_clock_add_pair(clock, 100, 2));
    assert_ok(dsp_clock_add_pair(clock, 100, 3));
    assert_ok(dsp_clock_add_pair(clock, 101, 4));
    assert_true(dsp_clock_map_ms(clock, 99) == 99);
    assert_true(dsp_clock_map_ms(clock, 100) == 3);
    dsp_clock_free(clock);
}

static void a_stamp_set_back_counts_as_the_previous_one(void **state)
{
    (void)state;
    struct dsp_clock *clock = dsp_clock_new();
    assert_ok(dsp_clock_add_pair(clock, 100, 1));
    assert_ok(dsp_clock_add_pair(clock, 50, 2));
    assert_true(dsp_clock_map_ms(clock, 60) == 60);
    assert_true(dsp_clock_map_ms(clock, 100) == 2);
    dsp_clock_free(clock);
}

static void sandbox_time_may_be_set_back(void **state)
{
    (void)state;
    struct dsp_clock *clock = dsp_clock_new();
    assert_ok(dsp_clock_add_pair(clock, 100, 9000));
    assert_ok(dsp_clock_add_pair(clock, 200, 1000));
    assert_true(dsp_clock_now_ms(clock) == 1000);
    assert_true(dsp_clock_map_ms(clock, 150) == 9000);
    dsp_clock_free(clock);
}

static void thousands_of_pairs_are_found_again(void **state)
{
    (void)state;
    struct dsp_clock *clock = dsp_clock_new();
    for (int64_t i = 0; i < 5000; i++) {
        assert_ok(dsp_clock_add_pair(clock, i * 10, i));
    }
    for (int64_t i = 0; i < 5000; i++) {
        assert_true(dsp_clock_map_ms(clock, i * 10 + 9) == i);
    }
    dsp_clock_free(clock);
    dsp_clock_free(NULL);
}

static void times_are_shown_in_utc_with_milliseconds(void **state)
{
    (void)state;
    static const struct {
        int64_t time_ms;
        const char *text;
    } CASES[] = {{INT64_C(1776045600000), "2026-04-13T02:00:00.000Z"},
                 {0, "1970-01-01T00:00:00.000Z"},
                 {-1, "1969-12-31T23:59:59.999Z"},
                 {INT64_C(951782400007), "2000-02-29T00:00:00.007Z"},
                 {INT64_MAX, "9999-12-31T23:59:59.999Z"},
                 {INT64_MIN, "0000-01-01T00:00:00.000Z"}};
    char text[DSP_TIME_TEXT_BYTES];
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        dsp_time_format(CASES[i].time_ms, text);
        assert_string_equal(text, CASES[i].text);
    }
}

static void rfc_3339_texts_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t time_ms;
    } CASES[] = {{"2026-04-13T02:00:00Z", INT64_C(1776045600000)},
                 {"2026-04-13T02:00:00.000Z", INT64_C(1776045600000)},
                 {"2026-04-13T10:00:00+08:00", INT64_C(1776045600000)},
                 {"2026-04-12T20:30:00.5-05:30", INT64_C(1776045600500)},
                 {"2026-04-13T02:00:00.123456789Z", INT64_C(1776045600123)},
                 {"2026-04-13T02:00:00.0019Z", INT64_C(1776045600001)},
                 {"2024-02-29T00:00:00Z", INT64_C(1709164800000)},
                 {"2000-02-29T00:00:00Z", INT64_C(951782400000)},
                 {"1969-12-31T23:59:59Z", -1000},
                 {"9999-12-31T23:59:59.999Z", INT64_C(253402300799999)},
                 {"0000-01-01T00:00:00Z", INT64_C(-62167219200000)}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        int64_t time_ms = 42;
        assert_true(dsp_time_parse(CASES[i].text, &time_ms));
        assert_true(time_ms == CASES[i].time_ms);
    }
}

static void anything_else_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "2026-04-13",
        "2026-04-13T02:00Z",
        "2026-04-13T02:00:00",
        "2026-04-13 02:00:00Z",
        "2026-04-13t02:00:00z",
        "2026-04-13T02:00:00.Z",
        "2026-04-13T02:00:00,5Z",
        "2026-04-13T02:00:00ZZ",
        "2026-04-13T02:00:00Z ",
        " 2026-04-13T02:00:00Z",
        "2026-4-13T02:00:00Z",
        "2026-00-13T02:00:00Z",
        "2026-13-13T02:00:00Z",
        "2026-04-00T02:00:00Z",
        "2026-04-31T02:00:00Z",
        "2026-02-29T02:00:00Z",
        "1900-02-29T02:00:00Z",
        "2026-04-13T24:00:00Z",
        "2026-04-13T02:60:00Z",
        "2016-12-31T23:59:60Z",
        "2026-04-13T02:00:00+0800",
        "2026-04-13T02:00:00+08",
        "2026-04-13T02:00:00+24:00",
        "2026-04-13T02:00:00+08:60",
        "2026-04-13T02:00:00+-8:00",
        "-026-04-13T02:00:00Z",
        "12026-04-13T02:00:00Z",
    };
    int64_t time_ms = 42;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        if (dsp_time_parse(BAD[i], &time_ms)) {
            fail_msg("accepted: %s", BAD[i]);
        }
    }
    assert_true(time_ms == 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_pairs_domain_time_is_real_time),
        cmocka_unit_test(monotonic_time_never_falls),
        cmocka_unit_test(now_stands_still_at_the_newest_pair),
        cmocka_unit_test(a_stamp_maps_to_the_newest_pair_at_or_before_it),
        cmocka_unit_test(of_pairs_with_equal_stamps_the_last_counts),
        cmocka_unit_test(a_stamp_set_back_counts_as_the_previous_one),
        cmocka_unit_test(sandbox_time_may_be_set_back),
        cmocka_unit_test(thousands_of_pairs_are_found_again),
        cmocka_unit_test(times_are_shown_in_utc_with_milliseconds),
        cmocka_unit_test(rfc_3339_texts_are_read),
        cmocka_unit_test(anything_else_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
