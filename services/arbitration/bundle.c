#include "arbitration/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/codes.h"

#define FORMAT (JSON_COMPACT | JSON_SORT_KEYS)

/* What is being built. */
struct building {
    struct dsp_arena *arena;
    const struct arb_bundle_source *source;
    json_t *manifest, *documents, *claim;
    int64_t claimed_minor;
    struct dsp_err err; /* the first */
};

static void note(struct building *building, struct dsp_err err)
{
    if (!dsp_failed(building->err)) {
        building->err = err;
    }
}

static json_t *text(struct dsp_str from)
{
    return json_stringn(from.ptr ? from.ptr : "", from.len);
}

static json_t *hex(struct dsp_str bytes)
{
    char shown[65] = "";
    if (bytes.len == 32) {
        dsp_hex((const uint8_t *)bytes.ptr, 32, shown);
    }
    return json_string(shown);
}

/* RFC 3339; null for an instant that has not come. */
static json_t *instant(int64_t time_ms)
{
    char shown[DSP_TIME_TEXT_BYTES];
    if (!time_ms) {
        return json_null();
    }
    dsp_time_format(time_ms, shown);
    return json_string(shown);
}

static struct dsp_str dump(struct building *building, json_t *value)
{
    char *bytes = json_dumps(value, FORMAT);
    struct dsp_str copy = {NULL, 0};
    if (bytes) {
        copy = dsp_arena_copy(building->arena, dsp_str_from(bytes));
        free(bytes);
    }
    json_decref(value);
    if (!copy.ptr) {
        note(building, dsp_reject(DSP_CODE_ARENA_FULL, "the bundle does not fit"));
    }
    return copy;
}

static void list(struct building *building, const char *name, const char *hash, int64_t size_bytes,
                 const char *media_type)
{
    json_array_append_new(building->manifest, json_pack("{s:s,s:s,s:I,s:s}", "name", name, "sha256", hash, "size_bytes",
                                                        (json_int_t)size_bytes, "media_type", media_type));
}

/* Encloses a document of ours; takes over the reference. */
static void enclose(struct building *building, const char *name, json_t *content)
{
    uint8_t digest[32];
    char shown[65];
    struct dsp_str bytes = dump(building, content);
    dsp_sha256(bytes, digest);
    dsp_hex(digest, sizeof digest, shown);
    list(building, name, shown, (int64_t)bytes.len, "application/json");
    json_object_set_new(building->documents, name, json_pack("{s:o}", "text", text(bytes)));
}

/* --- papers --- */

static void claim(struct building *building, const struct arb_filing *filed)
{
    const struct arb_case_row *row = building->source->row;
    int64_t asked = building->source->asked_minor;
    building->claimed_minor = asked ? asked : filed->amount_minor;
    json_object_set_new(building->claim, "order_id", text(row->head.order_id));
    json_object_set_new(building->claim, "order_line", json_integer(filed->order_line));
    json_object_set_new(building->claim, "platform_id", text(row->head.platform_id));
    json_object_set_new(building->claim, "consumer_id", text(filed->consumer_id));
    json_object_set_new(building->claim, "merchant_id", text(filed->merchant_id));
    json_object_set_new(building->claim, "consumer_clause_id", text(filed->consumer_clause_id));
    json_object_set_new(building->claim, "merchant_clause_id", text(filed->merchant_clause_id));
    json_object_set_new(building->claim, "reason", json_string(filed->reason));
    json_object_set_new(building->claim, "remedy", json_string(filed->remedy));
    json_object_set_new(building->claim, "amount_minor", json_integer(building->claimed_minor));
    json_object_set_new(building->claim, "paid_minor", json_integer(filed->paid_minor));
    json_object_set_new(building->claim, "currency", json_string("CNY"));
}

static json_t *facts(const struct arb_filing *filed)
{
    return json_pack("{s:o,s:o,s:I,s:o,s:o,s:o,s:o,s:o}", "category", text(filed->category), "channel",
                     text(filed->channel), "paid_minor", (json_int_t)filed->paid_minor, "paid", instant(filed->paid_ms),
                     "shipped", instant(filed->shipped_ms), "promised", instant(filed->promised_ms), "received",
                     instant(filed->received_ms), "last_scan", instant(filed->last_scan_ms));
}

/* The agreement that a side has given after the dispute arose takes the place of the one in its standing terms. */
static void agree(struct building *building, int32_t side, const struct arb_act *act)
{
    bool merchant = strcmp(arb_role_name(side), "MERCHANT") == 0;
    const char *name = merchant ? "merchant_clause_id" : "consumer_clause_id";
    json_object_set_new(building->claim, name, act->revokes ? json_string("") : text(act->clause_id));
}

static void add_act(struct building *building, const struct arb_paper_row *row)
{
    struct arb_act act;
    char name[64];
    struct dsp_err err = arb_act_read(building->arena, building->source->key, &building->source->row->head.case_id,
                                      row->content, &act);
    if (dsp_failed(err)) {
        note(building, err);
        return;
    }
    json_t *content = json_pack("{s:I,s:s,s:s,s:o,s:o}", "sequence", (json_int_t)row->sequence, "act", act.name, "side",
                                arb_role_name(row->side), "time", instant(row->time_ms), "text", text(act.text));
    if (act.filing) {
        claim(building, &act.filed);
        json_object_set_new(content, "reason", json_string(act.filed.reason));
        json_object_set_new(content, "remedy", json_string(act.filed.remedy));
        json_object_set_new(content, "amount_minor", json_integer(act.filed.amount_minor));
        json_object_set_new(content, "order", facts(&act.filed));
        snprintf(name, sizeof name, "filing.json");
    } else {
        snprintf(name, sizeof name, "paper-%lld.json", (long long)row->sequence);
    }
    if (act.clause_id.len) {
        agree(building, row->side, &act);
        json_object_set_new(content, "clause_id", text(act.clause_id));
    }
    enclose(building, name, content);
}

