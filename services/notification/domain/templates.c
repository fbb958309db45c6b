/* What a message says, zh-CN. A platform's decision is 处理决定, an institution's award 仲裁裁决, never mixed
 * (docs/MACHINE.md, section 2). A title and a hint must fit a `thing` field; the test counts them all. */
#include "common/base/clock.h"
#include "common/base/codes.h"
#include "common/base/utf8.h"
#include "notification/domain.h"

#include <time.h>

struct words {
    const char *title;
    const char *consumer; /* NULL: as `merchant` */
    const char *merchant; /* NULL: as `consumer` */
};

#define SAME(text) (text), NULL
#define SEE "详情见投诉页面。"

static const struct words WORDS[NTF_KIND_COUNT] = {
    [NTF_KIND_COMPLAINT_FILED] = {"投诉已登记", SAME("您的投诉已登记。")}, /* its deadlines follow */
    [NTF_KIND_CASE_MERGED] = {"投诉已合并", SAME("本投诉与同一订单的另一投诉合并处理，证据一并保留。")},
    [NTF_KIND_CASE_UNMERGED] = {"投诉已恢复单独处理", SAME("本投诉已从合并中分出，恢复单独处理。")},
    [NTF_KIND_INFO_REQUESTED] =
        {"请补充投诉材料", SAME("平台需要您补充材料后才能受理，请在时限内补充；逾期未补充的，投诉按放弃处理。" SEE)},
    [NTF_KIND_INFO_SUPPLIED] = {"补充材料已收到", SAME("您补充的材料已收到，平台继续受理审核。")},
    [NTF_KIND_COMPLAINT_ABANDONED] = {"投诉逾期未补充",
                                      SAME("您未在时限内补充材料，投诉已结案。您可在时限内重新提交一次。")},
    [NTF_KIND_COMPLAINT_WITHDRAWN] = {"投诉已撤回", "您的投诉已撤回，案件已结案。", "消费者已撤回投诉，案件已结案。"},
    [NTF_KIND_FILING_REJECTED] = {"投诉不予受理",
                                  SAME("经审核，您的投诉不予受理，理由见投诉页面。您可在时限内申请复核。")},
    [NTF_KIND_CASE_ADMITTED] = {"新的投诉待处理", NULL, "平台已受理一宗针对贵店订单的投诉。"}, /* deadlines follow */
    [NTF_KIND_CASE_FAST_TRACKED] = {"投诉进入举证", SAME("投诉已受理并直接进入举证，请在时限内提交证据。" SEE)},
    [NTF_KIND_CASE_REFERRED] = {"投诉已转仲裁", SAME("依据双方的仲裁约定，案件已移送仲裁机构处理。")},
    [NTF_KIND_CLAIM_ACCEPTED] = {"商家已同意诉求", "商家已同意您的诉求，请等待其在时限内履行。",
                                 "您已同意消费者的诉求，请在时限内履行并提交凭证。"},
    [NTF_KIND_OFFER_ACCEPTED] = {"双方已和解", "双方已达成和解，请等待履行。",
                                 "双方已达成和解，请在时限内履行并提交凭证。"},
    [NTF_KIND_CLAIM_CONTESTED] = {"商家提出异议", "商家对投诉提出异议，案件进入举证，请在时限内提交证据。",
                                  "您的异议已收到，案件进入举证。"},
    [NTF_KIND_PLATFORM_REQUESTED] = {"平台已介入", SAME("案件已由平台介入，进入举证，请在时限内提交证据。")},
    [NTF_KIND_DEFAULT_JUDGMENT_ENTERED] = {"处理决定（缺席处理）",
                                           "商家未在时限内处理，平台已依规则作出处理决定。本决定由系统自动作出，"
                                           "您不服的，可在时限内申诉，由工作人员复核。",
                                           "贵店未在时限内处理，平台已依规则作出处理决定。本决定由系统自动作出，"
                                           "贵店可在时限内说明原因并附证据申请撤销，由工作人员复核。"},
    [NTF_KIND_POSITION_MISSED] = {"商家未提出处理意见",
                                  "商家未在时限内提出处理意见，案件进入举证，请在时限内提交证据。",
                                  "贵店未在时限内提出处理意见，案件进入举证，请在时限内提交证据。"},
    [NTF_KIND_ROUND_OPENED] = {"请提交证据", SAME("新一轮举证已开始，被要求的一方请在时限内提交证据。" SEE)},
    [NTF_KIND_RULE_FOUND] = {"处理决定（规则判定）",
                             SAME("平台已依规则作出处理决定。不服的，可在时限内申诉，由工作人员复核。" SEE)},
    [NTF_KIND_ROUNDS_CLOSED] = {"举证结束", SAME("举证结束，平台开始调查。")},
    [NTF_KIND_ROUND_SEALED] = {"举证结束", SAME("最后一轮举证结束，平台开始调查。")},
    [NTF_KIND_DECISION_PROPOSED] = {"处理决定草案征求意见", SAME("处理决定草案已送达，请在时限内提出意见。" SEE)},
    [NTF_KIND_COMMENT_MADE] = {"对方已提出意见", SAME("对方已对处理决定草案提出意见。" SEE)},
    [NTF_KIND_DRAFT_REOPENED] = {"草案撤回重新调查", SAME("因出现新的事实，处理决定草案已撤回，案件恢复调查。")},
    [NTF_KIND_DECISION_FINAL] = {"处理决定", SAME("平台已作出处理决定。不服的，可在时限内申诉。" SEE)},
    [NTF_KIND_APPEAL_FILED] = {"已提出申诉", SAME("一方已对处理决定提出申诉，案件进入复核，决定暂缓执行。")},
    [NTF_KIND_SET_ASIDE_REQUESTED] = {"已申请撤销缺席处理",
                                      SAME("商家已申请撤销缺席处理，案件进入复核，决定暂缓执行。")},
    [NTF_KIND_DECISION_BINDING] = {"处理决定已生效", SAME("处理决定已生效。")}, /* what follows from it follows */
    [NTF_KIND_APPEAL_DECIDED] = {"申诉复核决定",
                                 SAME("评审组已作出复核决定。双方有仲裁约定的，可在时限内选择仲裁。" SEE)},
    [NTF_KIND_APPEAL_REMANDED] = {"发回重新调查", SAME("评审组已将案件发回，由其他工作人员重新调查。")},
    [NTF_KIND_APPEAL_WITHDRAWN] = {"申诉已撤回", SAME("申诉已撤回，原处理决定继续有效。")},
    [NTF_KIND_APPEAL_LAPSED] = {"复核期满",
                                SAME("复核未在时限内完成，原处理决定继续有效；您可在时限内选择仲裁，费用由平台承担。")},
    [NTF_KIND_INSTITUTION_STATUS] = {"仲裁进展", SAME("仲裁机构更新了案件进展。")}, /* what it is follows */
    [NTF_KIND_AWARD_RECEIVED] = {"仲裁裁决", SAME("仲裁机构已作出仲裁裁决。" SEE)},
    [NTF_KIND_SETTLED_IN_ARBITRATION] = {"仲裁中和解", SAME("双方已在仲裁中达成和解，请按约定履行。")},
    [NTF_KIND_REFERRAL_ENDED] = {"仲裁程序结束", SAME("仲裁机构未作出裁决，案件回到平台处理。")},
    [NTF_KIND_SETTLEMENT_PERFORMED] = {"和解已履行", SAME("和解已履行完毕，案件已结案，邀您评价。")},
    [NTF_KIND_SETTLEMENT_DEFAULTED] = {"和解逾期未履行", "商家逾期未履行和解，案件进入执行。",
                                       "贵店逾期未履行和解，案件进入执行，请立即履行。"},
    [NTF_KIND_SETTLEMENT_RESCINDED] = {"和解已解除", SAME("和解已解除，案件恢复调查。")},
    [NTF_KIND_DUTY_PERFORMED] = {"对方已提交履行凭证", SAME("对方已提交履行凭证，平台正在核实。")},
    [NTF_KIND_PERFORMANCE_MISSED] = {"商家逾期未履行", "商家逾期未履行，平台将先行赔付。",
                                     "贵店逾期未履行，平台将先行赔付并向贵店追偿。"},
    [NTF_KIND_ALL_DUTIES_DISCHARGED] = {"投诉已结案", SAME("应履行的义务已全部完成，案件已结案，邀您评价。")},
    [NTF_KIND_REMEDY_LAPSED] = {"逾期未寄回商品", SAME("商品未在时限内寄回，案件已结案。")},
    [NTF_KIND_DECLARED_UNCOLLECTABLE] = {"未能执行", SAME("案件未能执行，已结案；日后追回的款项仍将转付消费者。")},
    [NTF_KIND_CASE_ARCHIVED] = {"投诉已归档", SAME("案件已归档。")},
    [NTF_KIND_CASE_REFILED] = {"投诉重新审核", SAME("您的投诉已重新进入受理审核。")},
    [NTF_KIND_CASE_REOPENED] = {"案件已重启", SAME("案件因法定或规则事由重启调查。" SEE)},
    [NTF_KIND_JOIN_APPEAL] = {"对方加入申诉", SAME("对方已加入申诉，双方的申诉一并复核。")},
    [NTF_KIND_INSPECT_RETURN] = {"退回商品已验收", SAME("商家已提交退回商品的验收结果。" SEE)},
    [NTF_KIND_CHECK_RETURN] = {"退货核查结果", SAME("平台已核查退回商品，结果见投诉页面。")},
    [NTF_KIND_CLOCK_MOVED] = {"处理时限变更", SAME("案件的一项时限已变更，原因见投诉页面。")},
    [NTF_KIND_CLOCK_RUNG_REACHED] = {"处理时限提醒", SAME("您有一项处理时限正在计算，请及时处理。")},
    [NTF_KIND_OFFER_OPENED] = {"收到协商方案", SAME("对方提出了协商方案，请在有效期内答复。")},
    [NTF_KIND_OFFER_COUNTERED] = {"收到新的协商方案", SAME("对方提出了新的协商方案，请在有效期内答复。")},
    [NTF_KIND_OFFER_REJECTED] = {"协商方案被拒绝", SAME("协商方案已被拒绝。")},
    [NTF_KIND_OFFER_RETRACTED] = {"协商方案已撤回", SAME("协商方案已撤回。")},
    [NTF_KIND_OFFER_EXPIRED] = {"协商方案已过期", SAME("协商方案已过有效期。")},
    [NTF_KIND_OFFER_REFUSED] = {"协商操作未生效", SAME("您对协商方案的操作未生效，原因见投诉页面。")},
    [NTF_KIND_REFERRAL_SENT] = {"材料已送仲裁机构", SAME("案件材料已封存并送达仲裁机构。")},
    [NTF_KIND_FEE_MOVED] = {"仲裁费用", SAME("仲裁费用有变动。" SEE)},
    [NTF_KIND_DUTY_REJECTED] = {"履行凭证未通过核实", SAME("您提交的履行凭证未通过核实，请在时限内重新履行。")},
    [NTF_KIND_PAYOUT_SENT] = {"赔付已发起", SAME("平台已发起赔付，请留意微信支付的收款确认。")},
    [NTF_KIND_PAYOUT_HELD] = {"赔付待核", SAME("赔付正在人工核对，请耐心等待。")},
    [NTF_KIND_PAYOUT_CONFIRMED] = {"赔付已到账", SAME("赔付已到账。")},
    [NTF_KIND_PAYOUT_FAILED] = {"赔付未成功", SAME("本次赔付未成功，平台将改用其他方式。")},
    [NTF_KIND_RECOVERY_OPENED] = {"平台先行赔付", NULL, "平台已为贵店先行赔付，赔付到账后将向贵店追偿。"},
    [NTF_KIND_RECOVERY_DEMANDED] = {"先行赔付追偿通知", NULL,
                                    "平台已先行赔付，请偿还；未偿还的，将从贵店结算款中扣回。如有异议可提出。"},
    [NTF_KIND_RECOVERY_RECEIVED] = {"款项已收到", SAME("您的应付款项已收到。")},
    [NTF_KIND_RECOVERY_CLOSED] = {"追偿已结束", NULL, "本案的追偿已结束。"},
    [NTF_KIND_SANCTION_APPLIED] = {"处置通知", NULL,
                                   "因逾期未履行，平台依规则对贵店采取处置。事实、理由、依据及异议方式见投诉页面。"},
    [NTF_KIND_SANCTION_LIFTED] = {"处置已解除", NULL, "平台对贵店的处置已解除。"},
};

