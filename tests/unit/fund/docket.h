/* A small docket around the handlers of fund: entries in, findings out, read back as a docket takes them. After every
 * step the books balance and no more is reserved, paid and refunded than the remedy (V1, V2, V9, V11). Include it in
 * one file. */
#ifndef TEST_FUND_DOCKET_H
#define TEST_FUND_DOCKET_H

#include "fund/handlers.h"

#include <stdio.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "fund/books.h"
#include "fund/enforce.h"
#include "support/turn.h"

#define TYPE(name) DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_##name
#define STAGE(name) DISPUTES__COMMON__V1__STAGE__STAGE_##name
#define REMEDY(name) DISPUTES__COMMON__V1__REMEDY__REMEDY_##name
#define FND(name) DISPUTES__FUND__V1__FINDING__FINDING_##name
#define OPENING 10000000
#define PAID 168000

typedef Disputes__Case__V1__Entry entry_message;

static const struct dsp_uuid CASE = {{1, 2, 3}};
static char CASE_TEXT[] = "01020300-0000-0000-0000-000000000000";
static char ORDER[] = "o-1";
static char PLATFORM[] = "p";
static char CNY[] = "CNY";
static struct fund fund;
static uint64_t sequence;
static Disputes__Common__V1__Stage stage;
static char said[2048]; /* findings of the last step, in order */

/* --- platform and books --- */

static void publish(Disputes__Platform__V1__State *part)
{
    struct dsp_str bytes;
    part->platform_id = PLATFORM;
    part->version = 1;
    assert_ok(dsp_message_pack(turn_world.arena, &part->base, &bytes));
    assert_ok(dsp_platforms_add(turn_world.platforms, bytes, DSP_PLATFORM_NO_NOTICE));
}

static void publish_platform(bool at_award)
{
    Disputes__Platform__V1__State part = DISPUTES__PLATFORM__V1__STATE__INIT;
    Disputes__Platform__V1__Policy policy = DISPUTES__PLATFORM__V1__POLICY__INIT;
    policy.advance = at_award ? DISPUTES__PLATFORM__V1__ADVANCE__ADVANCE_AT_AWARD
                              : DISPUTES__PLATFORM__V1__ADVANCE__ADVANCE_ON_DEFAULT_OF_MERCHANT;
    part.part_case = DISPUTES__PLATFORM__V1__STATE__PART_POLICY;
    part.policy = &policy;
    publish(&part);
    Disputes__Platform__V1__OpeningBook book = DISPUTES__PLATFORM__V1__OPENING_BOOK__INIT;
    Disputes__Common__V1__Money amount = DISPUTES__COMMON__V1__MONEY__INIT;
    amount.amount_minor = OPENING;
    amount.currency = CNY;
    book.amount = &amount;
    part.part_case = DISPUTES__PLATFORM__V1__STATE__PART_OPENING_BOOK;
    part.opening_book = &book;
    publish(&part);
    Disputes__Platform__V1__Rails rails = DISPUTES__PLATFORM__V1__RAILS__INIT;
    Disputes__Fund__V1__Rail open[] = {DISPUTES__FUND__V1__RAIL__RAIL_TRANSFER};
    rails.n_rails = 1;
    rails.rails = open;
    part.part_case = DISPUTES__PLATFORM__V1__STATE__PART_RAILS;
    part.rails = &rails;
    publish(&part);
}

static const struct {
    enum fund_account account;
    const char *sub;
} ACCOUNTS[] = {
    {FUND_ACCOUNT_BANK, ""},        {FUND_ACCOUNT_FREE, ""},
    {FUND_ACCOUNT_PSP_PAYABLE, ""}, {FUND_ACCOUNT_RESERVED, CASE_TEXT},
    {FUND_ACCOUNT_COMMITTED, "m"},  {FUND_ACCOUNT_MERCHANT_RECOVERABLE, "m"},
};
#define ACCOUNT_COUNT (sizeof ACCOUNTS / sizeof *ACCOUNTS)

static struct fund_account_row *account(size_t i)
{
    return fund_store_account(&turn_world.turn, dsp_str_from(PLATFORM), ACCOUNTS[i].account,
                              dsp_str_from(ACCOUNTS[i].sub));
}

static int64_t balance(enum fund_account which)
{
    for (size_t i = 0; i < ACCOUNT_COUNT; i++) {
        if (ACCOUNTS[i].account == which) {
            return account(i)->balance_minor;
        }
    }
    return -1;
}

