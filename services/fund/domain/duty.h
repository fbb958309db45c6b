/* Duties and what is set aside for them (docs/MACHINE.md, 7.6). Pure: no clock, no I/O. */
#ifndef FUND_DUTY_H
#define FUND_DUTY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"

/* What each state waits for and what ends it. */
enum fund_duty_state {
    FUND_DUTY_NONE = 0,
    FUND_DUTY_NOTED = 1,       /* the decision to bind, or goods to come back; ends by BIND */
    FUND_DUTY_DUE = 2,         /* who owes it; ends by proof, by its clock, by a refund seen, by a waiver */
    FUND_DUTY_DONE = 3,        /* the payment side or the carrier to confirm the proof */
    FUND_DUTY_VERIFIED = 4,    /* end: performed */
    FUND_DUTY_OVERDUE = 5,     /* deposit or fund to pay; ends by SUBSTITUTE */
    FUND_DUTY_SUBSTITUTED = 6, /* end: paid in the merchant's place */
    FUND_DUTY_WAIVED = 7,      /* end: no longer owed */
    FUND_DUTY_STATE_COUNT,
};

enum fund_duty_input {
    FUND_DUTY_BIND = 1,
    FUND_DUTY_PERFORM,
    FUND_DUTY_VERIFY,
    FUND_DUTY_REJECT,
    FUND_DUTY_MISS,
    FUND_DUTY_SUBSTITUTE,
    FUND_DUTY_WAIVE,
    FUND_DUTY_INPUT_COUNT,
};

/* The next state; NONE: forbidden, nothing changes. `was_due`: it was due before its proof came, so that a
 * rejected proof leads back to where it was. */
enum fund_duty_state fund_duty_decide(enum fund_duty_state state, enum fund_duty_input input, bool was_due);
bool fund_duty_open(enum fund_duty_state state);
const char *fund_duty_state_name(int state);

/* What became of money set aside. */
enum fund_reservation_state {
    FUND_RESERVATION_HELD = 1,   /* an advance, or the end of the case; ends by POSTED or VOIDED */
    FUND_RESERVATION_POSTED = 2, /* end: an advance took it, whole or in part */
    FUND_RESERVATION_VOIDED = 3, /* end: free again */
};

struct fund_reservation {
    enum fund_reservation_state state;
    int64_t amount_minor;  /* all that was ever set aside */
    int64_t posted_minor;  /* of it gone into advances */
    int64_t voided_minor;  /* of it free again */
    int64_t voiding_minor; /* of it said to be free, not yet read back */
};

enum fund_hold { FUND_HOLD = 1, FUND_POST, FUND_POST_BACK, FUND_VOIDING, FUND_VOID, FUND_VOID_BACK, FUND_HOLD_BACK };

/* What is still there to be used. */
int64_t fund_reservation_left(const struct fund_reservation *reservation);
/* Folds one movement; REJECT OVERFLOW: more than there is. */
DSP_MUST_USE struct dsp_err fund_reservation_decide(struct fund_reservation *reservation, enum fund_hold input,
                                                    int64_t amount_minor);
const char *fund_reservation_state_name(int state);

/* One per order line, for all cases and channels (docs/MACHINE.md, 8.3). */
struct fund_claim {
    int64_t remedy_minor;
    int64_t paid_in_minor;
    bool statutory; /* an added multiple may exceed what was paid in */
    int64_t reserved_minor;
    int64_t paid_minor;     /* by the fund */
    int64_t refunded_minor; /* by the merchant */
};

/* How much more may be reserved for it: V2, never negative. */
int64_t fund_claim_room(const struct fund_claim *claim);

#endif
