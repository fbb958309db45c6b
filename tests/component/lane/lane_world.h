/* Surroundings of component tests: a database and topics of their own on the servers that the environment names
 * (scripts/env), the test app as child processes, and eyes on what came of it. Failing helpers fail the test. */
#ifndef DSP_TEST_LANE_WORLD_H
#define DSP_TEST_LANE_WORLD_H

#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/id.h"

#define WORLD_LANES 2

struct world {
    char name[48]; /* of database, app, group; prefix of topics */
    char url[256];
    char redis[128];
    char http[128];
    char log[160]; /* what the apps print */
    PGconn *db;
    rd_kafka_t *producer;
    int64_t next_number[WORLD_LANES]; /* ce_lanesequence of the numbered topic */
    pid_t app;
};

/* A case whose order belongs to a lane. */
struct world_case {
    struct dsp_uuid id;
    char id_text[DSP_UUID_TEXT_BYTES];
    char order[64];
    int32_t lane;
    int64_t sequence;
};

/* Returns false and skips when the environment names no servers. */
struct world *world_new(void);
void world_free(struct world *world);

pid_t world_spawn(struct world *world);          /* one more app; world->app is the last one */
void world_kill(struct world *world, pid_t app); /* kill -9, waits */
int world_stop(struct world *world, pid_t app);  /* SIGTERM; its exit status */
int world_end(struct world *world, pid_t app);   /* waits until it ends by itself; its exit status */
/* Fresh tables in a schema of this name, beside those of the app. */
void world_schema(struct world *world, const char *schema);
/* How often a text stands in what the apps have printed. */
int world_logged(const struct world *world, const char *text);

struct world_case world_case(int32_t lane);
/* The next record of the numbered topic. */
void world_say(struct world *world, struct world_case *dispute, const char *value);
/* The same with a given number. */
void world_say_as(struct world *world, struct world_case *dispute, const char *value, int64_t number);
/* One on the command topic. */
void world_command(struct world *world, struct world_case *dispute, const char *value);
/* Bytes with or without CloudEvents headers on any topic. `number` 0: none. */
void world_raw(struct world *world, const char *suffix, int32_t partition, const char *key, const void *value,
               size_t size, bool headers, int64_t number);

int64_t world_int(struct world *world, const char *sql);
void world_exec(struct world *world, const char *sql);
/* Waits until the query gives the number. */
void world_await(struct world *world, const char *sql, int64_t wanted, int seconds);
void world_settle(struct world *world, int ms); /* gives what must not happen its chance */

struct world_record {
    int32_t partition;
    int64_t lane_sequence;
    char key[64];
    char value[256];
    size_t size;
    char code[64];    /* x-dispute-dlq-code */
    char reason[160]; /* __dlq.errors.message */
    char kept[64];    /* header x-kept, as world_raw sends it */
};
/* Everything on a topic until its present end; malloc'ed. */
struct world_record *world_read(struct world *world, const char *topic, size_t *ret_count);
/* Asserts that every partition of the output topic carries 1..n, duplicates allowed; returns the sum of n. */
int64_t world_check_output(struct world *world);
/* Asserts that no input was applied twice and the outbox has no hole. */
void world_check_once(struct world *world);

#endif
