#include "sla/offers.h"

#include "common/base/codes.h"
#include "common/base/money.h"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "offers");
}

static void ended(struct sla_offer_row *offer, const struct sla_entry *entry)
{
    offer->row.dirty = true;
    offer->ended_seq = entry->sequence;
}

/* --- what the log has made of our findings --- */

static void read_back(struct dsp_turn *turn, const struct sla_case_row *row, const struct sla_entry *entry)
{
    const struct sla_offer_news *news = entry->news;
    struct sla_offer_row *offer = sla_store_offer(turn, &row->head.case_id, news->offer_id);
    struct sla_offer_row *counter = news->new_offer_id.ptr
                                        ? sla_store_offer(turn, &row->head.case_id, news->new_offer_id)
                                        : NULL;
    struct sla_offer_row *opened = news->state == SLA_OFFER_OPEN ? offer : counter;
    if (news->refused && news->state == SLA_OFFER_EXPIRED) {
        return; /* only its clock had found it, see SLA_INPUT_REFUSED */
    }
    if (news->refused) {
        if (offer) {
            sla_offer_undone(&offer->offer);
            offer->row.dirty = true;
        }
        if (counter) {
            sla_offer_undone(&counter->offer);
            counter->row.dirty = true;
        }
        return;
    }
    if (opened) {
        sla_offer_confirmed(&opened->offer, SLA_OFFER_OPEN);
        opened->opened_seq = entry->sequence;
        opened->row.dirty = true;
    }
    if (offer && offer != opened && sla_offer_confirmed(&offer->offer, news->state)) {
        ended(offer, entry);
    }
}

/* By the end of the stage or by AcceptClaim: no entry of its own. */
static void leave(struct dsp_turn *turn, const struct sla_case_row *row, const struct sla_entry *entry)
{
    struct dsp_list *offers = dsp_rows_of(turn->rows, &SLA_TABLES[SLA_TABLE_OFFER], dsp_uuid_str(&row->head.case_id));
    for (size_t i = 0; i < offers->count; i++) {
        struct sla_offer_row *offer = offers->items[i];
        if (sla_offer_left(&offer->offer)) {
            ended(offer, entry);
        }
    }
}

/* --- settlements and payments --- */

static struct dsp_err settle(struct dsp_turn *turn, const struct sla_case_row *row, const struct sla_entry *entry)
{
    struct sla_settlement_row *settlement;
    if (entry->settlement == SLA_SETTLEMENT_INPUT_BEGIN) {
        settlement = sla_store_add_settlement(turn, &row->head.case_id, entry->sequence);
        if (!settlement) {
            return full();
        }
        settlement->offer_id = entry->news ? entry->news->offer_id : DSP_STR_LITERAL("");
        return dsp_ok();
    }
    settlement = sla_store_settlement(turn, &row->head.case_id);
    if (settlement && sla_settlement_decide(&settlement->state, entry->settlement)) {
        settlement->ended_seq = entry->sequence;
        settlement->row.dirty = true;
    }
    return dsp_ok();
}

static struct dsp_err count_payment(struct dsp_turn *turn, const struct sla_case_row *row, int64_t amount_minor)
{
    struct sla_line_row *line = sla_store_line(turn, row);
    line = line ? line : sla_store_add_line(turn, row);
    if (!line) {
        return full();
    }
    DSP_TRY(dsp_money_add(line->paid_out_minor, amount_minor, &line->paid_out_minor));
    line->row.dirty = true;
    return dsp_ok();
}

/* --- acts --- */

static struct sla_board board_of(struct dsp_turn *turn, const struct sla_case_row *row, const struct sla_policy *policy,
                                 const struct sla_offer_deed *deed, const struct sla_offer_row *countered)
{
    const struct sla_budget *life = sla_policy_budget(policy, turn->arena, SLA_KIND_OFFER);
    const struct sla_line_row *line = sla_store_line(turn, row);
    struct sla_board board = {
        .id_used = deed->new_offer_id.len == 0 || deed->new_offer_id.len > SLA_OFFER_ID_MAX_BYTES,
        .unpaid_minor = row->paid_minor - (line ? line->paid_out_minor : 0),
        .policy_life_ms = life ? life->budget_ms : 0,
    };
    struct dsp_list *offers = dsp_rows_of(turn->rows, &SLA_TABLES[SLA_TABLE_OFFER], dsp_uuid_str(&row->head.case_id));
    for (size_t i = 0; i < offers->count; i++) {
        const struct sla_offer_row *offer = offers->items[i];
        bool open = offer->offer.state == SLA_OFFER_OPEN;
        board.id_used = board.id_used || dsp_str_equal(offer->offer_id, deed->new_offer_id);
        board.another_open = board.another_open || (open && offer != countered);
        board.made += offer->generation == row->head.generation && offer->offer.maker == deed->side &&
                      (offer->opened_seq || open);
    }
    return board;
}

