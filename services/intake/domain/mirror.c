/* The mirror of sla's clocks: what its findings tell the docket about due times, pauses and moves. */
#include "intake/domain/rooms.h"

static struct intake_clock *mirror(struct intake_case *c, const struct intake_clock *of)
{
    for (size_t i = 0; i < c->clock_count; i++) {
        struct intake_clock *clock = &c->clocks[i];
        if (clock->kind == of->kind && clock->side == of->side && clock->cause == of->cause) {
            return clock;
        }
    }
    return NULL;
}

static void mirror_armed(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)draft;
    for (size_t i = 0; i < input->armed_count; i++) {
        struct intake_clock *clock = mirror(c, &input->armed[i]);
        if (clock && clock->state != MIRROR_ENDED) { /* one that has ended needs no due time any more */
            clock->due_ms = input->armed[i].due_ms;
            clock->generation = input->armed[i].generation;
        }
    }
}
EFFECT(EFFECT_MIRROR_ARMED, "due times of clocks still live", mirror_armed);

static void mirror_moved(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)draft;
    struct intake_clock *clock = mirror(c, &input->clock);
    if (clock && clock->state != MIRROR_ENDED) {
        clock->due_ms = input->clock.due_ms;
        clock->generation = input->clock.generation;
    }
}
EFFECT(EFFECT_MIRROR_MOVED, "due time moved", mirror_moved);

static void mirror_paused(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)draft;
    struct intake_clock *clock = mirror(c, &input->clock);
    if (clock && clock->state != MIRROR_ENDED) {
        clock->generation = input->clock.generation; /* that it stands, the docket has said itself */
    }
}
EFFECT(EFFECT_MIRROR_PAUSED, "pause counted", mirror_paused);

static void mirror_resumed(struct intake_case *c, const struct intake_input *input, struct intake_draft *draft)
{
    (void)draft;
    struct intake_clock *clock = mirror(c, &input->clock);
    if (clock && clock->state != MIRROR_ENDED) {
        clock->due_ms = input->clock.due_ms;
        clock->generation = input->clock.generation;
    }
}
EFFECT(EFFECT_MIRROR_RESUMED, "due time after the pause", mirror_resumed);
