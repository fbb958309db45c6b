/* services/notification/domain/ladder.c: how a message climbs down. */
#include "notification/domain.h"

#include "common/base/clock.h"
#include "support/cmocka_all.h"

#define CONSUMER NTF_SIDE_CONSUMER
#define MERCHANT NTF_SIDE_MERCHANT

#define SUBSCRIPTION NTF_BIT(NTF_RUNG_SUBSCRIPTION)
#define SMS NTF_BIT(NTF_RUNG_SMS)
#define WEBHOOK NTF_BIT(NTF_RUNG_WEBHOOK)
#define NOW 1000

static struct ntf_delivery paper(enum ntf_side side, enum ntf_state state, enum ntf_rung rung)
{
    return (struct ntf_delivery){.side = side, .state = state, .rung = rung, .paper = true};
}

static void only_the_listed_cells_change_a_delivery(void **state)
{
    (void)state;
    static const bool CHANGES[NTF_STATE_COUNT][NTF_INPUT_COUNT] = {
        /*                       START  TAKEN  REFUSE FAIL   READ */
        [NTF_STATE_QUEUED] = {true, true, true, false, true}, /* FAIL asks for a retry and leaves it as it is */
        [NTF_STATE_SENT] = {false, false, true, false, true},
        [NTF_STATE_SERVED] = {false, false, false, false, false},
        [NTF_STATE_REFUSED] = {false, false, false, false, false},
        [NTF_STATE_DEAD] = {false, false, false, false, true},
    };
    for (int from = NTF_STATE_QUEUED; from < NTF_STATE_COUNT; from++) {
        for (int input = 0; input < NTF_INPUT_COUNT; input++) {
            struct ntf_delivery delivery = paper(CONSUMER, (enum ntf_state)from, NTF_RUNG_SUBSCRIPTION);
            struct ntf_delivery before = delivery;
            struct ntf_effect effect = ntf_decide(&delivery, (enum ntf_input)input, NTF_RUNG_DOCKET, 0, NOW);
            assert_int_equal(effect.changed, CHANGES[from][input]);
            if (!effect.changed) {
                assert_memory_equal(&delivery, &before, sizeof before);
                assert_false(effect.push || effect.proved || effect.failed);
                assert_int_equal(effect.retry, from == NTF_STATE_QUEUED && input == NTF_INPUT_FAIL);
            }
            assert_int_not_equal(delivery.state, from == NTF_STATE_REFUSED ? 0 : NTF_STATE_REFUSED);
        }
    }
}

static void a_message_starts_on_the_first_usable_rung(void **state)
{
    (void)state;
    struct ntf_delivery delivery = paper(CONSUMER, NTF_STATE_QUEUED, NTF_RUNG_NONE);
    struct ntf_effect effect = ntf_decide(&delivery, NTF_INPUT_START, NTF_RUNG_NONE, SUBSCRIPTION | WEBHOOK, NOW);
    assert_true(effect.push);
    assert_int_equal(delivery.rung, NTF_RUNG_SUBSCRIPTION);
    delivery = paper(MERCHANT, NTF_STATE_QUEUED, NTF_RUNG_NONE);
    effect = ntf_decide(&delivery, NTF_INPUT_START, NTF_RUNG_NONE, SUBSCRIPTION | WEBHOOK, NOW);
    assert_true(effect.push);
    assert_int_equal(delivery.rung, NTF_RUNG_WEBHOOK);
    assert_int_equal(delivery.state, NTF_STATE_QUEUED);
}

static void a_refusal_moves_it_one_rung_down(void **state)
{
    (void)state;
    struct ntf_delivery delivery = paper(CONSUMER, NTF_STATE_QUEUED, NTF_RUNG_SUBSCRIPTION);
    struct ntf_effect effect = ntf_decide(&delivery, NTF_INPUT_REFUSE, NTF_RUNG_NONE, SUBSCRIPTION | SMS, NOW);
    assert_true(effect.push);
    assert_false(effect.failed);
    assert_int_equal(delivery.state, NTF_STATE_QUEUED);
    assert_int_equal(delivery.rung, NTF_RUNG_SMS);
}

static void a_paper_that_every_push_refused_is_dead_and_said_so(void **state)
{
    (void)state;
    struct ntf_delivery delivery = paper(MERCHANT, NTF_STATE_QUEUED, NTF_RUNG_WEBHOOK);
    struct ntf_effect effect = ntf_decide(&delivery, NTF_INPUT_REFUSE, NTF_RUNG_NONE, WEBHOOK, NOW);
    assert_true(effect.failed);
    assert_int_equal(delivery.state, NTF_STATE_DEAD);
}

