/* Drafts, finals and appeals: what must be complete before a finding is said. Pure. */
#ifndef INV_DRAFT_H
#define INV_DRAFT_H

#include "investigation/domain/rules.h"

/* Why an act has no effect. `code` NULL: it has. `guard` names what is missing, with GUARD_FAILED. Both static. */
struct inv_fault {
    const char *code;
    const char *guard;
};

/* What an act of staff says. */
struct inv_draft {
    struct inv_ruling ruling;
    bool cny;     /* the amount is in CNY, or nothing */
    bool reasons; /* are given */
    size_t item_count;
    size_t unusable_count; /* of them: not in the file, late, redacted, named twice */
};

/* What the file holds. */
struct inv_file_facts {
    int64_t unpaid_minor, asked_minor;
    size_t usable_count; /* items that could be relied on */
};

/* Fills in what follows from the liability: a merchant who alone is liable bears all. */
void inv_ruling_complete(struct inv_ruling *ruling);
/* Liability, share, remedy and amount belong together and within what is unpaid. */
struct inv_fault inv_ruling_fault(const struct inv_ruling *ruling, bool cny, const struct inv_file_facts *file);
/* E13. */
struct inv_fault inv_draft_fault(const struct inv_draft *draft, const struct inv_file_facts *file);
bool inv_ruling_same(const struct inv_ruling *a, const struct inv_ruling *b);

/* E14: `draft` is what stands in the file, NULL = none. `asked` NULL: as drafted. */
struct inv_fault inv_final_fault(const struct inv_ruling *draft, bool is_author, const struct inv_draft *asked,
                                 const struct inv_file_facts *file);

/* Values of disputes.console.v1.AppealVerdict. */
enum inv_appeal { INV_APPEAL_NONE = 0, INV_APPEAL_AFFIRM, INV_APPEAL_VARY, INV_APPEAL_ANNUL };

struct inv_vote {
    int32_t verdict;  /* enum inv_appeal */
    size_t members;   /* of the panel who sign the act */
    size_t strangers; /* who sign and are not of the panel */
    int32_t votes_for, votes_against;
    bool has_ruling;
    struct inv_ruling ruling;
    bool cny, reasons;
};
/* E16: `standing` is the decision appealed against, NULL = none. Gives the ruling that stands now. */
struct inv_fault inv_vote_fault(const struct inv_vote *vote, const struct inv_ruling *standing,
                                const struct inv_file_facts *file, struct inv_ruling *ret_ruling);
/* E16, Remand: signed by the whole panel, reasoned. */
struct inv_fault inv_remand_fault(const struct inv_vote *vote);

#endif
