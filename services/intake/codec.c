#include "intake/codec.h"

#include <ctype.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "intake message");
}

/* --- reading --- */

/* "accept_claim" → "AcceptClaim": the oneof member names the act or finding. */
static struct dsp_str name_of(struct dsp_arena *arena, const ProtobufCMessageDescriptor *type, unsigned id)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(type, id);
    struct dsp_str name = dsp_arena_copy(arena, dsp_str_from(field ? field->name : "?"));
    char *text = (char *)(uintptr_t)name.ptr;
    size_t out = 0;
    bool upper = true;
    for (size_t i = 0; text && i < name.len; i++) {
        if (text[i] == '_') {
            upper = true;
            continue;
        }
        text[out++] = (char)(upper ? toupper((unsigned char)text[i]) : text[i]);
        upper = false;
    }
    if (text) {
        text[out] = '\0';
    }
    name.len = out;
    return name;
}

static void read_money(const Disputes__Common__V1__Money *money, struct intake_input *input)
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
    read_money(file->amount, &message->input);
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
    return dsp_ok();
}

static struct dsp_err read_gateway(struct dsp_turn *turn, struct dsp_record *record, struct intake_message *message)
{
    Disputes__Gateway__V1__Command *command;
    struct intake_input *input = &message->input;
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__gateway__v1__command__descriptor, record->value, &command));
    message->body = &command->base;
    message->name = name_of(turn->arena, command->base.descriptor, (unsigned)command->act_case);
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
        read_money(command->accept_claim->amount, input);
        return dsp_ok();
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_DUTY_PERFORMED:
        read_money(command->duty_performed->amount, input);
        input->proof = command->duty_performed->payment_number[0] || command->duty_performed->tracking_number[0];
        return dsp_ok();
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_ANSWER_FEEDBACK:
        input->score = command->answer_feedback->score;
        return dsp_ok();
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_TIME_MARK:
        message->time_mark = true;
        return dsp_ok();
    default: /* an act without facts that guards read */
        return dsp_ok();
    }
}

static struct dsp_err read_console(struct dsp_turn *turn, struct dsp_record *record, struct intake_message *message)
{
    Disputes__Console__V1__Command *command;
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__console__v1__command__descriptor, record->value, &command));
    message->body = &command->base;
    message->name = name_of(turn->arena, command->base.descriptor, (unsigned)command->act_case);
    message->input.generation = (int32_t)command->generation;
    read_actor(command->actor, &message->input);
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
        return dsp_ok();
    }
}

static bool read_due(const Disputes__Sla__V1__ClockDue *due, struct intake_clock *ret_clock)
{
    if (!due || !due->clock) {
        return false;
    }
    *ret_clock = (struct intake_clock){.kind = (int32_t)due->clock->kind,
                                       .side = (int32_t)due->clock->side,
                                       .cause = (int64_t)due->clock->cause_sequence,
                                       .due_ms = due->due_time_millis,
                                       .generation = (int32_t)due->clock_generation};
    return true;
}

static struct dsp_err read_armed(struct dsp_turn *turn, const Disputes__Sla__V1__ClocksArmed *armed,
                                 struct intake_input *input)
{
    struct intake_clock *clocks = dsp_arena_alloc(turn->arena, (armed->n_clocks + 1) * sizeof *clocks);
    if (!clocks) {
        return full();
    }
    for (size_t i = 0; i < armed->n_clocks; i++) {
        if (!read_due(armed->clocks[i], &clocks[i])) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "clock %zu", i);
        }
    }
    input->armed = clocks;
    input->armed_count = armed->n_clocks;
    return dsp_ok();
}

static struct dsp_err read_sla(struct dsp_turn *turn, struct dsp_record *record, struct intake_message *message)
{
    Disputes__Sla__V1__Finding *finding;
    struct intake_input *input = &message->input;
    bool good = true;
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__sla__v1__finding__descriptor, record->value, &finding));
    message->body = &finding->base;
    message->name = name_of(turn->arena, finding->base.descriptor, (unsigned)finding->finding_case);
    input->answers = (int64_t)finding->answers_sequence;
    input->generation = (int32_t)finding->generation;
    switch (finding->finding_case) {
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCKS_ARMED:
        return read_armed(turn, finding->clocks_armed, input);
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_MOVED:
        good = read_due(finding->clock_moved->clock, &input->clock);
        break;
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_PAUSED:
        good = finding->clock_paused->clock != NULL;
        if (good) {
            const Disputes__Common__V1__ClockRef *ref = finding->clock_paused->clock;
            input->clock = (struct intake_clock){.kind = (int32_t)ref->kind,
                                                 .side = (int32_t)ref->side,
                                                 .cause = (int64_t)ref->cause_sequence,
                                                 .generation = (int32_t)finding->clock_paused->clock_generation};
        }
        break;
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_RESUMED:
        good = read_due(finding->clock_resumed->clock, &input->clock);
        break;
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_RUNG_REACHED:
        good = read_due(finding->clock_rung_reached->clock, &input->clock);
        break;
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED:
        good = read_due(finding->clock_breached->clock, &input->clock);
        break;
    case DISPUTES__SLA__V1__FINDING__FINDING__NOT_SET:
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "no finding that this version knows");
    default:
        break;
    }
    return good ? dsp_ok() : dsp_reject(DSP_CODE_FIELD_INVALID, "the finding names no clock");
}

