/* services/notification/outside.c: requests and answers of the mini-program API and the webhook. */
#include "notification/outside.h"

#include <jansson.h>
#include <string.h>

#include "common/base/utf8.h"
#include "support/cmocka_all.h"

static struct dsp_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = dsp_arena_new(1 << 20);
    return arena ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    dsp_arena_free(arena);
    return 0;
}

static const struct ntf_settings SETTINGS = {.mini_program_url = "http://api",
                                             .appid = "wx1",
                                             .secret = "app-secret",
                                             .templates = "heshi-paper=P1,heshi-reminder=R1",
                                             .webhook_url = "http://shop/hook",
                                             .webhook_secret = "key"};

static struct ntf_case_row a_case(void)
{
    struct ntf_case_row row = {
        .merchant_id = DSP_STR_LITERAL("m1"), .consumer_id = DSP_STR_LITERAL("c1"), .openid = {"\x01\x02\xff", 3}};
    row.head.order_id = DSP_STR_LITERAL("o-1");
    memset(row.head.case_id.bytes, 0xab, sizeof row.head.case_id.bytes);
    return row;
}

static struct ntf_delivery_row a_paper(void)
{
    return (struct ntf_delivery_row){.sequence = 5,
                                     .kind = NTF_KIND_DECISION_FINAL,
                                     .is = {.side = NTF_SIDE_MERCHANT, .paper = true},
                                     .message_id = DSP_STR_LITERAL("n-1"),
                                     .told_ms = INT64_C(1778637600000),
                                     .title = DSP_STR_LITERAL("处理决定"),
                                     .text = DSP_STR_LITERAL("平台已作出处理决定。"),
                                     .hint = DSP_STR_LITERAL("请打开投诉页面查看详情")};
}

static json_t *parse(struct dsp_str text)
{
    json_t *object = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(object);
    return object;
}

static const char *text_at(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void the_webhook_body_has_the_documented_fields(void **state)
{
    (void)state;
    struct ntf_case_row row = a_case();
    struct ntf_delivery_row delivery = a_paper();
    struct dsp_str body;
    assert_ok(ntf_webhook_argument(arena, &row, &delivery, delivery.title, &body));
    json_t *object = parse(body);
    assert_string_equal(text_at(object, "message_id"), "n-1");
    assert_string_equal(text_at(object, "case_id"), "abababab-abab-abab-abab-abababababab");
    assert_string_equal(text_at(object, "order_id"), "o-1");
    assert_string_equal(text_at(object, "merchant_id"), "m1");
    assert_string_equal(text_at(object, "entry"), "DecisionFinal");
    assert_int_equal(json_integer_value(json_object_get(object, "sequence")), 5);
    assert_true(json_is_true(json_object_get(object, "paper")));
    assert_null(json_object_get(object, "due"));
    json_decref(object);
    delivery.due_ms = INT64_C(1778637600000);
    assert_ok(ntf_webhook_argument(arena, &row, &delivery, delivery.title, &body));
    object = parse(body);
    assert_string_equal(text_at(object, "due"), "2026-05-13T02:00:00.000Z");
    json_decref(object);
}

static void a_merchant_never_reads_who_the_consumer_is(void **state)
{
    (void)state;
    struct ntf_case_row row = a_case();
    struct ntf_delivery_row delivery = a_paper();
    struct dsp_str body;
    assert_ok(ntf_webhook_argument(arena, &row, &delivery, delivery.title, &body));
    assert_null(memmem(body.ptr, body.len, "c1", 2));
    assert_null(memmem(body.ptr, body.len, "openid", 6));
}

/* HMAC-SHA256("key", "1700000000.{}"), computed with python3's hmac. */
static void the_signature_is_that_of_time_and_body(void **state)
{
    (void)state;
    struct dsp_call call;
    assert_ok(ntf_webhook_call(arena, &SETTINGS, DSP_STR_LITERAL("n-1"), DSP_STR_LITERAL("{}"), INT64_C(1700000000999),
                               &call));
    assert_int_equal(call.header_count, 3);
    assert_true(dsp_str_is(
        call.headers[1],
        "Heshi-Signature: t=1700000000,v1=9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae"));
    assert_true(dsp_str_is(call.headers[2], "Heshi-Message-Id: n-1"));
    assert_true(dsp_str_is(call.url, "http://shop/hook"));
    assert_true(dsp_str_is(call.body, "{}"));
}

static void a_job_keeps_the_openid_sealed_and_the_call_opens_it(void **state)
{
    (void)state;
    struct ntf_case_row row = a_case();
    struct ntf_delivery_row delivery = a_paper();
    struct ntf_token token = {.text = "T"};
    struct dsp_str argument;
    struct dsp_str packed;
    struct dsp_call call;
    assert_ok(ntf_subscription_argument(arena, &SETTINGS, &row, &delivery, delivery.title, &argument));
    assert_ok(ntf_argument_openid(arena, argument, &packed));
    assert_true(dsp_str_equal(packed, row.openid));
    assert_ok(ntf_subscription_call(arena, &SETTINGS, &token, argument, DSP_STR_LITERAL("oX"), &call));
    assert_true(dsp_str_is(call.url, "http://api/cgi-bin/message/subscribe/send?access_token=T"));
    json_t *object = parse(call.body);
    assert_string_equal(text_at(object, "touser"), "oX");
    assert_string_equal(text_at(object, "template_id"), "P1");
    assert_null(json_object_get(object, "openid"));
    const json_t *data = json_object_get(object, "data");
    assert_int_equal(strlen(text_at(json_object_get(data, "character_string1"), "value")), NTF_CHARACTER_STRING_MAX);
    assert_string_equal(text_at(json_object_get(data, "time3"), "value"), "2026年05月13日 10:00");
    json_decref(object);
}

static void a_title_longer_than_a_thing_is_cut_by_characters(void **state)
{
    (void)state;
    struct ntf_case_row row = a_case();
    struct ntf_delivery_row delivery = a_paper();
    struct dsp_str argument;
    assert_ok(ntf_subscription_argument(arena, &SETTINGS, &row, &delivery,
                                        DSP_STR_LITERAL("一二三四五六七八九十一二三四五六七八九十一二"), &argument));
    json_t *object = parse(argument);
    const json_t *data = json_object_get(json_object_get(object, "message"), "data");
    const char *title = text_at(json_object_get(data, "thing2"), "value");
    assert_int_equal(dsp_utf8_length(dsp_str_from(title)), NTF_THING_MAX);
    json_decref(object);
}

static void damaged_arguments_are_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {"", "{", "[]", "{}", "{\"openid\":\"\"}", "{\"openid\":\"0g\"}"};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        struct dsp_str packed;
        assert_err(ntf_argument_openid(arena, dsp_str_from(BAD[i]), &packed), DSP_ERR_REJECT, "FIELD_INVALID");
    }
}

