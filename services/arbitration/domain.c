#include "arbitration/domain.h"

#include "common/base/clock.h"
#include "common/base/codes.h"

/* docs/MACHINE.md, 7.5. Two cells are wider than the drawing there: an institution that skips a status, or that
 * declines, decides or settles before it said that it accepts, is taken at its signed word; whether the stage
 * moves is intake's to judge. What an ended referral still says of weight is said too, so that the log answers
 * it as refused instead of losing it. */
static const struct arb_rule RULES[ARB_STATE_COUNT][ARB_INPUT_COUNT] =
    {
        [ARB_STATE_REFERRED] =
            {
                [ARB_INPUT_ACKNOWLEDGED] = {true, ARB_STATE_ACKNOWLEDGED},
                [ARB_INPUT_ACCEPTED] = {true, ARB_STATE_ACCEPTED},
                [ARB_INPUT_ANSWERED] = {true, ARB_STATE_ACKNOWLEDGED},
                [ARB_INPUT_HEARING] = {true, ARB_STATE_HEARING},
                [ARB_INPUT_DECLINED] = {true, ARB_STATE_DECLINED},
                [ARB_INPUT_AWARD] = {true, ARB_STATE_AWARDED},
                [ARB_INPUT_SETTLEMENT] = {true, ARB_STATE_SETTLED},
                [ARB_INPUT_DECLARED] = {true, ARB_STATE_SETTLED},
                [ARB_INPUT_WITHDRAWN] = {true, ARB_STATE_WITHDRAWN},
                [ARB_INPUT_ENDED] = {true, ARB_STATE_LAPSED},
            },
        [ARB_STATE_ACKNOWLEDGED] =
            {
                [ARB_INPUT_ACKNOWLEDGED] = {true, ARB_STATE_ACKNOWLEDGED},
                [ARB_INPUT_ACCEPTED] = {true, ARB_STATE_ACCEPTED},
                [ARB_INPUT_ANSWERED] = {true, ARB_STATE_ACKNOWLEDGED},
                [ARB_INPUT_HEARING] = {true, ARB_STATE_HEARING},
                [ARB_INPUT_DECLINED] = {true, ARB_STATE_DECLINED},
                [ARB_INPUT_AWARD] = {true, ARB_STATE_AWARDED},
                [ARB_INPUT_SETTLEMENT] = {true, ARB_STATE_SETTLED},
                [ARB_INPUT_DECLARED] = {true, ARB_STATE_SETTLED},
                [ARB_INPUT_WITHDRAWN] = {true, ARB_STATE_WITHDRAWN},
                [ARB_INPUT_ENDED] = {true, ARB_STATE_LAPSED},
            },
        [ARB_STATE_ACCEPTED] =
            {
                [ARB_INPUT_ACKNOWLEDGED] = {true, ARB_STATE_ACCEPTED}, /* a status never leads back */
                [ARB_INPUT_ACCEPTED] = {true, ARB_STATE_ACCEPTED},
                [ARB_INPUT_ANSWERED] = {true, ARB_STATE_ACCEPTED},
                [ARB_INPUT_HEARING] = {true, ARB_STATE_HEARING},
                [ARB_INPUT_DECLINED] = {true, ARB_STATE_DECLINED},
                [ARB_INPUT_AWARD] = {true, ARB_STATE_AWARDED},
                [ARB_INPUT_SETTLEMENT] = {true, ARB_STATE_SETTLED},
                [ARB_INPUT_DECLARED] = {true, ARB_STATE_SETTLED},
                [ARB_INPUT_WITHDRAWN] = {true, ARB_STATE_WITHDRAWN},
                [ARB_INPUT_ENDED] = {true, ARB_STATE_LAPSED},
            },
        [ARB_STATE_HEARING] =
            {
                [ARB_INPUT_ACKNOWLEDGED] = {true, ARB_STATE_HEARING},
                [ARB_INPUT_ACCEPTED] = {true, ARB_STATE_HEARING},
                [ARB_INPUT_ANSWERED] = {true, ARB_STATE_HEARING},
                [ARB_INPUT_HEARING] = {true, ARB_STATE_HEARING}, /* another date */
                [ARB_INPUT_DECLINED] = {true, ARB_STATE_DECLINED},
                [ARB_INPUT_AWARD] = {true, ARB_STATE_AWARDED},
                [ARB_INPUT_SETTLEMENT] = {true, ARB_STATE_SETTLED},
                [ARB_INPUT_DECLARED] = {true, ARB_STATE_SETTLED},
                [ARB_INPUT_WITHDRAWN] = {true, ARB_STATE_WITHDRAWN},
                [ARB_INPUT_ENDED] = {true, ARB_STATE_LAPSED},
            },
        [ARB_STATE_AWARDED] = {[ARB_INPUT_SET_ASIDE] = {true, ARB_STATE_SET_ASIDE}},
        /* After the end an award or a settlement paper is put before people, by its refusal in the log. */
        [ARB_STATE_DECLINED] =
            {[ARB_INPUT_AWARD] = {true, ARB_STATE_DECLINED}, [ARB_INPUT_SETTLEMENT] = {true, ARB_STATE_DECLINED}},
        [ARB_STATE_SETTLED] = {[ARB_INPUT_AWARD] = {true, ARB_STATE_SETTLED}},
        [ARB_STATE_WITHDRAWN] =
            {[ARB_INPUT_AWARD] = {true, ARB_STATE_WITHDRAWN}, [ARB_INPUT_SETTLEMENT] = {true, ARB_STATE_WITHDRAWN}},
        [ARB_STATE_LAPSED] =
            {[ARB_INPUT_AWARD] = {true, ARB_STATE_LAPSED}, [ARB_INPUT_SETTLEMENT] = {true, ARB_STATE_LAPSED}},
};

