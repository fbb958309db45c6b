#include "sla/domain.h"

#include <string.h>

#include "common/base/clock.h"

#define H DSP_HOUR_MS
#define D DSP_DAY_MS

const int SLA_RUNGS[SLA_RUNG_COUNT] = {50, 75, 90};

/* docs/MACHINE.md, 6.1. A platform's policy may replace each of them. */
static const struct sla_budget BUDGETS[SLA_KIND_COUNT] = {
    [SLA_KIND_ACK] = {5 * DSP_SECOND_MS, 0, SLA_TIME_WALL},
    [SLA_KIND_SCREEN] = {24 * H, 0, SLA_TIME_WALL},
    [SLA_KIND_SUPPLEMENT] = {72 * H, 0, SLA_TIME_WALL},
    [SLA_KIND_M_FIRST] = {24 * H, 0, SLA_TIME_WALL},
    [SLA_KIND_M_POSITION] = {72 * H, 48 * H, SLA_TIME_WALL}, /* short: refund reasons */
    [SLA_KIND_OFFER] = {48 * H, 0, SLA_TIME_WALL},
    [SLA_KIND_ROUND] = {48 * H, 0, SLA_TIME_WALL},
    [SLA_KIND_NEXT_ROUND] = {24 * H, 0, SLA_TIME_WALL},
    [SLA_KIND_INVEST] = {7 * D, 0, SLA_TIME_WORK},
    [SLA_KIND_INVEST_HARD] = {15 * D, 0, SLA_TIME_WALL},
    [SLA_KIND_SERVICE] = {24 * H, 0, SLA_TIME_WALL},
    [SLA_KIND_COMMENT] = {48 * H, 0, SLA_TIME_WALL},
    [SLA_KIND_FINALISE] = {24 * H, 0, SLA_TIME_WORK},
    [SLA_KIND_APPEAL] = {7 * D, 72 * H, SLA_TIME_WALL}, /* short: on DEFAULT */
    [SLA_KIND_APPEAL_DECIDE] = {5 * D, 0, SLA_TIME_WORK},
    [SLA_KIND_APPEAL_HARD] = {15 * D, 0, SLA_TIME_WALL},
    [SLA_KIND_ARB_ACK] = {3 * D, 0, SLA_TIME_WALL},
    [SLA_KIND_ARB_STALE] = {30 * D, 0, SLA_TIME_WALL},
    [SLA_KIND_ARB_HARD] = {180 * D, 0, SLA_TIME_WALL},
    [SLA_KIND_PERFORM] = {7 * D, 48 * H, SLA_TIME_WALL}, /* short: money */
    [SLA_KIND_RETURN_SHIP] = {7 * D, 0, SLA_TIME_WALL},
    [SLA_KIND_RETURN_INSPECT] = {10 * D, 0, SLA_TIME_WALL},
    [SLA_KIND_RETURN_CHECK] = {72 * H, 0, SLA_TIME_WALL},
    [SLA_KIND_HOLD] = {24 * H, 0, SLA_TIME_WORK},
    [SLA_KIND_ENFORCE_HARD] = {30 * D, 72 * H, SLA_TIME_WALL}, /* short: armed again while a payout is out */
    [SLA_KIND_FEEDBACK] = {7 * D, 0, SLA_TIME_WALL},
    [SLA_KIND_REVIEW] = {72 * H, 0, SLA_TIME_WALL},
    [SLA_KIND_REFILE] = {7 * D, 0, SLA_TIME_WALL},
    [SLA_KIND_RETAIN] = {(3 * 365 + 1) * D, 0, SLA_TIME_WALL}, /* three years, a leap day among them: never less */
};

const struct sla_budget *sla_start_budget(enum sla_kind kind)
{
    return kind > SLA_KIND_NONE && kind < SLA_KIND_COUNT && BUDGETS[kind].budget_ms ? &BUDGETS[kind] : NULL;
}

bool sla_state_live(enum sla_state state)
{
    return state == SLA_STATE_RUNNING || state == SLA_STATE_PAUSED || state == SLA_STATE_BREACHING;
}

/* Outside the years that calendars support (after 2199) the wall clock counts: late beats never. */
static int64_t working_due(const struct dsp_calendar *calendar, int64_t from_ms, int64_t budget_ms)
{
    struct dsp_due due = {.due_ms = from_ms + budget_ms};
    return dsp_failed(dsp_calendar_due_working(calendar, from_ms, budget_ms, &due)) ? from_ms + budget_ms : due.due_ms;
}

static int64_t working_elapsed(const struct dsp_calendar *calendar, int64_t from_ms, int64_t to_ms)
{
    int64_t elapsed_ms = 0;
    return dsp_failed(dsp_calendar_elapsed_working(calendar, from_ms, to_ms, &elapsed_ms)) ? to_ms - from_ms
                                                                                           : elapsed_ms;
}

