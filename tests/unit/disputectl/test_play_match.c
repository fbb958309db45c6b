/* Stories against logs: matching, details, clocks, money, who was told. */
#include "support/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "disputectl/ctl_json.h"
#include "disputectl/play_check.h"
#include "disputectl/play_match.h"

/* A story with one case whose expected part is given, and a log made of JSON entries. */
struct stage_set {
    struct play_story *story;
    struct dsp_arena *arena;
    struct play_facts facts;
    uint64_t sequence;
};

static struct stage_set set_up(const char *expected)
{
    char path[] = "/tmp/test_play_XXXXXX";
    struct stage_set set = {.arena = dsp_arena_new(8u << 20),
                            .facts = {json_object(), json_array(), json_array(), json_array()}};
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    dprintf(fd,
            "{\"id\": \"X1\", \"title\": {\"en\": \"x\", \"zh\": \"y\"}, \"year\": 2026, \"start\": \"04-13 09:59\","
            "\"until\": \"12-31 23:59\", \"platform\": {}, \"orders\": [{\"id\": \"o-1\", \"consumer\": \"c1\","
            "\"merchant\": \"m1\", \"paid_fen\": 100}], \"expected\": %s}",
            expected);
    close(fd);
    struct dsp_err err = play_story_load(path, 1, 0, &set.story);
    unlink(path);
    if (dsp_failed(err)) {
        print_error("%s\n", err.detail);
    }
    assert_int_equal(err.kind, DSP_ERR_OK);
    return set;
}

static void tear_down(struct stage_set *set)
{
    play_facts_fini(&set->facts);
    play_story_free(set->story);
    dsp_arena_free(set->arena);
}

/* "minute" after 04-13 10:00 local; `topic` "" = the docket's own. */
static void log_entry(struct stage_set *set, int minute, const char *topic, const char *role, const char *members)
{
    char text[4096];
    ProtobufCMessage *message;
    snprintf(text, sizeof text,
             "{\"sequence\": %llu, \"generation\": 1, \"time_millis\": %lld, \"stage_before\": \"NEGOTIATION\","
             "\"stage_after\": \"NEGOTIATION\", \"origin\": {\"topic\": \"%s\", \"actor\": {\"role\": \"%s\"}}, %s}",
             (unsigned long long)++set->sequence, INT64_C(1776045600001) + minute * 60000LL, topic, role, members);
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    struct dsp_err err = ctl_json_message(set->arena, &disputes__case__v1__entry__descriptor, json, &message);
    json_decref(json);
    if (dsp_failed(err)) {
        print_error("%s\n", err.detail);
    }
    assert_int_equal(err.kind, DSP_ERR_OK);
    play_entries_add(&set->story->cases[0].entries, (const Disputes__Case__V1__Entry *)message);
}

#define GW "disputes.gateway.command.v1"
#define SLA "disputes.sla.finding.v1"
#define FND "disputes.fund.finding.v1"
#define NTF "disputes.notification.finding.v1"

static void log_reply(struct stage_set *set, int minute)
{
    log_entry(set, minute, GW, "MERCHANT",
              "\"type\": \"ACT\", \"gateway_command\": {\"reply\": {\"author\": \"PERSON\"}}");
}

static void log_say(struct stage_set *set, int minute)
{
    log_entry(set, minute, GW, "CONSUMER", "\"type\": \"ACT\", \"gateway_command\": {\"say\": {}}");
}

static void log_rung(struct stage_set *set, int minute, int percent)
{
    char members[512];
    snprintf(members, sizeof members,
             "\"type\": \"FINDING\", \"sla_finding\": {\"clock_rung_reached\": {\"percent\": %d, \"clock\": {\"clock\":"
             "{\"kind\": \"M_FIRST\", \"side\": \"MERCHANT\", \"cause_sequence\": 1}}}}",
             percent);
    log_entry(set, minute, SLA, "SYSTEM", members);
}

static void log_fund(struct stage_set *set, int minute, const char *finding)
{
    char members[512];
    snprintf(members, sizeof members, "\"type\": \"FINDING\", \"fund_finding\": {%s}", finding);
    log_entry(set, minute, FND, "SYSTEM", members);
}

static size_t match(struct stage_set *set)
{
    play_match(set->story, &set->story->diffs);
    play_match_details(set->story, &set->story->diffs);
    return play_diffs_count(&set->story->diffs);
}

static const char *diff_at(const struct stage_set *set, size_t index, const char *what)
{
    return play_text(json_array_get(set->story->diffs.list, index), what);
}

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
        cmocka_unit_test(clocks_are_read_from_the_log),
        cmocka_unit_test(a_pause_says_how_much_was_used),
        cmocka_unit_test(the_legs_of_a_group_are_compared_without_order),
        cmocka_unit_test(who_was_told_of_what_is_compared),
        cmocka_unit_test(calls_are_counted_in_order),
        cmocka_unit_test(the_end_is_the_last_entry_and_the_last_basis_and_outcome),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
