/* The docket: what stands in a case's file, and the one table that says what may happen to it.
 * Pure: no clock, no randomness, no I/O. Times are domain milliseconds, money is fen.
 *   domain/machine.c  the table: stage × trigger → who, guards, next stage, entry, effects
 *   domain/guards.c   the guards it names        domain/effects.c  the effects it names
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
enum { REASON_RETURN_7D = 3, REASON_QUALITY = 5 };
enum { REMEDY_NONE = 1, REMEDY_REFUND = 2, REMEDY_STATUTORY_MULTIPLE = 7 };
enum { LIABILITY_NONE = 1, LIABILITY_MERCHANT = 2 };
enum { BASIS_NONE = 0, BASIS_MERCHANT_ACCEPTED = 1, BASIS_DEFAULT = 3, BASIS_AWARD = 7 };
enum {
    OUTCOME_NONE = 0,
    OUTCOME_WITHDRAWN = 9,
    OUTCOME_DISMISSED = 13,
    OUTCOME_AWARD_MERCHANT = 14,
    OUTCOME_UNSATISFIED = 16
};

/* Everything that can happen. Commands, findings and follow-ups share one name space, that of the machine. A
 * message that is not in this list has no row yet and is refused NOT_IN_THIS_STAGE. */
#define INTAKE_TRIGGERS(X)                       \
    X(FILE_COMPLAINT, "FileComplaint")           \
    X(TRIAGE_STARTED, "TriageStarted")           \
    X(ADMIT, "Admit")                            \
    X(REFER_DIRECT, "ReferDirect")               \
    X(WITHDRAW, "Withdraw")                      \
    X(ACCEPT_CLAIM, "AcceptClaim")               \
    X(REPLY, "Reply")                            \
    X(SAY, "Say")                                \
    X(ADD_EVIDENCE, "AddEvidence")               \
    X(WAIVE_APPEAL, "WaiveAppeal")               \
    X(DUTY_PERFORMED, "DutyPerformed")           \
    X(ANSWER_FEEDBACK, "AnswerFeedback")         \
    X(REPORT_FACT, "ReportFact")                 \
    X(CLOCK_BREACHED, "ClockBreached")           \
    X(CLOCKS_ARMED, "ClocksArmed")               \
    X(CLOCK_MOVED, "ClockMoved")                 \
    X(CLOCK_PAUSED, "ClockPaused")               \
    X(CLOCK_RESUMED, "ClockResumed")             \
    X(CLOCK_RUNG_REACHED, "ClockRungReached")    \
    X(EVIDENCE_REGISTERED, "EvidenceRegistered") \
    X(EVIDENCE_REFUSED, "EvidenceRefused")       \
    X(AGENT_ASSIGNED, "AgentAssigned")           \
    X(INSTITUTION_STATUS, "InstitutionStatus")   \
    X(AWARD_RECEIVED, "AwardReceived")           \
    X(REFERRAL_SENT, "ReferralSent")             \
    X(FEE_MOVED, "FeeMoved")                     \
    X(DUTY_VERIFIED, "DutyVerified")             \
    X(DUTY_REJECTED, "DutyRejected")             \
    X(DUTY_SUBSTITUTED, "DutySubstituted")       \
    X(DUTY_DISCHARGED, "DutyDischarged")         \
    X(FUND_RESERVED, "FundReserved")             \
    X(RESERVE_REFUSED, "ReserveRefused")         \
    X(RESERVATION_VOIDED, "ReservationVoided")   \
    X(RECOVERY_OPENED, "RecoveryOpened")         \
    X(RECOVERY_DEMANDED, "RecoveryDemanded")     \
    X(RECOVERY_RECEIVED, "RecoveryReceived")     \
    X(RECOVERY_CLOSED, "RecoveryClosed")         \
    X(SANCTION_APPLIED, "SanctionApplied")       \
    X(SANCTION_LIFTED, "SanctionLifted")         \
    X(PAYOUT_SENT, "PayoutSent")                 \
    X(PAYOUT_HELD, "PayoutHeld")                 \
    X(PAYOUT_CONFIRMED, "PayoutConfirmed")       \
    X(PAYOUT_FAILED, "PayoutFailed")             \
    X(PAYMENT_REVERSED, "PaymentReversed")       \
    X(SERVICE_PROVED, "ServiceProved")           \
    X(SERVICE_FAILED, "ServiceFailed")           \
    X(PARTY_UNREACHABLE, "PartyUnreachable")

