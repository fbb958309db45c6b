/* A case in the domain, below any store: inputs in, rows of the machine or codes of refusals out. Beside each decision
 * it holds the list of allowed actions against it (allowed.h). Include it in one file of a program. */
#ifndef INTAKE_TEST_WORLD_H
#define INTAKE_TEST_WORLD_H

#include "intake/domain.h"

#include <string.h>

#include "common/base/clock.h"
#include "support/cmocka_all.h"
#include "unit/intake/allowed.h"

#define NOON INT64_C(1776045600000) /* an instant; only differences matter */
#define HOUR DSP_HOUR_MS

/* A case under test: what was decided last, and when. */
struct world {
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    size_t count;
    int64_t now_ms;
};

static const char *decide(struct world *w, struct intake_input *input)
{
    if (w->c.docket.stage != STAGE_NEW && w->c.wait_count < INTAKE_WAITS_MAX) {
        check_allowed(&w->c, w->now_ms, ROLE_CONSUMER, "c1");
        check_allowed(&w->c, w->now_ms, ROLE_MERCHANT, "m1");
        check_allowed(&w->c, w->now_ms, ROLE_AGENT, "a1");
        check_allowed(&w->c, w->now_ms, ROLE_AGENT, "a2");
        check_allowed(&w->c, w->now_ms, ROLE_REVIEWER, "r1");
    }
    input->time_ms = w->now_ms;
    input->currency_cny = true;
    w->count = intake_decide(&w->c, input, w->drafts);
    return w->drafts[0].refusal ? INTAKE_REFUSALS[w->drafts[0].refusal].code : w->drafts[0].row->id;
}

static struct intake_input of_party(enum intake_trigger trigger, int32_t role)
{
    return (struct intake_input){.trigger = trigger,
                                 .source = SOURCE_GW,
                                 .role = role,
                                 .actor_id = dsp_str_from(role == ROLE_CONSUMER ? "c1" : "m1")};
}

static const char *breach(struct world *w, int32_t kind, int32_t side)
{
    struct intake_input input = {.trigger = TRIGGER_CLOCK_BREACHED, .source = SOURCE_SLA, .role = ROLE_SYSTEM};
    struct intake_clock *clock = intake_clock_live(&w->c, kind, side);
    assert_non_null(clock);
    clock->due_ms = w->now_ms - 1;
    clock->generation = 1;
    input.clock = *clock;
    return decide(w, &input);
}

#endif
