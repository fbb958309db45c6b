/* What a turn adds to the metrics once it has committed: records and their ends, delays, and what its handlers counted. */
#include <string.h>

#include "common/io/engine_internal.h"

static const struct dsp_metric CONSUMED = {
    "dispute_events_consumed_total",
    DSP_METRIC_COUNTER,
    "Records taken from input topics. type: what it is, unknown where nobody read it. result: ok, duplicate (applied "
    "or "
    "answered before), parked (behind a quarantined one of its case) or dead (quarantined).",
    {"topic", "type", "result"}};
static const struct dsp_metric PROCESSING = {
    "dispute_event_processing_duration_seconds",
    DSP_METRIC_HISTOGRAM,
    "From the begin of the batch that a record was handled in to its commit: rows read, decided, written.",
    {"type"}};
static const struct dsp_metric EVENT_AGE = {"dispute_event_age_seconds",
                                            DSP_METRIC_HISTOGRAM,
                                            "From the broker's stamp of a record to the commit of what it led to.",
                                            {"topic"}};
static const struct dsp_metric TURN = {"dispute_turn_duration_seconds",
                                       DSP_METRIC_HISTOGRAM,
                                       "One batch: rows read, decided, committed by PostgreSQL.",
                                       {NULL}};
static const struct dsp_metric TURN_RECORDS = {
    "dispute_turn_records_total", DSP_METRIC_COUNTER, "Records, firings and answers of all batches.", {NULL}};
static const struct dsp_metric TIMER_DELAY = {"dispute_timer_delay_seconds",
                                              DSP_METRIC_HISTOGRAM,
                                              "From the due time of a timer to the batch that handled it, domain time.",
                                              {NULL}};

/* Of one call of dsp_count. */
struct count {
    const struct dsp_metric *metric;
    int64_t amount;
    struct dsp_str labels[DSP_METRIC_LABELS_MAX];
};

void dsp_count(struct dsp_turn *turn, const struct dsp_metric *metric, int64_t amount,
               const struct dsp_str *label_values)
{
    struct count *count = dsp_arena_alloc(turn->arena, sizeof *count);
    if (!count) {
        return; /* the batch does not fit: it will be undone */
    }
    *count = (struct count){.metric = metric, .amount = amount};
    for (size_t i = 0; i < DSP_METRIC_LABELS_MAX && metric->labels[i]; i++) {
        count->labels[i] = label_values[i];
    }
    (void)vector_add(turn->arena, &turn->engine->turn.counts, count);
}

static void count_message(struct dsp_engine *engine, const struct item *item, double batch_s)
{
    static const char *const RESULTS[] = {
        [OUTCOME_OK] = "ok", [OUTCOME_DUPLICATE] = "duplicate", [OUTCOME_PARKED] = "parked", [OUTCOME_DEAD] = "dead"};
    struct dsp_metrics *metrics = engine->options.metrics;
    bool again = item->outcome == OUTCOME_OK && item->record && item->record->duplicate;
    const struct dsp_str type = *item->type ? dsp_str_from(item->type) : DSP_STR_LITERAL("unknown");
    const struct dsp_str labels[] = {dsp_str_from(engine->app->topics[item->topic].name), type,
                                     dsp_str_from(RESULTS[again ? OUTCOME_DUPLICATE : item->outcome])};
    int64_t age_ms = dsp_real_ms() - rd_kafka_message_timestamp(item->message, NULL);
    dsp_metric_add(metrics, &CONSUMED, 1, labels);
    dsp_metric_observe(metrics, &PROCESSING, batch_s, &type);
    dsp_metric_observe(metrics, &EVENT_AGE, (double)age_ms / 1000.0, labels);
}

void turn_count(struct dsp_engine *engine)
{
    const struct turn *turn = &engine->turn;
    struct dsp_metrics *metrics = engine->options.metrics;
    double batch_s = (double)(dsp_monotonic_ms() - turn->began_ms) / 1000.0;
    dsp_metric_observe(metrics, &TURN, batch_s, NULL);
    dsp_metric_add(metrics, &TURN_RECORDS, (int64_t)turn->items.count, NULL);
    for (size_t i = 0; i < turn->items.count; i++) {
        const struct item *item = turn->items.items[i];
        if (item->kind == DSP_RECORD_MESSAGE) {
            count_message(engine, item, batch_s);
        } else if (item->kind == DSP_RECORD_TIMER) {
            int64_t late_ms = turn->open.now_ms - item->timer.due_ms;
            dsp_metric_observe(metrics, &TIMER_DELAY, (double)late_ms / 1000.0, NULL);
        }
    }
    for (size_t i = 0; i < turn->counts.count; i++) {
        const struct count *count = turn->counts.items[i];
        if (count->metric->type == DSP_METRIC_HISTOGRAM) {
            dsp_metric_observe(metrics, count->metric, (double)count->amount / 1000.0, count->labels);
        } else {
            dsp_metric_add(metrics, count->metric, count->amount, count->labels);
        }
    }
}
