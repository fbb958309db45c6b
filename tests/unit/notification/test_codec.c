/* services/notification/codec.c with domain/matrix.c: who is told of every row of the machine, whatever the entry
 * holds. The members of all commands and findings are walked, so that a new one is told to nobody until it stands
 * here. */
#include "notification/codec.h"

#include <stdio.h>
#include <string.h>

#include "common/service/message.h"
#include "disputes/case/v1/event.pb-c.h"
#include "support/cmocka_all.h"

#define C NTF_CONSUMER
#define M NTF_MERCHANT
#define CM NTF_BOTH
#define TYPE(name) DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_##name
#define STAGE(name) DISPUTES__COMMON__V1__STAGE__STAGE_##name
#define ROLE(name) DISPUTES__COMMON__V1__ROLE__ROLE_##name

typedef Disputes__Case__V1__Entry entry_message;
typedef Disputes__Common__V1__Role role_type;
typedef Disputes__Common__V1__Stage stage_type;

static const struct dsp_uuid CASE = {{1, 2, 3}};
static char CASE_TEXT[] = "01020300-0000-0000-0000-000000000000";
static char ORDER[] = "o-1";
static char EMPTY[] = "";

static int set_up(void **state)
{
    *state = dsp_arena_new(4u << 20);
    return 0;
}

static int tear_down(void **state)
{
    dsp_arena_free(*state);
    return 0;
}

static const struct ntf_entry *read_entry(struct dsp_arena *arena, entry_message *entry)
{
    Disputes__Case__V1__CaseEvent event = DISPUTES__CASE__V1__CASE_EVENT__INIT;
    struct dsp_turn turn = {.arena = arena};
    struct dsp_record record = {.kind = DSP_RECORD_MESSAGE, .key = dsp_str_from(ORDER)};
    entry->case_id = CASE_TEXT;
    entry->order_id = ORDER;
    entry->sequence = 9;
    event.record_case = DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY;
    event.entry = entry;
    record.envelope.sequence = 9;
    record.envelope.subject = CASE;
    assert_ok(dsp_message_pack(arena, &event.base, &record.value));
    assert_ok(ntf_decode_entry(&turn, &record));
    return record.input;
}

/* A message of a type, with the one member of its oneof that has this number, empty. */
static void *message_with(struct dsp_arena *arena, const ProtobufCMessageDescriptor *descriptor, unsigned number)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(descriptor, number);
    const ProtobufCMessageDescriptor *member = field->descriptor;
    char *whole = dsp_arena_alloc(arena, descriptor->sizeof_message);
    ProtobufCMessage *part = dsp_arena_alloc(arena, member->sizeof_message);
    protobuf_c_message_init(descriptor, (ProtobufCMessage *)(void *)whole);
    protobuf_c_message_init(member, part);
    memcpy(whole + field->quantifier_offset, &(uint32_t){number}, sizeof(uint32_t));
    memcpy(whole + field->offset, (ProtobufCMessage *[]){part}, sizeof part);
    return whole;
}

/* --- rows that move the stage, and others with a name of their own --- */

