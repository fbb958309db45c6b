#include "investigation/domain.h"

const char *inv_side_name(int sides)
{
    static const char *const NAMES[] = {"NOBODY", "CONSUMER", "MERCHANT", "BOTH"};
    return sides >= 0 && sides <= INV_BOTH ? NAMES[sides] : NULL;
}

/* --- items --- */

static const enum inv_item_state ITEMS[INV_ITEM_STATE_COUNT][INV_ITEM_INPUT_COUNT] = {
    [INV_ITEM_IN_TIME] = {[INV_ITEM_INPUT_REDACT] = INV_ITEM_REDACTED},
    [INV_ITEM_LATE] = {[INV_ITEM_INPUT_ADMIT] = INV_ITEM_ADMITTED_LATE, [INV_ITEM_INPUT_REDACT] = INV_ITEM_REDACTED},
    [INV_ITEM_ADMITTED_LATE] = {[INV_ITEM_INPUT_REDACT] = INV_ITEM_REDACTED},
};

enum inv_item_state inv_item_next(enum inv_item_state state, enum inv_item_input input)
{
    return ITEMS[state][input] ? ITEMS[state][input] : state;
}

const char *inv_item_state_name(int state)
{
    static const char *const NAMES[] = {NULL, "IN_TIME", "LATE", "ADMITTED_LATE", "REDACTED"};
    return state > 0 && state < INV_ITEM_STATE_COUNT ? NAMES[state] : NULL;
}

const char *inv_item_refusal(const struct inv_item *item, const struct inv_item *same, size_t held)
{
    if (item->item_id.len == 0 || item->item_id.len > INV_ITEM_ID_MAX || item->sha256.len != 32 ||
        item->size_bytes <= 0 || item->media_type.len == 0 || item->media_type.len > INV_MEDIA_TYPE_MAX) {
        return "FIELD_INVALID";
    }
    if (same) {
        return dsp_str_equal(same->sha256, item->sha256) ? NULL : "ID_REUSED";
    }
    return held >= INV_ITEMS_MAX ? "LIMIT_REACHED" : NULL;
}

/* --- rounds --- */

static const struct inv_round_rule ROUNDS[INV_ROUND_STATE_COUNT][INV_ROUND_INPUT_COUNT] = {
    [INV_ROUND_REQUESTED] =
        {
            [INV_ROUND_INPUT_ANSWER] = {true, INV_ROUND_PARTIAL, false},
            [INV_ROUND_INPUT_ALL] = {true, INV_ROUND_COMPLETE, true},
            [INV_ROUND_INPUT_MISS] = {true, INV_ROUND_REQUESTED, false},
            [INV_ROUND_INPUT_OUT] = {true, INV_ROUND_TIMED_OUT, true},
            [INV_ROUND_INPUT_LEAVE] = {true, INV_ROUND_SEALED, false},
        },
    [INV_ROUND_PARTIAL] =
        {
            [INV_ROUND_INPUT_ALL] = {true, INV_ROUND_COMPLETE, true},
            [INV_ROUND_INPUT_OUT] = {true, INV_ROUND_TIMED_OUT, true},
            [INV_ROUND_INPUT_LEAVE] = {true, INV_ROUND_SEALED, false},
        },
    [INV_ROUND_COMPLETE] =
        {
            [INV_ROUND_INPUT_SEAL] = {true, INV_ROUND_SEALED, false},
            [INV_ROUND_INPUT_LEAVE] = {true, INV_ROUND_SEALED, false},
        },
    [INV_ROUND_TIMED_OUT] =
        {
            [INV_ROUND_INPUT_SEAL] = {true, INV_ROUND_SEALED, false},
            [INV_ROUND_INPUT_LEAVE] = {true, INV_ROUND_SEALED, false},
        },
};

const struct inv_round_rule *inv_round_rule(enum inv_round_state state, enum inv_round_input input)
{
    return &ROUNDS[state][input];
}

const char *inv_round_state_name(int state)
{
    static const char *const NAMES[] = {NULL, "REQUESTED", "PARTIAL", "COMPLETE", "TIMED_OUT", "SEALED"};
    return state > 0 && state < INV_ROUND_STATE_COUNT ? NAMES[state] : NULL;
}

struct inv_round inv_round_open(int32_t number, int32_t asked, bool final)
{
    return (struct inv_round){.state = INV_ROUND_REQUESTED, .number = number, .asked = asked, .final = final};
}

