#include "intake/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "intake_queries.h"

#define NAMER(function, descriptor)                 \
    static const char *function(int value)          \
    {                                               \
        return dsp_enum_name(&(descriptor), value); \
    }
NAMER(reason_name, disputes__common__v1__reason__descriptor)
NAMER(remedy_name, disputes__common__v1__remedy__descriptor)
NAMER(basis_name, disputes__common__v1__basis__descriptor)
NAMER(outcome_name, disputes__common__v1__outcome__descriptor)
NAMER(liability_name, disputes__common__v1__liability__descriptor)
NAMER(kind_name, disputes__common__v1__clock_kind__descriptor)
NAMER(side_name, disputes__common__v1__role__descriptor)
NAMER(entry_name, disputes__case__v1__entry_type__descriptor)

static const struct dsp_column DOCKET_COLUMNS[] = {
    DSP_HEAD_COLUMNS(struct intake_docket_row),
    {"stage", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.stage), intake_stage_name},
    {"file_complete", DSP_COLUMN_BOOL, offsetof(struct intake_docket_row, docket.file_complete), NULL},
    {"m_replied", DSP_COLUMN_BOOL, offsetof(struct intake_docket_row, docket.m_replied), NULL},
    {"m_position", DSP_COLUMN_BOOL, offsetof(struct intake_docket_row, docket.m_position), NULL},
    {"m_refused", DSP_COLUMN_BOOL, offsetof(struct intake_docket_row, docket.m_refused), NULL},
    {"c_spoke", DSP_COLUMN_BOOL, offsetof(struct intake_docket_row, docket.c_spoke), NULL},
    {"m_first_breached", DSP_COLUMN_BOOL, offsetof(struct intake_docket_row, docket.m_first_breached), NULL},
    {"adverse", DSP_COLUMN_BOOL, offsetof(struct intake_docket_row, docket.adverse), NULL},
    {"basis", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.basis), basis_name},
    {"outcome", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.outcome), outcome_name},
    {"ruling_seq", DSP_COLUMN_BIG, offsetof(struct intake_docket_row, docket.ruling_seq), NULL},
    {"liability", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.liability), liability_name},
    {"merchant_percent", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.merchant_percent), NULL},
    {"ruling_remedy", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.ruling_remedy), remedy_name},
    {"ruling_minor", DSP_COLUMN_BIG, offsetof(struct intake_docket_row, docket.ruling_minor), NULL},
    {"window_consumer", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.window_consumer), NULL},
    {"window_merchant", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.window_merchant), NULL},
    {"referral_used", DSP_COLUMN_BOOL, offsetof(struct intake_docket_row, docket.referral_used), NULL},
    {"m_answered_there", DSP_COLUMN_BOOL, offsetof(struct intake_docket_row, docket.m_answered_there), NULL},
    {"duties_open", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.duties_open), NULL},
    {"payouts_sent", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.payouts_sent), NULL},
    {"consumer_feedback", DSP_COLUMN_BOOL, offsetof(struct intake_docket_row, docket.consumer_feedback), NULL},
    {"merchant_feedback", DSP_COLUMN_BOOL, offsetof(struct intake_docket_row, docket.merchant_feedback), NULL},
    {"enforce_rearmed", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.enforce_rearmed), NULL},
    {"platform_breaches", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.platform_breaches), NULL},
    {"performed", DSP_COLUMN_BOOL, offsetof(struct intake_docket_row, docket.performed), NULL},
    {"sla_seq", DSP_COLUMN_BIG, offsetof(struct intake_docket_row, source_seq[0]), NULL},
    {"investigation_seq", DSP_COLUMN_BIG, offsetof(struct intake_docket_row, source_seq[1]), NULL},
    {"arbitration_seq", DSP_COLUMN_BIG, offsetof(struct intake_docket_row, source_seq[2]), NULL},
    {"fund_seq", DSP_COLUMN_BIG, offsetof(struct intake_docket_row, source_seq[3]), NULL},
    {"notification_seq", DSP_COLUMN_BIG, offsetof(struct intake_docket_row, source_seq[4]), NULL},
    DSP_COL(struct intake_docket_row, waits, DSP_COLUMN_TEXT),
    DSP_COL(struct intake_docket_row, last_hash, DSP_COLUMN_BYTES),
    DSP_HEAD_CONSTANTS(struct intake_docket_row),
    {"consumer_id", DSP_COLUMN_TEXT, offsetof(struct intake_docket_row, docket.consumer_id), NULL},
    {"merchant_id", DSP_COLUMN_TEXT, offsetof(struct intake_docket_row, docket.merchant_id), NULL},
    {"order_line", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.order_line), NULL},
    {"reason", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.reason), reason_name},
    {"remedy", DSP_COLUMN_INT, offsetof(struct intake_docket_row, docket.remedy), remedy_name},
    {"amount_minor", DSP_COLUMN_BIG, offsetof(struct intake_docket_row, docket.amount_minor), NULL},
    {"paid_minor", DSP_COLUMN_BIG, offsetof(struct intake_docket_row, docket.paid_minor), NULL},
    {"filed_ms", DSP_COLUMN_BIG, offsetof(struct intake_docket_row, docket.filed_ms), NULL},
    {"received_ms", DSP_COLUMN_BIG, offsetof(struct intake_docket_row, docket.received_ms), NULL},
    {"promised_ms", DSP_COLUMN_BIG, offsetof(struct intake_docket_row, docket.promised_ms), NULL},
    {"consumer_clause", DSP_COLUMN_TEXT, offsetof(struct intake_docket_row, docket.consumer_clause), NULL},
    {"merchant_clause", DSP_COLUMN_TEXT, offsetof(struct intake_docket_row, docket.merchant_clause), NULL},
    DSP_COL(struct intake_docket_row, wrapped_key, DSP_COLUMN_BYTES),
};

