#include "notification/store.h"

#include "common/service/message.h"
#include "notification_queries.h"

static const char *side_name(int side)
{
    return dsp_enum_name(&disputes__common__v1__role__descriptor, side);
}

static const char *reason_name(int reason)
{
    return dsp_enum_name(&disputes__common__v1__reason__descriptor, reason);
}

static const char *stage_name(int stage)
{
    return dsp_enum_name(&disputes__common__v1__stage__descriptor, stage);
}

static const char *inbound_name(int kind)
{
    static const char *const NAMES[] = {NULL, "READ", "CONSENT", "WINDOW"};
    return kind > 0 && kind <= NTF_INBOUND_WINDOW ? NAMES[kind] : NULL;
}

static const struct dsp_column CASE_COLUMNS[] = {
    DSP_HEAD_COLUMNS(struct ntf_case_row),
    DSP_COL(struct ntf_case_row, openid, DSP_COLUMN_BYTES),
    DSP_COL_ENUM(struct ntf_case_row, stage, stage_name),
    DSP_COL(struct ntf_case_row, merchant_knows, DSP_COLUMN_BOOL),
    DSP_COL(struct ntf_case_row, dead_consumer, DSP_COLUMN_INT),
    DSP_COL(struct ntf_case_row, dead_merchant, DSP_COLUMN_INT),
    DSP_HEAD_CONSTANTS(struct ntf_case_row),
    DSP_COL(struct ntf_case_row, consumer_id, DSP_COLUMN_TEXT),
    DSP_COL(struct ntf_case_row, merchant_id, DSP_COLUMN_TEXT),
    DSP_COL(struct ntf_case_row, order_line, DSP_COLUMN_INT),
    DSP_COL_ENUM(struct ntf_case_row, reason, reason_name),
};

#define IS(member, type, namer)                                                \
    {                                                                          \
#member, (type), offsetof(struct ntf_delivery_row, is.member), (namer) \
    }

static const struct dsp_column DELIVERY_COLUMNS[] = {
    DSP_COL(struct ntf_delivery_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct ntf_delivery_row, sequence, DSP_COLUMN_BIG),
    IS(side, DSP_COLUMN_INT, side_name),
    IS(rung, DSP_COLUMN_INT, ntf_rung_name),
    IS(state, DSP_COLUMN_INT, ntf_state_name),
    DSP_COL(struct ntf_delivery_row, message_id, DSP_COLUMN_TEXT),
    IS(sent_ms, DSP_COLUMN_BIG, NULL),
    IS(served_ms, DSP_COLUMN_BIG, NULL),
    DSP_COL_ENUM(struct ntf_delivery_row, kind, ntf_kind_name),
    DSP_COL(struct ntf_delivery_row, generation, DSP_COLUMN_INT),
    IS(paper, DSP_COLUMN_BOOL, NULL),
    IS(acknowledgement, DSP_COLUMN_BOOL, NULL),
    DSP_COL(struct ntf_delivery_row, reminder, DSP_COLUMN_BOOL),
    DSP_COL(struct ntf_delivery_row, told_ms, DSP_COLUMN_BIG),
    DSP_COL(struct ntf_delivery_row, due_ms, DSP_COLUMN_BIG),
    DSP_COL(struct ntf_delivery_row, title, DSP_COLUMN_TEXT),
    DSP_COL(struct ntf_delivery_row, text, DSP_COLUMN_TEXT),
    DSP_COL(struct ntf_delivery_row, hint, DSP_COLUMN_TEXT),
};

static const struct dsp_column ACT_COLUMNS[] = {
    DSP_COL(struct ntf_act_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct ntf_act_row, sequence, DSP_COLUMN_BIG),
    DSP_COL_ENUM(struct ntf_act_row, side, side_name),
};

