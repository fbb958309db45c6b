#include "component/lane/lane_world.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "support/cmocka_all.h"

static const char *need(const char *name)
{
    const char *value = getenv(name);
    if (!value || !*value) {
        print_message("%s is not set: eval \"$(scripts/env)\" first\n", name);
        skip();
    }
    return value;
}

static PGconn *connect_to(const char *database)
{
    char text[256];
    snprintf(text, sizeof text, "host=%s port=%s user=heshi_admin dbname=%s application_name=test", need("PGHOST"),
             need("PGPORT"), database);
    PGconn *db = PQconnectdb(text);
    if (PQstatus(db) != CONNECTION_OK) {
        fail_msg("%s", PQerrorMessage(db));
    }
    return db;
}

static void exec(PGconn *db, const char *sql)
{
    PGresult *result = PQexec(db, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fail_msg("%s: %s", sql, PQerrorMessage(db));
    }
    PQclear(result);
}

static void migrate(struct world *world, const char *path)
{
    FILE *file = fopen(path, "r");
    char *migration = calloc(1, 65536);
    assert_non_null(file);
    assert_true(fread(migration, 1, 65535, file) > 0);
    fclose(file);
    exec(world->db, migration);
    free(migration);
}

static void make_tables(struct world *world)
{
    exec(world->db, "BEGIN");
    migrate(world, HESHI_SOURCE_DIR "/services/common/migrations/0001_lane.sql");
    migrate(world, HESHI_SOURCE_DIR "/services/common/migrations/0002_held.sql");
    migrate(world, HESHI_SOURCE_DIR "/services/common/migrations/0003_packed_outbox.sql");
    exec(world->db, "CREATE TABLE counter (case_id uuid PRIMARY KEY, lane int NOT NULL, ver bigint NOT NULL,"
                    " count bigint NOT NULL CHECK (count >= 0), armed bigint NOT NULL, fired bigint NOT NULL,"
                    " late_ms bigint NOT NULL, order_id text NOT NULL)");
    exec(world->db, "CREATE TABLE effect (case_id uuid NOT NULL, source text NOT NULL, number bigint NOT NULL)");
    exec(world->db, "CREATE TABLE total (name text PRIMARY KEY, amount bigint NOT NULL DEFAULT 0)");
    exec(world->db, "COMMIT");
}

static void make_database(struct world *world)
{
    char sql[256];
    PGconn *db = connect_to("postgres");
    snprintf(sql, sizeof sql, "CREATE DATABASE \"%s\" TEMPLATE template0 ENCODING UTF8 LOCALE 'C'", world->name);
    exec(db, sql);
    PQfinish(db);
    world->db = connect_to(world->name);
    make_tables(world);
}

void world_schema(struct world *world, const char *schema)
{
    char sql[128];
    snprintf(sql, sizeof sql, "CREATE SCHEMA %s; SET search_path = %s", schema, schema);
    exec(world->db, sql);
    make_tables(world);
    exec(world->db, "RESET search_path");
}

static void make_topics(struct world *world)
{
    static const char *const SUFFIXES[] = {"numbered", "command", "out"};
    rd_kafka_NewTopic_t *topics[5];
    char name[160];
    char why[256];
    for (size_t i = 0; i < 5; i++) {
        if (i < 3) {
            snprintf(name, sizeof name, "%s.%s", world->name, SUFFIXES[i]);
        } else {
            snprintf(name, sizeof name, "dlq.%s.%s.%s", world->name, world->name, SUFFIXES[i - 3]);
        }
        topics[i] = rd_kafka_NewTopic_new(name, WORLD_LANES, 1, why, sizeof why);
        assert_non_null(topics[i]);
        if (i == 1) {
            rd_kafka_NewTopic_set_config(topics[i], "message.timestamp.type", "LogAppendTime");
        }
    }
    rd_kafka_queue_t *queue = rd_kafka_queue_new(world->producer);
    rd_kafka_CreateTopics(world->producer, topics, 5, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 15000);
    assert_non_null(event);
    assert_int_equal(rd_kafka_event_error(event), 0);
    size_t count;
    const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(
        rd_kafka_event_CreateTopics_result(event), &count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(rd_kafka_topic_result_error(results[i]), 0);
    }
    rd_kafka_event_destroy(event);
    rd_kafka_queue_destroy(queue);
    rd_kafka_NewTopic_destroy_array(topics, 5);
}

