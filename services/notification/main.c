/* notification: who hears what, and proof of it. Wiring only. */
#include "common/service/follower.h"
#include "notification/handlers.h"
#include "notification/store.h"

int main(int argc, char **argv)
{
    static const struct dsp_topic TOPICS[] = {
        [NTF_TOPIC_LOG] = {.name = DSP_LOG_TOPIC, .numbered = true},
        [NTF_TOPIC_INBOUND] = {.name = "disputes.notification.inbound.v1", .stamped = true},
    };
    static struct notification notification;
    static const struct dsp_service_definition DEFINITION = {
        .name = "notification",
        .topics = TOPICS,
        .topic_count = sizeof TOPICS / sizeof *TOPICS,
        .tables = NTF_TABLES,
        .table_count = NTF_TABLE_COUNT,
        .settings = NTF_SETTINGS,
        .settings_values = &notification.settings,
        .read_ahead_kib = 8192, /* the one service that is often behind: its pace is that of outside calls */
        .self = &notification,
        .start = ntf_start,
        .decode = ntf_decode,
        .handle = ntf_handle,
        .call = ntf_call,
    };
    return dsp_service_main(argc, argv, &DEFINITION);
}
