#include "support/fake/service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/service/message.h"
#include "disputectl/ctl_json.h"
#include "support/fake/keys.h"

#define KEPT_BYTES (64u << 20)
#define TURN_BYTES (64u << 20)
#define LANES 2

/* What handlers see of the engine and of the service is this. */
struct dsp_engine {
    struct fake *fake;
    struct fake_out outs[FAKE_OUTS_MAX]; /* of the open turn */
    size_t out_count;
    struct {
        bool set;
        struct dsp_timer timer;
    } timers[FAKE_TIMERS_MAX]; /* in the order of the calls */
    size_t timer_count;
    struct {
        const struct dsp_metric *metric;
        int64_t amount;
        struct dsp_str labels[DSP_METRIC_LABELS_MAX];
    } counts[FAKE_COUNTS_MAX]; /* of the open turn */
    size_t count_count;
};

struct dsp_service {
    struct fake *fake;
    struct dsp_platforms *platforms;
    struct dsp_keys *keys;
};

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

static struct dsp_str keep(struct dsp_arena *arena, struct dsp_str text)
{
    struct dsp_str copy = dsp_arena_copy(arena, text);
    assert_non_null(copy.ptr);
    return copy;
}

static const char *keep_text(struct dsp_arena *arena, const char *text)
{
    return text ? keep(arena, dsp_str_from(text)).ptr : NULL;
}

