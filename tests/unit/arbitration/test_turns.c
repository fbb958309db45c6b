/* What arbitration does with what it hears: one bundle under one number, awards that come twice or in no order. */
#include "arbitration/handlers.h"

#include <string.h>

#include "arbitration/store.h"
#include "common/base/codes.h"
#include "disputes/arbitration/v1/finding.pb-c.h"
#include "support/fake/docket.h"

#define FINDINGS "disputes.arbitration.finding.v1"
#define INBOUND "disputes.arbitration.inbound.v1"
#define FOUND(name) DISPUTES__ARBITRATION__V1__FINDING__FINDING_##name

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

static size_t said(struct docket *docket, int kind)
{
    struct fake *arb = docket->of[DOCKET_ARBITRATION];
    size_t count = 0;
    for (int i = 0; i < (int)fake_outs_on(arb, FINDINGS); i++) {
        const Disputes__Arbitration__V1__Finding *finding = fake_message(
            arb, &disputes__arbitration__v1__finding__descriptor, fake_out_on(arb, FINDINGS, i));
        count += (int)finding->finding_case == kind;
    }
    return count;
}

static struct dsp_job referred(struct docket *docket)
{
    struct fake *arb = docket->of[DOCKET_ARBITRATION];
    docket_file_with_clauses(docket, "QUALITY");
    docket_act(docket, DOCKET_CONSOLE, "AGENT", "a1",
               "\"refer_direct\": {\"consumer_clause_id\": \"arb-1\", \"merchant_clause_id\": \"arb-1\"}");
    assert_int_equal(docket_stage(docket), DISPUTES__COMMON__V1__STAGE__STAGE_ARBITRATION);
    assert_int_equal(arb->job_count, 1);
    return arb->jobs[0];
}

static void received(struct docket *docket, const struct dsp_job *job)
{
    assert_ok(fake_answer(docket->of[DOCKET_ARBITRATION], job, 201,
                          "{\"receipt_id\": \"r-1\", \"fees\": {\"claimed_minor\": 12900}}", true));
    docket_pump(docket);
}

static void a_referral_sends_one_bundle_and_says_so_when_it_is_receipted(void **state)
{
    struct docket *docket = *state;
    struct fake *arb = docket->of[DOCKET_ARBITRATION];
    struct dsp_job job = referred(docket);
    struct dsp_call call;
    assert_ok(fake_call(arb, &job, &call));
    assert_string_equal(call.method, "POST");
    assert_true(call.body.len > 0 && call.header_count > 0);
    assert_int_equal(said(docket, FOUND(REFERRAL_SENT)), 0);
    received(docket, &job);
    assert_int_equal(said(docket, FOUND(REFERRAL_SENT)), 1);
    const struct arb_referral_row *referral = docket_rows(docket, DOCKET_ARBITRATION, "referrals")->items[0];
    assert_true(dsp_str_is(referral->receipt_id, "r-1"));
}

static void a_receipt_that_comes_twice_is_said_once(void **state)
{
    struct docket *docket = *state;
    struct dsp_job job = referred(docket);
    for (int i = 0; i < 3; i++) {
        received(docket, &job);
    }
    assert_int_equal(said(docket, FOUND(REFERRAL_SENT)), 1);
}

static void a_bundle_whose_outcome_is_unknown_is_asked_about_or_sent_again_under_the_same_number(void **state)
{
    struct docket *docket = *state;
    struct fake *arb = docket->of[DOCKET_ARBITRATION];
    struct dsp_job job = referred(docket);
    assert_ok(fake_answer(arb, &job, 0, NULL, true));
    docket_pass(docket, arb->now_ms + 3600000);
    assert_int_equal(said(docket, FOUND(REFERRAL_SENT)), 0);
    assert_true(arb->job_count > 1);
    for (size_t i = 1; i < arb->job_count; i++) {
        assert_true(dsp_str_equal(arb->jobs[i].number, job.number));
    }
}

