#include "sla/store.h"

#include "common/service/message.h"
#include "sla_queries.h"

static const char *side_name(int side)
{
    return dsp_enum_name(&disputes__common__v1__role__descriptor, side);
}

static const struct dsp_column CASE_COLUMNS[] = {DSP_HEAD_COLUMNS(struct sla_case_row)};

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
    CLOCK(time, DSP_COLUMN_INT),
    CLOCK(budget_ms, DSP_COLUMN_BIG),
    CLOCK(used_ms, DSP_COLUMN_BIG),
    CLOCK(running_ms, DSP_COLUMN_BIG),
    CLOCK(due_ms, DSP_COLUMN_BIG),
    CLOCK(generation, DSP_COLUMN_INT),
    CLOCK(rungs, DSP_COLUMN_INT),
    CLOCK(retry_ms, DSP_COLUMN_BIG),
    DSP_COL(struct sla_clock_row, ended_seq, DSP_COLUMN_BIG),
};

const struct dsp_table SLA_TABLES[SLA_TABLE_COUNT] = {
    [SLA_TABLE_CASE] = {.name = "case",
                        .key = DSP_KEY_CASE,
                        .row_bytes = sizeof(struct sla_case_row),
                        .columns = CASE_COLUMNS,
                        .column_count = sizeof CASE_COLUMNS / sizeof *CASE_COLUMNS,
                        .load_sql = SLA_CASE_LOAD,
                        .save_sql = SLA_CASE_SAVE},
    [SLA_TABLE_CLOCK] = {.name = "clocks",
                         .key = DSP_KEY_CASE,
                         .row_bytes = sizeof(struct sla_clock_row),
                         .columns = CLOCK_COLUMNS,
                         .column_count = sizeof CLOCK_COLUMNS / sizeof *CLOCK_COLUMNS,
                         .load_sql = SLA_CLOCK_LOAD,
                         .save_sql = SLA_CLOCK_SAVE},
};

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
