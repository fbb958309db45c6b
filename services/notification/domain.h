/* Who hears what, by which way, and when it counts as served. Pure: no clock, no I/O.
 * matrix.c says who is told of an entry, ladder.c how a message climbs down its rungs, templates.c what it
 * says (docs/MACHINE.md, section 7.7). Times are domain milliseconds. */
#ifndef NTF_DOMAIN_H
#define NTF_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/str.h"

/* Values of disputes.common.v1.Role; the codec checks that they agree. */
enum ntf_side { NTF_SIDE_NONE = 0, NTF_SIDE_CONSUMER = 1, NTF_SIDE_MERCHANT = 2 };

/* A set of sides. */
#define NTF_BIT(side) (1u << (side))
#define NTF_CONSUMER NTF_BIT(NTF_SIDE_CONSUMER)
#define NTF_MERCHANT NTF_BIT(NTF_SIDE_MERCHANT)
#define NTF_BOTH (NTF_CONSUMER | NTF_MERCHANT)

/* Names of entries. Up to CASE_REOPENED the values are those of disputes.case.v1.EntryType; what stands there as
 * ACT or FINDING has values of its own. Stored: only ever added to. */
enum ntf_kind {
    NTF_KIND_NONE = 0, /* nobody is told */
    NTF_KIND_COMPLAINT_FILED = 1,
    NTF_KIND_TRIAGE_STARTED,
    NTF_KIND_CASE_MERGED,
    NTF_KIND_CASE_UNMERGED,
    NTF_KIND_INFO_REQUESTED,
    NTF_KIND_INFO_SUPPLIED,
    NTF_KIND_COMPLAINT_ABANDONED,
    NTF_KIND_COMPLAINT_WITHDRAWN,
    NTF_KIND_FILING_REJECTED,
    NTF_KIND_CASE_ADMITTED,
    NTF_KIND_CASE_FAST_TRACKED,
    NTF_KIND_CASE_REFERRED,
    NTF_KIND_CLAIM_ACCEPTED,
    NTF_KIND_OFFER_ACCEPTED,
    NTF_KIND_CLAIM_CONTESTED,
    NTF_KIND_PLATFORM_REQUESTED,
    NTF_KIND_DEFAULT_JUDGMENT_ENTERED,
    NTF_KIND_POSITION_MISSED,
    NTF_KIND_ROUND_OPENED,
    NTF_KIND_RULE_FOUND,
    NTF_KIND_ROUNDS_CLOSED,
    NTF_KIND_ROUND_SEALED,
    NTF_KIND_DECISION_PROPOSED,
    NTF_KIND_COMMENT_MADE,
    NTF_KIND_DRAFT_REOPENED,
    NTF_KIND_DECISION_FINAL,
    NTF_KIND_APPEAL_FILED,
    NTF_KIND_SET_ASIDE_REQUESTED,
    NTF_KIND_DECISION_BINDING,
    NTF_KIND_APPEAL_DECIDED,
    NTF_KIND_APPEAL_REMANDED,
    NTF_KIND_APPEAL_WITHDRAWN,
    NTF_KIND_APPEAL_LAPSED,
    NTF_KIND_INSTITUTION_STATUS,
    NTF_KIND_AWARD_RECEIVED,
    NTF_KIND_SETTLED_IN_ARBITRATION,
    NTF_KIND_REFERRAL_ENDED,
    NTF_KIND_SETTLEMENT_PERFORMED,
    NTF_KIND_SETTLEMENT_DEFAULTED,
    NTF_KIND_SETTLEMENT_RESCINDED,
    NTF_KIND_DUTY_PERFORMED,
    NTF_KIND_PERFORMANCE_MISSED,
    NTF_KIND_ALL_DUTIES_DISCHARGED,
    NTF_KIND_REMEDY_LAPSED,
    NTF_KIND_DECLARED_UNCOLLECTABLE,
    NTF_KIND_CASE_ARCHIVED,
    NTF_KIND_CASE_REFILED,
    NTF_KIND_CASE_REOPENED,
    /* acts of section 4 */
    NTF_KIND_JOIN_APPEAL = 60,
    NTF_KIND_INSPECT_RETURN,
    NTF_KIND_CHECK_RETURN,
    /* findings of section 4 */
    NTF_KIND_CLOCK_MOVED = 70,
    NTF_KIND_CLOCK_RUNG_REACHED,
    NTF_KIND_OFFER_OPENED,
    NTF_KIND_OFFER_COUNTERED,
    NTF_KIND_OFFER_REJECTED,
    NTF_KIND_OFFER_RETRACTED,
    NTF_KIND_OFFER_EXPIRED,
    NTF_KIND_OFFER_REFUSED,
    NTF_KIND_REFERRAL_SENT,
    NTF_KIND_FEE_MOVED,
    NTF_KIND_DUTY_REJECTED,
    NTF_KIND_PAYOUT_SENT,
    NTF_KIND_PAYOUT_HELD,
    NTF_KIND_PAYOUT_CONFIRMED,
    NTF_KIND_PAYOUT_FAILED,
    NTF_KIND_RECOVERY_OPENED,
    NTF_KIND_RECOVERY_DEMANDED,
    NTF_KIND_RECOVERY_RECEIVED,
    NTF_KIND_RECOVERY_CLOSED,
    NTF_KIND_SANCTION_APPLIED,
    NTF_KIND_SANCTION_LIFTED,
    NTF_KIND_COUNT,
};

