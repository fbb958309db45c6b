/* What an entry does to the duties of its case, and what is set aside for them. Part of the handlers. */
#ifndef FUND_DUTIES_H
#define FUND_DUTIES_H

#include "fund/enforce.h"

/* Waives, binds, adds and cuts duties as the entry says; sets aside what is owed then; counts what was paid before. */
DSP_MUST_USE struct dsp_err fund_change_duties(const struct fund *fund, struct dsp_turn *turn,
                                               struct fund_case_row *row, const struct fund_entry *entry,
                                               const struct fund_cause *cause);
/* Moves one duty. false: it cannot be moved so, and is as before. */
bool fund_decide_duty(struct fund_duty_row *duty, enum fund_duty_input input);

#endif
