/* What somebody may do now, and until when. Computed from the table that decides: a row counts when all of its guards
 * hold that ask how the case stands. Those that ask what the command says cannot be known before it is there. */
#include "intake/domain/rooms.h"

int32_t intake_bound_by(enum intake_trigger trigger, int32_t role)
{
    switch (trigger) {
    case TRIGGER_ADMIT:
    case TRIGGER_ADMIT_FAST_TRACK:
    case TRIGGER_REFER_DIRECT:
    case TRIGGER_INFO_REQUESTED:
    case TRIGGER_REJECT_FILING:
        return CLOCK_SCREEN;
    case TRIGGER_INFO_SUPPLIED:
        return CLOCK_SUPPLEMENT;
    case TRIGGER_REPLY:
        return CLOCK_M_FIRST;
    case TRIGGER_ACCEPT_CLAIM:
    case TRIGGER_CONTEST_CLAIM:
        return CLOCK_M_POSITION;
    case TRIGGER_COUNTER_OFFER:
    case TRIGGER_ACCEPT_OFFER:
    case TRIGGER_REJECT_OFFER:
    case TRIGGER_RETRACT_OFFER:
        return CLOCK_OFFER;
    case TRIGGER_ADD_EVIDENCE:
        return CLOCK_ROUND;
    case TRIGGER_NEXT_ROUND:
    case TRIGGER_CLOSE_ROUNDS:
        return CLOCK_NEXT_ROUND;
    case TRIGGER_PROPOSE_DECISION:
        return CLOCK_INVEST_HARD;
    case TRIGGER_COMMENT:
        return CLOCK_COMMENT;
    case TRIGGER_REOPEN_ON_COMMENT:
    case TRIGGER_FINALISE:
        return CLOCK_FINALISE;
    case TRIGGER_APPEAL:
    case TRIGGER_SET_ASIDE:
    case TRIGGER_WAIVE_APPEAL:
    case TRIGGER_ELECT_ARBITRATION:
        return CLOCK_APPEAL;
    case TRIGGER_DECIDE_APPEAL:
    case TRIGGER_REMAND:
        return CLOCK_APPEAL_HARD;
    case TRIGGER_DUTY_PERFORMED:
        return role == ROLE_CONSUMER ? CLOCK_RETURN_SHIP : CLOCK_PERFORM;
    case TRIGGER_INSPECT_RETURN:
        return CLOCK_RETURN_INSPECT;
    case TRIGGER_CHECK_RETURN:
        return CLOCK_RETURN_CHECK;
    case TRIGGER_RELEASE_PAYOUT:
        return CLOCK_HOLD;
    case TRIGGER_ANSWER_FEEDBACK:
        return CLOCK_FEEDBACK;
    case TRIGGER_ASK_REVIEW:
        return CLOCK_REVIEW;
    case TRIGGER_REFILE:
        return CLOCK_REFILE;
    default:
        return CLOCK_NONE;
    }
}

/* The clock of an act that runs now: that of its own side, one of the platform, or the one of the open offer, which
 * binds both sides. NULL: nothing binds it. */
static const struct intake_clock *binding(const struct intake_case *c, enum intake_trigger trigger, int32_t role)
{
    int32_t kind = intake_bound_by(trigger, role);
    for (size_t i = 0; kind && i < c->clock_count; i++) {
        const struct intake_clock *clock = &c->clocks[i];
        bool of_role = clock->side == role || !intake_is_party(clock->side) || kind == CLOCK_OFFER;
        if (clock->kind == kind && clock->state == MIRROR_LIVE && of_role) {
            return clock;
        }
    }
    return NULL;
}

static bool may(const struct intake_case *c, const struct intake_input *who, const struct intake_row *row)
{
    struct intake_input input = {
        .trigger = row->trigger, .role = who->role, .actor_id = who->actor_id, .time_ms = who->time_ms};
    if (!(row->stages & (1u << c->docket.stage)) || !(row->who & (1u << who->role)) ||
        !(row->sources & ((1u << SOURCE_GW) | (1u << SOURCE_CON)))) {
        return false;
    }
    for (size_t i = 0; i < INTAKE_ROW_GUARDS && row->guards[i]; i++) {
        if (!row->guards[i]->of_content && !row->guards[i]->holds(c, &input)) {
            return false;
        }
    }
    return intake_bound_by(row->trigger, who->role) != CLOCK_OFFER ||
           binding(c, row->trigger, who->role); /* nothing to answer */
}

static bool is_listed(const struct intake_allowed *list, size_t count, const char *action)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i].action == action) {
            return true;
        }
    }
    return false;
}

size_t intake_allowed_actions(const struct intake_case *c, const struct intake_input *who,
                              struct intake_allowed *ret_list, size_t most)
{
    size_t count = 0;
    if (!intake_own_case(c, who)) {
        return 0;
    }
    for (size_t i = 0; i < INTAKE_MACHINE_ROWS && count < most; i++) {
        const struct intake_row *row = &INTAKE_MACHINE[i];
        const char *name = intake_trigger_name((int)row->trigger);
        if (may(c, who, row) && !is_listed(ret_list, count, name)) {
            const struct intake_clock *clock = binding(c, row->trigger, who->role);
            ret_list[count++] = (struct intake_allowed){name, clock ? clock->due_ms : 0};
        }
    }
    return count;
}
