#include "disputectl/ctl_platform.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputectl/ctl_command.h"
#include "disputectl/ctl_json.h"
#include "disputes/platform/v1/state.pb-c.h"

#define STATE_ARENA_BYTES (64u << 20)
#define KEY_BYTES 512

struct one_state {
    char key[KEY_BYTES];
    struct dsp_str value;
};

static const char *part_name(const Disputes__Platform__V1__State *state)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(
        &disputes__platform__v1__state__descriptor, (unsigned)state->part_case);
    return state->part_case && field ? field->name : NULL;
}

static struct dsp_err read_state(struct dsp_arena *arena, const json_t *json, struct one_state *ret_state)
{
    ProtobufCMessage *message;
    DSP_TRY(ctl_json_message(arena, &disputes__platform__v1__state__descriptor, json, &message));
    const Disputes__Platform__V1__State *state = (const Disputes__Platform__V1__State *)message;
    const char *part = part_name(state);
    if (!*state->platform_id || !state->version || !part) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a State needs platform_id, version and one part");
    }
    bool deposit = state->part_case == DISPUTES__PLATFORM__V1__STATE__PART_DEPOSIT;
    int size = snprintf(ret_state->key, sizeof ret_state->key, "%s/%s/%" PRIu64 "%s%s", state->platform_id, part,
                        state->version, deposit ? "/" : "", deposit ? state->deposit->merchant_id : "");
    if (size < 0 || (size_t)size >= sizeof ret_state->key) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "the ids of a State are too long for a key");
    }
    return dsp_message_pack(arena, message, &ret_state->value);
}

static struct dsp_err publish(struct ctl_kafka *kafka, const struct one_state *state)
{
    struct ctl_ce_storage headers;
    struct ctl_position position;
    DSP_TRY(ctl_ce_headers(&(struct ctl_ce){.source = "/console",
                                            .type = "cn.example.disputes.platform.state.v1",
                                            .schema = "urn:proto:disputes.platform.v1.State",
                                            .partition_key = state->key},
                           &headers));
    return ctl_kafka_produce(kafka,
                             &(struct ctl_record){.topic = CTL_PLATFORM_TOPIC,
                                                  .partition = -1,
                                                  .key = dsp_str_from(state->key),
                                                  .headers = headers.headers,
                                                  .header_count = headers.count,
                                                  .value = state->value},
                             &position);
}

static struct dsp_err put_all(struct ctl_kafka *kafka, struct dsp_arena *arena, const json_t *states, size_t count,
                              struct one_state *read)
{
    for (size_t i = 0; i < count; i++) {
        DSP_TRY(read_state(arena, json_is_array(states) ? json_array_get(states, i) : states, &read[i]));
    }
    for (size_t i = 0; i < count; i++) {
        DSP_TRY(publish(kafka, &read[i]));
    }
    return dsp_ok();
}

struct dsp_err ctl_platform_put(struct ctl_kafka *kafka, const json_t *states, size_t *ret_count)
{
    size_t count = json_is_array(states) ? json_array_size(states) : 1;
    struct dsp_arena *arena = dsp_arena_new(STATE_ARENA_BYTES);
    struct one_state *read = calloc(count ? count : 1, sizeof *read);
    struct dsp_err err = arena && read ? put_all(kafka, arena, states, count, read)
                                       : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    dsp_arena_free(arena);
    free(read);
    if (!dsp_failed(err)) {
        *ret_count = count;
    }
    return err;
}
