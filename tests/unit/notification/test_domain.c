/* services/notification/domain/matrix.c: who is told of what. */
#include "notification/domain.h"

#include "support/cmocka_all.h"

#define C NTF_CONSUMER
#define M NTF_MERCHANT
#define CM NTF_BOTH
#define CONSUMER NTF_SIDE_CONSUMER
#define MERCHANT NTF_SIDE_MERCHANT

static unsigned told(struct ntf_news news)
{
    return ntf_tell(&news, true).sides;
}

/* The table of the acceptance stories, entry by entry: who, and whether it is a paper (p), an acknowledgement
 * (a) or a reminder (r). The stage moved. */
static const struct {
    enum ntf_kind kind;
    unsigned sides;
    char mark;
} EXPECTED[] = {
    {NTF_KIND_COMPLAINT_FILED, C, 'a'},
    {NTF_KIND_TRIAGE_STARTED, 0, ' '},
    {NTF_KIND_CASE_MERGED, CM, ' '},
    {NTF_KIND_CASE_UNMERGED, CM, ' '},
    {NTF_KIND_INFO_REQUESTED, C, 'p'},
    {NTF_KIND_INFO_SUPPLIED, C, ' '},
    {NTF_KIND_COMPLAINT_ABANDONED, C, ' '},
    {NTF_KIND_COMPLAINT_WITHDRAWN, CM, ' '},
    {NTF_KIND_FILING_REJECTED, C, 'p'},
    {NTF_KIND_CASE_ADMITTED, M, ' '},
    {NTF_KIND_CASE_FAST_TRACKED, CM, ' '},
    {NTF_KIND_CASE_REFERRED, CM, ' '},
    {NTF_KIND_CLAIM_ACCEPTED, CM, ' '},
    {NTF_KIND_OFFER_ACCEPTED, CM, ' '},
    {NTF_KIND_CLAIM_CONTESTED, CM, ' '},
    {NTF_KIND_PLATFORM_REQUESTED, CM, ' '},
    {NTF_KIND_DEFAULT_JUDGMENT_ENTERED, CM, 'p'},
    {NTF_KIND_POSITION_MISSED, CM, ' '},
    {NTF_KIND_ROUND_OPENED, CM, ' '},
    {NTF_KIND_RULE_FOUND, CM, 'p'},
    {NTF_KIND_ROUNDS_CLOSED, CM, ' '},
    {NTF_KIND_ROUND_SEALED, CM, ' '},
    {NTF_KIND_DECISION_PROPOSED, CM, 'p'},
    {NTF_KIND_COMMENT_MADE, M, ' '}, /* the consumer acts in this list */
    {NTF_KIND_DRAFT_REOPENED, CM, ' '},
    {NTF_KIND_DECISION_FINAL, CM, 'p'},
    {NTF_KIND_APPEAL_FILED, CM, ' '},
    {NTF_KIND_SET_ASIDE_REQUESTED, CM, ' '},
    {NTF_KIND_DECISION_BINDING, CM, ' '},
    {NTF_KIND_APPEAL_DECIDED, CM, 'p'},
    {NTF_KIND_APPEAL_REMANDED, CM, ' '},
    {NTF_KIND_APPEAL_WITHDRAWN, CM, ' '},
    {NTF_KIND_APPEAL_LAPSED, CM, ' '},
    {NTF_KIND_INSTITUTION_STATUS, CM, ' '},
    {NTF_KIND_AWARD_RECEIVED, CM, 'p'},
    {NTF_KIND_SETTLED_IN_ARBITRATION, CM, ' '},
    {NTF_KIND_REFERRAL_ENDED, CM, ' '},
    {NTF_KIND_SETTLEMENT_PERFORMED, CM, ' '},
    {NTF_KIND_SETTLEMENT_DEFAULTED, CM, ' '},
    {NTF_KIND_SETTLEMENT_RESCINDED, CM, ' '},
    {NTF_KIND_DUTY_PERFORMED, M, ' '},
    {NTF_KIND_PERFORMANCE_MISSED, CM, ' '},
    {NTF_KIND_ALL_DUTIES_DISCHARGED, CM, ' '},
    {NTF_KIND_REMEDY_LAPSED, CM, ' '},
    {NTF_KIND_DECLARED_UNCOLLECTABLE, CM, ' '},
    {NTF_KIND_CASE_ARCHIVED, CM, ' '},
    {NTF_KIND_CASE_REFILED, C, ' '},
    {NTF_KIND_CASE_REOPENED, CM, ' '},
    {NTF_KIND_JOIN_APPEAL, M, ' '},
    {NTF_KIND_INSPECT_RETURN, M, ' '},
    {NTF_KIND_CHECK_RETURN, CM, ' '},
    {NTF_KIND_CLOCK_MOVED, CM, ' '},
    {NTF_KIND_CLOCK_RUNG_REACHED, M, 'r'}, /* the merchant's clock in this list */
    {NTF_KIND_OFFER_OPENED, C, ' '},       /* answers an act of the merchant in this list */
    {NTF_KIND_OFFER_COUNTERED, C, ' '},
    {NTF_KIND_OFFER_REJECTED, CM, ' '},
    {NTF_KIND_OFFER_RETRACTED, CM, ' '},
    {NTF_KIND_OFFER_EXPIRED, CM, ' '},
    {NTF_KIND_OFFER_REFUSED, M, ' '},
    {NTF_KIND_REFERRAL_SENT, CM, ' '},
    {NTF_KIND_FEE_MOVED, CM, ' '},
    {NTF_KIND_DUTY_REJECTED, M, ' '},
    {NTF_KIND_PAYOUT_SENT, C, ' '},
    {NTF_KIND_PAYOUT_HELD, C, ' '},
    {NTF_KIND_PAYOUT_CONFIRMED, C, ' '},
    {NTF_KIND_PAYOUT_FAILED, C, ' '},
    {NTF_KIND_RECOVERY_OPENED, M, ' '},
    {NTF_KIND_RECOVERY_DEMANDED, M, 'p'},
    {NTF_KIND_RECOVERY_RECEIVED, M, ' '},
    {NTF_KIND_RECOVERY_CLOSED, M, ' '},
    {NTF_KIND_SANCTION_APPLIED, M, ' '},
    {NTF_KIND_SANCTION_LIFTED, M, ' '},
};
#define EXPECTED_COUNT (sizeof EXPECTED / sizeof *EXPECTED)

