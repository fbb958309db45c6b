#include "notification/push.h"

#include "common/base/codes.h"
#include "common/base/log.h"
#include "notification/codec.h"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "deliveries");
}

/* --- what can be used --- */

static struct dsp_str template_of(const struct ntf_hand *hand, const struct ntf_delivery_row *delivery)
{
    struct ntf_told told = {
        .paper = delivery->is.paper, .acknowledgement = delivery->is.acknowledgement, .reminder = delivery->reminder};
    return ntf_template_id(&hand->self->settings, ntf_template_of(&told));
}

static bool key_erased(const struct ntf_hand *hand)
{
    const struct dsp_key *key;
    return dsp_keys_find(dsp_service_keys(hand->self->service), &hand->row->head.case_id, &key).kind == DSP_ERR_REJECT;
}

/* Customer-service messages, SMS and call lists have no adapter yet: they are never usable. */
static ntf_rungs usable(const struct ntf_hand *hand, const struct ntf_delivery_row *delivery)
{
    ntf_rungs rungs = 0;
    if (hand->self->settings.webhook_url) {
        rungs |= NTF_BIT(NTF_RUNG_WEBHOOK);
    }
    if (hand->row->openid.len && !key_erased(hand)) {
        const struct ntf_consent_row *consent = ntf_store_consent(hand->turn, &hand->row->head.case_id,
                                                                  template_of(hand, delivery));
        if (ntf_may_spend(consent ? consent->quota : NTF_CONSENT_UNCOUNTED, delivery->reminder)) {
            rungs |= NTF_BIT(NTF_RUNG_SUBSCRIPTION);
        }
    }
    return rungs;
}

static struct dsp_err set_quota(const struct ntf_hand *hand, const struct ntf_delivery_row *delivery, bool gone)
{
    const struct dsp_uuid *case_id = &hand->row->head.case_id;
    struct dsp_str template = template_of(hand, delivery);
    struct ntf_consent_row *consent = ntf_store_consent(hand->turn, case_id, template);
    if (!consent && !gone) {
        return dsp_ok(); /* not counted */
    }
    if (!consent) {
        consent = ntf_store_add(hand->turn, NTF_TABLE_CONSENT, case_id);
        if (!consent) {
            return full();
        }
        consent->template_id = template;
        consent->quota = NTF_CONSENT_UNCOUNTED;
    }
    consent->quota = gone ? 0 : ntf_consent_spent(consent->quota);
    consent->row.dirty = true;
    return dsp_ok();
}

/* --- jobs --- */

/* Made once for entry, side and rung: whoever reads the log again gets the same number. */
static struct dsp_str number_of(const struct ntf_hand *hand, const struct ntf_delivery_row *delivery)
{
    char text[DSP_UUID_TEXT_BYTES];
    struct dsp_str name = dsp_arena_format(hand->turn->arena, "%lld/%d/%d", (long long)delivery->sequence,
                                           (int)delivery->is.side, (int)delivery->is.rung);
    struct dsp_uuid id = dsp_uuid_derive(&hand->row->head.case_id, name);
    dsp_uuid_format(&id, text);
    return dsp_arena_copy(hand->turn->arena, dsp_str_from(text));
}

static int32_t send_mode(const struct ntf_hand *hand, struct dsp_str kind)
{
    bool needs_token = dsp_str_is(kind, NTF_CALL_SUBSCRIPTION) && !ntf_token_fresh(&hand->self->token);
    return needs_token ? NTF_MODE_TOKEN : NTF_MODE_SEND;
}

static struct dsp_err make_job(const struct ntf_hand *hand, struct ntf_delivery_row *delivery, struct dsp_str title)
{
    struct dsp_arena *arena = hand->turn->arena;
    bool webhook = delivery->is.rung == NTF_RUNG_WEBHOOK;
    struct dsp_str argument;
    delivery->message_id = number_of(hand, delivery);
    struct dsp_job *job = ntf_store_add(hand->turn, NTF_TABLE_JOB, &hand->row->head.case_id);
    if (!delivery->message_id.ptr || !job) {
        return full();
    }
    if (webhook) {
        DSP_TRY(ntf_webhook_argument(arena, hand->row, delivery, title, &argument));
    } else {
        DSP_TRY(ntf_subscription_argument(arena, &hand->self->settings, hand->row, delivery, title, &argument));
    }
    job->number = delivery->message_id;
    job->kind = webhook ? DSP_STR_LITERAL(NTF_CALL_WEBHOOK) : DSP_STR_LITERAL(NTF_CALL_SUBSCRIPTION);
    job->lane = hand->row->head.lane;
    job->state = DSP_JOB_READY;
    job->mode = send_mode(hand, job->kind);
    job->order_id = hand->row->head.order_id;
    job->reference = delivery->sequence;
    job->argument = argument;
    return dsp_ok();
}

