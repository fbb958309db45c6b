#include "common/io/trace.h"

#include <jansson.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/log.h"

#define QUEUE_MAX 2048 /* OTEL_BSP_MAX_QUEUE_SIZE's own default */
#define BATCH_MAX 512  /* OTEL_BSP_MAX_EXPORT_BATCH_SIZE's own default */
#define TIMEOUT_MS 10000
#define REFUSED_LOG_MS 60000

static const struct dsp_metric EXPORTED = {
    "dispute_spans_exported_total", DSP_METRIC_COUNTER, "Spans that the trace collector took.", {NULL}};
static const struct dsp_metric DROPPED = {
    "dispute_spans_dropped_total", DSP_METRIC_COUNTER, "Spans that were not sent.", {"reason"}};

struct dsp_trace {
    struct dsp_trace_options options;
    struct event *timer;
    struct dsp_span *queue; /* ring of QUEUE_MAX */
    size_t first, count;
    size_t in_flight; /* of the oldest: they stay until the collector has them */
    char url[512];
    char *headers[DSP_CALL_HEADERS_MAX]; /* "Name: value" */
    size_t header_count;
    int64_t complained_ms;
};

/* --- ids --- */

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Ids must differ, not be secret: one system call for many. */
static void random_id(uint8_t *id, size_t size)
{
    static uint8_t pool[1024];
    static size_t left;
    if (left < size) {
        if (RAND_bytes(pool, sizeof pool) != 1) {
            uint64_t weak = (uint64_t)now_ns();
            memcpy(pool, &weak, sizeof weak);
        }
        left = sizeof pool;
    }
    memcpy(id, pool + sizeof pool - left, size);
    left -= size;
    id[0] |= 1; /* all zero is no id */
}

/* "00-<trace>-<span>-<flags>" */
static bool read_traceparent(struct dsp_str text, struct dsp_span *span)
{
    struct dsp_str trace = {text.ptr + 3, 32};
    struct dsp_str parent = {text.ptr + 36, 16};
    return text.len == DSP_TRACEPARENT_BYTES - 1 && dsp_str_starts(text, "00-") && text.ptr[35] == '-' &&
           text.ptr[52] == '-' && dsp_unhex(trace, span->trace, sizeof span->trace) &&
           dsp_unhex(parent, span->parent, sizeof span->parent);
}

void dsp_span_begin(struct dsp_span *span, enum dsp_span_kind kind, struct dsp_str traceparent)
{
    *span = (struct dsp_span){.kind = kind, .start_ns = now_ns()};
    span->has_parent = traceparent.len && read_traceparent(traceparent, span);
    if (!span->has_parent) {
        random_id(span->trace, sizeof span->trace);
    }
    random_id(span->id, sizeof span->id);
}

void dsp_span_traceparent(const struct dsp_span *span, char text[DSP_TRACEPARENT_BYTES])
{
    char trace[2 * sizeof span->trace + 1];
    char id[2 * sizeof span->id + 1];
    dsp_hex(span->trace, sizeof span->trace, trace);
    dsp_hex(span->id, sizeof span->id, id);
    snprintf(text, DSP_TRACEPARENT_BYTES, "00-%s-%s-01", trace, id);
}

/* --- JSON (OTLP 1.x: ids as hex, 64-bit numbers as text) --- */

static void add_text(json_t *list, const char *key, const char *value)
{
    if (value && *value) {
        json_array_append_new(list, json_pack("{s:s, s:{s:s}}", "key", key, "value", "stringValue", value));
    }
}

static void add_int(json_t *list, const char *key, int64_t value)
{
    char text[24];
    snprintf(text, sizeof text, "%lld", (long long)value);
    json_array_append_new(list, json_pack("{s:s, s:{s:s}}", "key", key, "value", "intValue", text));
}