static const struct {
    const char *row;
    Disputes__Case__V1__EntryType type;
    stage_type from, to;
    role_type actor;
    unsigned sides;
    char mark; /* p: paper, a: acknowledgement */
} ROWS[] = {
    {"T01", TYPE(COMPLAINT_FILED), STAGE(UNSPECIFIED), STAGE(FILED), ROLE(CONSUMER), C, 'a'},
    {"T02", TYPE(TRIAGE_STARTED), STAGE(FILED), STAGE(SCREENING), ROLE(SYSTEM), 0, ' '},
    {"T03", TYPE(CASE_MERGED), STAGE(SCREENING), STAGE(MERGED), ROLE(SYSTEM), CM, ' '},
    {"T04", TYPE(CASE_UNMERGED), STAGE(MERGED), STAGE(SCREENING), ROLE(AGENT), CM, ' '},
    {"T05", TYPE(CASE_ARCHIVED), STAGE(MERGED), STAGE(ARCHIVED), ROLE(SYSTEM), CM, ' '},
    {"T06", TYPE(INFO_REQUESTED), STAGE(SCREENING), STAGE(SUPPLEMENT), ROLE(AGENT), C, 'p'},
    {"T07", TYPE(INFO_SUPPLIED), STAGE(SUPPLEMENT), STAGE(SCREENING), ROLE(CONSUMER), C, ' '},
    {"T08", TYPE(COMPLAINT_ABANDONED), STAGE(SUPPLEMENT), STAGE(CLOSED), ROLE(SYSTEM), C, ' '},
    {"T09", TYPE(COMPLAINT_WITHDRAWN), STAGE(SCREENING), STAGE(CLOSED), ROLE(CONSUMER), C, ' '},
    {"T10", TYPE(COMPLAINT_WITHDRAWN), STAGE(SUPPLEMENT), STAGE(CLOSED), ROLE(CONSUMER), C, ' '},
    {"T11", TYPE(FILING_REJECTED), STAGE(SCREENING), STAGE(CLOSED), ROLE(AGENT), C, 'p'},
    {"T12", TYPE(CASE_ADMITTED), STAGE(SCREENING), STAGE(NEGOTIATION), ROLE(SYSTEM), M, ' '},
    {"T13", TYPE(CASE_ADMITTED), STAGE(SCREENING), STAGE(NEGOTIATION), ROLE(SYSTEM), M, ' '},
    {"T14", TYPE(CASE_FAST_TRACKED), STAGE(SCREENING), STAGE(EVIDENCE), ROLE(SYSTEM), CM, ' '},
    {"T15", TYPE(CASE_REFERRED), STAGE(SCREENING), STAGE(ARBITRATION), ROLE(AGENT), CM, ' '},
    {"T16", TYPE(CLAIM_ACCEPTED), STAGE(NEGOTIATION), STAGE(ENFORCING), ROLE(MERCHANT), CM, ' '},
    {"T17", TYPE(OFFER_ACCEPTED), STAGE(NEGOTIATION), STAGE(SETTLED), ROLE(CONSUMER), CM, ' '},
    {"T18", TYPE(CLAIM_CONTESTED), STAGE(NEGOTIATION), STAGE(EVIDENCE), ROLE(MERCHANT), CM, ' '},
    {"T19", TYPE(PLATFORM_REQUESTED), STAGE(NEGOTIATION), STAGE(EVIDENCE), ROLE(CONSUMER), CM, ' '},
    {"T20", TYPE(DEFAULT_JUDGMENT_ENTERED), STAGE(NEGOTIATION), STAGE(DECIDED), ROLE(SYSTEM), CM, 'p'},
    {"T21", TYPE(POSITION_MISSED), STAGE(NEGOTIATION), STAGE(EVIDENCE), ROLE(SYSTEM), CM, ' '},
    {"T22", TYPE(COMPLAINT_WITHDRAWN), STAGE(NEGOTIATION), STAGE(CLOSED), ROLE(CONSUMER), CM, ' '},
    {"T24", TYPE(RULE_FOUND), STAGE(EVIDENCE), STAGE(DECIDED), ROLE(SYSTEM), CM, 'p'},
    {"T25", TYPE(ROUNDS_CLOSED), STAGE(EVIDENCE), STAGE(INVESTIGATION), ROLE(AGENT), CM, ' '},
    {"T26", TYPE(ROUND_SEALED), STAGE(EVIDENCE), STAGE(INVESTIGATION), ROLE(SYSTEM), CM, ' '},
    {"T27", TYPE(OFFER_ACCEPTED), STAGE(EVIDENCE), STAGE(SETTLED), ROLE(MERCHANT), CM, ' '},
    {"T28", TYPE(CLAIM_ACCEPTED), STAGE(EVIDENCE), STAGE(ENFORCING), ROLE(MERCHANT), CM, ' '},
    {"T29", TYPE(COMPLAINT_WITHDRAWN), STAGE(EVIDENCE), STAGE(CLOSED), ROLE(CONSUMER), CM, ' '},
    {"T30", TYPE(ROUND_OPENED), STAGE(INVESTIGATION), STAGE(EVIDENCE), ROLE(AGENT), CM, ' '},
    {"T31", TYPE(OFFER_ACCEPTED), STAGE(INVESTIGATION), STAGE(SETTLED), ROLE(MERCHANT), CM, ' '},
    {"T32", TYPE(CLAIM_ACCEPTED), STAGE(INVESTIGATION), STAGE(ENFORCING), ROLE(MERCHANT), CM, ' '},
    {"T33", TYPE(DECISION_PROPOSED), STAGE(INVESTIGATION), STAGE(PROPOSED), ROLE(AGENT), CM, 'p'},
    {"T34", TYPE(CASE_REFERRED), STAGE(INVESTIGATION), STAGE(ARBITRATION), ROLE(CONSUMER), CM, ' '},
    {"T35", TYPE(DECISION_PROPOSED), STAGE(INVESTIGATION), STAGE(PROPOSED), ROLE(SYSTEM), CM, 'p'},
    {"T36", TYPE(COMPLAINT_WITHDRAWN), STAGE(INVESTIGATION), STAGE(CLOSED), ROLE(CONSUMER), CM, ' '},
    {"T37", TYPE(COMMENT_MADE), STAGE(PROPOSED), STAGE(PROPOSED), ROLE(CONSUMER), M, ' '},
    {"T37", TYPE(COMMENT_MADE), STAGE(PROPOSED), STAGE(PROPOSED), ROLE(MERCHANT), C, ' '},
    {"T38", TYPE(DRAFT_REOPENED), STAGE(PROPOSED), STAGE(INVESTIGATION), ROLE(AGENT), CM, ' '},
    {"T39", TYPE(DECISION_FINAL), STAGE(PROPOSED), STAGE(DECIDED), ROLE(REVIEWER), CM, 'p'},
    {"T40", TYPE(DECISION_FINAL), STAGE(PROPOSED), STAGE(DECIDED), ROLE(SYSTEM), CM, 'p'},
    {"T41", TYPE(OFFER_ACCEPTED), STAGE(PROPOSED), STAGE(SETTLED), ROLE(MERCHANT), CM, ' '},
    {"T42", TYPE(CLAIM_ACCEPTED), STAGE(PROPOSED), STAGE(ENFORCING), ROLE(MERCHANT), CM, ' '},
    {"T43", TYPE(COMPLAINT_WITHDRAWN), STAGE(PROPOSED), STAGE(CLOSED), ROLE(CONSUMER), CM, ' '},
    {"T44", TYPE(APPEAL_FILED), STAGE(DECIDED), STAGE(APPEAL), ROLE(CONSUMER), CM, ' '},
    {"T45", TYPE(SET_ASIDE_REQUESTED), STAGE(DECIDED), STAGE(APPEAL), ROLE(MERCHANT), CM, ' '},
    {"T46", TYPE(CASE_REFERRED), STAGE(DECIDED), STAGE(ARBITRATION), ROLE(CONSUMER), CM, ' '},
    {"T47", TYPE(OFFER_ACCEPTED), STAGE(DECIDED), STAGE(SETTLED), ROLE(MERCHANT), CM, ' '},
    {"T48", TYPE(DUTY_PERFORMED), STAGE(DECIDED), STAGE(DECIDED), ROLE(MERCHANT), C, ' '},
    {"T49", TYPE(DECISION_BINDING), STAGE(DECIDED), STAGE(ENFORCING), ROLE(CONSUMER), CM, ' '},
    {"T50", TYPE(DECISION_BINDING), STAGE(DECIDED), STAGE(CLOSED), ROLE(SYSTEM), CM, ' '},
    {"T51", TYPE(APPEAL_DECIDED), STAGE(APPEAL), STAGE(DECIDED), ROLE(PANEL), CM, 'p'},
    {"T52", TYPE(APPEAL_REMANDED), STAGE(APPEAL), STAGE(INVESTIGATION), ROLE(PANEL), CM, ' '},
    {"T53", TYPE(APPEAL_WITHDRAWN), STAGE(APPEAL), STAGE(DECIDED), ROLE(MERCHANT), CM, ' '},
    {"T54", TYPE(APPEAL_LAPSED), STAGE(APPEAL), STAGE(DECIDED), ROLE(SYSTEM), CM, ' '},
    {"T55", TYPE(INSTITUTION_STATUS), STAGE(ARBITRATION), STAGE(ARBITRATION), ROLE(INSTITUTION), CM, ' '},
    {"T56", TYPE(AWARD_RECEIVED), STAGE(ARBITRATION), STAGE(ENFORCING), ROLE(INSTITUTION), CM, 'p'},
    {"T57", TYPE(AWARD_RECEIVED), STAGE(ARBITRATION), STAGE(CLOSED), ROLE(INSTITUTION), CM, 'p'},
    {"T58", TYPE(SETTLED_IN_ARBITRATION), STAGE(ARBITRATION), STAGE(SETTLED), ROLE(INSTITUTION), CM, ' '},
    {"T59", TYPE(REFERRAL_ENDED), STAGE(ARBITRATION), STAGE(INVESTIGATION), ROLE(SYSTEM), CM, ' '},
    {"T60", TYPE(REFERRAL_ENDED), STAGE(ARBITRATION), STAGE(DECIDED), ROLE(SYSTEM), CM, ' '},
    {"T61", TYPE(COMPLAINT_WITHDRAWN), STAGE(ARBITRATION), STAGE(CLOSED), ROLE(CONSUMER), CM, ' '},
    {"T62", TYPE(SETTLEMENT_PERFORMED), STAGE(SETTLED), STAGE(CLOSED), ROLE(SYSTEM), CM, ' '},
    {"T63", TYPE(SETTLEMENT_DEFAULTED), STAGE(SETTLED), STAGE(ENFORCING), ROLE(SYSTEM), CM, ' '},
    {"T64", TYPE(SETTLEMENT_RESCINDED), STAGE(SETTLED), STAGE(INVESTIGATION), ROLE(MERCHANT), CM, ' '},
    {"T65", TYPE(DUTY_PERFORMED), STAGE(ENFORCING), STAGE(ENFORCING), ROLE(MERCHANT), C, ' '},
    {"T65", TYPE(DUTY_PERFORMED), STAGE(ENFORCING), STAGE(ENFORCING), ROLE(CONSUMER), M, ' '},
    {"T66", TYPE(PERFORMANCE_MISSED), STAGE(ENFORCING), STAGE(ENFORCING), ROLE(SYSTEM), CM, ' '},
    {"T67", TYPE(ALL_DUTIES_DISCHARGED), STAGE(ENFORCING), STAGE(CLOSED), ROLE(SYSTEM), CM, ' '},
    {"T68", TYPE(REMEDY_LAPSED), STAGE(ENFORCING), STAGE(CLOSED), ROLE(SYSTEM), CM, ' '},
    {"T69", TYPE(DECLARED_UNCOLLECTABLE), STAGE(ENFORCING), STAGE(CLOSED), ROLE(FUND_OFFICER), CM, ' '},
    {"T70", TYPE(CASE_ARCHIVED), STAGE(CLOSED), STAGE(ARCHIVED), ROLE(SYSTEM), CM, ' '},
    {"T71", TYPE(CASE_REFILED), STAGE(CLOSED), STAGE(SCREENING), ROLE(CONSUMER), C, ' '},
    {"T72", TYPE(CASE_REOPENED), STAGE(CLOSED), STAGE(INVESTIGATION), ROLE(REVIEWER), CM, ' '},
    {"E10", TYPE(DUTY_PERFORMED), STAGE(SETTLED), STAGE(SETTLED), ROLE(MERCHANT), C, ' '},
    {"E32", TYPE(ROUND_SEALED), STAGE(EVIDENCE), STAGE(EVIDENCE), ROLE(SYSTEM), 0, ' '},
    {"1.2", TYPE(COMMAND_REFUSED), STAGE(DECIDED), STAGE(DECIDED), ROLE(MERCHANT), 0, ' '},
    {"1.2", TYPE(FINDING_REFUSED), STAGE(DECIDED), STAGE(DECIDED), ROLE(SYSTEM), 0, ' '},
};

