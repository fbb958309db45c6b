/* Stories against logs: clocks, money, who was told, stand-ins, the end. */
#include "unit/disputectl/play_log.h"

/* --- clocks --- */

#define CLOCK_REF "\"clock\": {\"kind\": \"M_FIRST\", \"side\": \"MERCHANT\", \"cause_sequence\": 1}"

static void log_clock_story(struct stage_set *set)
{
    log_entry(set, 0, "", "SYSTEM",
              "\"type\": \"CASE_ADMITTED\", \"clocks\": [{\"op\": \"START\", \"clock\": {\"kind\": \"M_FIRST\", "
              "\"side\": \"MERCHANT\"}}]");
    log_entry(set, 0, SLA, "SYSTEM",
              "\"type\": \"FINDING\", \"sla_finding\": {\"clocks_armed\": {\"clocks\": [{" CLOCK_REF
              ", \"due_time_millis\": 1776132000000}]}}");
    log_rung(set, 720, 50);
    log_entry(set, 800, GW, "MERCHANT",
              "\"type\": \"ACT\", \"gateway_command\": {\"reply\": {}}, \"clocks\": [{\"op\": \"MEET\", " CLOCK_REF
              "}]");
}

static size_t check_clocks(const char *clock)
{
    char expected[1024];
    snprintf(expected, sizeof expected,
             "{\"entries\": [{\"n\": \"1\", \"at\": \"04-13 10:00\", \"by\": \"S DKT\", \"entry\": \"CaseAdmitted\"},"
             "{\"n\": \"2\", \"at\": \"04-13 23:20\", \"by\": \"M GW\", \"entry\": \"Reply\"}], \"clocks\": [%s]}",
             clock);
    struct stage_set set = set_up(expected);
    log_clock_story(&set);
    assert_int_equal(match(&set), 0);
    play_check_clocks(set.story, &set.facts);
    size_t count = play_diffs_count(&set.story->diffs);
    tear_down(&set);
    return count;
}

static void clocks_are_read_from_the_log(void **state)
{
    (void)state;
    assert_int_equal(check_clocks("{\"clock\": \"K_m_first M\", \"from\": \"1\", \"due\": \"04-14 10:00\","
                                  "\"end\": \"met 2\", \"rungs\": [50]}"),
                     0);
    assert_int_equal(check_clocks("{\"clock\": \"K_m_first M\", \"from\": \"1\", \"due\": \"04-14 11:00\","
                                  "\"end\": \"met 2\", \"rungs\": [50]}"),
                     1);
    assert_int_equal(check_clocks("{\"clock\": \"K_m_first M\", \"from\": \"1\", \"due\": \"04-14 10:00\","
                                  "\"end\": \"cancelled 2\", \"rungs\": [50]}"),
                     1);
    assert_int_equal(check_clocks("{\"clock\": \"K_m_first M\", \"from\": \"1\", \"end\": \"met 2\"}"),
                     1);                   /* its rung */
    assert_int_equal(check_clocks(""), 1); /* not listed */
    assert_int_equal(check_clocks("{\"clock\": \"K_m_first C\", \"from\": \"1\", \"end\": \"met 2\"}"), 2);
}

static void a_pause_says_how_much_was_used(void **state)
{
    (void)state;
    struct stage_set set = set_up(
        "{\"entries\": [{\"n\": \"1\", \"at\": \"04-13 10:00\", \"by\": \"S DKT\", \"entry\": \"CaseAdmitted\"},"
        "{\"n\": \"2\", \"at\": \"04-13 11:00\", \"by\": \"C GW\", \"entry\": \"Say\"}], \"clocks\": [{\"clock\": "
        "\"K_m_first M\","
        "\"from\": \"1\", \"end\": \"paused 2 after 1h\"}]}");
    log_entry(&set, 0, "", "SYSTEM",
              "\"type\": \"CASE_ADMITTED\", \"clocks\": [{\"op\": \"START\", \"clock\": {\"kind\": \"M_FIRST\", "
              "\"side\": \"MERCHANT\"}}]");
    log_entry(&set, 60, GW, "CONSUMER",
              "\"type\": \"ACT\", \"gateway_command\": {\"say\": {}}, \"clocks\": [{\"op\": \"PAUSE\", " CLOCK_REF
              "}]");
    log_entry(&set, 60, SLA, "SYSTEM",
              "\"type\": \"FINDING\", \"sla_finding\": {\"clock_paused\": {" CLOCK_REF ", \"used_millis\": 3600000}}");
    assert_int_equal(match(&set), 0);
    play_check_clocks(set.story, &set.facts);
    assert_int_equal(play_diffs_count(&set.story->diffs), 0);
    tear_down(&set);
}

