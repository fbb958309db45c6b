#include "disputectl/ctl_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputectl/ctl_text.h"

#define LOG_ARENA_BYTES ((size_t)4 << 30) /* grows as it is used */
#define ANSWER_POLL_MS 5

struct ctl_log {
    struct ctl_kafka *kafka;
    struct dsp_arena *arena;
    struct ctl_offsets offsets;
    bool one_case;
    char case_id[DSP_UUID_TEXT_BYTES];
    struct ctl_log_record **records; /* each stays where it is */
    size_t count, room;
    struct dsp_err err; /* of the callback */
};

struct dsp_err ctl_log_new(struct ctl_kafka *kafka, const char *case_id, bool from_end, struct ctl_log **ret_log)
{
    struct dsp_uuid id;
    struct ctl_log *log = calloc(1, sizeof *log);
    struct dsp_arena *arena = dsp_arena_new(LOG_ARENA_BYTES);
    if (!log || !arena) {
        free(log);
        dsp_arena_free(arena);
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    *log = (struct ctl_log){.kafka = kafka, .arena = arena, .one_case = case_id != NULL};
    struct dsp_err err = dsp_ok();
    if (case_id && !dsp_uuid_parse(dsp_str_from(case_id), &id)) {
        err = dsp_reject(DSP_CODE_FIELD_INVALID, "a case id is a UUID, not \"%.60s\"", case_id);
    } else if (case_id) {
        dsp_uuid_format(&id, log->case_id);
    }
    err = dsp_failed(err) ? err : ctl_offsets_add_topic(kafka, &log->offsets, CTL_CASE_TOPIC, 0);
    if (!dsp_failed(err) && from_end) {
        err = ctl_kafka_ends(kafka, log->offsets.items, log->offsets.count, 5000);
    }
    if (dsp_failed(err)) {
        ctl_log_free(log);
        return err;
    }
    *ret_log = log;
    return err;
}

void ctl_log_free(struct ctl_log *log)
{
    if (!log) {
        return;
    }
    ctl_offsets_fini(&log->offsets);
    dsp_arena_free(log->arena);
    free(log->records);
    free(log);
}

/* The subject is a header: entries of other cases need no decoding. An answer that is no entry has no sequence
 * and the command id as its subject, so its case stands inside only. */
static bool may_be_wanted(const struct ctl_log *log, const struct ctl_message *message)
{
    struct dsp_str subject = ctl_message_header(message, "ce_subject");
    return !log->one_case || ctl_message_header(message, "ce_sequence").len == 0 ||
           (subject.len == strlen(log->case_id) && strncasecmp(subject.ptr, log->case_id, subject.len) == 0);
}

static bool is_wanted(const struct ctl_log *log, const Disputes__Case__V1__CaseEvent *event)
{
    if (!log->one_case || !event) {
        return true;
    }
    if (event->record_case == DISPUTES__CASE__V1__CASE_EVENT__RECORD_ANSWERED) {
        return strcasecmp(event->answered->case_id, log->case_id) == 0;
    }
    return event->record_case == DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY &&
           strcasecmp(event->entry->case_id, log->case_id) == 0;
}

static struct dsp_err keep(struct ctl_log *log, const struct ctl_message *message)
{
    struct ctl_log_record *record = dsp_arena_alloc(log->arena, sizeof *record);
    if (log->count == log->room) {
        size_t room = log->room ? log->room * 2 : 64;
        struct ctl_log_record **grown = realloc(log->records, room * sizeof *grown);
        if (!grown) {
            return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
        }
        log->records = grown;
        log->room = room;
    }
    if (!record) {
        return dsp_fatal(DSP_CODE_ARENA_FULL, "the log does not fit into memory");
    }
    Disputes__Case__V1__CaseEvent *event = NULL;
    *record = (struct ctl_log_record){
        .partition = message->partition,
        .offset = message->offset,
        .stamp_ms = message->stamp_ms,
        .key = dsp_arena_copy(log->arena, message->key),
        .value = dsp_arena_copy(log->arena, message->value),
        .entry_hash = dsp_arena_copy(log->arena, ctl_message_header(message, "ce_entryhash")),
    };
    if (!message->value.ptr || dsp_failed(dsp_message_unpack(log->arena, &disputes__case__v1__case_event__descriptor,
                                                             record->value, &event))) {
        event = NULL; /* said where it is shown */
    }
    record->event = event;
    if (is_wanted(log, event)) {
        log->records[log->count++] = record;
    }
    return dsp_ok();
}

static bool on_message(void *arg, const struct ctl_message *message)
{
    struct ctl_log *log = arg;
    log->err = may_be_wanted(log, message) ? keep(log, message) : dsp_ok();
    return !dsp_failed(log->err);
}

struct dsp_err ctl_log_read(struct ctl_log *log)
{
    DSP_TRY(ctl_kafka_read(log->kafka, &log->offsets, on_message, log));
    return log->err;
}

size_t ctl_log_count(const struct ctl_log *log)
{
    return log->count;
}

const struct ctl_log_record *ctl_log_at(const struct ctl_log *log, size_t index)
{
    return log->records[index];
}

const Disputes__Case__V1__Entry *ctl_log_entry(const struct ctl_log_record *record)
{
    return record->event && record->event->record_case == DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY
               ? record->event->entry
               : NULL;
}

/* --- answers --- */

static bool answers(const struct ctl_log_record *record, const char *source, const char *command_id)
{
    const Disputes__Case__V1__Entry *entry = ctl_log_entry(record);
    if (entry && entry->origin) {
        return strcmp(entry->origin->sender, source) == 0 && strcmp(entry->origin->message_id, command_id) == 0;
    }
    if (record->event && record->event->record_case == DISPUTES__CASE__V1__CASE_EVENT__RECORD_ANSWERED) {
        const Disputes__Case__V1__CommandAnswered *answered = record->event->answered;
        return strcmp(answered->sender, source) == 0 && strcmp(answered->message_id, command_id) == 0;
    }
    return false;
}

/* What is looked for: the answer to a command, or with `sequence` the finding about the act of that entry. */
struct wanted {
    const char *source, *command_id;
    uint64_t sequence;
};

static bool is_looked_for(const struct ctl_log_record *record, const struct wanted *wanted)
{
    const Disputes__Case__V1__Entry *entry = ctl_log_entry(record);
    return wanted->sequence ? entry && entry->origin && entry->origin->answers_sequence == wanted->sequence &&
                                  ctl_entry_ends_wait(entry)
                            : answers(record, wanted->source, wanted->command_id);
}

static struct dsp_err look_for(struct ctl_log *log, const struct wanted *wanted, int timeout_ms, size_t *from,
                               const struct ctl_log_record **ret_record)
{
    int64_t give_up_ms = dsp_monotonic_ms() + timeout_ms;
    *ret_record = NULL;
    for (;;) {
        DSP_TRY(ctl_log_read(log));
        while (*from < log->count) {
            const struct ctl_log_record *record = log->records[(*from)++];
            if (is_looked_for(record, wanted)) {
                *ret_record = record;
                return dsp_ok();
            }
        }
        if (dsp_monotonic_ms() >= give_up_ms) {
            return dsp_ok();
        }
        nanosleep(&(struct timespec){.tv_nsec = ANSWER_POLL_MS * 1000000L}, NULL);
    }
}

struct dsp_err ctl_log_answer(struct ctl_log *log, const char *source, const char *command_id, int timeout_ms,
                              size_t *from, const struct ctl_log_record **ret_record)
{
    return look_for(log, &(struct wanted){.source = source, .command_id = command_id}, timeout_ms, from, ret_record);
}

struct dsp_err ctl_log_finding(struct ctl_log *log, uint64_t sequence, int timeout_ms,
                               const struct ctl_log_record **ret_record)
{
    size_t from = 0;
    return look_for(log, &(struct wanted){"", "", sequence}, timeout_ms, &from, ret_record);
}

/* --- what an entry holds --- */

/* The chosen message of the first oneof that has one: the act or finding below the actor. */
static const ProtobufCMessage *chosen_member(const ProtobufCMessage *message, const char **ret_name)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        uint32_t chosen;
        if (field->type != PROTOBUF_C_TYPE_MESSAGE || !(field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)) {
            continue;
        }
        memcpy(&chosen, (const char *)message + field->quantifier_offset, sizeof chosen);
        if (chosen == field->id) {
            const ProtobufCMessage *member;
            memcpy(&member, (const char *)message + field->offset, sizeof member);
            *ret_name = field->name;
            return member;
        }
    }
    return NULL;
}

