#include "support/fake/store_suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "support/fake/service.h"

#define ROWS 3 /* of a case in every table that takes so many */

static int (*service_main)(int argc, char **argv);

static const struct dsp_uuid CASES[] = {{{0x01, 0x90, 1}}, {{0x01, 0x90, 2}}, {{0x01, 0x90, 3}}};

/* --- values: the n-th of a column, differing in every column and row --- */

enum flavour { SMALL, LEAST, MOST, FLAVOURS };

static struct dsp_str text_value(struct dsp_arena *arena, size_t column, size_t n, enum flavour flavour, bool bytes)
{
    static const unsigned char RAW[] = {0x00, 0xff, 0xfe, 0x80, '\\', '\'', '"', '{', '}', ','};
    if (flavour == LEAST) {
        return (struct dsp_str){"", 0};
    }
    if (bytes && flavour == MOST) {
        return dsp_arena_copy(arena, (struct dsp_str){(const char *)RAW, sizeof RAW});
    }
    return flavour == MOST ? dsp_arena_format(arena, "壶盖裂开 \U0001F375 {NULL,\"a\\b\"} '%zu.%zu'\t\n", column, n)
                           : dsp_arena_format(arena, "t%zu-%zu", column, n);
}

/* Sums of money are never negative, and the parts of an amount never above it: PostgreSQL checks that. */
static int64_t money(const struct dsp_column *column, size_t index, size_t n, enum flavour flavour)
{
    int64_t part = flavour == LEAST ? 0 : flavour == MOST ? INT64_MAX / 4 : (int64_t)(100 * index + n + 1);
    return strcmp(column->name, "amount_minor") != 0 || flavour == LEAST ? part : INT64_MAX - part;
}

static void put(struct dsp_arena *arena, const struct dsp_column *column, size_t index, size_t n, enum flavour flavour,
                void *row)
{
    char *at = (char *)row + column->offset;
    int32_t four = flavour == LEAST ? INT32_MIN : flavour == MOST ? INT32_MAX : (int32_t)(100 * index + n + 1);
    int64_t eight = flavour == LEAST ? INT64_MIN : flavour == MOST ? INT64_MAX : (int64_t)(100 * index + n + 1);
    bool yes = flavour == MOST || (flavour == SMALL && (index + n) % 2);
    struct dsp_str text;
    struct dsp_uuid id = {{0x02, (uint8_t)index, (uint8_t)n, (uint8_t)flavour}};
    switch (column->type) {
    case DSP_COLUMN_UUID:
        memcpy(at, &id, sizeof id);
        break;
    case DSP_COLUMN_TEXT:
    case DSP_COLUMN_BYTES:
        text = text_value(arena, index, n, flavour, column->type == DSP_COLUMN_BYTES);
        memcpy(at, &text, sizeof text);
        break;
    case DSP_COLUMN_INT:
        memcpy(at, &four, sizeof four);
        break;
    case DSP_COLUMN_BIG:
        eight = strstr(column->name, "_minor") ? money(column, index, n, flavour) : eight;
        memcpy(at, &eight, sizeof eight);
        break;
    case DSP_COLUMN_BOOL:
        memcpy(at, &yes, sizeof yes);
        break;
    }
}

/* --- tables that the suite can fill by itself --- */

/* Rows of shared accounts are made by a join, read-only ones and those of one turn never saved. */
static bool plain(const struct dsp_table *table)
{
    return table->load_sql && table->save_sql && !table->ensure_sql;
}

static bool versioned(const struct dsp_table *table)
{
    return table->columns[0].type == DSP_COLUMN_UUID && strstr(table->save_sql, ".ver = i.ver\n");
}

static bool written_once(const struct dsp_table *table)
{
    return !table->add_sql && !strstr(table->save_sql, "DO UPDATE");
}

static struct dsp_str key_of(struct dsp_arena *arena, const struct dsp_table *table, const struct dsp_uuid *case_id)
{
    char text[DSP_UUID_TEXT_BYTES];
    dsp_uuid_format(case_id, text);
    return table->key == DSP_KEY_CASE ? dsp_uuid_str(case_id) : dsp_arena_format(arena, "%s", text);
}

/* Column that the version rule is about. */
static int64_t *version_of(const struct dsp_table *table, void *row)
{
    for (size_t c = 0; c < table->column_count; c++) {
        if (strcmp(table->columns[c].name, "ver") == 0) {
            return (int64_t *)(void *)((char *)row + table->columns[c].offset);
        }
    }
    fail_msg("table %s has a version rule and no ver", table->name);
    return NULL;
}

