#include "support/fake/store_table.h"

#include <endian.h>
#include <string.h>

#include "support/cmocka_all.h"

struct store_table *store_table_of(struct store_tables *tables, struct dsp_str name)
{
    for (size_t i = 0; i < tables->count; i++) {
        if (dsp_str_is(name, tables->list[i].name)) {
            return &tables->list[i];
        }
    }
    assert_true(tables->count < STORE_TABLES_MAX && name.len < STORE_NAME_BYTES);
    struct store_table *table = &tables->list[tables->count++];
    memcpy(table->name, name.ptr, name.len);
    return table;
}

size_t store_column(struct store_table *table, struct dsp_str name, uint32_t oid)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (dsp_str_is(name, table->columns[i])) {
            table->oids[i] = oid ? oid : table->oids[i];
            return i;
        }
    }
    assert_true(table->column_count < STORE_COLUMNS_MAX && name.len < STORE_NAME_BYTES);
    memcpy(table->columns[table->column_count], name.ptr, name.len);
    table->oids[table->column_count] = oid;
    return table->column_count++;
}

void store_append(struct store_tables *tables, struct store_table *table, struct store_row *row)
{
    if (table->count == table->capacity) {
        size_t capacity = table->capacity ? table->capacity * 2 : 16;
        struct store_row **grown = dsp_arena_alloc(tables->arena, capacity * sizeof(struct store_row *));
        assert_non_null(grown);
        if (table->count) {
            memcpy(grown, table->rows, table->count * sizeof(struct store_row *));
        }
        table->rows = grown;
        table->capacity = capacity;
    }
    table->rows[table->count++] = row;
}

static uint32_t take4(const char **at)
{
    uint32_t wire;
    memcpy(&wire, *at, sizeof wire);
    *at += sizeof wire;
    return be32toh(wire);
}

struct store_array store_array_read(struct dsp_arena *arena, const struct dsp_param *param)
{
    const char *at = param->data;
    struct store_array array = {0};
    uint32_t dimensions = take4(&at);
    take4(&at);
    array.oid = take4(&at);
    if (dimensions == 0) {
        return array;
    }
    array.count = take4(&at);
    assert_int_equal(take4(&at), 1);
    array.items = dsp_arena_alloc(arena, array.count * sizeof *array.items);
    assert_non_null(array.items);
    for (size_t i = 0; i < array.count; i++) {
        size_t size = take4(&at);
        array.items[i] = dsp_arena_copy(arena, (struct dsp_str){at, size});
        assert_non_null(array.items[i].ptr);
        at += size;
    }
    assert_ptr_equal(at, (const char *)param->data + param->size);
    return array;
}

int64_t store_number(struct dsp_str cell)
{
    uint64_t eight = 0;
    uint32_t four = 0;
    if (cell.len == sizeof eight) {
        memcpy(&eight, cell.ptr, sizeof eight);
        return (int64_t)be64toh(eight);
    }
    if (cell.len == sizeof four) {
        memcpy(&four, cell.ptr, sizeof four);
        return (int32_t)be32toh(four);
    }
    return cell.len ? cell.ptr[0] : 0;
}

struct dsp_str store_big(struct dsp_arena *arena, int64_t value)
{
    uint64_t wire = htobe64((uint64_t)value);
    struct dsp_str cell = dsp_arena_copy(arena, (struct dsp_str){(const char *)&wire, sizeof wire});
    assert_non_null(cell.ptr);
    return cell;
}

int store_compare(uint32_t oid, struct dsp_str a, struct dsp_str b)
{
    if (oid == STORE_OID_INT4 || oid == STORE_OID_INT8 || oid == STORE_OID_BOOL) {
        int64_t left = store_number(a);
        int64_t right = store_number(b);
        return left < right ? -1 : left > right;
    }
    size_t least = a.len < b.len ? a.len : b.len;
    int order = least ? memcmp(a.ptr, b.ptr, least) : 0;
    return order ? order : a.len < b.len ? -1 : a.len > b.len;
}

PGresult *store_result(const uint32_t *oids, size_t columns)
{
    static char none[] = "";
    PGresAttDesc descriptions[STORE_COLUMNS_MAX] = {0};
    for (size_t i = 0; i < columns; i++) {
        descriptions[i] = (PGresAttDesc){.name = none, .format = 1, .typid = oids[i]};
    }
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    assert_non_null(result);
    assert_true(PQsetResultAttrs(result, (int)columns, descriptions));
    return result;
}

void store_result_add(PGresult *result, const struct dsp_str *cells)
{
    static char none[] = "";
    int row = PQntuples(result);
    for (int i = 0; i < PQnfields(result); i++) {
        char *bytes = cells[i].len ? (char *)(uintptr_t)cells[i].ptr : none;
        assert_true(PQsetvalue(result, row, i, bytes, (int)cells[i].len));
    }
}
