#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/service/message.h"
#include "disputectl/play_check.h"
#include "disputectl/play_views.h"

/* --- who was told --- */

/* More than the story lists is allowed for these. */
static bool told_freely(const struct play_entry *entry)
{
    static const char *const NAMES[] = {"ClockRungReached", "EvidenceRegistered", "EvidenceRefused",
                                        "LateItemAdmitted", "AgentAssigned",      "AgentReplaced",
                                        "ObserverSeated",   "AssignmentBlocked"};
    for (size_t i = 0; entry && i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (strcmp(NAMES[i], entry->name) == 0) {
            return true;
        }
    }
    return false;
}

static bool told_token(const char *token, char *ret_n, size_t size, char *ret_mark)
{
    size_t letters = strspn(token, "abcdefghijklmnopqrstuvwxyz");
    size_t digits = strspn(token + letters, "0123456789");
    const char *mark = token + letters + digits;
    if (!digits || letters + digits >= size || (*mark && (strlen(mark) != 1 || !strchr("ap", *mark)))) {
        return false;
    }
    snprintf(ret_n, size, "%.*s", (int)(letters + digits), token);
    *ret_mark = *mark;
    return true;
}

struct told {
    const json_t *row;
    bool used;
};

static bool is_told(struct told *told, size_t count, uint64_t sequence, char mark, const char *side)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *row = told[i].row;
        bool acknowledgement = play_view_true(row, PLAY_FIELD_ACK);
        if (told[i].used || strcasecmp(play_view_text(row, PLAY_FIELD_SIDE), side) != 0 ||
            (uint64_t)play_view_number(row, PLAY_FIELD_SEQUENCE) != sequence ||
            (mark == 'p') != (play_view_true(row, PLAY_FIELD_PAPER) && !acknowledgement) ||
            (mark != 'a' && acknowledgement)) {
            continue;
        }
        told[i].used = true;
        return true;
    }
    return false;
}

static void check_told_side(struct play_story *story, size_t case_index, const char *letter, struct told *told,
                            size_t count)
{
    size_t index;
    json_t *token;
    char where[64];
    Disputes__Common__V1__Role role = DISPUTES__COMMON__V1__ROLE__ROLE_UNSPECIFIED;
    (void)play_role_of(letter, &role);
    const char *side = dsp_enum_name(&disputes__common__v1__role__descriptor, (int)role);
    json_array_foreach(json_object_get(play_check_list(story, "told"), letter), index, token) {
        char n[16];
        char mark;
        size_t of;
        const char *text = json_string_value(token) ? json_string_value(token) : "";
        snprintf(where, sizeof where, "told %s of %s", letter, text);
        if (!told_token(text, n, sizeof n, &mark) || !play_story_case(story, n, &of) || !play_story_entry(story, n)) {
            play_diff(&story->diffs, where, "a number like 4, 1a or 5p", "not understood");
        } else if (of == case_index) {
            const struct play_expected *entry = play_story_entry(story, n);
            if (entry->got && !is_told(told, count, entry->got->sequence, mark, side)) {
                play_diff(&story->diffs, where,
                          mark == 'p'   ? "a paper"
                          : mark == 'a' ? "an acknowledgement"
                                        : "a message",
                          "none");
            }
        }
    }
}

static void check_told_case(struct play_story *story, size_t case_index, const json_t *view)
{
    char other[32];
    const struct play_entries *entries = &story->cases[case_index].entries;
    const json_t *rows = play_view_rows(view, PLAY_VIEW_DELIVERIES);
    size_t count = json_array_size(rows);
    struct told *told = calloc(count + 1, sizeof *told);
    for (size_t i = 0; told && i < count; i++) {
        told[i].row = json_array_get(rows, i);
    }
    if (told) {
        check_told_side(story, case_index, "C", told, count);
        check_told_side(story, case_index, "M", told, count);
    }
    for (size_t i = 0; told && i < count; i++) {
        uint64_t sequence = (uint64_t)play_view_number(told[i].row, PLAY_FIELD_SEQUENCE);
        const struct play_entry *entry = play_entries_at(entries, sequence);
        if (!told[i].used && !told_freely(entry)) {
            snprintf(other, sizeof other, "sequence %llu", (unsigned long long)sequence);
            play_diff_format(&story->diffs, "told", "nothing", "%s was told of %s%s%s",
                             play_view_text(told[i].row, PLAY_FIELD_SIDE), entry ? entry->name : other,
                             entry && entry->expected ? " " : "", entry && entry->expected ? entry->expected->n : "");
        }
    }
    free(told);
}

void play_check_told(struct play_story *story, const struct play_facts *facts)
{
    if (play_check_list(story, "told") &&
        !play_check_understood(story, play_check_list(story, "told"), "C M", "told")) {
        return;
    }
    for (size_t c = 0; play_check_list(story, "told") && c < story->case_count; c++) {
        check_told_case(story, c, play_facts_view(facts, "notification", story->cases[c].label));
    }
}
