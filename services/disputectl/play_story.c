#include "disputectl/play_story.h"

#include <libgen.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/id.h"
#include "disputectl/ctl_json.h"
#include "disputectl/ctl_text.h"

/* --- small pieces --- */

const char *play_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

void play_strip_comments(json_t *value)
{
    const char *key;
    json_t *member;
    size_t index;
    void *next;
    if (json_is_array(value)) {
        json_array_foreach(value, index, member) {
            play_strip_comments(member);
        }
        return;
    }
    json_object_foreach_safe(value, next, key, member)
    {
        if (strncmp(key, "//", 2) == 0) {
            json_object_del(value, key);
        } else {
            play_strip_comments(member);
        }
    }
}

struct dsp_err play_only(const json_t *object, const char *names, const char *where)
{
    const char *key;
    json_t *member;
    if (!json_is_object(object)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "%s: an object is needed", where);
    }
    json_object_foreach((json_t *)(uintptr_t)object, key, member) { /* not changed */
        size_t size = strlen(key);
        const char *at = names;
        while ((at = strstr(at, key)) && !((at == names || at[-1] == ' ') && (at[size] == ' ' || !at[size]))) {
            at += size;
        }
        if (!at || !size) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "%s: unknown member \"%s\"", where, key);
        }
    }
    return dsp_ok();
}

