#include "investigation/domain/rules.h"

#include "common/base/money.h"

/* --- facts --- */

static bool from_order(int32_t fact)
{
    return fact >= INV_FACT_PAID && fact <= INV_FACT_LAST_SCAN;
}

static bool fits(const struct inv_condition *condition, const struct inv_exhibit *exhibit)
{
    return exhibit->usable && !exhibit->comment && exhibit->side == condition->side &&
           exhibit->kind == condition->kind && (!condition->result || exhibit->result == condition->result) &&
           (!condition->verified || exhibit->verified);
}

/* 0: has not happened; negative: unknown. */
static int64_t time_of(int32_t fact, const struct inv_condition *condition, const struct inv_facts *facts)
{
    int64_t latest = -1;
    if (fact <= INV_FACT_NONE || fact >= INV_FACT_COUNT || (from_order(fact) && !facts->vouched)) {
        return -1;
    }
    if (fact != INV_FACT_STATED) {
        /* A report says what happened; its absence says nothing. */
        bool reported = fact == INV_FACT_REFUND || fact == INV_FACT_MERCHANT_GONE;
        return reported && facts->times[fact] == 0 ? -1 : facts->times[fact];
    }
    for (size_t i = 0; i < facts->exhibit_count; i++) {
        const struct inv_exhibit *exhibit = &facts->exhibits[i];
        if (fits(condition, exhibit) && exhibit->stated_ms > latest && exhibit->stated_ms > 0) {
            latest = exhibit->stated_ms;
        }
    }
    return latest;
}

static enum inv_truth truth_of(bool holds)
{
    return holds ? INV_TRUE : INV_FALSE;
}

static enum inv_truth later(const struct inv_condition *condition, const struct inv_facts *facts)
{
    int64_t left = time_of(condition->fact, condition, facts);
    int64_t right = time_of(condition->than, condition, facts);
    int64_t limit;
    if (left <= 0 || right <= 0 || __builtin_add_overflow(right, condition->plus_ms, &limit)) {
        return INV_UNKNOWN;
    }
    return truth_of(left > limit);
}

static enum inv_truth has_item(const struct inv_condition *condition, const struct inv_facts *facts)
{
    for (size_t i = 0; i < facts->exhibit_count; i++) {
        if (fits(condition, &facts->exhibits[i])) {
            return INV_TRUE;
        }
    }
    return INV_FALSE;
}

/* An item whose kind nobody has said may be the very thing. */
static enum inv_truth has_no_item(const struct inv_condition *condition, const struct inv_facts *facts)
{
    for (size_t i = 0; i < facts->exhibit_count; i++) {
        const struct inv_exhibit *exhibit = &facts->exhibits[i];
        if (exhibit->usable && !exhibit->comment && exhibit->side == condition->side &&
            exhibit->kind == INV_KIND_UNSPECIFIED) {
            return INV_UNKNOWN;
        }
    }
    return has_item(condition, facts) == INV_TRUE ? INV_FALSE : INV_TRUE;
}

static enum inv_truth opposite(enum inv_truth truth)
{
    return truth == INV_TRUE ? INV_FALSE : truth == INV_FALSE ? INV_TRUE : INV_UNKNOWN;
}

enum inv_truth inv_condition_try(const struct inv_condition *condition, const struct inv_facts *facts)
{
    int64_t time;
    switch (condition->test) {
    case INV_TEST_HAPPENED:
    case INV_TEST_NOT_HAPPENED:
        time = time_of(condition->fact, condition, facts);
        return time < 0 ? INV_UNKNOWN : truth_of((time > 0) == (condition->test == INV_TEST_HAPPENED));
    case INV_TEST_LATER:
        return later(condition, facts);
    case INV_TEST_NOT_LATER:
        return opposite(later(condition, facts));
    case INV_TEST_ITEM:
        return has_item(condition, facts);
    case INV_TEST_NO_ITEM:
        return has_no_item(condition, facts);
    case INV_TEST_MISSING:
        return truth_of((facts->missed & (int32_t)condition->side) != 0);
    case INV_TEST_ANSWERED:
        return truth_of((facts->missed & (int32_t)condition->side) == 0);
    default:
        return INV_UNKNOWN; /* a test that this version does not know proves nothing */
    }
}

