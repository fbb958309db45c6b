/* Referrals: every cell of state × input, the order of messages, fees, and what follows a call. */
#include "arbitration/domain.h"

#include "common/base/clock.h"
#include "support/cmocka_all.h"

#define DECLINED ARB_STATE_DECLINED
#define NO 0 /* the cell is forbidden */

/* The whole table, written a second time by hand: state after each input, NO = nothing happens. */
static const int EXPECTED[ARB_STATE_COUNT][ARB_INPUT_COUNT] = {
    /*                        -   ACK                     ACCEPTED            ANSWERED                HEARING            DECLINED  AWARD */
    /*                        SETTLEMENT           SET_ASIDE            DECLARED           WITHDRAWN            ENDED */
    [ARB_STATE_REFERRED] = {NO, ARB_STATE_ACKNOWLEDGED, ARB_STATE_ACCEPTED, ARB_STATE_ACKNOWLEDGED, ARB_STATE_HEARING,
                            DECLINED, ARB_STATE_AWARDED, ARB_STATE_SETTLED, NO, ARB_STATE_SETTLED, ARB_STATE_WITHDRAWN,
                            ARB_STATE_LAPSED},
    [ARB_STATE_ACKNOWLEDGED] = {NO, ARB_STATE_ACKNOWLEDGED, ARB_STATE_ACCEPTED, ARB_STATE_ACKNOWLEDGED,
                                ARB_STATE_HEARING, DECLINED, ARB_STATE_AWARDED, ARB_STATE_SETTLED, NO,
                                ARB_STATE_SETTLED, ARB_STATE_WITHDRAWN, ARB_STATE_LAPSED},
    [ARB_STATE_ACCEPTED] = {NO, ARB_STATE_ACCEPTED, ARB_STATE_ACCEPTED, ARB_STATE_ACCEPTED, ARB_STATE_HEARING, DECLINED,
                            ARB_STATE_AWARDED, ARB_STATE_SETTLED, NO, ARB_STATE_SETTLED, ARB_STATE_WITHDRAWN,
                            ARB_STATE_LAPSED},
    [ARB_STATE_HEARING] = {NO, ARB_STATE_HEARING, ARB_STATE_HEARING, ARB_STATE_HEARING, ARB_STATE_HEARING, DECLINED,
                           ARB_STATE_AWARDED, ARB_STATE_SETTLED, NO, ARB_STATE_SETTLED, ARB_STATE_WITHDRAWN,
                           ARB_STATE_LAPSED},
    [ARB_STATE_DECLINED] = {NO, NO, NO, NO, NO, NO, DECLINED, DECLINED, NO, NO, NO, NO},
    [ARB_STATE_AWARDED] = {NO, NO, NO, NO, NO, NO, NO, NO, ARB_STATE_SET_ASIDE, NO, NO, NO},
    [ARB_STATE_SETTLED] = {NO, NO, NO, NO, NO, NO, ARB_STATE_SETTLED, NO, NO, NO, NO, NO},
    [ARB_STATE_WITHDRAWN] = {NO, NO, NO, NO, NO, NO, ARB_STATE_WITHDRAWN, ARB_STATE_WITHDRAWN, NO, NO, NO, NO},
    [ARB_STATE_LAPSED] = {NO, NO, NO, NO, NO, NO, ARB_STATE_LAPSED, ARB_STATE_LAPSED, NO, NO, NO, NO},
    [ARB_STATE_SET_ASIDE] = {NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO},
};

static void every_cell_of_the_table_is_as_written(void **state)
{
    (void)state;
    for (int from = ARB_STATE_REFERRED; from < ARB_STATE_COUNT; from++) {
        for (int input = ARB_INPUT_NONE; input < ARB_INPUT_COUNT; input++) {
            const struct arb_rule *rule = arb_rule((enum arb_state)from, (enum arb_input)input);
            if (rule->allowed != (EXPECTED[from][input] != NO) ||
                (rule->allowed && (int)rule->next != EXPECTED[from][input])) {
                fail_msg("%s × %s", arb_state_name(from), input ? arb_input_name(input) : "NONE");
            }
        }
    }
}

static void an_ended_referral_never_lives_again(void **state)
{
    (void)state;
    for (int from = ARB_STATE_REFERRED; from < ARB_STATE_COUNT; from++) {
        for (int input = ARB_INPUT_ACKNOWLEDGED; input < ARB_INPUT_COUNT; input++) {
            const struct arb_rule *rule = arb_rule((enum arb_state)from, (enum arb_input)input);
            if (rule->allowed && !arb_state_live((enum arb_state)from)) {
                assert_false(arb_state_live(rule->next));
            }
        }
    }
    assert_true(arb_state_live(ARB_STATE_HEARING));
    assert_false(arb_state_live(ARB_STATE_DECLINED));
}

