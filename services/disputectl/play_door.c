#include <curl/curl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "disputectl/play_do.h"

#define SECRET_BYTES 256
#define SECONDS 10L
#define ATTEMPTS 20 /* half a second apart */

/* WEBHOOK_SECRET, the file that WEBHOOK_SECRET_FILE names, or the sandbox's own key file. */
static struct dsp_err read_secret(char *secret, size_t *ret_size)
{
    char path[1024];
    const char *direct = getenv("WEBHOOK_SECRET");
    const char *file = getenv("WEBHOOK_SECRET_FILE");
    const char *run = getenv("HESHI_RUN_DIR");
    if (direct && *direct) {
        *ret_size = (size_t)snprintf(secret, SECRET_BYTES, "%s", direct);
        return dsp_ok();
    }
    snprintf(path, sizeof path, "%s%s", file ? file : run ? run : ".run", file ? "" : "/keys/webhook.secret");
    FILE *in = fopen(path, "re");
    if (!in) {
        return dsp_reject(DSP_CODE_CONFIG_INVALID, "WEBHOOK_SECRET_FILE: %s cannot be read", path);
    }
    *ret_size = fread(secret, 1, SECRET_BYTES - 1, in);
    fclose(in);
    while (*ret_size && (secret[*ret_size - 1] == '\n' || secret[*ret_size - 1] == '\r')) {
        (*ret_size)--;
    }
    return dsp_ok();
}

/* "fund=127.0.0.1:7101,arbitration=…" */
static struct dsp_err door_of(const char *service, char *url, size_t size)
{
    const char *at = getenv("HESHI_DOORS");
    size_t name = strlen(service);
    for (; at && *at; at += strcspn(at, ","), at += *at == ',') {
        if (strncmp(at, service, name) == 0 && at[name] == '=') {
            const char *host = at + name + 1;
            bool scheme = strncmp(host, "http", 4) == 0;
            snprintf(url, size, "%s%.*s", scheme ? "" : "http://", (int)strcspn(host, ","), host);
            return dsp_ok();
        }
    }
    return dsp_reject(DSP_CODE_CONFIG_INVALID, "HESHI_DOORS does not name the door of %s", service);
}

static struct dsp_err sign(const char *body, bool spoiled, char *header, size_t size)
{
    char secret[SECRET_BYTES];
    size_t secret_size = 0;
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_size = 0;
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    DSP_TRY(read_secret(secret, &secret_size));
    long long now = (long long)(dsp_real_ms() / 1000);
    char *signed_text;
    int length = asprintf(&signed_text, "%lld.%s", now, body);
    if (length < 0) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    HMAC(EVP_sha256(), secret, (int)secret_size, (const unsigned char *)signed_text, (size_t)length, mac, &mac_size);
    free(signed_text);
    mac[0] ^= spoiled ? 1 : 0;
    dsp_hex(mac, mac_size, hex);
    snprintf(header, size, "Heshi-Signature: t=%lld,v1=%s", now, hex);
    return dsp_ok();
}

struct answer {
    char text[256];
    size_t used;
};

static size_t take(char *bytes, size_t one, size_t count, void *arg)
{
    struct answer *answer = arg;
    size_t room = sizeof answer->text - 1 - answer->used;
    size_t kept = count < room ? count : room;
    memcpy(answer->text + answer->used, bytes, kept);
    answer->used += kept;
    return one * count;
}

static struct dsp_err post(const char *url, const char *signature, const char *body, bool spoiled)
{
    struct answer answer = {.used = 0};
    long status = 0;
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    headers = headers ? curl_slist_append(headers, signature) : NULL;
    if (!curl || !headers) {
        curl_slist_free_all(headers);
        curl_easy_cleanup(curl);
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, SECONDS);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    if (code != CURLE_OK) {
        return dsp_retry(DSP_CODE_SYSTEM_FAILED, "%s: %s", url, curl_easy_strerror(code));
    }
    if (status == 503) {
        return dsp_retry(DSP_CODE_NOT_READY, "%s answered 503: %s", url, answer.text);
    }
    if (!spoiled && (status < 200 || status > 299)) {
        return dsp_reject(DSP_CODE_OUTSIDE_REFUSED, "%s answered %ld: %s", url, status, answer.text);
    }
    return dsp_ok();
}

struct dsp_err play_door_settlement(const char *case_id, const char *order_id, const json_t *body, bool spoiled)
{
    char door[512];
    char url[1024];
    char signature[256];
    DSP_TRY(door_of("fund", door, sizeof door));
    snprintf(url, sizeof url, "%s/settlements/%s/%s", door, case_id, order_id);
    char *text = json_dumps(body, JSON_COMPACT);
    if (!text) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    struct dsp_err err = dsp_ok();
    for (int i = 0; i < ATTEMPTS; i++) { /* a door that starts again is back within a second or two */
        err = sign(text, spoiled, signature, sizeof signature);
        err = dsp_failed(err) ? err : post(url, signature, text, spoiled);
        if (err.kind != DSP_ERR_RETRY) {
            break;
        }
        nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
    }
    free(text);
    return err;
}
