/* Records of an outbox packed into few rows: consecutive numbers of one lane, what they share said once.
 *
 * A pack is its records one after the other. Each begins with a byte of flags; texts have four bytes of length before
 * them (big endian):
 *   whole     topic, key, headers as dsp_headers_pack has them
 *   FOLLOWS   key, then for each header of the record before a byte: 0 = as there, 1 = another value, which follows;
 *             topic, names and order of the headers are those of the record before
 * and ends with its value; a tombstone has none. */
#ifndef DSP_PACK_H
#define DSP_PACK_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/str.h"

/* A row with all it has fits into one page of PostgreSQL; only a record that is bigger has a larger row of its own. */
#define DSP_PACK_BYTES 7900

#define LANES_MAX 64 /* partitions of a topic that a service can serve */

/* One record of an outbox. */
struct outbox_row {
    int32_t lane;
    int64_t seq;
    struct dsp_str topic, key, headers, payload;
    bool tombstone;
    int64_t created_ms;
};

/* A row: records first_seq … last_seq of a lane. */
struct outbox_pack {
    int32_t lane;
    int64_t first_seq, last_seq;
    struct dsp_str records;
    int64_t created_ms; /* of the first */
};

/* Packs `count` records, each lane's in the order of their numbers; lanes may alternate. *ret_packs: an array in
 * `arena` of *ret_count pointers. REJECT: arena full. */
DSP_MUST_USE struct dsp_err dsp_pack(struct dsp_arena *arena, void *const *rows, size_t count,
                                     struct outbox_pack ***ret_packs, size_t *ret_count);

/* Reads a pack record by record: zero but for `pack` at the start. */
struct pack_reader {
    const struct outbox_pack *pack;
    size_t at;
    struct outbox_row row; /* the one before */
};
/* The next record; its texts are borrowed from the pack, headers that were not whole live in `arena`. *ret_more false:
 * there is none. REJECT DECODE_FAILED: damaged bytes, or not as many records as the pack has numbers. */
DSP_MUST_USE struct dsp_err dsp_pack_read(struct dsp_arena *arena, struct pack_reader *reader,
                                          struct outbox_row *ret_row, bool *ret_more);

#endif
