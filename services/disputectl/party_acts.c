/* offer, counter, accept-offer …, withdraw, say, appeal …: what the parties do to a case, from the command line. */
#include <stdio.h>
#include <string.h>

#include "disputectl/commands.h"
#include "disputectl/ctl_json.h"
#include "disputectl/ctl_text.h"
#include "disputectl/publish.h"

/* --- offers --- */

static bool set_duration(json_t *object, const char *name, const char *option, const char *value)
{
    int64_t duration_ms;
    if (!value) {
        return true;
    }
    if (!ctl_parse_duration(value, &duration_ms)) {
        ctl_usage("--%s: \"%s\" is no duration such as 48h", option, value);
        return false;
    }
    json_object_set_new(object, name, json_integer((json_int_t)duration_ms));
    return true;
}

struct offer {
    const char *side, *remedy, *amount, *life, *perform, *text, *offer_id, *new_id;
};

/* Terms of `offer` and `counter`; NULL: said on stderr. */
static json_t *offer_terms(const struct offer *offer)
{
    json_t *terms = json_object();
    publish_set_text(terms, "remedy", offer->remedy);
    publish_set_text(terms, "text", offer->text);
    if (!publish_set_amount(terms, "amount", "amount", offer->amount) ||
        !set_duration(terms, "life_millis", "life", offer->life) ||
        !set_duration(terms, "perform_millis", "perform", offer->perform)) {
        json_decref(terms);
        return NULL;
    }
    return terms;
}

/* An id for an offer that was given none; it is printed, so that it can be answered. */
static const char *offer_name(const char *given, char made[DSP_UUID_TEXT_BYTES])
{
    struct dsp_uuid id;
    if (given) {
        return given;
    }
    if (dsp_failed(dsp_uuid_v7(&id))) {
        return NULL;
    }
    dsp_uuid_format(&id, made);
    printf("offer    %s\n", made);
    return made;
}

/* MakeOffer without `offer_id`, else CounterOffer. */
static int publish_offer(struct ctl *ctl, const struct publish_common *common, const char *case_id,
                         const struct offer *offer, bool counters)
{
    char made[DSP_UUID_TEXT_BYTES];
    if (!offer->remedy || !offer->amount || (counters && !offer->offer_id)) {
        return ctl_usage("%s--remedy and --amount are needed", counters ? "--offer, " : "");
    }
    json_t *terms = offer_terms(offer);
    const char *name = terms ? offer_name(counters ? offer->new_id : offer->offer_id, made) : NULL;
    if (!name) {
        json_decref(terms);
        return CTL_EXIT_USAGE;
    }
    json_t *content = json_pack("{s:o}", "terms", terms);
    publish_set_text(content, counters ? "new_offer_id" : "offer_id", name);
    if (counters) {
        publish_set_text(content, "offer_id", offer->offer_id);
    }
    return publish_party(ctl, common, case_id, offer->side, counters ? "counter_offer" : "make_offer", content, NULL);
}

static int run_terms(struct ctl *ctl, int argc, char **argv, const char *side, bool counters)
{
    struct publish_common common = {0};
    struct offer offer = {.side = side};
    const struct ctl_option options[] = {CTL_VALUE("remedy", offer.remedy, "REMEDY"),
                                         CTL_VALUE("amount", offer.amount, "AMOUNT"),
                                         CTL_VALUE("life", offer.life, "DURATION"),
                                         CTL_VALUE("perform", offer.perform, "DURATION"),
                                         CTL_VALUE("text", offer.text, "TEXT"),
                                         CTL_VALUE("offer", offer.offer_id, "ID"),
                                         CTL_VALUE("new-offer", offer.new_id, "ID"),
                                         CTL_VALUE("side", offer.side, "SIDE"),
                                         PUBLISH_OPTIONS(common)};
    const char *case_id = publish_case_word(options, argc, argv);
    return case_id ? publish_offer(ctl, &common, case_id, &offer, counters) : CTL_EXIT_USAGE;
}

static int run_offer(struct ctl *ctl, int argc, char **argv)
{
    return run_terms(ctl, argc, argv, "merchant", false);
}

static int run_counter(struct ctl *ctl, int argc, char **argv)
{
    return run_terms(ctl, argc, argv, "consumer", true);
}

#define TERMS_HELP                                                                               \
    "  --remedy REMEDY     REFUND, PART_REFUND, RETURN_AND_REFUND, REPLACE, REPAIR, …\n"       \
    "  --amount AMOUNT     sum, or the value of what is not money: 100.00 yuan or 10000fen\n"    \
    "  --life DURATION     how long it is open, 24h to 7d; as the policy has it when left out\n" \
    "  --perform DURATION  term of performance; as the policy has it when left out\n"            \
    "  --text TEXT         further terms, in the maker's words\n"

