#include "disputectl/ctl_command.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "disputectl/ctl_json.h"
#include "disputectl/ctl_text.h"
#include "disputes/console/v1/command.pb-c.h"
#include "disputes/gateway/v1/command.pb-c.h"

#define COMMAND_ARENA_BYTES (16u << 20)
#define COPIES_MAX 10000

/* --- headers --- */

static struct dsp_err random_traceparent(char *text, size_t size)
{
    uint8_t bytes[24];
    char trace[33];
    char span[17];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "no randomness");
    }
    dsp_hex(bytes, 16, trace);
    dsp_hex(bytes + 16, 8, span);
    snprintf(text, size, "00-%s-%s-01", trace, span);
    return dsp_ok();
}

static void add(struct ctl_ce_storage *storage, const char *name, const char *value)
{
    if (value) {
        storage->headers[storage->count++] = (struct ctl_header){name, dsp_str_from(value)};
    }
}

static struct dsp_err new_id(char *text, size_t size)
{
    struct dsp_uuid id;
    char canonical[DSP_UUID_TEXT_BYTES];
    DSP_TRY(dsp_uuid_v7(&id));
    dsp_uuid_format(&id, canonical);
    snprintf(text, size, "%s", canonical);
    return dsp_ok();
}

struct dsp_err ctl_ce_headers(const struct ctl_ce *ce, struct ctl_ce_storage *storage)
{
    storage->count = 0;
    if (ce->id) {
        snprintf(storage->id, sizeof storage->id, "%s", ce->id);
    } else {
        DSP_TRY(new_id(storage->id, sizeof storage->id));
    }
    dsp_time_format(dsp_real_ms(), storage->time);
    DSP_TRY(random_traceparent(storage->traceparent, sizeof storage->traceparent));
    add(storage, "ce_specversion", "1.0");
    add(storage, "ce_id", storage->id);
    add(storage, "ce_source", ce->source);
    add(storage, "ce_type", ce->type);
    add(storage, "ce_time", storage->time);
    add(storage, "ce_subject", ce->subject);
    add(storage, "ce_correlationid", ce->subject);
    add(storage, "ce_partitionkey", ce->partition_key);
    add(storage, "ce_dataschema", ce->schema);
    add(storage, "content-type", "application/protobuf");
    add(storage, "traceparent", storage->traceparent);
    return dsp_ok();
}

/* --- content --- */

/* The command as JSON, so that one reader checks all of it: {"actor": …, "generation": …, act: content}. */
static struct dsp_err command_json(const struct ctl_command *command, const ProtobufCMessageDescriptor *type,
                                   json_t **ret_json)
{
    const ProtobufCFieldDescriptor *act = ctl_field_named(type, command->act);
    if (!act || act->type != PROTOBUF_C_TYPE_MESSAGE || !(act->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "%s has no act \"%s\"", type->name, command->act);
    }
    json_t *json = json_pack("{s:{s:s, s:s}, s:I}", "actor", "role", command->role ? command->role : "UNSPECIFIED",
                             "id", command->actor_id ? command->actor_id : "", "generation",
                             (json_int_t)command->generation);
    json_object_set_new(json, act->name, command->content ? json_deep_copy(command->content) : json_object());
    if (command->cosigners) {
        json_object_set_new(json, "cosigners", json_deep_copy(command->cosigners));
    }
    *ret_json = json;
    return dsp_ok();
}

static struct dsp_err pack(const struct ctl_command *command, struct dsp_arena *arena, struct dsp_str *ret_value)
{
    json_t *json = NULL;
    const ProtobufCMessageDescriptor *type = command->console ? &disputes__console__v1__command__descriptor
                                                              : &disputes__gateway__v1__command__descriptor;
    DSP_TRY(command_json(command, type, &json));
    struct dsp_err err = ctl_json_pack(arena, type, json, ret_value);
    json_decref(json);
    return err;
}

static struct dsp_err name_it(const struct ctl_command *command, struct ctl_sent *sent)
{
    struct dsp_uuid case_id;
    if (!command->case_id) {
        DSP_TRY(new_id(sent->case_id, sizeof sent->case_id));
    } else if (!dsp_uuid_parse(dsp_str_from(command->case_id), &case_id)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a case id is a UUID, not \"%.60s\"", command->case_id);
    } else {
        dsp_uuid_format(&case_id, sent->case_id);
    }
    if (!command->order_id || !*command->order_id) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "an order id is needed: it is the key of the record");
    }
    const char *source = command->console ? "/console" : "/gateway";
    snprintf(sent->source, sizeof sent->source, "%s", command->source ? command->source : source);
    if (command->command_id) {
        snprintf(sent->command_id, sizeof sent->command_id, "%s", command->command_id);
        return dsp_ok();
    }
    return new_id(sent->command_id, sizeof sent->command_id);
}

static struct dsp_err publish(struct ctl_kafka *kafka, const struct ctl_command *command, struct dsp_str value,
                              struct ctl_sent *sent)
{
    struct ctl_ce_storage headers;
    int copies = command->copies > 0 ? command->copies : 1;
    if (copies > COPIES_MAX) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "%d copies are too many", copies);
    }
    DSP_TRY(ctl_ce_headers(&(struct ctl_ce){.id = sent->command_id,
                                            .source = sent->source,
                                            .type = command->console ? "cn.example.disputes.console.command.v1"
                                                                     : "cn.example.disputes.gateway.command.v1",
                                            .schema = command->console ? "urn:proto:disputes.console.v1.Command"
                                                                       : "urn:proto:disputes.gateway.v1.Command",
                                            .subject = sent->case_id,
                                            .partition_key = command->order_id},
                           &headers));
    const struct ctl_record record = {.topic = command->console ? CTL_CONSOLE_TOPIC : CTL_GATEWAY_TOPIC,
                                      .partition = -1,
                                      .key = dsp_str_from(command->order_id),
                                      .headers = headers.headers,
                                      .header_count = headers.count,
                                      .value = value};
    for (int i = 0; i < copies; i++) {
        DSP_TRY(ctl_kafka_produce(kafka, &record, &sent->last));
        if (i == 0) {
            sent->first = sent->last;
        }
    }
    return dsp_ok();
}

struct dsp_err ctl_command_send(struct ctl_kafka *kafka, const struct ctl_command *command, struct ctl_sent *ret_sent)
{
    struct dsp_str value;
    struct ctl_sent sent = {0};
    struct dsp_arena *arena = dsp_arena_new(COMMAND_ARENA_BYTES);
    if (!arena) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    struct dsp_err err = name_it(command, &sent);
    err = dsp_failed(err) ? err : pack(command, arena, &value);
    err = dsp_failed(err) ? err : publish(kafka, command, value, &sent);
    dsp_arena_free(arena);
    if (!dsp_failed(err)) {
        *ret_sent = sent;
    }
    return err;
}
