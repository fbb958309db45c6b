#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/io/engine_internal.h"

void inbox_init(struct inbox *inbox)
{
    inbox->first = NULL;
    inbox->last = &inbox->first;
}

static struct item *add(struct dsp_engine *engine, enum dsp_record_kind kind, int32_t lane)
{
    struct inbox *inbox = &engine->inbox;
    struct item *item = calloc(1, sizeof *item);
    if (!item) {
        abort(); /* bounded by INBOX_MAX: the machine itself is out of memory */
    }
    item->kind = kind;
    item->lane = lane;
    inbox->timers += kind == DSP_RECORD_TIMER;
    item->back = inbox->last;
    *inbox->last = item;
    inbox->last = &item->next;
    inbox->count++;
    return item;
}

void inbox_add_message(struct dsp_engine *engine, rd_kafka_message_t *message)
{
    const char *name = rd_kafka_topic_name(message->rkt);
    for (size_t i = 0; i < engine->app->topic_count; i++) {
        if (strcmp(engine->app->topics[i].name, name) == 0) {
            struct item *item = add(engine, DSP_RECORD_MESSAGE, message->partition);
            item->topic = i;
            item->message = message;
            engine->lanes[item->lane].topics[i].count++;
            engine->lanes[item->lane].topics[i].bytes += message->len;
            engine->inbox.bytes += message->len;
            return;
        }
    }
    rd_kafka_message_destroy(message);
}

static bool same_timer(const struct dsp_timer *a, const struct dsp_timer *b)
{
    return a->cause == b->cause && a->generation == b->generation && dsp_uuid_equal(&a->case_id, &b->case_id) &&
           dsp_str_equal(a->name, b->name);
}

struct dsp_str engine_text_own(struct dsp_str from)
{
    char *bytes = malloc(from.len + 1);
    if (!bytes) {
        abort();
    }
    if (from.len) {
        memcpy(bytes, from.ptr, from.len);
    }
    bytes[from.len] = '\0';
    return (struct dsp_str){bytes, from.len};
}

void inbox_add_timer(struct dsp_engine *engine, int32_t lane, const struct dsp_timer *timer)
{
    for (struct item *item = engine->inbox.first; item; item = item->next) {
        if (item->kind == DSP_RECORD_TIMER && same_timer(&item->timer, timer)) {
            return;
        }
    }
    struct item *item = add(engine, DSP_RECORD_TIMER, lane);
    item->timer = *timer;
    item->timer.name = engine_text_own(timer->name);
    item->case_id = timer->case_id;
}

void inbox_add_answer(struct dsp_engine *engine, int32_t lane, const struct dsp_uuid *case_id,
                      const struct dsp_answer *answer)
{
    struct item *item = add(engine, DSP_RECORD_ANSWER, lane);
    item->answer = *answer;
    item->answer.number = engine_text_own(answer->number);
    item->answer.kind = engine_text_own(answer->kind);
    item->answer.body = engine_text_own(answer->body);
    item->answer.traceparent = engine_text_own(answer->traceparent);
    item->case_id = *case_id;
}

void engine_text_drop(struct dsp_str text)
{
    free((void *)(uintptr_t)text.ptr);
}

void inbox_remove(struct dsp_engine *engine, struct item *item)
{
    struct inbox *inbox = &engine->inbox;
    *item->back = item->next;
    if (item->next) {
        item->next->back = item->back;
    } else {
        inbox->last = item->back;
    }
    inbox->count--;
    inbox->timers -= item->kind == DSP_RECORD_TIMER;
    if (item->message) {
        struct lane_topic *topic = &engine->lanes[item->lane].topics[item->topic];
        topic->count--;
        topic->bytes -= item->message->len;
        inbox->bytes -= item->message->len;
        rd_kafka_message_destroy(item->message);
    }
    engine_text_drop(item->timer.name);
    engine_text_drop(item->answer.number);
    engine_text_drop(item->answer.kind);
    engine_text_drop(item->answer.body);
    engine_text_drop(item->answer.traceparent);
    free(item);
}

void inbox_clear(struct dsp_engine *engine, bool all)
{
    struct item *item = engine->inbox.first;
    while (item) {
        struct item *next = item->next;
        if (all || !engine->lanes[item->lane].owned) {
            inbox_remove(engine, item);
        }
        item = next;
    }
    engine->inbox.waiting = 0;
}
