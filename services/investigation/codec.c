#include "investigation/codec.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputes/investigation/v1/finding.pb-c.h"

_Static_assert((int)INV_ITEM_REDACTED == (int)DISPUTES__INVESTIGATION__V1__ITEM_STATE__ITEM_STATE_REDACTED,
               "inv_item_state follows disputes.investigation.v1.ItemState");
_Static_assert((int)INV_ROLE_AGENT == (int)DISPUTES__COMMON__V1__ROLE__ROLE_AGENT, "inv_role follows Role");
_Static_assert((int)INV_ROLE_PANEL == (int)DISPUTES__COMMON__V1__ROLE__ROLE_PANEL, "inv_role follows Role");
_Static_assert((int)INV_ROLE_OBSERVER == (int)DISPUTES__COMMON__V1__ROLE__ROLE_OBSERVER, "inv_role follows Role");

#define TYPE(name) DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_##name
#define STAGE(name) DISPUTES__COMMON__V1__STAGE__STAGE_##name
#define ACT(name) DISPUTES__GATEWAY__V1__COMMAND__ACT_##name
#define STAFF_ACT(name) DISPUTES__CONSOLE__V1__COMMAND__ACT_##name
#define FINDING(name) DISPUTES__INVESTIGATION__V1__FINDING__FINDING_##name

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "investigation message");
}

static struct dsp_str bytes_of(ProtobufCBinaryData data)
{
    return (struct dsp_str){(const char *)data.data, data.len};
}

static int64_t minor_of(const Disputes__Common__V1__Money *money)
{
    return money ? money->amount_minor : 0;
}

static enum inv_side side_of(int role)
{
    return role == DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER   ? INV_CONSUMER
           : role == DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT ? INV_MERCHANT
                                                               : INV_NOBODY;
}

/* Sorted and compact: the same content has the same bytes, and so the same hash. Takes over the reference. */
static struct dsp_err dump(struct dsp_arena *arena, json_t *value, struct dsp_str *ret_json)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
    struct dsp_str copy = text ? dsp_arena_copy(arena, dsp_str_from(text)) : (struct dsp_str){NULL, 0};
    free(text);
    json_decref(value);
    if (!copy.ptr) {
        return full();
    }
    *ret_json = copy;
    return dsp_ok();
}

/* --- commands --- */

static struct dsp_err add_items(struct dsp_turn *turn, struct inv_entry *input,
                                Disputes__Common__V1__EvidenceItem *const *items, size_t count, bool adds)
{
    input->items = dsp_arena_alloc(turn->arena, (count + 1) * sizeof *input->items);
    if (!input->items) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        input->items[i] = (struct inv_item){.item_id = dsp_message_str(items[i]->item_id),
                                            .sha256 = bytes_of(items[i]->sha256),
                                            .size_bytes = items[i]->size_bytes,
                                            .media_type = dsp_message_str(items[i]->media_type),
                                            .reference = dsp_message_str(items[i]->reference)};
    }
    input->item_count = count;
    input->adds = adds;
    input->paper = count > 0 || adds;
    return dsp_ok();
}

/* What the gateway vouches for, without the openid, which is nobody's evidence. */
static struct dsp_err take_snapshot(struct dsp_turn *turn, const Disputes__Gateway__V1__FileComplaint *filing,
                                    struct inv_entry *input)
{
    if (!filing->order) {
        return dsp_ok();
    }
    Disputes__Gateway__V1__OrderFacts facts = *filing->order;
    facts.consumer_openid = NULL;
    return dump(turn->arena, dsp_message_json(&facts.base), &input->snapshot);
}

static struct dsp_err read_filing(struct dsp_turn *turn, const Disputes__Gateway__V1__FileComplaint *filing,
                                  struct inv_entry *input)
{
    input->role = DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER; /* whoever wrote it down */
    input->side = INV_CONSUMER;
    DSP_TRY(take_snapshot(turn, filing, input));
    return add_items(turn, input, filing->items, filing->n_items, false);
}

