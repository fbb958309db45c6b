/* Offers as they come over the log: entries in, findings out. The engine is played by this file. */
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

static int64_t counter(enum who who, const char *offer_id, const char *new_id, int64_t amount_minor, int64_t time_ms)
{
    Disputes__Gateway__V1__Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__CounterOffer offer = DISPUTES__GATEWAY__V1__COUNTER_OFFER__INIT;
    Disputes__Gateway__V1__OfferTerms terms = terms_of(amount_minor);
    offer.offer_id = id(offer_id);
    offer.new_offer_id = id(new_id);
    offer.terms = &terms;
    command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_COUNTER_OFFER;
    command.counter_offer = &offer;
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

static void fire(int64_t now_ms)
{
    struct dsp_record record = {.kind = DSP_RECORD_TIMER, .timer = world.timer};
    (void)dsp_uuid_parse(DSP_STR_LITERAL(CASE_ID), &record.case_id);
    world.turn.now_ms = now_ms;
    assert_ok(sla_handle(&world.sla, &world.turn, &record));
}

/* --- cases --- */

static void an_offer_a_counter_offer_and_an_acceptance(void **state)
{
    (void)state;
    file();
    int64_t made = make(MERCHANT, "F1", 10000, START + HOUR);
    Disputes__Sla__V1__Finding *said = last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_OPENED, made);
    assert_int_equal(said->offer_opened->due_time_millis, START + 49 * HOUR);
    taken();
    said = last(DISPUTES__SLA__V1__FINDING__FINDING_CLOCKS_ARMED, (int64_t)world.sequence);
    assert_int_equal(said->clocks_armed->clocks[0]->due_time_millis, START + 49 * HOUR);
    int64_t countered = counter(CONSUMER, "F1", "F2", 18000, START + 9 * HOUR);
    said = last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_COUNTERED, countered);
    assert_string_equal(said->offer_countered->new_offer_id, "F2");
    assert_int_equal(offer_row("F1")->offer.log_state, SLA_OFFER_OPEN); /* provisional */
    taken();
    assert_int_equal(offer_row("F1")->offer.log_state, SLA_OFFER_COUNTERED);
    int64_t accepted = accept_it(MERCHANT, "F2", START + 24 * HOUR);
    said = last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_ACCEPTED, accepted);
    assert_int_equal(said->offer_accepted->ruling->amount->amount_minor, 18000);
    int64_t agreed = taken();
    assert_int_equal(offer_row("F2")->offer.log_state, SLA_OFFER_ACCEPTED);
    assert_int_equal(offer_row("F2")->ended_seq, agreed);
    const struct sla_settlement_row *settlement = sla_store_settlement(&world.turn, &offer_row("F2")->case_id);
    assert_int_equal(settlement->begun_seq, agreed);
    entry_t performed = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_SETTLEMENT_PERFORMED);
    performed.stage_after = DISPUTES__COMMON__V1__STAGE__STAGE_CLOSED;
    log_entry(&performed, START + 30 * HOUR);
    assert_int_equal(settlement->state, SLA_SETTLEMENT_PERFORMED);
}

static void acts_on_what_is_not_open_are_refused_with_their_reason(void **state)
{
    (void)state;
    file();
    refused_with(make(MERCHANT, "F1", 39801, START), "GUARD_FAILED", "the amount is within what is unpaid");
    refused_with(accept_it(CONSUMER, "F1", START), "GUARD_FAILED", "the offer is known");
    make(MERCHANT, "F1", 39800, START);
    refused_with(accept_it(CONSUMER, "F1", START), "GUARD_FAILED", "the offer is open"); /* not in the log yet */
    refused_with(make(CONSUMER, "F2", 1, START), "GUARD_FAILED", "no other offer is open");
    world.said_count -= 2; /* back to OfferOpened */
    taken();
    refused_with(accept_it(MERCHANT, "F1", START), "NOT_YOUR_ROLE", "");
    refused_with(counter(CONSUMER, "F1", "F1", 1, START), "GUARD_FAILED", "the offer id is new");
    refused_with(accept_it(CONSUMER, "F1", START + 48 * HOUR + 1), "DEADLINE_PASSED", "");
    accept_it(CONSUMER, "F1", START + 48 * HOUR);
    last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_ACCEPTED, (int64_t)world.sequence);
    refused_with(accept_it(CONSUMER, "F1", START + 48 * HOUR), "GUARD_FAILED", "the offer is open"); /* twice */
    refused_with(counter(CONSUMER, "F1", "F3", 1, START), "GUARD_FAILED", "the offer is open");
}

