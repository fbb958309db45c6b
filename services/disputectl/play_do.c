#include "disputectl/play_do.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputectl/ctl_clock.h"
#include "disputectl/ctl_command.h"
#include "disputectl/ctl_json.h"
#include "disputes/platform/v1/state.pb-c.h"

#define ARENA_BYTES (8u << 20)
#define COPIES_MAX 1000

static size_t index_of(const struct play_story *story, const struct play_input *input)
{
    return (size_t)(input - story->inputs);
}

static int copies_of(const json_t *body)
{
    json_int_t copies = json_integer_value(json_object_get(body, "copies"));
    return copies > 1 && copies <= COPIES_MAX ? (int)copies : 1;
}

/* The case that an input is about; without one the story's first. */
static const struct play_case *case_of(const struct play_story *story, const json_t *body)
{
    const struct play_case *one = play_story_case_named(story, play_text(body, "case"));
    return one ? one : &story->cases[0];
}

/* --- platform --- */

static struct dsp_err publish_state(const struct play_world *world, struct play_story *story, const char *part,
                                    int version, int64_t effective_ms, const json_t *value)
{
    json_t *state;
    struct dsp_str bytes;
    struct ctl_ce_storage ce;
    struct ctl_position position;
    char key[256];
    json_t *filled;
    DSP_TRY(play_labels_apply(story->labels, value, false, &filled));
    state = json_pack("{s:s, s:i, s:I, s:o}", "platform_id", story->platform_id, "version", version,
                      "effective_time_millis", (json_int_t)effective_ms, part, filled);
    struct dsp_arena *arena = dsp_arena_new(ARENA_BYTES);
    struct dsp_err err = state && arena
                             ? ctl_json_pack(arena, &disputes__platform__v1__state__descriptor, state, &bytes)
                             : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    json_decref(state);
    struct ctl_ce from = {.source = "/console",
                          .type = "cn.example.disputes.platform.state.v1",
                          .schema = "urn:proto:disputes.platform.v1.State",
                          .partition_key = story->platform_id};
    err = dsp_failed(err) ? err : ctl_ce_headers(&from, &ce);
    if (!dsp_failed(err)) {
        snprintf(key, sizeof key, "%s/%s/%d", story->platform_id, part, version);
        struct ctl_record record = {.topic = "disputes.platform.state.v1",
                                    .partition = -1,
                                    .key = dsp_str_from(key),
                                    .headers = ce.headers,
                                    .header_count = ce.count,
                                    .value = bytes};
        err = ctl_kafka_produce(world->kafka, &record, &position);
    }
    dsp_arena_free(arena);
    return err;
}

struct dsp_err play_do_platform(const struct play_world *world, struct play_story *story)
{
    static const char *const PARTS[] = {"policy", "calendar", "rules", "staff", "rails", "opening_book"};
    size_t index;
    json_t *deposit;
    for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++) {
        const json_t *value = json_object_get(story->platform, PARTS[i]);
        if (value) {
            DSP_TRY(publish_state(world, story, PARTS[i], 1, 0, value));
        }
    }
    json_array_foreach(json_object_get(story->platform, "deposits"), index, deposit) {
        DSP_TRY(publish_state(world, story, "deposit", (int)index + 1, 0, deposit));
    }
    return dsp_ok();
}

static struct dsp_err do_platform(const struct play_world *world, struct play_story *story, const json_t *body)
{
    int64_t effective_ms = 0;
    const char *effective = play_text(body, "effective");
    if (effective[0] && !play_parse_local(effective, story->year, &effective_ms)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "effective: \"%s\" is no time", effective);
    }
    return publish_state(world, story, play_text(body, "part"),
                         (int)json_integer_value(json_object_get(body, "version")), effective_ms,
                         json_object_get(body, "value"));
}

/* --- commands --- */

