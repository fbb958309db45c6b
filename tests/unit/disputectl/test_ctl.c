#include "support/cmocka_all.h"

#include <stdio.h>
#include "disputectl/ctl.h"

/* What the parser says on stderr is for people and not compared. */
static void options_may_stand_anywhere(void **state)
{
    (void)state;
    const char *value = NULL;
    bool flag = false;
    const struct ctl_option options[] = {CTL_VALUE("value", value, "X"), CTL_FLAG("flag", flag), CTL_OPTIONS_END};
    char words[][16] = {"one", "--value", "v", "two", "--flag", "--", "--three"};
    char *argv[7];
    for (size_t i = 0; i < 7; i++) {
        argv[i] = words[i];
    }
    assert_int_equal(ctl_options(options, 7, argv), 3);
    assert_string_equal(argv[0], "one");
    assert_string_equal(argv[1], "two");
    assert_string_equal(argv[2], "--three");
    assert_string_equal(value, "v");
    assert_true(flag);
}

static void a_value_may_be_joined_to_its_option(void **state)
{
    (void)state;
    const char *value = NULL;
    const struct ctl_option options[] = {CTL_VALUE("value", value, "X"), CTL_OPTIONS_END};
    char word[] = "--value=a=b";
    char *argv[] = {word};
    assert_int_equal(ctl_options(options, 1, argv), 0);
    assert_string_equal(value, "a=b");
}

static int parse_one(const char *text)
{
    const char *value = NULL;
    bool flag = false;
    const struct ctl_option options[] = {CTL_VALUE("value", value, "X"), CTL_FLAG("flag", flag), CTL_OPTIONS_END};
    char word[32];
    char *argv[] = {word};
    snprintf(word, sizeof word, "%s", text);
    return ctl_options(options, 1, argv);
}

static void a_wrong_option_is_refused(void **state)
{
    (void)state;
    assert_int_equal(parse_one("--nothing"), -1);
    assert_int_equal(parse_one("--value"), -1);
    assert_int_equal(parse_one("--flag=1"), -1);
    assert_int_equal(parse_one("--val=1"), -1);
    assert_int_equal(parse_one("-"), 1); /* standard input */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_may_stand_anywhere),
        cmocka_unit_test(a_value_may_be_joined_to_its_option),
        cmocka_unit_test(a_wrong_option_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
