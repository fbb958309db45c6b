/* Rows of sla. */
#ifndef SLA_STORE_H
#define SLA_STORE_H

#include "common/service/follower.h"
#include "sla/domain.h"

struct sla_case_row {
    struct dsp_case_head head;
};

struct sla_clock_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int32_t kind; /* enum sla_kind */
    int32_t side; /* disputes.common.v1.Role */
    int64_t cause;
    struct sla_clock clock;
    int64_t ended_seq;
};

enum { SLA_TABLE_CASE, SLA_TABLE_CLOCK, SLA_TABLE_COUNT };
extern const struct dsp_table SLA_TABLES[SLA_TABLE_COUNT];

/* The clock of a case with this name, NULL = none. */
struct sla_clock_row *sla_store_clock(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t kind, int32_t side,
                                      int64_t cause);
/* A new one, to be filled in. NULL: arena full. */
struct sla_clock_row *sla_store_add_clock(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t kind,
                                          int32_t side, int64_t cause);

#endif