static int64_t days_due(const struct dsp_calendar *calendar, int64_t from_ms, int64_t budget_ms)
{
    struct dsp_period period = {.unit = DSP_PERIOD_DAY, .count = (int32_t)((budget_ms + D - 1) / D)};
    struct dsp_period_end end;
    return dsp_failed(dsp_calendar_period_end(calendar, from_ms, &period, &end)) ? from_ms + budget_ms : end.due.due_ms;
}

/* The instant at which a running clock will have used so much of its budget. */
static int64_t instant_of(const struct sla_clock *clock, int64_t used_ms, const struct dsp_calendar *calendar)
{
    int64_t more_ms = used_ms - clock->used_ms;
    if (more_ms < 0) {
        more_ms = 0;
    }
    if (clock->time == SLA_TIME_WORK && calendar) {
        return working_due(calendar, clock->running_ms, more_ms);
    }
    if (clock->time == SLA_TIME_CALENDAR && calendar) {
        return days_due(calendar, clock->running_ms, more_ms);
    }
    return clock->running_ms + more_ms;
}

static int64_t used_until(const struct sla_clock *clock, int64_t now_ms, const struct dsp_calendar *calendar)
{
    if (!clock->running_ms || now_ms <= clock->running_ms) {
        return clock->used_ms;
    }
    int64_t more_ms = clock->time == SLA_TIME_WORK && calendar ? working_elapsed(calendar, clock->running_ms, now_ms)
                                                               : now_ms - clock->running_ms;
    return clock->used_ms + more_ms;
}

static int64_t rung_used(const struct sla_clock *clock, size_t rung)
{
    return clock->budget_ms / 100 * SLA_RUNGS[rung] + clock->budget_ms % 100 * SLA_RUNGS[rung] / 100;
}

int64_t sla_clock_wake(const struct sla_clock *clock, const struct dsp_calendar *calendar)
{
    if (clock->state == SLA_STATE_BREACHING) {
        return clock->retry_ms;
    }
    if (clock->state != SLA_STATE_RUNNING) {
        return 0;
    }
    if (clock->retry_ms) {
        return clock->retry_ms;
    }
    for (size_t i = 0; i < SLA_RUNG_COUNT; i++) {
        if (!(clock->rungs & (1 << i))) {
            int64_t at = instant_of(clock, rung_used(clock, i), calendar);
            if (at < clock->due_ms) {
                return at;
            }
        }
    }
    return clock->due_ms;
}

struct dsp_err sla_clock_start(const struct sla_budget *budget, bool short_budget, int64_t from_ms,
                               const struct dsp_calendar *calendar, struct sla_clock *ret_clock)
{
    struct sla_clock clock = {
        .state = SLA_STATE_RUNNING,
        .time = budget->time,
        .budget_ms = short_budget && budget->short_budget_ms ? budget->short_budget_ms : budget->budget_ms,
        .running_ms = from_ms,
        .generation = 1,
    };
    clock.due_ms = instant_of(&clock, clock.budget_ms, calendar);
    *ret_clock = clock;
    return dsp_ok();
}

/* What stands in no cell changes nothing: an entry about a clock that has ended is late news. */
static const bool ALLOWED[SLA_STATE_CANCELLED + 1][SLA_INPUT_COUNT] = {
    [SLA_STATE_RUNNING] =
        {
            [SLA_INPUT_MEET] = true,
            [SLA_INPUT_CANCEL] = true,
            [SLA_INPUT_PAUSE] = true,
            [SLA_INPUT_BREACH] = true, /* after a refusal that the log has overtaken */
            [SLA_INPUT_TIMER] = true,
            [SLA_INPUT_RELEASE] = true,
        },
    [SLA_STATE_PAUSED] =
        {
            [SLA_INPUT_MEET] = true,
            [SLA_INPUT_CANCEL] = true,
            [SLA_INPUT_RESUME] = true,
        },
    [SLA_STATE_BREACHING] =
        {
            [SLA_INPUT_MEET] = true, /* the log has it otherwise: it came in time */
            [SLA_INPUT_CANCEL] = true,
            [SLA_INPUT_PAUSE] = true,
            [SLA_INPUT_BREACH] = true,
            [SLA_INPUT_REFUSED] = true,
        },
};

static void stand_still(struct sla_clock *clock, int64_t now_ms, const struct dsp_calendar *calendar)
{
    int64_t used_ms = used_until(clock, now_ms, calendar);
    clock->used_ms = used_ms < clock->budget_ms ? used_ms : clock->budget_ms;
    clock->running_ms = 0;
    clock->retry_ms = 0;
}

