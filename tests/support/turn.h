/* A turn without servers: what a service's handlers read and say, in memory. For programs named test_turns.c, which
 * the linker gives the functions below in the place of the engine's (tests/CMakeLists.txt). Include it in one file. */
#ifndef DSP_TEST_TURN_H
#define DSP_TEST_TURN_H

#include <string.h>

#include "common/base/log.h"
#include "common/io/lane.h"
#include "common/service/keys.h"
#include "common/service/platform.h"
#include "common/service/service.h"
#include "support/cmocka_all.h"

#define TURN_OUT_MAX 256

struct turn_out {
    const char *topic;
    struct dsp_str value;
};

static struct {
    struct dsp_arena *arena;
    struct dsp_turn turn;
    struct dsp_platforms *platforms;
    struct dsp_keys *keys;
    struct turn_out outs[TURN_OUT_MAX]; /* said so far, in order */
    size_t out_count, out_read;
    size_t timers_set;
} turn_world;

static void turn_set_up(const struct dsp_table *tables, size_t count)
{
    static const struct dsp_key DEPLOYMENT = {{7}};
    memset(&turn_world, 0, sizeof turn_world);
    dsp_log_setup("test", "error");
    turn_world.arena = dsp_arena_new(64u << 20);
    turn_world.platforms = dsp_platforms_new();
    turn_world.keys = dsp_keys_new(&DEPLOYMENT);
    turn_world.turn = (struct dsp_turn){.arena = turn_world.arena,
                                        .rows = dsp_rows_new(turn_world.arena, tables, count, NULL)};
    assert_non_null(turn_world.turn.rows);
}

static void turn_tear_down(void)
{
    dsp_keys_free(turn_world.keys);
    dsp_platforms_free(turn_world.platforms);
    dsp_arena_free(turn_world.arena);
}

/* The next record said; false: none is left. */
static bool turn_next(struct turn_out *ret_out)
{
    if (turn_world.out_read == turn_world.out_count) {
        return false;
    }
    *ret_out = turn_world.outs[turn_world.out_read++];
    return true;
}

/* --- in the place of the engine --- */

struct dsp_err __wrap_dsp_emit(struct dsp_turn *turn, int32_t lane, const struct dsp_out *out);
struct dsp_err __wrap_dsp_timer_set(struct dsp_turn *turn, int32_t lane, const struct dsp_timer *timer);
struct dsp_err __wrap_dsp_timer_drop(struct dsp_turn *turn, const struct dsp_timer *timer);
void __wrap_dsp_count(struct dsp_turn *turn, const struct dsp_metric *metric, int64_t amount,
                      const struct dsp_str *label_values);
const struct dsp_platforms *__wrap_dsp_service_platforms(const struct dsp_service *service);
const struct dsp_keys *__wrap_dsp_service_keys(const struct dsp_service *service);

struct dsp_err __wrap_dsp_emit(struct dsp_turn *turn, int32_t lane, const struct dsp_out *out)
{
    (void)lane;
    assert_in_range(turn_world.out_count, 0, TURN_OUT_MAX - 1);
    turn_world.outs[turn_world.out_count++] = (struct turn_out){out->topic, dsp_arena_copy(turn->arena, out->value)};
    return dsp_ok();
}

struct dsp_err __wrap_dsp_timer_set(struct dsp_turn *turn, int32_t lane, const struct dsp_timer *timer)
{
    (void)turn, (void)lane, (void)timer;
    turn_world.timers_set++;
    return dsp_ok();
}

struct dsp_err __wrap_dsp_timer_drop(struct dsp_turn *turn, const struct dsp_timer *timer)
{
    (void)turn, (void)timer;
    return dsp_ok();
}

void __wrap_dsp_count(struct dsp_turn *turn, const struct dsp_metric *metric, int64_t amount,
                      const struct dsp_str *label_values)
{
    (void)turn, (void)metric, (void)amount, (void)label_values;
}

const struct dsp_platforms *__wrap_dsp_service_platforms(const struct dsp_service *service)
{
    (void)service;
    return turn_world.platforms;
}

const struct dsp_keys *__wrap_dsp_service_keys(const struct dsp_service *service)
{
    (void)service;
    return turn_world.keys;
}

#endif
