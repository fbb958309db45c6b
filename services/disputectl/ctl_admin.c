#include "disputectl/ctl_admin.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "common/base/config.h"

#define PEERS_MAX 64
#define NAME_BYTES 64
#define CALL_MS 5000
#define STANDIN_MS 10000
#define BODY_BYTES_MAX (16u << 20)

/* A service instance or a stand-in, with its connection. */
struct peer {
    char name[NAME_BYTES];
    char base[256]; /* http://host:port */
    bool service;   /* wants a bearer token */
    CURL *curl;
    char *text; /* of the answer being read */
    size_t size;
};

struct ctl_admin {
    struct peer services[PEERS_MAX];
    size_t service_count;
    struct peer standins[PEERS_MAX];
    size_t standin_count;
    char *read_token, *write_token; /* NULL: unset */
    CURLM *multi;
    struct curl_slist *read_headers, *write_headers, *plain_headers;
};

/* --- settings --- */

/* name=address,name=address,… */
static struct dsp_err read_peers(const char *variable, bool service, struct peer *peers, size_t *ret_count)
{
    const char *at = getenv(variable);
    size_t count = 0;
    while (at && *at) {
        size_t size = strcspn(at, ",");
        const char *equals = memchr(at, '=', size);
        struct peer *peer = &peers[count];
        if (!equals || equals == at || count == PEERS_MAX || (size_t)(equals - at) >= sizeof peer->name) {
            return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s: expected name=address,…, found \"%.*s\"", variable,
                             (int)size, at);
        }
        snprintf(peer->name, sizeof peer->name, "%.*s", (int)(equals - at), at);
        int address = (int)(at + size - equals - 1);
        bool has_scheme = strncmp(equals + 1, "http", 4) == 0;
        snprintf(peer->base, sizeof peer->base, "%s%.*s", has_scheme ? "" : "http://", address, equals + 1);
        peer->service = service;
        peer->curl = curl_easy_init();
        if (!peer->curl) {
            return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "libcurl does not start");
        }
        count++;
        at += size;
        at += *at == ',';
    }
    *ret_count = count;
    return dsp_ok();
}

static struct dsp_err read_token(const char *name, char **ret_token)
{
    char variable[64];
    const char *text = getenv(name);
    if (text && *text) {
        *ret_token = strdup(text);
        return dsp_ok();
    }
    snprintf(variable, sizeof variable, "%s_FILE", name);
    const char *path = getenv(variable);
    size_t size;
    char *from_file;
    if (path && *path) {
        DSP_TRY(dsp_read_file(path, &from_file, &size));
        *ret_token = strdup(from_file);
    }
    return dsp_ok();
}

static struct curl_slist *headers_with(const char *token)
{
    char line[512];
    struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json");
    if (token) {
        snprintf(line, sizeof line, "Authorization: Bearer %s", token);
        list = curl_slist_append(list, line);
    }
    return list;
}

static struct dsp_err admin_init(struct ctl_admin *admin)
{
    DSP_TRY(read_peers("HESHI_ADMIN", true, admin->services, &admin->service_count));
    DSP_TRY(read_peers("HESHI_STANDINS", false, admin->standins, &admin->standin_count));
    DSP_TRY(read_token("ADMIN_READ_TOKEN", &admin->read_token));
    DSP_TRY(read_token("ADMIN_WRITE_TOKEN", &admin->write_token));
    admin->multi = curl_multi_init();
    admin->read_headers = headers_with(admin->read_token);
    admin->write_headers = headers_with(admin->write_token);
    admin->plain_headers = headers_with(NULL);
    return admin->multi ? dsp_ok() : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "libcurl does not start");
}

struct dsp_err ctl_admin_new(struct ctl_admin **ret_admin)
{
    static bool started;
    struct ctl_admin *admin = calloc(1, sizeof *admin);
    if (!started) {
        started = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    }
    if (!admin || !started) {
        free(admin);
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "libcurl does not start");
    }
    struct dsp_err err = admin_init(admin);
    if (dsp_failed(err)) {
        ctl_admin_free(admin);
        return err;
    }
    *ret_admin = admin;
    return dsp_ok();
}

static void peers_free(struct peer *peers)
{
    for (size_t i = 0; i < PEERS_MAX && peers[i].curl; i++) {
        curl_easy_cleanup(peers[i].curl);
        free(peers[i].text);
    }
}

