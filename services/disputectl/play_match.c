#include "disputectl/play_match.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/service/message.h"
#include "disputectl/ctl_text.h"

/* --- one against one --- */

static bool same_kind(const struct play_expected *expected, const struct play_entry *entry)
{
    return strcmp(expected->entry.name, entry->name) == 0 &&
           (!expected->entry.clock || expected->entry.clock == entry->clock) && expected->by.role == entry->role &&
           strcmp(expected->by.source, entry->source) == 0;
}

static bool same_part(const struct play_story *story, const struct play_expected *expected, const char *part,
                      const json_t *got, bool bind, struct play_diffs *diffs)
{
    json_t *wanted;
    char where[96];
    const json_t *member = json_object_get(expected->json, part);
    if (!member) {
        return true;
    }
    snprintf(where, sizeof where, "entry %s %s", expected->n, part);
    struct dsp_err err = play_labels_apply(story->labels, member, true, &wanted);
    if (dsp_failed(err)) {
        play_diff(diffs, where, err.detail, "");
        return false;
    }
    bool same = play_compare(story->labels, bind, wanted, got, where, diffs);
    json_decref(wanted);
    return same;
}

static bool same_contents(const struct play_story *story, const struct play_expected *expected,
                          const struct play_entry *entry)
{
    return same_part(story, expected, "content", entry->content, false, NULL) &&
           same_part(story, expected, "with", entry->json, false, NULL);
}

/* --- a whole case --- */

struct walk {
    struct play_story *story;
    struct play_case *one;
    size_t case_index;
    struct play_expected **list; /* of this case */
    size_t count;
    struct play_diffs *diffs;
};

/* Past the end of the group that begins at `from`; a row without a group is one of its own. */
static size_t group_end(const struct walk *walk, size_t from)
{
    size_t end = from + 1;
    const char *group = walk->list[from]->group;
    while (group[0] && end < walk->count && strcmp(walk->list[end]->group, group) == 0) {
        end++;
    }
    return end;
}

static struct play_expected *candidate(const struct walk *walk, size_t from, const struct play_entry *entry)
{
    struct play_expected *found = NULL;
    if (from == walk->count) {
        return NULL;
    }
    for (size_t i = from, end = group_end(walk, from); i < end; i++) {
        struct play_expected *expected = walk->list[i];
        if (expected->got || !same_kind(expected, entry)) {
            continue;
        }
        if (same_contents(walk->story, expected, entry)) {
            return expected;
        }
        found = found ? found : expected;
    }
    return entry->ignorable ? NULL : found; /* one of many like it is meant only when it says the same */
}

static void step_over(const struct walk *walk, size_t *from)
{
    while (*from < walk->count && walk->list[*from]->got) {
        (*from)++;
    }
}

/* Whether some later entry could still be one that the story waits for now. */
static bool comes_later(const struct walk *walk, size_t from, size_t entry_index)
{
    for (size_t i = entry_index + 1; i < walk->one->entries.count; i++) {
        if (candidate(walk, from, &walk->one->entries.items[i])) {
            return true;
        }
    }
    return false;
}

static bool expected_later(const struct walk *walk, size_t from, const struct play_entry *entry)
{
    for (size_t i = from; i < walk->count; i++) {
        if (!walk->list[i]->got && same_kind(walk->list[i], entry)) {
            return true;
        }
    }
    return false;
}

static void pair(const struct walk *walk, struct play_expected *expected, struct play_entry *entry)
{
    expected->got = entry;
    entry->expected = expected;
    play_labels_set(walk->story->labels, "entry", expected->n, json_integer((json_int_t)entry->sequence));
}

static void say_unlisted(const struct walk *walk, const struct play_entry *entry)
{
    char time[CTL_TIME_TEXT_BYTES];
    const char *label = walk->one->label;
    if (walk->diffs && !entry->ignorable && !entry->unlisted_by && entry->time_ms < walk->story->until_ms + 1000) {
        ctl_format_local(entry->time_ms, time);
        play_diff_format(walk->diffs, "entries", "nothing",
                         "an entry that is not listed: %s%s%s (from %s, sequence %llu, %s)", label, label[0] ? " " : "",
                         entry->name, entry->from, (unsigned long long)entry->sequence, time);
    }
}

static void say_missing(const struct walk *walk)
{
    char where[64];
    for (size_t i = 0; walk->diffs && i < walk->count; i++) {
        if (!walk->list[i]->got) {
            snprintf(where, sizeof where, "entry %s", walk->list[i]->n);
            play_diff(walk->diffs, where, walk->list[i]->entry.name, "nothing");
        }
    }
}

