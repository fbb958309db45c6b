/* Kafka for a tool: every call blocks until it is done or its time is over. One thread.
 *
 * One client writes and asks for offsets, a second one, made on first use, reads; both are kept, so that the
 * second call is fast. Nothing here knows what a record means. */
#ifndef CTL_KAFKA_H
#define CTL_KAFKA_H

#include <stdbool.h>
#include <stdint.h>

#include <librdkafka/rdkafka.h>

#include "common/base/err.h"
#include "common/base/str.h"

#define CTL_TOPIC_BYTES 250 /* Kafka's limit is 249 characters */
#define CTL_HEADERS_MAX 32

struct ctl_kafka; /* opaque */

/* `servers` NULL: KAFKA_BOOTSTRAP_SERVERS. KAFKA_PROPERTIES_FILE (key=value lines) is honoured. Does not
 * connect yet. FATAL CONFIG_INVALID: no servers, or settings that librdkafka refuses. */
DSP_MUST_USE struct dsp_err ctl_kafka_new(const char *servers, struct ctl_kafka **ret_kafka);
void ctl_kafka_free(struct ctl_kafka *kafka);          /* NULL is fine */
rd_kafka_t *ctl_kafka_client(struct ctl_kafka *kafka); /* for admin calls; borrowed */

/* --- writing --- */

struct ctl_header {
    const char *name;     /* may stand several times in a list */
    struct dsp_str value; /* ptr NULL: a header with a null value */
};

struct ctl_record {
    const char *topic;
    int32_t partition;  /* -1: murmur2 of the key, as Java does; without a key a random one */
    struct dsp_str key; /* ptr NULL: no key */
    const struct ctl_header *headers;
    size_t header_count;
    struct dsp_str value; /* ptr NULL and not `tombstone`: an empty value */
    bool tombstone;       /* a null value */
};

struct ctl_position {
    int32_t partition;
    int64_t offset;
    int64_t stamp_ms; /* the broker's under LogAppendTime, else ours; the embedded broker has none: ours */
};

/* Waits for acks=all, 10 s at most. RETRY BROKER_DOWN: not written, or not known to be. REJECT: the broker
 * or librdkafka refused it for good (too big, no such topic or partition). */
DSP_MUST_USE struct dsp_err ctl_kafka_produce(struct ctl_kafka *kafka, const struct ctl_record *record,
                                              struct ctl_position *ret_position);
/* The same for many at once, in order within a partition; positions has as many members. The first error. */
DSP_MUST_USE struct dsp_err ctl_kafka_produce_all(struct ctl_kafka *kafka, const struct ctl_record *records,
                                                  size_t count, struct ctl_position *ret_positions);

/* --- offsets --- */

/* A place in one partition; lists of them are what reading starts from and ends at. */
struct ctl_offset {
    char topic[CTL_TOPIC_BYTES];
    int32_t partition;
    int64_t next; /* offset of the next record to read */
};

/* Grows by ctl_offsets_add and _add_topic. Zeroed = empty. */
struct ctl_offsets {
    struct ctl_offset *items;
    size_t count, room;
};
void ctl_offsets_fini(struct ctl_offsets *offsets);
void ctl_offsets_add(struct ctl_offsets *offsets, const char *topic, int32_t partition, int64_t next);
/* NULL: not in the list. Borrowed until the list grows. */
struct ctl_offset *ctl_offsets_find(const struct ctl_offsets *offsets, const char *topic, int32_t partition);
/* Adds every partition of a topic; `next` 0 = from the beginning (what retention has taken is skipped).
 * RETRY BROKER_DOWN; REJECT FIELD_INVALID: there is no such topic. */
DSP_MUST_USE struct dsp_err ctl_offsets_add_topic(struct ctl_kafka *kafka, struct ctl_offsets *offsets,
                                                  const char *topic, int64_t next);

/* Partitions of a topic, remembered per client. Errors as above. */
DSP_MUST_USE struct dsp_err ctl_kafka_partitions(struct ctl_kafka *kafka, const char *topic, int32_t *ret_count);
/* Sets `next` of every member to the present end (the offset that the next record will get): one request per
 * broker whatever the count, about 1 ms. REJECT FIELD_INVALID: a topic or partition does not exist.
 * `timeout_ms` bounds it. */
DSP_MUST_USE struct dsp_err ctl_kafka_ends(struct ctl_kafka *kafka, struct ctl_offset *offsets, size_t count,
                                           int timeout_ms);
/* The partition of a key, as the producer chooses it. */
int32_t ctl_kafka_partition_of(struct dsp_str key, int32_t partitions);

/* --- reading --- */

/* One record as read; everything is borrowed for the call. */
struct ctl_message {
    const char *topic;
    int32_t partition;
    int64_t offset;
    int64_t stamp_ms;     /* -1: none */
    struct dsp_str key;   /* ptr NULL: none */
    struct dsp_str value; /* ptr NULL: tombstone */
    const struct ctl_header *headers;
    size_t header_count;
};

/* false: enough, stop reading. */
typedef bool ctl_on_message(void *arg, const struct ctl_message *message);

/* Reads every record between `next` of each member and at least the end as it was when the call began, in order
 * within a partition, and moves `next` past each record that was handed over (to the end in the end). Several
 * topics may be read in one call. Calling again with the same list reads on without a new assignment: a few
 * milliseconds; when there is nothing new no reader is touched at all.
 * RETRY BROKER_DOWN: nothing came for 10 s; `next` says how far it went. */
DSP_MUST_USE struct dsp_err ctl_kafka_read(struct ctl_kafka *kafka, struct ctl_offsets *offsets,
                                           ctl_on_message *on_message, void *arg);

/* The header's value; an empty view when it is not there. The last one of several. */
struct dsp_str ctl_message_header(const struct ctl_message *message, const char *name);

#endif
