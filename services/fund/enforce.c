#include "fund/enforce.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/codes.h"
#include "common/base/log.h"
#include "fund/outside.h"

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "fund row");
}

static struct dsp_str uuid_text(struct dsp_turn *turn, const struct dsp_uuid *id)
{
    char text[DSP_UUID_TEXT_BYTES];
    dsp_uuid_format(id, text);
    return dsp_arena_copy(turn->arena, dsp_str_from(text));
}

/* --- money set aside --- */

int64_t fund_held(struct dsp_turn *turn, const struct fund_case_row *row)
{
    const struct fund_reservation_row *reservation = fund_store_reservation(turn, row);
    const struct fund_payout_row *payout;
    int64_t held_minor = reservation ? fund_reservation_left(&reservation->sum) : 0;
    for (size_t i = 0; (payout = fund_store_at(turn, FUND_TABLE_PAYOUT, &row->head.case_id, i)); i++) {
        if (payout->said == FUND_PAYOUT_SENT) { /* said to leave, not yet posted */
            held_minor -= payout->amount_minor;
        }
    }
    return held_minor > 0 ? held_minor : 0;
}

static struct fund_reservation_row *reservation_of(struct dsp_turn *turn, const struct fund_case_row *row)
{
    struct fund_reservation_row *reservation = fund_store_reservation(turn, row);
    if (!reservation) {
        reservation = fund_store_add(turn, FUND_TABLE_RESERVATION, &row->head.case_id);
        if (reservation) {
            reservation->generation = row->head.generation;
        }
    }
    return reservation;
}

struct fund_claim_row *fund_claim_of(struct dsp_turn *turn, const struct fund_case_row *row)
{
    struct fund_claim_row *claim = fund_store_claim(turn, row);
    if (!claim) {
        struct dsp_str key = fund_store_claim_key(turn, row->head.platform_id, row->head.order_id);
        claim = dsp_rows_add(turn->rows, &FUND_TABLES[FUND_TABLE_CLAIM], key);
        if (claim) {
            claim->claim_key = key;
            claim->order_line = row->order_line;
            claim->sum.paid_in_minor = row->paid_in_minor;
        }
    }
    return claim;
}

static struct dsp_err refuse_reserve(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_cause *cause,
                                     int64_t amount_minor, const char *code)
{
    struct fund_finding finding = {
        .kind = FUND_FINDING_RESERVE_REFUSED, .amount_minor = amount_minor, .code = dsp_str_from(code)};
    return fund_say(turn, row, &finding, cause->sequence, cause->time_ms);
}

/* Counts at once: the group posts with the finding and is undone if the log refuses it. */
static struct dsp_err reserve(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                              const struct fund_cause *cause, struct fund_claim_row *claim, int64_t amount_minor)
{
    const struct dsp_platforms *platforms = dsp_service_platforms(fund->service);
    struct fund_limits limits;
    DSP_TRY(fund_limits_find(platforms, row->head.platform_id, row->head.policy_version, &limits));
    const char *code = fund_limits_refuse(
        &limits, fund_books_balance(turn, row, FUND_ACCOUNT_FREE, (struct dsp_str){NULL, 0}),
        fund_books_opening(platforms, row->head.platform_id, cause->time_ms), amount_minor);
    if (code) {
        return refuse_reserve(turn, row, cause, amount_minor, code);
    }
    struct fund_reservation_row *reservation = reservation_of(turn, row);
    if (!reservation) {
        return full();
    }
    struct fund_posting posting = {.step = FUND_STEP_RESERVE,
                                   .amount_minor = amount_minor,
                                   .group_id = fund_books_id(row, "reserve", row->head.finding_seq + 1),
                                   .time_ms = cause->time_ms};
    DSP_TRY(fund_books_post(turn, row, &posting));
    DSP_TRY(fund_reservation_decide(&reservation->sum, FUND_HOLD, amount_minor));
    reservation->row.dirty = true;
    claim->sum.reserved_minor += amount_minor;
    claim->row.dirty = true;
    struct fund_finding finding = {.kind = FUND_FINDING_FUND_RESERVED,
                                   .amount_minor = amount_minor,
                                   .group_id = uuid_text(turn, &posting.group_id)};
    return fund_say(turn, row, &finding, cause->sequence, cause->time_ms);
}

