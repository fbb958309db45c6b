/* The writing half of the codec: entries, answers, keys, marks. */
#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "intake/codec.h"

#define SOURCE_NAME "/disputes/intake"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "intake entry");
}

static char *text(struct dsp_arena *arena, struct dsp_str from)
{
    struct dsp_str copy = dsp_arena_copy(arena, from);
    return copy.ptr ? (char *)(uintptr_t)copy.ptr : (char *)(uintptr_t) "";
}

static char *uuid_text(struct dsp_arena *arena, const struct dsp_uuid *id)
{
    char *copy = dsp_arena_alloc(arena, DSP_UUID_TEXT_BYTES);
    if (copy) {
        dsp_uuid_format(id, copy);
    }
    return copy ? copy : (char *)(uintptr_t) "";
}

/* --- policy --- */

static struct dsp_err read_policy(struct dsp_arena *arena, const Disputes__Platform__V1__State *policy,
                                  const Disputes__Platform__V1__State *calendar, struct intake_pinned *pinned)
{
    pinned->policy = INTAKE_START_POLICY;
    if (policy) {
        const Disputes__Platform__V1__Policy *from = policy->policy;
        pinned->policy_version = (int64_t)policy->version;
        pinned->policy.agent_admits = from->agent_admits;
        if (from->default_cap_minor > 0) {
            pinned->policy.default_cap_minor = from->default_cap_minor;
        }
        pinned->policy.rule_cosign_minor = from->rule_cosign_minor > 0 ? from->rule_cosign_minor
                                                                       : pinned->policy.rule_cosign_minor;
        pinned->policy.high_value_minor = from->high_value_minor > 0 ? from->high_value_minor
                                                                     : pinned->policy.high_value_minor;
        pinned->policy.finalise_limit_minor = from->finalise_limit_minor > 0 ? from->finalise_limit_minor
                                                                             : pinned->policy.finalise_limit_minor;
        if (from->filing_window_millis > 0) {
            pinned->policy.filing_window_ms = from->filing_window_millis;
        }
        for (size_t i = 0; i < from->n_fast_track_reasons; i++) {
            pinned->policy.fast_track_reasons |= 1u << (unsigned)from->fast_track_reasons[i];
        }
    }
    if (calendar) {
        DSP_TRY(dsp_platform_calendar(arena, calendar, &pinned->policy.calendar));
        pinned->calendar_version = (int64_t)calendar->version;
    }
    return dsp_ok();
}

struct dsp_err intake_policy_pin(const struct dsp_platforms *platforms, struct dsp_arena *arena,
                                 struct dsp_str platform_id, int64_t time_ms, struct intake_pinned *ret_pinned)
{
    struct intake_pinned pinned = {0};
    const Disputes__Platform__V1__State *rules = dsp_platforms_at(platforms, platform_id,
                                                                  DISPUTES__PLATFORM__V1__STATE__PART_RULES, time_ms);
    DSP_TRY(read_policy(
        arena, dsp_platforms_at(platforms, platform_id, DISPUTES__PLATFORM__V1__STATE__PART_POLICY, time_ms),
        dsp_platforms_at(platforms, platform_id, DISPUTES__PLATFORM__V1__STATE__PART_CALENDAR, time_ms), &pinned));
    pinned.rules_version = rules ? (int64_t)rules->version : 0;
    *ret_pinned = pinned;
    return dsp_ok();
}

struct dsp_err intake_policy_find(const struct dsp_platforms *platforms, struct dsp_arena *arena,
                                  const struct dsp_case_head *head, struct intake_pinned *ret_pinned)
{
    struct intake_pinned pinned = {0};
    const Disputes__Platform__V1__State *policy = dsp_platforms_version(
        platforms, head->platform_id, DISPUTES__PLATFORM__V1__STATE__PART_POLICY, (uint64_t)head->policy_version);
    const Disputes__Platform__V1__State *calendar = dsp_platforms_version(
        platforms, head->platform_id, DISPUTES__PLATFORM__V1__STATE__PART_CALENDAR, (uint64_t)head->calendar_version);
    if ((head->policy_version && !policy) || (head->calendar_version && !calendar)) {
        return dsp_retry(DSP_CODE_NOT_READY, "a pinned version has not been read yet");
    }
    DSP_TRY(read_policy(arena, policy, calendar, &pinned));
    pinned.rules_version = head->rules_version;
    *ret_pinned = pinned;
    return dsp_ok();
}

