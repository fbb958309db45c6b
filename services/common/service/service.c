#include "common/service/service.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/io/plain.h"
#include "common/service/admin.h"
#include "common/service/door.h"
#include "common/service/follower.h"
#include "common/service/probe.h"
#include "common/service/process.h"
#include "common/service/service_internal.h"
#include "disputes/sandbox/v1/clock.pb-c.h"

#define SCHEMA_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

static const struct dsp_setting COMMON_SETTINGS[] = {
    {"KAFKA_BOOTSTRAP_SERVERS", DSP_SETTING_TEXT, offsetof(struct settings, kafka.servers), NULL, true, false, 0, 0,
     "Kafka brokers, host:port separated by commas"},
    {"KAFKA_PROPERTIES_FILE", DSP_SETTING_TEXT, offsetof(struct settings, kafka.properties), NULL, false, false, 0, 0,
     "file of librdkafka settings, key=value lines: TLS and SASL"},
    {"KAFKA_GROUP_ID", DSP_SETTING_TEXT, offsetof(struct settings, kafka_group), NULL, false, false, 0, 0,
     "consumer group; disputes-<service> when unset"},
    {"KAFKA_GROUP_INSTANCE_ID", DSP_SETTING_TEXT, offsetof(struct settings, kafka_instance), NULL, false, false, 0, 0,
     "stable name of this instance: a restart then takes its lanes back at once, without a rebalance"},
    {"DATABASE_URL", DSP_SETTING_TEXT, offsetof(struct settings, database_url), NULL, true, false, 0, 0,
     "PostgreSQL connection URL of the service's own role"},
    {"DATABASE_PASSWORD", DSP_SETTING_TEXT, offsetof(struct settings, database_password), NULL, false, true, 0, 0,
     "password of that role"},
    {"REDIS_URL", DSP_SETTING_TEXT, offsetof(struct settings, redis_url), "redis://127.0.0.1:6379/0", false, false, 0,
     0, "Redis that holds the index of timers"},
    {"ADMIN_LISTEN_ADDR", DSP_SETTING_TEXT, offsetof(struct settings, admin_address), NULL, true, false, 0, 0,
     "host:port of health, metrics, rest reports and case views"},
    {"ADMIN_READ_TOKEN", DSP_SETTING_TEXT, offsetof(struct settings, read_token), NULL, true, true, 0, 0,
     "bearer token that may read cases"},
    {"ADMIN_WRITE_TOKEN", DSP_SETTING_TEXT, offsetof(struct settings, write_token), NULL, true, true, 0, 0,
     "bearer token that may change something through the admin port"},
    {"DOOR_LISTEN_ADDR", DSP_SETTING_TEXT, offsetof(struct settings, door_address), NULL, false, false, 0, 0,
     "host:port for callbacks from outside; services without doors ignore it"},
    {"HESHI_CASE_KEY", DSP_SETTING_TEXT, offsetof(struct settings, case_key), NULL, true, true, 0, 0,
     "deployment key that wraps the data keys of cases, 64 hex digits"},
    {"HESHI_SANDBOX", DSP_SETTING_BOOL, offsetof(struct settings, sandbox), "0", false, false, 0, 0,
     "1 lets the clock be moved and faults be injected; never in production"},
    {"LOG_LEVEL", DSP_SETTING_TEXT, offsetof(struct settings, log_level), "info", false, false, 0, 0,
     "debug, info, warn or error"},
    {"OTEL_EXPORTER_OTLP_ENDPOINT", DSP_SETTING_TEXT, offsetof(struct settings, otlp_endpoint), NULL, false, false, 0,
     0, "trace collector that takes OTLP over HTTP, http://host:4318; unset: no spans are made"},
    {"OTEL_EXPORTER_OTLP_HEADERS", DSP_SETTING_TEXT, offsetof(struct settings, otlp_headers), NULL, false, true, 0, 0,
     "headers for the collector, name=value separated by commas"},
    {"OTEL_BSP_SCHEDULE_DELAY", DSP_SETTING_INT, offsetof(struct settings, otlp_delay_ms), "5000", false, false, 10,
     60000, "milliseconds that a span waits for others before they are sent"},
    {"BATCH_MAX", DSP_SETTING_INT, offsetof(struct settings, batch_max), "256", false, false, 1, 1024,
     "most records of one transaction"},
    {"ROW_CACHE_MIB", DSP_SETTING_INT, offsetof(struct settings, row_cache_mib), "64", false, false, 0, 4096,
     "memory for rows of cases between transactions; 0 = none"},
    {"SHUTDOWN_TIMEOUT", DSP_SETTING_INT, offsetof(struct settings, shutdown_s), "20", false, false, 1, 600,
     "seconds a drain may take before the process ends anyway"},
    DSP_SETTINGS_END,
};

