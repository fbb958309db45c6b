/* What is read for the comparisons: log, dead letters, views, records of the stand-ins. */
#ifndef PLAY_GATHER_H
#define PLAY_GATHER_H

#include "disputectl/ctl_log.h"
#include "disputectl/play_check.h"
#include "disputectl/play_do.h"

struct play_watch {
    struct ctl_log *log;         /* from the start of the run on */
    size_t seen;                 /* records of it that were given to their stories */
    struct ctl_offsets dlq;      /* every dead-letter topic, from the start of the run on */
    json_t *letters;             /* [{topic, code, text}] */
    struct ctl_offsets answered; /* the log topic once more, for answers that are no entries */
    json_t *answers;             /* {partition/lane number: CommandAnswered} */
};

/* Begins to watch: what was there before does not count. */
DSP_MUST_USE struct dsp_err play_watch_init(struct play_watch *watch, const struct play_world *world);
void play_watch_fini(struct play_watch *watch);
/* Reads the log on and gives each story its new entries. */
DSP_MUST_USE struct dsp_err play_watch_log(struct play_watch *watch, struct play_story *const *stories, size_t count);
/* Reads dead letters and answers on. */
DSP_MUST_USE struct dsp_err play_watch_letters(struct play_watch *watch, const struct play_world *world);
/* Everything else for one story, matched before (labels of `seen` are bound). What does not answer is a
 * difference of the story. */
void play_gather(const struct play_watch *watch, const struct play_world *world, struct play_story *story,
                 struct play_facts *ret_facts);
/* Dead letters that no story has asked for or named. */
size_t play_watch_strays(const struct play_watch *watch, struct play_story *const *stories, size_t count);
/* Checks the hash chains of the log read so far; problems go to stderr. */
size_t play_watch_broken_chains(const struct play_watch *watch);

#endif
