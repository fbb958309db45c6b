/* The Redis index of timers: a sorted set per lane, popped in bulk into a lease by one Lua call. PostgreSQL
 * holds the truth: a sweep over overdue rows makes a lost Redis cost lateness and nothing else. */
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/io/engine_internal.h"

#define POP_MAX 200
#define LEASE_MS 30000 /* real time: a popped timer that no commit acknowledged comes back after this */
#define SWEEP_MS 1500
#define RECONNECT_MS 500
#define HANGS_MS 3000 /* Redis took a question and gives no answer, or does not even connect */
#define AGAIN_MS 200  /* a poll that could not be made now */
#define REBUILD_MAX 1000
#define REBUILD_AGAIN_MS 50 /* between two pieces: turns come first */

/* KEYS: index, lease. ARGV: domain now, real now, lease end, most. Expired leases return to the index first.
 * A due time equal to now is not past it. */
static const char POP[] =
    "local back = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[2]) "
    "for _, m in ipairs(back) do redis.call('ZREM', KEYS[2], m) "
    " redis.call('ZADD', KEYS[1], string.match(m, '^(%-?%d+)|'), m) end "
    "local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[4]) "
    "for _, m in ipairs(due) do redis.call('ZREM', KEYS[1], m) redis.call('ZADD', KEYS[2], ARGV[3], m) end "
    "local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES') "
    "return {due, first[2] or ''}";

struct redis {
    struct dsp_engine *engine;
    redisAsyncContext *context;
    struct event *wake; /* the least due time of the index */
    struct event *sweep;
    struct event *again; /* reconnect */
    struct event *rebuild;
    bool up;
    bool sweeping;
    size_t pops;          /* questions without an answer */
    bool missed;          /* somebody asked to poll meanwhile */
    int64_t asked_ms;     /* monotonic: the last question, or the attempt to connect */
    int32_t rebuild_lane; /* LANES_MAX: done */
    uint64_t rebuild_round;
    int64_t last_due_ms, last_cause;
    struct dsp_uuid last_case;
    char last_name[256];
    size_t rebuilt;
    char host[256];
    int port;
};

struct pop {
    struct redis *redis;
    int32_t lane;
};

static void connect_redis(struct redis *redis);
static void reconnect_later(struct redis *redis);

static void index_name(const struct dsp_engine *engine, int32_t lane, const char *what, char *text, size_t size)
{
    snprintf(text, size, "heshi:{%s:%d}:%s", engine->app->name, lane, what);
}

/* "due|cause|generation|case|name"; false: too long for the index, the sweep finds it */
static bool member(const struct dsp_timer *timer, char *text, size_t size)
{
    char id[DSP_UUID_TEXT_BYTES];
    dsp_uuid_format(&timer->case_id, id);
    int length = snprintf(text, size, "%lld|%lld|%d|%s|%.*s", (long long)timer->due_ms, (long long)timer->cause,
                          timer->generation, id, DSP_STR_ARG(timer->name));
    return length > 0 && (size_t)length < size;
}

static bool parse_member(const char *text, struct dsp_timer *ret_timer)
{
    long long due;
    long long cause;
    int generation;
    char id[DSP_UUID_TEXT_BYTES];
    int at = 0;
    if (sscanf(text, "%lld|%lld|%d|%36[0-9a-f-]|%n", &due, &cause, &generation, id, &at) != 4 || at == 0) {
        return false;
    }
    *ret_timer = (struct dsp_timer){
        .name = dsp_str_from(text + at), .cause = cause, .generation = generation, .due_ms = due};
    return dsp_uuid_parse(dsp_str_from(id), &ret_timer->case_id);
}

static void wake_at(struct redis *redis, int64_t due_ms)
{
    int64_t wait_ms = due_ms + 1 - dsp_clock_now_ms(redis->engine->options.clock);
    wait_ms = wait_ms < 1 ? 1 : wait_ms > 1000 ? 1000 : wait_ms;
    struct timeval current;
    struct timeval wait = {wait_ms / 1000, (wait_ms % 1000) * 1000};
    if (event_pending(redis->wake, EV_TIMEOUT, &current)) {
        struct timeval now;
        event_base_gettimeofday_cached(redis->engine->options.base, &now);
        int64_t left = (current.tv_sec - now.tv_sec) * 1000 + (current.tv_usec - now.tv_usec) / 1000;
        if (left <= wait_ms) {
            return;
        }
    }
    event_add(redis->wake, &wait);
}

