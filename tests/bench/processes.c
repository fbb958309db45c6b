#include "processes.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct usage {
    int pid, parent;
    double cpu_s;
};

static bool read_usage(int pid, struct usage *usage)
{
    char path[64];
    char line[1024];
    unsigned long user;
    unsigned long kernel;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *file = fopen(path, "re");
    if (!file) {
        return false;
    }
    size_t size = fread(line, 1, sizeof line - 1, file);
    fclose(file);
    line[size] = '\0';
    const char *rest = strrchr(line, ')'); /* a name may hold anything */
    usage->pid = pid;
    if (!rest ||
        sscanf(rest + 1, " %*c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &usage->parent, &user, &kernel) != 3) {
        return false;
    }
    usage->cpu_s = (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
    return true;
}

static size_t read_all(struct usage *usages, size_t most)
{
    size_t count = 0;
    DIR *proc = opendir("/proc");
    const struct dirent *entry;
    while (proc && count < most && (entry = readdir(proc))) {
        int pid = atoi(entry->d_name);
        count += pid > 0 && read_usage(pid, &usages[count]);
    }
    if (proc) {
        closedir(proc);
    }
    return count;
}

/* "name=pid,…": calls back for each. */
static void each(const char *watch, void (*call)(void *arg, const char *name, int pid), void *arg)
{
    char *copy = strdup(watch);
    char *saved = NULL;
    for (char *word = copy ? strtok_r(copy, ",", &saved) : NULL; word; word = strtok_r(NULL, ",", &saved)) {
        char *equals = strchr(word, '=');
        if (equals) {
            *equals = '\0';
            call(arg, word, atoi(equals + 1));
        }
    }
    free(copy);
}

struct sum {
    json_t *into;
    struct usage *usages;
    size_t count;
};

static void add_cpu(void *arg, const char *name, int pid)
{
    struct sum *sum = arg;
    double total = 0;
    for (size_t i = 0; i < sum->count; i++) { /* servers have one generation of children */
        total += sum->usages[i].pid == pid || sum->usages[i].parent == pid ? sum->usages[i].cpu_s : 0;
    }
    json_object_set_new(sum->into, name, json_real(total));
}

static double machine_busy(void)
{
    unsigned long long user = 0;
    unsigned long long nice = 0;
    unsigned long long kernel = 0;
    unsigned long long idle = 0;
    unsigned long long wait = 0;
    unsigned long long irq = 0;
    unsigned long long soft = 0;
    FILE *file = fopen("/proc/stat", "re");
    if (file) {
        if (fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu", &user, &nice, &kernel, &idle, &wait, &irq, &soft) !=
            7) {
            user = 0;
        }
        fclose(file);
    }
    return (double)(user + nice + kernel + irq + soft) / (double)sysconf(_SC_CLK_TCK);
}

json_t *processes_cpu(const char *watch)
{
    struct sum sum = {.into = json_object(), .usages = calloc(4096, sizeof *sum.usages)};
    if (sum.usages) {
        sum.count = read_all(sum.usages, 4096);
        each(watch, add_cpu, &sum);
    }
    free(sum.usages);
    json_object_set_new(sum.into, "machine", json_real(machine_busy()));
    return sum.into;
}

json_t *processes_cores(const json_t *before, const json_t *after, double seconds)
{
    json_t *cores = json_object();
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)after, name, value) {
        double used = json_real_value(value) - json_real_value(json_object_get(before, name));
        char text[32];
        snprintf(text, sizeof text, "%.3f", used / seconds);
        json_object_set_new(cores, name, json_real(strtod(text, NULL)));
    }
    return cores;
}

static void add_memory(void *arg, const char *name, int pid)
{
    char path[64];
    long total;
    long resident = 0;
    snprintf(path, sizeof path, "/proc/%d/statm", pid);
    FILE *file = fopen(path, "re");
    if (file) {
        if (fscanf(file, "%ld %ld", &total, &resident) != 2) {
            resident = 0;
        }
        fclose(file);
    }
    double mib = (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
    json_object_set_new(arg, name, json_real((double)(int)(mib * 10 + 0.5) / 10));
}

json_t *processes_memory(const char *watch)
{
    json_t *memory = json_object();
    each(watch, add_memory, memory);
    return memory;
}
