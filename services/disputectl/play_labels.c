#include "disputectl/play_labels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/codes.h"
#include "common/base/id.h"

#define NAME_BYTES 128
#define SHANGHAI_MS (8 * INT64_C(3600000)) /* UTC+8, no summer time since 1991 */

struct play_labels {
    char tag[PLAY_TAG_BYTES];
    int year;
    json_t *values; /* "kind:name" → value */
};

struct play_labels *play_labels_new(const char *tag, int year)
{
    struct play_labels *labels = calloc(1, sizeof *labels);
    json_t *values = json_object();
    if (!labels || !values) {
        free(labels);
        json_decref(values);
        return NULL;
    }
    snprintf(labels->tag, sizeof labels->tag, "%s", tag);
    labels->year = year;
    labels->values = values;
    return labels;
}

void play_labels_free(struct play_labels *labels)
{
    if (labels) {
        json_decref(labels->values);
        free(labels);
    }
}

const char *play_labels_tag(const struct play_labels *labels)
{
    return labels->tag;
}

void play_labels_set(struct play_labels *labels, const char *kind, const char *name, json_t *value)
{
    char key[2 * NAME_BYTES];
    snprintf(key, sizeof key, "%s:%s", kind, name);
    json_object_set_new(labels->values, key, value);
}

const json_t *play_labels_get(const struct play_labels *labels, const char *kind, const char *name)
{
    char key[2 * NAME_BYTES];
    snprintf(key, sizeof key, "%s:%s", kind, name);
    return json_object_get(labels->values, key);
}

/* --- times and tags --- */

static bool take_number(const char **at, int digits, int *ret_value)
{
    int value = 0;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (**at < '0' || **at > '9') {
            return false;
        }
        value = value * 10 + (**at - '0');
    }
    *ret_value = value;
    return true;
}

static bool take_char(const char **at, char wanted)
{
    bool here = **at == wanted;
    *at += here;
    return here;
}

static bool take_date(const char **at, int year, struct tm *ret_date)
{
    const char *from = *at;
    int month;
    int day;
    int given;
    if (strlen(from) > 4 && from[4] == '-' && take_number(&from, 4, &given) && take_char(&from, '-')) {
        year = given;
        *at = from;
    }
    if (!take_number(at, 2, &month) || !take_char(at, '-') || !take_number(at, 2, &day) || month < 1 || month > 12 ||
        day < 1 || day > 31) {
        return false;
    }
    *ret_date = (struct tm){.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day};
    return true;
}

static bool date_seconds(struct tm *date, int64_t *ret_seconds)
{
    int day = date->tm_mday;
    *ret_seconds = (int64_t)timegm(date);
    return date->tm_mday == day; /* 02-30 would have become 03-02 */
}

bool play_parse_local(const char *text, int year, int64_t *ret_ms)
{
    struct tm date;
    int hour;
    int minute;
    int second = 0;
    int64_t seconds;
    const char *at = text;
    if (!take_date(&at, year, &date) || !take_char(&at, ' ') || !take_number(&at, 2, &hour) || !take_char(&at, ':') ||
        !take_number(&at, 2, &minute) || (take_char(&at, ':') && !take_number(&at, 2, &second)) || *at || hour > 23 ||
        minute > 59 || second > 59 || !date_seconds(&date, &seconds)) {
        return false;
    }
    *ret_ms = (seconds + hour * 3600 + minute * 60 + second) * 1000 - SHANGHAI_MS;
    return true;
}

static bool parse_day(const char *text, int year, int64_t *ret_day)
{
    struct tm date;
    int64_t seconds;
    const char *at = text;
    if (!take_date(&at, year, &date) || *at || !date_seconds(&date, &seconds)) {
        return false;
    }
    *ret_day = seconds / 86400;
    return true;
}

void play_tag(int64_t real_ms, size_t index, char *text)
{
    static const char DIGITS[] = "abcdefghijkmnpqrstuvwxyz23456789";      /* none that look alike */
    uint64_t left = (uint64_t)(real_ms / 32) & ((UINT64_C(1) << 35) - 1); /* 32 ms; comes round after 34 years */
    for (int i = 6; i >= 0; i--, left /= 32) {
        text[i] = DIGITS[left % 32];
    }
    text[7] = DIGITS[index / 32 % 32];
    text[8] = DIGITS[index % 32];
    text[9] = '\0';
}