/* --- amounts --- */

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static bool multiple_of(const struct inv_rule *rule, const struct inv_facts *facts, int64_t *ret_minor)
{
    int64_t added;
    if (rule->multiple < 0 || __builtin_mul_overflow(facts->paid_minor, (int64_t)rule->multiple, &added)) {
        return false;
    }
    added = added < rule->minimum_minor ? rule->minimum_minor : added;
    return !dsp_failed(dsp_money_add(facts->paid_minor, added, ret_minor));
}

static bool share_of(const struct inv_rule *rule, const struct inv_facts *facts, int64_t *ret_minor)
{
    int64_t product;
    if (rule->share_per_mille <= 0 || rule->share_per_mille > 1000 ||
        __builtin_mul_overflow(facts->paid_minor, (int64_t)rule->share_per_mille, &product)) {
        return false;
    }
    *ret_minor = least((product + 500) / 1000, facts->unpaid_minor);
    return true;
}

bool inv_rule_grants(const struct inv_rule *rule, const struct inv_facts *facts, struct inv_ruling *ret_ruling)
{
    int64_t amount = least(facts->asked_minor, facts->unpaid_minor);
    struct inv_ruling ruling = {.liability = rule->liability ? rule->liability : INV_LIABILITY_MERCHANT,
                                .merchant_percent = 100,
                                .remedy = rule->remedy ? rule->remedy : facts->remedy};
    if ((rule->amount == INV_AMOUNT_SHARE && !share_of(rule, facts, &amount)) ||
        (rule->amount == INV_AMOUNT_MULTIPLE && !multiple_of(rule, facts, &amount)) ||
        rule->amount > INV_AMOUNT_MULTIPLE) {
        return false;
    }
    if (ruling.liability == INV_LIABILITY_BOTH) {
        ruling.merchant_percent = rule->merchant_percent;
        if (rule->merchant_percent < 1 || rule->merchant_percent > 99 || amount < 0 ||
            dsp_failed(dsp_money_percent(amount, rule->merchant_percent, &amount))) {
            return false;
        }
    }
    ruling.amount_minor = least(amount, facts->asked_minor); /* nobody gets more than is asked */
    if (ruling.amount_minor <= 0) {
        return false;
    }
    *ret_ruling = ruling;
    return true;
}

/* --- rules --- */

static bool bit(uint32_t bits, int32_t value)
{
    return value >= 0 && value < 32 && (bits & (1u << value)) != 0;
}

static void try_one(const struct inv_rule *rule, const struct inv_facts *facts, struct inv_trial *trial)
{
    trial->rule = rule;
    trial->truth = rule->condition_count ? INV_TRUE : INV_UNKNOWN;
    for (size_t i = 0; i < rule->condition_count; i++) {
        enum inv_truth truth = inv_condition_try(&rule->conditions[i], facts);
        trial->conditions[i] = truth;
        if (truth == INV_FALSE || (truth == INV_UNKNOWN && trial->truth == INV_TRUE)) {
            trial->truth = truth;
        }
    }
}

/* What its conditions have found; a rule that looks for no item stands on the whole file. */
static void mark_relied(const struct inv_rule *rule, const struct inv_facts *facts, bool *relied)
{
    bool any = false;
    for (size_t i = 0; i < facts->exhibit_count; i++) {
        for (size_t c = 0; c < rule->condition_count && !relied[i]; c++) {
            const struct inv_condition *condition = &rule->conditions[c];
            bool reads = condition->test == INV_TEST_ITEM || condition->fact == INV_FACT_STATED ||
                         condition->than == INV_FACT_STATED;
            relied[i] = reads && fits(condition, &facts->exhibits[i]);
        }
        any = any || relied[i];
    }
    for (size_t i = 0; i < facts->exhibit_count && !any; i++) {
        relied[i] = facts->exhibits[i].usable;
    }
}