/* --- entries --- */

/* What an entry holds beside the message: 64 clocks of at most 40 bytes, duties, ruling, origin, hash, ids. The
 * texts of unbounded length in it are the key and those that a claim repeats. */
#define ENTRY_REST_BYTES (8 * 1024)

bool intake_entry_fits(const struct dsp_record *record)
{
    const struct intake_message *message = record->input;
    return dsp_message_sealed_bytes(message->body) + message->platform_id.len + message->filing.consumer_id.len +
               message->filing.merchant_id.len + message->input.actor_id.len + record->key.len + ENTRY_REST_BYTES <=
           DSP_VALUE_MAX_BYTES;
}

static struct dsp_err fill_origin(struct dsp_arena *arena, const struct intake_entry_context *context,
                                  Disputes__Case__V1__Origin *origin, Disputes__Common__V1__Actor *actor,
                                  bool follow_up)
{
    const struct dsp_record *record = context->record;
    const struct intake_message *message = context->message;
    disputes__case__v1__origin__init(origin);
    disputes__common__v1__actor__init(actor);
    actor->role = (Disputes__Common__V1__Role)(follow_up ? ROLE_SYSTEM : message->input.role);
    actor->id = text(arena, follow_up ? (struct dsp_str){NULL, 0} : message->input.actor_id);
    origin->actor = actor;
    if (follow_up) {
        return dsp_ok();
    }
    static const char *const TOPICS[] = {
        "disputes.gateway.command.v1",       "disputes.console.command.v1",     "disputes.sla.finding.v1",
        "disputes.investigation.finding.v1", "disputes.arbitration.finding.v1", "disputes.fund.finding.v1",
        "disputes.notification.finding.v1",
    };
    origin->topic = (char *)(uintptr_t)TOPICS[record->topic];
    origin->partition = record->lane;
    origin->offset = record->offset;
    origin->sender = text(arena, record->envelope.source);
    origin->message_id = text(arena, record->envelope.id);
    origin->append_time_millis = record->topic < SOURCE_SLA ? record->stamp_ms : record->envelope.time_ms;
    origin->answers_sequence = (uint64_t)message->input.answers;
    origin->source_sequence = (uint64_t)message->source_sequence;
    return dsp_ok();
}

static struct dsp_err fill_clocks(struct dsp_arena *arena, const struct intake_draft *draft,
                                  Disputes__Case__V1__Entry *entry)
{
    Disputes__Case__V1__ClockEffect *effects = dsp_arena_alloc(arena, (draft->clock_count + 1) * sizeof *effects);
    Disputes__Common__V1__ClockRef *refs = dsp_arena_alloc(arena, (draft->clock_count + 1) * sizeof *refs);
    entry->clocks = dsp_arena_alloc(arena, (draft->clock_count + 1) * sizeof *entry->clocks);
    if (!effects || !refs || !entry->clocks) {
        return full();
    }
    for (size_t i = 0; i < draft->clock_count; i++) {
        const struct intake_clock_effect *from = &draft->clocks[i];
        disputes__case__v1__clock_effect__init(&effects[i]);
        disputes__common__v1__clock_ref__init(&refs[i]);
        refs[i].kind = (Disputes__Common__V1__ClockKind)from->kind;
        refs[i].side = (Disputes__Common__V1__Role)from->side;
        refs[i].cause_sequence = (uint64_t)from->cause;
        effects[i].op = (Disputes__Case__V1__ClockOp)from->op;
        effects[i].clock = &refs[i];
        effects[i].from_time_millis = from->from_ms;
        effects[i].paper_sequence = (uint64_t)from->paper;
        effects[i].short_budget = from->short_budget;
        effects[i].budget_millis = from->budget_ms;
        entry->clocks[i] = &effects[i];
    }
    entry->n_clocks = draft->clock_count;
    return dsp_ok();
}

static Disputes__Common__V1__Money *money(struct dsp_arena *arena, int64_t amount_minor)
{
    Disputes__Common__V1__Money *made = dsp_arena_alloc(arena, sizeof *made);
    if (made) {
        disputes__common__v1__money__init(made);
        made->amount_minor = amount_minor;
        made->currency = (char *)(uintptr_t) "CNY";
    }
    return made;
}

