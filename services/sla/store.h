/* Rows of sla. */
#ifndef SLA_STORE_H
#define SLA_STORE_H

#include "common/service/follower.h"
#include "sla/domain.h"
#include "sla/domain/offer.h"

struct sla_case_row {
    struct dsp_case_head head;
    int32_t order_line;
    int64_t paid_minor; /* for the line, by the filing */
    int64_t final_seq;  /* entry by which a decision became final: offer terms are shown from then on; 0 = none */
};

struct sla_clock_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int32_t kind; /* enum sla_kind */
    int32_t side; /* disputes.common.v1.Role */
    int64_t cause;
    struct sla_clock clock;
    int64_t ended_seq;
    int64_t act_seq; /* entry of the act whose stamp is clock.act_ms */
};

struct sla_offer_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    struct dsp_str offer_id; /* made by its sender, unique in the case */
    int32_t generation;
    struct sla_offer offer;
    int32_t remedy;
    int64_t amount_minor;
    int64_t perform_ms; /* 0 = policy */
    int64_t made_seq;   /* entry of MakeOffer or CounterOffer */
    int64_t opened_seq; /* entry of OfferOpened or OfferCountered, the cause of its K_offer; 0 = not in the log */
    int64_t ended_seq;  /* entry that ended it in the log */
};

struct sla_settlement_row {
    struct dsp_row row;
    struct dsp_uuid case_id;
    int64_t begun_seq;       /* entry that made the agreement */
    struct dsp_str offer_id; /* empty: reached before the institution */
    enum sla_settlement_state state;
    int64_t ended_seq;
};

/* What was paid out for an order line over all its cases: they share an order id and so a lane. */
struct sla_line_row {
    struct dsp_row row;
    struct dsp_str order_id;
    int32_t order_line;
    int64_t paid_out_minor;
};

enum { SLA_TABLE_CASE, SLA_TABLE_CLOCK, SLA_TABLE_OFFER, SLA_TABLE_SETTLEMENT, SLA_TABLE_LINE, SLA_TABLE_COUNT };
extern const struct dsp_table SLA_TABLES[SLA_TABLE_COUNT];
/* What GET /cases/{id} shows of offers: without their terms until a decision is final. */
extern const struct dsp_table SLA_VIEWS[1];

/* The clock of a case with this name, NULL = none. */
struct sla_clock_row *sla_store_clock(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t kind, int32_t side,
                                      int64_t cause);
/* A new one, to be filled in. NULL: arena full. */
struct sla_clock_row *sla_store_add_clock(struct dsp_turn *turn, const struct dsp_uuid *case_id, int32_t kind,
                                          int32_t side, int64_t cause);

/* Offer of a case by its id, NULL = none. */
struct sla_offer_row *sla_store_offer(struct dsp_turn *turn, const struct dsp_uuid *case_id, struct dsp_str offer_id);
/* Offer whose K_offer runs from this entry, NULL = none. */
struct sla_offer_row *sla_store_offer_opened(struct dsp_turn *turn, const struct dsp_uuid *case_id, int64_t opened_seq);
/* A new one; the id is copied. NULL: arena full. */
struct sla_offer_row *sla_store_add_offer(struct dsp_turn *turn, const struct dsp_uuid *case_id,
                                          struct dsp_str offer_id);
/* The settlement that is still being performed, NULL = none. */
struct sla_settlement_row *sla_store_settlement(struct dsp_turn *turn, const struct dsp_uuid *case_id);
struct sla_settlement_row *sla_store_add_settlement(struct dsp_turn *turn, const struct dsp_uuid *case_id,
                                                    int64_t begun_seq);
/* What was paid out for the case's order line, NULL = nothing yet. Wanted with the order id as key. */
struct sla_line_row *sla_store_line(struct dsp_turn *turn, const struct sla_case_row *row);
struct sla_line_row *sla_store_add_line(struct dsp_turn *turn, const struct sla_case_row *row);

#endif