/* What only a hearing writes: case id, parts of the docket, lists. */
static const struct dsp_column HEARING_COLUMNS[] = {
    DSP_COL(struct intake_hearing_row, case_id, DSP_COLUMN_UUID),
    {"offers_consumer", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.offers_consumer), NULL},
    {"offers_merchant", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.offers_merchant), NULL},
    {"assignee", DSP_COLUMN_TEXT, offsetof(struct intake_hearing_row, docket.assignee), NULL},
    {"rounds_opened", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.rounds_opened), NULL},
    {"rounds_sealed", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.rounds_sealed), NULL},
    {"seal_result", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.seal_result), NULL},
    {"rule_signed", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.rule_signed), NULL},
    {"round_signed", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.round_signed), NULL},
    {"draft_signed", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.draft_signed), NULL},
    {"invest_breached", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.invest_breached), NULL},
    {"draft_seq", DSP_COLUMN_BIG, offsetof(struct intake_hearing_row, docket.draft_seq), NULL},
    {"draft_author", DSP_COLUMN_TEXT, offsetof(struct intake_hearing_row, docket.draft_author), NULL},
    {"draft_id", DSP_COLUMN_TEXT, offsetof(struct intake_hearing_row, docket.draft.id), NULL},
    {"draft_liability", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.draft.liability), liability_name},
    {"draft_percent", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.draft.merchant_percent), NULL},
    {"draft_remedy", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.draft.remedy), remedy_name},
    {"draft_minor", DSP_COLUMN_BIG, offsetof(struct intake_hearing_row, docket.draft.amount_minor), NULL},
    {"comment_consumer", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.comment_consumer), NULL},
    {"comment_merchant", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.comment_merchant), NULL},
    {"comment_reopened", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.comment_reopened), NULL},
    {"finalise_breaches", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.finalise_breaches), NULL},
    {"ruling_id", DSP_COLUMN_TEXT, offsetof(struct intake_hearing_row, docket.ruling_id), NULL},
    {"appellant", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.appellant), side_name},
    {"joined", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.joined), NULL},
    {"remand_used", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.remand_used), NULL},
    {"election_only", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.election_only), NULL},
    {"consent_consumer", DSP_COLUMN_TEXT, offsetof(struct intake_hearing_row, docket.consent_consumer), NULL},
    {"consent_merchant", DSP_COLUMN_TEXT, offsetof(struct intake_hearing_row, docket.consent_merchant), NULL},
    {"arb_ack_breaches", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.arb_ack_breaches), NULL},
    {"prior_seq", DSP_COLUMN_BIG, offsetof(struct intake_hearing_row, docket.prior_seq), NULL},
    {"rescind_consumer", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.rescind_consumer), NULL},
    {"rescind_merchant", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.rescind_merchant), NULL},
    {"rescission_used", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.rescission_used), NULL},
    {"hold_breaches", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.hold_breaches), NULL},
    {"return_leg", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.return_leg), NULL},
    {"perform_ms", DSP_COLUMN_BIG, offsetof(struct intake_hearing_row, docket.perform_ms), NULL},
    {"supplement_used", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.supplement_used), NULL},
    {"refiled", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.refiled), NULL},
    {"acted_before", DSP_COLUMN_INT, offsetof(struct intake_hearing_row, docket.acted_before), NULL},
    {"rejected_seq", DSP_COLUMN_BIG, offsetof(struct intake_hearing_row, docket.rejected_seq), NULL},
    {"declared_consumer", DSP_COLUMN_TEXT, offsetof(struct intake_hearing_row, docket.declared_consumer), NULL},
    {"declared_merchant", DSP_COLUMN_TEXT, offsetof(struct intake_hearing_row, docket.declared_merchant), NULL},
    DSP_COL(struct intake_hearing_row, acted, DSP_COLUMN_TEXT),
    DSP_COL(struct intake_hearing_row, panel, DSP_COLUMN_TEXT),
    {"appealed_consumer", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.appealed_consumer), NULL},
    {"appealed_merchant", DSP_COLUMN_BOOL, offsetof(struct intake_hearing_row, docket.appealed_merchant), NULL},
};

