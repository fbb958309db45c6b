#include "common/io/rows.h"

#include <string.h>

#include "common/base/codes.h"
#include "common/io/row_cache.h"
#include "common/io/rows_internal.h"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "the rows of this batch do not fit");
}

static bool append(struct dsp_arena *arena, struct dsp_list *list, void *item)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity ? list->capacity * 2 : 8;
        void **items = dsp_arena_alloc(arena, capacity * sizeof *items);
        if (!items) {
            return false;
        }
        if (list->count) {
            memcpy(items, list->items, list->count * sizeof *items);
        }
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
    return true;
}

struct dsp_rows *dsp_rows_new(struct dsp_arena *arena, const struct dsp_table *tables, size_t count,
                              struct dsp_row_cache *cache)
{
    struct dsp_rows *rows = dsp_arena_alloc(arena, sizeof *rows);
    struct set *sets = dsp_arena_alloc(arena, (count ? count : 1) * sizeof *sets);
    if (!rows || !sets) {
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        sets[i].table = &tables[i];
        sets[i].rows = rows;
    }
    *rows = (struct dsp_rows){.arena = arena, .sets = sets, .count = count, .cache = cache};
    return rows;
}

/* By name where it is not the same object: an app's list holds a copy of dsp_job_table. */
static struct set *set_of(struct dsp_rows *rows, const struct dsp_table *table)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->sets[i].table == table || strcmp(rows->sets[i].table->name, table->name) == 0) {
            return &rows->sets[i];
        }
    }
    return NULL;
}

static struct entry *find(struct set *set, struct dsp_str key)
{
    struct entry *entry = set->buckets[dsp_str_hash(key) % BUCKETS];
    while (entry && !dsp_str_equal(entry->key, key)) {
        entry = entry->next;
    }
    return entry;
}

static struct entry *find_or_add(struct set *set, struct dsp_str key)
{
    struct dsp_arena *arena = set->rows->arena;
    struct entry *entry = find(set, key);
    if (entry) {
        return entry;
    }
    if (set->count == set->capacity) {
        size_t capacity = set->capacity ? set->capacity * 2 : 16;
        struct dsp_str *keys = dsp_arena_alloc(arena, capacity * sizeof *keys);
        if (!keys) {
            return NULL;
        }
        if (set->count) {
            memcpy(keys, set->keys, set->count * sizeof *keys);
        }
        set->keys = keys;
        set->capacity = capacity;
    }
    entry = dsp_arena_alloc(arena, sizeof *entry);
    struct dsp_str copy = dsp_arena_copy(arena, key);
    if (!entry || !copy.ptr) {
        return NULL;
    }
    struct entry **bucket = &set->buckets[dsp_str_hash(key) % BUCKETS];
    *entry = (struct entry){.key = copy, .next = *bucket};
    *bucket = entry;
    set->keys[set->count++] = copy;
    return entry;
}

struct dsp_err dsp_rows_want(struct dsp_rows *rows, const struct dsp_table *table, struct dsp_str key)
{
    struct set *set = set_of(rows, table);
    return set && find_or_add(set, key) ? dsp_ok() : full();
}

struct dsp_err dsp_rows_want_case(struct dsp_rows *rows, const struct dsp_uuid *case_id)
{
    for (size_t i = 0; i < rows->count; i++) {
        if (rows->sets[i].table->key == DSP_KEY_CASE && !find_or_add(&rows->sets[i], dsp_uuid_str(case_id))) {
            return full();
        }
    }
    return dsp_ok();
}

