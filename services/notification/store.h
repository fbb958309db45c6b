/* Rows of notification. */
#ifndef NTF_STORE_H
#define NTF_STORE_H

#include "common/service/follower.h"
#include "notification/domain.h"

struct ntf_case_row {
    struct dsp_case_head head;
    struct dsp_str consumer_id;
    struct dsp_str merchant_id;
    struct dsp_str openid; /* a packed disputes.common.v1.Text, sealed; empty: no openid */
    int32_t order_line;
    int32_t reason; /* disputes.common.v1.Reason */
    int32_t stage;  /* disputes.common.v1.Stage */
    bool merchant_knows;
    int32_t dead_consumer; /* papers in a row that reached nobody */
    int32_t dead_merchant;
};

/* One per entry and side that is told of it. */
struct ntf_delivery_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int64_t sequence;
    int32_t kind;       /* enum ntf_kind */
    int32_t generation; /* of the case when it was told */
    bool reminder;
    struct ntf_delivery is;
    struct dsp_str message_id; /* of the push in hand or last made; empty: none yet */
    int64_t told_ms;
    int64_t due_ms; /* deadline it states, 0 = none */
    struct dsp_str title;
    struct dsp_str text;
    struct dsp_str hint;
};

/* An act of a side that a later finding answers. */
struct ntf_act_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int64_t sequence;
    int32_t side;
};

enum ntf_inbound_kind {
    NTF_INBOUND_READ = 1, /* opened or acknowledged */
    NTF_INBOUND_CONSENT,
    NTF_INBOUND_WINDOW,
};

/* What came in, once per sender and id. */
struct ntf_inbound_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_str source;
    struct dsp_str message_id;
    struct dsp_str order_id;
    int32_t kind; /* enum ntf_inbound_kind */
    int64_t sequence;
    int32_t side;
    int32_t rung;
    int64_t time_ms;
    bool applied; /* false: names an entry that has not been read yet */
};

/* What the case's consumer has allowed, by template. */
struct ntf_consent_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_str template_id; /* NTF_WINDOW: the customer-service window */
    int32_t quota;              /* NTF_CONSENT_UNCOUNTED or what is left */
    int64_t until_ms;
};
#define NTF_WINDOW "customer-service"

/* A case among those of its order: whether a merge goes into a parent that the merchant knows. */
struct ntf_sibling_row {
    struct dsp_row row;
    struct dsp_str order_id;
    struct dsp_uuid case_id;
    int32_t order_line;
    bool merchant_knows;
    bool open;
};

enum {
    NTF_TABLE_CASE,
    NTF_TABLE_DELIVERY,
    NTF_TABLE_ACT,
    NTF_TABLE_INBOUND,
    NTF_TABLE_CONSENT,
    NTF_TABLE_SIBLING,
    NTF_TABLE_JOB,
    NTF_TABLE_COUNT,
};
/* Not const: the last is a copy of the engine's table of jobs, made by ntf_store_start. */
extern struct dsp_table NTF_TABLES[NTF_TABLE_COUNT];
/* Once, before the engine starts. */
void ntf_store_start(void);

struct ntf_case_row *ntf_store_case(struct dsp_turn *turn, const struct dsp_uuid *case_id); /* NULL: none */
struct ntf_delivery_row *ntf_store_delivery(struct dsp_turn *turn, const struct dsp_uuid *case_id, int64_t sequence,
                                            int32_t side);
struct dsp_list *ntf_store_deliveries(struct dsp_turn *turn, const struct dsp_uuid *case_id);
/* Side whose act this entry is; NONE: no such act. */
enum ntf_side ntf_store_act_side(struct dsp_turn *turn, const struct dsp_uuid *case_id, int64_t sequence);
struct dsp_list *ntf_store_inbound(struct dsp_turn *turn, const struct dsp_uuid *case_id);
struct ntf_consent_row *ntf_store_consent(struct dsp_turn *turn, const struct dsp_uuid *case_id,
                                          struct dsp_str template_id);
struct ntf_sibling_row *ntf_store_sibling(struct dsp_turn *turn, struct dsp_str order_id,
                                          const struct dsp_uuid *case_id);
/* Whether another open case of the same order line is known to the merchant. */
bool ntf_store_parent_known(struct dsp_turn *turn, struct dsp_str order_id, const struct dsp_uuid *case_id,
                            int32_t order_line);
struct dsp_job *ntf_store_job(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str number);

/* New rows of a case, to be filled in; the key is set. NULL: arena full. */
void *ntf_store_add(struct dsp_turn *turn, int table, const struct dsp_uuid *case_id);

#endif
