/* The docket: what stands in a case's file, and the one table that says what may happen to it.
 * Pure: no clock, no randomness, no I/O. Times are domain milliseconds, money is fen.
 *   domain/machine.c  the table: stage × trigger → who, guards, next stage, entry, effects
 *   domain/names.h    what its columns are called   domain/print.c  the table for people
 *   domain/guards.c   the guards it names        domain/effects.c  the effects it names
 *   domain/performance.c  duties, their clocks, goods that come back
 *   domain/screening.c  the same for filings that are asked back, refused, filed again
 *   domain/hearing_*.c  the same for offers, evidence, decisions, appeals, arbitration
 *   domain/decide.c   picks the row, in the order of checks of docs/MACHINE.md 1.2 */
#ifndef INTAKE_DOMAIN_H
#define INTAKE_DOMAIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/calendar.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "intake/domain/names.h"

/* Values of disputes.common.v1.Stage. What each waits for and what ends it: docs/MACHINE.md, section 3. */
enum intake_stage {
    STAGE_NEW = 0, /* a filing */
    STAGE_FILED,
    STAGE_SCREENING,
    STAGE_SUPPLEMENT,
    STAGE_MERGED,
    STAGE_NEGOTIATION,
    STAGE_EVIDENCE,
    STAGE_INVESTIGATION,
    STAGE_PROPOSED,
    STAGE_DECIDED,
    STAGE_APPEAL,
    STAGE_ARBITRATION,
    STAGE_SETTLED,
    STAGE_ENFORCING,
    STAGE_CLOSED,
    STAGE_ARCHIVED,
    STAGE_COUNT,
};

/* Values of disputes.common.v1.Role. */
enum intake_role {
    ROLE_NONE = 0,
    ROLE_CONSUMER,
    ROLE_MERCHANT,
    ROLE_AGENT,
    ROLE_REVIEWER,
    ROLE_PANEL,
    ROLE_INSTITUTION,
    ROLE_FUND_OFFICER,
    ROLE_SYSTEM,
    ROLE_OBSERVER,
};

/* Where a trigger comes from; the order is that of the input topics in main.c, then the docket itself. */
enum intake_source {
    SOURCE_GW = 0,
    SOURCE_CON,
    SOURCE_SLA,
    SOURCE_INV,
    SOURCE_ARB,
    SOURCE_FND,
    SOURCE_NTF,
    SOURCE_DKT,
    SOURCE_COUNT,
};

/* Values of disputes.common.v1.ClockKind, as far as rows name them. */
enum intake_clock_kind {
    CLOCK_NONE = 0,
    CLOCK_ACK = 1,
    CLOCK_SCREEN = 2,
    CLOCK_SUPPLEMENT = 3,
    CLOCK_M_FIRST = 4,
    CLOCK_M_POSITION = 5,
    CLOCK_OFFER = 6,
    CLOCK_ROUND = 7,
    CLOCK_NEXT_ROUND = 8,
    CLOCK_INVEST = 9,
    CLOCK_INVEST_HARD = 10,
    CLOCK_SERVICE = 11,
    CLOCK_COMMENT = 12,
    CLOCK_FINALISE = 13,
    CLOCK_APPEAL = 14,
    CLOCK_APPEAL_DECIDE = 15,
    CLOCK_APPEAL_HARD = 16,
    CLOCK_ARB_ACK = 17,
    CLOCK_ARB_STALE = 18,
    CLOCK_ARB_HARD = 19,
    CLOCK_PERFORM = 20,
    CLOCK_RETURN_SHIP = 21,
    CLOCK_RETURN_INSPECT = 22,
    CLOCK_RETURN_CHECK = 23,
    CLOCK_HOLD = 24,
    CLOCK_ENFORCE_HARD = 25,
    CLOCK_FEEDBACK = 26,
    CLOCK_REVIEW = 27,
    CLOCK_REFILE = 28,
    CLOCK_RETAIN = 29,
    CLOCK_COUNT,
};

