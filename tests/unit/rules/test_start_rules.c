/* deploy/policy/rules.json, read as a platform publishes it: each rule proves its violation, and nothing else does. */
#include <stdio.h>

#include "disputectl/ctl_json.h"
#include "disputes/platform/v1/state.pb-c.h"
#include "investigation/codec.h"
#include "support/cmocka_all.h"

#define DAY_MS (24LL * 60 * 60 * 1000)
#define T0 1767225600000LL /* 2026-01-01 */

enum {
    NOT_RECEIVED = 1,
    LATE_SHIPPING = 2,
    QUALITY = 5,
    NOT_AS_DESCRIBED = 6,
    COUNTERFEIT = 7,
    FOOD_SAFETY = 9,
};
enum { UNBOXING = 3, LABEL = 4, BATCH = 5, REPORT = 6, DISPATCH = 7, DELIVERY = 8, CERTIFICATE = 10 };

static struct dsp_arena *arena;
static struct dsp_platforms *platforms;
static const struct inv_rule *rules;
static size_t rule_count;

static int load(void **state)
{
    (void)state;
    json_t *file = NULL;
    struct dsp_str bytes;
    struct inv_case_row row = {.head = {.platform_id = DSP_STR_LITERAL("p"), .rules_version = 1}};
    arena = dsp_arena_new(8u << 20);
    platforms = dsp_platforms_new();
    if (dsp_failed(ctl_json_read_file(HESHI_SOURCE_DIR "/deploy/policy/rules.json", &file))) {
        return 1;
    }
    json_object_del(file, "//");
    json_object_set_new(file, "platform_id", json_string("p"));
    json_object_set_new(file, "version", json_integer(1));
    struct dsp_err err = ctl_json_pack(arena, &disputes__platform__v1__state__descriptor, file, &bytes);
    json_decref(file);
    if (dsp_failed(err)) {
        print_error("rules.json: %s\n", err.detail);
        return 1;
    }
    err = dsp_platforms_add(platforms, bytes, DSP_PLATFORM_NO_NOTICE);
    return dsp_failed(err) || dsp_failed(inv_read_rules(platforms, arena, &row, &rules, &rule_count));
}

static int unload(void **state)
{
    (void)state;
    dsp_platforms_free(platforms);
    dsp_arena_free(arena);
    return 0;
}

static struct inv_facts facts_of(int32_t reason, int32_t remedy, int64_t asked, int64_t paid)
{
    return (struct inv_facts){
        .vouched = true,
        .reason = reason,
        .remedy = remedy,
        .asked_minor = asked,
        .paid_minor = paid,
        .unpaid_minor = paid,
        .times = {[INV_FACT_PAID] = T0, [INV_FACT_FILED] = T0 + 30 * DAY_MS, [INV_FACT_NOW] = T0 + 33 * DAY_MS}};
}

/* Id of the rule that decides, or "" */
static const char *decides(const struct inv_facts *facts, struct inv_ruling *ret_ruling, bool *relied)
{
    static char id[32];
    struct inv_found found = {.relied = relied};
    inv_rules_try(facts, rules, rule_count, &found);
    snprintf(id, sizeof id, "%.*s", found.rule ? (int)found.rule->rule_id.len : 0,
             found.rule ? found.rule->rule_id.ptr : "");
    if (found.rule && ret_ruling) {
        *ret_ruling = found.ruling;
    }
    return id;
}

static struct inv_exhibit exhibit(enum inv_side side, int32_t kind)
{
    return (struct inv_exhibit){.side = side, .kind = kind, .usable = true, .verified = true};
}