static void open_accounts(void)
{
    for (size_t i = 0; i < ACCOUNT_COUNT; i++) {
        bool sub = fund_account_has_sub(ACCOUNTS[i].account);
        struct dsp_str key = dsp_arena_format(turn_world.arena, sub ? "%s|%s[%s]" : "%s|%s", PLATFORM,
                                              fund_account_name((int)ACCOUNTS[i].account), ACCOUNTS[i].sub);
        struct fund_account_row *row = dsp_rows_add(turn_world.turn.rows, &FUND_TABLES[FUND_TABLE_ACCOUNT], key);
        row->account_key = key;
        row->debit = fund_account_is_debit(ACCOUNTS[i].account);
    }
}

static const struct fund_case_row *the_case(void)
{
    return fund_store_case(&turn_world.turn, &CASE);
}

/* V1 and V9, V11. */
static void books_hold(void)
{
    int64_t difference_minor = 0;
    for (size_t i = 0; i < ACCOUNT_COUNT; i++) {
        int64_t is_minor = account(i)->balance_minor;
        assert_true(is_minor >= 0);
        difference_minor += account(i)->debit ? is_minor : -is_minor;
    }
    assert_int_equal(difference_minor, 0);
    assert_int_equal(balance(FUND_ACCOUNT_COMMITTED), balance(FUND_ACCOUNT_MERCHANT_RECOVERABLE));
}

/* V2, once everything said is in the log: a reservation counts only as far as no payment covers it. */
static void claim_holds(void)
{
    const struct fund_claim_row *claim = fund_store_claim(&turn_world.turn, the_case());
    if (claim && claim->sum.remedy_minor) {
        assert_true(claim->sum.paid_minor + claim->sum.refunded_minor <= claim->sum.remedy_minor);
        assert_true(claim->sum.reserved_minor <= claim->sum.remedy_minor);
    }
}

/* --- the docket --- */

static void append(entry_message *entry)
{
    Disputes__Case__V1__CaseEvent event = DISPUTES__CASE__V1__CASE_EVENT__INIT;
    Disputes__Case__V1__Versions versions = DISPUTES__CASE__V1__VERSIONS__INIT;
    struct dsp_record record = {.kind = DSP_RECORD_MESSAGE, .key = dsp_str_from(ORDER)};
    versions.policy = 1;
    entry->case_id = CASE_TEXT;
    entry->order_id = ORDER;
    entry->platform_id = PLATFORM;
    entry->sequence = ++sequence;
    entry->generation = 1;
    entry->versions = &versions;
    entry->time_millis = 1000 * (int64_t)sequence;
    entry->stage_before = stage;
    entry->stage_after = entry->stage_after ? entry->stage_after : stage;
    stage = entry->stage_after;
    event.record_case = DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY;
    event.entry = entry;
    record.envelope.sequence = (int64_t)sequence;
    record.envelope.subject = CASE;
    assert_ok(dsp_message_pack(turn_world.arena, &event.base, &record.value));
    turn_world.turn.now_ms = entry->time_millis;
    turn_world.turn.cause = &record;
    assert_ok(fund_decode(&fund, &turn_world.turn, &record));
    assert_ok(fund_handle(&fund, &turn_world.turn, &record));
    entry->versions = NULL;
    turn_world.turn.cause = NULL;
    books_hold();
}

static void note(const Disputes__Fund__V1__Finding *finding)
{
    struct fund_finding read;
    char name[64];
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(finding->base.descriptor,
                                                                                    (unsigned)finding->finding_case);
    fund_finding_read(finding, &read);
    snprintf(name, sizeof name, "%s%s", said[0] ? " " : "", field->name);
    strncat(said, name, sizeof said - strlen(said) - 1);
    if (read.amount_minor) {
        snprintf(name, sizeof name, ":%lld", (long long)read.amount_minor);
        strncat(said, name, sizeof said - strlen(said) - 1);
    }
    if (read.code.len) {
        snprintf(name, sizeof name, ":%.*s", DSP_STR_ARG(read.code));
        strncat(said, name, sizeof said - strlen(said) - 1);
    }
    strncat(said, read.last ? "!" : "", sizeof said - strlen(said) - 1);
}

/* Takes every finding into the log, and what follows from it. */
static void settle(void)
{
    struct turn_out out;
    while (turn_next(&out)) {
        Disputes__Fund__V1__Finding *finding;
        entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
        assert_ok(dsp_message_unpack(turn_world.arena, &disputes__fund__v1__finding__descriptor, out.value, &finding));
        note(finding);
        entry.type = TYPE(FINDING);
        entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_FUND_FINDING;
        entry.fund_finding = finding;
        bool last = finding->finding_case == FND(DUTY_DISCHARGED) && finding->duty_discharged->last;
        if (last && stage == STAGE(ENFORCING)) {
            entry.type = TYPE(ALL_DUTIES_DISCHARGED);
            entry.stage_after = STAGE(CLOSED);
        } else if (last && stage == STAGE(SETTLED)) {
            entry.type = TYPE(SETTLEMENT_PERFORMED);
            entry.stage_after = STAGE(CLOSED);
        }
        append(&entry);
    }
}

