/* Owning lanes: the epoch is raised, then positions and counters are read in new statements of the same group,
 * and reading starts at PostgreSQL's offsets. Rows that were committed and perhaps not published go out first. */
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/io/engine_internal.h"

#define AGAIN_MS 250
#define LEFTOVERS_IN_FLIGHT 4096 /* more are read when the producer has fewer than this */

void engine_forget_lane(struct lane *lane)
{
    for (size_t i = 0; i < lane->out_count; i++) {
        free(lane->out[i].name);
    }
    free(lane->held);
    struct lane_topic before[TOPICS_MAX];
    memcpy(before, lane->topics, sizeof before);
    if (lane->epoch) { /* an owner's */
        memset(lane->acked, 0, sizeof lane->acked);
        memset(lane->sent_s, 0, sizeof lane->sent_s);
    }
    memset(lane, 0, offsetof(struct lane, acked));
    for (size_t t = 0; t < TOPICS_MAX; t++) {
        struct lane_topic *topic = &lane->topics[t];
        topic->done.next_offset = topic->work.next_offset = -1;
        topic->count = before[t].count; /* the inbox counts for itself, librdkafka remembers pauses */
        topic->bytes = before[t].bytes;
        topic->paused = before[t].paused;
    }
}

void engine_forget_lanes(struct dsp_engine *engine)
{
    dsp_row_cache_clear(engine->cache);
    turn_abandon(engine);
    for (int32_t i = 0; i < LANES_MAX; i++) {
        engine_forget_lane(&engine->lanes[i]);
    }
    if (engine->turn.phase == PHASE_IDLE) {
        inbox_clear(engine, true);
    }
}

/* Answers of an older round must not make lanes look owned. */
static bool current(const struct dsp_engine *engine)
{
    return engine->own_in_flight == 1 && engine->owning && !engine->own_waits && engine->assignment;
}

static void on_own(void *arg, const PGresult *result)
{
    struct dsp_engine *engine = arg;
    for (int i = 0; current(engine) && i < PQntuples(result); i++) {
        struct lane *lane = &engine->lanes[dsp_result_int(result, i, 0)];
        lane->owned = true;
        lane->epoch = dsp_result_int(result, i, 1);
        lane->out_done = lane->out_work = dsp_result_int(result, i, 2);
        lane->sent = lane->published = lane->published_saved = dsp_result_int(result, i, 3);
    }
}

static void on_cursors(void *arg, const PGresult *result)
{
    struct dsp_engine *engine = arg;
    for (int i = 0; current(engine) && i < PQntuples(result); i++) {
        struct lane *lane = &engine->lanes[dsp_result_int(result, i, 0)];
        struct dsp_str topic = dsp_result_str(result, i, 1);
        for (size_t t = 0; t < engine->app->topic_count; t++) {
            if (dsp_str_is(topic, engine->app->topics[t].name)) {
                lane->topics[t].done = (struct position){.next_offset = dsp_result_int(result, i, 2),
                                                         .last_lanesequence = dsp_result_int(result, i, 3)};
                lane->topics[t].work = lane->topics[t].done;
            }
        }
    }
}

static void on_outs(void *arg, const PGresult *result)
{
    struct dsp_engine *engine = arg;
    for (int i = 0; current(engine) && i < PQntuples(result); i++) {
        struct lane *lane = &engine->lanes[dsp_result_int(result, i, 0)];
        struct dsp_str name = dsp_result_str(result, i, 1);
        int64_t last = dsp_result_int(result, i, 2);
        if (lane->out_count < OUT_TOPICS_MAX) {
            lane->out[lane->out_count++] = (struct out_topic){
                .name = strndup(name.ptr, name.len), .done = last, .work = last};
        }
    }
}

static void on_held(void *arg, const PGresult *result)
{
    struct dsp_engine *engine = arg;
    for (int i = 0; current(engine) && i < PQntuples(result); i++) {
        struct lane *lane = &engine->lanes[dsp_result_int(result, i, 0)];
        struct dsp_str topic = dsp_result_str(result, i, 1);
        struct dsp_uuid case_id = dsp_result_uuid(result, i, 2);
        for (size_t t = 0; t < engine->app->topic_count; t++) {
            if (dsp_str_is(topic, engine->app->topics[t].name)) {
                lane_hold(lane, t, &case_id);
            }
        }
    }
}

static void on_jobs(void *arg, const PGresult *result)
{
    if (current(arg)) {
        jobs_take_over(arg, result);
    }
}

static void assign(struct dsp_engine *engine)
{
    for (int i = 0; i < engine->assignment->cnt; i++) {
        rd_kafka_topic_partition_t *part = &engine->assignment->elems[i];
        for (size_t t = 0; t < engine->app->topic_count; t++) {
            if (strcmp(part->topic, engine->app->topics[t].name) == 0) {
                int64_t next = engine->lanes[part->partition].topics[t].done.next_offset;
                part->offset = next < 0 ? RD_KAFKA_OFFSET_BEGINNING : next;
            }
        }
    }
    rd_kafka_resp_err_t err = rd_kafka_assign(engine->consumer, engine->assignment);
    if (err) {
        engine_fatal(engine, dsp_fatal(DSP_CODE_BROKER_DOWN, "assign: %s", rd_kafka_err2str(err)));
    }
}

