#include "common/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "common/base/codes.h"

#define FIRST_CAPACITY 16
/* 0000-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z: what four digits of a year can say. */
#define TEXT_MIN_MS INT64_C(-62167219200000)
#define TEXT_MAX_MS INT64_C(253402300799999)

struct pair {
    int64_t stamp_ms; /* never falls from one pair to the next */
    int64_t sandbox_ms;
};

struct dsp_clock {
    struct pair *pairs;
    size_t count;
    size_t capacity; /* 0 or a power of two */
};

struct dsp_clock *dsp_clock_new(void)
{
    return calloc(1, sizeof(struct dsp_clock));
}

void dsp_clock_free(struct dsp_clock *clock)
{
    if (clock) {
        free(clock->pairs);
        free(clock);
    }
}

static int64_t read_ms(clockid_t id)
{
    struct timespec now = {0};
    (void)clock_gettime(id, &now); /* cannot fail for the two clocks we ask */
    return (int64_t)now.tv_sec * DSP_SECOND_MS + now.tv_nsec / 1000000;
}

int64_t dsp_real_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

int64_t dsp_monotonic_ms(void)
{
    return read_ms(CLOCK_MONOTONIC);
}

int64_t dsp_clock_now_ms(const struct dsp_clock *clock)
{
    return clock->count == 0 ? dsp_real_ms() : clock->pairs[clock->count - 1].sandbox_ms;
}

int64_t dsp_clock_map_ms(const struct dsp_clock *clock, int64_t stamp_ms)
{
    size_t low = 0; /* pairs before `low` are stamped at or before the stamp, pairs from `high` on after it */
    size_t high = clock->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (clock->pairs[middle].stamp_ms <= stamp_ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low == 0 ? stamp_ms : clock->pairs[low - 1].sandbox_ms;
}

static bool grow(struct dsp_clock *clock)
{
    size_t capacity = clock->capacity == 0 ? FIRST_CAPACITY : clock->capacity * 2;
    struct pair *pairs = reallocarray(clock->pairs, capacity, sizeof *pairs);
    if (!pairs) {
        return false;
    }
    clock->pairs = pairs;
    clock->capacity = capacity;
    return true;
}

struct dsp_err dsp_clock_add_pair(struct dsp_clock *clock, int64_t stamp_ms, int64_t sandbox_ms)
{
    if (clock->count == clock->capacity && !grow(clock)) {
        return dsp_retry(DSP_CODE_SYSTEM_FAILED, "no memory for time pair %zu", clock->count + 1);
    }
    if (clock->count > 0 && stamp_ms < clock->pairs[clock->count - 1].stamp_ms) {
        stamp_ms = clock->pairs[clock->count - 1].stamp_ms;
    }
    clock->pairs[clock->count++] = (struct pair){stamp_ms, sandbox_ms};
    return dsp_ok();
}

size_t dsp_clock_pairs(const struct dsp_clock *clock)
{
    return clock->count;
}

void dsp_time_format(int64_t time_ms, char *text)
{
    int64_t shown_ms = time_ms < TEXT_MIN_MS ? TEXT_MIN_MS : time_ms > TEXT_MAX_MS ? TEXT_MAX_MS : time_ms;
    int64_t millis = shown_ms % DSP_SECOND_MS;
    if (millis < 0) { /* before 1970: the second begins earlier */
        millis += DSP_SECOND_MS;
    }
    time_t seconds = (time_t)((shown_ms - millis) / DSP_SECOND_MS);
    struct tm utc = {0};
    (void)gmtime_r(&seconds, &utc);
    /* The year apart: strftime does not fill it up to four digits. */
    size_t year_length = (size_t)snprintf(text, DSP_TIME_TEXT_BYTES, "%04d", utc.tm_year + 1900);
    size_t length = year_length;
    length += strftime(text + length, DSP_TIME_TEXT_BYTES - length, "-%m-%dT%H:%M:%S", &utc);
    (void)snprintf(text + length, DSP_TIME_TEXT_BYTES - length, ".%03dZ", (int)millis);
}

static bool take(const char **at, char expected)
{
    if (**at != expected) {
        return false;
    }
    (*at)++;
    return true;
}

/* Exactly `count` digits, value within low..high. */
static bool take_number(const char **at, int count, int low, int high, int *ret_value)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (**at < '0' || **at > '9') {
            return false;
        }
        value = value * 10 + (**at - '0');
        (*at)++;
    }
    if (value < low || value > high) {
        return false;
    }
    *ret_value = value;
    return true;
}

static int days_of_month(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return DAYS[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool take_date(const char **at, struct tm *utc)
{
    int year, month, day;
    if (!take_number(at, 4, 0, 9999, &year) || !take(at, '-') || !take_number(at, 2, 1, 12, &month) || !take(at, '-') ||
        !take_number(at, 2, 1, days_of_month(year, month), &day)) {
        return false;
    }
    utc->tm_year = year - 1900;
    utc->tm_mon = month - 1;
    utc->tm_mday = day;
    return true;
}

/* Second 60 is refused: Unix time cannot say it. */
static bool take_time_of_day(const char **at, struct tm *utc)
{
    return take_number(at, 2, 0, 23, &utc->tm_hour) && take(at, ':') && take_number(at, 2, 0, 59, &utc->tm_min) &&
           take(at, ':') && take_number(at, 2, 0, 59, &utc->tm_sec);
}

/* An optional fraction of any length, cut to milliseconds. */
static bool take_fraction(const char **at, int *ret_millis)
{
    int millis = 0;
    int weight = 100;
    if (take(at, '.')) {
        int digit;
        if (**at < '0' || **at > '9') {
            return false;
        }
        while (take_number(at, 1, 0, 9, &digit)) {
            millis += digit * weight;
            weight /= 10;
        }
    }
    *ret_millis = millis;
    return true;
}

static bool take_offset(const char **at, int64_t *ret_offset_ms)
{
    if (take(at, 'Z')) {
        *ret_offset_ms = 0;
        return true;
    }
    bool west = take(at, '-');
    int hours, minutes;
    if ((!west && !take(at, '+')) || !take_number(at, 2, 0, 23, &hours) || !take(at, ':') ||
        !take_number(at, 2, 0, 59, &minutes)) {
        return false;
    }
    int64_t offset_ms = hours * DSP_HOUR_MS + minutes * DSP_MINUTE_MS;
    *ret_offset_ms = west ? -offset_ms : offset_ms;
    return true;
}

bool dsp_time_parse(const char *text, int64_t *ret_time_ms)
{
    struct tm utc = {0};
    int millis;
    int64_t offset_ms;
    const char *at = text;
    if (!take_date(&at, &utc) || !take(&at, 'T') || !take_time_of_day(&at, &utc) || !take_fraction(&at, &millis) ||
        !take_offset(&at, &offset_ms) || *at != '\0') {
        return false;
    }
    *ret_time_ms = (int64_t)timegm(&utc) * DSP_SECOND_MS + millis - offset_ms;
    return true;
}
