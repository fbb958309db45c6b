/* What sla does with each input: load, decide, save with what goes out. */
#ifndef SLA_HANDLERS_H
#define SLA_HANDLERS_H

#include "common/service/service.h"

/* `self` of the service. */
struct sla {
    struct dsp_service *service;
};

struct dsp_err sla_start(void *self, struct dsp_service *service);
struct dsp_err sla_decode(void *self, struct dsp_turn *turn, struct dsp_record *record);
struct dsp_err sla_handle(void *self, struct dsp_turn *turn, struct dsp_record *record);

#endif
