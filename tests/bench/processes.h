/* CPU time and memory of processes, from /proc. */
#ifndef BENCH_PROCESSES_H
#define BENCH_PROCESSES_H

#include <jansson.h>

/* `watch` is "name=pid,name=pid". Seconds of CPU of each with its children, since they started; "machine" is what
 * the whole machine was busy, so that foreign load shows. New reference. */
json_t *processes_cpu(const char *watch);
/* (after - before) / seconds for each name: cores. New reference. */
json_t *processes_cores(const json_t *before, const json_t *after, double seconds);
/* Resident memory of each, MiB. New reference. */
json_t *processes_memory(const char *watch);

#endif