#define CLOCK(member, type, namer)                                                \
    {                                                                             \
#member, (type), offsetof(struct intake_clock_row, clock.member), (namer) \
    }

static const struct dsp_column CLOCK_COLUMNS[] = {
    DSP_COL(struct intake_clock_row, case_id, DSP_COLUMN_UUID),
    CLOCK(kind, DSP_COLUMN_INT, kind_name),
    CLOCK(side, DSP_COLUMN_INT, side_name),
    CLOCK(cause, DSP_COLUMN_BIG, NULL),
    CLOCK(state, DSP_COLUMN_INT, NULL),
    CLOCK(due_ms, DSP_COLUMN_BIG, NULL),
    CLOCK(generation, DSP_COLUMN_INT, NULL),
    CLOCK(paper, DSP_COLUMN_BIG, NULL),
};

static const struct dsp_column LOG_COLUMNS[] = {
    DSP_COL(struct intake_log_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct intake_log_row, sequence, DSP_COLUMN_BIG),
    DSP_COL_ENUM(struct intake_log_row, entry_type, entry_name),
    DSP_COL(struct intake_log_row, machine_row, DSP_COLUMN_TEXT),
    DSP_COL_ENUM(struct intake_log_row, stage_before, intake_stage_name),
    DSP_COL_ENUM(struct intake_log_row, stage_after, intake_stage_name),
    DSP_COL(struct intake_log_row, time_ms, DSP_COLUMN_BIG),
    DSP_COL(struct intake_log_row, hash, DSP_COLUMN_BYTES),
    DSP_COL(struct intake_log_row, value, DSP_COLUMN_BYTES), /* not in the view */
};

static const struct dsp_column COMMAND_COLUMNS[] = {
    DSP_COL(struct intake_command_row, command_key, DSP_COLUMN_TEXT),
    DSP_COL(struct intake_command_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct intake_command_row, value_hash, DSP_COLUMN_BYTES),
    DSP_COL(struct intake_command_row, sequence, DSP_COLUMN_BIG),
    DSP_COL(struct intake_command_row, refusal, DSP_COLUMN_INT),
    DSP_COL(struct intake_command_row, guard, DSP_COLUMN_TEXT),
    DSP_COL(struct intake_command_row, stage, DSP_COLUMN_INT),
};

#define COLUMNS(list) .columns = (list), .column_count = sizeof(list) / sizeof *(list)

