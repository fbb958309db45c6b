#include "fund/domain/ledger.h"

#include "common/base/codes.h"
#include "common/base/money.h"

enum sub { SUB_NONE, SUB_CASE, SUB_PARTY, SUB_OTHER };

struct leg_rule {
    enum fund_account debit;
    enum sub debit_sub;
    enum fund_account credit;
    enum sub credit_sub;
};

#define BANK FUND_ACCOUNT_BANK, SUB_NONE
#define FREE FUND_ACCOUNT_FREE, SUB_NONE
#define PSP FUND_ACCOUNT_PSP_PAYABLE, SUB_NONE
#define RESERVED FUND_ACCOUNT_RESERVED, SUB_CASE
#define COMMITTED(who) FUND_ACCOUNT_COMMITTED, SUB_##who
#define MERCHANT(who) FUND_ACCOUNT_MERCHANT_RECOVERABLE, SUB_##who
#define CONSUMER(who) FUND_ACCOUNT_CONSUMER_RECOVERABLE, SUB_##who
#define FEE(who) FUND_ACCOUNT_FEE_RECOVERABLE, SUB_##who

/* docs/MACHINE.md, 8.1 and 8.2: debit, credit; an empty second leg is none. */
static const struct leg_rule LEGS[FUND_STEP_COUNT][FUND_LEGS_MAX] = {
    [FUND_STEP_CONTRIBUTION] = {{BANK, FREE}},
    [FUND_STEP_RESERVE] = {{FREE, RESERVED}},
    [FUND_STEP_VOID] = {{RESERVED, FREE}},
    [FUND_STEP_ADVANCE_SENT] = {{MERCHANT(PARTY), PSP}, {RESERVED, COMMITTED(PARTY)}},
    [FUND_STEP_CONFIRMED] = {{PSP, BANK}},
    [FUND_STEP_ADVANCE_FAILED] = {{PSP, MERCHANT(PARTY)}, {COMMITTED(PARTY), RESERVED}},
    [FUND_STEP_RECOVERY] = {{BANK, MERCHANT(PARTY)}, {COMMITTED(PARTY), FREE}},
    [FUND_STEP_SET_OFF] = {{BANK, MERCHANT(PARTY)}, {COMMITTED(PARTY), FREE}},
    [FUND_STEP_WRITE_OFF] = {{COMMITTED(PARTY), MERCHANT(PARTY)}},
    [FUND_STEP_TAKEN_BACK] = {{BANK, PSP}},
    [FUND_STEP_REOPENED] = {{PSP, MERCHANT(PARTY)}, {COMMITTED(PARTY), FREE}},
    [FUND_STEP_REOPENED_REPAID] = {{PSP, FREE}},
    [FUND_STEP_ANNULLED] = {{COMMITTED(PARTY), MERCHANT(PARTY)}},
    [FUND_STEP_ANNULLED_FRAUD] = {{CONSUMER(OTHER), MERCHANT(PARTY)}, {COMMITTED(PARTY), COMMITTED(OTHER)}},
    [FUND_STEP_ANNULLED_REPAID] = {{FREE, PSP}},
    [FUND_STEP_CONSUMER_REPAID] = {{BANK, CONSUMER(PARTY)}, {COMMITTED(PARTY), FREE}},
    [FUND_STEP_FEE_ADVANCED] = {{FEE(PARTY), PSP}, {FREE, COMMITTED(PARTY)}},
    [FUND_STEP_FEE_CONFIRMED] = {{PSP, BANK}},
    [FUND_STEP_FEE_PAID] = {{BANK, FEE(PARTY)}, {COMMITTED(PARTY), FREE}},
    [FUND_STEP_FEE_SHIFTED] = {{FEE(OTHER), FEE(PARTY)}, {COMMITTED(PARTY), COMMITTED(OTHER)}},
    [FUND_STEP_FEE_BORNE] = {{COMMITTED(PARTY), FEE(PARTY)}},
    [FUND_STEP_FEE_FAILED] = {{PSP, FEE(PARTY)}, {COMMITTED(PARTY), FREE}},
};

