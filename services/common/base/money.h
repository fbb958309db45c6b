/* Money is whole fen in an int64; the currency stands beside it where it is stored or sent (CNY). */
#ifndef DSP_MONEY_H
#define DSP_MONEY_H

#include <stdint.h>

#include "common/base/err.h"

/* Checked: REJECT OVERFLOW instead of wrapping; the output is untouched then. */
DSP_MUST_USE struct dsp_err dsp_money_add(int64_t a_minor, int64_t b_minor, int64_t *ret_minor);
DSP_MUST_USE struct dsp_err dsp_money_sub(int64_t a_minor, int64_t b_minor, int64_t *ret_minor);
/* Whole percent of an amount (0..100), rounded half up to a fen; amount must not be negative. */
DSP_MUST_USE struct dsp_err dsp_money_percent(int64_t amount_minor, int percent, int64_t *ret_minor);
/* "129.00" for people: yuan with two decimals; `text` holds at least 32 bytes. */
void dsp_money_format(int64_t amount_minor, char *text);

#endif