struct dsp_err fund_reserve_to(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                               const struct fund_cause *cause, int64_t remedy_minor, int64_t target_minor,
                               bool statutory)
{
    int64_t held_minor = fund_held(turn, row);
    struct fund_claim_row *claim = fund_claim_of(turn, row);
    if (!claim) {
        return full();
    }
    claim->sum.remedy_minor = remedy_minor;
    claim->sum.statutory = statutory;
    claim->row.dirty = true;
    if (target_minor < held_minor) {
        return fund_void(turn, row, cause, held_minor - target_minor);
    }
    int64_t want_minor = target_minor - held_minor;
    int64_t room_minor = fund_claim_room(&claim->sum);
    if (want_minor && !room_minor) {
        return refuse_reserve(turn, row, cause, want_minor, "CLAIM_COVERED");
    }
    return want_minor ? reserve(fund, turn, row, cause, claim, want_minor < room_minor ? want_minor : room_minor)
                      : dsp_ok();
}

struct dsp_err fund_void(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_cause *cause,
                         int64_t amount_minor)
{
    struct fund_reservation_row *reservation = fund_store_reservation(turn, row);
    if (!reservation || amount_minor <= 0) {
        return dsp_ok();
    }
    DSP_TRY(fund_reservation_decide(&reservation->sum, FUND_VOIDING, amount_minor));
    reservation->row.dirty = true;
    struct dsp_uuid group_id = fund_books_id(row, "void", row->head.finding_seq + 1);
    struct fund_finding finding = {
        .kind = FUND_FINDING_RESERVATION_VOIDED, .amount_minor = amount_minor, .group_id = uuid_text(turn, &group_id)};
    return fund_say(turn, row, &finding, cause->sequence, cause->time_ms);
}

/* --- payouts --- */

static bool tried(struct dsp_turn *turn, const struct fund_case_row *row, struct dsp_str duty_id, enum fund_rail rail)
{
    const struct fund_payout_row *payout;
    for (size_t i = 0; (payout = fund_store_at(turn, FUND_TABLE_PAYOUT, &row->head.case_id, i)); i++) {
        bool failed = payout->state == FUND_PAYOUT_FAILED;
        if (failed && payout->rail == (int32_t)rail && dsp_str_equal(payout->duty_id, duty_id)) {
            return true;
        }
    }
    return false;
}

/* The first open rail, not tried in vain, that carries the sum; or, `part`, at least a part of it. */
static enum fund_rail choose_rail(const struct fund *fund, struct dsp_turn *turn, const struct fund_case_row *row,
                                  struct dsp_str duty_id, int64_t amount_minor, bool part, int64_t time_ms)
{
    enum fund_rail rails[FUND_RAIL_COUNT];
    struct dsp_str scene;
    size_t count = fund_rails_at(dsp_service_platforms(fund->service), row->head.platform_id, time_ms, rails, &scene);
    for (size_t i = 0; i < count; i++) {
        bool reachable = rails[i] == FUND_RAIL_REFUND ? row->transaction_id.len > 0 : row->openid_sealed.len > 0;
        bool carries = part ? fund_hold_part(rails[i], amount_minor, amount_minor) > 0
                            : fund_rail_can(rails[i], amount_minor);
        if (reachable && carries && !tried(turn, row, duty_id, rails[i])) {
            return rails[i];
        }
    }
    return FUND_RAIL_NONE;
}

static struct dsp_str consumer_key(struct dsp_turn *turn, const struct fund_case_row *row)
{
    return dsp_arena_format(turn->arena, "%.*s|%.*s", DSP_STR_ARG(row->head.platform_id),
                            DSP_STR_ARG(row->consumer_id));
}

static struct fund_exposure exposure_of(struct dsp_turn *turn, const struct fund_case_row *row, int64_t time_ms)
{
    struct fund_exposure exposure = {
        .merchant_minor = fund_books_balance(turn, row, FUND_ACCOUNT_COMMITTED, row->merchant_id)};
    struct dsp_list *claims = dsp_rows_of(turn->rows, &FUND_TABLES[FUND_TABLE_CLAIM],
                                          fund_store_claim_key(turn, row->head.platform_id, row->head.order_id));
    for (size_t i = 0; i < claims->count; i++) {
        exposure.order_minor += ((const struct fund_claim_row *)claims->items[i])->sum.paid_minor;
    }
    struct dsp_list *paid = dsp_rows_of(turn->rows, &FUND_TABLES[FUND_TABLE_CONSUMER], consumer_key(turn, row));
    for (size_t i = 0; i < paid->count; i++) {
        const struct fund_consumer_row *payout = paid->items[i];
        if (payout->sent_ms > time_ms - FUND_CONSUMER_WINDOW_DAYS * DSP_DAY_MS) {
            exposure.consumer_minor += payout->amount_minor;
        }
    }
    return exposure;
}