static struct dsp_err fill_duties(struct dsp_arena *arena, const struct intake_draft *draft,
                                  const struct dsp_uuid *entry_id, Disputes__Case__V1__Entry *entry)
{
    Disputes__Case__V1__Duty *duties = dsp_arena_alloc(arena, (draft->duty_count + 1) * sizeof *duties);
    entry->duties = dsp_arena_alloc(arena, (draft->duty_count + 1) * sizeof *entry->duties);
    if (!duties || !entry->duties) {
        return full();
    }
    for (size_t i = 0; i < draft->duty_count; i++) {
        struct dsp_uuid id = dsp_uuid_derive(entry_id, dsp_arena_format(arena, "duty %zu", i));
        disputes__case__v1__duty__init(&duties[i]);
        duties[i].duty_id = uuid_text(arena, &id);
        duties[i].kind = (Disputes__Case__V1__DutyKind)draft->duties[i].kind;
        duties[i].side = (Disputes__Common__V1__Role)draft->duties[i].side;
        duties[i].amount = money(arena, draft->duties[i].amount_minor);
        duties[i].due = draft->duties[i].due;
        entry->duties[i] = &duties[i];
    }
    entry->n_duties = draft->duty_count;
    return dsp_ok();
}

static struct dsp_err fill_ruling(struct dsp_arena *arena, const struct intake_draft *draft,
                                  const struct dsp_uuid *entry_id, Disputes__Case__V1__Entry *entry)
{
    if (!draft->has_ruling) {
        return dsp_ok();
    }
    struct dsp_uuid id = dsp_uuid_derive(entry_id, DSP_STR_LITERAL("ruling"));
    entry->ruling = dsp_arena_alloc(arena, sizeof *entry->ruling);
    if (!entry->ruling) {
        return full();
    }
    disputes__common__v1__ruling__init(entry->ruling);
    entry->ruling->ruling_id = draft->ruling.id.len ? text(arena, draft->ruling.id) : uuid_text(arena, &id);
    entry->ruling->liability = (Disputes__Common__V1__Liability)draft->ruling.liability;
    entry->ruling->merchant_percent = draft->ruling.merchant_percent;
    entry->ruling->remedy = (Disputes__Common__V1__Remedy)draft->ruling.remedy;
    entry->ruling->amount = money(arena, draft->ruling.amount_minor);
    return dsp_ok();
}

static struct dsp_err fill_claim(struct dsp_arena *arena, const struct intake_docket *docket,
                                 Disputes__Case__V1__Entry *entry)
{
    entry->claim = dsp_arena_alloc(arena, sizeof *entry->claim);
    if (!entry->claim) {
        return full();
    }
    disputes__case__v1__claim__init(entry->claim);
    entry->claim->consumer_id = text(arena, docket->consumer_id);
    entry->claim->merchant_id = text(arena, docket->merchant_id);
    entry->claim->order_line = docket->order_line;
    entry->claim->reason = (Disputes__Common__V1__Reason)docket->reason;
    entry->claim->remedy = (Disputes__Common__V1__Remedy)docket->remedy;
    entry->claim->amount = money(arena, docket->amount_minor);
    entry->claim->paid = money(arena, docket->paid_minor);
    return dsp_ok();
}

