#include "arbitration/institution.h"

#include <event2/http.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"

#define CALL_TIMEOUT_MS 10000
#define SIGNATURE_MAX_BYTES 1024

const struct dsp_setting ARB_SETTINGS[] = {
    {"INSTITUTION_BASE_URL", DSP_SETTING_TEXT, offsetof(struct arb_settings, base_url), NULL, true, false, 0, 0,
     "where the arbitration institution takes bundles"},
    {"INSTITUTION_KEY", DSP_SETTING_TEXT, offsetof(struct arb_settings, public_key), NULL, true, false, 0, 0,
     "the institution's public key, PEM; INSTITUTION_KEY_FILE names its file"},
    {"INSTITUTION_KEY_ID", DSP_SETTING_TEXT, offsetof(struct arb_settings, key_id), "cn-demo-arb-1", false, false, 0, 0,
     "name of that key in Institution-Signature"},
    {"INSTITUTION_CALLBACK_URL", DSP_SETTING_TEXT, offsetof(struct arb_settings, callback_url), NULL, true, false, 0, 0,
     "our door as the institution reaches it; /<case>/<order> is added"},
    {"ARBITRATION_SIGNING_KEY", DSP_SETTING_TEXT, offsetof(struct arb_settings, signing_key), NULL, true, true, 0, 0,
     "our private RSA key, PEM; ARBITRATION_SIGNING_KEY_FILE names its file"},
    {"ARBITRATION_SIGNING_KEY_ID", DSP_SETTING_TEXT, offsetof(struct arb_settings, signing_key_id), "heshi-arbitration",
     false, false, 0, 0, "name of that key in Heshi-Signature"},
    DSP_SETTINGS_END,
};

struct arb_institution {
    const struct arb_settings *settings;
    EVP_PKEY *theirs, *ours;
};

static struct dsp_err full(void)
{
    return dsp_reject(DSP_CODE_ARENA_FULL, "institution's message");
}

static EVP_PKEY *read_key(const char *pem, bool private)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *key = NULL;
    if (bio) {
        key = private ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
        BIO_free(bio);
    }
    return key;
}

struct dsp_err arb_institution_new(const struct arb_settings *settings, struct arb_institution **ret_institution)
{
    struct arb_institution *institution = calloc(1, sizeof *institution);
    if (!institution) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    *institution = (struct arb_institution){.settings = settings,
                                            .theirs = read_key(settings->public_key, false),
                                            .ours = read_key(settings->signing_key, true)};
    if (!institution->theirs || !institution->ours) {
        bool theirs = institution->theirs != NULL;
        arb_institution_free(institution);
        return dsp_fatal(DSP_CODE_CONFIG_INVALID, "%s is no PEM key",
                         theirs ? "ARBITRATION_SIGNING_KEY" : "INSTITUTION_KEY");
    }
    *ret_institution = institution;
    return dsp_ok();
}

void arb_institution_free(struct arb_institution *institution)
{
    if (institution) {
        EVP_PKEY_free(institution->theirs);
        EVP_PKEY_free(institution->ours);
        free(institution);
    }
}

/* --- addresses --- */

struct dsp_str arb_callback_url(const struct arb_institution *institution, struct dsp_arena *arena,
                                const struct dsp_uuid *case_id, struct dsp_str order_id)
{
    char text[DSP_UUID_TEXT_BYTES];
    dsp_uuid_format(case_id, text);
    char *order = evhttp_uriencode(order_id.ptr, (ev_ssize_t)order_id.len, 0);
    struct dsp_str url = {NULL, 0};
    if (order) {
        url = dsp_arena_format(arena, "%s/%s/%s", institution->settings->callback_url, text, order);
        free(order);
    }
    return url;
}

struct dsp_str arb_bundle_id(struct dsp_arena *arena, const struct dsp_uuid *case_id, int64_t referral)
{
    char text[DSP_UUID_TEXT_BYTES];
    dsp_uuid_format(case_id, text);
    return dsp_arena_format(arena, "%s-%lld", text, (long long)referral);
}

/* --- signatures: RSA-SHA256 (PKCS #1 v1.5) over the raw body, base64 --- */