static void every_row_is_told_to_whom_the_stories_say(void **state)
{
    for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
        entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
        Disputes__Case__V1__Origin origin = DISPUTES__CASE__V1__ORIGIN__INIT;
        Disputes__Common__V1__Actor actor = DISPUTES__COMMON__V1__ACTOR__INIT;
        actor.role = ROWS[i].actor;
        origin.actor = &actor;
        entry.origin = &origin;
        entry.type = ROWS[i].type;
        entry.stage_before = ROWS[i].from;
        entry.stage_after = ROWS[i].to;
        struct ntf_told told = ntf_tell(&read_entry(*state, &entry)->news, true);
        if (told.sides != ROWS[i].sides || told.paper != (ROWS[i].mark == 'p') ||
            told.acknowledgement != (ROWS[i].mark == 'a')) {
            fail_msg("%s: told %u, expected %u '%c'", ROWS[i].row, told.sides, ROWS[i].sides, ROWS[i].mark);
        }
    }
}

/* --- acts and findings of section 4 --- */

enum { OTHER = 8, RECEIVER, SENDER, DEBTOR };

/* By the name of the member; what is not here is told to nobody. `whom`: sides, or how they follow. */
static const struct {
    const char *name;
    unsigned whom;
    char mark;
} MEMBERS[] = {
    {"join_appeal", OTHER, ' '},
    {"inspect_return", OTHER, ' '},
    {"duty_performed", OTHER, ' '},
    {"check_return", CM, ' '},
    {"clock_moved", CM, ' '},
    {"offer_opened", RECEIVER, ' '},
    {"offer_countered", RECEIVER, ' '},
    {"offer_rejected", CM, ' '},
    {"offer_retracted", CM, ' '},
    {"offer_expired", CM, ' '},
    {"offer_refused", SENDER, ' '},
    {"referral_sent", CM, ' '},
    {"fee_moved", CM, ' '},
    {"duty_rejected", SENDER, ' '},
    {"payout_sent", C, ' '},
    {"payout_held", C, ' '},
    {"payout_confirmed", C, ' '},
    {"payout_failed", C, ' '},
    {"recovery_opened", M, ' '},
    {"recovery_demanded", M, 'p'},
    {"recovery_received", DEBTOR, ' '},
    {"recovery_closed", M, ' '},
    {"sanction_applied", M, ' '},
    {"sanction_lifted", M, ' '},
};

