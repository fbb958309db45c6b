/* A case as a timeline, for people. */
#ifndef CTL_TIMELINE_H
#define CTL_TIMELINE_H

#include <jansson.h>
#include <stdio.h>

#include "disputectl/ctl_log.h"

/* One entry: number, local time, who, what with its key content, stages, and on lines below it effects on
 * clocks, new duties, a refusal. */
void ctl_timeline_entry(FILE *out, const Disputes__Case__V1__Entry *entry);
/* The same as JSON, with position, stamp and hash of the record. New reference. */
json_t *ctl_timeline_json(const struct ctl_log_record *record);

#endif
