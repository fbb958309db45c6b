/* Whole disputes. Closed loop: a constant number of disputes is in service, a new one is filed when one leaves.
 * Open loop: filings at a fixed rate whatever happens, each timed from the instant at which it was meant to be sent.
 * Time in which a case waits for a clock or for people is nobody's service time: the case does not count meanwhile. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/clock.h"
#include "common/service/message.h"
#include "disputes/case/v1/event.pb-c.h"
#include "options.h"
#include "people.h"
#include "processes.h"

#define BUCKETS (1u << 17)
#define LOG_TOPIC "disputes.case.event.v1"

/* A case that comes back after a clock or after somebody's delay. */
struct later {
    int64_t at_us;
    struct bench_case *item;
    enum bench_act act;
    int64_t sequence;
};

struct run {
    const struct options *options;
    struct sender *sender;
    rd_kafka_t *consumer;
    struct dsp_arena *arena;
    struct bench_case **buckets;
    struct later *heap;
    size_t heap_count, heap_room;
    const struct bench_shape *wheel[64]; /* the mix, dealt out in turn */
    size_t wheel_size;
    json_t *policy;
    uint64_t filed, ended, entries, refused;
    size_t alive, away; /* away: cases that nobody serves now */
    int64_t number_base;
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- cases --- */

static struct bench_case **bucket(struct run *run, const struct dsp_uuid *id)
{
    uint64_t hash;
    memcpy(&hash, id->bytes + 8, sizeof hash);
    return &run->buckets[hash % BUCKETS];
}

static struct bench_case *find(struct run *run, const struct dsp_uuid *id)
{
    struct bench_case *item = *bucket(run, id);
    while (item && !dsp_uuid_equal(&item->id, id)) {
        item = item->next;
    }
    return item;
}

static void forget(struct run *run, struct bench_case *item)
{
    struct bench_case **at = bucket(run, &item->id);
    while (*at != item) {
        at = &(*at)->next;
    }
    *at = item->next;
    run->alive--;
    run->away -= item->away > 0;
    free(item);
}

static void file_one(struct run *run, int64_t intended_us, bool measured)
{
    struct bench_case *item = calloc(1, sizeof *item);
    if (!item || dsp_failed(dsp_uuid_v7(&item->id))) {
        bench_die("out of memory");
    }
    item->number = (uint64_t)run->number_base + run->filed;
    item->shape = run->wheel[run->filed % run->wheel_size];
    snprintf(item->order, sizeof item->order, "b%c-%lld-%llu", measured ? 'm' : 'w', (long long)intended_us,
             (unsigned long long)item->number);
    struct bench_case **at = bucket(run, &item->id);
    item->next = *at;
    *at = item;
    run->filed++;
    run->alive++;
    people_file(run->sender, run->options->platform, item);
}

/* --- what happens later --- */

static void push(struct run *run, struct later later)
{
    if (run->heap_count == run->heap_room) {
        run->heap_room = run->heap_room ? run->heap_room * 2 : 1024;
        run->heap = realloc(run->heap, run->heap_room * sizeof *run->heap);
        if (!run->heap) {
            bench_die("out of memory");
        }
    }
    size_t at = run->heap_count++;
    while (at > 0 && run->heap[(at - 1) / 2].at_us > later.at_us) {
        run->heap[at] = run->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    run->heap[at] = later;
}

static struct later pop(struct run *run)
{
    struct later first = run->heap[0];
    struct later last = run->heap[--run->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= run->heap_count) {
            break;
        }
        child += child + 1 < run->heap_count && run->heap[child + 1].at_us < run->heap[child].at_us;
        if (run->heap[child].at_us >= last.at_us) {
            break;
        }
        run->heap[at] = run->heap[child];
        at = child;
    }
    run->heap[at] = last;
    return first;
}

static int64_t budget_ms(const struct run *run, const struct bench_line *line)
{
    size_t i;
    json_t *budget;
    json_array_foreach(run->policy, i, budget) {
        if (strcmp(json_string_value(json_object_get(budget, "kind")), line->clock) == 0) {
            json_int_t usual = json_integer_value(json_object_get(budget, "budget_millis"));
            json_int_t brief = json_integer_value(json_object_get(budget, "short_budget_millis"));
            return line->short_budget && brief ? brief : usual;
        }
    }
    bench_die("the policy has no clock %s", line->clock);
}

static void come_back(struct run *run, const struct later *later)
{
    later->item->away--;
    run->away -= later->item->away == 0;
    people_act(run->sender, later->item, later->act, later->sequence);
    if (later->item->over && later->item->away == 0) {
        forget(run, later->item);
    }
}

static void serve_later(struct run *run)
{
    int64_t now = now_us();
    while (run->heap_count && run->heap[0].at_us <= now) {
        struct later later = pop(run);
        come_back(run, &later);
    }
}

/* --- the log --- */

/* Whether the case is over. */
static bool act_on(struct run *run, struct bench_case *item, const Disputes__Case__V1__Entry *entry)
{
    for (size_t i = 0; i < item->shape->count; i++) {
        const struct bench_line *line = &item->shape->lines[i];
        if (strcmp(line->row, entry->row) != 0 || ++item->seen[i] != line->nth) {
            continue;
        }
        int64_t wait_ms = line->act == BENCH_CLOCK ? budget_ms(run, line) : line->delay_ms;
        if (line->act == BENCH_END) {
            return true;
        }
        if (wait_ms) {
            run->away += item->away == 0;
            item->away++;
            push(run, (struct later){now_us() + wait_ms * 1000, item, line->act, (int64_t)entry->sequence});
        } else {
            people_act(run->sender, item, line->act, (int64_t)entry->sequence);
        }
    }
    return false;
}

static void on_record(struct run *run, const rd_kafka_message_t *message)
{
    Disputes__Case__V1__CaseEvent *event;
    struct dsp_uuid id;
    dsp_arena_reset(run->arena);
    if (message->err) {
        bench_die("the log: %s", rd_kafka_message_errstr(message));
    }
    if (dsp_failed(dsp_message_unpack(run->arena, &disputes__case__v1__case_event__descriptor,
                                      (struct dsp_str){message->payload, message->len}, &event)) ||
        !event->entry || !dsp_uuid_parse(dsp_message_str(event->entry->case_id), &id)) {
        return;
    }
    struct bench_case *item = find(run, &id);
    if (!item) {
        return; /* of an earlier run, or after its end */
    }
    run->entries++;
    if (event->entry->type == DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_COMMAND_REFUSED) {
        if (run->refused++ == 0) {
            fprintf(stderr, "bench: a command was refused: %s %s %s\n", event->entry->refusal->code,
                    event->entry->refusal->trigger, event->entry->case_id);
        }
    } else if (act_on(run, item, event->entry)) {
        run->ended++;
        item->over = true;
        if (item->away == 0) {
            forget(run, item);
        }
    }
}

static void read_log(struct run *run, int wait_ms)
{
    for (int i = 0; i < 512; i++) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(run->consumer, i == 0 ? wait_ms : 0);
        if (!message) {
            break;
        }
        on_record(run, message);
        rd_kafka_message_destroy(message);
    }
}

