#include "arbitration/handlers.h"

#include <stdio.h>

#include "arbitration/bundle.h"
#include "common/base/codes.h"
#include "common/base/log.h"

struct dsp_err arb_start(void *self, struct dsp_service *service)
{
    struct arb *arb = self;
    arb->service = service;
    return arb_institution_new(&arb->settings, &arb->institution);
}

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "rows of arbitration");
}

struct dsp_err arb_decode(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct arb *arb = self;
    if (record->kind != DSP_RECORD_MESSAGE) {
        return dsp_ok();
    }
    if (record->topic == ARB_TOPIC_INBOUND) {
        return arb_decode_inbound(turn, record);
    }
    DSP_TRY(arb_decode_entry(turn, record));
    const struct arb_entry *input = record->input;
    if (!input || !input->referred) {
        return dsp_ok();
    }
    /* The bundle holds what people wrote: it waits for the key of the case. */
    const struct dsp_key *key;
    struct dsp_err err = dsp_keys_find(dsp_service_keys(arb->service), &record->case_id, &key);
    return err.kind == DSP_ERR_RETRY ? err : arb_store_want_file(turn, &record->case_id);
}

/* --- the file that a bundle is made of --- */

static struct dsp_err keep_timeline(struct dsp_turn *turn, const struct dsp_uuid *case_id,
                                    const struct arb_entry *entry)
{
    struct dsp_str key = arb_store_key(turn, case_id);
    struct arb_timeline_row *row = key.ptr ? dsp_rows_add(turn->rows, &ARB_TABLES[ARB_TABLE_TIMELINE], key) : NULL;
    if (!row) {
        return full();
    }
    row->case_id = key;
    row->sequence = entry->sequence;
    row->type = entry->type;
    row->time_ms = entry->time_ms;
    row->hash = entry->hash;
    return dsp_ok();
}

static struct dsp_err keep_paper(struct dsp_turn *turn, const struct dsp_uuid *case_id, const struct arb_entry *entry,
                                 enum arb_paper_kind kind, struct dsp_str content)
{
    struct dsp_str key = arb_store_key(turn, case_id);
    struct arb_paper_row *row = key.ptr ? dsp_rows_add(turn->rows, &ARB_TABLES[ARB_TABLE_PAPER], key) : NULL;
    if (!row) {
        return full();
    }
    row->case_id = key;
    row->sequence = entry->sequence;
    row->kind = kind;
    row->side = entry->side;
    row->basis = kind == ARB_PAPER_RULING ? entry->basis : 0;
    row->time_ms = entry->time_ms;
    row->content = content;
    return dsp_ok();
}

static struct dsp_err keep_item(struct dsp_turn *turn, const struct dsp_uuid *case_id, const struct arb_entry *entry,
                                const struct arb_found_item *item)
{
    struct arb_item_row *row = arb_store_item(turn, case_id, item->item_id);
    if (row && row->state != ARB_ITEM_REFUSED) {
        return dsp_ok(); /* in custody: investigation refuses another one of this name */
    }
    row = row ? row : arb_store_add(turn, ARB_TABLE_ITEM, case_id);
    if (!row) {
        return full();
    }
    row->item_id = item->item_id;
    row->side = item->side;
    row->state = ARB_ITEM_RECEIVED;
    row->sha256 = item->sha256;
    row->size_bytes = item->size_bytes;
    row->media_type = item->media_type;
    row->reference = item->reference;
    row->entry_seq = entry->sequence;
    row->row.dirty = true;
    return dsp_ok();
}

static struct dsp_err keep_file(struct dsp_turn *turn, const struct dsp_uuid *case_id, const struct arb_entry *entry)
{
    DSP_TRY(keep_timeline(turn, case_id, entry));
    for (size_t i = 0; i < entry->item_count; i++) {
        DSP_TRY(keep_item(turn, case_id, entry, &entry->items[i]));
    }
    for (size_t i = 0; i < entry->mark_count; i++) {
        struct arb_item_row *row = arb_store_item(turn, case_id, entry->marks[i].item_id);
        bool custody = row && row->state != ARB_ITEM_RECEIVED;
        if (row && !(custody && entry->marks[i].state == ARB_ITEM_REFUSED)) { /* refused again: the first stays */
            row->state = (int32_t)entry->marks[i].state;
            row->row.dirty = true;
        }
    }
    if (entry->paper.len) {
        DSP_TRY(keep_paper(turn, case_id, entry, ARB_PAPER_ACT, entry->paper));
    }
    return entry->ruling.len || entry->annuls ? keep_paper(turn, case_id, entry, ARB_PAPER_RULING, entry->ruling)
                                              : dsp_ok();
}