static unsigned sides_of(unsigned whom, enum ntf_side actor)
{
    switch (whom) {
    case OTHER:
    case RECEIVER:
        return CM & ~NTF_BIT(actor);
    case SENDER:
        return NTF_BIT(actor);
    case DEBTOR: /* the merchant owes the fund what was advanced */
        return M;
    default:
        return whom;
    }
}

static size_t members_seen;

static void walk(struct dsp_arena *arena, const char *content_name, Disputes__Case__V1__EntryType type)
{
    const ProtobufCMessageDescriptor *entries = &disputes__case__v1__entry__descriptor;
    const ProtobufCFieldDescriptor *content = protobuf_c_message_descriptor_get_field_by_name(entries, content_name);
    const ProtobufCMessageDescriptor *oneof = content->descriptor;
    for (unsigned i = 0; i < oneof->n_fields; i++) {
        const ProtobufCFieldDescriptor *member = &oneof->fields[i];
        if (!(member->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) {
            continue;
        }
        for (int actor = NTF_SIDE_CONSUMER; actor <= NTF_SIDE_MERCHANT; actor++) {
            entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
            Disputes__Case__V1__Origin origin = DISPUTES__CASE__V1__ORIGIN__INIT;
            Disputes__Common__V1__Actor who = DISPUTES__COMMON__V1__ACTOR__INIT;
            unsigned whom = 0;
            char mark = ' ';
            for (size_t m = 0; m < sizeof MEMBERS / sizeof *MEMBERS; m++) {
                if (strcmp(MEMBERS[m].name, member->name) == 0) {
                    whom = MEMBERS[m].whom;
                    mark = MEMBERS[m].mark;
                    members_seen += actor == NTF_SIDE_CONSUMER;
                }
            }
            who.role = (role_type)actor;
            who.id = EMPTY;
            origin.actor = &who;
            entry.origin = &origin;
            entry.type = type;
            entry.stage_before = entry.stage_after = STAGE(DECIDED);
            entry.content_case = (Disputes__Case__V1__Entry__ContentCase)content->id;
            void *message = message_with(arena, oneof, member->id);
            memcpy((char *)&entry + content->offset, &message, sizeof message);
            const struct ntf_entry *input = read_entry(arena, &entry);
            struct ntf_told told = {0}; /* what tells the time of a clock to nobody has no input */
            if (input) {
                struct ntf_news news = input->news;
                news.answered = (enum ntf_side)actor;
                told = ntf_tell(&news, true);
            }
            if (told.sides != sides_of(whom, (enum ntf_side)actor) || told.paper != (mark == 'p')) {
                fail_msg("%s.%s by %d: told %u", content_name, member->name, actor, told.sides);
            }
        }
    }
}

static void every_act_and_finding_is_told_to_whom_the_stories_say_and_the_rest_to_nobody(void **state)
{
    members_seen = 0;
    walk(*state, "gateway_command", TYPE(ACT));
    walk(*state, "console_command", TYPE(ACT));
    walk(*state, "sla_finding", TYPE(FINDING));
    walk(*state, "investigation_finding", TYPE(FINDING));
    walk(*state, "arbitration_finding", TYPE(FINDING));
    walk(*state, "fund_finding", TYPE(FINDING));
    walk(*state, "notification_finding", TYPE(FINDING));
    assert_int_equal(members_seen, sizeof MEMBERS / sizeof *MEMBERS);
}

/* --- what stands in a message --- */

static void terms_of_an_offer_stand_in_no_message(void **state)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Common__V1__Ruling ruling = DISPUTES__COMMON__V1__RULING__INIT;
    Disputes__Common__V1__Money amount = DISPUTES__COMMON__V1__MONEY__INIT;
    amount.amount_minor = 18000;
    amount.currency = EMPTY;
    ruling.amount = &amount;
    entry.ruling = &ruling;
    entry.stage_after = STAGE(SETTLED);
    entry.type = TYPE(OFFER_ACCEPTED);
    assert_int_equal(read_entry(*state, &entry)->news.amount_minor, 0);
    entry.type = TYPE(DECISION_FINAL); /* a decision states its sum */
    assert_int_equal(read_entry(*state, &entry)->news.amount_minor, 18000);
}

