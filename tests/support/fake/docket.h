/* All six services below their handlers, and one case: what one says is carried to the others by hand or pumped until
 * nothing moves. The entries that followers read are those that the real intake wrote. */
#ifndef DSP_TEST_DOCKET_H
#define DSP_TEST_DOCKET_H

#include "disputes/case/v1/event.pb-c.h"
#include "support/fake/service.h"

#define DOCKET_LOG "disputes.case.event.v1"
#define DOCKET_KEYS "disputes.case.key.v1"
#define DOCKET_GATEWAY "disputes.gateway.command.v1"
#define DOCKET_CONSOLE "disputes.console.command.v1"
#define DOCKET_ORDER "o-1"
#define DOCKET_PLATFORM "p"

enum docket_service {
    DOCKET_INTAKE,
    DOCKET_SLA,
    DOCKET_INVESTIGATION,
    DOCKET_ARBITRATION,
    DOCKET_FUND,
    DOCKET_NOTIFICATION,
    DOCKET_COUNT
};

struct docket {
    struct fake *of[DOCKET_COUNT];
    struct dsp_uuid case_id;
    char case_text[DSP_UUID_TEXT_BYTES];
    int commands;
    bool deaf[DOCKET_COUNT]; /* is not pumped to: a test carries its records itself */
};

/* A platform "p" with start values, a fund of 100000.00 yuan, transfers, one agent, one docket officer. */
struct docket *docket_new(void);
void docket_free(struct docket *docket); /* NULL is fine */

/* Domain time of all services. */
void docket_at(struct docket *docket, int64_t now_ms);
/* A command of the gateway or the console; `id` NULL: a new one. `act` is "name": {content} of the command. */
struct fake_record docket_command(struct docket *docket, const char *topic, const char *id, const char *role,
                                  const char *actor, const char *act);
/* Delivers it, expects that intake reads it, and pumps. */
void docket_act(struct docket *docket, const char *topic, const char *role, const char *actor, const char *act);
/* FileComplaint of a refund of 129.00 yuan for a reason, admitted by rule. Pumps. */
void docket_file(struct docket *docket, const char *reason);
/* The same where both standing terms hold an arbitration clause: waits in SCREENING for an agent. */
void docket_file_with_clauses(struct docket *docket, const char *reason);
/* Carries everything that went out to whoever reads it, until nothing moves. */
void docket_pump(struct docket *docket);
/* Moves time to an instant, firing what is due on the way, in order. Pumps. */
void docket_pass(struct docket *docket, int64_t until_ms);

/* The n-th log entry (1 = first; negative: from the end), read; NULL: none. */
const Disputes__Case__V1__Entry *docket_entry(struct docket *docket, int n);
size_t docket_entries(const struct docket *docket);
/* The newest entry of a type; NULL: none. */
const Disputes__Case__V1__Entry *docket_last(struct docket *docket, int type);
/* The same as it stands on the topic. */
const struct fake_out *docket_last_out(struct docket *docket, int type);
int docket_stage(struct docket *docket);
/* Rows of the case in a table of a service, alive until its next turn. */
struct dsp_list *docket_rows(struct docket *docket, enum docket_service service, const char *table);

/* An entry of the log that took a finding, as if the log had refused it: for `to`. */
struct fake_record docket_refused(struct docket *docket, enum docket_service to, const struct fake_out *taken);

/* What every follower owes a log that is not as it should be: garbage, nothing in it, another key, headers that
 * disagree, no first entry, a tombstone: refused with a code; the same entry again: nothing. The follower must know
 * the case, with at least two entries. */
void docket_check_follower(struct docket *docket, enum docket_service service);

#endif