static struct dsp_err read_command(struct dsp_turn *turn, const Disputes__Gateway__V1__Command *command,
                                   struct inv_entry *input)
{
    input->role = command->actor ? (int32_t)command->actor->role : 0;
    input->side = side_of(input->role);
    switch ((int)command->act_case) {
    case ACT(FILE_COMPLAINT):
        return read_filing(turn, command->file_complaint, input);
    case ACT(INFO_SUPPLIED):
        return add_items(turn, input, command->info_supplied->items, command->info_supplied->n_items, false);
    case ACT(ADD_EVIDENCE):
        input->done = command->add_evidence->done;
        return add_items(turn, input, command->add_evidence->items, command->add_evidence->n_items, true);
    case ACT(CONTEST_CLAIM):
        return add_items(turn, input, command->contest_claim->items, command->contest_claim->n_items, false);
    case ACT(COMMENT):
        return add_items(turn, input, command->comment->items, command->comment->n_items, false);
    case ACT(APPEAL):
        return add_items(turn, input, command->appeal->items, command->appeal->n_items, false);
    case ACT(SET_ASIDE):
        return add_items(turn, input, command->set_aside->items, command->set_aside->n_items, false);
    case ACT(REFILE):
        return add_items(turn, input, command->refile->items, command->refile->n_items, false);
    case ACT(REPORT_FACT):
        return dump(turn->arena, dsp_message_json(&command->report_fact->base), &input->snapshot);
    case ACT(INSPECT_RETURN):
        input->needs_agent = command->inspect_return->condition !=
                             DISPUTES__GATEWAY__V1__RETURN_CONDITION__RETURN_CONDITION_IN_ORDER;
        return dsp_ok();
    default:
        return dsp_ok();
    }
}

static int32_t sides_of(const Disputes__Common__V1__Role *roles, size_t count)
{
    int32_t sides = 0;
    for (size_t i = 0; i < count; i++) {
        sides |= (int32_t)side_of((int)roles[i]);
    }
    return sides ? sides : INV_BOTH; /* nobody named: everybody asked */
}

/* Whoever acts for the platform has touched the case: no panel for him. */
static struct dsp_err read_actors(struct dsp_turn *turn, const Disputes__Console__V1__Command *command,
                                  struct inv_entry *input)
{
    input->people = dsp_arena_alloc(turn->arena, (command->n_cosigners + 1) * sizeof *input->people);
    if (!input->people) {
        return full();
    }
    for (size_t i = 0; i <= command->n_cosigners; i++) {
        const Disputes__Common__V1__Actor *actor = i ? command->cosigners[i - 1] : command->actor;
        if (actor && actor->id[0]) {
            input->people[input->person_count++] = (struct inv_named){dsp_message_str(actor->id), (int32_t)actor->role};
        }
    }
    return dsp_ok();
}

static struct dsp_err read_console(struct dsp_turn *turn, const Disputes__Console__V1__Command *command,
                                   struct inv_entry *input)
{
    DSP_TRY(read_actors(turn, command, input));
    switch ((int)command->act_case) {
    case STAFF_ACT(FILE_COMPLAINT):
        return read_filing(turn, command->file_complaint, input);
    case STAFF_ACT(NEXT_ROUND):
        input->asked = sides_of(command->next_round->sides, command->next_round->n_sides);
        input->final = command->next_round->final;
        return dsp_ok();
    case STAFF_ACT(MORE_EVIDENCE_NEEDED):
        input->asked = sides_of(command->more_evidence_needed->sides, command->more_evidence_needed->n_sides);
        input->final = command->more_evidence_needed->final;
        return dsp_ok();
    case STAFF_ACT(ADMIT_LATE_ITEM):
        input->act = INV_ACT_ADMIT_LATE;
        input->item_id = dsp_message_str(command->admit_late_item->item_id);
        return dsp_ok();
    case STAFF_ACT(REDACT):
        input->act = INV_ACT_REDACT;
        input->item_id = dsp_message_str(command->redact->item_id);
        return dsp_ok();
    case STAFF_ACT(ASSIGN):
        input->act = INV_ACT_ASSIGN;
        input->staff_id = dsp_message_str(command->assign->staff_id);
        return dsp_ok();
    case STAFF_ACT(TAKE_OVER):
        input->act = INV_ACT_ASSIGN;
        input->staff_id = command->actor ? dsp_message_str(command->actor->id) : (struct dsp_str){NULL, 0};
        return dsp_ok();
    case STAFF_ACT(SEAT_OBSERVER):
        input->act = INV_ACT_SEAT;
        input->staff_id = dsp_message_str(command->seat_observer->staff_id);
        return dsp_ok();
    default:
        return dsp_ok();
    }
}

