#include "sla/handlers.h"

#include <stdio.h>

#include "common/base/codes.h"
#include "sla/codec.h"
#include "sla/offers.h"

struct dsp_err sla_start(void *self, struct dsp_service *service)
{
    ((struct sla *)self)->service = service;
    return dsp_ok();
}

struct dsp_err sla_decode(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct sla *sla = self;
    struct sla_policy policy;
    if (record->kind != DSP_RECORD_MESSAGE) {
        return dsp_ok();
    }
    DSP_TRY(sla_decode_entry(turn, record));
    const struct sla_entry *input = record->input;
    if (!input || !input->entry->versions) {
        return dsp_ok();
    }
    /* An entry that pins a version waits until that version has been read. */
    return sla_policy_find(dsp_service_platforms(sla->service), turn->arena, dsp_str_from(input->entry->platform_id),
                           (int64_t)input->entry->versions->policy, (int64_t)input->entry->versions->calendar, &policy);
}

static struct dsp_err policy_of(const struct sla *sla, struct dsp_turn *turn, const struct sla_case_row *row,
                                struct sla_policy *ret_policy)
{
    return sla_policy_find(dsp_service_platforms(sla->service), turn->arena, row->head.platform_id,
                           row->head.policy_version, row->head.calendar_version, ret_policy);
}

/* "clock:<kind>:<side>"; the cause of the clock is the cause of the timer. */
static struct dsp_timer timer_of(struct dsp_turn *turn, const struct sla_clock_row *clock, int64_t due_ms)
{
    return (struct dsp_timer){.case_id = clock->case_id,
                              .name = dsp_arena_format(turn->arena, "clock:%d:%d", clock->kind, clock->side),
                              .cause = clock->cause,
                              .generation = clock->clock.generation,
                              .due_ms = due_ms};
}

static struct dsp_err set_wake(struct dsp_turn *turn, const struct sla_case_row *row, const struct sla_clock_row *clock,
                               int64_t wake_ms)
{
    struct dsp_timer timer = timer_of(turn, clock, wake_ms);
    return wake_ms ? dsp_timer_set(turn, row->head.lane, &timer) : dsp_timer_drop(turn, &timer);
}

static struct dsp_err start_clock(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_policy *policy,
                                  const struct sla_order *order, struct sla_clock_row **ret_clock)
{
    const struct sla_budget own = {.budget_ms = order->own_budget_ms, .time = SLA_TIME_WALL};
    const struct sla_budget *budget = order->own_budget_ms > 0 ? &own
                                                               : sla_policy_budget(policy, turn->arena, order->kind);
    struct sla_clock_row *clock = sla_store_add_clock(turn, &row->head.case_id, order->kind, order->side, order->cause);
    if (!budget || !clock) {
        return dsp_reject(clock ? DSP_CODE_KIND_UNKNOWN : DSP_CODE_ARENA_FULL, "clock %d", order->kind);
    }
    DSP_TRY(sla_clock_start(budget, order->short_budget, order->from_ms, policy->calendar, &clock->clock));
    *ret_clock = clock;
    return set_wake(turn, row, clock, sla_clock_wake(&clock->clock, policy->calendar));
}

static struct dsp_err apply_order(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_policy *policy,
                                  const struct sla_entry *entry, const struct sla_order *order)
{
    struct sla_clock_row *clock = sla_store_clock(turn, &row->head.case_id, order->kind, order->side, order->cause);
    if (!clock) {
        return dsp_ok(); /* a clock of intake's own that sla was never asked to run */
    }
    struct sla_effect effect = sla_decide(&clock->clock, order->input, entry->time_ms, policy->calendar);
    if (!effect.changed) {
        return dsp_ok();
    }
    clock->row.dirty = true;
    if (order->input == SLA_INPUT_BREACH) {
        sla_count_missed(turn, entry, clock);
    }
    if (!sla_state_live(clock->clock.state)) {
        clock->ended_seq = entry->sequence;
    }
    if (effect.paused) {
        DSP_TRY(sla_say_paused(turn, row, entry->sequence, clock, entry->time_ms));
    }
    if (effect.resumed) {
        DSP_TRY(sla_say_resumed(turn, row, entry->sequence, clock, entry->time_ms));
    }
    return set_wake(turn, row, clock, effect.wake_ms);
}

/* ClockBreached, or for K_offer OfferExpired. */
static struct dsp_err say_breach(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_clock_row *clock)
{
    if (clock->kind != SLA_KIND_OFFER) {
        return sla_say_breached(turn, row, clock, turn->now_ms);
    }
    const struct sla_offer_row *offer = sla_store_offer_opened(turn, &row->head.case_id, clock->cause);
    return sla_say_expired(turn, row, clock, offer ? offer->offer_id : DSP_STR_LITERAL(""), turn->now_ms);
}

/* --- acts that hold a breach back until their finding (docs/MACHINE.md, 1.2) --- */

/* Whether the act of this entry may hold back the breach of this clock. */
static bool holds(struct dsp_turn *turn, const struct sla_entry *entry, const struct sla_clock_row *clock)
{
    if (!sla_state_live(clock->clock.state)) {
        return false;
    }
    if (entry->deed) {
        const struct sla_offer_row *offer = clock->kind == SLA_KIND_OFFER
                                                ? sla_store_offer_opened(turn, &clock->case_id, clock->cause)
                                                : NULL;
        return entry->deed->input && offer && dsp_str_equal(offer->offer_id, entry->deed->offer_id);
    }
    return entry->hold_kind == clock->kind && (!entry->hold_side || entry->hold_side == clock->side);
}

