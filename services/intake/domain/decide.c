/* Picks the row for an input, in the order of checks of docs/MACHINE.md 1.2, and applies it. */
#include <string.h>

#include "intake/domain/rooms.h"

const struct intake_refusal_text INTAKE_REFUSALS[REFUSAL_COUNT] = {
    [REFUSAL_CASE_UNKNOWN] = {"CASE_UNKNOWN", "没有这个案件", "There is no such case."},
    [REFUSAL_ID_REUSED] = {"ID_REUSED", "该命令编号已用于其他内容", "This command id was used with other content."},
    [REFUSAL_STALE] = {"STALE", "案件已更新，请刷新后重试", "The case has moved on since."},
    [REFUSAL_NOT_IN_THIS_STAGE] = {"NOT_IN_THIS_STAGE", "当前阶段不能进行此操作",
                                   "This cannot be done in the present stage."},
    [REFUSAL_NOT_YOUR_ROLE] = {"NOT_YOUR_ROLE", "您无权进行此操作", "This is not for your role."},
    [REFUSAL_NOT_ASSIGNED] = {"NOT_ASSIGNED", "只有指定的处理人员可以操作", "Only the named assignee may do this."},
    [REFUSAL_CONFLICT_OF_INTEREST] = {"CONFLICT_OF_INTEREST", "存在利益冲突，不能处理此案",
                                      "There is a conflict of interest."},
    [REFUSAL_DEADLINE_PASSED] = {"DEADLINE_PASSED", "已超过期限", "The deadline has passed."},
    [REFUSAL_WINDOW_NOT_OPEN] = {"WINDOW_NOT_OPEN", "尚未到可以操作的时间", "It is too early for this."},
    [REFUSAL_LIMIT_REACHED] = {"LIMIT_REACHED", "已达到次数上限", "This was used up."},
    [REFUSAL_OUTSIDE_FILING_WINDOW] = {"OUTSIDE_FILING_WINDOW", "已超过可投诉的期限",
                                       "The time for a complaint about this order has passed."},
    [REFUSAL_NOT_YOUR_ORDER] = {"NOT_YOUR_ORDER", "该订单不属于您", "This order is not yours."},
    [REFUSAL_CONSENT_MISSING] = {"CONSENT_MISSING", "双方尚未同意仲裁", "There is no arbitration agreement of both."},
    [REFUSAL_CLOCK_STOPPED] = {"CLOCK_STOPPED", "该期限已结束或暂停", "This clock was met, paused or moved."},
    [REFUSAL_GUARD_FAILED] = {"GUARD_FAILED", "条件不满足", "A condition of this step is not met."},
};

bool intake_is_breach(const struct intake_input *input)
{
    return input->trigger == TRIGGER_CLOCK_BREACHED || input->trigger == TRIGGER_OFFER_EXPIRED;
}

bool intake_is_party(int32_t role)
{
    return role == ROLE_CONSUMER || role == ROLE_MERCHANT;
}

bool intake_own_case(const struct intake_case *c, const struct intake_input *input)
{
    if (c->docket.stage == STAGE_NEW || !intake_is_party(input->role)) {
        return true;
    }
    return dsp_str_equal(input->actor_id, input->role == ROLE_CONSUMER ? c->docket.consumer_id : c->docket.merchant_id);
}

static bool is_cell(const struct intake_case *c, const struct intake_input *input, const struct intake_row *row)
{
    return (row->stages & (1u << c->docket.stage)) && row->trigger == input->trigger &&
           (!row->clock || row->clock == input->clock.kind) && (row->sources & (1u << input->source));
}

