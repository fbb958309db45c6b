/* deploy/kafka/topics.json and what a broker has of it. */
#ifndef CTL_TOPICS_H
#define CTL_TOPICS_H

#include <jansson.h>

#include "disputectl/ctl_kafka.h"

#define CTL_TOPIC_CONFIGS_MAX 8
#define CTL_CONFIG_BYTES 32

struct ctl_topic {
    const char *name; /* in the list's JSON */
    int partitions;
    struct ctl_topic_config {
        const char *name; /* Kafka's: "retention.ms" */
        char value[CTL_CONFIG_BYTES];
    } configs[CTL_TOPIC_CONFIGS_MAX];
    size_t config_count;
};

struct ctl_topic_list {
    json_t *json;
    struct ctl_topic *topics;
    size_t count;
};

/* `partitions` NULL: as the file says. REJECT FIELD_INVALID names what is wrong. */
DSP_MUST_USE struct dsp_err ctl_topic_list_read(const char *path, const char *partitions,
                                                struct ctl_topic_list *ret_list);
/* The same from JSON; takes the reference, also on failure. */
DSP_MUST_USE struct dsp_err ctl_topic_list_from(json_t *json, const char *partitions, struct ctl_topic_list *ret_list);
void ctl_topic_list_fini(struct ctl_topic_list *list);

struct ctl_topic_findings {
    const struct ctl_topic **missing; /* borrowed from the list */
    size_t missing_count;
    char **differences; /* "disputes.x.v1: retention.ms is 1, listed 2" */
    size_t difference_count;
};
void ctl_topic_findings_fini(struct ctl_topic_findings *findings);

/* Asks the broker for partitions and settings of all listed topics. REJECT NOT_READY: it has no admin calls
 * (then what is missing and partitions are known all the same). RETRY BROKER_DOWN. */
DSP_MUST_USE struct dsp_err ctl_topics_compare(struct ctl_kafka *kafka, const struct ctl_topic_list *list,
                                               struct ctl_topic_findings *ret_findings);
/* Creates what is missing in one call; one that came into being meanwhile is fine. Errors as above. */
DSP_MUST_USE struct dsp_err ctl_topics_create(struct ctl_kafka *kafka, const struct ctl_topic_findings *findings);

#endif