static struct dsp_err bad(const char *where, const char *what)
{
    return dsp_reject(DSP_CODE_FIELD_INVALID, "%s: %s", where, what);
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
    play_strip_comments(*ret_json);
    if (!json_is_object(*ret_json)) {
        json_decref(*ret_json);
        return bad(path, "an object is needed");
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
    struct dsp_err err = depth > 4 ? bad(path, "`like` goes round")
                                   : read_story(other, depth + 1, directory, size, &base);
    if (!dsp_failed(err)) {
        merge_over(base, own);
        *ret_json = base;
    }
    json_decref(own);
    return err;
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
        return bad(story->directory, "platform.like: the name of a file, or a list of such");
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

static struct dsp_err read_platform(struct play_story *story)
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

/* --- what labels stand for --- */

static struct dsp_err local_time(const struct play_story *story, const json_t *object, const char *name,
                                 const char *where, int64_t *ret_ms)
{
    const char *text = play_text(object, name);
    if (!text[0] || !play_parse_local(text, story->year, ret_ms)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "%s.%s: \"%s\" is not a time like 04-13 10:00", where, name, text);
    }
    return dsp_ok();
}

static struct dsp_err order_times(const struct play_story *story, const json_t *order, json_t *facts)
{
    static const char *const TIMES[] = {"paid", "shipped", "promised", "received", "last_scan"};
    char field[64];
    int64_t at_ms;
    for (size_t i = 0; i < sizeof TIMES / sizeof TIMES[0]; i++) {
        if (json_object_get(order, TIMES[i])) {
            DSP_TRY(local_time(story, order, TIMES[i], "orders", &at_ms));
            snprintf(field, sizeof field, "%s_time_millis", TIMES[i]);
            json_object_set_new(facts, field, json_integer(at_ms));
        }
    }
    return dsp_ok();
}

static json_t *tagged(const struct play_story *story, const char *name)
{
    return json_sprintf("%s-%s", name, play_labels_tag(story->labels));
}

static struct dsp_err order_facts(struct play_story *story, const json_t *order)
{
    char name[160];
    DSP_TRY(play_only(order,
                      "id line goods consumer merchant paid_fen paid shipped promised received last_scan "
                      "consumer_clause merchant_clause category transaction openid",
                      "orders"));
    if (!play_text(order, "id")[0] || !play_text(order, "consumer")[0] || !play_text(order, "merchant")[0]) {
        return bad("orders", "id, consumer and merchant are required");
    }
    const char *id = play_text(order, "id");
    json_int_t line = json_object_get(order, "line") ? json_integer_value(json_object_get(order, "line")) : 1;
    const char *transaction = play_text(order, "transaction")[0] ? play_text(order, "transaction") : id;
    const char *openid = play_text(order, "openid")[0] ? play_text(order, "openid") : play_text(order, "consumer");
    json_t *facts = json_pack("{s:I, s:o, s:o, s:o, s:s, s:s, s:s, s:o}", "order_line", line, "consumer_id",
                              tagged(story, play_text(order, "consumer")), "merchant_id",
                              tagged(story, play_text(order, "merchant")), "transaction_id", tagged(story, transaction),
                              "consumer_clause_id", play_text(order, "consumer_clause"), "merchant_clause_id",
                              play_text(order, "merchant_clause"), "category", play_text(order, "category"),
                              "consumer_openid", tagged(story, openid));
    if (json_object_get(order, "paid_fen")) {
        json_object_set(facts, "paid", json_object_get(order, "paid_fen"));
    }
    struct dsp_err err = order_times(story, order, facts);
    if (line == 1 || !play_labels_get(story->labels, "facts", id)) {
        play_labels_set(story->labels, "facts", id, json_incref(facts));
    }
    snprintf(name, sizeof name, "%s#%lld", id, (long long)line);
    play_labels_set(story->labels, "facts", name, facts);
    return err;
}

static struct dsp_err read_orders(struct play_story *story)
{
    size_t index;
    json_t *order;
    story->orders = json_object_get(story->json, "orders");
    if (!json_array_size(story->orders)) {
        return bad("orders", "at least one order line is needed");
    }
    json_array_foreach(story->orders, index, order) {
        DSP_TRY(order_facts(story, order));
    }
    return dsp_ok();
}

static struct dsp_err item_value(struct play_story *story, const char *name, const json_t *item)
{
    char *text;
    uint8_t digest[32];
    unsigned char base64[64];
    DSP_TRY(play_only(item, "text media_type caption reference", "items"));
    DSP_TRY(play_labels_text(story->labels, play_text(item, "text"), &text));
    size_t size = strlen(text);
    dsp_sha256((struct dsp_str){text, size}, digest);
    free(text);
    EVP_EncodeBlock(base64, digest, sizeof digest);
    const char *media = play_text(item, "media_type")[0] ? play_text(item, "media_type") : "image/jpeg";
    json_t *value = json_pack("{s:s, s:s, s:I, s:s}", "item_id", name, "sha256", (const char *)base64, "size_bytes",
                              (json_int_t)size, "media_type", media);
    json_object_set_new(value, "reference",
                        play_text(item, "reference")[0]
                            ? json_string(play_text(item, "reference"))
                            : json_sprintf("store/%s/%s", play_labels_tag(story->labels), name));
    if (play_text(item, "caption")[0]) {
        json_object_set(value, "caption", json_object_get(item, "caption"));
    }
    play_labels_set(story->labels, "item", name, value);
    play_labels_set(story->labels, "sha256", name, json_string((const char *)base64));
    return dsp_ok();
}

static struct dsp_err read_items(struct play_story *story)
{
    const char *name;
    json_t *item;
    json_object_foreach(json_object_get(story->json, "items"), name, item) {
        DSP_TRY(item_value(story, name, item));
    }
    return dsp_ok();
}

/* --- cases --- */

static const json_t *order_named(const struct play_story *story, const char *id)
{
    size_t index;
    json_t *order;
    json_array_foreach(story->orders, index, order) {
        if (strcmp(play_text(order, "id"), id) == 0) {
            return order;
        }
    }
    return NULL;
}

static struct dsp_err add_case(struct play_story *story, const char *label, const json_t *order)
{
    char *id;
    char wanted[64];
    struct play_case *out = &story->cases[story->case_count];
    if (!order) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "cases.%s: there is no such order", label);
    }
    snprintf(wanted, sizeof wanted, label[0] ? "${case:%s}" : "${case}", label);
    DSP_TRY(play_labels_text(story->labels, wanted, &id));
    snprintf(out->id, sizeof out->id, "%s", id);
    free(id);
    out->label = label;
    out->order = order;
    snprintf(out->order_id, sizeof out->order_id, "%s-%s", play_text(order, "id"), play_labels_tag(story->labels));
    story->case_count++;
    return dsp_ok();
}

static struct dsp_err read_cases(struct play_story *story)
{
    const char *label;
    json_t *one;
    json_t *cases = json_object_get(story->json, "cases");
    size_t count = json_object_size(cases);
    story->cases = calloc(count ? count : 1, sizeof *story->cases);
    if (!story->cases) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    if (!count) {
        return add_case(story, "", json_array_get(story->orders, 0));
    }
    json_object_foreach(cases, label, one) {
        DSP_TRY(play_only(one, "order", "cases"));
        for (const char *at = label; *at; at++) {
            if (*at < 'a' || *at > 'z') {
                return bad("cases", "a case is named by small letters");
            }
        }
        DSP_TRY(add_case(story, label, order_named(story, play_text(one, "order"))));
    }
    return dsp_ok();
}

