#include "disputectl/ctl_json.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/codes.h"
#include "common/base/id.h"
#include "common/service/message.h"
#include "disputectl/ctl_text.h"
#include "disputes/common/v1/common.pb-c.h"

#define PATH_BYTES 512
#define NAME_BYTES 128
#define DEPTH_MAX 24

struct reader {
    struct dsp_arena *arena;
    char path[PATH_BYTES]; /* "file_complaint.items[0].sha256" */
    int depth;
};

__attribute__((format(printf, 2, 3))) static struct dsp_err refuse(const struct reader *reader, const char *format, ...)
{
    char text[DSP_ERR_DETAIL_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    /* A long path shows its end: that is where the fault is. */
    size_t size = strlen(reader->path);
    const char *path = size > 70 ? reader->path + size - 70 : reader->path;
    return dsp_reject(DSP_CODE_FIELD_INVALID, "%s%s%s", path, *path ? ": " : "", text);
}

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "the message does not fit");
}

static const char *type_of(const json_t *json)
{
    static const char *const NAMES[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list", [JSON_STRING] = "a text", [JSON_INTEGER] = "a number",
        [JSON_REAL] = "a fraction",  [JSON_TRUE] = "true",    [JSON_FALSE] = "false",   [JSON_NULL] = "null"};
    return NAMES[json_typeof(json)];
}

static bool ends_in(const char *name, const char *end)
{
    size_t size = strlen(name);
    size_t tail = strlen(end);
    return size >= tail && strcmp(name + size - tail, end) == 0;
}

/* --- scalars --- */

static bool whole_number(const char *text, int64_t *ret_value)
{
    return dsp_str_to_int64(dsp_str_from(text), ret_value);
}

/* Numbers, texts that are numbers, and for *_millis what people write. */
static struct dsp_err read_int(const struct reader *reader, const ProtobufCFieldDescriptor *field, const json_t *json,
                               int64_t *ret_value)
{
    const char *text = json_string_value(json);
    if (json_is_integer(json)) {
        *ret_value = (int64_t)json_integer_value(json);
        return dsp_ok();
    }
    if (!text) {
        return refuse(reader, "a whole number is wanted, not %s", type_of(json));
    }
    if (whole_number(text, ret_value)) {
        return dsp_ok();
    }
    if (ends_in(field->name, "_time_millis")) {
        return ctl_parse_time(text, ret_value) ? dsp_ok()
                                               : refuse(reader, "\"%.40s\" is no RFC 3339 time with zone", text);
    }
    if (ends_in(field->name, "_millis")) {
        return ctl_parse_duration(text, ret_value) ? dsp_ok()
                                                   : refuse(reader, "\"%.40s\" is no duration such as 48h", text);
    }
    if (ends_in(field->name, "_minor")) {
        return ctl_parse_amount(text, ret_value)
                   ? dsp_ok()
                   : refuse(reader, "\"%.40s\" is no amount such as 129.00 or 12900fen", text);
    }
    return refuse(reader, "\"%.40s\" is no whole number", text);
}

static struct dsp_err read_uint64(const struct reader *reader, const ProtobufCFieldDescriptor *field,
                                  const json_t *json, uint64_t *ret_value)
{
    const char *text = json_string_value(json);
    int64_t value = 0;
    if (text && isdigit((unsigned char)*text)) { /* above INT64_MAX only as text */
        char *end;
        errno = 0;
        unsigned long long number = strtoull(text, &end, 10);
        if (*end == '\0' && errno == 0) {
            *ret_value = number;
            return dsp_ok();
        }
    }
    DSP_TRY(read_int(reader, field, json, &value));
    if (value < 0) {
        return refuse(reader, "%lld is negative", (long long)value);
    }
    *ret_value = (uint64_t)value;
    return dsp_ok();
}

static struct dsp_err read_enum(const struct reader *reader, const ProtobufCEnumDescriptor *type, const json_t *json,
                                int32_t *ret_value)
{
    const char *name = json_string_value(json);
    if (json_is_integer(json)) {
        json_int_t number = json_integer_value(json);
        if (number < 0 || number > INT32_MAX || !protobuf_c_enum_descriptor_get_value(type, (int)number)) {
            return refuse(reader, "%lld is no %s", (long long)number, type->short_name);
        }
        *ret_value = (int32_t)number;
        return dsp_ok();
    }
    if (!name) {
        return refuse(reader, "a name of %s is wanted, not %s", type->short_name, type_of(json));
    }
    for (unsigned i = 0; i < type->n_values; i++) {
        if (strcasecmp(type->values[i].name, name) == 0 ||
            strcasecmp(dsp_enum_name(type, type->values[i].value), name) == 0) {
            *ret_value = type->values[i].value;
            return dsp_ok();
        }
    }
    return refuse(reader, "\"%.40s\" is no %s", name, type->short_name);
}