static const char *why_held(const struct fund *fund, struct dsp_turn *turn, const struct fund_case_row *row,
                            int64_t amount_minor, enum fund_rail rail, int64_t time_ms, struct dsp_err *ret_err)
{
    struct fund_limits limits = FUND_START_LIMITS;
    *ret_err = fund_limits_find(dsp_service_platforms(fund->service), row->head.platform_id, row->head.policy_version,
                                &limits);
    if (fund_held(turn, row) < amount_minor) {
        return "NOT_RESERVED";
    }
    struct fund_exposure exposure = exposure_of(turn, row, time_ms);
    const char *code = fund_limits_hold(&limits, &exposure, amount_minor);
    return code ? code : rail == FUND_RAIL_NONE ? "NO_RAIL" : NULL;
}

/* PayoutSent, and RecoveryOpened unless an earlier rail has opened it. */
static struct dsp_err say_sent(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_cause *cause,
                               struct fund_payout_row *payout)
{
    payout->said = FUND_PAYOUT_SENT;
    payout->sent_ms = cause->time_ms;
    payout->row.dirty = true;
    struct fund_finding sent = {.kind = FUND_FINDING_PAYOUT_SENT,
                                .number = payout->payout_number,
                                .rail = payout->rail,
                                .amount_minor = payout->amount_minor,
                                .duty_id = payout->duty_id};
    DSP_TRY(fund_say(turn, row, &sent, cause->sequence, cause->time_ms));
    if (fund_store_recovery(turn, &row->head.case_id, payout->duty_id)) {
        return dsp_ok();
    }
    struct fund_recovery_row *recovery = fund_store_add(turn, FUND_TABLE_RECOVERY, &row->head.case_id);
    if (!recovery) {
        return full();
    }
    recovery->duty_id = payout->duty_id;
    recovery->generation = row->head.generation;
    recovery->said = FUND_RECOVERY_OPENED;
    recovery->amount_minor = payout->amount_minor;
    struct fund_finding opened = {.kind = FUND_FINDING_RECOVERY_OPENED, .amount_minor = payout->amount_minor};
    return fund_say(turn, row, &opened, cause->sequence, cause->time_ms);
}

static struct fund_payout_row *new_payout(struct dsp_turn *turn, struct fund_case_row *row, struct dsp_str duty_id,
                                          enum fund_rail rail, int64_t amount_minor, int64_t time_ms)
{
    char number[FUND_PAYOUT_NUMBER_BYTES];
    struct fund_payout_row *payout = fund_store_add(turn, FUND_TABLE_PAYOUT, &row->head.case_id);
    if (payout) {
        fund_payout_number(&row->head.case_id, ++row->payout_count, number);
        row->head.row.dirty = true;
        payout->payout_number = dsp_arena_copy(turn->arena, dsp_str_from(number));
        payout->duty_id = duty_id;
        payout->rail = (int32_t)rail;
        payout->amount_minor = amount_minor;
        payout->consumer_key = consumer_key(turn, row);
        payout->sent_ms = time_ms;
    }
    return payout;
}

struct dsp_err fund_pay(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                        const struct fund_cause *cause, struct fund_duty_row *duty)
{
    struct dsp_err err;
    int64_t amount_minor = duty->amount_minor - fund_sent_for(turn, row, duty->duty_id);
    if (amount_minor <= 0) {
        return dsp_ok();
    }
    enum fund_rail rail = choose_rail(fund, turn, row, duty->duty_id, amount_minor, false, cause->time_ms);
    const char *held = why_held(fund, turn, row, amount_minor, rail, cause->time_ms, &err);
    DSP_TRY(err);
    struct fund_payout_row *payout = new_payout(turn, row, duty->duty_id, rail, amount_minor, cause->time_ms);
    if (!payout) {
        return full();
    }
    if (!held) {
        return say_sent(turn, row, cause, payout);
    }
    payout->said = FUND_PAYOUT_HELD;
    struct fund_finding finding = {
        .kind = FUND_FINDING_PAYOUT_HELD, .number = payout->payout_number, .code = dsp_str_from(held)};
    return fund_say(turn, row, &finding, cause->sequence, cause->time_ms);
}

int64_t fund_sent_for(struct dsp_turn *turn, const struct fund_case_row *row, struct dsp_str duty_id)
{
    const struct fund_payout_row *payout;
    int64_t sum_minor = 0;
    for (size_t i = 0; (payout = fund_store_at(turn, FUND_TABLE_PAYOUT, &row->head.case_id, i)); i++) {
        bool counts = payout->state == FUND_PAYOUT_SENT || payout->state == FUND_PAYOUT_CONFIRMED ||
                      payout->said == FUND_PAYOUT_SENT;
        sum_minor += counts && dsp_str_equal(payout->duty_id, duty_id) ? payout->amount_minor : 0;
    }
    return sum_minor;
}

