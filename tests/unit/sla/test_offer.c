/* Offers and settlements: every cell of both tables, and what an offer is measured against. */
#include "sla/domain/offer.h"

#include "common/base/clock.h"
#include "support/cmocka_all.h"

#define START INT64_C(1776045600000)
#define CONSUMER 1
#define MERCHANT 2
#define REFUND 2
#define PART_REFUND 3
#define MULTIPLE 7

static struct sla_board board(void)
{
    return (struct sla_board){.unpaid_minor = 39800, .policy_life_ms = 48 * DSP_HOUR_MS};
}

static struct sla_terms terms(void)
{
    return (struct sla_terms){.remedy = PART_REFUND, .amount_minor = 10000};
}

/* An offer of the merchant that stands in the log. */
static struct sla_offer open_offer(void)
{
    struct sla_board on = board();
    struct sla_terms with = terms();
    struct sla_offer offer = sla_offer_open(&on, &with, MERCHANT, START);
    sla_offer_confirmed(&offer, SLA_OFFER_OPEN);
    return offer;
}

static int32_t actor_of(enum sla_offer_input input)
{
    return input == SLA_OFFER_INPUT_RETRACT ? MERCHANT : CONSUMER;
}

static void every_cell_of_an_offer_does_what_the_table_says(void **state)
{
    (void)state;
    static const enum sla_offer_state OPEN_TO[SLA_OFFER_INPUTS] = {
        [SLA_OFFER_INPUT_COUNTER] = SLA_OFFER_COUNTERED, [SLA_OFFER_INPUT_ACCEPT] = SLA_OFFER_ACCEPTED,
        [SLA_OFFER_INPUT_REJECT] = SLA_OFFER_REJECTED,   [SLA_OFFER_INPUT_RETRACT] = SLA_OFFER_RETRACTED,
        [SLA_OFFER_INPUT_EXPIRE] = SLA_OFFER_EXPIRED,    [SLA_OFFER_INPUT_LEAVE] = SLA_OFFER_EXPIRED,
    };
    for (int from = SLA_OFFER_NONE; from < SLA_OFFER_STATES; from++) {
        for (int input = SLA_OFFER_INPUT_COUNTER; input < SLA_OFFER_INPUTS; input++) {
            enum sla_offer_state expected = from == SLA_OFFER_OPEN ? OPEN_TO[input] : SLA_OFFER_NONE;
            assert_int_equal(sla_offer_next((enum sla_offer_state)from, (enum sla_offer_input)input), expected);
            if (input > SLA_OFFER_INPUT_RETRACT || from == SLA_OFFER_NONE) {
                continue;
            }
            struct sla_offer offer = open_offer();
            offer.state = offer.log_state = (enum sla_offer_state)from;
            enum sla_offer_refusal refusal = sla_offer_act(&offer, (enum sla_offer_input)input,
                                                           actor_of((enum sla_offer_input)input), START + DSP_HOUR_MS);
            assert_int_equal(refusal, from == SLA_OFFER_OPEN ? SLA_OFFER_TAKEN : SLA_OFFER_CLOSED);
            assert_int_equal(offer.state, from == SLA_OFFER_OPEN ? expected : (enum sla_offer_state)from);
            assert_int_equal(offer.log_state, from); /* provisional */
        }
    }
}

static void only_the_receiver_answers_and_only_the_maker_takes_back(void **state)
{
    (void)state;
    struct sla_offer offer = open_offer();
    assert_int_equal(offer.receiver, CONSUMER);
    for (int input = SLA_OFFER_INPUT_COUNTER; input <= SLA_OFFER_INPUT_RETRACT; input++) {
        int32_t other = sla_other_side(actor_of((enum sla_offer_input)input));
        assert_int_equal(sla_offer_act(&offer, (enum sla_offer_input)input, other, START), SLA_OFFER_NOT_YOURS);
        assert_int_equal(sla_offer_would(NULL, (enum sla_offer_input)input, other, START), SLA_OFFER_UNKNOWN);
    }
    assert_int_equal(offer.state, SLA_OFFER_OPEN);
}

static void an_acceptance_counts_at_its_stamp_up_to_the_last_instant(void **state)
{
    (void)state;
    struct sla_offer offer = open_offer();
    int64_t due_ms = START + 48 * DSP_HOUR_MS;
    assert_int_equal(offer.due_ms, due_ms);
    assert_int_equal(sla_offer_act(&offer, SLA_OFFER_INPUT_ACCEPT, CONSUMER, due_ms + 1), SLA_OFFER_TOO_LATE);
    assert_int_equal(sla_offer_act(&offer, SLA_OFFER_INPUT_ACCEPT, CONSUMER, due_ms), SLA_OFFER_TAKEN);
    assert_int_equal(sla_offer_act(&offer, SLA_OFFER_INPUT_ACCEPT, CONSUMER, due_ms), SLA_OFFER_CLOSED); /* twice */
    /* The breach is not in the log yet: others than an acceptance are taken late. */
    offer = open_offer();
    assert_int_equal(sla_offer_act(&offer, SLA_OFFER_INPUT_REJECT, CONSUMER, due_ms + 1), SLA_OFFER_TAKEN);
    /* After it, the code stays the same. */
    offer = open_offer();
    sla_offer_confirmed(&offer, SLA_OFFER_EXPIRED);
    assert_int_equal(sla_offer_act(&offer, SLA_OFFER_INPUT_ACCEPT, CONSUMER, due_ms + 1), SLA_OFFER_TOO_LATE);
}

