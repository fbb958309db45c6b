/* Generated messages ↔ domain structs of investigation. codec.c reads, codec_out.c writes; no other file of the
 * service sees generated names. */
#ifndef INV_CODEC_H
#define INV_CODEC_H

#include "common/service/platform.h"
#include "investigation/store.h"

/* What an act of staff asks investigation to do. */
enum inv_act {
    INV_ACT_NONE = 0,
    INV_ACT_ADMIT_LATE, /* `item_id` */
    INV_ACT_REDACT,     /* `item_id` */
    INV_ACT_ASSIGN,     /* `staff_id`, also for a take-over */
    INV_ACT_SEAT,       /* `staff_id` */
};

/* A finding of ours in the log. */
enum inv_own {
    INV_OWN_NONE = 0,
    INV_OWN_REGISTERED,
    INV_OWN_ADMITTED, /* `item_id` */
    INV_OWN_SEALED,
    INV_OWN_ASSIGNED, /* `people` */
    INV_OWN_REPLACED, /* `former_id`, `people` */
    INV_OWN_SEATED,   /* `staff_id` */
    INV_OWN_BLOCKED,  /* `staff_id` */
    INV_OWN_OTHER,
};

struct inv_named {
    struct dsp_str staff_id;
    int32_t role;
};

/* A decision that an entry files. */
struct inv_filed {
    struct dsp_str decision_id;
    int32_t basis, liability, merchant_percent, remedy;
    int64_t amount_minor;
    bool proposed; /* a draft */
    bool final;    /* T39, T40: ends the draft, if there is one */
    bool appeal;   /* a panel's: against the newest one */
    bool by_machine;
    bool by_default; /* the merchant asks by SetAside */
};

/* What investigation needs of a log entry. Lives in the turn's arena. */
struct inv_entry {
    const Disputes__Case__V1__Entry *entry; /* for dsp_head_advance */
    int64_t sequence;
    int64_t time_ms;
    int32_t generation;
    /* Papers. */
    bool paper; /* carries items, or is AddEvidence */
    bool adds;  /* AddEvidence */
    bool done;
    struct inv_item *items;
    size_t item_count;
    int32_t role; /* whose */
    enum inv_side side;
    struct dsp_str snapshot; /* JSON; empty: none */
    /* Rounds. */
    bool opens;
    int32_t asked;
    bool final;
    enum inv_side missed; /* K_round of a side is breached */
    bool leaves;          /* EVIDENCE is left */
    /* People. */
    bool needs_agent; /* EVIDENCE or INVESTIGATION is entered, or a return is disputed */
    bool other_agent; /* remanded */
    bool needs_panel;
    enum inv_act act;
    struct dsp_str item_id, staff_id, former_id;
    struct inv_named *people; /* of an own finding; else who acts for the platform here */
    size_t person_count;
    enum inv_own own;
    bool refused; /* `own` was refused */
    /* Decisions. */
    enum inv_decision_input input; /* for the newest decision */
    struct inv_filed *filed;       /* NULL: none */
};

/* Sets record->input to a struct inv_entry, or leaves it NULL when the record concerns no follower. */
DSP_MUST_USE struct dsp_err inv_decode_entry(struct dsp_turn *turn, struct dsp_record *record);
/* Facts of a new case, out of its first entry. */
void inv_read_claim(const struct inv_entry *entry, struct inv_case_row *row);
/* Staff of the platform at an instant, in the order in which they are drawn; conflicts as declared with the two
 * sides of the case, `touched` false. count 0: none is known. */
DSP_MUST_USE struct dsp_err inv_read_staff(const struct dsp_platforms *platforms, struct dsp_arena *arena,
                                           const struct inv_case_row *row, int64_t time_ms,
                                           struct inv_member **ret_members, size_t *ret_count);

/* JSON of what a decision stands on, in `arena`. `snapshot` NULL: none. */
DSP_MUST_USE struct dsp_err inv_facts_json(struct dsp_arena *arena, const struct inv_case_row *row,
                                           const struct inv_entry *entry, const struct inv_snapshot_row *snapshot,
                                           struct dsp_str *ret_json);
DSP_MUST_USE struct dsp_err inv_evidence_json(struct dsp_arena *arena, const struct dsp_list *items,
                                              struct dsp_str *ret_json);

/* Findings. Each publishes one record about the case, in answer to an entry. */
DSP_MUST_USE struct dsp_err inv_say_registered(struct dsp_turn *turn, struct inv_case_row *row,
                                               const struct inv_entry *entry, struct inv_item_row *const *items);
DSP_MUST_USE struct dsp_err inv_say_refused(struct dsp_turn *turn, struct inv_case_row *row,
                                            const struct inv_entry *entry, const struct dsp_str *item_ids, size_t count,
                                            const char *code);
DSP_MUST_USE struct dsp_err inv_say_admitted(struct dsp_turn *turn, struct inv_case_row *row,
                                             const struct inv_entry *entry, struct dsp_str item_id);
DSP_MUST_USE struct dsp_err inv_say_sealed(struct dsp_turn *turn, struct inv_case_row *row,
                                           const struct inv_entry *entry, const struct inv_round *round);
DSP_MUST_USE struct dsp_err inv_say_assigned(struct dsp_turn *turn, struct inv_case_row *row,
                                             const struct inv_entry *entry, const struct inv_named *people,
                                             size_t count);
DSP_MUST_USE struct dsp_err inv_say_replaced(struct dsp_turn *turn, struct inv_case_row *row,
                                             const struct inv_entry *entry, struct dsp_str former_id,
                                             const struct inv_named *person);
DSP_MUST_USE struct dsp_err inv_say_seated(struct dsp_turn *turn, struct inv_case_row *row,
                                           const struct inv_entry *entry, struct dsp_str staff_id);
DSP_MUST_USE struct dsp_err inv_say_blocked(struct dsp_turn *turn, struct inv_case_row *row,
                                            const struct inv_entry *entry, struct dsp_str staff_id, const char *code);

#endif
