#include "common/io/lane.h"
#include "support/cmocka_all.h"

static void a_firing_counts_for_the_wait_that_it_was_set_for_only(void **state)
{
    (void)state;
    const struct dsp_turn turn = {.now_ms = 1001};
    const struct dsp_timer timer = {.generation = 2, .due_ms = 1000};
    assert_true(dsp_timer_ends(&turn, &timer, 2, 1000));
    assert_false(dsp_timer_ends(&turn, &timer, 1, 1000)); /* paused and resumed meanwhile, earlier or later */
    assert_false(dsp_timer_ends(&turn, &timer, 3, 1000));
    assert_false(dsp_timer_ends(&turn, &timer, INT64_C(4294967298), 1000));
    assert_false(dsp_timer_ends(&turn, &timer, 2, 900)); /* it came twice, and waits for the next instant */
    assert_false(dsp_timer_ends(&turn, &timer, 2, 2000));
}

static void a_firing_does_not_count_before_its_instant_is_past(void **state)
{
    (void)state;
    const struct dsp_timer timer = {.generation = 2, .due_ms = 1000};
    const struct dsp_turn turn = {.now_ms = 1000}; /* a deadline includes its last instant */
    assert_false(dsp_timer_ends(&turn, &timer, 2, 1000));
}

static void a_service_that_keeps_no_instant_tells_waits_apart_by_their_generation(void **state)
{
    (void)state;
    const struct dsp_turn turn = {.now_ms = 1001};
    const struct dsp_timer timer = {.generation = 2, .due_ms = 1000};
    assert_true(dsp_timer_ends(&turn, &timer, 2, 0));
    assert_false(dsp_timer_ends(&turn, &timer, 3, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_firing_counts_for_the_wait_that_it_was_set_for_only),
        cmocka_unit_test(a_firing_does_not_count_before_its_instant_is_past),
        cmocka_unit_test(a_service_that_keeps_no_instant_tells_waits_apart_by_their_generation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
