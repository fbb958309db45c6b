#include "disputectl/ctl_show.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/money.h"
#include "common/base/str.h"
#include "disputectl/ctl_text.h"

#define COLUMNS_MAX 40
#define CELL_BYTES 160
#define CELL_COLUMNS 56 /* longer texts are cut in a table */
#define TABLE_COLUMNS 140
#define WRAP_COLUMNS 118
#define NAME_BYTES 64
#define ROW_BYTES 4096
#define MONEY_BYTES 32
#define HASH_DIGITS 8
#define EARLIEST_MS (INT64_C(365) * 10 * DSP_DAY_MS) /* smaller numbers are durations, not instants */

void ctl_put(struct ctl_text *out, const char *format, ...)
{
    va_list arguments;
    if (out->used + 1 >= out->size) {
        return;
    }
    va_start(arguments, format);
    int size = vsnprintf(out->text + out->used, out->size - out->used, format, arguments);
    va_end(arguments);
    if (size > 0) {
        out->used += (size_t)size < out->size - out->used ? (size_t)size : out->size - out->used - 1;
    }
}

static bool ends_in(const char *name, const char *end)
{
    size_t size = strlen(name);
    size_t tail = strlen(end);
    return size >= tail && strcmp(name + size - tail, end) == 0;
}

/* The unit shows in the value: "due_time_millis" reads "due", "amount_minor" reads "amount". */
static const char *bare_name(const char *name, char *text)
{
    static const char *const UNITS[] = {"_time_millis", "_millis", "_ms", "_minor"};
    size_t size = strlen(name);
    for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
        if (ends_in(name, UNITS[i]) && size > strlen(UNITS[i])) {
            size -= strlen(UNITS[i]);
            break;
        }
    }
    snprintf(text, NAME_BYTES, "%.*s", (int)size, name);
    return text;
}

static int64_t number_of(const json_t *value)
{
    int64_t number = (int64_t)json_integer_value(value);
    if (json_is_string(value)) {
        (void)dsp_str_to_int64(dsp_str_from(json_string_value(value)), &number);
    }
    return number;
}

static bool is_number(const json_t *value)
{
    int64_t number;
    return json_is_integer(value) ||
           (json_is_string(value) && dsp_str_to_int64(dsp_str_from(json_string_value(value)), &number));
}

/* --- one line --- */

static void put_value(struct ctl_text *out, const char *name, const json_t *value);

static void put_time(struct ctl_text *out, int64_t time_ms)
{
    char text[CTL_TIME_TEXT_BYTES];
    ctl_format_local(time_ms, text);
    ctl_put(out, "%s", text);
}

static void put_money(struct ctl_text *out, int64_t amount_minor)
{
    char text[MONEY_BYTES];
    dsp_money_format(amount_minor, text);
    ctl_put(out, "%s", text);
}

static void put_number(struct ctl_text *out, const char *name, const json_t *value)
{
    char text[CTL_TIME_TEXT_BYTES];
    int64_t number = number_of(value);
    if (ends_in(name, "_time_millis")) {
        put_time(out, number);
    } else if (ends_in(name, "_millis")) {
        ctl_format_duration(number, text);
        ctl_put(out, "%s", text);
    } else if (ends_in(name, "_minor")) {
        put_money(out, number);
    } else {
        ctl_put(out, "%lld", (long long)number);
    }
}

/* "K_m_first", as docs/MACHINE.md writes it. */
static void put_clock_name(struct ctl_text *out, const char *kind)
{
    ctl_put(out, "K_");
    for (; *kind; kind++) {
        ctl_put(out, "%c", tolower((unsigned char)*kind));
    }
}

