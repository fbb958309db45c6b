/* dlq: dead letters, and what becomes of them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "disputectl/commands.h"
#include "disputectl/ctl_letters.h"

#define WAIT_MS 15000
#define LOOK_MS 100

struct asked {
    const char *place, *by, *reason;
    bool dry_run, all, json;
};

/* What a service has open in its quarantine; a service that does not answer is said and has nothing. */
static json_t *open_records(struct ctl_admin *admin, const char *service)
{
    json_t *body = NULL;
    struct dsp_err err = ctl_admin_get(admin, service, "/quarantine", &body);
    if (dsp_failed(err)) {
        fprintf(stderr, "disputectl: %s\n", err.detail);
        return NULL;
    }
    json_t *records = json_incref(json_object_get(body, "records"));
    json_decref(body);
    return records;
}

static json_int_t number(const json_t *record, const char *name)
{
    return json_integer_value(json_object_get(record, name));
}

static const char *text(const json_t *record, const char *name)
{
    const char *value = json_string_value(json_object_get(record, name));
    return value ? value : "";
}

static const json_t *record_of(const json_t *records, const struct ctl_letter *letter)
{
    size_t index;
    json_t *record;
    json_array_foreach(records, index, record) {
        if (number(record, "partition") == letter->partition && number(record, "offset") == letter->offset &&
            strcmp(text(record, "topic"), letter->topic) == 0) {
            return record;
        }
    }
    return NULL;
}

static bool holds(const json_t *record)
{
    return json_is_string(json_object_get(record, "case_id"));
}

/* Commands and what came in from outside wait for nothing: they are published again. */
static bool publishable(const struct ctl_letter *letter)
{
    size_t size = strlen(letter->topic);
    return (size > 11 && strcmp(letter->topic + size - 11, ".command.v1") == 0) ||
           (size > 11 && strcmp(letter->topic + size - 11, ".inbound.v1") == 0);
}

/* --- list --- */

static void describe(const struct ctl_letter *letter, const json_t *record, char *status, size_t size)
{
    if (letter->offset < 0) {
        snprintf(status, size, "refused at the door");
    } else if (!record) {
        snprintf(status, size, "settled");
    } else if (!holds(record)) {
        snprintf(status, size, "open, holds nothing");
    } else {
        snprintf(status, size, "holds its case, %lld parked behind it%s", (long long)number(record, "parked"),
                 number(record, "wish") ? ", being carried out" : "");
    }
}

static void print_letter(const struct ctl_letter *letter, const json_t *record, bool as_json)
{
    char place[CTL_PLACE_BYTES];
    char status[96];
    ctl_letter_place(letter, place);
    describe(letter, record, status, sizeof status);
    if (as_json) {
        json_t *json = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:I}", "place", place, "code", letter->code,
                                 "reason", letter->reason, "at", letter->at, "subject", letter->subject, "status",
                                 status, "dead_topic", letter->dead_topic, "dead_partition", letter->dead_partition,
                                 "dead_offset", (json_int_t)letter->dead_offset);
        json_object_set(json, "quarantine", record ? (json_t *)(uintptr_t)record : json_null());
        json_dumpf(json, stdout, JSON_COMPACT);
        fputc('\n', stdout);
        json_decref(json);
        return;
    }
    printf("%s  %-15s %s\n", letter->at, letter->code, place);
    printf("    %s\n    %s%s%s\n", letter->reason, status, letter->subject[0] ? "; subject " : "", letter->subject);
}

static int list(struct ctl_admin *admin, const struct ctl_letters *letters, const struct asked *asked)
{
    json_t *services = json_object();
    size_t shown = 0;
    for (size_t i = 0; i < letters->count; i++) {
        const struct ctl_letter *letter = &letters->items[i];
        if (!json_object_get(services, letter->service)) {
            json_t *records = open_records(admin, letter->service);
            json_object_set_new(services, letter->service, records ? records : json_array());
        }
        const json_t *record = record_of(json_object_get(services, letter->service), letter);
        if (record || asked->all) {
            print_letter(letter, record, asked->json);
            shown++;
        }
    }
    json_decref(services);
    if (!asked->json) {
        printf("%zu of %zu dead letters%s\n", shown, letters->count, asked->all ? "" : " wait for somebody");
    }
    return CTL_EXIT_OK;
}

