/* Spans of OpenTelemetry: one per handled record and per outside call, sent to a collector over OTLP/HTTP in JSON.
 * Off unless an endpoint is set. Never waits and never holds anything up: what does not fit into the queue or is not
 * taken is dropped and counted. Loop thread only. */
#ifndef DSP_TRACE_H
#define DSP_TRACE_H

#include <event2/event.h>

#include "common/base/metrics.h"
#include "common/io/http_client.h"
#include "common/io/lane.h"

struct dsp_trace; /* opaque */

/* Values of opentelemetry.proto.trace.v1.Span.SpanKind. */
enum dsp_span_kind { DSP_SPAN_INTERNAL = 1, DSP_SPAN_CLIENT = 3, DSP_SPAN_CONSUMER = 5 };

#define DSP_TRACEPARENT_BYTES 56 /* 55 and the zero byte */

struct dsp_span {
    uint8_t trace[16], id[8], parent[8];
    bool has_parent;
    enum dsp_span_kind kind;
    char name[96];
    int64_t start_ns, end_ns; /* real time */
    char error[32];           /* error.type; empty: it went well */
    struct dsp_uuid case_id;  /* zero: none */
    const char *topic;        /* static; CONSUMER */
    int32_t partition;        /* CONSUMER */
    int64_t offset;           /* CONSUMER */
    char message_id[64];      /* CONSUMER */
    char what[64];            /* timer or call: its name or number; CONSUMER: what the record is */
    const char *method;       /* static; CLIENT */
    char server[96];          /* CLIENT: host[:port], never a path, which may hold names */
    int status;               /* CLIENT: HTTP status; 0: no answer */
};

struct dsp_trace_options {
    struct event_base *base;
    struct dsp_http *http;
    struct dsp_metrics *metrics;
    const char *endpoint; /* "http://collector:4318"; /v1/traces is added */
    const char *headers;  /* "name=value,name=value"; NULL: none */
    const char *service, *instance, *group;
    int64_t delay_ms; /* longest that a span waits */
};

/* Borrows everything in options. NULL: out of memory. */
struct dsp_trace *dsp_trace_new(const struct dsp_trace_options *options);
void dsp_trace_free(struct dsp_trace *trace); /* NULL is fine; what still waits is lost */

/* A span that begins now, below the one that a traceparent names; one that is empty or malformed: a new trace. */
void dsp_span_begin(struct dsp_span *span, enum dsp_span_kind kind, struct dsp_str traceparent);
/* The span itself as a traceparent, sampled: for what it leads to. */
void dsp_span_traceparent(const struct dsp_span *span, char text[DSP_TRACEPARENT_BYTES]);
/* It ends now; copied. `trace` NULL: nothing. */
void dsp_trace_end(struct dsp_trace *trace, struct dsp_span *span);
/* Sends what waits, if nothing is on its way. */
void dsp_trace_flush(struct dsp_trace *trace);

/* Spans as one ExportTraceServiceRequest in JSON; malloc'ed, NULL: out of memory. For dsp_trace and its test. */
char *dsp_trace_json(const struct dsp_trace_options *options, const struct dsp_span *spans, size_t count);

#endif
