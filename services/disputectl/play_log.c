#include "disputectl/play_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/service/message.h"
#include "disputectl/ctl_text.h"

#define FINDING(name) DISPUTES__SLA__V1__FINDING__FINDING_##name

static Disputes__Common__V1__ClockKind clock_of(const Disputes__Case__V1__Entry *entry)
{
    const Disputes__Sla__V1__ClockDue *due = NULL;
    if (entry->content_case != DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING) {
        return DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_UNSPECIFIED;
    }
    const Disputes__Sla__V1__Finding *finding = entry->sla_finding;
    if (finding->finding_case == FINDING(CLOCK_BREACHED)) {
        due = finding->clock_breached->clock;
    } else if (finding->finding_case == FINDING(CLOCK_RUNG_REACHED)) {
        due = finding->clock_rung_reached->clock;
    } else if (finding->finding_case == FINDING(CLOCK_MOVED)) {
        due = finding->clock_moved->clock;
    }
    return due && due->clock ? due->clock->kind : DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_UNSPECIFIED;
}

static bool is_acknowledgement(const Disputes__Case__V1__Entry *entry)
{
    return entry->content_case == DISPUTES__CASE__V1__ENTRY__CONTENT_NOTIFICATION_FINDING &&
           entry->notification_finding->finding_case == DISPUTES__NOTIFICATION__V1__FINDING__FINDING_SERVICE_PROVED &&
           entry->notification_finding->service_proved->acknowledgement;
}

static bool is_ignorable(const Disputes__Case__V1__Entry *entry, const char *name)
{
    static const char *const NAMES[] = {"ClocksArmed", "ClockPaused", "ClockResumed", "ClockRungReached"};
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (strcmp(name, NAMES[i]) == 0) {
            return true;
        }
    }
    return is_acknowledgement(entry);
}

/* {"gateway_command": {"actor": …, "accept_claim": {…}}}: the innermost of them. */
static const json_t *content_of(const json_t *json, const char *act)
{
    static const char *const ROOTS[] = {"gateway_command",       "console_command",     "sla_finding",
                                        "investigation_finding", "arbitration_finding", "fund_finding",
                                        "notification_finding"};
    char name[PLAY_NAME_BYTES];
    ctl_snake_case(act, name, sizeof name);
    for (size_t i = 0; i < sizeof ROOTS / sizeof ROOTS[0]; i++) {
        const json_t *root = json_object_get(json, ROOTS[i]);
        if (root) {
            return json_object_get(root, name);
        }
    }
    return NULL;
}

void play_entry_read(const Disputes__Case__V1__Entry *entry, struct play_entry *ret_entry)
{
    struct play_entry out = {.entry = entry, .sequence = entry->sequence, .time_ms = entry->time_millis};
    const char *type = dsp_enum_name(&disputes__case__v1__entry_type__descriptor, (int)entry->type);
    ctl_entry_act(entry, out.from, sizeof out.from, NULL);
    if (entry->content_case == DISPUTES__CASE__V1__ENTRY__CONTENT_FOLLOW_UP) {
        snprintf(out.from, sizeof out.from, "%s", play_follow_up_name(entry->follow_up));
    } else if (entry->refusal && !out.from[0]) {
        snprintf(out.from, sizeof out.from, "%s", dsp_message_str(entry->refusal->trigger).ptr);
    }
    if (entry->type == DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_ACT ||
        entry->type == DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING) {
        memcpy(out.name, out.from, sizeof out.name);
    } else {
        ctl_pascal_case(type, out.name, sizeof out.name);
    }
    out.clock = clock_of(entry);
    out.role = entry->origin && entry->origin->actor ? entry->origin->actor->role
                                                     : DISPUTES__COMMON__V1__ROLE__ROLE_SYSTEM;
    out.source = play_source_of(entry->origin ? entry->origin->topic : "");
    out.ignorable = is_ignorable(entry, out.name);
    out.json = dsp_message_json(&entry->base);
    out.content = content_of(out.json, out.from);
    *ret_entry = out;
}

const struct play_entry *play_entries_at(const struct play_entries *entries, uint64_t sequence)
{
    for (size_t i = 0; i < entries->count; i++) {
        if (entries->items[i].sequence == sequence) {
            return &entries->items[i];
        }
    }
    return NULL;
}

void play_entries_add(struct play_entries *entries, const Disputes__Case__V1__Entry *entry)
{
    if (play_entries_at(entries, entry->sequence)) {
        return;
    }
    if (entries->count == entries->room) {
        size_t room = entries->room ? 2 * entries->room : 64;
        struct play_entry *grown = realloc(entries->items, room * sizeof *grown);
        if (!grown) {
            abort(); /* a tool: nothing can be told without memory */
        }
        entries->items = grown;
        entries->room = room;
    }
    play_entry_read(entry, &entries->items[entries->count++]);
}

void play_entries_fini(struct play_entries *entries)
{
    for (size_t i = 0; i < entries->count; i++) {
        json_decref(entries->items[i].json);
    }
    free(entries->items);
    *entries = (struct play_entries){0};
}
