#include "disputectl/play_print.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/money.h"
#include "common/service/message.h"
#include "disputectl/ctl_show.h"
#include "disputectl/ctl_text.h"
#include "disputectl/play_views.h"

#define LINE_BYTES 512
#define WHO_COLUMNS 26
#define WHAT_COLUMNS 54
#define BELOW "                        "

/* Ids without the tag of this run: the same in every one, and shorter. */
static void plain(const struct play_story *story, const char *id, char *text, size_t size)
{
    const char *tag = play_labels_tag(story->labels);
    const char *at;
    size_t used = 0;
    while (*id && (at = strstr(id, tag)) && at > id && used + 1 < size) {
        size_t part = (size_t)(at - id) - (at[-1] == '-');
        used += (size_t)snprintf(text + used, size - used, "%.*s", (int)part, id);
        used = used < size ? used : size - 1;
        id = at + strlen(tag);
    }
    snprintf(text + used, size - used, "%s", id);
}

static void pad(FILE *out, const char *text, size_t columns)
{
    size_t used = ctl_columns(text);
    fprintf(out, "%s%*s", text, (int)(used < columns ? columns - used : 1), "");
}

/* Without the year when it is the story's, without seconds when they are zero. */
static const char *short_time(const struct play_story *story, int64_t time_ms, char *text)
{
    ctl_format_local(time_ms / 1000 * 1000, text);
    size_t size = strlen(text);
    if (size > 3 && strcmp(text + size - 3, ":00") == 0) {
        text[size - 3] = '\0';
    }
    return atoi(text) == story->year ? text + 5 : text;
}

/* --- one entry --- */

static void who_text(const struct play_story *story, const struct play_entry *entry, char *text, size_t size)
{
    static const char *const SOURCES[][2] = {{"SLA", "clocks 时限"},       {"INV", "investigation 调查"},
                                             {"ARB", "arbitration 仲裁"},  {"FND", "fund 基金"},
                                             {"NTF", "notification 送达"}, {"DKT", "docket 受理"}};
    const Disputes__Case__V1__Origin *origin = entry->entry->origin;
    const char *id = origin && origin->actor ? dsp_message_str(origin->actor->id).ptr : "";
    char name[96];
    for (size_t i = 0; i < sizeof SOURCES / sizeof SOURCES[0]; i++) {
        if (strcmp(SOURCES[i][0], entry->source) == 0 && entry->role == DISPUTES__COMMON__V1__ROLE__ROLE_SYSTEM) {
            snprintf(text, size, "%s", SOURCES[i][1]);
            return;
        }
    }
    plain(story, id, name, sizeof name);
    snprintf(text, size, "%s%s%.60s", play_role_people(entry->role), name[0] ? " " : "", name);
}

static void what_text(const struct play_entry *entry, char *text, size_t size)
{
    char clock[PLAY_NAME_BYTES] = "";
    char kind[PLAY_NAME_BYTES + 2] = "";
    if (entry->clock) {
        play_clock_name(entry->clock, clock);
        snprintf(kind, sizeof kind, "(%s)", clock);
    }
    if (!entry->from[0] || strcmp(entry->from, entry->name) == 0) {
        snprintf(text, size, "%s%s", entry->name, kind);
    } else {
        snprintf(text, size, "%s%s → %s", entry->from, kind, entry->name);
    }
}

/* What says nothing to a reader: ids, hashes, what stands elsewhere in the story. */
static void prune(json_t *value)
{
    static const char *const NOISE[] = {
        "platform_id",    "order",         "channel",         "description", "group_id",   "clock",
        "duty_id",        "bundle_sha256", "receipt_id",      "sha256",      "size_bytes", "media_type",
        "reference",      "caption",       "document_sha256", "text",        "ruling_id",  "served_time_millis",
        "paper_sequence", "consumer_id",   "merchant_id",     "order_line"};
    const char *key;
    json_t *member;
    size_t index;
    void *next;
    if (json_is_array(value)) {
        json_array_foreach(value, index, member) {
            prune(member);
        }
    }
    json_object_foreach_safe(value, next, key, member)
    {
        bool noise = false;
        for (size_t i = 0; i < sizeof NOISE / sizeof NOISE[0]; i++) {
            noise = noise || strcmp(NOISE[i], key) == 0;
        }
        if (noise) {
            json_object_del(value, key);
        } else {
            prune(member);
        }
    }
}

static void put_message(FILE *out, const struct play_story *story, const char *title, const json_t *message)
{
    char line[LINE_BYTES] = "";
    char text[LINE_BYTES];
    struct ctl_text to = {line, sizeof line, 0};
    json_t *copy = json_deep_copy(message);
    prune(copy);
    if (json_object_size(copy)) {
        ctl_put_compact(&to, copy);
        plain(story, line, text, sizeof text);
        fprintf(out, BELOW "%s%s\n", title, text);
    }
    json_decref(copy);
}

