/* PostgreSQL's part of common/io/pg.h in memory: takes the place of pg.c in a test program. */
#include "support/fake/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/utf8.h"
#include "support/cmocka_all.h"
#include "support/fake/store_sql.h"
#include "support/fake/store_table.h"

#define ARENA_BYTES (256u << 20)

struct dsp_pg {
    struct store_tables tables;
    struct store_tables begun; /* as of BEGIN */
    bool in_transaction;
    bool failed; /* the transaction: only ROLLBACK helps */
    struct dsp_err group_err;
    char *migrations;
};

/* --- keys of tables, out of the migrations --- */

/* Of a table whose save statement has no ON CONFLICT: a second row of the same key is refused. */
static size_t primary_key(const struct dsp_pg *pg, struct dsp_str table, struct dsp_str *ret_names)
{
    char head[STORE_NAME_BYTES + 32];
    snprintf(head, sizeof head, "CREATE TABLE %.*s (", DSP_STR_ARG(table));
    const char *at = sql_after(pg->migrations, head);
    const char *key = at ? strstr(at, "PRIMARY KEY") : NULL;
    if (!key) {
        fail_msg("no primary key of %.*s in the migrations", DSP_STR_ARG(table));
        return 0;
    }
    const char *line = key;
    while (line[-1] != '\n') {
        line--;
    }
    struct dsp_str first = sql_word(line);
    if (dsp_str_is(first, "PRIMARY")) {
        return sql_in_parentheses(key, ret_names);
    }
    ret_names[0] = first;
    return 1;
}

/* --- saving --- */

struct save {
    struct store_table *table;
    size_t columns[STORE_COLUMNS_MAX]; /* of the table, for each parameter */
    size_t count;
    size_t keys[STORE_COLUMNS_MAX];
    size_t key_count;
    size_t set[STORE_COLUMNS_MAX];
    size_t set_count;
    bool insert, conflict, update;
    bool expects;   /* every row is inserted, or found */
    size_t version; /* column + 1; 0: no version rule */
};

/* "a = <from>.a, b = <from>.b"; one may be counted up: "ver = <from>.ver + 1". */
static void read_set(struct save *save, const char *sql, const char *at, const char *end, const char *from)
{
    struct dsp_str items[STORE_COLUMNS_MAX];
    size_t count = sql_names(at, end, items);
    for (size_t i = 0; i < count; i++) {
        const char *equals = memchr(items[i].ptr, '=', items[i].len);
        struct dsp_str target = equals ? sql_view(items[i].ptr, equals) : items[i];
        struct dsp_str source = equals ? sql_view(equals + 1, items[i].ptr + items[i].len) : items[i];
        if (!equals || !dsp_str_starts(source, from) || !dsp_str_equal(sql_word(source.ptr + strlen(from)), target)) {
            sql_not_understood(sql);
        }
        save->set[save->set_count++] = store_column(save->table, target, 0);
        save->version = memchr(source.ptr, '+', source.len) ? save->set[save->set_count - 1] + 1 : save->version;
    }
}

static void read_conflict(struct dsp_pg *pg, const char *sql, struct save *save)
{
    struct dsp_str list[STORE_COLUMNS_MAX];
    const char *conflict = sql_after(sql, "ON CONFLICT ");
    const char *update = sql_after(sql, "DO UPDATE");
    save->conflict = conflict != NULL;
    save->update = update != NULL;
    save->key_count = conflict ? sql_in_parentheses(conflict, list)
                               : primary_key(pg, dsp_str_from(save->table->name), list);
    for (size_t i = 0; i < save->key_count; i++) {
        save->keys[i] = store_column(save->table, list[i], 0);
    }
    if (update) {
        const char *at = sql_after(update, "SET ");
        read_set(save, sql, at, at + strlen(at), "excluded.");
    }
}

