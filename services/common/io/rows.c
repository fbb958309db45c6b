#include "common/io/rows.h"

#include <endian.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/io/row_cache.h"
#include "common/io/rows_internal.h"

/* Type oids of PostgreSQL's catalogue (pg_type.dat): fixed since ever. */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT4 = 23, OID_TEXT = 25, OID_UUID = 2950 };

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

/* --- binary arrays: ndim, flags, element oid, length, lower bound, then (size, bytes) each --- */

static void put4(char **at, uint32_t value)
{
    uint32_t wire = htobe32(value);
    memcpy(*at, &wire, sizeof wire);
    *at += sizeof wire;
}

static void put_bytes(char **at, const void *bytes, size_t size)
{
    put4(at, (uint32_t)size);
    if (size) {
        memcpy(*at, bytes, size);
    }
    *at += size;
}

static struct dsp_err array_open(struct dsp_arena *arena, uint32_t oid, size_t count, size_t bytes, char **ret_at,
                                 struct dsp_param *ret_param)
{
    size_t size = 20 + 4 * count + bytes;
    char *wire = dsp_arena_alloc(arena, size);
    if (!wire) {
        return full();
    }
    *ret_param = (struct dsp_param){wire, (int)(count ? size : 12)};
    *ret_at = wire;
    put4(ret_at, count ? 1 : 0);
    put4(ret_at, 0);
    put4(ret_at, oid);
    if (count) {
        put4(ret_at, (uint32_t)count);
        put4(ret_at, 1);
    }
    return dsp_ok();
}

static uint32_t oid_of(enum dsp_column_type type)
{
    static const uint32_t OIDS[] = {
        [DSP_COLUMN_UUID] = OID_UUID, [DSP_COLUMN_TEXT] = OID_TEXT, [DSP_COLUMN_BYTES] = OID_BYTEA,
        [DSP_COLUMN_INT] = OID_INT4,  [DSP_COLUMN_BIG] = OID_INT8,  [DSP_COLUMN_BOOL] = OID_BOOL,
    };
    return OIDS[type];
}

static struct dsp_str str_at(const void *item, size_t offset)
{
    struct dsp_str text;
    memcpy(&text, (const char *)item + offset, sizeof text);
    return text;
}

static void put_value(char **at, const struct dsp_column *column, const void *item)
{
    const char *from = (const char *)item + column->offset;
    uint64_t eight = 0;
    uint32_t four = 0;
    switch (column->type) {
    case DSP_COLUMN_UUID:
        put_bytes(at, from, sizeof(struct dsp_uuid));
        break;
    case DSP_COLUMN_TEXT:
    case DSP_COLUMN_BYTES: {
        struct dsp_str text = str_at(item, column->offset);
        put_bytes(at, text.ptr, text.len);
        break;
    }
    case DSP_COLUMN_INT:
        memcpy(&four, from, sizeof four);
        four = htobe32(four);
        put_bytes(at, &four, sizeof four);
        break;
    case DSP_COLUMN_BIG:
        memcpy(&eight, from, sizeof eight);
        eight = htobe64(eight);
        put_bytes(at, &eight, sizeof eight);
        break;
    case DSP_COLUMN_BOOL:
        put_bytes(at, from, 1);
        break;
    }
}

struct dsp_err dsp_param_array(struct dsp_arena *arena, const struct dsp_column *column, void *const *items,
                               size_t count, struct dsp_param *ret_param)
{
    size_t bytes = 16 * count; /* the widest fixed value is a uuid */
    bool text = column->type == DSP_COLUMN_TEXT || column->type == DSP_COLUMN_BYTES;
    if (text) {
        bytes = 0;
        for (size_t i = 0; i < count; i++) {
            bytes += str_at(items[i], column->offset).len;
        }
    }
    char *at;
    DSP_TRY(array_open(arena, oid_of(column->type), count, bytes, &at, ret_param));
    const char *start = ret_param->data;
    for (size_t i = 0; i < count; i++) {
        put_value(&at, column, items[i]);
    }
    if (count) {
        ret_param->size = (int)(at - start);
    }
    return dsp_ok();
}

struct dsp_err dsp_param_keys(struct dsp_arena *arena, enum dsp_key_kind kind, const struct dsp_str *keys, size_t count,
                              struct dsp_param *ret_param)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += keys[i].len;
    }
    char *at;
    DSP_TRY(array_open(arena, kind == DSP_KEY_CASE ? OID_UUID : OID_TEXT, count, bytes, &at, ret_param));
    for (size_t i = 0; i < count; i++) {
        put_bytes(&at, keys[i].ptr, keys[i].len);
    }
    return dsp_ok();
}

static json_t *column_json(const struct dsp_column *column, const PGresult *result, int row, int field)
{
    char hex[2 * 64 + 1];
    char id_text[DSP_UUID_TEXT_BYTES];
    if (PQgetisnull(result, row, field)) {
        return json_null();
    }
    struct dsp_str text = dsp_result_str(result, row, field);
    switch (column->type) {
    case DSP_COLUMN_UUID: {
        struct dsp_uuid id = dsp_result_uuid(result, row, field);
        dsp_uuid_format(&id, id_text);
        return dsp_uuid_is_zero(&id) ? json_null() : json_string(id_text);
    }
    case DSP_COLUMN_TEXT:
        return json_stringn(text.ptr, text.len);
    case DSP_COLUMN_BYTES: {
        size_t shown = text.len < 64 ? text.len : 64;
        dsp_hex((const uint8_t *)text.ptr, shown, hex);
        return json_string(hex);
    }
    case DSP_COLUMN_INT: {
        int value = (int)dsp_result_int(result, row, field);
        const char *name = column->name_of ? column->name_of(value) : NULL;
        return name ? json_string(name) : json_integer(value);
    }
    case DSP_COLUMN_BIG:
        return json_integer(dsp_result_int(result, row, field));
    case DSP_COLUMN_BOOL:
        return json_boolean(dsp_result_int(result, row, field) != 0);
    }
    return json_null();
}

json_t *dsp_rows_json(const struct dsp_table *table, const PGresult *result)
{
    json_t *list = json_array();
    for (int i = 0; i < PQntuples(result); i++) {
        json_t *object = json_object();
        for (size_t c = 0; c < table->column_count; c++) {
            json_object_set_new(object, table->columns[c].name, column_json(&table->columns[c], result, i, (int)c));
        }
        json_array_append_new(list, object);
    }
    return list;
}
