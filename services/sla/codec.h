/* Generated messages ↔ domain structs of sla. The only file pair of the service that sees generated names. */
#ifndef SLA_CODEC_H
#define SLA_CODEC_H

#include "common/service/platform.h"
#include "sla/store.h"

/* One thing that a log entry does to a clock. */
struct sla_order {
    bool start; /* else `input` */
    enum sla_input input;
    int32_t kind, side;
    int64_t cause;
    int64_t from_ms;
    bool short_budget;
    int64_t own_budget_ms; /* counted by the wall; 0 = by the policy */
};

/* MakeOffer (input 0) or an act on an offer. */
struct sla_offer_deed {
    enum sla_offer_input input;
    int32_t side;
    struct dsp_str offer_id; /* that is acted on; the new one of MakeOffer */
    struct dsp_str new_offer_id;
    struct sla_terms terms; /* of MakeOffer and CounterOffer */
};

/* A finding of sla about an offer, read back. */
struct sla_offer_news {
    enum sla_offer_state state; /* in which it leaves the offer */
    struct dsp_str offer_id;
    struct dsp_str new_offer_id; /* of OfferCountered */
    bool refused;                /* by the log */
};

/* What sla needs of a log entry. Lives in the turn's arena. */
struct sla_entry {
    const Disputes__Case__V1__Entry *entry; /* for dsp_head_advance */
    int64_t sequence;
    int64_t time_ms;
    struct sla_order *orders;
    size_t order_count;
    const struct sla_offer_deed *deed; /* NULL: no act on an offer */
    const struct sla_offer_news *news; /* NULL: no finding about one */
    enum sla_settlement_input settlement;
    int32_t hold_kind, hold_side; /* clock whose breach waits for this act's finding; 0 = none, side 0 = any */
    int64_t released_seq;         /* act that this finding refuses; 0 = none */
    int64_t paid_out_minor;       /* so much more was paid for the order line */
    bool offers_allowed;          /* where the case stands after it */
    bool decided;                 /* a decision became final by it */
    bool undecided;               /* the case is to be decided anew */
};

/* Sets record->input to a struct sla_entry, or leaves it NULL when the record concerns no follower. */
DSP_MUST_USE struct dsp_err sla_decode_entry(struct dsp_turn *turn, struct dsp_record *record);

/* The budget of a clock in a pinned policy, and the pinned calendar. RETRY NOT_READY: not read yet. */
struct sla_policy {
    const Disputes__Platform__V1__State *policy;
    const struct dsp_calendar *calendar;
};
DSP_MUST_USE struct dsp_err sla_policy_find(const struct dsp_platforms *platforms, struct dsp_arena *arena,
                                            struct dsp_str platform_id, int64_t policy_version,
                                            int64_t calendar_version, struct sla_policy *ret_policy);
/* The platform's own budget, else the start value; NULL: no such clock. */
const struct sla_budget *sla_policy_budget(const struct sla_policy *policy, struct dsp_arena *arena, int32_t kind);

/* Findings. Each publishes one record about the case. */
DSP_MUST_USE struct dsp_err sla_say_armed(struct dsp_turn *turn, struct sla_case_row *row, int64_t answers,
                                          struct sla_clock_row *const *clocks, size_t count, int64_t time_ms);
DSP_MUST_USE struct dsp_err sla_say_rung(struct dsp_turn *turn, struct sla_case_row *row,
                                         const struct sla_clock_row *clock, int percent, int64_t time_ms);
/* Metrics: the entry says that the clock ran out. */
void sla_count_missed(struct dsp_turn *turn, const struct sla_entry *entry, const struct sla_clock_row *clock);
DSP_MUST_USE struct dsp_err sla_say_breached(struct dsp_turn *turn, struct sla_case_row *row,
                                             const struct sla_clock_row *clock, int64_t time_ms);
DSP_MUST_USE struct dsp_err sla_say_paused(struct dsp_turn *turn, struct sla_case_row *row, int64_t answers,
                                           const struct sla_clock_row *clock, int64_t time_ms);
DSP_MUST_USE struct dsp_err sla_say_resumed(struct dsp_turn *turn, struct sla_case_row *row, int64_t answers,
                                            const struct sla_clock_row *clock, int64_t time_ms);
/* The breach of a K_offer. */
DSP_MUST_USE struct dsp_err sla_say_expired(struct dsp_turn *turn, struct sla_case_row *row,
                                            const struct sla_clock_row *clock, struct dsp_str offer_id,
                                            int64_t time_ms);

/* codec_offer.c: the same for offers. Ids are copied into the turn's arena. */

/* What an entry says about offers, settlements and payments, and which act holds which breach back. */
DSP_MUST_USE struct dsp_err sla_decode_offers(struct dsp_turn *turn, struct sla_entry *input);
/* What the filing says about the order line. */
void sla_read_claim(const struct sla_entry *input, struct sla_case_row *row);
DSP_MUST_USE struct dsp_err sla_say_opened(struct dsp_turn *turn, struct sla_case_row *row,
                                           const struct sla_offer_row *offer, const struct sla_entry *act);
DSP_MUST_USE struct dsp_err sla_say_countered(struct dsp_turn *turn, struct sla_case_row *row,
                                              const struct sla_offer_row *old, const struct sla_offer_row *offer,
                                              const struct sla_entry *act);
/* OfferRejected, OfferRetracted or OfferAccepted, by the state the offer is in now. */
DSP_MUST_USE struct dsp_err sla_say_answered(struct dsp_turn *turn, struct sla_case_row *row,
                                             const struct sla_offer_row *offer, const struct sla_entry *act);
DSP_MUST_USE struct dsp_err sla_say_refused(struct dsp_turn *turn, struct sla_case_row *row, struct dsp_str offer_id,
                                            enum sla_offer_refusal refusal, const struct sla_entry *act);
/* codec.c, for codec_offer.c: publishes a finding about the case. */
struct Disputes__Sla__V1__Finding;
DSP_MUST_USE struct dsp_err sla_say(struct dsp_turn *turn, struct sla_case_row *row,
                                    struct Disputes__Sla__V1__Finding *finding, int64_t answers, int64_t time_ms);
/* A text of our own for a message; NULL: arena full. */
char *sla_text(struct dsp_turn *turn, struct dsp_str text);

#endif
