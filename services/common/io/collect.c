/* What a turn takes out of the inbox: order and duplicates, decoding, quarantine. */
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/guards.h"
#include "common/base/log.h"
#include "common/base/utf8.h"
#include "common/io/engine_internal.h"

static const struct dsp_metric DEAD = {
    "dispute_dead_letters_total", DSP_METRIC_COUNTER, "Records put into quarantine.", {"topic", "code"}};
static const struct dsp_metric GAPS = {"dispute_sequence_gaps_total",
                                       DSP_METRIC_COUNTER,
                                       "Times that a record was missing in a partition: it stands still.",
                                       {"topic"}};

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "the batch does not fit");
}

/* --- quarantine --- */

void lane_hold(struct lane *lane, size_t topic, const struct dsp_uuid *case_id)
{
    if (lane_holds(lane, topic, case_id)) {
        return;
    }
    if (lane->held_count == lane->held_capacity) {
        size_t capacity = lane->held_capacity ? lane->held_capacity * 2 : 16;
        struct held *grown = realloc(lane->held, capacity * sizeof *grown);
        if (!grown) {
            abort(); /* a case that is not held would go on out of order */
        }
        lane->held = grown;
        lane->held_capacity = capacity;
    }
    lane->held[lane->held_count++] = (struct held){topic, *case_id};
}

void lane_let_go(struct lane *lane, size_t topic, const struct dsp_uuid *case_id)
{
    for (size_t i = 0; i < lane->held_count; i++) {
        if (lane->held[i].topic == topic && dsp_uuid_equal(&lane->held[i].case_id, case_id)) {
            lane->held[i] = lane->held[--lane->held_count];
            return;
        }
    }
}

bool lane_holds(const struct lane *lane, size_t topic, const struct dsp_uuid *case_id)
{
    for (size_t i = 0; i < lane->held_count; i++) {
        if (lane->held[i].topic == topic && dsp_uuid_equal(&lane->held[i].case_id, case_id)) {
            return true;
        }
    }
    return false;
}

/* By an earlier commit or by an earlier record of this very turn. */
static bool held(const struct dsp_engine *engine, int32_t index, size_t topic, const struct dsp_uuid *case_id)
{
    const struct vector *rows = &engine->turn.quarantine;
    if (dsp_uuid_is_zero(case_id)) {
        return false;
    }
    for (size_t i = 0; i < rows->count; i++) {
        const struct quarantine_row *row = rows->items[i];
        if (row->lane == index && row->topic_index == topic && dsp_uuid_equal(&row->case_id, case_id)) {
            return true;
        }
    }
    return lane_holds(&engine->lanes[index], topic, case_id);
}

/* For a text column: reasons may quote what a record holds, and are cut at a byte. */
struct dsp_str turn_clean_text(struct dsp_arena *arena, const char *from)
{
    struct dsp_str text = dsp_arena_copy(arena, dsp_str_from(from));
    for (size_t i = 0; text.ptr && !dsp_utf8_valid(text) && i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80) {
            ((char *)(uintptr_t)text.ptr)[i] = '?';
        }
    }
    return text;
}

/* The record itself, untouched, with the reason in headers (KIP-1191 names and ours). */
struct dsp_err turn_dead_letter(struct dsp_engine *engine, const struct quarantine_row *row, bool tombstone)
{
    struct dsp_arena *arena = engine->arena;
    const char *source = engine->app->topics[row->topic_index].name;
    struct lane *lane = &engine->lanes[row->lane];
    struct dsp_str topic = dsp_arena_format(arena, "dlq.%s.%s", engine->app->name, source);
    struct outbox_row *out = dsp_arena_alloc(arena, sizeof *out);
    char time[DSP_TIME_TEXT_BYTES];
    dsp_time_format(dsp_real_ms(), time);
    if (!out || !topic.ptr) {
        return full();
    }
    const struct {
        const char *name;
        struct dsp_str value;
    } reasons[] = {
        {"__dlq.errors.topic", dsp_str_from(source)},
        {"__dlq.errors.partition", dsp_arena_format(arena, "%d", row->lane)},
        {"__dlq.errors.offset", dsp_arena_format(arena, "%lld", (long long)row->offset)},
        {"__dlq.errors.group", dsp_str_from(engine->options.kafka_group)},
        {"__dlq.errors.message", row->detail},
        {"x-dispute-dlq-code", row->code},
        {"x-dispute-dlq-at", dsp_str_from(time)},
        {"x-dispute-dlq-service-version", dsp_str_from(HESHI_VERSION)},
    };
    struct dsp_str headers = row->headers;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        DSP_TRY(dsp_headers_pack_one(arena, headers, reasons[i].name, reasons[i].value, &headers));
    }
    *out = (struct outbox_row){.lane = row->lane,
                               .seq = ++lane->out_work,
                               .topic = topic,
                               .key = row->key,
                               .headers = headers,
                               .payload = row->payload,
                               .tombstone = tombstone,
                               .created_ms = row->created_ms};
    return vector_add(arena, &engine->turn.outbox, out) ? dsp_ok() : full();
}

