/* The reading half of the codec for findings of the five followers. */
#include "common/base/codes.h"
#include "common/service/message.h"
#include "intake/codec_in.h"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "intake finding");
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

struct dsp_err intake_read_sla(struct dsp_turn *turn, struct dsp_record *record, struct intake_message *message)
{
    Disputes__Sla__V1__Finding *finding;
    struct intake_input *input = &message->input;
    bool good = true;
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__sla__v1__finding__descriptor, record->value, &finding));
    message->body = &finding->base;
    message->name = dsp_message_name(turn->arena, finding->base.descriptor, (unsigned)finding->finding_case);
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
    case DISPUTES__SLA__V1__FINDING__FINDING_OFFER_OPENED:
        input->offer_id = dsp_message_str(finding->offer_opened->offer_id);
        input->offer_due_ms = finding->offer_opened->due_time_millis;
        break;
    case DISPUTES__SLA__V1__FINDING__FINDING_OFFER_COUNTERED:
        input->offer_id = dsp_message_str(finding->offer_countered->new_offer_id);
        input->offer_due_ms = finding->offer_countered->due_time_millis;
        break;
    case DISPUTES__SLA__V1__FINDING__FINDING_OFFER_EXPIRED:
        good = read_due(finding->offer_expired->clock, &input->clock);
        break;
    case DISPUTES__SLA__V1__FINDING__FINDING_OFFER_ACCEPTED:
        intake_read_ruling(finding->offer_accepted->ruling, input);
        input->perform_ms = finding->offer_accepted->perform_millis;
        break;
    case DISPUTES__SLA__V1__FINDING__FINDING__NOT_SET:
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "no finding that this version knows");
    default:
        break;
    }
    return good ? dsp_ok() : dsp_reject(DSP_CODE_FIELD_INVALID, "the finding names no clock");
}

static void read_hearing_finding(const Disputes__Investigation__V1__Finding *finding, struct intake_input *input)
{
    switch (finding->finding_case) {
    case DISPUTES__INVESTIGATION__V1__FINDING__FINDING_EVIDENCE_REGISTERED:
        input->side = (int32_t)finding->evidence_registered->side;
        input->done = finding->evidence_registered->done;
        break;
    case DISPUTES__INVESTIGATION__V1__FINDING__FINDING_ROUND_SEALED:
        input->last = finding->round_sealed->last;
        input->rule_result = (int32_t)finding->round_sealed->result;
        break;
    case DISPUTES__INVESTIGATION__V1__FINDING__FINDING_RULE_FOUND:
        intake_read_ruling(finding->rule_found->ruling, input);
        break;
    case DISPUTES__INVESTIGATION__V1__FINDING__FINDING_DECISION_PROPOSED:
        intake_read_ruling(finding->decision_proposed->ruling, input);
        intake_read_people(&finding->decision_proposed->author, finding->decision_proposed->author ? 1 : 0, input);
        input->engine = finding->decision_proposed->engine;
        break;
    case DISPUTES__INVESTIGATION__V1__FINDING__FINDING_DECISION_FINAL:
        intake_read_ruling(finding->decision_final->ruling, input);
        break;
    case DISPUTES__INVESTIGATION__V1__FINDING__FINDING_APPEAL_DECIDED:
        intake_read_ruling(finding->appeal_decided->ruling, input);
        break;
    case DISPUTES__INVESTIGATION__V1__FINDING__FINDING_AGENT_ASSIGNED:
        intake_read_people(finding->agent_assigned->staff, finding->agent_assigned->n_staff, input);
        break;
    case DISPUTES__INVESTIGATION__V1__FINDING__FINDING_AGENT_REPLACED:
        intake_read_people(&finding->agent_replaced->staff, finding->agent_replaced->staff ? 1 : 0, input);
        input->named = dsp_message_str(finding->agent_replaced->former_id);
        break;
    default:
        break;
    }
}

struct dsp_err intake_read_investigation(struct dsp_turn *turn, struct dsp_record *record,
                                         struct intake_message *message)
{
    Disputes__Investigation__V1__Finding *finding;
    DSP_TRY(
        dsp_message_unpack(turn->arena, &disputes__investigation__v1__finding__descriptor, record->value, &finding));
    message->body = &finding->base;
    message->name = dsp_message_name(turn->arena, finding->base.descriptor, (unsigned)finding->finding_case);
    message->input.answers = (int64_t)finding->answers_sequence;
    message->input.generation = (int32_t)finding->generation;
    read_hearing_finding(finding, &message->input);
    return finding->finding_case ? dsp_ok() : dsp_reject(DSP_CODE_KIND_UNKNOWN, "no finding that this version knows");
}

struct dsp_err intake_read_arbitration(struct dsp_turn *turn, struct dsp_record *record, struct intake_message *message)
{
    Disputes__Arbitration__V1__Finding *finding;
    struct intake_input *input = &message->input;
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__arbitration__v1__finding__descriptor, record->value, &finding));
    message->body = &finding->base;
    message->name = dsp_message_name(turn->arena, finding->base.descriptor, (unsigned)finding->finding_case);
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
        intake_read_ruling(finding->award_received->ruling, input);
        if (finding->award_received->ruling) {
            input->remedy = (int32_t)finding->award_received->ruling->remedy;
            intake_read_money(finding->award_received->ruling->amount, input);
        }
        return dsp_ok();
    case DISPUTES__ARBITRATION__V1__FINDING__FINDING_SETTLED_IN_ARBITRATION:
        intake_read_ruling(finding->settled_in_arbitration->ruling, input);
        input->role = ROLE_INSTITUTION;
        return dsp_ok();
    case DISPUTES__ARBITRATION__V1__FINDING__FINDING_REFERRAL_DECLINED:
        input->role = ROLE_INSTITUTION;
        return dsp_ok();
    case DISPUTES__ARBITRATION__V1__FINDING__FINDING__NOT_SET:
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "no finding that this version knows");
    default:
        return dsp_ok();
    }
}

struct dsp_err intake_read_fund(struct dsp_turn *turn, struct dsp_record *record, struct intake_message *message)
{
    Disputes__Fund__V1__Finding *finding;
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__fund__v1__finding__descriptor, record->value, &finding));
    message->body = &finding->base;
    message->name = dsp_message_name(turn->arena, finding->base.descriptor, (unsigned)finding->finding_case);
    message->input.answers = (int64_t)finding->answers_sequence;
    message->input.generation = (int32_t)finding->generation;
    if (finding->finding_case == DISPUTES__FUND__V1__FINDING__FINDING_DUTY_DISCHARGED) {
        message->input.last = finding->duty_discharged->last;
    }
    return finding->finding_case ? dsp_ok() : dsp_reject(DSP_CODE_KIND_UNKNOWN, "no finding that this version knows");
}

struct dsp_err intake_read_notification(struct dsp_turn *turn, struct dsp_record *record,
                                        struct intake_message *message)
{
    Disputes__Notification__V1__Finding *finding;
    struct intake_input *input = &message->input;
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__notification__v1__finding__descriptor, record->value, &finding));
    message->body = &finding->base;
    message->name = dsp_message_name(turn->arena, finding->base.descriptor, (unsigned)finding->finding_case);
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
