#include "common/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES ((size_t)64 * 1024)
#define ALIGNMENT _Alignof(max_align_t)

struct block {
    struct block *next;
    size_t size_bytes;
    size_t used_bytes;
    max_align_t data[]; /* for the alignment: addressed as bytes */
};

struct dsp_arena {
    size_t cap_bytes;
    size_t used_bytes;
    struct block *first;
    struct block *current; /* earlier blocks are full, later ones do not exist */
};

static struct block *block_new(size_t size_bytes)
{
    struct block *block = malloc(sizeof *block + size_bytes);
    if (block) {
        *block = (struct block){.size_bytes = size_bytes};
    }
    return block;
}

struct dsp_arena *dsp_arena_new(size_t cap_bytes)
{
    struct dsp_arena *arena = calloc(1, sizeof *arena);
    if (!arena) {
        return NULL;
    }
    arena->cap_bytes = cap_bytes;
    arena->first = block_new(cap_bytes < BLOCK_BYTES ? cap_bytes : BLOCK_BYTES);
    arena->current = arena->first;
    if (!arena->first) {
        free(arena);
        return NULL;
    }
    return arena;
}

static void free_blocks(struct block *block)
{
    while (block) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
}

void dsp_arena_free(struct dsp_arena *arena)
{
    if (arena) {
        free_blocks(arena->first);
        free(arena);
    }
}

/* Makes the current block one with room for `size_bytes`. */
static bool make_room(struct dsp_arena *arena, size_t size_bytes)
{
    struct block *current = arena->current;
    if (current->size_bytes - current->used_bytes >= size_bytes) {
        return true;
    }
    struct block *block = block_new(size_bytes > BLOCK_BYTES ? size_bytes : BLOCK_BYTES);
    if (!block) {
        return false;
    }
    current->next = block;
    arena->current = block;
    return true;
}

void *dsp_arena_alloc(struct dsp_arena *arena, size_t size_bytes)
{
    size_t left = arena->cap_bytes - arena->used_bytes;
    if (size_bytes > left) {
        return NULL;
    }
    /* Two allocations never share an address, so nothing asked for still takes something. */
    size_t taken = size_bytes == 0 ? ALIGNMENT : (size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (taken < size_bytes || taken > left || !make_room(arena, taken)) {
        return NULL;
    }
    struct block *block = arena->current;
    void *memory = (char *)block->data + block->used_bytes;
    block->used_bytes += taken;
    arena->used_bytes += taken;
    return memset(memory, 0, taken);
}

struct dsp_str dsp_arena_copy(struct dsp_arena *arena, struct dsp_str from)
{
    char *copy = from.len == SIZE_MAX ? NULL : dsp_arena_alloc(arena, from.len + 1);
    if (!copy) {
        return (struct dsp_str){NULL, 0};
    }
    if (from.len > 0) {
        memcpy(copy, from.ptr, from.len);
    }
    return (struct dsp_str){copy, from.len};
}

struct dsp_str dsp_arena_format(struct dsp_arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : dsp_arena_alloc(arena, (size_t)length + 1);
    if (!text) {
        return (struct dsp_str){NULL, 0};
    }
    va_start(arguments, format);
    (void)vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return (struct dsp_str){text, (size_t)length};
}

void dsp_arena_reset(struct dsp_arena *arena)
{
    free_blocks(arena->first->next);
    arena->first->next = NULL;
    arena->first->used_bytes = 0;
    arena->current = arena->first;
    arena->used_bytes = 0;
}

size_t dsp_arena_used_bytes(const struct dsp_arena *arena)
{
    return arena->used_bytes;
}
