#include "support/cmocka_all.h"

#include <string.h>

#include "common/base/clock.h"
#include "fund/domain/duty.h"
#include "fund/domain/payout.h"
#include "fund/domain/recovery.h"

/* --- duties --- */

static const struct {
    enum fund_duty_state from;
    enum fund_duty_input input;
    enum fund_duty_state to;
} DUTY_MOVES[] = {
    {FUND_DUTY_NOTED, FUND_DUTY_BIND, FUND_DUTY_DUE},
    {FUND_DUTY_NOTED, FUND_DUTY_PERFORM, FUND_DUTY_DONE},
    {FUND_DUTY_NOTED, FUND_DUTY_VERIFY, FUND_DUTY_VERIFIED},
    {FUND_DUTY_NOTED, FUND_DUTY_SUBSTITUTE, FUND_DUTY_SUBSTITUTED},
    {FUND_DUTY_NOTED, FUND_DUTY_WAIVE, FUND_DUTY_WAIVED},
    {FUND_DUTY_DUE, FUND_DUTY_PERFORM, FUND_DUTY_DONE},
    {FUND_DUTY_DUE, FUND_DUTY_VERIFY, FUND_DUTY_VERIFIED},
    {FUND_DUTY_DUE, FUND_DUTY_MISS, FUND_DUTY_OVERDUE},
    {FUND_DUTY_DUE, FUND_DUTY_SUBSTITUTE, FUND_DUTY_SUBSTITUTED},
    {FUND_DUTY_DUE, FUND_DUTY_WAIVE, FUND_DUTY_WAIVED},
    {FUND_DUTY_DONE, FUND_DUTY_BIND, FUND_DUTY_DONE},
    {FUND_DUTY_DONE, FUND_DUTY_VERIFY, FUND_DUTY_VERIFIED},
    {FUND_DUTY_DONE, FUND_DUTY_REJECT, FUND_DUTY_DUE},
    {FUND_DUTY_DONE, FUND_DUTY_MISS, FUND_DUTY_OVERDUE},
    {FUND_DUTY_DONE, FUND_DUTY_WAIVE, FUND_DUTY_WAIVED},
    {FUND_DUTY_OVERDUE, FUND_DUTY_SUBSTITUTE, FUND_DUTY_SUBSTITUTED},
    {FUND_DUTY_OVERDUE, FUND_DUTY_WAIVE, FUND_DUTY_WAIVED},
};

static void every_cell_of_a_duty_is_as_the_machine_says(void **state)
{
    (void)state;
    for (int from = 0; from < FUND_DUTY_STATE_COUNT; from++) {
        for (int input = 1; input < FUND_DUTY_INPUT_COUNT; input++) {
            enum fund_duty_state expected = FUND_DUTY_NONE;
            for (size_t i = 0; i < sizeof DUTY_MOVES / sizeof *DUTY_MOVES; i++) {
                if ((int)DUTY_MOVES[i].from == from && (int)DUTY_MOVES[i].input == input) {
                    expected = DUTY_MOVES[i].to;
                }
            }
            assert_int_equal(fund_duty_decide((enum fund_duty_state)from, (enum fund_duty_input)input, true), expected);
        }
    }
    assert_int_equal(fund_duty_decide(FUND_DUTY_STATE_COUNT, FUND_DUTY_BIND, true), FUND_DUTY_NONE);
    assert_int_equal(fund_duty_decide(FUND_DUTY_DUE, FUND_DUTY_INPUT_COUNT, true), FUND_DUTY_NONE);
}

static void a_proof_rejected_before_the_decision_binds_leads_back_to_noted(void **state)
{
    (void)state;
    assert_int_equal(fund_duty_decide(FUND_DUTY_DONE, FUND_DUTY_REJECT, false), FUND_DUTY_NOTED);
    assert_int_equal(fund_duty_decide(FUND_DUTY_DONE, FUND_DUTY_REJECT, true), FUND_DUTY_DUE);
}

