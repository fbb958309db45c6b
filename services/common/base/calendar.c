#include "common/base/calendar.h"

#include <limits.h>

#include "common/base/clock.h"
#include "common/base/codes.h"

#define SHANGHAI_MS (8 * DSP_HOUR_MS)
#define FIRST_YEAR 1970
#define LAST_YEAR 2199
#define LAST_DAY 84005 /* 2199-12-31 */

struct date {
    int year, month, day_of_month;
};

static int64_t floor_div(int64_t value, int64_t by)
{
    return value / by - (value % by < 0 ? 1 : 0);
}

int32_t dsp_calendar_day_of(int64_t time_ms)
{
    return (int32_t)floor_div(time_ms + SHANGHAI_MS, DSP_DAY_MS);
}

int64_t dsp_calendar_day_start_ms(int32_t day)
{
    return (int64_t)day * DSP_DAY_MS - SHANGHAI_MS;
}

/* Years that begin in March have their odd day at the end; eras of 400 of them have 146097 days
 * (Howard Hinnant, chrono-compatible low-level date algorithms). */
int32_t dsp_calendar_day_of_date(int year, int month, int day_of_month)
{
    int march_year = month <= 2 ? year - 1 : year;
    int era = (int)floor_div(march_year, 400);
    int year_of_era = march_year - era * 400;
    int day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day_of_month - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static struct date date_of_day(int32_t day)
{
    int shifted = day + 719468;
    int era = (int)floor_div(shifted, 146097);
    int day_of_era = shifted - era * 146097;
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int march_month = (5 * day_of_year + 2) / 153;
    int month = march_month < 10 ? march_month + 3 : march_month - 9;
    return (struct date){
        .year = era * 400 + year_of_era + (month <= 2 ? 1 : 0),
        .month = month,
        .day_of_month = day_of_year - (153 * march_month + 2) / 5 + 1,
    };
}

static int days_of_month(int year, int month)
{
    int next = month == 12 ? dsp_calendar_day_of_date(year + 1, 1, 1) : dsp_calendar_day_of_date(year, month + 1, 1);
    return next - dsp_calendar_day_of_date(year, month, 1);
}

static bool day_supported(int64_t day)
{
    return day >= 0 && day <= LAST_DAY;
}

static struct dsp_err check_time(int64_t time_ms)
{
    if (time_ms < dsp_calendar_day_start_ms(0) || time_ms >= dsp_calendar_day_start_ms(LAST_DAY + 1)) {
        return dsp_reject(DSP_CODE_OVERFLOW, "an instant outside the years %d to %d", FIRST_YEAR, LAST_YEAR);
    }
    return dsp_ok();
}

static bool is_weekend(int32_t day)
{
    int weekday = (day % 7 + 7 + 3) % 7; /* 0 = Monday; 1970-01-01 was a Thursday */
    return weekday >= 5;
}

static bool bit(const uint64_t *words, int index)
{
    return (words[index / 64] >> (index % 64) & 1) != 0;
}

static void set_bit(uint64_t *words, int index)
{
    words[index / 64] |= UINT64_C(1) << (index % 64);
}

/* The row of a year; NULL: the calendar does not reach it. */
static const struct dsp_calendar_year *find_year(const struct dsp_calendar *calendar, int year)
{
    int index = year - calendar->first_year;
    return index >= 0 && index < calendar->year_count ? &calendar->years[index] : NULL;
}

/* First and last year that the source names; false: it names none. */
static bool year_range(const struct dsp_calendar_source *source, int *ret_first, int *ret_last)
{
    int first = INT_MAX, last = INT_MIN;
    for (size_t i = 0; i < source->exception_count + source->provisional_count; i++) {
        int year = i < source->exception_count ? date_of_day(source->exceptions[i].day).year
                                               : source->provisional_years[i - source->exception_count];
        first = year < first ? year : first;
        last = year > last ? year : last;
    }
    *ret_first = first;
    *ret_last = last;
    return first <= last;
}

static struct dsp_err check_source(const struct dsp_calendar_source *source)
{
    for (size_t i = 0; i < source->exception_count; i++) {
        if (!day_supported(source->exceptions[i].day)) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "calendar day %d is out of range", source->exceptions[i].day);
        }
    }
    for (size_t i = 0; i < source->provisional_count; i++) {
        if (source->provisional_years[i] < FIRST_YEAR || source->provisional_years[i] > LAST_YEAR) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "calendar year %d is out of range", source->provisional_years[i]);
        }
    }
    return dsp_ok();
}

