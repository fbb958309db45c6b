#include "notification/handlers.h"

#include <stdio.h>

#include "common/base/codes.h"
#include "notification/codec.h"
#include "notification/push.h"

/* Receipts of one case that may wait for entries not read yet: a gateway names what it has read in the log. */
#define EARLY_MAX 256

struct dsp_err ntf_start(void *self, struct dsp_service *service)
{
    struct notification *notification = self;
    notification->service = service;
    if (notification->settings.webhook_url && !notification->settings.webhook_secret) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "MERCHANT_WEBHOOK_SECRET is required with MERCHANT_WEBHOOK_URL");
    }
    ntf_store_start();
    return dsp_ok();
}

/* --- decode --- */

/* An entry that pins a version waits until that version has been read; a filing waits for its key. */
static struct dsp_err await_parts(const struct notification *self, const struct ntf_entry *input,
                                  const struct dsp_record *record)
{
    struct ntf_deadlines deadlines;
    const struct dsp_key *key;
    if (input->entry->versions) {
        DSP_TRY(ntf_deadlines_find(dsp_service_platforms(self->service), dsp_str_from(input->entry->platform_id),
                                   (int64_t)input->entry->versions->policy, 0, &deadlines));
    }
    if (input->filed && input->filed->openid.len) {
        struct dsp_err err = dsp_keys_find(dsp_service_keys(self->service), &record->case_id, &key);
        return err.kind == DSP_ERR_RETRY ? err : dsp_ok(); /* erased: the docket is all that is left */
    }
    return dsp_ok();
}

struct dsp_err ntf_decode(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    if (record->kind != DSP_RECORD_MESSAGE) {
        return dsp_ok();
    }
    if (record->topic == NTF_TOPIC_INBOUND) {
        return ntf_decode_inbound(turn, record);
    }
    DSP_TRY(ntf_decode_entry(turn, record));
    if (!record->input) {
        return dsp_ok();
    }
    DSP_TRY(dsp_rows_want(turn->rows, &NTF_TABLES[NTF_TABLE_SIBLING], record->key));
    return await_parts(self, record->input, record);
}

/* --- entries --- */

/* What the row keeps of an entry, before anybody is told. */
static struct dsp_err take_note(const struct ntf_hand *hand, const struct ntf_entry *entry)
{
    struct ntf_case_row *row = hand->row;
    const struct dsp_uuid *case_id = &row->head.case_id;
    if (entry->filed) {
        row->consumer_id = entry->filed->consumer_id;
        row->merchant_id = entry->filed->merchant_id;
        row->openid = entry->filed->openid;
        row->order_line = entry->filed->order_line;
        row->reason = entry->filed->reason;
    }
    row->stage = entry->stage;
    bool parent_known = entry->news.kind == NTF_KIND_CASE_MERGED &&
                        ntf_store_parent_known(hand->turn, row->head.order_id, case_id, row->order_line);
    row->merchant_knows = row->merchant_knows || ntf_introduces(entry->news.kind) || parent_known;
    struct ntf_sibling_row *sibling = ntf_store_sibling(hand->turn, row->head.order_id, case_id);
    if (!sibling) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "order");
    }
    sibling->row.dirty = sibling->row.dirty || sibling->open != entry->open ||
                         sibling->merchant_knows != row->merchant_knows;
    sibling->order_line = row->order_line;
    sibling->open = entry->open;
    sibling->merchant_knows = row->merchant_knows;
    if (entry->remember) {
        struct ntf_act_row *act = ntf_store_add(hand->turn, NTF_TABLE_ACT, case_id);
        if (!act) {
            return dsp_reject(DSP_CODE_ARENA_FULL, "act");
        }
        act->sequence = entry->sequence;
        act->side = (int32_t)entry->news.actor;
    }
    return dsp_ok();
}

