/* Lanes: effectively-once processing of a service's input topics (docs/ARCHITECTURE.md, "The life of one event").
 *
 * A lane is one partition index over all input topics of a service. Everything a batch of records does — rows,
 * outgoing records, timers, jobs, dead letters and the read positions — is one PostgreSQL transaction behind a
 * fence, published to Kafka from memory afterwards. This header is what services see of it: they decode, then
 * decide; the engine (engine.h) does the rest. Loop thread only. */
#ifndef DSP_LANE_H
#define DSP_LANE_H

#include "common/base/arena.h"
#include "common/base/clock.h"
#include "common/base/err.h"
#include "common/base/guards.h"
#include "common/base/id.h"
#include "common/base/metrics.h"
#include "common/io/envelope.h"
#include "common/io/rows.h"

struct dsp_engine; /* engine.h */
struct dsp_record;

/* Largest value of a record that a service applies; bigger ones go to the dead-letter topic. */
#define DSP_VALUE_MAX_BYTES (256 * 1024)

/* An input topic: all of a service's have the same number of partitions. */
struct dsp_topic {
    const char *name;
    bool stamped;  /* an act counts at the broker's stamp (LogAppendTime); else at ce_time */
    bool numbered; /* written from an outbox: ce_lanesequence is consecutive */
};

enum dsp_record_kind {
    DSP_RECORD_MESSAGE, /* a record of an input topic */
    DSP_RECORD_TIMER,   /* a timer is past its due time */
    DSP_RECORD_ANSWER,  /* an outside call has ended */
};

/* A timer of a case. A firing may come twice, or after the timer was set anew or dropped: a handler asks
 * dsp_timer_ends before it does anything. */
struct dsp_timer {
    struct dsp_uuid case_id;
    struct dsp_str name; /* what it is for */
    int64_t cause;       /* tells timers of one name apart */
    int32_t generation;
    int64_t due_ms; /* domain time; fires when the time is past it */
};

enum dsp_job_state { DSP_JOB_READY = 0, DSP_JOB_WAITING = 1, DSP_JOB_DONE = 2 };

/* An outside call that must be made: a row written with the decision, so that it survives any crash.
 * A ready job is called right after the commit and again after a restart, under the same number. */
struct dsp_job {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_str number; /* idempotency number, unique in the case, made once */
    struct dsp_str kind;   /* "transfer", "webhook" …; faults of a sandbox name it */
    int32_t lane;
    int32_t state; /* enum dsp_job_state */
    int32_t attempts;
    int32_t mode; /* the service's own: create, query … */
    struct dsp_str order_id;
    int64_t reference;          /* the service's own: sequence of the entry … */
    struct dsp_str argument;    /* the service's own */
    struct dsp_str traceparent; /* in memory only: the trace that the call goes on in */
};
extern const struct dsp_table dsp_job_table; /* list it among the app's tables to use jobs */

/* For a job that is never called again: its row stays, the number was given once and for all, but what the request
 * was made of goes, since rows are loaded with their case at every turn. */
void dsp_job_end(struct dsp_job *job);

/* How an outside call ended. */
struct dsp_answer {
    struct dsp_str number;
    struct dsp_str kind;
    int32_t mode;
    int status;                 /* HTTP status; 0 = no answer: the outcome is unknown */
    struct dsp_str body;        /* at most 64 KiB */
    bool authentic;             /* what app->check_answer said */
    struct dsp_str traceparent; /* of the call; empty: none */
};

struct dsp_record {
    enum dsp_record_kind kind;
    size_t topic; /* MESSAGE: index into the app's topics */
    int32_t lane;
    int64_t offset;   /* MESSAGE */
    int64_t stamp_ms; /* MESSAGE: record timestamp as the broker has it */
    int64_t time_ms;  /* domain time at which it counts */
    struct dsp_str key;
    struct dsp_str value; /* ptr NULL: tombstone */
    struct dsp_envelope envelope;
    struct dsp_timer timer;
    struct dsp_answer answer;
    struct dsp_uuid case_id; /* set by decode; TIMER and ANSWER: set already */
    void *input;             /* made by decode, in the turn's arena */
    struct dsp_str type;     /* set by decode: what it is, of names that the contracts hold; for metrics alone */
    bool duplicate;          /* set by handle: it was applied before; for metrics alone */
};

/* One batch. Everything in it lives until the end of the batch. */
struct dsp_turn {
    struct dsp_engine *engine;
    struct dsp_arena *arena;
    struct dsp_rows *rows;
    int64_t now_ms;                 /* domain time, the same for the whole batch */
    const struct dsp_record *cause; /* what is being handled: its trace goes on in what it leads to; NULL = nothing */
};

