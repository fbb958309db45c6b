/* Offers as they come over the log. */
#include "unit/sla/log.h"

static int64_t counter(enum who who, const char *offer_id, const char *new_id, int64_t amount_minor, int64_t time_ms)
{
    Disputes__Gateway__V1__Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__CounterOffer offer = DISPUTES__GATEWAY__V1__COUNTER_OFFER__INIT;
    Disputes__Gateway__V1__OfferTerms terms = terms_of(amount_minor);
    offer.offer_id = id(offer_id);
    offer.new_offer_id = id(new_id);
    offer.terms = &terms;
    command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_COUNTER_OFFER;
    command.counter_offer = &offer;
    return log_command(&command, who, time_ms);
}

static void an_offer_a_counter_offer_and_an_acceptance(void **state)
{
    (void)state;
    file();
    int64_t made = make(MERCHANT, "F1", 10000, START + HOUR);
    Disputes__Sla__V1__Finding *said = last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_OPENED, made);
    assert_int_equal(said->offer_opened->due_time_millis, START + 49 * HOUR);
    taken();
    said = last(DISPUTES__SLA__V1__FINDING__FINDING_CLOCKS_ARMED, (int64_t)world.sequence);
    assert_int_equal(said->clocks_armed->clocks[0]->due_time_millis, START + 49 * HOUR);
    int64_t countered = counter(CONSUMER, "F1", "F2", 18000, START + 9 * HOUR);
    said = last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_COUNTERED, countered);
    assert_string_equal(said->offer_countered->new_offer_id, "F2");
    assert_int_equal(offer_row("F1")->offer.log_state, SLA_OFFER_OPEN); /* provisional */
    taken();
    assert_int_equal(offer_row("F1")->offer.log_state, SLA_OFFER_COUNTERED);
    int64_t accepted = accept_it(MERCHANT, "F2", START + 24 * HOUR);
    said = last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_ACCEPTED, accepted);
    assert_int_equal(said->offer_accepted->ruling->amount->amount_minor, 18000);
    int64_t agreed = taken();
    assert_int_equal(offer_row("F2")->offer.log_state, SLA_OFFER_ACCEPTED);
    assert_int_equal(offer_row("F2")->ended_seq, agreed);
    const struct sla_settlement_row *settlement = sla_store_settlement(&world.turn, &offer_row("F2")->case_id);
    assert_int_equal(settlement->begun_seq, agreed);
    entry_t performed = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_SETTLEMENT_PERFORMED);
    performed.stage_after = DISPUTES__COMMON__V1__STAGE__STAGE_CLOSED;
    log_entry(&performed, START + 30 * HOUR);
    assert_int_equal(settlement->state, SLA_SETTLEMENT_PERFORMED);
}

static void acts_on_what_is_not_open_are_refused_with_their_reason(void **state)
{
    (void)state;
    file();
    refused_with(make(MERCHANT, "F1", 39801, START), "GUARD_FAILED", "the amount is within what is unpaid");
    refused_with(accept_it(CONSUMER, "F1", START), "GUARD_FAILED", "the offer is known");
    make(MERCHANT, "F1", 39800, START);
    refused_with(accept_it(CONSUMER, "F1", START), "GUARD_FAILED", "the offer is open"); /* not in the log yet */
    refused_with(make(CONSUMER, "F2", 1, START), "GUARD_FAILED", "no other offer is open");
    world.said_count -= 2; /* back to OfferOpened */
    taken();
    refused_with(accept_it(MERCHANT, "F1", START), "NOT_YOUR_ROLE", "");
    refused_with(counter(CONSUMER, "F1", "F1", 1, START), "GUARD_FAILED", "the offer id is new");
    refused_with(accept_it(CONSUMER, "F1", START + 48 * HOUR + 1), "DEADLINE_PASSED", "");
    accept_it(CONSUMER, "F1", START + 48 * HOUR);
    last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_ACCEPTED, (int64_t)world.sequence);
    refused_with(accept_it(CONSUMER, "F1", START + 48 * HOUR), "GUARD_FAILED", "the offer is open"); /* twice */
    refused_with(counter(CONSUMER, "F1", "F3", 1, START), "GUARD_FAILED", "the offer is open");
}

