#include "common/base/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/codes.h"
#include "common/base/str.h"

#define FILE_MAX_BYTES ((size_t)64 * 1024)
#define NAME_BYTES 128
#define FILE_SUFFIX "_FILE"

/* Set for the scripts that start us, never read by a service. */
static const char *const SCRIPT_VARIABLES[] = {
    "HESHI_RUN_DIR",  "HESHI_ADMIN",      "HESHI_DOORS",  "HESHI_OWN_KAFKA",
    "HESHI_STANDINS", "HESHI_PARTITIONS", "HESHI_POLICY",
};

/* Texts live as long as the process; the chain keeps them reachable, so leak checkers stay quiet. */
struct kept {
    struct kept *next;
    char text[];
};
static struct kept *kept_texts;

/* Room for `size_bytes` and a zero byte. NULL: out of memory. */
static char *keep(size_t size_bytes)
{
    struct kept *kept = calloc(1, sizeof *kept + size_bytes + 1);
    if (!kept) {
        return NULL;
    }
    kept->next = kept_texts;
    kept_texts = kept;
    return kept->text;
}

static struct dsp_err invalid_memory(const char *name)
{
    return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s: out of memory", name);
}

static void close_file(FILE **file)
{
    if (*file) {
        (void)fclose(*file);
    }
}

struct dsp_err dsp_read_file(const char *path, char **ret_text, size_t *ret_size)
{
    FILE *file __attribute__((cleanup(close_file))) = fopen(path, "re");
    if (!file) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s: %s", path, strerror(errno));
    }
    char *text = keep(FILE_MAX_BYTES + 1);
    if (!text) {
        return invalid_memory(path);
    }
    size_t size = fread(text, 1, FILE_MAX_BYTES + 1, file);
    if (ferror(file)) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s: %s", path, strerror(errno));
    }
    if (size > FILE_MAX_BYTES) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s: larger than %zu bytes", path, FILE_MAX_BYTES);
    }
    if (size > 0 && text[size - 1] == '\n') {
        size--;
    }
    text[size] = '\0';
    *ret_text = text;
    *ret_size = size;
    return dsp_ok();
}

/* The value of NAME or of the file that NAME_FILE names. An empty variable counts as unset, because
 * compose files and scripts pass those on. */
static struct dsp_err read_variable(const char *name, const char **ret_text)
{
    char file_name[NAME_BYTES];
    (void)snprintf(file_name, sizeof file_name, "%s" FILE_SUFFIX, name);
    const char *value = getenv(name);
    const char *path = getenv(file_name);
    bool has_value = value && value[0];
    bool has_path = path && path[0];
    if (has_value && has_path) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s and %s are both set", name, file_name);
    }
    char *text = NULL;
    size_t size = 0;
    if (has_path) {
        DSP_TRY(dsp_read_file(path, &text, &size));
        if (!text || strlen(text) != size) {
            return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s: the file holds a zero byte", file_name);
        }
    } else if (has_value) {
        text = keep(strlen(value)); /* a copy: setenv may move the environment */
        if (!text) {
            return invalid_memory(name);
        }
        strcpy(text, value);
    }
    *ret_text = text && text[0] ? text : NULL;
    return dsp_ok();
}

static struct dsp_err store_int(const struct dsp_setting *setting, const char *text, int64_t *member)
{
    int64_t number;
    if (!dsp_str_to_int64(dsp_str_from(text), &number) || number < setting->min || number > setting->max) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s: must be a whole number from %" PRId64 " to %" PRId64,
                         setting->name, setting->min, setting->max);
    }
    *member = number;
    return dsp_ok();
}

static struct dsp_err store_bool(const struct dsp_setting *setting, const char *text, bool *member)
{
    bool yes = strcmp(text, "1") == 0 || strcmp(text, "true") == 0;
    if (!yes && strcmp(text, "0") != 0 && strcmp(text, "false") != 0) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s: must be 0, 1, true or false", setting->name);
    }
    *member = yes;
    return dsp_ok();
}

