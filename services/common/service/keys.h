/* Data keys of cases as read from disputes.case.key.v1, unwrapped in memory. Loop thread only. */
#ifndef DSP_KEYS_H
#define DSP_KEYS_H

#include "common/base/err.h"
#include "common/base/id.h"
#include "common/base/seal.h"
#include "common/base/str.h"

struct dsp_keys; /* opaque */

/* NULL: out of memory. The deployment key is copied. */
struct dsp_keys *dsp_keys_new(const struct dsp_key *deployment);
void dsp_keys_free(struct dsp_keys *keys); /* wipes them; NULL is fine */
/* A record of the topic: `value` ptr NULL erases. REJECT: not ours. */
DSP_MUST_USE struct dsp_err dsp_keys_read(struct dsp_keys *keys, struct dsp_str record_key, struct dsp_str value);
DSP_MUST_USE struct dsp_err dsp_keys_put(struct dsp_keys *keys, const struct dsp_uuid *case_id, struct dsp_str wrapped);
/* RETRY NOT_READY: not read yet. REJECT KEY_ERASED. Borrowed until the next read. */
DSP_MUST_USE struct dsp_err dsp_keys_find(const struct dsp_keys *keys, const struct dsp_uuid *case_id,
                                          const struct dsp_key **ret_key);
const struct dsp_key *dsp_keys_deployment(const struct dsp_keys *keys);

#endif
