/* codec.h: what staff do, and findings of our own as the log shows them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputes/investigation/v1/finding.pb-c.h"
#include "investigation/codec.h"

_Static_assert((int)INV_ITEM_REDACTED == (int)DISPUTES__INVESTIGATION__V1__ITEM_STATE__ITEM_STATE_REDACTED,
               "inv_item_state follows disputes.investigation.v1.ItemState");
_Static_assert((int)INV_ROLE_AGENT == (int)DISPUTES__COMMON__V1__ROLE__ROLE_AGENT, "inv_role follows Role");
_Static_assert((int)INV_ROLE_PANEL == (int)DISPUTES__COMMON__V1__ROLE__ROLE_PANEL, "inv_role follows Role");
_Static_assert((int)INV_ROLE_OBSERVER == (int)DISPUTES__COMMON__V1__ROLE__ROLE_OBSERVER, "inv_role follows Role");

_Static_assert((int)INV_APPEAL_ANNUL == (int)DISPUTES__CONSOLE__V1__APPEAL_VERDICT__APPEAL_VERDICT_ANNUL,
               "inv_appeal follows AppealVerdict");

#define STAFF_ACT(name) DISPUTES__CONSOLE__V1__COMMAND__ACT_##name
#define FINDING(name) DISPUTES__INVESTIGATION__V1__FINDING__FINDING_##name

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "investigation message");
}

static enum inv_side side_of(int role)
{
    return role == DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER   ? INV_CONSUMER
           : role == DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT ? INV_MERCHANT
                                                               : INV_NOBODY;
}

struct inv_ruling inv_decode_ruling(const Disputes__Common__V1__Ruling *ruling, bool *ret_cny)
{
    int64_t minor = ruling->amount ? ruling->amount->amount_minor : 0;
    *ret_cny = minor == 0 || strcmp(ruling->amount->currency, "CNY") == 0;
    return (struct inv_ruling){.liability = (int32_t)ruling->liability,
                               .merchant_percent = ruling->merchant_percent,
                               .remedy = (int32_t)ruling->remedy,
                               .amount_minor = minor};
}

/* --- commands --- */

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

static bool says_something(const Disputes__Common__V1__Text *text)
{
    if (!text) {
        return false;
    }
    return text->form_case == DISPUTES__COMMON__V1__TEXT__FORM_SEALED  ? text->sealed->ciphertext.len > DSP_TAG_BYTES
           : text->form_case == DISPUTES__COMMON__V1__TEXT__FORM_PLAIN ? text->plain[0] != '\0'
                                                                       : false;
}

static void read_reasons(const Disputes__Common__V1__Text *text, struct inv_entry *input)
{
    input->reasons = text;
    input->draft.reasons = says_something(text);
    input->vote.reasons = input->draft.reasons;
}

static void read_ruling(const Disputes__Common__V1__Ruling *ruling, struct inv_entry *input)
{
    if (!ruling) {
        return;
    }
    input->has_ruling = true;
    input->draft.ruling = inv_decode_ruling(ruling, &input->draft.cny);
    inv_ruling_complete(&input->draft.ruling);
    input->subject = dsp_message_str(ruling->ruling_id);
}

static struct dsp_err read_proposal(struct dsp_turn *turn, const Disputes__Console__V1__ProposeDecision *act,
                                    struct inv_entry *input)
{
    input->act = INV_ACT_PROPOSE;
    read_ruling(act->ruling, input);
    read_reasons(act->reasons, input);
    input->item_ids = dsp_arena_alloc(turn->arena, (act->n_item_ids + 1) * sizeof *input->item_ids);
    if (!input->item_ids) {
        return full();
    }
    for (size_t i = 0; i < act->n_item_ids; i++) {
        input->item_ids[i] = dsp_message_str(act->item_ids[i]);
    }
    input->item_id_count = act->n_item_ids;
    return dsp_ok();
}

static void read_verdict(const Disputes__Console__V1__DecideAppeal *act, struct inv_entry *input)
{
    input->act = INV_ACT_DECIDE_APPEAL;
    read_ruling(act->ruling, input);
    read_reasons(act->reasons, input);
    input->vote.verdict = (int32_t)act->verdict;
    input->vote.votes_for = act->votes_for;
    input->vote.votes_against = act->votes_against;
    input->vote.has_ruling = input->has_ruling;
    input->vote.ruling = input->draft.ruling;
    input->vote.cny = input->draft.cny;
}

