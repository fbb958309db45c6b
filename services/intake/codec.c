#include "intake/codec_in.h"

#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "intake message");
}

void intake_read_money(const Disputes__Common__V1__Money *money, struct intake_input *input)
{
    input->amount_minor = money ? money->amount_minor : 0;
    input->currency_cny = money && strcmp(money->currency, "CNY") == 0;
}

static void read_actor(const Disputes__Common__V1__Actor *actor, struct intake_input *input)
{
    if (actor) {
        input->role = (int32_t)actor->role;
        input->actor_id = dsp_message_str(actor->id);
    }
}

/* Something was written, or the policy's code of it was named. */
static bool is_said(const Disputes__Common__V1__Text *text)
{
    return text && text->form_case;
}

void intake_read_ruling(const Disputes__Common__V1__Ruling *from, struct intake_input *input)
{
    if (from) {
        struct intake_input sum = {0};
        intake_read_money(from->amount, &sum);
        input->has_ruling = true;
        input->ruling = (struct intake_ruling){.id = dsp_message_str(from->ruling_id),
                                               .liability = (int32_t)from->liability,
                                               .merchant_percent = from->merchant_percent,
                                               .remedy = (int32_t)from->remedy,
                                               .amount_minor = sum.amount_minor};
    }
}

void intake_read_people(Disputes__Common__V1__Actor **people, size_t count, struct intake_input *input)
{
    for (size_t i = 0; i < count && input->people_count < INTAKE_PANEL_MAX; i++) {
        input->people[input->people_count++] = (struct intake_person){.role = (int32_t)people[i]->role,
                                                                      .id = dsp_message_str(people[i]->id)};
    }
}

static void read_offer(const char *offer_id, const Disputes__Gateway__V1__OfferTerms *terms, struct intake_input *input)
{
    input->offer_id = dsp_message_str(offer_id);
    if (terms) {
        input->remedy = (int32_t)terms->remedy;
        intake_read_money(terms->amount, input);
    }
}

/* Minimum facts and prima facie file: nothing came needs a promised date, everything else words or items. */
static bool file_complete(const Disputes__Gateway__V1__FileComplaint *file)
{
    bool words = file->description && file->description->form_case;
    if (file->reason == DISPUTES__COMMON__V1__REASON__REASON_NOT_RECEIVED) {
        return file->order->promised_time_millis > 0 || file->order->shipped_time_millis > 0;
    }
    return words || file->n_items > 0;
}

static struct dsp_err read_filing(const Disputes__Gateway__V1__FileComplaint *file, struct intake_message *message)
{
    const Disputes__Gateway__V1__OrderFacts *order = file->order;
    if (!order || !order->paid || !file->amount || !file->platform_id[0]) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "platform_id, order, order.paid and amount are required");
    }
    intake_read_money(file->amount, &message->input);
    message->input.currency_cny = message->input.currency_cny && strcmp(order->paid->currency, "CNY") == 0;
    message->platform_id = dsp_message_str(file->platform_id);
    message->filing = (struct intake_docket){
        .consumer_id = dsp_message_str(order->consumer_id),
        .merchant_id = dsp_message_str(order->merchant_id),
        .order_line = order->order_line,
        .reason = (int32_t)file->reason,
        .remedy = (int32_t)file->remedy,
        .amount_minor = file->amount->amount_minor,
        .paid_minor = order->paid->amount_minor,
        .received_ms = order->received_time_millis,
        .promised_ms = order->promised_time_millis,
        .consumer_clause = dsp_message_str(order->consumer_clause_id),
        .merchant_clause = dsp_message_str(order->merchant_clause_id),
        .file_complete = file_complete(file),
    };
    message->input.filing = &message->filing;
    message->input.items = file->n_items;
    return dsp_ok();
}

/* Acts of the hearing: how much evidence they carry, what they name, whether they give reasons. */
static void read_hearing(const Disputes__Gateway__V1__Command *command, struct intake_input *input)
{
    switch (command->act_case) {
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_ADD_EVIDENCE:
        input->items = command->add_evidence->n_items;
        input->done = command->add_evidence->done;
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_INFO_SUPPLIED:
        input->items = command->info_supplied->n_items;
        input->reasoned = is_said(command->info_supplied->text);
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_REFILE:
        input->items = command->refile->n_items;
        input->reasoned = is_said(command->refile->text);
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_CONTEST_CLAIM:
        input->items = command->contest_claim->n_items;
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_COMMENT:
        input->items = command->comment->n_items;
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_APPEAL:
        input->items = command->appeal->n_items;
        input->reasoned = command->appeal->ground[0] || is_said(command->appeal->text);
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_SET_ASIDE:
        input->items = command->set_aside->n_items;
        input->reasoned = is_said(command->set_aside->cause);
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_MAKE_OFFER:
        read_offer(command->make_offer->offer_id, command->make_offer->terms, input);
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_COUNTER_OFFER:
        read_offer(command->counter_offer->new_offer_id, command->counter_offer->terms, input);
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_CONSENT_TO_ARBITRATION:
        input->clause = dsp_message_str(command->consent_to_arbitration->clause_id);
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_CONTEST_RECOVERY:
        input->reasoned = is_said(command->contest_recovery->text);
        break;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_OBJECT_TO_SANCTION:
        input->reasoned = is_said(command->object_to_sanction->text);
        break;
    default: /* an act without facts that guards read */
        break;
    }
}