void ctl_entry_act(const Disputes__Case__V1__Entry *entry, char *text, size_t size,
                   const ProtobufCMessage **ret_content)
{
    const char *name = "";
    const ProtobufCMessage *content = chosen_member(&entry->base, &name); /* of `content`: a command or finding */
    const ProtobufCMessage *member = content ? chosen_member(content, &name) : NULL;
    ctl_pascal_case(member ? name : "", text, size);
    if (ret_content) {
        *ret_content = member;
    }
}

/* --- acts that a service answers by a finding (docs/MACHINE.md 1.2) --- */

static bool is_named(const Disputes__Case__V1__Entry *entry, const char *const *names, size_t count)
{
    char name[64];
    ctl_entry_act(entry, name, sizeof name, NULL);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

bool ctl_entry_waits(const Disputes__Case__V1__Entry *entry)
{
    static const char *const NAMES[] = {
        "MakeOffer", "CounterOffer", "AcceptOffer",  "RejectOffer",     "RetractOffer", "AddEvidence",  "AdmitLateItem",
        "Assign",    "TakeOver",     "SeatObserver", "ProposeDecision", "Finalise",     "DecideAppeal", "Remand"};
    return !entry->refusal && is_named(entry, NAMES, sizeof NAMES / sizeof *NAMES);
}

bool ctl_entry_ends_wait(const Disputes__Case__V1__Entry *entry)
{
    static const char *const NAMES[] = {
        "OfferOpened",   "OfferCountered",     "OfferAccepted",   "OfferRejected",    "OfferRetracted",
        "OfferRefused",  "EvidenceRegistered", "EvidenceRefused", "LateItemAdmitted", "AgentAssigned",
        "AgentReplaced", "AssignmentBlocked",  "ObserverSeated",  "DecisionProposed", "DraftRefused",
        "DecisionFinal", "AppealDecided",      "AppealRemanded"};
    return is_named(entry, NAMES, sizeof NAMES / sizeof *NAMES);
}
