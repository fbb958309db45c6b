#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/codes.h"
#include "common/base/config.h"
#include "common/base/log.h"
#include "common/io/engine_internal.h"

#define TICK_MS 100
#define COLLECT_US 2000 /* a turn begins so long after the first record of it came */
#define OFFSETS_MS 1000
#define TRIM_MS 2000     /* a bounded piece each time: it shares the connection with the turns */
#define HELD_MAX_MS 2000 /* no turn for so long: read on, and pause */
#define READ_MAX 1000    /* records of one call: the loop has other work too */
#define REJOIN_MS 60000  /* a rejoin that takes longer never ends: the process starts anew */
#define CLOSE_MS 5000

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

/* --- group membership --- */

static void subscribe(struct dsp_engine *engine)
{
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new((int)engine->app->topic_count);
    for (size_t i = 0; i < engine->app->topic_count; i++) {
        rd_kafka_topic_partition_list_add(topics, engine->app->topics[i].name, RD_KAFKA_PARTITION_UA);
    }
    rd_kafka_resp_err_t err = rd_kafka_subscribe(engine->consumer, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    if (err) {
        engine_fatal(engine, dsp_fatal(DSP_CODE_BROKER_DOWN, "subscribe: %s", rd_kafka_err2str(err)));
    }
}

void engine_rejoin(struct dsp_engine *engine)
{
    if (engine->rejoin) {
        return;
    }
    if (engine_rebuilds(engine)) {
        engine_fatal(engine, dsp_fatal(DSP_CODE_FENCED, "somebody else writes into schema %s", engine->options.schema));
        return;
    }
    dsp_log(DSP_LOG_WARN, "lanes lost to another instance: leaving and joining again",
            DSP_F_TEXT("error.code", DSP_CODE_FENCED));
    engine->rejoin = true;
    engine->rejoin_ms = dsp_monotonic_ms();
    engine->round++;
    engine->owning = engine->own_waits = engine->owned_before = false;
    engine_forget_lanes(engine);
    rd_kafka_unsubscribe(engine->consumer);
}

static void set_pause(struct dsp_engine *engine, const rd_kafka_topic_partition_t *part, struct lane_topic *topic,
                      bool pause)
{
    rd_kafka_topic_partition_list_t *one = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(one, part->topic, part->partition);
    if (pause) {
        rd_kafka_pause_partitions(engine->consumer, one);
    } else {
        rd_kafka_resume_partitions(engine->consumer, one);
    }
    rd_kafka_topic_partition_list_destroy(one);
    topic->paused = pause;
}

static struct lane_topic *topic_of(struct dsp_engine *engine, const rd_kafka_topic_partition_t *part)
{
    for (size_t t = 0; t < engine->app->topic_count; t++) {
        if (strcmp(part->topic, engine->app->topics[t].name) == 0) {
            return &engine->lanes[part->partition].topics[t];
        }
    }
    return NULL;
}

/* Each partition for itself: records of one that wait must not keep away those of another that they wait for.
 * Only for what waits: a pause throws away what librdkafka has fetched already. */
static void pause_full(struct dsp_engine *engine)
{
    bool waits = engine->inbox.waiting > 0 || engine->held_ms;
    for (int i = 0; engine->assignment && i < engine->assignment->cnt; i++) {
        const rd_kafka_topic_partition_t *part = &engine->assignment->elems[i];
        struct lane_topic *topic = topic_of(engine, part);
        size_t most = INBOX_MAX / (size_t)engine->assignment->cnt + 16;
        size_t most_bytes = INBOX_BYTES / (size_t)engine->assignment->cnt;
        if (topic && waits && !topic->paused && (topic->count > most || topic->bytes > most_bytes)) {
            set_pause(engine, part, topic, true);
        } else if (topic && topic->paused && topic->count <= most / 2 && topic->bytes <= most_bytes / 2) {
            set_pause(engine, part, topic, false);
        }
    }
}

static void let_go(struct dsp_engine *engine)
{
    engine->round++;
    engine->owning = engine->own_waits = engine->owned_before = false;
    engine_forget_lanes(engine);
    if (engine->assignment) {
        for (int i = 0; i < engine->assignment->cnt; i++) {
            const rd_kafka_topic_partition_t *part = &engine->assignment->elems[i];
            struct lane_topic *topic = topic_of(engine, part);
            if (topic && topic->paused) { /* librdkafka would remember it at the next assignment */
                set_pause(engine, part, topic, false);
            }
        }
        rd_kafka_topic_partition_list_destroy(engine->assignment);
        engine->assignment = NULL;
    }
    rd_kafka_assign(engine->consumer, NULL);
    if (engine->rejoin && !engine->stopping) {
        engine->rejoin = false;
        subscribe(engine);
    }
}

static void on_rebalance(rd_kafka_t *consumer, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t *parts,
                         void *opaque)
{
    struct dsp_engine *engine = opaque;
    (void)consumer;
    if (err != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS || engine->rejoin) {
        let_go(engine);
        return;
    }
    if (engine->assignment) {
        rd_kafka_topic_partition_list_destroy(engine->assignment);
    }
    engine->assignment = rd_kafka_topic_partition_list_copy(parts);
    engine->owned_before = false;
    for (int i = 0; i < parts->cnt; i++) {
        if (parts->elems[i].partition >= engine->partitions) { /* keys now belong to other lanes */
            engine_fatal(engine, dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s has more than %d partitions",
                                           parts->elems[i].topic, engine->partitions));
            let_go(engine);
            return;
        }
    }
    if (parts->cnt == 0) {
        rd_kafka_assign(engine->consumer, engine->assignment);
    } else if (dsp_pg_up(engine->pg)) {
        engine_own(engine);
    } /* else the store's return owns them */
}

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

