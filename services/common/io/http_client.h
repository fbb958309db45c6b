/* HTTP requests on the event loop (libcurl). Loop thread only. */
#ifndef DSP_HTTP_CLIENT_H
#define DSP_HTTP_CLIENT_H

#include <event2/event.h>

#include "common/io/lane.h"

#define DSP_HTTP_BODY_MAX (64 * 1024)
#define DSP_HTTP_IN_FLIGHT_MAX 256

struct dsp_http; /* opaque */

/* Header of an answer by name (any case); empty view when absent. */
struct dsp_str dsp_response_header(const struct dsp_response_headers *headers, const char *name);

/* status 0: no answer (connection refused or lost, time-out, too large). Views are borrowed for the call. */
typedef void (*dsp_http_done_fn)(void *arg, int status, const struct dsp_response_headers *headers,
                                 struct dsp_str body);

struct dsp_http *dsp_http_new(struct event_base *base); /* NULL: out of memory */
void dsp_http_free(struct dsp_http *http);              /* requests in flight are dropped; NULL is fine */
/* RETRY: too many in flight or out of memory, on_done is not called then. Copies what it needs. */
DSP_MUST_USE struct dsp_err dsp_http_send(struct dsp_http *http, const struct dsp_call *call, dsp_http_done_fn on_done,
                                          void *arg);

#endif
