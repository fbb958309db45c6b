#include "common/io/pg.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/guards.h"
#include "common/base/log.h"

#define STATEMENTS_MAX 256
#define BACKOFF_FIRST_MS 20
#define BACKOFF_MAX_MS 1000

enum prepared { PREPARE_NONE, PREPARE_SENT, PREPARE_OK };

struct statement {
    const char *text;
    char name[16];
    enum prepared state;
};

enum pending_kind { PENDING_PREPARE, PENDING_QUERY, PENDING_SYNC };

struct pending {
    enum pending_kind kind;
    struct statement *statement;
    dsp_pg_result_fn on_result;
    dsp_pg_done_fn on_done;
    void *arg;
    struct pending *next;
};

struct dsp_pg {
    struct event_base *base;
    struct dsp_pg_options options;
    PGconn *conn;
    struct event *readable;
    struct event *writable;
    struct event *again; /* reconnects, and fails groups that were queued while down */
    bool up;
    bool broken; /* to be dropped from the loop: never from inside a call of ours */
    char why[DSP_ERR_DETAIL_BYTES];
    bool complained;
    int backoff_ms;
    struct statement statements[STATEMENTS_MAX];
    size_t statement_count;
    struct pending *first; /* what the server owes us answers for */
    struct pending **last;
    struct pending *doomed; /* groups that were queued while down: they fail on the next turn of the loop */
    struct pending **doomed_last;
    struct dsp_err group_err; /* first error since the last sync */
};

static void connect_start(struct dsp_pg *pg);
static void drop(struct dsp_pg *pg, const char *why);

static void push_to(struct pending ***last, struct pending what)
{
    struct pending *item = malloc(sizeof *item);
    if (!item) {
        abort(); /* a queue entry of 56 bytes: nothing sensible is left to do */
    }
    *item = what;
    item->next = NULL;
    **last = item;
    *last = &item->next;
}

static void push(struct dsp_pg *pg, struct pending what)
{
    push_to(&pg->last, what);
}

static struct pending pop(struct dsp_pg *pg)
{
    struct pending *item = pg->first;
    struct pending copy = *item;
    pg->first = item->next;
    if (!pg->first) {
        pg->last = &pg->first;
    }
    free(item);
    return copy;
}

static struct dsp_err classify(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    state = state ? state : "";
    text = text ? text : "no message";
    if (strncmp(state, "HS0", 3) == 0) {
        return dsp_retry(DSP_CODE_FENCED, "%s: %s", state, text);
    }
    /* 21: two rows of one statement hit the same key; 54: a value is too long for an index. Repeating such a
     * batch would never end, taking it apart finds the record. */
    if (strncmp(state, "22", 2) == 0 || strncmp(state, "23", 2) == 0 || strncmp(state, "21", 2) == 0 ||
        strncmp(state, "54", 2) == 0) {
        return dsp_reject(DSP_CODE_DATA_REFUSED, "%s: %s", state, text);
    }
    if (strncmp(state, "42", 2) == 0) { /* our own SQL is wrong: repeating it would never end */
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "%s: %s", state, text);
    }
    return dsp_retry(DSP_CODE_STORE_DOWN, "%s: %s", state, text);
}

static void fail_list(struct pending **first, struct pending ***last, const char *why)
{
    /* Callbacks may queue again: only what is here now is failed. */
    struct pending *item = *first;
    *first = NULL;
    *last = first;
    while (item) {
        struct pending *next = item->next;
        if (item->kind == PENDING_SYNC) {
            item->on_done(item->arg, dsp_retry(DSP_CODE_STORE_DOWN, "%s", why));
        }
        free(item);
        item = next;
    }
}

static void later(struct dsp_pg *pg, int ms)
{
    struct timeval wait = {ms / 1000, (ms % 1000) * 1000};
    event_add(pg->again, &wait);
}

/* The connection is of no use any more. Callers of ours are in the middle of something, so their callbacks
 * run from the loop. */
static void give_up(struct dsp_pg *pg, const char *why)
{
    if (!pg->broken) {
        pg->broken = true;
        snprintf(pg->why, sizeof pg->why, "%s", why);
        later(pg, 0);
    }
}

static void flush_out(struct dsp_pg *pg)
{
    int left = PQflush(pg->conn);
    if (left == 1) {
        event_add(pg->writable, NULL);
    } else if (left < 0) {
        give_up(pg, PQerrorMessage(pg->conn));
    }
}

/* Takes one result for the statement at the head of the queue; NULL ends it. */
static void take_result(struct dsp_pg *pg, PGresult *result)
{
    struct pending *head = pg->first;
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_PIPELINE_SYNC) {
        if (head->kind != PENDING_SYNC) { /* answers and questions no longer match: nothing can be trusted */
            give_up(pg, "the pipeline is out of step");
            return;
        }
        struct pending sync = pop(pg);
        struct dsp_err err = pg->group_err;
        pg->group_err = dsp_ok();
        sync.on_done(sync.arg, err);
        return;
    }
    if (status == PGRES_FATAL_ERROR && !dsp_failed(pg->group_err)) {
        pg->group_err = classify(result);
    }
    if (!head) {
        return;
    }
    if (head->kind == PENDING_PREPARE) {
        head->statement->state = status == PGRES_COMMAND_OK ? PREPARE_OK : PREPARE_NONE;
    } else if (head->on_result && (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)) {
        head->on_result(head->arg, result);
    }
}

