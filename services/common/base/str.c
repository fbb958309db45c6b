#include "common/base/str.h"

#include <string.h>

struct dsp_str dsp_str_from(const char *text)
{
    return (struct dsp_str){text, text ? strlen(text) : 0};
}

/* memcmp and memcpy must not see NULL, not even for no bytes at all. */
static int compare_bytes(const char *a, const char *b, size_t size)
{
    return size == 0 ? 0 : memcmp(a, b, size);
}

bool dsp_str_equal(struct dsp_str a, struct dsp_str b)
{
    return a.len == b.len && compare_bytes(a.ptr, b.ptr, a.len) == 0;
}

bool dsp_str_is(struct dsp_str a, const char *text)
{
    return dsp_str_equal(a, dsp_str_from(text));
}

bool dsp_str_starts(struct dsp_str a, const char *prefix)
{
    struct dsp_str start = dsp_str_from(prefix);
    return a.len >= start.len && compare_bytes(a.ptr, start.ptr, start.len) == 0;
}

int dsp_str_compare(struct dsp_str a, struct dsp_str b)
{
    int order = compare_bytes(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    if (order != 0) {
        return order;
    }
    return (a.len > b.len) - (a.len < b.len);
}

uint64_t dsp_str_hash(struct dsp_str s)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s.len; i++) {
        hash ^= (uint8_t)s.ptr[i];
        hash *= UINT64_C(0x100000001b3);
    }
    return hash;
}

bool dsp_str_to_int64(struct dsp_str s, int64_t *ret_value)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    size_t first = negative ? 1 : 0;
    if (s.len == first) {
        return false;
    }
    int64_t value = 0; /* summed below zero, where INT64_MIN fits */
    for (size_t i = first; i < s.len; i++) {
        if (s.ptr[i] < '0' || s.ptr[i] > '9') {
            return false;
        }
        if (__builtin_mul_overflow(value, INT64_C(10), &value) ||
            __builtin_sub_overflow(value, (int64_t)(s.ptr[i] - '0'), &value)) {
            return false;
        }
    }
    if (!negative && __builtin_sub_overflow(INT64_C(0), value, &value)) {
        return false;
    }
    *ret_value = value;
    return true;
}

void dsp_hex(const uint8_t *bytes, size_t size, char *text)
{
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = DIGITS[bytes[i] >> 4];
        text[2 * i + 1] = DIGITS[bytes[i] & 15];
    }
    text[2 * size] = '\0';
}

/* -1: not a hex digit. */
static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

bool dsp_unhex(struct dsp_str text, uint8_t *ret_bytes, size_t size)
{
    if (text.len % 2 != 0 || text.len / 2 != size) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (hex_digit(text.ptr[i]) < 0) {
            return false;
        }
    }
    for (size_t i = 0; i < size; i++) {
        unsigned high = (unsigned)hex_digit(text.ptr[2 * i]);
        unsigned low = (unsigned)hex_digit(text.ptr[2 * i + 1]);
        ret_bytes[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