static void stop_loop(void *arg)
{
    event_base_loopbreak(((struct dsp_service *)arg)->base);
}

static void on_fatal(void *arg, struct dsp_err err)
{
    struct dsp_service *service = arg;
    (void)err; /* logged where it happened */
    service->status = 1;
    stop_loop(service);
}

static void on_rebuilt(void *arg, size_t quarantined)
{
    struct dsp_service *service = arg;
    service->status = quarantined ? 1 : 0;
    printf("%s: the log is folded into schema %s; %zu records could not be applied\n", service->definition->name,
           service->schema, quarantined);
    stop_loop(service);
}

static void on_drain_timeout(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    dsp_log(DSP_LOG_WARN, "drain took too long: what is left is published after the next start");
    stop_loop(arg);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    (void)what;
    struct dsp_service *service = arg;
    struct timeval limit = {service->settings.shutdown_s, 0};
    if (service->stopping) {
        stop_loop(service);
        return;
    }
    dsp_log(DSP_LOG_INFO, "stopping", DSP_F_INT("signal", (int)number));
    service->stopping = true;
    event_base_once(service->base, -1, EV_TIMEOUT, on_drain_timeout, service, &limit);
    dsp_trace_flush(service->trace);
    dsp_engine_stop(service->engine, stop_loop, service);
}

/* --- plain topics --- */

static void on_platform(void *arg, const rd_kafka_message_t *message)
{
    struct dsp_service *service = arg;
    if (!message->payload) {
        return;
    }
    int64_t published_ms = service->settings.sandbox ? DSP_PLATFORM_NO_NOTICE
                                                     : rd_kafka_message_timestamp(message, NULL);
    struct dsp_err err = dsp_platforms_add(service->platforms, (struct dsp_str){message->payload, message->len},
                                           published_ms);
    if (dsp_failed(err)) {
        dsp_log_err(DSP_LOG_ERROR, "platform state refused", err);
    }
}

static void on_key(void *arg, const rd_kafka_message_t *message)
{
    struct dsp_service *service = arg;
    struct dsp_err err = dsp_keys_read(service->keys, (struct dsp_str){message->key, message->key_len},
                                       (struct dsp_str){message->payload, message->payload ? message->len : 0});
    if (dsp_failed(err)) {
        dsp_log_err(DSP_LOG_ERROR, "case key refused", err);
    }
}

static void on_clock(void *arg, const rd_kafka_message_t *message)
{
    struct dsp_service *service = arg;
    Disputes__Sandbox__V1__ClockPair *pair = service->settings.sandbox && message->payload
                                                 ? disputes__sandbox__v1__clock_pair__unpack(NULL, message->len,
                                                                                             message->payload)
                                                 : NULL;
    if (!pair) {
        return;
    }
    struct dsp_err err = dsp_clock_add_pair(service->clock, rd_kafka_message_timestamp(message, NULL),
                                            pair->sandbox_time_millis);
    if (dsp_failed(err)) {
        dsp_log_err(DSP_LOG_ERROR, "clock pair", err);
    }
    disputes__sandbox__v1__clock_pair__free_unpacked(pair, NULL);
}

