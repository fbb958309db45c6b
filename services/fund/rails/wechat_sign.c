#include "fund/rails/wechat_sign.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"

#define GCM_TAG_BYTES 16

struct fund_sign {
    EVP_PKEY *own;
    EVP_PKEY *platform;
    char mchid[64];
    char serial[128];
    char platform_serial[128];
    char apiv3_key[FUND_APIV3_KEY_BYTES];
    bool opens;
};

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "signature");
}

static struct dsp_err not_signed(const char *why)
{
    return dsp_reject(DSP_CODE_SIGNATURE_INVALID, "%s", why);
}

/* --- base64, strict --- */

static struct dsp_err to_base64(struct dsp_arena *arena, const uint8_t *bytes, size_t size, struct dsp_str *ret_text)
{
    char *text = dsp_arena_alloc(arena, size / 3 * 4 + 5);
    if (!text) {
        return full();
    }
    int length = EVP_EncodeBlock((unsigned char *)text, bytes, (int)size);
    *ret_text = (struct dsp_str){text, (size_t)length};
    return dsp_ok();
}

static bool from_base64(struct dsp_arena *arena, struct dsp_str text, uint8_t **ret_bytes, size_t *ret_size)
{
    uint8_t *bytes = text.len % 4 == 0 && text.len < (1u << 20) ? dsp_arena_alloc(arena, text.len / 4 * 3 + 1) : NULL;
    size_t padding = 0;
    for (size_t i = 0; i < text.len; i++) { /* OpenSSL would skip white space */
        char c = text.ptr[i];
        bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
        padding += c == '=';
        if ((!plain && c != '=') || (plain && padding)) {
            return false;
        }
    }
    if (!bytes || padding > 2 ||
        (text.len && EVP_DecodeBlock(bytes, (const unsigned char *)text.ptr, (int)text.len) < 0)) {
        return false;
    }
    *ret_bytes = bytes;
    *ret_size = text.len / 4 * 3 - padding;
    return true;
}

/* --- keys --- */

static BIO *memory(struct dsp_str text)
{
    return BIO_new_mem_buf(text.ptr, (int)text.len);
}

static EVP_PKEY *read_private(struct dsp_str pem)
{
    BIO *bio = memory(pem);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    return key;
}

static EVP_PKEY *read_public(struct dsp_str pem)
{
    BIO *bio = memory(pem);
    EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    bio = key ? NULL : memory(pem);
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    if (certificate) {
        key = X509_get_pubkey(certificate);
    }
    X509_free(certificate);
    BIO_free(bio);
    return key;
}

static bool is_rsa(const EVP_PKEY *key)
{
    return key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= 2048;
}

static bool keep(char *into, size_t size, struct dsp_str from)
{
    if (from.len >= size) {
        return false;
    }
    if (from.len) {
        memcpy(into, from.ptr, from.len);
    }
    into[from.len] = '\0';
    return true;
}

struct dsp_err fund_sign_new(const struct fund_sign_options *options, struct fund_sign **ret_sign)
{
    struct fund_sign *sign = calloc(1, sizeof *sign);
    if (!sign) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    sign->own = options->private_pem.len ? read_private(options->private_pem) : NULL;
    sign->platform = options->platform_pem.len ? read_public(options->platform_pem) : NULL;
    sign->opens = options->apiv3_key.len == FUND_APIV3_KEY_BYTES;
    const char *wrong = NULL;
    if (options->private_pem.len && !is_rsa(sign->own)) {
        wrong = "WECHAT_PAY_PRIVATE_KEY_FILE holds no RSA key of 2048 bits";
    } else if (options->platform_pem.len && !is_rsa(sign->platform)) {
        wrong = "WECHAT_PAY_PLATFORM_KEY_FILE holds no RSA key of 2048 bits";
    } else if (options->apiv3_key.len && !sign->opens) {
        wrong = "WECHAT_PAY_APIV3_KEY must be exactly 32 bytes";
    } else if (!keep(sign->mchid, sizeof sign->mchid, options->mchid) ||
               !keep(sign->serial, sizeof sign->serial, options->serial) ||
               !keep(sign->platform_serial, sizeof sign->platform_serial, options->platform_serial)) {
        wrong = "WECHAT_PAY_MCHID or a serial is too long";
    }
    if (wrong) {
        fund_sign_free(sign);
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s", wrong);
    }
    if (sign->opens) {
        memcpy(sign->apiv3_key, options->apiv3_key.ptr, sizeof sign->apiv3_key);
    }
    *ret_sign = sign;
    return dsp_ok();
}

void fund_sign_free(struct fund_sign *sign)
{
    if (sign) {
        EVP_PKEY_free(sign->own);
        EVP_PKEY_free(sign->platform);
        OPENSSL_cleanse(sign, sizeof *sign);
        free(sign);
    }
}

/* --- requests --- */