static struct fake_out keep_out(struct dsp_arena *arena, int32_t lane, const struct dsp_out *out)
{
    struct fake_out kept = {.topic = keep_text(arena, out->topic),
                            .lane = lane,
                            .key = keep(arena, out->key),
                            .tombstone = out->tombstone,
                            .headers = out->headers};
    if (!out->tombstone) {
        kept.value = keep(arena, out->value);
    }
    kept.headers.id_text = keep(arena, out->headers.id_text);
    kept.headers.subject = keep(arena, out->headers.subject);
    kept.headers.order_id = keep(arena, out->headers.order_id);
    kept.headers.causation_id = keep(arena, out->headers.causation_id);
    kept.headers.traceparent = keep(arena, out->headers.traceparent);
    kept.headers.source = keep_text(arena, out->headers.source);
    kept.headers.type = keep_text(arena, out->headers.type);
    kept.headers.schema = keep_text(arena, out->headers.schema);
    if (out->headers.entry_hash) {
        kept.headers.entry_hash =
            (const uint8_t *)keep(arena, (struct dsp_str){(const char *)out->headers.entry_hash, 32}).ptr;
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

static struct dsp_err keep_timer(struct dsp_turn *turn, const struct dsp_timer *timer, bool set)
{
    struct dsp_engine *engine = turn->engine;
    assert_true(engine->timer_count < FAKE_TIMERS_MAX);
    engine->timers[engine->timer_count].set = set;
    engine->timers[engine->timer_count].timer = *timer;
    engine->timers[engine->timer_count].timer.name = keep(engine->fake->kept, timer->name);
    engine->timer_count++;
    return dsp_ok();
}

struct dsp_err dsp_timer_set(struct dsp_turn *turn, int32_t lane, const struct dsp_timer *timer)
{
    assert_in_range(lane, 0, LANES - 1);
    return keep_timer(turn, timer, true);
}

struct dsp_err dsp_timer_drop(struct dsp_turn *turn, const struct dsp_timer *timer)
{
    struct dsp_timer any = *timer;
    any.generation = INT32_MAX;
    any.due_ms = INT64_MAX;
    return keep_timer(turn, &any, false);
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

/* --- turns --- */

static const char BEGIN[] = "BEGIN";
static const char COMMIT[] = "COMMIT";
static const char ROLLBACK[] = "ROLLBACK";

static struct dsp_turn *open_turn(struct fake *fake)
{
    dsp_arena_reset(fake->arena);
    fake->turn = dsp_arena_alloc(fake->arena, sizeof *fake->turn);
    assert_non_null(fake->turn);
    *fake->turn = (struct dsp_turn){
        .engine = fake->engine,
        .arena = fake->arena,
        .rows = dsp_rows_new(fake->arena, fake->definition->tables, fake->definition->table_count, NULL),
        .now_ms = fake->now_ms};
    assert_non_null(fake->turn->rows);
    fake->engine->out_count = 0;
    fake->engine->timer_count = 0;
    fake->engine->count_count = 0;
    return fake->turn;
}

void fake_abandon(struct fake *fake)
{
    dsp_pg_exec(fake->store, ROLLBACK, NULL, 0, NULL, NULL);
    assert_ok(store_end(fake->store));
    fake->turn = NULL;
}

static struct dsp_err load(struct fake *fake)
{
    dsp_pg_exec(fake->store, BEGIN, NULL, 0, NULL, NULL);
    (void)dsp_rows_load(fake->turn->rows, fake->store);
    DSP_TRY(store_end(fake->store));
    return dsp_rows_error(fake->turn->rows);
}

static bool same_timer(const struct dsp_timer *a, const struct dsp_timer *b)
{
    return a->cause == b->cause && dsp_uuid_equal(&a->case_id, &b->case_id) && dsp_str_equal(a->name, b->name);
}

/* As LANE_TIMER_DONE: a newer generation or another due time stays. */
static void apply_timer(struct fake *fake, const struct dsp_timer *timer, bool set)
{
    size_t i = 0;
    while (i < fake->timer_count && !same_timer(&fake->timers[i], timer)) {
        i++;
    }
    if (set) {
        assert_true(i < FAKE_TIMERS_MAX);
        fake->timers[i] = *timer;
        fake->timer_count += i == fake->timer_count;
    } else if (i < fake->timer_count && fake->timers[i].generation <= timer->generation &&
               (timer->due_ms == INT64_MAX || timer->due_ms == fake->timers[i].due_ms)) {
        fake->timers[i] = fake->timers[--fake->timer_count];
    }
}

/* The engine writes all drops of a turn first, then what is set at its end. */
static void apply_timers(struct fake *fake)
{
    struct dsp_engine *engine = fake->engine;
    for (int set = 0; set < 2; set++) {
        for (size_t i = 0; i < engine->timer_count; i++) {
            bool last_word = true;
            for (size_t j = i + 1; set && j < engine->timer_count; j++) {
                last_word = last_word && !same_timer(&engine->timers[i].timer, &engine->timers[j].timer);
            }
            if (engine->timers[i].set == (set != 0) && last_word) {
                apply_timer(fake, &engine->timers[i].timer, set);
            }
        }
    }
}

static void keep_jobs(struct fake *fake)
{
    const struct dsp_list *jobs = dsp_rows_all(fake->turn->rows, &dsp_job_table);
    for (size_t i = 0; i < jobs->count; i++) {
        const struct dsp_job *job = jobs->items[i];
        if (job->row.dirty && job->state == DSP_JOB_READY) {
            assert_true(fake->job_count < FAKE_JOBS_MAX);
            struct dsp_job *kept = &fake->jobs[fake->job_count++];
            *kept = *job;
            kept->number = keep(fake->kept, job->number);
            kept->kind = keep(fake->kept, job->kind);
            kept->order_id = keep(fake->kept, job->order_id);
            kept->argument = keep(fake->kept, job->argument);
        }
    }
}

static void add_counts(struct fake *fake)
{
    const struct dsp_engine *engine = fake->engine;
    for (size_t i = 0; i < engine->count_count; i++) {
        const struct dsp_metric *metric = engine->counts[i].metric;
        if (metric->type == DSP_METRIC_HISTOGRAM) {
            dsp_metric_observe(fake->metrics, metric, (double)engine->counts[i].amount / 1000.0,
                               engine->counts[i].labels);
        } else {
            dsp_metric_add(fake->metrics, metric, engine->counts[i].amount, engine->counts[i].labels);
        }
    }
}

static struct dsp_err commit(struct fake *fake, bool handled)
{
    struct dsp_engine *engine = fake->engine;
    struct dsp_err err = dsp_rows_save(fake->turn->rows, fake->store);
    dsp_pg_exec(fake->store, COMMIT, NULL, 0, NULL, NULL);
    struct dsp_err end = store_end(fake->store);
    err = dsp_failed(err) ? err : end;
    if (dsp_failed(err)) {
        fake_abandon(fake);
        return err;
    }
    if (handled) {
        fake_expect_stored(fake);
    }
    assert_true(fake->out_count + engine->out_count <= FAKE_OUTS_MAX);
    memcpy(&fake->outs[fake->out_count], engine->outs, engine->out_count * sizeof *engine->outs);
    fake->out_count += engine->out_count;
    apply_timers(fake);
    keep_jobs(fake);
    add_counts(fake);
    fake->turn = NULL;
    return dsp_ok();
}

struct dsp_err fake_commit(struct fake *fake)
{
    return commit(fake, false);
}

static struct dsp_err decode(struct fake *fake, struct dsp_record *record)
{
    DSP_TRY(fake->definition->decode(fake->definition->self, fake->turn, record));
    bool decides = record->kind != DSP_RECORD_MESSAGE || record->input;
    return decides && !dsp_uuid_is_zero(&record->case_id) ? dsp_rows_want_case(fake->turn->rows, &record->case_id)
                                                          : dsp_ok();
}

static struct dsp_err handle(struct fake *fake, struct dsp_record *record)
{
    if (record->kind == DSP_RECORD_TIMER) {
        DSP_TRY(keep_timer(fake->turn, &record->timer, false));
    }
    fake->turn->cause = record;
    return fake->definition->handle(fake->definition->self, fake->turn, record);
}

static struct dsp_err turn(struct fake *fake, struct dsp_record *records, size_t count)
{
    struct dsp_err err = dsp_ok();
    open_turn(fake);
    for (size_t i = 0; i < count && !dsp_failed(err); i++) {
        err = decode(fake, &records[i]);
    }
    if (dsp_failed(err)) {
        fake->turn = NULL;
        return err;
    }
    err = load(fake);
    for (size_t i = 0; i < count && !dsp_failed(err); i++) {
        err = handle(fake, &records[i]);
    }
    if (dsp_failed(err)) {
        fake_abandon(fake);
        return err;
    }
    return commit(fake, true);
}

static size_t topic_index(const struct fake *fake, const char *topic)
{
    for (size_t i = 0; i < fake->definition->topic_count; i++) {
        if (strcmp(fake->definition->topics[i].name, topic) == 0) {
            return i;
        }
    }
    fail_msg("%s does not read %s", fake->definition->name, topic);
    return 0;
}

struct dsp_err fake_deliver_all(struct fake *fake, const struct fake_record *from, size_t count)
{
    struct dsp_record records[64];
    assert_true(count <= 64);
    for (size_t i = 0; i < count; i++) {
        size_t topic = topic_index(fake, from[i].topic);
        bool stamped = fake->definition->topics[topic].stamped;
        records[i] = (struct dsp_record){.kind = DSP_RECORD_MESSAGE,
                                         .topic = topic,
                                         .lane = dsp_lane_of(fake->engine, from[i].key),
                                         .offset = fake->offset++,
                                         .stamp_ms = fake->now_ms,
                                         .time_ms = stamped ? fake->now_ms : from[i].envelope.time_ms,
                                         .key = from[i].key,
                                         .value = from[i].value,
                                         .envelope = from[i].envelope};
        fake->stamps[topic] = fake->now_ms;
    }
    return turn(fake, records, count);
}

struct dsp_err fake_deliver(struct fake *fake, const struct fake_record *record)
{
    return fake_deliver_all(fake, record, 1);
}

struct dsp_err fake_fire(struct fake *fake, const struct dsp_timer *timer)
{
    struct dsp_record record = {
        .kind = DSP_RECORD_TIMER, .timer = *timer, .case_id = timer->case_id, .time_ms = fake->now_ms};
    return turn(fake, &record, 1);
}

struct dsp_err fake_answer(struct fake *fake, const struct dsp_job *job, int status, const char *body, bool authentic)
{
    struct dsp_record record = {.kind = DSP_RECORD_ANSWER,
                                .lane = job->lane,
                                .case_id = job->case_id,
                                .time_ms = fake->now_ms,
                                .answer = {.number = job->number,
                                           .kind = job->kind,
                                           .mode = job->mode,
                                           .status = status,
                                           .body = dsp_str_from(body),
                                           .authentic = authentic}};
    return turn(fake, &record, 1);
}

struct dsp_err fake_call(struct fake *fake, const struct dsp_job *job, struct dsp_call *ret_call)
{
    *ret_call = (struct dsp_call){.timeout_ms = 5000};
    return fake->definition->call(fake->definition->self, fake->kept, job, ret_call);
}

struct dsp_turn *fake_begin(struct fake *fake, const struct dsp_uuid *case_ids, size_t count,
                            const struct dsp_table *table, struct dsp_str text_key)
{
    open_turn(fake);
    for (size_t i = 0; i < count; i++) {
        assert_ok(dsp_rows_want_case(fake->turn->rows, &case_ids[i]));
    }
    if (table) {
        assert_ok(dsp_rows_want(fake->turn->rows, table, text_key));
    }
    assert_ok(load(fake));
    return fake->turn;
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
