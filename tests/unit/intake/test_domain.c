/* The machine: every cell of the table, and the properties that hold over all of them. */
#include "intake/domain.h"

#include <string.h>

#include "common/base/clock.h"
#include "support/cmocka_all.h"

#define NOON INT64_C(1776045600000) /* an instant; only differences matter */

static const struct intake_docket CLAIM = {
    .consumer_id = {"c1", 2},
    .merchant_id = {"m1", 2},
    .order_line = 1,
    .reason = 1,
    .remedy = REMEDY_REFUND,
    .amount_minor = 36800,
    .paid_minor = 36800,
    .received_ms = 0,
    .promised_ms = NOON - 5 * DSP_DAY_MS,
    .file_complete = true,
};

static struct intake_input act(enum intake_trigger trigger, int32_t role, const char *who, int64_t at_ms)
{
    return (struct intake_input){.trigger = trigger,
                                 .source = SOURCE_GW,
                                 .role = role,
                                 .actor_id = dsp_str_from(who),
                                 .time_ms = at_ms,
                                 .currency_cny = true};
}

static struct intake_input finding(enum intake_trigger trigger, enum intake_source source, int64_t at_ms)
{
    return (struct intake_input){
        .trigger = trigger, .source = source, .role = ROLE_SYSTEM, .time_ms = at_ms, .currency_cny = true};
}

static size_t filed(struct intake_case *c, struct intake_draft drafts[INTAKE_DRAFTS_MAX])
{
    struct intake_input input = act(TRIGGER_FILE_COMPLAINT, ROLE_CONSUMER, "c1", NOON);
    input.filing = &CLAIM;
    memset(c, 0, sizeof *c);
    return intake_decide(c, &input, drafts);
}

static struct intake_input breach(struct intake_case *c, int32_t kind, int32_t side, int64_t at_ms)
{
    struct intake_input input = finding(TRIGGER_CLOCK_BREACHED, SOURCE_SLA, at_ms);
    struct intake_clock *clock = intake_clock_live(c, kind, side);
    assert_non_null(clock);
    clock->due_ms = at_ms - 1;
    clock->generation = 1;
    input.clock = *clock;
    return input;
}