static struct dsp_err make_refusal(struct dsp_arena *arena, int32_t refusal, struct dsp_str guard, struct dsp_str name,
                                   int32_t stage, int32_t role, const struct intake_allowed *allowed, size_t count,
                                   Disputes__Case__V1__Refusal **ret_refusal)
{
    Disputes__Case__V1__Refusal *made = dsp_arena_alloc(arena, sizeof *made);
    Disputes__Case__V1__AllowedAction *actions = dsp_arena_alloc(arena, (count + 1) * sizeof *actions);
    Disputes__Case__V1__AllowedAction **list = dsp_arena_alloc(arena, (count + 1) * sizeof *list);
    const struct intake_refusal_text *words = &INTAKE_REFUSALS[refusal];
    if (!made || !actions || !list) {
        return full();
    }
    disputes__case__v1__refusal__init(made);
    made->code = (char *)(uintptr_t)words->code;
    made->guard = text(arena, refusal == REFUSAL_GUARD_FAILED ? guard : (struct dsp_str){NULL, 0});
    made->trigger = text(arena, name);
    made->sentence_zh = (char *)(uintptr_t)words->zh;
    made->sentence_en = (char *)(uintptr_t)words->en;
    made->stage = (Disputes__Common__V1__Stage)stage;
    for (size_t i = 0; i < count; i++) {
        disputes__case__v1__allowed_action__init(&actions[i]);
        actions[i].action = (char *)(uintptr_t)allowed[i].action;
        actions[i].role = (Disputes__Common__V1__Role)role;
        actions[i].due_time_millis = allowed[i].due_ms;
        list[i] = &actions[i];
    }
    made->allowed_actions = list;
    made->n_allowed_actions = count;
    *ret_refusal = made;
    return dsp_ok();
}

/* What was received stands in the entry as it came, texts sealed. A refused command leaves only its name. */
static struct dsp_err fill_content(struct dsp_turn *turn, const struct intake_docket_row *row,
                                   const struct intake_draft *draft, const struct intake_entry_context *context,
                                   Disputes__Case__V1__Entry *entry)
{
    static const Disputes__Case__V1__Entry__ContentCase CASES[] = {
        [SOURCE_GW] = DISPUTES__CASE__V1__ENTRY__CONTENT_GATEWAY_COMMAND,
        [SOURCE_CON] = DISPUTES__CASE__V1__ENTRY__CONTENT_CONSOLE_COMMAND,
        [SOURCE_SLA] = DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING,
        [SOURCE_INV] = DISPUTES__CASE__V1__ENTRY__CONTENT_INVESTIGATION_FINDING,
        [SOURCE_ARB] = DISPUTES__CASE__V1__ENTRY__CONTENT_ARBITRATION_FINDING,
        [SOURCE_FND] = DISPUTES__CASE__V1__ENTRY__CONTENT_FUND_FINDING,
        [SOURCE_NTF] = DISPUTES__CASE__V1__ENTRY__CONTENT_NOTIFICATION_FINDING,
    };
    if (draft->follow_up) {
        entry->content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_FOLLOW_UP;
        entry->follow_up = (Disputes__Case__V1__FollowUp)draft->follow_up;
        return dsp_ok();
    }
    if (draft->entry == ENTRY_COMMAND_REFUSED) {
        return dsp_ok();
    }
    if (context->record->topic < SOURCE_SLA) {
        DSP_TRY(dsp_message_seal(turn->arena, context->key, &row->head.case_id, context->message->body));
    }
    entry->content_case = CASES[context->record->topic];
    /* All members of the oneof are pointers in one place. */
    memcpy(&entry->gateway_command, &context->message->body, sizeof context->message->body);
    return dsp_ok();
}

static struct dsp_err emit_entry(struct dsp_turn *turn, struct intake_docket_row *row, const struct intake_draft *draft,
                                 Disputes__Case__V1__Entry *entry, const struct dsp_uuid *entry_id,
                                 const struct intake_entry_context *context)
{
    Disputes__Case__V1__CaseEvent event = DISPUTES__CASE__V1__CASE_EVENT__INIT;
    struct dsp_str value;
    uint8_t hash[INTAKE_HASH_BYTES];
    event.record_case = DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY;
    event.entry = entry;
    DSP_TRY(dsp_message_pack(turn->arena, &event.base, &value));
    if (value.len > DSP_VALUE_MAX_BYTES) {
        return dsp_reject(DSP_CODE_TOO_BIG, "the entry would have %zu bytes", value.len);
    }
    dsp_sha256(value, hash);
    struct dsp_out out = {
        .topic = DSP_LOG_TOPIC,
        .key = row->head.order_id,
        .value = value,
        .headers = {.id = *entry_id,
                    .source = SOURCE_NAME,
                    .type = "cn.example.disputes.case.event.v1",
                    .schema = "urn:proto:disputes.case.v1.CaseEvent",
                    .case_id = row->head.case_id,
                    .order_id = row->head.order_id,
                    .time_ms = entry->time_millis,
                    .sequence = draft->sequence,
                    .causation_id = draft->follow_up ? (struct dsp_str){NULL, 0} : context->record->envelope.id,
                    .traceparent = context->record->envelope.traceparent,
                    .entry_hash = hash}};
    DSP_TRY(dsp_emit(turn, row->head.lane, &out));
    struct intake_log_row *log = intake_store_add_log(turn, &row->head.case_id);
    struct dsp_str kept = dsp_arena_copy(turn->arena, (struct dsp_str){(const char *)hash, sizeof hash});
    if (!log || !kept.ptr) {
        return full();
    }
    log->sequence = draft->sequence;
    log->entry_type = (int32_t)draft->entry;
    log->machine_row = dsp_str_from(draft->row ? draft->row->id : "");
    log->stage_before = draft->stage_before;
    log->stage_after = draft->stage_after;
    log->time_ms = entry->time_millis;
    log->hash = kept;
    log->value = value;
    row->last_hash = kept;
    return dsp_ok();
}

