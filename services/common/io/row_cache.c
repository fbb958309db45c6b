#include "common/io/row_cache.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/io/rows_internal.h"

#define CACHE_BUCKETS 16384
#define CACHE_TABLES_MAX 24

/* One case. Behind it, for each table keyed by case, its rows: the columns in their order, texts with their size. */
struct cached {
    struct dsp_uuid id;
    size_t bytes;
    struct cached *chain;
    struct cached *newer;
    struct cached *older;
    uint32_t counts[CACHE_TABLES_MAX]; /* rows of each table */
    uint32_t starts[CACHE_TABLES_MAX]; /* where they begin in data */
    char data[];
};

struct dsp_row_cache {
    const struct dsp_table *tables;
    size_t count;
    size_t max_bytes;
    size_t bytes;
    struct cached *newest;
    struct cached *oldest;
    struct cached *buckets[CACHE_BUCKETS];
};

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "the rows of this batch do not fit");
}

struct dsp_row_cache *dsp_row_cache_new(const struct dsp_table *tables, size_t count, size_t max_bytes)
{
    struct dsp_row_cache *cache = count <= CACHE_TABLES_MAX ? calloc(1, sizeof *cache) : NULL;
    if (cache) {
        cache->tables = tables;
        cache->count = count;
        cache->max_bytes = max_bytes;
    }
    return cache;
}

void dsp_row_cache_free(struct dsp_row_cache *cache)
{
    if (cache) {
        dsp_row_cache_clear(cache);
        free(cache);
    }
}

size_t dsp_row_cache_bytes(const struct dsp_row_cache *cache)
{
    return cache->bytes;
}

/* --- list and table --- */

static struct cached **bucket(struct dsp_row_cache *cache, struct dsp_str key)
{
    return &cache->buckets[dsp_str_hash(key) % CACHE_BUCKETS];
}

static struct cached *find(struct dsp_row_cache *cache, struct dsp_str key)
{
    struct cached *item = *bucket(cache, key);
    while (item && !dsp_str_equal(dsp_uuid_str(&item->id), key)) {
        item = item->chain;
    }
    return item;
}

static void unlink_from_list(struct dsp_row_cache *cache, struct cached *item)
{
    *(item->newer ? &item->newer->older : &cache->newest) = item->older;
    *(item->older ? &item->older->newer : &cache->oldest) = item->newer;
}

static void put_first(struct dsp_row_cache *cache, struct cached *item)
{
    item->newer = NULL;
    item->older = cache->newest;
    *(item->older ? &item->older->newer : &cache->oldest) = item;
    cache->newest = item;
}

static void drop(struct dsp_row_cache *cache, struct cached *item)
{
    struct cached **at = bucket(cache, dsp_uuid_str(&item->id));
    while (*at != item) {
        at = &(*at)->chain;
    }
    *at = item->chain;
    unlink_from_list(cache, item);
    cache->bytes -= item->bytes;
    free(item);
}

void dsp_row_cache_clear(struct dsp_row_cache *cache)
{
    while (cache && cache->newest) {
        drop(cache, cache->newest);
    }
}

/* What is only ever written is not kept. */
static bool keeps(const struct dsp_table *table)
{
    return table->key == DSP_KEY_CASE && table->load_sql;
}

/* --- packing --- */

static size_t fixed_bytes(enum dsp_column_type type)
{
    switch (type) {
    case DSP_COLUMN_UUID:
        return sizeof(struct dsp_uuid);
    case DSP_COLUMN_INT:
        return sizeof(int32_t);
    case DSP_COLUMN_BIG:
        return sizeof(int64_t);
    case DSP_COLUMN_BOOL:
        return sizeof(bool);
    case DSP_COLUMN_TEXT:
    case DSP_COLUMN_BYTES:
    default:
        return 0;
    }
}

static struct dsp_str text_of(const struct dsp_column *column, const char *row)
{
    struct dsp_str text;
    memcpy(&text, row + column->offset, sizeof text);
    return text;
}

static size_t packed_bytes(const struct dsp_table *table, const char *row)
{
    size_t bytes = 0;
    for (size_t c = 0; c < table->column_count; c++) {
        const struct dsp_column *column = &table->columns[c];
        size_t fixed = fixed_bytes(column->type);
        bytes += fixed ? fixed : sizeof(uint32_t) + text_of(column, row).len;
    }
    return bytes;
}

/* The statement that saved a dirty row has raised its version. */
static void raise_version(const struct dsp_column *column, const char *row, char *packed)
{
    int64_t version;
    if (strcmp(column->name, "ver") == 0 && column->type == DSP_COLUMN_BIG && ((const struct dsp_row *)row)->dirty) {
        memcpy(&version, packed, sizeof version);
        version++;
        memcpy(packed, &version, sizeof version);
    }
}

static char *pack(const struct dsp_table *table, const char *row, char *at)
{
    for (size_t c = 0; c < table->column_count; c++) {
        const struct dsp_column *column = &table->columns[c];
        size_t fixed = fixed_bytes(column->type);
        if (fixed) {
            memcpy(at, row + column->offset, fixed);
            raise_version(column, row, at);
            at += fixed;
            continue;
        }
        struct dsp_str text = text_of(column, row);
        uint32_t size = (uint32_t)text.len;
        memcpy(at, &size, sizeof size);
        if (size) {
            memcpy(at + sizeof size, text.ptr, size);
        }
        at += sizeof size + size;
    }
    return at;
}

