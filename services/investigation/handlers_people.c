/* handlers_parts.h: who is in charge, who sits on the panel, who reads. */
#include "common/base/codes.h"
#include "common/base/log.h"
#include "investigation/handlers_parts.h"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "rows of investigation");
}

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

static bool sits(const struct inv_person_row *person)
{
    return person->role == INV_ROLE_PANEL &&
           (person->standing == INV_STANDING_IN_CHARGE || person->standing == INV_STANDING_NAMED);
}

bool inv_on_panel(struct dsp_turn *turn, const struct inv_case_row *row, struct dsp_str staff_id)
{
    const struct inv_person_row *person = inv_store_person(turn, &row->head.case_id, staff_id);
    return person && sits(person);
}

const struct inv_person_row *inv_in_charge(struct dsp_turn *turn, const struct inv_case_row *row)
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
    const struct inv_person_row *former = inv_in_charge(turn, row);
    struct dsp_str former_id = former ? former->staff_id : (struct dsp_str){NULL, 0};
    row->agent_generation = entry->generation;
    if (former && dsp_str_equal(former_id, person.staff_id)) {
        return inv_say_assigned(turn, row, entry, &person, 1); /* in charge already: said again */
    }
    DSP_TRY(stand(turn, row, entry, &person, INV_STANDING_NAMED));
    return former ? inv_say_replaced(turn, row, entry, former_id, &person)
                  : inv_say_assigned(turn, row, entry, &person, 1);
}

/* Whoever sat on the panel before and is not named any more. */
static void stand_down_panel(struct dsp_turn *turn, const struct inv_case_row *row, const struct inv_entry *entry)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &INV_TABLES[INV_TABLE_PERSON], dsp_uuid_str(&row->head.case_id));
    for (size_t i = 0; i < list->count; i++) {
        struct inv_person_row *person = list->items[i];
        bool stays = false;
        for (size_t j = 0; j < entry->person_count; j++) {
            stays = stays || dsp_str_equal(entry->people[j].staff_id, person->staff_id);
        }
        if (sits(person) && !stays) {
            person->standing = INV_STANDING_FORMER;
            person->row.dirty = true;
        }
    }
}

/* Somebody's standing changes for good once it stands in the log. */
static struct dsp_err on_people_logged(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry)
{
    struct inv_named one = {.staff_id = entry->staff_id};
    bool named = entry->own == INV_OWN_ASSIGNED || entry->own == INV_OWN_REPLACED;
    if (named && !entry->refused && entry->person_count > 0 && entry->people[0].role == INV_ROLE_PANEL) {
        stand_down_panel(turn, row, entry);
    }
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

struct dsp_err inv_on_people(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
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

/* --- what is drawn by itself --- */

/* Another agent, if somebody is free: the case stays with whoever has it otherwise. */
static struct dsp_err replace_agent(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                                    const struct inv_entry *entry)
{
    struct inv_member *members;
    size_t count;
    size_t picked;
    const struct inv_person_row *former = inv_in_charge(turn, row);
    if (!former) {
        return dsp_ok(); /* nobody was free when it began, Assign names somebody */
    }
    struct dsp_str former_id = former->staff_id;
    DSP_TRY(staff_of(inv, turn, row, entry, INV_ROLE_AGENT, &members, &count));
    if (!inv_draw(members, count, INV_ROLE_AGENT, 1, &picked)) {
        return dsp_ok();
    }
    struct inv_named person = {members[picked].staff_id, INV_ROLE_AGENT};
    DSP_TRY(stand(turn, row, entry, &person, INV_STANDING_NAMED));
    return inv_say_replaced(turn, row, entry, former_id, &person);
}

/* As many new members as are free; the others stay. */
static struct dsp_err renew_panel(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                                  const struct inv_entry *entry)
{
    struct inv_member *members;
    size_t count;
    size_t fresh = 0;
    struct inv_named people[INV_PANEL_SIZE];
    size_t picked[INV_PANEL_SIZE];
    DSP_TRY(staff_of(inv, turn, row, entry, INV_ROLE_PANEL, &members, &count));
    for (size_t wanted = INV_PANEL_SIZE; wanted > 0 && fresh == 0; wanted--) {
        fresh = inv_draw(members, count, INV_ROLE_PANEL, wanted, picked) ? wanted : 0;
    }
    size_t total = 0;
    for (; total < fresh; total++) {
        people[total] = (struct inv_named){members[picked[total]].staff_id, INV_ROLE_PANEL};
    }
    for (size_t i = 0; i < count && total < INV_PANEL_SIZE; i++) {
        if (inv_on_panel(turn, row, members[i].staff_id)) {
            people[total++] = (struct inv_named){members[i].staff_id, INV_ROLE_PANEL};
        }
    }
    if (fresh == 0 || total < INV_PANEL_SIZE) {
        return dsp_ok();
    }
    for (size_t i = 0; i < fresh; i++) {
        DSP_TRY(stand(turn, row, entry, &people[i], INV_STANDING_NAMED));
    }
    return inv_say_assigned(turn, row, entry, people, INV_PANEL_SIZE);
}

struct dsp_err inv_on_draws(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                            const struct inv_entry *entry)
{
    bool drawn = false;
    row->agent_generation = entry->refiled ? 0 : row->agent_generation;
    if (entry->other_agent || (entry->needs_agent && row->agent_generation != entry->generation)) {
        DSP_TRY(draw(inv, turn, row, entry, INV_ROLE_AGENT, &drawn));
        row->agent_generation = drawn ? entry->generation : row->agent_generation;
    }
    if (entry->overdue == INV_OVERDUE_AGENT) {
        DSP_TRY(replace_agent(inv, turn, row, entry));
    }
    if (entry->overdue == INV_OVERDUE_PANEL) {
        DSP_TRY(renew_panel(inv, turn, row, entry));
    }
    return entry->needs_panel || entry->overdue == INV_OVERDUE_REVIEW
               ? draw(inv, turn, row, entry, INV_ROLE_PANEL, &drawn)
               : dsp_ok();
}
