/* What staff do in a hearing, and evidence, from the command line: one option list, one table of commands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/id.h"
#include "disputectl/commands.h"
#include "disputectl/publish.h"

/* Everything that these commands may be given; each takes what its help names. */
struct staff_words {
    struct publish_common common;
    const char *role, *text, *liability, *percent, *remedy, *amount, *items, *subject, *staff, *sides, *verdict, *votes;
    const char *cosigners, *item, *consumer_clause, *merchant_clause;
    bool final;
};

/* Fills in the content of one act; false: said on stderr. */
typedef bool staff_fill(const struct staff_words *words, json_t *content);

struct staff_command {
    const char *role; /* when --role is left out */
    const char *act;
    staff_fill *fill;
};

/* --- parts --- */

/* "a,b" as a list of texts, or of {role, id}. New reference. */
static json_t *list_of(const char *text, const char *role)
{
    json_t *list = json_array();
    while (text && *text) {
        size_t size = strcspn(text, ",");
        json_t *word = json_stringn(text, size);
        json_array_append_new(list, role ? json_pack("{s:s, s:o}", "role", role, "id", word) : word);
        text += size + (text[size] == ',');
    }
    return list;
}

static bool fill_ruling(const struct staff_words *words, json_t *content)
{
    if (!words->liability && !words->remedy && !words->amount) {
        return true;
    }
    json_t *ruling = json_object();
    json_object_set_new(content, "ruling", ruling);
    publish_set_text(ruling, "liability", words->liability);
    publish_set_text(ruling, "merchant_percent", words->percent);
    publish_set_text(ruling, "remedy", words->remedy);
    return publish_set_amount(ruling, "amount", "amount", words->amount);
}

static bool fill_decide(const struct staff_words *words, json_t *content)
{
    publish_set_text(content, "reasons", words->text);
    json_object_set_new(content, "item_ids", list_of(words->items, NULL));
    return fill_ruling(words, content);
}

static bool fill_finalise(const struct staff_words *words, json_t *content)
{
    publish_set_text(content, "reasons", words->text);
    return fill_ruling(words, content);
}

static bool fill_signature(const struct staff_words *words, json_t *content)
{
    publish_set_text(content, "subject", words->subject);
    return true;
}

static bool fill_refusal(const struct staff_words *words, json_t *content)
{
    publish_set_text(content, "reasons", words->text);
    return fill_signature(words, content);
}

static bool fill_assign(const struct staff_words *words, json_t *content)
{
    if (!words->staff) {
        ctl_usage("--staff: who is to have the case?");
        return false;
    }
    publish_set_text(content, "staff_id", words->staff);
    publish_set_text(content, "text", words->text);
    return true;
}

static bool fill_text(const struct staff_words *words, json_t *content)
{
    publish_set_text(content, "text", words->text);
    return true;
}

static bool fill_round(const struct staff_words *words, json_t *content)
{
    publish_set_text(content, "text", words->text);
    json_object_set_new(content, "sides", list_of(words->sides, NULL));
    json_object_set_new(content, "final", json_boolean(words->final));
    return true;
}

static bool fill_appeal(const struct staff_words *words, json_t *content)
{
    int in_favour = 0;
    int against = 0;
    if (!words->verdict || !words->votes || sscanf(words->votes, "%d:%d", &in_favour, &against) != 2) {
        ctl_usage("--verdict AFFIRM, VARY or ANNUL, and --votes FOR:AGAINST such as 2:1");
        return false;
    }
    publish_set_text(content, "verdict", words->verdict);
    publish_set_text(content, "reasons", words->text);
    json_object_set_new(content, "votes_for", json_integer(in_favour));
    json_object_set_new(content, "votes_against", json_integer(against));
    return fill_ruling(words, content);
}

static bool fill_remand(const struct staff_words *words, json_t *content)
{
    publish_set_text(content, "reasons", words->text);
    return true;
}

static bool fill_admit(const struct staff_words *words, json_t *content)
{
    if (!words->item) {
        ctl_usage("--item: which late item?");
        return false;
    }
    publish_set_text(content, "item_id", words->item);
    publish_set_text(content, "reasons", words->text);
    return true;
}

static bool fill_clauses(const struct staff_words *words, json_t *content)
{
    publish_set_text(content, "consumer_clause_id", words->consumer_clause);
    publish_set_text(content, "merchant_clause_id", words->merchant_clause);
    return true;
}

/* --- running one --- */

