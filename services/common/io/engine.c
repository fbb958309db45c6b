/* Life of the engine, its tick, and what it shows of itself. */
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/codes.h"
#include "common/base/config.h"
#include "common/base/log.h"
#include "common/io/engine_internal.h"

#define TICK_MS 100
#define COLLECT_US 2000 /* a turn begins so long after the first record of it came */
#define OFFSETS_MS 1000
#define TRIM_MS 2000    /* a bounded piece each time: it shares the connection with the turns */
#define REJOIN_MS 60000 /* a rejoin that takes longer never ends: the process starts anew */

bool engine_owns_any(const struct dsp_engine *engine)
{
    for (int32_t i = 0; i < LANES_MAX; i++) {
        if (engine->lanes[i].owned) {
            return true;
        }
    }
    return false;
}

void engine_fatal(struct dsp_engine *engine, struct dsp_err err)
{
    dsp_log_err(DSP_LOG_ERROR, "fatal", err);
    engine->options.on_fatal(engine->options.arg, err);
}

void engine_wake(struct dsp_engine *engine)
{
    static const struct timeval SOON = {0, COLLECT_US};
    if (!event_pending(engine->collect, EV_TIMEOUT, NULL)) {
        event_add(engine->collect, &SOON);
    }
}

void dsp_engine_poke(struct dsp_engine *engine)
{
    timers_poll(engine);
    engine_wake(engine);
}

struct dsp_err dsp_engine_lanes(struct dsp_engine *engine, struct dsp_arena *arena, struct dsp_param *ret_param)
{
    static const struct dsp_column COLUMN = {"lane", DSP_COLUMN_INT, 0, NULL};
    void *items[LANES_MAX];
    int32_t numbers[LANES_MAX];
    size_t count = 0;
    for (int32_t i = 0; i < LANES_MAX; i++) {
        if (engine->lanes[i].owned) {
            numbers[count] = i;
            items[count] = &numbers[count];
            count++;
        }
    }
    return dsp_param_array(arena, &COLUMN, items, count, ret_param);
}

/* --- what wakes it --- */

static void on_store(void *arg, bool up)
{
    struct dsp_engine *engine = arg;
    if (!up) {
        if (engine->own_waits) {
            engine->owning = engine->own_waits = false;
        }
        return; /* own statements that were on their way fail by themselves */
    }
    if (engine->assignment && engine->assignment->cnt && !engine->rejoin) {
        engine_own(engine);
    }
}

static void on_collect(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    turn_try(arg);
}

static bool drained(const struct dsp_engine *engine)
{
    return engine->turn.phase == PHASE_IDLE && publish_pending(engine) == 0 && engine->direct_in_flight == 0;
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct dsp_engine *engine = arg;
    int64_t now = dsp_monotonic_ms();
    while (rd_kafka_poll(engine->producer, 0) > 0) {
    }
    engine_read(engine);
    if (engine->stopping) {
        if (drained(engine) && engine->on_stopped) {
            void (*on_stopped)(void *) = engine->on_stopped;
            engine->on_stopped = NULL;
            on_stopped(engine->stopped_arg);
        }
        return;
    }
    if (engine->assignment && engine->assignment->cnt && !engine->owning && !engine->rejoin &&
        !engine_owns_any(engine) && dsp_pg_up(engine->pg) && now >= engine->next_try_ms) {
        engine_own(engine); /* an earlier try inside this assignment failed */
    }
    if (engine->rejoin && now - engine->rejoin_ms > REJOIN_MS) {
        engine->rejoin_ms = now;
        engine_fatal(engine, dsp_fatal(DSP_CODE_BROKER_DOWN, "the group did not take us back"));
    }
    engine_leftovers(engine);
    if (engine_owns_any(engine) && engine->assignment && !engine_rebuilds(engine)) {
        if (now >= engine->next_offsets_ms) {
            engine->next_offsets_ms = now + OFFSETS_MS;
            upkeep_commit_offsets(engine);
        }
        if (now >= engine->next_trim_ms) {
            engine->next_trim_ms = now + TRIM_MS;
            upkeep_trim_outbox(engine);
        }
    }
    turn_try(engine);
    if (engine_rebuilds(engine)) {
        rebuild_check(engine);
    }
}

/* --- life --- */

struct dsp_engine *dsp_engine_new(const struct dsp_engine_options *options)
{
    struct dsp_engine *engine = calloc(1, sizeof *engine);
    if (!engine) {
        return NULL;
    }
    engine->options = *options;
    engine->app = options->app;
    if (options->schema) {
        snprintf(engine->session, sizeof engine->session, "-c search_path=%s", options->schema);
    }
    inbox_init(&engine->inbox);
    for (int32_t i = 0; i < LANES_MAX; i++) {
        engine_forget_lane(&engine->lanes[i]);
    }
    engine->consumer_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    engine->producer_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    engine->cache = dsp_row_cache_new(engine->app->tables, engine->app->table_count,
                                      (size_t)options->row_cache_mib << 20);
    engine->arena = dsp_arena_new(ARENA_BYTES);
    engine->scratch = dsp_arena_new(SCRATCH_BYTES);
    engine->collect = event_new(options->base, -1, 0, on_collect, engine);
    engine->tick = event_new(options->base, -1, EV_PERSIST, on_tick, engine);
    struct dsp_pg_options pg = {.url = options->database_url,
                                .password = options->database_password,
                                .name = engine->app->name,
                                .options = options->schema ? engine->session : NULL,
                                .on_state = on_store,
                                .arg = engine};
    engine->pg = dsp_pg_new(options->base, &pg);
    if (!engine->cache || !engine->arena || !engine->scratch || !engine->collect || !engine->tick || !engine->pg ||
        !jobs_start(engine) || !publish_start(engine) || (!engine_rebuilds(engine) && !timers_start(engine))) {
        dsp_engine_free(engine);
        return NULL;
    }
    return engine;
}