static void add_decision(struct building *building, const struct arb_paper_row *row)
{
    struct arb_ruling ruling;
    struct dsp_err err = arb_ruling_read(building->arena, row->content, &ruling);
    if (dsp_failed(err)) {
        note(building, err);
        return;
    }
    enclose(building, "decision.json",
            json_pack("{s:o,s:s,s:s,s:s,s:i,s:I,s:I,s:o}", "decision_id", text(ruling.ruling_id), "basis",
                      arb_basis_name(row->basis), "liability", ruling.liability, "remedy", ruling.remedy,
                      "merchant_percent", (int)ruling.merchant_percent, "amount_minor", (json_int_t)ruling.amount_minor,
                      "sequence", (json_int_t)row->sequence, "time", instant(row->time_ms)));
}

static void add_papers(struct building *building)
{
    const struct dsp_list *papers = building->source->papers;
    const struct arb_paper_row *decision = NULL; /* the last one is in force */
    for (size_t i = 0; i < papers->count; i++) {
        const struct arb_paper_row *row = papers->items[i];
        if (row->kind == ARB_PAPER_RULING) {
            decision = row;
        } else {
            add_act(building, row);
        }
    }
    if (decision && decision->content.len) {
        add_decision(building, decision);
    }
}

/* --- timeline and items --- */

static void add_timeline(struct building *building)
{
    const struct dsp_list *timeline = building->source->timeline;
    json_t *rows = json_array();
    for (size_t i = 0; i < timeline->count; i++) {
        const struct arb_timeline_row *row = timeline->items[i];
        json_array_append_new(rows, json_pack("{s:I,s:s,s:o,s:o}", "sequence", (json_int_t)row->sequence, "type",
                                              arb_entry_name(row->type), "time", instant(row->time_ms), "hash",
                                              hex(row->hash)));
    }
    enclose(building, "timeline.json", rows);
}

static const char *state_word(int32_t state)
{
    switch ((enum arb_item_state)state) {
    case ARB_ITEM_IN_TIME:
        return "IN_TIME";
    case ARB_ITEM_LATE:
        return "LATE";
    case ARB_ITEM_ADMITTED_LATE:
        return "ADMITTED_LATE";
    case ARB_ITEM_REDACTED:
        return "REDACTED";
    case ARB_ITEM_RECEIVED:
    case ARB_ITEM_REFUSED:
        break;
    }
    return "RECEIVED";
}

/* "type/subtype": what a sender called it otherwise travels as bytes. */
static bool is_media_type(struct dsp_str type)
{
    size_t slashes = 0;
    for (size_t i = 0; i < type.len; i++) {
        char c = type.ptr[i];
        bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("._+-", c);
        slashes += c == '/';
        if ((!word && c != '/') || (c == '/' && (i == 0 || i + 1 == type.len))) {
            return false;
        }
    }
    return slashes == 1 && type.len <= 128;
}

static void add_item(struct building *building, const struct arb_item_row *row)
{
    char shown[65];
    struct dsp_str name = dsp_arena_format(building->arena, "evidence/%.*s", DSP_STR_ARG(row->item_id));
    struct dsp_str media = is_media_type(row->media_type) ? dsp_arena_copy(building->arena, row->media_type)
                                                          : DSP_STR_LITERAL("application/octet-stream");
    if (row->state == ARB_ITEM_REFUSED || row->sha256.len != 32 || row->size_bytes < 0) {
        return; /* not in custody */
    }
    if (!name.ptr || !media.ptr) {
        note(building, dsp_reject(DSP_CODE_ARENA_FULL, "the bundle does not fit"));
        return;
    }
    dsp_hex((const uint8_t *)row->sha256.ptr, 32, shown);
    list(building, name.ptr, shown, row->size_bytes, media.ptr);
    json_object_set_new(building->documents, name.ptr,
                        json_pack("{s:o,s:s,s:s,s:I}", "reference", text(row->reference), "state",
                                  state_word(row->state), "side", arb_role_name(row->side), "sequence",
                                  (json_int_t)row->entry_seq));
}

static struct dsp_str whole(struct building *building)
{
    char case_id[DSP_UUID_TEXT_BYTES];
    const struct arb_bundle_source *source = building->source;
    dsp_uuid_format(&source->row->head.case_id, case_id);
    return dump(building,
                json_pack("{s:o,s:s,s:i,s:O,s:O,s:O,s:o}", "bundle_id", text(source->bundle_id), "case_id", case_id,
                          "referral", (int)source->referral, "claim", building->claim, "manifest", building->manifest,
                          "documents", building->documents, "callback_url", text(source->callback_url)));
}

struct dsp_err arb_bundle_make(struct dsp_arena *arena, const struct arb_bundle_source *source,
                               struct arb_bundle *ret_bundle)
{
    struct building building = {
        .arena = arena, .source = source, .manifest = json_array(), .documents = json_object(), .claim = json_object()};
    add_papers(&building);
    add_timeline(&building);
    for (size_t i = 0; i < source->items->count; i++) {
        add_item(&building, source->items->items[i]);
    }
    struct arb_bundle bundle = {.body = whole(&building), .claimed_minor = building.claimed_minor};
    json_decref(building.manifest);
    json_decref(building.documents);
    json_decref(building.claim);
    if (!dsp_failed(building.err)) {
        dsp_sha256(bundle.body, bundle.sha256);
        *ret_bundle = bundle;
    }
    return building.err;
}
