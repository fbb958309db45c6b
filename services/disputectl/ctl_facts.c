#include "disputectl/ctl_facts.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "common/base/codes.h"
#include "common/service/message.h"
#include "disputectl/ctl_log.h"

#define ENTRY_ARENA_BYTES (16u << 20)

struct search {
    struct dsp_arena *arena;
    struct ctl_facts facts;
    bool found;
};

static void take(struct ctl_facts *facts, const Disputes__Case__V1__Entry *entry)
{
    const Disputes__Case__V1__Claim *claim = entry->claim;
    snprintf(facts->order_id, sizeof facts->order_id, "%s", entry->order_id);
    snprintf(facts->platform_id, sizeof facts->platform_id, "%s", entry->platform_id);
    snprintf(facts->consumer_id, sizeof facts->consumer_id, "%s", claim->consumer_id);
    snprintf(facts->merchant_id, sizeof facts->merchant_id, "%s", claim->merchant_id);
    snprintf(facts->remedy, sizeof facts->remedy, "%s",
             dsp_enum_name(&disputes__common__v1__remedy__descriptor, (int)claim->remedy));
    facts->amount_minor = claim->amount ? claim->amount->amount_minor : 0;
}

static bool on_message(void *arg, const struct ctl_message *message)
{
    struct search *search = arg;
    struct dsp_str subject = ctl_message_header(message, "ce_subject");
    Disputes__Case__V1__CaseEvent *event = NULL;
    if (subject.len != strlen(search->facts.case_id) ||
        strncasecmp(subject.ptr, search->facts.case_id, subject.len) != 0) {
        return true;
    }
    dsp_arena_reset(search->arena);
    if (dsp_failed(
            dsp_message_unpack(search->arena, &disputes__case__v1__case_event__descriptor, message->value, &event))) {
        return true;
    }
    if (event->record_case == DISPUTES__CASE__V1__CASE_EVENT__RECORD_ENTRY && event->entry->claim) {
        take(&search->facts, event->entry);
        search->found = true;
    }
    return !search->found;
}

struct dsp_err ctl_facts_find(struct ctl_kafka *kafka, const char *case_id, struct ctl_facts *ret_facts)
{
    struct dsp_uuid id;
    struct ctl_offsets offsets = {0};
    struct search search = {0};
    if (!dsp_uuid_parse(dsp_str_from(case_id), &id)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "a case id is a UUID, not \"%.60s\"", case_id);
    }
    dsp_uuid_format(&id, search.facts.case_id);
    search.arena = dsp_arena_new(ENTRY_ARENA_BYTES);
    if (!search.arena) {
        return dsp_fatal(DSP_CODE_SYSTEM_FAILED, "out of memory");
    }
    struct dsp_err err = ctl_offsets_add_topic(kafka, &offsets, CTL_CASE_TOPIC, 0);
    err = dsp_failed(err) ? err : ctl_kafka_read(kafka, &offsets, on_message, &search);
    ctl_offsets_fini(&offsets);
    dsp_arena_free(search.arena);
    if (!dsp_failed(err) && !search.found) {
        err = dsp_reject(DSP_CODE_FIELD_INVALID, "the case log has no case %s", search.facts.case_id);
    }
    if (!dsp_failed(err)) {
        *ret_facts = search.facts;
    }
    return err;
}
