/* Data keys of cases: waiting for one, using it, its end. */
#include "common/service/keys.h"

#include <string.h>

#include "common/base/arena.h"
#include "common/service/message.h"
#include "disputes/case/v1/event.pb-c.h"
#include "support/cmocka_all.h"

static const struct dsp_uuid CASE = {{1, 2, 3}};
static const struct dsp_uuid OTHER = {{4}};

struct fixture {
    struct dsp_arena *arena;
    struct dsp_key deployment;
    struct dsp_key key;
    struct dsp_keys *keys;
    char id[DSP_UUID_TEXT_BYTES];
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture.arena = dsp_arena_new(64 * 1024);
    assert_ok(dsp_key_generate(&fixture.deployment));
    assert_ok(dsp_key_generate(&fixture.key));
    fixture.keys = dsp_keys_new(&fixture.deployment);
    dsp_uuid_format(&CASE, fixture.id);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    dsp_keys_free(fixture->keys);
    dsp_arena_free(fixture->arena);
    return 0;
}

/* The record of the topic, wrapped for a case by a deployment key. */
static struct dsp_str record(struct fixture *fixture, const struct dsp_key *by, const struct dsp_uuid *case_id)
{
    static uint8_t wrapped[DSP_WRAPPED_KEY_BYTES];
    Disputes__Case__V1__CaseKey message = DISPUTES__CASE__V1__CASE_KEY__INIT;
    struct dsp_str bytes;
    assert_ok(dsp_key_wrap(by, case_id, &fixture->key, wrapped));
    message.wrapped_key = (ProtobufCBinaryData){sizeof wrapped, wrapped};
    assert_ok(dsp_message_pack(fixture->arena, &message.base, &bytes));
    return bytes;
}

static void a_key_that_was_not_read_yet_is_waited_for(void **state)
{
    struct fixture *fixture = *state;
    const struct dsp_key *found = NULL;
    assert_err(dsp_keys_find(fixture->keys, &CASE, &found), DSP_ERR_RETRY, "NOT_READY");
    assert_ok(dsp_keys_read(fixture->keys, dsp_str_from(fixture->id), record(fixture, &fixture->deployment, &CASE)));
    assert_ok(dsp_keys_find(fixture->keys, &CASE, &found));
    assert_memory_equal(found->bytes, fixture->key.bytes, DSP_KEY_BYTES);
    assert_err(dsp_keys_find(fixture->keys, &OTHER, &found), DSP_ERR_RETRY, "NOT_READY");
}

static void a_tombstone_erases_the_key(void **state)
{
    struct fixture *fixture = *state;
    const struct dsp_key *found = NULL;
    assert_ok(dsp_keys_read(fixture->keys, dsp_str_from(fixture->id), record(fixture, &fixture->deployment, &CASE)));
    assert_ok(dsp_keys_read(fixture->keys, dsp_str_from(fixture->id), (struct dsp_str){NULL, 0}));
    assert_err(dsp_keys_find(fixture->keys, &CASE, &found), DSP_ERR_REJECT, "KEY_ERASED");
    assert_null(found);
}

static void a_tombstone_of_a_key_never_read_erases_too(void **state)
{
    struct fixture *fixture = *state;
    const struct dsp_key *found;
    assert_ok(dsp_keys_read(fixture->keys, dsp_str_from(fixture->id), (struct dsp_str){NULL, 0}));
    assert_err(dsp_keys_find(fixture->keys, &CASE, &found), DSP_ERR_REJECT, "KEY_ERASED");
}

static void keys_of_another_deployment_or_case_are_refused(void **state)
{
    struct fixture *fixture = *state;
    const struct dsp_key *found;
    struct dsp_key stranger;
    assert_ok(dsp_key_generate(&stranger));
    assert_err(dsp_keys_read(fixture->keys, dsp_str_from(fixture->id), record(fixture, &stranger, &CASE)),
               DSP_ERR_REJECT, "SEAL_INVALID");
    assert_err(dsp_keys_read(fixture->keys, dsp_str_from(fixture->id), record(fixture, &fixture->deployment, &OTHER)),
               DSP_ERR_REJECT, "SEAL_INVALID");
    assert_err(dsp_keys_read(fixture->keys, DSP_STR_LITERAL("order-1"), record(fixture, &fixture->deployment, &CASE)),
               DSP_ERR_REJECT, "WRONG_KEY");
    assert_err(dsp_keys_read(fixture->keys, dsp_str_from(fixture->id), DSP_STR_LITERAL("\xff")), DSP_ERR_REJECT,
               "NOT_PROTOBUF");
    assert_err(dsp_keys_find(fixture->keys, &CASE, &found), DSP_ERR_RETRY, "NOT_READY");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_that_was_not_read_yet_is_waited_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_tombstone_erases_the_key, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_tombstone_of_a_key_never_read_erases_too, set_up, tear_down),
        cmocka_unit_test_setup_teardown(keys_of_another_deployment_or_case_are_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
