#include "support/fake/docket.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputes/console/v1/command.pb-c.h"
#include "disputes/gateway/v1/command.pb-c.h"

int intake_main(int argc, char **argv);
int sla_main(int argc, char **argv);
int investigation_main(int argc, char **argv);
int arbitration_main(int argc, char **argv);
int fund_main(int argc, char **argv);
int notification_main(int argc, char **argv);

static int (*const MAINS[DOCKET_COUNT])(int argc, char **argv) = {
    [DOCKET_INTAKE] = intake_main,           [DOCKET_SLA] = sla_main,   [DOCKET_INVESTIGATION] = investigation_main,
    [DOCKET_ARBITRATION] = arbitration_main, [DOCKET_FUND] = fund_main, [DOCKET_NOTIFICATION] = notification_main,
};

static const char *const PLATFORM[] = {
    "{\"platform_id\": \"p\", \"version\": 1, \"policy\": {\"default_cap_minor\": 50000, \"rule_cosign_minor\": 50000,"
    " \"high_value_minor\": 500000, \"finalise_limit_minor\": 500000, \"four_eyes_minor\": 200000,"
    " \"fund_order_limit_minor\": 1000000, \"fund_consumer_limit_minor\": 2000000,"
    " \"fund_merchant_limit_minor\": 20000000, \"reserve_ratio_percent\": 20, \"advance\": \"ON_DEFAULT_OF_MERCHANT\","
    " \"filing_window_millis\": \"90d\"}}",
    "{\"platform_id\": \"p\", \"version\": 1, \"calendar\": {\"exceptions\": []}}",
    "{\"platform_id\": \"p\", \"version\": 1, \"rules\": {\"rules\": []}}",
    "{\"platform_id\": \"p\", \"version\": 1, \"staff\": {\"members\": [{\"staff_id\": \"a1\", \"role\": \"AGENT\"}]}}",
    "{\"platform_id\": \"p\", \"version\": 1, \"rails\": {\"rails\": [\"TRANSFER\"], \"transfer_scene_id\": \"1011\"}}",
    "{\"platform_id\": \"p\", \"version\": 1, \"opening_book\": {\"amount\": 10000000}}",
};

struct docket *docket_new(void)
{
    struct docket *docket = calloc(1, sizeof *docket);
    assert_non_null(docket);
    assert_ok(dsp_uuid_v7(&docket->case_id));
    dsp_uuid_format(&docket->case_id, docket->case_text);
    for (int i = 0; i < DOCKET_COUNT; i++) {
        docket->of[i] = fake_new(MAINS[i]);
        for (size_t p = 0; p < sizeof PLATFORM / sizeof *PLATFORM; p++) {
            fake_platform(docket->of[i], PLATFORM[p]);
        }
    }
    docket_at(docket, FAKE_START_MS);
    return docket;
}

void docket_free(struct docket *docket)
{
    if (docket) {
        for (int i = 0; i < DOCKET_COUNT; i++) {
            fake_free(docket->of[i]);
        }
        free(docket);
    }
}

void docket_at(struct docket *docket, int64_t now_ms)
{
    for (int i = 0; i < DOCKET_COUNT; i++) {
        docket->of[i]->now_ms = now_ms;
    }
    /* Both command topics have been read up to here: no breach waits for its marks. */
    docket->of[DOCKET_INTAKE]->stamps[0] = now_ms;
    docket->of[DOCKET_INTAKE]->stamps[1] = now_ms;
}

