#include "common/io/pack.h"

#include <endian.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/io/envelope.h"

#define LENGTH_BYTES 4

enum { FOLLOWS = 1, TOMBSTONE = 2 };
enum { SAME = 0, OTHER = 1 };

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "the outbox of this batch does not fit");
}

static struct dsp_err damaged(const struct outbox_pack *pack)
{
    return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "outbox of lane %d, rows %lld to %lld: damaged", pack->lane,
                     (long long)pack->first_seq, (long long)pack->last_seq);
}

/* --- texts --- */

/* Length, then bytes; the whole of it is *ret_part, as it stands. */
static bool take_part(struct dsp_str *rest, struct dsp_str *ret_part)
{
    uint32_t wire;
    if (rest->len < sizeof wire) {
        return false;
    }
    memcpy(&wire, rest->ptr, sizeof wire);
    size_t size = be32toh(wire) == DSP_HEADER_NO_VALUE ? 0 : be32toh(wire);
    if (rest->len - sizeof wire < size) {
        return false;
    }
    *ret_part = (struct dsp_str){rest->ptr, sizeof wire + size};
    rest->ptr += sizeof wire + size;
    rest->len -= sizeof wire + size;
    return true;
}

static bool take_text(struct dsp_str *rest, struct dsp_str *ret_text)
{
    struct dsp_str part;
    if (!take_part(rest, &part)) {
        return false;
    }
    *ret_text = (struct dsp_str){part.ptr + LENGTH_BYTES, part.len - LENGTH_BYTES};
    return true;
}

static bool take_byte(struct dsp_str *rest, uint8_t *ret_byte)
{
    if (!rest->len) {
        return false;
    }
    *ret_byte = (uint8_t)*rest->ptr;
    rest->ptr++;
    rest->len--;
    return true;
}

static bool take_header(struct dsp_str *rest, struct dsp_str *ret_name, struct dsp_str *ret_value)
{
    return take_part(rest, ret_name) && take_part(rest, ret_value);
}

static char *put(char *at, struct dsp_str bytes)
{
    if (bytes.len) {
        memcpy(at, bytes.ptr, bytes.len);
    }
    return at + bytes.len;
}

static char *put_text(char *at, struct dsp_str text)
{
    uint32_t wire = htobe32((uint32_t)text.len);
    memcpy(at, &wire, sizeof wire);
    return put(at + sizeof wire, text);
}

/* --- writing --- */

struct open_pack {
    struct outbox_pack *pack;
    const struct outbox_row *before;
    char *at;
    size_t room;
};

static size_t whole_bytes(const struct outbox_row *row)
{
    return 1 + 4 * LENGTH_BYTES + row->topic.len + row->key.len + row->headers.len + row->payload.len;
}

/* Same topic, same names of headers in the same order. */
static bool follows(const struct outbox_row *before, const struct outbox_row *row)
{
    struct dsp_str a = before->headers;
    struct dsp_str b = row->headers;
    if (!dsp_str_equal(before->topic, row->topic)) {
        return false;
    }
    while (a.len && b.len) {
        struct dsp_str a_name;
        struct dsp_str b_name;
        struct dsp_str value;
        if (!take_header(&a, &a_name, &value) || !take_header(&b, &b_name, &value) || !dsp_str_equal(a_name, b_name)) {
            return false;
        }
    }
    return !a.len && !b.len;
}

/* Never longer than the headers whole: a byte stands for a name and its lengths. */
static char *put_headers_after(char *at, struct dsp_str before, struct dsp_str headers)
{
    while (headers.len) {
        struct dsp_str name;
        struct dsp_str value = {0};
        struct dsp_str old = {0};
        (void)take_header(&before, &name, &old); /* follows() has read both */
        (void)take_header(&headers, &name, &value);
        bool same = dsp_str_equal(old, value);
        *at++ = same ? SAME : OTHER;
        at = same ? at : put(at, value);
    }
    return at;
}

static void put_record(struct open_pack *open, const struct outbox_row *row)
{
    char *at = open->at;
    bool after = open->before && follows(open->before, row);
    *at++ = (char)((after ? FOLLOWS : 0) | (row->tombstone ? TOMBSTONE : 0));
    if (after) {
        at = put_text(at, row->key);
        at = put_headers_after(at, open->before->headers, row->headers);
    } else {
        at = put_text(at, row->topic);
        at = put_text(at, row->key);
        at = put_text(at, row->headers);
    }
    at = row->tombstone ? at : put_text(at, row->payload);
    open->room -= (size_t)(at - open->at);
    open->at = at;
    open->before = row;
    open->pack->last_seq = row->seq;
    open->pack->records.len = (size_t)(at - open->pack->records.ptr);
}