static void the_sixth_offer_of_a_side_is_one_too_many(void **state)
{
    (void)state;
    char name[8];
    file();
    make(MERCHANT, "M1", 100, START);
    taken();
    for (int i = 2; i <= SLA_OFFERS_A_SIDE; i++) {
        char old[8];
        snprintf(old, sizeof old, "M%d", i - 1);
        snprintf(name, sizeof name, "C%d", i - 1);
        counter(CONSUMER, old, name, 100, START);
        taken();
        snprintf(old, sizeof old, "M%d", i);
        counter(MERCHANT, name, old, 100, START);
        taken();
        world.said_count = 0;
    }
    counter(CONSUMER, "M5", "C5", 100, START);
    last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_COUNTERED, (int64_t)world.sequence);
    taken();
    refused_with(counter(MERCHANT, "C5", "M6", 100, START), "LIMIT_REACHED", "");
    assert_int_equal(offer_row("C5")->offer.state, SLA_OFFER_OPEN);
}

static void a_withdrawal_a_moment_before_undoes_the_acceptance(void **state)
{
    (void)state;
    file();
    make(MERCHANT, "F1", 100, START);
    taken();
    accept_it(CONSUMER, "F1", START + 1);
    Disputes__Sla__V1__Finding *accepted = last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_ACCEPTED, 4);
    size_t said = world.said_count;
    entry_t withdrawn = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_COMPLAINT_WITHDRAWN);
    withdrawn.stage_after = DISPUTES__COMMON__V1__STAGE__STAGE_CLOSED;
    log_entry(&withdrawn, START + 1);
    assert_int_equal(offer_row("F1")->offer.state, SLA_OFFER_ACCEPTED);
    refused_by_log(accepted, START + 1);
    assert_int_equal(offer_row("F1")->offer.state, SLA_OFFER_EXPIRED);
    assert_int_equal(offer_row("F1")->ended_seq, 5);
    assert_int_equal(world.said_count, said); /* without a finding */
}

static void the_breach_of_an_offer_is_its_expiry_and_waits_for_an_act_in_time(void **state)
{
    (void)state;
    file();
    make(MERCHANT, "F1", 100, START);
    int64_t opened = taken();
    fire(START + 48 * HOUR + 1);
    Disputes__Sla__V1__Finding *expired = last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_EXPIRED, opened);
    assert_string_equal(expired->offer_expired->offer_id, "F1");
    assert_int_equal(expired->offer_expired->clock->due_time_millis, START + 48 * HOUR);
    /* The acceptance was in time: first in the log, whatever sla has said. */
    int64_t act = accept_it(CONSUMER, "F1", START + 48 * HOUR);
    last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_ACCEPTED, act);
    refused_by_log(expired, START + 48 * HOUR + 1);
    assert_int_equal(offer_row("F1")->offer.state, SLA_OFFER_ACCEPTED);
    assert_int_equal(world.timer.due_ms, START + 72 * HOUR); /* 24 h after the act */
}

static void an_expiry_that_waited_for_a_late_act_comes_when_the_act_is_refused(void **state)
{
    (void)state;
    file();
    make(MERCHANT, "F1", 100, START);
    taken();
    fire(START + 48 * HOUR + 1);
    Disputes__Sla__V1__Finding *expired = world.said[world.said_count - 1];
    int64_t act = accept_it(CONSUMER, "F1", START + 48 * HOUR + 1);
    refused_with(act, "DEADLINE_PASSED", "");
    Disputes__Sla__V1__Finding *refused = world.said[world.said_count - 1];
    size_t said = world.said_count;
    refused_by_log(expired, START + 48 * HOUR + 1);
    assert_int_equal(world.said_count, said);
    entry_t entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING;
    entry.sla_finding = refused;
    log_entry(&entry, START + 48 * HOUR + 1);
    assert_int_equal(world.said_count, said + 1);
    expired = last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_EXPIRED, 3);
    entry.sla_finding = expired;
    log_entry(&entry, START + 48 * HOUR + 1);
    assert_int_equal(offer_row("F1")->offer.log_state, SLA_OFFER_EXPIRED);
}

