#include "sender.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/io/envelope.h"
#include "common/service/message.h"

#define QUEUE_MAX 150000 /* records on their way: more wait */

struct sender {
    rd_kafka_t *kafka;
    struct dsp_arena *arena; /* one record */
};

void bench_die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("bench: ", stderr);
    vfprintf(stderr, format, arguments); /* NOLINT(clang-analyzer-valist.Uninitialized): va_start is above */
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

rd_kafka_t *bench_consumer(const char *const settings[][2], size_t count)
{
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < count; i++) {
        if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], why, sizeof why) != RD_KAFKA_CONF_OK) {
            bench_die("%s", why);
        }
    }
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (!consumer) {
        bench_die("%s", why);
    }
    return consumer;
}

static void on_delivery(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque)
{
    (void)kafka;
    (void)opaque;
    if (message->err) {
        bench_die("a record was not taken: %s", rd_kafka_err2str(message->err));
    }
}

struct sender *sender_new(const char *brokers)
{
    char why[256];
    const char *settings[][2] = {{"bootstrap.servers", brokers},
                                 {"partitioner", "murmur2_random"},
                                 {"enable.idempotence", "true"},
                                 {"acks", "all"},
                                 {"linger.ms", "1"},
                                 {"queue.buffering.max.messages", "200000"},
                                 {"message.max.bytes", "5242880"}};
    struct sender *sender = calloc(1, sizeof *sender);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], why, sizeof why) != RD_KAFKA_CONF_OK) {
            bench_die("%s", why);
        }
    }
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    if (!sender || !(sender->arena = dsp_arena_new(1u << 20)) ||
        !(sender->kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why))) {
        bench_die("no producer: %s", why);
    }
    return sender;
}

rd_kafka_t *sender_kafka(struct sender *sender)
{
    return sender->kafka;
}

void sender_poll(struct sender *sender)
{
    while (rd_kafka_poll(sender->kafka, 0) > 0) {
    }
}

void sender_flush(struct sender *sender)
{
    while (rd_kafka_flush(sender->kafka, 1000) == RD_KAFKA_RESP_ERR__TIMED_OUT) {
    }
}

void sender_free(struct sender *sender)
{
    if (sender) {
        sender_flush(sender);
        rd_kafka_destroy(sender->kafka);
        dsp_arena_free(sender->arena);
        free(sender);
    }
}

void sender_send(struct sender *sender, const struct sending *what, const ProtobufCMessage *message)
{
    struct dsp_str packed;
    struct dsp_str value;
    struct dsp_out_headers out = {.source = what->source,
                                  .type = what->type,
                                  .schema = what->schema,
                                  .case_id = *what->case_id,
                                  .order_id = dsp_str_from(what->key),
                                  .time_ms = dsp_real_ms(),
                                  .sequence = what->sequence,
                                  .lane_sequence = what->lane_sequence,
                                  .entry_hash = what->hash};
    dsp_arena_reset(sender->arena);
    if (dsp_failed(dsp_uuid_v7(&out.id)) || dsp_failed(dsp_headers_pack(sender->arena, &out, &packed)) ||
        dsp_failed(dsp_message_pack(sender->arena, message, &value))) {
        bench_die("a record cannot be made");
    }
    while (rd_kafka_outq_len(sender->kafka) > QUEUE_MAX) {
        rd_kafka_poll(sender->kafka, 10);
    }
    rd_kafka_headers_t *headers = dsp_headers_unpack(packed);
    rd_kafka_resp_err_t err = rd_kafka_producev(
        sender->kafka, RD_KAFKA_V_TOPIC(what->topic), RD_KAFKA_V_PARTITION(what->partition),
        RD_KAFKA_V_KEY(what->key, strlen(what->key)), RD_KAFKA_V_VALUE((void *)(uintptr_t)value.ptr, value.len),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (err) {
        bench_die("%s: %s", what->topic, rd_kafka_err2str(err));
    }
}