/* --- the bundle --- */

static struct dsp_timer bundle_timer(const struct arb_referral_row *referral, const struct dsp_job *job, int64_t due_ms)
{
    return (struct dsp_timer){.case_id = referral->case_id,
                              .name = DSP_STR_LITERAL("bundle"),
                              .cause = referral->referral,
                              .generation = job->attempts,
                              .due_ms = due_ms};
}

/* The job that hands the bundle over; its bytes are made once and kept, sealed. */
static struct dsp_err order_bundle(const struct arb *arb, struct dsp_turn *turn, struct arb_case_row *row,
                                   struct arb_referral_row *referral, int64_t asked_minor)
{
    const struct dsp_uuid *case_id = &row->head.case_id;
    struct dsp_str file = arb_store_key(turn, case_id);
    struct dsp_list items = *dsp_rows_of(turn->rows, &ARB_TABLES[ARB_TABLE_ITEM], dsp_uuid_str(case_id));
    struct dsp_list papers = *dsp_rows_of(turn->rows, &ARB_TABLES[ARB_TABLE_PAPER], file);
    struct dsp_list timeline = *dsp_rows_of(turn->rows, &ARB_TABLES[ARB_TABLE_TIMELINE], file);
    struct arb_bundle_source source = {.row = row,
                                       .referral = referral->referral,
                                       .asked_minor = asked_minor,
                                       .bundle_id = arb_bundle_id(turn->arena, case_id, referral->referral),
                                       .items = &items,
                                       .papers = &papers,
                                       .timeline = &timeline};
    struct arb_bundle bundle;
    struct dsp_err err = dsp_keys_find(dsp_service_keys(arb->service), case_id, &source.key);
    if (dsp_failed(err)) { /* erased: the case is long over, nothing is sent any more */
        dsp_log_err(DSP_LOG_WARN, "no bundle is made", err);
        return dsp_ok();
    }
    source.callback_url = arb_callback_url(arb->institution, turn->arena, case_id, row->head.order_id);
    struct dsp_job *job = dsp_rows_add(turn->rows, &ARB_TABLES[ARB_TABLE_JOB], dsp_uuid_str(case_id));
    if (!job || !source.callback_url.ptr || !source.bundle_id.ptr) {
        return full();
    }
    DSP_TRY(arb_bundle_make(turn->arena, &source, &bundle));
    job->case_id = *case_id;
    job->number = source.bundle_id;
    job->kind = DSP_STR_LITERAL("bundle");
    job->lane = row->head.lane;
    job->state = DSP_JOB_READY;
    job->mode = ARB_CALL_SEND;
    job->order_id = row->head.order_id;
    job->reference = referral->referral;
    DSP_TRY(arb_body_seal(turn->arena, source.key, case_id, bundle.body, &job->argument));
    referral->claimed_minor = bundle.claimed_minor;
    referral->bundle_sha256 = dsp_arena_copy(turn->arena,
                                             (struct dsp_str){(const char *)bundle.sha256, sizeof bundle.sha256});
    return referral->bundle_sha256.ptr ? dsp_ok() : full();
}

static void log_state(const struct arb_referral_row *referral, enum arb_state from)
{
    dsp_log(DSP_LOG_INFO, "referral", DSP_F_UUID("dispute.case_id", &referral->case_id),
            DSP_F_INT("dispute.referral", referral->referral),
            DSP_F_TEXT("dispute.from", from ? arb_state_name((int)from) : "-"),
            DSP_F_TEXT("dispute.to", arb_state_name(referral->state)));
}

/* T15, T34, T46. */
static struct dsp_err on_referred(const struct arb *arb, struct dsp_turn *turn, struct arb_case_row *row,
                                  const struct arb_entry *entry)
{
    const struct arb_referral_row *before = arb_store_referral(turn, &row->head.case_id, 0);
    struct arb_referral_row *referral = arb_store_add(turn, ARB_TABLE_REFERRAL, &row->head.case_id);
    if (!referral) {
        return full();
    }
    referral->referral = before ? before->referral + 1 : 1;
    referral->generation = entry->generation;
    referral->entry_seq = entry->sequence;
    referral->state = ARB_STATE_REFERRED;
    referral->said_state = ARB_STATE_REFERRED;
    log_state(referral, (enum arb_state)0);
    return order_bundle(arb, turn, row, referral, entry->asked_minor);
}

