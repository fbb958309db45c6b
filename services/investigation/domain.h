/* Evidence, rounds, people and decisions: when an item is in time, when a round is complete, who is drawn, what
 * becomes of a decision. Pure: no clock, no I/O (docs/MACHINE.md, 7.3 and 7.4). */
#ifndef INV_DOMAIN_H
#define INV_DOMAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"

/* Sides of a case, as bits: whoever is asked, has answered, has missed. */
enum inv_side { INV_NOBODY = 0, INV_CONSUMER = 1, INV_MERCHANT = 2, INV_BOTH = 3 };
const char *inv_side_name(int sides);

/* --- items --- */

/* Values of disputes.investigation.v1.ItemState; the codec checks that they agree. */
enum inv_item_state {
    INV_ITEM_IN_TIME = 1,   /* used */
    INV_ITEM_LATE,          /* kept, shown as late, not used until it is admitted */
    INV_ITEM_ADMITTED_LATE, /* used: the other side may answer */
    INV_ITEM_REDACTED,      /* hidden: the hash stays */
    INV_ITEM_STATE_COUNT,
};
enum inv_item_input {
    INV_ITEM_INPUT_ADMIT = 1, /* LateItemAdmitted in the log */
    INV_ITEM_INPUT_REDACT,
    INV_ITEM_INPUT_COUNT,
};
/* The state after an input; the same when the input is forbidden. */
enum inv_item_state inv_item_next(enum inv_item_state state, enum inv_item_input input);
const char *inv_item_state_name(int state);

struct inv_item {
    struct dsp_str item_id;
    struct dsp_str sha256;
    int64_t size_bytes;
    struct dsp_str media_type;
    struct dsp_str reference;
    int32_t kind;      /* disputes.common.v1.EvidenceKind */
    int32_t result;    /* disputes.common.v1.EvidenceResult */
    int64_t stated_ms; /* instant that it states, 0 = none */
    struct dsp_str verified_by;
};

#define INV_ITEMS_MAX 200      /* of one side in one case */
#define INV_ITEM_ID_MAX 64     /* bytes */
#define INV_MEDIA_TYPE_MAX 128 /* bytes */

/* Why an item cannot be taken: a refusal code; NULL: it can. `same` is the item that has this name already. */
const char *inv_item_refusal(const struct inv_item *item, const struct inv_item *same, size_t held);

/* --- rounds --- */

/* What each state waits for and what ends it. */
enum inv_round_state {
    INV_ROUND_REQUESTED = 1, /* the sides asked */
    INV_ROUND_PARTIAL,       /* the second of two sides */
    INV_ROUND_COMPLETE,      /* the seal in the log: all have answered */
    INV_ROUND_TIMED_OUT,     /* the seal in the log: somebody has not answered */
    INV_ROUND_SEALED,        /* end */
    INV_ROUND_STATE_COUNT,
};
enum inv_round_input {
    INV_ROUND_INPUT_ANSWER = 1, /* a side is done, another is still asked */
    INV_ROUND_INPUT_ALL,        /* the last one is done, nobody has missed */
    INV_ROUND_INPUT_MISS,       /* the clock of a side ran out, another is still asked */
    INV_ROUND_INPUT_OUT,        /* nobody is left to answer, and somebody has missed */
    INV_ROUND_INPUT_SEAL,       /* RoundSealed in the log */
    INV_ROUND_INPUT_LEAVE,      /* its stage was left another way */
    INV_ROUND_INPUT_COUNT,
};
struct inv_round_rule {
    bool allowed;
    enum inv_round_state next;
    bool say; /* RoundSealed */
};
/* Never NULL. */
const struct inv_round_rule *inv_round_rule(enum inv_round_state state, enum inv_round_input input);
const char *inv_round_state_name(int state);

struct inv_round {
    enum inv_round_state state;
    int32_t number; /* in its generation, from 1 */
    int32_t asked;  /* enum inv_side, as bits */
    int32_t answered;
    int32_t missed;
    bool final; /* marked so by the agent */
};

struct inv_round inv_round_open(int32_t number, int32_t asked, bool final);
bool inv_round_is_open(const struct inv_round *round);
/* Whether a side may still bring something in time. */
bool inv_round_waits_for(const struct inv_round *round, enum inv_side side);
/* A side is done (or its clock ran out). Whether RoundSealed is to be said now. */
bool inv_round_done(struct inv_round *round, enum inv_side side);
bool inv_round_missed(struct inv_round *round, enum inv_side side);
/* No further round follows: the third, the fourth, or one marked final. */
bool inv_round_is_last(const struct inv_round *round);

/* In time or late, for an item brought by AddEvidence; other papers carry theirs in time. `round` NULL: none has
 * been opened in this generation. */
enum inv_item_state inv_item_arrives(const struct inv_round *round, enum inv_side side);

/* --- decisions --- */

enum inv_decision_state {
    INV_DECISION_PROPOSED = 1, /* comments, then R */
    INV_DECISION_FINAL,        /* the windows of both sides, or an appeal, an award, an agreement */
    INV_DECISION_AFFIRMED,     /* as FINAL: a panel has upheld it */
    INV_DECISION_VARIED,       /* end unless an award or agreement comes: something else stands in its place */
    INV_DECISION_ANNULLED,     /* end */
    INV_DECISION_DROPPED,      /* end: a draft that never became final, kept in the file */
    INV_DECISION_STATE_COUNT,
};
enum inv_decision_input {
    INV_DECISION_INPUT_NONE = 0,
    INV_DECISION_INPUT_DROP,     /* reopened, accepted, settled, withdrawn */
    INV_DECISION_INPUT_FINALISE, /* T39, T40 */
    INV_DECISION_INPUT_AFFIRM,
    INV_DECISION_INPUT_VARY,
    INV_DECISION_INPUT_ANNUL,   /* also by a remand */
    INV_DECISION_INPUT_REPLACE, /* an award or an agreement stands in its place */
    INV_DECISION_INPUT_COUNT,
};
struct inv_decision_rule {
    bool allowed;
    enum inv_decision_state next;
};
const struct inv_decision_rule *inv_decision_rule(enum inv_decision_state state, enum inv_decision_input input);
const char *inv_decision_state_name(int state);

/* What an appeal did to a decision, by the ruling that stands now. */
enum inv_decision_input inv_verdict(bool same_ruling, bool anything_owed);

/* --- people --- */

/* Values of disputes.common.v1.Role; the codec checks that they agree. */
enum inv_role {
    INV_ROLE_CONSUMER = 1,
    INV_ROLE_MERCHANT = 2,
    INV_ROLE_AGENT = 3,
    INV_ROLE_REVIEWER = 4,
    INV_ROLE_PANEL = 5,
    INV_ROLE_OBSERVER = 9,
};
#define INV_PANEL_SIZE 3

/* A member of staff, in the order in which they are drawn. */
struct inv_member {
    struct dsp_str staff_id;
    int32_t role;
    bool conflict; /* a declared relation to a side */
    bool touched;  /* has had this case, or has acted in it */
};
/* The first `count` members of a role who are free; false: there are not so many. `ret_picked` holds count. */
bool inv_draw(const struct inv_member *members, size_t member_count, enum inv_role role, size_t count,
              size_t *ret_picked);

#endif