/* An outgoing record of the lane's outbox. Texts are borrowed until the call returns. */
struct dsp_out {
    const char *topic;
    struct dsp_str key;
    struct dsp_str value; /* ptr NULL with tombstone */
    bool tombstone;
    struct dsp_out_headers headers; /* lane_sequence is filled in here */
};

/* Queues one record; it is published after the commit, in the order of the calls per topic. */
DSP_MUST_USE struct dsp_err dsp_emit(struct dsp_turn *turn, int32_t lane, const struct dsp_out *out);
/* Sets or moves a timer; the same (case, name, cause) again replaces it. Texts are copied. */
DSP_MUST_USE struct dsp_err dsp_timer_set(struct dsp_turn *turn, int32_t lane, const struct dsp_timer *timer);
/* Drops a timer; one that is not there is fine. */
DSP_MUST_USE struct dsp_err dsp_timer_drop(struct dsp_turn *turn, const struct dsp_timer *timer);
/* Whether a firing ends the wait that is on now: set under that generation and, where the service knows the instant that
 * it waits for (else 0), for that instant, which is past. The only place where this is asked: behind it the wait is over. */
static inline bool dsp_timer_ends(const struct dsp_turn *turn, const struct dsp_timer *timer, int64_t generation,
                                  int64_t due_ms)
{
    return !DSP_GUARD_TIMER_GENERATION ||
           (timer->generation == generation && (!due_ms || (timer->due_ms == due_ms && due_ms < turn->now_ms)));
}
/* Counts when the batch has committed, so that one which is undone and tried again counts once. `amount` is
 * milliseconds where the metric is a histogram. Label texts live as long as the batch. */
void dsp_count(struct dsp_turn *turn, const struct dsp_metric *metric, int64_t amount,
               const struct dsp_str *label_values);
/* Highest broker stamp read so far in this lane's partition of an input topic; 0 = nothing yet. */
int64_t dsp_stamp_read(const struct dsp_turn *turn, int32_t lane, size_t topic);
/* The lane that a key belongs to. */
int32_t dsp_lane_of(const struct dsp_engine *engine, struct dsp_str key);
/* Domain time of a broker stamp. */
int64_t dsp_domain_ms(const struct dsp_engine *engine, int64_t stamp_ms);

/* An HTTP request to the outside. All in the arena given to app->call. */
#define DSP_CALL_HEADERS_MAX 8
struct dsp_call {
    const char *method;
    struct dsp_str url;
    struct dsp_str headers[DSP_CALL_HEADERS_MAX]; /* "Name: value" */
    size_t header_count;
    struct dsp_str body;
    int64_t timeout_ms;
    bool once; /* leaves at most once: libcurl repeats a request by itself when a kept connection dies */
};

struct dsp_response_headers; /* http_client.h */

/* What a service is to the engine. All functions run on the loop thread. */
struct dsp_app {
    const char *name; /* "sla" */
    const struct dsp_topic *topics;
    size_t topic_count;
    const struct dsp_table *tables; /* the first is the case row of the service */
    size_t table_count;
    void *self;
    /* Record → input; asks for rows with dsp_rows_want*. Must set case_id of a message (zero: none).
     * RETRY: something is missing that will come (the record waits, later ones of its topic with it).
     * REJECT: the record goes to the dead-letter topic. An input left NULL: nothing is to be decided, no row is read.
     * For TIMER and ANSWER the case's rows are wanted. */
    struct dsp_err (*decode)(void *self, struct dsp_turn *turn, struct dsp_record *record);
    /* Folds one input into the loaded rows and what goes out. REJECT: as in decode, nothing of it is kept. */
    struct dsp_err (*handle)(void *self, struct dsp_turn *turn, struct dsp_record *record);
    /* A record that holds its case is given up by a person: what must not wait for it any more is told here.
     * The rows of the case are loaded; key, envelope, topic and case id are known, the value is not decoded.
     * NULL: nothing waits for a number. */
    struct dsp_err (*skip)(void *self, struct dsp_turn *turn, const struct dsp_record *record);
    /* Builds the request of a ready job; NULL when the service has no jobs. */
    struct dsp_err (*call)(void *self, struct dsp_arena *arena, const struct dsp_job *job, struct dsp_call *ret_call);
    /* Checks the signature of an answer; NULL: every answer counts as authentic. */
    bool (*check_answer)(void *self, const struct dsp_job *job, const struct dsp_response_headers *headers, int status,
                         struct dsp_str body);
};

#endif
