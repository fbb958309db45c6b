/* Guards of offers, evidence, decisions, appeals and arbitration. Each reads only the docket and the input. */
#include "intake/domain/rooms.h"

static int32_t other_side(int32_t role)
{
    return role == ROLE_CONSUMER ? ROLE_MERCHANT : ROLE_CONSUMER;
}

static int32_t comment_window(const struct intake_case *c, int32_t side)
{
    return side == ROLE_CONSUMER ? c->docket.comment_consumer : c->docket.comment_merchant;
}

/* --- talk --- */

PREDICATE(fast_track)
{
    (void)input;
    return (c->policy->fast_track_reasons & (1u << c->docket.reason)) != 0;
}
GUARD(GUARD_FAST_TRACK, "category on the list of obvious violations or of safety", REFUSAL_GUARD_FAILED, fast_track);

PREDICATE(evidence_attached)
{
    (void)c;
    return input->items > 0;
}
CONTENT_GUARD(GUARD_EVIDENCE_ATTACHED, "minimum evidence attached", REFUSAL_GUARD_FAILED, evidence_attached);

PREDICATE(platform_may_be_called)
{
    (void)input;
    return c->docket.m_refused || c->docket.m_first_breached || (c->docket.m_replied && c->docket.c_spoke);
}
GUARD(GUARD_PLATFORM_MAY_BE_CALLED, "M refused, or K_m_first breached, or both have spoken", REFUSAL_GUARD_FAILED,
      platform_may_be_called);

PREDICATE(m_has_replied)
{
    (void)input;
    return c->docket.m_replied;
}
GUARD(GUARD_M_REPLIED, "after its first reply", REFUSAL_GUARD_FAILED, m_has_replied);

PREDICATE(offers_left)
{
    return (input->role == ROLE_CONSUMER ? c->docket.offers_consumer : c->docket.offers_merchant) < INTAKE_OFFERS_MAX;
}
GUARD(GUARD_OFFERS_LEFT, "five a side at most", REFUSAL_LIMIT_REACHED, offers_left);

PREDICATE(offer_terms)
{
    (void)c;
    return input->offer_id.len > 0 && input->amount_minor >= 0 && (!input->amount_minor || input->currency_cny);
}
CONTENT_GUARD(GUARD_OFFER_TERMS, "an offer with an id and a sum", REFUSAL_GUARD_FAILED, offer_terms);

/* Whoever is not the receiver of the open offer; without one the act is taken and sla answers it. */
PREDICATE(is_receiver)
{
    const struct intake_clock *clock = intake_clock_running(c, CLOCK_OFFER, 0);
    return !clock || clock->side == input->role;
}
GUARD(GUARD_RECEIVER, "receiver of the open offer", REFUSAL_NOT_YOUR_ROLE, is_receiver);

PREDICATE(is_maker)
{
    const struct intake_clock *clock = intake_clock_running(c, CLOCK_OFFER, 0);
    return !clock || clock->side != input->role;
}
GUARD(GUARD_MAKER, "maker of the open offer", REFUSAL_NOT_YOUR_ROLE, is_maker);

PREDICATE(offer_open)
{
    (void)input;
    return intake_clock_running(c, CLOCK_OFFER, 0) != NULL;
}
GUARD(GUARD_OFFER_OPEN, "offer OPEN", REFUSAL_GUARD_FAILED, offer_open);

/* --- people --- */

/* In SCREENING any agent may act (R6), later only the named one. */
PREDICATE(is_assigned)
{
    return input->role != ROLE_AGENT || dsp_str_equal(input->actor_id, c->docket.assignee);
}
GUARD(GUARD_ASSIGNED, "assignee", REFUSAL_NOT_ASSIGNED, is_assigned);

