#include "disputectl/play_gather.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputectl/ctl_json.h"
#include "disputectl/ctl_verify.h"

#define METADATA_MS 5000
#define TEXT_MAX 65536

/* --- watching --- */

/* Dead letters of the services that are played against; a topic of somebody else may vanish while it is looked at. */
static bool is_dlq_of_ours(const struct play_world *world, const char *topic)
{
    for (size_t i = 0; strncmp(topic, "dlq.", 4) == 0 && i < ctl_admin_count(world->admin); i++) {
        const char *name = ctl_admin_name(world->admin, i);
        size_t size = strlen(name);
        if (strncmp(topic + 4, name, size) == 0 && topic[4 + size] == '.') {
            return true;
        }
    }
    return false;
}

static struct dsp_err dlq_topics(const struct play_world *world, struct ctl_offsets *offsets)
{
    const struct rd_kafka_metadata *metadata;
    struct dsp_err err = dsp_ok();
    rd_kafka_resp_err_t code = rd_kafka_metadata(ctl_kafka_client(world->kafka), 1, NULL, &metadata, METADATA_MS);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return dsp_retry(DSP_CODE_BROKER_DOWN, "%s", rd_kafka_err2str(code));
    }
    for (int i = 0; i < metadata->topic_cnt && !dsp_failed(err); i++) {
        if (is_dlq_of_ours(world, metadata->topics[i].topic)) {
            err = ctl_offsets_add_topic(world->kafka, offsets, metadata->topics[i].topic, 0);
        }
    }
    rd_kafka_metadata_destroy(metadata);
    return err;
}

struct dsp_err play_watch_init(struct play_watch *watch, const struct play_world *world)
{
    *watch = (struct play_watch){.letters = json_array(), .answers = json_object()};
    DSP_TRY(ctl_log_new(world->kafka, NULL, true, &watch->log));
    DSP_TRY(ctl_offsets_add_topic(world->kafka, &watch->answered, CTL_CASE_TOPIC, 0));
    DSP_TRY(ctl_kafka_ends(world->kafka, watch->answered.items, watch->answered.count, METADATA_MS));
    DSP_TRY(dlq_topics(world, &watch->dlq));
    return watch->dlq.count ? ctl_kafka_ends(world->kafka, watch->dlq.items, watch->dlq.count, METADATA_MS) : dsp_ok();
}

void play_watch_fini(struct play_watch *watch)
{
    ctl_log_free(watch->log);
    ctl_offsets_fini(&watch->dlq);
    ctl_offsets_fini(&watch->answered);
    json_decref(watch->letters);
    json_decref(watch->answers);
}

/* What comes after the story's end (its clocks run on while others are played) is no part of it. */
static void give(struct play_story *story, const Disputes__Case__V1__Entry *entry)
{
    if (entry->time_millis >= story->until_ms + 1000) {
        return;
    }
    for (size_t c = 0; c < story->case_count; c++) {
        if (strcmp(story->cases[c].id, dsp_message_str(entry->case_id).ptr) == 0) {
            play_entries_add(&story->cases[c].entries, entry);
        }
    }
}

struct dsp_err play_watch_log(struct play_watch *watch, struct play_story *const *stories, size_t count)
{
    DSP_TRY(ctl_log_read(watch->log));
    for (; watch->seen < ctl_log_count(watch->log); watch->seen++) {
        const Disputes__Case__V1__Entry *entry = ctl_log_entry(ctl_log_at(watch->log, watch->seen));
        for (size_t s = 0; entry && s < count; s++) {
            give(stories[s], entry);
        }
    }
    return dsp_ok();
}

/* Bytes as text that can be searched; what is no ASCII becomes a dot. */
static void put_bytes(char *text, size_t *used, struct dsp_str bytes)
{
    for (size_t i = 0; i < bytes.len && *used + 2 < TEXT_MAX; i++) {
        char c = bytes.ptr[i];
        text[(*used)++] = c >= ' ' && c < 127 ? c : '.';
    }
    text[(*used)++] = ' ';
    text[*used] = '\0';
}

