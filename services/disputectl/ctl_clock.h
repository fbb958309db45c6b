/* The movable clock of a sandbox: one record per move on disputes.sandbox.clock.v1. */
#ifndef CTL_CLOCK_H
#define CTL_CLOCK_H

#include "disputectl/ctl_rest.h"

/* Domain time the services stand at, and whether it was ever moved. Waits for nothing.
 * RETRY: nobody answers. REJECT CONFIG_INVALID. */
DSP_MUST_USE struct dsp_err ctl_clock_now(struct ctl_admin *admin, int64_t *ret_now_ms, int64_t *ret_pairs);

/* Moves the clock to an instant, forward or back, without stopping on the way: waits for rest, writes the pair,
 * waits until every service has taken it and rests again. RETRY NOT_READY: no rest. REJECT "not started as a
 * sandbox": the pair was not taken within 5 s. `ret_state` is the state after the move. */
DSP_MUST_USE struct dsp_err ctl_clock_set(struct ctl_kafka *kafka, struct ctl_admin *admin, struct ctl_rest *rest,
                                          int64_t instant_ms, struct ctl_rest_state *ret_state);

/* Called before each stop of an advance (`final` = false) and at its end. May be NULL. */
typedef void ctl_on_stop(void *arg, int64_t now_ms, bool final);

/* Goes on to `target_ms` from due instant to due instant: at rest, takes the services' least next due instant D,
 * moves to min(target, D + 1 ms), waits for rest, and so on until the target. A target in the past is REJECT
 * FIELD_INVALID. Errors as ctl_clock_set. `ret_state` as after the last move. */
DSP_MUST_USE struct dsp_err ctl_clock_advance(struct ctl_kafka *kafka, struct ctl_admin *admin, struct ctl_rest *rest,
                                              int64_t target_ms, ctl_on_stop *on_stop, void *arg,
                                              struct ctl_rest_state *ret_state);

#endif
