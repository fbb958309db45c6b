/* The producer: what the outbox holds goes out in its order, and the watermark follows the acknowledgements.
 * An opaque of a delivery report is either a packed (lane, number) with the low bit set, or the address of a
 * `struct direct`, whose low bit is clear. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/io/engine_internal.h"

#define DIRECT_MAX 4096

struct direct {
    void (*on_done)(void *arg, struct dsp_err err);
    void *arg;
};

static const struct dsp_metric PUBLISHED = {"dispute_events_published_total",
                                            DSP_METRIC_COUNTER,
                                            "Records that Kafka acknowledged (ok), or gave back for good (failed).",
                                            {"topic", "result"}};

static const struct dsp_metric ERRORS = {"dispute_producer_errors_total",
                                         DSP_METRIC_COUNTER,
                                         "Errors that the producer reported; it goes on by itself.",
                                         {NULL}};

static void *pack(int32_t lane, int64_t seq)
{
    return (void *)(uintptr_t)((((uint64_t)seq << 8 | (uint64_t)lane) << 1) | 1);
}

static void acknowledge(struct dsp_engine *engine, int32_t index, int64_t seq)
{
    struct lane *lane = &engine->lanes[index];
    if (!lane->owned || seq <= lane->published || seq > lane->published + UNPUBLISHED_MAX) {
        return; /* of an earlier owner of the lane */
    }
    lane->acked[seq % UNPUBLISHED_MAX] = 1;
    while (lane->acked[(lane->published + 1) % UNPUBLISHED_MAX] && lane->published < lane->out_done) {
        lane->published++;
        lane->acked[lane->published % UNPUBLISHED_MAX] = 0;
    }
}

static void on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque)
{
    (void)producer;
    struct dsp_engine *engine = opaque;
    uintptr_t packed = (uintptr_t)message->_private;
    bool purged = message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
    if (purged && (packed & 1)) {
        return; /* the process ends: the next start publishes the row */
    }
    if (packed & 1) {
        int32_t lane = (int32_t)((packed >> 1) & 0xff);
        int64_t seq = (int64_t)(packed >> 9);
        const struct dsp_str labels[] = {dsp_str_from(rd_kafka_topic_name(message->rkt)),
                                         message->err ? DSP_STR_LITERAL("failed") : DSP_STR_LITERAL("ok")};
        dsp_metric_add(engine->options.metrics, &PUBLISHED, 1, labels);
        if (message->err) {
            engine_fatal(engine, dsp_fatal(DSP_CODE_BROKER_DOWN, "outbox row %d/%lld: %s", lane, (long long)seq,
                                           rd_kafka_err2str(message->err)));
            return;
        }
        acknowledge(engine, lane, seq);
        return;
    }
    struct direct *direct = message->_private;
    engine->direct_in_flight--;
    if (purged) {
        free(direct); /* the process ends: whoever asked is perhaps gone already */
        return;
    }
    if (direct->on_done) {
        direct->on_done(direct->arg, message->err
                                         ? dsp_retry(DSP_CODE_BROKER_DOWN, "%s", rd_kafka_err2str(message->err))
                                         : dsp_ok());
    }
    free(direct);
}

static void on_error(rd_kafka_t *handle, int err, const char *reason, void *opaque)
{
    struct dsp_engine *engine = opaque;
    if (err == RD_KAFKA_RESP_ERR__FATAL) {
        char text[DSP_ERR_DETAIL_BYTES];
        rd_kafka_fatal_error(handle, text, sizeof text);
        /* A new producer starts from the outbox: a restart of the process is that. */
        engine_fatal(engine, dsp_fatal(DSP_CODE_BROKER_DOWN, "%s", text));
        return;
    }
    dsp_metric_add(engine->options.metrics, &ERRORS, 1, NULL);
    dsp_log(DSP_LOG_WARN, "kafka producer", DSP_F_TEXT("error.message", reason));
}

static void on_producer_event(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    struct dsp_engine *engine = arg;
    uint64_t count;
    if (read(fd, &count, sizeof count) < 0) {
        /* Nothing to clear: the poll below does not depend on it. */
    }
    while (rd_kafka_poll(engine->producer, 0) > 0) {
    }
    engine_leftovers(engine);
    engine_wake(engine);
}

