/* The hearing: offers, rounds, rules, drafts, appeals, referrals, and the acts that wait for a finding. */
#include "intake/domain.h"

#include <string.h>

#include "common/base/clock.h"
#include "support/cmocka_all.h"
#include "unit/intake/allowed.h"

#define NOON INT64_C(1776045600000) /* an instant; only differences matter */
#define HOUR DSP_HOUR_MS

static const struct intake_docket CLAIM = {
    .consumer_id = {"c1", 2},
    .merchant_id = {"m1", 2},
    .order_line = 1,
    .reason = REASON_QUALITY,
    .remedy = REMEDY_REFUND,
    .amount_minor = 89900,
    .paid_minor = 89900,
    .received_ms = NOON - DSP_DAY_MS,
    .file_complete = true,
};

/* A case under test: what was decided last, and when. */
struct world {
    struct intake_case c;
    struct intake_draft drafts[INTAKE_DRAFTS_MAX];
    size_t count;
    int64_t now_ms;
};

static const char *decide(struct world *w, struct intake_input *input)
{
    if (w->c.docket.stage != STAGE_NEW && w->c.wait_count < INTAKE_WAITS_MAX) {
        check_allowed(&w->c, w->now_ms, ROLE_CONSUMER, "c1");
        check_allowed(&w->c, w->now_ms, ROLE_MERCHANT, "m1");
        check_allowed(&w->c, w->now_ms, ROLE_AGENT, "a1");
        check_allowed(&w->c, w->now_ms, ROLE_REVIEWER, "r1");
    }
    input->time_ms = w->now_ms;
    input->currency_cny = true;
    w->count = intake_decide(&w->c, input, w->drafts);
    return w->drafts[0].refusal ? INTAKE_REFUSALS[w->drafts[0].refusal].code : w->drafts[0].row->id;
}

static struct intake_input of_party(enum intake_trigger trigger, int32_t role)
{
    return (struct intake_input){.trigger = trigger,
                                 .source = SOURCE_GW,
                                 .role = role,
                                 .actor_id = dsp_str_from(role == ROLE_CONSUMER ? "c1" : "m1")};
}

static struct intake_input of_staff(enum intake_trigger trigger, int32_t role, const char *who)
{
    return (struct intake_input){
        .trigger = trigger, .source = SOURCE_CON, .role = role, .actor_id = dsp_str_from(who), .reasoned = true};
}

static struct intake_input of_service(enum intake_trigger trigger, enum intake_source source, int64_t answers)
{
    return (struct intake_input){.trigger = trigger, .source = source, .role = ROLE_SYSTEM, .answers = answers};
}

static const char *party(struct world *w, enum intake_trigger trigger, int32_t role)
{
    struct intake_input input = of_party(trigger, role);
    return decide(w, &input);
}

static const char *staff(struct world *w, enum intake_trigger trigger, int32_t role, const char *who)
{
    struct intake_input input = of_staff(trigger, role, who);
    return decide(w, &input);
}

static const char *breach(struct world *w, int32_t kind, int32_t side)
{
    struct intake_input input = of_service(TRIGGER_CLOCK_BREACHED, SOURCE_SLA, 0);
    struct intake_clock *clock = intake_clock_live(&w->c, kind, side);
    assert_non_null(clock);
    clock->due_ms = w->now_ms - 1;
    clock->generation = 1;
    input.clock = *clock;
    return decide(w, &input);
}

static const char *ruled(struct world *w, enum intake_trigger trigger, int64_t answers, int64_t amount_minor)
{
    struct intake_input input = of_service(trigger, SOURCE_INV, answers);
    input.has_ruling = true;
    input.ruling = (struct intake_ruling){.id = {"D1", 2},
                                          .liability = amount_minor ? LIABILITY_MERCHANT : LIABILITY_NONE,
                                          .merchant_percent = amount_minor ? 70 : 0,
                                          .remedy = amount_minor ? REMEDY_REFUND : REMEDY_NONE,
                                          .amount_minor = amount_minor};
    input.people[0] = (struct intake_person){ROLE_AGENT, {"a11", 3}};
    input.people_count = 1;
    return decide(w, &input);
}