/* --- reading --- */

/* Enough is here that nothing keeps from being decided: librdkafka's own queue holds the rest. The group wants us to
 * poll all the same, so this ends after a while without a turn (the store is away); then full partitions pause. */
static bool hold_reading(struct dsp_engine *engine)
{
    const struct inbox *inbox = &engine->inbox;
    size_t ready = inbox->count > inbox->waiting ? inbox->count - inbox->waiting : 0;
    if (ready < READ_AHEAD && inbox->bytes < INBOX_BYTES / 2) {
        engine->held_ms = 0;
        return false;
    }
    engine->held_ms = engine->held_ms ? engine->held_ms : dsp_monotonic_ms();
    return dsp_monotonic_ms() - engine->held_ms < HELD_MAX_MS;
}

void engine_read(struct dsp_engine *engine)
{
    size_t before = engine->inbox.count;
    for (int i = 0;; i++) {
        if (i == READ_MAX) { /* the descriptor only tells of a queue that was empty */
            event_active(engine->consumer_event, EV_READ, 0);
            break;
        }
        if (hold_reading(engine)) { /* the end of a turn goes on */
            break;
        }
        rd_kafka_message_t *message = rd_kafka_consumer_poll(engine->consumer, 0);
        if (!message) {
            break;
        }
        bool mine = message->partition >= 0 && message->partition < LANES_MAX &&
                    engine->lanes[message->partition].owned && !engine->owning && !engine->stopping;
        if (message->err == RD_KAFKA_RESP_ERR__FATAL) {
            /* Such as a static member that was fenced after a long absence of the broker: this client will
             * never work again, a restart of the process does. */
            engine_fatal(engine, dsp_fatal(DSP_CODE_BROKER_DOWN, "%s", rd_kafka_message_errstr(message)));
            rd_kafka_message_destroy(message);
            return;
        }
        if (message->err) {
            dsp_log(message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET ? DSP_LOG_ERROR : DSP_LOG_WARN,
                    "kafka consumer", DSP_F_TEXT("error.message", rd_kafka_message_errstr(message)));
            rd_kafka_message_destroy(message);
        } else if (!mine) {
            rd_kafka_message_destroy(message); /* read again from the cursor by whoever owns it */
        } else {
            inbox_add_message(engine, message);
        }
    }
    pause_full(engine);
    if (engine->inbox.count > before) {
        engine_wake(engine);
    }
}

static void on_consumer_event(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    uint64_t count;
    if (read(fd, &count, sizeof count) < 0) {
        /* Nothing to clear: reading below does not depend on it. */
    }
    engine_read(arg);
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

static bool consumer_start(struct dsp_engine *engine)
{
    char why[256];
    char read_ahead_kib[24] = "32768";
    if (engine->options.read_ahead_kib) {
        snprintf(read_ahead_kib, sizeof read_ahead_kib, "%lld", (long long)engine->options.read_ahead_kib);
    }
    const struct dsp_kafka_setting settings[] = {
        {"group.id", engine->options.kafka_group},
        {"group.instance.id", engine->options.kafka_instance},
        {"enable.auto.commit", "false"}, /* PostgreSQL holds the position */
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "error"},
        {"partition.assignment.strategy", "range"}, /* equal partition numbers together */
        {"session.timeout.ms", "6000"},
        {"heartbeat.interval.ms", "1000"},
        {"fetch.wait.max.ms", "100"},
        {"fetch.error.backoff.ms", "20"},
        /* Above this librdkafka 2.0 rests for up to a second: what is queued must last so long. */
        {"queued.max.messages.kbytes", read_ahead_kib},
        {"topic.metadata.refresh.interval.ms", "5000"},
    };
    rd_kafka_conf_t *conf = dsp_kafka_conf(&engine->options.kafka, settings, sizeof settings / sizeof *settings);
    if (!conf) {
        return false;
    }
    rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
    rd_kafka_conf_set_offset_commit_cb(conf, upkeep_on_offsets);
    rd_kafka_conf_set_opaque(conf, engine);
    engine->consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (!engine->consumer) {
        dsp_log(DSP_LOG_ERROR, "kafka consumer", DSP_F_TEXT("error.message", why));
        rd_kafka_conf_destroy(conf);
        return false;
    }
    static const uint64_t ONE = 1;
    rd_kafka_poll_set_consumer(engine->consumer);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(engine->consumer);
    rd_kafka_queue_io_event_enable(queue, engine->consumer_fd, &ONE, sizeof ONE);
    rd_kafka_queue_destroy(queue);
    engine->consumer_event = event_new(engine->options.base, engine->consumer_fd, EV_READ | EV_PERSIST,
                                       on_consumer_event, engine);
    event_add(engine->consumer_event, NULL);
    return true;
}

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
    subscribe(engine);
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

/* Leaves the group, in bounded time: a lost partition may block librdkafka 2.0.2 for ever. */
static void close_consumer(struct dsp_engine *engine)
{
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(engine->consumer);
    int64_t until = dsp_monotonic_ms() + CLOSE_MS;
    rd_kafka_error_destroy(rd_kafka_consumer_close_queue(engine->consumer, queue));
    while (!rd_kafka_consumer_closed(engine->consumer) && dsp_monotonic_ms() < until) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(engine->consumer, 50);
        if (message) {
            rd_kafka_message_destroy(message);
        }
    }
    rd_kafka_queue_destroy(queue);
    if (rd_kafka_consumer_closed(engine->consumer)) {
        rd_kafka_destroy(engine->consumer);
    } else {
        dsp_log(DSP_LOG_WARN, "kafka consumer does not close: left to the end of the process");
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
        close_consumer(engine);
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
