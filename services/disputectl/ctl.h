/* The program: one table of subcommands (main.c), one context. */
#ifndef CTL_H
#define CTL_H

#include <stdbool.h>
#include <stddef.h>

#include "disputectl/ctl_admin.h"
#include "disputectl/ctl_kafka.h"
#include "disputectl/ctl_rest.h"

enum ctl_exit {
    CTL_EXIT_OK = 0,
    CTL_EXIT_FAILED = 1,      /* refused, broken, different */
    CTL_EXIT_USAGE = 2,       /* the command line or its input is wrong */
    CTL_EXIT_UNREACHABLE = 3, /* Kafka or a service does not answer */
};

/* Made on first use, so that `codes` and --help need no server. */
struct ctl;

/* Each prints its error on stderr and returns NULL when it cannot be had. Borrowed from the context. */
struct ctl_kafka *ctl_use_kafka(struct ctl *ctl);
struct ctl_admin *ctl_use_admin(struct ctl *ctl);
struct ctl_rest *ctl_use_rest(struct ctl *ctl);
/* Which exit status to give after NULL from one of the above. */
enum ctl_exit ctl_use_status(const struct ctl *ctl);

/* Prints "disputectl: …" for an error and returns the exit status that fits it. */
int ctl_fail(struct dsp_err err);
/* The same for a wrong command line: prints the message and "try disputectl … --help". */
int ctl_usage(const char *format, ...) DSP_PRINTF(1, 2);

struct ctl_option {
    const char *name;     /* without "--"; NULL ends the list */
    const char **value;   /* takes a value: "--name VALUE" or "--name=VALUE" */
    bool *flag;           /* or stands alone */
    const char *argument; /* what the value is, for messages: "FILE" */
    const char *help;     /* NULL: the subcommand's help text says it */
};
#define CTL_VALUE(option, variable, what)                          \
    {                                                              \
        .name = (option), .value = &(variable), .argument = (what) \
    }
#define CTL_FLAG(option, variable)            \
    {                                         \
        .name = (option), .flag = &(variable) \
    }
#define CTL_OPTIONS_END \
    {                   \
        .name = NULL    \
    }

/* Takes options out of argv (they may stand anywhere; "--" ends them) and moves the rest to the front.
 * -1: unknown option or missing value, said on stderr; else the number of words that are left. */
int ctl_options(const struct ctl_option *options, int argc, char **argv);
/* Name and help text of each, a line each. */
void ctl_options_help(const struct ctl_option *options);

struct ctl_subcommand {
    const char *name;      /* "case" */
    const char *arguments; /* "show CASE_ID [--json]" */
    const char *summary;   /* one line for the list */
    const char *help;      /* paragraphs for `disputectl NAME --help`, ends in a newline */
    /* argv without the subcommand's name. Returns an exit status. */
    int (*run)(struct ctl *ctl, int argc, char **argv);
    const struct ctl_option *options; /* printed after `help` when they have texts of their own; may be NULL */
};

#endif
