/* --rebuild at the engine: one topic folded anew into fresh tables, and nothing of it goes out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "component/lane/lane_app.h"
#include "component/lane/lane_world.h"
#include "support/cmocka_all.h"

#define NUMBERED "SELECT count(*) FROM effect WHERE source = 'numbered'"
/* Rows that one of the two has and the other has not; how often a row was saved is not a matter of the log. */
#define COUNTERS(schema) "SELECT case_id, lane, count, armed, order_id FROM " schema ".counter"
#define EFFECTS(schema) "SELECT case_id, source, number FROM " schema ".effect WHERE source = 'numbered'"
#define OTHER(rows)                                                                             \
    "SELECT count(*) FROM ((" rows("public") " EXCEPT ALL " rows("again") ") UNION ALL (" rows( \
        "again") " EXCEPT ALL " rows("public") ")) other"

static int set_up(void **state)
{
    struct world *world = world_new();
    world_spawn(world);
    world_schema(world, "again");
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

/* The exit status of the fold. */
static int fold(struct world *world)
{
    pid_t live = world->app;
    setenv("APP_REBUILD", "again", 1);
    int status = world_end(world, world_spawn(world));
    unsetenv("APP_REBUILD");
    world->app = live;
    return status;
}

static size_t on_topic(struct world *world, const char *prefix, const char *suffix)
{
    char topic[160];
    size_t count;
    snprintf(topic, sizeof topic, "%s%s.%s", prefix, world->name, suffix);
    free(world_read(world, topic, &count));
    return count;
}

/* Several turns, timers that wait, calls that fail, a record twice, and one that changes nothing. */
static void play(struct world *world, int each)
{
    struct world_case cases[] = {world_case(0), world_case(1), world_case(0)};
    for (int i = 0; i < each; i++) {
        for (int c = 0; c < 3; c++) {
            world_say(world, &cases[c], i % 7 == 3 ? "quiet" : "add 3");
        }
        if (i == each / 2) { /* what is applied so far is in PostgreSQL: the rest are other turns */
            world_await(world, "SELECT (count(*) > 0)::int FROM counter", 1, 30);
        }
    }
    world_say_as(world, &cases[0], "add 100", 1);
    world_say(world, &cases[0], "timer 3600000");
    world_say(world, &cases[1], "job");
}

static void the_tables_come_out_row_for_row_and_nothing_goes_out(void **state)
{
    struct world *world = *state;
    play(world, 30);
    world_await(world, NUMBERED, 80, 30); /* 90, less 12 quiet ones, and the last two */
    world_await(world, "SELECT sum(out_seq - published_seq)::bigint FROM lane", 0, 10);
    int64_t epochs = world_int(world, "SELECT sum(owner_epoch)::bigint FROM lane");
    size_t out = on_topic(world, "", "out");
    assert_true(out > 0);
    assert_int_equal(fold(world), 0);
    assert_int_equal(world_int(world, "SELECT count(*) FROM again.counter"), 3);
    assert_int_equal(world_int(world, OTHER(COUNTERS)), 0);
    assert_int_equal(world_int(world, OTHER(EFFECTS)), 0);
    assert_int_equal(world_int(world,
                               "SELECT (SELECT count(*) FROM again.outbox) + (SELECT count(*) FROM again.timer) +"
                               " (SELECT count(*) FROM again.job) + (SELECT count(*) FROM again.quarantine)"),
                     0);
    assert_int_equal(on_topic(world, "", "out"), out);
    assert_int_equal(world_int(world, "SELECT sum(owner_epoch)::bigint FROM lane"), epochs);
    assert_int_equal(world_int(world, "SELECT count(*) FROM timer"), 1); /* the live one has its timer */
    world_exec(world, "UPDATE again.counter SET count = count + 1 WHERE lane = 1");
    assert_int_equal(world_int(world, OTHER(COUNTERS)), 2); /* and a difference would have been seen */
}

static void only_the_log_is_folded(void **state)
{
    struct world *world = *state;
    struct world_case dispute = world_case(1);
    world_say(world, &dispute, "add 1");
    world_command(world, &dispute, "add 10");
    world_await(world, "SELECT coalesce(sum(count), 0)::bigint FROM counter", 11, 30);
    assert_int_equal(fold(world), 0);
    assert_int_equal(world_int(world, "SELECT sum(count)::bigint FROM again.counter"), 1);
}

static void tables_that_are_not_fresh_are_left_as_they_are(void **state)
{
    struct world *world = *state;
    struct world_case dispute = world_case(0);
    world_say(world, &dispute, "add 1");
    world_await(world, NUMBERED, 1, 30);
    assert_int_equal(fold(world), 0);
    world_say(world, &dispute, "add 1");
    world_await(world, NUMBERED, 2, 30);
    assert_int_equal(fold(world), 1);
    assert_int_equal(world_int(world, "SELECT sum(count)::bigint FROM again.counter"), 1);
}

static void what_the_app_refuses_is_refused_again_and_said_at_the_end(void **state)
{
    struct world *world = *state;
    struct world_case good = world_case(0);
    struct world_case bad = world_case(0);
    world_say(world, &bad, "add 1");
    world_say(world, &bad, "bad");
    world_say(world, &bad, "add 1"); /* behind it: held */
    world_say(world, &good, "add 1");
    world_await(world, "SELECT count(*) FROM quarantine", 2, 30);
    world_await(world, NUMBERED, 2, 30);
    world_await(world, "SELECT sum(out_seq - published_seq)::bigint FROM lane", 0, 10);
    char dlq[64];
    snprintf(dlq, sizeof dlq, "dlq.%s.", world->name);
    assert_int_equal(on_topic(world, dlq, "numbered"), 1);
    assert_int_equal(fold(world), 3);
    assert_int_equal(world_int(world, OTHER(COUNTERS)), 0);
    assert_int_equal(world_int(world, "SELECT count(*) FROM again.quarantine"), 2);
    assert_int_equal(on_topic(world, dlq, "numbered"), 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_tables_come_out_row_for_row_and_nothing_goes_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_the_log_is_folded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tables_that_are_not_fresh_are_left_as_they_are, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_the_app_refuses_is_refused_again_and_said_at_the_end, set_up, tear_down),
    };
    if (argc > 1 && strcmp(argv[1], "--app") == 0) {
        return lane_app_main();
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
