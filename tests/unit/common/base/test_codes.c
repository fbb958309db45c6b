#include "support/cmocka_all.h"

#include <string.h>

#include "common/base/codes.h"

static void the_list_holds_every_code_once_with_a_sentence(void **state)
{
    (void)state;
    size_t count = 0;
    const struct dsp_code *codes = dsp_codes(&count);
    assert_true(count > 20);
    for (size_t i = 0; i < count; i++) {
        assert_true(strlen(codes[i].sentence) > 0);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(codes[i].name, codes[k].name);
        }
    }
}

static void a_constant_is_its_own_name(void **state)
{
    (void)state;
    size_t count = 0;
    assert_string_equal(DSP_CODE_NOT_PROTOBUF, "NOT_PROTOBUF");
    assert_string_equal(dsp_codes(&count)[0].name, DSP_CODE_NOT_PROTOBUF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_holds_every_code_once_with_a_sentence),
        cmocka_unit_test(a_constant_is_its_own_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