/* The id of a command: of its label, or of its place in the story. */
static struct dsp_err command_id(struct play_story *story, const struct play_input *input, char **ret_id)
{
    char label[160];
    if (input->label[0]) {
        snprintf(label, sizeof label, "${command:%s}", input->label);
    } else {
        snprintf(label, sizeof label, "${command:#%zu}", index_of(story, input));
    }
    return play_labels_text(story->labels, label, ret_id);
}

static struct dsp_err cosigners_of(struct play_story *story, const json_t *list, json_t **ret_list)
{
    size_t index;
    json_t *one;
    json_t *out = json_array();
    json_array_foreach(list, index, one) {
        struct play_by by;
        struct dsp_err err = play_parse_by(story->labels, json_string_value(one) ? json_string_value(one) : "", &by);
        if (dsp_failed(err)) {
            json_decref(out);
            return err;
        }
        json_array_append_new(out, json_pack("{s:s, s:s}", "role",
                                             dsp_enum_name(&disputes__common__v1__role__descriptor, (int)by.role), "id",
                                             by.id));
    }
    *ret_list = out;
    return dsp_ok();
}

static bool is_staff(Disputes__Common__V1__Role role)
{
    return role == DISPUTES__COMMON__V1__ROLE__ROLE_AGENT || role == DISPUTES__COMMON__V1__ROLE__ROLE_REVIEWER ||
           role == DISPUTES__COMMON__V1__ROLE__ROLE_PANEL || role == DISPUTES__COMMON__V1__ROLE__ROLE_FUND_OFFICER;
}

static struct dsp_err order_of(struct play_story *story, const json_t *body, const struct play_case *one, char *text,
                               size_t size)
{
    char *order;
    snprintf(text, size, "%s", one->order_id);
    if (play_text(body, "order")[0]) {
        DSP_TRY(play_labels_text(story->labels, play_text(body, "order"), &order));
        snprintf(text, size, "%s", order);
        free(order);
    }
    return dsp_ok();
}

static struct dsp_err send_command(const struct play_world *world, struct play_story *story,
                                   const struct play_input *input, const json_t *content, const json_t *cosigners,
                                   const char *id)
{
    struct play_by by;
    struct ctl_sent sent;
    char order[160];
    const json_t *body = input->body;
    const struct play_case *one = case_of(story, body);
    const char *topic = play_text(body, "topic");
    const char *source = play_text(body, "source");
    DSP_TRY(play_parse_by(story->labels, play_text(body, "by"), &by));
    DSP_TRY(order_of(story, body, one, order, sizeof order));
    struct ctl_command command = {
        .console = topic[0] ? strcmp(topic, "console") == 0 : is_staff(by.role),
        .case_id = one->id,
        .order_id = order,
        .role = dsp_enum_name(&disputes__common__v1__role__descriptor, (int)by.role),
        .actor_id = by.id[0] ? by.id : "gateway",
        .act = play_text(body, "act"),
        .content = content,
        .cosigners = json_array_size(cosigners) ? cosigners : NULL,
        .generation = (uint32_t)json_integer_value(json_object_get(body, "generation")),
        .command_id = id,
        .source = source[0] ? source : NULL,
        .copies = copies_of(body),
    };
    return ctl_command_send(world->kafka, &command, &sent);
}

static struct dsp_err do_command(const struct play_world *world, struct play_story *story,
                                 const struct play_input *input)
{
    char *id = NULL;
    json_t *content = NULL;
    json_t *cosigners = NULL;
    const json_t *given = json_object_get(input->body, "content");
    DSP_TRY(command_id(story, input, &id));
    struct dsp_err err = given ? play_labels_apply(story->labels, given, false, &content) : dsp_ok();
    err = dsp_failed(err) ? err : cosigners_of(story, json_object_get(input->body, "cosigners"), &cosigners);
    err = dsp_failed(err) ? err : send_command(world, story, input, content, cosigners, id);
    json_decref(content);
    json_decref(cosigners);
    free(id);
    return err;
}

/* --- what comes in at the doors --- */

