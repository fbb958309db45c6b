#include "notification/outside.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/utf8.h"

#define SETTING(name, member, is_required, is_secret, text)                                                      \
    {                                                                                                            \
        (name), DSP_SETTING_TEXT, offsetof(struct ntf_settings, member), NULL, (is_required), (is_secret), 0, 0, \
            (text)                                                                                               \
    }

const struct dsp_setting NTF_SETTINGS[] = {
    SETTING("MINI_PROGRAM_BASE_URL", mini_program_url, true, false,
            "mini-program server API, https://api.weixin.qq.com in production"),
    SETTING("MINI_PROGRAM_APPID", appid, true, false, "appid of the mini-program"),
    SETTING("MINI_PROGRAM_SECRET", secret, true, true, "app secret of the mini-program"),
    SETTING("MINI_PROGRAM_TEMPLATES", templates, false, false,
            "ids of the subscription templates, name=id separated by commas; a name that is not listed is its own id"),
    SETTING("MERCHANT_WEBHOOK_URL", webhook_url, false, false,
            "where merchants' messages are posted; unset: no webhook rung"),
    SETTING("MERCHANT_WEBHOOK_SECRET", webhook_secret, false, true, "key of the webhook's signature"),
    DSP_SETTINGS_END,
};

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "outside message");
}

/* Compact JSON in the arena; takes the reference. */
static struct dsp_err dump(struct dsp_arena *arena, json_t *object, struct dsp_str *ret_text)
{
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    struct dsp_str copy = text ? dsp_arena_copy(arena, dsp_str_from(text)) : (struct dsp_str){NULL, 0};
    free(text);
    json_decref(object);
    if (!copy.ptr) {
        return full();
    }
    *ret_text = copy;
    return dsp_ok();
}

static json_t *text_json(struct dsp_str text)
{
    return json_stringn(text.ptr ? text.ptr : "", text.len);
}

/* --- token --- */

/* A token is asked for anew before WeChat's own last five minutes are over. */
#define TOKEN_MARGIN_MS (2 * DSP_MINUTE_MS)

bool ntf_token_fresh(const struct ntf_token *token)
{
    return token->text[0] != '\0' && dsp_monotonic_ms() < token->ends_ms;
}

void ntf_token_forget(struct ntf_token *token)
{
    memset(token, 0, sizeof *token);
}

