/* What was filed, out of the first entry of a case: saves people from typing it again. */
#ifndef CTL_FACTS_H
#define CTL_FACTS_H

#include "common/base/id.h"
#include "disputectl/ctl_kafka.h"

struct ctl_facts {
    char case_id[DSP_UUID_TEXT_BYTES];
    char order_id[256], platform_id[256];
    char consumer_id[256], merchant_id[256];
    char remedy[32]; /* "REFUND" */
    int64_t amount_minor;
};

/* Reads the case log from the beginning until it finds the filing. REJECT FIELD_INVALID: no such case. */
DSP_MUST_USE struct dsp_err ctl_facts_find(struct ctl_kafka *kafka, const char *case_id, struct ctl_facts *ret_facts);

#endif
