#ifndef INTAKE_TEST_ALLOWED_H
#define INTAKE_TEST_ALLOWED_H

#include <string.h>

#include "intake/domain.h"
#include "support/cmocka_all.h"

/* What is listed is refused, if at all, for what the command says; and whatever would be taken is listed, but for an
 * answer to an offer that is not there, which sla refuses. */
static void check_allowed(const struct intake_case *c, int64_t now_ms, int32_t role, const char *who)
{
    struct intake_allowed list[32];
    struct intake_input input = {.role = role, .actor_id = dsp_str_from(who), .time_ms = now_ms};
    size_t count = intake_allowed_actions(c, &input, list, 32);
    input.source = role == ROLE_CONSUMER || role == ROLE_MERCHANT ? SOURCE_GW : SOURCE_CON;
    for (int trigger = 1; trigger < TRIGGER_COUNT; trigger++) {
        const struct intake_row *row;
        const char *guard;
        bool listed = false;
        bool of_offer = trigger == TRIGGER_ACCEPT_OFFER || trigger == TRIGGER_COUNTER_OFFER;
        input.trigger = (enum intake_trigger)trigger;
        for (size_t i = 0; i < count; i++) {
            listed = listed || list[i].action == intake_trigger_name(trigger);
        }
        enum intake_refusal refusal = intake_would(c, &input, &row, &guard);
        bool of_content = false;
        for (size_t i = 0; guard && i < INTAKE_MACHINE_ROWS; i++) {
            for (size_t g = 0; g < INTAKE_ROW_GUARDS && INTAKE_MACHINE[i].guards[g]; g++) {
                const struct intake_guard *one = INTAKE_MACHINE[i].guards[g];
                of_content = of_content || (strcmp(one->name, guard) == 0 && one->of_content);
            }
        }
        if ((refusal == REFUSAL_NONE) != listed && !of_content && !of_offer) {
            fail_msg("%s by %s: listed %d, refusal %d (%s)", intake_trigger_name(trigger), who, listed, (int)refusal,
                     guard ? guard : "-");
        }
    }
}

#endif