/* The referral is over: nothing is sent or asked any more. */
static struct dsp_err stop_calls(struct dsp_turn *turn, const struct arb_referral_row *referral)
{
    struct dsp_job *job = arb_store_job(turn, &referral->case_id, referral->referral);
    if (!job || job->state == DSP_JOB_DONE) {
        return dsp_ok();
    }
    struct dsp_timer timer = bundle_timer(referral, job, 0);
    job->state = DSP_JOB_DONE;
    job->row.dirty = true;
    return dsp_timer_drop(turn, &timer);
}

/* Only here does a referral change its state: the log has it. */
static struct dsp_err set_state(struct dsp_turn *turn, struct arb_referral_row *referral, enum arb_input input,
                                bool own)
{
    enum arb_state from = (enum arb_state)referral->state;
    const struct arb_rule *rule = arb_rule(from, input);
    if (!rule->allowed) {
        return dsp_ok();
    }
    bool nothing_more_said = referral->said_state == referral->state;
    referral->state = rule->next;
    if (!own || nothing_more_said) {
        referral->said_state = rule->next;
    }
    referral->merchant_answered = referral->merchant_answered || input == ARB_INPUT_ANSWERED;
    referral->row.dirty = true;
    if (from != rule->next) {
        log_state(referral, from);
    }
    return arb_state_live(rule->next) ? dsp_ok() : stop_calls(turn, referral);
}

/* E30: the institution is silent. The bundle is sent again, or asked about. */
static void chase(struct dsp_turn *turn, const struct arb_referral_row *referral, enum arb_call call)
{
    struct dsp_job *job = arb_store_job(turn, &referral->case_id, referral->referral);
    if (job && job->state == DSP_JOB_DONE) { /* else it is under way anyhow */
        job->state = DSP_JOB_READY;
        job->mode = (int32_t)call;
        job->attempts = 0;
        job->row.dirty = true;
    }
}

static struct dsp_err on_input(struct dsp_turn *turn, struct arb_case_row *row, const struct arb_entry *entry)
{
    struct arb_referral_row *referral = arb_store_referral(turn, &row->head.case_id, 0);
    if (!referral) {
        return dsp_ok();
    }
    if (entry->refused) { /* provisional: back to what the log says */
        referral->said_state = referral->state;
        referral->row.dirty = true;
    }
    if (entry->chased && arb_state_live((enum arb_state)referral->state)) {
        chase(turn, referral, entry->chase);
    }
    if (entry->input == ARB_INPUT_NONE) {
        return dsp_ok();
    }
    DSP_TRY(set_state(turn, referral, entry->input, entry->own));
    if (entry->input != ARB_INPUT_AWARD) {
        return dsp_ok();
    }
    struct arb_fee told = {(enum arb_fee_move)referral->fee_move, referral->fee_consumer_minor,
                           referral->fee_merchant_minor};
    struct arb_fee fee = arb_fee_after_award(&told, &entry->award);
    if (fee.move == ARB_FEE_NONE) {
        return dsp_ok();
    }
    referral->fee_move = fee.move;
    referral->fee_consumer_minor = fee.consumer_minor;
    referral->fee_merchant_minor = fee.merchant_minor;
    return arb_say_fee(turn, row, entry->sequence, &fee, entry->time_ms);
}

static struct dsp_err on_entry(const struct arb *arb, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct arb_entry *entry = record->input;
    struct arb_case_row *row;
    if (entry->tells_time) {
        return keep_timeline(turn, &record->case_id, entry);
    }
    DSP_TRY(dsp_head_advance(turn, &ARB_TABLES[ARB_TABLE_CASE], record, entry->entry, &row));
    if (!row) {
        return dsp_ok();
    }
    DSP_TRY(keep_file(turn, &row->head.case_id, entry));
    return entry->referred ? on_referred(arb, turn, row, entry) : on_input(turn, row, entry);
}

/* --- messages of the institution --- */

/* Says what a message says, when its turn has come. */
static struct dsp_err take(struct dsp_turn *turn, struct arb_case_row *row, struct arb_referral_row *referral,
                           const struct arb_message *message, int64_t time_ms)
{
    const struct arb_rule *rule = arb_rule((enum arb_state)referral->said_state, message->kind);
    referral->last_sequence = message->sequence;
    referral->row.dirty = true;
    dsp_log(DSP_LOG_INFO, "message of the institution", DSP_F_UUID("dispute.case_id", &referral->case_id),
            DSP_F_INT("dispute.referral", referral->referral), DSP_F_INT("dispute.sequence", message->sequence),
            DSP_F_TEXT("dispute.kind", arb_input_name((int)message->kind)),
            DSP_F_TEXT("dispute.effect", rule->allowed ? "said" : "none"));
    if (!rule->allowed) {
        return dsp_ok(); /* a status after the end: late news, kept in the register of messages */
    }
    referral->said_state = rule->next;
    if (message->kind == ARB_INPUT_HEARING) {
        referral->hearing_date = message->hearing_date;
    }
    row->head.row.dirty = true;
    return arb_say_message(turn, row, referral, message, time_ms);
}

