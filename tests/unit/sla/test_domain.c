/* The clock ledger: every cell of state × input, and the arithmetic of budgets. */
#include "sla/domain.h"

#include "common/base/clock.h"
#include "support/cmocka_all.h"

#define START INT64_C(1776045600000)
#define DAY (DSP_DAY_MS)

static struct sla_clock running(void)
{
    struct sla_clock clock;
    struct sla_budget budget = {DAY, 0, SLA_TIME_WALL};
    assert_ok(sla_clock_start(&budget, false, START, NULL, &clock));
    return clock;
}

static void a_clock_wakes_at_each_rung_and_at_its_end(void **state)
{
    (void)state;
    struct sla_clock clock = running();
    assert_int_equal(clock.due_ms, START + DAY);
    assert_int_equal(sla_clock_wake(&clock, NULL), START + DAY / 2);
    struct sla_effect effect = sla_decide(&clock, SLA_INPUT_TIMER, START + DAY / 2, NULL);
    assert_false(effect.changed); /* a due time is past only after its last instant */
    effect = sla_decide(&clock, SLA_INPUT_TIMER, START + DAY / 2 + 1, NULL);
    assert_int_equal(effect.rung_count, 1);
    assert_int_equal(effect.rungs[0], 50);
    assert_int_equal(effect.wake_ms, START + DAY / 4 * 3);
    effect = sla_decide(&clock, SLA_INPUT_TIMER, START + DAY / 2 + 1, NULL);
    assert_int_equal(effect.rung_count, 0); /* each rung once */
    effect = sla_decide(&clock, SLA_INPUT_TIMER, START + DAY, NULL);
    assert_false(effect.breach); /* the last instant belongs to the deadline */
    assert_int_equal(effect.rung_count, 2);
    effect = sla_decide(&clock, SLA_INPUT_TIMER, START + DAY + 1, NULL);
    assert_int_equal(effect.rung_count, 0);
    assert_true(effect.breach);
    assert_int_equal(clock.state, SLA_STATE_BREACHING);
    assert_int_equal(effect.wake_ms, 0);
}

static void the_short_budget_counts_where_it_is_asked_for(void **state)
{
    (void)state;
    struct sla_clock clock;
    const struct sla_budget *budget = sla_start_budget(SLA_KIND_APPEAL);
    assert_ok(sla_clock_start(budget, true, START, NULL, &clock));
    assert_int_equal(clock.due_ms, START + 3 * DAY);
    assert_ok(sla_clock_start(budget, false, START, NULL, &clock));
    assert_int_equal(clock.due_ms, START + 7 * DAY);
    assert_null(sla_start_budget(SLA_KIND_NONE));
    assert_null(sla_start_budget(SLA_KIND_COUNT));
}

static void a_paused_clock_keeps_what_it_has_used(void **state)
{
    (void)state;
    struct sla_clock clock = running();
    struct sla_effect effect = sla_decide(&clock, SLA_INPUT_PAUSE, START + DAY / 4, NULL);
    assert_true(effect.paused);
    assert_int_equal(clock.used_ms, DAY / 4);
    assert_int_equal(effect.wake_ms, 0);
    assert_int_equal(clock.generation, 2);
    effect = sla_decide(&clock, SLA_INPUT_RESUME, START + 10 * DAY, NULL);
    assert_true(effect.resumed);
    assert_int_equal(clock.due_ms, START + 10 * DAY + DAY / 4 * 3);
    assert_int_equal(clock.generation, 3);
}

static void a_refused_breach_is_said_again_a_day_later(void **state)
{
    (void)state;
    struct sla_clock clock = running();
    sla_decide(&clock, SLA_INPUT_TIMER, START + DAY + 1, NULL);
    struct sla_effect effect = sla_decide(&clock, SLA_INPUT_REFUSED, START + DAY + 1, NULL);
    assert_int_equal(clock.state, SLA_STATE_RUNNING);
    assert_int_equal(effect.wake_ms, START + DAY + 1 + SLA_REFUSED_HOLD_MS);
    effect = sla_decide(&clock, SLA_INPUT_TIMER, START + DAY + 2, NULL);
    assert_false(effect.breach);
    effect = sla_decide(&clock, SLA_INPUT_TIMER, START + DAY + 2 + SLA_REFUSED_HOLD_MS, NULL);
    assert_true(effect.breach);
}

static void a_breach_waits_for_the_act_that_was_in_time_for_a_day_after_the_act(void **state)
{
    (void)state;
    struct sla_clock clock = running();
    int64_t act_ms = START + DAY - 5;
    clock.act_ms = act_ms;
    sla_decide(&clock, SLA_INPUT_TIMER, START + DAY + 1, NULL);
    struct sla_effect effect = sla_decide(&clock, SLA_INPUT_REFUSED, START + DAY + 1, NULL);
    assert_int_equal(effect.wake_ms, act_ms + SLA_REFUSED_HOLD_MS);
    effect = sla_decide(&clock, SLA_INPUT_TIMER, act_ms + SLA_REFUSED_HOLD_MS, NULL);
    assert_false(effect.breach); /* not before */
    effect = sla_decide(&clock, SLA_INPUT_TIMER, act_ms + SLA_REFUSED_HOLD_MS + 1, NULL);
    assert_true(effect.breach);
    /* Refused once more although that day is over: a day from now, never at once again. */
    effect = sla_decide(&clock, SLA_INPUT_REFUSED, act_ms + SLA_REFUSED_HOLD_MS + 2, NULL);
    assert_int_equal(effect.wake_ms, act_ms + 2 * SLA_REFUSED_HOLD_MS + 2);
}

