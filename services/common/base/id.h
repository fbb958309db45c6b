/* UUIDs: cases, commands, entries and findings are named by UUIDv7 (RFC 9562). */
#ifndef DSP_ID_H
#define DSP_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"

#define DSP_UUID_TEXT_BYTES 37 /* 36 characters and a zero byte */

struct dsp_uuid {
    uint8_t bytes[16];
};

/* Time-ordered within this process, also inside one millisecond and when the clock steps back.
 * Real time, never domain time. FATAL: no randomness. Loop thread only. */
DSP_MUST_USE struct dsp_err dsp_uuid_v7(struct dsp_uuid *ret_id);
/* Deterministic: the first 16 bytes of SHA-256(parent ‖ name), stamped as version 8. What a follower makes
 * out of a log entry so gets the same id however often the log is read. */
struct dsp_uuid dsp_uuid_derive(const struct dsp_uuid *parent, struct dsp_str name);
/* Canonical lower-case text, DSP_UUID_TEXT_BYTES. */
void dsp_uuid_format(const struct dsp_uuid *id, char *text);
/* Accepts the 36-character form in either case; false and untouched output otherwise. */
bool dsp_uuid_parse(struct dsp_str text, struct dsp_uuid *ret_id);
bool dsp_uuid_equal(const struct dsp_uuid *a, const struct dsp_uuid *b);
bool dsp_uuid_is_zero(const struct dsp_uuid *id);
static inline struct dsp_str dsp_uuid_str(const struct dsp_uuid *id)
{
    return (struct dsp_str){(const char *)id->bytes, sizeof id->bytes};
}

/* SHA-256 of bytes; `ret_digest` holds 32. */
void dsp_sha256(struct dsp_str bytes, uint8_t ret_digest[32]);

#endif
