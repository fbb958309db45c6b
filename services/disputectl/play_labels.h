/* Labels of a story: "${kind:name}" in any string. The same label is the same number throughout one run.
 *
 *   person staff order openid refund transaction offer message id   name, '-', the run's tag
 *   case uuid command                                            a fresh UUIDv7 per name (case: also without a name)
 *   platform tag                                                 without a name
 *   at                                                           local time of the story, as milliseconds
 *   day                                                          a date, as days since 1970
 *   entry seen                                                   known only once the log has shown them
 *   anything else                                                what the story has set (facts, item, sha256)
 * A string that is nothing but one label becomes the label's value, whatever JSON that is; inside a longer
 * text it becomes its text. One thread. */
#ifndef PLAY_LABELS_H
#define PLAY_LABELS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"

#define PLAY_TAG_BYTES 16

struct play_labels; /* opaque */

/* `tag` is copied; `year` is the one that times without a year mean. NULL: out of memory. */
struct play_labels *play_labels_new(const char *tag, int year);
void play_labels_free(struct play_labels *labels); /* NULL is fine */
const char *play_labels_tag(const struct play_labels *labels);

/* Takes the reference. A second value of one label replaces the first. */
void play_labels_set(struct play_labels *labels, const char *kind, const char *name, json_t *value);
/* NULL: not set (yet). Borrowed. */
const json_t *play_labels_get(const struct play_labels *labels, const char *kind, const char *name);

/* A copy with every label replaced. `may_wait`: entry and seen labels that are not known yet stay as they are;
 * else, and for an unknown kind or a bad time, REJECT FIELD_INVALID. */
DSP_MUST_USE struct dsp_err play_labels_apply(struct play_labels *labels, const json_t *value, bool may_wait,
                                              json_t **ret_value);
/* The same for one text; `ret_text` is to be freed. */
DSP_MUST_USE struct dsp_err play_labels_text(struct play_labels *labels, const char *text, char **ret_text);
/* The name in a text that is exactly "${kind:name}"; false otherwise or when it does not fit. */
bool play_label_is(const char *text, const char *kind, char *name, size_t size);
/* Whether a value holds a label of that kind anywhere. */
bool play_labels_hold(const json_t *value, const char *kind);

/* "04-13 10:00", "04-13 10:00:30", "2027-03-06 09:30[:ss]" of Asia/Shanghai. false: not a time. */
bool play_parse_local(const char *text, int year, int64_t *ret_ms);
/* A tag out of a time and the story's place in the run: lower-case letters and digits. */
void play_tag(int64_t real_ms, size_t index, char *text);

#endif