struct fake_record docket_command(struct docket *docket, const char *topic, const char *id, const char *role,
                                  const char *actor, const char *act)
{
    struct fake *intake = docket->of[DOCKET_INTAKE];
    bool console = strcmp(topic, DOCKET_CONSOLE) == 0;
    struct dsp_str json = dsp_arena_format(intake->kept, "{\"actor\": {\"role\": \"%s\", \"id\": \"%s\"}, %s}", role,
                                           actor, act);
    struct dsp_str new_id = dsp_arena_format(intake->kept, "command-%d", ++docket->commands);
    assert_true(json.ptr && new_id.ptr);
    return (struct fake_record){
        .topic = topic,
        .key = DSP_STR_LITERAL(DOCKET_ORDER),
        .value = fake_value(
            intake, console ? &disputes__console__v1__command__descriptor : &disputes__gateway__v1__command__descriptor,
            json.ptr),
        .envelope = {.id = id ? dsp_str_from(id) : new_id,
                     .source = console ? DSP_STR_LITERAL("/console") : DSP_STR_LITERAL("/gateway"),
                     .type = console ? DSP_STR_LITERAL("cn.example.disputes.console.command.v1")
                                     : DSP_STR_LITERAL("cn.example.disputes.gateway.command.v1"),
                     .subject_text = dsp_str_from(docket->case_text),
                     .subject = docket->case_id,
                     .time_ms = intake->now_ms}};
}

void docket_act(struct docket *docket, const char *topic, const char *role, const char *actor, const char *act)
{
    struct fake_record record = docket_command(docket, topic, NULL, role, actor, act);
    assert_ok(fake_deliver(docket->of[DOCKET_INTAKE], &record));
    docket_pump(docket);
}

static void file(struct docket *docket, const char *reason, const char *clauses)
{
    char act[1024]; /* one that is cut off is no JSON */
    int64_t day = 86400000;
    snprintf(act, sizeof act,
             "\"file_complaint\": {\"platform_id\": \"p\", \"channel\": \"mini-program\", \"reason\": \"%s\","
             " \"remedy\": \"REFUND\", \"amount\": 12900, \"description\": \"壶盖送到时已经裂开。\", \"order\": {"
             " \"order_line\": 1, \"consumer_id\": \"c1\", \"merchant_id\": \"m1\", \"paid\": 12900,"
             " \"paid_time_millis\": %lld, \"shipped_time_millis\": %lld, \"promised_time_millis\": %lld,"
             " \"transaction_id\": \"4200001\", \"consumer_openid\": \"openid-c1\"%s}}",
             reason, (long long)(FAKE_START_MS - 10 * day), (long long)(FAKE_START_MS - 9 * day),
             (long long)(FAKE_START_MS - 5 * day), clauses);
    docket_act(docket, DOCKET_GATEWAY, "CONSUMER", "c1", act);
}

void docket_file(struct docket *docket, const char *reason)
{
    file(docket, reason, "");
}

void docket_file_with_clauses(struct docket *docket, const char *reason)
{
    file(docket, reason, ", \"consumer_clause_id\": \"arb-1\", \"merchant_clause_id\": \"arb-1\"");
}

/* --- carrying --- */

static bool reads(const struct fake *fake, const char *topic)
{
    for (size_t i = 0; i < fake->definition->topic_count; i++) {
        if (strcmp(fake->definition->topics[i].name, topic) == 0) {
            return true;
        }
    }
    return false;
}

static void carry(struct docket *docket, const struct fake_out *out)
{
    for (int to = 0; to < DOCKET_COUNT; to++) {
        struct fake *fake = docket->of[to];
        if (strcmp(out->topic, DOCKET_KEYS) == 0) {
            fake_key(fake, out->key, out->tombstone ? (struct dsp_str){NULL, 0} : out->value);
        } else if (reads(fake, out->topic) && !docket->deaf[to]) {
            struct fake_record record = fake_record_of(fake, out);
            struct dsp_err err = fake_deliver(fake, &record);
            if (dsp_failed(err)) {
                fail_msg("%s does not take a record of %s: %s: %s", fake->definition->name, out->topic, err.code,
                         err.detail);
            }
        }
    }
}

/* The key of a case goes out behind its first entry and is read beside the lanes: carried first. */
static bool carry_topic(struct docket *docket, bool keys)
{
    bool moved = false;
    for (int from = 0; from < DOCKET_COUNT; from++) {
        struct fake *fake = docket->of[from];
        for (size_t i = 0; i < fake->out_count; i++) {
            struct fake_out *out = &fake->outs[i];
            if (!out->fed && (strcmp(out->topic, DOCKET_KEYS) == 0) == keys) {
                out->fed = true;
                carry(docket, out);
                moved = true;
            }
        }
    }
    return moved;
}

