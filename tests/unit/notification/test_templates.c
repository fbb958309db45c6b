/* services/notification/domain/templates.c: what a message says. */
#include "notification/domain.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/utf8.h"
#include "support/cmocka_all.h"

#define C NTF_CONSUMER
#define CONSUMER NTF_SIDE_CONSUMER
#define MERCHANT NTF_SIDE_MERCHANT

static struct ntf_news moved(enum ntf_kind kind)
{
    return (struct ntf_news){
        .kind = kind, .moved = true, .actor = CONSUMER, .answered = MERCHANT, .concerned = MERCHANT};
}

static int64_t at(const char *text)
{
    int64_t ms = 0;
    assert_true(dsp_time_parse(text, &ms));
    return ms;
}

static void every_message_fits_the_fields_of_a_subscription(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(1 << 20);
    const struct ntf_deadlines deadlines = ntf_start_deadlines(true);
    for (int kind = 1; kind < NTF_KIND_COUNT; kind++) {
        struct ntf_news news = moved((enum ntf_kind)kind);
        struct ntf_told is = ntf_tell(&news, true);
        news.amount_minor = 36800;
        for (int side = CONSUMER; is.sides && side <= MERCHANT; side++) {
            struct ntf_text text;
            assert_false(dsp_failed(ntf_compose(arena, &news, &is, (enum ntf_side)side, &deadlines, &text)));
            assert_true(dsp_utf8_valid(text.title) && dsp_utf8_valid(text.text) && dsp_utf8_valid(text.hint));
            assert_in_range(dsp_utf8_length(text.title), 1, NTF_THING_MAX - 1); /* longer may have been cut */
            assert_in_range(dsp_utf8_length(text.hint), 1, NTF_THING_MAX - 1);
            assert_in_range(dsp_utf8_length(text.text), 1, 400);
        }
    }
    dsp_arena_free(arena);
}

static void titles_and_hints_are_not_cut(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(1 << 20);
    const struct ntf_deadlines deadlines = ntf_start_deadlines(false);
    struct ntf_news news = moved(NTF_KIND_DEFAULT_JUDGMENT_ENTERED);
    struct ntf_told is = ntf_tell(&news, true);
    struct ntf_text text;
    assert_false(dsp_failed(ntf_compose(arena, &news, &is, CONSUMER, &deadlines, &text)));
    assert_true(dsp_str_is(text.title, "处理决定（缺席处理）"));
    assert_true(dsp_str_is(text.hint, "文书已送达，请打开投诉页面查看"));
    struct dsp_str digest;
    assert_false(dsp_failed(ntf_digest_title(arena, 12, &digest)));
    assert_true(dsp_str_is(digest, "处理时限提醒（12条）"));
    dsp_arena_free(arena);
}

static bool holds(struct dsp_str text, const char *part)
{
    char copy[2048];
    snprintf(copy, sizeof copy, "%.*s", DSP_STR_ARG(text));
    return strstr(copy, part) != NULL;
}

static void the_acknowledgement_states_every_deadline(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(1 << 20);
    struct ntf_news news = moved(NTF_KIND_COMPLAINT_FILED);
    struct ntf_told is = ntf_tell(&news, true);
    struct ntf_deadlines refund = ntf_start_deadlines(true);
    struct ntf_deadlines other = ntf_start_deadlines(false);
    struct ntf_text text;
    assert_false(dsp_failed(ntf_compose(arena, &news, &is, CONSUMER, &refund, &text)));
    assert_true(holds(text.text, "受理审核：24小时内") && holds(text.text, "首次回复：24小时内") &&
                holds(text.text, "处理意见：48小时内"));
    assert_true(dsp_str_is(text.hint, "受理审核24小时内答复"));
    assert_false(dsp_failed(ntf_compose(arena, &news, &is, CONSUMER, &other, &text)));
    assert_true(holds(text.text, "处理意见：72小时内"));
    other.screen_ms = 90 * DSP_SECOND_MS;
    other.m_first_ms = 2 * DSP_MINUTE_MS;
    assert_false(dsp_failed(ntf_compose(arena, &news, &is, CONSUMER, &other, &text)));
    assert_true(holds(text.text, "受理审核：90秒内") && holds(text.text, "首次回复：2分钟内"));
    dsp_arena_free(arena);
}