const char *ntf_kind_name(int kind); /* "ComplaintFiled"; NULL: no such kind */

/* --- matrix --- */

/* What the matrix asks about an entry. */
struct ntf_news {
    enum ntf_kind kind;
    bool moved;              /* the stage changed */
    bool before_admission;   /* the stage it left, or stands in, is SCREENING or SUPPLEMENT */
    enum ntf_side actor;     /* who acted; NONE: staff or system */
    enum ntf_side answered;  /* side of the act that it answers; NONE: no such act */
    enum ntf_side concerned; /* whose clock, whose fee */
    unsigned asked;          /* sides asked for evidence */
    int64_t amount_minor;    /* of a ruling or payment, 0 = none, or the terms of an offer: never in a message */
    int64_t due_ms;          /* deadline that the entry itself states, 0 = none */
    int32_t percent;         /* of a rung */
    bool closed;             /* the case is CLOSED now */
    bool by_machine;         /* a draft or decision that no person has made */
    int32_t status;          /* disputes.arbitration.v1.Status, of InstitutionStatus */
    struct dsp_str date;     /* YYYY-MM-DD, of a hearing; empty = none */
    char *const *missing;    /* what a consumer is asked to supply, borrowed from the entry */
    size_t missing_count;
};

struct ntf_told {
    unsigned sides;
    bool paper;           /* needs proof of service */
    bool acknowledgement; /* of the filing: handing over is enough */
    bool reminder;
};

/* Who is told of an entry. `merchant_knows`: the merchant knows the case, this entry included. */
struct ntf_told ntf_tell(const struct ntf_news *news, bool merchant_knows);
/* Whether an entry makes the case known to the merchant. */
bool ntf_introduces(enum ntf_kind kind);

/* --- ladder --- */

/* Values of disputes.notification.v1.Rung; the codec checks that they agree. */
enum ntf_rung {
    NTF_RUNG_NONE = 0,
    NTF_RUNG_DOCKET = 1, /* no push: every message stands there from the start */
    NTF_RUNG_SUBSCRIPTION,
    NTF_RUNG_CUSTOMER_SERVICE,
    NTF_RUNG_SMS,
    NTF_RUNG_WEBHOOK,
    NTF_RUNG_CALL,
    NTF_RUNG_COUNT,
};

/* What each state waits for and what ends it. */
enum ntf_state {
    NTF_STATE_QUEUED = 1, /* a channel to take it, a retry or the morning */
    NTF_STATE_SENT,       /* the side to open or acknowledge it; may wait for ever */
    NTF_STATE_SERVED,     /* end */
    NTF_STATE_REFUSED,    /* passing, inside one decision: the next rung, or the end of the ladder */
    NTF_STATE_DEAD,       /* no push is left; opening it in the docket still serves it */
    NTF_STATE_COUNT,
};

enum ntf_input {
    NTF_INPUT_START,  /* the first rung is looked for */
    NTF_INPUT_TAKEN,  /* the channel has taken it */
    NTF_INPUT_REFUSE, /* the channel refuses it for good */
    NTF_INPUT_FAIL,   /* a passing failure */
    NTF_INPUT_READ,   /* opened in the docket, or acknowledged by the merchant's system */
    NTF_INPUT_COUNT,
};

/* Rungs that can be used for this message now: bits of enum ntf_rung. What is not configured, has no address
 * or no consent is missing. */
typedef unsigned ntf_rungs; /* a plain set, no struct */

struct ntf_delivery {
    enum ntf_side side;
    enum ntf_state state;
    enum ntf_rung rung;
    bool paper;
    bool acknowledgement;
    int64_t sent_ms;
    int64_t served_ms;
};

struct ntf_effect {
    bool changed;
    bool push;   /* hand it to delivery->rung */
    bool retry;  /* the same call again, later */
    bool proved; /* say ServiceProved */
    bool failed; /* say ServiceFailed */
};

/* Folds one input at an instant; `rung` is where a READ happened. An input that the state forbids changes
 * nothing. */
