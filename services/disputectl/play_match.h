/* Which entry of the log is which entry of the story. */
#ifndef PLAY_MATCH_H
#define PLAY_MATCH_H

#include "disputectl/play_story.h"

/* Matches every case of the story with what its log holds now, anew: sets `got` and `expected` on both sides
 * and the labels ${entry:N}. Order counts, but for groups that may change places; entries that need not be
 * listed are passed over unless the story lists them. What the story expects and is not there, and what is
 * there and not listed, goes to `diffs`; NULL while the story still runs. */
void play_match(struct play_story *story, struct play_diffs *diffs);
/* Compares the matched entries in detail: instant, stage, basis, outcome, row, origin, contents. Binds
 * ${seen:X}. `diffs` NULL: binds only. */
void play_match_details(struct play_story *story, struct play_diffs *diffs);

#endif
