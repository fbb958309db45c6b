/* services/arbitration/handlers.c and bundle.c: a case goes to the institution and comes back, or does not. */
#include "arbitration/handlers.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "arbitration/codec.h"
#include "common/base/codes.h"
#include "common/service/message.h"
#include "support/turn.h"

#define TYPE(name) DISPUTES__CASE__V1__ENTRY_TYPE__ENTRY_TYPE_##name
#define ROLE(name) DISPUTES__COMMON__V1__ROLE__ROLE_##name
#define ARB(name) DISPUTES__ARBITRATION__V1__FINDING__FINDING_##name

typedef Disputes__Case__V1__Entry entry_message;

static const struct dsp_uuid CASE = {{1, 2, 3}};
static char CASE_TEXT[] = "01020300-0000-0000-0000-000000000000";
static char ORDER[] = "o-1";
static char PLATFORM[] = "p";
static char CLAUSE[] = "A-7";
static char CNY[] = "CNY";
static struct arb arb;
static EVP_PKEY *theirs;
static char their_pem[2048], our_pem[4096];
static uint64_t sequence;
static int64_t messages; /* of the institution */

/* --- keys --- */

static void to_text(BIO *bio, char *text, size_t size)
{
    int length = BIO_read(bio, text, (int)size - 1);
    text[length > 0 ? length : 0] = '\0';
    BIO_free(bio);
}

static int make_keys(void **state)
{
    (void)state;
    theirs = EVP_RSA_gen(2048);
    EVP_PKEY *ours = EVP_RSA_gen(2048);
    BIO *bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PUBKEY(bio, theirs);
    to_text(bio, their_pem, sizeof their_pem);
    bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, ours, NULL, NULL, 0, NULL, NULL);
    to_text(bio, our_pem, sizeof our_pem);
    EVP_PKEY_free(ours);
    return 0;
}

static int drop_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(theirs);
    return 0;
}

static void know_key(void)
{
    uint8_t wrapped[DSP_WRAPPED_KEY_BYTES];
    struct dsp_key key;
    assert_ok(dsp_key_generate(&key));
    assert_ok(dsp_key_wrap(dsp_keys_deployment(turn_world.keys), &CASE, &key, wrapped));
    assert_ok(dsp_keys_put(turn_world.keys, &CASE, (struct dsp_str){(const char *)wrapped, sizeof wrapped}));
}

static int set_up(void **state)
{
    (void)state;
    arb_store_setup();
    turn_set_up(ARB_TABLES, ARB_TABLE_COUNT);
    arb.settings = (struct arb_settings){.base_url = "http://institution",
                                         .public_key = their_pem,
                                         .key_id = "k1",
                                         .callback_url = "http://us/institution",
                                         .signing_key = our_pem,
                                         .signing_key_id = "heshi"};
    assert_ok(arb_start(&arb, NULL));
    know_key();
    sequence = 0;
    messages = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arb_institution_free(arb.institution);
    turn_tear_down();
    return 0;
}

/* --- a small docket --- */

static void append(entry_message *entry)
{
    Disputes__Case__V1__CaseEvent event = DISPUTES__CASE__V1__CASE_EVENT__INIT;
    struct dsp_record record = {.kind = DSP_RECORD_MESSAGE, .topic = ARB_TOPIC_LOG, .key = dsp_str_from(ORDER)};
    entry->case_id = CASE_TEXT;
    entry->order_id = ORDER;
    entry->platform_id = PLATFORM;
    entry->sequence = ++sequence;
    entry->generation = 1;
    entry->time_millis = 1000 * (int64_t)sequence;
    event.record_case = DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY;
    event.entry = entry;
    record.envelope.sequence = (int64_t)sequence;
    record.envelope.subject = CASE;
    assert_ok(dsp_message_pack(turn_world.arena, &event.base, &record.value));
    turn_world.turn.now_ms = entry->time_millis;
    assert_ok(arb_decode(&arb, &turn_world.turn, &record));
    assert_ok(arb_handle(&arb, &turn_world.turn, &record));
}

static void plain(Disputes__Case__V1__EntryType type)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    entry.type = type;
    append(&entry);
}

static void command(Disputes__Gateway__V1__Command *act, Disputes__Common__V1__Role role,
                    Disputes__Case__V1__EntryType type)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Common__V1__Actor actor = DISPUTES__COMMON__V1__ACTOR__INIT;
    actor.role = role;
    act->actor = &actor;
    entry.type = type;
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_GATEWAY_COMMAND;
    entry.gateway_command = act;
    append(&entry);
    act->actor = NULL;
}

