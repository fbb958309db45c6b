/* Statements of fund that join tables: what migrations/0002_fund.sql says in case_accounts(), once more. */
#include <string.h>

#include "common/base/codes.h"
#include "support/cmocka_all.h"
#include "support/fake/store_table.h"

#define PARTS_MAX 4

struct parties {
    struct dsp_str platform, case_text, merchant, consumer;
    bool fees;
};

static struct dsp_str cell(struct store_table *table, const struct store_row *row, const char *column)
{
    return row->cells[store_column(table, dsp_str_from(column), 0)];
}

static const struct store_row *row_of(struct store_table *table, const char *column, struct dsp_str value)
{
    for (size_t i = 0; i < table->count; i++) {
        if (dsp_str_equal(cell(table, table->rows[i], column), value)) {
            return table->rows[i];
        }
    }
    return NULL;
}

static struct dsp_str copy(struct store_tables *tables, const void *bytes, size_t size)
{
    struct dsp_str kept = dsp_arena_copy(tables->arena, (struct dsp_str){bytes, size});
    assert_non_null(kept.ptr);
    return kept;
}

/* "parties:<platform>\x1f<case>\x1f<merchant>\x1f<consumer>" */
static void split(struct dsp_str key, struct parties *parties)
{
    struct dsp_str *parts[PARTS_MAX] = {&parties->platform, &parties->case_text, &parties->merchant,
                                        &parties->consumer};
    const char *at = key.ptr + strlen("parties:");
    const char *end = key.ptr + key.len;
    for (size_t i = 0; i < PARTS_MAX; i++) {
        const char *stop = memchr(at, '\x1f', (size_t)(end - at));
        stop = stop ? stop : end;
        *parts[i] = (struct dsp_str){at, (size_t)(stop - at)};
        at = stop < end ? stop + 1 : end;
    }
}

static bool parties_of(struct store_tables *tables, struct dsp_str key, struct parties *ret)
{
    struct parties parties = {.fees = dsp_str_starts(key, "fees:")};
    if (dsp_str_starts(key, "parties:")) {
        split(key, &parties);
    } else if (parties.fees || dsp_str_starts(key, "case:")) {
        struct store_table *cases = store_table_of(tables, DSP_STR_LITERAL("fund_case"));
        struct dsp_uuid id;
        parties.case_text = (struct dsp_str){key.ptr + 5, key.len - 5};
        if (!dsp_uuid_parse(parties.case_text, &id)) {
            return false;
        }
        const struct store_row *row = row_of(cases, "case_id", dsp_uuid_str(&id));
        if (!row) {
            return false;
        }
        parties.platform = cell(cases, row, "platform_id");
        parties.merchant = cell(cases, row, "merchant_id");
        parties.consumer = cell(cases, row, "consumer_id");
    } else {
        return false;
    }
    *ret = parties;
    return true;
}

struct account {
    const char *name;
    char sub; /* 'c'ase, 'm'erchant, 'u'ser; 0: none */
    bool debit;
    char needed; /* 'y'es, 'f'ees, 'n'o */
};

static const struct account ACCOUNTS[] = {
    {"BANK", 0, true, 'y'},
    {"FUND_FREE", 0, false, 'y'},
    {"PSP_PAYABLE", 0, false, 'y'},
    {"FUND_RESERVED", 'c', false, 'y'},
    {"FUND_COMMITTED", 'm', false, 'y'},
    {"MERCHANT_RECOVERABLE", 'm', true, 'y'},
    {"FEE_RECOVERABLE", 'm', true, 'f'},
    {"FUND_COMMITTED", 'u', false, 'f'},
    {"FEE_RECOVERABLE", 'u', true, 'f'},
    {"CONSUMER_RECOVERABLE", 'u', true, 'n'},
};
#define ACCOUNT_COUNT (sizeof ACCOUNTS / sizeof *ACCOUNTS)

