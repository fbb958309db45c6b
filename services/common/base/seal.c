#include "common/base/seal.h"

#include <limits.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "common/base/codes.h"

#define SEAL_VERSION 1U

/* Additional data in pieces that are hashed one after the other. */
struct context {
    const struct dsp_uuid *case_id;
    const struct dsp_str *field; /* NULL: the case id alone binds (wrapped keys) */
    uint32_t version;
};

static void free_cipher(EVP_CIPHER_CTX **cipher)
{
    EVP_CIPHER_CTX_free(*cipher);
}

static void big_endian(uint32_t value, uint8_t bytes[4])
{
    for (int i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

/* Sizes of OpenSSL are ints; what comes here was bounded by fits(). */
static bool update(EVP_CIPHER_CTX *cipher, uint8_t *out, const void *in, size_t size)
{
    int written;
    return size == 0 || EVP_CipherUpdate(cipher, out, &written, in, (int)size) == 1;
}

static bool fits(size_t size)
{
    return size <= INT_MAX - DSP_TAG_BYTES;
}

/* case id ‖ length of field ‖ field ‖ version: with the length in front no two contexts read the same. */
static bool add_context(EVP_CIPHER_CTX *cipher, const struct context *context)
{
    if (!update(cipher, NULL, context->case_id->bytes, sizeof context->case_id->bytes)) {
        return false;
    }
    if (!context->field) {
        return true;
    }
    uint8_t length[4], version[4];
    big_endian((uint32_t)context->field->len, length);
    big_endian(context->version, version);
    return update(cipher, NULL, length, sizeof length) &&
           update(cipher, NULL, context->field->ptr, context->field->len) &&
           update(cipher, NULL, version, sizeof version);
}

/* Kept while the process lives: OpenSSL 3 looks EVP_aes_256_gcm() up anew at every use. NULL: it has none. */
static const EVP_CIPHER *aes_256_gcm(void)
{
    static EVP_CIPHER *found;
    if (!found) {
        found = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    }
    return found;
}

/* `out` holds size + DSP_TAG_BYTES. */
static bool encrypt(const struct dsp_key *key, const struct context *context, const uint8_t *nonce, const void *plain,
                    size_t size, uint8_t *out)
{
    EVP_CIPHER_CTX *cipher __attribute__((cleanup(free_cipher))) = EVP_CIPHER_CTX_new();
    uint8_t nothing[1];
    int written;
    return cipher && aes_256_gcm() && EVP_EncryptInit_ex(cipher, aes_256_gcm(), NULL, key->bytes, nonce) == 1 &&
           add_context(cipher, context) && update(cipher, out, plain, size) &&
           EVP_EncryptFinal_ex(cipher, nothing, &written) == 1 &&
           EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, DSP_TAG_BYTES, out + size) == 1;
}

/* `size` bytes followed by the tag; `out` holds size and is wiped on failure. */
static bool decrypt(const struct dsp_key *key, const struct context *context, const uint8_t *nonce,
                    const uint8_t *sealed, size_t size, void *out)
{
    EVP_CIPHER_CTX *cipher __attribute__((cleanup(free_cipher))) = EVP_CIPHER_CTX_new();
    uint8_t tag[DSP_TAG_BYTES], nothing[1];
    int written;
    memcpy(tag, sealed + size, sizeof tag); /* OpenSSL wants it writable */
    bool ok = cipher && aes_256_gcm() && EVP_DecryptInit_ex(cipher, aes_256_gcm(), NULL, key->bytes, nonce) == 1 &&
              add_context(cipher, context) && update(cipher, out, sealed, size) &&
              EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, DSP_TAG_BYTES, tag) == 1 &&
              EVP_DecryptFinal_ex(cipher, nothing, &written) == 1;
    if (!ok) {
        OPENSSL_cleanse(out, size);
    }
    return ok;
}

static struct dsp_err random_bytes(uint8_t *bytes, int size)
{
    return RAND_bytes(bytes, size) == 1 ? dsp_ok() : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "no randomness");
}

struct dsp_err dsp_key_generate(struct dsp_key *ret_key)
{
    struct dsp_key key;
    DSP_TRY(random_bytes(key.bytes, sizeof key.bytes));
    *ret_key = key;
    OPENSSL_cleanse(&key, sizeof key);
    return dsp_ok();
}

