#include "support/cmocka_all.h"

#include <string.h>

#include "common/base/codes.h"
#include "common/base/err.h"

static struct dsp_err fail_then_count(struct dsp_err err, int *calls)
{
    DSP_TRY(err);
    (*calls)++;
    return dsp_ok();
}

static void ok_is_no_failure(void **state)
{
    (void)state;
    struct dsp_err err = dsp_ok();
    assert_false(dsp_failed(err));
    assert_null(err.code);
}

static void each_maker_sets_its_kind_code_and_detail(void **state)
{
    (void)state;
    assert_err(dsp_retry(DSP_CODE_STORE_DOWN, "x"), DSP_ERR_RETRY, "STORE_DOWN");
    assert_err(dsp_fatal(DSP_CODE_CONFIG_INVALID, "x"), DSP_ERR_FATAL, "CONFIG_INVALID");
    struct dsp_err err = dsp_reject(DSP_CODE_TOO_BIG, "%d bytes", 7);
    assert_err(err, DSP_ERR_REJECT, "TOO_BIG");
    assert_string_equal(err.detail, "7 bytes");
}

static void a_long_detail_is_cut_and_terminated(void **state)
{
    (void)state;
    char text[300];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct dsp_err err = dsp_reject(DSP_CODE_TOO_BIG, "%s", text);
    assert_int_equal(strlen(err.detail), DSP_ERR_DETAIL_BYTES - 1);
}

static void try_returns_the_failure_and_passes_success(void **state)
{
    (void)state;
    int calls = 0;
    assert_err(fail_then_count(dsp_retry(DSP_CODE_REDIS_DOWN, "x"), &calls), DSP_ERR_RETRY, "REDIS_DOWN");
    assert_int_equal(calls, 0);
    assert_ok(fail_then_count(dsp_ok(), &calls));
    assert_int_equal(calls, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ok_is_no_failure),
        cmocka_unit_test(each_maker_sets_its_kind_code_and_detail),
        cmocka_unit_test(a_long_detail_is_cut_and_terminated),
        cmocka_unit_test(try_returns_the_failure_and_passes_success),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