static struct dsp_err release(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_policy *policy,
                              struct sla_clock_row *clock)
{
    struct sla_effect effect = sla_decide(&clock->clock, SLA_INPUT_RELEASE, turn->now_ms, policy->calendar);
    clock->clock.act_ms = 0;
    clock->act_seq = 0;
    clock->row.dirty = true;
    if (!effect.breach) {
        return dsp_ok();
    }
    DSP_TRY(say_breach(turn, row, clock));
    return set_wake(turn, row, clock, effect.wake_ms);
}

static struct dsp_err follow_acts(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_policy *policy,
                                  const struct sla_entry *entry)
{
    if (!entry->deed && !entry->hold_kind && !entry->released_seq) {
        return dsp_ok();
    }
    struct dsp_list *clocks = dsp_rows_of(turn->rows, &SLA_TABLES[SLA_TABLE_CLOCK], dsp_uuid_str(&row->head.case_id));
    for (size_t i = 0; i < clocks->count; i++) {
        struct sla_clock_row *clock = clocks->items[i];
        if (holds(turn, entry, clock)) {
            clock->act_seq = entry->sequence;
            clock->clock.act_ms = entry->time_ms;
            clock->row.dirty = true;
        } else if (entry->released_seq && clock->act_seq == entry->released_seq) {
            DSP_TRY(release(turn, row, policy, clock));
        }
    }
    return dsp_ok();
}

/* --- inputs --- */

static struct dsp_err apply_orders(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_policy *policy,
                                   const struct sla_entry *entry)
{
    struct sla_clock_row **started = dsp_arena_alloc(turn->arena, (entry->order_count + 1) * sizeof *started);
    size_t count = 0;
    if (!started) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "clocks");
    }
    for (size_t i = 0; i < entry->order_count; i++) {
        if (entry->orders[i].start) {
            DSP_TRY(start_clock(turn, row, policy, &entry->orders[i], &started[count]));
            count++;
        } else {
            DSP_TRY(apply_order(turn, row, policy, entry, &entry->orders[i]));
        }
    }
    return count ? sla_say_armed(turn, row, entry->sequence, started, count, entry->time_ms) : dsp_ok();
}

/* An entry of the log: carries out what it does to clocks, says the due times of those it started, then offers. */
static struct dsp_err on_entry(const struct sla *sla, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct sla_entry *entry = record->input;
    struct sla_case_row *row;
    struct sla_policy policy;
    DSP_TRY(dsp_head_advance(turn, &SLA_TABLES[SLA_TABLE_CASE], record, entry->entry, &row));
    if (!row) {
        return dsp_ok();
    }
    sla_read_claim(entry, row);
    DSP_TRY(policy_of(sla, turn, row, &policy));
    DSP_TRY(apply_orders(turn, row, &policy, entry));
    DSP_TRY(follow_acts(turn, row, &policy, entry));
    return sla_offers_entry(turn, row, &policy, entry);
}

/* An instant is past: rungs and breaches of the clock that waited for it. */
static struct dsp_err on_timer(const struct sla *sla, struct dsp_turn *turn, struct dsp_record *record)
{
    int kind;
    int side;
    char name[32];
    struct sla_policy policy;
    snprintf(name, sizeof name, "%.*s", DSP_STR_ARG(record->timer.name));
    struct sla_case_row *row = dsp_rows_one(turn->rows, &SLA_TABLES[SLA_TABLE_CASE], dsp_uuid_str(&record->case_id));
    if (!row || sscanf(name, "clock:%d:%d", &kind, &side) != 2) {
        return dsp_ok();
    }
    struct sla_clock_row *clock = sla_store_clock(turn, &record->case_id, kind, side, record->timer.cause);
    if (!clock) {
        return dsp_ok();
    }
    DSP_TRY(policy_of(sla, turn, row, &policy));
    int64_t wake_ms = sla_clock_wake(&clock->clock, policy.calendar);
    if (!dsp_timer_ends(turn, &record->timer, clock->clock.generation, wake_ms)) {
        return set_wake(turn, row, clock, wake_ms); /* paused, resumed or warned since: it waits for another instant */
    }
    int64_t past_ms = turn->now_ms > wake_ms ? turn->now_ms : wake_ms + 1;
    struct sla_effect effect = sla_decide(&clock->clock, SLA_INPUT_TIMER, past_ms, policy.calendar);
    if (effect.changed) {
        clock->row.dirty = true;
        row->head.row.dirty = true;
    }
    for (size_t i = 0; i < effect.rung_count; i++) {
        DSP_TRY(sla_say_rung(turn, row, clock, effect.rungs[i], turn->now_ms));
    }
    if (effect.breach) {
        DSP_TRY(say_breach(turn, row, clock));
    }
    return set_wake(turn, row, clock, effect.wake_ms);
}

struct dsp_err sla_handle(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct sla *sla = self;
    switch (record->kind) {
    case DSP_RECORD_MESSAGE:
        return record->input ? on_entry(sla, turn, record) : dsp_ok();
    case DSP_RECORD_TIMER:
        return on_timer(sla, turn, record);
    case DSP_RECORD_ANSWER: /* sla makes no outside calls */
    default:
        return dsp_ok();
    }
}
