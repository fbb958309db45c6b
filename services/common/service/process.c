#include "common/service/process.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/base/clock.h"

static const struct dsp_metric BUILD = {
    "dispute_build_info", DSP_METRIC_GAUGE, "1; the labels say what runs.", {"service", "version", "revision"}};
static const struct dsp_metric START = {
    "process_start_time_seconds", DSP_METRIC_GAUGE, "When the process started, seconds since 1970.", {NULL}};
static const struct dsp_metric CPU = {
    "process_cpu_seconds_total", DSP_METRIC_COUNTER, "Processor time, user and system.", {NULL}};
static const struct dsp_metric RESIDENT = {
    "process_resident_memory_bytes", DSP_METRIC_GAUGE, "Resident memory.", {NULL}};
static const struct dsp_metric VIRTUAL = {"process_virtual_memory_bytes", DSP_METRIC_GAUGE, "Address space.", {NULL}};
static const struct dsp_metric FILES = {"process_open_fds", DSP_METRIC_GAUGE, "Open file descriptors.", {NULL}};
static const struct dsp_metric FILES_MOST = {
    "process_max_fds", DSP_METRIC_GAUGE, "Most open file descriptors allowed.", {NULL}};

#define FREE_KEPT_BYTES ((size_t)4 << 20) /* less is needed again by the next turns */

static void show_memory(struct dsp_metrics *metrics)
{
    long address_space;
    long resident;
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file) {
        return;
    }
    if (fscanf(file, "%ld %ld", &address_space, &resident) == 2) { /* pages */
        dsp_metric_set(metrics, &VIRTUAL, address_space * sysconf(_SC_PAGESIZE), NULL);
        dsp_metric_set(metrics, &RESIDENT, resident * sysconf(_SC_PAGESIZE), NULL);
    }
    (void)fclose(file);
}

static int64_t open_files(void)
{
    int64_t count = -3; /* ".", ".." and the directory itself */
    DIR *directory = opendir("/proc/self/fd");
    if (!directory) {
        return -1;
    }
    while (readdir(directory)) {
        count++;
    }
    (void)closedir(directory);
    return count;
}

void dsp_process_show(struct dsp_metrics *metrics, const char *service)
{
    static int64_t start_s;
    struct rusage usage;
    struct rlimit files;
    const struct dsp_str labels[] = {dsp_str_from(service), DSP_STR_LITERAL(HESHI_VERSION),
                                     DSP_STR_LITERAL(HESHI_REVISION)};
    start_s = start_s ? start_s : dsp_real_ms() / 1000; /* shown once at the start, so this is it */
    dsp_metric_set(metrics, &BUILD, 1, labels);
    dsp_metric_set(metrics, &START, start_s, NULL);
    if (getrusage(RUSAGE_SELF, &usage) == 0) {
        dsp_metric_set(metrics, &CPU, usage.ru_utime.tv_sec + usage.ru_stime.tv_sec, NULL);
    }
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        dsp_metric_set(metrics, &FILES_MOST, (int64_t)files.rlim_cur, NULL);
    }
    int64_t count = open_files();
    show_memory(metrics);
    if (count >= 0) {
        dsp_metric_set(metrics, &FILES, count, NULL);
    }
}

void dsp_process_start(void)
{
    /* librdkafka has a thread for each broker, and each would have a heap of its own. */
    (void)mallopt(M_ARENA_MAX, 2);
    /* A fixed threshold: the one that glibc adapts rises to 32 MiB, and then what was fetched from Kafka leaves holes in
     * the heap that small rows of long life keep. */
    (void)mallopt(M_MMAP_THRESHOLD, 128 << 10);
    (void)mallopt(M_TRIM_THRESHOLD, (int)FREE_KEPT_BYTES / 2);
}

/* By itself malloc gives back only what is free at the end of a heap, and a long-lived row there keeps all of it. */
void dsp_process_trim(void)
{
    if (mallinfo2().fordblks > FREE_KEPT_BYTES) {
        (void)malloc_trim(FREE_KEPT_BYTES / 2);
    }
}
