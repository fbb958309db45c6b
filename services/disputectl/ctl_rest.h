/* Rest (issue 4): reported by the services, never guessed. Everything is at rest when two rounds of GET /rest
 * from all instances of HESHI_ADMIN show, with unchanged end offsets,
 *   ready, nothing unpublished, in flight, in turn or due, nothing waiting in the inbox,
 *   the position of every partition of every input topic at its end,
 *   the same number of clock pairs everywhere, equal to the records of the control topic. */
#ifndef CTL_REST_H
#define CTL_REST_H

#include "disputectl/ctl_admin.h"
#include "disputectl/ctl_kafka.h"

#define CTL_CLOCK_TOPIC "disputes.sandbox.clock.v1"
#define CTL_REST_MS 90000       /* the usual patience */
#define CTL_REST_NAMES_MS 10000 /* after that stderr says who is not at rest */
#define CTL_REST_WHY_BYTES 1024

struct ctl_rest; /* opaque: keeps topics and partition counts */

struct ctl_rest_state {
    int64_t next_due_ms; /* the services' least next due instant, domain time; 0: none */
    int64_t now_ms;      /* domain time of the services */
    int64_t pairs;       /* clock pairs read; 0: the clock was never moved */
    int64_t waited_ms;   /* how long it took */
    int rounds;
    char why[CTL_REST_WHY_BYTES]; /* not at rest: who and why, one clause each, "; " between */
};

/* Borrows both. NULL: out of memory. */
struct ctl_rest *ctl_rest_new(struct ctl_kafka *kafka, struct ctl_admin *admin);
void ctl_rest_free(struct ctl_rest *rest); /* NULL is fine */

/* Waits until everything is at rest; at rest already it takes two rounds, some milliseconds. After
 * CTL_REST_NAMES_MS it says on stderr who is not and goes on waiting.
 * RETRY NOT_READY: not within `max_ms`; ret_state->why (also given then) says who and why.
 * REJECT CONFIG_INVALID: HESHI_ADMIN is not set. */
DSP_MUST_USE struct dsp_err ctl_rest_wait(struct ctl_rest *rest, int max_ms, struct ctl_rest_state *ret_state);
/* One round, no waiting: true when that round shows rest. `why` is filled otherwise. */
bool ctl_rest_look(struct ctl_rest *rest, struct ctl_rest_state *ret_state);

#endif
