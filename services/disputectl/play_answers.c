#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/service/message.h"
#include "disputectl/play_check.h"

/* --- refusals, answers, no entry, dead letters --- */

/* Id of a command by its label, or the text itself where it is one with a label in it ("${id:garbage}" of a raw
 * record). To be freed; NULL after saying that no input has this label. */
static char *message_id(struct play_story *story, const char *label, const char *where)
{
    char *id = NULL;
    const char *known = json_string_value(play_labels_get(story->labels, "command", label));
    if (known) {
        return strdup(known);
    }
    if (!strstr(label, "${") || dsp_failed(play_labels_text(story->labels, label, &id))) {
        play_diff(&story->diffs, where, "a command of this story", "none was sent with that label");
        return NULL;
    }
    return id;
}

/* An entry made by a message; the refusal with that code where it was refused, too. NULL: none. */
static const struct play_entry *entry_of(const struct play_story *story, const char *id, const char *code)
{
    const struct play_entry *found = NULL;
    for (size_t c = 0; id && c < story->case_count; c++) {
        for (size_t i = 0; i < story->cases[c].entries.count; i++) {
            const struct play_entry *entry = &story->cases[c].entries.items[i];
            const Disputes__Case__V1__Origin *origin = entry->entry->origin;
            const Disputes__Case__V1__Refusal *refusal = entry->entry->refusal;
            if (!origin || !origin->message_id || strcmp(origin->message_id, id) != 0) {
                continue;
            }
            if (!code || (refusal && strcmp(dsp_message_str(refusal->code).ptr, code) == 0)) {
                return entry;
            }
            found = refusal ? entry : found;
        }
    }
    return found;
}

void play_check_refusals_first(struct play_story *story)
{
    size_t index;
    json_t *json;
    json_array_foreach(play_check_list(story, "refusals"), index, json) {
        const char *id = json_string_value(play_labels_get(story->labels, "command", play_text(json, "command")));
        for (size_t c = 0; id && c < story->case_count; c++) {
            for (size_t i = 0; i < story->cases[c].entries.count; i++) {
                struct play_entry *entry = &story->cases[c].entries.items[i];
                const Disputes__Case__V1__Origin *origin = entry->entry->origin;
                if (entry->entry->refusal && origin && origin->message_id && strcmp(origin->message_id, id) == 0) {
                    entry->unlisted_by = "refusals";
                }
            }
        }
    }
}

/* What the refusal says; of one without a case, the answer that is in no case's log. */
static void refusal_of(const struct play_story *story, const struct play_facts *facts, const char *id,
                       const char *wanted, const char **ret_code, const char **ret_guard)
{
    size_t index;
    json_t *row;
    const struct play_entry *entry = entry_of(story, id, wanted);
    const Disputes__Case__V1__Refusal *refusal = entry ? entry->entry->refusal : NULL;
    *ret_code = refusal ? dsp_message_str(refusal->code).ptr : "";
    *ret_guard = refusal ? dsp_message_str(refusal->guard).ptr : "";
    json_array_foreach(facts->answered, index, row) {
        if (!refusal && strcmp(play_text(row, "message_id"), id) == 0) {
            *ret_code = play_text(row, "code");
            *ret_guard = play_text(row, "guard");
        }
    }
}

static void check_refusal(struct play_story *story, const json_t *json, const struct play_facts *facts)
{
    char where[96];
    const char *code;
    const char *guard;
    snprintf(where, sizeof where, "refusal of %s", play_text(json, "command"));
    if (!play_check_understood(story, json, "command code guard", where)) {
        return;
    }
    char *id = message_id(story, play_text(json, "command"), where);
    if (!id) {
        return;
    }
    refusal_of(story, facts, id, play_text(json, "code"), &code, &guard);
    if (strcmp(code, play_text(json, "code")) != 0) {
        play_diff(&story->diffs, where, play_text(json, "code"), code[0] ? code : "not refused");
    }
    if (json_object_get(json, "guard") && strcmp(guard, play_text(json, "guard")) != 0) {
        play_diff(&story->diffs, where, play_text(json, "guard"), guard);
    }
    free(id);
}

