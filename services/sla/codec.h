/* Generated messages ↔ domain structs of sla. The only file pair of the service that sees generated names. */
#ifndef SLA_CODEC_H
#define SLA_CODEC_H

#include "common/service/platform.h"
#include "sla/store.h"

/* One thing that a log entry does to a clock. */
struct sla_order {
    bool start; /* else `input` */
    enum sla_input input;
    int32_t kind, side;
    int64_t cause;
    int64_t from_ms;
    bool short_budget;
};

/* What sla needs of a log entry. Lives in the turn's arena. */
struct sla_entry {
    const Disputes__Case__V1__Entry *entry; /* for dsp_head_advance */
    int64_t sequence;
    int64_t time_ms;
    struct sla_order *orders;
    size_t order_count;
};

/* Sets record->input to a struct sla_entry, or leaves it NULL when the record concerns no follower. */
DSP_MUST_USE struct dsp_err sla_decode_entry(struct dsp_turn *turn, struct dsp_record *record);

/* The budget of a clock in a pinned policy, and the pinned calendar. RETRY NOT_READY: not read yet. */
struct sla_policy {
    const Disputes__Platform__V1__State *policy;
    const struct dsp_calendar *calendar;
};
DSP_MUST_USE struct dsp_err sla_policy_find(const struct dsp_platforms *platforms, struct dsp_arena *arena,
                                            struct dsp_str platform_id, int64_t policy_version,
                                            int64_t calendar_version, struct sla_policy *ret_policy);
/* The platform's own budget, else the start value; NULL: no such clock. */
const struct sla_budget *sla_policy_budget(const struct sla_policy *policy, struct dsp_arena *arena, int32_t kind);

/* Findings. Each publishes one record about the case. */
DSP_MUST_USE struct dsp_err sla_say_armed(struct dsp_turn *turn, struct sla_case_row *row, int64_t answers,
                                          struct sla_clock_row *const *clocks, size_t count, int64_t time_ms);
DSP_MUST_USE struct dsp_err sla_say_rung(struct dsp_turn *turn, struct sla_case_row *row,
                                         const struct sla_clock_row *clock, int percent, int64_t time_ms);
DSP_MUST_USE struct dsp_err sla_say_breached(struct dsp_turn *turn, struct sla_case_row *row,
                                             const struct sla_clock_row *clock, int64_t time_ms);
DSP_MUST_USE struct dsp_err sla_say_paused(struct dsp_turn *turn, struct sla_case_row *row, int64_t answers,
                                           const struct sla_clock_row *clock, int64_t time_ms);
DSP_MUST_USE struct dsp_err sla_say_resumed(struct dsp_turn *turn, struct sla_case_row *row, int64_t answers,
                                            const struct sla_clock_row *clock, int64_t time_ms);

#endif