static void put_object(struct ctl_text *out, const json_t *value)
{
    const json_t *amount = json_object_get(value, "amount_minor");
    const char *plain = json_string_value(json_object_get(value, "plain"));
    const char *currency = json_string_value(json_object_get(value, "currency"));
    const char *kind = json_string_value(json_object_get(value, "kind"));
    const char *role = json_string_value(json_object_get(value, "role"));
    const json_t *clock = json_object_get(value, "clock");
    const json_t *due = json_object_get(value, "due_time_millis");
    if (amount || currency) { /* Money; proto3 leaves a zero amount out */
        put_money(out, number_of(amount));
        ctl_put(out, "%s%s", currency && strcmp(currency, "CNY") != 0 ? " " : "",
                currency && strcmp(currency, "CNY") != 0 ? currency : "");
    } else if (json_object_get(value, "sealed")) {
        ctl_put(out, "[sealed]");
    } else if (plain) {
        ctl_put(out, "\"%s\"", plain);
    } else if (kind && json_object_get(value, "cause_sequence")) { /* ClockRef */
        put_clock_name(out, kind);
    } else if (due && json_is_object(clock)) { /* ClockDue */
        put_object(out, clock);
        ctl_put(out, " due ");
        put_time(out, number_of(due));
    } else if (role && json_object_get(value, "id")) { /* Actor */
        ctl_put(out, "%s %s", role, json_string_value(json_object_get(value, "id")));
    } else {
        ctl_put(out, "{");
        ctl_put_compact(out, value);
        ctl_put(out, "}");
    }
}

static void put_value(struct ctl_text *out, const char *name, const json_t *value)
{
    size_t index;
    const json_t *item;
    if (json_is_array(value)) {
        ctl_put(out, "[");
        json_array_foreach(value, index, item) {
            ctl_put(out, "%s", index ? ", " : "");
            put_value(out, name, item);
        }
        ctl_put(out, "]");
    } else if (json_is_object(value)) {
        put_object(out, value);
    } else if (json_is_boolean(value)) {
        ctl_put(out, "%s", json_is_true(value) ? "yes" : "no");
    } else if (is_number(value)) {
        put_number(out, name, value);
    } else if (ends_in(name, "sha256") || ends_in(name, "hash")) {
        ctl_put(out, "%.*s…", HASH_DIGITS, json_string_value(value));
    } else {
        ctl_put(out, "%s", json_is_string(value) ? json_string_value(value) : "–");
    }
}

void ctl_put_compact(struct ctl_text *out, const json_t *message)
{
    bool first = true;
    for (void *at = json_object_iter((json_t *)(uintptr_t)message); at;
         at = json_object_iter_next((json_t *)(uintptr_t)message, at)) {
        const char *name = json_object_iter_key(at);
        char bare[NAME_BYTES];
        ctl_put(out, "%s%s ", first ? "" : ", ", bare_name(name, bare));
        put_value(out, name, json_object_iter_value(at));
        first = false;
    }
}

/* --- tables --- */

/* Columns of the character that begins here: from U+2E80 on they are wide. */
static size_t columns_of(const unsigned char *at)
{
    bool wide = *at >= 0xe3 || (*at == 0xe2 && at[1] >= 0xba);
    return wide ? 2 : 1;
}

static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

size_t ctl_columns(const char *text)
{
    size_t columns = 0;
    for (; *text; text++) {
        columns += begins_character(*text) ? columns_of((const unsigned char *)text) : 0;
    }
    return columns;
}

/* Cuts a text between characters. */
static void cut(char *text, size_t most)
{
    size_t columns = 0;
    for (char *at = text; *at; at++) {
        if (begins_character(*at)) {
            columns += columns_of((unsigned char *)at);
            if (columns > most) {
                *at = '\0';
                return;
            }
        }
    }
}

static void put_cell(struct ctl_text *out, const char *name, const json_t *value)
{
    bool time = ends_in(name, "_ms") && is_number(value);
    if (!value || json_is_null(value) || (json_is_string(value) && !json_string_length(value))) {
        return;
    }
    if (time && number_of(value) == 0) {
        return;
    }
    if (time && number_of(value) > EARLIEST_MS) {
        put_time(out, number_of(value));
    } else if (time) {
        char text[CTL_TIME_TEXT_BYTES];
        ctl_format_duration(number_of(value), text);
        ctl_put(out, "%s", text);
    } else if (ends_in(name, "hash") || ends_in(name, "sha256")) {
        ctl_put(out, "%.*s…", HASH_DIGITS, json_is_string(value) ? json_string_value(value) : "");
    } else {
        put_value(out, name, value);
    }
}

static const char *cell(const json_t *row, const char *name, char *text)
{
    struct ctl_text out = {text, CELL_BYTES, 0};
    text[0] = '\0';
    put_cell(&out, name, json_object_get(row, name));
    if (ctl_columns(text) > CELL_COLUMNS) {
        cut(text, CELL_COLUMNS - 1);
        memcpy(text + strlen(text), "…", sizeof "…"); /* shorter than what was cut */
    }
    return text;
}

