/* Who is told of what: one table, the one of the acceptance stories (section 1). */
#include "notification/domain.h"

/* Whom a row names. */
enum audience {
    NOBODY = 0,
    CONSUMER,
    MERCHANT,
    BOTH,
    BOTH_ADMITTED, /* both; the consumer alone while the filing is being screened */
    OTHER,         /* the side that did not act */
    ASKED,         /* the sides asked for evidence */
    RECEIVER,      /* the other side of the act that is answered */
    SENDER,        /* the side whose act is answered */
    CONCERNED,     /* whose clock or fee it is */
};

enum { PLAIN = 0, PAPER = 1, ACKNOWLEDGEMENT = 2, REMINDER = 4 };

struct row {
    const char *name;
    enum audience told;
    enum audience unmoved; /* when the stage stays as it is */
    unsigned char flags;
};

#define LIKE(audience) (audience), (audience)

static const struct row MATRIX[NTF_KIND_COUNT] = {
    [NTF_KIND_COMPLAINT_FILED] = {"ComplaintFiled", LIKE(CONSUMER), ACKNOWLEDGEMENT},
    [NTF_KIND_TRIAGE_STARTED] = {"TriageStarted", LIKE(NOBODY), PLAIN},
    [NTF_KIND_CASE_MERGED] = {"CaseMerged", LIKE(BOTH), PLAIN},
    [NTF_KIND_CASE_UNMERGED] = {"CaseUnmerged", LIKE(BOTH), PLAIN},
    [NTF_KIND_INFO_REQUESTED] = {"InfoRequested", LIKE(CONSUMER), PAPER},
    [NTF_KIND_INFO_SUPPLIED] = {"InfoSupplied", LIKE(CONSUMER), PLAIN},
    [NTF_KIND_COMPLAINT_ABANDONED] = {"ComplaintAbandoned", LIKE(CONSUMER), PLAIN},
    [NTF_KIND_COMPLAINT_WITHDRAWN] = {"ComplaintWithdrawn", LIKE(BOTH_ADMITTED), PLAIN},
    [NTF_KIND_FILING_REJECTED] = {"FilingRejected", LIKE(CONSUMER), PAPER},
    [NTF_KIND_CASE_ADMITTED] = {"CaseAdmitted", LIKE(MERCHANT), PLAIN},
    [NTF_KIND_CASE_FAST_TRACKED] = {"CaseFastTracked", LIKE(BOTH), PLAIN},
    [NTF_KIND_CASE_REFERRED] = {"CaseReferred", LIKE(BOTH), PLAIN},
    [NTF_KIND_CLAIM_ACCEPTED] = {"ClaimAccepted", LIKE(BOTH), PLAIN},
    [NTF_KIND_OFFER_ACCEPTED] = {"OfferAccepted", LIKE(BOTH), PLAIN},
    [NTF_KIND_CLAIM_CONTESTED] = {"ClaimContested", LIKE(BOTH), PLAIN},
    [NTF_KIND_PLATFORM_REQUESTED] = {"PlatformRequested", LIKE(BOTH), PLAIN},
    [NTF_KIND_DEFAULT_JUDGMENT_ENTERED] = {"DefaultJudgmentEntered", LIKE(BOTH), PAPER},
    [NTF_KIND_POSITION_MISSED] = {"PositionMissed", LIKE(BOTH), PLAIN},
    [NTF_KIND_ROUND_OPENED] = {"RoundOpened", BOTH, ASKED, PLAIN}, /* T30; T23 */
    [NTF_KIND_RULE_FOUND] = {"RuleFound", LIKE(BOTH), PAPER},
    [NTF_KIND_ROUNDS_CLOSED] = {"RoundsClosed", LIKE(BOTH), PLAIN},
    [NTF_KIND_ROUND_SEALED] = {"RoundSealed", BOTH, NOBODY, PLAIN}, /* T26; E32 */
    [NTF_KIND_DECISION_PROPOSED] = {"DecisionProposed", LIKE(BOTH), PAPER},
    [NTF_KIND_COMMENT_MADE] = {"CommentMade", LIKE(OTHER), PLAIN},
    [NTF_KIND_DRAFT_REOPENED] = {"DraftReopened", LIKE(BOTH), PLAIN},
    [NTF_KIND_DECISION_FINAL] = {"DecisionFinal", LIKE(BOTH), PAPER},
    [NTF_KIND_APPEAL_FILED] = {"AppealFiled", LIKE(BOTH), PLAIN},
    [NTF_KIND_SET_ASIDE_REQUESTED] = {"SetAsideRequested", LIKE(BOTH), PLAIN},
    [NTF_KIND_DECISION_BINDING] = {"DecisionBinding", LIKE(BOTH), PLAIN},
    [NTF_KIND_APPEAL_DECIDED] = {"AppealDecided", LIKE(BOTH), PAPER},
    [NTF_KIND_APPEAL_REMANDED] = {"AppealRemanded", LIKE(BOTH), PLAIN},
    [NTF_KIND_APPEAL_WITHDRAWN] = {"AppealWithdrawn", LIKE(BOTH), PLAIN},
    [NTF_KIND_APPEAL_LAPSED] = {"AppealLapsed", LIKE(BOTH), PLAIN},
    [NTF_KIND_INSTITUTION_STATUS] = {"InstitutionStatus", LIKE(BOTH), PLAIN},
    [NTF_KIND_AWARD_RECEIVED] = {"AwardReceived", LIKE(BOTH), PAPER},
    [NTF_KIND_SETTLED_IN_ARBITRATION] = {"SettledInArbitration", LIKE(BOTH), PLAIN},
    [NTF_KIND_REFERRAL_ENDED] = {"ReferralEnded", LIKE(BOTH), PLAIN},
    [NTF_KIND_SETTLEMENT_PERFORMED] = {"SettlementPerformed", LIKE(BOTH), PLAIN},
    [NTF_KIND_SETTLEMENT_DEFAULTED] = {"SettlementDefaulted", LIKE(BOTH), PLAIN},
    [NTF_KIND_SETTLEMENT_RESCINDED] = {"SettlementRescinded", LIKE(BOTH), PLAIN},
    [NTF_KIND_DUTY_PERFORMED] = {"DutyPerformed", LIKE(OTHER), PLAIN}, /* T48 is the merchant's: the consumer */
    [NTF_KIND_PERFORMANCE_MISSED] = {"PerformanceMissed", LIKE(BOTH), PLAIN},
    [NTF_KIND_ALL_DUTIES_DISCHARGED] = {"AllDutiesDischarged", LIKE(BOTH), PLAIN},
    [NTF_KIND_REMEDY_LAPSED] = {"RemedyLapsed", LIKE(BOTH), PLAIN},
    [NTF_KIND_DECLARED_UNCOLLECTABLE] = {"DeclaredUncollectable", LIKE(BOTH), PLAIN},
    [NTF_KIND_CASE_ARCHIVED] = {"CaseArchived", LIKE(BOTH), PLAIN},
    [NTF_KIND_CASE_REFILED] = {"CaseRefiled", LIKE(CONSUMER), PLAIN},
    [NTF_KIND_CASE_REOPENED] = {"CaseReopened", LIKE(BOTH), PLAIN},
    [NTF_KIND_JOIN_APPEAL] = {"JoinAppeal", LIKE(OTHER), PLAIN},
    [NTF_KIND_INSPECT_RETURN] = {"InspectReturn", LIKE(OTHER), PLAIN},
    [NTF_KIND_CHECK_RETURN] = {"CheckReturn", LIKE(BOTH), PLAIN},
    [NTF_KIND_CLOCK_MOVED] = {"ClockMoved", LIKE(BOTH), PLAIN},
    [NTF_KIND_CLOCK_RUNG_REACHED] = {"ClockRungReached", LIKE(CONCERNED), REMINDER},
    [NTF_KIND_OFFER_OPENED] = {"OfferOpened", LIKE(RECEIVER), PLAIN},
    [NTF_KIND_OFFER_COUNTERED] = {"OfferCountered", LIKE(RECEIVER), PLAIN},
    [NTF_KIND_OFFER_REJECTED] = {"OfferRejected", LIKE(BOTH), PLAIN},
    [NTF_KIND_OFFER_RETRACTED] = {"OfferRetracted", LIKE(BOTH), PLAIN},
    [NTF_KIND_OFFER_EXPIRED] = {"OfferExpired", LIKE(BOTH), PLAIN},
    [NTF_KIND_OFFER_REFUSED] = {"OfferRefused", LIKE(SENDER), PLAIN},
    [NTF_KIND_REFERRAL_SENT] = {"ReferralSent", LIKE(BOTH), PLAIN},
    [NTF_KIND_FEE_MOVED] = {"FeeMoved", LIKE(BOTH), PLAIN},
    [NTF_KIND_DUTY_REJECTED] = {"DutyRejected", LIKE(SENDER), PLAIN},
    [NTF_KIND_PAYOUT_SENT] = {"PayoutSent", LIKE(CONSUMER), PLAIN},
    [NTF_KIND_PAYOUT_HELD] = {"PayoutHeld", LIKE(CONSUMER), PLAIN},
    [NTF_KIND_PAYOUT_CONFIRMED] = {"PayoutConfirmed", LIKE(CONSUMER), PLAIN},
    [NTF_KIND_PAYOUT_FAILED] = {"PayoutFailed", LIKE(CONSUMER), PLAIN},
    [NTF_KIND_RECOVERY_OPENED] = {"RecoveryOpened", LIKE(MERCHANT), PLAIN},
    [NTF_KIND_RECOVERY_DEMANDED] = {"RecoveryDemanded", LIKE(MERCHANT), PAPER},
    [NTF_KIND_RECOVERY_RECEIVED] = {"RecoveryReceived", LIKE(CONCERNED), PLAIN}, /* a fee: who owes it */
    [NTF_KIND_RECOVERY_CLOSED] = {"RecoveryClosed", LIKE(MERCHANT), PLAIN},
    [NTF_KIND_SANCTION_APPLIED] = {"SanctionApplied", LIKE(MERCHANT), PLAIN},
    [NTF_KIND_SANCTION_LIFTED] = {"SanctionLifted", LIKE(MERCHANT), PLAIN},
};

