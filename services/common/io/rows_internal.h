/* What rows.c and row_cache.c share. Nobody else includes this. */
#ifndef DSP_ROWS_INTERNAL_H
#define DSP_ROWS_INTERNAL_H

#include "common/io/rows.h"

#define BUCKETS 256

struct entry {
    struct dsp_str key;
    struct dsp_list list;
    struct entry *next;
};

struct set {
    const struct dsp_table *table;
    struct dsp_rows *rows;
    struct entry *buckets[BUCKETS];
    struct dsp_str *keys; /* in the order they were wanted */
    size_t count;
    size_t capacity;
    struct dsp_list all; /* every row, for saving */
};

struct dsp_rows {
    struct dsp_arena *arena;
    struct set *sets;
    size_t count;
    struct dsp_err err;
    struct dsp_row_cache *cache; /* NULL: none */
};

/* A zeroed row at the end of the list of its key. NULL: arena full. */
void *rows_append(struct dsp_rows *rows, struct set *set, struct dsp_str key);
/* NULL: that key was never wanted. */
struct entry *rows_find(struct set *set, struct dsp_str key);

#endif