static bool is_party(const char *role)
{
    return strcasecmp(role, "consumer") == 0 || strcasecmp(role, "merchant") == 0;
}

static int run_staff(struct ctl *ctl, int argc, char **argv, const struct staff_command *what)
{
    struct staff_words words = {0};
    const struct ctl_option options[] = {CTL_VALUE("role", words.role, "ROLE"),
                                         CTL_VALUE("text", words.text, "TEXT"),
                                         CTL_VALUE("reasons", words.text, "TEXT"),
                                         CTL_VALUE("liability", words.liability, "LIABILITY"),
                                         CTL_VALUE("percent", words.percent, "N"),
                                         CTL_VALUE("remedy", words.remedy, "REMEDY"),
                                         CTL_VALUE("amount", words.amount, "AMOUNT"),
                                         CTL_VALUE("items", words.items, "IDS"),
                                         CTL_VALUE("item", words.item, "ID"),
                                         CTL_VALUE("subject", words.subject, "ID"),
                                         CTL_VALUE("staff", words.staff, "ID"),
                                         CTL_VALUE("sides", words.sides, "SIDES"),
                                         CTL_VALUE("verdict", words.verdict, "VERDICT"),
                                         CTL_VALUE("votes", words.votes, "FOR:AGAINST"),
                                         CTL_VALUE("cosigners", words.cosigners, "IDS"),
                                         CTL_VALUE("consumer-clause", words.consumer_clause, "ID"),
                                         CTL_VALUE("merchant-clause", words.merchant_clause, "ID"),
                                         CTL_FLAG("final", words.final),
                                         PUBLISH_OPTIONS(words.common)};
    int count = ctl_options(options, argc, argv);
    if (count != 1) {
        return count < 0 ? CTL_EXIT_USAGE : ctl_usage(count ? "one case id, please" : "which case? give its id");
    }
    const char *role = words.role ? words.role : what->role;
    json_t *content = json_object();
    json_t *cosigners = words.cosigners ? list_of(words.cosigners, role) : NULL;
    int status = CTL_EXIT_USAGE;
    if (what->fill(&words, content)) {
        struct ctl_command command = {.console = !is_party(role),
                                      .case_id = argv[0],
                                      .role = role,
                                      .act = what->act,
                                      .content = content,
                                      .cosigners = cosigners};
        status = publish_command(ctl, &words.common, &command, NULL);
    }
    json_decref(content);
    json_decref(cosigners);
    return status;
}

#define RULING_HELP                                                                    \
    "  --liability L       MERCHANT, CONSUMER, BOTH, THIRD_PARTY, NONE\n"              \
    "  --percent N         the merchant's share, with BOTH\n"                          \
    "  --remedy R          REFUND, PART_REFUND, RETURN_AND_REFUND, REPLACE, REPAIR,\n" \
    "                      STATUTORY_MULTIPLE, NONE\n"                                 \
    "  --amount AMOUNT     yuan with two decimals (629.30) or fen (62930fen)\n"
#define STAFF_COMMAND(constant, word, who, act_name, filler, usage, about, details)                    \
    static int run_##constant(struct ctl *ctl, int argc, char **argv)                                  \
    {                                                                                                  \
        static const struct staff_command WHAT = {.role = (who), .act = (act_name), .fill = (filler)}; \
        return run_staff(ctl, argc, argv, &WHAT);                                                      \
    }                                                                                                  \
    const struct ctl_subcommand constant##_SUBCOMMAND = {                                              \
        .name = (word), .arguments = (usage), .summary = (about), .help = details PUBLISH_HELP, .run = run_##constant}

STAFF_COMMAND(DECIDE, "decide", "agent", "propose_decision", fill_decide,
              "CASE_ID --as STAFF_ID --liability L --remedy R --amount AMOUNT --reasons TEXT --items e1,e2",
              "the agent in charge proposes a decision (ProposeDecision)",
              RULING_HELP "  --reasons TEXT      why\n"
                          "  --items IDS         evidence relied on, separated by commas\n");
STAFF_COMMAND(FINALISE, "finalise", "reviewer", "finalise", fill_finalise,
              "CASE_ID --as STAFF_ID [--liability L --remedy R --amount AMOUNT --reasons TEXT]",
              "a reviewer makes a draft final (Finalise)",
              "Without a ruling the draft stands as it is; a change needs reasons.\n\n" RULING_HELP
              "  --reasons TEXT      why it is changed\n");
