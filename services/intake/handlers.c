#include "intake/handlers.h"

#include <string.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "intake/codec.h"

#define MARK_AGAIN_MS 50
#define ALLOWED_MAX 24

static const struct dsp_metric TRANSITIONS = {"dispute_case_transitions_total",
                                              DSP_METRIC_COUNTER,
                                              "Entries that moved a case to another stage.",
                                              {"from", "to"}};
static const struct dsp_metric REFUSALS = {
    "dispute_refusals_total", DSP_METRIC_COUNTER, "Acts and findings that the table refused.", {NULL}};

struct dsp_err intake_start(void *self, struct dsp_service *service)
{
    ((struct intake *)self)->service = service;
    return dsp_ok();
}

/* --- a breach waits until every act stamped before it has been read (docs/MACHINE.md 1.2) --- */

static struct dsp_err send_marks(struct intake *intake, struct dsp_turn *turn, const struct dsp_record *record)
{
    static const char *const TOPICS[] = {"disputes.gateway.command.v1", "disputes.console.command.v1"};
    int64_t now = dsp_monotonic_ms();
    if (now - intake->marked_ms[record->lane] < MARK_AGAIN_MS) {
        return dsp_ok();
    }
    intake->marked_ms[record->lane] = now;
    for (size_t i = 0; i < 2; i++) {
        struct dsp_str headers;
        struct dsp_str value;
        DSP_TRY(intake_time_mark(turn->arena, i == 0, record->key, dsp_real_ms(), &headers, &value));
        dsp_engine_produce(turn->engine, TOPICS[i], record->lane, record->key, headers, value, NULL, NULL);
    }
    return dsp_ok();
}

static struct dsp_err wait_for_acts(struct intake *intake, struct dsp_turn *turn, const struct dsp_record *record,
                                    int64_t due_ms)
{
    for (size_t topic = SOURCE_GW; topic <= SOURCE_CON; topic++) {
        int64_t stamp = dsp_stamp_read(turn, record->lane, topic);
        if (!stamp || dsp_domain_ms(turn->engine, stamp) <= due_ms) {
            DSP_TRY(send_marks(intake, turn, record));
            return dsp_retry(DSP_CODE_NOT_READY, "a breach waits for its marks");
        }
    }
    return dsp_ok();
}

static struct dsp_str command_key(struct dsp_turn *turn, const struct dsp_record *record)
{
    return dsp_arena_format(turn->arena, "%.*s %.*s", DSP_STR_ARG(record->envelope.source),
                            DSP_STR_ARG(record->envelope.id));
}

struct dsp_err intake_decode(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    struct intake *intake = self;
    if (record->kind != DSP_RECORD_MESSAGE) {
        return dsp_ok();
    }
    DSP_TRY(intake_decode_message(turn, record));
    const struct intake_message *message = record->input;
    if (message->time_mark) {
        return dsp_ok();
    }
    if (intake_is_breach(&message->input)) {
        DSP_TRY(wait_for_acts(intake, turn, record, message->input.clock.due_ms));
    }
    if (record->topic <= SOURCE_CON) {
        struct dsp_str key = command_key(turn, record);
        return key.ptr ? dsp_rows_want(turn->rows, &INTAKE_TABLES[INTAKE_TABLE_COMMAND], key)
                       : dsp_reject(DSP_CODE_ARENA_FULL, "command key");
    }
    return dsp_ok();
}

/* --- filing --- */

static struct dsp_err new_docket(struct intake *intake, struct dsp_turn *turn, const struct dsp_record *record,
                                 const struct intake_message *message, const struct intake_pinned *pinned,
                                 struct intake_docket_row **ret_row)
{
    struct dsp_keys *keys = dsp_service_own_keys(intake->service);
    struct intake_docket_row *row = intake_store_add_docket(turn, &record->case_id);
    uint8_t *wrapped = dsp_arena_alloc(turn->arena, DSP_WRAPPED_KEY_BYTES);
    struct dsp_key key;
    if (!row || !wrapped) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "docket");
    }
    DSP_TRY(dsp_key_generate(&key));
    DSP_TRY(dsp_key_wrap(dsp_keys_deployment(keys), &record->case_id, &key, wrapped));
    row->wrapped_key = (struct dsp_str){(const char *)wrapped, DSP_WRAPPED_KEY_BYTES};
    row->head.lane = record->lane;
    row->head.order_id = record->key;
    row->head.platform_id = message->platform_id;
    row->head.policy_version = pinned->policy_version;
    row->head.calendar_version = pinned->calendar_version;
    row->head.rules_version = pinned->rules_version;
    *ret_row = row;
    return dsp_ok();
}

