/* CloudEvents headers: what is read, what is refused, and that packed bytes come back as they were. */
#include "common/io/envelope.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "support/cmocka_all.h"

/* librdkafka makes consumed messages only: its mock cluster hands us one with the headers that we want. */
#include <librdkafka/rdkafka_mock.h>

struct fixture {
    struct dsp_arena *arena;
    rd_kafka_t *producer;
    rd_kafka_t *consumer;
    int64_t offset;
    rd_kafka_message_t *message;
};

static rd_kafka_t *client(rd_kafka_type_t type, const char *servers)
{
    char why[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (servers) {
        rd_kafka_conf_set(conf, "bootstrap.servers", servers, why, sizeof why);
        rd_kafka_conf_set(conf, "group.id", "test", why, sizeof why);
        rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", why, sizeof why);
        rd_kafka_conf_set(conf, "fetch.wait.max.ms", "10", why, sizeof why);
        rd_kafka_conf_set(conf, "enable.auto.commit", "false", why, sizeof why);
    } else {
        rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", why, sizeof why);
    }
    rd_kafka_t *made = rd_kafka_new(type, conf, why, sizeof why);
    assert_non_null(made);
    return made;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    const char *servers;
    fixture->arena = dsp_arena_new(1u << 20);
    fixture->producer = client(RD_KAFKA_PRODUCER, NULL);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(fixture->producer);
    rd_kafka_mock_topic_create(cluster, "t", 1, 1);
    servers = rd_kafka_mock_cluster_bootstraps(cluster);
    fixture->consumer = client(RD_KAFKA_CONSUMER, servers);
    rd_kafka_topic_partition_list_t *parts = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(parts, "t", 0)->offset = 0;
    rd_kafka_assign(fixture->consumer, parts);
    rd_kafka_topic_partition_list_destroy(parts);
    *state = fixture;
    return 0;
}

static void forget(struct fixture *fixture)
{
    if (fixture->message) {
        rd_kafka_message_destroy(fixture->message);
        fixture->message = NULL;
    }
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    forget(fixture);
    rd_kafka_consumer_close(fixture->consumer);
    rd_kafka_destroy(fixture->consumer);
    rd_kafka_destroy(fixture->producer);
    dsp_arena_free(fixture->arena);
    free(fixture);
    return 0;
}

/* The record that a consumer sees; takes over the headers. */
static const rd_kafka_message_t *pass(struct fixture *fixture, rd_kafka_headers_t *headers)
{
    assert_int_equal(rd_kafka_producev(fixture->producer, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_PARTITION(0),
                                       RD_KAFKA_V_VALUE((void *)(uintptr_t) "v", 1),
                                       RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(headers),
                                       RD_KAFKA_V_END),
                     0);
    assert_int_equal(rd_kafka_flush(fixture->producer, 10000), 0);
    forget(fixture);
    fixture->message = rd_kafka_consumer_poll(fixture->consumer, 10000);
    assert_non_null(fixture->message);
    assert_int_equal(fixture->message->err, 0);
    return fixture->message;
}

struct pair {
    const char *name;
    const char *value; /* NULL: left out */
};

static const struct pair GOOD[] = {
    {"ce_specversion", "1.0"},
    {"ce_id", "1"},
    {"ce_source", "/s"},
    {"ce_type", "t"},
    {"content-type", "application/protobuf"},
    {"ce_time", "2026-04-13T10:00:00+08:00"},
    {"ce_subject", "01920000-0000-7000-8000-000000000001"},
    {"ce_sequence", "7"},
    {"ce_lanesequence", "000000000042"},
    {"traceparent", "00-a-b-01"},
};

/* GOOD with one header replaced (or left out). */
static struct dsp_err read_with(struct fixture *fixture, const char *name, const char *value,
                                struct dsp_envelope *ret_envelope)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(12);
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        const char *text = name && strcmp(name, GOOD[i].name) == 0 ? value : GOOD[i].value;
        if (text) {
            rd_kafka_header_add(headers, GOOD[i].name, -1, text, -1);
        }
    }
    return dsp_envelope_read(pass(fixture, headers), ret_envelope);
}

static void a_good_record_is_read_whole(void **state)
{
    struct dsp_envelope envelope = {0};
    char id[DSP_UUID_TEXT_BYTES];
    assert_ok(read_with(*state, NULL, NULL, &envelope));
    assert_true(dsp_str_is(envelope.id, "1"));
    assert_true(dsp_str_is(envelope.source, "/s"));
    assert_true(dsp_str_is(envelope.type, "t"));
    assert_int_equal(envelope.time_ms, 1776045600000);
    assert_int_equal(envelope.sequence, 7);
    assert_int_equal(envelope.lane_sequence, 42);
    dsp_uuid_format(&envelope.subject, id);
    assert_string_equal(id, "01920000-0000-7000-8000-000000000001");
    assert_true(dsp_str_is(envelope.traceparent, "00-a-b-01"));
}

