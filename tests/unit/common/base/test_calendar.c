#include "support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "common/base/clock.h"
#include "common/base/calendar.h"

#define VECTORS HESHI_SOURCE_DIR "/tests/vectors/calendar.json"
#define POLICY HESHI_SOURCE_DIR "/deploy/policy/calendar-2026.json"
#define EXCEPTIONS_MAX 128

static json_t *vectors;              /* the whole file */
static struct dsp_calendar calendar; /* of deploy/policy */

/* "2026-02-11 16:00" in Shanghai. */
static int64_t at(const char *text)
{
    char full[40];
    int64_t time_ms = 0;
    (void)snprintf(full, sizeof full, "%.10sT%.5s:00+08:00", text, text + 11);
    assert_true(dsp_time_parse(full, &time_ms));
    return time_ms;
}

static int32_t day_of(const char *date)
{
    char noon[32];
    (void)snprintf(noon, sizeof noon, "%.10s 12:00", date);
    return dsp_calendar_day_of(at(noon));
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    assert_non_null(text);
    return text;
}

static int number_of(const json_t *object, const char *name)
{
    return (int)json_integer_value(json_object_get(object, name));
}

static size_t add_days(struct dsp_calendar_exception *exceptions, size_t count, const json_t *days, bool working)
{
    for (size_t i = 0; i < json_array_size(days); i++) {
        assert_true(count < EXCEPTIONS_MAX);
        exceptions[count++] = (struct dsp_calendar_exception){day_of(json_string_value(json_array_get(days, i))),
                                                              working};
    }
    return count;
}

/* Builds a calendar from an array of years as both files have it. */
static void build(const json_t *years, const json_t *provisional, struct dsp_calendar *ret_calendar)
{
    struct dsp_calendar_exception exceptions[EXCEPTIONS_MAX];
    int32_t provisional_years[8];
    struct dsp_calendar_source source = {
        .version = 1, .exceptions = exceptions, .provisional_years = provisional_years};
    for (size_t i = 0; i < json_array_size(years); i++) {
        const json_t *year = json_array_get(years, i);
        source.exception_count = add_days(exceptions, source.exception_count, json_object_get(year, "days_off"), false);
        source.exception_count = add_days(exceptions, source.exception_count,
                                          json_object_get(year, "makeup_working_days"), true);
    }
    for (size_t i = 0; i < json_array_size(provisional); i++) {
        provisional_years[source.provisional_count++] = (int32_t)json_integer_value(json_array_get(provisional, i));
    }
    assert_ok(dsp_calendar_init(ret_calendar, &source));
}

static int load_files(void **state)
{
    (void)state;
    vectors = json_load_file(VECTORS, JSON_REJECT_DUPLICATES, NULL);
    json_t *policy = json_load_file(POLICY, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(vectors);
    assert_non_null(policy);
    build(json_object_get(policy, "years"), json_object_get(policy, "provisional_years"), &calendar);
    json_decref(policy);
    return 0;
}

static int drop_files(void **state)
{
    (void)state;
    json_decref(vectors);
    return 0;
}

/* Calls `check` for every vector of a kind and says how many there were. */
static size_t each_vector(const char *kind, void (*check)(const json_t *inputs, const json_t *expected))
{
    const json_t *all = json_object_get(vectors, "vectors");
    size_t checked = 0;
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *vector = json_array_get(all, i);
        if (strcmp(text_of(vector, "kind"), kind) == 0) {
            assert_string_equal(text_of(json_object_get(vector, "expected"), "result"), "ok");
            check(json_object_get(vector, "inputs"), json_object_get(vector, "expected"));
            checked++;
        }
    }
    return checked;
}

static int64_t due(const char *from, int64_t budget_ms)
{
    struct dsp_due result = {0};
    assert_ok(dsp_calendar_due_working(&calendar, at(from), budget_ms, &result));
    return result.due_ms;
}

static int64_t elapsed(const char *from, const char *to)
{
    int64_t elapsed_ms = -1;
    assert_ok(dsp_calendar_elapsed_working(&calendar, at(from), at(to), &elapsed_ms));
    return elapsed_ms;
}

