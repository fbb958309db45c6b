#include "investigation/domain/draft.h"

static const struct inv_fault NO_FAULT = {NULL, NULL};

static struct inv_fault guard(const char *name)
{
    return (struct inv_fault){"GUARD_FAILED", name};
}

static struct inv_fault invalid(const char *name)
{
    return (struct inv_fault){"FIELD_INVALID", name};
}

void inv_ruling_complete(struct inv_ruling *ruling)
{
    if (ruling->liability == INV_LIABILITY_MERCHANT && ruling->merchant_percent == 0) {
        ruling->merchant_percent = 100;
    }
}

static bool share_fits(const struct inv_ruling *ruling)
{
    switch (ruling->liability) {
    case INV_LIABILITY_MERCHANT:
        return ruling->merchant_percent == 100;
    case INV_LIABILITY_BOTH:
        return ruling->merchant_percent > 0 && ruling->merchant_percent < 100;
    case INV_LIABILITY_THIRD_PARTY: /* whoever is asked first may have to pay first */
        return ruling->merchant_percent >= 0 && ruling->merchant_percent <= 100;
    default:
        return ruling->merchant_percent == 0;
    }
}

static bool is_money(int32_t remedy)
{
    return remedy == INV_REMEDY_REFUND || remedy == INV_REMEDY_PART_REFUND || remedy == INV_REMEDY_RETURN_AND_REFUND ||
           remedy == INV_REMEDY_STATUTORY_MULTIPLE;
}

struct inv_fault inv_ruling_fault(const struct inv_ruling *ruling, bool cny, const struct inv_file_facts *file)
{
    bool nobody = ruling->liability == INV_LIABILITY_NONE || ruling->liability == INV_LIABILITY_CONSUMER;
    int64_t most = ruling->remedy == INV_REMEDY_STATUTORY_MULTIPLE ? file->asked_minor : file->unpaid_minor;
    if (ruling->liability < INV_LIABILITY_NONE || ruling->liability > INV_LIABILITY_THIRD_PARTY) {
        return invalid("liability stated");
    }
    if (ruling->remedy < INV_REMEDY_NONE || ruling->remedy > INV_REMEDY_STATUTORY_MULTIPLE) {
        return invalid("remedy stated");
    }
    if (ruling->amount_minor < 0 || (ruling->amount_minor > 0 && !cny)) {
        return invalid("amount in CNY");
    }
    if (!share_fits(ruling)) {
        return guard("share fits liability");
    }
    if (nobody && ruling->remedy != INV_REMEDY_NONE) {
        return guard("remedy fits liability");
    }
    if ((ruling->remedy == INV_REMEDY_NONE && ruling->amount_minor != 0) ||
        (is_money(ruling->remedy) && ruling->amount_minor == 0)) {
        return guard("amount fits remedy");
    }
    return ruling->amount_minor > most ? guard("amount within what is unpaid") : NO_FAULT;
}

struct inv_fault inv_draft_fault(const struct inv_draft *draft, const struct inv_file_facts *file)
{
    struct inv_fault fault = inv_ruling_fault(&draft->ruling, draft->cny, file);
    if (fault.code) {
        return fault;
    }
    if (!draft->reasons) {
        return guard("reasons given");
    }
    if (draft->unusable_count > 0) {
        return guard("evidence in the file and usable");
    }
    return draft->item_count == 0 && file->usable_count > 0 ? guard("evidence named") : NO_FAULT;
}

bool inv_ruling_same(const struct inv_ruling *a, const struct inv_ruling *b)
{
    return a->liability == b->liability && a->merchant_percent == b->merchant_percent && a->remedy == b->remedy &&
           a->amount_minor == b->amount_minor;
}

struct inv_fault inv_final_fault(const struct inv_ruling *draft, bool is_author, const struct inv_draft *asked,
                                 const struct inv_file_facts *file)
{
    if (!draft) {
        return guard("a draft stands");
    }
    if (is_author) {
        return (struct inv_fault){"CONFLICT_OF_INTEREST", "not the author"};
    }
    if (!asked) {
        return NO_FAULT;
    }
    struct inv_fault fault = inv_ruling_fault(&asked->ruling, asked->cny, file);
    if (fault.code) {
        return fault;
    }
    return !inv_ruling_same(draft, &asked->ruling) && !asked->reasons ? guard("change reasoned") : NO_FAULT;
}

static struct inv_fault panel_fault(const struct inv_vote *vote)
{
    if (vote->members != INV_PANEL_SIZE || vote->strangers > 0) {
        return guard("panel complete");
    }
    if (vote->votes_for < 0 || vote->votes_against < 0 || vote->votes_for > INV_PANEL_SIZE ||
        vote->votes_against > INV_PANEL_SIZE || vote->votes_for + vote->votes_against != INV_PANEL_SIZE ||
        vote->votes_for <= vote->votes_against) {
        return guard("majority recorded");
    }
    return vote->reasons ? NO_FAULT : guard("reasons given");
}

struct inv_fault inv_vote_fault(const struct inv_vote *vote, const struct inv_ruling *standing,
                                const struct inv_file_facts *file, struct inv_ruling *ret_ruling)
{
    struct inv_ruling ruling = vote->ruling;
    struct inv_fault fault = panel_fault(vote);
    if (fault.code) {
        return fault;
    }
    if (!standing) {
        return guard("a decision stands");
    }
    if (vote->verdict < INV_APPEAL_AFFIRM || vote->verdict > INV_APPEAL_ANNUL) {
        return invalid("verdict stated");
    }
    if (vote->verdict == INV_APPEAL_AFFIRM) {
        if (vote->has_ruling && !inv_ruling_same(&ruling, standing)) {
            return guard("affirmed as it stands");
        }
        *ret_ruling = *standing;
        return NO_FAULT;
    }
    if (vote->verdict == INV_APPEAL_ANNUL && !vote->has_ruling) {
        ruling = (struct inv_ruling){.liability = INV_LIABILITY_NONE, .remedy = INV_REMEDY_NONE};
    }
    fault = inv_ruling_fault(&ruling, vote->cny, file);
    if (fault.code) {
        return fault;
    }
    if (inv_ruling_same(&ruling, standing)) {
        return guard("it differs from what stands");
    }
    *ret_ruling = ruling;
    return NO_FAULT;
}

struct inv_fault inv_remand_fault(const struct inv_vote *vote)
{
    if (vote->members != INV_PANEL_SIZE || vote->strangers > 0) {
        return guard("panel complete");
    }
    return vote->reasons ? NO_FAULT : guard("reasons given");
}
