/* JSON of records and services as text for people. */
#ifndef CTL_SHOW_H
#define CTL_SHOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/err.h"

/* Appends to a text that is cut, never overrun. */
struct ctl_text {
    char *text;
    size_t size, used;
};
void ctl_put(struct ctl_text *out, const char *format, ...) DSP_PRINTF(2, 3);

/* A message as dsp_message_json writes it, on one line: "remedy REFUND, amount 129.00". Money in yuan, times
 * local, durations in their two largest units, hashes by their first digits, sealed texts as "[sealed]". */
void ctl_put_compact(struct ctl_text *out, const json_t *message);

/* A table of GET /cases/{id}: columns aligned, one row a line, indented; a table too wide for a terminal goes row
 * by row as "name value, …" without what is zero or no. Columns in which no row has anything and the named ones
 * (NULL-terminated, may be NULL) are left out; *_ms as local time, *_minor as yuan. */
void ctl_show_table(FILE *out, const char *title, const json_t *rows, const char *const *left_out);

/* A text wrapped at spaces to `width` terminal columns, each line after `indent` spaces; ends in a newline. */
void ctl_show_wrapped(FILE *out, const char *text, size_t indent, size_t width);

/* Terminal columns that a UTF-8 text takes: CJK characters count two. For alignment. */
size_t ctl_columns(const char *text);

#endif