static void a_parcel_whose_tracking_stopped_is_not_received(void **state)
{
    (void)state;
    bool relied[2];
    struct inv_ruling ruling;
    struct inv_exhibit exhibits[2] = {exhibit(INV_CONSUMER, 9)};
    struct inv_facts facts = facts_of(NOT_RECEIVED, INV_REMEDY_REFUND, 26800, 26800); /* SC06 */
    facts.exhibits = exhibits;
    facts.exhibit_count = 1;
    facts.missed = INV_MERCHANT;
    facts.times[INV_FACT_SHIPPED] = T0 + DAY_MS;
    facts.times[INV_FACT_PROMISED] = T0 + 20 * DAY_MS;
    assert_string_equal(decides(&facts, NULL, relied), ""); /* the last scan is unknown */
    facts.times[INV_FACT_LAST_SCAN] = T0 + 3 * DAY_MS;
    assert_string_equal(decides(&facts, &ruling, relied), "NT-02");
    assert_int_equal(ruling.liability, INV_LIABILITY_MERCHANT);
    assert_int_equal(ruling.merchant_percent, 100);
    assert_int_equal(ruling.amount_minor, 26800);
    assert_true(relied[0]);
    facts.times[INV_FACT_LAST_SCAN] = facts.times[INV_FACT_NOW] - 10 * DAY_MS; /* ten days, not more */
    assert_string_equal(decides(&facts, NULL, relied), "");
    facts.times[INV_FACT_LAST_SCAN] = T0 + 3 * DAY_MS;
    facts.exhibit_count = 2;
    exhibits[1] = exhibit(INV_MERCHANT, DELIVERY);
    assert_string_equal(decides(&facts, NULL, relied), "");
    exhibits[1].usable = false; /* late, and not admitted */
    assert_string_equal(decides(&facts, NULL, relied), "NT-02");
    exhibits[1] = exhibit(INV_MERCHANT, INV_KIND_UNSPECIFIED); /* it may be the proof of delivery */
    assert_string_equal(decides(&facts, NULL, relied), "");
    exhibits[1] = exhibit(INV_MERCHANT, DISPATCH);
    assert_string_equal(decides(&facts, NULL, relied), "NT-02");
    facts.times[INV_FACT_RECEIVED] = T0 + 31 * DAY_MS;
    assert_string_equal(decides(&facts, NULL, relied), "");
}

static void nothing_is_obvious_of_an_order_that_nobody_vouches_for(void **state)
{
    (void)state;
    struct inv_facts facts = facts_of(NOT_RECEIVED, INV_REMEDY_REFUND, 26800, 26800);
    facts.times[INV_FACT_PROMISED] = T0 + 20 * DAY_MS;
    assert_string_equal(decides(&facts, NULL, NULL), "NT-01");
    facts.vouched = false;
    assert_string_equal(decides(&facts, NULL, NULL), "");
}

static void late_shipping_gives_all_or_a_tenth(void **state)
{
    (void)state;
    struct inv_ruling ruling;
    struct inv_facts facts = facts_of(LATE_SHIPPING, INV_REMEDY_REFUND, 10000, 10000);
    facts.times[INV_FACT_PROMISED] = T0 + 10 * DAY_MS;
    assert_string_equal(decides(&facts, &ruling, NULL), "LS-01");
    facts.times[INV_FACT_SHIPPED] = T0 + 11 * DAY_MS;
    assert_string_equal(decides(&facts, &ruling, NULL), "LS-02");
    assert_int_equal(ruling.amount_minor, 10000);
    facts.times[INV_FACT_RECEIVED] = T0 + 15 * DAY_MS;
    assert_string_equal(decides(&facts, &ruling, NULL), "LS-03");
    assert_int_equal(ruling.amount_minor, 1000);
    assert_int_equal(ruling.remedy, INV_REMEDY_PART_REFUND);
    facts.times[INV_FACT_SHIPPED] = T0 + 10 * DAY_MS; /* the last instant is in time */
    assert_string_equal(decides(&facts, NULL, NULL), "");
}

