/* One libFuzzer program per decoder (FUZZ_<TARGET>): whatever comes from outside must be refused or read, never
 * more. A message that is read must also survive what services do with it: JSON, sealing, packing, reading again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arbitration/institution.h"
#include "common/io/envelope.h"
#include "common/service/message.h"
#include "common/service/platform.h"
#include "disputes/arbitration/v1/finding.pb-c.h"
#include "disputes/case/v1/event.pb-c.h"
#include "disputes/console/v1/command.pb-c.h"
#include "disputes/fund/v1/finding.pb-c.h"
#include "disputes/gateway/v1/command.pb-c.h"
#include "disputes/investigation/v1/finding.pb-c.h"
#include "disputes/notification/v1/finding.pb-c.h"
#include "disputes/platform/v1/state.pb-c.h"
#include "disputes/sla/v1/finding.pb-c.h"
#include "fund/rails/wechat_json.h"

#define ARENA_BYTES (8u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "does not hold: %s\n", what);
        abort();
    }
}

#ifdef FUZZ_MESSAGE
static void try_it(struct dsp_arena *arena, struct dsp_str value)
{
    static const struct dsp_uuid CASE = {{1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};
    static const struct dsp_key KEY = {{7}};
    ProtobufCMessage *message;
    ProtobufCMessage *again;
    struct dsp_str packed;
    if (dsp_failed(dsp_message_unpack(arena, &FUZZ_MESSAGE, value, &message))) {
        return;
    }
    json_decref(dsp_message_json(message));
    size_t most = dsp_message_sealed_bytes(message);
    if (dsp_failed(dsp_message_seal(arena, &KEY, &CASE, message)) ||
        dsp_failed(dsp_message_pack(arena, message, &packed))) {
        return; /* the arena is full */
    }
    must(packed.len <= most, "a sealed message is no longer than was foretold");
    struct dsp_err err = dsp_message_unpack(arena, &FUZZ_MESSAGE, packed, &again);
    if (dsp_failed(err)) {
        fprintf(stderr, "%s: %s\n", err.code, err.detail);
    }
    must(!dsp_failed(err) || dsp_err_is(&err, "ARENA_FULL"), "what was written can be read");
}
#endif

#ifdef FUZZ_ENVELOPE
static void try_it(struct dsp_arena *arena, struct dsp_str value)
{
    struct dsp_envelope envelope;
    struct dsp_str packed;
    rd_kafka_headers_t *headers = dsp_headers_unpack(value);
    if (headers && !dsp_failed(dsp_envelope_read_headers(headers, &envelope))) {
        must(envelope.id.len > 0 && envelope.source.len > 0, "an envelope has an id and a source");
        must(!dsp_failed(dsp_headers_pack_one(arena, value, "x-more", envelope.id, &packed)), "headers can be added");
    }
    if (headers) {
        rd_kafka_headers_destroy(headers);
    }
}
#endif

#ifdef FUZZ_PLATFORM
static void try_it(struct dsp_arena *arena, struct dsp_str value)
{
    struct dsp_platforms *platforms = dsp_platforms_new();
    Disputes__Platform__V1__State *state;
    const struct dsp_calendar *calendar;
    if (!dsp_failed(dsp_platforms_add(platforms, value, DSP_PLATFORM_NO_NOTICE)) &&
        !dsp_failed(dsp_message_unpack(arena, &disputes__platform__v1__state__descriptor, value, &state)) &&
        state->part_case == DISPUTES__PLATFORM__V1__STATE__PART_CALENDAR) {
        (void)!dsp_failed(dsp_platform_calendar(arena, state, &calendar));
    }
    dsp_platforms_free(platforms);
}
#endif

#ifdef FUZZ_PAY_JSON
static void try_it(struct dsp_arena *arena, struct dsp_str value)
{
    json_t *object = fund_json_object(value);
    static const char *const NAMES[] = {"out_bill_no", "state", "fail_reason", "refund_status", "out_refund_no"};
    for (size_t i = 0; object && i < sizeof NAMES / sizeof *NAMES; i++) {
        (void)fund_json_str(arena, object, NAMES[i]);
    }
    json_decref(object);
}
#endif

#ifdef FUZZ_INSTITUTION
static void try_it(struct dsp_arena *arena, struct dsp_str value)
{
    struct arb_receipt receipt = arb_receipt_read(arena, value);
    must(receipt.fee.consumer_minor >= 0, "no fee is less than nothing");
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct dsp_arena *arena;
    if (!arena) {
        arena = dsp_arena_new(ARENA_BYTES);
    }
    try_it(arena, (struct dsp_str){(const char *)bytes, size});
    dsp_arena_reset(arena);
    return 0;
}