void ctl_admin_free(struct ctl_admin *admin)
{
    if (!admin) {
        return;
    }
    curl_multi_cleanup(admin->multi);
    peers_free(admin->services);
    peers_free(admin->standins);
    curl_slist_free_all(admin->read_headers);
    curl_slist_free_all(admin->write_headers);
    curl_slist_free_all(admin->plain_headers);
    free(admin->read_token);
    free(admin->write_token);
    free(admin);
}

size_t ctl_admin_count(const struct ctl_admin *admin)
{
    return admin->service_count;
}

const char *ctl_admin_name(const struct ctl_admin *admin, size_t index)
{
    return admin->services[index].name;
}

struct dsp_err ctl_admin_require(const struct ctl_admin *admin)
{
    if (admin->service_count == 0) {
        return dsp_reject(DSP_CODE_CONFIG_INVALID, "HESHI_ADMIN is not set; try: eval \"$(scripts/env)\"");
    }
    return dsp_ok();
}

bool ctl_standin_known(const struct ctl_admin *admin, const char *standin)
{
    for (size_t i = 0; i < admin->standin_count; i++) {
        if (strcmp(admin->standins[i].name, standin) == 0) {
            return true;
        }
    }
    return false;
}

/* --- calls --- */

static size_t on_body(char *bytes, size_t one, size_t count, void *arg)
{
    struct peer *peer = arg;
    size_t size = one * count;
    if (peer->size + size > BODY_BYTES_MAX) {
        return 0;
    }
    char *grown = realloc(peer->text, peer->size + size + 1);
    if (!grown) {
        return 0;
    }
    peer->text = grown;
    memcpy(peer->text + peer->size, bytes, size);
    peer->size += size;
    return size;
}

