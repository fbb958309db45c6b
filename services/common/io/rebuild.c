/* Folding one input topic from its beginning into the tables of an empty schema: the same decoding and handlers
 * as ever, nothing of it goes out. No group, no timers, no calls; what a lane would publish is not even numbered. */
#include <string.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/io/engine_internal.h"

#define ASK_MS 2000

static struct dsp_err ask_end(struct dsp_engine *engine, int32_t lane)
{
    int64_t low = 0;
    int64_t high = 0;
    const char *topic = engine->options.rebuild_topic;
    rd_kafka_resp_err_t err = rd_kafka_query_watermark_offsets(engine->consumer, topic, lane, &low, &high, ASK_MS);
    if (err) {
        return dsp_retry(DSP_CODE_BROKER_DOWN, "%s/%d: %s", topic, lane, rd_kafka_err2str(err));
    }
    engine->rebuild_end[lane] = high > low ? high : -1; /* -1: there is nothing in it */
    return dsp_ok();
}

struct dsp_err rebuild_start(struct dsp_engine *engine)
{
    rd_kafka_topic_partition_list_t *parts = rd_kafka_topic_partition_list_new(engine->partitions);
    for (int32_t lane = 0; lane < engine->partitions; lane++) {
        struct dsp_err err = ask_end(engine, lane);
        if (dsp_failed(err)) {
            rd_kafka_topic_partition_list_destroy(parts);
            return err;
        }
        rd_kafka_topic_partition_list_add(parts, engine->options.rebuild_topic, lane);
    }
    engine->assignment = parts;
    if (dsp_pg_up(engine->pg)) {
        engine_own(engine);
    } /* else the store's return owns them */
    return dsp_ok();
}

bool rebuild_owned(struct dsp_engine *engine)
{
    for (int32_t lane = 0; lane < engine->partitions; lane++) {
        if (engine->lanes[lane].epoch != 1) { /* somebody's tables, or half of an earlier rebuild */
            engine_fatal(engine, dsp_fatal(DSP_CODE_FENCED, "schema %s is not empty: lane %d has had an owner",
                                           engine->options.schema, lane));
            return false;
        }
    }
    return true;
}

void rebuild_check(struct dsp_engine *engine)
{
    if (engine->stopping || engine->owning || engine->turn.phase != PHASE_IDLE || !engine_owns_any(engine)) {
        return;
    }
    for (int32_t lane = 0; lane < engine->partitions; lane++) {
        for (size_t t = 0; t < engine->app->topic_count; t++) {
            bool it = strcmp(engine->app->topics[t].name, engine->options.rebuild_topic) == 0;
            if (it && engine->lanes[lane].topics[t].done.next_offset < engine->rebuild_end[lane]) {
                return;
            }
        }
    }
    engine->stopping = true;
    engine->options.on_rebuilt(engine->options.arg, engine->quarantined);
}