static struct dsp_err read_deciding(struct dsp_turn *turn, const Disputes__Console__V1__Command *command,
                                    struct inv_entry *input)
{
    switch ((int)command->act_case) {
    case STAFF_ACT(PROPOSE_DECISION):
        return read_proposal(turn, command->propose_decision, input);
    case STAFF_ACT(FINALISE):
        input->act = INV_ACT_FINALISE;
        read_ruling(command->finalise->ruling, input);
        read_reasons(command->finalise->reasons, input);
        return dsp_ok();
    case STAFF_ACT(CO_SIGN):
        input->act = INV_ACT_CO_SIGN;
        input->subject = dsp_message_str(command->co_sign->subject);
        return dsp_ok();
    case STAFF_ACT(REFUSE_TO_SIGN):
        input->act = INV_ACT_REFUSE;
        input->subject = dsp_message_str(command->refuse_to_sign->subject);
        return dsp_ok();
    case STAFF_ACT(DECIDE_APPEAL):
        read_verdict(command->decide_appeal, input);
        return dsp_ok();
    case STAFF_ACT(REMAND):
        input->act = INV_ACT_REMAND;
        read_reasons(command->remand->reasons, input);
        return dsp_ok();
    default:
        return dsp_ok();
    }
}

struct dsp_err inv_decode_console(struct dsp_turn *turn, const Disputes__Console__V1__Command *command,
                                  struct inv_entry *input)
{
    DSP_TRY(read_actors(turn, command, input));
    switch ((int)command->act_case) {
    case STAFF_ACT(FILE_COMPLAINT):
        return inv_decode_filing(turn, command->file_complaint, input);
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
        read_reasons(command->admit_late_item->reasons, input);
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
        return read_deciding(turn, command, input);
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

struct dsp_err inv_decode_own(struct dsp_turn *turn, const Disputes__Investigation__V1__Finding *finding,
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

/* --- decisions of our own, as the log shows them --- */

static struct dsp_str id_of(const Disputes__Common__V1__Actor *actor)
{
    return actor ? dsp_message_str(actor->id) : (struct dsp_str){NULL, 0};
}

/* Takes over the reference. */
static struct dsp_err dump(struct dsp_arena *arena, json_t *value, struct dsp_str *ret_json)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS);
    *ret_json = text ? dsp_arena_copy(arena, dsp_str_from(text)) : (struct dsp_str){NULL, 0};
    free(text);
    json_decref(value);
    return ret_json->ptr ? dsp_ok() : full();
}

static struct dsp_err read_grounds(struct dsp_turn *turn, const Disputes__Investigation__V1__Grounds *grounds,
                                   struct inv_filed *filed)
{
    if (!grounds) {
        return dsp_ok();
    }
    json_t *facts = dsp_message_json(&grounds->base);
    json_t *evidence = json_incref(json_object_get(facts, "items"));
    json_object_del(facts, "items");
    json_object_del(facts, "reasons"); /* they stand in the log, sealed */
    DSP_TRY(dump(turn->arena, facts, &filed->facts));
    return dump(turn->arena, evidence ? evidence : json_array(), &filed->evidence);
}

static struct dsp_err read_panel(struct dsp_turn *turn, Disputes__Common__V1__Actor *const *panel, size_t count,
                                 struct dsp_str *ret_ids)
{
    char ids[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < count && used < sizeof ids; i++) {
        int size = snprintf(ids + used, sizeof ids - used, "%s%s", i ? " " : "", panel[i]->id);
        used += size > 0 ? (size_t)size : 0;
    }
    *ret_ids = dsp_arena_copy(turn->arena, dsp_str_from(ids));
    return ret_ids->ptr ? dsp_ok() : full();
}

struct dsp_err inv_decode_grounds(struct dsp_turn *turn, const Disputes__Investigation__V1__Finding *finding,
                                  struct inv_filed *filed)
{
    switch ((int)finding->finding_case) {
    case FINDING(RULE_FOUND):
        filed->rule_id = dsp_message_str(finding->rule_found->rule_id);
        filed->cosigner = id_of(finding->rule_found->cosigner);
        filed->by_machine = filed->cosigner.len == 0;
        return read_grounds(turn, finding->rule_found->grounds, filed);
    case FINDING(DECISION_PROPOSED):
        filed->author = id_of(finding->decision_proposed->author);
        filed->cosigner = id_of(finding->decision_proposed->cosigner);
        filed->by_machine = finding->decision_proposed->engine;
        return read_grounds(turn, finding->decision_proposed->grounds, filed);
    case FINDING(DECISION_FINAL):
        filed->decided_by = id_of(finding->decision_final->reviewer);
        return read_grounds(turn, finding->decision_final->grounds, filed);
    case FINDING(APPEAL_DECIDED):
        filed->verdict = (int32_t)finding->appeal_decided->verdict;
        DSP_TRY(read_panel(turn, finding->appeal_decided->panel, finding->appeal_decided->n_panel, &filed->decided_by));
        return read_grounds(turn, finding->appeal_decided->grounds, filed);
    default:
        return dsp_ok();
    }
}