struct ntf_effect ntf_decide(struct ntf_delivery *delivery, enum ntf_input input, enum ntf_rung rung, ntf_rungs usable,
                             int64_t now_ms);
/* First usable rung below `after` on the side's ladder; NONE: no rung is left. */
enum ntf_rung ntf_next_rung(enum ntf_side side, enum ntf_rung after, ntf_rungs usable);

/* Tries of one message on one rung, and how long to wait after so many; 0 = give the rung up. */
#define NTF_TRIES_MAX 12
int64_t ntf_retry_after_ms(int32_t tries);

/* What an answer of the outside means. */
enum ntf_outcome {
    NTF_OUTCOME_TAKEN,
    NTF_OUTCOME_REFUSED,    /* for good */
    NTF_OUTCOME_NO_CONSENT, /* for good, and the next one too */
    NTF_OUTCOME_TOKEN,      /* another access token is needed */
    NTF_OUTCOME_FAILED,     /* passing */
};
/* `has_code` false: the body was no answer of the API. */
enum ntf_outcome ntf_subscription_outcome(int status, bool has_code, int64_t errcode);
/* `tries` counts this one. */
enum ntf_outcome ntf_webhook_outcome(int status, int32_t tries);

/* Consents of a consumer for one template: -1 = not counted, as good as unlimited. */
#define NTF_CONSENT_UNCOUNTED (-1)
/* Whether a message may spend one; the last one is kept for a paper. */
bool ntf_may_spend(int32_t quota, bool reminder);
int32_t ntf_consent_granted(int32_t quota, int32_t count);
int32_t ntf_consent_spent(int32_t quota);

/* Quiet hours are 22:00 to 08:00 in China: the morning that a reminder waits for, 0 = it does not wait. The last
 * warning (90 %) and one whose deadline comes first never wait. */
int64_t ntf_quiet_until(int64_t now_ms, int32_t percent, int64_t due_ms);

/* So many dead papers in a row: the side is not reached by anything. */
#define NTF_UNREACHABLE_PAPERS 3

const char *ntf_state_name(int state);
const char *ntf_rung_name(int rung);

/* --- templates --- */

/* Characters of the fields of a subscription message (WECHAT.md 5.2). */
#define NTF_THING_MAX 20
#define NTF_CHARACTER_STRING_MAX 32

/* Subscription templates; a deployment maps the names to ids of its mini-program. */
enum ntf_template {
    NTF_TEMPLATE_ACKNOWLEDGEMENT, /* 投诉受理通知 */
    NTF_TEMPLATE_PROGRESS,        /* 投诉进度通知 */
    NTF_TEMPLATE_PAPER,           /* 处理文书送达通知 */
    NTF_TEMPLATE_REMINDER,        /* 处理时限提醒 */
    NTF_TEMPLATE_COUNT,
};
const char *ntf_template_name(enum ntf_template template);
enum ntf_template ntf_template_of(const struct ntf_told *told);

/* Budgets and limits that a text states, out of the pinned policy. */
struct ntf_deadlines {
    int64_t screen_ms;         /* the platform admits or answers */
    int64_t m_first_ms;        /* the merchant's first reply */
    int64_t m_position_ms;     /* the merchant's position */
    int64_t rule_cosign_minor; /* up to it a rule decides without anybody's signature */
};
/* Start values of docs/MACHINE.md, 6.1. `refund_reason`: the short variant. */
struct ntf_deadlines ntf_start_deadlines(bool refund_reason);
/* Whether a reason (disputes.common.v1.Reason) counts as one of a refund. */
bool ntf_is_refund_reason(int reason);

struct ntf_text {
    struct dsp_str title; /* at most NTF_THING_MAX characters */
    struct dsp_str text;  /* as it stands in the docket */
    struct dsp_str hint;  /* at most NTF_THING_MAX characters */
};
/* zh-CN; lives in `arena`. REJECT ARENA_FULL; FIELD_INVALID: nobody is told of this kind. */
DSP_MUST_USE struct dsp_err ntf_compose(struct dsp_arena *arena, const struct ntf_news *news,
                                        const struct ntf_told *told, enum ntf_side side,
                                        const struct ntf_deadlines *deadlines, struct ntf_text *ret_text);
/* Title of one push that stands for several reminders. */
DSP_MUST_USE struct dsp_err ntf_digest_title(struct dsp_arena *arena, size_t count, struct dsp_str *ret_title);
/* "2026年04月13日 10:00" in China; 24 bytes with the zero byte. */
#define NTF_TIME_TEXT_BYTES 64
void ntf_format_time(int64_t time_ms, char text[NTF_TIME_TEXT_BYTES]);

#endif
