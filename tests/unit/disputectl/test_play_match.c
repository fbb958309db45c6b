/* Stories against logs: matching, details. */
#include "unit/disputectl/play_log.h"

#define TWO_ROWS                                                                                      \
    "{\"entries\": [{\"n\": \"1\", \"at\": \"04-13 10:00\", \"by\": \"M GW\", \"entry\": \"Reply\"}," \
    "{\"n\": \"2\", \"at\": \"04-13 10:05\", \"by\": \"C GW\", \"entry\": \"Say\"}]}"

/* --- matching --- */

static void a_log_as_told_has_no_difference(void **state)
{
    (void)state;
    struct stage_set set = set_up(TWO_ROWS);
    log_reply(&set, 0);
    log_say(&set, 5);
    assert_int_equal(match(&set), 0);
    tear_down(&set);
}

static void rungs_between_the_rows_are_passed_over_and_numbers_follow(void **state)
{
    (void)state;
    struct stage_set set = set_up(TWO_ROWS);
    log_reply(&set, 0);
    log_rung(&set, 2, 50);
    log_entry(&set, 3, SLA, "SYSTEM", "\"type\": \"FINDING\", \"sla_finding\": {\"clocks_armed\": {}}");
    log_entry(&set, 3, NTF, "SYSTEM",
              "\"type\": \"FINDING\", \"notification_finding\": {\"service_proved\": {\"acknowledgement\": true}}");
    log_say(&set, 5);
    assert_int_equal(match(&set), 0);
    assert_int_equal(json_integer_value(play_labels_get(set.story->labels, "entry", "2")), 5);
    tear_down(&set);
}

static void a_rung_that_is_listed_is_matched(void **state)
{
    (void)state;
    struct stage_set set = set_up("{\"entries\": [{\"n\": \"1\", \"at\": \"04-13 10:02\", \"by\": \"S SLA\","
                                  "\"entry\": \"ClockRungReached(K_m_first)\", \"content\": {\"percent\": 75}}]}");
    log_rung(&set, 1, 50);
    log_rung(&set, 2, 75);
    assert_int_equal(match(&set), 0);
    assert_int_equal(set.story->expected[0].got->sequence, 2);
    tear_down(&set);
}

static void any_other_unlisted_entry_is_a_difference(void **state)
{
    (void)state;
    struct stage_set set = set_up(TWO_ROWS);
    log_reply(&set, 0);
    log_entry(&set, 1, NTF, "SYSTEM", "\"type\": \"FINDING\", \"notification_finding\": {\"service_proved\": {}}");
    log_say(&set, 5);
    assert_int_equal(match(&set), 1);
    assert_non_null(strstr(diff_at(&set, 0, "got"), "ServiceProved"));
    tear_down(&set);
}

static void a_missing_row_does_not_hide_those_behind_it(void **state)
{
    (void)state;
    struct stage_set set = set_up(TWO_ROWS);
    log_say(&set, 5);
    assert_int_equal(match(&set), 1);
    assert_string_equal(diff_at(&set, 0, "where"), "entry 1");
    assert_string_equal(diff_at(&set, 0, "got"), "nothing");
    assert_non_null(set.story->expected[1].got);
    tear_down(&set);
}

static void rows_in_another_order_are_a_difference(void **state)
{
    (void)state;
    struct stage_set set = set_up(TWO_ROWS);
    log_say(&set, 0);
    log_reply(&set, 5);
    assert_true(match(&set) > 0);
    tear_down(&set);
}

static void rows_of_one_group_may_change_places(void **state)
{
    (void)state;
    struct stage_set set = set_up("{\"entries\": [{\"n\": \"1\", \"any_order\": \"x\", \"at\": \"04-13 10:00\", "
                                  "\"by\": \"S FND\", \"entry\": \"FundReserved\"},"
                                  "{\"n\": \"2\", \"any_order\": \"x\", \"by\": \"C GW\", \"entry\": \"Say\"},"
                                  "{\"n\": \"3\", \"by\": \"M GW\", \"entry\": \"Reply\"}]}");
    log_say(&set, 0);
    log_fund(&set, 0, "\"fund_reserved\": {}");
    log_reply(&set, 0);
    assert_int_equal(match(&set), 0);
    assert_int_equal(json_integer_value(play_labels_get(set.story->labels, "entry", "1")), 2);
    tear_down(&set);
}

static void of_two_alike_in_a_group_the_contents_decide(void **state)
{
    (void)state;
    struct stage_set set = set_up(
        "{\"entries\": [{\"n\": \"1\", \"any_order\": \"x\", \"at\": \"04-13 10:00\", \"by\": \"S FND\","
        "\"entry\": \"FundReserved\", \"content\": {\"amount\": 100}},"
        "{\"n\": \"2\", \"any_order\": \"x\", \"by\": \"S FND\", \"entry\": \"FundReserved\", \"content\": "
        "{\"amount\": 200}}]}");
    log_fund(&set, 0, "\"fund_reserved\": {\"amount\": 200}");
    log_fund(&set, 0, "\"fund_reserved\": {\"amount\": 100}");
    assert_int_equal(match(&set), 0);
    tear_down(&set);
}

