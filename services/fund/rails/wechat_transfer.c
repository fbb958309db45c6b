#include "fund/rails/wechat_transfer.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "fund/rails/wechat_json.h"

#define NOTIFY_URL_MAX 256

const char FUND_TRANSFER_PATH[] = "/v3/fund-app/mch-transfer/transfer-bills";
const char FUND_TRANSFER_QUERY_PATH[] = "/v3/fund-app/mch-transfer/transfer-bills/out-bill-no/";

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.' || c == '~';
}

static struct dsp_str percent_encode(struct dsp_arena *arena, struct dsp_str text)
{
    static const char HEX[] = "0123456789ABCDEF";
    char *out = dsp_arena_alloc(arena, 3 * text.len + 1);
    size_t at = 0;
    for (size_t i = 0; out && i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (is_unreserved((char)c)) {
            out[at++] = (char)c;
        } else {
            out[at++] = '%';
            out[at++] = HEX[c >> 4];
            out[at++] = HEX[c & 15];
        }
    }
    return (struct dsp_str){out, at};
}

struct dsp_err fund_notify_url(struct dsp_arena *arena, struct dsp_str base, struct dsp_str case_id,
                               struct dsp_str order_id, struct dsp_str *ret_url)
{
    struct dsp_str order = percent_encode(arena, order_id);
    struct dsp_str url = dsp_arena_format(arena, "%.*s/%.*s/%.*s", DSP_STR_ARG(base), DSP_STR_ARG(case_id),
                                          DSP_STR_ARG(order));
    if (!order.ptr || !url.ptr) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "notify url");
    }
    *ret_url = url.len <= NOTIFY_URL_MAX && base.len ? url : (struct dsp_str){NULL, 0};
    return dsp_ok();
}

struct dsp_err fund_transfer_plan(struct dsp_arena *arena, const struct fund_transfer *transfer,
                                  struct dsp_str *ret_plan)
{
    /* Texts say nothing about a person: the remark is shown in the wallet. */
    json_t *plan = json_pack("{s:s%, s:s%, s:s%, s:I, s:s, s:s, s:[{s:s, s:s}]}", "appid", transfer->appid.ptr,
                             transfer->appid.len, "out_bill_no", transfer->number.ptr, transfer->number.len,
                             "transfer_scene_id", transfer->scene_id.ptr, transfer->scene_id.len, "transfer_amount",
                             (json_int_t)transfer->amount_minor, "transfer_remark", "消费纠纷先行赔付",
                             "user_recv_perception", "商家赔付", "transfer_scene_report_infos", "info_type", "赔付原因",
                             "info_content", "商家未按期履行，平台先行赔付");
    if (plan && transfer->notify_url.len) {
        json_object_set_new(plan, "notify_url", json_stringn(transfer->notify_url.ptr, transfer->notify_url.len));
    }
    return fund_json_text(arena, plan, ret_plan);
}

struct dsp_err fund_transfer_body(struct dsp_arena *arena, struct dsp_str plan, struct dsp_str openid,
                                  struct dsp_str *ret_body)
{
    json_t *body = fund_json_object(plan);
    if (!body || !openid.len) {
        json_decref(body);
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a transfer without plan or openid");
    }
    json_object_set_new(body, "openid", json_stringn(openid.ptr, openid.len));
    return fund_json_text(arena, body, ret_body);
}

enum fund_fate fund_transfer_fate(struct dsp_str state)
{
    static const struct {
        const char *state;
        enum fund_fate fate;
    } STATES[] = {
        {"ACCEPTED", FUND_FATE_PENDING},    {"PROCESSING", FUND_FATE_PENDING}, {"WAIT_USER_CONFIRM", FUND_FATE_PENDING},
        {"TRANSFERING", FUND_FATE_PENDING}, {"CANCELING", FUND_FATE_PENDING},  {"SUCCESS", FUND_FATE_SUCCESS},
        {"FAIL", FUND_FATE_FAILED},         {"CANCELLED", FUND_FATE_FAILED},
    };
    for (size_t i = 0; i < sizeof STATES / sizeof *STATES; i++) {
        if (dsp_str_is(state, STATES[i].state)) {
            return STATES[i].fate;
        }
    }
    return FUND_FATE_UNKNOWN;
}

struct fund_told fund_transfer_read(struct dsp_arena *arena, int status, struct dsp_str body)
{
    struct fund_told told = {0};
    json_t *answer = fund_json_object(body);
    if (answer && status == 200) {
        struct dsp_str state = fund_json_str(arena, answer, "state");
        told.fate = fund_transfer_fate(state);
        told.code = fund_json_str(arena, answer, "fail_reason");
        if (told.fate == FUND_FATE_FAILED && !told.code.len) {
            told.code = state;
        }
        told.number = fund_json_str(arena, answer, "out_bill_no");
        told.amount_minor = json_integer_value(json_object_get(answer, "transfer_amount"));
    } else if (status >= 400 || (status && !answer)) {
        told.code = answer ? fund_json_str(arena, answer, "code") : (struct dsp_str){NULL, 0};
        told.fate = status >= 400 ? fund_error_fate(status, told.code) : FUND_FATE_UNKNOWN;
    }
    json_decref(answer);
    return told;
}
