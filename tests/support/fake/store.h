/* Where the rows of a service under test are kept. Two files implement it: store_fake.c in memory (label unit),
 * store_real.c in a PostgreSQL database of its own (label component). The same tests run on both. Above it stands
 * the real common/io/rows.c with its binary arrays.
 *
 * What the fake knows of SQL is what the statements of queries.sql say: names and order of columns, keys of
 * ON CONFLICT, the columns of DO UPDATE SET, the version rule, ORDER BY; primary keys come from the migrations.
 * A statement of another shape fails the test. CHECK constraints and further unique
 * indexes are PostgreSQL's alone. */
#ifndef DSP_TEST_STORE_H
#define DSP_TEST_STORE_H

#include "common/service/service.h"

/* Empty tables of one service. Owned by the caller. Skips the test when there is no server. */
struct dsp_pg *store_open(const struct dsp_service_definition *definition);
/* NULL is fine. */
void store_close(struct dsp_pg *pg);
/* Ends the group and waits for it; the first error of the group. */
DSP_MUST_USE struct dsp_err store_end(struct dsp_pg *pg);

/* The text of all migrations of a service, in their order; malloc'ed. For the two stores. */
char *store_migrations(const char *service);

#endif
