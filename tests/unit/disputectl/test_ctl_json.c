#include "support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "common/base/id.h"
#include "common/service/message.h"
#include "disputectl/ctl_json.h"
#include "disputes/gateway/v1/command.pb-c.h"
#include "disputes/platform/v1/state.pb-c.h"

#define COMMAND (&disputes__gateway__v1__command__descriptor)
#define STATE (&disputes__platform__v1__state__descriptor)

static struct dsp_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = dsp_arena_new(1u << 20);
    return arena ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    dsp_arena_free(arena);
    return 0;
}

static struct dsp_err read_as(const ProtobufCMessageDescriptor *type, const char *text, void *ret_message)
{
    json_error_t why;
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    ProtobufCMessage *message = NULL;
    if (!json) {
        fail_msg("the test's JSON: %s", why.text);
    }
    struct dsp_err err = ctl_json_message(arena, type, json, &message);
    json_decref(json);
    memcpy(ret_message, &message, sizeof message);
    return err;
}

/* The refusal names the path and says why. */
static void assert_refused(const ProtobufCMessageDescriptor *type, const char *text, const char *detail)
{
    void *message;
    struct dsp_err err = read_as(type, text, &message);
    assert_err(err, DSP_ERR_REJECT, "FIELD_INVALID");
    assert_string_equal(err.detail, detail);
}

static void a_filing_is_read_whole(void **state)
{
    (void)state;
    Disputes__Gateway__V1__Command *command = NULL;
    assert_ok(read_as(COMMAND,
                      "{\"actor\": {\"role\": \"CONSUMER\", \"id\": \"c1\"}, \"file_complaint\": {"
                      "\"platform_id\": \"wx1\", \"reason\": \"REASON_QUALITY\", \"remedy\": \"refund\","
                      "\"order\": {\"orderLine\": 2, \"paid\": {\"amount_minor\": \"12900\", \"currency\": \"CNY\"},"
                      "\"received_time_millis\": \"2026-04-11T12:30:00+08:00\", \"shipped_time_millis\": \"1000\"},"
                      "\"amount\": \"129.00\", \"description\": \"盖子坏了\","
                      "\"items\": [{\"item_id\": \"e1\", \"sha256\": {\"sha256_of\": \"x\"}, \"size_bytes\": 3},"
                      "{\"item_id\": \"e2\", \"caption\": {\"plain\": \"box\"}}]}}",
                      &command));
    assert_int_equal(command->act_case, DISPUTES__GATEWAY__V1__COMMAND__ACT_FILE_COMPLAINT);
    const Disputes__Gateway__V1__FileComplaint *filing = command->file_complaint;
    assert_int_equal(filing->reason, DISPUTES__COMMON__V1__REASON__REASON_QUALITY);
    assert_int_equal(filing->remedy, DISPUTES__COMMON__V1__REMEDY__REMEDY_REFUND);
    assert_int_equal(filing->order->order_line, 2);
    assert_int_equal(filing->order->paid->amount_minor, 12900);
    assert_int_equal(filing->order->received_time_millis, INT64_C(1775881800000));
    assert_int_equal(filing->order->shipped_time_millis, 1000);
    assert_int_equal(filing->amount->amount_minor, 12900);
    assert_string_equal(filing->amount->currency, "CNY");
    assert_string_equal(filing->description->plain, "盖子坏了");
    assert_int_equal(filing->n_items, 2);
    assert_int_equal(filing->items[0]->sha256.len, 32);
    assert_string_equal(filing->items[1]->caption->plain, "box");
    assert_string_equal(filing->channel, "");
}

static void what_is_decoded_is_read_again(void **state)
{
    (void)state;
    Disputes__Gateway__V1__Command *command = NULL;
    struct dsp_str first;
    struct dsp_str second;
    json_t *json = NULL;
    assert_ok(read_as(COMMAND,
                      "{\"generation\": 3, \"declare_settlement\": {\"terms_sha256\": {\"hex\": \"00ff10\"},"
                      "\"ruling\": {\"ruling_id\": \"D1\", \"liability\": \"MERCHANT\", \"merchant_percent\": -1}}}",
                      &command));
    assert_ok(dsp_message_pack(arena, &command->base, &first));
    assert_ok(ctl_json_unpack(COMMAND, first, &json));
    assert_ok(ctl_json_pack(arena, COMMAND, json, &second));
    assert_true(dsp_str_equal(first, second));
    json_decref(json);
}