static bool has_clock(const struct intake_draft *draft, int32_t op, int32_t kind)
{
    for (size_t i = 0; i < draft->clock_count; i++) {
        if (draft->clocks[i].op == op && draft->clocks[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static void a_filing_is_triaged_and_admitted_in_one_go(void **state)
{
    (void)state;
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    assert_int_equal(filed(&c, drafts), 3);
    assert_string_equal(drafts[0].row->id, "T01");
    assert_string_equal(drafts[1].row->id, "T02");
    assert_string_equal(drafts[2].row->id, "T12");
    assert_int_equal(c.docket.stage, STAGE_NEGOTIATION);
    assert_int_equal(c.docket.seq, 3);
    assert_true(has_clock(&drafts[1], OP_START, CLOCK_SCREEN));
    assert_true(has_clock(&drafts[2], OP_MEET, CLOCK_SCREEN));
    assert_true(has_clock(&drafts[2], OP_START, CLOCK_M_POSITION));
}

static void clauses_of_both_sides_leave_the_filing_to_an_agent(void **state)
{
    (void)state;
    struct intake_case c = {0};
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    struct intake_docket claim = CLAIM;
    struct intake_input input = act(TRIGGER_FILE_COMPLAINT, ROLE_CONSUMER, "c1", NOON);
    claim.consumer_clause = dsp_str_from("C-A7");
    claim.merchant_clause = dsp_str_from("M-A7");
    input.filing = &claim;
    assert_int_equal(intake_decide(&c, &input, drafts), 2);
    assert_int_equal(c.docket.stage, STAGE_SCREENING);
    input = act(TRIGGER_REFER_DIRECT, ROLE_AGENT, "a1", NOON + 1);
    input.source = SOURCE_CON;
    input.consumer_clause = dsp_str_from("C-A7");
    input.merchant_clause = dsp_str_from("other");
    intake_decide(&c, &input, drafts);
    assert_int_equal(drafts[0].refusal, REFUSAL_CONSENT_MISSING);
    input.merchant_clause = dsp_str_from("M-A7");
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "T15");
    assert_int_equal(c.docket.stage, STAGE_ARBITRATION);
    assert_true(has_clock(&drafts[0], OP_MEET, CLOCK_SCREEN));
    assert_true(has_clock(&drafts[0], OP_START, CLOCK_ARB_HARD));
}

static void a_strangers_order_and_a_closed_window_are_named(void **state)
{
    (void)state;
    struct intake_case c = {.policy = &INTAKE_START_POLICY};
    const struct intake_row *row;
    const char *guard;
    struct intake_docket claim = CLAIM;
    struct intake_input input = act(TRIGGER_FILE_COMPLAINT, ROLE_CONSUMER, "c2", NOON);
    input.filing = &claim;
    assert_int_equal(intake_would(&c, &input, &row, &guard), REFUSAL_NOT_YOUR_ORDER);
    input.actor_id = dsp_str_from("c1");
    claim.received_ms = NOON - 91 * DSP_DAY_MS;
    assert_int_equal(intake_would(&c, &input, &row, &guard), REFUSAL_OUTSIDE_FILING_WINDOW);
    claim.received_ms = NOON - 90 * DSP_DAY_MS;
    assert_int_equal(intake_would(&c, &input, &row, &guard), REFUSAL_NONE);
    claim.amount_minor = claim.paid_minor + 1;
    assert_int_equal(intake_would(&c, &input, &row, &guard), REFUSAL_GUARD_FAILED);
    claim.amount_minor = 0; /* accepted, it would be enforced with nothing to perform, for ever */
    assert_int_equal(intake_would(&c, &input, &row, &guard), REFUSAL_GUARD_FAILED);
    claim.amount_minor = claim.paid_minor;
    claim.remedy = REMEDY_NONE;
    assert_int_equal(intake_would(&c, &input, &row, &guard), REFUSAL_GUARD_FAILED);
}

static void only_the_remedy_asked_is_accepted(void **state)
{
    (void)state;
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    filed(&c, drafts);
    struct intake_input input = act(TRIGGER_ACCEPT_CLAIM, ROLE_MERCHANT, "m1", NOON + 1);
    input.remedy = REMEDY_REFUND;
    input.amount_minor = 36799;
    intake_decide(&c, &input, drafts);
    assert_int_equal(drafts[0].refusal, REFUSAL_GUARD_FAILED);
    assert_int_equal(c.docket.stage, STAGE_NEGOTIATION);
    assert_int_equal(c.docket.seq, 4); /* a refusal is an entry */
    input.amount_minor = 36800;
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "T16");
    assert_int_equal(drafts[0].basis, BASIS_MERCHANT_ACCEPTED);
    assert_int_equal(drafts[0].duty_count, 1);
    assert_true(drafts[0].duties[0].due);
    assert_true(has_clock(&drafts[0], OP_MEET, CLOCK_M_FIRST));
    assert_true(has_clock(&drafts[0], OP_MEET, CLOCK_M_POSITION));
    assert_true(has_clock(&drafts[0], OP_START, CLOCK_PERFORM));
}

static void refusals_come_in_the_published_order(void **state)
{
    (void)state;
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    const struct intake_row *row;
    const char *guard;
    filed(&c, drafts);
    struct intake_input input = act(TRIGGER_ACCEPT_CLAIM, ROLE_MERCHANT, "m2", NOON + 1);
    input.generation = 2;
    assert_int_equal(intake_would(&c, &input, &row, &guard), REFUSAL_STALE);
    input.generation = 1;
    assert_int_equal(intake_would(&c, &input, &row, &guard), REFUSAL_NOT_YOUR_ROLE);
    input.role = ROLE_CONSUMER;
    input.actor_id = dsp_str_from("c1");
    assert_int_equal(intake_would(&c, &input, &row, &guard), REFUSAL_NOT_YOUR_ROLE);
    input.trigger = TRIGGER_WAIVE_APPEAL;
    assert_int_equal(intake_would(&c, &input, &row, &guard), REFUSAL_NOT_IN_THIS_STAGE);
    input.trigger = TRIGGER_UNKNOWN;
    assert_int_equal(intake_would(&c, &input, &row, &guard), REFUSAL_NOT_IN_THIS_STAGE);
}

static void a_silent_merchant_is_judged_and_the_fund_is_next(void **state)
{
    (void)state;
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    filed(&c, drafts);
    struct intake_input input = breach(&c, CLOCK_M_FIRST, ROLE_MERCHANT, NOON + DSP_DAY_MS);
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "E27");
    input = breach(&c, CLOCK_M_POSITION, ROLE_MERCHANT, NOON + 2 * DSP_DAY_MS);
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "T20");
    assert_int_equal(drafts[0].ruling.amount_minor, 36800);
    assert_false(drafts[0].duties[0].due);
    int64_t paper = drafts[0].sequence;
    for (int32_t side = ROLE_CONSUMER; side <= ROLE_MERCHANT; side++) {
        input = finding(TRIGGER_SERVICE_PROVED, SOURCE_NTF, NOON + 2 * DSP_DAY_MS + 1);
        input.paper = paper;
        input.side = side;
        input.served_ms = input.time_ms;
        intake_decide(&c, &input, drafts);
        assert_true(has_clock(&drafts[0], OP_MEET, CLOCK_SERVICE));
        assert_true(has_clock(&drafts[0], OP_START, CLOCK_APPEAL));
        assert_true(drafts[0].clocks[drafts[0].clock_count - 1].short_budget); /* 72 h on DEFAULT */
    }
    input = breach(&c, CLOCK_APPEAL, ROLE_MERCHANT, NOON + 5 * DSP_DAY_MS);
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "E27"); /* the other window is open */
    input = breach(&c, CLOCK_APPEAL, ROLE_CONSUMER, NOON + 5 * DSP_DAY_MS + 1);
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "T49");
    assert_int_equal(c.docket.stage, STAGE_ENFORCING);
    input = breach(&c, CLOCK_PERFORM, ROLE_MERCHANT, NOON + 7 * DSP_DAY_MS);
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "T66");
    input = finding(TRIGGER_DUTY_DISCHARGED, SOURCE_FND, NOON + 8 * DSP_DAY_MS);
    input.last = true;
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "T67");
    assert_int_equal(drafts[0].outcome, BASIS_DEFAULT);
    assert_true(has_clock(&drafts[0], OP_MEET, CLOCK_ENFORCE_HARD));
}