static bool is_left_out(const char *name, const char *const *left_out)
{
    for (; left_out && *left_out; left_out++) {
        if (strcmp(*left_out, name) == 0) {
            return true;
        }
    }
    return false;
}

/* Says nothing in a list of names and values. */
static bool is_nothing(const char *text)
{
    static const char *const NOTHING[] = {"", "0", "no", "0.00", "UNSPECIFIED"};
    for (size_t i = 0; i < sizeof NOTHING / sizeof *NOTHING; i++) {
        if (strcmp(NOTHING[i], text) == 0) {
            return true;
        }
    }
    return false;
}

struct column {
    const char *name;
    size_t width;
    bool filled; /* some row says something */
};

static size_t measure(const json_t *rows, const char *const *left_out, struct column *columns)
{
    size_t count = 0;
    json_t *first = json_array_get(rows, 0);
    for (void *at = json_object_iter(first); at && count < COLUMNS_MAX; at = json_object_iter_next(first, at)) {
        const char *name = json_object_iter_key(at);
        size_t index;
        const json_t *row;
        char bare[NAME_BYTES];
        struct column column = {.name = name, .width = strlen(bare_name(name, bare))};
        json_array_foreach(rows, index, row) {
            char text[CELL_BYTES];
            size_t width = ctl_columns(cell(row, name, text));
            column.filled = column.filled || !is_nothing(text);
            column.width = width > column.width ? width : column.width;
        }
        if (column.filled && !is_left_out(name, left_out)) {
            columns[count++] = column;
        }
    }
    return count;
}

static void print_padded(FILE *out, const char *text, size_t width, bool last)
{
    size_t columns = ctl_columns(text);
    fprintf(out, "%s%*s", text, last ? 0 : (int)(width > columns ? width - columns + 2 : 2), last ? "" : " ");
}

static void show_row(FILE *out, const json_t *row, const struct column *columns, size_t count)
{
    char line[ROW_BYTES] = "";
    struct ctl_text text = {line, sizeof line, 0};
    for (size_t c = 0; c < count; c++) {
        char value[CELL_BYTES];
        char bare[NAME_BYTES];
        if (!is_nothing(cell(row, columns[c].name, value))) {
            ctl_put(&text, "%s%s %s", text.used ? ", " : "", bare_name(columns[c].name, bare), value);
        }
    }
    ctl_show_wrapped(out, line, 4, WRAP_COLUMNS);
}

void ctl_show_table(FILE *out, const char *title, const json_t *rows, const char *const *left_out)
{
    struct column columns[COLUMNS_MAX];
    size_t count = measure(rows, left_out, columns);
    size_t width = 4;
    size_t index;
    const json_t *row;
    if (count == 0) {
        return;
    }
    for (size_t c = 0; c < count; c++) {
        width += columns[c].width + 2;
    }
    bool wide = width > TABLE_COLUMNS;
    fprintf(out, "  %s\n", title);
    for (size_t c = 0; c < count && !wide; c++) {
        char bare[NAME_BYTES];
        fputs(c ? "" : "    ", out);
        print_padded(out, bare_name(columns[c].name, bare), columns[c].width, c + 1 == count);
        fputs(c + 1 == count ? "\n" : "", out);
    }
    json_array_foreach(rows, index, row) {
        if (wide) {
            show_row(out, row, columns, count);
            continue;
        }
        fputs("    ", out);
        for (size_t c = 0; c < count; c++) {
            char text[CELL_BYTES];
            print_padded(out, cell(row, columns[c].name, text), columns[c].width, c + 1 == count);
        }
        fputc('\n', out);
    }
}

void ctl_show_wrapped(FILE *out, const char *text, size_t indent, size_t width)
{
    char word[ROW_BYTES];
    size_t used = 0; /* columns of the line so far, the indent included */
    while (*text) {
        size_t size = strcspn(text, " ");
        snprintf(word, sizeof word, "%.*s", (int)size, text);
        size_t columns = ctl_columns(word);
        if (used == 0 || used + 1 + columns > width) {
            /* The first line after the indent, later ones two further in. */
            fprintf(out, "%s%*s", used ? "\n" : "", (int)(used ? indent + 2 : indent), "");
            used = used ? indent + 2 : indent;
        } else {
            fputc(' ', out);
            used++;
        }
        fputs(word, out);
        used += columns;
        text += size;
        text += *text == ' ';
    }
    fputc('\n', out);
}
