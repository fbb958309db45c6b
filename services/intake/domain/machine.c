/* The machine, row by row as docs/MACHINE.md tells it. A transition that is not here yet is refused
 * NOT_IN_THIS_STAGE; it becomes a row, never another code path. */
#include <string.h>

#include "intake/domain/rooms.h"

#define AT(stage) (1u << (stage))
#define C (1u << ROLE_CONSUMER)
#define M (1u << ROLE_MERCHANT)
#define A (1u << ROLE_AGENT)
#define X (1u << ROLE_INSTITUTION)
#define S (1u << ROLE_SYSTEM)
#define GW (1u << SOURCE_GW)
#define CON (1u << SOURCE_CON)
#define SLA (1u << SOURCE_SLA)
#define INV (1u << SOURCE_INV)
#define ARB (1u << SOURCE_ARB)
#define FND (1u << SOURCE_FND)
#define NTF (1u << SOURCE_NTF)
#define DKT (1u << SOURCE_DKT)

/* "open" of section 4: every stage but CLOSED, ARCHIVED, MERGED. "any": every stage of a case. */
#define ANY (((1u << STAGE_COUNT) - 1) & ~AT(STAGE_NEW))
#define OPEN (ANY & ~(AT(STAGE_CLOSED) | AT(STAGE_ARCHIVED) | AT(STAGE_MERGED)))
#define TO_PROPOSED(from) ((AT(STAGE_PROPOSED + 1) - AT(from)) & ~AT(STAGE_MERGED))

#define FUND_FINDING(id, trigger, ...)                                               \
    {                                                                                \
        id, ANY, TRIGGER_##trigger, 0, S, FND, {NULL}, 0, ENTRY_FINDING, __VA_ARGS__ \
    }

#define GUARDS(...) \
    {               \
        __VA_ARGS__ \
    }
#define EFFECTS(...) \
    {                \
        __VA_ARGS__  \
    }

