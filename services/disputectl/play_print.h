/* A played story for people: who did what when, which clock ran, what was decided, paid and told. */
#ifndef PLAY_PRINT_H
#define PLAY_PRINT_H

#include <stdio.h>

#include "disputectl/play_check.h"

void play_print_timeline(FILE *out, const struct play_story *story, const struct play_facts *facts);
void play_print_diffs(FILE *out, const struct play_story *story);
/* {"id", "passed", "cases", "differences", "entries"}. New reference. */
json_t *play_print_json(const struct play_story *story);

#endif
