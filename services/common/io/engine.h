/* The engine behind lane.h: own → collect → decide → commit → publish → advance.
 * One per service process, one PostgreSQL connection, all lanes of the instance folded into one transaction
 * per turn. The only place that knows epochs, cursors and watermarks. Loop thread only. */
#ifndef DSP_ENGINE_H
#define DSP_ENGINE_H

#include <event2/event.h>
#include <jansson.h>
#include <librdkafka/rdkafka.h>

#include "common/base/metrics.h"
#include "common/io/http_client.h"
#include "common/io/kafka_conf.h"
#include "common/io/lane.h"
#include "common/io/trace.h"

struct dsp_engine_options {
    struct event_base *base;
    struct dsp_clock *clock;
    struct dsp_metrics *metrics;
    struct dsp_http *http;
    const struct dsp_app *app;
    struct dsp_kafka_access kafka;
    const char *kafka_group;
    const char *kafka_instance; /* group.instance.id, NULL = none */
    const char *database_url;
    const char *database_password; /* NULL = none */
    const char *redis_url;
    struct dsp_trace *trace;                         /* trace.h; NULL: no spans */
    int64_t batch_max;                               /* records per turn */
    int64_t read_ahead_kib;                          /* values that librdkafka fetches ahead; 0 = 32 MiB */
    int64_t row_cache_mib;                           /* for rows of cases between turns; 0 = none */
    void (*on_fatal)(void *arg, struct dsp_err err); /* the service must stop */
    /* Not NULL: fold this one topic from its beginning to the end it has now into the tables of `schema`, which
     * must be fresh, and let nothing out. Without a group, Redis or calls; on_rebuilt is called once at the end
     * with the number of records that could not be applied. */
    const char *rebuild_topic;
    const char *schema; /* NULL: the one of the role */
    void (*on_rebuilt)(void *arg, size_t quarantined);
    void *arg;
};

/* Borrows everything in options. NULL: out of memory or bad Kafka settings (logged). */
struct dsp_engine *dsp_engine_new(const struct dsp_engine_options *options);
/* Joins the group: call once everything that decode needs has been read. */
DSP_MUST_USE struct dsp_err dsp_engine_start(struct dsp_engine *engine);
/* Stops reading, lets the turn in hand end and what is unpublished go out; calls on_stopped from the loop. */
void dsp_engine_stop(struct dsp_engine *engine, void (*on_stopped)(void *arg), void *arg);
void dsp_engine_free(struct dsp_engine *engine); /* NULL is fine */

/* Something that a waiting record may need has changed, or domain time has moved. */
void dsp_engine_poke(struct dsp_engine *engine);
/* Sets the gauges of options.metrics: lag, outbox, connections. Before /metrics is rendered. */
void dsp_engine_show(const struct dsp_engine *engine);
/* PostgreSQL is up, lanes are owned and nothing is being re-owned. */
bool dsp_engine_ready(const struct dsp_engine *engine);
bool dsp_engine_store_up(const struct dsp_engine *engine);
bool dsp_engine_redis_up(const struct dsp_engine *engine);
/* What a person asks of a record in quarantine. */
enum dsp_wish { DSP_WISH_REPLAY = 2, DSP_WISH_SKIP = 3 };
struct dsp_wish_request {
    int32_t lane;
    struct dsp_str topic;
    int64_t offset;
    enum dsp_wish wish;
    struct dsp_str by, reason;
};
/* Takes a wish down in PostgreSQL; the instance that owns the lane carries it out within a second. Copies the
 * request. on_done is called once from the loop: OK (`held`: a case waits for it; else the record is settled by
 * this), REJECT FIELD_INVALID (no such record is open), RETRY STORE_DOWN or NOT_READY (too many at once). */
void dsp_engine_wish(struct dsp_engine *engine, const struct dsp_wish_request *request,
                     void (*on_done)(void *arg, struct dsp_err err, bool held), void *arg);
/* Cases of owned lanes that wait for a person. */
size_t dsp_engine_held(const struct dsp_engine *engine);

/* For the rest report: positions of all input partitions, what is unpublished, in flight or waiting. New
 * reference. The least due time is asked of PostgreSQL by the caller (LANE_TIMER_NEXT). */
json_t *dsp_engine_report(const struct dsp_engine *engine);
/* int[] of all owned lanes, for statements of queries.sql. */
DSP_MUST_USE struct dsp_err dsp_engine_lanes(struct dsp_engine *engine, struct dsp_arena *arena,
                                             struct dsp_param *ret_param);
struct dsp_pg *dsp_engine_pg(struct dsp_engine *engine);
struct dsp_clock *dsp_engine_clock(struct dsp_engine *engine);

/* One record past the outbox, acknowledged by all replicas: for doors and TimeMarks. on_done (may be NULL) is
 * called from the loop with OK or RETRY BROKER_DOWN. `partition` < 0: by the key. */
void dsp_engine_produce(struct dsp_engine *engine, const char *topic, int32_t partition, struct dsp_str key,
                        struct dsp_str packed_headers, struct dsp_str value,
                        void (*on_done)(void *arg, struct dsp_err err), void *arg);

/* Sandbox only: kill this process right before or after the next outside call of a kind. */
enum dsp_fault { DSP_FAULT_NONE, DSP_FAULT_BEFORE, DSP_FAULT_AFTER };
void dsp_engine_fault(struct dsp_engine *engine, const char *kind, enum dsp_fault when);

#endif
