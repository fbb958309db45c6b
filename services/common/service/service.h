/* The skeleton that each main.c fills: settings, loop, plain topics, engine, admin port, doors, signals.
 *
 * `--rebuild SCHEMA` makes a follower fold the log into fresh tables instead, with all output suppressed, and end.
 *
 * Start: settings are checked, platform state, case keys and the sandbox clock are read to their end, then the
 * group is joined. SIGTERM: reading stops, the turn in hand ends, what is unpublished goes out, exit 0. */
#ifndef DSP_SERVICE_H
#define DSP_SERVICE_H

#include <event2/http.h>

#include "common/base/config.h"
#include "common/io/engine.h"
#include "common/io/http_server.h"
#include "common/service/keys.h"
#include "common/service/platform.h"

struct dsp_service; /* opaque */

#define DSP_GAUGES_MAX 4

/* A record that a door lets in. Everything lives in the arena handed to `accept`. */
struct dsp_door_record {
    struct dsp_str id;       /* taken from what was sent, never new per attempt */
    struct dsp_str order_id; /* record key */
    struct dsp_uuid case_id; /* zero: none */
    struct dsp_str source;   /* ce_source */
    const char *type;        /* ce_type */
    const char *schema;      /* ce_dataschema */
    struct dsp_str value;
};

/* An HTTP path of the door port: checks what came and makes the inbound record. REJECT: answered 4xx with the
 * code, the body goes untouched to the dead-letter topic. RETRY: answered 503. */
struct dsp_door {
    const char *path; /* prefix, ends in '/' */
    struct dsp_err (*accept)(void *self, struct dsp_arena *arena, struct evhttp_request *request,
                             struct dsp_str rest_of_path, struct dsp_str body, struct dsp_door_record *ret_record);
};

/* A gauge of rows in PostgreSQL, which is asked for them every ten seconds. Columns of `rows` are the labels, then the
 * value; its load_sql has $1 = the owned lanes (int[]), so that the sum over all instances is right. */
struct dsp_gauge {
    const struct dsp_metric *metric;
    const struct dsp_table *rows;
};

struct dsp_service_definition {
    const char *name;
    const struct dsp_topic *topics;
    size_t topic_count;
    const struct dsp_table *tables; /* GET /cases/{id} shows those keyed by case */
    size_t table_count;
    const struct dsp_table *views; /* further tables of GET /cases/{id}, read only: never loaded by a turn */
    size_t view_count;
    const struct dsp_table *platform_tables; /* GET /platforms/{id}: $1 = platform ids as text[] */
    size_t platform_table_count;
    const struct dsp_gauge *gauges; /* at most DSP_GAUGES_MAX */
    size_t gauge_count;
    const struct dsp_setting *settings; /* own ones; NULL = none */
    void *settings_values;
    const char *inbound_topic; /* where doors write; NULL = no doors */
    const struct dsp_door *doors;
    size_t door_count;
    int64_t read_ahead_kib; /* engine.h; more than the service can handle in a second */
    void *self;             /* handed to everything below */
    /* After settings are loaded, before anything is read; keeps the service pointer. NULL = nothing to do. */
    struct dsp_err (*start)(void *self, struct dsp_service *service);
    struct dsp_err (*decode)(void *self, struct dsp_turn *turn, struct dsp_record *record);
    struct dsp_err (*handle)(void *self, struct dsp_turn *turn, struct dsp_record *record);
    struct dsp_err (*skip)(void *self, struct dsp_turn *turn, const struct dsp_record *record); /* lane.h */
    struct dsp_err (*call)(void *self, struct dsp_arena *arena, const struct dsp_job *job, struct dsp_call *ret_call);
    bool (*check_answer)(void *self, const struct dsp_job *job, const struct dsp_response_headers *headers, int status,
                         struct dsp_str body);
    /* Extra command-line words such as --print-machine: returns true when it has answered. NULL = none. */
    bool (*option)(const char *word, int *ret_status);
};

/* Runs the service until it is told to stop; the exit status. Words: --check-config, --print-config, --help,
 * --version. */
int dsp_service_main(int argc, char **argv, const struct dsp_service_definition *definition);

/* For `self`, valid as long as the process runs. */
const struct dsp_platforms *dsp_service_platforms(const struct dsp_service *service);
const struct dsp_keys *dsp_service_keys(const struct dsp_service *service);
/* intake only: it makes the keys and uses them before it reads them back. */
struct dsp_keys *dsp_service_own_keys(struct dsp_service *service);
struct dsp_engine *dsp_service_engine(const struct dsp_service *service);
bool dsp_service_is_sandbox(const struct dsp_service *service);

#endif
