/* Story files: reading, checking, labels. */
#include "support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disputectl/ctl_command.h"
#include "disputectl/ctl_json.h"
#include "disputectl/play_story.h"
#include "disputes/console/v1/command.pb-c.h"
#include "disputes/gateway/v1/command.pb-c.h"
#include "disputes/platform/v1/state.pb-c.h"

#define NOW_MS INT64_C(1775000000000)

static char path[64];

static void write_file(const char *text)
{
    snprintf(path, sizeof path, "/tmp/test_play_XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static struct dsp_err load(const char *text, struct play_story **ret_story)
{
    write_file(text);
    struct dsp_err err = play_story_load(path, NOW_MS, 0, ret_story);
    unlink(path);
    return err;
}

#define HEAD                                                                                                     \
    "\"id\": \"X1\", \"title\": {\"en\": \"x\", \"zh\": \"y\"}, \"year\": 2026, \"start\": \"04-13 09:59\","     \
    "\"platform\": {\"policy\": {}}, \"orders\": [{\"id\": \"o-1\", \"consumer\": \"c1\", \"merchant\": \"m1\"," \
    "\"paid_fen\": 100, \"paid\": \"04-07 20:11\"}],"

static void assert_refused(const char *text, const char *with)
{
    struct play_story *story = NULL;
    struct dsp_err err = load(text, &story);
    assert_int_equal(err.kind, DSP_ERR_REJECT);
    assert_non_null(strstr(err.detail, with));
}

static void comments_are_taken_out_everywhere(void **state)
{
    (void)state;
    struct play_story *story;
    struct dsp_err err = load(
        "{" HEAD "\"// why\": 1, \"inputs\": [{\"//\": \"so\", \"at\": \"04-13 10:00\","
        "\"fault\": {\"//\": 0, \"service\": \"fund\", \"call\": \"transfer\", \"when\": \"after\"}}],"
        "\"expected\": {}}",
        &story);
    assert_int_equal(err.kind, DSP_ERR_OK);
    assert_int_equal(story->input_count, 1);
    assert_int_equal(story->inputs[0].kind, PLAY_FAULT);
    play_story_free(story);
}

static void a_misspelt_member_is_refused(void **state)
{
    (void)state;
    assert_refused("{" HEAD "\"inputs\": [{\"at\": \"04-13 10:00\", \"comand\": {}}], \"expected\": {}}", "comand");
    assert_refused("{" HEAD "\"expected\": {\"entry\": []}}", "unknown member");
    assert_refused("{" HEAD
                   "\"expected\": {\"entries\": [{\"n\": \"1\", \"by\": \"C GW\", \"entry\": \"X\", \"stag\": \"\"}]}}",
                   "stag");
}

static void a_repeated_member_is_refused(void **state)
{
    (void)state;
    assert_refused("{" HEAD "\"id\": \"again\", \"expected\": {}}", "");
}

static void inputs_stand_in_order_of_time(void **state)
{
    (void)state;
    assert_refused(
        "{" HEAD "\"inputs\": [{\"at\": \"04-13 10:00\", \"clock\": {\"set\": \"04-13 10:00\"}},"
        "{\"at\": \"04-13 11:00\", \"fault\": {}}, {\"at\": \"04-13 10:30\", \"fault\": {}}], \"expected\": {}}",
        "earlier");
}

static void after_the_clock_is_set_back_an_input_may_be_earlier(void **state)
{
    (void)state;
    struct play_story *story;
    struct dsp_err err = load("{" HEAD "\"inputs\": [{\"at\": \"04-13 10:00\", \"clock\": {\"set\": \"04-12 10:00\"}},"
                              "{\"at\": \"04-12 11:00\", \"fault\": {}}], \"expected\": {}}",
                              &story);
    assert_int_equal(err.kind, DSP_ERR_OK);
    play_story_free(story);
}

static void a_time_left_out_is_that_of_the_row_above(void **state)
{
    (void)state;
    struct play_story *story;
    struct dsp_err err = load(
        "{" HEAD "\"expected\": {\"entries\": ["
        "{\"n\": \"1\", \"at\": \"04-13 10:00\", \"by\": \"C c1 GW\", \"entry\": \"ComplaintFiled\"},"
        "{\"n\": \"2\", \"by\": \"S DKT\", \"entry\": \"TriageStarted\", \"stage\": \"FILED -> SCREENING\"}]}}",
        &story);
    assert_int_equal(err.kind, DSP_ERR_OK);
    assert_true(story->expected[1].at_ms == story->expected[0].at_ms);
    assert_true(story->until_ms == story->expected[0].at_ms);
    assert_int_equal(story->expected[1].stage_after, DISPUTES__COMMON__V1__STAGE__STAGE_SCREENING);
    assert_true(story->expected[0].stays);
    play_story_free(story);
}

static void two_cases_are_told_apart_by_letters(void **state)
{
    (void)state;
    struct play_story *story;
    size_t index;
    struct dsp_err err = load(
        "{" HEAD "\"cases\": {\"a\": {\"order\": \"o-1\"}, \"b\": {\"order\": \"o-1\"}},"
        "\"expected\": {\"entries\": [{\"n\": \"b1\", \"by\": \"S GW\", \"entry\": \"ComplaintFiled\"}]}}",
        &story);
    assert_int_equal(err.kind, DSP_ERR_OK);
    assert_true(play_story_case(story, "b1", &index) && index == 1);
    assert_false(play_story_case(story, "c1", &index));
    assert_string_not_equal(story->cases[0].id, story->cases[1].id);
    play_story_free(story);
}

static void by_names_role_person_and_source(void **state)
{
    (void)state;
    struct play_by by;
    struct play_labels *labels = play_labels_new("tag9", 2026);
    assert_int_equal(play_parse_by(labels, "A a15 CON", &by).kind, DSP_ERR_OK);
    assert_int_equal(by.role, DISPUTES__COMMON__V1__ROLE__ROLE_AGENT);
    assert_string_equal(by.id, "a15-tag9");
    assert_string_equal(by.source, "CON");
    assert_int_equal(play_parse_by(labels, "S FND", &by).kind, DSP_ERR_OK);
    assert_string_equal(by.id, "");
    assert_string_equal(by.source, "FND");
    assert_int_equal(play_parse_by(labels, "M m2001", &by).kind, DSP_ERR_OK);
    assert_string_equal(by.id, "m2001-tag9");
    assert_string_equal(by.source, "");
    assert_int_equal(play_parse_by(labels, "Q x", &by).kind, DSP_ERR_REJECT);
    assert_int_equal(play_parse_by(labels, "C c1 XYZ", &by).kind, DSP_ERR_REJECT);
    play_labels_free(labels);
}

/* --- labels --- */

static json_t *apply(struct play_labels *labels, const char *text, bool may_wait)
{
    json_t *out = NULL;
    json_t *in = json_loads(text, JSON_DECODE_ANY, NULL);
    struct dsp_err err = play_labels_apply(labels, in, may_wait, &out);
    json_decref(in);
    return dsp_failed(err) ? NULL : out;
}

static void assert_applied(struct play_labels *labels, const char *text, const char *wanted)
{
    json_t *out = apply(labels, text, true);
    json_t *is = json_loads(wanted, JSON_DECODE_ANY, NULL);
    assert_true(json_equal(out, is));
    json_decref(out);
    json_decref(is);
}

static void the_same_label_is_the_same_number(void **state)
{
    (void)state;
    struct play_labels *labels = play_labels_new("t1", 2026);
    assert_applied(labels, "[\"${refund:R1}\", \"x ${refund:R1} y\"]", "[\"R1-t1\", \"x R1-t1 y\"]");
    json_t *first = apply(labels, "\"${case:a}\"", false);
    json_t *second = apply(labels, "\"${case:a}\"", false);
    json_t *other = apply(labels, "\"${case:b}\"", false);
    assert_true(json_equal(first, second));
    assert_false(json_equal(first, other));
    assert_int_equal(strlen(json_string_value(first)), 36);
    json_decref(first);
    json_decref(second);
    json_decref(other);
    play_labels_free(labels);
}

static void a_label_alone_becomes_its_value(void **state)
{
    (void)state;
    struct play_labels *labels = play_labels_new("t1", 2026);
    play_labels_set(labels, "entry", "5", json_integer(9));
    play_labels_set(labels, "item", "e1", json_pack("{s:i}", "size_bytes", 3));
    assert_applied(labels, "{\"sequence\": \"${entry:5}\", \"items\": [\"${item:e1}\"]}",
                   "{\"sequence\": 9, \"items\": [{\"size_bytes\": 3}]}");
    assert_applied(labels, "\"${at:04-13 10:00}\"", "1776045600000");
    assert_applied(labels, "\"${day:02-14}\"", "20498");
    play_labels_free(labels);
}

static void what_the_log_has_not_shown_waits(void **state)
{
    (void)state;
    struct play_labels *labels = play_labels_new("t1", 2026);
    assert_applied(labels, "[\"${entry:5}\", \"${seen:D1}!\"]", "[\"${entry:5}\", \"${seen:D1}!\"]");
    assert_null(apply(labels, "\"${entry:5}\"", false));
    assert_null(apply(labels, "\"${persn:c1}\"", true));
    assert_null(apply(labels, "\"${at:25-13 10:00}\"", true));
    play_labels_free(labels);
}

static void times_are_local_and_exact(void **state)
{
    (void)state;
    int64_t at_ms = 0;
    assert_true(play_parse_local("04-13 10:00", 2026, &at_ms));
    assert_true(at_ms == INT64_C(1776045600000));
    assert_true(play_parse_local("04-13 10:00:30", 2026, &at_ms));
    assert_true(at_ms == INT64_C(1776045630000));
    assert_true(play_parse_local("2027-03-06 09:30", 2026, &at_ms));
    assert_false(play_parse_local("02-30 10:00", 2026, &at_ms));
    assert_false(play_parse_local("04-13", 2026, &at_ms));
    assert_false(play_parse_local("04-13 24:00", 2026, &at_ms));
    assert_false(play_parse_local("04-13 10:00 ", 2026, &at_ms));
}

static void tags_differ_by_run_and_story(void **state)
{
    (void)state;
    char a[PLAY_TAG_BYTES];
    char b[PLAY_TAG_BYTES];
    char c[PLAY_TAG_BYTES];
    play_tag(NOW_MS, 0, a);
    play_tag(NOW_MS, 1, b);
    play_tag(NOW_MS + 100, 0, c);
    assert_string_not_equal(a, b);
    assert_string_not_equal(a, c);
    assert_int_equal(strlen(a), 9);
}

/* --- the samples themselves --- */

static void assert_packs(struct play_story *story, const ProtobufCMessageDescriptor *type, const json_t *json)
{
    json_t *filled;
    struct dsp_str bytes;
    struct dsp_arena *arena = dsp_arena_new(8u << 20);
    struct dsp_err err = play_labels_apply(story->labels, json, false, &filled);
    if (!dsp_failed(err)) {
        err = ctl_json_pack(arena, type, filled, &bytes);
        json_decref(filled);
    }
    if (dsp_failed(err)) {
        print_error("%s: %s\n", story->path, err.detail);
    }
    assert_int_equal(err.kind, DSP_ERR_OK);
    dsp_arena_free(arena);
}

static void check_input(struct play_story *story, const struct play_input *input)
{
    char topic[96];
    const json_t *content = json_object_get(input->body, "content");
    if (input->kind == PLAY_INBOUND && content) {
        snprintf(topic, sizeof topic, "disputes.%s.inbound.v1", play_text(input->body, "service"));
        assert_packs(story, ctl_topic_type(topic), content);
    }
    if (input->kind == PLAY_COMMAND) {
        struct play_by by;
        const char *act = play_text(input->body, "act");
        const ProtobufCFieldDescriptor *field = ctl_field_named(&disputes__gateway__v1__command__descriptor, act);
        field = field ? field : ctl_field_named(&disputes__console__v1__command__descriptor, act);
        assert_non_null(field);
        assert_packs(story, field->descriptor, content);
        assert_int_equal(play_parse_by(story->labels, play_text(input->body, "by"), &by).kind, DSP_ERR_OK);
    }
}

static void check_sample(const char *name)
{
    char file[256];
    struct play_story *story;
    const char *part;
    json_t *value;
    snprintf(file, sizeof file, HESHI_SOURCE_DIR "/deploy/samples/%s.json", name);
    struct dsp_err err = play_story_load(file, NOW_MS, 0, &story);
    if (dsp_failed(err)) {
        print_error("%s: %s\n", file, err.detail);
    }
    assert_int_equal(err.kind, DSP_ERR_OK);
    for (size_t i = 0; i < story->expected_count; i++) {
        play_labels_set(story->labels, "entry", story->expected[i].n, json_integer((json_int_t)i + 1));
    }
    play_labels_set(story->labels, "seen", "D1", json_string("a decision that the log has shown"));
    for (size_t i = 0; i < story->input_count; i++) {
        check_input(story, &story->inputs[i]);
    }
    json_object_foreach((json_t *)(uintptr_t)story->platform, part, value) { /* not changed */
        json_t *state = json_pack("{s:s, s:i, s:O}", "platform_id", "p", "version", 1, part, value);
        assert_packs(story, &disputes__platform__v1__state__descriptor, state);
        json_decref(state);
    }
    play_story_free(story);
}

static void every_sample_is_well_formed(void **state)
{
    (void)state;
    static const char *const NAMES[] = {"SC01",
                                        "SC03",
                                        "SC05",
                                        "SC06",
                                        "SC10",
                                        "SC12",
                                        "probes/SC12-404",
                                        "probes/SC12-kill",
                                        "probes/HEARING-signed",
                                        "probes/HEARING-rule-signed",
                                        "probes/HEARING-slow"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        check_sample(NAMES[i]);
    }
}

static void a_variant_takes_over_what_it_does_not_tell(void **state)
{
    (void)state;
    struct play_story *story;
    struct dsp_err err = play_story_load(HESHI_SOURCE_DIR "/deploy/samples/probes/SC12-kill.json", NOW_MS, 0, &story);
    assert_int_equal(err.kind, DSP_ERR_OK);
    assert_string_equal(story->id, "SC12-kill");
    assert_int_equal(story->expected_count, 23);
    size_t faults = 0;
    for (size_t i = 0; i < story->input_count; i++) {
        faults += story->inputs[i].kind == PLAY_FAULT;
        assert_false(json_object_get(story->inputs[i].body, "behave") != NULL);
    }
    assert_int_equal(faults, 1);
    assert_non_null(json_object_get(story->answers, "told"));
    play_story_free(story);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_are_taken_out_everywhere),
        cmocka_unit_test(a_misspelt_member_is_refused),
        cmocka_unit_test(a_repeated_member_is_refused),
        cmocka_unit_test(inputs_stand_in_order_of_time),
        cmocka_unit_test(after_the_clock_is_set_back_an_input_may_be_earlier),
        cmocka_unit_test(a_time_left_out_is_that_of_the_row_above),
        cmocka_unit_test(two_cases_are_told_apart_by_letters),
        cmocka_unit_test(by_names_role_person_and_source),
        cmocka_unit_test(the_same_label_is_the_same_number),
        cmocka_unit_test(a_label_alone_becomes_its_value),
        cmocka_unit_test(what_the_log_has_not_shown_waits),
        cmocka_unit_test(times_are_local_and_exact),
        cmocka_unit_test(tags_differ_by_run_and_story),
        cmocka_unit_test(every_sample_is_well_formed),
        cmocka_unit_test(a_variant_takes_over_what_it_does_not_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
