#include "disputectl/play_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/service/message.h"
#include "disputectl/play_views.h"

void play_facts_fini(struct play_facts *facts)
{
    json_decref(facts->views);
    json_decref(facts->standins);
    json_decref(facts->answered);
    json_decref(facts->dlq);
    *facts = (struct play_facts){0};
}

const json_t *play_facts_view(const struct play_facts *facts, const char *service, const char *case_label)
{
    char name[96];
    snprintf(name, sizeof name, "%s %s", service, case_label);
    return json_object_get(facts->views, name);
}

const json_t *play_check_list(const struct play_story *story, const char *name)
{
    return json_object_get(story->answers, name);
}

/* The member with its labels replaced; NULL after saying what is wrong. */
json_t *play_check_applied(struct play_story *story, const json_t *value, const char *where)
{
    json_t *out;
    struct dsp_err err = play_labels_apply(story->labels, value, true, &out);
    if (dsp_failed(err)) {
        play_diff(&story->diffs, where, err.detail, "");
        return NULL;
    }
    return out;
}

bool play_check_understood(struct play_story *story, const json_t *json, const char *names, const char *where)
{
    struct dsp_err err = play_only(json, names, where);
    if (dsp_failed(err)) {
        play_diff(&story->diffs, where, "what docs/SAMPLES.md tells", err.detail);
    }
    return !dsp_failed(err);
}

/* --- calls and bills at the stand-ins --- */

/* "times": 3, "1+", "0+"; absent = once. */
static bool times_of(const json_t *json, size_t *ret_least, bool *ret_more)
{
    const json_t *times = json_object_get(json, "times");
    const char *text = json_string_value(times);
    *ret_more = text && text[0] && text[strlen(text) - 1] == '+';
    *ret_least = times ? (size_t)json_integer_value(times) : 1;
    return !text || sscanf(text, "%zu+", ret_least) == 1;
}

/* The calls of the story in order, each so often as it says. */
static void check_calls(struct play_story *story, const json_t *wanted, const json_t *got, const char *where)
{
    size_t index;
    json_t *call;
    size_t next = 0;
    char at[160];
    json_array_foreach(wanted, index, call) {
        size_t least;
        bool more;
        size_t seen = 0;
        snprintf(at, sizeof at, "%s call %zu (%s)", where, index + 1, play_text(call, "call"));
        json_t *like = json_copy(call);
        if (!times_of(call, &least, &more)) {
            play_diff(&story->diffs, at, "times like 2 or \"1+\"", "not understood");
        }
        json_object_del(like, "times");
        while (next < json_array_size(got) && (more || seen < least) &&
               play_compare(story->labels, false, like, json_array_get(got, next), "", NULL)) {
            next++;
            seen++;
        }
        if (seen < least) {
            const json_t *instead = json_array_get(got, next);
            if (instead && seen == 0) {
                play_compare(story->labels, false, like, instead, at, &story->diffs);
            } else {
                char expected[32];
                snprintf(expected, sizeof expected, "%zu times", least);
                play_diff_format(&story->diffs, at, expected, "%zu times", seen);
            }
        }
        json_decref(like);
    }
    if (next < json_array_size(got)) {
        play_diff_format(&story->diffs, where, "no further call", "%zu more, the first: %s %s",
                         json_array_size(got) - next, play_text(json_array_get(got, next), "call"),
                         play_text(json_array_get(got, next), "path"));
    }
}

static json_t *calls_of(const json_t *records, const char *direction)
{
    size_t index;
    json_t *call;
    json_t *out = json_array();
    json_array_foreach(json_object_get(records, "calls"), index, call) {
        if (!direction[0] || strcmp(play_text(call, "direction"), direction) == 0) {
            json_array_append(out, call);
        }
    }
    return out;
}

void play_check_standins(struct play_story *story, const struct play_facts *facts)
{
    static const char *const TABLES[] = {"bills", "refunds", "messages", "bundles"};
    size_t index;
    json_t *json;
    char where[96];
    json_array_foreach(play_check_list(story, "standins"), index, json) {
        snprintf(where, sizeof where, "stand-in %s", play_text(json, "which"));
        json_t *wanted = play_check_applied(story, json, where);
        const json_t *got = json_array_get(facts->standins, index);
        if (!wanted ||
            !play_check_understood(story, json, "which match direction calls bills refunds messages bundles", where)) {
            json_decref(wanted);
            continue;
        }
        if (json_object_get(wanted, "calls")) {
            json_t *calls = calls_of(got, play_text(wanted, "direction"));
            check_calls(story, json_object_get(wanted, "calls"), calls, where);
            json_decref(calls);
        }
        for (size_t t = 0; t < sizeof TABLES / sizeof TABLES[0]; t++) {
            if (json_object_get(wanted, TABLES[t])) {
                char at[160];
                snprintf(at, sizeof at, "%s %s", where, TABLES[t]);
                play_compare(story->labels, true, json_object_get(wanted, TABLES[t]), json_object_get(got, TABLES[t]),
                             at, &story->diffs);
            }
        }
        json_decref(wanted);
    }
}

