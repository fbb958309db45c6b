#include "sla/codec.h"

#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputes/sla/v1/finding.pb-c.h"

_Static_assert((int)SLA_KIND_RETAIN == (int)DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_RETAIN,
               "sla_kind follows disputes.common.v1.ClockKind");

static const struct dsp_follower SLA = {
    .topic = "disputes.sla.finding.v1",
    .source = "/disputes/sla",
    .type = "cn.example.disputes.sla.finding.v1",
    .schema = "urn:proto:disputes.sla.v1.Finding",
};

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "sla message");
}

static bool order_of(const Disputes__Case__V1__ClockEffect *effect, struct sla_order *ret_order)
{
    struct sla_order order = {.kind = (int32_t)effect->clock->kind,
                              .side = (int32_t)effect->clock->side,
                              .cause = (int64_t)effect->clock->cause_sequence,
                              .from_ms = effect->from_time_millis,
                              .short_budget = effect->short_budget,
                              .own_budget_ms = effect->budget_millis};
    switch (effect->op) {
    case DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_START:
        order.start = true;
        break;
    case DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_MEET:
        order.input = SLA_INPUT_MEET;
        break;
    case DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_CANCEL:
        order.input = SLA_INPUT_CANCEL;
        break;
    case DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_PAUSE:
        order.input = SLA_INPUT_PAUSE;
        break;
    case DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_RESUME:
        order.input = SLA_INPUT_RESUME;
        break;
    case DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_BREACH:
        order.input = SLA_INPUT_BREACH;
        break;
    case DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_UNSPECIFIED:
    default:
        return false;
    }
    *ret_order = order;
    return true;
}

/* A refused breach of ours, OfferExpired among them: the entry carries the finding that was refused. */
static bool refused_breach(const Disputes__Case__V1__Entry *entry, struct sla_order *ret_order)
{
    if (entry->type != DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING_REFUSED ||
        entry->content_case != DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING) {
        return false;
    }
    const Disputes__Sla__V1__Finding *finding = entry->sla_finding;
    const Disputes__Sla__V1__ClockDue *due = NULL;
    if (finding->finding_case == DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED) {
        due = finding->clock_breached->clock;
    } else if (finding->finding_case == DISPUTES__SLA__V1__FINDING__FINDING_OFFER_EXPIRED) {
        due = finding->offer_expired->clock;
    }
    if (!due || !due->clock) {
        return false;
    }
    *ret_order = (struct sla_order){.input = SLA_INPUT_REFUSED,
                                    .kind = (int32_t)due->clock->kind,
                                    .side = (int32_t)due->clock->side,
                                    .cause = (int64_t)due->clock->cause_sequence};
    return true;
}

struct dsp_err sla_decode_entry(struct dsp_turn *turn, struct dsp_record *record)
{
    const Disputes__Case__V1__Entry *entry;
    DSP_TRY(dsp_entry_read(turn, record, &entry));
    if (!entry || dsp_entry_tells_time(entry)) {
        return dsp_ok(); /* it has said so itself */
    }
    struct sla_entry *input = dsp_arena_alloc(turn->arena, sizeof *input);
    struct sla_order *orders = dsp_arena_alloc(turn->arena, (entry->n_clocks + 1) * sizeof *orders);
    if (!input || !orders) {
        return full();
    }
    *input = (struct sla_entry){
        .entry = entry, .sequence = (int64_t)entry->sequence, .time_ms = entry->time_millis, .orders = orders};
    for (size_t i = 0; i < entry->n_clocks; i++) {
        if (!entry->clocks[i]->clock || !order_of(entry->clocks[i], &orders[input->order_count++])) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "clock effect %zu", i);
        }
    }
    if (refused_breach(entry, &orders[input->order_count])) {
        input->order_count++;
    }
    DSP_TRY(sla_decode_offers(turn, input));
    record->input = input;
    return dsp_ok();
}

/* --- policy --- */