static const struct {
    const char *name;
    const char *hint;
} TEMPLATES[NTF_TEMPLATE_COUNT] = {
    [NTF_TEMPLATE_ACKNOWLEDGEMENT] = {"heshi-acknowledgement", NULL}, /* states the first deadline */
    [NTF_TEMPLATE_PROGRESS] = {"heshi-progress", "请打开投诉页面查看详情"},
    [NTF_TEMPLATE_PAPER] = {"heshi-paper", "文书已送达，请打开投诉页面查看"},
    [NTF_TEMPLATE_REMINDER] = {"heshi-reminder", "请在时限届满前处理"},
};

const char *ntf_template_name(enum ntf_template template)
{
    return TEMPLATES[template].name;
}

enum ntf_template ntf_template_of(const struct ntf_told *told)
{
    if (told->acknowledgement) {
        return NTF_TEMPLATE_ACKNOWLEDGEMENT;
    }
    return told->paper ? NTF_TEMPLATE_PAPER : told->reminder ? NTF_TEMPLATE_REMINDER : NTF_TEMPLATE_PROGRESS;
}

struct ntf_deadlines ntf_start_deadlines(bool refund_reason)
{
    return (struct ntf_deadlines){.screen_ms = 24 * DSP_HOUR_MS,
                                  .m_first_ms = 24 * DSP_HOUR_MS,
                                  .m_position_ms = (refund_reason ? 48 : 72) * DSP_HOUR_MS,
                                  .rule_cosign_minor = 50000};
}

