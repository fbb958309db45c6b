#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/service/message.h"
#include "disputectl/play_check.h"
#include "disputectl/play_views.h"

/* --- postings, books --- */

/* One leg as text, so that two groups are equal when their sorted texts are. To be freed. */
static char *leg_text(const char *debit, const char *credit, int64_t fen)
{
    char *text;
    return asprintf(&text, "debit %s, credit %s, %lld", debit, credit, (long long)fen) < 0 ? NULL : text;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Takes the texts; "a; b; c" in order. To be freed. */
static char *sorted(char **texts, size_t count)
{
    size_t size = 1;
    qsort(texts, count, sizeof *texts, by_text);
    for (size_t i = 0; i < count; i++) {
        size += strlen(texts[i]) + 2;
    }
    char *all = calloc(1, size);
    for (size_t i = 0; i < count; i++) {
        if (all) {
            strcat(strcat(all, i ? "; " : ""), texts[i]);
        }
        free(texts[i]);
    }
    return all;
}

#define LEGS_MAX 64

static char *wanted_legs(struct play_story *story, const json_t *legs, const char *where)
{
    char *texts[LEGS_MAX] = {NULL};
    size_t count = 0;
    size_t index;
    json_t *leg;
    json_t *all = play_check_applied(story, legs, where);
    json_array_foreach(all, index, leg) {
        if (!play_check_understood(story, leg, "debit credit fen", where) || count == LEGS_MAX) {
            continue;
        }
        texts[count] = leg_text(play_text(leg, "debit"), play_text(leg, "credit"),
                                json_integer_value(json_object_get(leg, "fen")));
        count += texts[count] != NULL;
    }
    json_decref(all);
    return sorted(texts, count);
}

static char *got_legs(const json_t *view, const char *group_id)
{
    char *texts[LEGS_MAX] = {NULL};
    size_t count = 0;
    size_t index;
    json_t *leg;
    json_array_foreach(play_view_rows(view, PLAY_VIEW_LEGS), index, leg) {
        if (count < LEGS_MAX && strcmp(play_view_text(leg, PLAY_FIELD_GROUP), group_id) == 0) {
            texts[count] = leg_text(play_view_text(leg, PLAY_FIELD_DEBIT), play_view_text(leg, PLAY_FIELD_CREDIT),
                                    play_view_number(leg, PLAY_FIELD_AMOUNT));
            count += texts[count] != NULL;
        }
    }
    return sorted(texts, count);
}

/* A finding that names its group binds the row of the story to it. */
static void check_group_id(struct play_story *story, const json_t *wanted, const json_t *group, const char *where)
{
    const struct play_expected *entry = play_story_entry(story, play_text(wanted, "entry"));
    const char *named = entry && entry->got ? play_text(entry->got->content, "group_id") : "";
    const char *id = play_view_text(group, PLAY_FIELD_GROUP);
    if (named[0] && strcmp(named, id) != 0) {
        play_diff_format(&story->diffs, where, named, "group %s", id);
    }
}

static void check_postings(struct play_story *story, size_t case_index, const json_t *view)
{
    size_t index;
    json_t *wanted;
    char where[64];
    size_t next = 0;
    const json_t *groups = play_view_rows(view, PLAY_VIEW_GROUPS);
    json_array_foreach(play_check_list(story, "postings"), index, wanted) {
        size_t of;
        const char *n = play_text(wanted, "entry");
        snprintf(where, sizeof where, "posting of entry %s", n);
        if (!play_check_understood(story, wanted, "entry step legs", where) || !play_story_entry(story, n)) {
            play_diff(&story->diffs, where, "an entry of this story", "none has that number");
            continue;
        }
        if (!play_story_case(story, n, &of) || of != case_index) {
            continue;
        }
        const json_t *group = json_array_get(groups, next++);
        char *expected = wanted_legs(story, json_object_get(wanted, "legs"), where);
        char *got = group ? got_legs(view, play_view_text(group, PLAY_FIELD_GROUP)) : strdup("no posting");
        if (!expected || !got || strcmp(expected, got) != 0) {
            play_diff(&story->diffs, where, expected ? expected : "", got ? got : "");
        }
        check_group_id(story, wanted, group, where);
        free(expected);
        free(got);
    }
    for (; next < json_array_size(groups); next++) {
        const json_t *group = json_array_get(groups, next);
        char *got = got_legs(view, play_view_text(group, PLAY_FIELD_GROUP));
        play_diff_format(&story->diffs, "postings", "nothing", "a posting that is not listed: %s", got ? got : "");
        free(got);
    }
}

static void check_books(struct play_story *story, const json_t *platform)
{
    char where[160];
    size_t index;
    json_t *row;
    json_t *wanted = play_check_applied(story, play_check_list(story, "books"), "books");
    json_array_foreach(play_view_rows(platform, PLAY_VIEW_BALANCES), index, row) {
        const char *account = play_view_text(row, PLAY_FIELD_ACCOUNT);
        int64_t balance = play_view_number(row, PLAY_FIELD_BALANCE);
        json_int_t expected = json_integer_value(json_object_get(wanted, account)); /* not listed: zero */
        if (balance != expected) {
            char text[32];
            snprintf(where, sizeof where, "books %s", account);
            snprintf(text, sizeof text, "%lld", (long long)expected);
            play_diff_format(&story->diffs, where, text, "%lld", (long long)balance);
        }
        json_object_del(wanted, account);
    }
    const char *name;
    json_object_foreach(wanted, name, row) {
        if (json_integer_value(row)) {
            snprintf(where, sizeof where, "books %s", name);
            play_diff(&story->diffs, where, "a balance", "no such account");
        }
    }
    json_decref(wanted);
}

int64_t play_trial_balance(const struct play_facts *facts)
{
    size_t index;
    json_t *row;
    int64_t sum = 0;
    const json_t *platform = play_facts_view(facts, "fund/platform", "");
    json_array_foreach(play_view_rows(platform, PLAY_VIEW_BALANCES), index, row) {
        sum += play_account_sign(play_view_text(row, PLAY_FIELD_ACCOUNT)) * play_view_number(row, PLAY_FIELD_BALANCE);
    }
    return sum;
}

/* --- duties and offers --- */

/* "DUE 4": the entry says so itself where it can, the owner's view has the last state. */
static void check_state_words(struct play_story *story, const json_t *states, const char *where,
                              const char *(*says)(const char *state), const char *last)
{
    char word[24] = "";
    char n[16] = "";
    size_t index;
    json_t *state;
    json_array_foreach(states, index, state) {
        const char *text = json_string_value(state) ? json_string_value(state) : "";
        const struct play_expected *entry;
        if (sscanf(text, "%23s %15s", word, n) != 2 || !(entry = play_story_entry(story, n))) {
            play_diff(&story->diffs, where, "a state and the entry of it, such as \"DUE 4\"", text);
            return;
        }
        const char *name = says(word);
        if (!entry->got) {
            play_diff(&story->diffs, where, text, "the entry is missing");
        } else if (name && strcmp(entry->got->from, name) != 0 && strcmp(entry->got->name, name) != 0) {
            play_diff(&story->diffs, where, name, entry->got->name);
        }
    }
    if (word[0] && strcasecmp(word, last) != 0) {
        play_diff(&story->diffs, where, word, last[0] ? last : "unknown to its service");
    }
}

static const char *duty_entry(const char *state)
{
    static const char *const WORDS[][2] = {{"DONE", "DutyPerformed"},
                                           {"VERIFIED", "DutyVerified"},
                                           {"OVERDUE", "PerformanceMissed"},
                                           {"SUBSTITUTED", "DutySubstituted"}};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (strcmp(WORDS[i][0], state) == 0) {
            return WORDS[i][1];
        }
    }
    return NULL;
}

