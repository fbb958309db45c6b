#include "fund/rails/wechat_json.h"

#include <stdlib.h>

#include "common/base/codes.h"

json_t *fund_json_object(struct dsp_str text)
{
    json_t *value = json_loadb(text.ptr ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(value)) {
        json_decref(value);
        return NULL;
    }
    return value;
}

struct dsp_str fund_json_str(struct dsp_arena *arena, json_t *object, const char *name)
{
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value)) {
        return (struct dsp_str){NULL, 0};
    }
    return dsp_arena_copy(arena, (struct dsp_str){json_string_value(value), json_string_length(value)});
}

struct dsp_err fund_json_text(struct dsp_arena *arena, json_t *value, struct dsp_str *ret_text)
{
    char *text = value ? json_dumps(value, JSON_COMPACT) : NULL;
    struct dsp_str copy = dsp_arena_copy(arena, dsp_str_from(text));
    bool good = text && copy.ptr;
    free(text);
    json_decref(value);
    if (!good) {
        return dsp_reject(DSP_CODE_ARENA_FULL, "json");
    }
    *ret_text = copy;
    return dsp_ok();
}
