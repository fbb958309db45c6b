#include "common/io/kafka_conf.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/config.h"
#include "common/base/log.h"

static bool set(rd_kafka_conf_t *conf, const char *name, const char *value)
{
    char why[256];
    if (value && rd_kafka_conf_set(conf, name, value, why, sizeof why) != RD_KAFKA_CONF_OK) {
        dsp_log(DSP_LOG_ERROR, "kafka setting refused", DSP_F_TEXT("kafka.setting", name),
                DSP_F_TEXT("error.message", why));
        return false;
    }
    return true;
}

static bool set_line(rd_kafka_conf_t *conf, char *line)
{
    char *value = strchr(line, '=');
    if (line[0] == '#' || !value) {
        return true;
    }
    *value++ = '\0';
    return set(conf, line, value);
}

static bool set_file(rd_kafka_conf_t *conf, const char *path)
{
    char *text;
    size_t size;
    struct dsp_err err = dsp_read_file(path, &text, &size);
    if (dsp_failed(err)) {
        dsp_log_err(DSP_LOG_ERROR, "KAFKA_PROPERTIES_FILE", err);
        return false;
    }
    bool ok = true;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\r\n", &rest); line && ok; line = strtok_r(NULL, "\r\n", &rest)) {
        ok = set_line(conf, line);
    }
    return ok; /* the text is kept for ever, like all that configuration reads */
}

rd_kafka_conf_t *dsp_kafka_conf(const struct dsp_kafka_access *access, const struct dsp_kafka_setting *settings,
                                size_t count)
{
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    bool ok = set(conf, "bootstrap.servers", access->servers) && set(conf, "client.id", access->client_id) &&
              set(conf, "socket.nagle.disable", "true");
    for (size_t i = 0; ok && i < count; i++) {
        ok = set(conf, settings[i].name, settings[i].value);
    }
    if (ok && access->properties) {
        ok = set_file(conf, access->properties);
    }
    if (!ok) {
        rd_kafka_conf_destroy(conf);
        return NULL;
    }
    return conf;
}
