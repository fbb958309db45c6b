#include "support/cmocka_all.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/config.h"

struct settings {
    const char *name;
    const char *password;
    const char *optional;
    int64_t batch;
    bool fast;
};

static const struct dsp_setting TABLE[] = {
    {.name = "HESHI_NAME",
     .type = DSP_SETTING_TEXT,
     .offset = offsetof(struct settings, name),
     .required = true,
     .help = "Name."},
    {.name = "HESHI_PASSWORD",
     .type = DSP_SETTING_TEXT,
     .offset = offsetof(struct settings, password),
     .secret = true,
     .help = "Password."},
    {.name = "HESHI_OPTIONAL",
     .type = DSP_SETTING_TEXT,
     .offset = offsetof(struct settings, optional),
     .help = "Nothing."},
    {.name = "HESHI_BATCH",
     .type = DSP_SETTING_INT,
     .offset = offsetof(struct settings, batch),
     .fallback = "64",
     .min = 1,
     .max = 1024,
     .help = "Records."},
    {.name = "HESHI_FAST",
     .type = DSP_SETTING_BOOL,
     .offset = offsetof(struct settings, fast),
     .fallback = "false",
     .help = "Fast."},
    DSP_SETTINGS_END,
};

static struct dsp_err load(struct settings *settings)
{
    const struct dsp_setting *const tables[] = {TABLE, NULL};
    void *const members[] = {settings};
    return dsp_config_load(tables, members);
}

/* The load fails and its detail starts with this variable. */
static void assert_refused(const char *variable)
{
    struct settings settings = {0};
    struct dsp_err err = load(&settings);
    assert_err(err, DSP_ERR_FATAL, "CONFIG_INVALID");
    if (strncmp(err.detail, variable, strlen(variable)) != 0) {
        fail_msg("%s does not name %s", err.detail, variable);
    }
}

static int fresh_environment(void **state)
{
    (void)state;
    clearenv();
    return setenv("HESHI_NAME", "intake", 1);
}

/* Writes a temporary file; the caller unlinks it. */
static void write_file(char *path, const char *bytes, size_t size)
{
    strcpy(path, "/tmp/heshi-test-config-XXXXXX");
    int file = mkstemp(path);
    assert_true(file >= 0);
    assert_int_equal(write(file, bytes, size), size);
    close(file);
}

static void defaults_hold_where_nothing_is_set(void **state)
{
    (void)state;
    struct settings settings = {.optional = "x", .fast = true};
    assert_ok(load(&settings));
    assert_string_equal(settings.name, "intake");
    assert_null(settings.password);
    assert_null(settings.optional);
    assert_int_equal(settings.batch, 64);
    assert_false(settings.fast);
}

static void the_environment_wins_over_defaults(void **state)
{
    (void)state;
    struct settings settings = {0};
    setenv("HESHI_BATCH", "1024", 1);
    setenv("HESHI_FAST", "1", 1);
    assert_ok(load(&settings));
    assert_int_equal(settings.batch, 1024);
    assert_true(settings.fast);
    setenv("HESHI_FAST", "true", 1);
    assert_ok(load(&settings));
    assert_true(settings.fast);
    setenv("HESHI_FAST", "0", 1);
    assert_ok(load(&settings));
    assert_false(settings.fast);
}

static void texts_outlive_a_change_of_the_environment(void **state)
{
    (void)state;
    struct settings settings = {0};
    assert_ok(load(&settings));
    setenv("HESHI_NAME", "another", 1);
    assert_string_equal(settings.name, "intake");
}

static void a_required_setting_must_be_there(void **state)
{
    (void)state;
    unsetenv("HESHI_NAME");
    assert_refused("HESHI_NAME");
    setenv("HESHI_NAME", "", 1); /* empty counts as unset */
    assert_refused("HESHI_NAME");
}

static void numbers_outside_their_range_are_refused(void **state)
{
    (void)state;
    static const char *const BAD[] = {"0", "1025", "-1", "many", "64 ", "6.4", "99999999999999999999"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        setenv("HESHI_BATCH", BAD[i], 1);
        assert_refused("HESHI_BATCH");
    }
}

static void a_bool_is_nothing_but_its_four_words(void **state)
{
    (void)state;
    setenv("HESHI_FAST", "yes", 1);
    assert_refused("HESHI_FAST");
    setenv("HESHI_FAST", "TRUE", 1);
    assert_refused("HESHI_FAST");
}

static void an_unknown_variable_of_ours_is_refused(void **state)
{
    (void)state;
    setenv("HESHI_BACTH", "64", 1);
    assert_refused("HESHI_BACTH");
    unsetenv("HESHI_BACTH");
    setenv("HESHI_BATCH_FILES", "/x", 1);
    assert_refused("HESHI_BATCH_FILES");
}

static void variables_of_the_scripts_and_of_others_pass(void **state)
{
    (void)state;
    struct settings settings = {0};
    setenv("HESHI_RUN_DIR", "/run", 1);
    setenv("HESHI_ADMIN", "x", 1);
    setenv("HESHI_STANDINS", "x", 1);
    setenv("HESHI_PARTITIONS", "2", 1);
    setenv("HESHI_POLICY", "x", 1);
    setenv("PATH", "/bin", 1);
    setenv("HESHIX", "x", 1);
    assert_ok(load(&settings));
}