static void amounts_and_due_times_stand_in_the_docket_text_alone(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(1 << 20);
    const struct ntf_deadlines deadlines = ntf_start_deadlines(true);
    struct ntf_news news = {
        .kind = NTF_KIND_RECOVERY_DEMANDED, .amount_minor = 36805, .due_ms = at("2026-05-18T10:40:00+08:00")};
    struct ntf_told is = ntf_tell(&news, true);
    struct ntf_text text;
    assert_false(dsp_failed(ntf_compose(arena, &news, &is, MERCHANT, &deadlines, &text)));
    assert_true(holds(text.text, "金额：368.05元。"));
    assert_true(holds(text.text, "截止时间：2026年05月18日 10:40。"));
    assert_false(holds(text.title, "368") || holds(text.hint, "368"));
    dsp_arena_free(arena);
}

static void the_last_warning_states_the_consequence(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(1 << 20);
    const struct ntf_deadlines deadlines = ntf_start_deadlines(true);
    struct ntf_news news = {.kind = NTF_KIND_CLOCK_RUNG_REACHED, .concerned = MERCHANT, .percent = 75};
    struct ntf_told is = ntf_tell(&news, true);
    struct ntf_text text;
    assert_ok(ntf_compose(arena, &news, &is, MERCHANT, &deadlines, &text));
    assert_false(holds(text.text, "最后一次提醒"));
    news.percent = 90;
    assert_ok(ntf_compose(arena, &news, &is, MERCHANT, &deadlines, &text));
    assert_true(holds(text.text, "最后一次提醒"));
    dsp_arena_free(arena);
}

static struct dsp_str compose(struct dsp_arena *arena, const struct ntf_news *news, enum ntf_side side)
{
    const struct ntf_deadlines deadlines = ntf_start_deadlines(true);
    struct ntf_told is = ntf_tell(news, true);
    struct ntf_text text;
    assert_ok(ntf_compose(arena, news, &is, side, &deadlines, &text));
    return text.text;
}

static void a_decision_by_machine_says_so_and_how_people_come_to_look_at_it(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(1 << 20);
    struct ntf_news rule = {.kind = NTF_KIND_RULE_FOUND, .moved = true, .amount_minor = 26800};
    assert_true(holds(compose(arena, &rule, CONSUMER), "由系统自动作出"));
    assert_true(holds(compose(arena, &rule, CONSUMER), "由工作人员复核"));
    rule.amount_minor = 103990; /* somebody has signed it */
    assert_false(holds(compose(arena, &rule, CONSUMER), "由系统自动作出"));
    struct ntf_news final = {.kind = NTF_KIND_DECISION_FINAL, .moved = true, .amount_minor = 1};
    assert_false(holds(compose(arena, &final, MERCHANT), "由系统自动作出"));
    final.by_machine = true;
    assert_true(holds(compose(arena, &final, MERCHANT), "由系统自动作出"));
    struct ntf_news draft = {.kind = NTF_KIND_DECISION_PROPOSED, .moved = true, .by_machine = true};
    assert_true(holds(compose(arena, &draft, MERCHANT), "由复核员审定"));
    dsp_arena_free(arena);
}

static void a_request_for_facts_names_them(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(1 << 20);
    char photo[] = "商品照片";
    char label[] = "快递面单";
    char last[] = "说明";
    char ninth[] = "第九项";
    char *names[] = {photo, label, label, label, label, label, label, last, ninth};
    struct ntf_news news = {.kind = NTF_KIND_INFO_REQUESTED, .moved = true, .missing = names, .missing_count = 2};
    assert_true(holds(compose(arena, &news, CONSUMER), "需补充：商品照片、快递面单。"));
    news.missing_count = 9;
    assert_true(holds(compose(arena, &news, CONSUMER), "、快递面单、说明等。"));
    news.missing_count = 0;
    assert_false(holds(compose(arena, &news, CONSUMER), "需补充："));
    dsp_arena_free(arena);
}

