/* Generated messages by their descriptors: what is refused, sealing, names and JSON. */
#include "common/service/message.h"

#include <string.h>

#include "common/base/codes.h"
#include "disputes/case/v1/event.pb-c.h"
#include "disputes/common/v1/common.pb-c.h"
#include "disputes/gateway/v1/command.pb-c.h"
#include "disputes/platform/v1/state.pb-c.h"
#include "support/cmocka_all.h"

#define COMPLAINT (&disputes__gateway__v1__file_complaint__descriptor)
static const struct dsp_uuid CASE = {{1, 2, 3}};
static const struct dsp_uuid OTHER = {{1, 2, 4}};

static int set_up(void **state)
{
    *state = dsp_arena_new(1u << 20);
    return 0;
}

static int tear_down(void **state)
{
    dsp_arena_free(*state);
    return 0;
}

static struct dsp_err unpack(struct dsp_arena *arena, const char *bytes, size_t size)
{
    Disputes__Gateway__V1__FileComplaint *message;
    return dsp_message_unpack(arena, COMPLAINT, (struct dsp_str){bytes, size}, &message);
}

#define UNPACK(arena, literal) unpack((arena), literal, sizeof(literal) - 1)

static void an_empty_value_is_a_message_without_fields(void **state)
{
    Disputes__Gateway__V1__FileComplaint *message;
    assert_ok(dsp_message_unpack(*state, COMPLAINT, (struct dsp_str){NULL, 0}, &message));
    assert_string_equal(message->platform_id, "");
    assert_null(message->description);
}

static void bytes_that_are_no_message_are_refused(void **state)
{
    assert_err(UNPACK(*state, "\x0a\x05"
                              "ab"),
               DSP_ERR_REJECT, "NOT_PROTOBUF");
    assert_err(UNPACK(*state, "\xff\xff\xff"), DSP_ERR_REJECT, "NOT_PROTOBUF");
}

static void u0000_and_bad_utf8_are_refused_also_in_nested_texts(void **state)
{
    assert_ok(UNPACK(*state, "\x0a\x03"
                             "abc"));
    assert_err(UNPACK(*state, "\x0a\x03"
                              "a\0b"),
               DSP_ERR_REJECT, "BAD_TEXT");
    assert_err(UNPACK(*state, "\x0a\x02\xc3\x28"), DSP_ERR_REJECT, "BAD_TEXT");
    /* description (6) holds plain (1) */
    assert_ok(UNPACK(*state, "\x32\x05\x0a\x03"
                             "abc"));
    assert_err(UNPACK(*state, "\x32\x05\x0a\x03"
                              "a\0b"),
               DSP_ERR_REJECT, "BAD_TEXT");
    assert_err(UNPACK(*state, "\x32\x03\x0a\x01\xff"), DSP_ERR_REJECT, "BAD_TEXT");
    /* items (7), each with a text id (1): the second one is bad */
    assert_err(UNPACK(*state, "\x3a\x03\x0a\x01"
                              "a"
                              "\x3a\x03\x0a\x01\xff"),
               DSP_ERR_REJECT, "BAD_TEXT");
}

static void an_enum_value_of_another_version_is_refused(void **state)
{
    assert_ok(UNPACK(*state, "\x18\x01"));
    assert_err(UNPACK(*state, "\x18\x7f"), DSP_ERR_REJECT, "KIND_UNKNOWN");
}

static void unknown_fields_are_passed_over(void **state)
{
    assert_ok(UNPACK(*state, "\xf8\x07\x01\x0a\x01"
                             "a"));
}

static void a_personal_text_has_at_most_4000_characters(void **state)
{
    static char text[3 * 4001 + 1];
    Disputes__Common__V1__Text plain = DISPUTES__COMMON__V1__TEXT__INIT;
    Disputes__Common__V1__Text *back;
    struct dsp_str bytes;
    for (int i = 0; i < 4001; i++) {
        memcpy(text + 3 * i, "诉", 3);
    }
    plain.form_case = DISPUTES__COMMON__V1__TEXT__FORM_PLAIN;
    plain.plain = text;
    assert_ok(dsp_message_pack(*state, &plain.base, &bytes));
    assert_err(dsp_message_unpack(*state, plain.base.descriptor, bytes, &back), DSP_ERR_REJECT, "FIELD_INVALID");
    text[3 * 4000] = '\0';
    assert_ok(dsp_message_pack(*state, &plain.base, &bytes));
    assert_ok(dsp_message_unpack(*state, plain.base.descriptor, bytes, &back));
    assert_string_equal(back->plain, text);
}

