#include "common/io/plain.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/log.h"

#define TOPICS_MAX 8
#define PARTITIONS_MAX 64
#define RETRY_MS 200
#define READ_MAX 5000 /* records of one call */

struct part {
    int64_t next;   /* next offset to read */
    int64_t target; /* end at the start */
};

struct dsp_plain {
    struct dsp_plain_options options;
    struct dsp_plain_topic topics[TOPICS_MAX];
    struct part parts[TOPICS_MAX][PARTITIONS_MAX];
    int32_t part_count[TOPICS_MAX];
    rd_kafka_t *consumer;
    int fd;
    struct event *readable;
    struct event *tick;
    bool assigned;
    bool caught_up;
};

static int32_t partitions_of(struct dsp_plain *plain, const char *name)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(plain->consumer, name, NULL);
    int32_t count = 0;
    /* The loop has nothing else to do before these topics are read; half a second bounds it. */
    if (topic && rd_kafka_metadata(plain->consumer, 0, topic, &metadata, 500) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        count = metadata->topic_cnt == 1 ? metadata->topics[0].partition_cnt : 0;
        rd_kafka_metadata_destroy(metadata);
    }
    if (topic) {
        rd_kafka_topic_destroy(topic);
    }
    return count > PARTITIONS_MAX ? PARTITIONS_MAX : count;
}

static bool try_assign(struct dsp_plain *plain)
{
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(16);
    bool ok = true;
    for (size_t t = 0; ok && t < plain->options.count; t++) {
        const char *name = plain->topics[t].name;
        plain->part_count[t] = partitions_of(plain, name);
        ok = plain->part_count[t] > 0;
        for (int32_t p = 0; ok && p < plain->part_count[t]; p++) {
            int64_t low = 0;
            int64_t high = 0;
            ok = rd_kafka_query_watermark_offsets(plain->consumer, name, p, &low, &high, 500) ==
                 RD_KAFKA_RESP_ERR_NO_ERROR;
            plain->parts[t][p] = (struct part){.next = low, .target = high};
            rd_kafka_topic_partition_list_add(list, name, p)->offset = low;
        }
    }
    if (ok) {
        ok = rd_kafka_assign(plain->consumer, list) == RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return ok;
}

static void check_caught_up(struct dsp_plain *plain)
{
    for (size_t t = 0; t < plain->options.count; t++) {
        for (int32_t p = 0; p < plain->part_count[t]; p++) {
            if (plain->parts[t][p].next < plain->parts[t][p].target) {
                return;
            }
        }
    }
    plain->caught_up = true;
    plain->options.on_caught_up(plain->options.arg);
}

static bool take(struct dsp_plain *plain, const rd_kafka_message_t *message)
{
    if (message->err) {
        dsp_log(DSP_LOG_WARN, "kafka reader", DSP_F_TEXT("error.message", rd_kafka_message_errstr(message)));
        return false;
    }
    const char *name = rd_kafka_topic_name(message->rkt);
    for (size_t t = 0; t < plain->options.count; t++) {
        if (strcmp(plain->topics[t].name, name) == 0 && message->partition < PARTITIONS_MAX) {
            struct part *part = &plain->parts[t][message->partition];
            if (message->offset >= part->next) { /* else read twice after a change of the leader */
                plain->topics[t].on_record(plain->topics[t].self, message);
                part->next = message->offset + 1;
                return true;
            }
        }
    }
    return false;
}

static void read_all(struct dsp_plain *plain)
{
    bool news = false;
    for (int i = 0;; i++) {
        if (i == READ_MAX) { /* the descriptor only tells of a queue that was empty */
            event_active(plain->readable, EV_READ, 0);
            break;
        }
        rd_kafka_message_t *message = rd_kafka_consumer_poll(plain->consumer, 0);
        if (!message) {
            break;
        }
        news = take(plain, message) || news;
        rd_kafka_message_destroy(message);
    }
    if (!plain->assigned) {
        return;
    }
    if (!plain->caught_up) {
        check_caught_up(plain);
    } else if (news) {
        plain->options.on_news(plain->options.arg);
    }
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)what;
    uint64_t count;
    if (read(fd, &count, sizeof count) < 0) {
        /* Nothing to clear: reading below does not depend on it. */
    }
    read_all(arg);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct dsp_plain *plain = arg;
    if (!plain->assigned) {
        plain->assigned = try_assign(plain);
    }
    read_all(plain);
}

struct dsp_plain *dsp_plain_new(const struct dsp_plain_options *options)
{
    static const struct timeval TICK = {0, RETRY_MS * 1000};
    static const uint64_t ONE = 1;
    static const struct dsp_kafka_setting SETTINGS[] = {
        {"group.id", "unused-plain-assignment"}, /* librdkafka wants one; nothing is committed to it */
        {"enable.auto.commit", "false"},         {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "earliest"},       {"fetch.wait.max.ms", "100"},
        {"fetch.error.backoff.ms", "20"},        {"topic.metadata.refresh.interval.ms", "5000"},
    };
    char why[256];
    struct dsp_plain *plain = calloc(1, sizeof *plain);
    rd_kafka_conf_t *conf = dsp_kafka_conf(&options->kafka, SETTINGS, sizeof SETTINGS / sizeof *SETTINGS);
    if (!plain || !conf || options->count > TOPICS_MAX) {
        if (conf) {
            rd_kafka_conf_destroy(conf);
        }
        free(plain);
        return NULL;
    }
    plain->options = *options;
    memcpy(plain->topics, options->topics, options->count * sizeof *options->topics);
    plain->consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (!plain->consumer) {
        dsp_log(DSP_LOG_ERROR, "kafka reader", DSP_F_TEXT("error.message", why));
        rd_kafka_conf_destroy(conf);
        free(plain);
        return NULL;
    }
    plain->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    rd_kafka_poll_set_consumer(plain->consumer);
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(plain->consumer);
    rd_kafka_queue_io_event_enable(queue, plain->fd, &ONE, sizeof ONE);
    rd_kafka_queue_destroy(queue);
    plain->readable = event_new(options->base, plain->fd, EV_READ | EV_PERSIST, on_readable, plain);
    plain->tick = event_new(options->base, -1, EV_PERSIST, on_tick, plain);
    event_add(plain->readable, NULL);
    event_add(plain->tick, &TICK);
    event_active(plain->tick, EV_TIMEOUT, 0);
    return plain;
}

void dsp_plain_free(struct dsp_plain *plain)
{
    if (!plain) {
        return;
    }
    event_free(plain->readable);
    event_free(plain->tick);
    rd_kafka_consumer_close(plain->consumer);
    rd_kafka_destroy(plain->consumer);
    close(plain->fd);
    free(plain);
}

void dsp_plain_report(const struct dsp_plain *plain, json_t *positions)
{
    for (size_t t = 0; t < plain->options.count; t++) {
        json_t *parts = json_object();
        for (int32_t p = 0; p < plain->part_count[t]; p++) {
            char number[16];
            snprintf(number, sizeof number, "%d", p);
            json_object_set_new(parts, number, json_integer(plain->parts[t][p].next));
        }
        json_object_set_new(positions, plain->topics[t].name, parts);
    }
}
