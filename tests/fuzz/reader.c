/* One libFuzzer program per reader of a service: FUZZ_READ out of FUZZ_CODEC, over FUZZ_TABLES of FUZZ_STORE. What a
 * record holds is taken in or refused with a code, whatever it is; a fatal error would stop the service. With FUZZ_LOG the
 * headers agree with the entry, or no entry would get past the first check. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputes/case/v1/event.pb-c.h"
#include FUZZ_CODEC
#include FUZZ_STORE

#define ARENA_BYTES (8u << 20)
#define TIME_MS 1777000000000

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct dsp_uuid CASE = {{1, 2, 3, 4, 5, 6, 0x70, 8, 0x80, 10, 11, 12, 13, 14, 15, 16}};
static char order[] = "o-1";

#ifdef FUZZ_LOG
static void agree(struct dsp_arena *arena, struct dsp_record *record)
{
    static char case_text[DSP_UUID_TEXT_BYTES];
    Disputes__Case__V1__CaseEvent *event;
    struct dsp_err err = dsp_message_unpack(arena, &disputes__case__v1__case_event__descriptor, record->value, &event);
    if (dsp_failed(err) || event->record_case != DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY) {
        return;
    }
    dsp_uuid_format(&CASE, case_text);
    event->entry->case_id = case_text;
    event->entry->order_id = order;
    event->entry->sequence = event->entry->sequence ? event->entry->sequence : 1;
    record->envelope.sequence = (int64_t)event->entry->sequence;
    if (dsp_failed(dsp_message_pack(arena, &event->base, &record->value))) {
        abort();
    }
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct dsp_arena *arena;
    if (!arena) {
        arena = dsp_arena_new(ARENA_BYTES);
    }
    struct dsp_turn turn = {.arena = arena, .rows = dsp_rows_new(arena, FUZZ_TABLES, FUZZ_COUNT, NULL)};
    struct dsp_record record = {.kind = DSP_RECORD_MESSAGE,
                                .topic = FUZZ_TOPIC,
                                .time_ms = TIME_MS,
                                .stamp_ms = TIME_MS,
                                .key = dsp_str_from(order),
                                .value = {(const char *)bytes, size},
                                .envelope = {.id = DSP_STR_LITERAL("id-1"),
                                             .source = DSP_STR_LITERAL("/fuzz"),
                                             .subject = CASE,
                                             .time_ms = TIME_MS,
                                             .sequence = 1}};
#ifdef FUZZ_LOG
    agree(arena, &record);
#endif
    struct dsp_err err = FUZZ_READ(&turn, &record);
    if (err.kind == DSP_ERR_FATAL) {
        fprintf(stderr, "does not hold: no record is fatal (%s: %s)\n", err.code, err.detail);
        abort();
    }
    dsp_arena_reset(arena);
    return 0;
}
