/* What sla does with what it hears: clocks of the log that the real intake writes. */
#include "sla/handlers.h"

#include "common/base/codes.h"
#include "disputes/sla/v1/finding.pb-c.h"
#include "sla/store.h"
#include "support/fake/docket.h"

int sla_main(int argc, char **argv);

#define FINDINGS "disputes.sla.finding.v1"

static int set_up(void **state)
{
    *state = docket_new();
    return 0;
}

static int tear_down(void **state)
{
    docket_free(*state);
    return 0;
}

static const Disputes__Sla__V1__Finding *finding(struct docket *docket, int n)
{
    struct fake *sla = docket->of[DOCKET_SLA];
    return fake_message(sla, &disputes__sla__v1__finding__descriptor, fake_out_on(sla, FINDINGS, n));
}

static const struct sla_clock_row *clock_of(struct docket *docket, enum sla_kind kind)
{
    struct dsp_list *rows = docket_rows(docket, DOCKET_SLA, "clocks");
    for (size_t i = 0; i < rows->count; i++) {
        const struct sla_clock_row *row = rows->items[i];
        if (row->kind == (int32_t)kind) {
            return row;
        }
    }
    fail_msg("no such clock: %s", sla_kind_name((int)kind));
    return NULL;
}

static void a_filing_starts_clocks_and_their_due_times_are_said(void **state)
{
    struct docket *docket = *state;
    docket_file(docket, "QUALITY");
    const struct sla_clock_row *first = clock_of(docket, SLA_KIND_M_FIRST);
    assert_int_equal(first->clock.state, SLA_STATE_RUNNING);
    assert_int_equal(first->clock.due_ms, FAKE_START_MS + 86400000);
    assert_non_null(fake_timer(docket->of[DOCKET_SLA], "clock:4:2"));
    const Disputes__Sla__V1__Finding *said = finding(docket, 0);
    assert_int_equal(said->finding_case, DISPUTES__SLA__V1__FINDING__FINDING_CLOCKS_ARMED);
    assert_true(said->answers_sequence >= 1 && said->clocks_armed->n_clocks >= 1);
    /* Findings of a case are numbered without a hole. */
    for (size_t i = 0; i < fake_outs_on(docket->of[DOCKET_SLA], FINDINGS); i++) {
        assert_int_equal(fake_out_on(docket->of[DOCKET_SLA], FINDINGS, (int)i)->headers.sequence, i + 1);
    }
}

static void a_log_that_is_not_as_it_should_be_is_refused_and_what_was_read_changes_nothing(void **state)
{
    docket_file(*state, "QUALITY");
    docket_check_follower(*state, DOCKET_SLA);
}

static void an_entry_that_pins_a_version_not_read_yet_waits_and_leaves_nothing(void **state)
{
    struct docket *docket = *state;
    docket->deaf[DOCKET_SLA] = true;
    docket_file(docket, "QUALITY");
    fake_free(docket->of[DOCKET_SLA]);
    struct fake *fresh = fake_new(sla_main);
    docket->of[DOCKET_SLA] = fresh;
    struct fake_record first = fake_record_of(fresh, fake_out_on(docket->of[DOCKET_INTAKE], DOCKET_LOG, 0));
    assert_err(fake_deliver(fresh, &first), DSP_ERR_RETRY, DSP_CODE_NOT_READY);
    assert_int_equal(fresh->out_count + fresh->timer_count, 0);
    fake_platform(fresh, "{\"platform_id\": \"p\", \"version\": 1, \"policy\": {}}");
    fake_platform(fresh, "{\"platform_id\": \"p\", \"version\": 1, \"calendar\": {\"exceptions\": []}}");
    assert_ok(fake_deliver(fresh, &first));
    assert_true(fresh->timer_count > 0);
}

static void a_timer_that_comes_twice_or_of_an_old_generation_says_nothing(void **state)
{
    struct docket *docket = *state;
    struct fake *sla = docket->of[DOCKET_SLA];
    docket_file(docket, "QUALITY");
    docket->deaf[DOCKET_INTAKE] = true;
    struct dsp_timer timer = *fake_timer(sla, "clock:4:2");
    docket_at(docket, FAKE_START_MS + 86400001);
    struct dsp_timer old = timer;
    old.generation--;
    size_t before = fake_outs_on(sla, FINDINGS);
    assert_ok(fake_fire(sla, &old));
    assert_int_equal(fake_outs_on(sla, FINDINGS), before);
    assert_ok(fake_fire(sla, &timer));
    size_t after = fake_outs_on(sla, FINDINGS);
    assert_true(after > before);
    const Disputes__Sla__V1__Finding *said = finding(docket, -1);
    assert_int_equal(said->finding_case, DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED);
    assert_ok(fake_fire(sla, &timer));
    assert_int_equal(fake_outs_on(sla, FINDINGS), after);
    struct dsp_timer stranger = timer;
    stranger.cause = 99;
    assert_ok(fake_fire(sla, &stranger));
    stranger.name = DSP_STR_LITERAL("nonsense");
    assert_ok(fake_fire(sla, &stranger));
    assert_int_equal(fake_outs_on(sla, FINDINGS), after);
    assert_int_equal(clock_of(docket, SLA_KIND_M_FIRST)->clock.state, SLA_STATE_BREACHING);
}