static void try_join(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    struct dsp_service *service = arg;
    static const struct timeval AGAIN = {0, 200000};
    struct dsp_err err = dsp_engine_start(service->engine);
    if (err.kind == DSP_ERR_RETRY) {
        dsp_log_err(DSP_LOG_WARN, "not joined yet", err);
        event_base_once(service->base, -1, EV_TIMEOUT, try_join, service, &AGAIN);
    } else if (dsp_failed(err)) {
        on_fatal(service, err);
    }
}

static void on_caught_up(void *arg)
{
    dsp_log(DSP_LOG_INFO, "platform state, keys and clock are read");
    try_join(-1, 0, arg);
}

static void on_news(void *arg)
{
    dsp_engine_poke(((struct dsp_service *)arg)->engine);
}

static void on_upkeep(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    asked_refresh(arg);
    dsp_process_trim();
}

/* --- start --- */

static struct dsp_err load_key(struct dsp_service *service)
{
    struct dsp_key key;
    if (!dsp_unhex(dsp_str_from(service->settings.case_key), key.bytes, sizeof key.bytes)) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "HESHI_CASE_KEY must be 64 hex digits");
    }
    service->keys = dsp_keys_new(&key);
    service->platforms = dsp_platforms_new();
    service->clock = dsp_clock_new();
    service->metrics = dsp_metrics_new();
    if (service->metrics) {
        dsp_process_show(service->metrics, service->definition->name); /* notes when it started */
    }
    return service->keys && service->platforms && service->clock && service->metrics
               ? dsp_ok()
               : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
}

/* None without a collector, nor while rebuilding: that is no handling of anything. */
static struct dsp_err start_trace(struct dsp_service *service)
{
    char host[64] = "";
    if (!service->settings.otlp_endpoint || service->schema) {
        return dsp_ok();
    }
    gethostname(host, sizeof host - 1);
    snprintf(service->instance, sizeof service->instance, "%s@%s",
             service->settings.kafka_instance ? service->settings.kafka_instance : service->definition->name, host);
    service->trace = dsp_trace_new(&(struct dsp_trace_options){
        .base = service->base,
        .http = service->http,
        .metrics = service->metrics,
        .endpoint = service->settings.otlp_endpoint,
        .headers = service->settings.otlp_headers,
        .service = service->definition->name,
        .instance = service->instance,
        .group = service->settings.kafka_group ? service->settings.kafka_group : service->group,
        .delay_ms = service->settings.otlp_delay_ms});
    return service->trace ? dsp_ok() : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
}

static struct dsp_err start_engine(struct dsp_service *service)
{
    const struct dsp_service_definition *def = service->definition;
    service->app = (struct dsp_app){.name = def->name,
                                    .topics = def->topics,
                                    .topic_count = def->topic_count,
                                    .tables = def->tables,
                                    .table_count = def->table_count,
                                    .self = def->self,
                                    .decode = def->decode,
                                    .handle = def->handle,
                                    .skip = def->skip,
                                    .call = def->call,
                                    .check_answer = def->check_answer};
    snprintf(service->group, sizeof service->group, "disputes-%s%s", def->name, service->schema ? "-rebuild" : "");
    DSP_TRY(start_trace(service));
    struct dsp_engine_options options = {
        .base = service->base,
        .clock = service->clock,
        .metrics = service->metrics,
        .http = service->http,
        .app = &service->app,
        .kafka = service->settings.kafka,
        .kafka_group = service->settings.kafka_group && !service->schema ? service->settings.kafka_group
                                                                         : service->group,
        .kafka_instance = service->schema ? NULL : service->settings.kafka_instance,
        .rebuild_topic = service->schema ? DSP_LOG_TOPIC : NULL,
        .schema = service->schema,
        .on_rebuilt = on_rebuilt,
        .database_url = service->settings.database_url,
        .database_password = service->settings.database_password,
        .redis_url = service->settings.redis_url,
        .trace = service->trace,
        .batch_max = service->settings.batch_max,
        .read_ahead_kib = def->read_ahead_kib,
        .row_cache_mib = service->settings.row_cache_mib,
        .on_fatal = on_fatal,
        .arg = service,
    };
    service->engine = dsp_engine_new(&options);
    return service->engine ? dsp_ok() : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "the engine did not start");
}

