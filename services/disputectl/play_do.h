/* Doing the inputs of a story: publishing, telling the stand-ins, knocking at the doors, arming faults. */
#ifndef PLAY_DO_H
#define PLAY_DO_H

#include "disputectl/ctl_rest.h"
#include "disputectl/play_story.h"

struct play_world {
    struct ctl_kafka *kafka;
    struct ctl_admin *admin;
    struct ctl_rest *rest;
};

/* Publishes every part of the story's platform, and waits for the broker only. */
DSP_MUST_USE struct dsp_err play_do_platform(const struct play_world *world, struct play_story *story);
/* Labels must be known by now. REJECT: this input cannot be done, or was not taken by whom it was for. */
DSP_MUST_USE struct dsp_err play_do(const struct play_world *world, struct play_story *story,
                                    const struct play_input *input);
/* One line for people: what is done. */
void play_do_text(const struct play_story *story, const struct play_input *input, char *text, size_t size);

/* POSTs a settlement about a case to fund's door (HESHI_DOORS, WEBHOOK_SECRET or …_FILE), signed, or with one
 * bit of the signature turned. REJECT: an answer other than 2xx (not for spoiled ones); RETRY: no answer. */
DSP_MUST_USE struct dsp_err play_door_settlement(const char *case_id, const char *order_id, const json_t *body,
                                                 bool spoiled);

#endif
