/* One PostgreSQL connection in pipeline mode behind the event loop. Nothing here blocks.
 *
 * Statements queue up and travel together; dsp_pg_sync ends a group, which is one transaction unless the
 * group opens one itself with BEGIN. All parameters and results are binary. Statements are prepared on
 * first use and told apart by the address of their text, so the text must be static.
 * Loop thread only. */
#ifndef DSP_PG_H
#define DSP_PG_H

#include <event2/event.h>
#include <libpq-fe.h>
#include <stdbool.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/id.h"
#include "common/base/str.h"

struct dsp_pg; /* opaque */

/* One binary parameter; borrowed until the call that takes it returns. data NULL = SQL NULL. */
struct dsp_param {
    const void *data;
    int size;
};

#define DSP_PARAMS_MAX 128

/* Result of one statement, borrowed for the call. Not called for a statement that failed or was skipped. */
typedef void (*dsp_pg_result_fn)(void *arg, const PGresult *result);
/* End of a group. OK: everything before it is done. RETRY STORE_DOWN: connection lost, timeout, deadlock:
 * what became of the group is unknown. REJECT DATA_REFUSED: the server refused the data (SQLSTATE classes
 * 21, 22, 23, 54). RETRY FENCED: a fence raised (HS001, HS002). Nothing of a failed group has been applied. */
typedef void (*dsp_pg_done_fn)(void *arg, struct dsp_err err);
/* The connection came up or went down. */
typedef void (*dsp_pg_state_fn)(void *arg, bool up);

struct dsp_pg_options {
    const char *url;      /* DATABASE_URL */
    const char *password; /* NULL: none or in the URL */
    const char *name;     /* application_name */
    const char *options;  /* "-c name=value" of the session; NULL: none, or those of the URL */
    dsp_pg_state_fn on_state;
    void *arg;
};

/* Connects in the background and again after a loss, backing off up to one second. Borrows base and the
 * texts of options. NULL: out of memory. */
struct dsp_pg *dsp_pg_new(struct event_base *base, const struct dsp_pg_options *options);
/* Drops the connection; pending callbacks are not called. NULL is fine. */
void dsp_pg_free(struct dsp_pg *pg);
bool dsp_pg_up(const struct dsp_pg *pg);

/* Queues one statement. on_result may be NULL. Only while up; ignored otherwise (the sync then fails). */
void dsp_pg_exec(struct dsp_pg *pg, const char *statement, const struct dsp_param *params, size_t count,
                 dsp_pg_result_fn on_result, void *arg);
/* Ends the group and sends it. on_done is always called once, never from inside this call. */
void dsp_pg_sync(struct dsp_pg *pg, dsp_pg_done_fn on_done, void *arg);
/* Drops the connection and makes a new one, from the loop: for a session whose state is not known any more. */
void dsp_pg_reset(struct dsp_pg *pg, const char *why);

/* Scalars; the bytes live in `arena`. An arena that is full gives SQL NULL, which no column accepts. */
struct dsp_param dsp_param_int4(struct dsp_arena *arena, int32_t value);
struct dsp_param dsp_param_int8(struct dsp_arena *arena, int64_t value);
struct dsp_param dsp_param_text(struct dsp_str text);       /* borrowed */
struct dsp_param dsp_param_uuid(const struct dsp_uuid *id); /* borrowed */

/* Fields of a result. A NULL reads as 0, empty or the zero id. Texts are borrowed from the result. */
int64_t dsp_result_int(const PGresult *result, int row, int column); /* int4, int8, bool */
struct dsp_str dsp_result_str(const PGresult *result, int row, int column);
struct dsp_uuid dsp_result_uuid(const PGresult *result, int row, int column);

#endif
