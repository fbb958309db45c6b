#include "common/base/utf8.h"

#include <stdint.h>

static bool within(uint8_t byte, uint8_t low, uint8_t high)
{
    return byte >= low && byte <= high;
}

/* Bytes of a sequence with this first byte; 0: no sequence starts so. */
static size_t length_by_lead(uint8_t lead)
{
    if (lead < 0x80) {
        return 1;
    }
    if (within(lead, 0xc2, 0xdf)) { /* c0 and c1 could only begin an overlong form */
        return 2;
    }
    if (within(lead, 0xe0, 0xef)) {
        return 3;
    }
    return within(lead, 0xf0, 0xf4) ? 4 : 0;
}

/* The second byte carries what the first cannot say: no overlong forms, no surrogates, at most U+10FFFF
 * (Unicode, table 3-7). */
static bool second_fits(uint8_t lead, uint8_t second)
{
    switch (lead) {
    case 0xe0:
        return within(second, 0xa0, 0xbf);
    case 0xed:
        return within(second, 0x80, 0x9f);
    case 0xf0:
        return within(second, 0x90, 0xbf);
    case 0xf4:
        return within(second, 0x80, 0x8f);
    default:
        return within(second, 0x80, 0xbf);
    }
}

/* Bytes of the well-formed sequence at `at`; 0: there is none. */
static size_t sequence(const uint8_t *at, size_t left)
{
    size_t length = length_by_lead(at[0]);
    if (length == 0 || length > left) {
        return 0;
    }
    if (length > 1 && !second_fits(at[0], at[1])) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (!within(at[i], 0x80, 0xbf)) {
            return 0;
        }
    }
    return length;
}

bool dsp_utf8_valid(struct dsp_str text)
{
    const uint8_t *bytes = (const uint8_t *)text.ptr;
    for (size_t i = 0; i < text.len;) {
        size_t length = bytes[i] == 0 ? 0 : sequence(bytes + i, text.len - i);
        if (length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}

static bool starts_character(char byte)
{
    return ((uint8_t)byte & 0xc0) != 0x80;
}

size_t dsp_utf8_length(struct dsp_str text)
{
    size_t characters = 0;
    for (size_t i = 0; i < text.len; i++) {
        characters += starts_character(text.ptr[i]) ? 1 : 0;
    }
    return characters;
}

struct dsp_str dsp_utf8_cut(struct dsp_str text, size_t characters)
{
    size_t seen = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!starts_character(text.ptr[i])) {
            continue;
        }
        if (seen == characters) {
            return (struct dsp_str){text.ptr, i};
        }
        seen++;
    }
    return text;
}