static void a_late_award_is_said_but_moves_nothing(void **state)
{
    (void)state;
    const struct arb_rule *rule = arb_rule(ARB_STATE_LAPSED, ARB_INPUT_AWARD);
    assert_true(rule->allowed);
    assert_int_equal(rule->next, ARB_STATE_LAPSED);
    assert_false(arb_rule(ARB_STATE_LAPSED, ARB_INPUT_HEARING)->allowed);
}

static void states_and_inputs_have_names(void **state)
{
    (void)state;
    for (int i = 1; i < ARB_STATE_COUNT; i++) {
        assert_non_null(arb_state_name(i));
    }
    for (int i = 1; i < ARB_INPUT_COUNT; i++) {
        assert_non_null(arb_input_name(i));
    }
    assert_null(arb_state_name(0));
    assert_null(arb_state_name(ARB_STATE_COUNT));
    assert_null(arb_input_name(ARB_INPUT_COUNT));
}

static void messages_are_taken_in_their_order(void **state)
{
    (void)state;
    assert_int_equal(arb_order(0, 1), ARB_ORDER_NEXT);
    assert_int_equal(arb_order(3, 4), ARB_ORDER_NEXT);
    assert_int_equal(arb_order(3, 3), ARB_ORDER_REPEAT);
    assert_int_equal(arb_order(3, 1), ARB_ORDER_REPEAT);
    assert_int_equal(arb_order(3, 5), ARB_ORDER_AHEAD);
}

static void an_award_must_make_sense(void **state)
{
    (void)state;
    struct arb_award good = {ARB_FOR_CONSUMER, 168000, 0, 0};
    assert_ok(arb_award_check(&good));
    struct arb_award merchant = {ARB_FOR_MERCHANT, 0, 30000, 0};
    assert_ok(arb_award_check(&merchant));
    const struct arb_award bad[] = {
        {ARB_FOR_NOBODY, 1, 0, 0},   {ARB_FOR_CONSUMER, 0, 0, 0}, {ARB_FOR_CONSUMER, -1, 0, 0},
        {ARB_FOR_MERCHANT, 5, 0, 0}, {ARB_FOR_SPLIT, 5, -1, 0},   {ARB_FOR_SPLIT, 5, 0, -1},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_err(arb_award_check(&bad[i]), DSP_ERR_REJECT, "FIELD_INVALID");
    }
}

static void the_merchants_share_is_what_it_pays_of_the_claim(void **state)
{
    (void)state;
    struct arb_award split = {ARB_FOR_SPLIT, 32760, 3000, 7000};
    assert_int_equal(arb_merchant_percent(&split, 46800), 70); /* SC09 */
    assert_int_equal(arb_merchant_percent(&split, 0), 100);
    assert_int_equal(arb_merchant_percent(&split, 30000), 100);
    struct arb_award huge = {ARB_FOR_SPLIT, INT64_MAX / 4, 0, 0};
    assert_int_equal(arb_merchant_percent(&huge, INT64_MAX / 2), 50);
    struct arb_award consumer = {ARB_FOR_CONSUMER, 168000, 0, 0};
    assert_int_equal(arb_merchant_percent(&consumer, 168000), 100);
    struct arb_award merchant = {ARB_FOR_MERCHANT, 0, 0, 0};
    assert_int_equal(arb_merchant_percent(&merchant, 168000), 0);
}

static void only_an_advanced_fee_is_put_on_the_sides(void **state)
{
    (void)state;
    struct arb_award award = {ARB_FOR_SPLIT, 32760, 3000, 7000};
    struct arb_fee advanced = {ARB_FEE_ADVANCED, 10000, 0};
    struct arb_fee fee = arb_fee_after_award(&advanced, &award);
    assert_int_equal(fee.move, ARB_FEE_BORNE); /* SC09 */
    assert_int_equal(fee.consumer_minor, 3000);
    assert_int_equal(fee.merchant_minor, 7000);
    struct arb_fee paid = {ARB_FEE_PAID_BY_SIDE, 30000, 0}; /* SC10 */
    assert_int_equal(arb_fee_after_award(&paid, &award).move, ARB_FEE_NONE);
    struct arb_fee none = {ARB_FEE_NONE, 0, 0}; /* SC11 */
    assert_int_equal(arb_fee_after_award(&none, &award).move, ARB_FEE_NONE);
    struct arb_fee borne = {ARB_FEE_BORNE, 3000, 7000}; /* the award read twice */
    assert_int_equal(arb_fee_after_award(&borne, &award).move, ARB_FEE_NONE);
    struct arb_award silent = {ARB_FOR_CONSUMER, 168000, 0, 0};
    assert_int_equal(arb_fee_after_award(&advanced, &silent).move, ARB_FEE_NONE);
}