static json_t *attributes_of(const struct dsp_trace_options *options, const struct dsp_span *span)
{
    json_t *list = json_array();
    char case_id[DSP_UUID_TEXT_BYTES] = "";
    char text[24];
    if (!dsp_uuid_is_zero(&span->case_id)) {
        dsp_uuid_format(&span->case_id, case_id);
    }
    add_text(list, "dispute.case_id", case_id);
    add_text(list, "error.type", span->error);
    if (span->kind == DSP_SPAN_CONSUMER) {
        snprintf(text, sizeof text, "%d", span->partition);
        add_text(list, "dispute.type", span->what);
        add_text(list, "messaging.system", "kafka");
        add_text(list, "messaging.operation.name", "process");
        add_text(list, "messaging.operation.type", "process");
        add_text(list, "messaging.destination.name", span->topic);
        add_text(list, "messaging.destination.partition.id", text);
        add_text(list, "messaging.consumer.group.name", options->group);
        add_text(list, "messaging.message.id", span->message_id);
        add_text(list, "messaging.message.conversation_id", case_id);
        add_int(list, "messaging.kafka.offset", span->offset);
    } else if (span->kind == DSP_SPAN_CLIENT) {
        const char *colon = strrchr(span->server, ':');
        char host[sizeof span->server];
        snprintf(host, sizeof host, "%.*s", (int)(colon ? colon - span->server : (long)strlen(span->server)),
                 span->server);
        add_text(list, "http.request.method", span->method);
        add_text(list, "server.address", host);
        if (colon) {
            add_int(list, "server.port", strtol(colon + 1, NULL, 10));
        }
        if (span->status) {
            add_int(list, "http.response.status_code", span->status);
        }
        add_text(list, "dispute.number", span->what);
    } else {
        add_text(list, "dispute.cause", span->what);
    }
    return list;
}

static json_t *span_json(const struct dsp_trace_options *options, const struct dsp_span *span)
{
    char trace[2 * sizeof span->trace + 1];
    char id[2 * sizeof span->id + 1];
    char parent[2 * sizeof span->parent + 1];
    char start[24];
    char end[24];
    dsp_hex(span->trace, sizeof span->trace, trace);
    dsp_hex(span->id, sizeof span->id, id);
    dsp_hex(span->parent, sizeof span->parent, parent);
    snprintf(start, sizeof start, "%lld", (long long)span->start_ns);
    snprintf(end, sizeof end, "%lld", (long long)span->end_ns);
    json_t *json = json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:o}", "traceId", trace, "spanId", id, "name", span->name,
                             "kind", (int)span->kind, "startTimeUnixNano", start, "endTimeUnixNano", end, "attributes",
                             attributes_of(options, span));
    if (json && span->has_parent) {
        json_object_set_new(json, "parentSpanId", json_string(parent));
    }
    if (json && span->error[0]) {
        json_object_set_new(json, "status", json_pack("{s:i}", "code", 2)); /* STATUS_CODE_ERROR */
    }
    return json;
}

char *dsp_trace_json(const struct dsp_trace_options *options, const struct dsp_span *spans, size_t count)
{
    json_t *resource = json_array();
    json_t *list = json_array();
    add_text(resource, "service.namespace", "heshi");
    add_text(resource, "service.name", options->service);
    add_text(resource, "service.version", HESHI_VERSION);
    add_text(resource, "service.instance.id", options->instance);
    for (size_t i = 0; i < count; i++) {
        json_array_append_new(list, span_json(options, &spans[i]));
    }
    json_t *root = json_pack("{s:[{s:{s:o}, s:[{s:{s:s, s:s}, s:o}]}]}", "resourceSpans", "resource", "attributes",
                             resource, "scopeSpans", "scope", "name", "heshi", "version", HESHI_VERSION, "spans", list);
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    return text;
}

/* --- sending --- */

static void wait_a_while(struct dsp_trace *trace)
{
    struct timeval delay = {trace->options.delay_ms / 1000, trace->options.delay_ms % 1000 * 1000};
    if (!event_pending(trace->timer, EV_TIMEOUT, NULL)) {
        event_add(trace->timer, &delay);
    }
}

static void drop_oldest(struct dsp_trace *trace, size_t count)
{
    trace->first = (trace->first + count) % QUEUE_MAX;
    trace->count -= count;
}

static void complain(struct dsp_trace *trace, int status)
{
    if (!trace->complained_ms || dsp_monotonic_ms() - trace->complained_ms > REFUSED_LOG_MS) {
        trace->complained_ms = dsp_monotonic_ms();
        dsp_log(DSP_LOG_WARN, "the trace collector does not take spans", DSP_F_TEXT("url.full", trace->url),
                DSP_F_INT("http.response.status_code", status));
    }
}

