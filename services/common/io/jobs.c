/* Outside calls: from a committed row, under one number for ever. The answer enters the lane as a record. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/io/engine_internal.h"

#define CALL_ARENA_BYTES (1u << 20)
#define CALLS_AT_ONCE 128      /* below DSP_HTTP_IN_FLIGHT_MAX */
#define CALLS_WAITING_MAX 2048 /* no turn begins above: each may bring some more */

static const struct dsp_metric CALLS = {"dispute_outside_calls_total",
                                        DSP_METRIC_COUNTER,
                                        "Calls to the outside that ended; result: status class, unanswered or forged.",
                                        {"call", "result"}};

struct calls {
    struct dsp_arena *arena; /* scratch for one request */
    struct in_flight *first;
    size_t in_flight;          /* all of them, also those that wait for their turn */
    size_t made;               /* on their way */
    struct in_flight *waiting; /* in the order of their commits */
    struct in_flight **last_waiting;
    bool going; /* calls_go is at work further up */
    char fault_kind[64];
    enum dsp_fault fault;
};

struct in_flight {
    struct in_flight *next;
    struct in_flight **back;  /* what points here */
    struct in_flight *behind; /* waits behind this one */
    struct dsp_engine *engine;
    struct dsp_job job; /* texts owned */
    uint64_t round;
    struct dsp_span span;
};

bool jobs_start(struct dsp_engine *engine)
{
    engine->calls = calloc(1, sizeof *engine->calls);
    if (!engine->calls) {
        return false;
    }
    engine->calls->last_waiting = &engine->calls->waiting;
    engine->calls->arena = dsp_arena_new(CALL_ARENA_BYTES);
    return engine->calls->arena != NULL;
}

bool jobs_crowded(const struct dsp_engine *engine)
{
    return engine->calls->in_flight - engine->calls->made > CALLS_WAITING_MAX;
}

size_t jobs_in_flight(const struct dsp_engine *engine)
{
    return engine->calls->in_flight;
}

static void flight_free(struct in_flight *flight)
{
    const struct dsp_str texts[] = {flight->job.number, flight->job.kind, flight->job.order_id, flight->job.argument,
                                    flight->job.traceparent};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        engine_text_drop(texts[i]);
    }
    *flight->back = flight->next;
    if (flight->next) {
        flight->next->back = flight->back;
    }
    free(flight);
}

void jobs_free(struct dsp_engine *engine)
{
    if (engine->calls) {
        while (engine->calls->first) {
            flight_free(engine->calls->first); /* the HTTP client forgets the request itself */
        }
        dsp_arena_free(engine->calls->arena);
        free(engine->calls);
    }
}

static void die_if(struct dsp_engine *engine, const struct dsp_job *job, enum dsp_fault when)
{
    struct calls *calls = engine->calls;
    if (calls->fault == when && dsp_str_is(job->kind, calls->fault_kind)) {
        dsp_log(DSP_LOG_WARN, "sandbox fault: killed at an outside call", DSP_F_STR("dispute.call", job->kind));
        raise(SIGKILL);
    }
}

static void count_call(struct dsp_engine *engine, const struct dsp_answer *answer)
{
    static const char *const CLASSES[] = {"unanswered", "1xx", "2xx", "3xx", "4xx", "5xx"};
    int class = answer->status / 100;
    const char *result = class > 5 ? "5xx" : CLASSES[class];
    const struct dsp_str labels[] = {answer->kind, dsp_str_from(answer->authentic ? result : "forged")};
    dsp_metric_add(engine->options.metrics, &CALLS, 1, labels);
}

/* Host and port alone: paths and queries may hold ids, names or tokens. */
static void begin_call_span(struct in_flight *flight, const struct dsp_call *call)
{
    struct dsp_str url = call->url;
    const char *host = url.len ? memmem(url.ptr, url.len, "://", 3) : NULL;
    dsp_span_begin(&flight->span, DSP_SPAN_CLIENT, flight->job.traceparent);
    flight->span.case_id = flight->job.case_id;
    flight->span.method = call->method;
    snprintf(flight->span.name, sizeof flight->span.name, "%s %.*s", call->method ? call->method : "HTTP",
             DSP_STR_ARG(flight->job.kind));
    snprintf(flight->span.what, sizeof flight->span.what, "%.*s", DSP_STR_ARG(flight->job.number));
    if (host) {
        size_t rest = url.len - (size_t)(host + 3 - url.ptr);
        const char *slash = memchr(host + 3, '/', rest);
        snprintf(flight->span.server, sizeof flight->span.server, "%.*s",
                 (int)(slash ? (size_t)(slash - host - 3) : rest), host + 3);
    }
}

static void end_call_span(struct in_flight *flight, int status)
{
    flight->span.status = status;
    if (status == 0 || status >= 400) {
        snprintf(flight->span.error, sizeof flight->span.error, "%d", status);
    }
    if (status == 0) {
        snprintf(flight->span.error, sizeof flight->span.error, "no_answer");
    }
    dsp_trace_end(flight->engine->options.trace, &flight->span);
}

static void calls_go(struct dsp_engine *engine);

