#include "common/base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/utf8.h"

#ifndef HESHI_VERSION
#define HESHI_VERSION "dev"
#endif

#define LINE_BYTES 16384
#define TEXT_MAX_BYTES 2048 /* of one value; longer ones are cut */
#define TAIL_BYTES 32       /* kept free for the mark of a cut line, its brace and newline */

static struct {
    const char *service;
    enum dsp_log_level least;
} setup = {"unknown", DSP_LOG_INFO};

static const char *const LEVELS[] = {
    [DSP_LOG_DEBUG] = "debug", [DSP_LOG_INFO] = "info", [DSP_LOG_WARN] = "warn", [DSP_LOG_ERROR] = "error"};

void dsp_log_setup(const char *service, const char *level)
{
    setup.service = service;
    setup.least = DSP_LOG_INFO;
    for (size_t i = 0; i < sizeof LEVELS / sizeof LEVELS[0]; i++) {
        if (level && strcmp(level, LEVELS[i]) == 0) {
            setup.least = (enum dsp_log_level)i;
        }
    }
}

/* Grows until it is full; a member that does not fit is taken back whole, so the line stays JSON. */
struct line {
    char text[LINE_BYTES];
    size_t size;
    bool full;
};

static void add(struct line *line, const char *bytes, size_t size)
{
    if (line->full || size > sizeof line->text - TAIL_BYTES - line->size) {
        line->full = true;
        return;
    }
    memcpy(line->text + line->size, bytes, size);
    line->size += size;
}

static void add_text(struct line *line, const char *text)
{
    add(line, text, strlen(text));
}

/* The two-character escapes of JSON; NULL: none for this byte. */
static const char *short_escape(char c)
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        return NULL;
    }
}

static void add_character(struct line *line, char c)
{
    const char *escape = short_escape(c);
    if (escape) {
        add_text(line, escape);
    } else if ((unsigned char)c < 0x20) {
        char code[8];
        (void)snprintf(code, sizeof code, "\\u%04x", (unsigned char)c);
        add_text(line, code);
    } else {
        add(line, &c, 1);
    }
}

/* Bytes of the character at the start of `text`; 0: it is not UTF-8. U+0000 counts as one, it is escaped. */
static size_t character_bytes(struct dsp_str text)
{
    if (text.ptr[0] == '\0') {
        return 1;
    }
    for (size_t size = 1; size <= 4 && size <= text.len; size++) {
        if (dsp_utf8_valid((struct dsp_str){text.ptr, size})) {
            return size;
        }
    }
    return 0;
}

/* Most of what is logged is ASCII that needs no escape. */
static size_t plain_bytes(const char *text, size_t size)
{
    size_t i = 0;
    while (i < size && text[i] >= ' ' && text[i] <= '~' && text[i] != '"' && text[i] != '\\') {
        i++;
    }
    return i;
}

static void add_string(struct line *line, struct dsp_str text)
{
    add_text(line, "\"");
    size_t end = text.len < TEXT_MAX_BYTES ? text.len : TEXT_MAX_BYTES;
    for (size_t i = 0; i < end;) {
        size_t plain = plain_bytes(text.ptr + i, end - i);
        if (plain) {
            add(line, text.ptr + i, plain);
            i += plain;
            continue;
        }
        size_t size = character_bytes((struct dsp_str){text.ptr + i, text.len - i});
        if (size == 0) {
            add_text(line, "\xef\xbf\xbd"); /* U+FFFD: a log line is always valid UTF-8 */
            i++;
        } else if (size == 1) {
            add_character(line, text.ptr[i]);
            i++;
        } else {
            add(line, text.ptr + i, size);
            i += size;
        }
    }
    add_text(line, "\"");
}

static void add_name(struct line *line, const char *name)
{
    add_text(line, line->size == 0 ? "{" : ",");
    add_string(line, dsp_str_from(name));
    add_text(line, ":");
}

static void add_field(struct line *line, const struct dsp_field *field)
{
    size_t before = line->size;
    char text[DSP_UUID_TEXT_BYTES];
    add_name(line, field->name);
    switch (field->type) {
    case DSP_FIELD_INT:
        (void)snprintf(text, sizeof text, "%" PRId64, field->number);
        add_text(line, text);
        break;
    case DSP_FIELD_TEXT:
        add_string(line, field->text);
        break;
    case DSP_FIELD_UUID:
        dsp_uuid_format(field->uuid, text);
        add_string(line, dsp_str_from(text));
        break;
    }
    if (line->full) {
        line->size = before;
    }
}

static void end_line(struct line *line)
{
    static const char WHOLE[] = "}\n";
    static const char CUT[] = ",\"log.cut\":true}\n";
    const char *end = line->full ? CUT : WHOLE;
    size_t size = strlen(end);
    memcpy(line->text + line->size, end, size); /* TAIL_BYTES were kept for it */
    line->size += size;
}

/* A log that cannot be written is lost: there is nobody to tell, and the work must go on. */
static void write_line(const struct line *line)
{
    ssize_t written;
    do {
        written = write(STDOUT_FILENO, line->text, line->size);
    } while (written < 0 && errno == EINTR);
}

void dsp_log_write(enum dsp_log_level level, const char *message, const struct dsp_field *fields, size_t count)
{
    static struct line line; /* loop thread only; too large for the stack of a callback */
    if (level < setup.least) {
        return;
    }
    char now[DSP_TIME_TEXT_BYTES];
    dsp_time_format(dsp_real_ms(), now);
    line.size = 0;
    line.full = false;
    const struct dsp_field head[] = {
        DSP_F_TEXT("@timestamp", now),
        DSP_F_TEXT("log.level", LEVELS[level]),
        DSP_F_TEXT("message", message),
        DSP_F_TEXT("ecs.version", "8.11.0"),
        DSP_F_TEXT("service.name", setup.service),
        DSP_F_TEXT("service.version", HESHI_VERSION),
    };
    for (size_t i = 0; i < sizeof head / sizeof head[0]; i++) {
        add_field(&line, &head[i]);
    }
    for (size_t i = 0; i < count; i++) {
        if (fields[i].name) { /* the macro puts a nameless one in front */
            add_field(&line, &fields[i]);
        }
    }
    end_line(&line);
    write_line(&line);
}

void dsp_log_err(enum dsp_log_level level, const char *message, struct dsp_err err)
{
    dsp_log(level, message, DSP_F_TEXT("error.code", err.code), DSP_F_TEXT("error.message", err.detail));
}
