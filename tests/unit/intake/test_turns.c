/* What intake does with what it hears: one log, whatever comes twice, out of order or malformed. */
#include "intake/handlers.h"

#include <stdio.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/seal.h"
#include "intake/store.h"
#include "support/fake/docket.h"

#define ENTRY(name) DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_##name
#define ACCEPT "\"accept_claim\": {\"remedy\": \"REFUND\", \"amount\": 12900}"

static int set_up(void **state)
{
    *state = docket_new();
    return 0;
}

static int tear_down(void **state)
{
    docket_free(*state);
    return 0;
}

static struct fake *intake_of(struct docket *docket)
{
    return docket->of[DOCKET_INTAKE];
}

/* Records on the log that are entries; each must follow the one before by number and hash. */
static size_t check_chain(struct docket *docket)
{
    uint8_t last[32] = {0};
    size_t entries = 0;
    for (int i = 0; i < (int)docket_entries(docket); i++) {
        const Disputes__Case__V1__Entry *entry = docket_entry(docket, i + 1);
        const struct fake_out *out = fake_out_on(intake_of(docket), DOCKET_LOG, i);
        if (!entry) {
            continue;
        }
        uint8_t hash[32];
        entries++;
        assert_int_equal(entry->sequence, entries);
        assert_int_equal(out->headers.sequence, entries);
        if (entries > 1) {
            assert_int_equal(entry->previous_hash.len, sizeof last);
            assert_memory_equal(entry->previous_hash.data, last, sizeof last);
        }
        dsp_sha256(out->value, hash);
        assert_memory_equal(out->headers.entry_hash, hash, sizeof hash);
        memcpy(last, hash, sizeof last);
    }
    return entries;
}

static const Disputes__Case__V1__CommandAnswered *last_answer(struct docket *docket)
{
    const Disputes__Case__V1__CaseEvent *event = fake_message(
        intake_of(docket), &disputes__case__v1__case_event__descriptor, fake_out_on(intake_of(docket), DOCKET_LOG, -1));
    assert_int_equal(event->record_case, DISPUTES__CASE__V1__CASE_EVENT__RECORD_ANSWERED);
    return event->answered;
}

static void a_filing_is_logged_chained_and_its_texts_are_sealed_under_a_key_of_its_own(void **state)
{
    struct docket *docket = *state;
    docket_file(docket, "QUALITY");
    assert_true(check_chain(docket) >= 3);
    assert_int_equal(docket_entry(docket, 1)->type, ENTRY(COMPLAINT_FILED));
    assert_int_equal(docket_stage(docket), DISPUTES__COMMON__V1__STAGE__STAGE_NEGOTIATION);
    assert_int_equal(fake_outs_on(intake_of(docket), DOCKET_KEYS), 1);
    for (size_t i = 0; i < intake_of(docket)->out_count; i++) {
        const struct fake_out *out = &intake_of(docket)->outs[i];
        assert_null(memmem(out->value.ptr, out->value.len, "壶盖", strlen("壶盖")));
        assert_null(memmem(out->value.ptr, out->value.len, "openid-c1", strlen("openid-c1")));
    }
}

static void a_command_that_comes_again_gets_its_first_answer_and_makes_no_entry(void **state)
{
    struct docket *docket = *state;
    docket_file(docket, "QUALITY");
    struct fake_record accept = docket_command(docket, DOCKET_GATEWAY, "same", "MERCHANT", "m1", ACCEPT);
    assert_ok(fake_deliver(intake_of(docket), &accept));
    docket_pump(docket);
    size_t entries = check_chain(docket);
    for (int i = 0; i < 9; i++) {
        assert_ok(fake_deliver(intake_of(docket), &accept));
        assert_string_equal(last_answer(docket)->message_id, "same");
        assert_null(last_answer(docket)->refusal);
    }
    assert_int_equal(check_chain(docket), entries);
}

static void an_id_that_comes_again_with_other_content_is_refused(void **state)
{
    struct docket *docket = *state;
    docket_file(docket, "QUALITY");
    struct fake_record accept = docket_command(docket, DOCKET_GATEWAY, "same", "MERCHANT", "m1", ACCEPT);
    assert_ok(fake_deliver(intake_of(docket), &accept));
    struct fake_record other = docket_command(docket, DOCKET_GATEWAY, "same", "MERCHANT", "m1", "\"reply\": {}");
    assert_ok(fake_deliver(intake_of(docket), &other));
    assert_string_equal(docket_entry(docket, -1)->refusal->code, "ID_REUSED");
    /* Another sender's id of the same name is another id. */
    struct fake_record foreign = docket_command(docket, DOCKET_CONSOLE, "same", "AGENT", "a1", "\"admit\": {}");
    assert_ok(fake_deliver(intake_of(docket), &foreign));
    assert_string_not_equal(docket_entry(docket, -1)->refusal->code, "ID_REUSED");
    check_chain(docket);
}

