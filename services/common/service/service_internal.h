/* What service.c, admin.c, door.c and asked.c share. Nobody else includes this. */
#ifndef DSP_SERVICE_INTERNAL_H
#define DSP_SERVICE_INTERNAL_H

#include "common/base/metrics.h"
#include "common/io/plain.h"
#include "common/service/service.h"

struct settings {
    struct dsp_kafka_access kafka;
    const char *kafka_group, *kafka_instance, *database_url, *database_password, *redis_url;
    const char *admin_address, *read_token, *write_token, *door_address, *case_key, *log_level;
    const char *otlp_endpoint, *otlp_headers;
    int64_t otlp_delay_ms;
    bool sandbox;
    int64_t batch_max, row_cache_mib, shutdown_s;
};

/* One gauge that PostgreSQL is asked for: what its answer comes back to. */
struct asked {
    struct dsp_service *service;
    const struct dsp_gauge *gauge;
};

struct dsp_service {
    const struct dsp_service_definition *definition;
    struct settings settings;
    struct dsp_app app;
    char group[64];
    struct event_base *base;
    struct event *upkeep; /* every ten seconds: gauges are asked for, free memory goes back to the kernel */
    struct asked asked[DSP_GAUGES_MAX];
    struct dsp_clock *clock;
    struct dsp_metrics *metrics;
    struct dsp_http *http;
    struct dsp_trace *trace; /* NULL: no collector */
    char instance[128];
    struct dsp_platforms *platforms;
    struct dsp_keys *keys;
    struct dsp_engine *engine;
    struct dsp_plain *plain;
    struct dsp_http_server *admin;
    struct dsp_http_server *door;
    const char *schema; /* --rebuild: where to; NULL = a service as ever */
    bool stopping;
    int status;
};

/* asked.c: the gauges of the definition; answers come later. Without PostgreSQL they stay as they were. */
void asked_refresh(struct dsp_service *service);

#endif
