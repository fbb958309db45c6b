#include "fund/books.h"

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/base/money.h"

struct dsp_uuid fund_books_id(const struct fund_case_row *row, const char *step, int64_t number)
{
    char name[64];
    snprintf(name, sizeof name, "%s:%lld", step, (long long)number);
    return dsp_uuid_derive(&row->head.case_id, dsp_str_from(name));
}

/* The accounts that a case may touch; absent ones are left out. */
#define HAND_MAX 16
struct hand {
    struct fund_account_row *rows[HAND_MAX];
    struct fund_balance balances[HAND_MAX];
    size_t count;
};

static void take(struct dsp_turn *turn, struct dsp_str platform_id, enum fund_account account, struct dsp_str sub,
                 struct hand *hand)
{
    struct fund_account_row *row = fund_store_account(turn, platform_id, account, sub);
    for (size_t i = 0; i < hand->count; i++) {
        if (hand->rows[i] == row) {
            return;
        }
    }
    if (row && hand->count < HAND_MAX) {
        hand->rows[hand->count] = row;
        hand->balances[hand->count++] = (struct fund_balance){
            account, fund_account_has_sub(account) ? sub : (struct dsp_str){NULL, 0}, row->balance_minor};
    }
}

static void take_party(struct dsp_turn *turn, struct dsp_str platform_id, struct dsp_str party, struct hand *hand)
{
    if (party.len) {
        take(turn, platform_id, FUND_ACCOUNT_COMMITTED, party, hand);
        take(turn, platform_id, FUND_ACCOUNT_MERCHANT_RECOVERABLE, party, hand);
        take(turn, platform_id, FUND_ACCOUNT_CONSUMER_RECOVERABLE, party, hand);
        take(turn, platform_id, FUND_ACCOUNT_FEE_RECOVERABLE, party, hand);
    }
}

static struct dsp_str leg_name(struct dsp_turn *turn, enum fund_account account, struct dsp_str sub)
{
    return fund_account_has_sub(account)
               ? dsp_arena_format(turn->arena, "%s[%.*s]", fund_account_name((int)account), DSP_STR_ARG(sub))
               : dsp_str_from(fund_account_name((int)account));
}

static struct dsp_err journal(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str platform_id,
                              const struct fund_posting *posting, const struct fund_group *group)
{
    struct fund_group_row *row = fund_store_add(turn, FUND_TABLE_GROUP, case_id);
    if (!row) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "group");
    }
    row->group_id = posting->group_id;
    row->platform_id = platform_id;
    row->sequence = posting->sequence;
    row->step = (int32_t)posting->step;
    row->time_ms = posting->time_ms;
    for (size_t i = 0; i < group->leg_count; i++) {
        const struct fund_leg *from = &group->legs[i];
        struct fund_leg_row *leg = fund_store_add(turn, FUND_TABLE_LEG, case_id);
        if (!leg) {
            return dsp_reject(DSP_CODE_ARENA_FULL, "leg");
        }
        leg->group_id = posting->group_id;
        leg->leg = (int32_t)i + 1;
        leg->debit = leg_name(turn, from->debit, from->debit_sub);
        leg->credit = leg_name(turn, from->credit, from->credit_sub);
        leg->amount_minor = from->amount_minor;
    }
    return dsp_ok();
}

/* V1, V9: a group moves no difference into the books; V11: what is committed is what is owed. */
static struct dsp_err prove(const struct hand *before, const struct hand *after, const struct fund_posting *posting)
{
    int64_t was_minor;
    int64_t is_minor;
    DSP_TRY(fund_ledger_difference(before->balances, before->count, &was_minor));
    DSP_TRY(fund_ledger_difference(after->balances, after->count, &is_minor));
    if (was_minor != is_minor) {
        return dsp_fatal(DSP_CODE_OVERFLOW, "%s moves a difference into the books", fund_step_name((int)posting->step));
    }
    if ((posting->party.len && !fund_ledger_covers(after->balances, after->count, posting->party)) ||
        (posting->other.len && !fund_ledger_covers(after->balances, after->count, posting->other))) {
        return dsp_fatal(DSP_CODE_OVERFLOW, "%s: what is committed is not what is owed",
                         fund_step_name((int)posting->step));
    }
    return dsp_ok();
}