static struct dsp_err read_investigation(struct dsp_turn *turn, struct dsp_record *record,
                                         struct intake_message *message)
{
    Disputes__Investigation__V1__Finding *finding;
    DSP_TRY(
        dsp_message_unpack(turn->arena, &disputes__investigation__v1__finding__descriptor, record->value, &finding));
    message->body = &finding->base;
    message->name = name_of(turn->arena, finding->base.descriptor, (unsigned)finding->finding_case);
    message->input.answers = (int64_t)finding->answers_sequence;
    message->input.generation = (int32_t)finding->generation;
    return finding->finding_case ? dsp_ok() : dsp_reject(DSP_CODE_KIND_UNKNOWN, "no finding that this version knows");
}

static struct dsp_err read_arbitration(struct dsp_turn *turn, struct dsp_record *record, struct intake_message *message)
{
    Disputes__Arbitration__V1__Finding *finding;
    struct intake_input *input = &message->input;
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__arbitration__v1__finding__descriptor, record->value, &finding));
    message->body = &finding->base;
    message->name = name_of(turn->arena, finding->base.descriptor, (unsigned)finding->finding_case);
    input->answers = (int64_t)finding->answers_sequence;
    input->generation = (int32_t)finding->generation;
    switch (finding->finding_case) {
    case DISPUTES__ARBITRATION__V1__FINDING__FINDING_INSTITUTION_STATUS:
        input->institution_status = (int32_t)finding->institution_status->status;
        input->role = ROLE_INSTITUTION;
        return dsp_ok();
    case DISPUTES__ARBITRATION__V1__FINDING__FINDING_AWARD_RECEIVED:
        input->role = ROLE_INSTITUTION;
        input->award_for = (int32_t)finding->award_received->award_for;
        if (finding->award_received->ruling) {
            input->remedy = (int32_t)finding->award_received->ruling->remedy;
            read_money(finding->award_received->ruling->amount, input);
        }
        return dsp_ok();
    case DISPUTES__ARBITRATION__V1__FINDING__FINDING_REFERRAL_DECLINED:
    case DISPUTES__ARBITRATION__V1__FINDING__FINDING_SETTLED_IN_ARBITRATION:
        input->role = ROLE_INSTITUTION;
        return dsp_ok();
    case DISPUTES__ARBITRATION__V1__FINDING__FINDING__NOT_SET:
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "no finding that this version knows");
    default:
        return dsp_ok();
    }
}

static struct dsp_err read_fund(struct dsp_turn *turn, struct dsp_record *record, struct intake_message *message)
{
    Disputes__Fund__V1__Finding *finding;
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__fund__v1__finding__descriptor, record->value, &finding));
    message->body = &finding->base;
    message->name = name_of(turn->arena, finding->base.descriptor, (unsigned)finding->finding_case);
    message->input.answers = (int64_t)finding->answers_sequence;
    message->input.generation = (int32_t)finding->generation;
    if (finding->finding_case == DISPUTES__FUND__V1__FINDING__FINDING_DUTY_DISCHARGED) {
        message->input.last = finding->duty_discharged->last;
    }
    return finding->finding_case ? dsp_ok() : dsp_reject(DSP_CODE_KIND_UNKNOWN, "no finding that this version knows");
}

static struct dsp_err read_notification(struct dsp_turn *turn, struct dsp_record *record,
                                        struct intake_message *message)
{
    Disputes__Notification__V1__Finding *finding;
    struct intake_input *input = &message->input;
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__notification__v1__finding__descriptor, record->value, &finding));
    message->body = &finding->base;
    message->name = name_of(turn->arena, finding->base.descriptor, (unsigned)finding->finding_case);
    input->answers = (int64_t)finding->answers_sequence;
    input->generation = (int32_t)finding->generation;
    if (finding->finding_case == DISPUTES__NOTIFICATION__V1__FINDING__FINDING_SERVICE_PROVED) {
        input->paper = (int64_t)finding->service_proved->paper_sequence;
        input->side = (int32_t)finding->service_proved->side;
        input->served_ms = finding->service_proved->served_time_millis;
        input->acknowledgement = finding->service_proved->acknowledgement;
    }
    return finding->finding_case ? dsp_ok() : dsp_reject(DSP_CODE_KIND_UNKNOWN, "no finding that this version knows");
}

struct dsp_err intake_decode_message(struct dsp_turn *turn, struct dsp_record *record)
{
    typedef struct dsp_err (*read_fn)(struct dsp_turn *, struct dsp_record *, struct intake_message *);
    static const read_fn READERS[] = {
        [SOURCE_GW] = read_gateway,        [SOURCE_CON] = read_console,     [SOURCE_SLA] = read_sla,
        [SOURCE_INV] = read_investigation, [SOURCE_ARB] = read_arbitration, [SOURCE_FND] = read_fund,
        [SOURCE_NTF] = read_notification,
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
