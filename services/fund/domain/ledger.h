/* The books of the fund: accounts, steps, balanced groups (docs/MACHINE.md, section 8). Pure: no clock, no I/O.
 * All sums are whole fen. A group posts or fails as one; no account falls below zero on its own side. */
#ifndef FUND_LEDGER_H
#define FUND_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"

enum fund_account {
    FUND_ACCOUNT_BANK = 1,
    FUND_ACCOUNT_FREE,
    FUND_ACCOUNT_RESERVED,             /* [case] */
    FUND_ACCOUNT_COMMITTED,            /* [who owes] */
    FUND_ACCOUNT_MERCHANT_RECOVERABLE, /* [merchant] */
    FUND_ACCOUNT_PSP_PAYABLE,
    FUND_ACCOUNT_CONSUMER_RECOVERABLE, /* [consumer] */
    FUND_ACCOUNT_FEE_RECOVERABLE,      /* [who owes the fee] */
    FUND_ACCOUNT_COUNT,
};

/* One balanced group each; the table in ledger.c says its legs. */
enum fund_step {
    FUND_STEP_CONTRIBUTION = 1,
    FUND_STEP_RESERVE,
    FUND_STEP_VOID,
    FUND_STEP_ADVANCE_SENT,
    FUND_STEP_CONFIRMED,
    FUND_STEP_ADVANCE_FAILED,
    FUND_STEP_RECOVERY, /* in cash or from the deposit */
    FUND_STEP_SET_OFF,
    FUND_STEP_WRITE_OFF,
    FUND_STEP_TAKEN_BACK,      /* a confirmed payout came back: owed again */
    FUND_STEP_REOPENED,        /* claim and recovery end */
    FUND_STEP_REOPENED_REPAID, /* the part that the merchant had paid back */
    FUND_STEP_ANNULLED,        /* unpaid part, the fund bears it */
    FUND_STEP_ANNULLED_FRAUD,  /* unpaid part, now a claim on the consumer */
    FUND_STEP_ANNULLED_REPAID, /* money back to the merchant */
    FUND_STEP_CONSUMER_REPAID,
    FUND_STEP_FEE_ADVANCED,
    FUND_STEP_FEE_CONFIRMED,
    FUND_STEP_FEE_PAID,
    FUND_STEP_FEE_SHIFTED, /* from one side to the other */
    FUND_STEP_FEE_BORNE,   /* by the platform */
    FUND_STEP_FEE_FAILED,
    FUND_STEP_COUNT,
};

/* Whose sub-accounts a step means; unused ones may be empty. Borrowed. */
struct fund_parties {
    struct dsp_str case_id;
    struct dsp_str party;
    struct dsp_str other;
};

struct fund_leg {
    enum fund_account debit, credit;
    struct dsp_str debit_sub, credit_sub; /* empty: the account has none */
    int64_t amount_minor;
};

#define FUND_LEGS_MAX 2
struct fund_group {
    enum fund_step step;
    struct fund_leg legs[FUND_LEGS_MAX];
    size_t leg_count;
};

/* Balance of one account on its own side, never negative. */
struct fund_balance {
    enum fund_account account;
    struct dsp_str sub;
    int64_t balance_minor;
};

/* REJECT FIELD_INVALID: no such step, an amount that is not positive, or a sub-account without a name. */
DSP_MUST_USE struct dsp_err fund_ledger_build(enum fund_step step, const struct fund_parties *parties,
                                              int64_t amount_minor, struct fund_group *ret_group);
/* All legs or none. REJECT FIELD_INVALID: an account of the group is not among the balances, or would fall
 * below its floor; OVERFLOW. */
DSP_MUST_USE struct dsp_err fund_ledger_apply(const struct fund_group *group, struct fund_balance *balances,
                                              size_t count);
/* Debit balances minus credit balances of the accounts given: zero over all accounts of a platform (V1, V9),
 * and unchanged by any group over those it touches. REJECT OVERFLOW. */
DSP_MUST_USE struct dsp_err fund_ledger_difference(const struct fund_balance *balances, size_t count,
                                                   int64_t *ret_minor);
/* V11: what is committed for somebody is all that he owes. `balances` must hold all accounts of his. */
bool fund_ledger_covers(const struct fund_balance *balances, size_t count, struct dsp_str party);

bool fund_account_is_debit(enum fund_account account);
bool fund_account_has_sub(enum fund_account account);
const char *fund_account_name(int account);
const char *fund_step_name(int step);

#endif
