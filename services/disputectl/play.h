/* `disputectl play FILE…`: plays story files (docs/SAMPLES.md) against the running services, merged into one
 * timeline, and reports every difference. It knows the format and the vocabulary of the dispute machine,
 * never a particular story. */
#ifndef PLAY_H
#define PLAY_H

#include "disputectl/ctl.h"

extern const struct ctl_subcommand PLAY_SUBCOMMAND;

#endif
