/* What commands from the command line share, and `file`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/codes.h"
#include "disputectl/commands.h"
#include "disputectl/ctl_command.h"
#include "disputectl/ctl_json.h"
#include "disputectl/ctl_outcome.h"
#include "disputectl/ctl_text.h"
#include "disputectl/publish.h"

#define WAIT_MS 5000

static int number(const char *text)
{
    return text ? atoi(text) : 0;
}

/* An act that a service looks into gets its finding later: sla on offers, investigation on evidence, drafts and people. */
static int await_finding(struct ctl_log *log, const struct ctl_log_record *act, int64_t wait_ms)
{
    const Disputes__Case__V1__Entry *entry = ctl_log_entry(act);
    const struct ctl_log_record *finding;
    if (!entry || !ctl_entry_waits(entry)) {
        return CTL_EXIT_OK;
    }
    struct dsp_err err = ctl_log_finding(log, entry->sequence, (int)wait_ms, &finding);
    if (dsp_failed(err)) {
        return ctl_fail(err);
    }
    if (!finding) {
        printf("finding  not there yet: disputectl case show %s\n", entry->case_id);
        return CTL_EXIT_OK;
    }
    return ctl_outcome_print_finding(stdout, finding) ? CTL_EXIT_OK : CTL_EXIT_FAILED;
}

/* Copies are answered each; the first answer decides. */
static int await(struct ctl_log *log, const struct ctl_sent *sent, int copies, int64_t wait_ms)
{
    size_t from = 0;
    const struct ctl_log_record *effect = NULL;
    for (int i = 0; i < copies; i++) {
        const struct ctl_log_record *record;
        struct dsp_err err = ctl_log_answer(log, sent->source, sent->command_id, (int)wait_ms, &from, &record);
        if (dsp_failed(err)) {
            return ctl_fail(err);
        }
        if (!record && i > 0) {
            fprintf(stderr, "disputectl: copy %d of %d was not answered within %lld ms\n", i + 1, copies,
                    (long long)wait_ms);
            return CTL_EXIT_FAILED;
        }
        if (!record) {
            fprintf(stderr, "disputectl: no answer in the case log within %lld ms; is intake running?\n",
                    (long long)wait_ms);
            return CTL_EXIT_UNREACHABLE;
        }
        bool had = ctl_outcome_print(stdout, record);
        effect = i == 0 && had ? record : effect;
    }
    return effect ? await_finding(log, effect, wait_ms) : CTL_EXIT_FAILED;
}

static int send_and_await(struct ctl_kafka *kafka, struct ctl_command *command, int64_t wait_ms)
{
    struct ctl_log *log = NULL;
    struct ctl_sent sent;
    struct dsp_err err = wait_ms ? ctl_log_new(kafka, command->case_id, true, &log) : dsp_ok();
    err = dsp_failed(err) ? err : ctl_command_send(kafka, command, &sent);
    if (dsp_failed(err)) {
        ctl_log_free(log);
        return ctl_fail(err);
    }
    printf("case     %s\ncommand  %s\n", sent.case_id, sent.command_id);
    fflush(stdout);
    int status = log ? await(log, &sent, command->copies, wait_ms) : CTL_EXIT_OK;
    ctl_log_free(log);
    return status;
}

int publish_command(struct ctl *ctl, const struct publish_common *common, const struct ctl_command *asked,
                    const struct ctl_facts *known)
{
    struct ctl_kafka *kafka = ctl_use_kafka(ctl);
    struct ctl_command command = *asked;
    struct ctl_facts facts = {0};
    struct dsp_uuid made;
    char case_id[DSP_UUID_TEXT_BYTES];
    int64_t wait_ms = WAIT_MS;
    if (!kafka) {
        return (int)ctl_use_status(ctl);
    }
    if (common->wait && !ctl_parse_duration(common->wait, &wait_ms)) {
        return ctl_usage("--wait: \"%s\" is no duration such as 5s", common->wait);
    }
    if (known) {
        facts = *known;
    } else if (command.case_id && (!common->order || !common->as)) {
        struct dsp_err err = ctl_facts_find(kafka, command.case_id, &facts);
        if (dsp_failed(err)) {
            return ctl_fail(err);
        }
    }
    if (!command.case_id) {
        struct dsp_err err = dsp_uuid_v7(&made);
        if (dsp_failed(err)) {
            return ctl_fail(err);
        }
        dsp_uuid_format(&made, case_id);
        command.case_id = case_id;
    }
    command.order_id = common->order ? common->order : facts.order_id;
    command.actor_id = common->as                                  ? common->as
                       : strcasecmp(command.role, "merchant") == 0 ? facts.merchant_id
                       : strcasecmp(command.role, "consumer") == 0 ? facts.consumer_id
                                                                   : NULL;
    if (!command.actor_id) {
        return ctl_usage("--as: which %s acts?", command.role);
    }
    command.command_id = common->id;
    command.source = common->source;
    command.generation = (uint32_t)number(common->generation);
    command.copies = common->copies ? number(common->copies) : 1;
    return send_and_await(kafka, &command, wait_ms);
}