static void bytes_come_in_four_forms(void **state)
{
    (void)state;
    static const char *const FORMS[] = {"\"aGk=\"", "{\"hex\": \"6869\"}", "{\"text\": \"hi\"}"};
    for (size_t i = 0; i < 3; i++) {
        char text[128];
        Disputes__Gateway__V1__Command *command = NULL;
        snprintf(text, sizeof text, "{\"declare_settlement\": {\"terms_sha256\": %s}}", FORMS[i]);
        assert_ok(read_as(COMMAND, text, &command));
        const ProtobufCBinaryData *bytes = &command->declare_settlement->terms_sha256;
        assert_int_equal(bytes->len, 2);
        assert_memory_equal(bytes->data, "hi", 2);
    }
    assert_refused(COMMAND, "{\"declare_settlement\": {\"terms_sha256\": \"hi\"}}",
                   "declare_settlement.terms_sha256: not base64; hex goes as {\"hex\": \"…\"}");
    assert_refused(COMMAND, "{\"declare_settlement\": {\"terms_sha256\": {\"hex\": \"6\"}}}",
                   "declare_settlement.terms_sha256: not hex");
    assert_refused(COMMAND, "{\"declare_settlement\": {\"terms_sha256\": {\"hex\": \"66\", \"text\": \"f\"}}}",
                   "declare_settlement.terms_sha256: bytes are base64, or {\"hex\"}, {\"text\"} or {\"sha256_of\"}");
}

static void money_and_durations_are_written_as_people_do(void **state)
{
    (void)state;
    Disputes__Platform__V1__State *platform = NULL;
    assert_ok(
        read_as(STATE,
                "{\"platform_id\": \"p\", \"version\": \"18446744073709551615\", \"policy\": {"
                "\"default_cap_minor\": \"1000.00\", \"high_value_minor\": \"500\", \"filing_window_millis\": \"90d\","
                "\"budgets\": [{\"kind\": \"M_FIRST\", \"budget_millis\": \"24h\", \"time\": \"WALL\"}],"
                "\"agent_admits\": true, \"fast_track_reasons\": [\"FOOD_SAFETY\", 2], \"advance\": null}}",
                &platform));
    assert_true(platform->version == UINT64_MAX);
    assert_int_equal(platform->policy->default_cap_minor, 100000);
    assert_int_equal(platform->policy->high_value_minor, 500); /* proto3 JSON: a number of fen as text */
    assert_int_equal(platform->policy->filing_window_millis, INT64_C(90) * 24 * 3600 * 1000);
    assert_int_equal(platform->policy->budgets[0]->budget_millis, 24 * 3600 * 1000);
    assert_int_equal(platform->policy->fast_track_reasons[1], 2);
    assert_true(platform->policy->agent_admits);
    assert_ok(read_as(STATE, "{\"opening_book\": {\"amount\": 12900}}", &platform));
    assert_int_equal(platform->opening_book->amount->amount_minor, 12900);
    assert_refused(STATE, "{\"opening_book\": {\"amount\": \"12900\"}}",
                   "opening_book.amount: \"12900\" is no amount such as 129.00 or 12900fen");
}

static void an_unknown_field_is_named(void **state)
{
    (void)state;
    assert_refused(COMMAND, "{\"accept_claim\": {\"remedi\": \"REFUND\"}}",
                   "accept_claim: AcceptClaim has no field \"remedi\"");
    assert_refused(COMMAND, "{\"file_complaint\": {\"items\": [{}, {\"sha\": 1}]}}",
                   "file_complaint.items[1]: EvidenceItem has no field \"sha\"");
    assert_refused(COMMAND, "{\"nonsense\": 1}", "Command has no field \"nonsense\"");
}

