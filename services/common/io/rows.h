/* Rows of a service's tables, described once: the same list of columns reads them in one array query,
 * writes the changed ones in one array statement, and shows them as JSON to GET /cases/{id}.
 *
 * A table whose rows mostly stay as they were added has two statements: add_sql inserts what is new with all its
 * columns, save_sql updates what was there in those columns that change. They stand first in the list.
 *
 * A `struct dsp_rows` holds what one turn has touched. Everything in it lives in the turn's arena.
 * Every row struct begins with `struct dsp_row`. Loop thread only. */
#ifndef DSP_ROWS_H
#define DSP_ROWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/io/pg.h"

enum dsp_column_type {
    DSP_COLUMN_UUID,  /* struct dsp_uuid   uuid; the zero id stands for "none" */
    DSP_COLUMN_TEXT,  /* struct dsp_str    text */
    DSP_COLUMN_BYTES, /* struct dsp_str    bytea */
    DSP_COLUMN_INT,   /* int32_t or enum   int4 */
    DSP_COLUMN_BIG,   /* int64_t           int8 */
    DSP_COLUMN_BOOL,  /* bool              bool */
};

struct dsp_column {
    const char *name; /* in JSON; column order of the statements is the order of the list */
    enum dsp_column_type type;
    size_t offset;
    const char *(*name_of)(int value); /* INT: words for people; NULL = the number */
};

#define DSP_COL(row, member, column_type)                   \
    {                                                       \
#member, (column_type), offsetof(row, member), NULL \
    }
#define DSP_COL_ENUM(row, member, namer)                        \
    {                                                           \
#member, DSP_COLUMN_INT, offsetof(row, member), (namer) \
    }

/* How the rows of a table are looked up. */
enum dsp_key_kind {
    DSP_KEY_CASE, /* by case id: uuid[]; every case of the turn is loaded */
    DSP_KEY_TEXT, /* by a text such as an order line: text[]; only what was asked for */
};

struct dsp_table {
    const char *name;
    enum dsp_key_kind key;
    size_t row_bytes;
    const struct dsp_column *columns; /* the first is the key */
    size_t column_count;
    size_t saved_count;     /* save_sql writes the first so many columns; 0 = all */
    bool unseen;            /* GET /cases/{id} leaves it out: a view shows of it what may be seen */
    const char *load_sql;   /* $1 = keys; gives the columns in order */
    const char *save_sql;   /* one array per written column; NULL = read only */
    const char *add_sql;    /* one array per column, of rows added in this turn; NULL = save_sql takes them, too */
    const char *ensure_sql; /* shared tables: $1 = keys; inserts what is missing. Then load_sql locks
                             * (ORDER BY key FOR UPDATE) and save_sql adds deltas. NULL = lane rows */
};

/* A table of cases that has both: of `type`, the first `saved` columns of `list` change. */
#define DSP_TABLE_ADDED(label, type, list, saved, load, add, save)                                                   \
    {                                                                                                                \
        .name = (label), .key = DSP_KEY_CASE, .row_bytes = sizeof(type), .columns = (list),                          \
        .column_count = sizeof(list) / sizeof *(list), .saved_count = (saved), .load_sql = (load), .add_sql = (add), \
        .save_sql = (save)                                                                                           \
    }

struct dsp_row {
    bool dirty; /* set by whoever changes it; written at the end of the turn */
    bool fresh; /* added in this turn */
};

struct dsp_list {
    void **items; /* rows in the order of the statement; those added since the cache has them at the end */
    size_t count;
    size_t capacity;
};

struct dsp_rows; /* opaque: one turn's rows of all tables */

struct dsp_row_cache; /* row_cache.h */

/* Borrows tables, arena and cache (NULL: none). NULL: arena full. */
struct dsp_rows *dsp_rows_new(struct dsp_arena *arena, const struct dsp_table *tables, size_t count,
                              struct dsp_row_cache *cache);
/* Asks for rows before the load; repeating it is fine. `key` is copied. */
DSP_MUST_USE struct dsp_err dsp_rows_want(struct dsp_rows *rows, const struct dsp_table *table, struct dsp_str key);
/* Asks for the rows of a case in every table that is keyed by case. */
DSP_MUST_USE struct dsp_err dsp_rows_want_case(struct dsp_rows *rows, const struct dsp_uuid *case_id);
/* Takes what is wanted out of the cache and queues ensure and load statements of the rest. False: there is no rest. */
bool dsp_rows_load(struct dsp_rows *rows, struct dsp_pg *pg);
/* First error while results were taken in (arena full). */
struct dsp_err dsp_rows_error(const struct dsp_rows *rows);
/* Rows of one key; empty when there are none or they were not wanted. Never NULL. */
struct dsp_list *dsp_rows_of(struct dsp_rows *rows, const struct dsp_table *table, struct dsp_str key);
/* Every row of a table that the turn holds; empty when the app has no such table. Never NULL. */
const struct dsp_list *dsp_rows_all(struct dsp_rows *rows, const struct dsp_table *table);
/* The only row of one key, NULL = none. */
void *dsp_rows_one(struct dsp_rows *rows, const struct dsp_table *table, struct dsp_str key);
/* A new zeroed row, dirty and fresh, already in the list of its key. The caller sets the key column.
 * NULL: arena full. */
void *dsp_rows_add(struct dsp_rows *rows, const struct dsp_table *table, struct dsp_str key);
/* After the commit: the cache has the rows of this turn's cases as they are in PostgreSQL now. */
void dsp_rows_keep(struct dsp_rows *rows);
bool dsp_rows_dirty(const struct dsp_rows *rows);
bool dsp_rows_shared(const struct dsp_table *tables, size_t count);
/* Queues the save statements of all dirty rows, in table order. */
DSP_MUST_USE struct dsp_err dsp_rows_save(struct dsp_rows *rows, struct dsp_pg *pg);

/* One array parameter out of `count` values of one column; lives in `arena`. */
DSP_MUST_USE struct dsp_err dsp_param_array(struct dsp_arena *arena, const struct dsp_column *column,
                                            void *const *items, size_t count, struct dsp_param *ret_param);
/* text[] and uuid[] out of views, for keys. */
DSP_MUST_USE struct dsp_err dsp_param_keys(struct dsp_arena *arena, enum dsp_key_kind kind, const struct dsp_str *keys,
                                           size_t count, struct dsp_param *ret_param);
/* All rows of a result as a JSON array of objects; bytes as hex. New reference. */
json_t *dsp_rows_json(const struct dsp_table *table, const PGresult *result);

#endif