static struct dsp_err begin_pack(struct dsp_arena *arena, struct open_pack *open, const struct outbox_row *row)
{
    size_t bytes = whole_bytes(row) > DSP_PACK_BYTES ? whole_bytes(row) : DSP_PACK_BYTES;
    struct outbox_pack *pack = dsp_arena_alloc(arena, sizeof *pack);
    char *records = dsp_arena_alloc(arena, bytes);
    if (!pack || !records) {
        return full();
    }
    *pack = (struct outbox_pack){
        .lane = row->lane, .first_seq = row->seq, .records = {records, 0}, .created_ms = row->created_ms};
    *open = (struct open_pack){.pack = pack, .at = records, .room = bytes};
    return dsp_ok();
}

struct dsp_err dsp_pack(struct dsp_arena *arena, void *const *rows, size_t count, struct outbox_pack ***ret_packs,
                        size_t *ret_count)
{
    struct outbox_pack **packs = dsp_arena_alloc(arena, (count ? count : 1) * sizeof *packs);
    struct open_pack lanes[LANES_MAX] = {{0}};
    *ret_count = 0;
    if (!packs) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        const struct outbox_row *row = rows[i];
        struct open_pack *open = &lanes[row->lane];
        if (!open->pack || open->room < whole_bytes(row)) {
            DSP_TRY(begin_pack(arena, open, row));
            packs[(*ret_count)++] = open->pack;
        }
        put_record(open, row);
    }
    *ret_packs = packs;
    return dsp_ok();
}

/* --- reading --- */

/* With `into` NULL it only measures. */
static bool read_headers_after(struct dsp_str before, struct dsp_str *rest, char *into, size_t *ret_size)
{
    *ret_size = 0;
    while (before.len) {
        struct dsp_str name;
        struct dsp_str value;
        uint8_t mark;
        if (!take_header(&before, &name, &value) || !take_byte(rest, &mark) || mark > OTHER ||
            (mark == OTHER && !take_part(rest, &value))) {
            return false;
        }
        *ret_size += name.len + value.len;
        if (into) {
            into = put(put(into, name), value);
        }
    }
    return true;
}

static struct dsp_err read_after(struct dsp_arena *arena, struct pack_reader *reader, struct dsp_str *rest)
{
    struct dsp_str again;
    size_t size;
    if (!reader->row.topic.ptr || !take_text(rest, &reader->row.key)) {
        return damaged(reader->pack);
    }
    again = *rest;
    if (!read_headers_after(reader->row.headers, &again, NULL, &size)) {
        return damaged(reader->pack);
    }
    char *headers = dsp_arena_alloc(arena, size ? size : 1);
    if (!headers) {
        return full();
    }
    (void)read_headers_after(reader->row.headers, rest, headers, &size);
    reader->row.headers = (struct dsp_str){headers, size};
    return dsp_ok();
}

struct dsp_err dsp_pack_read(struct dsp_arena *arena, struct pack_reader *reader, struct outbox_row *ret_row,
                             bool *ret_more)
{
    const struct outbox_pack *pack = reader->pack;
    struct outbox_row *row = &reader->row;
    struct dsp_str rest = {pack->records.ptr + reader->at, pack->records.len - reader->at};
    uint8_t flags;
    *ret_more = false;
    if (!rest.len) {
        return reader->at && row->seq == pack->last_seq ? dsp_ok() : damaged(pack);
    }
    (void)take_byte(&rest, &flags);
    if (flags & FOLLOWS) {
        DSP_TRY(read_after(arena, reader, &rest));
    } else if (!take_text(&rest, &row->topic) || !take_text(&rest, &row->key) || !take_text(&rest, &row->headers)) {
        return damaged(pack);
    }
    row->tombstone = (flags & TOMBSTONE) != 0;
    row->payload = (struct dsp_str){NULL, 0};
    if (!row->tombstone && !take_text(&rest, &row->payload)) {
        return damaged(pack);
    }
    row->lane = pack->lane;
    row->seq = reader->at ? row->seq + 1 : pack->first_seq;
    row->created_ms = pack->created_ms;
    reader->at = pack->records.len - rest.len;
    *ret_row = *row;
    *ret_more = true;
    return dsp_ok();
}