static const char *done(struct world *w, int32_t side, int64_t answers)
{
    struct intake_input input = of_service(TRIGGER_EVIDENCE_REGISTERED, SOURCE_INV, answers);
    input.side = side;
    input.done = true;
    return decide(w, &input);
}

static const char *sealed(struct world *w, int32_t result, bool last)
{
    struct intake_input input = of_service(TRIGGER_ROUND_SEALED, SOURCE_INV, w->c.docket.seq);
    input.rule_result = result;
    input.last = last;
    return decide(w, &input);
}

static const char *served(struct world *w, int64_t paper, int32_t side)
{
    struct intake_input input = of_service(TRIGGER_SERVICE_PROVED, SOURCE_NTF, paper);
    input.paper = paper;
    input.side = side;
    input.served_ms = w->now_ms;
    return decide(w, &input);
}

static const struct intake_clock_effect *clock_of(const struct intake_draft *draft, int32_t op, int32_t kind)
{
    for (size_t i = 0; i < draft->clock_count; i++) {
        if (draft->clocks[i].op == op && draft->clocks[i].kind == kind) {
            return &draft->clocks[i];
        }
    }
    return NULL;
}

#define assert_row(expected, got) assert_string_equal(got, expected)
#define assert_clock(w, op, kind) assert_non_null(clock_of(&(w)->drafts[0], op, kind))

static void file(struct world *w)
{
    struct intake_input input = of_party(TRIGGER_FILE_COMPLAINT, ROLE_CONSUMER);
    memset(w, 0, sizeof *w);
    w->now_ms = NOON;
    input.filing = &CLAIM;
    assert_row("T01", decide(w, &input));
    assert_int_equal(w->c.docket.stage, STAGE_NEGOTIATION);
}

static void assign(struct world *w, const char *who, int32_t role)
{
    struct intake_input input = of_service(TRIGGER_AGENT_ASSIGNED, SOURCE_INV, w->c.docket.seq);
    input.people[0] = (struct intake_person){role, dsp_str_from(who)};
    input.people_count = 1;
    assert_row("E33", decide(w, &input));
}

/* Contested, one round answered by C, closed by the agent: the case is in INVESTIGATION. */
static void investigate(struct world *w)
{
    struct intake_input contest = of_party(TRIGGER_CONTEST_CLAIM, ROLE_MERCHANT);
    contest.items = 1;
    file(w);
    assert_row("T18", decide(w, &contest));
    int64_t contested = w->c.docket.seq;
    struct intake_input taken = of_service(TRIGGER_EVIDENCE_REGISTERED, SOURCE_INV, contested);
    assert_row("E32", decide(w, &taken));
    assign(w, "a11", ROLE_AGENT);
    struct intake_input evidence = of_party(TRIGGER_ADD_EVIDENCE, ROLE_CONSUMER);
    evidence.done = true;
    assert_row("E03", decide(w, &evidence));
    assert_row("E32", done(w, ROLE_CONSUMER, w->c.docket.seq));
    assert_clock(w, OP_MEET, CLOCK_ROUND);
    assert_row("E32", sealed(w, RULE_NONE, false));
    assert_clock(w, OP_START, CLOCK_NEXT_ROUND);
    assert_row("T25", staff(w, TRIGGER_CLOSE_ROUNDS, ROLE_AGENT, "a11"));
    assert_clock(w, OP_MEET, CLOCK_NEXT_ROUND);
    assert_clock(w, OP_START, CLOCK_INVEST_HARD);
}

