/* case show, fund balance: what became of a case, what the fund's books say. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputectl/commands.h"
#include "disputectl/ctl_show.h"
#include "disputectl/ctl_timeline.h"
#include "disputes/platform/v1/state.pb-c.h"

#define PATH_BYTES 512
#define ARENA_BYTES (4u << 20)
#define PLATFORM_TOPIC "disputes.platform.state.v1"

static bool is_first_of_name(const struct ctl_admin *admin, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(ctl_admin_name(admin, i), ctl_admin_name(admin, index)) == 0) {
            return false;
        }
    }
    return true;
}

/* --- what the services say of a case --- */

/* {service: its view}; one that does not answer has {"error": why}. New reference. */
static json_t *views_of(struct ctl_admin *admin, const char *path)
{
    json_t *views = json_object();
    size_t count = ctl_admin_count(admin);
    struct ctl_answer *answers = calloc(count ? count : 1, sizeof *answers);
    if (!answers) {
        return views;
    }
    ctl_admin_get_all(admin, path, 5000, answers);
    for (size_t i = 0; i < count; i++) {
        if (is_first_of_name(admin, i)) {
            bool good = answers[i].status == 200 && answers[i].body;
            json_object_set_new(views, ctl_admin_name(admin, i),
                                good ? json_incref(answers[i].body) : json_pack("{s:s}", "error", answers[i].why));
        }
        ctl_answer_fini(&answers[i]);
    }
    free(answers);
    return views;
}

/* Tables that repeat the log, and what services keep for their own use: --tables shows them. */
static bool is_inner(const char *table)
{
    static const char *const INNER[] = {"case", "log", "timeline", "papers", "clock_mirror", "jobs"};
    for (size_t i = 0; i < sizeof INNER / sizeof *INNER; i++) {
        if (strcmp(INNER[i], table) == 0) {
            return true;
        }
    }
    return false;
}

static void show_view(const char *service, json_t *view, bool all_tables)
{
    static const char *const LEFT_OUT[] = {"case_id", "lane", "order_id", "ver", "wrapped_key", NULL};
    const char *name;
    const char *error = json_string_value(json_object_get(view, "error"));
    json_t *rows;
    bool any = false;
    if (error) {
        printf("\n%s\n  %s\n", service, error);
        return;
    }
    json_object_foreach(view, name, rows) {
        if (json_array_size(rows) && (all_tables || !is_inner(name))) {
            if (!any) {
                printf("\n%s\n", service);
            }
            ctl_show_table(stdout, name, rows, LEFT_OUT);
            any = true;
        }
    }
}

/* --- case show --- */

static bool show_log(const struct ctl_log *log)
{
    const Disputes__Case__V1__Entry *last = NULL;
    for (size_t i = 0; i < ctl_log_count(log); i++) {
        const struct ctl_log_record *record = ctl_log_at(log, i);
        const Disputes__Case__V1__Entry *entry = ctl_log_entry(record);
        if (!record->event) {
            printf("   ?  [%d] offset %lld is no CaseEvent\n", record->partition, (long long)record->offset);
        } else if (entry && (!last || entry->sequence > last->sequence)) { /* publishing may repeat */
            if (!last) {
                printf("case %s  order %s  platform %s\n", entry->case_id, entry->order_id, entry->platform_id);
                printf("times: Asia/Shanghai\n\n");
            }
            ctl_timeline_entry(stdout, entry);
            last = entry;
        }
    }
    if (last) {
        printf("\nstage %s, generation %u\n",
               dsp_enum_name(&disputes__common__v1__stage__descriptor, (int)last->stage_after), last->generation);
    }
    return last != NULL;
}

static json_t *log_json(const char *case_id, const struct ctl_log *log)
{
    json_t *entries = json_array();
    for (size_t i = 0; i < ctl_log_count(log); i++) {
        json_array_append_new(entries, ctl_timeline_json(ctl_log_at(log, i)));
    }
    return json_pack("{s:s, s:o}", "case_id", case_id, "records", entries);
}

struct wish {
    bool json, tables;
};

static int show_case(struct ctl_admin *admin, const char *case_id, const struct ctl_log *log, const struct wish *wish)
{
    char path[PATH_BYTES];
    const char *service;
    json_t *view;
    snprintf(path, sizeof path, "/cases/%.64s", case_id);
    json_t *views = views_of(admin, path);
    bool found = ctl_log_count(log) > 0;
    if (wish->json) {
        json_t *all = log_json(case_id, log);
        json_object_set(all, "services", views);
        json_dumpf(all, stdout, JSON_INDENT(2));
        fputc('\n', stdout);
        json_decref(all);
    } else if (show_log(log)) {
        json_object_foreach(views, service, view) {
            show_view(service, view, wish->tables);
        }
    } else {
        fprintf(stderr, "disputectl: the case log has no entry of %s\n", case_id);
        found = false;
    }
    json_decref(views);
    return found ? CTL_EXIT_OK : CTL_EXIT_FAILED;
}