/* Two sides declare the same when the hash of the terms and all of the ruling are the same. The ruling gets the id of
 * the entry that completes it, not one that a side has chosen. */
static struct dsp_err read_declaration(struct dsp_turn *turn, const Disputes__Gateway__V1__DeclareSettlement *declared,
                                       struct intake_input *input)
{
    char hash[2 * INTAKE_HASH_BYTES + 1];
    intake_read_ruling(declared->ruling, input);
    intake_read_money(declared->ruling ? declared->ruling->amount : NULL, input);
    input->ruling.id = (struct dsp_str){NULL, 0};
    if (declared->terms_sha256.len != INTAKE_HASH_BYTES) {
        return dsp_ok(); /* refused by its guard */
    }
    dsp_hex(declared->terms_sha256.data, INTAKE_HASH_BYTES, hash);
    input->terms = dsp_arena_format(turn->arena, "%s %d %d %d %lld", hash, input->ruling.liability,
                                    input->ruling.merchant_percent, input->ruling.remedy,
                                    (long long)input->ruling.amount_minor);
    return input->terms.ptr ? dsp_ok() : full();
}

static struct dsp_err read_gateway(struct dsp_turn *turn, struct dsp_record *record, struct intake_message *message)
{
    Disputes__Gateway__V1__Command *command;
    struct intake_input *input = &message->input;
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__gateway__v1__command__descriptor, record->value, &command));
    message->body = &command->base;
    message->name = dsp_message_name(turn->arena, command->base.descriptor, (unsigned)command->act_case);
    input->generation = (int32_t)command->generation;
    read_actor(command->actor, input);
    switch (command->act_case) {
    case DISPUTES__GATEWAY__V1__COMMAND__ACT__NOT_SET:
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "no act that this version knows");
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_FILE_COMPLAINT:
        return read_filing(command->file_complaint, message);
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_REPLY:
        input->by_person = command->reply->author == DISPUTES__GATEWAY__V1__AUTHOR__AUTHOR_PERSON;
        input->done = command->reply->author == DISPUTES__GATEWAY__V1__AUTHOR__AUTHOR_BOT;
        input->refuses = command->reply->refuses;
        return dsp_ok();
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_ACCEPT_CLAIM:
        input->remedy = (int32_t)command->accept_claim->remedy;
        intake_read_money(command->accept_claim->amount, input);
        return dsp_ok();
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_DUTY_PERFORMED:
        intake_read_money(command->duty_performed->amount, input);
        input->waybill = command->duty_performed->tracking_number[0] != '\0';
        input->proof = command->duty_performed->payment_number[0] || input->waybill;
        return dsp_ok();
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_INSPECT_RETURN: /* its items are a proof, no evidence of a round (R5) */
        input->condition = (int32_t)command->inspect_return->condition;
        input->proof = command->inspect_return->n_items > 0;
        return dsp_ok();
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_DECLARE_SETTLEMENT:
        return read_declaration(turn, command->declare_settlement, input);
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_ANSWER_FEEDBACK:
        input->score = command->answer_feedback->score;
        return dsp_ok();
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_TIME_MARK:
        message->time_mark = true;
        return dsp_ok();
    default:
        read_hearing(command, input);
        return dsp_ok();
    }
}

static uint32_t read_sides(const Disputes__Common__V1__Role *sides, size_t count)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < count; i++) {
        bits |= sides[i] < 32 ? 1u << (unsigned)sides[i] : 0;
    }
    return bits;
}