static bool plain_token(const char *text)
{
    static const char SAFE[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~!";
    return text && text[0] && strlen(text) <= 512 && strspn(text, SAFE) == strlen(text);
}

bool ntf_token_keep(struct ntf_token *token, int status, struct dsp_str body)
{
    json_t *answer = json_loadb(body.ptr ? body.ptr : "", body.len, 0, NULL);
    const char *text = json_string_value(json_object_get(answer, "access_token"));
    json_int_t expires_s = json_integer_value(json_object_get(answer, "expires_in"));
    bool good = status == 200 && plain_token(text) && expires_s > 0 && expires_s <= 7200;
    if (good) {
        int64_t life_ms = (int64_t)expires_s * DSP_SECOND_MS;
        snprintf(token->text, sizeof token->text, "%s", text);
        token->ends_ms = dsp_monotonic_ms() + (life_ms > 2 * TOKEN_MARGIN_MS ? life_ms - TOKEN_MARGIN_MS : life_ms / 2);
    }
    json_decref(answer);
    return good;
}

bool ntf_read_errcode(struct dsp_str body, int64_t *ret_errcode)
{
    json_t *answer = json_loadb(body.ptr ? body.ptr : "", body.len, 0, NULL);
    const json_t *code = json_object_get(answer, "errcode");
    bool found = json_is_integer(code);
    if (found) {
        *ret_errcode = json_integer_value(code);
    }
    json_decref(answer);
    return found;
}

/* --- messages --- */

struct dsp_str ntf_template_id(const struct ntf_settings *settings, enum ntf_template template)
{
    const char *name = ntf_template_name(template);
    size_t size = strlen(name);
    const char *at = settings->templates;
    while (at && *at) {
        size_t part = strcspn(at, ",");
        if (part > size + 1 && strncmp(at, name, size) == 0 && at[size] == '=') {
            return (struct dsp_str){at + size + 1, part - size - 1};
        }
        at += part + (at[part] == ',');
    }
    return dsp_str_from(name);
}

/* A UUID without dashes is as long as a character_string may be. */
static void short_case_id(const struct dsp_uuid *case_id, char text[NTF_CHARACTER_STRING_MAX + 1])
{
    dsp_hex(case_id->bytes, sizeof case_id->bytes, text);
}

static json_t *value_json(struct dsp_str value)
{
    return json_pack("{s:o}", "value", text_json(value));
}

struct dsp_err ntf_subscription_argument(struct dsp_arena *arena, const struct ntf_settings *settings,
                                         const struct ntf_case_row *row, const struct ntf_delivery_row *delivery,
                                         struct dsp_str title, struct dsp_str *ret_argument)
{
    struct ntf_told told = {
        .paper = delivery->is.paper, .acknowledgement = delivery->is.acknowledgement, .reminder = delivery->reminder};
    char case_text[NTF_CHARACTER_STRING_MAX + 1];
    char case_id[DSP_UUID_TEXT_BYTES];
    char at[NTF_TIME_TEXT_BYTES];
    char *hex = dsp_arena_alloc(arena, 2 * row->openid.len + 1);
    struct dsp_str template = ntf_template_id(settings, ntf_template_of(&told));
    if (!hex) {
        return full();
    }
    short_case_id(&row->head.case_id, case_text);
    dsp_uuid_format(&row->head.case_id, case_id);
    ntf_format_time(delivery->reminder && delivery->due_ms ? delivery->due_ms : delivery->told_ms, at);
    dsp_hex((const uint8_t *)row->openid.ptr, row->openid.len, hex);
    struct dsp_str page = dsp_arena_format(arena, "pages/dispute/detail?case_id=%s&sequence=%lld", case_id,
                                           (long long)delivery->sequence);
    if (!page.ptr) {
        return full();
    }
    return dump(arena,
                json_pack("{s:s, s:{s:o, s:o, s:{s:o, s:o, s:o, s:o}, s:s, s:s}}", "openid", hex, "message",
                          "template_id", text_json(template), "page", text_json(page), "data", "character_string1",
                          value_json(dsp_str_from(case_text)), "thing2", value_json(dsp_utf8_cut(title, NTF_THING_MAX)),
                          "time3", value_json(dsp_str_from(at)), "thing4",
                          value_json(dsp_utf8_cut(delivery->hint, NTF_THING_MAX)), "miniprogram_state", "formal",
                          "lang", "zh_CN"),
                ret_argument);
}

struct dsp_err ntf_webhook_argument(struct dsp_arena *arena, const struct ntf_case_row *row,
                                    const struct ntf_delivery_row *delivery, struct dsp_str title,
                                    struct dsp_str *ret_argument)
{
    char case_id[DSP_UUID_TEXT_BYTES];
    char due[DSP_TIME_TEXT_BYTES];
    dsp_uuid_format(&row->head.case_id, case_id);
    json_t *body = json_pack("{s:o, s:s, s:o, s:o, s:I, s:s, s:b, s:o, s:o}", "message_id",
                             text_json(delivery->message_id), "case_id", case_id, "order_id",
                             text_json(row->head.order_id), "merchant_id", text_json(row->merchant_id), "sequence",
                             (json_int_t)delivery->sequence, "entry", ntf_kind_name(delivery->kind), "paper",
                             (int)delivery->is.paper, "title", text_json(title), "text", text_json(delivery->text));
    if (delivery->due_ms) {
        dsp_time_format(delivery->due_ms, due);
        json_object_set_new(body, "due", json_string(due));
    }
    return dump(arena, body, ret_argument);
}

struct dsp_err ntf_argument_openid(struct dsp_arena *arena, struct dsp_str argument, struct dsp_str *ret_packed)
{
    json_t *object = json_loadb(argument.ptr ? argument.ptr : "", argument.len, 0, NULL);
    struct dsp_str hex = dsp_str_from(json_string_value(json_object_get(object, "openid")));
    uint8_t *bytes = dsp_arena_alloc(arena, hex.len / 2 + 1);
    bool good = bytes && hex.len && dsp_unhex(hex, bytes, hex.len / 2);
    size_t size = hex.len / 2;
    json_decref(object);
    if (!good) {
        return bytes ? dsp_reject(DSP_CODE_FIELD_INVALID, "a job without an openid") : full();
    }
    *ret_packed = (struct dsp_str){(const char *)bytes, size};
    return dsp_ok();
}

/* --- calls --- */

static struct dsp_err post(struct dsp_str url, struct dsp_str body, struct dsp_call *ret_call)
{
    if (!url.ptr) {
        return full();
    }
    *ret_call = (struct dsp_call){.method = "POST", .url = url, .body = body, .timeout_ms = 5000};
    ret_call->headers[ret_call->header_count++] = DSP_STR_LITERAL("Content-Type: application/json; charset=utf-8");
    return dsp_ok();
}

struct dsp_err ntf_token_call(struct dsp_arena *arena, const struct ntf_settings *settings, struct dsp_call *ret_call)
{
    struct dsp_str body;
    DSP_TRY(dump(arena,
                 json_pack("{s:s, s:s, s:s, s:b}", "grant_type", "client_credential", "appid", settings->appid,
                           "secret", settings->secret, "force_refresh", 0),
                 &body));
    return post(dsp_arena_format(arena, "%s/cgi-bin/stable_token", settings->mini_program_url), body, ret_call);
}

struct dsp_err ntf_subscription_call(struct dsp_arena *arena, const struct ntf_settings *settings,
                                     const struct ntf_token *token, struct dsp_str argument, struct dsp_str openid,
                                     struct dsp_call *ret_call)
{
    json_t *object = json_loadb(argument.ptr ? argument.ptr : "", argument.len, 0, NULL);
    json_t *message = json_incref(json_object_get(object, "message"));
    struct dsp_str body;
    json_decref(object);
    if (!message) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a job without a message");
    }
    json_object_set_new(message, "touser", text_json(openid));
    DSP_TRY(dump(arena, message, &body));
    return post(dsp_arena_format(arena, "%s/cgi-bin/message/subscribe/send?access_token=%s", settings->mini_program_url,
                                 token->text),
                body, ret_call);
}

