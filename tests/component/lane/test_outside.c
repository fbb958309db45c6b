/* Timers with and without Redis, outside calls over a restart. */
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "component/lane/lane_app.h"
#include "component/lane/lane_world.h"
#include "support/cmocka_all.h"

#define FIRED "SELECT coalesce(sum(fired), 0)::bigint FROM counter"
#define LATEST "SELECT coalesce(max(late_ms), 0) FROM counter"
#define TIMERS 40

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

static void set_timers(struct world *world, struct world_case *cases, int ms)
{
    char value[32];
    for (int i = 0; i < TIMERS; i++) {
        cases[i] = world_case(i % WORLD_LANES);
        snprintf(value, sizeof value, "timer %d", ms + i * 20);
        world_say(world, &cases[i], value);
    }
    world_await(world, "SELECT count(*) FROM effect WHERE source = 'numbered'", TIMERS, 30);
}

static void each_fired_once(struct world *world)
{
    world_await(world, FIRED, TIMERS, 30);
    world_settle(world, 2000);
    assert_int_equal(world_int(world, FIRED), TIMERS);
    assert_int_equal(world_int(world, "SELECT count(*) FROM effect WHERE source = 'timer'"), TIMERS);
    assert_int_equal(world_int(world, "SELECT count(*) FROM timer"), 0);
}

static void with_redis_timers_fire_at_once(void **state)
{
    struct world *world = *state;
    struct world_case cases[TIMERS];
    world_spawn(world);
    set_timers(world, cases, 3000);
    each_fired_once(world);
    print_message("latest: %lld ms\n", (long long)world_int(world, LATEST));
    assert_true(world_int(world, LATEST) < 1000); /* a shared machine; the target of 50 ms is the benchmark's */
}

static void after_flushall_timers_fire_within_a_sweep_and_a_second(void **state)
{
    struct world *world = *state;
    struct world_case cases[TIMERS];
    char host[64] = "";
    int port = 0;
    world_spawn(world);
    set_timers(world, cases, 3000);
    assert_int_equal(sscanf(world->redis, "redis://%63[^:]:%d", host, &port), 2);
    redisContext *redis = redisConnect(host, port);
    freeReplyObject(redisCommand(redis, "FLUSHALL"));
    redisFree(redis);
    each_fired_once(world);
    print_message("latest: %lld ms\n", (long long)world_int(world, LATEST));
    assert_true(world_int(world, LATEST) <= 2500);
}

static void without_redis_timers_fire_within_a_sweep_and_a_second(void **state)
{
    struct world *world = *state;
    struct world_case cases[TIMERS];
    snprintf(world->redis, sizeof world->redis, "redis://127.0.0.1:1/0");
    world_spawn(world);
    set_timers(world, cases, 1500);
    each_fired_once(world);
    print_message("latest: %lld ms\n", (long long)world_int(world, LATEST));
    assert_true(world_int(world, LATEST) <= 2500);
}

static void a_timer_set_again_later_is_not_lost_to_its_earlier_firing(void **state)
{
    struct world *world = *state;
    struct world_case dispute = world_case(0);
    world_spawn(world);
    world_say_as(world, &dispute, "timer 400", 1);
    world_await(world, "SELECT count(*) FROM timer", 1, 30);
    /* As a handler would that keeps the generation; the index still holds the earlier due time. */
    world_exec(world, "UPDATE timer SET due_ms = due_ms + 3000; UPDATE counter SET armed = 99, ver = ver + 1");
    world_settle(world, 2000);
    assert_int_equal(world_int(world, "SELECT count(*) FROM timer"), 1);
    world_exec(world, "UPDATE counter SET armed = 1, ver = ver + 1");
    world_await(world, FIRED, 1, 20);
}

static void a_timer_that_the_handler_refuses_is_tried_again_and_the_rest_goes_on(void **state)
{
    struct world *world = *state;
    struct world_case broken = world_case(0);
    struct world_case good = world_case(0);
    world_spawn(world);
    world_say(world, &broken, "fault 100");
    world_await(world, "SELECT count(*) FROM timer", 1, 30);
    world_settle(world, 2500);
    world_say(world, &good, "add 5");
    world_await(world, "SELECT coalesce(sum(count), 0)::bigint FROM counter", 5, 20);
    assert_int_equal(world_int(world, "SELECT count(*) FROM timer"), 1); /* not lost */
    assert_true(world_logged(world, "tried again later") >= 1);
    assert_true(world_logged(world, "tried again later") < 5);
    assert_int_equal(world_stop(world, world->app), 0);
}

/* --- outside calls --- */

struct server {
    struct event_base *base;
    struct evhttp *http;
    bool answers;
    int calls;
    char paths[16][64];
    struct evhttp_request *kept;
};

static void on_call(struct evhttp_request *request, void *arg)
{
    struct server *server = arg;
    if (server->calls < 16) {
        snprintf(server->paths[server->calls], sizeof server->paths[0], "%s", evhttp_request_get_uri(request));
    }
    server->calls++;
    if (server->answers) {
        evhttp_send_reply(request, 200, "OK", NULL);
    }
}

static void serve_until(struct server *server, struct world *world, int calls, const char *sql, int64_t wanted)
{
    int64_t until = dsp_monotonic_ms() + 30000;
    while (server->calls < calls || (sql && world_int(world, sql) != wanted)) {
        struct timeval little = {0, 20000};
        event_base_loopexit(server->base, &little);
        event_base_dispatch(server->base);
        assert_true(dsp_monotonic_ms() < until);
    }
}

static void a_ready_job_is_called_again_after_a_restart_under_the_same_number(void **state)
{
    struct world *world = *state;
    struct world_case dispute = world_case(1);
    struct server server = {.base = event_base_new()};
    server.http = evhttp_new(server.base);
    struct evhttp_bound_socket *bound = evhttp_bind_socket_with_handle(server.http, "127.0.0.1", 0);
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    assert_int_equal(getsockname(evhttp_bound_socket_get_fd(bound), (struct sockaddr *)&address, &size), 0);
    snprintf(world->http, sizeof world->http, "http://127.0.0.1:%d", ntohs(address.sin_port));
    evhttp_set_gencb(server.http, on_call, &server);
    world_spawn(world);
    world_say(world, &dispute, "job");
    serve_until(&server, world, 1, NULL, 0); /* the call is made; no answer comes */
    assert_int_equal(world_int(world, "SELECT count(*) FROM job WHERE state = 0"), 1);
    world_kill(world, world->app);
    server.answers = true;
    world_spawn(world);
    serve_until(&server, world, 2, "SELECT count(*) FROM job WHERE state = 2", 1);
    assert_int_equal(server.calls, 2);
    assert_string_equal(server.paths[0], server.paths[1]);
    assert_string_equal(server.paths[0], "/call-1-1");
    assert_int_equal(world_int(world, "SELECT count(*) FROM effect WHERE source = 'answer' AND number = 200"), 1);
    assert_int_equal(world_stop(world, world->app), 0);
    evhttp_free(server.http);
    event_base_free(server.base);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(with_redis_timers_fire_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(after_flushall_timers_fire_within_a_sweep_and_a_second, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_redis_timers_fire_within_a_sweep_and_a_second, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_timer_set_again_later_is_not_lost_to_its_earlier_firing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_timer_that_the_handler_refuses_is_tried_again_and_the_rest_goes_on, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_ready_job_is_called_again_after_a_restart_under_the_same_number, set_up,
                                        tear_down),
    };
    if (argc > 1 && strcmp(argv[1], "--app") == 0) {
        return lane_app_main();
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
