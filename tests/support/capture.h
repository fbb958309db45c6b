/* Catches what a program writes to stdout. One capture at a time; at most what a pipe holds (64 KiB). */
#ifndef DSP_TEST_CAPTURE_H
#define DSP_TEST_CAPTURE_H

#include <assert.h>
#include <stdio.h>
#include <unistd.h>

struct capture {
    int saved;
    int from_pipe;
};

static inline struct capture capture_begin(void)
{
    int ends[2];
    (void)fflush(stdout);
    int made = pipe(ends);
    assert(made == 0);
    (void)made;
    struct capture capture = {dup(STDOUT_FILENO), ends[0]};
    (void)dup2(ends[1], STDOUT_FILENO);
    (void)close(ends[1]);
    return capture;
}

/* Terminates `text`; returns the bytes caught, at most size - 1. */
static inline size_t capture_end(struct capture capture, char *text, size_t size)
{
    (void)fflush(stdout);
    (void)dup2(capture.saved, STDOUT_FILENO); /* closes the last writing end: read below meets its end */
    (void)close(capture.saved);
    size_t total = 0;
    ssize_t got;
    while (total < size - 1 && (got = read(capture.from_pipe, text + total, size - 1 - total)) > 0) {
        total += (size_t)got;
    }
    (void)close(capture.from_pipe);
    text[total] = '\0';
    return total;
}

#endif
