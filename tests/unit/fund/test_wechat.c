/* The rails of WeChat Pay against tests/vectors and by hand. */
#include "support/cmocka_all.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "fund/rails/wechat_refund.h"
#include "fund/rails/wechat_sign.h"

static struct dsp_arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = dsp_arena_new(4u << 20);
    return arena ? 0 : -1;
}

static int drop_arena(void **state)
{
    (void)state;
    dsp_arena_free(arena);
    return 0;
}

static json_t *vectors(const char *name)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/tests/vectors/%s.json", HESHI_SOURCE_DIR, name);
    json_t *file = json_load_file(path, 0, NULL);
    assert_non_null(file);
    return file;
}

static struct dsp_str member(json_t *object, const char *name)
{
    return dsp_str_from(json_string_value(json_object_get(object, name)));
}

static bool is_ok(json_t *vector)
{
    return dsp_str_is(member(json_object_get(vector, "expected"), "result"), "ok");
}

/* A private PEM of the vectors says TESTING where a real one says PRIVATE. */
static struct dsp_str private_pem(json_t *key)
{
    struct dsp_str pem = dsp_arena_copy(arena, member(key, "testing_key_pem"));
    for (char *at = (char *)(uintptr_t)pem.ptr; (at = strstr(at, "TESTING KEY")); at += 7) {
        memcpy(at, "PRIVATE", 7);
    }
    return pem;
}

static struct fund_sign *sign_of(json_t *file, const char *key_name, const char *serial)
{
    json_t *key = json_object_get(json_object_get(file, "keys"), key_name);
    struct fund_sign *sign = NULL;
    struct fund_sign_options options = {.mchid = DSP_STR_LITERAL("1234567890"),
                                        .serial = DSP_STR_LITERAL("0123456789ABC"),
                                        .private_pem = private_pem(key),
                                        .platform_serial = dsp_str_from(serial),
                                        .platform_pem = member(key, "public_key_pem")};
    assert_ok(fund_sign_new(&options, &sign));
    return sign;
}

static void check_sign(json_t *file, json_t *vector)
{
    json_t *in = json_object_get(vector, "inputs");
    struct dsp_str signature;
    struct fund_sign *sign = sign_of(file, json_string_value(json_object_get(in, "key")), "X");
    assert_ok(fund_sign_message(sign, arena, member(in, "message"), &signature));
    assert_true(dsp_str_equal(signature, member(json_object_get(vector, "expected"), "signature_base64")));
    fund_sign_free(sign);
}

static void check_verify(json_t *file, json_t *vector)
{
    json_t *in = json_object_get(vector, "inputs");
    struct fund_sign *sign = sign_of(file, json_string_value(json_object_get(in, "key")), "F5765756002FDD77");
    struct dsp_err err = fund_verify_message(sign, member(in, "serial"), member(in, "message"),
                                             member(in, "signature_base64"));
    assert_int_equal(!dsp_failed(err), is_ok(vector));
    fund_sign_free(sign);
}

static void check_request(json_t *file, json_t *vector, bool signs)
{
    json_t *in = json_object_get(vector, "inputs");
    json_t *out = json_object_get(vector, "expected");
    struct dsp_str url = member(in, "canonical_url");
    struct dsp_str value;
    struct fund_sign_request request = {.method = json_string_value(json_object_get(in, "method")),
                                        .canonical_url = url.len ? url : fund_sign_canonical(member(in, "url")),
                                        .body = member(in, "body"),
                                        .nonce = member(in, "nonce_str")};
    assert_true(dsp_str_to_int64(member(in, "timestamp"), &request.timestamp_s));
    assert_ok(fund_sign_request_message(arena, &request, &value));
    assert_true(dsp_str_equal(value, member(out, "message")));
    if (signs) {
        struct fund_sign *sign = sign_of(file, json_string_value(json_object_get(in, "key")), "X");
        struct dsp_str message = value;
        assert_ok(fund_sign_message(sign, arena, message, &value));
        assert_true(dsp_str_equal(value, member(out, "signature_base64")));
        assert_ok(fund_sign_authorization(sign, arena, &request, &value));
        assert_true(dsp_str_equal(value, member(out, "authorization")));
        fund_sign_free(sign);
    }
}