static void propose(struct world *w, int64_t amount_minor)
{
    struct intake_input input = of_staff(TRIGGER_PROPOSE_DECISION, ROLE_AGENT, "a11");
    assert_row("E13", decide(w, &input));
    assert_row("T33", ruled(w, TRIGGER_DECISION_PROPOSED, w->c.docket.seq, amount_minor));
    assert_clock(w, OP_MEET, CLOCK_INVEST);
}

static void decided(struct world *w, int64_t amount_minor)
{
    investigate(w);
    propose(w, amount_minor);
    int64_t draft = w->c.docket.seq;
    served(w, draft, ROLE_CONSUMER);
    assert_clock(w, OP_START, CLOCK_COMMENT);
    served(w, draft, ROLE_MERCHANT);
    assert_row("T37", party(w, TRIGGER_COMMENT, ROLE_CONSUMER));
    assert_row("T37", party(w, TRIGGER_COMMENT, ROLE_MERCHANT));
    assert_clock(w, OP_START, CLOCK_FINALISE);
    assert_row("E14", staff(w, TRIGGER_FINALISE, ROLE_REVIEWER, "r02"));
    assert_row("T39", ruled(w, TRIGGER_DECISION_FINAL, w->c.docket.seq, amount_minor));
    assert_clock(w, OP_MEET, CLOCK_FINALISE);
    int64_t decision = w->c.docket.seq;
    served(w, decision, ROLE_CONSUMER);
    served(w, decision, ROLE_MERCHANT);
}

static struct intake_input opened(struct world *w)
{
    struct intake_input input = of_service(TRIGGER_OFFER_OPENED, SOURCE_SLA, w->c.docket.seq);
    input.offer_due_ms = w->now_ms + 48 * HOUR;
    return input;
}

static const char *offer(struct world *w, enum intake_trigger trigger, int32_t role)
{
    struct intake_input input = of_party(trigger, role);
    input.offer_id = dsp_str_from("F1");
    return decide(w, &input);
}

/* --- offers --- */

static void an_offer_countered_and_accepted_settles_the_case(void **state)
{
    (void)state;
    struct world w;
    file(&w);
    assert_row("E04", offer(&w, TRIGGER_MAKE_OFFER, ROLE_MERCHANT));
    assert_clock(&w, OP_MEET, CLOCK_M_FIRST);
    struct intake_input input = opened(&w);
    assert_row("E31", decide(&w, &input));
    assert_int_equal(w.drafts[0].clocks[0].side, ROLE_CONSUMER);
    assert_int_equal(w.drafts[0].clocks[0].budget_ms, 48 * HOUR);
    assert_row("NOT_YOUR_ROLE", offer(&w, TRIGGER_ACCEPT_OFFER, ROLE_MERCHANT)); /* its own offer */
    assert_row("E04", offer(&w, TRIGGER_COUNTER_OFFER, ROLE_CONSUMER));
    input = opened(&w);
    input.trigger = TRIGGER_OFFER_COUNTERED;
    assert_row("E31", decide(&w, &input));
    assert_clock(&w, OP_MEET, CLOCK_OFFER);
    assert_int_equal(intake_clock_live(&w.c, CLOCK_OFFER, 0)->side, ROLE_MERCHANT);
    assert_row("E05", offer(&w, TRIGGER_ACCEPT_OFFER, ROLE_MERCHANT));
    input = of_service(TRIGGER_OFFER_ACCEPTED, SOURCE_SLA, w.c.docket.seq);
    input.has_ruling = true;
    input.ruling = (struct intake_ruling){
        .liability = LIABILITY_MERCHANT, .remedy = REMEDY_REFUND, .amount_minor = 18000};
    input.perform_ms = 36 * HOUR;
    assert_row("T17", decide(&w, &input));
    assert_int_equal(w.c.docket.stage, STAGE_SETTLED);
    assert_int_equal(w.drafts[0].basis, BASIS_AGREEMENT);
    assert_int_equal(clock_of(&w.drafts[0], OP_START, CLOCK_PERFORM)->budget_ms, 36 * HOUR);
    assert_clock(&w, OP_CANCEL, CLOCK_M_POSITION);
    assert_row("STALE", decide(&w, &input)); /* the act has had its answer */
    input = of_service(TRIGGER_DUTY_DISCHARGED, SOURCE_FND, w.c.docket.seq);
    input.last = true;
    assert_row("T62", decide(&w, &input));
    assert_int_equal(w.drafts[0].outcome, OUTCOME_SETTLED);
}

