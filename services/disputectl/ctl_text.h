/* Amounts, durations, instants as people write them. Pure. */
#ifndef CTL_TEXT_H
#define CTL_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/str.h"

/* "129.00" = yuan, always with two decimals; "12900fen" = fen. "129" says neither and is refused, as are signs
 * and separators. false and untouched output: not an amount, or it does not fit. */
bool ctl_parse_amount(const char *text, int64_t *ret_minor);
/* "48h", "1d12h", "90m", "15s", "250ms", combinations from the largest unit to the smallest, each once.
 * A leading '-' is refused. */
bool ctl_parse_duration(const char *text, int64_t *ret_ms);
/* RFC 3339 with Z or offset, as dsp_time_parse; also "2026-04-13T10:00+08:00" without seconds. */
bool ctl_parse_time(const char *text, int64_t *ret_ms);

#define CTL_TIME_TEXT_BYTES 32
/* Asia/Shanghai (UTC+8, no summer time since 1991): "2026-04-13 10:00:00" or, when they are not zero, with
 * milliseconds "2026-04-13 10:00:00.001". */
void ctl_format_local(int64_t time_ms, char *text);
/* "2d 3h", "1h 10m", "12s", "0s": the two largest units. */
void ctl_format_duration(int64_t duration_ms, char *text);

/* snake_case of a PascalCase name: "AcceptClaim" → "accept_claim"; a snake_case name stays. `size` bytes. */
void ctl_snake_case(const char *name, char *text, size_t size);
/* The reverse for people: "accept_claim" → "AcceptClaim", "CLAIM_ACCEPTED" → "ClaimAccepted". */
void ctl_pascal_case(const char *name, char *text, size_t size);

#endif
