/* Life of a fake service, what service.h and lane.h promise to it, and what it is given to read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/service/message.h"
#include "disputectl/ctl_json.h"
#include "support/fake/keys.h"
#include "support/fake/service_internal.h"

#define KEPT_BYTES (64u << 20)
#define TURN_BYTES (64u << 20)
#define LANES 2

static const struct dsp_service_definition *captured;

int dsp_service_main(int argc, char **argv, const struct dsp_service_definition *definition)
{
    (void)argc;
    (void)argv;
    captured = definition;
    return 0;
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
    return service->fake->engine;
}

bool dsp_service_is_sandbox(const struct dsp_service *service)
{
    (void)service;
    return false;
}

/* --- lane.h --- */

struct dsp_str fake_keep(struct dsp_arena *arena, struct dsp_str text)
{
    struct dsp_str copy = dsp_arena_copy(arena, text);
    assert_non_null(copy.ptr);
    return copy;
}

static const char *keep_text(struct dsp_arena *arena, const char *text)
{
    return text ? fake_keep(arena, dsp_str_from(text)).ptr : NULL;
}

static struct fake_out keep_out(struct dsp_arena *arena, int32_t lane, const struct dsp_out *out)
{
    struct fake_out kept = {.topic = keep_text(arena, out->topic),
                            .lane = lane,
                            .key = fake_keep(arena, out->key),
                            .tombstone = out->tombstone,
                            .headers = out->headers};
    if (!out->tombstone) {
        kept.value = fake_keep(arena, out->value);
    }
    kept.headers.id_text = fake_keep(arena, out->headers.id_text);
    kept.headers.subject = fake_keep(arena, out->headers.subject);
    kept.headers.order_id = fake_keep(arena, out->headers.order_id);
    kept.headers.causation_id = fake_keep(arena, out->headers.causation_id);
    kept.headers.traceparent = fake_keep(arena, out->headers.traceparent);
    kept.headers.source = keep_text(arena, out->headers.source);
    kept.headers.type = keep_text(arena, out->headers.type);
    kept.headers.schema = keep_text(arena, out->headers.schema);
    if (out->headers.entry_hash) {
        kept.headers.entry_hash =
            (const uint8_t *)fake_keep(arena, (struct dsp_str){(const char *)out->headers.entry_hash, 32}).ptr;
    }
    return kept;
}

struct dsp_err dsp_emit(struct dsp_turn *turn, int32_t lane, const struct dsp_out *out)
{
    struct dsp_engine *engine = turn->engine;
    struct dsp_str packed;
    if (lane < 0 || lane >= LANES) {
        return dsp_reject(DSP_CODE_WRONG_KEY, "lane %d", lane);
    }
    assert_true(engine->out_count < FAKE_OUTS_MAX);
    DSP_TRY(dsp_headers_pack(turn->arena, &out->headers, &packed)); /* as the real one: they must fit */
    engine->outs[engine->out_count++] = keep_out(engine->fake->kept, lane, out);
    return dsp_ok();
}

struct dsp_err fake_keep_timer(struct dsp_turn *turn, const struct dsp_timer *timer, bool set)
{
    struct dsp_engine *engine = turn->engine;
    assert_true(engine->timer_count < FAKE_TIMERS_MAX);
    engine->timers[engine->timer_count].set = set;
    engine->timers[engine->timer_count].timer = *timer;
    engine->timers[engine->timer_count].timer.name = fake_keep(engine->fake->kept, timer->name);
    engine->timer_count++;
    return dsp_ok();
}

struct dsp_err dsp_timer_set(struct dsp_turn *turn, int32_t lane, const struct dsp_timer *timer)
{
    assert_in_range(lane, 0, LANES - 1);
    return fake_keep_timer(turn, timer, true);
}

struct dsp_err dsp_timer_drop(struct dsp_turn *turn, const struct dsp_timer *timer)
{
    struct dsp_timer any = *timer;
    any.generation = INT32_MAX;
    any.due_ms = INT64_MAX;
    return fake_keep_timer(turn, &any, false);
}

void dsp_count(struct dsp_turn *turn, const struct dsp_metric *metric, int64_t amount,
               const struct dsp_str *label_values)
{
    struct dsp_engine *engine = turn->engine;
    assert_true(engine->count_count < FAKE_COUNTS_MAX);
    engine->counts[engine->count_count].metric = metric;
    engine->counts[engine->count_count].amount = amount;
    for (size_t i = 0; i < DSP_METRIC_LABELS_MAX && metric->labels[i]; i++) {
        engine->counts[engine->count_count].labels[i] = label_values[i];
    }
    engine->count_count++;
}

