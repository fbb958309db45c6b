#include "common/base/metrics.h"

#include <assert.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS 2048 /* power of two, twice the series: probing stays short */

static const double BOUNDS_SECONDS[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
#define BOUND_COUNT (sizeof BOUNDS_SECONDS / sizeof BOUNDS_SECONDS[0])

struct histogram {
    uint64_t buckets[BOUND_COUNT + 1]; /* not cumulative; the last is everything above */
    double sum_seconds;
    uint64_t count;
};

struct series {
    const struct dsp_metric *metric;
    char *labels[DSP_METRIC_LABELS_MAX]; /* values, owned */
    int64_t value;
    struct histogram *histogram; /* of histograms only */
};

struct dsp_metrics {
    struct series series[DSP_METRIC_SERIES_MAX]; /* in the order of first use */
    size_t count;
    uint16_t slots[SLOTS]; /* index + 1 into series, 0 = free */
    uint64_t dropped;
};

struct dsp_metrics *dsp_metrics_new(void)
{
    return calloc(1, sizeof(struct dsp_metrics));
}

static void series_fini(struct series *series)
{
    for (size_t i = 0; i < DSP_METRIC_LABELS_MAX; i++) {
        free(series->labels[i]);
    }
    free(series->histogram);
    *series = (struct series){0};
}

void dsp_metrics_free(struct dsp_metrics *metrics)
{
    if (!metrics) {
        return;
    }
    for (size_t i = 0; i < metrics->count; i++) {
        series_fini(&metrics->series[i]);
    }
    free(metrics);
}

static size_t label_count(const struct dsp_metric *metric)
{
    size_t count = 0;
    while (count < DSP_METRIC_LABELS_MAX && metric->labels[count]) {
        count++;
    }
    return count;
}

static uint64_t hash_series(const struct dsp_metric *metric, const struct dsp_str *label_values)
{
    uint64_t hash = dsp_str_hash(dsp_str_from(metric->name));
    for (size_t i = 0; i < label_count(metric); i++) {
        hash = hash * 31 + dsp_str_hash(label_values[i]);
    }
    return hash;
}

static bool is_series(const struct series *series, const struct dsp_metric *metric, const struct dsp_str *label_values)
{
    if (series->metric != metric) {
        return false;
    }
    for (size_t i = 0; i < label_count(metric); i++) {
        if (!dsp_str_is(label_values[i], series->labels[i])) {
            return false;
        }
    }
    return true;
}

static bool series_init(struct series *series, const struct dsp_metric *metric, const struct dsp_str *label_values)
{
    *series = (struct series){.metric = metric};
    bool complete = true;
    for (size_t i = 0; i < label_count(metric); i++) {
        series->labels[i] = label_values[i].len == 0 ? strdup("") : strndup(label_values[i].ptr, label_values[i].len);
        complete = complete && series->labels[i];
    }
    if (metric->type == DSP_METRIC_HISTOGRAM) {
        series->histogram = calloc(1, sizeof *series->histogram);
        complete = complete && series->histogram;
    }
    if (!complete) {
        series_fini(series);
    }
    return complete;
}

/* NULL: there is no room for another series; the loss is counted. */
static struct series *find_or_add(struct dsp_metrics *metrics, const struct dsp_metric *metric,
                                  const struct dsp_str *label_values)
{
    size_t slot = hash_series(metric, label_values) % SLOTS;
    while (metrics->slots[slot] != 0) { /* ends: half of the slots stay free */
        struct series *series = &metrics->series[metrics->slots[slot] - 1];
        if (is_series(series, metric, label_values)) {
            return series;
        }
        slot = (slot + 1) % SLOTS;
    }
    if (metrics->count == DSP_METRIC_SERIES_MAX ||
        !series_init(&metrics->series[metrics->count], metric, label_values)) {
        metrics->dropped++;
        return NULL;
    }
    metrics->slots[slot] = (uint16_t)++metrics->count;
    return &metrics->series[metrics->count - 1];
}

void dsp_metric_add(struct dsp_metrics *metrics, const struct dsp_metric *metric, int64_t amount,
                    const struct dsp_str *label_values)
{
    assert(metric->type == DSP_METRIC_GAUGE || (metric->type == DSP_METRIC_COUNTER && amount >= 0));
    struct series *series = find_or_add(metrics, metric, label_values);
    if (series && __builtin_add_overflow(series->value, amount, &series->value)) {
        series->value = amount < 0 ? INT64_MIN : INT64_MAX;
    }
}

void dsp_metric_set(struct dsp_metrics *metrics, const struct dsp_metric *metric, int64_t value,
                    const struct dsp_str *label_values)
{
    assert(metric->type != DSP_METRIC_HISTOGRAM); /* counters too: some are kept elsewhere and only shown here */
    struct series *series = find_or_add(metrics, metric, label_values);
    if (series) {
        series->value = value;
    }
}

void dsp_metric_reset(struct dsp_metrics *metrics, const struct dsp_metric *metric)
{
    assert(metric->type == DSP_METRIC_GAUGE);
    for (size_t i = 0; i < metrics->count; i++) {
        if (metrics->series[i].metric == metric) {
            metrics->series[i].value = 0;
        }
    }
}

void dsp_metric_observe(struct dsp_metrics *metrics, const struct dsp_metric *metric, double seconds,
                        const struct dsp_str *label_values)
{
    assert(metric->type == DSP_METRIC_HISTOGRAM);
    struct series *series = find_or_add(metrics, metric, label_values);
    if (!series) {
        return;
    }
    double shown = seconds > 0 ? seconds : 0; /* a clock that stepped back, or not a number */
    size_t bucket = 0;
    while (bucket < BOUND_COUNT && shown > BOUNDS_SECONDS[bucket]) {
        bucket++;
    }
    series->histogram->buckets[bucket]++;
    series->histogram->sum_seconds += shown;
    series->histogram->count++;
}

/* Escapes of the text format; quotes only inside label values. */
static void print_escaped(FILE *out, const char *text, bool quotes)
{
    for (const char *at = text; *at; at++) {
        if (*at == '\n') {
            (void)fputs("\\n", out);
        } else if (*at == '\\' || (quotes && *at == '"')) {
            (void)fprintf(out, "\\%c", *at);
        } else {
            (void)fputc(*at, out);
        }
    }
}

/* `bound`: value of the le label, NULL for none. */
static void print_sample(FILE *out, const struct series *series, const char *suffix, const char *bound)
{
    const char *separator = "{";
    (void)fprintf(out, "%s%s", series->metric->name, suffix);
    for (size_t i = 0; i < label_count(series->metric); i++) {
        (void)fprintf(out, "%s%s=\"", separator, series->metric->labels[i]);
        print_escaped(out, series->labels[i], true);
        (void)fputc('"', out);
        separator = ",";
    }
    if (bound) {
        (void)fprintf(out, "%sle=\"%s\"", separator, bound);
        separator = ",";
    }
    (void)fputs(*separator == ',' ? "} " : " ", out);
}

static void print_histogram(FILE *out, const struct series *series)
{
    const struct histogram *histogram = series->histogram;
    uint64_t below = 0;
    for (size_t i = 0; i < BOUND_COUNT; i++) {
        char bound[32];
        (void)snprintf(bound, sizeof bound, "%g", BOUNDS_SECONDS[i]);
        below += histogram->buckets[i];
        print_sample(out, series, "_bucket", bound);
        (void)fprintf(out, "%" PRIu64 "\n", below);
    }
    print_sample(out, series, "_bucket", "+Inf");
    (void)fprintf(out, "%" PRIu64 "\n", histogram->count);
    print_sample(out, series, "_sum", NULL);
    (void)fprintf(out, "%.9g\n", histogram->sum_seconds);
    print_sample(out, series, "_count", NULL);
    (void)fprintf(out, "%" PRIu64 "\n", histogram->count);
}

static void print_series(FILE *out, const struct series *series)
{
    if (series->histogram) {
        print_histogram(out, series);
        return;
    }
    print_sample(out, series, "", NULL);
    (void)fprintf(out, "%" PRId64 "\n", series->value);
}

static void print_head(FILE *out, const struct dsp_metric *metric)
{
    static const char *const TYPES[] = {
        [DSP_METRIC_COUNTER] = "counter", [DSP_METRIC_GAUGE] = "gauge", [DSP_METRIC_HISTOGRAM] = "histogram"};
    (void)fprintf(out, "# HELP %s ", metric->name);
    print_escaped(out, metric->help, false);
    (void)fprintf(out, "\n# TYPE %s %s\n", metric->name, TYPES[metric->type]);
}

static bool is_first_of_metric(const struct dsp_metrics *metrics, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (metrics->series[i].metric == metrics->series[index].metric) {
            return false;
        }
    }
    return true;
}

/* The format wants all series of a metric together. */
static void print_all(FILE *out, const struct dsp_metrics *metrics)
{
    for (size_t i = 0; i < metrics->count; i++) {
        if (!is_first_of_metric(metrics, i)) {
            continue;
        }
        print_head(out, metrics->series[i].metric);
        for (size_t k = i; k < metrics->count; k++) {
            if (metrics->series[k].metric == metrics->series[i].metric) {
                print_series(out, &metrics->series[k]);
            }
        }
    }
    (void)fprintf(out,
                  "# HELP dispute_metrics_dropped_total Samples of series that found no room.\n"
                  "# TYPE dispute_metrics_dropped_total counter\n"
                  "dispute_metrics_dropped_total %" PRIu64 "\n",
                  metrics->dropped);
}

char *dsp_metrics_render(const struct dsp_metrics *metrics, size_t *ret_size)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out) {
        return NULL;
    }
    print_all(out, metrics);
    bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    *ret_size = size;
    return text;
}
