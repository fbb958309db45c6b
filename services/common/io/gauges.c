/* Gauges: what the engine knows anyway, put into numbers when somebody asks for /metrics. */
#include <stdio.h>

#include "common/io/engine_internal.h"

static const struct dsp_metric LAG = {
    "dispute_kafka_consumer_lag_records",
    DSP_METRIC_GAUGE,
    "Records of an input partition that are not processed yet; 0 where it is not ours.",
    {"topic", "partition"}};
static const struct dsp_metric POSITION = {
    "dispute_kafka_consumer_position_records",
    DSP_METRIC_GAUGE,
    "Next offset of an input partition as PostgreSQL has it; 0 where it is not ours.",
    {"topic", "partition"}};
static const struct dsp_metric LAG_SECONDS = {
    "dispute_kafka_consumer_lag_seconds",
    DSP_METRIC_GAUGE,
    "Age of the oldest record that has been read and not applied; 0 when there "
    "is none.",
    {"topic"}};
static const struct dsp_metric LANES = {"dispute_lanes_owned", DSP_METRIC_GAUGE, "Lanes this instance owns.", {NULL}};
static const struct dsp_metric PENDING = {
    "dispute_outbox_pending", DSP_METRIC_GAUGE, "Committed outbox rows that Kafka has not acknowledged.", {NULL}};
static const struct dsp_metric AGE = {"dispute_outbox_oldest_age_seconds",
                                      DSP_METRIC_GAUGE,
                                      "How long the oldest of them has been with the producer; 0 when there is none.",
                                      {NULL}};
static const struct dsp_metric HELD = {"dispute_cases_held",
                                       DSP_METRIC_GAUGE,
                                       "Cases that wait behind a record in quarantine, by input topic and lane.",
                                       {NULL}};
static const struct dsp_metric STORE = {
    "dispute_postgres_up", DSP_METRIC_GAUGE, "1 while there is a connection to PostgreSQL.", {NULL}};
static const struct dsp_metric REDIS = {
    "dispute_redis_up", DSP_METRIC_GAUGE, "1 while there is a connection to Redis.", {NULL}};
static const struct dsp_metric INBOX = {
    "dispute_inbox_records", DSP_METRIC_GAUGE, "Records, firings and answers in memory.", {NULL}};
static const struct dsp_metric WAITING = {"dispute_inbox_waiting_records",
                                          DSP_METRIC_GAUGE,
                                          "Of those, the ones that wait for something else to arrive first.",
                                          {NULL}};
static const struct dsp_metric CALLS = {
    "dispute_outside_calls_in_flight", DSP_METRIC_GAUGE, "Calls to the outside that have not ended.", {NULL}};

static void show_position(const struct dsp_engine *engine, int32_t index, size_t topic)
{
    const struct lane *lane = &engine->lanes[index];
    const char *name = engine->app->topics[topic].name;
    int64_t low = 0;
    int64_t high = 0;
    int64_t next = 0;
    char number[16];
    int size = snprintf(number, sizeof number, "%d", index);
    if (lane->owned && lane->topics[topic].done.next_offset > 0) {
        next = lane->topics[topic].done.next_offset;
    }
    /* As the last fetch said it: no question to the broker. */
    if (!lane->owned || rd_kafka_get_watermark_offsets(engine->consumer, name, index, &low, &high) != 0) {
        high = next;
    }
    const struct dsp_str labels[] = {dsp_str_from(name), {number, (size_t)size}};
    dsp_metric_set(engine->options.metrics, &LAG, high > next ? high - next : 0, labels);
    dsp_metric_set(engine->options.metrics, &POSITION, next, labels);
}

static void show_ages(const struct dsp_engine *engine)
{
    int64_t now_ms = dsp_real_ms();
    int64_t oldest_ms[TOPICS_MAX];
    for (size_t t = 0; t < engine->app->topic_count; t++) {
        oldest_ms[t] = now_ms;
    }
    for (const struct item *item = engine->inbox.first; item; item = item->next) {
        int64_t stamp_ms = item->message ? rd_kafka_message_timestamp(item->message, NULL) : now_ms;
        oldest_ms[item->topic] = stamp_ms < oldest_ms[item->topic] ? stamp_ms : oldest_ms[item->topic];
    }
    for (size_t t = 0; t < engine->app->topic_count; t++) {
        const struct dsp_str topic = dsp_str_from(engine->app->topics[t].name);
        dsp_metric_set(engine->options.metrics, &LAG_SECONDS, (now_ms - oldest_ms[t]) / 1000, &topic);
    }
}

static void show(const struct dsp_engine *engine, const struct dsp_metric *metric, int64_t value)
{
    dsp_metric_set(engine->options.metrics, metric, value, NULL);
}

void dsp_engine_show(const struct dsp_engine *engine)
{
    int64_t owned = 0;
    int64_t oldest_s = 0;
    int64_t held = 0;
    for (int32_t i = 0; i < LANES_MAX; i++) {
        const struct lane *lane = &engine->lanes[i];
        owned += lane->owned;
        held += lane->owned ? (int64_t)lane->held_count : 0;
        if (lane->owned && lane->published < lane->sent) {
            int64_t age_s = dsp_monotonic_ms() / 1000 - lane->sent_s[(lane->published + 1) % UNPUBLISHED_MAX];
            oldest_s = age_s > oldest_s ? age_s : oldest_s;
        }
        for (size_t t = 0; t < engine->app->topic_count && i < engine->partitions; t++) {
            show_position(engine, i, t);
        }
    }
    show_ages(engine);
    show(engine, &LANES, owned);
    show(engine, &PENDING, publish_pending(engine));
    show(engine, &AGE, oldest_s);
    show(engine, &HELD, held);
    show(engine, &STORE, dsp_engine_store_up(engine));
    show(engine, &REDIS, dsp_engine_redis_up(engine));
    show(engine, &INBOX, (int64_t)engine->inbox.count);
    show(engine, &WAITING, (int64_t)engine->inbox.waiting);
    show(engine, &CALLS, (int64_t)jobs_in_flight(engine));
}
