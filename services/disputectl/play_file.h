/* Reads a story's files, for play_story.c alone. */
#ifndef PLAY_FILE_H
#define PLAY_FILE_H

#include "disputectl/play_story.h"

/* story->path and what it is like, into json and directory. REJECT FIELD_INVALID; FATAL: it cannot be read. */
DSP_MUST_USE struct dsp_err play_file_story(struct play_story *story);
/* Puts the platform files that json.platform is like below its own parts. Errors as above. */
DSP_MUST_USE struct dsp_err play_file_platform(struct play_story *story);

#endif
