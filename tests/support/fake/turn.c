/* Turns of a fake service: records, timers and answers in; decode, load, handle, save, commit. */
#include <string.h>

#include "support/fake/service_internal.h"

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
            kept->number = fake_keep(fake->kept, job->number);
            kept->kind = fake_keep(fake->kept, job->kind);
            kept->order_id = fake_keep(fake->kept, job->order_id);
            kept->argument = fake_keep(fake->kept, job->argument);
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
        DSP_TRY(fake_keep_timer(fake->turn, &record->timer, false));
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
