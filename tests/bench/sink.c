/* Where outside calls end in a benchmark: answers at once, as the payment side, the mini-program API and a merchant's
 * webhook would, and measures how late messages are. One thread, libevent; HTTP/1.1 as libcurl speaks it.
 *   bench_sink --key PEM --serial ID ADDRESS:PORT...   listens on all of them alike
 *   GET /figures?of=N   since the last GET /reset: calls by kind; how late the first message of a merchant about each
 *                   case was, of N cases (messages that are missing count as the latest), and under full load
 *   GET /admissions     how many cases' merchants had their first message
 * Signatures of answers are real; an answer with the same bytes gets the signature that it had up to a minute ago. A
 * message is timed against the instant in its order id (people.h). */
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define AMOUNT_MINOR 12900 /* BENCH_AMOUNT_MINOR */
#define SLOT_US 100        /* of the histogram */
#define SLOTS 100000       /* 10 s; the last one takes what is later */
#define REQUEST_MAX (1 << 20)
#define READ_BYTES 4096
#define TOLD_ENTRY "CaseAdmitted" /* the first message that a merchant gets about a case */
#define BODY_MAX 1024
#define SIGNATURE_MAX 700 /* base64 */
#define SIGNED_SLOTS 4096 /* answers whose signatures are kept */
#define SIGNED_FOR_S 60   /* who asks takes what is up to 300 s old */

enum kind { REFUND, TRANSFER, TOKEN, SUBSCRIPTION, WEBHOOK, OTHER, KINDS };
static const char *const KIND_NAMES[KINDS] = {"refund", "transfer", "token", "subscription", "webhook", "other"};

struct signed_answer {
    long long at_s;
    char body[BODY_MAX];
    char signature[SIGNATURE_MAX];
};

struct latencies {
    uint32_t slots[SLOTS];
    uint64_t told;
};

static struct {
    EVP_PKEY *key;
    EVP_MD_CTX *context; /* with the key in it: copied for each signature */
    const char *serial;
    uint64_t calls[KINDS];
    uint64_t admissions;         /* first messages of all cases, with any mark */
    uint64_t signatures;         /* made, not taken from `signed_answers` */
    struct latencies open, full; /* orders with mark m, with mark f */
    struct signed_answer signed_answers[SIGNED_SLOTS];
} sink;

struct answer {
    int status;
    bool sign;
    char body[BODY_MAX];
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- what is asked --- */

/* The text member `name` of flat JSON that we know the writers of. */
static bool member(const char *body, const char *name, char *into, size_t size)
{
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\":\"", name);
    const char *at = strstr(body, quoted);
    size_t length = at ? strcspn(at + strlen(quoted), "\"") : 0;
    if (!at || length >= size) {
        return false;
    }
    memcpy(into, at + strlen(quoted), length);
    into[length] = '\0';
    return true;
}

static void measure_message(const char *body)
{
    char order[64];
    char entry[64];
    if (!member(body, "entry", entry, sizeof entry) || strcmp(entry, TOLD_ENTRY) != 0 ||
        !member(body, "order_id", order, sizeof order)) {
        return;
    }
    sink.admissions++;
    if (strncmp(order, "bm-", 3) != 0 && strncmp(order, "bf-", 3) != 0) {
        return;
    }
    struct latencies *latencies = order[1] == 'm' ? &sink.open : &sink.full;
    int64_t late_us = now_us() - strtoll(order + 3, NULL, 10);
    int64_t slot = late_us < 0 ? 0 : late_us / SLOT_US;
    latencies->slots[slot < SLOTS ? slot : SLOTS - 1]++;
    latencies->told++;
}

/* Of `of` cases, told or not. The last slot stands for all that is later and for what is missing. */
static double quantile_ms(const struct latencies *latencies, double part, uint64_t of)
{
    uint64_t want = (uint64_t)((double)of * part);
    uint64_t seen = 0;
    for (size_t i = 0; i < SLOTS - 1 && of; i++) {
        seen += latencies->slots[i];
        if (seen > want) {
            return (double)(i + 1) * SLOT_US / 1000;
        }
    }
    return of ? (double)SLOTS * SLOT_US / 1000 : 0;
}

