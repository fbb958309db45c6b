/* codec.h: decisions that are about to be said, and what they stand on. */
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputes/investigation/v1/finding.pb-c.h"
#include "investigation/codec.h"

_Static_assert((int)INV_TRUE == (int)DISPUTES__INVESTIGATION__V1__TRUTH__TRUTH_TRUE, "inv_truth follows Truth");

#define FINDING(name) DISPUTES__INVESTIGATION__V1__FINDING__FINDING_##name

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "investigation message");
}

static char *text_of(struct dsp_arena *arena, struct dsp_str from)
{
    return (char *)(uintptr_t)dsp_arena_copy(arena, from).ptr;
}

static Disputes__Common__V1__Money *money_of(struct dsp_arena *arena, int64_t minor)
{
    Disputes__Common__V1__Money *money = dsp_arena_alloc(arena, sizeof *money);
    if (money) {
        disputes__common__v1__money__init(money);
        money->amount_minor = minor;
        money->currency = text_of(arena, DSP_STR_LITERAL("CNY"));
    }
    return money && money->currency ? money : NULL;
}

/* --- grounds --- */

static size_t put_missing(int32_t missed, Disputes__Common__V1__Role *roles)
{
    size_t count = 0;
    if (missed & INV_CONSUMER) {
        roles[count++] = DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER;
    }
    if (missed & INV_MERCHANT) {
        roles[count++] = DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT;
    }
    return count;
}

/* What is known: the order's times when the gateway vouches for them, the rest when it has happened. */
static struct dsp_err put_facts(struct dsp_arena *arena, const struct inv_facts *facts,
                                Disputes__Investigation__V1__Grounds *grounds)
{
    Disputes__Investigation__V1__FactRead *parts = dsp_arena_alloc(arena, INV_FACT_COUNT * sizeof *parts);
    grounds->facts = dsp_arena_alloc(arena, INV_FACT_COUNT * sizeof *grounds->facts);
    if (!parts || !grounds->facts) {
        return full();
    }
    for (int32_t fact = INV_FACT_PAID; fact < INV_FACT_STATED; fact++) {
        bool known = facts->times[fact] > 0 || (facts->vouched && fact <= INV_FACT_LAST_SCAN);
        if (known) {
            Disputes__Investigation__V1__FactRead *part = &parts[grounds->n_facts];
            disputes__investigation__v1__fact_read__init(part);
            part->fact = (Disputes__Platform__V1__RuleFact)fact;
            part->time_millis = facts->times[fact];
            grounds->facts[grounds->n_facts++] = part;
        }
    }
    return dsp_ok();
}

static struct dsp_err put_items(struct dsp_arena *arena, const struct inv_case_file *file,
                                Disputes__Investigation__V1__Grounds *grounds)
{
    size_t count = file->items->count;
    Disputes__Investigation__V1__ItemRegistered *parts = dsp_arena_alloc(arena, (count + 1) * sizeof *parts);
    grounds->items = dsp_arena_alloc(arena, (count + 1) * sizeof *grounds->items);
    if (!parts || !grounds->items) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        const struct inv_item_row *row = file->items->items[i];
        Disputes__Investigation__V1__ItemRegistered *part = &parts[grounds->n_items];
        if (!file->relied[i]) {
            continue;
        }
        disputes__investigation__v1__item_registered__init(part);
        part->item_id = text_of(arena, row->item.item_id);
        part->state = (Disputes__Investigation__V1__ItemState)row->state;
        part->sha256.data = (uint8_t *)(uintptr_t)row->item.sha256.ptr;
        part->sha256.len = row->item.sha256.len;
        grounds->items[grounds->n_items++] = part;
        if (!part->item_id) {
            return full();
        }
    }
    return dsp_ok();
}