static void an_acceptance_in_time_holds_the_expiry_back_for_a_day(void **state)
{
    (void)state;
    struct world w;
    file(&w);
    offer(&w, TRIGGER_MAKE_OFFER, ROLE_MERCHANT);
    struct intake_input input = opened(&w);
    decide(&w, &input);
    struct intake_clock *clock = intake_clock_live(&w.c, CLOCK_OFFER, 0);
    clock->due_ms = w.now_ms + 1;
    clock->generation = 1;
    assert_row("E05", offer(&w, TRIGGER_ACCEPT_OFFER, ROLE_CONSUMER));
    input = of_service(TRIGGER_OFFER_EXPIRED, SOURCE_SLA, 0);
    input.clock = *clock;
    w.now_ms += 2;
    assert_row("CLOCK_STOPPED", decide(&w, &input));
    w.now_ms += 24 * HOUR;
    assert_row("E31", decide(&w, &input));
    assert_null(intake_clock_live(&w.c, CLOCK_OFFER, 0));
}

static void the_sixth_offer_of_a_side_is_one_too_many(void **state)
{
    (void)state;
    struct world w;
    file(&w);
    for (int i = 0; i < INTAKE_OFFERS_MAX; i++) {
        assert_row("E04", offer(&w, TRIGGER_MAKE_OFFER, ROLE_CONSUMER));
    }
    assert_row("LIMIT_REACHED", offer(&w, TRIGGER_MAKE_OFFER, ROLE_CONSUMER));
    assert_row("E04", offer(&w, TRIGGER_MAKE_OFFER, ROLE_MERCHANT));
}

/* --- rounds, rules, people --- */

static void the_platform_is_called_only_after_a_refusal_or_silence(void **state)
{
    (void)state;
    struct world w;
    file(&w);
    assert_row("GUARD_FAILED", party(&w, TRIGGER_REQUEST_PLATFORM, ROLE_CONSUMER));
    struct intake_input reply = of_party(TRIGGER_REPLY, ROLE_MERCHANT);
    reply.by_person = reply.refuses = true;
    assert_row("E01", decide(&w, &reply));
    assert_row("T19", party(&w, TRIGGER_REQUEST_PLATFORM, ROLE_CONSUMER));
    assert_non_null(intake_clock_live(&w.c, CLOCK_ROUND, ROLE_CONSUMER));
    assert_non_null(intake_clock_live(&w.c, CLOCK_ROUND, ROLE_MERCHANT));
}

