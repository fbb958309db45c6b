/* The table for people and tools: names of stages and triggers, `--print-machine`. */
#include <string.h>

#include "intake/domain/rooms.h"

#define AT(stage) (1u << (stage))

const char *intake_stage_name(int stage)
{
    static const char *const NAMES[STAGE_COUNT] = {
        "(new)",    "FILED",   "SCREENING", "SUPPLEMENT",  "MERGED",  "NEGOTIATION", "EVIDENCE", "INVESTIGATION",
        "PROPOSED", "DECIDED", "APPEAL",    "ARBITRATION", "SETTLED", "ENFORCING",   "CLOSED",   "ARCHIVED",
    };
    return stage >= 0 && stage < STAGE_COUNT ? NAMES[stage] : NULL;
}

#define TRIGGER_NAME(constant, name) name,
static const char *const TRIGGER_NAMES[TRIGGER_COUNT] = {NULL, INTAKE_TRIGGERS(TRIGGER_NAME)};

const char *intake_trigger_name(int trigger)
{
    return trigger > 0 && trigger < TRIGGER_COUNT ? TRIGGER_NAMES[trigger] : NULL;
}

enum intake_trigger intake_trigger_of(const char *name)
{
    for (int i = 1; i < TRIGGER_COUNT; i++) {
        if (strcmp(TRIGGER_NAMES[i], name) == 0) {
            return (enum intake_trigger)i;
        }
    }
    return TRIGGER_UNKNOWN;
}

static const char *entry_name(int entry)
{
    switch (entry) {
#define INTAKE_ENTRY_NAME(constant, value, name) \
    case ENTRY_##constant:                       \
        return name;
        INTAKE_ENTRIES(INTAKE_ENTRY_NAME)
    default:
        return NULL; /* an act or a finding: the trigger's own name */
    }
}

static const char *const ROLE_NAMES[] = {"", "C", "M", "A", "R", "P", "X", "F", "S", "O"};
static const char *const SOURCE_NAMES[SOURCE_COUNT] = {"GW", "CON", "SLA", "INV", "ARB", "FND", "NTF", "DKT"};
static const char *const CLOCK_NAMES[CLOCK_COUNT] = {
    "",
    "K_ack",
    "K_screen",
    "K_supplement",
    "K_m_first",
    "K_m_position",
    "K_offer",
    "K_round",
    "K_next_round",
    "K_invest",
    "K_invest_hard",
    "K_service",
    "K_comment",
    "K_finalise",
    "K_appeal",
    "K_appeal_decide",
    "K_appeal_hard",
    "K_arb_ack",
    "K_arb_stale",
    "K_arb_hard",
    "K_perform",
    "K_return_ship",
    "K_return_inspect",
    "K_return_check",
    "K_hold",
    "K_enforce_hard",
    "K_feedback",
    "K_review",
    "K_refile",
    "K_retain",
};

static void name_bits(char *text, size_t size, uint32_t bits, const char *const *names, int count)
{
    text[0] = '\0';
    for (int i = 0; i < count; i++) {
        if (bits & (1u << i)) {
            size_t used = strlen(text);
            snprintf(text + used, size - used, "%s%s", used ? " " : "", names[i]);
        }
    }
}

static void trigger_text(const struct intake_row *row, char *text, size_t size)
{
    if (row->clock) {
        snprintf(text, size, "%s(%s)", intake_trigger_name((int)row->trigger), CLOCK_NAMES[row->clock]);
    } else {
        snprintf(text, size, "%s", intake_trigger_name((int)row->trigger));
    }
}

static json_t *row_json(const struct intake_row *row, int stage)
{
    char who[64];
    char source[64];
    char trigger[96];
    name_bits(who, sizeof who, row->who, ROLE_NAMES, 10);
    name_bits(source, sizeof source, row->sources, SOURCE_NAMES, SOURCE_COUNT);
    trigger_text(row, trigger, sizeof trigger);
    json_t *guards = json_array();
    json_t *effects = json_array();
    for (size_t i = 0; i < INTAKE_ROW_GUARDS && row->guards[i]; i++) {
        json_array_append_new(guards, json_string(row->guards[i]->name));
    }
    for (size_t i = 0; i < INTAKE_ROW_EFFECTS && row->effects[i]; i++) {
        json_array_append_new(effects, json_string(row->effects[i]->name));
    }
    const char *entry = entry_name((int)row->entry);
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s, s:o}", "id", row->id, "stage", intake_stage_name(stage),
                     "trigger", trigger, "who", who, "source", source, "guards", guards, "to",
                     intake_stage_name(row->to ? row->to : stage), "entry",
                     entry ? entry : intake_trigger_name((int)row->trigger), "effects", effects);
}

json_t *intake_machine_json(void)
{
    json_t *list = json_array();
    for (size_t i = 0; i < INTAKE_MACHINE_ROWS; i++) {
        for (int stage = 0; stage < STAGE_COUNT; stage++) {
            if (INTAKE_MACHINE[i].stages & AT(stage)) {
                json_array_append_new(list, row_json(&INTAKE_MACHINE[i], stage));
            }
        }
    }
    return list;
}

void intake_print_machine(FILE *out)
{
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        fprintf(out, "%s\n", intake_stage_name(stage));
        for (size_t i = 0; i < INTAKE_MACHINE_ROWS; i++) {
            const struct intake_row *row = &INTAKE_MACHINE[i];
            char who[64];
            char source[64];
            char trigger[96];
            if (!(row->stages & AT(stage))) {
                continue;
            }
            name_bits(who, sizeof who, row->who, ROLE_NAMES, 10);
            name_bits(source, sizeof source, row->sources, SOURCE_NAMES, SOURCE_COUNT);
            trigger_text(row, trigger, sizeof trigger);
            fprintf(out, "  %-4s %-34s %-6s %-7s -> %s\n", row->id, trigger, who, source,
                    intake_stage_name(row->to ? row->to : stage));
            for (size_t g = 0; g < INTAKE_ROW_GUARDS && row->guards[g]; g++) {
                fprintf(out, "       if   %s\n", row->guards[g]->name);
            }
            for (size_t e = 0; e < INTAKE_ROW_EFFECTS && row->effects[e]; e++) {
                fprintf(out, "       then %s\n", row->effects[e]->name);
            }
        }
    }
}