/* A finding of another generation, or about a clock that the docket knows otherwise. */
static bool is_stale(const struct intake_case *c, const struct intake_input *input)
{
    if (input->generation && input->generation != c->docket.generation) {
        return true;
    }
    if (input->answers > c->docket.seq) {
        return true; /* an entry that is not in this log */
    }
    if (intake_answered_before(c, input)) {
        return true;
    }
    if (!intake_is_breach(input)) {
        return false;
    }
    const struct intake_clock *clock = intake_clock_find(c, input->clock.kind, input->clock.side, input->clock.cause);
    return !clock ||
           (clock->due_ms && (clock->due_ms != input->clock.due_ms || clock->generation != input->clock.generation));
}

static enum intake_refusal row_refusal(const struct intake_case *c, const struct intake_input *input,
                                       const struct intake_row *row, const char **ret_guard)
{
    enum intake_refusal worst = REFUSAL_NONE;
    for (size_t i = 0; i < INTAKE_ROW_GUARDS && row->guards[i]; i++) {
        const struct intake_guard *guard = row->guards[i];
        if (!guard->holds(c, input) && (worst == REFUSAL_NONE || guard->refusal < worst)) {
            worst = guard->refusal;
            *ret_guard = guard->name;
        }
    }
    return worst;
}

/* Whose acts stand in the log is kept, so their number has a limit. */
static bool has_acted(const struct intake_case *c, struct dsp_str who)
{
    for (size_t i = 0; i < c->acted_count; i++) {
        if (dsp_str_equal(c->acted[i], who)) {
            return true;
        }
    }
    return false;
}

static bool staff_full(const struct intake_case *c, const struct intake_input *input)
{
    return input->source == SOURCE_CON && c->acted_count + 1 + input->people_count > INTAKE_PEOPLE_MAX &&
           !has_acted(c, input->actor_id);
}

static void keep_staff(struct intake_case *c, const struct intake_input *input)
{
    if (input->source != SOURCE_CON) {
        return;
    }
    for (size_t i = 0; i <= input->people_count; i++) {
        struct dsp_str who = i ? input->people[i - 1].id : input->actor_id;
        if (who.len && !has_acted(c, who) && c->acted_count < INTAKE_PEOPLE_MAX) {
            c->acted[c->acted_count++] = who;
        }
    }
}

enum intake_refusal intake_would(const struct intake_case *c, const struct intake_input *input,
                                 const struct intake_row **ret_row, const char **ret_guard)
{
    enum intake_refusal best = REFUSAL_NOT_IN_THIS_STAGE;
    bool of_role = false;
    *ret_row = NULL;
    *ret_guard = NULL;
    if (c->docket.stage != STAGE_NEW && is_stale(c, input)) {
        return REFUSAL_STALE;
    }
    if (intake_waits_full(c, input) || staff_full(c, input)) {
        *ret_guard = "so many acts or members of staff in one case";
        return REFUSAL_LIMIT_REACHED;
    }
    for (size_t i = 0; i < INTAKE_MACHINE_ROWS; i++) {
        const struct intake_row *row = &INTAKE_MACHINE[i];
        const char *guard = NULL;
        if (!is_cell(c, input, row)) {
            continue;
        }
        if (!(row->who & (1u << input->role)) || !intake_own_case(c, input)) {
            best = of_role ? best : REFUSAL_NOT_YOUR_ROLE;
            continue;
        }
        enum intake_refusal refusal = row_refusal(c, input, row, &guard);
        if (refusal == REFUSAL_NONE) {
            *ret_row = row;
            *ret_guard = NULL;
            return REFUSAL_NONE;
        }
        if (!of_role || refusal < best) { /* the first check that fails, over all rows of the cell */
            best = refusal;
            *ret_guard = guard;
        }
        of_role = true;
    }
    return best;
}

/* Taken although stamped after the due time of the actor's own clock in this stage: the breach comes later
 * and is recorded all the same. */
static bool is_late(const struct intake_case *c, const struct intake_input *input)
{
    if (!intake_is_party(input->role)) {
        return false;
    }
    for (size_t i = 0; i < c->clock_count; i++) {
        const struct intake_clock *clock = &c->clocks[i];
        if (clock->state == MIRROR_LIVE && clock->side == input->role && clock->due_ms &&
            clock->kind != CLOCK_SERVICE && input->time_ms > clock->due_ms) {
            return true;
        }
    }
    return false;
}