/* A handle keeps its connection when it is reset. `body` must outlive the call. */
static void prepare(const struct ctl_admin *admin, struct peer *peer, bool post, const char *path, const char *body,
                    long timeout_ms)
{
    char url[1024];
    struct curl_slist *headers = !peer->service ? admin->plain_headers
                                 : post         ? admin->write_headers
                                                : admin->read_headers;
    snprintf(url, sizeof url, "%s%s", peer->base, path);
    peer->size = 0;
    curl_easy_reset(peer->curl);
    curl_easy_setopt(peer->curl, CURLOPT_URL, url);
    curl_easy_setopt(peer->curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(peer->curl, CURLOPT_TIMEOUT_MS, timeout_ms);
    curl_easy_setopt(peer->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(peer->curl, CURLOPT_NOPROXY, "*"); /* these addresses are inside */
    curl_easy_setopt(peer->curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(peer->curl, CURLOPT_WRITEDATA, peer);
    curl_easy_setopt(peer->curl, CURLOPT_PRIVATE, peer);
    if (post) {
        curl_easy_setopt(peer->curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(peer->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
    }
}

/* "CODE: sentence" out of {"error": {"code", "message"}}, {"code", "message"} or {"error", "field"}. */
static void describe_error(struct ctl_answer *answer, const struct peer *peer)
{
    const json_t *error = json_object_get(answer->body, "error");
    const json_t *from = json_is_object(error) ? error : answer->body;
    const char *code = json_string_value(json_object_get(from, "code"));
    const char *sentence = json_string_value(json_object_get(from, "message"));
    if (!sentence) {
        sentence = json_string_value(json_object_get(from, "detail"));
    }
    if (!sentence) {
        sentence = json_string_value(error);
    }
    snprintf(answer->why, sizeof answer->why, "%s answers %d%s%s%s%.80s", peer->name, answer->status, code ? " " : "",
             code ? code : "", sentence ? ": " : "", sentence ? sentence : "");
}

static void finish(struct peer *peer, CURLcode code, struct ctl_answer *ret_answer)
{
    long status = 0;
    struct ctl_answer answer = {0};
    curl_easy_getinfo(peer->curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK) {
        snprintf(answer.why, sizeof answer.why, "%s at %.80s does not answer: %.80s", peer->name, peer->base,
                 curl_easy_strerror(code));
    } else {
        answer.status = (int)status;
        answer.body = peer->size ? json_loadb(peer->text, peer->size, JSON_DECODE_ANY, NULL) : NULL;
        if (status < 200 || status > 299) {
            describe_error(&answer, peer);
        }
    }
    *ret_answer = answer;
}

void ctl_answer_fini(struct ctl_answer *answer)
{
    json_decref(answer->body);
    *answer = (struct ctl_answer){0};
}

static struct dsp_err call(struct ctl_admin *admin, struct peer *peer, bool post, const char *path, const json_t *body,
                           long timeout_ms, json_t **ret_body)
{
    struct ctl_answer answer;
    char *text = body ? json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;
    prepare(admin, peer, post, path, text ? text : "", timeout_ms);
    finish(peer, curl_easy_perform(peer->curl), &answer);
    free(text);
    struct dsp_err err = dsp_ok();
    if (answer.status == 0) {
        err = dsp_retry(DSP_CODE_SYSTEM_FAILED, "%s", answer.why);
    } else if (answer.status < 200 || answer.status > 299) {
        err = dsp_reject(DSP_CODE_OUTSIDE_REFUSED, "%s", answer.why);
    } else if (ret_body) {
        *ret_body = json_incref(answer.body);
    }
    ctl_answer_fini(&answer);
    return err;
}

static struct peer *find(struct peer *peers, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(peers[i].name, name) == 0) {
            return &peers[i];
        }
    }
    return NULL;
}

static struct dsp_err call_service(struct ctl_admin *admin, const char *service, bool post, const char *path,
                                   const json_t *body, json_t **ret_body)
{
    struct peer *peer = find(admin->services, admin->service_count, service);
    DSP_TRY(ctl_admin_require(admin));
    if (!peer) {
        return dsp_reject(DSP_CODE_CONFIG_INVALID, "HESHI_ADMIN names no %s", service);
    }
    if (post ? !admin->write_token : !admin->read_token) {
        return dsp_reject(DSP_CODE_CONFIG_INVALID, "%s or its _FILE is not set; try: eval \"$(scripts/env)\"",
                          post ? "ADMIN_WRITE_TOKEN" : "ADMIN_READ_TOKEN");
    }
    return call(admin, peer, post, path, body, CALL_MS, ret_body);
}

struct dsp_err ctl_admin_get(struct ctl_admin *admin, const char *service, const char *path, json_t **ret_body)
{
    return call_service(admin, service, false, path, NULL, ret_body);
}

struct dsp_err ctl_admin_post(struct ctl_admin *admin, const char *service, const char *path, const json_t *body,
                              json_t **ret_body)
{
    return call_service(admin, service, true, path, body, ret_body);
}

struct dsp_err ctl_standin_call(struct ctl_admin *admin, const char *standin, const char *method, const char *path,
                                const json_t *body, json_t **ret_body)
{
    struct peer *peer = find(admin->standins, admin->standin_count, standin);
    if (!peer) {
        return dsp_reject(DSP_CODE_CONFIG_INVALID, "HESHI_STANDINS names no %s; try: eval \"$(scripts/env)\"", standin);
    }
    return call(admin, peer, strcmp(method, "POST") == 0, path, body, STANDIN_MS, ret_body);
}

static void collect(struct ctl_admin *admin, struct ctl_answer *answers)
{
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(admin->multi, &left))) {
        struct peer *peer;
        if (message->msg == CURLMSG_DONE) {
            CURL *curl = message->easy_handle;
            CURLcode code = message->data.result;
            curl_easy_getinfo(curl, CURLINFO_PRIVATE, (char **)&peer);
            finish(peer, code, &answers[peer - admin->services]);
            curl_multi_remove_handle(admin->multi, curl);
        }
    }
}

void ctl_admin_get_all(struct ctl_admin *admin, const char *path, int timeout_ms, struct ctl_answer *ret_answers)
{
    int running = 1;
    for (size_t i = 0; i < admin->service_count; i++) {
        ret_answers[i] = (struct ctl_answer){0};
        prepare(admin, &admin->services[i], false, path, NULL, timeout_ms);
        curl_multi_add_handle(admin->multi, admin->services[i].curl);
    }
    while (running > 0) {
        if (curl_multi_perform(admin->multi, &running) != CURLM_OK) {
            break;
        }
        if (running > 0) {
            curl_multi_poll(admin->multi, NULL, 0, timeout_ms, NULL);
        }
    }
    collect(admin, ret_answers);
    for (size_t i = 0; i < admin->service_count; i++) {
        if (ret_answers[i].status == 0 && !ret_answers[i].why[0]) { /* multi itself has failed */
            snprintf(ret_answers[i].why, sizeof ret_answers[i].why, "%s was not asked", admin->services[i].name);
            curl_multi_remove_handle(admin->multi, admin->services[i].curl);
        }
    }
}
