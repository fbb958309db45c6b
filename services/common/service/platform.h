/* What was published on disputes.platform.state.v1: every version of every part of every marketplace.
 * Written by the reader of that topic, read by decode. Loop thread only. */
#ifndef DSP_PLATFORM_H
#define DSP_PLATFORM_H

#include "common/base/arena.h"
#include "common/base/calendar.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "disputes/platform/v1/state.pb-c.h"

struct dsp_platforms; /* opaque */

typedef Disputes__Platform__V1__State__PartCase dsp_platform_part;

struct dsp_platforms *dsp_platforms_new(void); /* NULL: out of memory */
void dsp_platforms_free(struct dsp_platforms *platforms);
/* One record's value, published at an instant (DSP_PLATFORM_NO_NOTICE: lead time is not asked for, in a sandbox).
 * REJECT: not a State, or a later version of policy or rules without its lead time: the earlier one stays. */
#define DSP_PLATFORM_NO_NOTICE INT64_MIN
DSP_MUST_USE struct dsp_err dsp_platforms_add(struct dsp_platforms *platforms, struct dsp_str value,
                                              int64_t published_ms);
/* The version of a part that counts at an instant; NULL: none. Owned by the store, valid for its life. */
const Disputes__Platform__V1__State *dsp_platforms_at(const struct dsp_platforms *platforms, struct dsp_str platform_id,
                                                      dsp_platform_part part, int64_t time_ms);
/* One pinned version; NULL: not read (yet). */
const Disputes__Platform__V1__State *dsp_platforms_version(const struct dsp_platforms *platforms,
                                                           struct dsp_str platform_id, dsp_platform_part part,
                                                           uint64_t version);
/* The calendar of a state whose part is one, for arithmetic; lives in `arena`. REJECT: days out of range or listed
 * twice, ARENA_FULL. */
DSP_MUST_USE struct dsp_err dsp_platform_calendar(struct dsp_arena *arena, const Disputes__Platform__V1__State *state,
                                                  const struct dsp_calendar **ret_calendar);
/* Every part of one platform in the order of arrival; index from 0, NULL past the end. */
const Disputes__Platform__V1__State *dsp_platforms_each(const struct dsp_platforms *platforms,
                                                        struct dsp_str platform_id, size_t index);

#endif
