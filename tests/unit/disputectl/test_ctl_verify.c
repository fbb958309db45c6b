#include "support/cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "disputectl/ctl_verify.h"
#include "disputes/case/v1/event.pb-c.h"

#define CASE_A "0193d3f0-0000-7000-8000-00000000000a"
#define CASE_B "0193d3f0-0000-7000-8000-00000000000b"

/* A record as published: bytes and the header that belongs to them. */
struct record {
    uint8_t bytes[512];
    size_t size;
    uint8_t hash[32];
    char hex[65];
};

static struct ctl_chain *chain;
static char problem[256];

static int setup(void **state)
{
    (void)state;
    chain = ctl_chain_new();
    return chain ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    ctl_chain_free(chain);
    return 0;
}

static struct record entry(const char *case_id, uint64_t sequence, const struct record *previous)
{
    static char empty[1];
    struct record record = {0};
    char id[64];
    uint8_t hash[32];
    Disputes__Case__V1__Entry body = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Case__V1__CaseEvent event = DISPUTES__CASE__V1__CASE_EVENT__INIT;
    snprintf(id, sizeof id, "%s", case_id);
    body.case_id = id;
    body.order_id = empty;
    body.sequence = sequence;
    if (previous) {
        memcpy(hash, previous->hash, sizeof hash);
        body.previous_hash = (ProtobufCBinaryData){sizeof hash, hash};
    }
    event.record_case = DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY;
    event.entry = &body;
    assert_true(disputes__case__v1__case_event__get_packed_size(&event) <= sizeof record.bytes);
    record.size = disputes__case__v1__case_event__pack(&event, record.bytes);
    dsp_sha256((struct dsp_str){(const char *)record.bytes, record.size}, record.hash);
    dsp_hex(record.hash, sizeof record.hash, record.hex);
    return record;
}

static bool add(const struct record *record)
{
    problem[0] = '\0';
    return ctl_chain_add(chain, (struct dsp_str){(const char *)record->bytes, record->size}, dsp_str_from(record->hex),
                         problem, sizeof problem);
}

static void assert_good(const struct record *record)
{
    if (!add(record)) {
        fail_msg("%s", problem);
    }
}

static void assert_broken(const struct record *record, const char *why)
{
    assert_false(add(record));
    assert_non_null(strstr(problem, why));
    assert_int_equal(ctl_chain_result(chain).broken, 1);
}

static void whole_chains_of_several_cases_are_good(void **state)
{
    (void)state;
    struct dsp_uuid id;
    struct record a1 = entry(CASE_A, 1, NULL);
    struct record b1 = entry(CASE_B, 1, NULL);
    struct record a2 = entry(CASE_A, 2, &a1);
    struct record a3 = entry(CASE_A, 3, &a2);
    assert_good(&a1);
    assert_good(&b1);
    assert_good(&a2);
    assert_good(&a3);
    struct ctl_chain_result result = ctl_chain_result(chain);
    assert_int_equal(result.cases, 2);
    assert_int_equal(result.entries, 4);
    assert_int_equal(result.broken, 0);
    assert_true(dsp_uuid_parse(dsp_str_from(CASE_A), &id));
    assert_int_equal(ctl_chain_length(chain, &id), 3);
}

static void many_cases_are_kept_apart(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        char id[64];
        snprintf(id, sizeof id, "0193d3f0-0000-7000-8000-%012x", i);
        struct record first = entry(id, 1, NULL);
        struct record second = entry(id, 2, &first);
        assert_good(&first);
        assert_good(&second);
    }
    assert_int_equal(ctl_chain_result(chain).cases, 3000);
    assert_int_equal(ctl_chain_result(chain).entries, 6000);
}

static void an_entry_published_twice_is_fine(void **state)
{
    (void)state;
    struct record first = entry(CASE_A, 1, NULL);
    struct record second = entry(CASE_A, 2, &first);
    assert_good(&first);
    assert_good(&first);
    assert_good(&second);
    assert_good(&second);
    assert_int_equal(ctl_chain_result(chain).repeated, 2);
    assert_int_equal(ctl_chain_result(chain).entries, 2);
}

static void a_gap_breaks_the_chain(void **state)
{
    (void)state;
    struct record first = entry(CASE_A, 1, NULL);
    struct record third = entry(CASE_A, 3, &first);
    assert_good(&first);
    assert_broken(&third, "entry 3 after 1: a number is missing or comes twice");
}