static struct dsp_err read_string(const struct reader *reader, const json_t *json, void *ret_text)
{
    if (!json_is_string(json)) {
        return refuse(reader, "a text is wanted, not %s", type_of(json));
    }
    struct dsp_str copy = dsp_arena_copy(reader->arena,
                                         (struct dsp_str){json_string_value(json), json_string_length(json)});
    if (!copy.ptr) {
        return full();
    }
    memcpy(ret_text, &copy.ptr, sizeof copy.ptr);
    return dsp_ok();
}

static struct dsp_err read_base64(const struct reader *reader, const char *text, ProtobufCBinaryData *ret_bytes)
{
    size_t size = strlen(text);
    uint8_t *bytes = dsp_arena_alloc(reader->arena, size + 4);
    if (!bytes) {
        return full();
    }
    int decoded = size % 4 ? -1 : EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)size);
    if (decoded < 0 || strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") != size) {
        return refuse(reader, "not base64; hex goes as {\"hex\": \"…\"}");
    }
    size_t padding = ends_in(text, "==") ? 2 : ends_in(text, "=") ? 1 : 0;
    *ret_bytes = (ProtobufCBinaryData){(size_t)decoded - padding, bytes};
    return dsp_ok();
}

static struct dsp_err read_bytes(const struct reader *reader, const json_t *json, ProtobufCBinaryData *ret_bytes)
{
    const char *hex = json_string_value(json_object_get(json, "hex"));
    const char *text = json_string_value(json_object_get(json, "text"));
    const char *digest_of = json_string_value(json_object_get(json, "sha256_of"));
    if (json_is_string(json)) {
        return read_base64(reader, json_string_value(json), ret_bytes);
    }
    if (json_object_size(json) != 1 || (!hex && !text && !digest_of)) {
        return refuse(reader, "bytes are base64, or {\"hex\"}, {\"text\"} or {\"sha256_of\"}");
    }
    size_t size = hex ? strlen(hex) / 2 : text ? strlen(text) : 32;
    uint8_t *bytes = dsp_arena_alloc(reader->arena, size + 1);
    if (!bytes) {
        return full();
    }
    if (hex && (strlen(hex) % 2 || !dsp_unhex(dsp_str_from(hex), bytes, size))) {
        return refuse(reader, "not hex");
    }
    if (text) {
        memcpy(bytes, text, size);
    }
    if (digest_of) {
        dsp_sha256(dsp_str_from(digest_of), bytes);
    }
    *ret_bytes = (ProtobufCBinaryData){size, bytes};
    return dsp_ok();
}

/* --- messages --- */

static struct dsp_err read_message(struct reader *reader, const ProtobufCMessageDescriptor *type, const json_t *json,
                                   ProtobufCMessage **ret_message);

static size_t size_of(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_FLOAT:
    default:
        return 4;
    }
}

static struct dsp_err read_int32(const struct reader *reader, const ProtobufCFieldDescriptor *field, const json_t *json,
                                 void *ret_value)
{
    int64_t wide = 0;
    bool is_unsigned = field->type == PROTOBUF_C_TYPE_UINT32 || field->type == PROTOBUF_C_TYPE_FIXED32;
    DSP_TRY(read_int(reader, field, json, &wide));
    if (is_unsigned ? wide < 0 || wide > UINT32_MAX : wide < INT32_MIN || wide > INT32_MAX) {
        return refuse(reader, "%lld does not fit", (long long)wide);
    }
    uint32_t bits = (uint32_t)wide;
    memcpy(ret_value, &bits, sizeof bits);
    return dsp_ok();
}

/* One value of a field to where it lies. */
static struct dsp_err read_value(struct reader *reader, const ProtobufCFieldDescriptor *field, const json_t *json,
                                 void *at)
{
    protobuf_c_boolean truth;
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        return read_message(reader, field->descriptor, json, at);
    case PROTOBUF_C_TYPE_STRING:
        return read_string(reader, json, at);
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(reader, json, at);
    case PROTOBUF_C_TYPE_ENUM:
        return read_enum(reader, field->descriptor, json, at);
    case PROTOBUF_C_TYPE_BOOL:
        truth = json_is_true(json);
        memcpy(at, &truth, sizeof truth);
        return json_is_boolean(json) ? dsp_ok() : refuse(reader, "true or false is wanted, not %s", type_of(json));
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return read_int(reader, field, json, at);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return read_uint64(reader, field, json, at);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return read_int32(reader, field, json, at);
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
    default:
        return refuse(reader, "our contracts have no fractions"); /* nor has dsp_message_json */
    }
}