static struct ntf_news moved(enum ntf_kind kind)
{
    return (struct ntf_news){
        .kind = kind, .moved = true, .actor = CONSUMER, .answered = MERCHANT, .concerned = MERCHANT};
}

static void every_entry_is_told_to_whom_the_table_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        struct ntf_news news = moved(EXPECTED[i].kind);
        struct ntf_told is = ntf_tell(&news, true);
        assert_int_equal(is.sides, EXPECTED[i].sides);
        assert_int_equal(is.paper, EXPECTED[i].mark == 'p');
        assert_int_equal(is.acknowledgement, EXPECTED[i].mark == 'a');
        assert_int_equal(is.reminder, EXPECTED[i].mark == 'r');
    }
}

static void every_kind_stands_in_this_test(void **state)
{
    (void)state;
    size_t named = 0;
    for (int kind = 0; kind < NTF_KIND_COUNT; kind++) {
        named += ntf_kind_name(kind) != NULL;
    }
    assert_int_equal(named, EXPECTED_COUNT);
}

static void nobody_is_told_of_anything_else(void **state)
{
    (void)state;
    assert_int_equal(told(moved(NTF_KIND_NONE)), 0);
    assert_int_equal(told(moved((enum ntf_kind)55)), 0);
    assert_null(ntf_kind_name(-1));
    assert_null(ntf_kind_name(NTF_KIND_COUNT));
}

static void a_merchant_hears_nothing_of_a_case_it_does_not_know(void **state)
{
    (void)state;
    for (size_t i = 0; i < EXPECTED_COUNT; i++) {
        struct ntf_news news = moved(EXPECTED[i].kind);
        assert_int_equal(ntf_tell(&news, false).sides, EXPECTED[i].sides & ~M);
    }
}