/* INSERT INTO t (a, b) SELECT * FROM unnest(...), or SELECT a, b + 1 FROM unnest(...) AS i (a, b). */
static void read_insert(struct dsp_pg *pg, const char *sql, const struct store_array *arrays, size_t count,
                        struct save *save)
{
    struct dsp_str list[STORE_COLUMNS_MAX];
    struct dsp_str sources[STORE_COLUMNS_MAX];
    struct dsp_str given[STORE_COLUMNS_MAX];
    struct dsp_str name = sql_word(sql_after(sql, "INSERT INTO "));
    const char *select = sql_after(name.ptr, "SELECT ");
    const char *as = sql_after(select, "AS i ");
    save->table = store_table_of(&pg->tables, name);
    save->insert = true;
    save->count = count;
    assert_int_equal(sql_in_parentheses(name.ptr, list), count);
    if (as) {
        assert_int_equal(sql_names(select, strstr(select, "FROM "), sources), count);
        assert_int_equal(sql_in_parentheses(as, given), count);
    }
    for (size_t i = 0; i < count; i++) {
        if (as && (!dsp_str_equal(sql_word(sources[i].ptr), list[i]) || !dsp_str_equal(given[i], list[i]))) {
            sql_not_understood(sql);
        }
        save->columns[i] = store_column(save->table, list[i], arrays[i].oid);
        save->version = as && memchr(sources[i].ptr, '+', sources[i].len) ? save->columns[i] + 1 : save->version;
    }
    read_conflict(pg, sql, save);
    save->expects = strstr(sql, "expect_rows") != NULL;
    if ((save->version != 0) != save->expects || (save->version && (save->update || !save->conflict))) {
        sql_not_understood(sql);
    }
}

/* UPDATE t c SET a = i.a, ver = i.ver + 1 FROM unnest(...) AS i (key, a, ver)
 *  WHERE c.key = i.key AND c.ver = i.ver: every column given is a key or set, every row is found. */
static void read_update(struct dsp_pg *pg, const char *sql, const struct store_array *arrays, size_t count,
                        struct save *save)
{
    struct dsp_str list[STORE_COLUMNS_MAX];
    const char *set = sql_after(sql, "SET ");
    const char *from = set ? strstr(set, "FROM unnest(") : NULL;
    const char *as = from ? sql_after(from, "AS i ") : NULL;
    const char *where = as ? sql_after(as, "WHERE ") : NULL;
    const char *end = where ? strstr(where, "RETURNING") : NULL;
    bool checked = false;
    if (!end || !strstr(end, "expect_rows")) {
        sql_not_understood(sql);
        return;
    }
    save->table = store_table_of(&pg->tables, sql_word(sql_after(sql, "UPDATE ")));
    save->expects = true;
    save->count = count;
    assert_int_equal(sql_in_parentheses(as, list), count);
    for (size_t i = 0; i < count; i++) {
        save->columns[i] = store_column(save->table, list[i], arrays[i].oid);
    }
    read_set(save, sql, set, from, "i.");
    for (const char *at = where; at && at < end; at = sql_after(at, " AND ")) {
        struct dsp_str left = sql_word(strchr(at, '.') + 1);
        struct dsp_str right = sql_word(strstr(at, "= i.") + strlen("= i."));
        size_t column = store_column(save->table, left, 0);
        assert_true(dsp_str_equal(left, right));
        if (save->version == column + 1) {
            checked = true;
        } else {
            save->keys[save->key_count++] = column;
        }
    }
    if (checked != (save->version != 0) || save->key_count + save->set_count != count) {
        sql_not_understood(sql);
    }
}

static struct store_row **row_with(const struct save *save, const struct store_row *row)
{
    for (size_t r = 0; r < save->table->count; r++) {
        bool same = true;
        for (size_t k = 0; same && k < save->key_count; k++) {
            size_t column = save->keys[k];
            same = dsp_str_equal(save->table->rows[r]->cells[column], row->cells[column]);
        }
        if (same) {
            return &save->table->rows[r];
        }
    }
    return NULL;
}

static struct dsp_err update_row(struct dsp_pg *pg, const struct save *save, struct store_row **at,
                                 const struct store_row *row)
{
    struct store_row *changed = dsp_arena_alloc(pg->tables.arena, sizeof *changed);
    assert_non_null(changed);
    *changed = **at;
    if (save->version) {
        size_t column = save->version - 1;
        if (store_number((*at)->cells[column]) != store_number(row->cells[column]) - 1) {
            return dsp_retry(DSP_CODE_FENCED, "row version changed");
        }
    }
    for (size_t i = 0; i < save->set_count; i++) {
        changed->cells[save->set[i]] = row->cells[save->set[i]];
    }
    *at = changed;
    return dsp_ok();
}

