#include "arbitration/codec.h"

#include <string.h>

#include "common/base/codes.h"
#include "common/base/log.h"
#include "common/service/message.h"
#include "disputes/arbitration/v1/finding.pb-c.h"

_Static_assert((int)ARB_FOR_SPLIT == (int)DISPUTES__ARBITRATION__V1__AWARD_FOR__AWARD_FOR_SPLIT,
               "arb_award_for follows disputes.arbitration.v1.AwardFor");
_Static_assert((int)ARB_FEE_BORNE == (int)DISPUTES__ARBITRATION__V1__FEE_MOVE__FEE_MOVE_BORNE,
               "arb_fee_move follows disputes.arbitration.v1.FeeMove");
_Static_assert((int)ARB_ITEM_REDACTED == (int)DISPUTES__INVESTIGATION__V1__ITEM_STATE__ITEM_STATE_REDACTED,
               "arb_item_state follows disputes.investigation.v1.ItemState");

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "arbitration message");
}

static struct dsp_str bytes_of(ProtobufCBinaryData data)
{
    return (struct dsp_str){(const char *)data.data, data.len};
}

static ProtobufCBinaryData binary(struct dsp_str bytes)
{
    return (ProtobufCBinaryData){bytes.len, (uint8_t *)(uintptr_t)bytes.ptr};
}

static int64_t minor_of(const Disputes__Common__V1__Money *money)
{
    return money ? money->amount_minor : 0;
}

const char *arb_entry_name(int32_t type)
{
    return dsp_enum_name(&disputes__case__v1__entry_type__descriptor, type);
}

const char *arb_role_name(int32_t role)
{
    return dsp_enum_name(&disputes__common__v1__role__descriptor, role);
}

const char *arb_basis_name(int32_t basis)
{
    return dsp_enum_name(&disputes__common__v1__basis__descriptor, basis);
}

/* --- entries --- */

/* The papers of the sides: acts that may carry items, and what their writer says. */
struct paper {
    const char *name;
    const Disputes__Common__V1__Text *text;
    const char *clause; /* of an arbitration agreement, given or taken back; NULL: none */
    bool revokes;
    Disputes__Common__V1__EvidenceItem **items;
    size_t count;
};

static bool paper_of(const Disputes__Gateway__V1__Command *command, struct paper *ret_paper)
{
#define PAPER(label, words, from)                                                                                     \
    (*ret_paper = (struct paper){.name = (label), .text = (words), .items = (from)->items, .count = (from)->n_items}, \
     true)
    switch ((int)command->act_case) {
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_FILE_COMPLAINT:
        return PAPER("FileComplaint", command->file_complaint->description, command->file_complaint);
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_INFO_SUPPLIED:
        return PAPER("InfoSupplied", command->info_supplied->text, command->info_supplied);
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_ADD_EVIDENCE:
        return PAPER("AddEvidence", NULL, command->add_evidence);
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_CONTEST_CLAIM:
        return PAPER("ContestClaim", command->contest_claim->text, command->contest_claim);
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_COMMENT:
        return PAPER("Comment", command->comment->text, command->comment);
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_APPEAL:
        return PAPER("Appeal", command->appeal->text, command->appeal);
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_SET_ASIDE:
        return PAPER("SetAside", command->set_aside->cause, command->set_aside);
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_REFILE:
        return PAPER("Refile", command->refile->text, command->refile);
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_CONSENT_TO_ARBITRATION:
        *ret_paper = (struct paper){.name = "ConsentToArbitration",
                                    .clause = command->consent_to_arbitration->clause_id};
        return true;
    case DISPUTES__GATEWAY__V1__COMMAND__ACT_REVOKE_CONSENT:
        *ret_paper = (struct paper){
            .name = "RevokeConsent", .clause = command->revoke_consent->clause_id, .revokes = true};
        return true;
    default:
        return false;
    }
#undef PAPER
}