/* Puts one message into a side's docket and on its way. */
static struct dsp_err tell(const struct ntf_hand *hand, const struct ntf_entry *entry, const struct ntf_news *news,
                           const struct ntf_told *told, enum ntf_side side)
{
    struct ntf_case_row *row = hand->row;
    struct ntf_deadlines deadlines;
    struct ntf_text text;
    DSP_TRY(ntf_deadlines_find(dsp_service_platforms(hand->self->service), row->head.platform_id,
                               row->head.policy_version, row->reason, &deadlines));
    DSP_TRY(ntf_compose(hand->turn->arena, news, told, side, &deadlines, &text));
    struct ntf_delivery_row *delivery = ntf_store_add(hand->turn, NTF_TABLE_DELIVERY, &row->head.case_id);
    if (!delivery) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "delivery");
    }
    delivery->sequence = entry->sequence;
    delivery->kind = (int32_t)news->kind;
    delivery->generation = row->head.generation;
    delivery->reminder = told->reminder;
    delivery->is = (struct ntf_delivery){
        .side = side, .state = NTF_STATE_QUEUED, .paper = told->paper, .acknowledgement = told->acknowledgement};
    delivery->told_ms = entry->time_ms;
    delivery->due_ms = news->due_ms;
    delivery->title = text.title;
    delivery->text = text.text;
    delivery->hint = text.hint;
    return ntf_push_start(hand, delivery, news->percent);
}

/* Receipts that came before the entry they name, or name one that nobody was told of. */
static struct dsp_err apply_early(const struct ntf_hand *hand, int64_t sequence)
{
    struct dsp_list *list = ntf_store_inbound(hand->turn, &hand->row->head.case_id);
    for (size_t i = 0; i < list->count; i++) {
        struct ntf_inbound_row *early = list->items[i];
        if (early->applied || early->sequence > sequence) {
            continue;
        }
        early->applied = true;
        early->row.dirty = true;
        struct ntf_delivery_row *delivery = dsp_str_equal(early->order_id, hand->row->head.order_id)
                                                ? ntf_store_delivery(hand->turn, &hand->row->head.case_id,
                                                                     early->sequence, early->side)
                                                : NULL;
        if (delivery) {
            struct ntf_hand then = *hand;
            then.time_ms = early->time_ms;
            DSP_TRY(ntf_push_read(&then, delivery, (enum ntf_rung)early->rung));
        }
    }
    return dsp_ok();
}

static struct dsp_err on_entry(struct notification *self, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct ntf_entry *entry = record->input;
    struct ntf_hand hand = {.self = self, .turn = turn, .time_ms = entry->time_ms};
    struct ntf_news news = entry->news;
    DSP_TRY(dsp_head_advance(turn, &NTF_TABLES[NTF_TABLE_CASE], record, entry->entry, &hand.row));
    if (!hand.row) {
        return dsp_ok();
    }
    DSP_TRY(take_note(&hand, entry));
    news.answered = entry->answers ? ntf_store_act_side(turn, &record->case_id, entry->answers) : NTF_SIDE_NONE;
    struct ntf_told told = ntf_tell(&news, hand.row->merchant_knows);
    for (int side = NTF_SIDE_CONSUMER; side <= NTF_SIDE_MERCHANT; side++) {
        if (told.sides & NTF_BIT(side)) {
            DSP_TRY(tell(&hand, entry, &news, &told, (enum ntf_side)side));
        }
    }
    return apply_early(&hand, entry->sequence);
}

/* --- inbound --- */

static bool seen(struct dsp_turn *turn, const struct dsp_record *record)
{
    struct dsp_list *list = ntf_store_inbound(turn, &record->case_id);
    for (size_t i = 0; i < list->count; i++) {
        const struct ntf_inbound_row *row = list->items[i];
        if (dsp_str_equal(row->source, record->envelope.source) &&
            dsp_str_equal(row->message_id, record->envelope.id)) {
            return true;
        }
    }
    return false;
}

static struct dsp_err keep_inbound(struct dsp_turn *turn, const struct dsp_record *record,
                                   const struct ntf_inbound *inbound, bool applied)
{
    if (!applied && ntf_store_inbound(turn, &record->case_id)->count >= EARLY_MAX) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "too many receipts of entries that are not in the log");
    }
    struct ntf_inbound_row *row = ntf_store_add(turn, NTF_TABLE_INBOUND, &record->case_id);
    if (!row) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "inbound");
    }
    row->source = record->envelope.source;
    row->message_id = record->envelope.id;
    row->order_id = record->key;
    row->kind = (int32_t)inbound->kind;
    row->sequence = inbound->sequence;
    row->side = inbound->side;
    row->rung = (int32_t)inbound->rung;
    row->time_ms = record->time_ms;
    row->applied = applied;
    return dsp_ok();
}

/* Opened or acknowledged: serves what was told to that side; told to nobody, it changes nothing. */
static struct dsp_err on_read(const struct ntf_hand *hand, const struct dsp_record *record,
                              const struct ntf_inbound *inbound)
{
    if (!hand->row || inbound->sequence > hand->row->head.log_seq) {
        return keep_inbound(hand->turn, record, inbound, false);
    }
    struct ntf_delivery_row *delivery = ntf_store_delivery(hand->turn, &record->case_id, inbound->sequence,
                                                           inbound->side);
    return delivery ? ntf_push_read(hand, delivery, inbound->rung) : dsp_ok();
}