static void read_staff_act(const Disputes__Console__V1__Command *command, struct intake_input *input)
{
    switch (command->act_case) {
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_INFO_REQUESTED:
        input->reasoned = command->info_requested->n_fields || is_said(command->info_requested->text);
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_REJECT_FILING:
        input->reasoned = command->reject_filing->reason_code[0] && is_said(command->reject_filing->text);
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_NEXT_ROUND:
        input->asked = read_sides(command->next_round->sides, command->next_round->n_sides);
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_MORE_EVIDENCE_NEEDED:
        input->asked = read_sides(command->more_evidence_needed->sides, command->more_evidence_needed->n_sides);
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_PROPOSE_DECISION:
        intake_read_ruling(command->propose_decision->ruling, input);
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_REOPEN_ON_COMMENT:
        input->reasoned = is_said(command->reopen_on_comment->text);
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_CO_SIGN:
        input->about_round = strncmp(command->co_sign->subject, "round", 5) == 0;
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_DECIDE_APPEAL:
        input->votes_for = command->decide_appeal->votes_for;
        input->votes_against = command->decide_appeal->votes_against;
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_ADMIT_LATE_ITEM:
        input->reasoned = is_said(command->admit_late_item->reasons);
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_ASSIGN:
        input->named = dsp_message_str(command->assign->staff_id);
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_SEAT_OBSERVER:
        input->named = dsp_message_str(command->seat_observer->staff_id);
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_CHECK_RETURN:
        input->verdict = (int32_t)command->check_return->verdict;
        input->reasoned = is_said(command->check_return->reasons);
        intake_read_money(command->check_return->amount, input);
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_RESCIND:
        input->reasoned = is_said(command->rescind->reasons);
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_REDACT:
        input->reasoned = command->redact->reason_code[0] != '\0';
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_PLACE_HOLD:
        input->reasoned = command->place_hold->reason_code[0] != '\0';
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_LIFT_HOLD:
        input->reasoned = command->lift_hold->reason_code[0] != '\0';
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_WRITE_OFF_RECOVERY:
        input->reasoned = command->write_off_recovery->reason_code[0] != '\0';
        break;
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_DECLARE_UNCOLLECTABLE:
        input->reasoned = command->declare_uncollectable->reason_code[0] != '\0';
        break;
    default:
        break;
    }
}

/* Who has acted is kept one id per line. */
static struct dsp_err check_staff(const struct intake_input *input)
{
    for (size_t i = 0; i <= input->people_count; i++) {
        struct dsp_str id = i ? input->people[i - 1].id : input->actor_id;
        if (id.len && memchr(id.ptr, '\n', id.len)) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "a staff id holds a line break");
        }
    }
    return dsp_ok();
}

static struct dsp_err read_console(struct dsp_turn *turn, struct dsp_record *record, struct intake_message *message)
{
    Disputes__Console__V1__Command *command;
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__console__v1__command__descriptor, record->value, &command));
    message->body = &command->base;
    message->name = dsp_message_name(turn->arena, command->base.descriptor, (unsigned)command->act_case);
    message->input.generation = (int32_t)command->generation;
    read_actor(command->actor, &message->input);
    intake_read_people(command->cosigners, command->n_cosigners, &message->input);
    DSP_TRY(check_staff(&message->input));
    switch (command->act_case) {
    case DISPUTES__CONSOLE__V1__COMMAND__ACT__NOT_SET:
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "no act that this version knows");
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_FILE_COMPLAINT:
        return read_filing(command->file_complaint, message);
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_REFER_DIRECT:
        message->input.consumer_clause = dsp_message_str(command->refer_direct->consumer_clause_id);
        message->input.merchant_clause = dsp_message_str(command->refer_direct->merchant_clause_id);
        return dsp_ok();
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_TIME_MARK:
        message->time_mark = true;
        return dsp_ok();
    default:
        read_staff_act(command, &message->input);
        return dsp_ok();
    }
}

struct dsp_err intake_decode_message(struct dsp_turn *turn, struct dsp_record *record)
{
    typedef struct dsp_err (*read_fn)(struct dsp_turn *, struct dsp_record *, struct intake_message *);
    static const read_fn READERS[] = {
        [SOURCE_GW] = read_gateway,
        [SOURCE_CON] = read_console,
        [SOURCE_SLA] = intake_read_sla,
        [SOURCE_INV] = intake_read_investigation,
        [SOURCE_ARB] = intake_read_arbitration,
        [SOURCE_FND] = intake_read_fund,
        [SOURCE_NTF] = intake_read_notification,
    };
    struct intake_message *message = dsp_arena_alloc(turn->arena, sizeof *message);
    if (!message) {
        return full();
    }
    if (!record->value.ptr) {
        return dsp_reject(DSP_CODE_TOMBSTONE, "commands and findings have no tombstones");
    }
    message->input.role = ROLE_SYSTEM;
    message->input.source = (enum intake_source)record->topic;
    message->input.time_ms = record->time_ms;
    DSP_TRY(READERS[record->topic](turn, record, message));
    record->input = message;
    record->type = message->name;
    if (message->time_mark) {
        return dsp_ok();
    }
    if (dsp_uuid_is_zero(&record->envelope.subject)) {
        return dsp_reject(DSP_CODE_HEADER_MISSING, "ce_subject must be the case id, a UUID");
    }
    record->case_id = record->envelope.subject;
    message->input.trigger = intake_trigger_of(message->name.ptr);
    message->source_sequence = record->envelope.sequence;
    if (record->topic >= SOURCE_SLA && record->envelope.sequence <= 0) {
        return dsp_reject(DSP_CODE_HEADER_MISSING, "ce_sequence is required on findings");
    }
    return dsp_ok();
}
