#include "common/io/lane.h"
#include "support/cmocka_all.h"

static void a_firing_counts_for_the_wait_that_it_was_set_for_only(void **state)
{
    (void)state;
    const struct dsp_timer timer = {.generation = 2, .due_ms = 1000};
    assert_true(dsp_timer_is_of(&timer, 2));
    assert_false(dsp_timer_is_of(&timer, 1)); /* set again meanwhile, earlier or later */
    assert_false(dsp_timer_is_of(&timer, 3));
    assert_false(dsp_timer_is_of(&timer, INT64_C(4294967298)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_firing_counts_for_the_wait_that_it_was_set_for_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