static void a_timer_before_its_instant_fires_nothing(void **state)
{
    struct docket *docket = *state;
    struct fake *sla = docket->of[DOCKET_SLA];
    docket_file(docket, "QUALITY");
    size_t before = fake_outs_on(sla, FINDINGS);
    struct dsp_timer timer = *fake_timer(sla, "clock:4:2");
    assert_ok(fake_fire(sla, &timer));
    assert_int_equal(fake_outs_on(sla, FINDINGS), before);
    assert_non_null(fake_timer(sla, "clock:4:2")); /* and it is set again */
}

/* Redis may give a warning again that PostgreSQL has done with: were it counted for the next one, the clock would end
 * before it is due. */
static void a_warning_that_comes_again_does_not_stand_for_the_next_one(void **state)
{
    struct docket *docket = *state;
    struct fake *sla = docket->of[DOCKET_SLA];
    docket_file(docket, "QUALITY");
    docket->deaf[DOCKET_INTAKE] = true;
    const struct dsp_timer half = *fake_timer(sla, "clock:4:2");
    docket_at(docket, half.due_ms + 1);
    assert_ok(fake_fire(sla, &half));
    size_t said = fake_outs_on(sla, FINDINGS);
    const struct dsp_timer next = *fake_timer(sla, "clock:4:2");
    assert_true(next.due_ms > half.due_ms);
    assert_int_equal(next.generation, half.generation);
    for (int i = 0; i < 4; i++) {
        assert_ok(fake_fire(sla, &half));
    }
    assert_int_equal(fake_outs_on(sla, FINDINGS), said);
    assert_int_equal(fake_timer(sla, "clock:4:2")->due_ms, next.due_ms);
    assert_int_equal(clock_of(docket, SLA_KIND_M_FIRST)->clock.state, SLA_STATE_RUNNING);
    docket_at(docket, next.due_ms + 1);
    assert_ok(fake_fire(sla, &next));
    assert_int_equal(finding(docket, -1)->clock_rung_reached->percent, 75);
}

#define MISSED_FIRST "dispute_sla_deadlines_missed_total{stage=\"NEGOTIATION\",clock=\"M_FIRST\",side=\"MERCHANT\"}"

static void a_breach_that_the_log_takes_ends_the_clock_and_counts_once(void **state)
{
    struct docket *docket = *state;
    docket_file(docket, "QUALITY");
    assert_int_equal(fake_counted(docket->of[DOCKET_SLA], MISSED_FIRST), 0);
    docket_pass(docket, FAKE_START_MS + 86400002);
    assert_int_equal(clock_of(docket, SLA_KIND_M_FIRST)->clock.state, SLA_STATE_BREACHED);
    assert_true(clock_of(docket, SLA_KIND_M_FIRST)->ended_seq > 0);
    assert_int_equal(fake_counted(docket->of[DOCKET_SLA], MISSED_FIRST), 1);
    assert_int_equal(
        fake_counted(docket->of[DOCKET_SLA], "dispute_sla_timer_delay_seconds_count{stage=\"NEGOTIATION\"}"),
        2); /* K_ack, too: nobody here tells the consumer that the complaint has arrived */
}

static void a_breach_that_the_log_refuses_goes_back_to_running(void **state)
{
    struct docket *docket = *state;
    struct fake *sla = docket->of[DOCKET_SLA];
    docket_file(docket, "QUALITY");
    docket->deaf[DOCKET_SLA] = true; /* it does not hear that the merchant accepts */
    docket_act(docket, DOCKET_GATEWAY, "MERCHANT", "m1",
               "\"accept_claim\": {\"remedy\": \"REFUND\", \"amount\": 12900}");
    docket_at(docket, FAKE_START_MS + 86400001);
    struct dsp_timer timer = *fake_timer(sla, "clock:4:2");
    assert_ok(fake_fire(sla, &timer));
    docket_pump(docket);
    assert_non_null(docket_last(docket, DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING_REFUSED));
    const struct fake_out *refusal = docket_last_out(docket,
                                                     DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING_REFUSED);
    struct fake_record record = fake_record_of(sla, refusal);
    assert_ok(fake_deliver(sla, &record));
    assert_int_not_equal(clock_of(docket, SLA_KIND_M_FIRST)->clock.state, SLA_STATE_BREACHING);
    assert_int_equal(fake_counted(sla, MISSED_FIRST), 0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_filing_starts_clocks_and_their_due_times_are_said),
        CASE(a_log_that_is_not_as_it_should_be_is_refused_and_what_was_read_changes_nothing),
        CASE(an_entry_that_pins_a_version_not_read_yet_waits_and_leaves_nothing),
        CASE(a_timer_that_comes_twice_or_of_an_old_generation_says_nothing),
        CASE(a_timer_before_its_instant_fires_nothing),
        CASE(a_warning_that_comes_again_does_not_stand_for_the_next_one),
        CASE(a_breach_that_the_log_takes_ends_the_clock_and_counts_once),
        CASE(a_breach_that_the_log_refuses_goes_back_to_running),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