const struct dsp_table INTAKE_TABLES[INTAKE_TABLE_COUNT] = {
    [INTAKE_TABLE_DOCKET] = DSP_TABLE_ADDED("docket", struct intake_docket_row, DOCKET_COLUMNS, DSP_HEAD_SAVED + 33,
                                            INTAKE_DOCKET_LOAD, INTAKE_DOCKET_ADD, INTAKE_DOCKET_SAVE),
    [INTAKE_TABLE_HEARING] = DSP_TABLE_ADDED("hearing", struct intake_hearing_row, HEARING_COLUMNS, 0,
                                             INTAKE_HEARING_LOAD, INTAKE_HEARING_ADD, INTAKE_HEARING_SAVE),
    [INTAKE_TABLE_CLOCK] = DSP_TABLE_ADDED("clock_mirror", struct intake_clock_row, CLOCK_COLUMNS, 7, INTAKE_CLOCK_LOAD,
                                           INTAKE_CLOCK_ADD, INTAKE_CLOCK_SAVE),
    [INTAKE_TABLE_LOG] = {.name = "log",
                          .key = DSP_KEY_CASE,
                          .row_bytes = sizeof(struct intake_log_row),
                          COLUMNS(LOG_COLUMNS),
                          .save_sql = INTAKE_LOG_SAVE}, /* only ever added to */
    [INTAKE_TABLE_COMMAND] = {.name = "command",
                              .key = DSP_KEY_TEXT,
                              .row_bytes = sizeof(struct intake_command_row),
                              COLUMNS(COMMAND_COLUMNS),
                              .load_sql = INTAKE_COMMAND_LOAD,
                              .save_sql = INTAKE_COMMAND_SAVE},
};

const struct dsp_table INTAKE_VIEWS[1] = {
    {.name = "log",
     .key = DSP_KEY_CASE,
     .columns = LOG_COLUMNS,
     .column_count = sizeof LOG_COLUMNS / sizeof *LOG_COLUMNS - 1,
     .load_sql = INTAKE_LOG_VIEW},
};

/* Only shown, never loaded into rows: offsets mean nothing. */
static const struct dsp_column OPEN_COLUMNS[] = {{"state", DSP_COLUMN_INT, 0, intake_stage_name},
                                                 {"cases", DSP_COLUMN_BIG, 0, NULL}};
static const struct dsp_table OPEN_ROWS = {.name = "open", COLUMNS(OPEN_COLUMNS), .load_sql = INTAKE_OPEN_VIEW};
static const struct dsp_metric OPEN = {"dispute_cases_open",
                                       DSP_METRIC_GAUGE,
                                       "Cases in our lanes that are neither merged nor closed, by stage.",
                                       {"state"}};
const struct dsp_gauge INTAKE_GAUGES[1] = {{&OPEN, &OPEN_ROWS}};
_Static_assert(STAGE_MERGED == 4 && STAGE_CLOSED == 14 && STAGE_ARCHIVED == 15, "open_view and the index docket_open");

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "docket");
}

struct intake_docket_row *intake_store_docket(struct dsp_turn *turn, const struct dsp_uuid *case_id)
{
    return dsp_rows_one(turn->rows, &INTAKE_TABLES[INTAKE_TABLE_DOCKET], dsp_uuid_str(case_id));
}

struct intake_docket_row *intake_store_add_docket(struct dsp_turn *turn, const struct dsp_uuid *case_id)
{
    struct intake_docket_row *row = dsp_rows_add(turn->rows, &INTAKE_TABLES[INTAKE_TABLE_DOCKET],
                                                 dsp_uuid_str(case_id));
    if (row) {
        row->head.case_id = *case_id;
    }
    return row;
}

/* --- lists of a case, one item per line --- */

static size_t read_lines(struct dsp_str text, struct dsp_str *ret_lines, size_t most)
{
    size_t count = 0;
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    while (text.len && at < end && count < most) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        ret_lines[count++] = (struct dsp_str){at, (size_t)(stop - at)};
        at = stop + 1;
    }
    return count;
}

static struct dsp_str write_lines(struct dsp_arena *arena, const struct dsp_str *lines, size_t count)
{
    struct dsp_str text = {"", 0};
    for (size_t i = 0; i < count && text.ptr; i++) {
        text = dsp_arena_format(arena, "%.*s%s%.*s", DSP_STR_ARG(text), i ? "\n" : "", DSP_STR_ARG(lines[i]));
    }
    return text;
}

static void read_waits(struct dsp_str text, struct intake_case *ret_case)
{
    struct dsp_str lines[INTAKE_WAITS_MAX];
    size_t count = read_lines(text, lines, INTAKE_WAITS_MAX);
    ret_case->wait_count = 0;
    for (size_t i = 0; i < count; i++) {
        char line[96];
        struct intake_wait *wait = &ret_case->waits[ret_case->wait_count];
        snprintf(line, sizeof line, "%.*s", DSP_STR_ARG(lines[i]));
        if (sscanf(line, "%" SCNd64 " %" SCNd32 " %" SCNd32 " %" SCNd64, &wait->sequence, &wait->kind, &wait->side,
                   &wait->time_ms) == 4) {
            ret_case->wait_count++;
        }
    }
}