static void a_proof_states_its_sum_but_not_while_it_would_tell_the_terms(void **state)
{
    static const stage_type STAGES[] = {STAGE(SETTLED), STAGE(ENFORCING), STAGE(DECIDED)};
    static const int64_t SUMS[] = {0, 18000, 18000};
    for (size_t i = 0; i < 3; i++) {
        entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
        Disputes__Gateway__V1__Command command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
        Disputes__Gateway__V1__DutyPerformed performed = DISPUTES__GATEWAY__V1__DUTY_PERFORMED__INIT;
        Disputes__Common__V1__Money amount = DISPUTES__COMMON__V1__MONEY__INIT;
        amount.amount_minor = 18000;
        performed.amount = &amount;
        command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_DUTY_PERFORMED;
        command.duty_performed = &performed;
        entry.type = TYPE(DUTY_PERFORMED);
        entry.stage_before = entry.stage_after = STAGES[i];
        entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_GATEWAY_COMMAND;
        entry.gateway_command = &command;
        assert_int_equal(read_entry(*state, &entry)->news.amount_minor, SUMS[i]);
    }
}

static void a_second_round_is_told_to_who_is_asked(void **state)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Console__V1__Command command = DISPUTES__CONSOLE__V1__COMMAND__INIT;
    Disputes__Console__V1__NextRound round = DISPUTES__CONSOLE__V1__NEXT_ROUND__INIT;
    role_type sides[] = {ROLE(MERCHANT)};
    round.n_sides = 1;
    round.sides = sides;
    command.act_case = DISPUTES__CONSOLE__V1__COMMAND__ACT_NEXT_ROUND;
    command.next_round = &round;
    entry.type = TYPE(ROUND_OPENED);
    entry.stage_before = entry.stage_after = STAGE(EVIDENCE);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_CONSOLE_COMMAND;
    entry.console_command = &command;
    assert_int_equal(ntf_tell(&read_entry(*state, &entry)->news, true).sides, M);
}

