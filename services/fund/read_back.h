/* A finding of ours stands in the log, or was refused: only now what it said is so. Part of the handlers. */
#ifndef FUND_READ_BACK_H
#define FUND_READ_BACK_H

#include "fund/outside.h"

DSP_MUST_USE struct dsp_err fund_read_back(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                                           const struct fund_entry *entry);
DSP_MUST_USE struct dsp_err fund_take_back(struct dsp_turn *turn, struct fund_case_row *row,
                                           const struct fund_entry *entry);

#endif
