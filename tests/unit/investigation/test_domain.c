/* Evidence, rounds, people and decisions: every cell of each table, and who is in time. */
#include "investigation/domain.h"

#include "support/cmocka_all.h"

#define NO 0 /* the cell is forbidden */

static void every_cell_of_items_is_as_written(void **state)
{
    (void)state;
    static const int EXPECTED[INV_ITEM_STATE_COUNT][INV_ITEM_INPUT_COUNT] = {
        [INV_ITEM_IN_TIME] = {0, INV_ITEM_IN_TIME, INV_ITEM_REDACTED},
        [INV_ITEM_LATE] = {0, INV_ITEM_ADMITTED_LATE, INV_ITEM_REDACTED},
        [INV_ITEM_ADMITTED_LATE] = {0, INV_ITEM_ADMITTED_LATE, INV_ITEM_REDACTED},
        [INV_ITEM_REDACTED] = {0, INV_ITEM_REDACTED, INV_ITEM_REDACTED},
    };
    for (int from = INV_ITEM_IN_TIME; from < INV_ITEM_STATE_COUNT; from++) {
        for (int input = INV_ITEM_INPUT_ADMIT; input < INV_ITEM_INPUT_COUNT; input++) {
            assert_int_equal(inv_item_next((enum inv_item_state)from, (enum inv_item_input)input),
                             EXPECTED[from][input]);
        }
    }
}

static void every_cell_of_rounds_is_as_written(void **state)
{
    (void)state;
    /* ANSWER, ALL, MISS, OUT, SEAL, LEAVE */
    static const int EXPECTED[INV_ROUND_STATE_COUNT][INV_ROUND_INPUT_COUNT] = {
        [INV_ROUND_REQUESTED] = {NO, INV_ROUND_PARTIAL, INV_ROUND_COMPLETE, INV_ROUND_REQUESTED, INV_ROUND_TIMED_OUT,
                                 NO, INV_ROUND_SEALED},
        [INV_ROUND_PARTIAL] = {NO, NO, INV_ROUND_COMPLETE, NO, INV_ROUND_TIMED_OUT, NO, INV_ROUND_SEALED},
        [INV_ROUND_COMPLETE] = {NO, NO, NO, NO, NO, INV_ROUND_SEALED, INV_ROUND_SEALED},
        [INV_ROUND_TIMED_OUT] = {NO, NO, NO, NO, NO, INV_ROUND_SEALED, INV_ROUND_SEALED},
        [INV_ROUND_SEALED] = {NO, NO, NO, NO, NO, NO, NO},
    };
    for (int from = INV_ROUND_REQUESTED; from < INV_ROUND_STATE_COUNT; from++) {
        for (int input = INV_ROUND_INPUT_ANSWER; input < INV_ROUND_INPUT_COUNT; input++) {
            const struct inv_round_rule *rule = inv_round_rule((enum inv_round_state)from, (enum inv_round_input)input);
            bool ends = input == INV_ROUND_INPUT_ALL || input == INV_ROUND_INPUT_OUT;
            assert_int_equal(rule->allowed, EXPECTED[from][input] != NO);
            if (rule->allowed) {
                assert_int_equal(rule->next, EXPECTED[from][input]);
                assert_int_equal(rule->say, ends);
            }
        }
    }
}