static void put_decided(FILE *out, const struct play_story *story, const struct play_entry *entry)
{
    const Disputes__Case__V1__Entry *is = entry->entry;
    put_message(out, story, "", json_object_get(entry->json, "claim"));
    if (!is->claim) {
        put_message(out, story, "", entry->content);
    }
    if (is->ruling) {
        put_message(out, story, "decided 认定: ", json_object_get(entry->json, "ruling"));
    }
    if (is->refusal) {
        fprintf(out, BELOW "refused 未受理: %s\n", dsp_message_str(is->refusal->code).ptr);
    }
    if (is->basis) {
        fprintf(out, BELOW "basis 依据: %s %s\n", play_basis_name(is->basis), play_basis_zh(is->basis));
    }
    if (is->outcome) {
        fprintf(out, BELOW "outcome 结果: %s %s\n", play_outcome_name(is->outcome), play_outcome_zh(is->outcome));
    }
}

/* A clock where it starts, with everything that becomes of it. */
static void put_clocks(FILE *out, const struct play_story *story, const struct play_case *one,
                       const struct play_clocks *clocks, const struct play_entry *entry)
{
    char name[PLAY_NAME_BYTES];
    char time[CTL_TIME_TEXT_BYTES];
    for (size_t i = 0; i < clocks->count; i++) {
        const struct play_clock *clock = &clocks->items[i];
        if (clock->cause != entry->sequence || !clock->due_count) {
            continue;
        }
        play_clock_name(clock->kind, name);
        fprintf(out, BELOW "clock 时限: %s %s for %s, due ", name, play_clock_zh(clock->kind),
                play_role_people(clock->side));
        for (size_t d = 0; d < clock->due_count; d++) {
            fprintf(out, "%s%s", d ? " → " : "", short_time(story, clock->dues[d], time));
        }
        for (size_t s = 0; s < clock->step_count; s++) {
            const struct play_entry *by = play_entries_at(&one->entries, clock->steps[s].sequence);
            fprintf(out, "; %s %s", clock->steps[s].word, play_word_zh(clock->steps[s].word));
            if (by) {
                fprintf(out, " %s", short_time(story, by->time_ms, time));
            }
        }
        fputc('\n', out);
    }
}

/* "FUND_RESERVED[case]" instead of the case's id, people without the tag. */
static void account_text(const struct play_story *story, const char *account, char *text, size_t size)
{
    plain(story, account, text, size);
    for (size_t c = 0; c < story->case_count; c++) {
        char *at = strstr(text, story->cases[c].id);
        if (at) {
            const char *label = story->cases[c].label;
            snprintf(at, size - (size_t)(at - text), "case%s%s]", label[0] ? " " : "", label);
        }
    }
}

static void put_legs(FILE *out, const struct play_story *story, const json_t *view, const json_t *group)
{
    char debit[128];
    char credit[128];
    char money[32];
    size_t index;
    json_t *leg;
    bool first = true;
    const char *id = play_view_text(group, PLAY_FIELD_GROUP);
    json_array_foreach(play_view_rows(view, PLAY_VIEW_LEGS), index, leg) {
        if (strcmp(play_view_text(leg, PLAY_FIELD_GROUP), id) == 0) {
            account_text(story, play_view_text(leg, PLAY_FIELD_DEBIT), debit, sizeof debit);
            account_text(story, play_view_text(leg, PLAY_FIELD_CREDIT), credit, sizeof credit);
            dsp_money_format(play_view_number(leg, PLAY_FIELD_AMOUNT), money);
            fprintf(out, "%sdebit 借 %s, credit 贷 %s %s", first ? "" : "; ", debit, credit, money);
            first = false;
        }
    }
}

/* The n-th group of the view is the n-th of the story; one that the story does not list goes by its sequence. */
static bool group_is_of(const struct play_story *story, size_t case_index, const json_t *group, size_t nth,
                        const struct play_entry *entry, const char **ret_step)
{
    size_t index;
    json_t *wanted;
    size_t of;
    json_array_foreach(json_object_get(story->answers, "postings"), index, wanted) {
        const char *n = play_text(wanted, "entry");
        if (play_story_case(story, n, &of) && of == case_index && nth-- == 0) {
            *ret_step = play_text(wanted, "step");
            return entry->expected && strcmp(entry->expected->n, n) == 0;
        }
    }
    *ret_step = play_view_text(group, PLAY_FIELD_STEP);
    return (uint64_t)play_view_number(group, PLAY_FIELD_SEQUENCE) == entry->sequence;
}

