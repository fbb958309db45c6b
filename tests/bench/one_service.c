/* One service by itself: a log is prepared whose every entry makes sla change its state and say one finding; then a
 * window of what comes out is measured, for sla and for the textbook alike. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "disputes/case/v1/event.pb-c.h"
#include "options.h"
#include "processes.h"
#include "sender.h"

#define LOG_TOPIC "disputes.case.event.v1"
#define PARTITIONS_MAX 64
#define ENTRIES_PER_CASE 8
#define CASES_AT_ONCE 2000 /* their entries are interleaved */

static int32_t partitions_of(rd_kafka_t *kafka, const char *name)
{
    const struct rd_kafka_metadata *metadata = NULL;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(kafka, name, NULL);
    if (rd_kafka_metadata(kafka, 0, topic, &metadata, 10000) || metadata->topic_cnt != 1 ||
        metadata->topics[0].partition_cnt < 1 || metadata->topics[0].partition_cnt > PARTITIONS_MAX) {
        bench_die("no topic %s", name);
    }
    int32_t count = metadata->topics[0].partition_cnt;
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(topic);
    return count;
}

/* --- prepare --- */

struct prepared {
    struct dsp_uuid id;
    char id_text[DSP_UUID_TEXT_BYTES];
    char order[48];
    int32_t lane;
};

/* The first entry starts a clock (ClocksArmed), the others pause it and let it run again, in turn. */
static void send_entry(struct sender *sender, const struct prepared *item, int sequence, int64_t lane_sequence)
{
    char entry_text[DSP_UUID_TEXT_BYTES];
    struct dsp_uuid entry_id;
    uint8_t hash[32];
    Disputes__Case__V1__CaseEvent event = DISPUTES__CASE__V1__CASE_EVENT__INIT;
    Disputes__Case__V1__Entry entry = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Case__V1__Origin origin = DISPUTES__CASE__V1__ORIGIN__INIT;
    Disputes__Case__V1__ClockEffect effect = DISPUTES__CASE__V1__CLOCK_EFFECT__INIT;
    Disputes__Common__V1__ClockRef clock = DISPUTES__COMMON__V1__CLOCK_REF__INIT;
    Disputes__Case__V1__ClockEffect *effects[] = {&effect};
    if (dsp_failed(dsp_uuid_v7(&entry_id))) {
        bench_die("no randomness");
    }
    dsp_uuid_format(&entry_id, entry_text);
    dsp_sha256(dsp_uuid_str(&entry_id), hash); /* sla does not follow the chain: any 32 bytes will do */
    clock.kind = DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_ENFORCE_HARD;
    clock.side = DISPUTES__COMMON__V1__ROLE__ROLE_SYSTEM;
    clock.cause_sequence = 1;
    effect.op = sequence == 1       ? DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_START
                : sequence % 2 == 0 ? DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_PAUSE
                                    : DISPUTES__CASE__V1__CLOCK_OP__CLOCK_OP_RESUME;
    effect.clock = &clock;
    effect.from_time_millis = dsp_real_ms();
    origin.topic = (char *)(uintptr_t) "disputes.gateway.command.v1";
    origin.sender = (char *)(uintptr_t) "/gateway";
    origin.message_id = entry_text;
    origin.offset = lane_sequence;
    origin.append_time_millis = effect.from_time_millis;
    entry.entry_id = entry_text;
    entry.case_id = (char *)(uintptr_t)item->id_text;
    entry.order_id = (char *)(uintptr_t)item->order;
    entry.platform_id = (char *)(uintptr_t) "bench";
    entry.sequence = (uint64_t)sequence;
    entry.generation = 1;
    entry.previous_hash = (ProtobufCBinaryData){sequence > 1 ? sizeof hash : 0, hash};
    entry.origin = &origin;
    entry.time_millis = entry.log_time_millis = effect.from_time_millis;
    entry.type = sequence == 1 ? DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_COMPLAINT_FILED
                               : DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_ACT;
    entry.row = (char *)(uintptr_t)(sequence == 1 ? "T01" : "E01");
    entry.visibility = DISPUTES__CASE__V1__VISIBILITY__VISIBILITY_PARTIES;
    entry.clocks = effects;
    entry.n_clocks = 1;
    event.record_case = DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY;
    event.entry = &entry;
    sender_send(sender,
                &(struct sending){.topic = LOG_TOPIC,
                                  .source = "/disputes/intake",
                                  .type = "cn.example.disputes.case.event.v1",
                                  .schema = "urn:proto:disputes.case.v1.CaseEvent",
                                  .key = item->order,
                                  .case_id = &item->id,
                                  .partition = item->lane,
                                  .sequence = sequence,
                                  .lane_sequence = lane_sequence,
                                  .hash = hash},
                &event.base);
}