struct dsp_err fund_sign_message(const struct fund_sign *sign, struct dsp_arena *arena, struct dsp_str message,
                                 struct dsp_str *ret_signature)
{
    uint8_t signature[1024];
    size_t size = sizeof signature;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && sign->own && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, sign->own) == 1 &&
                EVP_DigestSign(context, signature, &size, (const unsigned char *)message.ptr, message.len) == 1;
    EVP_MD_CTX_free(context);
    return good ? to_base64(arena, signature, size, ret_signature)
                : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "the request cannot be signed");
}

struct dsp_err fund_sign_request_message(struct dsp_arena *arena, const struct fund_sign_request *request,
                                         struct dsp_str *ret_message)
{
    struct dsp_str message = dsp_arena_format(arena, "%s\n%.*s\n%lld\n%.*s\n%.*s\n", request->method,
                                              DSP_STR_ARG(request->canonical_url), (long long)request->timestamp_s,
                                              DSP_STR_ARG(request->nonce), DSP_STR_ARG(request->body));
    if (!message.ptr) {
        return full();
    }
    *ret_message = message;
    return dsp_ok();
}

struct dsp_err fund_sign_authorization(const struct fund_sign *sign, struct dsp_arena *arena,
                                       const struct fund_sign_request *request, struct dsp_str *ret_value)
{
    struct dsp_str message;
    struct dsp_str signature;
    DSP_TRY(fund_sign_request_message(arena, request, &message));
    DSP_TRY(fund_sign_message(sign, arena, message, &signature));
    struct dsp_str value = dsp_arena_format(
        arena,
        "WECHATPAY2-SHA256-RSA2048 mchid=\"%s\",nonce_str=\"%.*s\",timestamp=\"%lld\",serial_no=\"%s\","
        "signature=\"%.*s\"",
        sign->mchid, DSP_STR_ARG(request->nonce), (long long)request->timestamp_s, sign->serial,
        DSP_STR_ARG(signature));
    if (!value.ptr) {
        return full();
    }
    *ret_value = value;
    return dsp_ok();
}

struct dsp_str fund_sign_canonical(struct dsp_str url)
{
    size_t at = 0;
    for (size_t i = 0; i + 2 < url.len; i++) {
        if (url.ptr[i] == ':' && url.ptr[i + 1] == '/' && url.ptr[i + 2] == '/') {
            at = i + 3;
            break;
        }
    }
    while (at < url.len && url.ptr[at] != '/') {
        at++;
    }
    return at < url.len ? (struct dsp_str){url.ptr + at, url.len - at} : DSP_STR_LITERAL("/");
}

struct dsp_err fund_sign_nonce(struct dsp_arena *arena, struct dsp_str *ret_nonce)
{
    static const char SET[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    uint8_t random[32];
    char text[32];
    if (RAND_bytes(random, sizeof random) != 1) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "no randomness");
    }
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = SET[random[i] % (sizeof SET - 1)]; /* a nonce needs no even distribution */
    }
    *ret_nonce = dsp_arena_copy(arena, (struct dsp_str){text, sizeof text});
    return ret_nonce->ptr ? dsp_ok() : full();
}

/* --- answers and callbacks --- */

struct dsp_err fund_verify_message(const struct fund_sign *sign, struct dsp_str serial, struct dsp_str message,
                                   struct dsp_str signature)
{
    struct dsp_arena *arena;
    uint8_t *bytes;
    size_t size;
    if (!serial.len || !dsp_str_is(serial, sign->platform_serial) || !sign->platform) {
        return not_signed("no key with this serial");
    }
    if (!message.len || !signature.len || signature.len > 2048) {
        return not_signed("nothing is signed");
    }
    arena = dsp_arena_new(4096);
    if (!arena) {
        return dsp_retry(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && from_base64(arena, signature, &bytes, &size) &&
                EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, sign->platform) == 1 &&
                EVP_DigestVerify(context, bytes, size, (const unsigned char *)message.ptr, message.len) == 1;
    EVP_MD_CTX_free(context);
    dsp_arena_free(arena);
    return good ? dsp_ok() : not_signed("the signature does not match");
}

static bool is_fresh(struct dsp_str timestamp, int64_t now_s)
{
    int64_t then_s;
    if (timestamp.len > 12 || !dsp_str_to_int64(timestamp, &then_s) || then_s < 0) {
        return false;
    }
    int64_t away_s = now_s > then_s ? now_s - then_s : then_s - now_s;
    return away_s < FUND_SIGN_FRESH_S;
}

struct dsp_err fund_verify_signed(const struct fund_sign *sign, struct dsp_arena *arena, const struct fund_signed *in,
                                  int64_t now_s)
{
    if (!is_fresh(in->timestamp, now_s)) {
        return not_signed("the timestamp is 300 s or more away from now");
    }
    struct dsp_str message = dsp_arena_format(arena, "%.*s\n%.*s\n%.*s\n", DSP_STR_ARG(in->timestamp),
                                              DSP_STR_ARG(in->nonce), DSP_STR_ARG(in->body));
    return message.ptr ? fund_verify_message(sign, in->serial, message, in->signature) : full();
}

/* --- cipher --- */

static const EVP_CIPHER *gcm_of(size_t key_bytes)
{
    switch (key_bytes) {
    case 16:
        return EVP_aes_128_gcm();
    case 24:
        return EVP_aes_192_gcm();
    case 32:
        return EVP_aes_256_gcm();
    default:
        return NULL;
    }
}

static bool decrypt(const EVP_CIPHER *cipher, struct dsp_str key, struct dsp_str nonce, struct dsp_str associated,
                    uint8_t *sealed, size_t size, uint8_t *text)
{
    int length = 0;
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    size_t body = size - GCM_TAG_BYTES;
    bool good = context && EVP_DecryptInit_ex(context, cipher, NULL, NULL, NULL) == 1 &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_IVLEN, (int)nonce.len, NULL) == 1 &&
                EVP_DecryptInit_ex(context, NULL, NULL, (const unsigned char *)key.ptr,
                                   (const unsigned char *)nonce.ptr) == 1 &&
                (!associated.len || EVP_DecryptUpdate(context, NULL, &length, (const unsigned char *)associated.ptr,
                                                      (int)associated.len) == 1) &&
                EVP_DecryptUpdate(context, text, &length, sealed, (int)body) == 1 &&
                EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, GCM_TAG_BYTES, sealed + body) == 1 &&
                EVP_DecryptFinal_ex(context, text + length, &length) == 1;
    EVP_CIPHER_CTX_free(context);
    return good;
}

