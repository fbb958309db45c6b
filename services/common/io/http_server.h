/* A small HTTP server on the event loop: admin port and doors. Loop thread only. */
#ifndef DSP_HTTP_SERVER_H
#define DSP_HTTP_SERVER_H

#include <event2/event.h>
#include <event2/http.h>
#include <jansson.h>

#include "common/base/err.h"
#include "common/base/str.h"

struct dsp_http_server; /* opaque */

#define DSP_HTTP_REQUEST_MAX (1024 * 1024)

/* A request stays valid until it is answered, once, with one of the functions below. */
typedef void (*dsp_http_handler_fn)(void *arg, struct evhttp_request *request, const char *path);

/* Listens on "host:port". FATAL: the address is wrong or taken. */
DSP_MUST_USE struct dsp_err dsp_http_server_new(struct event_base *base, const char *address,
                                                dsp_http_handler_fn handler, void *arg,
                                                struct dsp_http_server **ret_server);
void dsp_http_server_free(struct dsp_http_server *server); /* NULL is fine */

/* Body as received; borrowed until the answer. */
struct dsp_str dsp_http_body(struct evhttp_request *request);
struct dsp_str dsp_http_header(struct evhttp_request *request, const char *name);
void dsp_http_answer_text(struct evhttp_request *request, int status, const char *type, struct dsp_str body);
/* Takes over the reference. */
void dsp_http_answer_json(struct evhttp_request *request, int status, json_t *body);
/* {"code": …, "message": …} */
void dsp_http_answer_error(struct evhttp_request *request, int status, const char *code, const char *message);

#endif