static void check_nth(const json_t *inputs, const json_t *expected)
{
    int32_t start = day_of(text_of(inputs, "start"));
    const json_t *counts = json_object_get(inputs, "n");
    const json_t *dates = json_object_get(expected, "dates");
    for (size_t i = 0; i < json_array_size(counts); i++) {
        int32_t n = (int32_t)json_integer_value(json_array_get(counts, i));
        int32_t expected_day = day_of(json_string_value(json_array_get(dates, i)));
        int32_t day = 0;
        struct dsp_due result = {0};
        assert_ok(dsp_calendar_nth_working_day(&calendar, start, n, &day));
        assert_int_equal(day, expected_day);
        assert_ok(dsp_calendar_due_working(&calendar, dsp_calendar_day_start_ms(start) + 16 * DSP_HOUR_MS,
                                           n * DSP_DAY_MS, &result));
        assert_true(result.due_ms == dsp_calendar_day_start_ms(expected_day) + 16 * DSP_HOUR_MS);
        assert_false(result.provisional);
    }
}

static void check_count(const json_t *inputs, const json_t *expected)
{
    assert_int_equal(
        dsp_calendar_count_working_days(&calendar, day_of(text_of(inputs, "from")), day_of(text_of(inputs, "to"))),
        number_of(expected, "count"));
}

static void check_is_working(const json_t *inputs, const json_t *expected)
{
    assert_int_equal(dsp_calendar_is_working_day(&calendar, day_of(text_of(inputs, "date"))),
                     json_is_true(json_object_get(expected, "working")));
}

static enum dsp_period_unit unit_of(const char *name)
{
    if (strcmp(name, "day") == 0) {
        return DSP_PERIOD_DAY;
    }
    return strcmp(name, "month") == 0 ? DSP_PERIOD_MONTH : DSP_PERIOD_YEAR;
}

/* The vectors hold under both readings of ordinary weekends. */
static void check_period(const json_t *inputs, const json_t *expected)
{
    int64_t start_ms = dsp_calendar_day_start_ms(day_of(text_of(inputs, "start")));
    int64_t ends_before_ms = 0;
    assert_true(dsp_time_parse(text_of(expected, "ends_before"), &ends_before_ms));
    for (int reading = 0; reading < 2; reading++) {
        struct dsp_period period = {unit_of(text_of(inputs, "unit")), number_of(inputs, "n"), reading == 1};
        struct dsp_period_end end = {0};
        int64_t last_ms_of_day = start_ms + DSP_DAY_MS - 1; /* any instant of the start day gives the same */
        assert_ok(dsp_calendar_period_end(&calendar, reading == 0 ? start_ms : last_ms_of_day, &period, &end));
        assert_int_equal(end.unmoved_day, day_of(text_of(expected, "last_day_unmoved")));
        assert_int_equal(end.last_day, day_of(text_of(expected, "last_day")));
        assert_true(end.due.due_ms == ends_before_ms);
        assert_int_equal(end.due.provisional, period.unit == DSP_PERIOD_YEAR); /* that one ends in 2028 */
    }
}

static void every_vector_of_the_nth_working_day_holds(void **state)
{
    (void)state;
    assert_int_equal(each_vector("nth-working-day", check_nth), 8);
}

static void every_vector_of_counts_holds(void **state)
{
    (void)state;
    assert_int_equal(each_vector("working-day-count", check_count), 2);
}

static void every_vector_of_single_days_holds(void **state)
{
    (void)state;
    assert_int_equal(each_vector("is-working-day", check_is_working), 12);
}

static void every_vector_of_periods_holds_under_both_readings(void **state)
{
    (void)state;
    assert_int_equal(each_vector("period-end", check_period), 5);
}

static void no_vector_is_of_a_kind_that_nobody_checks(void **state)
{
    (void)state;
    assert_int_equal(json_array_size(json_object_get(vectors, "vectors")), 8 + 2 + 12 + 5);
}

static void the_deployed_calendar_has_the_days_of_the_vectors(void **state)
{
    (void)state;
    struct dsp_calendar published;
    build(json_object_get(vectors, "tables"), NULL, &published);
    assert_memory_equal(published.years, calendar.years, 2 * sizeof calendar.years[0]);
    for (int32_t day = day_of("2025-01-01"); day <= day_of("2026-12-31"); day++) {
        assert_int_equal(dsp_calendar_is_working_day(&published, day), dsp_calendar_is_working_day(&calendar, day));
    }
}

