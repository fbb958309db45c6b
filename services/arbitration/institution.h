/* The institution's protocol (tests/standins/institution/README.md): signatures, the call that hands a bundle
 * over, what its answer says, and the door for its messages. Loop thread only. */
#ifndef ARB_INSTITUTION_H
#define ARB_INSTITUTION_H

#include "arbitration/codec.h"
#include "common/service/service.h"

struct arb_settings {
    const char *base_url, *public_key, *key_id, *callback_url, *signing_key, *signing_key_id;
};
extern const struct dsp_setting ARB_SETTINGS[];

struct arb_institution; /* opaque: keys and addresses */

/* Borrows the settings. FATAL CONFIG_INVALID: a key is no PEM. */
DSP_MUST_USE struct dsp_err arb_institution_new(const struct arb_settings *settings,
                                                struct arb_institution **ret_institution);
void arb_institution_free(struct arb_institution *institution); /* NULL is fine */

/* Where messages about a case are to go: INSTITUTION_CALLBACK_URL/<case_id>/<order_id>. */
struct dsp_str arb_callback_url(const struct arb_institution *institution, struct dsp_arena *arena,
                                const struct dsp_uuid *case_id, struct dsp_str order_id);
/* Idempotency number of a bundle: "<case_id>-<referral>". */
struct dsp_str arb_bundle_id(struct dsp_arena *arena, const struct dsp_uuid *case_id, int64_t referral);

/* Hands the bundle over, signed. */
DSP_MUST_USE struct dsp_err arb_call_send(const struct arb_institution *institution, struct dsp_arena *arena,
                                          struct dsp_str body, struct dsp_call *ret_call);
/* Asks what became of it. */
DSP_MUST_USE struct dsp_err arb_call_ask(const struct arb_institution *institution, struct dsp_arena *arena,
                                         struct dsp_str bundle_id, struct dsp_call *ret_call);

/* What an answer to either says; receipt empty: no receipt in it. */
struct arb_receipt {
    struct dsp_str receipt_id;
    struct arb_fee fee;
};
struct arb_receipt arb_receipt_read(struct dsp_arena *arena, struct dsp_str body);

/* One message: `signature` is the header, `path` "<case_id>/<order_id>" as it came. REJECT SIGNATURE_INVALID;
 * FIELD_INVALID: not this protocol, or about another case than the path. */
DSP_MUST_USE struct dsp_err arb_message_accept(const struct arb_institution *institution, struct dsp_arena *arena,
                                               struct dsp_str signature, struct dsp_str path, struct dsp_str body,
                                               struct dsp_door_record *ret_record);

#endif
