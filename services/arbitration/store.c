#include "arbitration/store.h"

#include "arbitration_queries.h"
#include "common/service/message.h"

static const char *side_name(int side)
{
    return dsp_enum_name(&disputes__common__v1__role__descriptor, side);
}

static const char *basis_name(int basis)
{
    return dsp_enum_name(&disputes__common__v1__basis__descriptor, basis);
}

static const char *type_name(int type)
{
    return dsp_enum_name(&disputes__case__v1__entry_type__descriptor, type);
}

static const char *item_state_name(int state)
{
    static const char *const NAMES[] = {"RECEIVED", "IN_TIME", "LATE", "ADMITTED_LATE", "REDACTED", "REFUSED"};
    return state >= 0 && state <= ARB_ITEM_REFUSED ? NAMES[state] : NULL;
}

static const char *paper_name(int kind)
{
    return kind == ARB_PAPER_ACT ? "ACT" : kind == ARB_PAPER_RULING ? "RULING" : NULL;
}

static const struct dsp_column CASE_COLUMNS[] = {DSP_HEAD_COLUMNS(struct arb_case_row),
                                                 DSP_HEAD_CONSTANTS(struct arb_case_row)};

static const struct dsp_column REFERRAL_COLUMNS[] = {
    DSP_COL(struct arb_referral_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct arb_referral_row, referral, DSP_COLUMN_INT),
    DSP_COL(struct arb_referral_row, generation, DSP_COLUMN_INT),
    DSP_COL(struct arb_referral_row, entry_seq, DSP_COLUMN_BIG),
    DSP_COL_ENUM(struct arb_referral_row, state, arb_state_name),
    DSP_COL_ENUM(struct arb_referral_row, said_state, arb_state_name),
    DSP_COL(struct arb_referral_row, bundle_sha256, DSP_COLUMN_BYTES),
    DSP_COL(struct arb_referral_row, receipt_id, DSP_COLUMN_TEXT),
    DSP_COL(struct arb_referral_row, last_sequence, DSP_COLUMN_BIG),
    DSP_COL(struct arb_referral_row, claimed_minor, DSP_COLUMN_BIG),
    DSP_COL_ENUM(struct arb_referral_row, fee_move, arb_fee_move_name),
    DSP_COL(struct arb_referral_row, fee_consumer_minor, DSP_COLUMN_BIG),
    DSP_COL(struct arb_referral_row, fee_merchant_minor, DSP_COLUMN_BIG),
    DSP_COL(struct arb_referral_row, merchant_answered, DSP_COLUMN_BOOL),
    DSP_COL(struct arb_referral_row, hearing_date, DSP_COLUMN_TEXT),
};

static const struct dsp_column ITEM_COLUMNS[] = {
    DSP_COL(struct arb_item_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct arb_item_row, item_id, DSP_COLUMN_TEXT),
    DSP_COL_ENUM(struct arb_item_row, side, side_name),
    DSP_COL_ENUM(struct arb_item_row, state, item_state_name),
    DSP_COL(struct arb_item_row, sha256, DSP_COLUMN_BYTES),
    DSP_COL(struct arb_item_row, size_bytes, DSP_COLUMN_BIG),
    DSP_COL(struct arb_item_row, media_type, DSP_COLUMN_TEXT),
    DSP_COL(struct arb_item_row, reference, DSP_COLUMN_TEXT),
    DSP_COL(struct arb_item_row, entry_seq, DSP_COLUMN_BIG),
};

static const struct dsp_column MESSAGE_COLUMNS[] = {
    DSP_COL(struct arb_message_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct arb_message_row, referral, DSP_COLUMN_INT),
    DSP_COL(struct arb_message_row, sequence, DSP_COLUMN_BIG),
    DSP_COL(struct arb_message_row, message_id, DSP_COLUMN_TEXT),
    DSP_COL_ENUM(struct arb_message_row, kind, arb_input_name),
    DSP_COL(struct arb_message_row, body_sha256, DSP_COLUMN_BYTES),
    DSP_COL(struct arb_message_row, received_ms, DSP_COLUMN_BIG),
    DSP_COL(struct arb_message_row, taken, DSP_COLUMN_BOOL),
    DSP_COL(struct arb_message_row, content, DSP_COLUMN_BYTES),
};

static const struct dsp_column TIMELINE_COLUMNS[] = {
    DSP_COL(struct arb_timeline_row, case_id, DSP_COLUMN_TEXT),
    DSP_COL(struct arb_timeline_row, sequence, DSP_COLUMN_BIG),
    DSP_COL_ENUM(struct arb_timeline_row, type, type_name),
    DSP_COL(struct arb_timeline_row, time_ms, DSP_COLUMN_BIG),
    DSP_COL(struct arb_timeline_row, hash, DSP_COLUMN_BYTES),
};

static const struct dsp_column PAPER_COLUMNS[] = {
    DSP_COL(struct arb_paper_row, case_id, DSP_COLUMN_TEXT),  DSP_COL(struct arb_paper_row, sequence, DSP_COLUMN_BIG),
    DSP_COL_ENUM(struct arb_paper_row, kind, paper_name),     DSP_COL_ENUM(struct arb_paper_row, side, side_name),
    DSP_COL_ENUM(struct arb_paper_row, basis, basis_name),    DSP_COL(struct arb_paper_row, time_ms, DSP_COLUMN_BIG),
    DSP_COL(struct arb_paper_row, content, DSP_COLUMN_BYTES),
};

