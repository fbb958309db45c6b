/* arbitration: referrals to an institution, and what comes back. Wiring only. */
#include "arbitration/handlers.h"
#include "arbitration/store.h"
#include "common/service/follower.h"

int main(int argc, char **argv)
{
    static const struct dsp_topic TOPICS[] = {
        [ARB_TOPIC_LOG] = {.name = DSP_LOG_TOPIC, .numbered = true},
        [ARB_TOPIC_INBOUND] = {.name = "disputes.arbitration.inbound.v1", .stamped = true},
    };
    static const struct dsp_door DOORS[] = {{.path = "/institution/", .accept = arb_accept}};
    static struct arb arb;
    static const struct dsp_service_definition DEFINITION = {
        .name = "arbitration",
        .topics = TOPICS,
        .topic_count = sizeof TOPICS / sizeof *TOPICS,
        .tables = ARB_TABLES,
        .table_count = ARB_TABLE_COUNT,
        .views = ARB_VIEWS,
        .view_count = ARB_VIEW_COUNT,
        .settings = ARB_SETTINGS,
        .settings_values = &arb.settings,
        .inbound_topic = "disputes.arbitration.inbound.v1",
        .doors = DOORS,
        .door_count = sizeof DOORS / sizeof *DOORS,
        .self = &arb,
        .start = arb_start,
        .decode = arb_decode,
        .handle = arb_handle,
        .call = arb_call,
    };
    arb_store_setup();
    return dsp_service_main(argc, argv, &DEFINITION);
}