/* --- replay, skip --- */

static int carried_out(struct ctl_admin *admin, const struct ctl_letter *letter)
{
    int64_t until = dsp_monotonic_ms() + WAIT_MS;
    while (dsp_monotonic_ms() < until) {
        json_t *records = open_records(admin, letter->service);
        if (!records) {
            return CTL_EXIT_UNREACHABLE;
        }
        const json_t *record = record_of(records, letter);
        bool gone = !record;
        bool refused = record && number(record, "wish") == 0;
        if (refused) {
            fprintf(stderr, "disputectl: it cannot be applied: %s: %s\n", text(record, "code"), text(record, "detail"));
        }
        json_decref(records);
        if (gone || refused) {
            printf("%s", gone ? "done; what was parked behind it follows\n" : "");
            return gone ? CTL_EXIT_OK : CTL_EXIT_FAILED;
        }
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
    }
    puts("taken down; the instance that owns the lane has not carried it out yet");
    return CTL_EXIT_UNREACHABLE;
}

static struct dsp_err wish(struct ctl_admin *admin, const struct ctl_letter *letter, const struct asked *asked,
                           bool skip)
{
    json_t *body = json_pack("{s:s, s:i, s:I, s:s, s:s, s:s}", "topic", letter->topic, "partition", letter->partition,
                             "offset", (json_int_t)letter->offset, "wish", skip ? "skip" : "replay", "by", asked->by,
                             "reason", asked->reason ? asked->reason : "");
    struct dsp_err err = body ? ctl_admin_post(admin, letter->service, "/quarantine", body, NULL)
                              : dsp_reject(DSP_CODE_BAD_TEXT, "--by and --reason are UTF-8");
    json_decref(body);
    return err;
}

static int settle(struct ctl *ctl, struct ctl_admin *admin, const struct ctl_letter *letter, const json_t *record,
                  const struct asked *asked, bool skip)
{
    bool publishes = !skip && !holds(record);
    struct ctl_position position;
    struct dsp_err err = dsp_ok();
    print_letter(letter, record, false);
    if (publishes && !publishable(letter)) {
        fputs("disputectl: it holds nothing and came from a service of ours, which alone may write there: skip it\n",
              stderr);
        return CTL_EXIT_FAILED;
    }
    if (asked->dry_run) {
        printf("would %s\n", skip        ? holds(record) ? "skip it: its number is used up, what is parked follows"
                                                         : "be marked as seen and given up"
                             : publishes ? "be published again where it came from"
                                         : "be applied where it is held, and what is parked behind it");
        return CTL_EXIT_OK;
    }
    if (publishes) {
        err = ctl_letter_publish(ctl_use_kafka(ctl), letter, &position);
        if (!dsp_failed(err)) {
            printf("published again: %s [%d] offset %" PRId64 "\n", letter->topic, position.partition, position.offset);
        }
    }
    err = dsp_failed(err) ? err : wish(admin, letter, asked, skip);
    if (dsp_failed(err)) {
        return ctl_fail(err);
    }
    return holds(record) ? carried_out(admin, letter) : CTL_EXIT_OK;
}

static int settle_place(struct ctl *ctl, struct ctl_admin *admin, const struct ctl_letters *letters,
                        const struct asked *asked, bool skip)
{
    const struct ctl_letter *letter = ctl_letters_find(letters, asked->place);
    if (!letter || letter->offset < 0) {
        fprintf(stderr, "disputectl: %s\n",
                letter ? "a door refused this: whoever sent it sends it again" : "no dead letter has this place");
        return CTL_EXIT_FAILED;
    }
    json_t *records = open_records(admin, letter->service);
    if (!records) {
        return CTL_EXIT_UNREACHABLE;
    }
    const json_t *record = record_of(records, letter);
    int status = record ? settle(ctl, admin, letter, record, asked, skip) : CTL_EXIT_FAILED;
    if (!record) {
        fputs("disputectl: it was settled before; nothing is done\n", stderr);
    }
    json_decref(records);
    return status;
}

