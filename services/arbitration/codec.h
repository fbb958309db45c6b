/* Generated messages ↔ domain structs of arbitration. The only file pair of the service that sees generated names. */
#ifndef ARB_CODEC_H
#define ARB_CODEC_H

#include "arbitration/store.h"
#include "common/base/seal.h"

/* An item that an entry brings. */
struct arb_found_item {
    struct dsp_str item_id, sha256, media_type, reference;
    int64_t size_bytes;
    int32_t side;
};

/* What investigation says of an item. */
struct arb_item_mark {
    struct dsp_str item_id;
    enum arb_item_state state;
};

/* What arbitration needs of a log entry. Lives in the turn's arena. */
struct arb_entry {
    const Disputes__Case__V1__Entry *entry; /* for dsp_head_advance */
    int64_t sequence;
    int64_t time_ms;
    int32_t type;
    int32_t generation;
    bool tells_time; /* dsp_entry_tells_time: for the timeline only */
    struct dsp_str hash;
    struct arb_found_item *items;
    size_t item_count;
    struct arb_item_mark *marks;
    size_t mark_count;
    int32_t side;          /* whose paper */
    struct dsp_str paper;  /* packed act, texts sealed; empty: none */
    struct dsp_str ruling; /* packed ruling; empty: none */
    int32_t basis;
    bool annuls;          /* no decision is in force any more */
    bool referred;        /* CaseReferred */
    int64_t asked_minor;  /* at the referral, 0 = as filed */
    enum arb_input input; /* for the newest referral */
    bool own;             /* a finding of ours has been read back */
    bool refused;         /* a finding of ours was refused */
    bool chased;          /* the institution is silent: `chase` */
    enum arb_call chase;
    struct arb_award award; /* own AwardReceived */
};

/* A message of the institution, as checked at the door. */
struct arb_message {
    struct dsp_str name; /* of the member */
    struct dsp_str institution;
    struct dsp_str message_id;
    struct dsp_str body_sha256; /* 32 bytes */
    int32_t referral;
    int64_t sequence;
    enum arb_input kind;
    struct dsp_str hearing_date;
    struct dsp_str reason_code;
    struct dsp_str court_docket;
    struct dsp_str document_sha256; /* 32 bytes or empty */
    bool has_award;                 /* award, or terms of a settlement */
    struct arb_award award;
};

/* Sets record->input to a struct arb_entry, or leaves it NULL when the record concerns no follower. */
DSP_MUST_USE struct dsp_err arb_decode_entry(struct dsp_turn *turn, struct dsp_record *record);
/* Sets record->input to a struct arb_message and record->case_id. */
DSP_MUST_USE struct dsp_err arb_decode_inbound(struct dsp_turn *turn, struct dsp_record *record);
/* The value of an inbound record, both ways. message_id travels in the header and is not read. */
DSP_MUST_USE struct dsp_err arb_message_pack(struct dsp_arena *arena, const struct arb_message *message,
                                             struct dsp_str *ret_value);
DSP_MUST_USE struct dsp_err arb_message_read(struct dsp_arena *arena, struct dsp_str value,
                                             struct arb_message *ret_message);

/* A paper as people read it. `key` opens its texts. */
struct arb_act {
    const char *name; /* "FileComplaint" … */
    struct dsp_str text;
    struct dsp_str clause_id; /* of an arbitration agreement that its writer gives, or takes back */
    bool revokes;
    bool filing;
    struct arb_filing {
        struct dsp_str consumer_id, merchant_id, consumer_clause_id, merchant_clause_id, category, channel;
        int32_t order_line;
        const char *reason, *remedy;
        int64_t amount_minor, paid_minor;
        int64_t paid_ms, shipped_ms, promised_ms, received_ms, last_scan_ms;
    } filed;
};
DSP_MUST_USE struct dsp_err arb_act_read(struct dsp_arena *arena, const struct dsp_key *key,
                                         const struct dsp_uuid *case_id, struct dsp_str content,
                                         struct arb_act *ret_act);

struct arb_ruling {
    struct dsp_str ruling_id;
    const char *liability, *remedy;
    int32_t merchant_percent;
    int64_t amount_minor;
};
DSP_MUST_USE struct dsp_err arb_ruling_read(struct dsp_arena *arena, struct dsp_str content,
                                            struct arb_ruling *ret_ruling);

/* The bytes of a bundle under the case's data key: what people wrote in it is erased with that key. */
DSP_MUST_USE struct dsp_err arb_body_seal(struct dsp_arena *arena, const struct dsp_key *key,
                                          const struct dsp_uuid *case_id, struct dsp_str body,
                                          struct dsp_str *ret_sealed);
DSP_MUST_USE struct dsp_err arb_body_open(struct dsp_arena *arena, const struct dsp_key *key,
                                          const struct dsp_uuid *case_id, struct dsp_str sealed,
                                          struct dsp_str *ret_body);

/* Names for documents. */
const char *arb_entry_name(int32_t type);
const char *arb_role_name(int32_t role);
const char *arb_basis_name(int32_t basis);

/* Findings. Each publishes one record about the case. */
DSP_MUST_USE struct dsp_err arb_say_sent(struct dsp_turn *turn, struct arb_case_row *row,
                                         const struct arb_referral_row *referral, int32_t number, int64_t time_ms);
DSP_MUST_USE struct dsp_err arb_say_fee(struct dsp_turn *turn, struct arb_case_row *row, int64_t answers,
                                        const struct arb_fee *fee, int64_t time_ms);
/* What a message of the institution says, whatever its kind. */
DSP_MUST_USE struct dsp_err arb_say_message(struct dsp_turn *turn, struct arb_case_row *row,
                                            const struct arb_referral_row *referral, const struct arb_message *message,
                                            int64_t time_ms);

#endif
