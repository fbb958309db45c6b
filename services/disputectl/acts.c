/* reply, accept, refer, performed, feedback, act: what is done to a case, from the command line. */
#include <stdio.h>
#include <strings.h>

#include "disputectl/commands.h"
#include "disputectl/ctl_json.h"
#include "disputectl/publish.h"
#include "disputes/console/v1/command.pb-c.h"
#include "disputes/gateway/v1/command.pb-c.h"

/* --- what the parties do --- */

static int run_reply(struct ctl *ctl, int argc, char **argv)
{
    struct publish_common common = {0};
    const char *text = NULL;
    bool bot = false;
    bool refuses = false;
    const struct ctl_option options[] = {CTL_VALUE("text", text, "TEXT"), CTL_FLAG("bot", bot),
                                         CTL_FLAG("refuses", refuses), PUBLISH_OPTIONS(common)};
    const char *case_id = publish_case_word(options, argc, argv);
    if (!case_id) {
        return CTL_EXIT_USAGE;
    }
    json_t *content = json_pack("{s:s, s:b}", "author", bot ? "BOT" : "PERSON", "refuses", refuses);
    publish_set_text(content, "text", text);
    return publish_party(ctl, &common, case_id, "merchant", "reply", content, NULL);
}

const struct ctl_subcommand REPLY_SUBCOMMAND = {
    .name = "reply",
    .arguments = "CASE_ID [--text TEXT] [--refuses] [--bot]",
    .summary = "the merchant answers (Reply)",
    .help = "  --text TEXT         the answer\n"
            "  --refuses           the merchant refuses what is asked\n"
            "  --bot               a bot wrote it: meets no clock\n" PUBLISH_HELP,
    .run = run_reply,
};

static int run_accept(struct ctl *ctl, int argc, char **argv)
{
    struct publish_common common = {0};
    const char *remedy = NULL;
    const char *amount = NULL;
    struct ctl_facts facts = {0};
    const struct ctl_option options[] = {CTL_VALUE("remedy", remedy, "REMEDY"), CTL_VALUE("amount", amount, "AMOUNT"),
                                         PUBLISH_OPTIONS(common)};
    const char *case_id = publish_case_word(options, argc, argv);
    struct ctl_kafka *kafka = case_id ? ctl_use_kafka(ctl) : NULL;
    if (!kafka) {
        return case_id ? (int)ctl_use_status(ctl) : CTL_EXIT_USAGE;
    }
    struct dsp_err err = ctl_facts_find(kafka, case_id, &facts);
    if (dsp_failed(err)) {
        return ctl_fail(err);
    }
    json_t *content = json_pack("{s:s, s:{s:I, s:s}}", "remedy", remedy ? remedy : facts.remedy, "amount",
                                "amount_minor", (json_int_t)facts.amount_minor, "currency", "CNY");
    if (!publish_set_amount(content, "amount", "amount", amount)) {
        json_decref(content);
        return CTL_EXIT_USAGE;
    }
    return publish_party(ctl, &common, case_id, "merchant", "accept_claim", content, &facts);
}

const struct ctl_subcommand ACCEPT_SUBCOMMAND = {
    .name = "accept",
    .arguments = "CASE_ID [--remedy REMEDY] [--amount AMOUNT]",
    .summary = "the merchant accepts the claim (AcceptClaim)",
    .help = "  --remedy, --amount  what is accepted; as claimed when left out\n" PUBLISH_HELP,
    .run = run_accept,
};

static int run_performed(struct ctl *ctl, int argc, char **argv)
{
    struct publish_common common = {0};
    const char *amount = NULL;
    const char *payment = NULL;
    const char *tracking = NULL;
    const char *duty = NULL;
    const char *side = "merchant";
    const struct ctl_option options[] = {
        CTL_VALUE("amount", amount, "AMOUNT"),     CTL_VALUE("payment", payment, "NUMBER"),
        CTL_VALUE("tracking", tracking, "NUMBER"), CTL_VALUE("duty", duty, "ID"),
        CTL_VALUE("side", side, "SIDE"),           PUBLISH_OPTIONS(common)};
    const char *case_id = publish_case_word(options, argc, argv);
    if (!case_id) {
        return CTL_EXIT_USAGE;
    }
    json_t *content = json_object();
    publish_set_text(content, "payment_number", payment);
    publish_set_text(content, "tracking_number", tracking);
    publish_set_text(content, "duty_id", duty);
    if (!publish_set_amount(content, "amount", "amount", amount)) {
        json_decref(content);
        return CTL_EXIT_USAGE;
    }
    return publish_party(ctl, &common, case_id, side, "duty_performed", content, NULL);
}

const struct ctl_subcommand PERFORMED_SUBCOMMAND = {
    .name = "performed",
    .arguments = "CASE_ID --amount AMOUNT --payment NUMBER | --tracking NUMBER",
    .summary = "a side reports that it has performed a duty (DutyPerformed)",
    .help = "  --amount AMOUNT     sum paid\n"
            "  --payment NUMBER    out_refund_no or another number of the payment side\n"
            "  --tracking NUMBER   carrier and tracking number of goods\n"
            "  --duty ID           which duty; the only open one when left out\n"
            "  --side SIDE         merchant (when left out) or consumer\n" PUBLISH_HELP,
    .run = run_performed,
};

