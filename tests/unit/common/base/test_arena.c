#include "support/cmocka_all.h"

#include <string.h>

#include "common/base/arena.h"

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(1024);
    char *first = dsp_arena_alloc(arena, 1);
    char *second = dsp_arena_alloc(arena, 100);
    char *nothing = dsp_arena_alloc(arena, 0);
    char *last = dsp_arena_alloc(arena, 1);
    assert_non_null(nothing);
    assert_ptr_not_equal(nothing, last);
    assert_int_equal((uintptr_t)second % _Alignof(max_align_t), 0);
    memset(first, 1, 1);
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(second[i], 0);
    }
    dsp_arena_free(arena);
}

static void the_cap_refuses_what_does_not_fit_and_nothing_more(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(64);
    assert_null(dsp_arena_alloc(arena, 65));
    assert_null(dsp_arena_alloc(arena, SIZE_MAX));
    assert_non_null(dsp_arena_alloc(arena, 64));
    assert_int_equal(dsp_arena_used_bytes(arena), 64);
    assert_null(dsp_arena_alloc(arena, 1));
    assert_null(dsp_arena_alloc(arena, 0));
    assert_null(dsp_arena_copy(arena, DSP_STR_LITERAL("x")).ptr);
    assert_null(dsp_arena_format(arena, "%d", 1).ptr);
    dsp_arena_free(arena);
}

static void a_cap_of_nothing_refuses_everything(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(0);
    assert_non_null(arena);
    assert_null(dsp_arena_alloc(arena, 1));
    dsp_arena_free(arena);
}

static void reset_gives_the_whole_cap_back_zeroed(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(1024 * 1024);
    memset(dsp_arena_alloc(arena, 1000), 0xff, 1000);
    assert_non_null(dsp_arena_alloc(arena, 900 * 1024)); /* larger than a block */
    assert_null(dsp_arena_alloc(arena, 900 * 1024));
    dsp_arena_reset(arena);
    assert_int_equal(dsp_arena_used_bytes(arena), 0);
    const char *again = dsp_arena_alloc(arena, 1000);
    for (size_t i = 0; i < 1000; i++) {
        assert_int_equal(again[i], 0);
    }
    assert_non_null(dsp_arena_alloc(arena, 900 * 1024));
    dsp_arena_free(arena);
}

static void many_small_pieces_over_many_blocks_keep_their_content(void **state)
{
    (void)state;
    enum { PIECES = 20000 };
    static int *pieces[PIECES];
    struct dsp_arena *arena = dsp_arena_new(1024 * 1024);
    for (int i = 0; i < PIECES; i++) {
        pieces[i] = dsp_arena_alloc(arena, sizeof(int));
        *pieces[i] = i;
    }
    for (int i = 0; i < PIECES; i++) {
        assert_int_equal(*pieces[i], i);
    }
    dsp_arena_free(arena);
}

static void copies_and_formats_are_terminated_outside_their_length(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(1024);
    struct dsp_str copy = dsp_arena_copy(arena, (struct dsp_str){"casex", 4});
    assert_int_equal(copy.len, 4);
    assert_string_equal(copy.ptr, "case");
    struct dsp_str empty = dsp_arena_copy(arena, (struct dsp_str){NULL, 0});
    assert_string_equal(empty.ptr, "");
    struct dsp_str text = dsp_arena_format(arena, "%s-%d", "a", 12);
    assert_int_equal(text.len, 4);
    assert_string_equal(text.ptr, "a-12");
    assert_null(dsp_arena_copy(arena, (struct dsp_str){"x", SIZE_MAX}).ptr);
    dsp_arena_free(arena);
}

static void freeing_null_is_fine(void **state)
{
    (void)state;
    dsp_arena_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(the_cap_refuses_what_does_not_fit_and_nothing_more),
        cmocka_unit_test(a_cap_of_nothing_refuses_everything),
        cmocka_unit_test(reset_gives_the_whole_cap_back_zeroed),
        cmocka_unit_test(many_small_pieces_over_many_blocks_keep_their_content),
        cmocka_unit_test(copies_and_formats_are_terminated_outside_their_length),
        cmocka_unit_test(freeing_null_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
