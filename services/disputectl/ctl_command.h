/* Commands of the gateway and the console, published as docs/EVENTS.md says. */
#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

#include <jansson.h>

#include "common/base/id.h"
#include "disputectl/ctl_kafka.h"

#define CTL_GATEWAY_TOPIC "disputes.gateway.command.v1"
#define CTL_CONSOLE_TOPIC "disputes.console.command.v1"

/* Texts are borrowed for the call. */
struct ctl_command {
    bool console;         /* else the gateway's topic */
    const char *case_id;  /* UUID; NULL: made (for filings) */
    const char *order_id; /* record key */
    const char *role;     /* "MERCHANT", "merchant", "ROLE_MERCHANT" */
    const char *actor_id;
    const char *act;         /* "accept_claim" or "AcceptClaim" */
    const json_t *content;   /* of the act, see ctl_json.h; NULL: {} */
    const json_t *cosigners; /* console: array of {role, id}; NULL: none */
    uint32_t generation;     /* 0: whichever is current */
    const char *command_id;  /* NULL: a new UUIDv7 */
    const char *source;      /* ce_source; NULL: "/gateway" or "/console" */
    int copies;              /* 0 counts as 1: the same record several times */
};

struct ctl_sent {
    char case_id[DSP_UUID_TEXT_BYTES];
    char command_id[128];
    char source[128];
    struct ctl_position first; /* of the first copy */
    struct ctl_position last;
};

/* Writes the command and waits until the broker has it. REJECT FIELD_INVALID names what is wrong with the
 * content or act, nothing is written then; others as ctl_kafka_produce. */
DSP_MUST_USE struct dsp_err ctl_command_send(struct ctl_kafka *kafka, const struct ctl_command *command,
                                             struct ctl_sent *ret_sent);

/* Headers of a record of ours for producers of other records (inbound, platform state): CloudEvents binary
 * mode with a random traceparent. The texts live in `storage`. */
struct ctl_ce {
    const char *id;      /* NULL: a new UUIDv7 */
    const char *source;  /* "/console" */
    const char *type;    /* "cn.example.disputes.platform.state.v1" */
    const char *schema;  /* "urn:proto:disputes.platform.v1.State" */
    const char *subject; /* case id; NULL: none, and no ce_correlationid */
    const char *partition_key;
};
struct ctl_ce_storage {
    char id[128], time[40], traceparent[64];
    struct ctl_header headers[CTL_HEADERS_MAX];
    size_t count;
};
DSP_MUST_USE struct dsp_err ctl_ce_headers(const struct ctl_ce *ce, struct ctl_ce_storage *ret_storage);

#endif
