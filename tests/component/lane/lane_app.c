#include "component/lane/lane_app.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/io/engine.h"

struct counter {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int32_t lane;
    int64_t ver, count, armed, fired, late_ms;
    struct dsp_str order_id;
};

/* One for each input that was applied: the database has no key here, so that a second time would show. */
struct effect {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_str source;
    int64_t number;
};

static const struct dsp_column COUNTER_COLUMNS[] = {
    DSP_COL(struct counter, case_id, DSP_COLUMN_UUID), DSP_COL(struct counter, ver, DSP_COLUMN_BIG),
    DSP_COL(struct counter, count, DSP_COLUMN_BIG),    DSP_COL(struct counter, armed, DSP_COLUMN_BIG),
    DSP_COL(struct counter, fired, DSP_COLUMN_BIG),    DSP_COL(struct counter, late_ms, DSP_COLUMN_BIG),
    DSP_COL(struct counter, lane, DSP_COLUMN_INT),     DSP_COL(struct counter, order_id, DSP_COLUMN_TEXT),
};

static const struct dsp_column EFFECT_COLUMNS[] = {
    DSP_COL(struct effect, case_id, DSP_COLUMN_UUID),
    DSP_COL(struct effect, source, DSP_COLUMN_TEXT),
    DSP_COL(struct effect, number, DSP_COLUMN_BIG),
};

/* One row that all lanes lock: the turn's transaction is then open from the load on (APP_SHARED). */
struct total {
    struct dsp_row row;
    struct dsp_str name;
    int64_t delta;
};

static const struct dsp_column TOTAL_COLUMNS[] = {
    DSP_COL(struct total, name, DSP_COLUMN_TEXT),
    DSP_COL(struct total, delta, DSP_COLUMN_BIG),
};

static bool shared;

static struct dsp_table tables[4] = {
    DSP_TABLE_ADDED(
        "counter", struct counter, COUNTER_COLUMNS, 6,
        "SELECT case_id, ver, count, armed, fired, late_ms, lane, order_id FROM counter WHERE case_id = ANY "
        "($1::uuid[])",
        "WITH u AS (INSERT INTO counter (case_id, ver, count, armed, fired, late_ms, lane, order_id)"
        " SELECT case_id, ver + 1, count, armed, fired, late_ms, lane, order_id FROM unnest($1::uuid[], $2::bigint[],"
        " $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::int[], $8::text[]) AS i (case_id, ver, count,"
        " armed, fired, late_ms, lane, order_id) ON CONFLICT (case_id) DO NOTHING RETURNING 1)"
        " SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]))",
        "WITH u AS (UPDATE counter c SET ver = i.ver + 1, count = i.count, armed = i.armed, fired = i.fired,"
        " late_ms = i.late_ms FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],"
        " $6::bigint[]) AS i (case_id, ver, count, armed, fired, late_ms)"
        " WHERE c.case_id = i.case_id AND c.ver = i.ver RETURNING 1)"
        " SELECT expect_rows((SELECT count(*) FROM u), cardinality($1::uuid[]))"),
    {.name = "effect",
     .key = DSP_KEY_CASE,
     .row_bytes = sizeof(struct effect),
     .columns = EFFECT_COLUMNS,
     .column_count = sizeof EFFECT_COLUMNS / sizeof *EFFECT_COLUMNS,
     .save_sql = "INSERT INTO effect (case_id, source, number)"
                 " SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[])"},
};

static const struct dsp_table TOTAL = {
    .name = "total",
    .key = DSP_KEY_TEXT,
    .row_bytes = sizeof(struct total),
    .columns = TOTAL_COLUMNS,
    .column_count = 2,
    .load_sql = "SELECT name, 0::bigint FROM total WHERE name = ANY ($1::text[]) ORDER BY name FOR UPDATE",
    .save_sql = "UPDATE total t SET amount = amount + i.delta FROM unnest($1::text[], $2::bigint[]) AS i (name, delta)"
                " WHERE t.name = i.name",
    .ensure_sql = "INSERT INTO total (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING",
};

static char out_topic[128];

static const struct dsp_metric APPLIED = {
    .name = "test_applied_total", .type = DSP_METRIC_COUNTER, .help = "Effects of records."};

static bool says(const struct dsp_record *record, const char *word, long *ret_number)
{
    size_t length = strlen(word);
    char text[64];
    snprintf(text, sizeof text, "%.*s", DSP_STR_ARG(record->value));
    *ret_number = strlen(text) > length ? strtol(text + length, NULL, 10) : 0;
    return strncmp(text, word, length) == 0;
}

static struct dsp_err decode(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    long number;
    (void)self;
    if (record->kind != DSP_RECORD_MESSAGE) {
        return dsp_ok();
    }
    const char *end = memchr(record->value.ptr, ' ', record->value.len);
    record->type = (struct dsp_str){record->value.ptr, end ? (size_t)(end - record->value.ptr) : record->value.len};
    record->case_id = record->envelope.subject;
    record->input = record; /* there is something to decide: the rows are read */
    if (shared) {
        DSP_TRY(dsp_rows_want(turn->rows, &TOTAL, DSP_STR_LITERAL("all")));
    }
    return says(record, "bad", &number) ? dsp_reject(DSP_CODE_FIELD_INVALID, "坏的 bad value") : dsp_ok();
}