static struct dsp_err quarantine(struct dsp_engine *engine, const struct item *item, struct dsp_err reason)
{
    const rd_kafka_message_t *message = item->message;
    const struct dsp_topic *topic = &engine->app->topics[item->topic];
    struct dsp_arena *arena = engine->arena;
    struct quarantine_row *row = dsp_arena_alloc(arena, sizeof *row);
    struct dsp_envelope envelope;
    if (!row) {
        return full();
    }
    bool parked = dsp_err_is(&reason, DSP_CODE_HELD_CASE);
    *row = (struct quarantine_row){
        .lane = item->lane,
        .topic = dsp_str_from(topic->name),
        .offset = message->offset,
        .code = dsp_str_from(reason.code),
        .detail = turn_clean_text(arena, reason.detail),
        .stamp_ms = rd_kafka_message_timestamp(message, NULL),
        .key = {message->key, message->key_len},
        .payload = {message->payload, message->len},
        .state = parked ? 1 : 0,
        .created_ms = dsp_real_ms(),
        .topic_index = item->topic,
    };
    DSP_TRY(dsp_headers_pack_all(arena, message, &row->headers));
    /* Only a numbered record can be missed later: it holds its case. */
    if (topic->numbered && !dsp_failed(dsp_envelope_read(message, &envelope)) && envelope.sequence) {
        row->case_id = envelope.subject;
    }
    if (!vector_add(arena, &engine->turn.quarantine, row)) {
        return full();
    }
    engine->quarantined++;
    if (!parked) {
        struct dsp_str labels[] = {row->topic, row->code};
        dsp_metric_add(engine->options.metrics, &DEAD, 1, labels);
        dsp_log(DSP_LOG_ERROR, "record quarantined", DSP_F_STR("kafka.topic", row->topic),
                DSP_F_INT("kafka.partition", item->lane), DSP_F_INT("kafka.offset", row->offset),
                DSP_F_STR("error.code", row->code), DSP_F_STR("error.message", row->detail),
                DSP_F_UUID("dispute.case_id", &row->case_id),
                DSP_F_TEXT("held", dsp_uuid_is_zero(&row->case_id) ? "nothing" : "the case"));
        return engine_rebuilds(engine) ? dsp_ok() : turn_dead_letter(engine, row, message->payload == NULL);
    }
    return dsp_ok();
}

/* --- collect --- */

enum admission { TAKE, DROP, LEAVE, REFUSE };