/* --- money --- */

#define LEG(group, debit, credit, fen) \
    "{\"group_id\": \"" group "\", \"debit\": \"" debit "\", \"credit\": \"" credit "\", \"amount_minor\": " #fen "}"

static size_t check_money(const char *legs)
{
    char view[1024];
    struct stage_set set = set_up(
        "{\"entries\": [{\"n\": \"1\", \"at\": \"04-13 10:00\", \"by\": \"S FND\","
        "\"entry\": \"FundReserved\"}], \"postings\": [{\"entry\": \"1\", \"legs\": [{\"debit\": \"FUND_FREE\","
        "\"credit\": \"FUND_RESERVED[x]\", \"fen\": 100}, {\"debit\": \"BANK\", \"credit\": \"FUND_FREE\", \"fen\": "
        "5}]}]}");
    log_fund(&set, 0, "\"fund_reserved\": {\"group_id\": \"g1\"}");
    snprintf(view, sizeof view, "{\"groups\": [{\"group_id\": \"g1\"}], \"legs\": [%s]}", legs);
    json_t *json = json_loads(view, 0, NULL);
    assert_non_null(json);
    json_object_set_new(set.facts.views, "fund ", json);
    assert_int_equal(match(&set), 0);
    play_check_money(set.story, &set.facts);
    size_t count = play_diffs_count(&set.story->diffs);
    tear_down(&set);
    return count;
}

static void the_legs_of_a_group_are_compared_without_order(void **state)
{
    (void)state;
    const char *wanted = LEG("g1", "BANK", "FUND_FREE", 5) "," LEG("g1", "FUND_FREE", "FUND_RESERVED[x]", 100);
    const char *turned = LEG("g1", "FUND_FREE", "FUND_RESERVED[x]", 100) "," LEG("g1", "BANK", "FUND_FREE", 5);
    assert_int_equal(check_money(wanted), 0);
    assert_int_equal(check_money(turned), 0);
    assert_int_equal(check_money(LEG("g1", "BANK", "FUND_FREE", 5) "," LEG("g1", "FUND_FREE", "FUND_RESERVED[x]", 101)),
                     1);
    assert_int_equal(check_money(LEG("g1", "FUND_FREE", "FUND_RESERVED[x]", 100)), 1);
    assert_int_equal(check_money(LEG("g2", "FUND_FREE", "FUND_RESERVED[x]", 100)), 1);
}

/* --- who was told --- */

static size_t check_told(const char *told, const char *deliveries)
{
    char text[1024];
    snprintf(text, sizeof text,
             "{\"entries\": [{\"n\": \"1\", \"at\": \"04-13 10:00\", \"by\": \"M GW\", \"entry\": \"Reply\"},"
             "{\"n\": \"2\", \"at\": \"04-13 10:05\", \"by\": \"C GW\", \"entry\": \"Say\"}], \"told\": %s}",
             told);
    struct stage_set set = set_up(text);
    log_reply(&set, 0);
    log_rung(&set, 2, 50); /* sequence 2: told of freely */
    log_say(&set, 5);
    snprintf(text, sizeof text, "{\"deliveries\": %s}", deliveries);
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    json_object_set_new(set.facts.views, "notification ", json);
    assert_int_equal(match(&set), 0);
    play_check_told(set.story, &set.facts);
    size_t count = play_diffs_count(&set.story->diffs);
    tear_down(&set);
    return count;
}

#define TOLD(sequence, side, more) "{\"sequence\": " #sequence ", \"side\": \"" side "\"" more "}"