/* Whether a column is part of the key of its table: those stay as they are in every flavour. */
static bool in_key(const struct dsp_table *table, size_t column)
{
    const char *conflict = strstr(table->save_sql, "ON CONFLICT (");
    const char *at = conflict ? strchr(conflict, '(') + 1 : "";
    const char *end = strchr(at, ')');
    const char *name = table->columns[column].name;
    size_t size = strlen(name);
    if (table->add_sql) { /* "WHERE c.key = i.key AND ..." */
        char equals[96];
        snprintf(equals, sizeof equals, ".%s = i.%s", name, name);
        const char *found = strstr(strstr(table->save_sql, "WHERE "), equals);
        return found && strchr(" \n", found[strlen(equals)]) && strcmp(name, "ver") != 0;
    }
    for (; end && at < end; at += strcspn(at, ",)") + 1) {
        at += strspn(at, " ");
        if (strcspn(at, ",)") == size && memcmp(at, name, size) == 0) {
            return true;
        }
    }
    return column == 0 || (!conflict && column < 3 && table->columns[column].type != DSP_COLUMN_BOOL);
}

/* Where the case alone is the key, it has one row. */
static size_t rows_of(const struct dsp_table *table)
{
    size_t keys = 0;
    for (size_t c = 0; c < table->column_count; c++) {
        keys += in_key(table, c);
    }
    return keys == 1 || (table->key == DSP_KEY_TEXT && strstr(table->name, "command")) ? 1 : ROWS;
}

static void fill(struct dsp_arena *arena, const struct dsp_table *table, const struct dsp_uuid *case_id, size_t n,
                 enum flavour flavour, void *row)
{
    struct dsp_str key = key_of(arena, table, case_id);
    for (size_t c = 0; c < table->column_count; c++) {
        bool key_column = in_key(table, c);
        put(arena, &table->columns[c], c, key_column ? n + ROWS * (size_t)case_id->bytes[2] : n,
            key_column ? SMALL : flavour, row);
    }
    if (table->columns[0].type == DSP_COLUMN_UUID) {
        memcpy((char *)row + table->columns[0].offset, case_id, sizeof *case_id);
    } else {
        memcpy((char *)row + table->columns[0].offset, &key, sizeof key);
    }
    if (versioned(table)) {
        *version_of(table, row) = 0;
    }
}

static struct dsp_turn *begin(struct fake *fake)
{
    return fake_begin(fake, CASES, 3, NULL, (struct dsp_str){NULL, 0});
}

/* A turn with the rows of all cases in one table. */
static struct dsp_turn *begin_with(struct fake *fake, const struct dsp_table *table)
{
    return table->key == DSP_KEY_CASE ? begin(fake)
                                      : fake_begin(fake, CASES, 3, table, key_of(fake->kept, table, &CASES[0]));
}

static void add_rows(struct fake *fake, const struct dsp_table *table, const struct dsp_uuid *case_id,
                     enum flavour flavour)
{
    struct dsp_turn *turn = begin_with(fake, table);
    for (size_t n = 0; n < rows_of(table); n++) {
        void *row = dsp_rows_add(turn->rows, table, key_of(fake->kept, table, case_id));
        assert_non_null(row);
        fill(turn->arena, table, case_id, n, flavour, row);
    }
    assert_ok(fake_commit(fake));
}

static bool same_cell(struct dsp_arena *arena, const struct dsp_column *column, void *left, void *right)
{
    struct dsp_param a;
    struct dsp_param b;
    assert_ok(dsp_param_array(arena, column, &left, 1, &a));
    assert_ok(dsp_param_array(arena, column, &right, 1, &b));
    return a.size == b.size && memcmp(a.data, b.data, (size_t)a.size) == 0;
}

static void expect_row(struct dsp_turn *turn, const struct dsp_table *table, void *wanted, void *got, enum flavour f)
{
    for (size_t c = 0; c < table->column_count; c++) {
        if (versioned(table) && strcmp(table->columns[c].name, "ver") == 0) {
            assert_int_equal(*version_of(table, got), 1);
        } else if (!same_cell(turn->arena, &table->columns[c], wanted, got)) {
            fail_msg("%s.%s comes back changed (flavour %d)", table->name, table->columns[c].name, (int)f);
        }
    }
}