static void a_reply_in_time_stops_the_judgment_and_a_bots_does_not(void **state)
{
    (void)state;
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    filed(&c, drafts);
    struct intake_input input = act(TRIGGER_REPLY, ROLE_MERCHANT, "m1", NOON + 1);
    input.done = true; /* marked as a bot's */
    intake_decide(&c, &input, drafts);
    assert_false(has_clock(&drafts[0], OP_MEET, CLOCK_M_FIRST));
    assert_false(c.docket.m_replied);
    input.done = false;
    input.by_person = true;
    intake_decide(&c, &input, drafts);
    assert_true(has_clock(&drafts[0], OP_MEET, CLOCK_M_FIRST));
    input = breach(&c, CLOCK_M_POSITION, ROLE_MERCHANT, NOON + 2 * DSP_DAY_MS);
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "T21");
    assert_true(c.docket.adverse);
}

static void a_breach_of_a_met_clock_is_refused(void **state)
{
    (void)state;
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    filed(&c, drafts);
    struct intake_input late = breach(&c, CLOCK_M_FIRST, ROLE_MERCHANT, NOON + DSP_DAY_MS);
    struct intake_input reply = act(TRIGGER_REPLY, ROLE_MERCHANT, "m1", NOON + 1);
    reply.by_person = true;
    intake_decide(&c, &reply, drafts);
    intake_decide(&c, &late, drafts);
    assert_int_equal(drafts[0].refusal, REFUSAL_CLOCK_STOPPED);
    late.clock.generation = 7;
    intake_decide(&c, &late, drafts);
    assert_int_equal(drafts[0].refusal, REFUSAL_STALE);
    late.clock.cause = 99;
    intake_decide(&c, &late, drafts);
    assert_int_equal(drafts[0].refusal, REFUSAL_STALE);
}

static void feedback_of_both_archives_and_a_second_answer_is_refused(void **state)
{
    (void)state;
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    filed(&c, drafts);
    c.docket.stage = STAGE_CLOSED;
    struct intake_input input = act(TRIGGER_ANSWER_FEEDBACK, ROLE_CONSUMER, "c1", NOON + 1);
    input.score = 6;
    intake_decide(&c, &input, drafts);
    assert_int_equal(drafts[0].refusal, REFUSAL_GUARD_FAILED);
    input.score = 5;
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "E24");
    intake_decide(&c, &input, drafts);
    assert_int_equal(drafts[0].refusal, REFUSAL_LIMIT_REACHED);
    input.role = ROLE_MERCHANT;
    input.actor_id = dsp_str_from("m1");
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "T70");
    assert_int_equal(c.docket.stage, STAGE_ARCHIVED);
}

/* Every stage × trigger × source × role: a cell that no row names refuses, one that a row names never answers
 * NOT_IN_THIS_STAGE, and whatever happens moves the sequence by exactly the number of entries. */
