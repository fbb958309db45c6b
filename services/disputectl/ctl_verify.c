#include "disputectl/ctl_verify.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/arena.h"
#include "common/service/message.h"
#include "disputes/case/v1/event.pb-c.h"

#define ENTRY_ARENA_BYTES (16u << 20)
#define BUCKETS_AT_FIRST 1024

struct head {
    struct dsp_uuid case_id;
    uint64_t sequence;
    uint8_t (*hashes)[32]; /* of every entry so far: a crash may publish any of them again */
    size_t capacity;
    bool broken;
    struct head *next;
};

struct ctl_chain {
    struct head **buckets;
    size_t bucket_count;
    struct dsp_arena *arena; /* for one entry */
    struct ctl_chain_result result;
};

struct ctl_chain *ctl_chain_new(void)
{
    struct ctl_chain *chain = calloc(1, sizeof *chain);
    struct head **buckets = calloc(BUCKETS_AT_FIRST, sizeof *buckets);
    struct dsp_arena *arena = dsp_arena_new(ENTRY_ARENA_BYTES);
    if (!chain || !buckets || !arena) {
        free(chain);
        free(buckets);
        dsp_arena_free(arena);
        return NULL;
    }
    *chain = (struct ctl_chain){.buckets = buckets, .bucket_count = BUCKETS_AT_FIRST, .arena = arena};
    return chain;
}

void ctl_chain_free(struct ctl_chain *chain)
{
    if (!chain) {
        return;
    }
    for (size_t i = 0; i < chain->bucket_count; i++) {
        while (chain->buckets[i]) {
            struct head *head = chain->buckets[i];
            chain->buckets[i] = head->next;
            free(head->hashes);
            free(head);
        }
    }
    free(chain->buckets);
    dsp_arena_free(chain->arena);
    free(chain);
}

static struct head *find(const struct ctl_chain *chain, const struct dsp_uuid *case_id)
{
    size_t bucket = dsp_str_hash(dsp_uuid_str(case_id)) & (chain->bucket_count - 1);
    struct head *head = chain->buckets[bucket];
    while (head && !dsp_uuid_equal(&head->case_id, case_id)) {
        head = head->next;
    }
    return head;
}

/* Twice the buckets: a log may hold millions of cases. Staying small is slow, not wrong. */
static void grow(struct ctl_chain *chain)
{
    size_t count = chain->bucket_count * 2;
    struct head **buckets = calloc(count, sizeof *buckets);
    for (size_t i = 0; buckets && i < chain->bucket_count; i++) {
        while (chain->buckets[i]) {
            struct head *head = chain->buckets[i];
            size_t bucket = dsp_str_hash(dsp_uuid_str(&head->case_id)) & (count - 1);
            chain->buckets[i] = head->next;
            head->next = buckets[bucket];
            buckets[bucket] = head;
        }
    }
    if (buckets) {
        free(chain->buckets);
        chain->buckets = buckets;
        chain->bucket_count = count;
    }
}

static struct head *find_or_add(struct ctl_chain *chain, const struct dsp_uuid *case_id)
{
    struct head *head = find(chain, case_id);
    if (head) {
        return head;
    }
    if (chain->result.cases > chain->bucket_count) {
        grow(chain);
    }
    head = calloc(1, sizeof *head);
    if (!head) {
        abort(); /* nothing sensible is left to verify with */
    }
    size_t bucket = dsp_str_hash(dsp_uuid_str(case_id)) & (chain->bucket_count - 1);
    head->case_id = *case_id;
    head->next = chain->buckets[bucket];
    chain->buckets[bucket] = head;
    chain->result.cases++;
    return head;
}

/* What is wrong with the next entry of a chain; NULL: nothing. */
static const char *fault_of(const struct head *head, const Disputes__Case__V1__Entry *entry, const uint8_t hash[32],
                            struct dsp_str entry_hash_hex)
{
    uint8_t said[32];
    if (entry->sequence != head->sequence + 1) {
        return "a number is missing or comes twice";
    }
    if (head->sequence == 0 && entry->previous_hash.len != 0) {
        return "the first entry names a previous one";
    }
    if (head->sequence > 0 && (entry->previous_hash.len != 32 ||
                               memcmp(entry->previous_hash.data, head->hashes[head->sequence - 1], 32) != 0)) {
        return "previous_hash is not the hash of the entry before";
    }
    if (!dsp_unhex(entry_hash_hex, said, sizeof said) || memcmp(said, hash, sizeof said) != 0) {
        return "header ce_entryhash is not the hash of the value";
    }
    return NULL;
}

static void keep(struct head *head, const uint8_t hash[32])
{
    if (head->sequence == head->capacity) {
        head->capacity = head->capacity ? head->capacity * 2 : 32;
        head->hashes = realloc(head->hashes, head->capacity * sizeof *head->hashes);
        if (!head->hashes) {
            abort(); /* nothing sensible is left to verify with */
        }
    }
    memcpy(head->hashes[head->sequence], hash, 32);
    head->sequence++;
}

static bool add_entry(struct ctl_chain *chain, const Disputes__Case__V1__Entry *entry, struct dsp_str value,
                      struct dsp_str entry_hash_hex, char *problem, size_t size)
{
    uint8_t hash[32];
    struct dsp_uuid case_id;
    if (!dsp_uuid_parse(dsp_message_str(entry->case_id), &case_id)) {
        snprintf(problem, size, "an entry without a case id");
        chain->result.broken++;
        return false;
    }
    struct head *head = find_or_add(chain, &case_id);
    dsp_sha256(value, hash);
    if (head->broken) {
        return true;
    }
    if (entry->sequence > 0 && entry->sequence <= head->sequence &&
        memcmp(hash, head->hashes[entry->sequence - 1], 32) == 0) {
        chain->result.repeated++;
        return true;
    }
    const char *fault = fault_of(head, entry, hash, entry_hash_hex);
    if (fault) {
        snprintf(problem, size, "case %s: entry %" PRIu64 " after %" PRIu64 ": %s", entry->case_id, entry->sequence,
                 head->sequence, fault);
        head->broken = true;
        chain->result.broken++;
        return false;
    }
    keep(head, hash);
    chain->result.entries++;
    return true;
}

bool ctl_chain_add(struct ctl_chain *chain, struct dsp_str value, struct dsp_str entry_hash_hex, char *ret_problem,
                   size_t problem_size)
{
    Disputes__Case__V1__CaseEvent *event = NULL;
    dsp_arena_reset(chain->arena);
    struct dsp_err err = dsp_message_unpack(chain->arena, &disputes__case__v1__case_event__descriptor, value, &event);
    if (dsp_failed(err)) {
        snprintf(ret_problem, problem_size, "a record that is no CaseEvent: %s", err.detail);
        chain->result.broken++;
        return false;
    }
    if (event->record_case != DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY) {
        return true; /* an answer is no entry of any case */
    }
    return add_entry(chain, event->entry, value, entry_hash_hex, ret_problem, problem_size);
}

struct ctl_chain_result ctl_chain_result(const struct ctl_chain *chain)
{
    return chain->result;
}

uint64_t ctl_chain_length(const struct ctl_chain *chain, const struct dsp_uuid *case_id)
{
    const struct head *head = find(chain, case_id);
    return head ? head->sequence : 0;
}