const struct ctl_subcommand OFFER_SUBCOMMAND = {
    .name = "offer",
    .arguments = "CASE_ID --remedy REMEDY --amount AMOUNT [--life 48h] [--side consumer]",
    .summary = "a side offers a settlement (MakeOffer)",
    .help = TERMS_HELP "  --offer ID          id of the offer; made and printed when left out\n"
                       "  --side SIDE         merchant (when left out) or consumer\n\n"
                       "sla answers in the log: OfferOpened, or OfferRefused with its reason.\n" PUBLISH_HELP,
    .run = run_offer,
};

const struct ctl_subcommand COUNTER_SUBCOMMAND = {
    .name = "counter",
    .arguments = "CASE_ID --offer ID --remedy REMEDY --amount AMOUNT [--side merchant]",
    .summary = "the receiver answers an offer with another one (CounterOffer)",
    .help = "  --offer ID          the open offer that is answered\n" TERMS_HELP
            "  --new-offer ID      id of the new one; made and printed when left out\n"
            "  --side SIDE         consumer (when left out) or merchant\n" PUBLISH_HELP,
    .run = run_counter,
};

static int run_on_offer(struct ctl *ctl, int argc, char **argv, const char *act, const char *side)
{
    struct publish_common common = {0};
    const char *offer_id = NULL;
    const struct ctl_option options[] = {CTL_VALUE("offer", offer_id, "ID"), CTL_VALUE("side", side, "SIDE"),
                                         PUBLISH_OPTIONS(common)};
    const char *case_id = publish_case_word(options, argc, argv);
    if (!case_id || !offer_id) {
        return case_id ? ctl_usage("--offer: which one?") : CTL_EXIT_USAGE;
    }
    return publish_party(ctl, &common, case_id, side, act, json_pack("{s:s}", "offer_id", offer_id), NULL);
}

static int run_accept_offer(struct ctl *ctl, int argc, char **argv)
{
    return run_on_offer(ctl, argc, argv, "accept_offer", "consumer");
}

static int run_reject_offer(struct ctl *ctl, int argc, char **argv)
{
    return run_on_offer(ctl, argc, argv, "reject_offer", "consumer");
}

static int run_retract_offer(struct ctl *ctl, int argc, char **argv)
{
    return run_on_offer(ctl, argc, argv, "retract_offer", "merchant");
}

#define ON_OFFER(constant, word, text, who, function)                         \
    const struct ctl_subcommand constant = {                                  \
        .name = (word),                                                       \
        .arguments = "CASE_ID --offer ID [--side SIDE]",                      \
        .summary = (text),                                                    \
        .help = "  --offer ID          which offer\n"                         \
                "  --side SIDE         " who " when left out\n" PUBLISH_HELP, \
        .run = (function),                                                    \
    }

ON_OFFER(ACCEPT_OFFER_SUBCOMMAND, "accept-offer", "the receiver accepts an open offer (AcceptOffer)", "consumer",
         run_accept_offer);
ON_OFFER(REJECT_OFFER_SUBCOMMAND, "reject-offer", "the receiver rejects an open offer (RejectOffer)", "consumer",
         run_reject_offer);
ON_OFFER(RETRACT_OFFER_SUBCOMMAND, "retract-offer", "the maker takes an open offer back (RetractOffer)", "merchant",
         run_retract_offer);

/* --- acts that are words, and perhaps evidence --- */

/* One row of what these acts have in common: a side by default, a text, items, one more member. */
struct simple_act {
    const char *act;         /* member of gateway Command */
    const char *side;        /* who acts when --side is left out */
    const char *text_member; /* where --text goes; NULL = no text */
    const char *more_member; /* where --<more_option> goes; NULL = none */
    const char *more_option;
    bool items;       /* takes --items */
    bool needs_text;  /* refused here without a text, as intake would */
    bool more_is_sum; /* an amount, not a text */
};

static int run_simple(struct ctl *ctl, int argc, char **argv, const struct simple_act *kind)
{
    struct publish_common common = {0};
    const char *side = kind->side;
    const char *text = NULL;
    const char *file = NULL;
    const char *more = NULL;
    json_t *items = NULL;
    struct ctl_option options[] = {
        CTL_VALUE("side", side, "SIDE"), CTL_VALUE("text", text, "TEXT"), CTL_VALUE("items", file, "FILE"),
        CTL_VALUE(kind->more_option ? kind->more_option : "text", more, "VALUE"), PUBLISH_OPTIONS(common)};
    const char *case_id = publish_case_word(options, argc, argv);
    if (!case_id) {
        return CTL_EXIT_USAGE;
    }
    if ((text && !kind->text_member) || (file && !kind->items) || (kind->needs_text && !text)) {
        return ctl_usage(kind->needs_text && !text ? "--text is needed" : "--text or --items: not with this act");
    }
    struct dsp_err err = file ? ctl_json_read_file(file, &items) : dsp_ok();
    if (dsp_failed(err)) {
        return ctl_fail(err);
    }
    json_t *content = json_object();
    publish_set_text(content, kind->text_member ? kind->text_member : "text", text);
    if (items) {
        json_object_set_new(content, "items", items);
    }
    if (kind->more_member && !kind->more_is_sum) {
        publish_set_text(content, kind->more_member, more);
    } else if (kind->more_member && !publish_set_amount(content, kind->more_member, kind->more_option, more)) {
        json_decref(content);
        return CTL_EXIT_USAGE;
    }
    return publish_party(ctl, &common, case_id, side, kind->act, content, NULL);
}

