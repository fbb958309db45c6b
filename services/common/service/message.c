#include "common/service/message.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "common/base/utf8.h"
#include "disputes/common/v1/common.pb-c.h"

struct source {
    struct dsp_arena *arena;
    bool full;
};

static void *arena_alloc(void *data, size_t size)
{
    struct source *source = data;
    void *memory = dsp_arena_alloc(source->arena, size ? size : 1);
    source->full = source->full || !memory;
    return memory;
}

static void arena_free(void *data, void *memory)
{
    (void)data;
    (void)memory; /* ends with the arena */
}

/* Where a field's values lie: how many, and the address of the first. */
static size_t field_values(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                           const void **ret_first)
{
    const char *base = (const char *)message;
    const void *member = base + field->offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        memcpy(ret_first, member, sizeof *ret_first);
        size_t count;
        memcpy(&count, base + field->quantifier_offset, sizeof count);
        return count;
    }
    *ret_first = member;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) {
        uint32_t chosen;
        memcpy(&chosen, base + field->quantifier_offset, sizeof chosen);
        return chosen == field->id;
    }
    if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
        const void *pointer;
        memcpy(&pointer, member, sizeof pointer);
        return pointer != NULL;
    }
    return 1;
}

static const ProtobufCMessage *message_at(const void *first, size_t index)
{
    const ProtobufCMessage *message;
    memcpy(&message, (const char *)first + index * sizeof message, sizeof message);
    return message;
}

static const char *string_at(const void *first, size_t index)
{
    const char *text;
    memcpy(&text, (const char *)first + index * sizeof text, sizeof text);
    return text ? text : "";
}

static struct dsp_err check_message(const ProtobufCMessage *message, struct dsp_str bytes);

static struct dsp_err check_field(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                                  struct dsp_str bytes)
{
    const void *first;
    size_t count = field_values(message, field, &first);
    for (size_t i = 0; i < count; i++) {
        if (field->type == PROTOBUF_C_TYPE_STRING) {
            struct dsp_str text = dsp_str_from(string_at(first, i));
            if (!dsp_utf8_valid(text)) {
                return dsp_reject(DSP_CODE_BAD_TEXT, "%s.%s", message->descriptor->short_name, field->name);
            }
            if (message->descriptor == &disputes__common__v1__text__descriptor &&
                dsp_utf8_length(text) > DSP_TEXT_MAX) {
                return dsp_reject(DSP_CODE_FIELD_INVALID, "a text has more than %d characters", DSP_TEXT_MAX);
            }
        } else if (field->type == PROTOBUF_C_TYPE_ENUM) {
            int value;
            memcpy(&value, (const char *)first + i * sizeof value, sizeof value);
            if (!protobuf_c_enum_descriptor_get_value(field->descriptor, value)) {
                return dsp_reject(DSP_CODE_KIND_UNKNOWN, "%s.%s = %d", message->descriptor->short_name, field->name,
                                  value);
            }
        } else if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
            DSP_TRY(check_message(message_at(first, i), bytes));
        }
    }
    return dsp_ok();
}

static struct dsp_err check_message(const ProtobufCMessage *message, struct dsp_str bytes)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        DSP_TRY(check_field(message, &message->descriptor->fields[i], bytes));
    }
    return dsp_ok();
}

/* protobuf-c ends strings with a zero byte, so a U+0000 inside would only cut the text short: it is found in
 * the wire form. A string's bytes are in the input as they are, so a text that is shorter than its length
 * prefix says holds one. Walking the wire is simpler than it sounds: fields are (key, length, bytes). */
static bool wire_varint(const uint8_t **at, const uint8_t *end, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && *at < end; shift += 7) {
        uint8_t byte = *(*at)++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80)) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

/* protobuf-c takes field number 0 in a long form for an unknown field and writes it in the short one, which nobody
 * reads again: an entry that embedded it would hold its case in every follower. */
