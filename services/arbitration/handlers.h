/* What arbitration does with each input: load, decide, save with what goes out. */
#ifndef ARB_HANDLERS_H
#define ARB_HANDLERS_H

#include "arbitration/institution.h"
#include "common/service/service.h"

/* Input topics, in the order of main.c. */
enum { ARB_TOPIC_LOG, ARB_TOPIC_INBOUND };

/* `self` of the service. */
struct arb {
    struct arb_settings settings;
    struct dsp_service *service;
    struct arb_institution *institution;
};

struct dsp_err arb_start(void *self, struct dsp_service *service);
struct dsp_err arb_decode(void *self, struct dsp_turn *turn, struct dsp_record *record);
struct dsp_err arb_handle(void *self, struct dsp_turn *turn, struct dsp_record *record);
struct dsp_err arb_call(void *self, struct dsp_arena *arena, const struct dsp_job *job, struct dsp_call *ret_call);
/* The door /institution/. */
struct dsp_err arb_accept(void *self, struct dsp_arena *arena, struct evhttp_request *request,
                          struct dsp_str rest_of_path, struct dsp_str body, struct dsp_door_record *ret_record);

#endif
