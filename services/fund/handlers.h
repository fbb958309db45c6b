/* What fund does with each input: load, decide, save with what goes out. */
#ifndef FUND_HANDLERS_H
#define FUND_HANDLERS_H

#include "common/service/service.h"
#include "fund/rails/wechat_sign.h"

struct fund_settings {
    const char *base_url;
    const char *mchid;
    const char *appid;
    const char *serial;
    const char *private_key_file;
    const char *platform_serial;
    const char *platform_key_file;
    const char *apiv3_key;
    const char *notify_url;
    const char *webhook_secret;
};
extern const struct dsp_setting FUND_SETTINGS[];

/* `self` of the service. */
struct fund {
    struct dsp_service *service;
    struct fund_settings settings;
    struct fund_sign *sign;
};

struct dsp_err fund_start(void *self, struct dsp_service *service);
struct dsp_err fund_decode(void *self, struct dsp_turn *turn, struct dsp_record *record);
struct dsp_err fund_handle(void *self, struct dsp_turn *turn, struct dsp_record *record);
struct dsp_err fund_call(void *self, struct dsp_arena *arena, const struct dsp_job *job, struct dsp_call *ret_call);
bool fund_check_answer(void *self, const struct dsp_job *job, const struct dsp_response_headers *headers, int status,
                       struct dsp_str body);

/* Doors. */
struct dsp_err fund_accept_wechatpay(void *self, struct dsp_arena *arena, struct evhttp_request *request,
                                     struct dsp_str rest_of_path, struct dsp_str body,
                                     struct dsp_door_record *ret_record);
struct dsp_err fund_accept_settlement(void *self, struct dsp_arena *arena, struct evhttp_request *request,
                                      struct dsp_str rest_of_path, struct dsp_str body,
                                      struct dsp_door_record *ret_record);

#endif
