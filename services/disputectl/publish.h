/* What subcommands that publish a command share. */
#ifndef CTL_PUBLISH_H
#define CTL_PUBLISH_H

#include <jansson.h>

#include "disputectl/ctl.h"
#include "disputectl/ctl_command.h"
#include "disputectl/ctl_facts.h"

/* What every command may be given. */
struct publish_common {
    const char *order, *as, *id, *source, *copies, *generation, *wait;
};

#define PUBLISH_OPTIONS(common)                                                                       \
    CTL_VALUE("order", (common).order, "ORDER"), CTL_VALUE("as", (common).as, "ID"),                  \
        CTL_VALUE("id", (common).id, "COMMAND_ID"), CTL_VALUE("source", (common).source, "SOURCE"),   \
        CTL_VALUE("copies", (common).copies, "N"), CTL_VALUE("generation", (common).generation, "N"), \
        CTL_VALUE("wait", (common).wait, "DURATION"), CTL_OPTIONS_END

#define PUBLISH_HELP                                                                                    \
    "  --order ORDER       order id; taken from the filing when left out\n"                             \
    "  --as ID             who acts; the party's own id is taken from the filing when left out\n"       \
    "  --id COMMAND_ID     the same id again gets the first answer again; made when left out\n"         \
    "  --source SOURCE     ce_source; /gateway or /console\n"                                           \
    "  --copies N          publish the same record N times\n"                                           \
    "  --generation N      generation of the case that was seen, 0 = whichever is current\n"            \
    "  --wait DURATION     how long to wait for the outcome, 5s; 0s = not at all\n\n"                   \
    "Prints case id and command id, then the entry or the refusal, then the finding of an act that a\n" \
    "service looks into. Exit status 1 when it had no effect.\n"

/* Completes a command from the common options and, when something is missing, from the filing (`known`: already
 * looked up), publishes it, prints what came of it. An exit status. */
int publish_command(struct ctl *ctl, const struct publish_common *common, const struct ctl_command *asked,
                    const struct ctl_facts *known);
/* The same for a gateway act of a party; takes the reference to `content`. */
int publish_party(struct ctl *ctl, const struct publish_common *common, const char *case_id, const char *role,
                  const char *act, json_t *content, const struct ctl_facts *known);

/* Takes the options of a subcommand whose only word is a case id; that id. NULL: said on stderr. */
const char *publish_case_word(const struct ctl_option *options, int argc, char **argv);

/* Set a member unless the value is NULL. */
void publish_set_text(json_t *object, const char *name, const char *value);
/* false: not an amount, said on stderr. */
bool publish_set_amount(json_t *object, const char *name, const char *option, const char *value);

#endif
