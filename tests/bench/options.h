/* What the load generator is told on its command line. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <stdbool.h>

struct options {
    const char *mode;     /* disputes, open, prepare, drain */
    const char *brokers;  /* KAFKA_BOOTSTRAP_SERVERS */
    const char *policy;   /* file of the policy in force */
    const char *platform; /* its platform id */
    const char *mix;      /* "SC01=1,SC02=1,SC12=1" */
    const char *watch;    /* "name=pid,…" */
    const char *sink;     /* HOST:PORT; NULL: whether people are told does not hold back new filings */
    const char *topic;    /* drain: where the outcome appears */
    int window;           /* disputes in service at a time */
    double rate;          /* open: filings a second */
    int settle_s; /* disputes: then so long an open loop at half the rate, which is measured after that; 0 = none */
    int warmup_s, seconds, runs, drain_s;
    long entries; /* prepare: how many; drain: most that are measured, 0 = no limit */
};

void run_disputes(const struct options *options, bool open);
void run_prepare(const struct options *options);
void run_drain(const struct options *options);

#endif