/* --- what every input of a case goes through --- */

static struct dsp_err key_of(struct intake *intake, const struct intake_docket_row *row, const struct dsp_key **ret_key)
{
    struct dsp_keys *keys = dsp_service_own_keys(intake->service);
    if (dsp_failed(dsp_keys_find(keys, &row->head.case_id, ret_key))) {
        DSP_TRY(dsp_keys_put(keys, &row->head.case_id, row->wrapped_key));
    }
    return dsp_keys_find(keys, &row->head.case_id, ret_key);
}

static void count_draft(struct dsp_turn *turn, const struct intake_draft *draft)
{
    if (!draft->row) {
        dsp_count(turn, &REFUSALS, 1, NULL);
    } else if (draft->stage_before != draft->stage_after) {
        const struct dsp_str labels[] = {dsp_str_from(intake_stage_name(draft->stage_before)),
                                         dsp_str_from(intake_stage_name(draft->stage_after))};
        dsp_count(turn, &TRANSITIONS, 1, labels);
    }
}

static struct dsp_err publish(struct intake *intake, struct dsp_turn *turn, struct intake_docket_row *row,
                              const struct dsp_record *record, const struct intake_case *c,
                              const struct intake_draft *drafts, size_t count)
{
    struct intake_allowed allowed[ALLOWED_MAX];
    struct intake_message *message = record->input;
    struct intake_entry_context context = {
        .record = record, .message = message, .log_time_ms = turn->now_ms, .allowed = allowed};
    DSP_TRY(key_of(intake, row, &context.key));
    context.allowed_count = intake_allowed_actions(c, &message->input, allowed, ALLOWED_MAX);
    for (size_t i = 0; i < count; i++) {
        DSP_TRY(intake_publish_entry(turn, row, &drafts[i], &context));
        count_draft(turn, &drafts[i]);
    }
    return dsp_ok();
}

/* A command that a row would take, but whose entry nobody could read any more. */
static bool too_big(const struct intake_case *c, const struct dsp_record *record)
{
    const struct intake_message *message = record->input;
    const struct intake_row *row;
    const char *guard;
    return record->topic <= SOURCE_CON && !intake_entry_fits(record) &&
           intake_would(c, &message->input, &row, &guard) == REFUSAL_NONE;
}

static size_t refuse_too_big(struct intake_case *c, struct intake_draft *drafts)
{
    drafts[0] = (struct intake_draft){.entry = ENTRY_COMMAND_REFUSED,
                                      .stage_before = c->docket.stage,
                                      .stage_after = c->docket.stage,
                                      .sequence = ++c->docket.seq,
                                      .refusal = REFUSAL_GUARD_FAILED,
                                      .guard = INTAKE_GUARD_FITS};
    return 1;
}

static struct dsp_err decide_and_save(struct intake *intake, struct dsp_turn *turn, struct intake_docket_row *row,
                                      const struct dsp_record *record, const struct intake_pinned *pinned,
                                      struct intake_draft *ret_first)
{
    const struct intake_message *message = record->input;
    struct intake_draft *drafts = dsp_arena_alloc(turn->arena, INTAKE_DRAFTS_MAX * sizeof *drafts);
    struct intake_case *c = dsp_arena_alloc(turn->arena, sizeof *c);
    if (!drafts || !c) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "decision");
    }
    DSP_TRY(intake_store_read(turn, row, c));
    c->policy = &pinned->policy;
    size_t count = too_big(c, record) ? refuse_too_big(c, drafts) : intake_decide(c, &message->input, drafts);
    DSP_TRY(intake_store_write(turn, row, c));
    *ret_first = drafts[0];
    return publish(intake, turn, row, record, c, drafts, count);
}