static struct dsp_err add_exception(struct dsp_calendar *calendar, const struct dsp_calendar_exception *exception)
{
    int year = date_of_day(exception->day).year;
    int index = exception->day - dsp_calendar_day_of_date(year, 1, 1);
    struct dsp_calendar_year *row = &calendar->years[year - calendar->first_year];
    if (bit(row->days_off, index) || bit(row->make_up_days, index)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "calendar day %d is listed twice", exception->day);
    }
    set_bit(exception->working ? row->make_up_days : row->days_off, index);
    row->listed = true;
    return dsp_ok();
}

struct dsp_err dsp_calendar_init(struct dsp_calendar *ret_calendar, const struct dsp_calendar_source *source)
{
    struct dsp_calendar calendar = {.version = source->version};
    int first, last;
    DSP_TRY(check_source(source));
    if (year_range(source, &first, &last)) {
        if (last - first >= DSP_CALENDAR_YEARS_MAX) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "a calendar from %d to %d is too long", first, last);
        }
        calendar.first_year = first;
        calendar.year_count = last - first + 1;
    }
    for (size_t i = 0; i < source->exception_count; i++) {
        DSP_TRY(add_exception(&calendar, &source->exceptions[i]));
    }
    for (size_t i = 0; i < source->provisional_count; i++) {
        calendar.years[source->provisional_years[i] - calendar.first_year].provisional = true;
    }
    *ret_calendar = calendar;
    return dsp_ok();
}

/* A day off by a notice, whatever its weekday. */
static bool is_published_off(const struct dsp_calendar *calendar, int32_t day)
{
    int year = date_of_day(day).year;
    const struct dsp_calendar_year *row = find_year(calendar, year);
    return row && bit(row->days_off, day - dsp_calendar_day_of_date(year, 1, 1));
}

bool dsp_calendar_is_working_day(const struct dsp_calendar *calendar, int32_t day)
{
    int year = date_of_day(day).year;
    const struct dsp_calendar_year *row = find_year(calendar, year);
    int index = day - dsp_calendar_day_of_date(year, 1, 1);
    if (row && bit(row->days_off, index)) {
        return false;
    }
    return (row && bit(row->make_up_days, index)) || !is_weekend(day);
}

bool dsp_calendar_is_provisional(const struct dsp_calendar *calendar, int32_t first_day, int32_t last_day)
{
    int last_year = date_of_day(last_day).year;
    for (int year = date_of_day(first_day).year; year <= last_year; year++) {
        const struct dsp_calendar_year *row = find_year(calendar, year);
        if (!row || !row->listed || row->provisional) {
            return true;
        }
    }
    return false;
}

struct dsp_err dsp_calendar_nth_working_day(const struct dsp_calendar *calendar, int32_t day, int32_t n,
                                            int32_t *ret_day)
{
    if (!day_supported(day) || n < 1) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "working day %d after day %d", n, day);
    }
    int32_t found = 0;
    while (found < n) {
        if (day == LAST_DAY) {
            return dsp_reject(DSP_CODE_OVERFLOW, "a period that ends after %d", LAST_YEAR);
        }
        day++;
        found += dsp_calendar_is_working_day(calendar, day) ? 1 : 0;
    }
    *ret_day = day;
    return dsp_ok();
}

int32_t dsp_calendar_count_working_days(const struct dsp_calendar *calendar, int32_t first_day, int32_t last_day)
{
    int32_t count = 0;
    for (int32_t day = first_day; day <= last_day; day++) {
        count += dsp_calendar_is_working_day(calendar, day) ? 1 : 0;
    }
    return count;
}

