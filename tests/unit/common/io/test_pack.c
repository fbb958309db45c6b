/* Outbox records in few rows: whatever goes in comes out, byte for byte. */
#include "common/io/pack.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/io/envelope.h"
#include "support/cmocka_all.h"

#define ROWS 300

static int set_up(void **state)
{
    *state = dsp_arena_new(16u << 20);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    dsp_arena_free(*state);
    return 0;
}

static struct dsp_str headers(struct dsp_arena *arena, const char *id, const char *extra)
{
    struct dsp_str packed = {NULL, 0};
    assert_ok(dsp_headers_pack_one(arena, packed, "ce_id", dsp_str_from(id), &packed));
    assert_ok(dsp_headers_pack_one(arena, packed, "ce_source", DSP_STR_LITERAL("/disputes/sla"), &packed));
    assert_ok(dsp_headers_pack_one(arena, packed, "x-none", (struct dsp_str){NULL, 0}, &packed));
    if (extra) {
        assert_ok(dsp_headers_pack_one(arena, packed, extra, DSP_STR_LITERAL(""), &packed));
    }
    return packed;
}

static struct outbox_row *row_of(struct dsp_arena *arena, int32_t lane, int64_t seq, struct dsp_str payload)
{
    struct outbox_row *row = dsp_arena_alloc(arena, sizeof *row);
    struct dsp_str id = dsp_arena_format(arena, "id-%d-%lld", lane, (long long)seq);
    assert_non_null(row);
    *row = (struct outbox_row){
        .lane = lane,
        .seq = seq,
        .topic = seq % 7 ? DSP_STR_LITERAL("disputes.sla.finding.v1") : DSP_STR_LITERAL("disputes.case.key.v1"),
        .key = seq % 5 ? dsp_arena_format(arena, "order-%lld", (long long)(seq % 3)) : DSP_STR_LITERAL(""),
        .headers = seq % 11 ? headers(arena, id.ptr, seq % 4 ? NULL : "ce_sequence") : (struct dsp_str){NULL, 0},
        .payload = payload,
        .tombstone = seq % 13 == 0,
        .created_ms = seq};
    if (row->tombstone) {
        row->payload = (struct dsp_str){NULL, 0};
    }
    return row;
}

/* Reads all packs of a lane and compares with what was written. */
static void check_lane(struct dsp_arena *arena, struct outbox_pack **packs, size_t count, int32_t lane,
                       struct outbox_row *const *rows, size_t row_count)
{
    size_t next = 0;
    for (size_t i = 0; i < count; i++) {
        struct pack_reader reader = {.pack = packs[i]};
        struct outbox_row got;
        bool more = true;
        if (packs[i]->lane != lane) {
            continue;
        }
        assert_ok(dsp_pack_read(arena, &reader, &got, &more));
        for (; more; next++) {
            while (rows[next]->lane != lane) {
                next++;
            }
            assert_true(next < row_count);
            assert_int_equal(got.lane, lane);
            assert_int_equal(got.seq, rows[next]->seq);
            assert_int_equal(got.tombstone, rows[next]->tombstone);
            assert_true(dsp_str_equal(got.topic, rows[next]->topic));
            assert_true(dsp_str_equal(got.key, rows[next]->key));
            assert_true(dsp_str_equal(got.headers, rows[next]->headers));
            assert_true(dsp_str_equal(got.payload, rows[next]->payload));
            assert_ok(dsp_pack_read(arena, &reader, &got, &more));
        }
    }
    for (; next < row_count; next++) {
        assert_int_not_equal(rows[next]->lane, lane);
    }
}

static void records_come_out_as_they_went_in_each_lane_by_itself(void **state)
{
    struct dsp_arena *arena = *state;
    struct outbox_row *rows[ROWS];
    struct outbox_pack **packs;
    size_t count;
    int64_t seq[2] = {0, 40};
    char *big = malloc(20000);
    assert_non_null(big);
    memset(big, 'x', 20000);
    for (size_t i = 0; i < ROWS; i++) {
        int32_t lane = i % 3 == 0;
        rows[i] = row_of(arena, lane, ++seq[lane], (struct dsp_str){big, i == 100 ? 20000 : i % 200});
    }
    assert_ok(dsp_pack(arena, (void *const *)rows, ROWS, &packs, &count));
    assert_true(count > 2 && count < ROWS / 10);
    for (size_t i = 0; i < count; i++) {
        assert_true(packs[i]->records.len <= DSP_PACK_BYTES || packs[i]->first_seq == packs[i]->last_seq);
    }
    check_lane(arena, packs, count, 0, rows, ROWS);
    check_lane(arena, packs, count, 1, rows, ROWS);
    free(big);
}

static void what_records_share_is_said_once(void **state)
{
    struct dsp_arena *arena = *state;
    struct outbox_row *rows[2];
    struct outbox_pack **packs;
    size_t one;
    size_t both;
    rows[0] = row_of(arena, 0, 1, DSP_STR_LITERAL("a"));
    rows[1] = row_of(arena, 0, 2, DSP_STR_LITERAL("b"));
    assert_ok(dsp_pack(arena, (void *const *)rows, 1, &packs, &one));
    one = packs[0]->records.len;
    assert_ok(dsp_pack(arena, (void *const *)rows, 2, &packs, &both));
    assert_int_equal(both, 1);
    assert_true(packs[0]->records.len - one < one / 2);
}

static void damaged_bytes_are_said_to_be_damaged(void **state)
{
    struct dsp_arena *arena = *state;
    struct outbox_row *rows[9];
    struct outbox_pack **packs;
    size_t count;
    for (int i = 0; i < 9; i++) {
        rows[i] = row_of(arena, 0, i + 1, DSP_STR_LITERAL("value"));
    }
    assert_ok(dsp_pack(arena, (void *const *)rows, 9, &packs, &count));
    assert_int_equal(count, 1);
    struct outbox_pack whole = *packs[0];
    for (size_t cut = 0; cut < whole.records.len; cut++) {
        char *copy = malloc(cut ? cut : 1); /* of exactly that size: reading on would be seen */
        struct outbox_pack pack = whole;
        struct pack_reader reader = {.pack = &pack};
        struct outbox_row got;
        bool more = true;
        struct dsp_err err = dsp_ok();
        assert_non_null(copy);
        memcpy(copy, whole.records.ptr, cut);
        pack.records = (struct dsp_str){copy, cut};
        while (more && !dsp_failed(err)) {
            err = dsp_pack_read(arena, &reader, &got, &more);
        }
        assert_err(err, DSP_ERR_FATAL, DSP_CODE_SYSTEM_FAILED);
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(records_come_out_as_they_went_in_each_lane_by_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_records_share_is_said_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damaged_bytes_are_said_to_be_damaged, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