static struct dsp_err keep_message(struct dsp_turn *turn, const struct dsp_record *record,
                                   const struct arb_message *message, bool taken)
{
    if (arb_store_message(turn, &record->case_id, message->referral, message->sequence)) {
        return dsp_ok();
    }
    struct arb_message_row *kept = arb_store_add(turn, ARB_TABLE_MESSAGE, &record->case_id);
    if (!kept) {
        return full();
    }
    kept->referral = message->referral;
    kept->sequence = message->sequence;
    kept->message_id = message->message_id;
    kept->kind = (int32_t)message->kind;
    kept->body_sha256 = message->body_sha256;
    kept->received_ms = record->time_ms;
    kept->taken = taken;
    kept->content = record->value;
    return dsp_ok();
}

/* What was kept aside and is next now. It counts from the moment that made it next: the log never runs back. */
static struct dsp_err take_waiting(struct dsp_turn *turn, struct arb_case_row *row, struct arb_referral_row *referral,
                                   int64_t time_ms)
{
    struct arb_message_row *kept;
    while ((kept = arb_store_message(turn, &referral->case_id, referral->referral, referral->last_sequence + 1)) &&
           !kept->taken) {
        struct arb_message message;
        DSP_TRY(arb_message_read(turn->arena, kept->content, &message));
        kept->taken = true;
        kept->row.dirty = true;
        DSP_TRY(take(turn, row, referral, &message, time_ms));
    }
    return dsp_ok();
}

static struct dsp_err on_message(struct dsp_turn *turn, struct dsp_record *record)
{
    const struct arb_message *message = record->input;
    struct arb_case_row *row = arb_store_case(turn, &record->case_id);
    struct arb_referral_row *referral = row ? arb_store_referral(turn, &record->case_id, message->referral) : NULL;
    if (!referral) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "no referral %d of this case", message->referral);
    }
    if (!dsp_str_equal(row->head.order_id, record->key)) {
        return dsp_reject(DSP_CODE_WRONG_KEY, "the key is not the order of the case");
    }
    switch (arb_order(referral->last_sequence, message->sequence)) {
    case ARB_ORDER_REPEAT:
        return dsp_ok();
    case ARB_ORDER_AHEAD:
        dsp_log(DSP_LOG_WARN, "a message of the institution is missing",
                DSP_F_UUID("dispute.case_id", &record->case_id), DSP_F_INT("got", message->sequence),
                DSP_F_INT("last", referral->last_sequence));
        return keep_message(turn, record, message, false);
    case ARB_ORDER_NEXT:
        break;
    }
    DSP_TRY(keep_message(turn, record, message, true));
    DSP_TRY(take(turn, row, referral, message, record->time_ms));
    return take_waiting(turn, row, referral, record->time_ms);
}

/* --- calls --- */

struct dsp_err arb_call(void *self, struct dsp_arena *arena, const struct dsp_job *job, struct dsp_call *ret_call)
{
    const struct arb *arb = self;
    const struct dsp_key *key;
    struct dsp_str body;
    if (job->mode == ARB_CALL_ASK) {
        return arb_call_ask(arb->institution, arena, job->number, ret_call);
    }
    DSP_TRY(dsp_keys_find(dsp_service_keys(arb->service), &job->case_id, &key));
    DSP_TRY(arb_body_open(arena, key, &job->case_id, job->argument, &body));
    return arb_call_send(arb->institution, arena, body, ret_call);
}

