/* The context behind ctl.h; main.c makes one. */
#ifndef CTL_CONTEXT_H
#define CTL_CONTEXT_H

#include "disputectl/ctl.h"

struct ctl {
    struct ctl_kafka *kafka;
    struct ctl_admin *admin;
    struct ctl_rest *rest;
    int status; /* of the last thing that could not be had */
};

struct ctl *ctl_new(void);      /* NULL: out of memory */
void ctl_free(struct ctl *ctl); /* NULL is fine */

#endif
