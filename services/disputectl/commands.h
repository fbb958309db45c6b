/* The rows of the subcommand table, one file each for what belongs together. */
#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H

#include "disputectl/ctl.h"

/* publish.c, acts.c: commands of parties and staff */
extern const struct ctl_subcommand FILE_SUBCOMMAND;
extern const struct ctl_subcommand REPLY_SUBCOMMAND;
extern const struct ctl_subcommand ACCEPT_SUBCOMMAND;
extern const struct ctl_subcommand REFER_SUBCOMMAND;
extern const struct ctl_subcommand PERFORMED_SUBCOMMAND;
extern const struct ctl_subcommand FEEDBACK_SUBCOMMAND;
extern const struct ctl_subcommand ACT_SUBCOMMAND;
/* party_acts.c: what else the parties do */
extern const struct ctl_subcommand OFFER_SUBCOMMAND;
extern const struct ctl_subcommand COUNTER_SUBCOMMAND;
extern const struct ctl_subcommand ACCEPT_OFFER_SUBCOMMAND;
extern const struct ctl_subcommand REJECT_OFFER_SUBCOMMAND;
extern const struct ctl_subcommand RETRACT_OFFER_SUBCOMMAND;
extern const struct ctl_subcommand WITHDRAW_SUBCOMMAND;
extern const struct ctl_subcommand SAY_SUBCOMMAND;
extern const struct ctl_subcommand REQUEST_PLATFORM_SUBCOMMAND;
extern const struct ctl_subcommand CONTEST_SUBCOMMAND;
extern const struct ctl_subcommand COMMENT_SUBCOMMAND;
extern const struct ctl_subcommand APPEAL_SUBCOMMAND;
extern const struct ctl_subcommand SET_ASIDE_SUBCOMMAND;
extern const struct ctl_subcommand WAIVE_SUBCOMMAND;
extern const struct ctl_subcommand ELECT_SUBCOMMAND;
extern const struct ctl_subcommand CONSENT_SUBCOMMAND;
/* staff_acts.c: what staff do in a hearing, and evidence */
extern const struct ctl_subcommand EVIDENCE_SUBCOMMAND;
extern const struct ctl_subcommand DECIDE_SUBCOMMAND;
extern const struct ctl_subcommand FINALISE_SUBCOMMAND;
extern const struct ctl_subcommand CO_SIGN_SUBCOMMAND;
extern const struct ctl_subcommand REFUSE_TO_SIGN_SUBCOMMAND;
extern const struct ctl_subcommand ASSIGN_SUBCOMMAND;
extern const struct ctl_subcommand TAKE_OVER_SUBCOMMAND;
extern const struct ctl_subcommand SEAT_OBSERVER_SUBCOMMAND;
extern const struct ctl_subcommand CLOSE_ROUNDS_SUBCOMMAND;
extern const struct ctl_subcommand NEXT_ROUND_SUBCOMMAND;
extern const struct ctl_subcommand DECIDE_APPEAL_SUBCOMMAND;
extern const struct ctl_subcommand REMAND_SUBCOMMAND;
extern const struct ctl_subcommand ADMIT_SUBCOMMAND;
extern const struct ctl_subcommand REFER_DIRECT_SUBCOMMAND;
extern const struct ctl_subcommand ESCALATE_SUBCOMMAND;
/* show.c: what became of a case, balances */
extern const struct ctl_subcommand CASE_SUBCOMMAND;
extern const struct ctl_subcommand FUND_SUBCOMMAND;
/* records.c: topics record by record */
extern const struct ctl_subcommand TAIL_SUBCOMMAND;
extern const struct ctl_subcommand DECODE_SUBCOMMAND;
extern const struct ctl_subcommand VERIFY_SUBCOMMAND;
/* dlq.c: dead letters and held cases */
extern const struct ctl_subcommand DLQ_SUBCOMMAND;
/* sandbox.c: the clock and rest */
extern const struct ctl_subcommand CLOCK_SUBCOMMAND;
extern const struct ctl_subcommand REST_SUBCOMMAND;
/* topics.c, platform.c */
extern const struct ctl_subcommand TOPICS_SUBCOMMAND;
extern const struct ctl_subcommand PLATFORM_SUBCOMMAND;
extern const struct ctl_subcommand CODES_SUBCOMMAND;

#endif
