/* What an instance does now and then beside its turns: positions for lag tooling, old rows of the outbox. */
#include <string.h>

#include "common/io/engine_internal.h"

#define OUTBOX_KEPT_MS (6 * DSP_HOUR_MS) /* replay window of published rows */

void upkeep_on_offsets(rd_kafka_t *consumer, rd_kafka_resp_err_t err, rd_kafka_topic_partition_list_t *offsets,
                       void *opaque)
{
    (void)consumer;
    (void)err; /* for lag tooling only: nothing leans on it */
    (void)offsets;
    (void)opaque;
}

void upkeep_commit_offsets(struct dsp_engine *engine)
{
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(16);
    for (int i = 0; i < engine->assignment->cnt; i++) {
        const rd_kafka_topic_partition_t *part = &engine->assignment->elems[i];
        for (size_t t = 0; t < engine->app->topic_count; t++) {
            int64_t next = engine->lanes[part->partition].topics[t].done.next_offset;
            if (strcmp(part->topic, engine->app->topics[t].name) == 0 && next >= 0) {
                rd_kafka_topic_partition_list_add(offsets, part->topic, part->partition)->offset = next;
            }
        }
    }
    if (offsets->cnt) {
        rd_kafka_commit(engine->consumer, offsets, 1);
    }
    rd_kafka_topic_partition_list_destroy(offsets);
}

static void on_trimmed(void *arg, struct dsp_err err)
{
    (void)arg;
    (void)err; /* the next minute tries again */
}

void upkeep_trim_outbox(struct dsp_engine *engine)
{
    struct dsp_param params[2];
    if (engine->turn.phase != PHASE_IDLE || !dsp_pg_up(engine->pg) || engine->owning) {
        return; /* a group of its own must not join an open transaction */
    }
    dsp_arena_reset(engine->scratch);
    if (dsp_failed(dsp_engine_lanes(engine, engine->scratch, &params[0]))) {
        return;
    }
    params[1] = dsp_param_int8(engine->scratch, dsp_real_ms() - OUTBOX_KEPT_MS);
    dsp_pg_exec(engine->pg, LANE_OUTBOX_TRIM, params, 2, NULL, NULL);
    dsp_pg_sync(engine->pg, on_trimmed, NULL);
}