struct dsp_err dsp_key_wrap(const struct dsp_key *deployment, const struct dsp_uuid *case_id, const struct dsp_key *key,
                            uint8_t ret_wrapped[DSP_WRAPPED_KEY_BYTES])
{
    uint8_t wrapped[DSP_WRAPPED_KEY_BYTES];
    DSP_TRY(random_bytes(wrapped, DSP_NONCE_BYTES));
    struct context context = {.case_id = case_id};
    if (!encrypt(deployment, &context, wrapped, key->bytes, sizeof key->bytes, wrapped + DSP_NONCE_BYTES)) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "AES-256-GCM does not work");
    }
    memcpy(ret_wrapped, wrapped, sizeof wrapped);
    return dsp_ok();
}

struct dsp_err dsp_key_unwrap(const struct dsp_key *deployment, const struct dsp_uuid *case_id, struct dsp_str wrapped,
                              struct dsp_key *ret_key)
{
    if (wrapped.len != DSP_WRAPPED_KEY_BYTES) {
        return dsp_reject(DSP_CODE_SEAL_INVALID, "a wrapped key of %zu bytes", wrapped.len);
    }
    const uint8_t *nonce = (const uint8_t *)wrapped.ptr;
    struct context context = {.case_id = case_id};
    struct dsp_key key;
    if (!decrypt(deployment, &context, nonce, nonce + DSP_NONCE_BYTES, sizeof key.bytes, key.bytes)) {
        return dsp_reject(DSP_CODE_SEAL_INVALID, "the wrapped key does not open");
    }
    *ret_key = key;
    OPENSSL_cleanse(&key, sizeof key);
    return dsp_ok();
}

struct dsp_err dsp_seal(struct dsp_arena *arena, const struct dsp_key *key, const struct dsp_uuid *case_id,
                        struct dsp_str field, struct dsp_str text, struct dsp_sealed *ret_sealed)
{
    if (!fits(text.len) || !fits(field.len)) {
        return dsp_reject(DSP_CODE_TOO_BIG, "a text of %zu bytes", text.len);
    }
    uint8_t *nonce = dsp_arena_alloc(arena, DSP_NONCE_BYTES);
    uint8_t *ciphertext = dsp_arena_alloc(arena, text.len + DSP_TAG_BYTES);
    struct dsp_str name = dsp_arena_copy(arena, field);
    if (!nonce || !ciphertext || !name.ptr) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "sealing a text of %zu bytes", text.len);
    }
    DSP_TRY(random_bytes(nonce, DSP_NONCE_BYTES));
    struct context context = {.case_id = case_id, .field = &name, .version = SEAL_VERSION};
    if (!encrypt(key, &context, nonce, text.ptr, text.len, ciphertext)) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "AES-256-GCM does not work");
    }
    *ret_sealed = (struct dsp_sealed){
        .nonce = {(const char *)nonce, DSP_NONCE_BYTES},
        .ciphertext = {(const char *)ciphertext, text.len + DSP_TAG_BYTES},
        .field = name,
        .version = SEAL_VERSION,
    };
    return dsp_ok();
}

/* What can be told without the key. */
static struct dsp_err check_form(const struct dsp_sealed *sealed)
{
    if (sealed->version != SEAL_VERSION) {
        return dsp_reject(DSP_CODE_SEAL_INVALID, "version %u of the seal is not known", sealed->version);
    }
    if (sealed->nonce.len != DSP_NONCE_BYTES) {
        return dsp_reject(DSP_CODE_SEAL_INVALID, "a nonce of %zu bytes", sealed->nonce.len);
    }
    if (sealed->ciphertext.len < DSP_TAG_BYTES || !fits(sealed->ciphertext.len) || !fits(sealed->field.len)) {
        return dsp_reject(DSP_CODE_SEAL_INVALID, "a sealed text of %zu bytes", sealed->ciphertext.len);
    }
    return dsp_ok();
}

struct dsp_err dsp_unseal(struct dsp_arena *arena, const struct dsp_key *key, const struct dsp_uuid *case_id,
                          const struct dsp_sealed *sealed, struct dsp_str *ret_text)
{
    DSP_TRY(check_form(sealed));
    size_t size = sealed->ciphertext.len - DSP_TAG_BYTES;
    char *text = dsp_arena_alloc(arena, size + 1);
    if (!text) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "opening a text of %zu bytes", size);
    }
    struct context context = {.case_id = case_id, .field = &sealed->field, .version = sealed->version};
    if (!decrypt(key, &context, (const uint8_t *)sealed->nonce.ptr, (const uint8_t *)sealed->ciphertext.ptr, size,
                 text)) {
        return dsp_reject(DSP_CODE_SEAL_INVALID, "the sealed text does not open");
    }
    *ret_text = (struct dsp_str){text, size};
    return dsp_ok();
}