static void a_dead_paper_is_still_served_by_opening_it(void **state)
{
    (void)state;
    struct ntf_delivery delivery = paper(MERCHANT, NTF_STATE_DEAD, NTF_RUNG_WEBHOOK);
    struct ntf_effect effect = ntf_decide(&delivery, NTF_INPUT_READ, NTF_RUNG_DOCKET, WEBHOOK, NOW);
    assert_true(effect.proved);
    assert_int_equal(delivery.state, NTF_STATE_SERVED);
    assert_int_equal(delivery.rung, NTF_RUNG_DOCKET);
    assert_int_equal(delivery.served_ms, NOW);
}

static void plain_news_dies_without_a_word(void **state)
{
    (void)state;
    struct ntf_delivery delivery = {.side = CONSUMER, .state = NTF_STATE_QUEUED};
    struct ntf_effect effect = ntf_decide(&delivery, NTF_INPUT_START, NTF_RUNG_NONE, 0, NOW);
    assert_true(effect.changed);
    assert_false(effect.failed || effect.proved || effect.push);
    assert_int_equal(delivery.state, NTF_STATE_DEAD);
}

static void service_is_proved_once(void **state)
{
    (void)state;
    struct ntf_delivery delivery = paper(CONSUMER, NTF_STATE_SENT, NTF_RUNG_SUBSCRIPTION);
    assert_true(ntf_decide(&delivery, NTF_INPUT_READ, NTF_RUNG_DOCKET, 0, NOW).proved);
    assert_false(ntf_decide(&delivery, NTF_INPUT_READ, NTF_RUNG_DOCKET, 0, NOW + 1).proved);
    assert_int_equal(delivery.served_ms, NOW);
}

static void opening_plain_news_serves_it_without_proof(void **state)
{
    (void)state;
    struct ntf_delivery delivery = {.side = CONSUMER, .state = NTF_STATE_SENT, .rung = NTF_RUNG_SUBSCRIPTION};
    struct ntf_effect effect = ntf_decide(&delivery, NTF_INPUT_READ, NTF_RUNG_DOCKET, 0, NOW);
    assert_false(effect.proved);
    assert_int_equal(delivery.state, NTF_STATE_SERVED);
}

static void handing_over_proves_a_sent_paper_nothing(void **state)
{
    (void)state;
    struct ntf_delivery delivery = paper(MERCHANT, NTF_STATE_QUEUED, NTF_RUNG_WEBHOOK);
    struct ntf_effect effect = ntf_decide(&delivery, NTF_INPUT_TAKEN, NTF_RUNG_NONE, WEBHOOK, NOW);
    assert_false(effect.proved);
    assert_int_equal(delivery.state, NTF_STATE_SENT);
    assert_int_equal(delivery.sent_ms, NOW);
}

static void handing_over_proves_the_acknowledgement(void **state)
{
    (void)state;
    struct ntf_delivery delivery = {
        .side = CONSUMER, .state = NTF_STATE_QUEUED, .rung = NTF_RUNG_SUBSCRIPTION, .acknowledgement = true};
    struct ntf_effect effect = ntf_decide(&delivery, NTF_INPUT_TAKEN, NTF_RUNG_NONE, SUBSCRIPTION, NOW);
    assert_true(effect.proved);
    assert_int_equal(delivery.state, NTF_STATE_SERVED);
    assert_int_equal(delivery.rung, NTF_RUNG_SUBSCRIPTION);
}

static void an_acknowledgement_that_no_push_takes_is_handed_over_by_the_docket(void **state)
{
    (void)state;
    struct ntf_delivery delivery = {
        .side = CONSUMER, .state = NTF_STATE_QUEUED, .rung = NTF_RUNG_SUBSCRIPTION, .acknowledgement = true};
    struct ntf_effect effect = ntf_decide(&delivery, NTF_INPUT_REFUSE, NTF_RUNG_NONE, 0, NOW);
    assert_true(effect.proved);
    assert_false(effect.failed);
    assert_int_equal(delivery.state, NTF_STATE_SERVED);
    assert_int_equal(delivery.rung, NTF_RUNG_DOCKET);
}