const struct intake_row INTAKE_MACHINE[] = {
    /* 3.1 (new) */
    {"T01", AT(STAGE_NEW), TRIGGER_FILE_COMPLAINT, 0, C | A | S, GW | CON,
     GUARDS(&GUARD_ORDER_OF_CONSUMER, &GUARD_FILING_WINDOW, &GUARD_CLAIM_VALID), STAGE_FILED, ENTRY_COMPLAINT_FILED,
     EFFECTS(&EFFECT_OPEN_CASE, &EFFECT_START_ACK, &EFFECT_TRY_TRIAGE)},
    /* 3.2 FILED */
    {"T02",
     AT(STAGE_FILED),
     TRIGGER_TRIAGE_STARTED,
     0,
     S,
     DKT,
     {NULL},
     STAGE_SCREENING,
     ENTRY_TRIAGE_STARTED,
     EFFECTS(&EFFECT_START_SCREEN, &EFFECT_TRY_ADMISSION)},
    /* 3.3 SCREENING */
    {"T09",
     AT(STAGE_SCREENING),
     TRIGGER_WITHDRAW,
     0,
     C,
     GW,
     {NULL},
     STAGE_CLOSED,
     ENTRY_COMPLAINT_WITHDRAWN,
     EFFECTS(&EFFECT_OUTCOME_WITHDRAWN, &EFFECT_START_FEEDBACK)},
    {"T12", AT(STAGE_SCREENING), TRIGGER_ADMIT, 0, S, DKT, GUARDS(&GUARD_RULE_ADMITS, &GUARD_FACTS_PRESENT),
     STAGE_NEGOTIATION, ENTRY_CASE_ADMITTED, EFFECTS(&EFFECT_MEET_SCREEN, &EFFECT_START_MERCHANT_CLOCKS)},
    {"T12",
     AT(STAGE_SCREENING),
     TRIGGER_ADMIT,
     0,
     A,
     CON,
     {NULL},
     STAGE_NEGOTIATION,
     ENTRY_CASE_ADMITTED,
     EFFECTS(&EFFECT_MEET_SCREEN, &EFFECT_START_MERCHANT_CLOCKS)},
    {"T13", AT(STAGE_SCREENING), TRIGGER_CLOCK_BREACHED, CLOCK_SCREEN, S, SLA, GUARDS(&GUARD_CLOCK_LIVE),
     STAGE_NEGOTIATION, ENTRY_CASE_ADMITTED, EFFECTS(&EFFECT_PLATFORM_BREACH, &EFFECT_START_MERCHANT_CLOCKS)},
    {"T15", AT(STAGE_SCREENING), TRIGGER_REFER_DIRECT, 0, A, CON, GUARDS(&GUARD_CLAUSES_OF_BOTH), STAGE_ARBITRATION,
     ENTRY_CASE_REFERRED, EFFECTS(&EFFECT_MEET_SCREEN, &EFFECT_START_ARBITRATION)},
    /* 3.6 NEGOTIATION */
    {"T16", AT(STAGE_NEGOTIATION), TRIGGER_ACCEPT_CLAIM, 0, M, GW, GUARDS(&GUARD_REMEDY_ASKED), STAGE_ENFORCING,
     ENTRY_CLAIM_ACCEPTED,
     EFFECTS(&EFFECT_MEET_MERCHANT_CLOCKS, &EFFECT_BASIS_ACCEPTED, &EFFECT_DUTIES_DUE, &EFFECT_START_ENFORCEMENT)},
    {"T20", AT(STAGE_NEGOTIATION), TRIGGER_CLOCK_BREACHED, CLOCK_M_POSITION, S, SLA,
     GUARDS(&GUARD_CLOCK_LIVE, &GUARD_NO_PERSON_REPLIED, &GUARD_FILE_COMPLETE, &GUARD_WITHIN_DEFAULT_CAP),
     STAGE_DECIDED, ENTRY_DEFAULT_JUDGMENT_ENTERED,
     EFFECTS(&EFFECT_DEFAULT_JUDGMENT, &EFFECT_SERVE_BOTH, &EFFECT_OPEN_WINDOWS)},
    {"T21", AT(STAGE_NEGOTIATION), TRIGGER_CLOCK_BREACHED, CLOCK_M_POSITION, S, SLA,
     GUARDS(&GUARD_CLOCK_LIVE, &GUARD_NOT_DEFAULT_JUDGMENT), STAGE_EVIDENCE, ENTRY_POSITION_MISSED,
     EFFECTS(&EFFECT_ADVERSE, &EFFECT_START_ROUND_BOTH)},
    {"T22",
     AT(STAGE_NEGOTIATION),
     TRIGGER_WITHDRAW,
     0,
     C,
     GW,
     {NULL},
     STAGE_CLOSED,
     ENTRY_COMPLAINT_WITHDRAWN,
     EFFECTS(&EFFECT_OUTCOME_WITHDRAWN, &EFFECT_START_FEEDBACK)},
    /* 3.7 EVIDENCE */
    {"T29",
     AT(STAGE_EVIDENCE),
     TRIGGER_WITHDRAW,
     0,
     C,
     GW,
     {NULL},
     STAGE_CLOSED,
     ENTRY_COMPLAINT_WITHDRAWN,
     EFFECTS(&EFFECT_OUTCOME_WITHDRAWN, &EFFECT_START_FEEDBACK)},
    {"T28", AT(STAGE_EVIDENCE), TRIGGER_ACCEPT_CLAIM, 0, M, GW, GUARDS(&GUARD_REMEDY_ASKED), STAGE_ENFORCING,
     ENTRY_CLAIM_ACCEPTED, EFFECTS(&EFFECT_BASIS_ACCEPTED, &EFFECT_DUTIES_DUE, &EFFECT_START_ENFORCEMENT)},
    /* 3.10 DECIDED */
    {"T49", AT(STAGE_DECIDED), TRIGGER_CLOCK_BREACHED, CLOCK_APPEAL, S, SLA,
     GUARDS(&GUARD_CLOCK_LIVE, &GUARD_OTHER_WINDOW_SHUT, &GUARD_REMEDY_OWED), STAGE_ENFORCING, ENTRY_DECISION_BINDING,
     EFFECTS(&EFFECT_WINDOW_LAPSED, &EFFECT_START_ENFORCEMENT, &EFFECT_TRY_DISCHARGED)},
    {"T49", AT(STAGE_DECIDED), TRIGGER_WAIVE_APPEAL, 0, C | M, GW,
     GUARDS(&GUARD_WINDOW_OPEN, &GUARD_OTHER_WINDOW_SHUT, &GUARD_REMEDY_OWED), STAGE_ENFORCING, ENTRY_DECISION_BINDING,
     EFFECTS(&EFFECT_WINDOW_WAIVED, &EFFECT_START_ENFORCEMENT, &EFFECT_TRY_DISCHARGED)},
    {"T50", AT(STAGE_DECIDED), TRIGGER_CLOCK_BREACHED, CLOCK_APPEAL, S, SLA,
     GUARDS(&GUARD_CLOCK_LIVE, &GUARD_OTHER_WINDOW_SHUT, &GUARD_NOTHING_OWED), STAGE_CLOSED, ENTRY_DECISION_BINDING,
     EFFECTS(&EFFECT_WINDOW_LAPSED, &EFFECT_OUTCOME_DISMISSED, &EFFECT_START_FEEDBACK)},
    {"T50", AT(STAGE_DECIDED), TRIGGER_WAIVE_APPEAL, 0, C | M, GW,
     GUARDS(&GUARD_WINDOW_OPEN, &GUARD_OTHER_WINDOW_SHUT, &GUARD_NOTHING_OWED), STAGE_CLOSED, ENTRY_DECISION_BINDING,
     EFFECTS(&EFFECT_WINDOW_WAIVED, &EFFECT_OUTCOME_DISMISSED, &EFFECT_START_FEEDBACK)},
    /* 3.12 ARBITRATION */
    {"T55",
     AT(STAGE_ARBITRATION),
     TRIGGER_INSTITUTION_STATUS,
     0,
     X,
     ARB,
     {NULL},
     0,
     ENTRY_INSTITUTION_STATUS,
     EFFECTS(&EFFECT_STATUS)},
    {"T56", AT(STAGE_ARBITRATION), TRIGGER_AWARD_RECEIVED, 0, X, ARB, GUARDS(&GUARD_AWARD_CONSUMER), STAGE_ENFORCING,
     ENTRY_AWARD_RECEIVED, EFFECTS(&EFFECT_AWARD, &EFFECT_DUTIES_DUE, &EFFECT_SERVE_BOTH, &EFFECT_START_ENFORCEMENT)},
    {"T57", AT(STAGE_ARBITRATION), TRIGGER_AWARD_RECEIVED, 0, X, ARB, GUARDS(&GUARD_AWARD_MERCHANT), STAGE_CLOSED,
     ENTRY_AWARD_RECEIVED,
     EFFECTS(&EFFECT_AWARD, &EFFECT_OUTCOME_AWARD_MERCHANT, &EFFECT_SERVE_BOTH, &EFFECT_START_FEEDBACK)},
    /* 3.14 ENFORCING */
    {"T65",
     AT(STAGE_ENFORCING),
     TRIGGER_DUTY_PERFORMED,
     0,
     M,
     GW,
     GUARDS(&GUARD_PROOF_ATTACHED),
     0,
     ENTRY_DUTY_PERFORMED,
     {NULL}},
    {"T66",
     AT(STAGE_ENFORCING),
     TRIGGER_CLOCK_BREACHED,
     CLOCK_PERFORM,
     S,
     SLA,
     GUARDS(&GUARD_CLOCK_LIVE),
     0,
     ENTRY_PERFORMANCE_MISSED,
     {NULL}},
    {"T67", AT(STAGE_ENFORCING), TRIGGER_DUTY_DISCHARGED, 0, S, FND, GUARDS(&GUARD_LAST_DUTY), STAGE_CLOSED,
     ENTRY_ALL_DUTIES_DISCHARGED, EFFECTS(&EFFECT_DUTY_DISCHARGED, &EFFECT_OUTCOME_BASIS, &EFFECT_START_FEEDBACK)},
    {"T67", AT(STAGE_ENFORCING), TRIGGER_DUTY_DISCHARGED, 0, S, DKT, GUARDS(&GUARD_ALL_DISCHARGED), STAGE_CLOSED,
     ENTRY_ALL_DUTIES_DISCHARGED, EFFECTS(&EFFECT_OUTCOME_BASIS, &EFFECT_START_FEEDBACK)},
    {"T75", AT(STAGE_ENFORCING), TRIGGER_CLOCK_BREACHED, CLOCK_ENFORCE_HARD, S, SLA,
     GUARDS(&GUARD_CLOCK_LIVE, &GUARD_NO_PAYOUT_OUT), STAGE_CLOSED, ENTRY_DECLARED_UNCOLLECTABLE,
     EFFECTS(&EFFECT_PLATFORM_BREACH, &EFFECT_OUTCOME_UNSATISFIED, &EFFECT_START_FEEDBACK)},
    /* 3.15 CLOSED */
    {"T70", AT(STAGE_CLOSED), TRIGGER_ANSWER_FEEDBACK, 0, C | M, GW,
     GUARDS(&GUARD_FEEDBACK_DUE, &GUARD_SCORE_VALID, &GUARD_FEEDBACK_FULL, &GUARD_RIGHTS_OVER), STAGE_ARCHIVED,
     ENTRY_CASE_ARCHIVED, EFFECTS(&EFFECT_FEEDBACK, &EFFECT_START_RETAIN)},
    {"T70", AT(STAGE_CLOSED), TRIGGER_CLOCK_BREACHED, CLOCK_FEEDBACK, S, SLA,
     GUARDS(&GUARD_CLOCK_LIVE, &GUARD_RIGHTS_OVER), STAGE_ARCHIVED, ENTRY_CASE_ARCHIVED, EFFECTS(&EFFECT_START_RETAIN)},
    {"T70", AT(STAGE_CLOSED), TRIGGER_CLOCK_BREACHED, CLOCK_REFILE, S, SLA,
     GUARDS(&GUARD_CLOCK_LIVE, &GUARD_RIGHTS_OVER, &GUARD_FEEDBACK_OVER), STAGE_ARCHIVED, ENTRY_CASE_ARCHIVED,
     EFFECTS(&EFFECT_START_RETAIN)},
    /* 4: acts */
    {"E01", TO_PROPOSED(STAGE_NEGOTIATION), TRIGGER_REPLY, 0, M, GW, GUARDS(&GUARD_REPLY_MARKED), 0, ENTRY_ACT,
     EFFECTS(&EFFECT_M_REPLIED)},
    {"E02", TO_PROPOSED(STAGE_NEGOTIATION), TRIGGER_SAY, 0, C, GW, {NULL}, 0, ENTRY_ACT, EFFECTS(&EFFECT_C_SPOKE)},
    {"E03",
     TO_PROPOSED(STAGE_SCREENING) | AT(STAGE_APPEAL),
     TRIGGER_ADD_EVIDENCE,
     0,
     C,
     GW,
     {NULL},
     0,
     ENTRY_ACT,
     {NULL}},
    {"E03",
     TO_PROPOSED(STAGE_NEGOTIATION) | AT(STAGE_APPEAL),
     TRIGGER_ADD_EVIDENCE,
     0,
     M,
     GW,
     {NULL},
     0,
     ENTRY_ACT,
     {NULL}},
    {"E11", ANY, TRIGGER_REPORT_FACT, 0, S, GW, {NULL}, 0, ENTRY_ACT, {NULL}},
    {"E24", AT(STAGE_DECIDED), TRIGGER_WAIVE_APPEAL, 0, C | M, GW, GUARDS(&GUARD_WINDOW_OPEN, &GUARD_OTHER_WINDOW_OPEN),
     0, ENTRY_ACT, EFFECTS(&EFFECT_WINDOW_WAIVED)},
    {"E24", AT(STAGE_CLOSED), TRIGGER_ANSWER_FEEDBACK, 0, C | M, GW,
     GUARDS(&GUARD_FEEDBACK_DUE, &GUARD_SCORE_VALID, &GUARD_FEEDBACK_PART), 0, ENTRY_ACT, EFFECTS(&EFFECT_FEEDBACK)},
    /* 4: findings of sla */
    {"E25", ANY, TRIGGER_CLOCKS_ARMED, 0, S, SLA, {NULL}, 0, ENTRY_FINDING, EFFECTS(&EFFECT_MIRROR_ARMED)},
    {"E25", ANY, TRIGGER_CLOCK_MOVED, 0, S, SLA, {NULL}, 0, ENTRY_FINDING, EFFECTS(&EFFECT_MIRROR_MOVED)},
    {"E25", ANY, TRIGGER_CLOCK_PAUSED, 0, S, SLA, {NULL}, 0, ENTRY_FINDING, EFFECTS(&EFFECT_MIRROR_PAUSED)},
    {"E25", ANY, TRIGGER_CLOCK_RESUMED, 0, S, SLA, {NULL}, 0, ENTRY_FINDING, EFFECTS(&EFFECT_MIRROR_RESUMED)},
    {"E26", ANY, TRIGGER_CLOCK_RUNG_REACHED, 0, S, SLA, {NULL}, 0, ENTRY_FINDING, {NULL}},
    {"E27", AT(STAGE_NEGOTIATION), TRIGGER_CLOCK_BREACHED, CLOCK_M_FIRST, S, SLA, GUARDS(&GUARD_CLOCK_LIVE), 0,
     ENTRY_FINDING, EFFECTS(&EFFECT_M_FIRST_BREACHED)},
    {"E27", AT(STAGE_DECIDED), TRIGGER_CLOCK_BREACHED, CLOCK_APPEAL, S, SLA,
     GUARDS(&GUARD_CLOCK_LIVE, &GUARD_OTHER_WINDOW_OPEN), 0, ENTRY_FINDING, EFFECTS(&EFFECT_WINDOW_LAPSED)},
    {"E27", ANY, TRIGGER_CLOCK_BREACHED, CLOCK_SERVICE, S, SLA, GUARDS(&GUARD_CLOCK_LIVE), 0, ENTRY_FINDING,
     EFFECTS(&EFFECT_SERVICE_DEEMED)},
    {"E27",
     AT(STAGE_CLOSED),
     TRIGGER_CLOCK_BREACHED,
     CLOCK_FEEDBACK,
     S,
     SLA,
     GUARDS(&GUARD_CLOCK_LIVE, &GUARD_RIGHTS_RUN),
     0,
     ENTRY_FINDING,
     {NULL}},
    {"E27",
     AT(STAGE_CLOSED),
     TRIGGER_CLOCK_BREACHED,
     CLOCK_REFILE,
     S,
     SLA,
     GUARDS(&GUARD_CLOCK_LIVE, &GUARD_ANOTHER_RUNS),
     0,
     ENTRY_FINDING,
     {NULL}},
    {"E30", ANY, TRIGGER_CLOCK_BREACHED, CLOCK_ACK, S, SLA, GUARDS(&GUARD_CLOCK_LIVE), 0, ENTRY_FINDING,
     EFFECTS(&EFFECT_PLATFORM_BREACH)},
    {"E30", AT(STAGE_ARBITRATION), TRIGGER_CLOCK_BREACHED, CLOCK_ARB_STALE, S, SLA, GUARDS(&GUARD_CLOCK_LIVE), 0,
     ENTRY_FINDING, EFFECTS(&EFFECT_ARM_STALE_AGAIN)},
    {"E30", AT(STAGE_ENFORCING), TRIGGER_CLOCK_BREACHED, CLOCK_ENFORCE_HARD, S, SLA,
     GUARDS(&GUARD_CLOCK_LIVE, &GUARD_PAYOUT_OUT), 0, ENTRY_FINDING, EFFECTS(&EFFECT_ARM_ENFORCE_AGAIN)},
    {"E30",
     AT(STAGE_ARCHIVED),
     TRIGGER_CLOCK_BREACHED,
     CLOCK_RETAIN,
     S,
     SLA,
     GUARDS(&GUARD_CLOCK_LIVE),
     0,
     ENTRY_FINDING,
     {NULL}},
    /* 4: findings of the others */
    {"E32", ANY, TRIGGER_EVIDENCE_REGISTERED, 0, S, INV, {NULL}, 0, ENTRY_FINDING, {NULL}},
    {"E32", ANY, TRIGGER_EVIDENCE_REFUSED, 0, S, INV, {NULL}, 0, ENTRY_FINDING, {NULL}},
    {"E33", OPEN, TRIGGER_AGENT_ASSIGNED, 0, S, INV, {NULL}, 0, ENTRY_FINDING, {NULL}},
    {"E34",
     AT(STAGE_DECIDED) | AT(STAGE_SETTLED) | AT(STAGE_ENFORCING),
     TRIGGER_DUTY_VERIFIED,
     0,
     S,
     FND,
     {NULL},
     0,
     ENTRY_FINDING,
     EFFECTS(&EFFECT_DUTY_MET)},
    {"E34",
     AT(STAGE_DECIDED) | AT(STAGE_SETTLED) | AT(STAGE_ENFORCING),
     TRIGGER_DUTY_REJECTED,
     0,
     S,
     FND,
     {NULL},
     0,
     ENTRY_FINDING,
     {NULL}},
    {"E34", AT(STAGE_ENFORCING), TRIGGER_DUTY_SUBSTITUTED, 0, S, FND, {NULL}, 0, ENTRY_FINDING, {NULL}},
    {"E34", AT(STAGE_SETTLED) | AT(STAGE_ENFORCING), TRIGGER_DUTY_DISCHARGED, 0, S, FND, GUARDS(&GUARD_DUTIES_LEFT), 0,
     ENTRY_FINDING, EFFECTS(&EFFECT_DUTY_DISCHARGED)},
    {"E34",
     AT(STAGE_DECIDED) | AT(STAGE_APPEAL) | AT(STAGE_ARBITRATION),
     TRIGGER_DUTY_DISCHARGED,
     0,
     S,
     FND,
     {NULL},
     0,
     ENTRY_FINDING,
     EFFECTS(&EFFECT_DUTY_DISCHARGED)},
    FUND_FINDING("E35", FUND_RESERVED, {NULL}),
    FUND_FINDING("E35", RESERVE_REFUSED, {NULL}),
    FUND_FINDING("E35", RESERVATION_VOIDED, {NULL}),
    FUND_FINDING("E35", RECOVERY_OPENED, {NULL}),
    FUND_FINDING("E35", RECOVERY_DEMANDED, EFFECTS(&EFFECT_SERVE_DEMAND)),
    FUND_FINDING("E35", RECOVERY_RECEIVED, {NULL}),
    FUND_FINDING("E35", RECOVERY_CLOSED, {NULL}),
    FUND_FINDING("E35", SANCTION_APPLIED, {NULL}),
    FUND_FINDING("E35", SANCTION_LIFTED, {NULL}),
    FUND_FINDING("E36", PAYOUT_SENT, EFFECTS(&EFFECT_PAYOUT_OUT)),
    FUND_FINDING("E36", PAYOUT_HELD, {NULL}),
    FUND_FINDING("E36", PAYOUT_CONFIRMED, EFFECTS(&EFFECT_PAYOUT_ENDED)),
    FUND_FINDING("E36", PAYOUT_FAILED, EFFECTS(&EFFECT_PAYOUT_ENDED)),
    {"E37", ANY, TRIGGER_PAYMENT_REVERSED, 0, S, FND, {NULL}, 0, ENTRY_FINDING, {NULL}},
    {"E38", ANY, TRIGGER_REFERRAL_SENT, 0, S, ARB, {NULL}, 0, ENTRY_FINDING, {NULL}},
    {"E38", ANY, TRIGGER_FEE_MOVED, 0, S, ARB, {NULL}, 0, ENTRY_FINDING, {NULL}},
    {"E39", ANY, TRIGGER_SERVICE_PROVED, 0, S, NTF, {NULL}, 0, ENTRY_FINDING, EFFECTS(&EFFECT_SERVED)},
    {"E40", ANY, TRIGGER_SERVICE_FAILED, 0, S, NTF, {NULL}, 0, ENTRY_FINDING, {NULL}},
    {"E40", ANY, TRIGGER_PARTY_UNREACHABLE, 0, S, NTF, {NULL}, 0, ENTRY_FINDING, {NULL}},
};