static struct dsp_err start_plain(struct dsp_service *service)
{
    const struct dsp_plain_topic topics[] = {
        {"disputes.sandbox.clock.v1", on_clock, service},
        {"disputes.platform.state.v1", on_platform, service},
        {"disputes.case.key.v1", on_key, service},
    };
    struct dsp_plain_options options = {.base = service->base,
                                        .kafka = service->settings.kafka,
                                        .topics = topics,
                                        .count = sizeof topics / sizeof *topics,
                                        .on_caught_up = on_caught_up,
                                        .on_news = on_news,
                                        .arg = service};
    service->plain = dsp_plain_new(&options);
    return service->plain ? dsp_ok() : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "the reader did not start");
}

static struct dsp_err start(struct dsp_service *service)
{
    const struct dsp_service_definition *def = service->definition;
    DSP_TRY(load_key(service));
    static const struct timeval UPKEEP_EVERY = {10, 0};
    service->base = event_base_new();
    service->http = service->base ? dsp_http_new(service->base) : NULL;
    service->upkeep = service->base ? event_new(service->base, -1, EV_PERSIST, on_upkeep, service) : NULL;
    if (!service->http || !service->upkeep) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    event_add(service->upkeep, &UPKEEP_EVERY);
    if (def->start) {
        DSP_TRY(def->start(def->self, service));
    }
    if (service->schema) { /* nobody asks it anything */
        DSP_TRY(start_engine(service));
        return start_plain(service);
    }
    DSP_TRY(
        dsp_http_server_new(service->base, service->settings.admin_address, admin_handle, service, &service->admin));
    if (def->door_count) {
        if (!service->settings.door_address) {
            return dsp_fatal(DSP_CODE_CONFIG_INVALID, "DOOR_LISTEN_ADDR is required");
        }
        DSP_TRY(
            dsp_http_server_new(service->base, service->settings.door_address, door_handle, service, &service->door));
    }
    DSP_TRY(start_engine(service));
    return start_plain(service);
}

static void tear_down(struct dsp_service *service)
{
    dsp_plain_free(service->plain);
    dsp_engine_free(service->engine); /* its last delivery reports still answer requests of the doors */
    dsp_http_server_free(service->admin);
    dsp_http_server_free(service->door);
    dsp_http_free(service->http);
    dsp_trace_free(service->trace); /* after the requests that would answer it */
    dsp_metrics_free(service->metrics);
    dsp_platforms_free(service->platforms);
    dsp_keys_free(service->keys);
    dsp_clock_free(service->clock);
    if (service->upkeep) {
        event_free(service->upkeep);
    }
    if (service->base) {
        event_base_free(service->base);
    }
}

static int print_help(const struct dsp_service_definition *def)
{
    printf("%s %s: a service of Heshi. Settings come from environment variables (docs/CONFIG.md).\n"
           "  --rebuild SCHEMA fold the log into the fresh tables of SCHEMA (scripts/migrate --schema), say nothing\n"
           "  --check-config   say whether the settings are good, and what they are\n"
           "  --print-config   the settings as a Markdown table\n"
           "  --probe [PATH]   ask the service that runs under ADMIN_LISTEN_ADDR how it is (/readyz); status 0 = well\n"
           "  --version\n",
           def->name, HESHI_VERSION);
    return 0;
}

static int print_config(const struct dsp_service_definition *def)
{
    dsp_config_document(COMMON_SETTINGS, stdout);
    if (def->settings) {
        dsp_config_document(def->settings, stdout);
    }
    return 0;
}