static struct dsp_err add_items(struct dsp_turn *turn, struct arb_entry *input,
                                Disputes__Common__V1__EvidenceItem *const *items, size_t count, int32_t side)
{
    input->items = dsp_arena_alloc(turn->arena, (count + 1) * sizeof *input->items);
    if (!input->items) {
        return full();
    }
    for (size_t i = 0; i < count; i++) {
        input->items[i] = (struct arb_found_item){.item_id = dsp_message_str(items[i]->item_id),
                                                  .sha256 = bytes_of(items[i]->sha256),
                                                  .media_type = dsp_message_str(items[i]->media_type),
                                                  .reference = dsp_message_str(items[i]->reference),
                                                  .size_bytes = items[i]->size_bytes,
                                                  .side = side};
    }
    input->item_count = count;
    return dsp_ok();
}

static struct dsp_err read_command(struct dsp_turn *turn, const Disputes__Gateway__V1__Command *command, int32_t side,
                                   struct arb_entry *input)
{
    struct paper paper;
    if (command->act_case == DISPUTES__GATEWAY__V1__COMMAND__ACT_ELECT_ARBITRATION) {
        input->asked_minor = minor_of(command->elect_arbitration->amount);
    }
    if (!paper_of(command, &paper)) {
        return dsp_ok();
    }
    input->side = side;
    DSP_TRY(add_items(turn, input, paper.items, paper.count, side));
    return paper.text || paper.clause || command->act_case == DISPUTES__GATEWAY__V1__COMMAND__ACT_FILE_COMPLAINT
               ? dsp_message_pack(turn->arena, &command->base, &input->paper)
               : dsp_ok();
}

static struct dsp_err mark(struct dsp_turn *turn, struct arb_entry *input, const char *item_id, int state)
{
    if (!input->marks) {
        input->marks = dsp_arena_alloc(turn->arena, sizeof *input->marks);
        if (!input->marks) {
            return full();
        }
    }
    input->marks[input->mark_count++] = (struct arb_item_mark){dsp_message_str(item_id), (enum arb_item_state)state};
    return dsp_ok();
}

static struct dsp_err read_console(struct dsp_turn *turn, const Disputes__Console__V1__Command *command,
                                   struct arb_entry *input)
{
    Disputes__Gateway__V1__Command filing = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    switch ((int)command->act_case) {
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_FILE_COMPLAINT: /* by phone: the consumer's all the same */
        filing.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_FILE_COMPLAINT;
        filing.file_complaint = command->file_complaint;
        return read_command(turn, &filing, DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER, input);
    case DISPUTES__CONSOLE__V1__COMMAND__ACT_REDACT:
        return mark(turn, input, command->redact->item_id, ARB_ITEM_REDACTED);
    default:
        return dsp_ok();
    }
}

static struct dsp_err read_investigation(struct dsp_turn *turn, const Disputes__Investigation__V1__Finding *finding,
                                         struct arb_entry *input)
{
    switch ((int)finding->finding_case) {
    case DISPUTES__INVESTIGATION__V1__FINDING__FINDING_EVIDENCE_REGISTERED: {
        const Disputes__Investigation__V1__EvidenceRegistered *from = finding->evidence_registered;
        input->marks = dsp_arena_alloc(turn->arena, (from->n_items + 1) * sizeof *input->marks);
        for (size_t i = 0; input->marks && i < from->n_items; i++) {
            DSP_TRY(mark(turn, input, from->items[i]->item_id, (int)from->items[i]->state));
        }
        return input->marks ? dsp_ok() : full();
    }
    case DISPUTES__INVESTIGATION__V1__FINDING__FINDING_EVIDENCE_REFUSED: {
        const Disputes__Investigation__V1__EvidenceRefused *from = finding->evidence_refused;
        input->marks = dsp_arena_alloc(turn->arena, (from->n_item_ids + 1) * sizeof *input->marks);
        for (size_t i = 0; input->marks && i < from->n_item_ids; i++) {
            DSP_TRY(mark(turn, input, from->item_ids[i], ARB_ITEM_REFUSED));
        }
        return input->marks ? dsp_ok() : full();
    }
    case DISPUTES__INVESTIGATION__V1__FINDING__FINDING_LATE_ITEM_ADMITTED:
        return mark(turn, input, finding->late_item_admitted->item_id, ARB_ITEM_ADMITTED_LATE);
    case DISPUTES__INVESTIGATION__V1__FINDING__FINDING_INSPECTION_REPORTED:
        if (!finding->inspection_reported->report) {
            return dsp_ok();
        }
        DSP_TRY(
            add_items(turn, input, &finding->inspection_reported->report, 1, DISPUTES__COMMON__V1__ROLE__ROLE_SYSTEM));
        return mark(turn, input, finding->inspection_reported->report->item_id, ARB_ITEM_IN_TIME);
    default:
        return dsp_ok();
    }
}

