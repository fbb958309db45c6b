#include "common/service/keys.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/codes.h"
#include "disputes/case/v1/event.pb-c.h"

#define BUCKETS 8192

struct entry {
    struct dsp_uuid case_id;
    struct dsp_key key;
    bool erased;
    struct entry *next;
};

struct dsp_keys {
    struct dsp_key deployment;
    struct entry *buckets[BUCKETS];
};

struct dsp_keys *dsp_keys_new(const struct dsp_key *deployment)
{
    struct dsp_keys *keys = calloc(1, sizeof *keys);
    if (keys) {
        keys->deployment = *deployment;
    }
    return keys;
}

void dsp_keys_free(struct dsp_keys *keys)
{
    if (!keys) {
        return;
    }
    for (size_t i = 0; i < BUCKETS; i++) {
        while (keys->buckets[i]) {
            struct entry *entry = keys->buckets[i];
            keys->buckets[i] = entry->next;
            OPENSSL_cleanse(entry, sizeof *entry);
            free(entry);
        }
    }
    OPENSSL_cleanse(keys, sizeof *keys);
    free(keys);
}

static struct entry **slot(struct dsp_keys *keys, const struct dsp_uuid *case_id)
{
    struct entry **at = &keys->buckets[dsp_str_hash(dsp_uuid_str(case_id)) % BUCKETS];
    while (*at && !dsp_uuid_equal(&(*at)->case_id, case_id)) {
        at = &(*at)->next;
    }
    return at;
}

static struct entry *entry_of(struct dsp_keys *keys, const struct dsp_uuid *case_id)
{
    struct entry **at = slot(keys, case_id);
    if (!*at) {
        *at = calloc(1, sizeof **at);
        if (*at) {
            (*at)->case_id = *case_id;
        }
    }
    return *at;
}

struct dsp_err dsp_keys_put(struct dsp_keys *keys, const struct dsp_uuid *case_id, struct dsp_str wrapped)
{
    struct dsp_key key;
    DSP_TRY(dsp_key_unwrap(&keys->deployment, case_id, wrapped, &key));
    struct entry *entry = entry_of(keys, case_id);
    if (!entry) {
        return dsp_retry(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    entry->key = key;
    entry->erased = false;
    return dsp_ok();
}

struct dsp_err dsp_keys_read(struct dsp_keys *keys, struct dsp_str record_key, struct dsp_str value)
{
    struct dsp_uuid case_id;
    if (!dsp_uuid_parse(record_key, &case_id)) {
        return dsp_reject(DSP_CODE_WRONG_KEY, "the key of a case key is its case id");
    }
    if (!value.ptr) {
        struct entry *entry = entry_of(keys, &case_id);
        if (entry) {
            OPENSSL_cleanse(&entry->key, sizeof entry->key);
            entry->erased = true;
        }
        return dsp_ok();
    }
    Disputes__Case__V1__CaseKey *message = disputes__case__v1__case_key__unpack(NULL, value.len,
                                                                                (const uint8_t *)value.ptr);
    if (!message) {
        return dsp_reject(DSP_CODE_NOT_PROTOBUF, "not a CaseKey");
    }
    struct dsp_str wrapped = {(const char *)message->wrapped_key.data, message->wrapped_key.len};
    struct dsp_err err = dsp_keys_put(keys, &case_id, wrapped);
    disputes__case__v1__case_key__free_unpacked(message, NULL);
    return err;
}

struct dsp_err dsp_keys_find(const struct dsp_keys *keys, const struct dsp_uuid *case_id,
                             const struct dsp_key **ret_key)
{
    const struct entry *entry = keys->buckets[dsp_str_hash(dsp_uuid_str(case_id)) % BUCKETS];
    while (entry && !dsp_uuid_equal(&entry->case_id, case_id)) {
        entry = entry->next;
    }
    if (!entry) {
        return dsp_retry(DSP_CODE_NOT_READY, "the key of this case has not been read yet");
    }
    if (entry->erased) {
        return dsp_reject(DSP_CODE_KEY_ERASED, "the key of this case was erased");
    }
    *ret_key = &entry->key;
    return dsp_ok();
}

const struct dsp_key *dsp_keys_deployment(const struct dsp_keys *keys)
{
    return &keys->deployment;
}