static void who_was_told_of_what_is_compared(void **state)
{
    (void)state;
    const char *wanted = "{\"C\": [\"1a\", \"2p\"], \"M\": [\"2\"]}";
    assert_int_equal(
        check_told(wanted, "[" TOLD(1, "CONSUMER", ", \"acknowledgement\": true") "," TOLD(
                               3, "CONSUMER",
                               ", \"paper\": true") "," TOLD(3, "MERCHANT",
                                                             ", \"paper\": false") "," TOLD(2, "MERCHANT", "") "]"),
        0);
    assert_int_equal(
        check_told(wanted, "[" TOLD(1, "CONSUMER", ", \"acknowledgement\": true") "," TOLD(3, "MERCHANT", "") "]"), 1);
    assert_int_equal(check_told("{\"C\": [], \"M\": []}", "[" TOLD(3, "MERCHANT", "") "]"), 1);
    assert_int_equal(check_told("{\"M\": [\"2p\"]}", "[" TOLD(3, "MERCHANT", "") "]"),
                     2); /* no paper, and one too many */
}

/* --- stand-ins, the end --- */

static size_t check_calls(const char *wanted, const char *got)
{
    char text[1024];
    snprintf(text, sizeof text,
             "{\"standins\": [{\"which\": \"wechat_pay\", \"match\": \"x\", \"direction\": \"in\", \"calls\": %s}]}",
             wanted);
    struct stage_set set = set_up(text);
    snprintf(text, sizeof text, "{\"calls\": %s}", got);
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    json_array_append_new(set.facts.standins, json);
    play_check_standins(set.story, &set.facts);
    size_t count = play_diffs_count(&set.story->diffs);
    tear_down(&set);
    return count;
}

#define CALL(call, direction) "{\"call\": \"" call "\", \"direction\": \"" direction "\"}"

static void calls_are_counted_in_order(void **state)
{
    (void)state;
    const char *wanted =
        "[{\"call\": \"create\"}, {\"call\": \"query\", \"times\": \"1+\"}, {\"call\": \"done\", \"times\": 2}]";
    assert_int_equal(
        check_calls(wanted, "[" CALL("create", "in") "," CALL("query", "in") "," CALL("query", "in") "," CALL(
                                "back", "out") "," CALL("done", "in") "," CALL("done", "in") "]"),
        0);
    assert_int_equal(check_calls(wanted, "[" CALL("create", "in") "," CALL("done", "in") "," CALL("done", "in") "]"),
                     1);
    assert_int_equal(check_calls(wanted, "[" CALL("create", "in") "," CALL("query", "in") "," CALL("done", "in") "]"),
                     1);
    assert_int_equal(check_calls("[{\"call\": \"create\"}]", "[" CALL("create", "in") "," CALL("create", "in") "]"), 1);
    assert_int_equal(check_calls("[{\"call\": \"query\", \"times\": \"0+\"}]", "[]"), 0);
}

static void the_end_is_the_last_entry_and_the_last_basis_and_outcome(void **state)
{
    (void)state;
    struct stage_set set = set_up(
        "{\"end\": {\"stage\": \"CLOSED\", \"basis\": \"DEFAULT\", \"outcome\": null, \"generation\": 1}}");
    log_entry(&set, 0, SLA, "SYSTEM", "\"type\": \"DEFAULT_JUDGMENT_ENTERED\", \"basis\": \"DEFAULT\"");
    log_reply(&set, 1);
    play_check_end(set.story, &set.facts);
    assert_int_equal(play_diffs_count(&set.story->diffs), 1); /* NEGOTIATION, not CLOSED */
    assert_string_equal(diff_at(&set, 0, "got"), "NEGOTIATION");
    tear_down(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_are_read_from_the_log),
        cmocka_unit_test(a_pause_says_how_much_was_used),
        cmocka_unit_test(the_legs_of_a_group_are_compared_without_order),
        cmocka_unit_test(who_was_told_of_what_is_compared),
        cmocka_unit_test(calls_are_counted_in_order),
        cmocka_unit_test(the_end_is_the_last_entry_and_the_last_basis_and_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