/* What a finding of ours, read back, does to the referral. */
static enum arb_input input_of(const Disputes__Arbitration__V1__Finding *finding)
{
    switch ((int)finding->finding_case) {
    case DISPUTES__ARBITRATION__V1__FINDING__FINDING_INSTITUTION_STATUS:
        switch (finding->institution_status->status) {
        case DISPUTES__ARBITRATION__V1__STATUS__STATUS_ACKNOWLEDGED:
            return ARB_INPUT_ACKNOWLEDGED;
        case DISPUTES__ARBITRATION__V1__STATUS__STATUS_ACCEPTED:
            return ARB_INPUT_ACCEPTED;
        case DISPUTES__ARBITRATION__V1__STATUS__STATUS_ANSWERED:
            return ARB_INPUT_ANSWERED;
        case DISPUTES__ARBITRATION__V1__STATUS__STATUS_HEARING:
            return ARB_INPUT_HEARING;
        case DISPUTES__ARBITRATION__V1__STATUS__STATUS_UNSPECIFIED:
        default:
            return ARB_INPUT_NONE;
        }
    case DISPUTES__ARBITRATION__V1__FINDING__FINDING_REFERRAL_DECLINED:
        return ARB_INPUT_DECLINED;
    case DISPUTES__ARBITRATION__V1__FINDING__FINDING_AWARD_RECEIVED:
        return ARB_INPUT_AWARD;
    case DISPUTES__ARBITRATION__V1__FINDING__FINDING_SETTLED_IN_ARBITRATION:
        return ARB_INPUT_SETTLEMENT;
    case DISPUTES__ARBITRATION__V1__FINDING__FINDING_AWARD_SET_ASIDE:
        return ARB_INPUT_SET_ASIDE;
    default:
        return ARB_INPUT_NONE;
    }
}

static void read_award(const Disputes__Arbitration__V1__AwardReceived *from, struct arb_award *ret_award)
{
    *ret_award = (struct arb_award){.award_for = (enum arb_award_for)from->award_for,
                                    .amount_minor = from->ruling ? minor_of(from->ruling->amount) : 0,
                                    .consumer_fee_minor = minor_of(from->consumer_fee),
                                    .merchant_fee_minor = minor_of(from->merchant_fee)};
}

static void read_own(const Disputes__Arbitration__V1__Finding *finding, struct arb_entry *input)
{
    input->own = true;
    input->input = input_of(finding);
    if (input->input == ARB_INPUT_AWARD) {
        read_award(finding->award_received, &input->award);
    }
}

/* E30: the first breach of K_arb_ack sends the bundle again, one of K_arb_stale asks. */
static void read_sla(const Disputes__Sla__V1__Finding *finding, struct arb_entry *input)
{
    if (finding->finding_case != DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED ||
        !finding->clock_breached->clock || !finding->clock_breached->clock->clock) {
        return;
    }
    int kind = (int)finding->clock_breached->clock->clock->kind;
    input->chased = kind == DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_ARB_ACK ||
                    kind == DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_ARB_STALE;
    input->chase = kind == DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_ARB_ACK ? ARB_CALL_SEND : ARB_CALL_ASK;
}

