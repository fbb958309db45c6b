/* What a person decides about records in quarantine. A wish is taken down in PostgreSQL by whichever instance was
 * asked; the one that owns the lane carries it out, a record to a turn of its own, and then what was parked behind
 * it, in order. So nothing of the case overtakes, and a crash anywhere leaves the wish or its effect, never half. */
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/io/engine_internal.h"

#define LOOK_MS 500   /* for wishes that another instance took down */
#define AGAIN_MS 1000 /* after a turn that failed */
#define WISHES_MAX 16

struct wish {
    int32_t lane;
    struct dsp_str topic, by, reason; /* owned */
    int64_t offset;
    enum dsp_wish wish;
    bool found, held;
    void (*on_done)(void *arg, struct dsp_err err, bool held);
    void *arg;
    struct wish *next;
};

static void look_again(struct dsp_engine *engine, int64_t in_ms)
{
    engine->next_release_ms = dsp_monotonic_ms() + in_ms;
}

/* --- taking a wish down --- */

void dsp_engine_wish(struct dsp_engine *engine, const struct dsp_wish_request *request,
                     void (*on_done)(void *arg, struct dsp_err err, bool held), void *arg)
{
    struct wish *wish = calloc(1, sizeof *wish);
    if (!wish || !dsp_engine_ready(engine) || engine->wish_count == WISHES_MAX) {
        free(wish);
        on_done(arg, dsp_retry(DSP_CODE_NOT_READY, "lanes are not owned yet, or too many wishes at once"), false);
        return;
    }
    *wish = (struct wish){.lane = request->lane,
                          .topic = engine_text_own(request->topic),
                          .by = engine_text_own(request->by),
                          .reason = engine_text_own(request->reason),
                          .offset = request->offset,
                          .wish = request->wish,
                          .on_done = on_done,
                          .arg = arg};
    struct wish **last = &engine->wishes;
    while (*last) {
        last = &(*last)->next;
    }
    *last = wish;
    engine->wish_count++;
    engine_wake(engine);
}

static void end_wish(struct dsp_engine *engine, struct dsp_err err)
{
    struct wish *wish = engine->wishes;
    engine->wishes = wish->next;
    engine->wish_count--;
    if (!dsp_failed(err) && !wish->found) {
        err = dsp_reject(DSP_CODE_FIELD_INVALID, "no open record of the quarantine stands there");
    }
    if (!dsp_failed(err)) {
        dsp_log(DSP_LOG_WARN, "somebody decided about a record in quarantine",
                DSP_F_TEXT("wish", wish->wish == DSP_WISH_SKIP ? "skip" : "replay"), DSP_F_STR("by", wish->by),
                DSP_F_STR("reason", wish->reason), DSP_F_STR("kafka.topic", wish->topic),
                DSP_F_INT("kafka.partition", wish->lane), DSP_F_INT("kafka.offset", wish->offset));
    }
    wish->on_done(wish->arg, err, wish->held);
    engine_text_drop(wish->topic);
    engine_text_drop(wish->by);
    engine_text_drop(wish->reason);
    free(wish);
}

void release_drop_wishes(struct dsp_engine *engine)
{
    while (engine->wishes) {
        end_wish(engine, dsp_retry(DSP_CODE_NOT_READY, "the service stops"));
    }
}

static void on_wish_row(void *arg, const PGresult *result)
{
    struct dsp_engine *engine = arg;
    if (PQntuples(result)) {
        struct dsp_uuid case_id = dsp_result_uuid(result, 0, 0);
        engine->wishes->found = true;
        engine->wishes->held = !dsp_uuid_is_zero(&case_id);
    }
}

static void on_wish_done(void *arg, struct dsp_err err)
{
    struct dsp_engine *engine = arg;
    end_wish(engine, err);
    look_again(engine, 0);
    turn_end_idle(engine);
}

/* A group of its own is a transaction of its own; no turn is open meanwhile. */
static void take_down(struct dsp_engine *engine)
{
    const struct wish *wish = engine->wishes;
    struct dsp_param p[7] = {
        dsp_param_int4(engine->arena, wish->lane),
        dsp_param_text(wish->topic),
        dsp_param_int8(engine->arena, wish->offset),
        dsp_param_int4(engine->arena, (int32_t)wish->wish),
        dsp_param_text(wish->by),
        dsp_param_text(wish->reason),
        dsp_param_int8(engine->arena, dsp_real_ms()),
    };
    engine->turn.phase = PHASE_LOADING;
    dsp_pg_exec(engine->pg, LANE_HELD_WISH, p, 7, on_wish_row, engine);
    dsp_pg_sync(engine->pg, on_wish_done, engine);
}

/* --- carrying it out --- */

