/* The health check: what it makes of answers, silence and nonsense. */
#include "common/service/probe.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/service/process.h"
#include "support/cmocka_all.h"

struct server {
    int listener;
    const char *answer;
    char asked[256];
};

/* One request, one answer. */
static void *serve(void *arg)
{
    struct server *server = arg;
    int peer = accept(server->listener, NULL, NULL);
    ssize_t size = read(peer, server->asked, sizeof server->asked - 1);
    server->asked[size > 0 ? size : 0] = '\0';
    if (write(peer, server->answer, strlen(server->answer)) < 0) {
        server->asked[0] = '\0';
    }
    close(peer);
    return NULL;
}

static int probe(struct server *server, const char *host, const char *path)
{
    char address[64];
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    pthread_t thread;
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(server->listener, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(server->listener, 1), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&at, &size), 0);
    snprintf(address, sizeof address, "%s:%d", host, ntohs(at.sin_port));
    assert_int_equal(pthread_create(&thread, NULL, serve, server), 0);
    int status = dsp_probe(address, path);
    pthread_join(thread, NULL);
    close(server->listener);
    return status;
}

static void a_service_that_answers_200_is_well(void **state)
{
    (void)state;
    struct server server = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"};
    assert_int_equal(probe(&server, "127.0.0.1", "/livez"), 0);
    assert_ptr_equal(strstr(server.asked, "GET /livez "), server.asked);
}

static void one_that_listens_everywhere_is_asked_on_loopback(void **state)
{
    (void)state;
    struct server server = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"};
    assert_int_equal(probe(&server, "0.0.0.0", "/readyz"), 0);
}

static void one_that_drains_is_not_well(void **state)
{
    (void)state;
    struct server server = {
        .answer = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"};
    assert_int_equal(probe(&server, "127.0.0.1", "/readyz"), 1);
}

static void silence_and_nonsense_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(dsp_probe("127.0.0.1:1", "/readyz"), 1);
    assert_int_equal(dsp_probe(NULL, "/readyz"), 2);
    assert_int_equal(dsp_probe("nowhere", "/readyz"), 2);
    assert_int_equal(dsp_probe("127.0.0.1:70000", "/readyz"), 2);
}

static void a_process_shows_what_it_is_and_uses(void **state)
{
    (void)state;
    size_t size = 0;
    struct dsp_metrics *metrics = dsp_metrics_new();
    dsp_process_show(metrics, "sla");
    char *text = dsp_metrics_render(metrics, &size);
    assert_non_null(strstr(text, "\ndispute_build_info{service=\"sla\",version=\"" HESHI_VERSION "\",revision=\""));
    assert_null(strstr(text, "revision=\"\""));
    assert_non_null(strstr(text, "\nprocess_resident_memory_bytes "));
    assert_non_null(strstr(text, "\nprocess_virtual_memory_bytes "));
    assert_null(strstr(text, "\nprocess_open_fds 0\n"));
    free(text);
    dsp_metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_that_answers_200_is_well),
        cmocka_unit_test(one_that_listens_everywhere_is_asked_on_loopback),
        cmocka_unit_test(one_that_drains_is_not_well),
        cmocka_unit_test(silence_and_nonsense_are_told_apart),
        cmocka_unit_test(a_process_shows_what_it_is_and_uses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