static void run_on(struct sla_clock *clock, int64_t now_ms, const struct dsp_calendar *calendar)
{
    clock->running_ms = now_ms;
    clock->due_ms = instant_of(clock, clock->budget_ms, calendar);
}

static void fire(struct sla_clock *clock, int64_t now_ms, const struct dsp_calendar *calendar,
                 struct sla_effect *effect)
{
    if (clock->retry_ms && now_ms <= clock->retry_ms) {
        return;
    }
    for (size_t i = 0; i < SLA_RUNG_COUNT; i++) {
        if (!(clock->rungs & (1 << i)) && instant_of(clock, rung_used(clock, i), calendar) < now_ms) {
            clock->rungs |= 1 << i;
            effect->rungs[effect->rung_count++] = SLA_RUNGS[i];
        }
    }
    if (clock->due_ms < now_ms) { /* a deadline includes its last instant */
        clock->state = SLA_STATE_BREACHING;
        clock->retry_ms = 0;
        effect->breach = true;
    }
    effect->changed = effect->rung_count || effect->breach;
}

/* The log stopped the breach, and only the log can end it: said again when the act has had its 24 h. */
static void hold_back(struct sla_clock *clock, int64_t now_ms)
{
    int64_t until_ms = clock->act_ms ? clock->act_ms + SLA_REFUSED_HOLD_MS : 0;
    clock->state = SLA_STATE_RUNNING;
    clock->retry_ms = until_ms > now_ms ? until_ms : now_ms + SLA_REFUSED_HOLD_MS;
}

struct sla_effect sla_decide(struct sla_clock *clock, enum sla_input input, int64_t now_ms,
                             const struct dsp_calendar *calendar)
{
    struct sla_effect effect = {0};
    if (!ALLOWED[clock->state][input]) {
        effect.wake_ms = sla_clock_wake(clock, calendar);
        return effect;
    }
    effect.changed = true;
    switch (input) {
    case SLA_INPUT_MEET:
        stand_still(clock, now_ms, calendar);
        clock->state = SLA_STATE_MET;
        break;
    case SLA_INPUT_CANCEL:
        stand_still(clock, now_ms, calendar);
        clock->state = SLA_STATE_CANCELLED;
        break;
    case SLA_INPUT_PAUSE:
        stand_still(clock, now_ms, calendar);
        clock->state = SLA_STATE_PAUSED;
        clock->generation++;
        effect.paused = true;
        break;
    case SLA_INPUT_RESUME:
        clock->state = SLA_STATE_RUNNING;
        clock->generation++;
        run_on(clock, now_ms, calendar);
        effect.resumed = true;
        break;
    case SLA_INPUT_BREACH:
        clock->state = SLA_STATE_BREACHED;
        clock->used_ms = clock->budget_ms;
        clock->running_ms = 0;
        clock->retry_ms = 0;
        break;
    case SLA_INPUT_REFUSED:
        hold_back(clock, now_ms);
        break;
    case SLA_INPUT_RELEASE: /* a breach that was never refused comes by its timer */
        effect.changed = effect.breach = clock->retry_ms && clock->due_ms < now_ms;
        if (effect.breach) {
            clock->state = SLA_STATE_BREACHING;
            clock->retry_ms = 0;
        }
        break;
    case SLA_INPUT_TIMER:
        effect.changed = false;
        fire(clock, now_ms, calendar, &effect);
        break;
    case SLA_INPUT_COUNT:
        break;
    }
    effect.wake_ms = sla_clock_wake(clock, calendar);
    return effect;
}

const char *sla_state_name(int state)
{
    static const char *const NAMES[] = {NULL, "RUNNING", "PAUSED", "BREACHING", "MET", "BREACHED", "CANCELLED"};
    return state > 0 && state < (int)(sizeof NAMES / sizeof *NAMES) ? NAMES[state] : NULL;
}

const char *sla_kind_name(int kind)
{
    static const char *const NAMES[SLA_KIND_COUNT] = {
        NULL,          "K_ack",          "K_screen",     "K_supplement",    "K_m_first",        "K_m_position",
        "K_offer",     "K_round",        "K_next_round", "K_invest",        "K_invest_hard",    "K_service",
        "K_comment",   "K_finalise",     "K_appeal",     "K_appeal_decide", "K_appeal_hard",    "K_arb_ack",
        "K_arb_stale", "K_arb_hard",     "K_perform",    "K_return_ship",   "K_return_inspect", "K_return_check",
        "K_hold",      "K_enforce_hard", "K_feedback",   "K_review",        "K_refile",         "K_retain",
    };
    return kind > 0 && kind < SLA_KIND_COUNT ? NAMES[kind] : NULL;
}