static int32_t count_partitions(struct dsp_engine *engine, const char *name)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(engine->producer, name, NULL);
    int32_t count = 0;
    if (topic && rd_kafka_metadata(engine->producer, 0, topic, &metadata, 2000) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
        rd_kafka_metadata_destroy(metadata);
    }
    if (topic) {
        rd_kafka_topic_destroy(topic);
    }
    return count;
}

struct dsp_err dsp_engine_start(struct dsp_engine *engine)
{
    static const struct timeval TICK = {0, TICK_MS * 1000};
    for (size_t t = 0; t < engine->app->topic_count; t++) {
        const char *name = engine->app->topics[t].name;
        int32_t count = count_partitions(engine, name);
        if (count <= 0) {
            return dsp_retry(DSP_CODE_BROKER_DOWN, "topic %s is not there yet", name);
        }
        if (count > LANES_MAX || (t > 0 && count != engine->partitions)) {
            return dsp_fatal(DSP_CODE_CONFIG_INVALID, "topic %s has %d partitions, %s has %d; at most %d", name, count,
                             engine->app->topics[0].name, t ? engine->partitions : count, LANES_MAX);
        }
        engine->partitions = count;
    }
    if (!engine->consumer && !consumer_start(engine)) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "Kafka settings");
    }
    event_add(engine->tick, &TICK);
    if (engine_rebuilds(engine)) {
        return rebuild_start(engine);
    }
    consumer_subscribe(engine);
    return dsp_ok();
}

void dsp_engine_stop(struct dsp_engine *engine, void (*on_stopped)(void *arg), void *arg)
{
    engine->stopping = true;
    engine->on_stopped = on_stopped;
    engine->stopped_arg = arg;
    if (!engine->consumer) {
        engine->on_stopped = NULL;
        on_stopped(arg);
    }
}

void dsp_engine_free(struct dsp_engine *engine)
{
    if (!engine) {
        return;
    }
    engine->stopping = true;
    engine->turn.phase = PHASE_IDLE;
    engine_forget_lanes(engine); /* records must be gone before their consumer */
    release_drop_wishes(engine);
    if (engine->consumer) {
        consumer_close(engine);
    }
    if (engine->assignment) { /* a rebuild's: no group takes it back */
        rd_kafka_topic_partition_list_destroy(engine->assignment);
    }
    timers_free(engine);
    jobs_free(engine);
    dsp_pg_free(engine->pg);
    if (engine->producer) {
        rd_kafka_flush(engine->producer, 1000);
        rd_kafka_purge(engine->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_flush(engine->producer, 1000); /* hands back what belongs to records without an answer */
        rd_kafka_destroy(engine->producer);
    }
    struct event *events[] = {engine->consumer_event, engine->producer_event, engine->tick, engine->collect};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        if (events[i]) {
            event_free(events[i]);
        }
    }
    close(engine->consumer_fd);
    close(engine->producer_fd);
    dsp_row_cache_free(engine->cache);
    dsp_arena_free(engine->arena);
    dsp_arena_free(engine->scratch);
    free(engine);
}

bool dsp_engine_store_up(const struct dsp_engine *engine)
{
    return dsp_pg_up(engine->pg);
}

bool dsp_engine_ready(const struct dsp_engine *engine)
{
    return dsp_pg_up(engine->pg) && engine_owns_any(engine) && !engine->owning && !engine->rejoin && !engine->stopping;
}

struct dsp_pg *dsp_engine_pg(struct dsp_engine *engine)
{
    return engine->pg;
}

struct dsp_clock *dsp_engine_clock(struct dsp_engine *engine)
{
    return engine->options.clock;
}

json_t *dsp_engine_report(const struct dsp_engine *engine)
{
    json_t *positions = json_object();
    for (size_t t = 0; t < engine->app->topic_count; t++) {
        json_t *parts = json_object();
        for (int32_t i = 0; i < LANES_MAX; i++) {
            char number[16];
            if (engine->lanes[i].owned) {
                int64_t next = engine->lanes[i].topics[t].done.next_offset;
                snprintf(number, sizeof number, "%d", i);
                json_object_set_new(parts, number, json_integer(next < 0 ? 0 : next));
            }
        }
        json_object_set_new(positions, engine->app->topics[t].name, parts);
    }
    json_t *report = json_object();
    json_object_set_new(report, "ready", json_boolean(dsp_engine_ready(engine)));
    json_object_set_new(report, "positions", positions);
    json_object_set_new(report, "unpublished", json_integer(publish_pending(engine)));
    json_object_set_new(report, "in_flight",
                        json_integer((json_int_t)(jobs_in_flight(engine) + engine->direct_in_flight)));
    json_object_set_new(report, "in_turn", json_boolean(engine->turn.phase != PHASE_IDLE));
    json_object_set_new(report, "inbox", json_integer((json_int_t)engine->inbox.count));
    json_object_set_new(report, "held", json_integer((json_int_t)dsp_engine_held(engine)));
    json_object_set_new(report, "waiting", json_integer((json_int_t)engine->inbox.waiting));
    if (engine->inbox.waiting) {
        json_object_set_new(report, "waiting_for", json_string(engine->inbox.waiting_for));
    }
    return report;
}