static struct dsp_err note(struct dsp_turn *turn, const struct dsp_record *record, const char *source, int64_t number)
{
    struct effect *effect = dsp_rows_add(turn->rows, &tables[1], dsp_uuid_str(&record->case_id));
    if (!effect) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "effect");
    }
    effect->case_id = record->case_id;
    effect->source = dsp_str_from(source);
    effect->number = number;
    return dsp_ok();
}

static struct counter *counter_of(struct dsp_turn *turn, const struct dsp_record *record)
{
    struct counter *counter = dsp_rows_one(turn->rows, &tables[0], dsp_uuid_str(&record->case_id));
    if (!counter) {
        counter = dsp_rows_add(turn->rows, &tables[0], dsp_uuid_str(&record->case_id));
        counter->case_id = record->case_id;
        counter->lane = record->lane;
        counter->order_id = record->key;
    }
    counter->row.dirty = true;
    return counter;
}

static struct dsp_err say(struct dsp_turn *turn, const struct counter *counter)
{
    struct dsp_out out = {.topic = out_topic,
                          .key = counter->order_id,
                          .value = dsp_arena_format(turn->arena, "%lld", (long long)counter->count),
                          .headers = {.source = "/disputes/test",
                                      .type = "test",
                                      .schema = "none",
                                      .case_id = counter->case_id,
                                      .order_id = counter->order_id,
                                      .time_ms = turn->now_ms,
                                      .sequence = counter->count}};
    DSP_TRY(dsp_uuid_v7(&out.headers.id));
    return dsp_emit(turn, counter->lane, &out);
}

static struct dsp_err add_job(struct dsp_turn *turn, const struct dsp_record *record, int64_t number)
{
    struct dsp_job *job = dsp_rows_add(turn->rows, &dsp_job_table, dsp_uuid_str(&record->case_id));
    if (!job) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "job");
    }
    job->case_id = record->case_id;
    job->number = dsp_arena_format(turn->arena, "call-%d-%lld", record->lane, (long long)number);
    job->kind = DSP_STR_LITERAL("call");
    job->lane = record->lane;
    job->state = DSP_JOB_READY;
    return dsp_ok();
}

static struct dsp_err on_message(struct dsp_turn *turn, struct dsp_record *record)
{
    long number;
    int64_t at = record->topic == 0 ? record->envelope.lane_sequence : record->offset;
    if (says(record, "quiet", &number)) {
        return dsp_ok();
    }
    struct counter *counter = counter_of(turn, record);
    struct total *total = shared ? dsp_rows_one(turn->rows, &TOTAL, DSP_STR_LITERAL("all")) : NULL;
    if (total) {
        total->delta++;
        total->row.dirty = true;
    }
    DSP_TRY(note(turn, record, record->topic == 0 ? "numbered" : "command", at));
    dsp_count(turn, &APPLIED, 1, NULL);
    if (says(record, "refuse", &number)) {
        counter->count = -1;
    } else if (says(record, "timer ", &number) || says(record, "fault ", &number)) {
        struct dsp_timer timer = {.case_id = record->case_id,
                                  .name = record->value.ptr[0] == 'f' ? DSP_STR_LITERAL("fault")
                                                                      : DSP_STR_LITERAL("test:timer"),
                                  .cause = at,
                                  .generation = 1,
                                  .due_ms = turn->now_ms + number};
        counter->armed = at;
        return dsp_timer_set(turn, record->lane, &timer);
    } else if (says(record, "job", &number)) {
        return add_job(turn, record, at);
    } else if (says(record, "sleep ", &number)) {
        counter->count++;
        dsp_log(DSP_LOG_INFO, "test sleeps");
        usleep((useconds_t)number * 1000);
    } else if (says(record, "nap ", &number)) {
        char mark[128];
        snprintf(mark, sizeof mark, "/tmp/%s.nap", getenv("APP_NAME"));
        int made = open(mark, O_WRONLY | O_CREAT | O_EXCL, 0600);
        counter->count++;
        if (made >= 0) {
            close(made);
            dsp_log(DSP_LOG_INFO, "test naps");
            usleep((useconds_t)number * 1000);
        }
    } else if (says(record, "add ", &number)) {
        counter->count += number;
    }
    return say(turn, counter);
}

static struct dsp_err on_timer(struct dsp_turn *turn, struct dsp_record *record)
{
    if (dsp_str_is(record->timer.name, "fault")) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "the handler refuses this timer");
    }
    struct counter *counter = counter_of(turn, record);
    if (counter->armed != record->timer.cause) {
        return dsp_ok();
    }
    counter->armed = 0;
    counter->fired++;
    counter->late_ms = turn->now_ms - record->timer.due_ms;
    return note(turn, record, "timer", record->timer.cause);
}