void docket_pump(struct docket *docket)
{
    for (int rounds = 0; rounds < 200; rounds++) {
        bool keys = carry_topic(docket, true);
        if (!carry_topic(docket, false) && !keys) {
            return;
        }
    }
    fail_msg("it does not come to rest");
}

static const struct dsp_timer *first_due(const struct docket *docket, int64_t until_ms, struct fake **ret_owner)
{
    const struct dsp_timer *first = NULL;
    for (int i = 0; i < DOCKET_COUNT; i++) {
        struct fake *fake = docket->of[i];
        for (size_t t = 0; t < fake->timer_count; t++) {
            if (fake->timers[t].due_ms < until_ms && (!first || fake->timers[t].due_ms < first->due_ms)) {
                first = &fake->timers[t];
                *ret_owner = fake;
            }
        }
    }
    return first;
}

void docket_pass(struct docket *docket, int64_t until_ms)
{
    const struct dsp_timer *due;
    struct fake *owner = NULL;
    int fired = 0;
    while ((due = first_due(docket, until_ms, &owner))) {
        struct dsp_timer timer = *due;
        if (timer.due_ms >= owner->now_ms) {
            docket_at(docket, timer.due_ms + 1); /* a clock due at D fires when the time is past D */
        }
        assert_ok(fake_fire(owner, &timer));
        docket_pump(docket);
        if (++fired > 500) {
            fail_msg("timers without end: %.*s", DSP_STR_ARG(timer.name));
        }
    }
    docket_at(docket, until_ms);
}

/* --- looking --- */

size_t docket_entries(const struct docket *docket)
{
    return fake_outs_on(docket->of[DOCKET_INTAKE], DOCKET_LOG);
}

static const Disputes__Case__V1__Entry *read_entry(struct docket *docket, const struct fake_out *out)
{
    const Disputes__Case__V1__CaseEvent *event = fake_message(docket->of[DOCKET_INTAKE],
                                                              &disputes__case__v1__case_event__descriptor, out);
    return event->record_case == DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY ? event->entry : NULL;
}

const Disputes__Case__V1__Entry *docket_entry(struct docket *docket, int n)
{
    const struct fake_out *out = fake_out_on(docket->of[DOCKET_INTAKE], DOCKET_LOG, n > 0 ? n - 1 : n);
    return out ? read_entry(docket, out) : NULL;
}

const struct fake_out *docket_last_out(struct docket *docket, int type)
{
    for (int i = (int)docket_entries(docket) - 1; i >= 0; i--) {
        const struct fake_out *out = fake_out_on(docket->of[DOCKET_INTAKE], DOCKET_LOG, i);
        const Disputes__Case__V1__Entry *entry = read_entry(docket, out);
        if (entry && (int)entry->type == type) {
            return out;
        }
    }
    return NULL;
}

const Disputes__Case__V1__Entry *docket_last(struct docket *docket, int type)
{
    const struct fake_out *out = docket_last_out(docket, type);
    return out ? read_entry(docket, out) : NULL;
}

int docket_stage(struct docket *docket)
{
    const Disputes__Case__V1__Entry *entry = docket_entry(docket, -1);
    assert_non_null(entry);
    return (int)entry->stage_after;
}

struct dsp_list *docket_rows(struct docket *docket, enum docket_service service, const char *table)
{
    struct fake *fake = docket->of[service];
    struct dsp_turn *turn = fake_begin(fake, &docket->case_id, 1, NULL, (struct dsp_str){NULL, 0});
    for (size_t t = 0; t < fake->definition->table_count; t++) {
        if (strcmp(fake->definition->tables[t].name, table) == 0) {
            struct dsp_list *rows = dsp_rows_of(turn->rows, &fake->definition->tables[t],
                                                dsp_uuid_str(&docket->case_id));
            fake_abandon(fake); /* the rows live until the next turn */
            return rows;
        }
    }
    fail_msg("%s has no table %s", fake->definition->name, table);
    return NULL;
}