static void check_callback(json_t *file, json_t *vector)
{
    json_t *in = json_object_get(vector, "inputs");
    json_t *headers = json_object_get(in, "headers");
    struct dsp_str serial = member(headers, "Wechatpay-Serial");
    struct fund_sign *sign = sign_of(file, json_string_value(json_object_get(in, "key")), serial.ptr);
    struct fund_signed signed_ = {.timestamp = member(headers, "Wechatpay-Timestamp"),
                                  .nonce = member(headers, "Wechatpay-Nonce"),
                                  .serial = serial,
                                  .signature = member(headers, "Wechatpay-Signature"),
                                  .body = member(in, "body")};
    int64_t now_s;
    assert_true(dsp_str_to_int64(member(in, "now"), &now_s));
    assert_int_equal(!dsp_failed(fund_verify_signed(sign, arena, &signed_, now_s)), is_ok(vector));
    fund_sign_free(sign);
}

static void signatures_agree_with_every_vector(void **state)
{
    (void)state;
    json_t *file = vectors("wechatpay-signing");
    json_t *vector;
    size_t i;
    size_t checked = 0;
    json_array_foreach(json_object_get(file, "vectors"), i, vector) {
        struct dsp_str kind = member(vector, "kind");
        bool oaep = dsp_str_is(kind, "rsa-oaep-sha1-decrypt"); /* user_name, which we never send */
        checked += oaep ? 0 : 1;
        if (dsp_str_is(kind, "rsa-sha256-sign")) {
            check_sign(file, vector);
        } else if (dsp_str_is(kind, "rsa-sha256-verify")) {
            check_verify(file, vector);
        } else if (dsp_str_is(kind, "request-authorization") || dsp_str_is(kind, "request-message")) {
            check_request(file, vector, dsp_str_is(kind, "request-authorization"));
        } else if (dsp_str_is(kind, "callback-verify")) {
            check_callback(file, vector);
        } else {
            assert_true(oaep);
        }
    }
    assert_true(checked >= 20);
    json_decref(file);
}

static struct dsp_err open_vector(json_t *in, struct dsp_str *ret_text)
{
    struct dsp_str key = member(in, "key");
    json_t *resource = json_object_get(in, "resource");
    json_t *from = resource ? resource : in;
    struct dsp_str nonce = member(from, "nonce");
    struct dsp_str associated = member(from, "associated_data");
    struct dsp_str ciphertext = member(from, resource ? "ciphertext" : "ciphertext_base64");
    if (dsp_str_is(member(in, "level"), "primitive")) {
        return fund_aead_open(arena, key, nonce, associated, ciphertext, ret_text);
    }
    struct fund_sign *sign = NULL;
    struct fund_sign_options options = {.apiv3_key = key};
    DSP_TRY(fund_sign_new(&options, &sign));
    struct dsp_err err = fund_resource_open(sign, arena, nonce, associated, ciphertext, ret_text);
    fund_sign_free(sign);
    return err;
}

static void the_cipher_agrees_with_every_vector(void **state)
{
    (void)state;
    json_t *file = vectors("wechatpay-aead");
    json_t *vector;
    size_t i;
    json_array_foreach(json_object_get(file, "vectors"), i, vector) {
        json_t *in = json_object_get(vector, "inputs");
        struct dsp_str text = {0};
        if (dsp_str_is(member(vector, "kind"), "apiv3-key-config")) {
            struct fund_sign *sign = NULL;
            struct fund_sign_options options = {.apiv3_key = member(in, "key")};
            assert_int_equal(!dsp_failed(fund_sign_new(&options, &sign)), is_ok(vector));
            fund_sign_free(sign);
            continue;
        }
        struct dsp_err err = open_vector(in, &text);
        assert_int_equal(!dsp_failed(err), is_ok(vector));
        if (is_ok(vector)) {
            assert_true(dsp_str_equal(text, member(json_object_get(vector, "expected"), "plaintext")));
        }
    }
    json_decref(file);
}

static void a_webhook_is_taken_only_with_its_own_fresh_signature(void **state)
{
    (void)state;
    /* HMAC-SHA256 of "1624523846.{}" under "secret", by Python's hmac. */
    const struct dsp_str good = DSP_STR_LITERAL(
        "t=1624523846,v1=912b654b8471413831d5765d3efecea7f05fcfd9f85c8d74c87276f9b44d30ec");
    const struct dsp_str secret = DSP_STR_LITERAL("secret");
    const struct dsp_str body = DSP_STR_LITERAL("{}");
    assert_ok(fund_verify_webhook(secret, good, body, 1624523846));
    assert_ok(fund_verify_webhook(secret, good, body, 1624523846 + 299));
    assert_err(fund_verify_webhook(secret, good, body, 1624523846 + 300), DSP_ERR_REJECT, "SIGNATURE_INVALID");
    assert_err(fund_verify_webhook(secret, good, DSP_STR_LITERAL("{ }"), 1624523846), DSP_ERR_REJECT,
               "SIGNATURE_INVALID");
    assert_err(fund_verify_webhook(DSP_STR_LITERAL("other"), good, body, 1624523846), DSP_ERR_REJECT,
               "SIGNATURE_INVALID");
    assert_err(fund_verify_webhook((struct dsp_str){NULL, 0}, good, body, 1624523846), DSP_ERR_REJECT,
               "SIGNATURE_INVALID");
    assert_err(fund_verify_webhook(secret, DSP_STR_LITERAL("t=1,v1="), body, 1), DSP_ERR_REJECT, "SIGNATURE_INVALID");
    assert_err(fund_verify_webhook(secret, (struct dsp_str){NULL, 0}, body, 1), DSP_ERR_REJECT, "SIGNATURE_INVALID");
}

