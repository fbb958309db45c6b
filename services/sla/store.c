#include "sla/store.h"

#include "common/service/message.h"
#include "sla_queries.h"

static const char *side_name(int side)
{
    return dsp_enum_name(&disputes__common__v1__role__descriptor, side);
}

static const char *remedy_name(int remedy)
{
    return dsp_enum_name(&disputes__common__v1__remedy__descriptor, remedy);
}

static const struct dsp_column CASE_COLUMNS[] = {
    DSP_HEAD_COLUMNS(struct sla_case_row),
    DSP_COL(struct sla_case_row, final_seq, DSP_COLUMN_BIG),
    DSP_HEAD_CONSTANTS(struct sla_case_row),
    DSP_COL(struct sla_case_row, order_line, DSP_COLUMN_INT),
    DSP_COL(struct sla_case_row, paid_minor, DSP_COLUMN_BIG),
};

#define CLOCK(member, type)                                                 \
    {                                                                       \
#member, (type), offsetof(struct sla_clock_row, clock.member), NULL \
    }

static const struct dsp_column CLOCK_COLUMNS[] = {
    DSP_COL(struct sla_clock_row, case_id, DSP_COLUMN_UUID),
    DSP_COL_ENUM(struct sla_clock_row, kind, sla_kind_name),
    DSP_COL_ENUM(struct sla_clock_row, side, side_name),
    DSP_COL(struct sla_clock_row, cause, DSP_COLUMN_BIG),
    {"state", DSP_COLUMN_INT, offsetof(struct sla_clock_row, clock.state), sla_state_name},
    CLOCK(used_ms, DSP_COLUMN_BIG),
    CLOCK(running_ms, DSP_COLUMN_BIG),
    CLOCK(due_ms, DSP_COLUMN_BIG),
    CLOCK(generation, DSP_COLUMN_INT),
    CLOCK(rungs, DSP_COLUMN_INT),
    CLOCK(retry_ms, DSP_COLUMN_BIG),
    DSP_COL(struct sla_clock_row, ended_seq, DSP_COLUMN_BIG),
    DSP_COL(struct sla_clock_row, act_seq, DSP_COLUMN_BIG),
    CLOCK(act_ms, DSP_COLUMN_BIG),
    CLOCK(time, DSP_COLUMN_INT),
    CLOCK(budget_ms, DSP_COLUMN_BIG),
};

#define OFFER(member, type, names)                                             \
    {                                                                          \
#member, (type), offsetof(struct sla_offer_row, offer.member), (names) \
    }

static const struct dsp_column OFFER_COLUMNS[] = {
    DSP_COL(struct sla_offer_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct sla_offer_row, offer_id, DSP_COLUMN_TEXT),
    DSP_COL(struct sla_offer_row, generation, DSP_COLUMN_INT),
    OFFER(state, DSP_COLUMN_INT, sla_offer_state_name),
    OFFER(log_state, DSP_COLUMN_INT, sla_offer_state_name),
    OFFER(maker, DSP_COLUMN_INT, side_name),
    OFFER(receiver, DSP_COLUMN_INT, side_name),
    OFFER(due_ms, DSP_COLUMN_BIG, NULL),
    DSP_COL_ENUM(struct sla_offer_row, remedy, remedy_name),
    DSP_COL(struct sla_offer_row, amount_minor, DSP_COLUMN_BIG),
    DSP_COL(struct sla_offer_row, perform_ms, DSP_COLUMN_BIG),
    DSP_COL(struct sla_offer_row, made_seq, DSP_COLUMN_BIG),
    DSP_COL(struct sla_offer_row, opened_seq, DSP_COLUMN_BIG),
    DSP_COL(struct sla_offer_row, ended_seq, DSP_COLUMN_BIG),
};

/* The row as people see it: its order is that of the statement offer_view. */
struct offer_seen {
    struct sla_offer_row of;
    struct dsp_str terms; /* SHOWN or HIDDEN */
};