/* Messages never repeat the value: it may be a secret in the wrong place. */
static struct dsp_err load_setting(const struct dsp_setting *setting, void *settings)
{
    const char *text = NULL;
    void *member = (char *)settings + setting->offset;
    DSP_TRY(read_variable(setting->name, &text));
    if (!text && setting->required) {
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s: is required", setting->name);
    }
    if (!text) {
        text = setting->fallback;
    }
    switch (setting->type) {
    case DSP_SETTING_TEXT:
        *(const char **)member = text;
        return dsp_ok();
    case DSP_SETTING_INT:
        return text ? store_int(setting, text, member) : dsp_ok();
    case DSP_SETTING_BOOL:
        return text ? store_bool(setting, text, member) : dsp_ok();
    }
    return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s: the table names no type", setting->name);
}

/* NAME or NAME_FILE. */
static bool names(struct dsp_str variable, const char *name)
{
    size_t length = strlen(name);
    if (!dsp_str_starts(variable, name)) {
        return false;
    }
    return dsp_str_is((struct dsp_str){variable.ptr + length, variable.len - length}, FILE_SUFFIX) ||
           variable.len == length;
}

static bool is_declared(struct dsp_str variable, const struct dsp_setting *const *tables)
{
    for (size_t i = 0; i < sizeof SCRIPT_VARIABLES / sizeof SCRIPT_VARIABLES[0]; i++) {
        if (dsp_str_is(variable, SCRIPT_VARIABLES[i])) {
            return true;
        }
    }
    for (size_t i = 0; tables[i]; i++) {
        for (const struct dsp_setting *setting = tables[i]; setting->name; setting++) {
            if (names(variable, setting->name)) {
                return true;
            }
        }
    }
    return false;
}

/* A misspelt variable must not pass for a default. */
static struct dsp_err refuse_unknown(const struct dsp_setting *const *tables)
{
    for (char **entry = environ; entry && *entry; entry++) {
        struct dsp_str variable = {*entry, strcspn(*entry, "=")};
        if (dsp_str_starts(variable, "HESHI_") && !is_declared(variable, tables)) {
            return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%.*s: no such setting", DSP_STR_ARG(variable));
        }
    }
    return dsp_ok();
}

struct dsp_err dsp_config_load(const struct dsp_setting *const *tables, void *const *settings)
{
    DSP_TRY(refuse_unknown(tables));
    for (size_t i = 0; tables[i]; i++) {
        for (const struct dsp_setting *setting = tables[i]; setting->name; setting++) {
            DSP_TRY(load_setting(setting, settings[i]));
        }
    }
    return dsp_ok();
}

static void print_value(const struct dsp_setting *setting, const void *member, FILE *out)
{
    const char *text = setting->type == DSP_SETTING_TEXT ? *(const char *const *)member : NULL;
    if (setting->secret) {
        (void)fputs(text || setting->type != DSP_SETTING_TEXT ? "set" : "unset", out);
        return;
    }
    switch (setting->type) {
    case DSP_SETTING_TEXT:
        (void)fputs(text ? text : "", out);
        break;
    case DSP_SETTING_INT:
        (void)fprintf(out, "%" PRId64, *(const int64_t *)member);
        break;
    case DSP_SETTING_BOOL:
        (void)fputs(*(const bool *)member ? "true" : "false", out);
        break;
    }
}

void dsp_config_print(const struct dsp_setting *table, const void *settings, FILE *out)
{
    for (const struct dsp_setting *setting = table; setting->name; setting++) {
        (void)fprintf(out, "%s=", setting->name);
        print_value(setting, (const char *)settings + setting->offset, out);
        (void)fputc('\n', out);
    }
}

static void print_range(const struct dsp_setting *setting, FILE *out)
{
    switch (setting->type) {
    case DSP_SETTING_TEXT:
        (void)fputs(setting->secret ? "text, secret" : "text", out);
        break;
    case DSP_SETTING_INT:
        (void)fprintf(out, "%" PRId64 " … %" PRId64, setting->min, setting->max);
        break;
    case DSP_SETTING_BOOL:
        (void)fputs("true or false", out);
        break;
    }
}

void dsp_config_document(const struct dsp_setting *table, FILE *out)
{
    for (const struct dsp_setting *setting = table; setting->name; setting++) {
        const char *fallback = setting->fallback ? setting->fallback : "";
        (void)fprintf(out, "| `%s` | ", setting->name);
        print_range(setting, out);
        (void)fprintf(out, " | %s | %s |\n", setting->required ? "required" : fallback, setting->help);
    }
}