static int run_feedback(struct ctl *ctl, int argc, char **argv)
{
    struct publish_common common = {0};
    const char *side = "consumer";
    const char *score = NULL;
    const char *text = NULL;
    const struct ctl_option options[] = {CTL_VALUE("score", score, "1-5"), CTL_VALUE("text", text, "TEXT"),
                                         CTL_VALUE("side", side, "SIDE"), PUBLISH_OPTIONS(common)};
    const char *case_id = publish_case_word(options, argc, argv);
    if (!case_id || !score) {
        return case_id ? ctl_usage("--score: 1 to 5") : CTL_EXIT_USAGE;
    }
    json_t *content = json_object();
    publish_set_text(content, "score", score);
    publish_set_text(content, "text", text);
    return publish_party(ctl, &common, case_id, side, "answer_feedback", content, NULL);
}

const struct ctl_subcommand FEEDBACK_SUBCOMMAND = {
    .name = "feedback",
    .arguments = "CASE_ID --score 1-5 [--side merchant]",
    .summary = "a side answers the request for feedback (AnswerFeedback)",
    .help = "  --score 1-5         how it was\n"
            "  --text TEXT         words\n"
            "  --side SIDE         consumer (when left out) or merchant\n" PUBLISH_HELP,
    .run = run_feedback,
};

/* --- staff, and anything else --- */

static int run_refer(struct ctl *ctl, int argc, char **argv)
{
    struct publish_common common = {0};
    const char *consumer_clause = NULL;
    const char *merchant_clause = NULL;
    const struct ctl_option options[] = {CTL_VALUE("consumer-clause", consumer_clause, "ID"),
                                         CTL_VALUE("merchant-clause", merchant_clause, "ID"), PUBLISH_OPTIONS(common)};
    const char *case_id = publish_case_word(options, argc, argv);
    if (!case_id) {
        return CTL_EXIT_USAGE;
    }
    json_t *content = json_object();
    publish_set_text(content, "consumer_clause_id", consumer_clause);
    publish_set_text(content, "merchant_clause_id", merchant_clause);
    struct ctl_command command = {
        .console = true, .case_id = case_id, .role = "agent", .act = "refer_direct", .content = content};
    int status = publish_command(ctl, &common, &command, NULL);
    json_decref(content);
    return status;
}

const struct ctl_subcommand REFER_SUBCOMMAND = {
    .name = "refer",
    .arguments = "CASE_ID --as STAFF_ID --consumer-clause ID --merchant-clause ID",
    .summary = "an agent refers the case straight to arbitration (ReferDirect)",
    .help = "  --consumer-clause, --merchant-clause   clauses in the standing terms of both\n" PUBLISH_HELP,
    .run = run_refer,
};

/* Acts that both doors have go by who acts. */
static bool is_console(const char *act, const char *role)
{
    bool staff = strcasecmp(role, "consumer") != 0 && strcasecmp(role, "merchant") != 0;
    bool gateway = ctl_field_named(&disputes__gateway__v1__command__descriptor, act) != NULL;
    bool console = ctl_field_named(&disputes__console__v1__command__descriptor, act) != NULL;
    return gateway && console ? staff : console || (!gateway && staff);
}

static int run_act(struct ctl *ctl, int argc, char **argv)
{
    struct publish_common common = {0};
    const char *role = NULL;
    const char *file = NULL;
    const char *cosigners = NULL;
    json_t *content = NULL;
    json_t *signers = NULL;
    const struct ctl_option options[] = {CTL_VALUE("role", role, "ROLE"), CTL_VALUE("json", file, "FILE"),
                                         CTL_VALUE("cosigners", cosigners, "FILE"), PUBLISH_OPTIONS(common)};
    int words = ctl_options(options, argc, argv);
    if (words < 1 || words > 2 || !role) {
        return words < 0 ? CTL_EXIT_USAGE : ctl_usage("act NAME [CASE_ID] --role ROLE --json FILE");
    }
    struct dsp_err err = file ? ctl_json_read_file(file, &content) : dsp_ok();
    err = dsp_failed(err) || !cosigners ? err : ctl_json_read_file(cosigners, &signers);
    int status;
    if (dsp_failed(err)) {
        status = ctl_fail(err);
    } else {
        struct ctl_command command = {.console = is_console(argv[0], role),
                                      .case_id = words == 2 ? argv[1] : NULL,
                                      .role = role,
                                      .act = argv[0],
                                      .content = content,
                                      .cosigners = signers};
        status = publish_command(ctl, &common, &command, NULL);
    }
    json_decref(content);
    json_decref(signers);
    return status;
}

const struct ctl_subcommand ACT_SUBCOMMAND = {
    .name = "act",
    .arguments = "NAME [CASE_ID] --role ROLE --json FILE",
    .summary = "publishes any command of gateway or console",
    .help = "NAME as in proto/disputes/{gateway,console}/v1/command.proto: accept_claim or AcceptClaim.\n\n"
            "  --role ROLE         CONSUMER, MERCHANT, AGENT, REVIEWER, PANEL, FUND_OFFICER, SYSTEM\n"
            "  --json FILE         the act's content as JSON, - = standard input; {} when left out.\n"
            "                      Money also as \"129.00\", times as RFC 3339, bytes as base64 or {\"hex\": …}\n"
            "  --cosigners FILE    console: list of {role, id} that sign with the actor\n" PUBLISH_HELP,
    .run = run_act,
};
