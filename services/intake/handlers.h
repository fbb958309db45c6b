/* What intake does with each input: load, decide, save with what goes out. */
#ifndef INTAKE_HANDLERS_H
#define INTAKE_HANDLERS_H

#include "common/service/service.h"

/* `self` of the service. */
struct intake {
    struct dsp_service *service;
    int64_t marked_ms[64]; /* per lane, monotonic: when the last TimeMarks went out */
};

struct dsp_err intake_start(void *self, struct dsp_service *service);
struct dsp_err intake_decode(void *self, struct dsp_turn *turn, struct dsp_record *record);
struct dsp_err intake_handle(void *self, struct dsp_turn *turn, struct dsp_record *record);
struct dsp_err intake_skip(void *self, struct dsp_turn *turn, const struct dsp_record *record);

#endif