struct dsp_err sla_policy_find(const struct dsp_platforms *platforms, struct dsp_arena *arena,
                               struct dsp_str platform_id, int64_t policy_version, int64_t calendar_version,
                               struct sla_policy *ret_policy)
{
    struct sla_policy policy = {0};
    const Disputes__Platform__V1__State *calendar;
    if (policy_version) {
        policy.policy = dsp_platforms_version(platforms, platform_id, DISPUTES__PLATFORM__V1__STATE__PART_POLICY,
                                              (uint64_t)policy_version);
        if (!policy.policy) {
            return dsp_retry(DSP_CODE_NOT_READY, "policy %lld has not been read yet", (long long)policy_version);
        }
    }
    if (calendar_version) {
        calendar = dsp_platforms_version(platforms, platform_id, DISPUTES__PLATFORM__V1__STATE__PART_CALENDAR,
                                         (uint64_t)calendar_version);
        if (!calendar) {
            return dsp_retry(DSP_CODE_NOT_READY, "calendar %lld has not been read yet", (long long)calendar_version);
        }
        DSP_TRY(dsp_platform_calendar(arena, calendar, &policy.calendar));
    }
    *ret_policy = policy;
    return dsp_ok();
}

const struct sla_budget *sla_policy_budget(const struct sla_policy *policy, struct dsp_arena *arena, int32_t kind)
{
    const Disputes__Platform__V1__Policy *own = policy->policy ? policy->policy->policy : NULL;
    for (size_t i = 0; own && i < own->n_budgets; i++) {
        const Disputes__Platform__V1__ClockBudget *from = own->budgets[i];
        if ((int32_t)from->kind == kind && from->budget_millis > 0) {
            struct sla_budget *budget = dsp_arena_alloc(arena, sizeof *budget);
            if (budget) {
                *budget = (struct sla_budget){from->budget_millis, from->short_budget_millis,
                                              from->time ? (enum sla_time)from->time : SLA_TIME_WALL};
            }
            return budget;
        }
    }
    return sla_start_budget((enum sla_kind)kind);
}

/* --- findings --- */

char *sla_text(struct dsp_turn *turn, struct dsp_str text)
{
    return (char *)(uintptr_t)dsp_arena_copy(turn->arena, text).ptr;
}

static void fill_ref(const struct sla_clock_row *clock, Disputes__Common__V1__ClockRef *ref)
{
    disputes__common__v1__clock_ref__init(ref);
    ref->kind = (Disputes__Common__V1__ClockKind)clock->kind;
    ref->side = (Disputes__Common__V1__Role)clock->side;
    ref->cause_sequence = (uint64_t)clock->cause;
}

static void fill_due(const struct sla_clock_row *clock, Disputes__Sla__V1__ClockDue *due,
                     Disputes__Common__V1__ClockRef *ref)
{
    disputes__sla__v1__clock_due__init(due);
    fill_ref(clock, ref);
    due->clock = ref;
    due->clock_generation = (uint32_t)clock->clock.generation;
    due->due_time_millis = clock->clock.due_ms;
    due->budget_millis = clock->clock.budget_ms;
}

struct dsp_err sla_say(struct dsp_turn *turn, struct sla_case_row *row, Disputes__Sla__V1__Finding *finding,
                       int64_t answers, int64_t time_ms)
{
    finding->answers_sequence = (uint64_t)answers;
    finding->generation = (uint32_t)row->head.generation;
    return dsp_finding_emit(turn, &SLA, &row->head, &finding->base, time_ms);
}

struct dsp_err sla_say_armed(struct dsp_turn *turn, struct sla_case_row *row, int64_t answers,
                             struct sla_clock_row *const *clocks, size_t count, int64_t time_ms)
{
    Disputes__Sla__V1__Finding finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Sla__V1__ClocksArmed armed = DISPUTES__SLA__V1__CLOCKS_ARMED__INIT;
    Disputes__Sla__V1__ClockDue *dues = dsp_arena_alloc(turn->arena, count * sizeof *dues);
    Disputes__Sla__V1__ClockDue **list = dsp_arena_alloc(turn->arena, count * sizeof *list);
    Disputes__Common__V1__ClockRef *refs = dsp_arena_alloc(turn->arena, count * sizeof *refs);
    if (!dues || !list || !refs) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        fill_due(clocks[i], &dues[i], &refs[i]);
        list[i] = &dues[i];
    }
    armed.clocks = list;
    armed.n_clocks = count;
    finding.finding_case = DISPUTES__SLA__V1__FINDING__FINDING_CLOCKS_ARMED;
    finding.clocks_armed = &armed;
    return sla_say(turn, row, &finding, answers, time_ms);
}

struct dsp_err sla_say_rung(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_clock_row *clock,
                            int percent, int64_t time_ms)
{
    Disputes__Sla__V1__Finding finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Sla__V1__ClockRungReached rung = DISPUTES__SLA__V1__CLOCK_RUNG_REACHED__INIT;
    Disputes__Sla__V1__ClockDue due;
    Disputes__Common__V1__ClockRef ref;
    fill_due(clock, &due, &ref);
    rung.clock = &due;
    rung.percent = percent;
    finding.finding_case = DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_RUNG_REACHED;
    finding.clock_rung_reached = &rung;
    return sla_say(turn, row, &finding, clock->cause, time_ms);
}

