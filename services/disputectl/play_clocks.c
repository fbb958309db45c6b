#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/service/message.h"
#include "disputectl/ctl_text.h"
#include "disputectl/play_check.h"
#include "disputectl/play_views.h"

/* --- the clocks of a case, out of its log --- */

static struct play_clock *find(struct play_clocks *clocks, const Disputes__Common__V1__ClockRef *ref)
{
    for (size_t i = 0; ref && i < clocks->count; i++) {
        struct play_clock *clock = &clocks->items[i];
        if (clock->kind == ref->kind && clock->side == ref->side && clock->cause == ref->cause_sequence) {
            return clock;
        }
    }
    return NULL;
}

static void start(struct play_clocks *clocks, const Disputes__Common__V1__ClockRef *ref, const struct play_entry *entry)
{
    if (clocks->count == clocks->room) {
        size_t room = clocks->room ? 2 * clocks->room : 16;
        struct play_clock *grown = realloc(clocks->items, room * sizeof *grown);
        if (!grown) {
            abort(); /* a tool: nothing can be told without memory */
        }
        clocks->items = grown;
        clocks->room = room;
    }
    clocks->items[clocks->count++] = (struct play_clock){
        .kind = ref->kind, .side = ref->side, .cause = entry->sequence, .started_ms = entry->time_ms};
}

static void step(struct play_clock *clock, const char *word, const struct play_entry *entry)
{
    if (clock && clock->step_count < sizeof clock->steps / sizeof clock->steps[0]) {
        clock->steps[clock->step_count++] = (struct play_step){word, entry->sequence, -1};
    }
}

static void end(struct play_clock *clock, const char *word, const struct play_entry *entry)
{
    if (clock) {
        step(clock, word, entry);
        clock->ended_ms = entry->time_ms;
    }
}

static void due(struct play_clocks *clocks, const Disputes__Sla__V1__ClockDue *is)
{
    struct play_clock *clock = is ? find(clocks, is->clock) : NULL;
    if (clock && clock->due_count < sizeof clock->dues / sizeof clock->dues[0]) {
        clock->dues[clock->due_count++] = is->due_time_millis;
    }
}

static void paused_after(struct play_clocks *clocks, const Disputes__Sla__V1__ClockPaused *paused)
{
    struct play_clock *clock = find(clocks, paused->clock);
    for (size_t i = clock ? clock->step_count : 0; i-- > 0;) {
        if (strcmp(clock->steps[i].word, "paused") == 0) {
            clock->steps[i].used_ms = paused->used_millis;
            return;
        }
    }
}

static void take_finding(struct play_clocks *clocks, const struct play_entry *entry)
{
    if (entry->entry->content_case != DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING) {
        return;
    }
    const Disputes__Sla__V1__Finding *finding = entry->entry->sla_finding;
    struct play_clock *clock = NULL;
    switch ((int)finding->finding_case) {
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCKS_ARMED:
        for (size_t i = 0; i < finding->clocks_armed->n_clocks; i++) {
            due(clocks, finding->clocks_armed->clocks[i]);
        }
        break;
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_MOVED:
        due(clocks, finding->clock_moved->clock);
        step(finding->clock_moved->clock ? find(clocks, finding->clock_moved->clock->clock) : NULL, "moved", entry);
        break;
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_PAUSED:
        paused_after(clocks, finding->clock_paused);
        break;
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_RESUMED:
        due(clocks, finding->clock_resumed->clock);
        break;
    case DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_RUNG_REACHED:
        clock = finding->clock_rung_reached->clock ? find(clocks, finding->clock_rung_reached->clock->clock) : NULL;
        if (clock && clock->rung_count < sizeof clock->rungs / sizeof clock->rungs[0]) {
            clock->rungs[clock->rung_count++] = finding->clock_rung_reached->percent;
        }
        break;
    default:
        break;
    }
}