static void on_answer(void *arg, int status, const struct dsp_response_headers *headers, struct dsp_str body)
{
    struct in_flight *flight = arg;
    struct dsp_engine *engine = flight->engine;
    const struct dsp_app *app = engine->app;
    char traceparent[DSP_TRACEPARENT_BYTES] = "";
    engine->calls->in_flight--;
    engine->calls->made--;
    if (engine->options.trace) {
        end_call_span(flight, status);
        dsp_span_traceparent(&flight->span, traceparent);
    }
    die_if(engine, &flight->job, DSP_FAULT_AFTER);
    struct dsp_answer answer = {.number = flight->job.number,
                                .kind = flight->job.kind,
                                .mode = flight->job.mode,
                                .status = status,
                                .body = body,
                                .authentic = true,
                                .traceparent = dsp_str_from(traceparent)};
    if (status && app->check_answer) {
        answer.authentic = app->check_answer(app->self, &flight->job, headers, status, body);
    }
    count_call(engine, &answer);
    dsp_log(status >= 200 && status < 300 ? DSP_LOG_DEBUG : DSP_LOG_WARN, "outside call answered",
            DSP_F_STR("dispute.call", answer.kind), DSP_F_STR("dispute.number", answer.number),
            DSP_F_INT("http.response.status_code", status), DSP_F_UUID("dispute.case_id", &flight->job.case_id));
    /* Lanes that changed hands meanwhile: the new owner makes the call again under the same number. */
    if (flight->round == engine->round && engine->lanes[flight->job.lane].owned) {
        inbox_add_answer(engine, flight->job.lane, &flight->job.case_id, &answer);
        engine_wake(engine);
    }
    flight_free(flight);
    calls_go(engine);
}

static void make_call(struct dsp_engine *engine, struct in_flight *flight)
{
    struct calls *calls = engine->calls;
    struct dsp_call call = {.timeout_ms = 5000};
    calls->made++;
    dsp_arena_reset(calls->arena);
    die_if(engine, &flight->job, DSP_FAULT_BEFORE);
    struct dsp_err err = engine->app->call(engine->app->self, calls->arena, &flight->job, &call);
    if (engine->options.trace) {
        begin_call_span(flight, &call);
    }
    if (!dsp_failed(err)) {
        err = dsp_http_send(engine->options.http, &call, on_answer, flight);
    }
    if (dsp_failed(err)) {
        dsp_log_err(DSP_LOG_WARN, "outside call not made", err);
        on_answer(flight, 0, NULL, (struct dsp_str){NULL, 0}); /* the handler backs off as after no answer */
    }
}

/* A call too many would count as unanswered and come again after a back-off: it waits here instead. */
static void calls_go(struct dsp_engine *engine)
{
    struct calls *calls = engine->calls;
    if (calls->going) {
        return;
    }
    calls->going = true;
    while (calls->waiting && calls->made < CALLS_AT_ONCE) {
        struct in_flight *flight = calls->waiting;
        calls->waiting = flight->behind;
        calls->last_waiting = calls->waiting ? calls->last_waiting : &calls->waiting;
        if (flight->round == engine->round && engine->lanes[flight->job.lane].owned) {
            make_call(engine, flight);
        } else { /* the new owner of the lane makes it */
            calls->in_flight--;
            flight_free(flight);
        }
    }
    calls->going = false;
}

void jobs_call(struct dsp_engine *engine, const struct dsp_job *job)
{
    struct calls *calls = engine->calls;
    struct in_flight *flight = calloc(1, sizeof *flight);
    if (!flight) {
        abort();
    }
    flight->engine = engine;
    flight->next = calls->first;
    flight->back = &calls->first;
    if (flight->next) {
        flight->next->back = &flight->next;
    }
    calls->first = flight;
    flight->round = engine->round;
    flight->job = *job;
    flight->job.number = engine_text_own(job->number);
    flight->job.kind = engine_text_own(job->kind);
    flight->job.order_id = engine_text_own(job->order_id);
    flight->job.argument = engine_text_own(job->argument);
    flight->job.traceparent = engine_text_own(job->traceparent);
    calls->in_flight++;
    *calls->last_waiting = flight;
    calls->last_waiting = &flight->behind;
    calls_go(engine);
}

void jobs_take_over(struct dsp_engine *engine, const PGresult *result)
{
    for (int i = 0; i < PQntuples(result); i++) {
        struct dsp_job job = {
            .case_id = dsp_result_uuid(result, i, 0),
            .number = dsp_result_str(result, i, 1),
            .kind = dsp_result_str(result, i, 2),
            .lane = (int32_t)dsp_result_int(result, i, 3),
            .state = (int32_t)dsp_result_int(result, i, 4),
            .attempts = (int32_t)dsp_result_int(result, i, 5),
            .mode = (int32_t)dsp_result_int(result, i, 6),
            .order_id = dsp_result_str(result, i, 7),
            .reference = dsp_result_int(result, i, 8),
            .argument = dsp_result_str(result, i, 9),
        };
        jobs_call(engine, &job);
    }
}

void dsp_engine_fault(struct dsp_engine *engine, const char *kind, enum dsp_fault when)
{
    snprintf(engine->calls->fault_kind, sizeof engine->calls->fault_kind, "%s", kind);
    engine->calls->fault = when;
}