static int run_case(struct ctl *ctl, int argc, char **argv)
{
    struct wish wish = {0};
    struct ctl_log *log = NULL;
    const struct ctl_option options[] = {CTL_FLAG("json", wish.json), CTL_FLAG("tables", wish.tables), CTL_OPTIONS_END};
    int words = ctl_options(options, argc, argv);
    if (words != 2 || strcmp(argv[0], "show") != 0) {
        return words < 0 ? CTL_EXIT_USAGE : ctl_usage("case show CASE_ID [--json | --tables]");
    }
    struct ctl_kafka *kafka = ctl_use_kafka(ctl);
    struct ctl_admin *admin = kafka ? ctl_use_admin(ctl) : NULL;
    if (!admin) {
        return (int)ctl_use_status(ctl);
    }
    struct dsp_err err = ctl_log_new(kafka, argv[1], false, &log);
    err = dsp_failed(err) ? err : ctl_log_read(log);
    int status = dsp_failed(err) ? ctl_fail(err) : show_case(admin, argv[1], log, &wish);
    ctl_log_free(log);
    return status;
}

const struct ctl_subcommand CASE_SUBCOMMAND = {
    .name = "case",
    .arguments = "show CASE_ID [--json | --tables]",
    .summary = "the timeline of a case, and what each service keeps of it",
    .help = "Entries come from disputes.case.event.v1; clocks, postings, deliveries from GET /cases/{id} of every\n"
            "service in HESHI_ADMIN. What people wrote is shown as [sealed].\n\n"
            "  --json              everything as one JSON object: {case_id, records, services}\n"
            "  --tables            with the tables that services keep for their own use\n",
    .run = run_case,
};

/* --- fund balance --- */

struct names {
    struct dsp_arena *arena;
    json_t *found; /* {platform: true} in the order of arrival */
};

static bool on_state(void *arg, const struct ctl_message *message)
{
    struct names *names = arg;
    Disputes__Platform__V1__State *state = NULL;
    dsp_arena_reset(names->arena);
    if (message->value.ptr && !dsp_failed(dsp_message_unpack(names->arena, &disputes__platform__v1__state__descriptor,
                                                             message->value, &state))) {
        json_object_set_new(names->found, state->platform_id, json_true());
    }
    return true;
}

/* Every platform that was ever published. */
static struct dsp_err find_platforms(struct ctl_kafka *kafka, json_t *found)
{
    struct ctl_offsets offsets = {0};
    struct names names = {dsp_arena_new(ARENA_BYTES), found};
    struct dsp_err err = names.arena ? ctl_offsets_add_topic(kafka, &offsets, PLATFORM_TOPIC, 0)
                                     : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    err = dsp_failed(err) ? err : ctl_kafka_read(kafka, &offsets, on_state, &names);
    ctl_offsets_fini(&offsets);
    dsp_arena_free(names.arena);
    return err;
}

static struct dsp_err show_balance(struct ctl_admin *admin, const char *platform, bool as_json)
{
    static const char *const LEFT_OUT[] = {"platform_id", NULL};
    char path[PATH_BYTES];
    const char *name;
    json_t *body = NULL;
    json_t *rows;
    snprintf(path, sizeof path, "/platforms/%.256s", platform);
    DSP_TRY(ctl_admin_get(admin, "fund", path, &body));
    if (as_json) {
        json_object_set_new(body, "platform_id", json_string(platform));
        json_dumpf(body, stdout, JSON_COMPACT);
        fputc('\n', stdout);
    } else {
        printf("platform %s\n", platform);
        json_object_foreach(body, name, rows) {
            ctl_show_table(stdout, name, rows, LEFT_OUT);
        }
    }
    json_decref(body);
    return dsp_ok();
}

static int run_fund(struct ctl *ctl, int argc, char **argv)
{
    bool as_json = false;
    const char *platform;
    json_t *value;
    const struct ctl_option options[] = {CTL_FLAG("json", as_json), CTL_OPTIONS_END};
    int words = ctl_options(options, argc, argv);
    if (words < 1 || words > 2 || strcmp(argv[0], "balance") != 0) {
        return words < 0 ? CTL_EXIT_USAGE : ctl_usage("fund balance [PLATFORM] [--json]");
    }
    struct ctl_admin *admin = ctl_use_admin(ctl);
    struct ctl_kafka *kafka = admin && words == 1 ? ctl_use_kafka(ctl) : NULL;
    if (!admin || (words == 1 && !kafka)) {
        return (int)ctl_use_status(ctl);
    }
    json_t *platforms = json_object();
    struct dsp_err err = dsp_ok();
    if (words == 2) {
        json_object_set_new(platforms, argv[1], json_true());
    } else {
        err = find_platforms(kafka, platforms);
    }
    json_object_foreach(platforms, platform, value) {
        err = dsp_failed(err) ? err : show_balance(admin, platform, as_json);
    }
    json_decref(platforms);
    return dsp_failed(err) ? ctl_fail(err) : CTL_EXIT_OK;
}

const struct ctl_subcommand FUND_SUBCOMMAND = {
    .name = "fund",
    .arguments = "balance [PLATFORM] [--json]",
    .summary = "balances of the guarantee fund of one marketplace, or of all",
    .help = "As the fund service keeps them: GET /platforms/{id}.\n\n"
            "  --json              one JSON object a line\n",
    .run = run_fund,
};
