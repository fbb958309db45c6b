/* devbroker TOPICS_JSON ADDRESS_FILE: the embedded broker, for machines where Apache Kafka cannot be had.
 *
 * librdkafka's mock cluster in a process of its own: makes the topics of the list, writes host:port to the file
 * when it is ready, and stays until SIGTERM. Everything lies in memory, at most 5 MiB a partition; there are no
 * broker stamps (timestamps are the publishers') and no admin calls, hence the topics are made here.
 * HESHI_PARTITIONS is the number of partitions of topics that give none of their own. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#define PARTITIONS_MOST 1000
#define TOPICS_MOST 512
#define NEW_SUFFIX ".new"

enum { EXIT_USAGE = 2 };

static bool complain(const char *what, const char *detail)
{
    fprintf(stderr, "devbroker: %s: %s\n", what, detail);
    return false;
}

static bool partitions_ok(json_int_t partitions)
{
    return partitions >= 1 && partitions <= PARTITIONS_MOST;
}

/* The environment's number, else the list's; 0 when that is not a usable number. */
static json_int_t default_partitions(const json_t *list)
{
    const char *text = getenv("HESHI_PARTITIONS");
    json_int_t partitions = json_integer_value(json_object_get(list, "partitions"));
    if (text && *text) {
        char *end;
        partitions = strtoll(text, &end, 10);
        if (*end != '\0') {
            return 0;
        }
    }
    return partitions_ok(partitions) ? partitions : 0;
}

struct topic_order {
    rd_kafka_mock_cluster_t *cluster;
    const char *name;
    int partitions;
    pthread_t thread;
    rd_kafka_resp_err_t err;
};

static bool read_topic(const json_t *topic, json_int_t partitions, struct topic_order *order)
{
    const json_t *own = json_object_get(topic, "partitions");
    json_int_t count = own ? json_integer_value(own) : partitions;
    order->name = json_string_value(json_object_get(topic, "name"));
    if (!order->name || !*order->name) {
        return complain("the list of topics", "a topic has no name");
    }
    if (!partitions_ok(count)) {
        return complain(order->name, "not a usable number of partitions");
    }
    order->partitions = (int)count;
    return true;
}

static void *make_topic(void *argument)
{
    struct topic_order *order = argument;
    order->err = rd_kafka_mock_topic_create(order->cluster, order->name, order->partitions, 1);
    return NULL;
}

/* All at once: the cluster's thread looks for orders some times a second only, and each call waits for it. */
static bool make_all(struct topic_order *orders, size_t count)
{
    size_t started = 0;
    bool ok = true;
    while (started < count && pthread_create(&orders[started].thread, NULL, make_topic, &orders[started]) == 0) {
        started++;
    }
    for (size_t i = 0; i < started; i++) {
        pthread_join(orders[i].thread, NULL);
        if (orders[i].err) {
            ok = complain(orders[i].name, rd_kafka_err2str(orders[i].err));
        }
    }
    return started == count ? ok : complain("topics", "no more threads to be had");
}

static bool make_topics(rd_kafka_mock_cluster_t *cluster, const char *path, size_t *ret_count)
{
    json_error_t error;
    json_t *list = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!list) {
        return complain(path, error.text);
    }
    const json_t *topics = json_object_get(list, "topics");
    json_int_t partitions = default_partitions(list);
    size_t count = json_array_size(topics);
    bool ok = count > 0 || complain(path, "there is no list \"topics\"");
    ok = ok && (partitions > 0 || complain(path, "HESHI_PARTITIONS or \"partitions\" is not a usable number"));
    ok = ok && (count <= TOPICS_MOST || complain(path, "too many topics"));
    struct topic_order *orders = ok ? calloc(count, sizeof *orders) : NULL;
    ok = orders != NULL;
    for (size_t i = 0; ok && i < count; i++) {
        orders[i].cluster = cluster;
        ok = read_topic(json_array_get(topics, i), partitions, &orders[i]);
    }
    ok = ok && make_all(orders, count);
    free(orders);
    json_decref(list);
    *ret_count = count;
    return ok;
}

static bool write_line(const char *path, const char *line)
{
    FILE *file = fopen(path, "w");
    if (!file) {
        return false;
    }
    bool ok = fprintf(file, "%s\n", line) > 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
    return fclose(file) == 0 && ok;
}

/* Whoever waits for the file finds it whole or not at all. */
static bool write_address(const char *path, const char *address)
{
    size_t size = strlen(path) + sizeof NEW_SUFFIX;
    char *fresh = malloc(size);
    if (!fresh) {
        return complain(path, "out of memory");
    }
    snprintf(fresh, size, "%s%s", path, NEW_SUFFIX);
    bool ok = write_line(fresh, address) && rename(fresh, path) == 0;
    if (!ok) {
        complain(path, strerror(errno));
    }
    free(fresh);
    return ok;
}

/* Until SIGTERM or SIGINT, which are blocked in all threads. */
static bool serve(rd_kafka_mock_cluster_t *cluster, const char *topics_path, const char *address_path,
                  const sigset_t *ends)
{
    const char *address = rd_kafka_mock_cluster_bootstraps(cluster);
    size_t topic_count;
    int signal_number;
    if (!make_topics(cluster, topics_path, &topic_count) || !write_address(address_path, address)) {
        return false;
    }
    printf("embedded broker at %s, %zu topics. NOTHING SURVIVES IT: ", address, topic_count);
    puts("records, groups and topics end with this process.");
    fflush(stdout);
    sigwait(ends, &signal_number);
    unlink(address_path);
    return true;
}

int main(int argc, char **argv)
{
    sigset_t ends;
    char why[512];
    if (argc != 3) {
        fputs("devbroker TOPICS_JSON ADDRESS_FILE\n", stderr);
        return EXIT_USAGE;
    }
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);

    /* The cluster wants a client to belong to; that it has no broker of its own is no news. */
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "log_level", "4", why, sizeof why);
    rd_kafka_t *handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    if (!handle) {
        complain("librdkafka", why);
        rd_kafka_conf_destroy(conf);
        return EXIT_FAILURE;
    }
    rd_kafka_mock_cluster_t *cluster = rd_kafka_mock_cluster_new(handle, 1);
    bool ok = cluster ? serve(cluster, argv[1], argv[2], &ends) : complain("librdkafka", "no mock cluster");
    if (cluster) {
        rd_kafka_mock_cluster_destroy(cluster);
    }
    rd_kafka_destroy(handle);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
