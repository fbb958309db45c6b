/* Versions of a marketplace's parts: which counts when, which is refused. */
#include "common/service/platform.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/service/message.h"
#include "support/cmocka_all.h"

#define POLICY DISPUTES__PLATFORM__V1__STATE__PART_POLICY
#define NOW INT64_C(1776045600000)

struct fixture {
    struct dsp_arena *arena;
    struct dsp_platforms *platforms;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){dsp_arena_new(1u << 20), dsp_platforms_new()};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    dsp_platforms_free(fixture->platforms);
    dsp_arena_free(fixture->arena);
    return 0;
}

static struct dsp_err add(struct fixture *fixture, const char *id, uint64_t version, int64_t effective_ms,
                          int64_t published_ms)
{
    Disputes__Platform__V1__State part = DISPUTES__PLATFORM__V1__STATE__INIT;
    Disputes__Platform__V1__Policy policy = DISPUTES__PLATFORM__V1__POLICY__INIT;
    struct dsp_str bytes;
    char name[32];
    memcpy(name, id, strlen(id) + 1);
    part.platform_id = name;
    part.version = version;
    part.effective_time_millis = effective_ms;
    part.part_case = POLICY;
    part.policy = &policy;
    assert_ok(dsp_message_pack(fixture->arena, &part.base, &bytes));
    return dsp_platforms_add(fixture->platforms, bytes, published_ms);
}

static uint64_t at(struct fixture *fixture, const char *id, int64_t time_ms)
{
    const Disputes__Platform__V1__State *found = dsp_platforms_at(fixture->platforms, dsp_str_from(id), POLICY,
                                                                  time_ms);
    return found ? found->version : 0;
}

static void the_highest_version_that_is_in_force_counts(void **state)
{
    assert_ok(add(*state, "p", 1, NOW, NOW));
    assert_ok(add(*state, "p", 2, NOW + 8 * DSP_DAY_MS, NOW));
    assert_int_equal(at(*state, "p", NOW - 1), 0);
    assert_int_equal(at(*state, "p", NOW), 1);
    assert_int_equal(at(*state, "p", NOW + 8 * DSP_DAY_MS - 1), 1);
    assert_int_equal(at(*state, "p", NOW + 8 * DSP_DAY_MS), 2);
    assert_int_equal(at(*state, "q", NOW), 0);
    struct fixture *fixture = *state;
    assert_non_null(dsp_platforms_version(fixture->platforms, dsp_str_from("p"), POLICY, 2));
    assert_null(dsp_platforms_version(fixture->platforms, dsp_str_from("p"), POLICY, 3));
}

static void a_later_version_of_the_policy_needs_seven_days_of_notice(void **state)
{
    assert_ok(add(*state, "p", 1, NOW, NOW)); /* the first needs none */
    assert_err(add(*state, "p", 2, NOW + 7 * DSP_DAY_MS - 1, NOW), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_int_equal(at(*state, "p", NOW + 30 * DSP_DAY_MS), 1); /* the earlier one stays */
    assert_ok(add(*state, "p", 2, NOW + 7 * DSP_DAY_MS, NOW));
    assert_ok(add(*state, "p", 3, NOW, DSP_PLATFORM_NO_NOTICE)); /* a sandbox */
    assert_int_equal(at(*state, "p", NOW), 3);
}

static void the_same_version_again_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    assert_ok(add(fixture, "p", 1, NOW, NOW));
    assert_ok(add(fixture, "p", 1, NOW + 5, NOW));
    assert_int_equal(at(fixture, "p", NOW), 1);
    assert_non_null(dsp_platforms_each(fixture->platforms, dsp_str_from("p"), 0));
    assert_null(dsp_platforms_each(fixture->platforms, dsp_str_from("p"), 1));
}

static void a_state_without_platform_version_or_part_is_refused(void **state)
{
    struct fixture *fixture = *state;
    assert_err(add(fixture, "", 1, NOW, NOW), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_err(add(fixture, "p", 0, NOW, NOW), DSP_ERR_REJECT, "FIELD_INVALID");
    assert_err(dsp_platforms_add(fixture->platforms, DSP_STR_LITERAL("\x0a\x01p\x10\x01"), NOW), DSP_ERR_REJECT,
               "FIELD_INVALID");
    assert_err(dsp_platforms_add(fixture->platforms, DSP_STR_LITERAL("\xff\xff"), NOW), DSP_ERR_REJECT, "NOT_PROTOBUF");
    assert_err(dsp_platforms_add(fixture->platforms, DSP_STR_LITERAL("\x0a\x01\xff"), NOW), DSP_ERR_REJECT, "BAD_TEXT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_highest_version_that_is_in_force_counts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_later_version_of_the_policy_needs_seven_days_of_notice, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_version_again_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_state_without_platform_version_or_part_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
