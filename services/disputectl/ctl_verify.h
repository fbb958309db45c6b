/* The hash chain of the case log: sequences from 1 without gaps, previous_hash = SHA-256 of the
 * previous entry's value as published, header ce_entryhash = SHA-256 of this one. Pure: works on records
 * wherever they came from. */
#ifndef CTL_VERIFY_H
#define CTL_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/id.h"
#include "common/base/str.h"

struct ctl_chain; /* opaque: the heads of all cases seen */

struct ctl_chain *ctl_chain_new(void); /* NULL: out of memory */
void ctl_chain_free(struct ctl_chain *chain);

/* Takes the next record of a partition. An exact repetition of an entry (publishing is at least once) is
 * counted and ignored. false: the chain is broken there; `ret_problem` says how, for people ("case …: sequence
 * 7 follows 5"). The case counts as broken from then on and its further entries are not checked. */
bool ctl_chain_add(struct ctl_chain *chain, struct dsp_str value, struct dsp_str entry_hash_hex, char *ret_problem,
                   size_t problem_size);

struct ctl_chain_result {
    size_t cases, entries, repeated, broken;
};
struct ctl_chain_result ctl_chain_result(const struct ctl_chain *chain);
/* Entries of one case seen so far; 0: none. */
uint64_t ctl_chain_length(const struct ctl_chain *chain, const struct dsp_uuid *case_id);

#endif