/* --- phases --- */

/* `rate` 0: as many as the window takes. Until the instant; measured: filings are marked for the sink. */
static void serve(struct run *run, int64_t until_us, double rate, bool measured, bool filing)
{
    int64_t start_us = now_us();
    int64_t sent = 0;
    while (now_us() < until_us) {
        size_t window = (size_t)run->options->window;
        for (int i = 0; filing && rate <= 0 && i < 256 && run->alive - run->away < window; i++) {
            file_one(run, now_us(), measured);
        }
        while (filing && rate > 0) {
            int64_t intended_us = start_us + (int64_t)((double)sent * 1e6 / rate);
            if (intended_us > now_us() || intended_us >= until_us) {
                break;
            }
            file_one(run, intended_us, measured);
            sent++;
        }
        serve_later(run);
        read_log(run, 1);
        sender_poll(run->sender);
        if (!filing && run->alive == 0) {
            break;
        }
    }
}

static void print_window(const struct run *run, const char *what, double seconds, const struct run *before,
                         json_t *cores)
{
    json_t *line = json_pack(
        "{s:s, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:o, s:o}", "phase", what, "seconds", seconds, "disputes_per_s",
        (double)(run->ended - before->ended) / seconds, "filed_per_s", (double)(run->filed - before->filed) / seconds,
        "entries_per_s", (double)(run->entries - before->entries) / seconds, "in_service",
        (json_int_t)(run->alive - run->away), "waiting", (json_int_t)run->away, "refused", (json_int_t)run->refused,
        "cores", cores, "memory_mib", processes_memory(run->options->watch));
    json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    printf("\n");
    fflush(stdout);
    json_decref(line);
}

