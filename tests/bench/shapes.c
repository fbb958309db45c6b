#include "shapes.h"

static const struct bench_line SC01[] = {
    {"T12", 1, 0, BENCH_ACCEPT, NULL, false},
    {"T16", 1, 0, BENCH_PERFORM, NULL, false},
    {"T67", 1, 0, BENCH_FEEDBACK_CONSUMER, NULL, false},
    {"E24", 1, 0, BENCH_FEEDBACK_MERCHANT, NULL, false},
    {"T70", 1, 0, BENCH_END, NULL, false},
};

/* People open what they are told a second later: never before it was sent. */
static const struct bench_line SC12[] = {
    {"T12", 1, 0, BENCH_CLOCK, "M_POSITION", true}, {"T20", 1, 1000, BENCH_ACKNOWLEDGE, NULL, false},
    {"T20", 1, 1000, BENCH_OPEN, NULL, false},      {"E39", 2, 0, BENCH_CLOCK, "APPEAL", false},
    {"T49", 1, 0, BENCH_CLOCK, "PERFORM", true},    {"T67", 1, 0, BENCH_CLOCK, "FEEDBACK", false},
    {"T70", 1, 0, BENCH_END, NULL, false},
};

const struct bench_shape BENCH_SHAPES[] = {
    {"SC01", "QUALITY", true, SC01, sizeof SC01 / sizeof *SC01},
    {"SC12", "NOT_RECEIVED", false, SC12, sizeof SC12 / sizeof *SC12},
};
const size_t BENCH_SHAPE_COUNT = sizeof BENCH_SHAPES / sizeof *BENCH_SHAPES;
