/* Crashes, zombies, lost connections: whatever ends a process or a session, each effect happens once. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "component/lane/lane_app.h"
#include "component/lane/lane_world.h"
#include "support/cmocka_all.h"

#define EFFECTS "SELECT count(*) FROM effect"
#define TOTAL "SELECT coalesce(sum(count), 0)::bigint FROM counter"
#define UNPUBLISHED "SELECT sum(out_seq - published_seq)::bigint FROM lane"
#define OWNED "SELECT count(*) FROM lane WHERE owner_epoch > 0"

static int set_up(void **state)
{
    *state = world_new();
    return 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

static void await_log(struct world *world, const char *text, int count)
{
    for (int i = 0; i < 1500 && world_logged(world, text) < count; i++) {
        usleep(20000);
    }
    assert_true(world_logged(world, text) >= count);
}

static void a_zombie_is_fenced_applies_nothing_of_its_batch_and_rejoins(void **state)
{
    struct world *world = *state;
    struct world_case dispute = world_case(0);
    struct world_case other = world_case(1);
    world_spawn(world);
    world_say(world, &dispute, "add 1");
    world_say(world, &other, "add 1");
    world_await(world, TOTAL, 2, 30);
    world_say(world, &dispute, "sleep 1500");
    await_log(world, "test sleeps", 1); /* its batch is loaded, nothing is written yet */
    world_exec(world, "UPDATE lane SET owner_epoch = owner_epoch + 1 WHERE lane = 0");
    world_settle(world, 700);
    assert_int_equal(world_int(world, EFFECTS), 2);
    await_log(world, "leaving and joining again", 1);
    assert_int_equal(world_int(world, EFFECTS), 2); /* fenced: nothing of the batch is there */
    world_await(world, EFFECTS, 3, 30);             /* as the rightful owner it takes it up again */
    world_say(world, &other, "add 5");
    world_await(world, TOTAL, 8, 30);
    assert_int_equal(world_logged(world, "lanes owned"), 2);
    world_check_once(world);
    world_await(world, UNPUBLISHED, 0, 10);
    assert_int_equal(world_check_output(world), 4);
}

static void a_stopped_process_that_wakes_up_beside_its_successor_does_nothing_twice(void **state)
{
    struct world *world = *state;
    struct world_case cases[] = {world_case(0), world_case(1)};
    pid_t zombie = world_spawn(world);
    world_await(world, OWNED, 2, 30);
    for (int i = 0; i < 20; i++) {
        world_say(world, &cases[i % 2], "add 1");
    }
    kill(zombie, SIGSTOP);
    for (int i = 0; i < 20; i++) {
        world_say(world, &cases[i % 2], "add 1");
    }
    pid_t second = world_spawn(world); /* gets the lanes when the session of the first is over: 6 s */
    world_await(world, TOTAL, 40, 60);
    kill(zombie, SIGCONT);
    for (int i = 0; i < 40; i++) {
        world_say(world, &cases[i % 2], "add 1");
        usleep(50000); /* while lanes move between the two */
    }
    world_await(world, TOTAL, 80, 60);
    world_check_once(world);
    world_await(world, UNPUBLISHED, 0, 20);
    assert_int_equal(world_check_output(world), 80);
    assert_int_equal(world_stop(world, zombie), 0);
    assert_int_equal(world_stop(world, second), 0);
}

static void leftovers_of_the_outbox_are_published_first_and_in_order(void **state)
{
    struct world *world = *state;
    struct world_case dispute = world_case(0);
    char topic[128];
    size_t count;
    /* 1,800 records in 600 rows: several pieces of a take-over. The producer has had the first of a row of three. */
    world_exec(world, "INSERT INTO lane (lane, owner_epoch, out_seq, published_seq) VALUES (0, 1, 1801, 1)");
    char sql[1024];
    snprintf(topic, sizeof topic, "%s.out", world->name);
    snprintf(sql, sizeof sql,
             "INSERT INTO outbox SELECT 0, max(n), min(n), 9999999999999, string_agg('\\x00'::bytea"
             " || int4send(length('%s')) || '%s'::bytea || int4send(1) || 'k'"
             " || int4send(23 + length(n::text)) || int4send(15) || 'ce_lanesequence'::bytea"
             " || int4send(length(n::text)) || convert_to(n::text, 'UTF8') || int4send(4) || 'left', '' ORDER BY n)"
             " FROM generate_series(1, 1801) n GROUP BY (n - 1) / 3",
             topic, topic);
    world_exec(world, sql);
    snprintf(sql, sizeof sql, "INSERT INTO lane_out VALUES (0, '%s', 1801)", topic);
    world_exec(world, sql);
    world_say(world, &dispute, "add 1");
    world_spawn(world);
    world_await(world, TOTAL, 1, 30);
    world_await(world, UNPUBLISHED, 0, 20);
    struct world_record *records = world_read(world, topic, &count);
    assert_int_equal(count, 1801);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(records[i].lane_sequence, i + 2);
    }
    assert_string_equal(records[0].value, "left");
    assert_string_equal(records[1800].value, "1");
    free(records);
}

