/* JSON of the payment side, read into the arena: nothing of jansson outlives a call. */
#ifndef FUND_WECHAT_JSON_H
#define FUND_WECHAT_JSON_H

#include <jansson.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/str.h"

/* NULL: not one JSON object. New reference. */
json_t *fund_json_object(struct dsp_str text);
/* A text member; empty when there is none. Lives in `arena`. */
struct dsp_str fund_json_str(struct dsp_arena *arena, json_t *object, const char *name);
/* Takes over the reference; the compact text lives in `arena`. */
DSP_MUST_USE struct dsp_err fund_json_text(struct dsp_arena *arena, json_t *value, struct dsp_str *ret_text);

#endif