#define SIDE_HELP(who) "  --side SIDE         " who " when left out\n"
#define TEXT_HELP "  --text TEXT         in the party's words\n"
#define ITEMS_HELP "  --items FILE        evidence: list of EvidenceItem as JSON, - = standard input\n"

/* A subcommand and its row. */
#define SIMPLE(constant, function, word, takes, about, lines, ...)         \
    static int function(struct ctl *ctl, int argc, char **argv)            \
    {                                                                      \
        static const struct simple_act ACT = {__VA_ARGS__};                \
        return run_simple(ctl, argc, argv, &ACT);                          \
    }                                                                      \
    const struct ctl_subcommand constant = {.name = (word),                \
                                            .arguments = "CASE_ID " takes, \
                                            .summary = (about),            \
                                            .help = lines PUBLISH_HELP,    \
                                            .run = (function)}

SIMPLE(WITHDRAW_SUBCOMMAND, run_withdraw, "withdraw", "[--text TEXT]",
       "the consumer withdraws the complaint (Withdraw)", TEXT_HELP, .act = "withdraw", .side = "consumer",
       .text_member = "text");
SIMPLE(SAY_SUBCOMMAND, run_say, "say", "--text TEXT", "the consumer says something (Say)", TEXT_HELP, .act = "say",
       .side = "consumer", .text_member = "text", .needs_text = true);
SIMPLE(REQUEST_PLATFORM_SUBCOMMAND, run_request_platform, "request-platform", "[--side merchant] [--text TEXT]",
       "a side calls the platform (RequestPlatform)", SIDE_HELP("consumer") TEXT_HELP, .act = "request_platform",
       .side = "consumer", .text_member = "text");
SIMPLE(CONTEST_SUBCOMMAND, run_contest, "contest", "--text TEXT --items FILE",
       "the merchant contests the claim (ContestClaim)", TEXT_HELP ITEMS_HELP, .act = "contest_claim",
       .side = "merchant", .text_member = "text", .items = true, .needs_text = true);
SIMPLE(COMMENT_SUBCOMMAND, run_comment, "comment", "--text TEXT [--items FILE] [--side merchant]",
       "a side comments on the draft (Comment)", SIDE_HELP("consumer") TEXT_HELP ITEMS_HELP, .act = "comment",
       .side = "consumer", .text_member = "text", .items = true, .needs_text = true);
SIMPLE(APPEAL_SUBCOMMAND, run_appeal, "appeal", "--ground CODE [--text TEXT] [--items FILE] [--side merchant]",
       "a side appeals against the decision (Appeal)",
       SIDE_HELP("consumer") "  --ground CODE       ground of the appeal\n" TEXT_HELP ITEMS_HELP, .act = "appeal",
       .side = "consumer", .text_member = "text", .items = true, .more_member = "ground", .more_option = "ground");
SIMPLE(SET_ASIDE_SUBCOMMAND, run_set_aside, "set-aside", "--text CAUSE --items FILE",
       "the merchant asks to set a default judgment aside (SetAside)",
       "  --text CAUSE        what kept the merchant from answering\n" ITEMS_HELP, .act = "set_aside",
       .side = "merchant", .text_member = "cause", .items = true, .needs_text = true);
SIMPLE(WAIVE_SUBCOMMAND, run_waive, "waive", "[--ruling ID] [--side merchant]",
       "a side waives its appeal (WaiveAppeal)",
       SIDE_HELP("consumer") "  --ruling ID         the decision that was read\n", .act = "waive_appeal",
       .side = "consumer", .more_member = "ruling_id", .more_option = "ruling");
SIMPLE(ELECT_SUBCOMMAND, run_elect, "elect", "[--amount AMOUNT] [--side merchant]",
       "a side elects arbitration against the decision (ElectArbitration)",
       SIDE_HELP("consumer") "  --amount AMOUNT     what is asked there\n", .act = "elect_arbitration",
       .side = "consumer", .more_member = "amount", .more_option = "amount", .more_is_sum = true);
SIMPLE(CONSENT_SUBCOMMAND, run_consent, "consent", "--clause ID [--side merchant]",
       "a side agrees to arbitration (ConsentToArbitration)",
       SIDE_HELP("consumer") "  --clause ID         the clause that was shown\n", .act = "consent_to_arbitration",
       .side = "consumer", .more_member = "clause_id", .more_option = "clause");
