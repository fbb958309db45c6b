#include "disputectl/play_compare.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/str.h"

#define PATH_BYTES 256

void play_diffs_fini(struct play_diffs *diffs)
{
    json_decref(diffs->list);
    diffs->list = NULL;
}

size_t play_diffs_count(const struct play_diffs *diffs)
{
    return json_array_size(diffs->list);
}

void play_diff(struct play_diffs *diffs, const char *where, const char *expected, const char *got)
{
    if (!diffs) {
        return;
    }
    diffs->list = diffs->list ? diffs->list : json_array();
    json_array_append_new(diffs->list, json_pack("{s:s, s:s, s:s}", "where", where, "expected", expected, "got", got));
}

void play_diff_format(struct play_diffs *diffs, const char *where, const char *expected, const char *got_format, ...)
{
    char got[512];
    va_list arguments;
    va_start(arguments, got_format);
    vsnprintf(got, sizeof got, got_format, arguments);
    va_end(arguments);
    play_diff(diffs, where, expected, got);
}

char *play_json_text(const json_t *value)
{
    if (!value || json_is_null(value)) {
        return strdup("nothing");
    }
    if (json_is_string(value)) {
        return strdup(json_string_value(value));
    }
    return json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
}

static bool differ(struct play_diffs *diffs, const char *path, const json_t *expected, const json_t *got)
{
    if (diffs) {
        char *wanted = play_json_text(expected);
        char *found = play_json_text(got);
        play_diff(diffs, path, wanted ? wanted : "", found ? found : "");
        free(wanted);
        free(found);
    }
    return false;
}

static bool number_of(const json_t *value, int64_t *ret_number)
{
    if (json_is_integer(value)) {
        *ret_number = json_integer_value(value);
        return true;
    }
    return json_is_string(value) && dsp_str_to_int64(dsp_str_from(json_string_value(value)), ret_number);
}

static bool is_default(const json_t *value)
{
    return json_is_false(value) || (json_is_integer(value) && json_integer_value(value) == 0) ||
           (json_is_string(value) && !json_string_value(value)[0]) || (json_is_array(value) && !json_array_size(value));
}

static bool is_instant(const char *path)
{
    static const char END[] = "_time_millis";
    size_t size = strlen(path);
    return size >= sizeof END && strcmp(path + size - (sizeof END - 1), END) == 0;
}

static bool same_number(const json_t *expected, const json_t *got, const char *path)
{
    int64_t wanted = json_integer_value(expected);
    int64_t found = 0;
    const json_t *minor = json_object_get(got, "amount_minor");
    if (json_is_object(got) && json_object_get(got, "currency")) {
        return minor ? number_of(minor, &found) && found == wanted : wanted == 0;
    }
    if (!number_of(got, &found)) {
        return false;
    }
    return is_instant(path) ? wanted / 1000 == found / 1000 : wanted == found;
}

/* A label of the log in place of a value: true when the comparison is settled by it. */
static bool open_label(struct play_labels *labels, bool bind, const char *text, const json_t *got, bool *ret_same)
{
    char name[128];
    if (play_label_is(text, "entry", name, sizeof name)) {
        *ret_same = true;
        return true;
    }
    if (!play_label_is(text, "seen", name, sizeof name)) {
        return false;
    }
    const json_t *known = play_labels_get(labels, "seen", name);
    if (known) {
        *ret_same = json_equal(known, got);
    } else {
        *ret_same = got != NULL;
        if (bind && got) {
            play_labels_set(labels, "seen", name, json_deep_copy(got));
        }
    }
    return true;
}

static bool compare_members(struct play_labels *labels, bool bind, const json_t *expected, const json_t *got,
                            const char *path, struct play_diffs *diffs)
{
    const char *key;
    json_t *member;
    size_t index;
    char below[PATH_BYTES];
    bool same = true;
    if (json_is_array(expected)) {
        if (!json_is_array(got) || json_array_size(got) != json_array_size(expected)) {
            return differ(diffs, path, expected, got);
        }
        json_array_foreach(expected, index, member) {
            snprintf(below, sizeof below, "%s[%zu]", path, index);
            same = play_compare(labels, bind, member, json_array_get(got, index), below, diffs) && same;
        }
        return same;
    }
    if (!json_is_object(got)) {
        return differ(diffs, path, expected, got);
    }
    json_object_foreach((json_t *)(uintptr_t)expected, key, member) { /* not changed */
        snprintf(below, sizeof below, "%s%s%s", path, path[0] ? "." : "", key);
        same = play_compare(labels, bind, member, json_object_get(got, key), below, diffs) && same;
    }
    return same;
}

bool play_compare(struct play_labels *labels, bool bind, const json_t *expected, const json_t *got, const char *path,
                  struct play_diffs *diffs)
{
    bool same = false;
    if (json_is_string(expected) && open_label(labels, bind, json_string_value(expected), got, &same)) {
        return same || differ(diffs, path, expected, got);
    }
    if (json_is_string(expected) && strcmp(json_string_value(expected), "*") == 0) {
        return got && !json_is_null(got) ? true : differ(diffs, path, expected, got);
    }
    if (json_is_null(expected)) {
        return !got || json_is_null(got) ? true : differ(diffs, path, expected, got);
    }
    if (!got || json_is_null(got)) {
        return is_default(expected) ? true : differ(diffs, path, expected, got);
    }
    if (json_is_array(expected) || json_is_object(expected)) {
        return compare_members(labels, bind, expected, got, path, diffs);
    }
    same = json_is_integer(expected) ? same_number(expected, got, path) : json_equal(expected, got) != 0;
    return same || differ(diffs, path, expected, got);
}
