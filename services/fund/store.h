/* Rows of fund. */
#ifndef FUND_STORE_H
#define FUND_STORE_H

#include "common/service/follower.h"
#include "common/service/service.h"
#include "fund/domain/duty.h"
#include "fund/domain/ledger.h"
#include "fund/domain/payout.h"
#include "fund/domain/recovery.h"

struct fund_case_row {
    struct dsp_case_head head;
    struct dsp_str merchant_id;
    struct dsp_str consumer_id;
    int32_t order_line;
    int64_t paid_in_minor;
    struct dsp_str transaction_id;
    struct dsp_str openid_sealed; /* a packed disputes.common.v1.Text */
    int32_t payout_count;
    int64_t fee_consumer_minor;
    int64_t fee_merchant_minor;
};

/* `said`: the state that a finding of ours has named and the log has not shown yet; 0 = none. Until it has, no
 * other finding about the row is said. */
struct fund_duty_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_str duty_id;
    int32_t kind; /* disputes.case.v1.DutyKind */
    int32_t side; /* disputes.common.v1.Role */
    int64_t amount_minor;
    int32_t state; /* enum fund_duty_state */
    int32_t said;
    int64_t noted_seq, due_seq, done_seq, verified_seq, overdue_seq, substituted_seq, waived_seq, discharged_seq;
};

struct fund_reservation_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int32_t generation;
    struct fund_reservation sum;
    int64_t held_seq, posted_seq, voided_seq;
};

struct fund_payout_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_str payout_number;
    struct dsp_str duty_id;
    int32_t rail; /* enum fund_rail */
    int64_t amount_minor;
    int32_t state; /* enum fund_payout_state */
    int32_t said;
    int32_t attempts;
    struct dsp_str refusal_code;
    struct dsp_str consumer_key;
    int64_t sent_ms;
    int64_t sent_seq, held_seq, confirmed_seq, failed_seq;
};

struct fund_recovery_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_str duty_id;
    int32_t generation;
    int32_t state; /* enum fund_recovery_state */
    int32_t said;
    int64_t amount_minor, received_minor, coming_minor;
    int32_t day; /* of the last demand */
    int64_t demand_ms;
    int64_t opened_seq, demanded_seq, closed_seq;
};

struct fund_sanction_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int32_t rung;
    int32_t state; /* enum fund_sanction_state */
    int64_t applied_seq, lifted_seq;
};

struct fund_inbound_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_str source;
    struct dsp_str message_id;
    int64_t time_ms;
};

struct fund_claim_row {
    struct dsp_row row;
    struct dsp_str claim_key;
    int32_t order_line;
    struct fund_claim sum;
};

struct fund_proof_row {
    struct dsp_row row;
    struct dsp_str claim_key;
    struct dsp_str payment_number;
    struct dsp_uuid case_id;
    struct dsp_str duty_id;
};

/* Shared by all lanes: locked when loaded, saved by delta. */
struct fund_account_row {
    struct dsp_row row;
    struct dsp_str account_key;
    int64_t delta_minor; /* of this turn */
    int64_t book_version;
    int64_t balance_minor; /* as it is after this turn's deltas */
    bool debit;
};

/* Read only: payouts to a consumer, for the 90-day sum. */
struct fund_consumer_row {
    struct dsp_row row;
    struct dsp_str consumer_key;
    struct dsp_uuid case_id;
    struct dsp_str payout_number;
    int64_t amount_minor;
    int64_t sent_ms;
};

struct fund_group_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_uuid group_id;
    struct dsp_str platform_id;
    int64_t sequence;
    int32_t step;
    int64_t time_ms;
};

struct fund_leg_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_uuid group_id;
    int32_t leg;
    struct dsp_str debit, credit;
    int64_t amount_minor;
};

struct fund_entry_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_uuid group_id;
    int64_t sequence;
};

/* Of this turn only: parties of a case that begins in it, whose row the database has not got yet. */
struct fund_begun_row {
    struct dsp_row row;
    struct dsp_str key; /* of account_load */
};

enum {
    FUND_TABLE_CASE,
    FUND_TABLE_DUTY,
    FUND_TABLE_RESERVATION,
    FUND_TABLE_PAYOUT,
    FUND_TABLE_RECOVERY,
    FUND_TABLE_SANCTION,
    FUND_TABLE_INBOUND,
    FUND_TABLE_JOB,
    FUND_TABLE_CLAIM,
    FUND_TABLE_PROOF,
    FUND_TABLE_ACCOUNT,
    FUND_TABLE_CONSUMER,
    FUND_TABLE_GROUP,
    FUND_TABLE_LEG,
    FUND_TABLE_ENTRY,
    FUND_TABLE_BEGUN,
    FUND_TABLE_COUNT,
};
extern struct dsp_table FUND_TABLES[FUND_TABLE_COUNT]; /* complete after fund_store_init */

enum { FUND_VIEW_GROUP, FUND_VIEW_LEG, FUND_VIEW_COUNT };
extern const struct dsp_table FUND_VIEWS[FUND_VIEW_COUNT];
enum { FUND_PLATFORM_BALANCE, FUND_PLATFORM_TRIAL, FUND_PLATFORM_COUNT };
extern const struct dsp_table FUND_PLATFORM_TABLES[FUND_PLATFORM_COUNT];
extern const struct dsp_gauge FUND_GAUGES[1];

/* Puts the common job table into the list. Once, before the service runs. */
void fund_store_init(void);

/* Rows of one case; index past the end: NULL. */
struct fund_case_row *fund_store_case(struct dsp_turn *turn, const struct dsp_uuid *case_id);
void *fund_store_at(struct dsp_turn *turn, int table, const struct dsp_uuid *case_id, size_t index);
/* A new row of a table that is keyed by case, its case set. NULL: arena full. */
void *fund_store_add(struct dsp_turn *turn, int table, const struct dsp_uuid *case_id);

struct fund_duty_row *fund_store_duty(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str duty_id);
struct fund_reservation_row *fund_store_reservation(struct dsp_turn *turn, const struct fund_case_row *row);
struct fund_payout_row *fund_store_payout(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str number);
/* The live recovery that goes with a duty. */
struct fund_recovery_row *fund_store_recovery(struct dsp_turn *turn, const struct dsp_uuid *case_id,
                                              struct dsp_str duty_id);
struct dsp_job *fund_store_job(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str number);
/* "platform|order"; ptr NULL: arena full. */
struct dsp_str fund_store_claim_key(struct dsp_turn *turn, struct dsp_str platform_id, struct dsp_str order_id);
struct fund_claim_row *fund_store_claim(struct dsp_turn *turn, const struct fund_case_row *row);
/* "platform|ACCOUNT" or "platform|ACCOUNT[sub]". */
struct fund_account_row *fund_store_account(struct dsp_turn *turn, struct dsp_str platform_id,
                                            enum fund_account account, struct dsp_str sub);
/* Asks for the accounts of a case; `fees`: for those of fees too. */
DSP_MUST_USE struct dsp_err fund_store_want_accounts(struct dsp_turn *turn, const struct dsp_uuid *case_id, bool fees);
/* Notes the parties of a case that begins in this turn. */
DSP_MUST_USE struct dsp_err fund_store_begin(struct dsp_turn *turn, const struct dsp_uuid *case_id,
                                             struct dsp_str platform_id, struct dsp_str merchant_id,
                                             struct dsp_str consumer_id);

#endif