static void on_owned(void *arg, struct dsp_err err)
{
    struct dsp_engine *engine = arg;
    bool mine = current(engine);
    engine->own_in_flight--;
    if (!mine) {
        return; /* the group has decided otherwise meanwhile */
    }
    engine->owning = false;
    if (dsp_failed(err)) {
        engine->next_try_ms = dsp_monotonic_ms() + AGAIN_MS; /* the tick owns again */
        dsp_log_err(DSP_LOG_WARN, "lanes not taken over yet", err);
        for (int32_t i = 0; i < LANES_MAX; i++) {
            engine->lanes[i].owned = false;
        }
        if (err.kind == DSP_ERR_FATAL) {
            engine_fatal(engine, err);
        }
        return;
    }
    size_t owned = 0;
    for (int32_t i = 0; i < LANES_MAX; i++) {
        owned += engine->lanes[i].owned;
    }
    if (owned < engine->own_expected) {
        engine_rejoin(engine);
        return;
    }
    if (engine_rebuilds(engine) && !rebuild_owned(engine)) {
        return;
    }
    engine->owned_before = true;
    dsp_log(DSP_LOG_INFO, "lanes owned", DSP_F_INT("count", (int64_t)owned));
    assign(engine);
    engine_leftovers(engine);
    timers_rebuild(engine);
    timers_poll(engine);
    engine_wake(engine);
}

void engine_own(struct dsp_engine *engine)
{
    static const struct dsp_column LANE = {"lane", DSP_COLUMN_INT, 0, NULL};
    static const struct dsp_column EPOCH = {"epoch", DSP_COLUMN_BIG, 0, NULL};
    int32_t numbers[LANES_MAX];
    int64_t epochs[LANES_MAX];
    void *number_items[LANES_MAX];
    void *epoch_items[LANES_MAX];
    size_t count = 0;
    struct dsp_param params[2];
    bool seen[LANES_MAX] = {false};
    dsp_row_cache_clear(engine->cache); /* after a lost connection nobody knows what was committed */
    engine->owning = true;
    engine->own_waits = engine->turn.phase != PHASE_IDLE;
    if (engine->own_waits) {
        turn_abandon(engine);
        return;
    }
    inbox_clear(engine, true); /* what was read belongs to the round before */
    for (int i = 0; i < engine->assignment->cnt; i++) {
        int32_t lane = engine->assignment->elems[i].partition;
        if (!seen[lane]) {
            seen[lane] = true;
            numbers[count] = lane;
            epochs[count] = engine->lanes[lane].epoch;
            number_items[count] = &numbers[count];
            epoch_items[count] = &epochs[count];
            count++;
        }
    }
    dsp_arena_reset(engine->scratch);
    struct dsp_err err = dsp_param_array(engine->scratch, &LANE, number_items, count, &params[0]);
    err = dsp_failed(err) ? err : dsp_param_array(engine->scratch, &EPOCH, epoch_items, count, &params[1]);
    if (dsp_failed(err)) {
        engine_fatal(engine, err);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        engine_forget_lane(&engine->lanes[numbers[i]]);
        engine->lanes[numbers[i]].epoch = epochs[i]; /* kept for the next try, should this one fail */
    }
    bool again = engine->owned_before;
    engine->round++;
    engine->own_expected = count;
    engine->own_in_flight++;
    dsp_pg_exec(engine->pg, again ? LANE_OWN_AGAIN : LANE_OWN, params, again ? 2 : 1, on_own, engine);
    dsp_pg_exec(engine->pg, LANE_OWN_CURSORS, params, 1, on_cursors, engine);
    dsp_pg_exec(engine->pg, LANE_OWN_OUT, params, 1, on_outs, engine);
    dsp_pg_exec(engine->pg, LANE_OWN_HELD, params, 1, on_held, engine);
    dsp_pg_exec(engine->pg, LANE_OWN_JOBS, params, 1, on_jobs, engine);
    dsp_pg_sync(engine->pg, on_owned, engine);
}

void engine_own_waiting(struct dsp_engine *engine)
{
    if (engine->own_waits) {
        engine->own_waits = engine->owning = false;
        if (engine->assignment && dsp_pg_up(engine->pg)) {
            engine_own(engine);
        }
    }
}

/* --- leftovers --- */

bool engine_has_leftovers(const struct dsp_engine *engine)
{
    for (int32_t i = 0; i < LANES_MAX; i++) {
        if (engine->lanes[i].owned && engine->lanes[i].sent < engine->lanes[i].out_done) {
            return true;
        }
    }
    return false;
}

/* Rows that are not in the outbox any more, after a watermark was set back beyond what is kept. The watermark
 * may pass them once everything before is acknowledged. */
