/* What came of a command, as text. */
#ifndef CTL_OUTCOME_H
#define CTL_OUTCOME_H

#include <stdio.h>

#include "disputectl/ctl_log.h"

/* The entry, or the refusal with code, the log's own sentences and what is allowed now. true: it had effect. */
bool ctl_outcome_print(FILE *out, const struct ctl_log_record *record);

#endif