static void figures(const char *path, struct answer *answer)
{
    const char *of_at = strstr(path, "?of=");
    uint64_t of = of_at ? strtoull(of_at + 4, NULL, 10) : 0;
    of = of > sink.open.told ? of : sink.open.told;
    int at = snprintf(answer->body, sizeof answer->body,
                      "{\"told\":%llu,\"of\":%llu,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,"
                      "\"full\":{\"told\":%llu,\"p50\":%.1f,\"p99\":%.1f},\"signatures\":%llu,\"calls\":{",
                      (unsigned long long)sink.open.told, (unsigned long long)of, quantile_ms(&sink.open, 0.5, of),
                      quantile_ms(&sink.open, 0.9, of), quantile_ms(&sink.open, 0.99, of),
                      quantile_ms(&sink.open, 0.999, of), (unsigned long long)sink.full.told,
                      quantile_ms(&sink.full, 0.5, sink.full.told), quantile_ms(&sink.full, 0.99, sink.full.told),
                      (unsigned long long)sink.signatures);
    for (int i = 0; i < KINDS; i++) {
        at += snprintf(answer->body + at, sizeof answer->body - (size_t)at, "%s\"%s\":%llu", i ? "," : "",
                       KIND_NAMES[i], (unsigned long long)sink.calls[i]);
    }
    snprintf(answer->body + at, sizeof answer->body - (size_t)at, "}}");
}

static enum kind answer_pay(const char *method, const char *path, const char *body, struct answer *answer)
{
    static const char REFUNDS[] = "/v3/refund/domestic/refunds";
    char number[80] = "";
    answer->sign = true;
    if (strncmp(path, REFUNDS, sizeof REFUNDS - 1) == 0) {
        char *rest = number; /* R<sum>-<payment> (people.c) */
        snprintf(number, sizeof number, "%.64s", path[sizeof REFUNDS - 1] ? path + sizeof REFUNDS : "");
        long long sum = number[0] ? strtoll(number + 1, &rest, 10) : 0;
        snprintf(answer->body, sizeof answer->body,
                 "{\"refund_id\":\"50%s\",\"out_refund_no\":\"%s\",\"transaction_id\":\"42%s\",\"status\":\"SUCCESS\","
                 "\"amount\":{\"total\":%d,\"refund\":%lld,\"currency\":\"CNY\"}}",
                 number, number, *rest == '-' ? rest + 1 : "", AMOUNT_MINOR, sum);
        return REFUND;
    }
    if (strcmp(method, "POST") == 0) {
        (void)member(body, "out_bill_no", number, sizeof number);
    } else {
        snprintf(number, sizeof number, "%.64s", strrchr(path, '/') + 1);
    }
    snprintf(answer->body, sizeof answer->body,
             "{\"out_bill_no\":\"%s\",\"transfer_bill_no\":\"13%s\",\"create_time\":\"2026-01-01T00:00:00+08:00\","
             "\"transfer_amount\":%d,\"state\":\"SUCCESS\"}",
             number, number, AMOUNT_MINOR);
    return TRANSFER;
}

static void reset(void)
{
    memset(&sink.open, 0, sizeof sink.open);
    memset(&sink.full, 0, sizeof sink.full);
    memset(sink.calls, 0, sizeof sink.calls);
    sink.signatures = 0;
    sink.admissions = 0;
}

static void answer_request(const char *method, const char *path, const char *body, struct answer *answer)
{
    enum kind kind = OTHER;
    answer->status = 200;
    answer->sign = false;
    answer->body[0] = '\0';
    if (strncmp(path, "/v3/", 4) == 0) {
        kind = answer_pay(method, path, body, answer);
    } else if (strcmp(path, "/merchant/webhook") == 0) {
        measure_message(body);
        answer->status = 202;
        kind = WEBHOOK;
    } else if (strncmp(path, "/cgi-bin/message/", 17) == 0) {
        snprintf(answer->body, sizeof answer->body, "{\"errcode\":0,\"errmsg\":\"ok\"}");
        kind = SUBSCRIPTION;
    } else if (strcmp(path, "/cgi-bin/stable_token") == 0) {
        snprintf(answer->body, sizeof answer->body, "{\"access_token\":\"bench\",\"expires_in\":7200}");
        kind = TOKEN;
    } else if (strncmp(path, "/figures", 8) == 0) {
        figures(path, answer);
        return;
    } else if (strcmp(path, "/admissions") == 0) { /* asked by the generator all the time */
        snprintf(answer->body, sizeof answer->body, "%llu\n", (unsigned long long)sink.admissions);
        return;
    } else if (strcmp(path, "/reset") == 0) {
        reset();
        return;
    } else {
        answer->status = 404;
    }
    sink.calls[kind]++;
}