/* SCENARIOS, SC16: K_invest, 168 h of working days, paused after 42 h and resumed across the break. */
static void sc16_the_investigation_passes_spring_festival(void **state)
{
    (void)state;
    int64_t budget_ms = 168 * DSP_HOUR_MS;
    assert_true(due("2026-02-11 16:00", budget_ms) == at("2026-02-27 16:00"));
    int64_t used_ms = elapsed("2026-02-11 16:00", "2026-02-13 10:00");
    assert_true(used_ms == 42 * DSP_HOUR_MS);
    assert_true(due("2026-02-14 15:00", budget_ms - used_ms) == at("2026-02-28 21:00"));
    assert_true(elapsed("2026-02-14 15:00", "2026-02-15 00:00") == 9 * DSP_HOUR_MS);
    assert_true(elapsed("2026-02-15 00:00", "2026-02-24 00:00") == 0);
    assert_true(elapsed("2026-02-24 00:00", "2026-02-28 00:00") == 96 * DSP_HOUR_MS);
    assert_true(elapsed("2026-02-28 00:00", "2026-02-28 21:00") == 21 * DSP_HOUR_MS);
}

/* Met at 02-25 10:00 with the rung of 50 % gone by and that of 75 % not. */
static void sc16_half_of_the_budget_is_used_when_it_is_met(void **state)
{
    (void)state;
    int64_t used_ms = 42 * DSP_HOUR_MS + elapsed("2026-02-14 15:00", "2026-02-25 10:00");
    assert_true(used_ms >= 84 * DSP_HOUR_MS);
    assert_true(used_ms < 126 * DSP_HOUR_MS);
}

static void sc16_finalising_ends_on_a_saturday_that_works(void **state)
{
    (void)state;
    assert_true(due("2026-02-27 10:01", DSP_DAY_MS) == at("2026-02-28 10:01"));
}

static void sc16_the_return_window_moves_out_of_the_break(void **state)
{
    (void)state;
    struct dsp_period week = {.unit = DSP_PERIOD_DAY, .count = 7};
    struct dsp_period_end end = {0};
    assert_ok(dsp_calendar_period_end(&calendar, at("2026-02-10 10:00"), &week, &end));
    assert_int_equal(end.unmoved_day, day_of("2026-02-17"));
    assert_int_equal(end.last_day, day_of("2026-02-24"));
    assert_true(end.due.due_ms == at("2026-02-25 00:00")); /* 02-24 23:59:59 is in time, 00:00:00 is late */
}

/* Due times of the other stories. */
static void other_scenarios_count_alike(void **state)
{
    (void)state;
    assert_true(due("2026-06-13 11:40", DSP_DAY_MS) == at("2026-06-16 00:00")); /* begins on a Saturday */
    assert_true(due("2026-07-05 10:01", DSP_DAY_MS) == at("2026-07-07 00:00"));
    assert_true(due("2026-06-10 09:30", 7 * DSP_DAY_MS) == at("2026-06-22 09:30"));
    assert_true(due("2026-07-02 20:00", 7 * DSP_DAY_MS) == at("2026-07-13 20:00"));
    assert_true(due("2026-08-06 14:00", 7 * DSP_DAY_MS) == at("2026-08-17 14:00"));
    assert_true(due("2026-05-14 15:00", 5 * DSP_DAY_MS) == at("2026-05-21 15:00"));
    assert_true(due("2026-07-16 10:00", 5 * DSP_DAY_MS) == at("2026-07-23 10:00"));
}

static void a_start_on_a_day_off_counts_from_the_next_working_day(void **state)
{
    (void)state;
    assert_true(due("2026-02-17 09:00", DSP_HOUR_MS) == at("2026-02-24 01:00"));
    assert_true(due("2026-01-10 23:59", 0) == at("2026-01-12 00:00"));
    assert_true(due("2026-01-12 10:00", 0) == at("2026-01-12 10:00"));
}