/* --- decisions --- */

/* Papers that die one after the other: from some number on the side counts as unreachable. */
static struct dsp_err count_paper(const struct ntf_hand *hand, const struct ntf_delivery_row *delivery, bool dead)
{
    int32_t *count = delivery->is.side == NTF_SIDE_CONSUMER ? &hand->row->dead_consumer : &hand->row->dead_merchant;
    int32_t before = *count;
    *count = dead ? before + 1 : 0;
    hand->row->head.row.dirty = hand->row->head.row.dirty || *count != before;
    return dead && *count == NTF_UNREACHABLE_PAPERS
               ? ntf_say_unreachable(hand->turn, hand->row, delivery, hand->time_ms)
               : dsp_ok();
}

/* The only function that changes a delivery. */
static struct dsp_err decide(const struct ntf_hand *hand, struct ntf_delivery_row *delivery, enum ntf_input input,
                             enum ntf_rung rung, struct ntf_effect *ret_effect)
{
    enum ntf_state before = delivery->is.state;
    struct ntf_effect effect = ntf_decide(&delivery->is, input, rung, usable(hand, delivery), hand->time_ms);
    *ret_effect = effect;
    if (!effect.changed) {
        return dsp_ok();
    }
    delivery->row.dirty = true;
    if (before != delivery->is.state) {
        dsp_log(DSP_LOG_DEBUG, "delivery", DSP_F_UUID("dispute.case_id", &hand->row->head.case_id),
                DSP_F_INT("dispute.sequence", delivery->sequence), DSP_F_TEXT("from", ntf_state_name((int)before)),
                DSP_F_TEXT("to", ntf_state_name((int)delivery->is.state)));
    }
    if (effect.proved) {
        DSP_TRY(ntf_say_proved(hand->turn, hand->row, delivery, hand->time_ms));
    }
    if (effect.failed) {
        DSP_TRY(ntf_say_failed(hand->turn, hand->row, delivery, hand->time_ms));
    }
    bool reached = delivery->is.state == NTF_STATE_SENT || delivery->is.state == NTF_STATE_SERVED;
    return delivery->is.paper && (effect.failed || reached) ? count_paper(hand, delivery, effect.failed) : dsp_ok();
}

static struct dsp_err apply(const struct ntf_hand *hand, struct ntf_delivery_row *delivery, enum ntf_input input,
                            enum ntf_rung rung)
{
    struct ntf_effect effect;
    DSP_TRY(decide(hand, delivery, input, rung, &effect));
    return effect.push ? make_job(hand, delivery, delivery->title) : dsp_ok();
}

struct dsp_err ntf_push_start(const struct ntf_hand *hand, struct ntf_delivery_row *delivery, int32_t percent)
{
    int64_t quiet_ms = delivery->reminder ? ntf_quiet_until(hand->turn->now_ms, percent, delivery->due_ms) : 0;
    if (!quiet_ms) {
        return apply(hand, delivery, NTF_INPUT_START, NTF_RUNG_NONE);
    }
    struct dsp_timer timer = {.case_id = delivery->case_id,
                              .name = dsp_arena_format(hand->turn->arena, "quiet:%d", (int)delivery->is.side),
                              .due_ms = quiet_ms};
    return timer.name.ptr ? dsp_timer_set(hand->turn, hand->row->head.lane, &timer) : full();
}

struct dsp_err ntf_push_read(const struct ntf_hand *hand, struct ntf_delivery_row *delivery, enum ntf_rung rung)
{
    return apply(hand, delivery, NTF_INPUT_READ, rung);
}

