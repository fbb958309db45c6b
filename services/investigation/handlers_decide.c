/* handlers_parts.h: seals with their rules, drafts, finals, signatures, appeals. */
#include <stdio.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "investigation/handlers_parts.h"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "rows of investigation");
}

/* The same entry gives the same id, however often the log is read. */
static struct dsp_err ruling_id(struct dsp_turn *turn, const struct inv_case_row *row, const struct inv_entry *entry,
                                struct dsp_str *ret_id)
{
    char text[DSP_UUID_TEXT_BYTES];
    snprintf(text, sizeof text, "ruling %lld", (long long)entry->sequence);
    struct dsp_uuid id = dsp_uuid_derive(&row->head.case_id, dsp_str_from(text));
    dsp_uuid_format(&id, text);
    *ret_id = dsp_arena_copy(turn->arena, dsp_str_from(text));
    return ret_id->ptr ? dsp_ok() : full();
}

static struct inv_ruling ruling_of(const struct inv_decision_row *decision)
{
    return (struct inv_ruling){decision->liability, decision->merchant_percent, decision->remedy,
                               decision->amount_minor};
}

static struct inv_named actor_of(const struct inv_entry *entry)
{
    return entry->person_count ? entry->people[0] : (struct inv_named){.staff_id = {NULL, 0}};
}

/* Kept until somebody signs. */
static struct dsp_err put_aside(struct dsp_turn *turn, const struct inv_case_row *row, const struct inv_entry *entry,
                                const struct inv_decided *decided)
{
    struct dsp_str bytes;
    struct inv_pending_row *pending = inv_store_add(turn, INV_TABLE_PENDING, &row->head.case_id);
    if (!pending) {
        return full();
    }
    DSP_TRY(inv_pack_decision(turn, row, decided, &bytes));
    pending->entry_seq = entry->sequence;
    pending->generation = entry->generation;
    pending->subject = decided->what == INV_SAY_RULE ? decided->rule_id : decided->ruling_id;
    pending->author = decided->author.staff_id;
    pending->state = INV_PENDING_WAITING;
    pending->finding = bytes;
    return dsp_ok();
}

/* --- rules --- */

static struct dsp_err try_rules(const struct inv *inv, struct dsp_turn *turn, const struct inv_case_row *row,
                                struct inv_case_file *file)
{
    const struct inv_rule *rules;
    size_t count;
    struct inv_found *found = dsp_arena_alloc(turn->arena, sizeof *found);
    if (!found) {
        return full();
    }
    DSP_TRY(inv_read_rules(dsp_service_platforms(inv->service), turn->arena, row, &rules, &count));
    found->relied = file->relied;
    inv_rules_try(&file->facts, rules, count, found);
    file->found = found;
    return dsp_ok();
}

struct dsp_err inv_seal(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                        const struct inv_entry *entry, struct inv_round_row *round)
{
    enum { NONE = 1, FOUND, COSIGN };
    struct inv_case_file file;
    DSP_TRY(inv_open_file(turn, row, entry, &file));
    DSP_TRY(try_rules(inv, turn, row, &file));
    const struct inv_rule *rule = file.found->rule;
    struct inv_limits limits = inv_read_limits(dsp_service_platforms(inv->service), row);
    bool signs = rule && file.found->ruling.amount_minor > limits.rule_cosign_minor;
    round->result = !rule ? NONE : signs ? COSIGN : FOUND;
    round->rule_id = rule ? rule->rule_id : (struct dsp_str){NULL, 0};
    round->row.dirty = true;
    dsp_log(DSP_LOG_DEBUG, "round", DSP_F_UUID("dispute.case_id", &round->case_id),
            DSP_F_INT("dispute.round", round->round.number),
            DSP_F_TEXT("dispute.to", inv_round_state_name((int)round->round.state)));
    DSP_TRY(inv_say_sealed(turn, row, entry, round));
    if (!rule) {
        return dsp_ok();
    }
    struct inv_decided decided = {
        .what = INV_SAY_RULE, .ruling = file.found->ruling, .rule_id = rule->rule_id, .file = &file};
    DSP_TRY(ruling_id(turn, row, entry, &decided.ruling_id));
    return signs ? put_aside(turn, row, entry, &decided) : inv_say_decision(turn, row, entry, &decided);
}

/* --- drafts --- */

