#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "disputectl/ctl_kafka_internal.h"

#define SILENCE_MS 10000

/* --- lists of places --- */

void ctl_offsets_fini(struct ctl_offsets *offsets)
{
    free(offsets->items);
    *offsets = (struct ctl_offsets){0};
}

void ctl_offsets_add(struct ctl_offsets *offsets, const char *topic, int32_t partition, int64_t next)
{
    if (offsets->count == offsets->room) {
        offsets->room = offsets->room ? offsets->room * 2 : 16;
        offsets->items = realloc(offsets->items, offsets->room * sizeof *offsets->items);
        if (!offsets->items) {
            abort(); /* a few KiB in a command-line tool: nothing sensible is left to do */
        }
    }
    struct ctl_offset *item = &offsets->items[offsets->count++];
    *item = (struct ctl_offset){.partition = partition, .next = next};
    snprintf(item->topic, sizeof item->topic, "%s", topic);
}

struct ctl_offset *ctl_offsets_find(const struct ctl_offsets *offsets, const char *topic, int32_t partition)
{
    for (size_t i = 0; i < offsets->count; i++) {
        if (offsets->items[i].partition == partition && strcmp(offsets->items[i].topic, topic) == 0) {
            return &offsets->items[i];
        }
    }
    return NULL;
}

struct dsp_err ctl_offsets_add_topic(struct ctl_kafka *kafka, struct ctl_offsets *offsets, const char *topic,
                                     int64_t next)
{
    int32_t count;
    DSP_TRY(ctl_kafka_partitions(kafka, topic, &count));
    for (int32_t i = 0; i < count; i++) {
        ctl_offsets_add(offsets, topic, i, next);
    }
    return dsp_ok();
}

/* --- metadata and ends --- */

static int32_t known_partitions(const struct ctl_kafka *kafka, const char *topic)
{
    for (size_t i = 0; i < kafka->known_count; i++) {
        if (strcmp(kafka->known[i].name, topic) == 0) {
            return kafka->known[i].partitions;
        }
    }
    return 0;
}

static void remember(struct ctl_kafka *kafka, const rd_kafka_metadata_topic_t *topic)
{
    if (topic->err || topic->partition_cnt == 0 || known_partitions(kafka, topic->topic) ||
        kafka->known_count == CTL_KNOWN_TOPICS_MAX) {
        return;
    }
    struct ctl_known_topic *known = &kafka->known[kafka->known_count++];
    snprintf(known->name, sizeof known->name, "%s", topic->topic);
    known->partitions = topic->partition_cnt;
}

/* All topics with one request: a tool asks for several soon after. */
struct dsp_err ctl_kafka_partitions(struct ctl_kafka *kafka, const char *topic, int32_t *ret_count)
{
    const struct rd_kafka_metadata *metadata;
    int32_t count = known_partitions(kafka, topic);
    if (!count) {
        rd_kafka_resp_err_t code = rd_kafka_metadata(kafka->client, 1, NULL, &metadata, CTL_METADATA_MS);
        if (code) {
            return dsp_retry(DSP_CODE_BROKER_DOWN, "Kafka at %.60s: %s", kafka->servers, rd_kafka_err2str(code));
        }
        for (int i = 0; i < metadata->topic_cnt; i++) {
            remember(kafka, &metadata->topics[i]);
        }
        rd_kafka_metadata_destroy(metadata);
        count = known_partitions(kafka, topic);
    }
    if (!count) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "there is no topic %s", topic);
    }
    *ret_count = count;
    return dsp_ok();
}

struct dsp_err ctl_kafka_ends(struct ctl_kafka *kafka, struct ctl_offset *offsets, size_t count, int timeout_ms)
{
    struct dsp_err err = dsp_ok();
    if (count == 0) {
        return err;
    }
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_topic_partition_list_add(list, offsets[i].topic, offsets[i].partition)->offset = RD_KAFKA_OFFSET_END;
    }
    /* The "time" -1 is what the protocol calls the latest offset: all partitions of a broker in one request. */
    rd_kafka_resp_err_t code = rd_kafka_offsets_for_times(kafka->client, list, timeout_ms);
    if (code) {
        err = dsp_retry(DSP_CODE_BROKER_DOWN, "Kafka at %.60s: %s", kafka->servers, rd_kafka_err2str(code));
    }
    for (size_t i = 0; i < count && !dsp_failed(err); i++) {
        const rd_kafka_topic_partition_t *one = &list->elems[i];
        if (one->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || one->err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION) {
            err = dsp_reject(DSP_CODE_FIELD_INVALID, "there is no %s [%d]", one->topic, one->partition);
        } else if (one->err || one->offset < 0) {
            err = dsp_retry(DSP_CODE_BROKER_DOWN, "%s [%d]: %s", one->topic, one->partition,
                            rd_kafka_err2str(one->err));
        }
    }
    for (size_t i = 0; i < count && !dsp_failed(err); i++) {
        offsets[i].next = list->elems[i].offset;
    }
    rd_kafka_topic_partition_list_destroy(list);
    return err;
}

/* --- reading --- */

/* Is the consumer just where this list wants to go on? */
static bool is_assigned(const struct ctl_kafka *kafka, const struct ctl_offsets *offsets)
{
    if (kafka->assigned.count != offsets->count) {
        return false;
    }
    for (size_t i = 0; i < offsets->count; i++) {
        const struct ctl_offset *has = &kafka->assigned.items[i];
        const struct ctl_offset *wants = &offsets->items[i];
        if (has->partition != wants->partition || has->next != wants->next || strcmp(has->topic, wants->topic) != 0) {
            return false;
        }
    }
    return true;
}