static struct dsp_err save_row(struct dsp_pg *pg, const struct save *save, const struct store_array *arrays, size_t i,
                               size_t before)
{
    struct store_row *row = dsp_arena_alloc(pg->tables.arena, sizeof *row);
    assert_non_null(row);
    for (size_t c = 0; c < save->count; c++) {
        struct dsp_str cell = arrays[c].items[i];
        if (arrays[c].oid == STORE_OID_TEXT && !dsp_utf8_valid(cell)) {
            return dsp_reject(DSP_CODE_DATA_REFUSED, "invalid byte sequence in column %s",
                              save->table->columns[save->columns[c]]);
        }
        row->cells[save->columns[c]] = save->version == save->columns[c] + 1
                                           ? store_big(pg->tables.arena, store_number(cell) + 1)
                                           : cell;
    }
    struct store_row **at = row_with(save, row);
    if (save->expects && save->insert == (at != NULL)) {
        return dsp_retry(DSP_CODE_FENCED, "row version changed");
    }
    if (!save->insert) {
        return update_row(pg, save, at, row);
    }
    if (!at) {
        store_append(&pg->tables, save->table, row);
        return dsp_ok();
    }
    if (!save->conflict) {
        return dsp_reject(DSP_CODE_DATA_REFUSED, "duplicate key in %s", save->table->name);
    }
    if (!save->update) {
        return dsp_ok();
    }
    if ((size_t)(at - save->table->rows) >= before) {
        return dsp_reject(DSP_CODE_DATA_REFUSED, "%s: a row is updated twice by one statement", save->table->name);
    }
    return update_row(pg, save, at, row);
}

static struct dsp_err run_save(struct dsp_pg *pg, const char *sql, const struct dsp_param *params, size_t count)
{
    struct store_array arrays[DSP_PARAMS_MAX] = {{0}};
    struct save save = {0};
    for (size_t i = 0; i < count; i++) {
        arrays[i] = store_array_read(pg->tables.arena, &params[i]);
        assert_int_equal(arrays[i].count, arrays[0].count);
    }
    (strstr(sql, "INSERT INTO ") ? read_insert : read_update)(pg, sql, arrays, count, &save);
    size_t before = save.table->count;
    for (size_t i = 0; i < arrays[0].count; i++) {
        DSP_TRY(save_row(pg, &save, arrays, i, before));
    }
    return dsp_ok();
}

/* --- loading --- */

struct order {
    const struct store_table *table;
    size_t columns[STORE_COLUMNS_MAX];
    size_t count;
};

static int compare_rows(const void *left, const void *right, void *arg)
{
    const struct order *order = arg;
    const struct store_row *a = *(const struct store_row *const *)left;
    const struct store_row *b = *(const struct store_row *const *)right;
    int result = 0;
    for (size_t i = 0; !result && i < order->count; i++) {
        size_t column = order->columns[i];
        result = store_compare(order->table->oids[column], a->cells[column], b->cells[column]);
    }
    return result;
}

static bool among(const struct store_array *keys, struct dsp_str cell)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (dsp_str_equal(keys->items[i], cell)) {
            return true;
        }
    }
    return false;
}

static void send_rows(const struct store_table *table, struct store_row *const *found, size_t count,
                      const struct dsp_str *list, size_t listed, dsp_pg_result_fn on_result, void *arg)
{
    uint32_t oids[STORE_COLUMNS_MAX] = {0};
    PGresult *result = store_result(oids, listed);
    for (size_t r = 0; r < count; r++) {
        struct dsp_str cells[STORE_COLUMNS_MAX];
        for (size_t c = 0; c < listed; c++) {
            cells[c] = found[r]->cells[store_column((struct store_table *)(uintptr_t)table, list[c], 0)];
        }
        store_result_add(result, cells);
    }
    on_result(arg, result);
    PQclear(result);
}