static const struct dsp_column SEEN_COLUMNS[] = {
    {"case_id", DSP_COLUMN_UUID, offsetof(struct offer_seen, of.case_id), NULL},
    {"offer_id", DSP_COLUMN_TEXT, offsetof(struct offer_seen, of.offer_id), NULL},
    {"generation", DSP_COLUMN_INT, offsetof(struct offer_seen, of.generation), NULL},
    {"state", DSP_COLUMN_INT, offsetof(struct offer_seen, of.offer.state), sla_offer_state_name},
    {"log_state", DSP_COLUMN_INT, offsetof(struct offer_seen, of.offer.log_state), sla_offer_state_name},
    {"maker", DSP_COLUMN_INT, offsetof(struct offer_seen, of.offer.maker), side_name},
    {"receiver", DSP_COLUMN_INT, offsetof(struct offer_seen, of.offer.receiver), side_name},
    {"due_ms", DSP_COLUMN_BIG, offsetof(struct offer_seen, of.offer.due_ms), NULL},
    {"terms", DSP_COLUMN_TEXT, offsetof(struct offer_seen, terms), NULL},
    {"remedy", DSP_COLUMN_INT, offsetof(struct offer_seen, of.remedy), remedy_name},
    {"amount_minor", DSP_COLUMN_BIG, offsetof(struct offer_seen, of.amount_minor), NULL},
    {"perform_ms", DSP_COLUMN_BIG, offsetof(struct offer_seen, of.perform_ms), NULL},
    {"made_seq", DSP_COLUMN_BIG, offsetof(struct offer_seen, of.made_seq), NULL},
    {"opened_seq", DSP_COLUMN_BIG, offsetof(struct offer_seen, of.opened_seq), NULL},
    {"ended_seq", DSP_COLUMN_BIG, offsetof(struct offer_seen, of.ended_seq), NULL},
};

static const struct dsp_column SETTLEMENT_COLUMNS[] = {
    DSP_COL(struct sla_settlement_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct sla_settlement_row, begun_seq, DSP_COLUMN_BIG),
    DSP_COL(struct sla_settlement_row, offer_id, DSP_COLUMN_TEXT),
    DSP_COL_ENUM(struct sla_settlement_row, state, sla_settlement_state_name),
    DSP_COL(struct sla_settlement_row, ended_seq, DSP_COLUMN_BIG),
};

static const struct dsp_column LINE_COLUMNS[] = {
    DSP_COL(struct sla_line_row, order_id, DSP_COLUMN_TEXT),
    DSP_COL(struct sla_line_row, order_line, DSP_COLUMN_INT),
    DSP_COL(struct sla_line_row, paid_out_minor, DSP_COLUMN_BIG),
};

#define TABLE(table, row, list, load, save)                                                       \
    {                                                                                             \
        .name = (table), .key = DSP_KEY_CASE, .row_bytes = sizeof(struct row), .columns = (list), \
        .column_count = sizeof(list) / sizeof *(list), .load_sql = (load), .save_sql = (save)     \
    }

const struct dsp_table SLA_TABLES[SLA_TABLE_COUNT] = {
    [SLA_TABLE_CASE] = DSP_TABLE_ADDED("case", struct sla_case_row, CASE_COLUMNS, DSP_HEAD_SAVED + 1, SLA_CASE_LOAD,
                                       SLA_CASE_ADD, SLA_CASE_SAVE),
    [SLA_TABLE_CLOCK] = DSP_TABLE_ADDED("clocks", struct sla_clock_row, CLOCK_COLUMNS, 14, SLA_CLOCK_LOAD,
                                        SLA_CLOCK_ADD, SLA_CLOCK_SAVE),
    [SLA_TABLE_OFFER] = {.name = "offer_rows",
                         .key = DSP_KEY_CASE,
                         .unseen = true, /* the view shows what may be seen */
                         .row_bytes = sizeof(struct sla_offer_row),
                         .columns = OFFER_COLUMNS,
                         .column_count = sizeof OFFER_COLUMNS / sizeof *OFFER_COLUMNS,
                         .load_sql = SLA_OFFER_LOAD,
                         .save_sql = SLA_OFFER_SAVE},
    [SLA_TABLE_SETTLEMENT] = TABLE("settlements", sla_settlement_row, SETTLEMENT_COLUMNS, SLA_SETTLEMENT_LOAD,
                                   SLA_SETTLEMENT_SAVE),
    [SLA_TABLE_LINE] = {.name = "order_lines",
                        .key = DSP_KEY_TEXT,
                        .row_bytes = sizeof(struct sla_line_row),
                        .columns = LINE_COLUMNS,
                        .column_count = sizeof LINE_COLUMNS / sizeof *LINE_COLUMNS,
                        .load_sql = SLA_LINE_LOAD,
                        .save_sql = SLA_LINE_SAVE},
};

const struct dsp_table SLA_VIEWS[1] = {TABLE("offers", offer_seen, SEEN_COLUMNS, SLA_OFFER_VIEW, NULL)};

