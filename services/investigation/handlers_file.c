/* handlers_parts.h: evidence in custody, facts of the order, rounds. */
#include "common/base/codes.h"
#include "investigation/handlers_parts.h"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "rows of investigation");
}

/* --- evidence --- */

static struct dsp_err keep_snapshot(struct dsp_turn *turn, const struct inv_case_row *row,
                                    const struct inv_entry *entry)
{
    uint8_t hash[32];
    struct inv_snapshot_row *snapshot = inv_store_add(turn, INV_TABLE_SNAPSHOT, &row->head.case_id);
    if (!snapshot) {
        return full();
    }
    dsp_sha256(entry->snapshot, hash);
    snapshot->entry_seq = entry->sequence;
    snapshot->content = entry->snapshot;
    snapshot->sha256 = dsp_arena_copy(turn->arena, (struct dsp_str){(const char *)hash, sizeof hash});
    return snapshot->sha256.ptr ? dsp_ok() : full();
}

/* All of a paper's items are taken, or none: one answer for all of them. NULL: they can be. */
static const char *refusal_of(struct dsp_turn *turn, const struct inv_case_row *row, const struct inv_entry *entry)
{
    size_t held = inv_store_item_count(turn, &row->head.case_id, entry->role);
    for (size_t i = 0; i < entry->item_count; i++) {
        const struct inv_item_row *same = inv_store_item(turn, &row->head.case_id, entry->items[i].item_id);
        const struct inv_item *other = same ? &same->item : NULL;
        for (size_t j = 0; j < i && !other; j++) {
            other = dsp_str_equal(entry->items[j].item_id, entry->items[i].item_id) ? &entry->items[j] : NULL;
        }
        bool reserved = dsp_str_starts(entry->items[i].item_id, INV_ENTRY_ITEM);
        const char *code = reserved ? "FIELD_INVALID" : inv_item_refusal(&entry->items[i], other, held + i);
        if (code) {
            return code;
        }
    }
    return NULL;
}

static struct dsp_err refuse_items(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                                   const char *code)
{
    struct dsp_str *ids = dsp_arena_alloc(turn->arena, (entry->item_count + 1) * sizeof *ids);
    if (!ids) {
        return full();
    }
    for (size_t i = 0; i < entry->item_count; i++) {
        ids[i] = entry->items[i].item_id;
    }
    return inv_say_refused(turn, row, entry, ids, entry->item_count, code);
}

static struct inv_item_row *take_item(struct dsp_turn *turn, const struct inv_case_row *row,
                                      const struct inv_entry *entry, const struct inv_item *item,
                                      enum inv_item_state state)
{
    struct inv_item_row *kept = inv_store_item(turn, &row->head.case_id, item->item_id);
    if (kept) {
        return kept; /* the same bytes again */
    }
    kept = inv_store_add(turn, INV_TABLE_ITEM, &row->head.case_id);
    if (kept) {
        kept->item = *item;
        kept->side = entry->role;
        kept->state = (int32_t)state;
        kept->time_ms = entry->time_ms;
        kept->entry_seq = entry->sequence;
    }
    return kept;
}

/* An entry that carries items is answered once, AddEvidence without items too. */
static struct dsp_err on_paper(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                               struct inv_round_row **ret_sealed)
{
    struct inv_round_row *round = inv_store_round(turn, &row->head.case_id, entry->generation);
    enum inv_item_state state = entry->adds ? inv_item_arrives(round ? &round->round : NULL, entry->side)
                                            : INV_ITEM_IN_TIME;
    const char *code = refusal_of(turn, row, entry);
    if (code) {
        return refuse_items(turn, row, entry, code);
    }
    struct inv_item_row **taken = dsp_arena_alloc(turn->arena, (entry->item_count + 1) * sizeof *taken);
    if (!taken) {
        return full();
    }
    for (size_t i = 0; i < entry->item_count; i++) {
        taken[i] = take_item(turn, row, entry, &entry->items[i], state);
        if (!taken[i]) {
            return full();
        }
    }
    DSP_TRY(inv_say_registered(turn, row, entry, taken));
    if (!entry->done || !round || !inv_round_waits_for(&round->round, entry->side)) {
        return dsp_ok();
    }
    round->row.dirty = true;
    *ret_sealed = inv_round_done(&round->round, entry->side) ? round : *ret_sealed;
    return dsp_ok();
}