static void required_headers_are_required(void **state)
{
    static const char *const NAMES[] = {"ce_specversion", "ce_id", "ce_source", "ce_type"};
    struct dsp_envelope envelope;
    for (size_t i = 0; i < 4; i++) {
        assert_err(read_with(*state, NAMES[i], NULL, &envelope), DSP_ERR_REJECT, "HEADER_MISSING");
    }
    assert_err(read_with(*state, "ce_id", "", &envelope), DSP_ERR_REJECT, "HEADER_MISSING");
    assert_err(dsp_envelope_read(pass(*state, rd_kafka_headers_new(1)), &envelope), DSP_ERR_REJECT, "HEADER_MISSING");
}

static void optional_headers_may_be_absent_but_not_wrong(void **state)
{
    static const char *const NAMES[] = {"ce_time", "ce_subject", "ce_sequence", "ce_lanesequence", "content-type"};
    struct dsp_envelope envelope;
    for (size_t i = 0; i < 5; i++) {
        assert_ok(read_with(*state, NAMES[i], NULL, &envelope));
    }
    assert_err(read_with(*state, "ce_time", "yesterday", &envelope), DSP_ERR_REJECT, "HEADER_MISSING");
    assert_err(read_with(*state, "ce_sequence", "one", &envelope), DSP_ERR_REJECT, "HEADER_MISSING");
    assert_err(read_with(*state, "ce_lanesequence", "1x", &envelope), DSP_ERR_REJECT, "HEADER_MISSING");
    assert_ok(read_with(*state, "ce_subject", "not a case", &envelope));
    assert_true(dsp_uuid_is_zero(&envelope.subject));
    assert_true(dsp_str_is(envelope.subject_text, "not a case"));
}

static void structured_mode_and_other_versions_are_refused(void **state)
{
    struct dsp_envelope envelope;
    assert_err(read_with(*state, "content-type", "application/cloudevents+json", &envelope), DSP_ERR_REJECT,
               "STRUCTURED_MODE");
    assert_err(read_with(*state, "content-type", "Application/CloudEvents+protobuf", &envelope), DSP_ERR_REJECT,
               "STRUCTURED_MODE");
    assert_err(read_with(*state, "content-type", "text/plain", &envelope), DSP_ERR_REJECT, "VERSION_UNKNOWN");
    assert_err(read_with(*state, "ce_specversion", "0.3", &envelope), DSP_ERR_REJECT, "VERSION_UNKNOWN");
}

static void bad_utf8_in_the_identity_is_refused(void **state)
{
    struct dsp_envelope envelope;
    assert_err(read_with(*state, "ce_id", "\xff", &envelope), DSP_ERR_REJECT, "BAD_TEXT");
    assert_err(read_with(*state, "ce_source", "\xc0\x80", &envelope), DSP_ERR_REJECT, "BAD_TEXT");
}

static void the_lane_sequence_of_a_refused_record_can_be_read(void **state)
{
    struct dsp_envelope envelope;
    struct fixture *fixture = *state;
    assert_err(read_with(fixture, "ce_id", NULL, &envelope), DSP_ERR_REJECT, "HEADER_MISSING");
    assert_int_equal(dsp_envelope_lane_sequence(fixture->message), 42);
    assert_err(read_with(fixture, "ce_lanesequence", "x", &envelope), DSP_ERR_REJECT, "HEADER_MISSING");
    assert_int_equal(dsp_envelope_lane_sequence(fixture->message), 0);
    pass(fixture, rd_kafka_headers_new(1));
    assert_int_equal(dsp_envelope_lane_sequence(fixture->message), 0);
}

