#include "fund/duties.h"

#include "common/base/codes.h"
#include "common/base/log.h"

bool fund_decide_duty(struct fund_duty_row *duty, enum fund_duty_input input)
{
    enum fund_duty_state next = fund_duty_decide((enum fund_duty_state)duty->state, input, duty->due_seq > 0);
    if (next == FUND_DUTY_NONE) {
        return false;
    }
    if (next != (enum fund_duty_state)duty->state) {
        dsp_log(DSP_LOG_DEBUG, "duty", DSP_F_UUID("dispute.case_id", &duty->case_id),
                DSP_F_TEXT("dispute.state", fund_duty_state_name((int)next)));
    }
    duty->state = (int32_t)next;
    duty->row.dirty = true;
    return true;
}

static bool listed(const struct fund_entry *entry, struct dsp_str duty_id)
{
    for (size_t i = 0; i < entry->duty_count; i++) {
        if (dsp_str_equal(entry->duties[i].duty_id, duty_id)) {
            return true;
        }
    }
    return false;
}

/* A new decision, award or agreement stands in the place of what was owed before; so does a lapse. */
static void waive_earlier(struct dsp_turn *turn, const struct fund_case_row *row, const struct fund_entry *entry)
{
    struct fund_duty_row *duty;
    if (!entry->rule->replaces) {
        return;
    }
    for (size_t i = 0; (duty = fund_store_at(turn, FUND_TABLE_DUTY, &row->head.case_id, i)); i++) {
        if (!listed(entry, duty->duty_id) && fund_decide_duty(duty, FUND_DUTY_WAIVE)) {
            duty->waived_seq = entry->sequence;
        }
    }
}

static bool goods_are_out(struct dsp_turn *turn, const struct fund_case_row *row)
{
    const struct fund_duty_row *duty;
    for (size_t i = 0; (duty = fund_store_at(turn, FUND_TABLE_DUTY, &row->head.case_id, i)); i++) {
        if (duty->kind == FUND_DUTY_RETURN_GOODS && fund_duty_open((enum fund_duty_state)duty->state)) {
            return true;
        }
    }
    return false;
}

/* Money waits for goods that are to come back first. */
static void bind_duties(struct dsp_turn *turn, const struct fund_case_row *row, const struct fund_entry *entry)
{
    struct fund_duty_row *duty;
    bool out = entry->enforcing && goods_are_out(turn, row);
    for (size_t i = 0; entry->binds && (duty = fund_store_at(turn, FUND_TABLE_DUTY, &row->head.case_id, i)); i++) {
        bool waits = out && duty->kind == FUND_DUTY_PAY;
        if (!waits && fund_decide_duty(duty, FUND_DUTY_BIND) && !duty->due_seq) {
            duty->due_seq = entry->sequence;
        }
    }
}

static struct dsp_err add_duties(struct dsp_turn *turn, const struct fund_case_row *row, const struct fund_entry *entry)
{
    for (size_t i = 0; i < entry->duty_count; i++) {
        const struct fund_new_duty *from = &entry->duties[i];
        struct fund_duty_row *duty = fund_store_duty(turn, &row->head.case_id, from->duty_id);
        if (!duty) {
            duty = fund_store_add(turn, FUND_TABLE_DUTY, &row->head.case_id);
            if (!duty) {
                return dsp_reject(DSP_CODE_ARENA_FULL, "duty");
            }
            duty->duty_id = from->duty_id;
            duty->kind = from->kind;
            duty->side = from->side;
            duty->amount_minor = from->amount_minor;
            duty->state = FUND_DUTY_NOTED;
            duty->noted_seq = entry->sequence;
        }
        if (from->due && fund_decide_duty(duty, FUND_DUTY_BIND) && !duty->due_seq) {
            duty->due_seq = entry->sequence;
        }
    }
    return dsp_ok();
}

static int64_t owed_by_merchant(struct dsp_turn *turn, const struct fund_case_row *row)
{
    const struct fund_duty_row *duty;
    int64_t sum_minor = 0;
    for (size_t i = 0; (duty = fund_store_at(turn, FUND_TABLE_DUTY, &row->head.case_id, i)); i++) {
        if (duty->side == FUND_SIDE_MERCHANT && fund_duty_open((enum fund_duty_state)duty->state)) {
            sum_minor += duty->amount_minor;
        }
    }
    return sum_minor;
}

