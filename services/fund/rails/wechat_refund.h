/* Refunds of an order (docs/WECHAT.md, 4.1): our own, and queries of the merchant's. No I/O. */
#ifndef FUND_WECHAT_REFUND_H
#define FUND_WECHAT_REFUND_H

#include "fund/rails/wechat_transfer.h"

struct fund_refund {
    struct dsp_str number;
    struct dsp_str transaction_id;
    struct dsp_str notify_url; /* empty: none */
    int64_t amount_minor;
    int64_t total_minor; /* paid for the order */
};

extern const char FUND_REFUND_PATH[];       /* POST */
extern const char FUND_REFUND_QUERY_PATH[]; /* GET, followed by the number */

/* Whether a text can be a number of the payment side: at most 64 of digits, letters and _ - | * @. */
bool fund_refund_number_good(struct dsp_str number);
/* The number as part of a path. */
DSP_MUST_USE struct dsp_err fund_refund_query_path(struct dsp_arena *arena, struct dsp_str number,
                                                   struct dsp_str *ret_path);
DSP_MUST_USE struct dsp_err fund_refund_body(struct dsp_arena *arena, const struct fund_refund *refund,
                                             struct dsp_str *ret_body);
/* Answer of either call; status 0: none. */
struct fund_told fund_refund_read(struct dsp_arena *arena, int status, struct dsp_str body);

/* What a query says of a proof of payment. */
enum fund_proof { FUND_PROOF_ASK_AGAIN, FUND_PROOF_HOLDS, FUND_PROOF_FAILS };
/* *ret_code: why it fails, static; NULL otherwise. */
enum fund_proof fund_refund_prove(const struct fund_told *told, struct dsp_str transaction_id, int64_t owed_minor,
                                  const char **ret_code);

#endif