static void put_postings(FILE *out, const struct play_story *story, size_t case_index, const struct play_entry *entry,
                         const json_t *view)
{
    size_t index;
    json_t *group;
    const char *step;
    json_array_foreach(play_view_rows(view, PLAY_VIEW_GROUPS), index, group) {
        if (group_is_of(story, case_index, group, index, entry, &step)) {
            fprintf(out, BELOW "booked 记账 (%s %s): ", step, play_word_zh(step));
            put_legs(out, story, view, group);
            fputc('\n', out);
        }
    }
}

static void put_told(FILE *out, const struct play_entry *entry, const json_t *view)
{
    size_t index;
    json_t *row;
    bool first = true;
    json_array_foreach(play_view_rows(view, PLAY_VIEW_DELIVERIES), index, row) {
        if ((uint64_t)play_view_number(row, PLAY_FIELD_SEQUENCE) != entry->sequence) {
            continue;
        }
        const char *side = play_view_text(row, PLAY_FIELD_SIDE);
        bool consumer = strcasecmp(side, "CONSUMER") == 0;
        const char *what = play_view_true(row, PLAY_FIELD_ACK)     ? "acknowledgement 回执, "
                           : play_view_true(row, PLAY_FIELD_PAPER) ? "paper 文书, "
                                                                   : "";
        fprintf(out, "%s%s (%s%s)", first ? BELOW "told 告知: " : "; ", consumer ? "consumer 消费者" : "merchant 商家",
                what, play_rung_people(play_view_text(row, PLAY_FIELD_RUNG)));
        first = false;
    }
    fputs(first ? "" : "\n", out);
}

static void put_entry(FILE *out, const struct play_story *story, size_t case_index, const struct play_entry *entry,
                      int64_t *last_ms)
{
    char who[160];
    char what[3 * PLAY_NAME_BYTES];
    char time[CTL_TIME_TEXT_BYTES];
    char number[24];
    const struct play_case *one = &story->cases[case_index];
    const Disputes__Case__V1__Entry *is = entry->entry;
    who_text(story, entry, who, sizeof who);
    what_text(entry, what, sizeof what);
    snprintf(number, sizeof number, "%s%s", one->label[0] && !entry->expected ? one->label : "",
             entry->expected ? entry->expected->n : "+");
    bool same = *last_ms / 1000 == entry->time_ms / 1000;
    fprintf(out, "%5s  %-14s  ", number, same ? "  \"" : short_time(story, entry->time_ms, time));
    *last_ms = entry->time_ms;
    pad(out, who, WHO_COLUMNS);
    if (is->stage_before == is->stage_after) {
        fputs(what, out);
    } else {
        pad(out, what, WHAT_COLUMNS);
        fprintf(out, "%s → %s %s", play_stage_name(is->stage_before), play_stage_name(is->stage_after),
                play_stage_zh(is->stage_after));
    }
    fputs(is->late ? "  late 迟到\n" : "\n", out);
}

/* --- a whole story --- */

static void put_head(FILE *out, const struct play_story *story)
{
    char money[32];
    fprintf(out, "\n%s  %s\n", story->id, story->title_en);
    fprintf(out, "%*s  %s\n", (int)strlen(story->id), "", story->title_zh);
    for (size_t c = 0; c < story->case_count; c++) {
        const struct play_case *one = &story->cases[c];
        const json_t *goods = json_object_get(one->order, "goods");
        dsp_money_format(json_integer_value(json_object_get(one->order, "paid_fen")), money);
        fprintf(out, "  case %s%s%s: order %s, %s %s, paid %s yuan; consumer 消费者 %s, merchant 商家 %s\n", one->label,
                one->label[0] ? " " : "", one->id, play_text(one->order, "id"), play_text(goods, "en"),
                play_text(goods, "zh"), money, play_text(one->order, "consumer"), play_text(one->order, "merchant"));
    }
    fputc('\n', out);
}

static void put_calls(FILE *out, const struct play_story *story, const struct play_facts *facts)
{
    size_t index;
    json_t *wanted;
    json_array_foreach(json_object_get(story->answers, "standins"), index, wanted) {
        size_t call_index;
        json_t *call;
        bool first = true;
        const char *direction = play_text(wanted, "direction");
        json_array_foreach(json_object_get(json_array_get(facts->standins, index), "calls"), call_index, call) {
            if (direction[0] && strcmp(direction, play_text(call, "direction")) != 0) {
                continue;
            }
            fprintf(out, "%s%s %lld%s", first ? "  calls 外部调用 " : ", ", play_text(call, "call"),
                    (long long)json_integer_value(json_object_get(call, "status")),
                    json_is_true(json_object_get(call, "dropped")) ? " (connection lost 连接中断)" : "");
            const char *state = play_text(json_object_get(call, "answer"), "state");
            state = state[0] ? state : play_text(json_object_get(call, "answer"), "status");
            fprintf(out, "%s%s", state[0] ? " " : "", state);
            first = false;
        }
        fprintf(out, "%s%s%s", first ? "" : " — ", first ? "" : play_text(wanted, "which"), first ? "" : "\n");
    }
}