static void on_sent(void *arg, int status, const struct dsp_response_headers *headers, struct dsp_str body)
{
    struct dsp_trace *trace = arg;
    size_t sent = trace->in_flight;
    bool again = status == 0 || status == 429 || status == 502 || status == 503 || status == 504;
    (void)headers;
    (void)body;
    trace->in_flight = 0;
    if (status >= 200 && status < 300) {
        dsp_metric_add(trace->options.metrics, &EXPORTED, (int64_t)sent, NULL);
        drop_oldest(trace, sent);
    } else {
        complain(trace, status);
        if (!again) { /* it will never take them */
            struct dsp_str reason = DSP_STR_LITERAL("refused");
            dsp_metric_add(trace->options.metrics, &DROPPED, (int64_t)sent, &reason);
            drop_oldest(trace, sent);
        }
    }
    if (trace->count) {
        wait_a_while(trace); /* the queue is the bound of what a dead collector costs */
    }
}

void dsp_trace_flush(struct dsp_trace *trace)
{
    static struct dsp_span batch[BATCH_MAX];
    struct dsp_call call = {.method = "POST", .timeout_ms = TIMEOUT_MS};
    if (!trace || trace->in_flight || !trace->count) {
        return;
    }
    size_t count = trace->count < BATCH_MAX ? trace->count : BATCH_MAX;
    for (size_t i = 0; i < count; i++) {
        batch[i] = trace->queue[(trace->first + i) % QUEUE_MAX];
    }
    char *body = dsp_trace_json(&trace->options, batch, count);
    call.url = dsp_str_from(trace->url);
    call.body = dsp_str_from(body);
    for (size_t i = 0; i < trace->header_count; i++) {
        call.headers[call.header_count++] = dsp_str_from(trace->headers[i]);
    }
    trace->in_flight = count;
    if (!body || dsp_failed(dsp_http_send(trace->options.http, &call, on_sent, trace))) {
        trace->in_flight = 0; /* calls that earn money go first: later */
        wait_a_while(trace);
    }
    free(body);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    dsp_trace_flush(arg);
}

void dsp_trace_end(struct dsp_trace *trace, struct dsp_span *span)
{
    if (!trace) {
        return;
    }
    if (trace->count == QUEUE_MAX) {
        struct dsp_str reason = DSP_STR_LITERAL("queue_full");
        dsp_metric_add(trace->options.metrics, &DROPPED, 1, &reason);
        return;
    }
    span->end_ns = now_ns();
    trace->queue[(trace->first + trace->count++) % QUEUE_MAX] = *span;
    if (trace->count - trace->in_flight >= BATCH_MAX) {
        dsp_trace_flush(trace);
    }
    if (!trace->in_flight) {
        wait_a_while(trace);
    }
}

/* --- life --- */

/* "name=value,name=value" as OTEL_EXPORTER_OTLP_HEADERS has it; one place is kept for the content type. */
static bool read_headers(struct dsp_trace *trace)
{
    const char *at = trace->options.headers ? trace->options.headers : "";
    char *type = strdup("Content-Type: application/json");
    trace->headers[trace->header_count++] = type;
    while (*at && trace->header_count < DSP_CALL_HEADERS_MAX) {
        size_t size = strcspn(at, ",");
        size_t name = strcspn(at, "=");
        char *text = NULL;
        if (name < size && asprintf(&text, "%.*s: %.*s", (int)name, at, (int)(size - name - 1), at + name + 1) < 0) {
            return false;
        }
        if (text) {
            trace->headers[trace->header_count++] = text;
        }
        at += size + (at[size] == ',');
    }
    return type != NULL;
}

struct dsp_trace *dsp_trace_new(const struct dsp_trace_options *options)
{
    struct dsp_trace *trace = calloc(1, sizeof *trace);
    if (!trace) {
        return NULL;
    }
    trace->options = *options;
    trace->queue = calloc(QUEUE_MAX, sizeof *trace->queue);
    trace->timer = event_new(options->base, -1, 0, on_timer, trace);
    size_t size = strlen(options->endpoint);
    snprintf(trace->url, sizeof trace->url, "%s%s", options->endpoint,
             size && options->endpoint[size - 1] == '/' ? "v1/traces" : "/v1/traces");
    if (!read_headers(trace) || !trace->queue || !trace->timer) {
        dsp_trace_free(trace);
        return NULL;
    }
    return trace;
}

void dsp_trace_free(struct dsp_trace *trace)
{
    if (!trace) {
        return;
    }
    for (size_t i = 0; i < trace->header_count; i++) {
        free(trace->headers[i]);
    }
    if (trace->timer) {
        event_free(trace->timer);
    }
    free(trace->queue);
    free(trace);
}
