/* fund: duties, the guarantee fund and its books. Wiring only. */
#include "common/service/follower.h"
#include "fund/handlers.h"
#include "fund/store.h"

int main(int argc, char **argv)
{
    static const struct dsp_topic TOPICS[] = {{.name = DSP_LOG_TOPIC, .numbered = true},
                                              {.name = "disputes.fund.inbound.v1", .stamped = true}};
    static const struct dsp_door DOORS[] = {{"/wechatpay/", fund_accept_wechatpay},
                                            {"/settlements/", fund_accept_settlement}};
    static struct fund fund;
    static const struct dsp_service_definition DEFINITION = {
        .name = "fund",
        .topics = TOPICS,
        .topic_count = sizeof TOPICS / sizeof *TOPICS,
        .tables = FUND_TABLES,
        .table_count = FUND_TABLE_COUNT,
        .views = FUND_VIEWS,
        .view_count = FUND_VIEW_COUNT,
        .platform_tables = FUND_PLATFORM_TABLES,
        .platform_table_count = FUND_PLATFORM_COUNT,
        .gauges = FUND_GAUGES,
        .gauge_count = sizeof FUND_GAUGES / sizeof *FUND_GAUGES,
        .settings = FUND_SETTINGS,
        .settings_values = &fund.settings,
        .inbound_topic = "disputes.fund.inbound.v1",
        .doors = DOORS,
        .door_count = sizeof DOORS / sizeof *DOORS,
        .self = &fund,
        .start = fund_start,
        .decode = fund_decode,
        .handle = fund_handle,
        .call = fund_call,
        .check_answer = fund_check_answer,
    };
    fund_store_init();
    return dsp_service_main(argc, argv, &DEFINITION);
}