/* Position and number of a message: where it stands in its streams. */
static enum admission in_order(struct dsp_engine *engine, const struct item *item, struct dsp_record *record,
                               struct dsp_err *ret_err)
{
    const struct dsp_topic *topic = &engine->app->topics[item->topic];
    struct lane_topic *state = &engine->lanes[item->lane].topics[item->topic];
    const rd_kafka_message_t *message = item->message;
    if (message->offset < state->work.next_offset) {
        return DROP;
    }
    if (!topic->numbered && state->work.next_offset >= 0 && message->offset > state->work.next_offset) {
        *ret_err = dsp_retry(DSP_CODE_SEQUENCE_GAP, "%s/%d: offset %lld after %lld", topic->name, item->lane,
                             (long long)message->offset, (long long)state->work.next_offset);
        if (!state->alarmed) { /* once: it is collected again and again until somebody moves the cursor */
            state->alarmed = true;
            dsp_metric_add(engine->options.metrics, &GAPS, 1, (const struct dsp_str[]){dsp_str_from(topic->name)});
            dsp_log(DSP_LOG_ERROR, "records are missing before this one: nothing of this partition is applied",
                    DSP_F_TEXT("error.code", DSP_CODE_SEQUENCE_GAP), DSP_F_TEXT("kafka.topic", topic->name),
                    DSP_F_INT("kafka.partition", item->lane), DSP_F_INT("kafka.offset", message->offset),
                    DSP_F_INT("expected", state->work.next_offset));
        }
        return LEAVE;
    }
    *ret_err = message->len > DSP_VALUE_MAX_BYTES ? dsp_reject(DSP_CODE_TOO_BIG, "%zu bytes", message->len)
                                                  : dsp_envelope_read(message, &record->envelope);
    if (topic->numbered) {
        /* Also of a record that is refused: its number is used up, or the next one would stand behind a gap. */
        int64_t number = dsp_envelope_lane_sequence(message);
        if (number <= 0) {
            *ret_err = dsp_failed(*ret_err)
                           ? *ret_err
                           : dsp_reject(DSP_CODE_HEADER_MISSING, "ce_lanesequence is required on %s", topic->name);
            return REFUSE;
        }
        record->envelope.lane_sequence = number;
        if (DSP_GUARD_SEQUENCE && number <= state->work.last_lanesequence) {
            return DROP;
        }
        if (DSP_GUARD_SEQUENCE && number > state->work.last_lanesequence + 1) {
            if (!state->work.gap && !state->alarmed) {
                dsp_log(DSP_LOG_ERROR, "gap in a lane: reading on until it is filled",
                        DSP_F_TEXT("error.code", DSP_CODE_SEQUENCE_GAP), DSP_F_TEXT("kafka.topic", topic->name),
                        DSP_F_INT("kafka.partition", item->lane), DSP_F_INT("got", number),
                        DSP_F_INT("last", state->work.last_lanesequence));
                dsp_metric_add(engine->options.metrics, &GAPS, 1, (const struct dsp_str[]){dsp_str_from(topic->name)});
            }
            state->work.gap = true;
            state->alarmed = true;
            return DROP;
        }
    }
    return dsp_failed(*ret_err) ? REFUSE : TAKE;
}

static void fill_record(struct dsp_engine *engine, const struct item *item, struct dsp_record *record)
{
    record->kind = item->kind;
    record->lane = item->lane;
    record->case_id = item->case_id;
    record->timer = item->timer;
    record->answer = item->answer;
    record->envelope.traceparent = item->answer.traceparent;
    record->time_ms = engine->turn.open.now_ms;
    if (item->kind == DSP_RECORD_MESSAGE) {
        record->topic = item->topic;
        record->offset = item->message->offset;
        record->stamp_ms = rd_kafka_message_timestamp(item->message, NULL);
        record->key = (struct dsp_str){item->message->key, item->message->key_len};
        record->value = (struct dsp_str){item->message->payload, item->message->len};
    }
}

static struct dsp_err decode(struct dsp_engine *engine, const struct item *item, struct dsp_record *record)
{
    const struct dsp_topic *topic = &engine->app->topics[item->topic];
    if (item->kind != DSP_RECORD_MESSAGE) {
        DSP_TRY(dsp_rows_want_case(engine->turn.open.rows, &item->case_id));
        return engine->app->decode(engine->app->self, &engine->turn.open, record);
    }
    record->time_ms = topic->stamped ? dsp_domain_ms(engine, record->stamp_ms) : record->envelope.time_ms;
    if (topic->numbered && held(engine, item->lane, item->topic, &record->envelope.subject)) {
        return dsp_reject(DSP_CODE_HELD_CASE, "behind an earlier record of this case");
    }
    if (record->key.len == 0 || dsp_lane_of(engine, record->key) != item->lane) {
        return dsp_reject(DSP_CODE_WRONG_KEY, "the partition is not that of the key");
    }
    DSP_TRY(engine->app->decode(engine->app->self, &engine->turn.open, record));
    return record->input && !dsp_uuid_is_zero(&record->case_id)
               ? dsp_rows_want_case(engine->turn.open.rows, &record->case_id)
               : dsp_ok();
}