static void only_a_duty_that_somebody_still_owes_is_open(void **state)
{
    (void)state;
    assert_true(fund_duty_open(FUND_DUTY_NOTED) && fund_duty_open(FUND_DUTY_DUE));
    assert_true(fund_duty_open(FUND_DUTY_DONE) && fund_duty_open(FUND_DUTY_OVERDUE));
    assert_false(fund_duty_open(FUND_DUTY_NONE) || fund_duty_open(FUND_DUTY_VERIFIED));
    assert_false(fund_duty_open(FUND_DUTY_SUBSTITUTED) || fund_duty_open(FUND_DUTY_WAIVED));
    assert_string_equal(fund_duty_state_name(FUND_DUTY_SUBSTITUTED), "SUBSTITUTED");
    assert_null(fund_duty_state_name(0));
}

/* --- reservations --- */

static void a_reservation_is_held_then_posted_by_the_advance(void **state)
{
    (void)state;
    struct fund_reservation sum = {0};
    assert_ok(fund_reservation_decide(&sum, FUND_HOLD, 36800));
    assert_int_equal(sum.state, FUND_RESERVATION_HELD);
    assert_ok(fund_reservation_decide(&sum, FUND_POST, 36800));
    assert_int_equal(sum.state, FUND_RESERVATION_POSTED);
    assert_int_equal(fund_reservation_left(&sum), 0);
}

static void a_failed_payout_puts_the_money_back_into_the_reservation(void **state)
{
    (void)state;
    struct fund_reservation sum = {0};
    assert_ok(fund_reservation_decide(&sum, FUND_HOLD, 500));
    assert_ok(fund_reservation_decide(&sum, FUND_POST, 500));
    assert_ok(fund_reservation_decide(&sum, FUND_POST_BACK, 500));
    assert_int_equal(sum.state, FUND_RESERVATION_HELD);
    assert_int_equal(fund_reservation_left(&sum), 500);
}

static void a_part_is_voided_and_the_rest_stays_held(void **state)
{
    (void)state;
    struct fund_reservation sum = {0}; /* SC15 */
    assert_ok(fund_reservation_decide(&sum, FUND_HOLD, 59900));
    assert_ok(fund_reservation_decide(&sum, FUND_VOIDING, 10000));
    assert_int_equal(fund_reservation_left(&sum), 49900);
    assert_ok(fund_reservation_decide(&sum, FUND_VOID, 10000));
    assert_int_equal(sum.state, FUND_RESERVATION_HELD);
    assert_ok(fund_reservation_decide(&sum, FUND_VOIDING, 49900));
    assert_ok(fund_reservation_decide(&sum, FUND_VOID, 49900));
    assert_int_equal(sum.state, FUND_RESERVATION_VOIDED);
}

static void a_refused_void_is_held_again_and_a_refused_reserve_is_gone(void **state)
{
    (void)state;
    struct fund_reservation sum = {0};
    assert_ok(fund_reservation_decide(&sum, FUND_HOLD, 100));
    assert_ok(fund_reservation_decide(&sum, FUND_VOIDING, 100));
    assert_ok(fund_reservation_decide(&sum, FUND_VOID_BACK, 100));
    assert_int_equal(fund_reservation_left(&sum), 100);
    assert_ok(fund_reservation_decide(&sum, FUND_HOLD_BACK, 100));
    assert_int_equal(sum.state, FUND_RESERVATION_VOIDED);
    assert_int_equal(fund_reservation_left(&sum), 0);
}

static void more_than_is_set_aside_never_moves(void **state)
{
    (void)state;
    struct fund_reservation sum = {0};
    assert_ok(fund_reservation_decide(&sum, FUND_HOLD, 100));
    struct fund_reservation before = sum;
    assert_err(fund_reservation_decide(&sum, FUND_POST, 101), DSP_ERR_REJECT, "OVERFLOW");
    assert_err(fund_reservation_decide(&sum, FUND_VOIDING, 101), DSP_ERR_REJECT, "OVERFLOW");
    assert_err(fund_reservation_decide(&sum, FUND_VOID, 1), DSP_ERR_REJECT, "OVERFLOW"); /* was never said */
    assert_err(fund_reservation_decide(&sum, FUND_POST_BACK, 1), DSP_ERR_REJECT, "OVERFLOW");
    assert_err(fund_reservation_decide(&sum, FUND_HOLD, 0), DSP_ERR_REJECT, "OVERFLOW");
    assert_err(fund_reservation_decide(&sum, FUND_HOLD, INT64_MAX), DSP_ERR_REJECT, "OVERFLOW");
    assert_memory_equal(&sum, &before, sizeof sum);
}

/* --- claims --- */

