/* Shapes of disputes as data: what people do when an entry of a case appears. After SCENARIOS' stories: SC01 (the
 * merchant accepts and refunds), SC12 (a silent merchant; the fund pays). */
#ifndef BENCH_SHAPES_H
#define BENCH_SHAPES_H

#include <stdbool.h>
#include <stddef.h>

enum bench_act {
    BENCH_END, /* the dispute is over */
    BENCH_ACCEPT,
    BENCH_PERFORM,
    BENCH_FEEDBACK_CONSUMER,
    BENCH_FEEDBACK_MERCHANT,
    BENCH_ACKNOWLEDGE, /* the merchant's system acknowledges the message about the entry */
    BENCH_OPEN,        /* the consumer opens the entry in the docket */
    BENCH_CLOCK,       /* nobody acts: a clock has to run out */
};

/* One line of a story. Lines of one row are done in their order. */
struct bench_line {
    const char *row; /* row of the entry (docs/MACHINE.md) */
    int nth;         /* only at this appearance of the row in the case, from 1 */
    int delay_ms;    /* people take so long; such time is nobody's service time */
    enum bench_act act;
    const char *clock; /* CLOCK: kind in the policy; its budget is nobody's service time */
    bool short_budget;
};

struct bench_shape {
    const char *name;
    const char *reason; /* name of disputes.common.v1.Reason without its prefix */
    bool received;      /* the goods came */
    const struct bench_line *lines;
    size_t count;
};

extern const struct bench_shape BENCH_SHAPES[];
extern const size_t BENCH_SHAPE_COUNT;

#endif
