/* Personal texts of a case under its own data key: AES-256-GCM, 12-byte random nonce, 16-byte tag.
 * The additional data binds a text to case, field name and version, so it cannot be moved elsewhere.
 * A data key travels wrapped by the deployment key; erasing the wrapped key erases every text of the case. */
#ifndef DSP_SEAL_H
#define DSP_SEAL_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/id.h"
#include "common/base/str.h"

#define DSP_KEY_BYTES 32
#define DSP_NONCE_BYTES 12
#define DSP_TAG_BYTES 16
#define DSP_WRAPPED_KEY_BYTES (DSP_NONCE_BYTES + DSP_KEY_BYTES + DSP_TAG_BYTES)

struct dsp_key {
    uint8_t bytes[DSP_KEY_BYTES];
};

struct dsp_sealed {
    struct dsp_str nonce;      /* DSP_NONCE_BYTES */
    struct dsp_str ciphertext; /* followed by the tag */
    struct dsp_str field;      /* name the text is bound to */
    uint32_t version;          /* of the format: 1 */
};

/* FATAL: no randomness. */
DSP_MUST_USE struct dsp_err dsp_key_generate(struct dsp_key *ret_key);
/* nonce ‖ ciphertext ‖ tag, additional data = case id. */
DSP_MUST_USE struct dsp_err dsp_key_wrap(const struct dsp_key *deployment, const struct dsp_uuid *case_id,
                                         const struct dsp_key *key, uint8_t ret_wrapped[DSP_WRAPPED_KEY_BYTES]);
/* REJECT SEAL_INVALID: wrong deployment key, wrong case or damaged. */
DSP_MUST_USE struct dsp_err dsp_key_unwrap(const struct dsp_key *deployment, const struct dsp_uuid *case_id,
                                           struct dsp_str wrapped, struct dsp_key *ret_key);

/* The result lives in `arena`. */
DSP_MUST_USE struct dsp_err dsp_seal(struct dsp_arena *arena, const struct dsp_key *key, const struct dsp_uuid *case_id,
                                     struct dsp_str field, struct dsp_str text, struct dsp_sealed *ret_sealed);
/* REJECT SEAL_INVALID: another key, case, field or version, or damaged. The text lives in `arena`. */
DSP_MUST_USE struct dsp_err dsp_unseal(struct dsp_arena *arena, const struct dsp_key *key,
                                       const struct dsp_uuid *case_id, const struct dsp_sealed *sealed,
                                       struct dsp_str *ret_text);

#endif