static void a_timer_that_comes_twice_or_of_an_old_generation_sends_nothing_more(void **state)
{
    struct docket *docket = *state;
    struct fake *arb = docket->of[DOCKET_ARBITRATION];
    struct dsp_job job = referred(docket);
    assert_ok(fake_answer(arb, &job, 0, NULL, true));
    assert_int_equal(arb->timer_count, 1);
    struct dsp_timer timer = arb->timers[0];
    struct dsp_timer old = timer;
    old.generation--;
    docket_at(docket, timer.due_ms + 1);
    assert_ok(fake_fire(arb, &old));
    assert_int_equal(arb->job_count, 1);
    assert_ok(fake_fire(arb, &timer));
    assert_int_equal(arb->job_count, 2);
    assert_ok(fake_fire(arb, &timer));
    assert_int_equal(arb->job_count, 2);
}

static void a_log_that_is_not_as_it_should_be_is_refused_and_what_was_read_changes_nothing(void **state)
{
    referred(*state);
    docket_check_follower(*state, DOCKET_ARBITRATION);
}

static struct fake_record status(struct docket *docket, int sequence, const char *status)
{
    struct fake *arb = docket->of[DOCKET_ARBITRATION];
    struct dsp_str id = dsp_arena_format(arb->kept, "status-%d", sequence);
    struct dsp_str json = dsp_arena_format(arb->kept,
                                           "{\"institution\": \"cn-demo-arb\", \"referral\": 1, \"sequence\": %d,"
                                           " \"body_sha256\": {\"sha256_of\": \"%s\"},"
                                           " \"institution_status\": {\"status\": \"%s\"}}",
                                           sequence, status, status);
    return (struct fake_record){.topic = INBOUND,
                                .key = DSP_STR_LITERAL(DOCKET_ORDER),
                                .value = fake_value(arb, &disputes__arbitration__v1__inbound__descriptor, json.ptr),
                                .envelope = {.id = id,
                                             .source = DSP_STR_LITERAL("/institution"),
                                             .subject = docket->case_id,
                                             .subject_text = dsp_str_from(docket->case_text)}};
}

static void statuses_are_said_once_and_in_their_order_whatever_order_they_come_in(void **state)
{
    struct docket *docket = *state;
    struct fake *arb = docket->of[DOCKET_ARBITRATION];
    struct dsp_job job = referred(docket);
    received(docket, &job);
    struct fake_record second = status(docket, 2, "ACCEPTED");
    struct fake_record first = status(docket, 1, "ACKNOWLEDGED");
    assert_ok(fake_deliver(arb, &second));
    docket_pump(docket);
    assert_int_equal(said(docket, FOUND(INSTITUTION_STATUS)), 0); /* waits for the first */
    assert_ok(fake_deliver(arb, &first));
    docket_pump(docket);
    assert_int_equal(said(docket, FOUND(INSTITUTION_STATUS)), 2);
    uint64_t once = fake_picture(arb, &docket->case_id);
    assert_ok(fake_deliver(arb, &first));
    assert_ok(fake_deliver(arb, &second));
    assert_true(fake_picture(arb, &docket->case_id) == once);
}

static void an_inbound_record_that_is_malformed_is_refused_with_a_code(void **state)
{
    struct docket *docket = *state;
    struct fake *arb = docket->of[DOCKET_ARBITRATION];
    referred(docket);
    uint64_t before = fake_picture(arb, &docket->case_id);
    struct fake_record record = status(docket, 1, "ACKNOWLEDGED");
    record.value = DSP_STR_LITERAL("\xff\xff");
    assert_err(fake_deliver(arb, &record), DSP_ERR_REJECT, DSP_CODE_NOT_PROTOBUF);
    record.value = (struct dsp_str){NULL, 0};
    assert_err(fake_deliver(arb, &record), DSP_ERR_REJECT, DSP_CODE_TOMBSTONE);
    record.value = DSP_STR_LITERAL("");
    assert_int_equal(fake_deliver(arb, &record).kind, DSP_ERR_REJECT);
    assert_true(fake_picture(arb, &docket->case_id) == before);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_referral_sends_one_bundle_and_says_so_when_it_is_receipted),
        CASE(a_receipt_that_comes_twice_is_said_once),
        CASE(a_bundle_whose_outcome_is_unknown_is_asked_about_or_sent_again_under_the_same_number),
        CASE(a_timer_that_comes_twice_or_of_an_old_generation_sends_nothing_more),
        CASE(a_log_that_is_not_as_it_should_be_is_refused_and_what_was_read_changes_nothing),
        CASE(statuses_are_said_once_and_in_their_order_whatever_order_they_come_in),
        CASE(an_inbound_record_that_is_malformed_is_refused_with_a_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