struct dsp_err intake_publish_entry(struct dsp_turn *turn, struct intake_docket_row *row,
                                    const struct intake_draft *draft, const struct intake_entry_context *context)
{
    Disputes__Case__V1__Entry entry = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Case__V1__Origin origin;
    Disputes__Case__V1__Versions versions = DISPUTES__CASE__V1__VERSIONS__INIT;
    Disputes__Common__V1__Actor actor;
    struct dsp_uuid entry_id;
    DSP_TRY(dsp_uuid_v7(&entry_id));
    DSP_TRY(fill_origin(turn->arena, context, &origin, &actor, draft->follow_up != 0));
    versions.policy = (uint64_t)row->head.policy_version;
    versions.calendar = (uint64_t)row->head.calendar_version;
    versions.rules = (uint64_t)row->head.rules_version;
    entry.entry_id = uuid_text(turn->arena, &entry_id);
    entry.case_id = uuid_text(turn->arena, &row->head.case_id);
    entry.order_id = text(turn->arena, row->head.order_id);
    entry.platform_id = text(turn->arena, row->head.platform_id);
    entry.sequence = (uint64_t)draft->sequence;
    entry.generation = (uint32_t)row->head.generation;
    entry.previous_hash = (ProtobufCBinaryData){row->last_hash.len, (uint8_t *)(uintptr_t)row->last_hash.ptr};
    entry.origin = &origin;
    entry.time_millis = context->message->input.time_ms;
    entry.log_time_millis = context->log_time_ms;
    entry.type = (Disputes__Case__V1__EntryType)draft->entry;
    entry.row = (char *)(uintptr_t)(draft->row ? draft->row->id : "");
    entry.stage_before = (Disputes__Common__V1__Stage)draft->stage_before;
    entry.stage_after = (Disputes__Common__V1__Stage)draft->stage_after;
    entry.visibility = draft->row ? DISPUTES__CASE__V1__VISIBILITY__VISIBILITY_PARTIES
                                  : DISPUTES__CASE__V1__VISIBILITY__VISIBILITY_STAFF;
    entry.late = draft->late;
    entry.versions = &versions;
    entry.basis = (Disputes__Common__V1__Basis)draft->basis;
    entry.outcome = (Disputes__Common__V1__Outcome)draft->outcome;
    DSP_TRY(fill_clocks(turn->arena, draft, &entry));
    DSP_TRY(fill_duties(turn->arena, draft, &entry_id, &entry));
    DSP_TRY(fill_ruling(turn->arena, draft, &entry_id, &entry));
    if (draft->entry == ENTRY_COMPLAINT_FILED) {
        DSP_TRY(fill_claim(turn->arena, &row->docket, &entry));
    }
    if (!draft->row) {
        DSP_TRY(make_refusal(turn->arena, (int32_t)draft->refusal, dsp_str_from(draft->guard), context->message->name,
                             draft->stage_after, context->message->input.role, context->allowed, context->allowed_count,
                             &entry.refusal));
    }
    DSP_TRY(fill_content(turn, row, draft, context, &entry));
    return emit_entry(turn, row, draft, &entry, &entry_id, context);
}

