/* The entries of one story's cases as its comparisons need them. */
#ifndef PLAY_LOG_H
#define PLAY_LOG_H

#include <jansson.h>

#include "disputectl/ctl_log.h"
#include "disputectl/play_names.h"

struct play_expected;

/* One entry of a case. Texts and `entry` are borrowed from the log it was read from. */
struct play_entry {
    const Disputes__Case__V1__Entry *entry;
    uint64_t sequence;
    int64_t time_ms;
    char name[PLAY_NAME_BYTES]; /* "ClaimAccepted"; of an act or finding without a type of its own, its name */
    char from[PLAY_NAME_BYTES]; /* act, finding or follow-up that made it */
    Disputes__Common__V1__ClockKind clock; /* of a breach or rung; 0 = none */
    Disputes__Common__V1__Role role;
    const char *source;
    bool ignorable;                 /* a story need not list it */
    json_t *json;                   /* the whole entry */
    const json_t *content;          /* the act or finding in it, NULL = none */
    struct play_expected *expected; /* what it was matched with */
    const char *unlisted_by;        /* why it needs no listing although it is not ignorable; NULL = it does */
};

struct play_entries {
    struct play_entry *items; /* by sequence */
    size_t count;
    size_t room;
};

void play_entry_read(const Disputes__Case__V1__Entry *entry, struct play_entry *ret_entry);
/* Appends; a repetition of a sequence (publishing is at least once) is dropped. */
void play_entries_add(struct play_entries *entries, const Disputes__Case__V1__Entry *entry);
void play_entries_fini(struct play_entries *entries);
/* NULL: no such entry. */
const struct play_entry *play_entries_at(const struct play_entries *entries, uint64_t sequence);

#endif
