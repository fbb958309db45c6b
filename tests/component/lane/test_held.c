/* Held cases: what a person decides about a record in quarantine, carried out in order and once. A wish is written
 * into the table here, as another instance would have done it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "component/lane/lane_app.h"
#include "component/lane/lane_world.h"
#include "support/cmocka_all.h"

#define TOTAL "SELECT coalesce(sum(count), 0)::bigint FROM counter"
#define OPEN "SELECT count(*) FROM quarantine WHERE state = 0"
#define PARKED "SELECT count(*) FROM quarantine WHERE state = 1"

static int set_up(void **state)
{
    struct world *world = world_new();
    world_spawn(world);
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

static size_t count_letters(struct world *world)
{
    char topic[160];
    size_t count;
    world_await(world, "SELECT sum(out_seq - published_seq)::bigint FROM lane", 0, 20);
    snprintf(topic, sizeof topic, "dlq.%s.%s.numbered", world->name, world->name);
    free(world_read(world, topic, &count));
    return count;
}

static void a_replayed_record_is_applied_with_all_that_was_parked_and_the_case_goes_on(void **state)
{
    struct world *world = *state;
    struct world_case held = world_case(0);
    struct world_case other = world_case(0);
    world_await(world, "SELECT count(*) FROM lane", 2, 30);
    world_exec(world, "ALTER TABLE counter ADD CONSTRAINT mended CHECK (count <> 51)");
    world_say(world, &held, "add 1");
    world_await(world, TOTAL, 1, 30);
    world_say(world, &held, "add 50");
    world_await(world, OPEN, 1, 30);
    world_say(world, &held, "add 100");
    world_say(world, &held, "add 1000");
    world_say(world, &other, "add 10000");
    world_await(world, PARKED, 2, 30);
    world_await(world, TOTAL, 10001, 30);
    world_exec(world, "UPDATE quarantine SET wish = 2 WHERE state = 0"); /* nothing is mended yet */
    world_await(world, "SELECT count(*) FROM quarantine WHERE replays = 1 AND state = 0 AND wish = 0", 1, 30);
    assert_int_equal(world_int(world, PARKED), 2);
    assert_int_equal(world_int(world, TOTAL), 10001);
    world_exec(world, "ALTER TABLE counter DROP CONSTRAINT mended");
    world_exec(world, "UPDATE quarantine SET wish = 2 WHERE state = 0");
    world_await(world, TOTAL, 11151, 30);
    world_await(world, "SELECT count(*) FROM quarantine WHERE state = 2", 3, 30);
    world_say(world, &held, "add 100000"); /* the hold is gone without a restart */
    world_await(world, TOTAL, 111151, 30);
    assert_int_equal(world_int(world, "SELECT count(*) FROM quarantine"), 3);
    world_check_once(world);
    assert_int_equal(count_letters(world), 1);
    assert_int_equal(world_check_output(world), 6);
}

static void a_skipped_record_lets_the_rest_go_on_until_the_next_bad_one(void **state)
{
    struct world *world = *state;
    struct world_case held = world_case(0);
    const char *const said[] = {"add 1", "bad", "add 10", "bad", "add 100"};
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        world_say(world, &held, said[i]);
    }
    world_await(world, PARKED, 3, 30);
    world_exec(world, "UPDATE quarantine SET wish = 3 WHERE state = 0");
    world_await(world, TOTAL, 11, 30);
    world_await(world, "SELECT count(*) FROM quarantine WHERE state = 0 AND code = 'FIELD_INVALID'", 1, 30);
    assert_int_equal(world_int(world, PARKED), 1);
    assert_int_equal(count_letters(world), 2); /* the second one has become a dead letter of its own */
    world_kill(world, world->app);             /* what is parked holds the case over a restart */
    world_spawn(world);
    world_say(world, &held, "add 1000");
    world_await(world, PARKED, 2, 30);
    world_exec(world, "UPDATE quarantine SET wish = 3 WHERE state = 0");
    world_await(world, TOTAL, 1111, 30);
    world_await(world, "SELECT count(*) FROM quarantine WHERE state < 2", 0, 30);
    world_say(world, &held, "add 10000");
    world_await(world, TOTAL, 11111, 30);
    world_check_once(world);
}

static void a_wish_outlives_a_crash_before_it_was_carried_out(void **state)
{
    struct world *world = *state;
    struct world_case held = world_case(1);
    world_say(world, &held, "bad");
    for (int i = 0; i < 20; i++) {
        world_say(world, &held, "add 1");
    }
    world_await(world, PARKED, 20, 30);
    world_kill(world, world->app);
    world_exec(world, "UPDATE quarantine SET wish = 3 WHERE state = 0");
    world_spawn(world);
    world_await(world, "SELECT least(count(*), 1) FROM quarantine WHERE state = 2", 1, 30);
    world_kill(world, world->app); /* and one in the middle of it */
    world_spawn(world);
    world_await(world, TOTAL, 20, 30);
    world_await(world, "SELECT count(*) FROM quarantine WHERE state = 2", 20, 30);
    world_check_once(world);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_replayed_record_is_applied_with_all_that_was_parked_and_the_case_goes_on,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_skipped_record_lets_the_rest_go_on_until_the_next_bad_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wish_outlives_a_crash_before_it_was_carried_out, set_up, tear_down),
    };
    if (argc > 1 && strcmp(argv[1], "--app") == 0) {
        return lane_app_main();
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