struct dsp_err intake_publish_answer(struct dsp_turn *turn, const struct dsp_record *record,
                                     const struct intake_command_row *answer, struct dsp_str name)
{
    Disputes__Case__V1__CaseEvent event = DISPUTES__CASE__V1__CASE_EVENT__INIT;
    Disputes__Case__V1__CommandAnswered answered = DISPUTES__CASE__V1__COMMAND_ANSWERED__INIT;
    struct dsp_out out = {.topic = DSP_LOG_TOPIC, .key = record->key};
    answered.sender = text(turn->arena, record->envelope.source);
    answered.message_id = text(turn->arena, record->envelope.id);
    answered.case_id = uuid_text(turn->arena, &record->case_id);
    if (answer->refusal) {
        DSP_TRY(make_refusal(turn->arena, answer->refusal, answer->guard, name, answer->stage, 0, NULL, 0,
                             &answered.refusal));
    } else {
        answered.accepted_sequence = (uint64_t)answer->sequence;
    }
    event.record_case = DISPUTES__CASE__V1__CASE_EVENT__RECORD_ANSWERED;
    event.answered = &answered;
    DSP_TRY(dsp_message_pack(turn->arena, &event.base, &out.value));
    out.headers = (struct dsp_out_headers){.source = SOURCE_NAME,
                                           .type = "cn.example.disputes.case.event.v1",
                                           .schema = "urn:proto:disputes.case.v1.CaseEvent",
                                           .subject = record->envelope.id,
                                           .order_id = record->key,
                                           .time_ms = record->time_ms,
                                           .causation_id = record->envelope.id,
                                           .traceparent = record->envelope.traceparent};
    DSP_TRY(dsp_uuid_v7(&out.headers.id));
    return dsp_emit(turn, record->lane, &out);
}

struct dsp_err intake_publish_key(struct dsp_turn *turn, const struct intake_docket_row *row)
{
    Disputes__Case__V1__CaseKey key = DISPUTES__CASE__V1__CASE_KEY__INIT;
    struct dsp_out out = {.topic = "disputes.case.key.v1"};
    key.case_id = uuid_text(turn->arena, &row->head.case_id);
    key.wrapped_key = (ProtobufCBinaryData){row->wrapped_key.len, (uint8_t *)(uintptr_t)row->wrapped_key.ptr};
    key.deployment_key_id = (char *)(uintptr_t) "1";
    out.key = dsp_str_from(key.case_id);
    DSP_TRY(dsp_message_pack(turn->arena, &key.base, &out.value));
    out.headers = (struct dsp_out_headers){.source = SOURCE_NAME,
                                           .type = "cn.example.disputes.case.key.v1",
                                           .schema = "urn:proto:disputes.case.v1.CaseKey",
                                           .case_id = row->head.case_id,
                                           .order_id = row->head.order_id,
                                           .time_ms = row->docket.filed_ms};
    DSP_TRY(dsp_uuid_v7(&out.headers.id));
    return dsp_emit(turn, row->head.lane, &out);
}

struct dsp_err intake_time_mark(struct dsp_arena *arena, bool gateway, struct dsp_str order_id, int64_t time_ms,
                                struct dsp_str *ret_headers, struct dsp_str *ret_value)
{
    Disputes__Gateway__V1__TimeMark mark = DISPUTES__GATEWAY__V1__TIME_MARK__INIT;
    Disputes__Gateway__V1__Command gateway_command = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Console__V1__Command console_command = DISPUTES__CONSOLE__V1__COMMAND__INIT;
    struct dsp_out_headers headers = {
        .source = SOURCE_NAME,
        .type = gateway ? "cn.example.disputes.gateway.command.v1" : "cn.example.disputes.console.command.v1",
        .schema = gateway ? "urn:proto:disputes.gateway.v1.Command" : "urn:proto:disputes.console.v1.Command",
        .order_id = order_id,
        .time_ms = time_ms};
    DSP_TRY(dsp_uuid_v7(&headers.id));
    DSP_TRY(dsp_headers_pack(arena, &headers, ret_headers));
    gateway_command.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_TIME_MARK;
    gateway_command.time_mark = &mark;
    console_command.act_case = DISPUTES__CONSOLE__V1__COMMAND__ACT_TIME_MARK;
    console_command.time_mark = &mark;
    return dsp_message_pack(arena, gateway ? &gateway_command.base : &console_command.base, ret_value);
}