struct sla_clock_row *sla_store_clock(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t kind, int32_t side,
                                      int64_t cause)
{
    struct dsp_list *clocks = dsp_rows_of(turn->rows, &SLA_TABLES[SLA_TABLE_CLOCK], dsp_uuid_str(case_id));
    for (size_t i = 0; i < clocks->count; i++) {
        struct sla_clock_row *row = clocks->items[i];
        if (row->kind == kind && row->side == side && row->cause == cause) {
            return row;
        }
    }
    return NULL;
}

struct sla_clock_row *sla_store_add_clock(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t kind,
                                          int32_t side, int64_t cause)
{
    struct sla_clock_row *row = dsp_rows_add(turn->rows, &SLA_TABLES[SLA_TABLE_CLOCK], dsp_uuid_str(case_id));
    if (row) {
        row->case_id = *case_id;
        row->kind = kind;
        row->side = side;
        row->cause = cause;
    }
    return row;
}

struct sla_offer_row *sla_store_offer(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str offer_id)
{
    struct dsp_list *offers = dsp_rows_of(turn->rows, &SLA_TABLES[SLA_TABLE_OFFER], dsp_uuid_str(case_id));
    for (size_t i = 0; i < offers->count; i++) {
        struct sla_offer_row *row = offers->items[i];
        if (dsp_str_equal(row->offer_id, offer_id)) {
            return row;
        }
    }
    return NULL;
}

struct sla_offer_row *sla_store_offer_opened(struct dsp_turn *turn, const struct dsp_uuid *case_id, int64_t opened_seq)
{
    struct dsp_list *offers = dsp_rows_of(turn->rows, &SLA_TABLES[SLA_TABLE_OFFER], dsp_uuid_str(case_id));
    for (size_t i = 0; i < offers->count; i++) {
        struct sla_offer_row *row = offers->items[i];
        if (row->opened_seq == opened_seq) {
            return row;
        }
    }
    return NULL;
}

struct sla_offer_row *sla_store_add_offer(struct dsp_turn *turn, const struct dsp_uuid *case_id,
                                          struct dsp_str offer_id)
{
    struct sla_offer_row *row = dsp_rows_add(turn->rows, &SLA_TABLES[SLA_TABLE_OFFER], dsp_uuid_str(case_id));
    if (row) {
        row->case_id = *case_id;
        row->offer_id = dsp_arena_copy(turn->arena, offer_id);
    }
    return row && row->offer_id.ptr ? row : NULL;
}

struct sla_settlement_row *sla_store_settlement(struct dsp_turn *turn, const struct dsp_uuid *case_id)
{
    struct dsp_list *all = dsp_rows_of(turn->rows, &SLA_TABLES[SLA_TABLE_SETTLEMENT], dsp_uuid_str(case_id));
    for (size_t i = 0; i < all->count; i++) {
        struct sla_settlement_row *row = all->items[i];
        if (row->state == SLA_SETTLEMENT_PERFORMING) {
            return row;
        }
    }
    return NULL;
}

struct sla_settlement_row *sla_store_add_settlement(struct dsp_turn *turn, const struct dsp_uuid *case_id,
                                                    int64_t begun_seq)
{
    struct sla_settlement_row *row = dsp_rows_add(turn->rows, &SLA_TABLES[SLA_TABLE_SETTLEMENT], dsp_uuid_str(case_id));
    if (row) {
        row->case_id = *case_id;
        row->begun_seq = begun_seq;
        row->state = SLA_SETTLEMENT_PERFORMING;
    }
    return row;
}

struct sla_line_row *sla_store_line(struct dsp_turn *turn, const struct sla_case_row *row)
{
    struct dsp_list *lines = dsp_rows_of(turn->rows, &SLA_TABLES[SLA_TABLE_LINE], row->head.order_id);
    for (size_t i = 0; i < lines->count; i++) {
        struct sla_line_row *line = lines->items[i];
        if (line->order_line == row->order_line) {
            return line;
        }
    }
    return NULL;
}

struct sla_line_row *sla_store_add_line(struct dsp_turn *turn, const struct sla_case_row *row)
{
    struct sla_line_row *line = dsp_rows_add(turn->rows, &SLA_TABLES[SLA_TABLE_LINE], row->head.order_id);
    if (line) {
        line->order_id = row->head.order_id;
        line->order_line = row->order_line;
    }
    return line;
}