/* --- HTTP --- */

static const char NONCE[] = "bench0bench1bench2bench3bench456";

static void sign(struct signed_answer *made)
{
    char message[BODY_MAX + 100];
    unsigned char signature[512];
    size_t size = sizeof signature;
    int length = snprintf(message, sizeof message, "%lld\n%s\n%s\n", made->at_s, NONCE, made->body);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (!context || EVP_MD_CTX_copy_ex(context, sink.context) != 1 ||
        EVP_DigestSign(context, signature, &size, (const unsigned char *)message, (size_t)length) != 1) {
        fputs("bench_sink: cannot sign\n", stderr);
        exit(1);
    }
    EVP_MD_CTX_free(context);
    EVP_EncodeBlock((unsigned char *)made->signature, signature, (int)size);
    sink.signatures++;
}

static const struct signed_answer *signature_of(const struct answer *answer)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (const char *at = answer->body; *at; at++) {
        hash = (hash ^ (unsigned char)*at) * 1099511628211u;
    }
    struct signed_answer *kept = &sink.signed_answers[hash % SIGNED_SLOTS];
    long long now_s = (long long)(now_us() / 1000000);
    if (now_s - kept->at_s > SIGNED_FOR_S || strcmp(kept->body, answer->body) != 0) {
        kept->at_s = now_s;
        memcpy(kept->body, answer->body, strlen(answer->body) + 1);
        sign(kept);
    }
    return kept;
}

/* An answer is far smaller than a socket's buffer: it goes out at once. */
static void send_answer(int fd, const struct answer *answer)
{
    char out[BODY_MAX + SIGNATURE_MAX + 500];
    const char *words = answer->status == 404 ? "404 Not Found" : answer->status == 202 ? "202 Accepted" : "200 OK";
    int size = snprintf(out, sizeof out, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n",
                        words, strlen(answer->body));
    if (answer->sign) {
        const struct signed_answer *kept = signature_of(answer);
        size += snprintf(out + size, sizeof out - (size_t)size,
                         "Wechatpay-Timestamp: %lld\r\nWechatpay-Nonce: %s\r\nWechatpay-Serial: %s\r\n"
                         "Wechatpay-Signature: %s\r\n",
                         kept->at_s, NONCE, sink.serial, kept->signature);
    }
    size += snprintf(out + size, sizeof out - (size_t)size, "\r\n%s", answer->body);
    if (send(fd, out, (size_t)size, MSG_NOSIGNAL) != size && errno != EPIPE && errno != ECONNRESET) {
        perror("bench_sink: send");
        exit(1);
    }
}

/* Two system calls for a request: bufferevents would add and remove an event for each answer. */
struct connection {
    struct event *event;
    size_t used, room;
    char *in;
};

static void connection_free(struct connection *connection)
{
    int fd = event_get_fd(connection->event);
    event_free(connection->event);
    close(fd);
    free(connection->in);
    free(connection);
}

/* Answers one whole request and says how long it is; 0 when there is none yet. `in` ends with a zero byte. */
static size_t take_request(int fd, char *in, size_t used)
{
    char method[8];
    char path[1024];
    char *end = strstr(in, "\r\n\r\n");
    if (!end) {
        return 0;
    }
    size_t head_size = (size_t)(end - in) + 4;
    *end = '\0';
    const char *length_at = strcasestr(in, "\r\nContent-Length:");
    size_t body_size = length_at ? strtoul(length_at + 17, NULL, 10) : 0;
    if (used < head_size + body_size) {
        *end = '\r';
        return 0;
    }
    struct answer answer;
    if (sscanf(in, "%7s %1023s", method, path) != 2) {
        fputs("bench_sink: no request\n", stderr);
        exit(1);
    }
    char *body = in + head_size;
    char after = body[body_size];
    body[body_size] = '\0';
    answer_request(method, path, body, &answer);
    body[body_size] = after;
    send_answer(fd, &answer);
    return head_size + body_size;
}

