/* What sla does with offers and settlements: load, decide, save with what goes out. */
#ifndef SLA_OFFERS_H
#define SLA_OFFERS_H

#include "sla/codec.h"

/* An entry of the log: findings read back, the end of the stage, settlements, payments, then the act itself. */
DSP_MUST_USE struct dsp_err sla_offers_entry(struct dsp_turn *turn, struct sla_case_row *row,
                                             const struct sla_policy *policy, const struct sla_entry *entry);

#endif
