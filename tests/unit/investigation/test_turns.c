/* What investigation does with what it hears: agents, rounds and evidence, each answered once. */
#include "investigation/handlers.h"

#include "common/base/codes.h"
#include "disputes/investigation/v1/finding.pb-c.h"
#include "investigation/store.h"
#include "support/fake/docket.h"

#define FINDINGS "disputes.investigation.finding.v1"
#define ENTRY(name) DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_##name
#define FOUND(name) DISPUTES__INVESTIGATION__V1__FINDING__FINDING_##name
#define ITEM(id)                                                                                              \
    "{\"item_id\": \"" id "\", \"sha256\": {\"sha256_of\": \"" id "\"}, \"size_bytes\": 10, \"media_type\": " \
    "\"image/png\", \"reference\": \"store/" id "\"}"

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

static const Disputes__Investigation__V1__Finding *finding(struct docket *docket, int n)
{
    struct fake *inv = docket->of[DOCKET_INVESTIGATION];
    return fake_message(inv, &disputes__investigation__v1__finding__descriptor, fake_out_on(inv, FINDINGS, n));
}

static size_t said(struct docket *docket, int kind)
{
    size_t count = 0;
    for (int i = 0; i < (int)fake_outs_on(docket->of[DOCKET_INVESTIGATION], FINDINGS); i++) {
        count += (int)finding(docket, i)->finding_case == kind;
    }
    return count;
}

/* The merchant contests with an item: the case is at EVIDENCE. */
static void contested(struct docket *docket)
{
    docket_file(docket, "QUALITY");
    docket_act(docket, DOCKET_GATEWAY, "MERCHANT", "m1",
               "\"contest_claim\": {\"text\": \"it was whole\", \"items\": [" ITEM("i1") "]}");
    assert_int_equal(docket_stage(docket), DISPUTES__COMMON__V1__STAGE__STAGE_EVIDENCE);
}

static void items_of_an_act_are_registered_by_one_finding_that_names_the_act(void **state)
{
    struct docket *docket = *state;
    contested(docket);
    assert_int_equal(said(docket, FOUND(EVIDENCE_REGISTERED)), 1);
    const Disputes__Case__V1__Entry *act = docket_last(docket, ENTRY(CLAIM_CONTESTED));
    const Disputes__Investigation__V1__Finding *answer = finding(docket, 0);
    for (int i = 0; i < (int)fake_outs_on(docket->of[DOCKET_INVESTIGATION], FINDINGS); i++) {
        if (finding(docket, i)->finding_case == FOUND(EVIDENCE_REGISTERED)) {
            answer = finding(docket, i);
        }
    }
    assert_int_equal(answer->answers_sequence, act->sequence);
    assert_int_equal(answer->evidence_registered->n_items, 1);
    assert_string_equal(answer->evidence_registered->items[0]->item_id, "i1");
    const struct dsp_list *items = docket_rows(docket, DOCKET_INVESTIGATION, "items");
    assert_int_equal(items->count, 1);
}

static void an_agent_is_drawn_once_when_a_hearing_begins(void **state)
{
    struct docket *docket = *state;
    contested(docket);
    assert_int_equal(said(docket, FOUND(AGENT_ASSIGNED)), 1);
}

/* The platform has one agent, who has had the case: nobody is drawn, and the docket waits for a name. */
static void a_complaint_that_is_filed_again_is_not_heard_by_who_had_it(void **state)
{
    struct docket *docket = *state;
    docket_file(docket, "QUALITY");
    docket_act(docket, DOCKET_CONSOLE, "REVIEWER", "r1", "\"assign\": {\"staff_id\": \"a1\"}");
    assert_int_equal(said(docket, FOUND(AGENT_ASSIGNED)), 1);
    docket_act(docket, DOCKET_GATEWAY, "CONSUMER", "c1", "\"withdraw\": {}");
    docket_act(docket, DOCKET_GATEWAY, "CONSUMER", "c1", "\"refile\": {\"text\": \"again\"}");
    assert_int_equal(docket_stage(docket), DISPUTES__COMMON__V1__STAGE__STAGE_SCREENING);
    docket_act(docket, DOCKET_CONSOLE, "AGENT", "a9", "\"admit\": {}");
    docket_act(docket, DOCKET_GATEWAY, "MERCHANT", "m1",
               "\"contest_claim\": {\"text\": \"it was whole\", \"items\": [" ITEM("i1") "]}");
    assert_int_equal(docket_stage(docket), DISPUTES__COMMON__V1__STAGE__STAGE_EVIDENCE);
    assert_int_equal(said(docket, FOUND(AGENT_ASSIGNED)), 1);
    const struct dsp_list *cases = docket_rows(docket, DOCKET_INVESTIGATION, "case");
    assert_int_equal(((const struct inv_case_row *)cases->items[0])->agent_generation, 0);
}

static void an_item_of_another_digest_under_a_known_id_is_refused(void **state)
{
    struct docket *docket = *state;
    contested(docket);
    docket_act(docket, DOCKET_GATEWAY, "CONSUMER", "c1",
               "\"add_evidence\": {\"items\": [{\"item_id\": \"i1\", \"sha256\": {\"sha256_of\": \"other\"},"
               " \"size_bytes\": 11, \"media_type\": \"image/png\", \"reference\": \"store/other\"}]}");
    assert_int_equal(said(docket, FOUND(EVIDENCE_REFUSED)), 1);
    assert_int_equal(docket_rows(docket, DOCKET_INVESTIGATION, "items")->count, 1);
}

static void a_round_is_sealed_once_by_its_clock(void **state)
{
    struct docket *docket = *state;
    contested(docket);
    docket_pass(docket, FAKE_START_MS + 3 * INT64_C(86400000));
    assert_int_equal(said(docket, FOUND(ROUND_SEALED)), 1);
    size_t sealed = 0;
    struct dsp_list *rounds = docket_rows(docket, DOCKET_INVESTIGATION, "rounds");
    for (size_t i = 0; i < rounds->count; i++) {
        sealed += ((const struct inv_round_row *)rounds->items[i])->sealed_seq > 0;
    }
    assert_int_equal(sealed, 1);
}

static void a_log_that_is_not_as_it_should_be_is_refused_and_what_was_read_changes_nothing(void **state)
{
    contested(*state);
    docket_pass(*state, FAKE_START_MS + 3 * INT64_C(86400000));
    docket_check_follower(*state, DOCKET_INVESTIGATION);
}

static void findings_of_a_case_are_numbered_without_a_hole(void **state)
{
    struct docket *docket = *state;
    contested(docket);
    size_t count = fake_outs_on(docket->of[DOCKET_INVESTIGATION], FINDINGS);
    assert_true(count >= 2);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(fake_out_on(docket->of[DOCKET_INVESTIGATION], FINDINGS, (int)i)->headers.sequence, i + 1);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(items_of_an_act_are_registered_by_one_finding_that_names_the_act),
        CASE(an_agent_is_drawn_once_when_a_hearing_begins),
        CASE(a_complaint_that_is_filed_again_is_not_heard_by_who_had_it),
        CASE(an_item_of_another_digest_under_a_known_id_is_refused),
        CASE(a_round_is_sealed_once_by_its_clock),
        CASE(a_log_that_is_not_as_it_should_be_is_refused_and_what_was_read_changes_nothing),
        CASE(findings_of_a_case_are_numbered_without_a_hole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
