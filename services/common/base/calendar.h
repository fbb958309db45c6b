/* Working days and periods of the law, in Asia/Shanghai: UTC+8 without daylight saving.
 * Pure arithmetic on a calendar that is data (platform state, part Calendar; deploy/policy/calendar-2026.json):
 * Monday to Friday are working days but for the days listed. Days are counted from 1970-01-01 and begin at
 * 00:00 +08:00; times are milliseconds since 1970 UTC. Supported: 1970-01-01 to 2199-12-31;
 * days and times outside are the caller's mistake where a function returns no error.
 *
 * A year is provisional when its notice is not out: when the calendar says so, or lists no day of it. A result
 * that touches such a year is marked, and is computed again when the notice comes. */
#ifndef DSP_CALENDAR_H
#define DSP_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

#define DSP_CALENDAR_YEARS_MAX 16 /* from the first to the last year that is listed */
#define DSP_CALENDAR_YEAR_WORDS 6 /* 366 bits */

/* One day of a State Council notice: a day off, or a make-up working day. */
struct dsp_calendar_exception {
    int32_t day;
    bool working;
};

/* What a calendar is built from; borrowed during dsp_calendar_init only. */
struct dsp_calendar_source {
    uint64_t version;
    const struct dsp_calendar_exception *exceptions;
    size_t exception_count;
    const int32_t *provisional_years;
    size_t provisional_count;
};

/* Bit n of a bitmap is the n-th day of the year, from 0. */
struct dsp_calendar_year {
    bool listed;      /* an exception names it */
    bool provisional; /* the source says so */
    uint64_t days_off[DSP_CALENDAR_YEAR_WORDS];
    uint64_t make_up_days[DSP_CALENDAR_YEAR_WORDS];
};

/* Owns nothing: may be copied and dropped. */
struct dsp_calendar {
    uint64_t version;
    int first_year;
    int year_count;
    struct dsp_calendar_year years[DSP_CALENDAR_YEARS_MAX];
};

/* An instant that depends on the calendar. */
struct dsp_due {
    int64_t due_ms;
    bool provisional; /* may move when a notice comes */
};

enum dsp_period_unit { DSP_PERIOD_DAY, DSP_PERIOD_MONTH, DSP_PERIOD_YEAR };

/* A period of the Civil Code (arts 200-204). */
struct dsp_period {
    enum dsp_period_unit unit;
    int32_t count;      /* of units, from 1 */
    bool weekends_stay; /* true: a last day moves out of a published break only; false, the usual reading: out of
                         * an ordinary weekend too (LAW-AND-CALENDAR 3) */
};

/* Where a period ends. */
struct dsp_period_end {
    int32_t unmoved_day; /* last day before article 203 is applied */
    int32_t last_day;
    struct dsp_due due; /* the first instant after the period: an act at or after it is late */
};

/* FIELD_INVALID (REJECT): a day or year outside the supported range, a day listed twice, too many years. */
DSP_MUST_USE struct dsp_err dsp_calendar_init(struct dsp_calendar *ret_calendar,
                                              const struct dsp_calendar_source *source);

/* Years that the calendar does not reach follow the ordinary week. */
bool dsp_calendar_is_working_day(const struct dsp_calendar *calendar, int32_t day);
/* Some year from that of `first_day` to that of `last_day` is provisional. */
bool dsp_calendar_is_provisional(const struct dsp_calendar *calendar, int32_t first_day, int32_t last_day);
/* The n-th working day after `day`, which is not counted; n from 1. */
DSP_MUST_USE struct dsp_err dsp_calendar_nth_working_day(const struct dsp_calendar *calendar, int32_t day, int32_t n,
                                                         int32_t *ret_day);
/* Working days from the first to the last day, both counted; 0 when last_day < first_day. */
int32_t dsp_calendar_count_working_days(const struct dsp_calendar *calendar, int32_t first_day, int32_t last_day);

/* Kind "work": when `budget_ms` of working time has passed since `from_ms`. Working days count 24 h, days off
 * stand still, so n days from an instant of a working day end at the same hour of the n-th working day after
 * it; a start on a day off counts from the next working day at 00:00. The result is always an instant of a
 * working day: a budget used up at the midnight before a break ends after the break.
 * REJECT FIELD_INVALID: negative budget. REJECT OVERFLOW: outside the supported range. */
DSP_MUST_USE struct dsp_err dsp_calendar_due_working(const struct dsp_calendar *calendar, int64_t from_ms,
                                                     int64_t budget_ms, struct dsp_due *ret_due);
/* Working time from one instant to another, 0 when the second is earlier. For every due instant above,
 * elapsed(from, due) is the budget. REJECT OVERFLOW: outside the supported range. */
DSP_MUST_USE struct dsp_err dsp_calendar_elapsed_working(const struct dsp_calendar *calendar, int64_t from_ms,
                                                         int64_t to_ms, int64_t *ret_elapsed_ms);

/* Kind "cal": the day of `from_ms` is not counted (201); a month without the day ends on its last day (202); a
 * last day off moves to the first day after that is none, and the period ends at its 24:00 (203).
 * REJECT FIELD_INVALID: count below 1. REJECT OVERFLOW: outside the supported range. */
DSP_MUST_USE struct dsp_err dsp_calendar_period_end(const struct dsp_calendar *calendar, int64_t from_ms,
                                                    const struct dsp_period *period, struct dsp_period_end *ret_end);

/* Day of an instant, and the first instant of a day. */
int32_t dsp_calendar_day_of(int64_t time_ms);
int64_t dsp_calendar_day_start_ms(int32_t day);
/* Day of a date of the Gregorian calendar; month 1..12, day of month as the month has. */
int32_t dsp_calendar_day_of_date(int year, int month, int day_of_month);

#endif