/* --- commands --- */

static struct dsp_err remember(struct dsp_turn *turn, const struct dsp_record *record, int64_t sequence,
                               enum intake_refusal refusal, const char *guard, int32_t stage,
                               struct intake_command_row **ret_answer)
{
    uint8_t hash[INTAKE_HASH_BYTES];
    dsp_sha256(record->value, hash);
    struct intake_command_row *answer = intake_store_add_command(turn, command_key(turn, record));
    struct dsp_str kept = dsp_arena_copy(turn->arena, (struct dsp_str){(const char *)hash, sizeof hash});
    if (!answer || !kept.ptr) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "command");
    }
    answer->case_id = record->case_id;
    answer->value_hash = kept;
    answer->sequence = sequence;
    answer->refusal = (int32_t)refusal;
    answer->guard = dsp_str_from(guard);
    answer->stage = stage;
    *ret_answer = answer;
    return dsp_ok();
}

/* A refusal that is no entry of a case, because there is none. */
static struct dsp_err answer_without_case(struct dsp_turn *turn, const struct dsp_record *record,
                                          enum intake_refusal refusal, const char *guard)
{
    const struct intake_message *message = record->input;
    struct intake_command_row *answer;
    DSP_TRY(remember(turn, record, 0, refusal, guard, STAGE_NEW, &answer));
    return intake_publish_answer(turn, record, answer, message->name);
}

static bool same_content(const struct dsp_record *record, const struct intake_command_row *answer)
{
    uint8_t hash[INTAKE_HASH_BYTES];
    dsp_sha256(record->value, hash);
    return dsp_str_equal(answer->value_hash, (struct dsp_str){(const char *)hash, sizeof hash});
}

/* The same id again: the first answer again, or ID_REUSED when the content is another. */
static struct dsp_err answer_again(struct intake *intake, struct dsp_turn *turn, struct dsp_record *record,
                                   const struct intake_command_row *first)
{
    const struct intake_message *message = record->input;
    struct intake_docket_row *row = intake_store_docket(turn, &record->case_id);
    if (same_content(record, first)) {
        record->duplicate = true;
        return intake_publish_answer(turn, record, first, message->name);
    }
    if (!row || !dsp_str_equal(row->head.order_id, record->key)) {
        struct intake_command_row reused = *first;
        reused.refusal = REFUSAL_ID_REUSED;
        return intake_publish_answer(turn, record, &reused, message->name);
    }
    struct intake_draft draft = {.entry = ENTRY_COMMAND_REFUSED,
                                 .stage_before = row->docket.stage,
                                 .stage_after = row->docket.stage,
                                 .sequence = row->head.log_seq + 1,
                                 .refusal = REFUSAL_ID_REUSED};
    struct intake_case *c = dsp_arena_alloc(turn->arena, sizeof *c);
    if (!c) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "decision");
    }
    DSP_TRY(intake_store_read(turn, row, c));
    c->docket.seq++;
    DSP_TRY(intake_store_write(turn, row, c));
    return publish(intake, turn, row, record, c, &draft, 1);
}

static struct dsp_err file(struct intake *intake, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct intake_message *message = record->input;
    struct intake_pinned pinned;
    struct intake_case *c = dsp_arena_alloc(turn->arena, sizeof *c);
    const struct intake_row *row = NULL;
    const char *guard = NULL;
    struct intake_docket_row *docket = NULL;
    struct intake_draft first;
    struct intake_command_row *answer;
    if (!c) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "decision");
    }
    DSP_TRY(intake_policy_pin(dsp_service_platforms(intake->service), turn->arena, message->platform_id,
                              record->time_ms, &pinned));
    c->policy = &pinned.policy;
    enum intake_refusal refusal = intake_would(c, &message->input, &row, &guard);
    if (refusal != REFUSAL_NONE) {
        return answer_without_case(turn, record, refusal, guard);
    }
    if (too_big(c, record)) {
        return answer_without_case(turn, record, REFUSAL_GUARD_FAILED, INTAKE_GUARD_FITS);
    }
    DSP_TRY(new_docket(intake, turn, record, message, &pinned, &docket));
    DSP_TRY(decide_and_save(intake, turn, docket, record, &pinned, &first));
    DSP_TRY(intake_publish_key(turn, docket));
    return remember(turn, record, first.sequence, first.refusal, first.guard, first.stage_after, &answer);
}