static const json_t *duty_row(const json_t *view, const char *kind, const char *side, size_t nth)
{
    size_t index;
    json_t *row;
    json_array_foreach(play_view_rows(view, PLAY_VIEW_DUTIES), index, row) {
        if (strcasecmp(play_view_text(row, PLAY_FIELD_KIND), kind) == 0 &&
            strcasecmp(play_view_text(row, PLAY_FIELD_SIDE), side) == 0 && nth-- == 0) {
            return row;
        }
    }
    return NULL;
}

/* How many duties of the same kind and side stand before this one in the story: they keep their order. */
static size_t nth_of(const json_t *list, size_t index)
{
    size_t nth = 0;
    const json_t *json = json_array_get(list, index);
    for (size_t i = 0; i < index; i++) {
        const json_t *other = json_array_get(list, i);
        nth += strcmp(play_text(other, "kind"), play_text(json, "kind")) == 0 &&
               strcmp(play_text(other, "by"), play_text(json, "by")) == 0 &&
               strcmp(play_text(other, "case"), play_text(json, "case")) == 0;
    }
    return nth;
}

static void check_duty(struct play_story *story, const json_t *json, size_t nth, const struct play_facts *facts)
{
    char where[64];
    char wanted[32];
    Disputes__Common__V1__Role role = DISPUTES__COMMON__V1__ROLE__ROLE_UNSPECIFIED;
    snprintf(where, sizeof where, "duty %s of %s", play_text(json, "kind"), play_text(json, "by"));
    if (!play_check_understood(story, json, "kind by case fen states", where) ||
        !play_role_of(play_text(json, "by"), &role)) {
        return;
    }
    const json_t *view = play_facts_view(facts, "fund", play_text(json, "case"));
    const json_t *row = duty_row(view, play_text(json, "kind"),
                                 dsp_enum_name(&disputes__common__v1__role__descriptor, (int)role), nth);
    check_state_words(story, json_object_get(json, "states"), where, duty_entry, play_view_text(row, PLAY_FIELD_STATE));
    if (json_object_get(json, "fen") &&
        json_integer_value(json_object_get(json, "fen")) != play_view_number(row, PLAY_FIELD_AMOUNT)) {
        snprintf(wanted, sizeof wanted, "%lld fen", (long long)json_integer_value(json_object_get(json, "fen")));
        play_diff_format(&story->diffs, where, wanted, "%lld fen", (long long)play_view_number(row, PLAY_FIELD_AMOUNT));
    }
}

