/* What a turn writes, as arrays of one pipeline: fence first, then positions, rows, outbox, timers, quarantine. */
#include "common/base/codes.h"
#include "common/base/guards.h"
#include "common/io/engine_internal.h"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "the batch does not fit");
}

#define ARRAY(type, member, column_type, rows, into)                                                               \
    DSP_TRY(dsp_param_array(arena, &(const struct dsp_column){#member, column_type, offsetof(type, member), NULL}, \
                            (rows)->items, (rows)->count, (into)))

static struct dsp_err write_outbox(struct dsp_engine *engine, const struct vector *rows)
{
    struct dsp_arena *arena = engine->arena;
    struct outbox_pack **items;
    struct vector packs = {0};
    struct dsp_param p[5];
    if (rows->count == 0) {
        return dsp_ok();
    }
    DSP_TRY(dsp_pack(arena, rows->items, rows->count, &items, &packs.count));
    packs.items = (void **)items;
    ARRAY(struct outbox_pack, lane, DSP_COLUMN_INT, &packs, &p[0]);
    ARRAY(struct outbox_pack, last_seq, DSP_COLUMN_BIG, &packs, &p[1]);
    ARRAY(struct outbox_pack, first_seq, DSP_COLUMN_BIG, &packs, &p[2]);
    ARRAY(struct outbox_pack, created_ms, DSP_COLUMN_BIG, &packs, &p[3]);
    ARRAY(struct outbox_pack, records, DSP_COLUMN_BYTES, &packs, &p[4]);
    dsp_pg_exec(engine->pg, LANE_OUTBOX, p, 5, NULL, NULL);
    return dsp_ok();
}

static struct dsp_err write_timers(struct dsp_engine *engine, struct vector *rows, bool set)
{
    struct dsp_arena *arena = engine->arena;
    struct dsp_param p[6];
    if (rows->count == 0) {
        return dsp_ok();
    }
    ARRAY(struct timer_row, timer.case_id, DSP_COLUMN_UUID, rows, &p[0]);
    ARRAY(struct timer_row, timer.name, DSP_COLUMN_TEXT, rows, &p[1]);
    ARRAY(struct timer_row, timer.cause, DSP_COLUMN_BIG, rows, &p[2]);
    ARRAY(struct timer_row, timer.generation, DSP_COLUMN_INT, rows, &p[3]);
    ARRAY(struct timer_row, timer.due_ms, DSP_COLUMN_BIG, rows, &p[4]);
    ARRAY(struct timer_row, lane, DSP_COLUMN_INT, rows, &p[5]);
    dsp_pg_exec(engine->pg, set ? LANE_TIMER_SET : LANE_TIMER_DONE, p, set ? 6 : 5, NULL, NULL);
    return dsp_ok();
}

static struct dsp_err write_quarantine(struct dsp_engine *engine, struct vector *rows)
{
    struct dsp_arena *arena = engine->arena;
    struct dsp_param p[12];
    if (rows->count == 0) {
        return dsp_ok();
    }
    ARRAY(struct quarantine_row, lane, DSP_COLUMN_INT, rows, &p[0]);
    ARRAY(struct quarantine_row, topic, DSP_COLUMN_TEXT, rows, &p[1]);
    ARRAY(struct quarantine_row, offset, DSP_COLUMN_BIG, rows, &p[2]);
    ARRAY(struct quarantine_row, case_id, DSP_COLUMN_UUID, rows, &p[3]);
    ARRAY(struct quarantine_row, code, DSP_COLUMN_TEXT, rows, &p[4]);
    ARRAY(struct quarantine_row, detail, DSP_COLUMN_TEXT, rows, &p[5]);
    ARRAY(struct quarantine_row, stamp_ms, DSP_COLUMN_BIG, rows, &p[6]);
    ARRAY(struct quarantine_row, key, DSP_COLUMN_BYTES, rows, &p[7]);
    ARRAY(struct quarantine_row, headers, DSP_COLUMN_BYTES, rows, &p[8]);
    ARRAY(struct quarantine_row, payload, DSP_COLUMN_BYTES, rows, &p[9]);
    ARRAY(struct quarantine_row, state, DSP_COLUMN_INT, rows, &p[10]);
    ARRAY(struct quarantine_row, created_ms, DSP_COLUMN_BIG, rows, &p[11]);
    dsp_pg_exec(engine->pg, LANE_QUARANTINE, p, 12, NULL, NULL);
    return dsp_ok();
}

struct fence_row {
    int32_t lane;
    int64_t epoch, add, published;
};

struct cursor_row {
    int32_t lane;
    struct dsp_str topic;
    int64_t next_offset, last;
};

/* `adds`: this statement also takes the outbox numbers; else it only locks and checks. */
struct dsp_err turn_write_fence(struct dsp_engine *engine, bool adds)
{
    struct dsp_arena *arena = engine->arena;
    struct vector rows = {0};
    struct dsp_param p[4];
    for (int32_t i = 0; i < LANES_MAX; i++) {
        struct lane *lane = &engine->lanes[i];
        if (lane->owned) {
            struct fence_row *row = dsp_arena_alloc(arena, sizeof *row);
            if (!row || !vector_add(arena, &rows, row)) {
                return full();
            }
            *row = (struct fence_row){i, lane->epoch, adds ? lane->out_work - lane->out_done : 0, lane->published};
            lane->published_saved = lane->published; /* if this commit fails, the next one says it again */
        }
    }
    ARRAY(struct fence_row, lane, DSP_COLUMN_INT, &rows, &p[0]);
    ARRAY(struct fence_row, epoch, DSP_COLUMN_BIG, &rows, &p[1]);
    ARRAY(struct fence_row, add, DSP_COLUMN_BIG, &rows, &p[2]);
    ARRAY(struct fence_row, published, DSP_COLUMN_BIG, &rows, &p[3]);
    dsp_pg_exec(engine->pg, DSP_GUARD_FENCE ? LANE_FENCE : LANE_FENCE_ABSENT, p, 4, NULL, NULL);
    return dsp_ok();
}

struct dsp_err turn_write_positions(struct dsp_engine *engine)
{
    struct dsp_arena *arena = engine->arena;
    struct vector cursors = {0};
    struct vector outs = {0};
    struct dsp_param p[4];
    for (int32_t i = 0; i < LANES_MAX; i++) {
        struct lane *lane = &engine->lanes[i];
        for (size_t t = 0; lane->owned && t < engine->app->topic_count; t++) {
            const struct lane_topic *topic = &lane->topics[t];
            if (topic->unsaved || topic->work.next_offset != topic->done.next_offset) {
                struct cursor_row *row = dsp_arena_alloc(arena, sizeof *row);
                if (!row || !vector_add(arena, &cursors, row)) {
                    return full();
                }
                *row = (struct cursor_row){i, dsp_str_from(engine->app->topics[t].name), topic->work.next_offset,
                                           topic->work.last_lanesequence};
            }
        }
        for (size_t t = 0; lane->owned && t < lane->out_count; t++) {
            if (lane->out[t].work != lane->out[t].done) {
                struct cursor_row *row = dsp_arena_alloc(arena, sizeof *row);
                if (!row || !vector_add(arena, &outs, row)) {
                    return full();
                }
                *row = (struct cursor_row){i, dsp_str_from(lane->out[t].name), 0, lane->out[t].work};
            }
        }
    }
    if (cursors.count) {
        ARRAY(struct cursor_row, lane, DSP_COLUMN_INT, &cursors, &p[0]);
        ARRAY(struct cursor_row, topic, DSP_COLUMN_TEXT, &cursors, &p[1]);
        ARRAY(struct cursor_row, next_offset, DSP_COLUMN_BIG, &cursors, &p[2]);
        ARRAY(struct cursor_row, last, DSP_COLUMN_BIG, &cursors, &p[3]);
        dsp_pg_exec(engine->pg, LANE_CURSOR, p, 4, NULL, NULL);
    }
    if (outs.count) {
        ARRAY(struct cursor_row, lane, DSP_COLUMN_INT, &outs, &p[0]);
        ARRAY(struct cursor_row, topic, DSP_COLUMN_TEXT, &outs, &p[1]);
        ARRAY(struct cursor_row, last, DSP_COLUMN_BIG, &outs, &p[2]);
        dsp_pg_exec(engine->pg, LANE_OUT, p, 3, NULL, NULL);
    }
    return dsp_ok();
}

struct dsp_err turn_write_all(struct dsp_engine *engine)
{
    struct turn *turn = &engine->turn;
    if (!turn->in_transaction) {
        dsp_pg_exec(engine->pg, LANE_BEGIN, NULL, 0, NULL, NULL);
        turn->in_transaction = true;
    }
    DSP_TRY(turn_write_fence(engine, true));
    DSP_TRY(turn_write_positions(engine));
    DSP_TRY(dsp_rows_save(turn->open.rows, engine->pg));
    DSP_TRY(write_outbox(engine, &turn->outbox));
    DSP_TRY(write_timers(engine, &turn->dropped, false));
    DSP_TRY(write_timers(engine, &turn->set, true));
    DSP_TRY(write_quarantine(engine, &turn->quarantine));
    return release_write(engine);
}
