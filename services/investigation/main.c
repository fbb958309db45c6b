/* investigation: evidence, rounds, people and decisions. Wiring only. */
#include "common/service/follower.h"
#include "investigation/handlers.h"
#include "investigation/store.h"

int main(int argc, char **argv)
{
    static const struct dsp_topic TOPICS[] = {{.name = DSP_LOG_TOPIC, .numbered = true}};
    static struct inv inv;
    static const struct dsp_service_definition DEFINITION = {
        .name = "investigation",
        .topics = TOPICS,
        .topic_count = sizeof TOPICS / sizeof *TOPICS,
        .tables = INV_TABLES,
        .table_count = INV_TABLE_COUNT,
        .self = &inv,
        .start = inv_start,
        .decode = inv_decode,
        .handle = inv_handle,
    };
    return dsp_service_main(argc, argv, &DEFINITION);
}
