/* What the name of a log entry alone asks of fund (docs/MACHINE.md, 7.6). Pure. */
#ifndef FUND_ENTRY_H
#define FUND_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

/* Values of disputes.case.v1.EntryType that mean something here; the codec checks that they agree. */
enum fund_entry_type {
    FUND_ENTRY_COMPLAINT_WITHDRAWN = 8,
    FUND_ENTRY_CLAIM_ACCEPTED = 13,
    FUND_ENTRY_OFFER_ACCEPTED = 14,
    FUND_ENTRY_DEFAULT_JUDGMENT_ENTERED = 17,
    FUND_ENTRY_RULE_FOUND = 20,
    FUND_ENTRY_DECISION_FINAL = 26,
    FUND_ENTRY_APPEAL_DECIDED = 30,
    FUND_ENTRY_APPEAL_REMANDED = 31,
    FUND_ENTRY_AWARD_RECEIVED = 35,
    FUND_ENTRY_SETTLED_IN_ARBITRATION = 36,
    FUND_ENTRY_SETTLEMENT_DEFAULTED = 39,
    FUND_ENTRY_SETTLEMENT_RESCINDED = 40,
    FUND_ENTRY_PERFORMANCE_MISSED = 42,
    FUND_ENTRY_REMEDY_LAPSED = 44,
    FUND_ENTRY_TYPE_COUNT = 64,
};

/* How much is to be set aside after the entry. */
enum fund_aside {
    FUND_ASIDE_AS_IT_IS = 0, /* what is held stays; entering ENFORCING with nothing held: what is owed */
    FUND_ASIDE_RULING,       /* what the ruling grants, no more and no less; nothing granted frees it */
    FUND_ASIDE_OWED,         /* what the merchant owes now, no more and no less */
};

struct fund_entry_rule {
    bool replaces; /* the duties before fall; those that the entry lists, perhaps none, stand in their place */
    enum fund_aside aside;
    bool rules;         /* a decision or award: what was paid before counts towards what it grants */
    bool pays_at_once;  /* under `advance = at_award` */
    bool missed;        /* the merchant is overdue: the fund pays */
    bool ends_recovery; /* a ruling that grants nothing: the merchant owes the fund nothing any more */
};

/* The rule of an entry type; of any other all false. Never NULL. */
const struct fund_entry_rule *fund_entry_rule(int type);

/* What fund should hold after a ruling: what it grants less what has been paid for it before. */
int64_t fund_entry_target(int64_t ruling_minor, int64_t paid_before_minor);

#endif
