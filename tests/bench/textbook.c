/* What our lanes are compared with: the inbox and outbox of the textbook. One message, one transaction of five round
 * trips (begin, inbox, state, outbox, commit), prepared statements, binary parameters; a consumer thread and a
 * connection for each partition; a relay that polls the outbox, publishes and deletes. Same records in and out, same
 * producer settings as the services. It does less than sla: it decodes nothing, keeps one row a case and no timers.
 *   bench_textbook DATABASE_URL OUT_TOPIC      until SIGTERM */
#include <endian.h>
#include <libpq-fe.h>
#include <librdkafka/rdkafka.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/arena.h"
#include "common/base/id.h"
#include "common/io/envelope.h"
#include "sender.h"

#define LOG_TOPIC "disputes.case.event.v1"
#define RELAY_BATCH "500"
#define RELAY_PAUSE_US 2000
#define OUT_BYTES 60 /* a finding of sla is about as big */

static atomic_bool stopping;
static const char *database_url;
static const char *out_topic;

static PGconn *connect_database(void)
{
    PGconn *conn = PQconnectdb(database_url);
    if (PQstatus(conn) != CONNECTION_OK) {
        bench_die("%s", PQerrorMessage(conn));
    }
    return conn;
}

static void check(PGconn *conn, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        bench_die("%s", PQerrorMessage(conn));
    }
    PQclear(result);
}

static void prepare(PGconn *conn, const char *name, const char *text)
{
    check(conn, PQprepare(conn, name, text, 0, NULL));
}

static PGresult *execute(PGconn *conn, const char *name, int count, const char *const *values, const int *sizes)
{
    static const int BINARY[] = {1, 1, 1, 1};
    return PQexecPrepared(conn, name, count, values, sizes, BINARY, 1);
}

/* --- consumer --- */

static void handle(PGconn *conn, struct dsp_arena *arena, const rd_kafka_message_t *message)
{
    struct dsp_envelope envelope;
    struct dsp_str headers;
    char out[OUT_BYTES];
    dsp_arena_reset(arena);
    if (dsp_failed(dsp_envelope_read(message, &envelope)) ||
        dsp_failed(dsp_headers_pack_all(arena, message, &headers))) {
        bench_die("a record without headers");
    }
    int64_t sequence = (int64_t)htobe64((uint64_t)envelope.sequence);
    memset(out, 'x', sizeof out);
    check(conn, execute(conn, "begin", 0, NULL, NULL));
    PGresult *fresh = execute(conn, "inbox", 1, (const char *[]){envelope.id.ptr}, (int[]){(int)envelope.id.len});
    bool seen = PQresultStatus(fresh) == PGRES_COMMAND_OK && strcmp(PQcmdTuples(fresh), "0") == 0;
    check(conn, fresh);
    if (!seen) {
        check(conn, execute(conn, "state", 3,
                            (const char *[]){(const char *)envelope.subject.bytes, (const char *)&sequence,
                                             (const char *)message->payload},
                            (int[]){sizeof envelope.subject.bytes, sizeof sequence,
                                    (int)(message->len < 300 ? message->len : 300)}));
        check(conn, execute(conn, "outbox", 3, (const char *[]){message->key, headers.ptr, out},
                            (int[]){(int)message->key_len, (int)headers.len, sizeof out}));
    }
    check(conn, execute(conn, "commit", 0, NULL, NULL));
}

static rd_kafka_t *consumer_new(void)
{
    const char *const settings[][2] = {{"bootstrap.servers", getenv("KAFKA_BOOTSTRAP_SERVERS")},
                                       {"group.id", "bench-textbook"},
                                       {"auto.offset.reset", "earliest"},
                                       {"enable.auto.commit", "true"},
                                       {"auto.commit.interval.ms", "1000"}};
    rd_kafka_t *consumer = bench_consumer(settings, sizeof settings / sizeof *settings);
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, LOG_TOPIC, RD_KAFKA_PARTITION_UA);
    rd_kafka_subscribe(consumer, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    return consumer;
}

