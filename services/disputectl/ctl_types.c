/* Which message a topic holds, fields by name, bytes → JSON: the rest of ctl_json.h. */
#include <stdio.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputectl/ctl_json.h"
#include "disputectl/ctl_text.h"
#include "disputes/arbitration/v1/finding.pb-c.h"
#include "disputes/case/v1/event.pb-c.h"
#include "disputes/console/v1/command.pb-c.h"
#include "disputes/fund/v1/finding.pb-c.h"
#include "disputes/gateway/v1/command.pb-c.h"
#include "disputes/investigation/v1/finding.pb-c.h"
#include "disputes/notification/v1/finding.pb-c.h"
#include "disputes/platform/v1/state.pb-c.h"
#include "disputes/sandbox/v1/clock.pb-c.h"
#include "disputes/sla/v1/finding.pb-c.h"

#define UNPACK_ARENA_BYTES (64u << 20)
#define DEPTH_MAX 12

/* As deploy/kafka/topics.json says; a test compares. */
static const struct {
    const char *topic;
    const ProtobufCMessageDescriptor *type;
} ROOTS[] = {
    {"disputes.gateway.command.v1", &disputes__gateway__v1__command__descriptor},
    {"disputes.console.command.v1", &disputes__console__v1__command__descriptor},
    {"disputes.case.event.v1", &disputes__case__v1__case_event__descriptor},
    {"disputes.case.key.v1", &disputes__case__v1__case_key__descriptor},
    {"disputes.sla.finding.v1", &disputes__sla__v1__finding__descriptor},
    {"disputes.investigation.finding.v1", &disputes__investigation__v1__finding__descriptor},
    {"disputes.arbitration.finding.v1", &disputes__arbitration__v1__finding__descriptor},
    {"disputes.fund.finding.v1", &disputes__fund__v1__finding__descriptor},
    {"disputes.notification.finding.v1", &disputes__notification__v1__finding__descriptor},
    {"disputes.fund.inbound.v1", &disputes__fund__v1__inbound__descriptor},
    {"disputes.arbitration.inbound.v1", &disputes__arbitration__v1__inbound__descriptor},
    {"disputes.notification.inbound.v1", &disputes__notification__v1__inbound__descriptor},
    {"disputes.platform.state.v1", &disputes__platform__v1__state__descriptor},
    {"disputes.sandbox.clock.v1", &disputes__sandbox__v1__clock_pair__descriptor},
};
#define ROOT_COUNT (sizeof ROOTS / sizeof *ROOTS)

const ProtobufCMessageDescriptor *ctl_topic_type(const char *topic)
{
    if (strncmp(topic, "dlq.", 4) == 0) { /* dlq.<service>.<topic> */
        const char *rest = strchr(topic + 4, '.');
        topic = rest ? rest + 1 : topic;
    }
    for (size_t i = 0; i < ROOT_COUNT; i++) {
        if (strcmp(ROOTS[i].topic, topic) == 0) {
            return ROOTS[i].type;
        }
    }
    return NULL;
}

static const ProtobufCMessageDescriptor *find_below(const ProtobufCMessageDescriptor *type, const char *name, int depth)
{
    if (strcmp(type->name, name) == 0) {
        return type;
    }
    for (unsigned i = 0; depth < DEPTH_MAX && i < type->n_fields; i++) {
        if (type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE) {
            const ProtobufCMessageDescriptor *found = find_below(type->fields[i].descriptor, name, depth + 1);
            if (found) {
                return found;
            }
        }
    }
    return NULL;
}

const ProtobufCMessageDescriptor *ctl_type_named(const char *name)
{
    for (size_t i = 0; i < ROOT_COUNT; i++) {
        const ProtobufCMessageDescriptor *found = find_below(ROOTS[i].type, name, 0);
        if (found) {
            return found;
        }
    }
    return NULL;
}

const ProtobufCFieldDescriptor *ctl_field_named(const ProtobufCMessageDescriptor *type, const char *name)
{
    char snake[128];
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(type, name);
    if (field) {
        return field;
    }
    ctl_snake_case(name, snake, sizeof snake);
    field = protobuf_c_message_descriptor_get_field_by_name(type, snake);
    for (unsigned i = 0; !field && i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *other = &type->fields[i];
        if (other->type == PROTOBUF_C_TYPE_MESSAGE) {
            const ProtobufCMessageDescriptor *of = other->descriptor;
            field = strcmp(of->short_name, name) == 0 ? other : NULL;
        }
    }
    return field;
}

struct dsp_err ctl_json_unpack(const ProtobufCMessageDescriptor *type, struct dsp_str bytes, json_t **ret_json)
{
    ProtobufCMessage *message;
    struct dsp_arena *arena = dsp_arena_new(UNPACK_ARENA_BYTES);
    if (!arena) {
        return dsp_retry(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    struct dsp_err err = dsp_message_unpack(arena, type, bytes, &message);
    if (!dsp_failed(err)) {
        *ret_json = dsp_message_json(message);
    }
    dsp_arena_free(arena);
    return err;
}

struct dsp_err ctl_json_read_file(const char *path, json_t **ret_json)
{
    json_error_t why;
    bool standard_input = strcmp(path, "-") == 0;
    FILE *file = standard_input ? stdin : fopen(path, "re");
    if (!file) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s cannot be read", path);
    }
    json_t *json = json_loadf(file, JSON_REJECT_DUPLICATES, &why);
    if (!standard_input) {
        fclose(file);
    }
    if (!json) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "%s, line %d, column %d: %.60s", path, why.line, why.column,
                          why.text);
    }
    *ret_json = json;
    return dsp_ok();
}