static void admission_fast_track_and_referral_introduce_the_case(void **state)
{
    (void)state;
    for (int kind = 0; kind < NTF_KIND_COUNT; kind++) {
        bool introduces = kind == NTF_KIND_CASE_ADMITTED || kind == NTF_KIND_CASE_FAST_TRACKED ||
                          kind == NTF_KIND_CASE_REFERRED;
        assert_int_equal(ntf_introduces((enum ntf_kind)kind), introduces);
    }
}

static void a_round_of_t23_is_told_to_the_sides_asked(void **state)
{
    (void)state;
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_ROUND_OPENED, .asked = C}), C);
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_ROUND_OPENED, .asked = M}), M);
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_ROUND_OPENED, .asked = CM}), CM);
}

static void a_seal_that_leaves_the_stage_is_told_to_nobody(void **state)
{
    (void)state;
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_ROUND_SEALED}), 0);
}

static void a_withdrawal_before_admission_is_told_to_the_consumer_alone(void **state)
{
    (void)state;
    struct ntf_news news = moved(NTF_KIND_COMPLAINT_WITHDRAWN);
    news.before_admission = true;
    assert_int_equal(told(news), C);
}

static void the_other_side_hears_of_an_act_whoever_acts(void **state)
{
    (void)state;
    static const enum ntf_kind KINDS[] = {NTF_KIND_COMMENT_MADE, NTF_KIND_DUTY_PERFORMED, NTF_KIND_JOIN_APPEAL,
                                          NTF_KIND_INSPECT_RETURN};
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        assert_int_equal(told((struct ntf_news){.kind = KINDS[i], .actor = MERCHANT}), C);
        assert_int_equal(told((struct ntf_news){.kind = KINDS[i], .actor = CONSUMER}), M);
        assert_int_equal(told((struct ntf_news){.kind = KINDS[i]}), CM);
    }
}

static void answers_go_to_receiver_or_sender_of_the_act(void **state)
{
    (void)state;
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_OFFER_COUNTERED, .answered = CONSUMER}), M);
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_OFFER_OPENED, .answered = MERCHANT}), C);
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_OFFER_REFUSED, .answered = CONSUMER}), C);
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_DUTY_REJECTED, .answered = CONSUMER}), C);
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_OFFER_OPENED}), CM);
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_OFFER_REFUSED}), CM);
}

static void a_fee_is_told_to_who_owes_it(void **state)
{
    (void)state;
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_RECOVERY_RECEIVED, .concerned = CONSUMER}), C);
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_RECOVERY_RECEIVED, .concerned = MERCHANT}), M);
}

static void rungs_of_the_platforms_own_clocks_remind_no_party(void **state)
{
    (void)state;
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_CLOCK_RUNG_REACHED}), 0);
    assert_int_equal(told((struct ntf_news){.kind = NTF_KIND_CLOCK_RUNG_REACHED, .concerned = CONSUMER}), C);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_entry_is_told_to_whom_the_table_names),
        cmocka_unit_test(every_kind_stands_in_this_test),
        cmocka_unit_test(nobody_is_told_of_anything_else),
        cmocka_unit_test(a_merchant_hears_nothing_of_a_case_it_does_not_know),
        cmocka_unit_test(admission_fast_track_and_referral_introduce_the_case),
        cmocka_unit_test(a_round_of_t23_is_told_to_the_sides_asked),
        cmocka_unit_test(a_seal_that_leaves_the_stage_is_told_to_nobody),
        cmocka_unit_test(a_withdrawal_before_admission_is_told_to_the_consumer_alone),
        cmocka_unit_test(the_other_side_hears_of_an_act_whoever_acts),
        cmocka_unit_test(answers_go_to_receiver_or_sender_of_the_act),
        cmocka_unit_test(a_fee_is_told_to_who_owes_it),
        cmocka_unit_test(rungs_of_the_platforms_own_clocks_remind_no_party),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