const struct arb_rule *arb_rule(enum arb_state state, enum arb_input input)
{
    return &RULES[state][input];
}

bool arb_state_live(enum arb_state state)
{
    return state >= ARB_STATE_REFERRED && state <= ARB_STATE_HEARING;
}

const char *arb_state_name(int state)
{
    static const char *const NAMES[ARB_STATE_COUNT] = {
        NULL,      "REFERRED", "ACKNOWLEDGED", "ACCEPTED", "HEARING",   "DECLINED",
        "AWARDED", "SETTLED",  "WITHDRAWN",    "LAPSED",   "SET_ASIDE",
    };
    return state > 0 && state < ARB_STATE_COUNT ? NAMES[state] : NULL;
}

const char *arb_input_name(int input)
{
    static const char *const NAMES[ARB_INPUT_COUNT] = {
        NULL,    "ACKNOWLEDGED", "ACCEPTED",  "ANSWERED", "HEARING",   "DECLINED",
        "AWARD", "SETTLEMENT",   "SET_ASIDE", "DECLARED", "WITHDRAWN", "ENDED",
    };
    return input > 0 && input < ARB_INPUT_COUNT ? NAMES[input] : NULL;
}

enum arb_order arb_order(int64_t last_sequence, int64_t sequence)
{
    if (sequence <= last_sequence) {
        return ARB_ORDER_REPEAT;
    }
    return sequence == last_sequence + 1 ? ARB_ORDER_NEXT : ARB_ORDER_AHEAD;
}

struct dsp_err arb_award_check(const struct arb_award *award)
{
    if (award->award_for == ARB_FOR_NOBODY) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "for whom the award is");
    }
    if (award->amount_minor < 0 || award->consumer_fee_minor < 0 || award->merchant_fee_minor < 0) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a sum of the award is negative");
    }
    if (award->award_for == ARB_FOR_MERCHANT && award->amount_minor) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "an award for the merchant that makes it pay");
    }
    if (award->award_for == ARB_FOR_CONSUMER && !award->amount_minor) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "an award for the consumer without a sum");
    }
    return dsp_ok();
}

int32_t arb_merchant_percent(const struct arb_award *award, int64_t claimed_minor)
{
    if (award->award_for == ARB_FOR_MERCHANT || award->amount_minor <= 0) {
        return 0;
    }
    if (award->award_for == ARB_FOR_CONSUMER || claimed_minor <= 0 || award->amount_minor >= claimed_minor) {
        return 100;
    }
    /* Half up; sums beyond any order's are cut first, so that the product fits. */
    int64_t scale = claimed_minor > INT64_MAX / 200 ? 1000 : 1;
    return (int32_t)((award->amount_minor / scale * 100 + claimed_minor / scale / 2) / (claimed_minor / scale));
}

const char *arb_fee_move_name(int move)
{
    static const char *const NAMES[] = {"NONE", "PAID_BY_SIDE", "ADVANCED", "BORNE"};
    return move >= 0 && move <= ARB_FEE_BORNE ? NAMES[move] : NULL;
}

struct arb_fee arb_fee_after_award(const struct arb_fee *told, const struct arb_award *award)
{
    if (told->move != ARB_FEE_ADVANCED || (!award->consumer_fee_minor && !award->merchant_fee_minor)) {
        return (struct arb_fee){.move = ARB_FEE_NONE};
    }
    return (struct arb_fee){ARB_FEE_BORNE, award->consumer_fee_minor, award->merchant_fee_minor};
}

enum arb_outcome arb_outcome(enum arb_call call, int status, bool has_receipt)
{
    if (status >= 200 && status < 300 && has_receipt) {
        return ARB_OUTCOME_TAKEN;
    }
    if (call == ARB_CALL_ASK) {
        return status == 404 ? ARB_OUTCOME_MISSING : ARB_OUTCOME_UNKNOWN;
    }
    bool later = status == 408 || status == 429;
    return status >= 400 && status < 500 && !later ? ARB_OUTCOME_REFUSED : ARB_OUTCOME_UNKNOWN;
}

struct arb_next arb_after(enum arb_outcome outcome, enum arb_call call, int32_t attempts)
{
    /* docs/MACHINE.md, 7.6: an unknown outcome is asked about; an institution once a day in the end. */
    static const int64_t WAITS[] = {30 * DSP_SECOND_MS, DSP_MINUTE_MS,      2 * DSP_MINUTE_MS, 5 * DSP_MINUTE_MS,
                                    10 * DSP_MINUTE_MS, 30 * DSP_MINUTE_MS, DSP_HOUR_MS};
    const int32_t count = (int32_t)(sizeof WAITS / sizeof *WAITS);
    int64_t wait_ms = attempts >= 1 && attempts <= count ? WAITS[attempts - 1] : DSP_DAY_MS;
    switch (outcome) {
    case ARB_OUTCOME_TAKEN:
        return (struct arb_next){.done = true, .call = call};
    case ARB_OUTCOME_MISSING: /* the same bytes, at once the first time, then with the waits of an unknown outcome */
        return (struct arb_next){.call = ARB_CALL_SEND, .wait_ms = attempts <= 2 ? 0 : wait_ms};
    case ARB_OUTCOME_REFUSED:
        return (struct arb_next){.call = ARB_CALL_SEND, .wait_ms = DSP_DAY_MS};
    case ARB_OUTCOME_UNKNOWN:
        break;
    }
    return (struct arb_next){.call = ARB_CALL_ASK, .wait_ms = wait_ms};
}
