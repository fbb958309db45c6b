#include "fund/domain/duty.h"

#include "common/base/codes.h"
#include "common/base/money.h"

/* An absent cell is forbidden. */
static const enum fund_duty_state NEXT[FUND_DUTY_STATE_COUNT][FUND_DUTY_INPUT_COUNT] = {
    [FUND_DUTY_NOTED] =
        {
            [FUND_DUTY_BIND] = FUND_DUTY_DUE,
            [FUND_DUTY_PERFORM] = FUND_DUTY_DONE,           /* T48: before the windows end */
            [FUND_DUTY_VERIFY] = FUND_DUTY_VERIFIED,        /* a refund seen by itself */
            [FUND_DUTY_SUBSTITUTE] = FUND_DUTY_SUBSTITUTED, /* at_award */
            [FUND_DUTY_WAIVE] = FUND_DUTY_WAIVED,
        },
    [FUND_DUTY_DUE] =
        {
            [FUND_DUTY_PERFORM] = FUND_DUTY_DONE,
            [FUND_DUTY_VERIFY] = FUND_DUTY_VERIFIED,
            [FUND_DUTY_MISS] = FUND_DUTY_OVERDUE,
            [FUND_DUTY_SUBSTITUTE] = FUND_DUTY_SUBSTITUTED,
            [FUND_DUTY_WAIVE] = FUND_DUTY_WAIVED,
        },
    [FUND_DUTY_DONE] =
        {
            [FUND_DUTY_BIND] = FUND_DUTY_DONE, /* the decision binds while the proof is looked at */
            [FUND_DUTY_VERIFY] = FUND_DUTY_VERIFIED,
            [FUND_DUTY_REJECT] = FUND_DUTY_DUE,
            [FUND_DUTY_MISS] = FUND_DUTY_OVERDUE,
            [FUND_DUTY_WAIVE] = FUND_DUTY_WAIVED,
        },
    [FUND_DUTY_OVERDUE] =
        {
            [FUND_DUTY_SUBSTITUTE] = FUND_DUTY_SUBSTITUTED,
            [FUND_DUTY_WAIVE] = FUND_DUTY_WAIVED,
        },
};

enum fund_duty_state fund_duty_decide(enum fund_duty_state state, enum fund_duty_input input, bool was_due)
{
    if ((int)state < 0 || state >= FUND_DUTY_STATE_COUNT || (int)input <= 0 || input >= FUND_DUTY_INPUT_COUNT) {
        return FUND_DUTY_NONE;
    }
    enum fund_duty_state next = NEXT[state][input];
    return next == FUND_DUTY_DUE && input == FUND_DUTY_REJECT && !was_due ? FUND_DUTY_NOTED : next;
}

bool fund_duty_open(enum fund_duty_state state)
{
    return state == FUND_DUTY_NOTED || state == FUND_DUTY_DUE || state == FUND_DUTY_DONE || state == FUND_DUTY_OVERDUE;
}

const char *fund_duty_state_name(int state)
{
    static const char *const NAMES[FUND_DUTY_STATE_COUNT] = {
        NULL, "NOTED", "DUE", "DONE", "VERIFIED", "OVERDUE", "SUBSTITUTED", "WAIVED",
    };
    return state > 0 && state < FUND_DUTY_STATE_COUNT ? NAMES[state] : NULL;
}

int64_t fund_reservation_left(const struct fund_reservation *reservation)
{
    return reservation->amount_minor - reservation->posted_minor - reservation->voided_minor -
           reservation->voiding_minor;
}

static void settle_state(struct fund_reservation *reservation)
{
    if (reservation->amount_minor > reservation->posted_minor + reservation->voided_minor) {
        reservation->state = FUND_RESERVATION_HELD;
    } else {
        reservation->state = reservation->posted_minor ? FUND_RESERVATION_POSTED : FUND_RESERVATION_VOIDED;
    }
}

struct dsp_err fund_reservation_decide(struct fund_reservation *reservation, enum fund_hold input, int64_t amount_minor)
{
    struct fund_reservation after = *reservation;
    int64_t *const ADD[] = {[FUND_HOLD] = &after.amount_minor,
                            [FUND_POST] = &after.posted_minor,
                            [FUND_VOIDING] = &after.voiding_minor,
                            [FUND_VOID] = &after.voided_minor};
    int64_t *const TAKE[] = {[FUND_POST_BACK] = &after.posted_minor,
                             [FUND_VOID] = &after.voiding_minor,
                             [FUND_VOID_BACK] = &after.voiding_minor,
                             [FUND_HOLD_BACK] = &after.amount_minor};
    if (amount_minor <= 0) {
        return dsp_reject(DSP_CODE_OVERFLOW, "a movement of %lld", (long long)amount_minor);
    }
    if (input < sizeof TAKE / sizeof *TAKE && TAKE[input]) {
        DSP_TRY(dsp_money_sub(*TAKE[input], amount_minor, TAKE[input]));
    }
    if (input < sizeof ADD / sizeof *ADD && ADD[input]) {
        DSP_TRY(dsp_money_add(*ADD[input], amount_minor, ADD[input]));
    }
    if (fund_reservation_left(&after) < 0 || after.voiding_minor < 0 || after.posted_minor < 0) {
        return dsp_reject(DSP_CODE_OVERFLOW, "more than is set aside");
    }
    settle_state(&after);
    *reservation = after;
    return dsp_ok();
}

const char *fund_reservation_state_name(int state)
{
    static const char *const NAMES[] = {NULL, "HELD", "POSTED", "VOIDED"};
    return state > 0 && state < (int)(sizeof NAMES / sizeof *NAMES) ? NAMES[state] : NULL;
}

int64_t fund_claim_room(const struct fund_claim *claim)
{
    int64_t cap_minor = claim->remedy_minor;
    if (!claim->statutory && claim->paid_in_minor < cap_minor) {
        cap_minor = claim->paid_in_minor;
    }
    int64_t room_minor = cap_minor - claim->reserved_minor - claim->paid_minor - claim->refunded_minor;
    return room_minor > 0 ? room_minor : 0;
}
