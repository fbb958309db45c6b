/* What a draft, a final and a panel's vote must have before they are said. */
#include "investigation/domain/draft.h"

#include "support/cmocka_all.h"

static const struct inv_file_facts FILE_FACTS = {.unpaid_minor = 89900, .asked_minor = 89900, .usable_count = 3};

static struct inv_draft good(void)
{
    return (struct inv_draft){.ruling = {INV_LIABILITY_BOTH, 70, INV_REMEDY_PART_REFUND, 62930}, /* SC05 */
                              .cny = true,
                              .reasons = true,
                              .item_count = 3};
}

static void check(struct inv_ruling ruling, const char *guard)
{
    struct inv_fault fault = inv_ruling_fault(&ruling, true, &FILE_FACTS);
    if (guard) {
        assert_non_null(fault.code);
        assert_string_equal(fault.guard, guard);
    } else {
        assert_null(fault.code);
    }
}

static void liability_share_remedy_and_amount_belong_together(void **state)
{
    (void)state;
    check((struct inv_ruling){INV_LIABILITY_BOTH, 70, INV_REMEDY_PART_REFUND, 62930}, NULL);
    check((struct inv_ruling){INV_LIABILITY_MERCHANT, 100, INV_REMEDY_REFUND, 89900}, NULL);
    check((struct inv_ruling){INV_LIABILITY_MERCHANT, 100, INV_REMEDY_REPAIR, 0}, NULL);
    check((struct inv_ruling){INV_LIABILITY_NONE, 0, INV_REMEDY_NONE, 0}, NULL);
    check((struct inv_ruling){INV_LIABILITY_THIRD_PARTY, 100, INV_REMEDY_REFUND, 1}, NULL);
    check((struct inv_ruling){0, 0, INV_REMEDY_NONE, 0}, "liability stated");
    check((struct inv_ruling){6, 0, INV_REMEDY_NONE, 0}, "liability stated");
    check((struct inv_ruling){INV_LIABILITY_MERCHANT, 100, 0, 0}, "remedy stated");
    check((struct inv_ruling){INV_LIABILITY_MERCHANT, 100, INV_REMEDY_REFUND, -1}, "amount in CNY");
    check((struct inv_ruling){INV_LIABILITY_MERCHANT, 99, INV_REMEDY_REFUND, 1}, "share fits liability");
    check((struct inv_ruling){INV_LIABILITY_BOTH, 100, INV_REMEDY_REFUND, 1}, "share fits liability");
    check((struct inv_ruling){INV_LIABILITY_NONE, 1, INV_REMEDY_NONE, 0}, "share fits liability");
    check((struct inv_ruling){INV_LIABILITY_NONE, 0, INV_REMEDY_REFUND, 1}, "remedy fits liability");
    check((struct inv_ruling){INV_LIABILITY_CONSUMER, 0, INV_REMEDY_REPAIR, 0}, "remedy fits liability");
    check((struct inv_ruling){INV_LIABILITY_MERCHANT, 100, INV_REMEDY_NONE, 1}, "amount fits remedy");
    check((struct inv_ruling){INV_LIABILITY_MERCHANT, 100, INV_REMEDY_REFUND, 0}, "amount fits remedy");
    check((struct inv_ruling){INV_LIABILITY_MERCHANT, 100, INV_REMEDY_REFUND, 89901}, "amount within what is unpaid");
}

static void a_statutory_multiple_is_bounded_by_what_is_asked(void **state)
{
    (void)state;
    struct inv_file_facts file = {.unpaid_minor = 3990, .asked_minor = 103990};
    struct inv_ruling ruling = {INV_LIABILITY_MERCHANT, 100, INV_REMEDY_STATUTORY_MULTIPLE, 103990};
    assert_null(inv_ruling_fault(&ruling, true, &file).code);
    ruling.amount_minor++;
    assert_string_equal(inv_ruling_fault(&ruling, true, &file).code, "GUARD_FAILED");
    ruling = (struct inv_ruling){INV_LIABILITY_MERCHANT, 100, INV_REMEDY_REFUND, 3991};
    assert_string_equal(inv_ruling_fault(&ruling, true, &file).code, "GUARD_FAILED");
}

static void a_draft_has_reasons_and_usable_evidence(void **state)
{
    (void)state;
    struct inv_draft draft = good();
    assert_null(inv_draft_fault(&draft, &FILE_FACTS).code);
    draft.reasons = false;
    assert_string_equal(inv_draft_fault(&draft, &FILE_FACTS).guard, "reasons given");
    draft = good();
    draft.unusable_count = 1;
    assert_string_equal(inv_draft_fault(&draft, &FILE_FACTS).guard, "evidence in the file and usable");
    draft = good();
    draft.item_count = 0;
    assert_string_equal(inv_draft_fault(&draft, &FILE_FACTS).guard, "evidence named");
    struct inv_file_facts bare = FILE_FACTS;
    bare.usable_count = 0; /* a file without evidence is decided, too */
    assert_null(inv_draft_fault(&draft, &bare).code);
    draft = good();
    draft.cny = false;
    assert_string_equal(inv_draft_fault(&draft, &FILE_FACTS).code, "FIELD_INVALID");
}

static void the_merchant_alone_bears_all(void **state)
{
    (void)state;
    struct inv_ruling ruling = {INV_LIABILITY_MERCHANT, 0, INV_REMEDY_REFUND, 1};
    inv_ruling_complete(&ruling);
    assert_int_equal(ruling.merchant_percent, 100);
    ruling = (struct inv_ruling){INV_LIABILITY_BOTH, 0, INV_REMEDY_REFUND, 1};
    inv_ruling_complete(&ruling);
    assert_int_equal(ruling.merchant_percent, 0);
}