static bool read_column(struct dsp_arena *arena, const struct dsp_column *column, const PGresult *result, int row,
                        int field, void *into)
{
    char *target = (char *)into + column->offset;
    switch (column->type) {
    case DSP_COLUMN_UUID: {
        struct dsp_uuid id = dsp_result_uuid(result, row, field);
        memcpy(target, &id, sizeof id);
        return true;
    }
    case DSP_COLUMN_TEXT:
    case DSP_COLUMN_BYTES: {
        struct dsp_str text = dsp_result_str(result, row, field);
        if (text.len) {
            text = dsp_arena_copy(arena, text);
        }
        memcpy(target, &text, sizeof text);
        return text.len == 0 || text.ptr;
    }
    case DSP_COLUMN_INT: {
        int32_t value = (int32_t)dsp_result_int(result, row, field);
        memcpy(target, &value, sizeof value);
        return true;
    }
    case DSP_COLUMN_BIG: {
        int64_t value = dsp_result_int(result, row, field);
        memcpy(target, &value, sizeof value);
        return true;
    }
    case DSP_COLUMN_BOOL: {
        bool value = dsp_result_int(result, row, field) != 0;
        memcpy(target, &value, sizeof value);
        return true;
    }
    }
    return false;
}

void *rows_append(struct dsp_rows *rows, struct set *set, struct dsp_str key)
{
    struct entry *entry = find_or_add(set, key);
    void *row = entry ? dsp_arena_alloc(rows->arena, set->table->row_bytes) : NULL;
    return row && append(rows->arena, &entry->list, row) && append(rows->arena, &set->all, row) ? row : NULL;
}

struct entry *rows_find(struct set *set, struct dsp_str key)
{
    return find(set, key);
}

static void on_loaded(void *arg, const PGresult *result)
{
    struct set *set = arg;
    struct dsp_rows *rows = set->rows;
    const struct dsp_table *table = set->table;
    for (int i = 0; i < PQntuples(result); i++) {
        char *row = dsp_arena_alloc(rows->arena, table->row_bytes);
        bool fits = row != NULL;
        for (size_t c = 0; fits && c < table->column_count; c++) {
            fits = read_column(rows->arena, &table->columns[c], result, i, (int)c, row);
        }
        struct entry *entry = fits ? find_or_add(set, dsp_result_str(result, i, 0)) : NULL;
        if (!entry || !append(rows->arena, &entry->list, row) || !append(rows->arena, &set->all, row)) {
            rows->err = full();
            return;
        }
    }
}

/* Keys that are not in the cache, in `ret_missing`; rows of the others are in the set afterwards. */
static struct dsp_err take_cached(struct dsp_rows *rows, struct set *set, struct dsp_str **ret_missing,
                                  size_t *ret_count)
{
    bool cached = rows->cache && set->table->key == DSP_KEY_CASE;
    *ret_missing = set->keys;
    *ret_count = set->count;
    if (!cached) {
        return dsp_ok();
    }
    struct dsp_str *missing = dsp_arena_alloc(rows->arena, set->count * sizeof *missing);
    size_t count = 0;
    for (size_t i = 0; missing && i < set->count; i++) {
        bool hit;
        DSP_TRY(row_cache_take(rows->cache, rows, set, set->keys[i], &hit));
        if (!hit) {
            missing[count++] = set->keys[i];
        }
    }
    *ret_missing = missing;
    *ret_count = count;
    return missing ? dsp_ok() : full();
}

bool dsp_rows_load(struct dsp_rows *rows, struct dsp_pg *pg)
{
    bool asked = false;
    for (size_t i = 0; i < rows->count; i++) {
        struct set *set = &rows->sets[i];
        struct dsp_param keys;
        struct dsp_str *missing;
        size_t count;
        if (set->count == 0 || !set->table->load_sql) {
            continue;
        }
        struct dsp_err err = take_cached(rows, set, &missing, &count);
        if (!dsp_failed(err) && count) {
            err = dsp_param_keys(rows->arena, set->table->key, missing, count, &keys);
        }
        if (dsp_failed(err)) {
            rows->err = err;
            return asked;
        }
        if (count && set->table->ensure_sql) {
            dsp_pg_exec(pg, set->table->ensure_sql, &keys, 1, NULL, NULL);
        }
        if (count) {
            dsp_pg_exec(pg, set->table->load_sql, &keys, 1, on_loaded, set);
            asked = true;
        }
    }
    return asked;
}

