/* Whole disputes. Closed loop: a constant number of disputes is in service, a new one is filed when one leaves.
 * Open loop: filings at a fixed rate whatever happens, each timed from the instant at which it was meant to be sent.
 * Time in which a case waits for a clock or for people is nobody's service time: the case does not count meanwhile. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "case_log.h"
#include "common/base/clock.h"
#include "common/service/message.h"
#include "disputes/common/v1/common.pb-c.h"
#include "options.h"
#include "people.h"
#include "processes.h"
#include "told.h"

#define BUCKETS (1u << 17)
#define CLOCK_KINDS 64
#define RUNS_MAX 16
#define ASK_SINK_US 20000

/* A case that comes back after a clock or after somebody's delay. */
struct later {
    int64_t at_us;
    struct bench_case *item;
    enum bench_act act;
    int64_t sequence;
};

struct budget {
    int64_t usual_ms, short_ms;
};

/* Whether the generator kept up, over one phase. */
struct steadiness {
    uint64_t looks;
    double in_service_sum;
    size_t in_service_least;
    double read_late_ms_sum; /* from an entry's record to its reading here */
    int64_t read_late_ms_most;
};

struct run {
    const struct options *options;
    struct sender *sender;
    rd_kafka_t *consumer;
    struct bench_case **buckets;
    struct later *heap;
    size_t heap_count, heap_room;
    const struct bench_shape *wheel[64]; /* the mix, dealt out in turn */
    size_t wheel_size;
    struct budget budgets[CLOCK_KINDS]; /* of the policy in force, by clock */
    uint64_t filed, ended, entries, refused;
    uint64_t strayed;   /* ended, but by another way than their shape's: not counted as whole */
    size_t alive, away; /* away: cases that nobody serves now */
    int sink;           /* -1 = none */
    uint64_t told;      /* merchants that had their first message, of `filed` */
    int64_t told_at_us;
    struct steadiness steady;
    int64_t number_base;
};

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- cases --- */

static struct bench_case **bucket(struct run *run, uint64_t number)
{
    return &run->buckets[number % BUCKETS];
}

static struct bench_case *find(struct run *run, uint64_t number)
{
    struct bench_case *item = *bucket(run, number);
    while (item && item->number != number) {
        item = item->next;
    }
    return item;
}

static void forget(struct run *run, struct bench_case *item)
{
    struct bench_case **at = bucket(run, item->number);
    while (*at != item) {
        at = &(*at)->next;
    }
    *at = item->next;
    run->alive--;
    free(item);
}

