/* What the outside sends and what goes out to it: doors, requests, signatures of answers. Real time only. */
#include <jansson.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "fund/codec.h"
#include "fund/handlers.h"
#include "fund/rails/wechat_json.h"
#include "fund/rails/wechat_refund.h"

#define CALL_TIMEOUT_MS 10000

const struct dsp_setting FUND_SETTINGS[] = {
    {"WECHAT_PAY_BASE_URL", DSP_SETTING_TEXT, offsetof(struct fund_settings, base_url), "https://api.mch.weixin.qq.com",
     false, false, 0, 0, "payment side, without a slash at the end"},
    {"WECHAT_PAY_MCHID", DSP_SETTING_TEXT, offsetof(struct fund_settings, mchid), NULL, true, false, 0, 0,
     "merchant number that the fund pays from"},
    {"WECHAT_PAY_APPID", DSP_SETTING_TEXT, offsetof(struct fund_settings, appid), NULL, true, false, 0, 0,
     "mini-program whose openids are paid"},
    {"WECHAT_PAY_SERIAL", DSP_SETTING_TEXT, offsetof(struct fund_settings, serial), NULL, true, false, 0, 0,
     "serial of our certificate"},
    {"WECHAT_PAY_PRIVATE_KEY_FILE", DSP_SETTING_TEXT, offsetof(struct fund_settings, private_key_file), NULL, true,
     false, 0, 0, "file with our private key, PEM"},
    {"WECHAT_PAY_PLATFORM_SERIAL", DSP_SETTING_TEXT, offsetof(struct fund_settings, platform_serial), NULL, true, false,
     0, 0, "serial or public key id of the payment side"},
    {"WECHAT_PAY_PLATFORM_KEY_FILE", DSP_SETTING_TEXT, offsetof(struct fund_settings, platform_key_file), NULL, true,
     false, 0, 0, "file with the payment side's public key or certificate, PEM"},
    {"WECHAT_PAY_APIV3_KEY", DSP_SETTING_TEXT, offsetof(struct fund_settings, apiv3_key), NULL, true, true, 0, 0,
     "key of callbacks, 32 bytes"},
    {"WECHAT_PAY_NOTIFY_URL", DSP_SETTING_TEXT, offsetof(struct fund_settings, notify_url), NULL, false, false, 0, 0,
     "https address under which the door /wechatpay/ is reached; unset: no callbacks, only queries"},
    {"WEBHOOK_SECRET", DSP_SETTING_TEXT, offsetof(struct fund_settings, webhook_secret), NULL, false, true, 0, 0,
     "HMAC key of the settlement system; unset: the door /settlements/ lets nothing in"},
    DSP_SETTINGS_END,
};

struct dsp_err fund_start(void *self, struct dsp_service *service)
{
    struct fund *fund = self;
    const struct fund_settings *settings = &fund->settings;
    struct dsp_str private_pem;
    struct dsp_str platform_pem;
    char *text;
    fund->service = service;
    DSP_TRY(dsp_read_file(settings->private_key_file, &text, &private_pem.len));
    private_pem.ptr = text;
    DSP_TRY(dsp_read_file(settings->platform_key_file, &text, &platform_pem.len));
    platform_pem.ptr = text;
    struct fund_sign_options options = {.mchid = dsp_str_from(settings->mchid),
                                        .serial = dsp_str_from(settings->serial),
                                        .private_pem = private_pem,
                                        .platform_serial = dsp_str_from(settings->platform_serial),
                                        .platform_pem = platform_pem,
                                        .apiv3_key = dsp_str_from(settings->apiv3_key)};
    return fund_sign_new(&options, &fund->sign);
}

static int64_t real_s(void)
{
    return dsp_real_ms() / DSP_SECOND_MS;
}

/* --- requests --- */

