/* One turn: collect → decode → load → decide → commit → publish → advance. Read it top to bottom from turn_try. */
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/io/engine_internal.h"

#define RETRY_MS 100    /* after a turn that failed without a fault of its data */
#define FLUSH_MS 1000   /* positions and watermark of an idle lane */
#define PUT_OFF_MS 5000 /* a timer or answer that failed by itself */

static const struct dsp_metric FAILED = {
    "dispute_turns_failed_total", DSP_METRIC_COUNTER, "Batches that were undone and tried again.", {"code"}};

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "the batch does not fit");
}

/* --- end of a turn --- */

static void reset_work(struct dsp_engine *engine)
{
    for (int32_t i = 0; i < LANES_MAX; i++) {
        struct lane *lane = &engine->lanes[i];
        if (!lane->owned) {
            continue;
        }
        lane->out_work = lane->out_done;
        for (size_t t = 0; t < engine->app->topic_count; t++) {
            lane->topics[t].work = lane->topics[t].done;
        }
        for (size_t t = 0; t < lane->out_count; t++) {
            lane->out[t].work = lane->out[t].done;
        }
    }
}

static void end_turn(struct dsp_engine *engine)
{
    release_forget(&engine->turn.release);
    engine->turn = (struct turn){.phase = PHASE_IDLE};
    dsp_arena_reset(engine->arena);
}

void turn_reset(struct dsp_engine *engine)
{
    reset_work(engine);
    engine->turn = (struct turn){.phase = PHASE_IDLE, .began_ms = engine->turn.began_ms};
}

/* Memory goes back to the last commit; what was taken waits in the inbox again. */
static void undo(struct dsp_engine *engine)
{
    for (size_t i = 0; i < engine->turn.items.count; i++) {
        ((struct item *)engine->turn.items.items[i])->taken = false;
    }
    reset_work(engine);
    end_turn(engine);
}

/* A record that fails alone is quarantined by the next turn. A timer or an answer is our own and must not get
 * lost: it is tried again later, and everything else goes on. */
static void blame(struct dsp_engine *engine, struct item *item, struct dsp_err err)
{
    if (item->kind == DSP_RECORD_MESSAGE && dsp_failed(item->refused)) {
        engine_fatal(engine, dsp_fatal(err.code, "not even the quarantine of a record is taken: %s", err.detail));
    } else if (item->kind == DSP_RECORD_MESSAGE) {
        item->refused = err;
    } else {
        char id[DSP_UUID_TEXT_BYTES];
        dsp_uuid_format(&item->case_id, id);
        dsp_log(DSP_LOG_ERROR, "a timer or an answer cannot be handled: tried again later",
                DSP_F_TEXT("dispute.case_id", id), DSP_F_STR("dispute.timer", item->timer.name),
                DSP_F_STR("dispute.number", item->answer.number), DSP_F_TEXT("error.code", err.code),
                DSP_F_TEXT("error.message", err.detail));
        item->later_ms = dsp_monotonic_ms() + PUT_OFF_MS;
    }
}

void turn_fail(struct dsp_engine *engine, struct dsp_err err)
{
    struct turn *turn = &engine->turn;
    size_t taken = turn->items.count;
    struct item *in_hand = turn->collecting;
    struct item *only = taken == 1 && !in_hand ? turn->items.items[0] : taken == 0 ? in_hand : NULL;
    const struct dsp_str code = dsp_str_from(err.code);
    dsp_metric_add(engine->options.metrics, &FAILED, 1, &code);
    dsp_log_err(DSP_LOG_WARN, "turn failed", err);
    dsp_row_cache_clear(engine->cache); /* whether the commit was done is not known after every failure */
    if (release_fail(engine, err)) {
        return;
    }
    undo(engine);
    if (err.kind == DSP_ERR_FATAL) {
        engine->next_try_ms = INT64_MAX; /* nothing more while the service stops */
        engine_fatal(engine, err);
        return;
    }
    if (err.kind == DSP_ERR_REJECT && only) {
        blame(engine, only, err);
    } else if (err.kind == DSP_ERR_REJECT) {
        engine->single_step = true; /* find out which one */
        engine->single_left = taken + (in_hand != NULL);
    } else if (dsp_err_is(&err, DSP_CODE_FENCED)) {
        engine_rejoin(engine);
        return;
    } else {
        engine->next_try_ms = dsp_monotonic_ms() + RETRY_MS;
    }
    engine_wake(engine);
}