static void an_order_line_never_gives_more_than_the_remedy_or_what_was_paid_in(void **state)
{
    (void)state;
    struct fund_claim claim = {.remedy_minor = 300, .paid_in_minor = 200};
    assert_int_equal(fund_claim_room(&claim), 200);
    claim.statutory = true; /* added damages may exceed the price */
    assert_int_equal(fund_claim_room(&claim), 300);
    claim.reserved_minor = 100;
    claim.paid_minor = 50;
    claim.refunded_minor = 50;
    assert_int_equal(fund_claim_room(&claim), 100);
    claim.refunded_minor = 250; /* paid by the merchant while it is held: no room, never negative */
    assert_int_equal(fund_claim_room(&claim), 0);
}

/* --- payouts --- */

static void every_cell_of_a_payout_is_as_the_machine_says(void **state)
{
    (void)state;
    static const struct {
        enum fund_payout_state from;
        enum fund_payout_input input;
        enum fund_payout_state to;
    } MOVES[] = {
        {FUND_PAYOUT_NEW, FUND_PAYOUT_SEND, FUND_PAYOUT_SENT},
        {FUND_PAYOUT_NEW, FUND_PAYOUT_HOLD, FUND_PAYOUT_HELD},
        {FUND_PAYOUT_HELD, FUND_PAYOUT_SEND, FUND_PAYOUT_SENT},
        {FUND_PAYOUT_SENT, FUND_PAYOUT_CONFIRM, FUND_PAYOUT_CONFIRMED},
        {FUND_PAYOUT_SENT, FUND_PAYOUT_FAIL, FUND_PAYOUT_FAILED},
        {FUND_PAYOUT_CONFIRMED, FUND_PAYOUT_REVERSE, FUND_PAYOUT_FAILED},
    };
    for (int from = 0; from < FUND_PAYOUT_STATE_COUNT; from++) {
        for (int input = 1; input < FUND_PAYOUT_INPUT_COUNT; input++) {
            enum fund_payout_state expected = FUND_PAYOUT_NEW;
            for (size_t i = 0; i < sizeof MOVES / sizeof *MOVES; i++) {
                if ((int)MOVES[i].from == from && (int)MOVES[i].input == input) {
                    expected = MOVES[i].to;
                }
            }
            assert_int_equal(fund_payout_decide((enum fund_payout_state)from, (enum fund_payout_input)input), expected);
        }
    }
}

static void a_payout_number_is_made_once_and_fits_the_payment_side(void **state)
{
    (void)state;
    struct dsp_uuid case_id = {{1, 2, 3}};
    char one[FUND_PAYOUT_NUMBER_BYTES];
    char again[FUND_PAYOUT_NUMBER_BYTES];
    char other[FUND_PAYOUT_NUMBER_BYTES];
    fund_payout_number(&case_id, 1, one);
    fund_payout_number(&case_id, 1, again);
    fund_payout_number(&case_id, 2, other);
    assert_string_equal(one, again);
    assert_string_not_equal(one, other);
    assert_int_equal(strlen(one), 32);
    assert_int_equal(strspn(one, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), 32);
}

static void a_transfer_carries_what_needs_no_name(void **state)
{
    (void)state;
    assert_false(fund_rail_can(FUND_RAIL_TRANSFER, 9));
    assert_true(fund_rail_can(FUND_RAIL_TRANSFER, 10) && fund_rail_can(FUND_RAIL_TRANSFER, 199999));
    assert_false(fund_rail_can(FUND_RAIL_TRANSFER, 200000));
    assert_true(fund_rail_can(FUND_RAIL_REFUND, 200000));
    assert_false(fund_rail_can(FUND_RAIL_NONE, 100) || fund_rail_can(FUND_RAIL_DEPOSIT, 100));
}

static void a_payout_over_a_limit_waits_for_people(void **state)
{
    (void)state;
    const struct fund_limits *limits = &FUND_START_LIMITS;
    struct fund_exposure none = {0};
    assert_null(fund_limits_hold(limits, &none, 200000)); /* up to and with the limit */
    assert_string_equal(fund_limits_hold(limits, &none, 200001), "FOUR_EYES");
    struct fund_exposure order = {.order_minor = 900000};
    assert_null(fund_limits_hold(limits, &order, 100000));
    assert_string_equal(fund_limits_hold(limits, &order, 100001), "ORDER_LIMIT");
    struct fund_exposure consumer = {.consumer_minor = 2000000};
    assert_string_equal(fund_limits_hold(limits, &consumer, 1), "CONSUMER_LIMIT");
    struct fund_exposure merchant = {.merchant_minor = 19999999};
    assert_null(fund_limits_hold(limits, &merchant, 1));
    assert_string_equal(fund_limits_hold(limits, &merchant, 2), "MERCHANT_LIMIT");
}

