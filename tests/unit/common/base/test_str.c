#include "support/cmocka_all.h"

#include <string.h>

#include "common/base/str.h"

static struct dsp_str str(const char *text)
{
    return dsp_str_from(text);
}

static void null_and_empty_are_equal_views(void **state)
{
    (void)state;
    assert_int_equal(str(NULL).len, 0);
    assert_true(dsp_str_equal(str(NULL), str("")));
    assert_true(dsp_str_is(str(NULL), ""));
    assert_true(dsp_str_starts(str(NULL), ""));
    assert_int_equal(dsp_str_compare(str(NULL), str("")), 0);
    assert_int_equal(dsp_str_hash(str(NULL)), dsp_str_hash(str("")));
}

static void equality_sees_length_and_bytes(void **state)
{
    (void)state;
    assert_true(dsp_str_is(str("case"), "case"));
    assert_false(dsp_str_is(str("case"), "cas"));
    assert_false(dsp_str_is(str("case"), "cast"));
    assert_true(dsp_str_starts(str("case"), "ca"));
    assert_false(dsp_str_starts(str("ca"), "case"));
}

static void order_is_by_bytes_and_then_length(void **state)
{
    (void)state;
    assert_true(dsp_str_compare(str("a"), str("b")) < 0);
    assert_true(dsp_str_compare(str("ab"), str("a")) > 0);
    assert_true(dsp_str_compare(str("\x7f"), str("\x80")) < 0);
    assert_int_equal(dsp_str_compare(str("a"), str("a")), 0);
}

static void hash_is_fnv_1a(void **state)
{
    (void)state;
    assert_true(dsp_str_hash(str("")) == UINT64_C(0xcbf29ce484222325));
    assert_true(dsp_str_hash(str("a")) == UINT64_C(0xaf63dc4c8601ec8c));
}

static void whole_numbers_are_read_to_both_ends_of_the_range(void **state)
{
    (void)state;
    int64_t value = 1;
    assert_true(dsp_str_to_int64(str("0"), &value));
    assert_true(value == 0);
    assert_true(dsp_str_to_int64(str("9223372036854775807"), &value));
    assert_true(value == INT64_MAX);
    assert_true(dsp_str_to_int64(str("-9223372036854775808"), &value));
    assert_true(value == INT64_MIN);
}

static void what_is_no_number_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const BAD[] = {"",
                                      "-",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1.0",
                                      "0x1",
                                      "--1",
                                      "1-",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999"};
    int64_t value = 42;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        assert_false(dsp_str_to_int64(str(BAD[i]), &value));
    }
    assert_false(dsp_str_to_int64((struct dsp_str){"1\0002", 3}, &value));
    assert_true(value == 42);
}

static void hex_goes_out_in_lower_case_and_comes_back_in_either(void **state)
{
    (void)state;
    const uint8_t bytes[] = {0x00, 0xab, 0xff};
    uint8_t back[3];
    char text[7];
    dsp_hex(bytes, sizeof bytes, text);
    assert_string_equal(text, "00abff");
    assert_true(dsp_unhex(str("00ABfF"), back, sizeof back));
    assert_memory_equal(back, bytes, sizeof bytes);
}

static void bad_hex_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    uint8_t back[2] = {7, 7};
    assert_false(dsp_unhex(str("00a"), back, 2));
    assert_false(dsp_unhex(str("00abc"), back, 2));
    assert_false(dsp_unhex(str("00ab00"), back, 2));
    assert_false(dsp_unhex(str("00ag"), back, 2));
    assert_int_equal(back[0], 7);
    assert_int_equal(back[1], 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(null_and_empty_are_equal_views),
        cmocka_unit_test(equality_sees_length_and_bytes),
        cmocka_unit_test(order_is_by_bytes_and_then_length),
        cmocka_unit_test(hash_is_fnv_1a),
        cmocka_unit_test(whole_numbers_are_read_to_both_ends_of_the_range),
        cmocka_unit_test(what_is_no_number_is_refused_and_changes_nothing),
        cmocka_unit_test(hex_goes_out_in_lower_case_and_comes_back_in_either),
        cmocka_unit_test(bad_hex_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