/* --- one label --- */

static bool named(const char *kind, const char *const *list)
{
    for (; *list; list++) {
        if (strcmp(kind, *list) == 0) {
            return true;
        }
    }
    return false;
}

static struct dsp_err fresh_id(struct play_labels *labels, const char *kind, const char *name, const json_t **ret_value)
{
    struct dsp_uuid id;
    char text[DSP_UUID_TEXT_BYTES];
    DSP_TRY(dsp_uuid_v7(&id));
    dsp_uuid_format(&id, text);
    play_labels_set(labels, kind, name, json_string(text));
    *ret_value = play_labels_get(labels, kind, name);
    return dsp_ok();
}

static struct dsp_err computed(struct play_labels *labels, const char *kind, const char *name, const json_t **ret_value)
{
    int64_t number;
    bool at = strcmp(kind, "at") == 0;
    if (at ? !play_parse_local(name, labels->year, &number) : !parse_day(name, labels->year, &number)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "${%s:%s}: not a %s", kind, name, at ? "time" : "date");
    }
    play_labels_set(labels, kind, name, json_integer(number));
    *ret_value = play_labels_get(labels, kind, name);
    return dsp_ok();
}

/* NULL in ret_value: an entry or seen label that nobody knows yet. */
static struct dsp_err resolve(struct play_labels *labels, const char *kind, const char *name, const json_t **ret_value)
{
    static const char *const TAGGED[] = {"person", "staff",   "order", "openid",  "refund", "transaction",
                                         "offer",  "message", "id",    "waybill", NULL};
    static const char *const FRESH[] = {"case", "uuid", "command", NULL};
    static const char *const COMPUTED[] = {"at", "day", NULL};
    static const char *const LATER[] = {"entry", "seen", NULL};
    *ret_value = play_labels_get(labels, kind, name);
    if (*ret_value) {
        return dsp_ok();
    }
    if (strcmp(kind, "tag") == 0 && !name[0]) {
        play_labels_set(labels, kind, name, json_string(labels->tag));
    } else if (named(kind, TAGGED) && name[0]) {
        play_labels_set(labels, kind, name, json_sprintf("%s-%s", name, labels->tag));
    } else if (named(kind, FRESH)) {
        return fresh_id(labels, kind, name, ret_value);
    } else if (named(kind, COMPUTED)) {
        return computed(labels, kind, name, ret_value);
    } else if (!named(kind, LATER)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "${%s%s%s}: no such label", kind, name[0] ? ":" : "", name);
    }
    *ret_value = play_labels_get(labels, kind, name);
    return dsp_ok();
}

/* Splits "${kind:name}" at the start of a text; NULL: there is none. Else what follows it. */
static const char *split(const char *text, char *kind, char *name)
{
    const char *end = strncmp(text, "${", 2) == 0 ? strchr(text, '}') : NULL;
    if (!end || end - text > NAME_BYTES) {
        return NULL;
    }
    const char *colon = memchr(text, ':', (size_t)(end - text));
    const char *kind_end = colon ? colon : end;
    snprintf(kind, NAME_BYTES, "%.*s", (int)(kind_end - text - 2), text + 2);
    snprintf(name, NAME_BYTES, "%.*s", colon ? (int)(end - colon - 1) : 0, colon ? colon + 1 : "");
    return end + 1;
}

bool play_label_is(const char *text, const char *kind, char *name, size_t size)
{
    char found[NAME_BYTES];
    char given[NAME_BYTES];
    const char *rest = split(text, found, given);
    if (!rest || *rest || strcmp(found, kind) != 0 || strlen(given) >= size) {
        return false;
    }
    memcpy(name, given, strlen(given) + 1);
    return true;
}

bool play_labels_hold(const json_t *value, const char *kind)
{
    const char *key;
    json_t *member;
    size_t index;
    char wanted[NAME_BYTES];
    if (json_is_string(value)) {
        snprintf(wanted, sizeof wanted, "${%s:", kind);
        return strstr(json_string_value(value), wanted) != NULL;
    }
    if (json_is_array(value)) {
        json_array_foreach(value, index, member) {
            if (play_labels_hold(member, kind)) {
                return true;
            }
        }
        return false;
    }
    /* jansson's iterator wants a mutable object and leaves it as it is */
    json_object_foreach((json_t *)(uintptr_t)value, key, member) {
        if (play_labels_hold(member, kind)) {
            return true;
        }
    }
    return false;
}

