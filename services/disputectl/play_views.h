/* How the player reads the services' own views: GET /cases/{id} and /platforms/{id}. All names of tables and
 * fields that it relies on stand in one table in play_views.c; each may have several spellings. */
#ifndef PLAY_VIEWS_H
#define PLAY_VIEWS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum play_table {
    PLAY_VIEW_CLOCKS,     /* sla */
    PLAY_VIEW_OFFERS,     /* sla */
    PLAY_VIEW_DUTIES,     /* fund */
    PLAY_VIEW_GROUPS,     /* fund: posting groups in order */
    PLAY_VIEW_LEGS,       /* fund: one debit and one credit each */
    PLAY_VIEW_BALANCES,   /* fund, of a platform: accounts that are not zero */
    PLAY_VIEW_DELIVERIES, /* notification */
    PLAY_VIEW_DOCKET,     /* intake: one row */
    PLAY_TABLES,
};

enum play_field {
    PLAY_FIELD_KIND,  /* clock ("K_perform") or duty ("PAY") */
    PLAY_FIELD_SIDE,  /* CONSUMER, MERCHANT … */
    PLAY_FIELD_CAUSE, /* log sequence that a clock runs from */
    PLAY_FIELD_STATE,
    PLAY_FIELD_ID,       /* of an offer */
    PLAY_FIELD_MAKER,    /* of an offer: CONSUMER, MERCHANT */
    PLAY_FIELD_ENDED,    /* log sequence that ended it */
    PLAY_FIELD_AMOUNT,   /* fen */
    PLAY_FIELD_GROUP,    /* posting group */
    PLAY_FIELD_SEQUENCE, /* log entry */
    PLAY_FIELD_STEP,     /* of a group */
    PLAY_FIELD_DEBIT,    /* account of a leg: FUND_FREE, FUND_RESERVED[019…] */
    PLAY_FIELD_CREDIT,
    PLAY_FIELD_ACCOUNT, /* of a balance, the same form */
    PLAY_FIELD_BALANCE, /* fen, on the account's own side */
    PLAY_FIELD_PAPER,   /* true: it needs proof of service */
    PLAY_FIELD_ACK,     /* true: the acknowledgement of the filing */
    PLAY_FIELD_RUNG,    /* of the delivery ladder */
    PLAY_FIELD_STAGE,
    PLAY_FIELD_LOG, /* newest log sequence that a row has seen */
    PLAY_FIELDS,
};

/* Rows of a table of a view; NULL when the view has none. Borrowed. */
const json_t *play_view_rows(const json_t *view, enum play_table table);
/* Field of a row; NULL: it has none of that name. Borrowed. */
const json_t *play_view_field(const json_t *row, enum play_field field);
int64_t play_view_number(const json_t *row, enum play_field field);   /* 0 when there is none */
const char *play_view_text(const json_t *row, enum play_field field); /* "" when there is none; borrowed */
bool play_view_true(const json_t *row, enum play_field field);
/* Which side an account grows on: +1 debit (BANK and what others owe), -1 credit. */
int play_account_sign(const char *account);

#endif
