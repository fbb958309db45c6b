#include "disputectl/ctl_topics.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "disputectl/ctl_json.h"

#define METADATA_MS 10000
#define ADMIN_MS 30000
#define CONTROLLER_MS 3000
#define PARTITIONS_MOST 10000
#define WHY_BYTES 256

/* --- the list --- */

static const struct {
    const char *member, *config;
} CONFIGS[] = {
    {"cleanup", "cleanup.policy"},
    {"retention_ms", "retention.ms"},
    {"delete_retention_ms", "delete.retention.ms"},
    {"timestamp_type", "message.timestamp.type"},
    {"max_message_bytes", "max.message.bytes"},
};

static struct dsp_err read_topic(const json_t *json, int partitions, struct ctl_topic *ret_topic)
{
    const json_t *own = json_object_get(json, "partitions");
    struct ctl_topic topic = {.name = json_string_value(json_object_get(json, "name")),
                              .partitions = own ? (int)json_integer_value(own) : partitions};
    if (!topic.name || !*topic.name || strlen(topic.name) >= CTL_TOPIC_BYTES) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a topic without a usable name");
    }
    if (topic.partitions < 1 || topic.partitions > PARTITIONS_MOST) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "%s: %d partitions", topic.name, topic.partitions);
    }
    for (size_t i = 0; i < sizeof CONFIGS / sizeof *CONFIGS; i++) {
        const json_t *value = json_object_get(json, CONFIGS[i].member);
        struct ctl_topic_config *config = &topic.configs[topic.config_count];
        if (json_is_string(value)) {
            snprintf(config->value, sizeof config->value, "%s", json_string_value(value));
        } else if (json_is_integer(value)) {
            snprintf(config->value, sizeof config->value, "%lld", (long long)json_integer_value(value));
        } else if (value) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "%s: %s is no text or number", topic.name, CONFIGS[i].member);
        } else {
            continue;
        }
        config->name = CONFIGS[i].config;
        topic.config_count++;
    }
    *ret_topic = topic;
    return dsp_ok();
}

struct dsp_err ctl_topic_list_from(json_t *json, const char *partitions, struct ctl_topic_list *ret_list)
{
    const json_t *topics = json_object_get(json, "topics");
    int shared = partitions && *partitions ? atoi(partitions)
                                           : (int)json_integer_value(json_object_get(json, "partitions"));
    struct ctl_topic_list list = {.json = json, .count = json_array_size(topics)};
    list.topics = calloc(list.count ? list.count : 1, sizeof *list.topics);
    struct dsp_err err = list.topics ? dsp_ok() : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    if (!dsp_failed(err) && list.count == 0) {
        err = dsp_reject(DSP_CODE_FIELD_INVALID, "there is no list \"topics\"");
    }
    for (size_t i = 0; !dsp_failed(err) && i < list.count; i++) {
        err = read_topic(json_array_get(topics, i), shared, &list.topics[i]);
    }
    if (dsp_failed(err)) {
        ctl_topic_list_fini(&list);
        return err;
    }
    *ret_list = list;
    return err;
}

struct dsp_err ctl_topic_list_read(const char *path, const char *partitions, struct ctl_topic_list *ret_list)
{
    json_t *json;
    DSP_TRY(ctl_json_read_file(path, &json));
    return ctl_topic_list_from(json, partitions, ret_list);
}

void ctl_topic_list_fini(struct ctl_topic_list *list)
{
    json_decref(list->json);
    free(list->topics);
    *list = (struct ctl_topic_list){0};
}

void ctl_topic_findings_fini(struct ctl_topic_findings *findings)
{
    for (size_t i = 0; i < findings->difference_count; i++) {
        free(findings->differences[i]);
    }
    free(findings->differences);
    free(findings->missing);
    *findings = (struct ctl_topic_findings){0};
}

__attribute__((format(printf, 2, 3))) static void differ(struct ctl_topic_findings *findings, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    char **grown = realloc(findings->differences, (findings->difference_count + 1) * sizeof *grown);
    if (!grown) {
        abort(); /* some bytes in a command-line tool */
    }
    findings->differences = grown;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) >= 0) {
        findings->differences[findings->difference_count++] = text;
    }
    va_end(arguments);
}

/* --- comparing --- */

static const struct ctl_topic *topic_named(const struct ctl_topic_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->topics[i].name, name) == 0) {
            return &list->topics[i];
        }
    }
    return NULL;
}