const size_t INTAKE_MACHINE_ROWS = sizeof INTAKE_MACHINE / sizeof *INTAKE_MACHINE;

/* --- names, and the table for people --- */

const char *intake_stage_name(int stage)
{
    static const char *const NAMES[STAGE_COUNT] = {
        "(new)",    "FILED",   "SCREENING", "SUPPLEMENT",  "MERGED",  "NEGOTIATION", "EVIDENCE", "INVESTIGATION",
        "PROPOSED", "DECIDED", "APPEAL",    "ARBITRATION", "SETTLED", "ENFORCING",   "CLOSED",   "ARCHIVED",
    };
    return stage >= 0 && stage < STAGE_COUNT ? NAMES[stage] : NULL;
}

#define TRIGGER_NAME(constant, name) name,
static const char *const TRIGGER_NAMES[TRIGGER_COUNT] = {NULL, INTAKE_TRIGGERS(TRIGGER_NAME)};

const char *intake_trigger_name(int trigger)
{
    return trigger > 0 && trigger < TRIGGER_COUNT ? TRIGGER_NAMES[trigger] : NULL;
}

enum intake_trigger intake_trigger_of(const char *name)
{
    for (int i = 1; i < TRIGGER_COUNT; i++) {
        if (strcmp(TRIGGER_NAMES[i], name) == 0) {
            return (enum intake_trigger)i;
        }
    }
    return TRIGGER_UNKNOWN;
}

