#include "common/io/envelope.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "common/base/utf8.h"

static bool header(const rd_kafka_headers_t *headers, const char *name, struct dsp_str *ret_value)
{
    const void *bytes;
    size_t size;
    if (!headers || rd_kafka_header_get_last(headers, name, &bytes, &size) != RD_KAFKA_RESP_ERR_NO_ERROR || !bytes) {
        return false;
    }
    *ret_value = (struct dsp_str){bytes, size};
    return true;
}

static bool number(const rd_kafka_headers_t *headers, const char *name, int64_t *ret_value)
{
    struct dsp_str text;
    return !header(headers, name, &text) || dsp_str_to_int64(text, ret_value);
}

static struct dsp_err read_optional(const rd_kafka_headers_t *headers, struct dsp_envelope *out)
{
    struct dsp_str time;
    char text[DSP_TIME_TEXT_BYTES + 8];
    if (header(headers, "ce_time", &time)) {
        snprintf(text, sizeof text, "%.*s", DSP_STR_ARG(time));
        if (!dsp_time_parse(text, &out->time_ms)) {
            return dsp_reject(DSP_CODE_HEADER_MISSING, "ce_time is no RFC 3339 time");
        }
    }
    if (header(headers, "ce_subject", &out->subject_text)) {
        (void)dsp_uuid_parse(out->subject_text, &out->subject);
    }
    if (!number(headers, "ce_sequence", &out->sequence) || !number(headers, "ce_lanesequence", &out->lane_sequence)) {
        return dsp_reject(DSP_CODE_HEADER_MISSING, "a sequence header is no number");
    }
    header(headers, "ce_entryhash", &out->entry_hash);
    header(headers, "ce_correlationid", &out->correlation_id);
    header(headers, "traceparent", &out->traceparent);
    return dsp_ok();
}

struct dsp_err dsp_envelope_read(const rd_kafka_message_t *message, struct dsp_envelope *ret_envelope)
{
    rd_kafka_headers_t *headers = NULL;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return dsp_reject(DSP_CODE_HEADER_MISSING, "the record has no headers");
    }
    return dsp_envelope_read_headers(headers, ret_envelope);
}

struct dsp_err dsp_envelope_read_headers(const rd_kafka_headers_t *headers, struct dsp_envelope *ret_envelope)
{
    struct dsp_envelope out = {0};
    struct dsp_str version = {0};
    struct dsp_str content = {0};
    header(headers, "content-type", &content);
    if (content.len >= 23 && strncasecmp(content.ptr, "application/cloudevents", 23) == 0) {
        return dsp_reject(DSP_CODE_STRUCTURED_MODE, "content-type is application/cloudevents");
    }
    if (!header(headers, "ce_specversion", &version) || !header(headers, "ce_id", &out.id) ||
        !header(headers, "ce_source", &out.source) || !header(headers, "ce_type", &out.type) || out.id.len == 0 ||
        out.id.len > 200 || out.source.len == 0 || out.source.len > 200 || out.type.len == 0) {
        return dsp_reject(DSP_CODE_HEADER_MISSING, "ce_specversion, ce_id, ce_source and ce_type are required");
    }
    if (!dsp_utf8_valid(out.id) || !dsp_utf8_valid(out.source)) {
        return dsp_reject(DSP_CODE_BAD_TEXT, "ce_id or ce_source is not UTF-8");
    }
    if (!dsp_str_is(version, "1.0")) {
        return dsp_reject(DSP_CODE_VERSION_UNKNOWN, "ce_specversion is not 1.0");
    }
    if (content.len && !dsp_str_is(content, "application/protobuf")) {
        return dsp_reject(DSP_CODE_VERSION_UNKNOWN, "content-type is not application/protobuf");
    }
    DSP_TRY(read_optional(headers, &out));
    *ret_envelope = out;
    return dsp_ok();
}

int64_t dsp_envelope_lane_sequence(const rd_kafka_message_t *message)
{
    rd_kafka_headers_t *headers = NULL;
    int64_t value = 0;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR ||
        !number(headers, "ce_lanesequence", &value)) {
        return 0;
    }
    return value;
}