static void food_past_its_date_gives_tenfold_with_its_minimum(void **state)
{
    (void)state;
    bool relied[4];
    struct inv_ruling ruling;
    struct inv_exhibit exhibits[4] = {exhibit(INV_CONSUMER, LABEL), exhibit(INV_CONSUMER, UNBOXING),
                                      exhibit(INV_CONSUMER, BATCH), exhibit(INV_MERCHANT, DISPATCH)};
    struct inv_facts facts = facts_of(FOOD_SAFETY, INV_REMEDY_STATUTORY_MULTIPLE, 103990, 3990); /* SC04 */
    exhibits[0].stated_ms = T0 + 5 * DAY_MS;
    facts.exhibits = exhibits;
    facts.exhibit_count = 4;
    facts.times[INV_FACT_RECEIVED] = T0 + 15 * DAY_MS;
    assert_string_equal(decides(&facts, &ruling, relied), "FS-01");
    assert_int_equal(ruling.remedy, INV_REMEDY_STATUTORY_MULTIPLE);
    assert_int_equal(ruling.amount_minor, 103990);
    assert_true(relied[0] && relied[1] && relied[2] && !relied[3]); /* e1 e2 e3 */
    facts.asked_minor = 500000;
    facts.paid_minor = facts.unpaid_minor = 20000; /* ten times is above the minimum */
    assert_string_equal(decides(&facts, &ruling, relied), "FS-01");
    assert_int_equal(ruling.amount_minor, 220000);
    facts.asked_minor = 30000; /* nobody gets more than is asked */
    assert_string_equal(decides(&facts, &ruling, relied), "FS-01");
    assert_int_equal(ruling.amount_minor, 30000);
    facts.remedy = INV_REMEDY_REFUND;
    assert_string_equal(decides(&facts, &ruling, relied), "FS-02");
    assert_int_equal(ruling.amount_minor, 20000);
    exhibits[0].verified = false; /* the uploader's word */
    assert_string_equal(decides(&facts, NULL, relied), "");
    exhibits[0].verified = true;
    exhibits[0].stated_ms = facts.times[INV_FACT_RECEIVED];
    assert_string_equal(decides(&facts, NULL, relied), "");
}

static void a_counterfeit_needs_a_verified_report_that_says_so(void **state)
{
    (void)state;
    bool relied[2];
    struct inv_ruling ruling;
    struct inv_exhibit exhibits[2] = {exhibit(INV_CONSUMER, REPORT), exhibit(INV_MERCHANT, CERTIFICATE)};
    struct inv_facts facts = facts_of(COUNTERFEIT, INV_REMEDY_STATUTORY_MULTIPLE, 60000, 10000);
    facts.exhibits = exhibits;
    facts.exhibit_count = 1;
    assert_string_equal(decides(&facts, NULL, relied), ""); /* it does not say what it found */
    exhibits[0].result = 1;
    assert_string_equal(decides(&facts, &ruling, relied), "CF-01");
    assert_int_equal(ruling.amount_minor, 60000); /* 100 + 500 yuan */
    exhibits[0].verified = false;
    assert_string_equal(decides(&facts, NULL, relied), "");
    exhibits[0].verified = true;
    facts.remedy = INV_REMEDY_RETURN_AND_REFUND;
    assert_string_equal(decides(&facts, &ruling, relied), "CF-02");
    assert_int_equal(ruling.remedy, INV_REMEDY_RETURN_AND_REFUND);
    facts.exhibit_count = 2;
    assert_string_equal(decides(&facts, NULL, relied), "");
}

static void a_report_proves_that_goods_are_not_as_described(void **state)
{
    (void)state;
    bool relied[2];
    struct inv_ruling ruling;
    struct inv_exhibit exhibits[2] = {exhibit(INV_CONSUMER, REPORT), exhibit(INV_MERCHANT, CERTIFICATE)};
    struct inv_facts facts = facts_of(NOT_AS_DESCRIBED, INV_REMEDY_REFUND, 46000, 46000); /* SC08 */
    exhibits[0].result = 1;
    facts.exhibits = exhibits;
    facts.exhibit_count = 2;
    facts.times[INV_FACT_RECEIVED] = T0 + 15 * DAY_MS;
    assert_string_equal(decides(&facts, &ruling, relied), "ND-03");
    assert_true(relied[0] && !relied[1]);
    facts.unpaid_minor = 16000; /* the merchant has refunded a part by itself */
    assert_string_equal(decides(&facts, &ruling, relied), "ND-03");
    assert_int_equal(ruling.amount_minor, 16000);
    facts.unpaid_minor = 0; /* nothing is left to grant */
    assert_string_equal(decides(&facts, NULL, relied), "");
    facts.reason = QUALITY;
    assert_string_equal(decides(&facts, NULL, relied), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_parcel_whose_tracking_stopped_is_not_received),
        cmocka_unit_test(nothing_is_obvious_of_an_order_that_nobody_vouches_for),
        cmocka_unit_test(late_shipping_gives_all_or_a_tenth),
        cmocka_unit_test(food_past_its_date_gives_tenfold_with_its_minimum),
        cmocka_unit_test(a_counterfeit_needs_a_verified_report_that_says_so),
        cmocka_unit_test(a_report_proves_that_goods_are_not_as_described),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
