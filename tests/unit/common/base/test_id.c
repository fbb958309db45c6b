#include "support/cmocka_all.h"

#include <string.h>

#include "common/base/id.h"
#include "support/fake_time.h"

static struct dsp_uuid next_id(void)
{
    struct dsp_uuid id = {{0}};
    assert_ok(dsp_uuid_v7(&id));
    return id;
}

static void assert_ordered(int count)
{
    struct dsp_uuid last = next_id();
    for (int i = 0; i < count; i++) {
        struct dsp_uuid id = next_id();
        assert_true(memcmp(last.bytes, id.bytes, sizeof id.bytes) < 0);
        last = id;
    }
}

static void a_new_id_holds_real_time_version_and_variant(void **state)
{
    (void)state;
    fake_time_ms = INT64_C(0x0123456789ab);
    struct dsp_uuid id = next_id();
    char text[DSP_UUID_TEXT_BYTES];
    dsp_uuid_format(&id, text);
    assert_memory_equal(text, "01234567-89ab-7", 15);
    assert_non_null(strchr("89ab", text[19]));
}

static void ids_within_one_millisecond_are_in_order(void **state)
{
    (void)state;
    fake_time_ms = INT64_C(0x020000000000);
    assert_ordered(10000); /* more than the counter holds: borrows milliseconds */
}

static void ids_stay_in_order_when_the_clock_steps_back(void **state)
{
    (void)state;
    fake_time_ms = INT64_C(0x030000000000);
    struct dsp_uuid before = next_id();
    fake_time_ms -= 3600 * 1000;
    struct dsp_uuid after = next_id();
    assert_true(memcmp(before.bytes, after.bytes, sizeof before.bytes) < 0);
    assert_ordered(100);
}

static void a_derived_id_is_stable_and_version_8(void **state)
{
    (void)state;
    const struct dsp_uuid parent = {{0x01, 0x92, 0xaa}};
    struct dsp_uuid id = dsp_uuid_derive(&parent, DSP_STR_LITERAL("clock:K_invest"));
    uint8_t digest[32], bytes[30];
    memcpy(bytes, parent.bytes, 16);
    memcpy(bytes + 16, "clock:K_invest", 14);
    dsp_sha256((struct dsp_str){(const char *)bytes, sizeof bytes}, digest);
    digest[6] = (uint8_t)((digest[6] & 0x0f) | 0x80);
    digest[8] = (uint8_t)((digest[8] & 0x3f) | 0x80);
    assert_memory_equal(id.bytes, digest, 16);
    struct dsp_uuid again = dsp_uuid_derive(&parent, DSP_STR_LITERAL("clock:K_invest"));
    assert_true(dsp_uuid_equal(&id, &again));
}

/* Written down once, so that a change of the recipe cannot pass unseen. */
static void a_derived_id_never_changes_between_versions(void **state)
{
    (void)state;
    const struct dsp_uuid zero = {{0}};
    struct dsp_uuid id = dsp_uuid_derive(&zero, DSP_STR_LITERAL("a"));
    char text[DSP_UUID_TEXT_BYTES];
    dsp_uuid_format(&id, text);
    assert_string_equal(text, "9c6bd5cc-05ac-8e7c-b4ab-71165168ff3d");
}

static void another_parent_or_name_derives_another_id(void **state)
{
    (void)state;
    const struct dsp_uuid parent = {{1}}, other = {{2}};
    struct dsp_uuid id = dsp_uuid_derive(&parent, DSP_STR_LITERAL("a"));
    struct dsp_uuid by_name = dsp_uuid_derive(&parent, DSP_STR_LITERAL("b"));
    struct dsp_uuid by_parent = dsp_uuid_derive(&other, DSP_STR_LITERAL("a"));
    assert_false(dsp_uuid_equal(&id, &by_name));
    assert_false(dsp_uuid_equal(&id, &by_parent));
}

static void text_is_read_in_either_case_and_written_in_lower(void **state)
{
    (void)state;
    struct dsp_uuid id;
    char text[DSP_UUID_TEXT_BYTES];
    assert_true(dsp_uuid_parse(DSP_STR_LITERAL("0192AABB-ccdd-7eEF-8011-223344556677"), &id));
    dsp_uuid_format(&id, text);
    assert_string_equal(text, "0192aabb-ccdd-7eef-8011-223344556677");
    assert_false(dsp_uuid_is_zero(&id));
    assert_int_equal(dsp_uuid_str(&id).len, 16);
}

static void malformed_text_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const char *const BAD[] = {
        "",
        "0192aabbccdd7eef8011223344556677",
        "0192aabb-ccdd-7eef-8011-22334455667",
        "0192aabb-ccdd-7eef-8011-2233445566778",
        "0192aabb-ccdd-7eef-8011-22334455667g",
        "0192aabbc-cdd-7eef-8011-223344556677",
        "0192aabb_ccdd-7eef-8011-223344556677",
        "{192aabb-ccdd-7eef-8011-22334455667}",
    };
    struct dsp_uuid id = {{0}};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        assert_false(dsp_uuid_parse(dsp_str_from(BAD[i]), &id));
    }
    assert_true(dsp_uuid_is_zero(&id));
}

static void sha256_gives_the_published_digests(void **state)
{
    (void)state;
    uint8_t digest[32];
    char text[65];
    dsp_sha256(DSP_STR_LITERAL("abc"), digest); /* FIPS 180-2, B.1 */
    dsp_hex(digest, sizeof digest, text);
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    dsp_sha256((struct dsp_str){NULL, 0}, digest);
    dsp_hex(digest, sizeof digest, text);
    assert_string_equal(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_id_holds_real_time_version_and_variant), /* first: fake time only rises */
        cmocka_unit_test(ids_within_one_millisecond_are_in_order),
        cmocka_unit_test(ids_stay_in_order_when_the_clock_steps_back),
        cmocka_unit_test(a_derived_id_is_stable_and_version_8),
        cmocka_unit_test(a_derived_id_never_changes_between_versions),
        cmocka_unit_test(another_parent_or_name_derives_another_id),
        cmocka_unit_test(text_is_read_in_either_case_and_written_in_lower),
        cmocka_unit_test(malformed_text_is_refused_and_changes_nothing),
        cmocka_unit_test(sha256_gives_the_published_digests),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
