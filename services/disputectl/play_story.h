/* A story as its file tells it (docs/SAMPLES.md), checked and with its labels made for this run. */
#ifndef PLAY_STORY_H
#define PLAY_STORY_H

#include "disputectl/play_compare.h"
#include "disputectl/play_labels.h"
#include "disputectl/play_log.h"

enum play_kind {
    PLAY_COMMAND,
    PLAY_INBOUND,
    PLAY_RECORD,
    PLAY_STANDIN,
    PLAY_FAULT,
    PLAY_PLATFORM,
    PLAY_CLOCK,
    PLAY_KINDS,
};

struct play_input {
    enum play_kind kind;
    int64_t at_ms;
    bool hurry;         /* does not wait for rest first */
    const char *label;  /* of a command: the label of its id; "" = none */
    const json_t *body; /* of its kind, labels not yet replaced */
};

struct play_by {
    Disputes__Common__V1__Role role;
    char id[96];    /* with its tag; "" = not said */
    char source[8]; /* "" = not said */
};

/* "ClockBreached(K_appeal)": a name, and the clock in it or 0. */
struct play_name {
    char name[PLAY_NAME_BYTES];
    Disputes__Common__V1__ClockKind clock;
};

struct play_expected {
    const char *n;
    size_t case_index;
    int64_t at_ms;
    struct play_by by;
    struct play_name entry;
    struct play_name from; /* name "" = as entry */
    const char *group;     /* any_order; "" = none */
    Disputes__Common__V1__Stage stage_before, stage_after;
    bool stays; /* no stage was said: it does not move */
    const json_t *json;
    const struct play_entry *got; /* NULL: not found (yet) */
};

struct play_case {
    const char *label; /* "" for the only one */
    char id[64];
    char order_id[128];
    const json_t *order;
    struct play_entries entries;
};

struct play_story {
    char path[512];
    const char *id, *title_en, *title_zh;
    int year;
    int64_t start_ms, until_ms;
    struct play_labels *labels;
    char platform_id[96];
    json_t *json;                              /* the whole file, comments taken out, `like` and `instead` worked in */
    const json_t *platform, *orders, *answers; /* `answers` = json.expected */
    struct play_case *cases;
    size_t case_count;
    struct play_input *inputs;
    size_t input_count;
    struct play_expected *expected;
    size_t expected_count;
    struct play_diffs diffs;
    char directory[512];
};

/* `real_ms` and `index` make the tag. REJECT FIELD_INVALID says what is wrong with which part of the file;
 * FATAL: it cannot be read. The result is to be freed. */
DSP_MUST_USE struct dsp_err play_story_load(const char *path, int64_t real_ms, size_t index,
                                            struct play_story **ret_story);
void play_story_free(struct play_story *story); /* NULL is fine */

/* The entry that a story calls `n`; NULL: none. */
struct play_expected *play_story_entry(const struct play_story *story, const char *n);
/* The case that the letters before the number of `n` name; false: none. */
bool play_story_case(const struct play_story *story, const char *n, size_t *ret_index);
/* Case by its label. NULL: none. */
struct play_case *play_story_case_named(const struct play_story *story, const char *label);
/* "M m2001 GW": role, id (tagged but for S), source. REJECT FIELD_INVALID. */
DSP_MUST_USE struct dsp_err play_parse_by(struct play_labels *labels, const char *text, struct play_by *ret_by);
/* "ClockBreached(K_perform)": name and, in brackets, a clock. REJECT FIELD_INVALID; `where` names the place. */
DSP_MUST_USE struct dsp_err play_parse_name(const char *text, const char *where, struct play_name *ret_name);
/* "FILED → SCREENING", or empty: the stage stays. REJECT FIELD_INVALID. */
DSP_MUST_USE struct dsp_err play_parse_stage(const char *text, const char *where, struct play_expected *out);
/* REJECT FIELD_INVALID: `what` is wrong with this place. */
DSP_MUST_USE struct dsp_err play_bad(const char *where, const char *what);
/* REJECT FIELD_INVALID when an object has a member that is not in the list (names with spaces between). */
DSP_MUST_USE struct dsp_err play_only(const json_t *object, const char *names, const char *where);
/* "" when there is no such text. */
const char *play_text(const json_t *object, const char *name);

#endif