/* Packed form: for each header 4 bytes name length, name, 4 bytes value length, value (big endian). A header
 * without a value (Kafka knows NULL beside empty) has the length DSP_HEADER_NO_VALUE. */

struct packer {
    struct dsp_arena *arena;
    char bytes[4096];
    size_t used;
    bool full;
};

static void pack_part(struct packer *packer, const void *bytes, size_t size)
{
    uint32_t wire = htobe32((uint32_t)size);
    if (packer->used + sizeof wire + size > sizeof packer->bytes) {
        packer->full = true;
        return;
    }
    memcpy(packer->bytes + packer->used, &wire, sizeof wire);
    if (size) {
        memcpy(packer->bytes + packer->used + sizeof wire, bytes, size);
    }
    packer->used += sizeof wire + size;
}

static void pack_text(struct packer *packer, const char *name, struct dsp_str value)
{
    pack_part(packer, name, strlen(name));
    pack_part(packer, value.ptr, value.len);
}

static void pack_number(struct packer *packer, const char *name, int64_t value)
{
    char text[24];
    /* Zero-padded: CloudEvents sequences are ordered as texts. */
    int size = snprintf(text, sizeof text, "%012lld", (long long)value);
    pack_text(packer, name, (struct dsp_str){text, (size_t)size});
}

#define TRACEPARENT_BYTES 55 /* W3C: 00-<32 hex>-<16 hex>-<2 hex> */

/* A record whose cause was not traced, or said so in another form, begins a trace: not sampled. */
static void pack_trace(struct packer *packer, struct dsp_str traceparent)
{
    struct dsp_uuid trace;
    struct dsp_uuid span;
    char trace_hex[33];
    char span_hex[17];
    char text[64];
    if (traceparent.len != TRACEPARENT_BYTES && !dsp_failed(dsp_uuid_v7(&trace)) && !dsp_failed(dsp_uuid_v7(&span))) {
        dsp_hex(trace.bytes, sizeof trace.bytes, trace_hex);
        dsp_hex(span.bytes + 8, 8, span_hex); /* the random half */
        snprintf(text, sizeof text, "00-%s-%s-00", trace_hex, span_hex);
        traceparent = dsp_str_from(text);
    }
    if (traceparent.len == TRACEPARENT_BYTES) { /* else no randomness was to be had: a record without a trace */
        pack_text(packer, "traceparent", traceparent);
    }
}

static void pack_optional(struct packer *packer, const struct dsp_out_headers *headers)
{
    char hash[65];
    if (headers->sequence) {
        pack_number(packer, "ce_sequence", headers->sequence);
    }
    if (headers->lane_sequence) {
        pack_number(packer, "ce_lanesequence", headers->lane_sequence);
    }
    if (headers->causation_id.len) {
        pack_text(packer, "ce_causationid", headers->causation_id);
    }
    pack_trace(packer, headers->traceparent);
    if (headers->entry_hash) {
        dsp_hex(headers->entry_hash, 32, hash);
        pack_text(packer, "ce_entryhash", dsp_str_from(hash));
    }
}