bool publish_start(struct dsp_engine *engine)
{
    char why[256];
    static const struct dsp_kafka_setting SETTINGS[] = {
        {"partitioner", "murmur2_random"},
        {"enable.idempotence", "true"},
        {"acks", "all"},
        {"message.timeout.ms", "0"}, /* never give up on one record while the next goes out */
        {"linger.ms", "1"},
        {"message.max.bytes", "5242880"},
        {"queue.buffering.max.messages", "200000"},
    };
    rd_kafka_conf_t *conf = dsp_kafka_conf(&engine->options.kafka, SETTINGS, sizeof SETTINGS / sizeof *SETTINGS);
    if (!conf) {
        return false;
    }
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_opaque(conf, engine);
    engine->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!engine->producer) {
        dsp_log(DSP_LOG_ERROR, "kafka producer", DSP_F_TEXT("error.message", why));
        rd_kafka_conf_destroy(conf);
        return false;
    }
    static const uint64_t ONE = 1;
    rd_kafka_queue_t *queue = rd_kafka_queue_get_main(engine->producer);
    rd_kafka_queue_io_event_enable(queue, engine->producer_fd, &ONE, sizeof ONE);
    rd_kafka_queue_destroy(queue);
    engine->producer_event = event_new(engine->options.base, engine->producer_fd, EV_READ | EV_PERSIST,
                                       on_producer_event, engine);
    event_add(engine->producer_event, NULL);
    return true;
}

static rd_kafka_resp_err_t produce(struct dsp_engine *engine, const char *topic, int32_t partition, struct dsp_str key,
                                   struct dsp_str packed, struct dsp_str value, void *opaque)
{
    rd_kafka_headers_t *headers = dsp_headers_unpack(packed);
    if (key.len == 0) {
        key.ptr = NULL; /* the outbox has no NULL: a dead letter's absent key stays absent */
    }
    if (!headers) {
        return RD_KAFKA_RESP_ERR__BAD_MSG;
    }
    rd_kafka_resp_err_t err = rd_kafka_producev(
        engine->producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition), RD_KAFKA_V_KEY(key.ptr, key.len),
        RD_KAFKA_V_VALUE((void *)(uintptr_t)value.ptr, value.len), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
    /* librdkafka before 2.12 frees them itself when the partition is unknown: leaking a few bytes on a
     * partition that does not exist is better than freeing twice. */
    if (err && err != RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION && err != RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
        rd_kafka_headers_destroy(headers);
    }
    return err;
}

void publish_row(struct dsp_engine *engine, const struct outbox_row *row)
{
    char topic[256];
    snprintf(topic, sizeof topic, "%.*s", DSP_STR_ARG(row->topic));
    struct dsp_str value = row->tombstone ? (struct dsp_str){NULL, 0} : row->payload;
    rd_kafka_resp_err_t err = produce(engine, topic, row->lane, row->key, row->headers, value,
                                      pack(row->lane, row->seq));
    if (err) {
        /* The row is committed: a restart publishes it. */
        engine_fatal(engine, dsp_fatal(DSP_CODE_BROKER_DOWN, "outbox row %d/%lld: %s", row->lane, (long long)row->seq,
                                       rd_kafka_err2str(err)));
    }
    struct lane *lane = &engine->lanes[row->lane];
    lane->sent = row->seq > lane->sent ? row->seq : lane->sent;
    lane->sent_s[row->seq % UNPUBLISHED_MAX] = (int32_t)(dsp_monotonic_ms() / 1000);
}

void publish_rows(struct dsp_engine *engine, const struct vector *outbox)
{
    for (size_t i = 0; i < outbox->count; i++) {
        publish_row(engine, outbox->items[i]);
    }
}

int64_t publish_pending(const struct dsp_engine *engine)
{
    int64_t pending = 0;
    for (int32_t i = 0; i < LANES_MAX; i++) {
        if (engine->lanes[i].owned) {
            pending += engine->lanes[i].out_done - engine->lanes[i].published;
        }
    }
    return pending;
}

void dsp_engine_produce(struct dsp_engine *engine, const char *topic, int32_t partition, struct dsp_str key,
                        struct dsp_str packed_headers, struct dsp_str value,
                        void (*on_done)(void *arg, struct dsp_err err), void *arg)
{
    struct direct *direct = malloc(sizeof *direct);
    if (!direct) {
        abort();
    }
    if (engine->direct_in_flight >= DIRECT_MAX) { /* Kafka is away: they would pile up without end */
        free(direct);
        if (on_done) {
            on_done(arg, dsp_retry(DSP_CODE_BROKER_DOWN, "%d records are not acknowledged yet", DIRECT_MAX));
        }
        return;
    }
    *direct = (struct direct){on_done, arg};
    engine->direct_in_flight++;
    rd_kafka_resp_err_t err = produce(engine, topic, partition < 0 ? RD_KAFKA_PARTITION_UA : partition, key,
                                      packed_headers, value, direct);
    if (err) {
        engine->direct_in_flight--;
        free(direct);
        if (on_done) {
            on_done(arg, dsp_retry(DSP_CODE_BROKER_DOWN, "%s", rd_kafka_err2str(err)));
        }
    }
} /* NOLINT(clang-analyzer-unix.Malloc): the delivery report frees it */