static void a_change_of_the_draft_is_reasoned_and_not_by_its_author(void **state)
{
    (void)state;
    struct inv_draft draft = good();
    struct inv_draft asked = good();
    assert_string_equal(inv_final_fault(NULL, false, NULL, &FILE_FACTS).guard, "a draft stands");
    assert_null(inv_final_fault(&draft.ruling, false, NULL, &FILE_FACTS).code);
    assert_string_equal(inv_final_fault(&draft.ruling, true, NULL, &FILE_FACTS).code, "CONFLICT_OF_INTEREST");
    asked.reasons = false;
    assert_null(inv_final_fault(&draft.ruling, false, &asked, &FILE_FACTS).code); /* nothing is changed */
    asked.ruling.merchant_percent = 80;
    asked.ruling.amount_minor = 71920;
    assert_string_equal(inv_final_fault(&draft.ruling, false, &asked, &FILE_FACTS).guard, "change reasoned");
    asked.reasons = true;
    assert_null(inv_final_fault(&draft.ruling, false, &asked, &FILE_FACTS).code);
    asked.ruling.amount_minor = 89901;
    assert_string_equal(inv_final_fault(&draft.ruling, false, &asked, &FILE_FACTS).guard,
                        "amount within what is unpaid");
}

static struct inv_vote vote_of(int32_t verdict)
{
    return (struct inv_vote){.verdict = verdict,
                             .members = INV_PANEL_SIZE,
                             .votes_for = 2,
                             .votes_against = 1,
                             .cny = true,
                             .reasons = true};
}

static void a_panel_is_complete_and_has_a_majority(void **state)
{
    (void)state;
    struct inv_ruling standing = good().ruling;
    struct inv_ruling now;
    struct inv_vote vote = vote_of(INV_APPEAL_AFFIRM);
    assert_null(inv_vote_fault(&vote, &standing, &FILE_FACTS, &now).code);
    vote.members = 2;
    assert_string_equal(inv_vote_fault(&vote, &standing, &FILE_FACTS, &now).guard, "panel complete");
    vote = vote_of(INV_APPEAL_AFFIRM);
    vote.strangers = 1;
    assert_string_equal(inv_vote_fault(&vote, &standing, &FILE_FACTS, &now).guard, "panel complete");
    static const int32_t BAD[][2] = {{1, 2}, {2, 0}, {4, -1}, {0, 3}, {INT32_MAX, INT32_MAX}};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        vote = vote_of(INV_APPEAL_AFFIRM);
        vote.votes_for = BAD[i][0];
        vote.votes_against = BAD[i][1];
        assert_string_equal(inv_vote_fault(&vote, &standing, &FILE_FACTS, &now).guard, "majority recorded");
    }
    vote = vote_of(INV_APPEAL_NONE);
    assert_string_equal(inv_vote_fault(&vote, &standing, &FILE_FACTS, &now).code, "FIELD_INVALID");
    assert_string_equal(inv_vote_fault(&vote, NULL, &FILE_FACTS, &now).guard, "a decision stands");
}

static void a_verdict_says_what_stands_now(void **state)
{
    (void)state;
    struct inv_ruling standing = {INV_LIABILITY_MERCHANT, 100, INV_REMEDY_REFUND, 46000};
    struct inv_ruling now;
    struct inv_vote vote = vote_of(INV_APPEAL_AFFIRM);
    assert_null(inv_vote_fault(&vote, &standing, &FILE_FACTS, &now).code);
    assert_true(inv_ruling_same(&now, &standing));
    vote.has_ruling = true;
    vote.ruling = (struct inv_ruling){INV_LIABILITY_BOTH, 50, INV_REMEDY_PART_REFUND, 23000}; /* SC08 */
    assert_string_equal(inv_vote_fault(&vote, &standing, &FILE_FACTS, &now).guard, "affirmed as it stands");
    vote.verdict = INV_APPEAL_VARY;
    assert_null(inv_vote_fault(&vote, &standing, &FILE_FACTS, &now).code);
    assert_int_equal(now.amount_minor, 23000);
    vote.ruling = standing;
    assert_string_equal(inv_vote_fault(&vote, &standing, &FILE_FACTS, &now).guard, "it differs from what stands");
    vote = vote_of(INV_APPEAL_VARY); /* without a ruling */
    assert_string_equal(inv_vote_fault(&vote, &standing, &FILE_FACTS, &now).code, "FIELD_INVALID");
    vote = vote_of(INV_APPEAL_ANNUL); /* SC03: nothing is left */
    assert_null(inv_vote_fault(&vote, &standing, &FILE_FACTS, &now).code);
    assert_int_equal(now.remedy, INV_REMEDY_NONE);
    assert_int_equal(now.liability, INV_LIABILITY_NONE);
}

static void a_remand_is_signed_by_all_and_reasoned(void **state)
{
    (void)state;
    struct inv_vote vote = vote_of(INV_APPEAL_NONE);
    assert_null(inv_remand_fault(&vote).code);
    vote.reasons = false;
    assert_string_equal(inv_remand_fault(&vote).guard, "reasons given");
    vote.members = 1;
    assert_string_equal(inv_remand_fault(&vote).guard, "panel complete");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(liability_share_remedy_and_amount_belong_together),
        cmocka_unit_test(a_statutory_multiple_is_bounded_by_what_is_asked),
        cmocka_unit_test(a_draft_has_reasons_and_usable_evidence),
        cmocka_unit_test(the_merchant_alone_bears_all),
        cmocka_unit_test(a_change_of_the_draft_is_reasoned_and_not_by_its_author),
        cmocka_unit_test(a_panel_is_complete_and_has_a_majority),
        cmocka_unit_test(a_verdict_says_what_stands_now),
        cmocka_unit_test(a_remand_is_signed_by_all_and_reasoned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
