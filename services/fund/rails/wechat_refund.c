#include "fund/rails/wechat_refund.h"

#include <jansson.h>
#include <string.h>

#include "common/base/codes.h"
#include "fund/rails/wechat_json.h"

#define NUMBER_MAX 64

const char FUND_REFUND_PATH[] = "/v3/refund/domestic/refunds";
const char FUND_REFUND_QUERY_PATH[] = "/v3/refund/domestic/refunds/";

bool fund_refund_number_good(struct dsp_str number)
{
    if (number.len == 0 || number.len > NUMBER_MAX) {
        return false;
    }
    for (size_t i = 0; i < number.len; i++) {
        char c = number.ptr[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("_-|*@", c)) ||
            c == '\0') {
            return false;
        }
    }
    return true;
}

struct dsp_err fund_refund_query_path(struct dsp_arena *arena, struct dsp_str number, struct dsp_str *ret_path)
{
    struct dsp_str path = dsp_arena_copy(arena, dsp_str_from(FUND_REFUND_QUERY_PATH));
    for (size_t i = 0; path.ptr && i < number.len; i++) { /* | is the one sign of a number that a path forbids */
        path = number.ptr[i] == '|' ? dsp_arena_format(arena, "%.*s%%7C", DSP_STR_ARG(path))
                                    : dsp_arena_format(arena, "%.*s%c", DSP_STR_ARG(path), number.ptr[i]);
    }
    if (!path.ptr) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "refund path");
    }
    *ret_path = path;
    return dsp_ok();
}

struct dsp_err fund_refund_body(struct dsp_arena *arena, const struct fund_refund *refund, struct dsp_str *ret_body)
{
    json_t *body = json_pack("{s:s%, s:s%, s:s, s:{s:I, s:I, s:s}}", "transaction_id", refund->transaction_id.ptr,
                             refund->transaction_id.len, "out_refund_no", refund->number.ptr, refund->number.len,
                             "reason", "消费纠纷先行赔付", "amount", "refund", (json_int_t)refund->amount_minor,
                             "total", (json_int_t)refund->total_minor, "currency", "CNY");
    if (body && refund->notify_url.len) {
        json_object_set_new(body, "notify_url", json_stringn(refund->notify_url.ptr, refund->notify_url.len));
    }
    return fund_json_text(arena, body, ret_body);
}

static enum fund_fate fate_of(struct dsp_str status)
{
    if (dsp_str_is(status, "SUCCESS")) {
        return FUND_FATE_SUCCESS;
    }
    if (dsp_str_is(status, "PROCESSING")) {
        return FUND_FATE_PENDING;
    }
    return dsp_str_is(status, "CLOSED") || dsp_str_is(status, "ABNORMAL") ? FUND_FATE_FAILED : FUND_FATE_UNKNOWN;
}

struct fund_told fund_refund_read(struct dsp_arena *arena, int status, struct dsp_str body)
{
    struct fund_told told = {0};
    json_t *answer = fund_json_object(body);
    if (answer && status == 200) {
        told.code = fund_json_str(arena, answer, "status");
        told.fate = fate_of(told.code);
        told.number = fund_json_str(arena, answer, "out_refund_no");
        told.transaction_id = fund_json_str(arena, answer, "transaction_id");
        told.amount_minor = json_integer_value(json_object_get(json_object_get(answer, "amount"), "refund"));
    } else if (status >= 400) {
        told.code = answer ? fund_json_str(arena, answer, "code") : (struct dsp_str){NULL, 0};
        told.fate = fund_error_fate(status, told.code);
    }
    json_decref(answer);
    return told;
}

enum fund_proof fund_refund_prove(const struct fund_told *told, struct dsp_str transaction_id, int64_t owed_minor,
                                  const char **ret_code)
{
    *ret_code = NULL;
    switch (told->fate) {
    case FUND_FATE_SUCCESS:
        if (!dsp_str_equal(told->transaction_id, transaction_id)) {
            *ret_code = "WRONG_TRANSACTION";
        } else if (told->amount_minor < owed_minor) {
            *ret_code = "TOO_SMALL";
        }
        return *ret_code ? FUND_PROOF_FAILS : FUND_PROOF_HOLDS;
    case FUND_FATE_FAILED:
        *ret_code = "NOT_PAID";
        return FUND_PROOF_FAILS;
    case FUND_FATE_ABSENT:
        *ret_code = "NOT_FOUND";
        return FUND_PROOF_FAILS;
    case FUND_FATE_UNKNOWN:
    case FUND_FATE_PENDING:
    case FUND_FATE_REFUSED: /* our request was wrong: never the merchant's fault */
    case FUND_FATE_BUSY:
    case FUND_FATE_COUNT:
    default:
        return FUND_PROOF_ASK_AGAIN;
    }
}
