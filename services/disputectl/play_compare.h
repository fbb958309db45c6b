/* Differences, and the comparison of what a story expects with what there is. */
#ifndef PLAY_COMPARE_H
#define PLAY_COMPARE_H

#include "disputectl/play_labels.h"

/* What one story did not meet. Zeroed = none. */
struct play_diffs {
    json_t *list; /* [{where, expected, got}]; NULL: none yet */
};

void play_diffs_fini(struct play_diffs *diffs);
size_t play_diffs_count(const struct play_diffs *diffs);
/* `diffs` may be NULL: nothing is kept. */
void play_diff(struct play_diffs *diffs, const char *where, const char *expected, const char *got);
void play_diff_format(struct play_diffs *diffs, const char *where, const char *expected, const char *got_format, ...)
    DSP_PRINTF(4, 5);

/* Subset comparison: every member that `expected` names must be there and equal, others do not matter.
 *   "*"           anything that is there
 *   null          not there
 *   0 false ""    also what is left out: proto3 leaves out defaults
 *   number        also as text (64-bit numbers in JSON), and as fen of an amount {amount_minor, currency}
 *   …_time_millis compared in whole seconds
 *   "${seen:X}"   anything; with `bind` it becomes the label's value
 *   "${entry:N}"  anything, as long as N is not known
 * Arrays have the same length. Names both sides; `diffs` NULL: the verdict only. */
bool play_compare(struct play_labels *labels, bool bind, const json_t *expected, const json_t *got, const char *path,
                  struct play_diffs *diffs);
/* Some text of any JSON value, for people; to be freed. */
char *play_json_text(const json_t *value);

#endif