static void an_offer_that_is_not_in_the_log_yet_cannot_be_answered(void **state)
{
    (void)state;
    struct sla_board on = board();
    struct sla_terms with = terms();
    struct sla_offer offer = sla_offer_open(&on, &with, MERCHANT, START);
    assert_int_equal(sla_offer_act(&offer, SLA_OFFER_INPUT_ACCEPT, CONSUMER, START), SLA_OFFER_CLOSED);
    assert_true(sla_offer_confirmed(&offer, SLA_OFFER_OPEN));
    assert_false(sla_offer_confirmed(&offer, SLA_OFFER_OPEN));
    assert_int_equal(sla_offer_act(&offer, SLA_OFFER_INPUT_ACCEPT, CONSUMER, START), SLA_OFFER_TAKEN);
}

static void an_acceptance_that_the_log_refuses_goes_back_to_what_the_log_has(void **state)
{
    (void)state;
    struct sla_offer offer = open_offer();
    (void)sla_offer_act(&offer, SLA_OFFER_INPUT_ACCEPT, CONSUMER, START);
    sla_offer_undone(&offer);
    assert_int_equal(offer.state, SLA_OFFER_OPEN);
    /* The case was withdrawn a moment before: its stage has ended the offer. */
    (void)sla_offer_act(&offer, SLA_OFFER_INPUT_ACCEPT, CONSUMER, START);
    assert_true(sla_offer_left(&offer));
    assert_int_equal(offer.state, SLA_OFFER_ACCEPTED);
    assert_int_equal(offer.log_state, SLA_OFFER_EXPIRED);
    sla_offer_undone(&offer);
    assert_int_equal(offer.state, SLA_OFFER_EXPIRED);
    assert_false(sla_offer_left(&offer));
}

static void an_offer_that_never_reached_the_log_ends_expired(void **state)
{
    (void)state;
    struct sla_board on = board();
    struct sla_terms with = terms();
    struct sla_offer offer = sla_offer_open(&on, &with, CONSUMER, START);
    sla_offer_undone(&offer);
    assert_int_equal(offer.state, SLA_OFFER_EXPIRED);
    assert_int_equal(offer.log_state, SLA_OFFER_EXPIRED);
    offer = sla_offer_open(&on, &with, CONSUMER, START);
    assert_true(sla_offer_left(&offer));
    assert_int_equal(offer.state, SLA_OFFER_EXPIRED);
}

static void an_accepted_offer_outlives_the_stage_it_was_accepted_in(void **state)
{
    (void)state;
    struct sla_offer offer = open_offer();
    (void)sla_offer_act(&offer, SLA_OFFER_INPUT_ACCEPT, CONSUMER, START);
    assert_true(sla_offer_confirmed(&offer, SLA_OFFER_ACCEPTED));
    assert_false(sla_offer_left(&offer));
    assert_int_equal(offer.state, SLA_OFFER_ACCEPTED);
}

static void a_new_offer_is_measured(void **state)
{
    (void)state;
    struct sla_board on = board();
    struct sla_terms with = terms();
    assert_int_equal(sla_offer_check(&on, &with), SLA_OFFER_TAKEN);
    on.made = SLA_OFFERS_A_SIDE - 1;
    assert_int_equal(sla_offer_check(&on, &with), SLA_OFFER_TAKEN);
    on.made = SLA_OFFERS_A_SIDE;
    on.another_open = true;
    assert_int_equal(sla_offer_check(&on, &with), SLA_OFFER_LIMIT); /* the first that fails is answered */
    on.made = 0;
    assert_int_equal(sla_offer_check(&on, &with), SLA_OFFER_ANOTHER_OPEN);
    on = board();
    on.id_used = true;
    assert_int_equal(sla_offer_check(&on, &with), SLA_OFFER_ID_USED);
    on = board();
    static const struct sla_terms BAD[] = {{.remedy = 0, .amount_minor = 1},
                                           {.remedy = 1, .amount_minor = 1},
                                           {.remedy = REFUND, .amount_minor = 0},
                                           {.remedy = REFUND, .amount_minor = -1},
                                           {.remedy = REFUND, .amount_minor = 1, .other_currency = true}};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        assert_int_equal(sla_offer_check(&on, &BAD[i]), SLA_OFFER_TERMS);
    }
}

static void nobody_offers_more_than_is_unpaid_but_a_statutory_multiple(void **state)
{
    (void)state;
    struct sla_board on = board();
    struct sla_terms with = {.remedy = REFUND, .amount_minor = 39800};
    assert_int_equal(sla_offer_check(&on, &with), SLA_OFFER_TAKEN);
    with.amount_minor = 39801;
    assert_int_equal(sla_offer_check(&on, &with), SLA_OFFER_AMOUNT);
    with.remedy = MULTIPLE;
    assert_int_equal(sla_offer_check(&on, &with), SLA_OFFER_TAKEN);
}