static void read_results(struct dsp_pg *pg)
{
    while (pg->first && !pg->broken && !PQisBusy(pg->conn)) {
        PGresult *result = PQgetResult(pg->conn);
        if (!result) {
            if (pg->first && pg->first->kind != PENDING_SYNC) {
                pop(pg); /* a NULL ends the statement at the head */
                continue;
            }
            break;
        }
        take_result(pg, result);
        PQclear(result);
    }
    if (PQstatus(pg->conn) == CONNECTION_BAD) { /* libpq may have closed the socket: no event would tell us */
        give_up(pg, PQerrorMessage(pg->conn));
    }
}

static void on_readable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct dsp_pg *pg = arg;
    if (!PQconsumeInput(pg->conn) || PQstatus(pg->conn) == CONNECTION_BAD) {
        drop(pg, PQerrorMessage(pg->conn));
        return;
    }
    read_results(pg);
}

static void on_writable(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    flush_out(arg);
}

static void events_off(struct dsp_pg *pg)
{
    if (pg->readable) {
        event_free(pg->readable);
        pg->readable = NULL;
    }
    if (pg->writable) {
        event_free(pg->writable);
        pg->writable = NULL;
    }
}

static void drop(struct dsp_pg *pg, const char *why)
{
    char text[DSP_ERR_DETAIL_BYTES];
    snprintf(text, sizeof text, "%s", why);
    bool was_up = pg->up;
    pg->up = false;
    pg->broken = false;
    events_off(pg);
    PQfinish(pg->conn);
    pg->conn = NULL;
    pg->statement_count = 0;
    pg->group_err = dsp_ok();
    later(pg, pg->backoff_ms);
    if (!was_up && !pg->complained) { /* once per outage: the attempts go on */
        pg->complained = true;
        dsp_log(DSP_LOG_WARN, "postgres not reached", DSP_F_TEXT("error.message", text));
    }
    pg->backoff_ms = pg->backoff_ms * 2 > BACKOFF_MAX_MS ? BACKOFF_MAX_MS : pg->backoff_ms * 2;
    if (was_up) {
        dsp_log(DSP_LOG_WARN, "postgres connection lost", DSP_F_TEXT("error.message", text));
        pg->options.on_state(pg->options.arg, false);
    }
    fail_list(&pg->first, &pg->last, text);
    fail_list(&pg->doomed, &pg->doomed_last, text);
}

static void connected(struct dsp_pg *pg)
{
    int fd = PQsocket(pg->conn);
    if (PQsetnonblocking(pg->conn, 1) != 0 || !PQenterPipelineMode(pg->conn)) {
        drop(pg, PQerrorMessage(pg->conn));
        return;
    }
    events_off(pg);
    pg->readable = event_new(pg->base, fd, EV_READ | EV_PERSIST, on_readable, pg);
    pg->writable = event_new(pg->base, fd, EV_WRITE, on_writable, pg);
    event_add(pg->readable, NULL);
    pg->up = true;
    pg->complained = false;
    pg->backoff_ms = BACKOFF_FIRST_MS;
    pg->options.on_state(pg->options.arg, true);
}

static void on_connecting(evutil_socket_t fd, short what, void *arg);

static void await_socket(struct dsp_pg *pg, short events)
{
    static const struct timeval LIMIT = {5, 0};
    events_off(pg); /* the socket may be another one now */
    pg->readable = event_new(pg->base, PQsocket(pg->conn), events, on_connecting, pg);
    event_add(pg->readable, &LIMIT);
}

static void on_connecting(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    struct dsp_pg *pg = arg;
    if (what & EV_TIMEOUT) {
        drop(pg, "connection attempt timed out");
        return;
    }
    switch (PQconnectPoll(pg->conn)) {
    case PGRES_POLLING_OK:
        connected(pg);
        return;
    case PGRES_POLLING_READING:
        await_socket(pg, EV_READ);
        return;
    case PGRES_POLLING_WRITING:
        await_socket(pg, EV_WRITE);
        return;
    case PGRES_POLLING_FAILED:
    case PGRES_POLLING_ACTIVE:
    default:
        drop(pg, PQerrorMessage(pg->conn));
    }
}

