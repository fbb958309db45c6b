/* tail, decode, verify: topics record by record. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/evp.h>

#include "common/base/codes.h"
#include "disputectl/commands.h"
#include "disputectl/ctl_json.h"
#include "disputectl/ctl_log.h"
#include "disputectl/ctl_verify.h"
#include "disputectl/records.h"

#define FOLLOW_MS 100
#define INPUT_BYTES_MAX (16u << 20)
#define PROBLEM_BYTES 256

static json_t *text_json(struct dsp_str text)
{
    json_t *json = text.ptr ? json_stringn(text.ptr, text.len) : json_null();
    return json ? json : json_string("(not UTF-8)");
}

static json_t *base64_json(struct dsp_str bytes)
{
    unsigned char *text = malloc(bytes.len * 4 / 3 + 8);
    if (!text) {
        return json_null();
    }
    int size = EVP_EncodeBlock(text, (const unsigned char *)bytes.ptr, (int)bytes.len);
    json_t *json = json_stringn((const char *)text, (size_t)size);
    free(text);
    return json;
}

json_t *record_json(const struct ctl_message *message, bool raw)
{
    const ProtobufCMessageDescriptor *type = ctl_topic_type(message->topic);
    json_t *headers = json_object();
    json_t *value = NULL;
    for (size_t i = 0; i < message->header_count; i++) {
        json_object_set_new(headers, message->headers[i].name, text_json(message->headers[i].value));
    }
    json_t *json = json_pack("{s:s, s:i, s:I, s:I, s:o, s:o}", "topic", message->topic, "partition", message->partition,
                             "offset", (json_int_t)message->offset, "stamp_ms", (json_int_t)message->stamp_ms, "key",
                             text_json(message->key), "headers", headers);
    if (!message->value.ptr) {
        json_object_set_new(json, "tombstone", json_true());
    } else if (!type) {
        json_object_set_new(json, "size", json_integer((json_int_t)message->value.len));
    } else {
        struct dsp_err err = ctl_json_unpack(type, message->value, &value);
        if (dsp_failed(err)) {
            json_object_set_new(json, "undecodable", json_string(err.detail[0] ? err.detail : err.code));
            raw = true;
        } else {
            json_object_set_new(json, "value", value);
        }
    }
    if (message->value.ptr && (raw || !type)) {
        json_object_set_new(json, "raw", base64_json(message->value));
    }
    return json;
}

/* --- tail --- */

static bool print_message(void *arg, const struct ctl_message *message)
{
    const bool *raw = arg;
    json_t *json = record_json(message, *raw);
    json_dumpf(json, stdout, JSON_COMPACT);
    fputc('\n', stdout);
    json_decref(json);
    return !ferror(stdout);
}

static struct dsp_err tail(struct ctl_kafka *kafka, struct ctl_offsets *offsets, bool follow, bool raw)
{
    for (;;) {
        DSP_TRY(ctl_kafka_read(kafka, offsets, print_message, &raw));
        fflush(stdout);
        if (!follow || ferror(stdout)) {
            return dsp_ok();
        }
        nanosleep(&(struct timespec){.tv_nsec = FOLLOW_MS * 1000000L}, NULL);
    }
}

