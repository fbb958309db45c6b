/* Calls to the payment side, their answers, timers, and what the doors let in. Part of the handlers. */
#ifndef FUND_OUTSIDE_H
#define FUND_OUTSIDE_H

#include "fund/enforce.h"

/* What the job of a payout keeps: every attempt so has the same parameters. The openid in it stays sealed. */
DSP_MUST_USE struct dsp_err fund_outside_plan(const struct fund *fund, struct dsp_turn *turn,
                                              const struct fund_case_row *row, const struct fund_payout_row *payout,
                                              struct dsp_str *ret_argument);
/* Asks the payment side about a proof of payment, or about a refund that was seen. */
DSP_MUST_USE struct dsp_err fund_outside_prove(struct dsp_turn *turn, struct fund_case_row *row,
                                               const struct fund_duty_row *duty, struct dsp_str payment_number,
                                               bool seen, int64_t sequence);
/* A duty is performed: DutyVerified and DutyDischarged; or its proof is worth nothing: DutyRejected. */
DSP_MUST_USE struct dsp_err fund_verified(struct dsp_turn *turn, struct fund_case_row *row,
                                          const struct fund_cause *cause, struct fund_duty_row *duty,
                                          struct dsp_str number, int64_t amount_minor);
DSP_MUST_USE struct dsp_err fund_rejected(struct dsp_turn *turn, struct fund_case_row *row,
                                          const struct fund_cause *cause, struct fund_duty_row *duty, const char *code);

DSP_MUST_USE struct dsp_err fund_on_answer(const struct fund *fund, struct dsp_turn *turn, struct dsp_record *record);
DSP_MUST_USE struct dsp_err fund_on_timer(struct dsp_turn *turn, struct dsp_record *record);
DSP_MUST_USE struct dsp_err fund_on_inbound(struct dsp_turn *turn, struct dsp_record *record);
/* Asks about everything of the case that is under way, without waiting for its time. */
void fund_ask_now(struct dsp_turn *turn, const struct fund_case_row *row);

/* The next demand of a recovery waits for its day; or nothing more is demanded. */
DSP_MUST_USE struct dsp_err fund_wait_for_demand(struct dsp_turn *turn, const struct fund_case_row *row,
                                                 const struct fund_recovery_row *recovery);

#endif