/* --- whole values --- */

static void write_value(FILE *out, const json_t *value)
{
    if (json_is_string(value)) {
        fputs(json_string_value(value), out);
    } else {
        char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
        fputs(text ? text : "", out);
        free(text);
    }
}

static struct dsp_err write_text(struct play_labels *labels, FILE *out, const char *text, bool may_wait)
{
    char kind[NAME_BYTES];
    char name[NAME_BYTES];
    while (*text) {
        const json_t *value = NULL;
        const char *rest = split(text, kind, name);
        if (!rest) {
            fputc(*text++, out);
            continue;
        }
        DSP_TRY(resolve(labels, kind, name, &value));
        if (value) {
            write_value(out, value);
        } else if (may_wait) {
            fprintf(out, "%.*s", (int)(rest - text), text);
        } else {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "%.*s is not known yet", (int)(rest - text), text);
        }
        text = rest;
    }
    return dsp_ok();
}

static struct dsp_err text_with(struct play_labels *labels, const char *text, bool may_wait, char **ret_text)
{
    size_t size;
    char *bytes = NULL;
    FILE *out = open_memstream(&bytes, &size);
    if (!out) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    struct dsp_err err = write_text(labels, out, text, may_wait);
    fclose(out);
    if (dsp_failed(err)) {
        free(bytes);
        return err;
    }
    *ret_text = bytes;
    return dsp_ok();
}

struct dsp_err play_labels_text(struct play_labels *labels, const char *text, char **ret_text)
{
    return text_with(labels, text, false, ret_text);
}

static struct dsp_err apply_string(struct play_labels *labels, const char *text, bool may_wait, json_t **ret_value)
{
    char kind[NAME_BYTES];
    char name[NAME_BYTES];
    const json_t *value = NULL;
    const char *rest = split(text, kind, name);
    if (rest && !*rest) {
        DSP_TRY(resolve(labels, kind, name, &value));
        if (value) {
            *ret_value = json_deep_copy(value);
            return dsp_ok();
        }
    }
    char *copy;
    DSP_TRY(text_with(labels, text, may_wait, &copy));
    *ret_value = json_string(copy);
    free(copy);
    return dsp_ok();
}

/* A name may hold labels too: the accounts of "books" do. */
static struct dsp_err apply_member(struct play_labels *labels, const char *key, const json_t *member, bool may_wait,
                                   json_t *out)
{
    json_t *copy;
    char *name;
    DSP_TRY(play_labels_apply(labels, member, may_wait, &copy));
    struct dsp_err err = text_with(labels, key, may_wait, &name);
    if (dsp_failed(err)) {
        json_decref(copy);
        return err;
    }
    json_object_set_new(out, name, copy);
    free(name);
    return dsp_ok();
}

static struct dsp_err apply_members(struct play_labels *labels, const json_t *value, bool may_wait, json_t *out)
{
    const char *key;
    json_t *member;
    size_t index;
    json_t *copy;
    if (json_is_array(value)) {
        json_array_foreach(value, index, member) {
            DSP_TRY(play_labels_apply(labels, member, may_wait, &copy));
            json_array_append_new(out, copy);
        }
        return dsp_ok();
    }
    json_object_foreach((json_t *)(uintptr_t)value, key, member) { /* not changed, see above */
        DSP_TRY(apply_member(labels, key, member, may_wait, out));
    }
    return dsp_ok();
}

struct dsp_err play_labels_apply(struct play_labels *labels, const json_t *value, bool may_wait, json_t **ret_value)
{
    if (json_is_string(value)) {
        return apply_string(labels, json_string_value(value), may_wait, ret_value);
    }
    if (!json_is_array(value) && !json_is_object(value)) {
        *ret_value = json_deep_copy(value);
        return dsp_ok();
    }
    json_t *out = json_is_array(value) ? json_array() : json_object();
    struct dsp_err err = apply_members(labels, value, may_wait, out);
    if (dsp_failed(err)) {
        json_decref(out);
        return err;
    }
    *ret_value = out;
    return dsp_ok();
}
