/* Transfers to a consumer's wallet, scene 1011 (docs/WECHAT.md, 4.2): requests and answers. No I/O. */
#ifndef FUND_WECHAT_TRANSFER_H
#define FUND_WECHAT_TRANSFER_H

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "fund/domain/payout.h"

/* What an answer says about one number. */
struct fund_told {
    enum fund_fate fate;
    struct dsp_str code;           /* of the payment side; empty when there is none */
    int64_t amount_minor;          /* 0: not said */
    struct dsp_str number;         /* ours, as they repeat it; empty: not said */
    struct dsp_str transaction_id; /* of a refund; empty: not said */
};

struct fund_transfer {
    struct dsp_str appid;
    struct dsp_str number;
    struct dsp_str scene_id;
    struct dsp_str notify_url; /* empty: none */
    int64_t amount_minor;
};

/* "<base>/<case id>/<order id>", percent-encoded; empty when it would not fit into 256 characters. */
DSP_MUST_USE struct dsp_err fund_notify_url(struct dsp_arena *arena, struct dsp_str base, struct dsp_str case_id,
                                            struct dsp_str order_id, struct dsp_str *ret_url);

/* JSON without the openid: what the job keeps, so that every attempt has the same parameters. */
DSP_MUST_USE struct dsp_err fund_transfer_plan(struct dsp_arena *arena, const struct fund_transfer *transfer,
                                               struct dsp_str *ret_plan);
/* The body that leaves: the plan and the openid. */
DSP_MUST_USE struct dsp_err fund_transfer_body(struct dsp_arena *arena, struct dsp_str plan, struct dsp_str openid,
                                               struct dsp_str *ret_body);
extern const char FUND_TRANSFER_PATH[];       /* POST */
extern const char FUND_TRANSFER_QUERY_PATH[]; /* GET, followed by our number */

/* Answer of either call; status 0: none. Views live in `arena`. */
struct fund_told fund_transfer_read(struct dsp_arena *arena, int status, struct dsp_str body);
/* State as in answers and callbacks. */
enum fund_fate fund_transfer_fate(struct dsp_str state);

#endif
