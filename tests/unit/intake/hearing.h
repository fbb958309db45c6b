/* A case at a hearing, as tests of the domain bring it about: acts, findings and breaches in, rows of the machine or
 * codes of refusals out. Include it in one file of a program. */
#ifndef INTAKE_TEST_HEARING_H
#define INTAKE_TEST_HEARING_H

#include "unit/intake/world.h"

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

#endif