static struct dsp_err put_trials(struct dsp_arena *arena, const struct inv_found *found,
                                 Disputes__Investigation__V1__Grounds *grounds)
{
    size_t count = found ? found->trial_count : 0;
    Disputes__Investigation__V1__RuleTried *parts = dsp_arena_alloc(arena, (count + 1) * sizeof *parts);
    grounds->rules = dsp_arena_alloc(arena, (count + 1) * sizeof *grounds->rules);
    if (!parts || !grounds->rules) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        const struct inv_trial *trial = &found->trials[i];
        size_t conditions = trial->rule->condition_count;
        disputes__investigation__v1__rule_tried__init(&parts[i]);
        parts[i].rule_id = text_of(arena, trial->rule->rule_id);
        parts[i].truth = (Disputes__Investigation__V1__Truth)trial->truth;
        parts[i].conditions = dsp_arena_alloc(arena, (conditions + 1) * sizeof *parts[i].conditions);
        if (!parts[i].rule_id || !parts[i].conditions) {
            return full();
        }
        for (size_t c = 0; c < conditions; c++) {
            parts[i].conditions[c] = (Disputes__Investigation__V1__Truth)trial->conditions[c];
        }
        parts[i].n_conditions = conditions;
        grounds->rules[i] = &parts[i];
    }
    grounds->n_rules = count;
    return dsp_ok();
}

static struct dsp_err put_burden(struct dsp_arena *arena, const struct inv_burden *from,
                                 Disputes__Investigation__V1__Grounds *grounds)
{
    if (!from) {
        return dsp_ok();
    }
    Disputes__Investigation__V1__Burden *burden = dsp_arena_alloc(arena, sizeof *burden);
    if (!burden) {
        return full();
    }
    disputes__investigation__v1__burden__init(burden);
    burden->bearer = from->bearer == INV_MERCHANT ? DISPUTES__COMMON__V1__ROLE__ROLE_MERCHANT
                                                  : DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER;
    burden->law = text_of(arena, dsp_str_from(from->law));
    burden->met = from->met;
    grounds->burden = burden;
    return burden->law ? dsp_ok() : full();
}

