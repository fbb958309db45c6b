/* What fund does by itself about a case: sets money aside, pays, asks it back. Part of the handlers. Each of
 * these says findings; what they change is provisional until the log shows them (fund_read_back). */
#ifndef FUND_ENFORCE_H
#define FUND_ENFORCE_H

#include "fund/books.h"
#include "fund/handlers.h"

/* Where a finding belongs: the entry it answers or follows, and when it happened. */
struct fund_cause {
    int64_t sequence;
    int64_t time_ms;
};

/* Brings what is held to the target: reserves more, or voids what is too much. `remedy_minor` is what the ruling or
 * agreement grants in all, the bound of the claim key. */
DSP_MUST_USE struct dsp_err fund_reserve_to(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                                            const struct fund_cause *cause, int64_t remedy_minor, int64_t target_minor,
                                            bool statutory);
/* Voids so much of what is held. */
DSP_MUST_USE struct dsp_err fund_void(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_cause *cause,
                                      int64_t amount_minor);
/* What is held and in no payout yet. */
int64_t fund_held(struct dsp_turn *turn, const struct fund_case_row *row);

/* Pays in the merchant's place for one duty, on the first open rail not tried yet; or holds it for people. */
DSP_MUST_USE struct dsp_err fund_pay(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                                     const struct fund_cause *cause, struct fund_duty_row *duty);
/* Sends a payout that people have released. */
DSP_MUST_USE struct dsp_err fund_release(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                                         const struct fund_cause *cause, struct fund_payout_row *payout);
/* Nobody has released what is held in time: of each duty the part up to the limit of four eyes leaves, once. */
DSP_MUST_USE struct dsp_err fund_pay_parts(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                                           const struct fund_cause *cause);
/* What is on its way to the consumer or has arrived, of one duty. */
int64_t fund_sent_for(struct dsp_turn *turn, const struct fund_case_row *row, struct dsp_str duty_id);
/* Whether anything has arrived of one duty, and nothing is on its way. */
bool fund_arrived(struct dsp_turn *turn, const struct fund_case_row *row, struct dsp_str duty_id);
/* The payout of a duty that waits for people; NULL: none. */
struct fund_payout_row *fund_held_for(struct dsp_turn *turn, const struct fund_case_row *row, struct dsp_str duty_id);
/* Whether a payout for the duty is on its way, held, or has arrived. */
bool fund_pays_already(struct dsp_turn *turn, const struct fund_case_row *row, struct dsp_str duty_id);
/* The claim of the order line, made when there is none. NULL: arena full. */
struct fund_claim_row *fund_claim_of(struct dsp_turn *turn, const struct fund_case_row *row);
DSP_MUST_USE struct dsp_err fund_sanction(struct dsp_turn *turn, struct fund_case_row *row,
                                          const struct fund_cause *cause);
/* The call of a payout that the log has seen leave. */
DSP_MUST_USE struct dsp_err fund_call_out(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                                          struct fund_payout_row *payout, int64_t sequence);

/* A duty is verified, substituted or waived: says so, and whether any is left. */
DSP_MUST_USE struct dsp_err fund_discharge(struct dsp_turn *turn, struct fund_case_row *row,
                                           const struct fund_cause *cause, struct fund_duty_row *duty);
/* Demands what is open, of one recovery. */
DSP_MUST_USE struct dsp_err fund_demand(struct dsp_turn *turn, struct fund_case_row *row,
                                        const struct fund_cause *cause, struct fund_recovery_row *recovery,
                                        int32_t day);
/* Ends one recovery and lifts what went with it. */
DSP_MUST_USE struct dsp_err fund_close_recovery(struct dsp_turn *turn, struct fund_case_row *row,
                                                const struct fund_cause *cause, struct fund_recovery_row *recovery,
                                                int32_t end);

#endif