static void check_no_entry(struct play_story *story, const char *label)
{
    char where[96];
    snprintf(where, sizeof where, "no entry of %s", label);
    char *id = message_id(story, label, where);
    const struct play_entry *entry = entry_of(story, id, NULL);
    if (entry) {
        play_diff_format(&story->diffs, where, "nothing", "%s, sequence %llu", entry->name,
                         (unsigned long long)entry->sequence);
    }
    free(id);
}

static void check_answers_of(struct play_story *story, const json_t *json, const struct play_facts *facts,
                             const char *id, const char *where)
{
    char wanted[64];
    size_t index;
    json_t *row;
    long long times = 0;
    long long expected = json_object_get(json, "times") ? json_integer_value(json_object_get(json, "times")) : 1;
    const struct play_expected *entry = play_story_entry(story, play_text(json, "entry"));
    json_array_foreach(facts->answered, index, row) {
        if (strcmp(play_text(row, "message_id"), id) != 0) {
            continue;
        }
        times++;
        json_int_t sequence = json_integer_value(json_object_get(row, "accepted_sequence"));
        if (entry && (!entry->got || (uint64_t)sequence != entry->got->sequence)) {
            play_diff_format(&story->diffs, where, play_text(json, "entry"), "an answer that names sequence %lld",
                             (long long)sequence);
        }
        if (json_object_get(json, "code") && strcmp(play_text(row, "code"), play_text(json, "code")) != 0) {
            play_diff(&story->diffs, where, play_text(json, "code"), play_text(row, "code"));
        }
    }
    if (times != expected) {
        snprintf(wanted, sizeof wanted, "%lld", expected);
        play_diff_format(&story->diffs, where, wanted, "%lld", times);
    }
}

static void check_answered(struct play_story *story, const json_t *json, const struct play_facts *facts)
{
    char where[96];
    const char *n = play_text(json, "entry");
    snprintf(where, sizeof where, "answers to %s", play_text(json, "command"));
    if (!play_check_understood(story, json, "command times entry code", where)) {
        return;
    }
    if (n[0] && !play_story_entry(story, n)) {
        play_diff(&story->diffs, where, "an entry of this story", n);
        return;
    }
    char *id = message_id(story, play_text(json, "command"), where);
    if (id) {
        check_answers_of(story, json, facts, id, where);
    }
    free(id);
}

static void check_dlq(struct play_story *story, const struct play_facts *facts)
{
    size_t index;
    json_t *json;
    size_t row_index;
    json_t *row;
    json_t *left = json_deep_copy(facts->dlq);
    json_array_foreach(play_check_list(story, "dlq"), index, json) {
        json_int_t count = json_object_get(json, "count") ? json_integer_value(json_object_get(json, "count")) : 1;
        if (!play_check_understood(story, json, "topic code count", "dlq")) {
            continue;
        }
        for (; count > 0; count--) {
            bool found = false;
            json_array_foreach(left, row_index, row) {
                if (strcmp(play_text(row, "topic"), play_text(json, "topic")) == 0 &&
                    strcmp(play_text(row, "code"), play_text(json, "code")) == 0) {
                    json_array_remove(left, row_index);
                    found = true;
                    break;
                }
            }
            if (!found) {
                play_diff(&story->diffs, play_text(json, "topic"), play_text(json, "code"), "no such dead letter");
            }
        }
    }
    json_array_foreach(left, row_index, row) {
        play_diff_format(&story->diffs, play_text(row, "topic"), "nothing", "a dead letter: %s",
                         play_text(row, "code"));
    }
    json_decref(left);
}

void play_check_answers(struct play_story *story, const struct play_facts *facts)
{
    size_t index;
    json_t *json;
    json_array_foreach(play_check_list(story, "refusals"), index, json) {
        check_refusal(story, json, facts);
    }
    json_array_foreach(play_check_list(story, "no_entry"), index, json) {
        check_no_entry(story, json_string_value(json) ? json_string_value(json) : "");
    }
    json_array_foreach(play_check_list(story, "answered"), index, json) {
        check_answered(story, json, facts);
    }
    check_dlq(story, facts);
}
