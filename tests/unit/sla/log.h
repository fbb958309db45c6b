/* sla as it meets the log: entries in, findings out. The engine is played here. Include it in one file of a program. */
#ifndef SLA_TEST_LOG_H
#define SLA_TEST_LOG_H

#include "sla/offers.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/service/message.h"
#include "disputes/sla/v1/finding.pb-c.h"
#include "sla/handlers.h"
#include "support/cmocka_all.h"

#define START INT64_C(1776045600000)
#define HOUR DSP_HOUR_MS
#define SAID_MAX 32
#define CASE_ID "01a20f23-8b03-706d-8c69-c6612439435a"

typedef Disputes__Case__V1__Entry entry_t;

static struct {
    struct dsp_platforms *platforms;
    struct dsp_arena *arena;
    struct dsp_turn turn;
    struct sla sla;
    Disputes__Sla__V1__Finding *said[SAID_MAX];
    size_t said_count;
    struct dsp_timer timer; /* the last that was set; name empty: dropped */
    uint64_t sequence;
} world;

/* --- the engine --- */

struct dsp_err dsp_emit(struct dsp_turn *turn, int32_t lane, const struct dsp_out *out)
{
    (void)lane;
    assert_true(world.said_count < SAID_MAX);
    struct dsp_str bytes = dsp_arena_copy(turn->arena, out->value);
    return dsp_message_unpack(turn->arena, &disputes__sla__v1__finding__descriptor, bytes,
                              &world.said[world.said_count++]);
}

struct dsp_err dsp_timer_set(struct dsp_turn *turn, int32_t lane, const struct dsp_timer *timer)
{
    (void)turn;
    (void)lane;
    world.timer = *timer;
    return dsp_ok();
}

struct dsp_err dsp_timer_drop(struct dsp_turn *turn, const struct dsp_timer *timer)
{
    (void)turn;
    (void)timer;
    world.timer = (struct dsp_timer){0};
    return dsp_ok();
}

void dsp_count(struct dsp_turn *turn, const struct dsp_metric *metric, int64_t amount,
               const struct dsp_str *label_values)
{
    (void)turn;
    (void)metric;
    (void)amount;
    (void)label_values;
}

const struct dsp_platforms *dsp_service_platforms(const struct dsp_service *service)
{
    (void)service;
    return world.platforms;
}

static int set_up(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    world.platforms = dsp_platforms_new();
    world.arena = dsp_arena_new(4u << 20);
    world.turn = (struct dsp_turn){
        .arena = world.arena, .rows = dsp_rows_new(world.arena, SLA_TABLES, SLA_TABLE_COUNT, NULL), .now_ms = START};
    return !world.platforms || !world.arena || !world.turn.rows;
}

static int tear_down(void **state)
{
    (void)state;
    dsp_arena_free(world.arena);
    dsp_platforms_free(world.platforms);
    return 0;
}

/* --- entries --- */

/* Completes an entry, publishes it, has it handled. Its sequence. */
static int64_t log_entry(entry_t *entry, int64_t time_ms)
{
    Disputes__Case__V1__CaseEvent event = DISPUTES__CASE__V1__CASE_EVENT__INIT;
    static char case_id[] = CASE_ID;
    static char order_id[] = "o-1";
    struct dsp_record record = {.kind = DSP_RECORD_MESSAGE, .key = DSP_STR_LITERAL("o-1")};
    entry->case_id = case_id;
    entry->order_id = order_id;
    entry->sequence = ++world.sequence;
    entry->generation = 1;
    entry->time_millis = time_ms;
    event.record_case = DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY;
    event.entry = entry;
    assert_ok(dsp_message_pack(world.arena, &event.base, &record.value));
    record.envelope.sequence = (int64_t)entry->sequence;
    assert_true(dsp_uuid_parse(DSP_STR_LITERAL(CASE_ID), &record.envelope.subject));
    world.turn.now_ms = time_ms;
    assert_ok(sla_decode(&world.sla, &world.turn, &record));
    assert_ok(sla_handle(&world.sla, &world.turn, &record));
    return (int64_t)entry->sequence;
}

static entry_t plain(Disputes__Case__V1__EntryType type)
{
    entry_t entry = DISPUTES__CASE__V1__ENTRY__INIT;
    entry.type = type;
    entry.stage_before = DISPUTES__COMMON__V1__STAGE__STAGE_NEGOTIATION;
    entry.stage_after = DISPUTES__COMMON__V1__STAGE__STAGE_NEGOTIATION;
    return entry;
}

static void file(void)
{
    Disputes__Case__V1__Claim claim = DISPUTES__CASE__V1__CLAIM__INIT;
    Disputes__Common__V1__Money paid = DISPUTES__COMMON__V1__MONEY__INIT;
    paid.amount_minor = 39800;
    claim.order_line = 1;
    claim.paid = &paid;
    entry_t entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_COMPLAINT_FILED);
    entry.claim = &claim;
    log_entry(&entry, START);
}

enum who { CONSUMER = 1, MERCHANT = 2 };

static int64_t log_command(Disputes__Gateway__V1__Command *command, enum who who, int64_t time_ms)
{
    static Disputes__Common__V1__Actor actor;
    disputes__common__v1__actor__init(&actor);
    actor.role = (Disputes__Common__V1__Role)who;
    command->actor = &actor;
    entry_t entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_ACT);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_GATEWAY_COMMAND;
    entry.gateway_command = command;
    return log_entry(&entry, time_ms);
}