static void a_clock_makes_a_decision_by_machine_a_person_does_not(void **state)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    entry.type = TYPE(DECISION_FINAL);
    entry.stage_before = STAGE(PROPOSED);
    entry.stage_after = STAGE(DECIDED);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING;
    entry.sla_finding = message_with(*state, &disputes__sla__v1__finding__descriptor,
                                     DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED);
    assert_true(read_entry(*state, &entry)->news.by_machine);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_INVESTIGATION_FINDING;
    entry.investigation_finding = message_with(*state, &disputes__investigation__v1__finding__descriptor,
                                               DISPUTES__INVESTIGATION__V1__FINDING__FINDING_DECISION_FINAL);
    assert_false(read_entry(*state, &entry)->news.by_machine);
}

static void a_draft_of_the_engine_is_by_machine(void **state)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    entry.type = TYPE(DECISION_PROPOSED);
    entry.stage_before = STAGE(INVESTIGATION);
    entry.stage_after = STAGE(PROPOSED);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_INVESTIGATION_FINDING;
    entry.investigation_finding = message_with(*state, &disputes__investigation__v1__finding__descriptor,
                                               DISPUTES__INVESTIGATION__V1__FINDING__FINDING_DECISION_PROPOSED);
    assert_false(read_entry(*state, &entry)->news.by_machine);
    entry.investigation_finding->decision_proposed->engine = true;
    assert_true(read_entry(*state, &entry)->news.by_machine);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_row_is_told_to_whom_the_stories_say),
        TEST(every_act_and_finding_is_told_to_whom_the_stories_say_and_the_rest_to_nobody),
        TEST(terms_of_an_offer_stand_in_no_message),
        TEST(a_proof_states_its_sum_but_not_while_it_would_tell_the_terms),
        TEST(a_second_round_is_told_to_who_is_asked),
        TEST(a_clock_makes_a_decision_by_machine_a_person_does_not),
        TEST(a_draft_of_the_engine_is_by_machine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
