/* What notification does with each input: load, decide, save with what goes out. */
#ifndef NTF_HANDLERS_H
#define NTF_HANDLERS_H

#include "common/service/service.h"
#include "notification/outside.h"

/* Indexes into the topics of main.c. */
enum { NTF_TOPIC_LOG, NTF_TOPIC_INBOUND };

/* `self` of the service. */
struct notification {
    struct dsp_service *service;
    struct ntf_settings settings;
    struct ntf_token token;
};

struct dsp_err ntf_start(void *self, struct dsp_service *service);
struct dsp_err ntf_decode(void *self, struct dsp_turn *turn, struct dsp_record *record);
struct dsp_err ntf_handle(void *self, struct dsp_turn *turn, struct dsp_record *record);
struct dsp_err ntf_call(void *self, struct dsp_arena *arena, const struct dsp_job *job, struct dsp_call *ret_call);

#endif
