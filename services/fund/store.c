#include "fund/store.h"

#include "common/base/codes.h"
#include "common/service/message.h"
#include "fund_queries.h"

static const char *side_name(int side)
{
    return dsp_enum_name(&disputes__common__v1__role__descriptor, side);
}

static const char *kind_name(int kind)
{
    return dsp_enum_name(&disputes__case__v1__duty_kind__descriptor, kind);
}

static const char *rail_name(int rail)
{
    return dsp_enum_name(&disputes__fund__v1__rail__descriptor, rail);
}

static const char *balance_side_name(int side)
{
    return side == 1 ? "DEBIT" : "CREDIT";
}

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define UUID(type, member) DSP_COL(struct type, member, DSP_COLUMN_UUID)
#define TEXT(type, member) DSP_COL(struct type, member, DSP_COLUMN_TEXT)
#define INT(type, member) DSP_COL(struct type, member, DSP_COLUMN_INT)
#define BIG(type, member) DSP_COL(struct type, member, DSP_COLUMN_BIG)
#define SUM(type, member)                                                \
    {                                                                    \
#member, DSP_COLUMN_BIG, offsetof(struct type, sum.member), NULL \
    }

static const struct dsp_column CASE_COLUMNS[] = {
    DSP_HEAD_COLUMNS(struct fund_case_row),
    INT(fund_case_row, payout_count),
    BIG(fund_case_row, fee_consumer_minor),
    BIG(fund_case_row, fee_merchant_minor),
    DSP_HEAD_CONSTANTS(struct fund_case_row),
    TEXT(fund_case_row, merchant_id),
    TEXT(fund_case_row, consumer_id),
    INT(fund_case_row, order_line),
    BIG(fund_case_row, paid_in_minor),
    TEXT(fund_case_row, transaction_id),
    DSP_COL(struct fund_case_row, openid_sealed, DSP_COLUMN_BYTES),
};

static const struct dsp_column DUTY_COLUMNS[] = {
    UUID(fund_duty_row, case_id),
    TEXT(fund_duty_row, duty_id),
    BIG(fund_duty_row, amount_minor),
    DSP_COL_ENUM(struct fund_duty_row, state, fund_duty_state_name),
    DSP_COL_ENUM(struct fund_duty_row, said, fund_duty_state_name),
    BIG(fund_duty_row, due_seq),
    BIG(fund_duty_row, done_seq),
    BIG(fund_duty_row, verified_seq),
    BIG(fund_duty_row, overdue_seq),
    BIG(fund_duty_row, substituted_seq),
    BIG(fund_duty_row, waived_seq),
    BIG(fund_duty_row, discharged_seq),
    DSP_COL_ENUM(struct fund_duty_row, kind, kind_name),
    DSP_COL_ENUM(struct fund_duty_row, side, side_name),
    BIG(fund_duty_row, noted_seq),
};

static const struct dsp_column RESERVATION_COLUMNS[] = {
    UUID(fund_reservation_row, case_id),
    INT(fund_reservation_row, generation),
    {"state", DSP_COLUMN_INT, offsetof(struct fund_reservation_row, sum.state), fund_reservation_state_name},
    SUM(fund_reservation_row, amount_minor),
    SUM(fund_reservation_row, posted_minor),
    SUM(fund_reservation_row, voided_minor),
    SUM(fund_reservation_row, voiding_minor),
    BIG(fund_reservation_row, held_seq),
    BIG(fund_reservation_row, posted_seq),
    BIG(fund_reservation_row, voided_seq),
};

static const struct dsp_column PAYOUT_COLUMNS[] = {
    UUID(fund_payout_row, case_id),
    TEXT(fund_payout_row, payout_number),
    DSP_COL_ENUM(struct fund_payout_row, rail, rail_name),
    BIG(fund_payout_row, amount_minor),
    DSP_COL_ENUM(struct fund_payout_row, state, fund_payout_state_name),
    INT(fund_payout_row, said),
    INT(fund_payout_row, attempts),
    TEXT(fund_payout_row, refusal_code),
    BIG(fund_payout_row, sent_ms),
    BIG(fund_payout_row, sent_seq),
    BIG(fund_payout_row, held_seq),
    BIG(fund_payout_row, confirmed_seq),
    BIG(fund_payout_row, failed_seq),
    TEXT(fund_payout_row, duty_id),
    TEXT(fund_payout_row, consumer_key),
};