const char *ntf_kind_name(int kind)
{
    return kind > 0 && kind < NTF_KIND_COUNT ? MATRIX[kind].name : NULL;
}

static unsigned one(enum ntf_side side, unsigned otherwise)
{
    return side == NTF_SIDE_NONE ? otherwise : NTF_BIT(side);
}

static unsigned other(enum ntf_side side)
{
    return side == NTF_SIDE_NONE ? NTF_BOTH : NTF_BOTH & ~NTF_BIT(side);
}

/* Where the log does not say who is meant, both hear of it rather than nobody; a clock of neither side is no
 * business of theirs. */
static unsigned sides_of(enum audience audience, const struct ntf_news *news)
{
    switch (audience) {
    case CONSUMER:
        return NTF_CONSUMER;
    case MERCHANT:
        return NTF_MERCHANT;
    case BOTH:
        return NTF_BOTH;
    case BOTH_ADMITTED:
        return news->before_admission ? NTF_CONSUMER : NTF_BOTH;
    case OTHER:
        return other(news->actor);
    case ASKED:
        return news->asked & NTF_BOTH;
    case RECEIVER:
        return other(news->answered);
    case SENDER:
        return one(news->answered, NTF_BOTH);
    case CONCERNED:
        return one(news->concerned, 0);
    case NOBODY:
    default:
        return 0;
    }
}

struct ntf_told ntf_tell(const struct ntf_news *news, bool merchant_knows)
{
    if (!ntf_kind_name((int)news->kind)) {
        return (struct ntf_told){0};
    }
    const struct row *row = &MATRIX[news->kind];
    unsigned sides = sides_of(news->moved ? row->told : row->unmoved, news);
    return (struct ntf_told){
        .sides = merchant_knows ? sides : sides & ~NTF_MERCHANT,
        .paper = row->flags & PAPER,
        .acknowledgement = row->flags & ACKNOWLEDGEMENT,
        .reminder = row->flags & REMINDER,
    };
}

bool ntf_introduces(enum ntf_kind kind)
{
    return kind == NTF_KIND_CASE_ADMITTED || kind == NTF_KIND_CASE_FAST_TRACKED || kind == NTF_KIND_CASE_REFERRED;
}