static void a_missed_round_is_sealed_and_a_rule_decides(void **state)
{
    (void)state;
    struct world w;
    the_platform_is_called_only_after_a_refusal_or_silence(state);
    file(&w);
    w.c.docket.m_refused = true;
    party(&w, TRIGGER_REQUEST_PLATFORM, ROLE_CONSUMER);
    assign(&w, "a07", ROLE_AGENT);
    assert_row("NOT_ASSIGNED", staff(&w, TRIGGER_CLOSE_ROUNDS, ROLE_AGENT, "a05"));
    assert_row("GUARD_FAILED", staff(&w, TRIGGER_CLOSE_ROUNDS, ROLE_AGENT, "a07")); /* no seal yet */
    party(&w, TRIGGER_ADD_EVIDENCE, ROLE_CONSUMER);
    done(&w, ROLE_CONSUMER, w.c.docket.seq);
    assert_row("E27", breach(&w, CLOCK_ROUND, ROLE_MERCHANT));
    assert_clock(&w, OP_START, CLOCK_NEXT_ROUND);
    assert_row("E32", sealed(&w, RULE_FOUND, false));
    assert_row("GUARD_FAILED", staff(&w, TRIGGER_CLOSE_ROUNDS, ROLE_AGENT, "a07")); /* a rule was found */
    struct world above = w;
    assert_row("GUARD_FAILED", ruled(&above, TRIGGER_RULE_FOUND, 0, 89900)); /* above rule_cosign, not signed */
    assert_row("E15", staff(&above, TRIGGER_CO_SIGN, ROLE_AGENT, "a07"));
    assert_row("T24", ruled(&above, TRIGGER_RULE_FOUND, 0, 89900));
    assert_row("T24", ruled(&w, TRIGGER_RULE_FOUND, 0, 26800));
    assert_int_equal(w.drafts[0].basis, BASIS_RULE);
    assert_int_equal(w.drafts[0].duties[0].amount_minor, 26800);
    assert_false(w.drafts[0].duties[0].due);
}

static void rounds_end_with_the_third_unless_a_reviewer_signs_a_fourth(void **state)
{
    (void)state;
    struct world w;
    file(&w);
    w.c.docket.m_refused = true;
    party(&w, TRIGGER_REQUEST_PLATFORM, ROLE_CONSUMER);
    assign(&w, "a07", ROLE_AGENT);
    struct intake_input next = of_staff(TRIGGER_NEXT_ROUND, ROLE_AGENT, "a07");
    next.asked = 1u << ROLE_CONSUMER;
    assert_row("GUARD_FAILED", decide(&w, &next)); /* the first is not sealed */
    for (int round = 2; round <= INTAKE_ROUNDS_MAX; round++) {
        sealed(&w, RULE_COSIGN, false);
        assert_row("T23", decide(&w, &next));
    }
    sealed(&w, RULE_COSIGN, true);
    assert_row("LIMIT_REACHED", decide(&w, &next));
    struct intake_input sign = of_staff(TRIGGER_CO_SIGN, ROLE_REVIEWER, "r01");
    sign.about_round = true;
    assert_row("E15", decide(&w, &sign));
    assert_row("T23", decide(&w, &next));
    assert_row("T26", sealed(&w, RULE_NONE, true));
}

static void whoever_has_acted_may_not_be_assigned(void **state)
{
    (void)state;
    struct world w;
    file(&w);
    struct intake_input input = of_staff(TRIGGER_ASSIGN, ROLE_REVIEWER, "r01");
    input.named = dsp_str_from("a07");
    assert_row("E12", decide(&w, &input));
    input.named = dsp_str_from("r01");
    assert_row("CONFLICT_OF_INTEREST", decide(&w, &input));
    assert_row("CONFLICT_OF_INTEREST", staff(&w, TRIGGER_TAKE_OVER, ROLE_REVIEWER, "r01"));
}

/* --- drafts, decisions, appeals --- */

static void two_people_make_a_decision(void **state)
{
    (void)state;
    struct world w;
    investigate(&w);
    propose(&w, 62930);
    assert_row("NOT_YOUR_ROLE", staff(&w, TRIGGER_FINALISE, ROLE_AGENT, "a11"));
    assert_row("CONFLICT_OF_INTEREST", staff(&w, TRIGGER_FINALISE, ROLE_REVIEWER, "a11"));
    assert_row("WINDOW_NOT_OPEN", staff(&w, TRIGGER_FINALISE, ROLE_REVIEWER, "r02"));
    served(&w, w.c.docket.draft_seq, ROLE_MERCHANT);
    assert_row("T37", party(&w, TRIGGER_COMMENT, ROLE_CONSUMER));
    assert_row("LIMIT_REACHED", party(&w, TRIGGER_COMMENT, ROLE_CONSUMER));
    assert_row("E27", breach(&w, CLOCK_COMMENT, ROLE_MERCHANT));
    assert_clock(&w, OP_START, CLOCK_FINALISE);
    assert_row("DEADLINE_PASSED", party(&w, TRIGGER_COMMENT, ROLE_MERCHANT));
    assert_row("E14", staff(&w, TRIGGER_FINALISE, ROLE_REVIEWER, "r02"));
    assert_row("CLOCK_STOPPED", breach(&w, CLOCK_FINALISE, ROLE_REVIEWER)); /* the final is being made */
    assert_row("T39", ruled(&w, TRIGGER_DECISION_FINAL, w.c.docket.seq - 1, 71920));
    assert_int_equal(w.drafts[0].ruling.amount_minor, 71920);
}