struct play_case *play_story_case_named(const struct play_story *story, const char *label)
{
    for (size_t i = 0; i < story->case_count; i++) {
        if (strcmp(story->cases[i].label, label) == 0) {
            return &story->cases[i];
        }
    }
    return NULL;
}

bool play_story_case(const struct play_story *story, const char *n, size_t *ret_index)
{
    size_t letters = strspn(n, "abcdefghijklmnopqrstuvwxyz");
    for (size_t i = 0; i < story->case_count; i++) {
        if (strlen(story->cases[i].label) == letters && memcmp(story->cases[i].label, n, letters) == 0) {
            *ret_index = i;
            return true;
        }
    }
    return false;
}

/* --- inputs --- */

static const char *const KINDS[PLAY_KINDS] = {"command", "inbound", "record", "standin", "fault", "platform", "clock"};
static const char *const KIND_MEMBERS[PLAY_KINDS] = {
    [PLAY_COMMAND] = "label topic by cosigners case order act content copies generation source",
    [PLAY_INBOUND] = "label service case order content send settlement signer copies source",
    [PLAY_RECORD] = "topic key partition headers text hex base64 tombstone copies",
    [PLAY_STANDIN] = "which know behave send",
    [PLAY_FAULT] = "service call when",
    [PLAY_PLATFORM] = "part version effective value",
    [PLAY_CLOCK] = "set",
};

static struct dsp_err read_input(struct play_story *story, const json_t *json, const char *where, int64_t last_ms)
{
    struct play_input *input = &story->inputs[story->input_count];
    size_t found = 0;
    DSP_TRY(play_only(json, "label at hurry command inbound record standin fault platform clock", where));
    for (size_t kind = 0; kind < PLAY_KINDS; kind++) {
        const json_t *body = json_object_get(json, KINDS[kind]);
        if (body) {
            DSP_TRY(play_only(body, KIND_MEMBERS[kind], where));
            input->kind = (enum play_kind)kind;
            input->body = body;
            found++;
        }
    }
    if (found != 1) {
        return bad(where, "exactly one of command, inbound, record, standin, fault, platform, clock");
    }
    input->at_ms = last_ms;
    if (json_object_get(json, "at")) {
        DSP_TRY(local_time(story, json, "at", where, &input->at_ms));
    }
    input->hurry = json_is_true(json_object_get(json, "hurry"));
    input->label = play_text(input->body, "label");
    story->input_count++;
    return dsp_ok();
}

static struct dsp_err read_inputs(struct play_story *story)
{
    size_t index;
    json_t *one;
    char where[32];
    int64_t last_ms = story->start_ms;
    json_t *inputs = json_object_get(story->json, "inputs");
    story->inputs = calloc(json_array_size(inputs) + 1, sizeof *story->inputs);
    if (!story->inputs) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    bool set_back = false;
    json_array_foreach(inputs, index, one) {
        snprintf(where, sizeof where, "inputs[%zu]", index);
        DSP_TRY(read_input(story, one, where, last_ms));
        const struct play_input *input = &story->inputs[story->input_count - 1];
        if (input->at_ms < last_ms && !set_back) {
            return bad(where, "is earlier than the one before");
        }
        set_back = input->kind == PLAY_CLOCK;
        last_ms = input->at_ms;
    }
    return dsp_ok();
}

/* --- expected entries --- */

static struct dsp_err read_expected(struct play_story *story, const json_t *json, int64_t last_ms)
{
    char where[64];
    struct play_expected *out = &story->expected[story->expected_count];
    *out = (struct play_expected){.n = play_text(json, "n"), .group = play_text(json, "any_order"), .json = json};
    snprintf(where, sizeof where, "entry %s", out->n);
    DSP_TRY(play_only(json, "n at by entry from row stage basis outcome content with any_order", where));
    if (!play_story_case(story, out->n, &out->case_index) || play_story_entry(story, out->n)) {
        return bad(where, "the number is missing, used twice or of no case");
    }
    out->at_ms = last_ms;
    if (json_object_get(json, "at")) {
        DSP_TRY(local_time(story, json, "at", where, &out->at_ms));
    }
    DSP_TRY(play_parse_by(story->labels, play_text(json, "by"), &out->by));
    DSP_TRY(play_parse_name(play_text(json, "entry"), where, &out->entry));
    DSP_TRY(play_parse_name(play_text(json, "from"), where, &out->from));
    DSP_TRY(play_parse_stage(play_text(json, "stage"), where, out));
    if (!out->entry.name[0] || !out->by.source[0]) {
        return bad(where, "entry and by with its source are required");
    }
    story->expected_count++;
    return dsp_ok();
}

