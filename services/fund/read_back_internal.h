/* Shared by read_back.c (duties, reservations, payouts, sanctions) and read_back_recovery.c. */
#ifndef FUND_READ_BACK_INTERNAL_H
#define FUND_READ_BACK_INTERNAL_H

#include "fund/read_back.h"

/* REJECT: the entry is about something that fund has not said. */
DSP_MUST_USE struct dsp_err fund_missing(const struct fund_entry *entry);
void fund_log_change(const struct fund_case_row *row, const char *what, const char *state);
/* A posting for which the entry stands; of the merchant, where somebody owes. */
struct fund_posting fund_posting_of(const struct fund_case_row *row, const struct fund_entry *entry,
                                    enum fund_step step, int64_t amount_minor);
/* The same, posted. */
DSP_MUST_USE struct dsp_err fund_post_entry(struct dsp_turn *turn, const struct fund_case_row *row,
                                            const struct fund_entry *entry, enum fund_step step, int64_t amount_minor);

/* read_back_recovery.c: a finding about a recovery or a fee stands in the log; it was refused. */
DSP_MUST_USE struct dsp_err fund_recovery_read(struct dsp_turn *turn, struct fund_case_row *row,
                                               const struct fund_entry *entry);
DSP_MUST_USE struct dsp_err fund_recovery_take_back(struct dsp_turn *turn, struct fund_case_row *row,
                                                    const struct fund_entry *entry);

#endif
