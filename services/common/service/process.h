/* The process in numbers, under the names that Prometheus' own clients use. Loop thread only. */
#ifndef DSP_PROCESS_H
#define DSP_PROCESS_H

#include "common/base/metrics.h"

/* Sets the gauges; before /metrics is rendered. What the kernel does not tell is left as it was. */
void dsp_process_show(struct dsp_metrics *metrics, const char *service);

/* How malloc holds memory; before threads begin. */
void dsp_process_start(void);

/* Gives the kernel back what malloc keeps free after a burst, when it is worth it. Takes some milliseconds then. */
void dsp_process_trim(void);

#endif