static int partitions_in(const struct rd_kafka_metadata *metadata, const char *name)
{
    for (int i = 0; i < metadata->topic_cnt; i++) {
        if (strcmp(metadata->topics[i].topic, name) == 0) {
            return metadata->topics[i].partition_cnt;
        }
    }
    return 0;
}

static struct dsp_err compare_partitions(struct ctl_kafka *kafka, const struct ctl_topic_list *list,
                                         struct ctl_topic_findings *findings)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code = rd_kafka_metadata(ctl_kafka_client(kafka), 1, NULL, &metadata, METADATA_MS);
    if (code) {
        return dsp_retry(DSP_CODE_BROKER_DOWN, "Kafka: %s", rd_kafka_err2str(code));
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct ctl_topic *topic = &list->topics[i];
        int has = partitions_in(metadata, topic->name);
        if (has == 0) {
            findings->missing[findings->missing_count++] = topic;
        } else if (has != topic->partitions) {
            differ(findings, "%s: partitions are %d, listed %d", topic->name, has, topic->partitions);
        }
    }
    rd_kafka_metadata_destroy(metadata);
    return dsp_ok();
}

static void compare_configs(const struct ctl_topic *topic, const rd_kafka_ConfigResource_t *resource,
                            struct ctl_topic_findings *findings)
{
    size_t count;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (size_t c = 0; c < topic->config_count; c++) {
        for (size_t i = 0; i < count; i++) {
            const char *value = rd_kafka_ConfigEntry_value(entries[i]);
            if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), topic->configs[c].name) == 0 && value &&
                strcmp(value, topic->configs[c].value) != 0) {
                differ(findings, "%s: %s is %s, listed %s", topic->name, topic->configs[c].name, value,
                       topic->configs[c].value);
            }
        }
    }
}

/* A broker that does not know a call is told apart from one that is not there. */
static struct dsp_err admin_err(rd_kafka_resp_err_t code, const char *why)
{
    if (code == RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE || code == RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION) {
        return dsp_reject(DSP_CODE_NOT_READY, "%s", why ? why : rd_kafka_err2str(code));
    }
    if (code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__TIMED_OUT ||
        code == RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT) {
        return dsp_retry(DSP_CODE_BROKER_DOWN, "%s", why ? why : rd_kafka_err2str(code));
    }
    return dsp_reject(DSP_CODE_OUTSIDE_REFUSED, "%s", why ? why : rd_kafka_err2str(code));
}

/* librdkafka's mock cluster names a controller that is none of its brokers; admin calls would wait for it. */
static struct dsp_err need_controller(rd_kafka_t *client)
{
    const struct rd_kafka_metadata *metadata;
    int32_t controller = rd_kafka_controllerid(client, CONTROLLER_MS);
    bool found = false;
    rd_kafka_resp_err_t code = rd_kafka_metadata(client, 0, NULL, &metadata, METADATA_MS);
    if (code) {
        return dsp_retry(DSP_CODE_BROKER_DOWN, "Kafka: %s", rd_kafka_err2str(code));
    }
    for (int i = 0; i < metadata->broker_cnt; i++) {
        found = found || metadata->brokers[i].id == controller;
    }
    rd_kafka_metadata_destroy(metadata);
    return found ? dsp_ok() : dsp_reject(DSP_CODE_NOT_READY, "no broker is its controller");
}

static rd_kafka_event_t *await(rd_kafka_queue_t *queue, struct dsp_err *ret_err)
{
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, ADMIN_MS + 5000);
    if (!event) {
        *ret_err = dsp_retry(DSP_CODE_BROKER_DOWN, "Kafka does not answer an admin call");
    } else if (rd_kafka_event_error(event)) {
        *ret_err = admin_err(rd_kafka_event_error(event), rd_kafka_event_error_string(event));
    } else {
        *ret_err = dsp_ok();
    }
    return event;
}

static rd_kafka_AdminOptions_t *admin_options(rd_kafka_t *client)
{
    char why[WHY_BYTES];
    rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_ANY);
    rd_kafka_AdminOptions_set_request_timeout(options, ADMIN_MS, why, sizeof why);
    return options;
}