static struct dsp_err publish_inbound(const struct play_world *world, struct play_story *story,
                                      const struct play_input *input, const char *service, const json_t *content)
{
    char topic[96];
    char type[128];
    char schema[128];
    char order[160];
    char id[64];
    struct dsp_str bytes;
    struct ctl_ce_storage ce;
    struct ctl_position position;
    const json_t *body = input->body;
    const struct play_case *one = case_of(story, body);
    snprintf(topic, sizeof topic, "disputes.%s.inbound.v1", service);
    snprintf(type, sizeof type, "cn.example.%s", topic);
    snprintf(schema, sizeof schema, "urn:proto:disputes.%s.v1.Inbound", service);
    snprintf(id, sizeof id, "%s-in-%zu", play_labels_tag(story->labels), index_of(story, input));
    const ProtobufCMessageDescriptor *message = ctl_topic_type(topic);
    if (!message) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "%s has no inbound topic", service);
    }
    DSP_TRY(order_of(story, body, one, order, sizeof order));
    struct ctl_ce from = {.id = id,
                          .source = play_text(body, "source")[0] ? play_text(body, "source") : "/gateway",
                          .type = type,
                          .schema = schema,
                          .subject = one->id,
                          .partition_key = order};
    DSP_TRY(ctl_ce_headers(&from, &ce));
    struct dsp_arena *arena = dsp_arena_new(ARENA_BYTES);
    struct dsp_err err = arena ? ctl_json_pack(arena, message, content, &bytes)
                               : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    for (int i = 0, count = copies_of(body); i < count && !dsp_failed(err); i++) {
        struct ctl_record record = {.topic = topic,
                                    .partition = -1,
                                    .key = dsp_str_from(order),
                                    .headers = ce.headers,
                                    .header_count = ce.count,
                                    .value = bytes};
        err = ctl_kafka_produce(world->kafka, &record, &position);
    }
    dsp_arena_free(arena);
    return err;
}

/* A message or callback that the stand-in delivers: the door must have taken it. */
static struct dsp_err check_delivered(const json_t *answer, bool spoiled)
{
    size_t index;
    json_t *sent;
    const json_t *list = json_object_get(answer, "callbacks");
    const json_t *status = json_object_get(answer, "status");
    if (spoiled) {
        return dsp_ok();
    }
    if (status && (json_integer_value(status) < 200 || json_integer_value(status) > 299)) {
        return dsp_reject(DSP_CODE_OUTSIDE_REFUSED, "the door answered %lld", (long long)json_integer_value(status));
    }
    json_array_foreach(list, index, sent) {
        json_int_t one = json_integer_value(json_object_get(sent, "status"));
        if (one < 200 || one > 299) {
            return dsp_reject(DSP_CODE_OUTSIDE_REFUSED, "the door answered a callback with %lld", (long long)one);
        }
    }
    return dsp_ok();
}

static struct dsp_err call_standin(const struct play_world *world, const char *which, const char *path,
                                   const json_t *body, bool spoiled)
{
    json_t *answer = NULL;
    DSP_TRY(ctl_standin_call(world->admin, which, "POST", path, body, &answer));
    struct dsp_err err = check_delivered(answer, spoiled);
    json_decref(answer);
    return err;
}

static struct dsp_err do_send(const struct play_world *world, struct play_story *story, const json_t *body,
                              const char *service, json_t *wanted)
{
    bool spoiled = strcmp(play_text(body, "signer"), "spoiled") == 0;
    bool institution = strcmp(service, "arbitration") == 0;
    if (spoiled && !json_object_get(wanted, "spoil")) {
        json_object_set_new(wanted, "spoil", json_true());
    }
    if (institution && !json_object_get(wanted, "case_match") && !json_object_get(wanted, "match")) {
        json_object_set_new(wanted, "case_match", json_string(case_of(story, body)->id));
    }
    return call_standin(world, institution ? "institution" : "wechat_pay", "/_standin/send", wanted,
                        spoiled || json_object_get(wanted, "spoil"));
}

