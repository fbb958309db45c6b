/* Shared by service.c (life, what handlers call) and turn.c. */
#ifndef DSP_TEST_SERVICE_INTERNAL_H
#define DSP_TEST_SERVICE_INTERNAL_H

#include "support/fake/service.h"

/* What handlers see of the engine and of the service is this. */
struct dsp_engine {
    struct fake *fake;
    struct fake_out outs[FAKE_OUTS_MAX]; /* of the open turn */
    size_t out_count;
    struct {
        bool set;
        struct dsp_timer timer;
    } timers[FAKE_TIMERS_MAX]; /* in the order of the calls */
    size_t timer_count;
    struct {
        const struct dsp_metric *metric;
        int64_t amount;
        struct dsp_str labels[DSP_METRIC_LABELS_MAX];
    } counts[FAKE_COUNTS_MAX]; /* of the open turn */
    size_t count_count;
};

struct dsp_service {
    struct fake *fake;
    struct dsp_platforms *platforms;
    struct dsp_keys *keys;
};

/* A copy that lives as long as the arena. */
struct dsp_str fake_keep(struct dsp_arena *arena, struct dsp_str text);
/* One more call for a timer, in the open turn. */
struct dsp_err fake_keep_timer(struct dsp_turn *turn, const struct dsp_timer *timer, bool set);

#endif
