#include "case_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "disputes/case/v1/event.pb-c.h"
#include "sender.h"

#define LOG_TOPIC "disputes.case.event.v1"

/* --- protobuf, field by field --- */

struct bytes {
    const uint8_t *at, *end;
};

struct field {
    uint32_t number;
    uint64_t value;     /* of a varint */
    struct bytes bytes; /* of a text, bytes or message */
};

static uint64_t take_varint(struct bytes *in)
{
    uint64_t value = 0;
    for (unsigned shift = 0; in->at < in->end && shift < 64; shift += 7) {
        uint8_t byte = *in->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return value;
        }
    }
    bench_die("the log holds a record that is no protobuf");
}

static bool take_field(struct bytes *in, struct field *field)
{
    if (in->at >= in->end) {
        return false;
    }
    uint64_t tag = take_varint(in);
    uint64_t size = 0;
    field->number = (uint32_t)(tag >> 3);
    field->value = 0;
    switch (tag & 7) {
    case 0:
        field->value = take_varint(in);
        break;
    case 1:
        size = 8;
        break;
    case 2:
        size = take_varint(in);
        break;
    case 5:
        size = 4;
        break;
    default:
        bench_die("the log holds a record of unknown form");
    }
    if (size > (uint64_t)(in->end - in->at)) {
        bench_die("the log holds a record that is cut off");
    }
    field->bytes = (struct bytes){in->at, in->at + size};
    in->at += size;
    return true;
}

static void copy_text(struct bytes from, char *into, size_t size)
{
    size_t length = (size_t)(from.end - from.at);
    if (length >= size) {
        bench_die("a text of the log is longer than expected");
    }
    memcpy(into, from.at, length);
    into[length] = '\0';
}

/* Field numbers, by the names that the schema gives them. */
static struct {
    uint32_t entry, sequence, type, row, clocks, refusal, sla_finding;
    uint32_t op, clock, from_time, short_budget, budget, kind, code;
    uint32_t opened, opened_id, countered, countered_id, refused;
} number;

static uint32_t number_of(const ProtobufCMessageDescriptor *type, const char *name)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(type, name);
    if (!field) {
        bench_die("%s has no field %s", type->name, name);
    }
    return field->id;
}

static void learn_numbers(void)
{
    const ProtobufCMessageDescriptor *entry = &disputes__case__v1__entry__descriptor;
    const ProtobufCMessageDescriptor *effect = &disputes__case__v1__clock_effect__descriptor;
    const ProtobufCMessageDescriptor *finding = &disputes__sla__v1__finding__descriptor;
    number.entry = number_of(&disputes__case__v1__case_event__descriptor, "entry");
    number.sequence = number_of(entry, "sequence");
    number.type = number_of(entry, "type");
    number.row = number_of(entry, "row");
    number.clocks = number_of(entry, "clocks");
    number.refusal = number_of(entry, "refusal");
    number.sla_finding = number_of(entry, "sla_finding");
    number.op = number_of(effect, "op");
    number.clock = number_of(effect, "clock");
    number.from_time = number_of(effect, "from_time_millis");
    number.short_budget = number_of(effect, "short_budget");
    number.budget = number_of(effect, "budget_millis");
    number.kind = number_of(&disputes__common__v1__clock_ref__descriptor, "kind");
    number.code = number_of(&disputes__case__v1__refusal__descriptor, "code");
    number.opened = number_of(finding, "offer_opened");
    number.opened_id = number_of(&disputes__sla__v1__offer_opened__descriptor, "offer_id");
    number.countered = number_of(finding, "offer_countered");
    number.countered_id = number_of(&disputes__sla__v1__offer_countered__descriptor, "new_offer_id");
    number.refused = number_of(finding, "offer_refused");
}

/* --- entries --- */

static void read_clock(struct bytes in, struct log_entry *entry)
{
    struct field field;
    struct field inner;
    struct log_start start = {0};
    int op = 0;
    while (take_field(&in, &field)) {
        if (field.number == number.op) {
            op = (int)field.value;
        } else if (field.number == number.from_time) {
            start.from_ms = (int64_t)field.value;
        } else if (field.number == number.budget) {
            start.budget_ms = (int64_t)field.value;
        } else if (field.number == number.short_budget) {
            start.short_budget = field.value != 0;
        } else if (field.number == number.clock) {
            while (take_field(&field.bytes, &inner)) {
                start.kind = inner.number == number.kind ? (int)inner.value : start.kind;
            }
        }
    }
    if (op == DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_START && entry->start_count < LOG_STARTS_MAX) {
        entry->starts[entry->start_count++] = start;
    }
}