bool inv_round_is_open(const struct inv_round *round)
{
    return round->state == INV_ROUND_REQUESTED || round->state == INV_ROUND_PARTIAL;
}

bool inv_round_waits_for(const struct inv_round *round, enum inv_side side)
{
    return inv_round_is_open(round) && (round->asked & ~round->answered & ~round->missed & (int32_t)side);
}

static bool apply(struct inv_round *round, enum inv_round_input input)
{
    const struct inv_round_rule *rule = inv_round_rule(round->state, input);
    if (rule->allowed) {
        round->state = rule->next;
    }
    return rule->allowed && rule->say;
}

bool inv_round_done(struct inv_round *round, enum inv_side side)
{
    if (!inv_round_waits_for(round, side)) {
        return false;
    }
    round->answered |= (int32_t)side;
    bool left = (round->asked & ~round->answered & ~round->missed) != 0;
    return apply(round, left ? INV_ROUND_INPUT_ANSWER : round->missed ? INV_ROUND_INPUT_OUT : INV_ROUND_INPUT_ALL);
}

bool inv_round_missed(struct inv_round *round, enum inv_side side)
{
    if (!inv_round_waits_for(round, side)) {
        return false;
    }
    round->missed |= (int32_t)side;
    bool left = (round->asked & ~round->answered & ~round->missed) != 0;
    return apply(round, left ? INV_ROUND_INPUT_MISS : INV_ROUND_INPUT_OUT);
}

bool inv_round_is_last(const struct inv_round *round)
{
    return round->final || round->number >= 3;
}

enum inv_item_state inv_item_arrives(const struct inv_round *round, enum inv_side side)
{
    return !round || inv_round_waits_for(round, side) ? INV_ITEM_IN_TIME : INV_ITEM_LATE;
}

/* --- decisions --- */

static const struct inv_decision_rule DECISIONS[INV_DECISION_STATE_COUNT][INV_DECISION_INPUT_COUNT] = {
    [INV_DECISION_PROPOSED] =
        {
            [INV_DECISION_INPUT_DROP] = {true, INV_DECISION_DROPPED},
            [INV_DECISION_INPUT_FINALISE] = {true, INV_DECISION_FINAL},
            [INV_DECISION_INPUT_REPLACE] = {true, INV_DECISION_DROPPED}, /* an agreement before it was final */
        },
    [INV_DECISION_FINAL] =
        {
            [INV_DECISION_INPUT_AFFIRM] = {true, INV_DECISION_AFFIRMED},
            [INV_DECISION_INPUT_VARY] = {true, INV_DECISION_VARIED},
            [INV_DECISION_INPUT_ANNUL] = {true, INV_DECISION_ANNULLED},
            [INV_DECISION_INPUT_REPLACE] = {true, INV_DECISION_VARIED},
        },
    [INV_DECISION_AFFIRMED] = {[INV_DECISION_INPUT_REPLACE] = {true, INV_DECISION_VARIED}},
    [INV_DECISION_VARIED] = {[INV_DECISION_INPUT_REPLACE] = {true, INV_DECISION_VARIED}},
};

const struct inv_decision_rule *inv_decision_rule(enum inv_decision_state state, enum inv_decision_input input)
{
    return &DECISIONS[state][input];
}

const char *inv_decision_state_name(int state)
{
    static const char *const NAMES[] = {NULL, "PROPOSED", "FINAL", "AFFIRMED", "VARIED", "ANNULLED", "DROPPED"};
    return state > 0 && state < INV_DECISION_STATE_COUNT ? NAMES[state] : NULL;
}

enum inv_decision_input inv_verdict(bool same_ruling, bool anything_owed)
{
    if (same_ruling) {
        return INV_DECISION_INPUT_AFFIRM;
    }
    return anything_owed ? INV_DECISION_INPUT_VARY : INV_DECISION_INPUT_ANNUL;
}

/* --- people --- */

bool inv_draw(const struct inv_member *members, size_t member_count, enum inv_role role, size_t count,
              size_t *ret_picked)
{
    size_t found = 0;
    for (size_t i = 0; i < member_count && found < count; i++) {
        if (members[i].role == (int32_t)role && !members[i].conflict && !members[i].touched) {
            ret_picked[found++] = i;
        }
    }
    return found == count;
}