static int run_tail(struct ctl *ctl, int argc, char **argv)
{
    const char *from = NULL;
    const char *last = NULL;
    bool follow = false;
    bool raw = false;
    const struct ctl_option options[] = {CTL_VALUE("from", from, "beginning|end"), CTL_VALUE("last", last, "N"),
                                         CTL_FLAG("follow", follow), CTL_FLAG("raw", raw), CTL_OPTIONS_END};
    int words = ctl_options(options, argc, argv);
    struct ctl_offsets offsets = {0};
    if (words != 1) {
        return words < 0 ? CTL_EXIT_USAGE : ctl_usage("tail TOPIC [--from beginning|end] [--last N] [--follow]");
    }
    if (from && strcmp(from, "beginning") != 0 && strcmp(from, "end") != 0) {
        return ctl_usage("--from: beginning or end");
    }
    struct ctl_kafka *kafka = ctl_use_kafka(ctl);
    if (!kafka) {
        return (int)ctl_use_status(ctl);
    }
    bool at_end = last || (from ? strcmp(from, "end") == 0 : follow);
    struct dsp_err err = ctl_offsets_add_topic(kafka, &offsets, argv[0], 0);
    if (!dsp_failed(err) && at_end) {
        err = ctl_kafka_ends(kafka, offsets.items, offsets.count, 5000);
    }
    for (size_t i = 0; last && i < offsets.count; i++) {
        int64_t back = atoll(last);
        offsets.items[i].next = offsets.items[i].next > back ? offsets.items[i].next - back : 0;
    }
    err = dsp_failed(err) ? err : tail(kafka, &offsets, follow, raw);
    ctl_offsets_fini(&offsets);
    return dsp_failed(err) ? ctl_fail(err) : CTL_EXIT_OK;
}

const struct ctl_subcommand TAIL_SUBCOMMAND = {
    .name = "tail",
    .arguments = "TOPIC [--from beginning|end] [--last N] [--follow]",
    .summary = "decoded records of any topic, one JSON object a line",
    .help = "  --from WHERE        beginning (when left out), or end (when left out with --follow)\n"
            "  --last N            the last N records of each partition\n"
            "  --follow            go on until interrupted\n"
            "  --raw               with the value's bytes as base64, as `verify --file` wants them\n",
    .run = run_tail,
};

/* --- decode --- */

static struct dsp_err decode_input(const char *topic, const char *type_name, json_t **ret_json)
{
    const ProtobufCMessageDescriptor *type = type_name ? ctl_type_named(type_name) : ctl_topic_type(topic);
    if (!type) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "%s is none of ours", type_name ? type_name : topic);
    }
    char *bytes = malloc(INPUT_BYTES_MAX);
    if (!bytes) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    size_t size = fread(bytes, 1, INPUT_BYTES_MAX, stdin);
    struct dsp_err err = ctl_json_unpack(type, (struct dsp_str){bytes, size}, ret_json);
    free(bytes);
    return err;
}

struct one_record {
    int64_t offset;
    json_t *json;
};

static bool take_one(void *arg, const struct ctl_message *message)
{
    struct one_record *wanted = arg;
    if (message->offset == wanted->offset) {
        wanted->json = record_json(message, false);
    }
    return false;
}

static struct dsp_err decode_record(struct ctl_kafka *kafka, const char *topic, int32_t partition, int64_t offset,
                                    json_t **ret_json)
{
    struct one_record wanted = {.offset = offset};
    struct ctl_offsets offsets = {0};
    ctl_offsets_add(&offsets, topic, partition, offset);
    struct dsp_err err = ctl_kafka_read(kafka, &offsets, take_one, &wanted);
    ctl_offsets_fini(&offsets);
    if (!dsp_failed(err) && !wanted.json) {
        err = dsp_reject(DSP_CODE_FIELD_INVALID, "%s [%d] has no record at %lld", topic, partition, (long long)offset);
    }
    *ret_json = wanted.json;
    return err;
}

