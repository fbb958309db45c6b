/* JSON → protobuf by descriptor: for commands, platform state and whatever a story holds. The reverse is
 * dsp_message_json of common/service/message.h; what that writes, this reads.
 *
 * proto3 JSON mapping, read generously:
 *   names        snake_case as in the .proto, or lowerCamelCase
 *   enum         name with or without its prefix in any case ("REFUND", "REMEDY_REFUND", "refund"), or number
 *   64-bit       number or string
 *   bytes        base64 as a string, or {"hex": "…"}, or {"text": "…"} for its UTF-8 bytes, or
 *                {"sha256_of": "…"} for the digest of a text
 *   null         the field is left out
 * and, for people, three shapes more:
 *   Money        {"amount_minor": …, "currency": …} or "129.00", "12900fen" as text (CNY; see ctl_text.h), or a
 *                plain integer = fen
 *   Text         {"plain": "…"} or just "…"
 *   *_time_millis  a number, or an RFC 3339 text; *_millis (else) a number, or a duration text such as "48h"
 * A field that does not exist, two members of one oneof, a value of the wrong type or range: REJECT
 * FIELD_INVALID whose detail begins with the path ("file_complaint.order.paid: …"). */
#ifndef CTL_JSON_H
#define CTL_JSON_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/str.h"

/* The message and everything in it lives in `arena`; `json` may go. REJECT FIELD_INVALID, ARENA_FULL. */
DSP_MUST_USE struct dsp_err ctl_json_message(struct dsp_arena *arena, const ProtobufCMessageDescriptor *type,
                                             const json_t *json, ProtobufCMessage **ret_message);
/* The same, packed: the value of a record. */
DSP_MUST_USE struct dsp_err ctl_json_pack(struct dsp_arena *arena, const ProtobufCMessageDescriptor *type,
                                          const json_t *json, struct dsp_str *ret_bytes);
/* Decodes bytes into JSON as dsp_message_json writes it. REJECT NOT_PROTOBUF and others of
 * dsp_message_unpack. New reference. */
DSP_MUST_USE struct dsp_err ctl_json_unpack(const ProtobufCMessageDescriptor *type, struct dsp_str bytes,
                                            json_t **ret_json);

/* Root message of one of our topics, dlq.<service>.<topic> included; NULL: not a topic of ours. */
const ProtobufCMessageDescriptor *ctl_topic_type(const char *topic);
/* Message by full name ("disputes.gateway.v1.Command"); NULL: unknown. Roots and what they hold. */
const ProtobufCMessageDescriptor *ctl_type_named(const char *name);
/* Field of a message by its snake_case, lowerCamelCase or, for messages, type name ("AcceptClaim" finds
 * accept_claim); NULL: none. */
const ProtobufCFieldDescriptor *ctl_field_named(const ProtobufCMessageDescriptor *type, const char *name);

/* Text → JSON object or array, with line and column in the error. `path` "-": stdin. New reference.
 * REJECT FIELD_INVALID: not JSON; FATAL CONFIG_INVALID: the file cannot be read. */
DSP_MUST_USE struct dsp_err ctl_json_read_file(const char *path, json_t **ret_json);

#endif