/* Values of disputes.common.v1.Reason, Remedy, Liability, Basis and Outcome that the docket itself sets. */
enum { REASON_NOT_RECEIVED = 1, REASON_RETURN_7D = 3, REASON_QUALITY = 5 };
enum { REMEDY_NONE = 1, REMEDY_REFUND = 2, REMEDY_RETURN_AND_REFUND = 4, REMEDY_STATUTORY_MULTIPLE = 7 };
enum { LIABILITY_NONE = 1, LIABILITY_MERCHANT = 2 };
enum {
    BASIS_NONE = 0,
    BASIS_MERCHANT_ACCEPTED = 1,
    BASIS_AGREEMENT = 2,
    BASIS_DEFAULT = 3,
    BASIS_RULE = 4,
    BASIS_PLATFORM = 5,
    BASIS_APPEAL = 6,
    BASIS_AWARD = 7,
    BASIS_SETTLEMENT_DEFAULT = 8
};
enum {
    OUTCOME_NONE = 0,
    OUTCOME_WITHDRAWN = 9,
    OUTCOME_ABANDONED = 10,
    OUTCOME_INADMISSIBLE = 11,
    OUTCOME_SETTLED = 12,
    OUTCOME_DISMISSED = 13,
    OUTCOME_AWARD_MERCHANT = 14,
    OUTCOME_REMEDY_LAPSED = 15,
    OUTCOME_UNSATISFIED = 16
};

/* Window of one side: to comment on a draft, to appeal against a decision. */
enum intake_window {
    WINDOW_NONE = 0,
    WINDOW_WAITING, /* for proved or deemed service of the paper */
    WINDOW_OPEN,    /* its clock runs or stands still */
    WINDOW_WAIVED,
    WINDOW_LAPSED,
    WINDOW_USED,
};

/* Goods that are to come back before money is paid: whom they wait for. */
enum intake_return {
    RETURN_NONE = 0,
    RETURN_SHIP,    /* C: sends them, or the remedy lapses */
    RETURN_INSPECT, /* M: receives and inspects them, or they count as in order */
    RETURN_CHECK,   /* A: checks what M disputes, or they count as in order */
    RETURN_OVER,
};
enum { CONDITION_IN_ORDER = 1 };                                  /* disputes.gateway.v1.ReturnCondition */
enum { VERDICT_STANDS = 1, VERDICT_CUT = 2, VERDICT_WAIVED = 3 }; /* disputes.console.v1.ReturnVerdict */

enum intake_clock_state { MIRROR_LIVE = 1, MIRROR_PAUSED = 2, MIRROR_ENDED = 3 };

/* The docket's mirror of one clock. The docket opens and ends it itself; sla adds due time and generation. */
struct intake_clock {
    int32_t kind, side;
    int64_t cause;  /* sequence of the entry it runs from */
    int32_t state;  /* enum intake_clock_state */
    int64_t due_ms; /* 0 until sla has said it */
    int32_t generation;
    int64_t paper; /* K_service: sequence of the paper; K_comment, K_appeal: of the draft or decision */
};

#define INTAKE_CLOCKS_MAX 64

/* A draft, decision, award or agreement: who is liable, what is owed. */
struct intake_ruling {
    struct dsp_str id; /* empty: made from the entry that carries it */
    int32_t liability;
    int32_t merchant_percent;
    int32_t remedy;
    int64_t amount_minor;
};