static void read_text(struct bytes in, uint32_t wanted, char *into, size_t size)
{
    struct field field;
    while (take_field(&in, &field)) {
        if (field.number == wanted) {
            copy_text(field.bytes, into, size);
        }
    }
}

static void read_sla(struct bytes in, struct log_entry *entry)
{
    struct field field;
    while (take_field(&in, &field)) {
        if (field.number == number.opened) {
            read_text(field.bytes, number.opened_id, entry->offer, sizeof entry->offer);
        } else if (field.number == number.countered) {
            read_text(field.bytes, number.countered_id, entry->offer, sizeof entry->offer);
        } else if (field.number == number.refused) {
            snprintf(entry->refusal, sizeof entry->refusal, "OfferRefused");
        }
    }
}

/* What services find and is refused, as when a clock ran out while its case moved on, is nothing to the people. */
static void read_entry(struct bytes in, struct log_entry *entry)
{
    struct field field;
    int type = 0;
    while (take_field(&in, &field)) {
        if (field.number == number.sequence) {
            entry->sequence = field.value;
        } else if (field.number == number.type) {
            type = (int)field.value;
        } else if (field.number == number.row) {
            copy_text(field.bytes, entry->row, sizeof entry->row);
        } else if (field.number == number.clocks) {
            read_clock(field.bytes, entry);
        } else if (field.number == number.refusal &&
                   type == DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_COMMAND_REFUSED) { /* the type comes before */
            read_text(field.bytes, number.code, entry->refusal, sizeof entry->refusal);
        } else if (field.number == number.sla_finding) {
            read_sla(field.bytes, entry);
        }
    }
}

bool case_log_entry(const void *key, size_t key_size, const void *value, size_t value_size, struct log_entry *entry)
{
    char order[80];
    struct field field;
    bool found = false;
    if (!value || key_size >= sizeof order) {
        return false;
    }
    struct bytes in = {value, (const uint8_t *)value + value_size};
    memcpy(order, key, key_size);
    order[key_size] = '\0';
    const char *dash = strrchr(order, '-');
    if (order[0] != 'b' || !dash) {
        return false;
    }
    memset(entry, 0, sizeof *entry);
    entry->number = strtoull(dash + 1, NULL, 10);
    while (take_field(&in, &field)) {
        if (field.number == number.entry) {
            read_entry(field.bytes, entry);
            found = true;
        }
    }
    return found;
}

void case_log_read(rd_kafka_t *consumer, int wait_ms, int most, log_entry_fn on_entry, void *arg)
{
    struct log_entry entry;
    for (int i = 0; i < most; i++) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, i == 0 ? wait_ms : 0);
        if (!message) {
            break;
        }
        if (message->err) {
            bench_die("the log: %s", rd_kafka_message_errstr(message));
        }
        if (case_log_entry(message->key, message->key_len, message->payload, message->len, &entry)) {
            entry.written_ms = rd_kafka_message_timestamp(message, NULL);
            on_entry(arg, &entry);
        }
        rd_kafka_message_destroy(message);
    }
}

/* --- the consumer --- */

static rd_kafka_t *consumer_new(const char *brokers)
{
    const char *const settings[][2] = {{"bootstrap.servers", brokers},  {"group.id", "bench"},
                                       {"enable.auto.commit", "false"}, {"fetch.wait.max.ms", "5"},
                                       {"fetch.min.bytes", "32768"}, /* few large answers: each costs the broker too */
                                       {"auto.offset.reset", "latest"}};
    return bench_consumer(settings, sizeof settings / sizeof *settings);
}

rd_kafka_t *case_log_open(const char *brokers)
{
    rd_kafka_t *consumer = consumer_new(brokers);
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(consumer, LOG_TOPIC, NULL);
    learn_numbers();
    rd_kafka_poll_set_consumer(consumer);
    if (rd_kafka_metadata(consumer, 0, topic, &metadata, 10000) || metadata->topic_cnt != 1) {
        bench_die("no topic " LOG_TOPIC);
    }
    rd_kafka_topic_partition_list_t *parts = rd_kafka_topic_partition_list_new(metadata->topics[0].partition_cnt);
    for (int p = 0; p < metadata->topics[0].partition_cnt; p++) {
        int64_t low;
        int64_t high;
        if (rd_kafka_query_watermark_offsets(consumer, LOG_TOPIC, p, &low, &high, 10000)) {
            bench_die("no offsets of " LOG_TOPIC);
        }
        rd_kafka_topic_partition_list_add(parts, LOG_TOPIC, p)->offset = high;
    }
    rd_kafka_assign(consumer, parts);
    rd_kafka_topic_partition_list_destroy(parts);
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(topic);
    return consumer;
}

void case_log_close(rd_kafka_t *consumer)
{
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
}