static bool read_row(struct dsp_engine *engine, const PGresult *result, struct release *release)
{
    struct dsp_arena *arena = engine->arena;
    struct dsp_record *record = &release->record;
    record->kind = DSP_RECORD_MESSAGE;
    record->lane = (int32_t)dsp_result_int(result, 0, 0);
    release->topic = dsp_arena_copy(arena, dsp_result_str(result, 0, 1));
    record->offset = dsp_result_int(result, 0, 2);
    record->case_id = dsp_result_uuid(result, 0, 3);
    record->stamp_ms = dsp_result_int(result, 0, 5);
    record->key = dsp_arena_copy(arena, dsp_result_str(result, 0, 6));
    release->packed = dsp_arena_copy(arena, dsp_result_str(result, 0, 7));
    record->value = dsp_arena_copy(arena, dsp_result_str(result, 0, 8));
    release->state = (int32_t)dsp_result_int(result, 0, 9);
    release->wish = (int32_t)dsp_result_int(result, 0, 10);
    release->headers = dsp_headers_unpack(release->packed);
    record->topic = engine->app->topic_count;
    for (size_t t = 0; t < engine->app->topic_count; t++) {
        if (dsp_str_is(release->topic, engine->app->topics[t].name)) {
            record->topic = t;
        }
    }
    bool whole = release->topic.ptr && record->key.ptr && record->value.ptr && release->headers;
    if (dsp_str_is(dsp_result_str(result, 0, 4), DSP_CODE_TOMBSTONE)) {
        record->value = (struct dsp_str){NULL, 0};
    }
    return whole && record->topic < engine->app->topic_count;
}

static void on_next(void *arg, const PGresult *result)
{
    struct dsp_engine *engine = arg;
    struct release *release = &engine->turn.release;
    if (engine->turn.abandoned || PQntuples(result) == 0) {
        return;
    }
    release->active = read_row(engine, result, release);
    if (!release->active) {
        release_forget(release);
        engine->release_passed++; /* of a topic that this version does not read, or too large for a turn */
        look_again(engine, 0);
    }
}

/* As collect.c does it, without the hold that this very record is. */
static struct dsp_err decode(struct dsp_engine *engine)
{
    struct release *release = &engine->turn.release;
    struct dsp_record *record = &release->record;
    const struct dsp_topic *topic = &engine->app->topics[record->topic];
    struct dsp_turn *turn = &engine->turn.open;
    struct dsp_uuid case_id = record->case_id;
    DSP_TRY(dsp_envelope_read_headers(release->headers, &record->envelope));
    if (release->wish == DSP_WISH_SKIP) {
        return dsp_rows_want_case(turn->rows, &case_id);
    }
    if (record->value.len > DSP_VALUE_MAX_BYTES) {
        return dsp_reject(DSP_CODE_TOO_BIG, "%zu bytes", record->value.len);
    }
    if (record->key.len == 0 || dsp_lane_of(engine, record->key) != record->lane) {
        return dsp_reject(DSP_CODE_WRONG_KEY, "the partition is not that of the key");
    }
    record->time_ms = topic->stamped ? dsp_domain_ms(engine, record->stamp_ms) : record->envelope.time_ms;
    record->case_id = (struct dsp_uuid){{0}};
    DSP_TRY(engine->app->decode(engine->app->self, turn, record));
    if (!dsp_uuid_is_zero(&record->case_id)) {
        DSP_TRY(dsp_rows_want_case(turn->rows, &record->case_id));
    }
    return vector_add(engine->arena, &engine->turn.records, record) ? dsp_ok()
                                                                    : dsp_reject(DSP_CODE_ARENA_FULL, "record");
}

/* It cannot be applied now either: it stays, with its new reason. One that was parked is a dead letter from now
 * on, and what stands behind it waits for it. */
static struct dsp_err refuse(struct dsp_engine *engine, struct dsp_err reason)
{
    struct release *release = &engine->turn.release;
    struct dsp_record *record = &release->record;
    release->refused = reason;
    struct quarantine_row row = {.lane = record->lane,
                                 .offset = record->offset,
                                 .code = dsp_str_from(reason.code),
                                 .detail = turn_clean_text(engine->arena, release->refused.detail),
                                 .key = record->key,
                                 .headers = release->packed,
                                 .payload = record->value,
                                 .created_ms = dsp_real_ms(),
                                 .topic_index = record->topic};
    return release->state == 1 ? turn_dead_letter(engine, &row, !record->value.ptr) : dsp_ok();
}

static void begin(struct dsp_engine *engine)
{
    struct dsp_err err = turn_open(engine);
    err = dsp_failed(err) ? err : decode(engine);
    if (err.kind == DSP_ERR_RETRY) { /* something that it needs has not been read yet */
        engine->release_passed++;
        look_again(engine, 0);
        turn_end_idle(engine);
    } else if (dsp_failed(err)) {
        turn_fail(engine, err);
    } else {
        turn_load(engine);
    }
}

