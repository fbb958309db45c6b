#include "support/cmocka_all.h"

#include <string.h>

#include <jansson.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/base/utf8.h"
#include "support/capture.h"
#include "support/fake_time.h"

#define BAD "\xef\xbf\xbd" /* U+FFFD */

static char caught[65536];

/* Logs one line and parses it: it must be exactly one JSON object and a newline. */
#define LOGGED(call) (begin(), (call), parse_line())

static struct capture running;

static void begin(void)
{
    running = capture_begin();
}

static json_t *parse_line(void)
{
    size_t size = capture_end(running, caught, sizeof caught);
    assert_true(size > 0);
    assert_ptr_equal(strchr(caught, '\n'), caught + size - 1);
    json_error_t error;
    json_t *line = json_loads(caught, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!line) {
        fail_msg("%s in %s", error.text, caught);
    }
    return line;
}

static const char *text_of(const json_t *line, const char *name)
{
    return json_string_value(json_object_get(line, name));
}

static int default_setup(void **state)
{
    (void)state;
    dsp_log_setup("intake", "debug");
    return 0;
}

static void a_line_carries_the_ecs_fields(void **state)
{
    (void)state;
    fake_time_ms = INT64_C(1776045600123);
    json_t *line = LOGGED(dsp_log(DSP_LOG_INFO, "started"));
    fake_time_ms = -1;
    assert_string_equal(text_of(line, "@timestamp"), "2026-04-13T02:00:00.123Z");
    assert_string_equal(text_of(line, "log.level"), "info");
    assert_string_equal(text_of(line, "message"), "started");
    assert_non_null(text_of(line, "ecs.version"));
    assert_string_equal(text_of(line, "service.name"), "intake");
    assert_non_null(text_of(line, "service.version"));
    assert_int_equal(json_object_size(line), 6);
    json_decref(line);
}

static void fields_keep_their_type(void **state)
{
    (void)state;
    const struct dsp_uuid id = {{0x01, 0x92, 0xaa}};
    json_t *line = LOGGED(dsp_log(DSP_LOG_WARN, "seen", DSP_F_INT("dispute.seq", INT64_MIN),
                                  DSP_F_TEXT("event.action", "file"), DSP_F_UUID("dispute.id", &id),
                                  DSP_F_STR("empty", ((struct dsp_str){NULL, 0}))));
    assert_true(json_integer_value(json_object_get(line, "dispute.seq")) == INT64_MIN);
    assert_string_equal(text_of(line, "event.action"), "file");
    assert_string_equal(text_of(line, "dispute.id"), "0192aa00-0000-0000-0000-000000000000");
    assert_string_equal(text_of(line, "empty"), "");
    json_decref(line);
}

static void special_characters_are_escaped_and_come_back(void **state)
{
    (void)state;
    static const char TEXT[] = "\"quoted\" \\ \n\r\t\b\f\x01\x1f\x7f / 退款 \xf0\x9f\x98\x80";
    json_t *line = LOGGED(dsp_log(DSP_LOG_INFO, TEXT, DSP_F_TEXT("a\"b", TEXT)));
    assert_string_equal(text_of(line, "message"), TEXT);
    assert_string_equal(text_of(line, "a\"b"), TEXT);
    json_decref(line);
}

static void zero_bytes_are_escaped(void **state)
{
    (void)state;
    json_t *line = LOGGED(dsp_log(DSP_LOG_INFO, "x", DSP_F_STR("raw", DSP_STR_LITERAL("a\0b"))));
    assert_non_null(strstr(caught, "a\\u0000b"));
    json_decref(line);
}

static void bytes_that_are_not_utf8_are_replaced(void **state)
{
    (void)state;
    json_t *line = LOGGED(dsp_log(DSP_LOG_INFO, "x", DSP_F_TEXT("raw", "a\xff\xed\xa0\x80z\xe9\x80")));
    assert_string_equal(text_of(line, "raw"), "a" BAD BAD BAD BAD "z" BAD BAD);
    json_decref(line);
}

static void a_long_value_is_cut_between_characters(void **state)
{
    (void)state;
    char text[4002] = {0};
    for (size_t i = 0; i + 3 < sizeof text; i += 3) {
        memcpy(text + i, "退", 3);
    }
    json_t *line = LOGGED(dsp_log(DSP_LOG_INFO, "x", DSP_F_TEXT("raw", text)));
    const char *kept = text_of(line, "raw");
    assert_true(strlen(kept) >= 2000 && strlen(kept) < 2100);
    assert_true(dsp_utf8_valid(dsp_str_from(kept)));
    assert_true(strncmp(kept, text, strlen(kept)) == 0);
    json_decref(line);
}

static void a_line_too_long_drops_whole_fields_and_says_so(void **state)
{
    (void)state;
    char text[2001];
    memset(text, 1, sizeof text - 1); /* six bytes each when escaped */
    text[sizeof text - 1] = '\0';
    json_t *line = LOGGED(dsp_log(DSP_LOG_INFO, "x", DSP_F_TEXT("first", text), DSP_F_TEXT("second", text)));
    assert_string_equal(text_of(line, "first"), text);
    assert_null(json_object_get(line, "second"));
    assert_true(json_is_true(json_object_get(line, "log.cut")));
    json_decref(line);
}

static void an_error_shows_its_code_and_detail(void **state)
{
    (void)state;
    json_t *line = LOGGED(dsp_log_err(DSP_LOG_ERROR, "parked", dsp_reject(DSP_CODE_TOO_BIG, "%d bytes", 300000)));
    assert_string_equal(text_of(line, "log.level"), "error");
    assert_string_equal(text_of(line, "error.code"), "TOO_BIG");
    assert_string_equal(text_of(line, "error.message"), "300000 bytes");
    json_decref(line);
}

static size_t bytes_logged(enum dsp_log_level level)
{
    struct capture capture = capture_begin();
    dsp_log(level, "x");
    return capture_end(capture, caught, sizeof caught);
}

static void lines_below_the_least_level_are_not_written(void **state)
{
    (void)state;
    dsp_log_setup("intake", "warn");
    assert_int_equal(bytes_logged(DSP_LOG_DEBUG), 0);
    assert_int_equal(bytes_logged(DSP_LOG_INFO), 0);
    assert_true(bytes_logged(DSP_LOG_WARN) > 0);
    assert_true(bytes_logged(DSP_LOG_ERROR) > 0);
}

static void an_unknown_level_means_info(void **state)
{
    (void)state;
    dsp_log_setup("intake", "loud");
    assert_int_equal(bytes_logged(DSP_LOG_DEBUG), 0);
    assert_true(bytes_logged(DSP_LOG_INFO) > 0);
    dsp_log_setup("intake", NULL);
    assert_int_equal(bytes_logged(DSP_LOG_DEBUG), 0);
}

#define LOG_TEST(name) cmocka_unit_test_setup(name, default_setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOG_TEST(a_line_carries_the_ecs_fields),
        LOG_TEST(fields_keep_their_type),
        LOG_TEST(special_characters_are_escaped_and_come_back),
        LOG_TEST(zero_bytes_are_escaped),
        LOG_TEST(bytes_that_are_not_utf8_are_replaced),
        LOG_TEST(a_long_value_is_cut_between_characters),
        LOG_TEST(a_line_too_long_drops_whole_fields_and_says_so),
        LOG_TEST(an_error_shows_its_code_and_detail),
        LOG_TEST(lines_below_the_least_level_are_not_written),
        LOG_TEST(an_unknown_level_means_info),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
