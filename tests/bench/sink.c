/* Where outside calls end in a benchmark: answers at once, as the payment side, the mini-program API and a merchant's
 * webhook would, and measures how late messages are. One thread, libevent; HTTP/1.1 as libcurl speaks it.
 *   bench_sink --key PEM --serial ID ADDRESS:PORT...   listens on all of them alike
 *   GET /figures?of=N   since the last GET /reset: calls by kind; how late the first message of a merchant about each
 *                   case was, of N cases (messages that are missing count as the latest), and under full load
 * Signatures of answers are real; an answer with the same bytes gets the signature that it had up to a minute ago. A
 * message is timed against the instant in its order id (people.h). */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
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
#include <time.h>

#define AMOUNT_MINOR 12900 /* BENCH_AMOUNT_MINOR */
#define SLOT_US 100        /* of the histogram */
#define SLOTS 100000       /* 10 s; the last one takes what is later */
#define HEAD_MAX 16384
#define REQUEST_MAX (1 << 20)
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
        !member(body, "order_id", order, sizeof order) ||
        (strncmp(order, "bm-", 3) != 0 && strncmp(order, "bf-", 3) != 0)) {
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

static void add_signature(struct evbuffer *out, const struct answer *answer)
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
    evbuffer_add_printf(out,
                        "Wechatpay-Timestamp: %lld\r\nWechatpay-Nonce: %s\r\nWechatpay-Serial: %s\r\n"
                        "Wechatpay-Signature: %s\r\n",
                        kept->at_s, NONCE, sink.serial, kept->signature);
}

static void write_answer(struct evbuffer *out, const struct answer *answer)
{
    size_t size = strlen(answer->body);
    evbuffer_add_printf(out, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n",
                        answer->status,
                        answer->status == 404   ? "Not Found"
                        : answer->status == 202 ? "Accepted"
                                                : "OK",
                        size);
    if (answer->sign) {
        add_signature(out, answer);
    }
    evbuffer_add(out, "\r\n", 2);
    evbuffer_add(out, answer->body, size);
}

/* Takes one whole request off the front; false when there is none yet. */
static bool take_request(struct evbuffer *in, struct evbuffer *out)
{
    char method[8];
    char path[1024];
    struct evbuffer_ptr end = evbuffer_search(in, "\r\n\r\n", 4, NULL);
    if (end.pos < 0) {
        return false;
    }
    size_t head_size = (size_t)end.pos + 4;
    char head[HEAD_MAX + 1];
    if (head_size > HEAD_MAX) {
        fputs("bench_sink: a request head is too long\n", stderr);
        exit(1);
    }
    evbuffer_copyout(in, head, head_size);
    head[head_size] = '\0';
    const char *length_at = strcasestr(head, "\r\nContent-Length:");
    size_t body_size = length_at ? strtoul(length_at + 17, NULL, 10) : 0;
    if (evbuffer_get_length(in) < head_size + body_size) {
        return false;
    }
    static char body[REQUEST_MAX + 1];
    struct answer answer;
    if (body_size > REQUEST_MAX || sscanf(head, "%7s %1023s", method, path) != 2) {
        fputs("bench_sink: no request, or too long\n", stderr);
        exit(1);
    }
    evbuffer_drain(in, head_size);
    evbuffer_remove(in, body, body_size);
    body[body_size] = '\0';
    answer_request(method, path, body, &answer);
    write_answer(out, &answer);
    return true;
}

static void on_read(struct bufferevent *connection, void *arg)
{
    (void)arg;
    while (take_request(bufferevent_get_input(connection), bufferevent_get_output(connection))) {
    }
}

static void on_event(struct bufferevent *connection, short what, void *arg)
{
    (void)arg;
    if (what & (BEV_EVENT_EOF | BEV_EVENT_ERROR)) {
        bufferevent_free(connection);
    }
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address, int size,
                      void *arg)
{
    static const int ONE = 1;
    (void)listener;
    (void)address;
    (void)size;
    struct bufferevent *connection = bufferevent_socket_new(arg, fd, BEV_OPT_CLOSE_ON_FREE);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &ONE, sizeof ONE);
    bufferevent_setcb(connection, on_read, NULL, on_event, NULL);
    bufferevent_enable(connection, EV_READ | EV_WRITE);
}

static void listen_on(struct event_base *base, const char *text)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    const char *colon = strrchr(text, ':');
    address.sin_port = htons((uint16_t)atoi(colon ? colon + 1 : text));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!evconnlistener_new_bind(base, on_accept, base, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE, 512,
                                 (struct sockaddr *)&address, sizeof address)) {
        fprintf(stderr, "bench_sink: cannot listen on %s\n", text);
        exit(1);
    }
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
    struct event_base *base = event_base_new();
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