struct dsp_err dsp_calendar_due_working(const struct dsp_calendar *calendar, int64_t from_ms, int64_t budget_ms,
                                        struct dsp_due *ret_due)
{
    DSP_TRY(check_time(from_ms));
    if (budget_ms < 0) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a negative budget");
    }
    if (budget_ms > LAST_DAY * DSP_DAY_MS) {
        return dsp_reject(DSP_CODE_OVERFLOW, "a budget longer than the calendar");
    }
    int32_t from_day = dsp_calendar_day_of(from_ms);
    int32_t day = from_day;
    int64_t passed_ms = from_ms - dsp_calendar_day_start_ms(day);
    if (!dsp_calendar_is_working_day(calendar, day)) {
        DSP_TRY(dsp_calendar_nth_working_day(calendar, day, 1, &day));
        passed_ms = 0;
    }
    int64_t since_midnight_ms = passed_ms + budget_ms;
    int32_t whole_days = (int32_t)(since_midnight_ms / DSP_DAY_MS);
    if (whole_days > 0) {
        DSP_TRY(dsp_calendar_nth_working_day(calendar, day, whole_days, &day));
    }
    *ret_due = (struct dsp_due){
        .due_ms = dsp_calendar_day_start_ms(day) + since_midnight_ms % DSP_DAY_MS,
        .provisional = dsp_calendar_is_provisional(calendar, from_day, day),
    };
    return dsp_ok();
}

/* Working time of a day before this instant of it. */
static int64_t worked_on_day_ms(const struct dsp_calendar *calendar, int64_t time_ms)
{
    int32_t day = dsp_calendar_day_of(time_ms);
    return dsp_calendar_is_working_day(calendar, day) ? time_ms - dsp_calendar_day_start_ms(day) : 0;
}

struct dsp_err dsp_calendar_elapsed_working(const struct dsp_calendar *calendar, int64_t from_ms, int64_t to_ms,
                                            int64_t *ret_elapsed_ms)
{
    DSP_TRY(check_time(from_ms));
    DSP_TRY(check_time(to_ms));
    if (to_ms <= from_ms) {
        *ret_elapsed_ms = 0;
        return dsp_ok();
    }
    int32_t from_day = dsp_calendar_day_of(from_ms);
    int32_t to_day = dsp_calendar_day_of(to_ms);
    *ret_elapsed_ms = dsp_calendar_count_working_days(calendar, from_day, to_day - 1) * DSP_DAY_MS -
                      worked_on_day_ms(calendar, from_ms) + worked_on_day_ms(calendar, to_ms);
    return dsp_ok();
}

/* The matching day `months` later, or the last of its month when there is none. */
static int32_t add_months(int32_t day, int32_t months)
{
    struct date date = date_of_day(day);
    int month_index = date.month - 1 + months;
    int year = date.year + month_index / 12;
    int month = month_index % 12 + 1;
    int days = days_of_month(year, month);
    return dsp_calendar_day_of_date(year, month, date.day_of_month < days ? date.day_of_month : days);
}

static int32_t unmoved_last_day(int32_t start_day, const struct dsp_period *period)
{
    switch (period->unit) {
    case DSP_PERIOD_MONTH:
        return add_months(start_day, period->count);
    case DSP_PERIOD_YEAR:
        return add_months(start_day, period->count * 12);
    case DSP_PERIOD_DAY:
        break;
    }
    return start_day + period->count;
}

static bool may_be_last(const struct dsp_calendar *calendar, const struct dsp_period *period, int32_t day)
{
    return period->weekends_stay ? !is_published_off(calendar, day) : dsp_calendar_is_working_day(calendar, day);
}

struct dsp_err dsp_calendar_period_end(const struct dsp_calendar *calendar, int64_t from_ms,
                                       const struct dsp_period *period, struct dsp_period_end *ret_end)
{
    DSP_TRY(check_time(from_ms));
    if (period->count < 1) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a period of %d units", period->count);
    }
    if (period->count > LAST_DAY) { /* before it can overflow below */
        return dsp_reject(DSP_CODE_OVERFLOW, "a period of %d units", period->count);
    }
    int32_t start_day = dsp_calendar_day_of(from_ms);
    int32_t unmoved = unmoved_last_day(start_day, period);
    int32_t last = unmoved;
    while (last <= LAST_DAY && !may_be_last(calendar, period, last)) {
        last++;
    }
    if (last > LAST_DAY) {
        return dsp_reject(DSP_CODE_OVERFLOW, "a period that ends after %d", LAST_YEAR);
    }
    *ret_end = (struct dsp_period_end){
        .unmoved_day = unmoved,
        .last_day = last,
        /* Only the days from the unmoved last one on were asked, so only their notice can move the end. */
        .due = {dsp_calendar_day_start_ms(last + 1), dsp_calendar_is_provisional(calendar, unmoved, last)},
    };
    return dsp_ok();
}