static const char *entry_name(int entry)
{
    static const struct {
        int entry;
        const char *name;
    } NAMES[] = {
        {ENTRY_COMPLAINT_FILED, "ComplaintFiled"},
        {ENTRY_TRIAGE_STARTED, "TriageStarted"},
        {ENTRY_COMPLAINT_WITHDRAWN, "ComplaintWithdrawn"},
        {ENTRY_CASE_ADMITTED, "CaseAdmitted"},
        {ENTRY_CASE_FAST_TRACKED, "CaseFastTracked"},
        {ENTRY_CASE_REFERRED, "CaseReferred"},
        {ENTRY_CLAIM_ACCEPTED, "ClaimAccepted"},
        {ENTRY_DEFAULT_JUDGMENT_ENTERED, "DefaultJudgmentEntered"},
        {ENTRY_POSITION_MISSED, "PositionMissed"},
        {ENTRY_DECISION_BINDING, "DecisionBinding"},
        {ENTRY_INSTITUTION_STATUS, "InstitutionStatus"},
        {ENTRY_AWARD_RECEIVED, "AwardReceived"},
        {ENTRY_DUTY_PERFORMED, "DutyPerformed"},
        {ENTRY_PERFORMANCE_MISSED, "PerformanceMissed"},
        {ENTRY_ALL_DUTIES_DISCHARGED, "AllDutiesDischarged"},
        {ENTRY_CASE_ARCHIVED, "CaseArchived"},
        {ENTRY_DECLARED_UNCOLLECTABLE, "DeclaredUncollectable"},
    };
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        if (NAMES[i].entry == entry) {
            return NAMES[i].name;
        }
    }
    return NULL; /* an act or a finding: the trigger's own name */
}