static struct dsp_err post(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str platform_id,
                           const struct fund_posting *posting)
{
    char id[DSP_UUID_TEXT_BYTES];
    struct fund_group group;
    struct hand before = {.count = 0};
    dsp_uuid_format(case_id, id);
    struct fund_parties parties = {dsp_arena_copy(turn->arena, dsp_str_from(id)), posting->party, posting->other};
    DSP_TRY(fund_ledger_build(posting->step, &parties, posting->amount_minor, &group));
    take(turn, platform_id, FUND_ACCOUNT_BANK, parties.case_id, &before);
    take(turn, platform_id, FUND_ACCOUNT_FREE, parties.case_id, &before);
    take(turn, platform_id, FUND_ACCOUNT_PSP_PAYABLE, parties.case_id, &before);
    take(turn, platform_id, FUND_ACCOUNT_RESERVED, parties.case_id, &before);
    take_party(turn, platform_id, posting->party, &before);
    take_party(turn, platform_id, posting->other, &before);
    struct hand after = before;
    DSP_TRY(fund_ledger_apply(&group, after.balances, after.count));
    DSP_TRY(prove(&before, &after, posting));
    for (size_t i = 0; i < after.count; i++) {
        int64_t delta_minor = after.balances[i].balance_minor - before.balances[i].balance_minor;
        if (delta_minor) {
            after.rows[i]->delta_minor += delta_minor;
            after.rows[i]->balance_minor = after.balances[i].balance_minor;
            after.rows[i]->row.dirty = true;
        }
    }
    DSP_TRY(journal(turn, case_id, platform_id, posting, &group));
    dsp_log(DSP_LOG_DEBUG, "posted", DSP_F_TEXT("dispute.step", fund_step_name((int)posting->step)),
            DSP_F_UUID("dispute.case_id", case_id), DSP_F_INT("dispute.amount_minor", posting->amount_minor));
    return dsp_ok();
}

struct dsp_err fund_books_post(struct dsp_turn *turn, const struct fund_case_row *row,
                               const struct fund_posting *posting)
{
    return post(turn, &row->head.case_id, row->head.platform_id, posting);
}

struct dsp_err fund_books_name(struct dsp_turn *turn, const struct fund_case_row *row, struct dsp_str group_id,
                               int64_t sequence)
{
    struct dsp_uuid id;
    if (!dsp_uuid_parse(group_id, &id)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "group id");
    }
    struct fund_entry_row *entry = fund_store_add(turn, FUND_TABLE_ENTRY, &row->head.case_id);
    if (!entry) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "group");
    }
    entry->group_id = id;
    entry->sequence = sequence;
    return dsp_ok();
}

struct dsp_err fund_books_open(struct dsp_turn *turn, const struct dsp_platforms *platforms,
                               const struct fund_case_row *row, int64_t time_ms)
{
    static const struct dsp_uuid NO_CASE;
    static const struct dsp_str NOBODY;
    struct dsp_str platform_id = row->head.platform_id;
    struct fund_account_row *bank = fund_store_account(turn, platform_id, FUND_ACCOUNT_BANK, NOBODY);
    int64_t version;
    int64_t amount_minor;
    while (bank && fund_book_after(platforms, platform_id, bank->book_version, time_ms, &version, &amount_minor)) {
        struct dsp_str name = dsp_arena_format(turn->arena, "%.*s:opening_book:%lld", DSP_STR_ARG(platform_id),
                                               (long long)version);
        struct fund_posting posting = {.step = FUND_STEP_CONTRIBUTION,
                                       .amount_minor = amount_minor,
                                       .group_id = dsp_uuid_derive(&NO_CASE, name),
                                       .time_ms = time_ms};
        DSP_TRY(post(turn, &NO_CASE, platform_id, &posting));
        bank->book_version = version;
    }
    return dsp_ok();
}

int64_t fund_books_opening(const struct dsp_platforms *platforms, struct dsp_str platform_id, int64_t time_ms)
{
    int64_t version = 0;
    int64_t sum_minor = 0;
    int64_t amount_minor;
    while (fund_book_after(platforms, platform_id, version, time_ms, &version, &amount_minor)) {
        if (dsp_failed(dsp_money_add(sum_minor, amount_minor, &sum_minor))) {
            return INT64_MAX; /* nothing can be reserved against such a book */
        }
    }
    return sum_minor;
}

int64_t fund_books_balance(struct dsp_turn *turn, const struct fund_case_row *row, enum fund_account account,
                           struct dsp_str sub)
{
    const struct fund_account_row *found = fund_store_account(turn, row->head.platform_id, account, sub);
    return found ? found->balance_minor : 0;
}