static struct dsp_str write_waits(struct dsp_arena *arena, const struct intake_case *c)
{
    struct dsp_str lines[INTAKE_WAITS_MAX];
    for (size_t i = 0; i < c->wait_count; i++) {
        const struct intake_wait *wait = &c->waits[i];
        lines[i] = dsp_arena_format(arena, "%" PRId64 " %" PRId32 " %" PRId32 " %" PRId64, wait->sequence, wait->kind,
                                    wait->side, wait->time_ms);
    }
    return write_lines(arena, lines, c->wait_count);
}

/* --- the hearing: a part of the docket in a row of its own, which a case without one never has --- */

static size_t value_bytes(enum dsp_column_type type)
{
    switch (type) {
    case DSP_COLUMN_INT:
        return sizeof(int32_t);
    case DSP_COLUMN_BIG:
        return sizeof(int64_t);
    case DSP_COLUMN_BOOL:
        return sizeof(bool);
    case DSP_COLUMN_UUID:
        return sizeof(struct dsp_uuid);
    case DSP_COLUMN_TEXT:
    case DSP_COLUMN_BYTES:
    default:
        return sizeof(struct dsp_str);
    }
}

static bool same_value(const struct dsp_column *column, const char *left, const char *right)
{
    struct dsp_str a;
    struct dsp_str b;
    if (column->type != DSP_COLUMN_TEXT) {
        return memcmp(left + column->offset, right + column->offset, value_bytes(column->type)) == 0;
    }
    memcpy(&a, left + column->offset, sizeof a);
    memcpy(&b, right + column->offset, sizeof b);
    return dsp_str_equal(a, b);
}

static bool same_hearing(const struct intake_hearing_row *a, const struct intake_hearing_row *b)
{
    for (size_t i = 1; i < sizeof HEARING_COLUMNS / sizeof *HEARING_COLUMNS; i++) {
        if (!same_value(&HEARING_COLUMNS[i], (const char *)a, (const char *)b)) {
            return false;
        }
    }
    return true;
}

/* Its columns only; `from` may be a row that has nothing else. */
static void copy_hearing(struct intake_hearing_row *to, const struct intake_hearing_row *from)
{
    for (size_t i = 1; i < sizeof HEARING_COLUMNS / sizeof *HEARING_COLUMNS; i++) {
        const struct dsp_column *column = &HEARING_COLUMNS[i];
        memcpy((char *)to + column->offset, (const char *)from + column->offset, value_bytes(column->type));
    }
}

static void read_hearing(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct intake_case *ret_case)
{
    static const struct intake_hearing_row NONE;
    const struct intake_hearing_row *row = dsp_rows_one(turn->rows, &INTAKE_TABLES[INTAKE_TABLE_HEARING],
                                                        dsp_uuid_str(case_id));
    struct intake_hearing_row merged = {.docket = ret_case->docket};
    row = row ? row : &NONE;
    copy_hearing(&merged, row);
    ret_case->docket = merged.docket;
    ret_case->acted_count = read_lines(row->acted, ret_case->acted, INTAKE_PEOPLE_MAX);
    ret_case->panel_count = read_lines(row->panel, ret_case->panel, INTAKE_PANEL_MAX);
}

static struct dsp_err write_hearing(struct dsp_turn *turn, const struct dsp_uuid *case_id, const struct intake_case *c)
{
    static const struct intake_hearing_row NONE;
    const struct dsp_table *table = &INTAKE_TABLES[INTAKE_TABLE_HEARING];
    struct intake_hearing_row *row = dsp_rows_one(turn->rows, table, dsp_uuid_str(case_id));
    const struct intake_hearing_row now = {.docket = c->docket,
                                           .acted = write_lines(turn->arena, c->acted, c->acted_count),
                                           .panel = write_lines(turn->arena, c->panel, c->panel_count)};
    if (!now.acted.ptr || !now.panel.ptr) {
        return full();
    }
    if (same_hearing(row ? row : &NONE, &now)) {
        return dsp_ok();
    }
    row = row ? row : dsp_rows_add(turn->rows, table, dsp_uuid_str(case_id));
    if (!row) {
        return full();
    }
    row->row.dirty = true;
    row->case_id = *case_id;
    copy_hearing(row, &now);
    return dsp_ok();
}