static void a_record_goes_on_with_the_trace_of_its_cause_or_begins_one(void **state)
{
    static const char GIVEN[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    struct fixture *fixture = *state;
    struct dsp_envelope envelope;
    struct dsp_str packed;
    struct dsp_out_headers out = {.source = "/s", .type = "t", .schema = "urn:x", .order_id = DSP_STR_LITERAL("o")};
    assert_ok(dsp_uuid_v7(&out.id));
    out.traceparent = dsp_str_from(GIVEN);
    assert_ok(dsp_headers_pack(fixture->arena, &out, &packed));
    assert_ok(dsp_envelope_read(pass(fixture, dsp_headers_unpack(packed)), &envelope));
    assert_true(dsp_str_is(envelope.traceparent, GIVEN));
    const char *const other[] = {"", "nonsense"};
    for (size_t i = 0; i < 2; i++) {
        out.traceparent = dsp_str_from(other[i]);
        assert_ok(dsp_headers_pack(fixture->arena, &out, &packed));
        assert_ok(dsp_envelope_read(pass(fixture, dsp_headers_unpack(packed)), &envelope));
        assert_int_equal(envelope.traceparent.len, sizeof GIVEN - 1);
        assert_true(dsp_str_starts(envelope.traceparent, "00-"));
        assert_false(dsp_str_is(envelope.traceparent, GIVEN));
    }
}

static void what_we_pack_is_what_we_read(void **state)
{
    struct fixture *fixture = *state;
    struct dsp_envelope envelope;
    struct dsp_str packed;
    uint8_t hash[32] = {0xab};
    struct dsp_out_headers out = {.source = "/disputes/sla",
                                  .type = "t",
                                  .schema = "urn:x",
                                  .order_id = DSP_STR_LITERAL("订单-1"),
                                  .time_ms = 1776045600000,
                                  .sequence = 3,
                                  .lane_sequence = INT64_MAX,
                                  .entry_hash = hash};
    assert_ok(dsp_uuid_v7(&out.id));
    assert_ok(dsp_uuid_v7(&out.case_id));
    assert_ok(dsp_headers_pack(fixture->arena, &out, &packed));
    assert_ok(dsp_envelope_read(pass(fixture, dsp_headers_unpack(packed)), &envelope));
    assert_int_equal(envelope.lane_sequence, INT64_MAX);
    assert_int_equal(envelope.sequence, 3);
    assert_int_equal(envelope.time_ms, 1776045600000);
    assert_true(dsp_uuid_equal(&envelope.subject, &out.case_id));
    assert_int_equal(envelope.entry_hash.len, 64);
    out.id_text = DSP_STR_LITERAL("sender's own");
    assert_ok(dsp_headers_pack(fixture->arena, &out, &packed));
    rd_kafka_headers_t *headers = dsp_headers_unpack(packed);
    const void *value;
    size_t size;
    assert_int_equal(rd_kafka_header_get(headers, 0, "ce_id", &value, &size), 0);
    assert_memory_equal(value, "sender's own", size);
    assert_int_equal(rd_kafka_header_get(headers, 1, "ce_id", &value, &size), RD_KAFKA_RESP_ERR__NOENT); /* once */
    rd_kafka_headers_destroy(headers);
}

static void headers_of_a_dead_letter_stay_as_they_came(void **state)
{
    struct fixture *fixture = *state;
    rd_kafka_headers_t *headers = rd_kafka_headers_new(8);
    struct dsp_str packed;
    const char *name;
    const void *value;
    size_t size;
    rd_kafka_header_add(headers, "twice", -1, "1", 1);
    rd_kafka_header_add(headers, "twice", -1, "2", 1);
    rd_kafka_header_add(headers, "bytes", -1, "\x00\xff", 2);
    rd_kafka_header_add(headers, "empty", -1, "", 0);
    rd_kafka_header_add(headers, "null", -1, NULL, 0);
    assert_ok(dsp_headers_pack_all(fixture->arena, pass(fixture, headers), &packed));
    assert_ok(dsp_headers_pack_one(fixture->arena, packed, "why", DSP_STR_LITERAL("because"), &packed));
    headers = dsp_headers_unpack(packed);
    assert_non_null(headers);
    assert_int_equal(rd_kafka_header_cnt(headers), 6);
    rd_kafka_header_get_all(headers, 1, &name, &value, &size);
    assert_string_equal(name, "twice");
    assert_memory_equal(value, "2", 1);
    rd_kafka_header_get_all(headers, 2, &name, &value, &size);
    assert_int_equal(size, 2);
    assert_memory_equal(value, "\x00\xff", 2);
    rd_kafka_header_get_all(headers, 3, &name, &value, &size);
    assert_non_null(value);
    assert_int_equal(size, 0);
    rd_kafka_header_get_all(headers, 4, &name, &value, &size);
    assert_null(value);
    rd_kafka_header_get_all(headers, 5, &name, &value, &size);
    assert_memory_equal(value, "because", 7);
    rd_kafka_headers_destroy(headers);
}

static void damaged_bytes_are_refused(void **state)
{
    struct fixture *fixture = *state;
    struct dsp_str packed = {0};
    assert_ok(dsp_headers_pack_one(fixture->arena, packed, "name", DSP_STR_LITERAL("value"), &packed));
    for (size_t cut = 1; cut < packed.len; cut++) {
        assert_null(dsp_headers_unpack((struct dsp_str){packed.ptr, cut}));
    }
    assert_null(dsp_headers_unpack((struct dsp_str){"\xff\xff\xff\xff\x00\x00\x00\x00", 8}));
}

static void headers_that_do_not_fit_are_refused(void **state)
{
    struct fixture *fixture = *state;
    static char order[5000];
    struct dsp_str packed;
    memset(order, 'o', sizeof order);
    struct dsp_out_headers out = {.source = "/s", .type = "t", .schema = "u", .order_id = {order, sizeof order}};
    assert_err(dsp_headers_pack(fixture->arena, &out, &packed), DSP_ERR_REJECT, "ARENA_FULL");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_record_is_read_whole),
        cmocka_unit_test(required_headers_are_required),
        cmocka_unit_test(optional_headers_may_be_absent_but_not_wrong),
        cmocka_unit_test(structured_mode_and_other_versions_are_refused),
        cmocka_unit_test(bad_utf8_in_the_identity_is_refused),
        cmocka_unit_test(the_lane_sequence_of_a_refused_record_can_be_read),
        cmocka_unit_test(a_record_goes_on_with_the_trace_of_its_cause_or_begins_one),
        cmocka_unit_test(what_we_pack_is_what_we_read),
        cmocka_unit_test(headers_of_a_dead_letter_stay_as_they_came),
        cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(headers_that_do_not_fit_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
