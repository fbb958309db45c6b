#include "support/cmocka_all.h"

#include <string.h>

#include <openssl/evp.h>

#include "common/base/seal.h"

static const struct dsp_uuid CASE = {{0x01, 0x92, 0xaa}};
static const struct dsp_uuid OTHER_CASE = {{0x01, 0x92, 0xab}};
#define FIELD DSP_STR_LITERAL("claim")
#define TEXT DSP_STR_LITERAL("锅漏水, 要求退款")

struct fixture {
    struct dsp_arena *arena;
    struct dsp_key key;
    struct dsp_sealed sealed;
};

static int setup(void **state)
{
    static struct fixture fixture;
    fixture.arena = dsp_arena_new(64 * 1024);
    assert_ok(dsp_key_generate(&fixture.key));
    assert_ok(dsp_seal(fixture.arena, &fixture.key, &CASE, FIELD, TEXT, &fixture.sealed));
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    dsp_arena_free(fixture->arena);
    return 0;
}

static void assert_does_not_open(struct fixture *fixture, const struct dsp_uuid *case_id)
{
    struct dsp_str text = {"untouched", 9};
    assert_err(dsp_unseal(fixture->arena, &fixture->key, case_id, &fixture->sealed, &text), DSP_ERR_REJECT,
               "SEAL_INVALID");
    assert_true(dsp_str_is(text, "untouched"));
}

/* A copy of `bytes` with one bit turned. */
static struct dsp_str damaged(struct fixture *fixture, struct dsp_str bytes, size_t at)
{
    char *copy = dsp_arena_alloc(fixture->arena, bytes.len);
    memcpy(copy, bytes.ptr, bytes.len);
    copy[at] = (char)(copy[at] ^ 1);
    return (struct dsp_str){copy, bytes.len};
}

static void a_sealed_text_opens_in_its_own_place(void **state)
{
    struct fixture *fixture = *state;
    struct dsp_str text = {0};
    assert_int_equal(fixture->sealed.nonce.len, DSP_NONCE_BYTES);
    assert_int_equal(fixture->sealed.ciphertext.len, TEXT.len + DSP_TAG_BYTES);
    assert_int_equal(fixture->sealed.version, 1);
    assert_true(dsp_str_is(fixture->sealed.field, "claim"));
    assert_ok(dsp_unseal(fixture->arena, &fixture->key, &CASE, &fixture->sealed, &text));
    assert_true(dsp_str_equal(text, TEXT));
}

static void an_empty_text_can_be_sealed_too(void **state)
{
    struct fixture *fixture = *state;
    struct dsp_str text = {"untouched", 9};
    assert_ok(dsp_seal(fixture->arena, &fixture->key, &CASE, FIELD, (struct dsp_str){NULL, 0}, &fixture->sealed));
    assert_int_equal(fixture->sealed.ciphertext.len, DSP_TAG_BYTES);
    assert_ok(dsp_unseal(fixture->arena, &fixture->key, &CASE, &fixture->sealed, &text));
    assert_int_equal(text.len, 0);
    assert_non_null(text.ptr);
}

static void the_same_text_never_looks_the_same_twice(void **state)
{
    struct fixture *fixture = *state;
    struct dsp_sealed again;
    assert_ok(dsp_seal(fixture->arena, &fixture->key, &CASE, FIELD, TEXT, &again));
    assert_false(dsp_str_equal(again.nonce, fixture->sealed.nonce));
    assert_false(dsp_str_equal(again.ciphertext, fixture->sealed.ciphertext));
}

static void a_text_moved_to_another_case_does_not_open(void **state)
{
    assert_does_not_open(*state, &OTHER_CASE);
}

static void a_text_moved_to_another_field_does_not_open(void **state)
{
    struct fixture *fixture = *state;
    fixture->sealed.field = DSP_STR_LITERAL("reply");
    assert_does_not_open(fixture, &CASE);
    fixture->sealed.field = DSP_STR_LITERAL("clai");
    assert_does_not_open(fixture, &CASE);
}

static void another_version_does_not_open(void **state)
{
    struct fixture *fixture = *state;
    fixture->sealed.version = 0;
    assert_does_not_open(fixture, &CASE);
    fixture->sealed.version = 2;
    assert_does_not_open(fixture, &CASE);
}

static void another_key_does_not_open(void **state)
{
    struct fixture *fixture = *state;
    assert_ok(dsp_key_generate(&fixture->key));
    assert_does_not_open(fixture, &CASE);
}

static void a_damaged_nonce_text_or_tag_does_not_open(void **state)
{
    struct fixture *fixture = *state;
    struct dsp_sealed whole = fixture->sealed;
    fixture->sealed.nonce = damaged(fixture, whole.nonce, 0);
    assert_does_not_open(fixture, &CASE);
    fixture->sealed = whole;
    for (size_t at = 0; at < whole.ciphertext.len; at++) { /* the tag is the end of it */
        fixture->sealed.ciphertext = damaged(fixture, whole.ciphertext, at);
        assert_does_not_open(fixture, &CASE);
    }
}

