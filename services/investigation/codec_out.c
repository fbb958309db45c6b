/* The other half of codec.h: findings. */
#include "common/base/codes.h"
#include "disputes/investigation/v1/finding.pb-c.h"
#include "investigation/codec.h"

static const struct dsp_follower INVESTIGATION = {
    .topic = "disputes.investigation.finding.v1",
    .source = "/disputes/investigation",
    .type = "cn.example.disputes.investigation.finding.v1",
    .schema = "urn:proto:disputes.investigation.v1.Finding",
};

#define FINDING(name) DISPUTES__INVESTIGATION__V1__FINDING__FINDING_##name

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "investigation message");
}

/* Terminated texts for generated structs; NULL: arena full. */
static char *text_of(struct dsp_turn *turn, struct dsp_str from)
{
    return (char *)(uintptr_t)dsp_arena_copy(turn->arena, from).ptr;
}

struct dsp_err inv_say(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry, int64_t answers,
                       Disputes__Investigation__V1__Finding *finding)
{
    finding->answers_sequence = (uint64_t)answers;
    finding->generation = (uint32_t)row->head.generation;
    return dsp_finding_emit(turn, &INVESTIGATION, &row->head, &finding->base, entry->time_ms);
}

static struct dsp_err say(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                          Disputes__Investigation__V1__Finding *finding)
{
    return inv_say(turn, row, entry, entry->sequence, finding);
}

struct dsp_err inv_say_registered(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                                  struct inv_item_row *const *items)
{
    Disputes__Investigation__V1__Finding finding = DISPUTES__INVESTIGATION__V1__FINDING__INIT;
    Disputes__Investigation__V1__EvidenceRegistered registered = DISPUTES__INVESTIGATION__V1__EVIDENCE_REGISTERED__INIT;
    size_t count = entry->item_count;
    Disputes__Investigation__V1__ItemRegistered *parts = dsp_arena_alloc(turn->arena, (count + 1) * sizeof *parts);
    Disputes__Investigation__V1__ItemRegistered **list = dsp_arena_alloc(turn->arena, (count + 1) * sizeof *list);
    if (!parts || !list) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        disputes__investigation__v1__item_registered__init(&parts[i]);
        parts[i].item_id = text_of(turn, items[i]->item.item_id);
        parts[i].state = (Disputes__Investigation__V1__ItemState)items[i]->state;
        parts[i].sha256.data = (uint8_t *)(uintptr_t)items[i]->item.sha256.ptr;
        parts[i].sha256.len = items[i]->item.sha256.len;
        list[i] = &parts[i];
        if (!parts[i].item_id) {
            return full();
        }
    }
    registered.items = list;
    registered.n_items = count;
    registered.side = (Disputes__Common__V1__Role)entry->role;
    registered.done = entry->done;
    finding.finding_case = FINDING(EVIDENCE_REGISTERED);
    finding.evidence_registered = &registered;
    return say(turn, row, entry, &finding);
}

struct dsp_err inv_say_refused(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                               const struct dsp_str *item_ids, size_t count, const char *code)
{
    Disputes__Investigation__V1__Finding finding = DISPUTES__INVESTIGATION__V1__FINDING__INIT;
    Disputes__Investigation__V1__EvidenceRefused refused = DISPUTES__INVESTIGATION__V1__EVIDENCE_REFUSED__INIT;
    char **list = dsp_arena_alloc(turn->arena, (count + 1) * sizeof *list);
    refused.code = text_of(turn, dsp_str_from(code));
    if (!list || !refused.code) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        list[i] = text_of(turn, item_ids[i]);
        if (!list[i]) {
            return full();
        }
    }
    refused.item_ids = list;
    refused.n_item_ids = count;
    finding.finding_case = FINDING(EVIDENCE_REFUSED);
    finding.evidence_refused = &refused;
    return say(turn, row, entry, &finding);
}

struct dsp_err inv_say_admitted(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                                struct dsp_str item_id)
{
    Disputes__Investigation__V1__Finding finding = DISPUTES__INVESTIGATION__V1__FINDING__INIT;
    Disputes__Investigation__V1__LateItemAdmitted admitted = DISPUTES__INVESTIGATION__V1__LATE_ITEM_ADMITTED__INIT;
    admitted.item_id = text_of(turn, item_id);
    finding.finding_case = FINDING(LATE_ITEM_ADMITTED);
    finding.late_item_admitted = &admitted;
    return admitted.item_id ? say(turn, row, entry, &finding) : full();
}

struct dsp_err inv_say_sealed(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                              const struct inv_round_row *sealed_row)
{
    const struct inv_round *round = &sealed_row->round;
    Disputes__Investigation__V1__Finding finding = DISPUTES__INVESTIGATION__V1__FINDING__INIT;
    Disputes__Investigation__V1__RoundSealed sealed = DISPUTES__INVESTIGATION__V1__ROUND_SEALED__INIT;
    Disputes__Common__V1__Role missing[2];
    sealed.round = round->number;
    sealed.last = inv_round_is_last(round);
    sealed.missing = missing;
    if (round->missed & INV_CONSUMER) {
        missing[sealed.n_missing++] = DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER;
    }
    if (round->missed & INV_MERCHANT) {
        missing[sealed.n_missing++] = DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT;
    }
    sealed.result = (Disputes__Investigation__V1__RuleResult)sealed_row->result;
    sealed.rule_id = text_of(turn, sealed_row->rule_id);
    finding.finding_case = FINDING(ROUND_SEALED);
    finding.round_sealed = &sealed;
    return sealed.rule_id ? say(turn, row, entry, &finding) : full();
}