/* A member of the group: it gets its share of the partitions. */
static void *consume(void *arg)
{
    (void)arg;
    PGconn *conn = connect_database();
    rd_kafka_t *consumer = consumer_new();
    struct dsp_arena *arena = dsp_arena_new(1u << 20);
    prepare(conn, "begin", "BEGIN");
    prepare(conn, "inbox", "INSERT INTO textbook.inbox (message_id) VALUES ($1) ON CONFLICT DO NOTHING");
    prepare(conn, "state",
            "INSERT INTO textbook.state AS s (case_id, last_seq, state) VALUES ($1, $2, $3) ON CONFLICT (case_id) DO "
            "UPDATE SET last_seq = excluded.last_seq, state = excluded.state WHERE s.last_seq < excluded.last_seq");
    prepare(conn, "outbox", "INSERT INTO textbook.outbox (record_key, headers, payload) VALUES ($1, $2, $3)");
    prepare(conn, "commit", "COMMIT");
    while (!atomic_load(&stopping)) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 100);
        if (message && !message->err) {
            handle(conn, arena, message);
        }
        if (message) {
            rd_kafka_message_destroy(message);
        }
    }
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    dsp_arena_free(arena);
    PQfinish(conn);
    return NULL;
}

/* --- relay --- */

static void publish(rd_kafka_t *producer, const PGresult *rows, int i)
{
    rd_kafka_headers_t *headers = dsp_headers_unpack(
        (struct dsp_str){PQgetvalue(rows, i, 2), (size_t)PQgetlength(rows, i, 2)});
    rd_kafka_resp_err_t err = rd_kafka_producev(
        producer, RD_KAFKA_V_TOPIC(out_topic), RD_KAFKA_V_KEY(PQgetvalue(rows, i, 1), (size_t)PQgetlength(rows, i, 1)),
        RD_KAFKA_V_VALUE(PQgetvalue(rows, i, 3), (size_t)PQgetlength(rows, i, 3)),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    if (err) {
        bench_die("%s: %s", out_topic, rd_kafka_err2str(err));
    }
}

static void *relay(void *arg)
{
    (void)arg;
    PGconn *conn = connect_database();
    struct sender *sender = sender_new(getenv("KAFKA_BOOTSTRAP_SERVERS"));
    prepare(conn, "poll",
            "SELECT id, record_key, headers, payload FROM textbook.outbox ORDER BY id LIMIT " RELAY_BATCH);
    prepare(conn, "delete", "DELETE FROM textbook.outbox WHERE id = ANY ($1::bigint[])");
    while (!atomic_load(&stopping)) {
        PGresult *rows = execute(conn, "poll", 0, NULL, NULL);
        int count = PQntuples(rows);
        char ids[500 * 21 + 3] = "{";
        size_t at = 1;
        for (int i = 0; i < count; i++) {
            uint64_t id;
            memcpy(&id, PQgetvalue(rows, i, 0), sizeof id);
            at += (size_t)snprintf(ids + at, sizeof ids - at, "%s%llu", i ? "," : "", (unsigned long long)be64toh(id));
            publish(sender_kafka(sender), rows, i);
        }
        snprintf(ids + at, sizeof ids - at, "}");
        check(conn, rows);
        if (count) { /* acknowledged, then forgotten */
            sender_flush(sender);
            check(conn, PQexecPrepared(conn, "delete", 1, (const char *[]){ids}, NULL, NULL, 0));
        } else {
            usleep(RELAY_PAUSE_US);
        }
    }
    sender_free(sender);
    PQfinish(conn);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t threads[17];
    size_t count = 0;
    sigset_t signals;
    int number;
    int consumers = argc > 3 ? atoi(argv[3]) : 2;
    if (argc < 3 || !getenv("KAFKA_BOOTSTRAP_SERVERS") || consumers < 1 || consumers > 16) {
        fputs("usage: bench_textbook DATABASE_URL OUT_TOPIC [CONSUMERS]\n", stderr);
        return 2;
    }
    database_url = argv[1];
    out_topic = argv[2];
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    for (; count < (size_t)consumers; count++) {
        pthread_create(&threads[count], NULL, consume, NULL);
    }
    pthread_create(&threads[count++], NULL, relay, NULL);
    sigwait(&signals, &number);
    atomic_store(&stopping, true);
    for (size_t i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    return 0;
}