static void a_budget_used_up_at_midnight_ends_after_the_break(void **state)
{
    (void)state;
    assert_true(due("2026-01-09 00:00", DSP_DAY_MS) == at("2026-01-12 00:00")); /* Friday to Monday */
    assert_true(due("2026-01-09 00:00", DSP_DAY_MS - 1) == at("2026-01-10 00:00") - 1);
    assert_true(due("2026-01-08 00:00", DSP_DAY_MS) == at("2026-01-09 00:00"));
}

static void elapsed_time_up_to_the_due_instant_is_the_budget(void **state)
{
    (void)state;
    int64_t from_ms = at("2025-12-28 07:13");
    for (int i = 0; i < 2000; i++) {
        int64_t budget_ms = (i * INT64_C(7919003)) % (60 * DSP_DAY_MS);
        struct dsp_due result = {0};
        int64_t elapsed_ms = -1;
        assert_ok(dsp_calendar_due_working(&calendar, from_ms, budget_ms, &result));
        assert_ok(dsp_calendar_elapsed_working(&calendar, from_ms, result.due_ms, &elapsed_ms));
        assert_true(elapsed_ms == budget_ms);
        from_ms += 4 * DSP_HOUR_MS + 1;
    }
}

static void a_pause_and_resume_within_a_run_keeps_the_due_instant(void **state)
{
    (void)state;
    int64_t due_ms = due("2026-04-29 15:00", 5 * DSP_DAY_MS);
    for (int64_t now_ms = at("2026-04-29 15:00"); now_ms <= due_ms; now_ms += 5 * DSP_HOUR_MS) {
        int64_t used_ms = 0;
        struct dsp_due again = {0};
        assert_ok(dsp_calendar_elapsed_working(&calendar, at("2026-04-29 15:00"), now_ms, &used_ms));
        assert_ok(dsp_calendar_due_working(&calendar, now_ms, 5 * DSP_DAY_MS - used_ms, &again));
        assert_true(again.due_ms == due_ms);
    }
}

static void time_that_runs_backwards_elapses_nothing(void **state)
{
    (void)state;
    assert_true(elapsed("2026-01-12 10:00", "2026-01-12 10:00") == 0);
    assert_true(elapsed("2026-01-13 10:00", "2026-01-12 10:00") == 0);
}

static void a_due_instant_in_a_year_without_notice_is_provisional(void **state)
{
    (void)state;
    struct dsp_due result = {0};
    assert_ok(dsp_calendar_due_working(&calendar, at("2026-12-29 10:00"), 2 * DSP_DAY_MS, &result));
    assert_false(result.provisional);
    assert_ok(dsp_calendar_due_working(&calendar, at("2026-12-29 10:00"), 3 * DSP_DAY_MS, &result));
    assert_true(result.provisional);
    assert_true(dsp_calendar_is_provisional(&calendar, day_of("2040-01-01"), day_of("2040-01-02")));
    assert_true(dsp_calendar_is_provisional(&calendar, day_of("2024-12-31"), day_of("2025-01-01")));
    assert_false(dsp_calendar_is_provisional(&calendar, day_of("2025-01-01"), day_of("2026-12-31")));
}

/* 2018-12-29 stands in the notice of 2019: days of a year may be known before its own notice. */
static void a_provisional_year_honours_the_days_already_known(void **state)
{
    (void)state;
    struct dsp_calendar_exception known = {day_of("2027-01-04"), false};
    int32_t year = 2027;
    struct dsp_calendar_source source = {
        .version = 2, .exceptions = &known, .exception_count = 1, .provisional_years = &year, .provisional_count = 1};
    struct dsp_calendar early;
    assert_ok(dsp_calendar_init(&early, &source));
    assert_false(dsp_calendar_is_working_day(&early, known.day));
    assert_true(dsp_calendar_is_provisional(&early, known.day, known.day));
    source.provisional_count = 0;
    assert_ok(dsp_calendar_init(&early, &source));
    assert_false(dsp_calendar_is_provisional(&early, known.day, known.day));
}

