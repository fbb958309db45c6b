/* Spans: their place in a trace, what is said of them, and that a collector which is gone costs nothing but them. */
#include "common/io/trace.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "support/cmocka_all.h"

#define PARENT "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"

static void a_span_stands_below_the_one_that_the_traceparent_names(void **state)
{
    struct dsp_span span;
    char text[DSP_TRACEPARENT_BYTES];
    (void)state;
    dsp_span_begin(&span, DSP_SPAN_CONSUMER, DSP_STR_LITERAL(PARENT));
    dsp_span_traceparent(&span, text);
    assert_true(span.has_parent && span.start_ns > 0);
    assert_int_equal(strlen(text), DSP_TRACEPARENT_BYTES - 1);
    assert_memory_equal(text, PARENT, 36); /* the same trace */
    assert_memory_not_equal(text + 36, PARENT + 36, 16);
    assert_string_equal(text + 52, "-01");
}

static void a_traceparent_that_is_absent_or_malformed_begins_a_new_trace(void **state)
{
    static const char *const BAD[] = {"", "00", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
                                      "00-0af7651916cd43dd8448eb211c80319cxb7ad6b7169203331-00",
                                      "00-zzf7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"};
    struct dsp_span first;
    struct dsp_span other;
    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        dsp_span_begin(&first, DSP_SPAN_INTERNAL, dsp_str_from(BAD[i]));
        dsp_span_begin(&other, DSP_SPAN_INTERNAL, dsp_str_from(BAD[i]));
        assert_false(first.has_parent);
        assert_memory_not_equal(first.trace, other.trace, sizeof first.trace);
        assert_memory_not_equal(first.id, other.id, sizeof first.id);
    }
}

static const char *attribute(const json_t *list, const char *key)
{
    size_t i;
    const json_t *item;
    json_array_foreach(list, i, item) {
        if (strcmp(json_string_value(json_object_get(item, "key")), key) == 0) {
            const json_t *value = json_object_get(item, "value");
            const json_t *text = json_object_get(value, "stringValue");
            return json_string_value(text ? text : json_object_get(value, "intValue"));
        }
    }
    return NULL;
}

static json_t *spans_of(json_t *root, json_t **ret_resource)
{
    json_t *resource_spans = json_array_get(json_object_get(root, "resourceSpans"), 0);
    json_t *scope_spans = json_array_get(json_object_get(resource_spans, "scopeSpans"), 0);
    *ret_resource = json_object_get(json_object_get(resource_spans, "resource"), "attributes");
    return json_object_get(scope_spans, "spans");
}