static void a_transfer_has_the_same_body_at_every_attempt(void **state)
{
    (void)state;
    struct fund_transfer transfer = {.appid = DSP_STR_LITERAL("wx8888888888888888"),
                                     .number = DSP_STR_LITERAL("HS260518SC12A"),
                                     .scene_id = DSP_STR_LITERAL("1011"),
                                     .notify_url = DSP_STR_LITERAL("https://pay.example/wechatpay/c/o"),
                                     .amount_minor = 36800};
    struct dsp_str plan;
    struct dsp_str one;
    struct dsp_str two;
    assert_ok(fund_transfer_plan(arena, &transfer, &plan));
    assert_null(strstr(plan.ptr, "openid")); /* what is stored names nobody */
    assert_ok(fund_transfer_body(arena, plan, DSP_STR_LITERAL("o-1012"), &one));
    assert_ok(fund_transfer_body(arena, plan, DSP_STR_LITERAL("o-1012"), &two));
    assert_true(dsp_str_equal(one, two));
    json_t *body = json_loads(one.ptr, 0, NULL);
    assert_true(json_integer_value(json_object_get(body, "transfer_amount")) == 36800);
    assert_true(dsp_str_is(member(body, "out_bill_no"), "HS260518SC12A"));
    assert_true(dsp_str_is(member(body, "openid"), "o-1012"));
    json_t *info = json_array_get(json_object_get(body, "transfer_scene_report_infos"), 0);
    assert_true(dsp_str_is(member(info, "info_type"), "赔付原因"));
    json_decref(body);
    assert_err(fund_transfer_body(arena, plan, (struct dsp_str){NULL, 0}, &one), DSP_ERR_REJECT, "FIELD_INVALID");
}

static void an_answer_about_a_transfer_is_read_by_its_state(void **state)
{
    (void)state;
    struct fund_told told = fund_transfer_read(
        arena, 200, DSP_STR_LITERAL("{\"out_bill_no\":\"HS1\",\"state\":\"SUCCESS\",\"transfer_amount\":36800}"));
    assert_int_equal(told.fate, FUND_FATE_SUCCESS);
    assert_int_equal(told.amount_minor, 36800);
    assert_true(dsp_str_is(told.number, "HS1"));
    told = fund_transfer_read(arena, 200, DSP_STR_LITERAL("{\"state\":\"WAIT_USER_CONFIRM\"}"));
    assert_int_equal(told.fate, FUND_FATE_PENDING);
    told = fund_transfer_read(arena, 200, DSP_STR_LITERAL("{\"state\":\"FAIL\",\"fail_reason\":\"ACCOUNT_FROZEN\"}"));
    assert_int_equal(told.fate, FUND_FATE_FAILED);
    assert_true(dsp_str_is(told.code, "ACCOUNT_FROZEN"));
    told = fund_transfer_read(arena, 200, DSP_STR_LITERAL("{\"state\":\"NEW_STATE\"}"));
    assert_int_equal(told.fate, FUND_FATE_UNKNOWN);
    told = fund_transfer_read(arena, 0, (struct dsp_str){NULL, 0});
    assert_int_equal(told.fate, FUND_FATE_UNKNOWN);
    told = fund_transfer_read(arena, 404, DSP_STR_LITERAL("{\"code\":\"RESOURCE_NOT_EXISTS\"}"));
    assert_int_equal(told.fate, FUND_FATE_ABSENT);
    told = fund_transfer_read(arena, 200, DSP_STR_LITERAL("not json"));
    assert_int_equal(told.fate, FUND_FATE_UNKNOWN);
}