static const char *const ROLE_NAMES[] = {"", "C", "M", "A", "R", "P", "X", "F", "S", "O"};
static const char *const SOURCE_NAMES[SOURCE_COUNT] = {"GW", "CON", "SLA", "INV", "ARB", "FND", "NTF", "DKT"};
static const char *const CLOCK_NAMES[CLOCK_COUNT] = {
    "",
    "K_ack",
    "K_screen",
    "K_supplement",
    "K_m_first",
    "K_m_position",
    "K_offer",
    "K_round",
    "K_next_round",
    "K_invest",
    "K_invest_hard",
    "K_service",
    "K_comment",
    "K_finalise",
    "K_appeal",
    "K_appeal_decide",
    "K_appeal_hard",
    "K_arb_ack",
    "K_arb_stale",
    "K_arb_hard",
    "K_perform",
    "K_return_ship",
    "K_return_inspect",
    "K_return_check",
    "K_hold",
    "K_enforce_hard",
    "K_feedback",
    "K_review",
    "K_refile",
    "K_retain",
};

static void name_bits(char *text, size_t size, uint32_t bits, const char *const *names, int count)
{
    text[0] = '\0';
    for (int i = 0; i < count; i++) {
        if (bits & (1u << i)) {
            size_t used = strlen(text);
            snprintf(text + used, size - used, "%s%s", used ? " " : "", names[i]);
        }
    }
}