struct fake_record docket_refused(struct docket *docket, enum docket_service to, const struct fake_out *taken)
{
    struct fake *fake = docket->of[to];
    struct fake_record record = fake_record_of(fake, taken);
    static char code[] = "STALE";
    Disputes__Case__V1__Refusal refusal = DISPUTES__CASE__V1__REFUSAL__INIT;
    Disputes__Case__V1__CaseEvent *event = fake_message(fake, &disputes__case__v1__case_event__descriptor, taken);
    refusal.code = code;
    event->entry->type = DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING_REFUSED;
    event->entry->refusal = &refusal;
    event->entry->stage_after = event->entry->stage_before;
    event->entry->n_clocks = event->entry->n_duties = 0;
    event->entry->ruling = NULL;
    assert_ok(dsp_message_pack(fake->kept, &event->base, &record.value));
    return record;
}

/* --- a log that is not as it should be --- */

static void refused(struct fake *fake, const struct docket *docket, struct fake_record record, const char *code)
{
    uint64_t before = fake_picture(fake, &docket->case_id);
    assert_err(fake_deliver(fake, &record), DSP_ERR_REJECT, code);
    assert_true(fake_picture(fake, &docket->case_id) == before);
}

/* A second entry of a case that never began here. */
static void check_unknown_case(struct fake *fake, const struct fake_out *first)
{
    struct fake_record record = fake_record_of(fake, first);
    Disputes__Case__V1__CaseEvent *event = fake_message(fake, &disputes__case__v1__case_event__descriptor, first);
    char other[DSP_UUID_TEXT_BYTES];
    record.envelope.sequence = 2;
    event->entry->sequence = 2;
    record.envelope.subject.bytes[15] ^= 1;
    dsp_uuid_format(&record.envelope.subject, other);
    event->entry->case_id = other;
    assert_ok(dsp_message_pack(fake->kept, &event->base, &record.value));
    size_t outs = fake->out_count;
    assert_err(fake_deliver(fake, &record), DSP_ERR_REJECT, DSP_CODE_FIELD_INVALID);
    assert_int_equal(fake->out_count, outs);
}

void docket_check_follower(struct docket *docket, enum docket_service service)
{
    struct fake *fake = docket->of[service];
    const struct fake_out *first = fake_out_on(docket->of[DOCKET_INTAKE], DOCKET_LOG, 0);
    const struct fake_out *last = fake_out_on(docket->of[DOCKET_INTAKE], DOCKET_LOG, -1);
    struct fake_record good = fake_record_of(fake, last);
    struct fake_record bad = good;
    bad.value = DSP_STR_LITERAL("\xff\xff garbage");
    refused(fake, docket, bad, DSP_CODE_NOT_PROTOBUF);
    bad.value = DSP_STR_LITERAL("");
    refused(fake, docket, bad, DSP_CODE_KIND_UNKNOWN);
    bad = good;
    bad.value = (struct dsp_str){NULL, 0};
    refused(fake, docket, bad, DSP_CODE_TOMBSTONE);
    bad = good;
    bad.key = DSP_STR_LITERAL("o-2");
    refused(fake, docket, bad, DSP_CODE_WRONG_KEY);
    bad = good;
    bad.envelope.sequence++;
    refused(fake, docket, bad, DSP_CODE_HEADER_MISSING);
    bad = good;
    bad.envelope.subject.bytes[15] ^= 1;
    refused(fake, docket, bad, DSP_CODE_HEADER_MISSING);
    /* The whole log once more, in its order and backwards. */
    uint64_t before = fake_picture(fake, &docket->case_id);
    assert_true(docket_entries(docket) >= 2 && first);
    for (int i = 0; i < (int)docket_entries(docket); i++) {
        struct fake_record again = fake_record_of(fake, fake_out_on(docket->of[DOCKET_INTAKE], DOCKET_LOG, i));
        assert_ok(fake_deliver(fake, &again));
        again = fake_record_of(fake, fake_out_on(docket->of[DOCKET_INTAKE], DOCKET_LOG, -1 - i));
        assert_ok(fake_deliver(fake, &again));
    }
    assert_true(fake_picture(fake, &docket->case_id) == before);
    check_unknown_case(fake, first);
}
