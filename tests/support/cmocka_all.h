/* cmocka wants these headers before its own. */
#ifndef DSP_TEST_CMOCKA_ALL_H
#define DSP_TEST_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/err.h"

/* The error is of this kind and code. Codes are compared as text: each file has its own copy of a constant. */
#define assert_err(error, expected_kind, expected_code)            \
    do {                                                           \
        struct dsp_err assert_err_value = (error);                 \
        assert_int_equal(assert_err_value.kind, (expected_kind));  \
        assert_string_equal(assert_err_value.code, expected_code); \
    } while (0)

/* On failure shows the detail. */
#define assert_ok(error)                                                      \
    do {                                                                      \
        struct dsp_err assert_ok_value = (error);                             \
        if (dsp_failed(assert_ok_value)) {                                    \
            fail_msg("%s: %s", assert_ok_value.code, assert_ok_value.detail); \
        }                                                                     \
    } while (0)

#endif