static void what_was_paid_out_is_no_longer_offered(void **state)
{
    (void)state;
    Disputes__Fund__V1__Finding finding = DISPUTES__FUND__V1__FINDING__INIT;
    Disputes__Fund__V1__PayoutConfirmed confirmed = DISPUTES__FUND__V1__PAYOUT_CONFIRMED__INIT;
    Disputes__Common__V1__Money amount = DISPUTES__COMMON__V1__MONEY__INIT;
    file();
    amount.amount_minor = 30000;
    confirmed.amount = &amount;
    finding.finding_case = DISPUTES__FUND__V1__FINDING__FINDING_PAYOUT_CONFIRMED;
    finding.payout_confirmed = &confirmed;
    entry_t entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_FUND_FINDING;
    entry.fund_finding = &finding;
    log_entry(&entry, START);
    refused_with(make(MERCHANT, "F1", 9801, START), "GUARD_FAILED", "the amount is within what is unpaid");
    make(MERCHANT, "F1", 9800, START);
    last(DISPUTES__SLA__V1__FINDING__FINDING_OFFER_OPENED, (int64_t)world.sequence);
}

static void terms_are_shown_from_a_final_decision_to_the_next_investigation(void **state)
{
    (void)state;
    file();
    struct dsp_uuid case_id;
    (void)dsp_uuid_parse(DSP_STR_LITERAL(CASE_ID), &case_id);
    entry_t entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_DEFAULT_JUDGMENT_ENTERED);
    entry.stage_after = DISPUTES__COMMON__V1__STAGE__STAGE_DECIDED;
    int64_t decided = log_entry(&entry, START);
    const struct sla_case_row *row = dsp_rows_one(world.turn.rows, &SLA_TABLES[SLA_TABLE_CASE], dsp_uuid_str(&case_id));
    assert_int_equal(row->final_seq, decided);
    entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_APPEAL_REMANDED);
    entry.stage_after = DISPUTES__COMMON__V1__STAGE__STAGE_INVESTIGATION;
    log_entry(&entry, START);
    assert_int_equal(row->final_seq, 0);
}

static void a_refused_proof_brings_the_breach_of_performance_back(void **state)
{
    (void)state;
    file();
    Disputes__Case__V1__ClockEffect start = DISPUTES__CASE__V1__CLOCK_EFFECT__INIT;
    Disputes__Case__V1__ClockEffect *effects[] = {&start};
    Disputes__Common__V1__ClockRef ref = DISPUTES__COMMON__V1__CLOCK_REF__INIT;
    ref.kind = DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_PERFORM;
    ref.side = DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT;
    ref.cause_sequence = 2;
    start.op = DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_START;
    start.clock = &ref;
    start.from_time_millis = START;
    start.budget_millis = 10 * HOUR;
    entry_t accepted = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_CLAIM_ACCEPTED);
    accepted.clocks = effects;
    accepted.n_clocks = 1;
    log_entry(&accepted, START);
    Disputes__Gateway__V1__Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__DutyPerformed performed = DISPUTES__GATEWAY__V1__DUTY_PERFORMED__INIT;
    command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_DUTY_PERFORMED;
    command.duty_performed = &performed;
    int64_t act = log_command(&command, MERCHANT, START + 9 * HOUR);
    fire(START + 10 * HOUR + 1);
    Disputes__Sla__V1__Finding *breached = last(DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED, 2);
    refused_by_log(breached, START + 10 * HOUR + 1);
    assert_int_equal(world.timer.due_ms, START + 33 * HOUR);
    Disputes__Fund__V1__Finding finding = DISPUTES__FUND__V1__FINDING__INIT;
    Disputes__Fund__V1__DutyRejected rejected = DISPUTES__FUND__V1__DUTY_REJECTED__INIT;
    finding.answers_sequence = (uint64_t)act;
    finding.finding_case = DISPUTES__FUND__V1__FINDING__FINDING_DUTY_REJECTED;
    finding.duty_rejected = &rejected;
    entry_t entry = plain(DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_FUND_FINDING;
    entry.fund_finding = &finding;
    size_t said = world.said_count;
    log_entry(&entry, START + 11 * HOUR);
    assert_int_equal(world.said_count, said + 1);
    last(DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED, 2);
    assert_int_equal(world.timer.due_ms, 0); /* now the log has the word */
}

int main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        CASE(an_offer_a_counter_offer_and_an_acceptance),
        CASE(acts_on_what_is_not_open_are_refused_with_their_reason),
        CASE(the_sixth_offer_of_a_side_is_one_too_many),
        CASE(a_withdrawal_a_moment_before_undoes_the_acceptance),
        CASE(the_breach_of_an_offer_is_its_expiry_and_waits_for_an_act_in_time),
        CASE(an_expiry_that_waited_for_a_late_act_comes_when_the_act_is_refused),
        CASE(what_was_paid_out_is_no_longer_offered),
        CASE(terms_are_shown_from_a_final_decision_to_the_next_investigation),
        CASE(a_refused_proof_brings_the_breach_of_performance_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
