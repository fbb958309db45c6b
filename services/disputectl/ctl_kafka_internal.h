/* Shared by ctl_kafka.c (client, writing) and ctl_kafka_read.c (offsets, reading). */
#ifndef CTL_KAFKA_INTERNAL_H
#define CTL_KAFKA_INTERNAL_H

#include "disputectl/ctl_kafka.h"

#define CTL_KNOWN_TOPICS_MAX 256
#define CTL_METADATA_MS 5000

struct ctl_known_topic {
    char name[CTL_TOPIC_BYTES];
    int32_t partitions;
};

struct ctl_kafka {
    char *servers;
    rd_kafka_t *client;   /* writes, asks for offsets and metadata; never fetches, so nothing waits behind a fetch */
    rd_kafka_t *consumer; /* made on first use */
    struct ctl_offsets assigned; /* what the consumer reads, `next` = what it will hand over next */
    struct ctl_known_topic known[CTL_KNOWN_TOPICS_MAX];
    size_t known_count;
};

/* A client with our settings and those of KAFKA_PROPERTIES_FILE. */
DSP_MUST_USE struct dsp_err ctl_kafka_client_new(const char *servers, rd_kafka_type_t type, rd_kafka_t **ret_client);

#endif
