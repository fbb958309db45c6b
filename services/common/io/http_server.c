#include "common/io/http_server.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"

struct dsp_http_server {
    struct evhttp *http;
    dsp_http_handler_fn handler;
    void *arg;
};

static void on_request(struct evhttp_request *request, void *arg)
{
    struct dsp_http_server *server = arg;
    const char *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    server->handler(server->arg, request, path ? path : "/");
}

struct dsp_err dsp_http_server_new(struct event_base *base, const char *address, dsp_http_handler_fn handler, void *arg,
                                   struct dsp_http_server **ret_server)
{
    char host[128];
    int port = 0;
    if (sscanf(address, "%127[^:]:%d", host, &port) != 2 || port <= 0 || port > 65535) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "\"%s\" is not host:port", address);
    }
    struct dsp_http_server *server = calloc(1, sizeof *server);
    if (!server) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    *server = (struct dsp_http_server){evhttp_new(base), handler, arg};
    if (!server->http || evhttp_bind_socket(server->http, host, (uint16_t)port) != 0) {
        dsp_http_server_free(server);
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "cannot listen on %s", address);
    }
    evhttp_set_max_body_size(server->http, DSP_HTTP_REQUEST_MAX);
    evhttp_set_max_headers_size(server->http, 16384);
    evhttp_set_timeout(server->http, 10);
    evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST);
    evhttp_set_gencb(server->http, on_request, server);
    *ret_server = server;
    return dsp_ok();
}

void dsp_http_server_free(struct dsp_http_server *server)
{
    if (!server) {
        return;
    }
    if (server->http) {
        evhttp_free(server->http);
    }
    free(server);
}

struct dsp_str dsp_http_body(struct evhttp_request *request)
{
    struct evbuffer *in = evhttp_request_get_input_buffer(request);
    size_t size = evbuffer_get_length(in);
    return (struct dsp_str){size ? (const char *)evbuffer_pullup(in, -1) : NULL, size};
}

struct dsp_str dsp_http_header(struct evhttp_request *request, const char *name)
{
    return dsp_str_from(evhttp_find_header(evhttp_request_get_input_headers(request), name));
}

void dsp_http_answer_text(struct evhttp_request *request, int status, const char *type, struct dsp_str body)
{
    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", type);
    evbuffer_add(evhttp_request_get_output_buffer(request), body.ptr, body.len);
    evhttp_send_reply(request, status, status < 300 ? "OK" : "Error", NULL);
}

void dsp_http_answer_json(struct evhttp_request *request, int status, json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    dsp_http_answer_text(request, status, "application/json", dsp_str_from(text));
    free(text);
}

void dsp_http_answer_error(struct evhttp_request *request, int status, const char *code, const char *message)
{
    dsp_http_answer_json(request, status, json_pack("{s:s,s:s}", "code", code, "message", message));
}