int publish_party(struct ctl *ctl, const struct publish_common *common, const char *case_id, const char *role,
                  const char *act, json_t *content, const struct ctl_facts *known)
{
    struct ctl_command command = {.case_id = case_id, .role = role, .act = act, .content = content};
    int status = publish_command(ctl, common, &command, known);
    json_decref(content);
    return status;
}

const char *publish_case_word(const struct ctl_option *options, int argc, char **argv)
{
    int words = ctl_options(options, argc, argv);
    if (words == 1) {
        return argv[0];
    }
    if (words >= 0) {
        ctl_usage(words == 0 ? "which case? give its id" : "one case id, please");
    }
    return NULL;
}

/* --- parts of contents --- */

void publish_set_text(json_t *object, const char *name, const char *value)
{
    if (value) {
        json_object_set_new(object, name, json_string(value));
    }
}

bool publish_set_amount(json_t *object, const char *name, const char *option, const char *value)
{
    int64_t minor;
    if (!value) {
        return true;
    }
    if (!ctl_parse_amount(value, &minor)) {
        ctl_usage("--%s: \"%s\" is no amount; yuan with two decimals (129.00) or fen (12900fen)", option, value);
        return false;
    }
    json_object_set_new(object, name, json_pack("{s:I,s:s}", "amount_minor", (json_int_t)minor, "currency", "CNY"));
    return true;
}

static bool set_time(json_t *object, const char *name, const char *option, const char *value)
{
    int64_t time_ms;
    if (!value) {
        return true;
    }
    if (!ctl_parse_time(value, &time_ms)) {
        ctl_usage("--%s: \"%s\" is no RFC 3339 time such as 2026-04-13T10:00:00+08:00", option, value);
        return false;
    }
    json_object_set_new(object, name, json_integer((json_int_t)time_ms));
    return true;
}

/* --- file --- */

struct filing {
    const char *platform, *line, *consumer, *merchant, *reason, *remedy, *amount, *paid, *paid_at, *shipped;
    const char *promised, *received, *transaction, *consumer_clause, *merchant_clause, *text, *channel, *json, *case_id;
};

static bool set_order(json_t *order, const struct filing *filing)
{
    publish_set_text(order, "order_line", filing->line);
    publish_set_text(order, "consumer_id", filing->consumer);
    publish_set_text(order, "merchant_id", filing->merchant);
    publish_set_text(order, "transaction_id", filing->transaction);
    publish_set_text(order, "consumer_clause_id", filing->consumer_clause);
    publish_set_text(order, "merchant_clause_id", filing->merchant_clause);
    return publish_set_amount(order, "paid", "paid", filing->paid) &&
           set_time(order, "paid_time_millis", "paid-at", filing->paid_at) &&
           set_time(order, "shipped_time_millis", "shipped", filing->shipped) &&
           set_time(order, "promised_time_millis", "promised", filing->promised) &&
           set_time(order, "received_time_millis", "received", filing->received);
}

/* Options go over what the file says. */
static json_t *filing_content(const struct filing *filing)
{
    json_t *content = json_object();
    if (filing->json) {
        json_decref(content);
        struct dsp_err err = ctl_json_read_file(filing->json, &content);
        if (dsp_failed(err)) {
            ctl_fail(err);
            return NULL;
        }
    }
    json_t *order = json_object_get(content, "order");
    if (!order) {
        order = json_object();
        json_object_set_new(content, "order", order);
    }
    publish_set_text(content, "platform_id", filing->platform);
    publish_set_text(content, "reason", filing->reason);
    publish_set_text(content, "remedy", filing->remedy);
    publish_set_text(content, "description", filing->text);
    publish_set_text(content, "channel", filing->channel);
    if (!set_order(order, filing) || !publish_set_amount(content, "amount", "amount", filing->amount)) {
        json_decref(content);
        return NULL;
    }
    if (!json_object_get(order, "order_line")) {
        json_object_set_new(order, "order_line", json_integer(1));
    }
    if (!json_object_get(content, "channel")) {
        json_object_set_new(content, "channel", json_string("mini-program"));
    }
    return content;
}