static bool skip_absent(struct lane *lane, int32_t index, int64_t until)
{
    if (lane->sent < lane->published) {
        lane->sent = lane->published;
    }
    if (lane->sent >= until) {
        return true;
    }
    if (lane->sent != lane->published) {
        return false;
    }
    dsp_log(DSP_LOG_ERROR, "outbox rows are not kept any more: not published again",
            DSP_F_INT("kafka.partition", index), DSP_F_INT("after", lane->sent), DSP_F_INT("until", until));
    lane->sent = lane->published = until;
    return true;
}

/* Records of one row that were not handed over before; false: the lane stops here. */
static bool publish_pack(struct dsp_engine *engine, const struct outbox_pack *pack, int64_t after, int64_t *count)
{
    struct lane *lane = &engine->lanes[pack->lane];
    struct pack_reader reader = {.pack = pack};
    struct outbox_row row;
    bool more = true;
    dsp_arena_reset(engine->scratch);
    while (more) {
        struct dsp_err err = dsp_pack_read(engine->scratch, &reader, &row, &more);
        if (dsp_failed(err)) {
            engine_fatal(engine, err);
            return false;
        }
        if (!more || row.seq <= after) {
            continue;
        }
        if (!lane->owned || !skip_absent(lane, pack->lane, row.seq - 1)) {
            return false;
        }
        publish_row(engine, &row);
        ++*count;
    }
    return true;
}

static void on_leftovers(void *arg, const PGresult *result)
{
    struct dsp_engine *engine = arg;
    int64_t asked[LANES_MAX];
    size_t rows[LANES_MAX] = {0};
    bool stopped[LANES_MAX] = {false};
    int64_t count = 0;
    if (engine->leftovers_round != engine->round) {
        return;
    }
    for (int32_t i = 0; i < LANES_MAX; i++) {
        asked[i] = engine->lanes[i].sent;
    }
    for (int i = 0; i < PQntuples(result); i++) {
        struct outbox_pack pack = {.lane = (int32_t)dsp_result_int(result, i, 0),
                                   .first_seq = dsp_result_int(result, i, 1),
                                   .last_seq = dsp_result_int(result, i, 2),
                                   .created_ms = dsp_result_int(result, i, 3),
                                   .records = dsp_result_str(result, i, 4)};
        rows[pack.lane]++;
        stopped[pack.lane] = stopped[pack.lane] || !publish_pack(engine, &pack, asked[pack.lane], &count);
    }
    for (int32_t i = 0; i < LANES_MAX; i++) {
        struct lane *lane = &engine->lanes[i];
        if (lane->owned && asked[i] < lane->out_done && rows[i] < LEFTOVERS_MAX && !stopped[i]) {
            (void)skip_absent(lane, i, lane->out_done);
        }
    }
    if (count) {
        dsp_log(DSP_LOG_INFO, "leftovers of the outbox published again", DSP_F_INT("count", count));
    }
}

static void on_leftovers_done(void *arg, struct dsp_err err)
{
    struct dsp_engine *engine = arg;
    engine->leftovers_asked = false;
    if (!dsp_failed(err)) {
        engine_wake(engine); /* the turn may begin, or the tick and acknowledgements ask for more */
    }
}

void engine_leftovers(struct dsp_engine *engine)
{
    static const struct dsp_column LANE = {"lane", DSP_COLUMN_INT, 0, NULL};
    static const struct dsp_column AFTER = {"after", DSP_COLUMN_BIG, 0, NULL};
    int32_t numbers[LANES_MAX];
    void *number_items[LANES_MAX];
    void *after_items[LANES_MAX];
    size_t count = 0;
    int64_t in_flight = 0;
    struct dsp_param params[3];
    if (engine->leftovers_asked || engine->owning || !dsp_pg_up(engine->pg) || !engine_has_leftovers(engine)) {
        return;
    }
    for (int32_t i = 0; i < LANES_MAX; i++) {
        struct lane *lane = &engine->lanes[i];
        if (lane->owned) {
            in_flight += lane->sent - lane->published;
            if (lane->sent < lane->out_done) {
                numbers[count] = i;
                number_items[count] = &numbers[count];
                after_items[count] = &lane->sent;
                count++;
            }
        }
    }
    dsp_arena_reset(engine->scratch);
    if (in_flight > LEFTOVERS_IN_FLIGHT ||
        dsp_failed(dsp_param_array(engine->scratch, &LANE, number_items, count, &params[0])) ||
        dsp_failed(dsp_param_array(engine->scratch, &AFTER, after_items, count, &params[1]))) {
        return;
    }
    params[2] = dsp_param_int8(engine->scratch, LEFTOVERS_MAX);
    engine->leftovers_asked = true;
    engine->leftovers_round = engine->round;
    dsp_pg_exec(engine->pg, LANE_LEFTOVERS, params, 3, on_leftovers, engine);
    dsp_pg_sync(engine->pg, on_leftovers_done, engine);
}
