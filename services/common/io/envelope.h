/* CloudEvents 1.0 headers in Kafka's binary mode (docs/EVENTS.md): header values are UTF-8 text.
 * The only place that knows the names. */
#ifndef DSP_ENVELOPE_H
#define DSP_ENVELOPE_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/id.h"
#include "common/base/str.h"

/* Read from a record. Texts are borrowed from the record. */
struct dsp_envelope {
    struct dsp_str id;     /* ce_id */
    struct dsp_str source; /* ce_source */
    struct dsp_str type;   /* ce_type */
    struct dsp_str subject_text;
    struct dsp_uuid subject;   /* ce_subject as a case id; zero when there is none */
    int64_t time_ms;           /* ce_time; 0 when absent */
    int64_t sequence;          /* ce_sequence; 0 when absent */
    int64_t lane_sequence;     /* ce_lanesequence; 0 when absent */
    struct dsp_str entry_hash; /* ce_entryhash, hex; empty when absent */
    struct dsp_str correlation_id;
    struct dsp_str traceparent;
};

/* REJECT: HEADER_MISSING, VERSION_UNKNOWN, STRUCTURED_MODE. */
DSP_MUST_USE struct dsp_err dsp_envelope_read(const rd_kafka_message_t *message, struct dsp_envelope *ret_envelope);

/* The same from headers that are kept apart from their record. */
DSP_MUST_USE struct dsp_err dsp_envelope_read_headers(const rd_kafka_headers_t *headers,
                                                      struct dsp_envelope *ret_envelope);

/* ce_lanesequence alone, also of a record that dsp_envelope_read refuses; 0 when it is absent or no number. */
int64_t dsp_envelope_lane_sequence(const rd_kafka_message_t *message);

/* What a record of ours says about itself. */
struct dsp_out_headers {
    struct dsp_uuid id;
    struct dsp_str id_text;  /* used instead of id when not empty: a door takes the sender's */
    const char *source;      /* "/disputes/sla" */
    const char *type;        /* "cn.example.disputes.sla.finding.v1" */
    const char *schema;      /* "urn:proto:disputes.sla.v1.Finding" */
    struct dsp_uuid case_id; /* zero: no subject */
    struct dsp_str subject;  /* used instead of case_id when not empty */
    struct dsp_str order_id; /* partition key */
    int64_t time_ms;
    int64_t sequence;      /* 0: none */
    int64_t lane_sequence; /* 0: none */
    struct dsp_str causation_id;
    struct dsp_str traceparent; /* empty: a new trace begins here */
    const uint8_t *entry_hash;  /* 32 bytes; NULL: none */
};

#define DSP_HEADER_NO_VALUE UINT32_MAX /* in packed headers: the length of a value that is NULL, not empty */

/* Packs the headers into bytes that the outbox stores; they live in `arena`. Every record carries a traceparent. */
DSP_MUST_USE struct dsp_err dsp_headers_pack(struct dsp_arena *arena, const struct dsp_out_headers *headers,
                                             struct dsp_str *ret_packed);
/* Appends one header to packed bytes: for dead letters. `value` ptr NULL: a header without a value. */
DSP_MUST_USE struct dsp_err dsp_headers_pack_one(struct dsp_arena *arena, struct dsp_str packed, const char *name,
                                                 struct dsp_str value, struct dsp_str *ret_packed);
/* All headers of a record as they came, packed. */
DSP_MUST_USE struct dsp_err dsp_headers_pack_all(struct dsp_arena *arena, const rd_kafka_message_t *message,
                                                 struct dsp_str *ret_packed);
/* The reverse, for the producer, which takes ownership of the result. NULL: damaged bytes. */
rd_kafka_headers_t *dsp_headers_unpack(struct dsp_str packed);

#endif
