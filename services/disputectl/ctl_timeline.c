#include "disputectl/ctl_timeline.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "common/base/money.h"
#include "common/service/message.h"
#include "disputectl/ctl_show.h"
#include "disputectl/ctl_text.h"

#define NAME_BYTES 96
#define LINE_BYTES 1200
#define WHO_COLUMNS 16
#define WHAT_COLUMNS 26
#define CONTENT_COLUMNS 60 /* longer ones go on lines of their own */
#define LINE_COLUMNS 118
#define INDENT "                                                 "

static void lower(const char *name, char *text, size_t size)
{
    size_t used = 0;
    for (; name[used] && used + 1 < size; used++) {
        text[used] = name[used] == '_' ? ' ' : (char)tolower((unsigned char)name[used]);
    }
    text[used] = '\0';
}

static void role_text(Disputes__Common__V1__Role role, char *text, size_t size)
{
    lower(dsp_enum_name(&disputes__common__v1__role__descriptor, (int)role), text, size);
}

/* "merchant m2001", "sla", "docket": the person, or the service whose finding it is. */
static void who_text(const Disputes__Case__V1__Entry *entry, char *text, size_t size)
{
    const Disputes__Case__V1__Origin *origin = entry->origin;
    char role[NAME_BYTES];
    if (!origin || !*origin->topic) {
        snprintf(text, size, "docket");
    } else if (origin->actor && *origin->actor->id && origin->actor->role != DISPUTES__COMMON__V1__ROLE__ROLE_SYSTEM) {
        role_text(origin->actor->role, role, sizeof role);
        snprintf(text, size, "%s %.60s", role, origin->actor->id);
    } else if (strncmp(origin->sender, "/disputes/", 10) == 0) {
        snprintf(text, size, "%s", origin->sender + 10);
    } else {
        snprintf(text, size, "%s", *origin->sender == '/' ? origin->sender + 1 : origin->sender);
    }
}

/* The entry's name; for acts and findings of section 4 of the machine theirs, else both where they differ. */
static void what_text(const Disputes__Case__V1__Entry *entry, const ProtobufCMessage **ret_content, char *text,
                      size_t size)
{
    char type[NAME_BYTES];
    char act[NAME_BYTES];
    bool unnamed = entry->type == DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_ACT ||
                   entry->type == DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING;
    ctl_pascal_case(dsp_enum_name(&disputes__case__v1__entry_type__descriptor, (int)entry->type), type, sizeof type);
    ctl_entry_act(entry, act, sizeof act, ret_content);
    if (!*act && entry->refusal) {
        ctl_pascal_case(entry->refusal->trigger, act, sizeof act);
    }
    if (unnamed && *act) {
        snprintf(text, size, "%s", act);
    } else if (!*act || strcmp(act, type) == 0) {
        snprintf(text, size, "%s", type);
    } else {
        snprintf(text, size, "%s → %s", act, type);
    }
}

static const char *stage_text(Disputes__Common__V1__Stage stage)
{
    return stage ? dsp_enum_name(&disputes__common__v1__stage__descriptor, (int)stage) : "(new)";
}

static void pad(FILE *out, const char *text, size_t columns)
{
    size_t used = ctl_columns(text);
    fprintf(out, "%s%*s", text, (int)(used < columns ? columns - used : 1), "");
}

/* Behind the entry when it is short, else on lines of its own. Ends the line. */
static void put_content(FILE *out, const ProtobufCMessage *content)
{
    char line[LINE_BYTES] = "";
    struct ctl_text text = {line, sizeof line, 0};
    json_t *json = content ? dsp_message_json(content) : NULL;
    ctl_put(&text, "{");
    ctl_put_compact(&text, json);
    ctl_put(&text, "}");
    if (!json_object_size(json)) {
        fputc('\n', out);
    } else if (ctl_columns(line) <= CONTENT_COLUMNS) {
        fprintf(out, "  %s\n", line);
    } else {
        fputc('\n', out);
        ctl_show_wrapped(out, line, sizeof INDENT - 1, LINE_COLUMNS);
    }
    json_decref(json);
}

