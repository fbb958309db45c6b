/* Dead letters: what stands on the topics dlq.<service>.<topic>, one for each record that went there. */
#ifndef CTL_LETTERS_H
#define CTL_LETTERS_H

#include <jansson.h>

#include "common/base/arena.h"
#include "disputectl/ctl_kafka.h"

/* A letter; everything in it lives in the list. */
struct ctl_letter {
    char *service; /* whose it is */
    char *topic;   /* where the record came from */
    int32_t partition;
    int64_t offset; /* -1: a door refused it, it never was a record */
    char *code, *reason, *at, *subject;
    char *dead_topic; /* where the letter lies */
    int32_t dead_partition;
    int64_t dead_offset;
};

struct ctl_letters {
    struct ctl_letter *items;
    size_t count, room;
};
void ctl_letters_fini(struct ctl_letters *letters);

/* Reads every dead-letter topic. A letter that was published twice stands there once. RETRY BROKER_DOWN. */
DSP_MUST_USE struct dsp_err ctl_letters_read(struct ctl_kafka *kafka, struct ctl_letters *ret_letters);

/* "sla/disputes.case.event.v1/3/1042"; of a door's letter the place of the letter itself. */
#define CTL_PLACE_BYTES 320
void ctl_letter_place(const struct ctl_letter *letter, char *text);
/* NULL: no letter is called so. Borrowed from the list. */
const struct ctl_letter *ctl_letters_find(const struct ctl_letters *letters, const char *place);

/* Publishes the record again where it came from: key, value and headers as they were, but for the letter's own
 * and x-dispute-replays, which counts. Its id is the same, so that a record that was taken after all is known.
 * RETRY BROKER_DOWN; REJECT FIELD_INVALID: the letter is not there any more. */
DSP_MUST_USE struct dsp_err ctl_letter_publish(struct ctl_kafka *kafka, const struct ctl_letter *letter,
                                               struct ctl_position *ret_position);
/* The letter's record, decoded, with all headers. New reference. */
DSP_MUST_USE struct dsp_err ctl_letter_json(struct ctl_kafka *kafka, const struct ctl_letter *letter,
                                            json_t **ret_json);

#endif
