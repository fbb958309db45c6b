#include "disputectl/ctl_text.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"

#define SHANGHAI_SECONDS (INT64_C(8) * 3600)

/* Reads digits; false: none, or they do not fit. */
static bool digits(const char **at, int64_t *ret_value)
{
    int64_t value = 0;
    const char *begin = *at;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, **at - '0', &value)) {
            return false;
        }
    }
    *ret_value = value;
    return *at != begin;
}

bool ctl_parse_amount(const char *text, int64_t *ret_minor)
{
    int64_t whole;
    int64_t fen;
    if (!digits(&text, &whole)) {
        return false;
    }
    if (strcmp(text, "fen") == 0) {
        *ret_minor = whole;
        return true;
    }
    if (*text != '.') {
        return false;
    }
    const char *decimals = ++text;
    if (!digits(&text, &fen) || text - decimals != 2 || *text || __builtin_mul_overflow(whole, 100, &whole) ||
        __builtin_add_overflow(whole, fen, &whole)) {
        return false;
    }
    *ret_minor = whole;
    return true;
}

static const struct {
    const char *name;
    int64_t ms;
} UNITS[] = {{"d", DSP_DAY_MS}, {"h", DSP_HOUR_MS}, {"m", DSP_MINUTE_MS}, {"s", DSP_SECOND_MS}, {"ms", 1}};
#define UNIT_COUNT (sizeof UNITS / sizeof *UNITS)

bool ctl_parse_duration(const char *text, int64_t *ret_ms)
{
    int64_t sum = 0;
    size_t from = 0; /* units left: from the largest to the smallest */
    if (!*text) {
        return false;
    }
    while (*text) {
        int64_t number;
        if (!digits(&text, &number)) {
            return false;
        }
        size_t size = 0;
        while (isalpha((unsigned char)text[size])) {
            size++;
        }
        size_t unit = from;
        while (unit < UNIT_COUNT && (strlen(UNITS[unit].name) != size || strncmp(UNITS[unit].name, text, size) != 0)) {
            unit++;
        }
        if (unit == UNIT_COUNT || __builtin_mul_overflow(number, UNITS[unit].ms, &number) ||
            __builtin_add_overflow(sum, number, &sum)) {
            return false;
        }
        text += size;
        from = unit + 1;
    }
    *ret_ms = sum;
    return true;
}

bool ctl_parse_time(const char *text, int64_t *ret_ms)
{
    char full[64];
    size_t size = strlen(text);
    if (dsp_time_parse(text, ret_ms)) {
        return true;
    }
    /* 2026-04-13T10:00 and an offset: minutes are enough for people. */
    if (size < 17 || size > 40 || (text[16] != 'Z' && text[16] != '+' && text[16] != '-')) {
        return false;
    }
    snprintf(full, sizeof full, "%.16s:00%s", text, text + 16);
    return dsp_time_parse(full, ret_ms);
}

void ctl_format_local(int64_t time_ms, char *text)
{
    int64_t ms = time_ms % 1000;
    int64_t seconds = time_ms / 1000;
    if (ms < 0) {
        ms += 1000;
        seconds--;
    }
    time_t shifted = (time_t)(seconds + SHANGHAI_SECONDS);
    struct tm parts;
    gmtime_r(&shifted, &parts);
    size_t size = strftime(text, CTL_TIME_TEXT_BYTES, "%Y-%m-%d %H:%M:%S", &parts);
    if (ms) {
        snprintf(text + size, CTL_TIME_TEXT_BYTES - size, ".%03d", (int)ms);
    }
}

void ctl_format_duration(int64_t duration_ms, char *text)
{
    int64_t rest = duration_ms < 0 ? -duration_ms : duration_ms;
    size_t used = 0;
    int shown = 0;
    text[0] = '\0';
    for (size_t i = 0; i < UNIT_COUNT && shown < 2; i++) {
        int64_t number = rest / UNITS[i].ms;
        rest %= UNITS[i].ms;
        if (number) {
            int size = snprintf(text + used, CTL_TIME_TEXT_BYTES - used, "%s%s%lld%s", shown ? " " : "",
                                duration_ms < 0 && !shown ? "-" : "", (long long)number, UNITS[i].name);
            used += (size_t)size;
        }
        shown += number || shown;
    }
    if (!used) {
        snprintf(text, CTL_TIME_TEXT_BYTES, "0s");
    }
}

void ctl_snake_case(const char *name, char *text, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; name[i] && used + 2 < size; i++) {
        if (isupper((unsigned char)name[i]) && i > 0 && !isupper((unsigned char)name[i - 1]) && name[i - 1] != '_') {
            text[used++] = '_';
        }
        text[used++] = (char)tolower((unsigned char)name[i]);
    }
    text[used] = '\0';
}

void ctl_pascal_case(const char *name, char *text, size_t size)
{
    size_t used = 0;
    bool first = true; /* of a word */
    bool shouting = true;
    for (const char *at = name; *at; at++) {
        shouting = shouting && !islower((unsigned char)*at);
    }
    for (; *name && used + 1 < size; name++) {
        if (*name == '_') {
            first = true;
            continue;
        }
        int letter = (unsigned char)*name;
        text[used++] = (char)(first ? toupper(letter) : shouting ? tolower(letter) : letter);
        first = false;
    }
    text[used] = '\0';
}