static struct dsp_err transfer_body(const struct fund *fund, struct dsp_arena *arena, const struct dsp_job *job,
                                    struct dsp_str *ret_body)
{
    const struct dsp_key *key;
    struct dsp_str openid;
    json_t *argument = fund_json_object(job->argument);
    struct dsp_str plan = fund_json_str(arena, argument, "plan");
    struct dsp_str hex = fund_json_str(arena, argument, "openid_sealed");
    json_decref(argument);
    struct dsp_str sealed = {dsp_arena_alloc(arena, hex.len / 2 + 1), hex.len / 2};
    if (!sealed.ptr || !dsp_unhex(hex, (uint8_t *)(uintptr_t)sealed.ptr, sealed.len)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a job without its plan");
    }
    DSP_TRY(dsp_keys_find(dsp_service_keys(fund->service), &job->case_id, &key));
    DSP_TRY(fund_openid_open(arena, key, &job->case_id, sealed, &openid));
    return fund_transfer_body(arena, plan, openid, ret_body);
}

struct request {
    const char *method;
    struct dsp_str path;
    struct dsp_str body;
};

static struct dsp_err query(struct dsp_arena *arena, const struct dsp_job *job, struct request *request)
{
    struct dsp_str number = job->number;
    request->method = "GET";
    if (dsp_str_is(job->kind, "transfer")) {
        request->path = dsp_arena_format(arena, "%s%.*s", FUND_TRANSFER_QUERY_PATH, DSP_STR_ARG(number));
        return dsp_ok();
    }
    if (dsp_str_is(job->kind, "verify")) {
        json_t *argument = fund_json_object(job->argument);
        number = fund_json_str(arena, argument, "number");
        json_decref(argument);
    }
    return fund_refund_query_path(arena, number, &request->path);
}

static struct dsp_err create(const struct fund *fund, struct dsp_arena *arena, const struct dsp_job *job,
                             struct request *request)
{
    request->method = "POST";
    if (dsp_str_is(job->kind, "transfer")) {
        request->path = dsp_str_from(FUND_TRANSFER_PATH);
        return transfer_body(fund, arena, job, &request->body);
    }
    request->path = dsp_str_from(FUND_REFUND_PATH);
    request->body = job->argument;
    return dsp_ok();
}

struct dsp_err fund_call(void *self, struct dsp_arena *arena, const struct dsp_job *job, struct dsp_call *ret_call)
{
    const struct fund *fund = self;
    struct request request = {0};
    struct dsp_str authorization;
    DSP_TRY(job->mode == FUND_MODE_CREATE ? create(fund, arena, job, &request) : query(arena, job, &request));
    struct dsp_call call = {.method = request.method,
                            .body = request.body,
                            .timeout_ms = CALL_TIMEOUT_MS,
                            .once = job->mode == FUND_MODE_CREATE};
    call.url = dsp_arena_format(arena, "%s%.*s", fund->settings.base_url, DSP_STR_ARG(request.path));
    struct fund_sign_request to_sign = {.method = request.method,
                                        .canonical_url = fund_sign_canonical(call.url),
                                        .body = request.body,
                                        .timestamp_s = real_s()};
    DSP_TRY(fund_sign_nonce(arena, &to_sign.nonce));
    DSP_TRY(fund_sign_authorization(fund->sign, arena, &to_sign, &authorization));
    call.headers[call.header_count++] = dsp_arena_format(arena, "Authorization: %.*s", DSP_STR_ARG(authorization));
    call.headers[call.header_count++] = DSP_STR_LITERAL("Accept: application/json");
    call.headers[call.header_count++] = DSP_STR_LITERAL("Content-Type: application/json");
    call.headers[call.header_count++] = DSP_STR_LITERAL("User-Agent: heshi-fund/" HESHI_VERSION);
    if (!call.url.ptr || !call.headers[0].ptr) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "request");
    }
    *ret_call = call;
    return dsp_ok();
}