static struct dsp_err read_list(struct reader *reader, const ProtobufCFieldDescriptor *field, const json_t *json,
                                char *message)
{
    size_t count = json_array_size(json);
    size_t path_size = strlen(reader->path);
    size_t size = size_of(field);
    if (!json_is_array(json)) {
        return refuse(reader, "a list is wanted, not %s", type_of(json));
    }
    char *values = dsp_arena_alloc(reader->arena, count ? count * size : 1);
    if (!values) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        snprintf(reader->path + path_size, sizeof reader->path - path_size, "[%zu]", i);
        DSP_TRY(read_value(reader, field, json_array_get(json, i), values + i * size));
    }
    if (count) {
        memcpy(message + field->offset, &values, sizeof values);
        memcpy(message + field->quantifier_offset, &count, sizeof count);
    }
    return dsp_ok();
}

static struct dsp_err read_field(struct reader *reader, const ProtobufCFieldDescriptor *field, const json_t *json,
                                 char *message)
{
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        return read_list(reader, field, json, message);
    }
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        uint32_t chosen;
        memcpy(&chosen, message + field->quantifier_offset, sizeof chosen);
        if (chosen) {
            return refuse(reader, "only one of its oneof may be given");
        }
        memcpy(message + field->quantifier_offset, &field->id, sizeof field->id);
    }
    return read_value(reader, field, json, message + field->offset);
}

static struct dsp_err read_money(const struct reader *reader, const json_t *json, ProtobufCMessage *message)
{
    Disputes__Common__V1__Money *money = (Disputes__Common__V1__Money *)message;
    money->amount_minor = (int64_t)json_integer_value(json);
    if (json_is_string(json) && !ctl_parse_amount(json_string_value(json), &money->amount_minor)) {
        return refuse(reader, "\"%.40s\" is no amount such as 129.00 or 12900fen", json_string_value(json));
    }
    struct dsp_str currency = dsp_arena_copy(reader->arena, DSP_STR_LITERAL("CNY"));
    money->currency = (char *)(uintptr_t)currency.ptr;
    return currency.ptr ? dsp_ok() : full();
}

static struct dsp_err read_members(struct reader *reader, const ProtobufCMessageDescriptor *type, const json_t *json,
                                   ProtobufCMessage *message)
{
    const char *name;
    const json_t *value;
    size_t path_size = strlen(reader->path);
    if (!json_is_object(json)) {
        return refuse(reader, "%s is an object, not %s", type->short_name, type_of(json));
    }
    for (void *at = json_object_iter((json_t *)(uintptr_t)json); at;
         at = json_object_iter_next((json_t *)(uintptr_t)json, at)) {
        name = json_object_iter_key(at);
        value = json_object_iter_value(at);
        const ProtobufCFieldDescriptor *field = ctl_field_named(type, name);
        if (!field) {
            return refuse(reader, "%s has no field \"%.60s\"", type->short_name, name);
        }
        snprintf(reader->path + path_size, sizeof reader->path - path_size, "%s%s", path_size ? "." : "", name);
        if (!json_is_null(value)) {
            DSP_TRY(read_field(reader, field, value, (char *)message));
        }
        reader->path[path_size] = '\0';
    }
    return dsp_ok();
}

static struct dsp_err read_message(struct reader *reader, const ProtobufCMessageDescriptor *type, const json_t *json,
                                   ProtobufCMessage **ret_message)
{
    ProtobufCMessage *message = dsp_arena_alloc(reader->arena, type->sizeof_message);
    struct dsp_err err;
    if (!message) {
        return full();
    }
    if (reader->depth >= DEPTH_MAX) {
        return refuse(reader, "too deep");
    }
    type->message_init(message);
    reader->depth++;
    if (type == &disputes__common__v1__money__descriptor && (json_is_string(json) || json_is_integer(json))) {
        err = read_money(reader, json, message);
    } else if (type == &disputes__common__v1__text__descriptor && json_is_string(json)) {
        Disputes__Common__V1__Text *text = (Disputes__Common__V1__Text *)message;
        text->form_case = DISPUTES__COMMON__V1__TEXT__FORM_PLAIN;
        err = read_string(reader, json, &text->plain);
    } else {
        err = read_members(reader, type, json, message);
    }
    reader->depth--;
    if (!dsp_failed(err)) {
        memcpy(ret_message, &message, sizeof message);
    }
    return err;
}

struct dsp_err ctl_json_message(struct dsp_arena *arena, const ProtobufCMessageDescriptor *type, const json_t *json,
                                ProtobufCMessage **ret_message)
{
    struct reader reader = {.arena = arena};
    return read_message(&reader, type, json, ret_message);
}

struct dsp_err ctl_json_pack(struct dsp_arena *arena, const ProtobufCMessageDescriptor *type, const json_t *json,
                             struct dsp_str *ret_bytes)
{
    ProtobufCMessage *message;
    DSP_TRY(ctl_json_message(arena, type, json, &message));
    return dsp_message_pack(arena, message, ret_bytes);
}
