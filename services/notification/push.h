/* From a decision of the ladder to jobs, timers and findings, and back from the answers of the outside. */
#ifndef NTF_PUSH_H
#define NTF_PUSH_H

#include "notification/handlers.h"
#include "notification/store.h"

/* One case in one turn. */
struct ntf_hand {
    struct notification *self;
    struct dsp_turn *turn;
    struct ntf_case_row *row;
    int64_t time_ms; /* of what is handled: goes into findings */
};

/* A message that was just told: pushed now, or in the morning when it is a reminder in quiet hours. `percent` of
 * a rung, 0 = none. */
DSP_MUST_USE struct dsp_err ntf_push_start(const struct ntf_hand *hand, struct ntf_delivery_row *delivery,
                                           int32_t percent);
/* A side has read it: opened in the docket or acknowledged. */
DSP_MUST_USE struct dsp_err ntf_push_read(const struct ntf_hand *hand, struct ntf_delivery_row *delivery,
                                          enum ntf_rung rung);
/* An outside call has ended. */
DSP_MUST_USE struct dsp_err ntf_push_answer(const struct ntf_hand *hand, const struct dsp_answer *answer);
/* Timer "retry:<side>": the same message once more. */
DSP_MUST_USE struct dsp_err ntf_push_retry(const struct ntf_hand *hand, const struct dsp_timer *timer,
                                           enum ntf_side side);
/* Timer "quiet:<side>": one push for every reminder that waited for the morning. */
DSP_MUST_USE struct dsp_err ntf_push_morning(const struct ntf_hand *hand, enum ntf_side side);

#endif