bool fund_check_answer(void *self, const struct dsp_job *job, const struct dsp_response_headers *headers, int status,
                       struct dsp_str body)
{
    const struct fund *fund = self;
    struct dsp_arena *arena = dsp_arena_new(256u << 10);
    (void)job;
    (void)status;
    struct fund_signed in = {.timestamp = dsp_response_header(headers, "Wechatpay-Timestamp"),
                             .nonce = dsp_response_header(headers, "Wechatpay-Nonce"),
                             .serial = dsp_response_header(headers, "Wechatpay-Serial"),
                             .signature = dsp_response_header(headers, "Wechatpay-Signature"),
                             .body = body};
    bool good = arena && !dsp_failed(fund_verify_signed(fund->sign, arena, &in, real_s()));
    dsp_arena_free(arena);
    return good;
}

/* --- doors --- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static struct dsp_str percent_decode(struct dsp_arena *arena, struct dsp_str text)
{
    char *out = dsp_arena_alloc(arena, text.len + 1);
    size_t at = 0;
    for (size_t i = 0; out && i < text.len; i++) {
        int high = i + 2 < text.len && text.ptr[i] == '%' ? hex_digit(text.ptr[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.ptr[i + 2]) : -1;
        out[at++] = low >= 0 ? (char)(high * 16 + low) : text.ptr[i];
        i += low >= 0 ? 2 : 0;
    }
    return (struct dsp_str){out, at};
}

/* The last two parts of the path are case and order; what stands before them is the operator's. */
static struct dsp_err read_path(struct dsp_arena *arena, struct dsp_str path, struct dsp_door_record *record)
{
    size_t slash = path.len;
    while (slash > 0 && path.ptr[slash - 1] != '/') {
        slash--;
    }
    size_t start = slash ? slash - 1 : 0;
    while (start > 0 && path.ptr[start - 1] != '/') {
        start--;
    }
    struct dsp_str id = {path.ptr + start, slash > start ? slash - 1 - start : 0};
    record->order_id = percent_decode(arena, (struct dsp_str){path.ptr + slash, path.len - slash});
    if (!slash || !dsp_uuid_parse(id, &record->case_id) || !record->order_id.len) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "the path ends in no case and order");
    }
    return dsp_ok();
}

static struct dsp_err open_resource(const struct fund *fund, struct dsp_arena *arena, json_t *envelope,
                                    json_t **ret_resource)
{
    json_t *sealed = json_object_get(envelope, "resource");
    struct dsp_str text;
    DSP_TRY(fund_resource_open(fund->sign, arena, fund_json_str(arena, sealed, "nonce"),
                               fund_json_str(arena, sealed, "associated_data"),
                               fund_json_str(arena, sealed, "ciphertext"), &text));
    *ret_resource = fund_json_object(text);
    return *ret_resource ? dsp_ok() : dsp_reject(DSP_CODE_FIELD_INVALID, "the resource is no JSON object");
}

static struct dsp_err read_callback(struct dsp_arena *arena, json_t *envelope, json_t *resource,
                                    struct dsp_door_record *record)
{
    struct dsp_str event = fund_json_str(arena, envelope, "event_type");
    bool transfer = dsp_str_starts(event, "MCHTRANSFER.");
    if (!transfer && !dsp_str_starts(event, "REFUND.")) {
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "a callback that fund does not know");
    }
    struct dsp_str number = fund_json_str(arena, resource, transfer ? "out_bill_no" : "out_refund_no");
    if (!record->id.len || !number.len) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a callback without id or number");
    }
    return fund_pack_payment(arena, number, fund_json_str(arena, resource, transfer ? "state" : "refund_status"),
                             fund_json_str(arena, resource, transfer ? "transfer_bill_no" : "refund_id"),
                             &record->value);
}