static void make_room(struct connection *connection)
{
    if (connection->room - connection->used > READ_BYTES) {
        return;
    }
    connection->room += 2 * READ_BYTES;
    connection->in = realloc(connection->in, connection->room);
    if (!connection->in || connection->room > REQUEST_MAX) {
        fputs("bench_sink: a request is too long\n", stderr);
        exit(1);
    }
}

static void on_read(evutil_socket_t fd, short what, void *arg)
{
    struct connection *connection = arg;
    size_t done = 0;
    size_t taken;
    (void)what;
    make_room(connection);
    ssize_t size = recv(fd, connection->in + connection->used, READ_BYTES, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (size <= 0) {
        connection_free(connection);
        return;
    }
    connection->used += (size_t)size;
    connection->in[connection->used] = '\0';
    while (done < connection->used && (taken = take_request(fd, connection->in + done, connection->used - done)) > 0) {
        done += taken;
    }
    connection->used -= done;
    memmove(connection->in, connection->in + done, connection->used + 1);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int size,
                      void *arg)
{
    (void)listener;
    (void)address;
    (void)size;
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection || !(connection->event = event_new(arg, fd, EV_READ | EV_PERSIST, on_read, connection)) ||
        event_add(connection->event, NULL) != 0) {
        fputs("bench_sink: out of memory\n", stderr);
        exit(1);
    }
    on_read(fd, EV_READ, connection); /* accepting is deferred until there is something to read */
}

static void listen_on(struct event_base *base, const char *text)
{
    static const int ONE = 1;
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *colon = strrchr(text, ':');
    address.sin_port = htons((uint16_t)atoi(colon ? colon + 1 : text));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct evconnlistener *listener = evconnlistener_new_bind(
        base, on_accept, base, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_DEFERRED_ACCEPT, 512,
        (struct sockaddr *)&address, sizeof address);
    if (!listener) {
        fprintf(stderr, "bench_sink: cannot listen on %s\n", text);
        exit(1);
    }
    setsockopt(evconnlistener_get_fd(listener), IPPROTO_TCP, TCP_NODELAY, &ONE, sizeof ONE); /* is inherited */
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    (void)number;
    (void)what;
    event_base_loopbreak(arg);
}

int main(int argc, char **argv)
{
    static const struct option WORDS[] = {
        {"key", required_argument, NULL, 'k'}, {"serial", required_argument, NULL, 's'}, {NULL, 0, NULL, 0}};
    const char *key_file = NULL;
    int word;
    while ((word = getopt_long(argc, argv, "", WORDS, NULL)) != -1) {
        if (word == 'k') {
            key_file = optarg;
        } else if (word == 's') {
            sink.serial = optarg;
        }
    }
    FILE *file = key_file ? fopen(key_file, "re") : NULL;
    sink.key = file ? PEM_read_PrivateKey(file, NULL, NULL, NULL) : NULL;
    sink.context = EVP_MD_CTX_new();
    if (!sink.key || !sink.serial || optind == argc || !sink.context ||
        EVP_DigestSignInit(sink.context, NULL, EVP_sha256(), NULL, sink.key) != 1) {
        fputs("usage: bench_sink --key PEM --serial ID PORT...\n", stderr);
        return 2;
    }
    fclose(file);
    signal(SIGPIPE, SIG_IGN);
    struct event_config *config = event_config_new();
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK | EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    for (int i = optind; i < argc; i++) {
        listen_on(base, argv[i]);
    }
    struct event *term = evsignal_new(base, SIGTERM, on_signal, base);
    event_add(term, NULL);
    event_base_dispatch(base);
    EVP_MD_CTX_free(sink.context);
    EVP_PKEY_free(sink.key);
    return 0;
}
