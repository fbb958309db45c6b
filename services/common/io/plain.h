/* Topics that every instance reads whole, by plain assignment from the beginning: platform state, case keys,
 * sandbox clock. Loop thread only. */
#ifndef DSP_PLAIN_H
#define DSP_PLAIN_H

#include <event2/event.h>
#include <jansson.h>
#include <librdkafka/rdkafka.h>

#include "common/base/err.h"
#include "common/io/kafka_conf.h"

struct dsp_plain; /* opaque */

struct dsp_plain_topic {
    const char *name;
    /* One record, in the order of its partition. Borrowed for the call. */
    void (*on_record)(void *self, const rd_kafka_message_t *message);
    void *self;
};

struct dsp_plain_options {
    struct event_base *base;
    struct dsp_kafka_access kafka;
    const struct dsp_plain_topic *topics; /* copied; names must be static */
    size_t count;
    /* Once: everything that was there at the start has been read. */
    void (*on_caught_up)(void *arg);
    /* Something was read after that. */
    void (*on_news)(void *arg);
    void *arg;
};

/* Starts at once; a broker or topic that is not there yet is waited for. NULL: out of memory, bad settings. */
struct dsp_plain *dsp_plain_new(const struct dsp_plain_options *options);
void dsp_plain_free(struct dsp_plain *plain); /* NULL is fine */
/* Adds {topic: {partition: next offset}} to a report. */
void dsp_plain_report(const struct dsp_plain *plain, json_t *positions);

#endif