static void check_duties(struct play_story *story, const struct play_facts *facts)
{
    size_t index;
    json_t *json;
    const json_t *list = play_check_list(story, "duties");
    json_array_foreach(list, index, json) {
        check_duty(story, json, nth_of(list, index), facts);
    }
    size_t got = 0;
    for (size_t c = 0; c < story->case_count; c++) {
        const json_t *view = play_facts_view(facts, "fund", story->cases[c].label);
        got += json_array_size(play_view_rows(view, PLAY_VIEW_DUTIES));
    }
    if (list && got > json_array_size(list)) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, "%zu", json_array_size(list));
        play_diff_format(&story->diffs, "number of duties", wanted, "%zu", got);
    }
}

void play_check_money(struct play_story *story, const struct play_facts *facts)
{
    const json_t *platform = play_facts_view(facts, "fund/platform", "");
    for (size_t c = 0; play_check_list(story, "postings") && c < story->case_count; c++) {
        check_postings(story, c, play_facts_view(facts, "fund", story->cases[c].label));
    }
    if (play_check_list(story, "books")) {
        check_books(story, platform);
    }
    check_duties(story, facts);
    int64_t balance = play_trial_balance(facts);
    if (balance) {
        play_diff_format(&story->diffs, "trial balance", "0", "%lld", (long long)balance);
    }
}

static const char *offer_entry(const char *state)
{
    static const char *const WORDS[][2] = {{"COUNTERED", "OfferCountered"},
                                           {"ACCEPTED", "OfferAccepted"},
                                           {"REJECTED", "OfferRejected"},
                                           {"RETRACTED", "OfferRetracted"}};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (strcmp(WORDS[i][0], state) == 0) {
            return WORDS[i][1];
        }
    }
    return NULL; /* OPEN: by OfferOpened or OfferCountered; EXPIRED: by OfferExpired or the end of the stage */
}

static const json_t *offer_row(const json_t *view, const json_t *id)
{
    size_t index;
    json_t *row;
    json_array_foreach(play_view_rows(view, PLAY_VIEW_OFFERS), index, row) {
        if (id && json_equal(id, play_view_field(row, PLAY_FIELD_ID))) {
            return row;
        }
    }
    return NULL;
}

/* The entry of the last state is the one that sla names. */
static void check_offer_end(struct play_story *story, const json_t *states, const json_t *row, const char *where)
{
    char word[24];
    char n[16];
    const char *text = json_string_value(json_array_get(states, json_array_size(states) - 1));
    const struct play_expected *entry = text && sscanf(text, "%23s %15s", word, n) == 2 ? play_story_entry(story, n)
                                                                                        : NULL;
    int64_t ended = play_view_number(row, PLAY_FIELD_ENDED);
    if (ended && entry && entry->got && (int64_t)entry->got->sequence != ended) {
        play_diff_format(&story->diffs, where, text, "ended by sequence %lld, in sla's own view", (long long)ended);
    }
}

static void check_offer(struct play_story *story, const json_t *json, const struct play_facts *facts)
{
    char where[96];
    Disputes__Common__V1__Role role = DISPUTES__COMMON__V1__ROLE__ROLE_UNSPECIFIED;
    snprintf(where, sizeof where, "offer %s", play_text(json, "offer"));
    if (!play_check_understood(story, json, "offer by case states", where)) {
        return;
    }
    json_t *id = play_check_applied(story, json_object_get(json, "offer"), where);
    const json_t *row = offer_row(play_facts_view(facts, "sla", play_text(json, "case")), id);
    check_state_words(story, json_object_get(json, "states"), where, offer_entry,
                      play_view_text(row, PLAY_FIELD_STATE));
    check_offer_end(story, json_object_get(json, "states"), row, where);
    if (json_object_get(json, "by") && play_role_of(play_text(json, "by"), &role)) {
        const char *by = dsp_enum_name(&disputes__common__v1__role__descriptor, (int)role);
        if (strcmp(by, play_view_text(row, PLAY_FIELD_MAKER)) != 0) {
            play_diff(&story->diffs, where, by, play_view_text(row, PLAY_FIELD_MAKER));
        }
    }
    json_decref(id);
}

void play_check_offers(struct play_story *story, const struct play_facts *facts)
{
    size_t index;
    json_t *json;
    size_t got = 0;
    const json_t *list = play_check_list(story, "offers");
    json_array_foreach(list, index, json) {
        check_offer(story, json, facts);
    }
    for (size_t c = 0; c < story->case_count; c++) {
        got += json_array_size(play_view_rows(play_facts_view(facts, "sla", story->cases[c].label), PLAY_VIEW_OFFERS));
    }
    if (list && got > json_array_size(list)) {
        char wanted[32];
        snprintf(wanted, sizeof wanted, "%zu", json_array_size(list));
        play_diff_format(&story->diffs, "number of offers", wanted, "%zu", got);
    }
}
