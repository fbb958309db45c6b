/* What the files of the reading half of the codec share. */
#ifndef INTAKE_CODEC_IN_H
#define INTAKE_CODEC_IN_H

#include "intake/codec.h"

void intake_read_money(const Disputes__Common__V1__Money *money, struct intake_input *input);
/* NULL: there is none. Texts are borrowed. */
void intake_read_ruling(const Disputes__Common__V1__Ruling *from, struct intake_input *input);
void intake_read_people(Disputes__Common__V1__Actor **people, size_t count, struct intake_input *input);

struct dsp_err intake_read_sla(struct dsp_turn *turn, struct dsp_record *record, struct intake_message *message);
struct dsp_err intake_read_investigation(struct dsp_turn *turn, struct dsp_record *record,
                                         struct intake_message *message);
struct dsp_err intake_read_arbitration(struct dsp_turn *turn, struct dsp_record *record,
                                       struct intake_message *message);
struct dsp_err intake_read_fund(struct dsp_turn *turn, struct dsp_record *record, struct intake_message *message);
struct dsp_err intake_read_notification(struct dsp_turn *turn, struct dsp_record *record,
                                        struct intake_message *message);

#endif
