/* Array parameters in PostgreSQL's binary form, and rows of a turn as far as they need no server. */
#include "common/io/rows.h"

#include <string.h>

#include "common/base/codes.h"
#include "support/cmocka_all.h"

struct thing {
    struct dsp_row row;
    struct dsp_uuid id;
    struct dsp_str text;
    int32_t small;
    int64_t big;
    bool flag;
};

static const struct dsp_column COLUMNS[] = {
    DSP_COL(struct thing, id, DSP_COLUMN_UUID),   DSP_COL(struct thing, text, DSP_COLUMN_TEXT),
    DSP_COL(struct thing, small, DSP_COLUMN_INT), DSP_COL(struct thing, big, DSP_COLUMN_BIG),
    DSP_COL(struct thing, flag, DSP_COLUMN_BOOL),
};
static const struct dsp_table TABLE = {
    .name = "thing", .key = DSP_KEY_CASE, .row_bytes = sizeof(struct thing), .columns = COLUMNS, .column_count = 5};
static const struct dsp_table OTHER = {.name = "other", .key = DSP_KEY_TEXT, .row_bytes = sizeof(struct thing)};

static int set_up(void **state)
{
    *state = dsp_arena_new(1u << 20);
    return 0;
}

static int tear_down(void **state)
{
    dsp_arena_free(*state);
    return 0;
}

static void an_array_of_numbers_has_the_wire_form(void **state)
{
    struct thing one = {.small = 1, .big = -2};
    struct thing two = {.small = INT32_MIN, .big = INT64_MAX};
    void *items[] = {&one, &two};
    struct dsp_param param;
    static const uint8_t SMALL[] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0, 0, 0,    2, 0, 0,
                                    0, 1, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0,  0, 4, 0x80, 0, 0, 0};
    static const uint8_t BIG[] = {0,    0,    0, 1, 0, 0, 0,    0,    0,    0,    0,    20,   0,    0,    0,
                                  2,    0,    0, 0, 1, 0, 0,    0,    8,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                  0xff, 0xfe, 0, 0, 0, 8, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    assert_ok(dsp_param_array(*state, &COLUMNS[2], items, 2, &param));
    assert_int_equal(param.size, sizeof SMALL);
    assert_memory_equal(param.data, SMALL, sizeof SMALL);
    assert_ok(dsp_param_array(*state, &COLUMNS[3], items, 2, &param));
    assert_int_equal(param.size, sizeof BIG);
    assert_memory_equal(param.data, BIG, sizeof BIG);
}

static void texts_booleans_and_ids_have_their_own_sizes(void **state)
{
    struct thing one = {.text = {"ab", 2}, .flag = true, .id = {{9}}};
    struct thing two = {.text = {NULL, 0}};
    void *items[] = {&one, &two};
    struct dsp_param param;
    static const uint8_t TEXT[] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0,   0,   25, 0, 0, 0,
                                   2, 0, 0, 0, 1, 0, 0, 0, 2, 'a', 'b', 0,  0, 0, 0};
    static const uint8_t FLAG[] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0,
                                   2, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0,  0, 1, 0};
    assert_ok(dsp_param_array(*state, &COLUMNS[1], items, 2, &param));
    assert_int_equal(param.size, sizeof TEXT);
    assert_memory_equal(param.data, TEXT, sizeof TEXT);
    assert_ok(dsp_param_array(*state, &COLUMNS[4], items, 2, &param));
    assert_int_equal(param.size, sizeof FLAG);
    assert_memory_equal(param.data, FLAG, sizeof FLAG);
    assert_ok(dsp_param_array(*state, &COLUMNS[0], items, 2, &param));
    assert_int_equal(param.size, 20 + 2 * 20);
    assert_int_equal(((const uint8_t *)param.data)[24], 9);
}

static void an_empty_array_has_no_dimension(void **state)
{
    static const uint8_t EMPTY[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 23};
    struct dsp_param param;
    assert_ok(dsp_param_array(*state, &COLUMNS[2], NULL, 0, &param));
    assert_int_equal(param.size, sizeof EMPTY);
    assert_memory_equal(param.data, EMPTY, sizeof EMPTY);
}

static void an_array_that_does_not_fit_is_refused(void **state)
{
    static char text[2u << 20];
    struct thing one = {.text = {text, sizeof text}};
    void *items[] = {&one};
    struct dsp_param param;
    assert_err(dsp_param_array(*state, &COLUMNS[1], items, 1, &param), DSP_ERR_REJECT, "ARENA_FULL");
}

static void added_rows_are_found_by_their_key_and_are_dirty(void **state)
{
    const struct dsp_table tables[] = {TABLE, OTHER};
    struct dsp_rows *rows = dsp_rows_new(*state, tables, 2, NULL);
    struct dsp_uuid a = {{1}};
    struct dsp_uuid b = {{2}};
    assert_ok(dsp_rows_want_case(rows, &a));
    assert_ok(dsp_rows_want_case(rows, &a));
    assert_null(dsp_rows_one(rows, &TABLE, dsp_uuid_str(&a)));
    assert_false(dsp_rows_dirty(rows));
    struct thing *thing = dsp_rows_add(rows, &TABLE, dsp_uuid_str(&a));
    assert_true(thing->row.dirty && thing->row.fresh);
    assert_ptr_equal(dsp_rows_one(rows, &TABLE, dsp_uuid_str(&a)), thing);
    assert_null(dsp_rows_one(rows, &TABLE, dsp_uuid_str(&b)));
    assert_true(dsp_rows_dirty(rows));
    for (int i = 0; i < 1000; i++) {
        assert_non_null(dsp_rows_add(rows, &TABLE, dsp_uuid_str(&b)));
    }
    assert_int_equal(dsp_rows_of(rows, &TABLE, dsp_uuid_str(&b))->count, 1000);
    assert_int_equal(dsp_rows_all(rows, &TABLE)->count, 1001);
    assert_int_equal(dsp_rows_all(rows, &OTHER)->count, 0);
    static const struct dsp_table UNKNOWN = {.name = "unknown"};
    assert_int_equal(dsp_rows_all(rows, &UNKNOWN)->count, 0);
    assert_null(dsp_rows_add(rows, &UNKNOWN, dsp_uuid_str(&a)));
}

static void tables_are_shared_when_they_make_their_rows_before_locking(void **state)
{
    struct dsp_table tables[] = {TABLE, OTHER};
    (void)state;
    assert_false(dsp_rows_shared(tables, 2));
    tables[1].ensure_sql = "INSERT";
    assert_true(dsp_rows_shared(tables, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_array_of_numbers_has_the_wire_form, set_up, tear_down),
        cmocka_unit_test_setup_teardown(texts_booleans_and_ids_have_their_own_sizes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_empty_array_has_no_dimension, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_array_that_does_not_fit_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(added_rows_are_found_by_their_key_and_are_dirty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tables_are_shared_when_they_make_their_rows_before_locking, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
