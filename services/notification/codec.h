/* Generated messages ↔ domain structs of notification. The only file pair of the service that sees generated
 * names. */
#ifndef NTF_CODEC_H
#define NTF_CODEC_H

#include "common/service/keys.h"
#include "common/service/platform.h"
#include "notification/store.h"

/* What ComplaintFiled says of the people; texts borrowed from the turn. */
struct ntf_filed {
    struct dsp_str consumer_id;
    struct dsp_str merchant_id;
    struct dsp_str openid; /* packed, still sealed; empty: none */
    int32_t order_line;
    int32_t reason;
};

/* What notification needs of a log entry. Lives in the turn's arena. */
struct ntf_entry {
    const Disputes__Case__V1__Entry *entry; /* for dsp_head_advance */
    int64_t sequence;
    int64_t time_ms;
    int32_t stage;                 /* afterwards */
    bool open;                     /* afterwards: a case that something can be merged into */
    bool remember;                 /* an act that a finding will answer: keep its side */
    int64_t answers;               /* a finding: the entry it answers */
    struct ntf_news news;          /* `answered` is filled in by the handler */
    const struct ntf_filed *filed; /* ComplaintFiled only */
};

/* A record of the inbound topic. */
struct ntf_inbound {
    enum ntf_inbound_kind kind;
    int64_t sequence; /* READ */
    int32_t side;
    enum ntf_rung rung;
    struct dsp_str consumer_id; /* CONSENT, WINDOW */
    struct dsp_str template_id; /* CONSENT */
    int32_t count;
    int64_t until_ms; /* WINDOW */
};

/* Sets record->input to a struct ntf_entry, or leaves it NULL when the record concerns no follower. */
DSP_MUST_USE struct dsp_err ntf_decode_entry(struct dsp_turn *turn, struct dsp_record *record);
/* Sets record->input to a struct ntf_inbound, and record->case_id from the subject. */
DSP_MUST_USE struct dsp_err ntf_decode_inbound(struct dsp_turn *turn, struct dsp_record *record);

/* Budgets that texts state: the pinned policy's own, else the start values. RETRY NOT_READY: not read yet. */
DSP_MUST_USE struct dsp_err ntf_deadlines_find(const struct dsp_platforms *platforms, struct dsp_str platform_id,
                                               int64_t policy_version, int32_t reason,
                                               struct ntf_deadlines *ret_deadlines);
/* Opens the packed openid of a case. RETRY: the key has not been read yet. REJECT: erased or damaged. */
DSP_MUST_USE struct dsp_err ntf_openid_open(struct dsp_arena *arena, const struct dsp_keys *keys,
                                            const struct dsp_uuid *case_id, struct dsp_str packed,
                                            struct dsp_str *ret_openid);

/* Findings. Each publishes one record about the case. */
DSP_MUST_USE struct dsp_err ntf_say_proved(struct dsp_turn *turn, struct ntf_case_row *row,
                                           const struct ntf_delivery_row *delivery, int64_t time_ms);
DSP_MUST_USE struct dsp_err ntf_say_failed(struct dsp_turn *turn, struct ntf_case_row *row,
                                           const struct ntf_delivery_row *delivery, int64_t time_ms);
DSP_MUST_USE struct dsp_err ntf_say_unreachable(struct dsp_turn *turn, struct ntf_case_row *row,
                                                const struct ntf_delivery_row *delivery, int64_t time_ms);

#endif