/* --- people --- */

static struct dsp_err fill_actor(struct dsp_turn *turn, const struct inv_named *person,
                                 Disputes__Common__V1__Actor *actor)
{
    disputes__common__v1__actor__init(actor);
    actor->role = (Disputes__Common__V1__Role)person->role;
    actor->id = text_of(turn, person->staff_id);
    return actor->id ? dsp_ok() : full();
}

struct dsp_err inv_say_assigned(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                                const struct inv_named *people, size_t count)
{
    Disputes__Investigation__V1__Finding finding = DISPUTES__INVESTIGATION__V1__FINDING__INIT;
    Disputes__Investigation__V1__AgentAssigned assigned = DISPUTES__INVESTIGATION__V1__AGENT_ASSIGNED__INIT;
    Disputes__Common__V1__Actor *actors = dsp_arena_alloc(turn->arena, (count + 1) * sizeof *actors);
    Disputes__Common__V1__Actor **list = dsp_arena_alloc(turn->arena, (count + 1) * sizeof *list);
    if (!actors || !list) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        DSP_TRY(fill_actor(turn, &people[i], &actors[i]));
        list[i] = &actors[i];
    }
    assigned.staff = list;
    assigned.n_staff = count;
    finding.finding_case = FINDING(AGENT_ASSIGNED);
    finding.agent_assigned = &assigned;
    return say(turn, row, entry, &finding);
}

struct dsp_err inv_say_replaced(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                                struct dsp_str former_id, const struct inv_named *person)
{
    Disputes__Investigation__V1__Finding finding = DISPUTES__INVESTIGATION__V1__FINDING__INIT;
    Disputes__Investigation__V1__AgentReplaced replaced = DISPUTES__INVESTIGATION__V1__AGENT_REPLACED__INIT;
    Disputes__Common__V1__Actor actor;
    DSP_TRY(fill_actor(turn, person, &actor));
    replaced.former_id = text_of(turn, former_id);
    replaced.staff = &actor;
    finding.finding_case = FINDING(AGENT_REPLACED);
    finding.agent_replaced = &replaced;
    return replaced.former_id ? say(turn, row, entry, &finding) : full();
}

struct dsp_err inv_say_seated(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                              struct dsp_str staff_id)
{
    Disputes__Investigation__V1__Finding finding = DISPUTES__INVESTIGATION__V1__FINDING__INIT;
    Disputes__Investigation__V1__ObserverSeated seated = DISPUTES__INVESTIGATION__V1__OBSERVER_SEATED__INIT;
    seated.staff_id = text_of(turn, staff_id);
    finding.finding_case = FINDING(OBSERVER_SEATED);
    finding.observer_seated = &seated;
    return seated.staff_id ? say(turn, row, entry, &finding) : full();
}

struct dsp_err inv_say_blocked(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                               struct dsp_str staff_id, const char *code)
{
    Disputes__Investigation__V1__Finding finding = DISPUTES__INVESTIGATION__V1__FINDING__INIT;
    Disputes__Investigation__V1__AssignmentBlocked blocked = DISPUTES__INVESTIGATION__V1__ASSIGNMENT_BLOCKED__INIT;
    blocked.staff_id = text_of(turn, staff_id);
    blocked.code = text_of(turn, dsp_str_from(code));
    finding.finding_case = FINDING(ASSIGNMENT_BLOCKED);
    finding.assignment_blocked = &blocked;
    return blocked.staff_id && blocked.code ? say(turn, row, entry, &finding) : full();
}

/* --- drafts without effect, remands --- */

struct dsp_err inv_say_draft_refused(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                                     int64_t answers, const struct inv_fault *fault)
{
    Disputes__Investigation__V1__Finding finding = DISPUTES__INVESTIGATION__V1__FINDING__INIT;
    Disputes__Investigation__V1__DraftRefused refused = DISPUTES__INVESTIGATION__V1__DRAFT_REFUSED__INIT;
    refused.code = text_of(turn, dsp_str_from(fault->code));
    refused.guard = text_of(turn, dsp_str_from(fault->guard));
    finding.finding_case = FINDING(DRAFT_REFUSED);
    finding.draft_refused = &refused;
    return refused.code && refused.guard ? inv_say(turn, row, entry, answers, &finding) : full();
}

struct dsp_err inv_say_remanded(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                                struct dsp_str former_id)
{
    Disputes__Investigation__V1__Finding finding = DISPUTES__INVESTIGATION__V1__FINDING__INIT;
    Disputes__Investigation__V1__AppealRemanded remanded = DISPUTES__INVESTIGATION__V1__APPEAL_REMANDED__INIT;
    remanded.former_agent_id = text_of(turn, former_id);
    remanded.reasons = (Disputes__Common__V1__Text *)(uintptr_t)entry->reasons;
    finding.finding_case = FINDING(APPEAL_REMANDED);
    finding.appeal_remanded = &remanded;
    return remanded.former_agent_id ? say(turn, row, entry, &finding) : full();
}
