/* handlers_parts.h: what the log says was decided, and the file it stands on. */
#include "common/base/codes.h"
#include "common/base/log.h"
#include "investigation/handlers_parts.h"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "rows of investigation");
}

static void set_decision(struct inv_decision_row *decision, enum inv_decision_input input)
{
    const struct inv_decision_rule *rule = decision ? inv_decision_rule((enum inv_decision_state)decision->state, input)
                                                    : NULL;
    if (rule && rule->allowed) {
        dsp_log(DSP_LOG_DEBUG, "decision", DSP_F_UUID("dispute.case_id", &decision->case_id),
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

static struct inv_exhibit exhibit_of(const struct inv_item_row *row)
{
    return (struct inv_exhibit){
        .side = row->side == INV_ROLE_CONSUMER   ? INV_CONSUMER
                : row->side == INV_ROLE_MERCHANT ? INV_MERCHANT
                                                 : INV_NOBODY,
        .kind = row->item.kind,
        .result = row->item.result,
        .usable = row->state == INV_ITEM_IN_TIME || row->state == INV_ITEM_ADMITTED_LATE,
        .verified = row->item.verified_by.len > 0,
        .comment = dsp_str_starts(row->item.item_id, INV_ENTRY_ITEM),
        .stated_ms = row->item.stated_ms,
    };
}

static void read_times(const struct inv_case_row *row, int64_t now_ms, int64_t *times)
{
    times[INV_FACT_PAID] = row->ordered_ms;
    times[INV_FACT_SHIPPED] = row->shipped_ms;
    times[INV_FACT_PROMISED] = row->promised_ms;
    times[INV_FACT_RECEIVED] = row->received_ms;
    times[INV_FACT_LAST_SCAN] = row->last_scan_ms;
    times[INV_FACT_FILED] = row->filed_ms;
    times[INV_FACT_NOW] = now_ms;
    times[INV_FACT_REFUND] = row->refund_ms;
    times[INV_FACT_MERCHANT_GONE] = row->gone_ms;
}

struct dsp_err inv_open_file(struct dsp_turn *turn, const struct inv_case_row *row, const struct inv_entry *entry,
                             struct inv_case_file *ret_file)
{
    const struct dsp_list *items = dsp_rows_of(turn->rows, &INV_TABLES[INV_TABLE_ITEM],
                                               dsp_uuid_str(&row->head.case_id));
    struct inv_exhibit *exhibits = dsp_arena_alloc(turn->arena, (items->count + 1) * sizeof *exhibits);
    bool *relied = dsp_arena_alloc(turn->arena, (items->count + 1) * sizeof *relied);
    int64_t unpaid = row->paid_minor > row->given_minor ? row->paid_minor - row->given_minor : 0;
    struct inv_case_file file = {.items = items, .relied = relied, .time_ms = entry->time_ms};
    if (!exhibits || !relied) {
        return full();
    }
    for (size_t i = 0; i < items->count; i++) {
        exhibits[i] = exhibit_of(items->items[i]);
        relied[i] = false;
        file.limits.usable_count += exhibits[i].usable && !exhibits[i].comment;
    }
    file.facts = (struct inv_facts){.vouched = row->vouched,
                                    .reason = row->reason,
                                    .remedy = row->remedy,
                                    .asked_minor = row->amount_minor,
                                    .paid_minor = row->paid_minor,
                                    .unpaid_minor = unpaid,
                                    .missed = inv_store_missed(turn, &row->head.case_id, entry->generation),
                                    .durable = row->durable,
                                    .exhibits = exhibits,
                                    .exhibit_count = items->count};
    read_times(row, entry->time_ms, file.facts.times);
    file.limits.unpaid_minor = unpaid;
    file.limits.asked_minor = row->amount_minor;
    *ret_file = file;
    return dsp_ok();
}

/* What a clock has decided (T20) stands on the whole file as it is now; a finding brings its own grounds. */
static struct dsp_err give_grounds(struct dsp_turn *turn, const struct inv_case_row *row, const struct inv_entry *entry,
                                   struct inv_decision_row *decision)
{
    struct inv_case_file file;
    if (entry->filed->facts.len) {
        decision->facts = entry->filed->facts;
        decision->evidence = entry->filed->evidence;
        return dsp_ok();
    }
    if (decision->facts.len) {
        return dsp_ok(); /* T40: as drafted */
    }
    DSP_TRY(inv_open_file(turn, row, entry, &file));
    for (size_t i = 0; i < file.items->count; i++) {
        file.relied[i] = file.facts.exhibits[i].usable;
    }
    return inv_grounds_json(turn->arena, row, &file, &decision->facts, &decision->evidence);
}

static struct dsp_str or_else(struct dsp_str first, struct dsp_str second)
{
    return first.len ? first : second;
}

static struct dsp_err file_decision(struct dsp_turn *turn, const struct inv_case_row *row,
                                    const struct inv_entry *entry, struct inv_decision_row *decision)
{
    const struct inv_filed *filed = entry->filed;
    decision->decision_id = filed->decision_id;
    decision->generation = entry->generation;
    decision->basis = filed->basis;
    decision->liability = filed->ruling.liability;
    decision->merchant_percent = filed->ruling.merchant_percent;
    decision->remedy = filed->ruling.remedy;
    decision->amount_minor = filed->ruling.amount_minor;
    decision->by_machine = filed->by_machine || filed->by_default;
    decision->review = review_of(filed);
    decision->rules_version = row->head.rules_version;
    decision->rule_id = filed->rule_id;
    decision->author = or_else(filed->author, decision->author);
    decision->cosigner = or_else(filed->cosigner, decision->cosigner);
    decision->decided_by = filed->decided_by;
    decision->row.dirty = true;
    return give_grounds(turn, row, entry, decision);
}

/* Each verdict, and what it does; one that is not said is told by what stands now. */
static enum inv_decision_input verdict_of(const struct inv_filed *filed, bool same)
{
    switch (filed->verdict) {
    case INV_APPEAL_AFFIRM:
        return INV_DECISION_INPUT_AFFIRM;
    case INV_APPEAL_VARY:
        return INV_DECISION_INPUT_VARY;
    case INV_APPEAL_ANNUL:
        return INV_DECISION_INPUT_ANNUL;
    default:
        return inv_verdict(same, filed->ruling.amount_minor > 0);
    }
}

static struct dsp_err on_decision(struct dsp_turn *turn, const struct inv_case_row *row, const struct inv_entry *entry)
{
    const struct inv_filed *filed = entry->filed;
    struct inv_decision_row *newest = inv_store_decision(turn, &row->head.case_id);
    if (filed->appeal && newest) {
        bool same = dsp_str_equal(newest->decision_id, filed->decision_id);
        set_decision(newest, verdict_of(filed, same));
        if (same) {
            newest->decided_by = or_else(filed->decided_by, newest->decided_by);
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

/* A signature that comes too late signs nothing; a proposal that waited for one is answered. */
static struct dsp_err lapse(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry)
{
    static const struct inv_fault LEFT = {"NOT_IN_THIS_STAGE", "the stage was left before it was signed"};
    struct inv_pending_row *waiting = inv_store_waiting(turn, &row->head.case_id);
    if (!waiting) {
        return dsp_ok();
    }
    waiting->state = INV_PENDING_LAPSED;
    waiting->row.dirty = true;
    bool answers = waiting->author.len > 0 && !entry->over; /* of a closed case nothing is taken any more */
    return answers ? inv_say_draft_refused(turn, row, entry, waiting->entry_seq, &LEFT) : dsp_ok();
}

struct dsp_err inv_on_filed(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry)
{
    if (entry->leaves_hearing || entry->opens) {
        DSP_TRY(lapse(turn, row, entry));
    }
    if (entry->filed) {
        return on_decision(turn, row, entry);
    }
    if (entry->input) {
        set_decision(inv_store_decision(turn, &row->head.case_id), entry->input);
    }
    return dsp_ok();
}
