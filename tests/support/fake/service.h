/* A service below its handlers, without broker, Redis, HTTP and (unit) without PostgreSQL: what lane.h and service.h
 * promise to handlers, kept here with the semantics of the engine. One record or several make a turn: decode, load,
 * handle, save, commit; a turn that fails leaves nothing behind. What goes out is collected, and may be fed to
 * another service by hand. Order and duplicates of the lane are not checked here (tests/component/lane does that):
 * a record that comes again reaches the handler, which must be able to stand it.
 *
 * The definition is the one that the service's own main() hands to dsp_service_main. */
#ifndef DSP_TEST_SERVICE_H
#define DSP_TEST_SERVICE_H

#include "common/service/service.h"
#include "support/cmocka_all.h"
#include "support/fake/store.h"

#define FAKE_OUTS_MAX 512
#define FAKE_TIMERS_MAX 512
#define FAKE_JOBS_MAX 64
#define FAKE_TOPICS_MAX 12
#define FAKE_COUNTS_MAX 64

/* The instant at which every fake starts: 2026-04-13 10:00 in Shanghai. */
#define FAKE_START_MS INT64_C(1776045600000)

/* A record that comes in. */
struct fake_record {
    const char *topic;
    struct dsp_str key;
    struct dsp_str value; /* ptr NULL: tombstone */
    struct dsp_envelope envelope;
};

/* One that went out. Everything lives as long as the fake. */
struct fake_out {
    const char *topic;
    int32_t lane;
    struct dsp_str key;
    struct dsp_str value;
    bool tombstone;
    struct dsp_out_headers headers;
    bool fed; /* fake_pump has passed it on */
};

struct fake {
    const struct dsp_service_definition *definition;
    struct dsp_service *service;
    struct dsp_pg *store;
    struct dsp_arena *kept;              /* what lives as long as the fake */
    struct dsp_arena *arena;             /* one turn, and rows that a test looks at */
    int64_t now_ms;                      /* domain time, moved by the test */
    int64_t stamps[FAKE_TOPICS_MAX];     /* dsp_stamp_read per input topic; set by what is delivered */
    struct fake_out outs[FAKE_OUTS_MAX]; /* committed */
    size_t out_count;
    struct dsp_timer timers[FAKE_TIMERS_MAX]; /* that PostgreSQL would hold now */
    size_t timer_count;
    struct dsp_job jobs[FAKE_JOBS_MAX]; /* calls that became ready, oldest first */
    size_t job_count;
    struct dsp_metrics *metrics; /* what handlers have counted */
    size_t produced;             /* records past the outbox (TimeMarks) */
    struct dsp_turn *turn;       /* while a turn is open */
    struct dsp_engine *engine;
    int64_t offset;
};

/* `service_main` is the service's main(). One fake of a service at a time: its `self` is static. */
struct fake *fake_new(int (*service_main)(int argc, char **argv));
void fake_free(struct fake *fake); /* NULL is fine */

/* One record, one turn. What the handlers answered: REJECT is what the engine would put into the dead letters. */
struct dsp_err fake_deliver(struct fake *fake, const struct fake_record *record);
/* Several in one turn. */
struct dsp_err fake_deliver_all(struct fake *fake, const struct fake_record *records, size_t count);
/* Fires a timer, also one that is not set (any more). */
struct dsp_err fake_fire(struct fake *fake, const struct dsp_timer *timer);
/* The end of an outside call; status 0: outcome unknown. */
struct dsp_err fake_answer(struct fake *fake, const struct dsp_job *job, int status, const char *body, bool authentic);
/* The request of a job, in the fake's arena. */
struct dsp_err fake_call(struct fake *fake, const struct dsp_job *job, struct dsp_call *ret_call);

/* A State of disputes.platform.state.v1 as JSON; see services/disputectl/ctl_json.h. */
void fake_platform(struct fake *fake, const char *json);
/* A record of the key topic. */
void fake_key(struct fake *fake, struct dsp_str case_id_text, struct dsp_str value);

/* A value of a topic out of JSON, in the fake's memory. */
struct dsp_str fake_value(struct fake *fake, const ProtobufCMessageDescriptor *type, const char *json);
/* Message of a record that went out, in the fake's memory. */
void *fake_message(struct fake *fake, const ProtobufCMessageDescriptor *type, const struct fake_out *out);
/* The n-th record that went out on a topic, from 0; negative: from the end. NULL: none. */
const struct fake_out *fake_out_on(const struct fake *fake, const char *topic, int n);
size_t fake_outs_on(const struct fake *fake, const char *topic);
/* As another service reads it. */
struct fake_record fake_record_of(struct fake *to, const struct fake_out *out);
/* The set timer of a name; NULL: none. */
const struct dsp_timer *fake_timer(const struct fake *fake, const char *name);
/* What handlers have counted in turns that committed: fake_counted(fake, "dispute_refusals_total"), with labels as
 * /metrics shows them: "name{label=\"value\"}". 0: nothing. */
int64_t fake_counted(const struct fake *fake, const char *series);
/* Timers of a case, all names. */
size_t fake_timers(const struct fake *fake);
/* A picture of everything committed about a case: rows of every table keyed by case, how much went out, timers, jobs.
 * Equal pictures: nothing has happened in between. */
uint64_t fake_picture(struct fake *fake, const struct dsp_uuid *case_id);
/* After a commit, before the turn goes: tables with an add_sql hold what it has left in its rows, which is what the
 * row cache would keep. The fake does it after each record. */
void fake_expect_stored(struct fake *fake);

/* Opens a turn without a record, for tests of the store: rows of cases and those of one text key in one table (NULL:
 * none). */
struct dsp_turn *fake_begin(struct fake *fake, const struct dsp_uuid *case_ids, size_t count,
                            const struct dsp_table *table, struct dsp_str text_key);
/* Saves and commits it, or throws it away. */
struct dsp_err fake_commit(struct fake *fake);
void fake_abandon(struct fake *fake);

#endif