static struct dsp_err assign(struct ctl_kafka *kafka, const struct ctl_offsets *offsets)
{
    if (!kafka->consumer) {
        DSP_TRY(ctl_kafka_client_new(kafka->servers, RD_KAFKA_CONSUMER, &kafka->consumer));
        rd_kafka_poll_set_consumer(kafka->consumer);
    }
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)offsets->count);
    ctl_offsets_fini(&kafka->assigned);
    for (size_t i = 0; i < offsets->count; i++) {
        const struct ctl_offset *item = &offsets->items[i];
        rd_kafka_topic_partition_list_add(list, item->topic, item->partition)->offset = item->next;
        ctl_offsets_add(&kafka->assigned, item->topic, item->partition, item->next);
    }
    rd_kafka_resp_err_t code = rd_kafka_assign(kafka->consumer, list);
    rd_kafka_topic_partition_list_destroy(list);
    return code ? dsp_retry(DSP_CODE_BROKER_DOWN, "reading: %s", rd_kafka_err2str(code)) : dsp_ok();
}

struct reading {
    struct ctl_kafka *kafka;
    struct ctl_offsets *offsets;
    struct ctl_offsets ends;
    ctl_on_message *on_message;
    void *arg;
    bool stopped;
};

static void move_to(struct reading *reading, const char *topic, int32_t partition, int64_t next)
{
    struct ctl_offset *ours = ctl_offsets_find(reading->offsets, topic, partition);
    struct ctl_offset *consumers = ctl_offsets_find(&reading->kafka->assigned, topic, partition);
    if (ours && consumers) { /* always: both lists name the same places */
        ours->next = next;
        consumers->next = next;
    }
}

static void hand_over(struct reading *reading, const rd_kafka_message_t *message)
{
    struct ctl_header headers[CTL_HEADERS_MAX];
    rd_kafka_headers_t *raw = NULL;
    rd_kafka_timestamp_type_t type;
    size_t count = 0;
    if (rd_kafka_message_headers(message, &raw) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const void *value;
        size_t size;
        while (count < CTL_HEADERS_MAX &&
               rd_kafka_header_get_all(raw, count, &headers[count].name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR) {
            headers[count++].value = (struct dsp_str){value, value ? size : 0};
        }
    }
    struct ctl_message out = {
        .topic = rd_kafka_topic_name(message->rkt),
        .partition = message->partition,
        .offset = message->offset,
        .stamp_ms = rd_kafka_message_timestamp(message, &type),
        .key = {message->key, message->key ? message->key_len : 0},
        .value = {message->payload, message->payload ? message->len : 0},
        .headers = headers,
        .header_count = count,
    };
    reading->stopped = !reading->on_message(reading->arg, &out);
}

static struct dsp_err take(struct reading *reading, const rd_kafka_message_t *message)
{
    const char *topic = message->rkt ? rd_kafka_topic_name(message->rkt) : "";
    const struct ctl_offset *place = ctl_offsets_find(reading->offsets, topic, message->partition);
    if (message->err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "there is no %s [%d]", topic, message->partition);
    }
    if (!place || message->offset < place->next) {
        return dsp_ok(); /* of an assignment before this one, or connection news that reading outlives */
    }
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        move_to(reading, topic, message->partition, message->offset);
    } else if (!message->err) {
        hand_over(reading, message);
        move_to(reading, topic, message->partition, message->offset + 1);
    }
    return dsp_ok();
}

static bool at_end(const struct reading *reading)
{
    for (size_t i = 0; i < reading->ends.count; i++) {
        if (reading->offsets->items[i].next < reading->ends.items[i].next) {
            return false;
        }
    }
    return true;
}

static struct dsp_err read_to_end(struct reading *reading)
{
    int64_t heard_ms = dsp_monotonic_ms();
    while (!reading->stopped && !at_end(reading)) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(reading->kafka->consumer, 100);
        if (message) {
            struct dsp_err err = take(reading, message);
            bool good = !message->err;
            rd_kafka_message_destroy(message);
            DSP_TRY(err);
            heard_ms = good ? dsp_monotonic_ms() : heard_ms;
        }
        if (dsp_monotonic_ms() - heard_ms > SILENCE_MS) {
            return dsp_retry(DSP_CODE_BROKER_DOWN, "Kafka at %.60s hands over no records", reading->kafka->servers);
        }
    }
    return dsp_ok();
}

struct dsp_err ctl_kafka_read(struct ctl_kafka *kafka, struct ctl_offsets *offsets, ctl_on_message *on_message,
                              void *arg)
{
    struct reading reading = {.kafka = kafka, .offsets = offsets, .on_message = on_message, .arg = arg};
    for (size_t i = 0; i < offsets->count; i++) {
        ctl_offsets_add(&reading.ends, offsets->items[i].topic, offsets->items[i].partition, 0);
    }
    struct dsp_err err = ctl_kafka_ends(kafka, reading.ends.items, reading.ends.count, CTL_METADATA_MS);
    if (!dsp_failed(err) && !at_end(&reading)) {
        err = is_assigned(kafka, offsets) ? dsp_ok() : assign(kafka, offsets);
        err = dsp_failed(err) ? err : read_to_end(&reading);
    }
    ctl_offsets_fini(&reading.ends);
    return err;
}

struct dsp_str ctl_message_header(const struct ctl_message *message, const char *name)
{
    for (size_t i = message->header_count; i-- > 0;) {
        if (strcmp(message->headers[i].name, name) == 0) {
            return message->headers[i].value;
        }
    }
    return (struct dsp_str){NULL, 0};
}
