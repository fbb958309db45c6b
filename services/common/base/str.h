/* A view of bytes: borrowed, not terminated, may be empty. Lives as long as what it points into. */
#ifndef DSP_STR_H
#define DSP_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dsp_str {
    const char *ptr; /* may be NULL when len is 0 */
    size_t len;      /* bytes */
};

/* For printf("%.*s"). */
#define DSP_STR_ARG(s) (int)(s).len, ((s).ptr ? (s).ptr : "")
#define DSP_STR_LITERAL(text) ((struct dsp_str){(text), sizeof(text) - 1})

/* `text` may be NULL: gives an empty view. */
struct dsp_str dsp_str_from(const char *text);
bool dsp_str_equal(struct dsp_str a, struct dsp_str b);
bool dsp_str_is(struct dsp_str a, const char *text);
bool dsp_str_starts(struct dsp_str a, const char *prefix);
/* Order by bytes, shorter first when one is the prefix of the other: as memcmp. */
int dsp_str_compare(struct dsp_str a, struct dsp_str b);
/* FNV-1a, for hash tables in memory; not for anything that leaves the process. */
uint64_t dsp_str_hash(struct dsp_str s);
/* Decimal, whole view, no sign but '-', no spaces; false when it is not a number or does not fit. */
bool dsp_str_to_int64(struct dsp_str s, int64_t *ret_value);
/* Lower-case hex of `size` bytes into `text` (2 * size + 1 bytes, terminated). */
void dsp_hex(const uint8_t *bytes, size_t size, char *text);
/* Reads exactly 2 * size hex digits of either case; false and untouched output otherwise. */
bool dsp_unhex(struct dsp_str text, uint8_t *ret_bytes, size_t size);

#endif
