/* The case log as a tool reads it: records as published, decoded, with their chain. */
#ifndef CTL_LOG_H
#define CTL_LOG_H

#include "common/base/arena.h"
#include "disputectl/ctl_kafka.h"
#include "disputes/case/v1/event.pb-c.h"

#define CTL_CASE_TOPIC "disputes.case.event.v1"

/* One record of the case log. Owned by the log. */
struct ctl_log_record {
    int32_t partition;
    int64_t offset;
    int64_t stamp_ms;
    struct dsp_str key;
    struct dsp_str value;                       /* exactly as published */
    struct dsp_str entry_hash;                  /* header ce_entryhash, hex */
    const Disputes__Case__V1__CaseEvent *event; /* NULL: not protobuf */
};

struct ctl_log; /* opaque; grows with each read, until freed */

/* NULL: out of memory. `case_id` NULL: keeps every record; else only entries of that case and answers that
 * name it. `from_end`: starts at the present end instead of the beginning. RETRY BROKER_DOWN. */
DSP_MUST_USE struct dsp_err ctl_log_new(struct ctl_kafka *kafka, const char *case_id, bool from_end,
                                        struct ctl_log **ret_log);
void ctl_log_free(struct ctl_log *log); /* NULL is fine */
/* Reads on to the present end. Records found before stay where they are. */
DSP_MUST_USE struct dsp_err ctl_log_read(struct ctl_log *log);
size_t ctl_log_count(const struct ctl_log *log);
const struct ctl_log_record *ctl_log_at(const struct ctl_log *log, size_t index);
/* The record's entry, or NULL when it is an answer or damaged. */
const Disputes__Case__V1__Entry *ctl_log_entry(const struct ctl_log_record *record);

/* What came of a command: the entry it made (also CommandRefused), or the CommandAnswered; reads on until it is
 * there or `timeout_ms` is over. NULL in ret_record: no answer in time. Looks at records from `*from` on and
 * moves it past the answer, so that asking again finds the next one (copies are answered each). */
DSP_MUST_USE struct dsp_err ctl_log_answer(struct ctl_log *log, const char *source, const char *command_id,
                                           int timeout_ms, size_t *from, const struct ctl_log_record **ret_record);

/* The finding that answers the act of entry `sequence`: reads on until it is there or `timeout_ms` is over (NULL). */
DSP_MUST_USE struct dsp_err ctl_log_finding(struct ctl_log *log, uint64_t sequence, int timeout_ms,
                                            const struct ctl_log_record **ret_record);
/* Whether the entry is an act that gets exactly one finding; whether it is such a finding. */
bool ctl_entry_waits(const Disputes__Case__V1__Entry *entry);
bool ctl_entry_ends_wait(const Disputes__Case__V1__Entry *entry);

/* "AcceptClaim", "ClockBreached": the act or finding in an entry's content; "" for a follow-up. Static storage
 * of `text`. `ret_content` (may be NULL): the act or finding itself, NULL when there is none. */
void ctl_entry_act(const Disputes__Case__V1__Entry *entry, char *text, size_t size,
                   const ProtobufCMessage **ret_content);

#endif