#define TABLE(label, by, type, list, load, save)                                              \
    {                                                                                         \
        .name = (label), .key = (by), .row_bytes = sizeof(type), .columns = (list),           \
        .column_count = sizeof(list) / sizeof *(list), .load_sql = (load), .save_sql = (save) \
    }

struct dsp_table ARB_TABLES[ARB_TABLE_COUNT] = {
    [ARB_TABLE_CASE] = DSP_TABLE_ADDED("case", struct arb_case_row, CASE_COLUMNS, DSP_HEAD_SAVED, ARBITRATION_CASE_LOAD,
                                       ARBITRATION_CASE_ADD, ARBITRATION_CASE_SAVE),
    [ARB_TABLE_REFERRAL] = TABLE("referrals", DSP_KEY_CASE, struct arb_referral_row, REFERRAL_COLUMNS,
                                 ARBITRATION_REFERRAL_LOAD, ARBITRATION_REFERRAL_SAVE),
    [ARB_TABLE_ITEM] = TABLE("items", DSP_KEY_CASE, struct arb_item_row, ITEM_COLUMNS, ARBITRATION_ITEM_LOAD,
                             ARBITRATION_ITEM_SAVE),
    [ARB_TABLE_MESSAGE] = TABLE("messages", DSP_KEY_CASE, struct arb_message_row, MESSAGE_COLUMNS,
                                ARBITRATION_MESSAGE_LOAD, ARBITRATION_MESSAGE_SAVE),
    [ARB_TABLE_TIMELINE] = TABLE("timeline_by_text", DSP_KEY_TEXT, struct arb_timeline_row, TIMELINE_COLUMNS,
                                 ARBITRATION_TIMELINE_LOAD, ARBITRATION_TIMELINE_SAVE),
    [ARB_TABLE_PAPER] = TABLE("papers_by_text", DSP_KEY_TEXT, struct arb_paper_row, PAPER_COLUMNS,
                              ARBITRATION_PAPER_LOAD, ARBITRATION_PAPER_SAVE),
};

const struct dsp_table ARB_VIEWS[ARB_VIEW_COUNT] = {
    TABLE("timeline", DSP_KEY_CASE, struct arb_timeline_row, TIMELINE_COLUMNS, ARBITRATION_TIMELINE_VIEW, NULL),
    TABLE("papers", DSP_KEY_CASE, struct arb_paper_row, PAPER_COLUMNS, ARBITRATION_PAPER_VIEW, NULL),
};

void arb_store_setup(void)
{
    ARB_TABLES[ARB_TABLE_JOB] = dsp_job_table;
}

struct arb_case_row *arb_store_case(struct dsp_turn *turn, const struct dsp_uuid *case_id)
{
    return dsp_rows_one(turn->rows, &ARB_TABLES[ARB_TABLE_CASE], dsp_uuid_str(case_id));
}

struct arb_referral_row *arb_store_referral(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t referral)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &ARB_TABLES[ARB_TABLE_REFERRAL], dsp_uuid_str(case_id));
    for (size_t i = list->count; i-- > 0;) {
        struct arb_referral_row *row = list->items[i];
        if (!referral || row->referral == referral) {
            return row;
        }
    }
    return NULL;
}

struct arb_item_row *arb_store_item(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str item_id)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &ARB_TABLES[ARB_TABLE_ITEM], dsp_uuid_str(case_id));
    for (size_t i = 0; i < list->count; i++) {
        struct arb_item_row *row = list->items[i];
        if (dsp_str_equal(row->item_id, item_id)) {
            return row;
        }
    }
    return NULL;
}

struct arb_message_row *arb_store_message(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t referral,
                                          int64_t sequence)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &ARB_TABLES[ARB_TABLE_MESSAGE], dsp_uuid_str(case_id));
    for (size_t i = 0; i < list->count; i++) {
        struct arb_message_row *row = list->items[i];
        if (row->referral == referral && row->sequence == sequence) {
            return row;
        }
    }
    return NULL;
}

struct dsp_job *arb_store_job(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t referral)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &ARB_TABLES[ARB_TABLE_JOB], dsp_uuid_str(case_id));
    for (size_t i = 0; i < list->count; i++) {
        struct dsp_job *row = list->items[i];
        if (row->reference == referral) {
            return row;
        }
    }
    return NULL;
}

void *arb_store_add(struct dsp_turn *turn, int table, const struct dsp_uuid *case_id)
{
    char *row = dsp_rows_add(turn->rows, &ARB_TABLES[table], dsp_uuid_str(case_id));
    if (row) {
        *(struct dsp_uuid *)(void *)(row + ARB_TABLES[table].columns[0].offset) = *case_id;
    }
    return row;
}

struct dsp_str arb_store_key(struct dsp_turn *turn, const struct dsp_uuid *case_id)
{
    char text[DSP_UUID_TEXT_BYTES];
    dsp_uuid_format(case_id, text);
    return dsp_arena_copy(turn->arena, dsp_str_from(text));
}

struct dsp_err arb_store_want_file(struct dsp_turn *turn, const struct dsp_uuid *case_id)
{
    struct dsp_str key = arb_store_key(turn, case_id);
    DSP_TRY(dsp_rows_want(turn->rows, &ARB_TABLES[ARB_TABLE_TIMELINE], key));
    return dsp_rows_want(turn->rows, &ARB_TABLES[ARB_TABLE_PAPER], key);
}