static int run_decode(struct ctl *ctl, int argc, char **argv)
{
    const char *topic = NULL;
    const char *type = NULL;
    const char *partition = NULL;
    const char *offset = NULL;
    json_t *json = NULL;
    const struct ctl_option options[] = {CTL_VALUE("topic", topic, "TOPIC"), CTL_VALUE("type", type, "NAME"),
                                         CTL_VALUE("partition", partition, "P"), CTL_VALUE("offset", offset, "O"),
                                         CTL_OPTIONS_END};
    int words = ctl_options(options, argc, argv);
    if (words != 0 || (!topic && !type) || !partition != !offset || (partition && !topic)) {
        return words < 0 ? CTL_EXIT_USAGE : ctl_usage("decode --topic TOPIC [--partition P --offset O]");
    }
    struct ctl_kafka *kafka = partition ? ctl_use_kafka(ctl) : NULL;
    if (partition && !kafka) {
        return (int)ctl_use_status(ctl);
    }
    struct dsp_err err = partition ? decode_record(kafka, topic, atoi(partition), atoll(offset), &json)
                                   : decode_input(topic, type, &json);
    if (dsp_failed(err)) {
        json_decref(json);
        return ctl_fail(err);
    }
    json_dumpf(json, stdout, JSON_INDENT(2));
    fputc('\n', stdout);
    json_decref(json);
    return CTL_EXIT_OK;
}

const struct ctl_subcommand DECODE_SUBCOMMAND = {
    .name = "decode",
    .arguments = "--topic TOPIC [--partition P --offset O] | --type NAME",
    .summary = "one record, or a raw value on standard input, as JSON",
    .help = "  --topic TOPIC       whose root message it is; dlq.* too\n"
            "  --type NAME         or a message by name: disputes.fund.v1.Finding\n"
            "  --partition P, --offset O   read it from the broker, with key and headers\n\n"
            "kcat -C -t TOPIC -p P -o O -c 1 -f '%s' | disputectl decode --topic TOPIC\n",
    .run = run_decode,
};

/* --- verify --- */

static bool verify_message(void *arg, const struct ctl_message *message)
{
    struct ctl_chain *chain = arg;
    char problem[PROBLEM_BYTES];
    if (!ctl_chain_add(chain, message->value, ctl_message_header(message, "ce_entryhash"), problem, sizeof problem)) {
        printf("[%d] offset %lld: %s\n", message->partition, (long long)message->offset, problem);
    }
    return true;
}

static struct dsp_err verify_topic(struct ctl_kafka *kafka, struct ctl_chain *chain)
{
    struct ctl_offsets offsets = {0};
    struct dsp_err err = ctl_offsets_add_topic(kafka, &offsets, CTL_CASE_TOPIC, 0);
    err = dsp_failed(err) ? err : ctl_kafka_read(kafka, &offsets, verify_message, chain);
    ctl_offsets_fini(&offsets);
    return err;
}

static struct dsp_err verify_line(const json_t *line, int number, struct ctl_chain *chain)
{
    const char *raw = json_string_value(json_object_get(line, "raw"));
    const char *hash = json_string_value(json_object_get(json_object_get(line, "headers"), "ce_entryhash"));
    char problem[PROBLEM_BYTES];
    if (!raw) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "line %d has no \"raw\"; write it with tail --raw", number);
    }
    size_t size = strlen(raw);
    unsigned char *bytes = malloc(size + 4);
    int decoded = bytes ? EVP_DecodeBlock(bytes, (const unsigned char *)raw, (int)size) : -1;
    if (decoded < 0) {
        free(bytes);
        return dsp_reject(DSP_CODE_FIELD_INVALID, "line %d: \"raw\" is not base64", number);
    }
    for (size_t i = size; i > 0 && raw[i - 1] == '='; i--) {
        decoded--;
    }
    if (!ctl_chain_add(chain, (struct dsp_str){(const char *)bytes, (size_t)decoded}, dsp_str_from(hash), problem,
                       sizeof problem)) {
        printf("line %d: %s\n", number, problem);
    }
    free(bytes);
    return dsp_ok();
}

