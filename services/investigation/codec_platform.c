/* codec.h: what a platform publishes: staff, rules, limits. */
#include "common/base/codes.h"
#include "common/service/message.h"
#include "investigation/codec.h"

_Static_assert((int)INV_FACT_STATED == (int)DISPUTES__PLATFORM__V1__RULE_FACT__RULE_FACT_STATED, "inv_fact: RuleFact");
_Static_assert((int)INV_TEST_ANSWERED == (int)DISPUTES__PLATFORM__V1__RULE_TEST__RULE_TEST_ANSWERED,
               "inv_test: RuleTest");
_Static_assert((int)INV_AMOUNT_MULTIPLE == (int)DISPUTES__PLATFORM__V1__RULE_AMOUNT__RULE_AMOUNT_MULTIPLE,
               "inv_amount: RuleAmount");
_Static_assert((int)INV_REASON_FOOD_SAFETY == (int)DISPUTES__COMMON__V1__REASON__REASON_FOOD_SAFETY, "Reason");
_Static_assert((int)INV_REMEDY_STATUTORY_MULTIPLE == (int)DISPUTES__COMMON__V1__REMEDY__REMEDY_STATUTORY_MULTIPLE,
               "Remedy");
_Static_assert((int)INV_LIABILITY_THIRD_PARTY == (int)DISPUTES__COMMON__V1__LIABILITY__LIABILITY_THIRD_PARTY,
               "Liability");

/* Start values of docs/MACHINE.md 6.4. */
#define RULE_COSIGN_MINOR 50000
#define HIGH_VALUE_MINOR 500000

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "investigation message");
}

static enum inv_side side_of(int role)
{
    return role == DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER   ? INV_CONSUMER
           : role == DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT ? INV_MERCHANT
                                                               : INV_NOBODY;
}

static struct dsp_err await_part(const struct dsp_platforms *platforms, const Disputes__Case__V1__Entry *entry,
                                 dsp_platform_part part, uint64_t version)
{
    if (version && !dsp_platforms_version(platforms, dsp_str_from(entry->platform_id), part, version)) {
        return dsp_retry(DSP_CODE_NOT_READY, "version %llu of part %d has not been read yet",
                         (unsigned long long)version, (int)part);
    }
    return dsp_ok();
}

struct dsp_err inv_await_platform(const struct dsp_platforms *platforms, const Disputes__Case__V1__Entry *entry)
{
    if (!entry->versions) {
        return dsp_ok();
    }
    DSP_TRY(await_part(platforms, entry, DISPUTES__PLATFORM__V1__STATE__PART_POLICY, entry->versions->policy));
    return await_part(platforms, entry, DISPUTES__PLATFORM__V1__STATE__PART_RULES, entry->versions->rules);
}

/* --- staff --- */

static bool in_conflict(const Disputes__Platform__V1__StaffMember *member, const struct inv_case_row *row)
{
    for (size_t i = 0; i < member->n_conflicts; i++) {
        struct dsp_str with = dsp_str_from(member->conflicts[i]);
        if (dsp_str_equal(with, row->consumer_id) || dsp_str_equal(with, row->merchant_id)) {
            return true;
        }
    }
    return false;
}

struct dsp_err inv_read_staff(const struct dsp_platforms *platforms, struct dsp_arena *arena,
                              const struct inv_case_row *row, int64_t time_ms, struct inv_member **ret_members,
                              size_t *ret_count)
{
    const Disputes__Platform__V1__State *state = dsp_platforms_at(platforms, row->head.platform_id,
                                                                  DISPUTES__PLATFORM__V1__STATE__PART_STAFF, time_ms);
    size_t count = state ? state->staff->n_members : 0;
    struct inv_member *members = dsp_arena_alloc(arena, (count + 1) * sizeof *members);
    if (!members) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        const Disputes__Platform__V1__StaffMember *from = state->staff->members[i];
        members[i] = (struct inv_member){
            .staff_id = dsp_str_from(from->staff_id), .role = (int32_t)from->role, .conflict = in_conflict(from, row)};
    }
    *ret_members = members;
    *ret_count = count;
    return dsp_ok();
}

/* --- rules and limits --- */

static uint32_t bit(int value)
{
    return value > 0 && value < 32 ? 1u << value : 0;
}

static struct dsp_err read_conditions(struct dsp_arena *arena, const Disputes__Platform__V1__Rule *from,
                                      struct inv_rule *rule)
{
    struct inv_condition *list = dsp_arena_alloc(arena, (from->n_conditions + 1) * sizeof *list);
    if (!list) {
        return full();
    }
    for (size_t i = 0; i < from->n_conditions; i++) {
        const Disputes__Platform__V1__RuleCondition *condition = from->conditions[i];
        list[i] = (struct inv_condition){.test = (int32_t)condition->test,
                                         .fact = (int32_t)condition->fact,
                                         .than = (int32_t)condition->than,
                                         .plus_ms = condition->plus_millis,
                                         .side = side_of((int)condition->side),
                                         .kind = (int32_t)condition->kind,
                                         .result = (int32_t)condition->result,
                                         .verified = condition->verified};
    }
    rule->conditions = list;
    rule->condition_count = from->n_conditions;
    return dsp_ok();
}

static struct dsp_err read_rule(struct dsp_arena *arena, const Disputes__Platform__V1__Rule *from,
                                struct inv_rule *rule)
{
    *rule = (struct inv_rule){.rule_id = dsp_message_str(from->rule_id),
                              .reasons = bit((int)from->reason),
                              .remedy = (int32_t)from->remedy,
                              .amount = (int32_t)from->amount,
                              .share_per_mille = from->share_per_mille,
                              .multiple = from->multiple,
                              .minimum_minor = from->minimum_minor,
                              .liability = (int32_t)from->liability,
                              .merchant_percent = from->merchant_percent};
    for (size_t i = 0; i < from->n_further_reasons; i++) {
        rule->reasons |= bit((int)from->further_reasons[i]);
    }
    for (size_t i = 0; i < from->n_asked; i++) {
        rule->asked |= bit((int)from->asked[i]);
    }
    return read_conditions(arena, from, rule);
}

struct dsp_err inv_read_rules(const struct dsp_platforms *platforms, struct dsp_arena *arena,
                              const struct inv_case_row *row, const struct inv_rule **ret_rules, size_t *ret_count)
{
    const Disputes__Platform__V1__State *state = dsp_platforms_version(
        platforms, row->head.platform_id, DISPUTES__PLATFORM__V1__STATE__PART_RULES, (uint64_t)row->head.rules_version);
    size_t count = state ? state->rules->n_rules : 0;
    struct inv_rule *rules = dsp_arena_alloc(arena, (count + 1) * sizeof *rules);
    if (!rules) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        DSP_TRY(read_rule(arena, state->rules->rules[i], &rules[i]));
    }
    *ret_rules = rules;
    *ret_count = count;
    return dsp_ok();
}

struct inv_limits inv_read_limits(const struct dsp_platforms *platforms, const struct inv_case_row *row)
{
    struct inv_limits limits = {RULE_COSIGN_MINOR, HIGH_VALUE_MINOR};
    const Disputes__Platform__V1__State *state = dsp_platforms_version(platforms, row->head.platform_id,
                                                                       DISPUTES__PLATFORM__V1__STATE__PART_POLICY,
                                                                       (uint64_t)row->head.policy_version);
    if (state && state->policy->rule_cosign_minor) {
        limits.rule_cosign_minor = state->policy->rule_cosign_minor;
    }
    if (state && state->policy->high_value_minor) {
        limits.high_value_minor = state->policy->high_value_minor;
    }
    return limits;
}
