/* What the load generator publishes: commands, inbound records and whole logs, as their writers would. One thread. */
#ifndef BENCH_SENDER_H
#define BENCH_SENDER_H

#include <librdkafka/rdkafka.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/id.h"

struct sender; /* opaque */

/* The producer settings are those of the services. Ends the process when there is no broker to be had. */
struct sender *sender_new(const char *brokers);
void sender_free(struct sender *sender); /* waits for what is on its way */
rd_kafka_t *sender_kafka(struct sender *sender);
/* Serves delivery reports; a failed delivery ends the process. */
void sender_poll(struct sender *sender);
/* Waits until everything is acknowledged. */
void sender_flush(struct sender *sender);

struct sending {
    const char *topic;
    const char *source; /* ce_source */
    const char *type;
    const char *schema;
    const char *key;
    const struct dsp_uuid *case_id;
    int32_t partition;     /* -1: by the key */
    int64_t sequence;      /* ce_sequence; 0 = none */
    int64_t lane_sequence; /* ce_lanesequence; 0 = none */
    const uint8_t *hash;   /* ce_entryhash; NULL = none */
};
/* Every record has a new ce_id and a trace. */
void sender_send(struct sender *sender, const struct sending *what, const ProtobufCMessage *message);

/* A consumer with `count` settings, name and value. Ends the process when one is refused. */
rd_kafka_t *bench_consumer(const char *const settings[][2], size_t count);

/* Prints why and ends the process: a benchmark that goes on after an error measures nothing. */
void bench_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

#endif
