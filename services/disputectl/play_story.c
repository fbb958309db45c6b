#include "disputectl/play_story.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/id.h"
#include "disputectl/play_file.h"

/* --- small pieces --- */

const char *play_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
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

struct dsp_err play_bad(const char *where, const char *what)
{
    return dsp_reject(DSP_CODE_FIELD_INVALID, "%s: %s", where, what);
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
        return play_bad("orders", "id, consumer and merchant are required");
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
        return play_bad("orders", "at least one order line is needed");
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
                return play_bad("cases", "a case is named by small letters");
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
        return play_bad(where, "exactly one of command, inbound, record, standin, fault, platform, clock");
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
            return play_bad(where, "is earlier than the one before");
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
        return play_bad(where, "the number is missing, used twice or of no case");
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
        return play_bad(where, "entry and by with its source are required");
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
        return play_bad("story", "id, title.en and year are required");
    }
    play_tag(real_ms, index, tag);
    story->labels = play_labels_new(tag, story->year);
    if (!story->labels) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    snprintf(story->platform_id, sizeof story->platform_id, "%s-%s", story->id, tag);
    play_labels_set(story->labels, "platform", "", json_string(story->platform_id));
    DSP_TRY(local_time(story, story->json, "start", "story", &story->start_ms));
    DSP_TRY(play_file_platform(story));
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
    struct dsp_err err = play_file_story(story);
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