/* The institution has the bundle: said once, with its fee when it names one. */
static struct dsp_err on_receipt(struct dsp_turn *turn, struct arb_case_row *row, struct arb_referral_row *referral,
                                 const struct arb_receipt *receipt)
{
    int32_t number = 1;
    if (referral->receipt_id.len) {
        return dsp_ok(); /* chased: the same answer again */
    }
    struct dsp_list *all = dsp_rows_of(turn->rows, &ARB_TABLES[ARB_TABLE_REFERRAL], dsp_uuid_str(&referral->case_id));
    for (size_t i = 0; i < all->count; i++) {
        const struct arb_referral_row *other = all->items[i];
        number += other->generation == referral->generation && other->referral < referral->referral;
    }
    referral->receipt_id = receipt->receipt_id;
    referral->row.dirty = true;
    DSP_TRY(arb_say_sent(turn, row, referral, number, turn->now_ms));
    if (receipt->fee.move == ARB_FEE_NONE) {
        return dsp_ok();
    }
    referral->fee_move = receipt->fee.move;
    referral->fee_consumer_minor = receipt->fee.consumer_minor;
    referral->fee_merchant_minor = receipt->fee.merchant_minor;
    return arb_say_fee(turn, row, referral->entry_seq, &receipt->fee, turn->now_ms);
}

static struct dsp_err on_answer(struct dsp_turn *turn, struct dsp_record *record)
{
    const struct dsp_answer *answer = &record->answer;
    struct arb_case_row *row = arb_store_case(turn, &record->case_id);
    struct dsp_list *jobs = dsp_rows_of(turn->rows, &ARB_TABLES[ARB_TABLE_JOB], dsp_uuid_str(&record->case_id));
    struct dsp_job *job = NULL;
    for (size_t i = 0; i < jobs->count && !job; i++) {
        struct dsp_job *one = jobs->items[i];
        job = dsp_str_equal(one->number, answer->number) ? one : NULL;
    }
    struct arb_referral_row *referral = row && job ? arb_store_referral(turn, &record->case_id, (int32_t)job->reference)
                                                   : NULL;
    if (!referral) {
        return dsp_ok();
    }
    struct arb_receipt receipt = arb_receipt_read(turn->arena, answer->body);
    enum arb_outcome outcome = arb_outcome((enum arb_call)answer->mode, answer->status, receipt.receipt_id.len > 0);
    if (outcome == ARB_OUTCOME_TAKEN) { /* said even when the referral has ended meanwhile: it did leave */
        DSP_TRY(on_receipt(turn, row, referral, &receipt));
    }
    if (job->state != DSP_JOB_READY) {
        return dsp_ok(); /* the referral has ended, or a double of this answer was here */
    }
    struct arb_next next = arb_after(outcome, (enum arb_call)answer->mode, ++job->attempts);
    job->row.dirty = true;
    job->mode = (int32_t)next.call;
    job->state = next.done ? DSP_JOB_DONE : next.wait_ms ? DSP_JOB_WAITING : DSP_JOB_READY;
    if (outcome == ARB_OUTCOME_REFUSED) {
        dsp_log(DSP_LOG_ERROR, "the institution refuses the bundle", DSP_F_UUID("dispute.case_id", &record->case_id),
                DSP_F_TEXT("error.code", DSP_CODE_OUTSIDE_REFUSED),
                DSP_F_INT("http.response.status_code", answer->status));
    }
    struct dsp_timer timer = bundle_timer(referral, job, turn->now_ms + next.wait_ms);
    return job->state == DSP_JOB_WAITING ? dsp_timer_set(turn, row->head.lane, &timer) : dsp_ok();
}

/* The wait of a call is over. */
static struct dsp_err on_timer(struct dsp_turn *turn, struct dsp_record *record)
{
    struct dsp_job *job = arb_store_job(turn, &record->case_id, (int32_t)record->timer.cause);
    if (job && dsp_str_is(record->timer.name, "bundle") && job->state == DSP_JOB_WAITING &&
        dsp_timer_ends(turn, &record->timer, job->attempts, 0)) {
        job->state = DSP_JOB_READY;
        job->row.dirty = true;
    }
    return dsp_ok();
}

struct dsp_err arb_handle(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct arb *arb = self;
    switch (record->kind) {
    case DSP_RECORD_MESSAGE:
        if (!record->input) {
            return dsp_ok();
        }
        return record->topic == ARB_TOPIC_INBOUND ? on_message(turn, record) : on_entry(arb, turn, record);
    case DSP_RECORD_TIMER:
        return on_timer(turn, record);
    case DSP_RECORD_ANSWER:
    default:
        return on_answer(turn, record);
    }
}

struct dsp_err arb_accept(void *self, struct dsp_arena *arena, struct evhttp_request *request,
                          struct dsp_str rest_of_path, struct dsp_str body, struct dsp_door_record *ret_record)
{
    const struct arb *arb = self;
    return arb_message_accept(arb->institution, arena, dsp_http_header(request, "Institution-Signature"), rest_of_path,
                              body, ret_record);
}