struct dsp_err ntf_push_morning(const struct ntf_hand *hand, enum ntf_side side)
{
    struct dsp_list *list = ntf_store_deliveries(hand->turn, &hand->row->head.case_id);
    struct ntf_delivery_row *carrier = NULL;
    struct dsp_str title;
    size_t waiting = 0;
    for (size_t i = list->count; i-- > 0;) { /* the newest carries the others */
        struct ntf_delivery_row *delivery = list->items[i];
        struct ntf_effect effect;
        if (!delivery->reminder || delivery->is.side != side || delivery->is.state != NTF_STATE_QUEUED ||
            delivery->message_id.len) {
            continue;
        }
        DSP_TRY(decide(hand, delivery, NTF_INPUT_START, NTF_RUNG_NONE, &effect));
        if (!effect.push) {
            continue;
        }
        waiting++;
        carrier = carrier ? carrier : delivery;
        delivery->message_id = number_of(hand, carrier);
        if (!delivery->message_id.ptr) {
            return full();
        }
    }
    if (!carrier) {
        return dsp_ok();
    }
    title = carrier->title;
    if (waiting > 1) {
        DSP_TRY(ntf_digest_title(hand->turn->arena, waiting, &title));
    }
    return make_job(hand, carrier, title);
}

/* --- answers --- */

/* All deliveries that one message carries. */
static struct dsp_err apply_all(const struct ntf_hand *hand, struct dsp_str number, enum ntf_input input)
{
    struct dsp_list *list = ntf_store_deliveries(hand->turn, &hand->row->head.case_id);
    for (size_t i = 0; i < list->count; i++) {
        struct ntf_delivery_row *delivery = list->items[i];
        if (dsp_str_equal(delivery->message_id, number)) {
            DSP_TRY(apply(hand, delivery, input, NTF_RUNG_NONE));
        }
    }
    return dsp_ok();
}

static struct ntf_delivery_row *carrier_of(const struct ntf_hand *hand, const struct dsp_job *job)
{
    struct dsp_list *list = ntf_store_deliveries(hand->turn, &hand->row->head.case_id);
    for (size_t i = 0; i < list->count; i++) {
        struct ntf_delivery_row *delivery = list->items[i];
        if (delivery->sequence == job->reference && dsp_str_equal(delivery->message_id, job->number)) {
            return delivery;
        }
    }
    return NULL;
}

static void again(struct dsp_job *job, int32_t mode)
{
    job->state = DSP_JOB_READY;
    job->mode = mode;
    job->row.dirty = true;
}

/* A passing failure: the same message later, or the rung is given up. */
static struct dsp_err wait_or_give_up(const struct ntf_hand *hand, struct dsp_job *job,
                                      const struct ntf_delivery_row *carrier, enum ntf_outcome *ret_outcome)
{
    int64_t after_ms = ntf_retry_after_ms(job->attempts);
    if (!after_ms) {
        *ret_outcome = NTF_OUTCOME_REFUSED;
        return dsp_ok();
    }
    struct dsp_timer timer = {.case_id = job->case_id,
                              .name = dsp_arena_format(hand->turn->arena, "retry:%d", (int)carrier->is.side),
                              .cause = job->reference,
                              .generation = job->attempts,
                              .due_ms = hand->turn->now_ms + after_ms};
    job->state = DSP_JOB_WAITING;
    return timer.name.ptr ? dsp_timer_set(hand->turn, hand->row->head.lane, &timer) : full();
}

/* The end of a message on its rung. */
static struct dsp_err finish(const struct ntf_hand *hand, struct dsp_job *job, const struct ntf_delivery_row *carrier,
                             enum ntf_outcome outcome)
{
    struct dsp_str number = job->number;
    dsp_job_end(job);
    if (dsp_str_is(job->kind, NTF_CALL_SUBSCRIPTION) &&
        (outcome == NTF_OUTCOME_TAKEN || outcome == NTF_OUTCOME_NO_CONSENT)) {
        DSP_TRY(set_quota(hand, carrier, outcome == NTF_OUTCOME_NO_CONSENT));
    }
    return apply_all(hand, number, outcome == NTF_OUTCOME_TAKEN ? NTF_INPUT_TAKEN : NTF_INPUT_REFUSE);
}

