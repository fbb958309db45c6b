/* Payouts: one number for ever, limits, what an answer of the payment side leads to (docs/MACHINE.md, 7.6 and 8.3).
 * Pure: no clock, no I/O. */
#ifndef FUND_PAYOUT_H
#define FUND_PAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/id.h"

/* Values of disputes.fund.v1.Rail; the codec checks that they agree. */
enum fund_rail {
    FUND_RAIL_NONE = 0,
    FUND_RAIL_REFUND = 1,
    FUND_RAIL_DEPOSIT,
    FUND_RAIL_COMPENSATION,
    FUND_RAIL_TRANSFER,
    FUND_RAIL_ADVANCE_REFUND,
    FUND_RAIL_COUNT,
};

/* What each state waits for and what ends it. */
enum fund_payout_state {
    FUND_PAYOUT_NEW = 0,       /* the log to confirm that it leaves or waits */
    FUND_PAYOUT_SENT = 1,      /* the payment side; an unknown outcome stays here and is asked about */
    FUND_PAYOUT_HELD = 2,      /* people to release it */
    FUND_PAYOUT_CONFIRMED = 3, /* end, unless the payment side takes it back */
    FUND_PAYOUT_FAILED = 4,    /* end: the next rail gets a payout of its own */
    FUND_PAYOUT_STATE_COUNT,
};

enum fund_payout_input {
    FUND_PAYOUT_SEND = 1,
    FUND_PAYOUT_HOLD,
    FUND_PAYOUT_CONFIRM,
    FUND_PAYOUT_FAIL,
    FUND_PAYOUT_REVERSE,
    FUND_PAYOUT_INPUT_COUNT,
};

/* The next state; NEW: forbidden, nothing changes. */
enum fund_payout_state fund_payout_decide(enum fund_payout_state state, enum fund_payout_input input);
const char *fund_payout_state_name(int state);

/* "HS" and 30 hex digits: the same for the same case and count, at most 32 of [0-9A-Za-z]. */
#define FUND_PAYOUT_NUMBER_BYTES 33
void fund_payout_number(const struct dsp_uuid *case_id, int32_t count, char *text);

/* What a rail can carry: transfers from 0.1 yuan and below the sum from which a name is required. */
bool fund_rail_can(enum fund_rail rail, int64_t amount_minor);
/* Nobody has released a held payout in time: the part of it that leaves without them (docs/MACHINE.md, E30), at most
 * `four_eyes_minor` and what the rail carries; 0: none. */
int64_t fund_hold_part(enum fund_rail rail, int64_t held_minor, int64_t four_eyes_minor);

/* Limits of the pinned policy (docs/MACHINE.md, 6.4). */
struct fund_limits {
    int64_t four_eyes_minor;
    int64_t order_minor;
    int64_t consumer_minor;
    int64_t merchant_minor;
    int32_t reserve_percent;
    bool at_award;
};
struct fund_exposure {
    int64_t order_minor;    /* paid for this order by the fund */
    int64_t consumer_minor; /* paid to this consumer within 90 days */
    int64_t merchant_minor; /* owed by this merchant */
};
#define FUND_CONSUMER_WINDOW_DAYS 90

extern const struct fund_limits FUND_START_LIMITS;
/* Why a payout must wait for people; NULL: it may leave. */
const char *fund_limits_hold(const struct fund_limits *limits, const struct fund_exposure *exposure,
                             int64_t amount_minor);
/* Why money cannot be set aside; NULL: it can. `opening_minor`: all that was put into the fund. */
const char *fund_limits_refuse(const struct fund_limits *limits, int64_t free_minor, int64_t opening_minor,
                               int64_t amount_minor);

/* --- outside calls --- */

enum fund_mode { FUND_MODE_CREATE = 1, FUND_MODE_QUERY = 2 };

/* What an answer of the payment side says about a number. */
enum fund_fate {
    FUND_FATE_UNKNOWN = 0, /* no answer, an unauthentic one, a server error, or one we cannot read */
    FUND_FATE_PENDING,
    FUND_FATE_SUCCESS,
    FUND_FATE_FAILED,  /* explicit and final */
    FUND_FATE_ABSENT,  /* no such number */
    FUND_FATE_REFUSED, /* the request itself was not taken, and will not be as it is */
    FUND_FATE_BUSY,    /* not taken now: too many calls, our account short */
    FUND_FATE_COUNT,
};

enum fund_action {
    FUND_ACTION_NONE = 0,
    FUND_ACTION_ASK_LATER,
    FUND_ACTION_ASK_NOW,
    FUND_ACTION_CREATE_LATER,
    FUND_ACTION_CREATE_NOW, /* same number, same parameters */
    FUND_ACTION_CONFIRM,
    FUND_ACTION_FAIL,
};

/* `refused`: an earlier request under this number was refused, so that an absent number is final. */
enum fund_action fund_payout_next(enum fund_mode mode, enum fund_fate fate, bool refused);
/* HTTP status and code of an error answer → fate. 2xx is none of its business. */
enum fund_fate fund_error_fate(int status, struct dsp_str code);
/* 30 s, 1, 2, 5, 10, 30 min, 1 h, then every 6 h. */
int64_t fund_backoff_ms(int32_t attempts);

#endif