struct world *world_new(void)
{
    char why[256];
    static int made;
    struct world *world = calloc(1, sizeof *world);
    snprintf(world->name, sizeof world->name, "t%d_%llx_%d", (int)getpid(),
             (unsigned long long)dsp_real_ms() & 0xffffff, made++);
    snprintf(world->redis, sizeof world->redis, "%s", need("REDIS_URL"));
    snprintf(world->url, sizeof world->url, "postgresql://heshi_admin@%s:%s/%s", need("PGHOST"), need("PGPORT"),
             world->name);
    snprintf(world->log, sizeof world->log, "/tmp/%s.log", world->name);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", need("KAFKA_BOOTSTRAP_SERVERS"), why, sizeof why);
    rd_kafka_conf_set(conf, "enable.idempotence", "true", why, sizeof why);
    rd_kafka_conf_set(conf, "message.max.bytes", "5000000", why, sizeof why);
    world->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    assert_non_null(world->producer);
    for (int i = 0; i < WORLD_LANES; i++) {
        world->next_number[i] = 1;
    }
    make_database(world);
    make_topics(world);
    return world;
}

void world_free(struct world *world)
{
    char sql[128];
    if (world->app) {
        world_kill(world, world->app);
    }
    rd_kafka_destroy(world->producer);
    PQfinish(world->db);
    PGconn *db = connect_to("postgres");
    snprintf(sql, sizeof sql, "DROP DATABASE \"%s\" WITH (FORCE)", world->name);
    exec(db, sql);
    PQfinish(db);
    snprintf(sql, sizeof sql, "/tmp/%s.nap", world->name);
    unlink(sql);
    if (!getenv("KEEP_LOGS")) {
        unlink(world->log);
    }
    free(world);
}