static void trigger_text(const struct intake_row *row, char *text, size_t size)
{
    if (row->clock) {
        snprintf(text, size, "%s(%s)", intake_trigger_name((int)row->trigger), CLOCK_NAMES[row->clock]);
    } else {
        snprintf(text, size, "%s", intake_trigger_name((int)row->trigger));
    }
}

static json_t *row_json(const struct intake_row *row, int stage)
{
    char who[64];
    char source[64];
    char trigger[96];
    name_bits(who, sizeof who, row->who, ROLE_NAMES, 10);
    name_bits(source, sizeof source, row->sources, SOURCE_NAMES, SOURCE_COUNT);
    trigger_text(row, trigger, sizeof trigger);
    json_t *guards = json_array();
    json_t *effects = json_array();
    for (size_t i = 0; i < INTAKE_ROW_GUARDS && row->guards[i]; i++) {
        json_array_append_new(guards, json_string(row->guards[i]->name));
    }
    for (size_t i = 0; i < INTAKE_ROW_EFFECTS && row->effects[i]; i++) {
        json_array_append_new(effects, json_string(row->effects[i]->name));
    }
    const char *entry = entry_name((int)row->entry);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:o}", "id", row->id, "stage", intake_stage_name(stage),
                     "trigger", trigger, "who", who, "source", source, "guards", guards, "to",
                     intake_stage_name(row->to ? row->to : stage), "entry",
                     entry ? entry : intake_trigger_name((int)row->trigger), "effects", effects);
}