static const struct {
    const char *name;
    bool debit; /* its own side */
    bool sub;
} ACCOUNTS[FUND_ACCOUNT_COUNT] = {
    [FUND_ACCOUNT_BANK] = {"BANK", true, false},
    [FUND_ACCOUNT_FREE] = {"FUND_FREE", false, false},
    [FUND_ACCOUNT_RESERVED] = {"FUND_RESERVED", false, true},
    [FUND_ACCOUNT_COMMITTED] = {"FUND_COMMITTED", false, true},
    [FUND_ACCOUNT_MERCHANT_RECOVERABLE] = {"MERCHANT_RECOVERABLE", true, true},
    [FUND_ACCOUNT_PSP_PAYABLE] = {"PSP_PAYABLE", false, false},
    [FUND_ACCOUNT_CONSUMER_RECOVERABLE] = {"CONSUMER_RECOVERABLE", true, true},
    [FUND_ACCOUNT_FEE_RECOVERABLE] = {"FEE_RECOVERABLE", true, true},
};

static const char *const STEPS[FUND_STEP_COUNT] = {
    [FUND_STEP_CONTRIBUTION] = "contribution",
    [FUND_STEP_RESERVE] = "reserve",
    [FUND_STEP_VOID] = "void",
    [FUND_STEP_ADVANCE_SENT] = "advance sent",
    [FUND_STEP_CONFIRMED] = "confirmed",
    [FUND_STEP_ADVANCE_FAILED] = "failed",
    [FUND_STEP_RECOVERY] = "recovery",
    [FUND_STEP_SET_OFF] = "set-off",
    [FUND_STEP_WRITE_OFF] = "write-off",
    [FUND_STEP_TAKEN_BACK] = "taken back",
    [FUND_STEP_REOPENED] = "reopened",
    [FUND_STEP_REOPENED_REPAID] = "reopened, repaid",
    [FUND_STEP_ANNULLED] = "annulled",
    [FUND_STEP_ANNULLED_FRAUD] = "annulled, claim on the consumer",
    [FUND_STEP_ANNULLED_REPAID] = "annulled, back to the merchant",
    [FUND_STEP_CONSUMER_REPAID] = "consumer paid back",
    [FUND_STEP_FEE_ADVANCED] = "fee advanced",
    [FUND_STEP_FEE_CONFIRMED] = "fee confirmed",
    [FUND_STEP_FEE_PAID] = "fee paid",
    [FUND_STEP_FEE_SHIFTED] = "fee put on the other side",
    [FUND_STEP_FEE_BORNE] = "fee borne by the platform",
    [FUND_STEP_FEE_FAILED] = "fee failed",
};

bool fund_account_is_debit(enum fund_account account)
{
    return account > 0 && account < FUND_ACCOUNT_COUNT && ACCOUNTS[account].debit;
}

bool fund_account_has_sub(enum fund_account account)
{
    return account > 0 && account < FUND_ACCOUNT_COUNT && ACCOUNTS[account].sub;
}

const char *fund_account_name(int account)
{
    return account > 0 && account < FUND_ACCOUNT_COUNT ? ACCOUNTS[account].name : NULL;
}

const char *fund_step_name(int step)
{
    return step > 0 && step < FUND_STEP_COUNT ? STEPS[step] : NULL;
}

static bool sub_of(const struct fund_parties *parties, enum sub sub, struct dsp_str *ret_sub)
{
    const struct dsp_str subs[] = {
        [SUB_NONE] = {NULL, 0},
        [SUB_CASE] = parties->case_id,
        [SUB_PARTY] = parties->party,
        [SUB_OTHER] = parties->other,
    };
    *ret_sub = subs[sub];
    return sub == SUB_NONE || subs[sub].len > 0;
}