/* `mark`: w = not measured, f = under full load, m = open loop. */
static void file_one(struct run *run, int64_t intended_us, char mark)
{
    struct bench_case *item = calloc(1, sizeof *item);
    if (!item || dsp_failed(dsp_uuid_v7(&item->id))) {
        bench_die("out of memory");
    }
    item->number = (uint64_t)run->number_base + run->filed;
    item->shape = run->wheel[run->filed % run->wheel_size];
    snprintf(item->order, sizeof item->order, "b%c-%lld-%llu", mark, (long long)intended_us,
             (unsigned long long)item->number);
    struct bench_case **at = bucket(run, item->number);
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

static void come_back(struct run *run, const struct later *later)
{
    later->item->away--; /* NOLINT(clang-analyzer-unix.Malloc): what the heap still holds has `away` above 0 */
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

/* Until `at_us` nobody has to serve the case; then somebody acts (not: CLOCK). */
static void stay_away(struct run *run, struct later later)
{
    run->away += later.item->away == 0;
    later.item->away++;
    push(run, later);
}

static void await_clocks(struct run *run, struct bench_case *item, size_t line, const struct log_entry *entry)
{
    for (size_t i = 0; i < entry->start_count; i++) {
        const struct log_start *start = &entry->starts[i];
        if (start->kind != item->shape->lines[line].clock) {
            continue;
        }
        item->seen[line] = 1;
        const struct budget *budget = &run->budgets[start->kind];
        int64_t wait_ms = start->budget_ms ? start->budget_ms : budget->usual_ms;
        wait_ms = start->short_budget && budget->short_ms && !start->budget_ms ? budget->short_ms : wait_ms;
        int64_t due_us = (start->from_ms + wait_ms) * 1000;
        if (due_us > now_us()) {
            stay_away(run, (struct later){due_us, item, BENCH_CLOCK, 0});
        }
    }
}

/* Whether everything that the shape tells has happened: under more load than the clocks allow a dispute goes another way
 * than its people meant. */
static bool went_its_way(const struct bench_case *item)
{
    for (size_t i = 0; i < item->shape->count; i++) {
        const struct bench_line *line = &item->shape->lines[i];
        if (item->seen[i] < (line->act == BENCH_CLOCK ? 1 : line->nth)) {
            return false;
        }
    }
    return true;
}

/* Whether the case is over. */
static bool act_on(struct run *run, struct bench_case *item, const struct log_entry *entry)
{
    if (entry->offer[0]) {
        memcpy(item->offer, entry->offer, sizeof item->offer);
    }
    for (size_t i = 0; i < item->shape->count; i++) {
        const struct bench_line *line = &item->shape->lines[i];
        if (line->act == BENCH_CLOCK) {
            await_clocks(run, item, i, entry);
            continue;
        }
        if (strcmp(line->row, entry->row) != 0 || ++item->seen[i] != line->nth) {
            continue;
        }
        if (line->act == BENCH_END) {
            return true;
        }
        if (line->delay_ms) {
            stay_away(run,
                      (struct later){now_us() + line->delay_ms * 1000LL, item, line->act, (int64_t)entry->sequence});
        } else {
            people_act(run->sender, item, line->act, (int64_t)entry->sequence);
        }
    }
    return false;
}

static void on_entry(void *arg, const struct log_entry *entry)
{
    struct run *run = arg;
    struct bench_case *item = find(run, entry->number);
    if (!item) {
        return; /* of an earlier run, or after its end */
    }
    int64_t late_ms = now_us() / 1000 - entry->written_ms;
    run->steady.read_late_ms_sum += (double)late_ms;
    run->steady.read_late_ms_most = late_ms > run->steady.read_late_ms_most ? late_ms : run->steady.read_late_ms_most;
    run->entries++;
    if (entry->refusal[0]) {
        if (run->refused++ == 0) {
            fprintf(stderr, "bench: refused: %s, row %s of %s (%s)\n", entry->refusal, entry->row, item->order,
                    item->shape->name);
        }
    } else if (act_on(run, item, entry)) {
        run->ended++;
        run->strayed += !went_its_way(item);
        item->over = true;
        if (item->away == 0) {
            forget(run, item);
        }
    }
}

/* --- phases --- */

/* What a phase does. `rate` 0: as many filings as the window takes. */
struct phase {
    const char *name;
    int seconds;
    double rate;
    char mark; /* of its filings; 0: nothing is filed, and it ends when nothing is left */
};

static void look(struct run *run)
{
    size_t in_service = run->alive - run->away;
    struct steadiness *steady = &run->steady;
    steady->in_service_least = steady->looks == 0 || in_service < steady->in_service_least ? in_service
                                                                                           : steady->in_service_least;
    steady->in_service_sum += (double)in_service;
    steady->looks++;
}

/* Notification is behind the log, and no part of the rate, when nobody waits for it. */
static size_t untold(struct run *run)
{
    int64_t now = now_us();
    if (run->sink >= 0 && now - run->told_at_us > ASK_SINK_US) {
        run->told = told_count(run->sink);
        run->told_at_us = now;
    }
    return run->sink < 0 || run->told > run->filed ? 0 : run->filed - run->told;
}

static void serve(struct run *run, const struct phase *phase, int64_t until_us)
{
    double rate = phase->rate;
    bool filing = phase->mark != 0;
    int64_t start_us = now_us();
    int64_t sent = 0;
    while (now_us() < until_us) {
        size_t window = (size_t)run->options->window;
        for (int i = 0; filing && rate <= 0 && i < 256 && run->alive - run->away < window && untold(run) < window;
             i++) {
            file_one(run, now_us(), phase->mark);
        }
        while (filing && rate > 0) {
            int64_t intended_us = start_us + (int64_t)((double)sent * 1e6 / rate);
            if (intended_us > now_us() || intended_us >= until_us) {
                break;
            }
            file_one(run, intended_us, phase->mark);
            sent++;
        }
        look(run);
        serve_later(run);
        case_log_read(run->consumer, rate > 0 ? 1 : 3, 512, on_entry, run); /* an open loop has instants to keep */
        sender_poll(run->sender);
        if (!filing && run->alive == 0) {
            break;
        }
    }
}

static json_t *steady_json(const struct run *run, uint64_t entries)
{
    const struct steadiness *steady = &run->steady;
    return json_pack("{s:f, s:I, s:f, s:I}", "in_service_mean",
                     steady->looks ? steady->in_service_sum / (double)steady->looks : 0, "in_service_least",
                     (json_int_t)steady->in_service_least, "read_late_ms_mean",
                     entries ? steady->read_late_ms_sum / (double)entries : 0, "read_late_ms_most",
                     (json_int_t)steady->read_late_ms_most);
}

static double print_window(struct run *run, const char *what, double seconds, const struct run *before, json_t *cores)
{
    double rate = (double)(run->ended - run->strayed - (before->ended - before->strayed)) / seconds;
    uint64_t entries = run->entries - before->entries;
    json_t *line = json_pack("{s:s, s:f, s:f}", "phase", what, "seconds", seconds, "disputes_per_s", rate);
    json_t *rest = json_pack("{s:f, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "filed_per_s",
                             (double)(run->filed - before->filed) / seconds, "entries_per_s", (double)entries / seconds,
                             "filed", (json_int_t)(run->filed - before->filed), "in_service",
                             (json_int_t)(run->alive - run->away), "untold", (json_int_t)untold(run), "waiting",
                             (json_int_t)run->away, "refused", (json_int_t)run->refused, "strayed",
                             (json_int_t)(run->strayed - before->strayed), "generator", steady_json(run, entries),
                             "cores", cores, "memory_mib", processes_memory(run->options->watch));
    if (!line || json_object_update(line, rest) != 0) {
        bench_die("the figures cannot be written down");
    }
    json_decref(rest);
    json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
    printf("\n");
    fflush(stdout);
    json_decref(line);
    /* What the system bears is no more than what it let in: old cases may come to their end faster. */
    double filed = (double)(run->filed - before->filed) / seconds;
    return filed < rate ? filed : rate;
}

/* Returns disputes a second that were filed and that came to their end: the smaller of the two. */
static double measure(struct run *run, const struct phase *phase)
{
    run->steady = (struct steadiness){0};
    struct run before = *run;
    json_t *cpu_before = processes_cpu(run->options->watch);
    int64_t start_us = now_us();
    serve(run, phase, start_us + phase->seconds * 1000000LL);
    double took_s = (double)(now_us() - start_us) / 1e6;
    json_t *cpu_after = processes_cpu(run->options->watch);
    double rate = print_window(run, phase->name, took_s, &before, processes_cores(cpu_before, cpu_after, took_s));
    json_decref(cpu_before);
    json_decref(cpu_after);
    return rate;
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

/* The budgets of the policy in force, as published by disputectl platform put. */
static void read_policy(struct run *run)
{
    json_error_t error;
    json_t *file = json_load_file(run->options->policy, 0, &error);
    json_t *budgets = json_object_get(json_object_get(json_array_get(file, 0), "policy"), "budgets");
    size_t i;
    json_t *budget;
    if (!budgets) {
        bench_die("%s: no policy in it", run->options->policy);
    }
    json_array_foreach(budgets, i, budget) {
        int kind = 0;
        const char *name = json_string_value(json_object_get(budget, "kind"));
        if (!name || !dsp_enum_value(&disputes__common__v1__clock_kind__descriptor, name, &kind) || kind < 0 ||
            kind >= CLOCK_KINDS) {
            bench_die("%s: a budget of an unknown clock", run->options->policy);
        }
        run->budgets[kind] = (struct budget){json_integer_value(json_object_get(budget, "budget_millis")),
                                             json_integer_value(json_object_get(budget, "short_budget_millis"))};
    }
    json_decref(file);
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Closed loop; returns its median rate. */
static double run_closed(struct run *run)
{
    char name[32];
    const struct options *options = run->options;
    double rates[RUNS_MAX];
    int runs = options->runs < RUNS_MAX ? options->runs : RUNS_MAX;
    measure(run, &(struct phase){"warmup", options->warmup_s, 0, 'w'});
    for (int i = 0; i < runs; i++) {
        snprintf(name, sizeof name, "run%d", i + 1);
        rates[i] = measure(run, &(struct phase){name, options->seconds, 0, 'f'});
    }
    qsort(rates, (size_t)runs, sizeof *rates, by_size);
    return runs > 0 ? rates[runs / 2] : 0;
}

void run_disputes(const struct options *given, bool open)
{
    struct options options = *given;
    char watch[1024];
    snprintf(watch, sizeof watch, "%s%sgenerator=%d", given->watch, given->watch[0] ? "," : "", (int)getpid());
    options.watch = watch;
    struct run run = {.options = &options,
                      .sender = sender_new(options.brokers),
                      .consumer = case_log_open(options.brokers),
                      .buckets = calloc(BUCKETS, sizeof *run.buckets),
                      .sink = options.sink ? told_open(options.sink) : -1,
                      .number_base = now_us() % 1000000000000LL * 1000};
    if (!run.buckets) {
        bench_die("out of memory");
    }
    read_policy(&run);
    deal_mix(&run);
    double rate = open ? options.rate : run_closed(&run) / 2;
    if (open || options.settle_s) { /* at a fixed rate, first until what the closed loop left is done */
        int settle_s = open ? options.warmup_s : options.settle_s;
        rate = rate > 0 ? rate : 1; /* a machine that ended nothing in its runs: still something to look at */
        measure(&run, &(struct phase){"settle", settle_s, rate, 'w'});
        measure(&run, &(struct phase){"open1", options.seconds, rate, 'm'});
    }
    if (options.drain_s) { /* everything that was filed comes to its end */
        measure(&run, &(struct phase){"drain", options.drain_s, 0, 0});
    }
    printf("{\"phase\":\"end\",\"filed\":%llu,\"ended\":%llu,\"left\":%zu,\"left_waiting\":%zu,"
           "\"refused\":%llu,\"strayed\":%llu}\n",
           (unsigned long long)run.filed, (unsigned long long)run.ended, run.alive, run.away,
           (unsigned long long)run.refused, (unsigned long long)run.strayed);
    case_log_close(run.consumer);
    sender_free(run.sender);
    if (run.sink >= 0) {
        close(run.sink);
    }
    free(run.heap);
    free(run.buckets);
}