static struct dsp_str account_name(struct store_tables *tables, const struct account *account, const struct parties *p)
{
    struct dsp_str sub = account->sub == 'c' ? p->case_text : account->sub == 'm' ? p->merchant : p->consumer;
    return account->sub ? dsp_arena_format(tables->arena, "%s[%.*s]", account->name, DSP_STR_ARG(sub))
                        : dsp_arena_format(tables->arena, "%s", account->name);
}

static void add_account(struct store_tables *tables, struct dsp_str key, struct dsp_str platform, struct dsp_str name,
                        bool debit)
{
    struct store_table *table = store_table_of(tables, DSP_STR_LITERAL("account"));
    struct store_row *row = dsp_arena_alloc(tables->arena, sizeof *row);
    assert_non_null(row);
    row->cells[store_column(table, DSP_STR_LITERAL("account_key"), STORE_OID_TEXT)] = key;
    row->cells[store_column(table, DSP_STR_LITERAL("platform_id"), STORE_OID_TEXT)] = copy(tables, platform.ptr,
                                                                                           platform.len);
    row->cells[store_column(table, DSP_STR_LITERAL("account"), STORE_OID_TEXT)] = name;
    row->cells[store_column(table, DSP_STR_LITERAL("debit"), STORE_OID_BOOL)] = copy(tables, &debit, 1);
    row->cells[store_column(table, DSP_STR_LITERAL("balance_minor"), STORE_OID_INT8)] = store_big(tables->arena, 0);
    row->cells[store_column(table, DSP_STR_LITERAL("book_version"), STORE_OID_INT8)] = store_big(tables->arena, 0);
    store_append(tables, table, row);
}

static struct dsp_err account_ensure(struct store_tables *tables, const struct dsp_param *params, size_t count,
                                     dsp_pg_result_fn on_result, void *arg)
{
    struct store_array keys = store_array_read(tables->arena, &params[0]);
    struct store_table *table = store_table_of(tables, DSP_STR_LITERAL("account"));
    (void)count;
    (void)on_result;
    (void)arg;
    for (size_t k = 0; k < keys.count; k++) {
        struct parties parties;
        for (size_t a = 0; parties_of(tables, keys.items[k], &parties) && a < ACCOUNT_COUNT; a++) {
            struct dsp_str name = account_name(tables, &ACCOUNTS[a], &parties);
            struct dsp_str key = dsp_arena_format(tables->arena, "%.*s|%.*s", DSP_STR_ARG(parties.platform),
                                                  DSP_STR_ARG(name));
            bool needed = ACCOUNTS[a].needed == 'y' || (ACCOUNTS[a].needed == 'f' && parties.fees);
            if (needed && !row_of(table, "account_key", key)) {
                add_account(tables, key, parties.platform, name, ACCOUNTS[a].debit);
            }
        }
    }
    return dsp_ok();
}

static struct dsp_err account_load(struct store_tables *tables, const struct dsp_param *params, size_t count,
                                   dsp_pg_result_fn on_result, void *arg)
{
    static const uint32_t OIDS[] = {STORE_OID_TEXT, STORE_OID_INT8, STORE_OID_INT8, STORE_OID_INT8, STORE_OID_BOOL};
    struct store_array keys = store_array_read(tables->arena, &params[0]);
    struct store_table *table = store_table_of(tables, DSP_STR_LITERAL("account"));
    PGresult *result = store_result(OIDS, 5);
    (void)count;
    for (size_t r = 0; r < table->count; r++) {
        bool wanted = false;
        struct dsp_str have = cell(table, table->rows[r], "account_key");
        for (size_t k = 0; !wanted && k < keys.count; k++) {
            struct parties parties;
            for (size_t a = 0; !wanted && parties_of(tables, keys.items[k], &parties) && a < ACCOUNT_COUNT; a++) {
                struct dsp_str name = account_name(tables, &ACCOUNTS[a], &parties);
                wanted = dsp_str_equal(have, dsp_arena_format(tables->arena, "%.*s|%.*s", DSP_STR_ARG(parties.platform),
                                                              DSP_STR_ARG(name)));
            }
        }
        if (wanted) {
            store_result_add(result, (const struct dsp_str[]){have, store_big(tables->arena, 0),
                                                              cell(table, table->rows[r], "book_version"),
                                                              cell(table, table->rows[r], "balance_minor"),
                                                              cell(table, table->rows[r], "debit")});
        }
    }
    on_result(arg, result);
    PQclear(result);
    return dsp_ok();
}