static void the_export_has_the_form_of_otlp_and_the_names_of_the_conventions(void **state)
{
    struct dsp_trace_options options = {.service = "sla", .instance = "sla-1@here", .group = "disputes-sla"};
    struct dsp_span spans[2];
    json_t *resource;
    (void)state;
    dsp_span_begin(&spans[0], DSP_SPAN_CONSUMER, DSP_STR_LITERAL(PARENT));
    spans[0].topic = "disputes.case.event.v1";
    spans[0].partition = 1;
    spans[0].offset = INT64_C(9007199254740993);
    spans[0].case_id = (struct dsp_uuid){{1}};
    strcpy(spans[0].name, "process disputes.case.event.v1");
    strcpy(spans[0].what, "CASE_ADMITTED");
    dsp_span_begin(&spans[1], DSP_SPAN_CLIENT, (struct dsp_str){NULL, 0});
    spans[1].method = "POST";
    spans[1].status = 503;
    strcpy(spans[1].server, "127.0.0.1:8080");
    strcpy(spans[1].error, "503");
    char *text = dsp_trace_json(&options, spans, 2);
    json_t *root = json_loads(text, 0, NULL);
    json_t *list = spans_of(root, &resource);
    assert_string_equal(attribute(resource, "service.name"), "sla");
    assert_string_equal(attribute(resource, "service.instance.id"), "sla-1@here");
    assert_int_equal(json_array_size(list), 2);
    const json_t *first = json_array_get(list, 0);
    const json_t *about = json_object_get(first, "attributes");
    assert_string_equal(json_string_value(json_object_get(first, "traceId")), "0af7651916cd43dd8448eb211c80319c");
    assert_string_equal(json_string_value(json_object_get(first, "parentSpanId")), "b7ad6b7169203331");
    assert_int_equal(json_integer_value(json_object_get(first, "kind")), 5);
    assert_true(json_is_string(json_object_get(first, "startTimeUnixNano")));
    assert_string_equal(attribute(about, "dispute.type"), "CASE_ADMITTED");
    assert_string_equal(attribute(about, "messaging.system"), "kafka");
    assert_string_equal(attribute(about, "messaging.destination.name"), "disputes.case.event.v1");
    assert_string_equal(attribute(about, "messaging.destination.partition.id"), "1");
    assert_string_equal(attribute(about, "messaging.kafka.offset"), "9007199254740993");
    assert_string_equal(attribute(about, "messaging.consumer.group.name"), "disputes-sla");
    assert_null(json_object_get(first, "status"));
    const json_t *second = json_array_get(list, 1);
    about = json_object_get(second, "attributes");
    assert_null(json_object_get(second, "parentSpanId"));
    assert_string_equal(attribute(about, "server.address"), "127.0.0.1");
    assert_string_equal(attribute(about, "server.port"), "8080");
    assert_string_equal(attribute(about, "http.response.status_code"), "503");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(second, "status"), "code")), 2);
    json_decref(root);
    free(text);
}

static void a_collector_that_is_gone_costs_spans_and_they_are_counted(void **state)
{
    struct event_base *base = event_base_new();
    struct dsp_http *http = dsp_http_new(base);
    struct dsp_metrics *metrics = dsp_metrics_new();
    struct dsp_trace_options options = {.base = base,
                                        .http = http,
                                        .metrics = metrics,
                                        .endpoint = "http://127.0.0.1:1",
                                        .headers = "authorization=Bearer x,nonsense,x-tenant=1",
                                        .service = "sla",
                                        .instance = "one",
                                        .group = "g",
                                        .delay_ms = 10};
    struct dsp_trace *trace = dsp_trace_new(&options);
    size_t size;
    (void)state;
    for (int i = 0; i < 3000; i++) {
        struct dsp_span span;
        dsp_span_begin(&span, DSP_SPAN_INTERNAL, (struct dsp_str){NULL, 0});
        dsp_trace_end(trace, &span);
    }
    for (int i = 0; i < 20; i++) {
        event_base_loop(base, EVLOOP_ONCE);
    }
    char *text = dsp_metrics_render(metrics, &size);
    assert_non_null(strstr(text, "dispute_spans_dropped_total{reason=\"queue_full\"} 952"));
    assert_null(strstr(text, "dispute_spans_exported_total 1"));
    free(text);
    dsp_http_free(http);
    dsp_trace_free(trace);
    dsp_metrics_free(metrics);
    event_base_free(base);
}

static void without_a_collector_nothing_is_kept(void **state)
{
    struct dsp_span span;
    (void)state;
    dsp_span_begin(&span, DSP_SPAN_INTERNAL, (struct dsp_str){NULL, 0});
    dsp_trace_end(NULL, &span);
    dsp_trace_flush(NULL);
    assert_int_equal(span.end_ns, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_span_stands_below_the_one_that_the_traceparent_names),
        cmocka_unit_test(a_traceparent_that_is_absent_or_malformed_begins_a_new_trace),
        cmocka_unit_test(the_export_has_the_form_of_otlp_and_the_names_of_the_conventions),
        cmocka_unit_test(a_collector_that_is_gone_costs_spans_and_they_are_counted),
        cmocka_unit_test(without_a_collector_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