/* What the docket keeps of a case (docs/MACHINE.md, 1.3): all guards read only this. */
struct intake_docket {
    int32_t stage; /* enum intake_stage */
    int32_t generation;
    int64_t seq; /* last log entry */
    struct dsp_str consumer_id, merchant_id;
    int32_t order_line, reason, remedy;
    int64_t amount_minor, paid_minor;
    int64_t filed_ms, received_ms, promised_ms;
    struct dsp_str consumer_clause, merchant_clause;
    bool file_complete;
    bool supplement_used;
    bool refiled;
    int32_t acted_before; /* so many of the staff had acted when it was filed again */
    int64_t rejected_seq; /* entry that refused the filing; 0 = none */
    bool m_replied, m_position, m_refused, c_spoke, m_first_breached, adverse;
    int32_t basis, outcome;
    int64_t ruling_seq; /* entry that carries the decision or award in force */
    int32_t liability, ruling_remedy;
    int64_t ruling_minor;
    int32_t window_consumer, window_merchant; /* enum intake_window */
    bool referral_used, m_answered_there;
    int32_t duties_open;
    int32_t payouts_sent;
    bool consumer_feedback, merchant_feedback;
    int32_t enforce_rearmed;
    int32_t platform_breaches;
    /* talk */
    int32_t offers_consumer, offers_merchant; /* made in this generation */
    /* hearing */
    struct dsp_str assignee; /* the named agent; empty: nobody yet */
    int32_t rounds_opened, rounds_sealed;
    int32_t seal_result; /* of the last seal: enum intake_rule_result */
    bool rule_signed, round_signed, draft_signed;
    bool invest_breached;
    int64_t draft_seq; /* entry that carries the draft; 0 = none */
    struct dsp_str draft_author;
    struct intake_ruling draft;
    int32_t comment_consumer, comment_merchant; /* enum intake_window */
    bool comment_reopened;
    int32_t finalise_breaches;
    /* decision */
    struct dsp_str ruling_id;
    int32_t merchant_percent;
    int32_t appellant; /* role; 0 = none */
    bool joined, remand_used, election_only;
    bool appealed_consumer, appealed_merchant; /* own appeal used, in whichever decision of this generation */
    /* arbitration */
    struct dsp_str consent_consumer, consent_merchant;   /* clause ids */
    struct dsp_str declared_consumer, declared_merchant; /* terms of a settlement that a side declared */
    int32_t arb_ack_breaches;
    int64_t prior_seq; /* decision that an ended referral revives; 0 = none */
    /* performance */
    int32_t return_leg; /* enum intake_return */
    int64_t perform_ms; /* term of an agreement whose money waits for goods; 0 = by the policy */
    bool performed, rescind_consumer, rescind_merchant, rescission_used;
    int32_t hold_breaches;
};

/* Values of disputes.investigation.v1.RuleResult. */
enum intake_rule_result { RULE_NONE = 1, RULE_FOUND = 2, RULE_COSIGN = 3 };

/* An act that waits for its finding: the clock whose breach it holds back, if any. */
struct intake_wait {
    int64_t sequence;
    int64_t time_ms;
    int32_t kind, side;
};
#define INTAKE_WAITS_MAX 16
/* How long an unanswered act holds back a breach (docs/MACHINE.md 1.2). */
#define INTAKE_WAIT_MS (24 * INT64_C(3600000))

#define INTAKE_PEOPLE_MAX 64 /* members of staff who act in one case */
#define INTAKE_PANEL_MAX 7
#define INTAKE_OFFERS_MAX 5 /* of one side in one generation */
#define INTAKE_ROUNDS_MAX 3 /* without a reviewer's signature */

/* Pinned by the filing date. Start values where the platform publishes nothing. */
struct intake_policy {
    int64_t default_cap_minor;
    int64_t rule_cosign_minor;
    int64_t high_value_minor;
    int64_t finalise_limit_minor;
    int64_t filing_window_ms;
    bool agent_admits;
    uint32_t fast_track_reasons;         /* bit per reason */
    const struct dsp_calendar *calendar; /* NULL: none published */
};
extern const struct intake_policy INTAKE_START_POLICY;

struct intake_person {
    int32_t role;
    struct dsp_str id;
};