static struct dsp_err read_content(struct dsp_turn *turn, const Disputes__Case__V1__Entry *entry,
                                   struct arb_entry *input)
{
    switch ((int)entry->content_case) {
    case DISPUTES__CASE__V1__ENTRY__CONTENT_GATEWAY_COMMAND: {
        const Disputes__Gateway__V1__Command *command = entry->gateway_command;
        int32_t side = command->actor ? (int32_t)command->actor->role : DISPUTES__COMMON__V1__ROLE__ROLE_CONSUMER;
        return read_command(turn, command, side, input);
    }
    case DISPUTES__CASE__V1__ENTRY__CONTENT_CONSOLE_COMMAND:
        return read_console(turn, entry->console_command, input);
    case DISPUTES__CASE__V1__ENTRY__CONTENT_INVESTIGATION_FINDING:
        return read_investigation(turn, entry->investigation_finding, input);
    case DISPUTES__CASE__V1__ENTRY__CONTENT_ARBITRATION_FINDING:
        read_own(entry->arbitration_finding, input);
        return dsp_ok();
    case DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING:
        if (entry->type == DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING) {
            read_sla(entry->sla_finding, input);
        }
        return dsp_ok();
    default:
        return dsp_ok();
    }
}

/* What the entry's own name says, whatever caused it. */
static struct dsp_err read_type(struct dsp_turn *turn, const Disputes__Case__V1__Entry *entry, struct arb_entry *input)
{
    switch ((int)entry->type) {
    case DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_CASE_REFERRED:
        input->referred = true;
        return dsp_ok();
    case DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_COMPLAINT_WITHDRAWN:
        input->input = ARB_INPUT_WITHDRAWN;
        return dsp_ok();
    case DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_REFERRAL_ENDED:
        input->input = input->own ? input->input : ARB_INPUT_ENDED;
        return dsp_ok();
    case DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_SETTLED_IN_ARBITRATION:
        input->input = input->own ? input->input : ARB_INPUT_DECLARED;
        return dsp_ok();
    case DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_APPEAL_REMANDED:
        input->annuls = true;
        return dsp_ok();
    case DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_DEFAULT_JUDGMENT_ENTERED:
    case DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_RULE_FOUND:
    case DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_DECISION_FINAL:
    case DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_APPEAL_DECIDED:
        input->basis = (int32_t)entry->basis;
        return entry->ruling ? dsp_message_pack(turn->arena, &entry->ruling->base, &input->ruling) : dsp_ok();
    default:
        return dsp_ok();
    }
}

struct dsp_err arb_decode_entry(struct dsp_turn *turn, struct dsp_record *record)
{
    const Disputes__Case__V1__Entry *entry;
    DSP_TRY(dsp_entry_read(turn, record, &entry));
    if (!entry) {
        return dsp_ok();
    }
    struct arb_entry *input = dsp_arena_alloc(turn->arena, sizeof *input);
    uint8_t *hash = dsp_arena_alloc(turn->arena, 32);
    if (!input || !hash) {
        return full();
    }
    *input = (struct arb_entry){.entry = entry,
                                .sequence = (int64_t)entry->sequence,
                                .time_ms = entry->time_millis,
                                .type = (int32_t)entry->type,
                                .generation = (int32_t)entry->generation,
                                .tells_time = dsp_entry_tells_time(entry)};
    if (dsp_unhex(record->envelope.entry_hash, hash, 32)) {
        input->hash = (struct dsp_str){(const char *)hash, 32};
    }
    record->input = input;
    if (entry->type == DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_FINDING_REFUSED) {
        input->refused = entry->content_case == DISPUTES__CASE__V1__ENTRY__CONTENT_ARBITRATION_FINDING;
        return dsp_ok();
    }
    if (entry->type == DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_COMMAND_REFUSED) {
        return dsp_ok();
    }
    DSP_TRY(read_content(turn, entry, input));
    return read_type(turn, entry, input);
}

/* --- papers and bundles --- */

static void read_filing(const Disputes__Gateway__V1__FileComplaint *from, struct arb_filing *filed)
{
    static const Disputes__Gateway__V1__OrderFacts NONE = DISPUTES__GATEWAY__V1__ORDER_FACTS__INIT;
    const Disputes__Gateway__V1__OrderFacts *order = from->order ? from->order : &NONE;
    *filed = (struct arb_filing){
        .consumer_id = dsp_message_str(order->consumer_id),
        .merchant_id = dsp_message_str(order->merchant_id),
        .consumer_clause_id = dsp_message_str(order->consumer_clause_id),
        .merchant_clause_id = dsp_message_str(order->merchant_clause_id),
        .category = dsp_message_str(order->category),
        .channel = dsp_message_str(from->channel),
        .order_line = order->order_line,
        .reason = dsp_enum_name(&disputes__common__v1__reason__descriptor, (int)from->reason),
        .remedy = dsp_enum_name(&disputes__common__v1__remedy__descriptor, (int)from->remedy),
        .amount_minor = minor_of(from->amount),
        .paid_minor = minor_of(order->paid),
        .paid_ms = order->paid_time_millis,
        .shipped_ms = order->shipped_time_millis,
        .promised_ms = order->promised_time_millis,
        .received_ms = order->received_time_millis,
        .last_scan_ms = order->last_scan_time_millis,
    };
}

