#include "disputectl/ctl_kafka.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "disputectl/ctl_kafka_internal.h"

#define DELIVERY_MS 30000 /* outlasts a restart of the broker */
#define PURGE_MS (DELIVERY_MS + 3000)

struct delivery {
    bool done;
    rd_kafka_resp_err_t code;
    struct ctl_position position;
};

static void on_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque)
{
    (void)client;
    (void)opaque;
    rd_kafka_timestamp_type_t type;
    struct delivery *delivery = message->_private;
    delivery->done = true;
    delivery->code = message->err;
    delivery->position = (struct ctl_position){
        .partition = message->partition,
        .offset = message->offset,
        .stamp_ms = rd_kafka_message_timestamp(message, &type),
    };
}

/* librdkafka tells the same story in its errors; its log would only stand between a user and the answer. */
static void on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
    if (getenv("CTL_KAFKA_LOG")) {
        fprintf(stderr, "%s %d %s %s\n", rd_kafka_name(client), level, facility, text);
    }
}

static struct dsp_err set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char why[96];
    if (rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "Kafka setting %s: %s", name, why);
    }
    return dsp_ok();
}

static struct dsp_err set_from_file(rd_kafka_conf_t *conf, const char *path)
{
    char line[4096];
    struct dsp_err err = dsp_ok();
    FILE *file = fopen(path, "re");
    if (!file) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "KAFKA_PROPERTIES_FILE: %s cannot be read", path);
    }
    while (!dsp_failed(err) && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = '\0';
        char *value = strchr(line, '=');
        if (line[0] != '#' && value) {
            *value++ = '\0';
            err = set(conf, line, value);
        }
    }
    fclose(file);
    return err;
}

static struct dsp_err configure(rd_kafka_conf_t *conf, const char *servers, rd_kafka_type_t type)
{
    static const char *const COMMON[][2] = {
        {"client.id", "disputectl"},
        {"socket.nagle.disable", "true"},
        {"reconnect.backoff.ms", "50"},
        {"reconnect.backoff.max.ms", "500"},
    };
    static const char *const WRITER[][2] = {
        {"acks", "all"},
        {"enable.idempotence", "true"},
        {"linger.ms", "0"},
        {"partitioner", "murmur2_random"},
        {"message.max.bytes", "5242880"}, /* as our services: the broker decides what it takes */
        {"message.timeout.ms", "30000"},  /* DELIVERY_MS */
    };
    static const char *const READER[][2] = {
        {"group.id", "disputectl-assigns-by-hand"},
        {"enable.auto.commit", "false"},
        {"enable.auto.offset.store", "false"},
        {"auto.offset.reset", "earliest"},
        {"enable.partition.eof", "true"},
        {"isolation.level", "read_uncommitted"},
        {"fetch.wait.max.ms", "50"}, /* a new assignment waits behind a fetch in hand */
        {"fetch.error.backoff.ms", "20"},
        {"fetch.message.max.bytes", "5242880"},
        {"max.poll.interval.ms", "86400000"},
    };
    for (size_t i = 0; i < sizeof COMMON / sizeof *COMMON; i++) {
        DSP_TRY(set(conf, COMMON[i][0], COMMON[i][1]));
    }
    for (size_t i = 0; type == RD_KAFKA_PRODUCER && i < sizeof WRITER / sizeof *WRITER; i++) {
        DSP_TRY(set(conf, WRITER[i][0], WRITER[i][1]));
    }
    for (size_t i = 0; type == RD_KAFKA_CONSUMER && i < sizeof READER / sizeof *READER; i++) {
        DSP_TRY(set(conf, READER[i][0], READER[i][1]));
    }
    if (getenv("KAFKA_PROPERTIES_FILE")) {
        DSP_TRY(set_from_file(conf, getenv("KAFKA_PROPERTIES_FILE")));
    }
    rd_kafka_conf_set_log_cb(conf, on_log);
    if (type == RD_KAFKA_PRODUCER) {
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    }
    return set(conf, "bootstrap.servers", servers);
}

struct dsp_err ctl_kafka_client_new(const char *servers, rd_kafka_type_t type, rd_kafka_t **ret_client)
{
    char why[96];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    struct dsp_err err = configure(conf, servers, type);
    rd_kafka_t *client = dsp_failed(err) ? NULL : rd_kafka_new(type, conf, why, sizeof why);
    if (!client) {
        rd_kafka_conf_destroy(conf);
        return dsp_failed(err) ? err : dsp_fatal(DSP_CODE_CONFIG_INVALID, "Kafka client: %s", why);
    }
    *ret_client = client;
    return dsp_ok();
}

struct dsp_err ctl_kafka_new(const char *servers, struct ctl_kafka **ret_kafka)
{
    servers = servers ? servers : getenv("KAFKA_BOOTSTRAP_SERVERS");
    if (!servers || !*servers) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "KAFKA_BOOTSTRAP_SERVERS is not set; try: eval \"$(scripts/env)\"");
    }
    struct ctl_kafka *kafka = calloc(1, sizeof *kafka);
    char *copy = strdup(servers);
    if (!kafka || !copy) {
        free(kafka);
        free(copy);
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    kafka->servers = copy;
    struct dsp_err err = ctl_kafka_client_new(copy, RD_KAFKA_PRODUCER, &kafka->client);
    if (dsp_failed(err)) {
        ctl_kafka_free(kafka);
        return err;
    }
    *ret_kafka = kafka;
    return dsp_ok();
}