static struct dsp_err check_wire(const ProtobufCMessageDescriptor *type, const uint8_t *at, const uint8_t *end)
{
    while (at < end) {
        uint64_t key;
        uint64_t size = 0;
        if (!wire_varint(&at, end, &key) || key >> 3 == 0) {
            return dsp_reject(DSP_CODE_NOT_PROTOBUF, "%s: no field has the number 0", type->name);
        }
        switch (key & 7) {
        case 0:
            wire_varint(&at, end, &size);
            continue;
        case 1:
            size = 8;
            break;
        case 5:
            size = 4;
            break;
        case 2:
            if (!wire_varint(&at, end, &size)) {
                size = UINT64_MAX;
            }
            break;
        default:
            size = UINT64_MAX;
        }
        if (size > (uint64_t)(end - at)) {
            return dsp_reject(DSP_CODE_NOT_PROTOBUF, "not a %s", type->name);
        }
        const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(type, (unsigned)(key >> 3));
        bool counted = (key & 7) == 2;
        if (counted && field && field->type == PROTOBUF_C_TYPE_STRING && memchr(at, 0, size)) {
            return dsp_reject(DSP_CODE_BAD_TEXT, "a text holds U+0000");
        }
        if (counted && field && field->type == PROTOBUF_C_TYPE_MESSAGE) {
            DSP_TRY(check_wire(field->descriptor, at, at + size));
        }
        at += size;
    }
    return dsp_ok();
}

struct dsp_err dsp_message_unpack(struct dsp_arena *arena, const ProtobufCMessageDescriptor *type, struct dsp_str bytes,
                                  void *ret_message)
{
    struct source source = {.arena = arena};
    ProtobufCAllocator allocator = {arena_alloc, arena_free, &source};
    static const uint8_t NOTHING[1] = {0};
    const uint8_t *from = bytes.len ? (const uint8_t *)bytes.ptr : NOTHING;
    ProtobufCMessage *message = protobuf_c_message_unpack(type, &allocator, bytes.len, from);
    if (!message) {
        return source.full ? dsp_reject(DSP_CODE_ARENA_FULL, "%s does not fit", type->short_name)
                           : dsp_reject(DSP_CODE_NOT_PROTOBUF, "not a %s", type->name);
    }
    DSP_TRY(check_wire(type, from, from + bytes.len));
    DSP_TRY(check_message(message, bytes));
    memcpy(ret_message, &message, sizeof message);
    return dsp_ok();
}

struct dsp_err dsp_message_pack(struct dsp_arena *arena, const ProtobufCMessage *message, struct dsp_str *ret_bytes)
{
    size_t size = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = dsp_arena_alloc(arena, size ? size : 1);
    if (!bytes) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "%s does not fit", message->descriptor->short_name);
    }
    protobuf_c_message_pack(message, bytes);
    *ret_bytes = (struct dsp_str){(const char *)bytes, size};
    return dsp_ok();
}

/* --- sealing --- */

struct sealing {
    struct dsp_arena *arena;
    const struct dsp_key *key;
    const struct dsp_uuid *case_id;
};

static ProtobufCBinaryData binary(struct dsp_str bytes)
{
    return (ProtobufCBinaryData){bytes.len, (uint8_t *)(uintptr_t)bytes.ptr};
}

static struct dsp_err seal_text(const struct sealing *how, struct dsp_str path, Disputes__Common__V1__Text *text)
{
    struct dsp_sealed sealed;
    if (text->form_case != DISPUTES__COMMON__V1__TEXT__FORM_PLAIN) {
        return dsp_ok();
    }
    DSP_TRY(dsp_seal(how->arena, how->key, how->case_id, path, dsp_str_from(text->plain), &sealed));
    Disputes__Common__V1__Sealed *out = dsp_arena_alloc(how->arena, sizeof *out);
    struct dsp_str field = dsp_arena_copy(how->arena, sealed.field);
    if (!out || !field.ptr) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "sealed text does not fit");
    }
    disputes__common__v1__sealed__init(out);
    out->nonce = binary(sealed.nonce);
    out->ciphertext = binary(sealed.ciphertext);
    out->field = (char *)(uintptr_t)field.ptr;
    out->version = sealed.version;
    text->form_case = DISPUTES__COMMON__V1__TEXT__FORM_SEALED;
    text->sealed = out;
    return dsp_ok();
}