/* One thing that comes in. Members are set as far as the trigger has them. */
struct intake_input {
    enum intake_trigger trigger;
    enum intake_source source;
    int32_t role; /* enum intake_role */
    struct dsp_str actor_id;
    int64_t time_ms;    /* when it counts */
    int32_t generation; /* of the case, as the sender saw it; 0 = any */
    int64_t answers;    /* finding: log sequence it answers */
    int32_t remedy;
    int64_t amount_minor;
    bool currency_cny;
    bool by_person, refuses, done; /* Reply, AddEvidence */
    bool proof;                    /* DutyPerformed: a number is attached; InspectReturn: items are */
    bool waybill;                  /* DutyPerformed */
    int32_t condition, verdict;    /* InspectReturn, CheckReturn */
    int32_t score;
    struct dsp_str consumer_clause, merchant_clause;
    struct intake_clock clock; /* clock findings */
    int64_t paper;             /* ServiceProved: sequence of the paper */
    int32_t side;
    int64_t served_ms;
    bool acknowledgement;
    bool last;         /* DutyDischarged */
    int32_t award_for; /* AwardReceived: 1 consumer, 2 merchant, 3 split */
    int32_t liability;
    int32_t institution_status;
    struct dsp_str offer_id;
    int64_t offer_due_ms, perform_ms; /* OfferOpened, OfferCountered; OfferAccepted */
    bool has_ruling;
    struct intake_ruling ruling;
    size_t items;                                  /* pieces of evidence it carries */
    bool reasoned;                                 /* ground, cause or reasons are given */
    bool engine;                                   /* DecisionProposed: by the rule engine */
    uint32_t asked;                                /* NextRound, MoreEvidenceNeeded: bit per role */
    int32_t rule_result;                           /* RoundSealed */
    struct dsp_str named;                          /* Assign, SeatObserver: who; AgentReplaced: who was before */
    struct dsp_str clause;                         /* consents */
    struct dsp_str terms;                          /* DeclareSettlement: hash and ruling, empty = no hash */
    bool about_round;                              /* CoSign: of a further round */
    int32_t votes_for, votes_against;              /* DecideAppeal */
    struct intake_person people[INTAKE_PANEL_MAX]; /* who signs too; AgentAssigned, AgentReplaced: who is named */
    size_t people_count;
    const struct intake_docket *filing; /* FileComplaint: the facts of the new case */
    const struct intake_clock *armed;   /* ClocksArmed */
    size_t armed_count;
};

/* Refusal codes of docs/MACHINE.md 1.2, in the order in which they are checked. */
enum intake_refusal {
    REFUSAL_NONE = 0,
    REFUSAL_CASE_UNKNOWN,
    REFUSAL_ID_REUSED,
    REFUSAL_STALE,
    REFUSAL_NOT_IN_THIS_STAGE,
    REFUSAL_NOT_YOUR_ROLE,
    REFUSAL_NOT_ASSIGNED,
    REFUSAL_CONFLICT_OF_INTEREST,
    REFUSAL_DEADLINE_PASSED,
    REFUSAL_WINDOW_NOT_OPEN,
    REFUSAL_LIMIT_REACHED,
    REFUSAL_OUTSIDE_FILING_WINDOW,
    REFUSAL_NOT_YOUR_ORDER,
    REFUSAL_CONSENT_MISSING,
    REFUSAL_CLOCK_STOPPED,
    REFUSAL_GUARD_FAILED,
    REFUSAL_COUNT,
};

struct intake_refusal_text {
    const char *code;
    const char *zh;
    const char *en;
};
extern const struct intake_refusal_text INTAKE_REFUSALS[REFUSAL_COUNT];

/* Names of guards and effects as the table prints them; functions in guards.c and effects.c. */
struct intake_case;
struct intake_draft;
struct intake_guard {
    const char *name;
    enum intake_refusal refusal;
    bool of_content; /* asks what the command says, which is not known before it is there */
    bool (*holds)(const struct intake_case *c, const struct intake_input *input);
};
struct intake_effect {
    const char *name;
    void (*apply)(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft);
};

#define INTAKE_ROW_GUARDS 6
#define INTAKE_ROW_EFFECTS 10

/* One cell of the machine. */
struct intake_row {
    const char *id;  /* T16, E27 */
    uint32_t stages; /* bit per stage */
    enum intake_trigger trigger;
    int32_t clock;    /* ClockBreached: which; 0 = any */
    uint32_t who;     /* bit per role */
    uint32_t sources; /* bit per source */
    const struct intake_guard *guards[INTAKE_ROW_GUARDS];
    int32_t to; /* enum intake_stage; 0 = stays */
    enum intake_entry entry;
    const struct intake_effect *effects[INTAKE_ROW_EFFECTS];
};
extern const struct intake_row INTAKE_MACHINE[];
extern const size_t INTAKE_MACHINE_ROWS;

/* What happens to a clock: values of disputes.case.v1.ClockOp. */
enum intake_clock_op { OP_START = 1, OP_MEET, OP_CANCEL, OP_PAUSE, OP_RESUME, OP_BREACH };

