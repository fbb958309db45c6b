/* HTTP to the services' admin ports and to the stand-ins. Connections are kept. One thread.
 *   HESHI_ADMIN      intake=127.0.0.1:7001,sla=127.0.0.1:7002,…  the same name may stand several times
 *   HESHI_STANDINS   wechat_pay=http://127.0.0.1:9001,…
 *   ADMIN_READ_TOKEN, ADMIN_WRITE_TOKEN or …_FILE */
#ifndef CTL_ADMIN_H
#define CTL_ADMIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"

struct ctl_admin; /* opaque */

/* Reads the environment; an unset variable is an empty list and only an error for who needs it.
 * FATAL CONFIG_INVALID: a variable that cannot be read. */
DSP_MUST_USE struct dsp_err ctl_admin_new(struct ctl_admin **ret_admin);
void ctl_admin_free(struct ctl_admin *admin); /* NULL is fine */

/* Instances in the order of HESHI_ADMIN. */
size_t ctl_admin_count(const struct ctl_admin *admin);
const char *ctl_admin_name(const struct ctl_admin *admin, size_t index);
/* REJECT CONFIG_INVALID when HESHI_ADMIN is empty: "HESHI_ADMIN is not set: …". */
DSP_MUST_USE struct dsp_err ctl_admin_require(const struct ctl_admin *admin);

/* What one instance answered. */
struct ctl_answer {
    int status;    /* 0: no answer */
    json_t *body;  /* owned; NULL: no JSON */
    char why[256]; /* with status 0, or the error body's code and sentence */
};
void ctl_answer_fini(struct ctl_answer *answer);

/* The first instance of that name. GET takes the read token, POST the write token; `body` may be NULL.
 * RETRY SYSTEM_FAILED: it does not answer (5 s). REJECT: a status other than 2xx, with its code and sentence;
 * `ret_body` (may be NULL) is a new reference, given on success only. */
DSP_MUST_USE struct dsp_err ctl_admin_get(struct ctl_admin *admin, const char *service, const char *path,
                                          json_t **ret_body);
DSP_MUST_USE struct dsp_err ctl_admin_post(struct ctl_admin *admin, const char *service, const char *path,
                                           const json_t *body, json_t **ret_body);
/* Asks all instances at the same time; `answers` has ctl_admin_count() members, each to be finished. */
void ctl_admin_get_all(struct ctl_admin *admin, const char *path, int timeout_ms, struct ctl_answer *ret_answers);

/* A stand-in: method "GET" or "POST", path with query. 10 s (a callback is delivered inside the call).
 * REJECT CONFIG_INVALID: HESHI_STANDINS does not name it. */
DSP_MUST_USE struct dsp_err ctl_standin_call(struct ctl_admin *admin, const char *standin, const char *method,
                                             const char *path, const json_t *body, json_t **ret_body);
bool ctl_standin_known(const struct ctl_admin *admin, const char *standin);

#endif
