#include "common/service/probe.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#define PROBE_TIMEOUT_MS 3000L /* below the time-out of every orchestrator's check that we ship */

static size_t swallow(char *bytes, size_t size, size_t count, void *arg)
{
    (void)bytes;
    (void)arg;
    return size * count;
}

static int ask(CURL *curl, const char *url)
{
    char said[CURL_ERROR_SIZE] = "";
    long status = 0;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, PROBE_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, said);
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status != 200) {
        fprintf(stderr, "%s: %ld %s\n", url, status, said);
        return 1;
    }
    return 0;
}

int dsp_probe(const char *address, const char *path)
{
    char host[128];
    char url[256];
    int port = 0;
    if (!address || sscanf(address, "%127[^:]:%d", host, &port) != 2 || port <= 0 || port > 65535) {
        fprintf(stderr, "ADMIN_LISTEN_ADDR is not host:port\n");
        return 2;
    }
    snprintf(url, sizeof url, "http://%s:%d%s", strcmp(host, "0.0.0.0") == 0 ? "127.0.0.1" : host, port, path);
    CURL *curl = curl_easy_init();
    if (!curl) {
        fprintf(stderr, "libcurl does not start\n");
        return 1;
    }
    int status = ask(curl, url);
    curl_easy_cleanup(curl);
    return status;
}