bool ntf_is_refund_reason(int reason)
{
    return reason >= 1 && reason <= 4; /* NOT_RECEIVED, LATE_SHIPPING, RETURN_7D, REFUND_REFUSED */
}

void ntf_format_time(int64_t time_ms, char text[NTF_TIME_TEXT_BYTES])
{
    struct tm at = {0};
    time_t seconds = (time_t)((time_ms + 8 * DSP_HOUR_MS) / DSP_SECOND_MS);
    gmtime_r(&seconds, &at);
    if (strftime(text, NTF_TIME_TEXT_BYTES, "%Y年%m月%d日 %H:%M", &at) == 0) {
        text[0] = '\0';
    }
}

/* "24小时"; demo policies have minutes and seconds. */
static struct dsp_str budget_text(struct dsp_arena *arena, int64_t budget_ms)
{
    if (budget_ms % DSP_HOUR_MS == 0) {
        return dsp_arena_format(arena, "%lld小时", (long long)(budget_ms / DSP_HOUR_MS));
    }
    if (budget_ms % DSP_MINUTE_MS == 0) {
        return dsp_arena_format(arena, "%lld分钟", (long long)(budget_ms / DSP_MINUTE_MS));
    }
    return dsp_arena_format(arena, "%lld秒", (long long)(budget_ms / DSP_SECOND_MS));
}

