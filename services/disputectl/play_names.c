#include "disputectl/play_names.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/service/message.h"

typedef Disputes__Common__V1__Role role_t;
#define ROLE(name) DISPUTES__COMMON__V1__ROLE__ROLE_##name

static const struct {
    char letter;
    role_t role;
    const char *people;
} ROLES[] = {
    {'C', ROLE(CONSUMER), "consumer 消费者"},
    {'M', ROLE(MERCHANT), "merchant 商家"},
    {'A', ROLE(AGENT), "case agent 处理专员"},
    {'R', ROLE(REVIEWER), "reviewer 复核员"},
    {'P', ROLE(PANEL), "panel 评审组"},
    {'X', ROLE(INSTITUTION), "institution 仲裁机构"},
    {'F', ROLE(FUND_OFFICER), "fund officer 基金专员"},
    {'S', ROLE(SYSTEM), "system 系统"},
    {'O', ROLE(OBSERVER), "observer 观察员"},
};

static const struct {
    const char *topic;
    const char *source;
} SOURCES[] = {
    {"disputes.gateway.command.v1", "GW"},       {"disputes.console.command.v1", "CON"},
    {"disputes.sla.finding.v1", "SLA"},          {"disputes.investigation.finding.v1", "INV"},
    {"disputes.arbitration.finding.v1", "ARB"},  {"disputes.fund.finding.v1", "FND"},
    {"disputes.notification.finding.v1", "NTF"}, {"", "DKT"},
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

char play_role_letter(role_t role)
{
    for (size_t i = 0; i < COUNT(ROLES); i++) {
        if (ROLES[i].role == role) {
            return ROLES[i].letter;
        }
    }
    return '?';
}

bool play_role_of(const char *letter, role_t *ret_role)
{
    for (size_t i = 0; i < COUNT(ROLES); i++) {
        if (ROLES[i].letter == letter[0] && !letter[1]) {
            *ret_role = ROLES[i].role;
            return true;
        }
    }
    return false;
}

const char *play_role_people(role_t role)
{
    for (size_t i = 0; i < COUNT(ROLES); i++) {
        if (ROLES[i].role == role) {
            return ROLES[i].people;
        }
    }
    return "nobody";
}

const char *play_source_of(const char *topic)
{
    for (size_t i = 0; i < COUNT(SOURCES); i++) {
        if (strcmp(SOURCES[i].topic, topic ? topic : "") == 0) {
            return SOURCES[i].source;
        }
    }
    return "?";
}

bool play_source_known(const char *source)
{
    for (size_t i = 0; i < COUNT(SOURCES); i++) {
        if (strcmp(SOURCES[i].source, source) == 0) {
            return true;
        }
    }
    return false;
}

/* --- clocks --- */

void play_clock_name(Disputes__Common__V1__ClockKind kind, char *text)
{
    snprintf(text, PLAY_NAME_BYTES, "K_%s", dsp_enum_name(&disputes__common__v1__clock_kind__descriptor, (int)kind));
    for (char *at = text + 2; *at; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
}

bool play_clock_of(const char *name, Disputes__Common__V1__ClockKind *ret_kind)
{
    const ProtobufCEnumDescriptor *type = &disputes__common__v1__clock_kind__descriptor;
    for (unsigned i = 1; strncmp(name, "K_", 2) == 0 && i < type->n_values; i++) {
        int value = type->values[i].value;
        if (strcasecmp(dsp_enum_name(type, value), name + 2) == 0) {
            *ret_kind = (Disputes__Common__V1__ClockKind)value;
            return true;
        }
    }
    return false;
}

const char *play_clock_zh(Disputes__Common__V1__ClockKind kind)
{
    static const char *const WORDS[] = {
        "",         "受理回执", "受理",     "补充材料", "首次回复", "处理意见", "方案有效期", "举证",
        "下一轮",   "调查",     "调查最迟", "视为送达", "意见",     "定稿",     "申诉",       "复核",
        "复核最迟", "机构确认", "机构进展", "仲裁最迟", "履行",     "寄回",     "验收",       "退货核查",
        "待核放款", "执行最迟", "评价",     "复议",     "再次提交", "保存",
    };
    return (size_t)kind < COUNT(WORDS) ? WORDS[kind] : "";
}

/* --- stages, bases, outcomes --- */

const char *play_stage_name(Disputes__Common__V1__Stage stage)
{
    return stage ? dsp_enum_name(&disputes__common__v1__stage__descriptor, (int)stage) : "(new)";
}

bool play_stage_of(const char *name, size_t size, Disputes__Common__V1__Stage *ret_stage)
{
    char text[PLAY_NAME_BYTES];
    int value = 0;
    snprintf(text, sizeof text, "%.*s", (int)size, name);
    if (strcmp(text, "(new)") != 0 && !dsp_enum_value(&disputes__common__v1__stage__descriptor, text, &value)) {
        return false;
    }
    *ret_stage = (Disputes__Common__V1__Stage)value;
    return true;
}

const char *play_stage_zh(Disputes__Common__V1__Stage stage)
{
    static const char *const WORDS[] = {
        "",           "已提交",         "受理审核中", "待补充材料", "已合并", "协商中",       "举证中",
        "平台调查中", "草案征求意见中", "已作出决定", "申诉复核中", "仲裁中", "已和解待履行", "执行中",
        "已结案",     "已归档",
    };
    return (size_t)stage < COUNT(WORDS) ? WORDS[stage] : "";
}

const char *play_basis_name(Disputes__Common__V1__Basis basis)
{
    return basis ? dsp_enum_name(&disputes__common__v1__basis__descriptor, (int)basis) : "";
}

const char *play_basis_zh(Disputes__Common__V1__Basis basis)
{
    static const char *const WORDS[] = {"",         "商家同意", "和解",     "缺席处理", "规则判定",
                                        "平台决定", "复核决定", "仲裁裁决", "和解违约"};
    return (size_t)basis < COUNT(WORDS) ? WORDS[basis] : "";
}

const char *play_outcome_name(Disputes__Common__V1__Outcome outcome)
{
    return outcome ? dsp_enum_name(&disputes__common__v1__outcome__descriptor, (int)outcome) : "";
}

const char *play_outcome_zh(Disputes__Common__V1__Outcome outcome)
{
    static const char *const WORDS[] = {
        "",           "商家同意",   "和解",       "缺席处理",   "规则判定",   "平台决定",
        "复核决定",   "仲裁裁决",   "和解违约",   "已撤诉",     "逾期未补充", "不予受理",
        "和解已履行", "不支持诉求", "仲裁不支持", "逾期未寄回", "未能执行",
    };
    return (size_t)outcome < COUNT(WORDS) ? WORDS[outcome] : "";
}

const char *play_follow_up_name(Disputes__Case__V1__FollowUp follow_up)
{
    static const char *const WORDS[] = {
        "", "TriageStarted", "Admit", "WindowsShut", "DutyDischarged", "ParentClosed", "MergeInto"};
    return (size_t)follow_up < COUNT(WORDS) ? WORDS[follow_up] : "";
}

/* --- other words --- */

struct word {
    const char *word;
    const char *people;
};

static const char *look_up(const struct word *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++) {
        if (strcasecmp(words[i].word, word) == 0) {
            return words[i].people;
        }
    }
    return NULL;
}

const char *play_rung_people(const char *rung)
{
    static const struct word WORDS[] = {
        {"DOCKET", "in-app docket 小程序卷宗"},
        {"SUBSCRIPTION", "subscription message 订阅消息"},
        {"CUSTOMER_SERVICE", "customer service 客服消息"},
        {"SMS", "SMS 短信"},
        {"WEBHOOK", "merchant webhook 商家接口"},
        {"CALL", "call list 电话"},
    };
    const char *found = look_up(WORDS, COUNT(WORDS), rung);
    return found ? found : rung;
}

const char *play_word_zh(const char *word)
{
    static const struct word WORDS[] = {
        {"reserve", "预留"},         {"void", "撤销预留"},     {"advance sent", "先行赔付发出"},
        {"confirmed", "到账确认"},   {"set-off", "抵扣追偿"},  {"DUE", "待履行"},
        {"DONE", "已履行"},          {"VERIFIED", "已核实"},   {"OVERDUE", "逾期"},
        {"SUBSTITUTED", "先行赔付"}, {"WAIVED", "免除"},       {"PAY", "付款"},
        {"RETURN_GOODS", "寄回"},    {"met", "已满足"},        {"breached", "已超时"},
        {"cancelled", "已取消"},     {"paused", "暂停"},       {"resumed", "恢复"},
        {"moved", "改期"},           {"recovery", "追偿收回"}, {"failed", "赔付未成功"},
    };
    const char *found = look_up(WORDS, COUNT(WORDS), word);
    return found ? found : "";
}