static const struct dsp_column RECOVERY_COLUMNS[] = {
    UUID(fund_recovery_row, case_id),
    TEXT(fund_recovery_row, duty_id),
    INT(fund_recovery_row, generation),
    DSP_COL_ENUM(struct fund_recovery_row, state, fund_recovery_state_name),
    INT(fund_recovery_row, said),
    BIG(fund_recovery_row, amount_minor),
    BIG(fund_recovery_row, received_minor),
    BIG(fund_recovery_row, coming_minor),
    INT(fund_recovery_row, day),
    BIG(fund_recovery_row, demand_ms),
    BIG(fund_recovery_row, opened_seq),
    BIG(fund_recovery_row, demanded_seq),
    BIG(fund_recovery_row, closed_seq),
};

static const struct dsp_column SANCTION_COLUMNS[] = {
    UUID(fund_sanction_row, case_id),
    INT(fund_sanction_row, rung),
    DSP_COL_ENUM(struct fund_sanction_row, state, fund_sanction_state_name),
    BIG(fund_sanction_row, applied_seq),
    BIG(fund_sanction_row, lifted_seq),
};

static const struct dsp_column INBOUND_COLUMNS[] = {
    UUID(fund_inbound_row, case_id),
    TEXT(fund_inbound_row, source),
    TEXT(fund_inbound_row, message_id),
    BIG(fund_inbound_row, time_ms),
};

static const struct dsp_column CLAIM_COLUMNS[] = {
    TEXT(fund_claim_row, claim_key),
    INT(fund_claim_row, order_line),
    SUM(fund_claim_row, remedy_minor),
    SUM(fund_claim_row, paid_in_minor),
    {"statutory", DSP_COLUMN_BOOL, offsetof(struct fund_claim_row, sum.statutory), NULL},
    SUM(fund_claim_row, reserved_minor),
    SUM(fund_claim_row, paid_minor),
    SUM(fund_claim_row, refunded_minor),
};

static const struct dsp_column PROOF_COLUMNS[] = {
    TEXT(fund_proof_row, claim_key),
    TEXT(fund_proof_row, payment_number),
    UUID(fund_proof_row, case_id),
    TEXT(fund_proof_row, duty_id),
};

static const struct dsp_column ACCOUNT_COLUMNS[] = {
    TEXT(fund_account_row, account_key),
    BIG(fund_account_row, delta_minor),
    BIG(fund_account_row, book_version),
    BIG(fund_account_row, balance_minor),
    DSP_COL(struct fund_account_row, debit, DSP_COLUMN_BOOL),
};

static const struct dsp_column CONSUMER_COLUMNS[] = {
    TEXT(fund_consumer_row, consumer_key), UUID(fund_consumer_row, case_id), TEXT(fund_consumer_row, payout_number),
    BIG(fund_consumer_row, amount_minor),  BIG(fund_consumer_row, sent_ms),
};

static const struct dsp_column GROUP_COLUMNS[] = {
    UUID(fund_group_row, case_id),
    UUID(fund_group_row, group_id),
    TEXT(fund_group_row, platform_id),
    BIG(fund_group_row, sequence),
    DSP_COL_ENUM(struct fund_group_row, step, fund_step_name),
    BIG(fund_group_row, time_ms),
};

static const struct dsp_column LEG_COLUMNS[] = {
    UUID(fund_leg_row, case_id), UUID(fund_leg_row, group_id), INT(fund_leg_row, leg),
    TEXT(fund_leg_row, debit),   TEXT(fund_leg_row, credit),   BIG(fund_leg_row, amount_minor),
};

static const struct dsp_column ENTRY_COLUMNS[] = {
    UUID(fund_entry_row, case_id),
    UUID(fund_entry_row, group_id),
    BIG(fund_entry_row, sequence),
};

static const struct dsp_column BEGUN_COLUMNS[] = {TEXT(fund_begun_row, key)};

#define TABLE(table_name, key_kind, type, list, load, save)                                           \
    {                                                                                                 \
        .name = (table_name), .key = (key_kind), .row_bytes = sizeof(struct type), .columns = (list), \
        .column_count = COUNT(list), .load_sql = (load), .save_sql = (save)                           \
    }

