/* A breach and an act in time: whichever the log has first. */
#include "unit/sla/log.h"

static void fire(int64_t now_ms)
{
    struct dsp_record record = {.kind = DSP_RECORD_TIMER, .timer = world.timer};
    (void)dsp_uuid_parse(DSP_STR_LITERAL(CASE_ID), &record.case_id);
    world.turn.now_ms = now_ms;
    assert_ok(sla_handle(&world.sla, &world.turn, &record));
}

static void the_breach_of_an_offer_is_its_expiry_and_waits_for_an_act_in_time(void **state)
{
    (void)state;
    file();
    make(MERCHANT, "F1", 100, START);
    int64_t opened = taken();
    fire(START + 48 * HOUR + 1);
    Disputes__Sla__V1__Finding *expired = last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_EXPIRED, opened);
    assert_string_equal(expired->offer_expired->offer_id, "F1");
    assert_int_equal(expired->offer_expired->clock->due_time_millis, START + 48 * HOUR);
    /* The acceptance was in time: first in the log, whatever sla has said. */
    int64_t act = accept_it(CONSUMER, "F1", START + 48 * HOUR);
    last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_ACCEPTED, act);
    refused_by_log(expired, START + 48 * HOUR + 1);
    assert_int_equal(offer_row("F1")->offer.state, SLA_OFFER_ACCEPTED);
    assert_int_equal(world.timer.due_ms, START + 72 * HOUR); /* 24 h after the act */
}

static void an_expiry_that_waited_for_a_late_act_comes_when_the_act_is_refused(void **state)
{
    (void)state;
    file();
    make(MERCHANT, "F1", 100, START);
    taken();
    fire(START + 48 * HOUR + 1);
    Disputes__Sla__V1__Finding *expired = world.said[world.said_count - 1];
    int64_t act = accept_it(CONSUMER, "F1", START + 48 * HOUR + 1);
    refused_with(act, "DEADLINE_PASSED", "");
    Disputes__Sla__V1__Finding *refused = world.said[world.said_count - 1];
    size_t said = world.said_count;
    refused_by_log(expired, START + 48 * HOUR + 1);
    assert_int_equal(world.said_count, said);
    entry_t entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING;
    entry.sla_finding = refused;
    log_entry(&entry, START + 48 * HOUR + 1);
    assert_int_equal(world.said_count, said + 1);
    expired = last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_EXPIRED, 3);
    entry.sla_finding = expired;
    log_entry(&entry, START + 48 * HOUR + 1);
    assert_int_equal(offer_row("F1")->offer.log_state, SLA_OFFER_EXPIRED);
}

static void a_refused_proof_brings_the_breach_of_performance_back(void **state)
{
    (void)state;
    file();
    Disputes__Case__V1__ClockEffect start = DISPUTES__CASE__V1__CLOCK_EFFECT__INIT;
    Disputes__Case__V1__ClockEffect *effects[] = {&start};
    Disputes__Common__V1__ClockRef ref = DISPUTES__COMMON__V1__CLOCK_REF__INIT;
    ref.kind = DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_PERFORM;
    ref.side = DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT;
    ref.cause_sequence = 2;
    start.op = DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_START;
    start.clock = &ref;
    start.from_time_millis = START;
    start.budget_millis = 10 * HOUR;
    entry_t accepted = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_CLAIM_ACCEPTED);
    accepted.clocks = effects;
    accepted.n_clocks = 1;
    log_entry(&accepted, START);
    Disputes__Gateway__V1__Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__DutyPerformed performed = DISPUTES__GATEWAY__V1__DUTY_PERFORMED__INIT;
    command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_DUTY_PERFORMED;
    command.duty_performed = &performed;
    int64_t act = log_command(&command, MERCHANT, START + 9 * HOUR);
    fire(START + 10 * HOUR + 1);
    Disputes__Sla__V1__Finding *breached = last(DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED, 2);
    refused_by_log(breached, START + 10 * HOUR + 1);
    assert_int_equal(world.timer.due_ms, START + 33 * HOUR);
    Disputes__Fund__V1__Finding finding = DISPUTES__FUND__V1__FINDING__INIT;
    Disputes__Fund__V1__DutyRejected rejected = DISPUTES__FUND__V1__DUTY_REJECTED__INIT;
    finding.answers_sequence = (uint64_t)act;
    finding.finding_case = DISPUTES__FUND__V1__FINDING__FINDING_DUTY_REJECTED;
    finding.duty_rejected = &rejected;
    entry_t entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_FUND_FINDING;
    entry.fund_finding = &finding;
    size_t said = world.said_count;
    log_entry(&entry, START + 11 * HOUR);
    assert_int_equal(world.said_count, said + 1);
    last(DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED, 2);
    assert_int_equal(world.timer.due_ms, 0); /* now the log has the word */
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(the_breach_of_an_offer_is_its_expiry_and_waits_for_an_act_in_time),
        CASE(an_expiry_that_waited_for_a_late_act_comes_when_the_act_is_refused),
        CASE(a_refused_proof_brings_the_breach_of_performance_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