static int show(struct ctl_kafka *kafka, const struct ctl_letters *letters, const char *place)
{
    const struct ctl_letter *letter = ctl_letters_find(letters, place);
    json_t *json = NULL;
    if (!letter) {
        fputs("disputectl: no dead letter has this place\n", stderr);
        return CTL_EXIT_FAILED;
    }
    struct dsp_err err = ctl_letter_json(kafka, letter, &json);
    if (dsp_failed(err)) {
        return ctl_fail(err);
    }
    json_dumpf(json, stdout, JSON_INDENT(2));
    fputc('\n', stdout);
    json_decref(json);
    return CTL_EXIT_OK;
}

static int run_with(struct ctl *ctl, const char *what, const struct asked *asked)
{
    struct ctl_letters letters;
    struct ctl_kafka *kafka = ctl_use_kafka(ctl);
    struct ctl_admin *admin = kafka ? ctl_use_admin(ctl) : NULL;
    if (!admin) {
        return (int)ctl_use_status(ctl);
    }
    struct dsp_err err = ctl_letters_read(kafka, &letters);
    int status = dsp_failed(err)             ? ctl_fail(err)
                 : strcmp(what, "list") == 0 ? list(admin, &letters, asked)
                 : strcmp(what, "show") == 0 ? show(kafka, &letters, asked->place)
                                             : settle_place(ctl, admin, &letters, asked, strcmp(what, "skip") == 0);
    ctl_letters_fini(&letters);
    return status;
}

static int run_dlq(struct ctl *ctl, int argc, char **argv)
{
    struct asked asked = {0};
    const struct ctl_option options[] = {CTL_VALUE("by", asked.by, "NAME"),  CTL_VALUE("reason", asked.reason, "TEXT"),
                                         CTL_FLAG("dry-run", asked.dry_run), CTL_FLAG("all", asked.all),
                                         CTL_FLAG("json", asked.json),       CTL_OPTIONS_END};
    int words = ctl_options(options, argc, argv);
    const char *what = words > 0 ? argv[0] : "";
    bool lists = strcmp(what, "list") == 0;
    bool changes = strcmp(what, "replay") == 0 || strcmp(what, "skip") == 0;
    if (words < 0 || (!lists && !changes && strcmp(what, "show") != 0) || words != (lists ? 1 : 2)) {
        return words < 0 ? CTL_EXIT_USAGE
                         : ctl_usage("dlq list | show PLACE | replay PLACE | skip PLACE --reason TEXT");
    }
    asked.place = lists ? NULL : argv[1];
    if (!asked.by) {
        asked.by = getenv("SUDO_USER") ? getenv("SUDO_USER") : getenv("USER");
    }
    if (changes && (!asked.by || !*asked.by)) {
        return ctl_usage("--by: who decides this?");
    }
    if (strcmp(what, "skip") == 0 && (!asked.reason || !*asked.reason)) {
        return ctl_usage("--reason: why may this record be lost?");
    }
    return run_with(ctl, what, &asked);
}

const struct ctl_subcommand DLQ_SUBCOMMAND = {
    .name = "dlq",
    .arguments = "list | show PLACE | replay PLACE | skip PLACE --reason TEXT",
    .summary = "dead letters and held cases: what they are, and what becomes of them",
    .help = "PLACE is where the record lay: SERVICE/TOPIC/PARTITION/OFFSET, as `list` prints it.\n\n"
            "  list                what waits for somebody; --all also what is settled, --json a line each\n"
            "  show PLACE          the record as it came, decoded, with the reason in its headers\n"
            "  replay PLACE        a record that holds its case is applied by the service, and what was parked behind\n"
            "                      it, in order; one from a command or inbound topic is published again, unchanged\n"
            "  skip PLACE          it is given up for good: its number counts as used, what was parked goes on\n\n"
            "  --reason TEXT       why; needed to skip. Kept with the record, as is who asked\n"
            "  --by NAME           who decides; $SUDO_USER or $USER when left out\n"
            "  --dry-run           say what would be done\n",
    .run = run_dlq,
};
