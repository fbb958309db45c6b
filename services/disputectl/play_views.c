#include "disputectl/play_views.h"

#include <string.h>

#include "common/base/str.h"

/* --- the names: adjust them here --- */

#define SPELLINGS 3

static const char *const TABLES[PLAY_TABLES][SPELLINGS] = {
    [PLAY_VIEW_CLOCKS] = {"clocks"},         [PLAY_VIEW_OFFERS] = {"offers"}, [PLAY_VIEW_DUTIES] = {"duties"},
    [PLAY_VIEW_GROUPS] = {"groups"},         [PLAY_VIEW_LEGS] = {"legs"},     [PLAY_VIEW_BALANCES] = {"balances"},
    [PLAY_VIEW_DELIVERIES] = {"deliveries"}, [PLAY_VIEW_DOCKET] = {"docket"},
};

static const char *const FIELDS[PLAY_FIELDS][SPELLINGS] = {
    [PLAY_FIELD_KIND] = {"kind"},
    [PLAY_FIELD_SIDE] = {"side"},
    [PLAY_FIELD_CAUSE] = {"cause", "cause_sequence"},
    [PLAY_FIELD_STATE] = {"state"},
    [PLAY_FIELD_ID] = {"offer_id"},
    [PLAY_FIELD_MAKER] = {"maker"},
    [PLAY_FIELD_ENDED] = {"ended_seq"},
    [PLAY_FIELD_AMOUNT] = {"amount_minor"},
    [PLAY_FIELD_GROUP] = {"group_id"},
    [PLAY_FIELD_SEQUENCE] = {"sequence"},
    [PLAY_FIELD_STEP] = {"step"},
    [PLAY_FIELD_DEBIT] = {"debit"},
    [PLAY_FIELD_CREDIT] = {"credit"},
    [PLAY_FIELD_ACCOUNT] = {"account"},
    [PLAY_FIELD_BALANCE] = {"balance_minor"},
    [PLAY_FIELD_PAPER] = {"paper"},
    [PLAY_FIELD_ACK] = {"acknowledgement"},
    [PLAY_FIELD_RUNG] = {"rung"},
    [PLAY_FIELD_STAGE] = {"stage"},
    [PLAY_FIELD_LOG] = {"log_seq"},
};

const json_t *play_view_rows(const json_t *view, enum play_table table)
{
    for (size_t i = 0; i < SPELLINGS && TABLES[table][i]; i++) {
        const json_t *rows = json_object_get(view, TABLES[table][i]);
        if (json_is_array(rows)) {
            return rows;
        }
    }
    return NULL;
}

const json_t *play_view_field(const json_t *row, enum play_field field)
{
    for (size_t i = 0; i < SPELLINGS && FIELDS[field][i]; i++) {
        const json_t *value = json_object_get(row, FIELDS[field][i]);
        if (value && !json_is_null(value)) {
            return value;
        }
    }
    return NULL;
}

int64_t play_view_number(const json_t *row, enum play_field field)
{
    const json_t *value = play_view_field(row, field);
    int64_t number = json_integer_value(value);
    if (json_is_string(value)) {
        (void)dsp_str_to_int64(dsp_str_from(json_string_value(value)), &number);
    }
    return number;
}

const char *play_view_text(const json_t *row, enum play_field field)
{
    const char *text = json_string_value(play_view_field(row, field));
    return text ? text : "";
}

bool play_view_true(const json_t *row, enum play_field field)
{
    const json_t *value = play_view_field(row, field);
    return json_is_true(value) || (json_is_integer(value) && json_integer_value(value) != 0);
}

int play_account_sign(const char *account)
{
    static const char OWED[] = "RECOVERABLE";
    size_t kind = strcspn(account, "[");
    size_t size = sizeof OWED - 1;
    bool owed = kind >= size && strncmp(account + kind - size, OWED, size) == 0;
    return owed || strcmp(account, "BANK") == 0 ? 1 : -1;
}
