#include "common/io/row_cache.h"

#include "support/cmocka_all.h"

struct thing {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_str text;
    int64_t ver;
    bool flag;
    int scratch; /* no column */
};

static const struct dsp_column COLUMNS[] = {
    DSP_COL(struct thing, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct thing, text, DSP_COLUMN_TEXT),
    DSP_COL(struct thing, ver, DSP_COLUMN_BIG),
    DSP_COL(struct thing, flag, DSP_COLUMN_BOOL),
};

#define COMMON .row_bytes = sizeof(struct thing), .columns = COLUMNS, .column_count = 4

static const struct dsp_table TABLES[] = {
    {.name = "head", .key = DSP_KEY_CASE, .load_sql = "SELECT", COMMON},
    {.name = "child", .key = DSP_KEY_CASE, .load_sql = "SELECT", COMMON},
    {.name = "written", .key = DSP_KEY_CASE, COMMON},
};

static const struct dsp_uuid A = {{1}};

struct world {
    struct dsp_arena *arena;
    struct dsp_row_cache *cache;
};

static int set_up(void **state)
{
    static struct world world;
    world = (struct world){dsp_arena_new(4u << 20), dsp_row_cache_new(TABLES, 3, 1u << 20)};
    *state = &world;
    return world.arena && world.cache ? 0 : -1;
}

static int tear_down(void **state)
{
    struct world *world = *state;
    dsp_row_cache_free(world->cache);
    dsp_arena_free(world->arena);
    return 0;
}

static struct dsp_rows *begin(const struct world *world)
{
    dsp_arena_reset(world->arena);
    return dsp_rows_new(world->arena, TABLES, 3, world->cache);
}

static void put(struct dsp_rows *rows, const struct dsp_uuid *id, size_t table, const char *text)
{
    struct thing *thing = dsp_rows_add(rows, &TABLES[table], dsp_uuid_str(id));
    assert_non_null(thing);
    thing->case_id = *id;
    thing->text = dsp_str_from(text);
    thing->flag = true;
    thing->scratch = 7;
}

static void commit_case(const struct world *world, const struct dsp_uuid *id)
{
    struct dsp_rows *rows = begin(world);
    assert_false(dsp_failed(dsp_rows_want_case(rows, id)));
    put(rows, id, 0, "head");
    put(rows, id, 1, "first");
    put(rows, id, 1, "");
    put(rows, id, 2, "never read");
    dsp_rows_keep(rows);
}

/* Without a connection: what would ask PostgreSQL crashes. */
static struct dsp_rows *load(const struct world *world, const struct dsp_uuid *id)
{
    struct dsp_rows *rows = begin(world);
    assert_false(dsp_failed(dsp_rows_want_case(rows, id)));
    assert_false(dsp_rows_load(rows, NULL));
    assert_false(dsp_failed(dsp_rows_error(rows)));
    return rows;
}

static void a_case_comes_back_as_postgres_has_it(void **state)
{
    const struct world *world = *state;
    commit_case(world, &A);
    struct dsp_rows *rows = load(world, &A);
    const struct thing *head = dsp_rows_one(rows, &TABLES[0], dsp_uuid_str(&A));
    assert_non_null(head);
    assert_true(dsp_uuid_equal(&head->case_id, &A) && dsp_str_is(head->text, "head") && head->flag);
    assert_int_equal(head->ver, 1); /* raised by the statement that saved it */
    assert_int_equal(head->scratch, 0);
    assert_false(head->row.dirty || head->row.fresh);
    const struct dsp_list *children = dsp_rows_of(rows, &TABLES[1], dsp_uuid_str(&A));
    assert_int_equal(children->count, 2);
    assert_true(dsp_str_is(((const struct thing *)children->items[0])->text, "first"));
    assert_int_equal(((const struct thing *)children->items[1])->text.len, 0);
    assert_int_equal(dsp_rows_of(rows, &TABLES[2], dsp_uuid_str(&A))->count, 0);
    assert_false(dsp_rows_dirty(rows));
}