STAFF_COMMAND(CO_SIGN, "co-sign", "reviewer", "co_sign", fill_signature,
              "CASE_ID --as STAFF_ID [--role agent] --subject ID",
              "signs a rule finding, a draft or a fourth round (CoSign)",
              "  --subject ID        rule id, draft or round; what waits when left out\n"
              "  --role ROLE         reviewer (when left out); agent for a rule finding\n");
STAFF_COMMAND(REFUSE_TO_SIGN, "refuse-to-sign", "reviewer", "refuse_to_sign", fill_refusal,
              "CASE_ID --as STAFF_ID [--role agent] --subject ID --reasons TEXT",
              "refuses to sign a rule finding, a draft or a fourth round (RefuseToSign)",
              "  --subject ID        rule id, draft or round; what waits when left out\n"
              "  --role ROLE         reviewer (when left out); agent for a rule finding\n"
              "  --reasons TEXT      why\n");
STAFF_COMMAND(ASSIGN, "assign", "reviewer", "assign", fill_assign,
              "CASE_ID --as STAFF_ID --staff STAFF_ID [--text TEXT]", "names an agent (Assign)",
              "  --staff STAFF_ID    who is to have the case\n"
              "  --text TEXT         why; both sides see it\n"
              "  --role ROLE         of who assigns: reviewer (when left out) or agent\n");
STAFF_COMMAND(TAKE_OVER, "take-over", "agent", "take_over", fill_text, "CASE_ID --as STAFF_ID [--text TEXT]",
              "an agent takes a case over (TakeOver)", "  --text TEXT         why; both sides see it\n");
STAFF_COMMAND(SEAT_OBSERVER, "seat-observer", "reviewer", "seat_observer", fill_assign,
              "CASE_ID --as STAFF_ID --staff STAFF_ID", "seats an observer, who reads and never acts (SeatObserver)",
              "  --staff STAFF_ID    who is to read\n"
              "  --role ROLE         of who seats: reviewer (when left out) or agent\n");
STAFF_COMMAND(CLOSE_ROUNDS, "close-rounds", "agent", "close_rounds", fill_text, "CASE_ID --as STAFF_ID [--text TEXT]",
              "ends the rounds of evidence (CloseRounds)", "  --text TEXT         why\n");
STAFF_COMMAND(NEXT_ROUND, "next-round", "agent", "next_round", fill_round,
              "CASE_ID --as STAFF_ID [--sides CONSUMER,MERCHANT] [--final] [--text TEXT]",
              "opens the next round of evidence (NextRound)",
              "  --sides SIDES       who is asked; both when left out\n"
              "  --final             no further round follows\n"
              "  --text TEXT         what is asked\n");
STAFF_COMMAND(DECIDE_APPEAL, "decide-appeal", "panel", "decide_appeal", fill_appeal,
              "CASE_ID --as STAFF_ID --cosigners ID,ID --verdict V --votes 2:1 --reasons TEXT [--liability L …]",
              "a panel decides an appeal (DecideAppeal)",
              "  --verdict VERDICT   AFFIRM, VARY (with a ruling), ANNUL (with one, or nothing is left)\n"
              "  --votes FOR:AGAINST of all three members\n"
              "  --cosigners IDS     the other two members\n"
              "  --reasons TEXT      why\n" RULING_HELP);
STAFF_COMMAND(REMAND, "remand", "panel", "remand", fill_remand,
              "CASE_ID --as STAFF_ID --cosigners ID,ID --reasons TEXT", "a panel sends an appeal back (Remand)",
              "  --cosigners IDS     the other two members\n"
              "  --reasons TEXT      why\n");
STAFF_COMMAND(ADMIT, "admit", "agent", "admit_late_item", fill_admit, "CASE_ID --as STAFF_ID --item ID --reasons TEXT",
              "admits a late item by order (AdmitLateItem)",
              "  --item ID           which\n"
              "  --reasons TEXT      why it is late and yet used\n"
              "  --role ROLE         agent (when left out); panel in an appeal\n");
STAFF_COMMAND(REFER_DIRECT, "refer-direct", "agent", "refer_direct", fill_clauses,
              "CASE_ID --as STAFF_ID --consumer-clause ID --merchant-clause ID",
              "refers a filing straight to arbitration (ReferDirect)",
              "  --consumer-clause, --merchant-clause   clauses in the standing terms of both\n");
STAFF_COMMAND(ESCALATE, "escalate", "agent", "escalate", fill_text, "CASE_ID --as ID [--role consumer] [--text TEXT]",
              "takes an investigation to arbitration (Escalate)",
              "  --role ROLE         agent (when left out, with the consent of both), consumer or merchant\n"
              "  --text TEXT         why\n");

