/* Stops the real clock of a test program. Include it in one file only: it takes the place of libc's
 * clock_gettime in the whole program. */
#ifndef DSP_TEST_FAKE_TIME_H
#define DSP_TEST_FAKE_TIME_H

#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Real time in milliseconds; negative: the machine's. */
static int64_t fake_time_ms = -1;

int clock_gettime(clockid_t id, struct timespec *ret_time)
{
    if (id == CLOCK_REALTIME && fake_time_ms >= 0) {
        ret_time->tv_sec = fake_time_ms / 1000;
        ret_time->tv_nsec = fake_time_ms % 1000 * 1000000;
        return 0;
    }
    return (int)syscall(SYS_clock_gettime, id, ret_time);
}

#endif