static void a_wrong_value_is_refused_with_its_path(void **state)
{
    (void)state;
    assert_refused(COMMAND, "{\"accept_claim\": {\"remedy\": \"GOLD\"}}", "accept_claim.remedy: \"GOLD\" is no Remedy");
    assert_refused(COMMAND, "{\"accept_claim\": {\"remedy\": 99}}", "accept_claim.remedy: 99 is no Remedy");
    assert_refused(COMMAND, "{\"accept_claim\": {\"remedy\": true}}",
                   "accept_claim.remedy: a name of Remedy is wanted, not true");
    assert_refused(COMMAND, "{\"answer_feedback\": {\"score\": 2147483648}}",
                   "answer_feedback.score: 2147483648 does not fit");
    assert_refused(COMMAND, "{\"answer_feedback\": {\"score\": 1.5}}",
                   "answer_feedback.score: a whole number is wanted, not a fraction");
    assert_refused(COMMAND, "{\"generation\": -1}", "generation: -1 does not fit");
    assert_refused(COMMAND, "{\"reply\": {\"refuses\": 1}}", "reply.refuses: true or false is wanted, not a number");
    assert_refused(COMMAND, "{\"actor\": []}", "actor: Actor is an object, not a list");
    assert_refused(COMMAND, "{\"file_complaint\": {\"items\": {}}}",
                   "file_complaint.items: a list is wanted, not an object");
    assert_refused(COMMAND, "{\"file_complaint\": {\"order\": {\"paid_time_millis\": \"yesterday\"}}}",
                   "file_complaint.order.paid_time_millis: \"yesterday\" is no RFC 3339 time with zone");
    assert_refused(STATE, "{\"version\": -1}", "version: -1 is negative");
}

static void two_members_of_a_oneof_are_refused(void **state)
{
    (void)state;
    assert_refused(COMMAND, "{\"withdraw\": {}, \"say\": {}}", "say: only one of its oneof may be given");
}

static void a_message_that_does_not_fit_is_refused(void **state)
{
    (void)state;
    struct dsp_arena *small = dsp_arena_new(600);
    ProtobufCMessage *message;
    json_t *json = json_loads("{\"file_complaint\": {\"order\": {}, \"items\": [{},{},{},{},{},{},{},{}]}}", 0, NULL);
    assert_non_null(small);
    assert_err(ctl_json_message(small, COMMAND, json, &message), DSP_ERR_REJECT, "ARENA_FULL");
    json_decref(json);
    dsp_arena_free(small);
}

static void acts_are_found_by_any_name(void **state)
{
    (void)state;
    const ProtobufCFieldDescriptor *field = ctl_field_named(COMMAND, "accept_claim");
    assert_non_null(field);
    assert_ptr_equal(field, ctl_field_named(COMMAND, "AcceptClaim"));
    assert_ptr_equal(field, ctl_field_named(COMMAND, "acceptClaim"));
    assert_null(ctl_field_named(COMMAND, "AcceptClaims"));
}

static void types_are_found_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(ctl_type_named("disputes.gateway.v1.Command"), COMMAND);
    assert_non_null(ctl_type_named("disputes.gateway.v1.OfferTerms"));
    assert_null(ctl_type_named("disputes.gateway.v1.Nothing"));
}

/* deploy/kafka/topics.json names the message of each topic: the table of ctl_types.c must agree. */
static void every_listed_topic_has_its_type(void **state)
{
    (void)state;
    json_t *list = NULL;
    size_t index;
    const json_t *topic;
    assert_ok(ctl_json_read_file(HESHI_SOURCE_DIR "/deploy/kafka/topics.json", &list));
    assert_true(json_array_size(json_object_get(list, "topics")) > 0);
    json_array_foreach(json_object_get(list, "topics"), index, topic) {
        const char *name = json_string_value(json_object_get(topic, "name"));
        const ProtobufCMessageDescriptor *type = ctl_topic_type(name);
        if (!type) {
            fail_msg("no type for %s", name);
        } else {
            assert_string_equal(type->name, json_string_value(json_object_get(topic, "message")));
        }
    }
    json_decref(list);
    assert_null(ctl_topic_type("disputes.other.v1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_filing_is_read_whole, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_decoded_is_read_again, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_come_in_four_forms, setup, teardown),
        cmocka_unit_test_setup_teardown(money_and_durations_are_written_as_people_do, setup, teardown),
        cmocka_unit_test_setup_teardown(an_unknown_field_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_value_is_refused_with_its_path, setup, teardown),
        cmocka_unit_test_setup_teardown(two_members_of_a_oneof_are_refused, setup, teardown),
        cmocka_unit_test(a_message_that_does_not_fit_is_refused),
        cmocka_unit_test(acts_are_found_by_any_name),
        cmocka_unit_test(types_are_found_by_name),
        cmocka_unit_test(every_listed_topic_has_its_type),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