void ctl_kafka_free(struct ctl_kafka *kafka)
{
    if (!kafka) {
        return;
    }
    if (kafka->consumer) {
        rd_kafka_consumer_close(kafka->consumer);
        rd_kafka_destroy(kafka->consumer);
    }
    if (kafka->client) {
        rd_kafka_destroy(kafka->client);
    }
    ctl_offsets_fini(&kafka->assigned);
    free(kafka->servers);
    free(kafka);
}

rd_kafka_t *ctl_kafka_client(struct ctl_kafka *kafka)
{
    return kafka->client;
}

/* --- writing --- */

static rd_kafka_headers_t *headers_of(const struct ctl_record *record)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(record->header_count);
    for (size_t i = 0; i < record->header_count; i++) {
        const struct ctl_header *header = &record->headers[i];
        rd_kafka_header_add(headers, header->name, -1, header->value.ptr, (ssize_t)header->value.len);
    }
    return headers;
}

/* librdkafka copies (RD_KAFKA_MSG_F_COPY) and never writes through these pointers. */
static void *mutable(struct dsp_str bytes)
{
    return (void *)(uintptr_t)bytes.ptr;
}

static struct dsp_err hand_over(struct ctl_kafka *kafka, const struct ctl_record *record, struct delivery *delivery)
{
    int32_t partitions;
    struct dsp_str value = record->value;
    if (!record->tombstone && !value.ptr) {
        value = (struct dsp_str){"", 0};
    }
    DSP_TRY(ctl_kafka_partitions(kafka, record->topic, &partitions));
    if (record->partition >= partitions) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "%s has %d partitions, there is no %d", record->topic, partitions,
                          record->partition);
    }
    rd_kafka_vu_t parts[] = {
        {.vtype = RD_KAFKA_VTYPE_TOPIC, .u.cstr = record->topic},
        {.vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = record->partition < 0 ? RD_KAFKA_PARTITION_UA : record->partition},
        {.vtype = RD_KAFKA_VTYPE_MSGFLAGS, .u.i = RD_KAFKA_MSG_F_COPY},
        {.vtype = RD_KAFKA_VTYPE_KEY, .u.mem = {mutable(record->key), record->key.len}},
        {.vtype = RD_KAFKA_VTYPE_VALUE, .u.mem = {mutable(value), value.len}},
        {.vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = delivery},
        {.vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = headers_of(record)},
    };
    rd_kafka_error_t *error = rd_kafka_produceva(kafka->client, parts, sizeof parts / sizeof *parts);
    if (error) {
        struct dsp_err err = rd_kafka_error_code(error) == RD_KAFKA_RESP_ERR__QUEUE_FULL
                                 ? dsp_retry(DSP_CODE_BROKER_DOWN, "%s", rd_kafka_error_string(error))
                                 : dsp_reject(DSP_CODE_FIELD_INVALID, "%s: %s", record->topic,
                                              rd_kafka_error_string(error));
        rd_kafka_error_destroy(error);
        rd_kafka_headers_destroy(parts[6].u.headers);
        return err;
    }
    return dsp_ok();
}

static bool is_final(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
           code == RD_KAFKA_RESP_ERR_INVALID_RECORD || code == RD_KAFKA_RESP_ERR_INVALID_MSG ||
           code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || code == RD_KAFKA_RESP_ERR_POLICY_VIOLATION;
}

/* Every delivery reports in the end: `deliveries` must not go before. */
static void await_all(struct ctl_kafka *kafka, const struct delivery *deliveries, size_t count)
{
    int64_t give_up = dsp_monotonic_ms() + PURGE_MS;
    for (size_t i = 0; i < count;) {
        if (deliveries[i].done) {
            i++;
            continue;
        }
        rd_kafka_poll(kafka->client, 50);
        if (dsp_monotonic_ms() > give_up) {
            rd_kafka_purge(kafka->client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        }
    }
}

struct dsp_err ctl_kafka_produce_all(struct ctl_kafka *kafka, const struct ctl_record *records, size_t count,
                                     struct ctl_position *ret_positions)
{
    struct dsp_err first = dsp_ok();
    struct delivery *deliveries = calloc(count ? count : 1, sizeof *deliveries);
    if (!deliveries) {
        return dsp_retry(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        struct dsp_err err = hand_over(kafka, &records[i], &deliveries[i]);
        if (dsp_failed(err)) {
            deliveries[i].done = true;
            first = dsp_failed(first) ? first : err;
        }
    }
    await_all(kafka, deliveries, count);
    for (size_t i = 0; i < count && !dsp_failed(first); i++) {
        rd_kafka_resp_err_t code = deliveries[i].code;
        if (code) {
            first = is_final(code)
                        ? dsp_reject(DSP_CODE_FIELD_INVALID, "%s: %s", records[i].topic, rd_kafka_err2str(code))
                        : dsp_retry(DSP_CODE_BROKER_DOWN, "%s: %s", records[i].topic, rd_kafka_err2str(code));
        }
    }
    for (size_t i = 0; i < count && !dsp_failed(first); i++) {
        ret_positions[i] = deliveries[i].position;
    }
    free(deliveries);
    return first;
}

struct dsp_err ctl_kafka_produce(struct ctl_kafka *kafka, const struct ctl_record *record,
                                 struct ctl_position *ret_position)
{
    return ctl_kafka_produce_all(kafka, record, 1, ret_position);
}

int32_t ctl_kafka_partition_of(struct dsp_str key, int32_t partitions)
{
    return rd_kafka_msg_partitioner_murmur2(NULL, key.ptr, key.len, partitions, NULL, NULL);
}
