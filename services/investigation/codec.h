/* Generated messages ↔ domain structs of investigation. codec.c reads entries, codec_acts.c the acts and findings in
 * them, codec_platform.c rules, limits and staff; codec_out.c and codec_decision.c write findings. No other file of
 * the service sees generated names. */
#ifndef INV_CODEC_H
#define INV_CODEC_H

#include "common/service/platform.h"
#include "investigation/domain/draft.h"
#include "investigation/store.h"

/* What an act of staff asks investigation to do. */
enum inv_act {
    INV_ACT_NONE = 0,
    INV_ACT_ADMIT_LATE,    /* `item_id` */
    INV_ACT_REDACT,        /* `item_id` */
    INV_ACT_ASSIGN,        /* `staff_id`, also for a take-over */
    INV_ACT_SEAT,          /* `staff_id` */
    INV_ACT_PROPOSE,       /* `draft`, `item_ids` */
    INV_ACT_FINALISE,      /* `draft` when `has_ruling` */
    INV_ACT_CO_SIGN,       /* `subject` */
    INV_ACT_REFUSE,        /* `subject` */
    INV_ACT_DECIDE_APPEAL, /* `vote` */
    INV_ACT_REMAND,        /* `vote` */
};

/* What a clock asks investigation to do. */
enum inv_overdue {
    INV_OVERDUE_NONE = 0,
    INV_OVERDUE_AGENT,  /* another agent, if one is free */
    INV_OVERDUE_PANEL,  /* other members of the panel, as far as there are any */
    INV_OVERDUE_DRAFT,  /* the engine's draft */
    INV_OVERDUE_REVIEW, /* a panel beside R who is silent */
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
    int32_t basis;
    struct inv_ruling ruling;
    struct dsp_str facts, evidence; /* JSON out of the finding; empty: it has none */
    struct dsp_str rule_id, author, decided_by, cosigner;
    int32_t verdict; /* enum inv_appeal; 0: not said */
    bool proposed;   /* a draft */
    bool final;      /* T39, T40: ends the draft, if there is one */
    bool appeal;     /* a panel's: against the newest one */
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
    struct inv_item words; /* of a comment: an item of its own; item_id empty: none */
    struct inv_item *items;
    size_t item_count;
    int32_t role; /* whose */
    enum inv_side side;
    struct dsp_str snapshot; /* JSON; empty: none */
    int32_t fact;            /* enum inv_fact that is reported; 0: none */
    int64_t fact_ms;
    int64_t given_minor; /* a payment on the order line that is certain now */
    /* Rounds. */
    bool opens;
    int32_t asked;
    bool final;
    enum inv_side missed; /* K_round of a side is breached */
    bool leaves;          /* EVIDENCE is left */
    bool leaves_hearing;  /* EVIDENCE or INVESTIGATION is left: what waits for a signature lapses */
    bool over;            /* the case is closed by it */
    /* People. */
    bool needs_agent; /* EVIDENCE or INVESTIGATION is entered, or a return is disputed */
    bool other_agent; /* remanded */
    bool refiled;     /* filed again: somebody else is drawn when it is heard */
    bool needs_panel;
    enum inv_overdue overdue;
    enum inv_act act;
    struct dsp_str subject;
    bool has_ruling;
    struct inv_draft draft; /* counts of items: by whoever has the file */
    struct inv_vote vote;   /* members: by whoever has the people */
    struct dsp_str *item_ids;
    size_t item_id_count;
    const Disputes__Common__V1__Text *reasons;
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
/* The halves of it in codec_acts.c: what staff do, and our own findings. */
DSP_MUST_USE struct dsp_err inv_decode_console(struct dsp_turn *turn, const Disputes__Console__V1__Command *command,
                                               struct inv_entry *input);
DSP_MUST_USE struct dsp_err inv_decode_own(struct dsp_turn *turn, const Disputes__Investigation__V1__Finding *finding,
                                           struct inv_entry *input);
/* What a decision of ours says of itself, into `filed`. */
DSP_MUST_USE struct dsp_err inv_decode_grounds(struct dsp_turn *turn,
                                               const Disputes__Investigation__V1__Finding *finding,
                                               struct inv_filed *filed);
DSP_MUST_USE struct dsp_err inv_decode_filing(struct dsp_turn *turn, const Disputes__Gateway__V1__FileComplaint *filing,
                                              struct inv_entry *input);
struct inv_ruling inv_decode_ruling(const Disputes__Common__V1__Ruling *ruling, bool *ret_cny);
/* Facts of a new case, out of its first entry. */
void inv_read_claim(const struct inv_entry *entry, struct inv_case_row *row);

/* --- the platform --- */

/* RETRY NOT_READY: the entry pins a version of policy or rules that has not been read yet. */
DSP_MUST_USE struct dsp_err inv_await_platform(const struct dsp_platforms *platforms,
                                               const Disputes__Case__V1__Entry *entry);
/* Staff of the platform at an instant, in the order in which they are drawn; conflicts as declared with the two
 * sides of the case, `touched` false. count 0: none is known. */
DSP_MUST_USE struct dsp_err inv_read_staff(const struct dsp_platforms *platforms, struct dsp_arena *arena,
                                           const struct inv_case_row *row, int64_t time_ms,
                                           struct inv_member **ret_members, size_t *ret_count);
/* The rule set that the case has pinned. */
DSP_MUST_USE struct dsp_err inv_read_rules(const struct dsp_platforms *platforms, struct dsp_arena *arena,
                                           const struct inv_case_row *row, const struct inv_rule **ret_rules,
                                           size_t *ret_count);
struct inv_limits {
    int64_t rule_cosign_minor, high_value_minor;
};
/* Of the policy that the case has pinned; start values of docs/MACHINE.md where it has none. */
struct inv_limits inv_read_limits(const struct dsp_platforms *platforms, const struct inv_case_row *row);

/* --- what a decision stands on --- */

/* The file of a case as rules and drafts see it. All in the turn's arena. */
struct inv_case_file {
    struct inv_facts facts;
    struct inv_file_facts limits;
    const struct dsp_list *items; /* struct inv_item_row; one exhibit of `facts` each */
    bool *relied;                 /* one each: the decision stands on it */
    int64_t time_ms;
    const struct inv_found *found;   /* NULL: rules were not tried */
    const struct inv_burden *burden; /* NULL: no draft of the engine */
};
/* JSON of grounds and evidence for the file, in `arena`. */
DSP_MUST_USE struct dsp_err inv_grounds_json(struct dsp_arena *arena, const struct inv_case_row *row,
                                             const struct inv_case_file *file, struct dsp_str *ret_facts,
                                             struct dsp_str *ret_evidence);
/* Marks the items that an earlier decision stands on. */
void inv_mark_evidence(struct dsp_str evidence_json, struct inv_case_file *file);

/* A decision that is about to be said. */
enum inv_saying { INV_SAY_RULE, INV_SAY_DRAFT, INV_SAY_FINAL, INV_SAY_APPEAL };
struct inv_decided {
    enum inv_saying what;
    struct inv_ruling ruling;
    struct dsp_str ruling_id;
    struct dsp_str rule_id;        /* RULE */
    struct inv_named author;       /* DRAFT: id empty = the engine; FINAL: who makes it final */
    struct inv_named cosigner;     /* id empty: nobody */
    bool changed;                  /* FINAL */
    const struct inv_vote *vote;   /* APPEAL */
    const struct inv_named *panel; /* APPEAL */
    size_t panel_count;
    const struct inv_case_file *file;
    const Disputes__Common__V1__Text *reasons; /* as sealed; NULL: none */
};
DSP_MUST_USE struct dsp_err inv_say_decision(struct dsp_turn *turn, struct inv_case_row *row,
                                             const struct inv_entry *entry, const struct inv_decided *decided);
/* The same finding, kept until somebody signs. */
DSP_MUST_USE struct dsp_err inv_pack_decision(struct dsp_turn *turn, const struct inv_case_row *row,
                                              const struct inv_decided *decided, struct dsp_str *ret_bytes);
/* Says a packed finding in answer to `answers`, signed. */
DSP_MUST_USE struct dsp_err inv_say_signed(struct dsp_turn *turn, struct inv_case_row *row,
                                           const struct inv_entry *entry, struct dsp_str bytes, int64_t answers,
                                           const struct inv_named *signer);
DSP_MUST_USE struct dsp_err inv_say_draft_refused(struct dsp_turn *turn, struct inv_case_row *row,
                                                  const struct inv_entry *entry, int64_t answers,
                                                  const struct inv_fault *fault);
DSP_MUST_USE struct dsp_err inv_say_remanded(struct dsp_turn *turn, struct inv_case_row *row,
                                             const struct inv_entry *entry, struct dsp_str former_id);
/* Publishes a finding about the case in answer to an entry. */
DSP_MUST_USE struct dsp_err inv_say(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                                    int64_t answers, Disputes__Investigation__V1__Finding *finding);

/* Findings. Each publishes one record about the case, in answer to an entry. */
DSP_MUST_USE struct dsp_err inv_say_registered(struct dsp_turn *turn, struct inv_case_row *row,
                                               const struct inv_entry *entry, struct inv_item_row *const *items);
DSP_MUST_USE struct dsp_err inv_say_refused(struct dsp_turn *turn, struct inv_case_row *row,
                                            const struct inv_entry *entry, const struct dsp_str *item_ids, size_t count,
                                            const char *code);
DSP_MUST_USE struct dsp_err inv_say_admitted(struct dsp_turn *turn, struct inv_case_row *row,
                                             const struct inv_entry *entry, struct dsp_str item_id);
DSP_MUST_USE struct dsp_err inv_say_sealed(struct dsp_turn *turn, struct inv_case_row *row,
                                           const struct inv_entry *entry, const struct inv_round_row *round);
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
