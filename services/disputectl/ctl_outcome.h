/* What came of a command, as text. */
#ifndef CTL_OUTCOME_H
#define CTL_OUTCOME_H

#include <stdio.h>

#include "disputectl/ctl_log.h"

/* The entry, or the refusal with code, the log's own sentences and what is allowed now. true: it had effect. */
bool ctl_outcome_print(FILE *out, const struct ctl_log_record *record);
/* The finding that answers an act, with the code of one that refuses it. false: the act had no effect. */
bool ctl_outcome_print_finding(FILE *out, const struct ctl_log_record *record);

#endif
