/* What the five followers of the case log share: reading an entry, the head row of a case, saying a finding.
 * Loop thread only. */
#ifndef DSP_FOLLOWER_H
#define DSP_FOLLOWER_H

#include "common/io/lane.h"
#include "disputes/case/v1/event.pb-c.h"

#define DSP_LOG_TOPIC "disputes.case.event.v1"

/* Begins every case row of a follower; saved with version check, so a row that another instance has changed
 * makes the transaction fail. */
struct dsp_case_head {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int32_t lane;
    int32_t generation;  /* of the case */
    int64_t ver;         /* as loaded; the statements write ver + 1 */
    int64_t log_seq;     /* last entry that concerned this service */
    int64_t finding_seq; /* last finding said: ce_sequence */
    struct dsp_str order_id;
    struct dsp_str platform_id;
    int64_t policy_version;
    int64_t calendar_version;
    int64_t rules_version;
};

/* Columns of a head. The head is the first member of `type`. First those that change, then a service's own that do,
 * then those that are set with the first entry, then a service's own of that kind: DSP_TABLE_ADDED. */
#define DSP_HEAD_COLUMNS(type)                                                 \
    {"case_id", DSP_COLUMN_UUID, offsetof(type, head.case_id), NULL},          \
        {"generation", DSP_COLUMN_INT, offsetof(type, head.generation), NULL}, \
        {"ver", DSP_COLUMN_BIG, offsetof(type, head.ver), NULL},               \
        {"log_seq", DSP_COLUMN_BIG, offsetof(type, head.log_seq), NULL},       \
    {                                                                          \
        "finding_seq", DSP_COLUMN_BIG, offsetof(type, head.finding_seq), NULL  \
    }
#define DSP_HEAD_SAVED 5 /* of them */
#define DSP_HEAD_CONSTANTS(type)                                                           \
    {"lane", DSP_COLUMN_INT, offsetof(type, head.lane), NULL},                             \
        {"order_id", DSP_COLUMN_TEXT, offsetof(type, head.order_id), NULL},                \
        {"platform_id", DSP_COLUMN_TEXT, offsetof(type, head.platform_id), NULL},          \
        {"policy_version", DSP_COLUMN_BIG, offsetof(type, head.policy_version), NULL},     \
        {"calendar_version", DSP_COLUMN_BIG, offsetof(type, head.calendar_version), NULL}, \
    {                                                                                      \
        "rules_version", DSP_COLUMN_BIG, offsetof(type, head.rules_version), NULL          \
    }

/* Who a follower is on the wire; one static per service. */
struct dsp_follower {
    const char *topic;  /* "disputes.sla.finding.v1" */
    const char *source; /* "/disputes/sla" */
    const char *type;   /* "cn.example.disputes.sla.finding.v1" */
    const char *schema; /* "urn:proto:disputes.sla.v1.Finding" */
};

/* Reads a record of the log into its Entry and sets record->case_id. *ret_entry NULL: nothing for followers
 * (an answer to a command). The message lives in the turn's arena. REJECT: not an entry, or its headers,
 * key and body disagree (WRONG_KEY). */
DSP_MUST_USE struct dsp_err dsp_entry_read(struct dsp_turn *turn, struct dsp_record *record,
                                           const Disputes__Case__V1__Entry **ret_entry);
/* Whether the entry is what sla says about the time of a clock (armed, moved, paused, resumed, a rung reached) and
 * changes nothing else: no stage, clock, duty or ruling. Most entries of a log are of this kind. A follower that has no
 * use for it leaves its input NULL and then reads and writes no row; its head keeps the number of the last entry that
 * concerned it. */
bool dsp_entry_tells_time(const Disputes__Case__V1__Entry *entry);
/* The head of the entry's case, made on the first entry. *ret_head NULL: the entry was applied before.
 * Sets generation and log_seq and marks the row dirty. REJECT FIELD_INVALID: an entry of a case that never
 * began. `table` is the service's case table. */
DSP_MUST_USE struct dsp_err dsp_head_advance(struct dsp_turn *turn, const struct dsp_table *table,
                                             struct dsp_record *record, const Disputes__Case__V1__Entry *entry,
                                             void *ret_head);
/* Publishes one finding about the case with the next number; `time_ms` is when it happened. */
DSP_MUST_USE struct dsp_err dsp_finding_emit(struct dsp_turn *turn, const struct dsp_follower *follower,
                                             struct dsp_case_head *head, const ProtobufCMessage *finding,
                                             int64_t time_ms);

#endif