static void connect_start(struct dsp_pg *pg)
{
    const char *keys[] = {"dbname", "password", "application_name", "keepalives_idle", "options", NULL};
    const char *values[] = {pg->options.url, pg->options.password, pg->options.name, "30", pg->options.options, NULL};
    pg->conn = PQconnectStartParams(keys, values, 1);
    if (!pg->conn || PQstatus(pg->conn) == CONNECTION_BAD) {
        drop(pg, pg->conn ? PQerrorMessage(pg->conn) : "out of memory");
        return;
    }
    await_socket(pg, EV_WRITE);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct dsp_pg *pg = arg;
    if (pg->broken) {
        char why[sizeof pg->why];
        memcpy(why, pg->why, sizeof why);
        drop(pg, why);
        return;
    }
    fail_list(&pg->doomed, &pg->doomed_last, "not connected");
    if (!pg->conn) {
        connect_start(pg);
    }
}

struct dsp_pg *dsp_pg_new(struct event_base *base, const struct dsp_pg_options *options)
{
    struct dsp_pg *pg = calloc(1, sizeof *pg);
    if (!pg) {
        return NULL;
    }
    pg->base = base;
    pg->options = *options;
    pg->last = &pg->first;
    pg->doomed_last = &pg->doomed;
    pg->backoff_ms = BACKOFF_FIRST_MS;
    pg->again = event_new(base, -1, 0, on_again, pg);
    if (!pg->again) {
        free(pg);
        return NULL;
    }
    later(pg, 0);
    return pg;
}

void dsp_pg_free(struct dsp_pg *pg)
{
    if (!pg) {
        return;
    }
    events_off(pg);
    event_free(pg->again);
    PQfinish(pg->conn);
    while (pg->first) {
        pop(pg);
    }
    while (pg->doomed) {
        struct pending *next = pg->doomed->next;
        free(pg->doomed);
        pg->doomed = next;
    }
    free(pg);
}

bool dsp_pg_up(const struct dsp_pg *pg)
{
    return pg->up;
}

/* Without the fence the row-count checks do not raise either: they are its second half. */
static const char *guarded(const char *text, char *copy, size_t size)
{
    static const char RAISES[] = "expect_rows(";
    static const char SILENT[] = "num_nulls  ("; /* takes the same arguments and never raises */
    if (DSP_GUARD_FENCE || !strstr(text, RAISES) || strlen(text) >= size) {
        return text;
    }
    memcpy(copy, text, strlen(text) + 1);
    memcpy(strstr(copy, RAISES), SILENT, sizeof SILENT - 1);
    return copy;
}

static struct statement *prepared(struct dsp_pg *pg, const char *text)
{
    char unguarded[DSP_GUARD_FENCE ? 1 : 8192];
    struct statement *found = NULL;
    for (size_t i = 0; i < pg->statement_count; i++) {
        if (pg->statements[i].text == text) {
            found = &pg->statements[i];
            break;
        }
    }
    if (!found) {
        if (pg->statement_count == STATEMENTS_MAX) {
            return NULL;
        }
        found = &pg->statements[pg->statement_count++];
        found->text = text;
        found->state = PREPARE_NONE;
        snprintf(found->name, sizeof found->name, "s%zu", pg->statement_count);
    }
    if (found->state == PREPARE_NONE) {
        if (!PQsendPrepare(pg->conn, found->name, guarded(text, unguarded, sizeof unguarded), 0, NULL)) {
            return NULL;
        }
        found->state = PREPARE_SENT;
        push(pg, (struct pending){.kind = PENDING_PREPARE, .statement = found});
    }
    return found;
}

void dsp_pg_exec(struct dsp_pg *pg, const char *text, const struct dsp_param *params, size_t count,
                 dsp_pg_result_fn on_result, void *arg)
{
    const char *values[DSP_PARAMS_MAX];
    int sizes[DSP_PARAMS_MAX];
    int formats[DSP_PARAMS_MAX];
    if (!pg->up || pg->broken) {
        return;
    }
    if (count > DSP_PARAMS_MAX) { /* leaving it out would commit the rest of its group */
        give_up(pg, "a statement has too many parameters");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        values[i] = params[i].data;
        sizes[i] = params[i].size;
        formats[i] = 1;
    }
    struct statement *statement = prepared(pg, text);
    if (!statement || !PQsendQueryPrepared(pg->conn, statement->name, (int)count, values, sizes, formats, 1)) {
        give_up(pg, statement ? PQerrorMessage(pg->conn) : "a statement cannot be prepared");
        return;
    }
    push(pg, (struct pending){.kind = PENDING_QUERY, .on_result = on_result, .arg = arg});
}

void dsp_pg_sync(struct dsp_pg *pg, dsp_pg_done_fn on_done, void *arg)
{
    struct pending end = {.kind = PENDING_SYNC, .on_done = on_done, .arg = arg};
    if (!pg->up || pg->broken) {
        push_to(&pg->doomed_last, end);
        if (!event_pending(pg->again, EV_TIMEOUT, NULL)) {
            later(pg, 0); /* fails it on the next turn of the loop */
        }
        return;
    }
    push(pg, end);
    if (!PQpipelineSync(pg->conn)) {
        give_up(pg, PQerrorMessage(pg->conn));
        return;
    }
    flush_out(pg);
}

void dsp_pg_reset(struct dsp_pg *pg, const char *why)
{
    if (pg->up) {
        give_up(pg, why);
    }
}