static struct dsp_err account_save(struct store_tables *tables, const struct dsp_param *params, size_t count,
                                   dsp_pg_result_fn on_result, void *arg)
{
    struct store_array keys = store_array_read(tables->arena, &params[0]);
    struct store_array deltas = store_array_read(tables->arena, &params[1]);
    struct store_array versions = store_array_read(tables->arena, &params[2]);
    struct store_table *table = store_table_of(tables, DSP_STR_LITERAL("account"));
    size_t balance = store_column(table, DSP_STR_LITERAL("balance_minor"), 0);
    size_t version = store_column(table, DSP_STR_LITERAL("book_version"), 0);
    (void)count;
    (void)on_result;
    (void)arg;
    for (size_t i = 0; i < keys.count; i++) {
        struct store_row *row = (struct store_row *)(uintptr_t)row_of(table, "account_key", keys.items[i]);
        if (!row) {
            return dsp_retry(DSP_CODE_FENCED, "row version changed");
        }
        struct store_row *changed = dsp_arena_alloc(tables->arena, sizeof *changed);
        assert_non_null(changed);
        *changed = *row;
        changed->cells[balance] = store_big(tables->arena,
                                            store_number(row->cells[balance]) + store_number(deltas.items[i]));
        if (store_number(versions.items[i]) > store_number(row->cells[version])) {
            changed->cells[version] = versions.items[i];
        }
        for (size_t r = 0; r < table->count; r++) {
            table->rows[r] = table->rows[r] == row ? changed : table->rows[r];
        }
    }
    return dsp_ok();
}

static bool counts(struct store_table *payouts, const struct store_row *row)
{
    int64_t state = store_number(cell(payouts, row, "state"));
    return state == 1 || state == 3 || store_number(cell(payouts, row, "said")) == 1;
}

static struct dsp_err consumer_load(struct store_tables *tables, const struct dsp_param *params, size_t count,
                                    dsp_pg_result_fn on_result, void *arg)
{
    static const uint32_t OIDS[] = {STORE_OID_TEXT, STORE_OID_UUID, STORE_OID_TEXT, STORE_OID_INT8, STORE_OID_INT8};
    struct store_array keys = store_array_read(tables->arena, &params[0]);
    struct store_table *payouts = store_table_of(tables, DSP_STR_LITERAL("payout"));
    PGresult *result = store_result(OIDS, 5);
    (void)count;
    for (size_t r = 0; r < payouts->count; r++) {
        const struct store_row *row = payouts->rows[r];
        bool wanted = false;
        for (size_t k = 0; !wanted && counts(payouts, row) && k < keys.count; k++) {
            struct parties parties;
            wanted = parties_of(tables, keys.items[k], &parties) &&
                     dsp_str_equal(cell(payouts, row, "consumer_key"),
                                   dsp_arena_format(tables->arena, "%.*s|%.*s", DSP_STR_ARG(parties.platform),
                                                    DSP_STR_ARG(parties.consumer)));
        }
        if (wanted) {
            store_result_add(
                result, (const struct dsp_str[]){cell(payouts, row, "consumer_key"), cell(payouts, row, "case_id"),
                                                 cell(payouts, row, "payout_number"),
                                                 cell(payouts, row, "amount_minor"), cell(payouts, row, "sent_ms")});
        }
    }
    on_result(arg, result);
    PQclear(result);
    return dsp_ok();
}

const struct store_rule STORE_RULES[] = {
    {"INSERT INTO account (", account_ensure},
    {"0::bigint, book_version", account_load},
    {"UPDATE account a", account_save},
    {"FROM payout p", consumer_load},
    {0},
};