static struct dsp_err on_admit_late(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry)
{
    const struct inv_item_row *item = inv_store_item(turn, &row->head.case_id, entry->item_id);
    if (!item || item->state != INV_ITEM_LATE || !entry->draft.reasons) { /* only by a reasoned order */
        return inv_say_refused(turn, row, entry, &entry->item_id, 1, "GUARD_FAILED");
    }
    return inv_say_admitted(turn, row, entry, entry->item_id); /* changes once it stands in the log */
}

static void set_item(struct dsp_turn *turn, const struct inv_case_row *row, struct dsp_str item_id,
                     enum inv_item_input input)
{
    struct inv_item_row *item = inv_store_item(turn, &row->head.case_id, item_id);
    if (item) {
        item->state = (int32_t)inv_item_next((enum inv_item_state)item->state, input);
        item->row.dirty = true;
    }
}

/* What is known of the order, and what has been paid on it. The case row is dirty already. */
static void note_facts(struct inv_case_row *row, const struct inv_entry *entry)
{
    switch (entry->fact) {
    case INV_FACT_RECEIVED:
        row->received_ms = entry->fact_ms;
        break;
    case INV_FACT_LAST_SCAN:
        row->last_scan_ms = entry->fact_ms > row->last_scan_ms ? entry->fact_ms : row->last_scan_ms;
        break;
    case INV_FACT_REFUND:
        row->refund_ms = entry->fact_ms;
        break;
    case INV_FACT_MERCHANT_GONE:
        row->gone_ms = entry->fact_ms;
        break;
    default:
        break;
    }
    if (__builtin_add_overflow(row->given_minor, entry->given_minor, &row->given_minor)) {
        row->given_minor = INT64_MAX;
    }
}

struct dsp_err inv_on_file(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                           struct inv_round_row **ret_sealed)
{
    note_facts(row, entry);
    if (entry->snapshot.len) {
        DSP_TRY(keep_snapshot(turn, row, entry));
    }
    if (entry->words.item_id.len && !take_item(turn, row, entry, &entry->words, INV_ITEM_IN_TIME)) {
        return full();
    }
    if (entry->paper) {
        DSP_TRY(on_paper(turn, row, entry, ret_sealed));
    }
    if (entry->act == INV_ACT_ADMIT_LATE) {
        return on_admit_late(turn, row, entry);
    }
    if (entry->act == INV_ACT_REDACT) {
        set_item(turn, row, entry->item_id, INV_ITEM_INPUT_REDACT);
    }
    if (entry->own == INV_OWN_ADMITTED && !entry->refused) {
        set_item(turn, row, entry->item_id, INV_ITEM_INPUT_ADMIT);
    }
    return dsp_ok();
}

/* --- rounds --- */

static struct dsp_err open_round(struct dsp_turn *turn, const struct inv_case_row *row, const struct inv_entry *entry)
{
    const struct inv_round_row *before = inv_store_round(turn, &row->head.case_id, entry->generation);
    struct inv_round_row *round = inv_store_add(turn, INV_TABLE_ROUND, &row->head.case_id);
    if (!round) {
        return full();
    }
    round->generation = entry->generation;
    round->opened_seq = entry->sequence;
    round->round = inv_round_open(before ? before->round.number + 1 : 1, entry->asked ? entry->asked : INV_BOTH,
                                  entry->final);
    return dsp_ok();
}

static void end_round(struct inv_round_row *round, const struct inv_entry *entry, enum inv_round_input input)
{
    const struct inv_round_rule *rule = inv_round_rule(round->round.state, input);
    if (rule->allowed) {
        round->round.state = rule->next;
        round->sealed_seq = entry->sequence;
        round->row.dirty = true;
    }
}

struct dsp_err inv_on_rounds(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                             struct inv_round_row **ret_sealed)
{
    struct inv_round_row *round = inv_store_round(turn, &row->head.case_id, entry->generation);
    if (round && entry->own == INV_OWN_SEALED && !entry->refused) {
        end_round(round, entry, INV_ROUND_INPUT_SEAL);
    }
    if (round && entry->leaves) {
        end_round(round, entry, INV_ROUND_INPUT_LEAVE);
    }
    if (entry->opens) {
        DSP_TRY(open_round(turn, row, entry));
    }
    if (!round || !entry->missed || !inv_round_waits_for(&round->round, entry->missed)) {
        return dsp_ok();
    }
    round->row.dirty = true;
    *ret_sealed = inv_round_missed(&round->round, entry->missed) ? round : *ret_sealed;
    return dsp_ok();
}