static void measure(struct run *run, const char *what, int seconds, double rate, bool measured, bool filing)
{
    struct run before = *run;
    json_t *cpu_before = processes_cpu(run->options->watch);
    int64_t start_us = now_us();
    serve(run, start_us + seconds * 1000000LL, rate, measured, filing);
    double took_s = (double)(now_us() - start_us) / 1e6;
    json_t *cpu_after = processes_cpu(run->options->watch);
    print_window(run, what, took_s, &before, processes_cores(cpu_before, cpu_after, took_s));
    json_decref(cpu_before);
    json_decref(cpu_after);
}

/* --- start --- */

static void deal_mix(struct run *run)
{
    for (size_t i = 0; i < BENCH_SHAPE_COUNT; i++) {
        const char *at = strstr(run->options->mix, BENCH_SHAPES[i].name);
        int weight = at && at[strlen(BENCH_SHAPES[i].name)] == '=' ? atoi(at + strlen(BENCH_SHAPES[i].name) + 1) : 0;
        for (int n = 0; n < weight && run->wheel_size < sizeof run->wheel / sizeof *run->wheel; n++) {
            run->wheel[run->wheel_size++] = &BENCH_SHAPES[i];
        }
    }
    if (run->wheel_size == 0) {
        bench_die("--mix names no shape that there is");
    }
}

static rd_kafka_t *log_consumer(const struct options *options)
{
    char why[256];
    const char *settings[][2] = {{"bootstrap.servers", options->brokers},
                                 {"group.id", "bench"},
                                 {"enable.auto.commit", "false"},
                                 {"fetch.wait.max.ms", "5"},
                                 {"auto.offset.reset", "latest"}};
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (rd_kafka_conf_set(conf, settings[i][0], settings[i][1], why, sizeof why) != RD_KAFKA_CONF_OK) {
            bench_die("%s", why);
        }
    }
    rd_kafka_t *consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
    if (!consumer) {
        bench_die("%s", why);
    }
    rd_kafka_poll_set_consumer(consumer);
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(consumer, LOG_TOPIC, NULL);
    if (rd_kafka_metadata(consumer, 0, topic, &metadata, 10000) || metadata->topic_cnt != 1) {
        bench_die("no topic " LOG_TOPIC);
    }
    rd_kafka_topic_partition_list_t *parts = rd_kafka_topic_partition_list_new(metadata->topics[0].partition_cnt);
    for (int p = 0; p < metadata->topics[0].partition_cnt; p++) {
        int64_t low;
        int64_t high;
        if (rd_kafka_query_watermark_offsets(consumer, LOG_TOPIC, p, &low, &high, 10000)) {
            bench_die("no offsets of " LOG_TOPIC);
        }
        rd_kafka_topic_partition_list_add(parts, LOG_TOPIC, p)->offset = high;
    }
    rd_kafka_assign(consumer, parts);
    rd_kafka_topic_partition_list_destroy(parts);
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(topic);
    return consumer;
}

/* The budgets of the policy in force, as published by disputectl platform put. */
static json_t *read_policy(const struct options *options)
{
    json_error_t error;
    json_t *file = json_load_file(options->policy, 0, &error);
    json_t *budgets = json_object_get(json_object_get(json_array_get(file, 0), "policy"), "budgets");
    if (!budgets) {
        bench_die("%s: no policy in it", options->policy);
    }
    json_incref(budgets);
    json_decref(file);
    return budgets;
}

void run_disputes(const struct options *options, bool open)
{
    char name[32];
    struct run run = {.options = options,
                      .sender = sender_new(options->brokers),
                      .consumer = log_consumer(options),
                      .arena = dsp_arena_new(4u << 20),
                      .buckets = calloc(BUCKETS, sizeof *run.buckets),
                      .policy = read_policy(options),
                      .number_base = now_us() % 1000000000000LL * 1000};
    if (!run.arena || !run.buckets) {
        bench_die("out of memory");
    }
    deal_mix(&run);
    double rate = open ? options->rate : 0;
    measure(&run, "warmup", options->warmup_s, rate, false, true);
    for (int i = 1; i <= options->runs; i++) {
        snprintf(name, sizeof name, open ? "open%d" : "run%d", i);
        measure(&run, name, options->seconds, rate, open, true);
    }
    if (options->drain_s) { /* everything that was filed comes to its end */
        measure(&run, "drain", options->drain_s, 0, false, false);
        printf("{\"phase\":\"end\",\"filed\":%llu,\"ended\":%llu,\"left\":%zu}\n", (unsigned long long)run.filed,
               (unsigned long long)run.ended, run.alive);
    }
    rd_kafka_consumer_close(run.consumer);
    rd_kafka_destroy(run.consumer);
    sender_free(run.sender);
    json_decref(run.policy);
    dsp_arena_free(run.arena);
    free(run.heap);
    free(run.buckets);
}