static struct dsp_err describe(rd_kafka_t *client, const struct ctl_topic_list *list,
                               rd_kafka_ConfigResource_t **resources, size_t count, struct ctl_topic_findings *findings)
{
    struct dsp_err err;
    rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
    rd_kafka_AdminOptions_t *options = admin_options(client);
    rd_kafka_DescribeConfigs(client, resources, count, options, queue);
    rd_kafka_event_t *event = await(queue, &err);
    if (!dsp_failed(err)) {
        size_t answered;
        const rd_kafka_ConfigResource_t **answers = rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(event), &answered);
        for (size_t i = 0; i < answered; i++) {
            const struct ctl_topic *topic = topic_named(list, rd_kafka_ConfigResource_name(answers[i]));
            if (topic && !rd_kafka_ConfigResource_error(answers[i])) {
                compare_configs(topic, answers[i], findings);
            }
        }
    }
    if (event) {
        rd_kafka_event_destroy(event);
    }
    rd_kafka_AdminOptions_destroy(options);
    rd_kafka_queue_destroy(queue);
    return err;
}

static bool is_missing(const struct ctl_topic_findings *findings, const struct ctl_topic *topic)
{
    for (size_t i = 0; i < findings->missing_count; i++) {
        if (findings->missing[i] == topic) {
            return true;
        }
    }
    return false;
}

struct dsp_err ctl_topics_compare(struct ctl_kafka *kafka, const struct ctl_topic_list *list,
                                  struct ctl_topic_findings *ret_findings)
{
    size_t count = 0;
    struct dsp_err err = dsp_ok();
    rd_kafka_ConfigResource_t **resources = calloc(list->count, sizeof *resources);
    ret_findings->missing = calloc(list->count, sizeof *ret_findings->missing);
    if (!ret_findings->missing || !resources) {
        free(resources);
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    err = compare_partitions(kafka, list, ret_findings);
    for (size_t i = 0; !dsp_failed(err) && i < list->count; i++) {
        if (!is_missing(ret_findings, &list->topics[i])) {
            resources[count++] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, list->topics[i].name);
        }
    }
    if (count) {
        err = need_controller(ctl_kafka_client(kafka));
        err = dsp_failed(err) ? err : describe(ctl_kafka_client(kafka), list, resources, count, ret_findings);
        rd_kafka_ConfigResource_destroy_array(resources, count);
    }
    free(resources);
    return err;
}

/* --- creating --- */

static rd_kafka_NewTopic_t *new_topic(const struct ctl_topic *topic)
{
    char why[WHY_BYTES];
    /* -1: the cluster's default.replication.factor */
    rd_kafka_NewTopic_t *wanted = rd_kafka_NewTopic_new(topic->name, topic->partitions, -1, why, sizeof why);
    for (size_t i = 0; wanted && i < topic->config_count; i++) {
        rd_kafka_NewTopic_set_config(wanted, topic->configs[i].name, topic->configs[i].value);
    }
    return wanted;
}

static struct dsp_err created(const rd_kafka_event_t *event)
{
    size_t count;
    const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result((rd_kafka_event_t *)(uintptr_t)event), &count);
    for (size_t i = 0; i < count; i++) {
        rd_kafka_resp_err_t code = rd_kafka_topic_result_error(results[i]);
        if (code && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
            char why[WHY_BYTES];
            const char *said = rd_kafka_topic_result_error_string(results[i]);
            snprintf(why, sizeof why, "%s: %s", rd_kafka_topic_result_name(results[i]),
                     said ? said : rd_kafka_err2str(code));
            return admin_err(code, why);
        }
    }
    return dsp_ok();
}

struct dsp_err ctl_topics_create(struct ctl_kafka *kafka, const struct ctl_topic_findings *findings)
{
    struct dsp_err err = dsp_ok();
    char why[WHY_BYTES];
    rd_kafka_t *client = ctl_kafka_client(kafka);
    size_t count = 0;
    if (findings->missing_count) {
        DSP_TRY(need_controller(client));
    }
    rd_kafka_NewTopic_t **topics = calloc(findings->missing_count ? findings->missing_count : 1, sizeof *topics);
    if (!topics) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    for (size_t i = 0; i < findings->missing_count; i++) {
        topics[count] = new_topic(findings->missing[i]);
        count += topics[count] != NULL;
    }
    if (count) {
        rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
        rd_kafka_AdminOptions_t *options = admin_options(client);
        rd_kafka_AdminOptions_set_operation_timeout(options, ADMIN_MS / 2, why, sizeof why); /* until all know them */
        rd_kafka_CreateTopics(client, topics, count, options, queue);
        rd_kafka_event_t *event = await(queue, &err);
        err = dsp_failed(err) ? err : created(event);
        if (event) {
            rd_kafka_event_destroy(event);
        }
        rd_kafka_AdminOptions_destroy(options);
        rd_kafka_queue_destroy(queue);
        rd_kafka_NewTopic_destroy_array(topics, count);
    }
    free(topics);
    return err;
}
