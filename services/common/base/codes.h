/* Stable codes of errors, dead letters and logs: one list (STYLE 8). A code is part of the contract with
 * operators: it may be added, never renamed. `disputectl codes` and docs/EVENTS.md come from this list. */
#ifndef DSP_CODES_H
#define DSP_CODES_H

#include <stddef.h>

/* X(NAME, sentence) */
#define DSP_CODE_LIST(X)                                                                         \
    X(NOT_PROTOBUF, "the value is not a message of this topic")                                  \
    X(HEADER_MISSING, "a required CloudEvents header is missing or malformed")                   \
    X(VERSION_UNKNOWN, "ce_specversion, ce_type or content-type names a version we do not read") \
    X(STRUCTURED_MODE, "structured-mode CloudEvents are not accepted: use binary mode")          \
    X(TOO_BIG, "the value is larger than 256 KiB")                                               \
    X(BAD_TEXT, "a text is not UTF-8 or holds U+0000")                                           \
    X(WRONG_KEY, "the record key or partition does not belong to this case")                     \
    X(FIELD_INVALID, "a field has a value outside its range or is missing")                      \
    X(KIND_UNKNOWN, "the message holds no member that this version knows")                       \
    X(TOMBSTONE, "a record without a value is not allowed on this topic")                        \
    X(SIGNATURE_INVALID, "the signature is missing or does not verify")                          \
    X(SEQUENCE_GAP, "a number is missing in the sequence of a source")                           \
    X(HELD_CASE, "an earlier record of this case is in quarantine")                              \
    X(DATA_REFUSED, "the database refused the data of this record")                              \
    X(ARENA_FULL, "the message needs more memory than one batch may use")                        \
    X(OVERFLOW, "a sum does not fit")                                                            \
    X(NOT_READY, "something this record needs has not been read yet")                            \
    X(FENCED, "another instance owns the lane")                                                  \
    X(STORE_DOWN, "PostgreSQL does not answer")                                                  \
    X(BROKER_DOWN, "Kafka does not answer")                                                      \
    X(REDIS_DOWN, "Redis does not answer")                                                       \
    X(CONFIG_INVALID, "a setting is missing or out of range")                                    \
    X(SEAL_INVALID, "a sealed text does not open with this key and context")                     \
    X(KEY_ERASED, "the data key of the case was erased")                                         \
    X(OUTSIDE_REFUSED, "the other side refused the call for good")                               \
    X(OUTSIDE_UNKNOWN, "the outcome of the call at the other side is unknown")                   \
    X(SYSTEM_FAILED, "a call of the operating system or a library failed")

#define DSP_CODE_CONST(name, sentence) static const char DSP_CODE_##name[] __attribute__((unused)) = #name;
DSP_CODE_LIST(DSP_CODE_CONST)

struct dsp_code {
    const char *name;
    const char *sentence;
};

/* All codes in the order of the list; static. */
const struct dsp_code *dsp_codes(size_t *ret_count);

#endif
