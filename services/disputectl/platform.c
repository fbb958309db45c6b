/* platform put, codes. */
#include <stdio.h>
#include <string.h>

#include "common/base/codes.h"
#include "disputectl/commands.h"
#include "disputectl/ctl_json.h"
#include "disputectl/ctl_platform.h"

static int run_platform(struct ctl *ctl, int argc, char **argv)
{
    const struct ctl_option options[] = {CTL_OPTIONS_END};
    int words = ctl_options(options, argc, argv);
    json_t *states = NULL;
    size_t count = 0;
    if (words != 2 || strcmp(argv[0], "put") != 0) {
        return words < 0 ? CTL_EXIT_USAGE : ctl_usage("platform put FILE");
    }
    struct ctl_kafka *kafka = ctl_use_kafka(ctl);
    if (!kafka) {
        return (int)ctl_use_status(ctl);
    }
    struct dsp_err err = ctl_json_read_file(argv[1], &states);
    err = dsp_failed(err) ? err : ctl_platform_put(kafka, states, &count);
    json_decref(states);
    if (dsp_failed(err)) {
        return ctl_fail(err);
    }
    printf("published %zu states on %s\n", count, CTL_PLATFORM_TOPIC);
    return CTL_EXIT_OK;
}

const struct ctl_subcommand PLATFORM_SUBCOMMAND = {
    .name = "platform",
    .arguments = "put FILE",
    .summary = "publishes what belongs to a marketplace: policy, rules, staff, rails, books",
    .help = "FILE holds a JSON array of disputes.platform.v1.State, - = standard input:\n"
            "  [{\"platform_id\": \"wx1\", \"version\": 1, \"staff\": {\"members\": [{\"staff_id\": \"a1\", \"role\": "
            "\"AGENT\"}]}}]\n"
            "A version that was published stays: write a higher one to change something.\n",
    .run = run_platform,
};

static int run_codes(struct ctl *ctl, int argc, char **argv)
{
    (void)ctl;
    const struct ctl_option options[] = {CTL_OPTIONS_END};
    size_t count;
    if (ctl_options(options, argc, argv) != 0) {
        return ctl_usage("codes takes nothing");
    }
    const struct dsp_code *codes = dsp_codes(&count);
    for (size_t i = 0; i < count; i++) {
        printf("%-18s %s\n", codes[i].name, codes[i].sentence);
    }
    return CTL_EXIT_OK;
}

const struct ctl_subcommand CODES_SUBCOMMAND = {
    .name = "codes",
    .arguments = "",
    .summary = "the codes of errors and dead letters, with what they mean",
    .help = "A code may be added, never renamed.\n",
    .run = run_codes,
};