static void a_silent_reviewer_lets_the_draft_stand(void **state)
{
    (void)state;
    struct world w;
    investigate(&w);
    propose(&w, 62930);
    party(&w, TRIGGER_COMMENT, ROLE_CONSUMER);
    party(&w, TRIGGER_COMMENT, ROLE_MERCHANT);
    struct world high = w;
    assert_row("T40", breach(&w, CLOCK_FINALISE, ROLE_REVIEWER));
    assert_int_equal(w.drafts[0].ruling.amount_minor, 62930);
    assert_int_equal(w.c.docket.platform_breaches, 1);
    high.c.docket.draft.amount_minor = 600000;
    assert_row("E28", breach(&high, CLOCK_FINALISE, ROLE_REVIEWER));
    assert_row("T40", breach(&high, CLOCK_FINALISE, ROLE_REVIEWER));
}

static void the_engine_drafts_when_nobody_does(void **state)
{
    (void)state;
    struct world w;
    investigate(&w);
    assert_row("E27", breach(&w, CLOCK_INVEST_HARD, ROLE_AGENT));
    struct intake_input input = of_service(TRIGGER_DECISION_PROPOSED, SOURCE_INV, w.c.docket.seq);
    input.engine = input.has_ruling = true;
    input.ruling = (struct intake_ruling){
        .liability = LIABILITY_MERCHANT, .remedy = REMEDY_REFUND, .amount_minor = 89900};
    assert_row("T35", decide(&w, &input));
    assert_int_equal(w.c.docket.platform_breaches, 1);
}

static void an_appeal_stays_the_other_window_and_ends_in_a_new_ruling(void **state)
{
    (void)state;
    struct world w;
    decided(&w, 46000);
    struct intake_input input = of_party(TRIGGER_APPEAL, ROLE_MERCHANT);
    assert_row("GUARD_FAILED", decide(&w, &input)); /* no ground */
    input.reasoned = true;
    assert_row("T44", decide(&w, &input));
    assert_clock(&w, OP_MEET, CLOCK_APPEAL);
    assert_clock(&w, OP_PAUSE, CLOCK_APPEAL);
    input = of_staff(TRIGGER_DECIDE_APPEAL, ROLE_PANEL, "p01");
    input.votes_for = 1;
    assert_row("NOT_ASSIGNED", decide(&w, &input)); /* no panel yet */
    assign(&w, "p01", ROLE_PANEL);
    assert_row("E16", decide(&w, &input));
    assert_row("T51", ruled(&w, TRIGGER_APPEAL_DECIDED, w.c.docket.seq, 0));
    assert_clock(&w, OP_CANCEL, CLOCK_APPEAL);
    assert_int_equal(w.drafts[0].duty_count, 0);
    int64_t decision = w.c.docket.seq;
    served(&w, decision, ROLE_MERCHANT);
    served(&w, decision, ROLE_CONSUMER);
    input = of_party(TRIGGER_APPEAL, ROLE_CONSUMER);
    input.reasoned = true;
    assert_row("LIMIT_REACHED", decide(&w, &input)); /* the windows are for arbitration only */
    assert_row("E27", breach(&w, CLOCK_APPEAL, ROLE_MERCHANT));
    assert_row("T50", breach(&w, CLOCK_APPEAL, ROLE_CONSUMER));
    assert_int_equal(w.drafts[0].outcome, OUTCOME_DISMISSED);
}