json_t *intake_machine_json(void)
{
    json_t *list = json_array();
    for (size_t i = 0; i < INTAKE_MACHINE_ROWS; i++) {
        for (int stage = 0; stage < STAGE_COUNT; stage++) {
            if (INTAKE_MACHINE[i].stages & AT(stage)) {
                json_array_append_new(list, row_json(&INTAKE_MACHINE[i], stage));
            }
        }
    }
    return list;
}

void intake_print_machine(FILE *out)
{
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        fprintf(out, "%s\n", intake_stage_name(stage));
        for (size_t i = 0; i < INTAKE_MACHINE_ROWS; i++) {
            const struct intake_row *row = &INTAKE_MACHINE[i];
            char who[64];
            char source[64];
            char trigger[96];
            if (!(row->stages & AT(stage))) {
                continue;
            }
            name_bits(who, sizeof who, row->who, ROLE_NAMES, 10);
            name_bits(source, sizeof source, row->sources, SOURCE_NAMES, SOURCE_COUNT);
            trigger_text(row, trigger, sizeof trigger);
            fprintf(out, "  %-4s %-34s %-6s %-7s -> %s\n", row->id, trigger, who, source,
                    intake_stage_name(row->to ? row->to : stage));
            for (size_t g = 0; g < INTAKE_ROW_GUARDS && row->guards[g]; g++) {
                fprintf(out, "       if   %s\n", row->guards[g]->name);
            }
            for (size_t e = 0; e < INTAKE_ROW_EFFECTS && row->effects[e]; e++) {
                fprintf(out, "       then %s\n", row->effects[e]->name);
            }
        }
    }
}