/* "start K_m_first merchant, cancel K_offer consumer" */
static void put_clocks(FILE *out, const Disputes__Case__V1__Entry *entry)
{
    for (size_t i = 0; i < entry->n_clocks; i++) {
        const Disputes__Case__V1__ClockEffect *effect = entry->clocks[i];
        char op[NAME_BYTES];
        char kind[NAME_BYTES] = "?";
        char side[NAME_BYTES] = "";
        size_t at = 0;
        lower(dsp_enum_name(&disputes__case__v1__clock_op__descriptor, (int)effect->op), op, sizeof op);
        if (effect->clock) {
            const char *name = dsp_enum_name(&disputes__common__v1__clock_kind__descriptor, (int)effect->clock->kind);
            for (; name[at] && at + 1 < sizeof kind; at++) {
                kind[at] = (char)tolower((unsigned char)name[at]);
            }
            kind[at] = '\0';
            role_text(effect->clock->side, side, sizeof side);
        }
        fprintf(out, "%s%s K_%s %s%s", i ? ", " : INDENT "clocks: ", op, kind, side,
                effect->short_budget ? " (short)" : "");
    }
    if (entry->n_clocks) {
        fputc('\n', out);
    }
}

static void put_duties(FILE *out, const Disputes__Case__V1__Entry *entry)
{
    for (size_t i = 0; i < entry->n_duties; i++) {
        const Disputes__Case__V1__Duty *duty = entry->duties[i];
        char kind[NAME_BYTES];
        char side[NAME_BYTES];
        char amount[NAME_BYTES] = "";
        lower(dsp_enum_name(&disputes__case__v1__duty_kind__descriptor, (int)duty->kind), kind, sizeof kind);
        role_text(duty->side, side, sizeof side);
        if (duty->amount) {
            dsp_money_format(duty->amount->amount_minor, amount);
        }
        fprintf(out, INDENT "duty: %s, %s%s%s, %s\n", side, kind, *amount ? " " : "", amount,
                duty->due ? "due" : "noted");
    }
}

static void put_refusal(FILE *out, const Disputes__Case__V1__Refusal *refusal)
{
    fprintf(out, INDENT "refused: %s%s%s", refusal->code, *refusal->guard ? ", guard " : "", refusal->guard);
    fprintf(out, "%s%s\n", *refusal->sentence_en ? ": " : "", refusal->sentence_en);
}

void ctl_timeline_entry(FILE *out, const Disputes__Case__V1__Entry *entry)
{
    char local[CTL_TIME_TEXT_BYTES];
    char who[2 * NAME_BYTES];
    char what[2 * NAME_BYTES + 8];
    const ProtobufCMessage *content;
    ctl_format_local(entry->time_millis, local);
    who_text(entry, who, sizeof who);
    what_text(entry, &content, what, sizeof what);
    fprintf(out, "%4" PRIu64 "  %-23s  ", entry->sequence, local);
    pad(out, who, WHO_COLUMNS);
    fputs("  ", out);
    bool moved = entry->stage_before != entry->stage_after;
    if (moved) {
        pad(out, what, WHAT_COLUMNS);
        fprintf(out, "  %s → %s", stage_text(entry->stage_before), stage_text(entry->stage_after));
    } else {
        fputs(what, out);
    }
    fputs(entry->late ? "  late" : "", out);
    put_content(out, content);
    put_clocks(out, entry);
    put_duties(out, entry);
    if (entry->refusal) {
        put_refusal(out, entry->refusal);
    }
    if (entry->outcome) {
        fprintf(out, INDENT "outcome: %s\n",
                dsp_enum_name(&disputes__common__v1__outcome__descriptor, (int)entry->outcome));
    }
}

json_t *ctl_timeline_json(const struct ctl_log_record *record)
{
    json_t *event = record->event ? dsp_message_json(&record->event->base) : json_null();
    json_t *object = json_pack("{s:i, s:I, s:I, s:o}", "partition", record->partition, "offset",
                               (json_int_t)record->offset, "stamp_ms", (json_int_t)record->stamp_ms, "record", event);
    if (record->entry_hash.len) {
        json_object_set_new(object, "entry_hash", json_stringn(record->entry_hash.ptr, record->entry_hash.len));
    }
    return object;
}