static void a_watermark_before_what_is_kept_does_not_stop_the_lane(void **state)
{
    struct world *world = *state;
    struct world_case dispute = world_case(0);
    world_exec(world, "INSERT INTO lane (lane, owner_epoch, out_seq, published_seq) VALUES (0, 1, 50, 10)");
    world_say(world, &dispute, "add 1");
    world_spawn(world);
    world_await(world, TOTAL, 1, 30);
    world_await(world, UNPUBLISHED, 0, 20);
    assert_int_equal(world_logged(world, "not kept any more"), 1);
}

static void kill_9_in_mid_stream_loses_and_doubles_nothing(void **state)
{
    struct world *world = *state;
    struct world_case cases[20];
    unsigned seed = (unsigned)dsp_real_ms();
    const char *given = getenv("SEED");
    seed = given ? (unsigned)strtoul(given, NULL, 10) : seed;
    print_message("SEED=%u\n", seed);
    srandom(seed);
    for (int i = 0; i < 20; i++) {
        cases[i] = world_case(i % 2);
    }
    setenv("APP_BATCH", "16", 1);
    world_spawn(world);
    world_await(world, OWNED, 2, 30);
    int sent = 0;
    for (int round = 0; round < 5; round++) {
        int64_t until = dsp_monotonic_ms() + random() % 400;
        for (; sent < (round + 1) * 400; sent++) {
            world_say(world, &cases[sent % 20], "add 1");
            if (world->app && dsp_monotonic_ms() > until) {
                world_kill(world, world->app);
            }
        }
        if (world->app) {
            usleep((useconds_t)(random() % 200) * 1000);
            world_kill(world, world->app);
        }
        world_spawn(world);
    }
    world_await(world, EFFECTS, 2000, 90);
    assert_int_equal(world_int(world, TOTAL), 2000);
    world_check_once(world);
    world_await(world, UNPUBLISHED, 0, 20);
    assert_int_equal(world_check_output(world), 2000);
    assert_int_equal(world_stop(world, world->app), 0);
    unsetenv("APP_BATCH");
}

static void a_cut_connection_to_postgres_loses_and_doubles_nothing(void **state)
{
    struct world *world = *state;
    struct world_case cases[] = {world_case(0), world_case(1), world_case(0)};
    char cut[256];
    snprintf(cut, sizeof cut,
             "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '%s'"
             " AND application_name = '%s'",
             world->name, world->name);
    world_spawn(world);
    world_await(world, OWNED, 2, 30);
    for (int i = 0; i < 600; i++) {
        world_say(world, &cases[i % 3], "add 1");
        if (i % 50 == 25) {
            (void)world_int(world, cut);
        }
    }
    world_await(world, EFFECTS, 600, 60);
    world_check_once(world);
    world_await(world, UNPUBLISHED, 0, 20);
    assert_int_equal(world_check_output(world), 600);
    assert_true(world_logged(world, "postgres connection lost") > 3);
    assert_int_equal(world_stop(world, world->app), 0);
}

static void lanes_move_between_two_instances_without_loss(void **state)
{
    struct world *world = *state;
    struct world_case cases[] = {world_case(0), world_case(1)};
    pid_t first = world_spawn(world);
    world_await(world, OWNED, 2, 30);
    for (int i = 0; i < 300; i++) {
        world_say(world, &cases[i % 2], "add 1");
        if (i == 100) {
            world_spawn(world);
        }
        if (i == 200) {
            assert_int_equal(world_stop(world, first), 0);
        }
    }
    world_await(world, EFFECTS, 300, 60);
    world_check_once(world);
    world_await(world, UNPUBLISHED, 0, 20);
    assert_int_equal(world_check_output(world), 300);
    assert_int_equal(world_stop(world, world->app), 0);
}

