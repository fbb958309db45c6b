/* Signatures and cipher of WeChat Pay APIv3 (docs/WECHAT.md, section 1). No I/O but reading key texts.
 * SHA-256 with RSA PKCS#1 v1.5 both ways, AES-256-GCM for what callbacks carry. Loop thread only. */
#ifndef FUND_WECHAT_SIGN_H
#define FUND_WECHAT_SIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/str.h"

/* Refused when a timestamp is so far away from now, either way. */
#define FUND_SIGN_FRESH_S 300
#define FUND_APIV3_KEY_BYTES 32

struct fund_sign; /* opaque: our key and theirs */

struct fund_sign_options {
    struct dsp_str mchid;
    struct dsp_str serial;      /* of our certificate */
    struct dsp_str private_pem; /* ours; empty: verifies only */
    struct dsp_str platform_serial;
    struct dsp_str platform_pem; /* theirs: a public key or a certificate; empty: signs only */
    struct dsp_str apiv3_key;    /* 32 bytes; empty: opens nothing */
};

/* Copies everything. FATAL CONFIG_INVALID: a key that is none. */
DSP_MUST_USE struct dsp_err fund_sign_new(const struct fund_sign_options *options, struct fund_sign **ret_sign);
void fund_sign_free(struct fund_sign *sign); /* wipes the keys; NULL is fine */

/* Base64 of the signature of a message, in `arena`. FATAL: no key. */
DSP_MUST_USE struct dsp_err fund_sign_message(const struct fund_sign *sign, struct dsp_arena *arena,
                                              struct dsp_str message, struct dsp_str *ret_signature);

struct fund_sign_request {
    const char *method;
    struct dsp_str canonical_url; /* path and raw query as sent */
    struct dsp_str body;
    int64_t timestamp_s; /* real time */
    struct dsp_str nonce;
};
/* What is signed, and the value of the header Authorization. */
DSP_MUST_USE struct dsp_err fund_sign_request_message(struct dsp_arena *arena, const struct fund_sign_request *request,
                                                      struct dsp_str *ret_message);
DSP_MUST_USE struct dsp_err fund_sign_authorization(const struct fund_sign *sign, struct dsp_arena *arena,
                                                    const struct fund_sign_request *request, struct dsp_str *ret_value);
/* Path and query of an http URL: from the first slash after the host on; "/" when there is none. */
struct dsp_str fund_sign_canonical(struct dsp_str url);
/* 32 characters of [0-9A-Za-z]. FATAL: no randomness. */
DSP_MUST_USE struct dsp_err fund_sign_nonce(struct dsp_arena *arena, struct dsp_str *ret_nonce);

/* REJECT SIGNATURE_INVALID: empty, another key, or it does not match. Never falls back to another key. */
DSP_MUST_USE struct dsp_err fund_verify_message(const struct fund_sign *sign, struct dsp_str serial,
                                                struct dsp_str message, struct dsp_str signature);

/* An answer or a callback, body byte for byte as received. */
struct fund_signed {
    struct dsp_str timestamp;
    struct dsp_str nonce;
    struct dsp_str serial;
    struct dsp_str signature;
    struct dsp_str body;
};
/* Also refuses what is FUND_SIGN_FRESH_S or more away from `now_s`, real time. */
DSP_MUST_USE struct dsp_err fund_verify_signed(const struct fund_sign *sign, struct dsp_arena *arena,
                                               const struct fund_signed *in, int64_t now_s);

/* AEAD_AES_256_GCM with any key length of AES and any nonce, as the primitive takes them; base64 in, the text
 * in `arena`. REJECT SEAL_INVALID. */
DSP_MUST_USE struct dsp_err fund_aead_open(struct dsp_arena *arena, struct dsp_str key, struct dsp_str nonce,
                                           struct dsp_str associated, struct dsp_str ciphertext_base64,
                                           struct dsp_str *ret_text);
/* The protocol: our 32-byte key, a 12-byte nonce, anything else is refused. */
DSP_MUST_USE struct dsp_err fund_resource_open(const struct fund_sign *sign, struct dsp_arena *arena,
                                               struct dsp_str nonce, struct dsp_str associated,
                                               struct dsp_str ciphertext_base64, struct dsp_str *ret_text);

/* Heshi's own webhooks: `t=<unix>,v1=<hex HMAC-SHA256 of "<t>.<body>">`. REJECT SIGNATURE_INVALID. */
DSP_MUST_USE struct dsp_err fund_verify_webhook(struct dsp_str secret, struct dsp_str header, struct dsp_str body,
                                                int64_t now_s);

#endif
