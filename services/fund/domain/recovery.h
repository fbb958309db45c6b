/* What the merchant owes the fund, and sanctions that go with it (docs/MACHINE.md, 7.6 and 8.3). Pure. */
#ifndef FUND_RECOVERY_H
#define FUND_RECOVERY_H

#include <stdbool.h>
#include <stdint.h>

/* What each state waits for and what ends it. */
enum fund_recovery_state {
    FUND_RECOVERY_NONE = 0,
    FUND_RECOVERY_OPENED = 1,      /* the payout to be confirmed; nothing is collected before */
    FUND_RECOVERY_DEMANDED = 2,    /* the merchant, or a settlement run */
    FUND_RECOVERY_PARTIAL = 3,     /* the rest */
    FUND_RECOVERY_RECOVERED = 4,   /* end */
    FUND_RECOVERY_DISPUTED = 5,    /* people to look at it */
    FUND_RECOVERY_WRITTEN_OFF = 6, /* end: two people signed */
    FUND_RECOVERY_ANNULLED = 7,    /* end: no longer owed */
    FUND_RECOVERY_STATE_COUNT,
};

enum fund_recovery_input {
    FUND_RECOVERY_DEMAND = 1,
    FUND_RECOVERY_RECEIVE_PART,
    FUND_RECOVERY_RECEIVE_ALL,
    FUND_RECOVERY_CONTEST,
    FUND_RECOVERY_WRITE_OFF,
    FUND_RECOVERY_ANNUL,
    FUND_RECOVERY_INPUT_COUNT,
};

/* The next state; NONE: forbidden, nothing changes. */
enum fund_recovery_state fund_recovery_decide(enum fund_recovery_state state, enum fund_recovery_input input);
bool fund_recovery_live(enum fund_recovery_state state);
const char *fund_recovery_state_name(int state);

/* Days after the confirmation on which a demand is made; 0 is the confirmation itself. */
#define FUND_DEMAND_COUNT 3
extern const int32_t FUND_DEMAND_DAYS[FUND_DEMAND_COUNT];
/* The day after `day`; 0: none is left. */
int32_t fund_demand_after(int32_t day);

enum fund_sanction_state { FUND_SANCTION_SAID = 0, FUND_SANCTION_APPLIED = 1, FUND_SANCTION_LIFTED = 2 };
#define FUND_RUNG_MAX 4
/* The rung of the next sanction after so many in a case; 0: the ladder ends. */
int32_t fund_sanction_rung(int32_t so_far);
const char *fund_sanction_state_name(int state);

#endif
