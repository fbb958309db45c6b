/* The bundle of a referral: a manifest of SHA-256 hashes over the filing, the sides' later papers, the decision
 * in force, the timeline and the evidence items, which stay where they are and are named by reference. */
#ifndef ARB_BUNDLE_H
#define ARB_BUNDLE_H

#include "arbitration/codec.h"

struct arb_bundle_source {
    const struct arb_case_row *row;
    int32_t referral;
    int64_t asked_minor; /* 0 = as filed */
    struct dsp_str bundle_id, callback_url;
    const struct dsp_key *key; /* opens the papers */
    const struct dsp_list *items, *papers, *timeline;
};

struct arb_bundle {
    struct dsp_str body; /* JSON, the very bytes that are sent */
    uint8_t sha256[32];
    int64_t claimed_minor;
};

/* Lives in `arena`; the same source gives the same bytes. */
DSP_MUST_USE struct dsp_err arb_bundle_make(struct dsp_arena *arena, const struct arb_bundle_source *source,
                                            struct arb_bundle *ret_bundle);

#endif