struct dsp_table FUND_TABLES[FUND_TABLE_COUNT] = {
    [FUND_TABLE_CASE] = DSP_TABLE_ADDED("case", struct fund_case_row, CASE_COLUMNS, DSP_HEAD_SAVED + 3, FUND_CASE_LOAD,
                                        FUND_CASE_ADD, FUND_CASE_SAVE),
    [FUND_TABLE_DUTY] = DSP_TABLE_ADDED("duties", struct fund_duty_row, DUTY_COLUMNS, 12, FUND_DUTY_LOAD, FUND_DUTY_ADD,
                                        FUND_DUTY_SAVE),
    [FUND_TABLE_RESERVATION] = DSP_TABLE_ADDED("reservations", struct fund_reservation_row, RESERVATION_COLUMNS, 10,
                                               FUND_RESERVATION_LOAD, FUND_RESERVATION_ADD, FUND_RESERVATION_SAVE),
    [FUND_TABLE_PAYOUT] = DSP_TABLE_ADDED("payouts", struct fund_payout_row, PAYOUT_COLUMNS, 13, FUND_PAYOUT_LOAD,
                                          FUND_PAYOUT_ADD, FUND_PAYOUT_SAVE),
    [FUND_TABLE_RECOVERY] = TABLE("recoveries", DSP_KEY_CASE, fund_recovery_row, RECOVERY_COLUMNS, FUND_RECOVERY_LOAD,
                                  FUND_RECOVERY_SAVE),
    [FUND_TABLE_SANCTION] = TABLE("sanctions", DSP_KEY_CASE, fund_sanction_row, SANCTION_COLUMNS, FUND_SANCTION_LOAD,
                                  FUND_SANCTION_SAVE),
    [FUND_TABLE_INBOUND] = TABLE("inbound", DSP_KEY_CASE, fund_inbound_row, INBOUND_COLUMNS, FUND_INBOUND_LOAD,
                                 FUND_INBOUND_SAVE),
    [FUND_TABLE_JOB] = {.name = "jobs"},
    [FUND_TABLE_CLAIM] = TABLE("claims", DSP_KEY_TEXT, fund_claim_row, CLAIM_COLUMNS, FUND_CLAIM_LOAD, FUND_CLAIM_SAVE),
    [FUND_TABLE_PROOF] = TABLE("proofs", DSP_KEY_TEXT, fund_proof_row, PROOF_COLUMNS, FUND_PROOF_LOAD, FUND_PROOF_SAVE),
    [FUND_TABLE_ACCOUNT] = {.name = "accounts",
                            .key = DSP_KEY_TEXT,
                            .row_bytes = sizeof(struct fund_account_row),
                            .columns = ACCOUNT_COLUMNS,
                            .column_count = COUNT(ACCOUNT_COLUMNS),
                            .saved_count = 3,
                            .load_sql = FUND_ACCOUNT_LOAD,
                            .save_sql = FUND_ACCOUNT_SAVE,
                            .ensure_sql = FUND_ACCOUNT_ENSURE},
    /* After the accounts: read under their locks. */
    [FUND_TABLE_CONSUMER] = TABLE("consumer", DSP_KEY_TEXT, fund_consumer_row, CONSUMER_COLUMNS, FUND_CONSUMER_LOAD,
                                  NULL),
    [FUND_TABLE_GROUP] = TABLE("groups", DSP_KEY_CASE, fund_group_row, GROUP_COLUMNS, NULL, FUND_GROUP_ADD),
    [FUND_TABLE_LEG] = TABLE("legs", DSP_KEY_CASE, fund_leg_row, LEG_COLUMNS, NULL, FUND_LEG_ADD),
    [FUND_TABLE_ENTRY] = TABLE("entries", DSP_KEY_CASE, fund_entry_row, ENTRY_COLUMNS, NULL, FUND_ENTRY_ADD),
    [FUND_TABLE_BEGUN] = TABLE("begun", DSP_KEY_TEXT, fund_begun_row, BEGUN_COLUMNS, NULL, NULL),
};

const struct dsp_table FUND_VIEWS[FUND_VIEW_COUNT] = {
    [FUND_VIEW_GROUP] = TABLE("groups", DSP_KEY_CASE, fund_group_row, GROUP_COLUMNS, FUND_GROUP_VIEW, NULL),
    [FUND_VIEW_LEG] = TABLE("legs", DSP_KEY_CASE, fund_leg_row, LEG_COLUMNS, FUND_LEG_VIEW, NULL),
};