int64_t dsp_stamp_read(const struct dsp_turn *turn, int32_t lane, size_t topic)
{
    (void)lane;
    assert_true(topic < FAKE_TOPICS_MAX);
    return turn->engine->fake->stamps[topic];
}

int32_t dsp_lane_of(const struct dsp_engine *engine, struct dsp_str key)
{
    (void)engine;
    return rd_kafka_msg_partitioner_murmur2(NULL, key.ptr, key.len, LANES, NULL, NULL);
}

int64_t dsp_domain_ms(const struct dsp_engine *engine, int64_t stamp_ms)
{
    (void)engine;
    return stamp_ms;
}

void dsp_engine_produce(struct dsp_engine *engine, const char *topic, int32_t partition, struct dsp_str key,
                        struct dsp_str packed_headers, struct dsp_str value,
                        void (*on_done)(void *arg, struct dsp_err err), void *arg)
{
    (void)topic;
    (void)partition;
    (void)key;
    (void)packed_headers;
    (void)value;
    engine->fake->produced++;
    if (on_done) {
        on_done(arg, dsp_ok());
    }
}

/* --- life --- */

/* A service's `self` is static and keeps what it was started with: started once a program. */
#define SERVICES_MAX 8 /* six there are */
static struct dsp_service services[SERVICES_MAX];
static const struct dsp_service_definition *started[SERVICES_MAX];

static struct dsp_service *service_of(const struct dsp_service_definition *definition)
{
    const struct dsp_setting *const tables[] = {definition->settings, NULL};
    void *const values[] = {definition->settings_values, NULL};
    size_t i = 0;
    while (started[i] && started[i] != definition) {
        i++;
        assert_true(i < SERVICES_MAX);
    }
    if (!started[i]) {
        started[i] = definition;
        if (definition->settings) {
            fake_keys_export();
            assert_ok(dsp_config_load(tables, values));
        }
        assert_ok(definition->start(definition->self, &services[i]));
    }
    assert_null(services[i].fake);
    return &services[i];
}

struct fake *fake_new(int (*service_main)(int argc, char **argv))
{
    static const struct dsp_key DEPLOYMENT = {{1, 2, 3}};
    static char name[] = "service";
    char *argv[] = {name, NULL};
    struct fake *fake = calloc(1, sizeof *fake);
    captured = NULL;
    assert_non_null(fake);
    dsp_log_setup("test", "error");
    service_main(1, argv);
    assert_non_null(captured);
    fake->definition = captured;
    fake->now_ms = FAKE_START_MS;
    fake->kept = dsp_arena_new(KEPT_BYTES);
    fake->arena = dsp_arena_new(TURN_BYTES);
    fake->engine = calloc(1, sizeof *fake->engine);
    assert_true(fake->kept && fake->arena && fake->engine);
    fake->engine->fake = fake;
    fake->service = service_of(fake->definition);
    fake->service->fake = fake;
    fake->service->platforms = dsp_platforms_new();
    fake->service->keys = dsp_keys_new(&DEPLOYMENT);
    fake->store = store_open(fake->definition);
    fake->metrics = dsp_metrics_new();
    assert_non_null(fake->metrics);
    return fake;
}

void fake_free(struct fake *fake)
{
    if (fake) {
        store_close(fake->store);
        dsp_metrics_free(fake->metrics);
        dsp_platforms_free(fake->service->platforms);
        dsp_keys_free(fake->service->keys);
        fake->service->fake = NULL;
        dsp_arena_free(fake->kept);
        dsp_arena_free(fake->arena);
        free(fake->engine);
        free(fake);
    }
}

/* --- what goes in --- */

struct dsp_str fake_value(struct fake *fake, const ProtobufCMessageDescriptor *type, const char *json)
{
    json_error_t where;
    struct dsp_str value;
    json_t *read = json_loads(json, 0, &where);
    if (!read) {
        fail_msg("%s at %d: %s", where.text, where.position, json);
    }
    assert_ok(ctl_json_pack(fake->kept, type, read, &value));
    json_decref(read);
    return value;
}

void fake_platform(struct fake *fake, const char *json)
{
    assert_ok(dsp_platforms_add(fake->service->platforms,
                                fake_value(fake, &disputes__platform__v1__state__descriptor, json),
                                DSP_PLATFORM_NO_NOTICE));
}

void fake_key(struct fake *fake, struct dsp_str case_id_text, struct dsp_str value)
{
    assert_ok(dsp_keys_read(fake->service->keys, case_id_text, value));
}
