/* What investigation does with each input: load, decide, save with what goes out. */
#ifndef INV_HANDLERS_H
#define INV_HANDLERS_H

#include "common/service/service.h"

/* `self` of the service. */
struct inv {
    struct dsp_service *service;
};

struct dsp_err inv_start(void *self, struct dsp_service *service);
struct dsp_err inv_decode(void *self, struct dsp_turn *turn, struct dsp_record *record);
struct dsp_err inv_handle(void *self, struct dsp_turn *turn, struct dsp_record *record);

#endif
