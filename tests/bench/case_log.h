/* The case log as the load generator needs it: of each entry the few fields that people act on, read without unpacking
 * the rest. The services check what is in the log; the generator shares the machine with them and has to be cheap. */
#ifndef BENCH_CASE_LOG_H
#define BENCH_CASE_LOG_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOG_STARTS_MAX 8
#define LOG_OFFER_BYTES 48

/* A clock that an entry starts. */
struct log_start {
    int kind; /* Disputes__Common__V1__ClockKind */
    int64_t from_ms;
    int64_t budget_ms; /* 0: that of the policy */
    bool short_budget;
};

struct log_entry {
    uint64_t number; /* of the case: what stands behind the last '-' of the order id */
    uint64_t sequence;
    int64_t written_ms; /* time of the record */
    char row[8];
    char offer[LOG_OFFER_BYTES]; /* the offer that is open now, if the entry opens one; else "" */
    char refusal[48];            /* code, if the entry refuses what people did; else "" */
    struct log_start starts[LOG_STARTS_MAX];
    size_t start_count;
};

typedef void (*log_entry_fn)(void *arg, const struct log_entry *entry);

/* A consumer of the whole log from its end on. Ends the process when there is none. */
rd_kafka_t *case_log_open(const char *brokers);
void case_log_close(rd_kafka_t *consumer);
/* Waits `wait_ms` for the first record, then takes what is there, `most` at once. */
void case_log_read(rd_kafka_t *consumer, int wait_ms, int most, log_entry_fn on_entry, void *arg);
/* One record; false: it is no entry of a case of ours. Malformed bytes end the process. */
bool case_log_entry(const void *key, size_t key_size, const void *value, size_t value_size, struct log_entry *entry);

#endif