/* Only shown, never loaded into rows: offsets mean nothing. */
static const struct dsp_column BALANCE_COLUMNS[] = {
    {"platform_id", DSP_COLUMN_TEXT, 0, NULL},
    {"account", DSP_COLUMN_TEXT, 0, NULL},
    {"balance_minor", DSP_COLUMN_BIG, 0, NULL},
    {"side", DSP_COLUMN_INT, 0, balance_side_name},
};

static const struct dsp_column TRIAL_COLUMNS[] = {
    {"platform_id", DSP_COLUMN_TEXT, 0, NULL},
    {"debit_minor", DSP_COLUMN_BIG, 0, NULL},
    {"credit_minor", DSP_COLUMN_BIG, 0, NULL},
    {"difference_minor", DSP_COLUMN_BIG, 0, NULL},
};

const struct dsp_table FUND_PLATFORM_TABLES[FUND_PLATFORM_COUNT] = {
    [FUND_PLATFORM_BALANCE] = TABLE("balances", DSP_KEY_TEXT, dsp_row, BALANCE_COLUMNS, FUND_BALANCE_VIEW, NULL),
    [FUND_PLATFORM_TRIAL] = TABLE("trial_balance", DSP_KEY_TEXT, dsp_row, TRIAL_COLUMNS, FUND_TRIAL_VIEW, NULL),
};

/* They belong to no lane: whoever owns the first shows them, so that they are shown once. */
static const struct dsp_column FUND_COLUMNS[] = {{"account", DSP_COLUMN_TEXT, 0, NULL},
                                                 {"currency", DSP_COLUMN_TEXT, 0, NULL},
                                                 {"balance_minor", DSP_COLUMN_BIG, 0, NULL}};
static const struct dsp_table FUND_ROWS = TABLE("fund", DSP_KEY_TEXT, dsp_row, FUND_COLUMNS, FUND_FUND_VIEW, NULL);
static const struct dsp_metric BALANCE = {"dispute_fund_balance_minor_units",
                                          DSP_METRIC_GAUGE,
                                          "Money of the funds of all platforms: BANK is all of it, FUND_FREE what "
                                          "nothing is set aside for, PSP_PAYABLE what is "
                                          "on its way out.",
                                          {"account", "currency"}};
const struct dsp_gauge FUND_GAUGES[1] = {{&BALANCE, &FUND_ROWS}};

void fund_store_init(void)
{
    FUND_TABLES[FUND_TABLE_JOB] = dsp_job_table;
}

struct fund_case_row *fund_store_case(struct dsp_turn *turn, const struct dsp_uuid *case_id)
{
    return dsp_rows_one(turn->rows, &FUND_TABLES[FUND_TABLE_CASE], dsp_uuid_str(case_id));
}

void *fund_store_at(struct dsp_turn *turn, int table, const struct dsp_uuid *case_id, size_t index)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &FUND_TABLES[table], dsp_uuid_str(case_id));
    return index < list->count ? list->items[index] : NULL;
}

void *fund_store_add(struct dsp_turn *turn, int table, const struct dsp_uuid *case_id)
{
    char *row = dsp_rows_add(turn->rows, &FUND_TABLES[table], dsp_uuid_str(case_id));
    if (row) { /* the first column of every such table is the case */
        *(struct dsp_uuid *)(void *)(row + FUND_TABLES[table].columns[0].offset) = *case_id;
    }
    return row;
}

struct fund_duty_row *fund_store_duty(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str duty_id)
{
    struct fund_duty_row *duty;
    for (size_t i = 0; (duty = fund_store_at(turn, FUND_TABLE_DUTY, case_id, i)); i++) {
        if (dsp_str_equal(duty->duty_id, duty_id)) {
            return duty;
        }
    }
    return NULL;
}

struct fund_reservation_row *fund_store_reservation(struct dsp_turn *turn, const struct fund_case_row *row)
{
    struct fund_reservation_row *reservation;
    for (size_t i = 0; (reservation = fund_store_at(turn, FUND_TABLE_RESERVATION, &row->head.case_id, i)); i++) {
        if (reservation->generation == row->head.generation) {
            return reservation;
        }
    }
    return NULL;
}

struct fund_payout_row *fund_store_payout(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str number)
{
    struct fund_payout_row *payout;
    for (size_t i = 0; (payout = fund_store_at(turn, FUND_TABLE_PAYOUT, case_id, i)); i++) {
        if (dsp_str_equal(payout->payout_number, number)) {
            return payout;
        }
    }
    return NULL;
}

