#include "investigation/handlers.h"

#include "investigation/handlers_parts.h"

struct dsp_err inv_start(void *self, struct dsp_service *service)
{
    ((struct inv *)self)->service = service;
    return dsp_ok();
}

/* An entry that pins a version waits until that version has been read. */
struct dsp_err inv_decode(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct inv *inv = self;
    if (record->kind != DSP_RECORD_MESSAGE) {
        return dsp_ok();
    }
    DSP_TRY(inv_decode_entry(turn, record));
    const struct inv_entry *entry = record->input;
    return entry ? inv_await_platform(dsp_service_platforms(inv->service), entry->entry) : dsp_ok();
}

/* The file first, then what the log has decided: so that rules are tried, drafts checked and people drawn on what
 * stands after this entry. */
static struct dsp_err on_entry(const struct inv *inv, struct dsp_turn *turn, struct dsp_record *record)
{
    const struct inv_entry *entry = record->input;
    struct inv_case_row *row;
    struct inv_round_row *sealed = NULL;
    DSP_TRY(dsp_head_advance(turn, &INV_TABLES[INV_TABLE_CASE], record, entry->entry, &row));
    if (!row) {
        return dsp_ok();
    }
    if (entry->sequence == 1) {
        inv_read_claim(entry, row);
    }
    DSP_TRY(inv_on_file(turn, row, entry, &sealed));
    DSP_TRY(inv_on_rounds(turn, row, entry, &sealed));
    DSP_TRY(inv_on_filed(turn, row, entry));
    DSP_TRY(inv_on_people(inv, turn, row, entry));
    if (sealed) {
        DSP_TRY(inv_seal(inv, turn, row, entry, sealed));
    }
    DSP_TRY(inv_on_deciding(inv, turn, row, entry));
    return inv_on_draws(inv, turn, row, entry);
}

struct dsp_err inv_handle(void *self, struct dsp_turn *turn, struct dsp_record *record)
{
    return record->kind == DSP_RECORD_MESSAGE && record->input ? on_entry(self, turn, record) : dsp_ok();
}
