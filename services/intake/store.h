/* Rows of intake. */
#ifndef INTAKE_STORE_H
#define INTAKE_STORE_H

#include "common/service/follower.h"
#include "common/service/service.h"
#include "intake/domain.h"

#define INTAKE_FINDING_SOURCES 5 /* SOURCE_SLA … SOURCE_NTF */
#define INTAKE_HASH_BYTES 32

struct intake_docket_row {
    struct dsp_case_head head;                  /* log_seq and generation follow the docket's own */
    struct intake_docket docket;                /* without the hearing's part: see intake_store_read */
    int64_t source_seq[INTAKE_FINDING_SOURCES]; /* last finding taken from each */
    struct dsp_str waits;                       /* acts that wait, one per line */
    struct dsp_str last_hash;                   /* empty before the first entry */
    struct dsp_str wrapped_key;
};

/* The part of the docket that only a hearing writes. There is none before it differs from an empty one; docket_save
 * checks the version for both. */
struct intake_hearing_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct intake_docket docket; /* only what HEARING_COLUMNS names */
    struct dsp_str acted, panel; /* lists of people, one per line */
};

struct intake_clock_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct intake_clock clock;
};

struct intake_log_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int64_t sequence;
    int32_t entry_type;
    struct dsp_str machine_row;
    int32_t stage_before, stage_after;
    int64_t time_ms;
    struct dsp_str hash, value;
};

/* First answer to a command. */
struct intake_command_row {
    struct dsp_row row;
    struct dsp_str command_key;
    struct dsp_uuid case_id;
    struct dsp_str value_hash;
    int64_t sequence;
    int32_t refusal; /* enum intake_refusal */
    struct dsp_str guard;
    int32_t stage;
};

enum {
    INTAKE_TABLE_DOCKET,
    INTAKE_TABLE_HEARING,
    INTAKE_TABLE_CLOCK,
    INTAKE_TABLE_LOG,
    INTAKE_TABLE_COMMAND,
    INTAKE_TABLE_COUNT
};
extern const struct dsp_table INTAKE_TABLES[INTAKE_TABLE_COUNT];
extern const struct dsp_table INTAKE_VIEWS[1];
extern const struct dsp_gauge INTAKE_GAUGES[1];

/* The docket row of a case; NULL = no such case. */
struct intake_docket_row *intake_store_docket(struct dsp_turn *turn, const struct dsp_uuid *case_id);
struct intake_docket_row *intake_store_add_docket(struct dsp_turn *turn, const struct dsp_uuid *case_id);
/* Rows → case, before it is decided; and back, marking what has changed. */
DSP_MUST_USE struct dsp_err intake_store_read(struct dsp_turn *turn, const struct intake_docket_row *row,
                                              struct intake_case *ret_case);
DSP_MUST_USE struct dsp_err intake_store_write(struct dsp_turn *turn, struct intake_docket_row *row,
                                               const struct intake_case *c);
struct intake_log_row *intake_store_add_log(struct dsp_turn *turn, const struct dsp_uuid *case_id);
/* The first answer to a command, by its key "sender id"; NULL = none yet. */
struct intake_command_row *intake_store_command(struct dsp_turn *turn, struct dsp_str command_key);
struct intake_command_row *intake_store_add_command(struct dsp_turn *turn, struct dsp_str command_key);

#endif
