#include "fund/domain/payout.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"

static const enum fund_payout_state NEXT[FUND_PAYOUT_STATE_COUNT][FUND_PAYOUT_INPUT_COUNT] = {
    [FUND_PAYOUT_NEW] =
        {
            [FUND_PAYOUT_SEND] = FUND_PAYOUT_SENT,
            [FUND_PAYOUT_HOLD] = FUND_PAYOUT_HELD,
        },
    [FUND_PAYOUT_HELD] =
        {
            [FUND_PAYOUT_SEND] = FUND_PAYOUT_SENT, /* released by people */
        },
    [FUND_PAYOUT_SENT] =
        {
            [FUND_PAYOUT_CONFIRM] = FUND_PAYOUT_CONFIRMED,
            [FUND_PAYOUT_FAIL] = FUND_PAYOUT_FAILED,
        },
    [FUND_PAYOUT_CONFIRMED] =
        {
            [FUND_PAYOUT_REVERSE] = FUND_PAYOUT_FAILED, /* the payment side takes it back */
        },
};

enum fund_payout_state fund_payout_decide(enum fund_payout_state state, enum fund_payout_input input)
{
    if ((int)state < 0 || state >= FUND_PAYOUT_STATE_COUNT || (int)input <= 0 || input >= FUND_PAYOUT_INPUT_COUNT) {
        return FUND_PAYOUT_NEW;
    }
    return NEXT[state][input];
}

const char *fund_payout_state_name(int state)
{
    static const char *const NAMES[FUND_PAYOUT_STATE_COUNT] = {
        "NEW", "SENT", "HELD_FOR_PEOPLE", "CONFIRMED", "FAILED",
    };
    return state >= 0 && state < FUND_PAYOUT_STATE_COUNT ? NAMES[state] : NULL;
}

void fund_payout_number(const struct dsp_uuid *case_id, int32_t count, char *text)
{
    char name[32];
    snprintf(name, sizeof name, "payout:%d", count);
    struct dsp_uuid id = dsp_uuid_derive(case_id, dsp_str_from(name));
    memcpy(text, "HS", 2);
    dsp_hex(id.bytes, 15, text + 2);
}

#define TRANSFER_LEAST 10    /* WeChat: 0.1 yuan */
#define TRANSFER_MOST 199999 /* WeChat: user_name, which we never learn, is required from 2,000 yuan */

bool fund_rail_can(enum fund_rail rail, int64_t amount_minor)
{
    switch (rail) {
    case FUND_RAIL_REFUND:
        return amount_minor > 0;
    case FUND_RAIL_TRANSFER:
        return amount_minor >= TRANSFER_LEAST && amount_minor <= TRANSFER_MOST;
    case FUND_RAIL_NONE:
    case FUND_RAIL_DEPOSIT: /* for platforms that onboard sub-merchants: no contract with one yet */
    case FUND_RAIL_COMPENSATION:
    case FUND_RAIL_ADVANCE_REFUND:
    case FUND_RAIL_COUNT:
    default:
        return false;
    }
}

int64_t fund_hold_part(enum fund_rail rail, int64_t held_minor, int64_t four_eyes_minor)
{
    int64_t part_minor = held_minor < four_eyes_minor ? held_minor : four_eyes_minor;
    if (rail == FUND_RAIL_TRANSFER && part_minor > TRANSFER_MOST) {
        part_minor = TRANSFER_MOST;
    }
    return fund_rail_can(rail, part_minor) ? part_minor : 0;
}

const struct fund_limits FUND_START_LIMITS = {
    .four_eyes_minor = 200000,
    .order_minor = 1000000,
    .consumer_minor = 2000000,
    .merchant_minor = 20000000,
    .reserve_percent = 20,
};

/* Both are sums of real money within one limit each: they cannot overflow together. */
static bool over(int64_t so_far_minor, int64_t amount_minor, int64_t limit_minor)
{
    return amount_minor > limit_minor || so_far_minor > limit_minor - amount_minor;
}