static void file(void)
{
    Disputes__Gateway__V1__Command act = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__FileComplaint filing = DISPUTES__GATEWAY__V1__FILE_COMPLAINT__INIT;
    Disputes__Common__V1__Money amount = DISPUTES__COMMON__V1__MONEY__INIT;
    amount.amount_minor = 168000;
    amount.currency = CNY;
    filing.amount = &amount;
    act.act_case = DISPUTES__GATEWAY__V1__COMMAND__ACT_FILE_COMPLAINT;
    act.file_complaint = &filing;
    command(&act, ROLE(CONSUMER), TYPE(COMPLAINT_FILED));
}

static void consent(Disputes__Common__V1__Role role, bool revoke)
{
    Disputes__Gateway__V1__Command act = DISPUTES__GATEWAY__V1__COMMAND__INIT;
    Disputes__Gateway__V1__ConsentToArbitration given = DISPUTES__GATEWAY__V1__CONSENT_TO_ARBITRATION__INIT;
    Disputes__Gateway__V1__RevokeConsent taken = DISPUTES__GATEWAY__V1__REVOKE_CONSENT__INIT;
    given.clause_id = taken.clause_id = CLAUSE;
    act.act_case = revoke ? DISPUTES__GATEWAY__V1__COMMAND__ACT_REVOKE_CONSENT
                          : DISPUTES__GATEWAY__V1__COMMAND__ACT_CONSENT_TO_ARBITRATION;
    act.consent_to_arbitration = revoke ? NULL : &given;
    if (revoke) {
        act.revoke_consent = &taken;
    }
    command(&act, role, TYPE(ACT));
}

static void decide(Disputes__Case__V1__EntryType type, int64_t amount_minor)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Common__V1__Ruling ruling = DISPUTES__COMMON__V1__RULING__INIT;
    Disputes__Common__V1__Money amount = DISPUTES__COMMON__V1__MONEY__INIT;
    amount.amount_minor = amount_minor;
    amount.currency = CNY;
    ruling.amount = &amount;
    entry.type = type;
    entry.ruling = &ruling;
    append(&entry);
}

static void breach(Disputes__Common__V1__ClockKind kind, Disputes__Case__V1__EntryType type)
{
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Sla__V1__Finding finding = DISPUTES__SLA__V1__FINDING__INIT;
    Disputes__Sla__V1__ClockBreached breached = DISPUTES__SLA__V1__CLOCK_BREACHED__INIT;
    Disputes__Sla__V1__ClockDue due = DISPUTES__SLA__V1__CLOCK_DUE__INIT;
    Disputes__Common__V1__ClockRef clock = DISPUTES__COMMON__V1__CLOCK_REF__INIT;
    clock.kind = kind;
    due.clock = &clock;
    breached.clock = &due;
    finding.finding_case = DISPUTES__SLA__V1__FINDING__FINDING_CLOCK_BREACHED;
    finding.clock_breached = &breached;
    entry.type = type;
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_SLA_FINDING;
    entry.sla_finding = &finding;
    append(&entry);
}

/* Takes the one finding said last into the log under this type; its kind. */
static int read_back(Disputes__Case__V1__EntryType type)
{
    struct turn_out out;
    entry_message entry = DISPUTES__CASE__V1__ENTRY__INIT;
    Disputes__Arbitration__V1__Finding *finding;
    if (!turn_next(&out)) {
        return 0;
    }
    assert_ok(
        dsp_message_unpack(turn_world.arena, &disputes__arbitration__v1__finding__descriptor, out.value, &finding));
    entry.type = type;
    entry.content_case = DISPUTES__CASE__V1__ENTRY__CONTENT_ARBITRATION_FINDING;
    entry.arbitration_finding = finding;
    append(&entry);
    return (int)finding->finding_case;
}

/* --- the institution --- */

static struct dsp_job *job(void)
{
    return arb_store_job(&turn_world.turn, &CASE, 1);
}

static const struct arb_referral_row *referral(void)
{
    return arb_store_referral(&turn_world.turn, &CASE, 0);
}

static json_t *bundle(void)
{
    struct dsp_call call;
    assert_ok(arb_call(&arb, turn_world.arena, job(), &call));
    json_t *root = json_loadb(call.body.ptr, call.body.len, 0, NULL);
    assert_non_null(root);
    return root;
}

static void takes_bundle(void)
{
    struct dsp_record record = {.kind = DSP_RECORD_ANSWER,
                                .case_id = CASE,
                                .answer = {.number = job()->number,
                                           .kind = job()->kind,
                                           .mode = job()->mode,
                                           .status = 202,
                                           .body = DSP_STR_LITERAL("{\"receipt_id\":\"r1\"}"),
                                           .authentic = true}};
    assert_ok(arb_handle(&arb, &turn_world.turn, &record));
}

