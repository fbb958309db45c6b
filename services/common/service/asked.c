/* Gauges that only PostgreSQL knows: how many rows there are of a kind, or what they add up to. */
#include "common/base/log.h"
#include "common/service/service_internal.h"

#define ASKED_ARENA_BYTES (64u << 10)

static struct dsp_str label_of(const struct dsp_column *column, const PGresult *result, int row, int index)
{
    return column->name_of ? dsp_str_from(column->name_of((int)dsp_result_int(result, row, index)))
                           : dsp_result_str(result, row, index);
}

static void on_rows(void *arg, const PGresult *result)
{
    const struct asked *asked = arg;
    const struct dsp_table *rows = asked->gauge->rows;
    struct dsp_metrics *metrics = asked->service->metrics;
    int value_at = (int)rows->column_count - 1;
    dsp_metric_reset(metrics, asked->gauge->metric); /* a kind of which there is nothing left has no row */
    for (int row = 0; row < PQntuples(result); row++) {
        struct dsp_str labels[DSP_METRIC_LABELS_MAX];
        for (int i = 0; i < value_at && i < DSP_METRIC_LABELS_MAX; i++) {
            labels[i] = label_of(&rows->columns[i], result, row, i);
        }
        dsp_metric_set(metrics, asked->gauge->metric, dsp_result_int(result, row, value_at), labels);
    }
}

static void on_done(void *arg, struct dsp_err err)
{
    (void)arg;
    if (dsp_failed(err)) { /* asked again soon */
        dsp_log_err(DSP_LOG_DEBUG, "gauges", err);
    }
}

void asked_refresh(struct dsp_service *service)
{
    const struct dsp_service_definition *def = service->definition;
    if (!service->engine || !def->gauge_count || !dsp_engine_ready(service->engine)) {
        return;
    }
    struct dsp_arena *arena = dsp_arena_new(ASKED_ARENA_BYTES);
    struct dsp_pg *pg = dsp_engine_pg(service->engine);
    struct dsp_param lanes;
    if (arena && !dsp_failed(dsp_engine_lanes(service->engine, arena, &lanes))) {
        for (size_t i = 0; i < def->gauge_count; i++) {
            service->asked[i] = (struct asked){service, &def->gauges[i]};
            dsp_pg_exec(pg, def->gauges[i].rows->load_sql, &lanes, 1, on_rows, &service->asked[i]);
        }
        dsp_pg_sync(pg, on_done, NULL);
    }
    dsp_arena_free(arena);
}
