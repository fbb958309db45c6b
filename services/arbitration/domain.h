/* What becomes of a case at an arbitration institution: the states of a referral, the order of the
 * institution's messages, who bears what. Pure: no clock, no I/O. Times are domain milliseconds. */
#ifndef ARB_DOMAIN_H
#define ARB_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"

/* What each state waits for and what ends it. */
enum arb_state {
    ARB_STATE_REFERRED = 1, /* the institution's first word */
    ARB_STATE_ACKNOWLEDGED, /* whether it takes the case */
    ARB_STATE_ACCEPTED,     /* a hearing, an award or a settlement */
    ARB_STATE_HEARING,      /* the award or a settlement */
    ARB_STATE_DECLINED,     /* end: the institution does not take it */
    ARB_STATE_AWARDED,      /* end, unless a court sets the award aside */
    ARB_STATE_SETTLED,      /* end: the sides agreed */
    ARB_STATE_WITHDRAWN,    /* end: the complaint was withdrawn */
    ARB_STATE_LAPSED,       /* end: a clock ran out; a late award is still said, for people to see it refused */
    ARB_STATE_SET_ASIDE,    /* end: a court undid the award */
    ARB_STATE_COUNT,
};

/* What happens to a referral. */
enum arb_input {
    ARB_INPUT_NONE = 0,
    /* The institution says it. */
    ARB_INPUT_ACKNOWLEDGED,
    ARB_INPUT_ACCEPTED,
    ARB_INPUT_ANSWERED, /* the merchant has answered there */
    ARB_INPUT_HEARING,
    ARB_INPUT_DECLINED,
    ARB_INPUT_AWARD,
    ARB_INPUT_SETTLEMENT,
    ARB_INPUT_SET_ASIDE,
    /* The log says it. */
    ARB_INPUT_DECLARED,  /* both sides declared the same settlement */
    ARB_INPUT_WITHDRAWN, /* the complaint was withdrawn */
    ARB_INPUT_ENDED,     /* a clock ended the referral */
    ARB_INPUT_COUNT,
};

struct arb_rule {
    bool allowed;
    enum arb_state next;
};

/* The cell of the table; `allowed` false: the input changes nothing and nothing is said. Never NULL. */
const struct arb_rule *arb_rule(enum arb_state state, enum arb_input input);
bool arb_state_live(enum arb_state state);
const char *arb_state_name(int state);
const char *arb_input_name(int input);

/* Where a numbered message of the institution stands: it counts 1, 2, 3 … per referral. */
enum arb_order {
    ARB_ORDER_NEXT,   /* to be taken now */
    ARB_ORDER_REPEAT, /* was taken before: ignored */
    ARB_ORDER_AHEAD,  /* one before it is missing: kept aside */
};
enum arb_order arb_order(int64_t last_sequence, int64_t sequence);

/* Values of disputes.arbitration.v1.AwardFor; the codec checks that they agree. */
enum arb_award_for { ARB_FOR_NOBODY = 0, ARB_FOR_CONSUMER, ARB_FOR_MERCHANT, ARB_FOR_SPLIT };

struct arb_award {
    enum arb_award_for award_for;
    int64_t amount_minor; /* what the merchant owes */
    int64_t consumer_fee_minor;
    int64_t merchant_fee_minor;
};

/* REJECT FIELD_INVALID: negative sums, an award for the merchant that makes it pay. */
DSP_MUST_USE struct dsp_err arb_award_check(const struct arb_award *award);
/* The merchant's share of what was claimed, in whole per cent; 0..100. */
int32_t arb_merchant_percent(const struct arb_award *award, int64_t claimed_minor);

/* Values of disputes.arbitration.v1.FeeMove; the codec checks that they agree. */
enum arb_fee_move { ARB_FEE_NONE = 0, ARB_FEE_PAID_BY_SIDE, ARB_FEE_ADVANCED, ARB_FEE_BORNE };
const char *arb_fee_move_name(int move);

struct arb_fee {
    enum arb_fee_move move;
    int64_t consumer_minor;
    int64_t merchant_minor;
};

/* What is said of the fee once an award is in the log: BORNE when the fund had advanced one and the award puts
 * it on somebody; NONE: nothing, a side that paid by itself settles with the institution. */
struct arb_fee arb_fee_after_award(const struct arb_fee *told, const struct arb_award *award);

/* What the next call of a bundle is. */
enum arb_call { ARB_CALL_SEND = 0, ARB_CALL_ASK = 1 };

/* How a call ended. */
enum arb_outcome {
    ARB_OUTCOME_TAKEN,   /* there is a receipt */
    ARB_OUTCOME_MISSING, /* asked: it has no such bundle */
    ARB_OUTCOME_REFUSED, /* it refuses these bytes: people must look, asked again a day later */
    ARB_OUTCOME_UNKNOWN,
};
enum arb_outcome arb_outcome(enum arb_call call, int status, bool has_receipt);

/* What follows. */
struct arb_next {
    bool done;
    enum arb_call call;
    int64_t wait_ms; /* 0 = at once */
};
/* `attempts` counts the calls made, this one included. */
struct arb_next arb_after(enum arb_outcome outcome, enum arb_call call, int32_t attempts);

#endif
