/* Logs: one JSON object per line on stdout, ECS names (ENGINEERING G). Ids only, never personal data.
 * Loop thread only; a line is written with one write(2). */
#ifndef DSP_LOG_H
#define DSP_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/id.h"
#include "common/base/str.h"

enum dsp_log_level { DSP_LOG_DEBUG, DSP_LOG_INFO, DSP_LOG_WARN, DSP_LOG_ERROR };

struct dsp_field {
    const char *name;
    enum { DSP_FIELD_INT, DSP_FIELD_TEXT, DSP_FIELD_UUID } type;
    int64_t number;
    struct dsp_str text;
    const struct dsp_uuid *uuid;
};

#define DSP_F_INT(field, value) ((struct dsp_field){.name = (field), .type = DSP_FIELD_INT, .number = (value)})
#define DSP_F_STR(field, value) ((struct dsp_field){.name = (field), .type = DSP_FIELD_TEXT, .text = (value)})
#define DSP_F_TEXT(field, value) DSP_F_STR(field, dsp_str_from(value))
#define DSP_F_UUID(field, value) ((struct dsp_field){.name = (field), .type = DSP_FIELD_UUID, .uuid = (value)})

/* Once at start: service name for every line, least level that is written ("debug" … "error").
 * DSP_LOG_INFO when `level` is unknown. */
void dsp_log_setup(const char *service, const char *level);
void dsp_log_write(enum dsp_log_level level, const char *message, const struct dsp_field *fields, size_t count);

#define dsp_log(level, message, ...)                                                             \
    dsp_log_write((level), (message), (const struct dsp_field[]){{.name = NULL}, ##__VA_ARGS__}, \
                  sizeof((const struct dsp_field[]){{.name = NULL}, ##__VA_ARGS__}) / sizeof(struct dsp_field))

/* Adds error.code and error.message. */
void dsp_log_err(enum dsp_log_level level, const char *message, struct dsp_err err);

#endif
