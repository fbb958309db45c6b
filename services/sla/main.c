/* sla: the clock ledger, offers and settlements. Wiring only. */
#include "common/service/follower.h"
#include "sla/handlers.h"
#include "sla/store.h"

int main(int argc, char **argv)
{
    static const struct dsp_topic TOPICS[] = {{.name = DSP_LOG_TOPIC, .numbered = true}};
    static struct sla sla;
    static const struct dsp_service_definition DEFINITION = {
        .name = "sla",
        .topics = TOPICS,
        .topic_count = sizeof TOPICS / sizeof *TOPICS,
        .tables = SLA_TABLES,
        .table_count = SLA_TABLE_COUNT,
        .views = SLA_VIEWS,
        .view_count = sizeof SLA_VIEWS / sizeof *SLA_VIEWS,
        .self = &sla,
        .start = sla_start,
        .decode = sla_decode,
        .handle = sla_handle,
    };
    return dsp_service_main(argc, argv, &DEFINITION);
}