struct dsp_err fund_aead_open(struct dsp_arena *arena, struct dsp_str key, struct dsp_str nonce,
                              struct dsp_str associated, struct dsp_str ciphertext_base64, struct dsp_str *ret_text)
{
    uint8_t *sealed;
    size_t size;
    const EVP_CIPHER *cipher = gcm_of(key.len);
    if (!cipher || !nonce.len || !from_base64(arena, ciphertext_base64, &sealed, &size) || size < GCM_TAG_BYTES) {
        return dsp_reject(DSP_CODE_SEAL_INVALID, "key, nonce or ciphertext has a wrong form");
    }
    uint8_t *text = dsp_arena_alloc(arena, size);
    if (!text) {
        return full();
    }
    if (!decrypt(cipher, key, nonce, associated, sealed, size, text)) {
        return dsp_reject(DSP_CODE_SEAL_INVALID, "the tag does not match");
    }
    *ret_text = (struct dsp_str){(const char *)text, size - GCM_TAG_BYTES};
    return dsp_ok();
}

struct dsp_err fund_resource_open(const struct fund_sign *sign, struct dsp_arena *arena, struct dsp_str nonce,
                                  struct dsp_str associated, struct dsp_str ciphertext_base64, struct dsp_str *ret_text)
{
    if (!sign->opens || nonce.len != 12) {
        return dsp_reject(DSP_CODE_SEAL_INVALID, "a 32-byte key and a 12-byte nonce are needed");
    }
    struct dsp_str key = {sign->apiv3_key, sizeof sign->apiv3_key};
    return fund_aead_open(arena, key, nonce, associated, ciphertext_base64, ret_text);
}

/* --- our own webhooks --- */

struct dsp_err fund_verify_webhook(struct dsp_str secret, struct dsp_str header, struct dsp_str body, int64_t now_s)
{
    uint8_t given[32];
    uint8_t expected[EVP_MAX_MD_SIZE];
    const char *comma = header.len ? memchr(header.ptr, ',', header.len) : NULL;
    size_t stamp_end = comma ? (size_t)(comma - header.ptr) : 0;
    if (!secret.len || !comma || !dsp_str_starts(header, "t=") || header.len - stamp_end != 4 + 64 ||
        memcmp(comma, ",v1=", 4) != 0 || !dsp_unhex((struct dsp_str){comma + 4, 64}, given, sizeof given)) {
        return not_signed("Heshi-Signature is missing or not t=<unix>,v1=<64 hex>");
    }
    struct dsp_str stamp = {header.ptr + 2, stamp_end - 2};
    if (!is_fresh(stamp, now_s)) {
        return not_signed("the timestamp is 300 s or more away from now");
    }
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *run = mac ? EVP_MAC_CTX_new(mac) : NULL;
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0), OSSL_PARAM_construct_end()};
    size_t length = 0;
    bool good = run && EVP_MAC_init(run, (const unsigned char *)secret.ptr, secret.len, params) == 1 &&
                EVP_MAC_update(run, (const unsigned char *)stamp.ptr, stamp.len) == 1 &&
                EVP_MAC_update(run, (const unsigned char *)".", 1) == 1 &&
                (!body.len || EVP_MAC_update(run, (const unsigned char *)body.ptr, body.len) == 1) &&
                EVP_MAC_final(run, expected, &length, sizeof expected) == 1 && length == sizeof given &&
                CRYPTO_memcmp(expected, given, sizeof given) == 0;
    EVP_MAC_CTX_free(run);
    EVP_MAC_free(mac);
    return good ? dsp_ok() : not_signed("the signature does not match");
}