/* --- findings --- */

static struct dsp_err read_people(struct dsp_turn *turn, Disputes__Common__V1__Actor *const *staff, size_t count,
                                  struct inv_entry *input)
{
    input->people = dsp_arena_alloc(turn->arena, (count + 1) * sizeof *input->people);
    if (!input->people) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        input->people[i] = (struct inv_named){dsp_message_str(staff[i]->id), (int32_t)staff[i]->role};
    }
    input->person_count = count;
    return dsp_ok();
}

static struct dsp_err read_own(struct dsp_turn *turn, const Disputes__Investigation__V1__Finding *finding,
                               struct inv_entry *input)
{
    input->own = INV_OWN_OTHER;
    switch ((int)finding->finding_case) {
    case FINDING(EVIDENCE_REGISTERED):
        input->own = INV_OWN_REGISTERED;
        return dsp_ok();
    case FINDING(LATE_ITEM_ADMITTED):
        input->own = INV_OWN_ADMITTED;
        input->item_id = dsp_message_str(finding->late_item_admitted->item_id);
        return dsp_ok();
    case FINDING(ROUND_SEALED):
        input->own = INV_OWN_SEALED;
        return dsp_ok();
    case FINDING(AGENT_ASSIGNED):
        input->own = INV_OWN_ASSIGNED;
        return read_people(turn, finding->agent_assigned->staff, finding->agent_assigned->n_staff, input);
    case FINDING(AGENT_REPLACED):
        input->own = INV_OWN_REPLACED;
        input->former_id = dsp_message_str(finding->agent_replaced->former_id);
        return read_people(turn, &finding->agent_replaced->staff, finding->agent_replaced->staff ? 1 : 0, input);
    case FINDING(OBSERVER_SEATED):
        input->own = INV_OWN_SEATED;
        input->staff_id = dsp_message_str(finding->observer_seated->staff_id);
        return dsp_ok();
    case FINDING(ASSIGNMENT_BLOCKED):
        input->own = INV_OWN_BLOCKED;
        input->staff_id = dsp_message_str(finding->assignment_blocked->staff_id);
        return dsp_ok();
    default:
        return dsp_ok();
    }
}

static void read_sla(const Disputes__Sla__V1__Finding *finding, struct inv_entry *input)
{
    if (finding->finding_case != DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED ||
        !finding->clock_breached->clock || !finding->clock_breached->clock->clock) {
        return;
    }
    const Disputes__Common__V1__ClockRef *clock = finding->clock_breached->clock->clock;
    if (clock->kind == DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_ROUND) {
        input->missed = side_of((int)clock->side);
    }
}

static struct dsp_err read_content(struct dsp_turn *turn, const Disputes__Case__V1__Entry *entry,
                                   struct inv_entry *input)
{
    switch ((int)entry->content_case) {
    case DISPUTES__CASE__V1__ENTRY__CONTENT_GATEWAY_COMMAND:
        return read_command(turn, entry->gateway_command, input);
    case DISPUTES__CASE__V1__ENTRY__CONTENT_CONSOLE_COMMAND:
        return read_console(turn, entry->console_command, input);
    case DISPUTES__CASE__V1__ENTRY__CONTENT_INVESTIGATION_FINDING:
        return read_own(turn, entry->investigation_finding, input);
    case DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING:
        read_sla(entry->sla_finding, input);
        return dsp_ok();
    default:
        return dsp_ok();
    }
}

/* --- what the entry's own name says --- */

