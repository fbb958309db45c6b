/* Everything of `expected` but the entries: read from the log, the services' views, the stand-ins and the
 * dead letters, all gathered before; nothing here asks anybody. */
#ifndef PLAY_CHECK_H
#define PLAY_CHECK_H

#include "disputectl/play_story.h"

/* What was read at the end of a story. Objects may be NULL: not answered; then what needs them is a difference. */
struct play_facts {
    json_t *views;    /* {"sla a": view …}: service, a space, label of the case; fund's platform: "fund/platform" */
    json_t *standins; /* by index of expected.standins: answer of /_standin/records */
    json_t *answered; /* [{message_id, accepted_sequence, code, guard}] of the log */
    json_t *dlq;      /* [{topic, code, text}] that name this story */
};
void play_facts_fini(struct play_facts *facts);
const json_t *play_facts_view(const struct play_facts *facts, const char *service, const char *case_label);

/* A clock as the log tells it; list by start. */
struct play_clock {
    Disputes__Common__V1__ClockKind kind;
    Disputes__Common__V1__Role side;
    uint64_t cause;
    int64_t started_ms, ended_ms;
    int64_t dues[8];
    size_t due_count;
    int rungs[8];
    size_t rung_count;
    struct play_step {
        const char *word; /* met breached cancelled paused resumed moved */
        uint64_t sequence;
        int64_t used_ms; /* paused: -1 = the log does not say */
    } steps[16];
    size_t step_count;
    bool listed;
};
struct play_clocks {
    struct play_clock *items;
    size_t count, room;
};
void play_clocks_read(const struct play_entries *entries, struct play_clocks *ret_clocks);
void play_clocks_fini(struct play_clocks *clocks);

/* --- shared by the comparisons --- */

/* A member of `expected`; NULL: the story does not give it. */
const json_t *play_check_list(const struct play_story *story, const char *name);
/* Its labels replaced, new reference; NULL after saying what is wrong with them. */
json_t *play_check_applied(struct play_story *story, const json_t *value, const char *where);
/* False after saying that the object has a member that is not in the list. */
bool play_check_understood(struct play_story *story, const json_t *json, const char *names, const char *where);

/* --- the comparisons --- */

/* Before matching: refusals that a story lists need no entry in its list. */
void play_check_refusals_first(struct play_story *story);
/* After matching. */
void play_check_answers(struct play_story *story, const struct play_facts *facts); /* refusals no_entry answered dlq */
void play_check_clocks(struct play_story *story, const struct play_facts *facts);
void play_check_money(struct play_story *story, const struct play_facts *facts); /* postings books duties */
void play_check_offers(struct play_story *story, const struct play_facts *facts);
void play_check_told(struct play_story *story, const struct play_facts *facts);
void play_check_standins(struct play_story *story, const struct play_facts *facts);
void play_check_views(struct play_story *story, const struct play_facts *facts);
void play_check_end(struct play_story *story, const struct play_facts *facts);
/* Sum of all accounts of the story's platform, debit less credit; 0 = the books balance. */
int64_t play_trial_balance(const struct play_facts *facts);

#endif