/* Items that are named twice, unknown, late or hidden cannot be relied on. */
static size_t rely_on(const struct inv_entry *entry, struct inv_case_file *file)
{
    size_t unusable = 0;
    for (size_t i = 0; i < entry->item_id_count; i++) {
        bool taken = false;
        for (size_t j = 0; j < file->items->count && !taken; j++) {
            const struct inv_item_row *row = file->items->items[j];
            taken = dsp_str_equal(row->item.item_id, entry->item_ids[i]) && file->facts.exhibits[j].usable &&
                    !file->relied[j];
            file->relied[j] = file->relied[j] || taken;
        }
        unusable += !taken;
    }
    return unusable;
}

static struct dsp_err on_proposal(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                                  const struct inv_entry *entry)
{
    static const struct inv_fault REPLACED = {"STALE", "a later proposal took its place"};
    struct inv_case_file file;
    struct inv_draft draft = entry->draft;
    DSP_TRY(inv_open_file(turn, row, entry, &file));
    draft.item_count = entry->item_id_count;
    draft.unusable_count = rely_on(entry, &file);
    struct inv_fault fault = inv_draft_fault(&draft, &file.limits);
    if (fault.code) {
        return inv_say_draft_refused(turn, row, entry, entry->sequence, &fault);
    }
    struct inv_decided decided = {.what = INV_SAY_DRAFT,
                                  .ruling = draft.ruling,
                                  .author = actor_of(entry),
                                  .file = &file,
                                  .reasons = entry->reasons};
    DSP_TRY(ruling_id(turn, row, entry, &decided.ruling_id));
    struct inv_pending_row *before = inv_store_waiting(turn, &row->head.case_id);
    if (before) {
        before->state = INV_PENDING_LAPSED;
        before->row.dirty = true;
        DSP_TRY(inv_say_draft_refused(turn, row, entry, before->entry_seq, &REPLACED));
    }
    struct inv_limits limits = inv_read_limits(dsp_service_platforms(inv->service), row);
    return draft.ruling.amount_minor > limits.high_value_minor ? put_aside(turn, row, entry, &decided)
                                                               : inv_say_decision(turn, row, entry, &decided);
}

/* The platform was too slow: the rules once more, then the burden of proof. R must own what comes of it. */
static struct dsp_err on_engine(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                                const struct inv_entry *entry)
{
    struct inv_case_file file;
    struct inv_burden burden;
    DSP_TRY(inv_open_file(turn, row, entry, &file));
    DSP_TRY(try_rules(inv, turn, row, &file));
    struct inv_decided decided = {.what = INV_SAY_DRAFT, .ruling = file.found->ruling, .file = &file};
    DSP_TRY(ruling_id(turn, row, entry, &decided.ruling_id));
    if (!file.found->rule) {
        burden = inv_burden_of(&file.facts);
        file.burden = &burden;
        decided.ruling = inv_burden_ruling(&file.facts, &burden);
        for (size_t i = 0; i < file.items->count; i++) {
            file.relied[i] = file.facts.exhibits[i].usable;
        }
    }
    return inv_say_decision(turn, row, entry, &decided);
}

/* E14: the draft as it stands, or as R changes it; comments are heard. */
static struct dsp_err on_final(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry)
{
    struct inv_case_file file;
    const struct inv_decision_row *newest = inv_store_decision(turn, &row->head.case_id);
    const struct inv_decision_row *draft = newest && newest->state == INV_DECISION_PROPOSED ? newest : NULL;
    struct inv_ruling drafted = draft ? ruling_of(draft) : (struct inv_ruling){0};
    struct inv_named reviewer = actor_of(entry);
    bool is_author = draft && draft->author.len && dsp_str_equal(draft->author, reviewer.staff_id);
    DSP_TRY(inv_open_file(turn, row, entry, &file));
    struct inv_fault fault = inv_final_fault(draft ? &drafted : NULL, is_author,
                                             entry->has_ruling ? &entry->draft : NULL, &file.limits);
    if (!draft || fault.code) {
        return inv_say_draft_refused(turn, row, entry, entry->sequence, &fault);
    }
    inv_mark_evidence(draft->evidence, &file);
    for (size_t i = 0; i < file.items->count; i++) {
        const struct inv_exhibit *exhibit = &file.facts.exhibits[i];
        file.relied[i] = file.relied[i] || (exhibit->comment && exhibit->usable);
    }
    struct inv_ruling ruling = entry->has_ruling ? entry->draft.ruling : drafted;
    struct inv_decided decided = {.what = INV_SAY_FINAL,
                                  .ruling = ruling,
                                  .ruling_id = draft->decision_id,
                                  .author = reviewer,
                                  .changed = !inv_ruling_same(&ruling, &drafted),
                                  .file = &file,
                                  .reasons = entry->reasons};
    return inv_say_decision(turn, row, entry, &decided);
}

