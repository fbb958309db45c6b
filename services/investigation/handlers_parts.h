/* The parts of handlers.c. Each does its share of one entry; see there for their order. */
#ifndef INV_HANDLERS_PARTS_H
#define INV_HANDLERS_PARTS_H

#include "investigation/codec.h"
#include "investigation/handlers.h"

/* handlers_file.c: items, facts, rounds. */
DSP_MUST_USE struct dsp_err inv_on_file(struct dsp_turn *turn, struct inv_case_row *row, const struct inv_entry *entry,
                                        struct inv_round_row **ret_sealed);
/* A round that nobody is waited for any more is *ret_sealed, else it is left as it is. */
DSP_MUST_USE struct dsp_err inv_on_rounds(struct dsp_turn *turn, struct inv_case_row *row,
                                          const struct inv_entry *entry, struct inv_round_row **ret_sealed);

/* handlers_people.c: who is in charge, who sits on the panel, who reads. */
DSP_MUST_USE struct dsp_err inv_on_people(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                                          const struct inv_entry *entry);
DSP_MUST_USE struct dsp_err inv_on_draws(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                                         const struct inv_entry *entry);
/* The agent in charge; NULL = nobody. */
const struct inv_person_row *inv_in_charge(struct dsp_turn *turn, const struct inv_case_row *row);
bool inv_on_panel(struct dsp_turn *turn, const struct inv_case_row *row, struct dsp_str staff_id);

/* handlers_decide.c: what is said about who is right. */
/* The rules are tried on the sealed file, RoundSealed is said, and RuleFound or what waits for a signature. */
DSP_MUST_USE struct dsp_err inv_seal(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                                     const struct inv_entry *entry, struct inv_round_row *round);
/* E13 to E16 and the engine's draft. */
DSP_MUST_USE struct dsp_err inv_on_deciding(const struct inv *inv, struct dsp_turn *turn, struct inv_case_row *row,
                                            const struct inv_entry *entry);

/* handlers_filed.c: what the log says was decided. */
DSP_MUST_USE struct dsp_err inv_on_filed(struct dsp_turn *turn, struct inv_case_row *row,
                                         const struct inv_entry *entry);
/* The file as rules and drafts see it now. */
DSP_MUST_USE struct dsp_err inv_open_file(struct dsp_turn *turn, const struct inv_case_row *row,
                                          const struct inv_entry *entry, struct inv_case_file *ret_file);

#endif
