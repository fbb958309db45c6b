/* Shapes of disputes as data: what people do when an entry of a case appears. After SCENARIOS' stories: SC01 (the
 * merchant accepts and refunds), SC02 (they settle after a counter-offer), SC12 (a silent merchant; the fund pays). */
#ifndef BENCH_SHAPES_H
#define BENCH_SHAPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bench_act {
    BENCH_END, /* the dispute is over */
    BENCH_REPLY_BOT,
    BENCH_REPLY_PERSON,
    BENCH_ACCEPT,
    BENCH_MAKE_OFFER,    /* by the merchant */
    BENCH_COUNTER_OFFER, /* by the consumer, to the offer that the log shows */
    BENCH_ACCEPT_OFFER,  /* by the merchant, of the offer that the log shows */
    BENCH_PERFORM,
    BENCH_FEEDBACK_CONSUMER,
    BENCH_FEEDBACK_MERCHANT,
    BENCH_ACKNOWLEDGE, /* the merchant's system acknowledges the message about the entry */
    BENCH_OPEN,        /* the consumer opens the entry in the docket */
    BENCH_CLOCK,       /* nobody acts: a clock has to run out */
    BENCH_HAPPENS,     /* nobody acts: without it the dispute was another one */
};

/* One line of a story. Lines of one row are done in their order. */
struct bench_line {
    const char
        *row;     /* row of the entry (docs/MACHINE.md); CLOCK: NULL, it waits from the entry that starts the clock */
    int nth;      /* only at this appearance of the row in the case, from 1 */
    int delay_ms; /* people take so long; such time is nobody's service time */
    enum bench_act act;
    int clock; /* CLOCK: Disputes__Common__V1__ClockKind; until it is due, time is nobody's service time */
};

struct bench_shape {
    const char *name;
    const char *reason; /* name of disputes.common.v1.Reason without its prefix */
    bool received;      /* the goods came */
    int64_t sum_minor;  /* what the merchant pays in the end, or would have to */
    const struct bench_line *lines;
    size_t count;
};

extern const struct bench_shape BENCH_SHAPES[];
extern const size_t BENCH_SHAPE_COUNT;

#endif