static void the_ladders_are_those_of_the_machine(void **state)
{
    (void)state;
    const ntf_rungs all = ~0u;
    assert_int_equal(ntf_next_rung(CONSUMER, NTF_RUNG_NONE, all), NTF_RUNG_SUBSCRIPTION);
    assert_int_equal(ntf_next_rung(CONSUMER, NTF_RUNG_SUBSCRIPTION, all), NTF_RUNG_CUSTOMER_SERVICE);
    assert_int_equal(ntf_next_rung(CONSUMER, NTF_RUNG_CUSTOMER_SERVICE, all), NTF_RUNG_SMS);
    assert_int_equal(ntf_next_rung(CONSUMER, NTF_RUNG_SMS, all), NTF_RUNG_NONE);
    assert_int_equal(ntf_next_rung(MERCHANT, NTF_RUNG_NONE, all), NTF_RUNG_WEBHOOK);
    assert_int_equal(ntf_next_rung(MERCHANT, NTF_RUNG_WEBHOOK, all), NTF_RUNG_SMS);
    assert_int_equal(ntf_next_rung(MERCHANT, NTF_RUNG_SMS, all), NTF_RUNG_CALL);
    assert_int_equal(ntf_next_rung(MERCHANT, NTF_RUNG_CALL, all), NTF_RUNG_NONE);
    assert_int_equal(ntf_next_rung(CONSUMER, NTF_RUNG_NONE, SMS), NTF_RUNG_SMS);
    assert_int_equal(ntf_next_rung(CONSUMER, NTF_RUNG_NONE, 0), NTF_RUNG_NONE);
}

static void retries_grow_to_six_hours_and_end(void **state)
{
    (void)state;
    static const int64_t WAITS[] = {30, 60, 120, 300, 600, 1800, 3600, 21600, 21600, 21600, 21600};
    for (int32_t tries = 1; tries < NTF_TRIES_MAX; tries++) {
        assert_int_equal(ntf_retry_after_ms(tries), WAITS[tries - 1] * 1000);
    }
    assert_int_equal(ntf_retry_after_ms(NTF_TRIES_MAX), 0);
    assert_int_equal(ntf_retry_after_ms(NTF_TRIES_MAX + 1), 0);
    assert_int_equal(ntf_retry_after_ms(0), 30000);
}

static void answers_of_the_message_api_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(ntf_subscription_outcome(200, true, 0), NTF_OUTCOME_TAKEN);
    assert_int_equal(ntf_subscription_outcome(200, true, 43101), NTF_OUTCOME_NO_CONSENT);
    assert_int_equal(ntf_subscription_outcome(200, true, 40003), NTF_OUTCOME_REFUSED);
    assert_int_equal(ntf_subscription_outcome(200, true, 40037), NTF_OUTCOME_REFUSED);
    assert_int_equal(ntf_subscription_outcome(200, true, 41030), NTF_OUTCOME_REFUSED);
    assert_int_equal(ntf_subscription_outcome(200, true, 47003), NTF_OUTCOME_REFUSED);
    assert_int_equal(ntf_subscription_outcome(200, true, 40001), NTF_OUTCOME_TOKEN);
    assert_int_equal(ntf_subscription_outcome(200, true, 42001), NTF_OUTCOME_TOKEN);
    assert_int_equal(ntf_subscription_outcome(200, true, -1), NTF_OUTCOME_FAILED);
    assert_int_equal(ntf_subscription_outcome(200, true, 45009), NTF_OUTCOME_FAILED);
    assert_int_equal(ntf_subscription_outcome(200, false, 0), NTF_OUTCOME_FAILED);
    assert_int_equal(ntf_subscription_outcome(502, true, 0), NTF_OUTCOME_FAILED);
    assert_int_equal(ntf_subscription_outcome(0, false, 0), NTF_OUTCOME_FAILED);
}

static void a_webhook_is_believed_the_third_time_it_refuses(void **state)
{
    (void)state;
    assert_int_equal(ntf_webhook_outcome(202, 1), NTF_OUTCOME_TAKEN);
    assert_int_equal(ntf_webhook_outcome(400, 1), NTF_OUTCOME_FAILED);
    assert_int_equal(ntf_webhook_outcome(400, 2), NTF_OUTCOME_FAILED);
    assert_int_equal(ntf_webhook_outcome(400, 3), NTF_OUTCOME_REFUSED);
    assert_int_equal(ntf_webhook_outcome(301, 3), NTF_OUTCOME_REFUSED);
    assert_int_equal(ntf_webhook_outcome(429, 3), NTF_OUTCOME_FAILED);
    assert_int_equal(ntf_webhook_outcome(408, 3), NTF_OUTCOME_FAILED);
    assert_int_equal(ntf_webhook_outcome(503, 9), NTF_OUTCOME_FAILED);
    assert_int_equal(ntf_webhook_outcome(0, 9), NTF_OUTCOME_FAILED);
}