bool fund_arrived(struct dsp_turn *turn, const struct fund_case_row *row, struct dsp_str duty_id)
{
    const struct fund_payout_row *payout;
    bool arrived = false;
    for (size_t i = 0; (payout = fund_store_at(turn, FUND_TABLE_PAYOUT, &row->head.case_id, i)); i++) {
        if (!dsp_str_equal(payout->duty_id, duty_id)) {
            continue;
        }
        if (payout->state == FUND_PAYOUT_SENT || payout->said == FUND_PAYOUT_SENT) {
            return false;
        }
        arrived = arrived || payout->state == FUND_PAYOUT_CONFIRMED;
    }
    return arrived;
}

struct fund_payout_row *fund_held_for(struct dsp_turn *turn, const struct fund_case_row *row, struct dsp_str duty_id)
{
    struct fund_payout_row *payout;
    for (size_t i = 0; (payout = fund_store_at(turn, FUND_TABLE_PAYOUT, &row->head.case_id, i)); i++) {
        if (payout->state == FUND_PAYOUT_HELD && !payout->said && dsp_str_equal(payout->duty_id, duty_id)) {
            return payout;
        }
    }
    return NULL;
}

/* The rest stays held, under its own number (read_back takes the part off it). */
static struct dsp_err pay_part(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                               const struct fund_cause *cause, struct fund_payout_row *held, int64_t four_eyes_minor)
{
    enum fund_rail rail = choose_rail(fund, turn, row, held->duty_id, held->amount_minor, true, cause->time_ms);
    int64_t part_minor = fund_hold_part(rail, held->amount_minor, four_eyes_minor);
    dsp_log(DSP_LOG_ERROR, "nobody has released a payout in time", DSP_F_STR("dispute.number", held->payout_number),
            DSP_F_INT("dispute.part_minor", part_minor));
    if (!part_minor || fund_held(turn, row) < part_minor || fund_sent_for(turn, row, held->duty_id)) {
        return dsp_ok(); /* no rail, no money, or its part has left before */
    }
    if (part_minor == held->amount_minor) {
        held->rail = (int32_t)rail;
        return say_sent(turn, row, cause, held);
    }
    struct fund_payout_row *part = new_payout(turn, row, held->duty_id, rail, part_minor, cause->time_ms);
    return part ? say_sent(turn, row, cause, part) : full();
}

struct dsp_err fund_pay_parts(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                              const struct fund_cause *cause)
{
    struct fund_limits limits;
    const struct fund_duty_row *duty;
    DSP_TRY(fund_limits_find(dsp_service_platforms(fund->service), row->head.platform_id, row->head.policy_version,
                             &limits));
    for (size_t i = 0; (duty = fund_store_at(turn, FUND_TABLE_DUTY, &row->head.case_id, i)); i++) {
        struct fund_payout_row *held = fund_held_for(turn, row, duty->duty_id);
        if (held && fund_duty_open((enum fund_duty_state)duty->state)) {
            DSP_TRY(pay_part(fund, turn, row, cause, held, limits.four_eyes_minor));
        }
    }
    return dsp_ok();
}

struct dsp_err fund_release(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                            const struct fund_cause *cause, struct fund_payout_row *payout)
{
    if (payout->rail == FUND_RAIL_NONE) { /* one may have been opened since */
        payout->rail = (int32_t)choose_rail(fund, turn, row, payout->duty_id, payout->amount_minor, false,
                                            cause->time_ms);
    }
    if (fund_payout_decide((enum fund_payout_state)payout->state, FUND_PAYOUT_SEND) == FUND_PAYOUT_NEW ||
        payout->said || payout->rail == FUND_RAIL_NONE || fund_held(turn, row) < payout->amount_minor) {
        dsp_log(DSP_LOG_WARN, "a released payout cannot leave", DSP_F_STR("dispute.number", payout->payout_number));
        return dsp_ok(); /* stays held: no rail or no money behind it */
    }
    return say_sent(turn, row, cause, payout);
}

bool fund_pays_already(struct dsp_turn *turn, const struct fund_case_row *row, struct dsp_str duty_id)
{
    const struct fund_payout_row *payout;
    for (size_t i = 0; (payout = fund_store_at(turn, FUND_TABLE_PAYOUT, &row->head.case_id, i)); i++) {
        bool counts = payout->said || (payout->state != FUND_PAYOUT_NEW && payout->state != FUND_PAYOUT_FAILED);
        if (counts && dsp_str_equal(payout->duty_id, duty_id)) {
            return true;
        }
    }
    return false;
}