/* Its signature over a body; `spoiled`: one bit of it flipped. */
static struct dsp_str sign(const char *body, bool spoiled)
{
    uint8_t bytes[512];
    char text[1024];
    size_t size = sizeof bytes;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, theirs), 1);
    assert_int_equal(EVP_DigestSign(context, bytes, &size, (const uint8_t *)body, strlen(body)), 1);
    EVP_MD_CTX_free(context);
    bytes[7] ^= spoiled ? 1 : 0;
    EVP_EncodeBlock((uint8_t *)text, bytes, (int)size);
    return dsp_arena_format(turn_world.arena, "keyid=\"k1\",alg=\"rsa-sha256\",signature=\"%s\"", text);
}

/* A message at the door; when it is let in, it is read in the lane. */
static struct dsp_err sends(const char *rest, bool spoiled)
{
    struct dsp_door_record door;
    char body[512];
    char path[128];
    snprintf(body, sizeof body,
             "{\"institution\":\"i\",\"case_id\":\"%s\",\"referral\":1,\"message_id\":\"m%lld\",\"sequence\":%lld,%s}",
             CASE_TEXT, (long long)messages + 1, (long long)messages + 1, rest);
    snprintf(path, sizeof path, "%s/%s", CASE_TEXT, ORDER);
    DSP_TRY(arb_message_accept(arb.institution, turn_world.arena, sign(body, spoiled), dsp_str_from(path),
                               dsp_str_from(body), &door));
    struct dsp_record record = {.kind = DSP_RECORD_MESSAGE,
                                .topic = ARB_TOPIC_INBOUND,
                                .key = door.order_id,
                                .value = door.value,
                                .time_ms = 5000};
    record.envelope.id = door.id;
    record.envelope.source = door.source;
    record.envelope.subject = door.case_id;
    messages++;
    assert_ok(arb_decode(&arb, &turn_world.turn, &record));
    assert_ok(arb_handle(&arb, &turn_world.turn, &record));
    return dsp_ok();
}

#define AWARD(minor) "\"kind\":\"award\",\"award\":{\"outcome\":\"consumer\",\"amount_minor\":" minor "}"

static void refer(void)
{
    file();
    consent(ROLE(CONSUMER), false);
    consent(ROLE(MERCHANT), false);
    plain(TYPE(CASE_REFERRED));
    takes_bundle();
    assert_int_equal(read_back(TYPE(FINDING)), ARB(REFERRAL_SENT));
}

/* --- bundles --- */

static void the_bundle_names_the_clauses_that_both_have_agreed_to(void **state) /* T34 */
{
    (void)state;
    file();
    consent(ROLE(CONSUMER), false);
    consent(ROLE(MERCHANT), false);
    plain(TYPE(CASE_REFERRED));
    json_t *root = bundle();
    const json_t *claim = json_object_get(root, "claim");
    assert_string_equal(json_string_value(json_object_get(claim, "consumer_clause_id")), "A-7");
    assert_string_equal(json_string_value(json_object_get(claim, "merchant_clause_id")), "A-7");
    assert_non_null(json_object_get(json_object_get(root, "documents"), "paper-2.json"));
    assert_null(json_object_get(json_object_get(root, "documents"), "decision.json"));
    json_decref(root);
}

static void a_consent_taken_back_names_no_clause(void **state)
{
    (void)state;
    file();
    consent(ROLE(CONSUMER), false);
    consent(ROLE(CONSUMER), true);
    plain(TYPE(CASE_REFERRED));
    json_t *root = bundle();
    assert_string_equal(json_string_value(json_object_get(json_object_get(root, "claim"), "consumer_clause_id")), "");
    json_decref(root);
}

static void the_decision_in_force_goes_with_it_an_annulled_one_does_not(void **state) /* T46, T52 */
{
    (void)state;
    file();
    decide(TYPE(RULE_FOUND), 100);
    decide(TYPE(APPEAL_DECIDED), 90);
    plain(TYPE(CASE_REFERRED));
    json_t *root = bundle();
    json_t *document = json_object_get(json_object_get(json_object_get(root, "documents"), "decision.json"), "text");
    assert_non_null(strstr(json_string_value(document), "\"amount_minor\":90"));
    json_decref(root);
}

static void a_remanded_decision_is_not_in_the_bundle(void **state)
{
    (void)state;
    file();
    decide(TYPE(RULE_FOUND), 100);
    plain(TYPE(APPEAL_REMANDED));
    plain(TYPE(CASE_REFERRED));
    json_t *root = bundle();
    assert_null(json_object_get(json_object_get(root, "documents"), "decision.json"));
    json_decref(root);
}

/* --- chasing and ends --- */