static void money_is_set_aside_down_to_the_reserve_ratio(void **state)
{
    (void)state;
    const struct fund_limits *limits = &FUND_START_LIMITS;
    assert_null(fund_limits_refuse(limits, 10000000, 10000000, 8000000));
    assert_string_equal(fund_limits_refuse(limits, 10000000, 10000000, 8000001), "RESERVE_RATIO");
    assert_string_equal(fund_limits_refuse(limits, 100, 10000000, 101), "FUND_SHORT");
    assert_null(fund_limits_refuse(limits, 100, 0, 100));
}

static void an_answer_leads_to_the_only_safe_next_step(void **state)
{
    (void)state;
    static const struct {
        enum fund_mode mode;
        enum fund_fate fate;
        bool refused;
        enum fund_action action;
    } CELLS[] = {
        {FUND_MODE_CREATE, FUND_FATE_UNKNOWN, false, FUND_ACTION_ASK_LATER},
        {FUND_MODE_CREATE, FUND_FATE_PENDING, false, FUND_ACTION_ASK_LATER},
        {FUND_MODE_CREATE, FUND_FATE_SUCCESS, false, FUND_ACTION_ASK_NOW},
        {FUND_MODE_CREATE, FUND_FATE_FAILED, false, FUND_ACTION_ASK_NOW},
        {FUND_MODE_CREATE, FUND_FATE_ABSENT, false, FUND_ACTION_ASK_LATER},
        {FUND_MODE_CREATE, FUND_FATE_REFUSED, true, FUND_ACTION_ASK_NOW},
        {FUND_MODE_CREATE, FUND_FATE_BUSY, false, FUND_ACTION_CREATE_LATER},
        {FUND_MODE_QUERY, FUND_FATE_UNKNOWN, false, FUND_ACTION_ASK_LATER},
        {FUND_MODE_QUERY, FUND_FATE_PENDING, false, FUND_ACTION_ASK_LATER},
        {FUND_MODE_QUERY, FUND_FATE_SUCCESS, false, FUND_ACTION_CONFIRM},
        {FUND_MODE_QUERY, FUND_FATE_SUCCESS, true, FUND_ACTION_CONFIRM},
        {FUND_MODE_QUERY, FUND_FATE_FAILED, false, FUND_ACTION_FAIL},
        {FUND_MODE_QUERY, FUND_FATE_ABSENT, false, FUND_ACTION_CREATE_NOW}, /* same number, same parameters */
        {FUND_MODE_QUERY, FUND_FATE_ABSENT, true, FUND_ACTION_FAIL},        /* explicit and final */
        {FUND_MODE_QUERY, FUND_FATE_REFUSED, false, FUND_ACTION_ASK_LATER},
        {FUND_MODE_QUERY, FUND_FATE_BUSY, false, FUND_ACTION_ASK_LATER},
        {(enum fund_mode)0, FUND_FATE_SUCCESS, false, FUND_ACTION_NONE},
        {FUND_MODE_QUERY, FUND_FATE_COUNT, false, FUND_ACTION_NONE},
    };
    for (size_t i = 0; i < sizeof CELLS / sizeof *CELLS; i++) {
        assert_int_equal(fund_payout_next(CELLS[i].mode, CELLS[i].fate, CELLS[i].refused), CELLS[i].action);
    }
}

static void an_error_answer_is_classed_by_status_and_code(void **state)
{
    (void)state;
    struct dsp_str none = {NULL, 0};
    assert_int_equal(fund_error_fate(404, none), FUND_FATE_ABSENT);
    assert_int_equal(fund_error_fate(429, none), FUND_FATE_BUSY);
    assert_int_equal(fund_error_fate(403, DSP_STR_LITERAL("NOT_ENOUGH")), FUND_FATE_BUSY);
    assert_int_equal(fund_error_fate(403, DSP_STR_LITERAL("NO_AUTH")), FUND_FATE_REFUSED);
    assert_int_equal(fund_error_fate(400, DSP_STR_LITERAL("PARAM_ERROR")), FUND_FATE_REFUSED);
    assert_int_equal(fund_error_fate(401, DSP_STR_LITERAL("SIGN_ERROR")), FUND_FATE_UNKNOWN);
    assert_int_equal(fund_error_fate(500, DSP_STR_LITERAL("SYSTEM_ERROR")), FUND_FATE_UNKNOWN);
}