/* Refuses the next finding, which is not read as an entry with effect. */
static void refuse_next(void)
{
    struct turn_out out;
    Disputes__Fund__V1__Finding *finding;
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    assert_true(turn_next(&out));
    assert_ok(dsp_message_unpack(turn_world.arena, &disputes__fund__v1__finding__descriptor, out.value, &finding));
    entry.type = TYPE(FINDING_REFUSED);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_FUND_FINDING;
    entry.fund_finding = finding;
    append(&entry);
}

#define SAYS(text)                       \
    do {                                 \
        said[0] = '\0';                  \
        settle();                        \
        assert_string_equal(said, text); \
        claim_holds();                   \
    } while (0)

struct step {
    Disputes__Case__V1__EntryType type;
    Disputes__Common__V1__Stage to;      /* 0: it does not move */
    Disputes__Common__V1__Remedy remedy; /* 0: no ruling */
    int64_t ruling_minor;
    const char *duty_id; /* NULL: lists no duty */
    int64_t duty_minor;
    bool due;
};

static void move(struct step step)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Common__V1__Ruling ruling = DISPUTES__COMMON__V1__RULING__INIT;
    Disputes__Common__V1__Money granted = DISPUTES__COMMON__V1__MONEY__INIT;
    Disputes__Common__V1__Money owed = DISPUTES__COMMON__V1__MONEY__INIT;
    Disputes__Case__V1__Duty duty = DISPUTES__CASE__V1__DUTY__INIT;
    Disputes__Case__V1__Duty *duties[] = {&duty};
    char id[16];
    entry.type = step.type;
    entry.stage_after = step.to;
    granted.amount_minor = step.ruling_minor;
    owed.amount_minor = step.duty_minor;
    granted.currency = owed.currency = CNY;
    ruling.remedy = step.remedy;
    ruling.amount = &granted;
    entry.ruling = step.remedy ? &ruling : NULL;
    if (step.duty_id) {
        snprintf(id, sizeof id, "%s", step.duty_id);
        duty.duty_id = id;
        duty.kind = DISPUTES__CASE__V1__DUTY_KIND__DUTY_KIND_PAY;
        duty.side = DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT;
        duty.amount = &owed;
        duty.due = step.due;
        entry.n_duties = 1;
        entry.duties = duties;
    }
    append(&entry);
}

static void file(bool at_award)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Case__V1__Claim claim = DISPUTES__CASE__V1__CLAIM__INIT;
    Disputes__Common__V1__Money paid = DISPUTES__COMMON__V1__MONEY__INIT;
    static char consumer[] = "c";
    static char merchant[] = "m";
    sequence = 0;
    stage = STAGE(UNSPECIFIED);
    publish_platform(at_award);
    open_accounts();
    paid.amount_minor = PAID;
    paid.currency = CNY;
    claim.consumer_id = consumer;
    claim.merchant_id = merchant;
    claim.order_line = 1;
    claim.paid = &paid;
    entry.type = TYPE(COMPLAINT_FILED);
    entry.stage_after = STAGE(NEGOTIATION);
    entry.claim = &claim;
    append(&entry);
    struct fund_case_row *row = fund_store_case(&turn_world.turn, &CASE);
    row->openid_sealed = DSP_STR_LITERAL("sealed");
    row->transaction_id = DSP_STR_LITERAL("t1");
}

/* --- the parties and the payment side --- */

static void perform(const char *duty_id, const char *number)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Gateway__V1__Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__DutyPerformed performed = DISPUTES__GATEWAY__V1__DUTY_PERFORMED__INIT;
    Disputes__Common__V1__Actor actor = DISPUTES__COMMON__V1__ACTOR__INIT;
    char id[16];
    char payment[64];
    snprintf(id, sizeof id, "%s", duty_id);
    snprintf(payment, sizeof payment, "%s", number);
    actor.role = DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT;
    performed.duty_id = id;
    performed.payment_number = payment;
    command.actor = &actor;
    command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_DUTY_PERFORMED;
    command.duty_performed = &performed;
    entry.type = TYPE(DUTY_PERFORMED);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_GATEWAY_COMMAND;
    entry.gateway_command = &command;
    append(&entry);
}

