/* What fund does with what it hears: reserve, pay, and everything that comes twice, late or not at all. */
#include "fund/handlers.h"

#include <string.h>

#include "common/base/codes.h"
#include "disputes/fund/v1/finding.pb-c.h"
#include "fund/store.h"
#include "support/fake/docket.h"

#define FINDINGS "disputes.fund.finding.v1"
#define INBOUND "disputes.fund.inbound.v1"
#define TO_PAYOUT_MS (9 * INT64_C(86400000))
#define ENTRY(name) DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_##name
#define FOUND(name) DISPUTES__FUND__V1__FINDING__FINDING_##name

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
    struct fake *fund = docket->of[DOCKET_FUND];
    size_t count = 0;
    for (int i = 0; i < (int)fake_outs_on(fund, FINDINGS); i++) {
        const Disputes__Fund__V1__Finding *finding = fake_message(fund, &disputes__fund__v1__finding__descriptor,
                                                                  fake_out_on(fund, FINDINGS, i));
        count += (int)finding->finding_case == kind;
    }
    return count;
}

/* Silence of the merchant up to the transfer that is on its way. */
static const struct dsp_job *payout_on_its_way(struct docket *docket)
{
    docket_file(docket, "NOT_RECEIVED");
    docket_pass(docket, FAKE_START_MS + TO_PAYOUT_MS);
    struct fake *fund = docket->of[DOCKET_FUND];
    assert_int_equal(fund->job_count, 1);
    assert_true(dsp_str_is(fund->jobs[0].kind, "transfer"));
    return &fund->jobs[0];
}

/* Every group of postings is balanced by its form; the sum over all accounts of both sides must agree too. */
static void check_trial_balance(struct docket *docket)
{
    struct fake *fund = docket->of[DOCKET_FUND];
    int64_t difference = 0;
    struct dsp_str key = dsp_arena_format(fund->kept, "fees:%s", docket->case_text);
    struct dsp_turn *turn = fake_begin(fund, &docket->case_id, 1, &FUND_TABLES[FUND_TABLE_ACCOUNT], key);
    const struct dsp_list *accounts = dsp_rows_all(turn->rows, &FUND_TABLES[FUND_TABLE_ACCOUNT]);
    assert_true(accounts->count >= 7);
    for (size_t i = 0; i < accounts->count; i++) {
        const struct fund_account_row *account = accounts->items[i];
        difference += account->debit ? account->balance_minor : -account->balance_minor;
        assert_true(account->balance_minor >= 0);
    }
    assert_int_equal(difference, 0);
    fake_abandon(fund);
}

static int64_t balance(struct docket *docket, const char *account)
{
    struct fake *fund = docket->of[DOCKET_FUND];
    struct dsp_str key = dsp_arena_format(fund->kept, "case:%s", docket->case_text);
    struct dsp_turn *turn = fake_begin(fund, &docket->case_id, 1, &FUND_TABLES[FUND_TABLE_ACCOUNT], key);
    struct dsp_str name = dsp_arena_format(fund->kept, "p|%s", account);
    const struct fund_account_row *row = dsp_rows_one(turn->rows, &FUND_TABLES[FUND_TABLE_ACCOUNT], name);
    assert_non_null(row);
    int64_t balance_minor = row->balance_minor;
    fake_abandon(fund);
    return balance_minor;
}

static void a_default_judgment_reserves_once_and_the_books_agree(void **state)
{
    struct docket *docket = *state;
    docket_file(docket, "NOT_RECEIVED");
    docket_pass(docket, FAKE_START_MS + 49 * INT64_C(3600000));
    assert_int_equal(said(docket, FOUND(FUND_RESERVED)), 1);
    assert_int_equal(balance(docket, "FUND_FREE"), 10000000 - 12900);
    const struct fund_duty_row *duty = docket_rows(docket, DOCKET_FUND, "duties")->items[0];
    assert_int_equal(duty->amount_minor, 12900);
    check_trial_balance(docket);
}

static void a_log_that_is_not_as_it_should_be_is_refused_and_what_was_read_changes_nothing(void **state)
{
    payout_on_its_way(*state);
    docket_check_follower(*state, DOCKET_FUND);
    check_trial_balance(*state);
}

