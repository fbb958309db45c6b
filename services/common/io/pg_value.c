/* Values on their way to the server and back, in its binary form. Needs no connection. */
#include <endian.h>
#include <string.h>

#include "common/io/pg.h"

struct dsp_param dsp_param_int4(struct dsp_arena *arena, int32_t value)
{
    uint32_t *wire = dsp_arena_alloc(arena, sizeof *wire);
    if (wire) {
        *wire = htobe32((uint32_t)value);
    }
    return (struct dsp_param){wire, sizeof *wire};
}

struct dsp_param dsp_param_int8(struct dsp_arena *arena, int64_t value)
{
    uint64_t *wire = dsp_arena_alloc(arena, sizeof *wire);
    if (wire) {
        *wire = htobe64((uint64_t)value);
    }
    return (struct dsp_param){wire, sizeof *wire};
}

struct dsp_param dsp_param_text(struct dsp_str text)
{
    return (struct dsp_param){text.ptr ? text.ptr : "", (int)text.len};
}

struct dsp_param dsp_param_uuid(const struct dsp_uuid *id)
{
    return (struct dsp_param){id->bytes, sizeof id->bytes};
}

int64_t dsp_result_int(const PGresult *result, int row, int column)
{
    const char *bytes = PQgetvalue(result, row, column);
    uint64_t eight = 0;
    uint32_t four = 0;
    switch (PQgetlength(result, row, column)) {
    case 8:
        memcpy(&eight, bytes, sizeof eight);
        return (int64_t)be64toh(eight);
    case 4:
        memcpy(&four, bytes, sizeof four);
        return (int32_t)be32toh(four);
    case 1:
        return bytes[0];
    default:
        return 0;
    }
}

struct dsp_str dsp_result_str(const PGresult *result, int row, int column)
{
    return (struct dsp_str){PQgetvalue(result, row, column), (size_t)PQgetlength(result, row, column)};
}

struct dsp_uuid dsp_result_uuid(const PGresult *result, int row, int column)
{
    struct dsp_uuid id = {{0}};
    if (PQgetlength(result, row, column) == (int)sizeof id.bytes) {
        memcpy(id.bytes, PQgetvalue(result, row, column), sizeof id.bytes);
    }
    return id;
}