struct dsp_err intake_store_read(struct dsp_turn *turn, const struct intake_docket_row *row,
                                 struct intake_case *ret_case)
{
    struct dsp_list *clocks = dsp_rows_of(turn->rows, &INTAKE_TABLES[INTAKE_TABLE_CLOCK],
                                          dsp_uuid_str(&row->head.case_id));
    ret_case->docket = row->docket;
    ret_case->docket.seq = row->head.log_seq;
    ret_case->docket.generation = row->head.generation;
    ret_case->clock_count = 0;
    read_waits(row->waits, ret_case);
    read_hearing(turn, &row->head.case_id, ret_case);
    /* Ended clocks beyond the bound are left out, oldest first: no row asks for them any more. */
    size_t skip = clocks->count > INTAKE_CLOCKS_MAX / 2 ? clocks->count - INTAKE_CLOCKS_MAX / 2 : 0;
    for (size_t i = 0; i < clocks->count; i++) {
        const struct intake_clock_row *clock = clocks->items[i];
        if (i < skip && clock->clock.state == MIRROR_ENDED) {
            continue;
        }
        if (ret_case->clock_count == INTAKE_CLOCKS_MAX) {
            return dsp_reject(DSP_CODE_OVERFLOW, "too many live clocks");
        }
        ret_case->clocks[ret_case->clock_count++] = clock->clock;
    }
    return dsp_ok();
}

static bool same_clock(const struct intake_clock *a, const struct intake_clock *b)
{
    return a->state == b->state && a->due_ms == b->due_ms && a->generation == b->generation && a->paper == b->paper;
}

static struct dsp_err write_clock(struct dsp_turn *turn, const struct intake_docket_row *row,
                                  const struct intake_clock *clock)
{
    const struct dsp_table *table = &INTAKE_TABLES[INTAKE_TABLE_CLOCK];
    struct dsp_str key = dsp_uuid_str(&row->head.case_id);
    struct dsp_list *clocks = dsp_rows_of(turn->rows, table, key);
    for (size_t i = 0; i < clocks->count; i++) {
        struct intake_clock_row *at = clocks->items[i];
        if (at->clock.kind == clock->kind && at->clock.side == clock->side && at->clock.cause == clock->cause) {
            at->row.dirty = at->row.dirty || !same_clock(&at->clock, clock);
            at->clock = *clock;
            return dsp_ok();
        }
    }
    struct intake_clock_row *added = dsp_rows_add(turn->rows, table, key);
    if (!added) {
        return full();
    }
    added->case_id = row->head.case_id;
    added->clock = *clock;
    return dsp_ok();
}

struct dsp_err intake_store_write(struct dsp_turn *turn, struct intake_docket_row *row, const struct intake_case *c)
{
    row->docket = c->docket;
    row->head.log_seq = c->docket.seq;
    row->head.generation = c->docket.generation;
    row->head.row.dirty = true;
    row->waits = write_waits(turn->arena, c);
    if (!row->waits.ptr) {
        return full();
    }
    DSP_TRY(write_hearing(turn, &row->head.case_id, c));
    for (size_t i = 0; i < c->clock_count; i++) {
        DSP_TRY(write_clock(turn, row, &c->clocks[i]));
    }
    return dsp_ok();
}

struct intake_log_row *intake_store_add_log(struct dsp_turn *turn, const struct dsp_uuid *case_id)
{
    struct intake_log_row *row = dsp_rows_add(turn->rows, &INTAKE_TABLES[INTAKE_TABLE_LOG], dsp_uuid_str(case_id));
    if (row) {
        row->case_id = *case_id;
    }
    return row;
}

struct intake_command_row *intake_store_command(struct dsp_turn *turn, struct dsp_str command_key)
{
    return dsp_rows_one(turn->rows, &INTAKE_TABLES[INTAKE_TABLE_COMMAND], command_key);
}

struct intake_command_row *intake_store_add_command(struct dsp_turn *turn, struct dsp_str command_key)
{
    struct intake_command_row *row = dsp_rows_add(turn->rows, &INTAKE_TABLES[INTAKE_TABLE_COMMAND], command_key);
    if (row) {
        row->command_key = dsp_arena_copy(turn->arena, command_key);
    }
    return row;
}