static void an_empty_calendar_is_the_ordinary_week(void **state)
{
    (void)state;
    struct dsp_calendar empty;
    struct dsp_calendar_source source = {.version = 7};
    assert_ok(dsp_calendar_init(&empty, &source));
    assert_true(empty.version == 7);
    assert_true(dsp_calendar_is_working_day(&empty, day_of("2026-10-01")));
    assert_false(dsp_calendar_is_working_day(&empty, day_of("2026-10-10")));
    assert_true(dsp_calendar_is_working_day(&empty, 0)); /* a Thursday */
    assert_true(dsp_calendar_is_provisional(&empty, day_of("2026-10-01"), day_of("2026-10-01")));
}

static void an_ordinary_weekend_moves_a_period_unless_told_to_stay(void **state)
{
    (void)state;
    struct dsp_period week = {.unit = DSP_PERIOD_DAY, .count = 7};
    struct dsp_period_end end = {0};
    assert_ok(dsp_calendar_period_end(&calendar, at("2026-01-10 10:00"), &week, &end)); /* Saturday to Saturday */
    assert_int_equal(end.last_day, day_of("2026-01-19"));
    week.weekends_stay = true;
    assert_ok(dsp_calendar_period_end(&calendar, at("2026-01-10 10:00"), &week, &end));
    assert_int_equal(end.last_day, day_of("2026-01-17"));
}

static void months_and_years_end_on_the_last_day_where_the_day_is_missing(void **state)
{
    (void)state;
    struct dsp_period period = {.unit = DSP_PERIOD_MONTH, .count = 1, .weekends_stay = true};
    struct dsp_period_end end = {0};
    assert_ok(dsp_calendar_period_end(&calendar, at("2026-03-31 10:00"), &period, &end));
    assert_int_equal(end.unmoved_day, day_of("2026-04-30"));
    assert_ok(dsp_calendar_period_end(&calendar, at("2026-12-15 10:00"), &period, &end));
    assert_int_equal(end.unmoved_day, day_of("2027-01-15"));
    period = (struct dsp_period){.unit = DSP_PERIOD_YEAR, .count = 3, .weekends_stay = true};
    assert_ok(dsp_calendar_period_end(&calendar, at("2024-02-29 10:00"), &period, &end));
    assert_int_equal(end.unmoved_day, day_of("2027-02-28"));
}

static void a_day_begins_at_midnight_in_shanghai(void **state)
{
    (void)state;
    assert_int_equal(dsp_calendar_day_of(at("2026-02-11 00:00")), day_of("2026-02-11"));
    assert_int_equal(dsp_calendar_day_of(at("2026-02-11 00:00") - 1), day_of("2026-02-10"));
    assert_true(dsp_calendar_day_start_ms(day_of("2026-02-11")) == at("2026-02-11 00:00"));
    assert_int_equal(dsp_calendar_day_of_date(2026, 2, 11), day_of("2026-02-11"));
    assert_int_equal(dsp_calendar_day_of_date(1970, 1, 1), 0);
    assert_int_equal(dsp_calendar_day_of_date(2199, 12, 31), 84005);
}

