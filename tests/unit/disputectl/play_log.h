/* A story against a log, as tests of the player make both. Include it in one file of a program. */
#ifndef DISPUTECTL_TEST_PLAY_LOG_H
#define DISPUTECTL_TEST_PLAY_LOG_H

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

#endif