static void on_popped(redisAsyncContext *context, void *reply_arg, void *arg)
{
    (void)context;
    struct pop *pop = arg;
    struct redis *redis = pop->redis;
    struct dsp_engine *engine = redis->engine;
    const redisReply *reply = reply_arg;
    int32_t lane = pop->lane;
    free(pop);
    if (redis->pops && --redis->pops == 0 && redis->missed && reply) {
        redis->missed = false;
        wake_at(redis, 0);
    }
    if (!reply) {
        return; /* the connection is gone */
    }
    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2) { /* it is loading, or full */
        wake_at(redis, INT64_MAX - 1);
        return;
    }
    const redisReply *due = reply->element[0];
    for (size_t i = 0; i < due->elements; i++) {
        struct dsp_timer timer;
        if (engine->lanes[lane].owned && parse_member(due->element[i]->str, &timer)) {
            inbox_add_timer(engine, lane, &timer);
        }
    }
    if (due->elements) {
        engine_wake(engine);
    }
    if (reply->element[1]->len) {
        wake_at(redis, due->elements == POP_MAX ? 0 : strtoll(reply->element[1]->str, NULL, 10));
    }
}

void timers_poll(struct dsp_engine *engine)
{
    struct redis *redis = engine->redis;
    if (!redis || !redis->up) {
        return;
    }
    if (redis->pops) {
        redis->missed = true;
        return;
    }
    if (engine->inbox.timers > TIMERS_MAX || engine->owning) { /* else nobody would ask again */
        wake_at(redis, dsp_clock_now_ms(engine->options.clock) + AGAIN_MS);
        return;
    }
    for (int32_t lane = 0; lane < LANES_MAX; lane++) {
        if (!engine->lanes[lane].owned) {
            continue;
        }
        struct pop *pop = malloc(sizeof *pop);
        if (!pop) {
            return;
        }
        *pop = (struct pop){redis, lane};
        char index[128];
        char lease[128];
        index_name(engine, lane, "timers", index, sizeof index);
        index_name(engine, lane, "lease", lease, sizeof lease);
        int64_t real = dsp_real_ms();
        if (redisAsyncCommand(redis->context, on_popped, pop, "EVAL %s 2 %s %s %lld %lld %lld %d", POP, index, lease,
                              (long long)dsp_clock_now_ms(engine->options.clock), (long long)real,
                              (long long)(real + LEASE_MS), POP_MAX) != REDIS_OK) {
            free(pop); /* the connection is being closed */
            return;
        }
        redis->pops++;
        redis->asked_ms = dsp_monotonic_ms();
    }
}

static void on_ignored(redisAsyncContext *context, void *reply, void *arg)
{
    (void)context;
    (void)reply;
    (void)arg; /* best effort: the sweep finds what the index has lost */
}

void timers_index(struct dsp_engine *engine, int32_t lane, const struct dsp_timer *timer)
{
    struct redis *redis = engine->redis;
    char text[512];
    char index[128];
    if (!redis || !redis->up || !engine->lanes[lane].owned || !member(timer, text, sizeof text)) {
        return;
    }
    index_name(engine, lane, "timers", index, sizeof index);
    redisAsyncCommand(redis->context, on_ignored, NULL, "ZADD %s %lld %s", index, (long long)timer->due_ms, text);
    wake_at(redis, timer->due_ms);
}

void timers_acknowledge(struct dsp_engine *engine, int32_t lane, const struct dsp_timer *timer)
{
    struct redis *redis = engine->redis;
    char text[512];
    char lease[128];
    if (!redis || !redis->up || !member(timer, text, sizeof text)) {
        return;
    }
    index_name(engine, lane, "lease", lease, sizeof lease);
    redisAsyncCommand(redis->context, on_ignored, NULL, "ZREM %s %s", lease, text);
}

static void on_wake(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct redis *redis = arg;
    timers_poll(redis->engine);
}

/* --- rebuild: everything in PostgreSQL into the index, lane by lane, a piece at a time --- */

static void rebuild_later(struct redis *redis, int64_t ms)
{
    struct timeval wait = {ms / 1000, (ms % 1000) * 1000};
    event_add(redis->rebuild, &wait);
}

static void rebuild_next_lane(struct redis *redis)
{
    const struct dsp_engine *engine = redis->engine;
    do {
        redis->rebuild_lane++;
    } while (redis->rebuild_lane < LANES_MAX && !engine->lanes[redis->rebuild_lane].owned);
    redis->last_due_ms = redis->last_cause = INT64_MIN;
    redis->last_case = (struct dsp_uuid){{0}};
    redis->last_name[0] = '\0';
}