static char *id(const char *text)
{
    return (char *)(uintptr_t)text;
}

static Disputes__Common__V1__Money sum;
static Disputes__Gateway__V1__OfferTerms terms_of(int64_t amount_minor)
{
    static char cny[] = "CNY";
    Disputes__Gateway__V1__OfferTerms terms = DISPUTES__GATEWAY__V1__OFFER_TERMS__INIT;
    disputes__common__v1__money__init(&sum);
    sum.amount_minor = amount_minor;
    sum.currency = cny;
    terms.remedy = DISPUTES__COMMON__V1__REMEDY__REMEDY_PART_REFUND;
    terms.amount = &sum;
    return terms;
}

static int64_t make(enum who who, const char *offer_id, int64_t amount_minor, int64_t time_ms)
{
    Disputes__Gateway__V1__Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__MakeOffer offer = DISPUTES__GATEWAY__V1__MAKE_OFFER__INIT;
    Disputes__Gateway__V1__OfferTerms terms = terms_of(amount_minor);
    offer.offer_id = id(offer_id);
    offer.terms = &terms;
    command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_MAKE_OFFER;
    command.make_offer = &offer;
    return log_command(&command, who, time_ms);
}

static int64_t accept_it(enum who who, const char *offer_id, int64_t time_ms)
{
    Disputes__Gateway__V1__Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__AcceptOffer offer = DISPUTES__GATEWAY__V1__ACCEPT_OFFER__INIT;
    offer.offer_id = id(offer_id);
    command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_ACCEPT_OFFER;
    command.accept_offer = &offer;
    return log_command(&command, who, time_ms);
}

/* --- what sla said --- */

static Disputes__Sla__V1__Finding *last(int kind, int64_t answers)
{
    assert_true(world.said_count > 0);
    Disputes__Sla__V1__Finding *finding = world.said[world.said_count - 1];
    assert_int_equal(finding->finding_case, kind);
    assert_int_equal(finding->answers_sequence, answers);
    return finding;
}

static void refused_with(int64_t answers, const char *code, const char *guard)
{
    Disputes__Sla__V1__Finding *finding = last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_REFUSED, answers);
    assert_string_equal(finding->offer_refused->code, code);
    assert_string_equal(finding->offer_refused->guard, guard);
}

/* The log takes the last finding; an opened offer starts its K_offer with that entry. */
static int64_t taken(void)
{
    Disputes__Sla__V1__Finding *finding = world.said[world.said_count - 1];
    Disputes__Case__V1__ClockEffect start = DISPUTES__CASE__V1__CLOCK_EFFECT__INIT;
    Disputes__Case__V1__ClockEffect *effects[] = {&start};
    Disputes__Common__V1__ClockRef ref = DISPUTES__COMMON__V1__CLOCK_REF__INIT;
    entry_t entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING);
    int64_t time_ms = world.turn.now_ms;
    int64_t due_ms = 0;
    const struct sla_offer_row *offer = NULL;
    struct dsp_uuid case_id;
    (void)dsp_uuid_parse(DSP_STR_LITERAL(CASE_ID), &case_id);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING;
    entry.sla_finding = finding;
    if (finding->finding_case == DISPUTES__SLA__V1__FINDING__FINDING_OFFER_OPENED) {
        due_ms = finding->offer_opened->due_time_millis;
        offer = sla_store_offer(&world.turn, &case_id, dsp_str_from(finding->offer_opened->offer_id));
    } else if (finding->finding_case == DISPUTES__SLA__V1__FINDING__FINDING_OFFER_COUNTERED) {
        due_ms = finding->offer_countered->due_time_millis;
        offer = sla_store_offer(&world.turn, &case_id, dsp_str_from(finding->offer_countered->new_offer_id));
    } else if (finding->finding_case == DISPUTES__SLA__V1__FINDING__FINDING_OFFER_ACCEPTED) {
        entry.type = DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_OFFER_ACCEPTED;
        entry.stage_after = DISPUTES__COMMON__V1__STAGE__STAGE_SETTLED;
    }
    if (offer) {
        ref.kind = DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_OFFER;
        ref.side = (Disputes__Common__V1__Role)offer->offer.receiver;
        ref.cause_sequence = world.sequence + 1;
        start.op = DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_START;
        start.clock = &ref;
        start.from_time_millis = time_ms;
        start.budget_millis = due_ms - time_ms;
        entry.clocks = effects;
        entry.n_clocks = 1;
    }
    return log_entry(&entry, time_ms);
}

static void refused_by_log(Disputes__Sla__V1__Finding *finding, int64_t time_ms)
{
    entry_t entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING_REFUSED);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING;
    entry.sla_finding = finding;
    log_entry(&entry, time_ms);
}

static struct sla_offer_row *offer_row(const char *offer_id)
{
    struct dsp_uuid case_id;
    (void)dsp_uuid_parse(DSP_STR_LITERAL(CASE_ID), &case_id);
    struct sla_offer_row *row = sla_store_offer(&world.turn, &case_id, dsp_str_from(offer_id));
    assert_non_null(row);
    return row;
}

#endif
