/* Rows as PostgreSQL takes them and as people see them: arrays of columns, and JSON. */
#include <endian.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/io/rows.h"

/* Type oids of PostgreSQL's catalogue (pg_type.dat): fixed since ever. */
enum { OID_BOOL = 16, OID_BYTEA = 17, OID_INT8 = 20, OID_INT4 = 23, OID_TEXT = 25, OID_UUID = 2950 };

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "the rows of this batch do not fit");
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