static struct dsp_err do_settlement(struct play_story *story, const json_t *body, const json_t *filled)
{
    char order[160];
    const struct play_case *one = case_of(story, body);
    DSP_TRY(order_of(story, body, one, order, sizeof order));
    return play_door_settlement(one->id, order, filled, strcmp(play_text(body, "signer"), "spoiled") == 0);
}

static struct dsp_err do_inbound(const struct play_world *world, struct play_story *story,
                                 const struct play_input *input)
{
    static const char *const WAYS[] = {"content", "send", "settlement"};
    const json_t *body = input->body;
    const char *service = play_text(body, "service");
    for (size_t i = 0; i < sizeof WAYS / sizeof WAYS[0]; i++) {
        json_t *filled;
        const json_t *given = json_object_get(body, WAYS[i]);
        if (!given) {
            continue;
        }
        DSP_TRY(play_labels_apply(story->labels, given, false, &filled));
        struct dsp_err err = i == 0   ? publish_inbound(world, story, input, service, filled)
                             : i == 1 ? do_send(world, story, body, service, filled)
                                      : do_settlement(story, body, filled);
        json_decref(filled);
        return err;
    }
    return dsp_reject(DSP_CODE_FIELD_INVALID, "inbound: one of content, send, settlement");
}

/* --- raw records --- */

static struct dsp_err raw_value(struct dsp_arena *arena, const json_t *record, struct dsp_str *ret_value)
{
    const char *hex = play_text(record, "hex");
    const char *base64 = play_text(record, "base64");
    if (hex[0]) {
        size_t size = strlen(hex) / 2;
        uint8_t *bytes = dsp_arena_alloc(arena, size + 1);
        if (!bytes || !dsp_unhex(dsp_str_from(hex), bytes, size)) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "record.hex is not hex");
        }
        *ret_value = (struct dsp_str){(const char *)bytes, size};
    } else if (base64[0]) {
        size_t length = strlen(base64);
        uint8_t *bytes = dsp_arena_alloc(arena, length + 1);
        int size = bytes ? EVP_DecodeBlock(bytes, (const unsigned char *)base64, (int)length) : -1;
        if (size < 0) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "record.base64 is not base64");
        }
        size -= base64[length - 1] == '=' ? 1 + (length > 1 && base64[length - 2] == '=') : 0;
        *ret_value = (struct dsp_str){(const char *)bytes, (size_t)size};
    } else {
        *ret_value = dsp_arena_copy(arena, dsp_str_from(play_text(record, "text")));
    }
    return dsp_ok();
}

static struct dsp_err produce_raw(const struct play_world *world, struct dsp_arena *arena, const json_t *filled)
{
    struct ctl_header headers[CTL_HEADERS_MAX];
    struct ctl_position position;
    struct ctl_record record = {.topic = play_text(filled, "topic"), .partition = -1, .headers = headers};
    const char *name;
    json_t *value;
    json_object_foreach(json_object_get(filled, "headers"), name, value) {
        if (record.header_count < CTL_HEADERS_MAX) {
            const char *text = json_string_value(value);
            headers[record.header_count++] = (struct ctl_header){name,
                                                                 text ? dsp_str_from(text) : (struct dsp_str){NULL, 0}};
        }
    }
    if (json_object_get(filled, "key")) {
        record.key = dsp_str_from(play_text(filled, "key"));
    }
    if (json_object_get(filled, "partition")) {
        record.partition = (int32_t)json_integer_value(json_object_get(filled, "partition"));
    }
    record.tombstone = json_is_true(json_object_get(filled, "tombstone"));
    DSP_TRY(raw_value(arena, filled, &record.value));
    for (int i = 0, count = copies_of(filled); i < count; i++) {
        DSP_TRY(ctl_kafka_produce(world->kafka, &record, &position));
    }
    return dsp_ok();
}

static struct dsp_err do_record(const struct play_world *world, struct play_story *story, const json_t *body)
{
    json_t *filled;
    DSP_TRY(play_labels_apply(story->labels, body, false, &filled));
    struct dsp_arena *arena = dsp_arena_new(ARENA_BYTES);
    struct dsp_err err = arena ? produce_raw(world, arena, filled) : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    dsp_arena_free(arena);
    json_decref(filled);
    return err;
}

