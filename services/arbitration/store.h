/* Rows of arbitration. */
#ifndef ARB_STORE_H
#define ARB_STORE_H

#include "arbitration/domain.h"
#include "common/service/follower.h"

struct arb_case_row {
    struct dsp_case_head head;
};

/* One referral: a case has at most one in each generation. */
struct arb_referral_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int32_t referral;             /* counts in the case, from 1: the institution's name for it */
    int32_t generation;           /* of the case */
    int64_t entry_seq;            /* CaseReferred */
    int32_t state;                /* enum arb_state, as the log has it */
    int32_t said_state;           /* where it stands once the log has taken what was said */
    struct dsp_str bundle_sha256; /* 32 bytes; empty: no bundle could be made */
    struct dsp_str receipt_id;    /* empty until the institution has confirmed */
    int64_t last_sequence;        /* of its messages, taken in order */
    int64_t claimed_minor;
    int32_t fee_move; /* enum arb_fee_move */
    int64_t fee_consumer_minor;
    int64_t fee_merchant_minor;
    bool merchant_answered;
    struct dsp_str hearing_date; /* YYYY-MM-DD, empty = none */
};

/* A message that came through the door, kept as it was checked. */
struct arb_message_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int32_t referral;
    int64_t sequence;
    struct dsp_str message_id;
    int32_t kind; /* enum arb_input */
    struct dsp_str body_sha256;
    int64_t received_ms;
    bool taken;             /* false: one before it is missing */
    struct dsp_str content; /* the inbound record */
};

enum arb_item_state {
    ARB_ITEM_RECEIVED = 0, /* investigation has not answered yet */
    ARB_ITEM_IN_TIME,      /* 1 to 4: disputes.investigation.v1.ItemState */
    ARB_ITEM_LATE,
    ARB_ITEM_ADMITTED_LATE,
    ARB_ITEM_REDACTED,
    ARB_ITEM_REFUSED,
};

struct arb_item_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_str item_id;
    int32_t side;  /* disputes.common.v1.Role */
    int32_t state; /* enum arb_item_state */
    struct dsp_str sha256;
    int64_t size_bytes;
    struct dsp_str media_type;
    struct dsp_str reference;
    int64_t entry_seq;
};

/* What only a bundle needs; loaded when one is made. The key is the case id as text. */
struct arb_timeline_row {
    struct dsp_row row;
    struct dsp_str case_id;
    int64_t sequence;
    int32_t type; /* disputes.case.v1.EntryType */
    int64_t time_ms;
    struct dsp_str hash; /* 32 bytes: of the entry as published */
};

enum arb_paper_kind {
    ARB_PAPER_ACT = 1,    /* the filing or a later paper of a side: packed gateway Command, texts sealed */
    ARB_PAPER_RULING = 2, /* a decision: packed Ruling; empty: the one before is annulled */
};

struct arb_paper_row {
    struct dsp_row row;
    struct dsp_str case_id;
    int64_t sequence;
    int32_t kind;  /* enum arb_paper_kind */
    int32_t side;  /* disputes.common.v1.Role */
    int32_t basis; /* RULING: disputes.common.v1.Basis */
    int64_t time_ms;
    struct dsp_str content;
};

enum {
    ARB_TABLE_CASE,
    ARB_TABLE_REFERRAL,
    ARB_TABLE_ITEM,
    ARB_TABLE_MESSAGE,
    ARB_TABLE_JOB,
    ARB_TABLE_TIMELINE,
    ARB_TABLE_PAPER,
    ARB_TABLE_COUNT,
};
extern struct dsp_table ARB_TABLES[ARB_TABLE_COUNT];
/* Timeline and papers, for GET /cases/{id}. */
enum { ARB_VIEW_COUNT = 2 };
extern const struct dsp_table ARB_VIEWS[ARB_VIEW_COUNT];

/* Completes the list of tables with that of the jobs; before the service starts. */
void arb_store_setup(void);

struct arb_case_row *arb_store_case(struct dsp_turn *turn, const struct dsp_uuid *case_id);
/* The referral with this number, or with 0 the newest one; NULL = none. */
struct arb_referral_row *arb_store_referral(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t referral);
struct arb_item_row *arb_store_item(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str item_id);
struct arb_message_row *arb_store_message(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t referral,
                                          int64_t sequence);
/* The job of a referral's bundle, NULL = none. */
struct dsp_job *arb_store_job(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t referral);
/* A new row of a table that is keyed by case, its key set. NULL: arena full. */
void *arb_store_add(struct dsp_turn *turn, int table, const struct dsp_uuid *case_id);

/* Case id as the text that keys timeline and papers; in the turn's arena. */
struct dsp_str arb_store_key(struct dsp_turn *turn, const struct dsp_uuid *case_id);
/* Asks for timeline and papers: a bundle is to be made. */
DSP_MUST_USE struct dsp_err arb_store_want_file(struct dsp_turn *turn, const struct dsp_uuid *case_id);

#endif
