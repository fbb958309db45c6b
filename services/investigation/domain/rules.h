/* Rules for obvious violations, and the draft of the engine where no rule holds: facts and rules in, verdict out.
 * Pure: the same facts and rules give the same verdict, so that anybody can compute a decision again.
 * docs/RULES.md tells what each test and amount means. */
#ifndef INV_RULES_H
#define INV_RULES_H

#include "investigation/domain.h"

/* Three values: a fact that nobody vouches for makes nothing true and nothing false. */
enum inv_truth { INV_UNKNOWN = 1, INV_FALSE, INV_TRUE };

/* Values of disputes.platform.v1.RuleFact; the codec checks that they agree. */
enum inv_fact {
    INV_FACT_NONE = 0,
    INV_FACT_PAID,
    INV_FACT_SHIPPED,
    INV_FACT_PROMISED,
    INV_FACT_RECEIVED,
    INV_FACT_LAST_SCAN,
    INV_FACT_FILED,
    INV_FACT_NOW,
    INV_FACT_REFUND,
    INV_FACT_MERCHANT_GONE,
    INV_FACT_STATED, /* by an item */
    INV_FACT_COUNT,
};

/* Values of disputes.platform.v1.RuleTest. */
enum inv_test {
    INV_TEST_NONE = 0,
    INV_TEST_HAPPENED,
    INV_TEST_NOT_HAPPENED,
    INV_TEST_LATER,
    INV_TEST_NOT_LATER,
    INV_TEST_ITEM,
    INV_TEST_NO_ITEM,
    INV_TEST_MISSING,
    INV_TEST_ANSWERED,
    INV_TEST_COUNT,
};

/* Values of disputes.platform.v1.RuleAmount. */
enum inv_amount { INV_AMOUNT_NONE = 0, INV_AMOUNT_CLAIMED, INV_AMOUNT_SHARE, INV_AMOUNT_MULTIPLE };

/* Values of disputes.common.v1.Reason, Remedy, Liability and EvidenceKind that are named here. */
enum {
    INV_REASON_NOT_RECEIVED = 1,
    INV_REASON_LATE_SHIPPING,
    INV_REASON_RETURN_7D,
    INV_REASON_REFUND_REFUSED,
    INV_REASON_QUALITY,
    INV_REASON_FOOD_SAFETY = 9,
};
enum {
    INV_REMEDY_NONE = 1,
    INV_REMEDY_REFUND,
    INV_REMEDY_PART_REFUND,
    INV_REMEDY_RETURN_AND_REFUND,
    INV_REMEDY_REPLACE,
    INV_REMEDY_REPAIR,
    INV_REMEDY_STATUTORY_MULTIPLE,
};
enum {
    INV_LIABILITY_NONE = 1,
    INV_LIABILITY_MERCHANT,
    INV_LIABILITY_CONSUMER,
    INV_LIABILITY_BOTH,
    INV_LIABILITY_THIRD_PARTY,
};
enum { INV_KIND_UNSPECIFIED = 0 };

/* An item as rules see it. */
struct inv_exhibit {
    enum inv_side side;
    int32_t kind, result;
    bool usable; /* in time, or admitted by order */
    bool verified;
    bool comment; /* words on a draft: heard, but no proof */
    int64_t stated_ms;
};

struct inv_facts {
    bool vouched;                  /* the gateway has said what it knows of the order */
    int64_t times[INV_FACT_COUNT]; /* domain ms; 0 = has not happened */
    int32_t reason, remedy;        /* as filed */
    int64_t asked_minor;           /* how much is asked */
    int64_t paid_minor;            /* for the order line */
    int64_t unpaid_minor;          /* what of it has not been paid back */
    int32_t missed;                /* enum inv_side, as bits: in this generation */
    bool durable;                  /* durable goods or decoration (CP23-PROOF) */
    const struct inv_exhibit *exhibits;
    size_t exhibit_count;
};

struct inv_condition {
    int32_t test, fact, than;
    int64_t plus_ms;
    enum inv_side side;
    int32_t kind, result;
    bool verified;
};

#define INV_RULES_MAX 64 /* that fit one reason; further ones are not tried */
#define INV_CONDITIONS_MAX 16

struct inv_rule {
    struct dsp_str rule_id;
    uint32_t reasons; /* bit per Reason */
    uint32_t asked;   /* bit per Remedy; 0 = every one */
    int32_t remedy;   /* 0 = what is asked */
    const struct inv_condition *conditions;
    size_t condition_count;
    int32_t amount;
    int32_t share_per_mille;
    int32_t multiple;
    int64_t minimum_minor;
    int32_t liability; /* 0 = the merchant */
    int32_t merchant_percent;
};

struct inv_ruling {
    int32_t liability, merchant_percent, remedy;
    int64_t amount_minor;
};

struct inv_trial {
    const struct inv_rule *rule;
    enum inv_truth truth;
    enum inv_truth conditions[INV_CONDITIONS_MAX];
};

struct inv_found {
    struct inv_trial trials[INV_RULES_MAX];
    size_t trial_count;
    const struct inv_rule *rule; /* the first that holds; NULL: none does */
    struct inv_ruling ruling;    /* of `rule` */
    bool *relied;                /* one for each exhibit: the ruling stands on it */
};

enum inv_truth inv_condition_try(const struct inv_condition *condition, const struct inv_facts *facts);
/* What a rule grants on these facts; false: nothing is left to grant, or it does not fit. */
bool inv_rule_grants(const struct inv_rule *rule, const struct inv_facts *facts, struct inv_ruling *ret_ruling);
/* Tries the rules that fit reason and remedy asked, in their order. `ret_found->relied` holds exhibit_count. */
void inv_rules_try(const struct inv_facts *facts, const struct inv_rule *rules, size_t rule_count,
                   struct inv_found *ret_found);

/* --- the engine's draft (T35) --- */

/* CP23-PROOF: six months from receipt, counted as 182 days (the shorter reading never surprises the merchant). */
#define INV_PROOF_TERM_MS (182LL * 24 * 60 * 60 * 1000)

struct inv_burden {
    enum inv_side bearer;
    const char *law; /* rule of docs/RULES.md; static */
    bool met;
};
/* Who has to prove, and whether the usable evidence does it. */
struct inv_burden inv_burden_of(const struct inv_facts *facts);
/* What follows when no rule holds. */
struct inv_ruling inv_burden_ruling(const struct inv_facts *facts, const struct inv_burden *burden);

#endif
