#include "disputectl/ctl_outcome.h"

#include <inttypes.h>
#include <string.h>

#include "common/service/message.h"
#include "disputectl/ctl_text.h"

#define NAME_BYTES 96

static const char *stage_name(Disputes__Common__V1__Stage stage)
{
    return stage ? dsp_enum_name(&disputes__common__v1__stage__descriptor, (int)stage) : "(new)";
}

static void print_refusal(FILE *out, const Disputes__Case__V1__Refusal *refusal)
{
    fprintf(out, "refused  %s%s%s%s\n", refusal->code, *refusal->guard ? " (" : "", refusal->guard,
            *refusal->guard ? ")" : "");
    if (*refusal->sentence_zh) {
        fprintf(out, "         %s\n", refusal->sentence_zh);
    }
    if (*refusal->sentence_en) {
        fprintf(out, "         %s\n", refusal->sentence_en);
    }
    fprintf(out, "stage    %s\n", stage_name(refusal->stage));
    for (size_t i = 0; i < refusal->n_allowed_actions; i++) {
        const Disputes__Case__V1__AllowedAction *action = refusal->allowed_actions[i];
        char name[NAME_BYTES];
        char due[CTL_TIME_TEXT_BYTES] = "";
        ctl_pascal_case(action->action, name, sizeof name);
        if (action->due_time_millis) {
            ctl_format_local(action->due_time_millis, due);
        }
        fprintf(out, "%s %s %s%s%s\n", i ? "        " : "allowed ",
                dsp_enum_name(&disputes__common__v1__role__descriptor, (int)action->role), name, *due ? " until " : "",
                due);
    }
    if (refusal->n_allowed_actions == 0) {
        fprintf(out, "allowed  nothing\n");
    }
}

static bool print_answered(FILE *out, const Disputes__Case__V1__CommandAnswered *answered)
{
    if (answered->refusal) {
        print_refusal(out, answered->refusal);
        return false;
    }
    fprintf(out, "accepted before as entry %" PRIu64 " (the same command id)\n", answered->accepted_sequence);
    return true;
}

bool ctl_outcome_print(FILE *out, const struct ctl_log_record *record)
{
    const Disputes__Case__V1__Entry *entry = ctl_log_entry(record);
    char type[NAME_BYTES];
    char act[NAME_BYTES];
    char local[CTL_TIME_TEXT_BYTES];
    if (!entry) {
        return record->event && print_answered(out, record->event->answered);
    }
    ctl_pascal_case(dsp_enum_name(&disputes__case__v1__entry_type__descriptor, (int)entry->type), type, sizeof type);
    ctl_entry_act(entry, act, sizeof act, NULL);
    ctl_format_local(entry->time_millis, local);
    bool unnamed = entry->type == DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_ACT ||
                   entry->type == DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING;
    fprintf(out, "entry    %" PRIu64 " %s, %s", entry->sequence, unnamed && *act ? act : type, local);
    if (entry->stage_before != entry->stage_after) {
        fprintf(out, ", %s → %s", stage_name(entry->stage_before), stage_name(entry->stage_after));
    }
    fprintf(out, "%s\n", entry->late ? ", late" : "");
    if (entry->refusal) {
        print_refusal(out, entry->refusal);
    }
    return !entry->refusal;
}

/* A text field of a message; empty when it has none of that name. */
static const char *text_field(const ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
    const char *text = NULL;
    if (field && field->type == PROTOBUF_C_TYPE_STRING && field->label != PROTOBUF_C_LABEL_REPEATED) {
        memcpy(&text, (const char *)message + field->offset, sizeof text);
    }
    return text ? text : "";
}

bool ctl_outcome_print_finding(FILE *out, const struct ctl_log_record *record)
{
    const Disputes__Case__V1__Entry *entry = ctl_log_entry(record);
    const ProtobufCMessage *finding;
    char name[NAME_BYTES];
    char local[CTL_TIME_TEXT_BYTES];
    ctl_entry_act(entry, name, sizeof name, &finding);
    ctl_format_local(entry->time_millis, local);
    const char *code = finding ? text_field(finding, "code") : "";
    const char *guard = finding ? text_field(finding, "guard") : "";
    fprintf(out, "finding  %" PRIu64 " %s, %s", entry->sequence, name, local);
    if (entry->stage_before != entry->stage_after) {
        fprintf(out, ", %s → %s", stage_name(entry->stage_before), stage_name(entry->stage_after));
    }
    fprintf(out, "%s%s%s%s%s\n", *code ? ": " : "", code, *guard ? " (" : "", guard, *guard ? ")" : "");
    return !*code && !entry->refusal;
}