/* The newest job that is not done. */
static struct dsp_job *job_waiting(void)
{
    struct dsp_job *found = NULL;
    struct dsp_job *job;
    for (size_t i = 0; (job = fund_store_at(&turn_world.turn, FUND_TABLE_JOB, &CASE, i)); i++) {
        found = job->state == DSP_JOB_DONE ? found : job;
    }
    return found;
}

static void answer(const char *body)
{
    struct dsp_job *job = job_waiting();
    assert_non_null(job);
    struct dsp_record record = {.kind = DSP_RECORD_ANSWER,
                                .case_id = CASE,
                                .answer = {.number = job->number,
                                           .kind = job->kind,
                                           .mode = FUND_MODE_QUERY,
                                           .status = 200,
                                           .body = dsp_str_from(body),
                                           .authentic = true}};
    turn_world.turn.cause = NULL;
    turn_world.turn.now_ms += 10;
    assert_ok(fund_handle(&fund, &turn_world.turn, &record));
    books_hold();
}

static void refund_succeeds(const char *number, int64_t amount_minor)
{
    char body[256];
    snprintf(body, sizeof body,
             "{\"status\":\"SUCCESS\",\"out_refund_no\":\"%s\",\"transaction_id\":\"t1\",\"amount\":{\"refund\":%lld}}",
             number, (long long)amount_minor);
    answer(body);
}

static void transfer_succeeds(int64_t amount_minor)
{
    char body[256];
    snprintf(body, sizeof body, "{\"state\":\"SUCCESS\",\"out_bill_no\":\"%.*s\",\"transfer_amount\":%lld}",
             DSP_STR_ARG(job_waiting()->number), (long long)amount_minor);
    answer(body);
}

static const char *duty_state(const char *duty_id)
{
    const struct fund_duty_row *duty = fund_store_duty(&turn_world.turn, &CASE, dsp_str_from(duty_id));
    return duty ? fund_duty_state_name(duty->state) : "none";
}

static void breach(Disputes__Common__V1__ClockKind kind)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Sla__V1__Finding finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Sla__V1__ClockBreached breached = DISPUTES__SLA__V1__CLOCK_BREACHED__INIT;
    Disputes__Sla__V1__ClockDue due = DISPUTES__SLA__V1__CLOCK_DUE__INIT;
    Disputes__Common__V1__ClockRef clock = DISPUTES__COMMON__V1__CLOCK_REF__INIT;
    clock.kind = kind;
    due.clock = &clock;
    breached.clock = &due;
    finding.finding_case = DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED;
    finding.clock_breached = &breached;
    entry.type = TYPE(FINDING);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING;
    entry.sla_finding = &finding;
    append(&entry);
}

/* F and R let the first payout that is held go. */
static inline void release(void)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Console__V1__Command command = DISPUTES__CONSOLE__V1__COMMAND__INIT;
    Disputes__Console__V1__ReleasePayout released = DISPUTES__CONSOLE__V1__RELEASE_PAYOUT__INIT;
    const struct fund_payout_row *payout;
    char number[64] = "";
    for (size_t i = 0; (payout = fund_store_at(&turn_world.turn, FUND_TABLE_PAYOUT, &CASE, i)) && !number[0]; i++) {
        if (payout->state == FUND_PAYOUT_HELD) {
            snprintf(number, sizeof number, "%.*s", DSP_STR_ARG(payout->payout_number));
        }
    }
    released.payout_number = number;
    command.act_case = DISPUTES__CONSOLE__V1__COMMAND__ACT_RELEASE_PAYOUT;
    command.release_payout = &released;
    entry.type = TYPE(ACT);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_CONSOLE_COMMAND;
    entry.console_command = &command;
    append(&entry);
}

static int set_up(void **state)
{
    (void)state;
    fund_store_init();
    fund.settings = (struct fund_settings){.appid = "wx1", .mchid = "1", .notify_url = "https://pay.example/wechatpay"};
    turn_set_up(FUND_TABLES, FUND_TABLE_COUNT);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    turn_tear_down();
    return 0;
}

static void nothing_is_held(void)
{
    assert_int_equal(balance(FUND_ACCOUNT_RESERVED), 0);
    assert_int_equal(balance(FUND_ACCOUNT_FREE), balance(FUND_ACCOUNT_BANK));
}

#define RULING(entry_type, stage_to, minor, duty, is_due)                                          \
    (struct step)                                                                                  \
    {                                                                                              \
        TYPE(entry_type), STAGE(stage_to), REMEDY(PART_REFUND), (minor), (duty), (minor), (is_due) \
    }
#define MOVE(entry_type, stage_to)                      \
    (struct step)                                       \
    {                                                   \
        .type = TYPE(entry_type), .to = STAGE(stage_to) \
    }

#endif
