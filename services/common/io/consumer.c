/* The consumer: what the group assigns to it, reading, and pausing what has too much waiting. */
#include <string.h>
#include <unistd.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/io/engine_internal.h"

#define HELD_MAX_MS 2000 /* no turn for so long: read on, and pause */
#define READ_MAX 1000    /* records of one call: the loop has other work too */
#define CLOSE_MS 5000

/* --- group membership --- */

void consumer_subscribe(struct dsp_engine *engine)
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
        consumer_subscribe(engine);
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

/* --- life --- */

bool consumer_start(struct dsp_engine *engine)
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

/* Leaves the group, in bounded time: a lost partition may block librdkafka 2.0.2 for ever. */
void consumer_close(struct dsp_engine *engine)
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
