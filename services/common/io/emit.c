/* What services call while they decide: outgoing records and timers of the turn. */
#include <string.h>

#include "common/base/codes.h"
#include "common/io/engine_internal.h"

bool vector_add(struct dsp_arena *arena, struct vector *vector, void *item)
{
    if (vector->count == vector->capacity) {
        size_t capacity = vector->capacity ? vector->capacity * 2 : 16;
        void **items = dsp_arena_alloc(arena, capacity * sizeof *items);
        if (!items) {
            return false;
        }
        if (vector->count) {
            memcpy(items, vector->items, vector->count * sizeof *items);
        }
        vector->items = items;
        vector->capacity = capacity;
    }
    vector->items[vector->count++] = item;
    return true;
}

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "the batch does not fit");
}

static struct out_topic *out_topic(struct lane *lane, const char *name)
{
    for (size_t i = 0; i < lane->out_count; i++) {
        if (strcmp(lane->out[i].name, name) == 0) {
            return &lane->out[i];
        }
    }
    if (lane->out_count == OUT_TOPICS_MAX) {
        return NULL;
    }
    struct out_topic *topic = &lane->out[lane->out_count++];
    *topic = (struct out_topic){.name = strdup(name)};
    return topic;
}

struct dsp_err dsp_emit(struct dsp_turn *turn, int32_t index, const struct dsp_out *out)
{
    struct dsp_engine *engine = turn->engine;
    if (index < 0 || index >= LANES_MAX) {
        return dsp_reject(DSP_CODE_WRONG_KEY, "lane %d", index);
    }
    struct lane *lane = &engine->lanes[index];
    if (!lane->owned) { /* the row of another lane: its numbers are not ours to give */
        return dsp_reject(DSP_CODE_WRONG_KEY, "lane %d is not owned here", index);
    }
    if (engine_rebuilds(engine)) {
        return dsp_ok();
    }
    if (lane->out_work - lane->published >= UNPUBLISHED_MAX) {
        return full();
    }
    struct out_topic *topic = out_topic(lane, out->topic);
    struct outbox_row *row = dsp_arena_alloc(turn->arena, sizeof *row);
    struct dsp_out_headers headers = out->headers;
    if (!topic || !row) {
        return full();
    }
    headers.lane_sequence = topic->work + 1;
    *row = (struct outbox_row){.lane = index,
                               .seq = lane->out_work + 1,
                               .topic = dsp_arena_copy(turn->arena, dsp_str_from(out->topic)),
                               .key = dsp_arena_copy(turn->arena, out->key),
                               .payload = out->tombstone ? (struct dsp_str){NULL, 0}
                                                         : dsp_arena_copy(turn->arena, out->value),
                               .tombstone = out->tombstone,
                               .created_ms = dsp_real_ms()};
    DSP_TRY(dsp_headers_pack(turn->arena, &headers, &row->headers));
    if (!row->topic.ptr || !row->key.ptr || !vector_add(turn->arena, &engine->turn.outbox, row)) {
        return full();
    }
    topic->work++;
    lane->out_work++;
    return dsp_ok();
}

struct dsp_err turn_keep_timer(struct dsp_turn *turn, struct vector *vector, int32_t lane,
                               const struct dsp_timer *timer)
{
    if (engine_rebuilds(turn->engine)) {
        return dsp_ok();
    }
    struct timer_row *row = dsp_arena_alloc(turn->arena, sizeof *row);
    if (!row) {
        return full();
    }
    *row = (struct timer_row){.timer = *timer, .lane = lane};
    row->timer.name = dsp_arena_copy(turn->arena, timer->name);
    return row->timer.name.ptr && vector_add(turn->arena, vector, row) ? dsp_ok() : full();
}

static bool same_timer(const struct dsp_timer *a, const struct dsp_timer *b)
{
    return a->cause == b->cause && dsp_uuid_equal(&a->case_id, &b->case_id) && dsp_str_equal(a->name, b->name);
}

static void forget_timer(struct vector *vector, const struct dsp_timer *timer)
{
    for (size_t i = 0; i < vector->count; i++) {
        if (same_timer(&((struct timer_row *)vector->items[i])->timer, timer)) {
            vector->items[i] = vector->items[--vector->count];
            return;
        }
    }
}

struct dsp_err dsp_timer_set(struct dsp_turn *turn, int32_t lane, const struct dsp_timer *timer)
{
    forget_timer(&turn->engine->turn.set, timer);     /* one row per statement: the last word counts */
    forget_timer(&turn->engine->turn.dropped, timer); /* its row is written over */
    return turn_keep_timer(turn, &turn->engine->turn.set, lane, timer);
}

struct dsp_err dsp_timer_drop(struct dsp_turn *turn, const struct dsp_timer *timer)
{
    struct dsp_timer any = *timer;
    any.generation = INT32_MAX; /* whatever generation and due time it has now */
    any.due_ms = INT64_MAX;
    forget_timer(&turn->engine->turn.set, timer);
    return turn_keep_timer(turn, &turn->engine->turn.dropped, 0, &any);
}

int64_t dsp_stamp_read(const struct dsp_turn *turn, int32_t lane, size_t topic)
{
    return turn->engine->lanes[lane].topics[topic].work.stamp_read;
}

int32_t dsp_lane_of(const struct dsp_engine *engine, struct dsp_str key)
{
    return rd_kafka_msg_partitioner_murmur2(NULL, key.ptr, key.len, engine->partitions, NULL, NULL);
}

int64_t dsp_domain_ms(const struct dsp_engine *engine, int64_t stamp_ms)
{
    return dsp_clock_map_ms(engine->options.clock, stamp_ms);
}
