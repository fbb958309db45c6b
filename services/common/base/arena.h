/* Memory that lives as long as one batch: allocate forward, forget all at once. One thread.
 * A cap bounds it, so a message that does not fit is a REJECT and never a crash. */
#ifndef DSP_ARENA_H
#define DSP_ARENA_H

#include <stddef.h>

#include "common/base/str.h"

struct dsp_arena; /* opaque */

/* `cap_bytes` bounds the sum of all allocations between two resets. NULL: out of memory. */
struct dsp_arena *dsp_arena_new(size_t cap_bytes);
void dsp_arena_free(struct dsp_arena *arena); /* NULL is fine */

/* Zeroed, aligned for any type, valid until the next reset. NULL: the cap is reached. */
void *dsp_arena_alloc(struct dsp_arena *arena, size_t size_bytes);
/* Copies; the copy is followed by a zero byte that is not counted. ptr NULL: the cap is reached. */
struct dsp_str dsp_arena_copy(struct dsp_arena *arena, struct dsp_str from);
/* printf into the arena; same rules as dsp_arena_copy. */
struct dsp_str dsp_arena_format(struct dsp_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Everything allocated so far becomes invalid; keeps the first block. */
void dsp_arena_reset(struct dsp_arena *arena);
size_t dsp_arena_used_bytes(const struct dsp_arena *arena);

#endif
