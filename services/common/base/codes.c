#include "common/base/codes.h"

#define CODE_ROW(name, sentence) {#name, sentence},

static const struct dsp_code CODES[] = {DSP_CODE_LIST(CODE_ROW)};

const struct dsp_code *dsp_codes(size_t *ret_count)
{
    *ret_count = sizeof CODES / sizeof CODES[0];
    return CODES;
}
