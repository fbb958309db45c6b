#include "common/service/platform.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "common/service/message.h"

#define BUCKETS 1024
#define LEAD_MS (7 * DSP_DAY_MS) /* EC34-NOTICE: rules are published seven days before they count */

struct entry {
    Disputes__Platform__V1__State *state;
    struct entry *next; /* of the same bucket, oldest first */
};

struct dsp_platforms {
    struct entry *buckets[BUCKETS];
    struct dsp_arena *scratch;
};

struct dsp_platforms *dsp_platforms_new(void)
{
    struct dsp_platforms *platforms = calloc(1, sizeof *platforms);
    if (platforms) {
        platforms->scratch = dsp_arena_new(1u << 20);
        if (!platforms->scratch) {
            free(platforms);
            return NULL;
        }
    }
    return platforms;
}

void dsp_platforms_free(struct dsp_platforms *platforms)
{
    if (!platforms) {
        return;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        while (platforms->buckets[i]) {
            struct entry *entry = platforms->buckets[i];
            platforms->buckets[i] = entry->next;
            disputes__platform__v1__state__free_unpacked(entry->state, NULL);
            free(entry);
        }
    }
    dsp_arena_free(platforms->scratch);
    free(platforms);
}

static struct entry *const *bucket(const struct dsp_platforms *platforms, struct dsp_str platform_id)
{
    return &platforms->buckets[dsp_str_hash(platform_id) % BUCKETS];
}

/* Deposits and the opening book are several states of one part: the merchant tells them apart. */
static bool same_slot(const Disputes__Platform__V1__State *a, const Disputes__Platform__V1__State *b)
{
    if (a->part_case != b->part_case || strcmp(a->platform_id, b->platform_id) != 0) {
        return false;
    }
    return a->part_case != DISPUTES__PLATFORM__V1__STATE__PART_DEPOSIT ||
           strcmp(a->deposit->merchant_id, b->deposit->merchant_id) == 0;
}

struct dsp_err dsp_platforms_add(struct dsp_platforms *platforms, struct dsp_str value, int64_t published_ms)
{
    void *checked;
    bool first = true;
    dsp_arena_reset(platforms->scratch);
    DSP_TRY(dsp_message_unpack(platforms->scratch, &disputes__platform__v1__state__descriptor, value, &checked));
    Disputes__Platform__V1__State *state = disputes__platform__v1__state__unpack(NULL, value.len,
                                                                                 (const uint8_t *)value.ptr);
    if (!state || !state->platform_id[0] || !state->version || !state->part_case) {
        disputes__platform__v1__state__free_unpacked(state, NULL);
        return dsp_reject(DSP_CODE_FIELD_INVALID, "platform, version and part are required");
    }
    struct entry **at = &platforms->buckets[dsp_str_hash(dsp_str_from(state->platform_id)) % BUCKETS];
    for (; *at; at = &(*at)->next) {
        if (same_slot((*at)->state, state)) {
            first = false;
            if ((*at)->state->version == state->version) { /* published again */
                disputes__platform__v1__state__free_unpacked(state, NULL);
                return dsp_ok();
            }
        }
    }
    bool rules = state->part_case == DISPUTES__PLATFORM__V1__STATE__PART_POLICY ||
                 state->part_case == DISPUTES__PLATFORM__V1__STATE__PART_RULES;
    if (!first && rules && published_ms != DSP_PLATFORM_NO_NOTICE &&
        state->effective_time_millis < published_ms + LEAD_MS) {
        disputes__platform__v1__state__free_unpacked(state, NULL);
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a change of policy or rules needs seven days of notice");
    }
    *at = calloc(1, sizeof **at);
    if (!*at) {
        disputes__platform__v1__state__free_unpacked(state, NULL);
        return dsp_retry(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    (*at)->state = state;
    return dsp_ok();
}

const Disputes__Platform__V1__State *dsp_platforms_at(const struct dsp_platforms *platforms, struct dsp_str platform_id,
                                                      dsp_platform_part part, int64_t time_ms)
{
    const Disputes__Platform__V1__State *best = NULL;
    for (const struct entry *entry = *bucket(platforms, platform_id); entry; entry = entry->next) {
        const Disputes__Platform__V1__State *state = entry->state;
        if (state->part_case == part && dsp_str_is(platform_id, state->platform_id) &&
            state->effective_time_millis <= time_ms && (!best || state->version > best->version)) {
            best = state;
        }
    }
    return best;
}

const Disputes__Platform__V1__State *dsp_platforms_version(const struct dsp_platforms *platforms,
                                                           struct dsp_str platform_id, dsp_platform_part part,
                                                           uint64_t version)
{
    for (const struct entry *entry = *bucket(platforms, platform_id); entry; entry = entry->next) {
        const Disputes__Platform__V1__State *state = entry->state;
        if (state->part_case == part && state->version == version && dsp_str_is(platform_id, state->platform_id)) {
            return state;
        }
    }
    return NULL;
}

const Disputes__Platform__V1__State *dsp_platforms_each(const struct dsp_platforms *platforms,
                                                        struct dsp_str platform_id, size_t index)
{
    for (const struct entry *entry = *bucket(platforms, platform_id); entry; entry = entry->next) {
        if (dsp_str_is(platform_id, entry->state->platform_id) && index-- == 0) {
            return entry->state;
        }
    }
    return NULL;
}

struct dsp_err dsp_platform_calendar(struct dsp_arena *arena, const Disputes__Platform__V1__State *state,
                                     const struct dsp_calendar **ret_calendar)
{
    const Disputes__Platform__V1__Calendar *from = state->calendar;
    struct dsp_calendar *calendar = dsp_arena_alloc(arena, sizeof *calendar);
    struct dsp_calendar_exception *days = dsp_arena_alloc(arena, (from->n_exceptions + 1) * sizeof *days);
    if (!calendar || !days) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "calendar");
    }
    for (size_t i = 0; i < from->n_exceptions; i++) {
        days[i] = (struct dsp_calendar_exception){from->exceptions[i]->day, from->exceptions[i]->working};
    }
    struct dsp_calendar_source source = {.version = state->version,
                                         .exceptions = days,
                                         .exception_count = from->n_exceptions,
                                         .provisional_years = from->provisional_years,
                                         .provisional_count = from->n_provisional_years};
    DSP_TRY(dsp_calendar_init(calendar, &source));
    *ret_calendar = calendar;
    return dsp_ok();
}