static struct dsp_err seal_below(const struct sealing *how, struct dsp_str path, ProtobufCMessage *message)
{
    if (message->descriptor == &disputes__common__v1__text__descriptor) {
        return seal_text(how, path, (Disputes__Common__V1__Text *)message);
    }
    for (unsigned f = 0; f < message->descriptor->n_fields; f++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[f];
        const void *first;
        size_t count = field->type == PROTOBUF_C_TYPE_MESSAGE ? field_values(message, field, &first) : 0;
        for (size_t i = 0; i < count; i++) {
            struct dsp_str below = field->label == PROTOBUF_C_LABEL_REPEATED
                                       ? dsp_arena_format(how->arena, "%.*s.%s[%zu]", DSP_STR_ARG(path), field->name, i)
                                       : dsp_arena_format(how->arena, "%.*s.%s", DSP_STR_ARG(path), field->name);
            if (!below.ptr) {
                return dsp_reject(DSP_CODE_ARENA_FULL, "sealed text does not fit");
            }
            ProtobufCMessage *child;
            memcpy(&child, (const char *)first + i * sizeof child, sizeof child);
            DSP_TRY(seal_below(how, below, child));
        }
    }
    return dsp_ok();
}

struct dsp_err dsp_message_seal(struct dsp_arena *arena, const struct dsp_key *key, const struct dsp_uuid *case_id,
                                ProtobufCMessage *message)
{
    struct sealing how = {arena, key, case_id};
    return seal_below(&how, dsp_str_from(message->descriptor->short_name), message);
}

/* What sealing adds to a text: nonce and tag, the path it is bound to, and the longer lengths of all around it. */
#define SEALED_MORE_BYTES 192

static size_t plain_texts(const ProtobufCMessage *message)
{
    size_t texts = 0;
    if (message->descriptor == &disputes__common__v1__text__descriptor) {
        return ((const Disputes__Common__V1__Text *)message)->form_case == DISPUTES__COMMON__V1__TEXT__FORM_PLAIN;
    }
    for (unsigned f = 0; f < message->descriptor->n_fields; f++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[f];
        const void *first;
        size_t count = field->type == PROTOBUF_C_TYPE_MESSAGE ? field_values(message, field, &first) : 0;
        for (size_t i = 0; i < count; i++) {
            texts += plain_texts(message_at(first, i));
        }
    }
    return texts;
}

size_t dsp_message_sealed_bytes(const ProtobufCMessage *message)
{
    return protobuf_c_message_get_packed_size(message) + plain_texts(message) * SEALED_MORE_BYTES;
}

struct dsp_err dsp_text_open(struct dsp_arena *arena, const struct dsp_key *key, const struct dsp_uuid *case_id,
                             const ProtobufCMessage *message, struct dsp_str *ret_text)
{
    const Disputes__Common__V1__Text *text = (const Disputes__Common__V1__Text *)message;
    if (!text || text->form_case == DISPUTES__COMMON__V1__TEXT__FORM__NOT_SET) {
        *ret_text = (struct dsp_str){NULL, 0};
        return dsp_ok();
    }
    if (text->form_case == DISPUTES__COMMON__V1__TEXT__FORM_PLAIN) {
        *ret_text = dsp_str_from(text->plain);
        return dsp_ok();
    }
    struct dsp_sealed sealed = {
        .nonce = {(const char *)text->sealed->nonce.data, text->sealed->nonce.len},
        .ciphertext = {(const char *)text->sealed->ciphertext.data, text->sealed->ciphertext.len},
        .field = dsp_str_from(text->sealed->field),
        .version = text->sealed->version,
    };
    return dsp_unseal(arena, key, case_id, &sealed, ret_text);
}

/* --- names --- */

struct dsp_str dsp_message_name(struct dsp_arena *arena, const ProtobufCMessageDescriptor *type, unsigned id)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(type, id);
    struct dsp_str name = dsp_arena_copy(arena, dsp_str_from(field ? field->name : "?"));
    char *text = (char *)(uintptr_t)name.ptr;
    size_t out = 0;
    bool upper = true;
    for (size_t i = 0; text && i < name.len; i++) {
        if (text[i] == '_') {
            upper = true;
            continue;
        }
        text[out++] = (char)(upper ? toupper((unsigned char)text[i]) : text[i]);
        upper = false;
    }
    if (text) {
        text[out] = '\0';
    }
    name.len = out;
    return name;
}

/* --- JSON --- */

