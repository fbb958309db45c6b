/* Offers and settlements (docs/MACHINE.md, 7.2). Pure: no clock, no I/O.
 *
 * What sla finds is provisional until it stands in the log: an offer keeps the state it was given last and the state
 * the log has; when the log refuses a finding, the first goes back to the second. Times are domain milliseconds,
 * amounts fen, sides disputes.common.v1.Role, remedies disputes.common.v1.Remedy (the codec checks both). */
#ifndef SLA_DOMAIN_OFFER_H
#define SLA_DOMAIN_OFFER_H

#include <stdbool.h>
#include <stdint.h>

/* What each state waits for and what ends it. */
enum sla_offer_state {
    SLA_OFFER_NONE = 0,      /* of the log only: OfferOpened has been said and is not in the log yet */
    SLA_OFFER_OPEN = 1,      /* the receiver's answer; ends by any other state */
    SLA_OFFER_ACCEPTED = 2,  /* end: the settlement goes on */
    SLA_OFFER_REJECTED = 3,  /* end */
    SLA_OFFER_COUNTERED = 4, /* end: the counter-offer is open in its place */
    SLA_OFFER_EXPIRED = 5,   /* end: K_offer ran out, or the stage in which offers are made was left */
    SLA_OFFER_RETRACTED = 6, /* end */
    SLA_OFFER_STATES,
};

/* What happens to an offer. */
enum sla_offer_input {
    SLA_OFFER_INPUT_COUNTER = 1, /* CounterOffer by the receiver */
    SLA_OFFER_INPUT_ACCEPT,      /* AcceptOffer by the receiver, stamped at or before expiry */
    SLA_OFFER_INPUT_REJECT,      /* RejectOffer by the receiver */
    SLA_OFFER_INPUT_RETRACT,     /* RetractOffer by the maker */
    SLA_OFFER_INPUT_EXPIRE,      /* the log has the breach of its K_offer */
    SLA_OFFER_INPUT_LEAVE,       /* the case is where no offers are made */
    SLA_OFFER_INPUTS,
};

/* Why an act on an offer has no effect. */
enum sla_offer_refusal {
    SLA_OFFER_TAKEN = 0,
    SLA_OFFER_NOT_YOURS,    /* the maker answers, or the receiver takes back */
    SLA_OFFER_TOO_LATE,     /* accepted after expiry */
    SLA_OFFER_LIMIT,        /* five a side */
    SLA_OFFER_UNKNOWN,      /* no such offer in this case */
    SLA_OFFER_CLOSED,       /* not open, or not in the log yet */
    SLA_OFFER_ANOTHER_OPEN, /* one at a time */
    SLA_OFFER_ID_USED,      /* the id names another offer, or is empty or too long */
    SLA_OFFER_TERMS,        /* no remedy, no sum, or another currency */
    SLA_OFFER_AMOUNT,       /* more than is unpaid on the order line */
    SLA_OFFER_LIFE,         /* life out of bounds */
    SLA_OFFER_PERFORM,      /* term of performance out of bounds */
    SLA_OFFER_REFUSALS,
};

/* Code of docs/EVENTS.md, and the guard with GUARD_FAILED, else "". */
struct sla_offer_refusal_text {
    const char *code, *guard;
};
extern const struct sla_offer_refusal_text SLA_OFFER_REFUSAL_TEXTS[SLA_OFFER_REFUSALS];

#define SLA_OFFERS_A_SIDE 5
#define SLA_OFFER_ID_MAX_BYTES 64
#define SLA_OFFER_PERFORM_MAX_MS (INT64_C(365) * 24 * 3600000)

struct sla_offer {
    enum sla_offer_state state;     /* with what was found since */
    enum sla_offer_state log_state; /* as the log has it */
    int32_t maker, receiver;
    int64_t due_ms; /* accepted up to and including this instant */
};

struct sla_terms {
    int32_t remedy;
    int64_t amount_minor;
    bool other_currency; /* anything but CNY */
    int64_t life_ms;     /* 0 = policy */
    int64_t perform_ms;  /* 0 = policy */
};

/* What an offer is measured against. */
struct sla_board {
    bool id_used;           /* the new id already names an offer of the case, or is none */
    bool another_open;      /* besides the one that is countered */
    int made;               /* by this side in this generation */
    int64_t unpaid_minor;   /* on the order line */
    int64_t policy_life_ms; /* budget of K_offer */
};

/* The other side of a party. */
int32_t sla_other_side(int32_t side);
/* Where an input leads; SLA_OFFER_NONE: the cell is empty. */
enum sla_offer_state sla_offer_next(enum sla_offer_state from, enum sla_offer_input input);
/* An act by one side at its stamp: taken into `offer` (provisional), or refused and nothing changes. */
enum sla_offer_refusal sla_offer_act(struct sla_offer *offer, enum sla_offer_input act, int32_t side, int64_t time_ms);
/* Whether an act would be taken; changes nothing. */
enum sla_offer_refusal sla_offer_would(const struct sla_offer *offer, enum sla_offer_input act, int32_t side,
                                       int64_t time_ms);
/* Whether a new offer may be made. */
enum sla_offer_refusal sla_offer_check(const struct sla_board *board, const struct sla_terms *terms);
/* A new one, provisional, open from `time_ms` on. */
struct sla_offer sla_offer_open(const struct sla_board *board, const struct sla_terms *terms, int32_t maker,
                                int64_t time_ms);
/* The log has a finding that leaves the offer in this state. true: something changed. */
bool sla_offer_confirmed(struct sla_offer *offer, enum sla_offer_state state);
/* The log has refused a finding about the offer: back to what the log has. */
void sla_offer_undone(struct sla_offer *offer);
/* The case has come where no offers are made. true: the log ends the offer by it. */
bool sla_offer_left(struct sla_offer *offer);
const char *sla_offer_state_name(int state);

/* A settlement: what each state waits for and what ends it. */
enum sla_settlement_state {
    SLA_SETTLEMENT_PERFORMING = 1, /* performance; ends by any other state */
    SLA_SETTLEMENT_PERFORMED = 2,  /* end: SettlementPerformed */
    SLA_SETTLEMENT_DEFAULTED = 3,  /* end: SettlementDefaulted, it is enforced */
    SLA_SETTLEMENT_RESCINDED = 4,  /* end: SettlementRescinded */
    SLA_SETTLEMENT_LAPSED = 5,     /* end: RemedyLapsed, the goods never came back */
    SLA_SETTLEMENT_STATES,
};

enum sla_settlement_input {
    SLA_SETTLEMENT_INPUT_NONE = 0,
    SLA_SETTLEMENT_INPUT_BEGIN, /* OfferAccepted, SettledInArbitration: a new one */
    SLA_SETTLEMENT_INPUT_PERFORM,
    SLA_SETTLEMENT_INPUT_DEFAULT,
    SLA_SETTLEMENT_INPUT_RESCIND,
    SLA_SETTLEMENT_INPUT_LAPSE,
    SLA_SETTLEMENT_INPUTS,
};

/* true: the state changed. */
bool sla_settlement_decide(enum sla_settlement_state *state, enum sla_settlement_input input);
const char *sla_settlement_state_name(int state);

#endif