static struct dsp_err set_aside(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                                const struct fund_entry *entry, const struct fund_cause *cause, int64_t credit_minor)
{
    const struct fund_claim_row *claim = fund_store_claim(turn, row);
    bool statutory = entry->statutory || (claim && claim->sum.statutory);
    switch (entry->rule->aside) {
    case FUND_ASIDE_RULING:
        return fund_reserve_to(fund, turn, row, cause, entry->ruling_minor,
                               fund_entry_target(entry->ruling_minor, credit_minor), entry->statutory);
    case FUND_ASIDE_OWED: {
        int64_t owed_minor = owed_by_merchant(turn, row);
        return fund_reserve_to(fund, turn, row, cause, owed_minor, owed_minor, statutory);
    }
    case FUND_ASIDE_AS_IT_IS:
    default:
        break;
    }
    if (entry->enforcing && !fund_held(turn, row)) {
        int64_t owed_minor = owed_by_merchant(turn, row);
        return owed_minor ? fund_reserve_to(fund, turn, row, cause, owed_minor, owed_minor, statutory) : dsp_ok();
    }
    return dsp_ok();
}

/* CheckReturn: what is left to pay after damaged goods. */
static struct dsp_err cut_duties(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                                 const struct fund_entry *entry, const struct fund_cause *cause)
{
    struct fund_duty_row *duty;
    for (size_t i = 0; (duty = fund_store_at(turn, FUND_TABLE_DUTY, &row->head.case_id, i)); i++) {
        if (duty->kind != FUND_DUTY_PAY || !fund_duty_open((enum fund_duty_state)duty->state)) {
            continue;
        }
        duty->row.dirty = true;
        if (entry->cut_minor && entry->cut_minor < duty->amount_minor) {
            duty->amount_minor = entry->cut_minor;
        } else if (!entry->cut_minor && fund_decide_duty(duty, FUND_DUTY_WAIVE)) {
            duty->waived_seq = entry->sequence;
            DSP_TRY(fund_discharge(turn, row, cause, duty));
        }
    }
    int64_t target_minor = owed_by_merchant(turn, row);
    return fund_held(turn, row) > target_minor
               ? fund_reserve_to(fund, turn, row, cause, target_minor, target_minor, false)
               : dsp_ok();
}

/* What has been paid for good in this case, by the merchant or in its place. */
static int64_t paid_before(struct dsp_turn *turn, const struct fund_case_row *row)
{
    const struct fund_duty_row *duty;
    int64_t sum_minor = 0;
    for (size_t i = 0; (duty = fund_store_at(turn, FUND_TABLE_DUTY, &row->head.case_id, i)); i++) {
        bool paid = duty->state == FUND_DUTY_VERIFIED || duty->state == FUND_DUTY_SUBSTITUTED;
        if (duty->kind == FUND_DUTY_PAY && paid) {
            sum_minor += duty->amount_minor;
        }
    }
    return sum_minor;
}

/* What was paid under the decision before (T48) counts towards the new one: nobody pays twice. */
static struct dsp_err credit_duties(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry,
                                    const struct fund_cause *cause, int64_t credit_minor)
{
    for (size_t i = 0; credit_minor > 0 && i < entry->duty_count; i++) {
        struct fund_duty_row *duty = fund_store_duty(turn, &row->head.case_id, entry->duties[i].duty_id);
        if (!duty || duty->kind != FUND_DUTY_PAY || !fund_duty_open((enum fund_duty_state)duty->state)) {
            continue;
        }
        duty->row.dirty = true;
        if (credit_minor < duty->amount_minor) {
            duty->amount_minor -= credit_minor;
            return dsp_ok();
        }
        credit_minor -= duty->amount_minor;
        duty->amount_minor = 0; /* already counted with the duty under which it was paid */
        fund_decide_duty(duty, FUND_DUTY_VERIFY);
        duty->verified_seq = entry->sequence;
        DSP_TRY(fund_discharge(turn, row, cause, duty));
    }
    return dsp_ok();
}

struct dsp_err fund_change_duties(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                                  const struct fund_entry *entry, const struct fund_cause *cause)
{
    int64_t credit_minor = entry->rule->rules ? paid_before(turn, row) : 0;
    waive_earlier(turn, row, entry);
    bind_duties(turn, row, entry);
    DSP_TRY(add_duties(turn, row, entry));
    DSP_TRY(set_aside(fund, turn, row, entry, cause, credit_minor));
    DSP_TRY(credit_duties(turn, row, entry, cause, credit_minor));
    return entry->cut ? cut_duties(fund, turn, row, entry, cause) : dsp_ok();
}