static const struct dsp_column INBOUND_COLUMNS[] = {
    DSP_COL(struct ntf_inbound_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct ntf_inbound_row, source, DSP_COLUMN_TEXT),
    DSP_COL(struct ntf_inbound_row, message_id, DSP_COLUMN_TEXT),
    DSP_COL(struct ntf_inbound_row, order_id, DSP_COLUMN_TEXT),
    DSP_COL_ENUM(struct ntf_inbound_row, kind, inbound_name),
    DSP_COL(struct ntf_inbound_row, sequence, DSP_COLUMN_BIG),
    DSP_COL_ENUM(struct ntf_inbound_row, side, side_name),
    DSP_COL_ENUM(struct ntf_inbound_row, rung, ntf_rung_name),
    DSP_COL(struct ntf_inbound_row, time_ms, DSP_COLUMN_BIG),
    DSP_COL(struct ntf_inbound_row, applied, DSP_COLUMN_BOOL),
};

static const struct dsp_column CONSENT_COLUMNS[] = {
    DSP_COL(struct ntf_consent_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct ntf_consent_row, template_id, DSP_COLUMN_TEXT),
    DSP_COL(struct ntf_consent_row, quota, DSP_COLUMN_INT),
    DSP_COL(struct ntf_consent_row, until_ms, DSP_COLUMN_BIG),
};

static const struct dsp_column SIBLING_COLUMNS[] = {
    DSP_COL(struct ntf_sibling_row, order_id, DSP_COLUMN_TEXT),
    DSP_COL(struct ntf_sibling_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct ntf_sibling_row, order_line, DSP_COLUMN_INT),
    DSP_COL(struct ntf_sibling_row, merchant_knows, DSP_COLUMN_BOOL),
    DSP_COL(struct ntf_sibling_row, open, DSP_COLUMN_BOOL),
};

#define TABLE(what, key_kind, type, list, load, save)                                         \
    {                                                                                         \
        .name = (what), .key = (key_kind), .row_bytes = sizeof(type), .columns = (list),      \
        .column_count = sizeof(list) / sizeof *(list), .load_sql = (load), .save_sql = (save) \
    }

struct dsp_table NTF_TABLES[NTF_TABLE_COUNT] = {
    [NTF_TABLE_CASE] = DSP_TABLE_ADDED("case", struct ntf_case_row, CASE_COLUMNS, DSP_HEAD_SAVED + 5,
                                       NOTIFICATION_CASE_LOAD, NOTIFICATION_CASE_ADD, NOTIFICATION_CASE_SAVE),
    [NTF_TABLE_DELIVERY] = DSP_TABLE_ADDED("deliveries", struct ntf_delivery_row, DELIVERY_COLUMNS, 8,
                                           NOTIFICATION_DELIVERY_LOAD, NOTIFICATION_DELIVERY_ADD,
                                           NOTIFICATION_DELIVERY_SAVE),
    [NTF_TABLE_ACT] = TABLE("acts", DSP_KEY_CASE, struct ntf_act_row, ACT_COLUMNS, NOTIFICATION_ACT_LOAD,
                            NOTIFICATION_ACT_SAVE),
    [NTF_TABLE_INBOUND] = TABLE("inbound", DSP_KEY_CASE, struct ntf_inbound_row, INBOUND_COLUMNS,
                                NOTIFICATION_INBOUND_LOAD, NOTIFICATION_INBOUND_SAVE),
    [NTF_TABLE_CONSENT] = TABLE("consents", DSP_KEY_CASE, struct ntf_consent_row, CONSENT_COLUMNS,
                                NOTIFICATION_CONSENT_LOAD, NOTIFICATION_CONSENT_SAVE),
    [NTF_TABLE_SIBLING] = TABLE("siblings", DSP_KEY_TEXT, struct ntf_sibling_row, SIBLING_COLUMNS,
                                NOTIFICATION_SIBLING_LOAD, NOTIFICATION_SIBLING_SAVE),
};

void ntf_store_start(void)
{
    NTF_TABLES[NTF_TABLE_JOB] = dsp_job_table;
}

static struct dsp_list *rows_of(struct dsp_turn *turn, int table, const struct dsp_uuid *case_id)
{
    return dsp_rows_of(turn->rows, &NTF_TABLES[table], dsp_uuid_str(case_id));
}