static void a_file_gives_the_value_without_its_last_newline(void **state)
{
    (void)state;
    struct settings settings = {0};
    char path[64];
    write_file(path, "secret\n", 7);
    setenv("HESHI_PASSWORD_FILE", path, 1);
    assert_ok(load(&settings));
    assert_string_equal(settings.password, "secret");
    setenv("HESHI_PASSWORD", "also", 1);
    assert_refused("HESHI_PASSWORD");
    unlink(path);
}

static void a_bad_file_is_refused(void **state)
{
    (void)state;
    char path[64];
    setenv("HESHI_PASSWORD_FILE", "/nonexistent/secret", 1);
    assert_refused("/nonexistent/secret");
    setenv("HESHI_PASSWORD_FILE", "/tmp", 1);
    assert_refused("/tmp");
    write_file(path, "a\0b", 3);
    setenv("HESHI_PASSWORD_FILE", path, 1);
    assert_refused("HESHI_PASSWORD_FILE");
    unlink(path);
}

static void a_file_may_hold_64_kib_and_no_more(void **state)
{
    (void)state;
    static char bytes[64 * 1024 + 1];
    char path[64];
    char *text = NULL;
    size_t size = 0;
    memset(bytes, 'a', sizeof bytes);
    write_file(path, bytes, sizeof bytes - 1);
    assert_ok(dsp_read_file(path, &text, &size));
    assert_int_equal(size, sizeof bytes - 1);
    assert_int_equal(strlen(text), size);
    unlink(path);
    write_file(path, bytes, sizeof bytes);
    assert_err(dsp_read_file(path, &text, &size), DSP_ERR_FATAL, "CONFIG_INVALID");
    unlink(path);
}

static void an_error_never_shows_the_value(void **state)
{
    (void)state;
    struct settings settings = {0};
    setenv("HESHI_BATCH", "hunter2", 1);
    struct dsp_err err = load(&settings);
    assert_true(dsp_failed(err));
    assert_null(strstr(err.detail, "hunter2"));
}

static void several_tables_fill_their_own_settings(void **state)
{
    (void)state;
    static const struct dsp_setting MORE[] = {
        {.name = "HESHI_MORE", .type = DSP_SETTING_INT, .fallback = "-5", .min = -10, .max = 0, .help = "More."},
        DSP_SETTINGS_END};
    const struct dsp_setting *const tables[] = {TABLE, MORE, NULL};
    struct settings settings = {0};
    int64_t more = 0;
    void *const members[] = {&settings, &more};
    assert_ok(dsp_config_load(tables, members));
    assert_string_equal(settings.name, "intake");
    assert_int_equal(more, -5);
}

static void print_shows_values_but_never_secrets(void **state)
{
    (void)state;
    struct settings settings = {.name = "intake", .password = "hunter2", .batch = 64, .fast = true};
    char text[512] = {0};
    FILE *out = fmemopen(text, sizeof text, "w");
    dsp_config_print(TABLE, &settings, out);
    fclose(out);
    assert_string_equal(text, "HESHI_NAME=intake\nHESHI_PASSWORD=set\nHESHI_OPTIONAL=\nHESHI_BATCH=64\n"
                              "HESHI_FAST=true\n");
}

static void the_document_has_one_row_for_each_setting(void **state)
{
    (void)state;
    char text[512] = {0};
    FILE *out = fmemopen(text, sizeof text, "w");
    dsp_config_document(TABLE, out);
    fclose(out);
    assert_string_equal(text, "| `HESHI_NAME` | text | required | Name. |\n"
                              "| `HESHI_PASSWORD` | text, secret |  | Password. |\n"
                              "| `HESHI_OPTIONAL` | text |  | Nothing. |\n"
                              "| `HESHI_BATCH` | 1 … 1024 | 64 | Records. |\n"
                              "| `HESHI_FAST` | true or false | false | Fast. |\n");
}

#define CONFIG_TEST(name) cmocka_unit_test_setup(name, fresh_environment)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CONFIG_TEST(defaults_hold_where_nothing_is_set),
        CONFIG_TEST(the_environment_wins_over_defaults),
        CONFIG_TEST(texts_outlive_a_change_of_the_environment),
        CONFIG_TEST(a_required_setting_must_be_there),
        CONFIG_TEST(numbers_outside_their_range_are_refused),
        CONFIG_TEST(a_bool_is_nothing_but_its_four_words),
        CONFIG_TEST(an_unknown_variable_of_ours_is_refused),
        CONFIG_TEST(variables_of_the_scripts_and_of_others_pass),
        CONFIG_TEST(a_file_gives_the_value_without_its_last_newline),
        CONFIG_TEST(a_bad_file_is_refused),
        CONFIG_TEST(a_file_may_hold_64_kib_and_no_more),
        CONFIG_TEST(an_error_never_shows_the_value),
        CONFIG_TEST(several_tables_fill_their_own_settings),
        CONFIG_TEST(print_shows_values_but_never_secrets),
        CONFIG_TEST(the_document_has_one_row_for_each_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