/* A fresh program image: a fork alone would inherit locks of librdkafka's threads. */
pid_t world_spawn(struct world *world)
{
    pid_t child = fork();
    if (child == 0) {
        int out = open(world->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(out, STDOUT_FILENO);
        dup2(out, STDERR_FILENO);
        setenv("APP_NAME", world->name, 1);
        setenv("APP_URL", world->url, 1);
        setenv("APP_REDIS", world->redis, 1);
        setenv("APP_HTTP", world->http, 1);
        execl("/proc/self/exe", "lane_app", "--app", (char *)NULL);
        _exit(127);
    }
    assert_true(child > 0);
    world->app = child;
    return child;
}

void world_kill(struct world *world, pid_t app)
{
    int status;
    kill(app, SIGKILL);
    waitpid(app, &status, 0);
    world->app = world->app == app ? 0 : world->app;
}

int world_end(struct world *world, pid_t app)
{
    int status;
    for (int i = 0; i < 200; i++) {
        if (waitpid(app, &status, WNOHANG) == app) {
            world->app = world->app == app ? 0 : world->app;
            return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
        }
        usleep(100000);
    }
    fail_msg("the app does not end (log of the app: %s)", world->log);
    return -1;
}

int world_stop(struct world *world, pid_t app)
{
    kill(app, SIGTERM);
    return world_end(world, app);
}

int world_logged(const struct world *world, const char *text)
{
    char line[4096];
    int count = 0;
    FILE *file = fopen(world->log, "r");
    while (file && fgets(line, sizeof line, file)) {
        count += strstr(line, text) != NULL;
    }
    if (file) {
        fclose(file);
    }
    return count;
}

struct world_case world_case(int32_t lane)
{
    struct world_case made = {.lane = lane};
    assert_ok(dsp_uuid_v7(&made.id));
    dsp_uuid_format(&made.id, made.id_text);
    for (int i = 0;; i++) {
        snprintf(made.order, sizeof made.order, "o-%s-%d", made.id_text, i);
        if (rd_kafka_msg_partitioner_murmur2(NULL, made.order, strlen(made.order), WORLD_LANES, NULL, NULL) == lane) {
            return made;
        }
    }
}

static void add(rd_kafka_headers_t *headers, const char *name, const char *value)
{
    rd_kafka_header_add(headers, name, -1, value, -1);
}

static void send_it(struct world *world, const char *suffix, int32_t partition, const char *key, const void *value,
                    size_t size, rd_kafka_headers_t *headers)
{
    char topic[128];
    snprintf(topic, sizeof topic, "%s.%s", world->name, suffix);
    rd_kafka_resp_err_t err = rd_kafka_producev(
        world->producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_KEY(key, key ? strlen(key) : 0), RD_KAFKA_V_VALUE((void *)(uintptr_t)value, size),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
    assert_int_equal(err, 0);
    assert_int_equal(rd_kafka_flush(world->producer, 10000), 0);
}

static rd_kafka_headers_t *cloud_events(const struct world_case *dispute, int64_t number)
{
    char text[64];
    struct dsp_uuid id;
    rd_kafka_headers_t *headers = rd_kafka_headers_new(12);
    add(headers, "ce_specversion", "1.0");
    assert_ok(dsp_uuid_v7(&id));
    dsp_uuid_format(&id, text);
    add(headers, "ce_id", text);
    add(headers, "ce_source", "/test");
    add(headers, "ce_type", "test");
    add(headers, "ce_time", "2026-04-13T02:00:00.000Z");
    if (dispute) {
        add(headers, "ce_subject", dispute->id_text);
        snprintf(text, sizeof text, "%lld", (long long)dispute->sequence);
        add(headers, "ce_sequence", text);
    }
    if (number) {
        snprintf(text, sizeof text, "%lld", (long long)number);
        add(headers, "ce_lanesequence", text);
    }
    return headers;
}

void world_say_as(struct world *world, struct world_case *dispute, const char *value, int64_t number)
{
    dispute->sequence++;
    send_it(world, "numbered", dispute->lane, dispute->order, value, strlen(value), cloud_events(dispute, number));
}

void world_say(struct world *world, struct world_case *dispute, const char *value)
{
    world_say_as(world, dispute, value, world->next_number[dispute->lane]++);
}

void world_command(struct world *world, struct world_case *dispute, const char *value)
{
    dispute->sequence++;
    send_it(world, "command", dispute->lane, dispute->order, value, strlen(value), cloud_events(dispute, 0));
}

void world_raw(struct world *world, const char *suffix, int32_t partition, const char *key, const void *value,
               size_t size, bool with_headers, int64_t number)
{
    rd_kafka_headers_t *headers = with_headers ? cloud_events(NULL, number) : rd_kafka_headers_new(2);
    add(headers, "x-kept", "as it came");
    send_it(world, suffix, partition, key, value, size, headers);
}

int64_t world_int(struct world *world, const char *sql)
{
    PGresult *result = PQexec(world->db, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK || PQntuples(result) != 1) {
        fail_msg("%s: %s", sql, PQerrorMessage(world->db));
    }
    int64_t value = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return value;
}

void world_exec(struct world *world, const char *sql)
{
    exec(world->db, sql);
}

void world_await(struct world *world, const char *sql, int64_t wanted, int seconds)
{
    int64_t until = dsp_monotonic_ms() + seconds * 1000;
    int64_t got;
    while ((got = world_int(world, sql)) != wanted) {
        if (dsp_monotonic_ms() > until) {
            fail_msg("%s: %lld, wanted %lld (log of the app: %s)", sql, (long long)got, (long long)wanted, world->log);
        }
        usleep(20000);
    }
}

void world_settle(struct world *world, int ms)
{
    (void)world;
    usleep((useconds_t)ms * 1000);
}

static void text_header(const rd_kafka_headers_t *headers, const char *name, char *into, size_t size)
{
    const void *bytes;
    size_t length;
    into[0] = '\0';
    if (headers && rd_kafka_header_get_last(headers, name, &bytes, &length) == 0) {
        snprintf(into, size, "%.*s", (int)length, (const char *)bytes);
    }
}

static void keep(struct world_record *record, const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers = NULL;
    char number[32];
    *record = (struct world_record){.partition = message->partition, .size = message->len};
    snprintf(record->key, sizeof record->key, "%.*s", (int)message->key_len, message->key ? (char *)message->key : "");
    if (message->payload) {
        memcpy(record->value, message->payload, message->len < 255 ? message->len : 255);
    }
    rd_kafka_message_headers(message, &headers);
    text_header(headers, "ce_lanesequence", number, sizeof number);
    record->lane_sequence = strtoll(number, NULL, 10);
    text_header(headers, "x-dispute-dlq-code", record->code, sizeof record->code);
    text_header(headers, "__dlq.errors.message", record->reason, sizeof record->reason);
    text_header(headers, "x-kept", record->kept, sizeof record->kept);
}

struct world_record *world_read(struct world *world, const char *topic, size_t *ret_count)
{
    char why[256];
    int64_t expected = 0;
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", need("KAFKA_BOOTSTRAP_SERVERS"), why, sizeof why);
    rd_kafka_conf_set(conf, "group.id", "unused", why, sizeof why);
    rd_kafka_conf_set(conf, "auto.offset.reset", "earliest", why, sizeof why);
    rd_kafka_conf_set(conf, "enable.auto.commit", "false", why, sizeof why);
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    rd_kafka_topic_partition_list_t *parts = rd_kafka_topic_partition_list_new(WORLD_LANES);
    (void)world;
    for (int32_t p = 0; p < WORLD_LANES; p++) {
        int64_t low;
        int64_t high;
        assert_int_equal(rd_kafka_query_watermark_offsets(consumer, topic, p, &low, &high, 5000), 0);
        expected += high - low;
        rd_kafka_topic_partition_list_add(parts, topic, p)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    rd_kafka_assign(consumer, parts);
    rd_kafka_topic_partition_list_destroy(parts);
    struct world_record *records = calloc((size_t)expected + 1, sizeof *records);
    *ret_count = 0;
    while ((int64_t)*ret_count < expected) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 10000);
        assert_non_null(message);
        assert_int_equal(message->err, 0);
        keep(&records[(*ret_count)++], message);
        rd_kafka_message_destroy(message);
    }
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return records;
}

int64_t world_check_output(struct world *world)
{
    char topic[128];
    size_t count;
    int64_t last[WORLD_LANES] = {0};
    snprintf(topic, sizeof topic, "%s.out", world->name);
    struct world_record *records = world_read(world, topic, &count);
    for (size_t i = 0; i < count; i++) {
        int32_t p = records[i].partition;
        if (records[i].lane_sequence > last[p] + 1) {
            fail_msg("hole in the output of lane %d: %lld after %lld", p, (long long)records[i].lane_sequence,
                     (long long)last[p]);
        }
        last[p] = records[i].lane_sequence > last[p] ? records[i].lane_sequence : last[p];
    }
    free(records);
    return last[0] + last[1];
}

void world_check_once(struct world *world)
{
    assert_int_equal(world_int(world, "SELECT count(*) FROM (SELECT 1 FROM effect e JOIN counter c USING (case_id)"
                                      " GROUP BY source, number, lane HAVING count(*) > 1) twice"),
                     0);
    assert_int_equal(world_int(world, "SELECT count(*) FROM (SELECT lane, max(last_seq) - sum(last_seq - first_seq + 1)"
                                      " AS holes FROM outbox"
                                      " GROUP BY lane) o WHERE holes <> 0"),
                     0);
    assert_int_equal(world_int(world, "SELECT count(*) FROM lane l WHERE out_seq <> (SELECT coalesce(max(last_seq), 0)"
                                      " FROM outbox o WHERE o.lane = l.lane)"),
                     0);
}