static void cut_or_misshapen_parts_do_not_open(void **state)
{
    struct fixture *fixture = *state;
    struct dsp_sealed whole = fixture->sealed;
    fixture->sealed.ciphertext.len--;
    assert_does_not_open(fixture, &CASE);
    fixture->sealed.ciphertext.len = DSP_TAG_BYTES - 1;
    assert_does_not_open(fixture, &CASE);
    fixture->sealed = whole;
    fixture->sealed.nonce.len = DSP_NONCE_BYTES - 1;
    assert_does_not_open(fixture, &CASE);
    fixture->sealed.nonce = (struct dsp_str){NULL, 0};
    assert_does_not_open(fixture, &CASE);
}

static void a_full_arena_is_rejected(void **state)
{
    struct fixture *fixture = *state;
    struct dsp_arena *small = dsp_arena_new(16);
    struct dsp_str text = {0};
    struct dsp_sealed sealed;
    assert_err(dsp_seal(small, &fixture->key, &CASE, FIELD, TEXT, &sealed), DSP_ERR_REJECT, "ARENA_FULL");
    dsp_arena_reset(small);
    assert_err(dsp_unseal(small, &fixture->key, &CASE, &fixture->sealed, &text), DSP_ERR_REJECT, "ARENA_FULL");
    dsp_arena_free(small);
}

/* Builds the additional data by hand: a change of the framing would lock every stored text. */
static void the_additional_data_is_case_length_field_and_version(void **state)
{
    struct fixture *fixture = *state;
    const struct dsp_sealed *sealed = &fixture->sealed;
    uint8_t bound[16 + 4 + 5 + 4] = {0};
    uint8_t plain[64], tag[DSP_TAG_BYTES];
    int written = 0;
    memcpy(bound, CASE.bytes, 16);
    bound[19] = 5;
    memcpy(bound + 20, "claim", 5);
    bound[28] = 1;
    memcpy(tag, sealed->ciphertext.ptr + TEXT.len, sizeof tag);
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    assert_int_equal(
        EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), NULL, fixture->key.bytes, (const uint8_t *)sealed->nonce.ptr), 1);
    assert_int_equal(EVP_DecryptUpdate(cipher, NULL, &written, bound, sizeof bound), 1);
    assert_int_equal(EVP_DecryptUpdate(cipher, plain, &written, (const uint8_t *)sealed->ciphertext.ptr, (int)TEXT.len),
                     1);
    assert_int_equal(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, sizeof tag, tag), 1);
    assert_int_equal(EVP_DecryptFinal_ex(cipher, plain + written, &written), 1);
    EVP_CIPHER_CTX_free(cipher);
    assert_memory_equal(plain, TEXT.ptr, TEXT.len);
}

static void a_wrapped_key_opens_for_its_case_only(void **state)
{
    struct fixture *fixture = *state;
    struct dsp_key deployment, other, key = {{0}};
    uint8_t wrapped[DSP_WRAPPED_KEY_BYTES];
    struct dsp_str view = {(const char *)wrapped, sizeof wrapped};
    assert_ok(dsp_key_generate(&deployment));
    assert_ok(dsp_key_generate(&other));
    assert_ok(dsp_key_wrap(&deployment, &CASE, &fixture->key, wrapped));
    assert_err(dsp_key_unwrap(&deployment, &OTHER_CASE, view, &key), DSP_ERR_REJECT, "SEAL_INVALID");
    assert_err(dsp_key_unwrap(&other, &CASE, view, &key), DSP_ERR_REJECT, "SEAL_INVALID");
    assert_err(dsp_key_unwrap(&deployment, &CASE, damaged(fixture, view, sizeof wrapped - 1), &key), DSP_ERR_REJECT,
               "SEAL_INVALID");
    assert_err(dsp_key_unwrap(&deployment, &CASE, (struct dsp_str){view.ptr, view.len - 1}, &key), DSP_ERR_REJECT,
               "SEAL_INVALID");
    assert_err(dsp_key_unwrap(&deployment, &CASE, (struct dsp_str){NULL, 0}, &key), DSP_ERR_REJECT, "SEAL_INVALID");
    assert_int_equal(key.bytes[0] | key.bytes[31], 0);
    assert_ok(dsp_key_unwrap(&deployment, &CASE, view, &key));
    assert_memory_equal(key.bytes, fixture->key.bytes, sizeof key.bytes);
}

#define SEAL_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SEAL_TEST(a_sealed_text_opens_in_its_own_place),
        SEAL_TEST(an_empty_text_can_be_sealed_too),
        SEAL_TEST(the_same_text_never_looks_the_same_twice),
        SEAL_TEST(a_text_moved_to_another_case_does_not_open),
        SEAL_TEST(a_text_moved_to_another_field_does_not_open),
        SEAL_TEST(another_version_does_not_open),
        SEAL_TEST(another_key_does_not_open),
        SEAL_TEST(a_damaged_nonce_text_or_tag_does_not_open),
        SEAL_TEST(cut_or_misshapen_parts_do_not_open),
        SEAL_TEST(a_full_arena_is_rejected),
        SEAL_TEST(the_additional_data_is_case_length_field_and_version),
        SEAL_TEST(a_wrapped_key_opens_for_its_case_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
