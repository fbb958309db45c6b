/* What notification does with what it hears: who is told, once, and what comes back twice or not at all. */
#include "notification/handlers.h"

#include <string.h>

#include "common/base/codes.h"
#include "disputes/notification/v1/finding.pb-c.h"
#include "notification/store.h"
#include "support/fake/docket.h"

#define FINDINGS "disputes.notification.finding.v1"
#define INBOUND "disputes.notification.inbound.v1"
#define FOUND(name) DISPUTES__NOTIFICATION__V1__FINDING__FINDING_##name

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

static struct fake *ntf_of(struct docket *docket)
{
    return docket->of[DOCKET_NOTIFICATION];
}

static struct dsp_job job_of(struct docket *docket, const char *kind)
{
    for (size_t i = 0; i < ntf_of(docket)->job_count; i++) {
        if (dsp_str_is(ntf_of(docket)->jobs[i].kind, kind)) {
            return ntf_of(docket)->jobs[i];
        }
    }
    fail_msg("no call of kind %s", kind);
    return (struct dsp_job){0};
}

static const struct dsp_job *job_row(struct docket *docket, struct dsp_str number)
{
    struct dsp_list *jobs = docket_rows(docket, DOCKET_NOTIFICATION, "jobs");
    for (size_t i = 0; i < jobs->count; i++) {
        const struct dsp_job *job = jobs->items[i];
        if (dsp_str_equal(job->number, number)) {
            return job;
        }
    }
    fail_msg("no job %.*s", DSP_STR_ARG(number));
    return NULL;
}

static void a_filing_tells_the_consumer_and_its_admission_the_merchant(void **state)
{
    struct docket *docket = *state;
    docket_file(docket, "QUALITY");
    assert_int_equal(ntf_of(docket)->job_count, 2);
    struct dsp_job webhook = job_of(docket, "webhook");
    struct dsp_call call;
    assert_ok(fake_call(ntf_of(docket), &webhook, &call));
    assert_string_equal(call.method, "POST");
    assert_null(memmem(call.body.ptr, call.body.len, "壶盖", strlen("壶盖"))); /* what a person wrote is not in it */
    assert_null(memmem(call.body.ptr, call.body.len, "openid-c1", strlen("openid-c1")));
    size_t told = docket_rows(docket, DOCKET_NOTIFICATION, "deliveries")->count;
    assert_true(told >= 2);
}

static void a_log_that_is_not_as_it_should_be_is_refused_and_what_was_read_changes_nothing(void **state)
{
    docket_file(*state, "QUALITY");
    docket_check_follower(*state, DOCKET_NOTIFICATION);
}

static void an_answer_that_comes_twice_counts_once(void **state)
{
    struct docket *docket = *state;
    docket_file(docket, "QUALITY");
    struct dsp_job webhook = job_of(docket, "webhook");
    assert_ok(fake_answer(ntf_of(docket), &webhook, 200, "{}", true));
    docket_pump(docket);
    uint64_t once = fake_picture(ntf_of(docket), &docket->case_id);
    assert_ok(fake_answer(ntf_of(docket), &webhook, 200, "{}", true));
    docket_pump(docket);
    assert_true(fake_picture(ntf_of(docket), &docket->case_id) == once);
}

/* The row says that the number was used; what was sent would only be loaded at every turn. */
static void a_message_that_was_taken_leaves_its_number_and_nothing_of_its_text(void **state)
{
    struct docket *docket = *state;
    docket_file(docket, "QUALITY");
    struct dsp_job webhook = job_of(docket, "webhook");
    assert_ok(fake_answer(ntf_of(docket), &webhook, 0, NULL, true));
    assert_int_equal(job_row(docket, webhook.number)->state, DSP_JOB_WAITING);
    assert_true(job_row(docket, webhook.number)->argument.len > 0); /* it will be sent again */
    docket_pass(docket, ntf_of(docket)->now_ms + 3600000);
    assert_int_equal(job_row(docket, webhook.number)->state, DSP_JOB_READY);
    assert_ok(fake_answer(ntf_of(docket), &webhook, 200, "{}", true));
    assert_int_equal(job_row(docket, webhook.number)->state, DSP_JOB_DONE);
    assert_int_equal(job_row(docket, webhook.number)->argument.len, 0);
}

static void a_webhook_that_does_not_answer_is_tried_again_under_the_same_number_and_not_for_ever(void **state)
{
    struct docket *docket = *state;
    struct fake *ntf = ntf_of(docket);
    docket_file(docket, "QUALITY");
    struct dsp_job webhook = job_of(docket, "webhook");
    assert_ok(fake_answer(ntf, &webhook, 0, NULL, true));
    size_t calls = 1;
    docket->deaf[DOCKET_NOTIFICATION] = true; /* nothing new to tell meanwhile */
    for (size_t seen = ntf->job_count, hour = 0; hour < 200; hour++) {
        docket_pass(docket, ntf->now_ms + 3600000);
        for (; seen < ntf->job_count; seen++) {
            if (dsp_str_equal(ntf->jobs[seen].number, webhook.number)) {
                calls++;
                webhook = ntf->jobs[seen];
                assert_ok(fake_answer(ntf, &webhook, 0, NULL, true));
            }
        }
    }
    assert_in_range(calls, 2, 39);
}

