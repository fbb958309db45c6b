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
    bool vouched;             /* the gateway has said what it knows of the order */
    bool durable;             /* durable goods or decoration */
    /* Times of the order, 0 = has not happened. */
    int64_t filed_ms;
    int64_t ordered_ms;
    int64_t shipped_ms;
    int64_t promised_ms;
    int64_t received_ms;
    int64_t last_scan_ms;
    int64_t refund_ms;
    int64_t gone_ms;
    int64_t given_minor; /* paid back on the order line, as the log shows it */
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

/* A comment is an item of its own: the entry. No upload may have a name that begins so. */
#define INV_ENTRY_ITEM "entry:"

struct inv_round_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int32_t generation;
    struct inv_round round;
    int64_t opened_seq;
    int64_t sealed_seq; /* 0 while it is not */
    int32_t result;     /* disputes.investigation.v1.RuleResult, 0 = not tried */
    struct dsp_str rule_id;
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
    struct dsp_str rule_id;
    struct dsp_str author;     /* staff id; empty: a rule or a clock */
    struct dsp_str decided_by; /* who made it final, or the panel */
    struct dsp_str cosigner;
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

enum inv_pending_state {
    INV_PENDING_WAITING = 1, /* for a signature */
    INV_PENDING_SAID,        /* end: signed, the finding is out */
    INV_PENDING_REFUSED,     /* end: noted; nothing was said, or DraftRefused */
    INV_PENDING_LAPSED,      /* end: the stage was left, or something newer took its place */
};
const char *inv_pending_state_name(int state);

/* A finding that is ready to be said once somebody signs. */
struct inv_pending_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int64_t entry_seq; /* the act or seal that it comes from */
    int32_t generation;
    struct dsp_str subject; /* rule id, or ruling id of a draft */
    struct dsp_str author;  /* may not sign; empty: a rule */
    int32_t state;          /* enum inv_pending_state */
    struct dsp_str signer;  /* who signed, or refused to */
    struct dsp_str finding; /* packed */
};

enum {
    INV_TABLE_CASE,
    INV_TABLE_ITEM,
    INV_TABLE_ROUND,
    INV_TABLE_DECISION,
    INV_TABLE_SNAPSHOT,
    INV_TABLE_PERSON,
    INV_TABLE_PENDING,
    INV_TABLE_COUNT,
};
extern const struct dsp_table INV_TABLES[INV_TABLE_COUNT];

struct inv_item_row *inv_store_item(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str item_id);
size_t inv_store_item_count(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t side);
/* The newest round of a generation; NULL = none. */
struct inv_round_row *inv_store_round(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t generation);
/* The newest decision; NULL = none. */
struct inv_decision_row *inv_store_decision(struct dsp_turn *turn, const struct dsp_uuid *case_id);
/* Sides that let a round of a generation pass in silence, as bits. */
int32_t inv_store_missed(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t generation);
/* What waits for a signature; NULL = nothing. */
struct inv_pending_row *inv_store_waiting(struct dsp_turn *turn, const struct dsp_uuid *case_id);
struct inv_person_row *inv_store_person(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str staff_id);
/* A new row, its key set. NULL: arena full. */
void *inv_store_add(struct dsp_turn *turn, int table, const struct dsp_uuid *case_id);

#endif
