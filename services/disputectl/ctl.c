#include "disputectl/ctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "disputectl/ctl_context.h"

/* --- context --- */

struct ctl *ctl_new(void)
{
    return calloc(1, sizeof(struct ctl));
}

void ctl_free(struct ctl *ctl)
{
    if (!ctl) {
        return;
    }
    ctl_rest_free(ctl->rest);
    ctl_admin_free(ctl->admin);
    ctl_kafka_free(ctl->kafka);
    free(ctl);
}

static bool failed(struct ctl *ctl, struct dsp_err err)
{
    if (dsp_failed(err)) {
        ctl->status = ctl_fail(err);
    }
    return dsp_failed(err);
}

struct ctl_kafka *ctl_use_kafka(struct ctl *ctl)
{
    if (!ctl->kafka && failed(ctl, ctl_kafka_new(NULL, &ctl->kafka))) {
        return NULL;
    }
    return ctl->kafka;
}

struct ctl_admin *ctl_use_admin(struct ctl *ctl)
{
    if (!ctl->admin && failed(ctl, ctl_admin_new(&ctl->admin))) {
        return NULL;
    }
    return ctl->admin;
}

struct ctl_rest *ctl_use_rest(struct ctl *ctl)
{
    if (!ctl->rest && ctl_use_kafka(ctl) && ctl_use_admin(ctl)) {
        ctl->rest = ctl_rest_new(ctl->kafka, ctl->admin);
        if (!ctl->rest) {
            ctl->status = ctl_fail(dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory"));
        }
    }
    return ctl->rest;
}

enum ctl_exit ctl_use_status(const struct ctl *ctl)
{
    return ctl->status;
}

/* --- errors --- */

int ctl_fail(struct dsp_err err)
{
    fprintf(stderr, "disputectl: %s\n", err.detail[0] ? err.detail : err.code);
    if (err.kind == DSP_ERR_RETRY) {
        return CTL_EXIT_UNREACHABLE;
    }
    bool input = strcmp(err.code, DSP_CODE_FIELD_INVALID) == 0 || strcmp(err.code, DSP_CODE_CONFIG_INVALID) == 0;
    return input ? CTL_EXIT_USAGE : CTL_EXIT_FAILED;
}

int ctl_usage(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("disputectl: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("\ntry: disputectl help, or disputectl SUBCOMMAND --help\n", stderr);
    va_end(arguments);
    return CTL_EXIT_USAGE;
}

/* --- options --- */

static const struct ctl_option *find(const struct ctl_option *options, const char *word, size_t size)
{
    for (; options->name; options++) {
        if (strlen(options->name) == size && strncmp(options->name, word, size) == 0) {
            return options;
        }
    }
    return NULL;
}

/* One word that begins with "--"; `*at` moves past a value that stands apart. */
static bool take_option(const struct ctl_option *options, int argc, char **argv, int *at)
{
    const char *word = argv[*at] + 2;
    const char *equals = strchr(word, '=');
    const struct ctl_option *option = find(options, word, equals ? (size_t)(equals - word) : strlen(word));
    if (!option) {
        ctl_usage("no such option: %s", argv[*at]);
        return false;
    }
    if (option->flag) {
        if (equals) {
            ctl_usage("--%s takes no value", option->name);
            return false;
        }
        *option->flag = true;
        return true;
    }
    if (equals) {
        *option->value = equals + 1;
        return true;
    }
    if (*at + 1 >= argc) {
        ctl_usage("--%s wants %s", option->name, option->argument);
        return false;
    }
    *option->value = argv[++*at];
    return true;
}

int ctl_options(const struct ctl_option *options, int argc, char **argv)
{
    int left = 0;
    bool ended = false;
    for (int i = 0; i < argc; i++) {
        if (!ended && strcmp(argv[i], "--") == 0) {
            ended = true;
        } else if (!ended && strncmp(argv[i], "--", 2) == 0) {
            if (!take_option(options, argc, argv, &i)) {
                return -1;
            }
        } else {
            argv[left++] = argv[i];
        }
    }
    return left;
}

void ctl_options_help(const struct ctl_option *options)
{
    for (; options->name; options++) {
        char head[64];
        snprintf(head, sizeof head, "--%s%s%s", options->name, options->value ? " " : "",
                 options->value ? options->argument : "");
        printf("  %-19s %s\n", head, options->help ? options->help : "");
    }
}