static void match_case(const struct walk *walk)
{
    struct play_entries *entries = &walk->one->entries;
    size_t from = 0;
    for (size_t i = 0; i < entries->count; i++) {
        struct play_entry *entry = &entries->items[i];
        step_over(walk, &from);
        struct play_expected *found = candidate(walk, from, entry);
        /* What the story waits for never comes, but this is what follows: the row is missing, go on behind it. */
        size_t skip = from;
        while (!found && !entry->ignorable && skip < walk->count && expected_later(walk, skip, entry) &&
               !comes_later(walk, skip, i)) {
            skip = group_end(walk, skip);
            found = candidate(walk, skip, entry);
        }
        if (found) {
            from = skip;
            pair(walk, found, entry);
        } else {
            say_unlisted(walk, entry);
        }
    }
    say_missing(walk);
}

void play_match(struct play_story *story, struct play_diffs *diffs)
{
    struct play_expected **list = calloc(story->expected_count + 1, sizeof(struct play_expected *));
    for (size_t c = 0; list && c < story->case_count; c++) {
        struct walk walk = {story, &story->cases[c], c, list, 0, diffs};
        for (size_t i = 0; i < story->expected_count; i++) {
            if (story->expected[i].case_index == c) {
                story->expected[i].got = NULL;
                list[walk.count++] = &story->expected[i];
            }
        }
        for (size_t i = 0; i < walk.one->entries.count; i++) {
            walk.one->entries.items[i].expected = NULL;
        }
        match_case(&walk);
    }
    free(list);
}

/* --- in detail --- */

static void detail_text(struct play_diffs *diffs, const struct play_expected *expected, const char *what,
                        const char *wanted, const char *got)
{
    char where[96];
    if (strcmp(wanted, got) != 0) {
        snprintf(where, sizeof where, "entry %s %s", expected->n, what);
        play_diff(diffs, where, wanted[0] ? wanted : "none", got[0] ? got : "none");
    }
}

static void detail_time(struct play_diffs *diffs, const struct play_expected *expected)
{
    char wanted[CTL_TIME_TEXT_BYTES];
    char got[CTL_TIME_TEXT_BYTES];
    if (expected->at_ms / 1000 != expected->got->time_ms / 1000) {
        ctl_format_local(expected->at_ms, wanted);
        ctl_format_local(expected->got->time_ms, got);
        detail_text(diffs, expected, "at", wanted, got);
    }
}

static void detail_stage(struct play_diffs *diffs, const struct play_expected *expected)
{
    char wanted[2 * PLAY_NAME_BYTES];
    char got[2 * PLAY_NAME_BYTES];
    const Disputes__Case__V1__Entry *entry = expected->got->entry;
    snprintf(got, sizeof got, "%s → %s", play_stage_name(entry->stage_before), play_stage_name(entry->stage_after));
    if (expected->stays) {
        snprintf(wanted, sizeof wanted, "%s → %s", play_stage_name(entry->stage_before),
                 play_stage_name(entry->stage_before));
    } else {
        snprintf(wanted, sizeof wanted, "%s → %s", play_stage_name(expected->stage_before),
                 play_stage_name(expected->stage_after));
    }
    detail_text(diffs, expected, "stage", wanted, got);
}

static void detail_origin(struct play_diffs *diffs, const struct play_expected *expected)
{
    const struct play_entry *got = expected->got;
    const Disputes__Case__V1__Origin *origin = got->entry->origin;
    if (expected->from.name[0]) {
        detail_text(diffs, expected, "from", expected->from.name, got->from);
    }
    if (expected->from.clock && expected->from.clock != got->clock) {
        char wanted[PLAY_NAME_BYTES];
        char found[PLAY_NAME_BYTES];
        play_clock_name(expected->from.clock, wanted);
        play_clock_name(got->clock, found);
        detail_text(diffs, expected, "clock", wanted, got->clock ? found : "");
    }
    if (expected->by.id[0]) {
        const char *actor = origin && origin->actor ? dsp_message_str(origin->actor->id).ptr : "";
        detail_text(diffs, expected, "by", expected->by.id, actor);
    }
}

static void details(const struct play_story *story, const struct play_expected *expected, struct play_diffs *diffs)
{
    const Disputes__Case__V1__Entry *entry = expected->got->entry;
    detail_time(diffs, expected);
    detail_stage(diffs, expected);
    detail_origin(diffs, expected);
    if (json_object_get(expected->json, "basis")) {
        detail_text(diffs, expected, "basis", play_text(expected->json, "basis"), play_basis_name(entry->basis));
    }
    if (json_object_get(expected->json, "outcome")) {
        detail_text(diffs, expected, "outcome", play_text(expected->json, "outcome"),
                    play_outcome_name(entry->outcome));
    }
    if (json_object_get(expected->json, "row")) {
        detail_text(diffs, expected, "row", play_text(expected->json, "row"), dsp_message_str(entry->row).ptr);
    }
    same_part(story, expected, "content", expected->got->content, true, diffs);
    same_part(story, expected, "with", expected->got->json, true, diffs);
}

void play_match_details(struct play_story *story, struct play_diffs *diffs)
{
    for (size_t i = 0; i < story->expected_count; i++) {
        if (story->expected[i].got) {
            details(story, &story->expected[i], diffs);
        }
    }
}