/* A row that outlives its turn. */
static void *copy_row(struct fake *fake, const struct dsp_table *table, const void *row)
{
    char *copy = dsp_arena_alloc(fake->kept, table->row_bytes);
    assert_non_null(copy);
    memcpy(copy, row, table->row_bytes);
    for (size_t c = 0; c < table->column_count; c++) {
        if (table->columns[c].type == DSP_COLUMN_TEXT || table->columns[c].type == DSP_COLUMN_BYTES) {
            struct dsp_str text;
            memcpy(&text, copy + table->columns[c].offset, sizeof text);
            text = dsp_arena_copy(fake->kept, text);
            memcpy(copy + table->columns[c].offset, &text, sizeof text);
        }
    }
    return copy;
}

/* The row with the same key columns. */
static void *row_like(struct dsp_turn *turn, const struct dsp_table *table, void *wanted)
{
    const struct dsp_list *rows = dsp_rows_all(turn->rows, table);
    for (size_t r = 0; r < rows->count; r++) {
        bool same = true;
        for (size_t c = 0; same && c < table->column_count; c++) {
            same = !in_key(table, c) || same_cell(turn->arena, &table->columns[c], wanted, rows->items[r]);
        }
        if (same) {
            return rows->items[r];
        }
    }
    fail_msg("%s: a row is gone", table->name);
    return NULL;
}

/* --- cases --- */

typedef void (*table_case)(struct fake *fake, const struct dsp_table *table);

static void each_table(table_case run)
{
    struct fake *fake = fake_new(service_main);
    size_t ran = 0;
    for (size_t t = 0; t < fake->definition->table_count; t++) {
        if (plain(&fake->definition->tables[t])) {
            run(fake, &fake->definition->tables[t]);
            ran++;
        }
    }
    assert_true(ran > 0);
    fake_free(fake);
}

static void round_trip(struct fake *fake, const struct dsp_table *table)
{
    for (enum flavour f = SMALL; f < FLAVOURS; f++) {
        const struct dsp_uuid *case_id = &CASES[table->key == DSP_KEY_CASE ? f : 0];
        if (table->key == DSP_KEY_TEXT && f != MOST) {
            continue; /* rows of one key: one flavour */
        }
        add_rows(fake, table, case_id, f);
        struct dsp_turn *turn = begin_with(fake, table);
        struct dsp_str key = key_of(turn->arena, table, case_id);
        assert_int_equal(dsp_rows_of(turn->rows, table, key)->count, rows_of(table));
        void *wanted = dsp_arena_alloc(turn->arena, table->row_bytes);
        for (size_t n = 0; n < rows_of(table); n++) {
            fill(turn->arena, table, case_id, n, f, wanted);
            expect_row(turn, table, wanted, row_like(turn, table, wanted), f);
        }
        fake_abandon(fake);
    }
}

static void every_column_of_every_table_comes_back_at_its_limits_empty_and_in_unicode(void **state)
{
    (void)state;
    each_table(round_trip);
}

/* Named by save_sql. */
static bool is_saved(const struct dsp_table *table, size_t column)
{
    return !table->saved_count || column < table->saved_count;
}

static void update(struct fake *fake, const struct dsp_table *table)
{
    add_rows(fake, table, &CASES[0], SMALL);
    if (written_once(table)) {
        return;
    }
    struct dsp_turn *turn = begin_with(fake, table);
    struct dsp_list *rows = dsp_rows_of(turn->rows, table, key_of(turn->arena, table, &CASES[0]));
    struct dsp_row *row = rows->items[0];
    void *before = copy_row(fake, table, row);
    for (size_t c = 0; c < table->column_count; c++) {
        if (!in_key(table, c) && strcmp(table->columns[c].name, "ver") != 0) {
            put(fake->kept, &table->columns[c], c, 0, MOST, row);
        }
    }
    void *changed = copy_row(fake, table, row);
    row->dirty = true;
    assert_ok(fake_commit(fake));
    turn = begin_with(fake, table);
    assert_int_equal(dsp_rows_all(turn->rows, table)->count, rows_of(table)); /* no row beside the first */
    void *got = row_like(turn, table, before);
    size_t moved = 0;
    for (size_t c = 0; c < table->column_count; c++) {
        bool is_new = same_cell(turn->arena, &table->columns[c], changed, got);
        if (strcmp(table->columns[c].name, "ver") == 0) {
            assert_int_equal(*version_of(table, got), 2);
        } else if (!is_new && !same_cell(turn->arena, &table->columns[c], before, got)) {
            fail_msg("%s.%s is neither as before nor as saved", table->name, table->columns[c].name);
        } else if (table->add_sql && !in_key(table, c) && is_new != is_saved(table, c) &&
                   !same_cell(turn->arena, &table->columns[c], before, changed)) {
            fail_msg("%s.%s %s", table->name, table->columns[c].name,
                     is_new ? "is written by a statement that does not name it" : "is named, but not written");
        } else if (is_new && !in_key(table, c)) {
            moved++;
        }
    }
    assert_true(moved > 0);
    fake_abandon(fake);
}

