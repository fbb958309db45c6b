/* Errors by value: what went wrong and what to do next.
 *
 * A `struct dsp_err` is returned, never stored globally; it owns nothing and may be copied freely.
 * The kind decides the reaction, the code is stable (docs/EVENTS.md lists all), the detail is for people
 * and never holds personal data. */
#ifndef DSP_ERR_H
#define DSP_ERR_H

#include <stdbool.h>

#define DSP_MUST_USE __attribute__((warn_unused_result))
#define DSP_PRINTF(format_at, arguments_at) __attribute__((format(printf, format_at, arguments_at)))

enum dsp_err_kind {
    DSP_ERR_OK = 0,
    DSP_ERR_RETRY,  /* may succeed later: back off and try again, nothing was done */
    DSP_ERR_REJECT, /* this message can never succeed: park it with its reason */
    DSP_ERR_FATAL,  /* the process cannot go on: stop it */
};

#define DSP_ERR_DETAIL_BYTES 128

struct dsp_err {
    enum dsp_err_kind kind;
    const char *code;                  /* static string from codes.h; NULL when OK */
    char detail[DSP_ERR_DETAIL_BYTES]; /* cut when longer, always terminated */
};

/* `code` must have static lifetime. */
struct dsp_err dsp_retry(const char *code, const char *format, ...) DSP_PRINTF(2, 3);
struct dsp_err dsp_reject(const char *code, const char *format, ...) DSP_PRINTF(2, 3);
struct dsp_err dsp_fatal(const char *code, const char *format, ...) DSP_PRINTF(2, 3);

#ifdef __clang_analyzer__
/* The analyser does not look into err.c, and would follow paths on which these return OK. */
#define dsp_retry(its_code, ...) \
    ((void)(dsp_retry)(its_code, __VA_ARGS__), (struct dsp_err){.kind = DSP_ERR_RETRY, .code = (its_code)})
#define dsp_reject(its_code, ...) \
    ((void)(dsp_reject)(its_code, __VA_ARGS__), (struct dsp_err){.kind = DSP_ERR_REJECT, .code = (its_code)})
#define dsp_fatal(its_code, ...) \
    ((void)(dsp_fatal)(its_code, __VA_ARGS__), (struct dsp_err){.kind = DSP_ERR_FATAL, .code = (its_code)})
#endif

static inline struct dsp_err dsp_ok(void)
{
    return (struct dsp_err){.kind = DSP_ERR_OK};
}

static inline bool dsp_failed(struct dsp_err err)
{
    return err.kind != DSP_ERR_OK;
}

/* Whether it failed with this code of codes.h: codes are compared as texts, never as addresses. */
bool dsp_err_is(const struct dsp_err *err, const char *code);

/* The only macro that hides a return. */
#define DSP_TRY(expr)                        \
    do {                                     \
        struct dsp_err dsp_try_err = (expr); \
        if (dsp_failed(dsp_try_err)) {       \
            return dsp_try_err;              \
        }                                    \
    } while (0)

#endif
