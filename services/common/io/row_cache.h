/* Rows of cases as of the last commit, so that a turn asks PostgreSQL only for what it has not seen lately.
 *
 * Safe because a case's rows are written by the owner of its lane alone: whoever else writes them has raised the
 * lane's epoch first, so our next commit raises, and the case row's version check raises once more. Whoever loses
 * its lanes, its connection or a turn clears the cache. A case is kept whole, with the rows of all tables that are
 * keyed by case, or not at all; shared tables never. The oldest make room for new ones. Loop thread only. */
#ifndef DSP_ROW_CACHE_H
#define DSP_ROW_CACHE_H

#include "common/io/rows.h"

struct dsp_row_cache; /* opaque */
struct set;           /* rows_internal.h */

/* Borrows tables. NULL: out of memory. */
struct dsp_row_cache *dsp_row_cache_new(const struct dsp_table *tables, size_t count, size_t max_bytes);
void dsp_row_cache_free(struct dsp_row_cache *cache);  /* NULL is fine */
void dsp_row_cache_clear(struct dsp_row_cache *cache); /* NULL is fine */
size_t dsp_row_cache_bytes(const struct dsp_row_cache *cache);

/* For rows.c. Copies a case's rows of one table into the set; `*ret_hit` false: it is not here. REJECT: arena full. */
DSP_MUST_USE struct dsp_err row_cache_take(struct dsp_row_cache *cache, struct dsp_rows *rows, struct set *set,
                                           struct dsp_str key, bool *ret_hit);
void row_cache_keep(struct dsp_row_cache *cache, struct dsp_rows *rows);

#endif