struct fund_recovery_row *fund_store_recovery(struct dsp_turn *turn, const struct dsp_uuid *case_id,
                                              struct dsp_str duty_id)
{
    struct fund_recovery_row *recovery;
    for (size_t i = 0; (recovery = fund_store_at(turn, FUND_TABLE_RECOVERY, case_id, i)); i++) {
        bool live = recovery->state == FUND_RECOVERY_NONE || fund_recovery_live(recovery->state);
        if (live && dsp_str_equal(recovery->duty_id, duty_id)) {
            return recovery;
        }
    }
    return NULL;
}

struct dsp_job *fund_store_job(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str number)
{
    struct dsp_job *job;
    for (size_t i = 0; (job = fund_store_at(turn, FUND_TABLE_JOB, case_id, i)); i++) {
        if (dsp_str_equal(job->number, number)) {
            return job;
        }
    }
    return NULL;
}

struct dsp_str fund_store_claim_key(struct dsp_turn *turn, struct dsp_str platform_id, struct dsp_str order_id)
{
    return dsp_arena_format(turn->arena, "%.*s|%.*s", DSP_STR_ARG(platform_id), DSP_STR_ARG(order_id));
}

struct fund_claim_row *fund_store_claim(struct dsp_turn *turn, const struct fund_case_row *row)
{
    struct dsp_str key = fund_store_claim_key(turn, row->head.platform_id, row->head.order_id);
    struct dsp_list *list = dsp_rows_of(turn->rows, &FUND_TABLES[FUND_TABLE_CLAIM], key);
    for (size_t i = 0; i < list->count; i++) {
        struct fund_claim_row *claim = list->items[i];
        if (claim->order_line == row->order_line) {
            return claim;
        }
    }
    return NULL;
}

struct fund_account_row *fund_store_account(struct dsp_turn *turn, struct dsp_str platform_id,
                                            enum fund_account account, struct dsp_str sub)
{
    struct dsp_str key = fund_account_has_sub(account)
                             ? dsp_arena_format(turn->arena, "%.*s|%s[%.*s]", DSP_STR_ARG(platform_id),
                                                fund_account_name((int)account), DSP_STR_ARG(sub))
                             : dsp_arena_format(turn->arena, "%.*s|%s", DSP_STR_ARG(platform_id),
                                                fund_account_name((int)account));
    return dsp_rows_one(turn->rows, &FUND_TABLES[FUND_TABLE_ACCOUNT], key);
}

struct dsp_err fund_store_want_accounts(struct dsp_turn *turn, const struct dsp_uuid *case_id, bool fees)
{
    char id[DSP_UUID_TEXT_BYTES];
    dsp_uuid_format(case_id, id);
    struct fund_begun_row *begun = dsp_rows_one(turn->rows, &FUND_TABLES[FUND_TABLE_BEGUN], dsp_str_from(id));
    struct dsp_str key = dsp_arena_format(turn->arena, "%s:%s", fees ? "fees" : "case", id);
    struct dsp_str plain = dsp_arena_format(turn->arena, "case:%s", id);
    DSP_TRY(dsp_rows_want(turn->rows, &FUND_TABLES[FUND_TABLE_ACCOUNT], begun ? begun->key : key));
    return dsp_rows_want(turn->rows, &FUND_TABLES[FUND_TABLE_CONSUMER], plain);
}

struct dsp_err fund_store_begin(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str platform_id,
                                struct dsp_str merchant_id, struct dsp_str consumer_id)
{
    char id[DSP_UUID_TEXT_BYTES];
    dsp_uuid_format(case_id, id);
    struct fund_begun_row *begun = dsp_rows_add(turn->rows, &FUND_TABLES[FUND_TABLE_BEGUN], dsp_str_from(id));
    if (!begun) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "parties");
    }
    begun->row = (struct dsp_row){0}; /* never written */
    begun->key = dsp_arena_format(turn->arena, "parties:%.*s\x1f%s\x1f%.*s\x1f%.*s", DSP_STR_ARG(platform_id), id,
                                  DSP_STR_ARG(merchant_id), DSP_STR_ARG(consumer_id));
    return begun->key.ptr ? dsp_ok() : dsp_reject(DSP_CODE_ARENA_FULL, "parties");
}
