/* Names that the files of the domain share: guards and effects, as the table reads them. */
#ifndef INTAKE_DOMAIN_ROOMS_H
#define INTAKE_DOMAIN_ROOMS_H

#include "intake/domain.h"

#define GUARD(constant, text, code, function) \
    const struct intake_guard constant = {.name = (text), .refusal = (code), .holds = (function)}
/* One that asks what the command says; the others ask how the case stands, and who acts. */
#define CONTENT_GUARD(constant, text, code, function) \
    const struct intake_guard constant = {.name = (text), .refusal = (code), .of_content = true, .holds = (function)}
/* Their functions. A predicate reads nothing but the docket and the input. */
#define PREDICATE(name) static bool name(const struct intake_case *c, const struct intake_input *input)
#define APPLY(name) \
    static void name(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
#define EFFECT(constant, text, function) const struct intake_effect constant = {.name = (text), .apply = (function)}

extern const struct intake_guard GUARD_ORDER_OF_CONSUMER, GUARD_FILING_WINDOW, GUARD_CLAIM_VALID, GUARD_FACTS_PRESENT,
    GUARD_RULE_ADMITS, GUARD_CLAUSES_OF_BOTH, GUARD_REMEDY_ASKED, GUARD_NO_PERSON_REPLIED, GUARD_FILE_COMPLETE,
    GUARD_WITHIN_DEFAULT_CAP, GUARD_NOT_DEFAULT_JUDGMENT, GUARD_OTHER_WINDOW_SHUT, GUARD_OTHER_WINDOW_OPEN,
    GUARD_WINDOW_OPEN, GUARD_REMEDY_OWED, GUARD_NOTHING_OWED, GUARD_PROOF_ATTACHED, GUARD_LAST_DUTY, GUARD_DUTIES_LEFT,
    GUARD_AWARD_CONSUMER, GUARD_AWARD_MERCHANT, GUARD_FEEDBACK_DUE, GUARD_SCORE_VALID, GUARD_FEEDBACK_FULL,
    GUARD_FEEDBACK_PART, GUARD_RIGHTS_OVER, GUARD_RIGHTS_RUN, GUARD_CLOCK_LIVE, GUARD_REPLY_MARKED, GUARD_FAST_TRACK,
    GUARD_EVIDENCE_ATTACHED, GUARD_PLATFORM_MAY_BE_CALLED, GUARD_M_REPLIED, GUARD_ASSIGNED, GUARD_ROUND_LIMIT,
    GUARD_ROUND_SEALED, GUARD_SIDES_ASKED, GUARD_A_ROUND_HAS_RUN, GUARD_NO_RULE_FOUND, GUARD_RULE_SIGNED,
    GUARD_LAST_SEAL, GUARD_NOT_LAST_SEAL, GUARD_RULING_COMPLETE, GUARD_DRAFT_SIGNED, GUARD_ENGINE, GUARD_NOT_ENGINE,
    GUARD_CONSENT_OF_BOTH, GUARD_NO_REFERRAL, GUARD_TARGET_BREACHED, GUARD_COMMENT_OPEN, GUARD_NOT_COMMENTED,
    GUARD_REASONED, GUARD_REOPENED_ONCE, GUARD_COMMENTS_OVER, GUARD_NOT_AUTHOR, GUARD_DRAFT_STANDS,
    GUARD_FINALISE_AGAIN, GUARD_NOT_APPEAL_BASIS, GUARD_NOT_DEFAULT_MERCHANT, GUARD_BASIS_DEFAULT, GUARD_APPEALABLE,
    GUARD_IN_PANEL, GUARD_MAJORITY, GUARD_REMAND_ONCE, GUARD_APPELLANT, GUARD_NOT_JOINED, GUARD_MAY_JOIN,
    GUARD_FIRST_ARB_ACK, GUARD_ARB_ACK_AGAIN, GUARD_NO_PRIOR, GUARD_PRIOR, GUARD_M_SILENT_THERE,
    GUARD_NOTHING_PERFORMED, GUARD_RESCIND_ONCE, GUARD_OTHER_RESCINDED, GUARD_OTHER_NOT_RESCINDED, GUARD_TWO_SIGN,
    GUARD_OFFERS_LEFT, GUARD_RECEIVER, GUARD_MAKER, GUARD_OFFER_OPEN, GUARD_CLAUSE_NAMED, GUARD_NO_CONFLICT,
    GUARD_BOTH_WINDOWS_SHUT, GUARD_IN_EVIDENCE, GUARD_OFFER_TERMS, GUARD_NO_PAYOUT_SENT, GUARD_ALL_DISCHARGED,
    GUARD_PAYOUT_OUT, GUARD_NO_PAYOUT_OUT, GUARD_FEEDBACK_OVER, GUARD_ANOTHER_RUNS, GUARD_FACTS_MISSING,
    GUARD_SUPPLEMENT_ONCE, GUARD_LIST_GIVEN, GUARD_ANOTHER_AGENT, GUARD_INADMISSIBLE, GUARD_IN_REVIEW, GUARD_MAY_REFILE,
    GUARD_IN_REFILE, GUARD_REFILED_ONCE, GUARD_TERMS_COMPLETE, GUARD_SAME_TERMS, GUARD_OTHER_TERMS, GUARD_GOODS_OUT,
    GUARD_WAYBILL, GUARD_GOODS_SENT, GUARD_IN_INSPECT, GUARD_CONDITION, GUARD_DISPUTED, GUARD_IN_CHECK, GUARD_VERDICT;

extern const struct intake_effect EFFECT_OPEN_CASE, EFFECT_START_ACK, EFFECT_START_SCREEN, EFFECT_TRY_ADMISSION,
    EFFECT_TRY_TRIAGE, EFFECT_MEET_SCREEN, EFFECT_START_MERCHANT_CLOCKS, EFFECT_PLATFORM_BREACH,
    EFFECT_START_ROUND_BOTH, EFFECT_START_ARBITRATION, EFFECT_MEET_MERCHANT_CLOCKS, EFFECT_BASIS_ACCEPTED,
    EFFECT_DUTIES_DUE, EFFECT_START_ENFORCEMENT, EFFECT_M_FIRST_BREACHED, EFFECT_DEFAULT_JUDGMENT, EFFECT_SERVE_BOTH,
    EFFECT_OPEN_WINDOWS, EFFECT_ADVERSE, EFFECT_WINDOW_LAPSED, EFFECT_WINDOW_WAIVED, EFFECT_TRY_DISCHARGED,
    EFFECT_OUTCOME_DISMISSED, EFFECT_OUTCOME_BASIS, EFFECT_OUTCOME_AWARD_MERCHANT, EFFECT_OUTCOME_WITHDRAWN,
    EFFECT_OUTCOME_UNSATISFIED, EFFECT_START_FEEDBACK, EFFECT_M_REPLIED, EFFECT_C_SPOKE, EFFECT_STATUS, EFFECT_AWARD,
    EFFECT_DUTY_MET, EFFECT_DUTY_DISCHARGED, EFFECT_PAYOUT_OUT, EFFECT_PAYOUT_ENDED, EFFECT_FEEDBACK,
    EFFECT_MIRROR_ARMED, EFFECT_MIRROR_MOVED, EFFECT_MIRROR_PAUSED, EFFECT_MIRROR_RESUMED, EFFECT_SERVED,
    EFFECT_M_ACTED, EFFECT_OFFER_MADE, EFFECT_START_OFFER, EFFECT_OFFER_ENDED, EFFECT_AGREEMENT, EFFECT_PAUSE_INVEST,
    EFFECT_ROUND_ON_CONSUMER, EFFECT_ROUND_ASKED, EFFECT_MEET_NEXT_ROUND, EFFECT_SIDE_DONE, EFFECT_ROUND_MISSED,
    EFFECT_SEALED, EFFECT_START_INVEST, EFFECT_INVEST_ANEW, EFFECT_SIGNED, EFFECT_RULE_FOUND, EFFECT_DRAFT,
    EFFECT_INVEST_BREACHED, EFFECT_COMMENTED, EFFECT_COMMENT_LAPSED, EFFECT_DRAFT_REOPENED, EFFECT_FINALISE_AGAIN,
    EFFECT_DECISION_FINAL, EFFECT_DRAFT_STANDS, EFFECT_APPEAL, EFFECT_JOINED, EFFECT_APPEAL_DECIDED, EFFECT_REMANDED,
    EFFECT_APPEAL_WITHDRAWN, EFFECT_APPEAL_LAPSED, EFFECT_CONSENT, EFFECT_REVOKE_CONSENT, EFFECT_ARB_ACK_AGAIN,
    EFFECT_REFERRAL_ENDED, EFFECT_RESUME_WINDOWS, EFFECT_OUTCOME_SETTLED, EFFECT_SETTLEMENT_DEFAULTED, EFFECT_RESCINDED,
    EFFECT_RESCISSION_ASKED, EFFECT_ASSIGNED, EFFECT_REPLACED, EFFECT_TRY_WINDOWS_SHUT, EFFECT_START_HOLD,
    EFFECT_HOLD_ENDED, EFFECT_HOLD_AGAIN, EFFECT_SERVE_DEMAND, EFFECT_SERVICE_DEEMED, EFFECT_ARM_STALE_AGAIN,
    EFFECT_ARM_ENFORCE_AGAIN, EFFECT_START_RETAIN, EFFECT_ASKED_BACK, EFFECT_SUPPLIED, EFFECT_OUTCOME_ABANDONED,
    EFFECT_REJECTED, EFFECT_REFILED, EFFECT_DECLARED, EFFECT_DUTY_REJECTED, EFFECT_GOODS_SENT, EFFECT_INSPECTED,
    EFFECT_CHECKED, EFFECT_TAKEN_IN_ORDER, EFFECT_OUTCOME_LAPSED;

/* clocks.c: what rows do to clocks. `side` 0 = of any side. */
/* Starts one from this entry; op and cause are filled in. */
void intake_start_clock(struct intake_case *c, struct intake_draft *draft, const struct intake_clock_effect *clock);
/* The same for a clock with the budget of the policy and no paper. */
void intake_start_plain(struct intake_case *c, struct intake_draft *draft, int32_t kind, int32_t side, int64_t from_ms);
void intake_end_clock(struct intake_clock *clock, struct intake_draft *draft, int32_t op);
/* The first live one of a kind. */
void intake_end(struct intake_case *c, struct intake_draft *draft, int32_t kind, int32_t side, int32_t op);
void intake_pause(struct intake_case *c, struct intake_draft *draft, int32_t kind, int32_t side);
bool intake_resume(struct intake_case *c, struct intake_draft *draft, int32_t kind, int32_t side);
void intake_leave_stage(struct intake_case *c, int32_t to, struct intake_draft *draft);
void intake_take_breach(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft);
/* R2: a clock started by a breach counts from its due instant, any other from the instant of its entry. */
int64_t intake_from(const struct intake_input *input);

/* guards.c: whether nothing can be done in a window any more; the appeal window of a side. */
bool intake_is_shut(int32_t window);
int32_t intake_appeal_window(const struct intake_case *c, int32_t side);

/* effects.c: the appeal window of a side, to be set; borrowed from the case. */
int32_t *intake_window_of(struct intake_case *c, int32_t side);

/* screening.c: whether the right of review runs or waits for service; what service of a refused filing starts. */
bool intake_review_waits(const struct intake_case *c);
void intake_start_review(struct intake_case *c, struct intake_draft *draft, int64_t paper, int64_t from_ms);

/* effects.c: a ruling in force from this entry on. */
void intake_rule(struct intake_case *c, struct intake_draft *draft, int32_t basis, const struct intake_ruling *ruling);

/* performance.c: the duties that the ruling in force brings, and the clock of who is to act first. */
void intake_start_performance(struct intake_case *c, struct intake_draft *draft, int64_t from_ms);
void intake_add_duty(struct intake_case *c, struct intake_draft *draft, bool due);

/* decide.c: a consumer or merchant of another case has no role in this one. */
bool intake_own_case(const struct intake_case *c, const struct intake_input *input);
bool intake_is_party(int32_t role);

/* allowed.c: the clock that bounds an act, and whose breach it holds back while it waits; CLOCK_NONE: none. */
int32_t intake_bound_by(enum intake_trigger trigger, int32_t role);

/* waits.c: acts that wait for a finding. */
bool intake_waits_full(const struct intake_case *c, const struct intake_input *input);
void intake_wait(struct intake_case *c, const struct intake_input *input, int64_t sequence);
/* Side of the act that still waits under this sequence; ROLE_NONE: none. */
int32_t intake_wait_side(const struct intake_case *c, int64_t sequence);
/* Whether a finding answers an act that has had its answer, or that never was. */
bool intake_answered_before(const struct intake_case *c, const struct intake_input *input);
void intake_answer(struct intake_case *c, const struct intake_input *input);
/* Whether an act that waits holds back this breach. */
bool intake_holds_back(const struct intake_case *c, const struct intake_input *input);

#endif