static void a_refund_proves_a_duty_only_with_its_order_and_enough_money(void **state)
{
    (void)state;
    const char *code;
    const struct dsp_str paid = DSP_STR_LITERAL(
        "{\"status\":\"SUCCESS\",\"transaction_id\":\"42\",\"amount\":{\"refund\":12900}}");
    struct fund_told told = fund_refund_read(arena, 200, paid);
    assert_int_equal(fund_refund_prove(&told, DSP_STR_LITERAL("42"), 12900, &code), FUND_PROOF_HOLDS);
    assert_null(code);
    assert_int_equal(fund_refund_prove(&told, DSP_STR_LITERAL("43"), 12900, &code), FUND_PROOF_FAILS);
    assert_string_equal(code, "WRONG_TRANSACTION");
    assert_int_equal(fund_refund_prove(&told, DSP_STR_LITERAL("42"), 12901, &code), FUND_PROOF_FAILS);
    assert_string_equal(code, "TOO_SMALL");
    told = fund_refund_read(arena, 404, DSP_STR_LITERAL("{}"));
    assert_int_equal(fund_refund_prove(&told, DSP_STR_LITERAL("42"), 1, &code), FUND_PROOF_FAILS);
    assert_string_equal(code, "NOT_FOUND");
    told = fund_refund_read(arena, 200, DSP_STR_LITERAL("{\"status\":\"ABNORMAL\"}"));
    assert_int_equal(fund_refund_prove(&told, DSP_STR_LITERAL("42"), 1, &code), FUND_PROOF_FAILS);
    static const int ASK[] = {0, 400, 401, 403, 429, 500};
    for (size_t i = 0; i < sizeof ASK / sizeof *ASK; i++) {
        told = fund_refund_read(arena, ASK[i], (struct dsp_str){NULL, 0});
        assert_int_equal(fund_refund_prove(&told, DSP_STR_LITERAL("42"), 1, &code), FUND_PROOF_ASK_AGAIN);
    }
}

static void numbers_and_addresses_fit_their_paths(void **state)
{
    (void)state;
    struct dsp_str text;
    char longer[300];
    memset(longer, 'o', sizeof longer);
    assert_true(fund_refund_number_good(DSP_STR_LITERAL("R260413_-|*@SC01")));
    assert_false(fund_refund_number_good(DSP_STR_LITERAL("R/../x")));
    assert_false(fund_refund_number_good((struct dsp_str){NULL, 0}));
    assert_false(fund_refund_number_good((struct dsp_str){longer, 65}));
    assert_ok(fund_refund_query_path(arena, DSP_STR_LITERAL("R|1"), &text));
    assert_true(dsp_str_is(text, "/v3/refund/domestic/refunds/R%7C1"));
    assert_ok(fund_notify_url(arena, DSP_STR_LITERAL("https://x/wechatpay"), DSP_STR_LITERAL("c"),
                              DSP_STR_LITERAL("o 1/2"), &text));
    assert_true(dsp_str_is(text, "https://x/wechatpay/c/o%201%2F2"));
    assert_ok(fund_notify_url(arena, DSP_STR_LITERAL("https://x"), DSP_STR_LITERAL("c"),
                              (struct dsp_str){longer, sizeof longer}, &text));
    assert_int_equal(text.len, 0); /* too long for the payment side: queries must do */
    assert_true(dsp_str_is(fund_sign_canonical(DSP_STR_LITERAL("http://127.0.0.1:1/a/b?c=d")), "/a/b?c=d"));
    assert_true(dsp_str_is(fund_sign_canonical(DSP_STR_LITERAL("http://127.0.0.1:1")), "/"));
}

static void keys_that_are_none_stop_the_start(void **state)
{
    (void)state;
    struct fund_sign *sign = NULL;
    struct fund_sign_options options = {.private_pem = DSP_STR_LITERAL("no pem")};
    assert_err(fund_sign_new(&options, &sign), DSP_ERR_FATAL, "CONFIG_INVALID");
    options = (struct fund_sign_options){.platform_pem = DSP_STR_LITERAL("no pem")};
    assert_err(fund_sign_new(&options, &sign), DSP_ERR_FATAL, "CONFIG_INVALID");
    assert_null(sign);
    fund_sign_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_agree_with_every_vector),
        cmocka_unit_test(the_cipher_agrees_with_every_vector),
        cmocka_unit_test(a_webhook_is_taken_only_with_its_own_fresh_signature),
        cmocka_unit_test(a_transfer_has_the_same_body_at_every_attempt),
        cmocka_unit_test(an_answer_about_a_transfer_is_read_by_its_state),
        cmocka_unit_test(a_refund_proves_a_duty_only_with_its_order_and_enough_money),
        cmocka_unit_test(numbers_and_addresses_fit_their_paths),
        cmocka_unit_test(keys_that_are_none_stop_the_start),
    };
    return cmocka_run_group_tests(tests, make_arena, drop_arena);
}
