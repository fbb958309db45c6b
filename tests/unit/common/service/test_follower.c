/* What followers of the log share: which entries concern nobody but people. */
#include "common/service/follower.h"

#include "support/cmocka_all.h"

typedef Disputes__Case__V1__Entry entry_message;
typedef Disputes__Sla__V1__Finding finding_message;

#define SLA(name) DISPUTES__SLA__V1__FINDING__FINDING_##name

static entry_message entry_with(finding_message *finding)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    entry.type = DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING;
    entry.stage_before = entry.stage_after = DISPUTES__COMMON__V1__STAGE__STAGE_NEGOTIATION;
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING;
    entry.sla_finding = finding;
    return entry;
}

static void what_sla_says_about_the_time_of_a_clock_tells_time_and_nothing_else_does(void **state)
{
    (void)state;
    for (int member = 0; member <= (int)SLA(OFFER_ACCEPTED); member++) {
        finding_message finding = DISPUTES__SLA__V1__FINDING__INIT;
        finding.finding_case = (Disputes__Sla__V1__Finding__FindingCase)member;
        entry_message entry = entry_with(&finding);
        bool tells = member == SLA(CLOCKS_ARMED) || member == SLA(CLOCK_MOVED) || member == SLA(CLOCK_PAUSED) ||
                     member == SLA(CLOCK_RESUMED) || member == SLA(CLOCK_RUNG_REACHED);
        if (dsp_entry_tells_time(&entry) != tells) {
            fail_msg("finding %d", member);
        }
    }
}

static void an_entry_that_is_refused_or_changes_anything_is_no_mere_time(void **state)
{
    (void)state;
    finding_message finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Common__V1__Ruling ruling = DISPUTES__COMMON__V1__RULING__INIT;
    finding.finding_case = SLA(CLOCKS_ARMED);
    entry_message entry = entry_with(&finding);
    assert_true(dsp_entry_tells_time(&entry));
    entry.type = DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING_REFUSED;
    assert_false(dsp_entry_tells_time(&entry));
    entry = entry_with(&finding);
    entry.stage_after = DISPUTES__COMMON__V1__STAGE__STAGE_DECIDED;
    assert_false(dsp_entry_tells_time(&entry));
    entry = entry_with(&finding);
    entry.n_clocks = 1;
    assert_false(dsp_entry_tells_time(&entry));
    entry = entry_with(&finding);
    entry.n_duties = 1;
    assert_false(dsp_entry_tells_time(&entry));
    entry = entry_with(&finding);
    entry.ruling = &ruling;
    assert_false(dsp_entry_tells_time(&entry));
    entry = entry_with(&finding);
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_FUND_FINDING; /* of another service, whatever it says */
    assert_false(dsp_entry_tells_time(&entry));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_sla_says_about_the_time_of_a_clock_tells_time_and_nothing_else_does),
        cmocka_unit_test(an_entry_that_is_refused_or_changes_anything_is_no_mere_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
