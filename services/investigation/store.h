/* Rows of investigation. */
#ifndef INV_STORE_H
#define INV_STORE_H

#include "common/service/follower.h"
#include "investigation/domain.h"

struct inv_case_row {
    struct dsp_case_head head;
    struct dsp_str consumer_id;
    struct dsp_str merchant_id;
    int32_t reason; /* disputes.common.v1.Reason */
    int32_t remedy; /* disputes.common.v1.Remedy */
    int64_t amount_minor;
    int64_t paid_minor;
    int32_t agent_generation; /* generation for which an agent has been drawn, 0 = none */
};

struct inv_item_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct inv_item item;
    int32_t side;    /* disputes.common.v1.Role */
    int32_t state;   /* enum inv_item_state */
    int64_t time_ms; /* server time: of the entry that brought it */
    int64_t entry_seq;
};

struct inv_round_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int32_t generation;
    struct inv_round round;
    int64_t opened_seq;
    int64_t sealed_seq; /* 0 while it is not */
};

struct inv_decision_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_str decision_id;
    int32_t generation;
    int32_t basis; /* disputes.common.v1.Basis */
    int32_t state; /* enum inv_decision_state */
    int32_t liability;
    int32_t merchant_percent;
    int32_t remedy;
    int64_t amount_minor;
    bool by_machine;
    struct dsp_str review;   /* how to have people look at it: names of commands; empty when people made it */
    struct dsp_str facts;    /* JSON: what it was decided on */
    struct dsp_str evidence; /* JSON: [{"item_id", "sha256", "state"}] */
    int64_t rules_version;
    int64_t entry_seq;
};

struct inv_snapshot_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int64_t entry_seq;
    struct dsp_str sha256;  /* of content */
    struct dsp_str content; /* JSON: facts that the gateway vouches for */
};

enum inv_standing {
    INV_STANDING_NAMED = 1, /* said, not in the log yet */
    INV_STANDING_IN_CHARGE,
    INV_STANDING_OBSERVER,
    INV_STANDING_FORMER,
    INV_STANDING_BLOCKED, /* a conflict of interest */
    INV_STANDING_ACTED,   /* has acted without being in charge */
};
const char *inv_standing_name(int standing);

struct inv_person_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_str staff_id;
    int32_t role;     /* disputes.common.v1.Role */
    int32_t standing; /* enum inv_standing */
    int32_t generation;
    int64_t entry_seq; /* what gave the standing */
};

enum {
    INV_TABLE_CASE,
    INV_TABLE_ITEM,
    INV_TABLE_ROUND,
    INV_TABLE_DECISION,
    INV_TABLE_SNAPSHOT,
    INV_TABLE_PERSON,
    INV_TABLE_COUNT,
};
extern const struct dsp_table INV_TABLES[INV_TABLE_COUNT];

struct inv_item_row *inv_store_item(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str item_id);
size_t inv_store_item_count(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t side);
/* The newest round of a generation; NULL = none. */
struct inv_round_row *inv_store_round(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t generation);
/* The newest decision; NULL = none. */
struct inv_decision_row *inv_store_decision(struct dsp_turn *turn, const struct dsp_uuid *case_id);
struct inv_person_row *inv_store_person(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str staff_id);
/* A new row, its key set. NULL: arena full. */
void *inv_store_add(struct dsp_turn *turn, int table, const struct dsp_uuid *case_id);

#endif