static void take_effect(struct play_clocks *clocks, const Disputes__Case__V1__ClockEffect *effect,
                        const struct play_entry *entry)
{
    switch ((int)effect->op) {
    case DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_START:
        if (effect->clock) {
            start(clocks, effect->clock, entry);
        }
        break;
    case DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_MEET:
        end(find(clocks, effect->clock), "met", entry);
        break;
    case DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_CANCEL:
        end(find(clocks, effect->clock), "cancelled", entry);
        break;
    case DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_BREACH:
        end(find(clocks, effect->clock), "breached", entry);
        break;
    case DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_PAUSE:
        step(find(clocks, effect->clock), "paused", entry);
        break;
    case DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_RESUME:
        step(find(clocks, effect->clock), "resumed", entry);
        break;
    default:
        break;
    }
}

void play_clocks_read(const struct play_entries *entries, struct play_clocks *ret_clocks)
{
    *ret_clocks = (struct play_clocks){0};
    for (size_t i = 0; i < entries->count; i++) {
        const struct play_entry *entry = &entries->items[i];
        for (size_t c = 0; c < entry->entry->n_clocks; c++) {
            take_effect(ret_clocks, entry->entry->clocks[c], entry);
        }
        take_finding(ret_clocks, entry);
    }
}

void play_clocks_fini(struct play_clocks *clocks)
{
    free(clocks->items);
    *clocks = (struct play_clocks){0};
}

/* --- against the story --- */

struct wanted_clock {
    Disputes__Common__V1__ClockKind kind;
    Disputes__Common__V1__Role side;
    bool any_side;
    const struct play_expected *from;
    const json_t *json;
    char where[96];
};

static bool read_wanted(struct play_story *story, const json_t *json, struct wanted_clock *out)
{
    char name[PLAY_NAME_BYTES] = "";
    char side[8] = "";
    const char *text = play_text(json, "clock");
    snprintf(out->where, sizeof out->where, "clock %s from %s", text, play_text(json, "from"));
    int words = sscanf(text, "%63s %7s", name, side);
    out->json = json;
    out->from = play_story_entry(story, play_text(json, "from"));
    out->any_side = words < 2;
    struct dsp_err err = play_only(json, "clock from due end rungs", out->where);
    if (dsp_failed(err) || !play_clock_of(name, &out->kind) || (words == 2 && !play_role_of(side, &out->side)) ||
        !out->from) {
        play_diff(&story->diffs, out->where,
                  dsp_failed(err) ? err.detail : "a clock like \"K_perform M\" from an entry", "not understood");
        return false;
    }
    return true;
}

static void join(char *text, size_t size, const char *more)
{
    size_t used = strlen(text);
    snprintf(text + used, size - used, "%s%s", used ? "; " : "", more);
}

static const char *label_of(const struct play_entries *entries, uint64_t sequence, char *text, size_t size)
{
    const struct play_entry *entry = play_entries_at(entries, sequence);
    if (entry && entry->expected) {
        return entry->expected->n;
    }
    snprintf(text, size, "sequence %llu", (unsigned long long)sequence);
    return text;
}

static void got_steps(const struct play_clock *clock, const struct play_entries *entries, bool with_used, char *text,
                      size_t size)
{
    char one[96];
    char other[48];
    char used[CTL_TIME_TEXT_BYTES];
    text[0] = '\0';
    for (size_t i = 0; i < clock->step_count; i++) {
        const struct play_step *is = &clock->steps[i];
        const char *n = label_of(entries, is->sequence, other, sizeof other);
        if (strcmp(is->word, "paused") == 0 && is->used_ms >= 0 && with_used) {
            snprintf(used, sizeof used, "%llds", (long long)(is->used_ms / 1000));
            snprintf(one, sizeof one, "paused %s after %s", n, used);
        } else {
            snprintf(one, sizeof one, "%s %s", is->word, n);
        }
        join(text, size, one);
    }
}

/* "paused 3 after 1h" as "paused 3 after 3600s", so that both sides are alike. */
static bool wanted_step(const char *text, char *ret_text, size_t size, bool *ret_used)
{
    char word[16];
    char n[16];
    int at = 0;
    int64_t used_ms;
    if (sscanf(text, "%15s %15s%n", word, n, &at) != 2) {
        return false;
    }
    text += at;
    text += strspn(text, " ");
    if (strncmp(text, "after ", 6) != 0) {
        snprintf(ret_text, size, "%s %s", word, n);
        return !*text;
    }
    char packed[48];
    size_t used = 0;
    for (text += 6; *text && used < sizeof packed - 1; text++) {
        if (*text != ' ') {
            packed[used++] = *text;
        }
    }
    packed[used] = '\0';
    if (strcmp(packed, "0") != 0 && !ctl_parse_duration(packed, &used_ms)) {
        return false;
    }
    *ret_used = true;
    snprintf(ret_text, size, "%s %s after %llds", word, n,
             strcmp(packed, "0") == 0 ? 0LL : (long long)(used_ms / 1000));
    return true;
}

