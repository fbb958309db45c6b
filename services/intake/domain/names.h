/* The names of the machine: what can happen, and what an entry of the log is called. */
#ifndef INTAKE_DOMAIN_NAMES_H
#define INTAKE_DOMAIN_NAMES_H

/* Everything that can happen. Commands, findings and follow-ups share one name space, that of the machine. A
 * message that is not in this list has no row yet and is refused NOT_IN_THIS_STAGE. */
#define INTAKE_TRIGGERS(X)                            \
    X(FILE_COMPLAINT, "FileComplaint")                \
    X(TRIAGE_STARTED, "TriageStarted")                \
    X(ADMIT, "Admit")                                 \
    X(REFER_DIRECT, "ReferDirect")                    \
    X(WITHDRAW, "Withdraw")                           \
    X(ACCEPT_CLAIM, "AcceptClaim")                    \
    X(REPLY, "Reply")                                 \
    X(SAY, "Say")                                     \
    X(ADD_EVIDENCE, "AddEvidence")                    \
    X(WAIVE_APPEAL, "WaiveAppeal")                    \
    X(DUTY_PERFORMED, "DutyPerformed")                \
    X(ANSWER_FEEDBACK, "AnswerFeedback")              \
    X(REPORT_FACT, "ReportFact")                      \
    X(CLOCK_BREACHED, "ClockBreached")                \
    X(CLOCKS_ARMED, "ClocksArmed")                    \
    X(CLOCK_MOVED, "ClockMoved")                      \
    X(CLOCK_PAUSED, "ClockPaused")                    \
    X(CLOCK_RESUMED, "ClockResumed")                  \
    X(CLOCK_RUNG_REACHED, "ClockRungReached")         \
    X(EVIDENCE_REGISTERED, "EvidenceRegistered")      \
    X(EVIDENCE_REFUSED, "EvidenceRefused")            \
    X(AGENT_ASSIGNED, "AgentAssigned")                \
    X(INSTITUTION_STATUS, "InstitutionStatus")        \
    X(AWARD_RECEIVED, "AwardReceived")                \
    X(REFERRAL_SENT, "ReferralSent")                  \
    X(FEE_MOVED, "FeeMoved")                          \
    X(DUTY_VERIFIED, "DutyVerified")                  \
    X(DUTY_REJECTED, "DutyRejected")                  \
    X(DUTY_SUBSTITUTED, "DutySubstituted")            \
    X(DUTY_DISCHARGED, "DutyDischarged")              \
    X(FUND_RESERVED, "FundReserved")                  \
    X(RESERVE_REFUSED, "ReserveRefused")              \
    X(RESERVATION_VOIDED, "ReservationVoided")        \
    X(RECOVERY_OPENED, "RecoveryOpened")              \
    X(RECOVERY_DEMANDED, "RecoveryDemanded")          \
    X(RECOVERY_RECEIVED, "RecoveryReceived")          \
    X(RECOVERY_CLOSED, "RecoveryClosed")              \
    X(SANCTION_APPLIED, "SanctionApplied")            \
    X(SANCTION_LIFTED, "SanctionLifted")              \
    X(PAYOUT_SENT, "PayoutSent")                      \
    X(PAYOUT_HELD, "PayoutHeld")                      \
    X(PAYOUT_CONFIRMED, "PayoutConfirmed")            \
    X(PAYOUT_FAILED, "PayoutFailed")                  \
    X(PAYMENT_REVERSED, "PaymentReversed")            \
    X(SERVICE_PROVED, "ServiceProved")                \
    X(SERVICE_FAILED, "ServiceFailed")                \
    X(PARTY_UNREACHABLE, "PartyUnreachable")          \
    X(ADMIT_FAST_TRACK, "AdmitFastTrack")             \
    X(CONTEST_CLAIM, "ContestClaim")                  \
    X(REQUEST_PLATFORM, "RequestPlatform")            \
    X(NEXT_ROUND, "NextRound")                        \
    X(CLOSE_ROUNDS, "CloseRounds")                    \
    X(MORE_EVIDENCE_NEEDED, "MoreEvidenceNeeded")     \
    X(ESCALATE, "Escalate")                           \
    X(COMMENT, "Comment")                             \
    X(REOPEN_ON_COMMENT, "ReopenOnComment")           \
    X(APPEAL, "Appeal")                               \
    X(SET_ASIDE, "SetAside")                          \
    X(ELECT_ARBITRATION, "ElectArbitration")          \
    X(JOIN_APPEAL, "JoinAppeal")                      \
    X(WITHDRAW_APPEAL, "WithdrawAppeal")              \
    X(RESCIND, "Rescind")                             \
    X(DECLARE_UNCOLLECTABLE, "DeclareUncollectable")  \
    X(MAKE_OFFER, "MakeOffer")                        \
    X(COUNTER_OFFER, "CounterOffer")                  \
    X(ACCEPT_OFFER, "AcceptOffer")                    \
    X(REJECT_OFFER, "RejectOffer")                    \
    X(RETRACT_OFFER, "RetractOffer")                  \
    X(CONSENT, "ConsentToArbitration")                \
    X(REVOKE_CONSENT, "RevokeConsent")                \
    X(ASSIGN, "Assign")                               \
    X(TAKE_OVER, "TakeOver")                          \
    X(SEAT_OBSERVER, "SeatObserver")                  \
    X(PROPOSE_DECISION, "ProposeDecision")            \
    X(FINALISE, "Finalise")                           \
    X(CO_SIGN, "CoSign")                              \
    X(REFUSE_TO_SIGN, "RefuseToSign")                 \
    X(DECIDE_APPEAL, "DecideAppeal")                  \
    X(REMAND, "Remand")                               \
    X(ADMIT_LATE_ITEM, "AdmitLateItem")               \
    X(REDACT, "Redact")                               \
    X(PLACE_HOLD, "PlaceHold")                        \
    X(LIFT_HOLD, "LiftHold")                          \
    X(RELEASE_PAYOUT, "ReleasePayout")                \
    X(WRITE_OFF_RECOVERY, "WriteOffRecovery")         \
    X(CONTEST_RECOVERY, "ContestRecovery")            \
    X(OBJECT_TO_SANCTION, "ObjectToSanction")         \
    X(WINDOWS_SHUT, "WindowsShut")                    \
    X(OFFER_OPENED, "OfferOpened")                    \
    X(OFFER_COUNTERED, "OfferCountered")              \
    X(OFFER_REJECTED, "OfferRejected")                \
    X(OFFER_RETRACTED, "OfferRetracted")              \
    X(OFFER_EXPIRED, "OfferExpired")                  \
    X(OFFER_REFUSED, "OfferRefused")                  \
    X(OFFER_ACCEPTED, "OfferAccepted")                \
    X(LATE_ITEM_ADMITTED, "LateItemAdmitted")         \
    X(ROUND_SEALED, "RoundSealed")                    \
    X(RULE_FOUND, "RuleFound")                        \
    X(DECISION_PROPOSED, "DecisionProposed")          \
    X(DECISION_FINAL, "DecisionFinal")                \
    X(DRAFT_REFUSED, "DraftRefused")                  \
    X(APPEAL_DECIDED, "AppealDecided")                \
    X(APPEAL_REMANDED, "AppealRemanded")              \
    X(AGENT_REPLACED, "AgentReplaced")                \
    X(OBSERVER_SEATED, "ObserverSeated")              \
    X(ASSIGNMENT_BLOCKED, "AssignmentBlocked")        \
    X(REFERRAL_DECLINED, "ReferralDeclined")          \
    X(SETTLED_IN_ARBITRATION, "SettledInArbitration") \
    X(AWARD_SET_ASIDE, "AwardSetAside")               \
    X(INFO_REQUESTED, "InfoRequested")                \
    X(INFO_SUPPLIED, "InfoSupplied")                  \
    X(REJECT_FILING, "RejectFiling")                  \
    X(ASK_REVIEW, "AskReview")                        \
    X(REFILE, "Refile")                               \
    X(DECLARE_SETTLEMENT, "DeclareSettlement")        \
    X(INSPECT_RETURN, "InspectReturn")                \
    X(CHECK_RETURN, "CheckReturn")

