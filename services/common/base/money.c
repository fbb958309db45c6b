#include "common/base/money.h"

#include <inttypes.h>
#include <stdio.h>

#include "common/base/codes.h"

#define MONEY_TEXT_BYTES 32

struct dsp_err dsp_money_add(int64_t a_minor, int64_t b_minor, int64_t *ret_minor)
{
    int64_t sum;
    if (__builtin_add_overflow(a_minor, b_minor, &sum)) {
        return dsp_reject(DSP_CODE_OVERFLOW, "%" PRId64 " + %" PRId64, a_minor, b_minor);
    }
    *ret_minor = sum;
    return dsp_ok();
}

struct dsp_err dsp_money_sub(int64_t a_minor, int64_t b_minor, int64_t *ret_minor)
{
    int64_t difference;
    if (__builtin_sub_overflow(a_minor, b_minor, &difference)) {
        return dsp_reject(DSP_CODE_OVERFLOW, "%" PRId64 " - %" PRId64, a_minor, b_minor);
    }
    *ret_minor = difference;
    return dsp_ok();
}

struct dsp_err dsp_money_percent(int64_t amount_minor, int percent, int64_t *ret_minor)
{
    if (amount_minor < 0) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a percentage of the negative amount %" PRId64, amount_minor);
    }
    if (percent < 0 || percent > 100) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "%d is no percentage from 0 to 100", percent);
    }
    /* Hundreds and the rest apart: amount * percent might not fit. */
    *ret_minor = amount_minor / 100 * percent + (amount_minor % 100 * percent + 50) / 100;
    return dsp_ok();
}

void dsp_money_format(int64_t amount_minor, char *text)
{
    /* Unsigned, because -INT64_MIN does not fit. */
    uint64_t fen = amount_minor < 0 ? UINT64_C(0) - (uint64_t)amount_minor : (uint64_t)amount_minor;
    (void)snprintf(text, MONEY_TEXT_BYTES, "%s%" PRIu64 ".%02u", amount_minor < 0 ? "-" : "", fen / 100,
                   (unsigned)(fen % 100));
}