/* JSON lines of `tail --raw`, in the order of the topic's partitions. */
static struct dsp_err verify_file(const char *path, struct ctl_chain *chain)
{
    struct dsp_err err = dsp_ok();
    bool standard_input = strcmp(path, "-") == 0;
    FILE *file = standard_input ? stdin : fopen(path, "re");
    char *text = NULL;
    size_t room = 0;
    if (!file) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s cannot be read", path);
    }
    for (int number = 1; !dsp_failed(err) && getline(&text, &room, file) >= 0; number++) {
        json_t *line = json_loads(text, 0, NULL);
        err = line ? verify_line(line, number, chain)
                   : dsp_reject(DSP_CODE_FIELD_INVALID, "line %d is not JSON", number);
        json_decref(line);
    }
    free(text);
    if (!standard_input) {
        fclose(file);
    }
    return err;
}

static int verdict(const struct ctl_chain *chain, const char *case_id)
{
    struct ctl_chain_result result = ctl_chain_result(chain);
    struct dsp_uuid id;
    if (case_id && dsp_uuid_parse(dsp_str_from(case_id), &id)) {
        uint64_t length = ctl_chain_length(chain, &id);
        if (!length && !result.broken) {
            fprintf(stderr, "disputectl: no entry of %s\n", case_id);
            return CTL_EXIT_FAILED;
        }
    }
    printf("%zu cases, %zu entries%s: ", result.cases, result.entries,
           result.repeated ? " (some published twice)" : "");
    if (result.broken) {
        printf("%zu broken\n", result.broken);
        return CTL_EXIT_FAILED;
    }
    printf("hash chains ok\n");
    return CTL_EXIT_OK;
}

/* One case: only its records are read into memory. */
static struct dsp_err verify_case(struct ctl_kafka *kafka, const char *case_id, struct ctl_chain *chain)
{
    struct ctl_log *log = NULL;
    char problem[PROBLEM_BYTES];
    DSP_TRY(ctl_log_new(kafka, case_id, false, &log));
    struct dsp_err err = ctl_log_read(log);
    for (size_t i = 0; !dsp_failed(err) && i < ctl_log_count(log); i++) {
        const struct ctl_log_record *record = ctl_log_at(log, i);
        if (!ctl_chain_add(chain, record->value, record->entry_hash, problem, sizeof problem)) {
            printf("[%d] offset %lld: %s\n", record->partition, (long long)record->offset, problem);
        }
    }
    ctl_log_free(log);
    return err;
}

static int run_verify(struct ctl *ctl, int argc, char **argv)
{
    const char *file = NULL;
    bool all = false;
    const struct ctl_option options[] = {CTL_VALUE("file", file, "FILE"), CTL_FLAG("all", all), CTL_OPTIONS_END};
    int words = ctl_options(options, argc, argv);
    if (words < 0 || words > 1 || (words == 1) + all + (file && words == 0 && !all) != 1) {
        return words < 0 ? CTL_EXIT_USAGE : ctl_usage("verify CASE_ID | --all | --file FILE");
    }
    struct ctl_kafka *kafka = file ? NULL : ctl_use_kafka(ctl);
    if (!file && !kafka) {
        return (int)ctl_use_status(ctl);
    }
    struct ctl_chain *chain = ctl_chain_new();
    const char *case_id = words == 1 ? argv[0] : NULL;
    struct dsp_err err = !chain    ? dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory")
                         : file    ? verify_file(file, chain)
                         : case_id ? verify_case(kafka, case_id, chain)
                                   : verify_topic(kafka, chain);
    int status = dsp_failed(err) ? ctl_fail(err) : verdict(chain, case_id);
    ctl_chain_free(chain);
    return status;
}

const struct ctl_subcommand VERIFY_SUBCOMMAND = {
    .name = "verify",
    .arguments = "CASE_ID | --all [--file FILE]",
    .summary = "proves the hash chain of one case, or of all",
    .help = "Sequences from 1 without gaps; previous_hash = SHA-256 of the entry before, as published; header\n"
            "ce_entryhash = SHA-256 of the value. Reads disputes.case.event.v1 from its beginning.\n\n"
            "  --all               every case\n"
            "  --file FILE         offline: lines written by `tail disputes.case.event.v1 --raw`; - = standard input\n",
    .run = run_verify,
};