static void an_unknown_outcome_is_asked_about_ever_more_seldom(void **state)
{
    (void)state;
    static const int64_t SECONDS[] = {30, 60, 120, 300, 600, 1800, 3600, 21600, 21600};
    for (int32_t i = 0; i < (int32_t)(sizeof SECONDS / sizeof *SECONDS); i++) {
        assert_int_equal(fund_backoff_ms(i + 1), SECONDS[i] * DSP_SECOND_MS);
    }
    assert_int_equal(fund_backoff_ms(0), 30 * DSP_SECOND_MS);
    assert_int_equal(fund_backoff_ms(INT32_MAX), 6 * DSP_HOUR_MS);
}

/* --- recoveries --- */

static const struct {
    enum fund_recovery_state from;
    enum fund_recovery_input input;
    enum fund_recovery_state to;
} RECOVERY_MOVES[] = {
    {FUND_RECOVERY_OPENED, FUND_RECOVERY_DEMAND, FUND_RECOVERY_DEMANDED},
    {FUND_RECOVERY_OPENED, FUND_RECOVERY_CONTEST, FUND_RECOVERY_DISPUTED},
    {FUND_RECOVERY_OPENED, FUND_RECOVERY_WRITE_OFF, FUND_RECOVERY_WRITTEN_OFF},
    {FUND_RECOVERY_OPENED, FUND_RECOVERY_ANNUL, FUND_RECOVERY_ANNULLED},
    {FUND_RECOVERY_DEMANDED, FUND_RECOVERY_DEMAND, FUND_RECOVERY_DEMANDED},
    {FUND_RECOVERY_DEMANDED, FUND_RECOVERY_RECEIVE_PART, FUND_RECOVERY_PARTIAL},
    {FUND_RECOVERY_DEMANDED, FUND_RECOVERY_RECEIVE_ALL, FUND_RECOVERY_RECOVERED},
    {FUND_RECOVERY_DEMANDED, FUND_RECOVERY_CONTEST, FUND_RECOVERY_DISPUTED},
    {FUND_RECOVERY_DEMANDED, FUND_RECOVERY_WRITE_OFF, FUND_RECOVERY_WRITTEN_OFF},
    {FUND_RECOVERY_DEMANDED, FUND_RECOVERY_ANNUL, FUND_RECOVERY_ANNULLED},
    {FUND_RECOVERY_PARTIAL, FUND_RECOVERY_DEMAND, FUND_RECOVERY_PARTIAL},
    {FUND_RECOVERY_PARTIAL, FUND_RECOVERY_RECEIVE_PART, FUND_RECOVERY_PARTIAL},
    {FUND_RECOVERY_PARTIAL, FUND_RECOVERY_RECEIVE_ALL, FUND_RECOVERY_RECOVERED},
    {FUND_RECOVERY_PARTIAL, FUND_RECOVERY_CONTEST, FUND_RECOVERY_DISPUTED},
    {FUND_RECOVERY_PARTIAL, FUND_RECOVERY_WRITE_OFF, FUND_RECOVERY_WRITTEN_OFF},
    {FUND_RECOVERY_PARTIAL, FUND_RECOVERY_ANNUL, FUND_RECOVERY_ANNULLED},
    {FUND_RECOVERY_DISPUTED, FUND_RECOVERY_DEMAND, FUND_RECOVERY_DEMANDED},
    {FUND_RECOVERY_DISPUTED, FUND_RECOVERY_RECEIVE_PART, FUND_RECOVERY_PARTIAL},
    {FUND_RECOVERY_DISPUTED, FUND_RECOVERY_RECEIVE_ALL, FUND_RECOVERY_RECOVERED},
    {FUND_RECOVERY_DISPUTED, FUND_RECOVERY_WRITE_OFF, FUND_RECOVERY_WRITTEN_OFF},
    {FUND_RECOVERY_DISPUTED, FUND_RECOVERY_ANNUL, FUND_RECOVERY_ANNULLED},
    {FUND_RECOVERY_RECOVERED, FUND_RECOVERY_ANNUL, FUND_RECOVERY_ANNULLED},
    {FUND_RECOVERY_WRITTEN_OFF, FUND_RECOVERY_ANNUL, FUND_RECOVERY_ANNULLED},
};