/* Found by fuzzing: protobuf-c keeps it as an unknown field, and nobody can read what it then writes. */
static void a_field_with_the_number_0_is_refused_at_any_depth(void **state)
{
    Disputes__Gateway__V1__FileComplaint *complaint;
    const char outer[] = "\x80\x00\x01";
    const char inner[] = "\x0a\x03\x80\x00\x01"; /* in a member */
    struct dsp_str cases[] = {{outer, 3}, {inner, 5}};
    const ProtobufCMessageDescriptor *types[] = {&disputes__gateway__v1__file_complaint__descriptor,
                                                 &disputes__gateway__v1__command__descriptor};
    for (size_t i = 0; i < 2; i++) {
        assert_err(dsp_message_unpack(*state, types[i], cases[i], &complaint), DSP_ERR_REJECT, "NOT_PROTOBUF");
    }
}

static void a_message_that_does_not_fit_is_refused(void **state)
{
    struct dsp_arena *small = dsp_arena_new(64);
    (void)state;
    assert_err(UNPACK(small, "\x0a\x03"
                             "abc"),
               DSP_ERR_REJECT, "ARENA_FULL");
    dsp_arena_free(small);
}

static void sealing_reaches_every_plain_text_and_opens_again(void **state)
{
    struct dsp_key key;
    struct dsp_key other_key;
    struct dsp_str text;
    struct dsp_str bytes;
    Disputes__Common__V1__Text openid = DISPUTES__COMMON__V1__TEXT__INIT;
    Disputes__Common__V1__Text words = DISPUTES__COMMON__V1__TEXT__INIT;
    Disputes__Gateway__V1__OrderFacts order = DISPUTES__GATEWAY__V1__ORDER_FACTS__INIT;
    Disputes__Gateway__V1__FileComplaint complaint = DISPUTES__GATEWAY__V1__FILE_COMPLAINT__INIT;
    char secret_openid[] = "openid-of-somebody";
    char secret_words[] = "锅漏水";
    assert_ok(dsp_key_generate(&key));
    assert_ok(dsp_key_generate(&other_key));
    openid.form_case = words.form_case = DISPUTES__COMMON__V1__TEXT__FORM_PLAIN;
    openid.plain = secret_openid;
    words.plain = secret_words;
    order.consumer_openid = &openid;
    complaint.order = &order;
    complaint.description = &words;
    size_t foretold = dsp_message_sealed_bytes(&complaint.base);
    assert_ok(dsp_message_seal(*state, &key, &CASE, &complaint.base));
    assert_in_range(protobuf_c_message_get_packed_size(&complaint.base), foretold - 2 * 192, foretold);
    assert_int_equal(words.form_case, DISPUTES__COMMON__V1__TEXT__FORM_SEALED);
    assert_string_not_equal(words.sealed->field, openid.sealed->field);
    assert_ok(dsp_message_pack(*state, &complaint.base, &bytes));
    assert_null(memmem(bytes.ptr, bytes.len, secret_openid, strlen(secret_openid)));
    assert_null(memmem(bytes.ptr, bytes.len, secret_words, strlen(secret_words)));
    assert_ok(dsp_text_open(*state, &key, &CASE, &words.base, &text));
    assert_true(dsp_str_is(text, secret_words));
    assert_ok(dsp_text_open(*state, &key, &CASE, &openid.base, &text));
    assert_true(dsp_str_is(text, secret_openid));
    assert_err(dsp_text_open(*state, &key, &OTHER, &words.base, &text), DSP_ERR_REJECT, "SEAL_INVALID");
    assert_err(dsp_text_open(*state, &other_key, &CASE, &words.base, &text), DSP_ERR_REJECT, "SEAL_INVALID");
    Disputes__Common__V1__Sealed *before = words.sealed;
    assert_ok(dsp_message_seal(*state, &key, &CASE, &complaint.base)); /* what is sealed stays as it is */
    assert_ptr_equal(words.sealed, before);
    words.sealed = openid.sealed; /* moved elsewhere with its own field name it still opens: the name travels */
    words.sealed->field = complaint.platform_id;
    assert_err(dsp_text_open(*state, &key, &CASE, &words.base, &text), DSP_ERR_REJECT, "SEAL_INVALID");
}

