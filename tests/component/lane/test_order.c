/* Order, duplicates, gaps, garbage: what a lane does with records that it was not hoping for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "component/lane/lane_app.h"
#include "component/lane/lane_world.h"
#include "support/cmocka_all.h"

#define EFFECTS "SELECT count(*) FROM effect"
#define TOTAL "SELECT coalesce(sum(count), 0)::bigint FROM counter"

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

static struct world_record *dead_letters(struct world *world, const char *suffix, size_t *ret_count)
{
    char topic[160];
    snprintf(topic, sizeof topic, "dlq.%s.%s.%s", world->name, world->name, suffix);
    return world_read(world, topic, ret_count);
}

static void everything_published_once_is_applied_once(void **state)
{
    struct world *world = *state;
    struct world_case cases[] = {world_case(0), world_case(1), world_case(0), world_case(1)};
    for (int i = 0; i < 100; i++) {
        world_say(world, &cases[i % 4], "add 1");
        if (i % 5 == 0) {
            world_command(world, &cases[i % 4], "add 1");
        }
    }
    world_await(world, EFFECTS, 120, 30);
    assert_int_equal(world_int(world, TOTAL), 120);
    world_check_once(world);
    world_await(world, "SELECT sum(out_seq - published_seq)::bigint FROM lane", 0, 10); /* the idle flush */
    assert_int_equal(world_check_output(world), 120);
    assert_int_equal(world_stop(world, world->app), 0);
}

static void records_that_change_nothing_move_the_cursor_by_the_idle_flush(void **state)
{
    struct world *world = *state;
    struct world_case dispute = world_case(1);
    for (int i = 0; i < 5; i++) {
        world_say(world, &dispute, "quiet");
    }
    world_await(world, "SELECT coalesce(max(last_lanesequence), 0) FROM lane_cursor WHERE lane = 1", 5, 20);
    assert_int_equal(world_int(world, EFFECTS), 0);
}

static void duplicates_are_dropped_by_their_lane_sequence(void **state)
{
    struct world *world = *state;
    struct world_case dispute = world_case(0);
    world_say(world, &dispute, "add 1");
    world_say(world, &dispute, "add 10");
    world_say_as(world, &dispute, "add 1", 1);
    world_say_as(world, &dispute, "add 10", 2);
    world_say(world, &dispute, "add 100");
    world_await(world, TOTAL, 111, 20);
    assert_int_equal(world_int(world, EFFECTS), 3);
    world_check_once(world);
}

static void a_gap_stops_the_topic_and_nothing_is_lost_when_the_missing_record_comes(void **state)
{
    struct world *world = *state;
    struct world_case dispute = world_case(0);
    struct world_case other = world_case(1);
    world_say(world, &dispute, "add 1");
    world_await(world, TOTAL, 1, 20);
    world_say_as(world, &dispute, "add 100", 3);
    world_say_as(world, &dispute, "add 1000", 4);
    world_say(world, &other, "add 5"); /* the other lane goes on */
    world_await(world, TOTAL, 6, 20);
    world_settle(world, 500);
    assert_int_equal(world_int(world, TOTAL), 6);
    assert_int_equal(world_logged(world, "gap in a lane"), 1);
    world_kill(world, world->app); /* the gap outlives a restart: the cursor stands before it */
    world_spawn(world);
    world_command(world, &dispute, "add 10000"); /* another topic goes on */
    world_await(world, TOTAL, 10006, 30);
    world_say_as(world, &dispute, "add 10", 2);
    world_say_as(world, &dispute, "add 100", 3);
    world_say_as(world, &dispute, "add 1000", 4);
    world_await(world, TOTAL, 11116, 20);
    world_check_once(world);
}