PREDICATE(no_conflict)
{
    struct dsp_str who = input->trigger == TRIGGER_TAKE_OVER ? input->actor_id : input->named;
    for (size_t i = 0; i < c->acted_count; i++) {
        if (dsp_str_equal(c->acted[i], who)) {
            return false;
        }
    }
    return who.len > 0;
}
CONTENT_GUARD(GUARD_NO_CONFLICT, "no conflict of interest: has not touched the case", REFUSAL_CONFLICT_OF_INTEREST,
              no_conflict);

/* F and R together: one command with both approvals (R6). */
PREDICATE(two_sign)
{
    (void)c;
    for (size_t i = 0; i < input->people_count; i++) {
        const struct intake_person *other = &input->people[i];
        bool pair = (input->role == ROLE_FUND_OFFICER && other->role == ROLE_REVIEWER) ||
                    (input->role == ROLE_REVIEWER && other->role == ROLE_FUND_OFFICER);
        if (pair && other->id.len && !dsp_str_equal(other->id, input->actor_id)) {
            return true;
        }
    }
    return false;
}
CONTENT_GUARD(GUARD_TWO_SIGN, "F and R together", REFUSAL_GUARD_FAILED, two_sign);

/* --- rounds and rules --- */

PREDICATE(round_limit)
{
    (void)input;
    int32_t most = INTAKE_ROUNDS_MAX + (c->docket.round_signed ? 1 : 0);
    return c->docket.rounds_opened < most;
}
GUARD(GUARD_ROUND_LIMIT, "at most 3 rounds, a 4th signed by R", REFUSAL_LIMIT_REACHED, round_limit);

PREDICATE(round_sealed)
{
    (void)input;
    return c->docket.rounds_sealed >= c->docket.rounds_opened;
}
GUARD(GUARD_ROUND_SEALED, "previous round SEALED", REFUSAL_GUARD_FAILED, round_sealed);

PREDICATE(sides_asked)
{
    (void)c;
    uint32_t sides = (1u << ROLE_CONSUMER) | (1u << ROLE_MERCHANT);
    return (input->asked & sides) && !(input->asked & ~sides);
}
CONTENT_GUARD(GUARD_SIDES_ASKED, "a side is asked", REFUSAL_GUARD_FAILED, sides_asked);

PREDICATE(a_round_has_run)
{
    return c->docket.rounds_opened > 0 && round_sealed(c, input);
}
GUARD(GUARD_A_ROUND_HAS_RUN, "a round has run", REFUSAL_GUARD_FAILED, a_round_has_run);

PREDICATE(no_rule_found)
{
    (void)input;
    return c->docket.seal_result != RULE_FOUND;
}
GUARD(GUARD_NO_RULE_FOUND, "no rule found", REFUSAL_GUARD_FAILED, no_rule_found);

PREDICATE(rule_signed)
{
    return input->ruling.amount_minor <= c->policy->rule_cosign_minor || c->docket.rule_signed;
}
GUARD(GUARD_RULE_SIGNED, "above rule_cosign co-signed by A", REFUSAL_GUARD_FAILED, rule_signed);

PREDICATE(in_evidence)
{
    (void)input;
    return c->docket.stage == STAGE_EVIDENCE;
}
GUARD(GUARD_IN_EVIDENCE, "in EVIDENCE", REFUSAL_GUARD_FAILED, in_evidence);

PREDICATE(last_seal)
{
    (void)c;
    return input->last && input->rule_result == RULE_NONE;
}
GUARD(GUARD_LAST_SEAL, "last round, no rule applies", REFUSAL_GUARD_FAILED, last_seal);

PREDICATE(not_last_seal)
{
    return !last_seal(c, input);
}
GUARD(GUARD_NOT_LAST_SEAL, "not last, or a rule found or waiting for co-signature", REFUSAL_GUARD_FAILED,
      not_last_seal);

/* --- drafts and decisions --- */

PREDICATE(ruling_complete)
{
    (void)c;
    const struct intake_ruling *ruling = &input->ruling;
    bool owed = ruling->remedy != REMEDY_NONE;
    return input->has_ruling && ruling->liability && ruling->remedy && ruling->amount_minor >= 0 &&
           (owed || ruling->amount_minor == 0);
}
GUARD(GUARD_RULING_COMPLETE, "liability, remedy and amount complete", REFUSAL_GUARD_FAILED, ruling_complete);