#define INTAKE_TRIGGER_ENUM(constant, name) TRIGGER_##constant,
enum intake_trigger { TRIGGER_UNKNOWN = 0, INTAKE_TRIGGERS(INTAKE_TRIGGER_ENUM) TRIGGER_COUNT };

/* Values of disputes.case.v1.EntryType that rows name, with the name that other services read. */
#define INTAKE_ENTRIES(X)                                     \
    X(COMPLAINT_FILED, 1, "ComplaintFiled")                   \
    X(TRIAGE_STARTED, 2, "TriageStarted")                     \
    X(INFO_REQUESTED, 5, "InfoRequested")                     \
    X(INFO_SUPPLIED, 6, "InfoSupplied")                       \
    X(COMPLAINT_ABANDONED, 7, "ComplaintAbandoned")           \
    X(COMPLAINT_WITHDRAWN, 8, "ComplaintWithdrawn")           \
    X(FILING_REJECTED, 9, "FilingRejected")                   \
    X(CASE_ADMITTED, 10, "CaseAdmitted")                      \
    X(CASE_FAST_TRACKED, 11, "CaseFastTracked")               \
    X(CASE_REFERRED, 12, "CaseReferred")                      \
    X(CLAIM_ACCEPTED, 13, "ClaimAccepted")                    \
    X(OFFER_ACCEPTED, 14, "OfferAccepted")                    \
    X(CLAIM_CONTESTED, 15, "ClaimContested")                  \
    X(PLATFORM_REQUESTED, 16, "PlatformRequested")            \
    X(DEFAULT_JUDGMENT_ENTERED, 17, "DefaultJudgmentEntered") \
    X(POSITION_MISSED, 18, "PositionMissed")                  \
    X(ROUND_OPENED, 19, "RoundOpened")                        \
    X(RULE_FOUND, 20, "RuleFound")                            \
    X(ROUNDS_CLOSED, 21, "RoundsClosed")                      \
    X(ROUND_SEALED, 22, "RoundSealed")                        \
    X(DECISION_PROPOSED, 23, "DecisionProposed")              \
    X(COMMENT_MADE, 24, "CommentMade")                        \
    X(DRAFT_REOPENED, 25, "DraftReopened")                    \
    X(DECISION_FINAL, 26, "DecisionFinal")                    \
    X(APPEAL_FILED, 27, "AppealFiled")                        \
    X(SET_ASIDE_REQUESTED, 28, "SetAsideRequested")           \
    X(DECISION_BINDING, 29, "DecisionBinding")                \
    X(APPEAL_DECIDED, 30, "AppealDecided")                    \
    X(APPEAL_REMANDED, 31, "AppealRemanded")                  \
    X(APPEAL_WITHDRAWN, 32, "AppealWithdrawn")                \
    X(APPEAL_LAPSED, 33, "AppealLapsed")                      \
    X(INSTITUTION_STATUS, 34, "InstitutionStatus")            \
    X(AWARD_RECEIVED, 35, "AwardReceived")                    \
    X(SETTLED_IN_ARBITRATION, 36, "SettledInArbitration")     \
    X(REFERRAL_ENDED, 37, "ReferralEnded")                    \
    X(SETTLEMENT_PERFORMED, 38, "SettlementPerformed")        \
    X(SETTLEMENT_DEFAULTED, 39, "SettlementDefaulted")        \
    X(SETTLEMENT_RESCINDED, 40, "SettlementRescinded")        \
    X(DUTY_PERFORMED, 41, "DutyPerformed")                    \
    X(PERFORMANCE_MISSED, 42, "PerformanceMissed")            \
    X(ALL_DUTIES_DISCHARGED, 43, "AllDutiesDischarged")       \
    X(REMEDY_LAPSED, 44, "RemedyLapsed")                      \
    X(DECLARED_UNCOLLECTABLE, 45, "DeclaredUncollectable")    \
    X(CASE_ARCHIVED, 46, "CaseArchived")                      \
    X(CASE_REFILED, 47, "CaseRefiled")

#define INTAKE_ENTRY_ENUM(constant, value, name) ENTRY_##constant = (value),
enum intake_entry {
    INTAKE_ENTRIES(INTAKE_ENTRY_ENUM) ENTRY_ACT = 60,
    ENTRY_FINDING = 61,
    ENTRY_COMMAND_REFUSED = 62,
    ENTRY_FINDING_REFUSED = 63,
};

#endif
