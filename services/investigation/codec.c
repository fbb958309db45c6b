#include "investigation/codec.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputes/investigation/v1/finding.pb-c.h"

#define TYPE(name) DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_##name
#define STAGE(name) DISPUTES__COMMON__V1__STAGE__STAGE_##name
#define ACT(name) DISPUTES__GATEWAY__V1__COMMAND__ACT_##name
#define CLOCK(name) DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_##name
#define LAST_WARNING_PERCENT 90

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
                                            .reference = dsp_message_str(items[i]->reference),
                                            .kind = (int32_t)items[i]->kind,
                                            .result = (int32_t)items[i]->result,
                                            .stated_ms = items[i]->stated_time_millis,
                                            .verified_by = dsp_message_str(items[i]->verified_by)};
    }
    input->item_count = count;
    input->adds = adds;
    input->paper = count > 0 || adds;
    return dsp_ok();
}

/* The words of a comment are evidence: the item is the entry, its bytes the sealed text that stands there. */
static struct dsp_err add_words(struct dsp_turn *turn, const Disputes__Common__V1__Text *text, struct inv_entry *input)
{
    char name[40];
    uint8_t hash[32];
    struct dsp_str bytes;
    if (!text) {
        return dsp_ok();
    }
    DSP_TRY(dsp_message_pack(turn->arena, &text->base, &bytes));
    dsp_sha256(bytes, hash);
    snprintf(name, sizeof name, INV_ENTRY_ITEM "%lld", (long long)input->sequence);
    input->words = (struct inv_item){
        .item_id = dsp_arena_copy(turn->arena, dsp_str_from(name)),
        .sha256 = dsp_arena_copy(turn->arena, (struct dsp_str){(const char *)hash, sizeof hash}),
        .size_bytes = (int64_t)bytes.len,
        .media_type = DSP_STR_LITERAL("text/plain"),
        .kind = (int32_t)DISPUTES__COMMON__V1__EVIDENCE_KIND__EVIDENCE_KIND_OTHER,
    };
    return input->words.item_id.ptr && input->words.sha256.ptr ? dsp_ok() : full();
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

struct dsp_err inv_decode_filing(struct dsp_turn *turn, const Disputes__Gateway__V1__FileComplaint *filing,
                                 struct inv_entry *input)
{
    input->role = DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER; /* whoever wrote it down */
    input->side = INV_CONSUMER;
    DSP_TRY(take_snapshot(turn, filing, input));
    return add_items(turn, input, filing->items, filing->n_items, false);
}

static void read_fact(const Disputes__Gateway__V1__ReportFact *report, struct inv_entry *input)
{
    switch ((int)report->fact_case) {
    case DISPUTES__GATEWAY__V1__REPORT_FACT__FACT_LAST_SCAN_TIME_MILLIS:
        input->fact = INV_FACT_LAST_SCAN;
        input->fact_ms = report->last_scan_time_millis;
        return;
    case DISPUTES__GATEWAY__V1__REPORT_FACT__FACT_RECEIVED_TIME_MILLIS:
        input->fact = INV_FACT_RECEIVED;
        input->fact_ms = report->received_time_millis;
        return;
    case DISPUTES__GATEWAY__V1__REPORT_FACT__FACT_REFUND_NUMBER:
        input->fact = INV_FACT_REFUND;
        input->fact_ms = input->time_ms;
        return;
    case DISPUTES__GATEWAY__V1__REPORT_FACT__FACT_MERCHANT_GONE:
        input->fact = report->merchant_gone ? INV_FACT_MERCHANT_GONE : INV_FACT_NONE;
        input->fact_ms = input->time_ms;
        return;
    default:
        return;
    }
}

static struct dsp_err read_command(struct dsp_turn *turn, const Disputes__Gateway__V1__Command *command,
                                   struct inv_entry *input)
{
    input->role = command->actor ? (int32_t)command->actor->role : 0;
    input->side = side_of(input->role);
    switch ((int)command->act_case) {
    case ACT(FILE_COMPLAINT):
        return inv_decode_filing(turn, command->file_complaint, input);
    case ACT(INFO_SUPPLIED):
        return add_items(turn, input, command->info_supplied->items, command->info_supplied->n_items, false);
    case ACT(ADD_EVIDENCE):
        input->done = command->add_evidence->done;
        return add_items(turn, input, command->add_evidence->items, command->add_evidence->n_items, true);
    case ACT(CONTEST_CLAIM):
        return add_items(turn, input, command->contest_claim->items, command->contest_claim->n_items, false);
    case ACT(COMMENT):
        DSP_TRY(add_words(turn, command->comment->text, input));
        return add_items(turn, input, command->comment->items, command->comment->n_items, false);
    case ACT(APPEAL):
        return add_items(turn, input, command->appeal->items, command->appeal->n_items, false);
    case ACT(SET_ASIDE):
        return add_items(turn, input, command->set_aside->items, command->set_aside->n_items, false);
    case ACT(REFILE):
        return add_items(turn, input, command->refile->items, command->refile->n_items, false);
    case ACT(REPORT_FACT):
        read_fact(command->report_fact, input);
        return dump(turn->arena, dsp_message_json(&command->report_fact->base), &input->snapshot);
    case ACT(INSPECT_RETURN):
        input->needs_agent = command->inspect_return->condition !=
                             DISPUTES__GATEWAY__V1__RETURN_CONDITION__RETURN_CONDITION_IN_ORDER;
        return dsp_ok();
    default:
        return dsp_ok();
    }
}

static const Disputes__Common__V1__ClockRef *clock_of(const Disputes__Sla__V1__Finding *finding, bool *ret_breach)
{
    const Disputes__Sla__V1__ClockDue *due = NULL;
    *ret_breach = finding->finding_case == DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED;
    if (*ret_breach) {
        due = finding->clock_breached->clock;
    } else if (finding->finding_case == DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_RUNG_REACHED &&
               finding->clock_rung_reached->percent == LAST_WARNING_PERCENT) {
        due = finding->clock_rung_reached->clock;
    }
    return due ? due->clock : NULL;
}

/* What a breach, or the last warning of a clock of the platform's own, asks for (docs/MACHINE.md, 6.1 and 6.3). */
static enum inv_overdue overdue_of(int kind, bool breach)
{
    switch (kind) {
    case CLOCK(NEXT_ROUND):
    case CLOCK(RETURN_CHECK):
        return breach ? INV_OVERDUE_NONE : INV_OVERDUE_AGENT;
    case CLOCK(INVEST):
        return INV_OVERDUE_AGENT;
    case CLOCK(INVEST_HARD):
        return breach ? INV_OVERDUE_DRAFT : INV_OVERDUE_AGENT;
    case CLOCK(APPEAL_DECIDE):
        return INV_OVERDUE_PANEL;
    case CLOCK(APPEAL_HARD):
        return breach ? INV_OVERDUE_NONE : INV_OVERDUE_PANEL;
    case CLOCK(FINALISE):
        return breach ? INV_OVERDUE_REVIEW : INV_OVERDUE_NONE;
    default:
        return INV_OVERDUE_NONE;
    }
}

static void read_sla(const Disputes__Case__V1__Entry *entry, struct inv_entry *input)
{
    bool breach;
    const Disputes__Common__V1__ClockRef *clock = clock_of(entry->sla_finding, &breach);
    if (!clock) {
        return;
    }
    if (breach && clock->kind == CLOCK(ROUND)) {
        input->missed = side_of((int)clock->side);
    }
    if (entry->type == TYPE(FINDING)) { /* else it has moved the stage already */
        input->overdue = overdue_of((int)clock->kind, breach);
    }
}

/* What has been paid on the order line: an offer, a draft, a rule may not give it twice. */
static void read_fund(const Disputes__Fund__V1__Finding *finding, struct inv_entry *input)
{
    if (finding->finding_case == DISPUTES__FUND__V1__FINDING__FINDING_DUTY_VERIFIED) {
        input->given_minor = minor_of(finding->duty_verified->amount);
    } else if (finding->finding_case == DISPUTES__FUND__V1__FINDING__FINDING_PAYOUT_CONFIRMED) {
        input->given_minor = minor_of(finding->payout_confirmed->amount);
    }
}

static struct dsp_err read_content(struct dsp_turn *turn, const Disputes__Case__V1__Entry *entry,
                                   struct inv_entry *input)
{
    switch ((int)entry->content_case) {
    case DISPUTES__CASE__V1__ENTRY__CONTENT_GATEWAY_COMMAND:
        return read_command(turn, entry->gateway_command, input);
    case DISPUTES__CASE__V1__ENTRY__CONTENT_CONSOLE_COMMAND:
        return inv_decode_console(turn, entry->console_command, input);
    case DISPUTES__CASE__V1__ENTRY__CONTENT_INVESTIGATION_FINDING:
        return inv_decode_own(turn, entry->investigation_finding, input);
    case DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING:
        read_sla(entry, input);
        return dsp_ok();
    case DISPUTES__CASE__V1__ENTRY__CONTENT_FUND_FINDING:
        read_fund(entry->fund_finding, input);
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
    bool cny;
    bool by_clock = entry->content_case == DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING;
    *filed = (struct inv_filed){
        .decision_id = dsp_message_str(ruling->ruling_id),
        .basis = (int32_t)entry->basis,
        .ruling = inv_decode_ruling(ruling, &cny),
        .proposed = entry->type == TYPE(DECISION_PROPOSED),
        .final = entry->type == TYPE(DECISION_FINAL),
        .appeal = entry->type == TYPE(APPEAL_DECIDED),
        .by_machine = by_clock || entry->type == TYPE(RULE_FOUND),
        .by_default = entry->type == TYPE(DEFAULT_JUDGMENT_ENTERED),
    };
    input->filed = filed;
    return entry->content_case == DISPUTES__CASE__V1__ENTRY__CONTENT_INVESTIGATION_FINDING
               ? inv_decode_grounds(turn, entry->investigation_finding, filed)
               : dsp_ok();
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
    case TYPE(CASE_REFILED):
        input->refiled = true;
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
    input->leaves_hearing = input->leaves || entry->stage_before == STAGE(INVESTIGATION);
    input->over = entry->stage_after == STAGE(CLOSED);
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
                   ? inv_decode_own(turn, entry->investigation_finding, input)
                   : dsp_ok();
    }
    DSP_TRY(read_content(turn, entry, input));
    DSP_TRY(read_type(turn, entry, input));
    read_stages(entry, input);
    if (dsp_entry_tells_time(entry) && !input->overdue) {
        record->input = NULL;
    }
    return dsp_ok();
}

static const Disputes__Gateway__V1__OrderFacts *order_of(const Disputes__Case__V1__Entry *entry)
{
    const Disputes__Gateway__V1__FileComplaint *filing = NULL;
    if (entry->content_case == DISPUTES__CASE__V1__ENTRY__CONTENT_GATEWAY_COMMAND &&
        entry->gateway_command->act_case == ACT(FILE_COMPLAINT)) {
        filing = entry->gateway_command->file_complaint;
    } else if (entry->content_case == DISPUTES__CASE__V1__ENTRY__CONTENT_CONSOLE_COMMAND &&
               entry->console_command->act_case == DISPUTES__CONSOLE__V1__COMMAND__ACT_FILE_COMPLAINT) {
        filing = entry->console_command->file_complaint;
    }
    return filing ? filing->order : NULL;
}

/* CP23-PROOF is for durable goods and decoration; the gateway names the category so. */
static bool is_durable(struct dsp_str category)
{
    return dsp_str_starts(category, "durable") || dsp_str_starts(category, "decoration");
}

static void read_order(const Disputes__Gateway__V1__OrderFacts *order, struct inv_case_row *row)
{
    if (!order) {
        return;
    }
    row->vouched = true;
    row->durable = is_durable(dsp_message_str(order->category));
    row->ordered_ms = order->paid_time_millis;
    row->shipped_ms = order->shipped_time_millis;
    row->promised_ms = order->promised_time_millis;
    row->received_ms = order->received_time_millis;
    row->last_scan_ms = order->last_scan_time_millis;
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
    row->filed_ms = entry->time_ms;
    read_order(order_of(entry->entry), row);
}