static void a_row_that_is_saved_again_is_the_same_row_with_its_new_values(void **state)
{
    (void)state;
    each_table(update);
}

static void conflict(struct fake *fake, const struct dsp_table *table)
{
    if (!versioned(table)) {
        return;
    }
    add_rows(fake, table, &CASES[0], SMALL);
    struct dsp_turn *turn = begin_with(fake, table);
    struct dsp_row *row = dsp_rows_one(turn->rows, table, key_of(turn->arena, table, &CASES[0]));
    *version_of(table, row) -= 1; /* somebody else has written it since */
    row->dirty = true;
    void *fresh = dsp_rows_add(turn->rows, table, key_of(turn->arena, table, &CASES[1]));
    fill(turn->arena, table, &CASES[1], 0, SMALL, fresh);
    assert_err(fake_commit(fake), DSP_ERR_RETRY, DSP_CODE_FENCED);
    turn = begin_with(fake, table);
    assert_int_equal(*version_of(table, dsp_rows_one(turn->rows, table, key_of(turn->arena, table, &CASES[0]))), 1);
    assert_null(dsp_rows_one(turn->rows, table, key_of(turn->arena, table, &CASES[1])));
    fake_abandon(fake);
}

static void a_row_of_an_old_version_is_refused_and_nothing_of_its_turn_is_kept(void **state)
{
    (void)state;
    each_table(conflict);
}

static void several(struct fake *fake, const struct dsp_table *table)
{
    if (table->key != DSP_KEY_CASE) {
        return;
    }
    add_rows(fake, table, &CASES[1], SMALL);
    add_rows(fake, table, &CASES[0], SMALL);
    struct dsp_turn *turn = begin(fake);
    assert_int_equal(dsp_rows_of(turn->rows, table, dsp_uuid_str(&CASES[0]))->count, rows_of(table));
    assert_int_equal(dsp_rows_of(turn->rows, table, dsp_uuid_str(&CASES[1]))->count, rows_of(table));
    assert_int_equal(dsp_rows_of(turn->rows, table, dsp_uuid_str(&CASES[2]))->count, 0);
    fake_abandon(fake);
    turn = fake_begin(fake, &CASES[1], 1, NULL, (struct dsp_str){NULL, 0});
    assert_int_equal(dsp_rows_all(turn->rows, table)->count, rows_of(table)); /* of nobody else */
    fake_abandon(fake);
}

static void the_rows_of_several_cases_come_in_one_load_each_under_its_own_case(void **state)
{
    (void)state;
    each_table(several);
}

static void bad_text(struct fake *fake, const struct dsp_table *table)
{
    for (size_t c = 1; c < table->column_count; c++) {
        if (table->columns[c].type != DSP_COLUMN_TEXT) {
            continue;
        }
        static const char *const BAD[] = {"a\0b", "\xff\xfe."};
        for (size_t i = 0; i < 2; i++) {
            struct dsp_str text = {BAD[i], 3};
            struct dsp_turn *turn = begin_with(fake, table);
            char *row = dsp_rows_add(turn->rows, table, key_of(turn->arena, table, &CASES[0]));
            fill(turn->arena, table, &CASES[0], 0, SMALL, row);
            memcpy(row + table->columns[c].offset, &text, sizeof text);
            assert_err(fake_commit(fake), DSP_ERR_REJECT, DSP_CODE_DATA_REFUSED);
        }
        struct dsp_turn *turn = begin_with(fake, table);
        assert_int_equal(dsp_rows_all(turn->rows, table)->count, 0);
        fake_abandon(fake);
    }
}

static void text_that_is_not_utf8_or_holds_a_zero_is_refused_and_nothing_kept(void **state)
{
    (void)state;
    each_table(bad_text);
}

int store_suite_run(int (*main_of_service)(int argc, char **argv))
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_of_every_table_comes_back_at_its_limits_empty_and_in_unicode),
        cmocka_unit_test(a_row_that_is_saved_again_is_the_same_row_with_its_new_values),
        cmocka_unit_test(a_row_of_an_old_version_is_refused_and_nothing_of_its_turn_is_kept),
        cmocka_unit_test(the_rows_of_several_cases_come_in_one_load_each_under_its_own_case),
        cmocka_unit_test(text_that_is_not_utf8_or_holds_a_zero_is_refused_and_nothing_kept),
    };
    service_main = main_of_service;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