static void garbage_is_quarantined_untouched_with_its_reason_and_the_lane_goes_on(void **state)
{
    struct world *world = *state;
    struct world_case dispute = world_case(0);
    const char bytes[] = "\xff\x00garbage\xfe";
    char *big = calloc(1, 300000);
    size_t count;
    world_raw(world, "numbered", 0, dispute.order, bytes, sizeof bytes, false, 0);
    world_raw(world, "command", 0, NULL, bytes, sizeof bytes, false, 0);
    world_raw(world, "command", 1, dispute.order, "add 1", 5, true, 0); /* that key belongs to lane 0 */
    /* Too big, but its number can be read: the next one must not stand behind a gap. */
    world_raw(world, "numbered", 0, dispute.order, big, 300000, true, world->next_number[0]++);
    world_say(world, &dispute, "add 7");
    world_await(world, TOTAL, 7, 20);
    world_await(world, "SELECT count(*) FROM quarantine WHERE state = 0", 4, 20);
    assert_int_equal(world_int(world, "SELECT count(*) FROM quarantine WHERE case_id <>"
                                      " '00000000-0000-0000-0000-000000000000'"),
                     0);
    world_await(world, "SELECT sum(out_seq - published_seq)::bigint FROM lane", 0, 10);
    struct world_record *letters = dead_letters(world, "numbered", &count);
    assert_int_equal(count, 2);
    assert_int_equal(letters[0].size, sizeof bytes);
    assert_memory_equal(letters[0].value, bytes, sizeof bytes);
    assert_string_equal(letters[0].key, dispute.order);
    assert_string_equal(letters[0].code, "HEADER_MISSING");
    assert_string_equal(letters[0].kept, "as it came");
    assert_true(letters[0].reason[0] != '\0');
    assert_string_equal(letters[1].code, "TOO_BIG");
    assert_int_equal(letters[1].size, 300000);
    free(letters);
    letters = dead_letters(world, "command", &count);
    assert_int_equal(count, 2);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(letters[i].code, letters[i].partition == 1 ? "WRONG_KEY" : "HEADER_MISSING");
    }
    free(letters);
    free(big);
}

static void a_quarantined_numbered_record_holds_its_case_and_the_others_go_on(void **state)
{
    struct world *world = *state;
    struct world_case held = world_case(0);
    struct world_case other = world_case(0);
    world_await(world, "SELECT count(*) FROM lane", 2, 30);
    world_kill(world, world->app);
    world_say(world, &held, "add 1");
    world_say(world, &held, "bad");
    world_say(world, &held, "add 10"); /* of the same batch: parked all the same */
    world_say(world, &other, "add 100");
    world_spawn(world);
    world_await(world, TOTAL, 101, 30);
    world_await(world, "SELECT count(*) FROM quarantine WHERE state = 1", 1, 20);
    world_kill(world, world->app);
    world_spawn(world);
    world_say(world, &held, "add 1000"); /* still held after a restart */
    world_say(world, &other, "add 10000");
    world_await(world, TOTAL, 10101, 30);
    world_await(world, "SELECT count(*) FROM quarantine WHERE state = 1 AND code = 'HELD_CASE'", 2, 20);
    assert_int_equal(world_int(world, "SELECT count(*) FROM quarantine WHERE state = 0 AND code = 'FIELD_INVALID'"), 1);
    world_check_once(world);
}

static int counted(const struct world *world, const char *type, const char *result, int count)
{
    char line[256];
    snprintf(line, sizeof line, "dispute_events_consumed_total{topic=\"%s.numbered\",type=\"%s\",result=\"%s\"} %d\n",
             world->name, type, result, count);
    return world_logged(world, line);
}

static void records_are_counted_by_how_they_ended(void **state)
{
    struct world *world = *state;
    struct world_case held = world_case(0);
    struct world_case other = world_case(0);
    world_say(world, &other, "add 1");
    world_say(world, &other, "add 10");
    world_say_as(world, &other, "add 10", 2);
    world_say(world, &held, "bad");
    world_say(world, &held, "add 100");
    world_say(world, &held, "add 1000");
    world_raw(world, "numbered", 0, other.order, "?", 1, false, 0);
    world_say(world, &other, "add 10000");
    world_await(world, TOTAL, 10011, 30);
    assert_int_equal(world_stop(world, world->app), 0);
    assert_int_equal(counted(world, "add", "ok", 3), 1);
    assert_int_equal(counted(world, "unknown", "duplicate", 1), 1);
    assert_int_equal(counted(world, "bad", "dead", 1), 1);
    assert_int_equal(counted(world, "unknown", "dead", 1), 1);
    assert_int_equal(counted(world, "unknown", "parked", 2), 1);
    assert_int_equal(world_logged(world, "test_applied_total 3\n"), 1);
}