const char *fund_limits_hold(const struct fund_limits *limits, const struct fund_exposure *exposure,
                             int64_t amount_minor)
{
    if (amount_minor > limits->four_eyes_minor) {
        return "FOUR_EYES";
    }
    if (over(exposure->order_minor, amount_minor, limits->order_minor)) {
        return "ORDER_LIMIT";
    }
    if (over(exposure->consumer_minor, amount_minor, limits->consumer_minor)) {
        return "CONSUMER_LIMIT";
    }
    return over(exposure->merchant_minor, amount_minor, limits->merchant_minor) ? "MERCHANT_LIMIT" : NULL;
}

const char *fund_limits_refuse(const struct fund_limits *limits, int64_t free_minor, int64_t opening_minor,
                               int64_t amount_minor)
{
    if (amount_minor > free_minor) {
        return "FUND_SHORT";
    }
    int64_t floor_minor = opening_minor / 100 * limits->reserve_percent +
                          opening_minor % 100 * limits->reserve_percent / 100;
    return free_minor - amount_minor < floor_minor ? "RESERVE_RATIO" : NULL;
}

static const enum fund_action ACTIONS[FUND_MODE_QUERY + 1][FUND_FATE_COUNT] = {
    [FUND_MODE_CREATE] =
        {
            [FUND_FATE_UNKNOWN] = FUND_ACTION_ASK_LATER,
            [FUND_FATE_PENDING] = FUND_ACTION_ASK_LATER,
            [FUND_FATE_SUCCESS] = FUND_ACTION_ASK_NOW, /* a payout counts by what a query says */
            [FUND_FATE_FAILED] = FUND_ACTION_ASK_NOW,
            [FUND_FATE_ABSENT] = FUND_ACTION_ASK_LATER,
            [FUND_FATE_REFUSED] = FUND_ACTION_ASK_NOW, /* never repeated as it is: ask, then decide */
            [FUND_FATE_BUSY] = FUND_ACTION_CREATE_LATER,
        },
    [FUND_MODE_QUERY] =
        {
            [FUND_FATE_UNKNOWN] = FUND_ACTION_ASK_LATER,
            [FUND_FATE_PENDING] = FUND_ACTION_ASK_LATER,
            [FUND_FATE_SUCCESS] = FUND_ACTION_CONFIRM,
            [FUND_FATE_FAILED] = FUND_ACTION_FAIL,
            [FUND_FATE_ABSENT] = FUND_ACTION_CREATE_NOW,
            [FUND_FATE_REFUSED] = FUND_ACTION_ASK_LATER,
            [FUND_FATE_BUSY] = FUND_ACTION_ASK_LATER,
        },
};

enum fund_action fund_payout_next(enum fund_mode mode, enum fund_fate fate, bool refused)
{
    if ((mode != FUND_MODE_CREATE && mode != FUND_MODE_QUERY) || (int)fate < 0 || fate >= FUND_FATE_COUNT) {
        return FUND_ACTION_NONE;
    }
    if (mode == FUND_MODE_QUERY && fate == FUND_FATE_ABSENT && refused) {
        return FUND_ACTION_FAIL;
    }
    return ACTIONS[mode][fate];
}

enum fund_fate fund_error_fate(int status, struct dsp_str code)
{
    if (status == 404) {
        return FUND_FATE_ABSENT;
    }
    if (status == 429 || dsp_str_is(code, "NOT_ENOUGH")) {
        return FUND_FATE_BUSY;
    }
    /* 401: our signature; a person mends it, the money stays owed. */
    return status == 400 || status == 403 ? FUND_FATE_REFUSED : FUND_FATE_UNKNOWN;
}

int64_t fund_backoff_ms(int32_t attempts)
{
    static const int64_t STEPS[] = {30 * DSP_SECOND_MS, DSP_MINUTE_MS,      2 * DSP_MINUTE_MS, 5 * DSP_MINUTE_MS,
                                    10 * DSP_MINUTE_MS, 30 * DSP_MINUTE_MS, DSP_HOUR_MS,       6 * DSP_HOUR_MS};
    int32_t last = (int32_t)(sizeof STEPS / sizeof *STEPS) - 1;
    int32_t step = attempts < 1 ? 0 : attempts - 1;
    return STEPS[step < last ? step : last];
}