static enum ntf_outcome outcome_of(const struct dsp_job *job, const struct dsp_answer *answer)
{
    int64_t errcode = 0;
    if (dsp_str_is(job->kind, NTF_CALL_WEBHOOK)) {
        return ntf_webhook_outcome(answer->status, job->attempts);
    }
    if (job->mode == NTF_MODE_TOKEN) {
        return NTF_OUTCOME_FAILED; /* one that brought a token has gone on already */
    }
    bool has_code = ntf_read_errcode(answer->body, &errcode);
    enum ntf_outcome outcome = ntf_subscription_outcome(answer->status, has_code, errcode);
    if (has_code && errcode) {
        dsp_log(outcome == NTF_OUTCOME_REFUSED ? DSP_LOG_ERROR : DSP_LOG_WARN, "message refused",
                DSP_F_STR("dispute.number", job->number), DSP_F_UUID("dispute.case_id", &job->case_id),
                DSP_F_INT("wechat.errcode", errcode));
    }
    return outcome;
}

/* Steps that are no try of the message: a token came, or another one is needed. */
static bool token_step(const struct ntf_hand *hand, struct dsp_job *job, const struct dsp_answer *answer,
                       enum ntf_outcome outcome)
{
    struct ntf_token *token = &hand->self->token;
    if (job->mode == NTF_MODE_TOKEN) {
        bool kept = ntf_token_keep(token, answer->status, answer->body);
        if (kept) {
            again(job, NTF_MODE_SEND_FRESH);
        }
        return kept;
    }
    if (outcome == NTF_OUTCOME_TOKEN) {
        ntf_token_forget(token);
    }
    /* Without an answer the call may not have been made at all, for want of a token. */
    bool wanted = outcome == NTF_OUTCOME_TOKEN || (answer->status == 0 && !ntf_token_fresh(token));
    if (wanted && job->mode == NTF_MODE_SEND) {
        again(job, NTF_MODE_TOKEN);
        return true;
    }
    return false;
}

struct dsp_err ntf_push_answer(const struct ntf_hand *hand, const struct dsp_answer *answer)
{
    struct dsp_job *job = ntf_store_job(hand->turn, &hand->row->head.case_id, answer->number);
    if (!job || job->state != DSP_JOB_READY || job->mode != answer->mode) {
        return dsp_ok(); /* answered before */
    }
    const struct ntf_delivery_row *carrier = carrier_of(hand, job);
    job->row.dirty = true;
    job->attempts++;
    enum ntf_outcome outcome = outcome_of(job, answer);
    if (!carrier) {
        dsp_job_end(job);
        return dsp_ok();
    }
    if (dsp_str_is(job->kind, NTF_CALL_SUBSCRIPTION) && token_step(hand, job, answer, outcome)) {
        job->attempts--;
        return dsp_ok();
    }
    if (outcome == NTF_OUTCOME_TOKEN || outcome == NTF_OUTCOME_FAILED) {
        if (carrier->is.state != NTF_STATE_QUEUED) { /* it was read meanwhile: nothing is left to push */
            dsp_job_end(job);
            return dsp_ok();
        }
        DSP_TRY(wait_or_give_up(hand, job, carrier, &outcome));
        if (job->state == DSP_JOB_WAITING) {
            return dsp_ok();
        }
    }
    return finish(hand, job, carrier, outcome);
}

struct dsp_err ntf_push_retry(const struct ntf_hand *hand, const struct dsp_timer *timer, enum ntf_side side)
{
    struct ntf_delivery_row *delivery = ntf_store_delivery(hand->turn, &hand->row->head.case_id, timer->cause,
                                                           (int32_t)side);
    struct dsp_job *job = delivery ? ntf_store_job(hand->turn, &hand->row->head.case_id, delivery->message_id) : NULL;
    if (!job || job->state != DSP_JOB_WAITING || !dsp_timer_ends(hand->turn, timer, job->attempts, 0)) {
        return dsp_ok();
    }
    if (delivery->is.state != NTF_STATE_QUEUED) {
        dsp_job_end(job);
    } else {
        again(job, send_mode(hand, job->kind));
    }
    return dsp_ok();
}
