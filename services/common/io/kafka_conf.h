/* Settings of every Kafka client of a service: ours first, then those of the operator's file (TLS, SASL). */
#ifndef DSP_KAFKA_CONF_H
#define DSP_KAFKA_CONF_H

#include <librdkafka/rdkafka.h>
#include <stddef.h>

struct dsp_kafka_access {
    const char *servers; /* KAFKA_BOOTSTRAP_SERVERS */
    const char *client_id;
    const char *properties; /* KAFKA_PROPERTIES_FILE: key=value lines, '#' comments; NULL = none */
};

struct dsp_kafka_setting {
    const char *name;
    const char *value; /* NULL: left out */
};

/* The caller owns the result. NULL: a setting is wrong or the file is not readable (logged). */
rd_kafka_conf_t *dsp_kafka_conf(const struct dsp_kafka_access *access, const struct dsp_kafka_setting *settings,
                                size_t count);

#endif