static void every_cell_of_a_recovery_is_as_the_machine_says(void **state)
{
    (void)state;
    for (int from = 0; from < FUND_RECOVERY_STATE_COUNT; from++) {
        for (int input = 1; input < FUND_RECOVERY_INPUT_COUNT; input++) {
            enum fund_recovery_state expected = FUND_RECOVERY_NONE;
            for (size_t i = 0; i < sizeof RECOVERY_MOVES / sizeof *RECOVERY_MOVES; i++) {
                if ((int)RECOVERY_MOVES[i].from == from && (int)RECOVERY_MOVES[i].input == input) {
                    expected = RECOVERY_MOVES[i].to;
                }
            }
            assert_int_equal(fund_recovery_decide((enum fund_recovery_state)from, (enum fund_recovery_input)input),
                             expected);
        }
    }
}

static void the_merchant_is_asked_on_day_0_3_and_7(void **state)
{
    (void)state;
    assert_int_equal(fund_demand_after(0), 3);
    assert_int_equal(fund_demand_after(3), 7);
    assert_int_equal(fund_demand_after(7), 0);
}

static void the_ladder_of_sanctions_has_four_rungs(void **state)
{
    (void)state;
    assert_int_equal(fund_sanction_rung(0), 1);
    assert_int_equal(fund_sanction_rung(3), 4);
    assert_int_equal(fund_sanction_rung(4), 0);
    assert_int_equal(fund_sanction_rung(-1), 0);
}

static void a_held_payout_leaves_in_part_up_to_four_eyes_and_what_the_rail_carries(void **state)
{
    (void)state;
    assert_int_equal(fund_hold_part(FUND_RAIL_REFUND, 300000, 200000), 200000);
    assert_int_equal(fund_hold_part(FUND_RAIL_TRANSFER, 300000, 200000), 199999);
    assert_int_equal(fund_hold_part(FUND_RAIL_TRANSFER, 5000, 200000), 5000);
    assert_int_equal(fund_hold_part(FUND_RAIL_TRANSFER, 9, 200000), 0);
    assert_int_equal(fund_hold_part(FUND_RAIL_NONE, 300000, 200000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_held_payout_leaves_in_part_up_to_four_eyes_and_what_the_rail_carries),
        cmocka_unit_test(every_cell_of_a_duty_is_as_the_machine_says),
        cmocka_unit_test(a_proof_rejected_before_the_decision_binds_leads_back_to_noted),
        cmocka_unit_test(only_a_duty_that_somebody_still_owes_is_open),
        cmocka_unit_test(a_reservation_is_held_then_posted_by_the_advance),
        cmocka_unit_test(a_failed_payout_puts_the_money_back_into_the_reservation),
        cmocka_unit_test(a_part_is_voided_and_the_rest_stays_held),
        cmocka_unit_test(a_refused_void_is_held_again_and_a_refused_reserve_is_gone),
        cmocka_unit_test(more_than_is_set_aside_never_moves),
        cmocka_unit_test(an_order_line_never_gives_more_than_the_remedy_or_what_was_paid_in),
        cmocka_unit_test(every_cell_of_a_payout_is_as_the_machine_says),
        cmocka_unit_test(a_payout_number_is_made_once_and_fits_the_payment_side),
        cmocka_unit_test(a_transfer_carries_what_needs_no_name),
        cmocka_unit_test(a_payout_over_a_limit_waits_for_people),
        cmocka_unit_test(money_is_set_aside_down_to_the_reserve_ratio),
        cmocka_unit_test(an_answer_leads_to_the_only_safe_next_step),
        cmocka_unit_test(an_error_answer_is_classed_by_status_and_code),
        cmocka_unit_test(an_unknown_outcome_is_asked_about_ever_more_seldom),
        cmocka_unit_test(every_cell_of_a_recovery_is_as_the_machine_says),
        cmocka_unit_test(the_merchant_is_asked_on_day_0_3_and_7),
        cmocka_unit_test(the_ladder_of_sanctions_has_four_rungs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