static void a_command_about_no_case_is_answered_and_leaves_no_row(void **state)
{
    struct docket *docket = *state;
    struct fake_record accept = docket_command(docket, DOCKET_GATEWAY, NULL, "MERCHANT", "m1", ACCEPT);
    assert_ok(fake_deliver(intake_of(docket), &accept));
    assert_string_equal(last_answer(docket)->refusal->code, "CASE_UNKNOWN");
    assert_int_equal(docket_rows(docket, DOCKET_INTAKE, "docket")->count, 0);
}

static void a_forbidden_command_is_refused_in_the_log_and_moves_nothing(void **state)
{
    struct docket *docket = *state;
    docket_file(docket, "QUALITY");
    docket_act(docket, DOCKET_GATEWAY, "CONSUMER", "c1", "\"answer_feedback\": {\"score\": 5}");
    const Disputes__Case__V1__Entry *entry = docket_entry(docket, -1);
    assert_int_equal(entry->type, ENTRY(COMMAND_REFUSED));
    assert_int_equal(entry->stage_after, DISPUTES__COMMON__V1__STAGE__STAGE_NEGOTIATION);
    assert_true(entry->refusal->code[0] && entry->refusal->n_allowed_actions > 0);
    assert_int_equal(fake_counted(intake_of(docket), "dispute_refusals_total"), 1);
    assert_int_equal(
        fake_counted(intake_of(docket), "dispute_case_transitions_total{from=\"SCREENING\",to=\"NEGOTIATION\"}"), 1);
    check_chain(docket);
}

static void refused(struct docket *docket, struct fake_record record, const char *code)
{
    uint64_t before = fake_picture(intake_of(docket), &docket->case_id);
    assert_err(fake_deliver(intake_of(docket), &record), DSP_ERR_REJECT, code);
    assert_true(fake_picture(intake_of(docket), &docket->case_id) == before);
}

static void a_malformed_command_is_no_entry_and_has_a_code(void **state)
{
    struct docket *docket = *state;
    docket_file(docket, "QUALITY");
    struct fake_record good = docket_command(docket, DOCKET_GATEWAY, NULL, "MERCHANT", "m1", ACCEPT);
    struct fake_record bad = good;
    bad.value = DSP_STR_LITERAL("\xff\xff garbage");
    refused(docket, bad, DSP_CODE_NOT_PROTOBUF);
    bad.value = DSP_STR_LITERAL("");
    refused(docket, bad, DSP_CODE_KIND_UNKNOWN);
    bad.value = (struct dsp_str){NULL, 0};
    refused(docket, bad, DSP_CODE_TOMBSTONE);
    bad = good;
    bad.envelope.subject = (struct dsp_uuid){{0}};
    refused(docket, bad, DSP_CODE_HEADER_MISSING);
    bad = good;
    bad.key = DSP_STR_LITERAL("o-2");
    refused(docket, bad, DSP_CODE_WRONG_KEY);
    bad = docket_command(docket, DOCKET_GATEWAY, NULL, "CONSUMER", "c1",
                         "\"file_complaint\": {\"platform_id\": \"p\", \"reason\": \"QUALITY\"}");
    refused(docket, bad, DSP_CODE_FIELD_INVALID);
}

static void a_record_that_fails_takes_those_of_its_turn_back_with_it(void **state)
{
    struct docket *docket = *state;
    docket_file(docket, "QUALITY");
    struct fake_record both[2] = {docket_command(docket, DOCKET_GATEWAY, NULL, "MERCHANT", "m1", ACCEPT),
                                  docket_command(docket, DOCKET_GATEWAY, NULL, "MERCHANT", "m1", ACCEPT)};
    both[1].key = DSP_STR_LITERAL("o-2");
    uint64_t before = fake_picture(intake_of(docket), &docket->case_id);
    assert_err(fake_deliver_all(intake_of(docket), both, 2), DSP_ERR_REJECT, DSP_CODE_WRONG_KEY);
    assert_true(fake_picture(intake_of(docket), &docket->case_id) == before);
    both[1].key = both[0].key; /* the engine runs them again without the bad one */
    assert_ok(fake_deliver_all(intake_of(docket), both, 2));
    docket_pump(docket);
    assert_non_null(docket_last(docket, ENTRY(CLAIM_ACCEPTED)));
    assert_non_null(docket_last(docket, ENTRY(COMMAND_REFUSED)));
    check_chain(docket);
}

