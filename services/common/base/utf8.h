/* Text checks: protobuf-c lets bad UTF-8 through and PostgreSQL refuses U+0000. */
#ifndef DSP_UTF8_H
#define DSP_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF) without U+0000. */
bool dsp_utf8_valid(struct dsp_str text);
/* Code points of a valid text: limits of fields count characters, not bytes. */
size_t dsp_utf8_length(struct dsp_str text);
/* The longest prefix of a valid text with at most `characters` code points. */
struct dsp_str dsp_utf8_cut(struct dsp_str text, size_t characters);

#endif