/* Only a follower, and never into the tables that it lives on. */
static bool can_rebuild(const struct dsp_service_definition *def, const char *schema)
{
    const char *wrong = NULL;
    if (strcmp(def->topics[0].name, DSP_LOG_TOPIC) != 0) {
        wrong = "it does not follow the log";
    } else if (!*schema || strlen(schema) > 63 || strspn(schema, SCHEMA_LETTERS) != strlen(schema)) {
        wrong = "a schema's name has small letters, digits and _";
    } else if (strcmp(schema, def->name) == 0) {
        wrong = "these are the tables it lives on";
    }
    if (wrong) {
        fprintf(stderr, "%s: --rebuild %s: %s\n", def->name, schema, wrong);
    }
    return !wrong;
}

int dsp_service_main(int argc, char **argv, const struct dsp_service_definition *definition)
{
    static struct dsp_service service;
    const struct dsp_setting *const tables[] = {COMMON_SETTINGS, definition->settings, NULL};
    void *const values[] = {&service.settings, definition->settings_values, NULL};
    const char *word = argc > 1 ? argv[1] : "";
    int status = 0;
    service.definition = definition;
    if (definition->option && *word && definition->option(word, &status)) {
        return status;
    }
    if (strcmp(word, "--help") == 0) {
        return print_help(definition);
    }
    if (strcmp(word, "--version") == 0) {
        printf("%s\n", HESHI_VERSION);
        return 0;
    }
    if (strcmp(word, "--print-config") == 0) {
        return print_config(definition);
    }
    if (strcmp(word, "--probe") == 0) {
        return dsp_probe(getenv("ADMIN_LISTEN_ADDR"), argc > 2 ? argv[2] : "/readyz");
    }
    if (strcmp(word, "--rebuild") == 0) {
        const char *schema = argc > 2 ? argv[2] : "";
        if (!can_rebuild(definition, schema)) {
            return 2;
        }
        service.schema = schema;
        word = "";
    }
    if (*word && strcmp(word, "--check-config") != 0) {
        fprintf(stderr, "%s: unknown word %s; see --help\n", definition->name, word);
        return 2;
    }
    dsp_log_setup(definition->name, "info");
    struct dsp_err err = dsp_config_load(tables, values);
    if (dsp_failed(err)) {
        fprintf(stderr, "%s: %s: %s\n", definition->name, err.code, err.detail);
        return 2;
    }
    if (*word) {
        dsp_config_print(COMMON_SETTINGS, &service.settings, stdout);
        if (definition->settings) {
            dsp_config_print(definition->settings, definition->settings_values, stdout);
        }
        return 0;
    }
    dsp_log_setup(definition->name, service.schema ? "warn" : service.settings.log_level);
    service.settings.kafka.client_id = definition->name;
    dsp_process_start();
    signal(SIGPIPE, SIG_IGN);
    err = start(&service);
    if (dsp_failed(err)) {
        dsp_log_err(DSP_LOG_ERROR, "not started", err);
        tear_down(&service);
        return 1;
    }
    struct event *term = evsignal_new(service.base, SIGTERM, on_signal, &service);
    struct event *interrupt = evsignal_new(service.base, SIGINT, on_signal, &service);
    event_add(term, NULL);
    event_add(interrupt, NULL);
    if (*DSP_GUARD_ABSENT) {
        dsp_log(DSP_LOG_ERROR, "THIS BUILD LEAVES A GUARD OUT: it loses or doubles what it is given",
                DSP_F_TEXT("guard", DSP_GUARD_ABSENT));
    }
    dsp_log(DSP_LOG_INFO, "started");
    event_base_dispatch(service.base);
    event_free(term);
    event_free(interrupt);
    tear_down(&service);
    dsp_log(DSP_LOG_INFO, "stopped");
    return service.status;
}

const struct dsp_platforms *dsp_service_platforms(const struct dsp_service *service)
{
    return service->platforms;
}

const struct dsp_keys *dsp_service_keys(const struct dsp_service *service)
{
    return service->keys;
}

struct dsp_keys *dsp_service_own_keys(struct dsp_service *service)
{
    return service->keys;
}

struct dsp_engine *dsp_service_engine(const struct dsp_service *service)
{
    return service->engine;
}

bool dsp_service_is_sandbox(const struct dsp_service *service)
{
    return service->settings.sandbox;
}