static void a_breach_that_was_held_back_comes_at_once_when_the_act_is_refused(void **state)
{
    (void)state;
    struct sla_clock clock = running();
    struct sla_effect effect = sla_decide(&clock, SLA_INPUT_RELEASE, START + DAY / 3, NULL);
    assert_false(effect.changed); /* nothing was held back */
    assert_int_equal(clock.state, SLA_STATE_RUNNING);
    sla_decide(&clock, SLA_INPUT_TIMER, START + DAY + 1, NULL);
    sla_decide(&clock, SLA_INPUT_REFUSED, START + DAY + 1, NULL);
    effect = sla_decide(&clock, SLA_INPUT_RELEASE, START + DAY + 2, NULL);
    assert_true(effect.breach);
    assert_int_equal(effect.wake_ms, 0);
    assert_int_equal(clock.state, SLA_STATE_BREACHING);
    effect = sla_decide(&clock, SLA_INPUT_RELEASE, START + DAY + 3, NULL);
    assert_false(effect.breach); /* once */
}

static void the_log_overrules_a_breach_that_was_only_found(void **state)
{
    (void)state;
    struct sla_clock clock = running();
    sla_decide(&clock, SLA_INPUT_TIMER, START + DAY + 1, NULL);
    sla_decide(&clock, SLA_INPUT_MEET, START + DAY - 1, NULL);
    assert_int_equal(clock.state, SLA_STATE_MET);
}

static void every_cell_does_what_the_table_says(void **state)
{
    (void)state;
    /* 0 = nothing changes; else the state it leads to. */
    static const enum sla_state NEXT[SLA_STATE_CANCELLED + 1][SLA_INPUT_COUNT] = {
        [SLA_STATE_RUNNING] = {[SLA_INPUT_MEET] = SLA_STATE_MET,
                               [SLA_INPUT_CANCEL] = SLA_STATE_CANCELLED,
                               [SLA_INPUT_PAUSE] = SLA_STATE_PAUSED,
                               [SLA_INPUT_BREACH] = SLA_STATE_BREACHED,
                               [SLA_INPUT_TIMER] = SLA_STATE_BREACHING,
                               [SLA_INPUT_RELEASE] = SLA_STATE_BREACHING},
        [SLA_STATE_PAUSED] = {[SLA_INPUT_MEET] = SLA_STATE_MET,
                              [SLA_INPUT_CANCEL] = SLA_STATE_CANCELLED,
                              [SLA_INPUT_RESUME] = SLA_STATE_RUNNING},
        [SLA_STATE_BREACHING] = {[SLA_INPUT_MEET] = SLA_STATE_MET,
                                 [SLA_INPUT_CANCEL] = SLA_STATE_CANCELLED,
                                 [SLA_INPUT_PAUSE] = SLA_STATE_PAUSED,
                                 [SLA_INPUT_BREACH] = SLA_STATE_BREACHED,
                                 [SLA_INPUT_REFUSED] = SLA_STATE_RUNNING},
    };
    for (int from = SLA_STATE_RUNNING; from <= SLA_STATE_CANCELLED; from++) {
        for (int input = SLA_INPUT_MEET; input < SLA_INPUT_COUNT; input++) {
            struct sla_clock clock = running();
            clock.state = (enum sla_state)from;
            clock.rungs = 7;
            clock.retry_ms = input == SLA_INPUT_RELEASE ? START + 2 * DAY : 0;
            struct sla_effect effect = sla_decide(&clock, (enum sla_input)input, START + DAY + 1, NULL);
            enum sla_state expected = NEXT[from][input] ? NEXT[from][input] : (enum sla_state)from;
            assert_int_equal(clock.state, expected);
            assert_int_equal(effect.changed, NEXT[from][input] != 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_wakes_at_each_rung_and_at_its_end),
        cmocka_unit_test(the_short_budget_counts_where_it_is_asked_for),
        cmocka_unit_test(a_paused_clock_keeps_what_it_has_used),
        cmocka_unit_test(a_refused_breach_is_said_again_a_day_later),
        cmocka_unit_test(a_breach_waits_for_the_act_that_was_in_time_for_a_day_after_the_act),
        cmocka_unit_test(a_breach_that_was_held_back_comes_at_once_when_the_act_is_refused),
        cmocka_unit_test(the_log_overrules_a_breach_that_was_only_found),
        cmocka_unit_test(every_cell_does_what_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
