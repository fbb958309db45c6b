#include "disputectl/ctl_letters.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "disputectl/records.h"

#define METADATA_MS 5000
#define PREFIX "dlq."

static const char *const OWN_HEADERS[] = {"__dlq.errors.", "x-dispute-dlq-", "x-dispute-replays"};

void ctl_letters_fini(struct ctl_letters *letters)
{
    for (size_t i = 0; i < letters->count; i++) {
        struct ctl_letter *letter = &letters->items[i];
        char *texts[] = {letter->service, letter->topic,   letter->code,      letter->reason,
                         letter->at,      letter->subject, letter->dead_topic};
        for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
            free(texts[t]);
        }
    }
    free(letters->items);
    *letters = (struct ctl_letters){0};
}

static char *text_of(const struct ctl_message *message, const char *name)
{
    struct dsp_str value = ctl_message_header(message, name);
    return value.ptr ? strndup(value.ptr, value.len) : strdup("");
}

static int64_t number_of(const struct ctl_message *message, const char *name)
{
    int64_t number;
    return dsp_str_to_int64(ctl_message_header(message, name), &number) ? number : -1;
}

void ctl_letter_place(const struct ctl_letter *letter, char *text)
{
    bool record = letter->offset >= 0;
    snprintf(text, CTL_PLACE_BYTES, "%.40s/%.249s/%d/%" PRId64, letter->service,
             record ? letter->topic : letter->dead_topic, record ? letter->partition : letter->dead_partition,
             record ? letter->offset : letter->dead_offset);
}

const struct ctl_letter *ctl_letters_find(const struct ctl_letters *letters, const char *place)
{
    for (size_t i = 0; i < letters->count; i++) {
        char text[CTL_PLACE_BYTES];
        ctl_letter_place(&letters->items[i], text);
        if (strcmp(text, place) == 0) {
            return &letters->items[i];
        }
    }
    return NULL;
}

static bool take(void *arg, const struct ctl_message *message)
{
    struct ctl_letters *letters = arg;
    const char *service = message->topic + strlen(PREFIX);
    const char *dot = strchr(service, '.');
    char place[CTL_PLACE_BYTES];
    if (letters->count == letters->room) {
        size_t room = letters->room ? letters->room * 2 : 64;
        struct ctl_letter *grown = realloc(letters->items, room * sizeof *grown);
        if (!grown) {
            return false;
        }
        letters->items = grown;
        letters->room = room;
    }
    struct ctl_letter letter = {.service = strndup(service, dot ? (size_t)(dot - service) : strlen(service)),
                                .topic = strdup(dot ? dot + 1 : ""),
                                .partition = (int32_t)number_of(message, "__dlq.errors.partition"),
                                .offset = number_of(message, "__dlq.errors.offset"),
                                .code = text_of(message, "x-dispute-dlq-code"),
                                .reason = text_of(message, "__dlq.errors.message"),
                                .at = text_of(message, "x-dispute-dlq-at"),
                                .subject = text_of(message, "ce_subject"),
                                .dead_topic = strdup(message->topic),
                                .dead_partition = message->partition,
                                .dead_offset = message->offset};
    ctl_letter_place(&letter, place);
    bool known = ctl_letters_find(letters, place) != NULL;
    letters->items[letters->count++] = letter;
    if (known) { /* a letter may be published twice */
        struct ctl_letters last = {.items = malloc(sizeof letter), .count = 1};
        if (last.items) {
            last.items[0] = letters->items[--letters->count];
            ctl_letters_fini(&last);
        }
    }
    return true;
}