static void data_that_the_database_refuses_is_found_and_quarantined_alone(void **state)
{
    struct world *world = *state;
    struct world_case cases[8];
    size_t count;
    world_kill(world, world->app); /* so that all of it is one batch */
    for (int i = 0; i < 8; i++) {
        cases[i] = world_case(0);
        world_say(world, &cases[i], i == 5 ? "refuse" : "add 1");
    }
    world_spawn(world);
    world_await(world, TOTAL, 7, 30);
    world_await(world, "SELECT count(*) FROM quarantine WHERE code = 'DATA_REFUSED'", 1, 20);
    assert_int_equal(world_int(world, "SELECT count(*) FROM quarantine"), 1);
    world_say(world, &cases[0], "add 100");
    world_await(world, TOTAL, 107, 20);
    world_await(world, "SELECT sum(out_seq - published_seq)::bigint FROM lane", 0, 10);
    struct world_record *letters = dead_letters(world, "numbered", &count);
    assert_int_equal(count, 1);
    assert_string_equal(letters[0].value, "refuse");
    assert_string_equal(letters[0].code, "DATA_REFUSED");
    free(letters);
    world_check_once(world);
    assert_int_equal(world_check_output(world), 8);
    /* Batches were undone and tried again: what their handlers counted counts once, and of the refused one never. */
    assert_int_equal(world_stop(world, world->app), 0);
    assert_int_equal(world_logged(world, "test_applied_total 8\n"), 1);
}

/* The end mark of a Kafka transaction takes an offset and is never delivered: to a reader it looks like a loss. */
static void transact(struct world *world, struct world_case *dispute, const char *value)
{
    char why[256];
    rd_kafka_t *plain = world->producer;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", getenv("KAFKA_BOOTSTRAP_SERVERS"), why, sizeof why);
    rd_kafka_conf_set(conf, "transactional.id", world->name, why, sizeof why);
    world->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    assert_null(rd_kafka_init_transactions(world->producer, 20000));
    assert_null(rd_kafka_begin_transaction(world->producer));
    world_command(world, dispute, value);
    assert_null(rd_kafka_commit_transaction(world->producer, 20000));
    rd_kafka_destroy(world->producer);
    world->producer = plain;
}

static void a_forward_jump_of_a_stamped_topic_stops_it_and_alarms_once(void **state)
{
    struct world *world = *state;
    struct world_case dispute = world_case(0);
    transact(world, &dispute, "add 1");
    world_await(world, TOTAL, 1, 30);
    world_command(world, &dispute, "add 10");
    world_command(world, &dispute, "add 100");
    world_say(world, &dispute, "add 1000"); /* other topics of the lane go on */
    world_await(world, TOTAL, 1001, 30);
    world_settle(world, 1000);
    assert_int_equal(world_int(world, TOTAL), 1001);
    assert_int_equal(world_logged(world, "records are missing before this one"), 1);
    world_kill(world, world->app);
    /* What the operator does once he knows that nothing was lost. */
    world_exec(world, "UPDATE lane_cursor SET next_offset = next_offset + 1 WHERE topic LIKE '%.command'");
    world_spawn(world);
    world_await(world, TOTAL, 1111, 30);
    world_check_once(world);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(everything_published_once_is_applied_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(records_that_change_nothing_move_the_cursor_by_the_idle_flush, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(duplicates_are_dropped_by_their_lane_sequence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_gap_stops_the_topic_and_nothing_is_lost_when_the_missing_record_comes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(garbage_is_quarantined_untouched_with_its_reason_and_the_lane_goes_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_quarantined_numbered_record_holds_its_case_and_the_others_go_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(records_are_counted_by_how_they_ended, set_up, tear_down),
        cmocka_unit_test_setup_teardown(data_that_the_database_refuses_is_found_and_quarantined_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_forward_jump_of_a_stamped_topic_stops_it_and_alarms_once, set_up, tear_down),
    };
    if (argc > 1 && strcmp(argv[1], "--app") == 0) {
        return lane_app_main();
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