static void the_sixth_offer_of_a_side_is_one_too_many(void **state)
{
    (void)state;
    char name[8];
    file();
    make(MERCHANT, "M1", 100, START);
    taken();
    for (int i = 2; i <= SLA_OFFERS_A_SIDE; i++) {
        char old[8];
        snprintf(old, sizeof old, "M%d", i - 1);
        snprintf(name, sizeof name, "C%d", i - 1);
        counter(CONSUMER, old, name, 100, START);
        taken();
        snprintf(old, sizeof old, "M%d", i);
        counter(MERCHANT, name, old, 100, START);
        taken();
        world.said_count = 0;
    }
    counter(CONSUMER, "M5", "C5", 100, START);
    last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_COUNTERED, (int64_t)world.sequence);
    taken();
    refused_with(counter(MERCHANT, "C5", "M6", 100, START), "LIMIT_REACHED", "");
    assert_int_equal(offer_row("C5")->offer.state, SLA_OFFER_OPEN);
}

static void a_withdrawal_a_moment_before_undoes_the_acceptance(void **state)
{
    (void)state;
    file();
    make(MERCHANT, "F1", 100, START);
    taken();
    accept_it(CONSUMER, "F1", START + 1);
    Disputes__Sla__V1__Finding *accepted = last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_ACCEPTED, 4);
    size_t said = world.said_count;
    entry_t withdrawn = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_COMPLAINT_WITHDRAWN);
    withdrawn.stage_after = DISPUTES__COMMON__V1__STAGE__STAGE_CLOSED;
    log_entry(&withdrawn, START + 1);
    assert_int_equal(offer_row("F1")->offer.state, SLA_OFFER_ACCEPTED);
    refused_by_log(accepted, START + 1);
    assert_int_equal(offer_row("F1")->offer.state, SLA_OFFER_EXPIRED);
    assert_int_equal(offer_row("F1")->ended_seq, 5);
    assert_int_equal(world.said_count, said); /* without a finding */
}

static void what_was_paid_out_is_no_longer_offered(void **state)
{
    (void)state;
    Disputes__Fund__V1__Finding finding = DISPUTES__FUND__V1__FINDING__INIT;
    Disputes__Fund__V1__PayoutConfirmed confirmed = DISPUTES__FUND__V1__PAYOUT_CONFIRMED__INIT;
    Disputes__Common__V1__Money amount = DISPUTES__COMMON__V1__MONEY__INIT;
    file();
    amount.amount_minor = 30000;
    confirmed.amount = &amount;
    finding.finding_case = DISPUTES__FUND__V1__FINDING__FINDING_PAYOUT_CONFIRMED;
    finding.payout_confirmed = &confirmed;
    entry_t entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_FUND_FINDING;
    entry.fund_finding = &finding;
    log_entry(&entry, START);
    refused_with(make(MERCHANT, "F1", 9801, START), "GUARD_FAILED", "the amount is within what is unpaid");
    make(MERCHANT, "F1", 9800, START);
    last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_OPENED, (int64_t)world.sequence);
}

static void terms_are_shown_from_a_final_decision_to_the_next_investigation(void **state)
{
    (void)state;
    file();
    struct dsp_uuid case_id;
    (void)dsp_uuid_parse(DSP_STR_LITERAL(CASE_ID), &case_id);
    entry_t entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_DEFAULT_JUDGMENT_ENTERED);
    entry.stage_after = DISPUTES__COMMON__V1__STAGE__STAGE_DECIDED;
    int64_t decided = log_entry(&entry, START);
    const struct sla_case_row *row = dsp_rows_one(world.turn.rows, &SLA_TABLES[SLA_TABLE_CASE], dsp_uuid_str(&case_id));
    assert_int_equal(row->final_seq, decided);
    entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_APPEAL_REMANDED);
    entry.stage_after = DISPUTES__COMMON__V1__STAGE__STAGE_INVESTIGATION;
    log_entry(&entry, START);
    assert_int_equal(row->final_seq, 0);
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(an_offer_a_counter_offer_and_an_acceptance),
        CASE(acts_on_what_is_not_open_are_refused_with_their_reason),
        CASE(the_sixth_offer_of_a_side_is_one_too_many),
        CASE(a_withdrawal_a_moment_before_undoes_the_acceptance),
        CASE(what_was_paid_out_is_no_longer_offered),
        CASE(terms_are_shown_from_a_final_decision_to_the_next_investigation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