static void outcomes_of_a_call_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(arb_outcome(ARB_CALL_SEND, 202, true), ARB_OUTCOME_TAKEN);
    assert_int_equal(arb_outcome(ARB_CALL_ASK, 200, true), ARB_OUTCOME_TAKEN);
    assert_int_equal(arb_outcome(ARB_CALL_SEND, 202, false), ARB_OUTCOME_UNKNOWN);
    assert_int_equal(arb_outcome(ARB_CALL_SEND, 0, false), ARB_OUTCOME_UNKNOWN);
    assert_int_equal(arb_outcome(ARB_CALL_SEND, 503, false), ARB_OUTCOME_UNKNOWN);
    assert_int_equal(arb_outcome(ARB_CALL_SEND, 429, false), ARB_OUTCOME_UNKNOWN);
    assert_int_equal(arb_outcome(ARB_CALL_SEND, 408, false), ARB_OUTCOME_UNKNOWN);
    assert_int_equal(arb_outcome(ARB_CALL_SEND, 409, false), ARB_OUTCOME_REFUSED);
    assert_int_equal(arb_outcome(ARB_CALL_SEND, 401, false), ARB_OUTCOME_REFUSED);
    assert_int_equal(arb_outcome(ARB_CALL_ASK, 404, false), ARB_OUTCOME_MISSING);
    assert_int_equal(arb_outcome(ARB_CALL_ASK, 503, false), ARB_OUTCOME_UNKNOWN);
    assert_int_equal(arb_outcome(ARB_CALL_ASK, 0, false), ARB_OUTCOME_UNKNOWN);
}

static void an_unknown_outcome_is_asked_about_with_growing_waits(void **state)
{
    (void)state;
    static const int64_t WAITS[] = {30 * DSP_SECOND_MS, DSP_MINUTE_MS,      2 * DSP_MINUTE_MS,
                                    5 * DSP_MINUTE_MS,  10 * DSP_MINUTE_MS, 30 * DSP_MINUTE_MS,
                                    DSP_HOUR_MS,        DSP_DAY_MS,         DSP_DAY_MS};
    for (int32_t i = 0; i < 9; i++) {
        struct arb_next next = arb_after(ARB_OUTCOME_UNKNOWN, ARB_CALL_SEND, i + 1);
        assert_false(next.done);
        assert_int_equal(next.call, ARB_CALL_ASK);
        assert_int_equal(next.wait_ms, WAITS[i]);
    }
    assert_true(arb_after(ARB_OUTCOME_TAKEN, ARB_CALL_ASK, 3).done);
    assert_int_equal(arb_after(ARB_OUTCOME_MISSING, ARB_CALL_ASK, 2).wait_ms, 0);
    assert_int_equal(arb_after(ARB_OUTCOME_MISSING, ARB_CALL_ASK, 2).call, ARB_CALL_SEND);
    assert_true(arb_after(ARB_OUTCOME_MISSING, ARB_CALL_ASK, 4).wait_ms > 0); /* never a tight circle */
    assert_int_equal(arb_after(ARB_OUTCOME_REFUSED, ARB_CALL_SEND, 1).wait_ms, DSP_DAY_MS);
    assert_false(arb_after(ARB_OUTCOME_REFUSED, ARB_CALL_SEND, 1).done);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_the_table_is_as_written),
        cmocka_unit_test(an_ended_referral_never_lives_again),
        cmocka_unit_test(a_late_award_is_said_but_moves_nothing),
        cmocka_unit_test(states_and_inputs_have_names),
        cmocka_unit_test(messages_are_taken_in_their_order),
        cmocka_unit_test(an_award_must_make_sense),
        cmocka_unit_test(the_merchants_share_is_what_it_pays_of_the_claim),
        cmocka_unit_test(only_an_advanced_fee_is_put_on_the_sides),
        cmocka_unit_test(outcomes_of_a_call_are_told_apart),
        cmocka_unit_test(an_unknown_outcome_is_asked_about_with_growing_waits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
