/* intake: the docket, the only writer of the case log. Wiring only. */
#include <string.h>

#include "intake/handlers.h"
#include "intake/store.h"

/* --print-machine, --print-machine=json */
static bool option(const char *word, int *ret_status)
{
    *ret_status = 0;
    if (strcmp(word, "--print-machine") == 0) {
        intake_print_machine(stdout);
        return true;
    }
    if (strcmp(word, "--print-machine=json") == 0) {
        json_t *machine = intake_machine_json();
        json_dumpf(machine, stdout, JSON_INDENT(1));
        putchar('\n');
        json_decref(machine);
        return true;
    }
    return false;
}

int main(int argc, char **argv)
{
    /* The order is that of enum intake_source. */
    static const struct dsp_topic TOPICS[] = {
        [SOURCE_GW] = {.name = "disputes.gateway.command.v1", .stamped = true},
        [SOURCE_CON] = {.name = "disputes.console.command.v1", .stamped = true},
        [SOURCE_SLA] = {.name = "disputes.sla.finding.v1", .numbered = true},
        [SOURCE_INV] = {.name = "disputes.investigation.finding.v1", .numbered = true},
        [SOURCE_ARB] = {.name = "disputes.arbitration.finding.v1", .numbered = true},
        [SOURCE_FND] = {.name = "disputes.fund.finding.v1", .numbered = true},
        [SOURCE_NTF] = {.name = "disputes.notification.finding.v1", .numbered = true},
    };
    static struct intake intake;
    static const struct dsp_service_definition DEFINITION = {
        .name = "intake",
        .topics = TOPICS,
        .topic_count = sizeof TOPICS / sizeof *TOPICS,
        .tables = INTAKE_TABLES,
        .table_count = INTAKE_TABLE_COUNT,
        .views = INTAKE_VIEWS,
        .view_count = sizeof INTAKE_VIEWS / sizeof *INTAKE_VIEWS,
        .gauges = INTAKE_GAUGES,
        .gauge_count = sizeof INTAKE_GAUGES / sizeof *INTAKE_GAUGES,
        .self = &intake,
        .start = intake_start,
        .decode = intake_decode,
        .handle = intake_handle,
        .skip = intake_skip,
        .option = option,
    };
    return dsp_service_main(argc, argv, &DEFINITION);
}