static struct dsp_err read_answers(struct play_story *story)
{
    size_t index;
    json_t *one;
    int64_t last_ms = story->start_ms;
    story->answers = json_object_get(story->json, "expected");
    DSP_TRY(play_only(story->answers,
                      "entries refusals no_entry answered dlq clocks postings books duties offers told "
                      "standins views end",
                      "expected"));
    json_t *entries = json_object_get(story->answers, "entries");
    story->expected = calloc(json_array_size(entries) + 1, sizeof *story->expected);
    if (!story->expected) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    json_array_foreach(entries, index, one) {
        DSP_TRY(read_expected(story, one, last_ms));
        last_ms = story->expected[story->expected_count - 1].at_ms;
    }
    return dsp_ok();
}

struct play_expected *play_story_entry(const struct play_story *story, const char *n)
{
    for (size_t i = 0; i < story->expected_count; i++) {
        if (strcmp(story->expected[i].n, n) == 0) {
            return &story->expected[i];
        }
    }
    return NULL;
}

/* --- whole --- */

static struct dsp_err read_all(struct play_story *story, int64_t real_ms, size_t index)
{
    char tag[PLAY_TAG_BYTES];
    DSP_TRY(play_only(story->json, "id title year start until platform orders cases items inputs expected", "story"));
    const json_t *title = json_object_get(story->json, "title");
    story->id = play_text(story->json, "id");
    story->title_en = play_text(title, "en");
    story->title_zh = play_text(title, "zh");
    story->year = (int)json_integer_value(json_object_get(story->json, "year"));
    if (!story->id[0] || !story->title_en[0] || story->year < 2000 || story->year > 2200) {
        return bad("story", "id, title.en and year are required");
    }
    play_tag(real_ms, index, tag);
    story->labels = play_labels_new(tag, story->year);
    if (!story->labels) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    snprintf(story->platform_id, sizeof story->platform_id, "%s-%s", story->id, tag);
    play_labels_set(story->labels, "platform", "", json_string(story->platform_id));
    DSP_TRY(local_time(story, story->json, "start", "story", &story->start_ms));
    DSP_TRY(read_platform(story));
    story->platform = json_object_get(story->json, "platform");
    DSP_TRY(read_orders(story));
    DSP_TRY(read_cases(story));
    DSP_TRY(read_items(story));
    DSP_TRY(read_inputs(story));
    DSP_TRY(read_answers(story));
    story->until_ms = story->start_ms;
    if (json_object_get(story->json, "until")) {
        return local_time(story, story->json, "until", "story", &story->until_ms);
    }
    for (size_t i = 0; i < story->expected_count; i++) {
        story->until_ms = story->expected[i].at_ms > story->until_ms ? story->expected[i].at_ms : story->until_ms;
    }
    return dsp_ok();
}

struct dsp_err play_story_load(const char *path, int64_t real_ms, size_t index, struct play_story **ret_story)
{
    struct play_story *story = calloc(1, sizeof *story);
    if (!story) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    snprintf(story->path, sizeof story->path, "%s", path);
    struct dsp_err err = read_story(path, 0, story->directory, sizeof story->directory, &story->json);
    err = dsp_failed(err) ? err : read_all(story, real_ms, index);
    if (dsp_failed(err)) {
        play_story_free(story);
        return err;
    }
    *ret_story = story;
    return dsp_ok();
}

void play_story_free(struct play_story *story)
{
    if (!story) {
        return;
    }
    for (size_t i = 0; i < story->case_count; i++) {
        play_entries_fini(&story->cases[i].entries);
    }
    free(story->cases);
    free(story->inputs);
    free(story->expected);
    play_diffs_fini(&story->diffs);
    play_labels_free(story->labels);
    json_decref(story->json);
    free(story);
}