static struct dsp_err on_answer(struct dsp_turn *turn, struct dsp_record *record)
{
    struct dsp_list *jobs = dsp_rows_of(turn->rows, &dsp_job_table, dsp_uuid_str(&record->case_id));
    for (size_t i = 0; i < jobs->count; i++) {
        struct dsp_job *job = jobs->items[i];
        if (dsp_str_equal(job->number, record->answer.number) && job->state == DSP_JOB_READY) {
            dsp_job_end(job);
            DSP_TRY(note(turn, record, "answer", record->answer.status));
        }
    }
    return dsp_ok();
}

static struct dsp_err handle(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    (void)self;
    return record->kind == DSP_RECORD_MESSAGE ? on_message(turn, record)
           : record->kind == DSP_RECORD_TIMER ? on_timer(turn, record)
                                              : on_answer(turn, record);
}

static struct dsp_err call(void *self, struct dsp_arena *arena, const struct dsp_job *job, struct dsp_call *ret_call)
{
    (void)self;
    *ret_call = (struct dsp_call){
        .method = "POST",
        .url = dsp_arena_format(arena, "%s/%.*s", getenv("APP_HTTP"), DSP_STR_ARG(job->number)),
        .body = DSP_STR_LITERAL("{}"),
        .timeout_ms = 20000};
    return dsp_ok();
}

static void print_metrics(const struct dsp_metrics *metrics)
{
    size_t size;
    char *text = dsp_metrics_render(metrics, &size);
    fputs(text ? text : "", stdout);
    fflush(stdout);
    free(text);
}

struct running {
    struct event_base *base;
    struct dsp_engine *engine;
    int status;
};

static void on_stopped(void *arg)
{
    event_base_loopbreak(((struct running *)arg)->base);
}

static void on_fatal(void *arg, struct dsp_err err)
{
    struct running *running = arg;
    (void)err;
    running->status = 1;
    event_base_loopbreak(running->base);
}

static void on_rebuilt(void *arg, size_t quarantined)
{
    struct running *running = arg;
    running->status = quarantined ? 3 : 0;
    event_base_loopbreak(running->base);
}

static void on_signal(evutil_socket_t number, short what, void *arg)
{
    struct running *running = arg;
    (void)number;
    (void)what;
    dsp_engine_stop(running->engine, on_stopped, running);
}

int lane_app_main(void)
{
    static char topic_names[2][128];
    struct running running = {.base = event_base_new()};
    const char *name = getenv("APP_NAME");
    snprintf(topic_names[0], sizeof topic_names[0], "%s.numbered", name);
    snprintf(topic_names[1], sizeof topic_names[1], "%s.command", name);
    snprintf(out_topic, sizeof out_topic, "%s.out", name);
    tables[2] = dsp_job_table;
    tables[3] = TOTAL;
    shared = getenv("APP_SHARED") != NULL;
    const struct dsp_topic topics[] = {{.name = topic_names[0], .numbered = true},
                                       {.name = topic_names[1], .stamped = true}};
    const struct dsp_app app = {.name = name,
                                .topics = topics,
                                .topic_count = 2,
                                .tables = tables,
                                .table_count = shared ? 4 : 3,
                                .decode = decode,
                                .handle = handle,
                                .call = call};
    signal(SIGPIPE, SIG_IGN);
    dsp_log_setup(name, "info");
    struct dsp_clock *clock = dsp_clock_new();
    struct dsp_metrics *metrics = dsp_metrics_new();
    struct dsp_http *http = dsp_http_new(running.base);
    struct dsp_engine_options options = {
        .base = running.base,
        .clock = clock,
        .metrics = metrics,
        .http = http,
        .app = &app,
        .kafka = {.servers = getenv("KAFKA_BOOTSTRAP_SERVERS"), .client_id = name},
        .kafka_group = name,
        .database_url = getenv("APP_URL"),
        .redis_url = getenv("APP_REDIS"),
        .row_cache_mib = 1,
        .rebuild_topic = getenv("APP_REBUILD") ? topic_names[0] : NULL,
        .schema = getenv("APP_REBUILD"),
        .on_rebuilt = on_rebuilt,
        .batch_max = getenv("APP_BATCH") ? strtol(getenv("APP_BATCH"), NULL, 10) : 64,
        .on_fatal = on_fatal,
        .arg = &running,
    };
    running.engine = dsp_engine_new(&options);
    struct dsp_err err = running.engine ? dsp_engine_start(running.engine) : dsp_fatal(DSP_CODE_SYSTEM_FAILED, "new");
    if (dsp_failed(err)) {
        dsp_log_err(DSP_LOG_ERROR, "not started", err);
        return 2;
    }
    struct event *term = evsignal_new(running.base, SIGTERM, on_signal, &running);
    event_add(term, NULL);
    event_base_dispatch(running.base);
    print_metrics(metrics);
    event_free(term);
    dsp_engine_free(running.engine);
    dsp_http_free(http);
    dsp_metrics_free(metrics);
    dsp_clock_free(clock);
    event_base_free(running.base);
    return running.status;
}
