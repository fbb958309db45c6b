#include "common/service/follower.h"

#include <string.h>

#include "common/base/codes.h"
#include "common/service/message.h"

struct dsp_err dsp_entry_read(struct dsp_turn *turn, struct dsp_record *record,
                              const Disputes__Case__V1__Entry **ret_entry)
{
    Disputes__Case__V1__CaseEvent *event;
    *ret_entry = NULL;
    if (!record->value.ptr) {
        return dsp_reject(DSP_CODE_TOMBSTONE, "the log has no tombstones");
    }
    DSP_TRY(dsp_message_unpack(turn->arena, &disputes__case__v1__case_event__descriptor, record->value, &event));
    if (event->record_case == DISPUTES__CASE__V1__CASE_EVENT__RECORD_ANSWERED) {
        record->type = DSP_STR_LITERAL("ANSWERED");
        return dsp_ok();
    }
    if (event->record_case != DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY) {
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "neither an entry nor an answer");
    }
    const Disputes__Case__V1__Entry *entry = event->entry;
    const char *type = dsp_enum_name(&disputes__case__v1__entry_type__descriptor, entry->type);
    record->type = dsp_str_from(type ? type : "");
    if (!dsp_uuid_parse(dsp_message_str(entry->case_id), &record->case_id) || entry->sequence == 0 ||
        (int64_t)entry->sequence != record->envelope.sequence ||
        !dsp_uuid_equal(&record->case_id, &record->envelope.subject)) {
        return dsp_reject(DSP_CODE_HEADER_MISSING, "headers and entry name different cases or sequences");
    }
    if (!dsp_str_is(record->key, entry->order_id)) {
        return dsp_reject(DSP_CODE_WRONG_KEY, "the key is not the order of the case");
    }
    *ret_entry = entry;
    return dsp_ok();
}

bool dsp_entry_tells_time(const Disputes__Case__V1__Entry *entry)
{
    if (entry->type != DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING ||
        entry->content_case != DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING ||
        entry->stage_before != entry->stage_after || entry->n_clocks || entry->n_duties || entry->ruling) {
        return false;
    }
    switch ((int)entry->sla_finding->finding_case) {
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCKS_ARMED:
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_MOVED:
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_PAUSED:
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_RESUMED:
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_RUNG_REACHED:
        return true;
    default:
        return false;
    }
}

static struct dsp_err new_head(struct dsp_turn *turn, const struct dsp_table *table, int32_t lane,
                               const struct dsp_uuid *case_id, const Disputes__Case__V1__Entry *entry,
                               struct dsp_case_head **ret_head)
{
    if (entry->sequence != 1) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "entry %llu of a case that never began",
                          (unsigned long long)entry->sequence);
    }
    struct dsp_case_head *head = dsp_rows_add(turn->rows, table, dsp_uuid_str(case_id));
    if (!head) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "case row");
    }
    head->case_id = *case_id;
    head->lane = lane;
    head->order_id = dsp_message_str(entry->order_id);
    head->platform_id = dsp_message_str(entry->platform_id);
    if (entry->versions) {
        head->policy_version = (int64_t)entry->versions->policy;
        head->calendar_version = (int64_t)entry->versions->calendar;
        head->rules_version = (int64_t)entry->versions->rules;
    }
    *ret_head = head;
    return dsp_ok();
}

struct dsp_err dsp_head_advance(struct dsp_turn *turn, const struct dsp_table *table, struct dsp_record *record,
                                const Disputes__Case__V1__Entry *entry, void *ret_head)
{
    struct dsp_uuid case_id;
    if (!dsp_uuid_parse(dsp_message_str(entry->case_id), &case_id)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "case id");
    }
    struct dsp_case_head *head = dsp_rows_one(turn->rows, table, dsp_uuid_str(&case_id));
    if (DSP_GUARD_SEQUENCE && head && (int64_t)entry->sequence <= head->log_seq) {
        head = NULL;
        record->duplicate = true;
    } else {
        if (!head) {
            DSP_TRY(new_head(turn, table, record->lane, &case_id, entry, &head));
        }
        head->log_seq = (int64_t)entry->sequence;
        head->generation = (int32_t)entry->generation;
        head->row.dirty = true;
    }
    memcpy(ret_head, &head, sizeof head);
    return dsp_ok();
}

struct dsp_err dsp_finding_emit(struct dsp_turn *turn, const struct dsp_follower *follower, struct dsp_case_head *head,
                                const ProtobufCMessage *finding, int64_t time_ms)
{
    struct dsp_out out = {.topic = follower->topic,
                          .key = head->order_id,
                          .headers = {.source = follower->source,
                                      .type = follower->type,
                                      .schema = follower->schema,
                                      .case_id = head->case_id,
                                      .order_id = head->order_id,
                                      .time_ms = time_ms,
                                      .sequence = head->finding_seq + 1}};
    if (turn->cause) {
        out.headers.causation_id = turn->cause->envelope.id;
        out.headers.traceparent = turn->cause->envelope.traceparent;
    }
    DSP_TRY(dsp_uuid_v7(&out.headers.id));
    DSP_TRY(dsp_message_pack(turn->arena, finding, &out.value));
    DSP_TRY(dsp_emit(turn, head->lane, &out));
    head->finding_seq++;
    head->row.dirty = true;
    return dsp_ok();
}