static bool on_letter(void *arg, const struct ctl_message *message)
{
    json_t *letters = arg;
    char code[128];
    size_t used = 0;
    char *text = calloc(1, TEXT_MAX + 8);
    struct dsp_str value = ctl_message_header(message, "x-dispute-dlq-code");
    if (!text) {
        return false;
    }
    snprintf(code, sizeof code, "%.*s", DSP_STR_ARG(value));
    put_bytes(text, &used, message->key);
    for (size_t i = 0; i < message->header_count; i++) {
        put_bytes(text, &used, message->headers[i].value);
    }
    put_bytes(text, &used, message->value);
    json_array_append_new(letters, json_pack("{s:s, s:s, s:s}", "topic", message->topic, "code", code, "text", text));
    free(text);
    return true;
}

/* Answers of commands are no entries: read with their lane's number, because publishing is at least once and
 * copies of a command are answered alike. */
static bool on_answer(void *arg, const struct ctl_message *message)
{
    json_t *answers = arg;
    char number[96];
    json_t *event = NULL;
    struct dsp_str lane = ctl_message_header(message, "ce_lanesequence");
    if (lane.len) {
        snprintf(number, sizeof number, "%d/%.*s", message->partition, DSP_STR_ARG(lane));
    } else {
        snprintf(number, sizeof number, "%d@%lld", message->partition, (long long)message->offset);
    }
    struct dsp_err err = ctl_json_unpack(&disputes__case__v1__case_event__descriptor, message->value, &event);
    json_t *answered = dsp_failed(err) ? NULL : json_object_get(event, "answered");
    if (answered) {
        json_object_set(answers, number, answered);
    }
    json_decref(event);
    return true;
}

struct dsp_err play_watch_letters(struct play_watch *watch, const struct play_world *world)
{
    DSP_TRY(ctl_kafka_read(world->kafka, &watch->answered, on_answer, watch->answers));
    return watch->dlq.count ? ctl_kafka_read(world->kafka, &watch->dlq, on_letter, watch->letters) : dsp_ok();
}

static bool names_story(const json_t *letter, const struct play_story *story)
{
    const char *text = play_text(letter, "text");
    bool found = strstr(text, play_labels_tag(story->labels)) != NULL;
    for (size_t c = 0; c < story->case_count && !found; c++) {
        found = strstr(text, story->cases[c].id) != NULL;
    }
    return found;
}

size_t play_watch_strays(const struct play_watch *watch, struct play_story *const *stories, size_t count)
{
    size_t strays = 0;
    size_t index;
    json_t *letter;
    json_array_foreach(watch->letters, index, letter) {
        bool named = false;
        for (size_t s = 0; s < count; s++) {
            named = named || names_story(letter, stories[s]);
        }
        strays += !named;
    }
    return strays;
}

size_t play_watch_broken_chains(const struct play_watch *watch)
{
    char problem[256];
    struct ctl_chain *chain = ctl_chain_new();
    for (size_t i = 0; chain && i < ctl_log_count(watch->log); i++) {
        const struct ctl_log_record *record = ctl_log_at(watch->log, i);
        const Disputes__Case__V1__Entry *entry = ctl_log_entry(record);
        struct dsp_uuid id;
        /* A case from before the run has no beginning here: its chain cannot be checked. */
        if (!entry || !dsp_uuid_parse(dsp_str_from(entry->case_id), &id) ||
            (entry->sequence > 1 && !ctl_chain_length(chain, &id))) {
            continue;
        }
        if (!ctl_chain_add(chain, record->value, record->entry_hash, problem, sizeof problem)) {
            fprintf(stderr, "disputectl: %s\n", problem);
        }
    }
    size_t broken = chain ? ctl_chain_result(chain).broken : 1;
    ctl_chain_free(chain);
    return broken;
}

/* --- one story --- */