PREDICATE(draft_signed)
{
    return input->ruling.amount_minor <= c->policy->high_value_minor || c->docket.draft_signed;
}
GUARD(GUARD_DRAFT_SIGNED, "above high_value co-signed by R", REFUSAL_GUARD_FAILED, draft_signed);

PREDICATE(is_engine)
{
    (void)c;
    return input->engine;
}
GUARD(GUARD_ENGINE, "by the rule engine", REFUSAL_GUARD_FAILED, is_engine);

PREDICATE(not_engine)
{
    (void)c;
    return !input->engine;
}
GUARD(GUARD_NOT_ENGINE, "by A", REFUSAL_GUARD_FAILED, not_engine);

PREDICATE(target_breached)
{
    (void)input;
    return c->docket.invest_breached;
}
GUARD(GUARD_TARGET_BREACHED, "K_invest target is breached", REFUSAL_WINDOW_NOT_OPEN, target_breached);

PREDICATE(comment_open)
{
    return comment_window(c, input->role) != WINDOW_LAPSED;
}
GUARD(GUARD_COMMENT_OPEN, "inside that side's K_comment", REFUSAL_DEADLINE_PASSED, comment_open);

PREDICATE(not_commented)
{
    return comment_window(c, input->role) != WINDOW_USED;
}
GUARD(GUARD_NOT_COMMENTED, "not commented yet", REFUSAL_LIMIT_REACHED, not_commented);

PREDICATE(is_reasoned)
{
    (void)c;
    return input->reasoned;
}
CONTENT_GUARD(GUARD_REASONED, "reasons stated", REFUSAL_GUARD_FAILED, is_reasoned);

PREDICATE(reopened_once)
{
    (void)input;
    return !c->docket.comment_reopened;
}
GUARD(GUARD_REOPENED_ONCE, "once", REFUSAL_LIMIT_REACHED, reopened_once);

PREDICATE(comments_over)
{
    (void)input;
    return intake_is_shut(c->docket.comment_consumer) && intake_is_shut(c->docket.comment_merchant);
}
GUARD(GUARD_COMMENTS_OVER, "both commented or K_comment lapsed", REFUSAL_WINDOW_NOT_OPEN, comments_over);

PREDICATE(not_author)
{
    return !dsp_str_equal(input->actor_id, c->docket.draft_author);
}
GUARD(GUARD_NOT_AUTHOR, "not the author", REFUSAL_CONFLICT_OF_INTEREST, not_author);

PREDICATE(draft_stands)
{
    (void)input;
    return c->docket.draft.amount_minor <= c->policy->finalise_limit_minor || c->docket.finalise_breaches > 0;
}
GUARD(GUARD_DRAFT_STANDS, "amount <= finalise_limit, or second breach", REFUSAL_GUARD_FAILED, draft_stands);

PREDICATE(finalise_again)
{
    return !draft_stands(c, input);
}
GUARD(GUARD_FINALISE_AGAIN, "first time, amount > finalise_limit", REFUSAL_GUARD_FAILED, finalise_again);

/* --- appeals --- */

PREDICATE(not_appeal_basis)
{
    (void)input;
    return c->docket.basis != BASIS_APPEAL;
}
GUARD(GUARD_NOT_APPEAL_BASIS, "basis is not APPEAL", REFUSAL_GUARD_FAILED, not_appeal_basis);

static bool has_appealed(const struct intake_case *c, int32_t side)
{
    return side == ROLE_CONSUMER ? c->docket.appealed_consumer : c->docket.appealed_merchant;
}

/* Once a side, a remand between or not; after an appeal that lapsed the windows are for arbitration only. */
PREDICATE(appealable)
{
    return !c->docket.election_only && !has_appealed(c, input->role);
}
GUARD(GUARD_APPEALABLE, "once a side, and windows not for ElectArbitration only", REFUSAL_LIMIT_REACHED, appealable);