static void every_cell_answers_as_the_table_says(void **state)
{
    (void)state;
    struct intake_case fresh;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    filed(&fresh, drafts);
    for (int stage = STAGE_FILED; stage < STAGE_COUNT; stage++) {
        for (int trigger = 1; trigger < TRIGGER_COUNT; trigger++) {
            for (int source = 0; source < SOURCE_COUNT; source++) {
                bool cell = false;
                for (size_t i = 0; i < INTAKE_MACHINE_ROWS; i++) {
                    const struct intake_row *row = &INTAKE_MACHINE[i];
                    cell = cell || ((row->stages & (1u << stage)) && row->trigger == (enum intake_trigger)trigger &&
                                    (row->sources & (1u << source)) && !row->clock);
                }
                struct intake_case c = fresh;
                struct intake_input input = finding((enum intake_trigger)trigger, (enum intake_source)source, NOON);
                c.docket.stage = stage;
                input.answers = 1; /* an act that waits, for findings that only answer one */
                c.waits[0] = (struct intake_wait){.sequence = 1};
                c.wait_count = 1;
                int64_t before = c.docket.seq;
                size_t count = intake_decide(&c, &input, drafts);
                assert_int_equal(c.docket.seq, before + (int64_t)count);
                if (!intake_is_breach(&input)) {
                    assert_int_equal(cell, drafts[0].refusal != REFUSAL_NOT_IN_THIS_STAGE);
                }
                if (drafts[0].refusal) {
                    assert_int_equal(c.docket.stage, stage); /* a refusal has no effect */
                    assert_int_equal(drafts[0].clock_count, 0);
                }
            }
        }
    }
}

/* L2 over what is built: each stage that is entered by a row has an exit. V3: nothing runs on in CLOSED but
 * what may. */
static void closing_a_case_ends_its_clocks(void **state)
{
    (void)state;
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    filed(&c, drafts);
    struct intake_input input = act(TRIGGER_WITHDRAW, ROLE_CONSUMER, "c1", NOON + 1);
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "T22");
    for (size_t i = 0; i < c.clock_count; i++) {
        bool may = c.clocks[i].kind == CLOCK_FEEDBACK || c.clocks[i].kind == CLOCK_REFILE ||
                   c.clocks[i].kind == CLOCK_ACK;
        assert_true(may || c.clocks[i].state == MIRROR_ENDED);
    }
    assert_true(has_clock(&drafts[0], OP_START, CLOCK_REFILE)); /* early: not counted against the merchant */
    assert_true(has_clock(&drafts[0], OP_CANCEL, CLOCK_M_FIRST));
}

static void an_early_withdrawal_is_archived_once_both_clocks_have_ended(void **state)
{
    (void)state;
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    filed(&c, drafts);
    struct intake_input input = act(TRIGGER_WITHDRAW, ROLE_CONSUMER, "c1", NOON + 1);
    intake_decide(&c, &input, drafts);
    struct intake_case other = c;
    input = breach(&c, CLOCK_FEEDBACK, ROLE_SYSTEM, NOON + 7 * DSP_DAY_MS);
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "E27");
    input = breach(&c, CLOCK_REFILE, ROLE_CONSUMER, NOON + 7 * DSP_DAY_MS);
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "T70");
    assert_int_equal(c.docket.stage, STAGE_ARCHIVED);
    input = breach(&other, CLOCK_REFILE, ROLE_CONSUMER, NOON + 7 * DSP_DAY_MS);
    intake_decide(&other, &input, drafts);
    assert_string_equal(drafts[0].row->id, "E27");
    input = breach(&other, CLOCK_FEEDBACK, ROLE_SYSTEM, NOON + 7 * DSP_DAY_MS);
    intake_decide(&other, &input, drafts);
    assert_string_equal(drafts[0].row->id, "T70");
}

static void enforcement_ends_in_the_open_unless_a_payout_is_out(void **state)
{
    (void)state;
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    filed(&c, drafts);
    struct intake_input input = act(TRIGGER_ACCEPT_CLAIM, ROLE_MERCHANT, "m1", NOON + 1);
    input.remedy = REMEDY_REFUND;
    input.amount_minor = 36800;
    intake_decide(&c, &input, drafts);
    struct intake_case paying = c;
    input = breach(&c, CLOCK_ENFORCE_HARD, ROLE_SYSTEM, NOON + 30 * DSP_DAY_MS);
    intake_decide(&c, &input, drafts);
    assert_string_equal(drafts[0].row->id, "T75");
    assert_int_equal(drafts[0].outcome, OUTCOME_UNSATISFIED);
    paying.docket.payouts_sent = 1;
    input = breach(&paying, CLOCK_ENFORCE_HARD, ROLE_SYSTEM, NOON + 30 * DSP_DAY_MS);
    intake_decide(&paying, &input, drafts);
    assert_string_equal(drafts[0].row->id, "E30");
    assert_true(has_clock(&drafts[0], OP_START, CLOCK_ENFORCE_HARD));
}