static void the_last_consent_is_kept_for_a_paper(void **state)
{
    (void)state;
    assert_true(ntf_may_spend(NTF_CONSENT_UNCOUNTED, true));
    assert_true(ntf_may_spend(2, true));
    assert_false(ntf_may_spend(1, true));
    assert_true(ntf_may_spend(1, false));
    assert_false(ntf_may_spend(0, false));
}

static void consents_are_counted_once_they_have_a_number(void **state)
{
    (void)state;
    assert_int_equal(ntf_consent_granted(NTF_CONSENT_UNCOUNTED, 3), 3);
    assert_int_equal(ntf_consent_granted(0, 2), 2);
    assert_int_equal(ntf_consent_granted(2, 2), 4);
    assert_int_equal(ntf_consent_granted(2, 0), NTF_CONSENT_UNCOUNTED);
    assert_int_equal(ntf_consent_granted(INT32_MAX, 1), INT32_MAX);
    assert_int_equal(ntf_consent_spent(2), 1);
    assert_int_equal(ntf_consent_spent(0), 0);
    assert_int_equal(ntf_consent_spent(NTF_CONSENT_UNCOUNTED), NTF_CONSENT_UNCOUNTED);
}

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_true(dsp_time_parse(text, &ms));
    return ms;
}

static int64_t quiet(const char *now)
{
    return ntf_quiet_until(at(now), 50, at("2026-05-20T00:00:00+08:00"));
}

static void nights_are_quiet_until_eight(void **state)
{
    (void)state;
    assert_int_equal(quiet("2026-05-11T21:59:59.999+08:00"), 0);
    assert_int_equal(quiet("2026-05-11T22:00:00+08:00"), at("2026-05-12T08:00:00+08:00"));
    assert_int_equal(quiet("2026-05-12T00:00:00+08:00"), at("2026-05-12T08:00:00+08:00"));
    assert_int_equal(quiet("2026-05-12T07:59:59.999+08:00"), at("2026-05-12T08:00:00+08:00"));
    assert_int_equal(quiet("2026-05-12T08:00:00+08:00"), 0);
}

static void no_warning_sleeps_past_its_deadline(void **state)
{
    (void)state;
    int64_t night = at("2026-05-12T03:00:00+08:00");
    assert_int_equal(ntf_quiet_until(night, 75, at("2026-05-12T08:00:00+08:00")), 0);
    assert_int_equal(ntf_quiet_until(night, 75, at("2026-05-12T08:00:01+08:00")), at("2026-05-12T08:00:00+08:00"));
    assert_int_equal(ntf_quiet_until(night, 90, at("2026-05-20T00:00:00+08:00")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_listed_cells_change_a_delivery),
        cmocka_unit_test(a_message_starts_on_the_first_usable_rung),
        cmocka_unit_test(a_refusal_moves_it_one_rung_down),
        cmocka_unit_test(a_paper_that_every_push_refused_is_dead_and_said_so),
        cmocka_unit_test(a_dead_paper_is_still_served_by_opening_it),
        cmocka_unit_test(plain_news_dies_without_a_word),
        cmocka_unit_test(service_is_proved_once),
        cmocka_unit_test(opening_plain_news_serves_it_without_proof),
        cmocka_unit_test(handing_over_proves_a_sent_paper_nothing),
        cmocka_unit_test(handing_over_proves_the_acknowledgement),
        cmocka_unit_test(an_acknowledgement_that_no_push_takes_is_handed_over_by_the_docket),
        cmocka_unit_test(the_ladders_are_those_of_the_machine),
        cmocka_unit_test(retries_grow_to_six_hours_and_end),
        cmocka_unit_test(answers_of_the_message_api_are_told_apart),
        cmocka_unit_test(a_webhook_is_believed_the_third_time_it_refuses),
        cmocka_unit_test(the_last_consent_is_kept_for_a_paper),
        cmocka_unit_test(consents_are_counted_once_they_have_a_number),
        cmocka_unit_test(nights_are_quiet_until_eight),
        cmocka_unit_test(no_warning_sleeps_past_its_deadline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
