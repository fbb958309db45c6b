/* The mini-program server API and the merchant's webhook: requests and answers (WECHAT.md, section 5).
 * Real time only. Loop thread only. */
#ifndef NTF_OUTSIDE_H
#define NTF_OUTSIDE_H

#include "common/base/config.h"
#include "notification/store.h"

/* What a job asks for next; `mode` of the job. */
enum ntf_mode {
    NTF_MODE_SEND = 1,   /* the message */
    NTF_MODE_TOKEN,      /* an access token first */
    NTF_MODE_SEND_FRESH, /* the message, under a token just fetched: told that it is invalid, it backs off */
};
#define NTF_CALL_SUBSCRIPTION "subscription"
#define NTF_CALL_WEBHOOK "webhook"

struct ntf_settings {
    const char *mini_program_url;
    const char *appid;
    const char *secret;
    const char *templates;   /* "heshi-paper=ID,…"; NULL: the names are the ids */
    const char *webhook_url; /* NULL: no webhook rung */
    const char *webhook_secret;
};
extern const struct dsp_setting NTF_SETTINGS[];

/* The access token of this process; never stored. */
struct ntf_token {
    char text[512 + 1];
    int64_t ends_ms; /* monotonic */
};
bool ntf_token_fresh(const struct ntf_token *token);
void ntf_token_forget(struct ntf_token *token);
/* Keeps the token of an answer of stable_token; false: it holds none. */
bool ntf_token_keep(struct ntf_token *token, int status, struct dsp_str body);

/* Id of a template at this mini-program. Borrowed from settings or static. */
struct dsp_str ntf_template_id(const struct ntf_settings *settings, enum ntf_template template);

/* What a job keeps of a message: the same bytes on every attempt. Both live in `arena`; the openid goes in sealed. */
DSP_MUST_USE struct dsp_err ntf_subscription_argument(struct dsp_arena *arena, const struct ntf_settings *settings,
                                                      const struct ntf_case_row *row,
                                                      const struct ntf_delivery_row *delivery, struct dsp_str title,
                                                      struct dsp_str *ret_argument);
DSP_MUST_USE struct dsp_err ntf_webhook_argument(struct dsp_arena *arena, const struct ntf_case_row *row,
                                                 const struct ntf_delivery_row *delivery, struct dsp_str title,
                                                 struct dsp_str *ret_argument);
/* The packed openid inside a subscription job's argument. */
DSP_MUST_USE struct dsp_err ntf_argument_openid(struct dsp_arena *arena, struct dsp_str argument,
                                                struct dsp_str *ret_packed);

DSP_MUST_USE struct dsp_err ntf_token_call(struct dsp_arena *arena, const struct ntf_settings *settings,
                                           struct dsp_call *ret_call);
DSP_MUST_USE struct dsp_err ntf_subscription_call(struct dsp_arena *arena, const struct ntf_settings *settings,
                                                  const struct ntf_token *token, struct dsp_str argument,
                                                  struct dsp_str openid, struct dsp_call *ret_call);
/* Signed anew on each attempt: t is real time. */
DSP_MUST_USE struct dsp_err ntf_webhook_call(struct dsp_arena *arena, const struct ntf_settings *settings,
                                             struct dsp_str number, struct dsp_str argument, int64_t real_ms,
                                             struct dsp_call *ret_call);

/* errcode of an answer of the API; false: it is none. */
bool ntf_read_errcode(struct dsp_str body, int64_t *ret_errcode);

#endif