static void every_cell_of_decisions_is_as_written(void **state)
{
    (void)state;
    /* NONE, DROP, FINALISE, AFFIRM, VARY, ANNUL, REPLACE */
    static const int EXPECTED[INV_DECISION_STATE_COUNT][INV_DECISION_INPUT_COUNT] = {
        [INV_DECISION_PROPOSED] = {NO, INV_DECISION_DROPPED, INV_DECISION_FINAL, NO, NO, NO, INV_DECISION_DROPPED},
        [INV_DECISION_FINAL] = {NO, NO, NO, INV_DECISION_AFFIRMED, INV_DECISION_VARIED, INV_DECISION_ANNULLED,
                                INV_DECISION_VARIED},
        [INV_DECISION_AFFIRMED] = {NO, NO, NO, NO, NO, NO, INV_DECISION_VARIED},
        [INV_DECISION_VARIED] = {NO, NO, NO, NO, NO, NO, INV_DECISION_VARIED},
        [INV_DECISION_ANNULLED] = {NO, NO, NO, NO, NO, NO, NO},
        [INV_DECISION_DROPPED] = {NO, NO, NO, NO, NO, NO, NO},
    };
    for (int from = INV_DECISION_PROPOSED; from < INV_DECISION_STATE_COUNT; from++) {
        for (int input = INV_DECISION_INPUT_NONE; input < INV_DECISION_INPUT_COUNT; input++) {
            const struct inv_decision_rule *rule = inv_decision_rule((enum inv_decision_state)from,
                                                                     (enum inv_decision_input)input);
            assert_int_equal(rule->allowed, EXPECTED[from][input] != NO);
            assert_int_equal(rule->next, EXPECTED[from][input]);
        }
    }
}

static void every_state_has_a_name(void **state)
{
    (void)state;
    for (int i = 1; i < INV_ITEM_STATE_COUNT; i++) {
        assert_non_null(inv_item_state_name(i));
    }
    for (int i = 1; i < INV_ROUND_STATE_COUNT; i++) {
        assert_non_null(inv_round_state_name(i));
    }
    for (int i = 1; i < INV_DECISION_STATE_COUNT; i++) {
        assert_non_null(inv_decision_state_name(i));
    }
    for (int i = INV_NOBODY; i <= INV_BOTH; i++) {
        assert_non_null(inv_side_name(i));
    }
    assert_null(inv_item_state_name(0));
    assert_null(inv_round_state_name(INV_ROUND_STATE_COUNT));
    assert_null(inv_decision_state_name(-1));
    assert_null(inv_side_name(4));
}

static struct inv_item good_item(void)
{
    static const char HASH[32] = "an image's hash of thirty-two b.";
    return (struct inv_item){.item_id = DSP_STR_LITERAL("e1"),
                             .sha256 = {HASH, sizeof HASH},
                             .size_bytes = 1,
                             .media_type = DSP_STR_LITERAL("image/jpeg")};
}

static void an_item_needs_name_hash_size_and_type(void **state)
{
    (void)state;
    struct inv_item item = good_item();
    assert_null(inv_item_refusal(&item, NULL, 0));
    struct inv_item bad[6] = {item, item, item, item, item, item};
    static const char LONG[INV_MEDIA_TYPE_MAX + 1] = {0};
    bad[0].item_id.len = 0;
    bad[1].sha256.len = 31;
    bad[2].size_bytes = 0;
    bad[3].media_type.len = 0;
    bad[4].item_id = (struct dsp_str){LONG, INV_ITEM_ID_MAX + 1};
    bad[5].media_type = (struct dsp_str){LONG, INV_MEDIA_TYPE_MAX + 1};
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(inv_item_refusal(&bad[i], NULL, 0), "FIELD_INVALID");
    }
    struct inv_item negative = item;
    negative.size_bytes = -1;
    assert_string_equal(inv_item_refusal(&negative, NULL, 0), "FIELD_INVALID");
}

static void a_name_stands_for_one_content(void **state)
{
    (void)state;
    static const char OTHER[32] = "another hash of thirty-two byte.";
    struct inv_item item = good_item();
    struct inv_item other = item;
    other.sha256 = (struct dsp_str){OTHER, sizeof OTHER};
    assert_null(inv_item_refusal(&item, &item, INV_ITEMS_MAX)); /* the same bytes again take no place */
    assert_string_equal(inv_item_refusal(&other, &item, 0), "ID_REUSED");
}

static void a_side_may_not_bring_too_many_items(void **state)
{
    (void)state;
    struct inv_item item = good_item();
    assert_null(inv_item_refusal(&item, NULL, INV_ITEMS_MAX - 1));
    assert_string_equal(inv_item_refusal(&item, NULL, INV_ITEMS_MAX), "LIMIT_REACHED");
}

