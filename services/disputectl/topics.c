/* topics apply | check | list: the declarative list of topics against a broker. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "disputectl/commands.h"
#include "disputectl/ctl_json.h"
#include "disputectl/ctl_topics.h"

static void print_list(const struct ctl_topic_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct ctl_topic *topic = &list->topics[i];
        printf("%-52s %3d ", topic->name, topic->partitions);
        for (size_t c = 0; c < topic->config_count; c++) {
            printf(" %s=%s", topic->configs[c].name, topic->configs[c].value);
        }
        fputc('\n', stdout);
    }
}

static int print_found(const struct ctl_topic_findings *findings, const char *missing_word)
{
    for (size_t i = 0; i < findings->missing_count; i++) {
        printf("%s %s\n", missing_word, findings->missing[i]->name);
    }
    for (size_t i = 0; i < findings->difference_count; i++) {
        printf("differs  %s\n", findings->differences[i]);
    }
    return findings->missing_count || findings->difference_count ? CTL_EXIT_FAILED : CTL_EXIT_OK;
}

static bool has_no_admin(struct dsp_err err)
{
    return err.kind == DSP_ERR_REJECT && strcmp(err.code, DSP_CODE_NOT_READY) == 0;
}

/* The embedded broker takes no admin calls and makes its topics by itself: settings cannot be looked at, which is
 * no reason to stop. A topic that is missing is. */
static int without_admin(const struct ctl_topic_findings *findings, struct dsp_err err)
{
    fprintf(stderr, "this broker takes no admin calls (%s): its topics stay as they are\n", err.detail);
    for (size_t i = 0; i < findings->missing_count; i++) {
        printf("missing  %s\n", findings->missing[i]->name);
    }
    return findings->missing_count ? CTL_EXIT_FAILED : CTL_EXIT_OK;
}

static int apply(struct ctl_kafka *kafka, const struct ctl_topic_list *list, bool dry_run)
{
    struct ctl_topic_findings findings = {0};
    int status = CTL_EXIT_OK; /* what differs is only said: changing partitions moves keys, so people decide */
    struct dsp_err err = ctl_topics_compare(kafka, list, &findings);
    err = dsp_failed(err) || dry_run ? err : ctl_topics_create(kafka, &findings);
    if (dsp_failed(err)) {
        status = has_no_admin(err) ? without_admin(&findings, err) : ctl_fail(err);
    } else {
        print_found(&findings, dry_run ? "missing " : "created ");
        printf("%zu topics: %zu %s, %zu there before%s\n", list->count, findings.missing_count,
               dry_run ? "missing" : "created", list->count - findings.missing_count,
               findings.difference_count ? ", not all as listed" : "");
    }
    ctl_topic_findings_fini(&findings);
    return status;
}

static int check(struct ctl_kafka *kafka, const struct ctl_topic_list *list)
{
    struct ctl_topic_findings findings = {0};
    int status;
    struct dsp_err err = ctl_topics_compare(kafka, list, &findings);
    if (dsp_failed(err)) {
        status = has_no_admin(err) ? without_admin(&findings, err) : ctl_fail(err);
    } else {
        status = print_found(&findings, "missing ");
        if (!status) {
            printf("%zu topics as listed\n", list->count);
        }
    }
    ctl_topic_findings_fini(&findings);
    return status;
}

static int run_topics(struct ctl *ctl, int argc, char **argv)
{
    bool dry_run = false;
    struct ctl_topic_list list = {0};
    const struct ctl_option options[] = {CTL_FLAG("dry-run", dry_run), CTL_OPTIONS_END};
    int words = ctl_options(options, argc, argv);
    bool applies = words == 2 && strcmp(argv[0], "apply") == 0;
    bool checks = words == 2 && strcmp(argv[0], "check") == 0;
    bool lists = words == 2 && strcmp(argv[0], "list") == 0;
    if ((!applies && !checks && !lists) || (dry_run && !applies)) {
        return words < 0 ? CTL_EXIT_USAGE : ctl_usage("topics apply FILE [--dry-run] | check FILE | list FILE");
    }
    struct ctl_kafka *kafka = lists ? NULL : ctl_use_kafka(ctl);
    if (!lists && !kafka) {
        return (int)ctl_use_status(ctl);
    }
    struct dsp_err err = ctl_topic_list_read(argv[1], getenv("HESHI_PARTITIONS"), &list);
    int status = CTL_EXIT_OK;
    if (dsp_failed(err)) {
        status = ctl_fail(err);
    } else if (lists) {
        print_list(&list);
    } else {
        status = applies ? apply(kafka, &list, dry_run) : check(kafka, &list);
    }
    ctl_topic_list_fini(&list);
    return status;
}

const struct ctl_subcommand TOPICS_SUBCOMMAND = {
    .name = "topics",
    .arguments = "apply FILE [--dry-run] | check FILE | list FILE",
    .summary = "makes the topics of deploy/kafka/topics.json, or compares them",
    .help =
        "  apply FILE          creates what is missing, in one call; says what exists and differs, and leaves it so\n"
        "  check FILE          compares only; exit status 1 when something is missing or differs\n"
        "  list FILE           the topics with partitions and settings, without a broker\n"
        "  --dry-run           says what apply would do\n\n"
        "HESHI_PARTITIONS overrides the file's number for topics that give none of their own.\n",
    .run = run_topics,
};
