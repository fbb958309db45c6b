#include "investigation/store.h"

#include "common/service/message.h"
#include "investigation_queries.h"

static const char *role_name(int role)
{
    return dsp_enum_name(&disputes__common__v1__role__descriptor, role);
}

static const char *reason_name(int reason)
{
    return dsp_enum_name(&disputes__common__v1__reason__descriptor, reason);
}

static const char *remedy_name(int remedy)
{
    return dsp_enum_name(&disputes__common__v1__remedy__descriptor, remedy);
}

static const char *liability_name(int liability)
{
    return dsp_enum_name(&disputes__common__v1__liability__descriptor, liability);
}

static const char *basis_name(int basis)
{
    return dsp_enum_name(&disputes__common__v1__basis__descriptor, basis);
}

const char *inv_standing_name(int standing)
{
    static const char *const NAMES[] = {NULL, "NAMED", "IN_CHARGE", "OBSERVER", "FORMER", "BLOCKED", "ACTED"};
    return standing > 0 && standing <= INV_STANDING_ACTED ? NAMES[standing] : NULL;
}

const char *inv_pending_state_name(int state)
{
    static const char *const NAMES[] = {NULL, "WAITING", "SAID", "REFUSED", "LAPSED"};
    return state > 0 && state <= INV_PENDING_LAPSED ? NAMES[state] : NULL;
}

/* Values of disputes.investigation.v1.RuleResult. */
static const char *rule_result_name(int result)
{
    static const char *const NAMES[] = {"", "NONE", "FOUND", "COSIGN"};
    return result >= 0 && result < 4 ? NAMES[result] : NULL;
}

static const char *kind_name(int kind)
{
    return dsp_enum_name(&disputes__common__v1__evidence_kind__descriptor, kind);
}

static const char *result_name(int result)
{
    return dsp_enum_name(&disputes__common__v1__evidence_result__descriptor, result);
}

static const struct dsp_column CASE_COLUMNS[] = {
    DSP_HEAD_COLUMNS(struct inv_case_row),
    DSP_COL(struct inv_case_row, agent_generation, DSP_COLUMN_INT),
    DSP_COL(struct inv_case_row, received_ms, DSP_COLUMN_BIG),
    DSP_COL(struct inv_case_row, last_scan_ms, DSP_COLUMN_BIG),
    DSP_COL(struct inv_case_row, refund_ms, DSP_COLUMN_BIG),
    DSP_COL(struct inv_case_row, gone_ms, DSP_COLUMN_BIG),
    DSP_COL(struct inv_case_row, given_minor, DSP_COLUMN_BIG),
    DSP_HEAD_CONSTANTS(struct inv_case_row),
    DSP_COL(struct inv_case_row, consumer_id, DSP_COLUMN_TEXT),
    DSP_COL(struct inv_case_row, merchant_id, DSP_COLUMN_TEXT),
    DSP_COL_ENUM(struct inv_case_row, reason, reason_name),
    DSP_COL_ENUM(struct inv_case_row, remedy, remedy_name),
    DSP_COL(struct inv_case_row, amount_minor, DSP_COLUMN_BIG),
    DSP_COL(struct inv_case_row, paid_minor, DSP_COLUMN_BIG),
    DSP_COL(struct inv_case_row, vouched, DSP_COLUMN_BOOL),
    DSP_COL(struct inv_case_row, durable, DSP_COLUMN_BOOL),
    DSP_COL(struct inv_case_row, filed_ms, DSP_COLUMN_BIG),
    DSP_COL(struct inv_case_row, ordered_ms, DSP_COLUMN_BIG),
    DSP_COL(struct inv_case_row, shipped_ms, DSP_COLUMN_BIG),
    DSP_COL(struct inv_case_row, promised_ms, DSP_COLUMN_BIG),
};

#define ITEM(member, type)                                                \
    {                                                                     \
#member, (type), offsetof(struct inv_item_row, item.member), NULL \
    }
#define ITEM_ENUM(member, namer)                                                     \
    {                                                                                \
#member, DSP_COLUMN_INT, offsetof(struct inv_item_row, item.member), (namer) \
    }

static const struct dsp_column ITEM_COLUMNS[] = {
    DSP_COL(struct inv_item_row, case_id, DSP_COLUMN_UUID),
    ITEM(item_id, DSP_COLUMN_TEXT),
    ITEM(sha256, DSP_COLUMN_BYTES),
    ITEM(size_bytes, DSP_COLUMN_BIG),
    ITEM(media_type, DSP_COLUMN_TEXT),
    ITEM(reference, DSP_COLUMN_TEXT),
    DSP_COL_ENUM(struct inv_item_row, side, role_name),
    DSP_COL_ENUM(struct inv_item_row, state, inv_item_state_name),
    DSP_COL(struct inv_item_row, time_ms, DSP_COLUMN_BIG),
    DSP_COL(struct inv_item_row, entry_seq, DSP_COLUMN_BIG),
    ITEM_ENUM(kind, kind_name),
    ITEM_ENUM(result, result_name),
    ITEM(stated_ms, DSP_COLUMN_BIG),
    ITEM(verified_by, DSP_COLUMN_TEXT),
};

