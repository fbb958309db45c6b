#include "common/base/id.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "common/base/clock.h"
#include "common/base/codes.h"

#define COUNTER_MAX 0xfff /* the 12 bits of rand_a */

/* Without a digest there is no log to trust, and the caller has no way to go on: stop here. */
static void must(int openssl_result)
{
    if (openssl_result != 1) {
        abort();
    }
}

/* Kept while the process lives, loop thread only: OpenSSL 3 looks EVP_sha256() up anew at every use, which takes
 * longer than a short digest. */
static void sha256_of_two(struct dsp_str first, struct dsp_str second, uint8_t ret_digest[32])
{
    static EVP_MD *sha256;
    static EVP_MD_CTX *context;
    if (!context) {
        sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
        context = EVP_MD_CTX_new();
        must(sha256 != NULL && context != NULL);
    }
    must(EVP_DigestInit_ex(context, sha256, NULL));
    must(EVP_DigestUpdate(context, first.ptr, first.len));
    must(EVP_DigestUpdate(context, second.ptr, second.len));
    must(EVP_DigestFinal_ex(context, ret_digest, NULL));
}

void dsp_sha256(struct dsp_str bytes, uint8_t ret_digest[32])
{
    sha256_of_two(bytes, (struct dsp_str){NULL, 0}, ret_digest);
}

static void stamp(struct dsp_uuid *id, uint8_t version)
{
    id->bytes[6] = (uint8_t)((id->bytes[6] & 0x0f) | version << 4);
    id->bytes[8] = (uint8_t)((id->bytes[8] & 0x3f) | 0x80); /* variant of RFC 9562 */
}

struct dsp_err dsp_uuid_v7(struct dsp_uuid *ret_id)
{
    /* RFC 9562 6.2, method 1: rand_a counts within a millisecond. The time used never falls, so ids stay in
     * order when the clock steps back, and a full counter borrows the next millisecond. */
    static int64_t last_ms = INT64_MIN;
    static unsigned counter;

    struct dsp_uuid id;
    if (RAND_bytes(id.bytes, sizeof id.bytes) != 1) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "no randomness for a UUID");
    }
    int64_t now_ms = dsp_real_ms();
    if (now_ms <= last_ms && counter == COUNTER_MAX) {
        now_ms = last_ms + 1;
    }
    if (now_ms > last_ms) {
        last_ms = now_ms;
        counter = id.bytes[7]; /* starts in the lowest sixteenth: room to count */
    } else {
        counter++;
    }
    for (int i = 0; i < 6; i++) {
        id.bytes[i] = (uint8_t)((uint64_t)last_ms >> (40 - 8 * i));
    }
    id.bytes[6] = (uint8_t)(counter >> 8);
    id.bytes[7] = (uint8_t)counter;
    stamp(&id, 7);
    *ret_id = id;
    return dsp_ok();
}

struct dsp_uuid dsp_uuid_derive(const struct dsp_uuid *parent, struct dsp_str name)
{
    uint8_t digest[32];
    struct dsp_uuid id;
    sha256_of_two(dsp_uuid_str(parent), name, digest);
    memcpy(id.bytes, digest, sizeof id.bytes);
    stamp(&id, 8);
    return id;
}

/* Bytes before each group of the text form, and where the groups begin in the text. */
static const struct {
    uint8_t byte, bytes, text;
} GROUPS[] = {{0, 4, 0}, {4, 2, 9}, {6, 2, 14}, {8, 2, 19}, {10, 6, 24}};
#define GROUP_COUNT (sizeof GROUPS / sizeof GROUPS[0])

void dsp_uuid_format(const struct dsp_uuid *id, char *text)
{
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        dsp_hex(id->bytes + GROUPS[i].byte, GROUPS[i].bytes, text + GROUPS[i].text);
        if (i + 1 < GROUP_COUNT) {
            text[GROUPS[i + 1].text - 1] = '-';
        }
    }
}

bool dsp_uuid_parse(struct dsp_str text, struct dsp_uuid *ret_id)
{
    struct dsp_uuid id;
    if (text.len != DSP_UUID_TEXT_BYTES - 1) {
        return false;
    }
    for (size_t i = 0; i < GROUP_COUNT; i++) {
        struct dsp_str group = {text.ptr + GROUPS[i].text, (size_t)GROUPS[i].bytes * 2};
        if (i > 0 && text.ptr[GROUPS[i].text - 1] != '-') {
            return false;
        }
        if (!dsp_unhex(group, id.bytes + GROUPS[i].byte, GROUPS[i].bytes)) {
            return false;
        }
    }
    *ret_id = id;
    return true;
}

bool dsp_uuid_equal(const struct dsp_uuid *a, const struct dsp_uuid *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

bool dsp_uuid_is_zero(const struct dsp_uuid *id)
{
    static const struct dsp_uuid ZERO;
    return dsp_uuid_equal(id, &ZERO);
}