static void a_withdrawn_appeal_shuts_what_is_shut(void **state)
{
    (void)state;
    struct world w;
    decided(&w, 46000);
    party(&w, TRIGGER_WAIVE_APPEAL, ROLE_CONSUMER);
    struct intake_input input = of_party(TRIGGER_APPEAL, ROLE_MERCHANT);
    input.reasoned = true;
    assert_row("T44", decide(&w, &input));
    assert_row("NOT_YOUR_ROLE", party(&w, TRIGGER_WITHDRAW_APPEAL, ROLE_CONSUMER));
    assert_row("T53", party(&w, TRIGGER_WITHDRAW_APPEAL, ROLE_MERCHANT));
    assert_int_equal(w.count, 2); /* the binding follows in the same transaction */
    assert_string_equal(w.drafts[1].row->id, "T49");
    assert_int_equal(w.c.docket.stage, STAGE_ENFORCING);
}

static void payment_before_the_windows_end_waives_only_the_payers(void **state)
{
    (void)state;
    struct world w;
    decided(&w, 26800);
    struct intake_input input = of_party(TRIGGER_DUTY_PERFORMED, ROLE_MERCHANT);
    input.proof = true;
    input.amount_minor = 26800;
    assert_row("T48", decide(&w, &input));
    assert_clock(&w, OP_MEET, CLOCK_APPEAL);
    input = of_service(TRIGGER_DUTY_VERIFIED, SOURCE_FND, w.c.docket.seq);
    assert_row("E34", decide(&w, &input));
    input = of_service(TRIGGER_DUTY_DISCHARGED, SOURCE_FND, w.c.docket.seq);
    input.last = true;
    assert_row("E34", decide(&w, &input));
    assert_row("T49", party(&w, TRIGGER_WAIVE_APPEAL, ROLE_CONSUMER));
    assert_int_equal(w.count, 2);
    assert_string_equal(w.drafts[1].row->id, "T67");
    assert_null(clock_of(&w.drafts[0], OP_START, CLOCK_PERFORM));
}

/* --- arbitration --- */

static void a_referral_needs_the_consent_of_both_and_stops_the_clocks(void **state)
{
    (void)state;
    struct world w;
    investigate(&w);
    assert_row("CONSENT_MISSING", staff(&w, TRIGGER_ESCALATE, ROLE_AGENT, "a11"));
    for (int32_t role = ROLE_CONSUMER; role <= ROLE_MERCHANT; role++) {
        struct intake_input consent = of_party(TRIGGER_CONSENT, role);
        consent.clause = dsp_str_from("A-7");
        assert_row("E07", decide(&w, &consent));
    }
    assert_row("WINDOW_NOT_OPEN", party(&w, TRIGGER_ESCALATE, ROLE_CONSUMER)); /* the platform is not late */
    assert_row("T34", staff(&w, TRIGGER_ESCALATE, ROLE_AGENT, "a11"));
    assert_clock(&w, OP_PAUSE, CLOCK_INVEST_HARD);
    assert_row("E30", breach(&w, CLOCK_ARB_ACK, ROLE_INSTITUTION));
    assert_row("T59", breach(&w, CLOCK_ARB_ACK, ROLE_INSTITUTION));
    assert_int_equal(w.c.docket.stage, STAGE_INVESTIGATION);
    assert_clock(&w, OP_RESUME, CLOCK_INVEST_HARD);
    assert_row("LIMIT_REACHED", staff(&w, TRIGGER_ESCALATE, ROLE_AGENT, "a11"));
}