/* --- evidence --- */

#define FILE_MAX_BYTES (64u << 20)

struct evidence_words {
    struct publish_common common;
    const char *side, *file, *item, *type, *reference, *kind, *result, *stated, *caption;
    bool done;
};

/* The bytes stay where they are: only their hash and size travel. false: said on stderr. */
static bool add_file(const struct evidence_words *words, json_t *items)
{
    FILE *file = fopen(words->file, "rb");
    char *bytes = file ? malloc(FILE_MAX_BYTES) : NULL;
    size_t size = bytes ? fread(bytes, 1, FILE_MAX_BYTES, file) : 0;
    bool whole = bytes && !ferror(file) && size > 0 && size < FILE_MAX_BYTES;
    if (file) {
        fclose(file);
    }
    if (whole) {
        uint8_t hash[32];
        char hex[65];
        dsp_sha256((struct dsp_str){bytes, size}, hash);
        dsp_hex(hash, sizeof hash, hex);
        json_t *item = json_pack("{s:s, s:{s:s}, s:I, s:s}", "item_id", words->item, "sha256", "hex", hex, "size_bytes",
                                 (json_int_t)size, "media_type",
                                 words->type ? words->type : "application/octet-stream");
        publish_set_text(item, "reference", words->reference ? words->reference : words->file);
        publish_set_text(item, "kind", words->kind);
        publish_set_text(item, "result", words->result);
        publish_set_text(item, "stated_time_millis", words->stated);
        publish_set_text(item, "caption", words->caption);
        json_array_append_new(items, item);
        printf("sha256   %s  %s\n", hex, words->file);
    } else {
        ctl_usage("--file: %s cannot be read, is empty or is larger than 64 MiB", words->file);
    }
    free(bytes);
    return whole;
}

static int run_evidence(struct ctl *ctl, int argc, char **argv)
{
    struct evidence_words words = {.side = "consumer"};
    const struct ctl_option options[] = {CTL_VALUE("side", words.side, "SIDE"),
                                         CTL_VALUE("file", words.file, "FILE"),
                                         CTL_VALUE("item", words.item, "ID"),
                                         CTL_VALUE("type", words.type, "MEDIA_TYPE"),
                                         CTL_VALUE("reference", words.reference, "KEY"),
                                         CTL_VALUE("kind", words.kind, "KIND"),
                                         CTL_VALUE("result", words.result, "RESULT"),
                                         CTL_VALUE("stated", words.stated, "TIME"),
                                         CTL_VALUE("caption", words.caption, "TEXT"),
                                         CTL_FLAG("done", words.done),
                                         PUBLISH_OPTIONS(words.common)};
    int count = ctl_options(options, argc, argv);
    if (count != 1 || (words.file && !words.item) || (!words.file && !words.done)) {
        return count < 0 ? CTL_EXIT_USAGE : ctl_usage("evidence CASE_ID --file FILE --item ID, or --done");
    }
    json_t *content = json_pack("{s:[], s:b}", "items", "done", words.done);
    if (words.file && !add_file(&words, json_object_get(content, "items"))) {
        json_decref(content);
        return CTL_EXIT_USAGE;
    }
    return publish_party(ctl, &words.common, argv[0], words.side, "add_evidence", content, NULL);
}

const struct ctl_subcommand EVIDENCE_SUBCOMMAND = {
    .name = "evidence",
    .arguments = "CASE_ID --file FILE --item ID [--side merchant] [--done]",
    .summary = "a side adds evidence; the file is hashed, not sent (AddEvidence)",
    .help = "  --file FILE         hashed here; its bytes stay in the evidence store\n"
            "  --item ID           its name in the case\n"
            "  --type MEDIA_TYPE   image/jpeg, application/pdf …\n"
            "  --reference KEY     where staff fetch it; the file's name when left out\n"
            "  --kind KIND         PHOTO, LABEL, INSPECTION_REPORT, DELIVERY … (docs/RULES.md)\n"
            "  --result RESULT     FOR_CLAIM or AGAINST_CLAIM\n"
            "  --stated TIME       instant that it states, RFC 3339: a best-before date\n"
            "  --caption TEXT      what it shows\n"
            "  --done              nothing more comes in this round; also without a file\n"
            "  --side SIDE         consumer (when left out) or merchant\n" PUBLISH_HELP,
    .run = run_evidence,
};