static struct dsp_err make_grounds(struct dsp_arena *arena, const struct inv_case_row *row,
                                   const struct inv_case_file *file, const Disputes__Common__V1__Text *reasons,
                                   Disputes__Investigation__V1__Grounds **ret_grounds)
{
    Disputes__Investigation__V1__Grounds *grounds = dsp_arena_alloc(arena, sizeof *grounds);
    Disputes__Common__V1__Role *missing = dsp_arena_alloc(arena, 2 * sizeof *missing);
    if (!grounds || !missing) {
        return full();
    }
    disputes__investigation__v1__grounds__init(grounds);
    grounds->rules_version = (uint64_t)row->head.rules_version;
    grounds->time_millis = file->time_ms;
    grounds->reason = (Disputes__Common__V1__Reason)file->facts.reason;
    grounds->remedy_asked = (Disputes__Common__V1__Remedy)file->facts.remedy;
    grounds->amount_asked = money_of(arena, file->facts.asked_minor);
    grounds->paid = money_of(arena, file->facts.paid_minor);
    grounds->unpaid = money_of(arena, file->facts.unpaid_minor);
    grounds->missing = missing;
    grounds->n_missing = put_missing(file->facts.missed, missing);
    grounds->reasons = (Disputes__Common__V1__Text *)(uintptr_t)reasons;
    DSP_TRY(put_facts(arena, &file->facts, grounds));
    DSP_TRY(put_items(arena, file, grounds));
    DSP_TRY(put_trials(arena, file->found, grounds));
    DSP_TRY(put_burden(arena, file->burden, grounds));
    *ret_grounds = grounds;
    return grounds->amount_asked && grounds->paid && grounds->unpaid ? dsp_ok() : full();
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

struct dsp_err inv_grounds_json(struct dsp_arena *arena, const struct inv_case_row *row,
                                const struct inv_case_file *file, struct dsp_str *ret_facts,
                                struct dsp_str *ret_evidence)
{
    Disputes__Investigation__V1__Grounds *grounds;
    DSP_TRY(make_grounds(arena, row, file, NULL, &grounds));
    json_t *facts = dsp_message_json(&grounds->base);
    json_t *evidence = json_incref(json_object_get(facts, "items"));
    json_object_del(facts, "items");
    DSP_TRY(dump(arena, facts, ret_facts));
    return dump(arena, evidence ? evidence : json_array(), ret_evidence);
}

void inv_mark_evidence(struct dsp_str evidence_json, struct inv_case_file *file)
{
    json_t *list = json_loadb(evidence_json.ptr ? evidence_json.ptr : "", evidence_json.len, 0, NULL);
    const json_t *part;
    size_t index;
    json_array_foreach(list, index, part) {
        const json_t *name = json_object_get(part, "item_id");
        for (size_t i = 0; i < file->items->count; i++) {
            const struct inv_item_row *row = file->items->items[i];
            struct dsp_str id = {json_string_value(name), json_string_length(name)};
            file->relied[i] = file->relied[i] ||
                              (file->facts.exhibits[i].usable && dsp_str_equal(id, row->item.item_id));
        }
    }
    json_decref(list);
}

/* --- decisions --- */

/* Everything of one finding, in the turn's arena. */
struct decision {
    Disputes__Investigation__V1__Finding finding;
    Disputes__Investigation__V1__RuleFound rule;
    Disputes__Investigation__V1__DecisionProposed draft;
    Disputes__Investigation__V1__DecisionFinal final;
    Disputes__Investigation__V1__AppealDecided appeal;
    Disputes__Common__V1__Ruling ruling;
    Disputes__Common__V1__Actor actors[2 + INV_PANEL_SIZE];
    Disputes__Common__V1__Actor *panel[INV_PANEL_SIZE];
};

static struct dsp_err put_ruling(struct dsp_arena *arena, const struct inv_decided *decided,
                                 Disputes__Common__V1__Ruling *ruling)
{
    disputes__common__v1__ruling__init(ruling);
    ruling->ruling_id = text_of(arena, decided->ruling_id);
    ruling->liability = (Disputes__Common__V1__Liability)decided->ruling.liability;
    ruling->merchant_percent = decided->ruling.merchant_percent;
    ruling->remedy = (Disputes__Common__V1__Remedy)decided->ruling.remedy;
    ruling->amount = money_of(arena, decided->ruling.amount_minor);
    return ruling->ruling_id && ruling->amount ? dsp_ok() : full();
}

/* *ret_actor NULL: nobody. */
static struct dsp_err put_actor(struct dsp_arena *arena, const struct inv_named *person,
                                Disputes__Common__V1__Actor *storage, Disputes__Common__V1__Actor **ret_actor)
{
    *ret_actor = NULL;
    if (person->staff_id.len == 0) {
        return dsp_ok();
    }
    disputes__common__v1__actor__init(storage);
    storage->role = (Disputes__Common__V1__Role)person->role;
    storage->id = text_of(arena, person->staff_id);
    *ret_actor = storage;
    return storage->id ? dsp_ok() : full();
}

static struct dsp_err put_appeal(struct dsp_arena *arena, const struct inv_decided *decided, struct decision *made)
{
    disputes__investigation__v1__appeal_decided__init(&made->appeal);
    made->appeal.verdict = (Disputes__Console__V1__AppealVerdict)decided->vote->verdict;
    made->appeal.votes_for = decided->vote->votes_for;
    made->appeal.votes_against = decided->vote->votes_against;
    for (size_t i = 0; i < decided->panel_count && i < INV_PANEL_SIZE; i++) {
        DSP_TRY(put_actor(arena, &decided->panel[i], &made->actors[2 + i], &made->panel[i]));
        made->appeal.n_panel += made->panel[i] != NULL;
    }
    made->appeal.panel = made->panel;
    made->appeal.ruling = &made->ruling;
    made->finding.appeal_decided = &made->appeal;
    made->finding.finding_case = FINDING(APPEAL_DECIDED);
    return dsp_ok();
}

static struct dsp_err make_decision(struct dsp_arena *arena, const struct inv_case_row *row,
                                    const struct inv_decided *decided, struct decision **ret_made)
{
    struct decision *made = dsp_arena_alloc(arena, sizeof *made);
    Disputes__Investigation__V1__Grounds *grounds;
    Disputes__Common__V1__Actor *author;
    Disputes__Common__V1__Actor *cosigner;
    if (!made) {
        return full();
    }
    disputes__investigation__v1__finding__init(&made->finding);
    DSP_TRY(make_grounds(arena, row, decided->file, decided->reasons, &grounds));
    DSP_TRY(put_ruling(arena, decided, &made->ruling));
    DSP_TRY(put_actor(arena, &decided->author, &made->actors[0], &author));
    DSP_TRY(put_actor(arena, &decided->cosigner, &made->actors[1], &cosigner));
    switch (decided->what) {
    case INV_SAY_RULE:
        disputes__investigation__v1__rule_found__init(&made->rule);
        made->rule.ruling = &made->ruling;
        made->rule.rule_id = text_of(arena, decided->rule_id);
        made->rule.grounds = grounds;
        made->rule.cosigner = cosigner;
        made->finding.rule_found = &made->rule;
        made->finding.finding_case = FINDING(RULE_FOUND);
        break;
    case INV_SAY_DRAFT:
        disputes__investigation__v1__decision_proposed__init(&made->draft);
        made->draft.ruling = &made->ruling;
        made->draft.author = author;
        made->draft.engine = !author;
        made->draft.grounds = grounds;
        made->draft.cosigner = cosigner;
        made->finding.decision_proposed = &made->draft;
        made->finding.finding_case = FINDING(DECISION_PROPOSED);
        break;
    case INV_SAY_FINAL:
        disputes__investigation__v1__decision_final__init(&made->final);
        made->final.ruling = &made->ruling;
        made->final.grounds = grounds;
        made->final.changed = decided->changed;
        made->final.reviewer = author;
        made->finding.decision_final = &made->final;
        made->finding.finding_case = FINDING(DECISION_FINAL);
        break;
    case INV_SAY_APPEAL:
        DSP_TRY(put_appeal(arena, decided, made));
        made->appeal.grounds = grounds;
        break;
    }
    *ret_made = made;
    return dsp_ok();
}

struct dsp_err inv_say_decision(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                                const struct inv_decided *decided)
{
    struct decision *made;
    DSP_TRY(make_decision(turn->arena, row, decided, &made));
    return inv_say(turn, row, entry, entry->sequence, &made->finding);
}

struct dsp_err inv_pack_decision(struct dsp_turn *turn, const struct inv_case_row *row,
                                 const struct inv_decided *decided, struct dsp_str *ret_bytes)
{
    struct decision *made;
    DSP_TRY(make_decision(turn->arena, row, decided, &made));
    return dsp_message_pack(turn->arena, &made->finding.base, ret_bytes);
}

struct dsp_err inv_say_signed(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                              struct dsp_str bytes, int64_t answers, const struct inv_named *signer)
{
    Disputes__Investigation__V1__Finding *finding;
    Disputes__Common__V1__Actor storage;
    Disputes__Common__V1__Actor *cosigner;
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__investigation__v1__finding__descriptor, bytes, &finding));
    DSP_TRY(put_actor(turn->arena, signer, &storage, &cosigner));
    if (finding->finding_case == FINDING(RULE_FOUND)) {
        finding->rule_found->cosigner = cosigner;
    } else if (finding->finding_case == FINDING(DECISION_PROPOSED)) {
        finding->decision_proposed->cosigner = cosigner;
    }
    return inv_say(turn, row, entry, answers, finding);
}
