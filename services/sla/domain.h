/* The clock ledger: what a clock of a case is, when it runs out, what becomes of it. Pure: no clock, no I/O.
 * A clock keeps budget, used time and since when it runs, never only a target instant, so that it can be
 * paused and moved (docs/MACHINE.md, section 6). Times are domain milliseconds. */
#ifndef SLA_DOMAIN_H
#define SLA_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/calendar.h"

/* Values of disputes.common.v1.ClockKind; the codec checks that they agree. */
enum sla_kind {
    SLA_KIND_NONE = 0,
    SLA_KIND_ACK = 1,
    SLA_KIND_SCREEN,
    SLA_KIND_SUPPLEMENT,
    SLA_KIND_M_FIRST,
    SLA_KIND_M_POSITION,
    SLA_KIND_OFFER,
    SLA_KIND_ROUND,
    SLA_KIND_NEXT_ROUND,
    SLA_KIND_INVEST,
    SLA_KIND_INVEST_HARD,
    SLA_KIND_SERVICE,
    SLA_KIND_COMMENT,
    SLA_KIND_FINALISE,
    SLA_KIND_APPEAL,
    SLA_KIND_APPEAL_DECIDE,
    SLA_KIND_APPEAL_HARD,
    SLA_KIND_ARB_ACK,
    SLA_KIND_ARB_STALE,
    SLA_KIND_ARB_HARD,
    SLA_KIND_PERFORM,
    SLA_KIND_RETURN_SHIP,
    SLA_KIND_RETURN_INSPECT,
    SLA_KIND_RETURN_CHECK,
    SLA_KIND_HOLD,
    SLA_KIND_ENFORCE_HARD,
    SLA_KIND_FEEDBACK,
    SLA_KIND_REVIEW,
    SLA_KIND_REFILE,
    SLA_KIND_RETAIN,
    SLA_KIND_COUNT,
};

/* How a budget is counted. */
enum sla_time {
    SLA_TIME_WALL = 1,     /* hours by the clock */
    SLA_TIME_CALENDAR = 2, /* calendar days by the Civil Code */
    SLA_TIME_WORK = 3,     /* working days of the platform calendar, 24 h each */
    SLA_TIME_MERCHANT = 4, /* the merchant's business hours: counted as wall time until hours are known */
};

/* What each state waits for and what ends it. */
enum sla_state {
    SLA_STATE_RUNNING = 1,   /* its due instant; ends by any other state */
    SLA_STATE_PAUSED = 2,    /* the log to resume it; keeps its used time */
    SLA_STATE_BREACHING = 3, /* the log to confirm or refuse the breach that was found */
    SLA_STATE_MET = 4,       /* end: what it waited for came */
    SLA_STATE_BREACHED = 5,  /* end: the breach is in the log */
    SLA_STATE_CANCELLED = 6, /* end: its stage was left another way */
};

/* What happens to a clock. */
enum sla_input {
    SLA_INPUT_MEET = 1,
    SLA_INPUT_CANCEL,
    SLA_INPUT_PAUSE,
    SLA_INPUT_RESUME,
    SLA_INPUT_BREACH,  /* the log confirms the breach */
    SLA_INPUT_REFUSED, /* the log refuses the breach */
    SLA_INPUT_TIMER,   /* an instant that was waited for is past */
    SLA_INPUT_RELEASE, /* the act for which a breach was refused has been refused itself */
    SLA_INPUT_COUNT,
};

/* One budget of the policy. */
struct sla_budget {
    int64_t budget_ms;
    int64_t short_budget_ms; /* for refund reasons, default judgments …; 0 = the same */
    enum sla_time time;
};

struct sla_clock {
    enum sla_state state;
    enum sla_time time;
    int64_t budget_ms;
    int64_t used_ms;    /* up to running_since */
    int64_t running_ms; /* since when it runs; 0 while it stands */
    int64_t due_ms;     /* derived: when it runs out, as long as it runs */
    int32_t generation; /* counts moves, pauses and resumes, from 1 */
    int32_t rungs;      /* bits of SLA_RUNGS that have fired */
    int64_t retry_ms;   /* a refused breach is said again at this instant; 0 = none */
    int64_t act_ms;     /* stamp of the last act that may hold a breach back; 0 = none */
};

/* Warnings before the breach, in per cent of the budget. */
#define SLA_RUNG_COUNT 3
extern const int SLA_RUNGS[SLA_RUNG_COUNT];

/* What one input leads to. */
struct sla_effect {
    bool changed;
    int rungs[SLA_RUNG_COUNT]; /* per cent of each rung that fires now */
    size_t rung_count;
    bool breach; /* say ClockBreached */
    bool paused; /* say ClockPaused */
    bool resumed;
    int64_t wake_ms; /* next instant to wait for; 0 = none */
};

/* Start values of the policy (docs/MACHINE.md, 6.1); NULL: no such clock. */
const struct sla_budget *sla_start_budget(enum sla_kind kind);
/* How long a breach is held back, counted from the act that waits for its finding; where no act is known or that time
 * is over, from the refusal (docs/MACHINE.md, 1.2). */
#define SLA_REFUSED_HOLD_MS (24 * INT64_C(3600000))

/* A clock that runs from an instant. `calendar` may be NULL for wall time. */
DSP_MUST_USE struct dsp_err sla_clock_start(const struct sla_budget *budget, bool short_budget, int64_t from_ms,
                                            const struct dsp_calendar *calendar, struct sla_clock *ret_clock);
/* Folds one input at an instant; an input that the state forbids changes nothing. */
struct sla_effect sla_decide(struct sla_clock *clock, enum sla_input input, int64_t now_ms,
                             const struct dsp_calendar *calendar);
/* Next instant at which a running clock must be looked at: a rung or the due time. 0 = none. */
int64_t sla_clock_wake(const struct sla_clock *clock, const struct dsp_calendar *calendar);
bool sla_state_live(enum sla_state state);
const char *sla_state_name(int state);
const char *sla_kind_name(int kind);

#endif