static void put_books(FILE *out, const struct play_story *story, const struct play_facts *facts)
{
    char name[128];
    char money[32];
    size_t index;
    json_t *row;
    bool first = true;
    const json_t *rows = play_view_rows(play_facts_view(facts, "fund/platform", ""), PLAY_VIEW_BALANCES);
    json_array_foreach(rows, index, row) {
        account_text(story, play_view_text(row, PLAY_FIELD_ACCOUNT), name, sizeof name);
        dsp_money_format(play_view_number(row, PLAY_FIELD_BALANCE), money);
        fprintf(out, "%s%s %s", first ? "  fund 基金: " : ", ", name, money);
        first = false;
    }
    fprintf(out, "%strial balance 试算 %lld\n", first ? "  fund 基金: " : "; ", (long long)play_trial_balance(facts));
}

/* Cases of one story merged by time: index of the case whose next entry is the earliest. */
static size_t earliest(const struct play_story *story, const size_t *next)
{
    size_t best = story->case_count;
    for (size_t c = 0; c < story->case_count; c++) {
        const struct play_entries *entries = &story->cases[c].entries;
        if (next[c] < entries->count &&
            (best == story->case_count ||
             entries->items[next[c]].time_ms < story->cases[best].entries.items[next[best]].time_ms)) {
            best = c;
        }
    }
    return best;
}

void play_print_timeline(FILE *out, const struct play_story *story, const struct play_facts *facts)
{
    int64_t last_ms = -1;
    size_t *next = calloc(story->case_count + 1, sizeof *next);
    struct play_clocks *clocks = calloc(story->case_count + 1, sizeof *clocks);
    put_head(out, story);
    for (size_t c = 0; next && clocks && c < story->case_count; c++) {
        play_clocks_read(&story->cases[c].entries, &clocks[c]);
    }
    for (size_t c; next && clocks && (c = earliest(story, next)) < story->case_count;) {
        const struct play_case *one = &story->cases[c];
        const struct play_entry *entry = &one->entries.items[next[c]++];
        if (entry->ignorable && !entry->expected) {
            continue;
        }
        put_entry(out, story, c, entry, &last_ms);
        put_decided(out, story, entry);
        put_clocks(out, story, one, &clocks[c], entry);
        put_postings(out, story, c, entry, play_facts_view(facts, "fund", one->label));
        put_told(out, entry, play_facts_view(facts, "notification", one->label));
    }
    for (size_t c = 0; clocks && c < story->case_count; c++) {
        play_clocks_fini(&clocks[c]);
    }
    free(clocks);
    free(next);
    put_calls(out, story, facts);
    put_books(out, story, facts);
}

void play_print_diffs(FILE *out, const struct play_story *story)
{
    size_t index;
    json_t *diff;
    size_t count = play_diffs_count(&story->diffs);
    if (!count) {
        fprintf(out, "  %s passed 通过\n", story->id);
        return;
    }
    fprintf(out, "  %s failed 未通过: %zu difference%s\n", story->id, count, count == 1 ? "" : "s");
    json_array_foreach(story->diffs.list, index, diff) {
        fprintf(out, "    %s\n      expected: %s\n      got:      %s\n", play_text(diff, "where"),
                play_text(diff, "expected"), play_text(diff, "got"));
    }
}

json_t *play_print_json(const struct play_story *story)
{
    json_t *cases = json_object();
    json_t *entries = json_array();
    for (size_t c = 0; c < story->case_count; c++) {
        json_object_set_new(cases, story->cases[c].label, json_string(story->cases[c].id));
        for (size_t i = 0; i < story->cases[c].entries.count; i++) {
            const struct play_entry *entry = &story->cases[c].entries.items[i];
            json_t *row = json_pack("{s:s, s:s, s:s, s:I, s:O}", "case", story->cases[c].label, "n",
                                    entry->expected ? entry->expected->n : "", "name", entry->name, "time_ms",
                                    (json_int_t)entry->time_ms, "entry", entry->json);
            json_array_append_new(entries, row);
        }
    }
    return json_pack("{s:s, s:s, s:b, s:s, s:o, s:o, s:o}", "id", story->id, "title", story->title_en, "passed",
                     play_diffs_count(&story->diffs) == 0, "tag", play_labels_tag(story->labels), "cases", cases,
                     "differences", story->diffs.list ? json_incref(story->diffs.list) : json_array(), "entries",
                     entries);
}
