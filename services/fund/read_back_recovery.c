/* What the log has of recoveries: opened, demanded, received, closed, or refused; and fees that have come in. */
#include "fund/read_back_internal.h"

static const int32_t RECOVERY_ENDS[] = {[FUND_END_RECOVERED] = FUND_RECOVERY_RECOVERED,
                                        [FUND_END_WRITTEN_OFF] = FUND_RECOVERY_WRITTEN_OFF,
                                        [FUND_END_ANNULLED] = FUND_RECOVERY_ANNULLED};

/* The recovery that a finding of ours was about. */
static struct fund_recovery_row *meant(struct dsp_turn *turn, const struct fund_case_row *row,
                                       const struct fund_finding *own)
{
    struct fund_recovery_row *recovery;
    for (size_t i = 0; (recovery = fund_store_at(turn, FUND_TABLE_RECOVERY, &row->head.case_id, i)); i++) {
        bool fits = (own->kind == FUND_FINDING_RECOVERY_OPENED && recovery->said == FUND_RECOVERY_OPENED &&
                     recovery->amount_minor == own->amount_minor) ||
                    (own->kind == FUND_FINDING_RECOVERY_DEMANDED && recovery->day == own->day &&
                     fund_recovery_live((enum fund_recovery_state)recovery->state)) ||
                    (own->kind == FUND_FINDING_RECOVERY_RECEIVED && recovery->coming_minor >= own->amount_minor) ||
                    (own->kind == FUND_FINDING_RECOVERY_CLOSED && own->end > 0 && own->end <= FUND_END_ANNULLED &&
                     recovery->said == RECOVERY_ENDS[own->end]);
        if (fits) {
            return recovery;
        }
    }
    return NULL;
}

/* Folding the log anew there is no timer and no door that has said it before: the log's word is enough. */
static struct fund_recovery_row *taken_as_said(struct dsp_turn *turn, const struct fund_case_row *row,
                                               const struct fund_finding *own)
{
    struct fund_recovery_row *recovery;
    for (size_t i = 0; (recovery = fund_store_at(turn, FUND_TABLE_RECOVERY, &row->head.case_id, i)); i++) {
        int64_t open_minor = recovery->amount_minor - recovery->received_minor - recovery->coming_minor;
        if (!fund_recovery_live((enum fund_recovery_state)recovery->state)) {
            continue;
        }
        if (own->kind == FUND_FINDING_RECOVERY_DEMANDED && own->day > recovery->day) {
            recovery->day = own->day;
            return recovery;
        }
        if (own->kind == FUND_FINDING_RECOVERY_RECEIVED && own->amount_minor <= open_minor) {
            recovery->coming_minor += own->amount_minor;
            return recovery;
        }
        if (own->kind == FUND_FINDING_RECOVERY_CLOSED && own->end > 0 && own->end <= FUND_END_ANNULLED) {
            recovery->said = RECOVERY_ENDS[own->end];
            return recovery;
        }
    }
    return NULL;
}

static void enter(const struct fund_case_row *row, struct fund_recovery_row *recovery, enum fund_recovery_state state)
{
    recovery->state = (int32_t)state;
    recovery->said = recovery->said == (int32_t)state ? 0 : recovery->said;
    recovery->row.dirty = true;
    fund_log_change(row, "recovery", fund_recovery_state_name((int)state));
}

static struct dsp_err fee_received(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry)
{
    struct fund_posting posting = fund_posting_of(row, entry, FUND_STEP_FEE_PAID, entry->own.amount_minor);
    if (entry->own.payer_side == FUND_SIDE_CONSUMER) {
        posting.party = row->consumer_id;
        row->fee_consumer_minor -= entry->own.amount_minor;
    } else {
        row->fee_merchant_minor -= entry->own.amount_minor;
    }
    return fund_books_post(turn, row, &posting);
}

static struct dsp_err received(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry,
                               struct fund_recovery_row *recovery)
{
    bool set_off = entry->own.payment == FUND_PAYMENT_SET_OFF;
    recovery->coming_minor -= entry->own.amount_minor;
    recovery->received_minor += entry->own.amount_minor;
    recovery->row.dirty = true;
    if (recovery->received_minor < recovery->amount_minor) {
        enter(row, recovery, FUND_RECOVERY_PARTIAL); /* all of it: RecoveryClosed follows */
    }
    return fund_post_entry(turn, row, entry, set_off ? FUND_STEP_SET_OFF : FUND_STEP_RECOVERY, entry->own.amount_minor);
}

static struct dsp_err closed(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry,
                             struct fund_recovery_row *recovery)
{
    int64_t open_minor = recovery->amount_minor - recovery->received_minor;
    enter(row, recovery, (enum fund_recovery_state)recovery->said);
    recovery->closed_seq = entry->sequence;
    DSP_TRY(fund_wait_for_demand(turn, row, recovery)); /* drops what waits */
    if (!open_minor || entry->own.end == FUND_END_RECOVERED) {
        return dsp_ok();
    }
    return fund_post_entry(turn, row, entry,
                           entry->own.end == FUND_END_WRITTEN_OFF ? FUND_STEP_WRITE_OFF : FUND_STEP_ANNULLED,
                           open_minor);
}

struct dsp_err fund_recovery_read(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry)
{
    if (entry->own.fee) {
        return fee_received(turn, row, entry);
    }
    struct fund_recovery_row *recovery = meant(turn, row, &entry->own);
    recovery = recovery ? recovery : taken_as_said(turn, row, &entry->own);
    if (!recovery) {
        return fund_missing(entry);
    }
    switch ((int)entry->own.kind) {
    case FUND_FINDING_RECOVERY_OPENED:
        enter(row, recovery, FUND_RECOVERY_OPENED);
        recovery->opened_seq = entry->sequence;
        return dsp_ok();
    case FUND_FINDING_RECOVERY_DEMANDED:
        recovery->said = recovery->said == FUND_RECOVERY_DEMANDED ? 0 : recovery->said;
        enter(row, recovery, fund_recovery_decide((enum fund_recovery_state)recovery->state, FUND_RECOVERY_DEMAND));
        recovery->demanded_seq = entry->sequence;
        return fund_wait_for_demand(turn, row, recovery);
    case FUND_FINDING_RECOVERY_RECEIVED:
        return received(turn, row, entry, recovery);
    default:
        return closed(turn, row, entry, recovery);
    }
}

/* --- refused --- */

struct dsp_err fund_recovery_take_back(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_entry *entry)
{
    struct fund_recovery_row *recovery = entry->own.fee ? NULL : meant(turn, row, &entry->own);
    if (!recovery) {
        return dsp_ok();
    }
    recovery->row.dirty = true;
    recovery->said = 0;
    if (entry->own.kind == FUND_FINDING_RECOVERY_OPENED) {
        enter(row, recovery, FUND_RECOVERY_ANNULLED);
    } else if (entry->own.kind == FUND_FINDING_RECOVERY_RECEIVED) {
        recovery->coming_minor -= entry->own.amount_minor;
    }
    return dsp_ok();
}