static void a_finding_counts_once_in_its_order_and_never_over_a_gap(void **state)
{
    struct docket *docket = *state;
    docket->deaf[DOCKET_INTAKE] = true;
    struct fake_record file;
    docket->deaf[DOCKET_INTAKE] = false;
    docket_file(docket, "QUALITY");
    docket->deaf[DOCKET_INTAKE] = true;
    docket_at(docket, FAKE_START_MS + 86400001);
    struct fake *sla = docket->of[DOCKET_SLA];
    struct dsp_timer timer = *fake_timer(sla, "clock:4:2");
    size_t before = fake_outs_on(sla, "disputes.sla.finding.v1");
    assert_ok(fake_fire(sla, &timer)); /* rungs and the breach: several findings */
    size_t after = fake_outs_on(sla, "disputes.sla.finding.v1");
    assert_true(after >= before + 2);
    struct fake_record first = fake_record_of(sla, fake_out_on(sla, "disputes.sla.finding.v1", (int)before));
    struct fake_record second = fake_record_of(sla, fake_out_on(sla, "disputes.sla.finding.v1", (int)before + 1));
    refused(docket, second, DSP_CODE_SEQUENCE_GAP);
    assert_ok(fake_deliver(intake_of(docket), &first));
    uint64_t once = fake_picture(intake_of(docket), &docket->case_id);
    assert_ok(fake_deliver(intake_of(docket), &first));
    assert_true(fake_picture(intake_of(docket), &docket->case_id) == once);
    assert_ok(fake_deliver(intake_of(docket), &second));
    assert_true(fake_picture(intake_of(docket), &docket->case_id) != once);
    file = second;
    file.envelope.subject.bytes[15] ^= 1; /* of a case that nobody filed */
    refused(docket, file, DSP_CODE_FIELD_INVALID);
    file = second;
    file.envelope.sequence = 0;
    refused(docket, file, DSP_CODE_HEADER_MISSING);
    check_chain(docket);
}

static void a_breach_waits_until_both_command_topics_are_read_past_it(void **state)
{
    struct docket *docket = *state;
    struct fake *intake = intake_of(docket);
    struct fake *sla = docket->of[DOCKET_SLA];
    docket_file(docket, "QUALITY");
    docket->deaf[DOCKET_INTAKE] = true;
    struct dsp_timer timer = *fake_timer(sla, "clock:4:2");
    docket_at(docket, timer.due_ms + 1);
    for (int i = 0; i < 4; i++) { /* three rungs, then the breach */
        docket_at(docket, FAKE_START_MS + 86400001);
        const struct dsp_timer *next = fake_timer(sla, "clock:4:2");
        if (next) {
            struct dsp_timer copy = *next;
            assert_ok(fake_fire(sla, &copy));
        }
    }
    size_t count = fake_outs_on(sla, "disputes.sla.finding.v1");
    size_t entries = docket_entries(docket);
    intake->stamps[0] = FAKE_START_MS; /* the gateway's topic is read up to the filing only */
    bool waited = false;
    for (size_t i = 0; i < count; i++) {
        struct fake_record record = fake_record_of(sla, fake_out_on(sla, "disputes.sla.finding.v1", (int)i));
        struct dsp_err err = fake_deliver(intake, &record);
        if (err.kind == DSP_ERR_RETRY) {
            assert_string_equal(err.code, DSP_CODE_NOT_READY);
            assert_true(intake->produced > 0); /* time marks, so that a quiet topic moves on */
            waited = true;
            intake->stamps[0] = FAKE_START_MS + 86400001;
            assert_ok(fake_deliver(intake, &record));
        } else {
            assert_ok(err);
        }
    }
    assert_true(waited && docket_entries(docket) > entries);
    check_chain(docket);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_filing_is_logged_chained_and_its_texts_are_sealed_under_a_key_of_its_own),
        CASE(a_command_that_comes_again_gets_its_first_answer_and_makes_no_entry),
        CASE(an_id_that_comes_again_with_other_content_is_refused),
        CASE(a_command_about_no_case_is_answered_and_leaves_no_row),
        CASE(a_forbidden_command_is_refused_in_the_log_and_moves_nothing),
        CASE(a_malformed_command_is_no_entry_and_has_a_code),
        CASE(a_record_that_fails_takes_those_of_its_turn_back_with_it),
        CASE(a_finding_counts_once_in_its_order_and_never_over_a_gap),
        CASE(a_breach_waits_until_both_command_topics_are_read_past_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