static void take_row(struct intake_case *c, const struct intake_input *input, const struct intake_row *row,
                     struct intake_draft *draft)
{
    draft->row = row;
    draft->entry = row->entry;
    draft->late = is_late(c, input);
    if (intake_is_breach(input)) {
        intake_take_breach(c, input, draft);
    }
    int32_t before = c->docket.stage;
    for (size_t i = 0; i < INTAKE_ROW_EFFECTS && row->effects[i]; i++) {
        row->effects[i]->apply(c, input, draft);
    }
    int32_t to = row->to ? row->to : before;
    if (to != before) {
        intake_leave_stage(c, to, draft);
    }
    c->docket.stage = to;
    draft->stage_after = to;
    intake_answer(c, input);
    intake_wait(c, input, draft->sequence);
    keep_staff(c, input);
}

static void decide_one(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    const struct intake_row *row;
    memset(draft, 0, sizeof *draft);
    draft->sequence = c->docket.seq + 1;
    draft->stage_before = draft->stage_after = c->docket.stage;
    draft->refusal = intake_would(c, input, &row, &draft->guard);
    if (draft->refusal == REFUSAL_NONE) {
        take_row(c, input, row, draft);
    } else {
        draft->entry = input->source == SOURCE_GW || input->source == SOURCE_CON ? ENTRY_COMMAND_REFUSED
                                                                                 : ENTRY_FINDING_REFUSED;
    }
    c->docket.seq++;
}

static enum intake_trigger follow_up_trigger(int32_t follow_up)
{
    switch (follow_up) {
    case FOLLOW_UP_TRIAGE:
        return TRIGGER_TRIAGE_STARTED;
    case FOLLOW_UP_ADMISSION:
        return TRIGGER_ADMIT;
    case FOLLOW_UP_WINDOWS_SHUT:
        return TRIGGER_WINDOWS_SHUT;
    case FOLLOW_UP_ALL_DISCHARGED:
        return TRIGGER_DUTY_DISCHARGED;
    default:
        return TRIGGER_UNKNOWN;
    }
}

/* A follow-up that no row takes is simply not due: it leaves no refusal. */
static bool follow(struct intake_case *c, const struct intake_input *cause, int32_t follow_up,
                   enum intake_trigger trigger, struct intake_draft *draft)
{
    struct intake_input input = {.trigger = trigger,
                                 .source = SOURCE_DKT,
                                 .role = ROLE_SYSTEM,
                                 .time_ms = cause->time_ms,
                                 .clock = cause->clock};
    const struct intake_row *row;
    const char *guard;
    if (intake_would(c, &input, &row, &guard) != REFUSAL_NONE) {
        return false;
    }
    decide_one(c, &input, draft);
    draft->follow_up = follow_up;
    return true;
}

size_t intake_decide(struct intake_case *c, const struct intake_input *input,
                     struct intake_draft ret_drafts[INTAKE_DRAFTS_MAX])
{
    size_t count = 1;
    if (!c->policy) {
        c->policy = &INTAKE_START_POLICY;
    }
    decide_one(c, input, &ret_drafts[0]);
    for (size_t i = 0; i < count; i++) {
        for (size_t n = 0; n < ret_drafts[i].next_count && count < INTAKE_DRAFTS_MAX; n++) {
            int32_t next = ret_drafts[i].next[n];
            bool taken = follow(c, input, next, follow_up_trigger(next), &ret_drafts[count]);
            if (!taken && next == FOLLOW_UP_ADMISSION) {
                taken = follow(c, input, next, TRIGGER_ADMIT_FAST_TRACK, &ret_drafts[count]);
            }
            count += taken;
        }
    }
    return count;
}