void turn_abandon(struct dsp_engine *engine)
{
    if (engine->turn.phase != PHASE_IDLE) {
        engine->turn.abandoned = true;
    }
}

static void keep_work(struct dsp_engine *engine, bool saved)
{
    for (int32_t i = 0; i < LANES_MAX; i++) {
        struct lane *lane = &engine->lanes[i];
        if (!lane->owned) {
            continue;
        }
        lane->out_done = lane->out_work;
        for (size_t t = 0; t < engine->app->topic_count; t++) {
            struct lane_topic *topic = &lane->topics[t];
            if (topic->work.next_offset != topic->done.next_offset) {
                topic->unsaved = true;
            }
            topic->done = topic->work;
            topic->unsaved = topic->unsaved && !saved;
        }
        for (size_t t = 0; t < lane->out_count; t++) {
            lane->out[t].done = lane->out[t].work;
        }
    }
}

static void succeed(struct dsp_engine *engine, bool saved)
{
    struct turn *turn = &engine->turn;
    keep_work(engine, saved);
    publish_rows(engine, &turn->outbox);
    for (size_t i = 0; i < turn->quarantine.count; i++) {
        const struct quarantine_row *row = turn->quarantine.items[i];
        struct lane *lane = &engine->lanes[row->lane];
        if (!dsp_uuid_is_zero(&row->case_id)) {
            lane_hold(lane, row->topic_index, &row->case_id);
        }
    }
    for (size_t i = 0; i < turn->set.count; i++) {
        const struct timer_row *row = turn->set.items[i];
        timers_index(engine, row->lane, &row->timer);
    }
    spans_end(engine);
    for (size_t i = 0; i < turn->jobs.count; i++) {
        jobs_call(engine, turn->jobs.items[i]);
    }
    if (turn->open.rows) {
        dsp_rows_keep(turn->open.rows);
    }
    turn_count(engine);
    for (size_t i = 0; i < turn->items.count; i++) {
        struct item *item = turn->items.items[i];
        if (item->kind == DSP_RECORD_TIMER) {
            timers_acknowledge(engine, item->lane, &item->timer);
        }
        inbox_remove(engine, item);
    }
    if (engine->single_step && turn->items.count) {
        engine->single_left -= engine->single_left > 0;
        engine->single_step = engine->single_left > 0;
    }
    bool more = engine->inbox.count > engine->inbox.waiting || turn->items.count > 0 || turn->release.active;
    release_succeed(engine);
    end_turn(engine);
    if (more) {
        engine_wake(engine); /* what waited may go on now */
    }
    if (engine->held_ms) {
        event_active(engine->consumer_event, EV_READ, 0);
    }
}

/* --- commit --- */

static void on_rolled_back(void *arg, struct dsp_err err)
{
    struct dsp_engine *engine = arg;
    if (dsp_failed(err)) { /* a lost connection has rolled back by itself; any other is made anew */
        dsp_pg_reset(engine->pg, "a transaction could not be rolled back");
    }
}

/* In a group of its own: in that of the transaction it would be skipped after an error. */
void turn_roll_back(struct dsp_engine *engine)
{
    if (engine->turn.in_transaction) {
        engine->turn.in_transaction = false;
        dsp_pg_exec(engine->pg, LANE_ROLLBACK, NULL, 0, NULL, NULL);
        dsp_pg_sync(engine->pg, on_rolled_back, engine);
    }
}