static void a_template_has_its_own_id_or_its_name(void **state)
{
    (void)state;
    struct ntf_settings none = {0};
    assert_true(dsp_str_is(ntf_template_id(&SETTINGS, NTF_TEMPLATE_PAPER), "P1"));
    assert_true(dsp_str_is(ntf_template_id(&SETTINGS, NTF_TEMPLATE_REMINDER), "R1"));
    assert_true(dsp_str_is(ntf_template_id(&SETTINGS, NTF_TEMPLATE_PROGRESS), "heshi-progress"));
    assert_true(dsp_str_is(ntf_template_id(&none, NTF_TEMPLATE_PAPER), "heshi-paper"));
}

static void a_good_token_is_kept_and_forgotten(void **state)
{
    (void)state;
    struct ntf_token token = {0};
    assert_false(ntf_token_fresh(&token));
    assert_true(ntf_token_keep(&token, 200, DSP_STR_LITERAL("{\"access_token\":\"91_a-B\",\"expires_in\":7200}")));
    assert_true(ntf_token_fresh(&token));
    assert_string_equal(token.text, "91_a-B");
    ntf_token_forget(&token);
    assert_false(ntf_token_fresh(&token));
}

static void answers_without_a_usable_token_are_not_kept(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "<html>",
        "{\"errcode\":40001,\"errmsg\":\"x\"}",
        "{\"access_token\":\"\",\"expires_in\":7200}",
        "{\"access_token\":\"a&b=c\",\"expires_in\":7200}", /* would change the query */
        "{\"access_token\":\"a\",\"expires_in\":0}",
        "{\"access_token\":\"a\",\"expires_in\":99999}",
    };
    struct ntf_token token = {0};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        assert_false(ntf_token_keep(&token, 200, dsp_str_from(BAD[i])));
    }
    assert_false(ntf_token_keep(&token, 502, DSP_STR_LITERAL("{\"access_token\":\"a\",\"expires_in\":7200}")));
    assert_false(ntf_token_fresh(&token));
}

static void an_errcode_is_read_only_where_there_is_one(void **state)
{
    (void)state;
    int64_t code = 7;
    assert_false(ntf_read_errcode(DSP_STR_LITERAL(""), &code));
    assert_false(ntf_read_errcode(DSP_STR_LITERAL("{\"errcode\":\"0\"}"), &code));
    assert_int_equal(code, 7);
    assert_true(ntf_read_errcode(DSP_STR_LITERAL("{\"errcode\":43101}"), &code));
    assert_int_equal(code, 43101);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_webhook_body_has_the_documented_fields),
        cmocka_unit_test(a_merchant_never_reads_who_the_consumer_is),
        cmocka_unit_test(the_signature_is_that_of_time_and_body),
        cmocka_unit_test(a_job_keeps_the_openid_sealed_and_the_call_opens_it),
        cmocka_unit_test(a_title_longer_than_a_thing_is_cut_by_characters),
        cmocka_unit_test(damaged_arguments_are_refused),
        cmocka_unit_test(a_template_has_its_own_id_or_its_name),
        cmocka_unit_test(a_good_token_is_kept_and_forgotten),
        cmocka_unit_test(answers_without_a_usable_token_are_not_kept),
        cmocka_unit_test(an_errcode_is_read_only_where_there_is_one),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