static bool sign(EVP_PKEY *key, struct dsp_str body, char *text)
{
    uint8_t bytes[SIGNATURE_MAX_BYTES];
    size_t size = sizeof bytes;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestSign(context, bytes, &size, (const uint8_t *)body.ptr, body.len) == 1;
    EVP_MD_CTX_free(context);
    if (good) {
        EVP_EncodeBlock((uint8_t *)text, bytes, (int)size);
    }
    return good;
}

static bool verify(EVP_PKEY *key, struct dsp_str body, struct dsp_str text)
{
    uint8_t bytes[SIGNATURE_MAX_BYTES];
    if (text.len == 0 || text.len % 4 || text.len / 4 * 3 > sizeof bytes) {
        return false;
    }
    int size = EVP_DecodeBlock(bytes, (const uint8_t *)text.ptr, (int)text.len);
    for (size_t i = text.len; size > 0 && i-- > text.len - 2 && text.ptr[i] == '=';) {
        size--; /* DecodeBlock counts the padding as bytes */
    }
    EVP_MD_CTX *context = size > 0 ? EVP_MD_CTX_new() : NULL;
    bool good = context && EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
                EVP_DigestVerify(context, bytes, (size_t)size, (const uint8_t *)body.ptr, body.len) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

/* Value of name="…" in a list separated by commas; empty when it is not there. */
static struct dsp_str parameter(struct dsp_str header, const char *name)
{
    size_t size = strlen(name);
    for (size_t at = 0; at + size + 2 < header.len; at++) {
        bool begins = at == 0 || header.ptr[at - 1] == ',' || header.ptr[at - 1] == ' ';
        if (begins && strncmp(header.ptr + at, name, size) == 0 && strncmp(header.ptr + at + size, "=\"", 2) == 0) {
            const char *from = header.ptr + at + size + 2;
            const char *end = memchr(from, '"', header.len - (at + size + 2));
            return end ? (struct dsp_str){from, (size_t)(end - from)} : (struct dsp_str){NULL, 0};
        }
    }
    return (struct dsp_str){NULL, 0};
}

static struct dsp_err check_signature(const struct arb_institution *institution, struct dsp_str header,
                                      struct dsp_str body)
{
    if (!dsp_str_is(parameter(header, "keyid"), institution->settings->key_id) ||
        !dsp_str_is(parameter(header, "alg"), "rsa-sha256")) {
        return dsp_reject(DSP_CODE_SIGNATURE_INVALID, "no signature by the institution's key");
    }
    return verify(institution->theirs, body, parameter(header, "signature"))
               ? dsp_ok()
               : dsp_reject(DSP_CODE_SIGNATURE_INVALID, "the signature does not match the bytes received");
}

/* --- calls --- */

struct dsp_err arb_call_send(const struct arb_institution *institution, struct dsp_arena *arena, struct dsp_str body,
                             struct dsp_call *ret_call)
{
    char signature[SIGNATURE_MAX_BYTES * 2];
    if (!sign(institution->ours, body, signature)) {
        return dsp_retry(DSP_CODE_SYSTEM_FAILED, "the bundle could not be signed");
    }
    *ret_call = (struct dsp_call){
        .method = "POST",
        .url = dsp_arena_format(arena, "%s/v1/bundles", institution->settings->base_url),
        .headers = {DSP_STR_LITERAL("Content-Type: application/json"),
                    dsp_arena_format(arena, "Heshi-Signature: keyid=\"%s\",alg=\"rsa-sha256\",signature=\"%s\"",
                                     institution->settings->signing_key_id, signature)},
        .header_count = 2,
        .body = body,
        .timeout_ms = CALL_TIMEOUT_MS,
    };
    return ret_call->url.ptr && ret_call->headers[1].ptr ? dsp_ok() : full();
}

struct dsp_err arb_call_ask(const struct arb_institution *institution, struct dsp_arena *arena,
                            struct dsp_str bundle_id, struct dsp_call *ret_call)
{
    *ret_call = (struct dsp_call){
        .method = "GET",
        .url = dsp_arena_format(arena, "%s/v1/bundles/%.*s", institution->settings->base_url, DSP_STR_ARG(bundle_id)),
        .timeout_ms = CALL_TIMEOUT_MS,
    };
    return ret_call->url.ptr ? dsp_ok() : full();
}

/* --- JSON --- */

static json_t *load(struct dsp_str body)
{
    json_t *root = json_loadb(body.ptr ? body.ptr : "", body.len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(root)) {
        json_decref(root);
        return NULL;
    }
    return root;
}

/* A text member, copied; empty when it is missing or no text. */
static struct dsp_str text_member(struct dsp_arena *arena, const json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    return json_is_string(value)
               ? dsp_arena_copy(arena, (struct dsp_str){json_string_value(value), json_string_length(value)})
               : (struct dsp_str){NULL, 0};
}

struct arb_receipt arb_receipt_read(struct dsp_arena *arena, struct dsp_str body)
{
    struct arb_receipt receipt = {0};
    json_t *root = load(body);
    const json_t *fee = json_object_get(root, "fee");
    receipt.receipt_id = text_member(arena, root, "receipt_id");
    int64_t amount_minor = json_integer_value(json_object_get(fee, "amount_minor"));
    if (receipt.receipt_id.len && amount_minor > 0) {
        const char *due_from = json_string_value(json_object_get(fee, "due_from"));
        bool merchant = due_from && strcmp(due_from, "MERCHANT") == 0;
        receipt.fee = (struct arb_fee){
            .move = json_is_true(json_object_get(fee, "paid_to_institution")) ? ARB_FEE_PAID_BY_SIDE : ARB_FEE_ADVANCED,
            .consumer_minor = merchant ? 0 : amount_minor,
            .merchant_minor = merchant ? amount_minor : 0,
        };
    }
    json_decref(root);
    return receipt;
}

static struct dsp_err bad(const char *what)
{
    return dsp_reject(DSP_CODE_FIELD_INVALID, "%s", what);
}

/* A number that came as a number or as text: a referral's number is a name to them. */
static bool whole_member(const json_t *object, const char *name, int64_t *ret_value)
{
    const json_t *value = json_object_get(object, name);
    if (json_is_integer(value)) {
        *ret_value = json_integer_value(value);
        return true;
    }
    return json_is_string(value) &&
           dsp_str_to_int64((struct dsp_str){json_string_value(value), json_string_length(value)}, ret_value);
}

static enum arb_input kind_of(struct dsp_str kind, struct dsp_str status)
{
    static const struct {
        const char *kind, *status;
        enum arb_input input;
    } KINDS[] = {
        {"status", "acknowledged", ARB_INPUT_ACKNOWLEDGED},
        {"status", "accepted", ARB_INPUT_ACCEPTED},
        {"status", "answered", ARB_INPUT_ANSWERED},
        {"status", "hearing", ARB_INPUT_HEARING},
        {"declined", "", ARB_INPUT_DECLINED},
        {"award", "", ARB_INPUT_AWARD},
        {"settlement", "", ARB_INPUT_SETTLEMENT},
        {"set_aside", "", ARB_INPUT_SET_ASIDE},
    };
    for (size_t i = 0; i < sizeof KINDS / sizeof *KINDS; i++) {
        if (dsp_str_is(kind, KINDS[i].kind) && dsp_str_is(status, KINDS[i].status)) {
            return KINDS[i].input;
        }
    }
    return ARB_INPUT_NONE;
}

static struct dsp_err read_award(struct dsp_arena *arena, const json_t *from, struct arb_message *message)
{
    static const char *const FOR[] = {"", "consumer", "merchant", "split"};
    struct arb_award award = {0};
    struct dsp_str outcome = text_member(arena, from, "outcome");
    struct dsp_str currency = text_member(arena, from, "currency");
    struct dsp_str hash = text_member(arena, from, "document_sha256");
    uint8_t *bytes = dsp_arena_alloc(arena, 32);
    for (int i = ARB_FOR_CONSUMER; i <= ARB_FOR_SPLIT; i++) {
        award.award_for = dsp_str_is(outcome, FOR[i]) ? (enum arb_award_for)i : award.award_for;
    }
    if (currency.len && !dsp_str_is(currency, "CNY")) {
        return bad("another currency than CNY");
    }
    if (!json_is_integer(json_object_get(from, "amount_minor"))) {
        return bad("award.amount_minor");
    }
    award.amount_minor = json_integer_value(json_object_get(from, "amount_minor"));
    award.consumer_fee_minor = json_integer_value(json_object_get(from, "fee_consumer_minor"));
    award.merchant_fee_minor = json_integer_value(json_object_get(from, "fee_merchant_minor"));
    if (!bytes) {
        return full();
    }
    if (hash.len && !dsp_unhex(hash, bytes, 32)) {
        return bad("award.document_sha256");
    }
    message->document_sha256 = hash.len ? (struct dsp_str){(const char *)bytes, 32} : (struct dsp_str){NULL, 0};
    message->award = award;
    message->has_award = true;
    return arb_award_check(&award);
}

static struct dsp_err read_message(struct dsp_arena *arena, const json_t *root, struct arb_message *message)
{
    int64_t referral = 0;
    message->institution = text_member(arena, root, "institution");
    message->message_id = text_member(arena, root, "message_id");
    message->kind = kind_of(text_member(arena, root, "kind"), text_member(arena, root, "status"));
    message->hearing_date = text_member(arena, root, "hearing_date");
    message->reason_code = text_member(arena, root, "reason_code");
    message->court_docket = text_member(arena, root, "court_docket");
    if (!message->institution.len || !message->message_id.len || message->message_id.len > 128) {
        return bad("institution and message_id are required");
    }
    if (message->kind == ARB_INPUT_NONE) {
        return dsp_reject(DSP_CODE_KIND_UNKNOWN, "kind or status is not known");
    }
    if (!whole_member(root, "referral", &referral) || referral < 1 || referral > INT32_MAX ||
        !whole_member(root, "sequence", &message->sequence) || message->sequence < 1) {
        return bad("referral and sequence count from 1");
    }
    message->referral = (int32_t)referral;
    const json_t *award = json_object_get(root, "award");
    if (message->kind == ARB_INPUT_AWARD && !award) {
        return bad("an award without its content");
    }
    return award ? read_award(arena, award, message) : dsp_ok();
}

/* "<case_id>/<order_id>"; the order id is percent-encoded. */
static struct dsp_err read_path(struct dsp_arena *arena, struct dsp_str path, struct dsp_door_record *record)
{
    const char *slash = path.len ? memchr(path.ptr, '/', path.len) : NULL;
    if (!slash || !dsp_uuid_parse((struct dsp_str){path.ptr, (size_t)(slash - path.ptr)}, &record->case_id)) {
        return bad("the path is /<case_id>/<order_id>");
    }
    struct dsp_str rest = {slash + 1, path.len - (size_t)(slash + 1 - path.ptr)};
    struct dsp_str raw = dsp_arena_copy(arena, rest);
    size_t size = 0;
    char *order = raw.ptr ? evhttp_uridecode(raw.ptr, 0, &size) : NULL;
    if (order) {
        record->order_id = dsp_arena_copy(arena, (struct dsp_str){order, size});
        free(order);
    }
    return record->order_id.len ? dsp_ok() : bad("the path is /<case_id>/<order_id>");
}

struct dsp_err arb_message_accept(const struct arb_institution *institution, struct dsp_arena *arena,
                                  struct dsp_str signature, struct dsp_str path, struct dsp_str body,
                                  struct dsp_door_record *ret_record)
{
    struct dsp_door_record record = {.type = "cn.example.disputes.arbitration.inbound.v1",
                                     .schema = "urn:proto:disputes.arbitration.v1.Inbound"};
    struct arb_message message = {0};
    struct dsp_uuid about;
    uint8_t hash[32];
    DSP_TRY(check_signature(institution, signature, body));
    DSP_TRY(read_path(arena, path, &record));
    json_t *root = load(body);
    if (!root) {
        return bad("the body is no JSON object");
    }
    struct dsp_err err = read_message(arena, root, &message);
    bool same = dsp_uuid_parse(text_member(arena, root, "case_id"), &about) && dsp_uuid_equal(&about, &record.case_id);
    json_decref(root);
    DSP_TRY(err);
    if (!same) {
        return bad("the message is about another case than its address");
    }
    dsp_sha256(body, hash);
    message.body_sha256 = (struct dsp_str){(const char *)hash, sizeof hash};
    record.id = message.message_id;
    record.source = dsp_arena_format(arena, "/institutions/%.*s", DSP_STR_ARG(message.institution));
    DSP_TRY(arb_message_pack(arena, &message, &record.value));
    *ret_record = record;
    return record.source.ptr ? dsp_ok() : full();
}