/* --- signatures --- */

/* E15. What it signs says itself; a round beyond the third is the docket's. */
static struct dsp_err on_signature(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry)
{
    static const struct inv_fault UNSIGNED = {"GUARD_FAILED", "co-signed"};
    struct inv_pending_row *waiting = inv_store_waiting(turn, &row->head.case_id);
    struct inv_named signer = actor_of(entry);
    if (!waiting || (entry->subject.len && !dsp_str_equal(entry->subject, waiting->subject)) ||
        dsp_str_equal(signer.staff_id, waiting->author)) {
        return dsp_ok();
    }
    bool is_draft = waiting->author.len > 0;
    waiting->signer = signer.staff_id;
    waiting->state = entry->act == INV_ACT_CO_SIGN ? INV_PENDING_SAID : INV_PENDING_REFUSED;
    waiting->row.dirty = true;
    if (entry->act == INV_ACT_CO_SIGN) {
        return inv_say_signed(turn, row, entry, waiting->finding, is_draft ? waiting->entry_seq : entry->sequence,
                              &signer);
    }
    return is_draft ? inv_say_draft_refused(turn, row, entry, waiting->entry_seq, &UNSIGNED) : dsp_ok();
}

/* --- appeals --- */

/* Counts each who signs once. */
static struct inv_vote count_panel(struct dsp_turn *turn, const struct inv_case_row *row, const struct inv_entry *entry)
{
    struct inv_vote vote = entry->vote;
    for (size_t i = 0; i < entry->person_count; i++) {
        bool again = false;
        for (size_t j = 0; j < i && !again; j++) {
            again = dsp_str_equal(entry->people[i].staff_id, entry->people[j].staff_id);
        }
        bool sits = inv_on_panel(turn, row, entry->people[i].staff_id);
        vote.members += !again && sits;
        vote.strangers += !sits;
    }
    return vote;
}

static struct dsp_err on_appeal(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry)
{
    struct inv_case_file file;
    const struct inv_decision_row *standing = inv_store_decision(turn, &row->head.case_id);
    struct inv_ruling before = standing ? ruling_of(standing) : (struct inv_ruling){0};
    struct inv_vote vote = count_panel(turn, row, entry);
    struct inv_decided decided = {.what = INV_SAY_APPEAL,
                                  .vote = &vote,
                                  .panel = entry->people,
                                  .panel_count = entry->person_count,
                                  .file = &file,
                                  .reasons = entry->reasons};
    DSP_TRY(inv_open_file(turn, row, entry, &file));
    struct inv_fault fault = inv_vote_fault(&vote, standing ? &before : NULL, &file.limits, &decided.ruling);
    if (!standing || fault.code) {
        return inv_say_draft_refused(turn, row, entry, entry->sequence, &fault);
    }
    for (size_t i = 0; i < file.items->count; i++) {
        file.relied[i] = file.facts.exhibits[i].usable;
    }
    if (vote.verdict == INV_APPEAL_AFFIRM) {
        decided.ruling_id = standing->decision_id;
    } else {
        DSP_TRY(ruling_id(turn, row, entry, &decided.ruling_id));
    }
    return inv_say_decision(turn, row, entry, &decided);
}

static struct dsp_err on_remand(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry)
{
    struct inv_vote vote = count_panel(turn, row, entry);
    struct inv_fault fault = inv_remand_fault(&vote);
    const struct inv_person_row *former = inv_in_charge(turn, row);
    if (fault.code) {
        return inv_say_draft_refused(turn, row, entry, entry->sequence, &fault);
    }
    return inv_say_remanded(turn, row, entry, former ? former->staff_id : (struct dsp_str){NULL, 0});
}

struct dsp_err inv_on_deciding(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                               const struct inv_entry *entry)
{
    switch ((int)entry->act) {
    case INV_ACT_PROPOSE:
        return on_proposal(inv, turn, row, entry);
    case INV_ACT_FINALISE:
        return on_final(turn, row, entry);
    case INV_ACT_CO_SIGN:
    case INV_ACT_REFUSE:
        return on_signature(turn, row, entry);
    case INV_ACT_DECIDE_APPEAL:
        return on_appeal(turn, row, entry);
    case INV_ACT_REMAND:
        return on_remand(turn, row, entry);
    default:
        return entry->overdue == INV_OVERDUE_DRAFT ? on_engine(inv, turn, row, entry) : dsp_ok();
    }
}