/* --- the same with rows that lanes share: BEGIN, fence and locks travel before the decision --- */

static int set_up_shared(void **state)
{
    struct world *world = world_new();
    size_t used = strlen(world->url);
    /* As the services' roles have it. */
    snprintf(world->url + used, sizeof world->url - used, "?options=-c%%20idle_in_transaction_session_timeout%%3D1000");
    setenv("APP_SHARED", "1", 1);
    *state = world;
    return 0;
}

static int tear_down_shared(void **state)
{
    unsetenv("APP_SHARED");
    return tear_down(state);
}

#define AMOUNT "SELECT coalesce(sum(amount), 0)::bigint FROM total"

/* The lanes go to another instance while the first one sits between the load and the commit, its transaction
 * open. The server ends that transaction (idle_in_transaction_session_timeout), or the fence does. */
static void a_rebalance_while_a_transaction_is_open_leaves_no_session_stuck(void **state)
{
    struct world *world = *state;
    struct world_case cases[] = {world_case(0), world_case(1)};
    pid_t first = world_spawn(world);
    world_say(world, &cases[0], "add 1");
    world_await(world, TOTAL, 1, 30);
    world_say(world, &cases[0], "nap 9000"); /* longer than the session of the group */
    await_log(world, "test naps", 1);
    pid_t second = world_spawn(world);
    for (int i = 0; i < 20; i++) {
        world_say(world, &cases[i % 2], "add 1");
    }
    world_await(world, EFFECTS, 22, 60);
    world_say(world, &cases[0], "refuse"); /* an error inside an open transaction */
    for (int i = 0; i < 20; i++) {
        world_say(world, &cases[1], "add 1");
    }
    world_await(world, EFFECTS, 42, 60);
    world_await(world, "SELECT count(*) FROM quarantine WHERE code = 'DATA_REFUSED'", 1, 20);
    world_check_once(world);
    assert_int_equal(world_int(world, AMOUNT), 42);
    world_await(world, UNPUBLISHED, 0, 20);
    assert_int_equal(world_int(world, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                      " AND state LIKE 'idle in transaction%'"),
                     0);
    assert_int_equal(world_stop(world, first), 0);
    assert_int_equal(world_stop(world, second), 0);
}

static void shared_rows_are_added_to_exactly_once_over_cuts_fences_and_kills(void **state)
{
    struct world *world = *state;
    struct world_case cases[] = {world_case(0), world_case(1), world_case(0)};
    char cut[256];
    snprintf(cut, sizeof cut,
             "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = '%s'"
             " AND application_name = '%s'",
             world->name, world->name);
    world_spawn(world);
    world_await(world, OWNED, 2, 30);
    for (int i = 0; i < 600; i++) {
        world_say(world, &cases[i % 3], "add 1");
        if (i % 50 == 25) {
            (void)world_int(world, cut);
        } else if (i % 200 == 100) {
            world_exec(world, "UPDATE lane SET owner_epoch = owner_epoch + 1");
        } else if (i == 350) {
            world_kill(world, world->app);
            world_spawn(world);
        }
    }
    world_await(world, EFFECTS, 600, 90);
    world_check_once(world);
    assert_int_equal(world_int(world, AMOUNT), 600);
    world_await(world, UNPUBLISHED, 0, 20);
    assert_int_equal(world_check_output(world), 600);
    assert_int_equal(world_stop(world, world->app), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_zombie_is_fenced_applies_nothing_of_its_batch_and_rejoins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_stopped_process_that_wakes_up_beside_its_successor_does_nothing_twice, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(leftovers_of_the_outbox_are_published_first_and_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_watermark_before_what_is_kept_does_not_stop_the_lane, set_up, tear_down),
        cmocka_unit_test_setup_teardown(kill_9_in_mid_stream_loses_and_doubles_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_cut_connection_to_postgres_loses_and_doubles_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lanes_move_between_two_instances_without_loss, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rebalance_while_a_transaction_is_open_leaves_no_session_stuck, set_up_shared,
                                        tear_down_shared),
        cmocka_unit_test_setup_teardown(shared_rows_are_added_to_exactly_once_over_cuts_fences_and_kills, set_up_shared,
                                        tear_down_shared),
    };
    if (argc > 1 && strcmp(argv[1], "--app") == 0) {
        return lane_app_main();
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
