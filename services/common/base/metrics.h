/* A small registry of counters, gauges and histograms in Prometheus text form. Loop thread only.
 * Metrics are declared once in a static table; series (label values) come into being on first use and are
 * bounded: past DSP_METRIC_SERIES_MAX the rest is counted in dispute_metrics_dropped_total. */
#ifndef DSP_METRICS_H
#define DSP_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/str.h"

#define DSP_METRIC_SERIES_MAX 1024
#define DSP_METRIC_LABELS_MAX 4

enum dsp_metric_type { DSP_METRIC_COUNTER, DSP_METRIC_GAUGE, DSP_METRIC_HISTOGRAM };

struct dsp_metric {
    const char *name; /* ends in its unit or _total */
    enum dsp_metric_type type;
    const char *help;
    const char *labels[DSP_METRIC_LABELS_MAX]; /* names, NULL-terminated when fewer */
};

struct dsp_metrics; /* opaque */

struct dsp_metrics *dsp_metrics_new(void); /* NULL: out of memory */
void dsp_metrics_free(struct dsp_metrics *metrics);
/* `metric` has static lifetime; as many label values as it has label names. */
void dsp_metric_add(struct dsp_metrics *metrics, const struct dsp_metric *metric, int64_t amount,
                    const struct dsp_str *label_values);
void dsp_metric_set(struct dsp_metrics *metrics, const struct dsp_metric *metric, int64_t value,
                    const struct dsp_str *label_values);
/* All series of a gauge become 0: before those are set that exist now. */
void dsp_metric_reset(struct dsp_metrics *metrics, const struct dsp_metric *metric);
/* Seconds into the buckets 0.001 … 60 of a histogram. */
void dsp_metric_observe(struct dsp_metrics *metrics, const struct dsp_metric *metric, double seconds,
                        const struct dsp_str *label_values);
/* The exposition text, malloc'ed: the caller frees it. NULL: out of memory. */
char *dsp_metrics_render(const struct dsp_metrics *metrics, size_t *ret_size);

#endif