static void a_silent_institution_gets_the_same_bundle_again_and_then_the_referral_lapses(void **state) /* E30, T59 */
{
    (void)state;
    refer();
    assert_int_equal(job()->state, DSP_JOB_DONE);
    breach(DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_ARB_ACK, TYPE(FINDING));
    assert_int_equal(job()->state, DSP_JOB_READY);
    assert_int_equal(job()->mode, ARB_CALL_SEND);
    takes_bundle();
    assert_int_equal(read_back(TYPE(FINDING)), 0); /* ReferralSent is said once */
    breach(DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_ARB_ACK, TYPE(REFERRAL_ENDED));
    assert_int_equal(referral()->state, ARB_STATE_LAPSED);
    assert_int_equal(job()->state, DSP_JOB_DONE);
}

static void a_stale_institution_is_asked(void **state)
{
    (void)state;
    refer();
    breach(DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_ARB_STALE, TYPE(FINDING));
    assert_int_equal(job()->state, DSP_JOB_READY);
    assert_int_equal(job()->mode, ARB_CALL_ASK);
}

static void an_award_after_the_referral_lapsed_is_said_and_refused(void **state)
{
    (void)state;
    refer();
    breach(DISPUTES__COMMON__V1__CLOCK_KIND__CLOCK_KIND_ARB_HARD, TYPE(REFERRAL_ENDED));
    assert_ok(sends(AWARD("168000"), false));
    assert_int_equal(read_back(TYPE(FINDING_REFUSED)), ARB(AWARD_RECEIVED));
    assert_int_equal(referral()->state, ARB_STATE_LAPSED);
    assert_int_equal(referral()->said_state, ARB_STATE_LAPSED);
}

static void an_institution_that_declines_ends_the_referral(void **state) /* T59, T60 */
{
    (void)state;
    refer();
    assert_ok(sends("\"kind\":\"declined\",\"reason_code\":\"NO_AGREEMENT\"", false));
    assert_int_equal(read_back(TYPE(REFERRAL_ENDED)), ARB(REFERRAL_DECLINED));
    assert_int_equal(referral()->state, ARB_STATE_DECLINED);
}

static void a_settlement_paper_ends_the_referral(void **state) /* T58 */
{
    (void)state;
    refer();
    assert_ok(sends("\"kind\":\"settlement\",\"award\":{\"outcome\":\"split\",\"amount_minor\":5000}", false));
    assert_int_equal(read_back(TYPE(SETTLED_IN_ARBITRATION)), ARB(SETTLED_IN_ARBITRATION));
    assert_int_equal(referral()->state, ARB_STATE_SETTLED);
}

static void a_withdrawn_complaint_ends_the_referral(void **state) /* T61 */
{
    (void)state;
    refer();
    plain(TYPE(COMPLAINT_WITHDRAWN));
    assert_int_equal(referral()->state, ARB_STATE_WITHDRAWN);
}

/* --- forged --- */

static void a_forged_award_stays_at_the_door_and_takes_no_number(void **state) /* SC11 */
{
    (void)state;
    refer();
    assert_ok(sends("\"kind\":\"status\",\"status\":\"accepted\"", false));
    assert_int_equal(read_back(TYPE(INSTITUTION_STATUS)), ARB(INSTITUTION_STATUS));
    assert_err(sends(AWARD("1680000"), true), DSP_ERR_REJECT, DSP_CODE_SIGNATURE_INVALID);
    assert_int_equal(referral()->last_sequence, 1);
    assert_int_equal(referral()->state, ARB_STATE_ACCEPTED);
    assert_int_equal(read_back(TYPE(AWARD_RECEIVED)), 0);
    assert_ok(sends(AWARD("168000"), false));
    assert_int_equal(referral()->last_sequence, 2);
    assert_int_equal(read_back(TYPE(AWARD_RECEIVED)), ARB(AWARD_RECEIVED));
    assert_int_equal(referral()->state, ARB_STATE_AWARDED);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_bundle_names_the_clauses_that_both_have_agreed_to),
        TEST(a_consent_taken_back_names_no_clause),
        TEST(the_decision_in_force_goes_with_it_an_annulled_one_does_not),
        TEST(a_remanded_decision_is_not_in_the_bundle),
        TEST(a_silent_institution_gets_the_same_bundle_again_and_then_the_referral_lapses),
        TEST(a_stale_institution_is_asked),
        TEST(an_award_after_the_referral_lapsed_is_said_and_refused),
        TEST(an_institution_that_declines_ends_the_referral),
        TEST(a_settlement_paper_ends_the_referral),
        TEST(a_withdrawn_complaint_ends_the_referral),
        TEST(a_forged_award_stays_at_the_door_and_takes_no_number),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