/* NULL: arena full. */
static const char *unpack(struct dsp_arena *arena, const struct dsp_table *table, const char *at, char *row)
{
    for (size_t c = 0; c < table->column_count; c++) {
        const struct dsp_column *column = &table->columns[c];
        size_t fixed = fixed_bytes(column->type);
        uint32_t size;
        if (fixed) {
            memcpy(row + column->offset, at, fixed);
            at += fixed;
            continue;
        }
        memcpy(&size, at, sizeof size);
        at += sizeof size;
        struct dsp_str text = {at, 0}; /* an empty text points somewhere, as one that PostgreSQL gave */
        if (size) {
            text = dsp_arena_copy(arena, (struct dsp_str){at, size});
            if (!text.ptr) {
                return NULL;
            }
        } else {
            text.ptr = "";
        }
        memcpy(row + column->offset, &text, sizeof text);
        at += size;
    }
    return at;
}

/* --- for rows.c --- */

struct dsp_err row_cache_take(struct dsp_row_cache *cache, struct dsp_rows *rows, struct set *set, struct dsp_str key,
                              bool *ret_hit)
{
    struct cached *item = find(cache, key);
    size_t table = (size_t)(set - rows->sets);
    *ret_hit = item != NULL;
    if (!item) {
        return dsp_ok();
    }
    unlink_from_list(cache, item);
    put_first(cache, item);
    const char *at = item->data + item->starts[table];
    for (uint32_t i = 0; i < item->counts[table]; i++) {
        char *row = rows_append(rows, set, key);
        at = row ? unpack(rows->arena, set->table, at, row) : NULL;
        if (!at) {
            return full();
        }
    }
    return dsp_ok();
}

/* Rows of a case in this turn; NULL: that table was not asked for it. */
static const struct dsp_list *list_of(struct dsp_rows *rows, size_t table, struct dsp_str key)
{
    const struct entry *entry = rows_find(&rows->sets[table], key);
    return entry ? &entry->list : NULL;
}

/* Size of a case when packed; 0 = not whole, or there is nothing of it. */
static size_t case_bytes(struct dsp_row_cache *cache, struct dsp_rows *rows, struct dsp_str key, bool *ret_changed)
{
    size_t bytes = 0;
    size_t count = 0;
    *ret_changed = false;
    for (size_t t = 0; t < cache->count; t++) {
        if (!keeps(&cache->tables[t])) {
            continue;
        }
        const struct dsp_list *list = list_of(rows, t, key);
        if (!list) {
            return 0;
        }
        for (size_t i = 0; i < list->count; i++) {
            const struct dsp_row *row = list->items[i];
            *ret_changed = *ret_changed || row->dirty || row->fresh;
            bytes += packed_bytes(&cache->tables[t], list->items[i]);
        }
        count += list->count;
    }
    return count ? bytes : 0;
}

static void keep_case(struct dsp_row_cache *cache, struct dsp_rows *rows, struct dsp_str key)
{
    struct cached *before = find(cache, key);
    bool changed;
    size_t bytes = case_bytes(cache, rows, key, &changed);
    if (before && bytes && !changed) {
        return; /* a follower that nothing concerned */
    }
    if (before) {
        drop(cache, before);
    }
    size_t whole = sizeof(struct cached) + bytes;
    if (!bytes || whole > cache->max_bytes / 16) { /* one huge case must not push out all others */
        return;
    }
    struct cached *item = malloc(whole);
    if (!item) {
        return;
    }
    memset(item, 0, sizeof *item);
    memcpy(item->id.bytes, key.ptr, sizeof item->id.bytes);
    item->bytes = whole;
    char *at = item->data;
    for (size_t t = 0; t < cache->count; t++) {
        const struct dsp_list *list = keeps(&cache->tables[t]) ? list_of(rows, t, key) : NULL;
        item->starts[t] = (uint32_t)(at - item->data);
        item->counts[t] = list ? (uint32_t)list->count : 0;
        for (size_t i = 0; list && i < list->count; i++) {
            at = pack(&cache->tables[t], list->items[i], at);
        }
    }
    struct cached **in = bucket(cache, key);
    item->chain = *in;
    *in = item;
    put_first(cache, item);
    cache->bytes += whole;
    while (cache->bytes > cache->max_bytes) {
        drop(cache, cache->oldest);
    }
}

void row_cache_keep(struct dsp_row_cache *cache, struct dsp_rows *rows)
{
    for (size_t t = 0; t < cache->count; t++) {
        const struct set *set = &rows->sets[t];
        for (size_t i = 0; keeps(&cache->tables[t]) && i < set->count; i++) {
            bool done = false; /* by an earlier table */
            for (size_t b = 0; b < t && !done; b++) {
                done = keeps(&cache->tables[b]) && list_of(rows, b, set->keys[i]);
            }
            if (!done) {
                keep_case(cache, rows, set->keys[i]);
            }
        }
    }
}
