/* One record for people. */
#ifndef CTL_RECORDS_H
#define CTL_RECORDS_H

#include <jansson.h>

#include "disputectl/ctl_kafka.h"

/* Topic, position, key, headers and the value, decoded by the topic's root message; `raw` adds its bytes as base64,
 * so that what was written can be verified later (always when it cannot be decoded). New reference. */
json_t *record_json(const struct ctl_message *message, bool raw);

#endif