static void a_timer_that_comes_twice_or_of_an_old_generation_sends_nothing_more(void **state)
{
    struct docket *docket = *state;
    struct fake *ntf = ntf_of(docket);
    docket_file(docket, "QUALITY");
    struct dsp_job webhook = job_of(docket, "webhook");
    assert_ok(fake_answer(ntf, &webhook, 0, NULL, true));
    assert_true(ntf->timer_count >= 1);
    struct dsp_timer timer = ntf->timers[ntf->timer_count - 1];
    struct dsp_timer old = timer;
    old.generation--;
    docket_at(docket, timer.due_ms + 1);
    size_t before = ntf->job_count;
    assert_ok(fake_fire(ntf, &old));
    assert_int_equal(ntf->job_count, before);
    assert_ok(fake_fire(ntf, &timer));
    size_t after = ntf->job_count;
    assert_int_equal(after, before + 1);
    assert_ok(fake_fire(ntf, &timer));
    assert_int_equal(ntf->job_count, after);
}

static struct fake_record opened(struct docket *docket, const char *id, int sequence)
{
    struct fake *ntf = ntf_of(docket);
    struct dsp_str json = dsp_arena_format(ntf->kept, "{\"opened\": {\"side\": \"MERCHANT\", \"sequence\": %d}}",
                                           sequence);
    return (struct fake_record){.topic = INBOUND,
                                .key = DSP_STR_LITERAL(DOCKET_ORDER),
                                .value = fake_value(ntf, &disputes__notification__v1__inbound__descriptor, json.ptr),
                                .envelope = {.id = dsp_str_from(id),
                                             .source = DSP_STR_LITERAL("/gateway"),
                                             .subject = docket->case_id,
                                             .subject_text = dsp_str_from(docket->case_text),
                                             .time_ms = ntf->now_ms}};
}

static void a_receipt_that_comes_twice_proves_service_once(void **state)
{
    struct docket *docket = *state;
    struct fake *ntf = ntf_of(docket);
    docket_file(docket, "NOT_RECEIVED");
    docket_pass(docket, FAKE_START_MS + 49 * INT64_C(3600000));
    const Disputes__Case__V1__Entry *judgment = docket_last(
        docket, DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_DEFAULT_JUDGMENT_ENTERED);
    assert_non_null(judgment);
    struct fake_record record = opened(docket, "opened-1", (int)judgment->sequence);
    size_t before = fake_outs_on(ntf, FINDINGS);
    assert_ok(fake_deliver(ntf, &record));
    docket_pump(docket);
    assert_int_equal(fake_outs_on(ntf, FINDINGS), before + 1);
    uint64_t once = fake_picture(ntf, &docket->case_id);
    assert_ok(fake_deliver(ntf, &record));
    docket_pump(docket);
    assert_true(fake_picture(ntf, &docket->case_id) == once);
    struct fake_record again = opened(docket, "opened-2", (int)judgment->sequence);
    assert_ok(fake_deliver(ntf, &again));
    assert_int_equal(fake_outs_on(ntf, FINDINGS), before + 1);
}

static void an_inbound_record_that_is_malformed_is_refused_with_a_code(void **state)
{
    struct docket *docket = *state;
    struct fake *ntf = ntf_of(docket);
    docket_file(docket, "QUALITY");
    uint64_t before = fake_picture(ntf, &docket->case_id);
    struct fake_record record = opened(docket, "opened-1", 3);
    record.value = DSP_STR_LITERAL("\xff\xff");
    assert_err(fake_deliver(ntf, &record), DSP_ERR_REJECT, DSP_CODE_NOT_PROTOBUF);
    record.value = DSP_STR_LITERAL("");
    assert_int_equal(fake_deliver(ntf, &record).kind, DSP_ERR_REJECT);
    record.value = (struct dsp_str){NULL, 0};
    assert_err(fake_deliver(ntf, &record), DSP_ERR_REJECT, DSP_CODE_TOMBSTONE);
    assert_true(fake_picture(ntf, &docket->case_id) == before);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_filing_tells_the_consumer_and_its_admission_the_merchant),
        CASE(a_log_that_is_not_as_it_should_be_is_refused_and_what_was_read_changes_nothing),
        CASE(an_answer_that_comes_twice_counts_once),
        CASE(a_message_that_was_taken_leaves_its_number_and_nothing_of_its_text),
        CASE(a_webhook_that_does_not_answer_is_tried_again_under_the_same_number_and_not_for_ever),
        CASE(a_timer_that_comes_twice_or_of_an_old_generation_sends_nothing_more),
        CASE(a_receipt_that_comes_twice_proves_service_once),
        CASE(an_inbound_record_that_is_malformed_is_refused_with_a_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