void run_prepare(const struct options *options)
{
    struct sender *sender = sender_new(options->brokers);
    struct prepared *cases = calloc(CASES_AT_ONCE, sizeof *cases);
    int32_t partitions = partitions_of(sender_kafka(sender), LOG_TOPIC);
    int64_t lane_sequences[PARTITIONS_MAX] = {0};
    long made = 0;
    int64_t number = 0;
    if (!cases) {
        bench_die("out of memory");
    }
    while (made < options->entries) {
        for (size_t i = 0; i < CASES_AT_ONCE; i++) {
            struct prepared *item = &cases[i];
            if (dsp_failed(dsp_uuid_v7(&item->id))) {
                bench_die("no randomness");
            }
            dsp_uuid_format(&item->id, item->id_text);
            snprintf(item->order, sizeof item->order, "bp-%lld", (long long)number++);
            item->lane = rd_kafka_msg_partitioner_murmur2(NULL, item->order, strlen(item->order), partitions, NULL,
                                                          NULL);
        }
        for (int sequence = 1; sequence <= ENTRIES_PER_CASE; sequence++) {
            for (size_t i = 0; i < CASES_AT_ONCE; i++) {
                send_entry(sender, &cases[i], sequence, ++lane_sequences[cases[i].lane]);
            }
            sender_poll(sender);
        }
        made += (long)CASES_AT_ONCE * ENTRIES_PER_CASE;
    }
    sender_free(sender);
    free(cases);
    printf("{\"phase\":\"prepared\",\"entries\":%ld,\"partitions\":%d}\n", made, partitions);
}

/* --- drain --- */

static int64_t written(rd_kafka_t *kafka, const char *topic, int32_t partitions)
{
    int64_t sum = 0;
    for (int32_t p = 0; p < partitions; p++) {
        int64_t low;
        int64_t high;
        if (rd_kafka_query_watermark_offsets(kafka, topic, p, &low, &high, 10000)) {
            bench_die("no offsets of %s", topic);
        }
        sum += high;
    }
    return sum;
}

/* From the first record that comes out, after the warm-up, until the window ends, as many are out as asked for, or
 * nothing is left to come. */
void run_drain(const struct options *options)
{
    struct sender *sender = sender_new(options->brokers);
    rd_kafka_t *kafka = sender_kafka(sender);
    int32_t partitions = partitions_of(kafka, options->topic);
    int64_t before = written(kafka, options->topic, partitions);
    int64_t now = before;
    int64_t give_up_ms = dsp_monotonic_ms() + 60000;
    while (now == before) {
        if (dsp_monotonic_ms() > give_up_ms) {
            bench_die("nothing comes out on %s", options->topic);
        }
        usleep(20000);
        now = written(kafka, options->topic, partitions);
    }
    usleep((useconds_t)options->warmup_s * 1000000u);
    json_t *cpu_before = processes_cpu(options->watch);
    int64_t start_ms = dsp_monotonic_ms();
    int64_t start = written(kafka, options->topic, partitions);
    int64_t last = start;
    int64_t moved_ms = start_ms;
    while (dsp_monotonic_ms() < start_ms + options->seconds * 1000 && dsp_monotonic_ms() < moved_ms + 1000 &&
           (options->entries == 0 || now - before < options->entries)) {
        usleep(100000);
        now = written(kafka, options->topic, partitions);
        moved_ms = now != last ? dsp_monotonic_ms() : moved_ms;
        last = now;
    }
    double seconds = (double)(moved_ms - start_ms) / 1e3;
    json_t *cpu_after = processes_cpu(options->watch);
    json_t *line = json_pack("{s:s, s:s, s:f, s:I, s:f, s:o, s:o}", "phase", "drained", "topic", options->topic,
                             "seconds", seconds, "steps", (json_int_t)(last - start), "steps_per_s",
                             seconds > 0 ? (double)(last - start) / seconds : 0, "cores",
                             processes_cores(cpu_before, cpu_after, seconds > 0 ? seconds : 1), "memory_mib",
                             processes_memory(options->watch));
    json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(8));
    printf("\n");
    json_decref(line);
    json_decref(cpu_before);
    json_decref(cpu_after);
    sender_free(sender);
}
