#include "shapes.h"

#include "disputes/common/v1/common.pb-c.h"

#define WAIT(kind)                                                                   \
    {                                                                                \
        NULL, 0, 0, BENCH_CLOCK, DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_##kind \
    }

static const struct bench_line SC01[] = {
    {"T12", 1, 0, BENCH_ACCEPT, 0},
    {"T16", 1, 0, BENCH_PERFORM, 0},
    {"T67", 1, 0, BENCH_FEEDBACK_CONSUMER, 0},
    {"E24", 1, 0, BENCH_FEEDBACK_MERCHANT, 0},
    {"T70", 1, 0, BENCH_END, 0},
};

/* The story waits for the feedback to lapse; here both give it. */
static const struct bench_line SC02[] = {
    {"T12", 1, 0, BENCH_REPLY_BOT, 0},
    {"E01", 1, 0, BENCH_REPLY_PERSON, 0},
    {"E01", 2, 0, BENCH_MAKE_OFFER, 0},
    {"E31", 1, 0, BENCH_COUNTER_OFFER, 0},
    {"E31", 2, 0, BENCH_ACCEPT_OFFER, 0},
    {"T17", 1, 0, BENCH_PERFORM, 0},
    {"T62", 1, 0, BENCH_FEEDBACK_CONSUMER, 0},
    {"E24", 1, 0, BENCH_FEEDBACK_MERCHANT, 0},
    {"T70", 1, 0, BENCH_END, 0},
};

/* People open what they are told a second later: not before it was sent. Then service is proved, for each side after the
 * acknowledgement of the filing; services that take ten seconds for that find it deemed by its clock instead. */
static const struct bench_line SC12[] = {
    WAIT(M_POSITION),
    {"T20", 1, 1000, BENCH_ACKNOWLEDGE, 0},
    {"T20", 1, 1000, BENCH_OPEN, 0},
    {"E39", 3, 0, BENCH_HAPPENS, 0},
    WAIT(APPEAL),
    WAIT(PERFORM),
    WAIT(FEEDBACK),
    {"T70", 1, 0, BENCH_END, 0},
};

const struct bench_shape BENCH_SHAPES[] = {
    {"SC01", "QUALITY", true, 12900, SC01, sizeof SC01 / sizeof *SC01},
    {"SC02", "NOT_AS_DESCRIBED", true, 6450, SC02, sizeof SC02 / sizeof *SC02},
    {"SC12", "NOT_RECEIVED", false, 12900, SC12, sizeof SC12 / sizeof *SC12},
};
const size_t BENCH_SHAPE_COUNT = sizeof BENCH_SHAPES / sizeof *BENCH_SHAPES;