struct ntf_case_row *ntf_store_case(struct dsp_turn *turn, const struct dsp_uuid *case_id)
{
    return dsp_rows_one(turn->rows, &NTF_TABLES[NTF_TABLE_CASE], dsp_uuid_str(case_id));
}

struct dsp_list *ntf_store_deliveries(struct dsp_turn *turn, const struct dsp_uuid *case_id)
{
    return rows_of(turn, NTF_TABLE_DELIVERY, case_id);
}

struct ntf_delivery_row *ntf_store_delivery(struct dsp_turn *turn, const struct dsp_uuid *case_id, int64_t sequence,
                                            int32_t side)
{
    struct dsp_list *list = ntf_store_deliveries(turn, case_id);
    for (size_t i = 0; i < list->count; i++) {
        struct ntf_delivery_row *row = list->items[i];
        if (row->sequence == sequence && (int32_t)row->is.side == side) {
            return row;
        }
    }
    return NULL;
}

enum ntf_side ntf_store_act_side(struct dsp_turn *turn, const struct dsp_uuid *case_id, int64_t sequence)
{
    struct dsp_list *list = rows_of(turn, NTF_TABLE_ACT, case_id);
    for (size_t i = 0; i < list->count; i++) {
        const struct ntf_act_row *row = list->items[i];
        if (row->sequence == sequence) {
            return (enum ntf_side)row->side;
        }
    }
    return NTF_SIDE_NONE;
}

struct dsp_list *ntf_store_inbound(struct dsp_turn *turn, const struct dsp_uuid *case_id)
{
    return rows_of(turn, NTF_TABLE_INBOUND, case_id);
}

struct ntf_consent_row *ntf_store_consent(struct dsp_turn *turn, const struct dsp_uuid *case_id,
                                          struct dsp_str template_id)
{
    struct dsp_list *list = rows_of(turn, NTF_TABLE_CONSENT, case_id);
    for (size_t i = 0; i < list->count; i++) {
        struct ntf_consent_row *row = list->items[i];
        if (dsp_str_equal(row->template_id, template_id)) {
            return row;
        }
    }
    return NULL;
}

struct ntf_sibling_row *ntf_store_sibling(struct dsp_turn *turn, struct dsp_str order_id,
                                          const struct dsp_uuid *case_id)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &NTF_TABLES[NTF_TABLE_SIBLING], order_id);
    for (size_t i = 0; i < list->count; i++) {
        struct ntf_sibling_row *row = list->items[i];
        if (dsp_uuid_equal(&row->case_id, case_id)) {
            return row;
        }
    }
    struct ntf_sibling_row *row = dsp_rows_add(turn->rows, &NTF_TABLES[NTF_TABLE_SIBLING], order_id);
    if (row) {
        row->order_id = order_id;
        row->case_id = *case_id;
        row->open = true;
    }
    return row;
}

bool ntf_store_parent_known(struct dsp_turn *turn, struct dsp_str order_id, const struct dsp_uuid *case_id,
                            int32_t order_line)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &NTF_TABLES[NTF_TABLE_SIBLING], order_id);
    for (size_t i = 0; i < list->count; i++) {
        const struct ntf_sibling_row *row = list->items[i];
        if (row->open && row->merchant_knows && row->order_line == order_line &&
            !dsp_uuid_equal(&row->case_id, case_id)) {
            return true;
        }
    }
    return false;
}

struct dsp_job *ntf_store_job(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str number)
{
    struct dsp_list *list = rows_of(turn, NTF_TABLE_JOB, case_id);
    for (size_t i = 0; i < list->count; i++) {
        struct dsp_job *job = list->items[i];
        if (dsp_str_equal(job->number, number)) {
            return job;
        }
    }
    return NULL;
}

/* Every table that is keyed by case begins with row and case id. */
struct case_keyed {
    struct dsp_row row;
    struct dsp_uuid case_id;
};

void *ntf_store_add(struct dsp_turn *turn, int table, const struct dsp_uuid *case_id)
{
    struct case_keyed *row = dsp_rows_add(turn->rows, &NTF_TABLES[table], dsp_uuid_str(case_id));
    if (row) {
        row->case_id = *case_id;
    }
    return row;
}