/* The deadlines that begin with the entry, or what follows when one runs out, in words. */
static struct dsp_str deadlines_text(struct dsp_arena *arena, const struct ntf_news *news,
                                     const struct ntf_deadlines *deadlines)
{
    enum ntf_kind kind = news->kind;
    struct dsp_str screen = budget_text(arena, deadlines->screen_ms);
    struct dsp_str first = budget_text(arena, deadlines->m_first_ms);
    struct dsp_str position = budget_text(arena, deadlines->m_position_ms);
    if (kind == NTF_KIND_COMPLAINT_FILED) {
        return dsp_arena_format(arena,
                                "受理审核：%.*s内答复；受理后商家首次回复：%.*s内；商家处理意见：%.*s内。"
                                "平台或商家逾期的，依规则继续处理，不影响您的权利。",
                                DSP_STR_ARG(screen), DSP_STR_ARG(first), DSP_STR_ARG(position));
    }
    if (kind == NTF_KIND_CASE_ADMITTED) {
        return dsp_arena_format(
            arena,
            "请在%.*s内由人工首次回复，在%.*s内提出处理意见；逾期未处理的，平台可依规则直接作出处理决定。"
            "自动回复不计入。",
            DSP_STR_ARG(first), DSP_STR_ARG(position));
    }
    if (kind == NTF_KIND_CLOCK_RUNG_REACHED && news->percent >= 90) {
        return DSP_STR_LITERAL("这是最后一次提醒：逾期的，您在本环节的权利或机会将失去，案件依规则继续处理。");
    }
    return DSP_STR_LITERAL("");
}