const char *dsp_enum_name(const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(type, value);
    if (!found) {
        return "?";
    }
    /* ENTRY_TYPE_X of EntryType: the prefix is the type's name in capitals, word by word. */
    const char *name = found->name;
    for (const char *word = type->short_name; *word; word++) {
        if (isupper((unsigned char)*word) && word != type->short_name) {
            name = strchr(name, '_') ? strchr(name, '_') + 1 : name;
        }
    }
    return strchr(name, '_') ? strchr(name, '_') + 1 : name;
}

bool dsp_enum_value(const ProtobufCEnumDescriptor *type, const char *name, int *ret_value)
{
    for (unsigned i = 0; i < type->n_values; i++) {
        if (strcmp(type->values[i].name, name) == 0 || strcmp(dsp_enum_name(type, type->values[i].value), name) == 0) {
            *ret_value = type->values[i].value;
            return true;
        }
    }
    return false;
}

static json_t *bytes_json(const ProtobufCBinaryData *bytes)
{
    unsigned char *text = malloc(bytes->len * 4 / 3 + 8);
    if (!text) {
        return json_null();
    }
    int size = EVP_EncodeBlock(text, bytes->data, (int)bytes->len);
    json_t *value = json_stringn((const char *)text, (size_t)size);
    free(text);
    return value;
}

static json_t *uint64_json(const void *at)
{
    char text[24];
    uint64_t value;
    memcpy(&value, at, sizeof value);
    snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return json_string(text);
}

static json_t *int64_json(const void *at)
{
    char text[24];
    int64_t value;
    memcpy(&value, at, sizeof value);
    snprintf(text, sizeof text, "%lld", (long long)value);
    return json_string(text);
}

static json_t *value_json(const ProtobufCFieldDescriptor *field, const void *first, size_t i)
{
    int32_t four;
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        return dsp_message_json(message_at(first, i));
    case PROTOBUF_C_TYPE_STRING:
        return json_string(string_at(first, i));
    case PROTOBUF_C_TYPE_BYTES:
        return bytes_json((const ProtobufCBinaryData *)first + i);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return int64_json((const char *)first + i * sizeof(int64_t));
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return uint64_json((const char *)first + i * sizeof(uint64_t));
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        memcpy(&four, (const char *)first + i * sizeof four, sizeof four);
        return json_integer((uint32_t)four);
    case PROTOBUF_C_TYPE_ENUM:
        memcpy(&four, (const char *)first + i * sizeof four, sizeof four);
        return json_string(dsp_enum_name(field->descriptor, four));
    case PROTOBUF_C_TYPE_BOOL:
        memcpy(&four, (const char *)first + i * sizeof four, sizeof four);
        return json_boolean(four);
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
    case PROTOBUF_C_TYPE_DOUBLE:
    default:
        memcpy(&four, (const char *)first + i * sizeof four, sizeof four);
        return json_integer(four); /* our contracts have no floating point */
    }
}

/* proto3 leaves out what has its default value. */
static bool is_default(const ProtobufCFieldDescriptor *field, const void *first)
{
    static const char ZERO[16];
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF || field->type == PROTOBUF_C_TYPE_MESSAGE) {
        return false;
    }
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        return string_at(first, 0)[0] == '\0';
    }
    if (field->type == PROTOBUF_C_TYPE_BYTES) {
        return ((const ProtobufCBinaryData *)first)->len == 0;
    }
    bool wide = field->type == PROTOBUF_C_TYPE_INT64 || field->type == PROTOBUF_C_TYPE_UINT64 ||
                field->type == PROTOBUF_C_TYPE_SINT64 || field->type == PROTOBUF_C_TYPE_FIXED64 ||
                field->type == PROTOBUF_C_TYPE_SFIXED64;
    return memcmp(first, ZERO, wide ? 8 : 4) == 0;
}

json_t *dsp_message_json(const ProtobufCMessage *message)
{
    json_t *object = json_object();
    for (unsigned f = 0; f < message->descriptor->n_fields; f++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[f];
        const void *first;
        size_t count = field_values(message, field, &first);
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            json_t *list = count ? json_array() : NULL;
            for (size_t i = 0; i < count; i++) {
                json_array_append_new(list, value_json(field, first, i));
            }
            if (list) {
                json_object_set_new(object, field->name, list);
            }
        } else if (count && !is_default(field, first)) {
            json_object_set_new(object, field->name, value_json(field, first, 0));
        }
    }
    return object;
}

struct dsp_str dsp_message_str(const char *field)
{
    return dsp_str_from(field ? field : "");
}