static void a_status_of_the_institution_says_which_and_the_day_of_the_hearing(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(1 << 20);
    struct ntf_news news = {.kind = NTF_KIND_INSTITUTION_STATUS, .status = 1};
    assert_true(holds(compose(arena, &news, CONSUMER), "已收到案件材料"));
    news.status = 4;
    news.date = DSP_STR_LITERAL("2026-09-18");
    assert_true(holds(compose(arena, &news, CONSUMER), "庭审日期已确定。日期：2026-09-18。"));
    news.status = 99; /* of a later version */
    assert_true(holds(compose(arena, &news, CONSUMER), "更新了案件进展"));
    dsp_arena_free(arena);
}

static void a_binding_decision_says_what_follows(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(1 << 20);
    struct ntf_news news = {.kind = NTF_KIND_DECISION_BINDING, .moved = true};
    assert_true(holds(compose(arena, &news, MERCHANT), "请在时限内履行"));
    assert_true(holds(compose(arena, &news, CONSUMER), "请等待商家"));
    news.closed = true;
    assert_true(holds(compose(arena, &news, MERCHANT), "案件已结案"));
    dsp_arena_free(arena);
}

static void kinds_that_nobody_hears_of_have_no_words(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(1 << 16);
    const struct ntf_deadlines deadlines = ntf_start_deadlines(true);
    struct ntf_news news = {.kind = NTF_KIND_TRIAGE_STARTED};
    struct ntf_told is = {0};
    struct ntf_text text;
    assert_int_equal(ntf_compose(arena, &news, &is, CONSUMER, &deadlines, &text).kind, DSP_ERR_REJECT);
    dsp_arena_free(arena);
}

static void a_text_that_does_not_fit_the_arena_is_refused(void **state)
{
    (void)state;
    struct dsp_arena *arena = dsp_arena_new(64);
    const struct ntf_deadlines deadlines = ntf_start_deadlines(true);
    struct ntf_news news = moved(NTF_KIND_COMPLAINT_FILED);
    struct ntf_told is = ntf_tell(&news, true);
    struct ntf_text text;
    struct dsp_err err = ntf_compose(arena, &news, &is, CONSUMER, &deadlines, &text);
    assert_true(dsp_err_is(&err, "ARENA_FULL"));
    dsp_arena_free(arena);
}

static void templates_follow_what_the_message_is(void **state)
{
    (void)state;
    assert_int_equal(ntf_template_of(&(struct ntf_told){.acknowledgement = true}), NTF_TEMPLATE_ACKNOWLEDGEMENT);
    assert_int_equal(ntf_template_of(&(struct ntf_told){.paper = true}), NTF_TEMPLATE_PAPER);
    assert_int_equal(ntf_template_of(&(struct ntf_told){.reminder = true}), NTF_TEMPLATE_REMINDER);
    assert_int_equal(ntf_template_of(&(struct ntf_told){.sides = C}), NTF_TEMPLATE_PROGRESS);
}

static void refund_reasons_are_the_four_of_the_conventions(void **state)
{
    (void)state;
    for (int reason = 0; reason <= 10; reason++) {
        assert_int_equal(ntf_is_refund_reason(reason), reason >= 1 && reason <= 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_fits_the_fields_of_a_subscription),
        cmocka_unit_test(titles_and_hints_are_not_cut),
        cmocka_unit_test(the_acknowledgement_states_every_deadline),
        cmocka_unit_test(amounts_and_due_times_stand_in_the_docket_text_alone),
        cmocka_unit_test(the_last_warning_states_the_consequence),
        cmocka_unit_test(a_decision_by_machine_says_so_and_how_people_come_to_look_at_it),
        cmocka_unit_test(a_request_for_facts_names_them),
        cmocka_unit_test(a_status_of_the_institution_says_which_and_the_day_of_the_hearing),
        cmocka_unit_test(a_binding_decision_says_what_follows),
        cmocka_unit_test(kinds_that_nobody_hears_of_have_no_words),
        cmocka_unit_test(a_text_that_does_not_fit_the_arena_is_refused),
        cmocka_unit_test(templates_follow_what_the_message_is),
        cmocka_unit_test(refund_reasons_are_the_four_of_the_conventions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