struct dsp_err arb_act_read(struct dsp_arena *arena, const struct dsp_key *key, const struct dsp_uuid *case_id,
                            struct dsp_str content, struct arb_act *ret_act)
{
    Disputes__Gateway__V1__Command *command;
    struct paper paper;
    struct arb_act act = {0};
    DSP_TRY(dsp_message_unpack(arena, &disputes__gateway__v1__command__descriptor, content, &command));
    if (!paper_of(command, &paper)) {
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "not a paper");
    }
    act.name = paper.name;
    act.clause_id = paper.clause ? dsp_message_str(paper.clause) : (struct dsp_str){NULL, 0};
    act.revokes = paper.revokes;
    if (paper.text) {
        struct dsp_err err = dsp_text_open(arena, key, case_id, &paper.text->base, &act.text);
        if (dsp_failed(err)) { /* a text that cannot be opened must not keep the case from the institution */
            dsp_log_err(DSP_LOG_ERROR, "a text of a paper does not open", err);
            act.text = (struct dsp_str){NULL, 0};
        }
    }
    if (command->act_case == DISPUTES__GATEWAY__V1__COMMAND__ACT_FILE_COMPLAINT) {
        act.filing = true;
        read_filing(command->file_complaint, &act.filed);
    }
    *ret_act = act;
    return dsp_ok();
}

struct dsp_err arb_ruling_read(struct dsp_arena *arena, struct dsp_str content, struct arb_ruling *ret_ruling)
{
    Disputes__Common__V1__Ruling *from;
    DSP_TRY(dsp_message_unpack(arena, &disputes__common__v1__ruling__descriptor, content, &from));
    *ret_ruling = (struct arb_ruling){
        .ruling_id = dsp_message_str(from->ruling_id),
        .liability = dsp_enum_name(&disputes__common__v1__liability__descriptor, (int)from->liability),
        .remedy = dsp_enum_name(&disputes__common__v1__remedy__descriptor, (int)from->remedy),
        .merchant_percent = from->merchant_percent,
        .amount_minor = minor_of(from->amount),
    };
    return dsp_ok();
}

struct dsp_err arb_body_seal(struct dsp_arena *arena, const struct dsp_key *key, const struct dsp_uuid *case_id,
                             struct dsp_str body, struct dsp_str *ret_sealed)
{
    struct dsp_sealed sealed;
    DSP_TRY(dsp_seal(arena, key, case_id, DSP_STR_LITERAL("arbitration.bundle"), body, &sealed));
    Disputes__Common__V1__Sealed message = DISPUTES__COMMON__V1__SEALED__INIT;
    static char FIELD[] = "arbitration.bundle";
    message.nonce = binary(sealed.nonce);
    message.ciphertext = binary(sealed.ciphertext);
    message.field = FIELD;
    message.version = sealed.version;
    return dsp_message_pack(arena, &message.base, ret_sealed);
}

struct dsp_err arb_body_open(struct dsp_arena *arena, const struct dsp_key *key, const struct dsp_uuid *case_id,
                             struct dsp_str sealed, struct dsp_str *ret_body)
{
    Disputes__Common__V1__Sealed *message;
    DSP_TRY(dsp_message_unpack(arena, &disputes__common__v1__sealed__descriptor, sealed, &message));
    struct dsp_sealed text = {.nonce = bytes_of(message->nonce),
                              .ciphertext = bytes_of(message->ciphertext),
                              .field = dsp_message_str(message->field),
                              .version = message->version};
    return dsp_unseal(arena, key, case_id, &text, ret_body);
}
