/* How many merchants have had the first message about their case, asked from the sink over one connection. */
#ifndef BENCH_TOLD_H
#define BENCH_TOLD_H

#include <stdint.h>

/* `address` is HOST:PORT, IPv4. Returns a socket; ends the process when nobody listens. */
int told_open(const char *address);
/* Since the last /reset of the sink; waits for the answer, which comes at once. */
uint64_t told_count(int fd);

#endif