struct dsp_err fund_accept_wechatpay(void *self, struct dsp_arena *arena, struct evhttp_request *request,
                                     struct dsp_str rest_of_path, struct dsp_str body,
                                     struct dsp_door_record *ret_record)
{
    const struct fund *fund = self;
    json_t *resource = NULL;
    struct fund_signed in = {.timestamp = dsp_http_header(request, "Wechatpay-Timestamp"),
                             .nonce = dsp_http_header(request, "Wechatpay-Nonce"),
                             .serial = dsp_http_header(request, "Wechatpay-Serial"),
                             .signature = dsp_http_header(request, "Wechatpay-Signature"),
                             .body = body};
    DSP_TRY(fund_verify_signed(fund->sign, arena, &in, real_s()));
    ret_record->source = DSP_STR_LITERAL("/wechatpay");
    ret_record->type = FUND_INBOUND_TYPE;
    ret_record->schema = FUND_INBOUND_SCHEMA;
    DSP_TRY(read_path(arena, rest_of_path, ret_record));
    json_t *envelope = fund_json_object(body);
    if (!envelope) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "the callback is no JSON object");
    }
    ret_record->id = fund_json_str(arena, envelope, "id");
    struct dsp_err err = open_resource(fund, arena, envelope, &resource);
    if (!dsp_failed(err)) {
        err = read_callback(arena, envelope, resource, ret_record);
    }
    json_decref(resource);
    json_decref(envelope);
    return err;
}

/* {id, kind: "set_off" | "cash", merchant_id | payer: {role, id}, amount_minor, currency, fee} */
static struct dsp_err read_settlement(struct dsp_arena *arena, json_t *body, struct dsp_door_record *record)
{
    struct dsp_str kind = fund_json_str(arena, body, "kind");
    struct dsp_str currency = fund_json_str(arena, body, "currency");
    json_t *payer = json_object_get(body, "payer");
    struct dsp_str role = fund_json_str(arena, payer, "role");
    struct fund_inbound in = {.set_off = dsp_str_is(kind, "set_off"),
                              .fee = json_is_true(json_object_get(body, "fee")),
                              .payer_side = FUND_SIDE_MERCHANT,
                              .payer_id = fund_json_str(arena, body, "merchant_id"),
                              .amount_minor = json_integer_value(json_object_get(body, "amount_minor"))};
    if (payer) {
        in.payer_id = fund_json_str(arena, payer, "id");
        in.payer_side = dsp_str_is(role, "CONSUMER") || dsp_str_is(role, "C") ? FUND_SIDE_CONSUMER : FUND_SIDE_MERCHANT;
    }
    record->id = fund_json_str(arena, body, "id");
    if (!record->id.len || (!in.set_off && !dsp_str_is(kind, "cash")) || !in.payer_id.len || in.amount_minor <= 0 ||
        !dsp_str_is(currency, "CNY") || (in.set_off && (in.fee || in.payer_side != FUND_SIDE_MERCHANT))) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "id, kind, payer, amount_minor and currency CNY are required");
    }
    return fund_pack_settlement(arena, &in, currency, &record->value);
}

struct dsp_err fund_accept_settlement(void *self, struct dsp_arena *arena, struct evhttp_request *request,
                                      struct dsp_str rest_of_path, struct dsp_str body,
                                      struct dsp_door_record *ret_record)
{
    const struct fund *fund = self;
    struct dsp_str signature = dsp_http_header(request, "Heshi-Signature");
    DSP_TRY(fund_verify_webhook(dsp_str_from(fund->settings.webhook_secret), signature, body, real_s()));
    ret_record->source = DSP_STR_LITERAL("/settlements");
    ret_record->type = FUND_INBOUND_TYPE;
    ret_record->schema = FUND_INBOUND_SCHEMA;
    DSP_TRY(read_path(arena, rest_of_path, ret_record));
    json_t *object = fund_json_object(body);
    if (!object) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "the settlement is no JSON object");
    }
    struct dsp_err err = read_settlement(arena, object, ret_record);
    json_decref(object);
    return err;
}