static void only_a_row_that_was_written_raises_its_version(void **state)
{
    const struct world *world = *state;
    commit_case(world, &A);
    struct dsp_rows *rows = load(world, &A);
    ((struct thing *)dsp_rows_of(rows, &TABLES[1], dsp_uuid_str(&A))->items[0])->row.dirty = true;
    dsp_rows_keep(rows);
    rows = load(world, &A);
    assert_int_equal(((const struct thing *)dsp_rows_one(rows, &TABLES[0], dsp_uuid_str(&A)))->ver, 1);
    assert_int_equal(((const struct thing *)dsp_rows_one(rows, &TABLES[1], dsp_uuid_str(&A)))->ver, 2);
}

static void what_was_changed_but_not_written_is_not_kept(void **state)
{
    const struct world *world = *state;
    commit_case(world, &A);
    struct dsp_rows *rows = load(world, &A);
    ((struct thing *)dsp_rows_one(rows, &TABLES[0], dsp_uuid_str(&A)))->text = dsp_str_from("unwritten");
    dsp_rows_keep(rows);
    rows = load(world, &A);
    assert_true(dsp_str_is(((const struct thing *)dsp_rows_one(rows, &TABLES[0], dsp_uuid_str(&A)))->text, "head"));
    assert_int_equal(dsp_rows_of(rows, &TABLES[1], dsp_uuid_str(&A))->count, 2);
}

static void a_turn_that_is_not_kept_changes_nothing(void **state)
{
    const struct world *world = *state;
    commit_case(world, &A);
    struct dsp_rows *rows = load(world, &A);
    ((struct thing *)dsp_rows_one(rows, &TABLES[0], dsp_uuid_str(&A)))->text = dsp_str_from("undone");
    put(rows, &A, 1, "undone");
    rows = load(world, &A);
    assert_true(dsp_str_is(((const struct thing *)dsp_rows_one(rows, &TABLES[0], dsp_uuid_str(&A)))->text, "head"));
    assert_int_equal(dsp_rows_of(rows, &TABLES[1], dsp_uuid_str(&A))->count, 2);
}

static void a_case_of_which_only_a_part_was_loaded_is_forgotten(void **state)
{
    const struct world *world = *state;
    commit_case(world, &A);
    struct dsp_rows *rows = begin(world);
    assert_false(dsp_failed(dsp_rows_want(rows, &TABLES[1], dsp_uuid_str(&A))));
    put(rows, &A, 1, "a third");
    dsp_rows_keep(rows);
    assert_int_equal(dsp_row_cache_bytes(world->cache), 0);
}

static void a_cleared_cache_is_empty(void **state)
{
    const struct world *world = *state;
    commit_case(world, &A);
    assert_true(dsp_row_cache_bytes(world->cache) > 0);
    dsp_row_cache_clear(world->cache);
    assert_int_equal(dsp_row_cache_bytes(world->cache), 0);
}

static void the_bound_holds_and_the_oldest_go_first(void **state)
{
    const struct world *world = *state;
    for (int i = 0; i < 5000; i++) {
        struct dsp_uuid id = {{2, (uint8_t)(i & 0xff), (uint8_t)(i >> 8)}};
        commit_case(world, &id);
        assert_true(dsp_row_cache_bytes(world->cache) <= 1u << 20);
    }
    struct dsp_uuid last = {{2, 4999 & 0xff, 4999 >> 8}};
    assert_non_null(dsp_rows_one(load(world, &last), &TABLES[0], dsp_uuid_str(&last)));
}

static void an_unknown_case_is_not_kept(void **state)
{
    const struct world *world = *state;
    struct dsp_rows *rows = begin(world);
    assert_false(dsp_failed(dsp_rows_want_case(rows, &A)));
    dsp_rows_keep(rows);
    assert_int_equal(dsp_row_cache_bytes(world->cache), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_case_comes_back_as_postgres_has_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_a_row_that_was_written_raises_its_version, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_changed_but_not_written_is_not_kept, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_turn_that_is_not_kept_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_case_of_which_only_a_part_was_loaded_is_forgotten, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cleared_cache_is_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_bound_holds_and_the_oldest_go_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_unknown_case_is_not_kept, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
