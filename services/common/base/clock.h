/* Two times, never mixed (docs/ARCHITECTURE.md).
 *   domain time  entries, clocks, delays of jobs and deliveries; may be moved in a sandbox
 *   real time    signatures, leases, time-outs, UUIDs
 * Both in milliseconds since 1970 UTC. Loop thread only. */
#ifndef DSP_CLOCK_H
#define DSP_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

#define DSP_SECOND_MS INT64_C(1000)
#define DSP_MINUTE_MS (60 * DSP_SECOND_MS)
#define DSP_HOUR_MS (60 * DSP_MINUTE_MS)
#define DSP_DAY_MS (24 * DSP_HOUR_MS)

struct dsp_clock; /* opaque */

/* Follows the machine's clock until the first pair comes. NULL: out of memory. */
struct dsp_clock *dsp_clock_new(void);
void dsp_clock_free(struct dsp_clock *clock); /* NULL is fine */

int64_t dsp_real_ms(void);
int64_t dsp_monotonic_ms(void);

/* Domain time now: the newest pair's sandbox time (it stands still between moves), else real time. */
int64_t dsp_clock_now_ms(const struct dsp_clock *clock);
/* Domain time of a broker stamp: the sandbox time of the newest pair stamped at or before it; a stamp
 * before the first pair, and every stamp without pairs, is itself. */
int64_t dsp_clock_map_ms(const struct dsp_clock *clock, int64_t stamp_ms);

/* Adds the pair of one record of the control topic; pairs come in offset order, broker stamps never fall
 * (a lower stamp counts as the previous one). RETRY: out of memory. */
DSP_MUST_USE struct dsp_err dsp_clock_add_pair(struct dsp_clock *clock, int64_t stamp_ms, int64_t sandbox_ms);
/* Pairs read so far: 0 = not moved yet. Rest reports name it. */
size_t dsp_clock_pairs(const struct dsp_clock *clock);

/* RFC 3339 UTC with milliseconds, "2026-04-13T02:00:00.000Z": 25 bytes with the zero byte. */
#define DSP_TIME_TEXT_BYTES 32
void dsp_time_format(int64_t time_ms, char *text);
/* RFC 3339 with Z or ±hh:mm, fraction optional; false and untouched output otherwise. */
bool dsp_time_parse(const char *text, int64_t *ret_time_ms);

#endif
