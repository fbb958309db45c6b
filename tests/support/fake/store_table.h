/* Tables in memory, for store_fake.c and for statements that need code of their own. */
#ifndef DSP_TEST_STORE_TABLE_H
#define DSP_TEST_STORE_TABLE_H

#include "common/io/rows.h"

#define STORE_COLUMNS_MAX DSP_PARAMS_MAX
#define STORE_TABLES_MAX 32
#define STORE_NAME_BYTES 48

enum { STORE_OID_BOOL = 16, STORE_OID_BYTEA = 17, STORE_OID_INT8 = 20, STORE_OID_INT4 = 23, STORE_OID_TEXT = 25 };
enum { STORE_OID_UUID = 2950 };

/* Rows are never changed: an update puts a new one in the place of the old. */
struct store_row {
    struct dsp_str cells[STORE_COLUMNS_MAX]; /* as on the wire */
};

struct store_table {
    char name[STORE_NAME_BYTES];
    char columns[STORE_COLUMNS_MAX][STORE_NAME_BYTES];
    uint32_t oids[STORE_COLUMNS_MAX];
    size_t column_count;
    struct store_row **rows;
    size_t count, capacity;
};

struct store_tables {
    struct dsp_arena *arena; /* everything, until the store is closed */
    struct store_table list[STORE_TABLES_MAX];
    size_t count;
};

/* One array parameter, taken apart. */
struct store_array {
    uint32_t oid;
    struct dsp_str *items;
    size_t count;
};

/* Made when it is not there. */
struct store_table *store_table_of(struct store_tables *tables, struct dsp_str name);
/* Index of a column; added when it is not there. */
size_t store_column(struct store_table *table, struct dsp_str name, uint32_t oid);
void store_append(struct store_tables *tables, struct store_table *table, struct store_row *row);
struct store_array store_array_read(struct dsp_arena *arena, const struct dsp_param *param);
int store_compare(uint32_t oid, struct dsp_str a, struct dsp_str b);
int64_t store_number(struct dsp_str cell);
struct dsp_str store_big(struct dsp_arena *arena, int64_t value);

/* A statement that is no plain load or save; `marker` stands in its text. Calls on_result itself. */
struct store_rule {
    const char *marker;
    struct dsp_err (*run)(struct store_tables *tables, const struct dsp_param *params, size_t count,
                          dsp_pg_result_fn on_result, void *arg);
};
extern const struct store_rule STORE_RULES[]; /* ends with an empty one */

/* A result of rows, for rules; `oids` of its columns. */
PGresult *store_result(const uint32_t *oids, size_t columns);
void store_result_add(PGresult *result, const struct dsp_str *cells);

#endif