static struct dsp_err open_offer(struct dsp_turn *turn, const struct sla_case_row *row, const struct sla_board *board,
                                 const struct sla_entry *entry, struct sla_offer_row **ret_offer)
{
    const struct sla_offer_deed *deed = entry->deed;
    struct sla_offer_row *offer = sla_store_add_offer(turn, &row->head.case_id, deed->new_offer_id);
    if (!offer) {
        return full();
    }
    offer->generation = row->head.generation;
    offer->offer = sla_offer_open(board, &deed->terms, deed->side, entry->time_ms);
    offer->remedy = deed->terms.remedy;
    offer->amount_minor = deed->terms.amount_minor;
    offer->perform_ms = deed->terms.perform_ms;
    offer->made_seq = entry->sequence;
    *ret_offer = offer;
    return dsp_ok();
}

/* MakeOffer and CounterOffer. */
static struct dsp_err offer_made(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_policy *policy,
                                 const struct sla_entry *entry, struct sla_offer_row *countered)
{
    const struct sla_offer_deed *deed = entry->deed;
    struct sla_offer_row *offer = NULL;
    struct sla_board board = board_of(turn, row, policy, deed, countered);
    enum sla_offer_refusal refusal = SLA_OFFER_TAKEN;
    if (deed->input == SLA_OFFER_INPUT_COUNTER) {
        refusal = sla_offer_would(countered ? &countered->offer : NULL, deed->input, deed->side, entry->time_ms);
    }
    refusal = refusal ? refusal : sla_offer_check(&board, &deed->terms);
    if (refusal) {
        return sla_say_refused(turn, row, deed->offer_id, refusal, entry);
    }
    DSP_TRY(open_offer(turn, row, &board, entry, &offer));
    if (!countered) {
        return sla_say_opened(turn, row, offer, entry);
    }
    (void)sla_offer_act(&countered->offer, deed->input, deed->side, entry->time_ms); /* taken: asked above */
    countered->row.dirty = true;
    return sla_say_countered(turn, row, countered, offer, entry);
}

static struct dsp_err on_deed(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_policy *policy,
                              const struct sla_entry *entry)
{
    const struct sla_offer_deed *deed = entry->deed;
    bool makes = deed->input == 0;
    struct sla_offer_row *offer = makes ? NULL : sla_store_offer(turn, &row->head.case_id, deed->offer_id);
    if (makes || deed->input == SLA_OFFER_INPUT_COUNTER) {
        return offer_made(turn, row, policy, entry, offer);
    }
    enum sla_offer_refusal refusal = offer ? sla_offer_act(&offer->offer, deed->input, deed->side, entry->time_ms)
                                           : SLA_OFFER_UNKNOWN;
    if (refusal) {
        return sla_say_refused(turn, row, deed->offer_id, refusal, entry);
    }
    offer->row.dirty = true;
    return sla_say_answered(turn, row, offer, entry);
}

struct dsp_err sla_offers_entry(struct dsp_turn *turn, struct sla_case_row *row, const struct sla_policy *policy,
                                const struct sla_entry *entry)
{
    if (entry->undecided) {
        row->final_seq = 0;
    }
    if (entry->decided) {
        row->final_seq = entry->sequence;
    }
    if (entry->news) {
        read_back(turn, row, entry);
    }
    if (!entry->offers_allowed) {
        leave(turn, row, entry);
    }
    if (entry->settlement) {
        DSP_TRY(settle(turn, row, entry));
    }
    if (entry->paid_out_minor) {
        DSP_TRY(count_payment(turn, row, entry->paid_out_minor));
    }
    return entry->deed ? on_deed(turn, row, policy, entry) : dsp_ok();
}