#define ROUND(label, member, type, namer)                                    \
    {                                                                        \
        label, (type), offsetof(struct inv_round_row, round.member), (namer) \
    }

static const struct dsp_column ROUND_COLUMNS[] = {
    DSP_COL(struct inv_round_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct inv_round_row, generation, DSP_COLUMN_INT),
    ROUND("round", number, DSP_COLUMN_INT, NULL),
    ROUND("state", state, DSP_COLUMN_INT, inv_round_state_name),
    ROUND("asked", asked, DSP_COLUMN_INT, inv_side_name),
    ROUND("answered", answered, DSP_COLUMN_INT, inv_side_name),
    ROUND("missed", missed, DSP_COLUMN_INT, inv_side_name),
    ROUND("final", final, DSP_COLUMN_BOOL, NULL),
    DSP_COL(struct inv_round_row, opened_seq, DSP_COLUMN_BIG),
    DSP_COL(struct inv_round_row, sealed_seq, DSP_COLUMN_BIG),
    DSP_COL_ENUM(struct inv_round_row, result, rule_result_name),
    DSP_COL(struct inv_round_row, rule_id, DSP_COLUMN_TEXT),
};

static const struct dsp_column DECISION_COLUMNS[] = {
    DSP_COL(struct inv_decision_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct inv_decision_row, decision_id, DSP_COLUMN_TEXT),
    DSP_COL(struct inv_decision_row, generation, DSP_COLUMN_INT),
    DSP_COL_ENUM(struct inv_decision_row, basis, basis_name),
    DSP_COL_ENUM(struct inv_decision_row, state, inv_decision_state_name),
    DSP_COL_ENUM(struct inv_decision_row, liability, liability_name),
    DSP_COL(struct inv_decision_row, merchant_percent, DSP_COLUMN_INT),
    DSP_COL_ENUM(struct inv_decision_row, remedy, remedy_name),
    DSP_COL(struct inv_decision_row, amount_minor, DSP_COLUMN_BIG),
    DSP_COL(struct inv_decision_row, by_machine, DSP_COLUMN_BOOL),
    DSP_COL(struct inv_decision_row, review, DSP_COLUMN_TEXT),
    DSP_COL(struct inv_decision_row, facts, DSP_COLUMN_TEXT),
    DSP_COL(struct inv_decision_row, evidence, DSP_COLUMN_TEXT),
    DSP_COL(struct inv_decision_row, rules_version, DSP_COLUMN_BIG),
    DSP_COL(struct inv_decision_row, entry_seq, DSP_COLUMN_BIG),
    DSP_COL(struct inv_decision_row, rule_id, DSP_COLUMN_TEXT),
    DSP_COL(struct inv_decision_row, author, DSP_COLUMN_TEXT),
    DSP_COL(struct inv_decision_row, decided_by, DSP_COLUMN_TEXT),
    DSP_COL(struct inv_decision_row, cosigner, DSP_COLUMN_TEXT),
};

static const struct dsp_column SNAPSHOT_COLUMNS[] = {
    DSP_COL(struct inv_snapshot_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct inv_snapshot_row, entry_seq, DSP_COLUMN_BIG),
    DSP_COL(struct inv_snapshot_row, sha256, DSP_COLUMN_BYTES),
    DSP_COL(struct inv_snapshot_row, content, DSP_COLUMN_TEXT),
};

static const struct dsp_column PERSON_COLUMNS[] = {
    DSP_COL(struct inv_person_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct inv_person_row, staff_id, DSP_COLUMN_TEXT),
    DSP_COL_ENUM(struct inv_person_row, role, role_name),
    DSP_COL_ENUM(struct inv_person_row, standing, inv_standing_name),
    DSP_COL(struct inv_person_row, generation, DSP_COLUMN_INT),
    DSP_COL(struct inv_person_row, entry_seq, DSP_COLUMN_BIG),
};

static const struct dsp_column PENDING_COLUMNS[] = {
    DSP_COL(struct inv_pending_row, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct inv_pending_row, entry_seq, DSP_COLUMN_BIG),
    DSP_COL(struct inv_pending_row, generation, DSP_COLUMN_INT),
    DSP_COL(struct inv_pending_row, subject, DSP_COLUMN_TEXT),
    DSP_COL(struct inv_pending_row, author, DSP_COLUMN_TEXT),
    DSP_COL_ENUM(struct inv_pending_row, state, inv_pending_state_name),
    DSP_COL(struct inv_pending_row, signer, DSP_COLUMN_TEXT),
    DSP_COL(struct inv_pending_row, finding, DSP_COLUMN_BYTES),
};

