#include "investigation/handlers.h"

#include "common/base/codes.h"
#include "common/base/log.h"
#include "investigation/codec.h"

struct dsp_err inv_start(void *self, struct dsp_service *service)
{
    ((struct inv *)self)->service = service;
    return dsp_ok();
}

struct dsp_err inv_decode(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    (void)self;
    return record->kind == DSP_RECORD_MESSAGE ? inv_decode_entry(turn, record) : dsp_ok();
}

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
        const char *code = inv_item_refusal(&entry->items[i], other, held + i);
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

/* A round that nobody is waited for any more is sealed; the rules have found nothing. */
static struct dsp_err seal(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                           struct inv_round_row *round)
{
    round->row.dirty = true;
    dsp_log(DSP_LOG_INFO, "round", DSP_F_UUID("dispute.case_id", &round->case_id),
            DSP_F_INT("dispute.round", round->round.number),
            DSP_F_TEXT("dispute.to", inv_round_state_name((int)round->round.state)));
    return inv_say_sealed(turn, row, entry, &round->round);
}

/* An entry that carries items is answered once, AddEvidence without items too. */
static struct dsp_err on_paper(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry)
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
    return inv_round_done(&round->round, entry->side) ? seal(turn, row, entry, round) : dsp_ok();
}

static struct dsp_err on_admit_late(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry)
{
    const struct inv_item_row *item = inv_store_item(turn, &row->head.case_id, entry->item_id);
    if (!item || item->state != INV_ITEM_LATE) {
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

static struct dsp_err on_rounds(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry)
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
    return inv_round_missed(&round->round, entry->missed) ? seal(turn, row, entry, round) : dsp_ok();
}

/* --- people --- */

static struct dsp_err stand(struct dsp_turn *turn, const struct inv_case_row *row, const struct inv_entry *entry,
                            const struct inv_named *who, enum inv_standing standing)
{
    struct inv_person_row *person = inv_store_person(turn, &row->head.case_id, who->staff_id);
    if (person && standing == INV_STANDING_ACTED) {
        return dsp_ok(); /* stands higher already */
    }
    person = person ? person : inv_store_add(turn, INV_TABLE_PERSON, &row->head.case_id);
    if (!person) {
        return full();
    }
    person->staff_id = who->staff_id;
    person->role = who->role ? who->role : person->role;
    person->standing = (int32_t)standing;
    person->generation = entry->generation;
    person->entry_seq = entry->sequence;
    person->row.dirty = true;
    return dsp_ok();
}

/* Staff as of the entry's instant; who has touched the case is marked. For an agent it is having had it, for a
 * panel any act in it. */
static struct dsp_err staff_of(const struct inv *inv, struct dsp_turn *turn, const struct inv_case_row *row,
                               const struct inv_entry *entry, enum inv_role role, struct inv_member **ret_members,
                               size_t *ret_count)
{
    DSP_TRY(
        inv_read_staff(dsp_service_platforms(inv->service), turn->arena, row, entry->time_ms, ret_members, ret_count));
    for (size_t i = 0; i < *ret_count; i++) {
        struct inv_member *member = &(*ret_members)[i];
        const struct inv_person_row *person = inv_store_person(turn, &row->head.case_id, member->staff_id);
        member->touched = person && (role == INV_ROLE_PANEL || person->standing != INV_STANDING_ACTED);
    }
    return dsp_ok();
}

static struct dsp_err draw(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                           const struct inv_entry *entry, enum inv_role role, bool *ret_drawn)
{
    struct inv_member *members;
    size_t count;
    size_t picked[INV_PANEL_SIZE];
    struct inv_named people[INV_PANEL_SIZE];
    size_t wanted = role == INV_ROLE_PANEL ? INV_PANEL_SIZE : 1;
    DSP_TRY(staff_of(inv, turn, row, entry, role, &members, &count));
    *ret_drawn = inv_draw(members, count, role, wanted, picked);
    if (!*ret_drawn) {
        dsp_log(DSP_LOG_WARN, "nobody is free to be drawn", DSP_F_UUID("dispute.case_id", &row->head.case_id),
                DSP_F_INT("dispute.sequence", entry->sequence), DSP_F_INT("dispute.role", (int)role));
        return dsp_ok();
    }
    for (size_t i = 0; i < wanted; i++) {
        people[i] = (struct inv_named){members[picked[i]].staff_id, (int32_t)role};
        DSP_TRY(stand(turn, row, entry, &people[i], INV_STANDING_NAMED));
    }
    return inv_say_assigned(turn, row, entry, people, wanted);
}

static struct dsp_err on_draws(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                               const struct inv_entry *entry)
{
    bool drawn = false;
    if (entry->other_agent || (entry->needs_agent && row->agent_generation != entry->generation)) {
        DSP_TRY(draw(inv, turn, row, entry, INV_ROLE_AGENT, &drawn));
        row->agent_generation = drawn ? entry->generation : row->agent_generation;
    }
    return entry->needs_panel ? draw(inv, turn, row, entry, INV_ROLE_PANEL, &drawn) : dsp_ok();
}

static const struct inv_person_row *in_charge(struct dsp_turn *turn, const struct inv_case_row *row)
{
    const struct inv_person_row *found = NULL;
    struct dsp_list *list = dsp_rows_of(turn->rows, &INV_TABLES[INV_TABLE_PERSON], dsp_uuid_str(&row->head.case_id));
    for (size_t i = 0; i < list->count; i++) {
        const struct inv_person_row *person = list->items[i];
        bool agent = person->role == INV_ROLE_AGENT &&
                     (person->standing == INV_STANDING_IN_CHARGE || person->standing == INV_STANDING_NAMED);
        found = agent ? person : found;
    }
    return found;
}

/* E12: names an agent or seats an observer. */
static struct dsp_err on_naming(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                                const struct inv_entry *entry)
{
    struct inv_member *members;
    size_t count;
    const struct inv_member *member = NULL;
    DSP_TRY(staff_of(inv, turn, row, entry, INV_ROLE_AGENT, &members, &count));
    for (size_t i = 0; i < count && !member; i++) {
        member = dsp_str_equal(members[i].staff_id, entry->staff_id) ? &members[i] : NULL;
    }
    bool assigns = entry->act == INV_ACT_ASSIGN;
    if (!member || (assigns && member->role != INV_ROLE_AGENT)) {
        return inv_say_blocked(turn, row, entry, entry->staff_id, "GUARD_FAILED");
    }
    if (member->conflict) {
        return inv_say_blocked(turn, row, entry, entry->staff_id, "CONFLICT_OF_INTEREST");
    }
    struct inv_named person = {member->staff_id, member->role};
    if (!assigns) {
        return inv_say_seated(turn, row, entry, entry->staff_id);
    }
    const struct inv_person_row *former = in_charge(turn, row);
    struct dsp_str former_id = former ? former->staff_id : (struct dsp_str){NULL, 0};
    row->agent_generation = entry->generation;
    if (former && dsp_str_equal(former_id, person.staff_id)) {
        return inv_say_assigned(turn, row, entry, &person, 1); /* in charge already: said again */
    }
    DSP_TRY(stand(turn, row, entry, &person, INV_STANDING_NAMED));
    return former ? inv_say_replaced(turn, row, entry, former_id, &person)
                  : inv_say_assigned(turn, row, entry, &person, 1);
}

/* Somebody's standing changes for good once it stands in the log. */
static struct dsp_err on_people_logged(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry)
{
    struct inv_named one = {.staff_id = entry->staff_id};
    bool named = entry->own == INV_OWN_ASSIGNED || entry->own == INV_OWN_REPLACED;
    for (size_t i = 0; named && i < entry->person_count; i++) {
        DSP_TRY(
            stand(turn, row, entry, &entry->people[i], entry->refused ? INV_STANDING_FORMER : INV_STANDING_IN_CHARGE));
    }
    if (named && entry->refused && entry->own == INV_OWN_ASSIGNED) {
        row->agent_generation = 0;
    }
    if (entry->refused) {
        return dsp_ok();
    }
    if (entry->own == INV_OWN_REPLACED) {
        struct inv_named former = {.staff_id = entry->former_id};
        return stand(turn, row, entry, &former, INV_STANDING_FORMER);
    }
    if (entry->own == INV_OWN_SEATED) {
        one.role = INV_ROLE_OBSERVER;
        return stand(turn, row, entry, &one, INV_STANDING_OBSERVER);
    }
    return entry->own == INV_OWN_BLOCKED ? stand(turn, row, entry, &one, INV_STANDING_BLOCKED) : dsp_ok();
}

static struct dsp_err on_people(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                                const struct inv_entry *entry)
{
    if (entry->own) {
        return on_people_logged(turn, row, entry);
    }
    for (size_t i = 0; i < entry->person_count; i++) {
        DSP_TRY(stand(turn, row, entry, &entry->people[i], INV_STANDING_ACTED));
    }
    return entry->act == INV_ACT_ASSIGN || entry->act == INV_ACT_SEAT ? on_naming(inv, turn, row, entry) : dsp_ok();
}

/* --- decisions --- */

static void set_decision(struct inv_decision_row *decision, enum inv_decision_input input)
{
    const struct inv_decision_rule *rule = decision ? inv_decision_rule((enum inv_decision_state)decision->state, input)
                                                    : NULL;
    if (rule && rule->allowed) {
        dsp_log(DSP_LOG_INFO, "decision", DSP_F_UUID("dispute.case_id", &decision->case_id),
                DSP_F_TEXT("dispute.from", inv_decision_state_name(decision->state)),
                DSP_F_TEXT("dispute.to", inv_decision_state_name((int)rule->next)));
        decision->state = (int32_t)rule->next;
        decision->row.dirty = true;
    }
}

/* PIPL 24: what a machine alone has decided says so, and how people are made to look at it. */
static struct dsp_str review_of(const struct inv_filed *filed)
{
    if (filed->by_default) {
        return DSP_STR_LITERAL(
            "本决定由系统自动作出。要求人工复核：商家可申请撤销（SetAside），消费者可申诉（Appeal）。");
    }
    return filed->by_machine ? DSP_STR_LITERAL("本决定由系统自动作出。要求人工复核：双方均可申诉（Appeal）。")
                             : (struct dsp_str){NULL, 0};
}

static struct dsp_err file_decision(struct dsp_turn *turn, const struct inv_case_row *row,
                                    const struct inv_entry *entry, struct inv_decision_row *decision)
{
    const struct inv_filed *filed = entry->filed;
    struct dsp_list items = *dsp_rows_of(turn->rows, &INV_TABLES[INV_TABLE_ITEM], dsp_uuid_str(&row->head.case_id));
    const struct inv_snapshot_row *snapshot = dsp_rows_one(turn->rows, &INV_TABLES[INV_TABLE_SNAPSHOT],
                                                           dsp_uuid_str(&row->head.case_id));
    decision->decision_id = filed->decision_id;
    decision->generation = entry->generation;
    decision->basis = filed->basis;
    decision->liability = filed->liability;
    decision->merchant_percent = filed->merchant_percent;
    decision->remedy = filed->remedy;
    decision->amount_minor = filed->amount_minor;
    decision->by_machine = filed->by_machine || filed->by_default;
    decision->review = review_of(filed);
    decision->rules_version = row->head.rules_version;
    decision->row.dirty = true;
    DSP_TRY(inv_facts_json(turn->arena, row, entry, snapshot, &decision->facts));
    return inv_evidence_json(turn->arena, &items, &decision->evidence);
}

static struct dsp_err on_filed(struct dsp_turn *turn, const struct inv_case_row *row, const struct inv_entry *entry)
{
    const struct inv_filed *filed = entry->filed;
    struct inv_decision_row *newest = inv_store_decision(turn, &row->head.case_id);
    if (filed->appeal && newest) {
        bool same = dsp_str_equal(newest->decision_id, filed->decision_id);
        set_decision(newest, inv_verdict(same, filed->amount_minor > 0));
        if (same) {
            return dsp_ok();
        }
    }
    if (filed->final && newest && newest->state == INV_DECISION_PROPOSED) {
        set_decision(newest, INV_DECISION_INPUT_FINALISE);
        return file_decision(turn, row, entry, newest);
    }
    struct inv_decision_row *decision = inv_store_add(turn, INV_TABLE_DECISION, &row->head.case_id);
    if (!decision) {
        return full();
    }
    decision->entry_seq = entry->sequence;
    decision->state = filed->proposed ? INV_DECISION_PROPOSED : INV_DECISION_FINAL;
    return file_decision(turn, row, entry, decision);
}

/* --- an entry of the log --- */

static struct dsp_err on_acts(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry)
{
    if (entry->snapshot.len) {
        DSP_TRY(keep_snapshot(turn, row, entry));
    }
    if (entry->paper) {
        DSP_TRY(on_paper(turn, row, entry));
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

static struct dsp_err on_entry(const struct inv *inv, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct inv_entry *entry = record->input;
    struct inv_case_row *row;
    DSP_TRY(dsp_head_advance(turn, &INV_TABLES[INV_TABLE_CASE], record->lane, entry->entry, &row));
    if (!row) {
        return dsp_ok();
    }
    if (entry->sequence == 1) {
        inv_read_claim(entry, row);
    }
    DSP_TRY(on_acts(turn, row, entry)); /* the file first: what follows is said after EvidenceRegistered */
    DSP_TRY(on_rounds(turn, row, entry));
    if (entry->filed) {
        DSP_TRY(on_filed(turn, row, entry));
    } else if (entry->input) {
        set_decision(inv_store_decision(turn, &row->head.case_id), entry->input);
    }
    DSP_TRY(on_people(inv, turn, row, entry));
    return on_draws(inv, turn, row, entry);
}

struct dsp_err inv_handle(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    return record->kind == DSP_RECORD_MESSAGE && record->input ? on_entry(self, turn, record) : dsp_ok();
}
