/* What a fake has sent out and holds, for tests to look at. */
#include <stdlib.h>
#include <string.h>

#include "common/service/message.h"
#include "support/fake/service.h"
#include "support/fake/store.h"

void *fake_message(struct fake *fake, const ProtobufCMessageDescriptor *type, const struct fake_out *out)
{
    void *message;
    assert_non_null(out);
    assert_ok(dsp_message_unpack(fake->kept, type, out->value, &message));
    return message;
}

size_t fake_outs_on(const struct fake *fake, const char *topic)
{
    size_t count = 0;
    for (size_t i = 0; i < fake->out_count; i++) {
        count += strcmp(fake->outs[i].topic, topic) == 0;
    }
    return count;
}

const struct fake_out *fake_out_on(const struct fake *fake, const char *topic, int n)
{
    int wanted = n < 0 ? (int)fake_outs_on(fake, topic) + n : n;
    for (size_t i = 0; i < fake->out_count; i++) {
        if (strcmp(fake->outs[i].topic, topic) == 0 && wanted-- == 0) {
            return &fake->outs[i];
        }
    }
    return NULL;
}

int64_t fake_counted(const struct fake *fake, const char *series)
{
    size_t size;
    int64_t value = 0;
    char *text = dsp_metrics_render(fake->metrics, &size);
    assert_non_null(text);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        size_t length = strlen(series);
        if (strncmp(line, series, length) == 0 && line[length] == ' ') {
            value = strtoll(line + length, NULL, 10);
        }
    }
    free(text);
    return value;
}

struct fake_record fake_record_of(struct fake *to, const struct fake_out *out)
{
    char *id = dsp_arena_alloc(to->kept, DSP_UUID_TEXT_BYTES);
    char *subject = dsp_arena_alloc(to->kept, DSP_UUID_TEXT_BYTES);
    assert_true(id && subject);
    dsp_uuid_format(&out->headers.id, id);
    dsp_uuid_format(&out->headers.case_id, subject);
    return (struct fake_record){
        .topic = out->topic,
        .key = out->key,
        .value = out->tombstone ? (struct dsp_str){NULL, 0} : out->value,
        .envelope = {.id = out->headers.id_text.len ? out->headers.id_text : dsp_str_from(id),
                     .source = dsp_str_from(out->headers.source),
                     .type = dsp_str_from(out->headers.type),
                     .subject_text = out->headers.subject.len ? out->headers.subject : dsp_str_from(subject),
                     .subject = out->headers.case_id,
                     .time_ms = out->headers.time_ms,
                     .sequence = out->headers.sequence,
                     .lane_sequence = 1,
                     .traceparent = out->headers.traceparent}};
}

const struct dsp_timer *fake_timer(const struct fake *fake, const char *name)
{
    for (size_t i = 0; i < fake->timer_count; i++) {
        if (dsp_str_is(fake->timers[i].name, name)) {
            return &fake->timers[i];
        }
    }
    return NULL;
}

size_t fake_timers(const struct fake *fake)
{
    return fake->timer_count;
}

static void mix(uint64_t *sum, const void *bytes, size_t size)
{
    *sum = *sum * 31 + dsp_str_hash((struct dsp_str){bytes, size}) + size;
}

static void mix_rows(uint64_t *sum, struct dsp_turn *turn, const struct dsp_table *table)
{
    const struct dsp_list *all = dsp_rows_all(turn->rows, table);
    for (size_t c = 0; all->count && c < table->column_count; c++) {
        struct dsp_param cells;
        assert_ok(dsp_param_array(turn->arena, &table->columns[c], all->items, all->count, &cells));
        mix(sum, cells.data, (size_t)cells.size);
    }
}

uint64_t fake_picture(struct fake *fake, const struct dsp_uuid *case_id)
{
    uint64_t sum = 0;
    struct dsp_turn *turn = fake_begin(fake, case_id, 1, NULL, (struct dsp_str){NULL, 0});
    for (size_t t = 0; t < fake->definition->table_count; t++) {
        mix_rows(&sum, turn, &fake->definition->tables[t]);
    }
    fake_abandon(fake);
    mix(&sum, &fake->out_count, sizeof fake->out_count);
    mix(&sum, &fake->job_count, sizeof fake->job_count);
    for (size_t i = 0; i < fake->timer_count; i++) {
        mix(&sum, &fake->timers[i].due_ms, sizeof fake->timers[i].due_ms);
        mix(&sum, &fake->timers[i].generation, sizeof fake->timers[i].generation);
    }
    return sum;
}

static bool same_row(struct dsp_arena *arena, const struct dsp_table *table, void *left, void *right)
{
    for (size_t c = 0; c < table->column_count; c++) {
        struct dsp_param a;
        struct dsp_param b;
        assert_ok(dsp_param_array(arena, &table->columns[c], &left, 1, &a));
        assert_ok(dsp_param_array(arena, &table->columns[c], &right, 1, &b));
        if (strcmp(table->columns[c].name, "ver") != 0 &&
            (a.size != b.size || memcmp(a.data, b.data, (size_t)a.size) != 0)) {
            return false;
        }
    }
    return true;
}

static void expect_stored(struct dsp_arena *arena, const struct dsp_table *table, void *row, struct dsp_rows *stored)
{
    const struct dsp_list *all = dsp_rows_all(stored, table);
    for (size_t i = 0; i < all->count; i++) {
        if (same_row(arena, table, row, all->items[i])) {
            return;
        }
    }
    fail_msg("a row of %s is not stored as the turn has left it: a column that save_sql does not name?", table->name);
}

void fake_expect_stored(struct fake *fake)
{
    struct dsp_turn *turn = fake->turn;
    const struct dsp_table *tables = fake->definition->tables;
    size_t count = fake->definition->table_count;
    struct dsp_rows *stored = dsp_rows_new(turn->arena, tables, count, NULL);
    assert_non_null(stored);
    for (size_t t = 0; t < count; t++) {
        const struct dsp_list *all = dsp_rows_all(turn->rows, &tables[t]);
        for (size_t i = 0; tables[t].add_sql && i < all->count; i++) {
            const char *row = all->items[i];
            assert_ok(
                dsp_rows_want_case(stored, (const struct dsp_uuid *)(const void *)(row + tables[t].columns[0].offset)));
        }
    }
    dsp_rows_load(stored, fake->store);
    assert_ok(store_end(fake->store));
    assert_ok(dsp_rows_error(stored));
    for (size_t t = 0; t < count; t++) {
        const struct dsp_list *all = dsp_rows_all(turn->rows, &tables[t]);
        for (size_t i = 0; tables[t].add_sql && i < all->count; i++) {
            expect_stored(turn->arena, &tables[t], all->items[i], stored);
        }
    }
}