struct dsp_err ntf_webhook_call(struct dsp_arena *arena, const struct ntf_settings *settings, struct dsp_str number,
                                struct dsp_str argument, int64_t real_ms, struct dsp_call *ret_call)
{
    uint8_t mac[EVP_MAX_MD_SIZE];
    unsigned mac_size = 0;
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    long long at_s = (long long)(real_ms / DSP_SECOND_MS);
    struct dsp_str signed_text = dsp_arena_format(arena, "%lld.%.*s", at_s, DSP_STR_ARG(argument));
    if (!signed_text.ptr) {
        return full();
    }
    if (!HMAC(EVP_sha256(), settings->webhook_secret, (int)strlen(settings->webhook_secret),
              (const unsigned char *)signed_text.ptr, signed_text.len, mac, &mac_size)) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "HMAC");
    }
    dsp_hex(mac, mac_size, hex);
    DSP_TRY(post(dsp_str_from(settings->webhook_url), argument, ret_call));
    struct dsp_str signature = dsp_arena_format(arena, "Heshi-Signature: t=%lld,v1=%s", at_s, hex);
    struct dsp_str id = dsp_arena_format(arena, "Heshi-Message-Id: %.*s", DSP_STR_ARG(number));
    if (!signature.ptr || !id.ptr) {
        return full();
    }
    ret_call->headers[ret_call->header_count++] = signature;
    ret_call->headers[ret_call->header_count++] = id;
    return dsp_ok();
}