/* The lanes went away while it was under way. What it wrote, if it did, the next owner publishes. */
static void end_abandoned(struct dsp_engine *engine)
{
    undo(engine);
    inbox_clear(engine, true);
    engine_own_waiting(engine);
}

void turn_end_idle(struct dsp_engine *engine)
{
    if (engine->turn.abandoned) {
        end_abandoned(engine);
        return;
    }
    end_turn(engine);
    engine_wake(engine);
}

static void on_committed(void *arg, struct dsp_err err)
{
    struct dsp_engine *engine = arg;
    if (dsp_failed(err)) {
        turn_roll_back(engine);
    }
    if (engine->turn.abandoned) {
        end_abandoned(engine);
    } else if (dsp_failed(err)) {
        turn_fail(engine, err);
    } else {
        succeed(engine, true);
    }
}

static void on_unwritten(void *arg, struct dsp_err err)
{
    (void)arg;
    (void)err; /* the end of a half-written group: it is rolled back whatever became of it */
}

/* What cannot be written whole is not written at all. */
static void drop_written(struct dsp_engine *engine, struct dsp_err err)
{
    dsp_pg_sync(engine->pg, on_unwritten, NULL);
    turn_roll_back(engine);
    turn_fail(engine, err);
}

void turn_commit(struct dsp_engine *engine)
{
    struct turn *turn = &engine->turn;
    bool changed = turn->outbox.count || turn->set.count || turn->dropped.count || turn->quarantine.count ||
                   dsp_rows_dirty(turn->open.rows) || turn->in_transaction || turn->release.active;
    if (!changed) {
        succeed(engine, false); /* a follower that nothing concerned: the cursor goes with the next write */
        return;
    }
    struct dsp_err err = turn_write_all(engine);
    if (dsp_failed(err)) {
        drop_written(engine, err);
        return;
    }
    dsp_pg_exec(engine->pg, LANE_COMMIT, NULL, 0, NULL, NULL);
    turn->phase = PHASE_COMMITTING;
    dsp_pg_sync(engine->pg, on_committed, engine);
}

/* --- decide --- */

/* Of any case: a handler may give work to another one than its record's. */
static struct dsp_err keep_ready_jobs(struct dsp_engine *engine)
{
    struct turn *turn = &engine->turn;
    const struct dsp_list *jobs = dsp_rows_all(turn->open.rows, &dsp_job_table);
    for (size_t i = 0; i < jobs->count; i++) {
        struct dsp_job *job = jobs->items[i];
        if (engine_rebuilds(engine)) {
            job->row.dirty = false; /* seen by the turn that made it, and by nobody else */
        }
        if (job->row.dirty && job->state == DSP_JOB_READY && !vector_add(engine->arena, &turn->jobs, job)) {
            return full();
        }
    }
    return dsp_ok();
}

static struct dsp_err decide(struct dsp_engine *engine)
{
    struct turn *turn = &engine->turn;
    DSP_TRY(dsp_rows_error(turn->open.rows));
    if (turn->release.active && turn->release.wish == DSP_WISH_SKIP && engine->app->skip) {
        return engine->app->skip(engine->app->self, &turn->open, &turn->release.record);
    }
    for (size_t i = 0; i < turn->records.count; i++) {
        struct dsp_record *record = turn->records.items[i];
        if (record->kind == DSP_RECORD_TIMER) { /* it has fired; the handler may set it anew */
            DSP_TRY(turn_keep_timer(&turn->open, &turn->dropped, record->lane, &record->timer));
        }
        if (engine->options.trace) {
            DSP_TRY(spans_begin(engine, record));
        }
        turn->open.cause = record;
        DSP_TRY(engine->app->handle(engine->app->self, &turn->open, record));
        if (engine->options.trace) {
            spans_mark_jobs(engine, record);
        }
    }
    return keep_ready_jobs(engine);
}