struct dsp_err fund_ledger_build(enum fund_step step, const struct fund_parties *parties, int64_t amount_minor,
                                 struct fund_group *ret_group)
{
    struct fund_group group = {.step = step};
    if (step <= 0 || step >= FUND_STEP_COUNT || amount_minor <= 0) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "step %d over %lld", (int)step, (long long)amount_minor);
    }
    for (size_t i = 0; i < FUND_LEGS_MAX && LEGS[step][i].debit; i++) {
        const struct leg_rule *rule = &LEGS[step][i];
        struct fund_leg *leg = &group.legs[group.leg_count++];
        *leg = (struct fund_leg){.debit = rule->debit, .credit = rule->credit, .amount_minor = amount_minor};
        if (!sub_of(parties, rule->debit_sub, &leg->debit_sub) ||
            !sub_of(parties, rule->credit_sub, &leg->credit_sub)) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "%s needs a sub-account that was not named", STEPS[step]);
        }
    }
    *ret_group = group;
    return dsp_ok();
}

static struct fund_balance *find(struct fund_balance *balances, size_t count, enum fund_account account,
                                 struct dsp_str sub)
{
    for (size_t i = 0; i < count; i++) {
        if (balances[i].account == account && dsp_str_equal(balances[i].sub, sub)) {
            return &balances[i];
        }
    }
    return NULL;
}

/* One side of a leg: an entry on the account's own side raises it. */
static struct dsp_err post_side(struct fund_balance *balance, bool debit, int64_t amount_minor)
{
    if (!balance) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "an account of the group is not at hand");
    }
    if (debit == fund_account_is_debit(balance->account)) {
        return dsp_money_add(balance->balance_minor, amount_minor, &balance->balance_minor);
    }
    return dsp_money_sub(balance->balance_minor, amount_minor, &balance->balance_minor);
}

static struct dsp_err post_all(const struct fund_group *group, struct fund_balance *balances, size_t count)
{
    for (size_t i = 0; i < group->leg_count; i++) {
        const struct fund_leg *leg = &group->legs[i];
        DSP_TRY(post_side(find(balances, count, leg->debit, leg->debit_sub), true, leg->amount_minor));
        DSP_TRY(post_side(find(balances, count, leg->credit, leg->credit_sub), false, leg->amount_minor));
    }
    for (size_t i = 0; i < count; i++) {
        if (balances[i].balance_minor < 0) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "%s would fall below zero",
                              fund_account_name((int)balances[i].account));
        }
    }
    return dsp_ok();
}

#define BALANCES_MAX 32

struct dsp_err fund_ledger_apply(const struct fund_group *group, struct fund_balance *balances, size_t count)
{
    struct fund_balance after[BALANCES_MAX];
    if (count > BALANCES_MAX) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "%zu balances", count);
    }
    for (size_t i = 0; i < count; i++) {
        after[i] = balances[i];
    }
    DSP_TRY(post_all(group, after, count));
    for (size_t i = 0; i < count; i++) {
        balances[i] = after[i];
    }
    return dsp_ok();
}

struct dsp_err fund_ledger_difference(const struct fund_balance *balances, size_t count, int64_t *ret_minor)
{
    int64_t sum_minor = 0;
    for (size_t i = 0; i < count; i++) {
        if (fund_account_is_debit(balances[i].account)) {
            DSP_TRY(dsp_money_add(sum_minor, balances[i].balance_minor, &sum_minor));
        } else {
            DSP_TRY(dsp_money_sub(sum_minor, balances[i].balance_minor, &sum_minor));
        }
    }
    *ret_minor = sum_minor;
    return dsp_ok();
}

bool fund_ledger_covers(const struct fund_balance *balances, size_t count, struct dsp_str party)
{
    int64_t left_minor = 0; /* within range: every balance is a sum of real money */
    for (size_t i = 0; i < count; i++) {
        const struct fund_balance *balance = &balances[i];
        if (!dsp_str_equal(balance->sub, party) || !fund_account_has_sub(balance->account) ||
            balance->account == FUND_ACCOUNT_RESERVED) {
            continue;
        }
        left_minor += balance->account == FUND_ACCOUNT_COMMITTED ? balance->balance_minor : -balance->balance_minor;
    }
    return left_minor == 0;
}