/* The turn owns the item from here on; its position moves. */
static struct dsp_err take(struct dsp_engine *engine, struct item *item, struct dsp_record *record)
{
    struct turn *turn = &engine->turn;
    item->taken = true;
    item->record = record;
    if (!vector_add(engine->arena, &turn->items, item) ||
        (record && !vector_add(engine->arena, &turn->records, record))) {
        return full();
    }
    if (item->kind != DSP_RECORD_MESSAGE) {
        return dsp_ok();
    }
    struct lane_topic *state = &engine->lanes[item->lane].topics[item->topic];
    int64_t stamp = rd_kafka_message_timestamp(item->message, NULL);
    if (item->message->offset >= state->work.next_offset) {
        /* While a number is missing the position stays before the gap. */
        if (!state->work.gap || record) {
            state->work.next_offset = item->message->offset + 1;
        }
        if (stamp > state->work.stamp_read) {
            state->work.stamp_read = stamp;
        }
    }
    return dsp_ok();
}

static struct dsp_err collect_item(struct dsp_engine *engine, struct item *item, bool *ret_left)
{
    struct dsp_record *record = dsp_arena_alloc(engine->arena, sizeof *record);
    struct dsp_err err = item->refused;
    enum admission admission = TAKE;
    engine->turn.collecting = item;
    if (item->later_ms > dsp_monotonic_ms()) {
        *ret_left = true;
        return dsp_ok();
    }
    if (!record) {
        return full();
    }
    fill_record(engine, item, record);
    if (item->kind == DSP_RECORD_MESSAGE) {
        struct dsp_err order_err = dsp_ok();
        admission = in_order(engine, item, record, &order_err);
        err = dsp_failed(err) && admission != LEAVE ? err : order_err;
    }
    if (admission == DROP) {
        item->outcome = OUTCOME_DUPLICATE;
        return take(engine, item, NULL);
    }
    if (admission == TAKE && !dsp_failed(err)) {
        err = decode(engine, item, record);
        snprintf(item->type, sizeof item->type, "%.*s", DSP_STR_ARG(record->type));
    }
    if (err.kind == DSP_ERR_RETRY) {
        snprintf(engine->inbox.waiting_for, sizeof engine->inbox.waiting_for, "%.90s", err.detail);
        *ret_left = true;
        return dsp_ok();
    }
    if (err.kind == DSP_ERR_FATAL || dsp_err_is(&err, DSP_CODE_ARENA_FULL)) {
        return err;
    }
    struct lane_topic *state = &engine->lanes[item->lane].topics[item->topic];
    if (err.kind == DSP_ERR_REJECT) {
        if (item->kind != DSP_RECORD_MESSAGE) { /* our own timer or answer: nothing a peer could mend */
            return err;                         /* the turn puts it off */
        }
        DSP_TRY(quarantine(engine, item, err));
    }
    item->outcome = !dsp_failed(err)                       ? OUTCOME_OK
                    : dsp_err_is(&err, DSP_CODE_HELD_CASE) ? OUTCOME_PARKED
                                                           : OUTCOME_DEAD;
    if (item->kind == DSP_RECORD_MESSAGE && record->envelope.lane_sequence > state->work.last_lanesequence &&
        engine->app->topics[item->topic].numbered) {
        state->work.last_lanesequence = record->envelope.lane_sequence;
        state->work.gap = false;
        state->alarmed = false;
    }
    return take(engine, item, dsp_failed(err) ? NULL : record); /* quarantined: nothing is left to decide */
}

struct dsp_err turn_collect(struct dsp_engine *engine)
{
    size_t limit = engine->single_step ? 1 : (size_t)engine->options.batch_max;
    size_t waiting = 0;
    engine->turn.collecting = NULL;
    for (int32_t l = 0; l < LANES_MAX; l++) {
        for (size_t t = 0; t < engine->app->topic_count; t++) {
            engine->lanes[l].topics[t].blocked = false;
        }
    }
    for (struct item *item = engine->inbox.first; item && engine->turn.items.count < limit; item = item->next) {
        bool *blocked = &engine->lanes[item->lane].topics[item->topic].blocked;
        bool left = false;
        if (item->kind == DSP_RECORD_MESSAGE && *blocked) {
            waiting++;
            continue;
        }
        DSP_TRY(collect_item(engine, item, &left));
        if (left) {
            waiting++;
            *blocked = *blocked || item->kind == DSP_RECORD_MESSAGE;
        }
    }
    engine->turn.collecting = NULL;
    engine->inbox.waiting = waiting;
    return dsp_ok();
}