void timers_rebuild(struct dsp_engine *engine)
{
    struct redis *redis = engine->redis;
    if (!redis) {
        return; /* a rebuild has no timers */
    }
    redis->rebuild_lane = -1;
    redis->rebuild_round = engine->round;
    rebuild_next_lane(redis);
    rebuild_later(redis, 0);
}

static void on_rebuild_rows(void *arg, const PGresult *result)
{
    struct redis *redis = arg;
    redis->rebuilt = (size_t)PQntuples(result);
    if (redis->rebuild_round != redis->engine->round) {
        return;
    }
    for (int i = 0; i < PQntuples(result); i++) {
        struct dsp_timer timer = {.case_id = dsp_result_uuid(result, i, 1),
                                  .name = dsp_result_str(result, i, 2),
                                  .cause = dsp_result_int(result, i, 3),
                                  .generation = (int32_t)dsp_result_int(result, i, 4),
                                  .due_ms = dsp_result_int(result, i, 5)};
        timers_index(redis->engine, (int32_t)dsp_result_int(result, i, 0), &timer);
        redis->last_due_ms = timer.due_ms;
        redis->last_cause = timer.cause;
        redis->last_case = timer.case_id;
        snprintf(redis->last_name, sizeof redis->last_name, "%.*s", DSP_STR_ARG(timer.name));
    }
}

static void on_rebuilt(void *arg, struct dsp_err err)
{
    struct redis *redis = arg;
    if (redis->rebuild_round != redis->engine->round || redis->rebuild_lane >= LANES_MAX) {
        return;
    }
    if (!dsp_failed(err) && redis->rebuilt < REBUILD_MAX) {
        rebuild_next_lane(redis);
    }
    rebuild_later(redis, dsp_failed(err) ? 1000 : REBUILD_AGAIN_MS);
}

static void on_rebuild(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct redis *redis = arg;
    struct dsp_engine *engine = redis->engine;
    struct dsp_param params[5];
    if (!redis->up || redis->rebuild_lane >= LANES_MAX || redis->rebuild_round != engine->round) {
        return; /* a new connection or a new round begins anew */
    }
    if (!dsp_pg_up(engine->pg) || engine->turn.phase != PHASE_IDLE || engine->owning) {
        rebuild_later(redis, REBUILD_AGAIN_MS);
        return;
    }
    dsp_arena_reset(engine->scratch);
    redis->rebuilt = 0;
    params[0] = dsp_param_int4(engine->scratch, redis->rebuild_lane);
    params[1] = dsp_param_int8(engine->scratch, redis->last_due_ms);
    params[2] = dsp_param_uuid(&redis->last_case);
    params[3] = dsp_param_text(dsp_str_from(redis->last_name));
    params[4] = dsp_param_int8(engine->scratch, redis->last_cause);
    dsp_pg_exec(engine->pg, LANE_TIMERS_FROM, params, 5, on_rebuild_rows, redis);
    dsp_pg_sync(engine->pg, on_rebuilt, redis);
}

/* --- sweep --- */

static void on_swept_rows(void *arg, const PGresult *result)
{
    struct dsp_engine *engine = arg;
    for (int i = 0; i < PQntuples(result); i++) {
        struct dsp_timer timer = {.case_id = dsp_result_uuid(result, i, 1),
                                  .name = dsp_result_str(result, i, 2),
                                  .cause = dsp_result_int(result, i, 3),
                                  .generation = (int32_t)dsp_result_int(result, i, 4),
                                  .due_ms = dsp_result_int(result, i, 5)};
        int32_t lane = (int32_t)dsp_result_int(result, i, 0);
        if (engine->lanes[lane].owned) {
            inbox_add_timer(engine, lane, &timer);
        }
    }
    if (PQntuples(result)) {
        engine_wake(engine);
    }
}

/* hiredis 0.14 knows no timeouts: commands to a Redis that hangs would pile up without end. */
static void watch(struct redis *redis)
{
    bool waits = redis->context && (redis->pops || !redis->up);
    if (waits && dsp_monotonic_ms() - redis->asked_ms > HANGS_MS) {
        redisAsyncContext *context = redis->context;
        if (redis->up) {
            dsp_log(DSP_LOG_WARN, "redis does not answer: timers come from the sweep");
        }
        redis->up = false;
        redisAsyncFree(context); /* calls on_popped without a reply, and on_disconnected if it was connected */
        reconnect_later(redis);
    }
}

