#include "fund/domain/recovery.h"

#include <stddef.h>

#define LIVE_ENDS [FUND_RECOVERY_WRITE_OFF] = FUND_RECOVERY_WRITTEN_OFF, [FUND_RECOVERY_ANNUL] = FUND_RECOVERY_ANNULLED

static const enum fund_recovery_state NEXT[FUND_RECOVERY_STATE_COUNT][FUND_RECOVERY_INPUT_COUNT] = {
    [FUND_RECOVERY_OPENED] =
        {
            [FUND_RECOVERY_DEMAND] = FUND_RECOVERY_DEMANDED,
            [FUND_RECOVERY_CONTEST] = FUND_RECOVERY_DISPUTED,
            LIVE_ENDS,
        },
    [FUND_RECOVERY_DEMANDED] =
        {
            [FUND_RECOVERY_DEMAND] = FUND_RECOVERY_DEMANDED, /* days 3 and 7 */
            [FUND_RECOVERY_RECEIVE_PART] = FUND_RECOVERY_PARTIAL,
            [FUND_RECOVERY_RECEIVE_ALL] = FUND_RECOVERY_RECOVERED,
            [FUND_RECOVERY_CONTEST] = FUND_RECOVERY_DISPUTED,
            LIVE_ENDS,
        },
    [FUND_RECOVERY_PARTIAL] =
        {
            [FUND_RECOVERY_DEMAND] = FUND_RECOVERY_PARTIAL,
            [FUND_RECOVERY_RECEIVE_PART] = FUND_RECOVERY_PARTIAL,
            [FUND_RECOVERY_RECEIVE_ALL] = FUND_RECOVERY_RECOVERED,
            [FUND_RECOVERY_CONTEST] = FUND_RECOVERY_DISPUTED,
            LIVE_ENDS,
        },
    [FUND_RECOVERY_DISPUTED] =
        {
            [FUND_RECOVERY_DEMAND] = FUND_RECOVERY_DEMANDED, /* the objection did not hold */
            [FUND_RECOVERY_RECEIVE_PART] = FUND_RECOVERY_PARTIAL,
            [FUND_RECOVERY_RECEIVE_ALL] = FUND_RECOVERY_RECOVERED,
            LIVE_ENDS,
        },
    [FUND_RECOVERY_RECOVERED] = {[FUND_RECOVERY_ANNUL] = FUND_RECOVERY_ANNULLED},
    [FUND_RECOVERY_WRITTEN_OFF] = {[FUND_RECOVERY_ANNUL] = FUND_RECOVERY_ANNULLED},
};

enum fund_recovery_state fund_recovery_decide(enum fund_recovery_state state, enum fund_recovery_input input)
{
    if ((int)state < 0 || state >= FUND_RECOVERY_STATE_COUNT || (int)input <= 0 || input >= FUND_RECOVERY_INPUT_COUNT) {
        return FUND_RECOVERY_NONE;
    }
    return NEXT[state][input];
}

bool fund_recovery_live(enum fund_recovery_state state)
{
    return state == FUND_RECOVERY_OPENED || state == FUND_RECOVERY_DEMANDED || state == FUND_RECOVERY_PARTIAL ||
           state == FUND_RECOVERY_DISPUTED;
}

const char *fund_recovery_state_name(int state)
{
    static const char *const NAMES[FUND_RECOVERY_STATE_COUNT] = {
        "NONE", "OPENED", "DEMANDED", "PARTIAL", "RECOVERED", "DISPUTED", "WRITTEN_OFF", "ANNULLED",
    };
    return state >= 0 && state < FUND_RECOVERY_STATE_COUNT ? NAMES[state] : NULL;
}

const int32_t FUND_DEMAND_DAYS[FUND_DEMAND_COUNT] = {0, 3, 7};

int32_t fund_demand_after(int32_t day)
{
    for (size_t i = 0; i < FUND_DEMAND_COUNT; i++) {
        if (FUND_DEMAND_DAYS[i] > day) {
            return FUND_DEMAND_DAYS[i];
        }
    }
    return 0;
}

int32_t fund_sanction_rung(int32_t so_far)
{
    return so_far >= 0 && so_far < FUND_RUNG_MAX ? so_far + 1 : 0;
}

const char *fund_sanction_state_name(int state)
{
    static const char *const NAMES[] = {"SAID", "APPLIED", "LIFTED"};
    return state >= 0 && state < (int)(sizeof NAMES / sizeof *NAMES) ? NAMES[state] : NULL;
}