struct intake_clock_effect {
    int32_t op; /* enum intake_clock_op */
    int32_t kind, side;
    int64_t cause;
    int64_t from_ms;
    int64_t paper;
    bool short_budget;
    int64_t budget_ms; /* of its own; 0 = by the policy */
};

/* Values of disputes.case.v1.DutyKind. */
enum { DUTY_PAY = 1, DUTY_RETURN_GOODS = 2 };

struct intake_duty {
    int32_t kind, side;
    int64_t amount_minor;
    bool due;
};

enum {
    FOLLOW_UP_NONE = 0,
    FOLLOW_UP_TRIAGE = 1,
    FOLLOW_UP_ADMISSION = 2,
    FOLLOW_UP_WINDOWS_SHUT = 3,
    FOLLOW_UP_ALL_DISCHARGED = 4
};

/* An entry as the table makes it; the handler adds ids, hash and content. */
struct intake_draft {
    const struct intake_row *row; /* NULL: a refusal */
    enum intake_entry entry;
    int32_t stage_before, stage_after;
    int64_t sequence;
    int32_t basis, outcome; /* set by this entry, else 0 */
    bool late;
    bool has_ruling;
    struct intake_ruling ruling;
    struct intake_clock_effect clocks[INTAKE_CLOCKS_MAX];
    size_t clock_count;
    struct intake_duty duties[2];
    size_t duty_count;
    enum intake_refusal refusal;
    const char *guard; /* REFUSAL_GUARD_FAILED: which */
    int32_t follow_up; /* this entry is one: FOLLOW_UP_* */
    int32_t next[2];   /* follow-ups to try after this entry */
    size_t next_count;
};

/* A case while it is being decided. */
struct intake_case {
    struct intake_docket docket;
    struct intake_clock clocks[INTAKE_CLOCKS_MAX];
    size_t clock_count;
    struct intake_wait waits[INTAKE_WAITS_MAX];
    size_t wait_count;
    struct dsp_str acted[INTAKE_PEOPLE_MAX]; /* staff whose acts stand in the log */
    size_t acted_count;
    struct dsp_str panel[INTAKE_PANEL_MAX];
    size_t panel_count;
    const struct intake_policy *policy;
};

/* Most entries that one input can make: the cause and its follow-ups. */
#define INTAKE_DRAFTS_MAX 6

/* Decides one input: at least one draft, the first for the input itself, the rest follow-ups. The case is
 * changed as the drafts say; a refusal changes nothing but the sequence. */
size_t intake_decide(struct intake_case *c, const struct intake_input *input,
                     struct intake_draft ret_drafts[INTAKE_DRAFTS_MAX]);
/* Only the verdict, without any change: whether a row would take it. */
enum intake_refusal intake_would(const struct intake_case *c, const struct intake_input *input,
                                 const struct intake_row **ret_row, const char **ret_guard);

/* Commands that somebody (role, id, time) may give now, with the due time that bounds each (0 = none). */
struct intake_allowed {
    const char *action;
    int64_t due_ms;
};
size_t intake_allowed_actions(const struct intake_case *c, const struct intake_input *who,
                              struct intake_allowed *ret_list, size_t most);

/* clock helpers shared by guards and effects; NULL = none. */
/* The first of a kind that has not ended, paused or not; side 0: of any side. `live` for one that is to be changed. */
const struct intake_clock *intake_clock_running(const struct intake_case *c, int32_t kind, int32_t side);
struct intake_clock *intake_clock_live(struct intake_case *c, int32_t kind, int32_t side);
const struct intake_clock *intake_clock_find(const struct intake_case *c, int32_t kind, int32_t side, int64_t cause);

/* A clock has run out: ClockBreached, or OfferExpired for K_offer. */
bool intake_is_breach(const struct intake_input *input);

const char *intake_stage_name(int stage);
const char *intake_trigger_name(int trigger);
/* By its name in the machine; TRIGGER_UNKNOWN when no row names it. */
enum intake_trigger intake_trigger_of(const char *name);
/* The whole table, for people and as a JSON array (new reference). */
void intake_print_machine(FILE *out);
json_t *intake_machine_json(void);

#endif
