/* Generated messages, handled by their descriptors: checked unpacking into an arena, packing, sealing of
 * personal texts, JSON for people. One piece of code for all of them. */
#ifndef DSP_MESSAGE_H
#define DSP_MESSAGE_H

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/seal.h"
#include "common/base/str.h"

/* Characters of one personal text. */
#define DSP_TEXT_MAX 4000

/* The message and everything in it lives in `arena`. REJECT NOT_PROTOBUF, BAD_TEXT (not UTF-8 or U+0000),
 * KIND_UNKNOWN (an enum value this version does not know), FIELD_INVALID (a text longer than DSP_TEXT_MAX),
 * ARENA_FULL. An empty value is a message without fields. */
DSP_MUST_USE struct dsp_err dsp_message_unpack(struct dsp_arena *arena, const ProtobufCMessageDescriptor *type,
                                               struct dsp_str bytes, void *ret_message);
DSP_MUST_USE struct dsp_err dsp_message_pack(struct dsp_arena *arena, const ProtobufCMessage *message,
                                             struct dsp_str *ret_bytes);
/* Seals every plain text below `message` in place, bound to case and field path. */
DSP_MUST_USE struct dsp_err dsp_message_seal(struct dsp_arena *arena, const struct dsp_key *key,
                                             const struct dsp_uuid *case_id, ProtobufCMessage *message);
/* Most bytes that `message` packs into once dsp_message_seal has been at it: known before there is a key. */
size_t dsp_message_sealed_bytes(const ProtobufCMessage *message);
/* Opens one sealed text (disputes.common.v1.Text); a plain one is returned as it is, an absent one empty. */
DSP_MUST_USE struct dsp_err dsp_text_open(struct dsp_arena *arena, const struct dsp_key *key,
                                          const struct dsp_uuid *case_id, const ProtobufCMessage *text,
                                          struct dsp_str *ret_text);
/* proto3 JSON mapping: 64-bit integers as strings, bytes as base64, enum names. New reference. */
json_t *dsp_message_json(const ProtobufCMessage *message);
/* Name of an enum value without the prefix of its type: "SCREENING"; "?" when unknown. Static. */
const char *dsp_enum_name(const ProtobufCEnumDescriptor *type, int value);
/* The reverse, with or without prefix; false when there is no such name. */
bool dsp_enum_value(const ProtobufCEnumDescriptor *type, const char *name, int *ret_value);
/* Name of the oneof member that a message is made of: "accept_claim" is "AcceptClaim"; "?" when unset or unknown. */
struct dsp_str dsp_message_name(struct dsp_arena *arena, const ProtobufCMessageDescriptor *type, unsigned id);
/* Text of a proto string field as a view; NULL is empty. */
struct dsp_str dsp_message_str(const char *field);

#endif