static void a_payout_whose_outcome_is_unknown_is_asked_about_under_its_one_number(void **state)
{
    struct docket *docket = *state;
    struct fake *fund = docket->of[DOCKET_FUND];
    struct dsp_job first = *payout_on_its_way(docket);
    struct dsp_call call;
    assert_ok(fake_call(fund, &first, &call));
    assert_string_equal(call.method, "POST");
    assert_true(call.once);
    assert_non_null(memmem(call.body.ptr, call.body.len, first.number.ptr, first.number.len));
    for (int i = 0; i < 3; i++) {
        assert_ok(fake_answer(fund, &first, 0, NULL, true)); /* the connection died */
    }
    docket_pump(docket);
    assert_int_equal(said(docket, FOUND(PAYOUT_FAILED)) + said(docket, FOUND(PAYOUT_CONFIRMED)), 0);
    docket_pass(docket, fund->now_ms + 600000);
    assert_true(fund->job_count > 1);
    for (size_t i = 1; i < fund->job_count; i++) {
        assert_true(dsp_str_equal(fund->jobs[i].number, first.number));
        assert_ok(fake_call(fund, &fund->jobs[i], &call));
        assert_string_equal(call.method, "GET");
    }
    check_trial_balance(docket);
}

static void an_answer_whose_signature_is_wrong_says_nothing_about_the_outcome(void **state)
{
    struct docket *docket = *state;
    struct dsp_job job = *payout_on_its_way(docket);
    assert_ok(fake_answer(docket->of[DOCKET_FUND], &job, 200, "{\"state\": \"SUCCESS\"}", false));
    docket_pump(docket);
    assert_int_equal(said(docket, FOUND(PAYOUT_FAILED)) + said(docket, FOUND(PAYOUT_CONFIRMED)), 0);
}

static void confirm(struct docket *docket, struct dsp_job job)
{
    struct dsp_str body = dsp_arena_format(docket->of[DOCKET_FUND]->kept,
                                           "{\"out_bill_no\": \"%.*s\", \"state\": \"SUCCESS\","
                                           " \"transfer_amount\": 12900}",
                                           DSP_STR_ARG(job.number));
    job.mode = FUND_MODE_QUERY;
    assert_ok(fake_answer(docket->of[DOCKET_FUND], &job, 200, body.ptr, true));
    docket_pump(docket);
}

#define PAID_OUT "dispute_payout_amount_minor_units_total{currency=\"CNY\",result=\"confirmed\"}"

static void a_confirmation_that_comes_twice_pays_once_and_discharges_the_duty(void **state)
{
    struct docket *docket = *state;
    struct dsp_job job = *payout_on_its_way(docket);
    for (int i = 0; i < 3; i++) {
        confirm(docket, job);
    }
    assert_int_equal(said(docket, FOUND(PAYOUT_SENT)), 1);
    assert_int_equal(said(docket, FOUND(PAYOUT_CONFIRMED)), 1);
    assert_int_equal(said(docket, FOUND(DUTY_DISCHARGED)), 1);
    assert_int_equal(said(docket, FOUND(RECOVERY_OPENED)), 1);
    const struct fake *fund = docket->of[DOCKET_FUND];
    assert_int_equal(fake_counted(fund, "dispute_payouts_total{currency=\"CNY\",result=\"sent\"}"), 1);
    assert_int_equal(fake_counted(fund, "dispute_payouts_total{currency=\"CNY\",result=\"confirmed\"}"), 1);
    assert_int_equal(fake_counted(fund, PAID_OUT), 12900);
    assert_int_equal(balance(docket, "BANK"), 10000000 - 12900);
    assert_int_equal(docket_stage(docket), DISPUTES__COMMON__V1__STAGE__STAGE_CLOSED);
    check_trial_balance(docket);
}

static struct fake_record reported(struct docket *docket, const struct dsp_job *job, const char *id)
{
    struct fake *fund = docket->of[DOCKET_FUND];
    struct dsp_str json = dsp_arena_format(fund->kept,
                                           "{\"payment_reported\": {\"payout_number\": \"%.*s\", \"state\": "
                                           "\"SUCCESS\", \"payment_side_number\": \"1\"}}",
                                           DSP_STR_ARG(job->number));
    return (struct fake_record){.topic = INBOUND,
                                .key = DSP_STR_LITERAL(DOCKET_ORDER),
                                .value = fake_value(fund, &disputes__fund__v1__inbound__descriptor, json.ptr),
                                .envelope = {.id = dsp_str_from(id),
                                             .source = DSP_STR_LITERAL("/wechatpay"),
                                             .subject = docket->case_id,
                                             .subject_text = dsp_str_from(docket->case_text)}};
}