static void a_chain_starts_at_one_without_previous(void **state)
{
    (void)state;
    struct record first = entry(CASE_A, 1, NULL);
    struct record late = entry(CASE_A, 2, &first);
    assert_broken(&late, "a number is missing");
    struct record odd = entry(CASE_B, 1, &first);
    assert_false(add(&odd));
    assert_non_null(strstr(problem, "the first entry names a previous one"));
}

static void another_entry_under_the_same_number_breaks_the_chain(void **state)
{
    (void)state;
    struct record first = entry(CASE_A, 1, NULL);
    struct record second = entry(CASE_A, 2, &first);
    struct record other = entry(CASE_A, 2, &second);
    assert_good(&first);
    assert_good(&second);
    assert_broken(&other, "entry 2 after 2");
}

static void a_changed_entry_breaks_the_next_one(void **state)
{
    (void)state;
    struct record first = entry(CASE_A, 1, NULL);
    struct record forged = entry(CASE_A, 1, NULL);
    forged.bytes[forged.size++] = 0x98; /* field 99 = 0: still a CaseEvent, other bytes */
    forged.bytes[forged.size++] = 0x06;
    forged.bytes[forged.size++] = 0x00;
    dsp_sha256((struct dsp_str){(const char *)forged.bytes, forged.size}, forged.hash);
    dsp_hex(forged.hash, sizeof forged.hash, forged.hex);
    struct record second = entry(CASE_A, 2, &first);
    assert_good(&forged);
    assert_broken(&second, "previous_hash is not the hash of the entry before");
}

static void a_wrong_header_breaks_the_chain(void **state)
{
    (void)state;
    struct record first = entry(CASE_A, 1, NULL);
    first.hex[0] = first.hex[0] == '0' ? '1' : '0';
    assert_broken(&first, "ce_entryhash is not the hash of the value");
}

static void a_missing_header_breaks_the_chain(void **state)
{
    (void)state;
    struct record first = entry(CASE_A, 1, NULL);
    first.hex[0] = '\0';
    assert_broken(&first, "ce_entryhash");
}

static void a_broken_case_is_reported_once(void **state)
{
    (void)state;
    struct record first = entry(CASE_A, 1, NULL);
    struct record third = entry(CASE_A, 3, &first);
    struct record fourth = entry(CASE_A, 4, &third);
    struct record other = entry(CASE_B, 1, NULL);
    assert_good(&first);
    assert_broken(&third, "a number is missing");
    assert_good(&fourth); /* not checked any more */
    assert_good(&other);  /* its neighbours are */
    assert_int_equal(ctl_chain_result(chain).broken, 1);
    assert_int_equal(ctl_chain_result(chain).entries, 2);
}

static void answers_are_no_entries(void **state)
{
    (void)state;
    struct record record = {0};
    Disputes__Case__V1__CommandAnswered answered = DISPUTES__CASE__V1__COMMAND_ANSWERED__INIT;
    Disputes__Case__V1__CaseEvent event = DISPUTES__CASE__V1__CASE_EVENT__INIT;
    event.record_case = DISPUTES__CASE__V1__CASE_EVENT__RECORD_ANSWERED;
    event.answered = &answered;
    record.size = disputes__case__v1__case_event__pack(&event, record.bytes);
    assert_good(&record);
    assert_int_equal(ctl_chain_result(chain).entries, 0);
}

static void bytes_that_are_no_event_are_reported(void **state)
{
    (void)state;
    struct record record = {.bytes = {0xff, 0xff, 0xff}, .size = 3};
    assert_broken(&record, "no CaseEvent");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(whole_chains_of_several_cases_are_good, setup, teardown),
        cmocka_unit_test_setup_teardown(many_cases_are_kept_apart, setup, teardown),
        cmocka_unit_test_setup_teardown(an_entry_published_twice_is_fine, setup, teardown),
        cmocka_unit_test_setup_teardown(a_gap_breaks_the_chain, setup, teardown),
        cmocka_unit_test_setup_teardown(a_chain_starts_at_one_without_previous, setup, teardown),
        cmocka_unit_test_setup_teardown(another_entry_under_the_same_number_breaks_the_chain, setup, teardown),
        cmocka_unit_test_setup_teardown(a_changed_entry_breaks_the_next_one, setup, teardown),
        cmocka_unit_test_setup_teardown(a_wrong_header_breaks_the_chain, setup, teardown),
        cmocka_unit_test_setup_teardown(a_missing_header_breaks_the_chain, setup, teardown),
        cmocka_unit_test_setup_teardown(a_broken_case_is_reported_once, setup, teardown),
        cmocka_unit_test_setup_teardown(answers_are_no_entries, setup, teardown),
        cmocka_unit_test_setup_teardown(bytes_that_are_no_event_are_reported, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