#define TABLE(label, type, list, load, save)                                                  \
    {                                                                                         \
        .name = (label), .key = DSP_KEY_CASE, .row_bytes = sizeof(type), .columns = (list),   \
        .column_count = sizeof(list) / sizeof *(list), .load_sql = (load), .save_sql = (save) \
    }

const struct dsp_table INV_TABLES[INV_TABLE_COUNT] = {
    [INV_TABLE_CASE] = DSP_TABLE_ADDED("case", struct inv_case_row, CASE_COLUMNS, DSP_HEAD_SAVED + 6,
                                       INVESTIGATION_CASE_LOAD, INVESTIGATION_CASE_ADD, INVESTIGATION_CASE_SAVE),
    [INV_TABLE_ITEM] = TABLE("items", struct inv_item_row, ITEM_COLUMNS, INVESTIGATION_ITEM_LOAD,
                             INVESTIGATION_ITEM_SAVE),
    [INV_TABLE_ROUND] = TABLE("rounds", struct inv_round_row, ROUND_COLUMNS, INVESTIGATION_ROUND_LOAD,
                              INVESTIGATION_ROUND_SAVE),
    [INV_TABLE_DECISION] = TABLE("decisions", struct inv_decision_row, DECISION_COLUMNS, INVESTIGATION_DECISION_LOAD,
                                 INVESTIGATION_DECISION_SAVE),
    [INV_TABLE_SNAPSHOT] = TABLE("snapshots", struct inv_snapshot_row, SNAPSHOT_COLUMNS, INVESTIGATION_SNAPSHOT_LOAD,
                                 INVESTIGATION_SNAPSHOT_SAVE),
    [INV_TABLE_PERSON] = TABLE("people", struct inv_person_row, PERSON_COLUMNS, INVESTIGATION_PERSON_LOAD,
                               INVESTIGATION_PERSON_SAVE),
    [INV_TABLE_PENDING] = TABLE("pending", struct inv_pending_row, PENDING_COLUMNS, INVESTIGATION_PENDING_LOAD,
                                INVESTIGATION_PENDING_SAVE),
};

struct inv_item_row *inv_store_item(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str item_id)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &INV_TABLES[INV_TABLE_ITEM], dsp_uuid_str(case_id));
    for (size_t i = 0; i < list->count; i++) {
        struct inv_item_row *row = list->items[i];
        if (dsp_str_equal(row->item.item_id, item_id)) {
            return row;
        }
    }
    return NULL;
}

size_t inv_store_item_count(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t side)
{
    size_t count = 0;
    struct dsp_list *list = dsp_rows_of(turn->rows, &INV_TABLES[INV_TABLE_ITEM], dsp_uuid_str(case_id));
    for (size_t i = 0; i < list->count; i++) {
        count += ((const struct inv_item_row *)list->items[i])->side == side;
    }
    return count;
}

struct inv_round_row *inv_store_round(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t generation)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &INV_TABLES[INV_TABLE_ROUND], dsp_uuid_str(case_id));
    struct inv_round_row *last = list->count ? list->items[list->count - 1] : NULL;
    return last && last->generation == generation ? last : NULL;
}

struct inv_decision_row *inv_store_decision(struct dsp_turn *turn, const struct dsp_uuid *case_id)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &INV_TABLES[INV_TABLE_DECISION], dsp_uuid_str(case_id));
    return list->count ? list->items[list->count - 1] : NULL;
}

int32_t inv_store_missed(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t generation)
{
    int32_t missed = INV_NOBODY;
    struct dsp_list *list = dsp_rows_of(turn->rows, &INV_TABLES[INV_TABLE_ROUND], dsp_uuid_str(case_id));
    for (size_t i = 0; i < list->count; i++) {
        const struct inv_round_row *row = list->items[i];
        missed |= row->generation == generation ? row->round.missed : INV_NOBODY;
    }
    return missed;
}

struct inv_pending_row *inv_store_waiting(struct dsp_turn *turn, const struct dsp_uuid *case_id)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &INV_TABLES[INV_TABLE_PENDING], dsp_uuid_str(case_id));
    for (size_t i = 0; i < list->count; i++) {
        struct inv_pending_row *row = list->items[i];
        if (row->state == INV_PENDING_WAITING) {
            return row;
        }
    }
    return NULL;
}

struct inv_person_row *inv_store_person(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str staff_id)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &INV_TABLES[INV_TABLE_PERSON], dsp_uuid_str(case_id));
    for (size_t i = 0; i < list->count; i++) {
        struct inv_person_row *row = list->items[i];
        if (dsp_str_equal(row->staff_id, staff_id)) {
            return row;
        }
    }
    return NULL;
}

void *inv_store_add(struct dsp_turn *turn, int table, const struct dsp_uuid *case_id)
{
    char *row = dsp_rows_add(turn->rows, &INV_TABLES[table], dsp_uuid_str(case_id));
    if (row) {
        *(struct dsp_uuid *)(void *)(row + INV_TABLES[table].columns[0].offset) = *case_id;
    }
    return row;
}