static void on_loaded(void *arg, struct dsp_err err)
{
    struct dsp_engine *engine = arg;
    if (engine->turn.abandoned) {
        turn_roll_back(engine);
        end_abandoned(engine);
        return;
    }
    if (!dsp_failed(err)) {
        err = decide(engine);
    }
    if (dsp_failed(err)) {
        turn_roll_back(engine);
        turn_fail(engine, err);
        return;
    }
    turn_commit(engine);
}

void turn_load(struct dsp_engine *engine)
{
    struct turn *turn = &engine->turn;
    turn->phase = PHASE_LOADING;
    turn->began_ms = dsp_monotonic_ms();
    if (dsp_rows_shared(engine->app->tables, engine->app->table_count)) {
        dsp_pg_exec(engine->pg, LANE_BEGIN, NULL, 0, NULL, NULL);
        turn->in_transaction = true;
        struct dsp_err err = turn_write_fence(engine, false);
        if (dsp_failed(err)) {
            drop_written(engine, err);
            return;
        }
    }
    bool asked = dsp_rows_load(turn->open.rows, engine->pg);
    if (asked || turn->in_transaction) {
        dsp_pg_sync(engine->pg, on_loaded, engine);
    } else {
        on_loaded(engine, dsp_ok()); /* everything was in the cache */
    }
}

struct dsp_err turn_open(struct dsp_engine *engine)
{
    struct turn *turn = &engine->turn;
    turn->open = (struct dsp_turn){
        .engine = engine,
        .arena = engine->arena,
        .rows = dsp_rows_new(engine->arena, engine->app->tables, engine->app->table_count, engine->cache),
        .now_ms = dsp_clock_now_ms(engine->options.clock)};
    return turn->open.rows ? dsp_ok() : full();
}

static bool flush_due(struct dsp_engine *engine)
{
    if (dsp_monotonic_ms() < engine->next_flush_ms) {
        return false;
    }
    for (int32_t i = 0; i < LANES_MAX; i++) {
        const struct lane *lane = &engine->lanes[i];
        for (size_t t = 0; lane->owned && t < engine->app->topic_count; t++) {
            if (lane->topics[t].unsaved) {
                return true;
            }
        }
        if (lane->owned && lane->published != lane->published_saved) {
            return true;
        }
    }
    return false;
}

/* Positions and watermark alone. */
static void flush(struct dsp_engine *engine)
{
    struct turn *turn = &engine->turn;
    engine->next_flush_ms = dsp_monotonic_ms() + FLUSH_MS;
    turn->phase = PHASE_COMMITTING;
    turn->began_ms = dsp_monotonic_ms();
    turn->in_transaction = true;
    dsp_pg_exec(engine->pg, LANE_BEGIN, NULL, 0, NULL, NULL);
    struct dsp_err err = turn_write_fence(engine, true);
    err = dsp_failed(err) ? err : turn_write_positions(engine);
    if (dsp_failed(err)) {
        drop_written(engine, err);
        return;
    }
    dsp_pg_exec(engine->pg, LANE_COMMIT, NULL, 0, NULL, NULL);
    dsp_pg_sync(engine->pg, on_committed, engine);
}

void turn_try(struct dsp_engine *engine)
{
    struct turn *turn = &engine->turn;
    if (turn->phase != PHASE_IDLE || engine->owning || engine->rejoin || !dsp_pg_up(engine->pg) ||
        !engine_owns_any(engine) || dsp_monotonic_ms() < engine->next_try_ms || engine_has_leftovers(engine) ||
        publish_pending(engine) > UNPUBLISHED_MAX / 2 || jobs_crowded(engine)) {
        return;
    }
    if (release_try(engine) || (engine->inbox.count == 0 && !flush_due(engine))) {
        return;
    }
    struct dsp_err err = turn_open(engine);
    err = dsp_failed(err) ? err : turn_collect(engine);
    if (dsp_failed(err)) {
        turn_fail(engine, err);
        return;
    }
    if (turn->items.count == 0) { /* nothing there, or everything waits */
        if (flush_due(engine)) {
            flush(engine);
        } else {
            end_turn(engine);
        }
        return;
    }
    turn_load(engine);
}
