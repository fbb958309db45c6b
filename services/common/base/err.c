#include "common/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What the analyser sees elsewhere instead of these. */
#undef dsp_retry
#undef dsp_reject
#undef dsp_fatal

static struct dsp_err make(enum dsp_err_kind kind, const char *code, const char *format, va_list arguments)
    DSP_PRINTF(3, 0);

static struct dsp_err make(enum dsp_err_kind kind, const char *code, const char *format, va_list arguments)
{
    struct dsp_err err = {.kind = kind, .code = code};
    (void)vsnprintf(err.detail, sizeof err.detail, format, arguments); /* cutting is part of the contract */
    return err;
}

struct dsp_err dsp_retry(const char *code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct dsp_err err = make(DSP_ERR_RETRY, code, format, arguments);
    va_end(arguments);
    return err;
}

struct dsp_err dsp_reject(const char *code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct dsp_err err = make(DSP_ERR_REJECT, code, format, arguments);
    va_end(arguments);
    return err;
}

struct dsp_err dsp_fatal(const char *code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct dsp_err err = make(DSP_ERR_FATAL, code, format, arguments);
    va_end(arguments);
    return err;
}

bool dsp_err_is(const struct dsp_err *err, const char *code)
{
    return err->code && strcmp(err->code, code) == 0;
}