/* A machine says so and how people come to look at it (docs/MACHINE.md, 7.4). */
static const char *maker_text(const struct ntf_news *news, const struct ntf_deadlines *deadlines)
{
    if (news->kind == NTF_KIND_RULE_FOUND && news->amount_minor <= deadlines->rule_cosign_minor) {
        return "本决定由系统自动作出。";
    }
    if (news->kind == NTF_KIND_DECISION_PROPOSED && news->by_machine) {
        return "本草案由系统依举证责任自动作出，由复核员审定。";
    }
    if (news->kind == NTF_KIND_DECISION_FINAL && news->by_machine) {
        return "复核未在时限内完成，草案按原文成为处理决定；本决定由系统自动作出，申诉由工作人员复核。";
    }
    return "";
}

static const char *status_text(const struct ntf_news *news)
{
    static const char *const STATUS[] = {"", "机构已收到案件材料。", "机构已受理案件。", "商家已在机构答辩。",
                                         "庭审日期已确定。"};
    bool known = news->status > 0 && news->status < (int32_t)(sizeof STATUS / sizeof *STATUS);
    return news->kind == NTF_KIND_INSTITUTION_STATUS && known ? STATUS[news->status] : "";
}

/* What a decision or award that has come into force leads to. */
static const char *force_text(const struct ntf_news *news, enum ntf_side side)
{
    if (news->kind != NTF_KIND_DECISION_BINDING && news->kind != NTF_KIND_AWARD_RECEIVED) {
        return "";
    }
    if (news->closed) {
        return "案件已结案，邀您评价。";
    }
    if (news->kind == NTF_KIND_AWARD_RECEIVED) {
        return "案件进入执行。";
    }
    return side == NTF_SIDE_MERCHANT ? "请在时限内履行并提交凭证。" : "请等待商家在时限内履行。";
}

/* "需补充：商品照片、面单。": so many that a message stays a message; all of them stand in the complaint. */
#define MISSING_SHOWN 8
#define MISSING_MAX 40

static struct dsp_str missing_text(struct dsp_arena *arena, const struct ntf_news *news)
{
    struct dsp_str text = DSP_STR_LITERAL("");
    for (size_t i = 0; i < news->missing_count && i < MISSING_SHOWN && text.ptr; i++) {
        struct dsp_str name = dsp_utf8_cut(dsp_str_from(news->missing[i]), MISSING_MAX);
        text = dsp_arena_format(arena, "%.*s%s%.*s", DSP_STR_ARG(text), i ? "、" : "需补充：", DSP_STR_ARG(name));
    }
    if (!news->missing_count || !text.ptr) {
        return text;
    }
    return dsp_arena_format(arena, "%.*s%s", DSP_STR_ARG(text), news->missing_count > MISSING_SHOWN ? "等。" : "。");
}