static void bad_calendars_are_rejected_and_change_nothing(void **state)
{
    (void)state;
    struct dsp_calendar result = {.version = 42};
    struct dsp_calendar_exception days[] = {{day_of("2026-10-01"), false}, {day_of("2026-10-01"), true}};
    int32_t year = 1969;
    struct dsp_calendar_source source = {.version = 1, .exceptions = days, .exception_count = 2};
    assert_err(dsp_calendar_init(&result, &source), DSP_ERR_REJECT, "FIELD_INVALID"); /* twice */
    days[1].day = day_of("2042-10-01");
    assert_err(dsp_calendar_init(&result, &source), DSP_ERR_REJECT, "FIELD_INVALID"); /* too many years */
    days[1].day = -1;
    assert_err(dsp_calendar_init(&result, &source), DSP_ERR_REJECT, "FIELD_INVALID");
    days[1].day = INT32_MAX;
    assert_err(dsp_calendar_init(&result, &source), DSP_ERR_REJECT, "FIELD_INVALID");
    source = (struct dsp_calendar_source){.provisional_years = &year, .provisional_count = 1};
    assert_err(dsp_calendar_init(&result, &source), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_true(result.version == 42);
}

static void budgets_and_instants_out_of_range_are_rejected(void **state)
{
    (void)state;
    int64_t now_ms = at("2026-02-11 16:00");
    struct dsp_due result = {.due_ms = 42};
    struct dsp_period_end end = {.last_day = 42};
    int64_t elapsed_ms = 42;
    int32_t day = 42;
    struct dsp_period period = {.unit = DSP_PERIOD_YEAR, .count = 0};
    assert_err(dsp_calendar_due_working(&calendar, now_ms, -1, &result), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_err(dsp_calendar_due_working(&calendar, now_ms, INT64_MAX, &result), DSP_ERR_REJECT, "OVERFLOW");
    assert_err(dsp_calendar_due_working(&calendar, INT64_MAX, 0, &result), DSP_ERR_REJECT, "OVERFLOW");
    assert_err(dsp_calendar_due_working(&calendar, INT64_MIN, 0, &result), DSP_ERR_REJECT, "OVERFLOW");
    assert_err(dsp_calendar_due_working(&calendar, now_ms, 60000 * DSP_DAY_MS, &result), DSP_ERR_REJECT, "OVERFLOW");
    assert_err(dsp_calendar_elapsed_working(&calendar, now_ms, INT64_MAX, &elapsed_ms), DSP_ERR_REJECT, "OVERFLOW");
    assert_err(dsp_calendar_nth_working_day(&calendar, 20000, 0, &day), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_err(dsp_calendar_nth_working_day(&calendar, 84000, 100, &day), DSP_ERR_REJECT, "OVERFLOW");
    assert_err(dsp_calendar_period_end(&calendar, now_ms, &period, &end), DSP_ERR_REJECT, "FIELD_INVALID");
    period.count = 174;
    assert_err(dsp_calendar_period_end(&calendar, now_ms, &period, &end), DSP_ERR_REJECT, "OVERFLOW");
    period.count = INT32_MAX;
    assert_err(dsp_calendar_period_end(&calendar, now_ms, &period, &end), DSP_ERR_REJECT, "OVERFLOW");
    assert_true(result.due_ms == 42 && elapsed_ms == 42 && day == 42 && end.last_day == 42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_of_the_nth_working_day_holds),
        cmocka_unit_test(every_vector_of_counts_holds),
        cmocka_unit_test(every_vector_of_single_days_holds),
        cmocka_unit_test(every_vector_of_periods_holds_under_both_readings),
        cmocka_unit_test(no_vector_is_of_a_kind_that_nobody_checks),
        cmocka_unit_test(the_deployed_calendar_has_the_days_of_the_vectors),
        cmocka_unit_test(sc16_the_investigation_passes_spring_festival),
        cmocka_unit_test(sc16_half_of_the_budget_is_used_when_it_is_met),
        cmocka_unit_test(sc16_finalising_ends_on_a_saturday_that_works),
        cmocka_unit_test(sc16_the_return_window_moves_out_of_the_break),
        cmocka_unit_test(other_scenarios_count_alike),
        cmocka_unit_test(a_start_on_a_day_off_counts_from_the_next_working_day),
        cmocka_unit_test(a_budget_used_up_at_midnight_ends_after_the_break),
        cmocka_unit_test(elapsed_time_up_to_the_due_instant_is_the_budget),
        cmocka_unit_test(a_pause_and_resume_within_a_run_keeps_the_due_instant),
        cmocka_unit_test(time_that_runs_backwards_elapses_nothing),
        cmocka_unit_test(a_due_instant_in_a_year_without_notice_is_provisional),
        cmocka_unit_test(a_provisional_year_honours_the_days_already_known),
        cmocka_unit_test(an_empty_calendar_is_the_ordinary_week),
        cmocka_unit_test(an_ordinary_weekend_moves_a_period_unless_told_to_stay),
        cmocka_unit_test(months_and_years_end_on_the_last_day_where_the_day_is_missing),
        cmocka_unit_test(a_day_begins_at_midnight_in_shanghai),
        cmocka_unit_test(bad_calendars_are_rejected_and_change_nothing),
        cmocka_unit_test(budgets_and_instants_out_of_range_are_rejected),
    };
    return cmocka_run_group_tests(tests, load_files, drop_files);
}