static struct dsp_err file_decision(struct dsp_turn *turn, const Disputes__Case__V1__Entry *entry,
                                    struct inv_entry *input)
{
    const Disputes__Common__V1__Ruling *ruling = entry->ruling;
    if (!ruling) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a decision without its ruling");
    }
    struct inv_filed *filed = dsp_arena_alloc(turn->arena, sizeof *filed);
    if (!filed) {
        return full();
    }
    bool by_clock = entry->content_case == DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING;
    *filed = (struct inv_filed){
        .decision_id = dsp_message_str(ruling->ruling_id),
        .basis = (int32_t)entry->basis,
        .liability = (int32_t)ruling->liability,
        .merchant_percent = ruling->merchant_percent,
        .remedy = (int32_t)ruling->remedy,
        .amount_minor = minor_of(ruling->amount),
        .proposed = entry->type == TYPE(DECISION_PROPOSED),
        .final = entry->type == TYPE(DECISION_FINAL),
        .appeal = entry->type == TYPE(APPEAL_DECIDED),
        .by_machine = by_clock || entry->type == TYPE(RULE_FOUND),
        .by_default = entry->type == TYPE(DEFAULT_JUDGMENT_ENTERED),
    };
    input->filed = filed;
    return dsp_ok();
}

static struct dsp_err read_type(struct dsp_turn *turn, const Disputes__Case__V1__Entry *entry, struct inv_entry *input)
{
    switch ((int)entry->type) {
    case TYPE(CASE_FAST_TRACKED):
    case TYPE(PLATFORM_REQUESTED):
    case TYPE(POSITION_MISSED):
        input->opens = true;
        input->asked = INV_BOTH;
        return dsp_ok();
    case TYPE(CLAIM_CONTESTED):
        input->opens = true;
        input->asked = INV_CONSUMER;
        return dsp_ok();
    case TYPE(ROUND_OPENED):
        input->opens = true;
        return dsp_ok();
    case TYPE(DEFAULT_JUDGMENT_ENTERED):
    case TYPE(RULE_FOUND):
    case TYPE(DECISION_PROPOSED):
    case TYPE(DECISION_FINAL):
    case TYPE(APPEAL_DECIDED):
        return file_decision(turn, entry, input);
    case TYPE(DRAFT_REOPENED):
    case TYPE(CLAIM_ACCEPTED):
    case TYPE(COMPLAINT_WITHDRAWN):
        input->input = INV_DECISION_INPUT_DROP;
        return dsp_ok();
    case TYPE(APPEAL_REMANDED):
        input->other_agent = true;
        input->input = INV_DECISION_INPUT_ANNUL;
        return dsp_ok();
    case TYPE(AWARD_RECEIVED):
    case TYPE(SETTLED_IN_ARBITRATION):
    case TYPE(OFFER_ACCEPTED):
        input->input = INV_DECISION_INPUT_REPLACE;
        return dsp_ok();
    default:
        return dsp_ok();
    }
}

static void read_stages(const Disputes__Case__V1__Entry *entry, struct inv_entry *input)
{
    if (entry->stage_before == entry->stage_after) {
        return;
    }
    bool hears = entry->stage_after == STAGE(EVIDENCE) || entry->stage_after == STAGE(INVESTIGATION);
    input->needs_agent = input->needs_agent || hears;
    input->needs_panel = entry->stage_after == STAGE(APPEAL);
    input->leaves = entry->stage_before == STAGE(EVIDENCE);
}

struct dsp_err inv_decode_entry(struct dsp_turn *turn, struct dsp_record *record)
{
    const Disputes__Case__V1__Entry *entry;
    DSP_TRY(dsp_entry_read(turn, record, &entry));
    if (!entry) {
        return dsp_ok();
    }
    struct inv_entry *input = dsp_arena_alloc(turn->arena, sizeof *input);
    if (!input) {
        return full();
    }
    *input = (struct inv_entry){.entry = entry,
                                .sequence = (int64_t)entry->sequence,
                                .time_ms = entry->time_millis,
                                .generation = (int32_t)entry->generation};
    record->input = input;
    if (entry->type == TYPE(COMMAND_REFUSED)) {
        return dsp_ok();
    }
    if (entry->type == TYPE(FINDING_REFUSED)) {
        input->refused = true;
        return entry->content_case == DISPUTES__CASE__V1__ENTRY__CONTENT_INVESTIGATION_FINDING
                   ? read_own(turn, entry->investigation_finding, input)
                   : dsp_ok();
    }
    DSP_TRY(read_content(turn, entry, input));
    DSP_TRY(read_type(turn, entry, input));
    read_stages(entry, input);
    return dsp_ok();
}