static void a_callback_that_comes_twice_makes_one_question_and_no_booking(void **state)
{
    struct docket *docket = *state;
    struct fake *fund = docket->of[DOCKET_FUND];
    struct dsp_job job = *payout_on_its_way(docket);
    assert_ok(fake_answer(fund, &job, 200, "{\"state\": \"WAIT_USER_CONFIRM\"}", true));
    docket_pump(docket);
    struct fake_record record = reported(docket, &job, "callback-1");
    size_t before = fund->job_count;
    assert_ok(fake_deliver(fund, &record));
    uint64_t once = fake_picture(fund, &docket->case_id);
    assert_int_equal(fund->job_count, before + 1); /* what a callback says is asked for */
    assert_ok(fake_deliver(fund, &record));
    assert_true(fake_picture(fund, &docket->case_id) == once);
    assert_int_equal(said(docket, FOUND(PAYOUT_CONFIRMED)), 0);
}

static void an_inbound_record_that_is_malformed_is_refused_with_a_code(void **state)
{
    struct docket *docket = *state;
    struct fake *fund = docket->of[DOCKET_FUND];
    struct dsp_job job = *payout_on_its_way(docket);
    uint64_t before = fake_picture(fund, &docket->case_id);
    struct fake_record record = reported(docket, &job, "callback-1");
    record.value = DSP_STR_LITERAL("\xff\xff");
    assert_err(fake_deliver(fund, &record), DSP_ERR_REJECT, DSP_CODE_NOT_PROTOBUF);
    record.value = DSP_STR_LITERAL("");
    assert_err(fake_deliver(fund, &record), DSP_ERR_REJECT, DSP_CODE_KIND_UNKNOWN);
    record.value = (struct dsp_str){NULL, 0};
    assert_err(fake_deliver(fund, &record), DSP_ERR_REJECT, DSP_CODE_TOMBSTONE);
    assert_true(fake_picture(fund, &docket->case_id) == before);
}

static void a_timer_that_comes_twice_or_of_an_old_generation_asks_nothing_more(void **state)
{
    struct docket *docket = *state;
    struct fake *fund = docket->of[DOCKET_FUND];
    struct dsp_job job = *payout_on_its_way(docket);
    assert_ok(fake_answer(fund, &job, 0, NULL, true));
    assert_int_equal(fund->timer_count, 1);
    struct dsp_timer timer = fund->timers[0];
    struct dsp_timer old = timer;
    old.generation--;
    docket_at(docket, timer.due_ms + 1);
    size_t before = fund->job_count;
    assert_ok(fake_fire(fund, &old));
    assert_int_equal(fund->job_count, before);
    assert_ok(fake_fire(fund, &timer));
    assert_int_equal(fund->job_count, before + 1);
    assert_ok(fake_fire(fund, &timer));
    assert_int_equal(fund->job_count, before + 1);
}

static void a_reservation_whose_finding_is_refused_is_taken_back(void **state)
{
    struct docket *docket = *state;
    struct fake *fund = docket->of[DOCKET_FUND];
    docket_file(docket, "NOT_RECEIVED");
    docket->deaf[DOCKET_FUND] = true; /* the log is carried by hand */
    docket_pass(docket, FAKE_START_MS + 49 * INT64_C(3600000));
    struct fake_record judgment = fake_record_of(fund, docket_last_out(docket, ENTRY(DEFAULT_JUDGMENT_ENTERED)));
    assert_ok(fake_deliver(fund, &judgment));
    assert_int_equal(balance(docket, "FUND_FREE"), 10000000 - 12900);
    docket_pump(docket);
    struct fake_record refused = docket_refused(docket, DOCKET_FUND, docket_last_out(docket, ENTRY(FINDING)));
    assert_ok(fake_deliver(fund, &refused));
    assert_int_equal(balance(docket, "FUND_FREE"), 10000000);
    check_trial_balance(docket);
    uint64_t once = fake_picture(fund, &docket->case_id);
    assert_ok(fake_deliver(fund, &refused));
    assert_true(fake_picture(fund, &docket->case_id) == once);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_default_judgment_reserves_once_and_the_books_agree),
        CASE(a_log_that_is_not_as_it_should_be_is_refused_and_what_was_read_changes_nothing),
        CASE(a_payout_whose_outcome_is_unknown_is_asked_about_under_its_one_number),
        CASE(an_answer_whose_signature_is_wrong_says_nothing_about_the_outcome),
        CASE(a_confirmation_that_comes_twice_pays_once_and_discharges_the_duty),
        CASE(a_callback_that_comes_twice_makes_one_question_and_no_booking),
        CASE(an_inbound_record_that_is_malformed_is_refused_with_a_code),
        CASE(a_timer_that_comes_twice_or_of_an_old_generation_asks_nothing_more),
        CASE(a_reservation_whose_finding_is_refused_is_taken_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