struct dsp_err fund_sanction(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_cause *cause)
{
    struct dsp_list *list = dsp_rows_of(turn->rows, &FUND_TABLES[FUND_TABLE_SANCTION],
                                        dsp_uuid_str(&row->head.case_id));
    int32_t rung = fund_sanction_rung((int32_t)list->count);
    if (!rung) {
        return dsp_ok();
    }
    struct fund_sanction_row *sanction = fund_store_add(turn, FUND_TABLE_SANCTION, &row->head.case_id);
    if (!sanction) {
        return full();
    }
    sanction->rung = rung;
    struct fund_finding finding = {.kind = FUND_FINDING_SANCTION_APPLIED, .rung = rung};
    return fund_say(turn, row, &finding, cause->sequence, cause->time_ms);
}

struct dsp_err fund_call_out(const struct fund *fund, struct dsp_turn *turn, struct fund_case_row *row,
                             struct fund_payout_row *payout, int64_t sequence)
{
    struct dsp_str argument;
    DSP_TRY(fund_outside_plan(fund, turn, row, payout, &argument));
    struct dsp_job *job = fund_store_add(turn, FUND_TABLE_JOB, &row->head.case_id);
    if (!job) {
        return full();
    }
    job->number = payout->payout_number;
    job->kind = payout->rail == FUND_RAIL_REFUND ? DSP_STR_LITERAL("refund") : DSP_STR_LITERAL("transfer");
    job->lane = row->head.lane;
    job->state = DSP_JOB_READY;
    job->mode = FUND_MODE_CREATE;
    job->order_id = row->head.order_id;
    job->reference = sequence;
    job->argument = argument;
    return dsp_ok();
}

/* --- ends --- */

struct dsp_err fund_discharge(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_cause *cause,
                              struct fund_duty_row *duty)
{
    const struct fund_duty_row *other;
    bool last = true;
    for (size_t i = 0; (other = fund_store_at(turn, FUND_TABLE_DUTY, &row->head.case_id, i)); i++) {
        bool ending = other->said && !fund_duty_open((enum fund_duty_state)other->said);
        if (other != duty && !ending && fund_duty_open((enum fund_duty_state)other->state)) {
            last = false;
        }
    }
    struct fund_finding finding = {.kind = FUND_FINDING_DUTY_DISCHARGED, .duty_id = duty->duty_id, .last = last};
    return fund_say(turn, row, &finding, cause->sequence, cause->time_ms);
}

struct dsp_err fund_demand(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_cause *cause,
                           struct fund_recovery_row *recovery, int32_t day)
{
    if (fund_recovery_decide((enum fund_recovery_state)recovery->state, FUND_RECOVERY_DEMAND) == FUND_RECOVERY_NONE ||
        recovery->said) {
        return dsp_ok();
    }
    recovery->said = FUND_RECOVERY_DEMANDED;
    recovery->day = day;
    recovery->demand_ms = day ? recovery->demand_ms : cause->time_ms;
    recovery->row.dirty = true;
    struct fund_finding finding = {.kind = FUND_FINDING_RECOVERY_DEMANDED,
                                   .amount_minor = recovery->amount_minor - recovery->received_minor,
                                   .day = day};
    return fund_say(turn, row, &finding, cause->sequence, cause->time_ms);
}

struct dsp_err fund_close_recovery(struct dsp_turn *turn, struct fund_case_row *row, const struct fund_cause *cause,
                                   struct fund_recovery_row *recovery, int32_t end)
{
    struct fund_sanction_row *sanction;
    recovery->said = end == FUND_END_RECOVERED     ? FUND_RECOVERY_RECOVERED
                     : end == FUND_END_WRITTEN_OFF ? FUND_RECOVERY_WRITTEN_OFF
                                                   : FUND_RECOVERY_ANNULLED;
    recovery->row.dirty = true;
    struct fund_finding closed = {.kind = FUND_FINDING_RECOVERY_CLOSED, .end = end};
    DSP_TRY(fund_say(turn, row, &closed, cause->sequence, cause->time_ms));
    for (size_t i = 0; (sanction = fund_store_at(turn, FUND_TABLE_SANCTION, &row->head.case_id, i)); i++) {
        if (sanction->state == FUND_SANCTION_APPLIED) {
            struct fund_finding lifted = {.kind = FUND_FINDING_SANCTION_LIFTED, .rung = sanction->rung};
            DSP_TRY(fund_say(turn, row, &lifted, cause->sequence, cause->time_ms));
        }
    }
    return dsp_ok();
}