static const struct dsp_metric MISSED = {"dispute_sla_deadlines_missed_total",
                                         DSP_METRIC_COUNTER,
                                         "Clocks that ran out, once the log has it; stage: where the case stood; side "
                                         "says whose: SYSTEM, AGENT, REVIEWER and "
                                         "PANEL are ours.",
                                         {"stage", "clock", "side"}};
static const struct dsp_metric MISSED_DELAY = {
    "dispute_sla_timer_delay_seconds",
    DSP_METRIC_HISTOGRAM,
    "From the due time of a clock that ran out to the finding that says so, domain time; acts that wait hold it back.",
    {"stage"}};

void sla_count_missed(struct dsp_turn *turn, const struct sla_entry *entry, const struct sla_clock_row *clock)
{
    const struct dsp_str labels[] = {
        dsp_str_from(dsp_enum_name(&disputes__common__v1__stage__descriptor, entry->entry->stage_before)),
        dsp_str_from(dsp_enum_name(&disputes__common__v1__clock_kind__descriptor, clock->kind)),
        dsp_str_from(dsp_enum_name(&disputes__common__v1__role__descriptor, clock->side))};
    dsp_count(turn, &MISSED, 1, labels);
    dsp_count(turn, &MISSED_DELAY, entry->time_ms - clock->clock.due_ms, labels);
}

struct dsp_err sla_say_breached(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_clock_row *clock,
                                int64_t time_ms)
{
    Disputes__Sla__V1__Finding finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Sla__V1__ClockBreached breached = DISPUTES__SLA__V1__CLOCK_BREACHED__INIT;
    Disputes__Sla__V1__ClockDue due;
    Disputes__Common__V1__ClockRef ref;
    fill_due(clock, &due, &ref);
    breached.clock = &due;
    finding.finding_case = DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED;
    finding.clock_breached = &breached;
    return sla_say(turn, row, &finding, clock->cause, time_ms);
}

struct dsp_err sla_say_paused(struct dsp_turn *turn, struct sla_case_row *row, int64_t answers,
                              const struct sla_clock_row *clock, int64_t time_ms)
{
    Disputes__Sla__V1__Finding finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Sla__V1__ClockPaused paused = DISPUTES__SLA__V1__CLOCK_PAUSED__INIT;
    Disputes__Common__V1__ClockRef ref;
    fill_ref(clock, &ref);
    paused.clock = &ref;
    paused.clock_generation = (uint32_t)clock->clock.generation;
    paused.used_millis = clock->clock.used_ms;
    finding.finding_case = DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_PAUSED;
    finding.clock_paused = &paused;
    return sla_say(turn, row, &finding, answers, time_ms);
}

struct dsp_err sla_say_resumed(struct dsp_turn *turn, struct sla_case_row *row, int64_t answers,
                               const struct sla_clock_row *clock, int64_t time_ms)
{
    Disputes__Sla__V1__Finding finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Sla__V1__ClockResumed resumed = DISPUTES__SLA__V1__CLOCK_RESUMED__INIT;
    Disputes__Sla__V1__ClockDue due;
    Disputes__Common__V1__ClockRef ref;
    fill_due(clock, &due, &ref);
    resumed.clock = &due;
    finding.finding_case = DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_RESUMED;
    finding.clock_resumed = &resumed;
    return sla_say(turn, row, &finding, answers, time_ms);
}

struct dsp_err sla_say_expired(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_clock_row *clock,
                               struct dsp_str offer_id, int64_t time_ms)
{
    Disputes__Sla__V1__Finding finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Sla__V1__OfferExpired expired = DISPUTES__SLA__V1__OFFER_EXPIRED__INIT;
    Disputes__Sla__V1__ClockDue due;
    Disputes__Common__V1__ClockRef ref;
    fill_due(clock, &due, &ref);
    expired.offer_id = sla_text(turn, offer_id);
    if (!expired.offer_id) {
        return full();
    }
    expired.clock = &due;
    finding.finding_case = DISPUTES__SLA__V1__FINDING__FINDING_OFFER_EXPIRED;
    finding.offer_expired = &expired;
    return sla_say(turn, row, &finding, clock->cause, time_ms);
}