PREDICATE(not_default_merchant)
{
    return input->role != ROLE_MERCHANT || c->docket.basis != BASIS_DEFAULT;
}
GUARD(GUARD_NOT_DEFAULT_MERCHANT, "M on DEFAULT uses SetAside", REFUSAL_GUARD_FAILED, not_default_merchant);

PREDICATE(basis_default)
{
    (void)input;
    return c->docket.basis == BASIS_DEFAULT;
}
GUARD(GUARD_BASIS_DEFAULT, "basis DEFAULT", REFUSAL_GUARD_FAILED, basis_default);

PREDICATE(in_panel)
{
    for (size_t i = 0; i < c->panel_count; i++) {
        if (dsp_str_equal(c->panel[i], input->actor_id)) {
            return true;
        }
    }
    return false;
}
GUARD(GUARD_IN_PANEL, "member of the panel", REFUSAL_NOT_ASSIGNED, in_panel);

PREDICATE(majority)
{
    size_t votes = (size_t)(input->votes_for < 0 ? 0 : input->votes_for) +
                   (size_t)(input->votes_against < 0 ? 0 : input->votes_against);
    return input->votes_for > input->votes_against && votes == c->panel_count;
}
CONTENT_GUARD(GUARD_MAJORITY, "panel complete, majority recorded", REFUSAL_GUARD_FAILED, majority);

PREDICATE(remand_once)
{
    (void)input;
    return !c->docket.remand_used;
}
GUARD(GUARD_REMAND_ONCE, "Remand once", REFUSAL_LIMIT_REACHED, remand_once);

PREDICATE(is_appellant)
{
    return input->role == c->docket.appellant;
}
GUARD(GUARD_APPELLANT, "the appellant", REFUSAL_NOT_YOUR_ROLE, is_appellant);

PREDICATE(not_joined)
{
    (void)input;
    return !c->docket.joined;
}
GUARD(GUARD_NOT_JOINED, "no joined appeal stands", REFUSAL_GUARD_FAILED, not_joined);

PREDICATE(may_join)
{
    int32_t own = intake_appeal_window(c, input->role);
    return input->role != c->docket.appellant && !c->docket.joined && !intake_is_shut(own) &&
           !has_appealed(c, input->role) && c->docket.basis != BASIS_DEFAULT;
}
GUARD(GUARD_MAY_JOIN, "own appeal unused, window not lapsed, basis not DEFAULT", REFUSAL_GUARD_FAILED, may_join);

PREDICATE(both_shut)
{
    (void)input;
    return intake_is_shut(c->docket.window_consumer) && intake_is_shut(c->docket.window_merchant);
}
GUARD(GUARD_BOTH_WINDOWS_SHUT, "windows of both sides shut", REFUSAL_GUARD_FAILED, both_shut);

/* --- arbitration --- */

/* Before the dispute arose in both standing terms, or after it by the consent of both to one clause. */
PREDICATE(consent_of_both)
{
    (void)input;
    const struct intake_docket *docket = &c->docket;
    bool standing = docket->consumer_clause.len && docket->merchant_clause.len;
    bool given = docket->consent_consumer.len && dsp_str_equal(docket->consent_consumer, docket->consent_merchant);
    return standing || given;
}
GUARD(GUARD_CONSENT_OF_BOTH, "arbitration agreement in force", REFUSAL_CONSENT_MISSING, consent_of_both);

PREDICATE(no_referral)
{
    (void)input;
    return !c->docket.referral_used;
}
GUARD(GUARD_NO_REFERRAL, "no referral yet", REFUSAL_LIMIT_REACHED, no_referral);

PREDICATE(clause_named)
{
    (void)c;
    return input->clause.len > 0;
}
CONTENT_GUARD(GUARD_CLAUSE_NAMED, "clause text id", REFUSAL_GUARD_FAILED, clause_named);