static struct dsp_err run_load(struct dsp_pg *pg, const char *sql, const struct dsp_param *params,
                               dsp_pg_result_fn on_result, void *arg)
{
    struct dsp_str list[STORE_COLUMNS_MAX];
    struct dsp_str by[STORE_COLUMNS_MAX];
    const char *from = strstr(sql, "FROM ");
    const char *where = from ? sql_after(from, "WHERE ") : NULL;
    const char *any = where ? strstr(where, " = ANY ($1") : NULL;
    if (!any || sql_word(where).ptr + sql_word(where).len != any) {
        sql_not_understood(sql);
        return dsp_ok();
    }
    struct store_table *table = store_table_of(&pg->tables, sql_word(from + strlen("FROM ")));
    struct store_array keys = store_array_read(pg->tables.arena, &params[0]);
    size_t listed = sql_names(sql + strlen("SELECT"), from, list);
    for (size_t i = 0; i < listed; i++) {
        list[i] = sql_column_name(list[i]);
    }
    size_t key = store_column(table, sql_word(where), 0);
    struct store_row **found = dsp_arena_alloc(pg->tables.arena, (table->count + 1) * sizeof(struct store_row *));
    size_t count = 0;
    assert_non_null(found);
    for (size_t r = 0; r < table->count; r++) {
        if (among(&keys, table->rows[r]->cells[key])) {
            found[count++] = table->rows[r];
        }
    }
    const char *order_by = sql_after(any, "ORDER BY ");
    struct order order = {.table = table};
    order.count = order_by ? sql_names(order_by, order_by + strlen(order_by), by) : 0;
    for (size_t i = 0; i < order.count; i++) {
        order.columns[i] = store_column(table, sql_column_name(by[i]), 0);
    }
    qsort_r(found, count, sizeof *found, compare_rows, &order);
    send_rows(table, found, count, list, listed, on_result, arg);
    return dsp_ok();
}

/* --- transactions --- */

static struct store_tables copy_of(const struct store_tables *from)
{
    struct store_tables copy = *from;
    for (size_t i = 0; i < copy.count; i++) {
        copy.list[i].rows = NULL;
        copy.list[i].count = copy.list[i].capacity = 0;
        for (size_t r = 0; r < from->list[i].count; r++) {
            store_append(&copy, &copy.list[i], from->list[i].rows[r]);
        }
    }
    return copy;
}

static struct dsp_err end_transaction(struct dsp_pg *pg, bool keep)
{
    bool broken = pg->failed;
    if (pg->in_transaction && (!keep || broken)) {
        pg->tables = pg->begun;
    }
    pg->in_transaction = pg->failed = false;
    return keep && broken ? dsp_retry(DSP_CODE_STORE_DOWN, "the transaction was rolled back") : dsp_ok();
}

static struct dsp_err run(struct dsp_pg *pg, const char *sql, const struct dsp_param *params, size_t count,
                          dsp_pg_result_fn on_result, void *arg)
{
    for (const struct store_rule *rule = STORE_RULES; rule->marker; rule++) {
        if (strstr(sql, rule->marker)) {
            return rule->run(&pg->tables, params, count, on_result, arg);
        }
    }
    if (strstr(sql, "INSERT INTO ") || strstr(sql, "UPDATE ")) {
        return run_save(pg, sql, params, count);
    }
    if (strncmp(sql, "SELECT", 6) == 0 && on_result) {
        return run_load(pg, sql, params, on_result, arg);
    }
    sql_not_understood(sql);
    return dsp_ok();
}

void dsp_pg_exec(struct dsp_pg *pg, const char *sql, const struct dsp_param *params, size_t count,
                 dsp_pg_result_fn on_result, void *arg)
{
    struct dsp_err err = dsp_ok();
    if (dsp_failed(pg->group_err)) {
        return; /* what follows an error is skipped up to the end of the group */
    }
    if (strncmp(sql, "BEGIN", 5) == 0) {
        pg->begun = copy_of(&pg->tables);
        pg->in_transaction = true;
    } else if (strncmp(sql, "COMMIT", 6) == 0 || strncmp(sql, "ROLLBACK", 8) == 0) {
        err = end_transaction(pg, *sql == 'C');
    } else {
        struct store_tables before = copy_of(&pg->tables);
        err = run(pg, sql, params, count, on_result, arg);
        if (dsp_failed(err)) {
            pg->tables = before; /* a statement does all or nothing */
            pg->failed = pg->in_transaction;
        }
    }
    pg->group_err = err;
}

/* --- life --- */

struct dsp_pg *store_open(const struct dsp_service_definition *definition)
{
    struct dsp_pg *pg = calloc(1, sizeof *pg);
    assert_non_null(pg);
    pg->tables.arena = dsp_arena_new(ARENA_BYTES);
    pg->migrations = store_migrations(definition->name);
    assert_non_null(pg->tables.arena);
    return pg;
}

void store_close(struct dsp_pg *pg)
{
    if (pg) {
        dsp_arena_free(pg->tables.arena);
        free(pg->migrations);
        free(pg);
    }
}

struct dsp_err store_end(struct dsp_pg *pg)
{
    struct dsp_err err = pg->group_err;
    pg->group_err = dsp_ok();
    return err;
}
