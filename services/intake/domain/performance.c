/* Duties, their clocks, and goods that are to come back first: sent by C, inspected by M, checked by A when they are
 * not in order (docs/MACHINE.md, E10, E19, E29). Money waits until they are. */
#include "common/base/clock.h"
#include "intake/domain/rooms.h"

/* Inspection and payment together end seven days after dispatch where the law wants the refund within seven calendar
 * days of arrival (CP25-REFUND): never later than that, whatever the carrier takes. */
#define INSPECT_7D_MS (5 * DSP_DAY_MS)

/* --- duties --- */

/* A new ruling replaces what was owed before. */
void intake_add_duty(struct intake_case *c, struct intake_draft *draft, bool due)
{
    bool goods = c->docket.ruling_remedy == REMEDY_RETURN_AND_REFUND && c->docket.ruling_minor > 0;
    c->docket.duties_open = 0;
    c->docket.return_leg = goods ? RETURN_SHIP : RETURN_NONE;
    c->docket.perform_ms = 0;
    if (goods) {
        draft->duties[draft->duty_count++] = (struct intake_duty){
            .kind = DUTY_RETURN_GOODS, .side = ROLE_CONSUMER, .due = due};
        c->docket.duties_open++;
    }
    if (c->docket.ruling_minor > 0) {
        draft->duties[draft->duty_count++] = (struct intake_duty){
            .kind = DUTY_PAY, .side = ROLE_MERCHANT, .amount_minor = c->docket.ruling_minor, .due = due && !goods};
        c->docket.duties_open++;
    }
}

APPLY(duties_due)
{
    (void)input;
    intake_add_duty(c, draft, true);
}
EFFECT(EFFECT_DUTIES_DUE, "duties due; money waits for goods that are to come back", duties_due);

static bool goods_awaited(const struct intake_case *c)
{
    return c->docket.return_leg >= RETURN_SHIP && c->docket.return_leg < RETURN_OVER;
}

/* Money: the short budget of 48 h, or the agreement's own term. */
void intake_start_performance(struct intake_case *c, struct intake_draft *draft, int64_t from_ms)
{
    if (c->docket.return_leg == RETURN_SHIP) {
        intake_start_plain(c, draft, CLOCK_RETURN_SHIP, ROLE_CONSUMER, from_ms);
        return;
    }
    intake_start_clock(c, draft,
                       &(struct intake_clock_effect){.kind = CLOCK_PERFORM,
                                                     .side = ROLE_MERCHANT,
                                                     .from_ms = from_ms,
                                                     .short_budget = true,
                                                     .budget_ms = c->docket.perform_ms});
}

/* R8: where every duty is discharged already, no K_perform is started. K_enforce_hard stands in the return leg. */
APPLY(start_enforcement)
{
    if (!c->docket.duties_open) {
        return;
    }
    c->docket.perform_ms = 0; /* the term of an agreement that was not kept has run out */
    intake_start_performance(c, draft, intake_from(input));
    intake_start_plain(c, draft, CLOCK_ENFORCE_HARD, ROLE_SYSTEM, intake_from(input));
    if (goods_awaited(c)) {
        intake_pause(c, draft, CLOCK_ENFORCE_HARD, 0);
    }
}
EFFECT(EFFECT_START_ENFORCEMENT, "start K_perform, K_enforce_hard; goods to come back: K_return_ship first",
       start_enforcement);

APPLY(duty_met)
{
    bool goods = intake_wait_side(c, input->answers) == ROLE_CONSUMER;
    c->docket.performed = true;
    intake_end(c, draft, goods ? CLOCK_RETURN_SHIP : CLOCK_PERFORM, goods ? ROLE_CONSUMER : ROLE_MERCHANT, OP_MEET);
}
EFFECT(EFFECT_DUTY_MET, "verified proof meets K_perform or K_return_ship", duty_met);

APPLY(duty_rejected)
{
    if (intake_wait_side(c, input->answers) == ROLE_CONSUMER && c->docket.return_leg == RETURN_INSPECT) {
        c->docket.return_leg = RETURN_SHIP;
        intake_end(c, draft, CLOCK_RETURN_INSPECT, 0, OP_CANCEL);
    }
}
EFFECT(EFFECT_DUTY_REJECTED, "the duty is due again, K_return_inspect ends", duty_rejected);

/* --- goods --- */

PREDICATE(goods_out)
{
    (void)input;
    return c->docket.return_leg == RETURN_SHIP;
}
GUARD(GUARD_GOODS_OUT, "goods are to be sent back", REFUSAL_GUARD_FAILED, goods_out);

PREDICATE(waybill)
{
    (void)c;
    return input->waybill;
}
CONTENT_GUARD(GUARD_WAYBILL, "waybill attached", REFUSAL_GUARD_FAILED, waybill);