static void check_steps(struct play_story *story, const struct wanted_clock *wanted, const struct play_clock *clock,
                        const struct play_entries *entries)
{
    char expected[512] = "";
    char got[512];
    char one[96];
    bool with_used = false;
    const json_t *ends = json_object_get(wanted->json, "end");
    size_t count = json_is_array(ends) ? json_array_size(ends) : ends != NULL;
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_is_array(ends) ? json_array_get(ends, i) : ends);
        if (!text || !wanted_step(text, one, sizeof one, &with_used)) {
            play_diff(&story->diffs, wanted->where, "end like \"met 4\" or \"paused 3 after 1h\"", text ? text : "?");
            return;
        }
        join(expected, sizeof expected, one);
    }
    got_steps(clock, entries, with_used, got, sizeof got);
    if (strcmp(expected, got) != 0) {
        play_diff(&story->diffs, wanted->where, expected[0] ? expected : "still running",
                  got[0] ? got : "still running");
    }
}

static void check_dues(struct play_story *story, const struct wanted_clock *wanted, const struct play_clock *clock)
{
    char expected[256] = "";
    char got[256] = "";
    char one[CTL_TIME_TEXT_BYTES];
    const json_t *dues = json_object_get(wanted->json, "due");
    size_t count = json_is_array(dues) ? json_array_size(dues) : dues != NULL;
    int64_t due_ms;
    for (size_t i = 0; i < count; i++) {
        const char *text = json_string_value(json_is_array(dues) ? json_array_get(dues, i) : dues);
        if (!text || !play_parse_local(text, story->year, &due_ms)) {
            play_diff(&story->diffs, wanted->where, "a due time like 04-13 10:00", text ? text : "?");
            return;
        }
        ctl_format_local(due_ms, one);
        join(expected, sizeof expected, one);
    }
    for (size_t i = 0; i < clock->due_count; i++) {
        ctl_format_local(clock->dues[i] / 1000 * 1000, one);
        join(got, sizeof got, one);
    }
    if (count && strcmp(expected, got) != 0) {
        play_diff(&story->diffs, wanted->where, expected, got[0] ? got : "no due time");
    }
}

static void check_rungs(struct play_story *story, const struct wanted_clock *wanted, const struct play_clock *clock)
{
    static const int ALL[] = {50, 75, 90};
    char expected[64] = "";
    char got[64] = "";
    char one[16];
    const json_t *rungs = json_object_get(wanted->json, "rungs");
    bool breached = clock->step_count && strcmp(clock->steps[clock->step_count - 1].word, "breached") == 0;
    size_t count = rungs ? json_array_size(rungs) : breached ? 3 : 0;
    for (size_t i = 0; i < count; i++) {
        snprintf(one, sizeof one, "%lld%%", rungs ? (long long)json_integer_value(json_array_get(rungs, i)) : ALL[i]);
        join(expected, sizeof expected, one);
    }
    for (size_t i = 0; i < clock->rung_count; i++) {
        snprintf(one, sizeof one, "%d%%", clock->rungs[i]);
        join(got, sizeof got, one);
    }
    if (strcmp(expected, got) != 0) {
        char where[128];
        snprintf(where, sizeof where, "%s rungs", wanted->where);
        play_diff(&story->diffs, where, expected[0] ? expected : "none", got[0] ? got : "none");
    }
}

static const char *state_of(const struct play_clock *clock)
{
    static const char *const STATES[][2] = {{"met", "MET"},       {"breached", "BREACHED"}, {"cancelled", "CANCELLED"},
                                            {"paused", "PAUSED"}, {"resumed", "RUNNING"},   {"moved", "RUNNING"}};
    const char *word = clock->step_count ? clock->steps[clock->step_count - 1].word : "resumed";
    for (size_t i = 0; i < sizeof STATES / sizeof STATES[0]; i++) {
        if (strcmp(STATES[i][0], word) == 0) {
            return STATES[i][1];
        }
    }
    return "RUNNING";
}

