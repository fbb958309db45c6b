/* Platform state: what belongs to one marketplace, published whole part by part. */
#ifndef CTL_PLATFORM_H
#define CTL_PLATFORM_H

#include <jansson.h>

#include "disputectl/ctl_kafka.h"

#define CTL_PLATFORM_TOPIC "disputes.platform.state.v1"

/* Publishes State messages (a JSON array of them, or one object; see ctl_json.h) in order, with the key
 * "platform/part/version", a deposit "platform/deposit/version/merchant". All are read before the first is
 * written. REJECT FIELD_INVALID: content, or a state without platform, version or part. */
DSP_MUST_USE struct dsp_err ctl_platform_put(struct ctl_kafka *kafka, const json_t *states, size_t *ret_count);

#endif
