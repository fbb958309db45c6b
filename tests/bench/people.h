/* What the people of a dispute send, as messages: bench_act → command or inbound record. */
#ifndef BENCH_PEOPLE_H
#define BENCH_PEOPLE_H

#include "sender.h"
#include "shapes.h"

#define BENCH_ORDER_BYTES 64
#define BENCH_OFFER_BYTES 48
#define BENCH_AMOUNT_MINOR 12900 /* paid for each order, and claimed */

struct bench_case {
    struct dsp_uuid id;
    char order[BENCH_ORDER_BYTES]; /* "b<w|f|m>-<intended instant, µs>-<number>": the sink measures by it */
    uint64_t number;
    const struct bench_shape *shape;
    char offer[BENCH_OFFER_BYTES]; /* the offer that stands open in the log; "" = none */
    uint8_t seen[16];              /* appearances of each line's row */
    uint8_t away;                  /* clocks and delays that are nobody's service time */
    bool over;                     /* its last entry has been read; it is freed when nothing is to come any more */
    struct bench_case *next;
};

/* Files the complaint of a case. */
void people_file(struct sender *sender, const char *platform_id, const struct bench_case *item);
/* `sequence`: the entry that it answers. END, CLOCK and HAPPENS send nothing. */
void people_act(struct sender *sender, const struct bench_case *item, enum bench_act act, int64_t sequence);

#endif