/* What sla itself keeps says the same as its findings in the log. */
static void check_view(struct play_story *story, const struct wanted_clock *wanted, const struct play_clock *clock,
                       const json_t *view)
{
    char name[PLAY_NAME_BYTES];
    size_t index;
    json_t *row;
    const char *side = dsp_enum_name(&disputes__common__v1__role__descriptor, (int)clock->side);
    play_clock_name(clock->kind, name);
    json_array_foreach(play_view_rows(view, PLAY_VIEW_CLOCKS), index, row) {
        const char *kind = play_view_text(row, PLAY_FIELD_KIND);
        if ((strcasecmp(kind, name) == 0 || strcasecmp(kind, name + 2) == 0) &&
            strcasecmp(play_view_text(row, PLAY_FIELD_SIDE), side) == 0 &&
            (uint64_t)play_view_number(row, PLAY_FIELD_CAUSE) == clock->cause) {
            const char *state = play_view_text(row, PLAY_FIELD_STATE);
            if (strcasecmp(state, state_of(clock)) != 0) {
                play_diff_format(&story->diffs, wanted->where, state_of(clock), "%s, in sla's own view", state);
            }
            return;
        }
    }
    play_diff(&story->diffs, wanted->where, "a row in sla's own view", "none");
}

static struct play_clock *the_clock(struct play_clocks *clocks, const struct wanted_clock *wanted)
{
    for (size_t i = 0; i < clocks->count; i++) {
        struct play_clock *clock = &clocks->items[i];
        if (clock->kind == wanted->kind && (wanted->any_side || clock->side == wanted->side) && !clock->listed &&
            wanted->from->got && clock->cause == wanted->from->got->sequence) {
            return clock;
        }
    }
    return NULL;
}

/* Conventions of the stories: "clocks not shown". */
static bool not_shown(const struct play_clock *clock)
{
    switch ((int)clock->kind) {
    case DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_ACK:
    case DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_RETAIN:
    case DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_SERVICE:
    case DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_ENFORCE_HARD:
    case DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_FEEDBACK:
        return true;
    default:
        return clock->ended_ms && clock->ended_ms / 1000 == clock->started_ms / 1000;
    }
}

static void check_unlisted(struct play_story *story, const struct play_case *one, const struct play_clocks *clocks)
{
    char name[PLAY_NAME_BYTES];
    char other[48];
    for (size_t i = 0; i < clocks->count; i++) {
        const struct play_clock *clock = &clocks->items[i];
        if (!clock->listed && !not_shown(clock)) {
            play_clock_name(clock->kind, name);
            play_diff_format(&story->diffs, "clocks", "nothing", "a clock that is not listed: %s %c from %s", name,
                             play_role_letter(clock->side), label_of(&one->entries, clock->cause, other, sizeof other));
        }
    }
}

static void check_case(struct play_story *story, size_t case_index, const struct play_facts *facts)
{
    size_t index;
    json_t *json;
    struct play_clocks clocks;
    const struct play_case *one = &story->cases[case_index];
    const json_t *view = play_facts_view(facts, "sla", one->label);
    play_clocks_read(&one->entries, &clocks);
    json_array_foreach(json_object_get(story->answers, "clocks"), index, json) {
        struct wanted_clock wanted = {0};
        if (!read_wanted(story, json, &wanted) || wanted.from->case_index != case_index) {
            continue;
        }
        struct play_clock *clock = the_clock(&clocks, &wanted);
        if (!clock) {
            play_diff(&story->diffs, wanted.where, "a clock", "none");
            continue;
        }
        clock->listed = true;
        check_dues(story, &wanted, clock);
        check_steps(story, &wanted, clock, &one->entries);
        check_rungs(story, &wanted, clock);
        if (view) {
            check_view(story, &wanted, clock, view);
        }
    }
    check_unlisted(story, one, &clocks);
    play_clocks_fini(&clocks);
}

void play_check_clocks(struct play_story *story, const struct play_facts *facts)
{
    for (size_t i = 0; json_object_get(story->answers, "clocks") && i < story->case_count; i++) {
        check_case(story, i, facts);
    }
}