void dsp_rows_keep(struct dsp_rows *rows)
{
    if (rows->cache) {
        row_cache_keep(rows->cache, rows);
    }
}

struct dsp_err dsp_rows_error(const struct dsp_rows *rows)
{
    return rows->err;
}

struct dsp_list *dsp_rows_of(struct dsp_rows *rows, const struct dsp_table *table, struct dsp_str key)
{
    static struct dsp_list none;
    struct set *set = set_of(rows, table);
    struct entry *entry = set ? find(set, key) : NULL;
    none = (struct dsp_list){0};
    return entry ? &entry->list : &none;
}

const struct dsp_list *dsp_rows_all(struct dsp_rows *rows, const struct dsp_table *table)
{
    static const struct dsp_list NONE;
    const struct set *set = set_of(rows, table);
    return set ? &set->all : &NONE;
}

void *dsp_rows_one(struct dsp_rows *rows, const struct dsp_table *table, struct dsp_str key)
{
    struct dsp_list *list = dsp_rows_of(rows, table, key);
    return list->count ? list->items[0] : NULL;
}

void *dsp_rows_add(struct dsp_rows *rows, const struct dsp_table *table, struct dsp_str key)
{
    struct set *set = set_of(rows, table);
    struct dsp_row *row = set ? rows_append(rows, set, key) : NULL;
    if (row) {
        row->dirty = true;
        row->fresh = true;
    }
    return row;
}

bool dsp_rows_dirty(const struct dsp_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct dsp_list *all = &rows->sets[i].all;
        for (size_t r = 0; r < all->count; r++) {
            if (((const struct dsp_row *)all->items[r])->dirty) {
                return true;
            }
        }
    }
    return false;
}

bool dsp_rows_shared(const struct dsp_table *tables, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (tables[i].ensure_sql) {
            return true;
        }
    }
    return false;
}

static struct dsp_err write_rows(struct dsp_rows *rows, const struct dsp_table *table, const char *sql, size_t columns,
                                 const struct dsp_list *list, struct dsp_pg *pg)
{
    struct dsp_param params[DSP_PARAMS_MAX];
    if (list->count == 0) {
        return dsp_ok();
    }
    if (columns > DSP_PARAMS_MAX) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "table %s has too many columns", table->name);
    }
    for (size_t c = 0; c < columns; c++) {
        DSP_TRY(dsp_param_array(rows->arena, &table->columns[c], list->items, list->count, &params[c]));
    }
    dsp_pg_exec(pg, sql, params, columns, NULL, NULL);
    return dsp_ok();
}

static struct dsp_err save_set(struct dsp_rows *rows, struct set *set, struct dsp_pg *pg)
{
    const struct dsp_table *table = set->table;
    struct dsp_list added = {0};
    struct dsp_list changed = {0};
    for (size_t r = 0; table->save_sql && r < set->all.count; r++) {
        struct dsp_row *row = set->all.items[r];
        struct dsp_list *list = row->fresh && table->add_sql ? &added : &changed;
        if (row->dirty && !append(rows->arena, list, row)) {
            return full();
        }
    }
    /* What was there first: a row of another's version ends the turn before anything is inserted. */
    DSP_TRY(write_rows(rows, table, table->save_sql, table->saved_count ? table->saved_count : table->column_count,
                       &changed, pg));
    return write_rows(rows, table, table->add_sql, table->column_count, &added, pg);
}

struct dsp_err dsp_rows_save(struct dsp_rows *rows, struct dsp_pg *pg)
{
    for (size_t i = 0; i < rows->count; i++) {
        DSP_TRY(save_set(rows, &rows->sets[i], pg));
    }
    return dsp_ok();
}