static void plain_and_absent_texts_open_as_they_are(void **state)
{
    struct dsp_key key = {{0}};
    struct dsp_str text;
    char words[] = "plain";
    Disputes__Common__V1__Text plain = DISPUTES__COMMON__V1__TEXT__INIT;
    assert_ok(dsp_text_open(*state, &key, &CASE, &plain.base, &text));
    assert_int_equal(text.len, 0);
    assert_ok(dsp_text_open(*state, &key, &CASE, NULL, &text));
    assert_int_equal(text.len, 0);
    plain.form_case = DISPUTES__COMMON__V1__TEXT__FORM_PLAIN;
    plain.plain = words;
    assert_ok(dsp_text_open(*state, &key, &CASE, &plain.base, &text));
    assert_true(dsp_str_is(text, "plain"));
}

static void enum_names_lose_the_prefix_of_their_type_and_come_back(void **state)
{
    static const ProtobufCEnumDescriptor *const TYPES[] = {
        &disputes__case__v1__entry_type__descriptor,    &disputes__common__v1__role__descriptor,
        &disputes__common__v1__stage__descriptor,       &disputes__common__v1__clock_kind__descriptor,
        &disputes__platform__v1__time_kind__descriptor,
    };
    int value = 0;
    (void)state;
    assert_string_equal(dsp_enum_name(TYPES[0], 1), "COMPLAINT_FILED");
    assert_string_equal(dsp_enum_name(TYPES[4], 0), "UNSPECIFIED");
    assert_string_equal(dsp_enum_name(TYPES[0], 99999), "?");
    assert_true(dsp_enum_value(TYPES[0], "ENTRY_TYPE_COMPLAINT_FILED", &value));
    assert_int_equal(value, 1);
    assert_false(dsp_enum_value(TYPES[0], "NO_SUCH_NAME", &value));
    for (size_t t = 0; t < sizeof TYPES / sizeof *TYPES; t++) {
        for (unsigned i = 0; i < TYPES[t]->n_values; i++) {
            assert_true(dsp_enum_value(TYPES[t], dsp_enum_name(TYPES[t], TYPES[t]->values[i].value), &value));
            assert_int_equal(value, TYPES[t]->values[i].value);
        }
    }
}

static void json_follows_the_proto3_mapping(void **state)
{
    Disputes__Platform__V1__State part = DISPUTES__PLATFORM__V1__STATE__INIT;
    Disputes__Platform__V1__Policy policy = DISPUTES__PLATFORM__V1__POLICY__INIT;
    Disputes__Common__V1__Sealed sealed = DISPUTES__COMMON__V1__SEALED__INIT;
    uint8_t bytes[] = {0xfb, 0xff};
    char id[] = "平台";
    (void)state;
    part.platform_id = id;
    part.version = UINT64_MAX;
    part.effective_time_millis = -5;
    part.part_case = DISPUTES__PLATFORM__V1__STATE__PART_POLICY;
    part.policy = &policy;
    policy.default_cap_minor = INT64_C(1) << 32; /* its lower half is zero */
    policy.agent_admits = 1;
    policy.reserve_ratio_percent = -1;
    json_t *json = dsp_message_json(&part.base);
    assert_string_equal(json_string_value(json_object_get(json, "platform_id")), "平台");
    assert_string_equal(json_string_value(json_object_get(json, "version")), "18446744073709551615");
    assert_string_equal(json_string_value(json_object_get(json, "effective_time_millis")), "-5");
    json_t *inner = json_object_get(json, "policy");
    assert_string_equal(json_string_value(json_object_get(inner, "default_cap_minor")), "4294967296");
    assert_true(json_is_true(json_object_get(inner, "agent_admits")));
    assert_int_equal(json_integer_value(json_object_get(inner, "reserve_ratio_percent")), -1);
    assert_null(json_object_get(inner, "four_eyes_minor")); /* what has its default value is left out */
    assert_null(json_object_get(inner, "budgets"));
    json_decref(json);
    sealed.nonce = (ProtobufCBinaryData){2, bytes};
    json = dsp_message_json(&sealed.base);
    assert_string_equal(json_string_value(json_object_get(json, "nonce")), "+/8=");
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_value_is_a_message_without_fields, set_up, tear_down),
        cmocka_unit_test_setup_teardown(bytes_that_are_no_message_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(u0000_and_bad_utf8_are_refused_also_in_nested_texts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_enum_value_of_another_version_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(unknown_fields_are_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_personal_text_has_at_most_4000_characters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_message_that_does_not_fit_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_field_with_the_number_0_is_refused_at_any_depth, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sealing_reaches_every_plain_text_and_opens_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(plain_and_absent_texts_open_as_they_are, set_up, tear_down),
        cmocka_unit_test_setup_teardown(enum_names_lose_the_prefix_of_their_type_and_come_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(json_follows_the_proto3_mapping, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
