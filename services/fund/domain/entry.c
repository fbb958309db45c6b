#include "fund/domain/entry.h"

/* An agreement reserves nothing: what a decision has set aside stays until the agreement is performed (T47, T62) and
 * becomes what the agreement owes when it is not (T63). A remand annuls the decision, its money stays until the next
 * one, or until the merchant accepts the claim (T32), which sets aside the sum accepted; a withdrawn or lapsed appeal
 * and a referral that ends (T53, T54, T60) change nothing. */
static const struct fund_entry_rule RULES[FUND_ENTRY_TYPE_COUNT] = {
    [FUND_ENTRY_COMPLAINT_WITHDRAWN] = {.replaces = true},
    [FUND_ENTRY_CLAIM_ACCEPTED] = {.replaces = true, .aside = FUND_ASIDE_RULING, .rules = true},
    [FUND_ENTRY_OFFER_ACCEPTED] = {.replaces = true},
    [FUND_ENTRY_DEFAULT_JUDGMENT_ENTERED] = {.replaces = true,
                                             .aside = FUND_ASIDE_RULING,
                                             .rules = true,
                                             .pays_at_once = true},
    [FUND_ENTRY_RULE_FOUND] = {.replaces = true, .aside = FUND_ASIDE_RULING, .rules = true},
    [FUND_ENTRY_DECISION_FINAL] = {.replaces = true, .aside = FUND_ASIDE_RULING, .rules = true},
    [FUND_ENTRY_APPEAL_DECIDED] = {.replaces = true, .aside = FUND_ASIDE_RULING, .rules = true, .ends_recovery = true},
    [FUND_ENTRY_APPEAL_REMANDED] = {.replaces = true},
    [FUND_ENTRY_AWARD_RECEIVED] =
        {.replaces = true, .aside = FUND_ASIDE_RULING, .rules = true, .pays_at_once = true, .ends_recovery = true},
    [FUND_ENTRY_SETTLED_IN_ARBITRATION] = {.replaces = true},
    [FUND_ENTRY_SETTLEMENT_DEFAULTED] = {.aside = FUND_ASIDE_OWED},
    [FUND_ENTRY_SETTLEMENT_RESCINDED] = {.replaces = true},
    [FUND_ENTRY_PERFORMANCE_MISSED] = {.missed = true},
    [FUND_ENTRY_REMEDY_LAPSED] = {.replaces = true},
};

const struct fund_entry_rule *fund_entry_rule(int type)
{
    static const struct fund_entry_rule NOTHING;
    return type > 0 && type < FUND_ENTRY_TYPE_COUNT ? &RULES[type] : &NOTHING;
}

int64_t fund_entry_target(int64_t ruling_minor, int64_t paid_before_minor)
{
    return ruling_minor > paid_before_minor ? ruling_minor - paid_before_minor : 0;
}
