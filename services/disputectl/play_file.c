/* The files of a story made into one JSON: comments taken out, `like` and `instead` worked in. */
#include "disputectl/play_file.h"

#include <libgen.h>
#include <stdio.h>
#include <string.h>

#include "disputectl/ctl_json.h"

/* Takes members whose name begins with "//" out, everywhere. */
static void strip_comments(json_t *value)
{
    const char *key;
    json_t *member;
    size_t index;
    void *next;
    if (json_is_array(value)) {
        json_array_foreach(value, index, member) {
            strip_comments(member);
        }
        return;
    }
    json_object_foreach_safe(value, next, key, member)
    {
        if (strncmp(key, "//", 2) == 0) {
            json_object_del(value, key);
        } else {
            strip_comments(member);
        }
    }
}

/* The file's own directory goes before a relative name. */
static void beside(const char *path, const char *name, char *text, size_t size)
{
    char copy[512];
    snprintf(copy, sizeof copy, "%s", path);
    snprintf(text, size, "%s%s%s", name[0] == '/' ? "" : dirname(copy), name[0] == '/' ? "" : "/", name);
}

static struct dsp_err read_clean(const char *path, json_t **ret_json)
{
    DSP_TRY(ctl_json_read_file(path, ret_json));
    strip_comments(*ret_json);
    if (!json_is_object(*ret_json)) {
        json_decref(*ret_json);
        return play_bad(path, "an object is needed");
    }
    return dsp_ok();
}

/* --- like, instead --- */

static void put_instead(json_t *inputs, const json_t *instead)
{
    const char *label;
    json_t *input;
    json_object_foreach((json_t *)(uintptr_t)instead, label, input) { /* not changed */
        for (size_t i = 0; i < json_array_size(inputs); i++) {
            if (strcmp(play_text(json_array_get(inputs, i), "label"), label) == 0) {
                if (json_is_null(input)) {
                    json_array_remove(inputs, i);
                } else {
                    json_array_set(inputs, i, input);
                }
                break;
            }
        }
    }
}

static void merge_over(json_t *base, const json_t *over)
{
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)over, key, member) { /* not changed */
        if (strcmp(key, "expected") == 0 && json_object_get(base, key)) {
            json_object_update(json_object_get(base, key), member);
        } else if (strcmp(key, "instead") == 0) {
            put_instead(json_object_get(base, "inputs"), member);
        } else if (strcmp(key, "like") != 0) {
            json_object_set(base, key, member);
        }
    }
}

static struct dsp_err read_story(const char *path, int depth, char *directory, size_t size, json_t **ret_json)
{
    json_t *own;
    json_t *base;
    char other[512];
    DSP_TRY(read_clean(path, &own));
    const char *like = play_text(own, "like");
    if (!like[0]) {
        beside(path, ".", directory, size);
        *ret_json = own;
        return dsp_ok();
    }
    beside(path, like, other, sizeof other);
    struct dsp_err err = depth > 4 ? play_bad(path, "`like` goes round")
                                   : read_story(other, depth + 1, directory, size, &base);
    if (!dsp_failed(err)) {
        merge_over(base, own);
        *ret_json = base;
    }
    json_decref(own);
    return err;
}

struct dsp_err play_file_story(struct play_story *story)
{
    return read_story(story->path, 0, story->directory, sizeof story->directory, &story->json);
}

/* --- platform --- */

/* Part by part; of the policy field by field. */
static void merge_platform(json_t *base, const json_t *over)
{
    const char *key;
    json_t *member;
    json_object_foreach((json_t *)(uintptr_t)over, key, member) { /* not changed */
        if (strcmp(key, "policy") == 0 && json_object_get(base, key)) {
            json_object_update(json_object_get(base, key), member);
        } else if (strcmp(key, "like") != 0) {
            json_object_set(base, key, member);
        }
    }
}

static struct dsp_err merge_platform_file(const struct play_story *story, const json_t *name, json_t *base)
{
    json_t *file = NULL;
    char path[1100];
    if (!json_is_string(name)) {
        return play_bad(story->directory, "platform.like: the name of a file, or a list of such");
    }
    snprintf(path, sizeof path, "%s/%s", story->directory, json_string_value(name));
    DSP_TRY(read_clean(path, &file));
    struct dsp_err err = play_only(file, "policy calendar rules staff rails deposits opening_book", path);
    if (!dsp_failed(err)) {
        merge_platform(base, file);
    }
    json_decref(file);
    return err;
}

struct dsp_err play_file_platform(struct play_story *story)
{
    json_t *own = json_object_get(story->json, "platform");
    DSP_TRY(play_only(own, "like policy calendar rules staff rails deposits opening_book", "platform"));
    json_t *like = json_object_get(own, "like");
    if (!like) {
        return dsp_ok();
    }
    json_t *base = json_object();
    size_t count = json_is_array(like) ? json_array_size(like) : 1;
    struct dsp_err err = dsp_ok();
    for (size_t i = 0; i < count && !dsp_failed(err); i++) {
        err = merge_platform_file(story, json_is_array(like) ? json_array_get(like, i) : like, base);
    }
    merge_platform(base, own);
    json_object_set_new(story->json, "platform", base);
    return err;
}