struct dsp_err ctl_letters_read(struct ctl_kafka *kafka, struct ctl_letters *ret_letters)
{
    const struct rd_kafka_metadata *metadata;
    struct ctl_offsets offsets = {0};
    struct dsp_err err = dsp_ok();
    *ret_letters = (struct ctl_letters){0};
    rd_kafka_resp_err_t code = rd_kafka_metadata(ctl_kafka_client(kafka), 1, NULL, &metadata, METADATA_MS);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return dsp_retry(DSP_CODE_BROKER_DOWN, "%s", rd_kafka_err2str(code));
    }
    for (int i = 0; i < metadata->topic_cnt && !dsp_failed(err); i++) {
        if (strncmp(metadata->topics[i].topic, PREFIX, strlen(PREFIX)) == 0) {
            err = ctl_offsets_add_topic(kafka, &offsets, metadata->topics[i].topic, 0);
        }
    }
    rd_kafka_metadata_destroy(metadata);
    if (!dsp_failed(err) && offsets.count) {
        err = ctl_kafka_read(kafka, &offsets, take, ret_letters);
    }
    ctl_offsets_fini(&offsets);
    return err;
}

/* --- one letter --- */

struct wanted {
    struct ctl_kafka *kafka;
    const struct ctl_letter *letter;
    bool publish, found;
    struct ctl_position *position;
    json_t *json;
    struct dsp_err err;
};

static bool is_own(const char *name)
{
    for (size_t i = 0; i < sizeof OWN_HEADERS / sizeof *OWN_HEADERS; i++) {
        if (strncmp(name, OWN_HEADERS[i], strlen(OWN_HEADERS[i])) == 0) {
            return true;
        }
    }
    return false;
}

static struct dsp_err publish(struct wanted *wanted, const struct ctl_message *message)
{
    struct ctl_header *headers = calloc(message->header_count + 1, sizeof *headers);
    char replays[24];
    size_t count = 0;
    int64_t before = number_of(message, "x-dispute-replays");
    if (!headers) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    for (size_t i = 0; i < message->header_count; i++) {
        if (!is_own(message->headers[i].name)) {
            headers[count++] = message->headers[i];
        }
    }
    snprintf(replays, sizeof replays, "%" PRId64, before < 0 ? 1 : before + 1);
    headers[count++] = (struct ctl_header){"x-dispute-replays", dsp_str_from(replays)};
    struct ctl_record record = {.topic = wanted->letter->topic,
                                .partition = -1, /* of the key: where it should have been in the first place */
                                .key = message->key,
                                .headers = headers,
                                .header_count = count,
                                .value = message->value,
                                .tombstone = message->value.ptr == NULL};
    struct dsp_err err = ctl_kafka_produce(wanted->kafka, &record, wanted->position);
    free(headers);
    return err;
}

static bool take_wanted(void *arg, const struct ctl_message *message)
{
    struct wanted *wanted = arg;
    if (message->offset == wanted->letter->dead_offset) {
        wanted->found = true;
        if (wanted->publish) {
            wanted->err = publish(wanted, message);
        } else {
            wanted->json = record_json(message, false);
        }
    }
    return false;
}

static struct dsp_err look_up(struct wanted *wanted)
{
    struct ctl_offsets offsets = {0};
    const struct ctl_letter *letter = wanted->letter;
    ctl_offsets_add(&offsets, letter->dead_topic, letter->dead_partition, letter->dead_offset);
    struct dsp_err err = ctl_kafka_read(wanted->kafka, &offsets, take_wanted, wanted);
    ctl_offsets_fini(&offsets);
    if (!dsp_failed(err) && !wanted->found) {
        err = dsp_reject(DSP_CODE_FIELD_INVALID, "the letter is not kept any more");
    }
    return dsp_failed(err) ? err : wanted->err;
}

struct dsp_err ctl_letter_publish(struct ctl_kafka *kafka, const struct ctl_letter *letter,
                                  struct ctl_position *ret_position)
{
    struct wanted wanted = {.kafka = kafka, .letter = letter, .publish = true, .position = ret_position};
    return look_up(&wanted);
}

struct dsp_err ctl_letter_json(struct ctl_kafka *kafka, const struct ctl_letter *letter, json_t **ret_json)
{
    struct wanted wanted = {.kafka = kafka, .letter = letter};
    struct dsp_err err = look_up(&wanted);
    *ret_json = wanted.json;
    return err;
}