static struct dsp_str more_text(struct dsp_arena *arena, const struct ntf_news *news, enum ntf_side side,
                                const struct ntf_deadlines *deadlines)
{
    struct dsp_str clocks = deadlines_text(arena, news, deadlines);
    struct dsp_str missing = missing_text(arena, news);
    const char *day = news->date.len ? "日期：" : "";
    const char *end = news->date.len ? "。" : "";
    return missing.ptr ? dsp_arena_format(arena, "%.*s%s%s%s%.*s%s%.*s%s", DSP_STR_ARG(clocks),
                                          maker_text(news, deadlines), status_text(news), force_text(news, side),
                                          DSP_STR_ARG(missing), day, DSP_STR_ARG(news->date), end)
                       : missing;
}

static struct dsp_str amount_text(struct dsp_arena *arena, const struct ntf_news *news)
{
    if (news->amount_minor <= 0) {
        return DSP_STR_LITERAL("");
    }
    return dsp_arena_format(arena, "金额：%lld.%02lld元。", (long long)(news->amount_minor / 100),
                            (long long)(news->amount_minor % 100));
}

static struct dsp_str due_text(struct dsp_arena *arena, const struct ntf_news *news)
{
    char at[NTF_TIME_TEXT_BYTES];
    if (!news->due_ms) {
        return DSP_STR_LITERAL("");
    }
    ntf_format_time(news->due_ms, at);
    return dsp_arena_format(arena, "截止时间：%s。", at);
}

static struct dsp_str hint_text(struct dsp_arena *arena, const struct ntf_told *told,
                                const struct ntf_deadlines *deadlines)
{
    const char *hint = TEMPLATES[ntf_template_of(told)].hint;
    struct dsp_str screen = budget_text(arena, deadlines->screen_ms);
    return hint ? dsp_str_from(hint) : dsp_arena_format(arena, "受理审核%.*s内答复", DSP_STR_ARG(screen));
}

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "message text");
}

struct dsp_err ntf_compose(struct dsp_arena *arena, const struct ntf_news *news, const struct ntf_told *told,
                           enum ntf_side side, const struct ntf_deadlines *deadlines, struct ntf_text *ret_text)
{
    const struct words *words = &WORDS[news->kind];
    if (!words->title) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "no words for entry kind %d", (int)news->kind);
    }
    const char *own = side == NTF_SIDE_CONSUMER ? words->consumer : words->merchant;
    const char *body = own ? own : side == NTF_SIDE_CONSUMER ? words->merchant : words->consumer;
    struct dsp_str extra = more_text(arena, news, side, deadlines);
    struct dsp_str amount = amount_text(arena, news);
    struct dsp_str due = due_text(arena, news);
    struct dsp_str hint = hint_text(arena, told, deadlines);
    struct ntf_text text = {
        .title = dsp_utf8_cut(dsp_str_from(words->title), NTF_THING_MAX),
        .text = dsp_arena_format(arena, "%s%.*s%.*s%.*s", body, DSP_STR_ARG(extra), DSP_STR_ARG(amount),
                                 DSP_STR_ARG(due)),
        .hint = dsp_utf8_cut(hint, NTF_THING_MAX),
    };
    if (!extra.ptr || !amount.ptr || !due.ptr || !hint.ptr || !text.text.ptr) {
        return full();
    }
    *ret_text = text;
    return dsp_ok();
}

struct dsp_err ntf_digest_title(struct dsp_arena *arena, size_t count, struct dsp_str *ret_title)
{
    struct dsp_str title = dsp_arena_format(arena, "%s（%zu条）", WORDS[NTF_KIND_CLOCK_RUNG_REACHED].title, count);
    if (!title.ptr) {
        return full();
    }
    *ret_title = dsp_utf8_cut(title, NTF_THING_MAX);
    return dsp_ok();
}
