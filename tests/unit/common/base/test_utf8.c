#include "support/cmocka_all.h"

#include "common/base/utf8.h"

#define VALID(text) assert_true(dsp_utf8_valid(DSP_STR_LITERAL(text)))
#define INVALID(text) assert_false(dsp_utf8_valid(DSP_STR_LITERAL(text)))

static void the_ends_of_every_length_are_valid(void **state)
{
    (void)state;
    VALID("");
    assert_true(dsp_utf8_valid((struct dsp_str){NULL, 0}));
    VALID("\x01\x7f");
    VALID("\xc2\x80\xdf\xbf");
    VALID("\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf");
    VALID("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
    VALID("退款 129.00 元");
}

static void zero_bytes_are_refused(void **state)
{
    (void)state;
    INVALID("\0");
    INVALID("a\0b");
}

static void overlong_forms_are_refused(void **state)
{
    (void)state;
    INVALID("\xc0\x80");
    INVALID("\xc1\xbf");
    INVALID("\xe0\x80\x80");
    INVALID("\xe0\x9f\xbf");
    INVALID("\xf0\x80\x80\x80");
    INVALID("\xf0\x8f\xbf\xbf");
}

static void surrogates_are_refused(void **state)
{
    (void)state;
    INVALID("\xed\xa0\x80");
    INVALID("\xed\xbf\xbf");
    INVALID("\xed\xa0\xbd\xed\xb8\x80");
}

static void code_points_past_the_last_are_refused(void **state)
{
    (void)state;
    INVALID("\xf4\x90\x80\x80");
    INVALID("\xf5\x80\x80\x80");
    INVALID("\xff");
    INVALID("\xfe");
}

static void cut_and_stray_bytes_are_refused(void **state)
{
    (void)state;
    INVALID("\x80");
    INVALID("\xc2");
    INVALID("\xe9\x80");
    INVALID("\xf0\x9f\x98");
    INVALID("\xc2\x41");
    INVALID("\xe9\x80\x41");
    INVALID("\xf0\x9f\x98\x41");
}

static void length_counts_characters(void **state)
{
    (void)state;
    assert_int_equal(dsp_utf8_length(DSP_STR_LITERAL("")), 0);
    assert_int_equal(dsp_utf8_length(DSP_STR_LITERAL("a退\xf0\x9f\x98\x80")), 3);
}

static void cut_never_splits_a_character(void **state)
{
    (void)state;
    struct dsp_str text = DSP_STR_LITERAL("a退款");
    assert_int_equal(dsp_utf8_cut(text, 0).len, 0);
    assert_int_equal(dsp_utf8_cut(text, 1).len, 1);
    assert_int_equal(dsp_utf8_cut(text, 2).len, 4);
    assert_int_equal(dsp_utf8_cut(text, 3).len, 7);
    assert_int_equal(dsp_utf8_cut(text, 99).len, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_ends_of_every_length_are_valid),
        cmocka_unit_test(zero_bytes_are_refused),
        cmocka_unit_test(overlong_forms_are_refused),
        cmocka_unit_test(surrogates_are_refused),
        cmocka_unit_test(code_points_past_the_last_are_refused),
        cmocka_unit_test(cut_and_stray_bytes_are_refused),
        cmocka_unit_test(length_counts_characters),
        cmocka_unit_test(cut_never_splits_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