static void life_and_term_have_bounds(void **state)
{
    (void)state;
    static const struct {
        int64_t policy_ms, life_ms;
        enum sla_offer_refusal expected;
    } LIVES[] = {
        {48 * DSP_HOUR_MS, 0, SLA_OFFER_TAKEN},
        {48 * DSP_HOUR_MS, 24 * DSP_HOUR_MS, SLA_OFFER_TAKEN},
        {48 * DSP_HOUR_MS, 24 * DSP_HOUR_MS - 1, SLA_OFFER_LIFE},
        {48 * DSP_HOUR_MS, 7 * DSP_DAY_MS, SLA_OFFER_TAKEN},
        {48 * DSP_HOUR_MS, 7 * DSP_DAY_MS + 1, SLA_OFFER_LIFE},
        {48 * DSP_HOUR_MS, -1, SLA_OFFER_LIFE},
        {20 * DSP_SECOND_MS, 20 * DSP_SECOND_MS, SLA_OFFER_TAKEN}, /* a policy of seconds */
        {20 * DSP_SECOND_MS, 19 * DSP_SECOND_MS, SLA_OFFER_LIFE},
    };
    for (size_t i = 0; i < sizeof LIVES / sizeof *LIVES; i++) {
        struct sla_board on = board();
        struct sla_terms with = terms();
        on.policy_life_ms = LIVES[i].policy_ms;
        with.life_ms = LIVES[i].life_ms;
        assert_int_equal(sla_offer_check(&on, &with), LIVES[i].expected);
    }
    struct sla_board on = board();
    struct sla_terms with = terms();
    with.perform_ms = SLA_OFFER_PERFORM_MAX_MS;
    assert_int_equal(sla_offer_check(&on, &with), SLA_OFFER_TAKEN);
    with.perform_ms++;
    assert_int_equal(sla_offer_check(&on, &with), SLA_OFFER_PERFORM);
    with.perform_ms = -1;
    assert_int_equal(sla_offer_check(&on, &with), SLA_OFFER_PERFORM);
}

static void every_refusal_has_a_stable_code(void **state)
{
    (void)state;
    for (int i = SLA_OFFER_NOT_YOURS; i < SLA_OFFER_REFUSALS; i++) {
        const struct sla_offer_refusal_text *text = &SLA_OFFER_REFUSAL_TEXTS[i];
        assert_non_null(text->code);
        assert_true(text->code[0] != '\0');
        assert_int_equal(text->guard[0] != '\0', i >= SLA_OFFER_UNKNOWN);
    }
}

static void every_cell_of_a_settlement_does_what_the_table_says(void **state)
{
    (void)state;
    static const enum sla_settlement_state PERFORMING_TO[SLA_SETTLEMENT_INPUTS] = {
        [SLA_SETTLEMENT_INPUT_PERFORM] = SLA_SETTLEMENT_PERFORMED,
        [SLA_SETTLEMENT_INPUT_DEFAULT] = SLA_SETTLEMENT_DEFAULTED,
        [SLA_SETTLEMENT_INPUT_RESCIND] = SLA_SETTLEMENT_RESCINDED,
        [SLA_SETTLEMENT_INPUT_LAPSE] = SLA_SETTLEMENT_LAPSED,
    };
    for (int from = SLA_SETTLEMENT_PERFORMING; from < SLA_SETTLEMENT_STATES; from++) {
        assert_non_null(sla_settlement_state_name(from));
        for (int input = SLA_SETTLEMENT_INPUT_NONE; input < SLA_SETTLEMENT_INPUTS; input++) {
            enum sla_settlement_state is = (enum sla_settlement_state)from;
            enum sla_settlement_state to = from == SLA_SETTLEMENT_PERFORMING ? PERFORMING_TO[input] : 0;
            assert_int_equal(sla_settlement_decide(&is, (enum sla_settlement_input)input), to != 0);
            assert_int_equal(is, to ? to : (enum sla_settlement_state)from);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_an_offer_does_what_the_table_says),
        cmocka_unit_test(only_the_receiver_answers_and_only_the_maker_takes_back),
        cmocka_unit_test(an_acceptance_counts_at_its_stamp_up_to_the_last_instant),
        cmocka_unit_test(an_offer_that_is_not_in_the_log_yet_cannot_be_answered),
        cmocka_unit_test(an_acceptance_that_the_log_refuses_goes_back_to_what_the_log_has),
        cmocka_unit_test(an_offer_that_never_reached_the_log_ends_expired),
        cmocka_unit_test(an_accepted_offer_outlives_the_stage_it_was_accepted_in),
        cmocka_unit_test(a_new_offer_is_measured),
        cmocka_unit_test(nobody_offers_more_than_is_unpaid_but_a_statutory_multiple),
        cmocka_unit_test(life_and_term_have_bounds),
        cmocka_unit_test(every_refusal_has_a_stable_code),
        cmocka_unit_test(every_cell_of_a_settlement_does_what_the_table_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