PREDICATE(first_arb_ack)
{
    (void)input;
    return c->docket.arb_ack_breaches == 0;
}
GUARD(GUARD_FIRST_ARB_ACK, "first time", REFUSAL_GUARD_FAILED, first_arb_ack);

PREDICATE(arb_ack_again)
{
    return input->trigger != TRIGGER_CLOCK_BREACHED || input->clock.kind != CLOCK_ARB_ACK || !first_arb_ack(c, input);
}
GUARD(GUARD_ARB_ACK_AGAIN, "second time", REFUSAL_GUARD_FAILED, arb_ack_again);

PREDICATE(has_prior)
{
    (void)input;
    return c->docket.prior_seq != 0;
}
GUARD(GUARD_PRIOR, "a prior decision exists", REFUSAL_GUARD_FAILED, has_prior);

PREDICATE(has_no_prior)
{
    return !has_prior(c, input);
}
GUARD(GUARD_NO_PRIOR, "no prior decision", REFUSAL_GUARD_FAILED, has_no_prior);

PREDICATE(m_silent_there)
{
    (void)input;
    return !c->docket.m_answered_there;
}
GUARD(GUARD_M_SILENT_THERE, "M has not answered there yet", REFUSAL_GUARD_FAILED, m_silent_there);

/* --- settlement --- */

/* Money only, and no more than was paid in, statutory multiples apart: the bounds of an offer. */
PREDICATE(terms_complete)
{
    const struct intake_ruling *ruling = &input->ruling;
    bool bounded = ruling->remedy == REMEDY_STATUTORY_MULTIPLE || ruling->amount_minor <= c->docket.paid_minor;
    return input->terms.len && ruling->liability && ruling->remedy > REMEDY_NONE && ruling->amount_minor > 0 &&
           input->currency_cny && bounded;
}
CONTENT_GUARD(GUARD_TERMS_COMPLETE, "hash of the terms, and a sum within what was paid", REFUSAL_GUARD_FAILED,
              terms_complete);

PREDICATE(same_terms)
{
    return dsp_str_equal(input->terms, other_side(input->role) == ROLE_CONSUMER ? c->docket.declared_consumer
                                                                                : c->docket.declared_merchant);
}
CONTENT_GUARD(GUARD_SAME_TERMS, "both sides declared the same terms", REFUSAL_GUARD_FAILED, same_terms);

PREDICATE(other_terms)
{
    return !same_terms(c, input);
}
CONTENT_GUARD(GUARD_OTHER_TERMS, "T58 is not complete by it", REFUSAL_GUARD_FAILED, other_terms);

PREDICATE(nothing_performed)
{
    (void)input;
    return !c->docket.performed;
}
GUARD(GUARD_NOTHING_PERFORMED, "nothing performed yet", REFUSAL_GUARD_FAILED, nothing_performed);

PREDICATE(rescind_once)
{
    (void)input;
    return !c->docket.rescission_used;
}
GUARD(GUARD_RESCIND_ONCE, "once", REFUSAL_LIMIT_REACHED, rescind_once);

PREDICATE(other_rescinded)
{
    return other_side(input->role) == ROLE_CONSUMER ? c->docket.rescind_consumer : c->docket.rescind_merchant;
}
GUARD(GUARD_OTHER_RESCINDED, "C and M together", REFUSAL_GUARD_FAILED, other_rescinded);

PREDICATE(other_not_rescinded)
{
    return !other_rescinded(c, input);
}
GUARD(GUARD_OTHER_NOT_RESCINDED, "T64 is not complete by it", REFUSAL_GUARD_FAILED, other_not_rescinded);

PREDICATE(no_payout_sent)
{
    (void)input;
    return c->docket.payouts_sent == 0;
}
GUARD(GUARD_NO_PAYOUT_SENT, "no payout is SENT", REFUSAL_GUARD_FAILED, no_payout_sent);
