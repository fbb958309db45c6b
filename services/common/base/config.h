/* Settings from environment variables, declared once in a table: start-up check, `--check-config`,
 * `--help` and docs/CONFIG.md come from it. NAME_FILE may name a file that holds the value of NAME. */
#ifndef DSP_CONFIG_H
#define DSP_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/base/err.h"

enum dsp_setting_type {
    DSP_SETTING_TEXT, /* const char *, NULL when unset without default */
    DSP_SETTING_INT,  /* int64_t within min..max */
    DSP_SETTING_BOOL, /* bool: 0, 1, true, false */
};

struct dsp_setting {
    const char *name; /* the environment variable */
    enum dsp_setting_type type;
    size_t offset;        /* of the member in the settings struct */
    const char *fallback; /* as text; NULL: none */
    bool required;
    bool secret; /* never printed; NAME_FILE is the recommended way */
    int64_t min, max;
    const char *help; /* one sentence, unit included */
};

#define DSP_SETTINGS_END \
    {                    \
        .name = NULL     \
    }

/* Fills `settings` from the environment. Text members are owned by the process and never freed.
 * FATAL CONFIG_INVALID names the first variable that is wrong. Unknown HESHI_* variables that no table
 * of `tables` (NULL-terminated list of tables) declares are errors too; HESHI_RUN_DIR, HESHI_ADMIN, HESHI_DOORS,
 * HESHI_OWN_KAFKA, HESHI_STANDINS, HESHI_PARTITIONS and HESHI_POLICY belong to the scripts and are let through. */
DSP_MUST_USE struct dsp_err dsp_config_load(const struct dsp_setting *const *tables, void *const *settings);
/* One line per setting: value in force (secrets as "set"/"unset"), for --check-config. */
void dsp_config_print(const struct dsp_setting *table, const void *settings, FILE *out);
/* Markdown table rows, for docs/CONFIG.md. */
void dsp_config_document(const struct dsp_setting *table, FILE *out);
/* Reads a small file (at most 64 KiB), trailing newline cut; the text is owned by the process. */
DSP_MUST_USE struct dsp_err dsp_read_file(const char *path, char **ret_text, size_t *ret_size);

#endif