APPLY(goods_sent)
{
    c->docket.return_leg = RETURN_INSPECT;
    intake_start_clock(
        c, draft,
        &(struct intake_clock_effect){.kind = CLOCK_RETURN_INSPECT,
                                      .side = ROLE_MERCHANT,
                                      .from_ms = input->time_ms,
                                      .budget_ms = c->docket.reason == REASON_RETURN_7D ? INSPECT_7D_MS : 0});
}
EFFECT(EFFECT_GOODS_SENT, "start K_return_inspect", goods_sent);

PREDICATE(goods_were_sent)
{
    (void)input;
    return c->docket.return_leg >= RETURN_INSPECT;
}
GUARD(GUARD_GOODS_SENT, "goods were sent back", REFUSAL_WINDOW_NOT_OPEN, goods_were_sent);

PREDICATE(in_inspect)
{
    (void)input;
    return c->docket.return_leg <= RETURN_INSPECT;
}
GUARD(GUARD_IN_INSPECT, "inside K_return_inspect", REFUSAL_DEADLINE_PASSED, in_inspect);

/* Values of disputes.gateway.v1.ReturnCondition. */
PREDICATE(condition_shown)
{
    (void)c;
    return input->condition == CONDITION_IN_ORDER || (input->condition > CONDITION_IN_ORDER && input->proof);
}
CONTENT_GUARD(GUARD_CONDITION, "condition said, proof attached when not in order", REFUSAL_GUARD_FAILED,
              condition_shown);

/* The goods are done with: money is due, and enforcement is counted again. */
static void end_leg(struct intake_case *c, struct intake_draft *draft, int64_t from_ms, bool pays)
{
    c->docket.return_leg = RETURN_OVER;
    if (pays) {
        intake_start_performance(c, draft, from_ms);
    }
    (void)intake_resume(c, draft, CLOCK_ENFORCE_HARD, 0);
}

APPLY(inspected)
{
    intake_end(c, draft, CLOCK_RETURN_INSPECT, 0, OP_MEET);
    if (input->condition == CONDITION_IN_ORDER) {
        end_leg(c, draft, input->time_ms, true);
        return;
    }
    c->docket.return_leg = RETURN_CHECK;
    intake_start_plain(c, draft, CLOCK_RETURN_CHECK, ROLE_AGENT, input->time_ms);
}
EFFECT(EFFECT_INSPECTED,
       "meet K_return_inspect; in order: start K_perform, resume K_enforce_hard; else start K_return_check", inspected);

PREDICATE(disputed)
{
    (void)input;
    return c->docket.return_leg == RETURN_CHECK || c->docket.return_leg == RETURN_OVER;
}
GUARD(GUARD_DISPUTED, "the goods are disputed", REFUSAL_WINDOW_NOT_OPEN, disputed);

PREDICATE(in_check)
{
    (void)input;
    return c->docket.return_leg != RETURN_OVER;
}
GUARD(GUARD_IN_CHECK, "inside K_return_check", REFUSAL_DEADLINE_PASSED, in_check);

/* Values of disputes.console.v1.ReturnVerdict. What is cut stays a sum; nothing left is a waiver. */
PREDICATE(verdict_said)
{
    bool cut = input->amount_minor > 0 && input->amount_minor < c->docket.ruling_minor && input->currency_cny;
    bool known = input->verdict == VERDICT_STANDS || input->verdict == VERDICT_WAIVED;
    return input->reasoned && (known || (input->verdict == VERDICT_CUT && cut));
}
CONTENT_GUARD(GUARD_VERDICT, "verdict with reasons, a cut sum below what is owed", REFUSAL_GUARD_FAILED, verdict_said);

APPLY(checked)
{
    intake_end(c, draft, CLOCK_RETURN_CHECK, 0, OP_MEET);
    end_leg(c, draft, input->time_ms, input->verdict != VERDICT_WAIVED);
}
EFFECT(EFFECT_CHECKED, "meet K_return_check; what is left to pay: start K_perform; resume K_enforce_hard", checked);

APPLY(taken_in_order)
{
    c->docket.platform_breaches += input->clock.kind == CLOCK_RETURN_CHECK;
    end_leg(c, draft, input->clock.due_ms, true);
}
EFFECT(EFFECT_TAKEN_IN_ORDER, "goods count as received in order: start K_perform, resume K_enforce_hard",
       taken_in_order);

APPLY(lapsed)
{
    (void)input;
    c->docket.outcome = draft->outcome = OUTCOME_REMEDY_LAPSED;
    c->docket.duties_open = 0;
}
EFFECT(EFFECT_OUTCOME_LAPSED, "outcome REMEDY_LAPSED, duties waived", lapsed);