/* --- stand-ins, faults, the clock --- */

static struct dsp_err do_standin(const struct play_world *world, struct play_story *story, const json_t *body)
{
    static const char *const ACTS[] = {"know", "behave", "send"};
    for (size_t i = 0; i < sizeof ACTS / sizeof ACTS[0]; i++) {
        char path[32];
        json_t *filled;
        const json_t *given = json_object_get(body, ACTS[i]);
        if (!given) {
            continue;
        }
        snprintf(path, sizeof path, "/_standin/%s", ACTS[i]);
        DSP_TRY(play_labels_apply(story->labels, given, false, &filled));
        struct dsp_err err = call_standin(world, play_text(body, "which"), path, filled,
                                          json_object_get(filled, "spoil") != NULL);
        json_decref(filled);
        DSP_TRY(err);
    }
    return dsp_ok();
}

static struct dsp_err do_fault(const struct play_world *world, const json_t *body)
{
    json_t *wish = json_pack("{s:s, s:s}", "call", play_text(body, "call"), "when", play_text(body, "when"));
    struct dsp_err err = ctl_admin_post(world->admin, play_text(body, "service"), "/sandbox/fault", wish, NULL);
    json_decref(wish);
    return err;
}

static struct dsp_err do_clock(const struct play_world *world, const struct play_story *story, const json_t *body)
{
    int64_t at_ms;
    struct ctl_rest_state state;
    if (!play_parse_local(play_text(body, "set"), story->year, &at_ms)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "clock.set: \"%s\" is no time", play_text(body, "set"));
    }
    return ctl_clock_set(world->kafka, world->admin, world->rest, at_ms, &state);
}

struct dsp_err play_do(const struct play_world *world, struct play_story *story, const struct play_input *input)
{
    switch (input->kind) {
    case PLAY_COMMAND:
        return do_command(world, story, input);
    case PLAY_INBOUND:
        return do_inbound(world, story, input);
    case PLAY_RECORD:
        return do_record(world, story, input->body);
    case PLAY_STANDIN:
        return do_standin(world, story, input->body);
    case PLAY_FAULT:
        return do_fault(world, input->body);
    case PLAY_PLATFORM:
        return do_platform(world, story, input->body);
    case PLAY_CLOCK:
        return do_clock(world, story, input->body);
    case PLAY_KINDS:
        break;
    }
    return dsp_ok();
}

void play_do_text(const struct play_story *story, const struct play_input *input, char *text, size_t size)
{
    const json_t *body = input->body;
    int copies = copies_of(body);
    char times[32] = "";
    if (copies > 1) {
        snprintf(times, sizeof times, " (%d copies)", copies);
    }
    switch (input->kind) {
    case PLAY_COMMAND:
        snprintf(text, size, "%s: %s by %s%s", story->id, play_text(body, "act"), play_text(body, "by"), times);
        break;
    case PLAY_INBOUND:
        snprintf(text, size, "%s: news for %s%s", story->id, play_text(body, "service"), times);
        break;
    case PLAY_RECORD:
        snprintf(text, size, "%s: a raw record on %s%s", story->id, play_text(body, "topic"), times);
        break;
    case PLAY_STANDIN:
        snprintf(text, size, "%s: the stand-in %s is told", story->id, play_text(body, "which"));
        break;
    case PLAY_FAULT:
        snprintf(text, size, "%s: %s will die %s %s", story->id, play_text(body, "service"), play_text(body, "when"),
                 play_text(body, "call"));
        break;
    case PLAY_PLATFORM:
        snprintf(text, size, "%s: %s of the platform changes", story->id, play_text(body, "part"));
        break;
    case PLAY_CLOCK:
        snprintf(text, size, "%s: the clock is set to %s", story->id, play_text(body, "set"));
        break;
    case PLAY_KINDS:
        break;
    }
}
