#include "told.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sender.h"

int told_open(const char *address)
{
    static const int ONE = 1;
    char host[64];
    int port = 0;
    struct sockaddr_in to = {.sin_family = AF_INET};
    if (sscanf(address, "%63[^:]:%d", host, &port) != 2 || inet_pton(AF_INET, host, &to.sin_addr) != 1) {
        bench_die("--sink %s is no HOST:PORT", address);
    }
    to.sin_port = htons((uint16_t)port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
        bench_die("nobody listens on %s", address);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &ONE, sizeof ONE);
    return fd;
}

uint64_t told_count(int fd)
{
    static const char REQUEST[] = "GET /admissions HTTP/1.1\r\nHost: sink\r\n\r\n";
    char answer[512];
    size_t used = 0;
    const char *body = NULL;
    if (send(fd, REQUEST, sizeof REQUEST - 1, MSG_NOSIGNAL) != (ssize_t)sizeof REQUEST - 1) {
        bench_die("the sink is gone");
    }
    while (!body || !strchr(body, '\n')) { /* the body is one line */
        ssize_t size = recv(fd, answer + used, sizeof answer - 1 - used, 0);
        if (size <= 0) {
            bench_die("the sink does not answer");
        }
        used += (size_t)size;
        answer[used] = '\0';
        body = strstr(answer, "\r\n\r\n");
        body = body ? body + 4 : NULL;
    }
    return strtoull(body, NULL, 10);
}