void inv_read_claim(const struct inv_entry *entry, struct inv_case_row *row)
{
    const Disputes__Case__V1__Claim *claim = entry->entry->claim;
    if (!claim) {
        return;
    }
    row->consumer_id = dsp_message_str(claim->consumer_id);
    row->merchant_id = dsp_message_str(claim->merchant_id);
    row->reason = (int32_t)claim->reason;
    row->remedy = (int32_t)claim->remedy;
    row->amount_minor = minor_of(claim->amount);
    row->paid_minor = minor_of(claim->paid);
}

/* --- staff --- */

static bool in_conflict(const Disputes__Platform__V1__StaffMember *member, const struct inv_case_row *row)
{
    for (size_t i = 0; i < member->n_conflicts; i++) {
        struct dsp_str with = dsp_str_from(member->conflicts[i]);
        if (dsp_str_equal(with, row->consumer_id) || dsp_str_equal(with, row->merchant_id)) {
            return true;
        }
    }
    return false;
}

struct dsp_err inv_read_staff(const struct dsp_platforms *platforms, struct dsp_arena *arena,
                              const struct inv_case_row *row, int64_t time_ms, struct inv_member **ret_members,
                              size_t *ret_count)
{
    const Disputes__Platform__V1__State *state = dsp_platforms_at(platforms, row->head.platform_id,
                                                                  DISPUTES__PLATFORM__V1__STATE__PART_STAFF, time_ms);
    size_t count = state ? state->staff->n_members : 0;
    struct inv_member *members = dsp_arena_alloc(arena, (count + 1) * sizeof *members);
    if (!members) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        const Disputes__Platform__V1__StaffMember *from = state->staff->members[i];
        members[i] = (struct inv_member){
            .staff_id = dsp_str_from(from->staff_id), .role = (int32_t)from->role, .conflict = in_conflict(from, row)};
    }
    *ret_members = members;
    *ret_count = count;
    return dsp_ok();
}

/* --- what a decision stands on --- */

struct dsp_err inv_facts_json(struct dsp_arena *arena, const struct inv_case_row *row, const struct inv_entry *entry,
                              const struct inv_snapshot_row *snapshot, struct dsp_str *ret_json)
{
    char hash[65] = "";
    if (snapshot && snapshot->sha256.len == 32) {
        dsp_hex((const uint8_t *)snapshot->sha256.ptr, 32, hash);
    }
    json_t *facts = json_pack("{s:s,s:s,s:I,s:I,s:s,s:s,s:I}", "reason",
                              dsp_enum_name(&disputes__common__v1__reason__descriptor, row->reason), "remedy_asked",
                              dsp_enum_name(&disputes__common__v1__remedy__descriptor, row->remedy),
                              "amount_asked_minor", (json_int_t)row->amount_minor, "paid_minor",
                              (json_int_t)row->paid_minor, "row", entry->entry->row ? entry->entry->row : "",
                              "order_facts_sha256", hash, "time_ms", (json_int_t)entry->time_ms);
    return dump(arena, facts, ret_json);
}

struct dsp_err inv_evidence_json(struct dsp_arena *arena, const struct dsp_list *items, struct dsp_str *ret_json)
{
    json_t *list = json_array();
    for (size_t i = 0; i < items->count; i++) {
        const struct inv_item_row *row = items->items[i];
        char hash[65] = "";
        if (row->item.sha256.len == 32) {
            dsp_hex((const uint8_t *)row->item.sha256.ptr, 32, hash);
        }
        if (row->state != INV_ITEM_LATE) { /* kept, not used */
            json_array_append_new(list, json_pack("{s:o,s:s,s:s}", "item_id",
                                                  json_stringn(row->item.item_id.ptr, row->item.item_id.len), "sha256",
                                                  hash, "state", inv_item_state_name(row->state)));
        }
    }
    return dump(arena, list, ret_json);
}
