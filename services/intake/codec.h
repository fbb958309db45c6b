/* Generated messages ↔ domain structs of intake. The only file pair of the service that sees generated names. */
#ifndef INTAKE_CODEC_H
#define INTAKE_CODEC_H

#include "common/service/platform.h"
#include "intake/store.h"

/* A decoded record. Lives in the turn's arena. */
struct intake_message {
    struct intake_input input;
    ProtobufCMessage *body;     /* Command or Finding, its texts not sealed yet when it is a command */
    struct dsp_str name;        /* of the act or finding, "AcceptClaim" */
    bool time_mark;             /* read past its stamp, nothing else */
    int64_t source_sequence;    /* finding: ce_sequence */
    struct dsp_str platform_id; /* FileComplaint */
    struct intake_docket filing;
};

/* Reads a record of any input topic into a struct intake_message at record->input; sets record->case_id. */
DSP_MUST_USE struct dsp_err intake_decode_message(struct dsp_turn *turn, struct dsp_record *record);

/* Whether the entry that an accepted command makes stays within DSP_VALUE_MAX_BYTES, however much it does. One
 * that does not is refused: the refusal holds nothing of the command. */
#define INTAKE_GUARD_FITS "entry fits"
bool intake_entry_fits(const struct dsp_record *record);

/* Policy and calendar as pinned (0 = the newest at `time_ms`, whose versions are returned). RETRY NOT_READY:
 * a pinned version has not been read yet. */
struct intake_pinned {
    struct intake_policy policy;
    int64_t policy_version, calendar_version, rules_version;
};
DSP_MUST_USE struct dsp_err intake_policy_pin(const struct dsp_platforms *platforms, struct dsp_arena *arena,
                                              struct dsp_str platform_id, int64_t time_ms,
                                              struct intake_pinned *ret_pinned);
DSP_MUST_USE struct dsp_err intake_policy_find(const struct dsp_platforms *platforms, struct dsp_arena *arena,
                                               const struct dsp_case_head *head, struct intake_pinned *ret_pinned);

/* Publishes one log entry and adds its row to case_log; moves last_hash on. `key` seals the texts of `message`
 * (once). `allowed` are the actions named in a refusal. */
struct intake_entry_context {
    const struct dsp_record *record;
    struct intake_message *message;
    const struct dsp_key *key;
    int64_t log_time_ms;
    const struct intake_allowed *allowed;
    size_t allowed_count;
};
DSP_MUST_USE struct dsp_err intake_publish_entry(struct dsp_turn *turn, struct intake_docket_row *row,
                                                 const struct intake_draft *draft,
                                                 const struct intake_entry_context *context);
/* Publishes an answer that is no entry of any case. */
DSP_MUST_USE struct dsp_err intake_publish_answer(struct dsp_turn *turn, const struct dsp_record *record,
                                                  const struct intake_command_row *answer, struct dsp_str name);
/* Publishes the wrapped data key of a new case. */
DSP_MUST_USE struct dsp_err intake_publish_key(struct dsp_turn *turn, const struct intake_docket_row *row);
/* A TimeMark for a command topic: headers and value. */
DSP_MUST_USE struct dsp_err intake_time_mark(struct dsp_arena *arena, bool gateway, struct dsp_str order_id,
                                             int64_t time_ms, struct dsp_str *ret_headers, struct dsp_str *ret_value);

#endif