struct dsp_err dsp_headers_pack(struct dsp_arena *arena, const struct dsp_out_headers *headers,
                                struct dsp_str *ret_packed)
{
    struct packer packer = {.arena = arena};
    char id[DSP_UUID_TEXT_BYTES];
    char case_id[DSP_UUID_TEXT_BYTES];
    char time[DSP_TIME_TEXT_BYTES];
    dsp_uuid_format(&headers->id, id);
    struct dsp_str id_text = headers->id_text.len ? headers->id_text : dsp_str_from(id);
    dsp_uuid_format(&headers->case_id, case_id);
    dsp_time_format(headers->time_ms, time);
    bool has_case = !dsp_uuid_is_zero(&headers->case_id);
    pack_text(&packer, "ce_specversion", DSP_STR_LITERAL("1.0"));
    pack_text(&packer, "ce_id", id_text);
    pack_text(&packer, "ce_source", dsp_str_from(headers->source));
    pack_text(&packer, "ce_type", dsp_str_from(headers->type));
    pack_text(&packer, "ce_time", dsp_str_from(time));
    if (headers->subject.len || has_case) {
        pack_text(&packer, "ce_subject", headers->subject.len ? headers->subject : dsp_str_from(case_id));
    }
    if (has_case) {
        pack_text(&packer, "ce_correlationid", dsp_str_from(case_id)); /* one value per case */
    }
    pack_text(&packer, "ce_partitionkey", headers->order_id);
    pack_text(&packer, "ce_dataschema", dsp_str_from(headers->schema));
    pack_text(&packer, "content-type", DSP_STR_LITERAL("application/protobuf"));
    pack_optional(&packer, headers);
    struct dsp_str packed = dsp_arena_copy(arena, (struct dsp_str){packer.bytes, packer.used});
    if (packer.full || !packed.ptr) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "headers do not fit");
    }
    *ret_packed = packed;
    return dsp_ok();
}

struct dsp_err dsp_headers_pack_one(struct dsp_arena *arena, struct dsp_str packed, const char *name,
                                    struct dsp_str value, struct dsp_str *ret_packed)
{
    size_t name_size = strlen(name);
    char *bytes = dsp_arena_alloc(arena, packed.len + 8 + name_size + value.len);
    if (!bytes) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "headers do not fit");
    }
    uint32_t name_wire = htobe32((uint32_t)name_size);
    uint32_t value_wire = htobe32(value.ptr ? (uint32_t)value.len : DSP_HEADER_NO_VALUE);
    char *at = bytes;
    if (packed.len) {
        memcpy(at, packed.ptr, packed.len);
    }
    at += packed.len;
    memcpy(at, &name_wire, 4);
    memcpy(at + 4, name, name_size);
    at += 4 + name_size;
    memcpy(at, &value_wire, 4);
    if (value.len) {
        memcpy(at + 4, value.ptr, value.len);
    }
    *ret_packed = (struct dsp_str){bytes, packed.len + 8 + name_size + value.len};
    return dsp_ok();
}

struct dsp_err dsp_headers_pack_all(struct dsp_arena *arena, const rd_kafka_message_t *message,
                                    struct dsp_str *ret_packed)
{
    rd_kafka_headers_t *headers = NULL;
    struct dsp_str packed = {0};
    const char *name;
    const void *value;
    size_t size;
    if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        for (size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
             i++) {
            struct dsp_str text = {value, value ? size : 0};
            DSP_TRY(dsp_headers_pack_one(arena, packed, name, text, &packed));
        }
    }
    *ret_packed = packed;
    return dsp_ok();
}

static bool take(struct dsp_str *rest, struct dsp_str *ret_part)
{
    uint32_t wire;
    if (rest->len < sizeof wire) {
        return false;
    }
    memcpy(&wire, rest->ptr, sizeof wire);
    size_t size = be32toh(wire);
    if (size == DSP_HEADER_NO_VALUE) {
        *ret_part = (struct dsp_str){NULL, 0};
        rest->ptr += sizeof wire;
        rest->len -= sizeof wire;
        return true;
    }
    if (rest->len - sizeof wire < size) {
        return false;
    }
    *ret_part = (struct dsp_str){rest->ptr + sizeof wire, size};
    rest->ptr += sizeof wire + size;
    rest->len -= sizeof wire + size;
    return true;
}

rd_kafka_headers_t *dsp_headers_unpack(struct dsp_str packed)
{
    rd_kafka_headers_t *headers = rd_kafka_headers_new(16);
    struct dsp_str name;
    struct dsp_str value;
    while (packed.len) {
        if (!take(&packed, &name) || !name.ptr || !take(&packed, &value)) {
            rd_kafka_headers_destroy(headers);
            return NULL;
        }
        rd_kafka_header_add(headers, name.ptr, (ssize_t)name.len, value.ptr, (ssize_t)value.len);
    }
    return headers;
}