static struct dsp_err on_command(struct intake *intake, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct intake_message *message = record->input;
    struct intake_docket_row *row = intake_store_docket(turn, &record->case_id);
    const struct intake_command_row *before = intake_store_command(turn, command_key(turn, record));
    struct intake_pinned pinned;
    struct intake_draft first;
    struct intake_command_row *answer;
    if (row && !dsp_str_equal(row->head.order_id, record->key)) {
        return dsp_reject(DSP_CODE_WRONG_KEY, "the key is not the order of the case");
    }
    if (before) {
        return answer_again(intake, turn, record, before);
    }
    if (!row && message->input.trigger == TRIGGER_FILE_COMPLAINT) {
        return file(intake, turn, record);
    }
    if (!row) {
        return answer_without_case(turn, record, REFUSAL_CASE_UNKNOWN, NULL);
    }
    DSP_TRY(intake_policy_find(dsp_service_platforms(intake->service), turn->arena, &row->head, &pinned));
    DSP_TRY(decide_and_save(intake, turn, row, record, &pinned, &first));
    return remember(turn, record, first.sequence, first.refusal, first.guard, first.stage_after, &answer);
}

/* --- findings --- */

static struct dsp_err on_finding(struct intake *intake, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct intake_message *message = record->input;
    struct intake_docket_row *row = intake_store_docket(turn, &record->case_id);
    struct intake_pinned pinned;
    struct intake_draft first;
    if (!row) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a finding about a case that intake does not know");
    }
    if (!dsp_str_equal(row->head.order_id, record->key)) {
        return dsp_reject(DSP_CODE_WRONG_KEY, "the key is not the order of the case");
    }
    int64_t *last = &row->source_seq[record->topic - SOURCE_SLA];
    if (DSP_GUARD_SEQUENCE && message->source_sequence <= *last) {
        record->duplicate = true;
        return dsp_ok();
    }
    if (DSP_GUARD_SEQUENCE && message->source_sequence != *last + 1) {
        return dsp_reject(DSP_CODE_SEQUENCE_GAP, "finding %lld after %lld", (long long)message->source_sequence,
                          (long long)*last);
    }
    DSP_TRY(intake_policy_find(dsp_service_platforms(intake->service), turn->arena, &row->head, &pinned));
    *last = message->source_sequence;
    DSP_TRY(decide_and_save(intake, turn, row, record, &pinned, &first));
    if (first.refusal) {
        dsp_log(DSP_LOG_INFO, "finding refused", DSP_F_UUID("dispute.case_id", &record->case_id),
                DSP_F_STR("dispute.finding", message->name),
                DSP_F_TEXT("error.code", INTAKE_REFUSALS[first.refusal].code));
    }
    return dsp_ok();
}

/* A finding that a person gives up: the next number of its source is taken again. */
struct dsp_err intake_skip(void *self, struct dsp_turn *turn, const struct dsp_record *record)
{
    struct intake_docket_row *row = intake_store_docket(turn, &record->case_id);
    int64_t *last = row && record->topic >= SOURCE_SLA ? &row->source_seq[record->topic - SOURCE_SLA] : NULL;
    (void)self;
    if (last && record->envelope.sequence > *last) {
        *last = record->envelope.sequence;
        row->head.row.dirty = true;
    }
    return dsp_ok();
}

struct dsp_err intake_handle(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    struct intake *intake = self;
    const struct intake_message *message = record->input;
    if (record->kind != DSP_RECORD_MESSAGE || message->time_mark) {
        return dsp_ok(); /* intake has neither timers nor outside calls */
    }
    return record->topic <= SOURCE_CON ? on_command(intake, turn, record) : on_finding(intake, turn, record);
}