static int run_file(struct ctl *ctl, int argc, char **argv)
{
    struct filing filing = {0};
    struct publish_common common = {0};
    const struct ctl_option options[] = {
        CTL_VALUE("platform", filing.platform, "ID"),
        CTL_VALUE("line", filing.line, "N"),
        CTL_VALUE("consumer", filing.consumer, "ID"),
        CTL_VALUE("merchant", filing.merchant, "ID"),
        CTL_VALUE("reason", filing.reason, "REASON"),
        CTL_VALUE("remedy", filing.remedy, "REMEDY"),
        CTL_VALUE("amount", filing.amount, "AMOUNT"),
        CTL_VALUE("paid", filing.paid, "AMOUNT"),
        CTL_VALUE("paid-at", filing.paid_at, "TIME"),
        CTL_VALUE("shipped", filing.shipped, "TIME"),
        CTL_VALUE("promised", filing.promised, "TIME"),
        CTL_VALUE("received", filing.received, "TIME"),
        CTL_VALUE("transaction", filing.transaction, "ID"),
        CTL_VALUE("consumer-clause", filing.consumer_clause, "ID"),
        CTL_VALUE("merchant-clause", filing.merchant_clause, "ID"),
        CTL_VALUE("text", filing.text, "TEXT"),
        CTL_VALUE("channel", filing.channel, "NAME"),
        CTL_VALUE("json", filing.json, "FILE"),
        CTL_VALUE("case", filing.case_id, "ID"),
        PUBLISH_OPTIONS(common),
    };
    int words = ctl_options(options, argc, argv);
    if (words != 0) {
        return words < 0 ? CTL_EXIT_USAGE : ctl_usage("file takes options only, not \"%s\"", argv[0]);
    }
    if (!common.order) {
        return ctl_usage("--order is needed: it is the key of every record of the case");
    }
    json_t *content = filing_content(&filing);
    if (!content) {
        return CTL_EXIT_USAGE;
    }
    struct ctl_facts facts = {0};
    const char *consumer = json_string_value(json_object_get(json_object_get(content, "order"), "consumer_id"));
    snprintf(facts.consumer_id, sizeof facts.consumer_id, "%s", consumer ? consumer : "");
    return publish_party(ctl, &common, filing.case_id, "consumer", "file_complaint", content, &facts);
}

const struct ctl_subcommand FILE_SUBCOMMAND = {
    .name = "file",
    .arguments = "--platform ID --order ORDER --consumer ID --merchant ID --reason R --remedy R --amount A …",
    .summary = "files a complaint (FileComplaint)",
    .help = "  --platform ID, --order ORDER, --line N (1), --consumer ID, --merchant ID\n"
            "  --reason REASON     NOT_RECEIVED, LATE_SHIPPING, RETURN_7D, REFUND_REFUSED, QUALITY,\n"
            "                      NOT_AS_DESCRIBED, COUNTERFEIT, WRONG_ITEM, FOOD_SAFETY, SERVICE\n"
            "  --remedy REMEDY     REFUND, PART_REFUND, RETURN_AND_REFUND, REPLACE, REPAIR, STATUTORY_MULTIPLE\n"
            "  --amount AMOUNT     what is asked: yuan with two decimals (129.00) or fen (12900fen)\n"
            "  --paid AMOUNT       what was paid for the line\n"
            "  --paid-at, --shipped, --promised, --received TIME   RFC 3339: 2026-04-11T12:30:00+08:00\n"
            "  --transaction ID    WeChat Pay transaction id\n"
            "  --consumer-clause ID, --merchant-clause ID   arbitration clauses in the standing terms\n"
            "  --text TEXT         in the consumer's words\n"
            "  --channel NAME      mini-program, phone, transaction-complaint\n"
            "  --json FILE         a whole FileComplaint; options go over it; - = standard input\n"
            "  --case ID           case id; made when left out\n" PUBLISH_HELP,
    .run = run_file,
};