static const struct intake_allowed *allowed_to(const struct intake_case *c, int32_t role, const char *who,
                                               const char *action)
{
    static struct intake_allowed list[24];
    const struct intake_input input = {.role = role, .actor_id = dsp_str_from(who), .time_ms = NOON};
    size_t count = intake_allowed_actions(c, &input, list, 24);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].action, action) == 0) {
            return &list[i];
        }
    }
    return NULL;
}

static void allowed_actions_name_what_somebody_may_do_and_until_when(void **state)
{
    (void)state;
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    struct intake_allowed list[24];
    filed(&c, drafts);
    intake_clock_live(&c, CLOCK_M_FIRST, ROLE_MERCHANT)->due_ms = NOON + 5;
    intake_clock_live(&c, CLOCK_M_POSITION, ROLE_MERCHANT)->due_ms = NOON + 9;
    assert_int_equal(allowed_to(&c, ROLE_MERCHANT, "m1", "Reply")->due_ms, NOON + 5);
    assert_int_equal(allowed_to(&c, ROLE_MERCHANT, "m1", "AcceptClaim")->due_ms, NOON + 9);
    assert_int_equal(allowed_to(&c, ROLE_MERCHANT, "m1", "MakeOffer")->due_ms, 0);
    assert_null(allowed_to(&c, ROLE_MERCHANT, "m1", "Withdraw"));
    assert_null(allowed_to(&c, ROLE_MERCHANT, "m1", "AcceptOffer"));     /* there is none */
    assert_null(allowed_to(&c, ROLE_MERCHANT, "m1", "RequestPlatform")); /* before its first reply */
    assert_int_equal(allowed_to(&c, ROLE_CONSUMER, "c1", "Withdraw")->due_ms, 0);
    const struct intake_input observer = {.role = ROLE_OBSERVER, .actor_id = DSP_STR_LITERAL("o1")};
    assert_int_equal(intake_allowed_actions(&c, &observer, list, 24), 0);
    const struct intake_input stranger = {.role = ROLE_MERCHANT, .actor_id = DSP_STR_LITERAL("m2")};
    assert_int_equal(intake_allowed_actions(&c, &stranger, list, 24), 0);
}

static void once_closed_feedback_is_left_until_its_clock_ends(void **state)
{
    (void)state;
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    filed(&c, drafts);
    struct intake_input input = act(TRIGGER_WITHDRAW, ROLE_CONSUMER, "c1", NOON + 1);
    intake_decide(&c, &input, drafts);
    intake_clock_live(&c, CLOCK_FEEDBACK, ROLE_SYSTEM)->due_ms = NOON + 7;
    assert_int_equal(allowed_to(&c, ROLE_MERCHANT, "m1", "AnswerFeedback")->due_ms, NOON + 7);
    assert_null(allowed_to(&c, ROLE_MERCHANT, "m1", "AcceptClaim"));
    input = act(TRIGGER_ANSWER_FEEDBACK, ROLE_MERCHANT, "m1", NOON + 2);
    input.score = 5;
    intake_decide(&c, &input, drafts);
    assert_null(allowed_to(&c, ROLE_MERCHANT, "m1", "AnswerFeedback"));
    assert_non_null(allowed_to(&c, ROLE_CONSUMER, "c1", "AnswerFeedback"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_filing_is_triaged_and_admitted_in_one_go),
        cmocka_unit_test(clauses_of_both_sides_leave_the_filing_to_an_agent),
        cmocka_unit_test(a_strangers_order_and_a_closed_window_are_named),
        cmocka_unit_test(only_the_remedy_asked_is_accepted),
        cmocka_unit_test(refusals_come_in_the_published_order),
        cmocka_unit_test(a_silent_merchant_is_judged_and_the_fund_is_next),
        cmocka_unit_test(a_reply_in_time_stops_the_judgment_and_a_bots_does_not),
        cmocka_unit_test(a_breach_of_a_met_clock_is_refused),
        cmocka_unit_test(feedback_of_both_archives_and_a_second_answer_is_refused),
        cmocka_unit_test(every_cell_answers_as_the_table_says),
        cmocka_unit_test(closing_a_case_ends_its_clocks),
        cmocka_unit_test(an_early_withdrawal_is_archived_once_both_clocks_have_ended),
        cmocka_unit_test(enforcement_ends_in_the_open_unless_a_payout_is_out),
        cmocka_unit_test(allowed_actions_name_what_somebody_may_do_and_until_when),
        cmocka_unit_test(once_closed_feedback_is_left_until_its_clock_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
