/* The rows of a service under test in a database of their own on the PostgreSQL that the environment names
 * (scripts/env), behind the real common/io/pg.c. */
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "support/cmocka_all.h"
#include "support/fake/store.h"

#define WAIT_MS 10000

static struct event_base *base; /* one store at a time is waited for */

/* One of each service that the program tests; made once, then emptied. */
#define DATABASES_MAX 8
static struct database {
    char service[32];
    char name[64];
    char url[256]; /* borrowed by connections */
} databases[DATABASES_MAX];
static size_t database_count;

static PGconn *connect_to(const char *name)
{
    char text[256];
    if (!getenv("PGHOST") || !getenv("PGPORT")) {
        print_message("PGHOST and PGPORT are not set: eval \"$(scripts/env)\" first\n");
        skip();
    }
    snprintf(text, sizeof text, "host=%s port=%s user=heshi_admin dbname=%s application_name=test", getenv("PGHOST"),
             getenv("PGPORT"), name);
    PGconn *db = PQconnectdb(text);
    if (PQstatus(db) != CONNECTION_OK) {
        fail_msg("%s", PQerrorMessage(db));
    }
    return db;
}

static void exec(PGconn *db, const char *sql)
{
    PGresult *result = PQexec(db, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        fail_msg("%s: %.200s", PQerrorMessage(db), sql);
    }
    PQclear(result);
}

static void drop_databases(void)
{
    char sql[128];
    PGconn *db = connect_to("postgres");
    for (size_t i = 0; i < database_count; i++) {
        snprintf(sql, sizeof sql, "DROP DATABASE \"%s\" WITH (FORCE)", databases[i].name);
        exec(db, sql);
    }
    PQfinish(db);
    event_base_free(base);
}

static void migrate(PGconn *db, const char *service)
{
    char *text = store_migrations(service);
    exec(db, "BEGIN");
    exec(db, text);
    exec(db, "COMMIT");
    free(text);
}

static void wait_for(bool (*there)(void *arg), void *arg)
{
    int64_t until = dsp_monotonic_ms() + WAIT_MS;
    while (!there(arg)) {
        struct timeval tick = {0, 100000};
        event_base_loopexit(base, &tick);
        event_base_loop(base, EVLOOP_ONCE);
        if (dsp_monotonic_ms() > until) {
            fail_msg("PostgreSQL does not answer");
        }
    }
}

static void on_state(void *arg, bool up)
{
    (void)arg;
    (void)up;
}

static bool is_up(void *arg)
{
    return dsp_pg_up(arg);
}

static struct database *make_database(const char *service)
{
    char sql[192];
    assert_true(database_count < DATABASES_MAX);
    if (database_count == 0) {
        base = event_base_new();
        assert_non_null(base);
    }
    struct database *made = &databases[database_count];
    snprintf(made->service, sizeof made->service, "%s", service);
    snprintf(made->name, sizeof made->name, "s%d_%zu", (int)getpid(), database_count);
    snprintf(sql, sizeof sql, "CREATE DATABASE \"%s\" TEMPLATE template0 ENCODING UTF8 LOCALE 'C'", made->name);
    PGconn *db = connect_to("postgres");
    exec(db, sql);
    PQfinish(db);
    snprintf(made->url, sizeof made->url, "postgresql://heshi_admin@%s:%s/s%d_%zu", getenv("PGHOST"), getenv("PGPORT"),
             (int)getpid(), database_count);
    if (database_count++ == 0) {
        atexit(drop_databases); /* runs before OpenSSL's own, which the first connection has registered */
    }
    db = connect_to(made->name);
    migrate(db, "common");
    migrate(db, service);
    PQfinish(db);
    return made;
}

static void empty(const struct database *made)
{
    PGconn *db = connect_to(made->name);
    exec(db, "DO $$ DECLARE list text; BEGIN"
             " SELECT string_agg(format('%I', tablename), ', ') INTO list FROM pg_tables WHERE schemaname = 'public';"
             " EXECUTE 'TRUNCATE ' || list; END $$");
    PQfinish(db);
}

static struct database *database_of(const char *service)
{
    for (size_t i = 0; i < database_count; i++) {
        if (strcmp(databases[i].service, service) == 0) {
            empty(&databases[i]);
            return &databases[i];
        }
    }
    return make_database(service);
}

struct dsp_pg *store_open(const struct dsp_service_definition *definition)
{
    const struct database *database = database_of(definition->name);
    const struct dsp_pg_options options = {.url = database->url, .name = "test", .on_state = on_state};
    struct dsp_pg *pg = dsp_pg_new(base, &options);
    assert_non_null(pg);
    wait_for(is_up, pg);
    return pg;
}

void store_close(struct dsp_pg *pg)
{
    dsp_pg_free(pg);
}

struct end {
    bool there;
    struct dsp_err err;
};

static void on_end(void *arg, struct dsp_err err)
{
    struct end *end = arg;
    end->err = err;
    end->there = true;
}

static bool has_ended(void *arg)
{
    return ((struct end *)arg)->there;
}

struct dsp_err store_end(struct dsp_pg *pg)
{
    struct end end = {0};
    dsp_pg_sync(pg, on_end, &end);
    wait_for(has_ended, &end);
    return end.err;
}