static void a_declined_election_revives_the_decision(void **state)
{
    (void)state;
    struct world w;
    decided(&w, 46000);
    w.c.docket.consumer_clause = w.c.docket.merchant_clause = dsp_str_from("A-7");
    assert_row("T46", party(&w, TRIGGER_ELECT_ARBITRATION, ROLE_CONSUMER));
    struct intake_input input = of_service(TRIGGER_REFERRAL_DECLINED, SOURCE_ARB, w.c.docket.seq);
    input.role = ROLE_INSTITUTION;
    assert_row("T60", decide(&w, &input));
    assert_int_equal(w.c.docket.stage, STAGE_DECIDED);
    assert_clock(&w, OP_RESUME, CLOCK_APPEAL);
    assert_row("LIMIT_REACHED", party(&w, TRIGGER_ELECT_ARBITRATION, ROLE_CONSUMER));
}

/* --- over the whole table --- */

/* L3: everybody silent, every clock breached as it comes due: the case drains to the archive. */
static void a_case_that_everybody_leaves_alone_ends(void **state)
{
    (void)state;
    struct world w;
    investigate(&w);
    for (int step = 0; step < 60 && w.c.docket.stage != STAGE_ARCHIVED; step++) {
        struct intake_clock *next = NULL;
        w.now_ms += DSP_DAY_MS;
        for (size_t i = 0; i < w.c.clock_count; i++) {
            struct intake_clock *clock = &w.c.clocks[i];
            bool passive = clock->kind == CLOCK_ACK || clock->kind == CLOCK_RETAIN;
            next = !next && clock->state == MIRROR_LIVE && !passive ? clock : next;
        }
        if (!next) {
            struct intake_input paid = of_service(TRIGGER_DUTY_DISCHARGED, SOURCE_FND, w.c.docket.seq);
            paid.last = true;
            decide(&w, &paid);
            continue;
        }
        int32_t kind = next->kind;
        int64_t before = w.c.docket.seq;
        breach(&w, kind, next->side);
        assert_int_equal(w.drafts[0].refusal, REFUSAL_NONE);
        if (kind == CLOCK_INVEST_HARD) {
            struct intake_input engine = of_service(TRIGGER_DECISION_PROPOSED, SOURCE_INV, before + 1);
            engine.engine = engine.has_ruling = true;
            engine.ruling = (struct intake_ruling){
                .liability = LIABILITY_MERCHANT, .remedy = REMEDY_REFUND, .amount_minor = 89900};
            assert_row("T35", decide(&w, &engine));
        }
    }
    assert_int_equal(w.c.docket.stage, STAGE_ARCHIVED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offer_countered_and_accepted_settles_the_case),
        cmocka_unit_test(an_acceptance_in_time_holds_the_expiry_back_for_a_day),
        cmocka_unit_test(the_sixth_offer_of_a_side_is_one_too_many),
        cmocka_unit_test(the_platform_is_called_only_after_a_refusal_or_silence),
        cmocka_unit_test(a_missed_round_is_sealed_and_a_rule_decides),
        cmocka_unit_test(rounds_end_with_the_third_unless_a_reviewer_signs_a_fourth),
        cmocka_unit_test(whoever_has_acted_may_not_be_assigned),
        cmocka_unit_test(two_people_make_a_decision),
        cmocka_unit_test(a_silent_reviewer_lets_the_draft_stand),
        cmocka_unit_test(the_engine_drafts_when_nobody_does),
        cmocka_unit_test(an_appeal_stays_the_other_window_and_ends_in_a_new_ruling),
        cmocka_unit_test(a_withdrawn_appeal_shuts_what_is_shut),
        cmocka_unit_test(payment_before_the_windows_end_waives_only_the_payers),
        cmocka_unit_test(a_referral_needs_the_consent_of_both_and_stops_the_clocks),
        cmocka_unit_test(a_declined_election_revives_the_decision),
        cmocka_unit_test(a_case_that_everybody_leaves_alone_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