static void a_refusal_that_is_listed_needs_no_row(void **state)
{
    (void)state;
    struct stage_set set = set_up(
        "{\"entries\": [], \"refusals\": [{\"command\": \"late\", \"code\": \"NOT_YOUR_ROLE\"}]}");
    json_t *id = NULL;
    json_t *label = json_string("${command:late}");
    assert_int_equal(play_labels_apply(set.story->labels, label, false, &id).kind, DSP_ERR_OK);
    char members[256];
    snprintf(members, sizeof members,
             "\"type\": \"COMMAND_REFUSED\", \"refusal\": {\"code\": \"NOT_YOUR_ROLE\", \"trigger\": \"Finalise\"}");
    log_entry(&set, 0, "disputes.console.command.v1", "AGENT", members);
    /* the origin of the helper has no message id */
    union {
        const Disputes__Case__V1__Entry *is;
        Disputes__Case__V1__Entry *own;
    } entry = {set.story->cases[0].entries.items[0].entry};
    entry.own->origin->message_id = (char *)(uintptr_t)json_string_value(id);
    play_check_refusals_first(set.story);
    assert_int_equal(match(&set), 0);
    play_check_answers(set.story, &set.facts);
    assert_int_equal(play_diffs_count(&set.story->diffs), 0);
    json_decref(id);
    json_decref(label);
    tear_down(&set);
}

/* --- details --- */

static void instants_are_compared_in_whole_seconds(void **state)
{
    (void)state;
    struct stage_set set = set_up(
        "{\"entries\": [{\"n\": \"1\", \"at\": \"04-13 10:00:01\", \"by\": \"M GW\", \"entry\": \"Reply\"}]}");
    log_reply(&set, 0); /* 10:00:00.001 */
    assert_int_equal(match(&set), 1);
    assert_string_equal(diff_at(&set, 0, "where"), "entry 1 at");
    tear_down(&set);
}

static void a_number_made_by_a_service_is_bound_and_must_agree_afterwards(void **state)
{
    (void)state;
    struct stage_set set = set_up(
        "{\"entries\": [{\"n\": \"1\", \"at\": \"04-13 10:00\", \"by\": \"S FND\", \"entry\": \"PayoutSent\","
        "\"content\": {\"payout_number\": \"${seen:P}\"}},"
        "{\"n\": \"2\", \"by\": \"S FND\", \"entry\": \"PayoutConfirmed\", \"content\": {\"payout_number\": "
        "\"${seen:P}\"}}]}");
    log_fund(&set, 0, "\"payout_sent\": {\"payout_number\": \"HS1\"}");
    log_fund(&set, 0, "\"payout_confirmed\": {\"payout_number\": \"HS2\"}");
    assert_int_equal(match(&set), 1);
    assert_string_equal(diff_at(&set, 0, "where"), "entry 2 content.payout_number");
    assert_string_equal(diff_at(&set, 0, "expected"), "HS1");
    assert_string_equal(diff_at(&set, 0, "got"), "HS2");
    tear_down(&set);
}

static void compare_as(const char *expected, const char *got, bool same)
{
    struct play_labels *labels = play_labels_new("t", 2026);
    json_t *is = json_loads(expected, JSON_DECODE_ANY, NULL);
    json_t *has = json_loads(got, JSON_DECODE_ANY, NULL);
    assert_int_equal(play_compare(labels, true, is, has, "", NULL), same);
    json_decref(is);
    json_decref(has);
    play_labels_free(labels);
}

static void comparison_is_of_what_the_story_names(void **state)
{
    (void)state;
    compare_as("{\"a\": 1}", "{\"a\": \"1\", \"b\": 2}", true);
    compare_as("{\"a\": 12900}", "{\"a\": {\"amount_minor\": \"12900\", \"currency\": \"CNY\"}}", true);
    compare_as("{\"a\": 0}", "{\"a\": {\"currency\": \"CNY\"}}", true);
    compare_as("{\"a\": 1}", "{\"a\": {\"amount_minor\": \"2\", \"currency\": \"CNY\"}}", false);
    compare_as("{\"day\": 0, \"last\": false, \"x\": \"\"}", "{}", true);
    compare_as("{\"day\": 3}", "{}", false);
    compare_as("{\"x\": null}", "{\"x\": 1}", false);
    compare_as("{\"x\": \"*\"}", "{\"x\": 1}", true);
    compare_as("{\"x\": \"*\"}", "{}", false);
    compare_as("[{\"a\": 1}]", "[{\"a\": 1}, {\"a\": 2}]", false);
    compare_as("{\"x_time_millis\": 1000}", "{\"x_time_millis\": \"1999\"}", true);
    compare_as("{\"x_millis\": 1000}", "{\"x_millis\": \"1999\"}", false);
    compare_as("\"REFUND\"", "\"PART_REFUND\"", false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_as_told_has_no_difference),
        cmocka_unit_test(rungs_between_the_rows_are_passed_over_and_numbers_follow),
        cmocka_unit_test(a_rung_that_is_listed_is_matched),
        cmocka_unit_test(any_other_unlisted_entry_is_a_difference),
        cmocka_unit_test(a_missing_row_does_not_hide_those_behind_it),
        cmocka_unit_test(rows_in_another_order_are_a_difference),
        cmocka_unit_test(rows_of_one_group_may_change_places),
        cmocka_unit_test(of_two_alike_in_a_group_the_contents_decide),
        cmocka_unit_test(a_refusal_that_is_listed_needs_no_row),
        cmocka_unit_test(instants_are_compared_in_whole_seconds),
        cmocka_unit_test(a_number_made_by_a_service_is_bound_and_must_agree_afterwards),
        cmocka_unit_test(comparison_is_of_what_the_story_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