void inv_rules_try(const struct inv_facts *facts, const struct inv_rule *rules, size_t rule_count,
                   struct inv_found *ret_found)
{
    bool *relied = ret_found->relied;
    *ret_found = (struct inv_found){.relied = relied};
    for (size_t i = 0; i < facts->exhibit_count; i++) {
        relied[i] = false;
    }
    for (size_t i = 0; i < rule_count && ret_found->trial_count < INV_RULES_MAX && !ret_found->rule; i++) {
        if (!bit(rules[i].reasons, facts->reason) || (rules[i].asked && !bit(rules[i].asked, facts->remedy)) ||
            rules[i].condition_count > INV_CONDITIONS_MAX) {
            continue;
        }
        struct inv_trial *trial = &ret_found->trials[ret_found->trial_count++];
        try_one(&rules[i], facts, trial);
        if (trial->truth == INV_TRUE && inv_rule_grants(&rules[i], facts, &ret_found->ruling)) {
            ret_found->rule = &rules[i];
            mark_relied(&rules[i], facts, relied);
        }
    }
}

/* --- the engine's draft --- */

static bool has_evidence(const struct inv_facts *facts, enum inv_side side)
{
    for (size_t i = 0; i < facts->exhibit_count; i++) {
        const struct inv_exhibit *exhibit = &facts->exhibits[i];
        if (exhibit->usable && !exhibit->comment && exhibit->side == side) {
            return true;
        }
    }
    return false;
}

static struct inv_burden bearer_of(const struct inv_facts *facts)
{
    switch (facts->reason) {
    case INV_REASON_NOT_RECEIVED:
    case INV_REASON_LATE_SHIPPING:
        return (struct inv_burden){INV_MERCHANT, "EC51-DELIVERY", false};
    case INV_REASON_RETURN_7D:
    case INV_REASON_REFUND_REFUSED:
        return (struct inv_burden){INV_MERCHANT, "CP25-RETURN", false};
    case INV_REASON_FOOD_SAFETY:
        return (struct inv_burden){INV_MERCHANT, "EC62-RECORDS", false};
    case INV_REASON_QUALITY:
        if (facts->durable && facts->times[INV_FACT_RECEIVED] > 0 &&
            facts->times[INV_FACT_FILED] <= facts->times[INV_FACT_RECEIVED] + INV_PROOF_TERM_MS) {
            return (struct inv_burden){INV_MERCHANT, "CP23-PROOF", false};
        }
        break;
    default:
        break;
    }
    return (struct inv_burden){INV_CONSUMER, "CLAIMANT-PROVES", false};
}

struct inv_burden inv_burden_of(const struct inv_facts *facts)
{
    struct inv_burden burden = bearer_of(facts);
    if (burden.bearer == INV_CONSUMER && (facts->missed & INV_MERCHANT) && !(facts->missed & INV_CONSUMER)) {
        burden = (struct inv_burden){INV_MERCHANT, "EC62-RECORDS", false}; /* silence when asked counts against it */
    }
    enum inv_side other = burden.bearer == INV_MERCHANT ? INV_CONSUMER : INV_MERCHANT;
    burden.met = has_evidence(facts, burden.bearer) && !has_evidence(facts, other);
    if (facts->reason == INV_REASON_NOT_RECEIVED && facts->vouched && facts->times[INV_FACT_RECEIVED] > 0) {
        burden.met = true; /* the carrier's record proves delivery */
    }
    return burden;
}

struct inv_ruling inv_burden_ruling(const struct inv_facts *facts, const struct inv_burden *burden)
{
    bool merchant_liable = (burden->bearer == INV_MERCHANT) != burden->met;
    int64_t amount = least(facts->asked_minor, facts->unpaid_minor);
    if (!merchant_liable || amount <= 0) {
        return (struct inv_ruling){.liability = INV_LIABILITY_NONE, .remedy = INV_REMEDY_NONE};
    }
    /* Added damages need a violation that is proved: the burden gives the price back, no more. */
    bool added = facts->remedy == INV_REMEDY_STATUTORY_MULTIPLE;
    return (struct inv_ruling){.liability = INV_LIABILITY_MERCHANT,
                               .merchant_percent = 100,
                               .remedy = added ? INV_REMEDY_REFUND : facts->remedy,
                               .amount_minor = amount};
}