#define INTAKE_TRIGGER_ENUM(constant, name) TRIGGER_##constant,
enum intake_trigger { TRIGGER_UNKNOWN = 0, INTAKE_TRIGGERS(INTAKE_TRIGGER_ENUM) TRIGGER_COUNT };

/* Values of disputes.case.v1.EntryType that rows name. */
enum intake_entry {
    ENTRY_COMPLAINT_FILED = 1,
    ENTRY_TRIAGE_STARTED = 2,
    ENTRY_COMPLAINT_WITHDRAWN = 8,
    ENTRY_CASE_ADMITTED = 10,
    ENTRY_CASE_FAST_TRACKED = 11,
    ENTRY_CASE_REFERRED = 12,
    ENTRY_CLAIM_ACCEPTED = 13,
    ENTRY_DEFAULT_JUDGMENT_ENTERED = 17,
    ENTRY_POSITION_MISSED = 18,
    ENTRY_DECISION_BINDING = 29,
    ENTRY_INSTITUTION_STATUS = 34,
    ENTRY_AWARD_RECEIVED = 35,
    ENTRY_DUTY_PERFORMED = 41,
    ENTRY_PERFORMANCE_MISSED = 42,
    ENTRY_ALL_DUTIES_DISCHARGED = 43,
    ENTRY_DECLARED_UNCOLLECTABLE = 45,
    ENTRY_CASE_ARCHIVED = 46,
    ENTRY_ACT = 60,
    ENTRY_FINDING = 61,
    ENTRY_COMMAND_REFUSED = 62,
    ENTRY_FINDING_REFUSED = 63,
};

/* Appeal window of one side. */
enum intake_window {
    WINDOW_NONE = 0,
    WINDOW_WAITING, /* for proved or deemed service of the decision */
    WINDOW_OPEN,    /* its K_appeal runs */
    WINDOW_WAIVED,
    WINDOW_LAPSED,
    WINDOW_USED,
};

enum intake_clock_state { MIRROR_LIVE = 1, MIRROR_PAUSED = 2, MIRROR_ENDED = 3 };

/* The docket's mirror of one clock. The docket opens and ends it itself; sla adds due time and generation. */
struct intake_clock {
    int32_t kind, side;
    int64_t cause;  /* sequence of the entry it runs from */
    int32_t state;  /* enum intake_clock_state */
    int64_t due_ms; /* 0 until sla has said it */
    int32_t generation;
    int64_t paper; /* K_service: sequence of the paper; K_appeal: of the decision */
};

#define INTAKE_CLOCKS_MAX 64

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
};

/* Pinned by the filing date. Start values where the platform publishes nothing. */
struct intake_policy {
    int64_t default_cap_minor;
    int64_t filing_window_ms;
    bool agent_admits;
    uint32_t fast_track_reasons;         /* bit per reason */
    const struct dsp_calendar *calendar; /* NULL: none published */
};
extern const struct intake_policy INTAKE_START_POLICY;

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
    bool proof;                    /* DutyPerformed: a number is attached */
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
    bool (*holds)(const struct intake_case *c, const struct intake_input *input);
};
struct intake_effect {
    const char *name;
    void (*apply)(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft);
};

#define INTAKE_ROW_GUARDS 6
#define INTAKE_ROW_EFFECTS 9

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
};

/* Values of disputes.case.v1.DutyKind. */
enum { DUTY_PAY = 1 };

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
    int32_t liability, ruling_remedy;
    int64_t ruling_minor;
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

/* Commands that a role may give now, with the due time that binds it (0 = none). */
struct intake_allowed {
    const char *action;
    int64_t due_ms;
};
size_t intake_allowed_actions(const struct intake_case *c, int32_t role, struct intake_allowed *ret_list, size_t most);

/* clock helpers shared by guards and effects; NULL = none. */
struct intake_clock *intake_clock_live(struct intake_case *c, int32_t kind, int32_t side);
const struct intake_clock *intake_clock_find(const struct intake_case *c, int32_t kind, int32_t side, int64_t cause);

const char *intake_stage_name(int stage);
const char *intake_trigger_name(int trigger);
/* By its name in the machine; TRIGGER_UNKNOWN when no row names it. */
enum intake_trigger intake_trigger_of(const char *name);
/* The whole table, for people and as a JSON array (new reference). */
void intake_print_machine(FILE *out);
json_t *intake_machine_json(void);

#endif