static void a_round_of_one_side_is_complete_with_its_answer(void **state)
{
    (void)state;
    struct inv_round round = inv_round_open(1, INV_CONSUMER, false); /* SC11 */
    assert_false(inv_round_done(&round, INV_MERCHANT));              /* was not asked */
    assert_int_equal(round.state, INV_ROUND_REQUESTED);
    assert_true(inv_round_done(&round, INV_CONSUMER));
    assert_int_equal(round.state, INV_ROUND_COMPLETE);
    assert_false(inv_round_done(&round, INV_CONSUMER)); /* said once */
    assert_false(inv_round_missed(&round, INV_CONSUMER));
}

static void a_round_of_both_waits_for_both(void **state)
{
    (void)state;
    struct inv_round round = inv_round_open(1, INV_BOTH, false);
    assert_false(inv_round_done(&round, INV_MERCHANT));
    assert_int_equal(round.state, INV_ROUND_PARTIAL);
    assert_false(inv_round_done(&round, INV_MERCHANT)); /* twice is once */
    assert_true(inv_round_waits_for(&round, INV_CONSUMER));
    assert_false(inv_round_waits_for(&round, INV_MERCHANT));
    assert_true(inv_round_done(&round, INV_CONSUMER));
    assert_int_equal(round.state, INV_ROUND_COMPLETE);
    assert_int_equal(round.missed, INV_NOBODY);
}

static void silence_ends_a_round_too(void **state)
{
    (void)state;
    struct inv_round answered = inv_round_open(1, INV_BOTH, false);
    assert_false(inv_round_done(&answered, INV_CONSUMER));
    assert_true(inv_round_missed(&answered, INV_MERCHANT)); /* SC06, SC07 */
    assert_int_equal(answered.state, INV_ROUND_TIMED_OUT);
    assert_int_equal(answered.missed, INV_MERCHANT);
    struct inv_round missed = inv_round_open(1, INV_BOTH, false);
    assert_false(inv_round_missed(&missed, INV_MERCHANT));
    assert_int_equal(missed.state, INV_ROUND_REQUESTED);
    assert_true(inv_round_done(&missed, INV_CONSUMER)); /* the other has answered: nobody is left */
    assert_int_equal(missed.state, INV_ROUND_TIMED_OUT);
    struct inv_round nobody = inv_round_open(1, INV_BOTH, false);
    assert_false(inv_round_missed(&nobody, INV_CONSUMER));
    assert_true(inv_round_missed(&nobody, INV_MERCHANT));
    assert_int_equal(nobody.missed, INV_BOTH);
}

static void the_third_round_and_a_final_one_are_last(void **state)
{
    (void)state;
    struct inv_round rounds[] = {inv_round_open(1, INV_BOTH, false), inv_round_open(2, INV_BOTH, true),
                                 inv_round_open(3, INV_BOTH, false), inv_round_open(4, INV_BOTH, false)};
    assert_false(inv_round_is_last(&rounds[0]));
    assert_true(inv_round_is_last(&rounds[1]));
    assert_true(inv_round_is_last(&rounds[2]));
    assert_true(inv_round_is_last(&rounds[3]));
}

static void evidence_is_in_time_before_round_one_and_inside_the_sides_own_round(void **state)
{
    (void)state;
    assert_int_equal(inv_item_arrives(NULL, INV_CONSUMER), INV_ITEM_IN_TIME);
    struct inv_round round = inv_round_open(1, INV_CONSUMER, false);
    assert_int_equal(inv_item_arrives(&round, INV_CONSUMER), INV_ITEM_IN_TIME);
    assert_int_equal(inv_item_arrives(&round, INV_MERCHANT), INV_ITEM_LATE);
    inv_round_done(&round, INV_CONSUMER);
    assert_int_equal(inv_item_arrives(&round, INV_CONSUMER), INV_ITEM_LATE);
    struct inv_round missed = inv_round_open(1, INV_BOTH, false);
    inv_round_missed(&missed, INV_MERCHANT);
    assert_int_equal(inv_item_arrives(&missed, INV_MERCHANT), INV_ITEM_LATE);
    assert_int_equal(inv_item_arrives(&missed, INV_CONSUMER), INV_ITEM_IN_TIME);
}