static void on_next_done(void *arg, struct dsp_err err)
{
    struct dsp_engine *engine = arg;
    bool active = engine->turn.release.active;
    if (engine->turn.abandoned || dsp_failed(err) || !active) {
        if (dsp_failed(err) || engine->next_release_ms == INT64_MAX) {
            look_again(engine, LOOK_MS); /* nothing to do, or not now: a new round */
            engine->release_passed = 0;
        }
        turn_end_idle(engine);
        return;
    }
    begin(engine);
}

static void look(struct dsp_engine *engine)
{
    struct dsp_param p[2];
    if (dsp_failed(dsp_engine_lanes(engine, engine->arena, &p[0]))) {
        return;
    }
    p[1] = dsp_param_int8(engine->arena, engine->release_passed);
    engine->next_release_ms = INT64_MAX; /* on_next_done says when */
    engine->turn.phase = PHASE_LOADING;
    dsp_pg_exec(engine->pg, LANE_HELD_NEXT, p, 2, on_next, engine);
    dsp_pg_sync(engine->pg, on_next_done, engine);
}

bool release_try(struct dsp_engine *engine)
{
    if (engine->wishes) {
        take_down(engine);
        return true;
    }
    if (dsp_engine_held(engine) == 0 || dsp_monotonic_ms() < engine->next_release_ms || engine->single_step ||
        engine_rebuilds(engine)) {
        return false;
    }
    look(engine);
    return engine->turn.phase != PHASE_IDLE;
}

/* --- the turn --- */

static void on_left(void *arg, const PGresult *result)
{
    struct dsp_engine *engine = arg;
    engine->turn.release.left = dsp_result_int(result, 0, 0);
}

struct dsp_err release_write(struct dsp_engine *engine)
{
    struct release *release = &engine->turn.release;
    const struct dsp_record *record = &release->record;
    struct dsp_arena *arena = engine->arena;
    if (!release->active) {
        return dsp_ok();
    }
    struct dsp_param p[5] = {dsp_param_int4(arena, record->lane), dsp_param_text(release->topic),
                             dsp_param_int8(arena, record->offset)};
    if (dsp_failed(release->refused)) {
        p[3] = dsp_param_text(dsp_str_from(release->refused.code));
        p[4] = dsp_param_text(turn_clean_text(arena, release->refused.detail));
        dsp_pg_exec(engine->pg, LANE_HELD_AGAIN, p, 5, NULL, NULL);
        return dsp_ok();
    }
    p[3] = dsp_param_int4(arena, release->wish == DSP_WISH_SKIP ? DSP_WISH_SKIP : DSP_WISH_REPLAY);
    dsp_pg_exec(engine->pg, LANE_HELD_END, p, 4, NULL, NULL);
    p[2] = dsp_param_uuid(&release->record.envelope.subject);
    dsp_pg_exec(engine->pg, LANE_HELD_LEFT, p, 3, on_left, engine);
    return dsp_ok();
}

void release_succeed(struct dsp_engine *engine)
{
    struct release *release = &engine->turn.release;
    const struct dsp_record *record = &release->record;
    const struct dsp_uuid *case_id = &record->envelope.subject;
    if (!release->active) {
        return;
    }
    bool refused = dsp_failed(release->refused);
    dsp_log(refused ? DSP_LOG_ERROR : DSP_LOG_WARN,
            refused                          ? "held record cannot be applied: its case goes on waiting"
            : release->wish == DSP_WISH_SKIP ? "held record skipped"
                                             : "held record applied",
            DSP_F_UUID("dispute.case_id", case_id), DSP_F_STR("kafka.topic", release->topic),
            DSP_F_INT("kafka.partition", record->lane), DSP_F_INT("kafka.offset", record->offset),
            DSP_F_INT("left", release->left), DSP_F_TEXT("error.code", refused ? release->refused.code : ""),
            DSP_F_TEXT("error.message", refused ? release->refused.detail : ""));
    if (!refused && release->left == 0) {
        lane_let_go(&engine->lanes[record->lane], record->topic, case_id);
    }
    look_again(engine, 0);
}

bool release_fail(struct dsp_engine *engine, struct dsp_err err)
{
    struct release *release = &engine->turn.release;
    look_again(engine, AGAIN_MS);
    if (!release->active || err.kind != DSP_ERR_REJECT || dsp_failed(release->refused)) {
        return false; /* the wish stays and is tried again */
    }
    struct release kept = *release;
    turn_reset(engine);
    engine->turn.release = kept;
    struct dsp_err written = turn_open(engine);
    written = dsp_failed(written) ? written : refuse(engine, err);
    if (dsp_failed(written)) {
        return false;
    }
    turn_commit(engine);
    return true;
}

void release_forget(struct release *release)
{
    if (release->headers) {
        rd_kafka_headers_destroy(release->headers);
    }
    *release = (struct release){0};
}

size_t dsp_engine_held(const struct dsp_engine *engine)
{
    size_t count = 0;
    for (int32_t i = 0; i < LANES_MAX; i++) {
        count += engine->lanes[i].owned ? engine->lanes[i].held_count : 0;
    }
    return count;
}
