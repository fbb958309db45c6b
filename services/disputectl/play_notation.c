/* The short notations of a story: "M m2001 GW", "ClockBreached(K_perform)", "FILED → SCREENING". */
#include <stdio.h>
#include <string.h>

#include "common/base/codes.h"
#include "disputectl/play_story.h"

struct dsp_err play_parse_by(struct play_labels *labels, const char *text, struct play_by *ret_by)
{
    char words[3][64] = {"", "", ""};
    struct play_by by = {.id = ""};
    int count = sscanf(text, "%63s %63s %63s", words[0], words[1], words[2]);
    if (count < 1 || !play_role_of(words[0], &by.role)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "by \"%s\": begins with one of C M A R P X F S O", text);
    }
    const char *id = words[1];
    if (count == 3 || (count == 2 && play_source_known(words[1]))) {
        const char *source = words[count - 1];
        if (!play_source_known(source)) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "by \"%s\": %s is no source", text, source);
        }
        snprintf(by.source, sizeof by.source, "%.7s", source);
        id = count == 3 ? words[1] : "";
    }
    if (id[0]) {
        bool plain = by.role == DISPUTES__COMMON__V1__ROLE__ROLE_SYSTEM;
        snprintf(by.id, sizeof by.id, "%s%s%s", id, plain ? "" : "-", plain ? "" : play_labels_tag(labels));
    }
    *ret_by = by;
    return dsp_ok();
}

struct dsp_err play_parse_name(const char *text, const char *where, struct play_name *ret_name)
{
    struct play_name out = {.name = ""};
    size_t size = strcspn(text, "(");
    if (size >= sizeof out.name) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "%s: a name is too long", where);
    }
    memcpy(out.name, text, size);
    if (text[size]) {
        char clock[PLAY_NAME_BYTES];
        if (sscanf(text + size, "(%63[A-Za-z_])", clock) != 1 || !play_clock_of(clock, &out.clock)) {
            return dsp_reject(DSP_CODE_FIELD_INVALID, "%s: \"%s\" names no clock", where, text);
        }
    }
    *ret_name = out;
    return dsp_ok();
}

struct dsp_err play_parse_stage(const char *text, const char *where, struct play_expected *out)
{
    const char *arrow = strstr(text, "→");
    size_t size = arrow ? strlen("→") : 2;
    arrow = arrow ? arrow : strstr(text, "->");
    out->stays = !text[0];
    if (out->stays) {
        return dsp_ok();
    }
    const char *end = arrow ? arrow : text;
    while (end > text && end[-1] == ' ') {
        end--;
    }
    const char *after = arrow ? arrow + size : "";
    after += strspn(after, " ");
    if (!play_stage_of(text, (size_t)(end - text), &out->stage_before) ||
        !play_stage_of(after, strlen(after), &out->stage_after)) {
        return dsp_reject(DSP_CODE_FIELD_INVALID, "%s: stage \"%s\" is not STAGE → STAGE", where, text);
    }
    return dsp_ok();
}