static void on_swept(void *arg, struct dsp_err err)
{
    (void)err; /* the next sweep tries again */
    ((struct redis *)arg)->sweeping = false;
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct redis *redis = arg;
    struct dsp_engine *engine = redis->engine;
    struct dsp_param params[2];
    /* Only between turns: a group of its own on the connection must not join an open transaction. */
    watch(redis);
    if (!dsp_pg_up(engine->pg) || engine->turn.phase != PHASE_IDLE || engine->owning || redis->sweeping ||
        engine->stopping || engine->inbox.timers > TIMERS_MAX || !engine_owns_any(engine)) {
        return;
    }
    dsp_arena_reset(engine->scratch);
    if (dsp_failed(dsp_engine_lanes(engine, engine->scratch, &params[0]))) {
        return;
    }
    params[1] = dsp_param_int8(engine->scratch, dsp_clock_now_ms(engine->options.clock));
    redis->sweeping = true;
    dsp_pg_exec(engine->pg, LANE_TIMER_SWEEP, params, 2, on_swept_rows, engine);
    dsp_pg_sync(engine->pg, on_swept, redis);
}

/* --- connection --- */

static void reconnect_later(struct redis *redis)
{
    struct timeval wait = {0, RECONNECT_MS * 1000};
    redis->up = false;
    redis->context = NULL;
    redis->pops = 0;
    if (!redis->engine->stopping) {
        event_add(redis->again, &wait);
    }
}

static void on_disconnected(const redisAsyncContext *context, int status)
{
    (void)status;
    struct redis *redis = context->data;
    if (redis->up) {
        dsp_log(DSP_LOG_WARN, "redis connection lost: timers come from the sweep");
    }
    reconnect_later(redis);
}

static void on_connected(const redisAsyncContext *context, int status)
{
    struct redis *redis = context->data;
    if (status != REDIS_OK) {
        reconnect_later(redis); /* hiredis frees the context itself */
        return;
    }
    redis->up = true;
    redis->pops = 0;
    timers_rebuild(redis->engine); /* it may have come back empty */
    timers_poll(redis->engine);
}

static void connect_redis(struct redis *redis)
{
    redisAsyncContext *context = redisAsyncConnect(redis->host, redis->port);
    if (!context || context->err) {
        if (context) {
            redisAsyncFree(context);
        }
        reconnect_later(redis);
        return;
    }
    context->data = redis;
    redis->context = context;
    redis->asked_ms = dsp_monotonic_ms();
    redisLibeventAttach(context, redis->engine->options.base);
    redisAsyncSetConnectCallback(context, on_connected);
    redisAsyncSetDisconnectCallback(context, on_disconnected);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    connect_redis(arg);
}

bool timers_start(struct dsp_engine *engine)
{
    struct redis *redis = calloc(1, sizeof *redis);
    struct timeval sweep = {SWEEP_MS / 1000, (SWEEP_MS % 1000) * 1000};
    if (!redis) {
        return false;
    }
    engine->redis = redis;
    redis->engine = engine;
    redis->port = 6379;
    if (sscanf(engine->options.redis_url, "redis://%255[^:/]:%d", redis->host, &redis->port) < 1) {
        dsp_log(DSP_LOG_ERROR, "REDIS_URL must be redis://host:port/0");
        return false;
    }
    redis->wake = event_new(engine->options.base, -1, 0, on_wake, redis);
    redis->again = event_new(engine->options.base, -1, 0, on_again, redis);
    redis->rebuild = event_new(engine->options.base, -1, 0, on_rebuild, redis);
    redis->rebuild_lane = LANES_MAX;
    redis->sweep = event_new(engine->options.base, -1, EV_PERSIST, on_sweep, redis);
    event_add(redis->sweep, &sweep);
    connect_redis(redis);
    return true;
}

void timers_free(struct dsp_engine *engine)
{
    struct redis *redis = engine->redis;
    if (!redis) {
        return;
    }
    if (redis->context) {
        redisAsyncFree(redis->context);
    }
    if (redis->sweep) {
        event_free(redis->wake);
        event_free(redis->again);
        event_free(redis->rebuild);
        event_free(redis->sweep);
    }
    free(redis);
    engine->redis = NULL;
}

bool dsp_engine_redis_up(const struct dsp_engine *engine)
{
    return engine->redis && engine->redis->up;
}