static void read_answered(const struct play_watch *watch, json_t *answered)
{
    const char *number;
    json_t *is;
    json_object_foreach(watch->answers, number, is) {
        const json_t *refusal = json_object_get(is, "refusal");
        long long sequence = atoll(play_text(is, "accepted_sequence"));
        json_array_append_new(answered, json_pack("{s:s, s:I, s:s, s:s}", "message_id", play_text(is, "message_id"),
                                                  "accepted_sequence", (json_int_t)sequence, "code",
                                                  play_text(refusal, "code"), "guard", play_text(refusal, "guard")));
    }
}

static void read_view(const struct play_world *world, struct play_story *story, const char *service,
                      const char *case_label, const char *path, json_t *views)
{
    char name[96];
    json_t *view = NULL;
    snprintf(name, sizeof name, "%s %s", service, case_label);
    if (json_object_get(views, name)) {
        return;
    }
    char admin[64];
    snprintf(admin, sizeof admin, "%.*s", (int)strcspn(service, "/"), service);
    struct dsp_err err = ctl_admin_get(world->admin, admin, path, &view);
    if (dsp_failed(err)) {
        play_diff(&story->diffs, name, "a view", err.detail);
    } else {
        json_object_set_new(views, name, view);
    }
}

static void read_views(const struct play_world *world, struct play_story *story, json_t *views)
{
    static const char *const SERVICES[] = {"intake", "sla", "fund", "notification"};
    char path[256];
    size_t index;
    json_t *json;
    for (size_t c = 0; c < story->case_count; c++) {
        const struct play_case *one = &story->cases[c];
        snprintf(path, sizeof path, "/cases/%s", one->id);
        for (size_t i = 0; i < sizeof SERVICES / sizeof SERVICES[0]; i++) {
            read_view(world, story, SERVICES[i], one->label, path, views);
        }
        json_array_foreach(json_object_get(story->answers, "views"), index, json) {
            if (strcmp(play_text(json, "case"), one->label) == 0) {
                read_view(world, story, play_text(json, "service"), one->label, path, views);
            }
        }
    }
    snprintf(path, sizeof path, "/platforms/%s", story->platform_id);
    read_view(world, story, "fund/platform", "", path, views);
}

static void url_encode(const char *text, char *out, size_t size)
{
    size_t used = 0;
    for (; *text && used + 4 < size; text++) {
        bool safe = (*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                    (*text >= '0' && *text <= '9') || *text == '-' || *text == '_' || *text == '.';
        used += (size_t)snprintf(out + used, size - used, safe ? "%c" : "%%%02X", (unsigned char)*text);
    }
    out[used] = '\0';
}

static json_t *read_standin(const struct play_world *world, struct play_story *story, const json_t *json)
{
    char path[512] = "/_standin/records?match=";
    char *match;
    json_t *records = NULL;
    struct dsp_err err = play_labels_text(story->labels, play_text(json, "match"), &match);
    if (!dsp_failed(err)) {
        url_encode(match, path + strlen(path), sizeof path - strlen(path));
        err = ctl_standin_call(world->admin, play_text(json, "which"), "GET", path, NULL, &records);
        free(match);
    }
    if (dsp_failed(err)) {
        play_diff(&story->diffs, play_text(json, "which"), "records of the stand-in", err.detail);
        return json_null();
    }
    return records;
}

void play_gather(const struct play_watch *watch, const struct play_world *world, struct play_story *story,
                 struct play_facts *ret_facts)
{
    size_t index;
    json_t *json;
    *ret_facts = (struct play_facts){
        .views = json_object(), .standins = json_array(), .answered = json_array(), .dlq = json_array()};
    read_answered(watch, ret_facts->answered);
    read_views(world, story, ret_facts->views);
    json_array_foreach(json_object_get(story->answers, "standins"), index, json) {
        json_array_append_new(ret_facts->standins, read_standin(world, story, json));
    }
    json_array_foreach(watch->letters, index, json) {
        if (names_story(json, story)) {
            json_array_append(ret_facts->dlq, json);
        }
    }
}