static struct dsp_err on_consent(const struct ntf_hand *hand, const struct dsp_record *record,
                                 const struct ntf_inbound *inbound)
{
    if (hand->row && !dsp_str_equal(hand->row->consumer_id, inbound->consumer_id)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "not the consumer of this case");
    }
    DSP_TRY(keep_inbound(hand->turn, record, inbound, true));
    struct ntf_consent_row *consent = ntf_store_consent(hand->turn, &record->case_id, inbound->template_id);
    if (!consent) {
        consent = ntf_store_add(hand->turn, NTF_TABLE_CONSENT, &record->case_id);
        if (!consent) {
            return dsp_reject(DSP_CODE_ARENA_FULL, "consent");
        }
        consent->template_id = inbound->template_id;
    }
    consent->row.dirty = true;
    consent->until_ms = inbound->until_ms;
    consent->quota = ntf_consent_granted(consent->quota, inbound->count);
    return dsp_ok();
}

static struct dsp_err on_inbound(struct notification *self, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct ntf_inbound *inbound = record->input;
    struct ntf_hand hand = {
        .self = self, .turn = turn, .row = ntf_store_case(turn, &record->case_id), .time_ms = record->time_ms};
    if (hand.row && !dsp_str_equal(hand.row->head.order_id, record->key)) {
        return dsp_reject(DSP_CODE_WRONG_KEY, "the key is not the order of the case");
    }
    if (seen(turn, record)) {
        return dsp_ok();
    }
    return inbound->kind == NTF_INBOUND_READ ? on_read(&hand, record, inbound) : on_consent(&hand, record, inbound);
}

/* --- timers and answers --- */

static struct dsp_err on_timer(const struct ntf_hand *hand, const struct dsp_timer *timer)
{
    int side;
    char name[32];
    snprintf(name, sizeof name, "%.*s", DSP_STR_ARG(timer->name));
    if (sscanf(name, "retry:%d", &side) == 1) {
        return ntf_push_retry(hand, timer, (enum ntf_side)side);
    }
    if (sscanf(name, "quiet:%d", &side) == 1) {
        return ntf_push_morning(hand, (enum ntf_side)side);
    }
    return dsp_ok();
}

struct dsp_err ntf_handle(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    struct ntf_hand hand = {.self = self, .turn = turn, .time_ms = turn->now_ms};
    switch (record->kind) {
    case DSP_RECORD_MESSAGE:
        if (record->topic == NTF_TOPIC_INBOUND) {
            return on_inbound(self, turn, record);
        }
        return record->input ? on_entry(self, turn, record) : dsp_ok();
    case DSP_RECORD_TIMER:
        hand.row = ntf_store_case(turn, &record->case_id);
        return hand.row ? on_timer(&hand, &record->timer) : dsp_ok();
    case DSP_RECORD_ANSWER:
        hand.row = ntf_store_case(turn, &record->case_id);
        return hand.row ? ntf_push_answer(&hand, &record->answer) : dsp_ok();
    default:
        return dsp_ok();
    }
}

struct dsp_err ntf_call(void *self, struct dsp_arena *arena, const struct dsp_job *job, struct dsp_call *ret_call)
{
    struct notification *notification = self;
    const struct ntf_settings *settings = &notification->settings;
    struct dsp_str packed;
    struct dsp_str openid;
    if (dsp_str_is(job->kind, NTF_CALL_WEBHOOK)) {
        return settings->webhook_url
                   ? ntf_webhook_call(arena, settings, job->number, job->argument, dsp_real_ms(), ret_call)
                   : dsp_retry(DSP_CODE_NOT_READY, "no webhook is configured any more");
    }
    if (job->mode == NTF_MODE_TOKEN) {
        return ntf_token_call(arena, settings, ret_call);
    }
    if (!ntf_token_fresh(&notification->token)) {
        return dsp_retry(DSP_CODE_NOT_READY, "no access token");
    }
    DSP_TRY(ntf_argument_openid(arena, job->argument, &packed));
    DSP_TRY(ntf_openid_open(arena, dsp_service_keys(notification->service), &job->case_id, packed, &openid));
    return ntf_subscription_call(arena, settings, &notification->token, job->argument, openid, ret_call);
}
