#include "common/io/http_client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/codes.h"

#define HEADERS_MAX 32
#define IDLE_MAX 32 /* handles that wait for the next call: making one costs as much as a call */
/* As many as jobs.c has calls on their way. By itself libcurl keeps four for each call in flight, so that after every
 * burst it closed most of them. */
#define CONNECTIONS_KEPT 128L

struct dsp_http {
    struct event_base *base;
    CURLM *multi;
    struct event *timeout;
    size_t in_flight;
    struct request *first;
    CURL *idle[IDLE_MAX];
    size_t idle_count;
};

struct dsp_response_headers {
    struct {
        char *name;
        char *value;
    } items[HEADERS_MAX];
    size_t count;
};

struct request {
    struct request *next;
    struct request **back; /* what points here; NULL while it is not in flight */
    struct dsp_http *http;
    CURL *easy;
    struct curl_slist *headers;
    char *body_out;
    char *body_in;
    size_t size_in;
    struct dsp_response_headers answer;
    dsp_http_done_fn on_done;
    void *arg;
};

struct dsp_str dsp_response_header(const struct dsp_response_headers *headers, const char *name)
{
    for (size_t i = 0; headers && i < headers->count; i++) {
        if (strcasecmp(headers->items[i].name, name) == 0) {
            return dsp_str_from(headers->items[i].value);
        }
    }
    return (struct dsp_str){NULL, 0};
}

static CURL *take_handle(struct dsp_http *http)
{
    return http->idle_count ? http->idle[--http->idle_count] : curl_easy_init();
}

/* Forgets everything that was set, secrets of headers included. Connections belong to the multi handle. */
static void give_back(struct dsp_http *http, CURL *easy)
{
    if (http->idle_count < IDLE_MAX) {
        curl_easy_reset(easy);
        http->idle[http->idle_count++] = easy;
    } else {
        curl_easy_cleanup(easy);
    }
}

static void request_free(struct request *request)
{
    if (request->back) {
        *request->back = request->next;
        if (request->next) {
            request->next->back = request->back;
        }
    }
    for (size_t i = 0; i < request->answer.count; i++) {
        free(request->answer.items[i].name);
    }
    if (request->easy) {
        give_back(request->http, request->easy);
    }
    curl_slist_free_all(request->headers);
    free(request->body_out);
    free(request->body_in);
    free(request);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct request *request = arg;
    size_t more = size * count;
    if (request->size_in + more > DSP_HTTP_BODY_MAX) {
        return 0; /* ends the transfer as failed */
    }
    char *grown = realloc(request->body_in, request->size_in + more + 1);
    if (!grown) {
        return 0;
    }
    request->body_in = grown;
    memcpy(grown + request->size_in, bytes, more);
    request->size_in += more;
    grown[request->size_in] = '\0';
    return more;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *arg)
{
    struct request *request = arg;
    struct dsp_response_headers *answer = &request->answer;
    size_t length = size * count;
    const char *colon = memchr(bytes, ':', length);
    if (!colon || answer->count == HEADERS_MAX) {
        return length;
    }
    char *line = strndup(bytes, length);
    if (!line) {
        return 0;
    }
    char *value = line + (colon - bytes);
    *value++ = '\0';
    value += strspn(value, " \t");
    value[strcspn(value, "\r\n")] = '\0';
    answer->items[answer->count].name = line;
    answer->items[answer->count].value = value;
    answer->count++;
    return length;
}

static void collect_done(struct dsp_http *http)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(http->multi, &left))) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        struct request *request = NULL;
        long status = 0;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
        curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        if (message->data.result != CURLE_OK) {
            status = 0;
        }
        curl_multi_remove_handle(http->multi, request->easy);
        http->in_flight--;
        request->on_done(request->arg, (int)status, &request->answer,
                         (struct dsp_str){request->body_in, request->size_in});
        request_free(request);
    }
}

static void on_socket_event(evutil_socket_t fd, short what, void *arg)
{
    struct dsp_http *http = arg;
    int running;
    int action = ((what & EV_READ) ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) ? CURL_CSELECT_OUT : 0);
    curl_multi_socket_action(http->multi, fd, action, &running);
    collect_done(http);
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct dsp_http *http = arg;
    int running;
    curl_multi_socket_action(http->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect_done(http);
}

