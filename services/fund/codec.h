/* Generated messages ↔ domain structs of fund. The only file pair of the service that sees generated names. */
#ifndef FUND_CODEC_H
#define FUND_CODEC_H

#include "common/base/seal.h"
#include "common/service/platform.h"
#include "fund/domain/entry.h"
#include "fund/store.h"

/* Values of disputes.common.v1.Role. */
enum { FUND_SIDE_CONSUMER = 1, FUND_SIDE_MERCHANT = 2 };
/* Values of disputes.case.v1.DutyKind. */
enum { FUND_DUTY_PAY = 1, FUND_DUTY_RETURN_GOODS = 2, FUND_DUTY_REPLACE = 3, FUND_DUTY_REPAIR = 4 };
/* Values of disputes.fund.v1.RecoveryEnd and Payment. */
enum { FUND_END_RECOVERED = 1, FUND_END_WRITTEN_OFF = 2, FUND_END_ANNULLED = 3 };
enum { FUND_PAYMENT_SET_OFF = 1, FUND_PAYMENT_CASH = 2, FUND_PAYMENT_DEPOSIT = 3 };

/* Numbers of the members of disputes.fund.v1.Finding. */
enum fund_finding_kind {
    FUND_FINDING_NONE = 0,
    FUND_FINDING_DUTY_VERIFIED = 20,
    FUND_FINDING_DUTY_REJECTED,
    FUND_FINDING_DUTY_SUBSTITUTED,
    FUND_FINDING_DUTY_DISCHARGED,
    FUND_FINDING_FUND_RESERVED,
    FUND_FINDING_RESERVE_REFUSED,
    FUND_FINDING_RESERVATION_VOIDED,
    FUND_FINDING_PAYOUT_SENT,
    FUND_FINDING_PAYOUT_HELD,
    FUND_FINDING_PAYOUT_CONFIRMED,
    FUND_FINDING_PAYOUT_FAILED,
    FUND_FINDING_PAYMENT_REVERSED,
    FUND_FINDING_RECOVERY_OPENED,
    FUND_FINDING_RECOVERY_DEMANDED,
    FUND_FINDING_RECOVERY_RECEIVED,
    FUND_FINDING_RECOVERY_CLOSED,
    FUND_FINDING_SANCTION_APPLIED,
    FUND_FINDING_SANCTION_LIFTED,
    FUND_FINDING_INTERIM_ADVANCE_DECIDED,
};

/* A finding of ours, said or read back: only the members of its kind count. */
struct fund_finding {
    enum fund_finding_kind kind;
    struct dsp_str duty_id;
    struct dsp_str number; /* of a payout, or of the payment that proves a duty */
    struct dsp_str code;
    struct dsp_str group_id;
    int64_t amount_minor;
    int32_t rail;
    int32_t day;
    int32_t rung;
    int32_t end;
    int32_t payment;
    bool last;
    bool fee;
    bool granted;
    int32_t payer_side;
    struct dsp_str payer_id;
};

struct fund_new_duty {
    struct dsp_str duty_id;
    int32_t kind, side;
    int64_t amount_minor;
    bool due;
};

/* What an entry of the log asks fund to do. Lives in the turn's arena. */
struct fund_entry {
    const Disputes__Case__V1__Entry *entry; /* for dsp_head_advance */
    int64_t sequence;
    int64_t time_ms;

    bool filed; /* first entry */
    struct dsp_str merchant_id, consumer_id, transaction_id, openid_sealed;
    int32_t order_line;
    int64_t paid_in_minor;

    struct fund_new_duty *duties;
    size_t duty_count;
    const struct fund_entry_rule *rule; /* by the name of the entry */
    int64_t ruling_minor;               /* 0: nothing is granted */
    bool statutory;
    bool binds;     /* noted duties become due */
    bool enforcing; /* ENFORCING entered */
    bool closes;    /* CLOSED entered */
    bool hold_over; /* E30 of K_hold: nobody has released a payout in time */
    bool ask_now;   /* E30 of K_enforce_hard: what is under way is asked about at once */

    bool performed; /* a proof; `seen`: a refund seen without a word of the merchant */
    bool seen;
    int32_t performed_side;
    struct dsp_str duty_id, payment_number, tracking_number;

    bool cut; /* CheckReturn: what is left to pay; 0 = waived */
    int64_t cut_minor;
    struct dsp_str release_number; /* ReleasePayout */
    bool contests, writes_off;

    bool fee_advanced, fee_borne;
    int64_t fee_consumer_minor, fee_merchant_minor;

    struct fund_finding own; /* read back, or refused */
    bool refused;
};

/* Sets record->input to a struct fund_entry, or leaves it NULL when the record concerns no follower. */
DSP_MUST_USE struct dsp_err fund_decode_entry(struct dsp_turn *turn, struct dsp_record *record);
/* Whether the entry may lead to a posting or a payout, so that the accounts of the case are needed. */
bool fund_entry_posts(const struct fund_entry *entry);

/* What a door let in. */
struct fund_inbound {
    bool payment; /* a callback about `number` */
    bool set_off;
    bool fee;
    struct dsp_str number;
    int32_t payer_side;
    struct dsp_str payer_id;
    int64_t amount_minor;
};
/* Sets record->case_id and record->input to a struct fund_inbound. */
DSP_MUST_USE struct dsp_err fund_decode_inbound(struct dsp_turn *turn, struct dsp_record *record);
DSP_MUST_USE struct dsp_err fund_pack_payment(struct dsp_arena *arena, struct dsp_str number, struct dsp_str state,
                                              struct dsp_str payment_side_number, struct dsp_str *ret_value);
/* `currency` is passed on. */
DSP_MUST_USE struct dsp_err fund_pack_settlement(struct dsp_arena *arena, const struct fund_inbound *inbound,
                                                 struct dsp_str currency, struct dsp_str *ret_value);
extern const char FUND_INBOUND_TYPE[];
extern const char FUND_INBOUND_SCHEMA[];

/* The limits of the pinned policy; start values where it says nothing. RETRY NOT_READY: not read yet. */
DSP_MUST_USE struct dsp_err fund_limits_find(const struct dsp_platforms *platforms, struct dsp_str platform_id,
                                             int64_t policy_version, struct fund_limits *ret_limits);
/* Open rails at an instant, in the order in which they are tried; at most FUND_RAIL_COUNT. */
size_t fund_rails_at(const struct dsp_platforms *platforms, struct dsp_str platform_id, int64_t time_ms,
                     enum fund_rail *ret_rails, struct dsp_str *ret_scene);
/* The next opening book after a version; false: none. */
bool fund_book_after(const struct dsp_platforms *platforms, struct dsp_str platform_id, int64_t version,
                     int64_t time_ms, int64_t *ret_version, int64_t *ret_minor);

/* Reads a finding that stands in the log. Texts are borrowed. */
void fund_finding_read(const Disputes__Fund__V1__Finding *from, struct fund_finding *ret_finding);
/* Publishes one finding about the case. */
DSP_MUST_USE struct dsp_err fund_say(struct dsp_turn *turn, struct fund_case_row *row,
                                     const struct fund_finding *finding, int64_t answers, int64_t time_ms);
/* Opens the sealed openid with the key of its case. RETRY: the key has not been read. */
DSP_MUST_USE struct dsp_err fund_openid_open(struct dsp_arena *arena, const struct dsp_key *key,
                                             const struct dsp_uuid *case_id, struct dsp_str sealed,
                                             struct dsp_str *ret_openid);

#endif
