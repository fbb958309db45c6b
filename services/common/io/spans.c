/* Spans of the records of a turn: begun when they are handled, sent when they are committed. */
#include <stdio.h>

#include "common/base/codes.h"
#include "common/io/engine_internal.h"

static void name_span(struct dsp_span *span, const struct dsp_engine *engine, const struct dsp_record *record)
{
    span->case_id = record->case_id;
    if (record->kind == DSP_RECORD_MESSAGE) {
        span->topic = engine->app->topics[record->topic].name;
        span->partition = record->lane;
        span->offset = record->offset;
        snprintf(span->name, sizeof span->name, "process %s", span->topic);
        snprintf(span->message_id, sizeof span->message_id, "%.*s", DSP_STR_ARG(record->envelope.id));
        snprintf(span->what, sizeof span->what, "%.*s", DSP_STR_ARG(record->type));
    } else if (record->kind == DSP_RECORD_TIMER) {
        snprintf(span->name, sizeof span->name, "timer");
        snprintf(span->what, sizeof span->what, "%.*s", DSP_STR_ARG(record->timer.name));
    } else {
        snprintf(span->name, sizeof span->name, "answer %.*s", DSP_STR_ARG(record->answer.kind));
        snprintf(span->what, sizeof span->what, "%.*s", DSP_STR_ARG(record->answer.number));
    }
}

struct dsp_err spans_begin(struct dsp_engine *engine, struct dsp_record *record)
{
    struct dsp_span *span = dsp_arena_alloc(engine->arena, sizeof *span);
    char *text = dsp_arena_alloc(engine->arena, DSP_TRACEPARENT_BYTES);
    if (!span || !text || !vector_add(engine->arena, &engine->turn.spans, span)) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "the batch does not fit");
    }
    dsp_span_begin(span, record->kind == DSP_RECORD_MESSAGE ? DSP_SPAN_CONSUMER : DSP_SPAN_INTERNAL,
                   record->envelope.traceparent);
    name_span(span, engine, record);
    dsp_span_traceparent(span, text);
    record->envelope.traceparent = dsp_str_from(text);
    return dsp_ok();
}

void spans_mark_jobs(struct dsp_engine *engine, const struct dsp_record *record)
{
    const struct dsp_list *jobs = dsp_rows_all(engine->turn.open.rows, &dsp_job_table);
    for (size_t i = 0; i < jobs->count; i++) {
        struct dsp_job *job = jobs->items[i];
        if (job->row.dirty && job->state == DSP_JOB_READY && !job->traceparent.len) {
            job->traceparent = record->envelope.traceparent;
        }
    }
}

void spans_end(struct dsp_engine *engine)
{
    const struct vector *spans = &engine->turn.spans;
    for (size_t i = 0; i < spans->count; i++) {
        dsp_trace_end(engine->options.trace, spans->items[i]);
    }
}