static int on_timer_wish(CURLM *multi, long ms, void *arg)
{
    (void)multi;
    struct dsp_http *http = arg;
    if (ms < 0) {
        event_del(http->timeout);
        return 0;
    }
    struct timeval wait = {ms / 1000, (ms % 1000) * 1000};
    event_add(http->timeout, &wait);
    return 0;
}

static int on_socket_wish(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    (void)easy;
    struct dsp_http *http = arg;
    struct event *event = socket_arg;
    if (event) {
        event_free(event);
        event = NULL;
    }
    if (what != CURL_POLL_REMOVE) {
        short events = (short)(((what & CURL_POLL_IN) ? EV_READ : 0) | ((what & CURL_POLL_OUT) ? EV_WRITE : 0));
        event = event_new(http->base, fd, (short)(events | EV_PERSIST), on_socket_event, http);
        event_add(event, NULL);
    }
    curl_multi_assign(http->multi, fd, event);
    return 0;
}

struct dsp_http *dsp_http_new(struct event_base *base)
{
    struct dsp_http *http = calloc(1, sizeof *http);
    if (!http || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(http);
        return NULL;
    }
    http->base = base;
    http->multi = curl_multi_init();
    http->timeout = event_new(base, -1, 0, on_timeout, http);
    if (!http->multi || !http->timeout) {
        dsp_http_free(http);
        return NULL;
    }
    curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wish);
    curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timer_wish);
    curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
    return http;
}

void dsp_http_free(struct dsp_http *http)
{
    if (!http) {
        return;
    }
    while (http->first) {
        curl_multi_remove_handle(http->multi, http->first->easy);
        request_free(http->first);
    }
    while (http->idle_count) {
        curl_easy_cleanup(http->idle[--http->idle_count]);
    }
    if (http->multi) {
        curl_multi_cleanup(http->multi);
    }
    if (http->timeout) {
        event_free(http->timeout);
    }
    free(http);
}

static bool set_up(struct request *request, const struct dsp_call *call)
{
    char *url = strndup(call->url.ptr, call->url.len);
    for (size_t i = 0; i < call->header_count; i++) {
        char *line = strndup(call->headers[i].ptr, call->headers[i].len);
        struct curl_slist *grown = line ? curl_slist_append(request->headers, line) : NULL;
        free(line);
        if (!grown) {
            free(url);
            return false;
        }
        request->headers = grown;
    }
    request->body_out = call->body.len ? malloc(call->body.len) : NULL; /* bytes: may hold zeros */
    if (request->body_out) {
        memcpy(request->body_out, call->body.ptr, call->body.len);
    }
    request->easy = take_handle(request->http);
    if (!url || !request->easy || (call->body.len && !request->body_out)) {
        free(url);
        return false;
    }
    CURL *easy = request->easy;
    curl_easy_setopt(easy, CURLOPT_URL, url); /* copied by libcurl */
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, call->method);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)call->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_PROXY, ""); /* never through a proxy of the environment */
    if (call->once) {                          /* what becomes of it is then ours to find out */
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    }
    if (request->body_out) {
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)call->body.len);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body_out);
    }
    free(url);
    return true;
}

struct dsp_err dsp_http_send(struct dsp_http *http, const struct dsp_call *call, dsp_http_done_fn on_done, void *arg)
{
    if (http->in_flight >= DSP_HTTP_IN_FLIGHT_MAX) {
        return dsp_retry(DSP_CODE_OUTSIDE_UNKNOWN, "too many requests in flight");
    }
    struct request *request = calloc(1, sizeof *request);
    if (request) {
        request->http = http;
    }
    if (!request || !set_up(request, call)) {
        if (request) {
            request_free(request);
        }
        return dsp_retry(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    request->on_done = on_done;
    request->arg = arg;
    if (curl_multi_add_handle(http->multi, request->easy) != CURLM_OK) {
        request_free(request);
        return dsp_retry(DSP_CODE_SYSTEM_FAILED, "curl does not take the request");
    }
    http->in_flight++;
    request->next = http->first;
    request->back = &http->first;
    if (request->next) {
        request->next->back = &request->next;
    }
    http->first = request;
    return dsp_ok();
}