/* --- any table of any view; the end --- */

void play_check_views(struct play_story *story, const struct play_facts *facts)
{
    size_t index;
    json_t *json;
    json_array_foreach(play_check_list(story, "views"), index, json) {
        char where[160];
        snprintf(where, sizeof where, "%s %s", play_text(json, "service"), play_text(json, "table"));
        const json_t *view = play_facts_view(facts, play_text(json, "service"), play_text(json, "case"));
        json_t *rows = play_check_applied(story, json_object_get(json, "rows"), where);
        if (rows && play_check_understood(story, json, "service case table rows", where)) {
            play_compare(story->labels, true, rows, json_object_get(view, play_text(json, "table")), where,
                         &story->diffs);
        }
        json_decref(rows);
    }
}

static void end_text(struct play_story *story, const json_t *json, const char *name, const char *label, const char *got)
{
    char where[64];
    if (json_object_get(json, name) && strcmp(play_text(json, name), got) != 0) {
        snprintf(where, sizeof where, "end%s%s %s", label[0] ? " of " : "", label, name);
        play_diff(&story->diffs, where, play_text(json, name)[0] ? play_text(json, name) : "none",
                  got[0] ? got : "none");
    }
}

static void check_end(struct play_story *story, const struct play_case *one, const json_t *json,
                      const struct play_facts *facts)
{
    const char *basis = "";
    const char *outcome = "";
    char where[64];
    snprintf(where, sizeof where, "end%s%s", one->label[0] ? " of " : "", one->label);
    if (!play_check_understood(story, json, "stage basis outcome generation", where)) {
        return;
    }
    if (!one->entries.count) {
        play_diff(&story->diffs, where, play_text(json, "stage"), "no case");
        return;
    }
    for (size_t i = 0; i < one->entries.count; i++) {
        const Disputes__Case__V1__Entry *entry = one->entries.items[i].entry;
        basis = entry->basis ? play_basis_name(entry->basis) : basis;
        outcome = entry->outcome ? play_outcome_name(entry->outcome) : outcome;
    }
    const Disputes__Case__V1__Entry *last = one->entries.items[one->entries.count - 1].entry;
    end_text(story, json, "stage", one->label, play_stage_name(last->stage_after));
    end_text(story, json, "basis", one->label, basis);
    end_text(story, json, "outcome", one->label, outcome);
    const json_t *generation = json_object_get(json, "generation");
    if (generation && json_integer_value(generation) != (json_int_t)last->generation) {
        play_diff_format(&story->diffs, where, "the generation of the story", "generation %u", last->generation);
    }
    const json_t *docket = json_array_get(
        play_view_rows(play_facts_view(facts, "intake", one->label), PLAY_VIEW_DOCKET), 0);
    const char *stage = play_view_text(docket, PLAY_FIELD_STAGE);
    bool same_end = play_view_number(docket, PLAY_FIELD_LOG) <= (int64_t)last->sequence; /* else it has gone on */
    if (docket && same_end && stage[0] && strcasecmp(stage, play_stage_name(last->stage_after)) != 0) {
        play_diff_format(&story->diffs, where, play_stage_name(last->stage_after), "%s, in intake's own view", stage);
    }
}

void play_check_end(struct play_story *story, const struct play_facts *facts)
{
    const json_t *end = play_check_list(story, "end");
    if (story->cases[0].label[0]) {
        const char *label;
        json_t *one;
        json_object_foreach((json_t *)(uintptr_t)end, label, one) { /* not changed */
            if (!play_story_case_named(story, label)) {
                play_diff(&story->diffs, "end", "the letter of a case", label);
            }
        }
    }
    for (size_t c = 0; end && c < story->case_count; c++) {
        const char *label = story->cases[c].label;
        const json_t *json = label[0] ? json_object_get(end, label) : end;
        if (json) {
            check_end(story, &story->cases[c], json, facts);
        }
    }
}