static void an_appeal_affirms_varies_or_annuls(void **state)
{
    (void)state;
    assert_int_equal(inv_verdict(true, true), INV_DECISION_INPUT_AFFIRM);
    assert_int_equal(inv_verdict(true, false), INV_DECISION_INPUT_AFFIRM);
    assert_int_equal(inv_verdict(false, true), INV_DECISION_INPUT_VARY);   /* SC08 */
    assert_int_equal(inv_verdict(false, false), INV_DECISION_INPUT_ANNUL); /* SC03 */
}

static void the_first_free_person_of_the_role_is_drawn(void **state)
{
    (void)state;
    const struct inv_member members[] = {
        {DSP_STR_LITERAL("r01"), 4, false, false},
        {DSP_STR_LITERAL("a05"), INV_ROLE_AGENT, true, false},
        {DSP_STR_LITERAL("a11"), INV_ROLE_AGENT, false, true},
        {DSP_STR_LITERAL("a07"), INV_ROLE_AGENT, false, false},
        {DSP_STR_LITERAL("a08"), INV_ROLE_AGENT, false, false},
    };
    size_t picked[INV_PANEL_SIZE];
    assert_true(inv_draw(members, 5, INV_ROLE_AGENT, 1, picked));
    assert_int_equal(picked[0], 3);
    assert_false(inv_draw(members, 3, INV_ROLE_AGENT, 1, picked)); /* a conflict and one who had it */
    assert_false(inv_draw(members, 0, INV_ROLE_AGENT, 1, picked));
}

static void a_panel_is_drawn_whole_or_not_at_all(void **state)
{
    (void)state;
    const struct inv_member members[] = {
        {DSP_STR_LITERAL("p01"), INV_ROLE_PANEL, false, false},
        {DSP_STR_LITERAL("p02"), INV_ROLE_PANEL, false, true},
        {DSP_STR_LITERAL("p03"), INV_ROLE_PANEL, false, false},
        {DSP_STR_LITERAL("p04"), INV_ROLE_PANEL, false, false},
    };
    size_t picked[INV_PANEL_SIZE];
    assert_false(inv_draw(members, 3, INV_ROLE_PANEL, INV_PANEL_SIZE, picked));
    assert_true(inv_draw(members, 4, INV_ROLE_PANEL, INV_PANEL_SIZE, picked));
    assert_int_equal(picked[0], 0);
    assert_int_equal(picked[1], 2);
    assert_int_equal(picked[2], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_of_items_is_as_written),
        cmocka_unit_test(every_cell_of_rounds_is_as_written),
        cmocka_unit_test(every_cell_of_decisions_is_as_written),
        cmocka_unit_test(every_state_has_a_name),
        cmocka_unit_test(an_item_needs_name_hash_size_and_type),
        cmocka_unit_test(a_name_stands_for_one_content),
        cmocka_unit_test(a_side_may_not_bring_too_many_items),
        cmocka_unit_test(a_round_of_one_side_is_complete_with_its_answer),
        cmocka_unit_test(a_round_of_both_waits_for_both),
        cmocka_unit_test(silence_ends_a_round_too),
        cmocka_unit_test(the_third_round_and_a_final_one_are_last),
        cmocka_unit_test(evidence_is_in_time_before_round_one_and_inside_the_sides_own_round),
        cmocka_unit_test(an_appeal_affirms_varies_or_annuls),
        cmocka_unit_test(the_first_free_person_of_the_role_is_drawn),
        cmocka_unit_test(a_panel_is_drawn_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
